/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a page frame is used for, as far as its flag word tells: one use for each frame. */
#ifndef MODEL_FRAME_USE_H
#define MODEL_FRAME_USE_H

#include <stdbool.h>
#include <stdint.h>

enum frame_use {
	FRAME_FREE,		/* in the buddy allocator */
	FRAME_ANON,		/* anonymous, single pages; swap cache too */
	FRAME_THP,		/* anonymous, in a large folio: THP, mTHP */
	FRAME_FILE,		/* page cache of files and devices */
	FRAME_SHMEM,		/* tmpfs, memfd, shared anonymous, SysV */
	FRAME_HUGETLB,
	FRAME_SLAB,
	FRAME_PAGE_TABLE,
	FRAME_OTHER,		/* in use, and no flag tells by what */
	FRAME_RESERVED,		/* never given to the page allocator */
	FRAME_OFFLINE,		/* taken away: balloon, memory hotplug */
	FRAME_HWPOISON,		/* broken */
	FRAME_USES,
};

struct frame_use_info {
	const char *key;	/* "page_table", as JSON has it */
	const char *name;	/* "page tables" */
	char letters[2];	/* in pictures without colour: most of a cell, less than half */
	bool movable;		/* the kernel can put its contents elsewhere to make room, or need not */
	const char *help;	/* a few words */
};

extern const struct frame_use_info frame_use_info[FRAME_USES];

/*
 * The use of a frame by its word of /proc/kpageflags (KPF_NOPAGE must not be set). A tail of a
 * compound page carries hardly any flags of its own before 6.10; where that leaves FRAME_OTHER,
 * the use of its head holds (see frame_is_tail()). Flags: include/uapi/linux/kernel-page-flags.h;
 * fs/proc/page.c, 6.18.
 */
enum frame_use frame_use(uint64_t word);

/* True where the head of the compound page knows better. */
bool frame_is_tail(uint64_t word);

/* Part of a folio of more than one page. */
bool frame_is_large(uint64_t word);

#endif
