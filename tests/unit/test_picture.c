/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Geometry's table, and what must hold of pictures of random address spaces. */
#include "config.h"

#include "model/picture.h"

#include <stdio.h>

#include "picture_check.h"
#include "spaces.h"

/* KERNEL.md 13.2: the lowest bit of each level's index, and the end of user space. */
START_TEST(test_geometry_table)
{
	static const struct {
		const char *arch;
		uint64_t page;
		unsigned int mmu_bits;
		uint64_t vmalloc_kb, highest;
		unsigned int levels, shift[GEOMETRY_LEVELS];
		uint64_t user_end;
	} known[] = {
		{ "x86_64", 4096, 0, 34359738367, 0, 4, { 39, 30, 21, 12 }, 0x7ffffffff000 },
		{ "x86_64", 4096, 0, 13743895347199, 0, 5, { 48, 39, 30, 21, 12 }, 0xfffffffffff000 },
		{ "x86_64", 0, 0, 0, UINT64_C(1) << 50, 5, { 48, 39, 30, 21, 12 }, 0xfffffffffff000 },
		{ "i686", 4096, 0, 0, 0xb0000000, 3, { 30, 21, 12 }, 0xc0000000 },
		{ "i386", 4096, 0, 0, 0xb0000000, 3, { 30, 21, 12 }, 0xc0000000 },
		{ "i586", 4096, 0, 0, 0xb0000000, 3, { 30, 21, 12 }, 0xc0000000 },
		{ "aarch64", 4096, 0, 0, UINT64_C(1) << 39, 3, { 30, 21, 12 }, UINT64_C(1) << 39 },
		{ "aarch64", 4096, 0, 0, UINT64_C(1) << 48, 4, { 39, 30, 21, 12 }, UINT64_C(1) << 48 },
		{ "aarch64", 4096, 0, 0, UINT64_C(1) << 52, 5, { 48, 39, 30, 21, 12 }, UINT64_C(1) << 52 },
		{ "aarch64", 16384, 0, 0, UINT64_C(1) << 36, 2, { 25, 14 }, UINT64_C(1) << 36 },
		{ "aarch64", 16384, 0, 0, UINT64_C(1) << 47, 3, { 36, 25, 14 }, UINT64_C(1) << 47 },
		{ "aarch64", 16384, 0, 0, UINT64_C(1) << 48, 4, { 47, 36, 25, 14 }, UINT64_C(1) << 48 },
		{ "aarch64", 65536, 0, 0, UINT64_C(1) << 42, 2, { 29, 16 }, UINT64_C(1) << 42 },
		{ "aarch64", 65536, 0, 0, UINT64_C(1) << 52, 3, { 42, 29, 16 }, UINT64_C(1) << 52 },
		{ "riscv64", 4096, 39, 0, 0, 3, { 30, 21, 12 }, UINT64_C(1) << 38 },
		{ "riscv64", 4096, 48, 0, 0, 4, { 39, 30, 21, 12 }, UINT64_C(1) << 47 },
		{ "riscv64", 4096, 57, 0, 0, 5, { 48, 39, 30, 21, 12 }, UINT64_C(1) << 56 },
		{ "ppc64le", 65536, 0, 0, UINT64_C(1) << 47, 4, { 39, 30, 21, 16 }, UINT64_C(1) << 52 },
		{ "ppc64", 4096, 0, 0, UINT64_C(1) << 47, 4, { 39, 30, 21, 12 }, UINT64_C(1) << 52 },
		{ "s390x", 4096, 0, 0, UINT64_C(1) << 42, 3, { 31, 20, 12 }, UINT64_C(1) << 42 },
		{ "s390x", 4096, 0, 0, UINT64_C(1) << 53, 4, { 42, 31, 20, 12 }, UINT64_C(1) << 53 },
		{ "loongarch64", 16384, 0, 0, UINT64_C(1) << 46, 3, { 36, 25, 14 }, UINT64_C(1) << 47 },
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		struct geometry_facts facts = {
			.arch = str_of(known[i].arch), .page_size = known[i].page,
			.vmalloc_total = known[i].vmalloc_kb * 1024, .mmu_bits = known[i].mmu_bits,
			.highest = known[i].highest,
		};
		const struct geometry *g = geometry_find(&facts);
		unsigned int n;

		ck_assert_msg(g, "row %zu", i);
		ck_assert_msg(g->levels == known[i].levels, "row %zu", i);
		ck_assert_uint_eq(g->user_end, known[i].user_end);
		for (unsigned int k = 0; k < g->levels; k++) {
			ck_assert_uint_eq(g->shift[k], known[i].shift[k]);
			ck_assert(k == 0 || g->shift[k] < g->shift[k - 1]);
			ck_assert_ptr_nonnull(geometry_level_name(g, k));
		}
		ck_assert_str_eq(geometry_level_name(g, 0), g->levels > 1 ? "PGD" : "PTE");
		ck_assert_str_eq(geometry_level_name(g, g->levels - 1), "PTE");
		ck_assert_uint_eq(g->shift[g->levels - 1], g->page_shift);
		ck_assert(known[i].page == 0 || known[i].page == UINT64_C(1) << g->page_shift);
		ck_assert_uint_eq(g->user_end % (UINT64_C(1) << g->page_shift), 0);
		ck_assert(g->kernel_start == 0 || g->kernel_start >= g->user_end);
		ck_assert_uint_eq(geometry_user_end(g, 0), g->user_end);
		ck_assert_uint_eq(geometry_user_end(g, 64), g->user_end);
		ck_assert_uint_le(geometry_user_end(g, 32), UINT64_C(1) << 32);
		const struct kernel_region *r = geometry_kernel_regions(g, &n);
		for (unsigned int k = 0; k < n; k++) {
			ck_assert_uint_lt(r[k].start, r[k].last);
			ck_assert_uint_ge(r[k].start, k ? r[k - 1].last + 1 : g->kernel_start);
		}
	}
}
END_TEST

