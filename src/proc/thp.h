/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * /sys/kernel/mm/transparent_hugepage: where the kernel may make transparent huge pages (THP).
 * Documentation/admin-guide/mm/transhuge.rst, up to 6.18.
 */
#ifndef PROC_THP_H
#define PROC_THP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/num.h"
#include "proc/root.h"

/* A setting's words; the files spell them as thp_mode_name does. */
enum thp_mode {
	THP_UNKNOWN,		/* no such file, or not readable */
	THP_OTHER,		/* a word that is not known */
	THP_ALWAYS, THP_MADVISE, THP_NEVER,
	THP_INHERIT,		/* of one size: as the setting for all sizes says */
	THP_WITHIN_SIZE, THP_ADVISE, THP_DENY, THP_FORCE,	/* shmem_enabled */
	THP_DEFER, THP_DEFER_MADVISE,				/* defrag */
	THP_MODES,
};

struct thp_word {
	enum thp_mode mode;
	char text[16];		/* the word itself; "" if unknown, cut if longer */
};

enum thp_number {
	THP_USE_ZERO_PAGE,
	THP_PMD_SIZE,			/* bytes; 4.19 */
	THP_MAX_PTES_NONE,		/* from here on below khugepaged/ */
	THP_MAX_PTES_SWAP,
	THP_MAX_PTES_SHARED,		/* 5.8 */
	THP_KHUGEPAGED_DEFRAG,
	THP_SCAN_SLEEP,			/* milliseconds */
	THP_ALLOC_SLEEP,		/* milliseconds */
	THP_PAGES_TO_SCAN,
	THP_FULL_SCANS,
	THP_PAGES_COLLAPSED,
	THP_NUMBERS,
};

extern const char *const thp_number_path[THP_NUMBERS];	/* below transparent_hugepage/ */

/* hugepages-NkB/stats/, since 6.10; others than these are not read. */
enum thp_stat {
	THP_ANON_FAULT_ALLOC,
	THP_ANON_FAULT_FALLBACK,
	THP_NR_ANON,			/* folios of this size in use */
	THP_SPLIT,
	THP_NR_ANON_PARTIAL,		/* of THP_NR_ANON, those no longer mapped as a whole; 6.12 */
	THP_SWPOUT,			/* swapped out in one piece */
	THP_SHMEM_ALLOC,		/* 6.11 */
	THP_SHMEM_FALLBACK,
	THP_STATS,
};

extern const char *const thp_stat_name[THP_STATS];

/* hugepages-NkB/, since 6.8. */
struct thp_size {
	uint64_t size;			/* bytes */
	struct thp_word enabled;
	struct thp_word shmem_enabled;	/* 6.11 */
	struct maybe stat[THP_STATS];
};

enum { THP_MAX_SIZES = 24 };

struct thp {
	bool present;			/* the directory is there */
	bool absent;			/* this kernel has no THP; neither: not captured */
	struct thp_word enabled, defrag, shmem_enabled;
	struct maybe number[THP_NUMBERS];
	struct thp_size size[THP_MAX_SIZES];	/* ascending */
	unsigned int sizes;
};

/* The word in brackets of "always [madvise] never"; THP_UNKNOWN where there is none. */
struct thp_word thp_parse_word(const char *text, size_t len);

/* The bytes of "hugepages-2048kB"; false for any other name. */
bool thp_parse_size(const char *name, uint64_t *bytes);

const char *thp_mode_name(enum thp_mode mode);

/* Reads what there is, the numbers of stats/ only if asked for (they are many). */
void thp_read(const struct root *root, bool with_stats, struct thp *out);

/* The settings of one size of folio, or NULL where the kernel has none. */
const struct thp_size *thp_find_size(const struct thp *t, uint64_t size);

/* Bytes that an entry of the second level maps; 0: unknown. */
uint64_t thp_pmd_size(const struct thp *t);

/* What holds for anonymous memory in folios of this size: inheritance resolved. *file becomes
 * the name of the file that decides, below transparent_hugepage/ (at least 32 bytes). */
struct thp_word thp_anon_mode(const struct thp *t, uint64_t size, char *file, size_t file_size);

#endif
