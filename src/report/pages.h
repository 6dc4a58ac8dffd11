/* SPDX-License-Identifier: GPL-3.0-or-later */
/* --pages: what the page-table entries and page frames of the mappings are. */
#ifndef REPORT_PAGES_H
#define REPORT_PAGES_H

#include "model/space.h"
#include "report/column.h"
#include "report/json.h"
#include "report/style.h"
#include "report/table.h"

/* Amounts that columns of mappings show: column.counter of pages_get(). */
enum pages_amount {
	PAGES_PRESENT, PAGES_ZERO, PAGES_SWAPPED, PAGES_GUARD, PAGES_UNTOUCHED,
	PAGES_EXCLUSIVE, PAGES_SHARED, PAGES_KSM, PAGES_LONGEST_RUN,
	PAGES_RUNS,			/* a number; all others are bytes */
};

/* For columns of rows that have a census. */
bool pages_get(const void *data, size_t row, const struct column *c, struct value *v);
bool pages_get_folios(const void *data, size_t row, const struct column *c, struct value *v);

/* The member "pages" of each mapping. */
extern const struct column pages_json_column;

/* total: one row, the sum; rows: what --pages lists, by the columns of the table. */
void pages_text(struct buf *b, const struct style *s, const struct rows *total,
		const struct rows *rows);
/* The member "pages" of the process. */
void pages_json(struct json *j, const struct rows *total);

#endif
