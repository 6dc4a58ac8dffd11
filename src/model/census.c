/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the page-table entries and page frames of a mapping add up to. */
#include "config.h"

#include "model/census.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "proc/kpage.h"
#include "proc/zoneinfo.h"

/* ---- sums ---- */

int census_sum_add(struct census_sum *sum, const struct census *c)
{
	struct census *to = &sum->census;
	int ret = 0;

	to->pages += c->pages;
	to->present += c->present;
	to->zero += c->zero;
	to->swapped += c->swapped;
	to->guard += c->guard;
	to->marker += c->marker;
	to->migration += c->migration;
	to->hidden += c->hidden;
	to->exclusive += c->exclusive;
	to->shared += c->shared;
	to->file += c->file;
	to->pmd += c->pmd;
	to->hugetlb += c->hugetlb;
	to->runs += c->runs;
	if (c->longest > to->longest)
		to->longest = c->longest;
	to->extents.fit += c->extents.fit;
	to->extents.huge += c->extents.huge;
	to->extents.empty += c->extents.empty;
	to->extents.swapped += c->extents.swapped;
	to->extents.sparse += c->extents.sparse;
	to->extents.full += c->extents.full;
	for (unsigned int t = 0; t < TALLIES; t++)
		for (uint32_t i = 0; ret == 0 && i < c->n[t]; i++)
			ret = tally_add(&sum->map[t], c->tally[t][i].key, c->tally[t][i].pages);
	return ret;
}

static int list_tallies(struct census_sum *sum, struct arena *arena)
{
	struct census *c = &sum->census;
	int ret = 0;

	for (unsigned int t = 0; ret == 0 && t < TALLIES; t++)
		ret = tally_sort(&sum->map[t], arena, &sum->last[t], &c->tally[t], &c->n[t]);
	return ret;
}

int census_sum_end(struct census_sum *sum)
{
	return list_tallies(sum, &sum->tallies);
}

void census_sum_done(struct census_sum *sum)
{
	for (unsigned int t = 0; t < TALLIES; t++)
		tally_done(&sum->map[t]);
	arena_done(&sum->tallies);
	memset(sum, 0, sizeof(*sum));
}

void census_set_done(struct census_set *s)
{
	vec_done(&s->census);
	arena_done(&s->tallies);
	memset(s, 0, sizeof(*s));
}

uint64_t census_flag(const struct census *c, unsigned int bit)
{
	uint64_t pages = 0;

	for (uint32_t i = 0; i < c->n[TALLY_WORDS]; i++)
		if (c->tally[TALLY_WORDS][i].key >> bit & 1)
			pages += c->tally[TALLY_WORDS][i].pages;
	return pages;
}

uint64_t census_untouched(const struct census *c)
{
	return c->pages - c->present - c->swapped - c->guard - c->marker - c->migration;
}

uint64_t census_folio_use(const struct census *c, enum folio_use use)
{
	uint64_t pages = 0;

	for (uint32_t i = 0; i < c->n[TALLY_FOLIOS]; i++)
		if (folio_key_use(c->tally[TALLY_FOLIOS][i].key) == use &&
		    folio_key_order(c->tally[TALLY_FOLIOS][i].key))
			pages += c->tally[TALLY_FOLIOS][i].pages;
	return pages;
}

/* ---- making one ---- */

void census_begin(struct census_builder *b, const struct census_facts *facts, uint64_t start,
		  uint64_t end)
{
	struct census *c = &b->sum.census;
	uint64_t size = facts->pmd_size, first;

	b->facts = *facts;
	*c = (struct census){ .pages = (end - start) / facts->page_size };
	for (unsigned int t = 0; t < TALLIES; t++)
		tally_clear(&b->sum.map[t]);
	b->start = start;
	b->end = end;
	b->next_address = b->next_pfn = b->stretch = 0;
	b->open.pages = 0;
	b->folio_frames = 0;
	memset(&b->extent, 0, sizeof(b->extent));
	if (!size)
		return;
	first = (start + size - 1) & ~(size - 1);
	if (first >= start && first < end)
		c->extents.fit = (end - first) / size;
}

static void close_extent(struct census_builder *b)
{
	struct extents *x = &b->sum.census.extents;
	uint64_t pages = b->facts.pmd_size / b->facts.page_size;

	/* one that the mapping has only a part of can't be huge */
	if (b->extent.start < b->start || b->end - b->extent.start < b->facts.pmd_size)
		return;
	if (b->extent.huge)
		x->huge++;
	else if (b->extent.swapped)
		x->swapped++;
	else if (!b->extent.present)
		return;		/* empty: those that are left over in the end */
	else if (pages - b->extent.present > b->facts.max_ptes_none)
		x->sparse++;
	else
		x->full++;
}

