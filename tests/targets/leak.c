/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Leaks so many bytes a second of one mapping, by the clock, and says so in a file:
 * leak RATE LOG.  Each line of LOG is written after the bytes are there, and has the time just
 * before they were touched, the time just after (both CLOCK_MONOTONIC, ns), and how many are
 * resident since then.
 */
#include "target.h"

#include <inttypes.h>
#include <poll.h>
#include <time.h>

enum { ROOM = 512 };

static uint64_t nanoseconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

int main(int argc, char **argv)
{
	size_t page = target_page(), done = 0;
	uint64_t rate = argc == 3 ? strtoull(argv[1], NULL, 10) : 0, start;
	FILE *log = rate ? fopen(argv[2], "w") : NULL;
	char *room = mmap(NULL, MIB(ROOM), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS |
			  MAP_NORESERVE, -1, 0);

	if (!log || room == MAP_FAILED)
		target_die("leak");
	madvise(room, MIB(ROOM), MADV_NOHUGEPAGE);
	/* by this name it is told from what else the process maps */
	printf("fact room=%" PRIxPTR "\nready\n", (uintptr_t)room);
	fflush(stdout);
	start = nanoseconds();
	for (;;) {
		struct pollfd end = { .fd = STDIN_FILENO, .events = POLLIN };
		uint64_t before = nanoseconds();
		size_t want = (size_t)((double)(before - start) / 1e9 * (double)rate);

		for (; done < want && done < MIB(ROOM); done += page)
			room[done] = 1;
		fprintf(log, "%" PRIu64 " %" PRIu64 " %zu\n", before, nanoseconds(), done);
		fflush(log);
		if (done >= MIB(ROOM) || poll(&end, 1, 5) != 0)
			return 0;
	}
}
