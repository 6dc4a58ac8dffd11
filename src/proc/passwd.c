/* SPDX-License-Identifier: GPL-3.0-or-later */
/* /etc/passwd of a captured tree: the names of its users. */
#include "config.h"

#include "proc/passwd.h"

#include "base/num.h"
#include "proc/lines.h"

/* Cuts what stands before the next colon off the line; false if there is none. */
static bool next_field(struct str *line, struct str *field)
{
	const char *colon = line->len ? memchr(line->p, ':', line->len) : NULL;

	if (!colon)
		return false;
	*field = (struct str){ line->p, (size_t)(colon - line->p) };
	*line = (struct str){ colon + 1, line->len - field->len - 1 };
	return true;
}

/* "name:password:uid:..." */
bool passwd_find(const char *text, size_t len, uint32_t uid, struct str *name)
{
	struct lines lines = lines_of(text, len);
	struct str line, field;
	uint64_t number;

	while (len && lines_next(&lines, &line)) {
		const char *p;

		if (!next_field(&line, name) || !name->len || !next_field(&line, &field) ||
		    !next_field(&line, &field))
			continue;
		p = field.p;
		if (num_scan_u64(&p, field.p + field.len, &number) && p == field.p + field.len &&
		    number == uid)
			return true;
	}
	return false;
}

bool passwd_has(const char *text, size_t len, struct str name)
{
	struct lines lines = lines_of(text, len);
	struct str line, field;

	while (len && lines_next(&lines, &line))
		if (next_field(&line, &field) && name.len && str_eq(field, name))
			return true;
	return false;
}
