/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A census counted page by page, by the definitions in census.h and nothing else: an array of RAM,
 * an array of the mapping's pages, and for each number a loop over it.
 */
#ifndef TESTS_UNIT_CENSUS_MODEL_H
#define TESTS_UNIT_CENSUS_MODEL_H

#include "model/census.h"
#include "proc/kpage.h"
#include "proc/zoneinfo.h"
#include "unit.h"

enum {
	MODEL_FRAMES = 1 << 15,		/* of RAM */
	MODEL_PAGES = 6000,		/* of a mapping, at most */
	MODEL_KEYS = 4096,
};

struct model_frame {
	uint64_t flags, count;
	uint32_t head, frames;		/* the folio it belongs to; itself, 1 */
};

struct model_page {
	uint64_t entry;			/* of pagemap */
	enum folio_use use;		/* FOLIO_PMD, FOLIO_HUGETLB: mapped so; else FOLIO_ALIGNED */
	unsigned int order;		/* then: of what */
	bool zero;			/* the zero page, and told so by the walk */
};

/* What a reader gets to know. */
struct model_view {
	bool pfns, flags, counts, zero_told;
};

struct model {
	struct model_frame ram[MODEL_FRAMES];
	struct model_page page[MODEL_PAGES];
	size_t pages;
	uint64_t start;			/* address of the first */
	struct model_view view;
	uint64_t page_size, pmd_size, max_ptes_none;
	zone_list zones;
};

/* A tally as an unsorted list. */
struct model_tally {
	struct tally_entry entry[MODEL_KEYS];
	size_t n;
};

static inline void model_tally_add(struct model_tally *t, uint64_t key, uint64_t pages)
{
	for (size_t i = 0; i < t->n; i++) {
		if (t->entry[i].key == key) {
			t->entry[i].pages += pages;
			return;
		}
	}
	ck_assert_uint_lt(t->n, MODEL_KEYS);
	t->entry[t->n++] = (struct tally_entry){ key, pages };
}

struct model_census {
	struct census census;		/* but for its tallies: */
	struct model_tally tally[TALLIES];
};

static inline uint64_t model_pfn(const struct model *m, size_t i)
{
	return m->view.pfns ? m->page[i].entry & PAGEMAP_PFN_MASK : 0;
}

static inline bool model_is_present(const struct model *m, size_t i)
{
	return m->page[i].entry & PAGEMAP_PRESENT;
}

/* A zero page, as far as the reader can know: by the walk, or by the frame's flags. */
static inline bool model_is_zero(const struct model *m, size_t i)
{
	if (!model_is_present(m, i))
		return false;
	return (m->view.zero_told && m->page[i].zero) ||
	       (m->view.flags && model_pfn(m, i) &&
		(m->ram[model_pfn(m, i)].flags & KPAGE_BIT(ZERO_PAGE)));
}

static inline bool model_is_resident(const struct model *m, size_t i)
{
	return model_is_present(m, i) && !model_is_zero(m, i);
}

static inline bool model_is_huge(const struct model *m, size_t i)
{
	return model_is_resident(m, i) &&
	       (m->page[i].use == FOLIO_PMD || m->page[i].use == FOLIO_HUGETLB);
}

static inline void model_states(const struct model *m, size_t i, struct model_census *out)
{
	struct census *c = &out->census;

	switch (pagemap_state(m->page[i].entry)) {
	case PAGE_NONE: return;
	case PAGE_SWAP: c->swapped++; return;
	case PAGE_GUARD: c->guard++; return;
	case PAGE_MARKER: c->marker++; return;
	case PAGE_MIGRATION: c->migration++; return;
	case PAGE_PRESENT: break;
	}
	c->present++;
	c->zero += model_is_zero(m, i);
	c->hidden += model_pfn(m, i) == 0;
	if (model_is_zero(m, i))
		return;
	c->file += (m->page[i].entry & PAGEMAP_FILE) != 0;
	c->pmd += m->page[i].use == FOLIO_PMD;
	c->hugetlb += m->page[i].use == FOLIO_HUGETLB;
}