START_TEST(test_geometry_unknown)
{
	struct geometry_facts facts = { .arch = STR("vax") };

	ck_assert_ptr_null(geometry_find(&facts));
	facts.arch = STR("");
	ck_assert_ptr_null(geometry_find(&facts));
	facts.arch = STR("x86_64");
	facts.page_size = 8192;
	ck_assert_ptr_null(geometry_find(&facts));
	/* a 32-bit program on x86-64 ends at 4 GiB less two pages */
	facts.page_size = 4096;
	ck_assert_uint_eq(geometry_user_end(geometry_find(&facts), 32), 0xffffe000);
}
END_TEST

/* Nothing that is mapped lies above what the geometry calls user space. */
START_TEST(test_geometry_holds_highest)
{
	static const char *const arch[] = { "x86_64", "aarch64", "riscv64", "s390x", "loongarch64" };
	static const unsigned int mmu[] = { 0, 39, 48, 57 };

	for (size_t i = 0; i < 5; i++)
		for (size_t m = 0; m < (i == 2 ? 4 : 1); m++)
			for (unsigned int shift = 30; shift < 64; shift++) {
				struct geometry_facts facts = {
					.arch = str_of(arch[i]), .page_size = 0, .mmu_bits = mmu[m],
					.highest = UINT64_C(1) << shift,
				};
				const struct geometry *g = geometry_find(&facts);

				ck_assert_msg(!g || facts.highest <= g->user_end, "%s, mmu %u, 2^%u",
					      arch[i], mmu[m], shift);
			}
}
END_TEST

/* A process as there are many: an executable of five parts, heap, libraries, stacks, and what
 * is random: gaps, anonymous areas, reservations. */
struct maker {
	struct buf b;
	uint64_t seed, at, end;
	unsigned int inode;
	bool counters;
};

static void put(struct maker *m, uint64_t pages, const char *perms, unsigned int inode,
		uint64_t offset, const char *name)
{
	uint64_t end = m->at + pages * 4096;

	if (end > m->end)
		return;
	buf_printf(&m->b, "%lx-%lx %s %lx %s:00 %u %s\n", (unsigned long)m->at, (unsigned long)end,
		   perms, (unsigned long)offset, inode ? "fe" : "00", inode, name);
	if (m->counters)
		buf_printf(&m->b, "Rss: %lu kB\nPrivate_Hugetlb: %lu kB\nSwap: %lu kB\n",
			   (unsigned long)unit_below(&m->seed, pages * 4 + 1),
			   (unsigned long)unit_below(&m->seed, 3),
			   (unsigned long)unit_below(&m->seed, 5));
	m->at = end;
}

static uint64_t some_pages(struct maker *m)
{
	return 1 + (unit_random(&m->seed) >> 32) % (UINT64_C(1) << unit_below(&m->seed, 20));
}

static void gap(struct maker *m)
{
	if (unit_below(&m->seed, 2))
		m->at += 4096 * unit_below(&m->seed, UINT64_C(1) << unit_below(&m->seed, 24));
}

