/* SPDX-License-Identifier: GPL-3.0-or-later */
/* status, stat and limits: as kernels write them, with parts missing, and damaged. */
#include "config.h"

#include "proc/status.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "proc/limits.h"
#include "proc/stat.h"
#include "unit.h"

static struct status parse_status(const char *text, int want)
{
	struct status s;

	ck_assert_int_eq(status_parse(text, strlen(text), &s), want);
	return s;
}

#define ck_status(s, f, want) \
	do { \
		ck_assert(status_has((s), (f))); \
		ck_assert_uint_eq(status_get((s), (f)), (want)); \
	} while (0)

/* Shortened from Linux 6.18. */
START_TEST(test_status)
{
	struct status s = parse_status(
		"Name:\tbash\nUmask:\t0022\nState:\tS (sleeping)\nTgid:\t8912\nNgid:\t0\nPid:\t8912\n"
		"PPid:\t8911\nTracerPid:\t0\nUid:\t1000\t1001\t1002\t1003\nGid:\t0\t0\t0\t0\n"
		"Kthread:\t0\nVmPeak:\t    4524 kB\nVmSize:\t    4520 kB\nVmLck:\t       0 kB\n"
		"VmPin:\t       1 kB\nVmHWM:\t    3660 kB\nVmRSS:\t    3656 kB\n"
		"RssAnon:\t     380 kB\nRssFile:\t    3276 kB\nRssShmem:\t       0 kB\n"
		"VmData:\t     500 kB\nVmStk:\t     132 kB\nVmExe:\t     756 kB\n"
		"VmLib:\t    1768 kB\nVmPTE:\t      52 kB\nVmSwap:\t       7 kB\n"
		"HugetlbPages:\t    2048 kB\nCoreDumping:\t0\nTHP_enabled:\t1\n"
		"untag_mask:\t0xffffffffffffffff\nThreads:\t3\nSigQ:\t0/95854\n", 0);

	ck_assert_int_eq(s.state, 'S');
	ck_assert(s.has_uid);
	ck_assert_uint_eq(s.uid, 1001);
	ck_status(&s, STATUS_VM_PEAK, 4524 * 1024);
	ck_status(&s, STATUS_VM_SIZE, 4520 * 1024);
	ck_status(&s, STATUS_VM_LCK, 0);
	ck_status(&s, STATUS_VM_PIN, 1024);
	ck_status(&s, STATUS_VM_HWM, 3660 * 1024);
	ck_status(&s, STATUS_VM_RSS, 3656 * 1024);
	ck_status(&s, STATUS_RSS_ANON, 380 * 1024);
	ck_status(&s, STATUS_RSS_FILE, 3276 * 1024);
	ck_status(&s, STATUS_RSS_SHMEM, 0);
	ck_status(&s, STATUS_VM_DATA, 500 * 1024);
	ck_status(&s, STATUS_VM_STK, 132 * 1024);
	ck_status(&s, STATUS_VM_EXE, 756 * 1024);
	ck_status(&s, STATUS_VM_LIB, 1768 * 1024);
	ck_status(&s, STATUS_VM_PTE, 52 * 1024);
	ck_status(&s, STATUS_VM_SWAP, 7 * 1024);
	ck_status(&s, STATUS_HUGETLB_PAGES, 2048 * 1024);
	ck_status(&s, STATUS_CORE_DUMPING, 0);
	ck_status(&s, STATUS_THP_ENABLED, 1);
	ck_status(&s, STATUS_UNTAG_MASK, UINT64_MAX);
	ck_status(&s, STATUS_TGID, 8912);
	ck_status(&s, STATUS_PPID, 8911);
	ck_status(&s, STATUS_THREADS, 3);
	ck_status(&s, STATUS_KTHREAD, 0);
	ck_assert(!status_has(&s, STATUS_VM_PMD));
	ck_assert_uint_eq(status_get(&s, STATUS_VM_PMD), 0);
}
END_TEST

START_TEST(test_status_without_memory)
{
	struct status s = parse_status("Name:\tkthreadd\nState:\tI (idle)\nTgid:\t2\nKthread:\t1\n", 0);

	ck_assert_int_eq(s.state, 'I');
	ck_assert(!status_has(&s, STATUS_VM_SIZE));
	ck_assert(!s.has_uid);
	ck_status(&s, STATUS_KTHREAD, 1);
	s = parse_status("State:\tZ (zombie)", 0);
	ck_assert_int_eq(s.state, 'Z');
}
END_TEST

