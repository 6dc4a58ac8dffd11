/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The system that is looked at: the live one, or a captured tree that has the same files below
 * DIR/proc and DIR/sys. The only opener of files, so everything above it can be tested on trees.
 */
#ifndef PROC_ROOT_H
#define PROC_ROOT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/vec.h"

struct root {
	int fd;
	bool live;
};

/* A process as a handle on its /proc/PID directory: bound to that process for good, so a
 * recycled PID yields ESRCH, never another process's numbers. */
struct process {
	pid_t pid;
	int fd;
	bool live;
	int space_fd;		/* of the maps or smaps that was streamed last; -1: none */
	uint64_t bytes_read;	/* through this handle */
};

/* sysroot NULL means the live system. 0 or -errno with e filled. */
int root_open(struct root *root, const char *sysroot, struct err *e);
void root_close(struct root *root);

/* Appends all of a file, named from the root ("proc/meminfo"). 0 or -errno. */
int root_read(const struct root *root, const char *path, struct buf *out);

/* A file descriptor for reading at places of one's own choice (the caller's to close), or -errno. */
int root_open_file(const struct root *root, const char *path);
int process_open_file(const struct process *p, const char *name);

/* The same for reading and writing. */
int root_open_both(const struct root *root, const char *path);

/* Writes a word to a file of a process, which changes the process: only where that was allowed.
 * 0 or -errno. */
int process_write(const struct process *p, const char *name, const char *word);

/* May we write there? As root_may_write(). */
int process_may_write(const struct process *p, const char *name);

/* May this process, with the capabilities it has, write to a file? It is neither opened nor
 * written. 0 or -errno. */
int root_may_write(const struct root *root, const char *path);

/* -ENOENT when there is no such process (hidepid makes it so too). */
int root_open_process(const struct root *root, pid_t pid, struct process *p);
/* This process: getpid() need not be its number in the PID namespace of this /proc. */
int root_open_self(const struct root *root, struct process *p);
void process_close(struct process *p);

/* Appends all of a file of the process, named from its directory ("status"). 0 or -errno:
 * -EACCES for want of privilege, -ESRCH once it is reaped. */
int process_read(struct process *p, const char *name, struct buf *out);
int process_readlink(struct process *p, const char *name, struct buf *out);
/* 1 if both names lead to the same file, 0 if not, or -errno. Asks the kernel's cache only: the
 * target's file systems may hang. */
int process_same_file(struct process *p, const char *a, const char *b);

/*
 * Reads a file to its end and hands it on in blocks of whole lines; only the last block may
 * lack its newline. A block is at least what the kernel gave at once (4 KiB for most files),
 * a line may be of any length. Stops at the first negative answer of fn and gives it back.
 * At the end, -ESRCH if process_has_space() says no: the text may be cut short.
 */
typedef int (*process_block_fn)(void *ctx, const char *block, size_t len);
int process_stream(struct process *p, const char *name, process_block_fn fn, void *ctx);

/* Which file a name leads to, and how large it is. */
struct process_file {
	bool regular;
	uint64_t inode, size;	/* bytes */
};

/* As the kernel has it in its cache, since the target's file systems may hang. 0 or -errno. */
int process_stat_file(const struct process *p, const char *name, struct process_file *out);

/* Opens a file of the target's for reading, if it is a regular one and, of a live system, still has
 * that inode; what devices, FIFOs and sockets do when opened is not for us to find out. A file
 * descriptor (the caller's to close), or -errno: -EINVAL when it is no such file. */
int process_open_regular(const struct process *p, const char *name, uint64_t inode);

/* Does the address space that was streamed last still exist? Its file is bound to it, and has
 * nothing to read after an exit or an execve; what other files said meanwhile is then of no one
 * or of another program. True where nothing was streamed, or the system is not live. */
bool process_has_space(struct process *p);

/* The numeric names in a directory, ascending: root "proc" gives PIDs, process "task" TIDs. */
typedef VEC(pid_t) pid_list;
void pid_list_sort(pid_list *list);
int root_list(const struct root *root, const char *path, pid_list *out);
int process_list(struct process *p, const char *name, pid_list *out);

/* Names in a directory that begin with prefix: fn is called for each. 0 or -errno. */
int root_each(const struct root *root, const char *path, const char *prefix,
	      int (*fn)(void *ctx, const char *name), void *ctx);

bool root_is_directory(const struct root *root, const char *path);

/* Looks for the directory with an inode number in path and all that is below it, on one file
 * system, and appends its path from there on ("/a/b"; "" for path itself). 0, -ENOENT, or another
 * -errno. Made for cgroups: numbers come from the listings, nothing else is looked at. */
int root_find_inode(const struct root *root, const char *path, uint64_t inode, struct buf *out);

#endif