static void add_to_extents(struct census_builder *b, uint64_t address, uint64_t pages,
			   bool present, bool huge)
{
	uint64_t size = b->facts.pmd_size, end = address + pages * b->facts.page_size;

	if (!size)
		return;
	while (address < end) {
		uint64_t start = address & ~(size - 1), stop = start + size;
		uint64_t n;

		if (stop > end || stop == 0)
			stop = end;
		n = (stop - address) / b->facts.page_size;
		if (start != b->extent.start) {
			close_extent(b);
			memset(&b->extent, 0, sizeof(b->extent));
			b->extent.start = start;
		}
		*(huge ? &b->extent.huge : present ? &b->extent.present : &b->extent.swapped) += n;
		address = stop;
	}
}

static void close_stretch(struct census_builder *b)
{
	struct census *c = &b->sum.census;

	if (b->stretch)
		c->runs++;
	if (b->stretch > c->longest)
		c->longest = b->stretch;
	b->stretch = 0;
}

static void add_to_stretch(struct census_builder *b, uint64_t address, uint64_t pfn,
			   uint64_t pages)
{
	if (address != b->next_address || pfn != b->next_pfn)
		close_stretch(b);
	b->stretch += pages;
	b->next_address = address + pages * b->facts.page_size;
	b->next_pfn = pfn + pages;
}

static int add_to_nodes(struct census_builder *b, uint64_t pfn, uint64_t pages)
{
	const zone_list zones = { .v = (struct zone *)(uintptr_t)b->facts.zone,
				  .n = b->facts.zones };
	int ret = 0;

	while (ret == 0 && pages && zones.n) {
		const struct zone *z = zones_find(&zones, pfn, &b->zone_hint);
		uint64_t n = z && !z->overlaps ? z->start_pfn + z->spanned - pfn : 1;

		if (n > pages)
			n = pages;
		if (z)
			ret = tally_add(&b->sum.map[TALLY_NODES], z->node, n);
		pfn += n;
		pages -= n;
	}
	return ret;
}

static unsigned int order_of(uint64_t frames)
{
	unsigned int order = 0;

	while (UINT64_C(1) << order < frames)
		order++;
	return order;
}

/* Pages of a folio that is not mapped whole, or whose end is not in sight. */
static int add_unclear(struct census_builder *b, uint64_t pfn, uint64_t address, uint64_t pages)
{
	enum folio_use use = FOLIO_PARTIAL;
	unsigned int order;

	if (pfn - b->folio_head >= b->folio_frames) {
		int ret = b->facts.folio(b->facts.folio_ctx, pfn, &b->folio_head,
					 &b->folio_frames);

		if (ret < 0)
			return ret;
	}
	order = order_of(b->folio_frames);
	if (pfn == b->folio_head && pages >= b->folio_frames)
		use = address & ((b->facts.page_size << order) - 1) ? FOLIO_UNALIGNED :
								       FOLIO_ALIGNED;
	return tally_add(&b->sum.map[TALLY_FOLIOS], folio_key(order, use), pages);
}

/* ended: the frame behind it was seen, and is of another folio. */
static int close_folio(struct census_builder *b, bool ended)
{
	uint64_t pages = b->open.pages;
	unsigned int order = order_of(pages);
	bool aligned;

	if (!pages)
		return 0;
	b->open.pages = 0;
	if (!ended || UINT64_C(1) << order != pages)
		return add_unclear(b, b->open.head, b->open.address, pages);
	aligned = !(b->open.address & ((b->facts.page_size << order) - 1));
	return tally_add(&b->sum.map[TALLY_FOLIOS],
		       folio_key(order, aligned ? FOLIO_ALIGNED : FOLIO_UNALIGNED), pages);
}

#define COMPOUND (KPAGE_BIT(COMPOUND_HEAD) | KPAGE_BIT(COMPOUND_TAIL))

