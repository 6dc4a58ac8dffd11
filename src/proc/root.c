/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The system that is looked at: the live one, or a captured tree. The only opener of files. */
#include "config.h"

#include "proc/root.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/num.h"

/* Most files are smaller, and of the large ones the kernel gives about 4 KiB at a time. */
enum { READ_SIZE = 16 * 1024 };

int root_open(struct root *root, const char *sysroot, struct err *e)
{
	struct stat st;

	root->live = sysroot == NULL;
	root->fd = open(sysroot ? sysroot : "/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (root->fd < 0) {
		int code = -errno;

		return err_set(e, code, "%s: %s", sysroot ? sysroot : "/", strerror(-code));
	}
	if (fstatat(root->fd, "proc", &st, 0) < 0 || !S_ISDIR(st.st_mode)) {
		root_close(root);
		return err_set(e, -ENOTDIR, "%s: has no directory 'proc' in it",
			       sysroot ? sysroot : "/");
	}
	return 0;
}

void root_close(struct root *root)
{
	if (root->fd >= 0)
		close(root->fd);
	root->fd = -1;
}

/* The number of bytes read, or -errno. */
static ssize_t read_some(int fd, struct buf *b)
{
	char *to = buf_reserve(b, READ_SIZE);
	ssize_t n;

	if (!to)
		return b->error;
	do
		n = read(fd, to, READ_SIZE);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	b->len += (size_t)n;
	return n;
}

/* Never waits: a captured tree may hold anything. */
static int open_at(int dirfd, const char *name)
{
	enum { FLAGS = O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK };
	int fd = openat(dirfd, name, FLAGS);

	/* A process that ends in the middle of the lookup (proc_pid_make_inode()) says so once;
	 * from then on it is ESRCH. */
	if (fd < 0 && errno == ENOENT)
		fd = openat(dirfd, name, FLAGS);
	return fd < 0 ? -errno : fd;
}

int root_open_file(const struct root *root, const char *path)
{
	return open_at(root->fd, path);
}

int process_open_file(const struct process *p, const char *name)
{
	return open_at(p->fd, name);
}

