/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What became of mappings, each way alone; and edit scripts at random, against single pages. */
#include "config.h"

#include "model/change.h"

#include <stdio.h>

#include "report/change_view.h"
#include "spaces.h"

struct pair {
	struct space space[CHANGE_SIDES];
	struct rows rows[CHANGE_SIDES];
	uint32_t executable[CHANGE_SIDES];
	struct changes c;
};

static void pair_make(struct pair *p, const char *before, const char *after, bool counters,
		      uint64_t code)
{
	struct classify_facts facts = { .code = code, .page_size = 4096 };
	const char *const text[CHANGE_SIDES] = { before, after };

	for (int i = 0; i < CHANGE_SIDES; i++) {
		space_from(&p->space[i], str_of(text[i]), counters);
		ck_assert_int_eq(space_classify(&p->space[i], &facts, &p->executable[i]), 0);
		ck_assert_int_eq(rows_all(&p->space[i], &p->rows[i]), 0);
	}
	p->c = (struct changes){ 0 };
}

static void pair_compare(struct pair *p, enum change_by by, bool other_process)
{
	struct change_request req = {
		.side = { &p->rows[0], &p->rows[1] }, .by = by, .other_process = other_process,
		.executable = { p->executable[0], p->executable[1] },
	};

	changes_done(&p->c);
	ck_assert_int_eq(changes_make(&req, &p->c), 0);
}

static void pair_done(struct pair *p)
{
	changes_done(&p->c);
	for (int i = 0; i < CHANGE_SIDES; i++) {
		rows_done(&p->rows[i]);
		space_done(&p->space[i]);
	}
}

/* All changes in a line: bits, members before and after, bytes. */
static void check_changes(const char *before, const char *after, bool counters, const char *want)
{
	static const char *const name[] = {
		"appeared", "vanished", "grew", "shrank", "moved", "perms", "split", "merged",
		"amounts",
	};
	struct pair p;
	struct buf b;

	pair_make(&p, before, after, counters, 0);
	pair_compare(&p, CHANGE_BY_MAPPING, false);
	buf_init(&b);
	for (size_t i = 0; i < p.c.change.n; i++) {
		const struct change *one = &p.c.change.v[i];

		for (unsigned int bit = 0; bit < sizeof(name) / sizeof(*name); bit++)
			if (one->what >> bit & 1)
				buf_printf(&b, "%s ", name[bit]);
		buf_printf(&b, "%u>%u %+lld;", one->n[0], one->n[1], (long long)one->size);
		if (one->memory.known && one->memory.v)
			buf_printf(&b, "memory %+lld;", (long long)one->memory.v);
	}
	ck_bytes(b.data, b.len, want);
	buf_done(&b);
	pair_done(&p);
}

#define A(from, to, perms) from "000-" to "000 " perms " 00000000 00:00 0\n"
#define HEAP(from, to) from "000-" to "000 rw-p 00000000 00:00 0 [heap]\n"
#define F(from, to, perms, offset, inode) \
	from "000-" to "000 " perms " " offset "000 fe:00 " inode " /f" inode "\n"
#define RSS(kb, anon) "Rss: " kb " kB\nAnonymous: " anon " kB\nSwap: 0 kB\n"

