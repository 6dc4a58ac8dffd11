/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Frames that two processes map, found by their numbers: against a table of all frames. */
#include "config.h"

#include "model/sharing.h"

#include "unit.h"

enum { FRAMES = 200, RUNS = 12, ROUNDS = 3000 };

static void note_found(void *ctx, const struct sharing_frames *f, uint64_t first, uint64_t pages)
{
	unsigned char *found = ctx;

	for (uint64_t i = 0; i < pages; i++)
		found[f->pfn + (first - f->at) + i]++;
}

START_TEST(test_random)
{
	uint64_t seed = 5;

	for (int round = 0; round < ROUNDS; round++) {
		bool here[FRAMES] = { 0 }, there[FRAMES] = { 0 };
		unsigned char found[FRAMES] = { 0 };
		uint8_t mark[FRAMES] = { 0 };
		struct page_run run[RUNS];
		sharing_list list = { 0 };
		uint64_t frames = 0, at = 0;
		struct sharing_count count = { &list, mark, note_found, found };

		for (unsigned int i = 0; i < RUNS; i++) {
			uint64_t pfn = 1 + unit_below(&seed, FRAMES - 20), n = 1 + unit_below(&seed, 15);
			bool exclusive = unit_below(&seed, 3) == 0;
			struct sharing_frames *to = vec_push(&list);

			ck_assert_ptr_nonnull(to);
			*to = (struct sharing_frames){ .pfn = pfn, .pages = n, .row = i };
			for (uint64_t k = 0; k < n; k++)
				here[pfn + k] = true;
			pfn = 1 + unit_below(&seed, FRAMES - 20);
			n = 1 + unit_below(&seed, 15);
			run[i] = (struct page_run){ .pages = n, .entry = PAGEMAP_PRESENT | pfn |
				(exclusive ? PAGEMAP_EXCLUSIVE : 0), .zero = unit_below(&seed, 9) == 0 };
			for (uint64_t k = 0; k < n && !exclusive && !run[i].zero; k++)
				there[pfn + k] = true;
		}
		for (unsigned int i = 0; i < FRAMES; i++)
			frames += here[i];
		ck_assert_uint_eq(sharing_sort(&list), frames);
		for (size_t i = 0; i < list.n; i++) {
			ck_assert_uint_eq(list.v[i].at, at);
			ck_assert(i == 0 || list.v[i - 1].pfn + list.v[i - 1].pages <= list.v[i].pfn);
			at += list.v[i].pages;
		}
		sharing_count_runs(&count, run, RUNS);
		for (unsigned int i = 0; i < FRAMES; i++)
			ck_assert_msg(found[i] == (here[i] && there[i]), "round %d, frame %u: %u times",
				      round, i, found[i]);
		vec_done(&list);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("sharing");

	UNIT_CASE(s, "frames", test_random);
	return unit_run(s);
}
