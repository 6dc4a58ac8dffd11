/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The pages of a mapping: what its parts share. screen_pages.c has the requests, pages_read.c reads,
 * pages_draw.c draws. */
#ifndef TUI_PAGES_H
#define TUI_PAGES_H

#include "model/frames.h"
#include "model/grid.h"
#include "tui/place.h"
#include "tui/tui.h"

/* Where everything is. A row of cells is a power of two of them, so that what is aligned in
 * memory is aligned on the screen. */
struct pages_place {
	struct rect head, grid, legend, info;
	size_t columns, rows;	/* cells */
	int cell_width;		/* 2 where a cell is a page: borders of folios lie between */
	bool side;		/* the legend is beside the grid */
};

/* What was in sight when the baseline was set; it holds for the same window and colours only. */
struct pages_base {
	bool set;
	enum grid_mode mode;
	unsigned int zoom;
	uint64_t base;
	size_t n;
	uint64_t pages[GRID_CLASSES];
	double at;		/* seconds of the monotonic clock */
};

struct pages_screen {
	struct tui *t;
	pid_t pid;
	uint64_t start, end;	/* of the mapping */
	uint64_t huge_size;	/* bytes of its hugetlb pages; 0: none */
	bool empty;		/* smaps says that nothing is there */
	bool fitted;		/* the zoom was chosen */
	uint64_t address;	/* of the cursor's cell: any in it */
	uint64_t base;		/* the first row's */
	unsigned int zoom;
	uint64_t asked_base;	/* of the job that was asked for last */
	size_t asked_cells;
	enum grid_mode mode;
	struct grid grid;	/* as read last */
	bool has_grid;
	struct frames_missing missing;	/* hidden included */
	bool zero_told;		/* zero pages are told apart */
	zone_list zones;	/* for the node of the cursor's frame */
	char problem[256];	/* why there is nothing to show; "" */
	struct pages_place place;
	struct pages_base baseline;
};

struct pages_place place_pages(struct rect body, unsigned int digits, unsigned int zoom);

uint64_t pages_page_size(const struct pages_screen *s);
/* The mapping, as the map shows it; NULL: not known. */
const struct vma *pages_mapping(const struct pages_screen *s);

/* Pages of each class in sight. */
void pages_sum(const struct grid *g, uint64_t sum[GRID_CLASSES]);
/* Is what is in sight what was when the baseline was set? */
bool pages_has_base(const struct pages_screen *s);

/* --- pages_read.c --- */
struct job *pages_ask(struct pages_screen *s);
void pages_refresh(struct pages_screen *s, struct job *job);

/* --- pages_export.c --- */
/* The process's document with the census of the mapping, and the way to the frame under the cursor. */
struct job *pages_export(struct pages_screen *s, const char *path);

/* --- screen_pages.c --- */
/* Takes the map's choice, if it is another; zoom and window for the present size of the screen. */
void pages_fit(struct pages_screen *s);

/* --- pages_draw.c --- */
void pages_draw(struct pages_screen *s, struct canvas *c, struct rect area);

#endif
