/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What keys ask for: one table, from which come the help, the line of keys and the manual's list. */
#ifndef TUI_REQUEST_H
#define TUI_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/* Keys: characters are their code points, the others follow them. */
enum key {
	TKEY_TAB = 9, TKEY_ENTER = 13, TKEY_ESC = 27, TKEY_BACKSPACE = 127,
	TKEY_FIRST = 0x110000,
	TKEY_UP = TKEY_FIRST, TKEY_DOWN, TKEY_LEFT, TKEY_RIGHT, TKEY_PAGE_UP, TKEY_PAGE_DOWN,
	TKEY_HOME, TKEY_END, TKEY_DELETE, TKEY_BACK_TAB,
	TKEY_F1, TKEY_F3, TKEY_F4, TKEY_F6, TKEY_F10,
	TKEY_CLICK, TKEY_DOUBLE_CLICK, TKEY_WHEEL_UP, TKEY_WHEEL_DOWN,
	TKEY_LAST,
};

enum request {
	REQUEST_NONE,
	REQUEST_UP, REQUEST_DOWN, REQUEST_LEFT, REQUEST_RIGHT, REQUEST_PAGE_UP, REQUEST_PAGE_DOWN,
	REQUEST_HOME, REQUEST_END,
	REQUEST_ENTER, REQUEST_SCREEN_1, REQUEST_SCREEN_2, REQUEST_SCREEN_3,
	REQUEST_SCREEN_4,
	REQUEST_SEARCH, REQUEST_NEXT, REQUEST_PREVIOUS, REQUEST_KINDS, REQUEST_FILTER,
	REQUEST_SORT, REQUEST_REVERSE, REQUEST_COLUMNS, REQUEST_TREE, REQUEST_FOLD,
	REQUEST_ADDRESS, REQUEST_TRANSLATE, REQUEST_BASELINE, REQUEST_PAUSE, REQUEST_MORE,
	REQUEST_LESS, REQUEST_EXPORT, REQUEST_BACK, REQUEST_HELP, REQUEST_QUIT, REQUEST_SUSPEND, REQUEST_REDRAW,
	REQUEST_CLICK, REQUEST_DOUBLE_CLICK, REQUEST_WHEEL_UP, REQUEST_WHEEL_DOWN,
	REQUESTS,
};

enum screen_number { SCREEN_PROCESSES, SCREEN_MAP, SCREEN_PAGES, SCREEN_SYSTEM, SCREENS };

enum {
	ON_PROCESSES = 1 << SCREEN_PROCESSES, ON_MAP = 1 << SCREEN_MAP,
	ON_PAGES = 1 << SCREEN_PAGES, ON_SYSTEM = 1 << SCREEN_SYSTEM,
	ON_ALL = ON_PROCESSES | ON_MAP | ON_PAGES | ON_SYSTEM,
};

enum { REQUEST_KEYS = 4 };

struct request_info {
	const char *name;		/* for scripts: "search" */
	uint32_t key[REQUEST_KEYS];	/* 0: no more */
	const char *keys;		/* as the help and the manual write them */
	const char *brief;		/* for the line of keys; NULL: not in it */
	const char *help;
	const char *prompt;		/* asks for a text first; NULL: does not */
	unsigned int screens;		/* on which it means something */
	bool menu;			/* asks to choose first, if the screen has choices */
};

extern const struct request_info request_info[REQUESTS];

/* What a key means on a screen; REQUEST_NONE: nothing. */
enum request request_of_key(uint32_t key, enum screen_number screen);

/* By name; REQUEST_NONE when there is none. */
enum request request_find(const char *name);

/* The keys that matter on a screen, as far as width allows: " Enter open  / search ...", the keys
 * marked by SGR bold if sgr. */
void request_key_line(struct buf *b, enum screen_number screen, size_t width, bool sgr);

/* The help of a screen: a line for each request. */
void request_help(struct buf *b, enum screen_number screen, bool sgr);

#endif
