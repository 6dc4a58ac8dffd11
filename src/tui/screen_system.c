/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The screen of the machine: where its memory is, pools, free blocks, slab caches, rates. */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/num.h"
#include "base/text.h"
#include "model/buddy.h"
#include "model/system.h"
#include "report/json.h"
#include "report/report.h"
#include "report/system.h"
#include "report/system_tables.h"
#include "tui/tui.h"

struct system_job {
	struct job job;
	const struct root *root;
	const struct machine *machine;
	struct system system;
	double at;
	int ret;
};

struct system_screen {
	struct tui *t;
	struct system system;
	bool has_system;
	double at;			/* seconds of the monotonic clock when it was read */
	struct vmstat before;		/* what rates are the difference to */
	double before_at;
	bool has_before, has_base;	/* a baseline: before stays */
};

static void read_system(struct job *job)
{
	struct system_job *j = (struct system_job *)job;

	j->ret = system_read(j->root, j->machine, &j->system);
	j->at = clock_seconds();
}

static void free_job(struct job *job)
{
	struct system_job *j = (struct system_job *)job;

	system_done(&j->system);
	free(j);
}

static struct job *ask(void *state)
{
	struct system_screen *s = state;
	struct system_job *j = calloc(1, sizeof(*j));

	if (!j)
		return NULL;
	j->job = (struct job){ .read = read_system, .free = free_job };
	j->root = s->t->root;
	j->machine = s->t->machine;
	return &j->job;
}

static void refresh(void *state, struct job *job)
{
	struct system_screen *s = state;
	struct system_job *j = (struct system_job *)job;
	struct system old = s->system;

	if (j->ret < 0) {
		tui_alert(s->t, "%s", strerror(-j->ret));
		return;
	}
	if (s->has_system && s->system.has_vmstat && !s->has_base) {
		s->before = s->system.vmstat;
		s->before_at = s->at;
		s->has_before = true;
	}
	s->system = j->system;
	s->at = j->at;
	j->system = old;	/* freed with the job */
	s->has_system = true;
}

/* ---- drawing ---- */

/* A rectangle that is filled from its top, line by line. */
struct column_area {
	struct canvas *c;
	struct rect area;
	int used;
};

static bool has_room(const struct column_area *a, int lines)
{
	return a->area.h - a->used >= lines;
}

static void put_line(struct column_area *a, struct buf *b)
{
	if (has_room(a, 1))
		canvas_put(a->c, a->area.x, a->area.y + a->used, a->area.w, (struct attr){ 0 },
			   (struct str){ b->data, b->len });
	a->used++;
	buf_clear(b);
}

static void put_heading(struct column_area *a, const char *name)
{
	if (has_room(a, 2))
		canvas_rule(a->c, (struct rect){ a->area.x, a->area.y + a->used, a->area.w, 1 },
			    name);
	a->used++;
}

/* Names on the left, right-aligned text behind them. */
static void put_right(struct buf *b, const char *text, size_t n, size_t width)
{
	style_pad(b, n, width);
	buf_add(b, text, n);
}

static void put_size(struct buf *b, struct maybe bytes, size_t width)
{
	char text[NUM_MAX_SIZE];
	size_t n = (size_t)(num_put_size(text, bytes.v) - text);

	put_right(b, bytes.known ? text : "-", bytes.known ? n : 1, width);
}

static struct maybe meminfo_maybe(const struct system_screen *s, enum meminfo_field f)
{
	return (struct maybe){ meminfo_has(&s->system.meminfo, f),
			       meminfo_get(&s->system.meminfo, f) };
}

