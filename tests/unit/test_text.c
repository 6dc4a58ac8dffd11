/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Text of a target's choice: UTF-8, escaping, widths, cutting. */
#include "config.h"

#include "base/text.h"

#include <stdio.h>
#include <wchar.h>

#include "json_check.h"
#include "unit.h"

/* From Unicode's table 3-7, and Markus Kuhn's list of malformed sequences. */
START_TEST(test_utf8_table)
{
	static const struct { const char *text; int32_t code; size_t used; } known[] = {
		{ "A", 0x41, 1 }, { "\x7f", 0x7f, 1 }, { "\xc2\x80", 0x80, 2 },
		{ "\xdf\xbf", 0x7ff, 2 }, { "\xe0\xa0\x80", 0x800, 3 },
		{ "\xed\x9f\xbf", 0xd7ff, 3 }, { "\xee\x80\x80", 0xe000, 3 },
		{ "\xef\xbf\xbf", 0xffff, 3 }, { "\xf0\x90\x80\x80", 0x10000, 4 },
		{ "\xf4\x8f\xbf\xbf", 0x10ffff, 4 },
		/* continuation bytes alone, overlong forms, surrogates, beyond the last */
		{ "\x80", -1, 1 }, { "\xbf", -1, 1 }, { "\xc0\x80", -1, 1 },
		{ "\xc1\xbf", -1, 1 }, { "\xe0\x80\x80", -1, 1 }, { "\xe0\x9f\xbf", -1, 1 },
		{ "\xf0\x80\x80\x80", -1, 1 }, { "\xf0\x8f\xbf\xbf", -1, 1 },
		{ "\xed\xa0\x80", -1, 1 }, { "\xed\xbf\xbf", -1, 1 },
		{ "\xf4\x90\x80\x80", -1, 1 }, { "\xf5\x80\x80\x80", -1, 1 },
		{ "\xf8\x88\x80\x80\x80", -1, 1 }, { "\xfe", -1, 1 }, { "\xff", -1, 1 },
		/* cut, or followed by what is no continuation */
		{ "\xc2", -1, 1 }, { "\xe1\x80", -1, 1 }, { "\xf1\x80\x80", -1, 1 },
		{ "\xc2" "A", -1, 1 }, { "\xe1\x80" "A", -1, 1 }, { "\xf1\x80\xc2\x80", -1, 1 },
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		size_t at = 0;
		int32_t code = text_next(str_of(known[i].text), &at);

		ck_assert_msg(code == known[i].code && at == known[i].used, "line %zu", i);
		ck_assert(text_is_utf8(str_of(known[i].text)) == (known[i].code >= 0));
	}
	ck_assert(text_is_utf8(STR("")));
	ck_assert(text_is_utf8(STR("a\0b")));
}
END_TEST

/* Every sequence of up to four bytes from a set that has all interesting ones. */
START_TEST(test_utf8_all)
{
	static const unsigned char set[] = {
		0x00, 0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0,
		0xe1, 0xec, 0xed, 0xee, 0xef, 0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xf8, 0xff,
	};
	enum { N = sizeof(set) };

	for (unsigned int i = 0; i < N * N * N * N; i++) {
		const unsigned char text[] = { set[i % N], set[i / N % N], set[i / N / N % N],
					       set[i / N / N / N] };

		for (size_t len = 1; len <= 4; len++) {
			size_t at = 0, want = json_check_sequence(text, text + len);
			int32_t code = text_next((struct str){ (const char *)text, len }, &at);

			ck_assert_msg((code >= 0) == (want > 0) && at == (want ? want : 1),
				      "%02x %02x %02x %02x, %zu bytes", text[0], text[1], text[2],
				      text[3], len);
		}
	}
}
END_TEST

static void check_put(struct str s, unsigned int flags, const char *want)
{
	struct buf b;

	buf_init(&b);
	text_put(&b, s, flags);
	ck_buf(&b, want);
	ck_assert_int_eq(b.error, 0);
	buf_done(&b);
}

