/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Sixty mappings apart from each other. With the first line of stdin the n-th gets n pages, from 1
 * on; with the second the last one loses all of its pages, and each other one gets one more.
 */
#include "target.h"

enum { PLACES = 60 };

#define PLACE(i) ((char *)0x100000000000 + (size_t)(i) * MIB(1))

int main(void)
{
	size_t page = target_page();
	char line[16];

	for (int i = 1; i <= PLACES; i++) {
		if (mmap(PLACE(i), (PLACES + 2) * page, PROT_READ | PROT_WRITE, MAP_PRIVATE |
			 MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0) != PLACE(i))
			target_die("mmap");
		madvise(PLACE(i), (PLACES + 2) * page, MADV_NOHUGEPAGE);
	}
	puts("ready");
	fflush(stdout);
	if (fgets(line, sizeof(line), stdin))
		for (int i = 1; i <= PLACES; i++)
			memset(PLACE(i), 1, (size_t)i * page);
	puts("did 0");
	fflush(stdout);
	if (fgets(line, sizeof(line), stdin)) {
		madvise(PLACE(PLACES), PLACES * page, MADV_DONTNEED);
		for (int i = 1; i < PLACES; i++)
			memset(PLACE(i), 1, (size_t)(i + 1) * page);
	}
	puts("did 1");
	fflush(stdout);
	(void)!fgets(line, sizeof(line), stdin);
	return 0;
}
