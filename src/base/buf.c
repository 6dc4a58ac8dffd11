/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A growable byte buffer: what readers fill, what renderers write into. */
#include "config.h"

#include "base/buf.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BUF_DRAIN_AT = 64 * 1024 };

void buf_init(struct buf *b)
{
	*b = (struct buf){ 0 };
}

void buf_init_drain(struct buf *b, buf_drain_fn drain, void *ctx)
{
	*b = (struct buf){ .drain = drain, .drain_ctx = ctx };
}

void buf_done(struct buf *b)
{
	free(b->data);
	*b = (struct buf){ 0 };
}

char *buf_grow(struct buf *b, size_t n)
{
	size_t cap = b->cap ? b->cap : 256;
	char *data = NULL;

	if (b->error)
		return NULL;
	while (cap - b->len < n && cap <= SIZE_MAX / 2)
		cap *= 2;
	if (cap - b->len >= n)
		data = realloc(b->data, cap);
	if (!data) {
		b->error = -ENOMEM;
		return NULL;
	}
	b->data = data;
	b->cap = cap;
	return b->data + b->len;
}

void buf_clear(struct buf *b)
{
	b->len = 0;
}

void buf_puts(struct buf *b, const char *s)
{
	buf_add(b, s, strlen(s));
}

void buf_vprintf(struct buf *b, const char *fmt, va_list ap)
{
	va_list again;
	char *to;
	int n;

	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, ap);
	to = n < 0 ? NULL : buf_reserve(b, (size_t)n + 1);
	if (to) {
		vsnprintf(to, (size_t)n + 1, fmt, again);
		b->len += (size_t)n;
	}
	va_end(again);
}

void buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(b, fmt, ap);
	va_end(ap);
}

const char *buf_string(struct buf *b)
{
	char *end = buf_reserve(b, 1);

	if (!end)
		return NULL;
	*end = '\0';
	return b->data;
}

void buf_drain_some(struct buf *b)
{
	if (b->drain && b->len >= BUF_DRAIN_AT)
		buf_drain_all(b);
}

int buf_drain_all(struct buf *b)
{
	if (b->drain && !b->error && b->len)
		b->error = b->drain(b->drain_ctx, b->data, b->len);
	if (b->drain)
		b->len = 0;
	return b->error;
}
