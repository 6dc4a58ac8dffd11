/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The way from virtual addresses to page frames: what follows from what was read about them. */
#include "config.h"

#include "model/translate.h"

#include <errno.h>

#include "proc/kpage.h"

enum { STACK_GUARD_PAGES = 256 };	/* stack_guard_gap, mm/mmap.c: kept below a stack that grows */

void translation_set_done(struct translation_set *s)
{
	vec_done(&s->item);
	vec_done(&s->one);
	vec_done(&s->run);
	arena_done(&s->strings);
}

static const struct counters *counters_of(const struct space *s, uint32_t vma)
{
	return s->counters.n ? &s->counters.v[vma] : NULL;
}

static bool has_flag(const struct vma *v, uint64_t bits)
{
	return v->has_flags && (v->vm_flags & bits);
}

uint64_t translate_hugetlb_size(const struct space *space, uint32_t vma, uint64_t page_size)
{
	const struct vma *v = &space->vma.v[vma];
	uint64_t size;

	if (!has_flag(v, SMAPS_BIT(HT)) && v->kind != KIND_HUGETLB)
		return 0;
	return counters_get(counters_of(space, vma), SMAPS_KERNEL_PAGE_SIZE, &size) &&
	       size > page_size ? size : 0;
}

uint64_t translate_file_offset(const struct vma *v, uint64_t address, uint64_t page_size)
{
	return v->offset + ((address & ~(page_size - 1)) - v->start);
}

bool translate_is_shmem(const struct vma *v)
{
	return v->kind == KIND_SHM || v->kind == KIND_MEMFD;
}

bool translate_is_raw(const struct space *space, const struct vma *v)
{
	if (v->has_flags)
		return v->vm_flags & SMAPS_BIT(PF);
	return v->kind == KIND_DEVICE || str_has_prefix(vma_path(space, v), "[vvar");
}

static void find_hole(const struct space *s, struct translation *t)
{
	size_t above = space_above(s, t->address);

	t->hole_start = above > 0 ? s->vma.v[above - 1].end : 0;
	t->hole_last = above < s->vma.n ? s->vma.v[above].start - 1 : UINT64_MAX;
}

void translation_place(const struct translate_facts *f, struct translation *t)
{
	const struct vma *v = space_find(f->space, t->address);
	enum geometry_half half = HALF_USER;

	if (v) {
		t->place = PLACE_MAPPING;
		t->vma = (uint32_t)(v - f->space->vma.v);
		return;
	}
	if (f->geometry)
		half = geometry_half(f->geometry, f->bits, t->address);
	t->place = half == HALF_USER ? PLACE_HOLE : half == HALF_KERNEL ? PLACE_KERNEL :
									  PLACE_NOWHERE;
	if (t->place != PLACE_HOLE)
		return;
	find_hole(f->space, t);
	/* the mapping above may be [vsyscall], in the other half */
	if (f->geometry && t->hole_last > geometry_half_last(f->geometry, f->bits))
		t->hole_last = geometry_half_last(f->geometry, f->bits);
}

static enum translate_reason why_no_mapping(const struct translate_facts *f,
					    const struct translation *t)
{
	const struct vma *above = NULL;
	uint64_t page = t->address & ~(f->page_size - 1);

	if (t->place == PLACE_KERNEL)
		return REASON_KERNEL;
	if (t->place == PLACE_NOWHERE)
		return f->bits != 32 && geometry_has_canonical(f->geometry) ?
			REASON_NOT_CANONICAL : REASON_BEYOND;
	if (t->hole_start == 0 && t->address < f->mmap_min_addr)
		return REASON_NULL;
	if (t->hole_last < UINT64_MAX)
		above = space_find(f->space, t->hole_last + 1);
	if (above && above->kind == KIND_STACK && above->end - page <= f->stack_limit &&
	    page - t->hole_start >= STACK_GUARD_PAGES * f->page_size)
		return REASON_STACK_ROOM;
	return REASON_HOLE;
}

/* The entry is empty: of the facts at hand, the first that explains it. */
static enum translate_reason why_empty(const struct translate_facts *f,
				       const struct translation *t)
{
	const struct vma *v = &f->space->vma.v[t->vma];
	const struct file *file = vma_file(f->space, v);
	uint64_t at = translate_file_offset(v, t->address, f->page_size);
	bool shmem = translate_is_shmem(v);

	if (translate_is_raw(f->space, v))
		return REASON_RAW_PFN;
	if (!(v->perms & MAPS_ACCESS))
		return REASON_NO_ACCESS;
	if (t->file_size.known && at >= t->file_size.v)
		return REASON_END_OF_FILE;
	if (translate_hugetlb_size(f->space, t->vma, f->page_size))
		return REASON_HUGETLB;
	if (t->cache == CACHE_SWAPPED)
		return REASON_SHMEM_SWAPPED;
	if (t->cache == CACHE_PRESENT)
		return REASON_CACHED;
	if (t->cache == CACHE_ABSENT)
		return shmem ? REASON_UNTOUCHED : REASON_NOT_CACHED;
	if (shmem)
		return REASON_SHMEM;
	return file->inode && v->kind != KIND_ANON ? REASON_FILE : REASON_UNTOUCHED;
}

