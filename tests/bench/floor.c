/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The least that a census of page frames has to read, page by page: what --pages and --cow are compared with. */
#define _GNU_SOURCE

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/*
 * floor PID [PID2]
 *
 * Reads maps; pagemap in pieces of 512 KiB; kpageflags and kpagecount for each stretch of frames in
 * a row, for two processes only kpagecount. Does nothing with the words but add them up, so that none can be left out.
 */

enum { BATCH = 65536 };

static uint64_t entry[BATCH], word[BATCH], present, flags_sum, counts_sum;
static int pagemap, flags, counts;

static void die(const char *what)
{
	fprintf(stderr, "floor: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int open_or_die(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		die(path);
	return fd;
}

static uint64_t pfn_of(uint64_t e)
{
	return e >> 63 ? e & ((UINT64_C(1) << 55) - 1) : 0;
}

static uint64_t read_words(int fd, uint64_t pfn, size_t n)
{
	ssize_t got = pread(fd, word, n * 8, (off_t)(pfn * 8));
	uint64_t sum = 0;

	if (got < 0)
		die("words");
	for (size_t i = 0; i < (size_t)got / 8; i++)
		sum += word[i];
	return sum;
}

static void read_frames(size_t n)
{
	for (size_t i = 0; i < n;) {
		uint64_t pfn = pfn_of(entry[i]);
		size_t from = i++;

		if (!pfn)
			continue;
		while (i < n && pfn_of(entry[i]) == pfn + (i - from))
			i++;
		present += i - from;
		if (flags >= 0)
			flags_sum += read_words(flags, pfn, i - from);
		counts_sum += read_words(counts, pfn, i - from);
	}
}

static void read_mapping(uint64_t low, uint64_t high)
{
	while (low < high) {
		size_t want = high - low < BATCH ? high - low : BATCH;
		ssize_t got = pread(pagemap, entry, want * 8, (off_t)(low * 8));

		if (got < 0)
			die("pagemap");
		if (got == 0)
			return;
		read_frames((size_t)got / 8);
		low += (size_t)got / 8;
	}
}

static void read_process(const char *pid)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	char path[64], *line = NULL, *rest;
	size_t size = 0;
	FILE *maps;

	snprintf(path, sizeof(path), "/proc/%.20s/pagemap", pid);
	pagemap = open_or_die(path);
	snprintf(path, sizeof(path), "/proc/%.20s/maps", pid);
	maps = fopen(path, "re");
	if (!maps)
		die(path);
	while (getline(&line, &size, maps) > 0) {
		uint64_t low = strtoull(line, &rest, 16) / page;

		if (low < UINT64_C(1) << 52) /* else no offset reaches it */
			read_mapping(low, strtoull(rest + 1, NULL, 16) / page);
	}
	free(line);
	fclose(maps);
	close(pagemap);
}

int main(int argc, char **argv)
{
	if (argc != 2 && argc != 3)
		return 2;
	flags = argc == 2 ? open_or_die("/proc/kpageflags") : -1;
	counts = open_or_die("/proc/kpagecount");
	for (int i = 1; i < argc; i++)
		read_process(argv[i]);
	printf("%" PRIu64 " pages, %" PRIx64 " %" PRIx64 "\n", present, flags_sum,
	       counts_sum);
	return 0;
}
