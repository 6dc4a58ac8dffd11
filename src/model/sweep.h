/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads what tells of the machine's page frames: where RAM is, its zones, and a word for each. */
#ifndef MODEL_SWEEP_H
#define MODEL_SWEEP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "model/physical.h"
#include "proc/iomem.h"
#include "proc/meminfo.h"
#include "proc/root.h"
#include "proc/zoneinfo.h"

/* The kernel's own counters, read before the sweep and after it. */
struct sweep_counters {
	struct meminfo meminfo;
	zone_list zones;
};

struct sweep {
	uint64_t page_size;		/* bytes */
	uint64_t block_size;		/* bytes: the huge page that a PMD entry maps */
	struct buf iomem_text;
	iomem_list iomem;		/* empty: not readable, or hidden */
	struct ram_map map;
	struct sweep_counters before, after;
	bool has_frames;		/* kpageflags was read: physical holds what it says */
	bool has_counts;		/* and kpagecount */
	struct physical physical;
	uint8_t *frame;			/* a byte for each frame, for owners; or NULL */
	int flags_error, counts_error;	/* 0 or -errno */
	int iomem_error;		/* -EPERM: the addresses are hidden */
	int zoneinfo_error;
	double seconds;			/* of reading */
};

struct sweep_request {
	const struct root *root;
	uint64_t page_size, block_size;	/* bytes */
	size_t cells;			/* in a line of the picture, at most */
	bool with_frames;		/* a byte for each frame too: 1/4096 of RAM */
	unsigned int threads;		/* 0: as many as there are processors, at most 4 */
	/* Called now and then, by one thread at a time, with the frames that are done. */
	void (*progress)(void *ctx, uint64_t frames, uint64_t of);
	void *progress_ctx;
};

/* 0 or -ENOMEM or an error of reading; what may not be opened is noted in out. sweep_done() may
 * follow either way. */
int sweep_read(const struct sweep_request *req, struct sweep *out);
void sweep_done(struct sweep *s);

/* What the frames add up to, beside the kernel's own counter of the same. Bytes. */
struct sweep_check {
	enum frame_use use;
	const char *source;		/* "meminfo AnonPages" */
	uint64_t ours, before, after;
};

enum { SWEEP_CHECKS = 6 };

/* How many can be made. The kernel's counters move while frames are read. */
unsigned int sweep_checks(const struct sweep *s, struct sweep_check out[SWEEP_CHECKS]);

#endif
