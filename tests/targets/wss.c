/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A known working set: two areas of 64 MiB, all written once; then every fourth page of one is read again
 * and again, more of them than a processor keeps translations of. */
#include "target.h"

#include <pthread.h>
#include <time.h>

enum { STEP = 4 };

static size_t page;
static volatile char *used;
static const size_t size = MIB(64);

static void *use(void *unused)
{
	(void)unused;
	for (;;) {
		for (size_t i = 0; i < size - page; i += STEP * page)
			(void)used[i];
		nanosleep(&(struct timespec){ .tv_nsec = 5000000 }, NULL);
	}
	return NULL;
}

static char *area(const char *name, size_t referenced)
{
	char *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		target_die("mmap");
	madvise(p, size, MADV_NOHUGEPAGE);
	/* or both are one mapping */
	if (mprotect(p, page, PROT_NONE))
		target_die("mprotect");
	target_touch(p + page, size - page);
	printf("region %s %lx %zu\n", name, (unsigned long)(p + page), referenced);
	return p;
}

int main(void)
{
	pthread_t thread;

	page = target_page();
	area("idle", 0);
	used = area("used", ((size / page - 1) + STEP - 1) / STEP * page) + page;
	/* the guard page in front is not in it */
	return pthread_create(&thread, NULL, use, NULL) ? 1 : target_ready();
}
