/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a capture is made with, and what it has beyond the kernel's files. */
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proc/cgroup.h"
#include "proc/elf_symbol.h"
#include "proc/page_labels.h"
#include "proc/passwd.h"
#include "proc/tree.h"
#include "unit.h"

/* ---- the tree ---- */

struct place {
	char dir[256], tree[300];
	struct err e;
};

static void place_init(struct place *p)
{
	const char *tmp = getenv("TMPDIR");

	memset(p, 0, sizeof(*p));
	ck_assert_int_lt(snprintf(p->dir, sizeof(p->dir), "%s/memmap-unit-XXXXXX",
				  tmp && *tmp ? tmp : "/tmp"), (int)sizeof(p->dir));
	ck_assert_ptr_nonnull(mkdtemp(p->dir));
	snprintf(p->tree, sizeof(p->tree), "%s/tree", p->dir);
}

static unsigned int entries(const char *dir)
{
	DIR *d = opendir(dir);
	unsigned int n = 0;

	ck_assert_ptr_nonnull(d);
	while (readdir(d))
		n++;
	closedir(d);
	return n - 2;
}

/* Nothing else may be there any more. */
static void place_done(struct place *p)
{
	ck_assert_int_eq(rmdir(p->dir), 0);
}

static void check_file(const char *dir, const char *name, const char *want)
{
	char path[600], text[64];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, O_RDONLY);
	ck_assert_msg(fd >= 0, "%s: %s", path, strerror(errno));
	n = read(fd, text, sizeof(text));
	ck_assert_int_ge(n, 0);
	ck_bytes(text, (size_t)n, want);
	close(fd);
}

START_TEST(test_tree)
{
	struct place p;
	struct tree t;
	struct stat st;
	char path[600];
	uint64_t word = 1;
	int fd;

	place_init(&p);
	ck_assert_int_eq(tree_begin(p.tree, &p.e, &t), 0);
	ck_assert_int_eq(tree_put(&t, "proc/1/stat", "one", 3), 0);
	ck_assert_int_eq(tree_put(&t, "proc/1/stat", "one", 3), -EEXIST);
	ck_assert_int_eq(tree_put(&t, "proc/12/stat", "twelve", 6), 0);
	ck_assert_int_eq(tree_link(&t, "proc/1/exe", "/bin/true"), 0);
	ck_assert_int_eq(tree_gap(&t, "proc/1/smaps", "no"), 0);
	ck_assert_int_eq(tree_gap(&t, "proc/12/smaps", "no"), 0);
	ck_assert_int_eq(tree_forget(&t, "proc/1"), 0);
	ck_assert_uint_eq(t.file.n, 1);
	ck_assert_uint_eq(t.gap.n, 1);
	ck_str(t.gap.v[0].path, "proc/12/smaps");
	fd = tree_open(&t, "proc/12/pagemap");
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(tree_write_at(&t, fd, &word, sizeof(word), UINT64_C(1) << 30), 0);
	ck_assert_int_eq(tree_set_size(&t, fd, UINT64_C(1) << 31), 0);
	ck_assert_int_eq(tree_close(&t, "proc/12/pagemap", fd), 0);
	ck_assert_uint_eq(t.file.v[1].size, UINT64_C(1) << 31);
	ck_assert_uint_lt(t.file.v[1].stored, 1 << 20);
	/* not before its end */
	ck_assert_int_lt(access(p.tree, F_OK), 0);
	ck_assert_int_eq(tree_end(&t), 0);
	tree_done(&t);
	ck_assert_uint_eq(entries(p.dir), 1);
	check_file(p.tree, "proc/12/stat", "twelve");
	ck_assert_int_eq(stat(p.tree, &st), 0);
	ck_assert_int_eq(st.st_mode & 0777, 0700);
	snprintf(path, sizeof(path), "%s/proc/1", p.tree);
	ck_assert_int_lt(access(path, F_OK), 0);
	snprintf(path, sizeof(path), "rm -r '%s'", p.tree);
	ck_assert_int_eq(system(path), 0);
	place_done(&p);
}
END_TEST

