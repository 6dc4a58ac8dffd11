/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The byte buffer: what is put in comes out, once, in order, and errors stay. */
#include "config.h"

#include "base/buf.h"

#include <errno.h>
#include <stdio.h>

#include "base/err.h"
#include "base/vec.h"
#include "unit.h"

START_TEST(test_adding)
{
	struct buf b;
	char *p;

	buf_init(&b);
	buf_add(&b, "", 0);
	buf_fill(&b, 'x', 0);
	buf_puts(&b, "");
	ck_assert_uint_eq(b.len, 0);
	ck_assert_int_eq(b.error, 0);
	buf_puts(&b, "one ");
	buf_putc(&b, '2');
	buf_fill(&b, '-', 3);
	buf_printf(&b, "%d %s", 42, "x");
	buf_add(&b, "a\0b", 3);
	ck_assert_uint_eq(b.len, 15);
	ck_assert_mem_eq(b.data, "one 2---42 xa\0b", 15);
	p = buf_reserve(&b, 100);
	memcpy(p, "end", 3);
	buf_commit(&b, p + 3);
	ck_assert_uint_eq(b.len, 18);
	ck_assert_mem_eq(b.data + 15, "end", 3);
	buf_clear(&b);
	ck_assert_uint_eq(b.len, 0);
	buf_printf(&b, "%s", "");
	ck_assert_uint_eq(b.len, 0);
	ck_assert_str_eq(buf_string(&b), "");
	buf_done(&b);
	ck_assert_ptr_null(b.data);
}
END_TEST

START_TEST(test_string)
{
	struct buf b;

	buf_init(&b);
	ck_assert_str_eq(buf_string(&b), "");
	buf_puts(&b, "abc");
	ck_assert_str_eq(buf_string(&b), "abc");
	ck_assert_uint_eq(b.len, 3);
	buf_putc(&b, 'd');
	ck_assert_str_eq(buf_string(&b), "abcd");
	buf_done(&b);
}
END_TEST

/* Random operations, and the same on a plain array. */
START_TEST(test_growing)
{
	enum { ALL = 1 << 20 };
	char *want = malloc(ALL + 4096);
	size_t n = 0;
	uint64_t seed = 1;
	struct buf b;

	buf_init(&b);
	while (n < ALL) {
		size_t len = unit_below(&seed, 2000);
		char text[2000];

		switch (unit_below(&seed, 4)) {
		case 0:
			memset(text, (int)('a' + n % 26), len);
			buf_add(&b, text, len);
			memcpy(want + n, text, len);
			n += len;
			break;
		case 1:
			buf_putc(&b, (char)n);
			want[n] = (char)n;
			n++;
			break;
		case 2:
			buf_fill(&b, '#', len);
			memset(want + n, '#', len);
			n += len;
			break;
		case 3:
			buf_printf(&b, "%0*zu", (int)len / 2 + 1, n);
			n += (size_t)sprintf(want + n, "%0*zu", (int)len / 2 + 1, n);
			break;
		}
		ck_assert_uint_eq(b.len, n);
	}
	ck_assert_int_eq(b.error, 0);
	ck_assert_mem_eq(b.data, want, n);
	buf_done(&b);
	free(want);
}
END_TEST

START_TEST(test_no_room)
{
	struct buf b;

	buf_init(&b);
	buf_puts(&b, "kept");
	ck_assert_ptr_null(buf_reserve(&b, SIZE_MAX));
	ck_assert_int_eq(b.error, -ENOMEM);
	/* from here on all is swallowed, and nothing breaks */
	buf_puts(&b, "lost");
	buf_putc(&b, 'l');
	buf_fill(&b, 'l', 10);
	buf_printf(&b, "%d", 1);
	ck_assert_ptr_null(buf_reserve(&b, 1));
	ck_assert_ptr_null(buf_string(&b));
	ck_assert_uint_eq(b.len, 4);
	ck_assert_mem_eq(b.data, "kept", 4);
	ck_assert_int_eq(buf_drain_all(&b), -ENOMEM);
	buf_done(&b);
	ck_assert_int_eq(b.error, 0);
}
END_TEST

struct sink {
	struct buf all;
	unsigned int calls, fail_at;
};

