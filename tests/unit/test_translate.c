/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What follows from the facts about an address: its place, its leaf, why there is no frame. */
#include "config.h"

#include "model/translate.h"

#include <errno.h>

#include "proc/kpage.h"
#include "report/translate.h"
#include "spaces.h"

#define TAIL " kB\nRss: 0 kB\nAnonHugePages: 0 kB\n"
#define HUGE " kB\nRss: 0 kB\nAnonHugePages: 2048 kB\n"

/* Shortened records of Linux 6.18. */
static const char smaps[] =
	"400000-401000 r-xp 00001000 fe:00 77 /bin/prog\nKernelPageSize: 4" TAIL "VmFlags: rd ex mr\n"
	"600000-a00000 rw-p 00000000 00:00 0\nKernelPageSize: 4" HUGE "VmFlags: rd wr mr mw me ac\n"
	"a00000-a01000 rw-p 00000000 00:00 0\nKernelPageSize: 4" TAIL "VmFlags: rd wr mr mw me ac\n"
	"b00000-b02000 ---p 00000000 00:00 0\nKernelPageSize: 4" TAIL "VmFlags: mr mw me\n"
	"c00000-c04000 rw-s 00000000 00:01 9 /memfd:x (deleted)\nKernelPageSize: 4" TAIL
		"VmFlags: rd wr sh mr mw me ms\n"
	"40000000-80000000 rw-p 00000000 00:0f 5 /anon_hugepage (deleted)\nKernelPageSize: 1048576"
		TAIL "VmFlags: rd wr mr mw me ht\n"
	"7fff00000000-7fff00021000 rw-p 00000000 00:00 0 [stack]\nKernelPageSize: 4" TAIL
		"VmFlags: rd wr mr mw me gd ac\n"
	"7fff00030000-7fff00034000 r--p 00000000 00:00 0 [vvar]\nKernelPageSize: 4" TAIL
		"VmFlags: rd mr pf io de dd sd\n"
	"ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0 [vsyscall]\nKernelPageSize: 4" TAIL
		"VmFlags: ex\n";

#define PRESENT_PFN(pfn) (PAGEMAP_PRESENT | UINT64_C(pfn))
#define KNOWN(n) ((struct maybe){ true, (n) })

struct scene {
	struct space space;
	struct translate_facts facts;
};

static void scene_init(struct scene *s)
{
	struct geometry_facts machine = { .arch = STR("x86_64"), .page_size = 4096 };
	struct classify_facts classify = { .page_size = 4096 };
	uint32_t executable;

	space_of_smaps(&s->space, smaps);
	ck_assert_int_eq(space_classify(&s->space, &classify, &executable), 0);
	s->facts = (struct translate_facts){
		.space = &s->space, .geometry = geometry_find(&machine), .bits = 64,
		.page_size = 4096, .mmap_min_addr = 65536, .stack_limit = 8 << 20,
	};
}

static void conclude(const struct scene *s, struct translation *t)
{
	translation_place(&s->facts, t);
	translation_conclude(&s->facts, t);
}

/* An address, and what was read about it, must give this reason. */
static void check(const struct scene *s, struct translation t, enum translate_reason want)
{
	conclude(s, &t);
	ck_assert_msg(t.reason == want, "%jx: %s instead of %s", (uintmax_t)t.address,
		      translate_reason_word(t.reason), translate_reason_word(want));
}

