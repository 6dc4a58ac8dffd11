/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What must hold of every picture of an address space, whatever is in it. */
#ifndef TESTS_UNIT_PICTURE_CHECK_H
#define TESTS_UNIT_PICTURE_CHECK_H

#include <stdlib.h>

#include "model/picture.h"
#include "model/picture_join.h"

/* The index of the one mapped band that holds [start, end), or -1. */
static inline long picture_check_band(const struct picture *p, const struct vma *v)
{
	for (size_t i = 0; i < p->band.n; i++)
		if (p->band.v[i].type == BAND_MAPPED && p->band.v[i].start <= v->start &&
		    v->end - 1 <= p->band.v[i].last)
			return (long)i;
	return -1;
}

/* Each mapping is in one band, and what bands say they hold is what is in them. */
static inline const char *picture_check_sums(const struct picture_request *req,
					     const struct picture *p)
{
	uint64_t *size = calloc(p->band.n + 1, sizeof(*size));
	uint64_t *resident = calloc(p->band.n + 1, sizeof(*resident));
	uint64_t *swap = calloc(p->band.n + 1, sizeof(*swap));
	size_t *count = calloc(p->band.n + 1, sizeof(*count));
	size_t *told = calloc(p->band.n + 1, sizeof(*told));
	const struct rows *r = req->rows;
	const char *problem = NULL;
	uint64_t v;

	for (size_t i = 0; size && resident && swap && count && told && i < r->n; i++) {
		const struct vma *m = &r->vma[r->index[i]];
		long at = picture_check_band(p, m);

		if (!vma_is_user(m))
			continue;
		if (at < 0) {
			problem = "a mapping that is in no band";
			break;
		}
		if (count[at]++ == 0 && p->band.v[at].first != r->index[i])
			problem = "a band's first mapping is another one";
		size[at] += m->size;
		told[at] += r->counters && counters_resident(&r->counters[r->index[i]], &v);
		if (r->counters && counters_resident(&r->counters[r->index[i]], &v) &&
		    __builtin_add_overflow(resident[at], v, &resident[at]))
			resident[at] = UINT64_MAX;
		if (r->counters && counters_get(&r->counters[r->index[i]], SMAPS_SWAP, &v) &&
		    __builtin_add_overflow(swap[at], v, &swap[at]))
			swap[at] = UINT64_MAX;
	}
	for (size_t i = 0; count && told && !problem && i < p->band.n; i++) {
		const struct band *b = &p->band.v[i];

		if (b->type != BAND_MAPPED)
			continue;
		if (b->mappings != count[i] || count[i] == 0)
			problem = "a band's number of mappings is wrong";
		else if (b->size != size[i])
			problem = "a band's size is not that of its mappings";
		else if (b->resident != resident[i] || b->swap != swap[i])
			problem = "a band's counters are not those of its mappings";
		else if (b->has_counters != (told[i] == count[i]))
			problem = "a band has counters where there are none, or the reverse";
	}
	free(size);
	free(resident);
	free(swap);
	free(count);
	free(told);
	return problem;
}

static inline const char *picture_check_parts(const struct band *b)
{
	uint64_t sum = 0;

	if (b->type != BAND_MAPPED)
		return b->parts ? "parts in a band that is not mapped" : NULL;
	if (b->parts < 1 || b->parts > BAND_PARTS || b->kind >= KINDS)
		return "a mapped band without parts or kind";
	for (unsigned int i = 0; i < b->parts; i++) {
		if (b->part[i].class >= PART_CLASSES || b->part[i].objects < 1)
			return "a part of no class";
		/* largest first, but what is only reserved may have gone to the end */
		if (i && b->part[i].size > b->part[i - 1].size &&
		    (b->part[i].class != PART_GUARD || i + 1 < b->parts))
			return "parts not by size";
		sum += b->part[i].size;
	}
	if (sum > b->size || (sum != b->size && !b->other_parts))
		return "parts do not sum up to the band";
	return NULL;
}

/* NULL, or what is wrong. */
static inline const char *picture_check(const struct picture_request *req,
					const struct picture *p)
{
	for (size_t i = 0; i < p->band.n; i++) {
		const struct band *b = &p->band.v[i];
		const char *problem = picture_check_parts(b);

		if (problem)
			return problem;
		if (b->start > b->last)
			return "a band that ends before it begins";
		if (b->type != BAND_MAPPED &&
		    b->size != (b->last - b->start == UINT64_MAX ? UINT64_MAX :
							       b->last - b->start + 1))
			return "the size of an empty band";
		if (b->height < 1 || b->height > 3)
			return "a height that is not 1 to 3";
		if (i + 1 < p->band.n && (b->start == 0 || p->band.v[i + 1].last != b->start - 1))
			return "bands with a gap or an overlap between them";
		if (i + 1 < p->band.n && b->type == p->band.v[i + 1].type &&
		    b->type == BAND_FREE)
			return "two free bands in a row";
	}
	if (p->band.n && p->band.v[p->band.n - 1].start != 0)
		return "the last band does not begin at 0";
	return picture_check_sums(req, p);
}

/* What every textbook draws, which shares its line with nothing else. */
static inline bool picture_check_landmark(const struct picture_request *req, const struct vma *v)
{
	return v->kind == KIND_HEAP || v->kind == KIND_STACK ||
	       (req->executable && v->object == req->executable);
}

static inline bool picture_check_has_landmark(const struct picture_request *req,
					      const struct band *b)
{
	for (size_t i = b->first; i < b->first + b->mappings; i++)
		if (picture_check_landmark(req, &req->space->vma.v[i]))
			return true;
	return false;
}

/*
 * Lines are spent on what is large: nothing with a name is hidden behind another one's that tells
 * more than the smaller of two neighbours that could have shared a line. NULL, or what is wrong.
 * For all mappings, and enough lines for the landmarks.
 */
static inline const char *picture_check_lines(const struct picture_request *req,
					      const struct picture *p)
{
	uint64_t least = UINT64_MAX, resident;

	for (size_t i = 0; i + 1 < p->band.n; i++) {
		const struct band *a = &p->band.v[i], *b = a + 1;
		uint64_t x = join_weight(a->size, a->resident), y = join_weight(b->size, b->resident);
		uint64_t cost = x < y ? x + y / JOIN_PURE : y + x / JOIN_PURE;

		if (a->type != BAND_MAPPED || b->type != BAND_MAPPED ||
		    picture_check_has_landmark(req, a) || picture_check_has_landmark(req, b))
			continue;
		least = cost < least ? cost : least;
	}
	for (size_t i = 0; i < p->band.n; i++) {
		const struct band *b = &p->band.v[i];

		for (size_t k = b->first; b->type == BAND_MAPPED && k < b->first + b->mappings; k++) {
			const struct vma *v = &req->space->vma.v[k];

			if (!v->file || b->runs == 1 || v->object == b->leader_object ||
			    picture_check_landmark(req, v))
				continue;
			resident = 0;
			if (req->rows->counters)
				counters_resident(&req->rows->counters[k], &resident);
			if (join_weight(v->size, resident) > least)
				return "something large shares a line, something small has its own";
		}
	}
	return NULL;
}

#endif
