/* SPDX-License-Identifier: GPL-3.0-or-later */
/* numa_maps, node lists, and what they add up to. */
#include "config.h"

#include "model/numa.h"

#include <errno.h>
#include <stdio.h>

#include "json_check.h"
#include "proc/status.h"
#include "report/numa.h"
#include "spaces.h"

/* ---- lists of numbers ---- */

static int parse_ids(const char *text, struct idlist *l)
{
	*l = (struct idlist){ 0 };
	return idlist_parse(str_of(text), l);
}

START_TEST(test_idlist)
{
	static const char *const bad[] = {
		"a", "1,", ",1", "1-", "-1", "3-1", "1 2", "0-3:1/2", "4294967296", "1--2", "1,,2",
	};
	struct idlist l, other;
	struct buf b;

	buf_init(&b);
	ck_assert_int_eq(parse_ids("0-3,8,4294967295\n", &l), 0);
	ck_assert(idlist_has(&l, 0) && idlist_has(&l, 3) && idlist_has(&l, 8));
	ck_assert(idlist_has(&l, UINT32_MAX) && !idlist_has(&l, 4) && !idlist_has(&l, 9));
	idlist_put(&b, &l);
	ck_buf(&b, "0-3,8,4294967295");
	ck_assert_int_eq(parse_ids("4-7,9", &other), 0);
	ck_assert(!idlist_overlaps(&l, &other));
	ck_assert_int_eq(idlist_parse(STR("3"), &other), 0);
	ck_assert(idlist_overlaps(&l, &other) && idlist_overlaps(&other, &l));
	idlist_done(&l);
	idlist_done(&other);
	ck_assert_int_eq(parse_ids(" \n", &l), 0);	/* a node without CPUs */
	ck_assert_uint_eq(l.range.n, 0);
	ck_assert(!idlist_overlaps(&l, &l));
	for (uint32_t i = 0; i < 10; i++)
		ck_assert_int_eq(idlist_add(&l, i < 5 ? i : i * 2), 0);
	buf_clear(&b);
	idlist_put(&b, &l);
	ck_buf(&b, "0-4,10,12,14,16,18");
	idlist_done(&l);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		ck_assert_msg(parse_ids(bad[i], &l) == -EBADMSG, "%s", bad[i]);
		idlist_done(&l);
	}
	buf_done(&b);
}
END_TEST

START_TEST(test_allowed)
{
	static const char text[] = "State:\tS (sleeping)\nCpus_allowed:\t3\nCpus_allowed_list:\t0-1\n"
				   "Mems_allowed_list:\t0\n";
	struct str value;

	ck_assert(status_find(text, strlen(text), "Cpus_allowed_list", &value));
	ck_str(value, "0-1");
	ck_assert(status_find(text, strlen(text), "Mems_allowed_list", &value));
	ck_str(value, "0");
	ck_assert(!status_find(text, strlen(text), "Mems_allowed", &value));
}
END_TEST

/* A node of the machine that the tests run on, cut. */
START_TEST(test_node_meminfo)
{
	static const char text[] =
		"Node 0 MemTotal:       12684388 kB\nNode 0 MemFree:        11478560 kB\n"
		"Node 0 MemUsed:         1205828 kB\nNode 0 SwapCached:            0 kB\n";
	struct node n = { 0 };

	node_parse_meminfo(text, strlen(text), &n);
	ck_assert(n.total.known && n.free.known);
	ck_assert_uint_eq(n.total.v, UINT64_C(12684388) * 1024);
	ck_assert_uint_eq(n.free.v, UINT64_C(11478560) * 1024);
	n = (struct node){ 0 };
	node_parse_meminfo("Node 0 MemTotal: \nNode 0 MemFree", 32, &n);
	ck_assert(!n.total.known && !n.free.known);
}
END_TEST

/* ---- the file ---- */

struct seen {
	struct numa_line line[16];
	struct numa_pages node[16][4];
	char policy[16][80];
	size_t n;
};

static int see(void *ctx, const struct numa_line *l)
{
	struct seen *s = ctx;

	ck_assert_uint_lt(s->n, 16);
	s->line[s->n] = *l;
	snprintf(s->policy[s->n], sizeof(s->policy[0]), "%.*s", (int)l->policy.len, l->policy.p);
	for (size_t i = 0; i < l->nodes && i < 4; i++)
		s->node[s->n][i] = l->node[i];
	s->n++;
	return 0;
}

