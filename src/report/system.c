/* SPDX-License-Identifier: GPL-3.0-or-later */
/* --system: where the machine's memory is, and how what hands it out is doing. */
#include "config.h"

#include "report/system.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "report/system_tables.h"

enum { INDENT = 2, LABEL = 12, WIDE = 100 };

void system_heading(struct buf *b, const struct style *s, const char *name, const char *what)
{
	if (s->raw)
		return;
	buf_putc(b, '\n');
	style_bold(b, s);
	buf_puts(b, name);
	style_off(b, s);
	style_dim(b, s);
	buf_printf(b, "%s%s", *what ? ": " : "", what);
	style_off(b, s);
	buf_putc(b, '\n');
}

static struct table make_table(const struct column **column, const struct column *columns, size_t n,
			       const void *data, size_t rows)
{
	for (size_t i = 0; i < n; i++)
		column[i] = &columns[i];
	return (struct table){ .column = column, .columns = n, .data = data, .rows = rows };
}

void system_put_table(struct buf *b, const struct style *s, const struct column *columns, size_t n,
		      const void *data, size_t rows)
{
	const struct column *column[TABLE_MAX_COLUMNS];
	struct table table = make_table(column, columns, n, data, rows);

	table.indent = s->raw ? 0 : INDENT;
	table_text(b, s, &table);
}

void system_json_table(struct json *j, const char *key, const struct column *columns, size_t n,
		       const void *data, size_t rows)
{
	const struct column *column[TABLE_MAX_COLUMNS];
	struct table table = make_table(column, columns, n, data, rows);

	table_json(j, key, &table);
}

/* ---- where MemTotal went ---- */

/* Rows: parts, the rest, and all of it. */
enum { ROW_REST = MEMORY_PARTS, ROW_TOTAL, ROWS };

struct memory_view {
	const struct system *sys;
	const struct memory *memory;
	bool keys;			/* instead of names */
	bool wide;			/* room for sources */
	uint64_t most;			/* the largest part, for bars */
	unsigned int row[ROWS];
	size_t n;
};

static const struct memory_part_info rest_info = {
	"unexplained", "no counter explains", "drivers, network buffers",
	": MemTotal without all of these", MEMORY_GROUP_OTHER
};

static const struct memory_part_info total_info = {
	"total", "MemTotal", "RAM without the kernel", "", MEMORY_GROUP_FREE
};

static const struct memory_part_info *info_of(unsigned int row)
{
	return row == ROW_TOTAL ? &total_info : row == ROW_REST ? &rest_info :
	       &memory_part_info[row];
}

static bool amount(const struct memory *m, unsigned int row, int64_t *v)
{
	struct maybe part = row == ROW_TOTAL ? m->total :
			    row < MEMORY_PARTS ? m->part[row] : (struct maybe){ 0 };

	*v = row == ROW_REST ? m->rest : (int64_t)part.v;
	return row == ROW_REST ? m->has_rest : part.known;
}

static unsigned int row_at(const void *data, size_t row)
{
	return ((const struct memory_view *)data)->row[row];
}

static bool get_part(const void *data, size_t row, const struct column *c, struct value *v)
{
	const struct memory_part_info *info = info_of(row_at(data, row));

	(void)c;
	v->s = str_of(((const struct memory_view *)data)->keys ? info->key : info->name);
	return true;
}

static bool get_amount(const void *data, size_t row, const struct column *c, struct value *v)
{
	int64_t bytes;
	bool known = amount(((const struct memory_view *)data)->memory, row_at(data, row), &bytes);

	(void)c;
	v->n = (uint64_t)bytes;
	return known;
}

static bool get_share(const void *data, size_t row, const struct column *c, struct value *v)
{
	const struct memory *m = ((const struct memory_view *)data)->memory;
	int64_t bytes;

	(void)c;
	if (!amount(m, row_at(data, row), &bytes) || bytes < 0 || !m->total.known || !m->total.v)
		return false;
	v->n = (uint64_t)((double)bytes / (double)m->total.v * 1e6);
	return true;
}

static bool get_bar(const void *data, size_t row, const struct column *c, struct value *v)
{
	const struct memory_view *view = data;
	int64_t bytes;

	(void)c;
	if (!amount(view->memory, row_at(data, row), &bytes) || row_at(data, row) == ROW_TOTAL)
		bytes = 0;
	v->n = bytes > 0 ? (uint64_t)bytes : 0;
	v->of = view->most;
	return true;
}

