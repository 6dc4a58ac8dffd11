/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What changed since a baseline, for the rows of the map: told by model/change, as --watch does. Pure. */
#ifndef TUI_GROWTH_H
#define TUI_GROWTH_H

#include <stdbool.h>
#include <stdint.h>

#include "model/filter.h"
#include "model/space.h"

struct growth {
	struct space base;		/* owned, unless shared */
	bool has_base;
	bool shared;			/* the baseline is the space that was compared last */
	VEC(int64_t) grown;		/* of each mapping of that, bytes resident and swapped */
	int64_t total;			/* now, less the baseline */
	int64_t gone;			/* of mappings that are no more; part of total */
};

/* The space is the baseline from now on. It stays the caller's, who lets growth_keep() have it before
 * it is freed. 0 or -ENOMEM. */
int growth_set_base(struct growth *g, const struct space *s);
/* The space that was compared last is about to be freed: takes it over if it is the baseline, and
 * leaves zeros. */
void growth_keep(struct growth *g, struct space *old);
/*
 * Compares with the baseline. Of mappings that became several, the first has what changed; so each is
 * counted once, and the growth of all mappings and what is gone add up to the total. 0 or -ENOMEM.
 */
int growth_compare(struct growth *g, const struct space *s);
void growth_done(struct growth *g);

/* Of the rows of groups, an element each: what belongs to the group now, less what did at the
 * baseline, among the mappings that pass the filter. members are those of now. 0 or -ENOMEM. */
int growth_of_groups(const struct growth *g, const struct rows *members,
		     const struct filter *filter, enum group_by by, const struct rows *groups,
		     int64_t *out);

#endif