static void put_library(struct maker *m)
{
	char name[64];

	snprintf(name, sizeof(name), "/lib/lib%u.so", ++m->inode);
	put(m, some_pages(m), "r--p", m->inode, 0, name);
	put(m, some_pages(m), "r-xp", m->inode, 4096, name);
	put(m, some_pages(m), "rw-p", m->inode, 8192, name);
	if (unit_below(&m->seed, 2))
		put(m, some_pages(m), "rw-p", 0, 0, "");
}

static void put_executable(struct maker *m)
{
	put(m, some_pages(m), "r--p", 7, 0, "/bin/x");
	put(m, some_pages(m), "r-xp", 7, 4096, "/bin/x");
	put(m, some_pages(m), "r--p", 7, 8192, "/bin/x");
	put(m, some_pages(m), "rw-p", 7, 12288, "/bin/x");
	put(m, some_pages(m), "rw-p", 0, 0, "");
	m->at += 4096 * (1 + unit_below(&m->seed, 8000));
	put(m, some_pages(m), "rw-p", 0, 0, "[heap]");
}

static void put_something(struct maker *m)
{
	static const char *const name[] = { "/memfd:x (deleted)", "/var/file", "/dev/dri/card0" };

	gap(m);
	switch (unit_below(&m->seed, 8)) {
	case 0: case 1: put_library(m); break;
	case 2: put(m, some_pages(m), "---p", 0, 0, ""); break;
	case 3: put(m, 1, "---p", 0, 0, ""); put(m, 2048, "rw-p", 0, 0, ""); break;
	case 4: put(m, some_pages(m), "rwxp", 0, 0, ""); break;
	case 5: put(m, some_pages(m), "rw-s", 900 + m->inode++, 0,
		    name[unit_below(&m->seed, 3)]); break;
	default: put(m, some_pages(m), unit_below(&m->seed, 2) ? "rw-p" : "r--p", 0, 0, ""); break;
	}
}

static void make_space(struct maker *m, struct space *s, uint32_t *executable, size_t n,
		       uint64_t code)
{
	struct classify_facts facts = { .code = code, .page_size = 4096 };

	buf_init(&m->b);
	m->inode = 100;
	m->at = 0x555555554000;
	m->end = 0x7f0000000000;
	put_executable(m);
	if (unit_below(&m->seed, 3) == 0)
		for (size_t i = 0; i < n / 3; i++)
			put_something(m);
	m->at = 0x7f0000000000;
	m->end = 0x7ffff0000000;
	for (size_t i = 0; i < n; i++)
		put_something(m);
	m->at = 0x7ffff0000000 + 4096 * unit_below(&m->seed, 10000);
	m->end = UINT64_MAX;
	put(m, 33, "rw-p", 0, 0, "[stack]");
	gap(m);
	put(m, 4, "r--p", 0, 0, "[vvar]");
	put(m, 2, "r-xp", 0, 0, "[vdso]");
	m->at = 0xffffffffff600000;
	put(m, 1, "--xp", 0, 0, "[vsyscall]");
	space_from(s, (struct str){ m->b.data, m->b.len }, m->counters);
	facts.code = code ? s->vma.v[1].start : 0;
	ck_assert_int_eq(space_classify(s, &facts, executable), 0);
	buf_done(&m->b);
}

/* Band that holds mapping i has nothing but mappings of that object, and of that kind if it is none
 * of an ELF file's segments. */
static bool has_own_line(const struct picture *p, const struct space *s, size_t i)
{
	long at = picture_check_band(p, &s->vma.v[i]);
	size_t first;

	if (at < 0)
		return false;
	first = p->band.v[at].first;
	for (size_t k = first; k < first + p->band.v[at].mappings; k++)
		if ((s->vma.v[k].kind != s->vma.v[i].kind &&
		     !kind_is_elf((enum kind)s->vma.v[i].kind)) ||
		    s->vma.v[k].object != s->vma.v[i].object)
			return false;
	return true;
}

enum { LANDMARK_LINES = 12 };	/* with which the landmarks have lines of their own */

