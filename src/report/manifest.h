/* SPDX-License-Identifier: GPL-3.0-or-later */
/* manifest.json of a captured tree: what is in it, what is not and why, and where it is from. */
#ifndef REPORT_MANIFEST_H
#define REPORT_MANIFEST_H

#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "proc/machine.h"
#include "proc/tree.h"

#define MANIFEST_FILE "manifest.json"


struct manifest {
	const struct tree *tree;
	const struct machine *machine;
	const char *version;	/* of memmap */
	char *const *argv;	/* of memmap */
	int argc;
	int64_t begun, ended;	/* seconds since 1970 */
	uint32_t uid;		/* of memmap: what could be read depends on it */
	bool frames;
	const pid_t *pid;	/* of the processes in it */
	size_t pids;
};

void manifest_put(struct buf *b, const struct manifest *m);

#endif
