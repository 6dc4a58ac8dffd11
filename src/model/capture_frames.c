/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copies page-table entries, page frames and mapped files of a process: only what is populated. */
#include "config.h"

#include "model/capture.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "model/classify.h"
#include "model/mapped_file.h"
#include "model/translate.h"
#include "proc/cgroup.h"
#include "proc/elf_symbol.h"
#include "proc/page_labels.h"
#include "proc/pagemap.h"

enum {
	WORD = sizeof(uint64_t),
	WORDS = 4096,		/* read at once */
	WAITING = 65536,	/* written at once */
	/* words: a smaller hole is written too, which saves a write; but not where it may hold what
	 * was written before */
	GAP = 64,
	CHUNK = 64 * 1024,	/* bytes of a mapped file */
};

#define COMPOUND (KPAGE_BIT(COMPOUND_HEAD) | KPAGE_BIT(COMPOUND_TAIL))

/* ---- sparse files of words ---- */

static int flush(struct capture *c, struct word_writer *w)
{
	int ret = w->word.n ? tree_write_at(c->tree, w->fd, w->word.v, w->word.n * WORD,
					    w->at * WORD) : 0;

	w->word.n = 0;
	return ret;
}

/* Makes room for n words from a place on: those that wait are written where these do not follow. */
static uint64_t *add_words(struct capture *c, struct word_writer *w, uint64_t at, size_t n,
			   int *ret)
{
	uint64_t end = w->at + w->word.n;
	size_t gap = 0;

	if (w->word.n && at >= end && at - end <= (w->ascending ? GAP : 0) &&
	    w->word.n + n <= WAITING)
		gap = (size_t)(at - end);
	else if ((*ret = flush(c, w)) < 0)
		return NULL;
	if (!w->word.n)
		w->at = at;
	if (vec_reserve(&w->word, w->word.n + gap + n) < 0) {
		*ret = capture_note(c, "", -ENOMEM);
		return NULL;
	}
	memset(w->word.v + w->word.n, 0, gap * WORD);
	w->word.n += gap + n;
	return w->word.v + w->word.n - n;
}

static int put_words(struct capture *c, struct word_writer *w, uint64_t at, const uint64_t *word,
		     size_t n)
{
	int ret = 0;
	uint64_t *to = add_words(c, w, at, n, &ret);

	if (to)
		memcpy(to, word, n * WORD);
	return ret;
}

/* ---- frames ---- */

static int note_cgroups(struct capture *c, const uint64_t *word, size_t n)
{
	size_t at = 0;

	for (size_t i = 0; i < n; i++) {
		uint64_t *to;

		if (!word[i] || (at < c->cgroup.n && c->cgroup.v[at] == word[i]))
			continue;
		for (at = 0; at < c->cgroup.n && c->cgroup.v[at] != word[i]; at++)
			;
		if (at < c->cgroup.n)
			continue;
		to = vec_push(&c->cgroup);
		if (!to)
			return capture_note(c, "", -ENOMEM);
		*to = word[i];
	}
	return 0;
}

/* Words of frames in a row; the first and the last one. */
static int copy_words(struct capture *c, enum kpage_file f, uint64_t pfn, uint64_t n,
		      uint64_t *first, uint64_t *last)
{
	struct kpage_want want = { .n = 0 };
	uint64_t word[WORDS];
	int ret = 0;

	for (uint64_t done = 0; ret == 0 && done < n; done += want.n) {
		want.pfn = pfn + done;
		want.n = n - done < WORDS ? (uint32_t)(n - done) : WORDS;
		ret = kpage_read(&c->kpage, f, &want, 1, word, 1);
		if (ret < 0)
			return err_set(c->e, ret, "%s: %s", kpage_file_path[f], strerror(-ret));
		if (done == 0)
			*first = word[0];
		*last = word[want.n - 1];
		ret = put_words(c, &c->words[f], want.pfn, word, want.n);
		if (ret == 0 && f == KPAGE_CGROUP)
			ret = note_cgroups(c, word, want.n);
	}
	return ret;
}

