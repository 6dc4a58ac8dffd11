/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The census of mappings against one counted page by page (census_model.h), and sums of them. */
#include "config.h"

#include "model/census.h"

#include <errno.h>
#include <stdio.h>

#include "census_model.h"
#include "model/filter.h"
#include "model/grid.h"
#include "spaces.h"

#define PRESENT(pfn) (PAGEMAP_PRESENT | (uint64_t)(pfn))
#define SWAP(type, offset) (PAGEMAP_SWAPPED | (uint64_t)(offset) << 5 | (type))
#define GUARD UINT64_C(0x440000000000009f)
#define MARKER UINT64_C(0x420000000000003f)

enum { LARGEST = 10 };			/* order of folios in RAM */

/* ---- RAM ---- */

/* A folio of aligned frames; its tails have one word, and mostly all frames one map count. */
static void add_folio(struct model *m, uint32_t head, unsigned int order, uint64_t *seed)
{
	static const uint64_t words[] = {
		0x400, 0x5868, 0x5828, 0x4058 | UINT64_C(1) << 34, 0x828, 0x87c,
		UINT64_C(1) << 55 | 0x28, 0x205828,
	};
	uint64_t word = words[unit_below(seed, sizeof(words) / sizeof(words[0]))];
	uint64_t count = unit_below(seed, 4), special = unit_below(seed, 40);
	bool uneven = order < LARGEST && unit_below(seed, 3) == 0;

	if (special == 0 || (order == 9 && special < 8))
		word = KPAGE_BIT(ZERO_PAGE);
	if (order)
		word |= KPAGE_BIT(THP);
	for (uint32_t i = 0; i < 1u << order; i++) {
		struct model_frame *f = &m->ram[head + i];

		*f = (struct model_frame){ .flags = word, .head = head, .frames = 1u << order };
		if (order)
			f->flags |= i ? KPAGE_BIT(COMPOUND_TAIL) : KPAGE_BIT(COMPOUND_HEAD);
		if (word & KPAGE_BIT(ZERO_PAGE))
			f->count = 0;
		else
			f->count = uneven ? unit_below(seed, 3) : count == 3 ? 70000 : count;
	}
}

static void make_ram(struct model *m, uint64_t *seed)
{
	for (uint32_t at = 0; at < MODEL_FRAMES;) {
		unsigned int order = 0, most = LARGEST;

		if (unit_below(seed, 3))
			order = (unsigned int)unit_below(seed, LARGEST + 1);
		while (at & ((1u << most) - 1))
			most--;
		order = order < most ? order : most;
		add_folio(m, at, order, seed);
		at += 1u << order;
	}
}

static int find_folio(void *ctx, uint64_t pfn, uint64_t *head, uint64_t *frames)
{
	const struct model *m = ctx;

	ck_assert_uint_lt(pfn, MODEL_FRAMES);
	*head = m->ram[pfn].head;
	*frames = m->ram[pfn].frames;
	return 0;
}

/* ---- pages ---- */

static uint64_t random_bits(uint64_t *seed)
{
	static const uint64_t bits[] = { 0, PAGEMAP_EXCLUSIVE, PAGEMAP_FILE, PAGEMAP_SOFT_DIRTY,
					 PAGEMAP_FILE | PAGEMAP_EXCLUSIVE, PAGEMAP_UFFD_WP };

	return bits[unit_below(seed, sizeof(bits) / sizeof(bits[0]))];
}

/* A frame to begin with: mostly the first of a folio, often one of many. */
static uint64_t random_frame(const struct model *m, uint64_t *seed)
{
	uint64_t pfn = 1 + unit_below(seed, MODEL_FRAMES - 1);

	if (unit_below(seed, 3))
		pfn = m->ram[pfn].head;
	return pfn ? pfn : 1;
}

static size_t put_entry(struct model *m, size_t i, uint64_t entry)
{
	if (i >= m->pages)
		return i;
	m->page[i] = (struct model_page){ .entry = entry, .use = FOLIO_ALIGNED };
	if (entry & PAGEMAP_PRESENT)
		m->page[i].zero = m->ram[pagemap_pfn(entry)].flags >> KPF_ZERO_PAGE & 1;
	return i + 1;
}

/* The next page whose address is a multiple of size; those up to there stay empty. */
static size_t skip_to(const struct model *m, size_t i, uint64_t size)
{
	while (i < m->pages && (m->start + i * m->page_size) % size)
		i++;
	return i;
}

/* Frames in a row: whole folios or not, where a page table might have them together or not. */
static size_t put_frames(struct model *m, size_t i, uint64_t *seed)
{
	uint64_t pfn = random_frame(m, seed), bits = random_bits(seed), n;
	uint64_t folio = m->ram[pfn].frames;

	if (unit_below(seed, 2))
		i = skip_to(m, i, folio * m->page_size);
	n = unit_below(seed, 2) ? folio * (1 + unit_below(seed, 3)) : 1 + unit_below(seed, 600);
	if (unit_below(seed, 4) == 0)
		n -= unit_below(seed, n);
	while (n-- && pfn < MODEL_FRAMES) {
		if (unit_below(seed, 50) == 0)
			bits = random_bits(seed);
		i = put_entry(m, i, PRESENT(pfn++) | bits);
		if (unit_below(seed, 200) == 0)		/* one is missing in the middle */
			i++;
	}
	return i;
}

/* What one entry above the lowest level maps. */
static size_t put_huge(struct model *m, size_t i, uint64_t size, enum folio_use use,
		       uint64_t *seed)
{
	uint64_t pages = size / m->page_size, bits = random_bits(seed), pfn = 0;
	unsigned int order = 0;

	i = skip_to(m, i, size);
	if (i + pages > m->pages)
		return i;
	while (UINT64_C(1) << order < pages)
		order++;
	for (unsigned int tries = 0; tries < 200; tries++) {
		pfn = m->ram[unit_below(seed, MODEL_FRAMES)].head;
		if (pfn && m->ram[pfn].frames >= pages &&
		    (use == FOLIO_PMD || !(m->ram[pfn].flags & KPAGE_BIT(ZERO_PAGE))))
			break;
		pfn = 0;
	}
	if (!pfn)
		return i;
	pfn += unit_below(seed, m->ram[pfn].frames / pages) * pages;
	for (uint64_t k = 0; k < pages; k++) {
		if (use == FOLIO_PMD && unit_below(seed, 1000) == 0)
			bits = random_bits(seed);
		i = put_entry(m, i, PRESENT(pfn + k) | bits);
		if (m->page[i - 1].zero)	/* the huge zero page is not looked at closely */
			continue;
		m->page[i - 1].use = use;
		m->page[i - 1].order = order;
	}
	return i;
}

