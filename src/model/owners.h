/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which processes map how many of the machine's page frames: the sweep joined with their pagemaps. */
#ifndef MODEL_OWNERS_H
#define MODEL_OWNERS_H

#include <stdint.h>
#include <sys/types.h>

#include "base/arena.h"
#include "base/vec.h"
#include "model/physical.h"
#include "model/snapshot.h"

struct owner {
	pid_t pid;
	uint32_t name, command;			/* strings; 0: unknown */
	uint64_t exclusive[FRAME_USES];		/* frames that only it maps, and only once */
	uint64_t shared[FRAME_USES];		/* others; each once, however often it maps them */
	uint64_t frames;			/* of both */
};

struct owners {
	VEC(struct owner) owner;
	struct strtab strings;
	uint64_t claimed[FRAME_USES];		/* frames that at least one of them maps */
	uint64_t unclaimed;			/* mapped, says kpagecount, and by none of them */
	size_t unreadable;			/* processes whose pagemap may not be read */
	size_t hidden;				/* readable, but without frame numbers */
	uint8_t *frame;				/* see struct physical_plan */
	uint64_t frames;
	ram_list seen;				/* what to unmark */
	bool seen_all;				/* too much to remember */
};

/* frame is not owned. 0 or -ENOMEM; owners_done() may follow either way. */
int owners_init(struct owners *o, uint8_t *frame, uint64_t frames);
void owners_done(struct owners *o);

/*
 * Adds a process: p is the handle that its pagemap is read through, s a snapshot of it with
 * NEED_MAPS (and NEED_COMMAND, for its name). Processes without memory are left out. 0, -ESRCH when
 * it exits meanwhile (nothing is added), or another -errno.
 */
int owners_add(struct owners *o, struct process *p, const struct snapshot *s, uint64_t page_size);

/* After the last one: those with the most frames come first, and unclaimed is counted. */
void owners_end(struct owners *o);

#endif
