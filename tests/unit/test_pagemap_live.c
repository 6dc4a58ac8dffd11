/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Walks over this process's own page tables: by PAGEMAP_SCAN, by reading, and a plain loop. */
#include "config.h"

#include "proc/pagemap.h"

#include <errno.h>
#include <linux/userfaultfd.h>
#include <signal.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "pagemap_check.h"
#include "proc/root.h"
#include "tree.h"

#ifndef MADV_PAGEOUT
#define MADV_PAGEOUT 21
#endif
#ifndef MADV_GUARD_INSTALL
#define MADV_GUARD_INSTALL 102
#endif
#ifndef UFFD_USER_MODE_ONLY
#define UFFD_USER_MODE_ONLY 1
#endif
#ifndef UFFD_FEATURE_WP_UNPOPULATED
#define UFFD_FEATURE_WP_UNPOPULATED (1 << 13)
#endif

#define MIB UINT64_C(1048576)
#define HUGE (2 * MIB)		/* of x86-64 and of others with 4 KiB pages; else nothing is huge */
#define RW (PROT_READ | PROT_WRITE)
#define PRIVATE (MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE)

enum { REGIONS = 24, PATIENCE = 50 };

/* A mapping, and what was done to each of its pages. */
struct region {
	const char *name;
	char *start;
	size_t pages;
	uint64_t huge_size;
	bool reserved;		/* too large to be read page by page */
	char *done;		/* a page: '.' nothing, 'w' written, 'r' read, 'g' guard, '?' any */
};

static struct {
	size_t page;
	struct root root;
	struct process self;
	struct region region[REGIONS];
	size_t n;
} live;

static size_t pages_of(uint64_t bytes)
{
	return (size_t)(bytes / live.page);
}

static struct region *add_region(const char *name, void *start, uint64_t size)
{
	struct region *r = &live.region[live.n++];

	ck_assert_uint_le(live.n, REGIONS);
	ck_assert_msg(start != MAP_FAILED, "%s: %s", name, strerror(errno));
	*r = (struct region){ .name = name, .start = start, .pages = pages_of(size) };
	r->done = malloc(r->pages ? r->pages : 1);
	memset(r->done, '.', r->pages);
	return r;
}

static void touch(struct region *r, size_t page, char how)
{
	volatile char *p = r->start + page * live.page;

	if (how == 'w')
		*p = (char)(page | 1);
	else
		(void)*p;
	if (how == 'w' || r->done[page] == '.')
		r->done[page] = how;
}

/* At a multiple of 2 MiB, with nothing mapped next to it. */
static void *aligned(uint64_t size, int prot)
{
	char *p = mmap(NULL, size + 2 * HUGE, PROT_NONE, PRIVATE, -1, 0);

	if (p == MAP_FAILED)
		return p;
	p += HUGE - (uintptr_t)p % HUGE;
	return mmap(p, size, prot, PRIVATE | MAP_FIXED, -1, 0);
}

static struct region *small_region(const char *name, uint64_t size)
{
	struct region *r = add_region(name, aligned(size, RW), size);

	madvise(r->start, size, MADV_NOHUGEPAGE);
	return r;
}

/* ---- regions ---- */

static void add_small(void)
{
	struct region *r = small_region("every third", 64 * live.page);
	uint64_t seed = 3;

	for (size_t i = 0; i < r->pages; i += 3)
		touch(r, i, 'w');
	r = small_region("one page", live.page);
	touch(r, 0, 'w');
	small_region("untouched", 16 * live.page);
	r = small_region("random", 8 * MIB);
	for (size_t i = 0; i < r->pages; i++)
		if (unit_below(&seed, 3))
			touch(r, i, unit_below(&seed, 3) ? 'w' : 'r');
	r = small_region("dense", 6 * MIB);
	for (size_t i = 0; i < r->pages; i++)
		touch(r, i, 'w');
	r = small_region("only read", 3 * MIB);
	for (size_t i = 0; i < r->pages; i++)
		touch(r, i, 'r');
	r = small_region("a few read", 8 * live.page);
	for (size_t i = 1; i < r->pages; i += 2)
		touch(r, i, 'r');
}

