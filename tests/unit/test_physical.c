/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The census of all page frames: uses of words, where RAM is, blocks, cells; against a naive count. */
#include "config.h"

#include "model/physical.h"

#include <inttypes.h>
#include <stdio.h>

#include "proc/kpage.h"
#include "unit.h"

#define F(flag) KPAGE_BIT(flag)

/* ---- one word ---- */

/* Words seen on kernels 6.1 and 6.18, and what the kernel's documentation says they are. */
START_TEST(test_uses)
{
	static const struct {
		uint64_t word;
		enum frame_use use;
	} want[] = {
		{ 0, FRAME_OTHER },
		{ F(BUDDY), FRAME_FREE },
		{ F(BUDDY) | F(UPTODATE), FRAME_FREE },	/* reported to the hypervisor */
		{ F(SLAB), FRAME_SLAB },
		{ F(SLAB) | F(COMPOUND_TAIL), FRAME_SLAB },
		{ 0x211080, FRAME_SLAB },		/* slab, anon, tail, ksm: bits of slab's own */
		{ F(PGTABLE), FRAME_PAGE_TABLE },
		{ F(PGTABLE) | F(REFERENCED), FRAME_PAGE_TABLE },
		{ F(PGTABLE) | F(COMPOUND_HEAD), FRAME_PAGE_TABLE },
		{ F(RESERVED), FRAME_RESERVED },
		{ F(RESERVED) | F(MMAP) | F(REFERENCED), FRAME_RESERVED },	/* vdso */
		{ F(RESERVED) | F(ZERO_PAGE), FRAME_RESERVED },
		{ F(ZERO_PAGE) | F(THP) | F(COMPOUND_HEAD), FRAME_OTHER },
		{ 0x400005828, FRAME_ANON },
		{ 0x5828 & ~F(LRU), FRAME_ANON },	/* not on a list yet */
		{ F(ANON) | F(MMAP) | F(UPTODATE) | F(LRU), FRAME_ANON },	/* MADV_FREE */
		{ F(ANON) | F(KSM) | F(MMAP), FRAME_ANON },
		{ F(ANON) | F(THP) | F(COMPOUND_HEAD) | F(MMAP), FRAME_THP },
		{ F(ANON) | F(THP) | F(COMPOUND_TAIL) | F(MMAP), FRAME_THP },
		{ F(SWAPCACHE) | F(SWAPBACKED) | F(UPTODATE) | F(LRU), FRAME_ANON },
		{ 0x40000006c, FRAME_FILE },
		{ 0x800000060, FRAME_FILE },
		{ 0x80241002c, FRAME_FILE },		/* a large folio's tail */
		{ F(UPTODATE), FRAME_FILE },
		{ F(LOCKED) | F(DIRTY), FRAME_FILE },
		{ 0x20204483c, FRAME_SHMEM },
		{ F(SWAPBACKED) | F(UPTODATE), FRAME_SHMEM },
		{ F(HUGE) | F(COMPOUND_HEAD), FRAME_HUGETLB },
		{ F(HUGE) | F(COMPOUND_TAIL) | F(MMAP) | F(ANON), FRAME_HUGETLB },
		{ F(OFFLINE), FRAME_OFFLINE },
		{ F(OFFLINE) | F(RESERVED), FRAME_OFFLINE },
		{ F(HWPOISON) | F(LRU), FRAME_HWPOISON },
		{ F(HWPOISON) | F(BUDDY), FRAME_HWPOISON },
		{ F(COMPOUND_HEAD), FRAME_OTHER },
		{ F(OWNER_PRIVATE), FRAME_OTHER },
		{ UINT64_C(1) << 63, FRAME_OTHER },
	};

	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++)
		ck_assert_msg(frame_use(want[i].word) == want[i].use,
			      "%" PRIx64 " is %s instead of %s", want[i].word,
			      frame_use_info[frame_use(want[i].word)].key,
			      frame_use_info[want[i].use].key);
	ck_assert(frame_is_large(F(THP)) && frame_is_large(F(COMPOUND_TAIL)));
	ck_assert(!frame_is_large(F(LRU)));
}
END_TEST

