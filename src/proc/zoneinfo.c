/* SPDX-License-Identifier: GPL-3.0-or-later */
/* /proc/zoneinfo: which frames belong to which zone of which node. */
#include "config.h"

#include "proc/zoneinfo.h"

#include <errno.h>
#include <string.h>

#include "base/num.h"
#include "proc/lines.h"

/* "Node 0, zone    DMA32" */
static bool parse_heading(struct str line, struct zone *z)
{
	const char *s = line.p + strlen("Node "), *end = line.p + line.len;
	uint64_t node;
	size_t n;

	if (!str_has_prefix(line, "Node ") || !num_scan_u64(&s, end, &node) ||
	    (size_t)(end - s) < strlen(", zone") || memcmp(s, ", zone", strlen(", zone")) != 0)
		return false;
	s += strlen(", zone");
	while (s < end && *s == ' ')
		s++;
	n = (size_t)(end - s);
	if (n >= sizeof(z->name))
		n = sizeof(z->name) - 1;
	*z = (struct zone){ .node = (unsigned int)node };
	memcpy(z->name, s, n);
	return true;
}

/* "        spanned  4095", "  pages free     2816", "  start_pfn:           1" */
static void parse_field(struct str line, struct zone *z)
{
	static const struct {
		const char *name;
		size_t offset;
	} field[] = {
		{ "free ", offsetof(struct zone, free) },
		{ "min ", offsetof(struct zone, min) },
		{ "low ", offsetof(struct zone, low) },
		{ "high ", offsetof(struct zone, high) },
		{ "spanned ", offsetof(struct zone, spanned) },
		{ "present ", offsetof(struct zone, present) },
		{ "managed ", offsetof(struct zone, managed) },
		{ "start_pfn:", offsetof(struct zone, start_pfn) },
		{ "count:", offsetof(struct zone, on_cpus) },	/* once for each processor */
	};
	const char *s = line.p, *end = line.p + line.len;
	uint64_t v;

	while (s < end && *s == ' ')
		s++;
	line = (struct str){ s, (size_t)(end - s) };
	if (str_has_prefix(line, "pages "))
		line = (struct str){ s + strlen("pages "), line.len - strlen("pages ") };
	for (size_t i = 0; i < sizeof(field) / sizeof(field[0]); i++) {
		if (!str_has_prefix(line, field[i].name))
			continue;
		s = line.p + strlen(field[i].name);
		while (s < end && *s == ' ')
			s++;
		/* the per-CPU lists have a "high:" and so on of their own, later and deeper */
		if (!num_scan_u64(&s, end, &v) || s != end)
			return;
		if (field[i].offset == offsetof(struct zone, on_cpus))
			v = num_add(v, z->on_cpus);
		memcpy((char *)z + field[i].offset, &v, sizeof(v));
		return;
	}
}

static bool zones_overlap(const struct zone *a, const struct zone *b)
{
	return a->node != b->node &&
	       (a->start_pfn < b->start_pfn ? b->start_pfn - a->start_pfn < a->spanned :
					      a->start_pfn - b->start_pfn < b->spanned);
}

/* Spans have holes, and the memory of two nodes may be interleaved (ppc64, hot-added memory). */
static void find_overlaps(zone_list *zones)
{
	for (size_t i = 0; i < zones->n; i++)
		for (size_t k = 0; k < i; k++)
			if (zones_overlap(&zones->v[i], &zones->v[k]))
				zones->v[i].overlaps = zones->v[k].overlaps = true;
}

int zoneinfo_parse(const char *text, size_t len, zone_list *out)
{
	struct lines lines = lines_of(text, len);
	struct zone z, *to;
	struct str line;
	bool in_zone = false, more;

	do {
		struct zone next;
		bool heading;

		more = lines_next(&lines, &line);
		heading = more && parse_heading(line, &next);
		if (in_zone && (heading || !more) && z.spanned) {
			to = vec_push(out);
			if (!to)
				return -ENOMEM;
			*to = z;
		}
		if (heading) {
			z = next;
			in_zone = true;
		} else if (more && in_zone) {
			parse_field(line, &z);
		}
	} while (more);
	find_overlaps(out);
	return 0;
}

static bool holds(const struct zone *z, uint64_t pfn)
{
	return pfn >= z->start_pfn && pfn - z->start_pfn < z->spanned;
}

const struct zone *zones_find(const zone_list *zones, uint64_t pfn, size_t *hint)
{
	const struct zone *found = NULL;

	if (*hint < zones->n && holds(&zones->v[*hint], pfn) && !zones->v[*hint].overlaps)
		return &zones->v[*hint];
	for (size_t i = 0; i < zones->n; i++) {
		if (!holds(&zones->v[i], pfn))
			continue;
		if (found && found->node != zones->v[i].node)
			return NULL;
		found = &zones->v[i];
		*hint = i;
		if (!found->overlaps)
			break;
	}
	return found;
}
