/* SPDX-License-Identifier: GPL-3.0-or-later */
/* /proc/PID/mountinfo: where file systems are mounted, and how. proc_pid_mountinfo(5). */
#ifndef PROC_MOUNTS_H
#define PROC_MOUNTS_H

#include <stdbool.h>

#include "base/buf.h"
#include "proc/lines.h"

/* A line: parts of the text, as escaped by the kernel (\040 is a blank). */
struct mount {
	struct str root;	/* what of the file system is mounted */
	struct str point;	/* where, for this process */
	struct str type;	/* "proc", "cgroup2" */
	struct str options;	/* of the file system: "rw,hidepid=invisible" */
};

/* The next line that is a mount; false at the end. Lines that are not are skipped. */
bool mounts_next(struct lines *l, struct mount *out);

/* The value of an option in a list such as "rw,gid=4": "4"; of one without a value, an empty
 * string. False where the list has it not. */
bool mounts_option(struct str options, const char *name, struct str *value);

/* Writes a path with \ooo turned back into bytes. */
void mounts_unescape(struct buf *b, struct str path);

#endif
