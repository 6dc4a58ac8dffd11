/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What all unit tests share: a main, strings, and repeatable random numbers. */
#ifndef TESTS_UNIT_UNIT_H
#define TESTS_UNIT_UNIT_H

#include <check.h>
#include <locale.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"

enum { UNIT_SECONDS = 120 };

/* Check notes in a file each assertion that holds: most of the time of those made a million times. */
#undef ck_assert_msg
#define ck_assert_msg(expr, ...) do { if (!(expr)) ck_abort_msg(__VA_ARGS__); } while (0)
#undef ck_assert
#define ck_assert(expr) ck_assert_msg(expr, "Assertion '%s' failed", #expr)

/* A buffer's or a string's bytes against a C string. */
#define ck_bytes(p, len, want) \
	do { \
		const char *want_ = (want); \
		size_t len_ = (len); \
		ck_assert_msg(len_ == strlen(want_) && \
			      (len_ == 0 || memcmp((p), want_, len_) == 0), \
			      "'%.*s' instead of '%s'", (int)len_, len_ ? (p) : "", want_); \
	} while (0)

#define ck_str(s, want) \
	do { \
		struct str str_ = (s); \
		ck_bytes(str_.p, str_.len, (want)); \
	} while (0)

#define ck_buf(b, want) ck_bytes((b)->data, (b)->len, (want))

/* xorshift64*: the same numbers everywhere and every time. */
static inline uint64_t unit_random(uint64_t *seed)
{
	*seed ^= *seed >> 12;
	*seed ^= *seed << 25;
	*seed ^= *seed >> 27;
	return *seed * UINT64_C(0x2545f4914f6cdd1d);
}

static inline uint64_t unit_below(uint64_t *seed, uint64_t n)
{
	return (unit_random(seed) >> 11) % n;
}

/* Numbers of every length, edges of powers of two and ten among them. */
static inline uint64_t unit_number(uint64_t *seed)
{
	static const uint64_t tens[] = { 9, 10, 99, 100, 999, 1000, 9999, 10000, 1000000000,
					 UINT64_C(10000000000000000000) };
	unsigned int shift = (unsigned int)unit_below(seed, 64);

	switch (unit_below(seed, 4)) {
	case 0: return (UINT64_C(1) << shift) + unit_below(seed, 3) - 1;
	case 1: return tens[unit_below(seed, 10)] + unit_below(seed, 3) - 1;
	default: return unit_random(seed) >> shift;
	}
}

/* Runs a suite as the program that it is. */
static inline int unit_run(Suite *suite)
{
	SRunner *runner = srunner_create(suite);
	int failed;

	setlocale(LC_CTYPE, "C.UTF-8");
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* A test case of its own for each list of tests, so that a failure says where. */
#define UNIT_CASE(suite, name, ...) \
	do { \
		const TTest *const tests_[] = { __VA_ARGS__ }; \
		TCase *case_ = tcase_create(name); \
		tcase_set_timeout(case_, UNIT_SECONDS); \
		for (size_t i_ = 0; i_ < sizeof(tests_) / sizeof(tests_[0]); i_++) \
			tcase_add_test(case_, tests_[i_]); \
		suite_add_tcase((suite), case_); \
	} while (0)

#endif