START_TEST(test_escaping)
{
	char text[2] = "", want[8];

	for (int c = 0; c < 256; c++) {
		bool plain = c >= 0x20 && c < 0x7f;

		text[0] = (char)c;
		snprintf(want, sizeof(want), plain ? "%c" : "\\x%02x", c);
		check_put((struct str){ text, 1 }, 0, want);
		check_put((struct str){ text, 1 }, TEXT_UTF8, want);
		if (c == ' ' || c == '\\')
			snprintf(want, sizeof(want), "\\x%02x", c);
		check_put((struct str){ text, 1 }, TEXT_RAW, want);
		check_put((struct str){ text, 1 }, TEXT_RAW | TEXT_UTF8, want);
	}
	check_put(STR("/a b\\c"), TEXT_UTF8, "/a b\\c");
	check_put(STR("/a b\\c"), TEXT_RAW, "/a\\x20b\\x5cc");
	check_put(STR("h\xc3\xa9"), TEXT_UTF8, "h\xc3\xa9");
	check_put(STR("h\xc3\xa9"), 0, "h\\xc3\\xa9");
	check_put(STR("\xe6\xbc\xa2\xff"), TEXT_UTF8, "\xe6\xbc\xa2\\xff");
	check_put(STR(""), TEXT_UTF8, "");
}
END_TEST

static size_t encode(char *p, uint32_t code)
{
	if (code < 0x80) {
		p[0] = (char)code;
		return 1;
	}
	if (code < 0x800) {
		p[0] = (char)(0xc0 | code >> 6);
		p[1] = (char)(0x80 | (code & 63));
		return 2;
	}
	if (code < 0x10000) {
		p[0] = (char)(0xe0 | code >> 12);
		p[1] = (char)(0x80 | (code >> 6 & 63));
		p[2] = (char)(0x80 | (code & 63));
		return 3;
	}
	p[0] = (char)(0xf0 | code >> 18);
	p[1] = (char)(0x80 | (code >> 12 & 63));
	p[2] = (char)(0x80 | (code >> 6 & 63));
	p[3] = (char)(0x80 | (code & 63));
	return 4;
}

static bool is_escaped(uint32_t code, unsigned int flags)
{
	char text[4];
	size_t n = encode(text, code);
	struct buf b;
	bool escaped;

	buf_init(&b);
	text_put(&b, (struct str){ text, n }, flags);
	escaped = b.len == 4 * n && b.data[0] == '\\' && b.data[1] == 'x';
	ck_assert_msg(escaped || (b.len == n && memcmp(b.data, text, n) == 0), "U+%04X", code);
	ck_assert_uint_eq(text_width((struct str){ text, n }, flags),
			  escaped ? 4 * n : (size_t)wcwidth((wchar_t)code));
	buf_done(&b);
	return escaped;
}

/* C1 controls; the characters of UAX #9 that change the direction; those that show nothing and
 * so hide a difference; line separators. */
START_TEST(test_hidden)
{
	static const uint32_t hidden[] = {
		0x061c, 0x200e, 0x200f, 0x202a, 0x202b, 0x202c, 0x202d, 0x202e, 0x2066, 0x2067,
		0x2068, 0x2069, 0x00ad, 0x200b, 0x200c, 0x200d, 0x2028, 0x2029, 0x2060, 0x2061,
		0x2062, 0x2063, 0x2064, 0x206a, 0x206f, 0xfeff, 0xe0001, 0xe0020, 0xe007f,
	};

	for (uint32_t c = 0x80; c < 0xa0; c++)
		ck_assert_msg(is_escaped(c, TEXT_UTF8), "U+%04X", c);
	for (size_t i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++)
		ck_assert_msg(is_escaped(hidden[i], TEXT_UTF8), "U+%04X", hidden[i]);
	ck_assert(!is_escaped(0xe9, TEXT_UTF8));
	ck_assert(!is_escaped(0x6f22, TEXT_UTF8));
	ck_assert(!is_escaped(0x1f600, TEXT_UTF8));
	ck_assert(!is_escaped(0x301, TEXT_UTF8));
	ck_assert(is_escaped(0xe9, 0));
}
END_TEST

/* Raw output is split at blanks by other programs, some of which know Unicode's. */
START_TEST(test_raw_has_no_blanks)
{
	static const uint32_t blank[] = {	/* PropList.txt, White_Space */
		0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x20, 0x85, 0xa0, 0x1680, 0x2000, 0x2001, 0x2002,
		0x2003, 0x2004, 0x2005, 0x2006, 0x2007, 0x2008, 0x2009, 0x200a, 0x2028, 0x2029,
		0x202f, 0x205f, 0x3000,
	};

	for (size_t i = 0; i < sizeof(blank) / sizeof(blank[0]); i++)
		ck_assert_msg(is_escaped(blank[i], TEXT_UTF8 | TEXT_RAW), "U+%04X", blank[i]);
}
END_TEST

