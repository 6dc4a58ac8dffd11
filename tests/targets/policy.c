/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Memory policies: a mapping for each that set_mempolicy(2) knows, or (with the argument "process")
 * one of the whole process, and pages whose place the kernel is asked for one by one by
 * move_pages(2), which is no file that memmap reads.
 *
 * Further facts:
 *   policy START TEXT		as mpol_to_str() in the kernel's mm/mempolicy.c spells it
 *   node START NODE BYTES	so much of the mapping lies there
 *   hugetlb START		it has huge pages from a pool
 */
#include "target.h"

#include <sys/syscall.h>

/* linux/mempolicy.h */
enum {
	PREFERRED = 1, BIND = 2, INTERLEAVE = 3, LOCAL = 4, PREFERRED_MANY = 5,
	WEIGHTED_INTERLEAVE = 6,
	RELATIVE_NODES = 1 << 14, STATIC_NODES = 1 << 15,
	MEMS_ALLOWED = 4,
};

enum { MAX_NODES = 1024, WORD = 8 * sizeof(unsigned long) };

static unsigned long nodes[MAX_NODES / WORD];	/* the first that may be used, and no other */
static unsigned int first;

static void find_node(void)
{
	if (syscall(SYS_get_mempolicy, NULL, nodes, (unsigned long)MAX_NODES, NULL,
		    (unsigned long)MEMS_ALLOWED))
		target_skip("get_mempolicy is refused, or the kernel knows no NUMA");
	while (first < MAX_NODES && !(nodes[first / WORD] >> first % WORD & 1))
		first++;
	memset(nodes, 0, sizeof(nodes));
	nodes[first / WORD] = 1ul << first % WORD;
}

/* Where the pages lie, summed up by node; pages that are not there have an error for a node. */
static void tell_nodes(char *p, size_t size, size_t page)
{
	size_t n = size / page, sum[MAX_NODES] = { 0 };
	void **at = calloc(n, sizeof(*at));
	int *node = calloc(n, sizeof(*node));

	if (!at || !node)
		target_die("calloc");
	for (size_t i = 0; i < n; i++)
		at[i] = p + i * page;
	if (syscall(SYS_move_pages, 0, n, at, NULL, node, 0))
		target_die("move_pages");
	for (size_t i = 0; i < n; i++)
		if (node[i] >= 0 && node[i] < MAX_NODES)
			sum[node[i]] += page;
	for (size_t i = 0; i < MAX_NODES; i++)
		if (sum[i])
			printf("node %jx %zu %zu\n", (uintmax_t)(uintptr_t)p, i, sum[i]);
	free(at);
	free(node);
}

static void tell(void *p, size_t size, size_t page, const char *policy)
{
	printf("policy %jx %s\n", (uintmax_t)(uintptr_t)p, policy);
	tell_nodes(p, size, page);
}

static void with_policy(const char *name, int mode, const char *default_policy)
{
	size_t size = 40 * target_page();
	char *p = target_map(size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	char text[64];

	snprintf(text, sizeof(text), "%s:%u", name, first);
	if (syscall(SYS_mbind, p, size, mode, mode == LOCAL ? NULL : nodes,
		    mode == LOCAL ? 0ul : (unsigned long)MAX_NODES, 0))
		snprintf(text, sizeof(text), "%s", default_policy);	/* an older kernel */
	else if (mode == LOCAL)
		snprintf(text, sizeof(text), "%s", name);
	target_touch(p, size / 2);
	tell(p, size, target_page(), text);
}

static void huge(const char *policy)
{
	size_t size = MIB(2);
	char *p = mmap(NULL, 2 * size, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB | (21 << 26), -1, 0);

	if (p == MAP_FAILED)
		return;
	p[0] = 1;
	printf("hugetlb %jx\n", (uintmax_t)(uintptr_t)p);
	tell(p, 2 * size, size, policy);
}

/* A file whose name has all that numa_maps escapes, and looks like more of the line. */
static void file(const char *policy)
{
	char name[] = "/tmp/memmap N0=7 huge\tfile=x XXXXXX";
	size_t size = 8 * target_page();
	int fd = mkstemp(name);
	void *p;

	if (fd < 0 || ftruncate(fd, (off_t)size))
		target_die(name);
	unlink(name);
	p = target_map(size, PROT_READ | PROT_WRITE, MAP_SHARED, fd);
	target_touch(p, size);
	tell(p, size, target_page(), policy);
	close(fd);
}

int main(int argc, char **argv)
{
	const char *policy = "default";
	static char text[64];
	size_t size = 16 * target_page();
	void *p;

	find_node();
	if (argc > 1 && strcmp(argv[1], "process") == 0) {
		if (syscall(SYS_set_mempolicy, INTERLEAVE, nodes, (unsigned long)MAX_NODES))
			target_skip("set_mempolicy is refused");
		snprintf(text, sizeof(text), "interleave:%u", first);
		policy = text;
	}
	with_policy("bind", BIND, policy);
	with_policy("bind=static", BIND | STATIC_NODES, policy);
	with_policy("prefer", PREFERRED, policy);
	if (first == 0)		/* else it would be the first of the allowed ones, counted from there */
		with_policy("prefer=relative", PREFERRED | RELATIVE_NODES, policy);
	with_policy("prefer (many)", PREFERRED_MANY, policy);
	with_policy("interleave", INTERLEAVE, policy);
	with_policy("weighted interleave", WEIGHTED_INTERLEAVE, policy);
	with_policy("local", LOCAL, policy);
	huge(policy);
	file(policy);
	p = target_map(size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1);
	target_touch(p, size);
	tell(p, size, target_page(), policy);
	p = target_map(size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	target_read(p, size);	/* zero pages are on no node, for either side */
	tell(p, size, target_page(), policy);
	return target_ready();
}