static bool get_words(const void *data, size_t row, const struct column *c, struct value *v)
{
	const struct memory_view *view = data;
	unsigned int part = row_at(data, row);

	(void)c;
	v->s = str_of(part == ROW_REST && view->memory->rest < 0 ? "counted twice, or moved" :
		      info_of(part)->words);
	v->suffix = view->wide ? info_of(part)->source : NULL;
	return true;
}

static enum kind row_kind(const void *data, size_t row)
{
	return system_group_kind(info_of(row_at(data, row))->group);
}

static const struct column memory_columns[] = {
	{ "memory", "where memory is", NULL, VALUE_TEXT, COLUMN_TEXT, 0, 0, get_part },
	{ "bytes", "size", NULL, VALUE_SIGNED, COLUMN_TEXT, 0, 0, get_amount },
	{ "share", "share", NULL, VALUE_SHARE, COLUMN_TEXT, 0, 0, get_share },
	{ "bar", "", NULL, VALUE_BAR, COLUMN_TEXT, 0, 0, get_bar },
	{ "words", "", NULL, VALUE_TEXT, COLUMN_TEXT | COLUMN_WRAP, 0, 0, get_words },
};

enum { MEMORY_COLUMNS = sizeof(memory_columns) / sizeof(memory_columns[0]) };

/* Only what is there; all in raw. */
static void choose_rows(struct memory_view *view, bool all)
{
	for (unsigned int i = 0; i < ROWS; i++) {
		int64_t v;

		if (all || i >= ROW_REST || (amount(view->memory, i, &v) && v))
			view->row[view->n++] = i;
		if (i < MEMORY_PARTS && view->memory->part[i].known &&
		    view->memory->part[i].v > view->most)
			view->most = view->memory->part[i].v;
	}
}

/* "  0: swap cache, zswap", over as many lines as needed. */
static void put_names(struct buf *b, const struct style *s, const struct memory *m, bool known,
		      const char *label)
{
	size_t width = s->width ? s->width : s->picture_width, used = 0;

	for (unsigned int i = 0; i < MEMORY_PARTS; i++) {
		const char *name = memory_part_info[i].name;

		if (m->part[i].known != known || m->part[i].v)
			continue;
		if (!used) {
			style_dim(b, s);
			buf_printf(b, "  %s: ", label);
			used = 4 + strlen(label);
		} else if (used + 2 + strlen(name) > width) {
			buf_puts(b, ";\n    ");
			used = 4;
		} else {
			buf_puts(b, "; ");
			used += 2;
		}
		buf_puts(b, name);
		used += strlen(name);
	}
	if (used) {
		style_off(b, s);
		buf_putc(b, '\n');
	}
}

static void put_memory(struct buf *b, const struct style *s, const struct system *sys)
{
	const struct column *column[MEMORY_COLUMNS];
	struct memory_view view = {
		.sys = sys, .memory = &sys->memory, .keys = s->raw,
		.wide = s->picture_width >= WIDE,
	};
	struct table table = make_table(column, memory_columns, MEMORY_COLUMNS - s->raw, &view, 0);

	choose_rows(&view, s->raw);
	table.rows = view.n;
	table.indent = s->raw ? 0 : INDENT;
	table.kind = row_kind;
	table_text(b, s, &table);
	if (s->raw)
		return;
	put_names(b, s, &sys->memory, true, "nothing in");
	put_names(b, s, &sys->memory, false, "not told by this kernel");
	if (sys->memory.mapped_shmem_at_most) {
		style_dim(b, s);
		buf_puts(b, "  up to ");
		style_size(b, s, sys->memory.mapped_shmem_at_most, 0);
		buf_puts(b, " of 'page cache, mapped' may be shmem: Mapped counts both\n");
		style_off(b, s);
	}
}

/* ---- nodes beside each other ---- */

struct node_view {
	struct memory_view rows;
	const struct system *sys;
};

static bool get_node_amount(const void *data, size_t row, const struct column *c, struct value *v)
{
	const struct node_view *view = data;
	int64_t bytes;
	bool known = amount(&view->sys->node.v[c->counter].memory, row_at(data, row), &bytes);

	v->n = (uint64_t)bytes;
	return known;
}

