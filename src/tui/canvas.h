/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A screen in memory: cells that lines of text are put into. Pure; terminal.c shows it. */
#ifndef TUI_CANVAS_H
#define TUI_CANVAS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "report/style.h"

struct rect {
	int x, y, w, h;
};

static inline bool rect_has(struct rect r, int x, int y)
{
	return x >= r.x && x < r.x + r.w && y >= r.y && y < r.y + r.h;
}

enum attr_flag { ATTR_BOLD = 1, ATTR_DIM = 2, ATTR_REVERSE = 4, ATTR_UNDERLINE = 8 };

/* Colours: 0 is the terminal's own, 1 + n the colour n of its 16 or 256. */
struct attr {
	uint16_t fg, bg;
	uint8_t flags;
};

struct cell {
	uint32_t ch;		/* code point; 0: the right half of a wide one */
	uint32_t mark;		/* a combining character on it, or 0 */
	struct attr attr;
};

struct canvas {
	struct cell *cell;	/* width * height, line by line; owned */
	int width, height;
	const struct style *style;	/* alphabet and colours for what is put */
};

/* Blank, of that size. 0 or -ENOMEM; canvas_done() may follow either way, and so may another
 * canvas_size(). */
int canvas_size(struct canvas *c, int width, int height);
void canvas_done(struct canvas *c);

void canvas_clear(struct canvas *c, struct rect area);

/*
 * Puts text of at most room columns at a place, with SGR sequences in it as report/style writes
 * them (38;5;N and 48;5;N, 30-37, 90-97, 40-47, 1, 2, 4, 7, 0); they begin from attr, and 0 goes
 * back to it. Stops at a newline. What lies outside the canvas is cut off. Gives the columns.
 */
int canvas_put(struct canvas *c, int x, int y, int room, struct attr attr, struct str text);
int canvas_puts(struct canvas *c, int x, int y, int room, struct attr attr, const char *text);

/* Lines of text, from line `from` on, into an area. Gives how many lines there are in all. */
size_t canvas_lines(struct canvas *c, struct rect area, struct str text, size_t from);

/* Shows an area as selected: a background, or reversed where there are no 256 colours; what goes
 * along with the selection elsewhere is paler. */
void canvas_select(struct canvas *c, struct rect area);
void canvas_select_pale(struct canvas *c, struct rect area);
/* Sets flags (enum attr_flag) in an area. */
void canvas_mark(struct canvas *c, struct rect area, unsigned int flags);

/* A frame with a title around an area, which is cleared; gives what is within. */
struct rect canvas_box(struct canvas *c, struct rect area, const char *title);
/* A line with a title, over the whole width of an area: its first line. */
void canvas_rule(struct canvas *c, struct rect area, const char *title);

/* What is on it, as text: a line each, without blanks at their ends. */
void canvas_dump(const struct canvas *c, struct buf *b);

/* Attributes of the few things that are not kinds of memory. */
enum look { LOOK_PLAIN, LOOK_DIM, LOOK_BOLD, LOOK_BAR, LOOK_TAB, LOOK_HEADING, LOOK_ALERT, LOOK_KEY };
struct attr look_attr(const struct style *s, enum look look);

#endif
