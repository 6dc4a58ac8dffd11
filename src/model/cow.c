/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What fork left shared: the pages of a process against those of others at the same addresses. */
#include "config.h"

#include "model/cow.h"

#include <errno.h>

#include "proc/kpage.h"

void cow_add(struct cow_pages *to, const struct cow_pages *p)
{
	to->shared += p->shared;
	to->shared_file += p->shared_file;
	to->copied_here += p->copied_here;
	to->copied_there += p->copied_there;
	to->copied_unknown += p->copied_unknown;
	to->only_here += p->only_here;
	to->only_here_file += p->only_here_file;
	to->only_there += p->only_there;
	to->only_there_file += p->only_there_file;
}

/* A position in a list of runs. */
struct cursor {
	const struct page_run *run, *end;
	uint64_t done;			/* pages of *run that are behind us */
};

/* The entry of the page that the cursor is at; only what tells pages apart grows. */
static uint64_t entry_at(const struct cursor *c)
{
	return c->run->entry + c->done * pagemap_step(c->run->entry);
}

static uint64_t address_at(const struct cursor *c, uint64_t page_size)
{
	return c->run->start + c->done * page_size;
}

static void advance(struct cursor *c, uint64_t pages)
{
	c->done += pages;
	if (c->done < c->run->pages)
		return;
	c->run++;
	c->done = 0;
}

static bool is_hidden(uint64_t entry)
{
	return pagemap_pfn(entry) == 0;
}

/* Different pages: who made the copy? A file's page is nobody's copy, and what a third process maps
 * too was there before. */
static int add_copies(const struct cow_comparison *c, struct cow_other *o, const struct cursor *here,
		      uint64_t a, uint64_t b, uint64_t pages)
{
	struct cow_pages several = { 0 };
	struct cow_pages *row = c->alone ? &c->rows[here->run->range] : &several;
	bool file_a = a & PAGEMAP_FILE, file_b = b & PAGEMAP_FILE;
	bool alone_a = a & PAGEMAP_EXCLUSIVE, alone_b = b & PAGEMAP_EXCLUSIVE;
	bool present = a & b & PAGEMAP_PRESENT;
	struct cow_question *q;

	if (file_a != file_b || (present && !file_a && alone_a != alone_b)) {
		bool there = file_a != file_b ? file_a : alone_b;

		*(there ? &o->pages.copied_there : &o->pages.copied_here) += pages;
		*(there ? &row->copied_there : &row->copied_here) += pages;
		return 0;
	}
	if (!present || file_a || !alone_a) {
		o->pages.copied_unknown += pages;
		row->copied_unknown += pages;
		return 0;
	}
	q = vec_push(&o->question);
	if (!q)
		return -ENOMEM;
	*q = (struct cow_question){ pagemap_pfn(a), pagemap_pfn(b), pages, here->run->range };
	return 0;
}

static void add_only_there(const struct cow_comparison *c, struct cow_other *o,
			   const struct cursor *there, uint64_t pages)
{
	uint64_t address = address_at(there, c->page_size);
	bool file = there->run->entry & PAGEMAP_FILE;

	o->pages.only_there += pages;
	o->pages.only_there_file += file ? pages : 0;
	while (pages) {
		uint64_t end, n = pages;
		uint32_t row = c->what_maps(c->ctx, address, &end);

		if ((end - address) / c->page_size < n)
			n = (end - address) / c->page_size;
		*(row != UINT32_MAX ? &c->rows[row].only_there : &o->outside) += n;
		if (file)
			*(row != UINT32_MAX ? &c->rows[row].only_there_file : &o->outside_file) += n;
		address += n * c->page_size;
		pages -= n;
	}
}

static void count_up(uint16_t *counter, uint64_t from, uint64_t n)
{
	for (uint64_t i = from; i < from + n; i++)
		if (counter[i] < UINT16_MAX)
			counter[i]++;
}

static uint64_t left(const struct cursor *c)
{
	return c->run->pages - c->done;
}

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* Both have a page here. */
static int compare_both(const struct cow_comparison *c, struct cow_other *o,
			const struct cursor *here, const struct cursor *there, uint64_t at, uint64_t n)
{
	uint64_t a = entry_at(here), b = entry_at(there);

	if (is_hidden(a) || is_hidden(b)) {
		o->hidden = true;
		return 0;
	}
	/* in what overlaps, both numbers grow alike: the first page speaks for all */
	if (pagemap_pfn(a) == pagemap_pfn(b) &&
	    ((a ^ b) & (PAGEMAP_PRESENT | PAGEMAP_SWAPPED)) == 0) {
		o->pages.shared += n;
		o->pages.shared_file += a & PAGEMAP_FILE ? n : 0;
		count_up(c->sharers, at, n);
		return 0;
	}
	count_up(c->copies, at, n);
	return add_copies(c, o, here, a, b, n);
}

int cow_compare(const struct cow_comparison *c, struct cow_other *o)
{
	struct cursor here = { c->here->v, c->here->v + c->here->n, 0 };
	struct cursor there = { c->there->v, c->there->v + c->there->n, 0 };
	uint64_t at = 0;		/* pages of here so far */
	int ret = 0;

	while (ret == 0 && (here.run < here.end || there.run < there.end)) {
		uint64_t a = here.run < here.end ? address_at(&here, c->page_size) : UINT64_MAX;
		uint64_t b = there.run < there.end ? address_at(&there, c->page_size) : UINT64_MAX;
		uint64_t n;

		if (a < b) {
			n = least(left(&here), (b - a) / c->page_size);
			o->pages.only_here += n;
			o->pages.only_here_file += here.run->entry & PAGEMAP_FILE ? n : 0;
			advance(&here, n);
			at += n;
		} else if (b < a) {
			n = least(left(&there), (a - b) / c->page_size);
			add_only_there(c, o, &there, n);
			advance(&there, n);
		} else {
			n = least(left(&here), left(&there));
			ret = compare_both(c, o, &here, &there, at, n);
			advance(&here, n);
			advance(&there, n);
			at += n;
		}
	}
	return ret;
}

static bool is_large(uint64_t flags)
{
	return flags & (KPAGE_BIT(COMPOUND_HEAD) | KPAGE_BIT(COMPOUND_TAIL) | KPAGE_BIT(THP));
}

/* PG_anon_exclusive: of a page of a large folio kpageflags may show another page's. */
static bool is_exclusive(uint64_t flags)
{
	return !is_large(flags) && (flags & KPAGE_BIT(ANON)) && (flags & KPAGE_BIT(OWNER_2));
}

void cow_answer(const struct cow_question *q, const uint64_t *here, const uint64_t *there,
		struct cow_pages *pages)
{
	for (uint64_t i = 0; i < q->pages; i++) {
		bool original_here, original_there;

		if (!here || !there) {
			pages->copied_unknown++;
			continue;
		}
		original_here = is_large(here[i]);
		original_there = is_large(there[i]);
		if (!original_here && !original_there) {
			original_here = is_exclusive(there[i]);
			original_there = is_exclusive(here[i]);
		}
		if (original_here == original_there)
			pages->copied_unknown++;
		else if (original_here)
			pages->copied_there++;
		else
			pages->copied_here++;
	}
}
