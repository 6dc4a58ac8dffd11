/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Page frames with a known history, one history for each sub-command: frames NAME [ARGUMENT]... */
#include "target.h"

#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

#ifndef MADV_PAGEOUT
#	define MADV_PAGEOUT 21
#endif
#ifndef MADV_GUARD_INSTALL
#	define MADV_GUARD_INSTALL 102
#endif
#ifndef MAP_HUGE_SHIFT
#	define MAP_HUGE_SHIFT 26
#endif
#ifndef UFFD_USER_MODE_ONLY
#	define UFFD_USER_MODE_ONLY 1
#endif
#ifndef UFFD_FEATURE_WP_UNPOPULATED
#	define UFFD_FEATURE_WP_UNPOPULATED (1 << 13)
#endif

#define RW (PROT_READ | PROT_WRITE)
#define PRIVATE (MAP_PRIVATE | MAP_ANONYMOUS)

/* How often what the kernel does in its own time is looked at again, 20 ms apart. */
enum { PATIENCE = 3000 };

static size_t page;

/* ---- helpers ---- */

/* Base pages, whatever the machine's defaults are. */
static char *small_pages(char *p, size_t size)
{
	if (madvise(p, size, MADV_NOHUGEPAGE) && errno != EINVAL)
		target_die("MADV_NOHUGEPAGE");
	return p;
}

static char *anon_area(size_t pages)
{
	return small_pages(target_map(pages * page, RW, PRIVATE, -1), pages * page);
}

/* SKEW bytes behind a multiple of ALIGN, with nothing mapped next to it. */
static char *aligned_area(size_t size, size_t align, size_t skew, int flags, int fd)
{
	size_t whole = size + 2 * align + 2 * page;
	char *base = mmap(NULL, whole, PROT_NONE, PRIVATE | MAP_NORESERVE, -1, 0);
	char *p;

	if (base == MAP_FAILED)
		target_die("mmap of a reservation");
	p = base + align - (uintptr_t)base % align + skew;
	p = mmap(p, size, RW, flags | MAP_FIXED, fd, 0);
	if (p == MAP_FAILED)
		target_die("mmap");
	return p;
}

static void write_page(char *p, size_t i)
{
	((volatile char *)p)[i * page] = 1;
}

/* Unlike any other page, and not easily packed. */
static void fill_page(char *p, uint64_t seed)
{
	for (size_t i = 0; i < page; i += sizeof(seed)) {
		seed = seed * UINT64_C(6364136223846793005) +
		       UINT64_C(1442695040888963407);
		memcpy(p + i, &seed, sizeof(seed));
	}
}

static void drop(char *p, size_t size)
{
	if (madvise(p, size, MADV_DONTNEED))
		target_die("MADV_DONTNEED");
}

/* A number in KEY's line of the mapping at P in /proc/self/smaps, in bytes. */
static size_t smaps_value(const char *p, const char *key)
{
	FILE *file = fopen("/proc/self/smaps", "r");
	char *line = NULL, *rest;
	size_t size = 0, value = 0;
	bool here = false;

	if (!file)
		target_die("/proc/self/smaps");
	while (getline(&line, &size, file) > 0) {
		uintptr_t low = strtoul(line, &rest, 16);

		if (*rest == '-')
			here = (uintptr_t)p >= low &&
			       (uintptr_t)p < strtoul(rest + 1, NULL, 16);
		else if (here && !strncmp(line, key, strlen(key)) &&
			 line[strlen(key)] == ':')
			value = KIB(strtoul(line + strlen(key) + 1, NULL, 10));
	}
	free(line);
	fclose(file);
	return value;
}

/* The number in a file; -1 if there is none. */
static long file_value(const char *path)
{
	FILE *file = fopen(path, "r");
	char text[32];
	long value = -1;

	if (file && fgets(text, sizeof(text), file))
		value = strtol(text, NULL, 10);
	if (file)
		fclose(file);
	return value;
}

static void pause_ms(long ms)
{
	nanosleep(&(struct timespec){ .tv_nsec = ms * 1000000 }, NULL);
}

