/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A captured tree of one's own, made in a temporary directory: DIR/proc and what is put there. */
#ifndef TESTS_UNIT_TREE_H
#define TESTS_UNIT_TREE_H

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proc/root.h"
#include "unit.h"

enum { TREE_PID = 1234, TREE_PATH = 512 };

struct tree {
	char dir[TREE_PATH];
	struct root root;
	struct process process;		/* TREE_PID */
};

static inline void tree_path(const struct tree *t, const char *name, char path[TREE_PATH])
{
	ck_assert_int_lt(snprintf(path, TREE_PATH, "%s/%s", t->dir, name), TREE_PATH);
}

static inline void tree_make_directory(const struct tree *t, const char *name)
{
	char path[TREE_PATH];

	tree_path(t, name, path);
	ck_assert_int_eq(mkdir(path, 0700), 0);
}

static inline void tree_init(struct tree *t)
{
	const char *tmp = getenv("TMPDIR");
	struct err e;

	ck_assert_int_lt(snprintf(t->dir, sizeof(t->dir), "%s/memmap-unit-XXXXXX",
				  tmp && *tmp ? tmp : "/tmp"), TREE_PATH);
	ck_assert_ptr_nonnull(mkdtemp(t->dir));
	tree_make_directory(t, "proc");
	tree_make_directory(t, "proc/1234");
	ck_assert_int_eq(root_open(&t->root, t->dir, &e), 0);
	ck_assert_int_eq(root_open_process(&t->root, TREE_PID, &t->process), 0);
}

/* A file of 64-bit words, empty at first; what is not written stays a hole. */
static inline int tree_words(const struct tree *t, const char *name)
{
	char path[TREE_PATH];
	int fd;

	tree_path(t, name, path);
	fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	ck_assert_int_ge(fd, 0);
	return fd;
}

static inline void tree_put(int fd, uint64_t index, const uint64_t *word, size_t n)
{
	ssize_t size = (ssize_t)(n * sizeof(*word));

	ck_assert_int_eq(pwrite(fd, word, (size_t)size, (off_t)(index * sizeof(*word))), size);
}

static inline int tree_remove_one(const char *path, const struct stat *st, int type,
				  struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static inline void tree_done(struct tree *t)
{
	process_close(&t->process);
	root_close(&t->root);
	ck_assert_int_eq(nftw(t->dir, tree_remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
}

#endif
