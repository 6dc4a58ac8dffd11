/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The argument of --translate. */
#include "config.h"

#include "fuzz.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "model/addresses.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);
	address_list list = { 0 };
	struct str problem = { NULL, 0 };
	size_t commas = 0;
	int ret;

	if (!text)
		return 0;
	if (size)
		memcpy(text, data, size);
	text[size] = '\0';
	ret = addresses_parse(text, &list, &problem);
	for (const char *p = text; *p; p++)
		commas += *p == ',';
	if (ret == 0 && list.n != commas + 1)
		abort();
	if (ret == -EINVAL && (problem.p < text || problem.p + problem.len > text + strlen(text)))
		abort();
	for (size_t i = 0; i < list.n; i++)
		if (list.v[i].last < list.v[i].low ||
		    (!list.v[i].is_range && list.v[i].last != list.v[i].low))
			abort();
	vec_done(&list);
	free(text);
	return 0;
}
