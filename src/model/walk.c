/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads all there is about some addresses of a process: entry, frame, cgroup, file, symbol. */
#include "config.h"

#include "model/walk.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "model/mapped_file.h"
#include "proc/cgroup.h"
#include "proc/kpage.h"
#include "proc/swaps.h"

#define COMPOUND (KPAGE_BIT(COMPOUND_HEAD) | KPAGE_BIT(COMPOUND_TAIL))

/* A cgroup that was looked for: several frames are of the same one. */
struct cgroup_name {
	uint64_t inode;
	struct str path;
};

struct walk {
	struct walk_request *req;
	struct translation_set *out;
	struct pagemap pagemap;
	int pagemap_error;		/* of opening it */
	struct kpage kpage;
	zone_list zones;
	size_t zone_hint;
	bool hidden;			/* an entry had no frame number */
	bool wanted;			/* there was a frame to look at */
	struct cgroup_mount mount;
	int mount_error;
	bool mount_sought, swaps_read;
	VEC(struct cgroup_name) cgroup;
	struct swaps swaps;
	/* of the range at hand */
	size_t first_run;
	uint64_t cursor, last;		/* all before cursor has its run; the range's last page */
	bool range_done;
	uint64_t *words;		/* of PAGEMAP_BATCH_PAGES, or NULL */
};

static int keep(struct walk *w, struct str s, struct str *out)
{
	char *to = arena_alloc(&w->out->strings, s.len + 1, 1);

	if (!to)
		return -ENOMEM;
	if (s.len)
		memcpy(to, s.p, s.len);
	*out = (struct str){ to, s.len };
	return 0;
}

/* ---- the entry -------------------------------------------------------------- */

static int take_run(void *ctx, const struct page_run *run, size_t n)
{
	struct page_run *to = ctx;

	if (n)
		*to = run[0];
	return 0;
}

static int read_entry(struct walk *w, struct translation *t)
{
	uint64_t size = w->req->facts.page_size, page = t->address & ~(size - 1);
	struct pagemap_range range = { .start = page, .end = page + size, .scan = true };
	struct page_run run = { .pages = 0 };
	int ret = pagemap_entry(&w->pagemap, page, &t->entry);

	if (ret == 0 && w->pagemap.live)	/* it is mapped, so the process has gone */
		return -ESRCH;
	if (ret <= 0) {
		t->error = ret < 0 ? ret : -ENODATA;
		return 0;
	}
	t->knows_huge = w->pagemap.has_scan;
	if (!t->knows_huge || !(t->entry & PAGEMAP_PRESENT) ||
	    translate_hugetlb_size(w->req->facts.space, t->vma, size))
		return 0;
	ret = pagemap_walk(&w->pagemap, &range, 1, take_run, &run);
	if (ret == 0 && run.pages) {
		t->entry = run.entry;
		t->huge = run.huge;
		t->zero = run.zero;
	}
	return ret;
}

/* ---- the frame -------------------------------------------------------------- */

static struct maybe read_word(const struct walk *w, enum kpage_file f, uint64_t pfn)
{
	struct maybe word = { 0 };

	word.known = kpage_word(&w->kpage, f, pfn, &word.v) == 0;
	return word;
}

static int find_cgroup(struct walk *w, uint64_t inode, struct str *path)
{
	struct cgroup_name *name;
	struct buf found;
	int ret = 0;

	for (size_t i = 0; i < w->cgroup.n; i++) {
		if (w->cgroup.v[i].inode != inode)
			continue;
		*path = w->cgroup.v[i].path;
		return 0;
	}
	if (!w->mount_sought)
		w->mount_error = cgroup_mount_find(w->req->root, &w->mount);
	w->mount_sought = true;
	buf_init(&found);
	if (w->mount_error == 0 && cgroup_path(w->req->root, &w->mount, inode, &found) == 0)
		ret = keep(w, (struct str){ found.data, found.len }, path);
	buf_done(&found);
	name = ret == 0 ? vec_push(&w->cgroup) : NULL;
	if (!name)
		return -ENOMEM;
	*name = (struct cgroup_name){ inode, *path };
	return 0;
}

