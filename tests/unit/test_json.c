/* SPDX-License-Identifier: GPL-3.0-or-later */
/* JSON documents: shape, numbers, and strings of any bytes. */
#include "config.h"

#include "report/json.h"

#include <inttypes.h>
#include <stdio.h>

#include "json_check.h"
#include "unit.h"

/* The checker itself: it must tell documents from what is none. */
START_TEST(test_checker)
{
	static const char *const good[] = {
		"{}", "[]", "0", "-1.5e+3", "\"\"", "\"\\u00ff\\n\\\\\"", "[1,2,{\"a\":null}]", "true",
		" [ false , [ ] ] ", "\"\xc3\xa9\"",
	};
	static const char *const bad[] = {
		"", "{", "[1,]", "{\"a\"}", "{\"a\":}", "{a:1}", "01", "1.", "\"\\x41\"", "\"\\u12\"",
		"\"\n\"", "\"\xff\"", "\"\x7f\"", "\"\xc2\x80\"", "[] []", "nul", "'a'", "{\"a\":1,}",
	};

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		ck_assert_msg(json_check(good[i], strlen(good[i])), "%s", good[i]);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(!json_check(bad[i], strlen(bad[i])), "%s", bad[i]);
}
END_TEST

START_TEST(test_shape)
{
	for (unsigned int lines = 0; lines < 2; lines++) {
		struct json j;
		struct buf b;

		buf_init(&b);
		json_init(&j, &b, lines);
		json_object(&j, NULL);
		json_break(&j);
		json_null(&j, "null");
		json_u64(&j, "u", UINT64_MAX);
		json_i64(&j, "i", INT64_MIN);
		json_double(&j, "d", 1.25);
		json_double(&j, "z", 0);
		json_bool(&j, "t", true);
		json_bool(&j, "f", false);
		json_address(&j, "a", 0x7fffdead0000);
		json_address(&j, "a0", 0);
		json_time(&j, "time", 1763836000);
		json_break(&j);
		json_array(&j, "empty");
		json_array_end(&j);
		json_object(&j, "none");
		json_object_end(&j);
		json_array(&j, "list");
		json_break(&j);
		json_u64(&j, NULL, 1);
		json_break(&j);
		json_string(&j, NULL, STR("two"));
		json_object(&j, NULL);
		json_object_end(&j);
		json_array_end(&j);
		json_maybe(&j, "known", (struct maybe){ true, 7 });
		json_maybe(&j, "unknown", (struct maybe){ false, 7 });
		json_object_end(&j);
		ck_assert(json_check(b.data, b.len));
		ck_assert_uint_eq(j.depth, 0);
		/* `date -u -d @1763836000 +%FT%TZ` */
		if (!lines)
			ck_buf(&b, "{\"null\":null,\"u\":18446744073709551615,"
			       "\"i\":-9223372036854775808,\"d\":1.250000,\"z\":0.000000,\"t\":true,"
			       "\"f\":false,\"a\":\"0x7fffdead0000\",\"a0\":\"0x0\","
			       "\"time\":\"2025-11-22T18:26:40Z\",\"empty\":[],\"none\":{},"
			       "\"list\":[1,\"two\",{}],\"known\":7,\"unknown\":null}");
		else
			ck_assert_ptr_nonnull(memchr(b.data, '\n', b.len));
		buf_done(&b);
	}
}
END_TEST

static void check_string(struct str s, const char *want)
{
	struct json j;
	struct buf b;

	buf_init(&b);
	json_init(&j, &b, false);
	json_object(&j, NULL);
	json_string(&j, "s", s);
	json_object_end(&j);
	ck_assert(json_check(b.data, b.len));
	ck_buf(&b, want);
	buf_done(&b);
}

