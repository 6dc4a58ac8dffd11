/* SPDX-License-Identifier: GPL-3.0-or-later */
/* /proc/pressure/memory: how much time was lost waiting for memory. */
#include "config.h"

#include "proc/pressure.h"

#include <string.h>

#include "proc/lines.h"

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* "12.34" as 1234; the kernel always writes two decimals. */
static struct maybe parse_hundredths(const char *s, const char *end)
{
	struct maybe v = { 0 };
	uint64_t whole;

	if (!num_scan_u64(&s, end, &whole) || whole > UINT32_MAX)
		return v;
	v = (struct maybe){ true, whole * 100 };
	if (end - s == 3 && *s == '.' && is_digit(s[1]) && is_digit(s[2]))
		v.v += (uint64_t)(s[1] - '0') * 10 + (uint64_t)(s[2] - '0');
	else if (s != end)
		v.known = false;
	return v;
}

static void take_word(struct str word, struct pressure_line *out)
{
	static const char *const average[PRESSURE_AVERAGES] = { "avg10=", "avg60=", "avg300=" };
	const char *end = word.p + word.len, *s = word.p + strlen("total=");

	for (unsigned int i = 0; i < PRESSURE_AVERAGES; i++)
		if (str_has_prefix(word, average[i]))
			out->average[i] = parse_hundredths(word.p + strlen(average[i]), end);
	if (str_has_prefix(word, "total="))
		out->total.known = num_scan_u64(&s, end, &out->total.v) && s == end;
}

void pressure_parse(const char *text, size_t len, struct pressure *out)
{
	struct lines lines = lines_of(text, len);
	struct str line;

	memset(out, 0, sizeof(*out));
	while (lines_next(&lines, &line)) {
		const char *s = line.p, *end = line.p + line.len;
		struct pressure_line *to;

		if (!str_has_prefix(line, "some ") && !str_has_prefix(line, "full "))
			continue;
		to = *s == 's' ? &out->some : &out->full;
		for (s += strlen("some "); s < end; s++) {
			const char *blank = memchr(s, ' ', (size_t)(end - s));
			const char *stop = blank ? blank : end;

			take_word((struct str){ s, (size_t)(stop - s) }, to);
			s = stop;
		}
	}
}
