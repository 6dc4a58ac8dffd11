/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What grew since a baseline: of which only what is resident is kept, 24 bytes for a mapping. Pure. */
#ifndef TUI_GROWTH_H
#define TUI_GROWTH_H

#include <stdbool.h>
#include <stdint.h>

#include "model/filter.h"
#include "model/space.h"

struct growth_base {
	uint64_t start, end, resident;	/* bytes; in address order */
};

struct growth {
	VEC(struct growth_base) base;
	bool has_base;
	VEC(int64_t) grown;		/* of each mapping of the space that was compared last */
	int64_t total;			/* resident now, less that of the baseline */
	int64_t gone;			/* of mappings that are no more; 0 or less; part of total */
};

/* Remembers a space whose counters are known. 0 or -ENOMEM. */
int growth_set_base(struct growth *g, const struct space *s);
/*
 * Compares with the baseline. A mapping is the one that it was if it begins where it began, else if
 * it ends where it ended, else if it holds its beginning; so each is counted once, and the growth of
 * all mappings and what is gone add up to the total. 0 or -ENOMEM.
 */
int growth_compare(struct growth *g, const struct space *s);
void growth_done(struct growth *g);

/* The growth of the rows of groups: an element each. 0 or -ENOMEM. */
int growth_of_groups(const struct growth *g, const struct rows *members, enum group_by by,
		     const struct rows *groups, int64_t *out);

#endif
