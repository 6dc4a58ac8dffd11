/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads what the kernel tells about memory nodes: of a process, and of the machine. */
#ifndef MODEL_NUMA_READ_H
#define MODEL_NUMA_READ_H

#include <stddef.h>
#include <stdint.h>

#include "model/numa.h"
#include "model/space.h"
#include "proc/root.h"

struct numa_request {
	const struct root *root;
	struct process *process;
	const struct space *space;	/* as smaps or maps of the same process had it */
	uint64_t page_size;		/* bytes, for kernels before 4.0; 0: unknown */
	/* Called now and then; may be NULL. */
	void (*progress)(void *ctx, size_t mappings, uint64_t bytes);
	void *progress_ctx;
};

/*
 * Reads numa_maps and the machine's nodes. 0, or -errno: -ENOENT without CONFIG_NUMA, -EACCES,
 * -ESRCH when the address space is gone, -EBADMSG with *line the number of the line that is
 * damaged. numa_done() may follow either way.
 */
int numa_read(const struct numa_request *req, struct numa *out, uint64_t *line);

/* Takes from status what the process may use, and finds out whether it is bound, and which nodes
 * are local. A list that is not there, or none, leaves that unknown. 0 or -ENOMEM. */
int numa_locate(struct numa *n, const char *status, size_t len);

#endif
