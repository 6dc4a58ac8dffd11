/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Writes a captured tree: complete, or not at all. */
#include "config.h"

#include "proc/tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BLOCK = 512 };	/* unit of st_blocks, whatever the file system's own */

static int failed(struct tree *t, const char *path)
{
	int code = -errno;
	bool below = path && *path;

	return err_set(t->e, code, "cannot write %s%s%s: %s",
		       t->shown.data ? t->shown.data : "the tree", below ? "/" : "",
		       below ? path : "", strerror(-code));
}

static int out_of_memory(struct tree *t)
{
	errno = ENOMEM;
	return failed(t, NULL);
}

/* Splits DIR into the directory it is to stand in and its name there. */
static int take_name(struct tree *t, const char *dir)
{
	struct buf parent;
	size_t end = strlen(dir), start;
	int ret = 0;

	while (end > 1 && dir[end - 1] == '/')
		end--;
	for (start = end; start > 0 && dir[start - 1] != '/'; start--)
		;
	buf_add(&t->shown, dir, end);
	buf_add(&t->name, dir + start, end - start);
	buf_init(&parent);
	buf_add(&parent, start ? dir : ".", start ? start : 1);
	if (!buf_string(&t->shown) || !buf_string(&t->name) || !buf_string(&parent)) {
		ret = out_of_memory(t);
	} else {
		t->parent = open(parent.data, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (t->parent < 0)
			ret = failed(t, NULL);
	}
	buf_done(&parent);
	return ret;
}

static int exists(struct tree *t)
{
	return err_set(t->e, -EEXIST, "%s: exists; a capture makes a new directory", t->shown.data);
}

/* mkdtemp() works on a path, and that may lead elsewhere by now; so the name is chosen here. */
static int make_partial(struct tree *t)
{
	uint32_t seed = (uint32_t)getpid();

	for (unsigned int tries = 0; tries < 100; tries++) {
		buf_clear(&t->partial);
		buf_printf(&t->partial, "%s.partial-%06x", t->name.data,
			   (unsigned int)((seed + tries * 0x9e3779) & 0xffffff));
		if (!buf_string(&t->partial))
			return out_of_memory(t);
		if (mkdirat(t->parent, t->partial.data, 0700) == 0)
			break;
		if (errno != EEXIST || tries == 99) {
			buf_clear(&t->partial);
			return failed(t, NULL);
		}
	}
	t->fd = openat(t->parent, t->partial.data,
		       O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return t->fd < 0 ? failed(t, NULL) : 0;
}

int tree_begin(const char *dir, struct err *e, struct tree *out)
{
	struct stat st;
	int ret;

	*out = (struct tree){ .parent = -1, .fd = -1, .e = e };
	buf_init(&out->name);
	buf_init(&out->partial);
	buf_init(&out->shown);
	ret = take_name(out, dir);
	if (ret < 0)
		return ret;
	/* "", "/" and the like have no name of their own, or exist */
	if (fstatat(out->parent, out->name.len ? out->name.data : ".", &st,
		    AT_SYMLINK_NOFOLLOW) == 0)
		return exists(out);
	return make_partial(out);
}

/* Makes the directories of a path. */
static int make_directories(struct tree *t, const char *path)
{
	char *copy = strdup(path), *at = copy;
	int ret = 0;

	if (!copy)
		return out_of_memory(t);
	while (ret == 0 && (at = strchr(at, '/'))) {
		*at = '\0';
		if (mkdirat(t->fd, copy, 0777) < 0 && errno != EEXIST)
			ret = failed(t, copy);
		*at++ = '/';
	}
	free(copy);
	return ret;
}

int tree_open(struct tree *t, const char *path)
{
	const int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
	int fd = openat(t->fd, path, flags, 0666);

	if (fd < 0 && errno == ENOENT) {
		int ret = make_directories(t, path);

		if (ret < 0)
			return ret;
		fd = openat(t->fd, path, flags, 0666);
	}
	return fd < 0 ? failed(t, path) : fd;
}

static int write_all(struct tree *t, int fd, const char *p, size_t n, off_t at)
{
	while (n) {
		ssize_t done = at < 0 ? write(fd, p, n) : pwrite(fd, p, n, at);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return failed(t, NULL);
		p += done;
		n -= (size_t)done;
		if (at >= 0)
			at += done;
	}
	return 0;
}

int tree_write(struct tree *t, int fd, const void *p, size_t n)
{
	return write_all(t, fd, p, n, -1);
}

int tree_write_at(struct tree *t, int fd, const void *p, size_t n, uint64_t at)
{
	if (at > INT64_MAX - n) {
		errno = EFBIG;
		return failed(t, NULL);
	}
	return write_all(t, fd, p, n, (off_t)at);
}

int tree_set_size(struct tree *t, int fd, uint64_t size)
{
	if (size > INT64_MAX)
		errno = EFBIG;
	else if (ftruncate(fd, (off_t)size) == 0)
		return 0;
	return failed(t, NULL);
}

static int keep(struct tree *t, const char *s, struct str *out)
{
	size_t n = strlen(s);
	char *to = arena_alloc(&t->strings, n + 1, 1);

	if (!to)
		return out_of_memory(t);
	memcpy(to, s, n + 1);
	*out = (struct str){ to, n };
	return 0;
}

int tree_close(struct tree *t, const char *path, int fd)
{
	struct tree_file *file = vec_push(&t->file);
	struct stat st = { .st_size = 0 };
	int ret = file ? 0 : out_of_memory(t);

	if (file)
		*file = (struct tree_file){ .size = 0 };
	if (ret == 0)
		ret = keep(t, path, &file->path);
	if (ret == 0 && fstat(fd, &st) < 0)
		ret = failed(t, path);
	if (close(fd) < 0 && ret == 0)
		ret = failed(t, path);
	if (ret == 0) {
		file->size = (uint64_t)st.st_size;
		file->stored = (uint64_t)st.st_blocks * BLOCK;
		/* the last block, and those beside the data (extents), are no holes */
		if (file->stored > file->size)
			file->stored = file->size;
	}
	return ret;
}

int tree_put(struct tree *t, const char *path, const void *p, size_t n)
{
	int fd = tree_open(t, path), ret;

	if (fd < 0)
		return fd;
	ret = tree_write(t, fd, p, n);
	if (ret == 0)
		return tree_close(t, path, fd);
	close(fd);
	return ret;
}

int tree_link(struct tree *t, const char *path, const char *target)
{
	int ret = make_directories(t, path);

	if (ret == 0 && symlinkat(target, t->fd, path) < 0)
		ret = failed(t, path);
	return ret;
}

int tree_gap(struct tree *t, const char *path, const char *reason)
{
	struct tree_gap *gap = vec_push(&t->gap);

	if (!gap)
		return out_of_memory(t);
	*gap = (struct tree_gap){ .reason = reason };
	return keep(t, path, &gap->path);
}

/* ---- taking away ---- */

/* As deep as paths can be, a directory is opened at a time for each level. */
static int remove_at(int dirfd, const char *name)
{
	struct dirent *entry;
	DIR *dir;
	int fd, ret = 0;

	if (unlinkat(dirfd, name, 0) == 0 || errno == ENOENT)
		return 0;
	if (errno != EISDIR && errno != EPERM)
		return -errno;
	fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	dir = fd < 0 ? NULL : fdopendir(fd);
	if (!dir) {
		ret = -errno;
		if (fd >= 0)
			close(fd);
		return ret;
	}
	while (ret == 0 && (entry = readdir(dir)))
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			ret = remove_at(fd, entry->d_name);
	closedir(dir);
	return ret == 0 && unlinkat(dirfd, name, AT_REMOVEDIR) < 0 ? -errno : ret;
}

static bool is_below(struct str path, const char *directory)
{
	size_t n = strlen(directory);

	return path.len >= n && memcmp(path.p, directory, n) == 0 &&
	       (path.len == n || path.p[n] == '/');
}

int tree_forget(struct tree *t, const char *path)
{
	size_t n = 0;

	for (size_t i = 0; i < t->file.n; i++)
		if (!is_below(t->file.v[i].path, path))
			t->file.v[n++] = t->file.v[i];
	t->file.n = n;
	n = 0;
	for (size_t i = 0; i < t->gap.n; i++)
		if (!is_below(t->gap.v[i].path, path))
			t->gap.v[n++] = t->gap.v[i];
	t->gap.n = n;
	errno = -remove_at(t->fd, path);
	return errno ? failed(t, path) : 0;
}

/* ---- the end ---- */

/* File systems without RENAME_NOREPLACE: an empty directory that only we made may be replaced. */
static int rename_without_flag(const struct tree *t)
{
	int code;

	if (mkdirat(t->parent, t->name.data, 0700) < 0)
		return -1;
	if (renameat(t->parent, t->partial.data, t->parent, t->name.data) == 0)
		return 0;
	code = errno;
	unlinkat(t->parent, t->name.data, AT_REMOVEDIR);
	errno = code;
	return -1;
}

int tree_end(struct tree *t)
{
	int ret;

	/* also what was written late and found no room */
	if (syncfs(t->fd) < 0)
		return failed(t, NULL);
	ret = renameat2(t->parent, t->partial.data, t->parent, t->name.data, RENAME_NOREPLACE);
	if (ret < 0 && (errno == EINVAL || errno == ENOSYS))
		ret = rename_without_flag(t);
	if (ret < 0)
		return errno == EEXIST || errno == ENOTEMPTY ? exists(t) : failed(t, NULL);
	buf_clear(&t->partial);
	/* the tree is there either way; this only makes its name outlive a power failure */
	(void)fsync(t->parent);
	return 0;
}

void tree_done(struct tree *t)
{
	if (t->fd >= 0)
		close(t->fd);
	if (t->partial.len)
		remove_at(t->parent, t->partial.data);
	if (t->parent >= 0)
		close(t->parent);
	t->fd = t->parent = -1;
	buf_done(&t->name);
	buf_done(&t->partial);
	buf_done(&t->shown);
	arena_done(&t->strings);
	vec_done(&t->file);
	vec_done(&t->gap);
}
