/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Changes its address space a step at a time, one for each line on stdin, and says after each what
 * it did: "did WORDS START PAGES".  The places are its own, far from all else.
 */
#include "target.h"

#include <fcntl.h>

#define PLACE ((char *)0x100000000000)
#define OTHER ((char *)0x180000000000)

enum { PAGES = 64 };

static char *map_at(char *where, size_t size)
{
	char *p = mmap(where, size, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);

	if (p != where)
		target_die("mmap");
	return p;
}

static void must(int result)
{
	if (result != 0)
		target_die("step");
}

static void step(unsigned int number, size_t page)
{
	switch (number) {
	case 0:
		memset(map_at(PLACE, PAGES * page), 1, PAGES * page);
		break;
	case 1:
		must(mprotect(PLACE + 16 * page, 16 * page, PROT_READ));
		break;
	case 2:
		must(mprotect(PLACE + 16 * page, 16 * page, PROT_READ | PROT_WRITE));
		break;
	case 3:
		must(mprotect(PLACE, PAGES * page, PROT_READ));
		break;
	case 4:
		must(munmap(PLACE + 32 * page, 32 * page));
		break;
	case 5:
		must(mremap(PLACE, 32 * page, 32 * page, MREMAP_MAYMOVE | MREMAP_FIXED,
			    OTHER) != OTHER);
		break;
	case 6:
		must(mprotect(OTHER, 32 * page, PROT_READ | PROT_WRITE));
		break;
	case 7:	/* nothing that smaps or maps tell: the same bytes again */
		memset(OTHER, 2, 32 * page);
		break;
	case 8:
		must(mremap(OTHER, 32 * page, 48 * page, 0) != OTHER);
		break;
	case 9:
		must(madvise(OTHER, 32 * page, MADV_DONTNEED));
		break;
	case 10:
		must(munmap(OTHER, 48 * page));
		break;
	default:
		exit(0);
	}
}

int main(void)
{
	size_t page = target_page();
	char line[16];

	puts("ready");
	fflush(stdout);
	for (unsigned int i = 0; fgets(line, sizeof(line), stdin); i++) {
		step(i, page);
		printf("did %u\n", i);
		fflush(stdout);
	}
	return 0;
}
