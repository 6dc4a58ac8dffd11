/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Words of page frames, folios found from them, and the names of their flags. */
#include "config.h"

#include "proc/kpage.h"

#include <ctype.h>
#include <errno.h>

#include "tree.h"

/* ---- flags ---- */

START_TEST(test_names)
{
	/* Documentation/admin-guide/mm/pagemap.rst, 6.18, and tools/mm/page-types.c */
	static const struct {
		unsigned int bit;
		const char *name;
		char letter;
	} known[] = {
		{ 0, "locked", 'L' }, { 2, "referenced", 'R' }, { 3, "uptodate", 'U' },
		{ 4, "dirty", 'D' }, { 5, "lru", 'l' }, { 6, "active", 'A' }, { 7, "slab", 'S' },
		{ 10, "buddy", 'B' }, { 11, "mmap", 'M' }, { 12, "anon", 'a' },
		{ 13, "swapcache", 's' }, { 14, "swapbacked", 'b' }, { 15, "compound_head", 'H' },
		{ 16, "compound_tail", 'T' }, { 17, "huge", 'G' }, { 18, "unevictable", 'u' },
		{ 19, "hwpoison", 'X' }, { 20, "nopage", 'n' }, { 21, "ksm", 'x' },
		{ 22, "thp", 't' }, { 23, "offline", 'o' }, { 24, "zero_page", 'z' },
		{ 25, "idle", 'i' }, { 26, "pgtable", 'g' }, { 32, "reserved", 'r' },
		{ 33, "mlocked", 'm' }, { 35, "private", 'P' }, { 42, "arch_3", 'J' },
	};
	char space[KPAGE_NAME_MAX];

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		ck_assert_str_eq(kpage_flag_name(known[i].bit, space), known[i].name);
		ck_assert_int_eq(kpage_flag_info[known[i].bit].letter, known[i].letter);
	}
	ck_assert_str_eq(kpage_flag_name(27, space), "bit_27");
	ck_assert_str_eq(kpage_flag_name(31, space), "bit_31");
	ck_assert_str_eq(kpage_flag_name(43, space), "bit_43");
	ck_assert_str_eq(kpage_flag_name(63, space), "bit_63");
	ck_assert_uint_eq(KPAGE_BIT(ZERO_PAGE), 0x1000000);
	ck_assert_uint_eq(KPAGE_BIT(ARCH_3), UINT64_C(1) << 42);
}
END_TEST

/* The table: each name once, and fit to be a JSON key; each has a letter and words. */
START_TEST(test_table)
{
	char one[KPAGE_NAME_MAX], other[KPAGE_NAME_MAX];

	for (unsigned int a = 0; a < 64; a++) {
		const char *name = kpage_flag_name(a, one);

		ck_assert_msg(strspn(name, "abcdefghijklmnopqrstuvwxyz_0123456789") ==
			      strlen(name) && islower((unsigned char)name[0]), "%s", name);
		for (unsigned int b = 0; b < a; b++)
			ck_assert_str_ne(name, kpage_flag_name(b, other));
		if (a >= KPAGE_FLAGS_KNOWN || !kpage_flag_info[a].name)
			continue;
		ck_assert_msg(isalpha((unsigned char)kpage_flag_info[a].letter), "%s", name);
		ck_assert_msg(kpage_flag_info[a].help && *kpage_flag_info[a].help, "%s", name);
	}
}
END_TEST

/* ---- reading ---- */

enum { FRAMES = 40000 };

struct files {
	struct tree tree;
	int fd[KPAGE_FILES];
	struct kpage k;
};

static void files_init(struct files *f)
{
	tree_init(&f->tree);
	for (unsigned int i = 0; i < KPAGE_FILES; i++)
		f->fd[i] = tree_words(&f->tree, kpage_file_path[i]);
	kpage_open(&f->tree.root, &f->k);
	for (unsigned int i = 0; i < KPAGE_FILES; i++)
		ck_assert(kpage_has(&f->k, (enum kpage_file)i));
}

static void files_done(struct files *f)
{
	kpage_close(&f->k);
	for (unsigned int i = 0; i < KPAGE_FILES; i++)
		close(f->fd[i]);
	tree_done(&f->tree);
}