static size_t put_some(struct model *m, size_t i, uint64_t *seed)
{
	uint64_t n = 1 + unit_below(seed, unit_below(seed, 4) ? 30 : 700), k = 0;
	uint64_t at = unit_below(seed, MODEL_FRAMES - 1000) + 1;
	uint64_t type = unit_below(seed, 23), bits = random_bits(seed) & ~PAGEMAP_UFFD_WP;

	switch (unit_below(seed, 16)) {
	case 0:
	case 1: return i + n;
	case 2:
		while (k < n)
			i = put_entry(m, i, SWAP(type, at + k++) | (bits & PAGEMAP_FILE));
		return i;
	case 3:
		while (k++ < n)
			i = put_entry(m, i, GUARD);
		return i;
	case 4:
		while (k++ < n)
			i = put_entry(m, i, MARKER);
		return i;
	case 5:
		for (n %= 8; k < n; k++)
			i = put_entry(m, i, SWAP(24 + unit_below(seed, 7), at + k));
		return i;
	case 6:
		while (k++ < n)
			i = put_entry(m, i, PAGEMAP_SOFT_DIRTY);
		return i;
	case 7:			/* downwards */
		while (k < n)
			i = put_entry(m, i, PRESENT(at + n - k++) | bits);
		return i;
	case 8:			/* the same frame again and again: a zero page, if one is near */
		while (at > 1 && k++ < 100 && !(m->ram[at].flags & KPAGE_BIT(ZERO_PAGE)))
			at--;
		for (k = 0; k < n; k++)
			i = put_entry(m, i, PRESENT(at));
		return i;
	case 9:
	case 10:
	case 11: return m->pmd_size ? put_huge(m, i, m->pmd_size, FOLIO_PMD, seed) : i + 1;
	default: return put_frames(m, i, seed);
	}
}

/* Of the frame numbers, what a reader without privilege is given. */
static void hide_frames(struct model *m)
{
	for (size_t i = 0; i < m->pages; i++)
		if (m->page[i].entry & (PAGEMAP_PRESENT | PAGEMAP_SWAPPED))
			m->page[i].entry &= ~PAGEMAP_PFN_MASK;
}

/* A mapping of random pages, known to a random degree. */
static void make_mapping(struct model *m, uint64_t *seed)
{
	static const uint64_t pmd_pages[] = { 512, 16, 16, 0 };
	uint64_t size = UINT64_C(1) << LARGEST;
	bool hugetlb = unit_below(seed, 10) == 0;

	m->page_size = unit_below(seed, 5) ? 4096 : 65536;
	m->pmd_size = pmd_pages[unit_below(seed, 4)] * m->page_size;
	m->max_ptes_none = m->pmd_size ? m->pmd_size / m->page_size - 1 : 0;
	if (unit_below(seed, 2))
		m->max_ptes_none = unit_below(seed, m->max_ptes_none + 2);
	m->view = (struct model_view){ .pfns = unit_below(seed, 6), .flags = unit_below(seed, 6),
				       .counts = unit_below(seed, 4),
				       .zero_told = unit_below(seed, 2) };
	m->pages = 1 + unit_below(seed, unit_below(seed, 3) ? MODEL_PAGES : 40);
	m->start = unit_below(seed, 20) ? unit_below(seed, 1 << 20) * m->page_size : 0;
	if (hugetlb) {
		m->start &= ~(size * m->page_size - 1);
		m->pages = (m->pages + size - 1) / size * size % (MODEL_PAGES + 1);
		m->pages -= m->pages % size;
	}
	memset(m->page, 0, sizeof(m->page));
	for (size_t i = 0; i < m->pages;)
		i = hugetlb ? put_huge(m, i + (unit_below(seed, 3) ? 0 : size),
				       size * m->page_size, FOLIO_HUGETLB, seed) :
			      put_some(m, i, seed);
	if (!m->view.pfns)
		hide_frames(m);
}

/* ---- pieces ---- */

/* Would the walk put page i into one run with the page before it? */
static bool joins(const struct model *m, size_t i)
{
	const struct model_page *a = &m->page[i - 1], *b = &m->page[i];
	uint64_t step = 0;

	if (!a->entry || !b->entry || a->use != b->use || a->order != b->order ||
	    (m->view.zero_told && a->zero != b->zero))
		return false;
	if (a->use != FOLIO_ALIGNED &&
	    (m->start + i * m->page_size) % (m->page_size << a->order) == 0)
		return false;
	if (pagemap_pfn(a->entry))
		step = a->entry & PAGEMAP_PRESENT ? 1 :
		       pagemap_state(a->entry) == PAGE_SWAP ? 32 : 0;
	return b->entry == a->entry + step;
}

/* What the pieces are for: a census, or cells. */
struct sink {
	struct census_builder *builder;
	struct grid *grid;
	const struct census_facts *facts;
};

