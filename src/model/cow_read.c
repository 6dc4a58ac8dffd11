/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads the page tables of a process and of others, piece by piece, and compares them. */
#include "config.h"

#include "model/cow_read.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "proc/kpage.h"

/* What is compared at once: the runs of it are in memory, 40 bytes for each page at worst. */
#define WINDOW_SIZE (UINT64_C(1) << 30)

/* From here on it pays to ask first where in a mapping there is anything. */
#define LARGE_SIZE (UINT64_C(8) << 30)

/* A process whose page table is read. */
struct side {
	struct process process;
	bool has_process;
	struct snapshot snapshot;	/* of others; the process's own is the caller's */
	const struct space *space;
	struct pagemap pagemap;
	bool has_pagemap;
	cow_runs runs;			/* of the window */
	struct cow_other other;
	bool gone;			/* exited while it was read */
};

struct interval {
	uint64_t start, end;
};

struct reading {
	const struct cow_request *req;
	struct cow *out;
	struct side here;
	VEC(struct side) there;
	VEC(struct interval) mapped;	/* by any of them, where something may be: ascending, apart */
	VEC(struct pagemap_range) range;
	struct kpage kpage;
	uint64_t zero_pfn;		/* 0: told by PAGEMAP_SCAN, or not known */
	uint16_t *sharers, *copies;
	size_t counters;		/* room in both */
};

static void side_done(struct side *s)
{
	if (s->has_pagemap)
		pagemap_close(&s->pagemap);
	if (s->has_process)
		process_close(&s->process);
	snapshot_done(&s->snapshot);
	vec_done(&s->runs);
	vec_done(&s->other.question);
}

/* Opens what a side is read through; its handle holds on to the process, whatever its number
 * means later. */
static int open_side(const struct cow_request *req, struct side *s, pid_t pid, struct err *e)
{
	int ret;

	if (!s->has_process) {
		ret = root_open_process(req->root, pid, &s->process);
		if (ret < 0)
			return err_set(e, ret == -ENOENT ? -ESRCH : ret, "%d: %s", (int)pid,
				       ret == -ENOENT ? "no such process" : strerror(-ret));
		s->has_process = true;
	}
	ret = pagemap_open(&s->process, req->machine->page_size, false, &s->pagemap);
	if (ret == -ENOENT && req->root->live)
		ret = -ESRCH;
	if (ret < 0)
		return err_set(e, ret, "%d: pagemap: %s", (int)pid, strerror(-ret));
	s->has_pagemap = true;
	return 0;
}

static int open_other(struct reading *r, pid_t pid, struct err *e)
{
	struct snapshot_request want = { .root = r->req->root, .machine = r->req->machine,
					 .needs = NEED_MAPS };
	struct side *s = vec_push(&r->there);
	int ret;

	if (!s)
		return -ENOMEM;
	memset(s, 0, sizeof(*s));
	ret = root_open_process(r->req->root, pid, &s->process);
	if (ret < 0)
		return err_set(e, ret == -ENOENT ? -ESRCH : ret, "%d: %s", (int)pid,
			       ret == -ENOENT ? "no such process" : strerror(-ret));
	s->has_process = true;
	ret = snapshot_read(&want, pid, &s->snapshot, e);
	if (ret < 0)
		return ret;
	if (snapshot_lost_main_thread(&s->snapshot))
		return err_set(e, -EACCES, "%d: its main thread has exited", (int)pid);
	if (s->snapshot.condition != CONDITION_NORMAL)
		return err_set(e, -ESRCH, "%d: has no memory (a zombie, or of the kernel)", (int)pid);
	if (!s->snapshot.has_space)
		return err_set(e, -EACCES, "%d: its mappings may not be read", (int)pid);
	return open_side(r->req, s, pid, e);
}

/* The one process that was asked for. */
static int open_named(struct reading *r, struct err *e)
{
	int ret = open_other(r, r->req->with, e);

	return ret == -ESRCH ? e->code = -ENOENT : ret;
}

/* ---- descendants ---- */

struct parent {
	pid_t pid, ppid;
	bool is_descendant;
};

typedef VEC(struct parent) parent_list;

static int read_parents(const struct root *root, parent_list *out)
{
	pid_list pids = { 0 };
	struct status status;
	struct process p;
	struct buf text;
	int ret = root_list(root, "proc", &pids);

	buf_init(&text);
	for (size_t i = 0; ret == 0 && i < pids.n; i++) {
		struct parent *to;

		if (root_open_process(root, pids.v[i], &p) < 0)
			continue;
		buf_clear(&text);
		if (process_read(&p, "status", &text) == 0 &&
		    status_parse(text.data, text.len, &status) == 0) {
			to = vec_push(out);
			ret = to ? 0 : -ENOMEM;
			if (to)
				*to = (struct parent){ pids.v[i],
						       (pid_t)status_get(&status, STATUS_PPID), false };
		}
		process_close(&p);
	}
	buf_done(&text);
	vec_done(&pids);
	return ret;
}

