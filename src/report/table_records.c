/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Of tables, what is more than a line for each row. */
#include "config.h"

#include "report/table_records.h"

#include <string.h>

#include "base/text.h"

enum { WIDE_VALUE = 16 };	/* what is longer has a line of its own */

void table_wrap(struct buf *b, const struct style *s, struct str text, size_t room, size_t indent)
{
	size_t used = 0;

	while (text.len) {
		size_t n = 0, columns;
		struct str word;

		while (n < text.len && text.p[n] != ' ' && (n == 0 || text.p[n - 1] != ','))
			n++;
		word = (struct str){ text.p, n };
		columns = text_width(word, style_text(s));
		if (used && used + columns > room) {
			while (b->len && b->data[b->len - 1] == ' ')
				b->len--;
			buf_putc(b, '\n');
			buf_fill(b, ' ', indent);
			used = 0;
		}
		text_put(b, word, style_text(s));
		used += columns;
		if (n < text.len && text.p[n] == ' ') {
			buf_putc(b, ' ');
			used++;
			n++;
		}
		text = (struct str){ text.p + n, text.len - n };
	}
}

void table_legend(struct buf *b, const struct style *s, const struct table *t)
{
	const struct column *last = t->column[t->columns - 1];
	size_t key = 0, indent, n;
	struct buf cell;

	buf_init(&cell);
	for (size_t row = 0; row < t->rows; row++) {
		buf_clear(&cell);
		n = table_put_cell(&cell, s, t, row, t->column[0], 0);
		key = n > key ? n : key;
	}
	indent = t->indent + key + 2;
	buf_putc(b, '\n');
	for (size_t row = 0; row < t->rows; row++) {
		struct value v = { 0 };

		if (!last->get(t->data, row, last, &v) || !v.s.len)
			continue;
		buf_fill(b, ' ', t->indent);
		n = table_put_cell(b, s, t, row, t->column[0], 0);
		style_pad(b, n, key + 2);
		/* the cell may have been made where the value lies */
		if (last->get(t->data, row, last, &v))
			table_wrap(b, s, v.s, s->width > indent + WIDE_VALUE ? s->width - indent : WIDE_VALUE,
				   indent);
		buf_putc(b, '\n');
	}
	buf_done(&cell);
}

/* The places of keys and values in a paragraph. */
struct grid {
	size_t key, value;	/* columns */
	size_t cells;		/* on a line */
	size_t at;		/* the next cell */
};

static void new_line(struct buf *b, struct grid *g)
{
	while (b->len && b->data[b->len - 1] == ' ')
		b->len--;
	if (g->at)
		buf_putc(b, '\n');
	g->at = 0;
}

static void put_key(struct buf *b, const struct style *s, const char *key, size_t width)
{
	style_dim(b, s);
	buf_puts(b, key);
	style_off(b, s);
	style_pad(b, strlen(key), width + 1);
}

static void put_pair(struct buf *b, const struct style *s, struct grid *g, const struct column *c,
		     const struct buf *cell, size_t width)
{
	size_t n = text_width((struct str){ cell->data, cell->len }, TEXT_UTF8);
	bool wide = width > WIDE_VALUE;

	if (g->at == g->cells || wide)
		new_line(b, g);
	buf_puts(b, g->at ? "   " : "  ");
	put_key(b, s, c->key, g->key);
	if (!wide && (c->use & COLUMN_DESCENDING))
		style_pad(b, n, g->value);
	buf_add(b, cell->data, cell->len);
	if (!wide && !(c->use & COLUMN_DESCENDING))
		style_pad(b, n, g->value);
	g->at++;
	if (wide)
		new_line(b, g);
}

static void put_record(struct buf *b, const struct style *s, const struct table *t,
		       const size_t *width, struct grid *g, size_t row)
{
	const struct column *last = t->column[t->columns - 1];
	struct buf cell;

	buf_init(&cell);
	style_bold(b, s);
	table_put_cell(b, s, t, row, last, s->width);
	style_off(b, s);
	buf_putc(b, '\n');
	for (size_t i = 0; i + 1 < t->columns; i++) {
		if (t->column[i]->type == VALUE_BAR)
			continue;
		buf_clear(&cell);
		table_put_cell(&cell, s, t, row, t->column[i],
			       s->width > g->key + 4 ? s->width - g->key - 4 : WIDE_VALUE);
		put_pair(b, s, g, t->column[i], &cell, width[i]);
	}
	new_line(b, g);
	buf_done(&cell);
}

static void put_sums(struct buf *b, const struct style *s, const struct table *t,
		     const size_t *width, struct grid *g)
{
	struct buf cell;

	buf_init(&cell);
	style_bold(b, s);
	buf_puts(b, "all");
	style_off(b, s);
	buf_putc(b, '\n');
	for (size_t i = 0; i < t->columns; i++) {
		buf_clear(&cell);
		if (table_put_sum(&cell, s, t, t->column[i]))
			put_pair(b, s, g, t->column[i], &cell, width[i]);
	}
	new_line(b, g);
	buf_done(&cell);
}

void table_records(struct buf *b, const struct style *s, const struct table *t,
		   const size_t *width)
{
	struct grid g = { .cells = 1 };

	for (size_t i = 0; i + 1 < t->columns; i++) {
		size_t n = strlen(t->column[i]->key);

		g.key = n > g.key ? n : g.key;
		if (width[i] <= WIDE_VALUE && width[i] > g.value)
			g.value = width[i];
	}
	if (s->width > g.key + 1 + g.value + 2)
		g.cells = (s->width + 1) / (g.key + 1 + g.value + 3);
	if (!g.cells)
		g.cells = 1;
	for (size_t row = 0; row < t->rows; row++) {
		put_record(b, s, t, width, &g, row);
		buf_drain_some(b);
	}
	if (t->total && t->rows > 1 && s->headings)
		put_sums(b, s, t, width, &g);
}
