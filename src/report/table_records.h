/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Of tables, what is more than a line for each row. */
#ifndef REPORT_TABLE_RECORDS_H
#define REPORT_TABLE_RECORDS_H

#include "report/table.h"

/* A cell without padding, at most room columns if it is text (0: any number). Gives its columns. */
size_t table_put_cell(struct buf *b, const struct style *s, const struct table *t, size_t row,
		      const struct column *c, size_t room);

/* What stands below a column in the row of sums; false: nothing. */
bool table_put_sum(struct buf *b, const struct style *s, const struct table *t,
		   const struct column *c);

/* Words over as many lines as they need, each after the first indented; breaks at blanks and behind
 * commas. */
void table_wrap(struct buf *b, const struct style *s, struct str text, size_t room, size_t indent);

/* The last column, where there is no room for it: under the table, by the first column. */
void table_legend(struct buf *b, const struct style *s, const struct table *t);

/* Too many columns for the terminal: a paragraph for each row, called after its last column, keys
 * and values below one another; the sums at the end. Widths: of each column's values. */
void table_records(struct buf *b, const struct style *s, const struct table *t,
		   const size_t *width);

#endif
