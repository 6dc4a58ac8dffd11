/* SPDX-License-Identifier: GPL-3.0-or-later */
/* --layout: the picture of the address space. */
#ifndef REPORT_LAYOUT_H
#define REPORT_LAYOUT_H

#include "model/picture.h"
#include "report/json.h"
#include "report/style.h"

enum { PICTURE_USUAL_LINES = 39 };

/* Paints the bands, highest address on top; with style->raw a table of them. */
void layout_text(struct buf *b, const struct style *s, const struct picture *p,
		 const struct space *space);

/* "layout": the bands. */
void layout_json(struct json *j, const struct picture *p, const struct space *space);
/* "holes": those between all mappings. */
void layout_holes_json(struct json *j, const struct space *space);

/* What a band is, in words, at most width columns (0: any number): names where they fit. */
void layout_label(struct buf *b, const struct style *s, const struct picture *p,
		  const struct band *band, const struct space *space, size_t width);

/* True for a line with more on it than its label tells: not where a count says all. */
bool layout_has_hidden(const struct band *band);

/* Some parts of the kernel's half were read: then those that were not are marked. */
bool layout_reads_kernel(const struct picture *p);

#endif
