/* SPDX-License-Identifier: GPL-3.0-or-later */
/* 16 MiB that a thread uses, after the main thread has exited: a zombie with memory. */
#include "target.h"

#include <pthread.h>

static void *wait_for_end(void *unused)
{
	(void)unused;
	(void)!getchar();
	_exit(0);
}

int main(void)
{
	char *p = mmap(NULL, MIB(16), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	pthread_t thread;

	if (p == MAP_FAILED || pthread_create(&thread, NULL, wait_for_end, NULL))
		target_die("pthread_create");
	target_touch(p, MIB(16));
	puts("ready");
	fflush(stdout);
	pthread_exit(NULL);
}
