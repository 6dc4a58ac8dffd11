/* SPDX-License-Identifier: GPL-3.0-or-later */
/* /proc/meminfo: named amounts for the whole machine. */
#include "config.h"

#include "proc/meminfo.h"

#include "base/num.h"
#include "proc/lines.h"

static const char *const names[MEMINFO_FIELDS] = {
	[MEMINFO_MEM_TOTAL] = "MemTotal",
	[MEMINFO_VMALLOC_TOTAL] = "VmallocTotal",
	[MEMINFO_HUGEPAGESIZE] = "Hugepagesize",
};

void meminfo_parse(const char *text, size_t len, struct meminfo *out)
{
	struct lines lines = { text, text + len };
	struct str name, value;

	memset(out, 0, sizeof(*out));
	while (lines_next_field(&lines, &name, &value)) {
		const char *s = value.p, *end = s + value.len;
		uint64_t v;

		if (!num_scan_u64(&s, end, &v))
			continue;
		for (unsigned int i = 0; i < MEMINFO_FIELDS; i++) {
			if (!str_eq(name, str_of(names[i])))
				continue;
			out->v[i] = num_mul(v, 1024);
			out->valid |= 1u << i;
		}
	}
}
