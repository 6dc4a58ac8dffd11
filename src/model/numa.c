/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the pages of mappings lie: their memory policy and bytes per node, and how much of that is
 * local to the processors the process may run on. Pure. */
#include "config.h"

#include "model/numa.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int numa_init(struct numa *n)
{
	struct numa_policy *none;

	memset(n, 0, sizeof(*n));
	none = vec_push(&n->policy);
	if (!none)
		return -ENOMEM;
	*none = (struct numa_policy){ 0 };
	return strtab_init(&n->strings);
}

void numa_done(struct numa *n)
{
	for (size_t i = 0; i < n->policy.n; i++)
		idlist_done(&n->policy.v[i].nodes);
	vec_done(&n->policy);
	vec_done(&n->entry);
	vec_done(&n->bytes);
	strtab_done(&n->strings);
	idlist_done(&n->local);
	idlist_done(&n->cpus);
	idlist_done(&n->mems);
	nodes_done(&n->nodes);
}

/* Adds to an entry whose bytes are the last ones there are. */
static int add_bytes(struct numa *n, struct numa_entry *e, uint32_t node, uint64_t bytes)
{
	size_t low = e->first, high = n->bytes.n;
	struct numa_bytes *at;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (n->bytes.v[middle].node < node)
			low = middle + 1;
		else
			high = middle;
	}
	if (low < n->bytes.n && n->bytes.v[low].node == node) {
		n->bytes.v[low].bytes = num_add(n->bytes.v[low].bytes, bytes);
		return 0;
	}
	if (n->bytes.n == UINT32_MAX || vec_reserve(&n->bytes, n->bytes.n + 1) < 0)
		return -ENOMEM;
	at = &n->bytes.v[low];
	memmove(at + 1, at, (n->bytes.n++ - low) * sizeof(*at));
	*at = (struct numa_bytes){ .bytes = bytes, .node = node };
	e->nodes++;
	return 0;
}

static int add_policy(struct numa *n, struct str text, uint32_t *number)
{
	struct numa_policy *p;
	int ret = strtab_add(&n->strings, text, number);

	if (ret < 0 || *number < n->policy.n)
		return ret;
	p = vec_push(&n->policy);
	if (!p)
		return -ENOMEM;
	*p = (struct numa_policy){ 0 };
	p->has_nodes = numa_policy_nodes(text, &p->nodes);
	return 0;
}

/* An entry for each mapping, all unknown. */
static int make_entries(struct numa_join *j)
{
	struct numa *n = j->numa;

	if (n->entry.n == j->space->vma.n)
		return 0;
	if (vec_reserve(&n->entry, j->space->vma.n) < 0)
		return -ENOMEM;
	n->entry.n = j->space->vma.n;
	memset(n->entry.v, 0, n->entry.n * sizeof(*n->entry.v));
	return 0;
}

/* In bytes; 0: unknown. */
static uint64_t line_page_size(const struct numa_join *j, const struct numa_line *l, size_t i)
{
	uint64_t v;

	if (l->page_size)
		return l->page_size;
	if (j->space->counters.n &&
	    counters_get(&j->space->counters.v[i], SMAPS_KERNEL_PAGE_SIZE, &v))
		return v;
	return l->huge ? 0 : j->page_size;
}

static int fill_entry(struct numa_join *j, const struct numa_line *l, size_t i)
{
	struct numa_entry *e = &j->numa->entry.v[i];
	uint64_t page_size = line_page_size(j, l, i);
	int ret;

	if (l->nodes && !page_size)
		return 0;
	*e = (struct numa_entry){ .first = (uint32_t)j->numa->bytes.n, .known = true,
				    .huge = l->huge };
	ret = add_policy(j->numa, l->policy, &e->policy);
	for (size_t k = 0; ret == 0 && k < l->nodes; k++)
		if (l->node[k].pages)
			ret = add_bytes(j->numa, e, l->node[k].node,
					num_mul(l->node[k].pages, page_size));
	if (page_size / 1024 <= UINT32_MAX)
		e->page_kb = (uint32_t)(page_size / 1024);
	if (e->nodes)	/* not told where no page is mapped twice */
		e->mapmax = l->v[NUMA_MAPMAX] > UINT32_MAX ? UINT32_MAX :
			    l->v[NUMA_MAPMAX] ? (uint32_t)l->v[NUMA_MAPMAX] : 1;
	return ret;
}

