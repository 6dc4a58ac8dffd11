/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Working set: what a process touches in an interval. */
#include "config.h"

#include "model/wss.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/clock.h"
#include "proc/kpage.h"
#include "proc/pagemap.h"

static const char bitmap_path[] = "sys/kernel/mm/page_idle/bitmap";

static struct pagemap_range *make_ranges(const struct space *space)
{
	struct pagemap_range *range = calloc(space->vma.n + 1, sizeof(*range));

	for (size_t i = 0; range && i < space->vma.n; i++)
		range[i] = (struct pagemap_range){
			.start = space->vma.v[i].start, .end = space->vma.v[i].end,
			.skip = !vma_is_user(&space->vma.v[i]),
		};
	return range;
}

/* ---- idle pages ---- */

struct marking {
	struct wss *w;
	struct kpage kpage;
	uint64_t page_size;
	uint64_t *flags;		/* of a run */
	size_t room;
};

/* The frame that has the mark: of a large folio only the first one is tracked. */
static int find_head(const struct marking *m, uint64_t pfn, uint64_t flags, uint64_t *head)
{
	uint64_t frames;

	*head = pfn;
	if (!(flags & KPAGE_BIT(COMPOUND_TAIL)))
		return 0;
	return kpage_folio(&m->kpage, pfn, head, &frames);
}

static int take_run(struct marking *m, const struct page_run *run)
{
	struct kpage_want want = { pagemap_pfn(run->entry), (uint32_t)run->pages, 0 };
	uint64_t head = 0;
	int ret;

	if (run->pages > m->room) {
		free(m->flags);
		m->flags = malloc(run->pages * sizeof(*m->flags));
		m->room = m->flags ? run->pages : 0;
		if (!m->flags)
			return -ENOMEM;
	}
	ret = kpage_read(&m->kpage, KPAGE_FLAGS, &want, 1, m->flags, 1);
	for (uint64_t i = 0; ret == 0 && i < run->pages; i++) {
		struct wss_page *to;

		/* behind a page of the same folio, so is its first frame */
		if (!(m->flags[i] & KPAGE_BIT(COMPOUND_TAIL)) || i == 0)
			ret = find_head(m, want.pfn + i, m->flags[i], &head);
		to = ret == 0 ? vec_push(&m->w->page) : NULL;
		if (ret == 0 && !to)
			ret = -ENOMEM;
		if (to)
			*to = (struct wss_page){ run->start + i * m->page_size, head };
	}
	return ret;
}

static int take_runs(void *ctx, const struct page_run *run, size_t n)
{
	struct marking *m = ctx;
	int ret = 0;

	for (size_t i = 0; ret == 0 && i < n; i++) {
		if (!(run[i].entry & PAGEMAP_PRESENT))
			continue;
		ret = pagemap_pfn(run[i].entry) ? take_run(m, &run[i]) : -EPERM;
	}
	return ret;
}

/* Calls fn for each page with the word of the bitmap that has its bit: read once where neighbours
 * have the same. With set, the word gets the bits of all of these, and is written. */
static int each_word(int fd, struct wss *w, bool set, uint64_t *words)
{
	const uint64_t bits = 64;

	for (size_t i = 0; i < w->page.n;) {
		uint64_t at = w->page.v[i].pfn / bits, word = 0;
		size_t first = i;

		for (; i < w->page.n && w->page.v[i].pfn / bits == at; i++)
			word |= UINT64_C(1) << w->page.v[i].pfn % bits;
		if (set && pwrite(fd, &word, sizeof(word), (off_t)(at * sizeof(word))) != sizeof(word))
			return errno ? -errno : -EIO;
		if (!set && pread(fd, &word, sizeof(word), (off_t)(at * sizeof(word))) != sizeof(word))
			return -EIO;
		for (size_t k = first; words && k < i; k++)
			words[k] = word >> w->page.v[k].pfn % bits & 1;
	}
	return 0;
}

