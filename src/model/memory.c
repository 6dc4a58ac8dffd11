/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where MemTotal went: the kernel's counters made into parts that each count a page once. */
#include "config.h"

#include "model/memory.h"

#include <string.h>

#include "base/arena.h"

const struct memory_part_info memory_part_info[MEMORY_PARTS] = {
	[MEMORY_ANON] = { "anonymous", "anonymous", "heaps, stacks of programs", ": AnonPages",
		MEMORY_GROUP_ANON },
	[MEMORY_SWAP_CACHE] = { "swap_cache", "swap cache", "on swap as well, unmapped",
		": Active + Inactive + Unevictable - AnonPages - Cached - Buffers, up to SwapCached",
		MEMORY_GROUP_ANON },
	[MEMORY_CACHE_MAPPED] = { "page_cache_mapped", "page cache, mapped",
		"files mapped by programs", ": Mapped, up to Cached - Shmem", MEMORY_GROUP_CACHE },
	[MEMORY_CACHE_NOT_MAPPED] = { "page_cache_not_mapped", "page cache, not mapped",
		"files read and written", ": Cached - Shmem - Mapped", MEMORY_GROUP_CACHE },
	[MEMORY_BUFFERS] = { "buffers", "buffers", "page cache of disks", ": Buffers",
		MEMORY_GROUP_CACHE },
	[MEMORY_SHMEM] = { "shmem", "shmem", "shared memory, tmpfs", ": Shmem",
		MEMORY_GROUP_SHMEM },
	[MEMORY_SLAB_RECLAIMABLE] = { "slab_reclaimable", "slab, reclaimable",
		"caches of names and inodes", ": SReclaimable", MEMORY_GROUP_KERNEL },
	[MEMORY_SLAB_UNRECLAIMABLE] = { "slab_unreclaimable", "slab, unreclaimable",
		"kernel objects, kmalloc", ": SUnreclaim", MEMORY_GROUP_KERNEL },
	[MEMORY_KERNEL_RECLAIMABLE] = { "kernel_reclaimable", "kernel, reclaimable",
		"given back under pressure", ": KReclaimable - SReclaimable",
		MEMORY_GROUP_KERNEL },
	[MEMORY_PAGE_TABLES] = { "page_tables", "page tables", "of programs", ": PageTables",
		MEMORY_GROUP_KERNEL },
	[MEMORY_SEC_PAGE_TABLES] = { "secondary_page_tables", "secondary page tables",
		"of guests and IOMMUs", ": SecPageTables", MEMORY_GROUP_KERNEL },
	[MEMORY_KERNEL_STACKS] = { "kernel_stacks", "kernel stacks", "one for each thread",
		": KernelStack + ShadowCallStack", MEMORY_GROUP_KERNEL },
	[MEMORY_PERCPU] = { "percpu", "per-CPU", "one copy per processor", ": Percpu",
		MEMORY_GROUP_KERNEL },
	[MEMORY_VMALLOC] = { "vmalloc", "vmalloc", "large areas, modules, BPF",
		": VmallocUsed, without kernel stacks where they lie there", MEMORY_GROUP_KERNEL },
	[MEMORY_MEMMAP] = { "memmap", "page metadata", "struct page", ": nr_memmap_pages",
		MEMORY_GROUP_KERNEL },
	[MEMORY_BOUNCE] = { "bounce", "bounce, FUSE writeback", "copies on the way to disk",
		": Bounce + WritebackTmp", MEMORY_GROUP_KERNEL },
	[MEMORY_GPU] = { "gpu", "GPU", "buffers of graphics", ": GPUActive + GPUReclaim",
		MEMORY_GROUP_KERNEL },
	[MEMORY_HUGETLB_USED] = { "hugetlb_used", "hugetlb, used", "pages that programs have",
		": nr_hugepages - free_hugepages, of all sizes", MEMORY_GROUP_HUGETLB },
	[MEMORY_HUGETLB_RESERVED] = { "hugetlb_reserved", "hugetlb, reserved",
		"promised, not yet touched", ": resv_hugepages", MEMORY_GROUP_HUGETLB },
	[MEMORY_HUGETLB_FREE] = { "hugetlb_free", "hugetlb, free", "idle in the pools",
		": free_hugepages - resv_hugepages", MEMORY_GROUP_HUGETLB },
	[MEMORY_ZSWAP] = { "zswap", "zswap", "swap compressed in RAM", ": Zswap",
		MEMORY_GROUP_COMPRESSED },
	[MEMORY_ZRAM] = { "zram", "zram", "disks compressed in RAM", ": nr_zspages - Zswap",
		MEMORY_GROUP_COMPRESSED },
	[MEMORY_CORRUPTED] = { "hardware_corrupted", "corrupted", "bad frames, taken away",
		": HardwareCorrupted", MEMORY_GROUP_KERNEL },
	[MEMORY_FREE_OUTSIDE] = { "free_outside_zones", "free, not in a zone",
		"the hypervisor's to give", ": MemTotal - managed of all zones",
		MEMORY_GROUP_FREE },
	[MEMORY_FREE_ON_CPUS] = { "free_on_cpu_lists", "free, per-CPU lists",
		"at hand for each processor", ": zoneinfo count", MEMORY_GROUP_FREE },
	[MEMORY_FREE] = { "free", "free", "in the buddy allocator", ": MemFree",
		MEMORY_GROUP_FREE },
};