int numa_add(struct numa_join *j, const struct numa_line *l)
{
	const struct space *space = j->space;
	size_t i = j->at;
	int ret = make_entries(j);

	if (ret < 0)
		return ret;
	if (i >= space->vma.n || space->vma.v[i].start != l->start) {
		const struct vma *v = space_find(space, l->start);

		if (!v)
			return 0;
		i = (size_t)(v - space->vma.v);
	}
	j->at = i + 1;
	if (space->vma.v[i].start != l->start || j->numa->entry.v[i].known)
		j->numa->entry.v[i].changed = true;
	else
		ret = fill_entry(j, l, i);
	return ret;
}

int numa_finish(struct numa_join *j)
{
	const struct vma *v = j->space->vma.v;
	struct numa *n = j->numa;
	int ret = make_entries(j);

	for (size_t i = 0; ret == 0 && i + 1 < n->entry.n; i++)
		if (v[i].end == v[i + 1].start && !n->entry.v[i + 1].known &&
		    !n->entry.v[i + 1].changed)
			n->entry.v[i].changed = true;
	for (size_t i = 0; ret == 0 && i < n->entry.n; i++)
		if (n->entry.v[i].changed)
			n->entry.v[i] = (struct numa_entry){ .changed = true };
	return ret;
}

int numa_find_local(struct numa *n)
{
	bool elsewhere = false, told = n->has_cpus && n->nodes.n;
	int ret = 0;

	for (size_t i = 0; ret == 0 && told && i < n->nodes.n; i++) {
		const struct node *node = &n->nodes.v[i];

		told = node->has_cpus;
		if (idlist_overlaps(&node->cpus, &n->cpus))
			ret = idlist_add(&n->local, node->number);
		else if (node->cpus.range.n)
			elsewhere = true;
	}
	if (told && n->local.range.n)
		n->bound = elsewhere ? NUMA_BOUND : NUMA_UNBOUND;
	return ret;
}

static int sum_add(struct numa *out, struct numa_entry *sum, const struct numa *n,
		   const struct numa_entry *e)
{
	int ret = 0;

	if (!e->known)
		return 0;
	if (!sum->known) {
		sum->policy = e->policy;
		sum->page_kb = e->page_kb;
	}
	if (sum->policy != e->policy)
		sum->policy = 0;
	if (sum->page_kb != e->page_kb)
		sum->page_kb = 0;
	if (sum->mapmax < e->mapmax)
		sum->mapmax = e->mapmax;
	sum->known = true;
	for (uint32_t i = 0; ret == 0 && i < e->nodes; i++)
		ret = add_bytes(out, sum, n->bytes.v[e->first + i].node,
				n->bytes.v[e->first + i].bytes);
	return ret;
}

/* The rows, ordered by group: a group's begin at begin[group]. Both are the caller's to free. */
static int order_by_group(const struct rows *r, const uint32_t *of, size_t groups,
			  uint32_t **order, uint32_t **begin)
{
	*order = calloc(r->n + 1, sizeof(**order));
	*begin = calloc(groups + 2, sizeof(**begin));
	if (!*order || !*begin)
		return -ENOMEM;
	for (size_t i = 0; i < r->n; i++)
		(*begin)[of[i] + 2]++;
	for (size_t g = 2; g < groups + 2; g++)
		(*begin)[g] += (*begin)[g - 1];
	/* begin[group + 1] runs through the group's places, and ends where the next begins */
	for (size_t i = 0; i < r->n; i++)
		(*order)[(*begin)[of[i] + 1]++] = (uint32_t)i;
	return 0;
}