static int parse(const char *text, struct seen *s, uint64_t *line)
{
	s->n = 0;
	return numa_maps_parse(text, strlen(text), see, s, line);
}

/* From Linux 6.18 (one node) and 6.12 (three nodes), but for the paths. */
static const char sample[] =
	"558377374000 default file=/work/target mapped=1 N0=1 kernelpagesize_kB=4\n"
	"5583b01a4000 default heap anon=3 dirty=3 active=0 N0=3 kernelpagesize_kB=4\n"
	"7fef33803000 default file=/dev/zero\\040(deleted) dirty=16 active=0 N0=16 kernelpagesize_kB=4\n"
	"7fef3383f000 weighted interleave:0 anon=20 dirty=20 active=0 N0=20 kernelpagesize_kB=4\n"
	"7fef33893000 prefer (many)=static:0,2 anon=20 dirty=20 active=0 N0=20 kernelpagesize_kB=4\n"
	"7fef33911000 bind=static:0\n"
	"7fef33967000 default file=/usr/lib/x86_64-linux-gnu/libc.so.6 mapped=38 mapmax=13 N0=38 "
	"kernelpagesize_kB=4\n"
	"7fef33b4c000 default file=/tmp/memmap\\040N0\\0757\\040huge\\011file\\075x\\040(deleted) dirty=8 "
	"active=0 N0=8 kernelpagesize_kB=4\n"
	"7f1cc9200000 bind:0-1 file=/anon_hugepage\\040(deleted) huge anon=3 dirty=3 N0=1 N1=2 "
	"kernelpagesize_kB=2048\n"
	"7ffe50236000 default stack anon=5 dirty=5 active=1 N0=5 kernelpagesize_kB=4\n";

START_TEST(test_lines)
{
	struct seen s;
	uint64_t line;

	ck_assert_int_eq(parse(sample, &s, &line), 0);
	ck_assert_uint_eq(s.n, 10);
	ck_assert_uint_eq(line, 10);
	ck_assert_uint_eq(s.line[0].start, 0x558377374000);
	ck_assert_str_eq(s.policy[0], "default");
	ck_assert_uint_eq(s.line[0].v[NUMA_MAPPED], 1);
	ck_assert_uint_eq(s.line[0].v[NUMA_ANON], 0);
	ck_assert_uint_eq(s.line[0].page_size, 4096);
	ck_assert_uint_eq(s.line[0].nodes, 1);
	ck_assert_uint_eq(s.node[0][0].pages, 1);
	ck_assert_uint_eq(s.line[1].v[NUMA_ANON], 3);
	ck_assert_uint_eq(s.line[1].v[NUMA_DIRTY], 3);
	ck_assert_str_eq(s.policy[3], "weighted interleave:0");
	ck_assert_str_eq(s.policy[4], "prefer (many)=static:0,2");
	ck_assert_str_eq(s.policy[5], "bind=static:0");
	ck_assert_uint_eq(s.line[5].nodes, 0);
	ck_assert_uint_eq(s.line[5].page_size, 0);
	ck_assert_uint_eq(s.line[6].v[NUMA_MAPMAX], 13);
	/* the name has what looks like counts and marks */
	ck_assert_uint_eq(s.line[7].nodes, 1);
	ck_assert_uint_eq(s.node[7][0].pages, 8);
	ck_assert(!s.line[7].huge && s.line[8].huge);
	ck_assert_uint_eq(s.line[8].page_size, 2 << 20);
	ck_assert_uint_eq(s.line[8].nodes, 2);
	ck_assert_uint_eq(s.node[8][1].node, 1);
	ck_assert_uint_eq(s.node[8][1].pages, 2);
	ck_assert_uint_eq(s.line[9].v[NUMA_ACTIVE], 1);
}
END_TEST

