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

/* p may be NULL where n is 0: an empty file, or none. */
static inline struct lines lines_of(const char *p, size_t n)
{
	return (struct lines){ p, n ? p + n : p };
}

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

/* The next word of a line, cut off its front with the blanks and tabs before it; of length 0 at
 * the end. */
static inline struct str lines_word(struct str *line)
{
	const char *p = line->p, *end = line->p + line->len, *first;

	while (p < end && (*p == ' ' || *p == '\t'))
		p++;
	first = p;
	while (p < end && *p != ' ' && *p != '\t')
		p++;
	*line = (struct str){ p, (size_t)(end - p) };
	return (struct str){ first, (size_t)(p - first) };
}

/* Undoes mangle_path(): a backslash and three octal digits are a byte that would have ended the
 * word. Writes at most from.len bytes; gives their number. */
static inline size_t lines_unescape(struct str from, char *to)
{
	size_t n = 0;

	for (size_t i = 0; i < from.len; i++) {
		const char *p = from.p + i;

		if (*p == '\\' && from.len - i > 3 && p[1] >= '0' && p[1] <= '3' &&
		    p[2] >= '0' && p[2] <= '7' && p[3] >= '0' && p[3] <= '7') {
			to[n++] = (char)((p[1] - '0') << 6 | (p[2] - '0') << 3 | (p[3] - '0'));
			i += 3;
		} else {
			to[n++] = *p;
		}
	}
	return n;
}

#endif
