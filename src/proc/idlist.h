/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sets of processors or memory nodes as the kernel prints them: "0-3,8" (format %*pbl). */
#ifndef PROC_IDLIST_H
#define PROC_IDLIST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/vec.h"

struct id_range {
	uint32_t first, last;
};

/* A struct idlist of zeros is the empty set. */
struct idlist {
	VEC(struct id_range) range;	/* as they are in the text: ascending, where the kernel wrote it */
};

/* Takes in a list, in addition to what is there; blanks around it are skipped and "" is the empty
 * set. 0, -EBADMSG (then what was good stays in) or -ENOMEM. */
int idlist_parse(struct str text, struct idlist *out);
/* Adds one number, which joins the last range if it follows it. 0 or -ENOMEM. */
int idlist_add(struct idlist *l, uint32_t id);
void idlist_done(struct idlist *l);

bool idlist_has(const struct idlist *l, uint32_t id);
bool idlist_overlaps(const struct idlist *a, const struct idlist *b);

/* The list as text; nothing for the empty set. */
void idlist_put(struct buf *b, const struct idlist *l);

#endif
