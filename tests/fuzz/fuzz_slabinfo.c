/* SPDX-License-Identifier: GPL-3.0-or-later */
/* /proc/slabinfo. */
#include "config.h"

#include "fuzz.h"

#include <stdlib.h>

#include "proc/slabinfo.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	slab_list l = { 0 };

	if (slabinfo_parse(text, size, &l) < 0)
		abort();
	for (size_t i = 0; i < l.n; i++)
		if (l.v[i].name.len == 0 || l.v[i].name.p < text ||
		    l.v[i].name.p + l.v[i].name.len > text + size ||
		    slab_find_use(l.v[i].name) >= SLAB_USES)
			abort();
	vec_done(&l);
	return 0;
}
