/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The independent witness of memmap --pages: counts page by page, and shares no code with src/. */
#ifndef _GNU_SOURCE
#	define _GNU_SOURCE
#endif

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/*
 * count PID
 *
 * Needs CAP_SYS_ADMIN. Prints { "pages": {...}, "mappings": [ { "start", "end", "pages": {...} } ] }
 * with the keys of memmap's "pages". What they mean, a page being one of the base size:
 *
 *   total	pages of address space
 *   untouched	neither present nor anything below
 *   present	bit 63 of the pagemap entry; zero pages are present
 *   zero	present, and the frame has ZERO_PAGE in kpageflags: the zero page or the huge one
 *   guard	not present, bit 58; or a marker (below) with offset bit 2, where bit 58 is not yet known
 *   markers	not present, bit 62, swap type 31, not guard: userfaultfd write-protect, poison
 *   migration	not present, bit 62, swap type 23 to 30: migration, device memory, hwpoison
 *   swapped	not present, bit 62, none of these. Swapped shared memory has no entry: untouched
 *   hidden	present, but the entry has no frame number
 *   exclusive	present, not zero, bit 56: mapped once
 *   shared	present, not zero, not bit 56
 *   file		present, not zero, bit 61: of a file, shared memory included
 *   flags	pages whose word in kpageflags has the bit; zero pages too
 *   flag_words	the words, each page's own as the file has it (page-types prints the same)
 *   map_counts	words of kpagecount; zero pages left out (theirs is 0)
 *   folios	pages by the size of the compound page around the frame, mapped or not, hugetlb
 *		too; the page size where it is not compound; zero pages left out
 *   nodes	pages by the node of the frame; zero pages left out, as in numa_maps
 *   runs	stretches of neighbouring pages in neighbouring frames, both ascending, within one
 *		mapping; zero pages left out. longest_run is the largest, in pages
 *
 * A mapping behind the end of user space (vsyscall), where pagemap ends, has null and is not in
 * the total.
 */

#define BIT(n) (UINT64_C(1) << (n))

enum {
	HEAD = 15,
	TAIL = 16,
	ZERO_PAGE = 24,
	SWAP_NOTES = 23, /* swap types from here on are no swap areas */
	SWAP_MARKER = 31,
	CHUNK = 1024, /* words read at once */
};

static const char *const flag_names[64] = {
	[0] = "locked",		[1] = "error",		[2] = "referenced",
	[3] = "uptodate",	[4] = "dirty",		[5] = "lru",
	[6] = "active",		[7] = "slab",		[8] = "writeback",
	[9] = "reclaim",	[10] = "buddy",		[11] = "mmap",
	[12] = "anon",		[13] = "swapcache",	[14] = "swapbacked",
	[15] = "compound_head", [16] = "compound_tail", [17] = "huge",
	[18] = "unevictable",	[19] = "hwpoison",	[20] = "nopage",
	[21] = "ksm",		[22] = "thp",		[23] = "offline",
	[24] = "zero_page",	[25] = "idle",		[26] = "pgtable",
	[32] = "reserved",	[33] = "mlocked",	[34] = "owner_2",
	[35] = "private",	[36] = "private_2",	[37] = "owner_private",
	[38] = "arch",		[39] = "uncached",	[40] = "softdirty",
	[41] = "arch_2",	[42] = "arch_3",
};

/* Pages by some number. */
struct tally {
	uint64_t *key, *pages;
	size_t n, last;
};

struct counts {
	uint64_t pages, present, zero, guard, markers, migration, swapped, hidden;
	uint64_t exclusive, shared, file, runs, longest;
	struct tally words, maps, folios, nodes;
};

/* One of /proc/kpage*, a stretch of it in memory. */
struct words {
	const char *path;
	int fd;
	uint64_t first;
	size_t n;
	uint64_t word[CHUNK];
};

struct block {
	uint64_t start, end; /* frames */
	uint64_t node;
};

static uint64_t page_size;
static int pagemap;
static struct words flags = { .path = "/proc/kpageflags" };
static struct words mapcount = { .path = "/proc/kpagecount" };
static struct block *blocks;
static size_t n_blocks;

