/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The figure of a page-table walk: the bits of an address, the tables they lead through. */
#include "config.h"

#include "report/walk_figure.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/num.h"

enum {
	FIELDS = GEOMETRY_LEVELS + 2,
	FIELD_MIN = 5,		/* columns: "31 30", " PGD " */
	LABELS = 7,		/* columns of the words before the rows of numbers */
	STEP = 3,		/* columns that each table stands further to the right */
	CELL = 32,
};

/* A stretch of bits as drawn. */
struct cell {
	const char *name, *manual;	/* manual: the processor's word; NULL: none */
	unsigned int high, low;
	uint64_t value, covers;		/* covers: bytes an entry maps; 0: no table */
	bool top;			/* bits that are no index */
	size_t start, width;		/* columns inside the border */
};

struct figure {
	struct buf *b;
	const struct style *s;
	const struct walk_figure *f;
	struct cell cell[FIELDS];
	unsigned int cells;
	size_t margin, width;
	/* line drawing */
	const char *dash, *bar, *left[3], *mid[3], *right[3], *tee, *turn, *join;
};

enum { EDGE_TOP, EDGE_BOTTOM };

static void find_alphabet(struct figure *g)
{
	bool utf8 = g->s->utf8;

	g->dash = utf8 ? "─" : "-";
	g->bar = utf8 ? "│" : "|";
	g->left[EDGE_TOP] = utf8 ? "┌" : "+";
	g->mid[EDGE_TOP] = utf8 ? "┬" : "+";
	g->right[EDGE_TOP] = utf8 ? "┐" : "+";
	g->left[EDGE_BOTTOM] = utf8 ? "└" : "+";
	g->mid[EDGE_BOTTOM] = utf8 ? "┴" : "+";
	g->right[EDGE_BOTTOM] = utf8 ? "┘" : "+";
	g->tee = utf8 ? "┬" : "+";
	g->turn = utf8 ? "└► " : "+> ";
	g->join = utf8 ? "┘" : "+";
}

static void add_cell(struct figure *g, const char *name, struct geometry_field f, uint64_t covers,
		     bool top)
{
	g->cell[g->cells++] = (struct cell){
		.name = name, .high = f.high, .low = f.low, .value = f.value, .covers = covers,
		.top = top, .width = f.high - f.low + 1,
	};
}

/* What the bits above the index bits are, in the width there is. */
static const char *top_name(const struct geometry *g, const struct geometry_split *split,
			    char space[CELL])
{
	unsigned int width = split->top.high - split->top.low + 1;
	bool copies = geometry_has_canonical(g) && geometry_user_bits(g) < g->va_bits;

	if (copies && width >= 16)
		snprintf(space, CELL, "copies of bit %u", g->va_bits - 1);
	else if (copies)
		snprintf(space, CELL, "sign");
	else
		snprintf(space, CELL, width >= 13 ? "not translated" : "unused");
	return space;
}

static void find_cells(struct figure *g, char top[CELL])
{
	const struct geometry *geo = g->f->geometry;
	struct geometry_split split;
	struct geometry_field offset;
	unsigned int last = g->f->leaf_level;
	size_t at;

	geometry_split(geo, g->f->address, &split);
	if (last >= split.levels)
		last = split.levels - 1;
	if (split.has_top)
		add_cell(g, top_name(geo, &split, top), split.top, 0, true);
	for (unsigned int i = 0; i <= last; i++) {
		add_cell(g, geometry_level_name(geo, i), split.level[i], geometry_span(geo, i),
			 false);
		g->cell[g->cells - 1].manual = geometry_manual_name(geo, i);
	}
	offset = (struct geometry_field){ split.level[last].low - 1, 0,
		g->f->address & (geometry_span(geo, last) - 1) };
	add_cell(g, "offset", offset, 0, false);
	/* words stand below the bits that are no index, or in a margin */
	g->margin = split.has_top && g->cell[0].width >= LABELS ? 2 : 2 + LABELS - 1;
	at = g->margin + 1;
	for (unsigned int i = 0; i < g->cells; i++) {
		struct cell *c = &g->cell[i];

		if (c->width < FIELD_MIN)
			c->width = FIELD_MIN;
		c->start = at;
		at += c->width + 1;
	}
	g->width = at;
}

