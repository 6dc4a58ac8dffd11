/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which page frame numbers are RAM, which of it is switched off, and which zone each belongs to. */
#include "config.h"

#include "model/ram.h"

#include <errno.h>
#include <stdlib.h>

#include "base/num.h"

int ram_add(ram_list *out, uint64_t start, uint64_t end)
{
	struct ram_range *to;

	if (start >= end)
		return 0;
	to = vec_push(out);
	if (!to)
		return -ENOMEM;
	*to = (struct ram_range){ start, end };
	return 0;
}

int ram_add_iomem(ram_list *out, const iomem_list *iomem, uint64_t page_size)
{
	int ret = 0;

	for (size_t i = 0; ret == 0 && i < iomem->n; i++) {
		const struct iomem_range *r = &iomem->v[i];
		uint64_t end = num_add(r->last, 1);

		/* a page of which a part is something else is not given to the allocator */
		if (iomem_is_ram(r))
			ret = ram_add(out, r->start / page_size + (r->start % page_size > 0),
				      end / page_size);
	}
	return ret;
}

int ram_add_zones(ram_list *out, const zone_list *zones)
{
	int ret = 0;

	for (size_t i = 0; ret == 0 && i < zones->n; i++)
		if (zones->v[i].present)
			ret = ram_add(out, zones->v[i].start_pfn,
				      num_add(zones->v[i].start_pfn, zones->v[i].spanned));
	return ret;
}

static int by_start(const void *a, const void *b)
{
	const struct ram_range *x = a, *y = b;

	return (x->start > y->start) - (x->start < y->start);
}

void ram_sort(ram_list *list)
{
	size_t n = 0;

	if (list->n)
		qsort(list->v, list->n, sizeof(*list->v), by_start);
	for (size_t i = 0; i < list->n; i++) {
		struct ram_range r = list->v[i];

		if (n && r.start <= list->v[n - 1].end) {
			if (r.end > list->v[n - 1].end)
				list->v[n - 1].end = r.end;
			continue;
		}
		list->v[n++] = r;
	}
	list->n = n;
}

static int cmp_u64(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* pfn only grows from call to call. */
static bool holds(const ram_list *list, size_t *at, uint64_t pfn)
{
	while (*at < list->n && list->v[*at].end <= pfn)
		++*at;
	return *at < list->n && list->v[*at].start <= pfn;
}

static size_t find_zone(const zone_list *zones, uint64_t pfn)
{
	size_t best = zones->n;

	for (size_t i = 0; i < zones->n; i++) {
		const struct zone *z = &zones->v[i];

		if (pfn >= z->start_pfn && pfn - z->start_pfn < z->spanned &&
		    (best == zones->n || z->spanned < zones->v[best].spanned))
			best = i;
	}
	return best;
}

/* Where anything may change, each once, in order. */
static size_t find_edges(const ram_list *ram, const ram_list *offline, const zone_list *zones,
			 uint64_t *edge)
{
	size_t n = 0, once = 0;

	edge[n++] = 0;
	edge[n++] = UINT64_MAX;
	for (size_t i = 0; i < ram->n; i++) {
		edge[n++] = ram->v[i].start;
		edge[n++] = ram->v[i].end;
	}
	for (size_t i = 0; i < offline->n; i++) {
		edge[n++] = offline->v[i].start;
		edge[n++] = offline->v[i].end;
	}
	for (size_t i = 0; i < zones->n; i++) {
		edge[n++] = zones->v[i].start_pfn;
		edge[n++] = num_add(zones->v[i].start_pfn, zones->v[i].spanned);
	}
	qsort(edge, n, sizeof(*edge), cmp_u64);
	for (size_t i = 0; i < n; i++)
		if (i == 0 || edge[i] != edge[once - 1])
			edge[once++] = edge[i];
	return once;
}

int ram_map_make(const ram_list *ram, const ram_list *offline, const zone_list *zones,
		 struct ram_map *out)
{
	uint64_t *edge = calloc(2 + 2 * (ram->n + offline->n + zones->n), sizeof(*edge));
	size_t n, in_ram = 0, in_offline = 0;
	int ret = edge ? 0 : -ENOMEM;

	*out = (struct ram_map){ .source = ram->n ? RAM_IOMEM : RAM_UNKNOWN };
	n = edge ? find_edges(ram, offline, zones, edge) : 0;
	for (size_t i = 0; ret == 0 && i + 1 < n; i++) {
		struct ram_extent x = {
			.start = edge[i], .end = edge[i + 1], .zone = find_zone(zones, edge[i]),
			.ram = !ram->n || holds(ram, &in_ram, edge[i]),
		}, *last = out->extent.n ? &out->extent.v[out->extent.n - 1] : NULL;

		x.offline = holds(offline, &in_offline, edge[i]) && x.ram;
		if (x.ram && ram->n) {
			out->frames += x.end - x.start;
			out->end = x.end;
		}
		if (last && last->zone == x.zone && last->ram == x.ram &&
		    last->offline == x.offline) {
			last->end = x.end;
			continue;
		}
		last = vec_push(&out->extent);
		if (last)
			*last = x;
		else
			ret = -ENOMEM;
	}
	free(edge);
	return ret;
}

void ram_map_done(struct ram_map *map)
{
	vec_done(&map->extent);
}

const struct ram_extent *ram_map_find(const struct ram_map *map, uint64_t pfn, size_t *hint)
{
	size_t low = 0, high = map->extent.n;

	for (size_t i = *hint; i < map->extent.n && i < *hint + 2; i++) {
		if (pfn >= map->extent.v[i].start && pfn < map->extent.v[i].end) {
			*hint = i;
			return &map->extent.v[i];
		}
	}
	while (low + 1 < high) {
		size_t middle = (low + high) / 2;

		if (map->extent.v[middle].start <= pfn)
			low = middle;
		else
			high = middle;
	}
	*hint = low;
	return &map->extent.v[low];
}
