/* SPDX-License-Identifier: GPL-3.0-or-later */
/* auxv, meminfo, the machine's other files, and where threads' stack pointers are. */
#include "config.h"

#include "proc/machine.h"

#include <errno.h>
#include <stdio.h>

#include "proc/auxv.h"
#include "proc/threads.h"
#include "unit.h"

/* Pairs of words of any width and byte order. */
static size_t put_auxv(unsigned char *p, const uint64_t *word, size_t n, unsigned int size, bool big)
{
	for (size_t i = 0; i < n; i++)
		for (unsigned int k = 0; k < size; k++)
			*p++ = (unsigned char)(word[i] >> 8 * (big ? size - 1 - k : k));
	return n * size;
}

START_TEST(test_auxv)
{
	static const uint64_t small[] = {
		32, 0xf7fc6570, 33, 0xf7fc6000, 16, 0xbfebfbff, 6, 4096, 17, 100, 3, 0x56555034,
		4, 32, 7, 0xf7fc8000, 8, 0, 9, 0x56556040, 23, 0, 25, 0xffffdd0b, 31, 0xffffdfee, 0, 0,
	};
	static const uint64_t large[] = {
		51, 3632, 33, 0x7ffff7fc6000, 16, 0xbfebfbff, 6, 65536, 17, 100, 3, 0x555555554040,
		7, 0x7ffff7fc8000, 9, 0x555555556040, 31, 0x7fffffffefee, 0, 0,
	};
	unsigned char bytes[512];

	for (unsigned int big = 0; big < 2; big++) {
		struct auxv a;
		size_t n = put_auxv(bytes, small, sizeof(small) / sizeof(small[0]), 4, big);

		ck_assert_int_eq(auxv_parse((char *)bytes, n, &a), 0);
		ck_assert(a.valid && a.bits == 32 && a.page_size == 4096);
		ck_assert_uint_eq(a.phdr, 0x56555034);
		ck_assert_uint_eq(a.base, 0xf7fc8000);
		ck_assert_uint_eq(a.entry, 0x56556040);
		ck_assert_uint_eq(a.vdso, 0xf7fc6000);
		ck_assert_uint_eq(a.execfn, 0xffffdfee);
		/* zeros may follow, but the list must not be cut before its end */
		memset(bytes + n, 0, 40);
		ck_assert_int_eq(auxv_parse((char *)bytes, n + 40, &a), 0);
		ck_assert_int_eq(auxv_parse((char *)bytes, n - 8, &a), -EBADMSG);
		n = put_auxv(bytes, large, sizeof(large) / sizeof(large[0]), 8, big);
		ck_assert_int_eq(auxv_parse((char *)bytes, n, &a), 0);
		ck_assert(a.valid && a.bits == 64 && a.page_size == 65536);
		ck_assert_uint_eq(a.phdr, 0x555555554040);
		ck_assert_uint_eq(a.base, 0x7ffff7fc8000);
		ck_assert_uint_eq(a.entry, 0x555555556040);
		ck_assert_uint_eq(a.vdso, 0x7ffff7fc6000);
		ck_assert_uint_eq(a.execfn, 0x7fffffffefee);
		for (size_t cut = 0; cut < n; cut++) {
			char *copy = malloc(cut ? cut : 1);

			memcpy(copy, bytes, cut);
			ck_assert_int_eq(auxv_parse(copy, cut, &a), -EBADMSG);
			ck_assert(!a.valid);
			free(copy);
		}
	}
}
END_TEST

START_TEST(test_auxv_damaged)
{
	static const uint64_t odd_page[] = { 6, 5000, 0, 0 }, no_page[] = { 9, 0x1000, 0, 0 };
	static const uint64_t huge_page[] = { 6, UINT64_C(1) << 30, 0, 0 };
	unsigned char bytes[64];
	struct auxv a;

	put_auxv(bytes, odd_page, 4, 8, false);
	ck_assert_int_eq(auxv_parse((char *)bytes, 32, &a), -EBADMSG);
	put_auxv(bytes, no_page, 4, 8, false);
	ck_assert_int_eq(auxv_parse((char *)bytes, 32, &a), -EBADMSG);
	put_auxv(bytes, huge_page, 4, 8, false);
	ck_assert_int_eq(auxv_parse((char *)bytes, 32, &a), -EBADMSG);
	ck_assert_int_eq(auxv_parse("", 0, &a), -EBADMSG);
	memset(bytes, 'x', sizeof(bytes));
	ck_assert_int_eq(auxv_parse((char *)bytes, sizeof(bytes), &a), -EBADMSG);
}
END_TEST