static int read_frame(struct walk *w, struct translation *t)
{
	uint64_t pfn = pagemap_pfn(t->entry), head, frames;
	const struct zone *zone;

	w->wanted = true;
	if (!pfn) {
		w->hidden = true;
		return 0;
	}
	t->flags = read_word(w, KPAGE_FLAGS, pfn);
	t->count = read_word(w, KPAGE_COUNT, pfn);
	t->cgroup = read_word(w, KPAGE_CGROUP, pfn);
	zone = zones_find(&w->zones, pfn, &w->zone_hint);
	if (zone) {
		t->has_zone = true;
		t->zone = *zone;
	}
	if (t->flags.known && kpage_folio(&w->kpage, pfn, &head, &frames) == 0) {
		t->folio_head = (struct maybe){ true, head };
		t->folio_frames = (struct maybe){ true, frames };
	}
	if (t->flags.known && (t->flags.v & COMPOUND) && t->folio_head.known) {
		t->head_flags = read_word(w, KPAGE_FLAGS, head);
		/* up to Linux 6.9 only the first page of a folio says whose it is */
		if (t->cgroup.known && !t->cgroup.v)
			t->cgroup = read_word(w, KPAGE_CGROUP, head);
	}
	return t->cgroup.known && t->cgroup.v ? find_cgroup(w, t->cgroup.v, &t->cgroup_path) : 0;
}

static int read_swap(struct walk *w, struct translation *t)
{
	const struct swap_area *area;
	struct buf text;
	int ret = 0;

	if (!pagemap_pfn(t->entry)) {
		w->hidden = true;
		return 0;
	}
	buf_init(&text);
	if (!w->swaps_read && root_read(w->req->root, "proc/swaps", &text) == 0)
		ret = swaps_parse(text.data, text.len, &w->swaps);
	w->swaps_read = true;
	buf_done(&text);
	area = swaps_find(&w->swaps, pagemap_swap_type(t->entry), &t->swap_certain);
	w->out->swap_areas = w->swaps.area.n;
	return ret == 0 && area ? keep(w, area->path, &t->swap_area) : ret;
}

/* ---- an address ------------------------------------------------------------- */

static int read_one(struct walk *w, uint64_t address)
{
	const struct translate_facts *f = &w->req->facts;
	struct translation *t = vec_push(&w->out->one);
	int ret = 0;

	if (!t)
		return -ENOMEM;
	*t = (struct translation){ .address = address, .error = w->pagemap_error };
	translation_place(f, t);
	if (t->place == PLACE_MAPPING && f->space->vma.v[t->vma].kind != KIND_VSYSCALL) {
		if (!t->error)
			ret = read_entry(w, t);
		if (ret == 0 && !t->error && (t->entry & PAGEMAP_PRESENT))
			ret = read_frame(w, t);
		else if (ret == 0 && !t->error && pagemap_state(t->entry) == PAGE_SWAP)
			ret = read_swap(w, t);
		if (ret == 0)
			ret = mapped_file_read(w->req->process, f, &w->out->strings, t);
	}
	translation_conclude(f, t);
	return ret;
}

/* ---- a range ---------------------------------------------------------------- */

/* Adds what lies from the cursor to the last address given: holes, and mapped pages where
 * nothing is. */
static int fill(struct walk *w, uint64_t last)
{
	const struct space *s = w->req->facts.space;
	uint64_t size = w->req->facts.page_size;
	int ret = 0;

	while (ret == 0 && !w->range_done && w->cursor <= last) {
		struct translation at = { .address = w->cursor };
		struct translate_run run = { .start = w->cursor, .vma = TRANSLATE_NO_VMA };
		uint64_t end = last;

		translation_place(&w->req->facts, &at);
		if (at.place == PLACE_MAPPING) {
			const struct vma *v = &s->vma.v[at.vma];

			run.vma = at.vma;
			run.known = !w->pagemap_error && vma_is_user(v) && !translate_is_raw(s, v);
			end = v->end - 1 < last ? v->end - 1 : last;
		} else {
			size_t above = space_above(s, w->cursor);

			if (above < s->vma.n && s->vma.v[above].start <= end)
				end = s->vma.v[above].start - 1;
		}
		run.pages = (end - w->cursor) / size + 1;
		ret = translate_add_run(w->out, w->first_run, &run);
		w->range_done = end == UINT64_MAX;
		w->cursor = end + 1;
	}
	return ret;
}

/* The folio that begins a stretch of words: bytes, and how many of the pages are in it. The word
 * of its first frame stands for all, since before Linux 6.10 the others say little. */
static int measure_folio(const struct walk *w, uint64_t pfn, const uint64_t *words, uint64_t n,
			 struct translate_run *run)
{
	uint64_t head = pfn, frames = 1;
	int ret = 0;

