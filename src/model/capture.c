/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copies what the reports are made from, of live processes and of the machine, into a tree. */
#include "config.h"

#include "model/capture.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "model/snapshot.h"
#include "proc/cgroup.h"
#include "proc/hugepages.h"
#include "proc/threads.h"

enum {
	TRIES = 6,		/* of copying a process that changes under our eyes */
	AGAIN = 1,
};

/* A process that is being copied. */
struct copying {
	struct capture *c;
	struct process p;
	struct buf path, text;		/* of the file at hand */
	struct stat_pid stat;
	struct buf stat_text;
	bool empty;			/* no mappings, though it should have some */
	bool last_try;
};

int capture_check(struct capture *c)
{
	return c->interrupted() ? err_set(c->e, -EINTR, "interrupted") : 0;
}

int capture_note(struct capture *c, const char *path, int code)
{
	if (code == -ENOMEM)
		return err_set(c->e, code, "%s", strerror(ENOMEM));
	return c->e->code ? c->e->code : tree_gap(c->tree, path, strerror(-code));
}

/* ---- files of the machine ---- */

static int copy_file(struct capture *c, const char *path)
{
	struct buf text;
	int ret = capture_check(c);

	if (ret < 0)
		return ret;
	buf_init(&text);
	ret = root_read(c->root, path, &text);
	ret = ret == 0 ? tree_put(c->tree, path, text.data, text.len) :
			 capture_note(c, path, ret);
	buf_done(&text);
	return ret;
}

static int copy_files(struct capture *c, const char *directory, const char *const *name, size_t n)
{
	struct buf path;
	int ret = 0;

	buf_init(&path);
	for (size_t i = 0; ret == 0 && i < n; i++) {
		buf_clear(&path);
		buf_printf(&path, "%s/%s", directory, name[i]);
		ret = buf_string(&path) ? copy_file(c, path.data) :
					  capture_note(c, directory, -ENOMEM);
	}
	buf_done(&path);
	return ret;
}

/* A directory whose entries are to be looked at, and how. */
struct directory {
	struct capture *c;
	const char *path;
	int (*copy)(struct capture *c, const char *path, const char *name);
};

static int take_entry(void *ctx, const char *name)
{
	const struct directory *d = ctx;
	struct buf path;
	int ret = 0;

	if (name[0] == '.')
		return 0;
	buf_init(&path);
	buf_printf(&path, "%s/%s", d->path, name);
	ret = buf_string(&path) ? d->copy(d->c, path.data, name) :
				  capture_note(d->c, d->path, -ENOMEM);
	buf_done(&path);
	return ret;
}

static int copy_each(struct capture *c, const char *path, const char *prefix,
		     int (*copy)(struct capture *c, const char *path, const char *name))
{
	struct directory d = { c, path, copy };
	int ret = root_each(c->root, path, prefix, take_entry, &d);

	return ret < 0 ? capture_note(c, path, ret) : 0;
}

/* Settings and statistics of THP: all there is, on two further levels. */
static int copy_all(struct capture *c, const char *path, const char *name)
{
	(void)name;
	if (root_is_directory(c->root, path))
		return copy_each(c, path, "", copy_all);
	return copy_file(c, path);
}

static int copy_pool(struct capture *c, const char *path, const char *name)
{
	static const char *const of_node[] = {
		"nr_hugepages", "free_hugepages", "surplus_hugepages",
	};

	(void)name;
	if (strstr(path, "/node/"))
		return copy_files(c, path, of_node, sizeof(of_node) / sizeof(*of_node));
	return copy_files(c, path, pool_number_name, POOL_NUMBERS);
}