static int take(void *ctx, const char *p, size_t n)
{
	struct sink *sink = ctx;

	ck_assert_uint_gt(n, 0);
	if (++sink->calls == sink->fail_at)
		return -ENOSPC;
	buf_add(&sink->all, p, n);
	return 0;
}

START_TEST(test_drain)
{
	struct sink sink = { .calls = 0 };
	struct buf b, want;

	buf_init(&want);
	buf_init_drain(&b, take, &sink);
	ck_assert_int_eq(buf_drain_all(&b), 0);
	ck_assert_uint_eq(sink.calls, 0);
	for (unsigned int i = 0; i < 50000; i++) {
		buf_printf(&b, "line %u\n", i);
		buf_printf(&want, "line %u\n", i);
		buf_drain_some(&b);
		ck_assert_uint_le(b.len, 64 * 1024);
	}
	ck_assert_uint_gt(sink.calls, 1);
	ck_assert_uint_lt(sink.calls, want.len / (64 * 1024) + 1);
	ck_assert_int_eq(buf_drain_all(&b), 0);
	ck_assert_int_eq(buf_drain_all(&b), 0);
	ck_assert_uint_eq(sink.all.len, want.len);
	ck_assert_mem_eq(sink.all.data, want.data, want.len);
	buf_done(&b);
	buf_done(&want);
	buf_done(&sink.all);
}
END_TEST

START_TEST(test_drain_fails)
{
	struct sink sink = { .fail_at = 2 };
	struct buf b;

	buf_init_drain(&b, take, &sink);
	for (unsigned int i = 0; i < 100000; i++) {
		buf_puts(&b, "0123456789");
		buf_drain_some(&b);
	}
	ck_assert_int_eq(b.error, -ENOSPC);
	ck_assert_int_eq(buf_drain_all(&b), -ENOSPC);
	/* nothing was handed over after the error */
	ck_assert_uint_eq(sink.calls, 2);
	ck_assert_uint_eq(b.len, 0);
	ck_assert_uint_lt(sink.all.len, 100000);
	buf_done(&b);
	buf_done(&sink.all);
}
END_TEST

START_TEST(test_no_drain_keeps)
{
	struct buf b;

	buf_init(&b);
	buf_fill(&b, 'x', 200000);
	buf_drain_some(&b);
	ck_assert_int_eq(buf_drain_all(&b), 0);
	ck_assert_uint_eq(b.len, 200000);
	buf_done(&b);
}
END_TEST

START_TEST(test_vec)
{
	VEC(uint32_t) v = { 0 };
	struct { uint64_t *v; size_t n, cap; } big = { 0 };

	for (uint32_t i = 0; i < 100000; i++) {
		uint32_t *to = vec_push(&v);

		ck_assert_ptr_nonnull(to);
		*to = i;
	}
	ck_assert_uint_eq(v.n, 100000);
	for (uint32_t i = 0; i < 100000; i++)
		ck_assert_uint_eq(v.v[i], i);
	vec_done(&v);
	ck_assert(v.v == NULL && v.n == 0 && v.cap == 0);
	/* a size that overflows is refused, and the array stays as it is */
	*vec_push(&big) = 1;
	ck_assert_int_eq(vec_reserve(&big, SIZE_MAX / 4), -1);
	ck_assert_int_eq(vec_reserve(&big, SIZE_MAX), -1);
	ck_assert_uint_eq(big.v[0], 1);
	vec_done(&big);
}
END_TEST

START_TEST(test_err)
{
	struct err e = { 0 };
	char text[3000];

	ck_assert_int_eq(err_set(NULL, -EIO, "%s", "nobody listens"), -EIO);
	ck_assert_int_eq(err_set(&e, -EACCES, "%d: %s", 42, "no"), -EACCES);
	ck_assert_int_eq(e.code, -EACCES);
	ck_assert_str_eq(e.text, "42: no");
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	err_set(&e, -EIO, "%s", text);
	ck_assert_uint_eq(strlen(e.text), sizeof(e.text) - 1);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("buf");

	UNIT_CASE(s, "content", test_adding, test_string, test_growing);
	UNIT_CASE(s, "errors", test_no_room, test_drain_fails, test_err);
	UNIT_CASE(s, "drain", test_drain, test_no_drain_keeps);
	UNIT_CASE(s, "vec", test_vec);
	return unit_run(s);
}
