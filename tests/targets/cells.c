/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The pages screen's target, and its witness: reads page by page, and shares no code with src/. */
#include "target.h"

#include <fcntl.h>
#include <inttypes.h>

#ifndef MADV_PAGEOUT
#	define MADV_PAGEOUT 21
#endif

/*
 *   cells make PAGES		every third page written, the sixth part from the middle on untouched,
 *				in the last quarter every fifth read only
 *   cells make PAGES swap	the same, and most of the first third is in swap
 *   cells check PID START	dumps of screens in ASCII on stdin, with the cursor at START: is each
 *				cell what its pages are? Says "ok DUMPS CELLS" or what is not so.
 *	cells rows PID START	the same, with the cursor elsewhere
 */

enum { NONE, ANON, FILE_PAGE, ZERO, SWAP, CLASSES };

static const char letters[] = ".afzs";
static const char *const names[] = { "untouched", "anonymous", "file, shared", "zero page",
				     "swapped" };

/* Whether the kernel took it is for check to see, but some must be there. */
static void swap_out(volatile char *p, size_t pages, size_t page)
{
	int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	uint64_t entry;
	size_t swapped = 0;

	for (size_t i = 0; i < pages; i += i % 7 == 5 ? 2 : 1)
		if (madvise((void *)(uintptr_t)(p + i * page), page, MADV_PAGEOUT) && errno != EINVAL)
			target_die("madvise");
	for (size_t i = 0; i < pages; i++)
		if (pread(fd, &entry, 8, (off_t)((uintptr_t)(p + i * page) / page * 8)) == 8)
			swapped += entry >> 62 & 1;
	close(fd);
	if (!swapped)
		target_skip("pages did not go to swap (is there any?)");
}

static int make(size_t pages, bool swap)
{
	size_t page = target_page();
	volatile char *p = target_map(pages * page, PROT_READ | PROT_WRITE,
				      MAP_PRIVATE | MAP_ANONYMOUS, -1);

	if (madvise((void *)(uintptr_t)p, pages * page, MADV_NOHUGEPAGE) && errno != EINVAL)
		target_die("madvise");
	for (size_t i = 0; i < pages; i++) {
		if (i >= pages / 2 && i < pages / 2 + pages / 6)
			continue;
		if (i % 3 == 0)
			p[i * page] = 1;
		else if (i >= pages * 3 / 4 && i % 5 == 0)
			(void)p[i * page];
	}
	if (swap)
		swap_out(p, pages / 3, page);
	target_expect((void *)(uintptr_t)p, pages * page, "anon", "mappings=1");
	return target_ready();
}

struct witness {
	int pagemap, flags;
	uint64_t start, end, page;	/* of the mapping */
};

static unsigned int class_of(const struct witness *w, uint64_t address)
{
	uint64_t entry = 0, flags = 0;

	if (pread(w->pagemap, &entry, 8, (off_t)(address / w->page * 8)) != 8)
		target_die("pagemap");
	if (!(entry >> 63))
		return entry >> 62 & 1 ? SWAP : NONE;
	if (pread(w->flags, &flags, 8, (off_t)((entry & ((UINT64_C(1) << 55) - 1)) * 8)) != 8)
		target_die("kpageflags");
	return flags >> 24 & 1 ? ZERO : entry >> 61 & 1 ? FILE_PAGE : ANON;
}

/* Counts of the cell at an address; false: no page of the mapping is in it. */
static bool count(const struct witness *w, uint64_t at, uint64_t size, uint64_t n[CLASSES])
{
	bool any = false;

	memset(n, 0, CLASSES * sizeof(*n));
	for (uint64_t a = at; a < at + size; a += w->page)
		if (a >= w->start && a < w->end) {
			n[class_of(w, a)]++;
			any = true;
		}
	return any;
}

static char letter_of(const uint64_t n[CLASSES])
{
	unsigned int most = NONE, classes = 0;

	for (unsigned int k = 0; k < CLASSES; k++) {
		classes += n[k] > 0;
		if (k != NONE && n[k] && (most == NONE || n[k] > n[most]))
			most = k;
	}
	if (most == NONE)
		return '.';
	return (char)(classes == 1 ? letters[most] - 'a' + 'A' : letters[most]);
}

