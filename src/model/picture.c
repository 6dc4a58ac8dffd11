/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The address space as a stack of bands for a given height: integers only, painted elsewhere. */
#include "config.h"

#include "model/picture.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "model/classify.h"
#include "model/kernel_half.h"
#include "model/picture_join.h"

enum {
	MAX_HOLES = 8,		/* drawn; smaller ones are just gaps within a band */
	RUN_LINES = 22,		/* for what is mapped, if there is so much, rather than small holes */
	MIN_RUN_LINES = 14,	/* rather than any hole */
	END_LINES = 5,		/* the holes above and below all mappings, with borders */
	LEAST_BANDS = 7,	/* stack, heap, executable, and what is between and beside them */
	LEAST_LINES = 12,	/* from which on there are so many */
};

#define MIN_HOLE (UINT64_C(1) << 20)
#define SMALL_HOLE (UINT64_C(16) << 20)

/* Neighbouring mappings that belong on one line: segments of a library, a stack and its guard,
 * anonymous areas one after the other. */
struct run {
	uint32_t first, count;	/* positions in the rows */
	uint8_t class;
};

struct layout {
	const struct picture_request *req;
	struct picture *out;
	VEC(struct run) run;	/* ascending */
	struct join_run *join;	/* of each: its weight, and whether it joins the one below */
	uint64_t user_end;
	struct hole {
		uint64_t size;
		uint32_t run;	/* the run above it */
		bool landmark;	/* beside the stack, the heap or the executable */
	} hole[MAX_HOLES];	/* landmarks first, then the largest */
	unsigned int holes;
};

static const struct vma *row(const struct layout *l, size_t i)
{
	return &l->req->rows->vma[l->req->rows->index[i]];
}

static const struct counters *row_counters(const struct layout *l, size_t i)
{
	const struct rows *r = l->req->rows;

	return r->counters ? &r->counters[r->index[i]] : NULL;
}

static enum part_class class_of(const struct layout *l, const struct vma *v)
{
	static const unsigned char of_kind[KINDS] = {
		[KIND_TEXT] = PART_TEXT, [KIND_RODATA] = PART_RODATA,
		[KIND_RELRO] = PART_RELRO, [KIND_DATA] = PART_DATA, [KIND_BSS] = PART_BSS,
		[KIND_HEAP] = PART_HEAP, [KIND_STACK] = PART_STACK,
		[KIND_THREAD_STACK] = PART_THREAD_STACK, [KIND_ANON] = PART_ANON,
		[KIND_JIT] = PART_JIT, [KIND_GUARD] = PART_GUARD, [KIND_FILE] = PART_FILE,
		[KIND_SHM] = PART_SHM, [KIND_MEMFD] = PART_MEMFD,
		[KIND_HUGETLB] = PART_HUGETLB, [KIND_DEVICE] = PART_DEVICE,
		[KIND_VDSO] = PART_VDSO, [KIND_VSYSCALL] = PART_VSYSCALL,
		[KIND_OTHER] = PART_OTHER,
	};

	if (v->kind == KIND_GUARD && v->thread)
		return PART_THREAD_STACK;
	if (kind_is_elf(v->kind) && (v->object != l->req->executable || !v->object))
		return PART_LIBRARY;
	/* the gap between an old library's text and data is part of it */
	if (v->kind == KIND_GUARD && v->file && v->object != l->req->executable)
		return PART_LIBRARY;
	return (enum part_class)of_kind[v->kind];
}

static bool same_run(const struct layout *l, const struct run *r, const struct vma *v,
		     enum part_class class)
{
	const struct vma *last = row(l, r->first + r->count - 1);

	if (class != r->class || v->start - last->end >= MIN_HOLE)
		return false;
	switch (class) {
	case PART_ANON: case PART_VDSO: case PART_GUARD: case PART_HEAP: case PART_STACK:
		return true;
	case PART_THREAD_STACK:
		return v->thread == last->thread;
	default:
		return v->object == last->object;
	}
}

