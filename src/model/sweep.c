/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads what tells of the machine's page frames: where RAM is, its zones, and a word for each. */
#include "config.h"

#include "model/sweep.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/num.h"
#include "proc/kpage.h"

enum {
	THREADS = 4,
	CHUNK = 65536,		/* frames that a thread takes at a time: whole blocks, whole folios */
};

_Static_assert(CHUNK % KPAGE_BLOCK == 0, "a chunk is whole reads");

/* ---- where RAM is ---- */

static int read_counters(const struct root *root, struct sweep_counters *out, int *error)
{
	struct buf text;
	int ret;

	buf_init(&text);
	if (root_read(root, "proc/meminfo", &text) == 0)
		meminfo_parse(text.data, text.len, &out->meminfo);
	buf_clear(&text);
	*error = root_read(root, "proc/zoneinfo", &text);
	ret = *error == 0 ? zoneinfo_parse(text.data, text.len, &out->zones) : 0;
	buf_done(&text);
	return ret;
}

static int read_iomem(const struct root *root, struct sweep *s)
{
	int ret;

	s->iomem_error = root_read(root, "proc/iomem", &s->iomem_text);
	if (s->iomem_error < 0)
		return s->iomem_error == -ENOMEM ? -ENOMEM : 0;
	ret = iomem_parse(s->iomem_text.data, s->iomem_text.len, &s->iomem);
	if (ret == 0 && iomem_is_hidden(&s->iomem)) {
		s->iomem_error = -EPERM;
		s->iomem.n = 0;
	}
	return ret;
}

struct blocks {
	const struct root *root;
	uint64_t frames;		/* of a block */
	ram_list all, offline;
};

/* "memory42": its number is its place, in blocks. */
static int add_block(void *ctx, const char *name)
{
	struct blocks *b = ctx;
	uint64_t number, start;
	char path[96];
	struct buf text;
	int ret;

	if (!num_parse_u64(name + strlen("memory"), &number))
		return 0;
	start = num_mul(number, b->frames);
	ret = ram_add(&b->all, start, num_add(start, b->frames));
	buf_init(&text);
	snprintf(path, sizeof(path), "sys/devices/system/memory/memory%.20s/state",
		 name + strlen("memory"));
	if (ret == 0 && root_read(b->root, path, &text) == 0 &&
	    str_has_prefix((struct str){ text.data, text.len }, "offline"))
		ret = ram_add(&b->offline, start, num_add(start, b->frames));
	buf_done(&text);
	return ret;
}

/* The memory blocks of hotplug: readable for all, and they tell what is switched off. */
static int read_blocks(const struct root *root, uint64_t page_size, struct blocks *b)
{
	struct buf text;
	uint64_t size = 0;
	const char *p, *end;
	int ret;

	b->root = root;
	buf_init(&text);
	ret = root_read(root, "sys/devices/system/memory/block_size_bytes", &text);
	p = text.data;
	end = p ? p + text.len : p;
	if (ret == 0 && !num_scan_hex(&p, end, &size))
		ret = -EINVAL;
	buf_done(&text);
	b->frames = size / page_size;
	if (ret == 0 && b->frames)
		ret = root_each(root, "sys/devices/system/memory", "memory", add_block, b);
	ram_sort(&b->all);
	ram_sort(&b->offline);
	return ret == -ENOMEM ? ret : 0;
}

static int find_ram(const struct root *root, struct sweep *s)
{
	struct blocks blocks = { 0 };
	ram_list ram = { 0 };
	enum ram_source source = RAM_IOMEM;
	int ret = read_counters(root, &s->before, &s->zoneinfo_error);

	if (ret == 0)
		ret = read_iomem(root, s);
	if (ret == 0)
		ret = read_blocks(root, s->page_size, &blocks);
	if (ret == 0)
		ret = ram_add_iomem(&ram, &s->iomem, s->page_size);
	if (ret == 0 && !ram.n) {
		source = RAM_BLOCKS;
		for (size_t i = 0; ret == 0 && i < blocks.all.n; i++)
			ret = ram_add(&ram, blocks.all.v[i].start, blocks.all.v[i].end);
	}
	if (ret == 0 && !ram.n) {
		source = RAM_ZONES;
		ret = ram_add_zones(&ram, &s->before.zones);
	}
	ram_sort(&ram);
	if (ret == 0)
		ret = ram_map_make(&ram, &blocks.offline, &s->before.zones, &s->map);
	s->map.source = ram.n ? source : RAM_UNKNOWN;
	vec_done(&blocks.all);
	vec_done(&blocks.offline);
	vec_done(&ram);
	return ret;
}

