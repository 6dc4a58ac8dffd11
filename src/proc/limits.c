/* SPDX-License-Identifier: GPL-3.0-or-later */
/* /proc/PID/limits: the resource limits that bear on memory. */
#include "config.h"

#include "proc/limits.h"

#include "base/num.h"
#include "proc/lines.h"

const struct limit_info limit_info[LIMITS] = {
	[LIMIT_ADDRESS_SPACE] = { "Max address space", "address_space",
		"RLIMIT_AS: all mappings, VmSize" },
	[LIMIT_DATA] = { "Max data size", "data", "RLIMIT_DATA: brk and private writable" },
	[LIMIT_STACK] = { "Max stack size", "stack", "RLIMIT_STACK: growth of the main stack" },
	[LIMIT_RSS] = { "Max resident set", "rss", "RLIMIT_RSS: ignored by the kernel" },
	[LIMIT_LOCKED] = { "Max locked memory", "locked", "RLIMIT_MEMLOCK: mlock" },
};

static bool scan_limit(const char **p, const char *end, uint64_t *v)
{
	static const char unlimited[] = "unlimited";
	const size_t n = sizeof(unlimited) - 1;

	while (*p < end && **p == ' ')
		(*p)++;
	if ((size_t)(end - *p) >= n && memcmp(*p, unlimited, n) == 0) {
		*p += n;
		*v = LIMIT_UNLIMITED;
		return true;
	}
	return num_scan_u64(p, end, v);
}

void limits_parse(const char *text, size_t len, struct limits *out)
{
	struct lines lines = lines_of(text, len);
	struct str line;

	memset(out, 0, sizeof(*out));
	while (lines_next(&lines, &line)) {
		for (unsigned int i = 0; i < LIMITS; i++) {
			const char *s = line.p;

			if (!str_has_prefix(line, limit_info[i].name))
				continue;
			s += strlen(limit_info[i].name);
			if (scan_limit(&s, line.p + line.len, &out->soft[i]) &&
			    scan_limit(&s, line.p + line.len, &out->hard[i]))
				out->valid |= 1u << i;
		}
	}
}