static uint64_t run_end(const struct layout *l, const struct run *r)
{
	return row(l, r->first + r->count - 1)->end;
}

static unsigned int log2_of(uint64_t v)
{
	return v ? 63u - (unsigned int)__builtin_clzll(v) : 0;
}

/* What every textbook draws. */
static bool is_landmark(uint8_t class)
{
	return class <= PART_BSS || class == PART_HEAP || class == PART_STACK;
}

static bool hole_is_before(const struct hole *a, const struct hole *b)
{
	return a->landmark != b->landmark ? a->landmark : a->size > b->size;
}

static void note_hole(struct layout *l, struct hole hole)
{
	unsigned int i;

	if (hole.size < MIN_HOLE ||
	    (l->holes == MAX_HOLES && !hole_is_before(&hole, &l->hole[MAX_HOLES - 1])))
		return;
	if (l->holes < MAX_HOLES)
		l->holes++;
	for (i = l->holes - 1; i > 0 && hole_is_before(&hole, &l->hole[i - 1]); i--)
		l->hole[i] = l->hole[i - 1];
	l->hole[i] = hole;
}

static void find_holes(struct layout *l)
{
	for (uint32_t i = 1; i < l->run.n; i++) {
		const struct run *below = &l->run.v[i - 1], *above = &l->run.v[i];
		struct hole hole = { .run = i };

		hole.size = row(l, above->first)->start - run_end(l, below);
		hole.landmark = hole.size >= SMALL_HOLE &&
				(is_landmark(below->class) || is_landmark(above->class));
		note_hole(l, hole);
	}
}

/* What every textbook draws keeps to itself: 0, or a number for each. */
static uint8_t group_of(const struct layout *l, const struct run *r)
{
	const struct vma *v = row(l, r->first);

	if (r->class == PART_HEAP || r->class == PART_STACK)
		return r->class;
	if (r->class <= PART_BSS ||
	    (r->class == PART_GUARD && v->file && v->object == l->req->executable))
		return PART_CLASSES;
	return 0;
}

/* Large before small: by what is in RAM, then by size. */
static struct join_run to_join(const struct layout *l, const struct run *r)
{
	uint64_t size = 0, resident = 0, one;
	struct join_run j = { .group = group_of(l, r) };

	for (uint32_t i = r->first; i < r->first + r->count; i++) {
		size = num_add(size, row(l, i)->size);
		if (counters_resident(row_counters(l, i), &one))
			resident = num_add(resident, one);
	}
	/* what is only set aside tells least */
	j.weight = join_weight(r->class == PART_GUARD ? size / 16 : size, resident);
	if (r->class == PART_THREAD_STACK || r->class == PART_ANON || r->class == PART_GUARD)
		j.alike = r->class;
	return j;
}

static int find_runs(struct layout *l)
{
	for (size_t i = 0; i < l->req->rows->n; i++) {
		const struct vma *v = row(l, i);
		enum part_class class;
		struct run *r = l->run.n ? &l->run.v[l->run.n - 1] : NULL;

		if (!vma_is_user(v))
			continue;
		class = class_of(l, v);
		if (r && same_run(l, r, v, class)) {
			r->count++;
		} else {
			r = vec_push(&l->run);
			if (!r)
				return -ENOMEM;
			*r = (struct run){ .first = (uint32_t)i, .count = 1,
					   .class = (uint8_t)class };
		}
	}
	find_holes(l);
	l->join = calloc(l->run.n + 1, sizeof(*l->join));
	for (size_t i = 0; l->join && i < l->run.n; i++)
		l->join[i] = to_join(l, &l->run.v[i]);
	return l->join ? 0 : -ENOMEM;
}

static struct band *add_band(struct layout *l, enum band_type type, uint64_t start, uint64_t last)
{
	struct band *b = vec_push(&l->out->band);