static int copy_node(struct capture *c, const char *path, const char *name)
{
	static const char *const file[] = {
		"cpulist", "distance", "meminfo", "numastat", "vmstat",
	};
	struct buf pools;
	int ret;

	if (name[strspn(name, "node0123456789")])
		return 0;
	ret = copy_files(c, path, file, sizeof(file) / sizeof(*file));
	buf_init(&pools);
	buf_printf(&pools, "%s/hugepages", path);
	if (ret == 0 && buf_string(&pools) && root_is_directory(c->root, pools.data))
		ret = copy_each(c, pools.data, "hugepages-", copy_pool);
	buf_done(&pools);
	return ret;
}

/* Slow to read on large machines: only where it tells what nothing else does. */
static bool needs_cpuinfo(const struct capture *c)
{
	struct str arch = { c->machine->arch.data, c->machine->arch.len };
	struct buf text;
	bool told;

	buf_init(&text);
	told = root_read(c->root, "proc/sys/kernel/arch", &text) == 0;
	buf_done(&text);
	return !told || str_has_prefix(arch, "riscv");
}

int capture_machine(struct capture *c)
{
	/* those that change from moment to moment first */
	static const char *const file[] = {
		"meminfo", "buddyinfo", "zoneinfo", "vmstat", "swaps", "pressure/memory",
		"slabinfo", "vmallocinfo", "stat", "uptime", "version", "iomem",
		"sys/kernel/arch", "sys/kernel/osrelease", "sys/kernel/hostname",
		"sys/vm/mmap_min_addr", "sys/vm/max_map_count", "sys/vm/overcommit_memory",
		"self/auxv", "self/mountinfo",
	};
	static const char *const node[] = { "online", "possible", "has_memory" };
	int ret = copy_files(c, "proc", file, sizeof(file) / sizeof(*file));

	if (ret == 0 && needs_cpuinfo(c))
		ret = copy_file(c, "proc/cpuinfo");
	if (ret == 0)
		ret = copy_each(c, "sys/kernel/mm/transparent_hugepage", "", copy_all);
	if (ret == 0)
		ret = copy_each(c, "sys/kernel/mm/hugepages", "hugepages-", copy_pool);
	if (ret == 0 && root_is_directory(c->root, "sys/devices/system/node")) {
		ret = copy_files(c, "sys/devices/system/node", node,
				 sizeof(node) / sizeof(*node));
		if (ret == 0)
			ret = copy_each(c, "sys/devices/system/node", "node", copy_node);
	}
	return ret == 0 && c->frames ? capture_frames_end(c) : ret;
}

/* ---- a process ---- */

static const char *path_of(struct copying *w, const char *name)
{
	buf_clear(&w->path);
	buf_printf(&w->path, "proc/%d/%s", (int)w->p.pid, name);
	return buf_string(&w->path) ? w->path.data : "";
}

static int copy_own(struct copying *w, const char *name)
{
	const char *path = path_of(w, name);
	int ret = capture_check(w->c);

	if (ret < 0)
		return ret;
	buf_clear(&w->text);
	ret = process_read(&w->p, name, &w->text);
	if ((ret == -ENOENT || ret == -ESRCH) && strncmp(name, "task/", strlen("task/")) == 0)
		return 0;	/* a thread that has ended */
	return ret == 0 ? tree_put(w->c->tree, path, w->text.data, w->text.len) :
			  capture_note(w->c, path, ret);
}

struct two_files {
	struct capture *c;
	int smaps, maps;	/* smaps: -1 where the text is that of maps */
	struct buf lines;
	uint64_t bytes;
};

/* A line of smaps that maps has too; those of counters begin with a capital letter. */
static bool is_mapping(const char *line)
{
	return (*line >= '0' && *line <= '9') || (*line >= 'a' && *line <= 'f');
}

