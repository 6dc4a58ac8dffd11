/* SPDX-License-Identifier: GPL-3.0-or-later */
/* --numa: memory policies, and on which memory nodes the pages lie. */
#ifndef REPORT_NUMA_H
#define REPORT_NUMA_H

#include "base/buf.h"
#include "model/filter.h"
#include "model/numa.h"
#include "report/column.h"
#include "report/json.h"
#include "report/style.h"

/* What is known of a row; NULL: nothing. */
static inline const struct numa_entry *numa_row(const struct rows *r, size_t row)
{
	const struct numa_entry *e = r->numa ? &r->numa->entry.v[r->index[row]] : NULL;

	return e && e->known ? e : NULL;
}

static inline bool numa_take(struct maybe m, struct value *v)
{
	v->n = m.v;
	return m.known;
}

/* For columns of rows that have a numa; unknown in others. */
enum numa_amount { NUMA_LOCAL, NUMA_REMOTE };	/* column.counter of numa_get_bytes() */
bool numa_get_bytes(const void *data, size_t row, const struct column *c, struct value *v);
bool numa_get_policy(const void *data, size_t row, const struct column *c, struct value *v);
bool numa_get_nodes(const void *data, size_t row, const struct column *c, struct value *v);

/* A VALUE_NODES, to b unless that is NULL; gives its columns. Text: "N0=4M N1=12K", of more than
 * four nodes the four that have most; raw: all of them in one word. */
size_t numa_put_nodes(struct buf *b, const struct style *s, const struct value *v);
/* [{"node":0,"bytes":4096}, ...] */
void numa_nodes_json(struct json *j, const char *key, const struct value *v);

/* The member "numa" of each mapping. */
extern const struct column numa_json_column;

/* What is shown. All rows have a numa. */
struct numa_view {
	const struct rows *mappings;	/* those that pass the filter: the totals are of them */
	const struct rows *rows;	/* the same, sorted, or in groups */
	const struct rows *total;	/* one row: their sum */
	enum group_by group;
};

/* Both: 0 or -ENOMEM. */
int numa_text(struct buf *b, const struct style *s, const struct numa_view *view);
/* The member "numa" of the process. */
int numa_json(struct json *j, const struct numa_view *view);

#endif
