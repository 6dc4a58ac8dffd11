/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers and sizes against the C library's own, and against arithmetic in long double. */
#include "config.h"

#include "base/num.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "unit.h"

enum { ROUNDS = 20000 };

static const uint64_t edges[] = {
	0, 1, 9, 10, 15, 16, 99, 100, 255, 256, 999, 1000, 1023, 1024, 1025, 4095, 4096, 65535, 65536,
	UINT32_MAX, UINT64_C(1) << 32, UINT64_C(9999999999), UINT64_C(0x7fffffffffffffff),
	UINT64_C(0x8000000000000000), UINT64_C(9999999999999999999),
	UINT64_C(10000000000000000000), UINT64_MAX - 1, UINT64_MAX,
};

enum { EDGES = sizeof(edges) / sizeof(edges[0]) };

static void check_writers(uint64_t v)
{
	static const unsigned int width[] = { 0, 1, 2, 8, 12, 16 };
	char got[64], want[64];

	snprintf(want, sizeof(want), "%" PRIu64, v);
	ck_bytes(got, (size_t)(num_put_u64(got, v) - got), want);
	ck_assert_uint_eq(num_digits(v), strlen(want));
	for (size_t i = 0; i < sizeof(width) / sizeof(width[0]); i++) {
		snprintf(want, sizeof(want), "%0*" PRIx64, (int)width[i], v);
		ck_bytes(got, (size_t)(num_put_hex(got, v, width[i]) - got), want);
	}
}

START_TEST(test_writers)
{
	uint64_t seed = 1;

	for (size_t i = 0; i < EDGES; i++)
		check_writers(edges[i]);
	for (int i = 0; i < ROUNDS; i++)
		check_writers(unit_number(&seed));
}
END_TEST

/* strtoull() takes blanks and signs, which a scanner of kernel files must not. */
static void check_scanner(const char *text, int base)
{
	const char *p = text, *end = text + strlen(text);
	char first = text[0], *stop;
	bool digit = (first >= '0' && first <= '9') ||
		     (base == 16 && ((first >= 'a' && first <= 'f') || (first >= 'A' && first <= 'F')));
	uint64_t v = 77, want;
	bool ok;

	errno = 0;
	want = strtoull(text, &stop, base);
	ok = base == 16 ? num_scan_hex(&p, end, &v) : num_scan_u64(&p, end, &v);
	if (base == 16 && first == '0' && (text[1] == 'x' || text[1] == 'X')) {
		want = 0;	/* no prefix here: it stops at the x */
		stop = (char *)text + 1;
		errno = 0;
	}
	ck_assert_msg(ok == (digit && errno != ERANGE), "%s in base %d", text, base);
	if (ok) {
		ck_assert_uint_eq(v, want);
		ck_assert_ptr_eq(p, stop);
	} else {
		ck_assert_ptr_eq(p, text);
	}
}

START_TEST(test_scanners)
{
	static const char *const odd[] = {
		"", " 1", "-1", "+1", "0x10", "0X1", "1x", "12 kB", "g", "G", "fg", "FF", "fF0:",
		"18446744073709551615", "18446744073709551616", "18446744073709551620",
		"99999999999999999999", "184467440737095516150", "00000000000000000000000012",
		"ffffffffffffffff", "10000000000000000", "0000000000000000000ffffffffffffffff",
		"\x80", "/", ":", "@", "`", "1\n", "\xb2", "7fffffffffffffff-",
	};
	char text[64];
	uint64_t seed = 2;

	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		check_scanner(odd[i], 10);
		check_scanner(odd[i], 16);
	}
	for (int i = 0; i < ROUNDS; i++) {
		uint64_t v = unit_number(&seed);

		snprintf(text, sizeof(text), "%" PRIu64 "%s", v, i & 1 ? " kB" : "");
		check_scanner(text, 10);
		snprintf(text, sizeof(text), i & 2 ? "%" PRIX64 "-" : "%" PRIx64, v);
		check_scanner(text, 16);
		/* 20 random digits: about half do not fit */
		snprintf(text, sizeof(text), "%" PRIu64 "%010" PRIu64, unit_below(&seed, 3000000000u),
			 unit_below(&seed, 10000000000u));
		check_scanner(text, 10);
	}
}
END_TEST

