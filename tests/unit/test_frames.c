/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Entries and frames of a process read into its census: a tree made by hand, and this process. */
#include "config.h"

#include "model/frames.h"

#include <errno.h>
#include <linux/capability.h>
#include <linux/userfaultfd.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "spaces.h"
#include "tree.h"

#ifndef UFFD_USER_MODE_ONLY
#define UFFD_USER_MODE_ONLY 1
#endif

#define PAGE UINT64_C(4096)
#define HUGE (512 * PAGE)
#define PRESENT(pfn) (PAGEMAP_PRESENT | (uint64_t)(pfn))

static uint64_t tally_pages(const struct census *c, enum tally t, uint64_t key)
{
	for (uint32_t i = 0; i < c->n[t]; i++)
		if (c->tally[t][i].key == key)
			return c->tally[t][i].pages;
	return 0;
}

/* ---- a tree ---- */

/* A record, the numbers in kB: all have the same lines, as the kernel's do. */
#define RECORD(head, kernel_page, rss, hugetlb, swap, huge, flags) \
	head "\nKernelPageSize: " #kernel_page " kB\nRss: " #rss " kB\nAnonHugePages: " #huge \
	" kB\nPrivate_Hugetlb: " #hugetlb " kB\nSwap: " #swap " kB\nVmFlags: " flags " \n"

static const char tree_smaps[] =
	RECORD("100000-140000 rw-p 00000000 00:00 0 ", 4, 40, 0, 8, 0, "rd wr")
	RECORD("200000-600000 rw-p 00000000 00:00 0 ", 4, 4096, 0, 0, 2048, "rd wr")
	RECORD("600000-a00000 rw-p 00000000 00:0f 7 /anon_hugepage (deleted)", 2048, 0, 2048, 0, 0,
	       "rd wr ht")
	RECORD("a00000-a10000 ---p 00000000 00:00 0 ", 4, 0, 0, 0, 0, "mr mw")
	RECORD("ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0 [vsyscall]", 4, 0, 0, 0, 0,
	       "ex");

static const char tree_zones[] =
	"Node 0, zone DMA32\n spanned 4096\n start_pfn: 0\n"
	"Node 1, zone Normal\n spanned 4096\n start_pfn: 4096\n";

enum { FRAMES = 8192, MAPPINGS = 5 };

struct fake {
	struct tree tree;
	struct space space;
	uint64_t flags[FRAMES], counts[FRAMES];
	int pagemap;
};

static void put_text(const struct tree *t, const char *name, const char *text)
{
	char path[TREE_PATH];
	FILE *file;

	tree_path(t, name, path);
	file = fopen(path, "w");
	ck_assert(file && fputs(text, file) >= 0 && fclose(file) == 0);
}

static void map(struct fake *f, uint64_t page, uint64_t entry, uint64_t n)
{
	for (uint64_t i = 0; i < n; i++, entry++)
		tree_put(f->pagemap, page + i, &entry, 1);
}

static void folio(struct fake *f, uint64_t pfn, uint64_t n, uint64_t flags, uint64_t count)
{
	for (uint64_t i = 0; i < n; i++) {
		f->flags[pfn + i] = flags;
		if (n > 1)
			f->flags[pfn + i] |= i ? KPAGE_BIT(COMPOUND_TAIL) : KPAGE_BIT(COMPOUND_HEAD);
		f->counts[pfn + i] = count;
	}
}

