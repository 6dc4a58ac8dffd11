/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The pages of a mapping: draws cells, legend, and what lies under the cursor. */
#include "config.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/num.h"
#include "base/text.h"
#include "proc/kpage.h"
#include "tui/pages.h"

enum { HEAD = 3, INFO = 4, SIDE = 30, GAP = 2, LEGEND_LINES = 2 };

struct pages_place place_pages(struct rect b, unsigned int digits, unsigned int zoom)
{
	struct pages_place p = { .cell_width = zoom ? 1 : 2, .columns = 8 };
	int left = (int)digits + 1 + GAP, room = b.w - left - 1;

	while ((int)p.columns * 2 * p.cell_width <= room)
		p.columns *= 2;
	p.side = room - (int)p.columns * p.cell_width >= SIDE;
	p.head = (struct rect){ b.x, b.y, b.w, HEAD };
	p.info = (struct rect){ b.x, b.y + b.h - INFO, b.w, INFO };
	p.grid = (struct rect){ b.x + left, b.y + HEAD, (int)p.columns * p.cell_width,
				b.h - HEAD - INFO - (p.side ? 0 : LEGEND_LINES) };
	p.rows = (size_t)p.grid.h;
	if (p.side)
		p.legend = (struct rect){ p.grid.x + p.grid.w + GAP, p.grid.y,
					  b.w - left - p.grid.w - GAP, p.grid.h };
	else
		p.legend = (struct rect){ b.x, p.info.y - LEGEND_LINES, b.w, LEGEND_LINES };
	return p;
}

/* ---- colours ---- */

static unsigned int class_color(const struct style *s, enum grid_mode mode, unsigned int class)
{
	static const unsigned char state[][2] = {
		[GRID_NONE] = { 240, 8 }, [GRID_ANON] = { 208, 3 }, [GRID_FILE] = { 71, 2 },
		[GRID_ZERO] = { 109, 6 }, [GRID_SWAP] = { 203, 1 }, [GRID_GUARD] = { 61, 4 },
		[GRID_OTHER] = { 200, 5 },
	};
	static const unsigned char common[][2] = {
		[GRID_NONE] = { 240, 8 }, [GRID_UNKNOWN] = { 250, 7 }, [GRID_ZERO_FRAME] = { 109, 6 },
	};
	/* small is cold, large is warm */
	static const unsigned char folio[][2] = {
		{ 67, 4 }, { 68, 4 }, { 74, 12 }, { 80, 12 }, { 79, 6 }, { 78, 2 }, { 113, 2 },
		{ 149, 10 }, { 185, 11 }, { 214, 3 }, { 208, 3 }, { 202, 9 }, { 196, 1 },
		{ 197, 1 }, { 198, 5 }, { 199, 5 }, { 200, 5 }, { 201, 13 }, { 171, 13 },
		{ 135, 13 }, { 99, 13 },
	};
	static const unsigned char count[][2] = {
		{ 245, 7 }, { 71, 2 }, { 74, 6 }, { 68, 4 }, { 220, 3 }, { 208, 9 }, { 197, 5 },
		{ 74, 6 },
	};
	static const unsigned char node[][2] = {
		{ 74, 6 }, { 214, 3 }, { 113, 2 }, { 204, 1 }, { 141, 5 }, { 68, 4 }, { 223, 7 },
		{ 30, 12 },
	};
	bool few = s->color == COLOR_16;

	if (mode == GRID_STATE)
		return state[class][few];
	if (class < GRID_FIRST)
		return common[class][few];
	class -= GRID_FIRST;
	if (mode == GRID_COUNT)
		return count[class][few];
	return mode == GRID_NODE ? node[class % 8][few] : folio[class][few];
}

static struct attr class_attr(const struct style *s, enum grid_mode mode, unsigned int class)
{
	if (s->color == COLOR_NONE)
		return (struct attr){ .flags = class == GRID_NONE ? ATTR_DIM : 0 };
	return (struct attr){ .fg = (uint16_t)(class_color(s, mode, class) + 1) };
}

/* ---- a cell ---- */

/* Letters where colours can't be told apart, or blocks can't be shown. */
static bool has_blocks(const struct style *s)
{
	return s->utf8 && s->color != COLOR_NONE;
}

