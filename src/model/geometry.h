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

/* The end of user space for a program of so many bits (0: as the machine). */
uint64_t geometry_user_end(const struct geometry *g, unsigned int bits);

/* The name of a level: "PGD", "P4D", "PUD", "PMD", "PTE"; from the top level (0) down. */
const char *geometry_level_name(const struct geometry *g, unsigned int level);

/* The documented places of the parts of the kernel's half, without KASLR. */
struct kernel_region {
	uint64_t start, last;		/* last address in it */
	const char *name;
};

/* Ascending; *n is 0 where none is documented here. Documentation/arch/x86/x86_64/mm.rst,
 * Documentation/arch/arm64/memory.rst. */
const struct kernel_region *geometry_kernel_regions(const struct geometry *g, unsigned int *n);

#endif
