/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where MemTotal went, and how scattered what is free is. */
#include "config.h"

#include "model/buddy.h"
#include "model/memory.h"
#include "unit.h"

#define ck_part(m, part_, want) \
	do { \
		ck_assert((m).part[part_].known); \
		ck_assert_uint_eq((m).part[part_].v, (want)); \
	} while (0)

enum { KIB = 1024, PAGE = 4096 };

/* What the tests read: owned by none of them. */
struct machine_text {
	struct meminfo meminfo;
	struct vmstat vmstat;
	zone_list zones;
	struct hugepages pools;
};

static void parse(const char *meminfo, const char *vmstat, struct machine_text *out)
{
	*out = (struct machine_text){ 0 };
	meminfo_parse(meminfo, strlen(meminfo), &out->meminfo);
	vmstat_parse(vmstat, strlen(vmstat), &out->vmstat);
}

static struct memory find(const struct machine_text *t, enum memory_stacks stacks)
{
	struct memory_facts facts = {
		.meminfo = &t->meminfo, .vmstat = &t->vmstat, .pools = &t->pools,
		.zones = &t->zones, .page_size = PAGE, .stacks = stacks,
	};
	struct memory m;

	memory_find(&facts, &m);
	return m;
}

/* The parts and the rest are MemTotal, whatever they are. */
static void ck_adds_up(const struct memory *m)
{
	int64_t sum = m->rest;
	uint64_t groups = 0;

	ck_assert(m->has_rest);
	for (unsigned int i = 0; i < MEMORY_PARTS; i++)
		sum += m->part[i].known ? (int64_t)m->part[i].v : 0;
	ck_assert_int_eq(sum, (int64_t)m->total.v);
	for (unsigned int i = 0; i < MEMORY_GROUPS; i++)
		groups += memory_group_sum(m, i);
	ck_assert_uint_eq(groups, m->total.v + (m->rest < 0 ? (uint64_t)-m->rest : 0));
}

/* Round numbers, of which each part can be told by heart. */
static const char round_meminfo[] =
	"MemTotal: 1000000 kB\nMemFree: 300000 kB\nBuffers: 10000 kB\nCached: 200000 kB\n"
	"SwapCached: 8000 kB\nActive: 200000 kB\nInactive: 200000 kB\nUnevictable: 15000 kB\n"
	"AnonPages: 200000 kB\nMapped: 50000 kB\nShmem: 30000 kB\nKReclaimable: 21000 kB\n"
	"SReclaimable: 20000 kB\nSUnreclaim: 25000 kB\nKernelStack: 4000 kB\n"
	"ShadowCallStack: 1000 kB\nPageTables: 7000 kB\nSecPageTables: 2000 kB\nBounce: 100 kB\n"
	"WritebackTmp: 200 kB\nVmallocUsed: 12000 kB\nPercpu: 3000 kB\nHardwareCorrupted: 4 kB\n"
	"Zswap: 6000 kB\nHugePages_Total: 20\nHugePages_Free: 8\nHugePages_Rsvd: 3\n"
	"Hugepagesize: 2048 kB\nHugetlb: 40960 kB\nGPUActive: 11 kB\nGPUReclaim: 22 kB\n";