	if (!b)
		return NULL;
	*b = (struct band){ .type = type, .start = start, .last = last, .height = 1 };
	b->size = last - start == UINT64_MAX ? UINT64_MAX : last - start + 1;
	return b;
}

static void part_add_object(struct band_part *p, uint32_t object, uint64_t size)
{
	unsigned int i;

	for (i = 0; i < 3; i++)
		if (p->object[i] == object)
			return;
	for (i = 3; i-- > 0 && (!p->object[i] || p->object_size[i] < size);) {
		if (i < 2) {
			p->object[i + 1] = p->object[i];
			p->object_size[i + 1] = p->object_size[i];
		}
		p->object[i] = object;
		p->object_size[i] = size;
	}
}

static uint64_t run_size(const struct layout *l, const struct run *r)
{
	uint64_t size = 0;

	for (uint32_t i = r->first; i < r->first + r->count; i++)
		size = num_add(size, row(l, i)->size);
	return size;
}

static int part_by_size(const void *a, const void *b)
{
	const struct band_part *x = a, *y = b;

	if (x->size != y->size)
		return x->size < y->size ? 1 : -1;
	return (int)x->class - (int)y->class;
}

/* What is only reserved says least, unless it is nearly all there is. */
static void guards_last(struct band_part *part, unsigned int n, uint64_t size)
{
	struct band_part guards = part[0];

	if (n < 2 || guards.class != PART_GUARD || guards.size > size - size / 8)
		return;
	memmove(part, part + 1, (n - 1) * sizeof(part[0]));
	part[n - 1] = guards;
}

/* A hole that a textbook would draw, and that there is no line for. */
static void note_gap(struct band *b, uint64_t start, uint64_t end)
{
	if (end - start < SMALL_HOLE)
		return;
	b->gaps = num_add(b->gaps, end - start);
	b->gap_count++;
}

/* The run that the band is called after: a landmark, or else the heaviest. */
static size_t find_leader(const struct layout *l, struct band *b, size_t from, size_t to)
{
	size_t best = to;

	for (size_t i = to; i-- > from;)
		if (!l->join[i].group != !l->join[best].group ? l->join[i].group != 0 :
							       l->join[i].weight > l->join[best].weight)
			best = i;
	for (size_t i = from; i <= to; i++)
		if (i != best)
			b->hidden = num_add(b->hidden, l->join[i].weight);
	return best;
}

/* Sums up runs [from, to] into the band's parts and counters. */
static void fill_band(struct layout *l, struct band *b, size_t from, size_t to)
{
	struct band_part part[PART_CLASSES] = { { 0 } };
	uint64_t kind_size[KINDS] = { 0 }, v;
	size_t leader = find_leader(l, b, from, to);
	unsigned int n = 0;

	b->size = 0;
	b->runs = (uint32_t)(to - from + 1);
	b->leader = (enum part_class)l->run.v[leader].class;
	b->leader_object = row(l, l->run.v[leader].first)->object;
	b->mapped_end = run_end(l, &l->run.v[to]);
	b->first = l->req->rows->index[l->run.v[from].first];
	b->has_counters = l->req->rows->counters != NULL;
	for (size_t i = from; i <= to; i++) {
		const struct run *r = &l->run.v[i];
		struct band_part *p = &part[r->class];

		if (i > from)
			note_gap(b, run_end(l, r - 1), row(l, r->first)->start);
		p->class = (enum part_class)r->class;
		p->objects++;
		p->size = num_add(p->size, run_size(l, r));
		part_add_object(p, row(l, r->first)->object, run_size(l, r));
		for (uint32_t m = r->first; m < r->first + r->count; m++) {
			const struct vma *one = row(l, m);

			p->kinds |= 1u << one->kind;
			b->kinds |= 1u << one->kind;
			kind_size[one->kind] = num_add(kind_size[one->kind], one->size);
			b->size = num_add(b->size, one->size);
			b->mappings++;
			if (counters_resident(row_counters(l, m), &v))
				b->resident = num_add(b->resident, v);
			else
				b->has_counters = false;
			if (counters_get(row_counters(l, m), SMAPS_SWAP, &v))
				b->swap = num_add(b->swap, v);
		}
	}
	for (unsigned int k = 0; k < KINDS; k++)
		if (kind_size[k] > kind_size[b->kind])
			b->kind = (enum kind)k;
	for (unsigned int i = 0; i < PART_CLASSES; i++)
		if (part[i].objects)
			part[n++] = part[i];
	qsort(part, n, sizeof(part[0]), part_by_size);
	guards_last(part, n, b->size);
	b->parts = n < BAND_PARTS ? n : BAND_PARTS;
	memcpy(b->part, part, b->parts * sizeof(part[0]));
	for (unsigned int i = b->parts; i < n; i++)
		b->other_parts += part[i].objects;
}