/* Hands pages i to i + n on as a piece. */
static int add_piece(struct sink *to, const struct model *m, size_t i, size_t n)
{
	static uint64_t flags[MODEL_PAGES + 1], counts[MODEL_PAGES];
	const struct model_page *first = &m->page[i];
	struct census_piece p = {
		.address = m->start + i * m->page_size, .pages = n, .entry = first->entry,
		.zero = m->view.zero_told && first->zero, .use = first->use, .order = first->order,
	};
	uint64_t pfn = pagemap_pfn(p.entry);
	bool whole = p.use != FOLIO_ALIGNED && n == UINT64_C(1) << p.order && n > 2;

	if ((p.entry & PAGEMAP_PRESENT) && pfn && m->view.flags) {
		p.flags = flags;
		p.n_flags = whole ? 2 : n;
		/* every other reader has the word behind, too */
		p.sees_next = !whole && pfn + n < MODEL_FRAMES && m->pages % 2;
		for (size_t k = 0; k < p.n_flags + p.sees_next; k++)
			flags[k] = m->ram[pfn + k].flags;
	}
	if ((p.entry & PAGEMAP_PRESENT) && pfn && m->view.counts && !p.zero &&
	    !(p.entry & PAGEMAP_EXCLUSIVE)) {
		p.counts = counts;
		p.n_counts = p.use == FOLIO_HUGETLB ? 1 : n;
		for (size_t k = 0; k < p.n_counts; k++)
			counts[k] = m->ram[pfn + k].count;
	}
	return to->grid ? grid_add(to->grid, to->facts, &p) : census_add(to->builder, &p);
}

/* All pages, in runs as the walk makes them, cut once more here and there. */
static void add_pages(struct sink *to, const struct model *m, uint64_t *seed)
{
	bool cuts = unit_below(seed, 2);

	for (size_t i = 0, n; i < m->pages; i += n) {
		n = 1;
		if (!m->page[i].entry)
			continue;
		while (i + n < m->pages && joins(m, i + n) &&
		       (!cuts || m->page[i].use == FOLIO_HUGETLB || unit_below(seed, 40)))
			n++;
		ck_assert_int_eq(add_piece(to, m, i, n), 0);
	}
}

static void count_mapping(struct census_builder *b, struct model *m, struct arena *arena,
			  struct census *out, uint64_t *seed)
{
	const struct census_facts facts = {
		.page_size = m->page_size, .pmd_size = m->pmd_size,
		.max_ptes_none = m->max_ptes_none, .zone = m->zones.v, .zones = m->zones.n,
		.folio = find_folio, .folio_ctx = m,
	};

	struct sink to = { .builder = b };

	census_begin(b, &facts, m->start, m->start + m->pages * m->page_size);
	add_pages(&to, m, seed);
	ck_assert_int_eq(census_end(b, arena, out), 0);
}

/* Two nodes, a hole between zones, and frames that are in no zone. */
static void make_zones(struct model *m, bool interleaved)
{
	static const char text[] =
		"Node 0, zone DMA\n spanned 4000\n start_pfn: 1\n"
		"Node 0, zone Normal\n spanned 10000\n start_pfn: 5000\n"
		"Node 1, zone Normal\n spanned 16000\n start_pfn: 15000\n";
	static const char between[] = "Node 7, zone Normal\n spanned 3000\n start_pfn: 9000\n";

	ck_assert_int_eq(zoneinfo_parse(text, strlen(text), &m->zones), 0);
	if (interleaved)
		ck_assert_int_eq(zoneinfo_parse(between, strlen(between), &m->zones), 0);
}

/* ---- the model against the census ---- */

START_TEST(test_random)
{
	enum { PROCESSES = 60, MAPPINGS = 12 };
	struct model *m = malloc(sizeof(*m));
	struct model_census *one = malloc(sizeof(*one)), *all = malloc(sizeof(*all));
	uint64_t seed = 1 + (uint64_t)_i;

	for (unsigned int round = 0; round < PROCESSES; round++) {
		struct census_builder builder = { 0 };
		struct census_sum sum = { 0 };
		struct arena arena = { 0 };

		memset(m, 0, sizeof(*m));
		memset(all, 0, sizeof(*all));
		make_ram(m, &seed);
		if (unit_below(&seed, 4))
			make_zones(m, unit_below(&seed, 3) == 0);
		for (unsigned int i = 0; i < MAPPINGS; i++) {
			struct census got;
			char what[96];

			make_mapping(m, &seed);
			snprintf(what, sizeof(what), "seed %d, round %u, mapping %u", _i, round, i);
			count_mapping(&builder, m, &arena, &got, &seed);
			model_count(m, one);
			model_same(what, one, &got);
			model_sum(all, one);
			ck_assert_int_eq(census_sum_add(&sum, &got), 0);
		}
		ck_assert_int_eq(census_sum_end(&sum), 0);
		model_same("sum", all, &sum.census);
		census_sum_done(&sum);
		census_builder_done(&builder);
		arena_done(&arena);
		vec_done(&m->zones);
	}
	free(m);
	free(one);
	free(all);
}
END_TEST

/* ---- cells against the model ---- */

/* What page i is, from the arrays alone. */
static unsigned int cell_class(const struct model *m, enum grid_mode mode, size_t i)
{
	static const unsigned int absent[] = {
		[PAGE_NONE] = GRID_NONE, [PAGE_SWAP] = GRID_SWAP, [PAGE_GUARD] = GRID_GUARD,
		[PAGE_MARKER] = GRID_OTHER, [PAGE_MIGRATION] = GRID_OTHER,
	};
	static struct model_census one;
	const struct tally_entry *e;
	uint64_t entry = m->page[i].entry;

	if (!model_is_present(m, i))
		return mode == GRID_STATE ? absent[pagemap_state(entry)] : GRID_NONE;
	if (model_is_zero(m, i))
		return mode == GRID_STATE ? (unsigned int)GRID_ZERO :
					    (unsigned int)GRID_ZERO_FRAME;
	if (mode == GRID_STATE)
		return entry & PAGEMAP_FILE ? GRID_FILE : GRID_ANON;
	for (unsigned int t = 0; t < TALLIES; t++)
		one.tally[t].n = 0;
	model_counts(m, i, &one);
	model_node(m, i, &one);
	model_folio(m, i, &one);
	e = one.tally[mode == GRID_COUNT ? TALLY_COUNTS : mode == GRID_NODE ? TALLY_NODES :
		      TALLY_FOLIOS].entry;
	if (mode == GRID_FOLIO)
		return !one.tally[TALLY_FOLIOS].n ?
		       (model_is_huge(m, i) ? GRID_FIRST + m->page[i].order : GRID_UNKNOWN) :
		       GRID_FIRST + folio_key_order(e->key);
	if (mode == GRID_NODE)
		return one.tally[TALLY_NODES].n ? GRID_FIRST + (unsigned int)e->key : GRID_UNKNOWN;
	if (!one.tally[TALLY_COUNTS].n)
		return GRID_COUNT_SHARED;
	return e->key <= 2 ? GRID_COUNT_0 + (unsigned int)e->key : e->key <= 4 ? GRID_COUNT_4 :
	       e->key <= 16 ? GRID_COUNT_16 : e->key <= 256 ? GRID_COUNT_256 : GRID_COUNT_MORE;
}

