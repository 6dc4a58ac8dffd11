/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files of the whole machine: vmstat, slabinfo, vmallocinfo, pressure, node meminfo, zoneinfo. */
#include "config.h"

#include <stdio.h>

#include "proc/meminfo.h"
#include "proc/pressure.h"
#include "proc/slabinfo.h"
#include "proc/vmallocinfo.h"
#include "proc/vmstat.h"
#include "proc/zoneinfo.h"
#include "unit.h"

#define ck_maybe(m, want) \
	do { \
		ck_assert((m).known); \
		ck_assert_uint_eq((m).v, (want)); \
	} while (0)

static void parse_vmstat(const char *text, struct vmstat *v)
{
	vmstat_parse(text, strlen(text), v);
}

/* Lines of a 6.18 kernel. */
START_TEST(test_vmstat)
{
	struct vmstat v;

	parse_vmstat("nr_free_pages 2832557\nnr_free_pages_blocks 2669056\nnr_zspages 0\n"
		     "pgalloc_dma 1\npgalloc_dma32 20\npgalloc_normal 209158587\npgalloc_movable 0\n"
		     "allocstall_dma32 3\nallocstall_normal 4\npgfault 223056028\npgmajfault 33978\n"
		     "pgscan_direct 17\npgscan_direct_throttle 5\nworkingset_refault_anon 2564\n"
		     "workingset_refault_file 2128138\nthp_fault_fallback 6\n"
		     "thp_fault_fallback_charge 7\nnr_unstable 0\n", &v);
	ck_maybe(v.v[VMSTAT_NR_FREE_PAGES], 2832557);
	ck_maybe(v.v[VMSTAT_NR_ZSPAGES], 0);
	ck_maybe(v.v[VMSTAT_PGALLOC], 209158608);
	ck_maybe(v.v[VMSTAT_ALLOCSTALL], 7);
	ck_maybe(v.v[VMSTAT_PGFAULT], 223056028);
	ck_maybe(v.v[VMSTAT_PGMAJFAULT], 33978);
	ck_maybe(v.v[VMSTAT_PGSCAN_DIRECT], 17);	/* not the one that begins so */
	ck_maybe(v.v[VMSTAT_THP_FAULT_FALLBACK], 6);
	ck_maybe(v.v[VMSTAT_REFAULT_ANON], 2564);
	ck_maybe(v.v[VMSTAT_REFAULT_FILE], 2128138);
	ck_assert(!v.v[VMSTAT_PSWPIN].known);
	ck_assert(!v.v[VMSTAT_OOM_KILL].known);
}
END_TEST

START_TEST(test_vmstat_odd)
{
	struct vmstat v;

	/* before 5.9 one counter for both; before 4.8 one allocstall for all zones */
	parse_vmstat("workingset_refault 12\nallocstall 9\n", &v);
	ck_maybe(v.v[VMSTAT_REFAULT_FILE], 12);
	ck_assert(!v.v[VMSTAT_REFAULT_ANON].known);
	ck_maybe(v.v[VMSTAT_ALLOCSTALL], 9);
	/* a name alone, no number, something behind it, too large, an unknown zone, no newline */
	parse_vmstat("pgfault\npgfault \npgfault x\npgfault 1 2\npgfault 18446744073709551616\n"
		     "pgalloc_moon 5\npgallocx 5\n\n pgfree 1\noom_kill 2", &v);
	ck_assert(!v.v[VMSTAT_PGFAULT].known);
	ck_assert(!v.v[VMSTAT_PGALLOC].known);
	ck_assert(!v.v[VMSTAT_PGFREE].known);
	ck_maybe(v.v[VMSTAT_OOM_KILL], 2);
	/* sums do not wrap */
	parse_vmstat("pgalloc_dma 18446744073709551615\npgalloc_normal 5\n", &v);
	ck_maybe(v.v[VMSTAT_PGALLOC], UINT64_MAX);
	parse_vmstat("", &v);
	for (unsigned int i = 0; i < VMSTAT_FIELDS; i++) {
		ck_assert(!v.v[i].known);
		ck_assert_ptr_nonnull(vmstat_name(i));
	}
}
END_TEST

