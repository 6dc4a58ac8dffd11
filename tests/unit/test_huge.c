/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Amounts in huge pages and their shares; which state of the pages is why they are not huge. */
#include "config.h"

#include "model/huge.h"

#include "huge_bench.h"

START_TEST(test_unknown_size)
{
	struct bench b;

	begin(&b);
	b.m.thp.number[THP_PMD_SIZE].known = false;
	ck_why(&b, "");
	ck_assert(!b.h.has_extents);
}
END_TEST

START_TEST(test_amounts)
{
	struct tally_entry folio[] = {
		{ folio_key(9, FOLIO_PMD), 1024 }, { folio_key(4, FOLIO_ALIGNED), 160 },
		{ folio_key(0, FOLIO_ALIGNED), 100 }, { folio_key(9, FOLIO_PARTIAL), 50 },
		{ folio_key(4, FOLIO_UNALIGNED), 16 }, { folio_key(18, FOLIO_HUGETLB), 262144 },
	};
	struct bench b;
	struct huge sum;
	uint64_t share;

	begin(&b);
	b.rss = 2048 * 2 + 1304;
	set_extents(&b, 4, 2, 0, 0, 1);
	b.census.tally[TALLY_FOLIOS] = folio;
	b.census.n[TALLY_FOLIOS] = 6;
	ask(&b);
	ck_assert(b.h.has_folios);
	ck_assert_uint_eq(b.h.n_sizes, 4);
	ck_assert_uint_eq(b.h.sizes[0].size, UINT64_C(1) << 30);
	ck_assert_uint_eq(b.h.sizes[0].use[FOLIO_HUGETLB], UINT64_C(1) << 30);
	ck_assert_uint_eq(b.h.sizes[1].size, 2 * M);
	ck_assert_uint_eq(b.h.sizes[1].use[FOLIO_PMD], 4 * M);
	ck_assert_uint_eq(b.h.sizes[1].use[FOLIO_PARTIAL], 50 * 4096);
	ck_assert_uint_eq(b.h.sizes[2].size, 65536);
	ck_assert_uint_eq(b.h.sizes[2].use[FOLIO_ALIGNED], 160 * 4096);
	ck_assert_uint_eq(b.h.sizes[2].use[FOLIO_UNALIGNED], 65536);
	ck_assert_uint_eq(b.h.sizes[3].size, 4096);
	ck_assert_uint_eq(b.h.huge.v, 4 * M);
	ck_assert(huge_share(&b.h, &share));
	ck_assert_uint_eq(share, 500000);
	ck_assert(huge_resident_share(&b.h, &share));
	ck_assert_uint_eq(share, UINT64_C(4096) * 1000000 / 5400);

	huge_add(&sum, &b.h, true);
	huge_add(&sum, &b.h, false);
	ck_assert_uint_eq(sum.n_sizes, 4);
	ck_assert_uint_eq(sum.sizes[2].use[FOLIO_ALIGNED], 2 * 160 * 4096);
	ck_assert_uint_eq(sum.huge.v, 8 * M);
	ck_assert_uint_eq(sum.size, 16 * M);
	ck_assert_uint_eq(sum.extents.fit, 8);
	ck_assert(huge_share(&sum, &share));
	ck_assert_uint_eq(share, 500000);
	/* what one does not know, the sum does not */
	b.h.huge.known = b.h.has_extents = false;
	huge_add(&sum, &b.h, false);
	ck_assert(!sum.huge.known && !sum.has_extents && sum.pmd.known);
	ck_assert(!huge_share(&sum, &share));
}
END_TEST

START_TEST(test_amounts_without_frames)
{
	struct bench b;
	uint64_t share;

	/* without frame numbers, what PAGEMAP_SCAN or smaps told is still there */
	begin(&b);
	b.known = CENSUS_PMD;
	b.rss = 8192;
	b.anon_huge = 2048;
	set_extents(&b, 4, 3, 0, 0, 1);
	ask(&b);
	ck_assert(!b.h.has_folios);
	ck_assert_uint_eq(b.h.n_sizes, 1);
	ck_assert_uint_eq(b.h.sizes[0].size, 2 * M);
	ck_assert_uint_eq(b.h.sizes[0].use[FOLIO_PMD], 6 * M);
	begin(&b);
	b.rss = 8192;
	b.anon_huge = 2048;
	ask(&b);
	ck_assert_uint_eq(b.h.huge.v, 2 * M);
	ck_assert(huge_resident_share(&b.h, &share));
	ck_assert_uint_eq(share, 250000);
	/* read at different moments: never more than all */
	begin(&b);
	b.rss = 2048;
	b.anon_huge = 8192;
	ask(&b);
	ck_assert(huge_resident_share(&b.h, &share));
	ck_assert_uint_eq(share, 1000000);
}
END_TEST