/* Unknown words, numbers that do not fit, and many nodes; damage is told with its line. */
START_TEST(test_odd_lines)
{
	struct seen s;
	struct buf b;
	uint64_t line;

	ck_assert_int_eq(parse("1000 default new=word odd N0=99999999999999999999 N1x=2 N=3 N4294967296=1 "
			       "anon=1x writeback=7 swapcache=2 N5=6 kernelpagesize_kB=64\n", &s, &line), 0);
	ck_assert_str_eq(s.policy[0], "default new=word odd");	/* might be a policy to come */
	ck_assert_uint_eq(s.line[0].nodes, 1);
	ck_assert_uint_eq(s.node[0][0].node, 5);
	ck_assert_uint_eq(s.line[0].v[NUMA_ANON], 0);
	ck_assert_uint_eq(s.line[0].v[NUMA_WRITEBACK], 7);
	ck_assert_uint_eq(s.line[0].v[NUMA_SWAPCACHE], 2);
	ck_assert_uint_eq(s.line[0].page_size, 65536);
	ck_assert_int_eq(parse("", &s, &line), 0);
	ck_assert_uint_eq(s.n, 0);
	ck_assert_int_eq(parse("1000 default\n2000\n", &s, &line), -EBADMSG);
	ck_assert_uint_eq(line, 2);
	ck_assert_int_eq(parse("1000 default\nxyz default\n", &s, &line), -EBADMSG);
	ck_assert_int_eq(parse("1000 default\n\n", &s, &line), -EBADMSG);
	ck_assert_int_eq(parse("1000 default\n2000 default N0=1", &s, &line), -EBADMSG);
	ck_assert_uint_eq(line, 2);
	ck_assert_uint_eq(s.n, 1);
	buf_init(&b);
	buf_puts(&b, "1000 default");
	for (unsigned int i = 0; i < 1024; i++)
		buf_printf(&b, " N%u=%u", i, i + 1);
	buf_puts(&b, " kernelpagesize_kB=4\n");
	s.n = 0;
	ck_assert_int_eq(numa_maps_parse(b.data, b.len, see, &s, &line), 0);
	ck_assert_uint_eq(s.line[0].nodes, 1024);
	buf_done(&b);
}
END_TEST

START_TEST(test_policy_nodes)
{
	static const struct {
		const char *policy, *nodes;	/* NULL: none */
	} sample_policy[] = {
		{ "default", NULL }, { "local", NULL }, { "bind:0-1", "0-1" },
		{ "prefer (many)=static:0,2", "0,2" }, { "bind=static|balancing:3", "3" },
		{ "weighted interleave:1", "1" }, { "bind:", NULL }, { "bind:x", NULL },
		/* 63 bytes: the kernel may have cut it; then 62 */
		{ "interleave:0,2,4,6,8,10,12,14,16,18,20,22,24,26,28,30,32,34,36,", NULL },
		{ "interleave:00,2,4,6,8,10,12,14,16,18,20,22,24,26,28,30,32,34,36", NULL },
		{ "interleave:0,2,4,6,8,10,12,14,16,18,20,22,24,26,28,30,32,34,36",
		  "0,2,4,6,8,10,12,14,16,18,20,22,24,26,28,30,32,34,36" },
	};

	for (size_t i = 0; i < sizeof(sample_policy) / sizeof(sample_policy[0]); i++) {
		struct idlist l = { 0 };
		const char *want = sample_policy[i].nodes;
		struct buf b;

		buf_init(&b);
		ck_assert_msg(numa_policy_nodes(str_of(sample_policy[i].policy), &l) == (want != NULL),
			      "%s", sample_policy[i].policy);
		idlist_put(&b, &l);
		ck_buf(&b, want ? want : "");
		idlist_done(&l);
		buf_done(&b);
	}
}
END_TEST

/* ---- joined with mappings ---- */

static int join_line(void *ctx, const struct numa_line *l)
{
	return numa_add(ctx, l);
}

static void join(struct numa *n, struct space *s, const char *text, const char *numa_maps)
{
	struct classify_facts facts = { .page_size = 4096 };
	struct numa_join j = { n, s, 4096, 0 };
	uint32_t executable;
	uint64_t line;

	space_of_smaps(s, text);
	ck_assert_int_eq(numa_init(n), 0);
	ck_assert_int_eq(numa_maps_parse(numa_maps, strlen(numa_maps), join_line, &j, &line), 0);
	ck_assert_int_eq(numa_finish(&j), 0);
	ck_assert_uint_eq(n->entry.n, s->vma.n);
	ck_assert_int_eq(space_classify(s, &facts, &executable), 0);
}