/* ---- where RAM is ---- */

static struct zone zone_of(unsigned int node, const char *name, uint64_t start, uint64_t spanned)
{
	struct zone z = { .node = node, .start_pfn = start, .spanned = spanned, .present = spanned };

	snprintf(z.name, sizeof(z.name), "%s", name);
	return z;
}

START_TEST(test_sort_ranges)
{
	ram_list list = { 0 };

	ram_add(&list, 50, 60);
	ram_add(&list, 7, 7);		/* nothing */
	ram_add(&list, 10, 20);
	ram_add(&list, 20, 30);		/* touches */
	ram_add(&list, 12, 15);		/* within */
	ram_add(&list, 55, 70);
	ram_sort(&list);
	ck_assert_uint_eq(list.n, 2);
	ck_assert_uint_eq(list.v[0].start, 10);
	ck_assert_uint_eq(list.v[0].end, 30);
	ck_assert_uint_eq(list.v[1].start, 50);
	ck_assert_uint_eq(list.v[1].end, 70);
	vec_done(&list);
}
END_TEST

/* Two nodes, interleaved: node 0 has both ends and spans node 1. */
START_TEST(test_map)
{
	static const struct {
		uint64_t pfn;
		size_t zone;
		bool ram, offline;
	} want[] = {
		{ 0, 3, false, false }, { 1, 0, true, false }, { 99, 0, true, false },
		{ 100, 0, false, false }, { 199, 0, false, false }, { 200, 1, true, false },
		{ 299, 1, true, false }, { 300, 2, true, false }, { 350, 2, true, true },
		{ 399, 2, true, true }, { 400, 1, true, false }, { 500, 1, false, false },
		{ 600, 3, false, false }, { UINT64_MAX - 1, 3, false, false },
	};
	struct zone zones[] = {
		zone_of(0, "DMA", 1, 199), zone_of(0, "Normal", 200, 400),
		zone_of(1, "Normal", 300, 100),
	};
	zone_list zone = { zones, 3, 3 };
	ram_list ram = { 0 }, offline = { 0 };
	struct ram_map map;
	size_t hint = 0;

	ram_add(&ram, 1, 100);
	ram_add(&ram, 200, 500);
	ram_add(&offline, 350, 400);
	ram_add(&offline, 500, 550);	/* no RAM there at all */
	ck_assert_int_eq(ram_map_make(&ram, &offline, &zone, &map), 0);
	ck_assert_uint_eq(map.frames, 99 + 300);
	ck_assert_uint_eq(map.end, 500);
	ck_assert_uint_eq(map.extent.v[0].start, 0);
	ck_assert_uint_eq(map.extent.v[map.extent.n - 1].end, UINT64_MAX);
	for (size_t i = 1; i < map.extent.n; i++)
		ck_assert_uint_eq(map.extent.v[i].start, map.extent.v[i - 1].end);
	for (unsigned int back = 0; back < 2; back++) {
		for (size_t k = 0; k < sizeof(want) / sizeof(want[0]); k++) {
			size_t i = back ? sizeof(want) / sizeof(want[0]) - 1 - k : k;
			const struct ram_extent *x = ram_map_find(&map, want[i].pfn, &hint);

			ck_assert_msg(x->start <= want[i].pfn && want[i].pfn < x->end &&
				      x->zone == want[i].zone && x->ram == want[i].ram &&
				      x->offline == want[i].offline, "frame %" PRIu64, want[i].pfn);
		}
	}
	ram_map_done(&map);
	vec_done(&ram);
	vec_done(&offline);
}
END_TEST

/* ---- the grid of the picture ---- */

static void make_map(const uint64_t (*range)[2], size_t n, struct ram_map *map)
{
	ram_list ram = { 0 }, offline = { 0 };
	zone_list zones = { 0 };

	for (size_t i = 0; i < n; i++)
		ck_assert_int_eq(ram_add(&ram, range[i][0], range[i][1]), 0);
	ram_sort(&ram);
	ck_assert_int_eq(ram_map_make(&ram, &offline, &zones, map), 0);
	vec_done(&ram);
}

