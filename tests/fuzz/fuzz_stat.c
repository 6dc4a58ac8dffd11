/* SPDX-License-Identifier: GPL-3.0-or-later */
/* /proc/PID/stat. */
#include "config.h"

#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "proc/stat.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	struct stat_pid s;
	int ret = stat_parse(text, size, &s);

	if (ret < 0)
		return 0;
	/* the name is all between the first and the last parenthesis */
	if (s.comm.p <= text || s.comm.p[-1] != '(' || s.comm.p[s.comm.len] != ')' ||
	    memchr(s.comm.p + s.comm.len + 1, ')',
		   size - (size_t)(s.comm.p + s.comm.len + 1 - text)))
		abort();
	if (s.masked && (stat_has(&s, STAT_START_CODE) || stat_has(&s, STAT_ENV_END)))
		abort();
	if (s.valid >> STAT_FIELDS)
		abort();
	return 0;
}