START_TEST(test_parts)
{
	struct machine_text t;
	struct memory m;

	parse(round_meminfo, "nr_zspages 2500\nnr_memmap_pages 100\n", &t);
	m = find(&t, MEMORY_STACKS_IN_VMALLOC);
	ck_part(m, MEMORY_ANON, 200000 * KIB);
	/* 415000 on the lists, 410000 of them anonymous, files or buffers */
	ck_part(m, MEMORY_SWAP_CACHE, 5000 * KIB);
	ck_part(m, MEMORY_CACHE_MAPPED, 50000 * KIB);
	ck_part(m, MEMORY_CACHE_NOT_MAPPED, 120000 * KIB);
	ck_part(m, MEMORY_BUFFERS, 10000 * KIB);
	ck_part(m, MEMORY_SHMEM, 30000 * KIB);
	ck_assert_uint_eq(m.mapped_shmem_at_most, 30000 * KIB);
	ck_part(m, MEMORY_SLAB_RECLAIMABLE, 20000 * KIB);
	ck_part(m, MEMORY_SLAB_UNRECLAIMABLE, 25000 * KIB);
	ck_part(m, MEMORY_KERNEL_RECLAIMABLE, 1000 * KIB);
	ck_part(m, MEMORY_PAGE_TABLES, 7000 * KIB);
	ck_part(m, MEMORY_SEC_PAGE_TABLES, 2000 * KIB);
	ck_part(m, MEMORY_KERNEL_STACKS, 5000 * KIB);
	ck_part(m, MEMORY_PERCPU, 3000 * KIB);
	ck_part(m, MEMORY_VMALLOC, 7000 * KIB);
	ck_part(m, MEMORY_MEMMAP, 400 * KIB);
	ck_part(m, MEMORY_BOUNCE, 300 * KIB);
	ck_part(m, MEMORY_GPU, 33 * KIB);
	ck_part(m, MEMORY_HUGETLB_USED, 12 * 2048 * KIB);
	ck_part(m, MEMORY_HUGETLB_RESERVED, 3 * 2048 * KIB);
	ck_part(m, MEMORY_HUGETLB_FREE, 5 * 2048 * KIB);
	ck_part(m, MEMORY_ZSWAP, 6000 * KIB);
	ck_part(m, MEMORY_ZRAM, 4000 * KIB);
	ck_part(m, MEMORY_CORRUPTED, 4 * KIB);
	ck_part(m, MEMORY_FREE, 300000 * KIB);
	ck_assert(!m.part[MEMORY_FREE_ON_CPUS].known);
	ck_assert_int_eq(m.rest, 163303LL * KIB);
	ck_adds_up(&m);
	/* 5000 more, and so much less that is not explained */
	m = find(&t, MEMORY_STACKS_APART);
	ck_part(m, MEMORY_VMALLOC, 12000 * KIB);
	ck_assert_int_eq(m.rest, 158303LL * KIB);
	ck_adds_up(&m);
}
END_TEST

/* More of everything than there is: no part wraps, and the rest has a sign. */
START_TEST(test_limits)
{
	struct machine_text t;
	struct memory m;

	parse("MemTotal: 1000 kB\nMemFree: 600 kB\nCached: 100 kB\nShmem: 300 kB\nMapped: 200 kB\n"
	      "SwapCached: 10 kB\nActive: 5 kB\nInactive: 5 kB\nUnevictable: 0 kB\nAnonPages: 700 kB\n"
	      "VmallocUsed: 1 kB\nKernelStack: 2 kB\nKReclaimable: 1 kB\nSReclaimable: 2 kB\n", "", &t);
	m = find(&t, MEMORY_STACKS_IN_VMALLOC);
	ck_part(m, MEMORY_SHMEM, 300 * KIB);
	ck_part(m, MEMORY_CACHE_MAPPED, 0);
	ck_part(m, MEMORY_CACHE_NOT_MAPPED, 0);
	ck_part(m, MEMORY_SWAP_CACHE, 0);
	ck_part(m, MEMORY_VMALLOC, 0);
	ck_part(m, MEMORY_KERNEL_RECLAIMABLE, 0);
	ck_assert_int_eq(m.rest, -604LL * KIB);
	ck_assert_uint_eq(memory_group_sum(&m, MEMORY_GROUP_OTHER), 0);
	ck_adds_up(&m);
	/* shared memory that is mapped, and no file: nothing is in doubt */
	ck_assert_uint_eq(m.mapped_shmem_at_most, 0);
	/* without free memory, or all of it, there is no telling what is left */
	parse("MemTotal: 1000 kB\n", "", &t);
	ck_assert(!find(&t, MEMORY_STACKS_APART).has_rest);
	parse("MemFree: 1000 kB\n", "", &t);
	ck_assert(!find(&t, MEMORY_STACKS_APART).has_rest);
	parse("MemTotal: 18446744073709551615 kB\nMemFree: 18446744073709551615 kB\n"
	      "AnonPages: 18446744073709551615 kB\n", "nr_zspages 18446744073709551615\n", &t);
	ck_assert(!find(&t, MEMORY_STACKS_APART).has_rest);
}
END_TEST