static void fake_init(struct fake *f)
{
	uint64_t swap = PAGEMAP_SWAPPED | 0x77 << 5 | 1, zero = PRESENT(2);

	memset(f, 0, sizeof(*f));
	tree_init(&f->tree);
	space_of_smaps(&f->space, tree_smaps);
	f->space.vma.v[4].kind = KIND_VSYSCALL;
	f->pagemap = tree_words(&f->tree, "proc/1234/pagemap");
	/* 8 frames of a folio of 16, two single ones, a zero page, two in swap, one guard page */
	folio(f, 2, 1, KPAGE_BIT(ZERO_PAGE), 0);
	folio(f, 16, 16, KPAGE_BIT(LRU), 1);
	folio(f, 5000, 1, KPAGE_BIT(ANON), 1);
	folio(f, 5001, 1, KPAGE_BIT(ANON) | UINT64_C(1) << 63, 3);
	map(f, 0x104, PRESENT(20) | PAGEMAP_FILE, 8);
	map(f, 0x110, PRESENT(5000) | PAGEMAP_EXCLUSIVE, 1);
	map(f, 0x111, PRESENT(5001), 1);
	map(f, 0x112, zero, 1);
	map(f, 0x120, swap, 1);
	map(f, 0x121, swap + 32, 1);
	map(f, 0x122, UINT64_C(0x440000000000009f), 1);
	/* two aligned folios of 512, of which smaps says one is mapped by a PMD entry */
	folio(f, 512, 512, KPAGE_BIT(THP), 1);
	folio(f, 1024, 512, KPAGE_BIT(THP), 1);
	map(f, 0x200, PRESENT(512) | PAGEMAP_EXCLUSIVE, 1024);
	/* one hugetlb page of two; behind the mappings is something, too */
	folio(f, 6144, 512, KPAGE_BIT(HUGE), 2);
	map(f, 0x800, PRESENT(6144), 512);
	map(f, 0xa10, PRESENT(1), 100);
}

static void put_frames(struct fake *f, bool flags, bool counts, bool zones)
{
	if (flags)
		tree_put(tree_words(&f->tree, "proc/kpageflags"), 0, f->flags, FRAMES);
	if (counts)
		tree_put(tree_words(&f->tree, "proc/kpagecount"), 0, f->counts, FRAMES);
	if (zones)
		put_text(&f->tree, "proc/zoneinfo", tree_zones);
}

static void fake_done(struct fake *f)
{
	space_done(&f->space);
	close(f->pagemap);
	tree_done(&f->tree);
}

static struct frames_request request(struct root *root, struct process *p, struct space *s)
{
	return (struct frames_request){ .root = root, .process = p, .space = s, .page_size = PAGE,
					.pmd_size = HUGE, .max_ptes_none = 511, .threads = 1 };
}

static void check_first(const struct census *c, bool flags, bool counts)
{
	ck_assert_uint_eq(c->pages, 64);
	ck_assert_uint_eq(c->present, 11);
	ck_assert_uint_eq(c->zero, flags);
	ck_assert_uint_eq(c->swapped, 2);
	ck_assert_uint_eq(c->guard, 1);
	ck_assert_uint_eq(c->file, 8);
	ck_assert_uint_eq(c->exclusive, counts ? 9 : 1);
	ck_assert_uint_eq(c->shared, (counts ? 1 : 9) + (!flags && !counts));
	ck_assert_uint_eq(census_untouched(c), 64 - 14);
	ck_assert_uint_eq(c->runs, flags ? 2 : 3);
	ck_assert_uint_eq(c->longest, 8);
	if (!flags)
		return;
	ck_assert_uint_eq(tally_pages(c, TALLY_FOLIOS, folio_key(4, FOLIO_PARTIAL)), 8);
	ck_assert_uint_eq(tally_pages(c, TALLY_FOLIOS, folio_key(0, FOLIO_ALIGNED)), 2);
	ck_assert_uint_eq(census_flag(c, 63), 1);
	ck_assert_uint_eq(census_flag(c, KPF_ZERO_PAGE), 1);
}

