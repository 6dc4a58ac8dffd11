/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A stretch of a mapping as cells of 2^zoom pages, each with the mix of what its pages are. */
#include "config.h"

#include "model/grid.h"

#include <errno.h>
#include <stdlib.h>

#include "base/num.h"
#include "proc/kpage.h"
#include "proc/zoneinfo.h"

enum { LAST = GRID_CLASSES - 1, ZOOM_MAX = 40 };

const char *const grid_mode_name[GRID_MODES] = {
	[GRID_STATE] = "state", [GRID_FOLIO] = "folio size", [GRID_COUNT] = "map count",
	[GRID_NODE] = "node",
};

int grid_init(struct grid *g, enum grid_mode mode, unsigned int zoom, uint64_t page_size,
	      uint64_t base, size_t n, uint64_t start, uint64_t end)
{
	*g = (struct grid){ .mode = mode, .zoom = zoom, .page_size = page_size, .base = base,
			    .n = n, .start = start, .end = end };
	g->cell = calloc(n + 1, sizeof(*g->cell));
	if (zoom == 0)
		g->page = calloc(n + 1, sizeof(*g->page));
	return g->cell && (g->page || zoom) ? 0 : -ENOMEM;
}

void grid_done(struct grid *g)
{
	free(g->cell);
	free(g->page);
	*g = (struct grid){ .mode = GRID_STATE };
}

size_t grid_find(const struct grid *g, uint64_t address)
{
	uint64_t i = (address - g->base) / grid_cell_size(g);

	return address < g->base || i >= g->n ? g->n : (size_t)i;
}

void grid_window(const struct grid *g, uint64_t *start, uint64_t *end)
{
	uint64_t last = num_add(g->base, num_mul(g->n, grid_cell_size(g)));

	*start = g->base > g->start ? g->base : g->start;
	*end = last < g->end ? last : g->end;
	if (*end < *start)
		*end = *start;
}

uint64_t grid_cell_pages(const struct grid *g, size_t i)
{
	uint64_t from = num_add(g->base, num_mul(i, grid_cell_size(g)));
	uint64_t to = num_add(from, grid_cell_size(g));

	from = from < g->start ? g->start : from;
	to = to > g->end ? g->end : to;
	return to > from ? (to - from) / g->page_size : 0;
}

/* ---- what a page is ---- */

static uint64_t flags_of(const struct census_piece *p, uint64_t i)
{
	if (!p->flags)
		return 0;
	return p->flags[p->n_flags == p->pages ? i : i > 0];
}

static bool is_zero(const struct census_piece *p, uint64_t i)
{
	return p->zero || (flags_of(p, i) & KPAGE_BIT(ZERO_PAGE));
}

#define COMPOUND (KPAGE_BIT(COMPOUND_HEAD) | KPAGE_BIT(COMPOUND_TAIL))

/* Remembers the folio of a frame. 0 or -errno. */
static int find_folio(struct grid *g, const struct census_facts *facts,
		      const struct census_piece *p, uint64_t i)
{
	uint64_t pfn = pagemap_pfn(p->entry) + i, n = i + 1;

	if (pfn - g->folio_head < g->folio_frames)
		return 0;
	if ((flags_of(p, i) & KPAGE_BIT(COMPOUND_HEAD)) && p->n_flags == p->pages) {
		while (n < p->pages && (p->flags[n] & KPAGE_BIT(COMPOUND_TAIL)))
			n++;
		if (n < p->pages + p->sees_next && !(p->flags[n] & KPAGE_BIT(COMPOUND_TAIL))) {
			g->folio_head = pfn;
			g->folio_frames = n - i;
			return 0;
		}
	}
	return facts->folio(facts->folio_ctx, pfn, &g->folio_head, &g->folio_frames);
}

/* Pages of the folio of a page that is present. 0 in *pages: not known. 0 or -errno. */
static int folio_of(struct grid *g, const struct census_facts *facts, const struct census_piece *p,
		    uint64_t i, uint64_t *pages)
{
	int ret;

	*pages = 0;
	if (p->use == FOLIO_PMD || p->use == FOLIO_HUGETLB) {
		*pages = UINT64_C(1) << p->order;
	} else if (p->flags && pagemap_pfn(p->entry)) {
		*pages = 1;
		if (!(flags_of(p, i) & COMPOUND))
			return 0;
		ret = find_folio(g, facts, p, i);
		if (ret < 0)
			return ret;
		*pages = g->folio_frames;
	}
	return 0;
}

static bool count_of(const struct census_piece *p, uint64_t i, uint64_t *count)
{
	*count = 1;
	if (p->entry & PAGEMAP_EXCLUSIVE)
		return true;
	if (!p->counts)
		return false;
	*count = p->counts[p->n_counts == p->pages ? i : 0];
	return true;
}