/* Huge pages where they may be had: whole, with holes, partly given back, and the huge zero page. */
static void add_huge(void)
{
	struct region *r = add_region("huge", aligned(4 * HUGE, RW), 4 * HUGE);
	size_t each = pages_of(HUGE);

	madvise(r->start, 4 * HUGE, MADV_HUGEPAGE);
	for (size_t h = 0; h < 3; h++)
		for (size_t i = 0; i < each; i++)
			touch(r, h * each + i, 'w');
	/* or khugepaged fills the hole again */
	madvise(r->start, 4 * HUGE, MADV_NOHUGEPAGE);
	madvise(r->start + HUGE + 7 * live.page, 9 * live.page, MADV_DONTNEED);
	memset(r->done + each + 7, '.', 9);
	r = add_region("one huge page", aligned(HUGE, RW), HUGE);
	madvise(r->start, HUGE, MADV_HUGEPAGE);
	for (size_t i = 0; i < each; i++)
		touch(r, i, 'w');
	r = add_region("huge, read", aligned(2 * HUGE, RW), 2 * HUGE);
	madvise(r->start, 2 * HUGE, MADV_HUGEPAGE);
	for (size_t i = 0; i < each; i++)
		touch(r, i, 'r');
	memset(r->done, '?', r->pages);		/* not all kernels have a huge zero page */
}

static void add_guard(void)
{
	struct region *r = small_region("guard", 5 * MIB);

	for (size_t i = 0; i < r->pages; i += 2)
		touch(r, i, 'w');
	if (madvise(r->start + 100 * live.page, 50 * live.page, MADV_GUARD_INSTALL) == 0)
		memset(r->done + 100, 'g', 50);
	r = small_region("guard, small", 20 * live.page);
	touch(r, 3, 'w');
	if (madvise(r->start + 4 * live.page, 10 * live.page, MADV_GUARD_INSTALL) == 0)
		memset(r->done + 4, 'g', 10);
}

static void add_files(void)
{
	char path[TREE_PATH];
	struct region *r;
	uint64_t size = 3 * MIB;
	int fd;

	ck_assert_int_lt(snprintf(path, sizeof(path), "%s/memmap-unit-XXXXXX",
				  getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp"), TREE_PATH);
	fd = mkstemp(path);
	ck_assert_int_ge(fd, 0);
	unlink(path);
	ck_assert_int_eq(ftruncate(fd, (off_t)size), 0);
	r = add_region("file, shared", mmap(NULL, size, RW, MAP_SHARED, fd, 0), size);
	for (size_t i = 0; i < r->pages; i += 2)
		touch(r, i, 'w');
	memset(r->done, '?', r->pages);		/* the kernel maps what is around a page, too */
	r = add_region("file, private", mmap(NULL, size, RW, MAP_PRIVATE, fd, 0), size);
	for (size_t i = 0; i < r->pages; i++)
		touch(r, i, i % 5 ? 'r' : 'w');
	memset(r->done, '?', r->pages);
	r = add_region("shared", mmap(NULL, size, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0), size);
	for (size_t i = 0; i < r->pages; i += 3)
		touch(r, i, 'w');
	memset(r->done, '?', r->pages);
	close(fd);
}

static void add_swapped(void)
{
	struct region *r = small_region("paged out", 4 * MIB);

	for (size_t i = 0; i < r->pages; i++)
		touch(r, i, 'w');
	/* where there is a swap area; the last page stays for sure */
	madvise(r->start, r->pages / 2 * live.page, MADV_PAGEOUT);
	memset(r->done, '?', r->pages);
}

/* Zero pages where reading gives none (a kernel may be told so): userfaultfd puts them in. */
static void add_zeros(void)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct region *r = small_region("zeros", 3 * MIB);
	struct uffdio_register reg = {
		.range = { (uintptr_t)r->start, r->pages * live.page },
		.mode = UFFDIO_REGISTER_MODE_MISSING,
	};
	struct uffdio_zeropage zero = { .range = { (uintptr_t)r->start + 5 * live.page,
						   600 * live.page } };
	int fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC | UFFD_USER_MODE_ONLY);

	if (fd >= 0 && ioctl(fd, UFFDIO_API, &api) == 0 && ioctl(fd, UFFDIO_REGISTER, &reg) == 0 &&
	    ioctl(fd, UFFDIO_ZEROPAGE, &zero) == 0)
		memset(r->done + 5, 'r', 600);
	if (fd >= 0)
		close(fd);
}