START_TEST(test_all_characters)
{
	for (uint32_t c = 1; c <= 0x10ffff; c++) {
		if (c >= 0xd800 && c < 0xe000)
			continue;
		/* what the C library has no width for may not reach the terminal */
		if (!is_escaped(c, TEXT_UTF8))
			ck_assert_msg(wcwidth((wchar_t)c) >= 0, "U+%04X", c);
	}
}
END_TEST

/* Raw text can be turned back. */
START_TEST(test_raw_is_reversible)
{
	uint64_t seed = 7;

	for (int round = 0; round < 4000; round++) {
		char text[40], back[40];
		size_t n = unit_below(&seed, sizeof(text)), k = 0;
		unsigned int byte;
		struct buf b;

		for (size_t i = 0; i < n; i++)
			text[i] = (char)(round & 1 ? unit_random(&seed) >> 56 :
					 (uint64_t)" \\ab/x20\n\xc3\xa9"[unit_below(&seed, 11)]);
		buf_init(&b);
		text_put(&b, (struct str){ text, n }, TEXT_RAW | (round & 2 ? TEXT_UTF8 : 0));
		ck_assert_ptr_nonnull(buf_string(&b));
		for (size_t i = 0; i < b.len; k++) {
			if (b.data[i] != '\\') {
				back[k] = b.data[i++];
				continue;
			}
			ck_assert_int_eq(sscanf(b.data + i, "\\x%2x", &byte), 1);
			back[k] = (char)byte;
			i += 4;
		}
		ck_assert_uint_eq(k, n);
		ck_assert(memcmp(back, text, n) == 0);
		buf_done(&b);
	}
}
END_TEST

static void check_cut(const char *text, unsigned int flags, size_t width, enum text_keep keep,
		      const char *want)
{
	struct buf b;
	size_t used;

	buf_init(&b);
	used = text_put_cut(&b, str_of(text), flags, width, keep);
	ck_buf(&b, want);
	ck_assert_uint_le(used, width);
	ck_assert_uint_eq(used, text_width((struct str){ b.data, b.len }, flags & TEXT_UTF8));
	buf_done(&b);
}

START_TEST(test_cutting)
{
	check_cut("abcdef", TEXT_UTF8, 6, TEXT_KEEP_START, "abcdef");
	check_cut("abcdef", TEXT_UTF8, 5, TEXT_KEEP_START, "abcd\u2026");
	check_cut("abcdef", 0, 5, TEXT_KEEP_START, "ab...");
	check_cut("abcdef", 0, 2, TEXT_KEEP_START, "..");
	check_cut("abcdef", TEXT_UTF8, 1, TEXT_KEEP_START, "\u2026");
	check_cut("abcdef", TEXT_UTF8, 0, TEXT_KEEP_START, "");
	check_cut("", TEXT_UTF8, 0, TEXT_KEEP_NAME, "");
	/* of a path the end says more, of anything else the beginning */
	check_cut("/usr/lib/libc.so.6", TEXT_UTF8, 10, TEXT_KEEP_NAME, "\u2026libc.so.6");
	check_cut("/usr/lib/libc.so.6", 0, 10, TEXT_KEEP_NAME, "...bc.so.6");
	check_cut("[anon:something]", TEXT_UTF8, 10, TEXT_KEEP_NAME, "[anon:som\u2026");
	check_cut("/usr/lib/libc.so.6", TEXT_UTF8, 10, TEXT_KEEP_START, "/usr/lib/\u2026");
	/* wide characters are not halved, and an escape is one unit */
	check_cut("\u6f22\u5b57\u6f22", TEXT_UTF8, 4, TEXT_KEEP_START, "\u6f22\u2026");
	check_cut("\u6f22\u5b57\u6f22", TEXT_UTF8, 5, TEXT_KEEP_START, "\u6f22\u5b57\u2026");
	check_cut("/\u6f22\u5b57\u6f22", TEXT_UTF8, 4, TEXT_KEEP_NAME, "\u2026\u6f22");
	check_cut("a\nbcd", TEXT_UTF8, 5, TEXT_KEEP_START, "a\u2026");
	check_cut("a\nbcd", TEXT_UTF8, 6, TEXT_KEEP_START, "a\\x0a\u2026");
	check_cut("/x\nb", TEXT_UTF8, 4, TEXT_KEEP_NAME, "\u2026b");
}
END_TEST

