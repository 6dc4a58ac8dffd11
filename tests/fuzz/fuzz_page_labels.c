/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pagemap.scan of a captured process: what is accepted ascends, and is found again. */
#include "config.h"

#include "fuzz.h"

#include <stdlib.h>

#include "proc/page_labels.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	page_label_list list = { 0 };

	if (page_labels_parse((const char *)data, size, &list) == 0)
		for (size_t i = 0; i < list.n; i++) {
			if (list.v[i].end <= list.v[i].start ||
			    (i && list.v[i].start < list.v[i - 1].end))
				abort();
			if (page_labels_find(&list, list.v[i].start) != i)
				abort();
		}
	vec_done(&list);
	return 0;
}
