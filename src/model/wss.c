/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Working set: what a process touches in an interval. */
#include "config.h"

#include "model/wss.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "model/page_walk.h"
#include "proc/kpage.h"
#include "proc/page_idle.h"

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
		uint64_t *to, *frame;

		/* behind a page of the same folio, so is its first frame */
		if (!(m->flags[i] & KPAGE_BIT(COMPOUND_TAIL)) || i == 0)
			ret = find_head(m, want.pfn + i, m->flags[i], &head);
		if (ret < 0)
			break;
		to = vec_push(&m->w->page);
		frame = vec_push(&m->w->pfn);
		if (!to || !frame)
			return -ENOMEM;
		*to = run->start + i * m->page_size;
		*frame = head;
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

/* Frames that cannot be marked (not on the kernel's lists) are left out. */
static int mark(int fd, struct wss *w)
{
	bool *idle = malloc((w->page.n + 1) * sizeof(*idle));
	size_t n = 0;
	int ret = idle ? page_idle_mark(fd, w->pfn.v, w->pfn.n) : -ENOMEM;

	if (ret == 0)
		ret = page_idle_read(fd, w->pfn.v, w->pfn.n, idle);
	for (size_t i = 0; ret == 0 && i < w->page.n; i++) {
		if (!idle[i])
			continue;
		w->pfn.v[n] = w->pfn.v[i];
		w->page.v[n++] = w->page.v[i];
	}
	if (ret == 0)
		w->page.n = w->pfn.n = n;
	free(idle);
	return ret;
}

int wss_mark_idle(const struct wss_request *req, struct process *p, const struct space *space,
		  struct wss *w)
{
	struct marking m = { .w = w, .page_size = req->machine->page_size };
	int fd = page_idle_open(req->root), ret = fd < 0 ? fd : 0;
	double start = clock_seconds();

	kpage_open(req->root, &m.kpage);
	if (ret == 0 && !kpage_has(&m.kpage, KPAGE_FLAGS))
		ret = m.kpage.fd[KPAGE_FLAGS];
	if (ret == 0)
		ret = page_walk(p, space, m.page_size, false, take_runs, &m);
	if (ret == 0)
		ret = mark(fd, w);
	w->marking_seconds = clock_seconds() - start;
	free(m.flags);
	kpage_close(&m.kpage);
	if (fd >= 0)
		close(fd);
	return ret;
}

int wss_count_idle(const struct wss_request *req, const struct space *space, struct wss *w)
{
	bool *idle = malloc((w->page.n + 1) * sizeof(*idle));
	int fd = page_idle_open(req->root);
	int ret = fd < 0 ? fd : idle ? page_idle_read(fd, w->pfn.v, w->pfn.n, idle) : -ENOMEM;

	for (size_t i = 0; ret == 0 && i < w->page.n; i++) {
		size_t at = space_above(space, w->page.v[i]);

		if (!idle[i] && at < space->vma.n && space->vma.v[at].start <= w->page.v[i])
			w->row.v[at].referenced += req->machine->page_size;
	}
	free(idle);
	if (fd >= 0)
		close(fd);
	return ret;
}

/* ---- clear_refs ---- */

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
	struct process p;
	int ret = root_open_process(req->root, s->pid, &p);

	if (ret < 0)
		return ret;
	ret = page_walk(&p, &s->space, m.page_size, false, count_written, &m);
	process_close(&p);
	return ret;
}

/* ---- both ---- */

static int begin_idle(const struct wss_request *req, struct process *p, struct wss *w, struct err *e)
{
	struct snapshot_request want = { .root = req->root, .machine = req->machine,
					 .needs = NEED_MAPS };
	struct snapshot s;
	int fd = page_idle_open(req->root), ret;

	if (fd < 0)
		return fd;
	close(fd);
	ret = snapshot_read(&want, req->pid, &s, e);
	if (ret == 0)
		ret = wss_mark_idle(req, p, &s.space, w);
	snapshot_done(&s);
	return ret;
}

static int begin_clear(const struct wss_request *req, const struct process *p, struct wss *w)
{
	double start = clock_seconds();
	int ret = process_write(p, "clear_refs", "1");

	/* a mapping that is new is soft-dirty as a whole, on kernels that have that */
	if (ret == 0 && (pagemap_of_new_page(req->root, req->machine->page_size, false) &
			 PAGEMAP_SOFT_DIRTY)) {
		ret = process_write(p, "clear_refs", "4");
		w->has_written = ret == 0;
	}
	w->marking_seconds = clock_seconds() - start;
	if (ret == 0)
		w->method = WSS_CLEAR_REFS;
	return ret;
}

int wss_begin(const struct wss_request *req, struct wss *out, struct err *e)
{
	struct process p;
	struct buf text;
	int ret;

	*out = (struct wss){ 0 };
	ret = root_open_process(req->root, req->pid, &p);
	if (ret < 0)
		return err_set(e, ret == -ENOENT ? -ESRCH : ret, "%d: %s", (int)req->pid,
			       ret == -ENOENT ? "no such process" : strerror(-ret));
	buf_init(&text);
	ret = stat_read(&p, &text, &out->stat);
	out->stat.comm = STR("");
	buf_done(&text);
	if (ret == 0)
		ret = begin_idle(req, &p, out, e);
	if (ret == 0)
		out->method = WSS_IDLE;
	else if (ret == -ENOENT || ret == -EACCES || ret == -EPERM)
		ret = req->clear_refs ? begin_clear(req, &p, out) : 0;
	if (ret == -EACCES || ret == -EPERM)	/* what needs no privilege is reported still */
		ret = 0;
	else if (ret == 0 && out->method == WSS_NONE)
		out->can_clear = process_may_write(&p, "clear_refs") == 0;
	process_close(&p);
	if (ret < 0 && !e->code)
		err_set(e, ret, "%d: %s", (int)req->pid, ret == -ESRCH ? "exited while being read" :
			strerror(-ret));
	return ret;
}

int wss_end(const struct wss_request *req, const struct snapshot *s, struct wss *w, struct err *e)
{
	int ret = vec_reserve(&w->row, s->space.vma.n + 1) < 0 ? -ENOMEM : 0;

	/* the number may have been given again, and what ran may have run another program */
	if (s->stat.v[STAT_STARTTIME] != w->stat.v[STAT_STARTTIME])
		return err_set(e, -ESRCH, "%d: exited while being read", (int)s->pid);
	if (!stat_same_program(&s->stat, &w->stat))
		return err_set(e, -ESRCH, "%d: ran another program meanwhile (execve)", (int)s->pid);
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
	vec_done(&w->pfn);
	vec_done(&w->row);
	*w = (struct wss){ 0 };
}