START_TEST(test_each)
{
	check_changes(HEAP("1", "2"), HEAP("1", "2"), false, "1>1 +0;");
	check_changes(HEAP("1", "2"), HEAP("1", "5"), false, "grew 1>1 +12288;");
	check_changes(HEAP("1", "5"), HEAP("1", "2"), false, "shrank 1>1 -12288;");
	/* a stack grows downward */
	check_changes(A("5", "6", "rw-p"), A("3", "6", "rw-p"), false, "grew 1>1 +8192;");
	check_changes("", A("3", "6", "rw-p"), false, "appeared 0>1 +12288;");
	check_changes(A("3", "6", "rw-p"), "", false, "vanished 1>0 -12288;");
	check_changes(A("3", "6", "rw-p"), A("3", "6", "r--p"), false, "perms 1>1 +0;");
	/* mprotect of the middle, and back */
	check_changes(A("3", "6", "rw-p"),
		      A("3", "4", "rw-p") A("4", "5", "r--p") A("5", "6", "rw-p"), false,
		      "perms split 1>3 +0;");
	check_changes(A("3", "4", "rw-p") A("4", "5", "r--p") A("5", "6", "rw-p"),
		      A("3", "6", "rw-p"), false, "perms merged 3>1 +0;");
	/* a hole in the middle, and filled */
	check_changes(A("3", "6", "rw-p"), A("3", "4", "rw-p") A("5", "6", "rw-p"), false,
		      "shrank split 1>2 -4096;");
	check_changes(A("3", "4", "rw-p") A("5", "6", "rw-p"), A("3", "6", "rw-p"), false,
		      "grew merged 2>1 +4096;");
	/* malloc's arena takes of its reserve: neither is split */
	check_changes(A("1", "2", "rw-p") A("2", "9", "---p"),
		      A("1", "4", "rw-p") A("4", "9", "---p"), false,
		      "grew 1>1 +8192;shrank 1>1 -8192;");
}
END_TEST

START_TEST(test_backing)
{
	/* another file, or another part of it, at the same place */
	check_changes(F("1", "3", "r--p", "0", "7"), F("1", "3", "r--p", "0", "8"), false,
		      "vanished 1>0 -8192;appeared 0>1 +8192;");
	check_changes(F("1", "3", "r--p", "0", "7"), F("1", "3", "r--p", "1", "7"), false,
		      "vanished 1>0 -8192;appeared 0>1 +8192;");
	check_changes(A("1", "3", "rw-p"), HEAP("1", "3"), false,
		      "vanished 1>0 -8192;appeared 0>1 +8192;");
	check_changes(A("1", "3", "rw-p"), A("1", "3", "rw-s"), false,
		      "vanished 1>0 -8192;appeared 0>1 +8192;");
	/* a file in the middle of what was anonymous */
	check_changes(A("1", "4", "rw-p"),
		      A("1", "2", "rw-p") F("2", "3", "r--p", "0", "7") A("3", "4", "rw-p"), false,
		      "shrank split 1>2 -4096;appeared 0>1 +4096;");
	/* the file was renamed, or deleted: it is still the same */
	check_changes("1000-2000 r--p 00000000 fe:00 7 /a\n",
		      "1000-2000 r--p 00000000 fe:00 7 /b (deleted)\n", false, "1>1 +0;");
	/* named by prctl */
	check_changes(A("1", "3", "rw-p"), "1000-3000 rw-p 00000000 00:00 0 [anon:pool]\n", false,
		      "1>1 +0;");
}
END_TEST

START_TEST(test_moved)
{
	check_changes(F("1", "3", "rw-s", "4", "7"), F("8", "a", "rw-s", "4", "7"), false,
		      "moved 1>1 +0;");
	/* mremap gave it more */
	check_changes(F("1", "3", "rw-s", "4", "7"), F("8", "c", "rw-s", "4", "7"), false,
		      "grew moved 1>1 +8192;");
	check_changes(F("1", "3", "rw-s", "4", "7"), F("8", "a", "rw-s", "5", "7"), false,
		      "vanished 1>0 -8192;appeared 0>1 +8192;");
	/* anonymous: the only one of its size and contents */
	check_changes(A("1", "3", "rw-p") RSS("8", "8"), A("7", "9", "rw-p") RSS("8", "8"), true,
		      "moved 1>1 +0;");
	check_changes(A("1", "3", "rw-p") RSS("8", "8"), A("7", "9", "rw-p") RSS("4", "4"), true,
		      "vanished 1>0 -8192;memory -8192;"
		      "appeared 0>1 +8192;memory +4096;");
	/* nothing in it, so nothing to know it by */
	check_changes(A("1", "3", "rw-p") RSS("0", "0"), A("7", "9", "rw-p") RSS("0", "0"), true,
		      "vanished 1>0 -8192;appeared 0>1 +8192;");
	/* two that could be it */
	check_changes(A("1", "3", "rw-p") RSS("8", "8"),
		      A("7", "9", "rw-p") RSS("8", "8") A("a", "c", "rw-p") RSS("8", "8"), true,
		      "vanished 1>0 -8192;memory -8192;"
		      "appeared 0>1 +8192;memory +8192;"
		      "appeared 0>1 +8192;memory +8192;");
}
END_TEST

