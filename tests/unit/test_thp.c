/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Settings of huge pages: words, numbers, whole trees of several kernels; buddyinfo, mountinfo. */
#include "config.h"

#include "proc/thp.h"

#include <inttypes.h>
#include <stdio.h>

#include "proc/buddyinfo.h"
#include "proc/hugepages.h"
#include "proc/mountinfo.h"
#include "unit.h"

#define ck_word(bytes, want_mode, want_text) \
	do { \
		struct thp_word w_ = thp_parse_word((bytes), strlen(bytes)); \
		ck_assert_int_eq(w_.mode, (want_mode)); \
		ck_assert_str_eq(w_.text, (want_text)); \
	} while (0)

START_TEST(test_words)
{
	ck_word("always [madvise] never\n", THP_MADVISE, "madvise");
	ck_word("[always] madvise never\n", THP_ALWAYS, "always");
	ck_word("always madvise [never]", THP_NEVER, "never");
	ck_word("always [inherit] madvise never\n", THP_INHERIT, "inherit");
	ck_word("always [within_size] advise never deny force\n", THP_WITHIN_SIZE, "within_size");
	ck_word("always within_size [advise] never deny force\n", THP_ADVISE, "advise");
	ck_word("always within_size advise never [deny] force\n", THP_DENY, "deny");
	ck_word("always within_size advise never deny [force]\n", THP_FORCE, "force");
	ck_word("always [defer] defer+madvise madvise never\n", THP_DEFER, "defer");
	ck_word("always defer [defer+madvise] madvise never\n", THP_DEFER_MADVISE, "defer+madvise");
	/* a newer kernel's word, and one longer than any */
	ck_word("always [sometimes] never\n", THP_OTHER, "sometimes");
	ck_word("[abcdefghijklmnopqrstuvwxyz]", THP_OTHER, "abcdefghijklmno");
	/* nothing in brackets, or no end of it */
	ck_word("always madvise never\n", THP_UNKNOWN, "");
	ck_word("always [madvise", THP_UNKNOWN, "");
	ck_word("] [", THP_UNKNOWN, "");
	ck_word("[]", THP_UNKNOWN, "");
	ck_word("", THP_UNKNOWN, "");
	ck_assert_str_eq(thp_mode_name(THP_DEFER_MADVISE), "defer+madvise");
}
END_TEST

START_TEST(test_size_names)
{
	uint64_t v = 1;

	ck_assert(thp_parse_size("hugepages-2048kB", &v));
	ck_assert_uint_eq(v, 2048 * 1024);
	ck_assert(thp_parse_size("hugepages-1048576kB", &v));
	ck_assert_uint_eq(v, UINT64_C(1) << 30);
	ck_assert(!thp_parse_size("hugepages-2048KB", &v));
	ck_assert(!thp_parse_size("hugepages-2048kB1", &v));
	ck_assert(!thp_parse_size("hugepages-kB", &v));
	ck_assert(!thp_parse_size("hugepages-0kB", &v));
	ck_assert(!thp_parse_size("hugepages-", &v));
	ck_assert(!thp_parse_size("hugepages-18446744073709551615kB", &v));
	ck_assert(!thp_parse_size("pages-2048kB", &v));
	ck_assert(!thp_parse_size("", &v));
}
END_TEST

/* A captured tree of tests/golden. */
static void open_tree(const char *name, struct root *root)
{
	const char *top = getenv("top_srcdir");
	struct err e = { 0 };
	char path[4096];

	snprintf(path, sizeof(path), "%s/tests/golden/%s", top ? top : ".", name);
	ck_assert_msg(root_open(root, path, &e) == 0, "%s", e.text);
}

static void read_tree(const char *name, struct thp *t)
{
	struct root root;

	open_tree(name, &root);
	thp_read(&root, true, t);
	root_close(&root);
}

