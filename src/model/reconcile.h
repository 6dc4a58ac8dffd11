/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The sums over all mappings beside the kernel's own totals. Pure. */
#ifndef MODEL_RECONCILE_H
#define MODEL_RECONCILE_H

#include "model/snapshot.h"

/* The total over all mappings: from smaps_rollup where there is one, since per-mapping values
 * are rounded down to KiB; else the given sum. False when unknown. Bytes. */
bool snapshot_total(const struct snapshot *s, const struct counters *sum,
		    enum smaps_counter i, uint64_t *v);

/* One of the kernel's own totals beside ours. */
struct check {
	const char *what;	/* "rss" */
	const char *source;	/* "smaps_rollup Rss" */
	uint64_t ours, kernels;	/* bytes */
};

enum { SNAPSHOT_CHECKS = 8 };

/* Compares the sum over all mappings with what the kernel says elsewhere. The number of
 * checks made (of those that the files at hand allow). */
unsigned int snapshot_reconcile(const struct snapshot *s, const struct vma *total,
				const struct counters *sum, struct check out[SNAPSHOT_CHECKS]);

#endif
