/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Copies what the reports are made from, of live processes and of the machine, into a tree: each
 * file is read once, those of a process one right after the other. Every tree it makes can be
 * read: what it copied is parsed before the next file depends on it.
 */
#ifndef MODEL_CAPTURE_H
#define MODEL_CAPTURE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/vec.h"
#include "model/space.h"
#include "proc/kpage.h"
#include "proc/machine.h"
#include "proc/root.h"
#include "proc/tree.h"

/* Words of a tree's file that are still to be written, in a row. */
struct word_writer {
	int fd;			/* in the tree; -1: none */
	bool ascending;		/* nothing is written below what was written before */
	uint64_t at;		/* which word of the file the first one is */
	VEC(uint64_t) word;
};

struct capture {
	const struct root *root;
	const struct machine *machine;
	struct tree *tree;
	struct err *e;			/* the tree's too */
	bool frames;			/* page-table entries and page frames too */
	bool (*interrupted)(void);	/* asked often; true: give up */

	VEC(uint32_t) uid;		/* of the processes, each once */
	struct kpage kpage;		/* if frames */
	struct word_writer words[KPAGE_FILES];
	VEC(uint64_t) cgroup;		/* inode numbers of the frames' */
	uint64_t folio_start, folio_end;	/* frames whose flags were copied last */
};

/* All return 0 or -errno with e filled: -EINTR when interrupted said so. The tree is of no use
 * then. capture_done() may follow either way. */

/* The members above uid are the caller's to fill in. */
int capture_begin(struct capture *c);

/* One process. -ESRCH: there is none, or it exits meanwhile; then nothing of it is in the tree.
 * What can't be read for want of privilege is noted in the tree. */
int capture_process(struct capture *c, pid_t pid);

/* The machine, and what is shared by the processes. To be called last. */
int capture_machine(struct capture *c);
void capture_done(struct capture *c);

/* A part of capture_process(): entries, frames and mapped files. */
int capture_frames(struct capture *c, struct process *p, const struct space *space);
/* Parts of capture_begin() and capture_machine(). */
int capture_frames_begin(struct capture *c);
int capture_frames_end(struct capture *c);

/* Notes why a file could not be read, if code is such an error; else gives it back. */
int capture_note(struct capture *c, const char *path, int code);
/* -EINTR with e filled, or 0. */
int capture_check(struct capture *c);

#endif
