/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The sums over all mappings beside the kernel's own totals. */
#include "config.h"

#include "model/reconcile.h"

bool snapshot_total(const struct snapshot *s, const struct counters *sum,
		    enum smaps_counter i, uint64_t *v)
{
	if (s->has_rollup && (s->rollup_valid >> i & 1)) {
		*v = s->rollup[i];
		return true;
	}
	return i < SMAPS_PER_MAPPING && counters_get(sum, i, v);
}

static void check(struct check *out, unsigned int *n, const char *what, const char *source,
		  uint64_t ours, uint64_t kernels)
{
	out[(*n)++] = (struct check){ what, source, ours, kernels };
}

unsigned int snapshot_reconcile(const struct snapshot *s, const struct vma *total,
				const struct counters *sum, struct check out[SNAPSHOT_CHECKS])
{
	static const struct {
		enum smaps_counter counter;
		const char *what, *source;
	} rollup[] = {
		{ SMAPS_RSS, "rss", "smaps_rollup Rss" },
		{ SMAPS_PRIVATE_DIRTY, "private_dirty", "smaps_rollup Private_Dirty" },
		{ SMAPS_SWAP, "swap", "smaps_rollup Swap" },
	};
	unsigned int n = 0;
	uint64_t v;

	if (!s->has_space)
		return 0;
	if (status_has(&s->status, STATUS_VM_SIZE))
		check(out, &n, "size", "status VmSize", total->size, s->status.v[STATUS_VM_SIZE]);
	if (counters_get(sum, SMAPS_RSS, &v) && status_has(&s->status, STATUS_VM_RSS))
		check(out, &n, "rss", "status VmRSS", v, s->status.v[STATUS_VM_RSS]);
	if (counters_hugetlb(sum, &v) && status_has(&s->status, STATUS_HUGETLB_PAGES))
		check(out, &n, "hugetlb", "status HugetlbPages", v,
		      s->status.v[STATUS_HUGETLB_PAGES]);
	for (size_t i = 0; i < sizeof(rollup) / sizeof(*rollup); i++)
		if (s->has_rollup && (s->rollup_valid >> rollup[i].counter & 1) &&
		    counters_get(sum, rollup[i].counter, &v))
			check(out, &n, rollup[i].what, rollup[i].source, v,
			      s->rollup[rollup[i].counter]);
	return n;
}
