/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The machine's memory at one moment: all files of it that --system shows, read from a root. */
#ifndef MODEL_SYSTEM_H
#define MODEL_SYSTEM_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/vec.h"
#include "model/memory.h"
#include "proc/buddyinfo.h"
#include "proc/hugepages.h"
#include "proc/machine.h"
#include "proc/pressure.h"
#include "proc/root.h"
#include "proc/slabinfo.h"
#include "proc/swaps.h"
#include "proc/thp.h"
#include "proc/vmallocinfo.h"
#include "proc/vmstat.h"
#include "proc/zoneinfo.h"

/* A memory node, where there is more than one. */
struct system_node {
	unsigned int number;
	struct meminfo meminfo;
	struct hugepages pools;		/* its part */
	struct memory memory;
};

/* Areas of one caller and type, added up. */
struct vmalloc_caller {
	struct str caller;		/* into the text; len 0: not told */
	enum vmalloc_type type;
	uint64_t areas;
	uint64_t size, pages;		/* bytes of addresses; pages of their own */
};

/* A file that could not be read. */
struct system_missing {
	const char *what;		/* key of the fact */
	const char *file;		/* "proc/slabinfo" */
	int error;			/* -errno */
	const char *needs;		/* what would give it; NULL: nothing would */
};

struct system {
	const struct machine *machine;	/* not owned */
	struct meminfo meminfo;		/* read with the rest: later than the machine's */
	uint64_t page_size;		/* bytes; 0: unknown */
	struct memory memory;
	enum memory_stacks stacks;
	bool stacks_seen;		/* in vmallocinfo; else guessed by the architecture */
	bool has_vmstat, has_swaps, has_pressure, has_slab, has_vmalloc;
	struct vmstat vmstat;
	struct swaps swaps;
	struct pressure pressure;
	struct thp thp;
	struct hugepages pools;
	buddy_list buddy;
	zone_list zones;
	slab_list slab;			/* largest first */
	vmalloc_list vmalloc;
	VEC(struct vmalloc_caller) caller;	/* most pages first, then largest */
	VEC(struct system_node) node;	/* ascending; none where there is only one */
	VEC(struct system_missing) missing;
	struct buf slab_text, vmalloc_text;	/* that names point into */
};

/* Reads what there is; what can't be read is in out->missing. 0 or -ENOMEM. system_done() may
 * follow either way. machine must outlive out. */
int system_read(const struct root *root, const struct machine *machine, struct system *out);
void system_done(struct system *s);

/* Bytes of a cache: of its slabs, and of the objects in them that are in use. page_size 0: 0. */
uint64_t system_slab_bytes(const struct system *s, const struct slab_cache *c);
uint64_t system_slab_used(const struct slab_cache *c);

/* Sums over caches, and what meminfo's Slab has above them: kmalloc() of more than two pages comes
 * from the buddy allocator, but is counted there (5.4). */
struct slab_sums {
	uint64_t own, kmalloc;		/* bytes of caches */
	size_t own_caches, kmalloc_caches;
	struct maybe large;		/* bytes */
};

void system_slab_sums(const struct system *s, struct slab_sums *out);

#endif
