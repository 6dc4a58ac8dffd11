/* SPDX-License-Identifier: GPL-3.0-or-later */
/* /proc/iomem, and the frames of RAM that follow from it. */
#include "config.h"

#include "fuzz.h"

#include <stdlib.h>

#include "model/physical.h"
#include "proc/iomem.h"

static void check_map(const iomem_list *list)
{
	ram_list ram = { 0 }, offline = { 0 };
	zone_list zones = { 0 };
	struct ram_map map;
	struct physical_grid grid;

	if (ram_add_iomem(&ram, list, 4096) < 0)
		abort();
	ram_sort(&ram);
	for (size_t i = 0; i < ram.n; i++)
		if (ram.v[i].start >= ram.v[i].end || (i && ram.v[i].start <= ram.v[i - 1].end))
			abort();
	if (ram_map_make(&ram, &offline, &zones, &map) < 0)
		abort();
	for (size_t i = 1; i < map.extent.n; i++)
		if (map.extent.v[i].start != map.extent.v[i - 1].end)
			abort();
	physical_grid_make(&map, 64, &grid);
	if (grid.lines > PHYSICAL_LINES || (map.frames && !grid.lines))
		abort();
	ram_map_done(&map);
	vec_done(&ram);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	iomem_list list = { 0 };

	if (iomem_parse(text, size, &list) < 0)
		abort();
	for (size_t i = 0; i < list.n; i++) {
		const struct iomem_range *r = &list.v[i];

		if (r->last < r->start || r->name.p < text || r->name.p + r->name.len > text + size)
			abort();
	}
	if (iomem_is_hidden(&list) && list.v[0].start)
		abort();
	check_map(&list);
	vec_done(&list);
	return 0;
}