static enum translate_reason why(const struct translate_facts *f, const struct translation *t)
{
	if (t->place != PLACE_MAPPING)
		return why_no_mapping(f, t);
	if (f->space->vma.v[t->vma].kind == KIND_VSYSCALL)
		return REASON_VSYSCALL;
	if (t->error)
		return REASON_UNREADABLE;
	switch (t->state) {
	case PAGE_PRESENT: return REASON_PRESENT;
	case PAGE_SWAP: return REASON_SWAPPED;
	case PAGE_GUARD: return REASON_GUARD;
	case PAGE_MIGRATION: return REASON_MIGRATION;
	/* bits 0 and 1 of a marker: include/linux/swapops.h, 6.18 */
	case PAGE_MARKER: return pagemap_swap_offset(t->entry) & 2 ? REASON_POISON : REASON_UFFD;
	case PAGE_NONE: break;
	}
	return why_empty(f, t);
}

/* Can this page be part of one that a PMD entry maps? Where PAGEMAP_SCAN does not say. */
static bool can_be_huge(const struct translate_facts *f, const struct translation *t,
			uint64_t pmd_size)
{
	static const enum smaps_counter counter[] = {
		SMAPS_ANON_HUGE_PAGES, SMAPS_SHMEM_PMD_MAPPED, SMAPS_FILE_PMD_MAPPED,
	};
	const struct counters *c = counters_of(f->space, t->vma);
	const struct vma *v = &f->space->vma.v[t->vma];
	uint64_t start = t->address & ~(pmd_size - 1), sum = 0, n;
	bool told = false;

	for (size_t i = 0; i < sizeof(counter) / sizeof(counter[0]); i++) {
		if (!counters_get(c, counter[i], &n))
			continue;
		told = told || counter[i] == SMAPS_ANON_HUGE_PAGES;
		sum += n;
	}
	/* what PMD entries map, smaps counts; but for the huge zero page */
	if (told && sum == 0 && t->zero_page.known && !t->zero_page.v)
		return false;
	if (t->folio_frames.known && t->folio_frames.v * f->page_size < pmd_size)
		return false;
	return start >= v->start && v->end - start >= pmd_size;
}

static void find_leaf(const struct translate_facts *f, struct translation *t)
{
	uint64_t pmd = f->geometry ? geometry_pmd_size(f->geometry) : 0;

	t->leaf_size = translate_hugetlb_size(f->space, t->vma, f->page_size);
	if (t->leaf_size)
		return;
	if (t->knows_huge)
		t->leaf_size = t->huge ? pmd : f->page_size;
	else if (pmd && can_be_huge(f, t, pmd))
		t->leaf_or = pmd;
	else if (pmd)
		t->leaf_size = f->page_size;
}

void translation_conclude(const struct translate_facts *f, struct translation *t)
{
	t->leaf_size = t->leaf_or = 0;
	t->pfn = t->physical = t->zero_page = (struct maybe){ 0 };
	t->state = t->error ? PAGE_NONE : pagemap_state(t->entry);
	t->reason = why(f, t);
	if (t->reason != REASON_PRESENT)
		return;
	t->zero_page = (struct maybe){ t->knows_huge || t->flags.known, t->zero ||
		(t->flags.known && (t->flags.v & KPAGE_BIT(ZERO_PAGE))) };
	find_leaf(f, t);
	/* no program has frame 0: it is what those see who may not see frames */
	t->pfn = (struct maybe){ pagemap_pfn(t->entry) != 0, pagemap_pfn(t->entry) };
	if (t->pfn.known)
		t->physical = (struct maybe){ true, t->pfn.v * f->page_size +
					      (t->address & (f->page_size - 1)) };
}

/* Does b go on where a ends? */
static bool continues(const struct translation_set *s, const struct translate_run *a,
		      const struct translate_run *b)
{
	const uint64_t low = PAGEMAP_PFN_MASK;
	uint64_t swap_step = a->state == PAGE_SWAP && (a->entry & low) ? a->pages << 5 : 0;

	if (a->start + a->pages * s->page_size != b->start || a->vma != b->vma ||
	    a->state != b->state || a->known != b->known || a->huge != b->huge ||
	    a->zero != b->zero || a->folio != b->folio)
		return false;
	if (a->pfn.known != b->pfn.known)
		return false;
	/* the zero page is the same frame again and again */
	if (a->pfn.known && a->pfn.v + a->pages != b->pfn.v && !(a->zero && a->pfn.v == b->pfn.v))
		return false;
	if (a->flags.known != b->flags.known || (a->flags.known && a->flags.v != b->flags.v))
		return false;
	if ((a->entry & ~low) != (b->entry & ~low))
		return false;
	return a->state == PAGE_PRESENT || a->state == PAGE_NONE ||
	       (a->entry & low) + swap_step == (b->entry & low);
}

int translate_add_run(struct translation_set *s, size_t first, const struct translate_run *run)
{
	struct translate_run *to;

	if (s->run.n > first && continues(s, &s->run.v[s->run.n - 1], run)) {
		s->run.v[s->run.n - 1].pages += run->pages;
		return 0;
	}
	to = vec_push(&s->run);
	if (!to)
		return -ENOMEM;
	*to = *run;
	return 0;
}
