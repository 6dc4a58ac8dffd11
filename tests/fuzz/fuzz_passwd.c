/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a captured tree adds as text: names of users, paths of cgroups. */
#include "config.h"

#include "fuzz.h"

#include <stdlib.h>

#include "proc/cgroup.h"
#include "proc/passwd.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	struct str s;

	if (passwd_find(text, size, 0, &s) && (!s.len || s.p < text || s.p + s.len > text + size))
		abort();
	if (cgroup_inodes_find(text, size, 1, &s) == 0 &&
	    (s.p < text || s.p + s.len > text + size))
		abort();
	return 0;
}
