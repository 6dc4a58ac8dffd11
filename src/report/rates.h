/* SPDX-License-Identifier: GPL-3.0-or-later */
/* --system --watch: what vmstat counts, per second: faults, reclaim, swap, compaction. */
#ifndef REPORT_RATES_H
#define REPORT_RATES_H

#include <stdbool.h>

#include "proc/vmstat.h"
#include "report/json.h"
#include "report/style.h"

struct rates_sample {
	struct vmstat vmstat;
	double time;		/* seconds of CLOCK_MONOTONIC */
};

/* Zeros: nothing was read yet. */
struct rates {
	struct rates_sample first, last, now;
	unsigned int samples;
};

void rates_add(struct rates *r, const struct vmstat *v, double time);

/* Since the last sample and since the first; nothing before the second. */
void rates_text(struct buf *b, const struct style *s, const struct rates *r);
/* The member "rates". */
void rates_json(struct json *j, const struct rates *r);

/* Over the whole time; nothing if fewer than two were read. */
void rates_final_text(struct buf *b, const struct style *s, const struct rates *r);
void rates_final_json(struct json *j, const struct rates *r);

#endif
