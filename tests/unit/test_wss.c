/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Idle page tracking on a tree of files: which frames are marked, and what their marks say. */
#include "config.h"

#include "model/wss.h"

#include <errno.h>

#include "proc/kpage.h"
#include "proc/pagemap.h"
#include "tree.h"

enum { PAGE = 4096, AREA = 0x10000, FRAMES = 1024 };

static void put_words(const struct tree *t, const char *name, const uint64_t *words, size_t n,
		      uint64_t at)
{
	char path[TREE_PATH];
	int fd;

	tree_path(t, name, path);
	fd = open(path, O_WRONLY | O_CREAT, 0600);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(pwrite(fd, words, n * 8, (off_t)(at * 8)), (ssize_t)(n * 8));
	close(fd);
}

static void get_words(const struct tree *t, const char *name, uint64_t *words, size_t n)
{
	char path[TREE_PATH];
	int fd;

	tree_path(t, name, path);
	fd = open(path, O_RDONLY);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(read(fd, words, n * 8), (ssize_t)(n * 8));
	close(fd);
}

/* Four small pages, one of them swapped out, in frames 70, 71 and 200; then three of a folio of four
 * frames, 300 to 303, without its first. */
START_TEST(test_idle)
{
	static const uint64_t entry[] = {
		PAGEMAP_PRESENT | 70, PAGEMAP_PRESENT | 71, PAGEMAP_SWAPPED | 5, PAGEMAP_PRESENT | 200,
		PAGEMAP_PRESENT | 301, PAGEMAP_PRESENT | 302, PAGEMAP_PRESENT | 303,
	};
	struct vma vma = { .start = AREA, .end = AREA + 7 * PAGE, .size = 7 * PAGE, .kind = KIND_ANON };
	struct space space = { .vma = { &vma, 1, 1 } };
	struct machine machine = { .page_size = PAGE };
	uint64_t flags[FRAMES] = { 0 }, bits[FRAMES / 64] = { 0 };
	struct wss w = { 0 };
	struct wss_request req = { .machine = &machine, .pid = TREE_PID };
	struct tree t;

	tree_init(&t);
	req.root = &t.root;
	ck_assert_int_eq(wss_mark_idle(&req, &t.process, &space, &w), -ENOENT);
	wss_done(&w);
	tree_make_directory(&t, "sys");
	tree_make_directory(&t, "sys/kernel");
	tree_make_directory(&t, "sys/kernel/mm");
	tree_make_directory(&t, "sys/kernel/mm/page_idle");
	put_words(&t, "sys/kernel/mm/page_idle/bitmap", bits, FRAMES / 64, 0);
	put_words(&t, "proc/1234/pagemap", entry, 7, AREA / PAGE);
	flags[300] = KPAGE_BIT(COMPOUND_HEAD);
	flags[301] = flags[302] = flags[303] = KPAGE_BIT(COMPOUND_TAIL);
	put_words(&t, "proc/kpageflags", flags, FRAMES, 0);

	ck_assert_int_eq(wss_mark_idle(&req, &t.process, &space, &w), 0);
	ck_assert_uint_eq(w.page.n, 6);
	get_words(&t, "sys/kernel/mm/page_idle/bitmap", bits, FRAMES / 64);
	for (uint64_t i = 0; i < FRAMES; i++)
		ck_assert_msg((bits[i / 64] >> i % 64 & 1) == (i == 70 || i == 71 || i == 200 || i == 300),
			      "frame %u", (unsigned int)i);

	/* frame 71 is used, and something in the folio */
	bits[71 / 64] &= ~(UINT64_C(1) << 71 % 64);
	bits[300 / 64] &= ~(UINT64_C(1) << 300 % 64);
	put_words(&t, "sys/kernel/mm/page_idle/bitmap", bits, FRAMES / 64, 0);
	w.row.v = calloc(2, sizeof(*w.row.v));
	w.row.n = 1;
	ck_assert_int_eq(wss_count_idle(&req, &space, &w), 0);
	ck_assert_uint_eq(w.row.v[0].referenced, 4 * PAGE);
	wss_done(&w);
	tree_done(&t);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("wss");

	UNIT_CASE(s, "idle", test_idle);
	return unit_run(s);
}
