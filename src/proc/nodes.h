/* SPDX-License-Identifier: GPL-3.0-or-later */
/* /sys/devices/system/node: the memory nodes of the machine, with their processors and memory. */
#ifndef PROC_NODES_H
#define PROC_NODES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/num.h"
#include "base/vec.h"
#include "proc/idlist.h"
#include "proc/root.h"

struct node {
	uint32_t number;
	bool has_cpus;			/* cpus was told; a node of memory alone has an empty list */
	struct idlist cpus;		/* that are online */
	struct maybe total, free;	/* bytes: MemTotal, MemFree */
};

typedef VEC(struct node) node_list;

/* The nodes that are online, by number; none where the kernel has no such directory (no
 * CONFIG_NUMA). What is missing of a node is unknown. 0 or -ENOMEM; nodes_done() may follow
 * either way. */
int nodes_read(const struct root *root, node_list *out);
void nodes_done(node_list *nodes);

/* The node with this number, or NULL. */
const struct node *nodes_find(const node_list *nodes, uint32_t number);

/* nodeN/meminfo: "Node 0 MemTotal:  476356 kB". Takes both into n. */
void node_parse_meminfo(const char *text, size_t len, struct node *n);

#endif
