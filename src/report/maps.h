/* SPDX-License-Identifier: GPL-3.0-or-later */
/* --maps: a row per mapping or group, and the columns that every mapping has. */
#ifndef REPORT_MAPS_H
#define REPORT_MAPS_H

#include <stdbool.h>

#include "base/buf.h"
#include "model/filter.h"
#include "model/snapshot.h"
#include "report/column.h"
#include "report/json.h"
#include "report/style.h"
#include "report/table.h"

/* All columns of mappings and groups: const table, and its length. */
extern const struct column mapping_columns[];
extern const size_t mapping_columns_n;
extern const struct column_set mapping_column_set;

/* By key or heading, any case, - for _ ("anon-huge-pages", "anon_huge"); "address" is start.
 * NULL when there is none. */
const struct column *mapping_column_find(struct str name);

/* What a column is, its source: one line. */
const char *mapping_column_help(const struct column *c);

enum column_preset { PRESET_DEFAULT, PRESET_EXTENDED, PRESET_ALL, PRESET_JSON };

/* The columns of a preset, for mappings or groups, with or without what smaps tells. */
void column_list_preset(struct column_list *l, enum column_preset preset, enum group_by group,
			bool fast);
/* Sorts rows by a column's values; what is unknown comes last; equal rows keep their order.
 * 0 or -ENOMEM. */
int rows_sort(struct rows *r, const struct column *c, bool descending);

/* The table of rows by these columns. */
struct table mapping_table(const struct rows *r, const struct column_list *l);

#endif
