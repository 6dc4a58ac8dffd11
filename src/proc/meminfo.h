/* SPDX-License-Identifier: GPL-3.0-or-later */
/* /proc/meminfo: named amounts for the whole machine. */
#ifndef PROC_MEMINFO_H
#define PROC_MEMINFO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum meminfo_field {
	MEMINFO_MEM_TOTAL, MEMINFO_MEM_FREE, MEMINFO_MEM_AVAILABLE, MEMINFO_BUFFERS,
	MEMINFO_CACHED, MEMINFO_SWAP_CACHED, MEMINFO_UNEVICTABLE, MEMINFO_MLOCKED,
	MEMINFO_SWAP_TOTAL, MEMINFO_SWAP_FREE, MEMINFO_ZSWAP, MEMINFO_ZSWAPPED,
	MEMINFO_DIRTY, MEMINFO_WRITEBACK, MEMINFO_ANON_PAGES, MEMINFO_MAPPED,
	MEMINFO_SHMEM, MEMINFO_SLAB_RECLAIMABLE, MEMINFO_SLAB_UNRECLAIMABLE,
	MEMINFO_KERNEL_STACK, MEMINFO_SHADOW_CALL_STACK, MEMINFO_PAGE_TABLES,
	MEMINFO_SEC_PAGE_TABLES, MEMINFO_COMMIT_LIMIT, MEMINFO_COMMITTED_AS,
	MEMINFO_VMALLOC_TOTAL, MEMINFO_VMALLOC_USED, MEMINFO_PERCPU,
	MEMINFO_HARDWARE_CORRUPTED, MEMINFO_ANON_HUGE_PAGES, MEMINFO_SHMEM_HUGE_PAGES,
	MEMINFO_FILE_HUGE_PAGES, MEMINFO_CMA_TOTAL, MEMINFO_CMA_FREE,
	MEMINFO_UNACCEPTED, MEMINFO_BALLOON, MEMINFO_HUGE_PAGES_TOTAL,
	MEMINFO_HUGE_PAGES_FREE, MEMINFO_HUGE_PAGES_RSVD, MEMINFO_HUGE_PAGES_SURP,
	MEMINFO_HUGEPAGESIZE, MEMINFO_HUGETLB, MEMINFO_DIRECT_MAP_4K,
	MEMINFO_DIRECT_MAP_2M, MEMINFO_DIRECT_MAP_4M, MEMINFO_DIRECT_MAP_1G,
	MEMINFO_ACTIVE, MEMINFO_INACTIVE, MEMINFO_KRECLAIMABLE, MEMINFO_BOUNCE,
	MEMINFO_WRITEBACK_TMP, MEMINFO_GPU_ACTIVE, MEMINFO_GPU_RECLAIM,
	MEMINFO_FILE_PAGES,		/* of a node: Cached, Buffers and SwapCached in one */
	MEMINFO_FIELDS,
};

struct meminfo {
	uint64_t valid;			/* bit per field */
	uint64_t v[MEMINFO_FIELDS];	/* bytes; the numbers of huge pages have no unit */
};

_Static_assert(MEMINFO_FIELDS <= 64, "valid has a bit for each");

static inline bool meminfo_has(const struct meminfo *m, enum meminfo_field f)
{
	return m->valid >> f & 1;
}

/* A field's value, or 0 where this kernel has none. */
static inline uint64_t meminfo_get(const struct meminfo *m, enum meminfo_field f)
{
	return meminfo_has(m, f) ? m->v[f] : 0;
}

/* The kernel's name of a field ("MemTotal"). */
const char *meminfo_name(enum meminfo_field f);

/* Unknown lines are skipped, missing ones are not valid. */
void meminfo_parse(const char *text, size_t len, struct meminfo *out);

/* The same of sys/devices/system/node/nodeN/meminfo: "Node 0 MemTotal:  476356 kB". */
void meminfo_parse_node(const char *text, size_t len, struct meminfo *out);

#endif
