/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The settings of huge pages: a word in brackets, the name of a size. */
#include "config.h"

#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "proc/thp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct thp_word w = thp_parse_word((const char *)data, size);
	char *name = malloc(size + 1);
	uint64_t bytes = 0;

	if (!name)
		return 0;
	if (w.mode >= THP_MODES || (w.mode == THP_UNKNOWN) != (w.text[0] == '\0' && w.mode != THP_OTHER))
		abort();
	if (w.mode > THP_OTHER && strcmp(w.text, thp_mode_name(w.mode)) != 0)
		abort();
	memcpy(name, data, size);
	name[size] = '\0';
	if (thp_parse_size(name, &bytes) && (bytes == 0 || bytes % 1024))
		abort();
	free(name);
	return 0;
}