static void die(const char *what)
{
	fprintf(stderr, "count: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void *grow(void *p, size_t n, size_t size)
{
	p = realloc(p, n * size);
	if (!p)
		die("memory");
	return p;
}

static int open_or_die(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		die(path);
	return fd;
}

static void tally_add(struct tally *t, uint64_t key, uint64_t pages)
{
	if (t->last < t->n && t->key[t->last] == key) {
		t->pages[t->last] += pages;
		return;
	}
	for (t->last = 0; t->last < t->n; t->last++) {
		if (t->key[t->last] == key) {
			t->pages[t->last] += pages;
			return;
		}
	}
	t->n++;
	t->key = grow(t->key, t->n, sizeof(*t->key));
	t->pages = grow(t->pages, t->n, sizeof(*t->pages));
	t->key[t->last] = key;
	t->pages[t->last] = pages;
}

/* The word of a frame; 0 behind the last one. */
static uint64_t word_of(struct words *w, uint64_t pfn)
{
	if (pfn < w->first || pfn >= w->first + w->n) {
		ssize_t got;

		w->first = pfn - pfn % CHUNK;
		got = pread(w->fd, w->word, sizeof(w->word), (off_t)(w->first * 8));
		if (got < 0)
			die(w->path);
		w->n = (size_t)got / 8;
		if (pfn >= w->first + w->n)
			return 0;
	}
	return w->word[pfn - w->first];
}

static bool is_tail(uint64_t pfn)
{
	return word_of(&flags, pfn) & BIT(TAIL);
}

/* Frames of the compound page around this one, 1 if there is none. */
static uint64_t folio_frames(uint64_t pfn)
{
	static uint64_t head, end; /* of the last one asked for */

	if (pfn >= head && pfn < end &&
	    (pfn != head || (word_of(&flags, pfn) & BIT(HEAD))))
		return end - head;
	for (head = pfn; head > 0 && is_tail(head); head--)
		;
	for (end = head + 1; is_tail(end); end++)
		;
	if (!(word_of(&flags, head) & BIT(HEAD)))
		head = end = 0;
	return end > head ? end - head : 1;
}

static uint64_t node_of(uint64_t pfn)
{
	for (size_t i = 0; i < n_blocks; i++)
		if (pfn >= blocks[i].start && pfn < blocks[i].end)
			return blocks[i].node;
	return UINT64_MAX;
}

static void add_frame(struct counts *c, uint64_t entry, uint64_t pfn, bool follows)
{
	static uint64_t run;
	uint64_t word = word_of(&flags, pfn);

	tally_add(&c->words, word, 1);
	if (word & BIT(ZERO_PAGE)) {
		c->zero++;
		return;
	}
	if (entry & BIT(56))
		c->exclusive++;
	else
		c->shared++;
	if (entry & BIT(61))
		c->file++;
	tally_add(&c->maps, word_of(&mapcount, pfn), 1);
	tally_add(&c->folios, folio_frames(pfn) * page_size, 1);
	tally_add(&c->nodes, node_of(pfn), 1);
	if (!follows) {
		c->runs++;
		run = 0;
	}
	run++;
	if (run > c->longest)
		c->longest = run;
}

static void add_absent(struct counts *c, uint64_t entry)
{
	unsigned int type = entry & 31;
	uint64_t offset = (entry & (BIT(55) - 1)) >> 5;

	if ((entry & BIT(58)) ||
	    ((entry & BIT(62)) && type == SWAP_MARKER && (offset & 4)))
		c->guard++;
	else if ((entry & BIT(62)) && type == SWAP_MARKER)
		c->markers++;
	else if ((entry & BIT(62)) && type >= SWAP_NOTES)
		c->migration++;
	else if (entry & BIT(62))
		c->swapped++;
}

/* False behind the end of user space. */
static bool count_mapping(struct counts *c, uint64_t start, uint64_t end)
{
	uint64_t entries[CHUNK], before = 0; /* the frame of the page before, 0: none */

	flags.n = mapcount.n = 0;
	c->pages = (end - start) / page_size;
	for (uint64_t at = start / page_size; at < end / page_size;) {
		size_t want = CHUNK;
		ssize_t got;

		if (want > end / page_size - at)
			want = (size_t)(end / page_size - at);
		got = pread(pagemap, entries, want * 8, (off_t)(at * 8));
		if (got < 0)
			die("pagemap");
		if (got == 0)
			return false;
		for (size_t i = 0; i < (size_t)got / 8; i++, at++) {
			uint64_t pfn = entries[i] & (BIT(55) - 1);

			if (!(entries[i] & BIT(63))) {
				add_absent(c, entries[i]);
				before = 0;
				continue;
			}
			c->present++;
			if (!pfn) {
				c->hidden++;
				continue;
			}
			add_frame(c, entries[i], pfn, before && pfn == before + 1);
			before = word_of(&flags, pfn) & BIT(ZERO_PAGE) ? 0 : pfn;
		}
	}
	return true;
}

static void tally_sum(struct tally *to, const struct tally *t)
{
	for (size_t i = 0; i < t->n; i++)
		tally_add(to, t->key[i], t->pages[i]);
}

static void counts_sum(struct counts *to, const struct counts *c)
{
	to->pages += c->pages;
	to->present += c->present;
	to->zero += c->zero;
	to->guard += c->guard;
	to->markers += c->markers;
	to->migration += c->migration;
	to->swapped += c->swapped;
	to->hidden += c->hidden;
	to->exclusive += c->exclusive;
	to->shared += c->shared;
	to->file += c->file;
	to->runs += c->runs;
	if (c->longest > to->longest)
		to->longest = c->longest;
	tally_sum(&to->words, &c->words);
	tally_sum(&to->maps, &c->maps);
	tally_sum(&to->folios, &c->folios);
	tally_sum(&to->nodes, &c->nodes);
}

static void counts_done(struct counts *c)
{
	struct tally *all[] = { &c->words, &c->maps, &c->folios, &c->nodes };

	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
		free(all[i]->key);
		free(all[i]->pages);
	}
}

static void print_flag_name(unsigned int bit)
{
	if (flag_names[bit])
		printf("\"%s\"", flag_names[bit]);
	else
		printf("\"bit_%u\"", bit);
}

static void print_flags(const struct tally *words)
{
	bool any = false;

	printf(",\"flags\":{");
	for (unsigned int bit = 0; bit < 64; bit++) {
		uint64_t pages = 0;

		for (size_t i = 0; i < words->n; i++)
			if (words->key[i] & BIT(bit))
				pages += words->pages[i];
		if (!pages)
			continue;
		printf("%s", any ? "," : "");
		print_flag_name(bit);
		printf(":%" PRIu64, pages);
		any = true;
	}
	printf("}");
}

static void print_words(const struct tally *words)
{
	printf(",\"flag_words\":[");
	for (size_t i = 0; i < words->n; i++) {
		bool any = false;

		printf("%s{\"flags\":\"0x%" PRIx64 "\",\"names\":[", i ? "," : "",
		       words->key[i]);
		for (unsigned int bit = 0; bit < 64; bit++) {
			if (!(words->key[i] & BIT(bit)))
				continue;
			printf("%s", any ? "," : "");
			print_flag_name(bit);
			any = true;
		}
		printf("],\"pages\":%" PRIu64 "}", words->pages[i]);
	}
	printf("]");
}

static void print_tally(const char *name, const char *key, const struct tally *t)
{
	printf(",\"%s\":[", name);
	for (size_t i = 0; i < t->n; i++)
		printf("%s{\"%s\":%" PRIu64 ",\"pages\":%" PRIu64 "}", i ? "," : "", key,
		       t->key[i], t->pages[i]);
	printf("]");
}

static void print_counts(const struct counts *c)
{
	const struct {
		const char *key;
		uint64_t value;
	} numbers[] = {
		{ "present", c->present },
		{ "swapped", c->swapped },
		{ "zero", c->zero },
		{ "guard", c->guard },
		{ "markers", c->markers },
		{ "migration", c->migration },
		{ "untouched", c->pages - c->present - c->swapped - c->guard -
				       c->markers - c->migration },
		{ "hidden", c->hidden },
		{ "file", c->file },
		{ "exclusive", c->exclusive },
		{ "shared", c->shared },
		{ "runs", c->runs },
		{ "longest_run", c->longest },
	};

	printf("\"pages\":{\"total\":%" PRIu64, c->pages);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++)
		printf(",\"%s\":%" PRIu64, numbers[i].key, numbers[i].value);
	print_flags(&c->words);
	print_words(&c->words);
	print_tally("map_counts", "count", &c->maps);
	print_tally("folios", "size", &c->folios);
	print_tally("nodes", "node", &c->nodes);
	printf("}");
}

