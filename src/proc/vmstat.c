/* SPDX-License-Identifier: GPL-3.0-or-later */
/* /proc/vmstat: what the memory management has counted. */
#include "config.h"

#include "proc/vmstat.h"

#include <string.h>

#include "proc/lines.h"

static const char *const names[VMSTAT_FIELDS] = {
	[VMSTAT_NR_FREE_PAGES] = "nr_free_pages",
	[VMSTAT_NR_PAGE_TABLE_PAGES] = "nr_page_table_pages",
	[VMSTAT_NR_ZSPAGES] = "nr_zspages",
	[VMSTAT_NR_MEMMAP_PAGES] = "nr_memmap_pages",
	[VMSTAT_NR_VMALLOC] = "nr_vmalloc",
	[VMSTAT_PGFAULT] = "pgfault",
	[VMSTAT_PGMAJFAULT] = "pgmajfault",
	[VMSTAT_PGREUSE] = "pgreuse",
	[VMSTAT_PGALLOC] = "pgalloc",
	[VMSTAT_PGFREE] = "pgfree",
	[VMSTAT_PGPGIN] = "pgpgin",
	[VMSTAT_PGPGOUT] = "pgpgout",
	[VMSTAT_ALLOCSTALL] = "allocstall",
	[VMSTAT_PGSCAN_KSWAPD] = "pgscan_kswapd",
	[VMSTAT_PGSCAN_DIRECT] = "pgscan_direct",
	[VMSTAT_PGSCAN_KHUGEPAGED] = "pgscan_khugepaged",
	[VMSTAT_PGSCAN_PROACTIVE] = "pgscan_proactive",
	[VMSTAT_PGSTEAL_KSWAPD] = "pgsteal_kswapd",
	[VMSTAT_PGSTEAL_DIRECT] = "pgsteal_direct",
	[VMSTAT_PGSTEAL_KHUGEPAGED] = "pgsteal_khugepaged",
	[VMSTAT_PGSTEAL_PROACTIVE] = "pgsteal_proactive",
	[VMSTAT_PGSTEAL_ANON] = "pgsteal_anon",
	[VMSTAT_PGSTEAL_FILE] = "pgsteal_file",
	[VMSTAT_REFAULT_ANON] = "workingset_refault_anon",
	[VMSTAT_REFAULT_FILE] = "workingset_refault_file",
	[VMSTAT_SLABS_SCANNED] = "slabs_scanned",
	[VMSTAT_OOM_KILL] = "oom_kill",
	[VMSTAT_PSWPIN] = "pswpin",
	[VMSTAT_PSWPOUT] = "pswpout",
	[VMSTAT_SWPIN_ZERO] = "swpin_zero",
	[VMSTAT_SWPOUT_ZERO] = "swpout_zero",
	[VMSTAT_ZSWPIN] = "zswpin",
	[VMSTAT_ZSWPOUT] = "zswpout",
	[VMSTAT_ZSWPWB] = "zswpwb",
	[VMSTAT_COMPACT_STALL] = "compact_stall",
	[VMSTAT_COMPACT_SUCCESS] = "compact_success",
	[VMSTAT_COMPACT_FAIL] = "compact_fail",
	[VMSTAT_COMPACT_DAEMON_WAKE] = "compact_daemon_wake",
	[VMSTAT_COMPACT_MIGRATE_SCANNED] = "compact_migrate_scanned",
	[VMSTAT_COMPACT_ISOLATED] = "compact_isolated",
	[VMSTAT_PGMIGRATE_SUCCESS] = "pgmigrate_success",
	[VMSTAT_PGMIGRATE_FAIL] = "pgmigrate_fail",
	[VMSTAT_THP_FAULT_ALLOC] = "thp_fault_alloc",
	[VMSTAT_THP_FAULT_FALLBACK] = "thp_fault_fallback",
	[VMSTAT_THP_COLLAPSE_ALLOC] = "thp_collapse_alloc",
	[VMSTAT_THP_COLLAPSE_ALLOC_FAILED] = "thp_collapse_alloc_failed",
	[VMSTAT_THP_SPLIT_PAGE] = "thp_split_page",
	[VMSTAT_THP_SPLIT_PMD] = "thp_split_pmd",
	[VMSTAT_THP_SWPOUT] = "thp_swpout",
	[VMSTAT_THP_SWPOUT_FALLBACK] = "thp_swpout_fallback",
	[VMSTAT_NUMA_HINT_FAULTS] = "numa_hint_faults",
	[VMSTAT_NUMA_PAGES_MIGRATED] = "numa_pages_migrated",
};

const char *vmstat_name(enum vmstat_field f)
{
	return names[f];
}

/* Counters that the kernel keeps for each zone: "pgalloc_dma32". */
static bool is_of_zone(struct str name, const char *of)
{
	static const char *const zones[] = { "_dma", "_dma32", "_normal", "_high", "_movable",
					     "_device" };

	if (!str_has_prefix(name, of))
		return false;
	name = (struct str){ name.p + strlen(of), name.len - strlen(of) };
	for (size_t i = 0; i < sizeof(zones) / sizeof(zones[0]); i++)
		if (str_eq(name, str_of(zones[i])))
			return true;
	return false;
}

static void take(struct vmstat *out, struct str name, uint64_t v)
{
	for (unsigned int i = 0; i < VMSTAT_FIELDS; i++) {
		struct maybe *to = &out->v[i];

		if (i == VMSTAT_PGALLOC || i == VMSTAT_ALLOCSTALL ?
		    !is_of_zone(name, names[i]) && !str_eq(name, str_of(names[i])) :
		    !str_eq(name, str_of(names[i])))
			continue;
		to->v = num_add(to->known ? to->v : 0, v);
		to->known = true;
		return;
	}
	/* one counter for both until 5.9 */
	if (str_eq(name, STR("workingset_refault")))
		out->v[VMSTAT_REFAULT_FILE] = (struct maybe){ true, v };
}

void vmstat_parse(const char *text, size_t len, struct vmstat *out)
{
	struct lines lines = lines_of(text, len);
	struct str line;

	memset(out, 0, sizeof(*out));
	while (lines_next(&lines, &line)) {
		const char *blank = memchr(line.p, ' ', line.len), *end = line.p + line.len, *s;
		uint64_t v;

		if (!blank)
			continue;
		s = blank + 1;
		if (num_scan_u64(&s, end, &v) && s == end)
			take(out, (struct str){ line.p, (size_t)(blank - line.p) }, v);
	}
}
