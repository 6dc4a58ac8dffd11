/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Mappings that are huge, and mappings that are not for each reason there is.  Says where each is:
 *   region NAME START SIZE
 * Arguments: prctl (switches THP off), except (off but for advice), mthp (one mapping only),
 * and the names of a directory on disk and of one on tmpfs, for files.
 */
#include "target.h"

#include <fcntl.h>
#include <sys/prctl.h>

#ifndef PR_THP_DISABLE_EXCEPT_ADVISED
#	define PR_THP_DISABLE_EXCEPT_ADVISED 2
#endif
#ifndef MADV_PAGEOUT
#	define MADV_PAGEOUT 21
#endif

static size_t huge;

static size_t pmd_size(void)
{
	FILE *file = fopen("/sys/kernel/mm/transparent_hugepage/hpage_pmd_size", "r");
	char text[32] = "";

	if (!file || !fgets(text, sizeof(text), file))
		target_skip("no transparent huge pages on this kernel");
	fclose(file);
	return strtoul(text, NULL, 10);
}

static void say(const char *name, const char *p, size_t size)
{
	printf("region %s %jx %zu\n", name, (uintmax_t)(uintptr_t)p, size);
}

/* SIZE bytes, SKEW bytes above a multiple of the huge size, with room around them. */
static char *map_at(size_t size, size_t skew, int prot, int flags, int fd, off_t offset)
{
	char *base = mmap(NULL, size + 3 * huge, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	uintptr_t at;
	char *p;

	if (base == MAP_FAILED)
		target_die("mmap of a reservation");
	at = ((uintptr_t)base + huge + huge - 1) / huge * huge + skew;
	p = mmap((void *)at, size, prot, flags | MAP_FIXED, fd, offset);
	if (p == MAP_FAILED)
		target_die("mmap");
	return p;
}

static char *map_anon(const char *name, size_t size, size_t skew, int advice)
{
	char *p = map_at(size, skew, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (advice && madvise(p, size, advice))
		target_die("madvise");
	say(name, p, size);
	return p;
}

static void make_anon(void)
{
	size_t page = target_page();
	char *p;

	p = map_anon("full", 4 * huge, 0, MADV_HUGEPAGE);
	target_touch(p, 4 * huge);

	/* one stretch stays huge, one has a hole of a page, one many, one is empty */
	p = map_anon("holes", 4 * huge, 0, MADV_HUGEPAGE);
	target_touch(p, 4 * huge);
	madvise(p + huge, page, MADV_DONTNEED);
	madvise(p + 2 * huge, huge / 4 * 3, MADV_DONTNEED);
	madvise(p + 3 * huge, huge, MADV_DONTNEED);

	p = map_anon("against", 2 * huge, 0, MADV_NOHUGEPAGE);
	target_touch(p, 2 * huge);
	p = map_anon("plain", 2 * huge, 0, 0);
	target_touch(p, 2 * huge);
	map_anon("empty", 2 * huge, 0, MADV_HUGEPAGE);
	map_anon("skew", huge, page, MADV_HUGEPAGE);
	p = map_anon("ends", 2 * huge + 2 * page, 0, MADV_HUGEPAGE);
	target_touch(p, 2 * huge);
	p = map_at(2 * huge, 0, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	say("none", p, 2 * huge);
	/* before the reservation around it is joined: another advice keeps them apart */
	madvise(p, 2 * huge, MADV_NOHUGEPAGE);
	p = map_anon("paged-out", 2 * huge, 0, 0);
	target_touch(p, 2 * huge);
	madvise(p, 4 * page, MADV_PAGEOUT);
}

static void make_hugetlb(void)
{
	char *p = mmap(NULL, 2 * huge, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0);

	if (p == MAP_FAILED)
		return;
	p[0] = 1;
	say("hugetlb", p, 2 * huge);
}

/* A file of two huge pages and a page more; all of the mapping is touched. */
static void make_file(const char *name, int fd, int flags, size_t offset)
{
	size_t size = 2 * huge;
	char *p;

	if (fd < 0 || ftruncate(fd, (off_t)(size + target_page())))
		target_die(name);
	p = map_at(size, 0, PROT_READ | PROT_WRITE, flags, fd, (off_t)offset);
	if (flags & MAP_SHARED)
		target_touch(p, size);
	else
		target_read(p, size);
	say(name, p, size);
}

static int open_file(const char *directory)
{
	char path[4096];
	int fd;

	snprintf(path, sizeof(path), "%s/huge", directory);
	fd = open(path, O_RDWR | O_CREAT, 0600);
	return fd;
}

int main(int argc, char **argv)
{
	const char *mode = argc > 1 ? argv[1] : "";

	huge = pmd_size();
	if (!strcmp(mode, "mthp")) {
		target_touch(map_anon("mthp", 2 * huge, 0, MADV_HUGEPAGE), 2 * huge);
		return target_ready();
	}
	if (!strcmp(mode, "prctl") && prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0))
		target_skip("prctl PR_SET_THP_DISABLE is refused");
	if (!strcmp(mode, "except") &&
	    prctl(PR_SET_THP_DISABLE, 1, PR_THP_DISABLE_EXCEPT_ADVISED, 0, 0))
		target_skip("no PR_THP_DISABLE_EXCEPT_ADVISED before Linux 6.18");
	make_anon();
	if (argc < 4)
		return target_ready();
	make_hugetlb();
	make_file("memfd", memfd_create("huge", 0), MAP_SHARED, 0);
	make_file("file", open_file(argv[2]), MAP_PRIVATE, 0);
	make_file("file-skew", open_file(argv[2]), MAP_PRIVATE, target_page());
	make_file("tmpfs", open_file(argv[3]), MAP_SHARED, 0);
	return target_ready();
}
