/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What runtimes do: generated code, a huge reservation with little in it, guard markers. */
#include "target.h"

#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>

#define RESERVATION ((size_t)20 << 40)
#define POPULATED MIB(64)
#define CODE_SIZE KIB(256)
#define GUARDED_PAGES 16
#define PLAIN_PAGES 64

#ifndef MADV_GUARD_INSTALL
#	define MADV_GUARD_INSTALL 102
#endif

#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)

static void expect_code(void)
{
	char *open = target_map(CODE_SIZE, PROT_READ | PROT_WRITE | PROT_EXEC, ANON, -1);
	char *sealed = target_map(CODE_SIZE, PROT_READ | PROT_WRITE, ANON, -1);

	target_touch(open, CODE_SIZE / 2);
	target_expect(open, CODE_SIZE, "jit", "perms=rwxp rss=%zu mappings=1",
		      CODE_SIZE / 2);
	target_touch(sealed, CODE_SIZE);
	if (mprotect(sealed, CODE_SIZE, PROT_READ | PROT_EXEC))
		target_die("mprotect");
	target_expect(sealed, CODE_SIZE, "jit", "perms=r-xp rss=%zu mappings=1",
		      CODE_SIZE);
}

static void expect_reservation(void)
{
	char *base = mmap(NULL, RESERVATION, PROT_NONE, ANON | MAP_NORESERVE, -1, 0);
	char *used;

	if (base == MAP_FAILED)
		target_die("mmap of 20 TiB");
	used = base + RESERVATION / 2;
	if (mprotect(used, POPULATED, PROT_READ | PROT_WRITE))
		target_die("mprotect");
	target_touch(used, POPULATED);
	target_expect(base, RESERVATION / 2, "guard", "rss=0");
	target_expect(used, POPULATED, "anon",
		      "rss=%zu size=%zu mappings=1 pages.present=%zu", POPULATED,
		      POPULATED, POPULATED / target_page());
	target_expect(used + POPULATED, RESERVATION / 2 - POPULATED, "guard", "rss=0");
}

/* PROT_NONE that was written before keeps its pages. */
static void expect_hidden(void)
{
	char *p = target_map(CODE_SIZE, PROT_READ | PROT_WRITE, ANON, -1);

	target_touch(p, CODE_SIZE);
	if (mprotect(p, CODE_SIZE, PROT_NONE))
		target_die("mprotect");
	/* Its neighbours are inaccessible too but were never written, so they may not merge. */
	target_expect(p, CODE_SIZE, "guard", "rss=%zu", CODE_SIZE);
}

/*
 * The zero page is nobody's memory.  Reading untouched memory maps it on most
 * kernels (not on the vendor's 6.18.44), userfaultfd does so on request.
 */
static bool fill_with_zero_page(char *start, size_t size)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register area = {
		.range = { .start = (uintptr_t)start, .len = size },
		.mode = UFFDIO_REGISTER_MODE_MISSING,
	};
	struct uffdio_zeropage zero = {
		.range = { .start = (uintptr_t)start, .len = size },
	};
	int fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC);
	bool done = fd >= 0 && !ioctl(fd, UFFDIO_API, &api) &&
		    !ioctl(fd, UFFDIO_REGISTER, &area) &&
		    !ioctl(fd, UFFDIO_ZEROPAGE, &zero);

	if (fd >= 0)
		close(fd);
	return done;
}

static void expect_zero_pages(void)
{
	size_t page = target_page();
	char *p = target_map(PLAIN_PAGES * page, PROT_READ | PROT_WRITE, ANON, -1);

	if (fill_with_zero_page(p, PLAIN_PAGES * page))
		target_expect(p, PLAIN_PAGES * page, "anon",
			      "rss=0 mappings=1 pages.present=%d pages.zero=%d",
			      PLAIN_PAGES, PLAIN_PAGES);
}

static void expect_markers(void)
{
	size_t page = target_page();
	size_t size = (GUARDED_PAGES + PLAIN_PAGES) * page;
	char *p = target_map(size, PROT_READ | PROT_WRITE, ANON, -1);

	if (madvise(p, GUARDED_PAGES * page, MADV_GUARD_INSTALL)) {
		if (errno != EINVAL)
			target_die("MADV_GUARD_INSTALL");
		return;
	}
	target_touch(p + GUARDED_PAGES * page, PLAIN_PAGES * page);
	target_expect(
		p, size, "anon",
		"rss=%zu swap=0 mappings=1 pages.guard=%d pages.present=%d pages.swapped=0",
		PLAIN_PAGES * page, GUARDED_PAGES, PLAIN_PAGES);
}

int main(void)
{
	expect_code();
	expect_reservation();
	expect_hidden();
	expect_zero_pages();
	expect_markers();
	return target_ready();
}
