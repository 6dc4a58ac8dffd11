/* SPDX-License-Identifier: GPL-3.0-or-later */
/* argv to struct options: pure, so that it can be tested. */
#ifndef OPTIONS_H
#define OPTIONS_H

#include <stdbool.h>

#include "base/buf.h"
#include "report/report.h"

enum color_mode { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER };

enum options_action {
	ACTION_REPORT, ACTION_HELP, ACTION_VERSION, ACTION_LIST_COLUMNS, ACTION_PROBE, ACTION_CAPTURE,
};

struct options {
	enum options_action action;
	struct report_request request;	/* its style is only partly set: see main; owned */
	regex_t regex;
	bool has_regex;
	bool json, ascii, tui;
	enum color_mode color;
	const char *sysroot;		/* NULL: the live system */
	double wss;			/* seconds; of VIEW_WSS */
	bool clear_refs;		/* allowed for that */
	double watch, watch_share;	/* seconds, 0: once; of the time, for reading */
	uint64_t count;			/* samples; 0: until it is interrupted */
	const char *diff;		/* a captured tree to compare with; NULL: none */
	const char *capture;		/* directory to be made; NULL: none */
	const char *user;		/* only processes of this one; NULL: all */
	char **target;			/* into argv */
	int targets;
};

/* 0; or -EINVAL with one line in problem that says what is wrong. options_done() may follow
 * either way. argv is reordered as getopt does. */
int options_parse(int argc, char **argv, struct options *o, struct err *problem);
void options_done(struct options *o);

/* Is there a report on each target, beside what is told of the machine? */
bool options_have_processes(const struct options *o);

/* The text of --help. */
void options_help(struct buf *b);

#endif
