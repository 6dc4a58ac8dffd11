/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A growable byte buffer: what readers fill, what renderers write into. */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/*
 * Where a renderer's bytes go when the buffer is full enough. Gives 0 or -errno; after an
 * error the buffer keeps it and swallows everything else.
 */
typedef int (*buf_drain_fn)(void *ctx, const char *p, size_t n);

struct buf {
	char *data;
	size_t len, cap;
	int error;		/* the first -errno (out of memory, drain failed), or 0 */
	buf_drain_fn drain;	/* NULL: keep everything */
	void *drain_ctx;
};

void buf_init(struct buf *b);
void buf_init_drain(struct buf *b, buf_drain_fn drain, void *ctx);
void buf_done(struct buf *b);

/* Room for n more bytes at the end, for the caller to fill and then claim with buf_commit();
 * NULL once the buffer has failed. The pointer is good until the next call. */
static inline char *buf_reserve(struct buf *b, size_t n);
static inline void buf_commit(struct buf *b, const char *end)
{
	b->len = (size_t)(end - b->data);
}

void buf_clear(struct buf *b);
static inline void buf_add(struct buf *b, const void *p, size_t n);
void buf_puts(struct buf *b, const char *s);
static inline void buf_putc(struct buf *b, char c);
static inline void buf_fill(struct buf *b, char c, size_t n);
void buf_printf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void buf_vprintf(struct buf *b, const char *fmt, va_list ap)
	__attribute__((format(printf, 2, 0)));

/* Makes data a C string (the NUL is not counted in len). NULL when out of memory. */
const char *buf_string(struct buf *b);

/* Hands over the contents when more than 64 KiB wait: call it between rows. */
void buf_drain_some(struct buf *b);
/* Hands over everything. Gives 0, or the first error the buffer met. */
int buf_drain_all(struct buf *b);

/* The slow way of buf_reserve(). */
char *buf_grow(struct buf *b, size_t n);

static inline char *buf_reserve(struct buf *b, size_t n)
{
	if (b->error || !b->data || b->cap - b->len < n)
		return buf_grow(b, n);
	return b->data + b->len;
}

static inline void buf_add(struct buf *b, const void *p, size_t n)
{
	char *to = buf_reserve(b, n);

	if (to && n) {
		memcpy(to, p, n);
		b->len += n;
	}
}

static inline void buf_putc(struct buf *b, char c)
{
	char *to = buf_reserve(b, 1);

	if (to) {
		*to = c;
		b->len++;
	}
}

static inline void buf_fill(struct buf *b, char c, size_t n)
{
	char *to = buf_reserve(b, n);

	if (to && n) {
		memset(to, c, n);
		b->len += n;
	}
}

#endif