static void draw_memory(struct system_screen *s, struct column_area *a)
{
	struct style style = *a->c->style;
	struct buf b;
	size_t lines;

	buf_init(&b);
	buf_puts(&b, " RAM ");
	style_bold(&b, &style);
	put_size(&b, s->system.memory.total, 0);
	style_off(&b, &style);
	buf_puts(&b, "   available ");
	put_size(&b, meminfo_maybe(s, MEMINFO_MEM_AVAILABLE), 0);
	buf_puts(&b, "   swap ");
	put_size(&b, meminfo_maybe(s, MEMINFO_SWAP_TOTAL), 0);
	buf_puts(&b, ", free ");
	put_size(&b, meminfo_maybe(s, MEMINFO_SWAP_FREE), 0);
	put_line(a, &b);
	style.picture_width = style.width = (size_t)a->area.w - 1;
	system_picture(&b, &style, &s->system.memory);
	lines = canvas_lines(a->c, (struct rect){ a->area.x, a->area.y + a->used, a->area.w,
			     a->area.h - a->used }, (struct str){ b.data, b.len }, 0);
	a->used += (int)lines;
	buf_done(&b);
}

/* The largest parts, each with its own bar. */
static void draw_parts(struct system_screen *s, struct column_area *a, int most)
{
	const struct memory *m = &s->system.memory;
	bool shown[MEMORY_PARTS] = { false };
	struct buf b;

	buf_init(&b);
	put_heading(a, "where it went");
	for (int line = 0; line < most && has_room(a, 1); line++) {
		unsigned int best = MEMORY_PARTS;

		for (unsigned int i = 0; i < MEMORY_PARTS; i++)
			if (!shown[i] && m->part[i].known && m->part[i].v &&
			    (best == MEMORY_PARTS || m->part[i].v > m->part[best].v))
				best = i;
		if (best == MEMORY_PARTS)
			break;
		shown[best] = true;
		buf_printf(&b, " %-22.22s", memory_part_info[best].name);
		put_size(&b, m->part[best], 6);
		buf_putc(&b, ' ');
		style_bar(&b, a->c->style, system_group_kind(memory_part_info[best].group),
			  a->area.w > 34 ? (size_t)a->area.w - 32 : 2, m->part[best].v, 0,
			  m->total.v, true);
		put_line(a, &b);
	}
	buf_done(&b);
}

static void draw_pools(struct system_screen *s, struct column_area *a)
{
	const struct hugepages *h = &s->system.pools;
	struct buf b;

	if (!h->pools)
		return;
	buf_init(&b);
	put_heading(a, "pools: pages used free reserved");
	for (unsigned int i = 0; i < h->pools && i < 3; i++) {
		const struct hugepage_pool *p = &h->pool[i];
		uint64_t total = p->number[POOL_TOTAL].v, left = p->number[POOL_FREE].v;

		buf_putc(&b, ' ');
		put_size(&b, (struct maybe){ true, p->size }, 5);
		if (!p->number[POOL_TOTAL].known || !p->number[POOL_FREE].known) {
			buf_puts(&b, "      -");
		} else {
			buf_printf(&b, " %6" PRIu64 " %6" PRIu64 " %6" PRIu64 " %6" PRIu64 " ", total,
				   total > left ? total - left : 0, left,
				   p->number[POOL_RESERVED].v);
			if (total && a->area.w > 50)
				style_bar(&b, a->c->style, KIND_HUGETLB, (size_t)a->area.w - 38,
					  total > left ? total - left : 0, 0, total, true);
		}
		put_line(a, &b);
	}
	buf_done(&b);
}