static void check_grid(const uint64_t (*range)[2], size_t n, size_t cells)
{
	struct physical_grid g, finer;
	struct ram_map map;
	uint64_t covered = 0;

	make_map(range, n, &map);
	physical_grid_make(&map, cells, &g);
	ck_assert(g.lines >= 1 && g.lines <= PHYSICAL_LINES);
	ck_assert((g.cells & (g.cells - 1)) == 0 && g.cells <= cells && g.cells * 2 > cells);
	ck_assert_uint_eq(g.cells << g.shift, UINT64_C(1) << g.line_shift);
	for (size_t i = 0; i < g.lines; i++) {
		uint64_t low = g.line[i] << g.line_shift, before = covered;

		ck_assert(i == 0 || g.line[i] > g.line[i - 1]);
		for (size_t k = 0; k < n; k++) {
			uint64_t from = range[k][0] > low ? range[k][0] : low;
			uint64_t to = low + (UINT64_C(1) << g.line_shift);

			to = range[k][1] < to ? range[k][1] : to;
			covered += to > from ? to - from : 0;
		}
		ck_assert_msg(covered > before, "a line without RAM");
	}
	ck_assert_uint_eq(covered, map.frames);
	/* the finest one: half of it would need more lines than there may be */
	if (g.shift) {
		uint64_t lines = 0, last = UINT64_MAX;

		finer = g;
		finer.line_shift--;
		for (size_t k = 0; k < n; k++) {
			uint64_t first = range[k][0] >> finer.line_shift;
			uint64_t end = (range[k][1] - 1) >> finer.line_shift;

			lines += end - first + 1 - (first == last);
			last = end;
		}
		ck_assert_uint_gt(lines, PHYSICAL_LINES);
	}
	ram_map_done(&map);
}

START_TEST(test_grid)
{
	static const uint64_t small[][2] = { { 1, 160 }, { 256, 32768 } };
	static const uint64_t here[][2] = { { 1, 0x9f }, { 0x100, 0xc0000 }, { 0x100000, 0x640000 } };
	static const uint64_t one[][2] = { { 5, 6 } };
	static const uint64_t huge[][2] = { { 1, UINT64_C(1) << 36 } };
	static const uint64_t far[][2] = {
		{ 0, 1 << 18 }, { UINT64_C(1) << 30, (UINT64_C(1) << 30) + (1 << 18) },
		{ UINT64_C(1) << 40, (UINT64_C(1) << 40) + 1 },
	};
	static const size_t cells[] = { 16, 64, 66, 128, 200 };
	struct physical_grid none;
	struct ram_map map;

	for (size_t i = 0; i < sizeof(cells) / sizeof(cells[0]); i++) {
		check_grid(small, 2, cells[i]);
		check_grid(here, 3, cells[i]);
		check_grid(one, 1, cells[i]);
		check_grid(huge, 1, cells[i]);
		check_grid(far, 3, cells[i]);
	}
	/* where RAM is is not known: no picture */
	make_map(one, 0, &map);
	physical_grid_make(&map, 64, &none);
	ck_assert_uint_eq(none.lines, 0);
	ram_map_done(&map);
}
END_TEST

/* ---- blocks ---- */

enum { BLOCK = 64 };

static void count_block(const uint64_t *words, size_t n, struct physical_blocks *out)
{
	static const uint64_t range[][2] = { { 0, BLOCK } };
	struct physical_plan plan = { .block = BLOCK };
	uint64_t words_of[BLOCK];
	struct physical p;
	struct ram_map map;

	make_map(range, 1, &map);
	plan.map = &map;
	physical_grid_make(&map, 16, &plan.grid);
	ck_assert_int_eq(physical_init(&p, &plan), 0);
	for (size_t i = 0; i < BLOCK; i++)
		words_of[i] = i < n ? words[i] : F(BUDDY);
	physical_take(&p, 0, words_of, NULL, BLOCK);
	physical_flush(&p);
	*out = p.blocks;
	physical_done(&p);
	ram_map_done(&map);
}