/* Frames that cannot be marked (not on the kernel's lists) are left out: their bits stay 0. */
static int mark(int fd, struct wss *w)
{
	uint64_t *still = malloc((w->page.n + 1) * sizeof(*still));
	size_t n = 0;
	int ret = still ? each_word(fd, w, true, NULL) : -ENOMEM;

	if (ret == 0)
		ret = each_word(fd, w, false, still);
	for (size_t i = 0; ret == 0 && i < w->page.n; i++)
		if (still[i])
			w->page.v[n++] = w->page.v[i];
	if (ret == 0)
		w->page.n = n;
	free(still);
	return ret;
}

int wss_mark_idle(const struct wss_request *req, struct process *p, const struct space *space,
		  struct wss *w)
{
	struct marking m = { .w = w, .page_size = req->machine->page_size };
	struct pagemap_range *range = make_ranges(space);
	int fd = openat(req->root->fd, bitmap_path, O_RDWR | O_CLOEXEC);
	int ret = fd < 0 ? -errno : range ? 0 : -ENOMEM;
	struct pagemap pm;
	double start = clock_seconds();

	kpage_open(req->root, &m.kpage);
	if (ret == 0 && !kpage_has(&m.kpage, KPAGE_FLAGS))
		ret = m.kpage.fd[KPAGE_FLAGS];
	if (ret == 0)
		ret = pagemap_open(p, m.page_size, false, &pm);
	if (ret == 0) {
		ret = pagemap_walk(&pm, range, space->vma.n, take_runs, &m);
		pagemap_close(&pm);
	}
	if (ret == 0)
		ret = mark(fd, w);
	w->marking_seconds = clock_seconds() - start;
	free(range);
	free(m.flags);
	kpage_close(&m.kpage);
	if (fd >= 0)
		close(fd);
	return ret;
}

int wss_count_idle(const struct wss_request *req, const struct space *space, struct wss *w)
{
	uint64_t *still = malloc((w->page.n + 1) * sizeof(*still));
	int fd = openat(req->root->fd, bitmap_path, O_RDONLY | O_CLOEXEC);
	int ret = fd < 0 ? -errno : still ? each_word(fd, w, false, still) : -ENOMEM;

	for (size_t i = 0; ret == 0 && i < w->page.n; i++) {
		size_t at = space_above(space, w->page.v[i].address);

		if (!still[i] && at < space->vma.n && space->vma.v[at].start <= w->page.v[i].address)
			w->row.v[at].referenced += req->machine->page_size;
	}
	free(still);
	if (fd >= 0)
		close(fd);
	return ret;
}

/* ---- clear_refs ---- */

/* A mapping that is new is soft-dirty as a whole, on kernels that have that. */
static bool has_soft_dirty(const struct root *root, uint64_t page_size)
{
	size_t size = (size_t)page_size;
	void *page = mmap(NULL, size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct process self = { .fd = root->fd, .live = true };
	struct pagemap pm = { .page_size = page_size, .process = &self };
	uint64_t entry = 0;

	if (page == MAP_FAILED)
		return false;
	pm.fd = root_open_file(root, "proc/self/pagemap");
	if (pm.fd >= 0 && pagemap_entry(&pm, (uintptr_t)page, &entry) != 1)
		entry = 0;
	pagemap_close(&pm);
	munmap(page, size);
	return entry & PAGEMAP_SOFT_DIRTY;
}

static int clear_refs(const struct process *p, const char *what)
{
	int fd = openat(p->fd, "clear_refs", O_WRONLY | O_CLOEXEC), ret = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, what, 1) != 1)
		ret = errno ? -errno : -EIO;
	close(fd);
	return ret;
}

static int count_written(void *ctx, const struct page_run *run, size_t n)
{
	struct marking *m = ctx;

	for (size_t i = 0; i < n; i++)
		if ((run[i].entry & PAGEMAP_SOFT_DIRTY) &&
		    (run[i].entry & (PAGEMAP_PRESENT | PAGEMAP_SWAPPED)))
			m->w->row.v[run[i].range].written += run[i].pages * m->page_size;
	return 0;
}