/* Pages that userfaultfd protects against writes before there are any: markers. */
static void add_markers(void)
{
	struct uffdio_api api = { .api = UFFD_API, .features = UFFD_FEATURE_WP_UNPOPULATED };
	struct region *r = small_region("markers", 3 * MIB);
	struct uffdio_register reg = {
		.range = { (uintptr_t)r->start, r->pages * live.page },
		.mode = UFFDIO_REGISTER_MODE_WP,
	};
	struct uffdio_writeprotect wp = { .range = { (uintptr_t)r->start, 40 * live.page },
					  .mode = UFFDIO_WRITEPROTECT_MODE_WP };
	int fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC | UFFD_USER_MODE_ONLY);

	for (size_t i = 0; i < r->pages; i += 7)
		touch(r, i, 'w');
	memset(r->done, '?', r->pages);
	/* the file stays open: closing it would take the protection away */
	if (fd >= 0 && ioctl(fd, UFFDIO_API, &api) == 0 && ioctl(fd, UFFDIO_REGISTER, &reg) == 0)
		ioctl(fd, UFFDIO_WRITEPROTECT, &wp);
}

static void add_hugetlb(void)
{
	uint64_t size = 2 * HUGE;
	void *p = mmap(NULL, size, RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB | (21 << 26), -1, 0);
	struct region *r;

	if (p == MAP_FAILED)	/* none in the pool */
		return;
	r = add_region("hugetlb", p, size);
	r->huge_size = HUGE;
	touch(r, 0, 'w');
	memset(r->done, 'w', pages_of(HUGE));
}

/* A terabyte of nothing, with a few pages in it: three mappings. */
static void add_reserved(void)
{
	uint64_t size = UINT64_C(1) << 40, at = 300 * HUGE;
	char *p = mmap(NULL, size, PROT_NONE, PRIVATE, -1, 0);
	struct region *r;

	if (p == MAP_FAILED)	/* a limit on address space */
		return;
	p += HUGE - (uintptr_t)p % HUGE;
	size -= HUGE;
	ck_assert_int_eq(mprotect(p + at, 2 * HUGE, RW), 0);
	madvise(p, size, MADV_NOHUGEPAGE);
	add_region("reserved, below", p, at)->reserved = true;
	r = add_region("reserved, in use", p + at, 2 * HUGE);
	for (size_t i = 5; i < r->pages; i += 100)
		touch(r, i, 'w');
	live.region[live.n] = (struct region){ .name = "reserved, above", .reserved = true,
					       .start = p + at + 2 * HUGE,
					       .pages = pages_of(size - at - 2 * HUGE) };
	live.n++;
}

static int by_address(const void *a, const void *b)
{
	const struct region *x = a, *y = b;

	return (x->start > y->start) - (x->start < y->start);
}

static void set_up(void)
{
	struct err e;

	live.page = (size_t)sysconf(_SC_PAGESIZE);
	ck_assert_int_eq(root_open(&live.root, NULL, &e), 0);
	ck_assert_int_eq(root_open_process(&live.root, getpid(), &live.self), 0);
	add_small();
	add_huge();
	add_guard();
	add_files();
	add_swapped();
	add_zeros();
	add_markers();
	add_hugetlb();
	add_reserved();
	qsort(live.region, live.n, sizeof(live.region[0]), by_address);
}

static void tear_down(void)
{
	process_close(&live.self);
	root_close(&live.root);
}