START_TEST(test_blocks)
{
	struct physical_blocks b;
	uint64_t w[BLOCK] = { 0 };

	count_block(w, 0, &b);
	ck_assert(b.free == 1 && b.movable == 0 && b.pinned == 0 && b.partial == 0);
	w[0] = F(ANON) | F(LRU);
	count_block(w, 1, &b);
	ck_assert(b.free == 0 && b.movable == 1 && b.pinned == 0);
	w[1] = F(SLAB);
	count_block(w, 2, &b);
	ck_assert(b.free == 0 && b.movable == 0 && b.pinned == 1 && b.few == 1);
	ck_assert(b.has[FRAME_SLAB] == 1 && b.alone[FRAME_SLAB] == 1);
	ck_assert(b.whole[FRAME_SLAB] == 0 && b.has[FRAME_ANON] == 0);
	w[2] = F(PGTABLE);
	count_block(w, 3, &b);
	ck_assert(b.pinned == 1 && b.few == 0);
	ck_assert(b.has[FRAME_SLAB] == 1 && b.has[FRAME_PAGE_TABLE] == 1);
	ck_assert(b.alone[FRAME_SLAB] == 0 && b.alone[FRAME_PAGE_TABLE] == 0);
	memset(w, 0, sizeof(w));
	count_block(w, BLOCK, &b);
	ck_assert(b.pinned == 1 && b.alone[FRAME_OTHER] == 1 && b.whole[FRAME_OTHER] == 1);
	w[0] = F(NOPAGE);	/* not even a page there */
	count_block(w, BLOCK, &b);
	ck_assert(b.partial == 1 && b.pinned == 0 && b.free == 0 && b.movable == 0);
}
END_TEST

/* ---- everything, against a naive count ---- */

enum { FRAMES = 20000, ZONES = 3 };

struct model {
	uint64_t flags[FRAMES], counts[FRAMES];
	uint64_t range[4][2];
	struct ram_map map;
	zone_list zones;
	struct zone zone[ZONES];
	ram_list offline;
};

static void make_model(struct model *m, uint64_t *seed)
{
	static const uint64_t word[] = {
		0, 0, F(BUDDY), F(BUDDY), F(SLAB), 0x40000006c, 0x400005828, 0x40000086c, F(PGTABLE),
		F(RESERVED), F(HWPOISON), F(OFFLINE), F(NOPAGE), F(SWAPBACKED) | F(LRU),
		UINT64_C(1) << 50,
	};
	ram_list ram = { 0 };
	uint64_t at = 0;

	memset(m, 0, sizeof(*m));
	for (size_t i = 0; i < 4; i++) {
		at += unit_below(seed, 1500);
		m->range[i][0] = at;
		at += 1 + unit_below(seed, 4000);
		m->range[i][1] = at;
		ck_assert_int_eq(ram_add(&ram, m->range[i][0], m->range[i][1]), 0);
	}
	m->zone[0] = zone_of(0, "DMA", 0, 4000);
	m->zone[1] = zone_of(0, "Normal", 4000, FRAMES - 4000 - unit_below(seed, 3000));
	m->zone[2] = zone_of(1, "Normal", 6000, 1 + unit_below(seed, 5000));
	m->zones = (zone_list){ m->zone, ZONES, ZONES };
	ram_add(&m->offline, 9000, 9000 + 1 + unit_below(seed, 2000));
	ram_sort(&ram);
	ck_assert_int_eq(ram_map_make(&ram, &m->offline, &m->zones, &m->map), 0);
	vec_done(&ram);
	for (size_t i = 0; i < FRAMES;) {
		uint64_t w = word[unit_below(seed, sizeof(word) / sizeof(word[0]))];
		size_t run = 1 + unit_below(seed, unit_below(seed, 4) ? 8 : 900);

		if (unit_below(seed, 4) == 0) {
			/* a compound page of a kernel before 6.10: its tails have flags no more */
			m->flags[i++] = F(LRU) | F(UPTODATE) | F(COMPOUND_HEAD) | F(MMAP) |
					(unit_below(seed, 2) ? F(SWAPBACKED) : 0);
			w = F(COMPOUND_TAIL) | F(THP) | F(MMAP);
			run = 7;
		}
		for (; run && i < FRAMES; run--)
			m->flags[i++] = w;
	}
	for (size_t i = 0; i < FRAMES; i++)
		m->counts[i] = unit_below(seed, 4);
}

