/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A JSON document, written as a stream: the commas, the escaping, the shape. */
#ifndef REPORT_JSON_H
#define REPORT_JSON_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/num.h"

struct json {
	struct buf *b;
	unsigned int depth;
	bool comma;		/* something stands before at this level */
	bool lines;		/* line breaks between top-level parts; else one line in all */
};

void json_init(struct json *j, struct buf *b, bool lines);

/* key NULL in arrays (and for the document itself). */
void json_object(struct json *j, const char *key);
void json_object_end(struct json *j);
void json_array(struct json *j, const char *key);
void json_array_end(struct json *j);
/* A line break, where the document has them, before the next member. */
void json_break(struct json *j);

void json_null(struct json *j, const char *key);
void json_u64(struct json *j, const char *key, uint64_t v);
void json_i64(struct json *j, const char *key, int64_t v);
void json_double(struct json *j, const char *key, double v);	/* six decimals */
void json_bool(struct json *j, const char *key, bool v);
void json_address(struct json *j, const char *key, uint64_t v);	/* "0x7f..." */
void json_time(struct json *j, const char *key, int64_t seconds);	/* since 1970; UTC */

/* Any bytes: what is not UTF-8 becomes \xHH text, and then <key>_hex has the bytes exactly.
 * In an array (key NULL) there is no place for that. */
void json_string(struct json *j, const char *key, struct str s);

/* The number, or null. */
void json_maybe(struct json *j, const char *key, struct maybe v);

/* The bytes in hexadecimal, as a string. */
void json_hex(struct json *j, const char *key, struct str s);

/* A value that was written before. */
void json_raw(struct json *j, struct str value);

/* Values alone, for a hot loop that writes keys and commas itself. */
void json_put_string(struct buf *b, struct str s);
void json_put_hex_bytes(struct buf *b, struct str s);

#endif