/* Rows that any of the nodes has something in. */
static void choose_node_rows(struct node_view *view, bool all)
{
	for (unsigned int i = 0; i < ROWS; i++) {
		bool any = all || i >= ROW_REST;
		int64_t v;

		for (size_t n = 0; n < view->sys->node.n && !any; n++)
			any = amount(&view->sys->node.v[n].memory, i, &v) && v;
		if (any)
			view->rows.row[view->rows.n++] = i;
	}
}

/* As many nodes in a table as fit. */
static void put_nodes(struct buf *b, const struct style *s, const struct system *sys)
{
	enum { MOST = TABLE_MAX_COLUMNS - 1, NAME = 26, CELL = 8 };
	struct node_view view = { .rows = { .sys = sys, .keys = s->raw }, .sys = sys };
	size_t fit = !s->width || s->raw ? MOST : s->width > NAME + CELL ?
		     (s->width - NAME) / CELL : 1;
	char heading[MOST][16];

	if (!sys->node.n)
		return;
	choose_node_rows(&view, s->raw);
	system_heading(b, s, "memory nodes", "what is not told for a node is in its last line but one");
	fit = fit > MOST ? MOST : fit;
	for (size_t from = 0; from < sys->node.n; from += fit) {
		struct column columns[TABLE_MAX_COLUMNS];
		size_t n = 1;

		columns[0] = memory_columns[0];
		columns[0].heading = "";
		for (size_t i = from; i < sys->node.n && i < from + fit; i++, n++) {
			snprintf(heading[n - 1], sizeof(heading[0]), s->raw ? "node%u" : "node %u",
				 sys->node.v[i].number);
			columns[n] = (struct column){
				.key = heading[n - 1], .heading = heading[n - 1],
				.type = VALUE_SIGNED, .use = COLUMN_TEXT,
				.counter = (unsigned int)i, .get = get_node_amount,
			};
		}
		if (from && !s->raw)
			buf_putc(b, '\n');
		system_put_table(b, s, columns, n, &view, view.rows.n);
	}
}

/* ---- the first lines and the last ---- */

static void put_word(struct buf *b, const struct style *s, const struct buf *word)
{
	if (!word->len)
		return;
	text_put(b, (struct str){ word->data, word->len }, style_text(s));
	buf_puts(b, "  ");
}

static void put_head(struct buf *b, const struct style *s, const struct system *sys)
{
	const struct machine *m = sys->machine;
	uint64_t minutes = m->uptime_ticks / 6000;

	style_bold(b, s);
	put_word(b, s, &m->hostname);
	style_off(b, s);
	if (m->kernel.len)
		buf_puts(b, "Linux ");
	put_word(b, s, &m->kernel);
	put_word(b, s, &m->arch);
	if (sys->page_size) {
		style_size(b, s, sys->page_size, 0);
		buf_puts(b, " pages  ");
	}
	if (sys->node.n)
		buf_printf(b, "%zu nodes  ", sys->node.n);
	if (m->has_uptime && minutes >= 24 * 60)
		buf_printf(b, "up %" PRIu64 "d %" PRIu64 "h", minutes / 1440, minutes / 60 % 24);
	else if (m->has_uptime)
		buf_printf(b, "up %" PRIu64 "h %" PRIu64 "m", minutes / 60, minutes % 60);
	while (b->len && b->data[b->len - 1] == ' ')
		b->len--;
	buf_putc(b, '\n');
}

static void put_label(struct buf *b, const struct style *s, const char *label)
{
	buf_fill(b, ' ', INDENT);
	style_dim(b, s);
	buf_puts(b, label);
	style_off(b, s);
	style_pad(b, strlen(label), LABEL);
}

static void put_available(struct buf *b, const struct style *s, const struct system *sys)
{
	const struct meminfo *m = &sys->meminfo;

	if (!meminfo_has(m, MEMINFO_MEM_AVAILABLE))
		return;
	put_label(b, s, "available");
	style_size(b, s, m->v[MEMINFO_MEM_AVAILABLE], 0);
	buf_puts(b, " without swapping: free, or can be dropped at once\n");
}

