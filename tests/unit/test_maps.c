/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One line of maps: lines as kernels write them, as seq_file writes them, and damaged ones. */
#include "config.h"

#include "proc/maps.h"

#include <inttypes.h>
#include <stdio.h>

#include "unit.h"

static bool parse(const char *text, struct maps_line *m)
{
	return maps_parse_line(text, text + strlen(text), m);
}

/* fs/proc/task_mmu.c: the fields, then a name from column 73 (or one blank further right). */
static void put_line(char *to, uint64_t start, uint64_t end, const char *perms, uint64_t offset,
		     unsigned int major, unsigned int minor, uint64_t inode, const char *name,
		     int column)
{
	int n = sprintf(to, "%08" PRIx64 "-%08" PRIx64 " %s %08" PRIx64 " %02x:%02x %" PRIu64 " ",
			start, end, perms, offset, major, minor, inode);

	if (*name)
		sprintf(to + n, "%*s%s", n < column - 1 ? column - n : 1, "", name);
}

static void check(const char *text, uint64_t start, uint64_t end, const char *perms,
		  uint64_t offset, unsigned int major, unsigned int minor, uint64_t inode,
		  const char *name)
{
	struct maps_line m;
	char got[5] = "";

	ck_assert_msg(parse(text, &m), "%s", text);
	ck_assert(maps_is_line(text, text + strlen(text)));
	ck_assert_uint_eq(m.start, start);
	ck_assert_uint_eq(m.end, end);
	maps_put_perms(got, m.perms);
	ck_assert_str_eq(got, perms);
	ck_assert_uint_eq(m.offset, offset);
	ck_assert_uint_eq(m.dev_major, major);
	ck_assert_uint_eq(m.dev_minor, minor);
	ck_assert_uint_eq(m.inode, inode);
	ck_str(m.name, name);
}

/* Copied from running kernels, but for the two said to be made. */
START_TEST(test_known_lines)
{
	check("55d0c0a00000-55d0c0a2f000 r--p 00000000 fe:00 3678                       /usr/bin/bash",
	      0x55d0c0a00000, 0x55d0c0a2f000, "r--p", 0, 0xfe, 0, 3678, "/usr/bin/bash");
	check("7f1c2a7f5000-7f1c2a802000 rw-p 00000000 00:00 0 ", 0x7f1c2a7f5000, 0x7f1c2a802000,
	      "rw-p", 0, 0, 0, 0, "");
	check("ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]",
	      0xffffffffff600000, 0xffffffffff601000, "--xp", 0, 0, 0, 0, "[vsyscall]");
	check("00400000-00452000 r-xp 00000000 08:02 173521      /usr/bin/dbus-daemon",
	      0x400000, 0x452000, "r-xp", 0, 8, 2, 173521, "/usr/bin/dbus-daemon");
	/* a 32-bit kernel pads to column 49 */
	check("08048000-08056000 r-xp 00000000 03:0c 64593      /usr/sbin/gpm", 0x8048000,
	      0x8056000, "r-xp", 0, 3, 0xc, 64593, "/usr/sbin/gpm");
	/* early 2.6 pads with tabs nowhere, but WSL1 and others leave the blank out */
	check("7f0000000000-7f0000001000 rw-p 00000000 00:00 0", 0x7f0000000000, 0x7f0000001000,
	      "rw-p", 0, 0, 0, 0, "");
	/* made: NVMe namespaces have majors and minors of more than two digits */
	check("7f0000000000-7f0000001000 r-xs ffffffff000 103:fffff 18446744073709551615 /x",
	      0x7f0000000000, 0x7f0000001000, "r-xs", 0xffffffff000, 0x103, 0xfffff, UINT64_MAX,
	      "/x");
	/* made: the names stand where they stand, whatever is in them */
	check("00001000-00002000 rw-p 00000000 00:05 42                                 "
	      "/tmp/sz 12 kB", 0x1000, 0x2000, "rw-p", 0, 0, 5, 42, "/tmp/sz 12 kB");
}
END_TEST

START_TEST(test_names)
{
	static const char *const name[] = {
		"/usr/lib/libc.so.6", "[heap]", "[stack:12]", "/a b", " leading", "   three",
		"trailing ", "\ttab", "/new\\012line", "/esc\033[31m", "/bad\xff\xfe", "/x (deleted)",
		"anon_inode:[io_uring]", "[anon:a/b]", "socket:[12]", "Size: 4 kB", "7fff-8000 r",
	};
	char text[512];

	for (size_t i = 0; i < sizeof(name) / sizeof(name[0]); i++) {
		/* short fields; fields up to the column; fields beyond it */
		put_line(text, 0x1000, 0x2000, "rw-p", 0, 0xfe, 0, 12, name[i], 73);
		check(text, 0x1000, 0x2000, "rw-p", 0, 0xfe, 0, 12, name[i]);
		put_line(text, UINT64_C(0xfffffffffffff000), UINT64_C(0xfffffffffffff001), "r--s",
			 UINT64_C(0x7fffffffff000), 0x103, 0xfffff, UINT64_MAX, name[i], 73);
		check(text, UINT64_C(0xfffffffffffff000), UINT64_C(0xfffffffffffff001), "r--s",
		      UINT64_C(0x7fffffffff000), 0x103, 0xfffff, UINT64_MAX, name[i]);
		for (uint64_t inode = 1; inode < UINT64_MAX / 10; inode *= 10) {
			put_line(text, 0x7f0000000000, 0x7f0000001000, "---p", 0xfffff000, 0x103, 1,
				 inode, name[i], 73);
			check(text, 0x7f0000000000, 0x7f0000001000, "---p", 0xfffff000, 0x103, 1,
			      inode, name[i]);
		}
		/* 32-bit kernel: leading blanks of a name cannot be told from padding there */
		if (name[i][0] == ' ')
			continue;
		put_line(text, 0x8048000, 0x8049000, "r-xp", 0, 8, 1, 12, name[i], 49);
		check(text, 0x8048000, 0x8049000, "r-xp", 0, 8, 1, 12, name[i]);
	}
}
END_TEST

