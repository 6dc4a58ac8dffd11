/* SPDX-License-Identifier: GPL-3.0-or-later */
/* /proc/PID/mountinfo: the file systems that a process sees. proc_pid_mountinfo(5). */
#ifndef PROC_MOUNTINFO_H
#define PROC_MOUNTINFO_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/vec.h"
#include "proc/lines.h"

/* A line: parts of the text, as escaped by the kernel (\040 is a blank). */
struct mount_line {
	uint32_t dev_major, dev_minor;
	struct str root;	/* what of the file system is mounted */
	struct str point;	/* where, for this process */
	struct str type;	/* "proc", "cgroup2" */
	struct str options;	/* of the file system: "rw,hidepid=invisible" */
};

/* The next line that is a mount; false at the end. Lines that are not are skipped. */
bool mountinfo_next(struct lines *l, struct mount_line *out);

/* The value of an option in a list such as "rw,gid=4": "4"; of one without a value, an empty
 * string. False where the list has it not. */
bool mountinfo_option(struct str options, const char *name, struct str *value);

/* Writes a path with \ooo turned back into bytes. */
void mountinfo_unescape(struct buf *b, struct str path);

struct mount {
	uint32_t dev_major, dev_minor;
	char type[24];		/* "ext4"; cut if longer */
	char huge[16];		/* option huge= of tmpfs: "advise"; "": not given, which is never */
};

typedef VEC(struct mount) mount_list;

/* Unknown lines are skipped. 0 or -ENOMEM. */
int mountinfo_parse(const char *text, size_t len, mount_list *out);

/* The first one of this device, or NULL. */
const struct mount *mounts_find(const mount_list *mounts, uint32_t dev_major, uint32_t dev_minor);

#endif