START_TEST(test_pools)
{
	struct machine_text t;
	struct memory m;

	parse(round_meminfo, "", &t);
	t.pools.pools = 2;
	t.pools.pool[0] = (struct hugepage_pool){ .size = 2048 * KIB, .number = {
		[POOL_TOTAL] = { true, 20 }, [POOL_FREE] = { true, 8 },
		[POOL_RESERVED] = { true, 3 } } };
	t.pools.pool[1] = (struct hugepage_pool){ .size = UINT64_C(1) << 30, .number = {
		[POOL_TOTAL] = { true, 4 }, [POOL_FREE] = { true, 4 },
		[POOL_RESERVED] = { true, 1 } } };
	m = find(&t, MEMORY_STACKS_APART);
	ck_part(m, MEMORY_HUGETLB_USED, UINT64_C(12) << 21);
	ck_part(m, MEMORY_HUGETLB_RESERVED, (UINT64_C(3) << 21) + (UINT64_C(1) << 30));
	ck_part(m, MEMORY_HUGETLB_FREE, (UINT64_C(5) << 21) + (UINT64_C(3) << 30));
	/* read while they change: more free than there are */
	t.pools.pool[0].number[POOL_FREE].v = 30;
	t.pools.pool[0].number[POOL_RESERVED].v = 40;
	t.pools.pools = 1;
	m = find(&t, MEMORY_STACKS_APART);
	ck_part(m, MEMORY_HUGETLB_USED, 0);
	ck_part(m, MEMORY_HUGETLB_RESERVED, UINT64_C(20) << 21);
	ck_part(m, MEMORY_HUGETLB_FREE, 0);
	/* no file of the pool is there: meminfo's */
	t.pools.pool[0].number[POOL_FREE].known = false;
	m = find(&t, MEMORY_STACKS_APART);
	ck_part(m, MEMORY_HUGETLB_FREE, UINT64_C(5) << 21);
}
END_TEST

/* A guest whose kernel counts memory that its host has: 1000 pages more than its zones. */
START_TEST(test_zones)
{
	struct zone zone[2] = {
		{ .node = 0, .managed = 40000, .on_cpus = 30 },
		{ .node = 1, .managed = 209000, .on_cpus = 12 },
	};
	struct machine_text t;
	struct memory m;

	parse(round_meminfo, "", &t);
	t.zones.v = zone;
	t.zones.n = 2;
	m = find(&t, MEMORY_STACKS_APART);
	ck_part(m, MEMORY_FREE_ON_CPUS, 42 * PAGE);
	ck_part(m, MEMORY_FREE_OUTSIDE, 1000 * PAGE);
	ck_part(m, MEMORY_FREE, 300000 * KIB - 1000 * PAGE);
	ck_adds_up(&m);
	zone[1].managed += 1000;
	m = find(&t, MEMORY_STACKS_APART);
	ck_part(m, MEMORY_FREE_OUTSIDE, 0);
	ck_part(m, MEMORY_FREE, 300000 * KIB);
}
END_TEST

