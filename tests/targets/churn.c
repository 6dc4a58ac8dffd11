/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Short-lived children, or one process that execs itself again and again, each
 * with a pattern of mappings that a mixed-up report would break:
 * churn children [ALIVE] | churn exec
 */
#include "target.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>

/* Far below where the kernel puts anything by itself. */
#define LOW_PLACE 0x100000000000
#define HIGH_PLACE 0x200000000000
#define SIZES 64

static void place(uintptr_t where, size_t size)
{
	void *p = mmap((void *)where, size, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);

	if (p != (void *)where)
		_exit(3);
	*(volatile char *)p = 1;
}

/* The high place first: who reads upwards and sees the low one must see both. */
static void place_both(size_t number)
{
	size_t size = (number % SIZES + 1) * target_page();

	place(HIGH_PLACE, size);
	place(LOW_PLACE, size);
}

static void nap(unsigned int microseconds)
{
	struct timespec time = { 0, (long)microseconds * 1000 };

	nanosleep(&time, NULL);
}

static bool stdin_open(void)
{
	struct pollfd fd = { .fd = STDIN_FILENO, .events = POLLIN };

	return poll(&fd, 1, 0) <= 0 || !(fd.revents & (POLLHUP | POLLIN));
}

/* Some children only map, some exec themselves too, some die at once, some stay a while. */
static void child(char **argv)
{
	unsigned int luck = (unsigned int)getpid() * 2654435761u;
	char word[] = "child";
	char *again[] = { argv[0], word, NULL };

	if (luck % 16 == 0)
		_exit(0);
	place_both((size_t)getpid());
	nap(luck % 4 == 2 ? 300000 : luck % 20000);
	if (luck % 4 == 1 && strcmp(argv[1], "child"))
		execv("/proc/self/exe", again);
	_exit(0);
}

/* Keep ALIVE children about until stdin ends; reap late, so that zombies are seen too. */
static int churn(char **argv, int alive)
{
	int running = 0;
	unsigned long total = 0;

	printf("pattern low=%llx high=%llx pages=pid%%%d+1\n",
	       (unsigned long long)LOW_PLACE, (unsigned long long)HIGH_PLACE, SIZES);
	puts("ready");
	fflush(stdout);
	while (stdin_open()) {
		pid_t pid = running < alive ? fork() : -1;

		if (pid == 0)
			child(argv);
		if (pid > 0) {
			running++;
			total++;
			/* A third of them is shot at some point of its life. */
			if (total % 3 == 0) {
				nap((unsigned int)(total % 7) * 300);
				kill(pid, SIGKILL);
			}
			continue;
		}
		nap(2000);
		while (running > 0 && waitpid(-1, NULL, WNOHANG) > 0)
			running--;
	}
	while (waitpid(-1, NULL, 0) > 0)
		;
	printf("children %lu\n", total);
	return 0;
}

/* Each generation has another size. */
static int exec_again(char **argv)
{
	unsigned long number = argv[2] ? strtoul(argv[2], NULL, 10) : 0;
	char text[32];
	char word[] = "exec";
	char *again[] = { argv[0], word, text, NULL };

	if (!number) {
		printf("pattern low=%llx high=%llx pages=any\n",
		       (unsigned long long)LOW_PLACE, (unsigned long long)HIGH_PLACE);
		puts("ready");
		fflush(stdout);
	}
	place_both(number);
	nap((unsigned int)(number % 5) * 200);
	if (!stdin_open())
		return 0;
	snprintf(text, sizeof(text), "%lu", number + 1);
	execv("/proc/self/exe", again);
	target_die("execv");
	return 1;
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "children";

	if (!strcmp(what, "exec"))
		return exec_again(argv);
	if (!strcmp(what, "child"))
		child(argv);
	return churn(argv, argc > 2 ? (int)strtol(argv[2], NULL, 10) : 24);
}