/* A rate only of what was measured for a minute; the rows that changed most, in their order. */
START_TEST(test_view)
{
	struct change_amount gained;
	struct change_view v;
	struct pair p;
	size_t left;

	pair_make(&p, A("1", "2", "rw-p") RSS("4", "0") A("3", "4", "rw-p") RSS("100", "0")
		  A("5", "6", "rw-p") RSS("4", "0") A("7", "8", "rw-p") RSS("4", "0"),
		  A("1", "2", "rw-p") RSS("12", "0") A("3", "4", "rw-p") RSS("0", "0")
		  A("5", "6", "rw-p") RSS("8", "0") A("7", "8", "rw-p") RSS("64", "0"), true, 0);
	pair_compare(&p, CHANGE_BY_MAPPING, false);
	ck_assert_int_eq(change_view_init(&v, &p.c, 59.9, false), 0);
	ck_assert_uint_eq(v.n, 4);
	ck_assert(!change_view_per_hour(&v, 0).known);
	change_view_done(&v);
	ck_assert_int_eq(change_view_init(&v, &p.c, 90, false), 0);
	ck_assert(change_view_per_hour(&v, 0).known);
	ck_assert_int_eq(change_view_per_hour(&v, 0).v, 40 * 60 * 1024);	/* 60 KiB in 1.5 minutes */
	ck_assert_int_eq(change_view_per_hour(&v, 3).v, -40 * 100 * 1024);
	ck_assert_int_eq(change_view_cut(&v, 4, &left, &gained), 0);
	ck_assert_uint_eq(left, 0);
	ck_assert_int_eq(change_view_cut(&v, 2, &left, &gained), 0);
	ck_assert_uint_eq(left, 2);
	ck_assert(gained.known && gained.v == 12 * 1024);
	ck_assert_uint_eq(v.n, 2);
	ck_assert_int_eq(change_view_at(&v, 0)->memory.v, 60 * 1024);
	ck_assert_int_eq(change_view_at(&v, 1)->memory.v, -100 * 1024);
	change_view_done(&v);
	pair_done(&p);
}
END_TEST

START_TEST(test_amounts)
{
	struct pair p;

	check_changes(A("1", "9", "rw-p") RSS("4", "0"), A("1", "9", "rw-p") RSS("12", "0"), true,
		      "amounts 1>1 +0;memory +8192;");
	/* only the contents changed, not how much */
	check_changes(A("1", "9", "rw-p") RSS("4", "0"), A("1", "9", "rw-p") RSS("4", "4"), true,
		      "amounts 1>1 +0;");
	/* what one side does not know is not known */
	pair_make(&p, A("1", "9", "rw-p") RSS("4", "0"), A("1", "9", "rw-p") "Swap: 0 kB\n", true, 0);
	pair_compare(&p, CHANGE_BY_MAPPING, false);
	ck_assert_uint_eq(p.c.change.n, 1);
	ck_assert(!p.c.change.v[0].memory.known);
	ck_assert_uint_eq(p.c.change.v[0].what, 0);
	pair_done(&p);
	pair_make(&p, A("1", "2", "rw-p"), "", false, 0);
	pair_compare(&p, CHANGE_BY_MAPPING, false);
	ck_assert(!p.c.change.v[0].memory.known);
	pair_done(&p);
}
END_TEST

