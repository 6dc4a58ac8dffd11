/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sets of processors or memory nodes as the kernel prints them: "0-3,8" (format %*pbl). */
#include "config.h"

#include "proc/idlist.h"

#include <errno.h>

#include "base/num.h"

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n';
}

static bool scan_id(const char **p, const char *end, uint32_t *id)
{
	uint64_t v;

	if (!num_scan_u64(p, end, &v) || v > UINT32_MAX)
		return false;
	*id = (uint32_t)v;
	return true;
}

int idlist_parse(struct str text, struct idlist *out)
{
	const char *p = text.p, *end = text.p + text.len;

	while (p < end && is_blank(*p))
		p++;
	while (end > p && is_blank(end[-1]))
		end--;
	while (p < end) {
		struct id_range r, *to;

		if (!scan_id(&p, end, &r.first))
			return -EBADMSG;
		r.last = r.first;
		if (p < end && *p == '-') {
			p++;
			if (!scan_id(&p, end, &r.last) || r.last < r.first)
				return -EBADMSG;
		}
		if (p < end && (*p++ != ',' || p == end))
			return -EBADMSG;
		to = vec_push(&out->range);
		if (!to)
			return -ENOMEM;
		*to = r;
	}
	return 0;
}

int idlist_add(struct idlist *l, uint32_t id)
{
	struct id_range *last = l->range.n ? &l->range.v[l->range.n - 1] : NULL;

	if (last && last->last < id && last->last + 1 == id) {
		last->last = id;
		return 0;
	}
	last = vec_push(&l->range);
	if (!last)
		return -ENOMEM;
	*last = (struct id_range){ id, id };
	return 0;
}

void idlist_done(struct idlist *l)
{
	vec_done(&l->range);
}

bool idlist_has(const struct idlist *l, uint32_t id)
{
	for (size_t i = 0; i < l->range.n; i++)
		if (l->range.v[i].first <= id && id <= l->range.v[i].last)
			return true;
	return false;
}

bool idlist_overlaps(const struct idlist *a, const struct idlist *b)
{
	for (size_t i = 0; i < a->range.n; i++)
		for (size_t k = 0; k < b->range.n; k++)
			if (a->range.v[i].first <= b->range.v[k].last &&
			    b->range.v[k].first <= a->range.v[i].last)
				return true;
	return false;
}

void idlist_put(struct buf *b, const struct idlist *l)
{
	for (size_t i = 0; i < l->range.n; i++) {
		const struct id_range *r = &l->range.v[i];

		buf_printf(b, "%s%u", i ? "," : "", r->first);
		if (r->last != r->first)
			buf_printf(b, "-%u", r->last);
	}
}