START_TEST(test_scanners_stop_at_the_end)
{
	static const char text[] = "123456";
	const char *p = text;
	uint64_t v;

	ck_assert(num_scan_u64(&p, text + 3, &v) && v == 123 && p == text + 3);
	p = text;
	ck_assert(num_scan_hex(&p, text + 2, &v) && v == 0x12 && p == text + 2);
	p = text;
	ck_assert(!num_scan_u64(&p, text, &v) && p == text);
	ck_assert(!num_scan_hex(&p, text, &v) && p == text);
}
END_TEST

/* What num_put_size() wrote, as a number of bytes. */
static long double size_of_text(const char *text, size_t *digits, bool *fraction, char *unit)
{
	char *stop;
	long double v = strtold(text, &stop);
	const char *u = *stop ? strchr("KMGTPE", *stop) : NULL;

	*digits = 0;
	*fraction = false;
	for (const char *p = text; p < stop; p++) {
		*digits += *p >= '0' && *p <= '9';
		*fraction |= *p == '.';
	}
	*unit = *stop;
	ck_assert_msg(!*stop || (u && !stop[1]), "%s", text);
	for (long i = u ? u - "KMGTPE" + 1 : 0; i > 0; i--)
		v *= 1024;
	return v;
}

static long double check_size(uint64_t bytes)
{
	char text[NUM_MAX_SIZE + 1], unit;
	size_t digits;
	bool fraction;
	long double got, ulp = 1;
	uint64_t one = 1;

	*num_put_size(text, bytes) = '\0';
	got = size_of_text(text, &digits, &fraction, &unit);
	ck_assert_msg(digits <= 4, "%" PRIu64 " is %s: too many digits", bytes, text);
	ck_assert_msg(!strstr(text, "1024"), "%" PRIu64 " is %s", bytes, text);
	for (const char *u = "KMGTPE"; unit && *u; u++) {
		one *= 1024;
		if (*u == unit)
			break;
	}
	ck_assert_msg(unit || bytes < 1024, "%" PRIu64 " is %s", bytes, text);
	/* exact multiples have no fraction, and fractions are for what is none */
	if (unit && bytes % one == 0)
		ck_assert_msg(!fraction && got == (long double)bytes, "%" PRIu64 " is %s", bytes, text);
	if (unit && bytes % one && bytes / one < 99)
		ck_assert_msg(fraction, "%" PRIu64 " is %s: looks exact", bytes, text);
	ulp = fraction ? (long double)one / 10 : (long double)one;
	if (!unit)
		ulp = 0;
	/* within half of the last digit; a little more, for it is cut at 1/1024 first. 1.0 of a
	 * unit may also stand for 1023.5 of the one below. */
	ck_assert_msg(got - (long double)bytes <= ulp * 0.52L &&
		      (long double)bytes - got <= ulp * 0.52L, "%" PRIu64 " is %s", bytes, text);
	return got;
}

START_TEST(test_size)
{
	static const struct { uint64_t bytes; const char *want; } known[] = {
		{ 0, "0" }, { 1, "1" }, { 1023, "1023" }, { 1024, "1K" }, { 4096, "4K" },
		{ 1536, "1.5K" }, { 1044480, "1020K" }, { 1047552, "1023K" },
		{ 1048575, "1.0M" }, { 1048576, "1M" }, { 1572864, "1.5M" },
		{ 132 * 1024, "132K" }, { UINT64_C(1) << 47, "128T" },
		{ (UINT64_C(1) << 47) - 4096, "128T" }, { UINT64_C(1) << 63, "8E" },
		{ UINT64_MAX, "16.0E" },
	};
	char text[NUM_MAX_SIZE + 1];

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		*num_put_size(text, known[i].bytes) = '\0';
		ck_assert_str_eq(text, known[i].want);
	}
}
END_TEST