/* An entry for the rows order[first] up to order[end]; order NULL: as they stand. */
static int add_sum(const struct rows *r, const uint32_t *order, size_t first, size_t end,
		   struct numa *out)
{
	struct numa_entry *sum = vec_push(&out->entry);
	int ret = 0;

	if (!sum)
		return -ENOMEM;
	*sum = (struct numa_entry){ .first = (uint32_t)out->bytes.n };
	for (size_t i = first; ret == 0 && i < end; i++)
		ret = sum_add(out, sum, r->numa,
			      &r->numa->entry.v[r->index[order ? order[i] : i]]);
	return ret;
}

int numa_sum(const struct rows *r, const uint32_t *of, size_t groups, struct numa *out)
{
	uint32_t *order = NULL, *begin = NULL;
	int ret = order_by_group(r, of, groups, &order, &begin);

	*out = (struct numa){ .of = numa_base(r->numa) };
	for (size_t g = 0; ret == 0 && g < groups; g++)
		ret = add_sum(r, order, begin[g], begin[g + 1], out);
	if (ret == 0)
		ret = add_sum(r, NULL, 0, r->n, out);
	free(order);
	free(begin);
	return ret;
}

struct maybe numa_resident(const struct numa *n, const struct numa_entry *e)
{
	struct maybe sum = { .known = e->known };

	for (uint32_t i = 0; i < e->nodes; i++)
		sum.v = num_add(sum.v, n->bytes.v[e->first + i].bytes);
	return sum;
}

struct maybe numa_on_node(const struct numa *n, const struct numa_entry *e, uint32_t node)
{
	struct maybe v = { .known = e->known };

	for (uint32_t i = 0; i < e->nodes; i++)
		if (n->bytes.v[e->first + i].node == node)
			v.v = n->bytes.v[e->first + i].bytes;
	return v;
}

/* Bytes on nodes that are in the set, or those that are not. */
static uint64_t bytes_in(const struct numa *n, const struct numa_entry *e,
			 const struct idlist *set, bool in)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < e->nodes; i++) {
		const struct numa_bytes *b = &n->bytes.v[e->first + i];

		if (idlist_has(set, b->node) == in)
			sum = num_add(sum, b->bytes);
	}
	return sum;
}

static struct maybe local_bytes(const struct numa *n, const struct numa_entry *e, bool local)
{
	const struct numa *base = numa_base(n);

	return (struct maybe){ e->known && base->bound == NUMA_BOUND,
			       bytes_in(n, e, &base->local, local) };
}

struct maybe numa_local(const struct numa *n, const struct numa_entry *e)
{
	return local_bytes(n, e, true);
}

struct maybe numa_remote(const struct numa *n, const struct numa_entry *e)
{
	return local_bytes(n, e, false);
}

static struct maybe policy_bytes(const struct numa *n, const struct numa_entry *e, bool on)
{
	const struct numa_policy *p = &numa_base(n)->policy.v[e->policy];

	return (struct maybe){ e->known && p->has_nodes, bytes_in(n, e, &p->nodes, on) };
}

struct maybe numa_on_policy(const struct numa *n, const struct numa_entry *e)
{
	return policy_bytes(n, e, true);
}

struct maybe numa_off_policy(const struct numa *n, const struct numa_entry *e)
{
	return policy_bytes(n, e, false);
}

struct str numa_policy_name(const struct numa *n, const struct numa_entry *e)
{
	return strtab_get(&numa_base(n)->strings, e->policy);
}

enum numa_class numa_class_of(const struct vma *v, const struct numa_entry *e)
{
	/* maps alone does not tell that a segment is made of huge pages */
	if (e->huge)
		return NUMA_HUGETLB;
	switch ((enum kind)v->kind) {
	case KIND_HUGETLB:
		return NUMA_HUGETLB;
	case KIND_SHM:
	case KIND_MEMFD:
		return NUMA_SHARED;
	case KIND_HEAP:
	case KIND_STACK:
	case KIND_THREAD_STACK:
	case KIND_ANON:
	case KIND_JIT:
	case KIND_BSS:
	case KIND_GUARD:
		return NUMA_ANONYMOUS;
	default:
		return NUMA_FILE;
	}
}

