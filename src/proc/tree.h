/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Writes a captured tree: files below a directory that has its name only once all of them are
 * there. Until then it stands beside it, as NAME.partial-XXXXXX, and goes away with tree_done().
 */
#ifndef PROC_TREE_H
#define PROC_TREE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/vec.h"

struct tree_file {
	struct str path;		/* from the tree: "proc/1/maps" */
	uint64_t size, stored;		/* bytes; stored is less where the file has holes */
};

/* What is not in the tree, and why. */
struct tree_gap {
	struct str path;
	const char *reason;
};

struct tree {
	int parent, fd;			/* directories: where it stands, itself */
	struct buf name, partial;	/* in parent: what it will be called, and is */
	struct buf shown;		/* DIR as it was given, for messages */
	struct arena strings;
	VEC(struct tree_file) file;
	VEC(struct tree_gap) gap;
	struct err *e;
};

/* All return 0 (or what they say) or -errno with e filled: trouble with writing. */

/* -EEXIST when there is something of that name. tree_done() may follow either way. Only its owner
 * may look into the tree. */
int tree_begin(const char *dir, struct err *e, struct tree *out);

/* A whole file; directories are made as needed. -EEXIST if it was written before. */
int tree_put(struct tree *t, const char *path, const void *p, size_t n);
int tree_link(struct tree *t, const char *path, const char *target);

/* The same in parts, at places of the caller's choice: what is left out is a hole. A file
 * descriptor, which tree_close() takes; it also counts the file as part of the tree. */
int tree_open(struct tree *t, const char *path);
int tree_write(struct tree *t, int fd, const void *p, size_t n);
int tree_write_at(struct tree *t, int fd, const void *p, size_t n, uint64_t at);
int tree_set_size(struct tree *t, int fd, uint64_t size);
int tree_close(struct tree *t, const char *path, int fd);

/* Notes what could not be read; the reason is not copied. */
int tree_gap(struct tree *t, const char *path, const char *reason);

/* Takes a file or directory out again, with all that was noted about it. */
int tree_forget(struct tree *t, const char *path);

/* Everything is on disk, and has its name from now on. -EEXIST if that has been taken. */
int tree_end(struct tree *t);
void tree_done(struct tree *t);

#endif