/* A zone on a line: free blocks of each order. */
static void draw_buddy(struct system_screen *s, struct column_area *a)
{
	const struct system *sys = &s->system;
	unsigned int orders = 0, width;
	struct buf b;

	for (size_t i = 0; i < sys->buddy.n; i++)
		orders = sys->buddy.v[i].orders > orders ? sys->buddy.v[i].orders : orders;
	if (!orders)
		return;
	width = (unsigned int)(a->area.w - 20) / orders;
	width = width < 5 ? 5 : width > 8 ? 8 : width;
	buf_init(&b);
	put_heading(a, "buddy allocator: free blocks by size");
	buf_puts(&b, "           free ");
	for (unsigned int k = 0; k < orders; k++)
		put_size(&b, (struct maybe){ sys->page_size != 0, sys->page_size << k }, width);
	put_line(a, &b);
	for (size_t i = 0; i < sys->buddy.n; i++) {
		const struct buddy_zone *z = &sys->buddy.v[i];
		char text[32];

		if (!buddy_pages(z, 0))
			continue;
		if (sys->node.n)
			snprintf(text, sizeof(text), "%u %s", z->node, z->name);
		else
			snprintf(text, sizeof(text), "%s", z->name);
		buf_putc(&b, ' ');
		text_put(&b, str_of(text), style_text(a->c->style));
		style_pad(&b, b.len, 9);
		put_size(&b, (struct maybe){ sys->page_size != 0,
			 num_mul(buddy_pages(z, 0), sys->page_size) }, 6);
		buf_putc(&b, ' ');
		for (unsigned int k = 0; k < z->orders; k++) {
			size_t n = (size_t)(num_put_u64(text, z->free[k]) - text);

			if (n >= width)		/* thousands */
				n = (size_t)snprintf(text, sizeof(text), "%" PRIu64 "k",
						     z->free[k] / 1000);
			if (!z->free[k])
				style_dim(&b, a->c->style);
			put_right(&b, text, n, width);
			if (!z->free[k])
				style_off(&b, a->c->style);
		}
		put_line(a, &b);
	}
	buf_done(&b);
}

static void draw_slab(struct system_screen *s, struct column_area *a)
{
	const struct system *sys = &s->system;
	uint64_t most = sys->slab.n ? system_slab_bytes(sys, &sys->slab.v[0]) : 0;
	struct buf b;

	put_heading(a, "largest slab caches");
	buf_init(&b);
	if (!sys->has_slab) {
		buf_puts(&b, s->t->root->live ? " not told: slabinfo needs root" :
			 " slabinfo was not captured");
		put_line(a, &b);
	}
	for (size_t i = 0; i < sys->slab.n && has_room(a, 1); i++) {
		const struct slab_cache *c = &sys->slab.v[i];
		uint64_t bytes = system_slab_bytes(sys, c);
		size_t used;

		buf_putc(&b, ' ');
		used = text_put_cut(&b, c->name, style_text(a->c->style), 20, TEXT_KEEP_START);
		style_pad(&b, used, 20);
		put_size(&b, (struct maybe){ bytes != 0, bytes }, 7);
		buf_putc(&b, ' ');
		style_bar(&b, a->c->style, KIND_DATA, a->area.w > 32 ? (size_t)a->area.w - 30 : 2,
			  bytes, 0, most, false);
		put_line(a, &b);
	}
	buf_done(&b);
}

static void put_rate(struct buf *b, double rate)
{
	if (rate >= 1e6)
		buf_printf(b, "%9.1fM", rate / 1e6);
	else if (rate >= 1e4)
		buf_printf(b, "%9.1fk", rate / 1e3);
	else
		buf_printf(b, rate > 0 && rate < 10 ? "%10.1f" : "%10.0f", rate);
}