/* What the file has, or stands for what it has not. */
static uint64_t word_of(const uint64_t *file, uint64_t pfn, enum kpage_file f)
{
	if (pfn < FRAMES)
		return file[pfn];
	return f == KPAGE_FLAGS ? KPAGE_BIT(NOPAGE) : 0;
}

/* Neighbours up and down, repeated, overlapping, apart by a few, far away, behind the end. */
static size_t make_wants(struct kpage_want *want, size_t max, uint64_t *seed, uint32_t *words)
{
	uint64_t pfn = unit_below(seed, FRAMES);
	size_t n = 0;

	*words = 0;
	while (n < max) {
		struct kpage_want *w = &want[n++];
		uint32_t size = 1 + (uint32_t)unit_below(seed, unit_below(seed, 4) ? 3 : 40);

		if (unit_below(seed, 200) == 0)
			size = (uint32_t)unit_below(seed, 5000);	/* also none at all */
		switch (unit_below(seed, 12)) {
		case 0: pfn = unit_below(seed, FRAMES + 100); break;
		case 1: pfn = FRAMES - unit_below(seed, 50); break;
		case 2: pfn = (UINT64_C(1) << 55) - 1 - size; break;
		case 3: pfn -= pfn < 100 ? 0 : unit_below(seed, 100); break;
		case 4:
		case 5:
		case 6: pfn -= pfn < size ? pfn : size; break;
		case 7: pfn += unit_below(seed, 6); break;
		default: break;
		}
		*w = (struct kpage_want){ .pfn = pfn, .n = size, .at = *words };
		*words += size;
		if (unit_below(seed, 3) || pfn > UINT64_C(1) << 54)
			pfn = pfn > UINT64_C(1) << 54 ? 7 : pfn + size;
	}
	/* they need not be in the order of the output */
	for (size_t i = n; i-- > 1 && unit_below(seed, 2);) {
		struct kpage_want *a = &want[i], *b = &want[unit_below(seed, i)];
		struct kpage_want keep = *a;

		*a = *b;
		*b = keep;
	}
	return n;
}

START_TEST(test_read)
{
	enum { ROUNDS = 60, WANTS = 3000 };
	uint64_t *file[2], seed = 99;
	struct kpage_want *want = malloc(WANTS * sizeof(*want));
	struct files f;

	files_init(&f);
	for (unsigned int k = 0; k < 2; k++) {
		file[k] = malloc(FRAMES * sizeof(uint64_t));
		for (size_t i = 0; i < FRAMES; i++)
			file[k][i] = unit_random(&seed);
		tree_put(f.fd[k], 0, file[k], FRAMES);
	}
	for (unsigned int round = 0; round < ROUNDS; round++) {
		static const unsigned int threads[] = { 1, 2, 4, 64 };
		enum kpage_file which = round % 2 ? KPAGE_FLAGS : KPAGE_COUNT;
		uint32_t words;
		size_t n = make_wants(want, 1 + unit_below(&seed, WANTS), &seed, &words);
		uint64_t *expect = calloc(words + 1, sizeof(*expect));

		for (size_t i = 0; i < n; i++)
			for (uint32_t k = 0; k < want[i].n; k++)
				expect[want[i].at + k] = word_of(file[which], want[i].pfn + k, which);
		expect[words] = 0x5a5a;
		for (unsigned int t = 0; t < 4; t++) {
			uint64_t *got = calloc(words + 1, sizeof(*got));

			got[words] = 0x5a5a;
			ck_assert_int_eq(kpage_read(&f.k, which, want, n, got, threads[t]), 0);
			ck_assert_msg(memcmp(got, expect, (words + 1) * sizeof(*got)) == 0,
				      "round %u, %u threads", round, threads[t]);
			free(got);
		}
		free(expect);
	}
	free(file[0]);
	free(file[1]);
	free(want);
	files_done(&f);
}
END_TEST