/* maps is made of smaps, so the two are of one moment. */
static int take_block(void *ctx, const char *block, size_t len)
{
	struct two_files *f = ctx;
	const char *end = block + len, *next;
	int ret = capture_check(f->c);

	f->bytes += len;
	if (ret == 0 && f->smaps < 0)
		return tree_write(f->c->tree, f->maps, block, len);
	if (ret == 0)
		ret = tree_write(f->c->tree, f->smaps, block, len);
	buf_clear(&f->lines);
	for (const char *line = block; ret == 0 && line < end; line = next) {
		next = memchr(line, '\n', (size_t)(end - line));
		next = next ? next + 1 : end;
		if (is_mapping(line))
			buf_add(&f->lines, line, (size_t)(next - line));
	}
	if (ret == 0 && f->lines.error)
		return capture_note(f->c, "maps", f->lines.error);
	return ret < 0 ? ret : tree_write(f->c->tree, f->maps, f->lines.data, f->lines.len);
}

static int close_file(struct copying *w, const char *name, int fd, int ret)
{
	int closed = fd < 0 ? 0 : tree_close(w->c->tree, path_of(w, name), fd);

	return ret < 0 ? ret : closed;
}

static int copy_space(struct copying *w, const char *file)
{
	struct two_files f = { .c = w->c, .smaps = -1, .maps = -1 };
	bool with_counters = strcmp(file, "smaps") == 0;
	int ret, note;

	buf_init(&f.lines);
	f.maps = ret = tree_open(w->c->tree, path_of(w, "maps"));
	if (ret >= 0 && with_counters)
		f.smaps = ret = tree_open(w->c->tree, path_of(w, "smaps"));
	if (ret >= 0)
		ret = process_stream(&w->p, file, take_block, &f);
	buf_done(&f.lines);
	w->empty = f.bytes == 0;
	ret = close_file(w, "maps", f.maps, ret);
	ret = close_file(w, "smaps", f.smaps, ret);
	if (ret == 0 || ret == -ESRCH || w->c->e->code)
		return ret;
	note = tree_forget(w->c->tree, path_of(w, "maps"));
	if (note == 0)
		note = tree_forget(w->c->tree, path_of(w, "smaps"));
	if (note == 0)
		note = capture_note(w->c, path_of(w, file), ret);
	return note == 0 && with_counters ? copy_space(w, "maps") : note;
}

static int copy_link(struct copying *w, const char *name)
{
	const char *path = path_of(w, name);
	int ret;

	buf_clear(&w->text);
	ret = process_readlink(&w->p, name, &w->text);
	if (ret == 0 && buf_string(&w->text))
		return tree_link(w->c->tree, path, w->text.data);
	return capture_note(w->c, path, ret < 0 ? ret : -ENOMEM);
}

static int copy_thread(struct copying *w, pid_t tid)
{
	static const char *const file[] = { "stat", "status", "syscall", "comm" };
	uint64_t address;
	char name[64];
	int ret = 0;

	for (size_t i = 0; ret == 0 && i < sizeof(file) / sizeof(*file); i++) {
		snprintf(name, sizeof(name), "task/%d/%s", (int)tid, file[i]);
		ret = copy_own(w, name);
	}
	if (ret < 0 || threads_robust_list(tid, &address) < 0)
		return ret;
	snprintf(name, sizeof(name), "task/%d/" THREAD_ROBUST_LIST_FILE, (int)tid);
	buf_clear(&w->text);
	buf_printf(&w->text, "%" PRIx64 "\n", address);
	return tree_put(w->c->tree, path_of(w, name), w->text.data, w->text.len);
}

static int copy_threads(struct copying *w)
{
	pid_list tids = { 0 };
	int ret = process_list(&w->p, "task", &tids);

	if (ret < 0)
		ret = capture_note(w->c, path_of(w, "task"), ret);
	for (size_t i = 0; ret == 0 && i < tids.n; i++)
		ret = copy_thread(w, tids.v[i]);
	vec_done(&tids);
	return ret;
}

static bool leaves_tree(const char *path)
{
	size_t n = strlen(path);

	return strstr(path, "/../") || (n >= 3 && strcmp(path + n - 3, "/..") == 0);
}

