/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which other processes map the frames of one, how much of it, and through which of its objects. */
#include "config.h"

#include "model/sharing.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "model/page_walk.h"

/* ---- frames ---- */

static int by_pfn(const void *a, const void *b)
{
	const struct sharing_frames *x = a, *y = b;

	if (x->pfn != y->pfn)
		return x->pfn > y->pfn ? 1 : -1;
	return (x->row > y->row) - (x->row < y->row);
}

uint64_t sharing_sort(sharing_list *l)
{
	uint64_t end = 0, frames = 0;
	size_t n = 0;

	if (l->n)
		qsort(l->v, l->n, sizeof(*l->v), by_pfn);
	for (size_t i = 0; i < l->n; i++) {
		struct sharing_frames f = l->v[i];

		if (f.pfn + f.pages <= end)
			continue;
		if (f.pfn < end) {
			f.pages -= end - f.pfn;
			f.pfn = end;
		}
		end = f.pfn + f.pages;
		f.at = frames;
		frames += f.pages;
		l->v[n++] = f;
	}
	l->n = n;
	return frames;
}

/* The first that ends above a PFN. */
static size_t find_above(const sharing_list *l, uint64_t pfn)
{
	size_t low = 0, high = l->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (l->v[middle].pfn + l->v[middle].pages > pfn)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

/* Part of what both have: those of its frames that are new. */
static void count_part(const struct sharing_count *c, const struct sharing_frames *f, uint64_t from,
		       uint64_t to)
{
	uint64_t first = f->at + (from - f->pfn), end = f->at + (to - f->pfn);

	while (first < end) {
		uint64_t n = 0;

		while (first < end && (c->mark[first] & SHARING_SEEN))
			first++;
		while (first + n < end && !(c->mark[first + n] & SHARING_SEEN))
			n++;
		if (n)
			c->found(c->ctx, f, first, n);
		for (uint64_t i = 0; i < n; i++)
			c->mark[first + i] |= SHARING_SEEN | SHARING_ANY;
		first += n;
	}
}

void sharing_count_runs(const struct sharing_count *c, const struct page_run *run, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		uint64_t pfn = pagemap_pfn(run[i].entry), end = pfn + run[i].pages;

		/* what is mapped once is only its own */
		if (!(run[i].entry & PAGEMAP_PRESENT) || !pfn || run[i].zero ||
		    (run[i].entry & PAGEMAP_EXCLUSIVE))
			continue;
		for (size_t k = find_above(c->list, pfn);
		     k < c->list->n && c->list->v[k].pfn < end; k++) {
			const struct sharing_frames *f = &c->list->v[k];

			count_part(c, f, f->pfn > pfn ? f->pfn : pfn,
				   f->pfn + f->pages < end ? f->pfn + f->pages : end);
		}
	}
}

/* ---- reading ---- */

struct reading {
	const struct sharing_request *req;
	struct sharing *out;
	struct process process;
	sharing_list list;
	uint8_t *mark;
	uint64_t frames;
	bool hidden;
	uint64_t *of_process, *of_all;	/* frames by object: string number */
	struct sharing_process *now;
	int error;
};

static int take_own(void *ctx, const struct page_run *run, size_t n)
{
	struct reading *r = ctx;

	for (size_t i = 0; i < n; i++) {
		struct sharing_frames *to;

		if (!(run[i].entry & PAGEMAP_PRESENT) || run[i].zero)
			continue;
		r->hidden |= !pagemap_pfn(run[i].entry);
		to = vec_push(&r->list);
		if (!to)
			return -ENOMEM;
		*to = (struct sharing_frames){
			.pfn = pagemap_pfn(run[i].entry), .pages = run[i].pages,
			.row = run[i].range, .file = run[i].entry & PAGEMAP_FILE,
		};
	}
	return 0;
}

static int read_own(struct reading *r, struct err *e)
{
	pid_t pid = r->req->snapshot->pid;
	int ret = page_walk(&r->process, &r->req->snapshot->space, r->req->machine->page_size, true,
			    take_own, r);

	if (ret < 0)
		return err_set(e, ret, "%d: pagemap: %s", (int)pid,
			       ret == -ESRCH ? "exited while being read" : strerror(-ret));
	if (r->hidden)
		return err_set(e, -EPERM, "%d: the kernel hides frame numbers", (int)pid);
	r->frames = sharing_sort(&r->list);
	r->mark = calloc(r->frames + 1, 1);
	for (size_t i = 0; i < r->list.n; i++)
		r->out->file += r->list.v[i].file ? r->list.v[i].pages : 0;
	r->out->frames = r->frames;
	return r->mark ? 0 : -ENOMEM;
}

static void found(void *ctx, const struct sharing_frames *f, uint64_t first, uint64_t pages)
{
	struct reading *r = ctx;
	uint32_t object = r->req->snapshot->space.vma.v[f->row].object;
	uint64_t fresh = 0;

	for (uint64_t i = first; i < first + pages; i++)
		fresh += !(r->mark[i] & SHARING_ANY);
	r->now->frames += pages;
	r->now->file += f->file ? pages : 0;
	r->of_process[object] += pages;
	r->of_all[object] += fresh;
	r->out->shared += fresh;
	r->out->shared_file += f->file ? fresh : 0;
}

static int take_other(void *ctx, const struct page_run *run, size_t n)
{
	struct reading *r = ctx;

	sharing_count_runs(&(struct sharing_count){ &r->list, r->mark, found, r }, run, n);
	return 0;
}

static int most_object(const void *a, const void *b)
{
	const struct sharing_object *x = a, *y = b;

	if (x->frames != y->frames)
		return x->frames < y->frames ? 1 : -1;
	return (x->object > y->object) - (x->object < y->object);
}