static size_t check_row(const struct witness *w, const char *line, uint64_t size)
{
	enum { CELLS_AT = 15 };
	uint64_t at = strtoull(line, NULL, 16), n[CLASSES];
	size_t step = size == w->page ? 2 : 1, cells = 0;

	for (size_t x = CELLS_AT + step - 1; x < strlen(line); x += step, at += size) {
		bool any = count(w, at, size, n);
		char want = any ? letter_of(n) : ' ';

		if (line[x] == ' ' && !any)
			continue;
		if (line[x] != want) {
			printf("%" PRIx64 ", a cell of %" PRIu64 ": '%c' instead of '%c'\n", at,
			       size, line[x], want);
			exit(1);
		}
		cells++;
	}
	return cells;
}

/* The line about the cursor's cell. */
static void check_mix(const struct witness *w, const char *line, uint64_t size)
{
	uint64_t at = w->start / size * size, n[CLASSES], end = at + size;
	char want[256], part[64];

	count(w, at, size, n);
	at = at < w->start ? w->start : at;
	end = end > w->end ? w->end : end;
	snprintf(want, sizeof(want), " %" PRIx64 "-%" PRIx64 "  %" PRIu64 " pages", at, end,
		 (end - at) / w->page);
	for (unsigned int k = 1, first = 1; k <= CLASSES; k++) {
		if (!n[k % CLASSES])
			continue;
		snprintf(part, sizeof(part), "%s %s %" PRIu64, first ? ":" : ",",
			 names[k % CLASSES], n[k % CLASSES]);
		strncat(want, part, sizeof(want) - strlen(want) - 1);
		first = 0;
	}
	if (strcmp(want, line)) {
		printf("'%s' instead of '%s'\n", line, want);
		exit(1);
	}
}

static void find_mapping(struct witness *w, const char *pid, uint64_t start)
{
	char path[64], *line = NULL;
	size_t size = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%.20s/maps", pid);
	f = fopen(path, "r");
	while (f && getline(&line, &size, f) > 0) {
		char *end;

		w->start = strtoull(line, &end, 16);
		w->end = strtoull(end + 1, NULL, 16);
		if (w->start == start)
			break;
	}
	if (!f || w->start != start)
		target_die("no such mapping");
	fclose(f);
	free(line);
	snprintf(path, sizeof(path), "/proc/%.20s/pagemap", pid);
	w->pagemap = open(path, O_RDONLY | O_CLOEXEC);
	w->flags = open("/proc/kpageflags", O_RDONLY | O_CLOEXEC);
	if (w->pagemap < 0 || w->flags < 0)
		target_die(path);
}

static int check(const char *pid, uint64_t start, bool mix)
{
	struct witness w = { .page = target_page() };
	size_t size = 0, dumps = 0, cells = 0;
	uint64_t cell = 0;
	char *line = NULL, *p;
	bool rows = false;
	ssize_t n;

	find_mapping(&w, pid, start);
	while ((n = getline(&line, &size, stdin)) > 0) {
		line[n - 1] = '\0';
		if ((p = strstr(line, "a cell is "))) {
			p = strchr(p, ',');
			cell = !p ? 0 : w.page * (p[2] == 'a' ? 1 : strtoull(p + 1, NULL, 10));
			dumps++;
			rows = true;
		} else if (strstr(line, "under the cursor")) {
			rows = false;
		} else if (cell && rows && strspn(line + 1, "0123456789abcdef") == 12 && line[13] == ' ') {
			cells += check_row(&w, line, cell);
		} else if (mix && cell > w.page && strstr(line, " pages: ")) {
			check_mix(&w, line, cell);
			cells++;
		}
	}
	free(line);
	printf("ok %zu %zu\n", dumps, cells);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 3 && !strcmp(argv[1], "make"))
		return make(strtoul(argv[2], NULL, 10), false);
	if (argc == 4 && !strcmp(argv[1], "make") && !strcmp(argv[3], "swap"))
		return make(strtoul(argv[2], NULL, 10), true);
	if (argc == 4 && !strcmp(argv[1], "check"))
		return check(argv[2], strtoull(argv[3], NULL, 16), true);
	if (argc == 4 && !strcmp(argv[1], "rows"))
		return check(argv[2], strtoull(argv[3], NULL, 16), false);
	fputs("usage: cells make PAGES | cells check|rows PID START\n", stderr);
	return 2;
}
