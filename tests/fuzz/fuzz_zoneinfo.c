/* SPDX-License-Identifier: GPL-3.0-or-later */
/* /proc/zoneinfo, and the zones found for frames at the edges of what it says. */
#include "config.h"

#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "proc/zoneinfo.h"

static void look(const zone_list *zones, uint64_t pfn, size_t *hint)
{
	const struct zone *z = zones_find(zones, pfn, hint);
	size_t fresh = zones->n;

	if (z && (pfn < z->start_pfn || pfn - z->start_pfn >= z->spanned))
		abort();
	/* what was looked for before must not matter, but for which of one node's zones it is */
	if (!z != !zones_find(zones, pfn, &fresh))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	zone_list zones = { 0 };
	size_t hint = 0;

	if (zoneinfo_parse((const char *)data, size, &zones) == 0)
		for (size_t i = 0; i < zones.n && i < 64; i++) {
			const struct zone *z = &zones.v[i];

			if (!z->spanned || memchr(z->name, '\0', sizeof(z->name)) == NULL)
				abort();
			look(&zones, z->start_pfn - 1, &hint);
			look(&zones, z->start_pfn, &hint);
			look(&zones, z->start_pfn + z->spanned / 2, &hint);
			look(&zones, z->start_pfn + z->spanned - 1, &hint);
			look(&zones, z->start_pfn + z->spanned, &hint);
		}
	vec_done(&zones);
	return 0;
}
