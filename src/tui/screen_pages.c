/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The screen of the pages of a mapping: a grid of cells, each with the mix of its pages. */
#include "config.h"

#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "base/num.h"
#include "model/addresses.h"
#include "model/counters.h"
#include "tui/map.h"
#include "tui/pages.h"

uint64_t pages_page_size(const struct pages_screen *s)
{
	const struct snapshot *p = s->t->snapshot;

	return p && p->auxv.page_size ? p->auxv.page_size : s->t->machine->page_size;
}

const struct vma *pages_mapping(const struct pages_screen *s)
{
	const struct vma *v = s->t->snapshot ? space_find(&s->t->snapshot->space, s->start) : NULL;

	return v && v->start == s->start ? v : NULL;
}

static uint64_t cell_size(const struct pages_screen *s)
{
	return pages_page_size(s) << s->zoom;
}

static uint64_t row_size(const struct pages_screen *s)
{
	return num_mul(cell_size(s), s->place.columns);
}

/* Where everything is, at the present size of the terminal. */
static void find_place(struct pages_screen *s)
{
	struct rect body = place_frame(s->t->terminal.width, s->t->terminal.height).body;

	s->place = place_pages(body, s->end >> 32 ? s->end >> 48 ? 16 : 12 : 8, s->zoom);
}

/* The zoom at which all of the mapping is visible. */
static unsigned int find_fit(struct pages_screen *s)
{
	struct rect body = place_frame(s->t->terminal.width, s->t->terminal.height).body;
	unsigned int digits = s->end >> 32 ? s->end >> 48 ? 16 : 12 : 8;
	struct pages_place p = place_pages(body, digits, 0);
	uint64_t page = pages_page_size(s);
	unsigned int zoom = grid_fit(page, s->start, s->end, p.columns, p.columns * p.rows);

	if (zoom == 0)
		return 0;
	p = place_pages(body, digits, 1);
	zoom = grid_fit(page, s->start, s->end, p.columns, p.columns * p.rows);
	return zoom ? zoom : 1;
}

/* Moves the window so that the cursor is in it. */
static void show_cursor(struct pages_screen *s)
{
	uint64_t row = row_size(s), height = num_mul(row, s->place.rows);
	uint64_t at = s->address / row * row, first = s->start / row * row;

	if (s->base % row)
		s->base = s->base / row * row;
	if (s->base < first)
		s->base = first;
	if (at < s->base)
		s->base = at;
	else if (at - s->base >= height)
		s->base = at - height + row;
}

static void take_mapping(struct pages_screen *s)
{
	struct tui *t = s->t;
	const struct snapshot *p = t->snapshot;
	const struct counters *c = NULL;
	uint64_t size = 0;
	const struct vma *v;

	s->pid = t->pid;
	s->start = t->start;
	s->end = t->end;
	s->address = t->address;
	s->problem[0] = '\0';
	s->has_grid = s->fitted = s->empty = s->baseline.set = false;
	s->huge_size = 0;
	v = pages_mapping(s);
	if (v && p->space.counters.n)
		c = &p->space.counters.v[v - p->space.vma.v];
	s->empty = v && !vma_is_user(v);	/* above the end of what pagemap has */
	if (c && v->has_flags && (v->vm_flags & SMAPS_BIT(HT)) &&
	    counters_get(c, SMAPS_KERNEL_PAGE_SIZE, &size) && size && (size & (size - 1)) == 0)
		s->huge_size = size;
}

void pages_fit(struct pages_screen *s)
{
	struct tui *t = s->t;

	if (!t->has_mapping || !pages_page_size(s))
		return;
	if (s->pid != t->pid || t->start != s->start || t->end != s->end)
		take_mapping(s);
	else if (t->address != s->address && t->address >= s->start && t->address < s->end)
		s->address = t->address;
	if (!s->fitted) {
		s->zoom = find_fit(s);
		s->base = 0;
		s->fitted = true;
	}
	find_place(s);
	show_cursor(s);
}

/* ---- requests ---- */

static void go_to(struct pages_screen *s, uint64_t address)
{
	if (address >= s->end)
		address = s->end - 1;
	if (address < s->start)
		address = s->start;
	s->address = s->t->address = address;
	find_place(s);
	show_cursor(s);
	if (!s->has_grid || s->base != s->grid.base || s->zoom != s->grid.zoom)
		tui_read_now(s->t);
}

static void move(struct pages_screen *s, bool forward, uint64_t by)
{
	if (forward)
		go_to(s, by < s->end - s->address ? s->address + by : s->address);
	else
		go_to(s, by <= s->address - s->start ? s->address - by :
		      /* of the first row, the part that is there */
		      by == cell_size(s) ? s->start : s->address);
}

static void move_far(struct pages_screen *s, bool forward)
{
	uint64_t by = row_size(s) * (s->place.rows > 1 ? s->place.rows - 1 : 1);

	if (forward)
		go_to(s, by < s->end - s->address ? s->address + by : s->end - 1);
	else
		go_to(s, by < s->address - s->start ? s->address - by : s->start);
}

static void zoom(struct pages_screen *s, bool out)
{
	unsigned int most = find_fit(s);

	if (out && s->zoom >= most) {
		tui_say(s->t, "the whole mapping is visible");
		return;
	}
	if (!out && s->zoom == 0) {
		tui_say(s->t, "one page in a cell: there is nothing smaller");
		return;
	}
	s->zoom = out ? s->zoom + 1 : s->zoom - 1;
	find_place(s);
	/* the cursor in the middle */
	s->base = s->address / row_size(s) * row_size(s);
	s->base -= s->base > row_size(s) * (s->place.rows / 2) ?
		   row_size(s) * (s->place.rows / 2) : s->base;
	go_to(s, s->address);
}