START_TEST(test_strings)
{
	check_string(STR(""), "{\"s\":\"\"}");
	check_string(STR("/a b"), "{\"s\":\"/a b\"}");
	check_string(STR("\"\\"), "{\"s\":\"\\\"\\\\\"}");
	check_string(STR("\n"), "{\"s\":\"\\n\"}");
	check_string(STR("\xc3\xa9"), "{\"s\":\"\xc3\xa9\"}");
	/* C1 controls are UTF-8, but a terminal would obey them */
	check_string(STR("\xc2\x9b"), "{\"s\":\"\\u009b\"}");
	check_string(STR("a\xff" "b"), "{\"s\":\"a\\\\xffb\",\"s_hex\":\"61ff62\"}");
	check_string(STR("\xed\xa0\x80"),
		     "{\"s\":\"\\\\xed\\\\xa0\\\\x80\",\"s_hex\":\"eda080\"}");
}
END_TEST

/* Reads a string back as a JSON parser would, and then \xHH as the documentation says. */
static size_t unescape(const char *p, const char *end, char *to)
{
	size_t n = 0;
	unsigned int v;

	while (p < end) {
		if (*p != '\\') {
			to[n++] = *p++;
		} else if (p[1] == 'u') {
			ck_assert_int_eq(sscanf(p + 2, "%4x", &v), 1);
			if (v >= 0x80)
				to[n++] = (char)(0xc0 | v >> 6);
			to[n++] = (char)(v >= 0x80 ? 0x80 | (v & 63) : v);
			p += 6;
		} else {
			to[n++] = p[1] == 'n' ? '\n' : p[1];
			p += 2;
		}
	}
	return n;
}

START_TEST(test_every_byte)
{
	for (unsigned int c = 0; c < 256; c++) {
		char text[3] = { 'a', (char)c, 'b' }, got[16];
		struct buf b;

		buf_init(&b);
		json_put_string(&b, (struct str){ text, 3 });
		ck_assert_msg(json_check(b.data, b.len), "byte %02x", c);
		ck_assert_ptr_nonnull(buf_string(&b));
		if (c < 0x80) {
			ck_assert_uint_eq(unescape(b.data + 1, b.data + b.len - 1, got), 3);
			ck_assert_mem_eq(got, text, 3);
		} else {
			snprintf(got, sizeof(got), "\"a\\\\x%02xb\"", c);
			ck_buf(&b, got);
		}
		buf_clear(&b);
		json_put_hex_bytes(&b, (struct str){ text, 3 });
		snprintf(got, sizeof(got), "\"61%02x62\"", c);
		ck_buf(&b, got);
		buf_done(&b);
	}
}
END_TEST

START_TEST(test_random_strings)
{
	uint64_t seed = 71;

	for (int round = 0; round < 50000; round++) {
		char text[32], back[256], *hex;
		size_t n = unit_below(&seed, sizeof(text));
		struct json j;
		struct buf b;

		for (size_t i = 0; i < n; i++)
			text[i] = (char)(round & 1 ? unit_random(&seed) >> 56 :
					 (uint64_t)"\"\\/\n\x01\x7f\xc2\x85\xc3\xa9z"[unit_below(&seed, 11)]);
		buf_init(&b);
		json_init(&j, &b, false);
		json_object(&j, NULL);
		json_string(&j, "k", (struct str){ text, n });
		json_object_end(&j);
		ck_assert(json_check(b.data, b.len));
		hex = strstr(buf_string(&b), "\"k_hex\":\"");
		ck_assert((hex == NULL) == json_check_utf8_any(text, n));
		if (hex) {
			for (size_t i = 0; i < n; i++) {
				unsigned int v;

				ck_assert_int_eq(sscanf(hex + 9 + 2 * i, "%2x", &v), 1);
				ck_assert_uint_eq(v, (unsigned char)text[i]);
			}
		} else {
			ck_assert_uint_eq(unescape(b.data + 6, b.data + b.len - 2, back), n);
			ck_assert(memcmp(back, text, n) == 0);
		}
		buf_done(&b);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("json");

	UNIT_CASE(s, "checker", test_checker);
	UNIT_CASE(s, "shape", test_shape);
	UNIT_CASE(s, "strings", test_strings, test_every_byte, test_random_strings);
	return unit_run(s);
}