static void add_block(uint64_t start, uint64_t end, uint64_t node)
{
	blocks = grow(blocks, n_blocks + 1, sizeof(*blocks));
	blocks[n_blocks++] = (struct block){ start, end, node };
}

/* What one line of zoneinfo adds; node and start_pfn come before and after the size. */
static void add_zone_line(const char *line)
{
	static unsigned long node, spanned;
	unsigned long value;

	if (!strncmp(line, "Node ", 5))
		node = strtoul(line + 5, NULL, 10);
	line += strspn(line, " ");
	value = strtoul(line + strcspn(line, " :") +
				strspn(line + strcspn(line, " :"), " :"),
			NULL, 10);
	if (!strncmp(line, "spanned ", 8))
		spanned = value;
	else if (!strncmp(line, "start_pfn:", 10) && spanned)
		add_block(value, value + spanned, node);
}

static void read_zones(void)
{
	FILE *file = fopen("/proc/zoneinfo", "r");
	char *line = NULL;
	size_t size = 0;

	if (!file)
		die("/proc/zoneinfo");
	while (getline(&line, &size, file) > 0)
		add_zone_line(line);
	free(line);
	fclose(file);
}

/* Which memory block is of which node; from sysfs, where the kernel has memory blocks. */
static void read_node(uint64_t node, uint64_t frames)
{
	char path[64];
	struct dirent *entry;
	DIR *dir;

	snprintf(path, sizeof(path), "/sys/devices/system/node/node%" PRIu64, node);
	dir = opendir(path);
	while (dir && (entry = readdir(dir))) {
		unsigned long n;

		if (strncmp(entry->d_name, "memory", 6) || entry->d_name[6] < '0' ||
		    entry->d_name[6] > '9')
			continue;
		n = strtoul(entry->d_name + 6, NULL, 10);
		add_block(n * frames, (n + 1) * frames, node);
	}
	if (dir)
		closedir(dir);
}

