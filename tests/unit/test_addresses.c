/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Addresses as people type them and as tables print them. */
#include "config.h"

#include "model/addresses.h"

#include <errno.h>

#include "unit.h"

/* One address, which must be the number. */
static void check_one(const char *text, uint64_t want)
{
	address_list list = { 0 };
	struct str problem;

	ck_assert_msg(addresses_parse(text, &list, &problem) == 0, "%s is refused", text);
	ck_assert_uint_eq(list.n, 1);
	ck_assert_msg(list.v[0].low == want && list.v[0].last == want && !list.v[0].is_range,
		      "%s is %jx", text, (uintmax_t)list.v[0].low);
	vec_done(&list);
}

START_TEST(test_single)
{
	/* said to be hexadecimal */
	check_one("0x7f2a91e41234", 0x7f2a91e41234);
	check_one("0X10", 0x10);
	check_one("0xFFFFFFFFFFFFFFFF", UINT64_MAX);
	/* as tables print them: letters, zeros in front, or the full width */
	check_one("7f2a91e41234", 0x7f2a91e41234);
	check_one("00400000", 0x400000);
	check_one("08048000", 0x8048000);
	check_one("56557000", 0x56557000);
	check_one("555555554000", 0x555555554000);
	check_one("000012345678", 0x12345678);
	check_one("1234567890123456", 0x1234567890123456);
	check_one("ffffffffff600000", 0xffffffffff600000);
	check_one("a", 10);
	check_one("00", 0);
	/* decimal: other numbers of digits, or said to be */
	check_one("0", 0);
	check_one("10", 10);
	check_one("4194304", 4194304);
	check_one("139821234567890", UINT64_C(139821234567890));
	check_one("18446744073709551615", UINT64_MAX);
	check_one("0t12345678", 12345678);
	check_one("0T555555554000", UINT64_C(555555554000));
	check_one("0t0", 0);
}
END_TEST

START_TEST(test_lists)
{
	address_list list = { 0 };
	struct str problem;

	ck_assert_int_eq(addresses_parse("10,7f0000000000-7f0000002000,0x20-64", &list, &problem), 0);
	/* a second option adds to the first */
	ck_assert_int_eq(addresses_parse("abc", &list, &problem), 0);
	ck_assert_uint_eq(list.n, 4);
	ck_assert(list.v[0].low == 10 && !list.v[0].is_range);
	ck_assert(list.v[1].low == 0x7f0000000000 && list.v[1].last == 0x7f0000001fff &&
		  list.v[1].is_range);
	ck_assert(list.v[2].low == 0x20 && list.v[2].last == 63 && list.v[2].is_range);
	ck_assert(list.v[3].low == 0xabc);
	vec_done(&list);
}
END_TEST

static void check_refused(const char *text, const char *part)
{
	address_list list = { 0 };
	struct str problem = { "", 0 };

	ck_assert_msg(addresses_parse(text, &list, &problem) == -EINVAL, "%s is taken", text);
	ck_str(problem, part);
	vec_done(&list);
}

START_TEST(test_refused)
{
	check_refused("", "");
	check_refused(",", "");
	check_refused("10,", "");
	check_refused("0x", "0x");
	check_refused("0t", "0t");
	check_refused("0tff", "0tff");
	check_refused("heap", "heap");
	check_refused("7f00,12g4", "12g4");
	check_refused("-10", "-10");
	check_refused("10-", "10-");
	check_refused("20-10", "20-10");
	check_refused("10-10", "10-10");
	check_refused("1-2-3", "1-2-3");
	check_refused(" 10", " 10");
	check_refused("10 ", "10 ");
	check_refused("+10", "+10");
	check_refused("18446744073709551616", "18446744073709551616");
	check_refused("0x10000000000000000", "0x10000000000000000");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("addresses");

	UNIT_CASE(suite, "addresses", test_single, test_lists, test_refused);
	return unit_run(suite);
}
