/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * /proc/kpageflags, kpagecount and kpagecgroup: a 64-bit word for each page frame.
 * Documentation/admin-guide/mm/pagemap.rst; include/uapi/linux/kernel-page-flags.h and
 * include/linux/kernel-page-flags.h, up to 6.18.
 */
#ifndef PROC_KPAGE_H
#define PROC_KPAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proc/root.h"

enum kpage_flag {
	KPF_LOCKED = 0, KPF_ERROR = 1, KPF_REFERENCED = 2, KPF_UPTODATE = 3, KPF_DIRTY = 4,
	KPF_LRU = 5, KPF_ACTIVE = 6, KPF_SLAB = 7, KPF_WRITEBACK = 8, KPF_RECLAIM = 9,
	KPF_BUDDY = 10, KPF_MMAP = 11, KPF_ANON = 12, KPF_SWAPCACHE = 13, KPF_SWAPBACKED = 14,
	KPF_COMPOUND_HEAD = 15, KPF_COMPOUND_TAIL = 16, KPF_HUGE = 17, KPF_UNEVICTABLE = 18,
	KPF_HWPOISON = 19, KPF_NOPAGE = 20, KPF_KSM = 21, KPF_THP = 22, KPF_OFFLINE = 23,
	KPF_ZERO_PAGE = 24, KPF_IDLE = 25, KPF_PGTABLE = 26, KPF_RESERVED = 32, KPF_MLOCKED = 33,
	KPF_OWNER_2 = 34, KPF_PRIVATE = 35, KPF_PRIVATE_2 = 36, KPF_OWNER_PRIVATE = 37,
	KPF_ARCH = 38, KPF_UNCACHED = 39, KPF_SOFTDIRTY = 40, KPF_ARCH_2 = 41, KPF_ARCH_3 = 42,
	KPAGE_FLAGS_KNOWN = 43,
};

#define KPAGE_BIT(flag) (UINT64_C(1) << KPF_##flag)

struct kpage_flag_info {
	const char *name;	/* "lru", as JSON has it; NULL: the kernel has none by this number */
	char letter;		/* as page-types prints it */
	const char *help;	/* a few words */
};

extern const struct kpage_flag_info kpage_flag_info[KPAGE_FLAGS_KNOWN];

enum { KPAGE_NAME_MAX = 32 };

/* The name of any of the 64 bits, "bit_47" for one that is not known. */
const char *kpage_flag_name(unsigned int bit, char space[KPAGE_NAME_MAX]);

/* What a bit means, in a few words; where that depends on the others, those of a frame's flags (0: of
 * any frame). NULL: not known. */
const char *kpage_flag_help(unsigned int bit, uint64_t flags);

enum kpage_file { KPAGE_FLAGS, KPAGE_COUNT, KPAGE_CGROUP, KPAGE_FILES };

extern const char *const kpage_file_path[KPAGE_FILES];	/* from the root */

struct kpage {
	int fd[KPAGE_FILES];	/* or -errno of open */
};

/* Opens what can be opened; the rest stays -errno. Root, or CAP_DAC_READ_SEARCH. */
void kpage_open(const struct root *root, struct kpage *k);
void kpage_close(struct kpage *k);

/* Does a captured tree have some of the frames only? The others read as 0. */
#define KPAGE_PARTIAL_FILE "proc/kpageflags.partial"
bool kpage_is_partial(const struct root *root);

static inline bool kpage_has(const struct kpage *k, enum kpage_file f)
{
	return k->fd[f] >= 0;
}

/* Frames in a row whose words are wanted, and where in the output they go. */
struct kpage_want {
	uint64_t pfn;
	uint32_t n;
	uint32_t at;
};

/*
 * Reads a word for each wanted frame; neighbours that lie close together are read at once, and
 * with more than one thread the work is shared. Frames behind the end of RAM give 0 (flags:
 * KPF_NOPAGE). 0 or -errno.
 */
int kpage_read(const struct kpage *k, enum kpage_file f, const struct kpage_want *want, size_t n,
	       uint64_t *out, unsigned int threads);

/*
 * All words from one frame to another (or the end of RAM), in blocks of at most KPAGE_BLOCK frames
 * that begin at multiples of it. counts is NULL where kpagecount can't be read, and elsewhere only
 * good where KPF_MMAP is set: what is not mapped is not asked for. Stops at the first negative
 * answer of fn and gives it back. 0, or 1 where the end of RAM was met, or -errno.
 */
enum { KPAGE_BLOCK = 8192 };
typedef int (*kpage_block_fn)(void *ctx, uint64_t pfn, const uint64_t *flags,
			      const uint64_t *counts, size_t n);
int kpage_sweep(const struct kpage *k, uint64_t from, uint64_t to, kpage_block_fn fn, void *ctx);

/* One word. */
int kpage_word(const struct kpage *k, enum kpage_file f, uint64_t pfn, uint64_t *word);

/* The folio (compound page) that a frame belongs to, from kpageflags around it: its first frame
 * and its frames; 1 frame where it is not compound. 0 or -errno. */
int kpage_folio(const struct kpage *k, uint64_t pfn, uint64_t *head, uint64_t *frames);

#endif
