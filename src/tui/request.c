/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What keys ask for: one table, from which come the help, the line of keys and the manual's list. */
#include "config.h"

#include "tui/request.h"

#include <string.h>

const struct request_info request_info[REQUESTS] = {
	[REQUEST_NONE] = { "none" },
	[REQUEST_ENTER] = { "enter", { TKEY_ENTER, '\n' }, "Enter", "open",
		"go deeper: process, map, pages, the way to a frame", NULL, ON_PROCESSES | ON_MAP | ON_PAGES },
	[REQUEST_BACK] = { "back", { TKEY_ESC }, "Esc", "back", "go back; close a window", NULL,
		ON_ALL },
	[REQUEST_SCREEN_1] = { "processes", { '1' }, "1", NULL, "the processes", NULL, ON_ALL },
	[REQUEST_SCREEN_2] = { "map", { '2' }, "2", NULL, "the map of an address space", NULL,
		ON_ALL },
	[REQUEST_SCREEN_3] = { "pages", { '3' }, "3", NULL, "the pages of a mapping", NULL, ON_ALL },
	[REQUEST_SCREEN_4] = { "system", { '4' }, "4", NULL, "the machine", NULL, ON_ALL },
	[REQUEST_UP] = { "up", { TKEY_UP, 'k' }, "Up, k", NULL, "up", NULL, ON_ALL },
	[REQUEST_DOWN] = { "down", { TKEY_DOWN, 'j' }, "Down, j", NULL, "down", NULL, ON_ALL },
	[REQUEST_LEFT] = { "left", { TKEY_LEFT, 'h' }, "Left, h", NULL,
		"left; in a table: columns, then the picture", NULL, ON_ALL },
	[REQUEST_RIGHT] = { "right", { TKEY_RIGHT, 'l' }, "Right, l", NULL,
		"right; in tables, columns to the right", NULL, ON_ALL },
	[REQUEST_PAGE_UP] = { "page-up", { TKEY_PAGE_UP, 2 }, "PgUp, ^B", NULL, "a screenful up",
		NULL, ON_ALL },
	[REQUEST_PAGE_DOWN] = { "page-down", { TKEY_PAGE_DOWN, 6 }, "PgDn, ^F", NULL,
		"a screenful down", NULL, ON_ALL },
	[REQUEST_HOME] = { "home", { TKEY_HOME, 'g' }, "Home, g", NULL, "to the first", NULL,
		ON_ALL },
	[REQUEST_END] = { "end", { TKEY_END, 'G' }, "End, G", NULL, "to the last", NULL, ON_ALL },
	[REQUEST_SEARCH] = { "search", { '/', TKEY_F3 }, "/, F3", "find",
		"look for a text in the names", "search for", ON_PROCESSES | ON_MAP },
	[REQUEST_NEXT] = { "next", { 'n' }, "n", NULL, "the next one found", NULL,
		ON_PROCESSES | ON_MAP },
	[REQUEST_PREVIOUS] = { "previous", { 'N' }, "N", NULL, "the one found before", NULL,
		ON_PROCESSES | ON_MAP },
	[REQUEST_KINDS] = { "kinds", { 'f' }, "f", "kinds", "show only some kinds of memory", NULL,
		ON_MAP, true },
	[REQUEST_FILTER] = { "filter", { TKEY_F4, 'F' }, "F4, F", NULL,
		"show only names that match a regular expression", "show only (regex)",
		ON_PROCESSES | ON_MAP },
	[REQUEST_SORT] = { "sort", { 's', TKEY_F6 }, "s, F6", "sort", "choose what to sort by", NULL,
		ON_PROCESSES | ON_MAP, true },
	[REQUEST_REVERSE] = { "reverse", { 'r' }, "r", NULL, "reverse the order", NULL,
		ON_PROCESSES | ON_MAP },
	[REQUEST_COLUMNS] = { "columns", { 'c' }, "c", "columns", "choose the columns", NULL,
		ON_PROCESSES | ON_MAP, true },
	[REQUEST_TREE] = { "tree", { 'T' }, "T", "tree", "processes below their parents", NULL,
		ON_PROCESSES },
	[REQUEST_FOLD] = { "fold", { TKEY_TAB }, "Tab", "view",
		"fold into objects, kinds, back; pages: other colours",
		NULL, ON_MAP | ON_PAGES },
	[REQUEST_ADDRESS] = { "address", { 'a' }, "a", "address", "go to an address", "address",
		ON_MAP | ON_PAGES },
	[REQUEST_TRANSLATE] = { "translate", { 't' }, "t", "translate",
		"the way from this address to its frame", NULL, ON_MAP | ON_PAGES },
	[REQUEST_BASELINE] = { "baseline", { 'b' }, "b", "baseline",
		"show changes since now", NULL, ON_MAP | ON_PAGES | ON_SYSTEM },
	[REQUEST_PAUSE] = { "pause", { ' ' }, "Space", "pause", "stop reading, and go on", NULL,
		ON_ALL },
	[REQUEST_MORE] = { "more", { '+', '=' }, "+", NULL,
		"read less often; pages: more pages in a cell", NULL, ON_ALL },
	[REQUEST_LESS] = { "less", { '-' }, "-", NULL,
		"read more often; pages: fewer pages in a cell", NULL, ON_ALL },
	[REQUEST_EXPORT] = { "export", { 'e' }, "e", "export", "write what is shown to a file, as JSON",
		"write JSON to", ON_ALL },
	[REQUEST_REDRAW] = { "redraw", { 12 }, "^L", NULL, "draw the screen anew", NULL, ON_ALL },
	[REQUEST_SUSPEND] = { "suspend", { 26 }, "^Z", NULL, "back to the shell, for a while", NULL,
		ON_ALL },
	[REQUEST_HELP] = { "help", { '?', TKEY_F1 }, "?, F1", "help", "this help", NULL, ON_ALL },
	[REQUEST_QUIT] = { "quit", { 'q', TKEY_F10, 3 }, "q, F10", "quit", "leave", NULL, ON_ALL },
	[REQUEST_CLICK] = { "click", { TKEY_CLICK }, NULL, NULL, NULL, NULL, ON_ALL },
	[REQUEST_DOUBLE_CLICK] = { "double-click", { TKEY_DOUBLE_CLICK }, NULL, NULL, NULL, NULL,
		ON_ALL },
	[REQUEST_WHEEL_UP] = { "wheel-up", { TKEY_WHEEL_UP }, NULL, NULL, NULL, NULL, ON_ALL },
	[REQUEST_WHEEL_DOWN] = { "wheel-down", { TKEY_WHEEL_DOWN }, NULL, NULL, NULL, NULL, ON_ALL },
};