static void go_to_text(struct pages_screen *s, const char *text)
{
	address_list list = { 0 };
	struct str part;

	if (!*text)
		return;
	if (addresses_parse(text, &list, &part) < 0 || !list.n)
		tui_alert(s->t, "%s: no address; 7f12a000, 0x1000 and 0t4096 are", text);
	else if (list.v[0].low < s->start || list.v[0].low >= s->end)
		tui_alert(s->t, "%" PRIx64 " is not in this mapping, which is %" PRIx64 "-%" PRIx64,
			  list.v[0].low, s->start, s->end);
	else
		go_to(s, list.v[0].low);
	vec_done(&list);
}

void pages_sum(const struct grid *g, uint64_t sum[GRID_CLASSES])
{
	memset(sum, 0, GRID_CLASSES * sizeof(*sum));
	for (size_t i = 0; i < g->n; i++)
		for (unsigned int k = 0; k < GRID_CLASSES; k++)
			sum[k] += g->cell[i].pages[k];
}

bool pages_has_base(const struct pages_screen *s)
{
	const struct pages_base *b = &s->baseline;
	const struct grid *g = &s->grid;

	return b->set && s->has_grid && b->mode == g->mode && b->zoom == g->zoom &&
	       b->base == g->base && b->n == g->n;
}

/* Of what is in sight here; and the map's, so that there is one "since". */
static void set_base(struct pages_screen *s)
{
	const struct grid *g = &s->grid;

	if (s->t->gone) {
		tui_alert(s->t, "%s has exited: nothing changes any more", s->t->title);
		return;
	}
	if (!s->has_grid) {
		tui_alert(s->t, "nothing is read yet that changes could be told from");
		return;
	}
	s->baseline = (struct pages_base){
		.set = true, .mode = g->mode, .zoom = g->zoom, .base = g->base, .n = g->n,
		.at = clock_seconds(),
	};
	pages_sum(g, s->baseline.pages);
	map_base_from_here(s->t);
	tui_say(s->t, "changes of what is in sight are shown since now, in the legend; and on the map");
}

static bool click(struct pages_screen *s)
{
	struct rect g = s->place.grid;
	uint64_t address;

	if (!rect_has(g, s->t->mouse_x, s->t->mouse_y))
		return false;
	address = s->base + (uint64_t)(s->t->mouse_y - g.y) * row_size(s) +
		  (uint64_t)((s->t->mouse_x - g.x) / s->place.cell_width) * cell_size(s);
	if (address + cell_size(s) > s->start && address < s->end)
		go_to(s, address);
	return true;
}

static bool request(void *state, enum request r, const char *text)
{
	struct pages_screen *s = state;

	if (!s->t->has_mapping || !s->fitted || s->pid != s->t->pid)
		return false;
	switch (r) {
	case REQUEST_LEFT: move(s, false, cell_size(s)); return true;
	case REQUEST_RIGHT: move(s, true, cell_size(s)); return true;
	case REQUEST_UP: case REQUEST_WHEEL_UP: move(s, false, row_size(s)); return true;
	case REQUEST_DOWN: case REQUEST_WHEEL_DOWN: move(s, true, row_size(s)); return true;
	case REQUEST_PAGE_UP: move_far(s, false); return true;
	case REQUEST_PAGE_DOWN: move_far(s, true); return true;
	case REQUEST_HOME: go_to(s, s->start); return true;
	case REQUEST_END: go_to(s, s->end - 1); return true;
	case REQUEST_MORE: zoom(s, true); return true;
	case REQUEST_LESS: zoom(s, false); return true;
	case REQUEST_FOLD:
		s->mode = (s->mode + 1) % GRID_MODES;
		tui_read_now(s->t);
		return true;
	case REQUEST_ADDRESS: go_to_text(s, text); return true;
	case REQUEST_BASELINE: set_base(s); return true;
	case REQUEST_ENTER: case REQUEST_TRANSLATE: case REQUEST_DOUBLE_CLICK:
		if (r == REQUEST_DOUBLE_CLICK && !click(s))
			return false;
		tui_translate(s->t, s->address / pages_page_size(s) * pages_page_size(s));
		return true;
	case REQUEST_CLICK: return click(s);
	default: return false;
	}
}

static int open_screen(void *state, struct tui *t)
{
	((struct pages_screen *)state)->t = t;
	return 0;
}

static struct job *ask(void *state)
{
	return pages_ask(state);
}

static void refresh(void *state, struct job *job)
{
	pages_refresh(state, job);
}

static void draw(void *state, struct canvas *c, struct rect area)
{
	pages_draw(state, c, area);
}

static struct job *export_job(void *state, const char *path)
{
	struct pages_screen *s = state;

	if (!s->t->has_mapping || !pages_page_size(s)) {
		tui_alert(s->t, "no mapping is chosen: there is nothing to export");
		return NULL;
	}
	if (s->t->gone) {
		tui_alert(s->t, "%s has exited: its pages cannot be read any more; e on the map still works",
			  s->t->title);
		return NULL;
	}
	return pages_export(s, path);
}

static void done(void *state)
{
	struct pages_screen *s = state;

	grid_done(&s->grid);
	vec_done(&s->zones);
}

const struct screen screen_pages = {
	.name = "Pages", .size = sizeof(struct pages_screen), .open = open_screen, .ask = ask,
	.refresh = refresh, .draw = draw, .request = request, .export_job = export_job,
	.done = done,
};