static void check_picture(const struct space *s, uint32_t executable, const char *arch,
			  unsigned int lines, bool kernel_detail)
{
	struct geometry_facts facts = { .arch = str_of(arch), .page_size = 4096,
					.highest = 0x7ffffffff000 };
	struct picture_request req = {
		.space = s, .geometry = geometry_find(&facts), .bits = 64, .executable = executable,
		.lines = lines, .kernel_detail = kernel_detail,
	};
	struct picture p;
	struct rows rows;
	const char *problem;

	ck_assert_int_eq(rows_all(s, &rows), 0);
	req.rows = &rows;
	ck_assert_int_eq(picture_make(&req, &p), 0);
	problem = picture_check(&req, &p);
	ck_assert_msg(!problem, "%s", problem);
	problem = lines >= 30 ? picture_check_lines(&req, &p) : NULL;
	ck_assert_msg(!problem, "%s, of %u", problem, lines);
	if (lines >= (kernel_detail ? 70u : 30u))
		ck_assert_msg(picture_lines(&p) <= lines, "%u lines of %u", picture_lines(&p), lines);
	ck_assert(p.band.n > 0 || s->vma.n == 0 || s->vma.v[0].kind == KIND_VSYSCALL);
	if (req.geometry && req.geometry->kernel_start)
		ck_assert_uint_eq(p.band.v[0].last, UINT64_MAX);
	for (size_t i = 0; executable && lines >= LANDMARK_LINES && !kernel_detail && i < s->vma.n; i++) {
		const struct vma *v = &s->vma.v[i];

		if ((kind_is_elf((enum kind)v->kind) && v->object == executable) ||
		    v->kind == KIND_HEAP || v->kind == KIND_STACK)
			ck_assert_msg(has_own_line(&p, s, i), "%s at %lx shares its line, of %u",
				      kind_info[v->kind].name, (unsigned long)v->start, lines);
	}
	picture_done(&p);
	rows_done(&rows);
}

START_TEST(test_random_spaces)
{
	static const unsigned int lines[] = { 1, 10, 12, 16, 25, 30, 31, 34, 38, 45, 60, 100, 250 };
	struct maker m = { .seed = 51 };

	for (int round = 0; round < 1500; round++) {
		size_t n = unit_below(&m.seed, round % 10 ? 60 : 600);
		uint32_t executable;
		struct space s;

		m.counters = round & 1;
		make_space(&m, &s, &executable, n, round % 7);
		ck_assert(executable || round % 7 == 0);
		for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
			check_picture(&s, executable, round & 2 ? "x86_64" : "vax", lines[i], false);
		check_picture(&s, executable, "x86_64", 70, true);
		check_picture(&s, executable, "s390x", 40, false);
		space_done(&s);
	}
}
END_TEST

START_TEST(test_small_spaces)
{
	static const char *const maps[] = {
		"", "1000-2000 rw-p 0 0:0 0\n", "0-1000 rw-p 0 0:0 0\n",
		"0-7ffffffff000 rw-p 0 0:0 0\n", "7fffffffe000-7ffffffff000 rw-p 0 0:0 0 [stack]\n",
		"ffffffffff600000-ffffffffff601000 --xp 0 0:0 0 [vsyscall]\n",
		"1000-2000 rw-p 0 0:0 0\nffffffffff600000-ffffffffff601000 --xp 0 0:0 0 [vsyscall]\n",
		"1000-2000 r--p 0 0:0 0\n2000-3000 rw-p 0 0:0 0\n3000-4000 ---p 0 0:0 0\n",
	};

	for (size_t i = 0; i < sizeof(maps) / sizeof(maps[0]); i++) {
		struct classify_facts facts = { .code = 0 };
		uint32_t executable;
		struct space s;

		space_of_maps(&s, maps[i]);
		ck_assert_int_eq(space_classify(&s, &facts, &executable), 0);
		for (unsigned int lines = 1; lines < 50; lines++) {
			check_picture(&s, 0, "x86_64", lines, false);
			check_picture(&s, 0, "vax", lines, false);
		}
		check_picture(&s, 0, "x86_64", 70, true);
		space_done(&s);
	}
}
END_TEST