const char *const memory_group_name[MEMORY_GROUPS] = {
	[MEMORY_GROUP_ANON] = "anonymous",
	[MEMORY_GROUP_CACHE] = "page cache",
	[MEMORY_GROUP_SHMEM] = "shmem",
	[MEMORY_GROUP_KERNEL] = "kernel",
	[MEMORY_GROUP_HUGETLB] = "hugetlb",
	[MEMORY_GROUP_COMPRESSED] = "compressed",
	[MEMORY_GROUP_OTHER] = "unexplained",
	[MEMORY_GROUP_FREE] = "free",
};

static uint64_t minus(uint64_t a, uint64_t b)
{
	return a > b ? a - b : 0;
}

static uint64_t smaller(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static void set(struct memory *out, enum memory_part part, uint64_t bytes)
{
	out->part[part] = (struct maybe){ true, bytes };
}

/* A part that is one counter, or the sum of two of which the second may be missing. */
static void take(const struct memory_facts *f, struct memory *out, enum memory_part part,
		 enum meminfo_field a, enum meminfo_field b)
{
	if (meminfo_has(f->meminfo, a))
		set(out, part, num_add(f->meminfo->v[a], b < MEMINFO_FIELDS ?
				       meminfo_get(f->meminfo, b) : 0));
}

static bool vmstat_bytes(const struct memory_facts *f, enum vmstat_field field, uint64_t *bytes)
{
	if (!f->vmstat || !f->page_size || !f->vmstat->v[field].known)
		return false;
	*bytes = num_mul(f->vmstat->v[field].v, f->page_size);
	return true;
}

/* Files, and shared memory, which the kernel keeps in the page cache too. */
static void find_cache(const struct memory_facts *f, struct memory *out)
{
	const struct meminfo *m = f->meminfo;
	uint64_t shmem = meminfo_get(m, MEMINFO_SHMEM), mapped = meminfo_get(m, MEMINFO_MAPPED);
	uint64_t swap_cached = meminfo_get(m, MEMINFO_SWAP_CACHED);
	uint64_t lru = num_add(meminfo_get(m, MEMINFO_ACTIVE),
			       num_add(meminfo_get(m, MEMINFO_INACTIVE),
				       meminfo_get(m, MEMINFO_UNEVICTABLE)));
	uint64_t cached, buffers = meminfo_get(m, MEMINFO_BUFFERS), files;

	if (meminfo_has(m, MEMINFO_CACHED))
		cached = m->v[MEMINFO_CACHED];
	else if (meminfo_has(m, MEMINFO_FILE_PAGES))	/* a node's: Buffers are in it */
		cached = minus(m->v[MEMINFO_FILE_PAGES], swap_cached);
	else
		return;
	take(f, out, MEMORY_SHMEM, MEMINFO_SHMEM, MEMINFO_FIELDS);
	take(f, out, MEMORY_BUFFERS, MEMINFO_BUFFERS, MEMINFO_FIELDS);
	files = minus(cached, shmem);
	if (meminfo_has(m, MEMINFO_MAPPED))
		set(out, MEMORY_CACHE_MAPPED, smaller(mapped, files));
	set(out, MEMORY_CACHE_NOT_MAPPED, minus(files, mapped));
	/* what is left of Mapped is certainly shared memory's, and no error */
	out->mapped_shmem_at_most = smaller(smaller(shmem, mapped), smaller(mapped, files));
	/* Pages of the swap cache that are mapped are AnonPages already. All are on the LRU lists,
	 * with everything else that is anonymous or of files. */
	if (meminfo_has(m, MEMINFO_SWAP_CACHED) && meminfo_has(m, MEMINFO_ACTIVE))
		set(out, MEMORY_SWAP_CACHE,
		    smaller(swap_cached, minus(lru, num_add(meminfo_get(m, MEMINFO_ANON_PAGES),
							    num_add(cached, buffers)))));
}

static void find_kernel(const struct memory_facts *f, struct memory *out)
{
	const struct meminfo *m = f->meminfo;
	uint64_t bytes, stacks;

	take(f, out, MEMORY_SLAB_RECLAIMABLE, MEMINFO_SLAB_RECLAIMABLE, MEMINFO_FIELDS);
	take(f, out, MEMORY_SLAB_UNRECLAIMABLE, MEMINFO_SLAB_UNRECLAIMABLE, MEMINFO_FIELDS);
	if (meminfo_has(m, MEMINFO_KRECLAIMABLE))
		set(out, MEMORY_KERNEL_RECLAIMABLE,
		    minus(m->v[MEMINFO_KRECLAIMABLE], meminfo_get(m, MEMINFO_SLAB_RECLAIMABLE)));
	take(f, out, MEMORY_PAGE_TABLES, MEMINFO_PAGE_TABLES, MEMINFO_FIELDS);
	take(f, out, MEMORY_SEC_PAGE_TABLES, MEMINFO_SEC_PAGE_TABLES, MEMINFO_FIELDS);
	take(f, out, MEMORY_KERNEL_STACKS, MEMINFO_KERNEL_STACK, MEMINFO_SHADOW_CALL_STACK);
	take(f, out, MEMORY_PERCPU, MEMINFO_PERCPU, MEMINFO_FIELDS);
	take(f, out, MEMORY_BOUNCE, MEMINFO_BOUNCE, MEMINFO_WRITEBACK_TMP);
	take(f, out, MEMORY_GPU, MEMINFO_GPU_ACTIVE, MEMINFO_GPU_RECLAIM);
	take(f, out, MEMORY_CORRUPTED, MEMINFO_HARDWARE_CORRUPTED, MEMINFO_FIELDS);
	if (vmstat_bytes(f, VMSTAT_NR_MEMMAP_PAGES, &bytes))
		set(out, MEMORY_MEMMAP, bytes);
	stacks = f->stacks == MEMORY_STACKS_IN_VMALLOC && out->part[MEMORY_KERNEL_STACKS].known ?
		 out->part[MEMORY_KERNEL_STACKS].v : 0;
	if (meminfo_has(m, MEMINFO_VMALLOC_USED))
		set(out, MEMORY_VMALLOC, minus(m->v[MEMINFO_VMALLOC_USED], stacks));
	else if (f->of_node && vmstat_bytes(f, VMSTAT_NR_VMALLOC, &bytes))
		set(out, MEMORY_VMALLOC, minus(bytes, stacks));
}

static void find_compressed(const struct memory_facts *f, struct memory *out)
{
	uint64_t zsmalloc, zswap = meminfo_get(f->meminfo, MEMINFO_ZSWAP);

	take(f, out, MEMORY_ZSWAP, MEMINFO_ZSWAP, MEMINFO_FIELDS);
	/* a node does not tell zswap's part of them */
	if (!f->of_node && vmstat_bytes(f, VMSTAT_NR_ZSPAGES, &zsmalloc))
		set(out, MEMORY_ZRAM, minus(zsmalloc, zswap));
}

/* Without the pools' own files: those of the default size, and Hugetlb, which is all of them. */
static void guess_hugetlb(const struct memory_facts *f, struct memory *out)
{
	const struct meminfo *m = f->meminfo;
	uint64_t size = meminfo_has(m, MEMINFO_HUGEPAGESIZE) ? m->v[MEMINFO_HUGEPAGESIZE] :
							       f->default_huge_page_size;
	uint64_t all, free, reserved;

	if (!meminfo_has(m, MEMINFO_HUGE_PAGES_TOTAL) || !size)
		return;
	all = meminfo_has(m, MEMINFO_HUGETLB) ? m->v[MEMINFO_HUGETLB] :
	      num_mul(m->v[MEMINFO_HUGE_PAGES_TOTAL], size);
	free = num_mul(meminfo_get(m, MEMINFO_HUGE_PAGES_FREE), size);
	reserved = smaller(num_mul(meminfo_get(m, MEMINFO_HUGE_PAGES_RSVD), size), free);
	set(out, MEMORY_HUGETLB_USED, minus(all, free));
	if (!f->of_node)
		set(out, MEMORY_HUGETLB_RESERVED, reserved);
	set(out, MEMORY_HUGETLB_FREE, free - reserved);
}

static void find_hugetlb(const struct memory_facts *f, struct memory *out)
{
	uint64_t used = 0, reserved = 0, free = 0;
	bool has_reserved = true;

	for (unsigned int i = 0; f->pools && i < f->pools->pools; i++) {
		const struct hugepage_pool *p = &f->pools->pool[i];
		const struct maybe *v = p->number;
		uint64_t all = v[POOL_TOTAL].v, idle = smaller(v[POOL_FREE].v, all), promised;

		if (!v[POOL_TOTAL].known || !v[POOL_FREE].known) {
			guess_hugetlb(f, out);
			return;
		}
		promised = v[POOL_RESERVED].known ? smaller(v[POOL_RESERVED].v, idle) : 0;
		has_reserved = has_reserved && v[POOL_RESERVED].known;
		used = num_add(used, num_mul(all - idle, p->size));
		reserved = num_add(reserved, num_mul(promised, p->size));
		free = num_add(free, num_mul(idle - promised, p->size));
	}
	if (!f->pools || !f->pools->pools) {
		guess_hugetlb(f, out);
		return;
	}
	set(out, MEMORY_HUGETLB_USED, used);
	if (has_reserved)
		set(out, MEMORY_HUGETLB_RESERVED, reserved);
	set(out, MEMORY_HUGETLB_FREE, free);
}

static void find_free(const struct memory_facts *f, struct memory *out)
{
	uint64_t pages = 0, managed = 0, outside;
	bool known = false;

	take(f, out, MEMORY_FREE, MEMINFO_MEM_FREE, MEMINFO_FIELDS);
	for (size_t i = 0; f->zones && i < f->zones->n; i++) {
		if (f->of_node && f->zones->v[i].node != f->node)
			continue;
		pages = num_add(pages, f->zones->v[i].on_cpus);
		managed = num_add(managed, f->zones->v[i].managed);
		known = true;
	}
	if (!known || !f->page_size)
		return;
	set(out, MEMORY_FREE_ON_CPUS, num_mul(pages, f->page_size));
	/* MemTotal is the sum of managed, to the page (mm/show_mem.c si_meminfo()); but there are
	 * guests whose kernels add memory to it, and to MemFree, that their host has taken back */
	outside = smaller(minus(out->total.v, num_mul(managed, f->page_size)),
			  out->part[MEMORY_FREE].v);
	if (out->total.known && out->part[MEMORY_FREE].known && managed) {
		set(out, MEMORY_FREE_OUTSIDE, outside);
		out->part[MEMORY_FREE].v -= outside;
	}
}

void memory_find(const struct memory_facts *f, struct memory *out)
{
	uint64_t sum = 0;

	memset(out, 0, sizeof(*out));
	out->total = (struct maybe){ meminfo_has(f->meminfo, MEMINFO_MEM_TOTAL),
				     meminfo_get(f->meminfo, MEMINFO_MEM_TOTAL) };
	take(f, out, MEMORY_ANON, MEMINFO_ANON_PAGES, MEMINFO_FIELDS);
	find_cache(f, out);
	find_kernel(f, out);
	find_hugetlb(f, out);
	find_compressed(f, out);
	find_free(f, out);
	for (unsigned int i = 0; i < MEMORY_PARTS; i++)
		if (out->part[i].known)
			sum = num_add(sum, out->part[i].v);
	/* without it all the rest would be called unexplained */
	out->has_rest = out->total.known && out->part[MEMORY_FREE].known &&
			sum <= INT64_MAX && out->total.v <= INT64_MAX;
	if (out->has_rest)
		out->rest = (int64_t)out->total.v - (int64_t)sum;
}

uint64_t memory_group_sum(const struct memory *m, enum memory_group group)
{
	uint64_t sum = 0;

	if (group == MEMORY_GROUP_OTHER)
		return m->has_rest && m->rest > 0 ? (uint64_t)m->rest : 0;
	for (unsigned int i = 0; i < MEMORY_PARTS; i++)
		if (memory_part_info[i].group == group && m->part[i].known)
			sum = num_add(sum, m->part[i].v);
	return sum;
}

uint64_t memory_not_mapped(const struct meminfo *m)
{
	return minus(num_add(meminfo_get(m, MEMINFO_BUFFERS), meminfo_get(m, MEMINFO_CACHED)),
		     meminfo_get(m, MEMINFO_MAPPED));
}

enum memory_stacks memory_guess_stacks(const struct meminfo *m, const char *arch, size_t len)
{
	/* arch/.../Kconfig: HAVE_ARCH_VMAP_STACK, which is then the default */
	static const char *const with[] = { "x86_64", "aarch64", "riscv64", "s390x", "ppc64le" };

	/* before 5.3 VmallocUsed is 0, and since then it counts stacks that lie there */
	if (meminfo_get(m, MEMINFO_VMALLOC_USED) < meminfo_get(m, MEMINFO_KERNEL_STACK))
		return MEMORY_STACKS_APART;
	for (size_t i = 0; i < sizeof(with) / sizeof(with[0]); i++)
		if (str_eq((struct str){ arch, len }, str_of(with[i])))
			return MEMORY_STACKS_IN_VMALLOC;
	return MEMORY_STACKS_APART;
}

uint64_t memory_find_page_size(const struct meminfo *m, const struct vmstat *v)
{
	uint64_t pages = v->v[VMSTAT_NR_PAGE_TABLE_PAGES].v, bytes, size;

	bytes = meminfo_get(m, MEMINFO_PAGE_TABLES);
	/* read at different moments: to the nearest power of two */
	for (size = 4096; pages && size <= 256 * 1024; size *= 2)
		if (bytes / pages < size + size / 2 && bytes / pages >= size - size / 4)
			return size;
	return 0;
}