START_TEST(test_tree_is_dropped)
{
	struct place p;
	struct tree t;

	place_init(&p);
	ck_assert_int_eq(tree_begin(p.tree, &p.e, &t), 0);
	ck_assert_int_eq(tree_put(&t, "a/b/c/d", "x", 1), 0);
	ck_assert_int_eq(tree_link(&t, "a/loop", ".."), 0);
	ck_assert_uint_eq(entries(p.dir), 1);
	tree_done(&t);
	ck_assert_uint_eq(entries(p.dir), 0);
	place_done(&p);
}
END_TEST

/* Somebody makes something of that name meanwhile: it stays as it is. */
START_TEST(test_tree_name_is_taken)
{
	struct place p;
	struct tree t;
	char path[600];

	place_init(&p);
	ck_assert_int_eq(tree_begin(p.tree, &p.e, &t), 0);
	ck_assert_int_eq(tree_put(&t, "a", "x", 1), 0);
	ck_assert_int_eq(mkdir(p.tree, 0700), 0);
	ck_assert_int_eq(tree_end(&t), -EEXIST);
	ck_assert_ptr_nonnull(strstr(p.e.text, "exists"));
	tree_done(&t);
	ck_assert_uint_eq(entries(p.tree), 0);
	ck_assert_uint_eq(entries(p.dir), 1);
	/* and it is not begun at all then, with or without slashes behind it */
	ck_assert_int_eq(tree_begin(p.tree, &p.e, &t), -EEXIST);
	tree_done(&t);
	snprintf(path, sizeof(path), "%s//", p.tree);
	ck_assert_int_eq(tree_begin(path, &p.e, &t), -EEXIST);
	tree_done(&t);
	ck_assert_int_eq(tree_begin("/", &p.e, &t), -EEXIST);
	tree_done(&t);
	ck_assert_int_eq(tree_begin("", &p.e, &t), -EEXIST);
	tree_done(&t);
	ck_assert_int_eq(rmdir(p.tree), 0);
	place_done(&p);
}
END_TEST

/* ---- what it has beyond the kernel's files ---- */

START_TEST(test_labels)
{
	static const char text[] = "1000-3000 huge\n3000-4000 zero\n10000-20000 huge zero\n";
	const struct page_label more[] = {
		{ 0x20000, 0x21000, true, true }, { 0x21000, 0x22000, true, false },
	};
	page_label_list list = { 0 };
	struct buf b;

	ck_assert_int_eq(page_labels_parse(text, strlen(text), &list), 0);
	ck_assert_uint_eq(list.n, 3);
	ck_assert(list.v[0].huge && !list.v[0].zero && list.v[2].huge && list.v[2].zero);
	ck_assert_uint_eq(page_labels_find(&list, 0), 0);
	ck_assert_uint_eq(page_labels_find(&list, 0x2fff), 0);
	ck_assert_uint_eq(page_labels_find(&list, 0x3000), 1);
	ck_assert_uint_eq(page_labels_find(&list, 0x20000), 3);
	buf_init(&b);
	page_labels_put(&b, &list);
	ck_buf(&b, text);
	for (size_t i = 0; i < 2; i++)
		ck_assert_int_eq(page_labels_add(&list, &more[i]), 0);
	ck_assert_uint_eq(list.n, 4);
	ck_assert_uint_eq(list.v[2].end, 0x21000);
	vec_done(&list);
	buf_done(&b);
}
END_TEST

START_TEST(test_labels_damaged)
{
	static const char *const wrong[] = {
		"1000\n", "1000-\n", "2000-1000 huge\n", "1000-1000 zero\n", "x-y huge\n",
		"1000-3000 huge\n2000-4000 zero\n", "\n",
	};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		page_label_list list = { 0 };

		ck_assert_msg(page_labels_parse(wrong[i], strlen(wrong[i]), &list) == -EBADMSG,
			      "%s", wrong[i]);
		vec_done(&list);
	}
}
END_TEST