	run->flags = (struct maybe){ true, words[0] };
	if (words[0] & KPAGE_BIT(COMPOUND_HEAD))
		while (frames < n && (words[frames] & KPAGE_BIT(COMPOUND_TAIL)))
			frames++;
	if ((words[0] & KPAGE_BIT(COMPOUND_TAIL)) ||
	    ((words[0] & KPAGE_BIT(COMPOUND_HEAD)) && frames == n))
		ret = kpage_folio(&w->kpage, pfn, &head, &frames);
	if (ret == 0 && head != pfn)
		ret = kpage_word(&w->kpage, KPAGE_FLAGS, head, &run->flags.v);
	run->flags.v &= ~COMPOUND;
	run->folio = frames * w->req->facts.page_size;
	run->pages = head + frames - pfn < n ? head + frames - pfn : n;
	return ret;
}

/* A run of pages that have frames: cut where flags or folios change. */
static int add_frames(struct walk *w, struct translate_run run)
{
	uint64_t pages = run.pages, start = run.start, pfn = run.pfn.v, done = 0;
	struct kpage_want want = { .pfn = pfn, .n = (uint32_t)pages };
	int ret = kpage_read(&w->kpage, KPAGE_FLAGS, &want, 1, w->words, 1);

	while (ret == 0 && done < pages) {
		run.start = start + done * w->req->facts.page_size;
		run.pfn.v = pfn + done;
		ret = measure_folio(w, run.pfn.v, w->words + done, pages - done, &run);
		if (run.flags.v & KPAGE_BIT(ZERO_PAGE))
			run.zero = true;
		if (ret == 0)
			ret = translate_add_run(w->out, w->first_run, &run);
		done += run.pages;
	}
	return ret;
}

static int add_page_run(struct walk *w, const struct page_run *from, uint32_t vma)
{
	uint64_t size = w->req->facts.page_size, cut = 0;
	uint64_t hugetlb = translate_hugetlb_size(w->req->facts.space, vma, size);
	struct translate_run run = {
		.start = from->start, .pages = from->pages, .vma = vma, .known = true,
		.state = pagemap_state(from->entry), .huge = from->huge, .zero = from->zero,
		.entry = from->entry,
	};
	int ret;

	/* a huge page may begin before the range and end behind it */
	if (run.start < w->cursor)
		cut = (w->cursor - run.start) / size;
	run.start += cut * size;
	run.pages -= cut;
	if (run.pages > (w->last - run.start) / size + 1)
		run.pages = (w->last - run.start) / size + 1;
	ret = run.start > w->cursor ? fill(w, run.start - 1) : 0;
	w->cursor = run.start + run.pages * size;
	if (run.state != PAGE_PRESENT)
		return ret < 0 ? ret : translate_add_run(w->out, w->first_run, &run);
	run.pfn = (struct maybe){ pagemap_pfn(run.entry) != 0, pagemap_pfn(run.entry) + cut };
	w->wanted = true;
	w->hidden = w->hidden || !run.pfn.known;
	if (hugetlb)
		run.folio = hugetlb;
	if (ret == 0 && run.pfn.known && kpage_has(&w->kpage, KPAGE_FLAGS)) {
		if (!hugetlb)
			return add_frames(w, run);
		ret = kpage_word(&w->kpage, KPAGE_FLAGS, run.pfn.v, &run.flags.v);
		run.flags.known = ret == 0;
		run.flags.v &= ~COMPOUND;
	}
	return ret < 0 ? ret : translate_add_run(w->out, w->first_run, &run);
}

struct range_walk {
	struct walk *w;
	uint32_t first;		/* mapping of range 0 */
};

static int take_runs(void *ctx, const struct page_run *run, size_t n)
{
	struct range_walk *r = ctx;
	int ret = 0;

	for (size_t i = 0; ret == 0 && i < n; i++)
		ret = add_page_run(r->w, &run[i], r->first + run[i].range);
	return ret;
}

/* The part of a mapping that is asked for; whole huge pages. */
static struct pagemap_range part_of(const struct walk *w, uint32_t vma)
{
	const struct space *s = w->req->facts.space;
	const struct vma *v = &s->vma.v[vma];
	struct pagemap_range r = { .start = v->start, .end = v->end, .scan = true };
	uint64_t page = w->req->facts.page_size, step;