/* A window of a mapping, cell by cell and page by page. */
static void check_grid(struct model *m, enum grid_mode mode, uint64_t *seed, const char *what)
{
	const struct census_facts facts = {
		.page_size = m->page_size, .pmd_size = m->pmd_size, .zone = m->zones.v,
		.zones = m->zones.n, .folio = find_folio, .folio_ctx = m,
	};
	unsigned int zoom = (unsigned int)unit_below(seed, 14);
	uint64_t cell = m->page_size << zoom, end = m->start + m->pages * m->page_size;
	uint64_t base = (m->start + unit_below(seed, m->pages) * m->page_size) / cell * cell;
	size_t n = 1 + unit_below(seed, 300);
	struct grid g;
	struct sink to = { .grid = &g, .facts = &facts };

	if (unit_below(seed, 2))
		base = m->start / cell * cell;
	ck_assert_int_eq(grid_init(&g, mode, zoom, m->page_size, base, n, m->start, end), 0);
	add_pages(&to, m, seed);
	grid_end(&g);
	for (size_t i = 0; i < n; i++) {
		uint64_t want[GRID_CLASSES] = { 0 }, all = 0;

		for (uint64_t at = base + i * cell; at < base + (i + 1) * cell;
		     at += m->page_size) {
			if (at < m->start || at >= end)
				continue;
			want[cell_class(m, mode, (at - m->start) / m->page_size)]++;
			all++;
			ck_assert_uint_eq(grid_find(&g, at), i);
		}
		ck_assert_uint_eq(grid_cell_pages(&g, i), all);
		for (unsigned int k = 0; k < GRID_CLASSES; k++)
			if (g.cell[i].pages[k] != want[k])
				ck_abort_msg("%s: mode %u, zoom %u, cell %zu of %zu: class %u has %lu "
					     "pages instead of %lu", what, mode, zoom, i, n, k,
					     (unsigned long)g.cell[i].pages[k],
					     (unsigned long)want[k]);
	}
	grid_done(&g);
}

/* Does the folio of page i go on from the page before, or from a hole? */
static void check_borders(struct model *m, uint64_t *seed)
{
	const struct census_facts facts = {
		.page_size = m->page_size, .pmd_size = m->pmd_size, .folio = find_folio,
		.folio_ctx = m,
	};
	struct grid g;
	struct sink to = { .grid = &g, .facts = &facts };

	ck_assert_int_eq(grid_init(&g, GRID_FOLIO, 0, m->page_size, m->start, m->pages, m->start,
				   m->start + m->pages * m->page_size), 0);
	add_pages(&to, m, seed);
	for (size_t i = 0; i < m->pages; i++) {
		uint64_t pfn = model_pfn(m, i);
		bool joins = pfn && m->view.flags && model_is_resident(m, i) &&
			     m->ram[pfn].head != pfn &&
			     (!i || !model_is_present(m, i - 1) ||
			      (model_is_resident(m, i - 1) && model_pfn(m, i - 1) == pfn - 1));

		ck_assert_uint_eq(g.page[i].entry != 0 && pagemap_state(g.page[i].entry) != PAGE_NONE,
				  pagemap_state(m->page[i].entry) != PAGE_NONE);
		if (model_is_huge(m, i) || !m->view.flags)
			continue;
		ck_assert_msg(g.page[i].joins == joins, "page %zu", i);
		ck_assert_uint_eq(g.page[i].folio, model_is_resident(m, i) && pfn ?
				  m->ram[pfn].frames : 0);
	}
	grid_done(&g);
}

START_TEST(test_grid)
{
	enum { PROCESSES = 6, MAPPINGS = 8 };
	struct model *m = calloc(1, sizeof(*m));
	uint64_t seed = 77 + (uint64_t)_i;
	char what[64];

	for (unsigned int round = 0; round < PROCESSES; round++) {
		memset(m, 0, sizeof(*m));
		make_ram(m, &seed);
		if (unit_below(&seed, 4))
			make_zones(m, unit_below(&seed, 3) == 0);
		for (unsigned int i = 0; i < MAPPINGS; i++) {
			snprintf(what, sizeof(what), "seed %d, round %u, mapping %u", _i, round, i);
			make_mapping(m, &seed);
			for (unsigned int mode = 0; mode < GRID_MODES; mode++)
				check_grid(m, mode, &seed, what);
			check_borders(m, &seed);
		}
		vec_done(&m->zones);
	}
	free(m);
}
END_TEST

START_TEST(test_grid_fit)
{
	const uint64_t page = 4096, tera = UINT64_C(1) << 40;

	/* 64 cells a row, 16 rows: a page each as long as they fit, where they begin counts */
	ck_assert_uint_eq(grid_fit(page, 0, 1024 * page, 64, 1024), 0);
	ck_assert_uint_eq(grid_fit(page, 0, 1025 * page, 64, 1024), 1);
	ck_assert_uint_eq(grid_fit(page, page, 1025 * page, 64, 1024), 1);
	ck_assert_uint_eq(grid_fit(page, 64 * page, 1088 * page, 64, 1024), 0);
	for (uint64_t size = page; size < 100 * tera; size = size * 3 / page * page) {
		uint64_t start = UINT64_C(0x7f1234567000);
		unsigned int zoom = grid_fit(page, start, start + size, 64, 1024);
		uint64_t row = (page << zoom) * 64;

		ck_assert_uint_le((start + size - 1) / row - start / row, 15);
		if (zoom)
			ck_assert_uint_gt((start + size - 1) / (row / 2) - start / (row / 2), 15);
	}
}
END_TEST

