/* SPDX-License-Identifier: GPL-3.0-or-later */
/* /proc/swaps: the swap areas in use. */
#include "config.h"

#include "proc/swaps.h"

#include <errno.h>

#include "base/num.h"
#include "proc/lines.h"

enum { KIB = 1024 };

static bool parse_u64(struct str s, uint64_t *v)
{
	const char *p = s.p;

	return num_scan_u64(&p, s.p + s.len, v) && p == s.p + s.len;
}

/* "PATH TYPE SIZE USED PRIORITY", amounts in KiB. */
static bool parse_line(struct str line, struct swap_area *out)
{
	struct str type, size, used, priority;
	uint64_t n;

	out->path = lines_word(&line);
	type = lines_word(&line);
	size = lines_word(&line);
	used = lines_word(&line);
	priority = lines_word(&line);
	if (!parse_u64(size, &out->size) || !parse_u64(used, &out->used))
		return false;
	out->partition = str_eq(type, STR("partition"));
	out->size = num_mul(out->size, KIB);
	out->used = num_mul(out->used, KIB);
	out->priority = priority.len && *priority.p == '-' ? -1 : 1;
	if (out->priority < 0) {
		priority.p++;
		priority.len--;
	}
	if (!parse_u64(priority, &n) || n > INT32_MAX)
		return false;
	out->priority *= (int64_t)n;
	return true;
}

int swaps_parse(const char *text, size_t len, struct swaps *out)
{
	struct lines lines = lines_of(text, len);
	struct str line;

	while (lines_next(&lines, &line)) {
		struct swap_area area, *to;
		char *path;

		if (!parse_line(line, &area))	/* the heading is one of these */
			continue;
		path = arena_alloc(&out->paths, area.path.len, 1);
		to = path ? vec_push(&out->area) : NULL;
		if (!to)
			return -ENOMEM;
		area.path = (struct str){ path, lines_unescape(area.path, path) };
		*to = area;
	}
	return 0;
}

void swaps_done(struct swaps *s)
{
	vec_done(&s->area);
	arena_done(&s->paths);
}

const struct swap_area *swaps_find(const struct swaps *s, unsigned int type, bool *certain)
{
	size_t n = s->area.n;

	*certain = n == 1 || type == 0;
	return n ? &s->area.v[type < n ? type : n - 1] : NULL;
}
