/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The picture of physical memory: a cell for each so many frames, lowest address first. */
#include "config.h"

#include <string.h>

#include "base/num.h"
#include "report/physical.h"

enum { INDENT = 2, GAP = 2, LEAST_DIGITS = 9, MOST_DIGITS = 12, LEAST_CELLS = 16 };

/* A colour of the 256-colour cube, and the nearest of the basic 16: what programs have is warm, the
 * page cache is pale, the kernel's own is blue. */
static const struct {
	unsigned char color256, color16;
} palette[FRAME_USES] = {
	[FRAME_FREE] = { 238, 90 },
	[FRAME_ANON] = { 221, 93 },
	[FRAME_THP] = { 208, 33 },
	[FRAME_FILE] = { 180, 37 },
	[FRAME_SHMEM] = { 140, 35 },
	[FRAME_HUGETLB] = { 203, 91 },
	[FRAME_SLAB] = { 75, 94 },
	[FRAME_PAGE_TABLE] = { 73, 36 },
	[FRAME_OTHER] = { 67, 34 },
	[FRAME_RESERVED] = { 71, 32 },
	[FRAME_OFFLINE] = { 244, 90 },
	[FRAME_HWPOISON] = { 197, 31 },
};

size_t physical_cells(const struct style *s)
{
	size_t width = s->picture_width, edge = INDENT + MOST_DIGITS + GAP;

	return width > edge + LEAST_CELLS ? width - edge : LEAST_CELLS;
}

static void put_color(struct buf *b, const struct style *s, enum frame_use use)
{
	if (s->color == COLOR_256)
		buf_printf(b, "\033[38;5;%um", palette[use].color256);
	else if (s->color == COLOR_16)
		buf_printf(b, "\033[%um", palette[use].color16);
}

/* Blocks say something only where they have colours. */
static bool has_blocks(const struct style *s)
{
	return s->utf8 && s->color;
}

static void put_glyph(struct buf *b, const struct style *s, enum frame_use use, bool most)
{
	if (has_blocks(s))
		buf_puts(b, most ? "█" : "▒");
	else
		buf_putc(b, frame_use_info[use].letters[!most]);
}

static void put_cells(struct buf *b, const struct style *s, const struct physical *p, size_t line)
{
	const struct physical_grid *g = &p->plan.grid;
	enum frame_use before = FRAME_USES;

	for (size_t i = 0; i < g->cells; i++) {
		const uint64_t *cell = p->cell[line * g->cells + i];
		uint64_t sum;
		enum frame_use use = physical_dominant(cell, &sum);

		if (use != before && before != FRAME_USES)
			style_off(b, s);
		if (use != before && use != FRAME_USES)
			put_color(b, s, use);
		before = use;
		if (use == FRAME_USES)
			buf_putc(b, ' ');
		else
			put_glyph(b, s, use, cell[use] >= sum - cell[use]);
	}
	if (before != FRAME_USES)
		style_off(b, s);
}

/* "DMA32, Normal": the zones that begin in a line; with their node where there are several. */
static void put_zones(struct buf *b, const struct style *s, const struct sweep *sweep, size_t line)
{
	const struct physical_grid *g = &sweep->physical.plan.grid;
	const zone_list *zones = &sweep->before.zones;
	const char *gap = "  ";
	bool nodes = false;

	for (size_t i = 1; i < zones->n; i++)
		nodes |= zones->v[i].node != zones->v[0].node;
	style_dim(b, s);
	for (size_t i = 0; i < zones->n; i++) {
		if (zones->v[i].start_pfn >> g->line_shift != g->line[line])
			continue;
		buf_puts(b, gap);
		if (nodes)
			buf_printf(b, "node %u ", zones->v[i].node);
		text_put(b, str_of(zones->v[i].name), style_text(s));
		gap = ", ";
	}
	style_off(b, s);
}

static unsigned int address_digits(const struct sweep *sweep)
{
	uint64_t end = num_mul(sweep->map.end, sweep->page_size);
	unsigned int n = LEAST_DIGITS;

	while (n < NUM_MAX_HEX && end >> (4 * n))
		n++;
	return n;
}

static void put_line(struct buf *b, const struct style *s, const struct sweep *sweep, size_t line)
{
	enum { ZONE_ROOM = 24 };
	const struct physical_grid *g = &sweep->physical.plan.grid;
	unsigned int digits = address_digits(sweep);
	char text[NUM_MAX_HEX];
	char *end = num_put_hex(text, (g->line[line] << g->line_shift) * sweep->page_size, digits);

	buf_fill(b, ' ', INDENT);
	style_dim(b, s);
	buf_add(b, text, (size_t)(end - text));
	style_off(b, s);
	buf_fill(b, ' ', GAP);
	put_cells(b, s, &sweep->physical, line);
	if (s->picture_width >= INDENT + digits + GAP + g->cells + ZONE_ROOM)
		put_zones(b, s, sweep, line);
	while (b->len && b->data[b->len - 1] == ' ')
		b->len--;
	buf_putc(b, '\n');
}