/* Where the text of maps leaves a name open (see check_name() in snapshot.c), the link has it, and
 * an empty file below root says that it really leads there. */
static int copy_name(struct copying *w, const struct vma *v)
{
	struct buf link;
	char name[64];
	int ret;

	snprintf(name, sizeof(name), "map_files/%" PRIx64 "-%" PRIx64, v->start, v->end);
	ret = copy_link(w, name);
	buf_init(&link);
	buf_puts(&link, "root");
	if (ret < 0 || process_readlink(&w->p, name, &link) < 0 || !buf_string(&link) ||
	    leaves_tree(link.data) || process_same_file(&w->p, link.data, name) != 1) {
		buf_done(&link);
		return ret;
	}
	ret = tree_put(w->c->tree, path_of(w, link.data), "", 0);
	if (ret == -EEXIST) {	/* several mappings of it */
		w->c->e->code = 0;
		ret = 0;
	}
	buf_done(&link);
	return ret;
}

static int copy_names(struct copying *w, const struct space *space)
{
	uint32_t last = 0;
	int ret = 0;

	for (size_t i = 0; ret == 0 && i < space->vma.n; i++) {
		const struct vma *v = &space->vma.v[i];
		const struct file *f = vma_file(space, v);
		struct str text = space_str(space, f->name);

		if (v->file == last)
			continue;
		last = v->file;
		if ((f->deleted && !space_is_kernels_name(vma_path(space, v))) ||
		    memmem(text.p, text.len, "\\012", 4))
			ret = copy_name(w, v);
	}
	return ret;
}

/* Reads what was copied: so it can be read, and its mappings tell what else is to be copied. */
static int copy_what_is_mapped(struct copying *w)
{
	struct root captured = { .fd = w->c->tree->fd };
	struct snapshot_request req = {
		.root = &captured, .machine = w->c->machine, .needs = NEED_SMAPS,
	};
	struct snapshot s;
	struct err e = { 0 };
	int ret = snapshot_read(&req, w->p.pid, &s, &e);

	if (ret == -EBADMSG)	/* it changed while it was written to us */
		ret = AGAIN;
	else if (ret < 0)
		err_set(w->c->e, ret, "%s", e.text);
	if (ret == 0 && s.status.has_uid) {
		uint32_t *uid = NULL;
		size_t i = 0;

		while (i < w->c->uid.n && w->c->uid.v[i] != s.status.uid)
			i++;
		if (i == w->c->uid.n) {
			uid = vec_push(&w->c->uid);
			if (uid)
				*uid = s.status.uid;
			else
				ret = capture_note(w->c, "uid", -ENOMEM);
		}
	}
	if (ret == 0 && s.has_space)
		ret = copy_names(w, &s.space);
	if (ret == 0 && s.has_space && s.space.vma.n && w->c->frames)
		ret = capture_frames(w->c, &w->p, &s.space);
	snapshot_done(&s);
	return ret;
}

/* What is compared with each other is read in a row. */
static int copy_files_of(struct copying *w)
{
	static const char *const late[] = {
		"smaps_rollup", "numa_maps", "status", "statm", "auxv", "limits", "cmdline", "comm",
		"cgroup", "mountinfo", "oom_score", "oom_score_adj",
	};
	bool thread = stat_has(&w->stat, STAT_FLAGS) && (w->stat.v[STAT_FLAGS] & STAT_PF_KTHREAD);
	bool has_space = !thread && w->stat.state != 'Z' && w->stat.state != 'X';
	int ret = tree_put(w->c->tree, path_of(w, "stat"), w->stat_text.data, w->stat_text.len);

	if (ret == 0 && has_space)
		ret = copy_space(w, "smaps");
	for (size_t i = 0; ret == 0 && i < sizeof(late) / sizeof(*late); i++)
		if (has_space || i >= 2)
			ret = copy_own(w, late[i]);
	if (ret == 0)
		ret = copy_threads(w);
	if (ret == 0 && !thread)
		ret = copy_link(w, "exe");
	return ret == 0 ? copy_what_is_mapped(w) : ret;
}