/* Two releases: nothing lies where it lay, the libraries' directory has another name. */
START_TEST(test_other_process)
{
	struct pair p;
	struct counters_sum sum;
	struct vma v;
	size_t grown = 0;

	pair_make(&p, "10000-11000 r--p 00000000 fe:00 5 /v1/server\n"
		  "11000-12000 r-xp 00001000 fe:00 5 /v1/server\n"
		  "80000-81000 r--p 00000000 fe:00 6 /v1/lib/libx.so\n"
		  "81000-82000 r-xp 00001000 fe:00 6 /v1/lib/libx.so\n",
		  "10000-11000 r--p 00000000 fe:00 7 /v2/server2\n"
		  "11000-14000 r-xp 00001000 fe:00 7 /v2/server2\n"
		  "90000-91000 r--p 00000000 fe:00 8 /v2/lib/libx.so\n"
		  "91000-92000 r-xp 00001000 fe:00 8 /v2/lib/libx.so\n", false, 0x11000);
	pair_compare(&p, CHANGE_BY_SEGMENT, true);
	ck_assert_uint_eq(p.c.change.n, 4);
	for (size_t i = 0; i < 4; i++) {
		const struct change *one = &p.c.change.v[i];

		ck_assert(one->n[0] == 1 && one->n[1] == 1);
		grown += one->what == CHANGE_GREW;
	}
	ck_assert_uint_eq(grown, 1);
	changes_sum(&p.c, &p.c.change.v[p.c.of[1][1]], CHANGE_AFTER, &v, &sum);
	ck_assert_uint_eq(v.kind, KIND_TEXT);
	ck_str(space_str(&p.space[1], v.object), "/v2/server2");
	ck_assert_int_eq(p.c.change.v[p.c.of[1][1]].size, 8192);
	pair_compare(&p, CHANGE_BY_OBJECT, true);
	ck_assert_uint_eq(p.c.change.n, 2);
	/* the same process: by path */
	pair_compare(&p, CHANGE_BY_OBJECT, false);
	ck_assert_uint_eq(p.c.change.n, 4);
	pair_done(&p);
}
END_TEST

/* An address space page by page. */
enum { PAGES = 256, HEAP_INODE = 1000000, ANON_INODE = 1000001 };

struct cell {
	uint32_t inode;		/* 0: nothing; or above */
	uint32_t offset;	/* in pages; 0 without a file */
	uint8_t perms;		/* MAPS_READ, MAPS_WRITE */
	bool resident;
};

static void put_model(struct buf *b, const struct cell *cell)
{
	static const char *const perms[] = { "---p", "r--p", "-w-p", "rw-p" };

	for (size_t i = 0, n; i < PAGES; i += n) {
		const struct cell *c = &cell[i];
		unsigned int resident = 0;

		n = 1;
		if (!c->inode)
			continue;
		resident += c->resident;
		for (; i + n < PAGES && c[n].inode == c->inode && c[n].perms == c->perms &&
		       (c->inode >= HEAP_INODE || c[n].offset == c->offset + n); n++)
			resident += c[n].resident;
		buf_printf(b, "%zx-%zx %s %08x ", (i + 1) * 4096, (i + n + 1) * 4096,
			   perms[c->perms], c->inode < HEAP_INODE ? c->offset * 4096u : 0);
		if (c->inode < HEAP_INODE)
			buf_printf(b, "fe:00 %u /f%u\n", c->inode, c->inode);
		else
			buf_puts(b, c->inode == HEAP_INODE ? "00:00 0 [heap]\n" : "00:00 0\n");
		buf_printf(b, "Rss: %u kB\nAnonymous: 0 kB\nSwap: 0 kB\n", resident * 4);
	}
}

static bool is_free(const struct cell *cell, size_t at, size_t n)
{
	while (n--)
		if (cell[at + n].inode)
			return false;
	return true;
}

