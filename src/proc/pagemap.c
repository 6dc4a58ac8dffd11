/* SPDX-License-Identifier: GPL-3.0-or-later */
/* /proc/PID/pagemap: what stands in the page table for each virtual page, as runs of pages. */
#include "config.h"

#include "proc/pagemap.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

/* Linux 6.7, include/uapi/linux/fs.h; the headers of Debian 12 do not have it. */
struct scan_region {
	uint64_t start, end, categories;
};

struct scan_arg {
	uint64_t size, flags, start, end, walk_end, vec, vec_len, max_pages;
	uint64_t category_inverted, category_mask, category_anyof_mask, return_mask;
};

#ifndef PAGEMAP_SCAN
#define PAGEMAP_SCAN _IOWR('f', 16, struct scan_arg)
#endif

enum {
	SCAN_FILE = 1 << 2, SCAN_PRESENT = 1 << 3, SCAN_SWAPPED = 1 << 4, SCAN_PFNZERO = 1 << 5, SCAN_HUGE = 1 << 6,
};

enum {
	/* with more, walk_end can be wrong (6.7 to 7.3) */
	REGIONS = 512,
	ENTRY_SIZE = sizeof(uint64_t),
	/* Entries of pages without anything cost 2.7 ns, a read of its own about 300. */
	GAP_PAGES = 64,
	/* In smaller ranges finding what is empty costs more than reading it. */
	SCAN_PAGES = 512,
};

/* How far one call may look, in bytes, and how long it may take before it looks less far. */
#define SCAN_SLICE	(UINT64_C(256) << 20)
#define SCAN_SLOW_NS	500000

#define SWAP_TYPE_MARKER 31
#define SWAP_TYPES	23	/* MAX_SWAPFILES of a kernel with all kinds of notes built in */
#define MARKER_GUARD	4	/* include/linux/swapops.h: PTE_MARKER_GUARD */
#define MARKER_END	64	/* room for kinds to come; such frames belong to no process */

enum page_state pagemap_state(uint64_t entry)
{
	if (entry & PAGEMAP_PRESENT)
		return PAGE_PRESENT;
	if (entry & PAGEMAP_GUARD)
		return PAGE_GUARD;
	if (!(entry & PAGEMAP_SWAPPED))
		return PAGE_NONE;
	/* before 5.19 there are no markers, and this type may be a migration's, with a frame */
	if (pagemap_swap_type(entry) == SWAP_TYPE_MARKER && pagemap_swap_offset(entry) < MARKER_END)
		return pagemap_swap_offset(entry) & MARKER_GUARD ? PAGE_GUARD : PAGE_MARKER;
	/* a marker's type is hidden from those who may not see frames; it never holds data */
	if ((entry & PAGEMAP_UFFD_WP) && !pagemap_pfn(entry))
		return PAGE_MARKER;
	return pagemap_swap_type(entry) >= SWAP_TYPES ? PAGE_MIGRATION : PAGE_SWAP;
}

/* A populated stretch that is to be read. */
struct extent {
	uint64_t start, end;
	uint32_t range;
	bool huge, zero;
};

struct walk {
	struct pagemap *pm;
	const struct pagemap_range *range;
	pagemap_fn fn;
	void *ctx;
	uint64_t *entry;		/* of PAGEMAP_BATCH_PAGES */
	struct extent *extent;		/* waiting to be read together */
	size_t extents;
	struct page_run *run;		/* waiting to be handed on */
	size_t runs;
	uint64_t run_pages;		/* in them, but for hugetlb */
	struct scan_region *region;
	uint64_t window;		/* bytes a scan may look ahead */
};

int pagemap_try_scan(const struct pagemap *pm, unsigned int categories)
{
	struct scan_arg arg = { .size = sizeof(arg), .return_mask = categories };

	return ioctl(pm->fd, PAGEMAP_SCAN, &arg) < 0 ? -errno : 0;
}

