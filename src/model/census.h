/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the page-table entries and page frames of a mapping add up to. */
#ifndef MODEL_CENSUS_H
#define MODEL_CENSUS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/vec.h"
#include "proc/pagemap.h"

/* How many pages have this property: a flag word, a map count, a folio, a node. */
struct tally_entry {
	uint64_t key;
	uint64_t pages;
};

/* How a folio is mapped: part of a folio tally's key. */
enum folio_use {
	FOLIO_PMD,		/* by one entry above the lowest level (THP) */
	FOLIO_ALIGNED,		/* whole, page by page, at a multiple of its size: one TLB entry may do */
	FOLIO_UNALIGNED,	/* whole, page by page, elsewhere */
	FOLIO_PARTIAL,		/* not all of it */
	FOLIO_HUGETLB,
	FOLIO_USES,
};

static inline uint64_t folio_key(unsigned int order, enum folio_use use)
{
	return (uint64_t)order << 8 | use;
}

static inline unsigned int folio_key_order(uint64_t key)
{
	return (unsigned int)(key >> 8);
}

static inline enum folio_use folio_key_use(uint64_t key)
{
	return (enum folio_use)(key & 255);
}

enum tally {
	TALLY_WORDS,		/* key: kpageflags */
	TALLY_COUNTS,		/* key: kpagecount; of pages that are present and not zero pages */
	TALLY_FOLIOS,		/* key: folio_key(); likewise; order 0 is FOLIO_ALIGNED */
	TALLY_NODES,		/* key: node */
	TALLIES,
};

/* Stretches of the size of a PMD entry, aligned to it, that lie in the mapping. */
struct extents {
	uint64_t fit;		/* how many there are; = the sum of those below */
	uint64_t huge;		/* mapped by a PMD entry */
	uint64_t empty;		/* no page present, none swapped */
	uint64_t swapped;	/* some page in swap */
	uint64_t sparse;	/* more pages missing than khugepaged's max_ptes_none */
	uint64_t full;		/* enough pages, but small ones */
};

/* Pages of the base size. Of a mapping, or a sum. */
struct census {
	uint64_t pages;			/* of address space */
	uint64_t present;		/* zero pages included */
	uint64_t zero;			/* the zero page, the huge one */
	uint64_t swapped;		/* in a swap area; swapped shared memory is not seen */
	uint64_t guard, marker, migration;
	uint64_t hidden;		/* present, frame number not told */
	uint64_t exclusive, shared;	/* present, mapped once or more often; not zero pages */
	uint64_t file;			/* present, of a file or shared memory; not zero pages */
	uint64_t pmd;			/* THP mapped by PMD entries; hugetlb not */
	uint64_t hugetlb;
	uint64_t runs, longest;		/* stretches of consecutive frames (in address order too) */
	struct extents extents;
	struct tally_entry *tally[TALLIES];	/* most pages first; not owned */
	uint32_t n[TALLIES];
};

/* What could be told; the same for all mappings of a process. */
enum census_known {
	CENSUS_ZERO = 1,	/* zero pages are told apart */
	CENSUS_PMD = 2,		/* and pages mapped by PMD entries */
	CENSUS_FRAMES = 4,	/* frame numbers: runs, longest, nodes (with zoneinfo) */
	CENSUS_FLAGS = 8,	/* flag words, folios */
	CENSUS_COUNTS = 16,	/* map counts; exclusive and shared are known without */
	CENSUS_NODES = 32,
	CENSUS_KSM = 64,	/* the KSM flag can be trusted */
};

struct census_set {
	VEC(struct census) census;	/* one for each mapping of the space */
	struct census total;		/* of user mappings */
	struct arena tallies;
	unsigned int known;		/* enum census_known */
	uint64_t page_size, pmd_size;	/* bytes; pmd_size 0: unknown */
	uint64_t max_ptes_none;
};

void census_set_done(struct census_set *s);

/* Pages with a flag, from the words. */
uint64_t census_flag(const struct census *c, unsigned int bit);

/* Pages neither present nor anything else. */
uint64_t census_untouched(const struct census *c);

/* Pages in folios of this use; order 0 is left out. */
uint64_t census_folio_use(const struct census *c, enum folio_use use);

#endif
