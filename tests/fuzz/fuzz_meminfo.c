/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The machine's files: meminfo, uptime, stat, cpuinfo. */
#include "config.h"

#include "fuzz.h"

#include <stdlib.h>

#include "proc/machine.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	struct meminfo m;
	uint64_t seconds, ticks;

	meminfo_parse(text, size, &m);
	if (m.valid >> MEMINFO_FIELDS || machine_parse_mmu(text, size) > 63)
		abort();
	machine_parse_boot_time(text, size, &seconds);
	if (machine_parse_uptime(text, size, &ticks) && (text[0] < '0' || text[0] > '9'))
		abort();
	return 0;
}
