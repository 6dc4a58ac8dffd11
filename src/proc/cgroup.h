/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Memory cgroups by number: kpagecgroup has the inode number of a cgroup's directory. */
#ifndef PROC_CGROUP_H
#define PROC_CGROUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "proc/root.h"

/* A mount of the hierarchy that has the memory controller. */
struct cgroup_mount {
	struct buf path;	/* from the root, without the first slash; a C string too */
	struct buf prefix;	/* path in the hierarchy of what is mounted there; "" for its root */
};

/*
 * From the text of a mountinfo file (proc_pid_mountinfo(5)): the v1 hierarchy with "memory", else
 * the v2 one. Numbers of different hierarchies say nothing about each other, so no other will do.
 * 0, -ENOENT or -ENOMEM. cgroup_mount_done() may follow either way.
 */
int cgroup_mount_parse(const char *text, size_t len, struct cgroup_mount *out);

/* From proc/self/mountinfo, or where it is usually mounted. 0 or -errno. */
int cgroup_mount_find(const struct root *root, struct cgroup_mount *out);
void cgroup_mount_done(struct cgroup_mount *m);

/* Appends the path of the cgroup in its hierarchy ("/user.slice"). 0; -ENOENT: there is none with
 * this number (below the mount); or another -errno. */
int cgroup_path(const struct root *root, const struct cgroup_mount *m, uint64_t inode,
		struct buf *out);

/* In a captured tree, whose directories have other numbers: lines of an inode number, a blank and
 * the path below the mount point ("4711 /user.slice"), as find -printf '%i /%P\n' writes them. */
#define CGROUP_INODES_FILE "sys/fs/cgroup.inodes"

/* The path for a number, "" for the topmost. 0 or -ENOENT. */
int cgroup_inodes_find(const char *text, size_t len, uint64_t inode, struct str *path);

#endif