/* Pages mapped one by one, from their flags: a head begins a folio, tails go on with it. */
static int add_to_folios(struct census_builder *b, const struct census_piece *p)
{
	uint64_t page = b->facts.page_size, single = 0, i = 0, n = p->pages;
	uint64_t address = p->address, pfn = pagemap_pfn(p->entry);
	const uint64_t *flags = p->flags;
	int ret = 0;

	if (b->open.pages && (pfn != b->open.head + b->open.pages ||
			      address != b->open.address + b->open.pages * page))
		ret = close_folio(b, false);
	while (ret == 0 && i < n) {
		uint64_t from = i;

		if (!(flags[i] & COMPOUND)) {
			ret = close_folio(b, true);
			for (; i < n && !(flags[i] & COMPOUND); i++)
				single++;
			continue;
		}
		if (flags[i] & KPAGE_BIT(COMPOUND_HEAD)) {
			ret = close_folio(b, true);
			b->open.head = pfn + i;
			b->open.address = address + i * page;
			i++;
		}
		while (i < n && flags[i] & KPAGE_BIT(COMPOUND_TAIL))
			i++;
		if (flags[from] & KPAGE_BIT(COMPOUND_HEAD) || b->open.pages)
			b->open.pages += i - from;
		else if (ret == 0)	/* tails without their head */
			ret = add_unclear(b, pfn + from, address + from * page, i - from);
	}
	if (ret == 0 && p->sees_next && !(flags[n] & KPAGE_BIT(COMPOUND_TAIL)))
		ret = close_folio(b, true);
	if (ret == 0)
		ret = tally_add(&b->sum.map[TALLY_FOLIOS], folio_key(0, FOLIO_ALIGNED), single);
	return ret;
}

/* Neighbours mostly have the same word. */
static int add_words(struct tally_map *m, const uint64_t *word, uint64_t n)
{
	int ret = 0;

	for (uint64_t i = 0; ret == 0 && i < n;) {
		uint64_t from = i++;

		while (i < n && word[i] == word[from])
			i++;
		ret = tally_add(m, word[from], i - from);
	}
	return ret;
}

static int add_flags(struct census_builder *b, const struct census_piece *p)
{
	struct tally_map *words = &b->sum.map[TALLY_WORDS];
	int ret;

	if (!p->flags)
		return 0;
	if (p->n_flags == p->pages)
		return add_words(words, p->flags, p->pages);
	ret = tally_add(words, p->flags[0], 1);
	return ret < 0 ? ret : tally_add(words, p->flags[1], p->pages - 1);
}

/* Mapped how often: the entry's own bit where it says once, else the counts. */
static int add_counts(struct census_builder *b, const struct census_piece *p)
{
	struct tally_map *map = &b->sum.map[TALLY_COUNTS];
	struct census *c = &b->sum.census;
	int ret;

	if (p->entry & PAGEMAP_EXCLUSIVE) {
		c->exclusive += p->pages;
		return tally_add(map, 1, p->pages);
	}
	if (!p->counts) {
		c->shared += p->pages;
		return 0;
	}
	if (p->n_counts == 1) {
		*(p->counts[0] > 1 ? &c->shared : &c->exclusive) += p->counts[0] ? p->pages : 0;
		return tally_add(map, p->counts[0], p->pages);
	}
	for (uint64_t i = 0; i < p->pages; i++) {
		c->exclusive += p->counts[i] == 1;
		c->shared += p->counts[i] > 1;
	}
	ret = add_words(map, p->counts, p->pages);
	return ret;
}

/* A piece of which all pages are present, and none is a zero page. */
static int add_present(struct census_builder *b, const struct census_piece *p)
{
	struct census *c = &b->sum.census;
	uint64_t pfn = pagemap_pfn(p->entry);
	bool huge = p->use == FOLIO_PMD || p->use == FOLIO_HUGETLB;
	int ret = add_counts(b, p);

	if (p->entry & PAGEMAP_FILE)
		c->file += p->pages;
	if (p->use == FOLIO_PMD)
		c->pmd += p->pages;
	if (p->use == FOLIO_HUGETLB)
		c->hugetlb += p->pages;
	add_to_extents(b, p->address, p->pages, true, huge);
	if (!pfn)
		return ret;
	add_to_stretch(b, p->address, pfn, p->pages);
	if (ret == 0)
		ret = add_to_nodes(b, pfn, p->pages);
	if (ret == 0 && huge)
		ret = tally_add(&b->sum.map[TALLY_FOLIOS], folio_key(p->order, p->use), p->pages);
	else if (ret == 0 && p->flags)
		ret = add_to_folios(b, p);
	return ret;
}

static bool is_zero(uint64_t word)
{
	return word & KPAGE_BIT(ZERO_PAGE);
}

