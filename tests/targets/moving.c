/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An address space that changes all the time: "merge" splits and joins mappings, "exec OTHER"
 * turns into another program and back, with the same addresses where they are not random. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

enum { PAGES = 2000, PAGE = 4096 };

static void merge(void)
{
	char *base = mmap(NULL, (size_t)PAGES * PAGE, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (base == MAP_FAILED)
		exit(1);
	while (getppid() != 1) {
		for (size_t i = 0; i < PAGES; i += 2)
			mprotect(base + i * PAGE, PAGE, PROT_READ);
		mprotect(base, (size_t)PAGES * PAGE, PROT_READ | PROT_WRITE);
	}
}

/* argv: this program, "exec", the other program; then the other way round. */
static void exec_other(char **argv)
{
	char mode[] = "exec";
	char *next[] = { argv[2], mode, argv[0], NULL };

	nanosleep(&(struct timespec){ .tv_nsec = 3000000 }, NULL);
	if (getppid() != 1)
		execv(argv[2], next);
}

int main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "merge") == 0)
		merge();
	else if (argc == 3 && strcmp(argv[1], "exec") == 0)
		exec_other(argv);
	return 1;
}
