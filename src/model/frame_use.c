/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a page frame is used for, as far as its flag word tells: one use for each frame. */
#include "config.h"

#include "model/frame_use.h"

#include "proc/kpage.h"

const struct frame_use_info frame_use_info[FRAME_USES] = {
	[FRAME_FREE] = { "free", "free", { '.', ':' }, true, "in the buddy allocator" },
	[FRAME_ANON] = { "anonymous", "anonymous", { 'A', 'a' }, true, "heaps, stacks; swap cache" },
	[FRAME_THP] = { "thp", "thp", { 'T', 't' }, true, "anonymous, in large folios" },
	[FRAME_FILE] = { "file", "file", { 'F', 'f' }, true, "page cache of files" },
	[FRAME_SHMEM] = { "shmem", "shmem", { 'M', 'm' }, true, "tmpfs, shared memory" },
	[FRAME_HUGETLB] = { "hugetlb", "hugetlb", { 'H', 'h' }, true, "pool of huge pages" },
	[FRAME_SLAB] = { "slab", "slab", { 'S', 's' }, false, "small objects of the kernel" },
	[FRAME_PAGE_TABLE] = { "page_table", "page tables", { 'P', 'p' }, false, "of processes" },
	[FRAME_OTHER] = { "other", "other", { 'O', 'o' }, false, "the kernel's, or not in use yet" },
	[FRAME_RESERVED] = { "reserved", "reserved", { 'R', 'r' }, false,
			     "kernel image, firmware, vdso" },
	[FRAME_OFFLINE] = { "offline", "offline", { 'X', 'x' }, false, "balloon, hotplug" },
	[FRAME_HWPOISON] = { "hwpoison", "hwpoison", { '!', '!' }, false,
			     "broken, says the hardware" },
};

enum frame_use frame_use(uint64_t word)
{
	if (word & KPAGE_BIT(HWPOISON))
		return FRAME_HWPOISON;
	if (word & KPAGE_BIT(OFFLINE))
		return FRAME_OFFLINE;
	if (word & KPAGE_BIT(BUDDY))
		return FRAME_FREE;
	if (word & KPAGE_BIT(SLAB))
		return FRAME_SLAB;
	if (word & KPAGE_BIT(PGTABLE))
		return FRAME_PAGE_TABLE;
	if (word & KPAGE_BIT(HUGE))
		return FRAME_HUGETLB;
	if (word & KPAGE_BIT(RESERVED))
		return FRAME_RESERVED;
	if (word & KPAGE_BIT(ZERO_PAGE))	/* the huge one; the small one is reserved */
		return FRAME_OTHER;
	if (word & KPAGE_BIT(ANON))
		return frame_is_large(word) ? FRAME_THP : FRAME_ANON;
	/* swapped out or not yet swapped in: not anonymous until it is mapped */
	if (word & KPAGE_BIT(SWAPCACHE))
		return frame_is_large(word) ? FRAME_THP : FRAME_ANON;
	if (word & KPAGE_BIT(SWAPBACKED))
		return FRAME_SHMEM;
	/* A page that was just read is not on a list yet, but no page of the kernel's own ever
	 * has contents that are up to date with anything. */
	if (word & (KPAGE_BIT(LRU) | KPAGE_BIT(UPTODATE) | KPAGE_BIT(DIRTY) |
		    KPAGE_BIT(WRITEBACK)))
		return FRAME_FILE;
	return FRAME_OTHER;
}

bool frame_is_tail(uint64_t word)
{
	return word & KPAGE_BIT(COMPOUND_TAIL);
}

bool frame_is_large(uint64_t word)
{
	return word & (KPAGE_BIT(COMPOUND_HEAD) | KPAGE_BIT(COMPOUND_TAIL) | KPAGE_BIT(THP));
}