/* Parts of a piece that is page by page, those of zero pages and the others apart. */
static int add_mixed(struct census_builder *b, const struct census_piece *p)
{
	int ret = 0;

	for (uint64_t i = 0; ret == 0 && i < p->pages;) {
		struct census_piece part = *p;
		uint64_t from = i++;

		while (i < p->pages && is_zero(p->flags[i]) == is_zero(p->flags[from]))
			i++;
		part.address += from * b->facts.page_size;
		part.pages = i - from;
		part.entry += from;
		part.flags += from;
		part.sees_next = i < p->pages || p->sees_next;
		if (part.counts)
			part.counts += from;
		if (is_zero(p->flags[from]))
			b->sum.census.zero += part.pages;
		else
			ret = add_present(b, &part);
	}
	return ret;
}

static bool has_zero(const struct census_piece *p)
{
	uint64_t all = 0;

	for (uint64_t i = 0; p->flags && i < p->n_flags; i++)
		all |= p->flags[i];
	return is_zero(all);
}

int census_add(struct census_builder *b, const struct census_piece *p)
{
	struct census *c = &b->sum.census;
	int ret;

	switch (pagemap_state(p->entry)) {
	case PAGE_NONE:
		return 0;
	case PAGE_GUARD:
		c->guard += p->pages;
		return 0;
	case PAGE_MARKER:
		c->marker += p->pages;
		return 0;
	case PAGE_MIGRATION:
		c->migration += p->pages;
		add_to_extents(b, p->address, p->pages, true, false);
		return 0;
	case PAGE_SWAP:
		c->swapped += p->pages;
		add_to_extents(b, p->address, p->pages, false, false);
		return 0;
	case PAGE_PRESENT:
		break;
	}
	c->present += p->pages;
	if (!pagemap_pfn(p->entry))
		c->hidden += p->pages;
	ret = add_flags(b, p);
	if (ret < 0)
		return ret;
	if (p->zero || (p->n_flags != p->pages && has_zero(p))) {
		c->zero += p->pages;
		return 0;
	}
	return has_zero(p) ? add_mixed(b, p) : add_present(b, p);
}

int census_end(struct census_builder *b, struct arena *tallies, struct census *out)
{
	struct extents *x = &b->sum.census.extents;
	int ret = close_folio(b, false);

	close_stretch(b);
	close_extent(b);
	x->empty = x->fit - x->huge - x->swapped - x->sparse - x->full;
	if (ret == 0)
		ret = list_tallies(&b->sum, tallies);
	*out = b->sum.census;
	return ret;
}

void census_builder_done(struct census_builder *b)
{
	census_sum_done(&b->sum);
}

/* The entry of a list with this key; NULL: there is none. */
static const struct tally_entry *find_entry(const struct census *c, enum tally t, uint64_t key)
{
	for (uint32_t i = 0; i < c->n[t]; i++)
		if (c->tally[t][i].key == key)
			return &c->tally[t][i];
	return NULL;
}

int census_set_pmd(struct census *c, const struct census_facts *facts, uint64_t pages,
		   struct arena *tallies)
{
	uint64_t size = facts->pmd_size / facts->page_size;
	unsigned int order = order_of(size);
	const struct tally_entry *whole = find_entry(c, TALLY_FOLIOS, folio_key(order, FOLIO_ALIGNED));
	struct extents *x = &c->extents;
	struct tally_entry *list;
	uint64_t huge;
	uint32_t n = c->n[TALLY_FOLIOS];
	bool split;

	if (!pages)
		return 0;
	c->pmd = pages;
	huge = pages / size < x->full ? pages / size : x->full;
	x->huge += huge;	/* hugetlb's are there already */
	x->full -= huge;
	if (!whole)
		return 0;
	/* other mappings may have the same list */
	list = arena_alloc(tallies, (n + 1) * sizeof(*list), sizeof(uint64_t));
	if (!list)
		return -ENOMEM;
	memcpy(list, c->tally[TALLY_FOLIOS], n * sizeof(*list));
	split = whole->pages > pages;
	if (split)
		list[n] = (struct tally_entry){ whole->key, whole->pages - pages };
	list[whole - c->tally[TALLY_FOLIOS]] =
		(struct tally_entry){ folio_key(order, FOLIO_PMD), split ? pages : whole->pages };
	n += split;
	tally_order(list, n);
	c->tally[TALLY_FOLIOS] = list;
	c->n[TALLY_FOLIOS] = n;
	return 0;
}
