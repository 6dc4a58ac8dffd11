/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * /proc/vmstat: what the memory management has counted. The file is a list of "name value"; names
 * come and go with every release (mm/vmstat.c vmstat_text[], Linux 6.18), so what is not there
 * is unknown. A node's sys/devices/system/node/nodeN/vmstat has a part of the same names.
 */
#ifndef PROC_VMSTAT_H
#define PROC_VMSTAT_H

#include <stddef.h>

#include "base/num.h"

enum vmstat_field {
	/* how many there are now; pages, if nothing else is said */
	VMSTAT_NR_FREE_PAGES,
	VMSTAT_NR_PAGE_TABLE_PAGES,
	VMSTAT_NR_ZSPAGES,		/* of zsmalloc, which zswap and zram keep their data in */
	VMSTAT_NR_MEMMAP_PAGES,		/* struct page and the like, from the buddy allocator; 6.11 */
	VMSTAT_NR_VMALLOC,		/* of a node; 7.0 */
	/* events since boot */
	VMSTAT_PGFAULT, VMSTAT_PGMAJFAULT, VMSTAT_PGREUSE,
	VMSTAT_PGALLOC,			/* pages; sum of pgalloc_ZONE */
	VMSTAT_PGFREE,
	VMSTAT_PGPGIN, VMSTAT_PGPGOUT,	/* KiB from and to block devices */
	VMSTAT_ALLOCSTALL,		/* sum of allocstall_ZONE */
	VMSTAT_PGSCAN_KSWAPD, VMSTAT_PGSCAN_DIRECT, VMSTAT_PGSCAN_KHUGEPAGED,
	VMSTAT_PGSCAN_PROACTIVE,
	VMSTAT_PGSTEAL_KSWAPD, VMSTAT_PGSTEAL_DIRECT, VMSTAT_PGSTEAL_KHUGEPAGED,
	VMSTAT_PGSTEAL_PROACTIVE,
	VMSTAT_PGSTEAL_ANON, VMSTAT_PGSTEAL_FILE,
	VMSTAT_REFAULT_ANON, VMSTAT_REFAULT_FILE, VMSTAT_SLABS_SCANNED, VMSTAT_OOM_KILL,
	VMSTAT_PSWPIN, VMSTAT_PSWPOUT, VMSTAT_SWPIN_ZERO, VMSTAT_SWPOUT_ZERO,
	VMSTAT_ZSWPIN, VMSTAT_ZSWPOUT, VMSTAT_ZSWPWB,
	VMSTAT_COMPACT_STALL, VMSTAT_COMPACT_SUCCESS, VMSTAT_COMPACT_FAIL,
	VMSTAT_COMPACT_DAEMON_WAKE, VMSTAT_COMPACT_MIGRATE_SCANNED, VMSTAT_COMPACT_ISOLATED,
	VMSTAT_PGMIGRATE_SUCCESS, VMSTAT_PGMIGRATE_FAIL,
	VMSTAT_THP_FAULT_ALLOC, VMSTAT_THP_FAULT_FALLBACK, VMSTAT_THP_COLLAPSE_ALLOC,
	VMSTAT_THP_COLLAPSE_ALLOC_FAILED, VMSTAT_THP_SPLIT_PAGE, VMSTAT_THP_SPLIT_PMD,
	VMSTAT_THP_SWPOUT, VMSTAT_THP_SWPOUT_FALLBACK,
	VMSTAT_NUMA_HINT_FAULTS, VMSTAT_NUMA_PAGES_MIGRATED,
	VMSTAT_FIELDS,
	VMSTAT_EVENTS = VMSTAT_PGFAULT,	/* the first that counts events */
};

struct vmstat {
	struct maybe v[VMSTAT_FIELDS];
};

/* The kernel's name of a field; of sums, what the names begin with ("allocstall"). */
const char *vmstat_name(enum vmstat_field f);

/* Lines that are not known, or have no number, are skipped. */
void vmstat_parse(const char *text, size_t len, struct vmstat *out);

#endif