/* Who descends from the process; a child may have a lower number than its parent. */
static void mark_descendants(parent_list *l, pid_t of)
{
	bool more = true;

	while (more) {
		more = false;
		for (size_t i = 0; i < l->n; i++)
			for (size_t k = 0; k < l->n && !l->v[i].is_descendant; k++)
				if (l->v[i].ppid == of ||
				    (l->v[k].is_descendant && l->v[i].ppid == l->v[k].pid))
					more = l->v[i].is_descendant = true;
	}
}

/* Descendants that exit meanwhile, or run another program (their pages are none of ours), count
 * for nothing; those that may not be read are counted. */
static int open_family(struct reading *r, struct err *e)
{
	parent_list list = { 0 };
	int ret = read_parents(r->req->root, &list);
	size_t tried = 0;

	mark_descendants(&list, r->req->snapshot->pid);
	for (size_t i = 0; ret == 0 && i < list.n; i++) {
		struct err why = { 0 };

		if (!list.v[i].is_descendant)
			continue;
		tried++;
		ret = open_other(r, list.v[i].pid, &why);
		if (err_is_own(ret))
			*e = why;
		if (ret == 0 || err_is_own(ret))
			continue;
		r->out->unreadable += ret != -ESRCH;
		ret = 0;
		side_done(&r->there.v[--r->there.n]);
	}
	vec_done(&list);
	if (ret == 0 && r->there.n == 0)
		ret = err_set(e, r->out->unreadable ? -EACCES : -ENOENT, "%d: %s",
			      (int)r->req->snapshot->pid, r->out->unreadable ?
			      "the page tables of its descendants may not be read" :
			      tried ? "its descendants have exited meanwhile" :
			      "has no descendants (--cow=PID compares with any process)");
	return ret;
}

/* ---- windows ---- */

static int by_start(const void *a, const void *b)
{
	const struct interval *x = a, *y = b;

	return (x->start > y->start) - (x->start < y->start);
}

static int add_interval(struct reading *r, uint64_t start, uint64_t end)
{
	struct interval *to = vec_push(&r->mapped);

	if (!to)
		return -ENOMEM;
	*to = (struct interval){ start, end };
	return 0;
}

struct finding {
	struct reading *r;
	const struct vma *vma;
	uint64_t end;			/* of what was found last */
};

/* In steps of a window: a mapping of terabytes has few that are populated. */
static int find_populated(void *ctx, const struct page_run *run, size_t n)
{
	struct finding *f = ctx;
	uint64_t page = f->r->req->machine->page_size;
	int ret = 0;

	for (size_t i = 0; ret == 0 && i < n; i++) {
		uint64_t start = run[i].start & ~(WINDOW_SIZE - 1);
		uint64_t end = (run[i].start + run[i].pages * page + WINDOW_SIZE - 1) & ~(WINDOW_SIZE - 1);

		if (start < f->vma->start)
			start = f->vma->start;
		if (start < f->end)
			start = f->end;
		if (end > f->vma->end || end == 0)
			end = f->vma->end;
		if (start < end)
			ret = add_interval(f->r, start, end);
		if (end > f->end)
			f->end = end;
	}
	return ret;
}

static int add_mapped(struct reading *r, struct side *s)
{
	int ret = 0;

	for (size_t i = 0; ret == 0 && i < s->space->vma.n; i++) {
		const struct vma *v = &s->space->vma.v[i];
		struct pagemap_range range = { .start = v->start, .end = v->end, .scan = true, .states = true };
		struct finding f = { r, v, 0 };

		if (!vma_is_user(v))
			continue;
		if (v->end - v->start <= LARGE_SIZE || !s->pagemap.has_scan || !s->pagemap.live)
			ret = add_interval(r, v->start, v->end);
		else
			ret = pagemap_walk(&s->pagemap, &range, 1, find_populated, &f);
	}
	if (ret == -ESRCH && s != &r->here)
		s->gone = true;
	return ret;
}

