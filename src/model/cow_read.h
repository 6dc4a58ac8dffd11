/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads the page tables of a process and of others, piece by piece, and compares them. */
#ifndef MODEL_COW_READ_H
#define MODEL_COW_READ_H

#include "model/cow.h"
#include "model/snapshot.h"

/* Another process, as it is compared. */
struct cow_process {
	pid_t pid;
	struct buf name;		/* its command name */
	struct cow_pages pages;
	uint64_t outside, outside_file;	/* see struct cow_other */
};

struct cow {
	bool family;			/* all descendants, not one other process */
	VEC(struct cow_process) with;
	VEC(struct cow_pages) row;	/* for each mapping of the process. With several others a
					 * page is shared if any has it too, copied if none has the
					 * same but some another, only here if nobody has one */
	struct cow_pages total;		/* of all rows, and what is outside of them */
	VEC(uint64_t) sharers;		/* pages that so many others share: [0] nobody, ... */
	uint64_t page_size;		/* bytes */
	size_t unreadable;		/* descendants whose page tables may not be read */
};

struct cow_request {
	const struct root *root;
	const struct machine *machine;
	const struct snapshot *snapshot;	/* of the process, with its mappings */
	pid_t with;				/* the other one, or 0: all descendants */
};

/*
 * 0; -ENOENT: there is nobody to compare with: no such other process, or it has no memory or exited,
 * or no descendants; -ESRCH: the process itself exited; -EACCES: page tables may not be read; -EPERM: frame
 * numbers are hidden; others. Where it is not 0, e says about whom. cow_done() may follow either way.
 */
int cow_read(const struct cow_request *req, struct cow *out, struct err *e);
void cow_done(struct cow *c);

#endif