/* A child that calls SETUP(ARGUMENT) and stays as long as this process; returns when it is set up. */
static void child_start(void (*setup)(void *), void *argument)
{
	pid_t parent = getpid(), child;
	int ends[2];
	char byte;

	if (fflush(stdout) || pipe(ends))
		target_die("pipe");
	child = fork();
	if (child < 0)
		target_die("fork");
	if (child == 0) {
		if (prctl(PR_SET_PDEATHSIG, SIGKILL) || getppid() != parent)
			_exit(1);
		setup(argument);
		if (write(ends[1], "", 1) != 1)
			_exit(1);
		close(ends[0]);
		close(ends[1]);
		for (;;)
			pause();
	}
	close(ends[1]);
	if (read(ends[0], &byte, 1) != 1)
		target_die("child");
	close(ends[0]);
	printf("child %d\n", (int)child);
}

static int file_of(const char *directory, size_t size)
{
	char path[4096], zeros[4096] = { 0 };
	int fd;

	snprintf(path, sizeof(path), "%s/frames-%d", directory, (int)getpid());
	fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		target_die(path);
	unlink(path);
	for (size_t i = 0; i < size; i += sizeof(zeros))
		if (write(fd, zeros, sizeof(zeros)) != sizeof(zeros))
			target_die("write");
	return fd;
}

/* ---- histories ---- */

/* Every third page is written. */
static void frames_touch(size_t n, const char *argument)
{
	char *p = anon_area(3 * n);

	(void)argument;
	for (size_t i = 0; i < 3 * n; i += 3)
		write_page(p, i);
	target_expect(
		p, 3 * n * page, "anon",
		"mappings=1 pages.present=%zu pages.zero=0 pages.swapped=0 pages.guard=0 "
		"pages.exclusive=%zu pages.shared=0 pages.untouched=%zu "
		"pages.flags.anon=%zu pages.folios.%zu=%zu pages.map_counts.1=%zu "
		"pages.runs=%zu pages.longest_run=1",
		n, n, 2 * n, n, page, n, n, n);
}

/* Written, then made inaccessible: still there. */
static void frames_protnone(size_t n, const char *argument)
{
	char *p = anon_area(n);

	(void)argument;
	target_touch(p, n * page);
	if (mprotect(p, n * page, PROT_NONE))
		target_die("mprotect");
	target_expect(
		p, n * page, "guard|anon",
		"mappings=1 pages.present=%zu pages.exclusive=%zu pages.untouched=0", n,
		n);
}

/* Untouched anonymous memory is read: the zero page, or real ones if the machine is set up so. */
static void frames_read(size_t n, const char *argument)
{
	char *p = anon_area(n);

	(void)argument;
	target_read(p, n * page);
	target_expect(
		p, n * page, "anon",
		"mappings=1 pages.present=%zu pages.swapped=0 pages.shared=0 rss=%zu "
		"pages.zero=%zu pages.exclusive=%zu",
		n, smaps_value(p, "Rss"), n - smaps_value(p, "Rss") / page,
		smaps_value(p, "Rss") / page);
}

static int uffd_open(uint64_t features)
{
	struct uffdio_api api = { .api = UFFD_API, .features = features };
	int fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC);

	if (fd < 0) /* an ordinary user may have one for faults in user mode */
		fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC | UFFD_USER_MODE_ONLY);
	if (fd < 0)
		target_skip("userfaultfd is refused");
	if (ioctl(fd, UFFDIO_API, &api))
		target_skip("userfaultfd without the features wanted");
	return fd;
}

static void uffd_register(int fd, char *p, size_t size, uint64_t mode)
{
	struct uffdio_register r = {
		.range = { .start = (uintptr_t)p, .len = size },
		.mode = mode,
	};

	if (ioctl(fd, UFFDIO_REGISTER, &r))
		target_skip("UFFDIO_REGISTER is refused");
}

/* Half is written; the zero page is put into the other half, whatever reading would give. */
static void frames_zero(size_t n, const char *argument)
{
	int fd = uffd_open(0);
	char *p = anon_area(2 * n);
	struct uffdio_zeropage zero = {
		.range = { .start = (uintptr_t)p + n * page, .len = n * page },
	};

	(void)argument;
	target_touch(p, n * page);
	uffd_register(fd, p, 2 * n * page, UFFDIO_REGISTER_MODE_MISSING);
	if (ioctl(fd, UFFDIO_ZEROPAGE, &zero) || zero.zeropage != (int64_t)(n * page))
		target_skip("UFFDIO_ZEROPAGE is refused");
	close(fd);
	if (smaps_value(p, "Rss") != n * page)
		target_skip(
			"this kernel puts real pages where the zero page is asked for");
	target_expect(p, 2 * n * page, "anon",
		      "mappings=1 pages.present=%zu pages.zero=%zu pages.exclusive=%zu "
		      "pages.shared=0 pages.swapped=0 pages.flags.zero_page=%zu "
		      "pages.folios.%zu=%zu pages.map_counts.1=%zu",
		      2 * n, n, n, n, page, n, n);
}