START_TEST(test_states)
{
	struct bench b;

	begin(&b);
	b.flags = "rd wr hg";
	b.eligible = 1;
	b.rss = 8192;
	set_extents(&b, 4, 0, 0, 0, 4);
	ck_why(&b, "small_pages");
	ck_fact(&b, 0, "transparent_hugepage/khugepaged/scan_sleep_millisecs", "10000");
	ck_assert_uint_eq(b.r.v[0].extents.v, 4);
	/* the most first */
	begin(&b);
	b.range = "7f0000000000-7f0001400000";
	b.flags = "rd wr hg";
	b.eligible = 1;
	b.swap = 40;
	b.m.thp.number[THP_MAX_PTES_NONE].v = 100;
	set_extents(&b, 10, 0, 2, 1, 3);
	ck_why(&b, "not_populated,small_pages,swapped,sparse");
	ck_fact(&b, 2, "Swap", "40960");
	ck_fact(&b, 3, "transparent_hugepage/khugepaged/max_ptes_none", "100");
	ck_assert_uint_eq(b.r.v[0].extents.v, 4);
	ck_assert_uint_eq(b.r.v[3].extents.v, 1);
	/* khugepaged is no one to blame while it is not allowed */
	begin(&b);
	b.eligible = 0;
	b.rss = 8192;
	b.swap = 4;
	set_extents(&b, 4, 0, 1, 1, 1);
	ck_why(&b, "madvise_only,swapped,not_populated");
}
END_TEST

START_TEST(test_without_pages)
{
	struct bench b;

	begin(&b);
	b.flags = "rd wr hg";
	b.eligible = 1;
	b.rss = 4096;
	b.anon_huge = 2048;
	ck_why(&b, "small_pages");
	ck_assert(!b.r.v[0].extents.known);
	begin(&b);
	b.flags = "rd wr hg";
	b.eligible = 1;
	b.rss = b.anon_huge = 8192;
	ck_why(&b, "");
	begin(&b);
	b.flags = "rd wr hg";
	b.eligible = 1;
	b.swap = 12;
	ck_why(&b, "swapped");
	ck_fact(&b, 0, "Swap", "12288");
}
END_TEST

static void set_buddy(struct bench *b, const char *text)
{
	vec_done(&b->m.buddy);
	ck_assert_int_eq(buddyinfo_parse(text, strlen(text), &b->m.buddy), 0);
}

START_TEST(test_fragmented)
{
	static const char full[] = "Node 0, zone Normal 99 9 9 9 9 9 9 9 9 0 0\n";
	struct bench b;

	begin(&b);
	b.flags = "rd wr hg";
	b.eligible = 1;
	set_buddy(&b, full);
	set_extents(&b, 4, 2, 0, 0, 2);
	ck_why(&b, "fragmented,small_pages");
	ck_fact(&b, 0, "buddyinfo", "0");
	/* one block of twice the size is enough */
	begin(&b);
	b.flags = "rd wr hg";
	b.eligible = 1;
	set_buddy(&b, "Node 0, zone Normal 99 9 9 9 9 9 9 9 9 0 1\n");
	set_extents(&b, 4, 2, 0, 0, 2);
	ck_why(&b, "small_pages");
	/* none of it matters to what may not be huge, or is */
	begin(&b);
	b.eligible = 0;
	set_buddy(&b, full);
	set_extents(&b, 4, 0, 0, 0, 4);
	ck_why(&b, "madvise_only");
	begin(&b);
	b.range = "7f0000000000-7f0000801000";
	b.flags = "rd wr hg";
	b.eligible = 1;
	set_buddy(&b, full);
	set_extents(&b, 4, 4, 0, 0, 0);
	ck_why(&b, "unaligned_ends");
	/* not known is not fragmented */
	begin(&b);
	b.flags = "rd wr hg";
	b.eligible = 1;
	set_buddy(&b, "");
	set_extents(&b, 4, 2, 0, 0, 2);
	ck_why(&b, "small_pages");
}
END_TEST

START_TEST(test_shared_pages)
{
	struct bench b;

	begin(&b);
	b.flags = "rd wr hg";
	b.eligible = 1;
	set_extents(&b, 4, 0, 0, 0, 4);
	b.census.shared = 257;
	ck_why(&b, "shared_pages,small_pages");
	ck_fact(&b, 0, "transparent_hugepage/khugepaged/max_ptes_shared", "256");
	begin(&b);
	b.flags = "rd wr hg";
	b.eligible = 1;
	set_extents(&b, 4, 0, 0, 0, 4);
	b.census.shared = 256;
	ck_why(&b, "small_pages");
	/* what is huge can't be kept from it */
	begin(&b);
	b.range = "7f0000000000-7f0000801000";
	b.flags = "rd wr hg";
	b.eligible = 1;
	set_extents(&b, 4, 4, 0, 0, 0);
	b.census.shared = 2048;
	ck_why(&b, "unaligned_ends");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("huge");

	UNIT_CASE(s, "amounts", test_amounts, test_amounts_without_frames, test_unknown_size);
	UNIT_CASE(s, "states", test_states, test_without_pages, test_fragmented,
		  test_shared_pages);
	return unit_run(s);
}
