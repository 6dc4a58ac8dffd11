/* SPDX-License-Identifier: GPL-3.0-or-later */
/* All processes beside each other: who uses the machine's memory. */
#ifndef MODEL_PROCESSES_H
#define MODEL_PROCESSES_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/arena.h"
#include "base/vec.h"
#include "model/snapshot.h"

/* Amounts of a process or of a group, in bytes. Those of the kernel's smaps_rollup come first, in
 * its order and with its numbers. */
enum process_amount {
	PROCESS_USS = SMAPS_COUNTERS,
	PROCESS_HUGE,		/* PMD-mapped and hugetlb */
	PROCESS_HUGETLB,
	PROCESS_RESIDENT,	/* Rss + hugetlb; of status where smaps_rollup can't be read */
	PROCESS_SIZE,		/* VmSize */
	PROCESS_PAGE_TABLES,
	PROCESS_SUBTREE,	/* Pss, and that of all descendants */
	PROCESS_GROWTH,		/* int64_t: of Pss since the first sample, see process_history.h */
	PROCESS_CHANGE,		/* int64_t: and since the last */
	PROCESS_AMOUNTS,
};

/* A process; or a group of them, or an object that they map. */
struct process_row {
	pid_t pid, ppid;		/* 0 in a group */
	uint64_t start;			/* when it began, in clock ticks since boot; 0 in a group */
	uint32_t count;			/* processes in it */
	uint32_t unreadable;		/* of them, those whose smaps_rollup can't be read */
	uint32_t name, command, user, cgroup;	/* strings; 0: unknown or mixed */
	uint32_t uid;
	uint32_t threads;
	char state;
	bool mixed;			/* a group */
	uint8_t kind;			/* of an object: enum kind; else KINDS */
	uint64_t valid;			/* bit per amount */
	uint64_t v[PROCESS_AMOUNTS];
	uint32_t depth;			/* in the tree */
	size_t text, text_len;		/* of what was written for it: see processes_add() */
};

_Static_assert(PROCESS_AMOUNTS <= 64, "valid has a bit for each");

struct processes {
	VEC(struct process_row) row;
	struct strtab strings;
	struct buf text;
	size_t kernel_threads, zombies;	/* that were left out: they have no memory */
	size_t unreadable;
};

/* 0 or -ENOMEM; processes_done() may follow either way. */
int processes_init(struct processes *p);
void processes_done(struct processes *p);

/*
 * Takes in what a snapshot with NEED_ROLLUP and NEED_COMMAND tells (and NEED_CGROUP, for the
 * groups by it). user may be NULL. Processes without memory are only counted. 0 or -ENOMEM; *row
 * is the new row, good until the next call, or NULL.
 */
int processes_add(struct processes *p, const struct snapshot *s, const char *user,
		  struct process_row **row);

/* Takes in the objects that the mappings of a snapshot with NEED_SMAPS belong to: one row for each
 * object of all processes. 0 or -ENOMEM. */
int processes_add_objects(struct processes *p, const struct snapshot *s);

enum process_group { PROCESS_GROUP_USER, PROCESS_GROUP_NAME, PROCESS_GROUP_CGROUP };

/* A row for each group instead of one for each process. 0 or -ENOMEM. */
int processes_group(struct processes *p, enum process_group by);

/* Rows in the order of the tree, children below their parent, those with the largest subtree first;
 * fills PROCESS_SUBTREE and depth, and draws the lines of the tree before the commands, of these
 * four parts: a branch, the last one, what is below either; NULL: no lines. 0 or -ENOMEM. */
int processes_tree(struct processes *p, const char *const line[4]);

/* The sum of rows; of the amounts that any of them knows. */
void processes_sum(const struct processes *p, struct process_row *sum);

static inline bool process_has(const struct process_row *r, unsigned int amount)
{
	return r->valid >> amount & 1;
}

#endif