int root_open_both(const struct root *root, const char *path)
{
	int fd = openat(root->fd, path, O_RDWR | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

	return fd < 0 ? -errno : fd;
}

int process_write(const struct process *p, const char *name, const char *word)
{
	int fd = openat(p->fd, name, O_WRONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK), ret = 0;
	size_t n = strlen(word);
	ssize_t done;

	if (fd < 0)
		return -errno;
	done = write(fd, word, n);
	if (done != (ssize_t)n)
		ret = done < 0 ? -errno : -EIO;
	close(fd);
	return ret;
}

int process_may_write(const struct process *p, const char *name)
{
	return faccessat(p->fd, name, W_OK, AT_EACCESS) < 0 ? -errno : 0;
}

static int read_at(int dirfd, const char *name, struct buf *out, uint64_t *bytes)
{
	int fd = open_at(dirfd, name);
	ssize_t n;

	if (fd < 0)
		return fd;
	while ((n = read_some(fd, out)) > 0)
		*bytes += (uint64_t)n;
	close(fd);
	return (int)n;
}

int root_read(const struct root *root, const char *path, struct buf *out)
{
	uint64_t bytes = 0;

	return read_at(root->fd, path, out, &bytes);
}

int root_may_write(const struct root *root, const char *path)
{
	return faccessat(root->fd, path, W_OK, AT_EACCESS) < 0 ? -errno : 0;
}

static int open_process(const struct root *root, const char *path, struct process *p)
{
	p->live = root->live;
	p->space_fd = -1;
	p->fd = openat(root->fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return p->fd < 0 ? -errno : 0;
}

int root_open_process(const struct root *root, pid_t pid, struct process *p)
{
	char path[32];

	snprintf(path, sizeof(path), "proc/%d", (int)pid);
	*p = (struct process){ .pid = pid };
	return open_process(root, path, p);
}

int root_open_self(const struct root *root, struct process *p)
{
	*p = (struct process){ .pid = getpid() };
	return open_process(root, "proc/self", p);
}

void process_close(struct process *p)
{
	if (p->space_fd >= 0)
		close(p->space_fd);
	if (p->fd >= 0)
		close(p->fd);
	p->fd = p->space_fd = -1;
}

int process_read(struct process *p, const char *name, struct buf *out)
{
	return read_at(p->fd, name, out, &p->bytes_read);
}

int process_readlink(struct process *p, const char *name, struct buf *out)
{
	/* a path given by the kernel is below PATH_MAX, and one page in d_path() */
	char *to = buf_reserve(out, READ_SIZE);
	ssize_t n;

	if (!to)
		return out->error;
	n = readlinkat(p->fd, name, to, READ_SIZE);
	if (n < 0)
		return -errno;
	out->len += (size_t)n;
	return 0;
}

int process_same_file(struct process *p, const char *a, const char *b)
{
	struct statx x, y;

	if (statx(p->fd, a, AT_STATX_DONT_SYNC, STATX_INO, &x) < 0 ||
	    statx(p->fd, b, AT_STATX_DONT_SYNC, STATX_INO, &y) < 0)
		return -errno;
	return x.stx_ino == y.stx_ino && x.stx_dev_major == y.stx_dev_major &&
	       x.stx_dev_minor == y.stx_dev_minor;
}

int process_stat_file(const struct process *p, const char *name, struct process_file *out)
{
	struct statx st;

	if (statx(p->fd, name, AT_STATX_DONT_SYNC | AT_NO_AUTOMOUNT,
		  STATX_TYPE | STATX_INO | STATX_SIZE, &st) < 0)
		return -errno;
	*out = (struct process_file){ S_ISREG(st.stx_mode), st.stx_ino, st.stx_size };
	return 0;
}

int process_open_regular(const struct process *p, const char *name, uint64_t inode)
{
	int path, fd, ret = 0;
	struct stat st;
	char link[32];

	path = openat(p->fd, name, O_PATH | O_CLOEXEC);
	if (path < 0)
		return -errno;
	if (fstat(path, &st) < 0)
		ret = -errno;
	else if (!S_ISREG(st.st_mode) || (p->live && st.st_ino != inode))
		ret = -EINVAL;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", path);
	/* reading must not change the time of the last access either, where that can be helped */
	fd = ret < 0 ? ret : open(link, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | O_NOATIME);
	if (ret == 0 && fd < 0 && errno == EPERM)
		fd = open(link, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (ret == 0 && fd < 0)
		fd = -errno;
	close(path);
	return fd;
}

bool process_has_space(struct process *p)
{
	char c;

	return !p->live || p->space_fd < 0 || pread(p->space_fd, &c, 1, 0) > 0;
}

int process_stream(struct process *p, const char *name, process_block_fn fn, void *ctx)
{
	int fd = process_open_file(p, name);
	uint64_t before = p->bytes_read;
	struct buf b;
	ssize_t n;
	int ret = 0;

	if (fd < 0)
		return fd;
	buf_init(&b);
	while (ret >= 0 && (n = read_some(fd, &b)) > 0) {
		const char *last = memrchr(b.data + b.len - (size_t)n, '\n', (size_t)n);
		size_t whole = last ? (size_t)(last + 1 - b.data) : 0;

		p->bytes_read += (uint64_t)n;
		if (!whole)
			continue;
		ret = fn(ctx, b.data, whole);
		memmove(b.data, b.data + whole, b.len - whole);
		b.len -= whole;
	}
	if (ret >= 0)
		ret = (int)n;
	if (ret >= 0 && b.len)
		ret = fn(ctx, b.data, b.len);
	buf_done(&b);
	if (p->space_fd >= 0)
		close(p->space_fd);
	p->space_fd = p->bytes_read != before ? fd : -1;
	if (p->space_fd < 0)
		close(fd);
	if (ret >= 0 && !process_has_space(p))
		ret = -ESRCH;
	return ret < 0 ? ret : 0;
}

static int each_at(int dirfd, const char *path, const char *prefix,
		   int (*fn)(void *ctx, const char *name), void *ctx)
{
	int fd = openat(dirfd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;
	int ret = 0;

	if (!dir) {
		ret = -errno;
		if (fd >= 0)
			close(fd);
		return ret;
	}
	while (ret >= 0 && (entry = readdir(dir)))
		if (strncmp(entry->d_name, prefix, strlen(prefix)) == 0)
			ret = fn(ctx, entry->d_name);
	closedir(dir);
	return ret < 0 ? ret : 0;
}

int root_each(const struct root *root, const char *path, const char *prefix,
	      int (*fn)(void *ctx, const char *name), void *ctx)
{
	return each_at(root->fd, path, prefix, fn, ctx);
}

static int add_number(void *ctx, const char *name)
{
	pid_list *list = ctx;
	uint64_t number;
	pid_t *pid;

	if (!num_parse_u64(name, &number) || number == 0 || number > INT32_MAX)
		return 0;
	pid = vec_push(list);
	if (!pid)
		return -ENOMEM;
	*pid = (pid_t)number;
	return 0;
}

static int pid_cmp(const void *a, const void *b)
{
	pid_t x = *(const pid_t *)a, y = *(const pid_t *)b;

	return (x > y) - (x < y);
}

void pid_list_sort(pid_list *list)
{
	if (list->n)
		qsort(list->v, list->n, sizeof(*list->v), pid_cmp);
}

static int list_at(int dirfd, const char *path, pid_list *out)
{
	int ret = each_at(dirfd, path, "", add_number, out);

	pid_list_sort(out);
	return ret;
}

int root_list(const struct root *root, const char *path, pid_list *out)
{
	return list_at(root->fd, path, out);
}

int process_list(struct process *p, const char *name, pid_list *out)
{
	return list_at(p->fd, name, out);
}

bool root_is_directory(const struct root *root, const char *path)
{
	struct stat st;

	return fstatat(root->fd, path, &st, 0) == 0 && S_ISDIR(st.st_mode);
}

enum { DEPTH_MAX = 128 };	/* open at once; the kernel's own limit on cgroups is far above use */

/* Takes fd over. The path so far is in out; it stays there when the directory is found. */
static int find_inode(int fd, uint64_t inode, struct buf *out, unsigned int depth)
{
	DIR *dir = fdopendir(fd);
	const struct dirent *entry;
	int ret = -ENOENT;

	if (!dir) {
		ret = -errno;
		close(fd);
		return ret;
	}
	while (ret == -ENOENT && (entry = readdir(dir))) {
		size_t before = out->len;

		if (entry->d_type != DT_DIR || strcmp(entry->d_name, ".") == 0 ||
		    strcmp(entry->d_name, "..") == 0)
			continue;
		buf_putc(out, '/');
		buf_puts(out, entry->d_name);
		if (entry->d_ino == inode) {
			ret = out->error;
			break;
		}
		fd = depth < DEPTH_MAX ? openat(dirfd(dir), entry->d_name, O_RDONLY | O_DIRECTORY |
						O_NOFOLLOW | O_CLOEXEC) : -1;
		/* it may have gone meanwhile */
		if (fd >= 0)
			ret = find_inode(fd, inode, out, depth + 1);
		if (ret == 0 || out->error)
			break;
		ret = -ENOENT;
		out->len = before;
	}
	closedir(dir);
	return ret;
}

int root_find_inode(const struct root *root, const char *path, uint64_t inode, struct buf *out)
{
	int fd = openat(root->fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0) {
		int ret = -errno;

		if (fd >= 0)
			close(fd);
		return ret;
	}
	if (st.st_ino == inode) {
		close(fd);
		return 0;
	}
	return find_inode(fd, inode, out, 0);
}
