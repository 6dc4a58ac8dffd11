/* SPDX-License-Identifier: GPL-3.0-or-later */
/* /proc/PID/mountinfo. */
#include "config.h"

#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "proc/mountinfo.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	mount_list l = { 0 };

	if (mountinfo_parse((const char *)data, size, &l) < 0)
		abort();
	for (size_t i = 0; i < l.n; i++)
		if (memchr(l.v[i].type, '\0', sizeof(l.v[i].type)) == NULL ||
		    memchr(l.v[i].huge, '\0', sizeof(l.v[i].huge)) == NULL ||
		    !mounts_find(&l, l.v[i].dev_major, l.v[i].dev_minor))
			abort();
	vec_done(&l);
	return 0;
}
