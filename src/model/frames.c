/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads the page-table entries and page frames of a process into a census of each mapping. */
#include "config.h"

#include "model/frames.h"

#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "proc/zoneinfo.h"

enum {
	/* of a batch: one for each page, and one more for each run; two for each hugetlb page */
	WORDS = PAGEMAP_BATCH_PAGES + 2 * PAGEMAP_BATCH_RUNS,
	THREADS = 4,
	RANGES = 4096,		/* mappings that are walked at once */
};

/* Without PAGEMAP_SCAN, what smaps says is empty is not read from this size on: 1 TiB of
 * entries takes 0.7 s. */
#define SKIP_SIZE (UINT64_C(1) << 30)

struct reading {
	const struct frames_request *req;
	struct pagemap pagemap;
	struct kpage kpage;
	zone_list zones;
	struct census_set *out;
	struct census_facts facts;
	struct census_builder builder;
	const struct pagemap_range *range;	/* of the mapping number first and those behind */
	size_t first;
	const struct frames_walk *walk;	/* instead of a census; NULL: a census */
	size_t at;			/* mappings that are done; the one being built */
	unsigned int threads;
	struct {
		uint64_t pfn, flags;
	} own;				/* of a page of our own: see look_at_own_page() */
	uint64_t *flags, *counts;	/* of WORDS */
	VEC(struct census_piece) piece;
	VEC(struct kpage_want) want_flags, want_counts;
	uint32_t n_flags, n_counts;	/* words wanted */
	bool no_flags, no_counts;	/* nobody asks for them */
};

static const struct counters *counters_at(const struct space *s, size_t i)
{
	return s->counters.n ? &s->counters.v[i] : NULL;
}

/* Bytes that PMD entries map, as smaps tells; hugetlb not. */
static uint64_t pmd_mapped(const struct counters *c)
{
	static const enum smaps_counter counter[] = {
		SMAPS_ANON_HUGE_PAGES, SMAPS_SHMEM_PMD_MAPPED, SMAPS_FILE_PMD_MAPPED,
	};
	uint64_t sum = 0, v;

	for (size_t i = 0; i < sizeof(counter) / sizeof(counter[0]); i++)
		if (counters_get(c, counter[i], &v))
			sum += v;
	return sum;
}

static bool is_empty(const struct counters *c)
{
	uint64_t rss, swap;

	return counters_resident(c, &rss) && counters_get(c, SMAPS_SWAP, &swap) &&
	       rss == 0 && swap == 0;
}

/*
 * A page of our own that was written and never merged shows what this kernel tells us: no frame
 * number (0) without CAP_SYS_ADMIN, though the frames' flags may be readable; and the KSM flag on
 * it where all anonymous pages have that (about 6.10 to 6.18).
 */
static void look_at_own_page(struct reading *r)
{
	size_t size = (size_t)r->req->page_size;
	char *page = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct process self = { .fd = r->req->root->fd, .live = true };
	struct pagemap pm = { .page_size = size, .process = &self };
	uint64_t entry = 0;

	r->own.flags = KPAGE_BIT(KSM);
	if (page == MAP_FAILED)
		return;
	page[0] = 1;
	pm.fd = root_open_file(r->req->root, "proc/self/pagemap");
	if (pm.fd >= 0 && pagemap_entry(&pm, (uintptr_t)page, &entry) == 1)
		r->own.pfn = pagemap_pfn(entry);
	if (r->own.pfn && kpage_has(&r->kpage, KPAGE_FLAGS))
		kpage_word(&r->kpage, KPAGE_FLAGS, r->own.pfn, &r->own.flags);
	pagemap_close(&pm);
	munmap(page, size);
}

/* A capture has the entry of such a page, the only one in proc/self/pagemap. */
static void look_at_captured_page(struct reading *r)
{
	uint64_t entry[512];
	int fd = root_open_file(r->req->root, "proc/self/pagemap");
	off_t at = fd < 0 ? -1 : lseek(fd, 0, SEEK_DATA);
	ssize_t n = at < 0 ? 0 : pread(fd, entry, sizeof(entry), at);

	for (ssize_t i = 0; i < n / (ssize_t)sizeof(*entry) && !r->own.pfn; i++)
		r->own.pfn = pagemap_pfn(entry[i]);
	r->own.flags = KPAGE_BIT(KSM);
	if (r->own.pfn && kpage_has(&r->kpage, KPAGE_FLAGS))
		kpage_word(&r->kpage, KPAGE_FLAGS, r->own.pfn, &r->own.flags);
	if (fd >= 0)
		close(fd);
}

