/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Much memory of one sort, for the bench: bulk NAME BYTES [POPULATED CLUSTERS]. */
#include "target.h"

#include <time.h>

#ifndef MADV_POPULATE_WRITE
#	define MADV_POPULATE_WRITE 23
#endif
#ifndef MADV_DONTNEED_LOCKED
#	define MADV_DONTNEED_LOCKED 24
#endif

/*
 *   small BYTES			pages of the base size
 *   huge BYTES				with MADV_HUGEPAGE: folios of the sizes that sysfs allows
 *   scattered BYTES			pages of the base size, locked; every second one is given back
 *   reserved BYTES POPULATED CLUSTERS	so much address space, in it so many bytes in so many places
 *
 * After "ready", a line with a number on stdin: calls mmap() and munmap() for so many milliseconds
 * and says how long a pair took: "latency PAIRS MEDIAN P99 P999 MAX", times in microseconds.
 */

enum { SAMPLES = 1 << 22 };

static void populate(char *p, size_t size)
{
	if (madvise(p, size, MADV_POPULATE_WRITE))
		target_touch(p, size);
}

static char *map(size_t size, int advice)
{
	/* not THP by chance; and so that whole huge pages fit */
	size_t align = MIB(2);
	char *p = mmap(NULL, size + align, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (p == MAP_FAILED)
		target_skip("no address space of this size");
	p += align - (uintptr_t)p % align;
	if (madvise(p, size, advice) && errno != EINVAL)
		target_die("madvise");
	return p;
}

static void bulk_reserved(size_t size, size_t populated, size_t clusters)
{
	char *p = map(size, MADV_NOHUGEPAGE);
	size_t step = size / clusters / MIB(2) * MIB(2), part = populated / clusters;

	for (size_t i = 0; i < clusters; i++)
		populate(p + i * (step ? step : part), part);
}

static void bulk_scattered(size_t size)
{
	char *p = map(size, MADV_NOHUGEPAGE);

	if (mlock(p, size))
		target_die("mlock");
	for (size_t i = target_page(); i < size; i += 2 * target_page())
		if (madvise(p + i, target_page(), MADV_DONTNEED_LOCKED))
			target_skip("no MADV_DONTNEED_LOCKED (Linux 5.18)");
}

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * UINT64_C(1000000000) + (uint64_t)t.tv_nsec;
}

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static void measure(uint64_t milliseconds)
{
	static uint64_t sample[SAMPLES];
	uint64_t start = now_ns(), end = start + milliseconds * 1000000, before = start;
	size_t n = 0;

	while (before < end && n < SAMPLES) {
		void *p = mmap(NULL, target_page(), PROT_READ,
			       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		uint64_t after;

		if (p == MAP_FAILED)
			target_die("mmap");
		munmap(p, target_page());
		after = now_ns();
		sample[n++] = after - before;
		before = after;
	}
	qsort(sample, n, sizeof(*sample), compare);
	printf("latency %zu %.1f %.1f %.1f %.1f\n", n, (double)sample[n / 2] / 1000,
	       (double)sample[n - n / 100 - 1] / 1000,
	       (double)sample[n - n / 1000 - 1] / 1000, (double)sample[n - 1] / 1000);
	fflush(stdout);
}

int main(int argc, char **argv)
{
	size_t size = argc > 2 ? strtoul(argv[2], NULL, 10) : 0;
	char line[64];

	if (size && !strcmp(argv[1], "small")) {
		populate(map(size, MADV_NOHUGEPAGE), size);
	} else if (size && !strcmp(argv[1], "huge")) {
		populate(map(size, MADV_HUGEPAGE), size);
	} else if (size && !strcmp(argv[1], "scattered")) {
		bulk_scattered(size);
	} else if (size && argc == 5 && !strcmp(argv[1], "reserved")) {
		bulk_reserved(size, strtoul(argv[3], NULL, 10),
			      strtoul(argv[4], NULL, 10));
	} else {
		fputs("usage: bulk small|huge|scattered BYTES | bulk reserved BYTES POPULATED CLUSTERS\n",
		      stderr);
		return 2;
	}
	puts("ready");
	fflush(stdout);
	while (fgets(line, sizeof(line), stdin))
		measure(strtoul(line, NULL, 10));
	return 0;
}