static void ck_cache(const struct slab_cache *c, const char *name, uint64_t active,
		     uint64_t objects, uint64_t size, uint64_t per_slab, uint64_t pages,
		     uint64_t slabs)
{
	ck_str(c->name, name);
	ck_assert_uint_eq(c->active, active);
	ck_assert_uint_eq(c->objects, objects);
	ck_assert_uint_eq(c->object_size, size);
	ck_assert_uint_eq(c->objects_per_slab, per_slab);
	ck_assert_uint_eq(c->pages_per_slab, pages);
	ck_assert_uint_eq(c->slabs, slabs);
}

/* The first lines are a 6.18 kernel's; the names with blanks are made up. */
START_TEST(test_slabinfo)
{
	static const char text[] =
		"slabinfo - version: 2.1\n"
		"# name            <active_objs> <num_objs> <objsize> <objperslab> <pagesperslab> : "
		"tunables <limit> <batchcount> <sharedfactor> : slabdata <active_slabs> <num_slabs> "
		"<sharedavail>\n"
		"bio-312               12     12    320   12    1 : tunables    0    0    0 : "
		"slabdata      1      1      0\n"
		"kmalloc-8k            39     44   8192    4    8 : tunables    0    0    0 : "
		"slabdata     11     11      0\n"
		"a name with 4 numbers 1 2      3      4   5    6 : tunables    0    0    0 : "
		"slabdata      7      8      0\n"
		"x1 2 3 4 5 6 : tunables 0 0 0 : slabdata 9 10 0 : globalstat 1 2 3";
	slab_list l = { 0 };

	ck_assert_int_eq(slabinfo_parse(text, strlen(text), &l), 0);
	ck_assert_uint_eq(l.n, 4);
	ck_cache(&l.v[0], "bio-312", 12, 12, 320, 12, 1, 1);
	ck_cache(&l.v[1], "kmalloc-8k", 39, 44, 8192, 4, 8, 11);
	ck_cache(&l.v[2], "a name with 4 numbers 1", 2, 3, 4, 5, 6, 8);
	ck_cache(&l.v[3], "x1", 2, 3, 4, 5, 6, 10);
	vec_done(&l);
}
END_TEST

START_TEST(test_slabinfo_odd)
{
	static const char text[] =
		"\n#\nx\n : tunables 0 0 0 : slabdata 1 2 3\n"
		"no numbers : tunables 0 0 0 : slabdata 1 2 3\n"
		"four 1 2 3 4 : tunables 0 0 0 : slabdata 1 2 3\n"
		"1 2 3 4 5 : tunables 0 0 0 : slabdata 1 2 3\n"
		"cut 1 2 3 4 5 : tunables 0 0 0\n"
		"cut 1 2 3 4 5 : tunables 0 0 0 : slabdata 1\n"
		"big 1 2 3 4 18446744073709551616 : tunables 0 0 0 : slabdata 1 2 3\n"
		"minus -1 2 3 4 5 : tunables 0 0 0 : slabdata 1 2 3\n"
		"cut 1 2 3 4 5 : tunables 0 0 0 : slabdata ";
	slab_list l = { 0 };

	ck_assert_int_eq(slabinfo_parse(text, strlen(text), &l), 0);
	ck_assert_uint_eq(l.n, 0);
	vec_done(&l);
}
END_TEST

START_TEST(test_slab_use)
{
	static const struct {
		const char *name;
		enum slab_use use;
	} want[] = {
		{ "kmalloc-8k", SLAB_KMALLOC }, { "kmalloc-96", SLAB_KMALLOC },
		{ "kmalloc-rnd-05-64", SLAB_KMALLOC },
		{ "kmalloc-rcl-128", SLAB_KMALLOC_RECLAIMABLE },
		{ "kmalloc-cg-2k", SLAB_KMALLOC_CGROUP }, { "dma-kmalloc-512", SLAB_KMALLOC_DMA },
		{ "dentry", SLAB_OWN }, { "kmalloc_buckets", SLAB_OWN }, { "kmalloc", SLAB_OWN },
		{ "kmem_cache", SLAB_OWN }, { "", SLAB_OWN },
	};

	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++)
		ck_assert_msg(slab_find_use(str_of(want[i].name)) == want[i].use, "%s",
			      want[i].name);
}
END_TEST