/* Nobody else maps any of it, says smaps. */
static bool is_alone(const struct counters *c)
{
	uint64_t clean, dirty;

	return counters_get(c, SMAPS_SHARED_CLEAN, &clean) && counters_get(c, SMAPS_SHARED_DIRTY, &dirty) &&
	       clean == 0 && dirty == 0;
}

static struct pagemap_range range_of(const struct reading *r, size_t i)
{
	const struct vma *v = &r->req->space->vma.v[i];
	const struct counters *c = counters_at(r->req->space, i);
	struct pagemap_range range = { .start = v->start, .end = v->end };
	uint64_t size;

	range.skip = !vma_is_user(v);	/* above the end of what pagemap has */
	if (v->has_flags && (v->vm_flags & SMAPS_BIT(HT)) &&
	    counters_get(c, SMAPS_KERNEL_PAGE_SIZE, &size) && (size & (size - 1)) == 0)
		range.huge_size = size;
	if (!r->pagemap.has_scan && r->pagemap.live && v->end - v->start >= SKIP_SIZE && is_empty(c))
		range.skip = true;
	if (is_alone(c))
		range.alone = r->facts.pmd_size;
	/* else the flags of the frames tell of the zero page, and nothing is huge */
	range.scan = !kpage_has(&r->kpage, KPAGE_FLAGS) || !r->own.pfn || pmd_mapped(c) > 0;
	return range;
}

static int want(struct reading *r, const struct census_piece *p, bool flags, uint64_t n)
{
	struct kpage_want *w = flags ? vec_push(&r->want_flags) : vec_push(&r->want_counts);
	uint32_t *at = flags ? &r->n_flags : &r->n_counts;

	if (!w)
		return -ENOMEM;
	*w = (struct kpage_want){ .pfn = pagemap_pfn(p->entry), .n = (uint32_t)n, .at = *at };
	*at += (uint32_t)n;
	return 0;
}

/* Takes a piece, and asks for the words of its frames. */
static int add_piece(struct reading *r, struct census_piece p, bool whole)
{
	struct census_piece *to = vec_push(&r->piece);
	int ret = 0;

	if (!to)
		return -ENOMEM;
	if ((p.entry & PAGEMAP_PRESENT) && pagemap_pfn(p.entry)) {
		if (kpage_has(&r->kpage, KPAGE_FLAGS) && !r->no_flags) {
			p.flags = r->flags + r->n_flags;
			p.n_flags = whole && p.pages > 2 ? 2 : p.pages;
			/* a word more, not several reads, tells where the last folio ends */
			p.sees_next = p.n_flags == p.pages && p.use == FOLIO_ALIGNED;
			ret = want(r, &p, true, p.n_flags + p.sees_next);
		}
		/* the entry's own bit is the same fact: mapped once */
		if (ret == 0 && !(p.entry & PAGEMAP_EXCLUSIVE) && !p.zero &&
		    kpage_has(&r->kpage, KPAGE_COUNT) && !r->no_counts) {
			p.counts = r->counts + r->n_counts;
			p.n_counts = p.use == FOLIO_HUGETLB ? 1 : p.pages;
			ret = want(r, &p, false, p.n_counts);
		}
	}
	*to = p;
	return ret;
}

static unsigned int order_of(const struct reading *r, uint64_t size)
{
	return (unsigned int)__builtin_ctzll(size) -
	       (unsigned int)__builtin_ctzll(r->req->page_size);
}

/* The part of a run that one entry maps, or a part of that where the run was cut. */
static uint64_t pmd_part(const struct reading *r, uint64_t address, uint64_t pages)
{
	uint64_t left = (r->facts.pmd_size - (address & (r->facts.pmd_size - 1))) /
			r->req->page_size;

	return left < pages ? left : pages;
}

static int add_run(struct reading *r, const struct page_run *run)
{
	uint64_t pmd = r->facts.pmd_size, huge = r->range[run->range].huge_size, done = 0;
	struct census_piece p = {
		.address = run->start, .pages = run->pages, .entry = run->entry, .zero = run->zero,
		.use = FOLIO_ALIGNED,
	};
	int ret = 0;

	if (huge > r->req->page_size) {
		p.use = FOLIO_HUGETLB;
		p.order = order_of(r, huge);
		return add_piece(r, p, true);
	}
	if (!run->huge || !pmd || run->zero)
		return add_piece(r, p, false);
	p.use = FOLIO_PMD;
	p.order = order_of(r, pmd);
	while (ret == 0 && done < run->pages) {
		p.address = run->start + done * r->req->page_size;
		p.pages = pmd_part(r, p.address, run->pages - done);
		ret = add_piece(r, p, p.pages * r->req->page_size == pmd);
		if (pagemap_pfn(p.entry))
			p.entry += p.pages;
		done += p.pages;
	}
	return ret;
}

