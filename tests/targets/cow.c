/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A process that forks, and what each of them writes then: cow small|thp CHILDREN MIB. */
#include "target.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

/*
 * Of MIB, all written before fork(): the first child writes every fourth page from 0 on, then gives
 * back (MADV_DONTNEED) every sixteenth from 2 on; then the parent writes every fourth from 1 on, of
 * the first half. Two more areas of 64 pages, not touched before fork(): one that only the first
 * child writes, one that only the parent writes. Further children do nothing.
 *
 * Says: child PID; region START END and, for the first child in base pages, shared, copied_here,
 * copied_there, only_here, only_there; sharers N PAGES of the first area.
 *
 * witness PID PID2 START END: the same counts from both pagemaps, a page at a time.
 */

enum { EXTRA = 64 };

static size_t page;

static void write_every(char *p, size_t pages, size_t from, size_t step)
{
	for (size_t i = from; i < pages; i += step)
		p[i * page]++;
}

static void child(char *area, char *theirs, size_t pages, int done)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (area) {
		write_every(area, pages, 0, 4);
		for (size_t i = 2; i < pages; i += 16)
			if (madvise(area + i * page, page, MADV_DONTNEED))
				target_die("MADV_DONTNEED");
		write_every(theirs, EXTRA, 0, 1);
	}
	if (write(done, "x", 1) != 1)
		target_die("write");
	for (;;)
		pause();
}

static uint64_t entry_of(int fd, uint64_t address)
{
	uint64_t entry = 0;

	if (pread(fd, &entry, sizeof(entry), (off_t)(address / page * 8)) < 0)
		target_die("pagemap");
	return entry;
}

/* Zero pages are not in these areas. */
static int witness(char **argv)
{
	uint64_t start = strtoull(argv[4], NULL, 16), end = strtoull(argv[5], NULL, 16);
	uint64_t shared = 0, copied = 0, here = 0, there = 0;
	const uint64_t is_there = UINT64_C(3) << 62, pfn = (UINT64_C(1) << 55) - 1;
	char path[64];
	int fd[2];

	for (int i = 0; i < 2; i++) {
		snprintf(path, sizeof(path), "/proc/%s/pagemap", argv[2 + i]);
		fd[i] = open(path, O_RDONLY);
		if (fd[i] < 0)
			target_die(path);
	}
	for (uint64_t at = start; at < end; at += page) {
		uint64_t a = entry_of(fd[0], at), b = entry_of(fd[1], at);

		if (!(a & is_there) && !(b & is_there))
			continue;
		else if (!(b & is_there))
			here++;
		else if (!(a & is_there))
			there++;
		else if ((a & is_there) == (b & is_there) && (a & pfn) == (b & pfn))
			shared++;
		else
			copied++;
	}
	printf("%lu %lu %lu %lu\n", (unsigned long)shared, (unsigned long)copied,
	       (unsigned long)here, (unsigned long)there);
	return 0;
}

static void say(const char *p, size_t pages, size_t shared, size_t here, size_t there,
		size_t only_here, size_t only_there)
{
	printf("region %lx %lx %zu %zu %zu %zu %zu\n", (unsigned long)p,
	       (unsigned long)(p + pages * page), shared, here, there, only_here, only_there);
}

/* Apart from its neighbours, and so a mapping of its own. */
static char *area_of(size_t size, bool thp)
{
	const size_t huge = MIB(2);
	char *whole = mmap(NULL, size + 2 * huge, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *p = (char *)(((uintptr_t)whole + huge) & ~(huge - 1));

	if (whole == MAP_FAILED || mprotect(p, size, PROT_READ | PROT_WRITE))
		target_die("mmap");
	if (madvise(p, size, thp ? MADV_HUGEPAGE : MADV_NOHUGEPAGE) && thp)
		target_skip("no MADV_HUGEPAGE");
	return p;
}

int main(int argc, char **argv)
{
	size_t pages, dropped, by_child, by_parent;
	char *area, *mine, *theirs, x;
	int children, done[2];
	bool thp;

	page = target_page();
	if (argc == 6 && strcmp(argv[1], "witness") == 0)
		return witness(argv);
	if (argc != 4)
		return 2;
	thp = strcmp(argv[1], "thp") == 0;
	children = atoi(argv[2]);
	pages = MIB(strtoul(argv[3], NULL, 10)) / page;
	area = area_of(pages * page, thp);
	mine = area_of(EXTRA * page, false);
	theirs = area_of(EXTRA * page, false);
	memset(area, 1, pages * page);
	if (pipe(done) < 0)
		target_die("pipe");
	for (int i = 0; i < children; i++) {
		pid_t pid = fork();

		if (pid < 0)
			target_die("fork");
		if (pid == 0)
			child(i == 0 ? area : NULL, theirs, pages, done[1]);
		printf("child %d\n", (int)pid);
		/* one after the other: what the first one wrote, it wrote alone */
		if (read(done[0], &x, 1) != 1)
			target_die("read");
	}
	write_every(area, pages / 2, 1, 4);
	write_every(mine, EXTRA, 0, 1);
	by_child = pages / 4;
	by_parent = pages / 8;
	dropped = pages / 16;
	say(area, pages, pages - by_child - by_parent - dropped, by_parent, by_child, dropped, 0);
	say(mine, EXTRA, 0, 0, 0, EXTRA, 0);
	say(theirs, EXTRA, 0, 0, 0, 0, EXTRA);
	target_ready();
	return 0;
}