START_TEST(test_passwd)
{
	static const char text[] = "root:x:0:0:root:/root:/bin/sh\n# no\n:x:7:\nodd:x:7x:\n"
				   "www:x:33:33:::\nalias:x:33:33:::";
	struct str name;

	ck_assert(passwd_find(text, strlen(text), 0, &name));
	ck_str(name, "root");
	ck_assert(passwd_find(text, strlen(text), 33, &name));
	ck_str(name, "www");
	ck_assert(!passwd_find(text, strlen(text), 7, &name));
	ck_assert(!passwd_find(NULL, 0, 0, &name));
	ck_assert(passwd_has(text, strlen(text), STR("root")));
	ck_assert(!passwd_has(text, strlen(text), STR("roo")));
	ck_assert(!passwd_has(text, strlen(text), STR("")));
	ck_assert(!passwd_has(NULL, 0, STR("root")));
}
END_TEST

START_TEST(test_cgroup_inodes)
{
	static const char text[] = "1 /\n22 /user.slice\n222 /a b\n3 \n4 x\n";
	struct str path;

	ck_assert_int_eq(cgroup_inodes_find(text, strlen(text), 1, &path), 0);
	ck_str(path, "");
	ck_assert_int_eq(cgroup_inodes_find(text, strlen(text), 22, &path), 0);
	ck_str(path, "/user.slice");
	ck_assert_int_eq(cgroup_inodes_find(text, strlen(text), 222, &path), 0);
	ck_str(path, "/a b");
	ck_assert_int_eq(cgroup_inodes_find(text, strlen(text), 2, &path), -ENOENT);
	ck_assert_int_eq(cgroup_inodes_find(text, strlen(text), 3, &path), -ENOENT);
	ck_assert_int_eq(cgroup_inodes_find(text, strlen(text), 4, &path), -ENOENT);
}
END_TEST

/* ---- parts of an ELF file ---- */

struct copy {
	int from, to;
};

static ssize_t read_file(void *ctx, uint64_t at, void *to, size_t n)
{
	return pread(*(int *)ctx, to, n, (off_t)at);
}

static int copy_part(void *ctx, uint64_t at, uint64_t size)
{
	const struct copy *c = ctx;
	char *p = malloc(size);
	ssize_t n = pread(c->from, p, size, (off_t)at);

	ck_assert_int_eq(n, (ssize_t)size);
	ck_assert_int_eq(pwrite(c->to, p, size, (off_t)at), n);
	free(p);
	return 0;
}

/* Of this very program: a copy of these parts gives the same symbol. */
START_TEST(test_elf_parts)
{
	struct elf_mapping m = { .page_size = 4096, .exec = true };
	struct elf_symbol whole, parts;
	struct copy c = { .from = open("/proc/self/exe", O_RDONLY), .to = fileno(tmpfile()) };
	unsigned char head[64];
	int ret, found = 0;

	ck_assert_int_ge(c.from, 0);
	ret = elf_symbol_parts(read_file, &c.from, copy_part, &c);
	ck_assert_int_eq(ret, 0);
	ck_assert_int_eq(pread(c.to, head, sizeof(head), 0), (ssize_t)sizeof(head));
	for (m.offset = 0; m.offset < 64 * 4096; m.offset += 4096) {
		int a, b;

		m.start = 0x10000000 + m.offset;
		a = elf_symbol_find(read_file, &c.from, &m, m.start + 0x800, &whole);
		b = elf_symbol_find(read_file, &c.to, &m, m.start + 0x800, &parts);
		ck_assert_int_eq(a, b);
		if (a <= 0)
			continue;
		found++;
		ck_assert_uint_eq(whole.offset, parts.offset);
		ck_bytes(parts.name.data, parts.name.len, buf_string(&whole.name));
		buf_done(&whole.name);
		buf_done(&parts.name);
	}
	ck_assert_int_gt(found, 0);
	close(c.from);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("capture");

	UNIT_CASE(s, "tree", test_tree, test_tree_is_dropped, test_tree_name_is_taken);
	UNIT_CASE(s, "additions", test_labels, test_labels_damaged, test_passwd,
		  test_cgroup_inodes);
	UNIT_CASE(s, "elf", test_elf_parts);
	return unit_run(s);
}