/* Ends the mapping that is being built and all before the given one. */
static int end_mappings(struct reading *r, size_t until)
{
	const struct space *space = r->req->space;
	int ret = 0;

	while (ret == 0 && r->at < until) {
		struct census *c = &r->out->census.v[r->at];

		ret = census_end(&r->builder, &r->out->tallies, c);
		if (ret == 0 && !r->pagemap.has_scan && r->facts.pmd_size)
			ret = census_set_pmd(c, &r->facts,
					     pmd_mapped(counters_at(space, r->at)) /
					     r->req->page_size, &r->out->tallies);
		if (++r->at < space->vma.n)
			census_begin(&r->builder, &r->facts, space->vma.v[r->at].start,
				     space->vma.v[r->at].end);
	}
	return ret;
}

static int take_runs(void *ctx, const struct page_run *run, size_t n)
{
	struct reading *r = ctx;
	size_t next = 0;
	int ret = 0;

	r->piece.n = r->want_flags.n = r->want_counts.n = 0;
	r->n_flags = r->n_counts = 0;
	for (size_t i = 0; ret == 0 && i < n; i++)
		ret = add_run(r, &run[i]);
	if (ret == 0)
		ret = kpage_read(&r->kpage, KPAGE_FLAGS, r->want_flags.v, r->want_flags.n,
				 r->flags, r->threads);
	if (ret == 0)
		ret = kpage_read(&r->kpage, KPAGE_COUNT, r->want_counts.v, r->want_counts.n,
				 r->counts, r->threads);
	for (size_t i = 0; ret == 0 && i < r->piece.n; i++) {
		const struct census_piece *p = &r->piece.v[i];

		while (next + 1 < n && run[next + 1].start <= p->address)
			next++;
		if (r->walk) {
			ret = r->walk->piece(r->walk->ctx, &r->facts, p);
			continue;
		}
		ret = end_mappings(r, r->first + run[next].range);
		if (ret == 0)
			ret = census_add(&r->builder, p);
	}
	if (r->req->progress)
		r->req->progress(r->req->progress_ctx, r->at, r->req->process->bytes_read);
	return ret;
}

static int find_folio(void *ctx, uint64_t pfn, uint64_t *head, uint64_t *frames)
{
	struct reading *r = ctx;

	return kpage_folio(&r->kpage, pfn, head, frames);
}

static void find_known(struct reading *r, struct frames_missing *missing)
{
	struct census_set *out = r->out;
	uint64_t ksm = 0, anon = 0;
	bool trusted;

	for (size_t i = 0; i < out->census.n; i++) {
		missing->hidden |= out->census.v[i].hidden > 0;
		ksm += census_flag(&out->census.v[i], KPF_KSM);
		anon += census_flag(&out->census.v[i], KPF_ANON);
	}
	if (!missing->hidden) {
		out->known |= CENSUS_FRAMES;
		out->known |= missing->flags == 0 ? CENSUS_FLAGS | CENSUS_ZERO : 0;
		out->known |= missing->counts == 0 ? CENSUS_COUNTS : 0;
		out->known |= r->zones.n ? CENSUS_NODES : 0;
	}
	if (r->pagemap.has_scan)
		out->known |= CENSUS_ZERO;
	if (r->pagemap.has_scan || r->req->space->counters.n)
		out->known |= CENSUS_PMD;
	/* where no page of our own shows it, that all anonymous pages are merged is not believed */
	trusted = r->req->root->live || r->own.pfn ? !(r->own.flags & KPAGE_BIT(KSM)) : ksm < anon;
	if ((out->known & CENSUS_FLAGS) && (!ksm || trusted))
		out->known |= CENSUS_KSM;
}

static unsigned int count_cpus(void)
{
	cpu_set_t set;
	int n = sched_getaffinity(0, sizeof(set), &set) == 0 ? CPU_COUNT(&set) : 1;

	return n > THREADS ? THREADS : n > 0 ? (unsigned int)n : 1;
}

static int words_init(struct reading *r)
{
	r->flags = malloc(WORDS * sizeof(*r->flags));
	r->counts = malloc(WORDS * sizeof(*r->counts));
	return r->flags && r->counts ? 0 : -ENOMEM;
}

static void words_done(struct reading *r)
{
	free(r->flags);
	free(r->counts);
	vec_done(&r->piece);
	vec_done(&r->want_flags);
	vec_done(&r->want_counts);
}

static int read_zones(struct reading *r)
{
	struct buf text;
	int ret;

	buf_init(&text);
	ret = root_read(r->req->root, "proc/zoneinfo", &text);
	if (ret == 0)
		ret = zoneinfo_parse(text.data, text.len, &r->zones);
	buf_done(&text);
	return ret;
}

