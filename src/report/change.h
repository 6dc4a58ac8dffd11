/* SPDX-License-Identifier: GPL-3.0-or-later */
/* --watch and --diff: what changed between two snapshots, per mapping, kind and object. */
#ifndef REPORT_CHANGE_H
#define REPORT_CHANGE_H

#include "model/change.h"
#include "model/filter.h"
#include "model/snapshot.h"
#include "report/column.h"
#include "report/json.h"
#include "report/style.h"

enum { CHANGE_USUAL_ROWS = 20 };

enum change_since { SINCE_LAST, SINCE_FIRST, SINCE_BASE, SINCES };

/* Changes from one snapshot to another, taken together in every way. */
struct change_set {
	enum change_since since;
	const struct snapshot *side[CHANGE_SIDES];	/* not owned */
	bool other_process;	/* what is compared is not the same process */
	const char *tree;	/* of SINCE_BASE: where the earlier one was captured */
	double seconds;		/* between the two; 0: not known */
	/* made: */
	struct changes mapping, kind, object, all;
};

/* What is said of a process beside its report. */
struct change_report {
	const struct change_set *set[2];	/* NULL: there is none (yet) */
	bool exited;
	bool execve;		/* it runs another program since this sample */
	uint64_t first_sample;	/* which sample the first is, from 1; 0: not watched */
	const struct snapshot *now;	/* of execve, and first_sample beyond 1 */
	bool summary;		/* of the whole period: those that grew most */
	size_t max_rows;	/* of mappings, and of objects; 0: all */
};

/* Mappings that pass the filter. The members before "made" are the caller's. 0 or -ENOMEM;
 * change_set_done() may follow either way. */
int change_set_make(struct change_set *s, const struct filter *filter);
void change_set_done(struct change_set *s);

/* columns: sums of those, as far as they are in smaps, are told as differences. 0 or -ENOMEM. */
int change_text(struct buf *b, const struct style *s, const struct change_report *report,
		const struct column_list *columns);
/* The member "change". 0 or -ENOMEM. */
int change_json(struct json *j, const struct change_report *report);

#endif