static const char smaps[] =
	"1000-3000 r--p 00000000 fe:00 9 /bin/a\nKernelPageSize: 4 kB\n"
	"3000-9000 rw-p 00000000 00:00 0 \nKernelPageSize: 4 kB\n"
	"10000-20000 rw-p 00000000 00:00 0 [heap]\nKernelPageSize: 4 kB\n"
	"400000-a00000 rw-s 00000000 00:10 5 /SYSV00000000\nKernelPageSize: 2048 kB\n"
	"a00000-a01000 rw-p 00000000 00:00 0 [stack]\nKernelPageSize: 4 kB\n"
	"ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0 [vsyscall]\nKernelPageSize: 4 kB\n";

static void add_node(struct numa *n, uint32_t number, const char *cpus)
{
	struct node *node = vec_push(&n->nodes);

	ck_assert_ptr_nonnull(node);
	*node = (struct node){ .number = number, .has_cpus = true };
	ck_assert_int_eq(idlist_parse(str_of(cpus), &node->cpus), 0);
}

static void bind_to(struct numa *n, const char *cpus)
{
	ck_assert_int_eq(idlist_parse(str_of(cpus), &n->cpus), 0);
	n->has_cpus = true;
	ck_assert_int_eq(numa_find_local(n), 0);
}

static uint64_t node_bytes(const struct numa *n, size_t entry, uint32_t node)
{
	struct maybe m = numa_on_node(n, &n->entry.v[entry], node);

	ck_assert(m.known);
	return m.v;
}

/* Three nodes, the last without CPUs; the process runs on node 1. */
START_TEST(test_sums)
{
	struct numa n, sum;
	struct space s;
	struct rows r;
	struct numa_totals t;
	static const uint32_t of[] = { 0, 1, 1, 2, 1, 0 };

	join(&n, &s, smaps,
	     "00001000 default file=/bin/a mapped=2 mapmax=5 N0=2 kernelpagesize_kB=4\n"
	     "00003000 bind:1-2 anon=6 N0=1 N1=2 N2=3 kernelpagesize_kB=4\n"
	     "00010000 default heap anon=4 N1=4 kernelpagesize_kB=4\n"
	     "00400000 interleave:0-1 file=/SYSV00000000\\040(deleted) huge dirty=3 N0=2 N1=1 "
	     "kernelpagesize_kB=2048\n"
	     "00a00000 default stack\n");
	add_node(&n, 0, "0-3");
	add_node(&n, 1, "4-7");
	add_node(&n, 2, "");
	bind_to(&n, "5,6");
	ck_assert_int_eq(n.bound, NUMA_BOUND);
	ck_assert_int_eq(rows_all(&s, &r), 0);
	r.numa = &n;
	ck_assert_uint_eq(node_bytes(&n, 1, 2), 3 * 4096);
	ck_assert_uint_eq(node_bytes(&n, 3, 0), 2 * (2 << 20));
	ck_assert_uint_eq(node_bytes(&n, 3, 2), 0);
	ck_assert_uint_eq(numa_resident(&n, &n.entry.v[4]).v, 0);
	ck_assert_uint_eq(n.entry.v[0].mapmax, 5);
	ck_assert_uint_eq(n.entry.v[1].mapmax, 1);
	ck_assert_uint_eq(n.entry.v[4].mapmax, 0);
	ck_assert_uint_eq(n.entry.v[4].page_kb, 4);	/* from smaps */
	ck_assert(!n.entry.v[5].known);
	ck_assert_uint_eq(numa_on_policy(&n, &n.entry.v[1]).v, 5 * 4096);
	ck_assert_uint_eq(numa_off_policy(&n, &n.entry.v[1]).v, 4096);
	ck_assert(!numa_on_policy(&n, &n.entry.v[0]).known);

	ck_assert_int_eq(numa_totals_make(&r, &t), 0);
	ck_assert_uint_eq(t.mappings, 5);
	ck_assert_uint_eq(t.unknown, 0);
	ck_assert_uint_eq(t.bytes, 12 * 4096 + 3 * (2 << 20));
	ck_assert_uint_eq(t.local.v, (2 + 4) * 4096 + (2 << 20));
	ck_assert_uint_eq(t.remote.v, (2 + 1 + 3) * 4096 + 2 * (2 << 20));
	ck_assert_uint_eq(t.on.v, 5 * 4096 + 3 * (2 << 20));
	ck_assert_uint_eq(t.off.v, 4096);
	ck_assert_uint_eq(t.node.n, 3);
	ck_assert_uint_eq(t.node.v[0].class[NUMA_FILE], 2 * 4096);
	ck_assert_uint_eq(t.node.v[0].class[NUMA_ANONYMOUS], 4096);
	ck_assert_uint_eq(t.node.v[1].class[NUMA_HUGETLB], 2 << 20);
	ck_assert_uint_eq(t.node.v[2].bytes, 3 * 4096);
	ck_assert_uint_eq(t.policy.n, 3);
	ck_str(strtab_get(&n.strings, t.policy.v[0].policy), "interleave:0-1");
	ck_assert_uint_eq(t.policy.v[1].mappings, 3);	/* of two with as much, the one seen first */
	ck_assert_uint_eq(t.policy.v[2].bytes, 6 * 4096);
	numa_totals_done(&t);

	/* groups: file, anonymous, huge; and all */
	ck_assert_int_eq(numa_sum(&r, of, 3, &sum), 0);
	ck_assert_uint_eq(sum.entry.n, 4);
	ck_assert_uint_eq(node_bytes(&sum, 1, 1), 6 * 4096);
	ck_assert_uint_eq(node_bytes(&sum, 1, 2), 3 * 4096);
	ck_str(numa_policy_name(&sum, &sum.entry.v[0]), "default");
	ck_str(numa_policy_name(&sum, &sum.entry.v[1]), "");
	ck_str(numa_policy_name(&sum, &sum.entry.v[2]), "interleave:0-1");
	ck_assert_uint_eq(sum.entry.v[1].page_kb, 4);
	ck_assert_uint_eq(sum.entry.v[3].page_kb, 0);
	ck_assert_uint_eq(sum.entry.v[3].mapmax, 5);
	ck_assert_uint_eq(numa_resident(&sum, &sum.entry.v[3]).v, 12 * 4096 + 3 * (2 << 20));
	ck_assert_uint_eq(numa_remote(&sum, &sum.entry.v[2]).v, 2 * (2 << 20));
	numa_done(&sum);
	rows_done(&r);
	numa_done(&n);
	space_done(&s);
}
END_TEST

