/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The kernel's counters of a mapping, and sums of them. */
#include "config.h"

#include "model/counters.h"

#include <errno.h>
#include <string.h>

#include "base/num.h"

#define PER_MAPPING_MASK ((1u << SMAPS_PER_MAPPING) - 1)
/* The counters that are not sums: see is_sum in smaps_counter_info. */
#define ALIKE_MASK (1u << SMAPS_KERNEL_PAGE_SIZE | 1u << SMAPS_MMU_PAGE_SIZE | \
		    1u << SMAPS_THP_ELIGIBLE | 1u << SMAPS_PROTECTION_KEY)

int counters_pack(struct counters *c, const struct smaps_record *r, struct arena *arena)
{
	uint64_t stored[SMAPS_PER_MAPPING], *to;
	unsigned int n = 0;

	c->valid = r->valid & PER_MAPPING_MASK;
	c->stored = 0;
	for (uint32_t left = c->valid; left; left &= left - 1) {
		unsigned int i = (unsigned int)__builtin_ctz(left);

		if (r->v[i]) {
			stored[n++] = r->v[i];
			c->stored |= 1u << i;
		}
	}
	to = arena_alloc(arena, n * sizeof(*to), sizeof(*to));
	if (!to)
		return -ENOMEM;
	memcpy(to, stored, n * sizeof(*to));
	c->v = to;
	return 0;
}

struct counters counters_of_sum(const struct counters_sum *sum)
{
	return (struct counters){ .valid = sum->valid, .stored = PER_MAPPING_MASK, .v = sum->v };
}

void counters_sum_begin(struct counters_sum *sum, const struct counters *first)
{
	*sum = (struct counters_sum){ .valid = first->valid };
	for (unsigned int i = 0; i < SMAPS_PER_MAPPING; i++)
		counters_get(first, (enum smaps_counter)i, &sum->v[i]);
}

void counters_sum_add(struct counters_sum *sum, const struct counters *c)
{
	const uint64_t *v = c->v;

	sum->valid &= c->valid;
	/* what is no sum must be the same in all, also where it is 0 in this one */
	for (uint32_t left = ALIKE_MASK & ~c->stored & sum->valid; left; left &= left - 1)
		if (sum->v[__builtin_ctz(left)])
			sum->valid &= ~(left & -left);
	for (uint32_t left = c->stored; left; left &= left - 1, v++) {
		unsigned int i = (unsigned int)__builtin_ctz(left);

		if (!(ALIKE_MASK >> i & 1))
			sum->v[i] = num_add(sum->v[i], *v);
		else if (sum->v[i] != *v)
			sum->valid &= ~(1u << i);
	}
}

/* The number of bits set; without an instruction for it, the library's way is a call. */
static inline unsigned int count_bits(uint32_t v)
{
	v -= v >> 1 & 0x55555555;
	v = (v & 0x33333333) + (v >> 2 & 0x33333333);
	return ((v + (v >> 4)) & 0x0f0f0f0f) * 0x01010101u >> 24;
}

bool counters_get(const struct counters *c, enum smaps_counter i, uint64_t *v)
{
	if (!c || !(c->valid >> i & 1))
		return false;
	if (c->stored >> i & 1)
		*v = c->v[count_bits(c->stored & ((1u << i) - 1))];
	else
		*v = 0;
	return true;
}

/* The sum of two or three counters; the first must be known, others count 0 if unknown. */
static bool sum_of(const struct counters *c, uint64_t *v, enum smaps_counter a,
		   enum smaps_counter b, enum smaps_counter d)
{
	uint64_t more;

	if (!counters_get(c, a, v))
		return false;
	if (counters_get(c, b, &more))
		*v = num_add(*v, more);
	if (d != b && counters_get(c, d, &more))
		*v = num_add(*v, more);
	return true;
}

bool counters_uss(const struct counters *c, uint64_t *v)
{
	return sum_of(c, v, SMAPS_PRIVATE_DIRTY, SMAPS_PRIVATE_CLEAN, SMAPS_PRIVATE_CLEAN);
}

bool counters_dirty(const struct counters *c, uint64_t *v)
{
	return sum_of(c, v, SMAPS_PRIVATE_DIRTY, SMAPS_SHARED_DIRTY, SMAPS_SHARED_DIRTY);
}

bool counters_hugetlb(const struct counters *c, uint64_t *v)
{
	return sum_of(c, v, SMAPS_PRIVATE_HUGETLB, SMAPS_SHARED_HUGETLB, SMAPS_SHARED_HUGETLB);
}

bool counters_resident(const struct counters *c, uint64_t *v)
{
	return sum_of(c, v, SMAPS_RSS, SMAPS_PRIVATE_HUGETLB, SMAPS_SHARED_HUGETLB);
}

bool counters_unique(const struct counters *c, uint64_t *v)
{
	return sum_of(c, v, SMAPS_PRIVATE_DIRTY, SMAPS_PRIVATE_CLEAN, SMAPS_PRIVATE_HUGETLB);
}

bool counters_huge(const struct counters *c, uint64_t *v)
{
	uint64_t hugetlb;

	if (!sum_of(c, v, SMAPS_ANON_HUGE_PAGES, SMAPS_SHMEM_PMD_MAPPED, SMAPS_FILE_PMD_MAPPED))
		return false;
	if (counters_hugetlb(c, &hugetlb))
		*v = num_add(*v, hugetlb);
	return true;
}