/* ---- by hand ---- */

#define H KPAGE_BIT(COMPOUND_HEAD)
#define T KPAGE_BIT(COMPOUND_TAIL)

/* A mapping at page 0x100 of pages of 4 KiB, 16 of them in a PMD entry. */
struct by_hand {
	struct census_builder builder;
	struct census_facts facts;
	struct arena arena;
	struct census census;
	uint64_t head, frames;		/* what a look around says; head 0: a multiple of frames */
	unsigned int looks;
	int error;
};

static int look_around(void *ctx, uint64_t pfn, uint64_t *head, uint64_t *frames)
{
	struct by_hand *h = ctx;

	h->looks++;
	*head = h->head ? h->head : pfn - pfn % h->frames;
	*frames = h->frames;
	return h->error;
}

static void hand_begin(struct by_hand *h, uint64_t first, uint64_t end)
{
	memset(h, 0, sizeof(*h));
	h->facts = (struct census_facts){ .page_size = 4096, .pmd_size = 65536,
					  .max_ptes_none = 15, .folio = look_around,
					  .folio_ctx = h };
	census_begin(&h->builder, &h->facts, first * 4096, end * 4096);
}

static int hand_add(struct by_hand *h, uint64_t page, uint64_t entry, const uint64_t *flags,
		    uint64_t n)
{
	const struct census_piece p = { .address = page * 4096, .pages = n, .entry = entry,
					.use = FOLIO_ALIGNED, .flags = flags,
					.n_flags = flags ? n : 0 };

	return census_add(&h->builder, &p);
}

static void hand_end(struct by_hand *h)
{
	ck_assert_int_eq(census_end(&h->builder, &h->arena, &h->census), 0);
}

static void hand_done(struct by_hand *h)
{
	census_builder_done(&h->builder);
	arena_done(&h->arena);
}

static uint64_t folio_pages(const struct census *c, unsigned int order, enum folio_use use)
{
	for (uint32_t i = 0; i < c->n[TALLY_FOLIOS]; i++)
		if (c->tally[TALLY_FOLIOS][i].key == folio_key(order, use))
			return c->tally[TALLY_FOLIOS][i].pages;
	return 0;
}

START_TEST(test_keys)
{
	for (unsigned int order = 0; order < 64; order++)
		for (unsigned int use = 0; use < FOLIO_USES; use++) {
			uint64_t key = folio_key(order, (enum folio_use)use);

			ck_assert_msg(folio_key_order(key) == order && folio_key_use(key) == use,
				      "%u, %u", order, use);
		}
}
END_TEST

/* Folios by their flags: one after the other, alone, at an odd address, in two pieces. */
START_TEST(test_folios)
{
	static const uint64_t flags[] = { H, T, T, T, H, T, 0, 0, H, T, T, T };
	struct by_hand h;

	hand_begin(&h, 0x100, 0x140);
	ck_assert_int_eq(hand_add(&h, 0x100, PRESENT(0x40), flags, 7), 0);
	ck_assert_int_eq(hand_add(&h, 0x107, PRESENT(0x47) | PAGEMAP_EXCLUSIVE, flags + 7, 3), 0);
	ck_assert_int_eq(hand_add(&h, 0x10a, PRESENT(0x4a), flags + 10, 2), 0);
	ck_assert_int_eq(hand_add(&h, 0x10c, PRESENT(0x4c), flags + 6, 1), 0);
	/* the same four, but one page on */
	ck_assert_int_eq(hand_add(&h, 0x111, PRESENT(0x80), flags, 4), 0);
	ck_assert_int_eq(hand_add(&h, 0x115, PRESENT(0x84), flags + 6, 1), 0);
	ck_assert_uint_eq(h.looks, 0);
	/* its second half is not mapped */
	h.frames = 8;
	ck_assert_int_eq(hand_add(&h, 0x118, PRESENT(0xc0), flags, 4), 0);
	/* its first half is not */
	ck_assert_int_eq(hand_add(&h, 0x124, PRESENT(0xe4), flags + 1, 3), 0);
	ck_assert_int_eq(hand_add(&h, 0x127, PRESENT(0xe7), flags + 1, 1), 0);
	hand_end(&h);
	ck_assert_uint_eq(folio_pages(&h.census, 0, FOLIO_ALIGNED), 4);
	ck_assert_uint_eq(folio_pages(&h.census, 1, FOLIO_ALIGNED), 2);
	ck_assert_uint_eq(folio_pages(&h.census, 2, FOLIO_ALIGNED), 8);
	ck_assert_uint_eq(folio_pages(&h.census, 2, FOLIO_UNALIGNED), 4);
	ck_assert_uint_eq(folio_pages(&h.census, 3, FOLIO_PARTIAL), 8);
	ck_assert_uint_eq(h.census.n[TALLY_FOLIOS], 5);
	ck_assert_uint_eq(h.looks, 2);
	ck_assert_uint_eq(h.census.runs, 4);
	ck_assert_uint_eq(h.census.longest, 13);
	/* order 0 is none of a kind */
	ck_assert_uint_eq(census_folio_use(&h.census, FOLIO_ALIGNED), 10);
	ck_assert_uint_eq(census_folio_use(&h.census, FOLIO_UNALIGNED), 4);
	ck_assert_uint_eq(census_folio_use(&h.census, FOLIO_PARTIAL), 8);
	ck_assert_uint_eq(census_folio_use(&h.census, FOLIO_PMD), 0);
	ck_assert_uint_eq(census_flag(&h.census, KPF_COMPOUND_HEAD), 5);
	ck_assert_uint_eq(census_flag(&h.census, KPF_COMPOUND_TAIL), 17);
	ck_assert_uint_eq(census_flag(&h.census, KPF_LOCKED), 0);
	ck_assert_uint_eq(census_untouched(&h.census), 0x40 - 26);
	ck_assert_uint_eq(census_resident(&h.census), 26);
	hand_done(&h);
}
END_TEST

