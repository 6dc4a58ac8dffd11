/* SPDX-License-Identifier: GPL-3.0-or-later */
/* /proc/pressure/memory. */
#include "config.h"

#include "fuzz.h"

#include <stdlib.h>

#include "proc/pressure.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pressure p;

	pressure_parse((const char *)data, size, &p);
	for (unsigned int i = 0; i < PRESSURE_AVERAGES; i++)
		if (p.some.average[i].v > UINT32_MAX * UINT64_C(100) + 99)
			abort();
	return 0;
}
