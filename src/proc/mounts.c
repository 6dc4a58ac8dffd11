/* SPDX-License-Identifier: GPL-3.0-or-later */
/* /proc/PID/mountinfo: where file systems are mounted, and how. proc_pid_mountinfo(5). */
#include "config.h"

#include "proc/mounts.h"

/* The next word of a line; false where there is none. */
static bool next_word(struct str *line, struct str *word)
{
	const char *blank;

	if (line->len == 0)
		return false;
	blank = memchr(line->p, ' ', line->len);
	word->p = line->p;
	word->len = blank ? (size_t)(blank - line->p) : line->len;
	line->p += word->len + (blank != NULL);
	line->len -= word->len + (blank != NULL);
	return true;
}

/* "36 35 98:0 ROOT POINT rw,noatime master:1 shared:2 - TYPE SOURCE OPTIONS" */
static bool parse_line(struct str line, struct mount *out)
{
	struct str word;

	for (int i = 0; i < 3; i++)	/* ID, parent, device */
		if (!next_word(&line, &word))
			return false;
	if (!next_word(&line, &out->root) || !next_word(&line, &out->point) ||
	    !next_word(&line, &word))
		return false;
	do
		if (!next_word(&line, &word))
			return false;
	while (!str_eq(word, STR("-")));
	if (!next_word(&line, &out->type) || !next_word(&line, &word))
		return false;
	out->options = STR("");
	next_word(&line, &out->options);
	return true;
}

bool mounts_next(struct lines *l, struct mount *out)
{
	struct str line;

	while (lines_next(l, &line))
		if (parse_line(line, out))
			return true;
	return false;
}

bool mounts_option(struct str options, const char *name, struct str *value)
{
	const char *p = options.p, *end = options.p + options.len;
	size_t n = strlen(name);

	while (p < end) {
		const char *comma = memchr(p, ',', (size_t)(end - p));
		size_t len = (size_t)((comma ? comma : end) - p);

		if (len >= n && memcmp(p, name, n) == 0 && (len == n || p[n] == '=')) {
			*value = (struct str){ p + n + (len > n), len - n - (len > n) };
			return true;
		}
		if (!comma)
			break;
		p = comma + 1;
	}
	return false;
}

static bool is_octal(char c)
{
	return c >= '0' && c <= '7';
}

void mounts_unescape(struct buf *b, struct str path)
{
	for (size_t i = 0; i < path.len; i++) {
		const char *p = path.p + i;

		if (*p == '\\' && path.len - i >= 4 && p[1] >= '0' && p[1] <= '3' &&
		    is_octal(p[2]) && is_octal(p[3])) {
			buf_putc(b, (char)((p[1] - '0') << 6 | (p[2] - '0') << 3 | (p[3] - '0')));
			i += 3;
		} else {
			buf_putc(b, *p);
		}
	}
}
