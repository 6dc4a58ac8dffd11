/* SPDX-License-Identifier: GPL-3.0-or-later */
/* /proc/buddyinfo. */
#include "config.h"

#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "proc/buddyinfo.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	buddy_list z = { 0 };
	uint64_t low, high;

	if (buddyinfo_parse((const char *)data, size, &z) < 0)
		abort();
	for (size_t i = 0; i < z.n; i++)
		if (z.v[i].orders == 0 || z.v[i].orders > BUDDY_ORDERS ||
		    strnlen(z.v[i].name, sizeof(z.v[i].name)) == sizeof(z.v[i].name))
			abort();
	/* blocks of half the size can't be fewer */
	if (buddyinfo_blocks(&z, 8, &low) && buddyinfo_blocks(&z, 9, &high) && low < high)
		abort();
	vec_done(&z);
	return 0;
}
