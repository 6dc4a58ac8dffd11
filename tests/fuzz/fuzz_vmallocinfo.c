/* SPDX-License-Identifier: GPL-3.0-or-later */
/* /proc/vmallocinfo. */
#include "config.h"

#include "fuzz.h"

#include <stdlib.h>

#include "proc/vmallocinfo.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	vmalloc_list l = { 0 };

	if (vmallocinfo_parse(text, size, &l) < 0)
		abort();
	for (size_t i = 0; i < l.n; i++)
		if (l.v[i].type >= VMALLOC_TYPES ||
		    (l.v[i].caller.len && (l.v[i].caller.p < text ||
		     l.v[i].caller.p + l.v[i].caller.len > text + size)))
			abort();
	vec_done(&l);
	return 0;
}
