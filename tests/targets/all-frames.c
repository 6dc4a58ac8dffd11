/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The plainest census of page frames there is: a witness for memmap --physical, and the reader that
 * its speed is measured against. Shares no code with it.
 *
 * all-frames DIR BLOCK PAGE [page]: DIR/proc has kpageflags, kpagecount and iomem ("/": the live system);
 * PAGE is bytes of a page, BLOCK frames of a huge page. With "page" each frame has a read of its own of either
 * file, else stdio gathers them. Prints lines of
 *   word HEX FRAMES
 *   use NAME FRAMES MAPPED SHARED
 *   blocks FREE MOVABLE PINNED PARTIAL
 *   frames FRAMES HOLES
 */
#define _GNU_SOURCE

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BIT(n) (word >> (n) & 1)

enum { WORDS = 10000, RANGES = 1000 };

static struct { uint64_t word, frames; } words[WORDS];
static struct { uint64_t first, last; } ram[RANGES];
static unsigned int words_n, ram_n;

/* As Documentation/admin-guide/mm/pagemap.rst has the bits. */
static const char *const names[] = {
	"hwpoison", "offline", "free", "slab", "page_table", "hugetlb", "reserved", "thp", "anonymous",
	"shmem", "file", "other",
};
enum { USES = sizeof(names) / sizeof(names[0]) };
static uint64_t frames[USES], mapped[USES], shared[USES];

static unsigned int use_of(uint64_t word)
{
	int large = BIT(15) || BIT(16) || BIT(22);

	return BIT(19) ? 0 : BIT(23) ? 1 : BIT(10) ? 2 : BIT(7) ? 3 : BIT(26) ? 4 : BIT(17) ? 5 :
	       BIT(32) ? 6 : BIT(24) ? 11 : (BIT(12) || BIT(13)) ? (large ? 7 : 8) : BIT(14) ? 9 :
	       (BIT(5) || BIT(3) || BIT(4) || BIT(8)) ? 10 : 11;
}

static void count_word(uint64_t word)
{
	unsigned int i = 0;

	while (i < words_n && words[i].word != word)
		i++;
	if (i == words_n && words_n < WORDS)
		words[words_n++].word = word;
	words[i].frames++;
	/* common ones come first, or this takes all day */
	if (i && words[i].frames > words[i - 1].frames) {
		uint64_t n = words[i].frames;

		words[i] = words[i - 1];
		words[i - 1].word = word;
		words[i - 1].frames = n;
	}
}

static FILE *open_text(const char *dir, const char *name)
{
	char path[4096];
	FILE *f;

	snprintf(path, sizeof(path), "%s/proc/%s", dir, name);
	f = fopen(path, "re");
	if (!f)
		fprintf(stderr, "all-frames: %s: %s\n", path, strerror(errno));
	return f;
}

static int read_ram(const char *dir, uint64_t page)
{
	FILE *f = open_text(dir, "iomem");
	char line[512];

	while (f && fgets(line, sizeof(line), f)) {
		char *rest;
		uint64_t low = strtoull(line, &rest, 16), high = strtoull(rest + 1, &rest, 16);

		if (strncmp(rest, " : System RAM", 13) != 0 || ram_n == RANGES)
			continue;
		ram[ram_n].first = (low + page - 1) / page;
		ram[ram_n++].last = (high + 1) / page - 1;
	}
	if (f)
		fclose(f);
	return ram_n > 0;
}

static int is_ram(uint64_t pfn)
{
	for (unsigned int i = 0; i < ram_n; i++)
		if (pfn >= ram[i].first && pfn <= ram[i].last)
			return 1;
	return 0;
}

static int get(FILE *f, int by_page, uint64_t pfn, uint64_t *word)
{
	if (by_page)
		return pread(fileno(f), word, 8, (off_t)(pfn * 8)) == 8;
	return fread(word, 8, 1, f) == 1;
}

int main(int argc, char **argv)
{
	uint64_t block = argc > 2 ? strtoull(argv[2], NULL, 10) : 512, in_block[3] = { 0 };
	uint64_t blocks[4] = { 0 }, all = 0, holes = 0, pfn, word, count;
	int more = 1, by_page = argc > 4;
	uint64_t page = argc > 3 ? strtoull(argv[3], NULL, 10) : 0;
	unsigned int head = 11;
	FILE *f = open_text(argc > 1 ? argv[1] : "/", "kpageflags");
	FILE *g = open_text(argc > 1 ? argv[1] : "/", "kpagecount");

	if (!f || !g || !page || !block || !read_ram(argv[1], page))
		return 1;
	for (pfn = 0; more; pfn++) {
		more = get(f, by_page, pfn, &word) && get(g, by_page, pfn, &count);
		if (more && !BIT(20) && is_ram(pfn)) {
			unsigned int use = use_of(word);

			/* before 6.10 what a tail is stands at its head only */
			if (BIT(16) && use == 11)
				use = head;
			else if (!BIT(16))
				head = BIT(15) ? use : 11;
			count_word(word);
			frames[use]++;
			mapped[use] += BIT(11) && count > 0;
			shared[use] += BIT(11) && count > 1;
			in_block[use == 2 ? 0 : use == 5 || (use > 6 && use < 11) ? 1 : 2]++;
			all++;
		} else if (more) {
			holes++;
			head = 11;
		}
		if (more && (pfn + 1) % block != 0)
			continue;
		if (in_block[0] + in_block[1] + in_block[2] == block)
			blocks[in_block[2] ? 2 : in_block[1] ? 1 : 0]++;
		else if (in_block[0] + in_block[1] + in_block[2])
			blocks[3]++;
		memset(in_block, 0, sizeof(in_block));
	}
	for (unsigned int i = 0; i < words_n; i++)
		printf("word %" PRIx64 " %" PRIu64 "\n", words[i].word, words[i].frames);
	for (unsigned int i = 0; i < USES; i++)
		printf("use %s %" PRIu64 " %" PRIu64 " %" PRIu64 "\n", names[i], frames[i], mapped[i],
		       shared[i]);
	printf("blocks %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 "\n", blocks[0], blocks[1],
	       blocks[2], blocks[3]);
	printf("frames %" PRIu64 " %" PRIu64 "\n", all, holes);
	return 0;
}
