/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The machine's memory at one moment: all files of it that --system shows, read from a root. */
#include "config.h"

#include "model/system.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proc/nodes.h"

static const char needs_root[] = "root, or CAP_DAC_READ_SEARCH (sudo)";

static int note(struct system *s, const char *what, const char *file, int error, const char *needs)
{
	struct system_missing *m;

	if (error == -ENOMEM)
		return error;
	m = vec_push(&s->missing);
	if (!m)
		return -ENOMEM;
	*m = (struct system_missing){
		.what = what, .file = file, .error = error,
		.needs = error == -EACCES || error == -EPERM ? needs_root : needs,
	};
	return 0;
}

/* All of a file in text; *ok: it could be read. 0 or -ENOMEM. */
static int read_file(struct system *s, const struct root *root, const char *what,
		     const char *file, const char *needs, struct buf *text, bool *ok)
{
	int ret;

	buf_clear(text);
	ret = root_read(root, file, text);
	*ok = ret == 0;
	return ret == 0 ? 0 : note(s, what, file, ret, needs);
}

/* ---- single files ---- */

static int read_small_files(struct system *s, const struct root *root)
{
	struct buf text;
	bool ok;
	int ret;

	buf_init(&text);
	ret = read_file(s, root, "memory", "proc/meminfo", NULL, &text, &ok);
	if (ret == 0 && ok)
		meminfo_parse(text.data, text.len, &s->meminfo);
	if (ret == 0)
		ret = read_file(s, root, "zones", "proc/zoneinfo", NULL, &text, &ok);
	if (ret == 0 && ok)
		ret = zoneinfo_parse(text.data, text.len, &s->zones);
	if (ret == 0)
		ret = read_file(s, root, "counters", "proc/vmstat", NULL, &text, &s->has_vmstat);
	if (ret == 0 && s->has_vmstat)
		vmstat_parse(text.data, text.len, &s->vmstat);
	if (ret == 0)
		ret = read_file(s, root, "buddy", "proc/buddyinfo", NULL, &text, &ok);
	if (ret == 0 && ok)
		ret = buddyinfo_parse(text.data, text.len, &s->buddy);
	if (ret == 0)
		ret = read_file(s, root, "swap", "proc/swaps", "a kernel with CONFIG_SWAP", &text,
				&s->has_swaps);
	if (ret == 0 && s->has_swaps)
		ret = swaps_parse(text.data, text.len, &s->swaps);
	if (ret == 0)
		ret = read_file(s, root, "pressure", "proc/pressure/memory",
				"a kernel with CONFIG_PSI, booted with psi=1", &text,
				&s->has_pressure);
	if (ret == 0 && s->has_pressure)
		pressure_parse(text.data, text.len, &s->pressure);
	buf_done(&text);
	return ret;
}

static int by_slab_size(const void *a, const void *b)
{
	const struct slab_cache *x = a, *y = b;
	uint64_t p = num_mul(x->slabs, x->pages_per_slab), q = num_mul(y->slabs, y->pages_per_slab);

	if (p != q)
		return p < q ? 1 : -1;
	return str_cmp(x->name, y->name);
}

static int read_slab(struct system *s, const struct root *root)
{
	int ret = read_file(s, root, "slab", "proc/slabinfo", NULL, &s->slab_text, &s->has_slab);

	if (ret == 0 && s->has_slab)
		ret = slabinfo_parse(s->slab_text.data, s->slab_text.len, &s->slab);
	if (s->slab.n)
		qsort(s->slab.v, s->slab.n, sizeof(*s->slab.v), by_slab_size);
	return ret;
}

/* ---- vmalloc ---- */

static int by_caller(const void *a, const void *b)
{
	const struct vmalloc_area *x = a, *y = b;

	if (x->type != y->type)
		return x->type < y->type ? -1 : 1;
	return str_cmp(x->caller, y->caller);
}

static int by_pages(const void *a, const void *b)
{
	const struct vmalloc_caller *x = a, *y = b;

	if (x->pages != y->pages)
		return x->pages < y->pages ? 1 : -1;
	if (x->size != y->size)
		return x->size < y->size ? 1 : -1;
	return str_cmp(x->caller, y->caller);
}

/* Where thread stacks come from, under the names that inlining leaves (4.9 to 6.18). */
static bool is_stack(const struct vmalloc_area *a)
{
	static const char *const callers[] = {
		"kernel_clone", "copy_process", "dup_task_struct", "alloc_thread_stack_node",
		"_do_fork", "fork_idle",
	};

	for (size_t i = 0; i < sizeof(callers) / sizeof(callers[0]); i++)
		if (a->pages && str_has_prefix(a->caller, callers[i]))
			return true;
	return false;
}

static int sum_callers(struct system *s)
{
	struct vmalloc_caller *to = NULL;

	if (s->vmalloc.n)
		qsort(s->vmalloc.v, s->vmalloc.n, sizeof(*s->vmalloc.v), by_caller);
	for (size_t i = 0; i < s->vmalloc.n; i++) {
		const struct vmalloc_area *a = &s->vmalloc.v[i];

		if (i == 0 || by_caller(a - 1, a) != 0) {
			to = vec_push(&s->caller);
			if (!to)
				return -ENOMEM;
			*to = (struct vmalloc_caller){ .caller = a->caller, .type = a->type };
		}
		to->areas++;
		to->size = num_add(to->size, a->size);
		to->pages = num_add(to->pages, a->pages);
	}
	if (s->caller.n)
		qsort(s->caller.v, s->caller.n, sizeof(*s->caller.v), by_pages);
	return 0;
}