/* The flags of a whole folio of which a part is mapped, and whose it is. */
static int copy_folio(struct capture *c, uint64_t pfn)
{
	uint64_t head, frames, word, last;
	int ret;

	if (pfn >= c->folio_start && pfn < c->folio_end)
		return 0;
	ret = kpage_folio(&c->kpage, pfn, &head, &frames);
	if (ret < 0)
		return err_set(c->e, ret, "%s: %s", kpage_file_path[KPAGE_FLAGS], strerror(-ret));
	ret = copy_words(c, KPAGE_FLAGS, head, frames, &word, &last);
	if (ret == 0 && kpage_has(&c->kpage, KPAGE_CGROUP) && head != pfn)
		ret = copy_words(c, KPAGE_CGROUP, head, 1, &word, &last);
	c->folio_start = head;
	c->folio_end = head + frames;
	return ret;
}

static int copy_frames(struct capture *c, uint64_t pfn, uint64_t n)
{
	uint64_t first = 0, last = 0, none;
	int ret = 0;

	for (unsigned int f = KPAGE_COUNT; ret == 0 && f < KPAGE_FILES; f++)
		if (kpage_has(&c->kpage, (enum kpage_file)f))
			ret = copy_words(c, (enum kpage_file)f, pfn, n, &none, &none);
	if (ret < 0 || !kpage_has(&c->kpage, KPAGE_FLAGS))
		return ret;
	ret = copy_words(c, KPAGE_FLAGS, pfn, n, &first, &last);
	if (ret == 0 && (first & KPAGE_BIT(COMPOUND_TAIL)))
		ret = copy_folio(c, pfn);
	if (ret == 0 && (last & COMPOUND))
		ret = copy_folio(c, pfn + n - 1);
	return ret;
}

/* ---- entries ---- */

struct entries {
	struct capture *c;
	const struct pagemap_range *range;
	uint64_t page_size;
	struct word_writer pagemap;
	page_label_list labels;
};

static int put_entries(struct entries *x, const struct page_run *run)
{
	uint64_t step = pagemap_step(run->entry), entry = run->entry;
	uint64_t at = run->start / x->page_size;
	int ret = 0;

	for (uint64_t done = 0; ret == 0 && done < run->pages;) {
		size_t n = run->pages - done < WORDS ? (size_t)(run->pages - done) : WORDS;
		uint64_t *to = add_words(x->c, &x->pagemap, at + done, n, &ret);

		for (size_t i = 0; to && i < n; i++, entry += step)
			to[i] = entry;
		done += n;
	}
	return ret;
}

static int take_runs(void *ctx, const struct page_run *run, size_t n)
{
	struct entries *x = ctx;
	int ret = capture_check(x->c);

	for (size_t i = 0; ret == 0 && i < n; i++) {
		struct page_label label = {
			run[i].start, run[i].start + run[i].pages * x->page_size,
			run[i].huge && !x->range[run[i].range].huge_size, run[i].zero,
		};

		ret = put_entries(x, &run[i]);
		if (ret == 0 && (label.huge || label.zero) &&
		    page_labels_add(&x->labels, &label) < 0)
			ret = capture_note(x->c, "", -ENOMEM);
		if (ret == 0 && (run[i].entry & PAGEMAP_PRESENT) && pagemap_pfn(run[i].entry))
			ret = copy_frames(x->c, pagemap_pfn(run[i].entry), run[i].pages);
	}
	return ret;
}

/* An entry for each page up to the last one that is mapped, though most are holes. */
static int set_size(struct entries *x, const struct space *space)
{
	uint64_t end = 0;

	for (size_t i = 0; i < space->vma.n; i++)
		if (vma_is_user(&space->vma.v[i]))
			end = space->vma.v[i].end;
	return tree_set_size(x->c->tree, x->pagemap.fd, end / x->page_size * WORD);
}

static int walk(struct entries *x, struct pagemap *pm, const struct space *space)
{
	struct pagemap_range *range = calloc(space->vma.n + 1, sizeof(*range));
	int ret = 0;

	if (!range)
		return capture_note(x->c, "", -ENOMEM);
	for (size_t i = 0; i < space->vma.n; i++)
		range[i] = (struct pagemap_range){
			.start = space->vma.v[i].start, .end = space->vma.v[i].end,
			.huge_size = translate_hugetlb_size(space, (uint32_t)i, x->page_size),
			.scan = true, .skip = !vma_is_user(&space->vma.v[i]),
		};
	x->range = range;
	ret = pagemap_walk(pm, range, space->vma.n, take_runs, x);
	if (ret == 0)
		ret = flush(x->c, &x->pagemap);
	if (ret == 0)
		ret = set_size(x, space);
	free(range);
	return ret;
}