/* ---- the sweep ---- */

struct shared {
	const struct sweep_request *req;
	const struct kpage *k;
	uint64_t end;			/* frames that there are probably, for progress */
	pthread_mutex_t lock;
	uint64_t next;			/* chunk to take; under the lock, as what follows */
	bool stop;
};

struct worker {
	struct shared *shared;
	struct physical *physical;
	pthread_t thread;
	int ret;
};

static int take_block(void *ctx, uint64_t pfn, const uint64_t *flags, const uint64_t *counts,
		      size_t n)
{
	physical_take(ctx, pfn, flags, counts, n);
	return 0;
}

/* Chunk after chunk, until one meets the end of RAM. */
static void *work(void *ctx)
{
	struct worker *w = ctx;
	struct shared *s = w->shared;
	const struct sweep_request *req = s->req;

	for (;;) {
		uint64_t from;
		int ret;

		pthread_mutex_lock(&s->lock);
		from = s->next;
		if (!s->stop) {
			s->next += CHUNK;
			if (req->progress)
				req->progress(req->progress_ctx, from, s->end);
		}
		ret = s->stop ? 1 : 0;
		pthread_mutex_unlock(&s->lock);
		if (ret == 0)
			ret = kpage_sweep(s->k, from, from + CHUNK, take_block, w->physical);
		else
			break;
		physical_flush(w->physical);
		if (ret == 0)
			continue;
		w->ret = ret < 0 ? ret : 0;
		pthread_mutex_lock(&s->lock);
		s->stop = true;
		pthread_mutex_unlock(&s->lock);
	}
	return NULL;
}

static unsigned int count_threads(const struct sweep_request *req)
{
	cpu_set_t set;
	int n = sched_getaffinity(0, sizeof(set), &set) == 0 ? CPU_COUNT(&set) : 1;

	if (req->threads)
		n = (int)req->threads;
	return n > THREADS ? THREADS : n > 0 ? (unsigned int)n : 1;
}

static int run_workers(struct shared *shared, struct physical *out, unsigned int n)
{
	struct physical other[THREADS];
	struct worker worker[THREADS];
	unsigned int made = 1, started = 1;
	int ret;

	worker[0] = (struct worker){ .shared = shared, .physical = out };
	while (made < n && physical_init(&other[made], &out->plan) == 0) {
		worker[made] = (struct worker){ .shared = shared, .physical = &other[made] };
		made++;
	}
	if (made < n)	/* the one that failed may be half there */
		physical_done(&other[made]);
	while (started < made &&
	       pthread_create(&worker[started].thread, NULL, work, &worker[started]) == 0)
		started++;
	work(&worker[0]);
	ret = worker[0].ret;
	for (unsigned int i = 1; i < made; i++) {
		if (i < started)
			pthread_join(worker[i].thread, NULL);
		if (ret == 0)
			ret = worker[i].ret;
		physical_merge(out, &other[i]);
		physical_done(&other[i]);
	}
	return ret;
}

static int read_frames(const struct sweep_request *req, struct sweep *s, const struct kpage *k)
{
	struct shared shared = { .req = req, .k = k, .end = s->map.end,
				 .lock = PTHREAD_MUTEX_INITIALIZER };
	struct physical_plan plan = {
		.map = &s->map, .zones = s->before.zones.n,
		.block = s->block_size / s->page_size,
	};
	int ret;

	physical_grid_make(&s->map, req->cells, &plan.grid);
	if (req->with_frames && s->map.end) {
		/* what is never written to takes no memory */
		s->frame = calloc(s->map.end, 1);
		if (!s->frame)
			return -ENOMEM;
		plan.frame = s->frame;
		plan.frames = s->map.end;
	}
	ret = physical_init(&s->physical, &plan);
	if (ret == 0)
		ret = run_workers(&shared, &s->physical, count_threads(req));
	if (ret == 0)
		physical_sort_words(&s->physical);
	s->has_frames = ret == 0;
	return ret;
}