START_TEST(test_meminfo)
{
	static const char text[] =
		"MemTotal:       24574724 kB\nMemFree:        20177492 kB\nVmallocTotal:   34359738367 kB\n"
		"HugePages_Total:       0\nHugepagesize:       2048 kB\nHugetlb:               0 kB\n";
	struct meminfo m;

	meminfo_parse(text, strlen(text), &m);
	ck_assert(meminfo_has(&m, MEMINFO_MEM_TOTAL));
	ck_assert(meminfo_has(&m, MEMINFO_VMALLOC_TOTAL));
	ck_assert(meminfo_has(&m, MEMINFO_HUGEPAGESIZE));
	ck_assert_uint_eq(m.v[MEMINFO_MEM_TOTAL], UINT64_C(24574724) * 1024);
	ck_assert_uint_eq(m.v[MEMINFO_VMALLOC_TOTAL], UINT64_C(34359738367) * 1024);
	ck_assert_uint_eq(m.v[MEMINFO_HUGEPAGESIZE], 2048 * 1024);
	meminfo_parse("", 0, &m);
	ck_assert_uint_eq(m.valid, 0);
	meminfo_parse("MemTotal: kB\nMemTotal 1 kB\nXMemTotal: 1 kB\nHugepagesize: -1\n", 60, &m);
	ck_assert_uint_eq(m.valid, 0);
}
END_TEST

START_TEST(test_small_files)
{
	uint64_t v = 0;

	ck_assert(machine_parse_boot_time("cpu  1 2 3\nintr 1\nbtime 1763836000\nprocesses 1\n", 45, &v));
	ck_assert_uint_eq(v, 1763836000);
	ck_assert(!machine_parse_boot_time("cpu 1\nbtim", 10, &v));
	ck_assert(!machine_parse_boot_time("btime \n", 7, &v));
	ck_assert(!machine_parse_boot_time("xbtime 5\n", 9, &v));
	ck_assert(!machine_parse_boot_time("", 0, &v));
	ck_assert(machine_parse_uptime("12345.67 100.00\n", 16, &v) && v == 1234567);
	ck_assert(machine_parse_uptime("0.00 0.00\n", 10, &v) && v == 0);
	ck_assert(machine_parse_uptime("12.05 1", 7, &v) && v == 1205);
	ck_assert(machine_parse_uptime("7", 1, &v) && v == 700);
	ck_assert(!machine_parse_uptime("", 0, &v));
	ck_assert(!machine_parse_uptime("x", 1, &v));
	ck_assert(!machine_parse_uptime("1.", 2, &v));
	ck_assert(!machine_parse_uptime("-1.00", 5, &v));
	ck_assert_uint_eq(machine_parse_mmu("hart\t: 0\nmmu\t\t: sv48\n", 22), 48);
	ck_assert_uint_eq(machine_parse_mmu("mmu : sv39", 10), 39);
	ck_assert_uint_eq(machine_parse_mmu("mmu : none\n", 11), 0);
	ck_assert_uint_eq(machine_parse_mmu("mmu : sv\n", 9), 0);
	ck_assert_uint_eq(machine_parse_mmu("mmu : sv999\n", 12), 0);
	ck_assert_uint_eq(machine_parse_mmu("flags : mmu sv48\n", 17), 0);
	ck_assert_uint_eq(machine_parse_mmu("", 0), 0);
}
END_TEST

static void check_sp(const char *text, int want, uint64_t sp)
{
	uint64_t got = 0;

	ck_assert_msg(threads_parse_syscall(text, strlen(text), &got) == want, "%s", text);
	if (want == 0)
		ck_assert_uint_eq(got, sp);
}

START_TEST(test_syscall)
{
	check_sp("running\n", -ENOENT, 0);
	check_sp("-1 0x7ffd1c6c6a08 0x7f1234567890\n", 0, 0x7ffd1c6c6a08);
	check_sp("202 0x7f0000000910 0x109 0x0 0x0 0x0 0xffffffff 0x7effffffe000 0x7f000008f017\n", 0,
		 0x7effffffe000);
	check_sp("202 0x7f0000000910 0x109 0x0 0x0 0x0 0xffffffff 0x7effffffe000 0x7f000008f017", 0,
		 0x7effffffe000);
	check_sp("-1 0x0 0x0\n", -ENOENT, 0);
	check_sp("", -ENOENT, 0);
	check_sp("\n", -ENOENT, 0);
	check_sp("0x1\n", -ENOENT, 0);
	check_sp("-1 zero 0x1\n", -ENOENT, 0);
	check_sp("-1 0x10000000000000000 0x1\n", -ENOENT, 0);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("machine");

	UNIT_CASE(s, "auxv", test_auxv, test_auxv_damaged);
	UNIT_CASE(s, "machine", test_meminfo, test_small_files);
	UNIT_CASE(s, "threads", test_syscall);
	return unit_run(s);
}
