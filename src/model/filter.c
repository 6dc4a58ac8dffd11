/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which mappings are shown, in which order, and what joins into one row. */
#include "config.h"

#include "model/filter.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"

bool filter_set_kinds(struct filter *f, const char *list, struct str *problem)
{
	for (;;) {
		size_t n = strcspn(list, ",");
		enum kind k;

		*problem = (struct str){ list, n };
		k = kind_find(*problem);
		if (k == KINDS)
			return false;
		f->kinds |= 1u << k;
		if (!list[n])
			return true;
		list += n + 1;
	}
}

bool filter_set_range(struct filter *f, const char *text)
{
	size_t n = strcspn(text, "-,");
	uint64_t high;

	if (!num_parse_hex(text, n, &f->range_low))
		return false;
	f->range_last = f->range_low;
	if (text[n]) {
		if (!num_parse_hex(text + n + 1, strlen(text + n + 1), &high) ||
		    high <= f->range_low)
			return false;
		f->range_last = high - 1;
	}
	f->has_range = true;
	return true;
}

bool filter_set_perms(struct filter *f, const char *text)
{
	static const char places[] = "rwxp";
	size_t n = strlen(text);
	bool by_place = n == 4;

	if (n == 0 || n > 5)
		return false;
	for (size_t i = 0; by_place && i < 4; i++)
		by_place = text[i] == '?' || text[i] == places[i] || (text[i] == '-' && i < 3) ||
			   (i == 3 && text[i] == 's');
	if (by_place) {
		memcpy(f->perms, text, 5);
		return true;
	}
	if (strspn(text, "rwxps") != n || (strchr(text, 'p') && strchr(text, 's')))
		return false;
	for (size_t i = 0; i < 4; i++)
		f->perms[i] = strchr(text, places[i]) ? places[i] : '?';
	if (strchr(text, 's'))
		f->perms[3] = 's';
	return true;
}

static bool has_perms(const struct vma *v, const char *wanted)
{
	char perms[4];

	maps_put_perms(perms, v->perms);
	for (size_t i = 0; i < 4; i++)
		if (wanted[i] != '?' && wanted[i] != perms[i])
			return false;
	return true;
}

/* Does the string match? Asked once for each string: many mappings share theirs. */
static bool matches(const struct space *s, const regex_t *regex, uint32_t string,
		    unsigned char *known)
{
	enum { UNKNOWN, YES, NO };
	struct str text = space_str(s, string);
	regmatch_t whole = { .rm_so = 0, .rm_eo = (regoff_t)text.len };

	if (known[string] == UNKNOWN)
		known[string] = regexec(regex, text.p, 1, &whole, REG_STARTEND) == 0 ? YES : NO;
	return known[string] == YES;
}

static bool passes(const struct rows *r, uint32_t i, const struct filter *f,
		   unsigned char *known)
{
	const struct vma *v = &r->vma[i];
	uint32_t path = vma_file(r->space, v)->path;
	uint64_t resident;

	if (f->kinds && !(f->kinds >> v->kind & 1))
		return false;
	if (f->has_range && (v->end <= f->range_low || v->start > f->range_last))
		return false;
	if (f->perms[0] && !has_perms(v, f->perms))
		return false;
	if (f->min_resident &&
	    (!r->counters || !counters_resident(&r->counters[i], &resident) ||
	     resident < f->min_resident))
		return false;
	return !f->regex || matches(r->space, f->regex, path, known) ||
	       (v->object != path && matches(r->space, f->regex, v->object, known));
}

int rows_filter(struct rows *r, const struct filter *f)
{
	unsigned char *known = calloc(r->space->strings.str.n + 1, 1);
	size_t n = 0;

	if (!known)
		return -ENOMEM;
	for (size_t i = 0; i < r->n; i++)
		if (passes(r, r->index[i], f, known))
			r->index[n++] = r->index[i];
	r->n = n;
	free(known);
	return 0;
}

static uint32_t group_key(const struct vma *v, enum group_by by)
{
	switch (by) {
	case GROUP_KIND: return v->kind;
	case GROUP_OBJECT: return v->object;
	case GROUP_PERMS: return v->perms;
	case GROUP_NONE: break;
	}
	return 0;
}

static void group_join(struct vma *g, const struct vma *v)
{
	if (v->start < g->start)
		g->start = v->start;
	if (v->end > g->end)
		g->end = v->end;
	g->size = num_add(g->size, v->size);
	g->count += v->count;
	if (g->kind != v->kind)
		g->kind = KINDS;
	if (g->object != v->object)
		g->object = 0;
	if (g->thread != v->thread)
		g->thread = 0;
	if (g->perms != v->perms)
		g->perms = SPACE_PERMS_MIXED;
}

/* Groups are looked up by key in a table that has a place for every key there can be. */
static size_t key_space(const struct rows *r, enum group_by by)
{
	return by == GROUP_OBJECT ? r->space->strings.str.n : 64;
}

