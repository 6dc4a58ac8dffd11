/* SPDX-License-Identifier: GPL-3.0-or-later */
/* /proc/vmstat, /proc/meminfo of a node, and what they add up to. */
#include "config.h"

#include "fuzz.h"

#include <stdlib.h>

#include "model/memory.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct meminfo meminfo;
	struct vmstat vmstat;
	zone_list zones = { 0 };
	struct memory_facts facts = {
		.meminfo = &meminfo, .vmstat = &vmstat, .zones = &zones, .page_size = 4096,
		.of_node = size % 2, .stacks = MEMORY_STACKS_IN_VMALLOC,
	};
	struct memory m;
	uint64_t sum = 0;

	vmstat_parse((const char *)data, size, &vmstat);
	if (facts.of_node)
		meminfo_parse_node((const char *)data, size, &meminfo);
	else
		meminfo_parse((const char *)data, size, &meminfo);
	if (zoneinfo_parse((const char *)data, size, &zones) < 0)
		abort();
	memory_find(&facts, &m);
	for (unsigned int i = 0; i < MEMORY_PARTS; i++)
		if (m.part[i].known)
			sum += m.part[i].v;
	if (m.has_rest && sum + (uint64_t)m.rest != m.total.v)
		abort();
	for (unsigned int i = 0; i < MEMORY_GROUPS; i++)
		memory_group_sum(&m, i);
	vec_done(&zones);
	return 0;
}