static enum numa_bound bound_of(const char *cpus0, const char *cpus1, const char *allowed)
{
	struct numa n;
	enum numa_bound bound;

	ck_assert_int_eq(numa_init(&n), 0);
	if (cpus0)
		add_node(&n, 0, cpus0);
	if (cpus1)
		add_node(&n, 1, cpus1);
	bind_to(&n, allowed);
	bound = n.bound;
	numa_done(&n);
	return bound;
}

START_TEST(test_bound)
{
	ck_assert_int_eq(bound_of("0-1", "2-3", "0-3"), NUMA_UNBOUND);
	ck_assert_int_eq(bound_of("0-1", "2-3", "0-127"), NUMA_UNBOUND);
	ck_assert_int_eq(bound_of("0-1", "2-3", "1-2"), NUMA_UNBOUND);
	ck_assert_int_eq(bound_of("0-1", "2-3", "3"), NUMA_BOUND);
	/* a node without CPUs does not make a process bound */
	ck_assert_int_eq(bound_of("0-1", "", "0"), NUMA_UNBOUND);
	ck_assert_int_eq(bound_of("0-1", NULL, "0"), NUMA_UNBOUND);
	/* its CPUs are all offline: no node is near */
	ck_assert_int_eq(bound_of("0-1", "2-3", "9"), NUMA_BOUND_UNKNOWN);
	ck_assert_int_eq(bound_of(NULL, NULL, "0"), NUMA_BOUND_UNKNOWN);
}
END_TEST

