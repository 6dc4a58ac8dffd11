/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * /proc/vmallocinfo: the areas of the kernel's vmalloc address range. mm/vmalloc.c
 * vmalloc_info_show(), Linux 6.18. Mode 0400: root, or CAP_DAC_READ_SEARCH. Addresses are hashed,
 * even for root, so they are not kept.
 */
#ifndef PROC_VMALLOCINFO_H
#define PROC_VMALLOCINFO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/vec.h"

enum vmalloc_type {
	VMALLOC_OTHER,
	VMALLOC_PAGES,		/* "vmalloc": pages of its own */
	VMALLOC_VMAP,		/* "vmap": pages that somebody had already */
	VMALLOC_IOREMAP,	/* "ioremap": registers or memory of a device */
	VMALLOC_USER,		/* "user": vmalloc that a program may map */
	VMALLOC_DMA,		/* "dma-coherent" */
	VMALLOC_MAP_RAM,	/* "vm_map_ram": short-lived vmap, no caller */
	VMALLOC_UNPURGED,	/* "unpurged vm_area": freed, but not yet flushed out of the TLBs */
	VMALLOC_TYPES,
};

extern const char *const vmalloc_type_name[VMALLOC_TYPES];

struct vmalloc_area {
	struct str caller;	/* into the text; the function alone; len 0: not told */
	enum vmalloc_type type;
	uint64_t size;		/* bytes of addresses, the guard page included */
	uint64_t pages;		/* that it consists of; 0 where it has none of its own */
};

typedef VEC(struct vmalloc_area) vmalloc_list;

/* Appends the areas in the order of the file. Lines that are none are skipped, words that are not
 * known too. 0 or -ENOMEM. */
int vmallocinfo_parse(const char *text, size_t len, vmalloc_list *out);

#endif