START_TEST(test_many)
{
	struct classify_facts facts = { .code = 0 };
	struct picture_request req = { .lines = 38 };
	uint32_t executable;
	struct picture p;
	struct rows rows;
	struct space s;
	struct buf b;
	uint64_t mapped = 0;
	const char *problem;

	buf_init(&b);
	for (unsigned long i = 0; i < 65000; i++)
		buf_printf(&b, "%lx-%lx %s 0 0:0 0\nRss: 4 kB\n", 0x7f0000000000 + i * 0x3000,
			   0x7f0000000000 + i * 0x3000 + 0x1000 * (1 + i % 3), i & 1 ? "rw-p" : "---p");
	space_from(&s, (struct str){ b.data, b.len }, true);
	ck_assert_int_eq(space_classify(&s, &facts, &executable), 0);
	ck_assert_int_eq(rows_all(&s, &rows), 0);
	req.space = &s;
	req.rows = &rows;
	ck_assert_int_eq(picture_make(&req, &p), 0);
	problem = picture_check(&req, &p);
	ck_assert_msg(!problem, "%s", problem);
	ck_assert_uint_le(picture_lines(&p), 38);
	for (size_t i = 0; i < p.band.n; i++)
		if (p.band.v[i].type == BAND_MAPPED)
			mapped += p.band.v[i].resident;
	ck_assert_uint_eq(mapped, UINT64_C(65000) * 4096);
	picture_done(&p);
	rows_done(&rows);
	space_done(&s);
	buf_done(&b);
}
END_TEST

/* Only some of the mappings are drawn: the others count as free. */
START_TEST(test_filtered)
{
	struct maker m = { .seed = 61 };

	for (int round = 0; round < 200; round++) {
		struct picture_request req = { .lines = 38 };
		uint32_t executable;
		struct picture p;
		struct rows rows;
		struct space s;
		size_t n = 0;
		const char *problem;

		make_space(&m, &s, &executable, 40, 1);
		ck_assert_int_eq(rows_all(&s, &rows), 0);
		for (size_t i = 0; i < rows.n; i++)
			if (unit_below(&m.seed, 3) == 0)
				rows.index[n++] = rows.index[i];
		rows.n = n;
		req.space = &s;
		req.rows = &rows;
		req.executable = executable;
		ck_assert_int_eq(picture_make(&req, &p), 0);
		problem = picture_check(&req, &p);
		ck_assert_msg(!problem, "%s", problem);
		ck_assert_uint_le(picture_lines(&p), 38);
		picture_done(&p);
		rows_done(&rows);
		space_done(&s);
	}
}
END_TEST

/* Which of the runs join the one below, as a word of + and -. */
static const char *joined(const struct join_run *run, size_t n)
{
	static char word[64];

	for (size_t i = 0; i < n; i++)
		word[i] = run[i].joined ? '+' : '-';
	word[n] = '\0';
	return word;
}

START_TEST(test_join)
{
	struct join_run run[] = {
		{ .weight = 1000 }, { .weight = 5 }, { .weight = 4 }, { .weight = 900 },
		{ .weight = 800, .wall = true }, { .weight = 700, .group = 1 },
		{ .weight = 3, .group = 1 }, { .weight = 2 },
	};

	ck_assert_int_eq(join_runs(run, 8, 8), 0);
	ck_assert_str_eq(joined(run, 8), "--------");
	/* small ones with one another, then with the large ones beside them; a group's together */
	ck_assert_int_eq(join_runs(run, 8, 7), 0);
	ck_assert_str_eq(joined(run, 8), "--+-----");
	ck_assert_int_eq(join_runs(run, 8, 6), 0);
	ck_assert_str_eq(joined(run, 8), "--+---+-");
	ck_assert_int_eq(join_runs(run, 8, 5), 0);
	ck_assert_str_eq(joined(run, 8), "-++---+-");
	ck_assert_int_eq(join_runs(run, 8, 4), 0);
	ck_assert_str_eq(joined(run, 8), "-+++--+-");
	/* walls stay whatever is asked for; the groups give way, and that is counted */
	ck_assert_int_eq(join_runs(run, 8, 1), 2);
	ck_assert_str_eq(joined(run, 8), "-+++-+++");
}
END_TEST

/* What is told apart by a count alone goes first: the stacks of threads. */
START_TEST(test_join_alike)
{
	struct join_run run[] = {
		{ .weight = 100, .alike = 1 }, { .weight = 100, .alike = 1 }, { .weight = 50 },
		{ .weight = 40 },
	};

	ck_assert_int_eq(join_runs(run, 4, 3), 0);
	ck_assert_str_eq(joined(run, 4), "-+--");
	ck_assert_int_eq(join_runs(run, 4, 2), 0);
	ck_assert_str_eq(joined(run, 4), "-+-+");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("picture");

	UNIT_CASE(s, "geometry", test_geometry_table, test_geometry_unknown,
		  test_geometry_holds_highest);
	UNIT_CASE(s, "picture", test_random_spaces, test_small_spaces, test_many, test_filtered,
		  test_join, test_join_alike);
	return unit_run(s);
}
