/* SPDX-License-Identifier: GPL-3.0-or-later */
/* /proc/PID/task/TID/syscall. */
#include "config.h"

#include "fuzz.h"

#include <stdlib.h>

#include "proc/threads.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint64_t sp = 0;

	if (threads_parse_syscall((const char *)data, size, &sp) == 0 && sp == 0)
		abort();
	return 0;
}