static void put_swap(struct buf *b, const struct style *s, const struct system *sys)
{
	const struct meminfo *m = &sys->meminfo;
	uint64_t total = meminfo_get(m, MEMINFO_SWAP_TOTAL);
	uint64_t free = meminfo_get(m, MEMINFO_SWAP_FREE);

	if (!meminfo_has(m, MEMINFO_SWAP_TOTAL) || !meminfo_has(m, MEMINFO_SWAP_FREE))
		return;
	put_label(b, s, "swap");
	if (!total) {
		buf_puts(b, "none\n");
		return;
	}
	style_size(b, s, total > free ? total - free : 0, 0);
	buf_puts(b, " of ");
	style_size(b, s, total, 0);
	buf_puts(b, " used");
	if (meminfo_get(m, MEMINFO_SWAP_CACHED)) {
		buf_puts(b, "; ");
		style_size(b, s, m->v[MEMINFO_SWAP_CACHED], 0);
		buf_puts(b, " of it is in RAM as well");
	}
	if (meminfo_get(m, MEMINFO_ZSWAPPED)) {
		buf_puts(b, "; ");
		style_size(b, s, m->v[MEMINFO_ZSWAPPED], 0);
		buf_puts(b, " compressed to ");
		style_size(b, s, meminfo_get(m, MEMINFO_ZSWAP), 0);
	}
	buf_putc(b, '\n');
}

static void put_pressure(struct buf *b, const struct style *s, const struct system *sys)
{
	const struct maybe *v = sys->pressure.some.average;

	put_label(b, s, "pressure");
	if (!sys->has_pressure || !v[0].known || !v[1].known || !v[2].known) {
		buf_puts(b, "not told by this kernel\n");
		return;
	}
	buf_puts(b, "tasks waited for");
	for (unsigned int i = 0; i < PRESSURE_AVERAGES; i++) {
		static const char *const over[] = { "10 s", "60 s", "300 s" };

		buf_printf(b, "%s %" PRIu64 ".%02" PRIu64 " %% of %s", i ? "," : "", v[i].v / 100,
			   v[i].v % 100, over[i]);
	}
	buf_putc(b, '\n');
}

/* Zones whose free memory is below a watermark; those of no use to anyone are not told. */
static void put_watermarks(struct buf *b, const struct style *s, const struct system *sys)
{
	size_t shown = 0;

	if (!sys->zones.n)
		return;
	put_label(b, s, "watermarks");
	for (size_t i = 0; i < sys->zones.n; i++) {
		const struct zone *z = &sys->zones.v[i];

		if (!z->managed || z->free >= z->low)
			continue;
		buf_printf(b, "%s", shown++ ? ", " : "");
		if (sys->node.n)
			buf_printf(b, "node %u ", z->node);
		text_put(b, str_of(z->name), style_text(s));
		buf_printf(b, " is below %s", z->free < z->min ? "min" : "low");
	}
	buf_puts(b, shown ? ": kswapd reclaims memory\n" :
		 "all zones have more free than low: no need to reclaim\n");
}

static void put_huge(struct buf *b, const struct style *s, const struct system *sys)
{
	unsigned int order = system_huge_order(sys);
	uint64_t blocks;

	if (!order || !buddyinfo_blocks(&sys->buddy, order, &blocks))
		return;
	put_label(b, s, "huge pages");
	buf_printf(b, "%" PRIu64 " free block%s of ", blocks, blocks == 1 ? "" : "s");
	style_size(b, s, sys->page_size << order, 0);
	if (sys->thp.enabled.mode != THP_UNKNOWN)
		buf_printf(b, "; THP enabled: %s", sys->thp.enabled.text);
	buf_putc(b, '\n');
}

/* The same reason is given once, for all that it hides. */
static void put_notes(struct buf *b, const struct style *s, const struct system *sys)
{
	for (size_t i = 0; i < sys->missing.n; i++) {
		const struct system_missing *m = &sys->missing.v[i];
		bool told = false;

		for (size_t k = 0; k < i; k++)
			told = told || (sys->missing.v[k].error == m->error &&
					sys->missing.v[k].needs == m->needs);
		if (told)
			continue;
		style_dim(b, s);
		buf_printf(b, "  note: %s", m->file);
		for (size_t k = i + 1; k < sys->missing.n; k++)
			if (sys->missing.v[k].error == m->error && sys->missing.v[k].needs == m->needs)
				buf_printf(b, ", %s", sys->missing.v[k].file);
		buf_printf(b, ": %s", strerror(-m->error));
		if (m->needs)
			buf_printf(b, "\n        needs %s", m->needs);
		style_off(b, s);
		buf_putc(b, '\n');
	}
}