static void check_others(const struct census *c)
{
	ck_assert_uint_eq(c[1].present, 1024);
	ck_assert_uint_eq(c[1].pmd, 512);
	ck_assert_uint_eq(c[1].exclusive, 1024);
	ck_assert_uint_eq(c[1].runs, 1);
	ck_assert_uint_eq(c[1].longest, 1024);
	ck_assert_uint_eq(c[1].extents.huge, 1);
	ck_assert_uint_eq(c[1].extents.full, 1);
	ck_assert_uint_eq(tally_pages(&c[1], TALLY_FOLIOS, folio_key(9, FOLIO_PMD)), 512);
	ck_assert_uint_eq(tally_pages(&c[1], TALLY_FOLIOS, folio_key(9, FOLIO_ALIGNED)), 512);
	ck_assert_uint_eq(c[2].pages, 1024);
	ck_assert_uint_eq(c[2].present, 512);
	ck_assert_uint_eq(c[2].hugetlb, 512);
	ck_assert_uint_eq(c[2].shared, 512);
	ck_assert_uint_eq(c[2].extents.huge, 1);
	ck_assert_uint_eq(c[2].extents.empty, 1);
	ck_assert_uint_eq(tally_pages(&c[2], TALLY_FOLIOS, folio_key(9, FOLIO_HUGETLB)), 512);
	ck_assert_uint_eq(tally_pages(&c[2], TALLY_COUNTS, 2), 512);
	ck_assert_uint_eq(tally_pages(&c[2], TALLY_NODES, 1), 512);
	ck_assert_uint_eq(c[3].pages, 16);
	ck_assert_uint_eq(census_untouched(&c[3]), 16);
	ck_assert_uint_eq(c[4].present, 0);
}

START_TEST(test_tree)
{
	const unsigned int all = CENSUS_ZERO | CENSUS_PMD | CENSUS_FRAMES | CENSUS_FLAGS |
				 CENSUS_COUNTS | CENSUS_NODES | CENSUS_KSM;
	struct fake *f = malloc(sizeof(*f));
	struct frames_request req;
	struct frames_missing missing;
	struct census_set set;

	fake_init(f);
	req = request(&f->tree.root, &f->tree.process, &f->space);
	put_frames(f, true, true, true);
	ck_assert_int_eq(frames_read(&req, &set, &missing), 0);
	ck_assert_uint_eq(set.census.n, MAPPINGS);
	ck_assert_uint_eq(set.known, all);
	ck_assert(!missing.pagemap && !missing.flags && !missing.counts && !missing.zoneinfo &&
		  !missing.hidden);
	ck_assert(set.page_size == PAGE && set.pmd_size == HUGE && set.max_ptes_none == 511);
	check_first(&set.census.v[0], true, true);
	ck_assert_uint_eq(tally_pages(&set.census.v[0], TALLY_NODES, 0), 8);
	ck_assert_uint_eq(tally_pages(&set.census.v[0], TALLY_NODES, 1), 2);
	check_others(set.census.v);
	census_set_done(&set);
	fake_done(f);
	free(f);
}
END_TEST

/* One file after the other is there: what is missing is said, and the rest still counted. */
START_TEST(test_missing)
{
	struct fake *f = malloc(sizeof(*f));
	struct frames_request req;
	struct frames_missing missing;
	struct census_set set;
	char path[TREE_PATH];

	fake_init(f);
	req = request(&f->tree.root, &f->tree.process, &f->space);
	ck_assert_int_eq(frames_read(&req, &set, &missing), 0);
	ck_assert(!missing.pagemap && missing.flags == -ENOENT && missing.counts == -ENOENT &&
		  missing.zoneinfo == -ENOENT && !missing.hidden);
	ck_assert_uint_eq(set.known, CENSUS_PMD | CENSUS_FRAMES);
	check_first(&set.census.v[0], false, false);
	ck_assert_uint_eq(set.census.v[1].pmd, 512);
	census_set_done(&set);

	put_frames(f, true, false, false);
	ck_assert_int_eq(frames_read(&req, &set, &missing), 0);
	ck_assert(!missing.flags && missing.counts == -ENOENT && missing.zoneinfo == -ENOENT);
	ck_assert_uint_eq(set.known, CENSUS_PMD | CENSUS_FRAMES | CENSUS_FLAGS | CENSUS_ZERO |
				     CENSUS_KSM);
	check_first(&set.census.v[0], true, false);
	census_set_done(&set);

	tree_path(&f->tree, "proc/1234/pagemap", path);
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(frames_read(&req, &set, &missing), 0);
	ck_assert_int_eq(missing.pagemap, -ENOENT);
	ck_assert_uint_eq(set.known, 0);
	census_set_done(&set);
	fake_done(f);
	free(f);
}
END_TEST