_Static_assert(sizeof(request_info) / sizeof(request_info[0]) == REQUESTS, "an entry for each");

enum request request_of_key(uint32_t key, enum screen_number screen)
{
	for (unsigned int r = 1; r < REQUESTS; r++)
		for (unsigned int i = 0; i < REQUEST_KEYS && request_info[r].key[i]; i++)
			if (request_info[r].key[i] == key &&
			    (request_info[r].screens >> screen & 1))
				return (enum request)r;
	return REQUEST_NONE;
}

enum request request_find(const char *name)
{
	for (unsigned int r = 1; r < REQUESTS; r++)
		if (strcmp(request_info[r].name, name) == 0)
			return (enum request)r;
	return REQUEST_NONE;
}

/* The first of "/, F3". */
static size_t first_key(const char *keys)
{
	size_t n = strcspn(keys, ",");

	return n ? n : 1;
}

void request_key_line(struct buf *b, enum screen_number screen, size_t width, bool sgr)
{
	/* these stay when there is no room for all */
	static const unsigned char last[] = { REQUEST_HELP, REQUEST_QUIT };
	size_t used = 0, kept = 0;

	for (size_t i = 0; i < sizeof(last); i++)
		kept += 2 + first_key(request_info[last[i]].keys) + 1 +
			strlen(request_info[last[i]].brief);
	for (unsigned int r = 1; r < REQUESTS; r++) {
		const struct request_info *info = &request_info[r];
		bool is_last = r == REQUEST_HELP || r == REQUEST_QUIT;
		size_t n;

		if (!info->brief || !(info->screens >> screen & 1))
			continue;
		n = 2 + first_key(info->keys) + 1 + strlen(info->brief);
		if (used + n + (is_last ? 0 : kept) > width)
			continue;
		buf_puts(b, used ? "  " : " ");
		buf_puts(b, sgr ? "\033[1m" : "");
		buf_add(b, info->keys, first_key(info->keys));
		buf_puts(b, sgr ? "\033[0m" : "");
		buf_printf(b, " %s", info->brief);
		used += n - (used == 0);
	}
}

void request_help(struct buf *b, enum screen_number screen, bool sgr)
{
	enum { KEY_COLUMNS = 10 };

	for (unsigned int r = 1; r < REQUESTS; r++) {
		const struct request_info *info = &request_info[r];

		if (!info->help || !(info->screens >> screen & 1))
			continue;
		buf_printf(b, "%s%-*s%s  %s\n", sgr ? "\033[1m" : "", KEY_COLUMNS, info->keys,
			   sgr ? "\033[0m" : "", info->help);
	}
}