static void put_hole(struct buf *b, const struct style *s, const struct sweep *sweep, uint64_t lines)
{
	const struct physical_grid *g = &sweep->physical.plan.grid;

	buf_fill(b, ' ', INDENT + address_digits(sweep) + GAP);
	style_dim(b, s);
	buf_puts(b, s->utf8 ? "⋮ " : ": ");
	style_size(b, s, num_mul(num_mul(lines, UINT64_C(1) << g->line_shift), sweep->page_size), 0);
	buf_puts(b, " without RAM");
	style_off(b, s);
	buf_putc(b, '\n');
}

/* "A anonymous 1.5G  F file 600M ...": the uses there are, wrapped. */
static void put_legend(struct buf *b, const struct style *s, const struct sweep *sweep)
{
	size_t width = s->picture_width, used = 0;

	for (unsigned int u = 0; u < FRAME_USES; u++) {
		uint64_t bytes = sweep->physical.use[u].frames * sweep->page_size;
		char size[NUM_MAX_SIZE];
		size_t n = (size_t)((s->bytes ? num_put_u64(size, bytes) :
						num_put_size(size, bytes)) - size);
		size_t columns = 2 + strlen(frame_use_info[u].name) + 1 + n;

		if (!bytes)
			continue;
		if (used && used + 3 + columns > width) {
			buf_putc(b, '\n');
			used = 0;
		}
		buf_fill(b, ' ', used ? 3 : INDENT);
		used += (used ? 3 : INDENT) + columns;
		put_color(b, s, (enum frame_use)u);
		if (has_blocks(s))
			buf_puts(b, "■");
		else
			buf_putc(b, frame_use_info[u].letters[0]);
		style_off(b, s);
		buf_printf(b, " %s ", frame_use_info[u].name);
		style_dim(b, s);
		buf_add(b, size, n);
		style_off(b, s);
	}
	buf_putc(b, '\n');
}

void physical_picture_text(struct buf *b, const struct style *s, const struct sweep *sweep)
{
	const struct physical_grid *g = &sweep->physical.plan.grid;
	struct style plain = { .width = 0 };

	if (!g->lines)
		return;
	for (size_t i = 0; i < g->lines; i++) {
		if (i && g->line[i] > g->line[i - 1] + 1)
			put_hole(b, s, sweep, g->line[i] - g->line[i - 1] - 1);
		put_line(b, s, sweep, i);
	}
	put_legend(b, s, sweep);
	buf_fill(b, ' ', INDENT);
	style_dim(b, s);
	buf_puts(b, "a line is ");
	style_size(b, &plain, num_mul(UINT64_C(1) << g->line_shift, sweep->page_size), 0);
	buf_puts(b, ", a cell ");
	style_size(b, &plain, num_mul(UINT64_C(1) << g->shift, sweep->page_size), 0);
	buf_printf(b, ": its commonest use, %s where that is less than half\n",
		   has_blocks(s) ? "▒" : "a small letter");
	style_off(b, s);
}

void physical_picture_json(struct json *j, const struct sweep *sweep)
{
	const struct physical *p = &sweep->physical;
	const struct physical_grid *g = &p->plan.grid;
	struct style plain = { .utf8 = false };
	struct buf cells;

	buf_init(&cells);
	json_object(j, "map");
	json_u64(j, "cell_size", num_mul(UINT64_C(1) << g->shift, sweep->page_size));
	json_u64(j, "line_size", num_mul(UINT64_C(1) << g->line_shift, sweep->page_size));
	json_object(j, "letters");
	for (unsigned int u = 0; u < FRAME_USES; u++)
		json_string(j, frame_use_info[u].key,
			    (struct str){ frame_use_info[u].letters, 2 });
	json_object_end(j);
	json_array(j, "lines");
	for (size_t i = 0; i < g->lines; i++) {
		buf_clear(&cells);
		put_cells(&cells, &plain, p, i);
		json_object(j, NULL);
		json_address(j, "start", (g->line[i] << g->line_shift) * sweep->page_size);
		json_string(j, "cells", (struct str){ cells.data, cells.len });
		json_object_end(j);
	}
	json_array_end(j);
	json_object_end(j);
	if (cells.error && !j->b->error)
		j->b->error = cells.error;
	buf_done(&cells);
}
