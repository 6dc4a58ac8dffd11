/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The time that passes. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <time.h>

/* Seconds since some moment, of a clock that nobody sets (CLOCK_MONOTONIC). */
static inline double clock_seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

#endif
