/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Small tables made row by row: a few words and a few numbers in each. */
#include "config.h"

#include "report/facts.h"

#include <string.h>

#include "report/table.h"

static const struct facts_row *row_at(const void *data, size_t row)
{
	const struct facts *f = data;

	return &f->row.v[row];
}

bool facts_get_text(const void *data, size_t row, const struct column *c, struct value *v)
{
	v->s = row_at(data, row)->text[c->counter];
	return v->s.p != NULL;
}

bool facts_get_number(const void *data, size_t row, const struct column *c, struct value *v)
{
	v->n = row_at(data, row)->n[c->counter];
	return !(row_at(data, row)->unknown >> c->counter & 1);
}

bool facts_get_bar(const void *data, size_t row, const struct column *c, struct value *v)
{
	(void)c;
	v->n = row_at(data, row)->bar;
	v->of = row_at(data, row)->of;
	return true;
}

struct facts_row *facts_add(struct facts *f)
{
	struct facts_row *row = vec_push(&f->row);

	if (row)
		memset(row, 0, sizeof(*row));
	else
		f->failed = true;
	return row;
}

struct str facts_keep(struct facts *f, const char *p, size_t n)
{
	char *copy = arena_alloc(&f->text, n ? n : 1, 1);

	if (!copy) {
		f->failed = true;
		return STR("");
	}
	memcpy(copy, p, n);
	return (struct str){ copy, n };
}

void facts_put(struct buf *b, const struct style *s, struct facts *f,
	       const struct column *const *column, size_t columns, const struct facts_row *total)
{
	struct facts sum = { .row = { (struct facts_row *)total, 1, 1 } };
	struct table table = { .column = column, .columns = columns, .data = f,
			       .rows = f->row.n, .indent = s->raw ? 0 : 2,
			       .total = total ? &sum : NULL };

	if (f->row.n && !s->raw)
		buf_putc(b, '\n');
	if (f->row.n)
		table_text(b, s, &table);
	f->row.n = 0;
}

void facts_done(struct facts *f)
{
	vec_done(&f->row);
	arena_done(&f->text);
}