int sweep_read(const struct sweep_request *req, struct sweep *out)
{
	double start = clock_seconds();
	struct kpage k;
	int ret, ignored;

	*out = (struct sweep){ .page_size = req->page_size, .block_size = req->block_size };
	buf_init(&out->iomem_text);
	if (out->block_size < out->page_size || out->block_size > CHUNK * out->page_size)
		out->block_size = out->page_size;
	ret = find_ram(req->root, out);
	kpage_open(req->root, &k);
	if (kpage_is_partial(req->root)) {
		kpage_close(&k);
		k.fd[KPAGE_FLAGS] = k.fd[KPAGE_COUNT] = -ENODATA;
	}
	out->flags_error = kpage_has(&k, KPAGE_FLAGS) ? 0 : k.fd[KPAGE_FLAGS];
	out->counts_error = kpage_has(&k, KPAGE_COUNT) ? 0 : k.fd[KPAGE_COUNT];
	if (ret == 0 && out->flags_error == 0)
		ret = read_frames(req, out, &k);
	out->has_counts = out->has_frames && out->counts_error == 0;
	kpage_close(&k);
	if (ret == 0)
		ret = read_counters(req->root, &out->after, &ignored);
	out->seconds = clock_seconds() - start;
	return ret;
}

void sweep_done(struct sweep *s)
{
	if (s->physical.plan.map)
		physical_done(&s->physical);
	free(s->frame);
	s->frame = NULL;
	ram_map_done(&s->map);
	vec_done(&s->before.zones);
	vec_done(&s->after.zones);
	vec_done(&s->iomem);
	buf_done(&s->iomem_text);
}

/* ---- the kernel's own sums ---- */

static bool add_fields(const struct meminfo *m, const enum meminfo_field field[2], uint64_t *sum)
{
	*sum = meminfo_get(m, field[0]);
	if (field[1] != field[0])
		*sum += meminfo_get(m, field[1]);
	return meminfo_has(m, field[0]);
}

static uint64_t free_frames(const zone_list *zones)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < zones->n; i++)
		sum += zones->v[i].free;
	return sum;
}

/* AnonPages counts what page tables lead to: not what is only in the swap cache, nor the rest of
 * a huge page that was unmapped in part. */
static uint64_t anonymous_frames(const struct sweep *s)
{
	const struct physical_use *anon = &s->physical.use[FRAME_ANON];
	const struct physical_use *thp = &s->physical.use[FRAME_THP];

	return s->has_counts ? anon->mapped + thp->mapped : anon->frames + thp->frames;
}

unsigned int sweep_checks(const struct sweep *s, struct sweep_check out[SWEEP_CHECKS])
{
	static const struct {
		enum frame_use use;
		const char *source;
		enum meminfo_field field[2];
	} check[] = {
		{ FRAME_ANON, "meminfo AnonPages", { MEMINFO_ANON_PAGES, MEMINFO_ANON_PAGES } },
		{ FRAME_SHMEM, "meminfo Shmem", { MEMINFO_SHMEM, MEMINFO_SHMEM } },
		{ FRAME_HUGETLB, "meminfo Hugetlb", { MEMINFO_HUGETLB, MEMINFO_HUGETLB } },
		{ FRAME_SLAB, "meminfo SReclaimable + SUnreclaim",
		  { MEMINFO_SLAB_RECLAIMABLE, MEMINFO_SLAB_UNRECLAIMABLE } },
		{ FRAME_PAGE_TABLE, "meminfo PageTables",
		  { MEMINFO_PAGE_TABLES, MEMINFO_PAGE_TABLES } },
	};
	const struct physical_use *use = s->physical.use;
	unsigned int n = 0;

	if (!s->has_frames)
		return 0;
	/* not MemFree: some kernels put memory into it that they do not have yet */
	if (s->before.zones.n && s->after.zones.n)
		out[n++] = (struct sweep_check){
			.use = FRAME_FREE, .source = "zoneinfo free",
			.ours = use[FRAME_FREE].frames * s->page_size,
			.before = free_frames(&s->before.zones) * s->page_size,
			.after = free_frames(&s->after.zones) * s->page_size,
		};
	for (size_t i = 0; i < sizeof(check) / sizeof(check[0]); i++) {
		struct sweep_check c = { .use = check[i].use, .source = check[i].source };

		c.ours = use[c.use].frames * s->page_size;
		if (c.use == FRAME_ANON)
			c.ours = anonymous_frames(s) * s->page_size;
		if (add_fields(&s->before.meminfo, check[i].field, &c.before) &&
		    add_fields(&s->after.meminfo, check[i].field, &c.after))
			out[n++] = c;
	}
	return n;
}
