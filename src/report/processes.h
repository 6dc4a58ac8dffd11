/* SPDX-License-Identifier: GPL-3.0-or-later */
/* --processes: a row per process, group of processes, or object that they map. */
#ifndef REPORT_PROCESSES_H
#define REPORT_PROCESSES_H

#include <stdbool.h>

#include "model/process_history.h"
#include "model/processes.h"
#include "proc/machine.h"
#include "report/column.h"
#include "report/json.h"
#include "report/style.h"

enum process_view { PROCESSES_SINGLE, PROCESSES_USER, PROCESSES_NAME, PROCESSES_CGROUP,
		    PROCESSES_OBJECT };

extern const struct column_set process_column_set;
/* With those that are for tables only: what changed while they are watched. */
extern const struct column_set process_table_column_set;
/* For screens: it is not in the set. */
extern const struct column process_share_column;

/* Rows in the order they are shown: what the columns' getters look at. */
struct process_listing {
	const struct processes *p;
	const struct process_row *row;
	const uint32_t *index;		/* into row */
	uint64_t most;			/* the largest PSS, for bars */
};

uint64_t processes_most(const struct processes *p);

/* The columns that are shown unless others are asked for. */
void process_columns_preset(struct column_list *l, enum process_view view, bool tree, bool extended);

/* And those that tell what changed, beside pss. */
void process_columns_add_watch(struct column_list *l);

struct processes_report {
	const struct processes *processes;
	const struct machine *machine;
	enum process_view view;
	bool tree;
	const struct column_list *columns;
	const struct column *sort;	/* NULL: by pss, largest first; a tree stays as it is */
	bool descending;
	const struct process_history *history;	/* with this table in it; NULL: not watched */
	size_t max_lines;		/* of text; 0: any number */
	bool fast;			/* smaps_rollup was not asked for */
	bool whole;			/* all processes there are: then memory must add up */
};

/* Both: 0 or -ENOMEM. */
int processes_text(struct buf *b, const struct style *s, const struct processes_report *r);
/* Elements of an array: what was written for each single process, in order. */
int processes_json(struct json *j, const struct processes_report *r);
/* The member "groups". */
int processes_groups_json(struct json *j, const struct processes_report *r);
/* The member "memory": the sum of all processes beside what else there is. */
void processes_memory_json(struct json *j, const struct processes_report *r);

#endif
