/* SPDX-License-Identifier: GPL-3.0-or-later */
/* /sys/kernel/mm/hugepages: the pools that hugetlb pages are taken from. */
#ifndef PROC_HUGEPAGES_H
#define PROC_HUGEPAGES_H

#include <stdint.h>

#include "base/num.h"
#include "proc/root.h"

/* Pages. Documentation/admin-guide/mm/hugetlbpage.rst */
enum pool_number {
	POOL_TOTAL,		/* nr_hugepages, surplus ones included */
	POOL_FREE,
	POOL_RESERVED,		/* promised to mappings; still among the free ones */
	POOL_SURPLUS,		/* above what was asked for, up to nr_overcommit_hugepages */
	POOL_OVERCOMMIT,
	POOL_NUMBERS,
};

extern const char *const pool_number_name[POOL_NUMBERS];	/* the file, and the JSON key */

struct hugepage_pool {
	uint64_t size;		/* of a page, bytes */
	struct maybe number[POOL_NUMBERS];
};

enum { HUGEPAGE_POOLS = 16 };

struct hugepages {
	struct hugepage_pool pool[HUGEPAGE_POOLS];	/* ascending */
	unsigned int pools;
};

/* Reads what there is. */
void hugepages_read(const struct root *root, struct hugepages *out);

/* The part of the pools that lies on a memory node, whose directory this is
 * ("sys/devices/system/node/node0"). Total, free and surplus pages alone are told for it. */
void hugepages_read_node(const struct root *root, const char *node, struct hugepages *out);

#endif
