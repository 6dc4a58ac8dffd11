/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Integers and sizes, to and from text: the hot path's own writers and (pointer, end) scanners. */
#include "config.h"

#include "base/num.h"

#include <string.h>

static const char num_units[] = "KMGTPE";

unsigned int num_digits(uint64_t v)
{
	unsigned int n = 1;

	for (; v >= 1000; v /= 1000)
		n += 3;
	return n + (v >= 10) + (v >= 100);
}

char *num_put_u64(char *p, uint64_t v)
{
	char *end, *to;

	if (v < 10) {		/* most counters are 0 */
		*p = (char)('0' + v);
		return p + 1;
	}
	end = p + num_digits(v);
	for (to = end; to > p; v /= 10)
		*--to = (char)('0' + v % 10);
	return end;
}

char *num_put_hex(char *p, uint64_t v, unsigned int min_digits)
{
	unsigned int n = v ? (unsigned int)(67 - __builtin_clzll(v)) / 4 : 1;

	if (n < min_digits)
		n = min_digits;
	for (char *to = p + n; to > p; v >>= 4)
		*--to = "0123456789abcdef"[v & 15];
	return p + n;
}

char *num_put_size(char *p, uint64_t bytes)
{
	unsigned int unit = 0, shift;
	uint64_t tenths, whole;

	if (bytes < 1024)
		return num_put_u64(p, bytes);
	while (unit < 5 && bytes >> (10 * (unit + 2)))
		unit++;
	shift = 10 * (unit + 1);
	tenths = ((bytes >> (shift - 10)) * 10 + 512) >> 10;
	whole = ((bytes >> (shift - 1)) + 1) >> 1;
	if (whole == 1024) {	/* 1023.7M: the next unit up, and not exactly one of it */
		whole = 1;
		tenths = 10;
		unit++;
	}
	if ((bytes & ((UINT64_C(1) << shift) - 1)) != 0 && tenths < 1000) {
		p = num_put_u64(p, tenths / 10);
		*p++ = '.';
		*p++ = (char)('0' + tenths % 10);
	} else {
		p = num_put_u64(p, whole);
	}
	*p++ = num_units[unit];
	return p;
}

char *num_put_percent(char *p, uint64_t millionths)
{
	uint64_t percent = (millionths + 5000) / 10000;

	if (millionths && millionths < 10000) {
		*p++ = '<';
		percent = 1;
	} else if (percent == 100 && millionths < 1000000) {
		percent = 99;
	}
	p = num_put_u64(p, percent);
	return (char *)memcpy(p, " %", 2) + 2;
}

bool num_scan_u64(const char **p, const char *end, uint64_t *v)
{
	const char *s = *p;
	uint64_t n = 0;

	for (; s < end && *s >= '0' && *s <= '9'; s++) {
		unsigned int digit = (unsigned int)(*s - '0');

		if (n > UINT64_MAX / 10 || n * 10 > UINT64_MAX - digit)
			return false;
		n = n * 10 + digit;
	}
	if (s == *p)
		return false;
	*p = s;
	*v = n;
	return true;
}

/* A hexadecimal digit's value, or -1. */
static const signed char hex_value[256] = {
#define NO4 -1, -1, -1, -1
#define NO16 NO4, NO4, NO4, NO4
	NO16, NO16, NO16,
	0, 1, 2, 3, 4, 5, 6, 7, 8, 9, -1, -1, NO4,
	-1, 10, 11, 12, 13, 14, 15, -1, NO4, NO4, NO16,
	-1, 10, 11, 12, 13, 14, 15, -1, NO4, NO4, NO16,
	NO16, NO16, NO16, NO16, NO16, NO16, NO16, NO16,
#undef NO16
#undef NO4
};

bool num_scan_hex(const char **p, const char *end, uint64_t *v)
{
	const char *s = *p, *first;
	uint64_t n = 0;
	int digit;

	for (first = s; s < end && (digit = hex_value[(unsigned char)*s]) >= 0; s++)
		n = n << 4 | (unsigned int)digit;
	if (s == first)
		return false;
	while (s - first > NUM_MAX_HEX && *first == '0')
		first++;
	if (s - first > NUM_MAX_HEX)
		return false;
	*p = s;
	*v = n;
	return true;
}

bool num_parse_u64(const char *s, uint64_t *v)
{
	const char *end = s + strlen(s);

	return num_scan_u64(&s, end, v) && s == end;
}

bool num_parse_hex(const char *s, size_t len, uint64_t *v)
{
	const char *end = s + len;

	if (len > 2 && s[0] == '0' && (s[1] | 0x20) == 'x')
		s += 2;
	return num_scan_hex(&s, end, v) && s == end;
}

bool num_parse_size(const char *s, uint64_t *bytes)
{
	const char *end = s + strlen(s);
	uint64_t whole, unit = 1, part = 0, scale = 1;

	if (!num_scan_u64(&s, end, &whole))
		return false;
	if (*s == '.') {
		s++;
		if (*s < '0' || *s > '9')
			return false;
		for (; *s >= '0' && *s <= '9'; s++) {
			if (scale < 1000000) {
				part = part * 10 + (unsigned int)(*s - '0');
				scale *= 10;
			}
		}
	}
	if (*s) {
		const char *u = memchr(num_units, *s & ~0x20, sizeof(num_units) - 1);

		if (u) {
			unit <<= 10 * (u - num_units + 1);
			s++;
			if (*s == 'i' || *s == 'I')
				s++;
		}
		if (*s == 'B' || *s == 'b')
			s++;
	}
	*bytes = num_add(num_mul(whole, unit), unit / scale * part + unit % scale * part / scale);
	return *s == '\0' && *bytes != UINT64_MAX;
}

bool num_parse_decimal(const char *s, const char *end, double *v)
{
	enum { MAX_DIGITS = 9 };
	unsigned int digits = 0;
	double unit = 1;
	bool point = false;

	*v = 0;
	for (; s < end; s++) {
		if (*s == '.' && !point) {
			point = true;
			digits = digits ? 1 : 0;
			continue;
		}
		if (*s < '0' || *s > '9' || ++digits > MAX_DIGITS + 1)
			return false;
		if (point)
			unit /= 10;
		*v = point ? *v + (*s - '0') * unit : *v * 10 + (*s - '0');
	}
	return digits > 0;
}