START_TEST(test_places)
{
	struct scene s;
	struct translation t = { .address = 0x500000 };

	scene_init(&s);
	check(&s, (struct translation){ .address = 0 }, REASON_NULL);
	check(&s, (struct translation){ .address = 0xffff }, REASON_NULL);
	check(&s, (struct translation){ .address = 0x10000 }, REASON_HOLE);
	check(&s, (struct translation){ .address = 0x500000 }, REASON_HOLE);
	check(&s, (struct translation){ .address = 0x7fffffffefff }, REASON_HOLE);
	check(&s, (struct translation){ .address = 0x800000000000 }, REASON_NOT_CANONICAL);
	check(&s, (struct translation){ .address = 0xffff888000000000 }, REASON_KERNEL);
	check(&s, (struct translation){ .address = 0xffffffffff600010 }, REASON_VSYSCALL);
	/* within the limit below the stack's end, and not too close to what is mapped below */
	check(&s, (struct translation){ .address = 0x7ffeffffffff }, REASON_STACK_ROOM);
	check(&s, (struct translation){ .address = 0x7fff00021000 - (8 << 20) }, REASON_STACK_ROOM);
	check(&s, (struct translation){ .address = 0x7fff00020fff - (8 << 20) }, REASON_HOLE);
	check(&s, (struct translation){ .address = 0x7fff00021000 }, REASON_HOLE);
	conclude(&s, &t);
	ck_assert_uint_eq(t.place, PLACE_HOLE);
	ck_assert_uint_eq(t.hole_start, 0x401000);
	ck_assert_uint_eq(t.hole_last, 0x5fffff);
	/* the last hole of user space does not reach to vsyscall */
	t = (struct translation){ .address = 0x7fffffffe000 };
	conclude(&s, &t);
	ck_assert_uint_eq(t.hole_start, 0x7fff00034000);
	ck_assert_uint_eq(t.hole_last, 0x7fffffffffff);
	/* a 32-bit program has no kernel half */
	s.facts.bits = 32;
	check(&s, (struct translation){ .address = 0xffff888000000000 }, REASON_BEYOND);
	check(&s, (struct translation){ .address = 0xffffe000 }, REASON_BEYOND);
	check(&s, (struct translation){ .address = 0xffffdfff }, REASON_HOLE);
	/* nothing known of the paging: only the mappings count */
	s.facts.geometry = NULL;
	check(&s, (struct translation){ .address = 0x800000000000 }, REASON_HOLE);
	space_done(&s.space);
}
END_TEST

START_TEST(test_empty)
{
	struct scene s;

	scene_init(&s);
	check(&s, (struct translation){ .address = 0xa00000 }, REASON_UNTOUCHED);
	check(&s, (struct translation){ .address = 0xa00000, .error = -EACCES }, REASON_UNREADABLE);
	check(&s, (struct translation){ .address = 0xb00000 }, REASON_NO_ACCESS);
	check(&s, (struct translation){ .address = 0x400000 }, REASON_FILE);
	check(&s, (struct translation){ .address = 0x400000, .cache = CACHE_PRESENT },
	      REASON_CACHED);
	check(&s, (struct translation){ .address = 0x400000, .cache = CACHE_ABSENT },
	      REASON_NOT_CACHED);
	/* it is the second page of the file */
	check(&s, (struct translation){ .address = 0x400000, .file_size = KNOWN(0x1000) },
	      REASON_END_OF_FILE);
	check(&s, (struct translation){ .address = 0x400fff, .file_size = KNOWN(0x1001) },
	      REASON_FILE);
	check(&s, (struct translation){ .address = 0xc00000 }, REASON_SHMEM);
	check(&s, (struct translation){ .address = 0xc00000, .cache = CACHE_SWAPPED },
	      REASON_SHMEM_SWAPPED);
	check(&s, (struct translation){ .address = 0xc00000, .cache = CACHE_ABSENT },
	      REASON_UNTOUCHED);
	check(&s, (struct translation){ .address = 0x40000000 }, REASON_HUGETLB);
	check(&s, (struct translation){ .address = 0x7fff00030000 }, REASON_RAW_PFN);
	space_done(&s.space);
}
END_TEST