static inline void model_counts(const struct model *m, size_t i, struct model_census *out)
{
	uint64_t count;

	if (!model_is_resident(m, i))
		return;
	if (m->page[i].entry & PAGEMAP_EXCLUSIVE) {
		out->census.exclusive++;
		model_tally_add(&out->tally[TALLY_COUNTS], 1, 1);
		return;
	}
	if (!m->view.counts || !model_pfn(m, i)) {
		out->census.shared++;	/* the entry says: more often than once */
		return;
	}
	count = m->ram[model_pfn(m, i)].count;
	out->census.exclusive += count == 1;
	out->census.shared += count > 1;
	model_tally_add(&out->tally[TALLY_COUNTS], count, 1);
}

static inline void model_node(const struct model *m, size_t i, struct model_census *out)
{
	uint64_t pfn = model_pfn(m, i);
	const struct zone *in = NULL;
	size_t n = 0;

	if (!model_is_resident(m, i) || !pfn)
		return;
	for (size_t z = 0; z < m->zones.n; z++) {
		const struct zone *one = &m->zones.v[z];

		if (pfn < one->start_pfn || pfn >= one->start_pfn + one->spanned)
			continue;
		n += !in || in->node != one->node;
		in = one;
	}
	if (n == 1)
		model_tally_add(&out->tally[TALLY_NODES], in->node, 1);
}

/* Is this frame mapped page by page at page i? */
static inline bool model_maps_frame(const struct model *m, size_t i, uint64_t pfn)
{
	return i < m->pages && model_is_resident(m, i) && !model_is_huge(m, i) &&
	       model_pfn(m, i) == pfn;
}

static inline void model_folio(const struct model *m, size_t i, struct model_census *out)
{
	uint64_t pfn = model_pfn(m, i), head, frames, address;
	enum folio_use use = FOLIO_ALIGNED;
	unsigned int order = 0;
	bool whole;

	if (!model_is_resident(m, i) || !pfn)
		return;
	if (model_is_huge(m, i)) {
		model_tally_add(&out->tally[TALLY_FOLIOS],
				folio_key(m->page[i].order, m->page[i].use), 1);
		return;
	}
	if (!m->view.flags)
		return;
	head = m->ram[pfn].head;
	frames = m->ram[pfn].frames;
	whole = i >= pfn - head;
	for (uint64_t k = 0; whole && k < frames; k++)
		whole = model_maps_frame(m, i - (pfn - head) + k, head + k);
	while (UINT64_C(1) << order < frames)
		order++;
	address = m->start + (i - (pfn - head)) * m->page_size;
	if (frames > 1)
		use = !whole ? FOLIO_PARTIAL :
		      address % (frames * m->page_size) ? FOLIO_UNALIGNED : FOLIO_ALIGNED;
	model_tally_add(&out->tally[TALLY_FOLIOS], folio_key(order, use), 1);
}

static inline void model_stretches(const struct model *m, struct census *c)
{
	uint64_t n = 0;

	for (size_t i = 0; i <= m->pages; i++) {
		bool here = i < m->pages && model_is_resident(m, i) && model_pfn(m, i);

		if (n && (!here || model_pfn(m, i) != model_pfn(m, i - 1) + 1)) {
			c->runs++;
			c->longest = n > c->longest ? n : c->longest;
			n = 0;
		}
		n += here;
	}
}

static inline void model_extent(const struct model *m, size_t from, size_t n, struct extents *x)
{
	size_t present = 0, swapped = 0, huge = 0;

	for (size_t i = from; i < from + n; i++) {
		enum page_state state = pagemap_state(m->page[i].entry);

		huge += model_is_huge(m, i);
		swapped += state == PAGE_SWAP;
		/* one that is being moved is a page that is there */
		present += model_is_resident(m, i) || state == PAGE_MIGRATION;
	}
	x->fit++;
	if (huge)
		x->huge++;
	else if (swapped)
		x->swapped++;
	else if (!present)
		x->empty++;
	else if (n - present > m->max_ptes_none)
		x->sparse++;
	else
		x->full++;
}

static inline void model_extents(const struct model *m, struct extents *x)
{
	size_t each = (size_t)(m->pmd_size / m->page_size);

	for (size_t i = 0; each && i + each <= m->pages; i++)
		if ((m->start + i * m->page_size) % m->pmd_size == 0)
			model_extent(m, i, each, x);
}