/* What a capture kept of the scans. */
static int read_labels(struct pagemap *pm)
{
	struct buf text;
	int ret;

	buf_init(&text);
	ret = process_read(pm->process, PAGE_LABELS_FILE, &text);
	if (ret == 0)
		ret = page_labels_parse(text.data, text.len, &pm->labels);
	buf_done(&text);
	return ret;
}

int pagemap_open(struct process *p, uint64_t page_size, bool without_scan, struct pagemap *out)
{
	*out = (struct pagemap){ .page_size = page_size, .live = p->live, .process = p };
	out->fd = process_open_file(p, "pagemap");
	if (out->fd < 0)
		return out->fd;
	if (p->live)
		out->has_scan = !without_scan && pagemap_try_scan(out, 0) == 0;
	else
		out->has_scan = !without_scan && read_labels(out) == 0;
	return 0;
}

void pagemap_close(struct pagemap *pm)
{
	if (pm->fd >= 0)
		close(pm->fd);
	pm->fd = -1;
	vec_done(&pm->labels);
}

/* Entries from a page number on: how many there were, or -errno. */
static ssize_t read_entries(const struct pagemap *pm, uint64_t page, uint64_t *out, size_t n)
{
	size_t done = 0;

	while (done < n) {
		ssize_t got = pread(pm->fd, out + done, (n - done) * ENTRY_SIZE,
				    (off_t)((page + done) * ENTRY_SIZE));

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		if (got < ENTRY_SIZE)
			break;
		done += (size_t)got / ENTRY_SIZE;
		pm->process->bytes_read += (uint64_t)got;
	}
	return (ssize_t)done;
}

int pagemap_entry(const struct pagemap *pm, uint64_t address, uint64_t *entry)
{
	ssize_t got = read_entries(pm, address / pm->page_size, entry, 1);

	if (got <= 0)
		*entry = 0;	/* a file that was cut may have left a part of one */
	return (int)got;
}