/* A folio that is split while it is looked at: what the look says counts; and its error. */
START_TEST(test_folio_gone)
{
	static const uint64_t flags[] = { H, T, T, T, T }, headless[] = { 0, T, T }, single = 0;
	struct by_hand h;

	hand_begin(&h, 0x100, 0x120);
	h.head = 0x40;
	h.frames = 1;
	ck_assert_int_eq(hand_add(&h, 0x100, PRESENT(0x40), flags, 2), 0);
	hand_end(&h);
	ck_assert_uint_eq(folio_pages(&h.census, 0, FOLIO_ALIGNED), 2);
	ck_assert_uint_eq(h.census.n[TALLY_FOLIOS], 1);

	/* an odd number of frames is no folio, but may look like one while it is freed */
	census_begin(&h.builder, &h.facts, 0x100 * 4096, 0x120 * 4096);
	h.frames = 5;
	ck_assert_int_eq(hand_add(&h, 0x100, PRESENT(0x40), flags, 5), 0);
	hand_end(&h);
	ck_assert_uint_eq(folio_pages(&h.census, 3, FOLIO_ALIGNED), 5);

	/* so does what was seen of the frames: here a frame behind it says where it ends */
	census_begin(&h.builder, &h.facts, 0x100 * 4096, 0x120 * 4096);
	h.frames = 8;
	ck_assert_int_eq(hand_add(&h, 0x100, PRESENT(0x40), flags, 5), 0);
	ck_assert_int_eq(hand_add(&h, 0x105, PRESENT(0x45), &single, 1), 0);
	hand_end(&h);
	ck_assert_uint_eq(folio_pages(&h.census, 3, FOLIO_PARTIAL), 5);

	/* tails behind a frame that is not their head */
	census_begin(&h.builder, &h.facts, 0x100 * 4096, 0x120 * 4096);
	h.head = 0x51;
	h.frames = 2;
	ck_assert_int_eq(hand_add(&h, 0x10f, PRESENT(0x50), headless, 3), 0);
	hand_end(&h);
	ck_assert_uint_eq(folio_pages(&h.census, 1, FOLIO_ALIGNED), 2);

	census_begin(&h.builder, &h.facts, 0x100 * 4096, 0x120 * 4096);
	h.error = -EIO;
	ck_assert_int_eq(hand_add(&h, 0x100, PRESENT(0x40), flags, 2), 0);
	ck_assert_int_eq(hand_add(&h, 0x105, PRESENT(0x50), flags, 2), -EIO);
	census_begin(&h.builder, &h.facts, 0x100 * 4096, 0x120 * 4096);
	ck_assert_int_eq(hand_add(&h, 0x100, PRESENT(0x41), flags + 1, 2), -EIO);
	census_begin(&h.builder, &h.facts, 0x100 * 4096, 0x120 * 4096);
	ck_assert_int_eq(hand_add(&h, 0x100, PRESENT(0x40), flags, 2), 0);
	ck_assert_int_eq(census_end(&h.builder, &h.arena, &h.census), -EIO);
	hand_done(&h);
}
END_TEST

/* Stretches of 16 pages in a mapping of 2 pages, 5 stretches, 3 pages. */
START_TEST(test_extents)
{
	struct census_piece huge = { .address = 0x100 * 4096, .pages = 16, .entry = PRESENT(0x40),
				     .use = FOLIO_PMD, .order = 4 };
	struct by_hand h;

	hand_begin(&h, 0xfe, 0x153);
	h.builder.facts.max_ptes_none = 8;
	ck_assert_int_eq(hand_add(&h, 0xfe, PRESENT(0x10), NULL, 2), 0);
	ck_assert_int_eq(census_add(&h.builder, &huge), 0);			/* huge */
	ck_assert_int_eq(hand_add(&h, 0x110, PRESENT(0x60), NULL, 7), 0);	/* 7: sparse */
	ck_assert_int_eq(hand_add(&h, 0x122, PRESENT(0x70), NULL, 8), 0);	/* 8: full */
	ck_assert_int_eq(hand_add(&h, 0x130, PRESENT(0x78), NULL, 15), 0);
	ck_assert_int_eq(hand_add(&h, 0x13f, SWAP(1, 5), NULL, 1), 0);		/* swapped */
	ck_assert_int_eq(hand_add(&h, 0x140, GUARD, NULL, 16), 0);		/* empty */
	ck_assert_int_eq(hand_add(&h, 0x150, PRESENT(0x100), NULL, 3), 0);
	hand_end(&h);
	ck_assert_uint_eq(h.census.extents.fit, 5);
	ck_assert_uint_eq(h.census.extents.huge, 1);
	ck_assert_uint_eq(h.census.extents.sparse, 1);
	ck_assert_uint_eq(h.census.extents.full, 1);
	ck_assert_uint_eq(h.census.extents.swapped, 1);
	ck_assert_uint_eq(h.census.extents.empty, 1);
	ck_assert_uint_eq(h.census.guard, 16);
	ck_assert_uint_eq(h.census.pmd, 16);
	hand_done(&h);

	/* one piece over several, and mappings in which none fits */
	hand_begin(&h, 0xf8, 0x138);
	ck_assert_int_eq(hand_add(&h, 0xf8, PRESENT(0x40), NULL, 0x40), 0);
	hand_end(&h);
	ck_assert(h.census.extents.fit == 3 && h.census.extents.full == 3);
	hand_done(&h);
	hand_begin(&h, 0x101, 0x11f);
	ck_assert_int_eq(hand_add(&h, 0x101, PRESENT(0x40), NULL, 0x1e), 0);
	hand_end(&h);
	ck_assert(h.census.extents.fit == 0 && h.census.extents.full == 0 &&
		  h.census.extents.empty == 0);
	hand_done(&h);
	/* nothing at all */
	hand_begin(&h, 0x100, 0x100);
	hand_end(&h);
	ck_assert(h.census.pages == 0 && h.census.extents.fit == 0 && h.census.runs == 0);
	hand_done(&h);
}
END_TEST

