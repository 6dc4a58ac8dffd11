/* SPDX-License-Identifier: GPL-3.0-or-later */
/* --list-columns: what there is for -o. */
#ifndef REPORT_LIST_COLUMNS_H
#define REPORT_LIST_COLUMNS_H

#include "base/buf.h"
#include "report/column.h"
#include "report/style.h"

/* A line for each column of mappings, or of processes. */
void list_columns(struct buf *b, const struct style *s, const struct column_set *set);

#endif