/* One that is larger than what is read at once, and none at all. */
START_TEST(test_read_odd)
{
	struct kpage_want large = { .pfn = 5, .n = FRAMES, .at = 1 };
	struct kpage_want none[40] = { { .pfn = 3 } };
	uint64_t *file = malloc(FRAMES * sizeof(*file));
	uint64_t *got = calloc(FRAMES + 2, sizeof(*got)), word;
	struct files f;

	files_init(&f);
	for (size_t i = 0; i < FRAMES; i++)
		file[i] = i + 1;
	tree_put(f.fd[KPAGE_FLAGS], 0, file, FRAMES);
	for (unsigned int threads = 1; threads < 4; threads++) {
		memset(got, 0, (FRAMES + 2) * sizeof(*got));
		ck_assert_int_eq(kpage_read(&f.k, KPAGE_FLAGS, &large, 1, got, threads), 0);
		ck_assert_uint_eq(got[0], 0);
		ck_assert(memcmp(got + 1, file + 5, (FRAMES - 5) * sizeof(*got)) == 0);
		for (unsigned int i = 0; i < 5; i++)
			ck_assert_uint_eq(got[1 + FRAMES - 5 + i], KPAGE_BIT(NOPAGE));
		ck_assert_uint_eq(got[1 + FRAMES], 0);
		ck_assert_int_eq(kpage_read(&f.k, KPAGE_FLAGS, none, 40, got, threads), 0);
		ck_assert_int_eq(kpage_read(&f.k, KPAGE_FLAGS, NULL, 0, NULL, threads), 0);
	}
	ck_assert_int_eq(kpage_word(&f.k, KPAGE_FLAGS, 77, &word), 0);
	ck_assert_uint_eq(word, 78);
	ck_assert_int_eq(kpage_word(&f.k, KPAGE_FLAGS, FRAMES, &word), 0);
	ck_assert_uint_eq(word, KPAGE_BIT(NOPAGE));
	ck_assert_int_eq(kpage_word(&f.k, KPAGE_COUNT, 3, &word), 0);	/* empty */
	ck_assert_uint_eq(word, 0);
	/* the file ends in the middle of a word */
	ck_assert_int_eq(ftruncate(f.fd[KPAGE_FLAGS], 77 * 8 + 5), 0);
	ck_assert_int_eq(kpage_word(&f.k, KPAGE_FLAGS, 77, &word), 0);
	ck_assert_uint_eq(word, KPAGE_BIT(NOPAGE));
	ck_assert_int_eq(kpage_word(&f.k, KPAGE_FLAGS, 76, &word), 0);
	ck_assert_uint_eq(word, 77);
	kpage_close(&f.k);
	ck_assert(!kpage_has(&f.k, KPAGE_FLAGS));
	ck_assert_int_lt(kpage_word(&f.k, KPAGE_FLAGS, 1, &word), 0);
	ck_assert_int_lt(kpage_read(&f.k, KPAGE_FLAGS, &large, 1, got, 2), 0);
	free(file);
	free(got);
	files_done(&f);
}
END_TEST

START_TEST(test_missing)
{
	struct kpage_want one = { .pfn = 1, .n = 1 };
	uint64_t word, head, frames;
	struct kpage k;
	struct tree t;

	tree_init(&t);
	kpage_open(&t.root, &k);
	for (unsigned int i = 0; i < KPAGE_FILES; i++) {
		ck_assert(!kpage_has(&k, (enum kpage_file)i));
		ck_assert_int_eq(kpage_word(&k, (enum kpage_file)i, 1, &word), -ENOENT);
		ck_assert_int_eq(kpage_read(&k, (enum kpage_file)i, &one, 1, &word, 1), -ENOENT);
		/* nothing asked for, nothing missed */
		ck_assert_int_eq(kpage_read(&k, (enum kpage_file)i, &one, 0, &word, 1), 0);
	}
	ck_assert_int_eq(kpage_folio(&k, 1, &head, &frames), -ENOENT);
	kpage_close(&k);
	tree_done(&t);
}
END_TEST

/* ---- folios ---- */

#define HEAD (KPAGE_BIT(COMPOUND_HEAD) | KPAGE_BIT(THP) | KPAGE_BIT(LRU))
#define TAIL (KPAGE_BIT(COMPOUND_TAIL) | KPAGE_BIT(THP))
#define SINGLE (KPAGE_BIT(LRU) | KPAGE_BIT(ANON))

/* Frames as they are laid out, and what each is part of. */
struct layout {
	uint64_t *word, *head, *frames;
	size_t n;
};

