/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which other processes map the frames of one, how much of it, and through which of its objects. */
#ifndef MODEL_SHARING_H
#define MODEL_SHARING_H

#include <stdbool.h>
#include <stdint.h>

#include "model/snapshot.h"
#include "proc/pagemap.h"

/* Frames of the process that follow each other, of one mapping. */
struct sharing_frames {
	uint64_t pfn, pages;
	uint64_t at;		/* number of the first one among all of the process's */
	uint32_t row;		/* which of its mappings */
	bool file;		/* of a file, or of shared memory */
};

typedef VEC(struct sharing_frames) sharing_list;

/* Sorts them by PFN, and leaves out what is there twice; the number of frames that are left. */
uint64_t sharing_sort(sharing_list *list);

/* Of one object of the process. */
struct sharing_object {
	uint32_t object;	/* string of the process's space */
	uint64_t frames;	/* shared; each counts once */
	uint64_t processes;	/* others that map any of them */
};

typedef VEC(struct sharing_object) sharing_objects;

struct sharing_process {
	pid_t pid;
	struct buf name;		/* its command name */
	uint64_t frames, file;		/* that both map; of these, of files and of shared memory */
	sharing_objects object;		/* most frames first */
};

struct sharing {
	uint64_t frames, file;		/* that the process maps */
	uint64_t shared, shared_file;	/* of these, that any of the others maps */
	VEC(struct sharing_process) process;	/* most frames first */
	sharing_objects object;		/* most frames first */
	uint64_t page_size;		/* bytes */
	size_t unreadable;		/* processes whose page tables may not be read */
};

/* Counts the frames of one other process, run by run; its own, mapped twice, count once. */
struct sharing_count {
	const sharing_list *list;	/* sorted */
	uint8_t *mark;			/* for each frame; SHARING_SEEN is of this process */
	/* called for frames that are found for the first time in this process */
	void (*found)(void *ctx, const struct sharing_frames *f, uint64_t first, uint64_t pages);
	void *ctx;
};

enum { SHARING_SEEN = 1, SHARING_ANY = 2 };

void sharing_count_runs(const struct sharing_count *c, const struct page_run *run, size_t n);

struct sharing_request {
	const struct root *root;
	const struct machine *machine;
	const struct snapshot *snapshot;	/* of the process, with its mappings */
};

/* 0; -EACCES: its page table may not be read; -EPERM: frame numbers are hidden; -ESRCH: it exited;
 * others. Where it is not 0, e says why. sharing_done() may follow either way. */
int sharing_read(const struct sharing_request *req, struct sharing *out, struct err *e);
void sharing_done(struct sharing *s);

#endif
