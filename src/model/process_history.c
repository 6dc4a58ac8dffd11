/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of processes while it is watched: what each had in the first sample and in the last. */
#include "config.h"

#include "model/process_history.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static struct str name_of(const struct process_sample *s, const struct process_past *p)
{
	return strtab_get(&s->strings, p->name);
}

static int compare(const struct process_sample *s, const struct process_past *a,
		   const struct process_sample *t, const struct process_past *b)
{
	if (a->pid != b->pid)
		return a->pid < b->pid ? -1 : 1;
	if (a->start != b->start)
		return a->start < b->start ? -1 : 1;
	/* a process may change its name */
	return a->pid ? 0 : str_cmp(name_of(s, a), name_of(t, b));
}

static int compare_past(const void *a, const void *b, void *sample)
{
	return compare(sample, a, sample, b);
}

static void sample_free(struct process_sample *s)
{
	if (s) {
		vec_done(&s->past);
		strtab_done(&s->strings);
	}
	free(s);
}

static uint32_t name_number(const struct process_row *r, enum process_group by)
{
	return by == PROCESS_GROUP_USER ? r->user : by == PROCESS_GROUP_CGROUP ? r->cgroup :
	       r->name;
}

static struct process_past past_of(const struct process_row *r)
{
	return (struct process_past){
		.pid = r->pid, .start = r->start, .unreadable = r->unreadable,
		.known = process_has(r, SMAPS_PSS), .pss = r->v[SMAPS_PSS],
	};
}

static int sample_fill(struct process_sample *s, const struct processes *p, enum process_group by)
{
	int ret = strtab_init(&s->strings);

	for (size_t i = 0; ret == 0 && i < p->row.n; i++) {
		const struct process_row *r = &p->row.v[i];
		struct process_past *past = vec_push(&s->past);

		if (!past)
			return -ENOMEM;
		*past = past_of(r);
		ret = strtab_add(&s->strings, strtab_get(&p->strings, name_number(r, by)),
				 &past->name);
	}
	if (ret == 0 && s->past.n)
		qsort_r(s->past.v, s->past.n, sizeof(*s->past.v), compare_past, s);
	return ret;
}

int process_history_add(struct process_history *h, const struct processes *p,
			double time)
{
	struct process_sample *s = calloc(1, sizeof(*s));
	int ret = s ? sample_fill(s, p, h->by) : -ENOMEM;

	if (ret < 0) {
		sample_free(s);
		return ret;
	}
	s->time = time;
	if (h->last != h->first)
		sample_free(h->last);
	h->last = h->now;
	h->now = s;
	if (!h->first)
		h->first = h->last = s;
	h->samples++;
	return 0;
}

void process_history_done(struct process_history *h)
{
	if (h->last != h->first)
		sample_free(h->last);
	if (h->now != h->first && h->now != h->last)
		sample_free(h->now);
	sample_free(h->first);
	memset(h, 0, sizeof(*h));
}

/* The row is in no sample yet: its name is among the strings of the table. */
static const struct process_past *find(const struct process_sample *s,
				       const struct process_row *r, struct str name)
{
	const struct process_past key = past_of(r);
	size_t low = 0, high = s->past.n;

	while (low < high) {
		size_t middle = (low + high) / 2;
		const struct process_past *at = &s->past.v[middle];
		int c = at->pid != key.pid ? (at->pid < key.pid ? -1 : 1) :
			at->start != key.start ? (at->start < key.start ? -1 : 1) :
			key.pid ? 0 : str_cmp(name_of(s, at), name);

		if (c == 0)
			return at;
		if (c < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

/* Sums over processes of which some can't be read are compared if as many can't as before. */
static bool difference(const struct process_past *a, const struct process_past *b, int64_t *by)
{
	*by = (int64_t)(b->pss - a->pss);
	return a->known && b->known && a->unreadable == b->unreadable;
}

static void set_amount(struct process_row *r, enum process_amount amount,
		       const struct process_past *before)
{
	const struct process_past now = past_of(r);
	int64_t by;

	r->valid &= ~(UINT64_C(1) << amount);
	if (!before || !difference(before, &now, &by))
		return;
	r->v[amount] = (uint64_t)by;
	r->valid |= UINT64_C(1) << amount;
}

void process_history_compare(const struct process_history *h, const struct processes *p,
			     struct process_row *row)
{
	struct str name = strtab_get(&p->strings, name_number(row, h->by));

	if (!h->now)
		return;
	set_amount(row, PROCESS_GROWTH, find(h->first, row, name));
	set_amount(row, PROCESS_CHANGE, find(h->now, row, name));
}

static int compare_items(const void *a, const void *b)
{
	const struct process_item *x = a, *y = b;

	if (x->by != y->by)
		return x->by < y->by ? 1 : -1;
	return (x->past->pid > y->past->pid) - (x->past->pid < y->past->pid);
}

static int add(process_items *to, const struct process_sample *s, const struct process_past *p,
	       int64_t by)
{
	struct process_item *item = vec_push(to);

	if (!item)
		return -ENOMEM;
	*item = (struct process_item){ s, p, by };
	return 0;
}

static void sort(process_items *items)
{
	if (items->n)
		qsort(items->v, items->n, sizeof(*items->v), compare_items);
}

int process_diff_make(const struct process_sample *before, const struct process_sample *after,
		      struct process_diff *out)
{
	size_t i = 0, k = 0;
	int ret = 0;

	memset(out, 0, sizeof(*out));
	while (ret == 0 && (i < before->past.n || k < after->past.n)) {
		const struct process_past *a = &before->past.v[i], *b = &after->past.v[k];
		int c = i == before->past.n ? 1 : k == after->past.n ? -1 :
			compare(before, a, after, b);
		int64_t by;

		if (c < 0)
			ret = add(&out->ended, before, a, a->known ? (int64_t)a->pss : 0);
		else if (c > 0)
			ret = add(&out->appeared, after, b, b->known ? (int64_t)b->pss : 0);
		else if (difference(a, b, &by) && by > 0)
			ret = add(&out->grew, after, b, by);
		i += c <= 0;
		k += c >= 0;
	}
	sort(&out->grew);
	sort(&out->appeared);
	sort(&out->ended);
	return ret;
}

void process_diff_done(struct process_diff *d)
{
	vec_done(&d->grew);
	vec_done(&d->appeared);
	vec_done(&d->ended);
}