/* Entries without frame numbers, as a user without privilege has captured them. */
START_TEST(test_hidden)
{
	struct fake *f = malloc(sizeof(*f));
	struct frames_request req;
	struct frames_missing missing;
	struct census_set set;

	fake_init(f);
	for (uint64_t page = 0x100; page < 0xb00; page++) {
		uint64_t entry;

		if (pread(f->pagemap, &entry, sizeof(entry), (off_t)(page * sizeof(entry))) !=
		    sizeof(entry))
			break;
		entry &= ~PAGEMAP_PFN_MASK;
		tree_put(f->pagemap, page, &entry, 1);
	}
	put_frames(f, true, true, true);
	req = request(&f->tree.root, &f->tree.process, &f->space);
	ck_assert_int_eq(frames_read(&req, &set, &missing), 0);
	ck_assert(missing.hidden && !missing.flags && !missing.pagemap);
	ck_assert_uint_eq(set.known, CENSUS_PMD);
	ck_assert_uint_eq(set.census.v[0].present, 11);
	ck_assert_uint_eq(set.census.v[0].hidden, 11);
	ck_assert_uint_eq(set.census.v[0].swapped, 2);
	ck_assert_uint_eq(set.census.v[0].guard, 1);
	ck_assert_uint_eq(set.census.v[0].runs, 0);
	ck_assert_uint_eq(set.census.v[2].hugetlb, 512);
	for (unsigned int t = 0; t < TALLIES; t++)
		ck_assert(t == TALLY_COUNTS || set.census.v[0].n[t] == 0);
	census_set_done(&set);
	fake_done(f);
	free(f);
}
END_TEST

/* A page size that is none: what a damaged tree may hold. */
START_TEST(test_odd_huge_size)
{
	static const char *const size[] = { "6", "5", "3000", "9007199254740992", "0", "1" };

	for (size_t i = 0; i < sizeof(size) / sizeof(size[0]); i++) {
		struct tree t;
		struct space s;
		struct frames_request req;
		struct frames_missing missing;
		struct census_set set;
		char text[256];
		int fd;

		tree_init(&t);
		snprintf(text, sizeof(text), "100000001000-100000011000 rw-p 00000000 00:0f 7 /h\n"
			 "KernelPageSize: %s kB\nVmFlags: rd ht \n", size[i]);
		space_of_smaps(&s, text);
		fd = tree_words(&t, "proc/1234/pagemap");
		for (uint64_t k = 0; k < 16; k++) {
			uint64_t entry = PRESENT(100 + k);

			tree_put(fd, 0x100000001 + k, &entry, 1);
		}
		close(fd);
		req = request(&t.root, &t.process, &s);
		ck_assert_int_eq(frames_read(&req, &set, &missing), 0);
		ck_assert_uint_eq(set.census.n, 1);
		ck_assert_msg(set.census.v[0].present == 16, "%s kB: %lu", size[i],
			      (unsigned long)set.census.v[0].present);
		census_set_done(&set);
		space_done(&s);
		tree_done(&t);
	}
}
END_TEST

/* ---- this process ---- */

enum { AREAS = 6, PATIENCE = 50 };

struct live {
	struct root root;
	struct process self;
	char *area[AREAS];
	size_t size[AREAS];
	bool has_zeros;
};

/* Zero pages, from userfaultfd: reading may give real ones on machines that are set up so. */
static bool put_zeros(char *start, size_t size)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register reg = { .range = { (uintptr_t)start, size },
				       .mode = UFFDIO_REGISTER_MODE_MISSING };
	struct uffdio_zeropage zero = { .range = { (uintptr_t)start, size } };
	int fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC | UFFD_USER_MODE_ONLY);
	bool done = fd >= 0 && ioctl(fd, UFFDIO_API, &api) == 0 &&
		    ioctl(fd, UFFDIO_REGISTER, &reg) == 0 && ioctl(fd, UFFDIO_ZEROPAGE, &zero) == 0;

	if (fd >= 0)
		close(fd);
	return done;
}

