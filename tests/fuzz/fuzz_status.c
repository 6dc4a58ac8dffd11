/* SPDX-License-Identifier: GPL-3.0-or-later */
/* /proc/PID/status. */
#include "config.h"

#include "fuzz.h"

#include <stdlib.h>

#include "proc/status.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct status s;
	int ret = status_parse((const char *)data, size, &s);

	if ((ret < 0) != (s.state == '?') || s.valid >> STATUS_FIELDS)
		abort();
	for (unsigned int i = 0; i < STATUS_FIELDS; i++)
		if (!status_has(&s, (enum status_field)i) && s.v[i] != 0)
			abort();
	return !status_state_name(s.state);
}
