/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Comparing page tables: runs of any shape against the same, page by page. */
#include "config.h"

#include "model/cow.h"

#include "proc/kpage.h"
#include "unit.h"

enum { PAGES = 96, SPLIT = 50, PAGE_SIZE = 4096, ROUNDS = 3000 };

/* The process has mappings at [0, SPLIT) and [SPLIT + 10, PAGES); pages between are nobody's. */
static uint32_t two_mappings(const void *ctx, uint64_t address, uint64_t *end)
{
	uint64_t i = address / PAGE_SIZE;

	(void)ctx;
	*end = i < SPLIT ? SPLIT * PAGE_SIZE : i < SPLIT + 10 ? (SPLIT + 10) * PAGE_SIZE : UINT64_MAX;
	return i < SPLIT ? 0 : i < SPLIT + 10 ? UINT32_MAX : 1;
}

/* Entries that follow each other now and then; 0 for nothing. */
static void make_side(uint64_t *seed, uint64_t *entry, bool here)
{
	for (uint64_t i = 0; i < PAGES; i++) {
		uint64_t state = unit_below(seed, 6), pfn = 100 + i * (unit_below(seed, 8) ? 1 : 2);

		entry[i] = 0;
		if (here && i >= SPLIT && i < SPLIT + 10)
			continue;
		if (state < 4)
			entry[i] = PAGEMAP_PRESENT | pfn |
				   (unit_below(seed, 4) == 0 ? PAGEMAP_FILE : 0) |
				   (unit_below(seed, 2) ? PAGEMAP_EXCLUSIVE : 0);
		else if (state == 4)
			entry[i] = PAGEMAP_SWAPPED | pfn << 5 | unit_below(seed, 2);
	}
}

static uint32_t range_of(uint64_t i)
{
	return i < SPLIT ? 0 : 1;
}

static void make_runs(const uint64_t *entry, cow_runs *out)
{
	for (uint64_t i = 0; i < PAGES; i++) {
		struct page_run *last = out->n ? &out->v[out->n - 1] : NULL;
		uint64_t step = entry[i] & PAGEMAP_PRESENT ? 1 : 1 << 5;

		if (!entry[i])
			continue;
		if (last && last->start + last->pages * PAGE_SIZE == i * PAGE_SIZE &&
		    last->entry + last->pages * step == entry[i] && last->range == range_of(i)) {
			last->pages++;
			continue;
		}
		last = vec_push(out);
		ck_assert_ptr_nonnull(last);
		*last = (struct page_run){ .start = i * PAGE_SIZE, .pages = 1, .entry = entry[i],
					   .range = range_of(i) };
	}
}

/* Page by page: what the words of the header say. */
static void count(const uint64_t *a, const uint64_t *b, struct cow_pages row[2],
		  struct cow_pages *all, uint64_t *outside)
{
	for (uint64_t i = 0; i < PAGES; i++) {
		struct cow_pages one = { 0 };
		bool file = (a[i] ? a[i] : b[i]) & PAGEMAP_FILE;
		bool file_b = b[i] & PAGEMAP_FILE, outer = i >= SPLIT && i < SPLIT + 10;
		bool both = a[i] & b[i] & PAGEMAP_PRESENT;

		if (!a[i] && !b[i])
			continue;
		if (!b[i])
			one.only_here = 1, one.only_here_file = file;
		else if (!a[i])
			one.only_there = 1, one.only_there_file = file;
		else if (pagemap_pfn(a[i]) == pagemap_pfn(b[i]) &&
			 (a[i] & PAGEMAP_PRESENT) == (b[i] & PAGEMAP_PRESENT))
			one.shared = 1, one.shared_file = file;
		else if (file != file_b)
			one.copied_there = file, one.copied_here = file_b;
		else if (both && !file && ((a[i] ^ b[i]) & PAGEMAP_EXCLUSIVE))
			one.copied_there = !!(b[i] & PAGEMAP_EXCLUSIVE),
			one.copied_here = !!(a[i] & PAGEMAP_EXCLUSIVE);
		else
			one.copied_unknown = 1;
		cow_add(all, &one);
		if (outer) {
			*outside += one.only_there;
		} else {
			one.shared = one.shared_file = one.only_here = one.only_here_file = 0;
			cow_add(&row[range_of(i)], &one);
		}
	}
}