static int walk(struct reading *r)
{
	const struct space *space = r->req->space;
	struct pagemap_range *range = malloc(RANGES * sizeof(*range));
	int ret = words_init(r);

	if (!range || vec_reserve(&r->out->census, space->vma.n) < 0)
		ret = -ENOMEM;
	r->range = range;
	if (ret == 0) {
		r->out->census.n = space->vma.n;
		memset(r->out->census.v, 0, space->vma.n * sizeof(*r->out->census.v));
	}
	if (ret == 0 && space->vma.n)
		census_begin(&r->builder, &r->facts, space->vma.v[0].start, space->vma.v[0].end);
	for (size_t n; ret == 0 && r->first < space->vma.n; r->first += n) {
		n = space->vma.n - r->first < RANGES ? space->vma.n - r->first : RANGES;
		for (size_t i = 0; i < n; i++)
			range[i] = range_of(r, r->first + i);
		ret = pagemap_walk(&r->pagemap, range, n, take_runs, r);
	}
	if (ret == 0)
		ret = end_mappings(r, space->vma.n);
	free(range);
	words_done(r);
	return ret;
}

int frames_read(const struct frames_request *req, struct census_set *out,
		struct frames_missing *missing)
{
	struct reading r = { .req = req, .out = out };
	int ret;

	*missing = (struct frames_missing){ 0 };
	*out = (struct census_set){ .page_size = req->page_size, .pmd_size = req->pmd_size,
				    .max_ptes_none = req->max_ptes_none };
	missing->pagemap = pagemap_open(req->process, req->page_size, req->without_scan,
					&r.pagemap);
	if (missing->pagemap < 0)
		return missing->pagemap == -ESRCH ? -ESRCH : 0;
	kpage_open(req->root, &r.kpage);
	missing->flags = kpage_has(&r.kpage, KPAGE_FLAGS) ? 0 : r.kpage.fd[KPAGE_FLAGS];
	missing->counts = kpage_has(&r.kpage, KPAGE_COUNT) ? 0 : r.kpage.fd[KPAGE_COUNT];
	ret = read_zones(&r);
	missing->zoneinfo = ret == -ENOMEM ? 0 : ret;
	r.facts = (struct census_facts){
		.page_size = req->page_size, .pmd_size = req->pmd_size,
		.max_ptes_none = req->max_ptes_none, .zone = r.zones.v, .zones = r.zones.n,
		.folio = find_folio, .folio_ctx = &r,
	};
	if (r.pagemap.live)
		look_at_own_page(&r);
	else
		look_at_captured_page(&r);
	r.threads = req->threads ? req->threads : count_cpus();
	if (ret != -ENOMEM)
		ret = walk(&r);
	if (ret == 0)
		find_known(&r, missing);
	census_builder_done(&r.builder);
	vec_done(&r.zones);
	kpage_close(&r.kpage);
	pagemap_close(&r.pagemap);
	return ret;
}

int frames_walk(const struct frames_request *req, struct frames_walk *walk,
		struct frames_missing *missing)
{
	struct reading r = { .req = req, .walk = walk, .range = &walk->range };
	int ret;

	*missing = (struct frames_missing){ 0 };
	missing->pagemap = pagemap_open(req->process, req->page_size, req->without_scan,
					&r.pagemap);
	if (missing->pagemap < 0)
		return missing->pagemap == -ESRCH ? -ESRCH : 0;
	walk->has_scan = r.pagemap.has_scan;
	walk->range.scan = true;
	kpage_open(req->root, &r.kpage);
	missing->flags = kpage_has(&r.kpage, KPAGE_FLAGS) ? 0 : r.kpage.fd[KPAGE_FLAGS];
	missing->counts = kpage_has(&r.kpage, KPAGE_COUNT) ? 0 : r.kpage.fd[KPAGE_COUNT];
	r.no_flags = !walk->flags && walk->has_scan;
	r.no_counts = !walk->counts;
	ret = read_zones(&r);
	missing->zoneinfo = ret == -ENOMEM ? 0 : ret;
	r.facts = (struct census_facts){
		.page_size = req->page_size, .pmd_size = req->pmd_size,
		.zone = r.zones.v, .zones = r.zones.n, .folio = find_folio, .folio_ctx = &r,
	};
	r.threads = req->threads ? req->threads : count_cpus();
	if (ret != -ENOMEM)
		ret = words_init(&r);
	if (ret == 0)
		ret = pagemap_walk(&r.pagemap, &walk->range, 1, take_runs, &r);
	words_done(&r);
	vec_done(&r.zones);
	kpage_close(&r.kpage);
	pagemap_close(&r.pagemap);
	return ret;
}
