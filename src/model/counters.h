/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The kernel's counters of a mapping, and sums of them. */
#ifndef MODEL_COUNTERS_H
#define MODEL_COUNTERS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "proc/smaps.h"

/* Most counters of most mappings are 0, so only the others are kept: v has a value for each bit
 * of stored, in order. Bytes, where the counter is in kB. Not owned. */
struct counters {
	uint32_t valid;		/* bit per counter: the kernel told it */
	uint32_t stored;	/* bit per counter: it has a value in v; else it is 0 */
	const uint64_t *v;
};

struct counters_sum {
	uint32_t valid;
	uint64_t v[SMAPS_PER_MAPPING];
};

/* Keeps a record's counters in an arena. 0 or -ENOMEM. */
int counters_pack(struct counters *c, const struct smaps_record *r, struct arena *arena);

/* A sum, seen as counters. */
struct counters counters_of_sum(const struct counters_sum *sum);

void counters_sum_begin(struct counters_sum *sum, const struct counters *first);
/* What one of them does not know, the sum does not know. */
void counters_sum_add(struct counters_sum *sum, const struct counters *c);

/* Each gives false where the kernel did not tell, or c is NULL. Bytes. */
bool counters_get(const struct counters *c, enum smaps_counter i, uint64_t *v);
bool counters_uss(const struct counters *c, uint64_t *v);	/* private clean + dirty */
bool counters_dirty(const struct counters *c, uint64_t *v);
bool counters_hugetlb(const struct counters *c, uint64_t *v);
bool counters_resident(const struct counters *c, uint64_t *v);	/* Rss + hugetlb */
bool counters_unique(const struct counters *c, uint64_t *v);	/* USS + hugetlb */
bool counters_huge(const struct counters *c, uint64_t *v);	/* PMD-mapped + hugetlb */

#endif
