/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the pages of mappings lie: their memory policy and bytes per node, and how much of that is
 * local to the processors the process may run on. Pure. */
#ifndef MODEL_NUMA_H
#define MODEL_NUMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/num.h"
#include "base/vec.h"
#include "model/space.h"
#include "proc/idlist.h"
#include "proc/nodes.h"
#include "proc/numa_maps.h"

struct numa_bytes {
	uint64_t bytes;
	uint32_t node;
};

/* A distinct policy text: its number is that of the string. */
struct numa_policy {
	bool has_nodes;
	struct idlist nodes;		/* that it names */
};

/* What is known of a mapping, or of a group of them. */
struct numa_entry {
	uint32_t first, nodes;		/* its bytes per node: numa.bytes[first...], by node */
	uint32_t policy;		/* number; 0: unknown, or not the same in all of a group */
	uint32_t mapmax;		/* mappers of the page that has most; 0: no page */
	uint32_t page_kb;		/* page size in KiB; 0: unknown, or not the same in a group */
	bool known;			/* numa_maps has a line for it; in a group: for any */
	bool changed;			/* that line is of something else by now */
	bool huge;			/* hugetlb */
};

_Static_assert(sizeof(struct numa_entry) <= 24, "there may be 65,000 of them");

/* May the process run everywhere? */
enum numa_bound {
	NUMA_BOUND_UNKNOWN,
	NUMA_UNBOUND,			/* on CPUs of all nodes that have some */
	NUMA_BOUND,			/* on those of some nodes only, which are its local nodes */
};

struct numa {
	const struct numa *of;		/* of groups: the mappings', which has all but entry and bytes */
	VEC(struct numa_entry) entry;	/* one for each mapping of the space, or each group */
	VEC(struct numa_bytes) bytes;
	VEC(struct numa_policy) policy;	/* by number; 0 is none */
	struct strtab strings;
	enum numa_bound bound;
	struct idlist local;		/* nodes, if bound */
	struct idlist cpus, mems;	/* that the process may use */
	bool has_cpus, has_mems;
	node_list nodes;		/* of the machine; none: not told */
};

/* 0 or -ENOMEM; numa_done() may follow either way, and may be called for a struct of zeros. */
int numa_init(struct numa *n);
void numa_done(struct numa *n);

/*
 * Takes in a line: give each to numa_add(), then call numa_finish() once. They are joined with the
 * space's mappings by start address. Both files are read at different moments, so a mapping stays
 * unknown where its line is missing, or covers another stretch: where another line begins within
 * it, or the mapping that follows it without a hole has none (they may have been merged).
 * page_size: bytes, of an ordinary page, for kernels that do not tell (before 4.0); 0: unknown.
 * 0 or -ENOMEM.
 */
struct numa_join {
	struct numa *numa;
	const struct space *space;
	uint64_t page_size;
	size_t at;			/* the mapping that the next line is expected to be of */
};
int numa_add(struct numa_join *j, const struct numa_line *l);
int numa_finish(struct numa_join *j);

/* Finds out about bound and local, from cpus and nodes. 0 or -ENOMEM. */
int numa_find_local(struct numa *n);

/*
 * The sums of groups of rows: of[i] is the group, below groups, of the row i. out, which is
 * initialised here and good as long as r->numa is, gets an entry for each group, and last one
 * for all rows. 0 or -ENOMEM.
 */
int numa_sum(const struct rows *r, const uint32_t *of, size_t groups, struct numa *out);

/* Of an entry, in bytes. A group's are of its known mappings. */
struct maybe numa_resident(const struct numa *n, const struct numa_entry *e);
struct maybe numa_on_node(const struct numa *n, const struct numa_entry *e, uint32_t node);
/* On local nodes and on all others; unknown if the process is not bound. */
struct maybe numa_local(const struct numa *n, const struct numa_entry *e);
struct maybe numa_remote(const struct numa *n, const struct numa_entry *e);
/* On the nodes that the policy names, and elsewhere; unknown if it names none. */
struct maybe numa_on_policy(const struct numa *n, const struct numa_entry *e);
struct maybe numa_off_policy(const struct numa *n, const struct numa_entry *e);

/* Where what groups share with the mappings is. */
static inline const struct numa *numa_base(const struct numa *n)
{
	return n->of ? n->of : n;
}

/* The policy's text; "" if unknown or mixed. */
struct str numa_policy_name(const struct numa *n, const struct numa_entry *e);

/* What a mapping is for, as far as it matters here. */
enum numa_class { NUMA_ANONYMOUS, NUMA_FILE, NUMA_SHARED, NUMA_HUGETLB, NUMA_CLASSES };

enum numa_class numa_class_of(const struct vma *v, const struct numa_entry *e);

struct numa_node_total {
	uint32_t node;
	uint64_t bytes;
	uint64_t class[NUMA_CLASSES];	/* bytes; their sum is the one above */
};

struct numa_policy_total {
	uint32_t policy;		/* number */
	size_t mappings;
	uint64_t bytes;
	struct maybe on, off;		/* bytes on the nodes it names, and elsewhere */
};

struct numa_totals {
	VEC(struct numa_node_total) node;	/* by number: those of the machine, and where pages are */
	VEC(struct numa_policy_total) policy;	/* most bytes first */
	size_t mappings;		/* that are known */
	size_t unknown;			/* that appeared, vanished or changed meanwhile */
	uint64_t bytes;
	struct maybe local, remote;	/* bytes */
	struct maybe on, off;		/* of the mappings whose policy names nodes; unknown: none does */
};

/* Sums up rows of mappings (no groups). 0 or -ENOMEM; numa_totals_done() may follow either way. */
int numa_totals_make(const struct rows *r, struct numa_totals *out);
void numa_totals_done(struct numa_totals *t);

#endif
