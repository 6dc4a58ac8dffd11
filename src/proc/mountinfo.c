/* SPDX-License-Identifier: GPL-3.0-or-later */
/* /proc/PID/mountinfo: the file systems that a process sees, by device. */
#include "config.h"

#include "proc/mountinfo.h"

#include <errno.h>
#include <string.h>

#include "base/num.h"

/* The next word of a line; false at its end. Blanks in words are escaped by the kernel. */
static bool next_word(const char **s, const char *end, struct str *word)
{
	const char *p = *s;

	while (p < end && *p == ' ')
		p++;
	word->p = p;
	while (p < end && *p != ' ')
		p++;
	word->len = (size_t)(p - word->p);
	*s = p;
	return word->len > 0;
}

static void copy_word(char *to, size_t size, const char *from, size_t n)
{
	if (n >= size)
		n = size - 1;
	memcpy(to, from, n);
	to[n] = '\0';
}

/* "24 23 0:22 / /dev/shm rw,relatime shared:3 - tmpfs tmpfs rw,huge=advise": any number of
 * fields may stand before the dash. */
static bool parse_line(struct str line, struct mount_line *m)
{
	const char *s = line.p, *end = line.p + line.len, *device;
	struct str word;
	uint64_t major, minor;
	unsigned int i;

	for (i = 0; i < 3; i++)
		if (!next_word(&s, end, &word))
			return false;
	device = word.p;
	if (!num_scan_u64(&device, s, &major) || device == s || *device++ != ':' ||
	    !num_scan_u64(&device, s, &minor) || major > UINT32_MAX || minor > UINT32_MAX)
		return false;
	m->dev_major = (uint32_t)major;
	m->dev_minor = (uint32_t)minor;
	/* root, mount point and options come first: they may be a dash themselves */
	if (!next_word(&s, end, &m->root) || !next_word(&s, end, &m->point) ||
	    !next_word(&s, end, &word))
		return false;
	do
		if (!next_word(&s, end, &word))
			return false;
	while (!str_eq(word, STR("-")));
	if (!next_word(&s, end, &m->type))
		return false;
	m->options = STR("");
	if (next_word(&s, end, &word) && next_word(&s, end, &word))
		m->options = word;
	return true;
}

bool mountinfo_next(struct lines *l, struct mount_line *out)
{
	struct str line;

	while (lines_next(l, &line))
		if (parse_line(line, out))
			return true;
	return false;
}

bool mountinfo_option(struct str options, const char *name, struct str *value)
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

void mountinfo_unescape(struct buf *b, struct str path)
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

int mountinfo_parse(const char *text, size_t len, mount_list *out)
{
	struct lines lines = lines_of(text, len);
	struct mount_line line;
	struct str huge;

	while (mountinfo_next(&lines, &line)) {
		struct mount *to = vec_push(out);

		if (!to)
			return -ENOMEM;
		*to = (struct mount){ .dev_major = line.dev_major, .dev_minor = line.dev_minor };
		copy_word(to->type, sizeof(to->type), line.type.p, line.type.len);
		if (mountinfo_option(line.options, "huge", &huge))
			copy_word(to->huge, sizeof(to->huge), huge.p, huge.len);
	}
	return 0;
}

const struct mount *mounts_find(const mount_list *mounts, uint32_t dev_major, uint32_t dev_minor)
{
	for (size_t i = 0; i < mounts->n; i++)
		if (mounts->v[i].dev_major == dev_major && mounts->v[i].dev_minor == dev_minor)
			return &mounts->v[i];
	return NULL;
}
