/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What lies over a screen for a while: a text, a choice, a line to type in. No ncurses here. */
#ifndef TUI_WINDOW_H
#define TUI_WINDOW_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/vec.h"
#include "tui/canvas.h"
#include "tui/list.h"
#include "tui/request.h"

/* A choice: one of several, or several of them. */
struct menu_item {
	char name[32];
	const char *help;	/* beside it; may be NULL */
	const void *data;	/* for who asks */
	bool on;
};

struct menu {
	const char *title;
	bool many;		/* any number can be on: Space switches */
	VEC(struct menu_item) item;
	struct list list;
};

/* One more, or NULL when out of memory. name is copied. */
struct menu_item *menu_add(struct menu *m, const char *name, const char *help, const void *data,
			   bool on);
void menu_done(struct menu *m);
void menu_draw(struct menu *m, struct canvas *c, struct rect body);

enum answer { ANSWER_NONE, ANSWER_TAKEN, ANSWER_DONE, ANSWER_CANCEL };

/* In a menu of one, list.at is the choice. */
enum answer menu_key(struct menu *m, uint32_t key);

/* A line to type in, with what was typed before. */
struct prompt {
	struct buf text;		/* UTF-8 */
	size_t cursor;			/* byte */
	VEC(char *) history;		/* oldest first; owned */
	size_t at;			/* in the history; history.n: the new one */
};

void prompt_begin(struct prompt *p, const char *text);
void prompt_done(struct prompt *p);
enum answer prompt_key(struct prompt *p, uint32_t key);
/* Puts "label: text"; gives the column of the cursor. */
int prompt_draw(const struct prompt *p, struct canvas *c, struct rect line, const char *label);
/* The text as a C string, and keeps it in the history; NULL when out of memory. */
const char *prompt_take(struct prompt *p);

/* A text of many lines, with SGR sequences, in a window or over the whole body. */
struct pager {
	char title[96];
	struct buf text;
	struct list list;
	size_t width;		/* of its widest line */
};

/* Takes the buffer over, and leaves an empty one. */
void pager_begin(struct pager *p, const char *title, struct buf *text);
void pager_done(struct pager *p);
void pager_draw(struct pager *p, struct canvas *c, struct rect body);
enum answer pager_key(struct pager *p, uint32_t key);

#endif