static int put_labels(struct entries *x, const char *path)
{
	struct buf text;
	int ret;

	buf_init(&text);
	page_labels_put(&text, &x->labels);
	ret = text.error ? capture_note(x->c, path, text.error) :
			   tree_put(x->c->tree, path, text.data, text.len);
	buf_done(&text);
	return ret;
}

static int copy_entries(struct capture *c, struct process *p, const struct space *space)
{
	struct entries x = { .c = c, .page_size = c->machine->page_size,
			     .pagemap = { .ascending = true } };
	char path[64], labels[64];
	struct pagemap pm;
	int ret, closed;

	snprintf(path, sizeof(path), "proc/%d/pagemap", (int)p->pid);
	snprintf(labels, sizeof(labels), "proc/%d/" PAGE_LABELS_FILE, (int)p->pid);
	ret = pagemap_open(p, x.page_size, false, &pm);
	if (ret < 0)
		return ret == -ESRCH ? ret : capture_note(c, path, ret);
	x.pagemap.fd = ret = tree_open(c->tree, path);
	if (ret >= 0) {
		ret = walk(&x, &pm, space);
		closed = tree_close(c->tree, path, x.pagemap.fd);
		ret = ret == 0 ? closed : ret;
	}
	if (ret == 0 && pm.has_scan)
		ret = put_labels(&x, labels);
	pagemap_close(&pm);
	vec_done(&x.pagemap.word);
	vec_done(&x.labels);
	return ret;
}

/* ---- mapped files ---- */

struct parts {
	struct capture *c;
	int from, to;
};

static int copy_part(void *ctx, uint64_t at, uint64_t size)
{
	struct parts *f = ctx;
	char *chunk = malloc(CHUNK);
	int ret = chunk ? capture_check(f->c) : capture_note(f->c, "", -ENOMEM);

	while (ret == 0 && size) {
		ssize_t n = mapped_file_pread(&f->from, at, chunk, size < CHUNK ? size : CHUNK);

		if (n <= 0)	/* damaged: then nothing there is ever asked for */
			break;
		ret = tree_write_at(f->c->tree, f->to, chunk, (size_t)n, at);
		at += (uint64_t)n;
		size -= (uint64_t)n;
	}
	free(chunk);
	return ret;
}

/* Of a file that is not to be had at its place in the tree, for its name or its size. */
static int give_up(struct capture *c, const char *path, int code)
{
	if (code != -ENAMETOOLONG && code != -EFBIG && code != -ENOTDIR && code != -EEXIST &&
	    code != -EISDIR)
		return code;
	c->e->code = 0;
	return code == -EEXIST ? 0 : capture_note(c, path, code);
}

/* As large as the file, and what symbols are found in; all else is a hole. */
static int copy_mapped_file(struct capture *c, int from, bool elf, uint64_t size, const char *path)
{
	struct parts f = { .c = c, .from = from, .to = tree_open(c->tree, path) };
	int ret = f.to, closed;

	if (ret < 0)
		return give_up(c, path, ret);
	ret = give_up(c, path, tree_set_size(c->tree, f.to, size));
	if (ret == 0 && elf && from >= 0)
		ret = elf_symbol_parts(mapped_file_pread, &f.from, copy_part, &f);
	if (ret < 0 && !c->e->code)	/* it could not be read, or is no such file */
		ret = 0;
	closed = tree_close(c->tree, path, f.to);
	return ret == 0 ? closed : ret;
}

static bool is_copied(struct str path)
{
	return path.len > 1 && path.p[0] == '/' && !memmem(path.p, path.len, "/../", 4) &&
	       !str_has_suffix(path, "/..") && strnlen(path.p, path.len) == path.len;
}

static int copy_mapped_files(struct capture *c, const struct process *p, const struct space *space)
{
	unsigned char *seen = calloc(space->strings.str.n, 1);
	struct buf path;
	int ret = seen ? 0 : capture_note(c, "", -ENOMEM);

	buf_init(&path);
	for (size_t i = 0; ret == 0 && i < space->vma.n; i++) {
		const struct vma *v = &space->vma.v[i];
		const struct file *f = vma_file(space, v);
		struct maybe size = { 0 };
		int fd;

		if (!f->inode || f->deleted || seen[f->path] || !is_copied(vma_path(space, v)))
			continue;
		seen[f->path] = 1;
		fd = mapped_file_open(p, space, v, &size);
		buf_clear(&path);
		buf_printf(&path, "proc/%d/root", (int)p->pid);
		buf_add(&path, vma_path(space, v).p, vma_path(space, v).len);
		if (!buf_string(&path))
			ret = capture_note(c, "", -ENOMEM);
		else if (size.known)	/* a regular file */
			ret = copy_mapped_file(c, fd, kind_is_elf((enum kind)v->kind), size.v,
					       path.data);
		if (fd >= 0)
			close(fd);
	}
	buf_done(&path);
	free(seen);
	return ret;
}

