/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A JSON document, written as a stream: the commas, the escaping, the shape. */
#include "config.h"

#include "report/json.h"

#include <stdio.h>
#include <time.h>

#include "base/num.h"
#include "base/text.h"

void json_init(struct json *j, struct buf *b, bool lines)
{
	*j = (struct json){ .b = b, .lines = lines };
}

void json_break(struct json *j)
{
	if (!j->lines)
		return;
	if (j->comma)
		buf_putc(j->b, ',');
	j->comma = false;
	buf_putc(j->b, '\n');
	buf_fill(j->b, ' ', j->depth);
}

static void begin(struct json *j, const char *key)
{
	if (j->comma)
		buf_putc(j->b, ',');
	j->comma = true;
	if (!key)
		return;
	buf_putc(j->b, '"');
	buf_puts(j->b, key);
	buf_puts(j->b, "\":");
}

static void open_level(struct json *j, const char *key, char c)
{
	begin(j, key);
	buf_putc(j->b, c);
	j->comma = false;
	j->depth++;
}

static void close_level(struct json *j, char c)
{
	j->depth--;
	buf_putc(j->b, c);
	j->comma = true;
}

void json_object(struct json *j, const char *key)
{
	open_level(j, key, '{');
}

void json_object_end(struct json *j)
{
	close_level(j, '}');
}

void json_array(struct json *j, const char *key)
{
	open_level(j, key, '[');
}

void json_array_end(struct json *j)
{
	close_level(j, ']');
}

void json_raw(struct json *j, struct str value)
{
	begin(j, NULL);
	buf_add(j->b, value.p, value.len);
}

void json_null(struct json *j, const char *key)
{
	begin(j, key);
	buf_puts(j->b, "null");
}

void json_u64(struct json *j, const char *key, uint64_t v)
{
	char text[NUM_MAX_DIGITS];

	begin(j, key);
	buf_add(j->b, text, (size_t)(num_put_u64(text, v) - text));
}

void json_i64(struct json *j, const char *key, int64_t v)
{
	begin(j, key);
	buf_printf(j->b, "%lld", (long long)v);
}

void json_double(struct json *j, const char *key, double v)
{
	/* never negative here; printf's decimal point depends on the locale */
	uint64_t micro = (uint64_t)(v * 1e6 + 0.5);

	begin(j, key);
	buf_printf(j->b, "%llu.%06llu", (unsigned long long)(micro / 1000000),
		   (unsigned long long)(micro % 1000000));
}

void json_bool(struct json *j, const char *key, bool v)
{
	begin(j, key);
	buf_puts(j->b, v ? "true" : "false");
}

void json_address(struct json *j, const char *key, uint64_t v)
{
	char text[NUM_MAX_HEX];

	begin(j, key);
	buf_puts(j->b, "\"0x");
	buf_add(j->b, text, (size_t)(num_put_hex(text, v, 1) - text));
	buf_putc(j->b, '"');
}

void json_time(struct json *j, const char *key, int64_t seconds)
{
	time_t t = (time_t)seconds;
	char text[40];
	struct tm tm;

	if (!gmtime_r(&t, &tm) || !strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm)) {
		json_null(j, key);
		return;
	}
	json_string(j, key, str_of(text));
}

/* No escaping needed: printable ASCII other than the quote and the backslash. */
static bool is_plain(struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c - 0x20u >= 0x5fu || c == '"' || c == '\\')
			return false;
	}
	return true;
}

static void put_escaped(struct buf *b, struct str s)
{
	for (size_t at = 0; at < s.len;) {
		size_t from = at;
		int32_t c = text_next(s, &at);

		if (c < 0)
			buf_printf(b, "\\\\x%02x", (unsigned char)s.p[from]);
		else if (c == '"' || c == '\\')
			buf_printf(b, "\\%c", (int)c);
		else if (c == '\n')
			buf_puts(b, "\\n");
		else if (c < 0x20 || (c >= 0x7f && c < 0xa0))
			/* a document printed to a terminal must not steer it */
			buf_printf(b, "\\u%04x", (unsigned int)c);
		else
			buf_add(b, s.p + from, at - from);
	}
}

void json_put_string(struct buf *b, struct str s)
{
	buf_putc(b, '"');
	if (is_plain(s))
		buf_add(b, s.p, s.len);
	else
		put_escaped(b, s);
	buf_putc(b, '"');
}

void json_put_hex_bytes(struct buf *b, struct str s)
{
	buf_putc(b, '"');
	for (size_t i = 0; i < s.len; i++)
		buf_printf(b, "%02x", (unsigned char)s.p[i]);
	buf_putc(b, '"');
}

void json_string(struct json *j, const char *key, struct str s)
{
	begin(j, key);
	json_put_string(j->b, s);
	if (!key || text_is_utf8(s))
		return;
	buf_printf(j->b, ",\"%s_hex\":", key);
	json_put_hex_bytes(j->b, s);
}

void json_hex(struct json *j, const char *key, struct str s)
{
	begin(j, key);
	json_put_hex_bytes(j->b, s);
}

void json_maybe(struct json *j, const char *key, struct maybe v)
{
	if (v.known)
		json_u64(j, key, v.v);
	else
		json_null(j, key);
}