static size_t center(const struct cell *c)
{
	return c->start + c->width / 2;
}

/* Blanks up to a column; what stands before is ASCII since the line began at from. */
static void pad_to(struct figure *g, size_t *at, size_t column)
{
	style_pad(g->b, *at, column);
	if (*at < column)
		*at = column;
}

static void put_edge(struct figure *g, unsigned int edge, bool tees)
{
	style_pad(g->b, 0, g->margin);
	style_dim(g->b, g->s);
	for (unsigned int i = 0; i < g->cells; i++) {
		const struct cell *c = &g->cell[i];

		buf_puts(g->b, i == 0 ? g->left[edge] : g->mid[edge]);
		for (size_t k = 0; k < c->width; k++)
			buf_puts(g->b, tees && !c->top && c->start + k == center(c) ? g->tee :
				 g->dash);
	}
	buf_puts(g->b, g->right[edge]);
	style_off(g->b, g->s);
	buf_putc(g->b, '\n');
}

/* The numbers of the first and the last bit of each cell. */
static void put_bit_numbers(struct figure *g)
{
	size_t at = 0;
	char text[CELL];

	for (unsigned int i = 0; i < g->cells; i++) {
		const struct cell *c = &g->cell[i];
		size_t n = (size_t)snprintf(text, sizeof(text), "%u", c->high);

		pad_to(g, &at, c->high == c->low ? c->start + (c->width - n) / 2 : c->start);
		buf_puts(g->b, text);
		at += n;
		if (c->high == c->low)
			continue;
		n = (size_t)snprintf(text, sizeof(text), "%u", c->low);
		pad_to(g, &at, c->start + c->width - n);
		buf_puts(g->b, text);
		at += n;
	}
	buf_putc(g->b, '\n');
}

static void put_centered(struct figure *g, const struct cell *c, const char *text, bool bold)
{
	size_t n = strlen(text), before = n < c->width ? (c->width - n) / 2 : 0;

	style_pad(g->b, 0, before);
	if (bold)
		style_bold(g->b, g->s);
	buf_puts(g->b, text);
	if (bold)
		style_off(g->b, g->s);
	style_pad(g->b, before + n, c->width);
}

/* A row inside the box: names, or bits. */
static void put_box_row(struct figure *g, bool bits)
{
	char text[65];

	style_pad(g->b, 0, g->margin);
	for (unsigned int i = 0; i < g->cells; i++) {
		const struct cell *c = &g->cell[i];
		unsigned int n = c->high - c->low + 1;

		style_dim(g->b, g->s);
		buf_puts(g->b, g->bar);
		style_off(g->b, g->s);
		for (unsigned int k = 0; k < n; k++)
			text[k] = (char)('0' + (c->value >> (n - 1 - k) & 1));
		text[n] = '\0';
		put_centered(g, c, bits ? text : c->name, bits && !c->top);
	}
	style_dim(g->b, g->s);
	buf_puts(g->b, g->bar);
	style_off(g->b, g->s);
	buf_putc(g->b, '\n');
}

enum number_row { ROW_MANUAL, ROW_DECIMAL, ROW_HEX, ROW_COVERS };

static void format_number(const struct cell *c, enum number_row row, char text[CELL])
{
	*text = '\0';
	if (row == ROW_MANUAL)
		snprintf(text, CELL, "%s", c->manual ? c->manual : "");
	else if (row == ROW_DECIMAL)
		snprintf(text, CELL, "%" PRIu64, c->value);
	else if (row == ROW_HEX)
		snprintf(text, CELL, "0x%" PRIx64, c->value);
	else if (c->covers)
		*num_put_size(text, c->covers) = '\0';
	else
		snprintf(text, CELL, "1 byte");
}

/* A row of numbers below the cells, each under its connector. */
static void put_numbers(struct figure *g, const char *label, enum number_row row)
{
	size_t at = g->margin == 2 ? 3 : 2;
	char text[CELL];

	style_pad(g->b, 0, at);
	style_dim(g->b, g->s);
	buf_puts(g->b, label);
	style_off(g->b, g->s);
	at += strlen(label);
	for (unsigned int i = 0; i < g->cells; i++) {
		const struct cell *c = &g->cell[i];
		size_t n;

		if (c->top)
			continue;
		format_number(c, row, text);
		n = strlen(text);
		if (!n)
			continue;
		pad_to(g, &at, center(c) - n / 2);
		if (row == ROW_DECIMAL)
			style_bold(g->b, g->s);
		buf_puts(g->b, text);
		if (row == ROW_DECIMAL)
			style_off(g->b, g->s);
		at += n;
	}
	buf_putc(g->b, '\n');
}

