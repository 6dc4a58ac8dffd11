/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The terminal: the only user of ncurses. Shows a canvas, gives keys, and is put back as it was on
 * every way out. There can be only one, as ncurses has it. */
#ifndef TUI_TERMINAL_H
#define TUI_TERMINAL_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/err.h"
#include "tui/canvas.h"

struct terminal {
	void *screen;			/* ncurses' SCREEN */
	int in;				/* file descriptor of the keys */
	int width, height;
	enum color_depth color;
	bool suspended;
	int mouse_x, mouse_y;		/* of the last TKEY_CLICK, ... */
};

struct terminal_request {
	FILE *in, *out;
	enum color_depth color;		/* at most: fewer if the terminal has fewer */
	int width, height;		/* 0: as the terminal says */
	bool guard;			/* install handlers that restore it on a crash */
};

/* 0; or -errno with e filled, and then the terminal is untouched. */
int terminal_open(struct terminal *t, const struct terminal_request *req, struct err *e);
void terminal_close(struct terminal *t);

/* The next key (enum key), without waiting; 0: there is none. */
uint32_t terminal_key(struct terminal *t);

/* After SIGWINCH: takes the size that it has now. */
void terminal_resized(struct terminal *t);
/* A size of one's own choice. */
void terminal_resize(struct terminal *t, int width, int height);

/* Shows what differs from what is shown. cursor_x < 0: no cursor. */
void terminal_show(struct terminal *t, const struct canvas *c, int cursor_x, int cursor_y);
/* Next time, all of it is shown. */
void terminal_forget(struct terminal *t);

/* Stops this process group as Ctrl-Z does, the terminal put back; goes on when it is continued. */
void terminal_suspend(struct terminal *t);

/* What ncurses believes to be on the screen, as text. */
void terminal_dump(struct terminal *t, struct buf *b);

#endif