START_TEST(test_random_lines)
{
	uint64_t seed = 21;
	char text[512], name[64];

	for (int i = 0; i < 100000; i++) {
		uint64_t start = unit_number(&seed), end = unit_number(&seed);
		uint64_t offset = unit_number(&seed), inode = unit_number(&seed);
		unsigned int bits = (unsigned int)unit_below(&seed, 16);
		unsigned int major = (unsigned int)(unit_number(&seed) >> 32);
		unsigned int minor = (unsigned int)(unit_number(&seed) >> 32);
		char perms[] = { bits & 1 ? 'r' : '-', bits & 2 ? 'w' : '-', bits & 4 ? 'x' : '-',
				 bits & 8 ? 's' : 'p', '\0' };
		size_t len = unit_below(&seed, sizeof(name));
		struct maps_line m;

		for (size_t k = 0; k < len; k++) {
			name[k] = (char)(1 + unit_below(&seed, 255));
			name[k] = name[k] == '\n' ? ' ' : name[k];
		}
		name[len] = '\0';
		put_line(text, start, end, perms, offset, major, minor, inode, name, 73);
		if (end > start)
			check(text, start, end, perms, offset, major, minor, inode, name);
		else
			ck_assert(!parse(text, &m));
	}
}
END_TEST

START_TEST(test_damaged)
{
	static const char *const bad[] = {
		"", "7f", "7f00-", "7f00-8000", "7f00-8000 ", "7f00-8000 rw-", "7f00-8000 rw-p",
		"7f00-8000 rw-p 0", "7f00-8000 rw-p 00000000 00", "7f00-8000 rw-p 00000000 00:00",
		"7f00-8000 rw-p 00000000 00:00 ", "8000-7f00 rw-p 00000000 00:00 0 ",
		"7f00-7f00 rw-p 00000000 00:00 0 ", "7f00-8000 rwap 00000000 00:00 0 ",
		"7f00-8000 rwx- 00000000 00:00 0 ", "7f00 8000 rw-p 00000000 00:00 0 ",
		"7f00-8000 rw-p 00000000 0000 0 ", "7f00-8000 rw-p 00000000 00:00 x ",
		"7f00-8000 rw-p 00000000 00:00 0x1 /x", "7f00-8000 rw-p 00000000 00:00 0/x",
		"10000000000000000-20000000000000000 rw-p 00000000 00:00 0 ",
		"7f00-8000 rw-p 10000000000000000 00:00 0 ",
		"7f00-8000 rw-p 00000000 00:00 18446744073709551616 ",
		"7f00-8000 rw-p 00000000 100000000:00 0 ", "-8000 rw-p 00000000 00:00 0 ",
		"7f00-8000  rw-p 00000000 00:00 0 ", "7f00-8000 rw-pp 00000000 00:00 0 ",
	};
	struct maps_line m;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(!parse(bad[i], &m), "%s", bad[i]);
}
END_TEST

/* Whatever the length, nothing behind the end is read: the copy ends where the heap block does. */
START_TEST(test_cut_anywhere)
{
	static const char line[] =
		"7f1c2a7f5000-7f1c2a802000 rw-p 00000000 fe:00 12                         /a";

	for (size_t n = 0; n < sizeof(line); n++) {
		char *copy = malloc(n ? n : 1);
		struct maps_line m;
		bool ok;

		memcpy(copy, line, n);
		ok = maps_parse_line(copy, copy + n, &m);
		/* it is whole as soon as the inode has a digit */
		ck_assert_msg(ok == (n >= 47), "%zu bytes", n);
		free(copy);
	}
}
END_TEST

START_TEST(test_is_line)
{
	for (int c = 0; c < 256; c++) {
		char text[1] = { (char)c };

		ck_assert(maps_is_line(text, text + 1) ==
			  ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')));
		ck_assert(!maps_is_line(text, text));
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("maps");

	UNIT_CASE(s, "lines", test_known_lines, test_names, test_random_lines, test_is_line);
	UNIT_CASE(s, "damage", test_damaged, test_cut_anywhere);
	return unit_run(s);
}