/* What the two files do not agree on is unknown; the rest stands. */
START_TEST(test_changed)
{
	static const struct {
		const char *numa_maps;
		bool known[5];
	} c[] = {
		{ "1000 default\n3000 default\n10000 default\n400000 default\na00000 default\n",
		  { true, true, true, true, true } },
		/* appeared in a hole, and behind all */
		{ "1000 default\n3000 default\n9000 default N0=9 kernelpagesize_kB=4\n10000 default\n"
		  "400000 default\na00000 default\nb00000 default\n", { true, true, true, true, true } },
		/* vanished: alone; and next to one that may have swallowed it */
		{ "1000 default\n3000 default\n400000 default\na00000 default\n",
		  { true, true, false, true, true } },
		{ "1000 default\n10000 default\n400000 default\na00000 default\n",
		  { false, false, true, true, true } },
		/* split */
		{ "1000 default\n3000 default\n5000 bind:0\n10000 default\n400000 default\na00000 default\n",
		  { true, false, true, true, true } },
		/* begins elsewhere */
		{ "1000 default\n3000 default\n11000 default\n400000 default\na00000 default\n",
		  { true, true, false, true, true } },
		/* read twice, when neighbours merged while the kernel wrote */
		{ "1000 default\n3000 default\n3000 default\n10000 default\n400000 default\na00000 default\n",
		  { true, false, true, true, true } },
		{ "", { false, false, false, false, false } },
	};

	for (size_t i = 0; i < sizeof(c) / sizeof(c[0]); i++) {
		struct numa_totals t;
		struct numa n;
		struct space s;
		struct rows r;
		size_t known = 0;

		join(&n, &s, smaps, c[i].numa_maps);
		for (size_t k = 0; k < 5; k++) {
			ck_assert_msg(n.entry.v[k].known == c[i].known[k], "case %zu, mapping %zu", i, k);
			known += c[i].known[k];
		}
		ck_assert_int_eq(rows_all(&s, &r), 0);
		r.numa = &n;
		ck_assert_int_eq(numa_totals_make(&r, &t), 0);
		ck_assert_uint_eq(t.mappings, known);
		ck_assert_uint_eq(t.unknown, 5 - known);
		ck_assert_uint_eq(t.bytes, 0);
		numa_totals_done(&t);
		rows_done(&r);
		numa_done(&n);
		space_done(&s);
	}
}
END_TEST

/* Before 4.0 the page size is not told: from smaps; without that it is unknown for hugetlb. */
START_TEST(test_page_size)
{
	static const char old[] = "1000 default anon=2 N0=2\n400000 default huge dirty=1 N0=1\n";
	struct numa n;
	struct space s;

	join(&n, &s, "1000-3000 rw-p 00000000 00:00 0 \nKernelPageSize: 16 kB\n"
	     "400000-a00000 rw-s 00000000 00:10 5 /SYSV0\nKernelPageSize: 2048 kB\n", old);
	ck_assert_uint_eq(node_bytes(&n, 0, 0), 2 * 16384);
	ck_assert_uint_eq(node_bytes(&n, 1, 0), 2 << 20);
	numa_done(&n);
	space_done(&s);
	join(&n, &s, "1000-3000 rw-p 00000000 00:00 0 \nRss: 8 kB\n"
	     "400000-a00000 rw-s 00000000 00:10 5 /SYSV0\nRss: 0 kB\n", old);
	ck_assert_uint_eq(node_bytes(&n, 0, 0), 2 * 4096);
	ck_assert(!n.entry.v[1].known);
	numa_done(&n);
	space_done(&s);
}
END_TEST

/* Sums do not wrap, nodes that come twice or in no order are put in order. */
START_TEST(test_extremes)
{
	struct numa n;
	struct space s;

	join(&n, &s, "1000-3000 rw-p 00000000 00:00 0 \nKernelPageSize: 4 kB\n",
	     "1000 default N7=1 N3=18446744073709551615 N7=2 N0=5 N3=1 kernelpagesize_kB=4\n");
	ck_assert_uint_eq(n.entry.v[0].nodes, 3);
	ck_assert_uint_eq(n.bytes.v[0].node, 0);
	ck_assert_uint_eq(n.bytes.v[1].node, 3);
	ck_assert_uint_eq(n.bytes.v[1].bytes, UINT64_MAX);
	ck_assert_uint_eq(n.bytes.v[2].bytes, 3 * 4096);
	ck_assert_uint_eq(numa_resident(&n, &n.entry.v[0]).v, UINT64_MAX);
	numa_done(&n);
	space_done(&s);
}
END_TEST

/* ---- as text ---- */

static void check_nodes(const struct style *style, const struct numa_bytes *node, size_t n,
			const char *want)
{
	struct value v = { .nodes = node, .of = n };
	struct buf b;

	buf_init(&b);
	ck_assert_uint_eq(numa_put_nodes(&b, style, &v), strlen(want));
	ck_buf(&b, want);
	ck_assert_uint_eq(numa_put_nodes(NULL, style, &v), strlen(want));
	buf_done(&b);
}