/* ---- the plain loop ---- */

static bool open_pagemap(bool without_scan, struct pagemap *pm)
{
	int ret = pagemap_open(&live.self, live.page, without_scan, pm);

	if (ret == -ENOENT)	/* a kernel built without */
		return false;
	ck_assert_int_eq(ret, 0);
	ck_assert(pm->live);
	return true;
}

/* One pread a page, into an array over all regions that can be read so. */
static uint64_t *read_all(size_t *n)
{
	int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	uint64_t *all, *to;

	*n = 0;
	for (size_t i = 0; i < live.n; i++)
		*n += live.region[i].reserved ? 0 : live.region[i].pages;
	all = to = calloc(*n, sizeof(*all));
	for (size_t i = 0; i < live.n; i++) {
		const struct region *r = &live.region[i];
		uint64_t first = (uintptr_t)r->start / live.page;

		for (size_t k = 0; !r->reserved && k < r->pages; k++, to++)
			if (pread(fd, to, 8, (off_t)(first + k) * 8) != 8)
				ck_abort_msg("pread of pagemap");
	}
	close(fd);
	return all;
}

/* ---- comparing ---- */

/* A number of the mapping at an address in /proc/self/smaps, in bytes. */
static uint64_t smaps_value(const char *start, const char *key)
{
	FILE *file = fopen("/proc/self/smaps", "r");
	unsigned long low, high, kb;
	char line[1024];
	uint64_t value = 0;
	bool here = false;

	ck_assert_ptr_nonnull(file);
	while (fgets(line, sizeof(line), file)) {
		char *end;

		low = strtoul(line, &end, 16);
		if (*end == '-') {
			high = strtoul(end + 1, NULL, 16);
			here = (uintptr_t)start >= low && (uintptr_t)start < high;
		} else if (here && strncmp(line, key, strlen(key)) == 0) {
			kb = strtoul(line + strlen(key), NULL, 10);
			value = kb * 1024;
		}
	}
	fclose(file);
	return value;
}

static void make_ranges(struct pagemap_range *range, bool scan, bool skip_reserved)
{
	for (size_t i = 0; i < live.n; i++) {
		const struct region *r = &live.region[i];

		range[i] = (struct pagemap_range){
			.start = (uintptr_t)r->start,
			.end = (uintptr_t)r->start + r->pages * live.page,
			.huge_size = r->huge_size, .scan = scan,
			.skip = skip_reserved && r->reserved,
		};
	}
}

/* The pages of a walk, as read_all() has them; what is told of each beside it. */
static uint64_t *pages_of_walk(const struct walked *w, size_t n, unsigned char *told)
{
	uint64_t *all = calloc(n, sizeof(*all)), *to = all;

	for (size_t i = 0; i < live.n; i++) {
		const struct region *r = &live.region[i];

		if (r->reserved)
			continue;
		walked_pages(w, (uint32_t)i, to, told + (to - all));
		to += r->pages;
	}
	for (size_t i = 0; i < w->run.n; i++)
		ck_assert_msg(!live.region[w->run.v[i].range].reserved, "a page in nothing");
	return all;
}

/* Entries without pages read alike. */
static void drop_none(uint64_t *all, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (pagemap_state(all[i]) == PAGE_NONE)
			all[i] = 0;
}

static void check_equal(const char *way, const uint64_t *want, const uint64_t *got)
{
	for (size_t i = 0; i < live.n; i++) {
		const struct region *r = &live.region[i];

		for (size_t k = 0; !r->reserved && k < r->pages; k++, want++, got++)
			if (*want != *got)
				ck_abort_msg("%s: %s, page %zu: %#lx instead of %#lx", way, r->name,
					     k, (unsigned long)*got, (unsigned long)*want);
	}
}