/* On its way out a process has no mappings any more, and is no zombie yet. */
static bool is_ending(const struct stat_pid *stat)
{
	return stat->state == 'Z' || stat->state == 'X' ||
	       (stat_has(stat, STAT_FLAGS) && (stat->v[STAT_FLAGS] & STAT_PF_EXITING));
}

/* Copies all files, and then looks whether they were all of one living program. */
static int copy_once(struct copying *w)
{
	struct stat_pid after;
	struct buf text;
	int ret = stat_read(&w->p, &w->stat_text, &w->stat);

	if (ret == 0)
		ret = copy_files_of(w);
	if (ret < 0 && ret != -ESRCH)
		return ret;
	if (ret == -ESRCH && w->c->e->code)
		w->c->e->code = 0;
	buf_init(&text);
	if (stat_read(&w->p, &text, &after) < 0 ||
	    (is_ending(&after) && w->stat.state != 'Z' && w->stat.state != 'X'))
		ret = -ESRCH;
	else if (ret != 0 || (w->empty && !w->last_try) || !stat_same_program(&w->stat, &after) || !process_has_space(&w->p))
		ret = AGAIN;
	else	/* read before the last look, so it is of this program */
		ret = tree_forget(w->c->tree, path_of(w, "stat"));
	if (ret == 0)
		ret = tree_put(w->c->tree, path_of(w, "stat"), text.data, text.len);
	buf_done(&text);
	return ret;
}

int capture_process(struct capture *c, pid_t pid)
{
	struct copying w = { .c = c };
	int ret = root_open_process(c->root, pid, &w.p), forgotten;
	char directory[32];

	if (ret == -ENOENT || ret == -ENOTDIR)
		return err_set(c->e, -ESRCH, "%d: no such process", (int)pid);
	if (ret < 0)
		return err_set(c->e, ret, "%d: %s", (int)pid, strerror(-ret));
	snprintf(directory, sizeof(directory), "proc/%d", (int)pid);
	buf_init(&w.path);
	buf_init(&w.text);
	buf_init(&w.stat_text);
	for (int i = 0; i < TRIES; i++) {
		w.empty = false;
		w.last_try = i == TRIES - 1;
		ret = copy_once(&w);
		if (ret != AGAIN && ret != -ESRCH)
			break;
		forgotten = tree_forget(c->tree, directory);
		if (forgotten < 0 || ret == -ESRCH) {
			ret = forgotten < 0 ? forgotten : ret;
			break;
		}
	}
	buf_done(&w.path);
	buf_done(&w.text);
	buf_done(&w.stat_text);
	process_close(&w.p);
	if (ret == AGAIN)
		return err_set(c->e, -EAGAIN, "%d: changes faster than it can be captured",
			       (int)pid);
	if (ret == -ESRCH)
		return err_set(c->e, ret, "%d: exited while being captured", (int)pid);
	if (ret < 0 && !c->e->code)
		err_set(c->e, ret, "%d: %s", (int)pid, strerror(-ret));
	return ret;
}

int capture_begin(struct capture *c)
{
	for (unsigned int i = 0; i < KPAGE_FILES; i++) {
		c->words[i] = (struct word_writer){ .fd = -1 };
		c->kpage.fd[i] = -ENOENT;
	}
	return c->frames ? capture_frames_begin(c) : 0;
}

void capture_done(struct capture *c)
{
	for (unsigned int i = 0; i < KPAGE_FILES; i++) {
		if (c->words[i].fd >= 0)
			close(c->words[i].fd);
		vec_done(&c->words[i].word);
	}
	kpage_close(&c->kpage);
	vec_done(&c->uid);
	vec_done(&c->cgroup);
}
