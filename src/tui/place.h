/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where everything is on a screen of a given size. Pure; tested over all sizes. */
#ifndef TUI_PLACE_H
#define TUI_PLACE_H

#include "tui/canvas.h"

/* The smallest screen on which everything is shown. */
enum { PLACE_MIN_WIDTH = 80, PLACE_MIN_HEIGHT = 24 };

/* What all screens have: a line with their names, a body, a line for messages and prompts, one with
 * the keys. Together they are the whole screen. */
struct place_frame {
	struct rect top, body, message, keys;
};

struct place_frame place_frame(int width, int height);

/* The map: totals over the whole width, the picture left, the table right, and the details of the
 * selected mapping below. All of the body, without overlap. */
struct place_map {
	struct rect totals, picture, table, details;
};

struct place_map place_map(struct rect body);

/* A window in the middle of a body, as large as wanted if there is room. */
struct rect place_window(struct rect body, int width, int height);

#endif
