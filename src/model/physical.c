/* SPDX-License-Identifier: GPL-3.0-or-later */
/* All page frames of the machine added up: by use, flag word, zone, block, and cell. */
#include "config.h"

#include "model/physical.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "proc/kpage.h"

enum { FEW = 64 };	/* one frame in so many */

/* Lines of 2^line_shift frames that hold RAM; how many, at most one more than there is room for. */
static size_t find_lines(const struct ram_map *map, unsigned int line_shift,
			 uint64_t line[PHYSICAL_LINES])
{
	size_t n = 0;

	for (size_t i = 0; i < map->extent.n; i++) {
		const struct ram_extent *x = &map->extent.v[i];
		uint64_t first = x->start >> line_shift, last = (x->end - 1) >> line_shift;

		if (!x->ram)
			continue;
		if (n && line[n - 1] >= first)
			first = line[n - 1] + 1;
		if (first > last)
			continue;
		if (last - first >= PHYSICAL_LINES - n)
			return PHYSICAL_LINES + 1;
		while (first <= last)
			line[n++] = first++;
	}
	return n;
}

void physical_grid_make(const struct ram_map *map, size_t cells, struct physical_grid *out)
{
	unsigned int log = 0;

	while (cells >> (log + 1))
		log++;
	*out = (struct physical_grid){ .cells = (size_t)1 << log, .line_shift = log };
	if (!map->frames)
		return;
	while (out->line_shift < 63 &&
	       find_lines(map, out->line_shift, out->line) > PHYSICAL_LINES)
		out->line_shift++;
	out->lines = find_lines(map, out->line_shift, out->line);
	if (out->lines > PHYSICAL_LINES)
		out->lines = 0;
	out->shift = out->line_shift - log;
}

int physical_init(struct physical *p, const struct physical_plan *plan)
{
	*p = (struct physical){ .plan = *plan, .head = -1, .block_number = UINT64_MAX };
	p->zone = calloc(plan->zones + 1, sizeof(*p->zone));
	p->cell = calloc(plan->grid.lines * plan->grid.cells + 1, sizeof(*p->cell));
	p->word = calloc(PHYSICAL_WORDS, sizeof(*p->word));
	return p->zone && p->cell && p->word ? 0 : -ENOMEM;
}

void physical_done(struct physical *p)
{
	free(p->zone);
	free(p->cell);
	free(p->word);
	p->zone = p->cell = NULL;
	p->word = NULL;
}

/* The slot of a word, with it in; NULL: there is no more room. */
static struct physical_word *find_word(struct physical *p, uint64_t word)
{
	size_t at = (size_t)((word * UINT64_C(0x9e3779b97f4a7c15)) >> 52) % PHYSICAL_WORDS;

	while (p->word[at].frames) {
		if (p->word[at].word == word)
			return &p->word[at];
		at = (at + 1) % PHYSICAL_WORDS;
	}
	if (p->words >= PHYSICAL_WORDS / 4 * 3)
		return NULL;
	p->words++;
	p->word[at].word = word;
	p->word[at].use = (uint8_t)frame_use(word);
	return &p->word[at];
}

static enum frame_use add_word(struct physical *p, uint64_t word, uint64_t frames)
{
	struct physical_word *w = find_word(p, word);

	if (!w) {
		p->more_words += frames;
		return frame_use(word);
	}
	w->frames += frames;
	return (enum frame_use)w->use;
}

static void add_counts(struct physical_use *u, const uint64_t *counts, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		u->mapped += counts[i] > 0;
		u->shared += counts[i] > 1;
	}
}

static void note_frames(struct physical *p, uint64_t pfn, enum frame_use use,
			const uint64_t *counts, size_t n)
{
	for (size_t i = 0; i < n && pfn + i < p->plan.frames; i++)
		p->plan.frame[pfn + i] = (uint8_t)(use | (counts && counts[i] ? PHYSICAL_MAPPED : 0));
}

/* Frames of one extent, block and cell. */
static void take_segment(struct physical *p, uint64_t pfn, const uint64_t *flags,
			 const uint64_t *counts, size_t n, bool offline,
			 uint64_t out[FRAME_USES])
{
	for (size_t i = 0, run; i < n; i += run) {
		uint64_t word = flags[i];
		const uint64_t *mapped = word & KPAGE_BIT(MMAP) && counts ? counts + i : NULL;
		enum frame_use use;

		for (run = 1; i + run < n && flags[i + run] == word; run++)
			;
		if (word & KPAGE_BIT(NOPAGE) && !offline) {
			p->holes += run;
			p->head = -1;
			continue;
		}
		use = add_word(p, word, run);
		if (use == FRAME_OTHER && frame_is_tail(word) && p->head >= 0)
			use = (enum frame_use)p->head;
		else if (!frame_is_tail(word))
			p->head = word & KPAGE_BIT(COMPOUND_HEAD) ? (int)use : -1;
		if (offline)
			use = FRAME_OFFLINE;
		out[use] += run;
		p->use[use].frames += run;
		if (frame_is_large(word))
			p->use[use].large += run;
		if (mapped)
			add_counts(&p->use[use], mapped, run);
		if (p->plan.frame)
			note_frames(p, pfn + i, use, mapped, run);
	}
}

static void take_hole(struct physical *p, const uint64_t *flags, size_t n)
{
	/* some kernels have struct pages, marked reserved, for holes in RAM */
	const uint64_t nothing = KPAGE_BIT(NOPAGE) | KPAGE_BIT(RESERVED);

	p->holes += n;
	p->head = -1;	/* no folio lies across a hole */
	for (size_t i = 0; i < n; i++)
		p->outside += (flags[i] & ~nothing) != 0;
}

