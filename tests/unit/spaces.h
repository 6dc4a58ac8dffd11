/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Address spaces made by hand, from text as smaps has it. */
#ifndef TESTS_UNIT_SPACES_H
#define TESTS_UNIT_SPACES_H

#include "model/classify.h"
#include "model/space.h"
#include "unit.h"

struct spaces_taker {
	struct space *space;
	bool counters;
};

static inline int spaces_take(void *ctx, const struct smaps_record *r)
{
	struct spaces_taker *t = ctx;

	return space_add(t->space, r, t->counters);
}

static inline void space_from(struct space *s, struct str text, bool counters)
{
	struct spaces_taker taker = { s, counters };
	struct smaps_parser p;

	ck_assert_int_eq(space_init(s), 0);
	smaps_parser_init(&p, &s->flags, spaces_take, &taker);
	ck_assert_int_eq(smaps_parse(&p, text.p, text.len), 0);
	ck_assert_int_eq(smaps_finish(&p), 0);
	smaps_parser_done(&p);
}

/* "1000-2000 rw-p 00000000 00:00 0 [heap]": one blank before a name will do. */
static inline void space_of_maps(struct space *s, const char *maps)
{
	space_from(s, str_of(maps), false);
}

static inline void space_of_smaps(struct space *s, const char *smaps)
{
	space_from(s, str_of(smaps), true);
}

#endif
