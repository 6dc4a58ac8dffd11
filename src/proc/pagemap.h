/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * /proc/PID/pagemap: what stands in the page table for each virtual page, as runs of pages.
 * Documentation/admin-guide/mm/pagemap.rst.
 */
#ifndef PROC_PAGEMAP_H
#define PROC_PAGEMAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proc/page_labels.h"
#include "proc/root.h"

/* Bits of an entry; the low 55 are a PFN (0: hidden for want of CAP_SYS_ADMIN) or a swap entry. */
#define PAGEMAP_SOFT_DIRTY	(UINT64_C(1) << 55)	/* 3.11 */
#define PAGEMAP_EXCLUSIVE	(UINT64_C(1) << 56)	/* 4.2: mapped once */
#define PAGEMAP_UFFD_WP		(UINT64_C(1) << 57)	/* 5.13 */
#define PAGEMAP_GUARD		(UINT64_C(1) << 58)	/* 6.15: MADV_GUARD_INSTALL */
#define PAGEMAP_FILE		(UINT64_C(1) << 61)	/* 3.5: a file's page, or shared anonymous */
#define PAGEMAP_SWAPPED		(UINT64_C(1) << 62)	/* or another entry that is not present */
#define PAGEMAP_PRESENT		(UINT64_C(1) << 63)
#define PAGEMAP_PFN_MASK	((UINT64_C(1) << 55) - 1)

/* What an entry says. */
enum page_state {
	PAGE_NONE,		/* nothing: never touched, or given back */
	PAGE_PRESENT,		/* a frame, or the zero page */
	PAGE_SWAP,		/* in a swap area */
	PAGE_GUARD,		/* MADV_GUARD_INSTALL: access is a fault */
	PAGE_MARKER,		/* no page, but a note: userfaultfd write-protect, poison */
	PAGE_MIGRATION,		/* its frame is being moved, or belongs to a device, or is broken */
};

/*
 * Bits 0-4 of an entry that is not present are the swap type, bits 5-54 the offset. The kernel
 * has at most MAX_SWAPFILES (23 to 29) swap areas; higher types are its own notes: 31 markers
 * (offset bit 0 userfaultfd write-protect, 1 poison, 2 guard; before 5.19 a migration or device
 * memory), those below it device memory, migration and hwpoison. include/linux/swap.h, swapops.h, 6.18. A reader without CAP_SYS_ADMIN
 * gets neither, so all but guard pages and userfaultfd look like swap to him.
 */
enum page_state pagemap_state(uint64_t entry);

static inline uint64_t pagemap_pfn(uint64_t entry)
{
	return entry & PAGEMAP_PFN_MASK;
}

static inline unsigned int pagemap_swap_type(uint64_t entry)
{
	return entry & 31;
}

static inline uint64_t pagemap_swap_offset(uint64_t entry)	/* pages into the area */
{
	return pagemap_pfn(entry) >> 5;
}

/* Pages in a row whose entries have equal bits from 55 up, and whose PFNs, where known, or swap
 * offsets grow by one a page. Never across ranges, hugetlb pages, or what differs in the members
 * below; THPs whose frames follow each other may be one run. */
struct page_run {
	uint64_t start;		/* address of the first page */
	uint64_t pages;		/* of the base page size */
	uint64_t entry;		/* of the first page */
	uint32_t range;		/* which of the ranges asked for */
	bool huge;		/* mapped by entries above the lowest level: THP by PMD, hugetlb */
	bool zero;		/* the zero page, or the huge one; only known where the kernel told */
};

/* By how much an entry of a run is larger than the one before. */
uint64_t pagemap_step(uint64_t entry);

/* Addresses to look at: ascending, page-aligned, not overlapping. */
struct pagemap_range {
	uint64_t start, end;
	uint64_t huge_size;	/* bytes: every page has this size (hugetlb); 0: base pages */
	bool scan;		/* ask PAGEMAP_SCAN what is huge or zero even if the range is small */
	/* Bytes of a PMD-mapped page, where no other process maps any of these (bit 56 is the same in
	 * all entries of one then): PAGEMAP_SCAN tells which they are, one entry of each is read. 0:
	 * all entries are */
	uint64_t alone;
	bool skip;		/* reads as empty */
	/* Of pages that are present, the state alone is wanted: where PAGEMAP_SCAN tells it, entries
	 * have PAGEMAP_PRESENT and _FILE and nothing else, and runs may be longer. */
	bool states;
};

struct pagemap {
	int fd;
	uint64_t page_size;		/* bytes */
	bool live;
	/* PAGEMAP_SCAN (6.7) works, or a captured tree has what it told: huge and zero are known */
	bool has_scan;
	page_label_list labels;		/* of a captured tree */
	struct process *process;	/* not owned; counts bytes */
};

/* 0 or -errno: -EACCES for want of privilege, -ENOENT (not captured), -ESRCH (no memory).
 * without_scan is for tests, which compare both ways. */
int pagemap_open(struct process *p, uint64_t page_size, bool without_scan, struct pagemap *out);
void pagemap_close(struct pagemap *pm);

/* The entry of one page: 1, or 0 above the end of user space, or -errno. */
int pagemap_entry(const struct pagemap *pm, uint64_t address, uint64_t *entry);

/* The entry of a new private page of our own, which is read first if asked for; nothing else is done
 * with it. What this kernel gives such a page: soft-dirty from the start, the zero page. 0: not known. */
uint64_t pagemap_of_new_page(const struct root *root, uint64_t page_size, bool read);

#define PAGEMAP_CATEGORY_GUARD	(1u << 8)	/* of PAGEMAP_SCAN, include/uapi/linux/fs.h, 6.16 */

/* Would PAGEMAP_SCAN tell these categories? Looks at no page. 0; -ENOTTY: the kernel has not the
 * ioctl (before 6.7); -EINVAL: it does not know one of them. */
int pagemap_try_scan(const struct pagemap *pm, unsigned int categories);

/* Called with some runs in address order; PAGE_NONE is left out. 0, or -errno to stop. The runs
 * are good during the call only. */
typedef int (*pagemap_fn)(void *ctx, const struct page_run *run, size_t n);

enum {
	PAGEMAP_BATCH_RUNS = 8192,	/* at most so many at once, */
	PAGEMAP_BATCH_PAGES = 65536,	/* and so many pages in them, hugetlb not counted */
};

/*
 * Walks the populated parts of the ranges. PAGEMAP_SCAN finds them without looking at what is
 * empty; it holds the target's mmap lock, so it is asked for at most 256 MiB of pages at a time,
 * and for wide empty spaces only as long as that stays quick. Without it all entries are read,
 * but for holes of a sparse file. 0 or -errno, -ESRCH when the target has no memory any more.
 */
int pagemap_walk(struct pagemap *pm, const struct pagemap_range *range, size_t n, pagemap_fn fn,
		 void *ctx);

#endif