static int read_written(const struct wss_request *req, const struct snapshot *s, struct wss *w)
{
	struct marking m = { .w = w, .page_size = req->machine->page_size };
	struct pagemap_range *range = make_ranges(&s->space);
	struct process p = { .fd = -1, .space_fd = -1 };
	struct pagemap pm;
	int ret = range ? root_open_process(req->root, s->pid, &p) : -ENOMEM;

	if (ret == 0)
		ret = pagemap_open(&p, m.page_size, false, &pm);
	if (ret == 0) {
		ret = pagemap_walk(&pm, range, s->space.vma.n, count_written, &m);
		pagemap_close(&pm);
	}
	process_close(&p);
	free(range);
	return ret;
}

/* ---- both ---- */

static int begin_idle(const struct wss_request *req, struct process *p, struct wss *w, struct err *e)
{
	struct snapshot_request want = { .root = req->root, .machine = req->machine,
					 .needs = NEED_MAPS };
	struct snapshot s;
	int ret;

	if (faccessat(req->root->fd, bitmap_path, R_OK | W_OK, AT_EACCESS) < 0)
		return -errno;
	ret = snapshot_read(&want, req->pid, &s, e);
	if (ret == 0)
		ret = wss_mark_idle(req, p, &s.space, w);
	snapshot_done(&s);
	return ret;
}

static int begin_clear(const struct wss_request *req, const struct process *p, struct wss *w)
{
	double start = clock_seconds();
	int ret = clear_refs(p, "1");

	if (ret == 0 && has_soft_dirty(req->root, req->machine->page_size)) {
		ret = clear_refs(p, "4");
		w->has_written = ret == 0;
	}
	w->marking_seconds = clock_seconds() - start;
	w->method = WSS_CLEAR_REFS;
	return ret;
}

int wss_begin(const struct wss_request *req, struct wss *out, struct err *e)
{
	struct process p;
	int ret;

	*out = (struct wss){ 0 };
	ret = root_open_process(req->root, req->pid, &p);
	if (ret < 0)
		return err_set(e, ret == -ENOENT ? -ESRCH : ret, "%d: %s", (int)req->pid,
			       ret == -ENOENT ? "no such process" : strerror(-ret));
	ret = begin_idle(req, &p, out, e);
	if (ret == 0)
		out->method = WSS_IDLE;
	else if (ret == -ENOENT || ret == -EACCES || ret == -EPERM)
		ret = req->clear_refs ? begin_clear(req, &p, out) : 0;
	if (out->method == WSS_NONE)
		out->can_clear = faccessat(p.fd, "clear_refs", W_OK, AT_EACCESS) == 0;
	process_close(&p);
	if (ret < 0 && !e->code)
		err_set(e, ret, "%d: clear_refs: %s", (int)req->pid, strerror(-ret));
	return ret;
}

int wss_end(const struct wss_request *req, const struct snapshot *s, struct wss *w, struct err *e)
{
	int ret = vec_reserve(&w->row, s->space.vma.n + 1) < 0 ? -ENOMEM : 0;

	if (ret == 0) {
		memset(w->row.v, 0, (s->space.vma.n + 1) * sizeof(*w->row.v));
		w->row.n = s->space.vma.n;
	}
	if (ret == 0 && w->method == WSS_IDLE)
		ret = wss_count_idle(req, &s->space, w);
	for (size_t i = 0; ret == 0 && w->method == WSS_CLEAR_REFS && i < s->space.counters.n; i++)
		counters_get(&s->space.counters.v[i], SMAPS_REFERENCED, &w->row.v[i].referenced);
	if (ret == 0 && w->has_written)
		ret = read_written(req, s, w);
	for (size_t i = 0; ret == 0 && i < w->row.n; i++) {
		w->total.referenced += w->row.v[i].referenced;
		w->total.written += w->row.v[i].written;
	}
	return ret < 0 ? err_set(e, ret, "%d: working set: %s", (int)s->pid, strerror(-ret)) : 0;
}

void wss_done(struct wss *w)
{
	vec_done(&w->page);
	vec_done(&w->row);
	*w = (struct wss){ 0 };
}
