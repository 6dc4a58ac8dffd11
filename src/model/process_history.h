/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of processes while it is watched: what each had in the first sample and in the last. */
#ifndef MODEL_PROCESS_HISTORY_H
#define MODEL_PROCESS_HISTORY_H

#include "model/processes.h"

/* A row as it was: a process by its number and when it began, a group by its name. */
struct process_past {
	pid_t pid;			/* 0: a group */
	uint64_t start;			/* clock ticks since boot */
	uint32_t name;			/* string of the sample */
	uint32_t unreadable;
	bool known;
	uint64_t pss;			/* bytes */
};

struct process_sample {
	VEC(struct process_past) past;	/* by PID and start, groups by name */
	struct strtab strings;
	double time;			/* seconds of CLOCK_MONOTONIC */
};

/* Zeros: there is no sample yet. by: what the rows are by, if they are groups. first may be last, and last may be now. */
struct process_history {
	struct process_sample *first, *last, *now;
	uint64_t samples;
	enum process_group by;
};

/* What a row of a table has beyond the samples before: PROCESS_GROWTH since the first, PROCESS_CHANGE
 * since the one that was added last; neither is known of what was not in it, or could not be read. */
void process_history_compare(const struct process_history *h, const struct processes *p,
			     struct process_row *row);

/* Adds a table as a sample. 0 or -ENOMEM. */
int process_history_add(struct process_history *h, const struct processes *p,
			double time);
void process_history_done(struct process_history *h);

struct process_item {
	const struct process_sample *sample;	/* that it is in: the later one that has it */
	const struct process_past *past;
	int64_t by;			/* bytes of PSS: gained, or what it has or had; 0: unknown */
};

typedef VEC(struct process_item) process_items;

/* Between two samples: what gained, what is new, what is no more. The largest first. */
struct process_diff {
	process_items grew, appeared, ended;
};

/* 0 or -ENOMEM; process_diff_done() may follow either way. The samples must outlive out. */
int process_diff_make(const struct process_sample *before, const struct process_sample *after,
		      struct process_diff *out);
void process_diff_done(struct process_diff *d);

#endif