static void read_blocks(void)
{
	FILE *file = fopen("/sys/devices/system/memory/block_size_bytes", "r");
	char *line = NULL;
	size_t size = 0;

	if (file && getline(&line, &size, file) > 0)
		for (uint64_t node = 0; node < 1024; node++)
			read_node(node, strtoul(line, NULL, 16) / page_size);
	free(line);
	if (file)
		fclose(file);
	if (!n_blocks)
		read_zones();
}

static void count_all(FILE *maps, struct counts *total)
{
	char *line = NULL;
	size_t size = 0;
	bool any = false;

	printf("{\"mappings\":[");
	while (getline(&line, &size, maps) > 0) {
		struct counts c = { 0 };
		char *rest;
		uint64_t start = strtoull(line, &rest, 16);
		uint64_t end = strtoull(rest + 1, NULL, 16);

		printf("%s{\"start\":\"0x%" PRIx64 "\",\"end\":\"0x%" PRIx64 "\",",
		       any ? "," : "", start, end);
		any = true;
		if (count_mapping(&c, start, end)) {
			print_counts(&c);
			counts_sum(total, &c);
		} else {
			printf("\"pages\":null");
		}
		printf("}\n");
		counts_done(&c);
	}
	printf("],");
	free(line);
}

int main(int argc, char **argv)
{
	struct counts total = { 0 };
	char path[64];
	FILE *maps;

	if (argc != 2) {
		fputs("usage: count PID\n", stderr);
		return 2;
	}
	page_size = (uint64_t)sysconf(_SC_PAGESIZE);
	read_blocks();
	flags.fd = open_or_die(flags.path);
	mapcount.fd = open_or_die(mapcount.path);
	snprintf(path, sizeof(path), "/proc/%.20s/pagemap", argv[1]);
	pagemap = open_or_die(path);
	snprintf(path, sizeof(path), "/proc/%.20s/maps", argv[1]);
	maps = fopen(path, "re");
	if (!maps)
		die(path);
	count_all(maps, &total);
	print_counts(&total);
	printf("}\n");
	counts_done(&total);
	free(blocks);
	return ferror(maps) || fclose(maps) || fflush(stdout) ? 1 : 0;
}
