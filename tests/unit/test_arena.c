/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Strings, the table of them, and the arena below. */
#include "config.h"

#include "base/arena.h"

#include <stdio.h>

#include "unit.h"

START_TEST(test_str)
{
	ck_assert(str_eq(STR("abc"), str_of("abc")));
	ck_assert(!str_eq(STR("abc"), STR("abd")));
	ck_assert(!str_eq(STR("abc"), STR("abcd")));
	ck_assert(!str_eq(STR("a\0b"), STR("a\0c")));
	ck_assert(str_eq((struct str){ NULL, 0 }, STR("")));
	ck_assert_int_lt(str_cmp(STR("a"), STR("b")), 0);
	ck_assert_int_lt(str_cmp(STR("a"), STR("aa")), 0);
	ck_assert_int_gt(str_cmp(STR("\xff"), STR("a")), 0);
	ck_assert_int_eq(str_cmp(STR("x\0y"), STR("x\0y")), 0);
	ck_assert_int_lt(str_cmp(STR(""), STR("x")), 0);
	ck_assert(str_has_prefix(STR("/memfd:x"), "/memfd:"));
	ck_assert(str_has_prefix(STR("x"), ""));
	ck_assert(!str_has_prefix(STR("/mem"), "/memfd:"));
	ck_assert(str_has_suffix(STR("a (deleted)"), " (deleted)"));
	ck_assert(!str_has_suffix(STR("(deleted)"), " (deleted)"));
	ck_str(str_basename(STR("/usr/lib/libc.so.6")), "libc.so.6");
	ck_str(str_basename(STR("/usr/lib/")), "");
	ck_str(str_basename(STR("plain")), "plain");
	ck_str(str_basename(STR("")), "");
}
END_TEST

START_TEST(test_each_once)
{
	enum { N = 3000 };
	struct strtab t;
	uint32_t number, again;

	ck_assert_int_eq(strtab_init(&t), 0);
	ck_assert_uint_eq(strtab_get(&t, 0).len, 0);
	ck_assert_int_eq(strtab_add(&t, STR(""), &number), 0);
	ck_assert_uint_eq(number, 0);
	for (unsigned int round = 0; round < 2; round++)
		for (unsigned int i = 0; i < N; i++) {
			char text[32];

			snprintf(text, sizeof(text), "name %u", i);
			ck_assert_int_eq(strtab_add(&t, str_of(text), &number), 0);
			ck_assert_uint_eq(number, i + 1);
		}
	for (unsigned int i = 0; i < N; i++) {
		char text[32];

		snprintf(text, sizeof(text), "name %u", i);
		ck_str(strtab_get(&t, i + 1), text);
	}
	ck_assert_int_eq(strtab_add(&t, STR("a\0b"), &number), 0);
	ck_assert_int_eq(strtab_add(&t, STR("a\0c"), &again), 0);
	ck_assert_uint_ne(number, again);
	ck_assert_int_eq(strtab_add(&t, STR("a\0b"), &again), 0);
	ck_assert_uint_eq(number, again);
	strtab_done(&t);
	strtab_done(&t);
}
END_TEST

START_TEST(test_long_strings)
{
	struct strtab t;
	uint32_t number[40];
	char *text = malloc(300000);

	ck_assert_int_eq(strtab_init(&t), 0);
	for (unsigned int i = 0; i < 40; i++) {
		memset(text, (int)('a' + i % 26), 300000);
		ck_assert_int_eq(strtab_add(&t, (struct str){ text, i * 7500 + 1 }, &number[i]), 0);
	}
	for (unsigned int i = 0; i < 40; i++) {
		struct str s = strtab_get(&t, number[i]);

		memset(text, (int)('a' + i % 26), 300000);
		ck_assert_uint_eq(s.len, i * 7500 + 1);
		ck_assert_mem_eq(s.p, text, s.len);
	}
	strtab_done(&t);
	free(text);
}
END_TEST

START_TEST(test_arena)
{
	enum { N = 5000 };
	struct arena a = { 0 };
	unsigned char *p[N];
	size_t size[N];
	uint64_t seed = 9;

	for (unsigned int i = 0; i < N; i++) {
		size_t align = (size_t)1 << unit_below(&seed, 5);

		size[i] = unit_below(&seed, i % 100 == 0 ? 600000 : 300);
		p[i] = arena_alloc(&a, size[i], align);
		ck_assert_ptr_nonnull(p[i]);
		ck_assert_uint_eq((uintptr_t)p[i] % align, 0);
		memset(p[i], (int)(i % 251), size[i]);
	}
	for (unsigned int i = 0; i < N; i++) {
		size_t k = 0;

		/* an assertion for each byte would take minutes */
		while (k < size[i] && p[i][k] == i % 251)
			k++;
		ck_assert_msg(k == size[i], "allocation %u was overwritten", i);
	}
	ck_assert_ptr_null(arena_alloc(&a, SIZE_MAX, 1));
	ck_assert_ptr_null(arena_alloc(&a, SIZE_MAX - 8, 16));
	arena_done(&a);
	arena_done(&a);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("arena");

	UNIT_CASE(s, "str", test_str);
	UNIT_CASE(s, "strtab", test_each_once, test_long_strings);
	UNIT_CASE(s, "arena", test_arena);
	return unit_run(s);
}
