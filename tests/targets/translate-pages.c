/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A page of every sort that --translate tells apart, and two processes that share some of them.
 * Facts: NAME=ADDRESS in hexadecimal, and child=PID.  translate-pages FILE [swap]: FILE is made; with
 * swap, pages are pushed out.
 */
#include "target.h"

#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#ifndef MADV_PAGEOUT
#	define MADV_PAGEOUT 21
#endif
#define GUARD_INSTALL 102	/* MADV_GUARD_INSTALL, Linux 6.13 */

int translate_known_variable[4] = { 1, 2, 3, 4 };
int translate_known_bss[1024];

__attribute__((noinline)) int translate_known_function(int v);

int translate_known_function(int v)
{
	return v * 3 + translate_known_variable[v & 3];
}

static void fact(const char *name, const void *address)
{
	printf("fact %s=%jx\n", name, (uintmax_t)(uintptr_t)address);
}

static char *map(size_t pages, int prot)
{
	return target_map(pages * target_page(), prot, MAP_PRIVATE | MAP_ANONYMOUS, -1);
}

static void file_pages(const char *path)
{
	size_t page = target_page();
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
	char *p;

	if (fd < 0)
		target_die(path);
	/* written, so it is in the page cache; and ends in the middle of the second page */
	for (size_t i = 0; i < page + 100; i++)
		if (write(fd, "x", 1) != 1)
			target_die("write");
	p = target_map(4 * page, PROT_READ, MAP_SHARED, fd);
	fact("cached", p + page);
	fact("end_of_file", p + 2 * page);
	close(fd);
}

static void huge_pages(void)
{
	size_t huge = MIB(2);
	char *p = mmap(NULL, 2 * huge, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		target_die("mmap");
	p = (char *)(((uintptr_t)p + huge - 1) & ~(uintptr_t)(huge - 1));
	madvise(p, huge, MADV_HUGEPAGE);
	target_touch(p, huge);
	fact("thp", p);
	p = mmap(NULL, huge, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB | 21 << 26, -1, 0);
	if (p == MAP_FAILED)
		return;
	*p = 1;
	fact("hugetlb", p);
}

/* Some machines give a page of its own to who reads what was never written; this asks for the
 * zero page by name. */
static void zero_page(void)
{
	size_t page = target_page();
	char *p = map(1, PROT_READ | PROT_WRITE);
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register reg = {
		.range = { (uintptr_t)p, page }, .mode = UFFDIO_REGISTER_MODE_MISSING,
	};
	struct uffdio_zeropage zero = { .range = { (uintptr_t)p, page } };
	int fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC);

	if (fd >= 0 && !ioctl(fd, UFFDIO_API, &api) && !ioctl(fd, UFFDIO_REGISTER, &reg) &&
	    !ioctl(fd, UFFDIO_ZEROPAGE, &zero))
		fact("zero", p);
	if (fd >= 0)
		close(fd);
}

static void special_pages(void)
{
	char *p;

	zero_page();
	fact("untouched", map(1, PROT_READ | PROT_WRITE));
	fact("no_access", map(1, PROT_NONE));
	p = map(3, PROT_READ | PROT_WRITE);
	target_touch(p, 3 * target_page());
	if (madvise(p + target_page(), target_page(), GUARD_INSTALL) == 0)
		fact("guard", p + target_page());
	/* every second page of a range */
	p = map(16, PROT_READ | PROT_WRITE);
	for (size_t i = 0; i < 16; i += 2)
		p[i * target_page()] = 1;
	fact("stripes", p);
	munmap(p + 7 * target_page(), target_page());
}

static void swapped_pages(void)
{
	size_t page = target_page();
	char *p = map(8, PROT_READ | PROT_WRITE);
	int fd = memfd_create("swapped", 0);
	char *s;

	target_touch(p, 8 * page);
	if (fd < 0 || ftruncate(fd, (off_t)(8 * page)) < 0)
		target_die("memfd");
	s = target_map(8 * page, PROT_READ | PROT_WRITE, MAP_SHARED, fd);
	target_touch(s, 8 * page);
	if (madvise(p, 8 * page, MADV_PAGEOUT) < 0 || madvise(s, 8 * page, MADV_PAGEOUT) < 0)
		target_skip("this kernel has no MADV_PAGEOUT");
	fact("swapped", p);
	fact("shmem_swapped", s);
}

/* What both see; the child maps the shared page at another place and writes to one page. */
static void two_processes(void)
{
	size_t page = target_page();
	int fd = memfd_create("shared", 0), ready[2];
	char *shared, *same = map(1, PROT_READ | PROT_WRITE), *copied = map(1, PROT_READ | PROT_WRITE);
	char byte;
	pid_t child;

	if (fd < 0 || ftruncate(fd, (off_t)page) < 0 || pipe(ready) < 0)
		target_die("memfd, pipe");
	shared = target_map(page, PROT_READ | PROT_WRITE, MAP_SHARED, fd);
	target_touch(shared, page);
	target_touch(same, page);
	target_touch(copied, page);
	fact("shared", shared);
	fact("same", same);
	fact("copied", copied);
	fflush(stdout);
	child = fork();
	if (child < 0)
		target_die("fork");
	if (child == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		shared = target_map(page, PROT_READ | PROT_WRITE, MAP_SHARED, fd);
		target_touch(shared, page);
		target_touch(copied, page);
		fact("shared_child", shared);
		printf("fact child=%d\n", getpid());
		fflush(stdout);
		if (write(ready[1], "x", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	if (read(ready[0], &byte, 1) != 1)
		target_die("the child");
}

int main(int argc, char **argv)
{
	if (argc < 2)
		return 2;
	translate_known_bss[1000] = translate_known_function(1);
	printf("fact function=%jx\n", (uintmax_t)(uintptr_t)translate_known_function);
	fact("variable", translate_known_variable);
	fact("bss", &translate_known_bss[1000]);
	file_pages(argv[1]);
	huge_pages();
	special_pages();
	if (argc > 2)
		swapped_pages();
	two_processes();
	return target_ready();
}
