/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What fork left shared: the pages of a process against those of others at the same addresses, as
 * they stand in their page tables. A page is the same where both entries name one frame, or one
 * slot of one swap area. Zero pages take no memory and are no pages here.
 */
#ifndef MODEL_COW_H
#define MODEL_COW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/vec.h"
#include "proc/pagemap.h"

/* Pages of the base size. *_file: of these, pages of files and of shared memory, which fork copies
 * for nobody: the page cache has them, and what is only in one page table may be read in by the
 * other at no cost. */
struct cow_pages {
	uint64_t shared, shared_file;
	uint64_t copied_here, copied_there;	/* by whom, where that can be told */
	uint64_t copied_unknown;
	uint64_t only_here, only_here_file;
	uint64_t only_there, only_there_file;
};

static inline uint64_t cow_copied(const struct cow_pages *p)
{
	return p->copied_here + p->copied_there + p->copied_unknown;
}

void cow_add(struct cow_pages *to, const struct cow_pages *p);

/* Populated pages of one process in a part of its addresses, in order. */
typedef VEC(struct page_run) cow_runs;

/* Two frames that differ at the same address, both anonymous and mapped once: which one is the
 * copy is to be told from the frames. */
struct cow_question {
	uint64_t here, there;		/* PFNs of the first page */
	uint64_t pages;
	uint32_t range;			/* of the process's own run */
};

/* One other process, compared. */
struct cow_other {
	struct cow_pages pages;		/* but for what the questions will tell */
	uint64_t outside, outside_file;	/* of only_there: where the process has no mapping */
	VEC(struct cow_question) question;
	bool hidden;			/* there were pages without a frame number */
};

/*
 * Compares runs of one stretch of addresses. here has its mapping in page_run.range, and rows[range]
 * gets only_there and, for one other process alone, copied_* of the pages in it; what_maps says which mapping of the process an
 * address is in (UINT32_MAX: none). sharers and copies are counted up for each page of here, in
 * order: how many others have the same page, and another one. 0 or -ENOMEM.
 */
struct cow_comparison {
	const cow_runs *here, *there;
	uint64_t page_size;		/* bytes */
	uint32_t (*what_maps)(const void *ctx, uint64_t address, uint64_t *end);
	const void *ctx;
	struct cow_pages *rows;
	bool alone;			/* one other process */
	uint16_t *sharers, *copies;
};
int cow_compare(const struct cow_comparison *c, struct cow_other *other);

/*
 * Answers a question's pages by the flags of their frames (kpageflags; NULL: not known). A write to
 * a shared page of a large folio copies it to a page of its own, so the one that is still in a
 * large folio is the original. Of two small frames, fork() takes PG_anon_exclusive (5.19; KPF_OWNER_2
 * on anonymous pages, mm/memory.c copy_present_ptes(), wp_page_copy(), 6.18) from what it shares,
 * and a copy has it: the frame without it is the original, that nobody has written since. Where
 * both or neither have it, both have written, or one has forked again.
 */
void cow_answer(const struct cow_question *q, const uint64_t *here, const uint64_t *there,
		struct cow_pages *pages);

#endif