/* Looked up in the files by hand. */
START_TEST(test_trees)
{
	struct thp t;
	char file[64];

	read_tree("x86_64-5.10", &t);
	ck_assert(t.present && !t.absent);
	ck_assert_int_eq(t.enabled.mode, THP_NEVER);
	ck_assert_int_eq(t.shmem_enabled.mode, THP_NEVER);
	ck_assert_int_eq(t.defrag.mode, THP_NEVER);
	ck_assert_uint_eq(t.sizes, 0);
	ck_assert_uint_eq(thp_pmd_size(&t), 2097152);
	ck_assert(t.number[THP_MAX_PTES_NONE].known);
	ck_assert_uint_eq(t.number[THP_MAX_PTES_NONE].v, 511);
	ck_assert_uint_eq(t.number[THP_MAX_PTES_SWAP].v, 64);
	ck_assert_uint_eq(t.number[THP_MAX_PTES_SHARED].v, 256);
	ck_assert_uint_eq(t.number[THP_SCAN_SLEEP].v, 10000);
	ck_assert_uint_eq(t.number[THP_PAGES_TO_SCAN].v, 4096);
	ck_assert_int_eq(thp_anon_mode(&t, 2097152, file, sizeof(file)).mode, THP_NEVER);
	ck_assert_str_eq(file, "enabled");

	read_tree("x86_64-6.12", &t);
	ck_assert_uint_eq(t.sizes, 9);
	for (unsigned int i = 0; i < 9; i++)
		ck_assert_uint_eq(t.size[i].size, UINT64_C(8192) << i);
	ck_assert_int_eq(t.size[0].enabled.mode, THP_UNKNOWN);	/* 8K: of shared memory only */
	ck_assert_int_eq(t.size[0].shmem_enabled.mode, THP_NEVER);
	ck_assert_int_eq(thp_find_size(&t, 2097152)->enabled.mode, THP_INHERIT);
	ck_assert_int_eq(thp_find_size(&t, 65536)->enabled.mode, THP_NEVER);
	ck_assert_ptr_null(thp_find_size(&t, 4096));
	ck_assert_int_eq(thp_anon_mode(&t, 2097152, file, sizeof(file)).mode, THP_NEVER);
	ck_assert_str_eq(file, "enabled");
	ck_assert_int_eq(thp_anon_mode(&t, 65536, file, sizeof(file)).mode, THP_NEVER);
	ck_assert_str_eq(file, "hugepages-64kB/enabled");
	ck_assert_int_eq(thp_anon_mode(&t, 4096, file, sizeof(file)).mode, THP_UNKNOWN);
	ck_assert(!t.size[8].stat[THP_NR_ANON].known);		/* not captured */

	read_tree("arm64-6.12-16k", &t);
	ck_assert_uint_eq(thp_pmd_size(&t), UINT64_C(32) << 20);
	ck_assert_uint_eq(t.size[t.sizes - 1].size, UINT64_C(32) << 20);
	ck_assert_uint_eq(t.number[THP_MAX_PTES_NONE].v, 2047);

	/* missing from a tree: not known, which is not the same as missing from a kernel */
	read_tree("quoted-4.4", &t);
	ck_assert(!t.present && !t.absent);
	ck_assert_int_eq(t.enabled.mode, THP_UNKNOWN);
	ck_assert(!t.number[THP_MAX_PTES_NONE].known);
	ck_assert_uint_eq(thp_pmd_size(&t), 0);
}
END_TEST

START_TEST(test_pools)
{
	struct hugepages h;
	struct root root;

	open_tree("arm64-6.12-16k", &root);
	hugepages_read(&root, &h);
	root_close(&root);
	ck_assert_uint_eq(h.pools, 3);
	ck_assert_uint_eq(h.pool[0].size, UINT64_C(2) << 20);
	ck_assert_uint_eq(h.pool[1].size, UINT64_C(32) << 20);
	ck_assert_uint_eq(h.pool[2].size, UINT64_C(1) << 30);
	for (unsigned int i = 0; i < 3; i++)
		for (unsigned int k = 0; k < POOL_NUMBERS; k++)
			ck_assert(h.pool[i].number[k].known);
	ck_assert_uint_eq(h.pool[1].number[POOL_TOTAL].v, 8);
	ck_assert_uint_eq(h.pool[1].number[POOL_FREE].v, 4);
	ck_assert_uint_eq(h.pool[1].number[POOL_RESERVED].v, 2);
	ck_assert_uint_eq(h.pool[1].number[POOL_SURPLUS].v, 0);
	ck_assert_uint_eq(h.pool[2].number[POOL_TOTAL].v, 0);
}
END_TEST

static void parse_buddy(const char *text, buddy_list *out)
{
	*out = (buddy_list){ 0 };
	ck_assert_int_eq(buddyinfo_parse(text, strlen(text), out), 0);
}

/* Linux 6.18, x86-64. */
START_TEST(test_buddyinfo)
{
	uint64_t n = 0;
	buddy_list z;

	parse_buddy("Node 0, zone      DMA      0      0      0      0      0      0      0      0      1      1      3 \n"
		    "Node 0, zone    DMA32      2      3      0      2      3      2      1      4      4      2    752 \n"
		    "Node 0, zone   Normal   2803   1693    831    248    370    190    586    508    284    193    640 \n", &z);
	ck_assert_uint_eq(z.n, 3);
	ck_assert_str_eq(z.v[2].name, "Normal");
	ck_assert_uint_eq(z.v[2].orders, 11);
	ck_assert_uint_eq(z.v[2].free[0], 2803);
	ck_assert_uint_eq(z.v[2].free[10], 640);
	/* 2 + 193 blocks of order 9, and 752 + 640 of twice the size; zone DMA is not counted */
	ck_assert(buddyinfo_blocks(&z, 9, &n));
	ck_assert_uint_eq(n, 2 + 193 + 2 * (752 + 640));
	ck_assert(buddyinfo_blocks(&z, 10, &n));
	ck_assert_uint_eq(n, 752 + 640);
	ck_assert(buddyinfo_blocks(&z, 11, &n));
	ck_assert_uint_eq(n, 0);
	vec_done(&z);
}
END_TEST

