/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Small tables made row by row: a few words and a few numbers in each. */
#ifndef REPORT_FACTS_H
#define REPORT_FACTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/vec.h"
#include "report/column.h"
#include "report/style.h"

enum { FACTS_TEXTS = 2, FACTS_NUMBERS = 12 };

struct facts_row {
	struct str text[FACTS_TEXTS];
	uint64_t n[FACTS_NUMBERS];
	uint32_t unknown;		/* bit per number: shown as "-" */
	uint64_t bar, of;
};

struct facts {
	VEC(struct facts_row) row;
	struct arena text;		/* of words that are made */
	bool failed;			/* out of memory */
};

/* Getters; column.counter is which text or number. */
bool facts_get_text(const void *data, size_t row, const struct column *c, struct value *v);
bool facts_get_number(const void *data, size_t row, const struct column *c, struct value *v);
bool facts_get_bar(const void *data, size_t row, const struct column *c, struct value *v);

/* A row of zeros, good until the next one is made; NULL when out of memory. */
struct facts_row *facts_add(struct facts *f);

/* A copy that lives as long as the facts. */
struct str facts_keep(struct facts *f, const char *p, size_t n);

/* Writes the rows, if there are any, after an empty line, and forgets them. total may be NULL. */
void facts_put(struct buf *b, const struct style *s, struct facts *f,
	       const struct column *const *column, size_t columns, const struct facts_row *total);
void facts_done(struct facts *f);

#endif
