/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The program headers of /proc/kcore: the kernel's own memory as an ELF core file, of which only the
 * headers are read. fs/proc/kcore.c. Opening it takes CAP_SYS_RAWIO; CONFIG_PROC_KCORE.
 */
#ifndef PROC_KCORE_H
#define PROC_KCORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/vec.h"

struct kcore_segment {
	uint64_t start, last;		/* virtual addresses, the last one inclusive */
	bool has_physical;		/* RAM and the kernel's image; not vmalloc, modules, vmemmap */
	uint64_t physical;		/* address */
};

typedef VEC(struct kcore_segment) kcore_list;

struct root;

/* Bytes that the headers take at most: what kcore_parse() looks at. */
enum { KCORE_HEADERS = 256 * 1024 };

/* The load segments of an ELF64 file of this machine's byte order, from its first len bytes, in
 * the order of the file; those whose header is not within them are left out. 0, -EBADMSG: it is
 * no such file, or -ENOMEM. */
int kcore_parse(const void *data, size_t len, kcore_list *out);

/* The same from the file; -errno when it cannot be opened or read. */
int kcore_read(const struct root *root, kcore_list *out);

#endif