static int find_mapped(struct reading *r)
{
	int ret = add_mapped(r, &r->here);
	size_t n = 0;

	for (size_t i = 0; ret == 0 && i < r->there.n; i++)
		ret = add_mapped(r, &r->there.v[i]);
	if (ret < 0 || r->mapped.n == 0)
		return ret;
	qsort(r->mapped.v, r->mapped.n, sizeof(*r->mapped.v), by_start);
	for (size_t i = 1; i < r->mapped.n; i++) {
		struct interval *last = &r->mapped.v[n];

		if (r->mapped.v[i].start > last->end)
			r->mapped.v[++n] = r->mapped.v[i];
		else if (r->mapped.v[i].end > last->end)
			last->end = r->mapped.v[i].end;
	}
	r->mapped.n = n + 1;
	return 0;
}

struct collecting {
	const struct reading *r;
	struct side *side;
	uint32_t first;			/* mapping that range 0 is of */
	uint64_t pages;
};

static int collect(void *ctx, const struct page_run *run, size_t n)
{
	struct collecting *c = ctx;

	for (size_t i = 0; i < n; i++) {
		enum page_state state = pagemap_state(run[i].entry);
		struct page_run *to;

		if (run[i].zero || (state != PAGE_PRESENT && state != PAGE_SWAP &&
				    state != PAGE_MIGRATION) ||
		    (state == PAGE_PRESENT && c->r->zero_pfn &&
		     pagemap_pfn(run[i].entry) == c->r->zero_pfn))
			continue;
		to = vec_push(&c->side->runs);
		if (!to)
			return -ENOMEM;
		*to = run[i];
		to->range += c->first;
		c->pages += run[i].pages;
	}
	return 0;
}

/* Reads the runs of one side in a window; *pages of them. */
static int read_window(struct reading *r, struct side *s, uint64_t from, uint64_t to,
		       uint64_t *pages)
{
	size_t first = space_above(s->space, from);
	struct collecting c = { r, s, (uint32_t)first, 0 };
	int ret;

	s->runs.n = 0;
	r->range.n = 0;
	for (size_t i = first; i < s->space->vma.n && s->space->vma.v[i].start < to; i++) {
		const struct vma *v = &s->space->vma.v[i];
		struct pagemap_range *range = vec_push(&r->range);

		if (!range)
			return -ENOMEM;
		*range = (struct pagemap_range){
			.start = v->start > from ? v->start : from, .end = v->end < to ? v->end : to,
			.scan = true, .skip = !vma_is_user(v),
		};
	}
	ret = pagemap_walk(&s->pagemap, r->range.v, r->range.n, collect, &c);
	*pages = c.pages;
	return ret;
}

static uint32_t what_maps(const void *ctx, uint64_t address, uint64_t *end)
{
	const struct space *s = ctx;
	size_t i = space_above(s, address);

	*end = UINT64_MAX;
	if (i >= s->vma.n)
		return UINT32_MAX;
	if (address < s->vma.v[i].start) {
		*end = s->vma.v[i].start;
		return UINT32_MAX;
	}
	*end = s->vma.v[i].end;
	return (uint32_t)i;
}

/* Asks for the flags of all frames in question at once. */
static int answer(struct reading *r, struct cow_other *o)
{
	VEC(struct kpage_want) want = { 0 };
	uint64_t *flags = NULL, n = 0;
	int ret = 0;

	for (size_t i = 0; i < o->question.n; i++)
		n += 2 * o->question.v[i].pages;
	if (n && kpage_has(&r->kpage, KPAGE_FLAGS)) {
		flags = malloc(n * sizeof(*flags));
		if (!flags || vec_reserve(&want, 2 * o->question.n) < 0)
			ret = -ENOMEM;
		n = 0;
		for (size_t i = 0; ret == 0 && i < 2 * o->question.n; i++) {
			const struct cow_question *q = &o->question.v[i / 2];

			want.v[want.n++] = (struct kpage_want){ i % 2 ? q->there : q->here,
								(uint32_t)q->pages, (uint32_t)n };
			n += q->pages;
		}
		if (ret == 0)
			ret = kpage_read(&r->kpage, KPAGE_FLAGS, want.v, want.n, flags, 1);
	}
	n = 0;
	for (size_t i = 0; ret == 0 && i < o->question.n; i++) {
		const struct cow_question *q = &o->question.v[i];
		struct cow_pages pages = { 0 };

		cow_answer(q, flags ? flags + n : NULL, flags ? flags + n + q->pages : NULL, &pages);
		cow_add(&o->pages, &pages);
		if (!r->out->family)
			cow_add(&r->out->row.v[q->range], &pages);
		n += 2 * q->pages;
	}
	o->question.n = 0;
	vec_done(&want);
	free(flags);
	return ret;
}