START_TEST(test_entries)
{
	const uint64_t guard = UINT64_C(0x440000000000009f);	/* read on 6.18 */
	struct scene s;

	scene_init(&s);
	check(&s, (struct translation){ .address = 0xa00000, .entry = guard }, REASON_GUARD);
	/* kernels before 6.15 have no bit for it, but the marker */
	check(&s, (struct translation){ .address = 0xa00000, .entry = guard & ~PAGEMAP_GUARD },
	      REASON_GUARD);
	check(&s, (struct translation){ .address = 0xa00000,
		.entry = PAGEMAP_SWAPPED | PAGEMAP_UFFD_WP | 1 << 5 | 31 }, REASON_UFFD);
	check(&s, (struct translation){ .address = 0xa00000,
		.entry = PAGEMAP_SWAPPED | 2 << 5 | 31 }, REASON_POISON);
	check(&s, (struct translation){ .address = 0xa00000,
		.entry = PAGEMAP_SWAPPED | 1234 << 5 | 28 }, REASON_MIGRATION);
	check(&s, (struct translation){ .address = 0xa00000,
		.entry = PAGEMAP_SWAPPED | 1234 << 5 | 1 }, REASON_SWAPPED);
	/* its place is hidden from ordinary users */
	check(&s, (struct translation){ .address = 0xa00000, .entry = PAGEMAP_SWAPPED },
	      REASON_SWAPPED);
	/* an entry tells more than the lack of rights does */
	check(&s, (struct translation){ .address = 0xb00000, .entry = PRESENT_PFN(7) },
	      REASON_PRESENT);
	space_done(&s.space);
}
END_TEST

static struct translation present(const struct scene *s, struct translation t)
{
	conclude(s, &t);
	ck_assert_int_eq(t.reason, REASON_PRESENT);
	return t;
}

START_TEST(test_frames)
{
	struct translation t;
	struct scene s;

	scene_init(&s);
	t = present(&s, (struct translation){ .address = 0xa00123, .entry = PRESENT_PFN(0x1234) });
	ck_assert(t.pfn.known && t.pfn.v == 0x1234);
	ck_assert(t.physical.known && t.physical.v == 0x1234123);
	ck_assert(!t.zero_page.known);
	/* soft-dirty is no part of the number; all 55 bits are */
	t = present(&s, (struct translation){ .address = 0xa00fff, .entry = PRESENT_PFN(1) |
		PAGEMAP_SOFT_DIRTY | UINT64_C(1) << 51 });
	ck_assert_uint_eq(t.pfn.v, (UINT64_C(1) << 51) + 1);
	ck_assert_uint_eq(t.physical.v, (UINT64_C(1) << 63) + 0x1fff);
	t = present(&s, (struct translation){ .address = 0xa00123, .entry = PAGEMAP_PRESENT });
	ck_assert(!t.pfn.known && !t.physical.known);
	t = present(&s, (struct translation){ .address = 0xa00123, .entry = PRESENT_PFN(5),
		.flags = KNOWN(KPAGE_BIT(ZERO_PAGE)) });
	ck_assert(t.zero_page.known && t.zero_page.v);
	t = present(&s, (struct translation){ .address = 0xa00123, .entry = PRESENT_PFN(5),
		.knows_huge = true });
	ck_assert(t.zero_page.known && !t.zero_page.v);
	space_done(&s.space);
}
END_TEST

/* leaf: what is known of its size; and what it may be. */
static void check_leaf(const struct scene *s, struct translation t, uint64_t size, uint64_t or)
{
	t.entry = PRESENT_PFN(0x1000);
	t = present(s, t);
	ck_assert_uint_eq(t.leaf_size, size);
	ck_assert_uint_eq(t.leaf_or, or);
}