	r.huge_size = translate_hugetlb_size(s, vma, page);
	r.skip = !vma_is_user(v) || translate_is_raw(s, v);
	step = r.huge_size ? r.huge_size : page;
	if (w->cursor > r.start)
		r.start += (w->cursor - r.start) / step * step;
	if (w->last < r.end - 1)
		r.end -= (r.end - 1 - w->last) / step * step;
	return r;
}

static int read_range(struct walk *w, const struct address_range *asked)
{
	const struct space *s = w->req->facts.space;
	uint64_t size = w->req->facts.page_size;
	struct range_walk ctx = { .w = w };
	VEC(struct pagemap_range) part = { 0 };
	int ret = 0;

	w->cursor = asked->low & ~(size - 1);
	w->last = asked->last | (size - 1);
	w->first_run = w->out->run.n;
	w->range_done = false;
	for (uint32_t i = 0; ret == 0 && i < s->vma.n; i++) {
		struct pagemap_range *to;

		if (s->vma.v[i].end <= w->cursor || s->vma.v[i].start > w->last)
			continue;
		to = vec_push(&part);
		if (!to) {
			ret = -ENOMEM;
			break;
		}
		if (part.n == 1)
			ctx.first = i;
		*to = part_of(w, i);
	}
	if (!w->words)
		w->words = malloc(PAGEMAP_BATCH_PAGES * sizeof(*w->words));
	if (!w->words)
		ret = -ENOMEM;
	if (ret == 0 && !w->pagemap_error)
		ret = pagemap_walk(&w->pagemap, part.v, part.n, take_runs, &ctx);
	if (ret == 0)
		ret = fill(w, w->last);
	vec_done(&part);
	return ret;
}

/* ---- all -------------------------------------------------------------------- */

/* Where nothing told the depth of the page tables, the smallest was taken that fits the mappings;
 * but pagemap has entries for all that the process could map. */
static void check_geometry(struct walk *w)
{
	struct translate_facts *f = &w->req->facts;
	const struct geometry *larger;
	uint64_t entry;

	while (w->pagemap.live && f->geometry && f->bits != 32 &&
	       (larger = geometry_larger(f->geometry)) &&
	       pagemap_entry(&w->pagemap, f->geometry->user_end, &entry) == 1)
		f->geometry = larger;
}

static void open_files(struct walk *w, struct frames_missing *missing)
{
	struct buf text;
	int ret;

	w->pagemap_error = pagemap_open(w->req->process, w->req->facts.page_size, false,
					&w->pagemap);
	if (w->pagemap_error)
		w->pagemap.fd = -1;
	else
		check_geometry(w);
	kpage_open(w->req->root, &w->kpage);
	buf_init(&text);
	ret = root_read(w->req->root, "proc/zoneinfo", &text);
	if (ret == 0)
		ret = zoneinfo_parse(text.data, text.len, &w->zones);
	buf_done(&text);
	*missing = (struct frames_missing){
		.pagemap = w->pagemap_error, .zoneinfo = ret,
		.flags = kpage_has(&w->kpage, KPAGE_FLAGS) ? 0 : w->kpage.fd[KPAGE_FLAGS],
		.counts = kpage_has(&w->kpage, KPAGE_COUNT) ? 0 : w->kpage.fd[KPAGE_COUNT],
	};
}

static void walk_done(struct walk *w)
{
	pagemap_close(&w->pagemap);
	kpage_close(&w->kpage);
	vec_done(&w->zones);
	vec_done(&w->cgroup);
	cgroup_mount_done(&w->mount);
	swaps_done(&w->swaps);
	free(w->words);
}

int walk_read(struct walk_request *req, struct translation_set *out,
	      struct frames_missing *missing)
{
	struct walk w = { .req = req, .out = out };
	int ret = 0;

	out->page_size = req->facts.page_size;
	open_files(&w, missing);
	for (size_t i = 0; ret == 0 && i < req->addresses->n; i++) {
		const struct address_range *asked = &req->addresses->v[i];
		struct translate_item *item = vec_push(&out->item);

		if (!item) {
			ret = -ENOMEM;
			break;
		}
		*item = (struct translate_item){ .asked = *asked, .at = out->one.n };
		if (!asked->is_range) {
			ret = read_one(&w, asked->low);
			continue;
		}
		item->at = out->run.n;
		ret = read_range(&w, asked);
		item->runs = out->run.n - item->at;
	}
	missing->hidden = w.hidden;
	if (!w.wanted)
		missing->flags = missing->counts = missing->zoneinfo = 0;
	walk_done(&w);
	return ret;
}
