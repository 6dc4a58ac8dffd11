/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The map of an address space: what its parts share. screen_map.c has the requests, map_read.c reads
 * and arranges, map_draw.c draws. */
#ifndef TUI_MAP_H
#define TUI_MAP_H

#include "model/filter.h"
#include "model/picture.h"
#include "model/snapshot.h"
#include "report/maps.h"
#include "tui/found.h"
#include "tui/growth.h"
#include "tui/list.h"
#include "tui/place.h"
#include "tui/tui.h"

/* What the columns' getters look at: rows first, so that those of report/maps work too. */
struct map_rows {
	struct rows rows;
	const int64_t *growth;		/* of each that the index can name; NULL: unknown */
	char text[32];			/* of the value asked for last */
};

struct map_screen {
	struct tui *t;
	pid_t pid;			/* whose data these are, or were asked for */
	struct snapshot snapshot;
	bool has_snapshot;
	char user[64];
	char problem[256];		/* why there is nothing to show; "" */
	struct huge_facts huge;
	struct rows shown;		/* mappings that pass the filter, in address order */
	struct groups groups;		/* if fold */
	struct map_rows table;		/* in the order of the table; its index is owned */
	struct map_rows window;		/* what of it is visible */
	struct vma sum;
	struct counters_sum sum_counters;
	struct growth growth;
	VEC(int64_t) group_growth;
	double base_at;			/* seconds of the monotonic clock */
	enum group_by fold;
	struct filter filter;
	struct found search, name_filter;
	struct {			/* while a search is typed: where it began */
		struct found text;
		bool begun, in_picture;
		size_t at, top, band;
		uint64_t start, address;
	} typing;
	struct column_list columns;
	bool columns_given;
	int columns_width;		/* for which they were chosen */
	size_t skip;			/* columns that are out of sight on the left */
	size_t kept[TABLE_MAX_COLUMNS];
	const struct column *sort;	/* NULL: by address */
	bool descending;
	struct list list;
	uint64_t at_start;		/* of the selected mapping, to find it again */
	struct picture picture;
	int picture_height;		/* for which it was made; 0: none */
	bool in_picture;		/* the cursor is in the picture */
	size_t band;			/* the selected one */
	int band_y[256];		/* the line of each band that was drawn */
	struct place_map place;
};

extern const struct column map_growth_column, map_growth_order;

/* --- map_read.c --- */
struct job *map_ask(struct map_screen *s);
void map_refresh(struct map_screen *s, struct job *job);
/* What is there now becomes what changes are told from. */
void map_set_base(struct map_screen *s);
/* The same from another screen: reads the map first. */
void map_base_from_here(struct tui *t);
/* Forgets what is known of a process. */
void map_forget(struct map_screen *s);
/* Makes the rows anew; the selected mapping stays selected if it is still there. */
void map_arrange(struct map_screen *s);
/* Makes the picture for a height, if it is not made. */
void map_make_picture(struct map_screen *s, int height);

/* --- screen_map.c --- */
/* The selected row's mapping or group; NULL: there is none. */
const struct vma *map_selected(const struct map_screen *s, const struct counters **counters);
/* Tells the other screens what is selected, and moves the picture along. */
void map_follow(struct map_screen *s);

/* --- map_draw.c --- */
void map_draw(struct map_screen *s, struct canvas *c, struct rect area);

#endif
