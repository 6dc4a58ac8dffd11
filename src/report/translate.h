/* SPDX-License-Identifier: GPL-3.0-or-later */
/* --translate: the way from a virtual address to its frame, level by level. */
#ifndef REPORT_TRANSLATE_H
#define REPORT_TRANSLATE_H

#include "model/snapshot.h"
#include "report/json.h"
#include "report/style.h"

void translate_text(struct buf *b, const struct style *s, const struct snapshot *snapshot);
/* "translations": an array, or null where nothing could be read. */
void translate_json(struct json *j, const struct snapshot *snapshot);

/* The words that text and JSON have in common. */

/* The state of a page: "present", "swapped", "guard", ...; "unmapped" where no mapping is. */
const char *translate_state_word(enum page_state state, bool mapped);

/* Why there is no frame: a word for scripts, and a sentence. */
const char *translate_reason_word(enum translate_reason reason);
void translate_put_reason(struct buf *b, const struct snapshot *snapshot,
			  const struct translation *t);

#endif