static unsigned int class_of_count(const struct census_piece *p, uint64_t i)
{
	uint64_t n;

	if (!count_of(p, i, &n))
		return GRID_COUNT_SHARED;
	if (n <= 2)
		return GRID_COUNT_0 + (unsigned int)n;
	return n <= 4 ? GRID_COUNT_4 : n <= 16 ? GRID_COUNT_16 : n <= 256 ? GRID_COUNT_256 :
	       GRID_COUNT_MORE;
}

static unsigned int class_of_node(struct grid *g, const struct census_facts *facts, uint64_t pfn)
{
	const zone_list zones = { .v = (struct zone *)(uintptr_t)facts->zone, .n = facts->zones };
	const struct zone *z = pfn ? zones_find(&zones, pfn, &g->zone_hint) : NULL;

	if (!z)
		return GRID_UNKNOWN;
	return z->node < LAST - GRID_FIRST ? GRID_FIRST + z->node : LAST;
}

static unsigned int order_of(uint64_t pages)
{
	unsigned int order = 0;

	while (order < LAST - GRID_FIRST && UINT64_C(1) << order < pages)
		order++;
	return order;
}

/* 0 or -errno. */
static int class_of(struct grid *g, const struct census_facts *facts, const struct census_piece *p,
		    uint64_t i, unsigned int *class)
{
	uint64_t pages;
	int ret = 0;

	if (is_zero(p, i)) {
		*class = g->mode == GRID_STATE ? (unsigned int)GRID_ZERO :
						 (unsigned int)GRID_ZERO_FRAME;
		return 0;
	}
	switch (g->mode) {
	case GRID_FOLIO:
		ret = folio_of(g, facts, p, i, &pages);
		*class = ret == 0 && pages ? GRID_FIRST + order_of(pages) : GRID_UNKNOWN;
		break;
	case GRID_COUNT: *class = class_of_count(p, i); break;
	case GRID_NODE:
		*class = class_of_node(g, facts, pagemap_pfn(p->entry) ?
				       pagemap_pfn(p->entry) + i : 0);
		break;
	default: *class = p->entry & PAGEMAP_FILE ? GRID_FILE : GRID_ANON;
	}
	return ret;
}

static unsigned int class_of_absent(const struct grid *g, uint64_t entry)
{
	if (g->mode != GRID_STATE)
		return GRID_NONE;
	switch (pagemap_state(entry)) {
	case PAGE_NONE: return GRID_NONE;
	case PAGE_SWAP: return GRID_SWAP;
	case PAGE_GUARD: return GRID_GUARD;
	default: return GRID_OTHER;
	}
}

/* ---- into cells ---- */

static void put(struct grid *g, unsigned int class, uint64_t address, uint64_t pages)
{
	while (pages) {
		uint64_t at = (address - g->base) / g->page_size;
		uint64_t left = (UINT64_C(1) << g->zoom) - (at & ((UINT64_C(1) << g->zoom) - 1));
		uint64_t n = pages < left ? pages : left;

		g->cell[at >> g->zoom].pages[class] += n;
		address += n * g->page_size;
		pages -= n;
	}
}

/* Does a tail go on with what is drawn before it: its folio's frames, or nothing? */
static bool follows(const struct grid *g, const struct grid_page *page)
{
	if (page == g->page || !(page[-1].entry & PAGEMAP_PRESENT))
		return true;
	return !page[-1].zero && pagemap_pfn(page[-1].entry) + 1 == pagemap_pfn(page->entry);
}

/* All that is known about each page. */
static int put_pages(struct grid *g, const struct census_facts *facts, const struct census_piece *p,
		     uint64_t from, uint64_t to)
{
	int ret = 0;

	for (uint64_t i = from; ret == 0 && i < to; i++) {
		uint64_t address = p->address + i * g->page_size;
		struct grid_page *page = &g->page[(address - g->base) / g->page_size];

		*page = (struct grid_page){ .entry = p->entry + i * pagemap_step(p->entry) };
		if (!(p->entry & PAGEMAP_PRESENT))
			continue;
		page->zero = is_zero(p, i);
		page->has_flags = p->flags != NULL;
		page->flags = flags_of(p, i);
		page->huge = p->use == FOLIO_PMD || p->use == FOLIO_HUGETLB;
		if (page->zero)
			continue;
		page->has_count = count_of(p, i, &page->count);
		ret = folio_of(g, facts, p, i, &page->folio);
		page->joins = page->folio > 1 && (page->huge ?
			      address & (page->folio * g->page_size - 1) :
			      (page->flags & KPAGE_BIT(COMPOUND_TAIL)) && follows(g, page));
	}
	return ret;
}