/* One of: map a file or memory, unmap, mremap, mprotect, brk, touch. */
static void edit(struct cell *cell, uint32_t *inode, size_t *brk, uint64_t *seed)
{
	size_t n = 1 + unit_below(seed, 12), at = unit_below(seed, PAGES - n), to;
	uint8_t perms = (uint8_t)(unit_below(seed, 4));
	bool anonymous = unit_below(seed, 3) == 0;

	switch (unit_below(seed, 7)) {
	case 0: case 1:
		++*inode;
		for (size_t i = 0; is_free(cell, at, n - i) && i < n; i++)
			cell[at + i] = (struct cell){ anonymous ? ANON_INODE : *inode,
						      anonymous ? 0 : (uint32_t)i, perms, false };
		break;
	case 2:
		memset(cell + at, 0, n * sizeof(*cell));
		break;
	case 3:
		to = unit_below(seed, PAGES - n);
		for (size_t i = 0; i < n; i++)	/* of one mapping */
			if (!cell[at].inode || cell[at].inode == HEAP_INODE ||
			    cell[at + i].inode != cell[at].inode)
				return;
		if (!is_free(cell, to, n))
			return;
		memcpy(cell + to, cell + at, n * sizeof(*cell));
		memset(cell + at, 0, n * sizeof(*cell));
		break;
	case 4:
		for (size_t i = 0; i < n; i++)
			cell[at + i].perms = perms;
		break;
	case 5:
		for (; n && *brk < PAGES && !cell[*brk].inode; n--, ++*brk)
			cell[*brk] = (struct cell){ HEAP_INODE, 0, 3, false };
		break;
	default:
		for (size_t i = 0; i < n; i++)
			cell[at + i].resident = cell[at + i].inode && unit_below(seed, 2);
		break;
	}
}

static bool is_same_page(const struct cell *a, const struct cell *b)
{
	return a->inode && a->inode == b->inode && a->offset == b->offset;
}

static uint32_t change_at(const struct pair *p, int side, size_t page)
{
	const struct vma *v = space_find(&p->space[side], (page + 1) * 4096);

	ck_assert(v != NULL);
	return p->c.of[side][v - p->space[side].vma.v];
}

/* Does some page of this change have a neighbour in time with another protection? */
static bool has_perms_page(const struct pair *p, const struct cell *before,
			   const struct cell *after, uint32_t number)
{
	for (size_t i = 0; i < PAGES; i++)
		if (is_same_page(&before[i], &after[i]) && before[i].perms != after[i].perms &&
		    change_at(p, 0, i) == number && change_at(p, 1, i) == number)
			return true;
	return false;
}

/* Each change's numbers, by its own pages. */
static void check_sums(const struct pair *p, const struct cell *before, const struct cell *after)
{
	const struct cell *const cell[CHANGE_SIDES] = { before, after };
	int64_t *bytes = calloc(p->c.change.n + 1, sizeof(*bytes));
	int64_t *memory = calloc(p->c.change.n + 1, sizeof(*memory));

	for (int side = 0; side < CHANGE_SIDES; side++)
		for (size_t i = 0; i < PAGES; i++) {
			int64_t page = side ? 4096 : -4096;

			if (!cell[side][i].inode)
				continue;
			bytes[change_at(p, side, i)] += page;
			memory[change_at(p, side, i)] += cell[side][i].resident ? page : 0;
		}
	for (size_t i = 0; i < p->c.change.n; i++) {
		const struct change *one = &p->c.change.v[i];

		ck_assert_int_eq(one->size, bytes[i]);
		ck_assert(one->memory.known);
		ck_assert_int_eq(one->memory.v, memory[i]);
		ck_assert(one->n[0] + one->n[1] > 0);
		ck_assert(!(one->what & CHANGE_APPEARED) == (one->n[0] != 0));
		ck_assert(!(one->what & CHANGE_VANISHED) == (one->n[1] != 0));
		if (one->n[0] && one->n[1]) {
			ck_assert(!(one->what & CHANGE_GREW) == (bytes[i] <= 0));
			ck_assert(!(one->what & CHANGE_SHRANK) == (bytes[i] >= 0));
		}
	}
	free(bytes);
	free(memory);
}

