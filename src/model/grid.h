/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A stretch of a mapping as cells of 2^zoom pages, each with the mix of what its pages are. Pure:
 * costs what is populated, whatever is asked for. */
#ifndef MODEL_GRID_H
#define MODEL_GRID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "model/census.h"

enum grid_mode {
	GRID_STATE,
	GRID_FOLIO,	/* size of the folio around the page's frame */
	GRID_COUNT,	/* how often the frame is mapped, by anyone */
	GRID_NODE,	/* memory node of the frame */
	GRID_MODES,
};

/* Classes of pages; what they are depends on the mode, but for the first. */
enum {
	GRID_NONE,		/* GRID_STATE: untouched; else: there is no frame */
	/* GRID_STATE */
	GRID_ANON = 1, GRID_FILE, GRID_ZERO, GRID_SWAP, GRID_GUARD, GRID_OTHER,
	/* the others */
	GRID_UNKNOWN = 1,	/* a frame of which this is not told */
	GRID_ZERO_FRAME,	/* the zero page, or the huge one */
	GRID_FIRST,		/* folios: + order; nodes: + number, the last: this one or higher */
	/* GRID_COUNT */
	GRID_COUNT_0 = GRID_FIRST, GRID_COUNT_1, GRID_COUNT_2, GRID_COUNT_4, GRID_COUNT_16,
	GRID_COUNT_256, GRID_COUNT_MORE,
	GRID_COUNT_SHARED,	/* more than once, how often is not told */
	GRID_CLASSES = 24,
};

struct grid_cell {
	uint64_t pages[GRID_CLASSES];	/* together: those of the mapping that lie in the cell */
};

/* A page; zoom 0 only. */
struct grid_page {
	uint64_t entry, flags, count;	/* entry 0: untouched */
	uint64_t folio;			/* pages of its folio; 0: not known, or no frame */
	bool has_flags, has_count, zero, huge;
	bool joins;			/* not the first of its folio, and no other page is before it */
};

struct grid {
	enum grid_mode mode;
	unsigned int zoom;
	uint64_t page_size;		/* bytes */
	uint64_t start, end;		/* of the mapping: what lies outside is in no cell */
	uint64_t base;			/* address of the first cell, a multiple of a cell's size */
	size_t n;			/* cells */
	struct grid_cell *cell;
	struct grid_page *page;		/* NULL unless zoom is 0 */
	uint64_t folio_head, folio_frames;	/* found last */
	size_t zone_hint;
};

/* Empty cells. 0 or -ENOMEM; grid_done() may follow either way. */
int grid_init(struct grid *g, enum grid_mode mode, unsigned int zoom, uint64_t page_size,
	      uint64_t base, size_t n, uint64_t start, uint64_t end);
void grid_done(struct grid *g);

/* Takes a piece; pieces may come in any order, none twice. 0 or -errno of looking up a folio. */
int grid_add(struct grid *g, const struct census_facts *facts, const struct census_piece *p);
/* Once all were added: what is left is untouched. */
void grid_end(struct grid *g);

/* Bytes of a cell. */
static inline uint64_t grid_cell_size(const struct grid *g)
{
	return g->page_size << g->zoom;
}

/* The cell of an address; n: none. */
size_t grid_find(const struct grid *g, uint64_t address);
/* Pages of the mapping in a cell; 0: it lies outside. */
uint64_t grid_cell_pages(const struct grid *g, size_t i);
/* Addresses that the cells show of the mapping. */
void grid_window(const struct grid *g, uint64_t *start, uint64_t *end);

/* The classes of most and second most pages; second is GRID_CLASSES if there is but one. */
void grid_mix(const struct grid_cell *c, unsigned int *first, unsigned int *second);

/* The smallest zoom at which cells, the first row of which begins at a multiple of row cells, show
 * all of a mapping. */
unsigned int grid_fit(uint64_t page_size, uint64_t start, uint64_t end, size_t row, size_t n);

/* "anonymous", "64K folios", "mapped 3-4 times", "node 1". */
void grid_class_name(struct buf *b, enum grid_mode mode, unsigned int class, uint64_t page_size);
/* Tells classes apart where there is no colour: a lower-case letter, '.' or '?'. */
char grid_class_letter(enum grid_mode mode, unsigned int class);

extern const char *const grid_mode_name[GRID_MODES];

#endif
