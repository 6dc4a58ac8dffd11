/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads the page-table entries and page frames of a process into a census of each mapping. */
#ifndef MODEL_FRAMES_H
#define MODEL_FRAMES_H

#include <stdbool.h>
#include <stdint.h>

#include "model/census.h"
#include "model/space.h"
#include "proc/kpage.h"
#include "proc/pagemap.h"
#include "proc/root.h"

struct frames_request {
	const struct root *root;
	struct process *process;
	const struct space *space;
	uint64_t page_size;		/* bytes */
	uint64_t pmd_size;		/* bytes; 0: unknown */
	uint64_t max_ptes_none;		/* of khugepaged, for extents.sparse */
	unsigned int threads;		/* for page frames; 0: as many as there are CPUs to run on */
	bool without_scan;		/* for tests: see pagemap_open() */
	/* Called now and then; may be NULL. */
	void (*progress)(void *ctx, size_t mappings, uint64_t bytes);
	void *progress_ctx;
};

/* Why something is not known; each 0, or the -errno of opening the file. */
struct frames_missing {
	int pagemap, flags, counts, zoneinfo;
	bool hidden;		/* entries are there, but their frame numbers are not told */
};

/*
 * The census of all mappings of the space, in its order. 0, with out->known telling what could be
 * told, and missing why not more; or -errno: -ESRCH when the process has no memory any more.
 * census_set_done() may follow either way. The entries are read first and the frames after them:
 * what happens in between belongs to the frame.
 */
int frames_read(const struct frames_request *req, struct census_set *out,
		struct frames_missing *missing);

/* What only some of the pages are wanted for. */
struct frames_walk {
	struct pagemap_range range;
	bool flags, counts;	/* want them, as far as they can be told; flags are also read where
				 * nothing else tells of zero pages */
	/* Gets the pieces in address order; facts are for what they do not show. 0 or -errno. */
	int (*piece)(void *ctx, const struct census_facts *facts, const struct census_piece *p);
	void *ctx;
	bool has_scan;		/* found: zero pages and those of PMD entries are told by the kernel */
};

/* The pieces of a range; of the request, space is not used. 0, with missing->pagemap telling whether
 * there are any; -ESRCH when the process has no memory any more; or -errno. */
int frames_walk(const struct frames_request *req, struct frames_walk *walk,
		struct frames_missing *missing);

#endif
