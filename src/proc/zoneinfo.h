/* SPDX-License-Identifier: GPL-3.0-or-later */
/* /proc/zoneinfo: which frames belong to which zone of which node. */
#ifndef PROC_ZONEINFO_H
#define PROC_ZONEINFO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/vec.h"

struct zone {
	unsigned int node;
	char name[16];			/* "DMA32", "Normal", ...; cut if longer */
	uint64_t start_pfn, spanned;	/* frames; spanned may have holes */
	uint64_t present, managed;	/* frames that exist; that the buddy allocator has */
	uint64_t free, min, low, high;	/* free frames, watermarks */
	bool overlaps;			/* a zone of another node lies, in part, between its frames */
	uint64_t on_cpus;		/* free frames on per-CPU lists, which free does not count */
};

typedef VEC(struct zone) zone_list;

/* Zones that have frames, in the order of the file. Unknown lines are skipped. 0 or -ENOMEM. */
int zoneinfo_parse(const char *text, size_t len, zone_list *out);

/* The zone of a frame, or NULL, also where it could be of either of two nodes. *hint (0 at first) speeds up looking for neighbours. */
const struct zone *zones_find(const zone_list *zones, uint64_t pfn, size_t *hint);

#endif
