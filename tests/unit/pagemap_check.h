/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What must hold of every walk over pagemap, and its runs spread out to pages. */
#ifndef TESTS_UNIT_PAGEMAP_CHECK_H
#define TESTS_UNIT_PAGEMAP_CHECK_H

#include "base/vec.h"
#include "proc/pagemap.h"
#include "unit.h"

struct walked {
	VEC(struct page_run) run;
	const struct pagemap_range *range;
	size_t ranges;
	uint64_t page_size;
	size_t calls;
	const char *problem;		/* the first thing that must not be */
	int stop;			/* what the callback answers */
};

/* By how much the next entry of a run differs: the header's words once more. */
static inline uint64_t walked_step(const struct page_run *run)
{
	if (run->entry & PAGEMAP_PRESENT)
		return (run->entry & PAGEMAP_PFN_MASK) ? 1 : 0;
	return pagemap_state(run->entry) == PAGE_SWAP && (run->entry & PAGEMAP_PFN_MASK) ? 32 : 0;
}

static inline const char *walked_check(const struct walked *w, const struct page_run *run,
				       uint64_t *end)
{
	const struct pagemap_range *r;

	if (run->range >= w->ranges)
		return "a run of no range";
	r = &w->range[run->range];
	if (run->pages == 0)
		return "a run without pages";
	if (pagemap_state(run->entry) == PAGE_NONE)
		return "a run of nothing";
	if (run->start % w->page_size || run->start < r->start || run->start >= r->end ||
	    run->pages > (r->end - run->start) / w->page_size)
		return "a run that is not in its range";
	if (run->start < *end)
		return "runs not in address order";
	if (r->skip)
		return "a run in a range that is to be skipped";
	if (r->huge_size > w->page_size && !run->huge)
		return "a hugetlb run that is not huge";
	*end = run->start + run->pages * w->page_size;
	return NULL;
}

static inline int walked_take(void *ctx, const struct page_run *run, size_t n)
{
	struct walked *w = ctx;
	uint64_t end = 0, pages = 0;

	w->calls++;
	if (n == 0 || n > PAGEMAP_BATCH_RUNS)
		w->problem = "a call with no runs, or too many";
	if (w->run.n) {
		const struct page_run *last = &w->run.v[w->run.n - 1];

		end = last->start + last->pages * w->page_size;
	}
	for (size_t i = 0; !w->problem && i < n; i++) {
		struct page_run *to = vec_push(&w->run);

		w->problem = to ? walked_check(w, &run[i], &end) : "no memory";
		if (w->problem)
			break;
		*to = run[i];
		if (w->range[run[i].range].huge_size <= w->page_size)
			pages += run[i].pages;
	}
	if (pages > PAGEMAP_BATCH_PAGES)
		w->problem = "a call with too many pages";
	return w->stop;
}

static inline void walked_done(struct walked *w)
{
	vec_done(&w->run);
	memset(w, 0, sizeof(*w));
}

/* A walk; 0 or its error. */
static inline int walked_walk(struct walked *w, struct pagemap *pm,
			      const struct pagemap_range *range, size_t n)
{
	int ret;

	*w = (struct walked){ .range = range, .ranges = n, .page_size = pm->page_size,
			      .stop = w->stop };
	ret = pagemap_walk(pm, range, n, walked_take, w);
	ck_assert_msg(!w->problem, "%s", w->problem);
	return ret;
}

enum { WALKED_HUGE = 1, WALKED_ZERO = 2 };

/* The entries of a range's pages, 0 where there was no run, and what was told about them. */
static inline void walked_pages(const struct walked *w, uint32_t range, uint64_t *entry,
				unsigned char *told)
{
	const struct pagemap_range *r = &w->range[range];
	size_t n = (size_t)((r->end - r->start) / w->page_size);

	memset(entry, 0, n * sizeof(*entry));
	if (told)
		memset(told, 0, n);
	for (size_t i = 0; i < w->run.n; i++) {
		const struct page_run *run = &w->run.v[i];
		uint64_t step = walked_step(run);
		size_t at = (size_t)((run->start - r->start) / w->page_size);

		if (run->range != range)
			continue;
		for (size_t k = 0; k < run->pages; k++) {
			entry[at + k] = run->entry + k * step;
			if (told)
				told[at + k] = (unsigned char)((run->huge ? WALKED_HUGE : 0) |
							       (run->zero ? WALKED_ZERO : 0));
		}
	}
}

/* How many runs could have been one with the run before them. */
static inline size_t walked_seams(const struct walked *w)
{
	size_t seams = 0;

	for (size_t i = 1; i < w->run.n; i++) {
		const struct page_run *a = &w->run.v[i - 1], *b = &w->run.v[i];

		seams += b->start == a->start + a->pages * w->page_size && b->range == a->range &&
			 b->huge == a->huge && b->zero == a->zero &&
			 w->range[b->range].huge_size <= w->page_size &&
			 b->entry == a->entry + a->pages * walked_step(a);
	}
	return seams;
}

#endif
