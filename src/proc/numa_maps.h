/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * /proc/PID/numa_maps: a line per mapping with its memory policy and its pages per node.
 * show_numa_map() in fs/proc/task_mmu.c, mpol_to_str() in mm/mempolicy.c (both Linux 6.18),
 * Documentation/filesystems/proc.rst. A line without any page in RAM ends behind the name.
 */
#ifndef PROC_NUMA_MAPS_H
#define PROC_NUMA_MAPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/vec.h"
#include "proc/idlist.h"

/* What is counted beside the nodes. */
enum numa_count {
	NUMA_ANON,		/* pages of no file */
	NUMA_DIRTY,
	NUMA_MAPPED,		/* all; left out where it equals one of those above */
	NUMA_MAPMAX,		/* no pages: how often the page with most mappers is mapped; if above 1 */
	NUMA_SWAPCACHE,
	NUMA_ACTIVE,		/* left out where all are */
	NUMA_WRITEBACK,
	NUMA_COUNTS,
};

struct numa_pages {
	uint32_t node;
	uint64_t pages;
};

/* Pages are of the mapping's own size: of a hugetlb mapping, huge pages. */
struct numa_line {
	uint64_t start;
	struct str policy;		/* "default", "bind:0-1", "prefer (many)=static:0,2", ... */
	bool huge;			/* hugetlb */
	uint64_t page_size;		/* bytes; 0: not told (before 4.0, or no page in RAM) */
	uint64_t v[NUMA_COUNTS];	/* pages; 0 where the line has none */
	const struct numa_pages *node;	/* in the order of the line: ascending */
	size_t nodes;
};

/* Called for each line, in the order of the file; texts are good during the call only. 0, or
 * -errno to stop. */
typedef int (*numa_maps_fn)(void *ctx, const struct numa_line *l);

/* The whole file. 0; what fn gave; -ENOMEM; or -EBADMSG with *line the number of a line that
 * begins with no address, or of a last one that is cut off (no newline). Words that are not known
 * are skipped, as are numbers that do not fit. */
int numa_maps_parse(const char *text, size_t len, numa_maps_fn fn, void *ctx, uint64_t *line);

/* The nodes that a policy names. False where it names none, and where the list may be incomplete:
 * the kernel cuts the text at 63 bytes. Then *nodes stays empty. */
bool numa_policy_nodes(struct str policy, struct idlist *nodes);

#endif
