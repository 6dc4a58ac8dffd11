/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which mappings are shown, in which order, and what joins into one row. */
#ifndef MODEL_FILTER_H
#define MODEL_FILTER_H

#include <regex.h>
#include <stdbool.h>
#include <stdint.h>

#include "model/census.h"
#include "model/numa.h"
#include "model/space.h"

struct filter {
	uint32_t kinds;			/* bit per enum kind; 0: all */
	const regex_t *regex;		/* on the path or object; NULL: all */
	bool has_range;
	uint64_t range_low, range_last;	/* a mapping that has any byte of it */
	char perms[5];			/* see filter_set_perms(); "": all */
	uint64_t min_resident;		/* bytes */
};

static inline bool filter_is_active(const struct filter *f)
{
	return f->kinds || f->regex || f->has_range || f->perms[0] || f->min_resident;
}

/* Arguments as typed. Each gives false for what it can't make sense of. */
/* "heap,stack"; *problem is the word that is no kind. */
bool filter_set_kinds(struct filter *f, const char *list, struct str *problem);
/* LOW, LOW-HIGH or LOW,HIGH in hexadecimal, with or without 0x; HIGH is exclusive. */
bool filter_set_range(struct filter *f, const char *text);
/*
 * Letters of rwxps that a mapping must all have ("wx"), or four places as in maps with - for
 * "not set" and ? for either ("r-xp", "rw??").
 */
bool filter_set_perms(struct filter *f, const char *text);

/* Keeps the rows that pass; an unknown resident size is below any minimum. 0 or -ENOMEM. */
int rows_filter(struct rows *r, const struct filter *f);

enum group_by { GROUP_NONE, GROUP_KIND, GROUP_OBJECT, GROUP_PERMS };

/* A row for each group, in order of the first member's address (kinds: their own order). */
struct groups {
	VEC(struct vma) vma;
	VEC(struct counters_sum) sum;
	VEC(struct counters) counters;	/* the sums, as rows have them */
	VEC(struct census_sum) pages;	/* if the rows have a census */
	VEC(struct census) census;
	struct numa numa;		/* if the rows have one */
	struct rows rows;
	bool with_counters;
};

/* 0 or -ENOMEM; groups_done() may follow either way. out must stay where it is. */
int groups_make(const struct rows *r, enum group_by by, struct groups *out);
/* One more row: the sum of all (kind KINDS). 0 or -ENOMEM. */
int groups_add_total(struct groups *g);
void groups_done(struct groups *g);

#endif