static const char *const eighth[] = { "▁", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█" };

/* Of two classes, the share of the one in eighths: neither disappears. */
static unsigned int share(uint64_t of, uint64_t other)
{
	double n = (double)of / ((double)of + (double)other) * 8;

	return n < 1 ? 1 : n > 7 ? 7 : (unsigned int)(n + 0.5);
}

static void put_mixed(struct canvas *c, const struct grid *g, const struct grid_cell *cell, int x,
		      int y)
{
	unsigned int first, second, shown;
	struct attr a;

	grid_mix(cell, &first, &second);
	shown = first == GRID_NONE && second < GRID_CLASSES ? second : first;
	a = class_attr(c->style, g->mode, shown);
	if (!has_blocks(c->style)) {
		char text[2] = { grid_class_letter(g->mode, shown), '\0' };

		if (second == GRID_CLASSES && text[0] >= 'a' && text[0] <= 'z')
			text[0] = (char)(text[0] - 'a' + 'A');
		canvas_puts(c, x, y, 1, a, text);
	} else if (shown == GRID_NONE) {
		canvas_puts(c, x, y, 1, a, "·");
	} else if (second == GRID_CLASSES) {
		canvas_puts(c, x, y, 1, a, "█");
	} else if (first == GRID_NONE || second == GRID_NONE) {
		canvas_puts(c, x, y, 1, a,
			    eighth[share(cell->pages[shown], cell->pages[GRID_NONE])]);
	} else {
		a.bg = (uint16_t)(class_color(c->style, g->mode, second) + 1);
		canvas_puts(c, x, y, 1, a, eighth[share(cell->pages[first],
							cell->pages[second])]);
	}
}

/* Two columns: the first is where a folio may begin, or goes on. */
static void put_page(struct canvas *c, const struct grid *g, size_t i, int x, int y)
{
	const struct grid_page *p = &g->page[i];
	unsigned int class, second;
	struct attr a;
	char text[3] = "  ";

	grid_mix(&g->cell[i], &class, &second);
	a = class_attr(c->style, g->mode, class);
	if (has_blocks(c->style)) {
		canvas_puts(c, x, y, 2, a, class == GRID_NONE ? " ·" : p->joins ? "██" :
			    p->folio > 1 ? "▐█" : " ■");
		return;
	}
	text[1] = grid_class_letter(g->mode, class);
	if (text[1] >= 'a' && text[1] <= 'z')
		text[1] = (char)(text[1] - 'a' + 'A');
	text[0] = p->joins ? '=' : p->folio > 1 ? '[' : ' ';
	canvas_puts(c, x, y, 2, a, text);
}

static void put_cursor(struct pages_screen *s, struct canvas *c, size_t i, int x, int y)
{
	int w = s->place.cell_width;
	unsigned int class, second;

	if (!has_blocks(c->style)) {
		canvas_mark(c, (struct rect){ x, y, w, 1 }, ATTR_REVERSE | ATTR_BOLD);
		return;
	}
	grid_mix(&s->grid.cell[i], &class, &second);
	if (class == GRID_NONE && second < GRID_CLASSES)
		class = second;
	canvas_puts(c, x, y, w, (struct attr){
		.fg = c->style->color == COLOR_256 ? 231 + 1 : 15 + 1,
		.bg = (uint16_t)(class_color(c->style, s->mode, class) + 1), .flags = ATTR_BOLD,
	}, w == 2 ? "[]" : "◆");
}

static void draw_grid(struct pages_screen *s, struct canvas *c)
{
	const struct grid *g = &s->grid;
	struct rect r = s->place.grid;
	uint64_t cell = grid_cell_size(g);
	size_t cursor = grid_find(g, s->address);
	unsigned int digits = (unsigned int)(r.x - GAP - 1);

	for (size_t row = 0; row < s->place.rows; row++) {
		uint64_t address = s->base + row * s->place.columns * cell;
		char text[NUM_MAX_HEX + 1];
		int y = r.y + (int)row;
		bool here;

		if (address >= s->end)
			break;
		here = s->address >= address && s->address - address < s->place.columns * cell;
		*num_put_hex(text, address, digits) = '\0';
		canvas_puts(c, 1, y, (int)digits, look_attr(c->style, here ? LOOK_BOLD : LOOK_DIM),
			    text);
		for (size_t k = 0; k < s->place.columns; k++) {
			size_t i = grid_find(g, address + k * cell);
			int x = r.x + (int)k * s->place.cell_width;

			if (i >= g->n || !grid_cell_pages(g, i))
				continue;
			if (g->page)
				put_page(c, g, i, x, y);
			else
				put_mixed(c, g, &g->cell[i], x, y);
			if (i == cursor)
				put_cursor(s, c, i, x, y);
		}
	}
}

/* ---- words ---- */

static void put_line(struct canvas *c, int x, int y, int room, struct attr attr, struct buf *b)
{
	canvas_put(c, x, y, room, attr, (struct str){ b->data, b->len });
	buf_clear(b);
}

static void put_size(struct buf *b, uint64_t bytes)
{
	static const struct style plain = { 0 };

	style_size(b, &plain, bytes, 0);
}

/* How old the baseline is, or why it tells nothing here. */
static void put_since(const struct pages_screen *s, struct buf *b)
{
	if (pages_has_base(s))
		buf_printf(b, "; changes in %.0f s", s->t->clock - s->baseline.at);
	else
		buf_puts(b, "; b: other view");
}

static void draw_head(struct pages_screen *s, struct canvas *c)
{
	const struct vma *v = pages_mapping(s);
	struct rect r = s->place.head;
	uint64_t from, to, cell = pages_page_size(s) << s->zoom;
	struct buf b;

	buf_init(&b);
	buf_printf(&b, " %" PRIx64 "-%" PRIx64 "  ", s->start, s->end);
	put_size(&b, s->end - s->start);
	if (v && v->kind < KINDS) {
		char perms[] = "----  ";

		for (unsigned int i = 0; i < 3; i++)
			perms[i] = v->perms >> i & 1 ? "rwx"[i] : '-';
		perms[3] = v->perms >> 3 & 1 ? 's' : 'p';
		buf_printf(&b, "  %s", perms);
		style_kind(&b, c->style, v->kind);
		buf_puts(&b, kind_info[v->kind].name);
		style_off(&b, c->style);
		buf_puts(&b, "  ");
		text_put_cut(&b, space_str(&s->t->snapshot->space, v->object), style_text(c->style),
			     60, TEXT_KEEP_START);
	}
	put_line(c, r.x, r.y, r.w, look_attr(c->style, LOOK_BOLD), &b);
	for (unsigned int i = 0; i < GRID_MODES; i++) {
		bool on = i == s->mode;

		buf_puts(&b, on && c->style->color ? " \033[1m" : " ");
		buf_printf(&b, on ? "[%s]" : " %s ", grid_mode_name[i]);
		style_off(&b, c->style);
	}
	buf_puts(&b, "  a cell is ");
	put_size(&b, cell);
	if (s->zoom)
		buf_printf(&b, ", %" PRIu64 " pages", UINT64_C(1) << s->zoom);
	else
		buf_puts(&b, ", a page");
	grid_window(&s->grid, &from, &to);
	if (s->has_grid && to - from < s->end - s->start) {
		double percent = (double)(to - from) * 100 / (double)(s->end - s->start);

		buf_printf(&b, percent < 0.1 ? "; below 0.1 %% in sight" : "; %.1f %% in sight",
			   percent);
	}
	if (s->has_grid && (s->grid.mode != s->mode || s->grid.zoom != s->zoom ||
			    s->grid.base != s->base))
		buf_puts(&b, "; reading ...");
	if (s->baseline.set && s->has_grid && !s->t->gone)
		put_since(s, &b);
	put_line(c, r.x, r.y + 1, r.w, (struct attr){ 0 }, &b);
	if (s->zoom && !s->place.side) {
		buf_puts(&b, has_blocks(c->style) ? "  height: share of the cell" :
			 "  capital: all of the cell");
		put_line(c, r.x, r.y + 2, r.w, look_attr(c->style, LOOK_DIM), &b);
	}
	buf_puts(&b, "+ more pages in a cell  - fewer  Tab other colours ");
	put_line(c, r.x + r.w - (int)b.len, r.y + 2, (int)b.len, look_attr(c->style, LOOK_DIM),
		 &b);
	buf_done(&b);
}

static void put_class(struct canvas *c, struct buf *b, enum grid_mode mode, unsigned int class)
{
	if (!has_blocks(c->style)) {
		char letter = grid_class_letter(mode, class);

		buf_putc(b, letter >= 'a' && letter <= 'z' ? (char)(letter - 'a' + 'A') : letter);
	} else {
		buf_printf(b, c->style->color == COLOR_256 ? "\033[38;5;%um" :
			   class_color(c->style, mode, class) < 8 ? "\033[3%um" : "\033[9%um",
			   c->style->color == COLOR_256 ? class_color(c->style, mode, class) :
			   class_color(c->style, mode, class) % 8);
		buf_puts(b, class == GRID_NONE ? "·" : "█");
		style_off(b, c->style);
	}
	buf_putc(b, ' ');
}

/* "+1.5M", if it changed. */
static void put_change(struct buf *b, const struct style *s, uint64_t before, uint64_t now)
{
	if (before == now)
		return;
	buf_putc(b, ' ');
	style_tone(b, s, TONE_FAIR);
	buf_putc(b, now > before ? '+' : '-');
	put_size(b, now > before ? now - before : before - now);
	style_off(b, s);
}

/* Every class that is in sight, or was, with what it takes, and what that changed by. */
static void draw_legend(struct pages_screen *s, struct canvas *c)
{
	struct rect r = s->place.legend;
	bool has_base = pages_has_base(s);
	uint64_t sum[GRID_CLASSES];
	const struct grid *g = &s->grid;
	int x = 1, y = 0;
	struct buf b;

	pages_sum(g, sum);
	buf_init(&b);
	for (unsigned int k = 1; k <= GRID_CLASSES; k++) {
		unsigned int class = k % GRID_CLASSES;	/* what is not there comes last */
		int width;

		if (!sum[class] && !(has_base && s->baseline.pages[class]))
			continue;
		put_class(c, &b, g->mode, class);
		grid_class_name(&b, g->mode, class, g->page_size);
		buf_putc(&b, ' ');
		style_bold(&b, c->style);
		put_size(&b, num_mul(sum[class], g->page_size));
		style_off(&b, c->style);
		if (has_base)
			put_change(&b, c->style, num_mul(s->baseline.pages[class], g->page_size),
				   num_mul(sum[class], g->page_size));
		width = canvas_put(c, 0, -1, r.w, (struct attr){ 0 }, (struct str){ b.data, b.len });
		if (!s->place.side && x > 1 && x + width > r.w) {
			x = 1;
			y++;
		}
		if (y < r.h)
			put_line(c, r.x + x, r.y + y, r.w - x, (struct attr){ 0 }, &b);
		buf_clear(&b);
		if (s->place.side)
			y++;
		else
			x += width + 3;
	}
	if (s->place.side && g->zoom && y + 2 < r.h) {
		buf_puts(&b, has_blocks(c->style) ? "height: share of the cell" :
			 "capital: all of the cell");
		put_line(c, r.x + 1, r.y + y + 1, r.w - 1, look_attr(c->style, LOOK_DIM), &b);
	}
	buf_done(&b);
}

static void put_mix(struct buf *b, const struct grid *g, size_t i)
{
	const char *between = ": ";

	buf_printf(b, "%" PRIu64 " pages", grid_cell_pages(g, i));
	for (unsigned int k = 1; k <= GRID_CLASSES; k++) {
		unsigned int class = k % GRID_CLASSES;

		if (!g->cell[i].pages[class])
			continue;
		buf_puts(b, between);
		grid_class_name(b, g->mode, class, g->page_size);
		buf_printf(b, " %" PRIu64, g->cell[i].pages[class]);
		between = ", ";
	}
}

static void put_flags(struct buf *b, uint64_t flags)
{
	char space[KPAGE_NAME_MAX];

	for (unsigned int i = 0; i < 64; i++)
		if (flags >> i & 1 && i != KPF_COMPOUND_HEAD && i != KPF_COMPOUND_TAIL &&
		    i != KPF_MMAP)
			buf_printf(b, " %s", kpage_flag_name(i, space));
}

static void put_absent(struct buf *b, const struct grid_page *p)
{
	switch (pagemap_state(p->entry)) {
	case PAGE_SWAP:
		buf_puts(b, "in swap");
		if (pagemap_pfn(p->entry))
			buf_printf(b, ": area %u, page %" PRIu64 " of it",
				   pagemap_swap_type(p->entry), pagemap_swap_offset(p->entry));
		break;
	case PAGE_GUARD: buf_puts(b, "a guard page: access is a fault"); break;
	case PAGE_MARKER: buf_puts(b, "no page, but a note (userfaultfd, poison)"); break;
	case PAGE_MIGRATION: buf_puts(b, "its frame is being moved, or is a device's"); break;
	default: buf_puts(b, "no page: never touched, or given back"); break;
	}
}

static void put_node(const struct pages_screen *s, struct buf *b, uint64_t pfn)
{
	size_t hint = 0;
	const struct zone *z = s->zones.n ? zones_find(&s->zones, pfn, &hint) : NULL;

	if (z)
		buf_printf(b, " node %u, zone %s;", z->node, z->name);
}

/* What the page is, and its frame. */
static void put_frame(struct pages_screen *s, struct buf *b, const struct grid_page *p)
{
	uint64_t pfn = pagemap_pfn(p->entry);

	if (!(p->entry & PAGEMAP_PRESENT)) {
		put_absent(b, p);
		return;
	}
	if (pfn)
		buf_printf(b, "frame %" PRIx64 ": ", pfn);
	if (p->zero) {
		buf_puts(b, "the zero page, shared by all that only read");
		return;
	}
	buf_puts(b, p->entry & PAGEMAP_FILE ? "file, shared" : "anonymous");
	if (p->folio) {
		buf_puts(b, ", ");
		put_size(b, num_mul(p->folio, s->grid.page_size));
		buf_puts(b, p->folio == 1 ? " page" : p->huge ? " folio, one entry" : " folio");
	}
	if (p->has_count)
		buf_printf(b, ", mapped %s", p->count == 1 ? "once" : "");
	if (p->has_count && p->count != 1)
		buf_printf(b, "%" PRIu64 " times", p->count);
	if (!p->has_count)
		buf_puts(b, ", mapped more than once");
	if (!pfn)
		buf_puts(b, "; its frame is not told");
}

static void draw_info(struct pages_screen *s, struct canvas *c)
{
	const struct grid *g = &s->grid;
	struct rect r = s->place.info;
	size_t i = grid_find(g, s->address);
	uint64_t cell = grid_cell_size(g), at = s->address / cell * cell;
	bool missing = s->missing.hidden || s->missing.flags < 0;
	struct buf b;

	buf_init(&b);
	canvas_rule(c, (struct rect){ r.x, r.y, r.w, 1 }, "under the cursor");
	if (i < g->n) {
		buf_printf(&b, " %" PRIx64, at < s->start ? s->start : at);
		if (g->zoom)
			buf_printf(&b, "-%" PRIx64, at + cell > s->end ? s->end : at + cell);
		buf_puts(&b, "  ");
		if (g->page)
			put_frame(s, &b, &g->page[i]);
		else
			put_mix(&b, g, i);
		put_line(c, r.x, r.y + 1, r.w, (struct attr){ 0 }, &b);
		if (g->page && g->page[i].has_flags && pagemap_pfn(g->page[i].entry)) {
			put_node(s, &b, pagemap_pfn(g->page[i].entry));
			buf_puts(&b, " flags:");
			put_flags(&b, g->page[i].flags);
			put_line(c, r.x, r.y + 2, r.w, look_attr(c->style, LOOK_DIM), &b);
		}
	}
	if (s->missing.hidden)
		buf_puts(&b, " Frame numbers are not told: they need CAP_SYS_ADMIN. What is in RAM is known.");
	else if (s->missing.flags < 0)
		buf_printf(&b, " kpageflags: %s: folios are not known; it needs CAP_DAC_READ_SEARCH.",
			   s->missing.flags == -ENOENT ? "not there" : strerror(-s->missing.flags));
	if (missing && !s->zero_told)
		buf_puts(&b, " Zero pages count as file.");
	put_line(c, r.x, r.y + 3, r.w, look_attr(c->style, LOOK_ALERT), &b);
	buf_done(&b);
}

static void draw_problem(struct canvas *c, struct rect area, const char *text)
{
	canvas_puts(c, area.x + 2, area.y + area.h / 3, area.w - 4, look_attr(c->style, LOOK_ALERT),
		    text);
}

void pages_draw(struct pages_screen *s, struct canvas *c, struct rect area)
{
	if (!s->t->has_mapping) {
		draw_problem(c, area, "no mapping is chosen: choose one in the map (2), Enter opens it");
		return;
	}
	if (!pages_page_size(s)) {
		draw_problem(c, area, "the page size is not known");
		return;
	}
	pages_fit(s);
	draw_head(s, c);
	if (s->problem[0]) {
		draw_problem(c, area, s->problem);
		return;
	}
	/* another size of the screen, or the window was moved: what is not read yet stays blank */
	if (s->asked_base != s->base || s->asked_cells != s->place.columns * s->place.rows)
		tui_read_now(s->t);
	if (!s->has_grid) {
		canvas_puts(c, area.x + 2, area.y + area.h / 3, area.w - 4,
			    look_attr(c->style, LOOK_DIM), "reading ...");
		return;
	}
	if (s->grid.zoom == s->zoom)
		draw_grid(s, c);
	draw_legend(s, c);
	draw_info(s, c);
}
