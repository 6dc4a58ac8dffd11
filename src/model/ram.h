/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which page frame numbers are RAM, which of it is switched off, and which zone each belongs to. */
#ifndef MODEL_RAM_H
#define MODEL_RAM_H

#include <stdbool.h>
#include <stdint.h>

#include "base/vec.h"
#include "proc/iomem.h"
#include "proc/zoneinfo.h"

/* Frames: start is the first, end is behind the last. */
struct ram_range {
	uint64_t start, end;
};

typedef VEC(struct ram_range) ram_list;

/* The frames that lie in System RAM as a whole. All of these append; 0 or -ENOMEM. */
int ram_add_iomem(ram_list *out, const iomem_list *iomem, uint64_t page_size);
int ram_add_zones(ram_list *out, const zone_list *zones);
int ram_add(ram_list *out, uint64_t start, uint64_t end);

/* Puts them in order, and joins what touches or overlaps. */
void ram_sort(ram_list *list);

enum ram_source {
	RAM_IOMEM,	/* /proc/iomem: exact */
	RAM_BLOCKS,	/* /sys/devices/system/memory: to the size of a block, 128 MiB or more */
	RAM_ZONES,	/* /proc/zoneinfo: holes within a zone pass for RAM */
	RAM_UNKNOWN,	/* everything passes for RAM */
};

/* A stretch in which nothing changes. */
struct ram_extent {
	uint64_t start, end;	/* frames */
	size_t zone;		/* number in the list of zones, or its length: none */
	bool ram, offline;
};

/* All frame numbers from 0 to UINT64_MAX, in order and without a gap. */
struct ram_map {
	VEC(struct ram_extent) extent;
	uint64_t frames;	/* of RAM */
	uint64_t end;		/* behind the last one */
	enum ram_source source;
};

/* ram and offline must be sorted; without any ram all is RAM. Where zones overlap, as those of
 * interleaved nodes do, the shortest one that holds a frame has it. 0 or -ENOMEM. */
int ram_map_make(const ram_list *ram, const ram_list *offline, const zone_list *zones,
		 struct ram_map *out);
void ram_map_done(struct ram_map *map);

/* The extent that holds a frame. *hint (0 at first) speeds up looking for neighbours. */
const struct ram_extent *ram_map_find(const struct ram_map *map, uint64_t pfn, size_t *hint);

#endif
