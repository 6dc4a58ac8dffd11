/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is asked for, and the report of a process: its views in order, as text or as JSON. */
#ifndef REPORT_REPORT_H
#define REPORT_REPORT_H

#include <stdbool.h>

#include "model/addresses.h"
#include "model/filter.h"
#include "model/huge.h"
#include "model/snapshot.h"
#include "report/change.h"
#include "report/json.h"
#include "report/maps.h"
#include "report/processes.h"
#include "report/style.h"

enum view {
	VIEW_SUMMARY = 1,
	VIEW_LAYOUT = 2,
	VIEW_MAPS = 4,
	VIEW_MM = 8,
	VIEW_PAGES = 16,
	VIEW_HUGE = 32,
	VIEW_NUMA = 64,
	VIEW_TRANSLATE = 128,
	VIEW_PROCESSES = 256,		/* and what follows is of the machine, not of a process */
	VIEW_SYSTEM = 512,
	VIEW_PHYSICAL = 1024,
	VIEW_COW = 2048,
	VIEW_SHARING = 4096,
	VIEW_WSS = 8192,
	VIEWS_OF_MACHINE = VIEW_PROCESSES | VIEW_SYSTEM | VIEW_PHYSICAL,
	VIEW_DEFAULT = VIEW_SUMMARY | VIEW_LAYOUT | VIEW_MAPS,
	/* these walk the target's page tables */
	VIEWS_BEYOND_MAPS = VIEW_PAGES | VIEW_HUGE | VIEW_NUMA | VIEW_TRANSLATE |
			    VIEW_COW | VIEW_SHARING | VIEW_WSS,
	VIEWS_OF_MAPPINGS = VIEW_MAPS | VIEW_PAGES | VIEW_HUGE | VIEW_NUMA,
};

struct report_request {
	unsigned int views;		/* enum view */
	enum process_view process_view;
	bool tree;			/* of processes */
	struct column_list process_columns;
	const struct column *process_sort;	/* NULL: by pss */
	struct filter filter;
	const char *filter_text;	/* of its regex, as typed; NULL: none */
	address_list addresses;		/* of VIEW_TRANSLATE */
	pid_t cow_with;			/* of VIEW_COW; 0: all descendants */
	enum group_by group;
	struct column_list columns;	/* of tables */
	bool columns_given;		/* by -o: they hold for JSON too */
	bool columns_added;		/* by -o +COL */
	const struct column *sort;	/* NULL: by address */
	bool descending;
	bool fast;
	bool change;			/* what changed is told of each process */
	bool kernel_detail;
	bool owners;			/* of physical memory */
	unsigned int picture_lines;	/* 0: PICTURE_USUAL_LINES */
	struct style style;
};

/* The files a snapshot must read for this request. */
unsigned int report_needs(const struct report_request *req, bool json);

struct cow;
struct kernel_places;
struct sharing;
struct wss;

/* A process and what is known around it. */
struct report_subject {
	const struct snapshot *snapshot;
	const struct machine *machine;
	const char *user;		/* NULL: unknown */
	const struct huge_machine *huge;	/* NULL: not read */
	const struct kernel_places *kernel;	/* for --kernel; NULL: not read */
	const struct cow *cow;		/* for --cow; NULL: not read */
	const struct change_report *change;	/* NULL: not asked for */
	const struct sharing *sharing;	/* for --sharing; NULL: not read */
	const struct wss *wss;		/* for --wss; NULL: not known */
	const struct process_row *watched;	/* of a table that is watched; NULL: of none */
};

/* Both: 0 or -ENOMEM; errors of the buffer stay in the buffer. */
int report_text(struct buf *b, const struct report_request *req,
		const struct report_subject *subject);
int report_json(struct json *j, const struct report_request *req,
		const struct report_subject *subject);

/* Why a process has no mappings, in words; NULL: it may have some. */
const char *report_no_memory(const struct snapshot *s);
/* What could not be told and what would help; and about what is shown. */
void report_put_notes(struct buf *b, const struct report_request *req,
		      const struct snapshot *snapshot);

/* The document around the processes: call begin, report_json() for each, end_processes, members of
 * the machine if there are any, end. levels of page tables are known once a process has been read;
 * 0: not known. */
void report_json_begin(struct json *j, const struct machine *m, unsigned int levels,
		       const char *version, int64_t now);
void report_json_end_processes(struct json *j);
void report_json_end(struct json *j);

#endif