static void ck_area(const struct vmalloc_area *a, const char *caller, enum vmalloc_type type,
		    uint64_t size, uint64_t pages)
{
	ck_str(a->caller, caller);
	ck_assert_int_eq(a->type, type);
	ck_assert_uint_eq(a->size, size);
	ck_assert_uint_eq(a->pages, pages);
}

/* Lines of 6.12 and 6.18 kernels. */
START_TEST(test_vmallocinfo)
{
	static const char text[] =
		"0x000000003bd9e154-0x00000000e5febbbf   20480 irq_init_percpu_irqstack+0xed/0x120 "
		"vmap\n"
		"0x00000000e5febbbf-0x00000000af5b7de9    8192 acpi_os_map_iomem+0x1bc/0x1e0 "
		"phys=0x00000000000a0000 ioremap\n"
		"0x000000007841d9bf-0x0000000068d1714b   20480 kernel_clone+0xb8/0x400 pages=4 vmalloc "
		"N0=4\n"
		"0x000000007841d9bf-0x0000000068d1714b 1052672 alloc_large_system_hash+0x1b9/0x270 "
		"pages=256 vmalloc vpages N0=128 N1=128\n"
		"0x000000007841d9bf-0x0000000068d1714b   20480 unpurged vm_area\n"
		"0x000000007841d9bf-0x0000000068d1714b   65536 vm_map_ram\n"
		"0x000000007841d9bf-0x0000000068d1714b    8192 bpf_map_area_alloc+0x1/0x2 [test] "
		"pages=1 user N0=1\n"
		"0x000000007841d9bf-0x0000000068d1714b    8192\n";
	vmalloc_list l = { 0 };

	ck_assert_int_eq(vmallocinfo_parse(text, strlen(text), &l), 0);
	ck_assert_uint_eq(l.n, 8);
	ck_area(&l.v[0], "irq_init_percpu_irqstack", VMALLOC_VMAP, 20480, 0);
	ck_area(&l.v[1], "acpi_os_map_iomem", VMALLOC_IOREMAP, 8192, 0);
	ck_area(&l.v[2], "kernel_clone", VMALLOC_PAGES, 20480, 4);
	ck_area(&l.v[3], "alloc_large_system_hash", VMALLOC_PAGES, 1052672, 256);
	ck_area(&l.v[4], "", VMALLOC_UNPURGED, 20480, 0);
	ck_area(&l.v[5], "", VMALLOC_MAP_RAM, 65536, 0);
	ck_area(&l.v[6], "bpf_map_area_alloc", VMALLOC_USER, 8192, 1);
	ck_area(&l.v[7], "", VMALLOC_OTHER, 8192, 0);
	vec_done(&l);
}
END_TEST

START_TEST(test_vmallocinfo_odd)
{
	static const char text[] =
		"\n0x1\n0x1-0x2\n0x1-0x2 x\n0x1-0x2 12x caller\n0x1 12 caller\n"
		"0x1-0x2 18446744073709551616 caller\nffff-ffff 12 caller\n"
		"0x1-0x2 4096 caller pages=x pages= vmallocx N0=\n"
		"0x1-0x2 4096 pages=3 vmalloc";
	vmalloc_list l = { 0 };

	ck_assert_int_eq(vmallocinfo_parse(text, strlen(text), &l), 0);
	ck_assert_uint_eq(l.n, 2);
	ck_area(&l.v[0], "caller", VMALLOC_OTHER, 4096, 0);
	ck_area(&l.v[1], "", VMALLOC_PAGES, 4096, 3);
	vec_done(&l);
}
END_TEST