/* Areas apart from each other, so that each is a mapping of its own. */
static void live_init(struct live *l)
{
	static const size_t pages[AREAS] = { 40, 2000, 100, 512, 3 * 512, 600 };
	struct err e;

	memset(l, 0, sizeof(*l));
	ck_assert_int_eq(root_open(&l->root, NULL, &e), 0);
	ck_assert_int_eq(root_open_process(&l->root, getpid(), &l->self), 0);
	for (unsigned int i = 0; i < AREAS; i++) {
		char *p = mmap(NULL, pages[i] * PAGE + 2 * HUGE, PROT_NONE,
			       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

		ck_assert(p != MAP_FAILED);
		p += HUGE - (uintptr_t)p % HUGE;
		l->area[i] = p;
		l->size[i] = pages[i] * PAGE;
		ck_assert_int_eq(mprotect(p, l->size[i], PROT_READ | PROT_WRITE), 0);
		madvise(p, l->size[i], i == 3 || i == 4 ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);
	}
	for (size_t i = 0; i < l->size[0]; i += 3 * PAGE)
		l->area[0][i] = 1;
	for (size_t i = 0; i < l->size[1]; i += i % 7 ? PAGE : 2 * PAGE)
		l->area[1][i] = 1;
	l->has_zeros = put_zeros(l->area[2], 30 * PAGE);
	l->area[2][50 * PAGE] = 1;
	memset(l->area[3], 1, l->size[3]);
	memset(l->area[4], 1, l->size[4]);
	madvise(l->area[4] + HUGE + 100 * PAGE, 10 * PAGE, MADV_DONTNEED);
	put_zeros(l->area[5], 500 * PAGE);
}

static void live_done(struct live *l)
{
	process_close(&l->self);
	root_close(&l->root);
}

struct live_census {
	struct space space;
	struct census_set set;
	struct frames_missing missing;
};

/* Read as the program does; false where there is no pagemap. */
static bool live_read(struct live *l, bool without_scan, struct live_census *out)
{
	struct frames_request req;
	struct buf text;

	buf_init(&text);
	ck_assert_int_eq(process_read(&l->self, "smaps", &text), 0);
	space_from(&out->space, (struct str){ text.data, text.len }, true);
	buf_done(&text);
	/* nor a sanitizer's shadow memory, of which reading every entry takes minutes */
	for (size_t i = 0; i < out->space.vma.n; i++)
		if (out->space.vma.v[i].start >> 63 || out->space.vma.v[i].size >> 38)
			out->space.vma.v[i].kind = KIND_VSYSCALL;
	req = request(&l->root, &l->self, &out->space);
	req.without_scan = without_scan;
	req.threads = without_scan ? 2 : 1;
	ck_assert_int_eq(frames_read(&req, &out->set, &out->missing), 0);
	return out->missing.pagemap == 0;
}

static void live_forget(struct live_census *c)
{
	census_set_done(&c->set);
	space_done(&c->space);
}

static const struct census *live_find(const struct live_census *c, const struct live *l,
				      unsigned int area)
{
	const struct vma *v = space_find(&c->space, (uintptr_t)l->area[area]);

	ck_assert_ptr_nonnull(v);
	ck_assert_uint_eq(v->start, (uintptr_t)l->area[area]);
	ck_assert_uint_eq(v->size, l->size[area]);
	return &c->set.census.v[v - c->space.vma.v];
}

static bool same_census(const struct census *a, const struct census *b, bool zeros)
{
	struct census x = *a, y = *b;
	bool same = true;

	for (unsigned int t = 0; t < TALLIES; t++) {
		same &= x.n[t] == y.n[t] && (x.n[t] == 0 || memcmp(x.tally[t], y.tally[t],
				x.n[t] * sizeof(*x.tally[t])) == 0);
		x.tally[t] = y.tally[t] = NULL;
	}
	if (!zeros) {	/* then they count as shared pages, of which an extent may be full */
		x.zero = y.zero = x.shared = y.shared = 0;
		x.extents = y.extents = (struct extents){ 0 };
	}
	return same && memcmp(&x, &y, sizeof(x)) == 0;
}

/* By PAGEMAP_SCAN or by reading, with what smaps tells: the same. */
START_TEST(test_ways)
{
	bool same[AREAS] = { false };
	unsigned int left = AREAS;
	struct live l;

	live_init(&l);
	for (unsigned int tries = 0; left && tries < PATIENCE; tries++) {
		struct live_census scan, read;
		bool ok = live_read(&l, false, &scan) && live_read(&l, true, &read);

		if (!ok) {
			live_done(&l);
			return;
		}
		ck_assert(scan.missing.hidden == read.missing.hidden);
		for (unsigned int i = 0; i < AREAS; i++) {
			const struct census *a = live_find(&scan, &l, i);
			const struct census *b = live_find(&read, &l, i);

			if (same[i] || !same_census(a, b, read.set.known & CENSUS_ZERO))
				continue;
			same[i] = true;
			left--;
			ck_assert_uint_eq(a->pages, l.size[i] / PAGE);
		}
		live_forget(&scan);
		live_forget(&read);
	}
	for (unsigned int i = 0; i < AREAS; i++)
		ck_assert_msg(same[i], "area %u is another by reading", i);
	live_done(&l);
}
END_TEST

/* The bytes of "Rss:" in smaps, which zero pages are not among. */
static uint64_t resident(const struct live_census *c, const struct live *l, unsigned int area)
{
	const struct vma *v = space_find(&c->space, (uintptr_t)l->area[area]);
	uint64_t rss = 0;

	ck_assert(counters_get(&c->space.counters.v[v - c->space.vma.v], SMAPS_RSS, &rss));
	return rss;
}

static void check_resident(const struct live *l, const struct live_census *c)
{
	if (!(c->set.known & CENSUS_ZERO))
		return;
	for (unsigned int i = 0; i < AREAS; i++) {
		const struct census *one = live_find(c, l, i);

		ck_assert_msg(census_resident(one) * PAGE == resident(c, l, i),
			      "area %u: %lu pages, %lu of them zero pages, but %lu bytes in smaps",
			      i, (unsigned long)one->present, (unsigned long)one->zero,
			      (unsigned long)resident(c, l, i));
	}
}

START_TEST(test_resident)
{
	struct live_census c;
	struct live l;

	live_init(&l);
	if (live_read(&l, false, &c)) {
		check_resident(&l, &c);
		ck_assert_uint_eq(live_find(&c, &l, 0)->present, 14);
		if (l.has_zeros)
			ck_assert_uint_eq(live_find(&c, &l, 2)->present, 31);
	}
	live_forget(&c);
	live_done(&l);
}
END_TEST

/* Without CAP_SYS_ADMIN; uid 0 may still read the files of all frames. */
START_TEST(test_no_admin)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];
	struct live_census c;
	struct live l;

	ck_assert_int_eq(syscall(SYS_capget, &header, data), 0);
	data[0].effective &= ~(1u << CAP_SYS_ADMIN);
	live_init(&l);
	ck_assert_int_eq(syscall(SYS_capset, &header, data), 0);
	if (live_read(&l, false, &c)) {
		ck_assert(c.missing.hidden);
		ck_assert(!(c.set.known & (CENSUS_FRAMES | CENSUS_FLAGS | CENSUS_NODES)));
		check_resident(&l, &c);
	}
	live_forget(&c);
	live_done(&l);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("frames");

	UNIT_CASE(s, "tree", test_tree, test_missing, test_hidden, test_odd_huge_size);
	if (sysconf(_SC_PAGESIZE) == (long)PAGE)
		UNIT_CASE(s, "live", test_ways, test_resident, test_no_admin);
	return unit_run(s);
}