static void draw_rates(struct system_screen *s, struct column_area *a)
{
	/* what moves first; as many as there is room for */
	static const struct {
		enum vmstat_field field;
		const char *words;
	} rate[] = {
		{ VMSTAT_PGFAULT, "page faults" }, { VMSTAT_PGMAJFAULT, "of them from disk" },
		{ VMSTAT_PSWPIN, "pages swapped in" }, { VMSTAT_PSWPOUT, "pages swapped out" },
		{ VMSTAT_PGSTEAL_KSWAPD, "freed by kswapd" },
		{ VMSTAT_PGSTEAL_DIRECT, "freed by allocating" },
		{ VMSTAT_COMPACT_STALL, "compacted first" },
		{ VMSTAT_PGALLOC, "pages handed out" }, { VMSTAT_PGFREE, "pages given back" },
		{ VMSTAT_PGPGIN, "KiB read" }, { VMSTAT_PGPGOUT, "KiB written" },
		{ VMSTAT_THP_FAULT_ALLOC, "THP at faults" },
		{ VMSTAT_THP_COLLAPSE_ALLOC, "THP by khugepaged" },
		{ VMSTAT_THP_SPLIT_PAGE, "THP split" },
		{ VMSTAT_PGMIGRATE_SUCCESS, "pages moved" },
		{ VMSTAT_REFAULT_FILE, "cache read again" },
		{ VMSTAT_REFAULT_ANON, "swap read again" },
		{ VMSTAT_PGSCAN_KSWAPD, "looked at by kswapd" },
		{ VMSTAT_ALLOCSTALL, "reclaimed first" },
		{ VMSTAT_OOM_KILL, "killed for memory" },
	};
	double seconds = s->at - s->before_at;
	char title[64];
	struct buf b;

	snprintf(title, sizeof(title), s->has_base ? "per second, in %.0f s" : "per second",
		 seconds);
	put_heading(a, title);
	buf_init(&b);
	if (!s->t->root->live || !s->has_before || seconds <= 0) {
		buf_puts(&b, s->t->root->live ? " (after the next reading)" :
			 " a capture is one moment: no rates");
		put_line(a, &b);
	}
	for (size_t i = 0; i < sizeof(rate) / sizeof(rate[0]) && has_room(a, 1); i++) {
		const struct maybe *n = &s->system.vmstat.v[rate[i].field];
		const struct maybe *before = &s->before.v[rate[i].field];

		buf_printf(&b, " %-20s", rate[i].words);
		if (!s->has_before || !n->known || !before->known || seconds <= 0 || n->v < before->v)
			buf_puts(&b, "         -");
		else
			put_rate(&b, (double)(n->v - before->v) / seconds);
		put_line(a, &b);
	}
	buf_done(&b);
}

static void draw(void *state, struct canvas *c, struct rect area)
{
	struct system_screen *s = state;
	struct column_area top = { c, area, 0 }, left, right;
	int half = area.w / 2;

	if (!s->has_system) {
		canvas_puts(c, area.x + 2, area.y + area.h / 3, area.w, look_attr(c->style, LOOK_DIM),
			    "reading ...");
		return;
	}
	draw_memory(s, &top);
	if (area.h >= 34 && area.w < 110)	/* else it goes to the side, if there is room */
		draw_parts(s, &top, area.h / 4);
	draw_buddy(s, &top);
	area.y += top.used;
	area.h -= top.used;
	left = (struct column_area){ c, { area.x, area.y, half - 1, area.h }, 0 };
	right = (struct column_area){ c, { area.x + half, area.y, area.w - half, area.h }, 0 };
	if (area.w >= 110)
		draw_parts(s, &left, area.h / 2);
	draw_rates(s, &left);
	draw_pools(s, &right);
	draw_slab(s, &right);
}

static bool request(void *state, enum request r, const char *text)
{
	struct system_screen *s = state;

	(void)text;
	if (r != REQUEST_BASELINE || !s->has_system || !s->system.has_vmstat)
		return false;
	s->before = s->system.vmstat;
	s->before_at = s->at;
	s->has_before = s->has_base = true;
	tui_say(s->t, "rates are means since now");
	return true;
}

static int export(void *state, struct buf *out)
{
	struct system_screen *s = state;
	struct json j;

	json_init(&j, out, true);
	report_json_begin(&j, s->t->machine, 0, PACKAGE_VERSION, (int64_t)time(NULL));
	report_json_end_processes(&j);
	system_json(&j, &s->system);
	report_json_end(&j);
	return 0;
}

static int open_screen(void *state, struct tui *t)
{
	((struct system_screen *)state)->t = t;
	return 0;
}

static void done(void *state)
{
	struct system_screen *s = state;

	if (s->has_system)
		system_done(&s->system);
}

const struct screen screen_system = {
	.name = "System", .size = sizeof(struct system_screen), .open = open_screen, .ask = ask,
	.refresh = refresh, .draw = draw, .request = request, .export = export, .done = done,
};
