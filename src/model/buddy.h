/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How scattered free memory is: the kernel's own two indices, from buddyinfo. Pure. */
#ifndef MODEL_BUDDY_H
#define MODEL_BUDDY_H

#include <stdbool.h>
#include <stdint.h>

#include "proc/buddyinfo.h"

/* Free pages in blocks of 2^order pages or larger; order 0: all. */
uint64_t buddy_pages(const struct buddy_zone *z, unsigned int order);

/*
 * The share of free memory that an allocation of 2^order pages could use, in millionths: what lies
 * in blocks at least that large. 1 minus the kernel's unusable free index (mm/vmstat.c
 * unusable_free_index(), debugfs extfrag/unusable_index, Linux 6.18). false: nothing is free.
 */
bool buddy_usable(const struct buddy_zone *z, unsigned int order, uint64_t *millionths);

/*
 * Why an allocation of 2^order pages would fail, in thousandths: towards 0 (or below) for lack of
 * memory, towards 1000 because what is free is scattered; the kernel compacts above
 * vm.extfrag_threshold (500). mm/vmstat.c __fragmentation_index(), debugfs extfrag/extfrag_index,
 * Linux 6.18. false: it would not fail (the kernel's -1000).
 */
bool buddy_fragmentation(const struct buddy_zone *z, unsigned int order, int64_t *thousandths);

/* Adds the blocks of a zone to a sum. */
void buddy_add(struct buddy_zone *sum, const struct buddy_zone *z);

#endif
