/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How text looks: width, alphabet, colours by kind, bars. */
#ifndef REPORT_STYLE_H
#define REPORT_STYLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/text.h"
#include "model/kind.h"

enum color_depth { COLOR_NONE, COLOR_16, COLOR_256 };

struct style {
	size_t width;		/* columns of the terminal; 0: nothing is cut */
	size_t picture_width;	/* columns of the picture */
	bool utf8;		/* box and block characters, and names in UTF-8 */
	bool bytes;		/* exact byte counts instead of 1.5M */
	bool headings;
	bool verbatim;		/* names as they are: for what escapes them itself */
	bool raw;		/* columns separated by one blank, everything escaped */
	enum color_depth color;
};

/* The narrowest picture and summary that are drawn. */
enum { STYLE_MIN_WIDTH = 60, STYLE_USUAL_WIDTH = 80 };

static inline unsigned int style_text(const struct style *s)
{
	if (s->verbatim)
		return TEXT_VERBATIM;
	return (s->utf8 ? TEXT_UTF8 : 0) | (s->raw ? TEXT_RAW : 0);
}

/* Each writes an SGR sequence, or nothing without colour; end with style_off(). */
void style_kind(struct buf *b, const struct style *s, enum kind kind);
enum tone { TONE_GOOD, TONE_FAIR, TONE_BAD };
void style_tone(struct buf *b, const struct style *s, enum tone tone);
void style_dim(struct buf *b, const struct style *s);
void style_bold(struct buf *b, const struct style *s);
void style_off(struct buf *b, const struct style *s);

/* Bytes as the style wants them, right-aligned to width (0: as long as it is). */
void style_size(struct buf *b, const struct style *s, uint64_t bytes, size_t width);

/* Pads with blanks from column used to column width. */
static inline void style_pad(struct buf *b, size_t used, size_t width)
{
	if (used < width)
		buf_fill(b, ' ', width - used);
}

/*
 * A bar of width columns: resident of size in the kind's colour, then swapped, the rest empty.
 * What is there but would round to nothing shows as the thinnest sliver.
 */
void style_bar(struct buf *b, const struct style *s, enum kind kind, size_t width,
	       uint64_t resident, uint64_t swapped, uint64_t size, bool empty_dots);

#endif