START_TEST(test_node)
{
	static const char text[] =
		"Node 1 MemTotal: 500000 kB\nNode 1 MemFree: 300000 kB\nNode 1 SwapCached: 1000 kB\n"
		"Node 1 Active: 60000 kB\nNode 1 Inactive: 40000 kB\nNode 1 Unevictable: 0 kB\n"
		"Node 1 FilePages: 61000 kB\nNode 1 Mapped: 20000 kB\nNode 1 AnonPages: 40000 kB\n"
		"Node 1 Shmem: 10000 kB\nNode 1 HugePages_Total: 4\nNode 1 HugePages_Free: 1\n";
	struct zone zone[2] = { { .node = 0, .managed = 9, .on_cpus = 30 },
				{ .node = 1, .managed = 125000, .on_cpus = 12 } };
	zone_list zones = { .v = zone, .n = 2 };
	struct meminfo meminfo;
	struct memory_facts facts = {
		.meminfo = &meminfo, .zones = &zones, .of_node = true, .node = 1,
		.page_size = PAGE, .default_huge_page_size = 2048 * KIB,
	};
	struct memory m;

	meminfo_parse_node(text, strlen(text), &meminfo);
	memory_find(&facts, &m);
	ck_part(m, MEMORY_ANON, 40000 * KIB);
	ck_part(m, MEMORY_SWAP_CACHE, 0);
	ck_part(m, MEMORY_CACHE_MAPPED, 20000 * KIB);
	ck_part(m, MEMORY_CACHE_NOT_MAPPED, 30000 * KIB);
	ck_part(m, MEMORY_SHMEM, 10000 * KIB);
	ck_part(m, MEMORY_HUGETLB_USED, 3 * 2048 * KIB);
	ck_part(m, MEMORY_HUGETLB_FREE, 2048 * KIB);
	ck_assert(!m.part[MEMORY_HUGETLB_RESERVED].known);
	ck_assert(!m.part[MEMORY_PERCPU].known);
	ck_assert(!m.part[MEMORY_ZRAM].known);
	ck_part(m, MEMORY_FREE_ON_CPUS, 12 * PAGE);
	ck_adds_up(&m);
}
END_TEST

START_TEST(test_guesses)
{
	struct machine_text t;

	parse("VmallocUsed: 15212 kB\nKernelStack: 2432 kB\nPageTables: 4368 kB\n",
	      "nr_page_table_pages 1092\n", &t);
	ck_assert_int_eq(memory_guess_stacks(&t.meminfo, "x86_64", 6), MEMORY_STACKS_IN_VMALLOC);
	ck_assert_int_eq(memory_guess_stacks(&t.meminfo, "aarch64", 7), MEMORY_STACKS_IN_VMALLOC);
	ck_assert_int_eq(memory_guess_stacks(&t.meminfo, "i686", 4), MEMORY_STACKS_APART);
	ck_assert_int_eq(memory_guess_stacks(&t.meminfo, "", 0), MEMORY_STACKS_APART);
	ck_assert_uint_eq(memory_find_page_size(&t.meminfo, &t.vmstat), 4096);
	/* read at two moments */
	parse("PageTables: 4600 kB\n", "nr_page_table_pages 1092\n", &t);
	ck_assert_uint_eq(memory_find_page_size(&t.meminfo, &t.vmstat), 4096);
	parse("PageTables: 416 kB\n", "nr_page_table_pages 26\n", &t);
	ck_assert_uint_eq(memory_find_page_size(&t.meminfo, &t.vmstat), 16384);
	parse("PageTables: 64000 kB\n", "nr_page_table_pages 1000\n", &t);
	ck_assert_uint_eq(memory_find_page_size(&t.meminfo, &t.vmstat), 65536);
	parse("PageTables: 100 kB\n", "nr_page_table_pages 1000\n", &t);
	ck_assert_uint_eq(memory_find_page_size(&t.meminfo, &t.vmstat), 0);
	parse("PageTables: 100 kB\n", "", &t);
	ck_assert_uint_eq(memory_find_page_size(&t.meminfo, &t.vmstat), 0);
	/* before 5.3 the counter is always 0 */
	parse("VmallocUsed: 0 kB\nKernelStack: 2432 kB\n", "", &t);
	ck_assert_int_eq(memory_guess_stacks(&t.meminfo, "x86_64", 6), MEMORY_STACKS_APART);
}
END_TEST