/* Each page of the process, by what all others have there. */
static void classify(struct reading *r)
{
	size_t at = 0;

	for (size_t i = 0; i < r->here.runs.n; i++) {
		const struct page_run *run = &r->here.runs.v[i];
		struct cow_pages *row = &r->out->row.v[run->range];
		bool file = run->entry & PAGEMAP_FILE;

		for (uint64_t k = 0; k < run->pages; k++, at++) {
			r->out->sharers.v[r->sharers[at]]++;
			if (r->sharers[at]) {
				row->shared++;
				row->shared_file += file;
			} else if (r->copies[at]) {
				row->copied_unknown += r->out->family;
			} else {
				row->only_here++;
				row->only_here_file += file;
			}
		}
	}
}

static int make_counters(struct reading *r, uint64_t pages)
{
	if (pages > r->counters) {
		free(r->sharers);
		free(r->copies);
		r->sharers = malloc(pages * sizeof(*r->sharers));
		r->copies = malloc(pages * sizeof(*r->copies));
		r->counters = r->sharers && r->copies ? pages : 0;
		if (!r->counters)
			return -ENOMEM;
	}
	if (pages) {
		memset(r->sharers, 0, pages * sizeof(*r->sharers));
		memset(r->copies, 0, pages * sizeof(*r->copies));
	}
	return 0;
}

static int do_window(struct reading *r, uint64_t from, uint64_t to, struct err *e)
{
	struct cow_comparison c = {
		.here = &r->here.runs, .page_size = r->req->machine->page_size,
		.what_maps = what_maps, .ctx = r->here.space, .rows = r->out->row.v,
		.alone = !r->out->family,
	};
	uint64_t pages;
	pid_t pid = r->req->snapshot->pid;
	int ret = read_window(r, &r->here, from, to, &pages);

	if (ret == 0)
		ret = make_counters(r, pages);
	c.sharers = r->sharers;
	c.copies = r->copies;
	for (size_t i = 0; ret == 0 && i < r->there.n; i++) {
		struct side *s = &r->there.v[i];

		pid = r->out->with.v[i].pid;
		ret = read_window(r, s, from, to, &pages);
		s->gone = ret == -ESRCH;
		c.there = &s->runs;
		if (ret == 0)
			ret = cow_compare(&c, &s->other);
		if (ret == 0)
			ret = answer(r, &s->other);
		if (ret == 0 && s->other.hidden)
			ret = err_set(e, -EPERM, "%d: the kernel hides frame numbers", (int)pid);
	}
	if (ret == 0)
		classify(r);
	else if (!e->code)
		err_set(e, ret, "%d: %s", (int)pid, ret == -ESRCH ? "exited while being read" :
			strerror(-ret));
	return ret;
}

static int do_windows(struct reading *r, struct err *e)
{
	size_t i = 0;
	uint64_t from = r->mapped.n ? r->mapped.v[0].start : 0;
	int ret = 0;

	while (ret == 0 && i < r->mapped.n) {
		uint64_t room = WINDOW_SIZE, start = from, end = from;

		while (i < r->mapped.n && room) {
			uint64_t rest = r->mapped.v[i].end - from;

			end = rest <= room ? r->mapped.v[i].end : from + room;
			room -= end - from;
			from = end;
			if (end == r->mapped.v[i].end && ++i < r->mapped.n)
				from = r->mapped.v[i].start;
		}
		ret = do_window(r, start, end, e);
	}
	return ret;
}

/* Where PAGEMAP_SCAN does not tell zero pages apart: the frame that a page of our own gets that is
 * only read. A kernel that has no zero page gives it one of its own. */
static uint64_t find_zero_pfn(const struct root *root, uint64_t page_size)
{
	uint64_t entry = pagemap_of_new_page(root, page_size, true);

	return entry & PAGEMAP_PRESENT && !(entry & PAGEMAP_EXCLUSIVE) ? pagemap_pfn(entry) : 0;
}

static int finish(struct reading *r)
{
	struct cow *out = r->out;

	for (size_t i = 0; i < out->row.n; i++)
		cow_add(&out->total, &out->row.v[i]);
	for (size_t i = 0; i < r->there.n; i++) {
		struct cow_process *p = &out->with.v[i];
		const struct cow_other *o = &r->there.v[i].other;
		struct str name = r->there.v[i].snapshot.stat.comm;

		p->pages = o->pages;
		p->outside = o->outside;
		p->outside_file = o->outside_file;
		buf_add(&p->name, name.p, name.len);
		if (p->name.error)
			return p->name.error;
		out->total.only_there += o->outside;
		out->total.only_there_file += o->outside_file;
	}
	return 0;
}

/* All are opened: the array moves no more. */
static void settle(struct reading *r)
{
	for (size_t i = 0; i < r->there.n; i++) {
		struct side *s = &r->there.v[i];

		s->space = &s->snapshot.space;
		s->pagemap.process = &s->process;
	}
}

