/* SPDX-License-Identifier: GPL-3.0-or-later */
/* /proc/swaps, and memory cgroups by number. */
#include "config.h"

#include "proc/swaps.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proc/cgroup.h"
#include "unit.h"

static struct swaps parse(const char *text)
{
	struct swaps s = { 0 };

	ck_assert_int_eq(swaps_parse(text, strlen(text), &s), 0);
	return s;
}

/* Linux 6.18, the second one a file called so for this test; the third is made up after the source. */
START_TEST(test_swaps)
{
	struct swaps s = parse(
		"Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n"
		"/dev/zram0                              partition\t65532\t\t1156\t\t-2\n"
		"/tmp/translate/s\\040w\\011a\\012p\\134f    file\t\t65532\t\t0\t\t100\n"
		"/tmp/swapfile\\040(deleted)               file\t\t4\t\t0\t\t-32768\n");

	ck_assert_uint_eq(s.area.n, 3);
	ck_str(s.area.v[0].path, "/dev/zram0");
	ck_assert(s.area.v[0].partition);
	ck_assert_uint_eq(s.area.v[0].size, 65532 * 1024);
	ck_assert_uint_eq(s.area.v[0].used, 1156 * 1024);
	ck_assert_int_eq(s.area.v[0].priority, -2);
	ck_str(s.area.v[1].path, "/tmp/translate/s w\ta\np\\f");
	ck_assert(!s.area.v[1].partition);
	ck_assert_int_eq(s.area.v[1].priority, 100);
	ck_str(s.area.v[2].path, "/tmp/swapfile (deleted)");
	ck_assert_int_eq(s.area.v[2].priority, -32768);
	swaps_done(&s);
}
END_TEST

START_TEST(test_odd_swaps)
{
	struct swaps s = parse("");

	ck_assert_uint_eq(s.area.n, 0);
	swaps_done(&s);
	/* no escape: too short, no octal digits, more than a byte */
	s = parse("/a\\04 file 4 0 1\n/b\\089 file 4 0 1\n/c\\777 file 4 0 1\n/d\\ file 4 0 1");
	ck_assert_uint_eq(s.area.n, 4);
	ck_str(s.area.v[0].path, "/a\\04");
	ck_str(s.area.v[1].path, "/b\\089");
	ck_str(s.area.v[2].path, "/c\\777");
	ck_str(s.area.v[3].path, "/d\\");
	swaps_done(&s);
	s = parse("/a file x 0 1\n/a file 4\n\n/a file 4 0 -\n/a file 99999999999999999999 0 1\n");
	ck_assert_uint_eq(s.area.n, 0);
	swaps_done(&s);
}
END_TEST

/* Types of areas: only the first line and a single one are certain. */
START_TEST(test_swap_types)
{
	struct swaps s = parse("");
	bool certain;

	ck_assert_ptr_null(swaps_find(&s, 0, &certain));
	swaps_done(&s);
	s = parse("/a file 4 0 1\n");
	ck_str(swaps_find(&s, 3, &certain)->path, "/a");
	ck_assert(certain);
	swaps_done(&s);
	s = parse("/a file 4 0 1\n/b file 4 0 1\n/c file 4 0 1\n");
	ck_str(swaps_find(&s, 0, &certain)->path, "/a");
	ck_assert(certain);
	ck_str(swaps_find(&s, 1, &certain)->path, "/b");
	ck_assert(!certain);
	ck_str(swaps_find(&s, 7, &certain)->path, "/c");
	ck_assert(!certain);
	swaps_done(&s);
}
END_TEST

static void check_mount(const char *text, int ret, const char *path, const char *prefix)
{
	struct cgroup_mount m = { 0 };

	ck_assert_int_eq(cgroup_mount_parse(text, strlen(text), &m), ret);
	if (ret == 0) {
		ck_buf(&m.path, path);
		ck_buf(&m.prefix, prefix);
	}
	cgroup_mount_done(&m);
}

