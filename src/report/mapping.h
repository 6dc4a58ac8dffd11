/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One mapping in words: what it is of, the call it amounts to, its flags, its counters. */
#ifndef REPORT_MAPPING_H
#define REPORT_MAPPING_H

#include "model/space.h"
#include "report/style.h"

/* Lines of at most style->width columns, in order of what tells most. counters: NULL: not read. */
void mapping_text(struct buf *b, const struct style *s, const struct space *space,
		  const struct vma *v, const struct counters *counters);

/* A title of one line: addresses, permissions, size, kind. */
void mapping_title(struct buf *b, const struct style *s, const struct vma *v,
		   unsigned int address_digits);

/*
 * The mmap() that would make such a mapping, and the calls behind it: "mmap(0x7f12a000, 132K,
 * PROT_READ, MAP_PRIVATE, fd, 0x1000), mlock()". What the kernel made without being asked for is
 * told so. smaps(5) VmFlags, mmap(2), madvise(2); flags of the mapping as it is now, which mprotect()
 * may have changed.
 */
void mapping_put_call(struct buf *b, const struct space *space, const struct vma *v);

#endif