/* Every part has what text, JSON and the manual need; names fit their column. */
START_TEST(test_info)
{
	for (unsigned int i = 0; i < MEMORY_PARTS; i++) {
		const struct memory_part_info *p = &memory_part_info[i];

		ck_assert(p->key && p->name && p->words && p->source);
		ck_assert_uint_le(strlen(p->name), 22);
		ck_assert_msg(strlen(p->words) <= 26, "%s", p->words);
		ck_assert_msg(strncmp(p->source, ": ", 2) == 0, "%s", p->source);
		for (unsigned int k = 0; k < i; k++)
			ck_assert_str_ne(p->key, memory_part_info[k].key);
	}
}
END_TEST

/* /proc/buddyinfo and debugfs extfrag/unusable_index of one moment of a 6.18 kernel. */
START_TEST(test_usable)
{
	static const struct {
		struct buddy_zone zone;
		unsigned int unusable[11];	/* thousandths, cut */
	} want[] = {
		{ { .orders = 11, .free = { 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 3 } },
		  { 0, 0, 0, 0, 0, 0, 0, 0, 0, 66, 200 } },
		{ { .orders = 11, .free = { 2, 3, 0, 2, 3, 2, 1, 4, 4, 2, 752 } },
		  { 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 3 } },
		{ { .orders = 11, .free = { 7375, 4676, 2105, 2528, 1183, 588, 242, 102, 59, 93,
					    1716 } },
		  { 0, 3, 8, 13, 23, 33, 43, 51, 57, 65, 90 } },
	};
	uint64_t v;

	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++)
		for (unsigned int order = 0; order < 11; order++) {
			ck_assert(buddy_usable(&want[i].zone, order, &v));
			ck_assert_uint_eq((1000000 - v) / 1000, want[i].unusable[order]);
		}
	ck_assert(buddy_usable(&want[0].zone, 20, &v));
	ck_assert_uint_eq(v, 0);
	ck_assert(!buddy_usable(&(struct buddy_zone){ .orders = 11 }, 0, &v));
	/* more than is counted: no overflow, and not above all */
	ck_assert(buddy_usable(&(struct buddy_zone){ .orders = 2, .free = { UINT64_MAX, UINT64_MAX } },
			       1, &v));
	ck_assert_uint_le(v, 1000000);
}
END_TEST

/* Worked out by hand after mm/vmstat.c __fragmentation_index(). */
START_TEST(test_fragmentation)
{
	struct buddy_zone z = { .orders = 11, .free = { 1000 } };
	int64_t v;

	ck_assert(!buddy_fragmentation(&z, 0, &v));	/* it would not fail */
	/* 1000 - (1000 + 1000 * 1000 / 2) / 1000 */
	ck_assert(buddy_fragmentation(&z, 1, &v));
	ck_assert_int_eq(v, 1000 - 501);
	/* 1000 - (1000 + 1000 * 1000 / 512) / 1000 */
	ck_assert(buddy_fragmentation(&z, 9, &v));
	ck_assert_int_eq(v, 1000 - 2);
	z.free[0] = 1;
	ck_assert(buddy_fragmentation(&z, 1, &v));
	ck_assert_int_eq(v, -500);
	z.free[0] = 0;
	ck_assert(buddy_fragmentation(&z, 9, &v));
	ck_assert_int_eq(v, 0);
	z.free[10] = 1;
	ck_assert(!buddy_fragmentation(&z, 9, &v));
	z.free[10] = 0;
	z.free[1] = UINT64_MAX;
	ck_assert(buddy_fragmentation(&z, 2, &v));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("memory");

	UNIT_CASE(s, "memory", test_parts, test_limits, test_pools, test_zones, test_node,
		  test_guesses, test_info);
	UNIT_CASE(s, "buddy", test_usable, test_fragmentation);
	return unit_run(s);
}