/* Notes in the page table that look like swap: userfaultfd write-protects pages never touched. */
static void frames_marker(size_t n, const char *argument)
{
	int fd = uffd_open(UFFD_FEATURE_PAGEFAULT_FLAG_WP | UFFD_FEATURE_WP_UNPOPULATED);
	char *p = anon_area(2 * n);
	struct uffdio_writeprotect protect = {
		.range = { .start = (uintptr_t)p, .len = 2 * n * page },
		.mode = UFFDIO_WRITEPROTECT_MODE_WP,
	};

	(void)argument;
	target_touch(p, n * page);
	uffd_register(fd, p, 2 * n * page, UFFDIO_REGISTER_MODE_WP);
	if (ioctl(fd, UFFDIO_WRITEPROTECT, &protect))
		target_skip("UFFDIO_WRITEPROTECT is refused");
	target_expect(
		p, 2 * n * page, "anon",
		"mappings=1 pages.present=%zu pages.exclusive=%zu pages.swapped=0 pages.guard=0 "
		"pages.markers=%zu",
		n, n, n);
}

struct part {
	char *start;
	size_t pages;
};

static void write_part(void *argument)
{
	const struct part *part = argument;

	for (size_t i = 0; i < part->pages; i++)
		write_page(part->start, i);
}

/* The child of a fork writes half. */
static void frames_fork(size_t n, const char *argument)
{
	char *p = anon_area(2 * n);

	(void)argument;
	target_touch(p, 2 * n * page);
	child_start(write_part, &(struct part){ p, n });
	target_expect(p, 2 * n * page, "anon",
		      "mappings=1 pages.present=%zu pages.exclusive=%zu pages.shared=%zu "
		      "pages.map_counts.1=%zu pages.map_counts.2=%zu",
		      2 * n, n, n, n, n);
}

/* Of four pages: one written, one guarded, one left alone, one written and then guarded. */
static void frames_guard(size_t n, const char *argument)
{
	char *p = anon_area(4 * n);

	(void)argument;
	for (size_t i = 0; i < 4 * n; i += 4) {
		write_page(p, i);
		write_page(p, i + 3);
		if (madvise(p + (i + 1) * page, page, MADV_GUARD_INSTALL) ||
		    madvise(p + (i + 3) * page, page, MADV_GUARD_INSTALL))
			target_skip("no MADV_GUARD_INSTALL");
	}
	target_expect(p, 4 * n * page, "anon",
		      "mappings=1 pages.present=%zu pages.exclusive=%zu pages.guard=%zu "
		      "pages.untouched=%zu pages.swapped=0 pages.zero=0",
		      n, n, 2 * n, n);
}

static void expect_hugetlb(char *p, size_t n, size_t huge)
{
	size_t present = (n - 1) * huge / page;

	for (size_t i = 0; i < n - 1; i++)
		p[i * huge] = 1;
	target_expect(p, n * huge, "hugetlb",
		      "mappings=1 rss=0 kernel_page_size=%zu pages.present=%zu "
		      "pages.exclusive=%zu pages.shared=0 pages.untouched=%zu "
		      "pages.folios.%zu=%zu pages.flags.huge=%zu pages.map_counts.1=%zu",
		      huge, present, present, huge / page, huge, present, present,
		      present);
}