static bool model_is_ram(const struct model *m, uint64_t pfn)
{
	for (size_t i = 0; i < 4; i++)
		if (pfn >= m->range[i][0] && pfn < m->range[i][1])
			return true;
	return false;
}

static bool model_is_offline(const struct model *m, uint64_t pfn)
{
	return pfn >= m->offline.v[0].start && pfn < m->offline.v[0].end;
}

static enum frame_use model_use(const struct model *m, uint64_t pfn)
{
	enum frame_use use = frame_use(m->flags[pfn]);
	uint64_t head = pfn;

	if (model_is_offline(m, pfn))
		return FRAME_OFFLINE;
	if (use != FRAME_OTHER || !(m->flags[pfn] & F(COMPOUND_TAIL)))
		return use;
	while (head > 0 && m->flags[head] & F(COMPOUND_TAIL) && model_is_ram(m, head))
		head--;
	if (!model_is_ram(m, head))
		return use;
	return m->flags[head] & F(COMPOUND_HEAD) ? frame_use(m->flags[head]) : use;
}

static void check_sums(const struct model *m, const struct physical *p)
{
	struct physical_use use[FRAME_USES] = { { 0 } };
	uint64_t zone[ZONES + 1][FRAME_USES] = { { 0 } }, holes = 0, outside = 0, ram = 0;

	for (uint64_t pfn = 0; pfn < FRAMES; pfn++) {
		uint64_t w = m->flags[pfn];
		enum frame_use u;
		size_t z = ZONES;

		if (!model_is_ram(m, pfn) || (w & F(NOPAGE) && !model_is_offline(m, pfn))) {
			holes++;
			outside += !model_is_ram(m, pfn) && (w & ~(F(NOPAGE) | F(RESERVED)));
			continue;
		}
		u = model_use(m, pfn);
		if (pfn >= m->zone[2].start_pfn && pfn < m->zone[2].start_pfn + m->zone[2].spanned)
			z = 2;
		else if (pfn < 4000)
			z = 0;
		else if (pfn < 4000 + m->zone[1].spanned)
			z = 1;
		ram++;
		use[u].frames++;
		use[u].large += frame_is_large(w);
		use[u].mapped += w & F(MMAP) && m->counts[pfn] > 0;
		use[u].shared += w & F(MMAP) && m->counts[pfn] > 1;
		zone[z][u]++;
	}
	ck_assert_uint_eq(p->ram, ram);
	ck_assert_uint_eq(p->holes, holes);
	ck_assert_uint_eq(p->outside, outside);
	ck_assert_uint_eq(p->end, FRAMES);
	ck_assert_mem_eq(p->use, use, sizeof(use));
	ck_assert_mem_eq(p->zone, zone, sizeof(zone));
}

