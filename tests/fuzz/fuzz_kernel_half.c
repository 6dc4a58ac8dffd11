/* SPDX-License-Identifier: GPL-3.0-or-later */
/* /proc/kallsyms and the headers of /proc/kcore, and the parts of the kernel that follow from them. */
#include "config.h"

#include "fuzz.h"

#include <stdlib.h>

#include "model/kernel_half.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct geometry_facts machine[] = {
		{ .arch = { "x86_64", 6 }, .page_size = 4096, .highest = UINT64_C(1) << 40 },
		{ .arch = { "x86_64", 6 }, .page_size = 4096, .highest = UINT64_C(1) << 50 },
		{ .arch = { "aarch64", 7 }, .page_size = 4096, .highest = UINT64_C(1) << 40 },
		{ .arch = { "s390x", 5 }, .page_size = 4096 },
	};
	struct kernel_places p = { 0 };
	struct kernel_part part[KERNEL_PARTS];

	kallsyms_parse((const char *)data, size, &p.symbols);
	if (kcore_parse(data, size, &p.segments) == 0 && size < 64)
		abort();
	if (iomem_parse((const char *)data, size, &p.iomem) < 0)
		abort();
	for (size_t m = 0; m < sizeof(machine) / sizeof(*machine); m++) {
		const struct geometry *g = geometry_find(&machine[m]);
		unsigned int n = g ? kernel_half_make(g, &p, part) : 0;

		if (n > KERNEL_PARTS)
			abort();
		for (unsigned int i = 0; i < n; i++)
			if (part[i].last < part[i].start || (i && part[i].start <= part[i - 1].last))
				abort();
	}
	vec_done(&p.segments);
	vec_done(&p.iomem);
	return 0;
}
