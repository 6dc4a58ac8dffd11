/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Changes in the order they are shown, and what is told of each: for text and for JSON. */
#ifndef REPORT_CHANGE_VIEW_H
#define REPORT_CHANGE_VIEW_H

#include "report/change.h"

enum {
	CHANGE_WORDS = 8,
	CHANGE_RATE_SECONDS = 60,	/* what is measured over less tells nothing of an hour */
};

/* "last", "first", "base" */
extern const char *const change_since_key[SINCES];
/* "appeared", ...: the bits of enum change_what, in order. */
extern const char *const change_word[CHANGE_WORDS];

/* The sums are those of the change that was asked for last. */
struct change_view {
	const struct changes *c;
	uint32_t *index;
	size_t n;
	double seconds;
	uint32_t summed;		/* CHANGE_NONE: none yet */
	struct vma vma[CHANGE_SIDES];
	struct counters_sum sum[CHANGE_SIDES];
	struct counters counters[CHANGE_SIDES];
	struct buf text;		/* of words that are made */
};

/* All that is not as it was; growers: only what gained memory, or size where that is not known.
 * Most gained first, most lost last. seconds: 0: not known. 0 or -ENOMEM; change_view_done() may
 * follow either way. */
int change_view_init(struct change_view *v, const struct changes *c, double seconds, bool growers);
void change_view_done(struct change_view *v);

const struct change *change_view_at(const struct change_view *v, size_t row);

/* data, with the sums of this row. */
struct change_view *change_view_sum(const void *data, size_t row);

/* Leaves the so many rows that gained or lost most memory, in the order they have. What is left out is
 * counted, with the bytes that it gained; unknown if those of one are. 0 or -ENOMEM. */
int change_view_cut(struct change_view *v, size_t max, size_t *left, struct change_amount *gained);

/* The difference in a column of mappings, over all members; memory per hour, which is known only of what
 * was measured for a minute. */
struct change_amount change_view_amount(const void *data, size_t row, const struct column *c);
struct change_amount change_view_per_hour(const struct change_view *v, size_t row);

/* Where it is; or was, if it is no more. */
int change_shown_side(const struct change *one);

/* Getter: the object that the members belong to. */
bool change_get_object(const void *data, size_t row, const struct column *c, struct value *v);

/* Is a column of mappings one whose differences mean something: a sum of bytes from maps or smaps? */
bool change_is_amount(const struct column *c);

#endif
