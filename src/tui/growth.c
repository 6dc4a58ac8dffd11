/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What grew since a baseline: of which only what is resident is kept. */
#include "config.h"

#include "tui/growth.h"

#include <errno.h>
#include <stdlib.h>

static uint64_t resident(const struct space *s, size_t i)
{
	uint64_t v = 0;

	if (i < s->counters.n)
		counters_resident(&s->counters.v[i], &v);
	return v;
}

int growth_set_base(struct growth *g, const struct space *s)
{
	if (vec_reserve(&g->base, s->vma.n) < 0)
		return -ENOMEM;
	g->base.n = s->vma.n;
	for (size_t i = 0; i < s->vma.n; i++)
		g->base.v[i] = (struct growth_base){ s->vma.v[i].start, s->vma.v[i].end,
						     resident(s, i) };
	g->has_base = true;
	return growth_compare(g, s);
}

/* The mapping that one of the baseline is now; vma.n: none. */
static size_t heir(const struct space *s, const struct growth_base *b, size_t above)
{
	size_t n = s->vma.n;

	/* above: the first that ends above its start */
	if (above < n && s->vma.v[above].start <= b->start)
		return above;
	for (size_t i = above; i < n && s->vma.v[i].start < b->end; i++)
		if (s->vma.v[i].end == b->end)
			return i;
	return n;
}

int growth_compare(struct growth *g, const struct space *s)
{
	size_t above = 0;

	if (vec_reserve(&g->grown, s->vma.n) < 0)
		return -ENOMEM;
	g->grown.n = s->vma.n;
	g->total = g->gone = 0;
	for (size_t i = 0; i < s->vma.n; i++) {
		g->grown.v[i] = (int64_t)resident(s, i);
		g->total += g->grown.v[i];
	}
	for (size_t i = 0; i < g->base.n; i++) {
		const struct growth_base *b = &g->base.v[i];
		size_t to;

		while (above < s->vma.n && s->vma.v[above].end <= b->start)
			above++;
		to = heir(s, b, above);
		g->total -= (int64_t)b->resident;
		if (to < s->vma.n)
			g->grown.v[to] -= (int64_t)b->resident;
		else
			g->gone -= (int64_t)b->resident;
	}
	return 0;
}

void growth_done(struct growth *g)
{
	vec_done(&g->base);
	vec_done(&g->grown);
	*g = (struct growth){ 0 };
}

int growth_of_groups(const struct growth *g, const struct rows *members, enum group_by by,
		     const struct rows *groups, int64_t *out)
{
	size_t keys = by == GROUP_OBJECT ? members->space->strings.str.n : KINDS + 1;
	int64_t *sum = calloc(keys, sizeof(*sum));

	if (!sum)
		return -ENOMEM;
	for (size_t i = 0; i < members->n; i++) {
		const struct vma *v = &members->vma[members->index[i]];

		sum[by == GROUP_OBJECT ? v->object : v->kind] += g->grown.v[members->index[i]];
	}
	for (size_t i = 0; i < groups->n; i++) {
		const struct vma *v = &groups->vma[groups->index[i]];

		out[groups->index[i]] = sum[by == GROUP_OBJECT ? v->object : v->kind];
	}
	free(sum);
	return 0;
}