/* Is p..n what is left of text once it is cut at the end, or at the start? */
static void check_part(struct str text, const struct buf *b, unsigned int flags,
		       enum text_keep keep)
{
	const char *dots = flags & TEXT_UTF8 ? "\u2026" : "...";
	size_t n = strlen(dots), left;
	struct buf whole;

	buf_init(&whole);
	text_put(&whole, text, flags);
	if (b->len >= n && keep == TEXT_KEEP_NAME && text.p[0] == '/' &&
	    memcmp(b->data, dots, n) == 0) {
		left = b->len - n;
		ck_assert(left <= whole.len &&
			  memcmp(b->data + n, whole.data + whole.len - left, left) == 0);
	} else if (b->len >= n && memcmp(b->data + b->len - n, dots, n) == 0) {
		left = b->len - n;
		ck_assert(left <= whole.len && memcmp(b->data, whole.data, left) == 0);
	} else {
		for (size_t i = 0; i < b->len; i++)
			ck_assert_int_eq(b->data[i], '.');
	}
	buf_done(&whole);
}

START_TEST(test_cutting_random)
{
	static const char *const piece[] = {
		"a", "/", " ", "\u00e9", "\u6f22", "e\u0301", "\n", "\xff", "\xe6\xbc", "\u202e",
		"\U0001f600", "\\", "libc.so.6", "\u0301",
	};
	uint64_t seed = 8;

	for (int round = 0; round < 8000; round++) {
		unsigned int flags = (unsigned int)round & 3, n = (unsigned int)unit_below(&seed, 12);
		enum text_keep keep = round & 4 ? TEXT_KEEP_NAME : TEXT_KEEP_START;
		size_t width = unit_below(&seed, 30), used, full;
		struct buf text, b;
		struct str s;

		buf_init(&text);
		buf_init(&b);
		buf_puts(&text, round & 8 ? "/" : "");
		while (n--)
			buf_puts(&text, piece[unit_below(&seed, sizeof(piece) / sizeof(piece[0]))]);
		s = (struct str){ buf_string(&text), text.len };
		full = text_width(s, flags);
		text_put(&b, s, flags);
		ck_assert_uint_eq(full, text_width((struct str){ b.data, b.len }, flags & TEXT_UTF8));
		if (full > width) {
			buf_clear(&b);
			used = text_put_cut(&b, s, flags, width, keep);
			ck_assert_uint_le(used, width);
			ck_assert_uint_eq(used, text_width((struct str){ b.data, b.len },
							   flags & TEXT_UTF8));
			check_part(s, &b, flags, keep);
		}
		ck_assert(json_check_utf8(b.data, b.len, false));
		buf_done(&b);
		buf_done(&text);
	}
}
END_TEST

/* Eight bytes are looked at at once: every byte at every place. */
START_TEST(test_plain_at_every_place)
{
	char text[20], want[40];

	for (size_t at = 0; at < sizeof(text); at++)
		for (int c = 0; c < 256; c++) {
			memset(text, '~', sizeof(text));
			text[at] = (char)c;
			snprintf(want, sizeof(want), c >= 0x20 && c < 0x7f ? "%.*s%c%.*s" :
				 "%.*s\\x%02x%.*s", (int)at, "~~~~~~~~~~~~~~~~~~~~", c,
				 (int)(sizeof(text) - 1 - at), "~~~~~~~~~~~~~~~~~~~~");
			check_put((struct str){ text, sizeof(text) }, TEXT_UTF8, want);
		}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("text");

	UNIT_CASE(s, "utf8", test_utf8_table, test_utf8_all);
	UNIT_CASE(s, "escaping", test_escaping, test_hidden, test_all_characters,
		  test_plain_at_every_place);
	UNIT_CASE(s, "raw", test_raw_has_no_blanks, test_raw_is_reversible);
	UNIT_CASE(s, "cutting", test_cutting, test_cutting_random);
	return unit_run(s);
}
