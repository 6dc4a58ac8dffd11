/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where everything is on a screen of a given size. */
#include "config.h"

#include "tui/place.h"

struct place_frame place_frame(int width, int height)
{
	return (struct place_frame){
		.top = { 0, 0, width, 1 },
		.body = { 0, 1, width, height - 3 },
		.message = { 0, height - 2, width, 1 },
		.keys = { 0, height - 1, width, 1 },
	};
}

static int between(int least, int value, int most)
{
	return value < least ? least : value > most ? most : value;
}

struct place_map place_map(struct rect b)
{
	enum { TOTALS = 2 };
	int details = between(8, b.h / 5, 10);
	int picture = between(26, b.w * 3 / 10, 64);
	int middle = b.h - TOTALS - details;

	return (struct place_map){
		.totals = { b.x, b.y, b.w, TOTALS },
		.picture = { b.x, b.y + TOTALS, picture, middle },
		.table = { b.x + picture, b.y + TOTALS, b.w - picture, middle },
		.details = { b.x, b.y + TOTALS + middle, b.w, details },
	};
}

struct rect place_window(struct rect b, int width, int height)
{
	struct rect r = { 0, 0, width < b.w ? width : b.w, height < b.h ? height : b.h };

	r.x = b.x + (b.w - r.w) / 2;
	r.y = b.y + (b.h - r.h) / 2;
	return r;
}