/* What was done to the pages, and what is told of zero pages: those are in no resident size. */
static void check_done(const uint64_t *entry, const unsigned char *told, bool scanned)
{
	for (size_t i = 0; i < live.n; i++) {
		const struct region *r = &live.region[i];
		bool only_read = !r->reserved && !memchr(r->done, 'w', r->pages);
		bool has_zero = only_read && smaps_value(r->start, "Rss:") == 0;

		for (size_t k = 0; !r->reserved && k < r->pages; k++, entry++, told++) {
			enum page_state want = r->done[k] == '.' ? PAGE_NONE :
					       r->done[k] == 'g' ? PAGE_GUARD : PAGE_PRESENT;
			bool zero = *told & WALKED_ZERO;

			if (r->done[k] == '?')
				continue;
			if (pagemap_state(*entry) != want)
				ck_abort_msg("%s, page %zu (%c): %#lx", r->name, k, r->done[k],
					     (unsigned long)*entry);
			if (scanned && (r->done[k] == 'w' || only_read) &&
			    zero != (r->done[k] == 'r' && has_zero))
				ck_abort_msg("%s, page %zu (%c): %szero page", r->name, k,
					     r->done[k], zero ? "" : "not the ");
		}
	}
}

/* Two ways, the plain loop before and after, until nothing moved in between. */
START_TEST(test_ways)
{
	struct pagemap_range range[REGIONS];
	struct pagemap by_scan, by_read;
	bool same = false;

	if (!open_pagemap(false, &by_scan) || !open_pagemap(true, &by_read))
		return;
	ck_assert(!by_read.has_scan);
	for (unsigned int i = 0; !same && i < PATIENCE; i++) {
		struct walked scan = { 0 }, lazy = { 0 }, plain = { 0 }, alone = { 0 };
		uint64_t *before, *after, *got[4];
		unsigned char *told[4];
		size_t n;

		before = read_all(&n);
		make_ranges(range, true, !by_scan.has_scan);
		ck_assert_int_eq(walked_walk(&scan, &by_scan, range, live.n), 0);
		/* nobody else maps any of it */
		for (uint32_t k = 0; k < live.n; k++)
			range[k].alone = range[k].huge_size ? 0 : UINT64_C(2) << 20;
		ck_assert_int_eq(walked_walk(&alone, &by_scan, range, live.n), 0);
		make_ranges(range, false, !by_scan.has_scan);
		ck_assert_int_eq(walked_walk(&lazy, &by_scan, range, live.n), 0);
		make_ranges(range, true, true);
		ck_assert_int_eq(walked_walk(&plain, &by_read, range, live.n), 0);
		after = read_all(&n);
		for (unsigned int k = 0; k < 4; k++) {
			told[k] = calloc(n, 1);
			got[k] = pages_of_walk(k == 0 ? &scan : k == 1 ? &lazy : k == 2 ? &plain :
					       &alone, n, told[k]);
		}
		drop_none(before, n);
		drop_none(after, n);
		same = memcmp(before, after, n * sizeof(*before)) == 0;
		if (same) {
			check_equal("scan of all", before, got[0]);
			check_equal("scan of what is large", before, got[1]);
			check_equal("reading", before, got[2]);
			check_equal("one entry of a huge page", before, got[3]);
			check_done(got[0], told[0], by_scan.has_scan);
		}
		for (unsigned int k = 0; k < 4; k++) {
			free(told[k]);
			free(got[k]);
		}
		free(before);
		free(after);
		walked_done(&scan);
		walked_done(&lazy);
		walked_done(&plain);
		walked_done(&alone);
	}
	ck_assert_msg(same, "the kernel never left the pages alone");
	pagemap_close(&by_scan);
	pagemap_close(&by_read);
}
END_TEST

