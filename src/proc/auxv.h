/* SPDX-License-Identifier: GPL-3.0-or-later */
/* /proc/PID/auxv: what the kernel told the program when it started; machine words. */
#ifndef PROC_AUXV_H
#define PROC_AUXV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct auxv {
	bool valid;
	unsigned int bits;	/* of the process: 32 or 64 */
	uint64_t page_size;	/* AT_PAGESZ, bytes; 0 if missing, as are all others: */
	uint64_t phdr;		/* AT_PHDR: the executable's program headers */
	uint64_t base;		/* AT_BASE: the dynamic loader; 0 in static programs */
	uint64_t entry;		/* AT_ENTRY */
	uint64_t vdso;		/* AT_SYSINFO_EHDR */
	uint64_t execfn;	/* AT_EXECFN: address of the path name */
};

/* Entries are pairs of words of the process's own width, little-endian, or big-endian where
 * the tag bytes say so; tells the width by where AT_NULL and AT_PAGESZ are found. -EBADMSG
 * when it is no such list. */
int auxv_parse(const char *bytes, size_t len, struct auxv *out);

#endif
