/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The shape most small kernel files share: lines of "Name: value". */
#ifndef PROC_LINES_H
#define PROC_LINES_H

#include <stdbool.h>
#include <string.h>

#include "base/arena.h"

struct lines {
	const char *p, *end;
};

/* The next line without its newline; false at the end. */
static inline bool lines_next(struct lines *l, struct str *line)
{
	const char *nl;

	if (l->p >= l->end)
		return false;
	nl = memchr(l->p, '\n', (size_t)(l->end - l->p));
	if (!nl)
		nl = l->end;
	*line = (struct str){ l->p, (size_t)(nl - l->p) };
	l->p = nl < l->end ? nl + 1 : nl;
	return true;
}

/* The next line that has a colon, split there; blanks and tabs around both parts are cut
 * (cpuinfo has them before the colon too). */
static inline bool lines_next_field(struct lines *l, struct str *name, struct str *value)
{
	struct str line;

	while (lines_next(l, &line)) {
		const char *colon = memchr(line.p, ':', line.len);
		const char *end = line.p + line.len, *v;

		if (!colon)
			continue;
		v = colon + 1;
		while (v < end && (*v == ' ' || *v == '\t'))
			v++;
		*value = (struct str){ v, (size_t)(end - v) };
		while (colon > line.p && (colon[-1] == ' ' || colon[-1] == '\t'))
			colon--;
		*name = (struct str){ line.p, (size_t)(colon - line.p) };
		return true;
	}
	return false;
}

#endif