static int group_add(struct groups *out, const struct rows *r, uint32_t i, uint32_t *slot)
{
	struct vma *g;
	struct counters_sum *c;
	struct census_sum *p;

	if (*slot) {
		group_join(&out->vma.v[*slot - 1], &r->vma[i]);
		if (r->counters)
			counters_sum_add(&out->sum.v[*slot - 1], &r->counters[i]);
		return r->census ? census_sum_add(&out->pages.v[*slot - 1], &r->census[i]) : 0;
	}
	g = vec_push(&out->vma);
	c = r->counters ? vec_push(&out->sum) : NULL;
	p = r->census ? vec_push(&out->pages) : NULL;
	if (!g || (r->counters && !c) || (r->census && !p))
		return -ENOMEM;
	*g = r->vma[i];
	g->mixed = true;
	if (c)
		counters_sum_begin(c, &r->counters[i]);
	*slot = (uint32_t)out->vma.n;
	if (!p)
		return 0;
	memset(p, 0, sizeof(*p));
	return census_sum_add(p, &r->census[i]);
}

/* The groups' census, once all members are in. */
static int groups_end_census(struct groups *g)
{
	int ret = 0;

	if (vec_reserve(&g->census, g->pages.n) < 0)
		return -ENOMEM;
	for (size_t i = g->census.n; ret == 0 && i < g->pages.n; i++)
		ret = census_sum_end(&g->pages.v[i]);
	for (size_t i = 0; i < g->pages.n; i++)
		g->census.v[i] = g->pages.v[i].census;
	g->census.n = g->pages.n;
	return ret;
}

static int by_kind(const void *a, const void *b, void *ctx)
{
	const struct vma *v = ctx;

	return (int)v[*(const uint32_t *)a].kind - (int)v[*(const uint32_t *)b].kind;
}

/* The arrays may have moved. */
static int groups_set_rows(struct groups *g, const struct space *space)
{
	uint32_t *index = realloc(g->rows.index, (g->vma.n + 1) * sizeof(uint32_t));

	if (!index)
		return -ENOMEM;
	for (size_t i = g->rows.n; i < g->vma.n; i++)
		index[i] = (uint32_t)i;
	g->rows = (struct rows){ .space = space, .vma = g->vma.v, .index = index,
				 .n = g->vma.n, .pages = g->rows.pages, .huge = g->rows.huge,
				 .numa = g->rows.numa };
	if (groups_end_census(g) < 0)
		return -ENOMEM;
	g->rows.census = g->rows.pages ? g->census.v : NULL;
	if (g->sum.n == 0)
		return 0;
	if (vec_reserve(&g->counters, g->sum.n) < 0)
		return -ENOMEM;
	g->counters.n = g->sum.n;
	for (size_t i = 0; i < g->sum.n; i++)
		g->counters.v[i] = counters_of_sum(&g->sum.v[i]);
	g->rows.counters = g->counters.v;
	return 0;
}

int groups_make(const struct rows *r, enum group_by by, struct groups *out)
{
	uint32_t *slot, *of = r->numa ? calloc(r->n + 1, sizeof(*of)) : NULL;
	int ret = r->numa && !of ? -ENOMEM : 0;

	*out = (struct groups){ .with_counters = r->counters != NULL };
	slot = calloc(key_space(r, by), sizeof(*slot));
	if (!slot)
		ret = -ENOMEM;
	for (size_t i = 0; ret == 0 && i < r->n; i++) {
		uint32_t at = r->index[i], *group = &slot[group_key(&r->vma[at], by)];

		ret = group_add(out, r, at, group);
		if (of)
			of[i] = *group - 1;
	}
	if (ret == 0 && of) {
		ret = numa_sum(r, of, out->vma.n, &out->numa);
		out->rows.numa = &out->numa;
	}
	free(slot);
	free(of);
	if (ret < 0)
		return ret;
	out->rows.pages = r->pages;
	out->rows.huge = r->huge;
	ret = groups_set_rows(out, r->space);
	if (ret < 0)
		return ret;
	if (by == GROUP_KIND)
		qsort_r(out->rows.index, out->rows.n, sizeof(uint32_t), by_kind, out->vma.v);
	return 0;
}

static int add_census_total(struct groups *g)
{
	struct census_sum *p = vec_push(&g->pages);
	int ret = 0;

	if (!p)
		return -ENOMEM;
	memset(p, 0, sizeof(*p));
	for (size_t i = 0; ret == 0 && i < g->census.n; i++)
		if (vma_is_user(&g->vma.v[i]))
			ret = census_sum_add(p, &g->census.v[i]);
	return ret;
}

int groups_add_total(struct groups *g)
{
	struct counters_sum sum, *c;
	struct vma total, *v;

	rows_sum(&g->rows, &total, &sum);
	if (g->with_counters && g->rows.n == 0)	/* the sum of nothing is not unknown */
		sum.valid = ~0u >> (32 - SMAPS_PER_MAPPING);
	v = vec_push(&g->vma);
	c = g->with_counters ? vec_push(&g->sum) : NULL;
	if (!v || (g->with_counters && !c))
		return -ENOMEM;
	*v = total;
	if (c)
		*c = sum;
	return g->rows.pages && add_census_total(g) < 0 ? -ENOMEM :
							  groups_set_rows(g, g->rows.space);
}

void groups_done(struct groups *g)
{
	vec_done(&g->vma);
	vec_done(&g->sum);
	vec_done(&g->counters);
	for (size_t i = 0; i < g->pages.n; i++)
		census_sum_done(&g->pages.v[i]);
	vec_done(&g->pages);
	vec_done(&g->census);
	numa_done(&g->numa);
	rows_done(&g->rows);
}
