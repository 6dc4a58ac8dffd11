/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The way from virtual addresses to page frames: what was read about each, what follows from it. */
#ifndef MODEL_TRANSLATE_H
#define MODEL_TRANSLATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/num.h"
#include "base/vec.h"
#include "model/addresses.h"
#include "model/geometry.h"
#include "model/space.h"
#include "proc/pagemap.h"
#include "proc/zoneinfo.h"

enum translate_place {
	PLACE_MAPPING,
	PLACE_HOLE,	/* user space, but nothing is mapped */
	PLACE_KERNEL,	/* the kernel's half */
	PLACE_NOWHERE,	/* no page table has it: see geometry_half() */
};

/* Is a page of a file in the page cache? */
enum page_cache {
	CACHE_UNKNOWN,
	CACHE_PRESENT,
	CACHE_ABSENT,
	CACHE_SWAPPED,	/* of shared memory: in a swap area */
};

/* Why there is no frame; what the words for it say is in report/translate. */
enum translate_reason {
	REASON_PRESENT,		/* there is one */
	REASON_UNREADABLE,	/* pagemap can't be read */
	REASON_NOT_CANONICAL,
	REASON_BEYOND,		/* more than a 32-bit program, or its tables as they are, can address */
	REASON_KERNEL,
	REASON_NULL,		/* below the first mapping, and below vm.mmap_min_addr */
	REASON_HOLE,
	REASON_STACK_ROOM,	/* a hole into which the stack above would grow */
	REASON_VSYSCALL,
	REASON_RAW_PFN,		/* pagemap shows nothing of such mappings */
	REASON_GUARD,		/* MADV_GUARD_INSTALL */
	REASON_UFFD,		/* no page, but userfaultfd write-protects it */
	REASON_POISON,		/* no page, and an access is a SIGBUS */
	REASON_MIGRATION,
	REASON_SWAPPED,
	REASON_SHMEM_SWAPPED,	/* shared memory: only the object knows its place in swap */
	REASON_NO_ACCESS,	/* PROT_NONE, and nothing was there before */
	REASON_END_OF_FILE,
	REASON_HUGETLB,		/* not touched yet */
	REASON_CACHED,		/* in the page cache; this process has not touched it */
	REASON_NOT_CACHED,	/* an access would read the file */
	REASON_FILE,		/* one of these two */
	REASON_SHMEM,		/* not touched by this process, or in swap */
	REASON_UNTOUCHED,
	REASONS,
};

/* Where in the process the page lies, what its entry and its frame are. */
struct translation {
	uint64_t address;
	/* --- what was read --- */
	int error;		/* of pagemap: -errno; 0: entry was read */
	uint64_t entry;
	bool knows_huge;	/* PAGEMAP_SCAN told the next two */
	bool huge, zero;	/* mapped above the lowest level; the zero page */
	struct maybe flags;	/* kpageflags; on kernels before 6.10 a folio's first frame has most */
	struct maybe head_flags;
	struct maybe count;	/* kpagecount: mapped so many times */
	struct maybe cgroup;	/* kpagecgroup: an inode number; 0: none */
	struct str cgroup_path;	/* "": not found */
	struct maybe folio_head, folio_frames;
	bool has_zone;
	struct zone zone;
	struct maybe file_size;	/* bytes, of the mapped file */
	enum page_cache cache;
	struct str swap_area;	/* path; "": not known */
	bool swap_certain;	/* it can be no other */
	struct str symbol;	/* "": none, or not looked for */
	uint64_t symbol_offset, symbol_size;	/* bytes; size 0: unknown */
	/* --- what follows: translation_conclude() --- */
	enum translate_place place;
	uint32_t vma;		/* PLACE_MAPPING: in the space */
	uint64_t hole_start, hole_last;	/* PLACE_HOLE: no mapping from here to there */
	enum page_state state;	/* if !error */
	enum translate_reason reason;
	uint64_t leaf_size;	/* bytes that the last entry of the walk maps; 0: unknown or none */
	uint64_t leaf_or;	/* leaf_size 0: at most this, at least a base page; 0: unknown */
	struct maybe pfn;	/* unknown where hidden */
	struct maybe physical;
	struct maybe zero_page;	/* is it the zero page, or the huge one? */
};

/* Pages in a row that are alike; together they tile a range. */
struct translate_run {
	uint64_t start, pages;
	uint32_t vma;		/* TRANSLATE_NO_VMA: a hole */
	enum page_state state;
	bool known;		/* pagemap could be read */
	bool huge, zero;
	struct maybe pfn;	/* of the first page */
	uint64_t entry;		/* of the first page; swap entries grow with the pages */
	struct maybe flags;	/* kpageflags, without what tells head and tail */
	uint64_t folio;		/* bytes of the folios; 0: unknown */
};

#define TRANSLATE_NO_VMA UINT32_MAX

/* One of the things asked for: an address, or a range. */
struct translate_item {
	struct address_range asked;
	size_t at;		/* in one, or the first in run */
	size_t runs;		/* of a range */
};

struct translation_set {
	VEC(struct translate_item) item;	/* in the order they were asked for */
	VEC(struct translation) one;
	VEC(struct translate_run) run;
	struct arena strings;
	uint64_t page_size;			/* bytes */
	size_t swap_areas;
};

void translation_set_done(struct translation_set *s);

/* What the pure part needs beside the translation. */
struct translate_facts {
	const struct space *space;
	const struct geometry *geometry;	/* NULL: not known */
	unsigned int bits;			/* of the program */
	uint64_t page_size;			/* bytes */
	uint64_t mmap_min_addr;			/* bytes; 0: unknown */
	uint64_t stack_limit;			/* bytes; 0: unknown */
};

/* Where an address lies: sets place, vma and hole. */
void translation_place(const struct translate_facts *f, struct translation *t);

/* The rest, once all has been read. */
void translation_conclude(const struct translate_facts *f, struct translation *t);

/* The size of the pages that a mapping consists of, if it is one of hugetlb pages; else 0. */
uint64_t translate_hugetlb_size(const struct space *space, uint32_t vma, uint64_t page_size);

/* Which page of the file (bytes from its start) an address is mapped to. */
uint64_t translate_file_offset(const struct vma *v, uint64_t address, uint64_t page_size);

/* Memory of no file on a disk: shm, memfd, shared anonymous. */
bool translate_is_shmem(const struct vma *v);

/* A mapping whose frames pagemap does not show (VM_PFNMAP): device memory, [vvar]. */
bool translate_is_raw(const struct space *space, const struct vma *v);

/* Appends a run; it joins the one before if they are alike. first: of this range. 0 or -ENOMEM. */
int translate_add_run(struct translation_set *s, size_t first, const struct translate_run *run);

#endif