/* The user's part, from the top down: runs joined into lines, holes between them. */
static int add_user_bands(struct layout *l)
{
	uint64_t above = l->user_end;	/* end of what is still to be drawn */
	size_t i = l->run.n;

	while (i > 0) {
		size_t to = i - 1, from = to;
		uint64_t end = run_end(l, &l->run.v[to]);
		struct band *b;

		if (end < above && (i == l->run.n || l->join[i].wall) &&
		    !add_band(l, BAND_FREE, end, above - 1))
			return -ENOMEM;
		while (l->join[from].joined)
			from--;
		/* small gaps above a line belong to its band, so that bands have none between */
		if (i < l->run.n && !l->join[i].wall)
			end = above;
		above = row(l, l->run.v[from].first)->start;
		b = add_band(l, BAND_MAPPED, above, end - 1);
		if (!b)
			return -ENOMEM;
		fill_band(l, b, from, to);
		i = from;
	}
	return above > 0 && !add_band(l, BAND_FREE, 0, above - 1) ? -ENOMEM : 0;
}

/* name NULL: nothing is known to be there. */
static int add_region(struct layout *l, uint64_t start, uint64_t last, const char *name,
		      bool nominal)
{
	struct band *b = add_band(l, BAND_KERNEL, start, last);

	if (!b)
		return -ENOMEM;
	b->name = name ? name : "unused hole";
	b->unused = !name;
	b->nominal = nominal;
	return 0;
}

static int add_kernel_bands(struct layout *l)
{
	const struct geometry *g = l->req->geometry;
	struct kernel_part part[KERNEL_PARTS];
	uint64_t above = UINT64_MAX;
	unsigned int n = 0;
	struct band *b;

	if (!g || !g->kernel_start || l->req->bits == 32)
		return 0;
	if (g->va_bits == 32)
		above = UINT32_MAX;
	if (l->req->kernel_detail)
		n = kernel_half_make(g, l->req->kernel, part);
	while (n-- > 0) {
		if (part[n].last < above && add_region(l, part[n].last + 1, above, NULL, true) < 0)
			return -ENOMEM;
		if (add_region(l, part[n].start, part[n].last, part[n].name, part[n].nominal) < 0)
			return -ENOMEM;
		above = part[n].start - 1;
	}
	/* without detail, all of it */
	if (above >= g->kernel_start) {
		b = add_band(l, BAND_KERNEL, g->kernel_start, above);
		if (!b)
			return -ENOMEM;
		b->nominal = true;
	}
	if (l->user_end < g->kernel_start &&
	    !add_band(l, BAND_UNADDRESSABLE, l->user_end, g->kernel_start - 1))
		return -ENOMEM;
	return 0;
}

/* Where user space ends, as well as it is known: never below a mapping. */
static uint64_t find_user_end(const struct picture_request *req)
{
	uint64_t highest = 0, end;

	for (size_t i = 0; i < req->space->vma.n; i++)
		if (vma_is_user(&req->space->vma.v[i]))
			highest = req->space->vma.v[i].end;
	if (!req->geometry)
		return highest;
	end = geometry_user_end(req->geometry, req->bits);
	return end > highest ? end : highest;
}