/* N huge pages of ARGUMENT bytes, private and shared, all but the last one touched. */
static void frames_hugetlb(size_t n, const char *argument)
{
	size_t huge = argument ? strtoul(argument, NULL, 10) : MIB(2);
	int size = __builtin_ctzl(huge) << MAP_HUGE_SHIFT;
	int flags = MAP_ANONYMOUS | MAP_HUGETLB | MAP_NORESERVE | size;
	char path[128], *a, *b;

	snprintf(path, sizeof(path),
		 "/sys/kernel/mm/hugepages/hugepages-%zukB/free_hugepages", huge >> 10);
	if (file_value(path) < (long)(2 * (n - 1)))
		target_skip("too few pages in the huge page pool");
	a = mmap(NULL, n * huge, RW, flags | MAP_PRIVATE, -1, 0);
	b = mmap(NULL, n * huge, RW, flags | MAP_SHARED, -1, 0);
	if (a == MAP_FAILED || b == MAP_FAILED)
		target_skip("huge pages are refused");
	expect_hugetlb(a, n, huge);
	expect_hugetlb(b, n, huge);
}

static void expect_large(char *p, size_t pages, size_t present, size_t folio)
{
	target_expect(
		p, pages * page, "anon",
		"mappings=1 pages.present=%zu pages.exclusive=%zu pages.untouched=%zu "
		"pages.folios.%zu=%zu pages.flags.thp=%zu",
		present, present, pages - present, folio, present, present);
}

/* N huge pages as a whole; N with a small page missing in each MiB; N of which every second is dropped. */
static void frames_thp(size_t n, const char *argument)
{
	size_t huge = MIB(2);
	char *p[3];

	(void)argument;
	for (int i = 0; i < 3; i++) {
		p[i] = aligned_area(n * huge, huge, 0, PRIVATE, -1);
		if (madvise(p[i], n * huge, MADV_HUGEPAGE))
			target_skip("no MADV_HUGEPAGE");
		target_touch(p[i], n * huge);
		if (smaps_value(p[i], "AnonHugePages") != n * huge)
			target_skip("no transparent huge pages of 2 MiB, or too few");
	}
	for (size_t at = MIB(1) / 2; at < n * huge; at += MIB(1))
		drop(p[1] + at, page);
	for (size_t at = 0; at < n * huge; at += 2 * huge)
		drop(p[2] + at, huge);
	expect_large(p[0], n * huge / page, n * huge / page, huge);
	expect_large(p[1], n * huge / page, n * (huge / page - 2), huge);
	expect_large(p[2], n * huge / page, n / 2 * (huge / page), huge);
}

/* Folios of ARGUMENT bytes: whole, with every fourth cut, and moved to where they are not aligned. */
static void frames_mthp(size_t n, const char *argument)
{
	size_t folio = argument ? strtoul(argument, NULL, 10) : KIB(64);
	char path[128], *p[3], *to;
	long fallbacks;

	snprintf(
		path, sizeof(path),
		"/sys/kernel/mm/transparent_hugepage/hugepages-%zukB/stats/anon_fault_fallback",
		folio >> 10);
	fallbacks = file_value(path);
	if (fallbacks < 0)
		target_skip("no folios of this size (Linux 6.8, statistics 6.10)");
	for (int i = 0; i < 3; i++) {
		p[i] = aligned_area(n * folio, MIB(2), 0, PRIVATE, -1);
		if (madvise(p[i], n * folio, MADV_HUGEPAGE))
			target_skip("no MADV_HUGEPAGE");
		target_touch(p[i], n * folio);
	}
	if (file_value(path) != fallbacks)
		target_skip("memory is too fragmented for folios of this size");
	for (size_t i = 0; i < n; i += 4)
		drop(p[1] + i * folio + page, page);
	to = aligned_area(n * folio, MIB(2), page, PRIVATE, -1);
	if (mremap(p[2], n * folio, n * folio, MREMAP_MAYMOVE | MREMAP_FIXED, to) != to)
		target_die("mremap");
	expect_large(p[0], n * folio / page, n * folio / page, folio);
	expect_large(p[1], n * folio / page, n * folio / page - n / 4, folio);
	expect_large(to, n * folio / page, n * folio / page, folio);
}

/*
 * Shared memory in huge pages, the last one dropped; the first is mapped once more, where it is not
 * aligned.
 */
