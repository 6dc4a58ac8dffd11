/* SPDX-License-Identifier: GPL-3.0-or-later */
/* --processes --watch: which processes grew, which are new, which have ended. */
#ifndef REPORT_PROCESS_CHANGES_H
#define REPORT_PROCESS_CHANGES_H

#include "model/process_history.h"
#include "report/json.h"
#include "report/style.h"

/* All: 0 or -ENOMEM; nothing before the second sample. */

/* Below a table: since the first sample and since the last, the largest few of each. */
int process_changes_text(struct buf *b, const struct style *s, const struct process_history *h);
/* Over the whole time. */
int process_changes_final_text(struct buf *b, const struct style *s,
			       const struct process_history *h);
/* The member "process_changes": all of them. final: only since the first sample. */
int process_changes_json(struct json *j, const struct process_history *h, bool final);

/* Members of a process: "pss_growth" and "pss_change". */
void process_changes_row_json(struct json *j, const struct process_row *r);

#endif