/* Who belongs together, by single pages. */
static void check_links(const struct pair *p, const struct cell *before, const struct cell *after)
{
	for (size_t i = 0; i < PAGES; i++) {
		if (is_same_page(&before[i], &after[i]) && before[i].perms == after[i].perms)
			ck_assert_uint_eq(change_at(p, 0, i), change_at(p, 1, i));
		if (before[i].inode && after[i].inode && before[i].inode != after[i].inode)
			ck_assert_uint_ne(change_at(p, 0, i), change_at(p, 1, i));
	}
	for (size_t i = 0; i < p->c.change.n; i++) {
		const struct change *one = &p->c.change.v[i];
		struct rows rows[] = { changes_rows(&p->c, one, CHANGE_BEFORE),
				       changes_rows(&p->c, one, CHANGE_AFTER) };

		ck_assert(!(one->what & CHANGE_SPLIT) || one->n[1] > 1);
		ck_assert(!(one->what & CHANGE_MERGED) || one->n[0] > 1);
		ck_assert(one->n[0] + one->n[1] < 3 ||
			  one->what & (CHANGE_SPLIT | CHANGE_MERGED));
		if (!(one->what & CHANGE_MOVED))
			ck_assert(!(one->what & CHANGE_PERMS) ==
				  !has_perms_page(p, before, after, (uint32_t)i));
		else
			ck_assert(one->n[0] == 1 && one->n[1] == 1 &&
				  rows[0].vma[rows[0].index[0]].start !=
				  rows[1].vma[rows[1].index[0]].start);
		for (uint32_t k = 0; k < one->n[0] && one->n[1]; k++)
			ck_assert_uint_eq(vma_file(rows[0].space, &rows[0].vma[rows[0].index[k]])->inode,
					  vma_file(rows[1].space, &rows[1].vma[rows[1].index[0]])->inode);
	}
}

/* A file of which one mapping is left, elsewhere, has moved. */
static void check_moves(const struct pair *p)
{
	for (size_t i = 0; i < p->space[0].vma.n; i++) {
		const struct vma *a = &p->space[0].vma.v[i], *b = NULL;
		uint64_t inode = vma_file(&p->space[0], a)->inode;
		unsigned int n[CHANGE_SIDES] = { 0, 0 };

		for (int side = 0; inode && side < CHANGE_SIDES; side++)
			for (size_t k = 0; k < p->space[side].vma.n; k++) {
				const struct vma *v = &p->space[side].vma.v[k];

				if (vma_file(&p->space[side], v)->inode != inode)
					continue;
				n[side]++;
				b = v;
			}
		if (n[0] == 1 && n[1] == 1 && a->offset == b->offset && a->start != b->start)
			ck_assert(p->c.change.v[p->c.of[0][i]].what & CHANGE_MOVED);
	}
}

START_TEST(test_scripts)
{
	static const enum change_by by[] = {
		CHANGE_BY_KIND, CHANGE_BY_OBJECT, CHANGE_BY_SEGMENT, CHANGE_BY_ALL,
	};

	for (unsigned int round = 0; round < 300; round++) {
		struct cell before[PAGES] = { { 0 } }, after[PAGES];
		struct buf text[CHANGE_SIDES];
		uint32_t inode = 1;
		uint64_t seed = 88172645463325252u + round;
		size_t brk = 0, edits = 1 + unit_below(&seed, 12);
		struct pair p;

		for (unsigned int i = 0; i < 60; i++)
			edit(before, &inode, &brk, &seed);
		memcpy(after, before, sizeof(after));
		for (size_t i = 0; i < edits; i++)
			edit(after, &inode, &brk, &seed);
		for (int side = 0; side < CHANGE_SIDES; side++) {
			buf_init(&text[side]);
			put_model(&text[side], side ? after : before);
		}
		pair_make(&p, buf_string(&text[0]), buf_string(&text[1]), true, 0);
		pair_compare(&p, CHANGE_BY_MAPPING, false);
		check_sums(&p, before, after);
		check_links(&p, before, after);
		check_moves(&p);
		for (unsigned int i = 0; i < 4; i++) {
			pair_compare(&p, by[i], round % 2);
			check_sums(&p, before, after);
		}
		ck_assert_uint_le(p.c.change.n, 1);
		pair_done(&p);
		buf_done(&text[0]);
		buf_done(&text[1]);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("change");

	UNIT_CASE(s, "each", test_each, test_backing, test_moved, test_amounts, test_view,
		  test_other_process);
	UNIT_CASE(s, "scripts", test_scripts);
	return unit_run(s);
}