static void check_blocks(const struct model *m, const struct physical *p)
{
	struct physical_blocks b = { 0 };

	for (uint64_t start = 0; start < FRAMES; start += BLOCK) {
		uint64_t n[FRAME_USES] = { 0 }, all = 0, stay = 0, kinds = 0, last = 0;

		for (uint64_t pfn = start; pfn < start + BLOCK && pfn < FRAMES; pfn++) {
			if (!model_is_ram(m, pfn) ||
			    (m->flags[pfn] & F(NOPAGE) && !model_is_offline(m, pfn)))
				continue;
			n[model_use(m, pfn)]++;
			all++;
		}
		b.partial += all > 0 && all < BLOCK;
		if (all < BLOCK)
			continue;
		for (unsigned int u = 0; u < FRAME_USES; u++) {
			if (u <= FRAME_HUGETLB || !n[u])
				continue;
			stay += n[u];
			kinds++;
			last = u;
			b.has[u]++;
		}
		if (stay) {
			b.pinned++;
			b.few += stay * 64 <= BLOCK;
			b.alone[last] += kinds == 1;
			b.whole[last] += kinds == 1 && stay == BLOCK;
		} else if (n[FRAME_FREE] == BLOCK) {
			b.free++;
		} else {
			b.movable++;
		}
	}
	ck_assert_mem_eq(&p->blocks, &b, sizeof(b));
}

static void check_cells(const struct model *m, const struct physical *p)
{
	const struct physical_grid *g = &p->plan.grid;
	uint64_t wrong = 0;

	for (size_t line = 0; line < g->lines; line++) {
		for (size_t i = 0; i < g->cells; i++) {
			uint64_t start = (g->line[line] << g->line_shift) + ((uint64_t)i << g->shift);
			uint64_t n[FRAME_USES] = { 0 };

			for (uint64_t pfn = start; pfn < start + (UINT64_C(1) << g->shift) &&
			     pfn < FRAMES; pfn++)
				if (model_is_ram(m, pfn) && (!(m->flags[pfn] & F(NOPAGE)) ||
							     model_is_offline(m, pfn)))
					n[model_use(m, pfn)]++;
			wrong += memcmp(n, p->cell[line * g->cells + i], sizeof(n)) != 0;
		}
	}
	ck_assert_uint_eq(wrong, 0);
}

static void check_words(const struct model *m, struct physical *p)
{
	size_t n = physical_sort_words(p);
	uint64_t sum = 0;

	for (size_t i = 0; i < n; i++) {
		uint64_t frames = 0;

		for (uint64_t pfn = 0; pfn < FRAMES; pfn++)
			frames += m->flags[pfn] == p->word[i].word && model_is_ram(m, pfn) &&
				  (!(m->flags[pfn] & F(NOPAGE)) || model_is_offline(m, pfn));
		ck_assert_uint_eq(p->word[i].frames, frames);
		ck_assert(i == 0 || p->word[i].frames <= p->word[i - 1].frames);
		sum += frames;
	}
	ck_assert_uint_eq(sum, p->ram);
	ck_assert_uint_eq(p->more_words, 0);
}

/* In pieces of any size, from one end to the other. */
static void take(struct physical *p, const struct model *m, uint64_t from, uint64_t to,
		 uint64_t *seed)
{
	while (from < to) {
		uint64_t n = 1 + unit_below(seed, 3000);

		n = n < to - from ? n : to - from;
		physical_take(p, from, m->flags + from, m->counts + from, n);
		from += n;
	}
	physical_flush(p);
}

START_TEST(test_random)
{
	struct model *m = malloc(sizeof(*m));
	uint64_t seed = 4711 + (uint64_t)_i;
	struct physical p, q;
	struct physical_plan plan = { .block = BLOCK, .zones = ZONES };
	uint64_t cut;

	ck_assert_ptr_nonnull(m);
	make_model(m, &seed);
	plan.map = &m->map;
	physical_grid_make(&m->map, 16 + unit_below(&seed, 100), &plan.grid);
	ck_assert_int_eq(physical_init(&p, &plan), 0);
	ck_assert_int_eq(physical_init(&q, &plan), 0);
	/* two threads: each end is at a block, and no folio lies across */
	cut = BLOCK * (1 + unit_below(&seed, FRAMES / BLOCK - 1));
	while (cut && m->flags[cut] & F(COMPOUND_TAIL))
		cut -= BLOCK;
	take(&q, m, cut, FRAMES, &seed);
	take(&p, m, 0, cut, &seed);
	physical_merge(&p, &q);
	check_sums(m, &p);
	check_blocks(m, &p);
	check_cells(m, &p);
	check_words(m, &p);
	physical_done(&p);
	physical_done(&q);
	ram_map_done(&m->map);
	vec_done(&m->offline);
	free(m);
}
END_TEST

