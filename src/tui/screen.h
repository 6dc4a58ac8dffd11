/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A screen: what the loop calls. A new one is a const struct of these, in tui.c's table. */
#ifndef TUI_SCREEN_H
#define TUI_SCREEN_H

#include <stdbool.h>
#include <stddef.h>

#include "tui/canvas.h"
#include "tui/request.h"
#include "tui/window.h"

struct tui;

/*
 * What a screen wants to have read. Made by ask() in the main thread; read() runs in the reader's
 * thread, touches nothing but the job and what nobody changes (root, machine), and may take its
 * time. Then refresh() gets it back, in the main thread. free() releases it with all that is left
 * in it. A screen's job begins with this struct.
 */
struct job {
	void (*read)(struct job *job);
	void (*free)(struct job *job);
	/* Gets it back instead of the screen, if it came by tui_give(); else NULL. */
	void (*finish)(struct job *job, struct tui *t);
	enum screen_number screen;	/* set by the loop, as are the seconds read() took */
	double seconds;
	struct job *next;	/* the loop's: of those that wait */
};

struct screen {
	const char *name;
	size_t size;		/* of its state, which begins as zeros */
	/* The first time it is shown. 0 or -errno. */
	int (*open)(void *state, struct tui *t);
	/* A job, when it is time to read; NULL: there is nothing to read. */
	struct job *(*ask)(void *state);
	/* Takes what it wants out of the job. */
	void (*refresh)(void *state, struct job *job);
	/* Puts everything that is visible into the area, which is blank. Called after any request and
	 * any refresh, so it costs what is visible, not what there is. */
	void (*draw)(void *state, struct canvas *c, struct rect area);
	/* Does what is asked; text: what was typed, where request_info has a prompt; else NULL. False
	 * if it means nothing here: then the loop does what it can. With REQUEST_CLICK, ...,
	 * REQUEST_WHEEL_DOWN the place is in tui->mouse_x and mouse_y. */
	bool (*request)(void *state, enum request r, const char *text);
	/* While the text of REQUEST_SEARCH is typed: text is what there is so far, "" to begin with.
	 * NULL: it is not to be looked for after all. Selects the first match from where it began, or
	 * what was selected then. May be NULL. */
	void (*typed)(void *state, const char *text);
	/* What there is to choose, with request_info.menu; false: nothing here. */
	bool (*menu)(void *state, enum request r, struct menu *m);
	/* What was chosen. */
	void (*chosen)(void *state, enum request r, const struct menu *m);
	/* Writes what is shown as a JSON document. 0 or -errno. NULL: there is nothing to write. */
	int (*export)(void *state, struct buf *out);
	/* Instead of it, where what is shown is not all at hand: a job that reads it, whose finish()
	 * calls tui_write(). NULL: out of memory. */
	struct job *(*export_job)(void *state, const char *path);
	void (*done)(void *state);
};

extern const struct screen screen_processes, screen_map, screen_pages, screen_system;

#endif
