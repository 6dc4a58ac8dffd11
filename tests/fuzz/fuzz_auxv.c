/* SPDX-License-Identifier: GPL-3.0-or-later */
/* /proc/PID/auxv. */
#include "config.h"

#include "fuzz.h"

#include <stdlib.h>

#include "proc/auxv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct auxv a;
	int ret = auxv_parse((const char *)data, size, &a);

	if (ret == 0 ? !a.valid || (a.bits != 32 && a.bits != 64) || !a.page_size : a.valid)
		abort();
	if (a.bits == 32 && (a.entry >> 32 || a.phdr >> 32 || a.base >> 32 || a.vdso >> 32))
		abort();
	return 0;
}