/* The total of a node, put in its place if it is not there yet; NULL when out of memory. */
static struct numa_node_total *node_total(struct numa_totals *t, uint32_t node)
{
	size_t i = t->node.n;

	while (i > 0 && t->node.v[i - 1].node > node)
		i--;
	if (i > 0 && t->node.v[i - 1].node == node)
		return &t->node.v[i - 1];
	if (vec_reserve(&t->node, t->node.n + 1) < 0)
		return NULL;
	memmove(&t->node.v[i + 1], &t->node.v[i], (t->node.n++ - i) * sizeof(*t->node.v));
	t->node.v[i] = (struct numa_node_total){ .node = node };
	return &t->node.v[i];
}

/* Unknown parts count nothing; the sum is known once any part is. */
static void add_maybe(struct maybe *sum, struct maybe v)
{
	if (!v.known)
		return;
	sum->known = true;
	sum->v = num_add(sum->v, v.v);
}

static int total_entry(struct numa_totals *t, const struct numa *n, const struct numa_entry *e,
		       enum numa_class class)
{
	struct numa_policy_total *p = &t->policy.v[e->policy];
	uint64_t bytes = numa_resident(n, e).v;

	for (uint32_t i = 0; i < e->nodes; i++) {
		const struct numa_bytes *b = &n->bytes.v[e->first + i];
		struct numa_node_total *node = node_total(t, b->node);

		if (!node)
			return -ENOMEM;
		node->bytes = num_add(node->bytes, b->bytes);
		node->class[class] = num_add(node->class[class], b->bytes);
	}
	t->mappings++;
	t->bytes = num_add(t->bytes, bytes);
	add_maybe(&t->local, numa_local(n, e));
	add_maybe(&t->remote, numa_remote(n, e));
	add_maybe(&t->on, numa_on_policy(n, e));
	add_maybe(&t->off, numa_off_policy(n, e));
	p->mappings++;
	p->bytes = num_add(p->bytes, bytes);
	add_maybe(&p->on, numa_on_policy(n, e));
	add_maybe(&p->off, numa_off_policy(n, e));
	return 0;
}

static int by_bytes(const void *a, const void *b)
{
	const struct numa_policy_total *x = a, *y = b;

	if (x->bytes != y->bytes)
		return x->bytes < y->bytes ? 1 : -1;
	return (x->policy > y->policy) - (x->policy < y->policy);
}

/* Policies that no row has go; the rest is sorted. */
static void order_policies(struct numa_totals *t)
{
	size_t n = 0;

	for (size_t i = 0; i < t->policy.n; i++)
		if (t->policy.v[i].mappings)
			t->policy.v[n++] = t->policy.v[i];
	t->policy.n = n;
	if (n)
		qsort(t->policy.v, n, sizeof(*t->policy.v), by_bytes);
}

int numa_totals_make(const struct rows *r, struct numa_totals *out)
{
	const struct numa *n = r->numa;
	int ret = 0;

	*out = (struct numa_totals){ 0 };
	if (n->bound == NUMA_BOUND)
		out->local.known = out->remote.known = true;
	for (size_t i = 0; i < n->nodes.n; i++)
		if (!node_total(out, n->nodes.v[i].number))
			return -ENOMEM;
	if (vec_reserve(&out->policy, n->policy.n) < 0)
		return -ENOMEM;
	for (; out->policy.n < n->policy.n; out->policy.n++)
		out->policy.v[out->policy.n] = (struct numa_policy_total){
			.policy = (uint32_t)out->policy.n };
	for (size_t i = 0; ret == 0 && i < r->n; i++) {
		const struct numa_entry *e = &n->entry.v[r->index[i]];
		const struct vma *v = &r->vma[r->index[i]];

		if (e->known)
			ret = total_entry(out, n, e, numa_class_of(v, e));
		else if (vma_is_user(v))
			out->unknown++;
	}
	order_policies(out);
	return ret;
}

void numa_totals_done(struct numa_totals *t)
{
	vec_done(&t->node);
	vec_done(&t->policy);
}
