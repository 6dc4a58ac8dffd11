/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The figure of a page-table walk: the bits of an address, the tables they lead through. */
#ifndef REPORT_WALK_FIGURE_H
#define REPORT_WALK_FIGURE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "model/geometry.h"
#include "report/style.h"

struct walk_figure {
	const struct geometry *geometry;
	uint64_t address;
	/* The level (0: top) whose entry maps the page; bits below it are the offset into that. */
	unsigned int leaf_level;
	bool walk;		/* draw the tables too, not just the bits */
	const char *end;	/* what the last entry leads to: ASCII; of walk */
	bool reaches;		/* the offset counts from there */
	const char *after;	/* one line more, or NULL */
};

/* At most 80 columns; a list of the levels where style->width is less than the figure needs. */
void walk_figure_put(struct buf *b, const struct style *s, const struct walk_figure *f);

#endif