START_TEST(test_size_is_near)
{
	uint64_t seed = 3;

	for (size_t i = 0; i < EDGES; i++)
		check_size(edges[i]);
	for (unsigned int shift = 9; shift < 64; shift++)
		for (uint64_t d = 0; d < 3000; d++) {
			check_size((UINT64_C(1) << shift) + d);
			check_size((UINT64_C(1) << shift) - d % (UINT64_C(1) << (shift - 1)));
		}
	for (int i = 0; i < ROUNDS; i++)
		check_size(unit_number(&seed));
}
END_TEST

START_TEST(test_size_is_monotonic)
{
	long double before = -1;
	uint64_t v = 0;

	for (; v < 3 * 1024 * 1024; v += 7) {
		long double now = check_size(v);

		ck_assert_msg(now >= before, "%" PRIu64 " shows less than the one before", v);
		before = now;
	}
	for (; v < UINT64_MAX - v / 1000; v += v / 1000) {
		long double now = check_size(v);

		ck_assert_msg(now >= before, "%" PRIu64 " shows less than the one before", v);
		before = now;
	}
}
END_TEST

START_TEST(test_parse_size)
{
	static const struct { const char *text; bool ok; uint64_t want; } known[] = {
		{ "0", true, 0 }, { "4096", true, 4096 }, { "4K", true, 4096 },
		{ "4k", true, 4096 }, { "4KB", true, 4096 }, { "4kb", true, 4096 },
		{ "4KiB", true, 4096 }, { "4kib", true, 4096 }, { "1.5M", true, 1572864 },
		{ "2GiB", true, UINT64_C(1) << 31 }, { "2GIB", true, UINT64_C(1) << 31 },
		{ "2gIb", true, UINT64_C(1) << 31 },
		{ "0.5K", true, 512 }, { "1T", true, UINT64_C(1) << 40 },
		{ "1P", true, UINT64_C(1) << 50 }, { "15E", true, UINT64_C(15) << 60 },
		{ "12B", true, 12 }, { "12b", true, 12 }, { "1.25G", true, UINT64_C(5) << 28 },
		{ "18446744073709551614", true, UINT64_MAX - 1 },
		{ "0.000001E", true, 1152921504606 },
		{ "", false, 0 }, { "K", false, 0 }, { ".5K", false, 0 }, { "1.", false, 0 },
		{ "1.K", false, 0 }, { "-1", false, 0 }, { "+1", false, 0 }, { " 1", false, 0 },
		{ "1 ", false, 0 }, { "1 K", false, 0 }, { "1X", false, 0 }, { "1KK", false, 0 },
		{ "1KiBx", false, 0 }, { "1iB", false, 0 }, { "0x10", false, 0 },
		{ "1.5.5K", false, 0 }, { "16E", false, 0 }, { "17179869184G", false, 0 },
		{ "99999999999999999999", false, 0 }, { "18446744073709551616", false, 0 },
		{ "1e3", false, 0 }, { "\xb5", false, 0 }, { "1\xcb", false, 0 },
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		uint64_t v = 0;
		bool ok = num_parse_size(known[i].text, &v);

		ck_assert_msg(ok == known[i].ok, "%s", known[i].text);
		if (ok)
			ck_assert_msg(v == known[i].want, "%s is %" PRIu64 ", not %" PRIu64,
				      known[i].text, v, known[i].want);
	}
}
END_TEST

START_TEST(test_parse_size_again)
{
	uint64_t seed = 4;

	for (int i = 0; i < ROUNDS; i++) {
		uint64_t n = unit_number(&seed) >> 20, v;
		unsigned int unit = (unsigned int)unit_below(&seed, 3);
		char text[64];

		snprintf(text, sizeof(text), "%" PRIu64 "%c", n, "KMG"[unit]);
		ck_assert(num_parse_size(text, &v) ==
			  (n <= UINT64_MAX >> (10 * (unit + 1))));
		if (n <= UINT64_MAX >> (10 * (unit + 1)))
			ck_assert_uint_eq(v, n << (10 * (unit + 1)));
	}
}
END_TEST

