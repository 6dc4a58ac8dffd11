/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A mapping and all that is known around it, made by hand, and what model/huge says about it. */
#ifndef TESTS_UNIT_HUGE_BENCH_H
#define TESTS_UNIT_HUGE_BENCH_H

#include "model/huge.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "spaces.h"

#define M (UINT64_C(1) << 20)

/* The facts about one mapping; changed by each test before it asks. */
struct bench {
	const char *range, *perms, *offset, *device, *inode, *name, *flags;
	unsigned int rss, swap, anon_huge, shared_hugetlb, page_kb;	/* kB */
	int eligible;			/* -1: not told */
	int thp_enabled;		/* of status; -1: not told */
	bool has_census;
	struct census census;		/* if has_census */
	unsigned int known;
	struct huge_machine m;
	struct mount mount;
	bool has_mount;
	struct huge h;			/* what came out */
	struct huge_reasons r;
	char codes[400];
};

static inline struct thp_word word(const char *text)
{
	char file[64];

	snprintf(file, sizeof(file), "x [%s] y", text);
	return thp_parse_word(file, strlen(file));
}

/* The settings of Linux 6.18 as it comes, THP on advice; an anonymous mapping of 8 MiB. */
static inline void begin(struct bench *b)
{
	static const uint64_t numbers[] = { 1, 2 * M, 511, 64, 256, 1, 10000, 60000, 4096, 1, 0 };
	static const char buddy[] = "Node 0, zone Normal 1 1 1 1 1 1 1 1 1 2 3\n";

	*b = (struct bench){
		.range = "7f0000000000-7f0000800000", .perms = "rw-p", .offset = "00000000",
		.device = "00:00", .inode = "0", .name = "", .flags = "rd wr mr mw me ac",
		.page_kb = 4, .eligible = -1, .thp_enabled = 1,
		.known = CENSUS_ZERO | CENSUS_PMD | CENSUS_FRAMES | CENSUS_FLAGS,
	};
	b->m.thp = (struct thp){ .present = true, .enabled = word("madvise"),
				 .defrag = word("madvise"), .shmem_enabled = word("never") };
	for (unsigned int i = 0; i < THP_NUMBERS; i++)
		b->m.thp.number[i] = (struct maybe){ true, numbers[i] };
	for (uint64_t size = 16384; size <= 2 * M; size *= 2)
		b->m.thp.size[b->m.thp.sizes++] = (struct thp_size){
			.size = size, .enabled = word(size == 2 * M ? "inherit" : "never"),
			.shmem_enabled = word(size == 2 * M ? "inherit" : "never"),
		};
	ck_assert_int_eq(buddyinfo_parse(buddy, strlen(buddy), &b->m.buddy), 0);
}

static inline struct thp_size *pmd_size_of(struct bench *b)
{
	return &b->m.thp.size[b->m.thp.sizes - 1];
}

static inline void put_smaps(const struct bench *b, struct buf *text)
{
	buf_printf(text, "%s %s %s %s %s %s\n", b->range, b->perms, b->offset, b->device, b->inode,
		   b->name);
	buf_printf(text, "KernelPageSize: %u kB\nMMUPageSize: %u kB\nRss: %u kB\n"
		   "AnonHugePages: %u kB\nShmemPmdMapped: 0 kB\nFilePmdMapped: 0 kB\n"
		   "Shared_Hugetlb: %u kB\nPrivate_Hugetlb: 0 kB\nSwap: %u kB\n", b->page_kb,
		   b->page_kb, b->rss, b->anon_huge, b->shared_hugetlb, b->swap);
	if (b->eligible >= 0)
		buf_printf(text, "THPeligible: %d\n", b->eligible);
	if (b->flags)
		buf_printf(text, "VmFlags: %s\n", b->flags);
}

/* Measures and asks for the reasons; the codes, joined by commas. */
static const char *ask(struct bench *b)
{
	struct census_set set = { .known = b->known, .page_size = 4096, .pmd_size = 2 * M };
	struct classify_facts classify = { .page_size = 4096 };
	struct status status = { .state = 'S' };
	mount_list mounts = { .v = &b->mount, .n = 1 };
	struct space space;
	struct buf text;
	uint32_t exe;
	struct huge_facts f = {
		.machine = &b->m, .space = &space, .status = &status, .page_size = 4096,
		.pmd_size = thp_pmd_size(&b->m.thp), .set = b->has_census ? &set : NULL,
		.mounts = b->has_mount ? &mounts : NULL,
	};
	const struct census *census = b->has_census ? &b->census : NULL;

	set.max_ptes_none = b->m.thp.number[THP_MAX_PTES_NONE].v;
	if (b->thp_enabled >= 0) {
		status.valid = 1u << STATUS_THP_ENABLED;
		status.v[STATUS_THP_ENABLED] = (uint64_t)b->thp_enabled;
	}
	buf_init(&text);
	put_smaps(b, &text);
	ck_assert_ptr_nonnull(buf_string(&text));
	space_of_smaps(&space, text.data);
	ck_assert_int_eq(space_classify(&space, &classify, &exe), 0);
	huge_measure(&f, &space.vma.v[0], &space.counters.v[0], census, &b->h);
	huge_reasons(&f, &space.vma.v[0], &space.counters.v[0], census, &b->h, &b->r);
	b->codes[0] = '\0';
	for (unsigned int i = 0; i < b->r.n; i++) {
		const struct huge_reason *r = &b->r.v[i];

		ck_assert(r->fact[0] && r->text[0]);
		ck_assert_uint_lt(strlen(r->text), sizeof(r->text) - 1);	/* not cut */
		strcat(b->codes, i ? "," : "");
		strcat(b->codes, huge_why_info[r->why].code);
	}
	buf_done(&text);
	space_done(&space);
	vec_done(&b->m.buddy);
	return b->codes;
}

#define ck_why(b, want) ck_assert_str_eq(ask(b), (want))

static inline void ck_fact(const struct bench *b, unsigned int i, const char *fact, const char *want)
{
	const struct huge_reason *r = &b->r.v[i];
	char number[32];

	ck_assert_uint_lt(i, b->r.n);
	ck_assert_str_eq(r->fact, fact);
	snprintf(number, sizeof(number), "%" PRIu64, r->number);
	ck_assert_str_eq(r->word[0] ? r->word : number, want);
}

/* The extents of the mapping's four: the rest is empty. */
static inline void set_extents(struct bench *b, uint64_t fit, uint64_t huge, uint64_t swapped,
			uint64_t sparse, uint64_t full)
{
	b->has_census = true;
	b->census.extents = (struct extents){ fit, huge, fit - huge - swapped - sparse - full,
					      swapped, sparse, full };
	b->census.pmd = huge * 512;
	b->census.present = b->census.pmd + full * 512;
	b->census.pages = fit * 512;
}

#endif