static void lay(struct layout *l, uint64_t frames, bool headless)
{
	for (uint64_t i = 0; i < frames; i++) {
		l->word[l->n + i] = frames == 1 ? SINGLE : i || headless ? TAIL : HEAD;
		l->head[l->n + i] = l->n;
		l->frames[l->n + i] = frames;
	}
	l->n += frames;
}

static void check_layout(struct files *f, const struct layout *l, const char *what, uint64_t step)
{
	ck_assert_int_eq(ftruncate(f->fd[KPAGE_FLAGS], 0), 0);
	tree_put(f->fd[KPAGE_FLAGS], 0, l->word, l->n);
	for (uint64_t next, pfn = 0; pfn < l->n; pfn = next) {
		uint64_t head = 0, frames = 0;
		int ret = kpage_folio(&f->k, pfn, &head, &frames);

		/* the last one in any case */
		next = pfn + 1 < l->n && pfn + step >= l->n ? l->n - 1 : pfn + step;
		if (ret != 0 || head != l->head[pfn] || frames != l->frames[pfn])
			ck_abort_msg("%s: frame %lu: %lu frames from %lu on, not %lu from %lu (%d)",
				     what, (unsigned long)pfn, (unsigned long)frames,
				     (unsigned long)head, (unsigned long)l->frames[pfn],
				     (unsigned long)l->head[pfn], ret);
	}
}

START_TEST(test_folio)
{
	enum { MOST = 1 << 20 };
	struct layout l = { malloc(MOST * 8), malloc(MOST * 8), malloc(MOST * 8), 0 };
	uint64_t seed = 4242, head, frames;
	struct files f;

	files_init(&f);
	/* each size next to each other, at the start and at the end of the file */
	for (unsigned int a = 0; a < 11; a++)
		for (unsigned int b = 0; b < 11; b++) {
			l.n = 0;
			lay(&l, UINT64_C(1) << a, false);
			lay(&l, UINT64_C(1) << b, false);
			check_layout(&f, &l, "two", 37);
		}
	for (unsigned int round = 0; round < 20; round++) {
		l.n = 0;
		while (l.n < 5000) {
			lay(&l, UINT64_C(1) << unit_below(&seed, 11), false);
			if (unit_below(&seed, 3) == 0)
				lay(&l, 1, false);
		}
		check_layout(&f, &l, "random", 1);
	}
	/* the head was freed, the tails not yet: they are all there is */
	l.n = 0;
	lay(&l, 1, false);
	lay(&l, 3, true);
	lay(&l, 1, false);
	lay(&l, 512, false);
	lay(&l, 1, false);
	lay(&l, 700, true);
	lay(&l, 2, false);
	check_layout(&f, &l, "freed", 1);
	l.n = 0;
	lay(&l, 5, true);	/* up to frame 0 */
	check_layout(&f, &l, "freed, at the start", 1);
	/* a head alone */
	l.n = 0;
	lay(&l, 4, false);
	lay(&l, 1, false);
	l.word[4] = HEAD;
	lay(&l, 1, false);
	check_layout(&f, &l, "lonely head", 1);
	l.n = 0;
	lay(&l, 1 << 17, false);
	lay(&l, 2, false);
	check_layout(&f, &l, "half of the largest", 50021);
	/* the largest: 1 GiB of 4 KiB, at the start, behind small ones, and at the end */
	for (unsigned int before = 0; before < 3; before++) {
		l.n = 0;
		for (unsigned int i = 0; i < before; i++)
			lay(&l, 256, false);
		lay(&l, 1 << 18, false);
		if (before)
			lay(&l, 4, false);
		check_layout(&f, &l, "largest", 10007);
	}
	ck_assert_int_eq(kpage_folio(&f.k, UINT64_C(1) << 40, &head, &frames), 0);
	ck_assert(head == UINT64_C(1) << 40 && frames == 1);
	free(l.word);
	free(l.head);
	free(l.frames);
	files_done(&f);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("kpage");

	UNIT_CASE(s, "flags", test_names, test_table);
	UNIT_CASE(s, "reading", test_read, test_read_odd, test_missing);
	UNIT_CASE(s, "folios", test_folio);
	return unit_run(s);
}
