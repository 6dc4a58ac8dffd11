/* SPDX-License-Identifier: GPL-3.0-or-later */
/* /proc/PID/limits. */
#include "config.h"

#include "fuzz.h"

#include <stdlib.h>

#include "proc/limits.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct limits l;

	limits_parse((const char *)data, size, &l);
	if (l.valid >> LIMITS)
		abort();
	return 0;
}