static inline void model_count(const struct model *m, struct model_census *out)
{
	memset(out, 0, sizeof(*out));
	out->census.pages = m->pages;
	for (size_t i = 0; i < m->pages; i++) {
		model_states(m, i, out);
		model_counts(m, i, out);
		model_node(m, i, out);
		model_folio(m, i, out);
		if (model_is_present(m, i) && m->view.flags && model_pfn(m, i))
			model_tally_add(&out->tally[TALLY_WORDS],
					m->ram[model_pfn(m, i)].flags, 1);
	}
	model_stretches(m, &out->census);
	model_extents(m, &out->census.extents);
}

/* Adds a census to a sum, the slow way. */
static inline void model_sum(struct model_census *sum, const struct model_census *one)
{
	struct census *to = &sum->census;
	const struct census *c = &one->census;
	uint64_t longest = c->longest > to->longest ? c->longest : to->longest;

#define ADD(field) to->field += c->field
	ADD(pages), ADD(present), ADD(zero), ADD(swapped), ADD(guard), ADD(marker);
	ADD(migration), ADD(hidden), ADD(exclusive), ADD(shared), ADD(file), ADD(pmd);
	ADD(hugetlb), ADD(runs), ADD(extents.fit), ADD(extents.huge), ADD(extents.empty);
	ADD(extents.swapped), ADD(extents.sparse), ADD(extents.full);
#undef ADD
	to->longest = longest;
	for (unsigned int t = 0; t < TALLIES; t++)
		for (size_t i = 0; i < one->tally[t].n; i++)
			model_tally_add(&sum->tally[t], one->tally[t].entry[i].key,
					one->tally[t].entry[i].pages);
}

/* ---- comparing ---- */

#define MODEL_SAME(field) \
	do { \
		if (want->census.field != got->field) \
			ck_abort_msg("%s: " #field " is %lu instead of %lu", what, \
				     (unsigned long)got->field, (unsigned long)want->census.field); \
	} while (0)

static inline void model_same_tally(const char *what, unsigned int t,
				    const struct model_tally *want, const struct census *got)
{
	for (uint32_t i = 0; i < got->n[t]; i++) {
		const struct tally_entry *e = &got->tally[t][i];
		size_t k = 0;

		if (i && (e[-1].pages < e->pages ||
			  (e[-1].pages == e->pages && e[-1].key >= e->key)))
			ck_abort_msg("%s: tally %u is not in order", what, t);
		while (k < want->n && want->entry[k].key != e->key)
			k++;
		if (k == want->n || want->entry[k].pages != e->pages)
			ck_abort_msg("%s: tally %u: %#lx has %lu pages instead of %lu", what, t,
				     (unsigned long)e->key, (unsigned long)e->pages,
				     k == want->n ? 0 : (unsigned long)want->entry[k].pages);
	}
	if (want->n != got->n[t])
		ck_abort_msg("%s: tally %u has %u entries instead of %zu", what, t, got->n[t],
			     want->n);
}

static inline void model_same(const char *what, const struct model_census *want,
			      const struct census *got)
{
	MODEL_SAME(pages);
	MODEL_SAME(present);
	MODEL_SAME(zero);
	MODEL_SAME(swapped);
	MODEL_SAME(guard);
	MODEL_SAME(marker);
	MODEL_SAME(migration);
	MODEL_SAME(hidden);
	MODEL_SAME(exclusive);
	MODEL_SAME(shared);
	MODEL_SAME(file);
	MODEL_SAME(pmd);
	MODEL_SAME(hugetlb);
	MODEL_SAME(runs);
	MODEL_SAME(longest);
	MODEL_SAME(extents.fit);
	MODEL_SAME(extents.huge);
	MODEL_SAME(extents.empty);
	MODEL_SAME(extents.swapped);
	MODEL_SAME(extents.sparse);
	MODEL_SAME(extents.full);
	for (unsigned int t = 0; t < TALLIES; t++)
		model_same_tally(what, t, &want->tally[t], got);
}

#endif