/* Where the cell of a frame is, with the frames up to its end; NULL: there is none. */
static uint64_t *find_cell(struct physical *p, uint64_t pfn, uint64_t *left)
{
	const struct physical_grid *g = &p->plan.grid;
	uint64_t line = pfn >> g->line_shift, size = UINT64_C(1) << g->shift;

	*left = size - (pfn & (size - 1));
	if (p->line >= g->lines || g->line[p->line] != line) {
		for (p->line = 0; p->line < g->lines && g->line[p->line] != line;)
			p->line++;
		if (p->line == g->lines)
			return NULL;
	}
	return p->cell[p->line * g->cells + (size_t)((pfn >> g->shift) & (g->cells - 1))];
}

void physical_flush(struct physical *p)
{
	struct physical_blocks *b = &p->blocks;
	uint64_t all = 0, stay = 0;
	unsigned int uses = 0, last = 0;

	for (unsigned int u = 0; u < FRAME_USES; u++) {
		all += p->block[u];
		if (frame_use_info[u].movable || !p->block[u])
			continue;
		stay += p->block[u];
		last = u;
		uses++;
	}
	if (all && all < p->plan.block) {
		b->partial++;
	} else if (all) {
		b->free += p->block[FRAME_FREE] == all;
		b->movable += p->block[FRAME_FREE] < all && !stay;
		b->pinned += stay > 0;
		b->few += stay > 0 && stay * FEW <= all;
		for (unsigned int u = 0; u < FRAME_USES; u++)
			b->has[u] += !frame_use_info[u].movable && p->block[u];
		b->alone[last] += uses == 1;
		b->whole[last] += stay == all && uses == 1;
	}
	memset(p->block, 0, sizeof(p->block));
	p->block_number = UINT64_MAX;
}

void physical_take(struct physical *p, uint64_t pfn, const uint64_t *flags,
		   const uint64_t *counts, size_t n)
{
	if (pfn != p->next)
		p->head = -1;
	p->next = pfn + n;
	if (p->next > p->end)
		p->end = p->next;
	while (n) {
		const struct ram_extent *x = ram_map_find(p->plan.map, pfn, &p->extent);
		uint64_t in[FRAME_USES] = { 0 }, left = x->end - pfn, in_cell;
		uint64_t in_block = p->plan.block - (pfn & (p->plan.block - 1)), *cell;

		if (!x->ram) {
			left = left < n ? left : n;
			take_hole(p, flags, (size_t)left);
		} else {
			cell = find_cell(p, pfn, &in_cell);
			left = left < in_cell ? left : in_cell;
			left = left < in_block ? left : in_block;
			left = left < n ? left : n;
			if (p->block_number != pfn / p->plan.block) {
				physical_flush(p);
				p->block_number = pfn / p->plan.block;
			}
			take_segment(p, pfn, flags, counts, (size_t)left, x->offline, in);
			for (unsigned int u = 0; u < FRAME_USES; u++) {
				p->ram += in[u];
				p->zone[x->zone][u] += in[u];
				p->block[u] += in[u];
				if (cell)
					cell[u] += in[u];
			}
		}
		pfn += left;
		flags += left;
		counts = counts ? counts + left : NULL;
		n -= (size_t)left;
	}
}

void physical_merge(struct physical *p, const struct physical *other)
{
	const struct physical_blocks *b = &other->blocks;

	for (unsigned int u = 0; u < FRAME_USES; u++) {
		p->use[u].frames += other->use[u].frames;
		p->use[u].mapped += other->use[u].mapped;
		p->use[u].shared += other->use[u].shared;
		p->use[u].large += other->use[u].large;
		p->blocks.has[u] += b->has[u];
		p->blocks.alone[u] += b->alone[u];
		p->blocks.whole[u] += b->whole[u];
		for (size_t i = 0; i <= p->plan.zones; i++)
			p->zone[i][u] += other->zone[i][u];
		for (size_t i = 0; i < p->plan.grid.lines * p->plan.grid.cells; i++)
			p->cell[i][u] += other->cell[i][u];
	}
	p->ram += other->ram;
	p->holes += other->holes;
	p->outside += other->outside;
	p->more_words += other->more_words;
	p->blocks.free += b->free;
	p->blocks.movable += b->movable;
	p->blocks.pinned += b->pinned;
	p->blocks.partial += b->partial;
	p->blocks.few += b->few;
	if (other->end > p->end)
		p->end = other->end;
	for (size_t i = 0; i < PHYSICAL_WORDS; i++)
		if (other->word[i].frames)
			add_word(p, other->word[i].word, other->word[i].frames);
}

static int most_frames(const void *a, const void *b)
{
	const struct physical_word *x = a, *y = b;

	if (x->frames != y->frames)
		return x->frames < y->frames ? 1 : -1;
	return (x->word > y->word) - (x->word < y->word);
}

size_t physical_sort_words(struct physical *p)
{
	qsort(p->word, PHYSICAL_WORDS, sizeof(*p->word), most_frames);
	return p->words;
}

enum frame_use physical_dominant(const uint64_t count[FRAME_USES], uint64_t *sum)
{
	unsigned int most = FRAME_USES;

	*sum = 0;
	for (unsigned int u = 0; u < FRAME_USES; u++) {
		*sum += count[u];
		if (count[u] && (most == FRAME_USES || count[u] > count[most]))
			most = u;
	}
	return (enum frame_use)most;
}
