/* SPDX-License-Identifier: GPL-3.0-or-later */
/* --summary: who the process is, its totals, its memory by kind, and whether that adds up. */
#ifndef REPORT_SUMMARY_H
#define REPORT_SUMMARY_H

#include "model/filter.h"
#include "model/snapshot.h"
#include "report/json.h"
#include "report/style.h"

struct summary {
	const struct snapshot *snapshot;
	const struct machine *machine;
	const struct rows *rows;	/* what is shown; all mappings unless filtered */
	bool filtered;
	const char *user;		/* name; NULL: unknown */
	/* made by summary_init(): */
	struct groups kinds;		/* a row for each kind, and last one for all */
	struct counters sum;		/* of all rows; what rows have no counters for is unknown */
	const struct vma *total;
};

/* Sums up the rows; the members above them are the caller's. 0 or -ENOMEM; summary_done() may
 * follow either way. */
int summary_init(struct summary *m);
void summary_done(struct summary *m);

/* "bash (4242)  user root  64-bit ...", wrapped; for every process, with or without memory. */
void summary_header_text(struct buf *b, const struct style *s, const struct summary *m);
/* Totals, kinds, checks. */
void summary_text(struct buf *b, const struct style *s, const struct summary *m);

/* Members of a process's object: "pid" ... "start_time", then "totals" and "status". */
void summary_header_json(struct json *j, const struct summary *m);
/* "kinds" and "reconciliation". */
void summary_json(struct json *j, const struct summary *m);

#endif
