/* SPDX-License-Identifier: GPL-3.0-or-later */
/* /proc/swaps, and mountinfo as the search for cgroups reads it. */
#include "config.h"

#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "proc/cgroup.h"
#include "proc/swaps.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cgroup_mount m = { 0 };
	struct swaps s = { 0 };
	bool certain;

	if (swaps_parse((const char *)data, size, &s) == 0) {
		for (unsigned int type = 0; type < 32; type++)
			if (!swaps_find(&s, type, &certain) != (s.area.n == 0))
				abort();
		for (size_t i = 0; i < s.area.n; i++)
			if (s.area.v[i].path.len == 0 || s.area.v[i].path.len > size)
				abort();
	}
	swaps_done(&s);
	if (cgroup_mount_parse((const char *)data, size, &m) == 0 &&
	    (m.path.len > size || m.path.data[m.path.len] != '\0'))
		abort();
	cgroup_mount_done(&m);
	return 0;
}
