/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * /proc/PID/mountinfo: the file systems that a process sees, by device. proc_pid_mountinfo(5).
 */
#ifndef PROC_MOUNTINFO_H
#define PROC_MOUNTINFO_H

#include <stddef.h>
#include <stdint.h>

#include "base/vec.h"

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
