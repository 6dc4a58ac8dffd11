/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Times commands in turns, so that a slow moment of the machine meets all of them alike. */
#define _GNU_SOURCE

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/*
 * measure [-a] ROUNDS LABEL COMMAND [ARGUMENT]... [, LABEL COMMAND [ARGUMENT]...]...
 *
 * Runs each command once for nothing, then ROUNDS times in turns, with stdout at /dev/null and all
 * on one CPU, with -a on all CPUs. Prints a line each: LABEL, best and median wall time and best CPU time in
 * microseconds, largest resident set in bytes; separated by tabs. A command that fails ends it with
 * status 1.
 */

enum { MAX_COMMANDS = 32, MAX_ROUNDS = 1000 };

struct command {
	const char *label;
	char **argv;
	unsigned long wall[MAX_ROUNDS];	/* microseconds */
	unsigned long cpu;		/* the least */
	long rss;			/* the most, KiB */
};

static struct command commands[MAX_COMMANDS];

static unsigned long now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (unsigned long)t.tv_sec * 1000000000ul + (unsigned long)t.tv_nsec;
}

static unsigned long micro(struct timeval t)
{
	return (unsigned long)t.tv_sec * 1000000ul + (unsigned long)t.tv_usec;
}

/* One CPU for all that follows, the last allowed one: the first has most of the interrupts. */
static void pin(void)
{
	cpu_set_t all, one;

	if (sched_getaffinity(0, sizeof(all), &all))
		return;
	for (int cpu = CPU_SETSIZE - 1; cpu >= 0; cpu--) {
		if (!CPU_ISSET(cpu, &all))
			continue;
		CPU_ZERO(&one);
		CPU_SET(cpu, &one);
		if (sched_setaffinity(0, sizeof(one), &one))
			perror("measure: not pinned to a CPU");
		return;
	}
}

static int run(struct command *c, int null, int round)
{
	unsigned long start = now_ns(), end;
	struct rusage usage;
	pid_t pid = vfork();
	int status;

	if (pid == 0) {
		dup2(null, STDOUT_FILENO);
		execvp(c->argv[0], c->argv);
		_exit(127);
	}
	if (pid < 0 || wait4(pid, &status, 0, &usage) != pid) {
		perror("measure");
		return -1;
	}
	end = now_ns();
	if (!WIFEXITED(status) || WEXITSTATUS(status)) {
		fprintf(stderr, "measure: %s: '%s' ended with %s %d\n", c->label, c->argv[0],
			WIFEXITED(status) ? "status" : "signal",
			WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
		return -1;
	}
	if (round < 0)
		return 0;
	c->wall[round] = (end - start) / 1000;
	if (round == 0 || micro(usage.ru_utime) + micro(usage.ru_stime) < c->cpu)
		c->cpu = micro(usage.ru_utime) + micro(usage.ru_stime);
	if (usage.ru_maxrss > c->rss)
		c->rss = usage.ru_maxrss;
	return 0;
}

static int compare(const void *a, const void *b)
{
	unsigned long x = *(const unsigned long *)a, y = *(const unsigned long *)b;

	return (x > y) - (x < y);
}

/* Splits the arguments at commas. The number of commands, 0 if they make no sense. */
static int split(int argc, char **argv)
{
	int n = 0;

	for (int i = 2; i < argc; n++) {
		if (n == MAX_COMMANDS || i + 1 >= argc)
			return 0;
		commands[n].label = argv[i];
		commands[n].argv = argv + i + 1;
		while (i < argc && strcmp(argv[i], ",") != 0)
			i++;
		if (argv + i <= commands[n].argv)
			return 0;
		argv[i++] = NULL;
	}
	return n;
}

int main(int argc, char **argv)
{
	int all = argc > 1 && !strcmp(argv[1], "-a") ? argc--, argv++, 1 : 0;
	int rounds = argc > 1 ? (int)strtol(argv[1], NULL, 10) : 0;
	int n = split(argc, argv);
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

	if (!n || rounds < 1 || rounds > MAX_ROUNDS || null < 0) {
		fputs("usage: measure [-a] ROUNDS LABEL COMMAND [ARGUMENT]... [, ...]\n", stderr);
		return 2;
	}
	if (!all)
		pin();
	for (int round = -1; round < rounds; round++)
		for (int i = 0; i < n; i++)
			if (run(&commands[i], null, round))
				return 1;
	for (int i = 0; i < n; i++) {
		struct command *c = &commands[i];

		qsort(c->wall, (size_t)rounds, sizeof(c->wall[0]), compare);
		printf("%s\t%lu\t%lu\t%lu\t%ld\n", c->label, c->wall[0], c->wall[rounds / 2],
		       c->cpu, c->rss * 1024);
	}
	return fflush(stdout) ? 1 : 0;
}