/* The connectors of the cells from one on, to the end of the line. */
static void put_bars(struct figure *g, size_t at, unsigned int from)
{
	style_dim(g->b, g->s);
	for (unsigned int i = from; i < g->cells; i++) {
		if (g->cell[i].top)
			continue;
		pad_to(g, &at, center(&g->cell[i]));
		buf_puts(g->b, g->bar);
		at++;
	}
	style_off(g->b, g->s);
	buf_putc(g->b, '\n');
}

/* "   └► NAME ────┘": an index meets the table that it picks an entry of. */
static void put_step(struct figure *g, unsigned int depth, const char *name, unsigned int cell,
		     bool reaches)
{
	size_t at = 3 + STEP * depth, to = center(&g->cell[cell]);

	style_pad(g->b, 0, at);
	style_dim(g->b, g->s);
	buf_puts(g->b, g->turn);
	style_off(g->b, g->s);
	buf_puts(g->b, name);
	at += 3 + strlen(name);
	if (!reaches || at + 2 > to) {
		buf_putc(g->b, '\n');
		return;
	}
	buf_putc(g->b, ' ');
	style_dim(g->b, g->s);
	for (at++; at < to; at++)
		buf_puts(g->b, g->dash);
	buf_puts(g->b, g->join);
	style_off(g->b, g->s);
	put_bars(g, to + 1, cell + 1);
}

static void put_walk(struct figure *g)
{
	const char *root = geometry_root_name(g->f->geometry);
	unsigned int first = g->cell[0].top, depth = 0;

	style_pad(g->b, 0, 2);
	buf_puts(g->b, root);
	put_bars(g, 2 + strlen(root), first);
	for (unsigned int i = first; i + 1 < g->cells; i++)
		put_step(g, depth++, g->cell[i].name, i, true);
	put_step(g, depth++, g->f->end, g->cells - 1, g->f->reaches);
	if (g->f->after) {
		style_pad(g->b, 0, 3 + STEP * depth);
		style_dim(g->b, g->s);
		buf_puts(g->b, g->turn);
		style_off(g->b, g->s);
		buf_printf(g->b, "%s\n", g->f->after);
	}
}

/* Where the figure does not fit. */
static void put_list(struct figure *g)
{
	char size[NUM_MAX_SIZE];

	for (unsigned int i = 0; i < g->cells; i++) {
		const struct cell *c = &g->cell[i];

		buf_printf(g->b, "  %-6s bits %u-%u: %" PRIu64 " (0x%" PRIx64 ")",
			   c->top ? "top" : c->name, c->high, c->low, c->value, c->value);
		if (c->covers) {
			*num_put_size(size, c->covers) = '\0';
			buf_printf(g->b, ", an entry covers %s", size);
		}
		buf_putc(g->b, '\n');
	}
	if (g->f->walk)
		buf_printf(g->b, "  leads to: %s\n", g->f->end);
	if (g->f->walk && g->f->after)
		buf_printf(g->b, "  %s\n", g->f->after);
}

void walk_figure_put(struct buf *b, const struct style *s, const struct walk_figure *f)
{
	struct figure g = { .b = b, .s = s, .f = f };
	char top[CELL];

	find_alphabet(&g);
	find_cells(&g, top);
	if (s->width && s->width < g.width) {
		put_list(&g);
		return;
	}
	put_bit_numbers(&g);
	put_edge(&g, EDGE_TOP, false);
	put_box_row(&g, false);
	put_box_row(&g, true);
	put_edge(&g, EDGE_BOTTOM, f->walk);
	if (geometry_manual_name(f->geometry, 0))
		put_numbers(&g, "Intel", ROW_MANUAL);
	put_numbers(&g, "index", ROW_DECIMAL);
	put_numbers(&g, "hex", ROW_HEX);
	put_numbers(&g, "covers", ROW_COVERS);
	if (f->walk)
		put_walk(&g);
}
