/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How much of a mapping lies in huge pages: amounts and shares. */
#include "config.h"

#include "model/huge.h"

#include <string.h>

int huge_machine_read(const struct root *root, struct huge_machine *out)
{
	struct buf text;
	int ret = 0;

	memset(out, 0, sizeof(*out));
	thp_read(root, true, &out->thp);
	hugepages_read(root, &out->pools);
	buf_init(&text);
	if (root_read(root, "proc/buddyinfo", &text) == 0)
		ret = buddyinfo_parse(text.data, text.len, &out->buddy);
	buf_done(&text);
	return ret;
}

void huge_machine_done(struct huge_machine *m)
{
	vec_done(&m->buddy);
}

bool huge_free_blocks(const struct huge_facts *f, uint64_t *blocks)
{
	unsigned int order = 0;

	if (!f->page_size || f->pmd_size < f->page_size)
		return false;
	while (f->page_size << order < f->pmd_size)
		order++;
	return buddyinfo_blocks(&f->machine->buddy, order, blocks);
}

/* The entry of a size, in its place; NULL when the list is full. */
static struct huge_size *find_size(struct huge *h, uint64_t size)
{
	unsigned int at = 0;

	while (at < h->n_sizes && h->sizes[at].size > size)
		at++;
	if (at < h->n_sizes && h->sizes[at].size == size)
		return &h->sizes[at];
	if (h->n_sizes == HUGE_SIZES)
		return NULL;
	memmove(&h->sizes[at + 1], &h->sizes[at], (h->n_sizes - at) * sizeof(*h->sizes));
	h->n_sizes++;
	h->sizes[at] = (struct huge_size){ .size = size };
	return &h->sizes[at];
}

static void add_size(struct huge *h, uint64_t size, enum folio_use use, uint64_t bytes)
{
	struct huge_size *s = bytes ? find_size(h, size) : NULL;

	if (s)
		s->use[use] += bytes;
}

static void take_folios(const struct huge_facts *f, const struct census *census, struct huge *h)
{
	for (uint32_t i = 0; i < census->n[TALLY_FOLIOS]; i++) {
		const struct tally_entry *e = &census->tally[TALLY_FOLIOS][i];
		enum folio_use use = folio_key_use(e->key);

		if (use < FOLIO_USES)
			add_size(h, f->page_size << folio_key_order(e->key), use,
				 e->pages * f->page_size);
	}
}

/* What smaps tells without a look at the pages. */
static void take_counters(const struct counters *c, struct huge *h)
{
	uint64_t all;

	h->hugetlb.known = counters_hugetlb(c, &h->hugetlb.v);
	if (!counters_huge(c, &all))
		return;
	h->pmd.known = true;
	h->pmd.v = h->hugetlb.known ? all - h->hugetlb.v : all;
}

void huge_measure(const struct huge_facts *f, const struct vma *v, const struct counters *c,
		  const struct census *census, struct huge *out)
{
	unsigned int known = census && f->set ? f->set->known : 0;
	uint64_t size;

	*out = (struct huge){ .size = v->size };
	/* as the other views have it; the pages were looked at a moment later */
	out->resident.known = counters_resident(c, &out->resident.v);
	take_counters(c, out);
	if (census && f->page_size) {
		if (!out->resident.known)
			out->resident = (struct maybe){ true, census_resident(census) * f->page_size };
		out->hugetlb = (struct maybe){ true, census->hugetlb * f->page_size };
		out->has_folios = known & CENSUS_FLAGS;
		out->has_extents = f->pmd_size && f->set->pmd_size == f->pmd_size;
		out->extents = census->extents;
		if (out->has_extents && !v->mixed && huge_fit(f, v) == 0)
			out->extents = (struct extents){ 0 };
	}
	if (census && (known & CENSUS_PMD))
		out->pmd = (struct maybe){ true, census->pmd * f->page_size };
	out->huge = out->pmd;
	if (out->pmd.known && out->hugetlb.known)
		out->huge.v = num_add(out->pmd.v, out->hugetlb.v);
	if (out->has_folios) {
		take_folios(f, census, out);
		return;
	}
	if (out->pmd.known && f->pmd_size)
		add_size(out, f->pmd_size, FOLIO_PMD, out->pmd.v);
	if (out->hugetlb.known && counters_get(c, SMAPS_KERNEL_PAGE_SIZE, &size))
		add_size(out, size, FOLIO_HUGETLB, out->hugetlb.v);
}

static struct maybe plus(struct maybe a, struct maybe b)
{
	return (struct maybe){ a.known && b.known, num_add(a.v, b.v) };
}

void huge_add(struct huge *sum, const struct huge *h, bool first)
{
	if (first) {
		*sum = *h;
		return;
	}
	sum->size = num_add(sum->size, h->size);
	sum->resident = plus(sum->resident, h->resident);
	sum->pmd = plus(sum->pmd, h->pmd);
	sum->hugetlb = plus(sum->hugetlb, h->hugetlb);
	sum->huge = plus(sum->huge, h->huge);
	sum->has_folios &= h->has_folios;
	for (unsigned int i = 0; i < h->n_sizes; i++)
		for (unsigned int use = 0; use < FOLIO_USES; use++)
			add_size(sum, h->sizes[i].size, (enum folio_use)use,
				 h->sizes[i].use[use]);
	sum->has_extents &= h->has_extents;
	sum->extents.fit += h->extents.fit;
	sum->extents.huge += h->extents.huge;
	sum->extents.empty += h->extents.empty;
	sum->extents.swapped += h->extents.swapped;
	sum->extents.sparse += h->extents.sparse;
	sum->extents.full += h->extents.full;
}

/* part of whole in millionths, at most a million. */
static bool share(struct maybe part, struct maybe whole, uint64_t *millionths)
{
	if (!part.known || !whole.known || !whole.v)
		return false;
	if (part.v >= whole.v)
		*millionths = 1000000;
	else if (part.v <= UINT64_MAX / 1000000)
		*millionths = part.v * 1000000 / whole.v;
	else
		*millionths = part.v / (whole.v / 1000000);
	return true;
}

bool huge_share(const struct huge *h, uint64_t *millionths)
{
	return share(h->huge, (struct maybe){ true, h->size }, millionths);
}

bool huge_resident_share(const struct huge *h, uint64_t *millionths)
{
	return share(h->huge, h->resident, millionths);
}