bool picture_has_border(const struct picture *p, size_t i)
{
	const struct band *a = &p->band.v[i];

	if (i + 1 == p->band.n)
		return true;
	if (a->type == BAND_KERNEL && p->band.v[i + 1].type == BAND_KERNEL)
		return false;
	return a->type != BAND_MAPPED || p->band.v[i + 1].type != BAND_MAPPED;
}

unsigned int picture_lines(const struct picture *p)
{
	unsigned int lines = 1;

	for (size_t i = 0; i < p->band.n; i++)
		lines += p->band.v[i].height + picture_has_border(p, i);
	return lines;
}

/* Lends the lines that are left over to what is huge: a line more from 64 GiB, one from 16 TiB;
 * the largest first. */
static void stretch(struct picture *p, unsigned int lines)
{
	static const unsigned int from[] = { 44, 36 };
	unsigned int used = picture_lines(p);

	for (unsigned int step = 0; step < 2; step++) {
		for (size_t i = 0; i < p->band.n && used < lines; i++) {
			struct band *b = &p->band.v[i];

			if (b->type == BAND_KERNEL && b->name)
				continue;
			if (log2_of(b->last - b->start) < from[step])
				continue;
			b->height++;
			used++;
		}
	}
}

/* A drawn hole costs its line and the two borders around it. The smallest go where that would
 * leave too few lines for what is mapped; those that are large for any program, last. */
static void drop_holes(struct layout *l, unsigned int top)
{
	size_t runs = l->run.n;

	while (l->holes > 0) {
		bool small = l->hole[l->holes - 1].size < SMALL_HOLE;
		size_t wanted = small ? RUN_LINES : MIN_RUN_LINES;

		if (top + END_LINES + 3 * l->holes + (runs < wanted ? runs : wanted) <=
		    l->req->lines)
			break;
		l->holes--;
	}
}

/* Shares out the lines that the holes leave: 0, or how many landmarks had to join others. */
static long place_lines(struct layout *l, unsigned int lines, unsigned int top)
{
	unsigned int fixed = top + END_LINES + 3 * l->holes;
	unsigned int least = lines >= LEAST_LINES ? LEAST_BANDS :
			     lines > END_LINES ? lines - END_LINES : 1;

	for (size_t i = 0; i < l->run.n; i++)
		l->join[i].wall = false;
	for (unsigned int i = 0; i < l->holes; i++)
		l->join[l->hole[i].run].wall = true;
	return join_runs(l->join, l->run.n, lines > fixed + least ? lines - fixed : least);
}

static unsigned int address_digits(const struct picture *p)
{
	uint64_t top = p->band.n ? p->band.v[0].last : 0;

	return top > UINT64_C(0xffffffffffff) ? 16 : top > UINT32_MAX ? 12 : 8;
}

int picture_make(const struct picture_request *req, struct picture *out)
{
	struct layout l = { .req = req, .out = out, .user_end = find_user_end(req) };
	unsigned int top;
	long across;
	int ret;

	*out = (struct picture){ .filtered = req->rows->n != req->space->vma.n };
	ret = find_runs(&l);
	if (ret == 0)
		ret = add_kernel_bands(&l);
	if (ret < 0)
		goto out;
	top = out->band.n ? picture_lines(out) : 1;
	drop_holes(&l, top);
	while ((across = place_lines(&l, req->lines, top)) > 0 && l.holes > 0)
		l.holes--;
	ret = across < 0 ? (int)across : add_user_bands(&l);
	if (ret < 0)
		goto out;
	out->address_digits = address_digits(out);
	stretch(out, req->lines);
out:
	vec_done(&l.run);
	free(l.join);
	return ret;
}

void picture_done(struct picture *p)
{
	vec_done(&p->band);
}
