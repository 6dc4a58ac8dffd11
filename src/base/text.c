/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bytes a target chose, made safe to show: UTF-8, display width, escaping, cutting. */
#include "config.h"

#include "base/text.h"

#include <string.h>
#include <wchar.h>

int32_t text_next(struct str s, size_t *at)
{
	static const int32_t least[] = { 0, 0x80, 0x800, 0x10000 };
	unsigned char c = (unsigned char)s.p[(*at)++];
	int more = c < 0xc2 ? 0 : c < 0xe0 ? 1 : c < 0xf0 ? 2 : c < 0xf5 ? 3 : 0;
	int32_t code;

	if (c < 0x80)
		return c;
	if (!more || s.len - *at < (size_t)more)
		return -1;
	code = c & (0x3f >> more);
	for (int i = 0; i < more; i++) {
		unsigned char next = (unsigned char)s.p[*at + (size_t)i];

		if ((next & 0xc0) != 0x80)
			return -1;
		code = code << 6 | (next & 0x3f);
	}
	if (code < least[more] || code > 0x10ffff || (code >= 0xd800 && code < 0xe000))
		return -1;
	*at += (size_t)more;
	return code;
}

bool text_is_utf8(struct str s)
{
	for (size_t at = 0; at < s.len;)
		if (text_next(s, &at) < 0)
			return false;
	return true;
}

/*
 * Columns of a printable character, or -1 for one that must be escaped. Characters that hide or
 * turn around text count as such: they make two names look alike. Combining marks stay: names
 * are written with them.
 */
static int char_width(int32_t c, unsigned int flags)
{
	int w;

	if (c < 0x20 || c == 0x7f)
		return -1;
	if (c < 0x7f)
		return (flags & TEXT_RAW) && (c == ' ' || c == '\\') ? -1 : 1;
	if (!(flags & TEXT_UTF8) || c < 0xa0)
		return -1;
	if ((flags & TEXT_RAW) && (c == 0xa0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200a) ||
				   c == 0x205f || c == 0x3000))
		return -1;
	if ((c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202f) ||
	    (c >= 0x2060 && c <= 0x206f) || c == 0xfeff || c == 0xad || c == 0x61c || c == 0x34f ||
	    (c >= 0x180b && c <= 0x180f) || (c >= 0xfe00 && c <= 0xfe0f) ||
	    (c >= 0xe0000 && c <= 0xe0fff))
		return -1;
	w = wcwidth((wchar_t)c);
	return w > 0 ? w : w == 0 ? 0 : -1;
}

/* One unit: the bytes [*at, next) and the columns it takes once escaped. */
static size_t unit_width(struct str s, size_t *at, unsigned int flags, bool *escape)
{
	size_t from = *at;
	int w = char_width(text_next(s, at), flags);

	*escape = w < 0;
	return w < 0 ? 4 * (*at - from) : (size_t)w;
}

/* Eight at a time: the top bit of a byte shows what is below a blank or above a tilde. */
bool text_is_plain(struct str s, unsigned int flags)
{
	const uint64_t ones = UINT64_C(0x0101010101010101), tops = ones << 7;
	size_t i = 0;
	uint64_t v;

	if (flags & TEXT_VERBATIM)
		return true;
	for (; i + 8 <= s.len; i += 8) {
		memcpy(&v, s.p + i, 8);
		if ((v | (v - ones * 0x20) | (v + ones)) & tops)
			return false;
	}
	for (; i < s.len; i++)
		if ((unsigned char)s.p[i] - 0x20u >= 0x5fu)
			return false;
	return !(flags & TEXT_RAW) ||
	       (!memchr(s.p, ' ', s.len) && !memchr(s.p, '\\', s.len));
}

size_t text_width(struct str s, unsigned int flags)
{
	size_t width = 0;
	bool escape;

	if (text_is_plain(s, flags))
		return s.len;
	for (size_t at = 0; at < s.len;)
		width += unit_width(s, &at, flags, &escape);
	return width;
}

static void put_from(struct buf *b, struct str s, unsigned int flags)
{
	for (size_t at = 0; at < s.len;) {
		size_t from = at;
		bool escape;

		unit_width(s, &at, flags, &escape);
		if (!escape) {
			buf_add(b, s.p + from, at - from);
			continue;
		}
		for (; from < at; from++)
			buf_printf(b, "\\x%02x", (unsigned char)s.p[from]);
	}
}

void text_put(struct buf *b, struct str s, unsigned int flags)
{
	if (text_is_plain(s, flags))
		buf_add(b, s.p, s.len);
	else
		put_from(b, s, flags);
}

size_t text_put_cut(struct buf *b, struct str s, unsigned int flags, size_t width,
		    enum text_keep keep)
{
	const char *dots = flags & TEXT_UTF8 ? "…" : "...";
	size_t dots_width = flags & TEXT_UTF8 ? 1 : 3;
	size_t full, room, used = 0, at = 0;
	bool escape;

	if (text_is_plain(s, flags)) {
		full = s.len;
		if (full <= width) {
			buf_add(b, s.p, s.len);
			return full;
		}
	} else {
		full = text_width(s, flags);
		if (full <= width) {
			put_from(b, s, flags);
			return full;
		}
	}
	if (width < dots_width) {
		buf_fill(b, '.', width);
		return width;
	}
	room = width - dots_width;
	if (keep == TEXT_KEEP_NAME && s.p[0] == '/') {
		while (full > room)
			full -= unit_width(s, &at, flags, &escape);
		buf_puts(b, dots);
		text_put(b, (struct str){ s.p + at, s.len - at }, flags);
		return full + dots_width;
	}
	while (at < s.len) {
		size_t next = at;
		size_t w = unit_width(s, &next, flags, &escape);

		if (used + w > room)
			break;
		used += w;
		at = next;
	}
	text_put(b, (struct str){ s.p, at }, flags);
	buf_puts(b, dots);
	return used + dots_width;
}