START_TEST(test_parse_whole)
{
	uint64_t v;

	ck_assert(num_parse_u64("42", &v) && v == 42);
	ck_assert(!num_parse_u64("", &v));
	ck_assert(!num_parse_u64("42 ", &v));
	ck_assert(!num_parse_u64("-42", &v));
	ck_assert(num_parse_hex("0x7f", 4, &v) && v == 0x7f);
	ck_assert(num_parse_hex("0XfF", 4, &v) && v == 0xff);
	ck_assert(num_parse_hex("7f", 2, &v) && v == 0x7f);
	ck_assert(num_parse_hex("7f", 1, &v) && v == 7);
	ck_assert(num_parse_hex("0", 1, &v) && v == 0);
	ck_assert(!num_parse_hex("0x", 2, &v));
	ck_assert(!num_parse_hex("", 0, &v));
	ck_assert(!num_parse_hex("7fg", 3, &v));
	ck_assert(!num_parse_hex("0x0x1", 5, &v));
}
END_TEST

START_TEST(test_saturation)
{
	uint64_t seed = 5;

	ck_assert_uint_eq(num_add(UINT64_MAX, 1), UINT64_MAX);
	ck_assert_uint_eq(num_mul(UINT64_C(1) << 32, UINT64_C(1) << 32), UINT64_MAX);
	for (int i = 0; i < ROUNDS; i++) {
		uint64_t a = unit_number(&seed), b = unit_number(&seed);
		unsigned __int128 sum = (unsigned __int128)a + b, product = (unsigned __int128)a * b;

		ck_assert_uint_eq(num_add(a, b), sum > UINT64_MAX ? UINT64_MAX : (uint64_t)sum);
		ck_assert_uint_eq(num_mul(a, b), product > UINT64_MAX ? UINT64_MAX : (uint64_t)product);
	}
}
END_TEST

static bool decimal(const char *text, double *v)
{
	return num_parse_decimal(text, text + strlen(text), v);
}

START_TEST(test_percent)
{
	static const struct {
		uint64_t millionths;
		const char *want;
	} t[] = {
		{ 0, "0 %" }, { 1, "<1 %" }, { 9999, "<1 %" }, { 10000, "1 %" }, { 14999, "1 %" }, { 15000, "2 %" },
		{ 365000, "37 %" }, { 989999, "99 %" }, { 994999, "99 %" }, { 999999, "99 %" }, { 1000000, "100 %" },
		{ 1020000, "102 %" },
	};
	char text[NUM_MAX_SIZE];

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		*num_put_percent(text, t[i].millionths) = '\0';
		ck_assert_str_eq(text, t[i].want);
	}
}
END_TEST

START_TEST(test_parse_decimal)
{
	static const char *const wrong[] = { "", ".", "-1", "+1", "1.2.3", "1e3", " 1", "1 ", "0x1",
					     "12345678901", "nan", "inf" };
	const char *part = "2.5,10%";
	double v;

	ck_assert(decimal("0", &v) && v == 0);
	ck_assert(decimal("2", &v) && v == 2);
	ck_assert(decimal("0.5", &v) && v == 0.5);
	ck_assert(decimal(".25", &v) && v > 0.2499 && v < 0.2501);
	ck_assert(decimal("3.", &v) && v == 3);
	ck_assert(decimal("123456789.5", &v) && v == 123456789.5);
	ck_assert(num_parse_decimal(part, part + 3, &v) && v == 2.5);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		ck_assert_msg(!decimal(wrong[i], &v), "%s", wrong[i]);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("num");

	UNIT_CASE(s, "writers", test_writers);
	UNIT_CASE(s, "scanners", test_scanners, test_scanners_stop_at_the_end, test_parse_whole);
	UNIT_CASE(s, "sizes", test_size, test_size_is_near, test_size_is_monotonic, test_percent);
	UNIT_CASE(s, "parse", test_parse_size, test_parse_size_again);
	UNIT_CASE(s, "saturation", test_saturation);
	UNIT_CASE(s, "decimal", test_parse_decimal);
	return unit_run(s);
}