/* Compares each mapping's runs with smaps; the first difference, "" when there is none. */
static void compare_smaps(const struct walked *w, bool *some, char *text, size_t size)
{
	text[0] = '\0';
	for (uint32_t i = 0; i < live.n && !text[0]; i++) {
		const struct region *r = &live.region[i];
		uint64_t huge = 0, resident = 0, rss, pmd;

		if (r->reserved || r->huge_size)
			continue;
		for (size_t k = 0; k < w->run.n; k++) {
			const struct page_run *run = &w->run.v[k];

			if (run->range != i || run->zero ||
			    pagemap_state(run->entry) != PAGE_PRESENT)
				continue;
			resident += run->pages * live.page;
			huge += run->huge ? run->pages * live.page : 0;
		}
		rss = smaps_value(r->start, "Rss:");
		pmd = smaps_value(r->start, "AnonHugePages:") +
		      smaps_value(r->start, "ShmemPmdMapped:") +
		      smaps_value(r->start, "FilePmdMapped:");
		if (resident != rss || huge != pmd)
			snprintf(text, size, "%s: %lu resident, %lu huge; smaps says %lu, %lu", r->name,
				 (unsigned long)resident, (unsigned long)huge, (unsigned long)rss,
				 (unsigned long)pmd);
		*some |= huge != 0;
	}
}

/* What is present but no zero page, and what PMD entries map, is as much as smaps counts. A page
 * that the kernel is migrating is not present for that moment: so more than one look. */
START_TEST(test_smaps)
{
	struct pagemap_range range[REGIONS];
	char text[160] = "never looked";
	struct pagemap pm;
	bool some = false;

	if (!open_pagemap(false, &pm) || !pm.has_scan)
		return;
	make_ranges(range, true, false);
	for (unsigned int i = 0; i < PATIENCE && text[0]; i++) {
		struct walked w = { 0 };

		ck_assert_int_eq(walked_walk(&w, &pm, range, live.n), 0);
		compare_smaps(&w, &some, text, sizeof(text));
		walked_done(&w);
	}
	ck_assert_msg(!text[0], "%s", text);
	if (!some)
		fprintf(stderr, "note: the kernel gave no huge pages\n");
	pagemap_close(&pm);
}
END_TEST

/* Entries one at a time, the end of user space, and a process that has gone. */
START_TEST(test_entry)
{
	char *page = mmap(NULL, live.page, RW, PRIVATE, -1, 0);
	struct pagemap_range range = { .start = (uintptr_t)page };
	struct process process;
	struct walked w = { 0 };
	struct pagemap pm;
	uint64_t entry;
	pid_t child;

	range.end = range.start + live.page;
	page[0] = 1;
	if (!open_pagemap(false, &pm))
		return;
	ck_assert_int_eq(pagemap_entry(&pm, (uintptr_t)page, &entry), 1);
	ck_assert_int_eq(pagemap_state(entry), PAGE_PRESENT);
	ck_assert_int_eq(pagemap_entry(&pm, UINT64_C(0xffffffffff600000), &entry), 0);
	ck_assert_uint_eq(entry, 0);
	pagemap_close(&pm);

	child = fork();
	if (child == 0) {
		for (;;)
			pause();
	}
	ck_assert_int_eq(root_open_process(&live.root, child, &process), 0);
	ck_assert_int_eq(pagemap_open(&process, live.page, false, &pm), 0);
	ck_assert_int_eq(walked_walk(&w, &pm, &range, 1), 0);
	ck_assert_uint_eq(w.run.n, 1);
	walked_done(&w);
	ck_assert_int_eq(kill(child, SIGKILL), 0);
	ck_assert_int_eq(waitpid(child, NULL, 0), child);
	ck_assert_int_eq(walked_walk(&w, &pm, &range, 1), -ESRCH);
	range.huge_size = 2 * live.page;
	ck_assert_int_eq(walked_walk(&w, &pm, &range, 1), -ESRCH);
	pagemap_close(&pm);
	ck_assert_int_lt(pagemap_open(&process, live.page, false, &pm), 0);
	process_close(&process);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("pagemap, live");
	TCase *tests = tcase_create("own pages");

	tcase_set_timeout(tests, UNIT_SECONDS);
	tcase_add_checked_fixture(tests, set_up, tear_down);
	tcase_add_test(tests, test_ways);
	tcase_add_test(tests, test_smaps);
	tcase_add_test(tests, test_entry);
	suite_add_tcase(s, tests);
	return unit_run(s);
}