START_TEST(test_status_damaged)
{
	struct status s;

	s = parse_status("", -EBADMSG);
	ck_assert_uint_eq(s.valid, 0);
	parse_status("Name:\tx\nState:\n", -EBADMSG);
	parse_status("Sta", -EBADMSG);
	/* amounts that do not fit, lines without numbers or colons, a name like a key */
	s = parse_status("Name:\tVmRSS\nState:\tR\nVmRSS:\t99999999999999999999 kB\nVmSize:\tx kB\n"
			 "VmLck:\nVmHWM 7 kB\nVmPTE:\t-1 kB\nXVmStk:\t1 kB\nVmSt:\t1 kB\n"
			 "Uid:\t1\nuntag_mask:\tff g\n", 0);
	ck_assert_uint_eq(s.valid, 0);
	ck_assert(!s.has_uid);
	s = parse_status("State:\tR\nVmSize:\t18446744073709551615 kB\nUid:\t0\t4294967296\n", 0);
	ck_assert(!status_has(&s, STATUS_VM_SIZE) ||
		  status_get(&s, STATUS_VM_SIZE) == UINT64_MAX);
	ck_assert(!s.has_uid);
}
END_TEST

START_TEST(test_state_names)
{
	ck_assert_str_eq(status_state_name('R'), "running");
	ck_assert_str_eq(status_state_name('Z'), "zombie");
	for (int c = 0; c < 256; c++)
		ck_assert_ptr_nonnull(status_state_name((char)c));
	for (unsigned int i = 0; i < STATUS_FIELDS; i++)
		ck_assert(status_field_info[i].name && status_field_info[i].key &&
			  status_field_info[i].help);
}
END_TEST

/* Fields 3 to 52 after the name: state, then each field's number, as proc_pid_stat(5) counts. */
static void put_stat(struct buf *b, const char *comm, unsigned int last)
{
	buf_printf(b, "42 (%s) S", comm);
	for (unsigned int i = 4; i <= last; i++)
		buf_printf(b, " %u", i * 1000);
	buf_putc(b, '\n');
}

START_TEST(test_stat)
{
	static const char *const comm[] = {
		"bash", "a b", "a) b", ")", "((", ") R 1 2 3", "new\nline", "", "\xff", "x) S (y",
	};

	for (size_t i = 0; i < sizeof(comm) / sizeof(comm[0]); i++) {
		struct stat_pid s;
		struct buf b;

		buf_init(&b);
		put_stat(&b, comm[i], 52);
		ck_assert_int_eq(stat_parse(b.data, b.len, &s), 0);
		ck_str(s.comm, comm[i]);
		ck_assert_int_eq(s.state, 'S');
		ck_assert(!s.masked);
		ck_assert(!stat_has(&s, (enum stat_field)3));
		for (unsigned int f = 4; f < STAT_FIELDS; f++) {
			ck_assert(stat_has(&s, (enum stat_field)f));
			ck_assert_uint_eq(s.v[f], f * 1000);
		}
		buf_done(&b);
	}
}
END_TEST

START_TEST(test_stat_short)
{
	struct stat_pid s;
	struct buf b;

	/* Linux before 3.3 has 44 fields */
	buf_init(&b);
	put_stat(&b, "old", 44);
	ck_assert_int_eq(stat_parse(b.data, b.len, &s), 0);
	ck_assert(stat_has(&s, STAT_START_STACK) && !stat_has(&s, STAT_START_DATA));
	ck_assert(!stat_has(&s, STAT_ENV_END));
	/* cut anywhere: what is there is right but for the field it was cut in */
	for (size_t n = 10; n < b.len; n++) {
		char *copy = malloc(n);

		memcpy(copy, b.data, n);
		ck_assert_int_eq(stat_parse(copy, n, &s), 0);
		for (unsigned int f = 4; f < 44; f++)
			if (stat_has(&s, (enum stat_field)(f + 1)) && f < STAT_START_CODE)
				ck_assert_uint_eq(s.v[f], f * 1000);
		free(copy);
	}
	buf_done(&b);
}
END_TEST

static void check_masked(const char *code, const char *end, const char *stack, bool masked)
{
	char text[512];
	struct stat_pid s;

	snprintf(text, sizeof(text), "1 (init) S 0 1 1 0 -1 4194560 10 20 30 40 5 6 7 8 20 0 1 0 9 "
		 "4096 77 18446744073709551615 %s %s %s 0 0 0 0 0 0 0 0 0 17 0 0 0 0 0 0 0 0 0 0 0 0 "
		 "0 0\n", code, end, stack);
	ck_assert_int_eq(stat_parse(text, strlen(text), &s), 0);
	ck_assert(s.masked == masked);
	ck_assert(stat_has(&s, STAT_START_CODE) == !masked);
	ck_assert(stat_has(&s, STAT_START_BRK) == !masked);
	ck_assert(stat_has(&s, STAT_ENV_END) == !masked);
	ck_assert(stat_has(&s, STAT_STARTTIME) && s.v[STAT_STARTTIME] == 9);
	ck_assert(stat_has(&s, STAT_VSIZE) && s.v[STAT_VSIZE] == 4096);
	ck_assert(stat_has(&s, STAT_MINFLT) && s.v[STAT_MINFLT] == 10);
	ck_assert(stat_has(&s, STAT_MAJFLT) && s.v[STAT_MAJFLT] == 30);
	ck_assert(stat_has(&s, STAT_NUM_THREADS) && s.v[STAT_NUM_THREADS] == 1);
	ck_assert(stat_has(&s, STAT_FLAGS) && s.v[STAT_FLAGS] == 4194560);
	/* the terminal's group is -1 */
	ck_assert(!stat_has(&s, (enum stat_field)8));
}

