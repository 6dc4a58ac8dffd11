/* SPDX-License-Identifier: GPL-3.0-or-later */
/* /proc/PID/numa_maps, and its join with mappings that may not fit; lists of nodes. */
#include "config.h"

#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "model/numa.h"

static int take_mapping(void *ctx, const struct smaps_record *r)
{
	return space_add(ctx, r, false);
}

/* Sums of any lines: each node once and in order, parts no more than the whole. */
static void check(const struct numa *n, const struct space *space)
{
	struct numa_totals t;
	struct rows r;

	if (rows_all(space, &r) < 0)
		return;
	r.numa = n;
	for (size_t i = 0; i < n->entry.n; i++) {
		const struct numa_entry *e = &n->entry.v[i];

		if ((size_t)e->first + e->nodes > n->bytes.n || e->policy >= n->policy.n ||
		    (e->known && !e->policy) || (e->known && e->changed))
			abort();
		for (uint32_t k = 1; k < e->nodes; k++)
			if (n->bytes.v[e->first + k].node <= n->bytes.v[e->first + k - 1].node)
				abort();
	}
	if (numa_totals_make(&r, &t) == 0)
		for (size_t i = 0; i < t.node.n; i++)
			if (t.node.v[i].bytes > t.bytes || (i && t.node.v[i].node <= t.node.v[i - 1].node))
				abort();
	numa_totals_done(&t);
	rows_done(&r);
}

static int take_line(void *ctx, const struct numa_line *l)
{
	struct idlist nodes = { 0 };

	if (numa_policy_nodes(l->policy, &nodes) != (nodes.range.n > 0))
		abort();
	idlist_done(&nodes);
	return numa_add(ctx, l);
}

/* Before a line "--": maps, which the lines behind it are joined with. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	const char *cut = size ? memmem(text, size, "--\n", 3) : NULL;
	size_t maps = cut ? (size_t)(cut - text) : 0, from = cut ? maps + 3 : 0;
	struct smaps_parser p;
	struct space space;
	struct numa n;
	struct numa_join j = { &n, &space, 4096, 0 };
	uint64_t line;

	if (space_init(&space) == 0 && numa_init(&n) == 0) {
		smaps_parser_init(&p, &space.flags, take_mapping, &space);
		if (smaps_parse(&p, text, maps) == 0 && smaps_finish(&p) == 0 &&
		    numa_maps_parse(text + from, size - from, take_line, &j, &line) == 0 &&
		    numa_finish(&j) == 0)
			check(&n, &space);
		smaps_parser_done(&p);
		numa_done(&n);
	}
	space_done(&space);
	return 0;
}
