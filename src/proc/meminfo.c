/* SPDX-License-Identifier: GPL-3.0-or-later */
/* /proc/meminfo: named amounts for the whole machine. */
#include "config.h"

#include "proc/meminfo.h"

#include "base/num.h"
#include "proc/lines.h"

static const char *const names[MEMINFO_FIELDS] = {
	[MEMINFO_MEM_TOTAL] = "MemTotal",
	[MEMINFO_MEM_FREE] = "MemFree",
	[MEMINFO_MEM_AVAILABLE] = "MemAvailable",
	[MEMINFO_BUFFERS] = "Buffers",
	[MEMINFO_CACHED] = "Cached",
	[MEMINFO_SWAP_CACHED] = "SwapCached",
	[MEMINFO_UNEVICTABLE] = "Unevictable",
	[MEMINFO_MLOCKED] = "Mlocked",
	[MEMINFO_SWAP_TOTAL] = "SwapTotal",
	[MEMINFO_SWAP_FREE] = "SwapFree",
	[MEMINFO_ZSWAP] = "Zswap",
	[MEMINFO_ZSWAPPED] = "Zswapped",
	[MEMINFO_DIRTY] = "Dirty",
	[MEMINFO_WRITEBACK] = "Writeback",
	[MEMINFO_ANON_PAGES] = "AnonPages",
	[MEMINFO_MAPPED] = "Mapped",
	[MEMINFO_SHMEM] = "Shmem",
	[MEMINFO_SLAB_RECLAIMABLE] = "SReclaimable",
	[MEMINFO_SLAB_UNRECLAIMABLE] = "SUnreclaim",
	[MEMINFO_KERNEL_STACK] = "KernelStack",
	[MEMINFO_SHADOW_CALL_STACK] = "ShadowCallStack",
	[MEMINFO_PAGE_TABLES] = "PageTables",
	[MEMINFO_SEC_PAGE_TABLES] = "SecPageTables",
	[MEMINFO_COMMIT_LIMIT] = "CommitLimit",
	[MEMINFO_COMMITTED_AS] = "Committed_AS",
	[MEMINFO_VMALLOC_TOTAL] = "VmallocTotal",
	[MEMINFO_VMALLOC_USED] = "VmallocUsed",
	[MEMINFO_PERCPU] = "Percpu",
	[MEMINFO_HARDWARE_CORRUPTED] = "HardwareCorrupted",
	[MEMINFO_ANON_HUGE_PAGES] = "AnonHugePages",
	[MEMINFO_SHMEM_HUGE_PAGES] = "ShmemHugePages",
	[MEMINFO_FILE_HUGE_PAGES] = "FileHugePages",
	[MEMINFO_CMA_TOTAL] = "CmaTotal",
	[MEMINFO_CMA_FREE] = "CmaFree",
	[MEMINFO_UNACCEPTED] = "Unaccepted",
	[MEMINFO_BALLOON] = "Balloon",
	[MEMINFO_HUGE_PAGES_TOTAL] = "HugePages_Total",
	[MEMINFO_HUGE_PAGES_FREE] = "HugePages_Free",
	[MEMINFO_HUGE_PAGES_RSVD] = "HugePages_Rsvd",
	[MEMINFO_HUGE_PAGES_SURP] = "HugePages_Surp",
	[MEMINFO_HUGEPAGESIZE] = "Hugepagesize",
	[MEMINFO_HUGETLB] = "Hugetlb",
	[MEMINFO_DIRECT_MAP_4K] = "DirectMap4k",
	[MEMINFO_DIRECT_MAP_2M] = "DirectMap2M",
	[MEMINFO_DIRECT_MAP_4M] = "DirectMap4M",
	[MEMINFO_DIRECT_MAP_1G] = "DirectMap1G",
	[MEMINFO_ACTIVE] = "Active",
	[MEMINFO_INACTIVE] = "Inactive",
	[MEMINFO_KRECLAIMABLE] = "KReclaimable",
	[MEMINFO_BOUNCE] = "Bounce",
	[MEMINFO_WRITEBACK_TMP] = "WritebackTmp",
	[MEMINFO_GPU_ACTIVE] = "GPUActive",
	[MEMINFO_GPU_RECLAIM] = "GPUReclaim",
	[MEMINFO_FILE_PAGES] = "FilePages",
};

const char *meminfo_name(enum meminfo_field f)
{
	return names[f];
}

/* Cuts "Node 0 " off; false where it does not stand there. */
static bool cut_node(struct str *name)
{
	const char *s = name->p + strlen("Node "), *end = name->p + name->len;
	uint64_t node;

	if (!str_has_prefix(*name, "Node ") || !num_scan_u64(&s, end, &node) || s == end ||
	    *s != ' ')
		return false;
	*name = (struct str){ s + 1, (size_t)(end - s - 1) };
	return true;
}

static void parse(const char *text, size_t len, bool node, struct meminfo *out)
{
	struct lines lines = lines_of(text, len);
	struct str name, value;

	memset(out, 0, sizeof(*out));
	while (lines_next_field(&lines, &name, &value)) {
		const char *s = value.p, *end = s + value.len;
		uint64_t v;

		if (!num_scan_u64(&s, end, &v) || (node && !cut_node(&name)))
			continue;
		for (unsigned int i = 0; i < MEMINFO_FIELDS; i++) {
			if (!str_eq(name, str_of(names[i])))
				continue;
			out->v[i] = str_has_suffix(value, " kB") ? num_mul(v, 1024) : v;
			out->valid |= UINT64_C(1) << i;
			break;
		}
	}
}

void meminfo_parse(const char *text, size_t len, struct meminfo *out)
{
	parse(text, len, false, out);
}

void meminfo_parse_node(const char *text, size_t len, struct meminfo *out)
{
	parse(text, len, true, out);
}