START_TEST(test_buddyinfo_odd)
{
	char many[64 + 40 * 2] = "Node 4294967295, zone  Movable";
	uint64_t n = 7;
	buddy_list z;

	/* arm64: zone DMA is ordinary memory where the same node has no DMA32 */
	parse_buddy("Node 0, zone      DMA      1      2\nNode 1, zone    DMA32      5      6\n"
		    "Node 1, zone   Device   9 9\n", &z);
	ck_assert(buddyinfo_blocks(&z, 0, &n));
	ck_assert_uint_eq(n, 1 + 2 * 2 + 5 + 2 * 6);
	vec_done(&z);

	parse_buddy("Node 0, zone \nNode x, zone DMA 1\nnode 0, zone DMA 1\n\nNode 0, zone DMA x\n"
		    "Node 0 zone DMA 1\nNode 4294967296, zone DMA 1\nNode 0, zone DMA", &z);
	ck_assert_uint_eq(z.n, 0);
	ck_assert(!buddyinfo_blocks(&z, 9, &n));
	vec_done(&z);

	/* more orders than fit, a long name, values that overflow a sum */
	for (int i = 0; i < 40; i++)
		strcat(many, " 1");
	parse_buddy(many, &z);
	ck_assert_uint_eq(z.n, 1);
	ck_assert_uint_eq(z.v[0].node, UINT32_MAX);
	ck_assert_uint_eq(z.v[0].orders, BUDDY_ORDERS);
	vec_done(&z);
	parse_buddy("Node 0, zone averyveryverylongname 18446744073709551615 18446744073709551615", &z);
	ck_assert_str_eq(z.v[0].name, "averyveryverylo");
	ck_assert(buddyinfo_blocks(&z, 0, &n));
	ck_assert_uint_eq(n, UINT64_MAX);
	vec_done(&z);
}
END_TEST

static void parse_mounts(const char *text, mount_list *out)
{
	*out = (mount_list){ 0 };
	ck_assert_int_eq(mountinfo_parse(text, strlen(text), out), 0);
}

/* Linux 6.18; the second line is that of proc_pid_mountinfo(5). */
START_TEST(test_mountinfo)
{
	const struct mount *m;
	mount_list l;

	parse_mounts("26 1 254:0 / / rw,relatime - ext4 /dev/vda rw,discard,resuid=65534\n"
		     "36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 shared:2 - ext3 /dev/root rw,errors=continue\n"
		     "29 24 0:26 / /dev/shm rw,relatime - tmpfs tmpfs rw,size=24683620k\n"
		     "30 24 0:27 / - rw,relatime - tmpfs huge=never rw,huge=within_size,size=4k\n"
		     "31 24 0:28 / /a\\040b ro - tmpfs none ro,huge=advise\n"
		     "32 24 0:29 / /x ro - tmpfs none ro,nothuge=always\n"
		     "33 24 0:27 / /again ro - tmpfs none ro\n", &l);
	ck_assert_uint_eq(l.n, 7);
	m = mounts_find(&l, 254, 0);
	ck_assert_str_eq(m->type, "ext4");
	ck_assert_str_eq(m->huge, "");
	ck_assert_str_eq(mounts_find(&l, 98, 0)->type, "ext3");
	ck_assert_str_eq(mounts_find(&l, 0, 26)->type, "tmpfs");
	ck_assert_str_eq(mounts_find(&l, 0, 26)->huge, "");
	ck_assert_str_eq(mounts_find(&l, 0, 27)->huge, "within_size");
	ck_assert_str_eq(mounts_find(&l, 0, 28)->huge, "advise");
	ck_assert_str_eq(mounts_find(&l, 0, 29)->huge, "");
	ck_assert_ptr_null(mounts_find(&l, 0, 1));
	vec_done(&l);
}
END_TEST

START_TEST(test_mountinfo_damaged)
{
	mount_list l;

	parse_mounts("\n26\n26 1\n26 1 254:0\n26 1 254 / / rw - ext4 a b\n26 1 x:0 / / rw - ext4 a b\n"
		     "26 1 254: / / rw - ext4 a b\n26 1 254:0 / / rw - \n26 1 254:0 / / rw shared:1\n"
		     "26 1 4294967296:0 / / rw - ext4 a b\n26 1 254:0 / / rw ext4 a b", &l);
	ck_assert_uint_eq(l.n, 0);
	vec_done(&l);
	parse_mounts("1 1 0:1 / / rw - afilesystemwithanamethatislong\n2 1 0:2 / / rw - t s huge=", &l);
	ck_assert_uint_eq(l.n, 2);
	ck_assert_str_eq(l.v[0].type, "afilesystemwithanametha");
	ck_assert_str_eq(l.v[1].huge, "");
	vec_done(&l);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("thp");

	UNIT_CASE(s, "thp", test_words, test_size_names, test_trees);
	UNIT_CASE(s, "pools", test_pools);
	UNIT_CASE(s, "buddyinfo", test_buddyinfo, test_buddyinfo_odd);
	UNIT_CASE(s, "mountinfo", test_mountinfo, test_mountinfo_damaged);
	return unit_run(s);
}