/* Is every page of it the same in this mode? */
static bool is_even(const struct grid *g, const struct census_piece *p)
{
	if (!(p->entry & PAGEMAP_PRESENT))
		return true;
	if (p->zero)
		return true;
	if (p->flags && p->use != FOLIO_HUGETLB)	/* which may tell of zero pages and folios */
		return false;
	if (g->mode == GRID_NODE)
		return !pagemap_pfn(p->entry);
	return g->mode != GRID_COUNT || !p->counts || p->n_counts < p->pages;
}

int grid_add(struct grid *g, const struct census_facts *facts, const struct census_piece *p)
{
	uint64_t start, end, from = 0, to = p->pages;
	unsigned int class = GRID_NONE, next;
	int ret = 0;

	grid_window(g, &start, &end);
	if (p->address < start)
		from = (start - p->address) / g->page_size;
	if (p->address >= end || from >= to)
		return 0;
	if ((end - p->address) / g->page_size < to)
		to = (end - p->address) / g->page_size;
	if (g->page)
		ret = put_pages(g, facts, p, from, to);
	if (!(p->entry & PAGEMAP_PRESENT))
		class = class_of_absent(g, p->entry);
	else if (ret == 0)
		ret = class_of(g, facts, p, from, &class);
	for (uint64_t i = from; ret == 0 && i < to; class = next) {
		uint64_t at = i;

		next = class;
		for (i = is_even(g, p) ? to : i + 1; ret == 0 && i < to; i++) {
			ret = class_of(g, facts, p, i, &next);
			if (next != class)
				break;
		}
		put(g, class, p->address + at * g->page_size, i - at);
	}
	return ret;
}

void grid_end(struct grid *g)
{
	for (size_t i = 0; i < g->n; i++) {
		uint64_t all = grid_cell_pages(g, i), known = 0;

		for (unsigned int k = 1; k < GRID_CLASSES; k++)
			known += g->cell[i].pages[k];
		g->cell[i].pages[GRID_NONE] = all > known ? all - known : 0;
	}
}

/* ---- for drawing ---- */

void grid_mix(const struct grid_cell *c, unsigned int *first, unsigned int *second)
{
	*first = GRID_NONE;
	*second = GRID_CLASSES;
	for (unsigned int k = 1; k < GRID_CLASSES; k++)
		if (c->pages[k] > c->pages[*first])
			*first = k;
	for (unsigned int k = 0; k < GRID_CLASSES; k++)
		if (k != *first && c->pages[k] &&
		    (*second == GRID_CLASSES || c->pages[k] > c->pages[*second]))
			*second = k;
}

unsigned int grid_fit(uint64_t page_size, uint64_t start, uint64_t end, size_t row, size_t n)
{
	unsigned int zoom = 0;

	while (zoom < ZOOM_MAX) {
		uint64_t line = num_mul(page_size << zoom, row);
		uint64_t first = start / line * line;

		if ((end - first - 1) / line < n / row)
			break;
		zoom++;
	}
	return zoom;
}

void grid_class_name(struct buf *b, enum grid_mode mode, unsigned int class, uint64_t page_size)
{
	static const char *const states[] = {
		"untouched", "anonymous", "file, shared", "zero page", "swapped", "guard",
		"other",
	};
	static const char *const counts[] = {
		"mapped 0 times", "mapped once", "mapped twice", "mapped 3-4 times",
		"mapped 5-16 times", "mapped 17-256 times", "mapped more often",
		"mapped more than once",
	};
	char size[NUM_MAX_SIZE];

	if (mode == GRID_STATE)
		buf_puts(b, states[class]);
	else if (class < GRID_FIRST)
		buf_puts(b, class == GRID_NONE ? "no frame" : class == GRID_UNKNOWN ? "unknown" :
			 "zero page");
	else if (mode == GRID_COUNT)
		buf_puts(b, counts[class - GRID_FIRST]);
	else if (mode == GRID_NODE)
		buf_printf(b, "node %u%s", class - GRID_FIRST, class == LAST ? "-" : "");
	else
		buf_printf(b, "%.*s folios", (int)(num_put_size(size, page_size <<
			   (class - GRID_FIRST)) - size), size);
}

char grid_class_letter(enum grid_mode mode, unsigned int class)
{
	static const char states[] = ".afzsgo";

	if (mode == GRID_STATE)
		return states[class];
	if (class < GRID_FIRST)
		return ".?z"[class];
	return (char)('a' + (class - GRID_FIRST));
}
