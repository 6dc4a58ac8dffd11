/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The function or variable at an address of an ELF file, from its symbol tables. The file is the
 * target's, so it may hold anything: all is checked, and nothing is read that is not needed.
 * System V ABI, ELF-32 and ELF-64, either byte order.
 */
#ifndef PROC_ELF_SYMBOL_H
#define PROC_ELF_SYMBOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"

/* Gives bytes of a file at a place: how many, fewer than n only at its end; or -errno. */
typedef ssize_t (*elf_read_fn)(void *ctx, uint64_t at, void *to, size_t n);

/* A mapping of the file, which ties its addresses to those of the process. */
struct elf_mapping {
	uint64_t start;		/* address */
	uint64_t offset;	/* into the file, page-aligned */
	uint64_t page_size;	/* bytes */
	bool exec, write;	/* of the segment: tell two in one page of the file apart */
};

struct elf_symbol {
	struct buf name;	/* as in the file */
	uint64_t offset;	/* bytes from its first to the address */
	uint64_t size;		/* bytes; 0: the file does not say */
};

/*
 * Finds the symbol (function or object) that holds an address, or that begins last before it and
 * has no size. .symtab is searched first, then .dynsym; one larger than 64 MiB is not. 1 with
 * out->name to be freed, 0: there is none; -ENOEXEC: no ELF file, or damaged; or -errno.
 */
int elf_symbol_find(elf_read_fn read, void *ctx, const struct elf_mapping *m, uint64_t address,
		    struct elf_symbol *out);

/*
 * Where the segment that a mapping is of ends in memory: address of the process, the part that is not in
 * the file (.bss) included. 0; -ENOEXEC: no ELF file, or damaged; or what read gave.
 */
int elf_segment_end(elf_read_fn read, void *ctx, const struct elf_mapping *m, uint64_t *end);

/*
 * Calls fn for each part of the file that elf_symbol_find() could read: headers, symbol tables,
 * names. Parts may overlap. 0; -ENOEXEC: no ELF file, or damaged; or what read or fn gave.
 */
typedef int (*elf_part_fn)(void *ctx, uint64_t at, uint64_t size);
int elf_symbol_parts(elf_read_fn read, void *ctx, elf_part_fn fn, void *fn_ctx);

#endif
