/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * /proc/slabinfo: the caches that the kernel takes its small objects from. mm/slab_common.c
 * slab_show(), Linux 6.18, "slabinfo - version: 2.1". Mode 0400: root, or CAP_DAC_READ_SEARCH.
 */
#ifndef PROC_SLABINFO_H
#define PROC_SLABINFO_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/vec.h"

struct slab_cache {
	struct str name;		/* into the text; may hold blanks */
	uint64_t active, objects;	/* in use; room for */
	uint64_t object_size;		/* bytes, with what debugging and alignment add */
	uint64_t objects_per_slab, pages_per_slab;
	uint64_t slabs;
};

typedef VEC(struct slab_cache) slab_list;

/* Appends the caches in the order of the file. Lines that are none are skipped. 0 or -ENOMEM. */
int slabinfo_parse(const char *text, size_t len, slab_list *out);

/* What a cache is for, told by its name: mm/slab_common.c kmalloc_info[]. */
enum slab_use {
	SLAB_OWN,			/* objects of one type */
	SLAB_KMALLOC,			/* kmalloc(), any object of about this size */
	SLAB_KMALLOC_RECLAIMABLE,	/* kmalloc-rcl-: that can be freed under pressure */
	SLAB_KMALLOC_CGROUP,		/* kmalloc-cg-: charged to a memory cgroup; 5.14 */
	SLAB_KMALLOC_DMA,		/* dma-kmalloc-: in zone DMA */
	SLAB_USES,
};

extern const char *const slab_use_name[SLAB_USES];

enum slab_use slab_find_use(struct str name);

#endif
