/* SPDX-License-Identifier: GPL-3.0-or-later */
/* /proc/buddyinfo: free blocks of 2^order pages in each zone. */
#ifndef PROC_BUDDYINFO_H
#define PROC_BUDDYINFO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/vec.h"

enum { BUDDY_ORDERS = 32 };	/* more than any kernel has: MAX_PAGE_ORDER is 10 to 15 */

struct buddy_zone {
	unsigned int node;
	char name[16];			/* "Normal"; cut if longer */
	unsigned int orders;
	uint64_t free[BUDDY_ORDERS];	/* blocks, by order */
};

typedef VEC(struct buddy_zone) buddy_list;

/* Lines "Node 0, zone   Normal   5   3 ..."; others are skipped, and so are orders above those
 * that fit. 0 or -ENOMEM. */
int buddyinfo_parse(const char *text, size_t len, buddy_list *out);

/*
 * How many blocks of this order an ordinary allocation could get at once: larger blocks count as
 * the parts they can be cut into. Where a node has a zone DMA32, its zone DMA is left out: the
 * first 16 MiB of x86 are kept for old devices (vm.lowmem_reserve_ratio). false: no zone is known.
 */
bool buddyinfo_blocks(const buddy_list *zones, unsigned int order, uint64_t *blocks);

#endif
