// SPDX-License-Identifier: GPL-3.0-or-later
// Spreads memory over three nodes by every kind of policy, asks the kernel page by page where it
// lies (move_pages, not numa_maps), writes that down, and sleeps.
//
// Usage: numa FACTS bound|interleave
//   bound       touches memory on CPU 0, then binds itself to CPU 1 and goes on
//   interleave  a policy of the whole process; may run on all CPUs
//   FACTS       file that receives the facts; it is complete once its last line is "ready"
//
// A fact is one line: "kind START KIND", "policy START POLICY" (as the
// kernel's mpol_to_str() spells it), "node START NODE BYTES" (where its pages lie), "off_policy START
// BYTES" (so much lies elsewhere than the policy has it).
// Nodes 0 and 1 have a CPU each, node 2 has none. No libnuma: the system calls are made here.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {	// linux/mempolicy.h
	PREFERRED = 1, BIND = 2, INTERLEAVE = 3, LOCAL = 4, PREFERRED_MANY = 5,
	WEIGHTED_INTERLEAVE = 6,
	BALANCING = 1 << 13, RELATIVE = 1 << 14, STATIC = 1 << 15,
};

#define KIB 1024UL
#define MIB (1024 * KIB)
#define HUGE (2 * MIB)
#define NODES 3

static FILE *out;

static void die(const char *what)
{
	fprintf(stderr, "numa: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void run_on(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		die("sched_setaffinity");
}

// Between two inaccessible pages, so that nothing merges with it; aligned for huge pages.
static char *map(size_t size, int flags, int fd)
{
	char *base = mmap(NULL, size + 2 * HUGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *p = base;

	if (base == MAP_FAILED)
		die("reserve");
	p += HUGE - (uintptr_t)base % HUGE;
	if (mmap(p, size, PROT_READ | PROT_WRITE, flags | MAP_FIXED, fd, 0) != p)
		die("mmap");
	return p;
}

static void set_policy(char *p, size_t size, int mode, unsigned long nodes)
{
	if (syscall(SYS_mbind, p, size, mode, &nodes, 64UL, 0))
		die("mbind");
}

static void touch(char *p, size_t size)
{
	for (size_t i = 0; i < size; i += 4096)
		p[i] = 1;
}

// Where each page lies, summed up.
static void tell_nodes(char *p, size_t size, size_t page)
{
	unsigned long count = size / page, bytes[NODES] = { 0 };
	void **at = calloc(count, sizeof(*at));
	int *status = calloc(count, sizeof(*status));

	if (!at || !status)
		die("calloc");
	for (unsigned long i = 0; i < count; i++)
		at[i] = p + i * page;
	if (syscall(SYS_move_pages, 0, count, at, NULL, status, 0))
		die("move_pages");
	for (unsigned long i = 0; i < count; i++)
		if (status[i] >= 0 && status[i] < NODES)
			bytes[status[i]] += page;
	for (int n = 0; n < NODES; n++)
		if (bytes[n])
			fprintf(out, "node %lx %d %lu\n", (unsigned long)p, n, bytes[n]);
	free(at);
	free(status);
}

static void tell(char *p, size_t size, size_t page, const char *kind, const char *policy)
{
	fprintf(out, "kind %lx %s\npolicy %lx %s\n", (unsigned long)p, kind, (unsigned long)p, policy);
	tell_nodes(p, size, page);
}

static void policies(void)
{
	static const struct {
		const char *name;
		int mode;
		unsigned long nodes;
	} wanted[] = {
		{ "bind:1", BIND, 2 },
		{ "bind:0,2", BIND, 5 },
		{ "bind=static:0-1", BIND | STATIC, 3 },
		{ "prefer:2", PREFERRED, 4 },
		{ "prefer=relative:1", PREFERRED | RELATIVE, 2 },
		{ "prefer (many):0,2", PREFERRED_MANY, 5 },
		{ "interleave:0-2", INTERLEAVE, 7 },
		{ "interleave=static:1-2", INTERLEAVE | STATIC, 6 },
		{ "weighted interleave:0-1", WEIGHTED_INTERLEAVE, 3 },
		{ "local", LOCAL, 0 },
	};
	const size_t size = 96 * KIB;

	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		char *p = map(size, MAP_PRIVATE | MAP_ANONYMOUS, -1);

		set_policy(p, size, wanted[i].mode, wanted[i].nodes);
		touch(p, size);
		tell(p, size, 4096, "anon", wanted[i].name);
	}
}

// Pages on node 0, and a policy that came too late: they stay where they are.
static void misplaced(void)
{
	const size_t size = 64 * KIB;
	char *p = map(size, MAP_PRIVATE | MAP_ANONYMOUS, -1);

	run_on(0);
	touch(p, size / 2);
	set_policy(p, size, BIND, 2);
	touch(p + size / 2, size / 2);
	tell(p, size, 4096, "anon", "bind:1");
	fprintf(out, "off_policy %lx %lu\n", (unsigned long)p, size / 2);
}

static void huge(void)
{
	static const int node[] = { 0, 1, 1 };
	char *p = map(4 * HUGE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1);

	set_policy(p, 4 * HUGE, BIND, 3);
	for (size_t i = 0; i < sizeof(node) / sizeof(node[0]); i++) {
		run_on(node[i]);
		p[i * HUGE] = 1;
	}
	tell(p, 4 * HUGE, HUGE, "hugetlb", "bind:0-1");
}

// A file whose name has what numa_maps escapes: blank, '=' and tab.
static void file(const char *policy)
{
	static const char name[] = "/tmp/N0=7 huge\tfile=x";
	const size_t size = 32 * KIB;
	int fd = open(name, O_RDWR | O_CREAT | O_TRUNC, 0600);
	char *p;

	if (fd < 0 || ftruncate(fd, (off_t)size))
		die(name);
	p = map(size, MAP_SHARED, fd);
	touch(p, size);
	tell(p, size, 4096, "file", policy);
	close(fd);
}

static void shared(const char *policy)
{
	const size_t size = 48 * KIB;
	char *p = map(size, MAP_SHARED | MAP_ANONYMOUS, -1);

	touch(p, size / 2);
	run_on(1);
	touch(p, size);
	tell(p, size, 4096, "shm", policy);
}

static void plain(const char *policy)
{
	const size_t size = 128 * KIB;
	char *p = map(size, MAP_PRIVATE | MAP_ANONYMOUS, -1);

	run_on(0);
	touch(p, size / 4);
	run_on(1);
	touch(p + size / 2, size / 2);
	tell(p, size, 4096, "anon", policy);
}

int main(int argc, char **argv)
{
	unsigned long nodes = 3;

	if (argc != 3 || !(out = fopen(argv[1], "w")))
		die("usage: numa FACTS bound|interleave");
	if (!strcmp(argv[2], "bound")) {
		huge();
		misplaced();
		policies();
		shared("default");
		file("default");
		plain("default");	// leaves it on CPU 1
	} else {
		cpu_set_t all;

		if (syscall(SYS_set_mempolicy, INTERLEAVE, &nodes, 64UL))
			die("set_mempolicy");
		shared("interleave:0-1");
		file("interleave:0-1");
		plain("interleave:0-1");
		CPU_ZERO(&all);
		CPU_SET(0, &all);
		CPU_SET(1, &all);
		sched_setaffinity(0, sizeof(all), &all);
	}
	fputs("ready\n", out);
	fclose(out);
	for (;;)
		pause();
}