START_TEST(test_pressure)
{
	static const char text[] =
		"some avg10=0.12 avg60=99.99 avg300=100.00 total=1234567890123\n"
		"full avg10=0.00 avg60=7.05 avg300=12.30 total=0\n";
	static const char odd[] =
		"none avg10=1.00\nsome avg10=1 avg60=1.2 avg300=x total=\nfull avg60=1.234 total=5x "
		"later=1\nsomeavg10=5.00\nfull";
	struct pressure p;

	pressure_parse(text, strlen(text), &p);
	ck_maybe(p.some.average[0], 12);
	ck_maybe(p.some.average[1], 9999);
	ck_maybe(p.some.average[2], 10000);
	ck_maybe(p.some.total, UINT64_C(1234567890123));
	ck_maybe(p.full.average[0], 0);
	ck_maybe(p.full.average[1], 705);
	ck_maybe(p.full.average[2], 1230);
	ck_maybe(p.full.total, 0);
	pressure_parse(odd, strlen(odd), &p);
	ck_maybe(p.some.average[0], 100);
	ck_assert(!p.some.average[1].known && !p.some.average[2].known && !p.some.total.known);
	ck_assert(!p.full.average[1].known && !p.full.total.known);
}
END_TEST

/* Of tests/golden/x86_64-numa2, node 1, and what must not be taken for it. */
START_TEST(test_node_meminfo)
{
	static const char text[] =
		"Node 1 MemTotal:         220448 kB\nNode 1 MemFree:          193992 kB\n"
		"Node 1 FilePages:            64 kB\nNode 1 HugePages_Total:     4\n"
		"Node 1 HugePages_Free:      0\nMemTotal: 5 kB\nNode MemTotal: 6 kB\n"
		"Node 1MemTotal: 7 kB\nNode 1\n";
	struct meminfo m;

	meminfo_parse_node(text, strlen(text), &m);
	ck_assert_uint_eq(meminfo_get(&m, MEMINFO_MEM_TOTAL), UINT64_C(220448) * 1024);
	ck_assert_uint_eq(meminfo_get(&m, MEMINFO_MEM_FREE), UINT64_C(193992) * 1024);
	ck_assert_uint_eq(meminfo_get(&m, MEMINFO_FILE_PAGES), 64 * 1024);
	ck_assert_uint_eq(meminfo_get(&m, MEMINFO_HUGE_PAGES_TOTAL), 4);
	ck_assert(meminfo_has(&m, MEMINFO_HUGE_PAGES_FREE));
	ck_assert(!meminfo_has(&m, MEMINFO_SHMEM));
	meminfo_parse(text, strlen(text), &m);
	ck_assert_uint_eq(meminfo_get(&m, MEMINFO_MEM_TOTAL), 5 * 1024);
	ck_assert(!meminfo_has(&m, MEMINFO_FILE_PAGES));
}
END_TEST

/* Shortened from a 6.18 kernel. */
START_TEST(test_zone_lists)
{
	static const char text[] =
		"Node 0, zone   Normal\n  pages free     2113012\n        boost    0\n"
		"        min      12754\n        low      15942\n        high     19130\n"
		"        spanned  5505024\n        present  5505024\n        managed  2392064\n"
		"  pagesets\n    cpu: 0\n              count:    5830\n              high:     7970\n"
		"              batch:    63\n              high_min: 3985\n"
		"  vm stats threshold: 36\n    cpu: 1\n              count:    170\n"
		"              high:     7970\n  node_unreclaimable:  0\n  start_pfn:           "
		"1048576\n";
	zone_list zones = { 0 };

	ck_assert_int_eq(zoneinfo_parse(text, strlen(text), &zones), 0);
	ck_assert_uint_eq(zones.n, 1);
	ck_assert_uint_eq(zones.v[0].on_cpus, 6000);
	ck_assert_uint_eq(zones.v[0].free, 2113012);
	ck_assert_uint_eq(zones.v[0].start_pfn, 1048576);
	vec_done(&zones);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("system");

	UNIT_CASE(s, "vmstat", test_vmstat, test_vmstat_odd);
	UNIT_CASE(s, "slabinfo", test_slabinfo, test_slabinfo_odd, test_slab_use);
	UNIT_CASE(s, "vmallocinfo", test_vmallocinfo, test_vmallocinfo_odd);
	UNIT_CASE(s, "pressure", test_pressure);
	UNIT_CASE(s, "meminfo", test_node_meminfo);
	UNIT_CASE(s, "zoneinfo", test_zone_lists);
	return unit_run(s);
}