static void frames_memfd(size_t n, const char *argument)
{
	size_t huge = MIB(2), pages = huge / page;
	int fd = memfd_create("frames", MFD_CLOEXEC);
	char *p, *q;

	(void)argument;
	if (fd < 0 || ftruncate(fd, (off_t)(n * huge)))
		target_die("memfd");
	p = aligned_area(n * huge, huge, 0, MAP_SHARED, fd);
	if (madvise(p, n * huge, MADV_HUGEPAGE))
		target_skip("no MADV_HUGEPAGE");
	target_touch(p, n * huge);
	if (smaps_value(p, "ShmemPmdMapped") != n * huge)
		target_skip("no huge pages for shared memory");
	drop(p + (n - 1) * huge, huge);
	q = aligned_area(huge, huge, page, MAP_SHARED, fd);
	target_touch(q, huge);
	target_expect(p, n * huge, "memfd",
		      "mappings=1 pages.present=%zu pages.exclusive=%zu pages.shared=%zu "
		      "pages.folios.%zu=%zu pages.map_counts.2=%zu",
		      (n - 1) * pages, (n - 2) * pages, pages, huge, (n - 1) * pages,
		      pages);
	target_expect(q, huge, "memfd",
		      "mappings=1 pages.present=%zu pages.exclusive=0 pages.shared=%zu "
		      "pages.folios.%zu=%zu",
		      pages, pages, huge, pages);
}

/* N equal pages, and one unlike them; with an ARGUMENT on a kernel that sets the flag for others too. */
static void frames_ksm(size_t n, const char *argument)
{
	char *p = anon_area(n + 1);
	long merged = 0;

	for (size_t i = 0; i < n; i++)
		fill_page(p + i * page, 1);
	fill_page(p + n * page, (uint64_t)getpid() << 32 | 2);
	if (madvise(p, (n + 1) * page, MADV_MERGEABLE))
		target_skip("no KSM");
	for (int i = 0; i < PATIENCE && merged < (long)n; i++) {
		merged = file_value("/proc/self/ksm_merging_pages");
		if (merged < 0)
			target_skip("no /proc/PID/ksm_merging_pages (Linux 5.19)");
		pause_ms(20);
	}
	if (merged != (long)n)
		target_skip("KSM did not merge the pages");
	target_expect(p, (n + 1) * page, "anon",
		      "mappings=1 pages.present=%zu pages.exclusive=1 pages.shared=%zu "
		      "pages.map_counts.%zu=%zu pages.flags.ksm=%zu",
		      n + 1, n, n, n, argument ? n + 1 : n);
}

static void frames_mlock(size_t n, const char *argument)
{
	char *p = anon_area(n);

	(void)argument;
	if (mlock(p, n * page))
		target_skip("mlock is refused");
	target_expect(
		p, n * page, "anon",
		"mappings=1 pages.present=%zu pages.exclusive=%zu pages.flags.mlocked=%zu",
		n, n, n);
}

static bool push_out(char *p, size_t n)
{
	for (int i = 0; i < PATIENCE; i++) {
		if (madvise(p, n * page, MADV_PAGEOUT))
			target_skip("no MADV_PAGEOUT");
		if (smaps_value(p, "Swap") == n * page)
			return true;
		pause_ms(20);
	}
	return false;
}

/* Pushed out; then every fourth page is written again. */
static void frames_swap(size_t n, const char *argument)
{
	char *p = anon_area(4 * n);

	(void)argument;
	for (size_t i = 0; i < 4 * n; i++)
		fill_page(p + i * page, i);
	if (!push_out(p, 4 * n))
		target_skip("pages did not go to swap (is there any?)");
	for (size_t i = 0; i < 4 * n; i += 4)
		write_page(p, i);
	target_expect(
		p, 4 * n * page, "anon",
		"mappings=1 swap=%zu pages.present=%zu pages.exclusive=%zu pages.swapped=%zu "
		"pages.guard=0 pages.untouched=0",
		3 * n * page, n, n, 3 * n);
}

/* Shared memory in swap leaves no trace in the page table. */
static void frames_swapshm(size_t n, const char *argument)
{
	int fd = memfd_create("frames", MFD_CLOEXEC);
	char *p;

	(void)argument;
	if (fd < 0 || ftruncate(fd, (off_t)(n * page)))
		target_die("memfd");
	p = small_pages(target_map(n * page, RW, MAP_SHARED, fd), n * page);
	for (size_t i = 0; i < n; i++)
		fill_page(p + i * page, i);
	if (!push_out(p, n))
		target_skip("shared memory did not go to swap");
	target_expect(
		p, n * page, "memfd",
		"mappings=1 swap=%zu pages.present=0 pages.swapped=0 pages.untouched=%zu",
		n * page, n);
}

struct file_part {
	char *old;
	size_t pages, part;
	int fd;
};