uint64_t pagemap_of_new_page(const struct root *root, uint64_t page_size, bool read)
{
	size_t size = (size_t)page_size;
	volatile char *page = mmap(NULL, size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct process self = { .fd = root->fd, .live = true };
	struct pagemap pm = { .page_size = page_size, .process = &self };
	uint64_t entry = 0;

	if (page == MAP_FAILED)
		return 0;
	if (read)
		(void)page[0];
	pm.fd = root_open_file(root, "proc/self/pagemap");
	if (pm.fd >= 0 && pagemap_entry(&pm, (uintptr_t)page, &entry) != 1)
		entry = 0;
	pagemap_close(&pm);
	munmap((void *)page, size);
	return entry;
}

static int hand_on(struct walk *w)
{
	int ret = w->runs ? w->fn(w->ctx, w->run, w->runs) : 0;

	w->runs = 0;
	w->run_pages = 0;
	return ret;
}

/* Keeps a run; room has been made. */
static void add_run(struct walk *w, const struct page_run *run)
{
	w->run[w->runs++] = *run;
	if (!w->range[run->range].huge_size)
		w->run_pages += run->pages;
}

#define SWAP_STEP	(UINT64_C(1) << 5)

uint64_t pagemap_step(uint64_t entry)
{
	if (entry & PAGEMAP_PRESENT)
		return pagemap_pfn(entry) != 0;
	return pagemap_state(entry) == PAGE_SWAP && pagemap_pfn(entry) ? SWAP_STEP : 0;
}

/* Runs of the entries of one extent; they are in memory. */
static int runs_of(struct walk *w, const struct extent *x, const uint64_t *entry, size_t n)
{
	size_t i = 0;
	int ret = 0;

	while (ret == 0 && i < n) {
		uint64_t first = entry[i], step, expect;
		size_t from = i++;
		struct page_run run;

		if (!first)
			continue;
		step = pagemap_step(first);
		expect = first + step;
		while (i < n && entry[i] == expect) {
			expect += step;
			i++;
		}
		if (pagemap_state(first) == PAGE_NONE)
			continue;	/* at most soft-dirty, for a mapping that is new */
		run = (struct page_run){
			.start = x->start + from * w->pm->page_size, .pages = i - from,
			.entry = first, .range = x->range, .huge = x->huge, .zero = x->zero,
		};
		if (w->runs == PAGEMAP_BATCH_RUNS || w->run_pages + run.pages > PAGEMAP_BATCH_PAGES)
			ret = hand_on(w);
		add_run(w, &run);
	}
	return ret;
}

/* The extents that wait lie close together: one read for them all. */
static int read_extents(struct walk *w)
{
	uint64_t start, pages;
	ssize_t got;
	int ret = 0;

	if (!w->extents)
		return 0;
	start = w->extent[0].start;
	pages = (w->extent[w->extents - 1].end - start) / w->pm->page_size;
	got = read_entries(w->pm, start / w->pm->page_size, w->entry, (size_t)pages);
	if (got < 0)
		ret = (int)got;
	if (got == 0 && w->pm->live)	/* there are addresses, so it is the target that has gone */
		ret = -ESRCH;
	for (size_t i = 0; ret == 0 && i < w->extents; i++) {
		const struct extent *x = &w->extent[i];
		uint64_t from = (x->start - start) / w->pm->page_size;
		uint64_t n = (x->end - x->start) / w->pm->page_size;

		if (from >= (uint64_t)got)
			break;
		if (n > (uint64_t)got - from)
			n = (uint64_t)got - from;
		ret = runs_of(w, x, w->entry + from, (size_t)n);
	}
	w->extents = 0;
	return ret;
}

/* Adds a populated stretch to what waits, in parts that fit. */
static int add_extent(struct walk *w, struct extent x)
{
	uint64_t size = w->pm->page_size, most = PAGEMAP_BATCH_PAGES * size;
	int ret = 0;

	while (ret == 0 && x.start < x.end) {
		struct extent part = x;

		if (part.end - part.start > most)
			part.end = part.start + most;
		if (w->extents) {
			uint64_t first = w->extent[0].start;
			uint64_t last = w->extent[w->extents - 1].end;

			if (w->extents == REGIONS || part.start - last > GAP_PAGES * size ||
			    part.end - first > most)
				ret = read_extents(w);
		}
		w->extent[w->extents++] = part;
		x.start = part.end;
	}
	return ret;
}

/* The same; cut where what scans once told of a captured process changes. */
static int add_captured(struct walk *w, struct extent x)
{
	const page_label_list *labels = &w->pm->labels;
	size_t i = page_labels_find(labels, x.start);
	int ret = 0;

	while (ret == 0 && x.start < x.end) {
		struct extent part = x;

		while (i < labels->n && labels->v[i].end <= x.start)
			i++;
		if (i < labels->n && labels->v[i].start <= x.start) {
			part.huge = labels->v[i].huge;
			part.zero = labels->v[i].zero;
			if (labels->v[i].end < part.end)
				part.end = labels->v[i].end;
		} else if (i < labels->n && labels->v[i].start < part.end) {
			part.end = labels->v[i].start;
		}
		ret = add_extent(w, part);
		x.start = part.end;
	}
	return ret;
}

/* hugetlb: an entry for each huge page tells all. */
static int read_huge(struct walk *w, uint32_t number)
{
	const struct pagemap_range *r = &w->range[number];
	uint64_t step, entry;
	int ret = read_extents(w);

	for (uint64_t at = r->start; ret == 0 && at < r->end; at += step) {
		struct page_run run = { .start = at, .range = number, .huge = true };
		ssize_t got = read_entries(w->pm, at / w->pm->page_size, &entry, 1);

		if (got <= 0)
			return got < 0 || !w->pm->live ? (int)got : -ESRCH;
		/* less than a huge page is left only where a captured tree is wrong */
		step = r->end - at < r->huge_size ? r->end - at : r->huge_size;
		run.pages = step / w->pm->page_size;
		if (pagemap_state(entry) == PAGE_NONE || !run.pages)
			continue;
		run.entry = entry;
		if (w->runs == PAGEMAP_BATCH_RUNS)
			ret = hand_on(w);
		add_run(w, &run);
	}
	return ret;
}

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

/*
 * One call: regions from start up to at most end, in w->region; how many, or -errno. *next is
 * where to go on. It holds the target's mmap lock, so its work is bounded: by the pages it may
 * find, by the regions, and, since nothing but page tables may lie in a wide empty space, by the
 * distance, which doubles while calls are quick and falls back when one was not. (20 TiB of
 * reserved addresses are crossed in 20 calls.)
 */
static ssize_t scan(struct walk *w, uint64_t start, uint64_t end, bool states, uint64_t *next)
{
	struct scan_arg arg = {
		.size = sizeof(arg), .start = start, .end = end,
		.vec = (uint64_t)(uintptr_t)w->region, .vec_len = REGIONS,
		.max_pages = SCAN_SLICE / w->pm->page_size,
		.category_anyof_mask = SCAN_PRESENT | SCAN_SWAPPED,
		.return_mask = SCAN_PRESENT | SCAN_SWAPPED | SCAN_PFNZERO | SCAN_HUGE |
			       (states ? SCAN_FILE : 0),
	};
	uint64_t before;
	int n;

	if (end - start > w->window)
		arg.end = (start + w->window) & ~(SCAN_SLICE - 1);	/* not within a huge page */
	before = now_ns();
	n = ioctl(w->pm->fd, PAGEMAP_SCAN, &arg);
	if (n < 0)
		return -errno;
	if (now_ns() - before > SCAN_SLOW_NS)
		w->window = SCAN_SLICE;
	else if (w->window < UINT64_C(1) << 62)
		w->window *= 2;
	*next = arg.walk_end > start && arg.walk_end < arg.end ? arg.walk_end : arg.end;
	return n;
}

/* Pages whose entries are not looked at. */
static int add_states(struct walk *w, const struct scan_region *x, uint32_t number)
{
	uint64_t pages = (x->end - x->start) / w->pm->page_size, done = 0;
	int ret = read_extents(w);	/* what comes before */

	while (ret == 0 && done < pages) {
		struct page_run run = {
			.start = x->start + done * w->pm->page_size, .pages = pages - done,
			.entry = PAGEMAP_PRESENT |
				 (x->categories & SCAN_FILE ? PAGEMAP_FILE : 0),
			.range = number, .huge = x->categories & SCAN_HUGE,
			.zero = x->categories & SCAN_PFNZERO,
		};

		if (run.pages > PAGEMAP_BATCH_PAGES)
			run.pages = PAGEMAP_BATCH_PAGES;
		if (w->runs == PAGEMAP_BATCH_RUNS || w->run_pages + run.pages > PAGEMAP_BATCH_PAGES)
			ret = hand_on(w);
		add_run(w, &run);
		done += run.pages;
	}
	return ret;
}

/* Huge pages that nobody else maps: the entry of the first page of each tells of the others. */
static int add_alone(struct walk *w, const struct scan_region *x, uint32_t number)
{
	uint64_t size = w->pm->page_size, step;
	int ret = read_extents(w);

	for (uint64_t at = x->start; ret == 0 && at < x->end; at += step) {
		uint64_t pmd = w->range[number].alone, entry;
		struct page_run run = { .start = at, .range = number, .huge = true };
		ssize_t got = read_entries(w->pm, at / size, &entry, 1);

		if (got <= 0)
			return got < 0 ? (int)got : -ESRCH;
		step = pmd - (at & (pmd - 1));
		if (step > x->end - at)
			step = x->end - at;
		run.pages = step / size;
		run.entry = entry;
		if (pagemap_state(entry) != PAGE_PRESENT)	/* it was split and given back meanwhile */
			ret = add_extent(w, (struct extent){ at, at + step, number, false, false });
		if (ret == 0 && pagemap_state(entry) != PAGE_PRESENT)
			ret = read_extents(w);
		if (ret < 0 || pagemap_state(entry) != PAGE_PRESENT)
			continue;
		if (w->runs == PAGEMAP_BATCH_RUNS || w->run_pages + run.pages > PAGEMAP_BATCH_PAGES)
			ret = hand_on(w);
		add_run(w, &run);
	}
	return ret;
}

static int add_region(struct walk *w, const struct scan_region *x, uint32_t number)
{
	if (w->range[number].alone && (x->categories & (SCAN_HUGE | SCAN_PFNZERO)) == SCAN_HUGE)
		return add_alone(w, x, number);
	if (w->range[number].states && (x->categories & SCAN_PRESENT))
		return add_states(w, x, number);
	return add_extent(w, (struct extent){
		.start = x->start, .end = x->end, .range = number,
		.huge = x->categories & SCAN_HUGE, .zero = x->categories & SCAN_PFNZERO });
}

static int scan_range(struct walk *w, uint32_t number)
{
	const struct pagemap_range *r = &w->range[number];
	uint64_t at = r->start;
	int ret = 0;

	w->window = SCAN_SLICE;
	while (ret == 0 && at < r->end) {
		ssize_t n = scan(w, at, r->end, r->states, &at);

		if (n < 0)
			return (int)n;
		for (ssize_t i = 0; ret == 0 && i < n; i++)
			ret = add_region(w, &w->region[i], number);
	}
	return ret;
}

/* Without the ioctl: all entries, but for the holes of a captured file, which are zeros. */
static int read_range(struct walk *w, uint32_t number)
{
	const struct pagemap_range *r = &w->range[number];
	uint64_t size = w->pm->page_size, at = r->start;
	int ret = 0;

	while (ret == 0 && at < r->end) {
		struct extent x = { .start = at, .end = r->end, .range = number };

		if (!w->pm->live) {
			off_t data = lseek(w->pm->fd, (off_t)(at / size * ENTRY_SIZE), SEEK_DATA);
			off_t hole;

			if (data < 0 && errno == ENXIO)
				return 0;
			if (data >= 0 && (uint64_t)data / ENTRY_SIZE * size > at)
				x.start = (uint64_t)data / ENTRY_SIZE * size;
			hole = data < 0 ? data : lseek(w->pm->fd, data, SEEK_HOLE);
			if (hole >= 0 && (uint64_t)hole / ENTRY_SIZE * size < r->end)
				x.end = (uint64_t)hole / ENTRY_SIZE * size;
			if (x.start >= r->end)
				return 0;
			if (x.end <= x.start)	/* a cut entry is the last thing there */
				return 0;
		}
		ret = w->pm->live ? add_extent(w, x) : add_captured(w, x);
		at = x.end;
	}
	return ret;
}

static int walk_range(struct walk *w, uint32_t number)
{
	const struct pagemap_range *r = &w->range[number];

	if (r->skip || r->start >= r->end)
		return 0;
	if (r->huge_size > w->pm->page_size)
		return read_huge(w, number);
	if (w->pm->live && w->pm->has_scan && (r->scan || r->end - r->start > SCAN_PAGES * w->pm->page_size))
		return scan_range(w, number);
	return read_range(w, number);
}

int pagemap_walk(struct pagemap *pm, const struct pagemap_range *range, size_t n, pagemap_fn fn,
		 void *ctx)
{
	struct walk w = { .pm = pm, .range = range, .fn = fn, .ctx = ctx };
	int ret = 0;

	w.entry = malloc(PAGEMAP_BATCH_PAGES * sizeof(*w.entry));
	w.extent = malloc(REGIONS * sizeof(*w.extent));
	w.run = malloc(PAGEMAP_BATCH_RUNS * sizeof(*w.run));
	w.region = malloc(REGIONS * sizeof(*w.region));
	if (!w.entry || !w.extent || !w.run || !w.region)
		ret = -ENOMEM;
	for (size_t i = 0; ret == 0 && i < n; i++)
		ret = walk_range(&w, (uint32_t)i);
	if (ret == 0)
		ret = read_extents(&w);
	if (ret == 0)
		ret = hand_on(&w);
	free(w.entry);
	free(w.extent);
	free(w.run);
	free(w.region);
	return ret;
}