/* Of one entry's frames two words are known, the first and that of all others. */
START_TEST(test_two_words)
{
	static const uint64_t words[] = { H | 1, T | 2 };
	static const uint64_t zero[] = { H | KPAGE_BIT(ZERO_PAGE), T | KPAGE_BIT(ZERO_PAGE) };
	static const uint64_t count = 3;
	struct census_piece p = {
		.address = 0x100 * 4096, .pages = 16, .entry = PRESENT(0x40), .use = FOLIO_HUGETLB,
		.order = 4, .flags = words, .n_flags = 2, .counts = &count, .n_counts = 1,
	};
	struct by_hand h;

	hand_begin(&h, 0x100, 0x120);
	ck_assert_int_eq(census_add(&h.builder, &p), 0);
	p.address = 0x110 * 4096;
	p.use = FOLIO_PMD;
	p.flags = zero;
	ck_assert_int_eq(census_add(&h.builder, &p), 0);
	hand_end(&h);
	ck_assert_uint_eq(h.census.present, 32);
	ck_assert_uint_eq(h.census.zero, 16);
	ck_assert_uint_eq(h.census.shared, 16);
	ck_assert_uint_eq(h.census.hugetlb, 16);
	ck_assert_uint_eq(h.census.pmd, 0);
	ck_assert_uint_eq(census_flag(&h.census, KPF_LOCKED), 1);
	ck_assert_uint_eq(census_flag(&h.census, KPF_ERROR), 15);
	ck_assert_uint_eq(census_flag(&h.census, KPF_ZERO_PAGE), 16);
	ck_assert_uint_eq(folio_pages(&h.census, 4, FOLIO_HUGETLB), 16);
	ck_assert_uint_eq(h.census.n[TALLY_FOLIOS], 1);
	hand_done(&h);
}
END_TEST

/* More different words than anyone has seen. */
START_TEST(test_many_words)
{
	enum { WORDS = 5000 };
	uint64_t *word = malloc(WORDS * sizeof(*word)), seed = 5;
	struct census_sum sum = { 0 };
	struct by_hand h;

	for (size_t i = 0; i < WORDS; i++)	/* different in the low, or in the high bits */
		word[i] = (i % 2 ? (uint64_t)i << 48 : (uint64_t)i << 1) & ~(H | T);
	hand_begin(&h, 0x100, 0x100 + 2 * WORDS);
	ck_assert_int_eq(hand_add(&h, 0x100, PRESENT(0x40), word, WORDS), 0);
	for (size_t i = 0; i < 100; i++) {
		size_t at = unit_below(&seed, WORDS - 1);

		ck_assert_int_eq(hand_add(&h, 0x100 + WORDS + 2 * i, PRESENT(9), word + at, 1), 0);
	}
	hand_end(&h);
	for (unsigned int times = 0; times < 2; times++)
		ck_assert_int_eq(census_sum_add(&sum, &h.census), 0);
	ck_assert_int_eq(census_sum_end(&sum), 0);
	ck_assert_uint_eq(sum.census.n[TALLY_WORDS], h.census.n[TALLY_WORDS]);
	for (uint32_t i = 0, pages = 0; i < h.census.n[TALLY_WORDS]; i++) {
		const struct tally_entry *a = &h.census.tally[TALLY_WORDS][i];
		const struct tally_entry *b = &sum.census.tally[TALLY_WORDS][i];

		pages += (uint32_t)a->pages;
		if (a->key != b->key || 2 * a->pages != b->pages)
			ck_abort_msg("word %u", i);
		if (i + 1 == h.census.n[TALLY_WORDS])
			ck_assert_uint_eq(pages, WORDS + 100);
	}
	census_sum_done(&sum);
	hand_done(&h);
	free(word);
}
END_TEST

/* ---- smaps tells what is mapped by PMD entries ---- */

static void make_pmd(struct census *c, struct tally_entry *list, uint64_t aligned, uint64_t full)
{
	list[0] = (struct tally_entry){ folio_key(4, FOLIO_ALIGNED), aligned };
	list[1] = (struct tally_entry){ folio_key(0, FOLIO_ALIGNED), 20 };
	list[2] = (struct tally_entry){ folio_key(4, FOLIO_PARTIAL), 7 };
	memset(c, 0, sizeof(*c));
	c->present = aligned + 27;
	c->extents.full = full;
	c->extents.fit = full + 2;
	c->extents.empty = 2;
	c->tally[TALLY_FOLIOS] = list;
	c->n[TALLY_FOLIOS] = 3;
}

static void check_pmd(uint64_t aligned, uint64_t full, uint64_t pages, uint64_t pmd, uint64_t rest,
		      uint64_t huge)
{
	const struct census_facts facts = { .page_size = 4096, .pmd_size = 65536 };
	struct arena arena = { 0 };
	struct tally_entry list[3];
	struct census c;
	uint64_t sum = 0;

	make_pmd(&c, list, aligned, full);
	ck_assert_int_eq(census_set_pmd(&c, &facts, pages, &arena), 0);
	ck_assert_uint_eq(c.pmd, pages);
	ck_assert_uint_eq(folio_pages(&c, 4, FOLIO_PMD), pmd);
	ck_assert_uint_eq(folio_pages(&c, 4, FOLIO_ALIGNED), rest);
	ck_assert_uint_eq(folio_pages(&c, 0, FOLIO_ALIGNED), 20);
	ck_assert_uint_eq(folio_pages(&c, 4, FOLIO_PARTIAL), 7);
	ck_assert_uint_eq(c.extents.huge, huge);
	ck_assert_uint_eq(c.extents.full, full - huge);
	for (uint32_t i = 0; i < c.n[TALLY_FOLIOS]; i++) {
		ck_assert_uint_ne(c.tally[TALLY_FOLIOS][i].pages, 0);
		ck_assert(i == 0 || c.tally[TALLY_FOLIOS][i - 1].pages >=
					    c.tally[TALLY_FOLIOS][i].pages);
		sum += c.tally[TALLY_FOLIOS][i].pages;
	}
	ck_assert_uint_eq(sum, aligned + 27);
	arena_done(&arena);
}

