/* SPDX-License-Identifier: GPL-3.0-or-later */
/* --tui: the loop, and what its screens share. */
#ifndef TUI_TUI_H
#define TUI_TUI_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "model/huge.h"
#include "model/snapshot.h"
#include "proc/machine.h"
#include "proc/root.h"
#include "report/report.h"
#include "tui/reader.h"
#include "tui/screen.h"
#include "tui/terminal.h"
#include "tui/window.h"

enum tui_mode { MODE_NORMAL, MODE_PROMPT, MODE_MENU, MODE_PAGER };

struct tui {
	const struct root *root;		/* not owned, as all pointers here */
	const struct machine *machine;
	const struct huge_machine *huge;	/* NULL: not read */
	const struct report_request *request;	/* columns, sort, filter of the command line */
	struct style style;			/* of the terminal */
	struct terminal terminal;
	struct canvas canvas;
	struct reader reader;

	/* What is looked at. */
	pid_t pid;			/* 0: none chosen */
	char title[80];			/* of the process: "redis-server (4242)"; "" */
	const struct snapshot *snapshot;	/* of it, as the map shows it; NULL: not read yet */
	bool has_mapping;		/* a mapping is selected: */
	uint64_t start, end;
	uint64_t address;		/* under the cursor */
	bool gone;			/* the process has exited: what is shown is the last */

	/* The loop's. */
	enum screen_number at;
	void *state[SCREENS];
	enum screen_number back[SCREENS];	/* where Esc leads */
	bool scripted;			/* no thread: jobs are done by tui_settle() */
	bool paused, quit, wanted;	/* wanted: read now, paused or not */
	int signal;			/* that ended it; 0: none */
	sigset_t signals;		/* the mask before */
	bool has_signals;
	double clock;			/* seconds of the monotonic clock, as of now */
	double interval;		/* seconds, as wanted */
	double seconds;			/* of the last reading */
	double due;			/* when to read again; seconds of the monotonic clock */
	struct job *extra;		/* came by tui_give(), the first to be done first */
	enum tui_mode mode;
	enum request asking;		/* of prompt and menu */
	struct prompt prompt[REQUESTS];
	struct menu menu;
	struct pager pager;
	char message[256];
	bool alert;			/* it tells of a failure */
	int mouse_x, mouse_y;
	int cursor_x, cursor_y;		/* -1: none */
};

struct tui_request {
	const struct root *root;
	const struct machine *machine;
	const struct huge_machine *huge;
	const struct report_request *request;
	struct style style;		/* utf8, and color: at most */
	pid_t pid;			/* begin with its map; 0: with all processes */
	struct terminal_request terminal;
	bool scripted;
};

/* 0 or -errno with e filled; tui_close() may follow either way. */
int tui_open(struct tui *t, const struct tui_request *req, struct err *e);
/* Until it is left. 0 or -errno; t->signal is set if a signal ended it. */
int tui_run(struct tui *t);
/* Puts the terminal back. False if something is still being read, and nothing may be freed. */
bool tui_close(struct tui *t);

/* --- for screens --- */

/* To another screen; Esc leads back here if it is deeper. */
void tui_go(struct tui *t, enum screen_number to);
/* Looks at another process. */
void tui_set_process(struct tui *t, pid_t pid, struct str name);
/* One line at the bottom until the next key. */
void tui_say(struct tui *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void tui_alert(struct tui *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* A window with a text, which it takes over. */
void tui_show_text(struct tui *t, const char *title, struct buf *text);
/* Asks the screen for a job as soon as possible. */
void tui_read_now(struct tui *t);
/* A job of its own: job->finish gets it back. Takes it over; one with the same finish that still
 * waits is dropped. */
void tui_give(struct tui *t, struct job *job);
/* Writes a document to a new file, or says why not; ret: -errno of what made the document, or 0. */
void tui_write(struct tui *t, const char *path, const struct buf *text, int ret);
/* The way from an address of the process to its frame, read and then shown. */
void tui_translate(struct tui *t, uint64_t address);

/* --- for scripts --- */

void tui_key(struct tui *t, uint32_t key);
/* As if its key had been pressed. */
void tui_request(struct tui *t, enum request r);
/* Reads what is wanted, until nothing is. */
void tui_settle(struct tui *t);
void tui_draw(struct tui *t);

#endif
