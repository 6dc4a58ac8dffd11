/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Integers and sizes, to and from text: the hot path's own writers and (pointer, end) scanners. */
#ifndef BASE_NUM_H
#define BASE_NUM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	NUM_MAX_DIGITS = 20,	/* of a uint64_t in decimal */
	NUM_MAX_HEX = 16,
	NUM_MAX_SIZE = 24,	/* of what num_put_size() and num_put_u64() write */
};

/* A number that may be unknown, which is not 0. */
struct maybe {
	bool known;
	uint64_t v;
};

/* Writers: write at p (no NUL), give the end. */
char *num_put_u64(char *p, uint64_t v);
char *num_put_hex(char *p, uint64_t v, unsigned int min_digits);
/*
 * Bytes as a person reads them: binary units, at most four significant digits, exact
 * multiples without a fraction (0, 4K, 1.5M, 128T, 1020K); one decimal below 100 units.
 */
char *num_put_size(char *p, uint64_t bytes);
/* Millionths in percent: "37 %". Only all is 100 %, and only nothing is 0 %: else "99 %", "<1 %". */
char *num_put_percent(char *p, uint64_t millionths);

unsigned int num_digits(uint64_t v);	/* decimal */

/* Scanners: read from *p up to end, move *p behind what they took; false (and *p unmoved)
 * where there is no digit or the number does not fit 64 bits. */
bool num_scan_u64(const char **p, const char *end, uint64_t *v);
bool num_scan_hex(const char **p, const char *end, uint64_t *v);

/* A whole string as typed by a user. False when it is anything else. */
bool num_parse_u64(const char *s, uint64_t *v);
bool num_parse_hex(const char *s, size_t len, uint64_t *v);	/* with or without 0x */
/* Up to end: "2", "0.5", ".5"; at most 9 digits before and behind the point. */
bool num_parse_decimal(const char *s, const char *end, double *v);
/* 4096, 4K, 1.5M, 2GiB: binary units of any case; gives bytes. */
bool num_parse_size(const char *s, uint64_t *bytes);

/* a + b and a * b, or UINT64_MAX where that does not fit. */
static inline uint64_t num_add(uint64_t a, uint64_t b)
{
	uint64_t sum;

	return __builtin_add_overflow(a, b, &sum) ? UINT64_MAX : sum;
}

static inline uint64_t num_mul(uint64_t a, uint64_t b)
{
	uint64_t product;

	return __builtin_mul_overflow(a, b, &product) ? UINT64_MAX : product;
}

#endif