START_TEST(test_set_pmd)
{
	check_pmd(64, 4, 0, 0, 64, 0);
	check_pmd(64, 4, 16, 16, 48, 1);
	check_pmd(64, 4, 48, 48, 16, 3);
	check_pmd(64, 4, 64, 64, 0, 4);
	/* read at different times: no more than there is */
	check_pmd(64, 4, 80, 64, 0, 4);
	check_pmd(64, 2, 48, 48, 16, 2);
}
END_TEST

/* Without flags there are no folios, and nothing to move. */
START_TEST(test_set_pmd_blind)
{
	const struct census_facts facts = { .page_size = 4096, .pmd_size = 65536 };
	struct arena arena = { 0 };
	struct census c = { .extents = { .fit = 3, .full = 2, .empty = 1 } };

	ck_assert_int_eq(census_set_pmd(&c, &facts, 16, &arena), 0);
	ck_assert(c.pmd == 16 && c.extents.huge == 1 && c.extents.full == 1);
	ck_assert_uint_eq(c.n[TALLY_FOLIOS], 0);
	arena_done(&arena);
}
END_TEST

/* ---- groups ---- */

static const char maps[] =
	"1000-5000 rw-p 00000000 00:00 0 \n"
	"6000-8000 r-xp 00000000 08:01 7 /bin/x\n"
	"9000-a000 rw-p 00000000 00:00 0 [heap]\n"
	"b000-c000 rw-p 00000000 00:00 0 \n"
	"ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0 [vsyscall]\n";

enum { MAPPINGS = 5 };

static uint64_t tally_pages(const struct census *c, enum tally t, uint64_t key)
{
	for (uint32_t i = 0; i < c->n[t]; i++)
		if (c->tally[t][i].key == key)
			return c->tally[t][i].pages;
	return 0;
}

/* The rows' members of a key, added up by hand, against a group's census. */
static void check_group(const struct census *got, const struct census *one, unsigned int members)
{
	uint64_t present = 0, runs = 0, longest = 0, words[2] = { 0 };

	for (unsigned int i = 0; i < MAPPINGS; i++) {
		if (!(members >> i & 1))
			continue;
		present += one[i].present;
		runs += one[i].runs;
		longest = one[i].longest > longest ? one[i].longest : longest;
		words[0] += tally_pages(&one[i], TALLY_WORDS, 0x20);
		words[1] += tally_pages(&one[i], TALLY_WORDS, 0x40);
	}
	ck_assert_uint_eq(got->present, present);
	ck_assert_uint_eq(got->runs, runs);
	ck_assert_uint_eq(got->longest, longest);
	ck_assert_uint_eq(tally_pages(got, TALLY_WORDS, 0x20), words[0]);
	ck_assert_uint_eq(tally_pages(got, TALLY_WORDS, 0x40), words[1]);
}

START_TEST(test_groups)
{
	struct tally_entry words[MAPPINGS][2];
	struct census one[MAPPINGS] = { 0 };
	struct census_set set = { .page_size = 4096 };
	struct space s;
	struct groups g;
	struct rows rows;

	space_of_maps(&s, maps);
	s.vma.v[2].kind = KIND_HEAP;
	s.vma.v[4].kind = KIND_VSYSCALL;
	for (unsigned int i = 0; i < MAPPINGS; i++) {
		words[i][0] = (struct tally_entry){ 0x20, 100 + i };
		words[i][1] = (struct tally_entry){ 0x40, 10 + i * i };
		one[i].pages = (s.vma.v[i].end - s.vma.v[i].start) / 4096;
		one[i].present = 5 + i;
		one[i].runs = 2 * i;
		one[i].longest = 30 - i * i;
		one[i].tally[TALLY_WORDS] = words[i];
		one[i].n[TALLY_WORDS] = i == 1 ? 1 : 2;
	}
	ck_assert_int_eq(rows_all(&s, &rows), 0);
	rows.census = one;
	rows.pages = &set;

	ck_assert_int_eq(groups_make(&rows, GROUP_PERMS, &g), 0);
	ck_assert_uint_eq(g.rows.n, 3);
	ck_assert_ptr_eq(g.rows.pages, &set);
	check_group(&g.rows.census[0], one, 1 | 4 | 8);
	check_group(&g.rows.census[1], one, 2);
	check_group(&g.rows.census[2], one, 16);
	/* the gate page is no memory of the process */
	ck_assert_int_eq(groups_add_total(&g), 0);
	ck_assert_uint_eq(g.rows.n, 4);
	check_group(&g.rows.census[g.rows.index[3]], one, 1 | 2 | 4 | 8);
	ck_assert_uint_eq(g.rows.census[g.rows.index[3]].pages, 4 + 2 + 1 + 1);
	groups_done(&g);

	ck_assert_int_eq(groups_make(&rows, GROUP_KIND, &g), 0);
	for (size_t i = 0; i < g.rows.n; i++) {
		const struct vma *v = &g.rows.vma[g.rows.index[i]];
		unsigned int members = 0;

		for (unsigned int k = 0; k < MAPPINGS; k++)
			members |= (s.vma.v[k].kind == v->kind) << k;
		check_group(&g.rows.census[g.rows.index[i]], one, members);
	}
	groups_done(&g);

	/* no census, none in the groups */
	rows.census = NULL;
	rows.pages = NULL;
	ck_assert_int_eq(groups_make(&rows, GROUP_PERMS, &g), 0);
	ck_assert_int_eq(groups_add_total(&g), 0);
	ck_assert_ptr_null(g.rows.census);
	groups_done(&g);
	rows_done(&rows);
	space_done(&s);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("census");
	TCase *random = tcase_create("model");

	tcase_set_timeout(random, UNIT_SECONDS);
	tcase_add_loop_test(random, test_random, 0, 4);
	tcase_add_loop_test(random, test_grid, 0, 3);
	suite_add_tcase(s, random);
	UNIT_CASE(s, "by hand", test_grid_fit, test_keys, test_folios, test_folio_gone, test_extents,
		  test_two_words, test_many_words, test_set_pmd, test_set_pmd_blind, test_groups);
	return unit_run(s);
}
