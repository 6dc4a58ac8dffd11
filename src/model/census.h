/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the page-table entries and page frames of a mapping add up to. */
#ifndef MODEL_CENSUS_H
#define MODEL_CENSUS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/vec.h"
#include "model/tally.h"
#include "proc/pagemap.h"

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
	uint64_t empty;		/* no page but zero pages, none swapped */
	uint64_t swapped;	/* some page in swap */
	uint64_t sparse;	/* more pages missing (or zero) than khugepaged's max_ptes_none */
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
	uint64_t runs, longest;		/* stretches of frames that follow each other as their pages do;
					 * zero pages are in none */
	struct extents extents;
	struct tally_entry *tally[TALLIES];	/* most pages first; not owned, may be others' too */
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
	struct arena tallies;
	unsigned int known;		/* enum census_known */
	uint64_t page_size, pmd_size;	/* bytes; pmd_size 0: unknown */
	uint64_t max_ptes_none;
};

void census_set_done(struct census_set *s);

/* A census that grows: of a mapping that is being walked, or of several. */
struct census_sum {
	struct census census;		/* its tallies are good after census_sum_end() */
	struct tally_map map[TALLIES];
	struct tally_list last[TALLIES];	/* of the mapping before, for those that are alike */
	struct arena tallies;
};

/* Sums of mappings or groups. Zeros are an empty one. */
int census_sum_add(struct census_sum *sum, const struct census *c);	/* 0 or -ENOMEM */
int census_sum_end(struct census_sum *sum);	/* 0 or -ENOMEM; then census is complete */
void census_sum_done(struct census_sum *sum);

/* Pages with a flag, from the words. */
uint64_t census_flag(const struct census *c, unsigned int bit);

/* Pages neither present nor anything else. */
uint64_t census_untouched(const struct census *c);

/* Pages in folios of this use; order 0 is left out. */
uint64_t census_folio_use(const struct census *c, enum folio_use use);

/* Present, and not a zero page: what RSS or hugetlb counts. */
static inline uint64_t census_resident(const struct census *c)
{
	return c->present - c->zero;
}

/* ---- making one, page-table entries and frames being read elsewhere ---- */

/* A run of pages, or a part of one, and what is known about its frames. */
struct census_piece {
	uint64_t address, pages, entry;
	bool zero;			/* as far as told */
	enum folio_use use;		/* FOLIO_PMD, FOLIO_HUGETLB: order says how large; else ignored */
	unsigned int order;
	const uint64_t *flags;		/* NULL: unknown */
	uint64_t n_flags;		/* one a page; or 2: of the first page and of all others */
	bool sees_next;			/* one a page, and flags[n_flags] is of the frame behind: whether
					 * the last folio goes on there */
	const uint64_t *counts;		/* NULL: unknown, or the entry says mapped once */
	uint64_t n_counts;		/* one a page; or 1: of all */
};

/* The folio around a frame that the pieces do not show whole. 0 or -errno. */
typedef int (*census_folio_fn)(void *ctx, uint64_t pfn, uint64_t *head, uint64_t *frames);

struct zone;
struct census_facts {
	uint64_t page_size, pmd_size, max_ptes_none;
	const struct zone *zone;	/* of all nodes; none: nodes are unknown */
	size_t zones;
	census_folio_fn folio;
	void *folio_ctx;
};

struct census_builder {
	struct census_facts facts;
	struct census_sum sum;
	uint64_t start, end;		/* of the mapping */
	uint64_t next_address, next_pfn;	/* behind the last frame; for contiguity */
	uint64_t stretch;		/* pages in the run of frames so far */
	struct {			/* the aligned stretch of pmd_size at hand */
		uint64_t start, present, swapped, huge;
	} extent;
	struct {			/* the folio at hand, mapped page by page */
		uint64_t head, address, pages;	/* from its first page on; pages 0: none */
	} open;
	uint64_t folio_head, folio_frames;	/* the one that was looked up last */
	size_t zone_hint;
};

void census_begin(struct census_builder *b, const struct census_facts *facts, uint64_t start,
		  uint64_t end);
/* Pieces in address order. 0 or -errno. */
int census_add(struct census_builder *b, const struct census_piece *piece);
/* Ends the mapping; its tallies go into the arena, the same for all mappings. 0 or -ENOMEM. */
int census_end(struct census_builder *b, struct arena *tallies, struct census *out);
void census_builder_done(struct census_builder *b);

/*
 * Where nothing told which pages PMD entries map, but smaps told how many: so many pages of whole
 * aligned folios of that size become FOLIO_PMD. 0 or -ENOMEM.
 */
int census_set_pmd(struct census *c, const struct census_facts *facts, uint64_t pages,
		   struct arena *tallies);

#endif
