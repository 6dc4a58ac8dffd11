/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Differences between two looks at address spaces: what appeared, vanished, grew, moved. */
#ifndef MODEL_CHANGE_H
#define MODEL_CHANGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/num.h"
#include "model/space.h"
#include "proc/stat.h"

enum change_side { CHANGE_BEFORE, CHANGE_AFTER, CHANGE_SIDES };

/* What became of mappings; several may hold at once. None: they are as they were. */
enum change_what {
	CHANGE_APPEARED = 1,	/* nothing before */
	CHANGE_VANISHED = 2,	/* nothing after */
	CHANGE_GREW = 4,	/* their sizes */
	CHANGE_SHRANK = 8,
	CHANGE_MOVED = 16,	/* elsewhere (mremap) */
	CHANGE_PERMS = 32,	/* some of it has another protection */
	CHANGE_SPLIT = 64,	/* one became several */
	CHANGE_MERGED = 128,	/* several became one */
	CHANGE_AMOUNTS = 256,	/* a counter of smaps that both sides know */
	CHANGE_EXTENT = CHANGE_AMOUNTS - 1,	/* all but that */
};

struct change_amount {
	bool known;		/* on both sides */
	int64_t v;		/* after - before; bytes */
};

/* Mappings before and those that they are after, or a group of both. */
struct change {
	unsigned int what;		/* enum change_what */
	uint32_t first[CHANGE_SIDES];	/* its members: where in side[].index, and how many */
	uint32_t n[CHANGE_SIDES];
	int64_t size;			/* bytes; the vsyscall page is never counted */
	struct change_amount memory;	/* resident, hugetlb included, and swapped */
};

/* What is taken together. */
enum change_by {
	/* What a mapping is: where it lies, its file, its place in it, its name. What has no
	 * counterpart there is looked for elsewhere: a file's mapping by inode and offset; an
	 * anonymous one, where nothing tells for sure, if just one of the same size, protection,
	 * name and contents (bytes that smaps calls Anonymous, not 0) is gone. */
	CHANGE_BY_MAPPING,
	CHANGE_BY_SEGMENT,	/* object and kind: for different processes */
	CHANGE_BY_KIND,
	CHANGE_BY_OBJECT,
	CHANGE_BY_ALL,		/* one change, of everything */
};

struct change_request {
	const struct rows *side[CHANGE_SIDES];	/* in address order */
	enum change_by by;
	/* Two processes: executables are one object, libraries are the same by file name
	 * alone, all stacks of threads are one object. */
	bool other_process;
	uint32_t executable[CHANGE_SIDES];	/* string: its path; 0: unknown */
};

/* Every row of both sides belongs to just one change. */
struct changes {
	struct rows side[CHANGE_SIDES];		/* index: the members, change by change */
	VEC(struct change) change;		/* by lowest address of a member */
	uint32_t *of[CHANGE_SIDES];		/* of each mapping of the space, or CHANGE_NONE */
};

#define CHANGE_NONE UINT32_MAX

/* Time in proportion to the mappings, but for those that have no counterpart, which are sorted.
 * 0 or -ENOMEM; changes_done() may follow either way. The spaces must outlive out. */
int changes_make(const struct change_request *req, struct changes *out);
void changes_done(struct changes *c);

/* The members on one side; not owned. */
struct rows changes_rows(const struct changes *c, const struct change *one,
			 enum change_side side);

/* Their sum, as rows_sum() has it; what all of them have in common (kind, object, perms, thread)
 * stays known. */
void changes_sum(const struct changes *c, const struct change *one, enum change_side side,
		 struct vma *v, struct counters_sum *counters);

/* Has a process replaced its program (execve) between the two? Then no address of the
 * one means anything in the other. False where the kernel hides both addresses and mappings. */
bool change_is_other_program(const struct stat_pid *a, const struct space *before,
			     const struct stat_pid *b, const struct space *after);

/* after - before; unknown if one is. */
struct change_amount change_difference(struct maybe before, struct maybe after);

#endif
