/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tables as text, as raw words, and as JSON objects. */
#ifndef REPORT_TABLE_H
#define REPORT_TABLE_H

#include "base/buf.h"
#include "model/kind.h"
#include "report/column.h"
#include "report/json.h"
#include "report/style.h"

struct table {
	const struct column *const *column;
	size_t columns;
	const void *data;
	size_t rows;
	/* The kind whose colour a row's text columns have; NULL: no colours. */
	enum kind (*kind)(const void *data, size_t row);
	size_t indent;
	unsigned int address_digits;	/* 0: as the widest address needs */
	/* Of each column, its width so far: never becomes less, so that a table of which parts are shown
	 * does not jump. Then rows are lines, however little fits. NULL: as wide as these rows need. */
	size_t *kept;
	const void *total;	/* data whose row 0 is the sum of all rows; NULL: none */
};

/* Text: aligned, at most style->width columns wide (0: any); the last column is cut. With
 * style->raw: single blanks between columns, everything escaped. */
void table_text(struct buf *b, const struct style *s, const struct table *t);

/* An array of objects, without columns that are not for JSON. */
void table_json(struct json *j, const char *key, const struct table *t);

#endif
