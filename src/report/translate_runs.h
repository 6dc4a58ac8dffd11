/* SPDX-License-Identifier: GPL-3.0-or-later */
/* --translate: tables. Of ranges, a row per run of pages; of addresses, in raw output. */
#ifndef REPORT_TRANSLATE_RUNS_H
#define REPORT_TRANSLATE_RUNS_H

#include "model/snapshot.h"
#include "report/style.h"

/* The table of one range, and what its letters mean. */
void translate_runs_text(struct buf *b, const struct style *s, const struct snapshot *snapshot,
			 const struct translate_item *item);

/* All of it in raw words: a table of the addresses, and one for each range. */
void translate_raw(struct buf *b, const struct style *s, const struct snapshot *snapshot);

#endif