START_TEST(test_leaves)
{
	const uint64_t pmd = 2 << 20;
	struct scene s;

	scene_init(&s);
	check_leaf(&s, (struct translation){ .address = 0x601000, .knows_huge = true, .huge = true },
		   pmd, 0);
	check_leaf(&s, (struct translation){ .address = 0x601000, .knows_huge = true }, 4096, 0);
	check_leaf(&s, (struct translation){ .address = 0x40001000, .knows_huge = true, .huge = true },
		   1 << 30, 0);
	check_leaf(&s, (struct translation){ .address = 0x40001000 }, 1 << 30, 0);
	/* without PAGEMAP_SCAN: smaps says that some of the mapping is mapped by a PMD entry */
	check_leaf(&s, (struct translation){ .address = 0x601000 }, 0, pmd);
	check_leaf(&s, (struct translation){ .address = 0x601000, .folio_frames = KNOWN(512) }, 0,
		   pmd);
	check_leaf(&s, (struct translation){ .address = 0x601000, .folio_frames = KNOWN(16) }, 4096,
		   0);
	/* none of that one; */
	check_leaf(&s, (struct translation){ .address = 0xa00000, .folio_frames = KNOWN(512),
		.flags = KNOWN(KPAGE_BIT(THP)) }, 4096, 0);
	/* the geometry unknown, so is the size of a huge page */
	s.facts.geometry = NULL;
	check_leaf(&s, (struct translation){ .address = 0x601000 }, 0, 0);
	check_leaf(&s, (struct translation){ .address = 0x601000, .knows_huge = true }, 4096, 0);
	space_done(&s.space);
}
END_TEST

static void add(struct translation_set *set, uint64_t start, uint64_t pages, struct translate_run r)
{
	r.start = start;
	r.pages = pages;
	ck_assert_int_eq(translate_add_run(set, 0, &r), 0);
}

START_TEST(test_runs)
{
	struct translate_run frame = { .known = true, .state = PAGE_PRESENT, .pfn = KNOWN(100),
				       .flags = KNOWN(8), .folio = 4096, .entry = PRESENT_PFN(100) };
	struct translate_run next = frame, swap, zero, none = { .known = true };
	struct translation_set set = { .page_size = 4096 };

	next.pfn.v = 102;
	next.entry = PRESENT_PFN(102);
	add(&set, 0x1000, 2, frame);
	add(&set, 0x3000, 3, next);			/* goes on */
	ck_assert_uint_eq(set.run.n, 1);
	ck_assert_uint_eq(set.run.v[0].pages, 5);
	add(&set, 0x6000, 1, next);			/* another frame than the next */
	ck_assert_uint_eq(set.run.n, 2);
	next.pfn.v = 103;
	next.flags.v = 9;
	add(&set, 0x7000, 1, next);			/* other flags */
	ck_assert_uint_eq(set.run.n, 3);
	next.pfn.v = 104;
	next.folio = 65536;
	add(&set, 0x8000, 1, next);			/* another size of folio */
	ck_assert_uint_eq(set.run.n, 4);
	next.pfn.v = 105;
	next.vma = 1;
	add(&set, 0x9000, 1, next);			/* another mapping */
	ck_assert_uint_eq(set.run.n, 5);
	next.pfn.v = 106;
	add(&set, 0xb000, 1, next);			/* a page is between */
	ck_assert_uint_eq(set.run.n, 6);
	swap = (struct translate_run){ .known = true, .state = PAGE_SWAP,
				       .entry = PAGEMAP_SWAPPED | 50 << 5 | 1 };
	add(&set, 0xc000, 4, swap);
	swap.entry += 4 << 5;
	add(&set, 0x10000, 1, swap);			/* the next place in the area */
	ck_assert_uint_eq(set.run.n, 7);
	swap.entry += 2 << 5;
	add(&set, 0x11000, 1, swap);			/* not the next */
	ck_assert_uint_eq(set.run.n, 8);
	add(&set, 0x12000, 1, none);
	add(&set, 0x13000, 1, none);
	ck_assert_uint_eq(set.run.n, 9);
	zero = frame;
	zero.zero = true;
	add(&set, 0x14000, 1, zero);
	add(&set, 0x15000, 1, zero);			/* one frame for all */
	ck_assert_uint_eq(set.run.n, 10);
	translation_set_done(&set);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("translate");

	UNIT_CASE(suite, "reasons", test_places, test_empty, test_entries);
	UNIT_CASE(suite, "frames", test_frames, test_leaves, test_runs);
	return unit_run(suite);
}