void system_text(struct buf *b, const struct style *s, const struct system *sys)
{
	if (!s->raw) {
		put_head(b, s, sys);
		system_picture(b, s, &sys->memory);
	}
	put_memory(b, s, sys);
	if (!s->raw) {
		buf_putc(b, '\n');
		put_available(b, s, sys);
		put_swap(b, s, sys);
		put_pressure(b, s, sys);
		put_watermarks(b, s, sys);
		put_huge(b, s, sys);
	}
	put_nodes(b, s, sys);
	system_swap_text(b, s, sys);
	system_pools_text(b, s, sys);
	system_thp_text(b, s, sys);
	system_buddy_text(b, s, sys);
	system_zones_text(b, s, sys);
	system_slab_text(b, s, sys);
	system_vmalloc_text(b, s, sys);
	system_pressure_text(b, s, sys);
	system_counters_text(b, s, sys);
	if (s->raw || !sys->missing.n)
		return;
	buf_putc(b, '\n');
	put_notes(b, s, sys);
}

/* ---- JSON ---- */

static void memory_json(struct json *j, const struct memory *m)
{
	json_maybe(j, "total", m->total);
	json_object(j, "parts");
	for (unsigned int i = 0; i < MEMORY_PARTS; i++)
		json_maybe(j, memory_part_info[i].key, m->part[i]);
	json_object_end(j);
	if (m->has_rest)
		json_i64(j, "unexplained", m->rest);
	else
		json_null(j, "unexplained");
	json_u64(j, "mapped_shmem_at_most", m->mapped_shmem_at_most);
}

static void nodes_json(struct json *j, const struct system *sys)
{
	json_break(j);
	json_array(j, "nodes");
	for (size_t i = 0; i < sys->node.n; i++) {
		json_break(j);
		json_object(j, NULL);
		json_u64(j, "node", sys->node.v[i].number);
		memory_json(j, &sys->node.v[i].memory);
		json_object_end(j);
	}
	json_array_end(j);
}

static void unavailable_json(struct json *j, const struct system *sys)
{
	json_break(j);
	json_array(j, "unavailable");
	for (size_t i = 0; i < sys->missing.n; i++) {
		const struct system_missing *m = &sys->missing.v[i];
		char reason[160];

		snprintf(reason, sizeof(reason), "%s: %s", m->file, strerror(-m->error));
		json_object(j, NULL);
		json_string(j, "what", str_of(m->what));
		json_string(j, "reason", str_of(reason));
		if (m->needs)
			json_string(j, "needs", str_of(m->needs));
		else
			json_null(j, "needs");
		json_object_end(j);
	}
	json_array_end(j);
}

void system_json(struct json *j, const struct system *sys)
{
	const struct meminfo *m = &sys->meminfo;

	json_break(j);
	json_object(j, "system");
	json_maybe(j, "page_size", (struct maybe){ sys->page_size != 0, sys->page_size });
	json_object(j, "memory");
	memory_json(j, &sys->memory);
	json_maybe(j, "available", (struct maybe){ meminfo_has(m, MEMINFO_MEM_AVAILABLE),
						   meminfo_get(m, MEMINFO_MEM_AVAILABLE) });
	if (meminfo_has(m, MEMINFO_KERNEL_STACK))
		json_bool(j, "kernel_stacks_in_vmalloc", sys->stacks == MEMORY_STACKS_IN_VMALLOC);
	else
		json_null(j, "kernel_stacks_in_vmalloc");
	json_object_end(j);
	nodes_json(j, sys);
	system_swap_json(j, sys);
	system_pools_json(j, sys);
	system_thp_json(j, sys);
	system_buddy_json(j, sys);
	system_zones_json(j, sys);
	system_slab_json(j, sys);
	system_vmalloc_json(j, sys);
	system_pressure_json(j, sys);
	system_counters_json(j, sys);
	unavailable_json(j, sys);
	json_object_end(j);
}