/* Maps the first part of the file and nothing else of it. */
static void map_part(void *argument)
{
	const struct file_part *f = argument;
	char *p;

	munmap(f->old, f->pages * page);
	p = target_map(f->part * page, PROT_READ, MAP_SHARED, f->fd);
	target_read(p, f->part * page);
}

/* Two processes map a file in the directory ARGUMENT, one of them its first half only. */
static void frames_file(size_t n, const char *argument)
{
	int fd = file_of(argument ? argument : "/tmp", 2 * n * page);
	char *p = target_map(2 * n * page, RW, MAP_SHARED, fd);
	char *q;

	target_read(p, 2 * n * page);
	child_start(map_part, &(struct file_part){ p, 2 * n, n, fd });
	target_expect(p, 2 * n * page, "file|shm",
		      "mappings=1 pages.present=%zu pages.exclusive=%zu pages.shared=%zu "
		      "pages.map_counts.1=%zu pages.map_counts.2=%zu",
		      2 * n, n, n, n, n);
	/* Another file, private, its second half written. */
	fd = file_of(argument ? argument : "/tmp", 2 * n * page);
	q = target_map(2 * n * page, RW, MAP_PRIVATE, fd);
	target_read(q, 2 * n * page);
	for (size_t i = n; i < 2 * n; i++)
		write_page(q, i);
	target_expect(q, 2 * n * page, "file|shm",
		      "mappings=1 pages.present=%zu pages.exclusive=%zu pages.shared=0 "
		      "pages.flags.anon=%zu",
		      2 * n, 2 * n, n);
}

/*
 * N times 64 GiB nobody may touch; as much again of which a page in each 64 GiB is written, and two
 * where tables end.
 */
static void frames_reserve(size_t n, const char *argument)
{
	size_t step = (size_t)64 << 30, size = n * step, written = 0;
	char *none = target_map(size, PROT_NONE, PRIVATE | MAP_NORESERVE, -1);
	char *p = mmap(NULL, size, RW, PRIVATE | MAP_NORESERVE, -1, 0);

	(void)argument;
	if (p == MAP_FAILED)
		target_skip("no address space of this size");
	small_pages(p, size);
	for (size_t at = 0; at < size; at += step, written++)
		write_page(p + at, 0);
	write_page(p, 1);
	write_page(p, size / page - 1);
	written += 2;
	target_expect(none, size, "guard",
		      "mappings=1 size=%zu pages.present=0 pages.untouched=%zu", size,
		      size / page);
	target_expect(
		p, size, "anon",
		"mappings=1 size=%zu pages.present=%zu pages.exclusive=%zu pages.untouched=%zu "
		"pages.folios.%zu=%zu",
		size, written, written, size / page - written, page, written);
}

static const struct history {
	const char *name;
	void (*run)(size_t n, const char *argument);
	size_t n;
} histories[] = {
	{ "touch", frames_touch, 1000 },    { "protnone", frames_protnone, 100 },
	{ "read", frames_read, 1000 },	    { "zero", frames_zero, 500 },
	{ "marker", frames_marker, 100 },   { "fork", frames_fork, 1000 },
	{ "guard", frames_guard, 100 },	    { "hugetlb", frames_hugetlb, 2 },
	{ "thp", frames_thp, 32 },	    { "mthp", frames_mthp, 64 },
	{ "memfd", frames_memfd, 4 },	    { "ksm", frames_ksm, 200 },
	{ "mlock", frames_mlock, 300 },	    { "swap", frames_swap, 512 },
	{ "swapshm", frames_swapshm, 512 }, { "file", frames_file, 256 },
	{ "reserve", frames_reserve, 16 },
};

/* frames NAME [COUNT [ARGUMENT]]; COUNT 0: as many as usual. */
int main(int argc, char **argv)
{
	size_t n = argc > 2 ? strtoul(argv[2], NULL, 10) : 0;

	page = target_page();
	for (size_t i = 0; argc > 1 && i < sizeof(histories) / sizeof(*histories); i++) {
		const struct history *h = &histories[i];

		if (strcmp(h->name, argv[1]) != 0)
			continue;
		h->run(n ? n : h->n, argc > 3 ? argv[3] : NULL);
		return target_ready();
	}
	fputs("usage: frames NAME [COUNT [ARGUMENT]]\n", stderr);
	return 2;
}