/* ---- together ---- */

int capture_frames(struct capture *c, struct process *p, const struct space *space)
{
	int ret = copy_entries(c, p, space);

	return ret == 0 ? copy_mapped_files(c, p, space) : ret;
}

int capture_frames_begin(struct capture *c)
{
	static const char note[] = "Only the frames of the captured processes are in kpageflags, "
				   "kpagecount and kpagecgroup.\n";
	bool any = false;
	int ret = 0;

	kpage_open(c->root, &c->kpage);
	for (unsigned int f = 0; ret >= 0 && f < KPAGE_FILES; f++) {
		if (!kpage_has(&c->kpage, (enum kpage_file)f)) {
			ret = capture_note(c, kpage_file_path[f], c->kpage.fd[f]);
			continue;
		}
		c->words[f].fd = ret = tree_open(c->tree, kpage_file_path[f]);
		any = true;
	}
	if (ret < 0)
		return ret;
	return any ? tree_put(c->tree, KPAGE_PARTIAL_FILE, note, sizeof(note) - 1) : 0;
}

/* What this kernel tells of a page that was written and never merged, for frames.c to compare. */
static int copy_own_page(struct capture *c)
{
	size_t size = (size_t)c->machine->page_size;
	char *page = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	uint64_t at = (uintptr_t)page / size, entry = 0;
	int fd, ret = 0;

	if (page == MAP_FAILED)
		return capture_note(c, "proc/self/pagemap", -ENOMEM);
	page[0] = 1;
	fd = root_open_file(c->root, "proc/self/pagemap");
	if (fd >= 0 && pread(fd, &entry, sizeof(entry), (off_t)(at * WORD)) == WORD &&
	    pagemap_pfn(entry) && (entry & PAGEMAP_PRESENT)) {
		int to = ret = tree_open(c->tree, "proc/self/pagemap");

		if (to >= 0) {
			ret = tree_write_at(c->tree, to, &entry, sizeof(entry), at * WORD);
			if (ret == 0)
				ret = copy_frames(c, pagemap_pfn(entry), 1);
			ret = ret < 0 ? ret : tree_close(c->tree, "proc/self/pagemap", to);
		}
	}
	if (fd >= 0)
		close(fd);
	munmap(page, size);
	return ret;
}

/* The paths of the memory cgroups that the frames are charged to. */
static int put_cgroups(struct capture *c)
{
	struct cgroup_mount mount = { 0 };
	struct buf text;
	int ret = cgroup_mount_find(c->root, &mount);

	buf_init(&text);
	for (size_t i = 0; ret == 0 && i < c->cgroup.n; i++) {
		size_t before = text.len;

		buf_printf(&text, "%" PRIu64 " ", c->cgroup.v[i]);
		if (root_find_inode(c->root, mount.path.data, c->cgroup.v[i], &text) < 0) {
			text.len = before;
			continue;	/* gone, but for its pages */
		}
		if (text.data[text.len - 1] == ' ')
			buf_putc(&text, '/');
		buf_putc(&text, '\n');
	}
	cgroup_mount_done(&mount);
	if (text.error || ret < 0)
		ret = capture_note(c, CGROUP_INODES_FILE, text.error ? text.error : ret);
	else
		ret = tree_put(c->tree, CGROUP_INODES_FILE, text.data, text.len);
	buf_done(&text);
	return ret;
}

int capture_frames_end(struct capture *c)
{
	int ret = copy_own_page(c);

	if (ret == 0 && c->cgroup.n)
		ret = put_cgroups(c);
	for (unsigned int f = 0; ret == 0 && f < KPAGE_FILES; f++) {
		if (c->words[f].fd < 0)
			continue;
		ret = flush(c, &c->words[f]);
		if (ret == 0)
			ret = tree_close(c->tree, kpage_file_path[f], c->words[f].fd);
		c->words[f].fd = -1;
	}
	return ret;
}
