/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The populated pages of all mappings of a process. */
#ifndef MODEL_PAGE_WALK_H
#define MODEL_PAGE_WALK_H

#include <stdbool.h>

#include "model/space.h"
#include "proc/pagemap.h"

/*
 * Walks them all, in address order; page_run.range is the number of the mapping. hugetlb pages come
 * as base pages, one by one. scan as in struct pagemap_range. 0 or -errno: of pagemap_open() and
 * pagemap_walk(), and -ESRCH for a live process that has gone.
 */
int page_walk(struct process *p, const struct space *space, uint64_t page_size, bool scan,
	      pagemap_fn fn, void *ctx);

#endif