/* Answers all questions as if no frame were in a large folio. */
static void answer_all(struct cow_other *o, struct cow_pages row[2])
{
	for (size_t i = 0; i < o->question.n; i++) {
		struct cow_pages p = { 0 };

		cow_answer(&o->question.v[i], NULL, NULL, &p);
		cow_add(&o->pages, &p);
		cow_add(&row[o->question.v[i].range], &p);
	}
}

START_TEST(test_random)
{
	uint64_t seed = 11;

	for (int round = 0; round < ROUNDS; round++) {
		uint64_t a[PAGES], b[PAGES], outside = 0;
		cow_runs here = { 0 }, there = { 0 };
		struct cow_pages row[2] = { 0 }, want[2] = { 0 }, all = { 0 };
		uint16_t sharers[PAGES] = { 0 }, copies[PAGES] = { 0 };
		struct cow_other o = { 0 };
		struct cow_comparison c = {
			.here = &here, .there = &there, .page_size = PAGE_SIZE, .alone = true,
			.what_maps = two_mappings, .rows = row, .sharers = sharers, .copies = copies,
		};
		size_t at = 0;

		make_side(&seed, a, true);
		make_side(&seed, b, false);
		make_runs(a, &here);
		make_runs(b, &there);
		ck_assert_int_eq(cow_compare(&c, &o), 0);
		answer_all(&o, row);
		count(a, b, want, &all, &outside);
		ck_assert_mem_eq(row, want, sizeof(row));
		ck_assert_mem_eq(&o.pages, &all, sizeof(all));
		ck_assert_uint_eq(o.outside, outside);
		ck_assert(!o.hidden);
		for (uint64_t i = 0; i < PAGES; i++) {
			bool same = a[i] && b[i] && pagemap_pfn(a[i]) == pagemap_pfn(b[i]) &&
				    (a[i] & PAGEMAP_PRESENT) == (b[i] & PAGEMAP_PRESENT);

			if (!a[i])
				continue;
			ck_assert_uint_eq(sharers[at], same);
			ck_assert_uint_eq(copies[at], b[i] && !same);
			at++;
		}
		vec_done(&here);
		vec_done(&there);
		vec_done(&o.question);
	}
}
END_TEST

/* A frame in a large folio is the original; of two small ones, the one that is not exclusive, if the
 * other is. */
START_TEST(test_answer)
{
	static const uint64_t large = KPAGE_BIT(ANON) | KPAGE_BIT(COMPOUND_TAIL) | KPAGE_BIT(THP);
	static const uint64_t small = KPAGE_BIT(ANON);
	static const uint64_t alone = KPAGE_BIT(ANON) | KPAGE_BIT(OWNER_2);
	static const struct {
		uint64_t here, there;
		int by_here, by_there;	/* neither: not told */
	} t[] = {
		{ large, small, 0, 1 }, { small, large, 1, 0 }, { small, small, 0, 0 }, { large, large, 0, 0 },
		{ alone, small, 1, 0 }, { small, alone, 0, 1 }, { alone, alone, 0, 0 },
		/* of a large folio the flag may be another page's */
		{ large | alone, small, 0, 1 }, { alone, large | alone, 1, 0 }, { large | alone, large, 0, 0 },
		/* the same bit means something else of a file's page */
		{ KPAGE_BIT(OWNER_2), small, 0, 0 },
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct cow_pages p = { 0 };

		cow_answer(&(struct cow_question){ .pages = 1 }, &t[i].here, &t[i].there, &p);
		ck_assert_uint_eq(p.copied_here, t[i].by_here);
		ck_assert_uint_eq(p.copied_there, t[i].by_there);
		ck_assert_uint_eq(p.copied_unknown, !t[i].by_here && !t[i].by_there);
	}
}
END_TEST

/* Without privilege, the entries are there, and all their numbers 0. */
START_TEST(test_hidden)
{
	struct page_run run = { .start = 0, .pages = 3, .entry = PAGEMAP_PRESENT };
	cow_runs one = { &run, 1, 1 };
	struct cow_pages row[2] = { 0 };
	uint16_t sharers[3] = { 0 }, copies[3] = { 0 };
	struct cow_other o = { 0 };

	ck_assert_int_eq(cow_compare(&(struct cow_comparison){
		.here = &one, .there = &one, .page_size = PAGE_SIZE, .what_maps = two_mappings,
		.rows = row, .sharers = sharers, .copies = copies }, &o), 0);
	ck_assert(o.hidden);
	ck_assert_uint_eq(o.pages.shared, 0);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("cow");

	UNIT_CASE(s, "comparison", test_random, test_answer, test_hidden);
	return unit_run(s);
}