static int most_process(const void *a, const void *b)
{
	const struct sharing_process *x = a, *y = b;

	if (x->frames != y->frames)
		return x->frames < y->frames ? 1 : -1;
	return (x->pid > y->pid) - (x->pid < y->pid);
}

/* The objects that have frames in an array of them, which is cleared. */
static int take_objects(uint64_t *frames, uint32_t n, sharing_objects *out)
{
	for (uint32_t i = 0; i < n; i++) {
		struct sharing_object *to = frames[i] ? vec_push(out) : NULL;

		if (frames[i] && !to)
			return -ENOMEM;
		if (to)
			*to = (struct sharing_object){ i, frames[i], 0 };
		frames[i] = 0;
	}
	if (out->n)
		qsort(out->v, out->n, sizeof(*out->v), most_object);
	return 0;
}

static uint32_t objects_of(const struct space *s)
{
	uint32_t n = 0;

	for (size_t i = 0; i < s->vma.n; i++)
		if (s->vma.v[i].object >= n)
			n = s->vma.v[i].object + 1;
	return n;
}

/* One that shares nothing, exits meanwhile, or has no memory, leaves nothing behind. */
static int read_other(struct reading *r, pid_t pid)
{
	struct snapshot_request want = { .root = r->req->root, .machine = r->req->machine,
					 .needs = NEED_MAPS };
	struct sharing_process other = { .pid = pid }, *to;
	uint32_t objects = objects_of(&r->req->snapshot->space);
	struct snapshot s;
	struct process p;
	struct err ignored = { 0 };
	int ret = root_open_process(r->req->root, pid, &p);

	if (ret < 0)
		return err_is_own(ret) ? ret : 0;
	ret = snapshot_read(&want, pid, &s, &ignored);
	r->now = &other;
	for (uint64_t i = 0; i < r->frames; i++)
		r->mark[i] &= (uint8_t)~SHARING_SEEN;
	if (ret == 0 && (s.condition == CONDITION_NORMAL || snapshot_lost_main_thread(&s)))
		ret = !s.has_space ? -EACCES :
		      page_walk(&p, &s.space, r->req->machine->page_size, true, take_other, r);
	r->out->unreadable += ret == -EACCES || ret == -EPERM;
	buf_init(&other.name);
	if (ret == 0 && other.frames) {
		buf_add(&other.name, s.stat.comm.p, s.stat.comm.len);
		ret = take_objects(r->of_process, objects, &other.object);
		to = ret == 0 ? vec_push(&r->out->process) : NULL;
		if (to)
			*to = other;
		else
			ret = -ENOMEM;
	}
	if (ret < 0 || !other.frames) {
		/* what was counted of one that exited stays counted: it was mapped, by it */
		memset(r->of_process, 0, objects * sizeof(*r->of_process));
		buf_done(&other.name);
		vec_done(&other.object);
	}
	snapshot_done(&s);
	process_close(&p);
	return err_is_own(ret) ? ret : 0;
}

static void count_processes(struct sharing *s)
{
	for (size_t i = 0; i < s->object.n; i++)
		for (size_t k = 0; k < s->process.n; k++)
			for (size_t n = 0; n < s->process.v[k].object.n; n++)
				s->object.v[i].processes +=
					s->process.v[k].object.v[n].object == s->object.v[i].object;
}

static int read_others(struct reading *r)
{
	uint32_t objects = objects_of(&r->req->snapshot->space);
	pid_list pids = { 0 };
	int ret = root_list(r->req->root, "proc", &pids);

	r->of_process = calloc(objects + 1, sizeof(*r->of_process));
	r->of_all = calloc(objects + 1, sizeof(*r->of_all));
	if (!r->of_process || !r->of_all)
		ret = -ENOMEM;
	for (size_t i = 0; ret == 0 && i < pids.n; i++)
		/* this program shares libraries only because it looks */
		if (pids.v[i] != r->req->snapshot->pid &&
		    !(r->req->root->live && pids.v[i] == getpid()))
			ret = read_other(r, pids.v[i]);
	if (ret == 0)
		ret = take_objects(r->of_all, objects, &r->out->object);
	if (ret == 0)
		count_processes(r->out);
	if (r->out->process.n)
		qsort(r->out->process.v, r->out->process.n, sizeof(*r->out->process.v), most_process);
	vec_done(&pids);
	return ret;
}

int sharing_read(const struct sharing_request *req, struct sharing *out, struct err *e)
{
	struct reading r = { .req = req, .out = out };
	pid_t pid = req->snapshot->pid;
	int ret;

	*out = (struct sharing){ .page_size = req->machine->page_size };
	ret = root_open_process(req->root, pid, &r.process);
	if (ret < 0)
		return err_set(e, ret == -ENOENT ? -ESRCH : ret, "%d: exited while being read", (int)pid);
	ret = stat_check(&r.process, &req->snapshot->stat);
	if (ret == -ESRCH)
		err_set(e, ret, "%d: exited while being read", (int)pid);
	if (ret == 0)
		ret = read_own(&r, e);
	if (ret == 0)
		ret = read_others(&r);
	process_close(&r.process);
	vec_done(&r.list);
	free(r.mark);
	free(r.of_process);
	free(r.of_all);
	if (ret < 0 && !e->code)
		err_set(e, ret, "%d: %s", (int)pid, strerror(-ret));
	return ret;
}

void sharing_done(struct sharing *s)
{
	for (size_t i = 0; i < s->process.n; i++) {
		buf_done(&s->process.v[i].name);
		vec_done(&s->process.v[i].object);
	}
	vec_done(&s->process);
	vec_done(&s->object);
	*s = (struct sharing){ 0 };
}
