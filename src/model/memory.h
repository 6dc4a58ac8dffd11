/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where MemTotal went: the kernel's counters made into parts that each count a page once. Pure. */
#ifndef MODEL_MEMORY_H
#define MODEL_MEMORY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/num.h"
#include "proc/hugepages.h"
#include "proc/meminfo.h"
#include "proc/vmstat.h"
#include "proc/zoneinfo.h"

/* In the order they are shown. What each is made of is in memory_part_info and in the manual. */
enum memory_part {
	MEMORY_ANON,
	MEMORY_SWAP_CACHE,
	MEMORY_CACHE_MAPPED,
	MEMORY_CACHE_NOT_MAPPED,
	MEMORY_BUFFERS,
	MEMORY_SHMEM,
	MEMORY_SLAB_RECLAIMABLE,
	MEMORY_SLAB_UNRECLAIMABLE,
	MEMORY_KERNEL_RECLAIMABLE,
	MEMORY_PAGE_TABLES,
	MEMORY_SEC_PAGE_TABLES,
	MEMORY_KERNEL_STACKS,
	MEMORY_PERCPU,
	MEMORY_VMALLOC,
	MEMORY_MEMMAP,
	MEMORY_BOUNCE,
	MEMORY_GPU,
	MEMORY_HUGETLB_USED,
	MEMORY_HUGETLB_RESERVED,
	MEMORY_HUGETLB_FREE,
	MEMORY_ZSWAP,
	MEMORY_ZRAM,
	MEMORY_CORRUPTED,
	MEMORY_FREE_OUTSIDE,
	MEMORY_FREE_ON_CPUS,
	MEMORY_FREE,
	MEMORY_PARTS,
};

/* Parts that a picture draws as one. */
enum memory_group {
	MEMORY_GROUP_ANON,
	MEMORY_GROUP_CACHE,
	MEMORY_GROUP_SHMEM,
	MEMORY_GROUP_KERNEL,
	MEMORY_GROUP_HUGETLB,
	MEMORY_GROUP_COMPRESSED,
	MEMORY_GROUP_OTHER,		/* what no counter explains */
	MEMORY_GROUP_FREE,
	MEMORY_GROUPS,
};

struct memory_part_info {
	const char *key;		/* of JSON */
	const char *name;
	const char *words;		/* what it is, in at most 26 columns */
	const char *source;		/* the counters it is made from, behind ": " */
	enum memory_group group;
};

extern const struct memory_part_info memory_part_info[MEMORY_PARTS];
extern const char *const memory_group_name[MEMORY_GROUPS];

/* Whether kernel stacks lie in vmalloc areas (CONFIG_VMAP_STACK): then VmallocUsed has them too. */
enum memory_stacks { MEMORY_STACKS_APART, MEMORY_STACKS_IN_VMALLOC };

/* What the parts are told from; NULL, 0: not known. */
struct memory_facts {
	const struct meminfo *meminfo;		/* never NULL; of the machine or of a node */
	const struct vmstat *vmstat;
	const struct hugepages *pools;
	const zone_list *zones;
	bool of_node;				/* all are of this node */
	unsigned int node;
	uint64_t page_size;			/* bytes */
	uint64_t default_huge_page_size;	/* bytes; of a node, which does not tell it */
	enum memory_stacks stacks;
};

/* Bytes. */
struct memory {
	struct maybe total;
	struct maybe part[MEMORY_PARTS];	/* unknown: no counter of this kernel has it alone */
	/* Total without all parts. Above 0, pages that no counter has: of drivers, network buffers;
	 * below 0, pages that two have. Both, for moments: counters are read one after the other. */
	bool has_rest;
	int64_t rest;
	/* MEMORY_CACHE_MAPPED is that much too large at most, and MEMORY_CACHE_NOT_MAPPED too small:
	 * Mapped counts shared memory's pages as well, and no counter tells how many. */
	uint64_t mapped_shmem_at_most;
};

void memory_find(const struct memory_facts *f, struct memory *out);

/* Parts of a group, added up; MEMORY_GROUP_OTHER is the rest, or 0 if that is negative. */
uint64_t memory_group_sum(const struct memory *m, enum memory_group group);

/* Of the page cache and shared memory, what no program maps: the other side of Mapped. */
uint64_t memory_not_mapped(const struct meminfo *m);

/* Whether an architecture's kernels have their stacks in vmalloc areas, for those who can't see
 * vmallocinfo: the default of CONFIG_VMAP_STACK, as far as the counters do not speak against it. */
enum memory_stacks memory_guess_stacks(const struct meminfo *m, const char *arch, size_t len);

/* Bytes of a page, for a captured system: the same amount in bytes and in pages. 0: can't tell. */
uint64_t memory_find_page_size(const struct meminfo *m, const struct vmstat *v);

#endif
