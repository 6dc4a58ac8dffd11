/* SPDX-License-Identifier: GPL-3.0-or-later */
/* --huge: what lies in huge pages, by size and by how it is mapped; and why the rest does not. */
#ifndef REPORT_HUGE_H
#define REPORT_HUGE_H

#include "model/huge.h"
#include "model/space.h"
#include "report/column.h"
#include "report/json.h"
#include "report/style.h"

/* For columns of mappings: what smaps tells, and the reasons' codes (rows need huge). */
bool huge_get_share(const void *data, size_t row, const struct column *c, struct value *v);
bool huge_get_why(const void *data, size_t row, const struct column *c, struct value *v);

/* The member "huge" of each mapping. */
extern const struct column huge_json_column;

/* shown: the mappings that totals are of; rows: what is listed, perhaps groups. Both need huge. */
void huge_text(struct buf *b, const struct style *s, const struct rows *shown,
	       const struct rows *rows);
/* The member "huge" of the process. */
void huge_json(struct json *j, const struct rows *shown);

/* The settings that the kernel makes huge pages by: of the machine, and THP_enabled. */
void huge_settings_text(struct buf *b, const struct style *s, const struct huge_facts *f);
void huge_settings_json(struct json *j, const char *key, const struct huge_facts *f);

/* Of that, the machine's settings of transparent huge pages: lines, without those for each size;
 * members of an object, with them. */
void huge_thp_text(struct buf *b, const struct style *s, const struct thp *t);
void huge_thp_json(struct json *j, const struct thp *t);

/* A label, and behind it text that is wrapped between two columns; the text is not escaped. */
void huge_put_wrapped(struct buf *b, const struct style *s, size_t indent, const char *label,
		      size_t column, const char *text);

#endif