/* More distinct words than there are slots: the sums still hold. */
START_TEST(test_many_words)
{
	static const uint64_t range[][2] = { { 0, 1 << 20 } };
	struct physical_plan plan = { .block = BLOCK };
	struct physical p;
	struct ram_map map;
	uint64_t sum = 0;
	size_t n;

	make_map(range, 1, &map);
	plan.map = &map;
	physical_grid_make(&map, 64, &plan.grid);
	ck_assert_int_eq(physical_init(&p, &plan), 0);
	for (uint64_t pfn = 0; pfn < 2 * PHYSICAL_WORDS; pfn++) {
		uint64_t word = pfn << 43 | F(SLAB);

		physical_take(&p, pfn, &word, NULL, 1);
	}
	physical_flush(&p);
	n = physical_sort_words(&p);
	for (size_t i = 0; i < n; i++)
		sum += p.word[i].frames;
	ck_assert_uint_gt(p.more_words, 0);
	ck_assert_uint_eq(sum + p.more_words, 2 * PHYSICAL_WORDS);
	ck_assert_uint_eq(p.use[FRAME_SLAB].frames, 2 * PHYSICAL_WORDS);
	physical_done(&p);
	ram_map_done(&map);
}
END_TEST

/* A byte for each frame, where it is asked for. */
START_TEST(test_frames)
{
	static const uint64_t range[][2] = { { 1, 6 } };
	static const uint64_t words[] = { F(BUDDY), F(BUDDY), F(SLAB), F(LRU) | F(MMAP),
					  F(LRU) | F(MMAP), F(LRU), F(LRU) };
	static const uint64_t counts[] = { 9, 9, 9, 2, 0, 9, 9 };
	static const uint8_t want[] = { 0, FRAME_FREE, FRAME_SLAB, FRAME_FILE | PHYSICAL_MAPPED,
					FRAME_FILE, FRAME_FILE, 0 };
	uint8_t frame[7] = { 0 };
	struct physical_plan plan = { .block = BLOCK, .frame = frame, .frames = sizeof(frame) };
	struct physical p;
	struct ram_map map;

	make_map(range, 1, &map);
	plan.map = &map;
	ck_assert_int_eq(physical_init(&p, &plan), 0);
	physical_take(&p, 0, words, counts, 7);
	physical_flush(&p);
	ck_assert_mem_eq(frame, want, sizeof(want));
	ck_assert_uint_eq(p.use[FRAME_FILE].mapped, 1);
	ck_assert_uint_eq(p.use[FRAME_FILE].shared, 1);
	physical_done(&p);
	ram_map_done(&map);
}
END_TEST

START_TEST(test_dominant)
{
	uint64_t n[FRAME_USES] = { 0 }, sum;

	ck_assert_int_eq(physical_dominant(n, &sum), FRAME_USES);
	n[FRAME_SLAB] = 5;
	n[FRAME_FREE] = 5;
	ck_assert_int_eq(physical_dominant(n, &sum), FRAME_FREE);
	n[FRAME_SLAB]++;
	ck_assert_int_eq(physical_dominant(n, &sum), FRAME_SLAB);
	ck_assert_uint_eq(sum, 11);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("physical");
	TCase *random = tcase_create("random");

	UNIT_CASE(suite, "use", test_uses, test_dominant);
	UNIT_CASE(suite, "ram", test_sort_ranges, test_map);
	UNIT_CASE(suite, "grid", test_grid);
	UNIT_CASE(suite, "count", test_blocks, test_many_words, test_frames);
	tcase_set_timeout(random, UNIT_SECONDS);
	tcase_add_loop_test(random, test_random, 0, 40);
	suite_add_tcase(suite, random);
	return unit_run(suite);
}