static int read_vmalloc(struct system *s, const struct root *root)
{
	const struct buf *arch = &s->machine->arch;
	int ret = read_file(s, root, "vmalloc", "proc/vmallocinfo", NULL, &s->vmalloc_text,
			    &s->has_vmalloc);

	s->stacks = memory_guess_stacks(&s->meminfo, arch->len ? arch->data : "",
					arch->len);
	if (ret < 0 || !s->has_vmalloc)
		return ret;
	ret = vmallocinfo_parse(s->vmalloc_text.data, s->vmalloc_text.len, &s->vmalloc);
	/* an empty file tells nothing */
	for (size_t i = 0; i < s->vmalloc.n && !s->stacks_seen; i++)
		s->stacks_seen = is_stack(&s->vmalloc.v[i]);
	if (s->vmalloc.n)
		s->stacks = s->stacks_seen ? MEMORY_STACKS_IN_VMALLOC : MEMORY_STACKS_APART;
	return ret < 0 ? ret : sum_callers(s);
}

/* ---- nodes, and what it all adds up to ---- */

static int read_node(struct system *s, const struct root *root, unsigned int number)
{
	struct memory_facts facts = {
		.zones = &s->zones, .of_node = true, .node = number, .page_size = s->page_size,
		.default_huge_page_size = meminfo_get(&s->meminfo, MEMINFO_HUGEPAGESIZE),
		.stacks = s->stacks,
	};
	struct system_node *n = vec_push(&s->node);
	char directory[64], path[96];
	struct vmstat vmstat;
	struct buf text;
	int ret = 0;

	if (!n)
		return -ENOMEM;
	*n = (struct system_node){ .number = number };
	snprintf(directory, sizeof(directory), "sys/devices/system/node/node%u", number);
	hugepages_read_node(root, directory, &n->pools);
	facts.pools = &n->pools;
	facts.meminfo = &n->meminfo;
	buf_init(&text);
	snprintf(path, sizeof(path), "%s/meminfo", directory);
	ret = root_read(root, path, &text);
	if (ret == 0)
		meminfo_parse_node(text.data, text.len, &n->meminfo);
	buf_clear(&text);
	snprintf(path, sizeof(path), "%s/vmstat", directory);
	if (ret != -ENOMEM && root_read(root, path, &text) == 0) {
		vmstat_parse(text.data, text.len, &vmstat);
		facts.vmstat = &vmstat;
	}
	buf_done(&text);
	memory_find(&facts, &n->memory);
	return ret == -ENOMEM ? ret : 0;
}

static int read_nodes(struct system *s, const struct root *root)
{
	node_list nodes = { 0 };
	int ret = nodes_read(root, &nodes);

	for (size_t i = 0; ret == 0 && nodes.n > 1 && i < nodes.n; i++)
		ret = read_node(s, root, nodes.v[i].number);
	nodes_done(&nodes);
	return ret;
}

static void find_memory(struct system *s)
{
	struct memory_facts facts = {
		.meminfo = &s->meminfo, .vmstat = s->has_vmstat ? &s->vmstat : NULL,
		.pools = &s->pools, .zones = &s->zones, .page_size = s->page_size,
		.stacks = s->stacks,
	};

	memory_find(&facts, &s->memory);
}

int system_read(const struct root *root, const struct machine *machine, struct system *out)
{
	int ret;

	*out = (struct system){ .machine = machine };
	buf_init(&out->slab_text);
	buf_init(&out->vmalloc_text);
	ret = read_small_files(out, root);
	out->page_size = machine->page_size ? machine->page_size :
			 memory_find_page_size(&out->meminfo, &out->vmstat);
	hugepages_read(root, &out->pools);
	if (ret == 0)
		ret = read_slab(out, root);
	if (ret == 0)
		ret = read_vmalloc(out, root);
	if (ret == 0)
		ret = read_nodes(out, root);
	find_memory(out);
	thp_read(root, true, &out->thp);
	return ret;
}

void system_done(struct system *s)
{
	swaps_done(&s->swaps);
	vec_done(&s->buddy);
	vec_done(&s->zones);
	vec_done(&s->slab);
	vec_done(&s->vmalloc);
	vec_done(&s->caller);
	vec_done(&s->node);
	vec_done(&s->missing);
	buf_done(&s->slab_text);
	buf_done(&s->vmalloc_text);
}

uint64_t system_slab_bytes(const struct system *s, const struct slab_cache *c)
{
	return num_mul(num_mul(c->slabs, c->pages_per_slab), s->page_size);
}

uint64_t system_slab_used(const struct slab_cache *c)
{
	return num_mul(c->active, c->object_size);
}

void system_slab_sums(const struct system *s, struct slab_sums *out)
{
	const struct meminfo *m = &s->meminfo;
	uint64_t slab = num_add(meminfo_get(m, MEMINFO_SLAB_RECLAIMABLE),
				meminfo_get(m, MEMINFO_SLAB_UNRECLAIMABLE));
	uint64_t caches;

	*out = (struct slab_sums){ 0 };
	for (size_t i = 0; i < s->slab.n; i++) {
		bool kmalloc = slab_find_use(s->slab.v[i].name) != SLAB_OWN;
		uint64_t bytes = system_slab_bytes(s, &s->slab.v[i]);

		if (kmalloc) {
			out->kmalloc = num_add(out->kmalloc, bytes);
			out->kmalloc_caches++;
		} else {
			out->own = num_add(out->own, bytes);
			out->own_caches++;
		}
	}
	caches = num_add(out->own, out->kmalloc);
	if (meminfo_has(m, MEMINFO_SLAB_UNRECLAIMABLE) && s->has_slab && s->page_size)
		out->large = (struct maybe){ true, slab > caches ? slab - caches : 0 };
}
