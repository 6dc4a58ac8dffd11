/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Is this a JSON document (RFC 8259)? Written for the tests alone, from the standard. */
#ifndef TESTS_UNIT_JSON_CHECK_H
#define TESTS_UNIT_JSON_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct json_scan {
	const unsigned char *p, *end;
	unsigned int depth;
};

/* The length of the UTF-8 sequence at p, by the table in Unicode's chapter 3 (3-7); 0: none. */
static inline size_t json_check_sequence(const unsigned char *p, const unsigned char *end)
{
	static const struct {
		unsigned char first, last, low, high;
		size_t n;
	} form[] = {
		{ 0x00, 0x7f, 0, 0, 1 },
		{ 0xc2, 0xdf, 0x80, 0xbf, 2 },
		{ 0xe0, 0xe0, 0xa0, 0xbf, 3 },
		{ 0xe1, 0xec, 0x80, 0xbf, 3 },
		{ 0xed, 0xed, 0x80, 0x9f, 3 },
		{ 0xee, 0xef, 0x80, 0xbf, 3 },
		{ 0xf0, 0xf0, 0x90, 0xbf, 4 },
		{ 0xf1, 0xf3, 0x80, 0xbf, 4 },
		{ 0xf4, 0xf4, 0x80, 0x8f, 4 },
	};

	for (size_t i = 0; i < sizeof(form) / sizeof(form[0]); i++) {
		if (p[0] < form[i].first || p[0] > form[i].last)
			continue;
		if ((size_t)(end - p) < form[i].n)
			return 0;
		if (form[i].n > 1 && (p[1] < form[i].low || p[1] > form[i].high))
			return 0;
		for (size_t k = 2; k < form[i].n; k++)
			if ((p[k] & 0xc0) != 0x80)
				return 0;
		return form[i].n;
	}
	return 0;
}

/* All UTF-8, whatever the characters. */
static inline bool json_check_utf8_any(const char *text, size_t n)
{
	const unsigned char *p = (const unsigned char *)text, *end = n ? p + n : p;

	for (size_t len; p < end; p += len) {
		len = json_check_sequence(p, end);
		if (len == 0)
			return false;
	}
	return true;
}

/* All UTF-8, and no control character (C0, DEL, C1) but, if allowed, the newline. */
static inline bool json_check_utf8(const char *text, size_t n, bool newline)
{
	const unsigned char *p = (const unsigned char *)text, *end = n ? p + n : p;

	while (p < end) {
		size_t len = json_check_sequence(p, end);

		if (len == 0 || *p == 0x7f || (*p < 0x20 && !(newline && *p == '\n')) ||
		    (*p == 0xc2 && p[1] < 0xa0))
			return false;
		p += len;
	}
	return true;
}

static inline void json_check_blank(struct json_scan *s)
{
	while (s->p < s->end && (*s->p == ' ' || *s->p == '\n' || *s->p == '\t' || *s->p == '\r'))
		s->p++;
}

static inline bool json_check_char(struct json_scan *s, char c)
{
	if (s->p >= s->end || *s->p != (unsigned char)c)
		return false;
	s->p++;
	return true;
}

static inline bool json_check_string(struct json_scan *s)
{
	if (!json_check_char(s, '"'))
		return false;
	while (s->p < s->end && *s->p != '"') {
		if (*s->p < 0x20)
			return false;
		if (*s->p++ != '\\')
			continue;
		if (s->p >= s->end || !strchr("\"\\/bfnrtu", *s->p) || !*s->p)
			return false;
		if (*s->p++ != 'u')
			continue;
		for (int i = 0; i < 4; i++, s->p++)
			if (s->p >= s->end || !*s->p || !strchr("0123456789abcdefABCDEF", *s->p))
				return false;
	}
	return json_check_char(s, '"');
}

static inline bool json_check_digits(struct json_scan *s)
{
	const unsigned char *from = s->p;

	while (s->p < s->end && *s->p >= '0' && *s->p <= '9')
		s->p++;
	return s->p > from;
}

static inline bool json_check_number(struct json_scan *s)
{
	json_check_char(s, '-');
	if (!json_check_char(s, '0') && !json_check_digits(s))
		return false;
	if (json_check_char(s, '.') && !json_check_digits(s))
		return false;
	if (json_check_char(s, 'e') || json_check_char(s, 'E')) {
		if (!json_check_char(s, '-'))
			json_check_char(s, '+');
		return json_check_digits(s);
	}
	return true;
}

static inline bool json_check_word(struct json_scan *s, const char *word)
{
	size_t n = strlen(word);

	if ((size_t)(s->end - s->p) < n || memcmp(s->p, word, n) != 0)
		return false;
	s->p += n;
	return true;
}

static inline bool json_check_value(struct json_scan *s);

static inline bool json_check_members(struct json_scan *s, bool keys, char close)
{
	s->p++;
	json_check_blank(s);
	if (json_check_char(s, close))
		return true;
	do {
		json_check_blank(s);
		if (keys) {
			if (!json_check_string(s))
				return false;
			json_check_blank(s);
			if (!json_check_char(s, ':'))
				return false;
		}
		if (!json_check_value(s))
			return false;
	} while (json_check_char(s, ','));
	return json_check_char(s, close);
}

static inline bool json_check_value(struct json_scan *s)
{
	bool ok;

	json_check_blank(s);
	if (s->p >= s->end || ++s->depth > 64)
		return false;
	switch (*s->p) {
	case '{': ok = json_check_members(s, true, '}'); break;
	case '[': ok = json_check_members(s, false, ']'); break;
	case '"': ok = json_check_string(s); break;
	case 't': ok = json_check_word(s, "true"); break;
	case 'f': ok = json_check_word(s, "false"); break;
	case 'n': ok = json_check_word(s, "null"); break;
	default: ok = json_check_number(s); break;
	}
	s->depth--;
	json_check_blank(s);
	return ok;
}

/* A whole document: one value, all UTF-8, nothing that steers a terminal. */
static inline bool json_check(const char *text, size_t n)
{
	struct json_scan s = { (const unsigned char *)text, (const unsigned char *)text + n, 0 };

	return n > 0 && json_check_utf8(text, n, true) && json_check_value(&s) && s.p == s.end;
}

#endif