#define TMPFS "30 22 0:27 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755\n"
#define V1_CPU "31 30 0:28 / /sys/fs/cgroup/cpu rw,relatime - cgroup cgroup rw,cpu\n"
#define V1_MEMORY "34 30 0:31 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory\n"
#define V2 "40 30 0:37 / /sys/fs/cgroup/unified rw,relatime shared:3 master:1 - cgroup2 cgroup2 rw\n"

/* From this machine, and as a container sees it. */
START_TEST(test_cgroup_mounts)
{
	check_mount(TMPFS V1_CPU V1_MEMORY V2, 0, "sys/fs/cgroup/memory", "");
	check_mount(V2 V1_MEMORY, 0, "sys/fs/cgroup/memory", "");
	check_mount(TMPFS V1_CPU V2, 0, "sys/fs/cgroup/unified", "");
	check_mount(TMPFS V1_CPU, -ENOENT, NULL, NULL);
	check_mount("", -ENOENT, NULL, NULL);
	check_mount("1 2 0:3 /docker/x\\040y /sys/fs/c\\040g ro - cgroup cg rw,cpu,memory,blkio", 0,
		    "sys/fs/c g", "/docker/x y");
	check_mount("1 2 0:3 / /sys/fs/cgroup rw - cgroup cg rw,memory2\n1 2 0:3 / x - cgroup2 a b\n"
		    "- - - - - - cgroup2\n", -ENOENT, NULL, NULL);
}
END_TEST

static uint64_t make_directory(const char *base, const char *name)
{
	char path[256];
	struct stat st;

	snprintf(path, sizeof(path), "%s/%s", base, name);
	ck_assert_int_eq(mkdir(path, 0755), 0);
	ck_assert_int_eq(stat(path, &st), 0);
	return st.st_ino;
}

static void check_path(const struct root *root, const struct cgroup_mount *m, uint64_t inode,
		       const char *want)
{
	struct buf path;
	int ret;

	buf_init(&path);
	ret = cgroup_path(root, m, inode, &path);
	ck_assert_int_eq(ret, want ? 0 : -ENOENT);
	if (want)
		ck_buf(&path, want);
	buf_done(&path);
}

/* Directories as a hierarchy of cgroups has them, with their real numbers. */
START_TEST(test_cgroup_paths)
{
	static const char *const name[] = { "proc", "sys", "sys/fs", "sys/fs/cgroup",
		"sys/fs/cgroup/a", "sys/fs/cgroup/a/b", "sys/fs/cgroup/a/b/c", "sys/fs/cgroup/z" };
	uint64_t inode[8], last = 0;
	char base[] = "/tmp/memmap-unit-XXXXXX";
	struct cgroup_mount m = { 0 };
	struct root root;

	ck_assert_ptr_nonnull(mkdtemp(base));
	for (size_t i = 0; i < 8; i++) {
		inode[i] = make_directory(base, name[i]);
		last = inode[i] > last ? inode[i] : last;
	}
	ck_assert_int_eq(root_open(&root, base, NULL), 0);
	ck_assert_int_eq(cgroup_mount_find(&root, &m), 0);
	ck_buf(&m.path, "sys/fs/cgroup");
	check_path(&root, &m, inode[3], "/");
	check_path(&root, &m, inode[4], "/a");
	check_path(&root, &m, inode[6], "/a/b/c");
	check_path(&root, &m, inode[7], "/z");
	check_path(&root, &m, inode[0], NULL);
	check_path(&root, &m, last + 1000, NULL);
	buf_puts(&m.prefix, "/docker");
	check_path(&root, &m, inode[3], "/docker");
	check_path(&root, &m, inode[5], "/docker/a/b");
	cgroup_mount_done(&m);
	root_close(&root);
	for (size_t i = 8; i-- > 0;) {
		char path[256];

		snprintf(path, sizeof(path), "%s/%s", base, name[i]);
		ck_assert_int_eq(rmdir(path), 0);
	}
	ck_assert_int_eq(rmdir(base), 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("swaps");

	UNIT_CASE(suite, "swaps", test_swaps, test_odd_swaps, test_swap_types);
	UNIT_CASE(suite, "cgroups", test_cgroup_mounts, test_cgroup_paths);
	return unit_run(suite);
}
