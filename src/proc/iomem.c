/* SPDX-License-Identifier: GPL-3.0-or-later */
/* /proc/iomem: what physical addresses are used for, RAM among them. */
#include "config.h"

#include "proc/iomem.h"

#include <errno.h>
#include <string.h>

#include "base/num.h"
#include "proc/lines.h"

enum { INDENT = 2, DEPTH_MAX = 64 };	/* the kernel itself stops at 5 */

/* "  01000000-02276507 : Kernel code" */
static bool parse_line(struct str line, struct iomem_range *r)
{
	static const char separator[] = " : ";
	const char *s = line.p, *end = line.p + line.len;
	const size_t n = sizeof(separator) - 1;

	while (s < end && *s == ' ')
		s++;
	r->depth = (unsigned int)(s - line.p) / INDENT;
	if ((size_t)(s - line.p) > (size_t)INDENT * DEPTH_MAX || !num_scan_hex(&s, end, &r->start) ||
	    s == end || *s++ != '-' || !num_scan_hex(&s, end, &r->last) || r->last < r->start ||
	    (size_t)(end - s) < n || memcmp(s, separator, n) != 0)
		return false;
	r->name = (struct str){ s + n, (size_t)(end - s) - n };
	return true;
}

int iomem_parse(const char *text, size_t len, iomem_list *out)
{
	struct lines lines = lines_of(text, len);
	struct iomem_range r, *to;
	struct str line;

	while (lines_next(&lines, &line)) {
		if (!parse_line(line, &r))
			continue;
		to = vec_push(out);
		if (!to)
			return -ENOMEM;
		*to = r;
	}
	return 0;
}

bool iomem_is_hidden(const iomem_list *list)
{
	for (size_t i = 0; i < list->n; i++)
		if (list->v[i].last)
			return false;
	return list->n > 0;
}

bool iomem_is_ram(const struct iomem_range *r)
{
	return str_eq(r->name, STR("System RAM")) || str_has_prefix(r->name, "System RAM (");
}
