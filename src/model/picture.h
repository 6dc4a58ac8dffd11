/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The address space as a stack of bands for a given height: integers only, painted elsewhere.
 * Bands cover the address range without gap or overlap; each mapping is in exactly one.
 */
#ifndef MODEL_PICTURE_H
#define MODEL_PICTURE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/vec.h"
#include "model/geometry.h"
#include "model/space.h"

enum band_type {
	BAND_MAPPED,
	BAND_FREE,		/* user addresses without a mapping */
	BAND_UNADDRESSABLE,	/* no address the hardware accepts (non-canonical) */
	BAND_KERNEL,		/* all of the kernel's half, or a documented part of it */
};

/* What a line of the picture is called after: mappings of one part are counted together. */
enum part_class {
	PART_TEXT, PART_RODATA, PART_RELRO, PART_DATA, PART_BSS,	/* of the executable */
	PART_LIBRARY,		/* another ELF object, all its segments */
	PART_HEAP, PART_STACK, PART_THREAD_STACK, PART_ANON, PART_JIT, PART_GUARD, PART_FILE,
	PART_SHM, PART_MEMFD, PART_HUGETLB, PART_DEVICE, PART_VDSO, PART_VSYSCALL, PART_OTHER,
	PART_CLASSES,
};

struct band_part {
	enum part_class class;
	uint32_t objects;	/* distinct runs: libraries, files, stacks, anonymous areas */
	uint32_t object[3];	/* strings: the largest of them, largest first; 0: none */
	uint64_t object_size[3];
	uint32_t kinds;		/* bit per enum kind */
	uint64_t size;
};

enum { BAND_PARTS = 4 };

struct band {
	enum band_type type;
	uint64_t start, last;	/* last address in it (inclusive: the top is 2^64 - 1) */
	uint64_t size;		/* bytes: mapped ones if BAND_MAPPED; UINT64_MAX means 2^64 */
	size_t first;		/* BAND_MAPPED: number of the first mapping in the space */
	uint32_t mappings;
	uint64_t resident, swap;
	bool has_counters;	/* resident is known for all mappings in it */
	uint32_t kinds;		/* bit per enum kind */
	enum kind kind;		/* of most of its bytes: for the colour */
	struct band_part part[BAND_PARTS];	/* largest first, reserved space last */
	unsigned int parts;
	enum part_class leader;	/* BAND_MAPPED: its heaviest run, or a landmark: it is called after it */
	uint32_t leader_object;	/* string */
	uint32_t runs;		/* that share the line */
	uint64_t hidden;	/* what the others weigh */
	uint64_t mapped_end;	/* of its last mapping */
	uint64_t gaps;		/* bytes of large holes within that are not drawn */
	uint32_t gap_count;
	uint32_t other_parts;	/* runs in classes beyond those */
	const char *name;	/* BAND_KERNEL: a region's; NULL: the whole half */
	bool nominal;		/* BAND_KERNEL: as documented, not read */
	bool unused;		/* BAND_KERNEL: a hole between regions */
	unsigned int height;	/* lines: 1 to 3, by the logarithm of the size */
};

struct picture {
	VEC(struct band) band;		/* highest address first */
	unsigned int address_digits;	/* that the highest address takes */
	bool filtered;			/* not all mappings are drawn: what is free may not be */
};

struct kernel_places;

struct picture_request {
	const struct space *space;
	const struct rows *rows;	/* mappings to draw, in address order; others are free */
	const struct geometry *geometry;	/* NULL: no half but the user's is known */
	unsigned int bits;		/* of the process; 0: unknown */
	uint32_t executable;		/* string: its path */
	unsigned int lines;		/* that the bands and the borders between them may take */
	bool kernel_detail;
	const struct kernel_places *kernel;	/* for that; NULL: only what is documented */
};

/* Lines the picture takes: heights, borders where mapped and unmapped meet, top and bottom. */
unsigned int picture_lines(const struct picture *p);

/* True where a line is drawn between band i and the one below it. */
bool picture_has_border(const struct picture *p, size_t i);

/* 0 or -ENOMEM; picture_done() may follow either way. */
int picture_make(const struct picture_request *req, struct picture *out);
void picture_done(struct picture *p);

#endif
