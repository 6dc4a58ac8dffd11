/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pagemap entries, and walks over captured files of them. */
#include "config.h"

#include "proc/pagemap.h"

#include <errno.h>

#include "pagemap_check.h"
#include "tree.h"

#define PAGE UINT64_C(4096)
#define SWAP(type, offset) (PAGEMAP_SWAPPED | (uint64_t)(offset) << 5 | (type))
#define FRAME(pfn) (PAGEMAP_PRESENT | (uint64_t)(pfn))

/* ---- states ---- */

START_TEST(test_state)
{
	static const struct {
		uint64_t entry;
		enum page_state state;
		const char *what;
	} known[] = {
		{ 0, PAGE_NONE, "nothing" },
		{ UINT64_C(1) << 55, PAGE_NONE, "a new mapping is soft-dirty" },
		{ UINT64_C(0x81800000000a1b2c), PAGE_PRESENT, "anonymous, written" },
		{ UINT64_C(0xa000000000123456), PAGE_PRESENT, "of a file" },
		{ UINT64_C(0xa100000000123456), PAGE_PRESENT, "of a file, mapped once" },
		{ UINT64_C(0x8000000000000003), PAGE_PRESENT, "the zero page" },
		{ UINT64_C(0x8000000000000000), PAGE_PRESENT, "frame hidden" },
		{ UINT64_C(0x8300000000054321), PAGE_PRESENT, "write-protected by userfaultfd" },
		/* seen on 6.18: TRAPS.md, 15 */
		{ UINT64_C(0x440000000000009f), PAGE_GUARD, "guard, as root sees it" },
		{ UINT64_C(0x4400000000000000), PAGE_GUARD, "guard, hidden" },
		{ UINT64_C(0x400000000000009f), PAGE_GUARD, "guard, 6.13 and 6.14: no bit 58" },
		{ UINT64_C(0x420000000000003f), PAGE_MARKER, "userfaultfd's marker" },
		{ UINT64_C(0x4200000000000000), PAGE_MARKER, "the same, hidden" },
		{ UINT64_C(0x400000000000005f), PAGE_MARKER, "poison" },
		{ UINT64_C(0x460000000000009f), PAGE_GUARD, "guard bit beats userfaultfd's" },
		{ SWAP(0, 1), PAGE_SWAP, "first area, first page" },
		{ SWAP(22, 0xfffff), PAGE_SWAP, "last area" },
		{ SWAP(1, 7) | PAGEMAP_UFFD_WP, PAGE_SWAP, "swapped while write-protected" },
		{ SWAP(1, 7) | PAGEMAP_SOFT_DIRTY, PAGE_SWAP, "swapped, soft-dirty" },
		{ SWAP(3, 7) | PAGEMAP_FILE, PAGE_SWAP, "of a file" },
		{ UINT64_C(0x4000000000000000), PAGE_SWAP, "swapped, where to is hidden" },
		{ SWAP(23, 0x12345), PAGE_MIGRATION, "device memory" },
		{ SWAP(27, 0x12345), PAGE_MIGRATION, "hwpoison" },
		{ SWAP(30, 0x12345), PAGE_MIGRATION, "migration" },
		/* before 5.19 there are no markers, and 31 is a migration or a device */
		{ SWAP(31, 0x12345), PAGE_MIGRATION, "migration, 5.10" },
		{ SWAP(31, 0x12344), PAGE_MIGRATION, "migration, 5.10" },
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		ck_assert_msg(pagemap_state(known[i].entry) == known[i].state, "%s: %d",
			      known[i].what, (int)pagemap_state(known[i].entry));
	/* whatever else is set, these bits decide */
	ck_assert_uint_eq(pagemap_pfn(UINT64_MAX), (UINT64_C(1) << 55) - 1);
	ck_assert_uint_eq(pagemap_swap_type(SWAP(21, 5)), 21);
	ck_assert_uint_eq(pagemap_swap_offset(SWAP(21, 5) | PAGEMAP_SOFT_DIRTY), 5);
	ck_assert_uint_eq(pagemap_swap_offset(UINT64_MAX), (UINT64_C(1) << 50) - 1);
}
END_TEST

/* ---- walks over a file ---- */

struct file {
	struct tree tree;
	struct pagemap pm;
	int fd;
};

static void file_init(struct file *f)
{
	tree_init(&f->tree);
	f->fd = tree_words(&f->tree, "proc/1234/pagemap");
	ck_assert_int_eq(pagemap_open(&f->tree.process, PAGE, false, &f->pm), 0);
	ck_assert(!f->pm.live && !f->pm.has_scan);
}

static void file_done(struct file *f)
{
	pagemap_close(&f->pm);
	ck_assert_int_eq(f->pm.fd, -1);
	close(f->fd);
	tree_done(&f->tree);
}

static void put_one(const struct file *f, uint64_t page, uint64_t entry)
{
	tree_put(f->fd, page, &entry, 1);
}

/* Entries that grow by a step. */
static void put_run(const struct file *f, uint64_t page, uint64_t entry, size_t n, uint64_t step)
{
	uint64_t *word = malloc(n * sizeof(*word));

	for (size_t i = 0; i < n; i++)
		word[i] = entry + i * step;
	tree_put(f->fd, page, word, n);
	free(word);
}

static void check_run(const struct walked *w, size_t i, uint64_t page, uint64_t pages,
		      uint64_t entry, uint32_t range)
{
	const struct page_run *run = &w->run.v[i];

	ck_assert_msg(i < w->run.n && run->start == page * PAGE && run->pages == pages &&
		      run->entry == entry && run->range == range && !run->huge && !run->zero,
		      "run %zu of %zu: page %#lx, %lu pages, entry %#lx, range %u", i, w->run.n,
		      i < w->run.n ? (unsigned long)(run->start / PAGE) : 0,
		      i < w->run.n ? (unsigned long)run->pages : 0,
		      i < w->run.n ? (unsigned long)run->entry : 0, i < w->run.n ? run->range : 0);
}

/* What joins into a run, and what does not. */
START_TEST(test_runs)
{
	const struct pagemap_range range[] = {
		{ .start = 0x100 * PAGE, .end = 0x140 * PAGE },
		{ .start = 0x140 * PAGE, .end = 0x150 * PAGE },
		{ .start = 0x150 * PAGE, .end = 0x160 * PAGE, .skip = true },
		{ .start = 0x160 * PAGE, .end = 0x160 * PAGE },
		{ .start = 0x170 * PAGE, .end = 0x180 * PAGE },
	};
	struct walked w = { 0 };
	struct file f;

	file_init(&f);
	put_run(&f, 0xf8, FRAME(0x38), 16, 1);			/* from before the range on */
	put_run(&f, 0x108, FRAME(0x48) | PAGEMAP_FILE, 4, 1);	/* the frames go on, the bits don't */
	put_run(&f, 0x10c, FRAME(0x4d) | PAGEMAP_FILE, 4, 1);	/* a frame is left out */
	put_run(&f, 0x110, SWAP(2, 0x99), 4, 32);
	put_run(&f, 0x114, SWAP(3, 0x9d), 2, 32);		/* another area */
	put_run(&f, 0x116, UINT64_C(0x440000000000009f), 6, 0);	/* guard */
	put_run(&f, 0x11c, UINT64_C(0x420000000000003f), 2, 0);	/* marker */
	put_run(&f, 0x120, PAGEMAP_PRESENT, 5, 0);		/* hidden */
	put_run(&f, 0x125, PAGEMAP_SWAPPED, 5, 0);
	put_run(&f, 0x12a, PAGEMAP_SOFT_DIRTY, 4, 0);		/* nothing */
	put_run(&f, 0x12e, FRAME(7), 2, 0);			/* the zero page, twice */
	put_run(&f, 0x130, FRAME(0x60), 4, UINT64_MAX);		/* frames that go down */
	put_run(&f, 0x138, FRAME(0x70), 0x40, 1);		/* over all borders */

	ck_assert_int_eq(walked_walk(&w, &f.pm, range, 5), 0);
	check_run(&w, 0, 0x100, 8, FRAME(0x40), 0);
	check_run(&w, 1, 0x108, 4, FRAME(0x48) | PAGEMAP_FILE, 0);
	check_run(&w, 2, 0x10c, 4, FRAME(0x4d) | PAGEMAP_FILE, 0);
	check_run(&w, 3, 0x110, 4, SWAP(2, 0x99), 0);
	check_run(&w, 4, 0x114, 2, SWAP(3, 0x9d), 0);
	check_run(&w, 5, 0x116, 6, UINT64_C(0x440000000000009f), 0);
	check_run(&w, 6, 0x11c, 2, UINT64_C(0x420000000000003f), 0);
	check_run(&w, 7, 0x120, 5, PAGEMAP_PRESENT, 0);
	check_run(&w, 8, 0x125, 5, PAGEMAP_SWAPPED, 0);
	check_run(&w, 9, 0x12e, 1, FRAME(7), 0);
	check_run(&w, 10, 0x12f, 1, FRAME(7), 0);
	for (unsigned int i = 0; i < 4; i++)
		check_run(&w, 11 + i, 0x130 + i, 1, FRAME(0x60 - i), 0);
	check_run(&w, 15, 0x138, 8, FRAME(0x70), 0);
	check_run(&w, 16, 0x140, 16, FRAME(0x78), 1);
	check_run(&w, 17, 0x170, 8, FRAME(0xa8), 4);
	ck_assert_uint_eq(w.run.n, 18);
	walked_done(&w);
	file_done(&f);
}
END_TEST

/* A hugetlb range: the first entry of each page speaks for all. */
START_TEST(test_hugetlb)
{
	const struct pagemap_range range[] = {
		{ .start = 0x3f0 * PAGE, .end = 0x400 * PAGE },
		{ .start = 0x400 * PAGE, .end = 0xc00 * PAGE, .huge_size = 512 * PAGE },
		{ .start = 0xc00 * PAGE, .end = 0xc10 * PAGE, .huge_size = PAGE },
		/* no such mapping can be: the page is larger than it */
		{ .start = 0xc10 * PAGE, .end = 0xc20 * PAGE, .huge_size = 512 * PAGE },
		{ .start = 0xc20 * PAGE, .end = 0xc30 * PAGE, .huge_size = UINT64_C(1) << 63 },
	};
	struct walked w = { 0 };
	struct file f;

	file_init(&f);
	put_run(&f, 0x3f0, FRAME(0x1f0), 0x410, 1);
	put_run(&f, 0x800, PAGEMAP_SOFT_DIRTY, 0x200, 0);
	put_run(&f, 0xa00, FRAME(0x800) | PAGEMAP_FILE, 0x230, 1);
	ck_assert_int_eq(walked_walk(&w, &f.pm, range, 5), 0);
	ck_assert_uint_eq(w.run.n, 7);
	check_run(&w, 0, 0x3f0, 16, FRAME(0x1f0), 0);
	for (unsigned int i = 1; i < 4; i++) {
		static const uint64_t page[] = { 0, 0x400, 0x600, 0xa00 };
		static const uint64_t entry[] = { 0, FRAME(0x200), FRAME(0x400),
						  FRAME(0x800) | PAGEMAP_FILE };
		const struct page_run *run = &w.run.v[i];

		ck_assert_msg(run->start == page[i] * PAGE && run->pages == 512 &&
			      run->entry == entry[i] && run->range == 1 && run->huge &&
			      !run->zero, "huge page %u", i);
	}
	check_run(&w, 4, 0xc00, 16, FRAME(0xa00) | PAGEMAP_FILE, 2);
	ck_assert(w.run.v[5].pages == 16 && w.run.v[6].pages == 16);
	walked_done(&w);
	file_done(&f);
}
END_TEST

/* More hugetlb pages than fit into one call. */
START_TEST(test_hugetlb_many)
{
	enum { PAGES = 20000, EACH = 16 };
	const struct pagemap_range range = { .start = 0, .end = PAGES * EACH * PAGE,
					     .huge_size = EACH * PAGE };
	struct walked w = { 0 };
	struct file f;

	file_init(&f);
	put_run(&f, 0, FRAME(0x100), PAGES * EACH, 1);
	ck_assert_int_eq(walked_walk(&w, &f.pm, &range, 1), 0);
	ck_assert_uint_eq(w.run.n, PAGES);
	ck_assert(w.run.v[PAGES - 1].entry == FRAME(0x100 + (PAGES - 1) * EACH));
	walked_done(&w);
	file_done(&f);
}
END_TEST

/* The pages of all ranges must be those of the file. */
static void check_pages(const struct walked *w, const uint64_t *file, size_t n)
{
	uint64_t *got = malloc(n * sizeof(*got));

	for (uint32_t r = 0; r < w->ranges; r++) {
		uint64_t first = w->range[r].start / PAGE;
		size_t pages = (size_t)(w->range[r].end / PAGE - first);

		walked_pages(w, r, got, NULL);
		for (size_t i = 0; i < pages; i++) {
			uint64_t want = first + i < n && !w->range[r].skip ? file[first + i] : 0;

			if (pagemap_state(want) == PAGE_NONE)
				want = 0;
			if (got[i] != want)
				ck_abort_msg("range %u, page %#zx: %#lx instead of %#lx", r,
					     (size_t)first + i, (unsigned long)got[i],
					     (unsigned long)want);
		}
	}
	free(got);
}

/* More pages than fit into one call, in one run and in one page each. */
START_TEST(test_batches)
{
	enum { PAGES = 150000 };
	const struct pagemap_range range = { .start = 3 * PAGE, .end = PAGES * PAGE };
	uint64_t *file = malloc(PAGES * sizeof(*file));
	struct walked w = { 0 };
	struct file f;

	file_init(&f);
	for (size_t i = 0; i < PAGES; i++)
		file[i] = FRAME(0x1000 + i);
	tree_put(f.fd, 0, file, PAGES);
	ck_assert_int_eq(walked_walk(&w, &f.pm, &range, 1), 0);
	check_pages(&w, file, PAGES);
	ck_assert_uint_eq(w.run.n, 3);
	ck_assert_uint_ge(w.calls, 3);
	walked_done(&w);

	for (size_t i = 0; i < PAGES; i++)
		file[i] = FRAME(0x1000 + 2 * i);
	tree_put(f.fd, 0, file, PAGES);
	ck_assert_int_eq(walked_walk(&w, &f.pm, &range, 1), 0);
	check_pages(&w, file, PAGES);
	ck_assert_uint_eq(w.run.n, PAGES - 3);

	/* the callback's answer ends the walk */
	walked_done(&w);
	w = (struct walked){ .stop = -EDOM };
	ck_assert_int_eq(walked_walk(&w, &f.pm, &range, 1), -EDOM);
	ck_assert_uint_eq(w.calls, 1);
	walked_done(&w);
	free(file);
	file_done(&f);
}
END_TEST

/* Thousands of small ranges close to each other, and a stretch of data in each second block. */
START_TEST(test_extents)
{
	enum { RANGES = 3000, BLOCKS = 700, BLOCK = 512, PAGES = BLOCKS * 2 * BLOCK };
	struct pagemap_range *range = calloc(RANGES, sizeof(*range));
	struct pagemap_range whole = { .start = 0, .end = PAGES * PAGE };
	uint64_t *file = calloc(PAGES, sizeof(*file)), seed = 7, at = 0;
	struct walked w = { 0 };
	struct file f;

	file_init(&f);
	for (unsigned int b = 0; b < BLOCKS; b++) {
		for (unsigned int i = 0; i < BLOCK; i++)
			if (unit_below(&seed, 8))
				file[2 * b * BLOCK + i] = FRAME(b * 1000 + i);
		tree_put(f.fd, 2 * b * BLOCK, file + 2 * b * BLOCK, BLOCK);
	}
	for (unsigned int i = 0; i < RANGES; i++) {
		range[i].start = at * PAGE;
		at += 1 + unit_below(&seed, 4);
		range[i].end = at * PAGE;
		/* mostly neighbours, some at the very edge of what is still read together */
		at += unit_below(&seed, 20) ? unit_below(&seed, 3) : 62 + unit_below(&seed, 6);
	}
	ck_assert_uint_lt(at, PAGES);
	ck_assert_int_eq(walked_walk(&w, &f.pm, range, RANGES), 0);
	check_pages(&w, file, PAGES);
	ck_assert_uint_gt(w.run.n, 1500);
	walked_done(&w);
	ck_assert_int_eq(walked_walk(&w, &f.pm, &whole, 1), 0);
	check_pages(&w, file, PAGES);
	ck_assert_uint_eq(walked_seams(&w), 0);
	walked_done(&w);
	free(range);
	free(file);
	file_done(&f);
}
END_TEST

/* Ends of files: before, in and behind the ranges; in the middle of an entry; no data at all. */
START_TEST(test_ends)
{
	const struct pagemap_range range[] = {
		{ .start = 0x1000 * PAGE, .end = 0x2000 * PAGE },
		{ .start = UINT64_C(0x7fff00000000), .end = UINT64_C(0x7fff00003000) },
	};
	struct walked w = { 0 };
	struct file f;
	uint64_t entry;

	file_init(&f);
	ck_assert_int_eq(walked_walk(&w, &f.pm, range, 2), 0);		/* empty */
	ck_assert_uint_eq(w.calls, 0);
	ck_assert_int_eq(walked_walk(&w, &f.pm, range, 0), 0);
	put_run(&f, 0x10, FRAME(1), 16, 1);				/* before */
	ck_assert_int_eq(walked_walk(&w, &f.pm, range, 2), 0);
	ck_assert_uint_eq(w.run.n, 0);
	ck_assert_int_eq(pagemap_entry(&f.pm, 0x11 * PAGE + 5, &entry), 1);
	ck_assert_uint_eq(entry, FRAME(2));
	ck_assert_int_eq(pagemap_entry(&f.pm, 0x20 * PAGE, &entry), 0);
	ck_assert_uint_eq(entry, 0);
	put_run(&f, 0x1ff8, FRAME(1), 4, 1);				/* in */
	ck_assert_int_eq(walked_walk(&w, &f.pm, range, 2), 0);
	ck_assert_uint_eq(w.run.n, 1);
	check_run(&w, 0, 0x1ff8, 4, FRAME(1), 0);
	walked_done(&w);
	put_run(&f, 0x1ffc, FRAME(5), 0x100, 1);			/* behind the first */
	ck_assert_int_eq(walked_walk(&w, &f.pm, range, 2), 0);
	ck_assert_uint_eq(w.run.n, 1);
	check_run(&w, 0, 0x1ff8, 8, FRAME(1), 0);
	walked_done(&w);
	put_one(&f, 0x7fff00002, FRAME(99));				/* at the very end */
	ck_assert_int_eq(walked_walk(&w, &f.pm, range, 2), 0);
	ck_assert_uint_eq(w.run.n, 2);
	check_run(&w, 1, 0x7fff00002, 1, FRAME(99), 1);
	walked_done(&w);
	/* a last entry that is cut is none */
	for (unsigned int cut = 1; cut < 8; cut++) {
		ck_assert_int_eq(ftruncate(f.fd, (off_t)(0x7fff00003 * 8 - cut)), 0);
		ck_assert_int_eq(walked_walk(&w, &f.pm, range, 2), 0);
		ck_assert_uint_eq(w.run.n, 1);
		walked_done(&w);
		ck_assert_int_eq(pagemap_entry(&f.pm, 0x7fff00002 * PAGE, &entry), 0);
		ck_assert_uint_eq(entry, 0);
	}
	for (unsigned int cut = 1; cut < 8; cut++) {
		ck_assert_int_eq(ftruncate(f.fd, (off_t)(0x1ffb * 8 - cut)), 0);
		ck_assert_int_eq(walked_walk(&w, &f.pm, range, 2), 0);
		ck_assert_uint_eq(w.run.n, 1);
		check_run(&w, 0, 0x1ff8, 2, FRAME(1), 0);
		walked_done(&w);
	}
	file_done(&f);
}
END_TEST

static uint64_t random_entry(uint64_t *seed)
{
	switch (unit_below(seed, 12)) {
	case 0: return FRAME(1 + unit_below(seed, 1 << 20)) | PAGEMAP_FILE;
	case 1: return FRAME(1 + unit_below(seed, 1 << 20)) | PAGEMAP_EXCLUSIVE;
	case 2: return FRAME(0);
	case 3: return SWAP(unit_below(seed, 32), unit_below(seed, 100));
	case 4: return UINT64_C(0x440000000000009f);
	case 5: return PAGEMAP_SWAPPED;
	case 6: return PAGEMAP_SOFT_DIRTY;
	case 7: return 0;
	case 8: return unit_random(seed);
	default: return FRAME(1 + unit_below(seed, 1 << 20)) | PAGEMAP_SOFT_DIRTY;
	}
}

/* Stretches that go on with a step, for some way; each page as in the file. */
START_TEST(test_random)
{
	enum { PAGES = 40000, ROUNDS = 40 };
	uint64_t *file = malloc(PAGES * sizeof(*file));
	struct pagemap_range range[64];
	uint64_t seed = 12345;
	struct file f;

	file_init(&f);
	for (unsigned int round = 0; round < ROUNDS; round++) {
		uint64_t at = unit_below(&seed, 100);
		struct walked w = { 0 };
		size_t ranges = 0;

		ck_assert_int_eq(ftruncate(f.fd, 0), 0);
		for (size_t i = 0; i < PAGES;) {
			static const uint64_t steps[] = { 1, 1, 32, 0, 2 };
			uint64_t entry = random_entry(&seed);
			uint64_t n = 1 + unit_below(&seed, unit_below(&seed, 4) ? 20 : 3000);
			uint64_t step = entry & PAGEMAP_PFN_MASK ? steps[unit_below(&seed, 5)] : 0;

			for (; n-- && i < PAGES; entry += step)
				file[i++] = entry;
		}
		/* blocks of zeros are holes */
		for (size_t i = 0; i < PAGES; i += 512) {
			size_t n = PAGES - i < 512 ? PAGES - i : 512;
			bool some = false;

			for (size_t k = i; k < i + n; k++)
				some |= file[k] != 0;
			if (some)
				tree_put(f.fd, i, file + i, n);
		}
		while (at < PAGES + 1000 && ranges < 64) {
			range[ranges] = (struct pagemap_range){ .start = at * PAGE };
			at += 1 + unit_below(&seed, 2000);
			range[ranges].skip = unit_below(&seed, 10) == 0;
			range[ranges++].end = at * PAGE;
			at += unit_below(&seed, 3) ? 0 : unit_below(&seed, 500);
		}
		ck_assert_int_eq(walked_walk(&w, &f.pm, range, ranges), 0);
		check_pages(&w, file, PAGES);
		ck_assert_uint_le(walked_seams(&w), 1);	/* where a call was full */
		walked_done(&w);
	}
	free(file);
	file_done(&f);
}
END_TEST

START_TEST(test_missing)
{
	struct pagemap pm;
	struct tree t;

	tree_init(&t);
	ck_assert_int_eq(pagemap_open(&t.process, PAGE, false, &pm), -ENOENT);
	tree_done(&t);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("pagemap");

	UNIT_CASE(s, "entries", test_state);
	UNIT_CASE(s, "walk", test_runs, test_hugetlb, test_hugetlb_many, test_batches,
		  test_extents, test_ends, test_random, test_missing);
	return unit_run(s);
}