/* The results, one for each mapping and each other process, all zero. */
static int make_results(struct reading *r)
{
	struct cow *out = r->out;
	size_t rows = r->here.space->vma.n, others = r->there.n;

	if (vec_reserve(&out->row, rows + 1) < 0 || vec_reserve(&out->with, others) < 0 ||
	    vec_reserve(&out->sharers, others + 1) < 0)
		return -ENOMEM;
	memset(out->row.v, 0, rows * sizeof(*out->row.v));
	memset(out->sharers.v, 0, (others + 1) * sizeof(*out->sharers.v));
	out->row.n = rows;
	out->sharers.n = others + 1;
	for (size_t i = 0; i < others; i++) {
		struct cow_process *p = &out->with.v[out->with.n++];

		*p = (struct cow_process){ .pid = r->there.v[i].process.pid };
		buf_init(&p->name);
	}
	return 0;
}

/* Forgets those that have exited, and all that was counted so far. Were there any? */
static bool drop_gone(struct reading *r)
{
	struct cow *out = r->out;
	const struct cow again = { .page_size = out->page_size, .family = out->family,
				   .unreadable = out->unreadable };
	size_t n = 0;

	for (size_t i = 0; i < r->there.n; i++) {
		struct side *s = &r->there.v[i];

		vec_done(&s->other.question);
		s->other = (struct cow_other){ 0 };
		if (s->gone)
			side_done(s);
		else
			r->there.v[n++] = *s;
	}
	if (n == r->there.n)
		return false;
	r->there.n = n;
	r->mapped.n = 0;
	settle(r);
	cow_done(out);
	*out = again;
	return true;
}

static int compare_all(struct reading *r, struct err *e)
{
	int ret = find_mapped(r);

	if (ret == 0)
		ret = make_results(r);
	return ret == 0 ? do_windows(r, e) : ret;
}

/* With one that exits meanwhile, it is done again without it; -ENOENT if nobody is left. */
static int compare_others(struct reading *r, struct err *e)
{
	int ret = compare_all(r, e);

	while (ret == -ESRCH && drop_gone(r)) {
		*e = (struct err){ 0 };
		if (r->there.n == 0 && r->req->with)
			return err_set(e, -ENOENT, "%d: exited while being read", (int)r->req->with);
		if (r->there.n == 0)
			return err_set(e, -ENOENT, "%d: its descendants have exited meanwhile",
				       (int)r->req->snapshot->pid);
		ret = compare_all(r, e);
	}
	if (ret == -ESRCH && !e->code)
		err_set(e, ret, "%d: exited while being read", (int)r->req->snapshot->pid);
	return ret;
}

int cow_read(const struct cow_request *req, struct cow *out, struct err *e)
{
	struct reading r = { .req = req, .out = out };
	int ret;

	*out = (struct cow){ .page_size = req->machine->page_size, .family = !req->with };
	r.here.space = &req->snapshot->space;
	kpage_open(req->root, &r.kpage);
	ret = open_side(req, &r.here, req->snapshot->pid, e);
	if (ret == 0)
		ret = stat_check(&r.here.process, &req->snapshot->stat);
	if (ret == -ESRCH && !e->code)
		err_set(e, ret, "%d: exited while being read", (int)req->snapshot->pid);
	if (ret == 0)
		ret = req->with ? open_named(&r, e) : open_family(&r, e);
	/* of a pair, more is known */
	if (r.there.n == 1 && !out->unreadable)
		out->family = false;
	settle(&r);
	if (ret == 0 && !r.here.pagemap.has_scan && req->root->live)
		r.zero_pfn = find_zero_pfn(req->root, req->machine->page_size);
	if (ret == 0)
		ret = compare_others(&r, e);
	if (ret == 0)
		ret = finish(&r);
	for (size_t i = 0; i < r.there.n; i++)
		side_done(&r.there.v[i]);
	vec_done(&r.there);
	side_done(&r.here);
	vec_done(&r.mapped);
	vec_done(&r.range);
	free(r.sharers);
	free(r.copies);
	kpage_close(&r.kpage);
	if (ret < 0 && !e->code)
		err_set(e, ret, "%d: %s", (int)req->snapshot->pid, strerror(-ret));
	return ret;
}

void cow_done(struct cow *c)
{
	for (size_t i = 0; i < c->with.n; i++)
		buf_done(&c->with.v[i].name);
	vec_done(&c->with);
	vec_done(&c->row);
	vec_done(&c->sharers);
	*c = (struct cow){ 0 };
}
