/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How an architecture splits virtual addresses: page-table levels, user and kernel halves. */
#ifndef MODEL_GEOMETRY_H
#define MODEL_GEOMETRY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"

enum { GEOMETRY_LEVELS = 5 };

struct geometry {
	const char *arch;		/* as uname -m says; riscv64, s390x, ... */
	unsigned int page_shift;	/* log2 of the base page size */
	unsigned int va_bits;		/* of one half, or of user space where that is all */
	unsigned int levels;
	/* The lowest address bit of each level's index, from the top level down. */
	unsigned char shift[GEOMETRY_LEVELS];
	uint64_t user_end;		/* first address a 64-bit program can't have */
	uint64_t kernel_start;		/* first kernel address; 0: in another space or not known */
};

struct geometry_facts {
	struct str arch;
	uint64_t page_size;		/* bytes; 0: unknown */
	uint64_t vmalloc_total;		/* bytes, from meminfo: tells the depth on x86-64 */
	unsigned int mmu_bits;		/* riscv */
	uint64_t highest;		/* end of the highest user mapping */
};

/* The row for these facts, or NULL when the architecture is not known. Where nothing tells the
 * depth (arm64), the smallest that holds the highest mapping. */
const struct geometry *geometry_find(const struct geometry_facts *facts);

/* The next row of the same architecture and page size that has a larger user space, or NULL:
 * for when something turns out to be readable at g->user_end. */
const struct geometry *geometry_larger(const struct geometry *g);

/* The end of user space for a program of so many bits (0: as the machine). */
uint64_t geometry_user_end(const struct geometry *g, unsigned int bits);

/* The name of a level: "PGD", "P4D", "PUD", "PMD", "PTE"; from the top level (0) down. */
const char *geometry_level_name(const struct geometry *g, unsigned int level);

/* What the processor's manual and textbooks call the table; NULL: nothing that is worth telling. Intel SDM
 * volume 3, 4.5 (PML4 and so on). */
const char *geometry_manual_name(const struct geometry *g, unsigned int level);

/* What the processor finds the top table by. */
const char *geometry_root_name(const struct geometry *g);

/* Whose page tables an address is looked up in. */
enum geometry_half {
	HALF_USER,
	HALF_KERNEL,
	HALF_NONE,	/* no table: not canonical, or more bits than the program has */
};

/* bits: of the program (32 on a 64-bit kernel: all above its space is HALF_NONE); 0: as the
 * machine. */
enum geometry_half geometry_half(const struct geometry *g, unsigned int bits, uint64_t address);

/* The last address of HALF_USER; a program may not get the last pages before it. */
uint64_t geometry_half_last(const struct geometry *g, unsigned int bits);

/* How many low bits an address of HALF_USER may have set. */
unsigned int geometry_user_bits(const struct geometry *g);

/* Do all bits above the user's have to be equal (a canonical address: all 0 or all 1)? */
bool geometry_has_canonical(const struct geometry *g);

/* Some bits of an address, both ends included, and the number they are. */
struct geometry_field {
	unsigned int high, low;
	uint64_t value;
};

/* An address as the page-table walk sees it. */
struct geometry_split {
	unsigned int levels;
	struct geometry_field level[GEOMETRY_LEVELS];	/* index into each table, top one first */
	struct geometry_field offset;			/* into the base page */
	bool has_top;
	struct geometry_field top;	/* bits that are no index; if has_top */
};

void geometry_split(const struct geometry *g, uint64_t address, struct geometry_split *out);

/* Bytes that one entry of a level (0: top) covers. */
static inline uint64_t geometry_span(const struct geometry *g, unsigned int level)
{
	return UINT64_C(1) << g->shift[level];
}

/* The level whose entries map pages of this size (bytes): the highest whose entries cover no
 * more. Where they cover less (arm64 contiguous pages, 64K radix tables), several make one page. */
unsigned int geometry_leaf_level(const struct geometry *g, uint64_t size);

/* The size of a page that an entry one above the lowest level maps; 0: there is no such level. */
uint64_t geometry_pmd_size(const struct geometry *g);

/* What a system may tell the place of: see model/kernel_half. */
enum kernel_role {
	KERNEL_OTHER,
	KERNEL_DIRECT_MAP,
	KERNEL_VMALLOC,
	KERNEL_VMEMMAP,
	KERNEL_IMAGE,
	KERNEL_MODULES,
};

/* The documented places of the parts of the kernel's half, without KASLR. */
struct kernel_region {
	uint64_t start, last;		/* last address in it */
	const char *name;
	enum kernel_role role;
};

/* Ascending; *n is 0 where none is documented here. Documentation/arch/x86/x86_64/mm.rst,
 * Documentation/arch/arm64/memory.rst. */
const struct kernel_region *geometry_kernel_regions(const struct geometry *g, unsigned int *n);

#endif
