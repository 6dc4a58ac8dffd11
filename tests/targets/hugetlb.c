/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Huge pages from the pool: private, shared, System V and memfd; none of it counts as RSS. */
#include "target.h"

#include <sys/ipc.h>
#include <sys/shm.h>

#ifndef SHM_HUGETLB
#	define SHM_HUGETLB 04000
#endif
#ifndef MFD_HUGETLB
#	define MFD_HUGETLB 0x0004U
#endif

/* Each mapping has two huge pages; the last one is only touched in its first. */
#define PAGES 2
#define MAPPINGS 4

static size_t meminfo(const char *key)
{
	char *line = NULL;
	size_t size = 0, value = 0;
	FILE *file = fopen("/proc/meminfo", "r");

	if (!file)
		target_die("/proc/meminfo");
	while (getline(&line, &size, file) > 0)
		if (!strncmp(line, key, strlen(key)) && line[strlen(key)] == ':')
			value = strtoul(line + strlen(key) + 1, NULL, 10);
	free(line);
	fclose(file);
	return value;
}

static void expect_huge(char *p, size_t huge, size_t touched, const char *rest)
{
	if (p == MAP_FAILED)
		target_die("huge mapping");
	for (size_t i = 0; i < touched; i++)
		p[i * huge] = 1;
	target_expect(p, PAGES * huge, "hugetlb",
		      "mappings=1 rss=0 private_hugetlb=%zu shared_hugetlb=0 "
		      "kernel_page_size=%zu%s",
		      touched * huge, huge, rest);
}

int main(void)
{
	size_t huge = KIB(meminfo("Hugepagesize"));
	int prot = PROT_READ | PROT_WRITE;
	int flags = MAP_ANONYMOUS | MAP_HUGETLB;
	int fd, id;
	void *p;

	if (!huge || meminfo("HugePages_Free") < PAGES * MAPPINGS)
		target_skip("fewer than 8 free huge pages in the pool");
	expect_huge(mmap(NULL, PAGES * huge, prot, MAP_PRIVATE | flags, -1, 0), huge,
		    PAGES, " perms=rw-p");
	expect_huge(mmap(NULL, PAGES * huge, prot, MAP_SHARED | flags, -1, 0), huge,
		    PAGES, " perms=rw-s");

	id = shmget(IPC_PRIVATE, PAGES * huge, IPC_CREAT | SHM_HUGETLB | 0600);
	if (id < 0)
		target_skip("shmget with SHM_HUGETLB is refused");
	p = shmat(id, NULL, 0);
	shmctl(id, IPC_RMID, NULL);
	expect_huge(p, huge, PAGES, " perms=rw-s");

	fd = memfd_create("huge", MFD_HUGETLB);
	if (fd < 0 || ftruncate(fd, (off_t)(PAGES * huge)))
		target_skip("memfd_create with MFD_HUGETLB is refused");
	expect_huge(mmap(NULL, PAGES * huge, prot, MAP_SHARED, fd, 0), huge, 1,
		    " perms=rw-s");
	return target_ready();
}