START_TEST(test_stat_masked)
{
	check_masked("1", "1", "0", true);
	check_masked("0", "0", "0", true);
	check_masked("94352412733440", "94352413507585", "140722948321616", false);
	check_masked("4194304", "4198400", "140722948321616", false);
}
END_TEST

START_TEST(test_stat_damaged)
{
	static const char *const bad[] = { "", "42", "42 bash S 1 2", "42 (bash", "42 bash) S", ")(" };
	struct stat_pid s;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(stat_parse(bad[i], strlen(bad[i]), &s) == -EBADMSG, "%s", bad[i]);
	ck_assert_int_eq(stat_parse("1 (x)", 5, &s), 0);
	ck_assert_int_eq(s.state, '?');
	ck_assert_uint_eq(s.valid, 0);
	ck_assert_int_eq(stat_parse("1 (x) S 99999999999999999999 2", 30, &s), 0);
	ck_assert(!stat_has(&s, (enum stat_field)4));
	ck_assert(stat_has(&s, (enum stat_field)5) && s.v[5] == 2);
}
END_TEST

/* Linux 6.18, with the limits of memory changed to have different values. */
START_TEST(test_limits)
{
	static const char text[] =
		"Limit                     Soft Limit           Hard Limit           Units     \n"
		"Max cpu time              unlimited            unlimited            seconds   \n"
		"Max file size             unlimited            unlimited            bytes     \n"
		"Max data size             1000                 2000                 bytes     \n"
		"Max stack size            8388608              unlimited            bytes     \n"
		"Max core file size        0                    unlimited            bytes     \n"
		"Max resident set          unlimited            unlimited            bytes     \n"
		"Max processes             95854                95854                processes \n"
		"Max locked memory         3149131776           3149131777           bytes     \n"
		"Max address space         18446744073709547520 unlimited            bytes     \n";
	struct limits l;

	limits_parse(text, strlen(text), &l);
	ck_assert_uint_eq(l.valid, (1u << LIMITS) - 1);
	ck_assert_uint_eq(l.soft[LIMIT_DATA], 1000);
	ck_assert_uint_eq(l.hard[LIMIT_DATA], 2000);
	ck_assert_uint_eq(l.soft[LIMIT_STACK], 8388608);
	ck_assert_uint_eq(l.hard[LIMIT_STACK], LIMIT_UNLIMITED);
	ck_assert_uint_eq(l.soft[LIMIT_RSS], LIMIT_UNLIMITED);
	ck_assert_uint_eq(l.soft[LIMIT_LOCKED], 3149131776);
	ck_assert_uint_eq(l.hard[LIMIT_LOCKED], 3149131777);
	ck_assert_uint_eq(l.soft[LIMIT_ADDRESS_SPACE], UINT64_C(18446744073709547520));
	/* cut anywhere: a limit that is known is right or was cut in its last number */
	for (size_t n = 0; n < sizeof(text); n++) {
		char *copy = malloc(n ? n : 1);

		memcpy(copy, text, n);
		limits_parse(copy, n, &l);
		ck_assert(!(l.valid >> LIMIT_DATA & 1) || l.soft[LIMIT_DATA] == 1000);
		free(copy);
	}
}
END_TEST

START_TEST(test_limits_damaged)
{
	static const char *const bad[] = {
		"", "Max data size", "Max data size  ", "Max data size  1000",
		"Max data size  x y", "Max data size 99999999999999999999 1", "max data size 1 2",
		"Max data siz 1 2", "\n\n",
	};
	struct limits l;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		limits_parse(bad[i], strlen(bad[i]), &l);
		ck_assert_msg(l.valid == 0, "%s", bad[i]);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("status");

	UNIT_CASE(s, "status", test_status, test_status_without_memory, test_status_damaged,
		  test_state_names);
	UNIT_CASE(s, "stat", test_stat, test_stat_short, test_stat_masked, test_stat_damaged);
	UNIT_CASE(s, "limits", test_limits, test_limits_damaged);
	return unit_run(s);
}
