/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Working set: what a process touches in an interval. Pages are marked, time passes, and the marks
 * that are gone are counted.
 *
 * Idle page tracking (/sys/kernel/mm/page_idle/bitmap, 4.3, CONFIG_IDLE_PAGE_TRACKING;
 * Documentation/admin-guide/mm/idle_page_tracking.rst) marks frames, and keeps from the kernel's
 * reclaim that it has looked. /proc/PID/clear_refs takes the accessed bits away instead, which reclaim and
 * other tools use, too: only where that is allowed. Written pages are told by soft-dirty bits
 * (CONFIG_MEM_SOFT_DIRTY; clear_refs 4, Documentation/admin-guide/mm/soft-dirty.rst).
 */
#ifndef MODEL_WSS_H
#define MODEL_WSS_H

#include <stdbool.h>
#include <stdint.h>

#include "model/snapshot.h"

enum wss_method { WSS_NONE, WSS_IDLE, WSS_CLEAR_REFS };

struct wss_row {
	uint64_t referenced, written;	/* bytes */
};

struct wss {
	enum wss_method method;
	bool has_written;		/* by soft-dirty bits */
	bool can_clear;			/* WSS_NONE: clear_refs is there, but was not allowed */
	struct stat_pid stat;		/* of the process whose pages were marked; comm is not kept */
	double seconds;			/* that passed between marking and looking */
	double marking_seconds;		/* for which the target's memory was held up */
	VEC(uint64_t) page;		/* of WSS_IDLE: addresses of what was marked, in order */
	VEC(uint64_t) pfn;		/* frame with the mark of each: of a large folio, the first */
	VEC(struct wss_row) row;	/* for each mapping of the snapshot that ended it */
	struct wss_row total;
};

struct wss_request {
	const struct root *root;
	const struct machine *machine;
	pid_t pid;
	bool clear_refs;		/* allowed */
};

/* Marks the pages by the first method that this system has; WSS_NONE if it has none that is allowed.
 * 0 or -errno with e; wss_done() may follow either way. */
int wss_begin(const struct wss_request *req, struct wss *out, struct err *e);

/* Counts. s is read afterwards, with its smaps. 0 or -errno: -ESRCH, it is another process or program. */
int wss_end(const struct wss_request *req, const struct snapshot *s, struct wss *w, struct err *e);
void wss_done(struct wss *w);

/* The two halves of WSS_IDLE, through a process that is open: marks what the mappings have
 * populated, and counts, per mapping, the pages whose mark is gone. 0 or -errno: -ENOENT there is
 * no such file, -EACCES or -EPERM: for root only, with frame numbers. */
int wss_mark_idle(const struct wss_request *req, struct process *p, const struct space *space,
		  struct wss *w);
int wss_count_idle(const struct wss_request *req, const struct space *space, struct wss *w);

#endif
