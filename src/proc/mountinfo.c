/* SPDX-License-Identifier: GPL-3.0-or-later */
/* /proc/PID/mountinfo: the file systems that a process sees, by device. */
#include "config.h"

#include "proc/mountinfo.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "base/num.h"
#include "proc/lines.h"

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

/* "rw,size=24683620k,huge=advise" */
static void find_huge(struct str options, struct mount *m)
{
	static const char key[] = "huge=";
	const char *s = options.p, *end = s + options.len;

	while (s < end) {
		const char *comma = memchr(s, ',', (size_t)(end - s));
		struct str option = { s, (size_t)((comma ? comma : end) - s) };

		if (str_has_prefix(option, key))
			copy_word(m->huge, sizeof(m->huge), option.p + strlen(key),
				  option.len - strlen(key));
		s += option.len + 1;
	}
}

/* "24 23 0:22 / /dev/shm rw,relatime shared:3 - tmpfs tmpfs rw,huge=advise": any number of
 * fields may stand before the dash. */
static bool parse_line(struct str line, struct mount *m)
{
	const char *s = line.p, *end = line.p + line.len, *device;
	struct str word;
	uint64_t major, minor;
	unsigned int i;

	*m = (struct mount){ 0 };
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
	for (i = 0; i < 3; i++)
		if (!next_word(&s, end, &word))
			return false;
	do
		if (!next_word(&s, end, &word))
			return false;
	while (!str_eq(word, STR("-")));
	if (!next_word(&s, end, &word))
		return false;
	copy_word(m->type, sizeof(m->type), word.p, word.len);
	if (next_word(&s, end, &word) && next_word(&s, end, &word))
		find_huge(word, m);
	return true;
}

int mountinfo_parse(const char *text, size_t len, mount_list *out)
{
	struct lines lines = { text, text + len };
	struct str line;

	while (lines_next(&lines, &line)) {
		struct mount m, *to;

		if (!parse_line(line, &m))
			continue;
		to = vec_push(out);
		if (!to)
			return -ENOMEM;
		*to = m;
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
