/* SPDX-License-Identifier: GPL-3.0-or-later */
/* /proc/meminfo: named amounts for the whole machine. */
#ifndef PROC_MEMINFO_H
#define PROC_MEMINFO_H

#include <stddef.h>
#include <stdint.h>

enum meminfo_field {
	MEMINFO_MEM_TOTAL,
	MEMINFO_VMALLOC_TOTAL,
	MEMINFO_HUGEPAGESIZE,
	MEMINFO_FIELDS,
};

struct meminfo {
	uint32_t valid;
	uint64_t v[MEMINFO_FIELDS];	/* bytes */
};

/* Unknown lines are skipped, missing ones are not valid. */
void meminfo_parse(const char *text, size_t len, struct meminfo *out);

#endif