START_TEST(test_nodes_text)
{
	static const struct numa_bytes node[] = {
		{ 4096, 0 }, { 8192, 1 }, { 1 << 20, 5 }, { 8192, 9 }, { 1, 10 }, { 1 << 30, 1023 },
	};
	struct style style = { .bytes = false };
	struct value v = { .nodes = node, .of = 2 };
	struct json j;
	struct buf b;

	check_nodes(&style, node, 0, "0");
	check_nodes(&style, node, 4, "N0=4K N1=8K N5=1M N9=8K");
	check_nodes(&style, node, 6, "N1023=1G N5=1M N1=8K N9=8K +2");
	style.bytes = true;
	check_nodes(&style, node, 2, "N0=4096 N1=8192");
	style.raw = true;
	check_nodes(&style, node, 6, "N0=4096,N1=8192,N5=1048576,N9=8192,N10=1,N1023=1073741824");
	buf_init(&b);
	json_init(&j, &b, false);
	numa_nodes_json(&j, NULL, &v);
	ck_assert(json_check(b.data, b.len));
	ck_buf(&b, "[{\"node\":0,\"bytes\":4096},{\"node\":1,\"bytes\":8192}]");
	buf_done(&b);
}
END_TEST

/* A machine of NODES nodes with something on the first USED: a column each, or one for all. */
static void check_columns(size_t nodes, size_t used, const char *heading)
{
	struct numa_view view = { .group = GROUP_NONE };
	struct style style = { .headings = true, .utf8 = true };
	struct numa n, sum;
	struct space s;
	struct rows r, total;
	static const uint32_t of[2];
	uint32_t zero = 0;
	struct buf b;

	buf_init(&b);
	buf_puts(&b, "1000 default anon=1");
	for (size_t i = 0; i < used; i++)
		buf_printf(&b, " N%zu=%zu", i, i + 1);
	buf_puts(&b, " kernelpagesize_kB=4\n3000 default\n");
	join(&n, &s, "1000-3000 rw-p 00000000 00:00 0 [heap]\nKernelPageSize: 4 kB\n"
	     "3000-4000 rw-p 00000000 00:00 0 [stack]\nKernelPageSize: 4 kB\n", buf_string(&b));
	for (uint32_t i = 0; i < nodes; i++)
		add_node(&n, i, "");
	ck_assert_int_eq(rows_all(&s, &r), 0);
	r.numa = &n;
	ck_assert_int_eq(numa_sum(&r, of, 1, &sum), 0);
	total = r;
	total.numa = &sum;
	total.index = &zero;
	total.n = 1;
	view.mappings = view.rows = &r;
	view.total = &total;
	buf_clear(&b);
	ck_assert_int_eq(numa_text(&b, &style, &view), 0);
	if (!strstr(buf_string(&b), heading))
		fputs(b.data, stderr);	/* too long for Check */
	ck_assert_msg(strstr(b.data, heading) != NULL, "no '%s'", heading);
	rows_done(&r);
	numa_done(&sum);
	numa_done(&n);
	space_done(&s);
	buf_done(&b);
}

START_TEST(test_columns)
{
	check_columns(1, 1, "policy      N0   page  name\n");
	check_columns(8, 1, "N0     N1     N2     N3     N4     N5     N6     N7   page");
	check_columns(9, 2, "policy      N0     N1   page  name\n");
	check_columns(9, 9, "policy   nodes");
	check_columns(9, 9, "N8=36K N7=32K N6=28K N5=24K +5");
	check_columns(1024, 0, "policy   nodes   page  name\n");
	check_columns(1024, 1, "policy      N0   page  name\n");
	check_columns(1024, 1, "   0        4K  ████████████     4K      0       0        0       -      -  none\n"
		      "  nothing on 1023 other nodes\n");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("numa");

	UNIT_CASE(s, "lists", test_idlist, test_allowed, test_node_meminfo);
	UNIT_CASE(s, "file", test_lines, test_odd_lines, test_policy_nodes);
	UNIT_CASE(s, "join", test_sums, test_bound, test_changed, test_page_size, test_extremes);
	UNIT_CASE(s, "text", test_nodes_text, test_columns);
	return unit_run(s);
}
