/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bytes a target chose, made safe to show: UTF-8, display width, escaping, cutting. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"

enum text_flags {
	TEXT_UTF8 = 1,	/* the reader's terminal or file takes UTF-8 */
	TEXT_RAW = 2,	/* blanks and backslashes are escaped too: a reversible single word */
	TEXT_VERBATIM = 4,	/* bytes as they are; their width means nothing */
};

/* One character of s at *at (moves it): its code point, or -1 for a byte that is not UTF-8
 * (overlong forms, surrogates and values above 10FFFF are not). */
int32_t text_next(struct str s, size_t *at);

/* Columns that text_put() would use. */
size_t text_width(struct str s, unsigned int flags);

/* Writes s with everything that is not printable as \xHH a byte: control characters, invalid
 * UTF-8, characters that reorder or hide text; without TEXT_UTF8 all but ASCII. */
void text_put(struct buf *b, struct str s, unsigned int flags);

enum text_keep {
	TEXT_KEEP_START,
	TEXT_KEEP_NAME,		/* of what begins with a slash, the end: it says more */
};

/* The same in at most width columns; what does not fit is replaced by an ellipsis ("…" or
 * "..."). Gives the columns. */
size_t text_put_cut(struct buf *b, struct str s, unsigned int flags, size_t width,
		    enum text_keep keep);

bool text_is_utf8(struct str s);

/* True where text_put() would write the bytes as they are, a column each. */
bool text_is_plain(struct str s, unsigned int flags);

#endif
