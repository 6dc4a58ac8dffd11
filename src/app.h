/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What main and its helpers share: the options, the system looked at, the output. */
#ifndef APP_H
#define APP_H

#include <stdbool.h>
#include <time.h>

#include "model/cow_read.h"
#include "model/huge.h"
#include "model/kernel_half.h"
#include "model/sharing.h"
#include "model/wss.h"
#include "model/process_history.h"
#include "options.h"
#include "proc/machine.h"
#include "proc/root.h"

struct app {
	struct options o;
	struct root root;
	struct machine machine;
	struct huge_machine huge;	/* if a view or column needs it */
	bool has_huge;
	struct kernel_places kernel;	/* for --kernel */
	bool has_kernel;
	const struct wss *wss;		/* of the process being reported; NULL: not asked for */
	struct buf out;
	struct json json;
	bool json_begun;
	size_t reported;
	bool failed;
	struct process_history *processes;	/* their table, while it is watched; NULL: not */
	size_t max_lines;		/* of that, on a terminal; 0: any number */
	struct rates *rates;		/* of --system, while it is watched; NULL: not */
	struct timespec started;	/* of the process being read, for progress */
	bool progress_shown;
	struct buf passwd;		/* of a captured tree, once it was wanted */
	struct buf user;
	bool passwd_read;
};

/* A message for a person on stderr: names in it may hold anything. */
void app_complain(const char *text);

/* Begins the document, once. levels of page tables; 0: not known. */
void app_begin_json(struct app *app, unsigned int levels);

/* What the terminal is like now. */
void app_find_style(struct app *app);

/* Settings of the machine, if a view needs them. */
void app_read_settings(struct app *app);

/* Reads a process for the views that are asked for. name: what it was found by, or NULL; its PID may
 * be another's by now. 0 or -errno, as snapshot_read(). */
int app_read_process(struct app *app, pid_t pid, const char *name, struct snapshot *s,
		     struct err *e);

/* Its report; change: NULL, or what is told beside it. Reads what other processes share with it
 * first, if that is asked for. 0 or -errno; e may be filled. */
int app_put_process(struct app *app, struct snapshot *s, const struct change_report *change,
		    struct err *e);

/* Ends the list of processes; then the views of the machine. */
void app_report_machine(struct app *app);

/* --watch. */
void app_watch(struct app *app);

/* --diff: the report of a process, compared with the tree. 0 or -errno with e filled. */
int app_put_diff(struct app *app, struct snapshot *s, struct err *e);

/* The processes that an argument means, a PID or a name; complains where there are none. True if it
 * is a name: a PID may be another process's by the time it is read. */
bool app_find_target(struct app *app, const char *target, pid_list *out);

/* The name of a user, from the live system or the captured one, or NULL. Good until the next call. */
const char *app_user(struct app *app, uint32_t uid);

/* Is there a user of this name, or is it a number? Where a captured tree has no list, any is. */
bool app_has_user(struct app *app, const char *name);

/* --capture. argv and argc are the program's own, for the manifest. */
void app_capture(struct app *app, char **argv, int argc);

/* What views of a process need to be read of others: --cow, --sharing. */
struct others {
	bool has_cow, has_sharing;
	struct cow cow;
	struct sharing sharing;
};

/* Reads what the views ask for. What privileges do not allow is noted in the snapshot, and not there.
 * 0 or -errno, with e; others_done() may follow either way. */
int others_read(struct app *app, struct snapshot *s, struct others *out, struct err *e);
void others_done(struct others *o);

/* --wss: marks, and waits; then counts, and notes in the snapshot where nothing could be marked. Both do
 * nothing unless asked for. 0 or -errno, with e. */
int app_begin_wss(struct app *app, pid_t pid, struct wss *w, struct err *e);
int app_end_wss(struct app *app, struct snapshot *s, struct wss *w, struct err *e);

/* --processes. */
void app_processes(struct app *app);

/* --system. */
void app_system(struct app *app);

/* --physical. */
void app_physical(struct app *app);

/* --tui. Gives the number of the signal that ended it, or 0; *busy: something is still being read,
 * and nothing may be freed. */
int app_tui(struct app *app, bool *busy);

/* --probe. */
void app_probe(struct app *app);

#endif
