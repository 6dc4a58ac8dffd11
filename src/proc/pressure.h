/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * /proc/pressure/memory: pressure stall information (PSI), how much time was lost waiting for
 * memory. Documentation/accounting/psi.rst, since 4.20; missing if it is off at boot.
 */
#ifndef PROC_PRESSURE_H
#define PROC_PRESSURE_H

#include <stddef.h>

#include "base/num.h"

enum { PRESSURE_AVERAGES = 3 };		/* over the last 10, 60 and 300 seconds */

struct pressure_line {
	struct maybe average[PRESSURE_AVERAGES];	/* hundredths of a percent of the time */
	struct maybe total;				/* microseconds since boot */
};

struct pressure {
	struct pressure_line some;	/* at least one task waited */
	struct pressure_line full;	/* all that could have run did */
};

/* What is not there stays unknown. */
void pressure_parse(const char *text, size_t len, struct pressure *out);

#endif
