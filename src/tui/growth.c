/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What changed since a baseline, for the rows of the map. */
#include "config.h"

#include "tui/growth.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "model/change.h"

int growth_set_base(struct growth *g, const struct space *s)
{
	if (g->has_base && !g->shared)
		space_done(&g->base);
	g->base = *s;
	g->has_base = g->shared = true;
	return growth_compare(g, s);
}

void growth_keep(struct growth *g, struct space *old)
{
	if (!g->shared)
		return;
	g->base = *old;
	g->shared = false;
	memset(old, 0, sizeof(*old));
}

/* What one change amounts to; unknown counters count as 0, as in the totals. */
static int64_t amount(const struct change *one)
{
	return one->memory.known ? one->memory.v : 0;
}

static int compare(const struct growth *g, const struct rows *after, const struct filter *filter,
		   enum change_by by, struct changes *out)
{
	struct rows before = { .n = 0 };
	struct change_request req = { .side = { &before, after }, .by = by };
	int ret = rows_all(&g->base, &before);

	*out = (struct changes){ 0 };
	if (ret == 0 && filter && filter_is_active(filter))
		ret = rows_filter(&before, filter);
	if (ret == 0)
		ret = changes_make(&req, out);
	rows_done(&before);
	return ret;
}

int growth_compare(struct growth *g, const struct space *s)
{
	struct rows after = { .n = 0 };
	struct changes changes = { 0 };
	int ret;

	if (vec_reserve(&g->grown, s->vma.n) < 0)
		return -ENOMEM;
	g->grown.n = s->vma.n;
	g->total = g->gone = 0;
	if (s->vma.n)
		memset(g->grown.v, 0, s->vma.n * sizeof(*g->grown.v));
	if (g->shared)
		return 0;
	ret = rows_all(s, &after);
	if (ret == 0)
		ret = compare(g, &after, NULL, CHANGE_BY_MAPPING, &changes);
	for (size_t i = 0; ret == 0 && i < changes.change.n; i++) {
		const struct change *one = &changes.change.v[i];

		g->total += amount(one);
		if (one->n[CHANGE_AFTER])
			g->grown.v[changes_rows(&changes, one, CHANGE_AFTER).index[0]] = amount(one);
		else
			g->gone += amount(one);
	}
	changes_done(&changes);
	rows_done(&after);
	return ret;
}

void growth_done(struct growth *g)
{
	if (g->has_base && !g->shared)
		space_done(&g->base);
	vec_done(&g->grown);
	*g = (struct growth){ .has_base = false };
}

int growth_of_groups(const struct growth *g, const struct rows *members,
		     const struct filter *filter, enum group_by by, const struct rows *groups,
		     int64_t *out)
{
	size_t keys = by == GROUP_OBJECT ? members->space->strings.str.n : KINDS + 1;
	int64_t *sum = calloc(keys, sizeof(*sum));
	struct changes changes = { 0 };
	int ret = sum ? 0 : -ENOMEM;

	if (ret == 0 && !g->shared)
		ret = compare(g, members, filter,
			      by == GROUP_OBJECT ? CHANGE_BY_OBJECT : CHANGE_BY_KIND, &changes);
	for (size_t i = 0; ret == 0 && i < changes.change.n; i++) {
		const struct change *one = &changes.change.v[i];
		const struct vma *v;

		if (!one->n[CHANGE_AFTER])
			continue;
		v = &members->vma[changes_rows(&changes, one, CHANGE_AFTER).index[0]];
		sum[by == GROUP_OBJECT ? v->object : v->kind] += amount(one);
	}
	for (size_t i = 0; ret == 0 && i < groups->n; i++) {
		const struct vma *v = &groups->vma[groups->index[i]];

		out[groups->index[i]] = sum[by == GROUP_OBJECT ? v->object : v->kind];
	}
	changes_done(&changes);
	free(sum);
	return ret;
}
