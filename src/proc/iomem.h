/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * /proc/iomem: what physical addresses are used for, RAM among them. kernel/resource.c. The
 * addresses are all zeros for readers without CAP_SYS_ADMIN (4.6 and later).
 */
#ifndef PROC_IOMEM_H
#define PROC_IOMEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/vec.h"

struct iomem_range {
	uint64_t start, last;	/* physical addresses, the last one inclusive */
	unsigned int depth;	/* 0: nothing encloses it */
	struct str name;	/* in the text that was parsed; may hold any byte but newline */
};

typedef VEC(struct iomem_range) iomem_list;

/* All ranges in the order of the file: what encloses comes before what it encloses. Unknown lines
 * are skipped. 0 or -ENOMEM. */
int iomem_parse(const char *text, size_t len, iomem_list *out);

/* True where there are ranges and the kernel showed none of their addresses. */
bool iomem_is_hidden(const iomem_list *list);

/* "System RAM", and what drivers add to it: "System RAM (virtio_mem)", "System RAM (kmem)". */
bool iomem_is_ram(const struct iomem_range *r);

#endif
