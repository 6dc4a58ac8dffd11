/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A line of /proc/PID/maps. */
#include "config.h"

#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "proc/maps.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *line = (const char *)data, *end = line + size;
	const char *nl = size ? memchr(line, '\n', size) : NULL;
	struct maps_line m;
	char perms[4];

	if (nl)
		end = nl;
	if (!maps_parse_line(line, end, &m))
		return 0;
	maps_put_perms(perms, m.perms);
	if (m.start >= m.end || m.perms > 15 || m.name.p < line ||
	    m.name.p + m.name.len != end || !memmem(line, size, perms, 4))
		abort();
	return 0;
}
