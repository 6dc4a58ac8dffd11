/* SPDX-License-Identifier: GPL-3.0-or-later */
/* /proc/slabinfo: the caches that the kernel takes its small objects from. */
#include "config.h"

#include "proc/slabinfo.h"

#include <errno.h>
#include <string.h>

#include "base/num.h"
#include "proc/lines.h"

const char *const slab_use_name[SLAB_USES] = {
	[SLAB_OWN] = "own",
	[SLAB_KMALLOC] = "kmalloc",
	[SLAB_KMALLOC_RECLAIMABLE] = "kmalloc-rcl",
	[SLAB_KMALLOC_CGROUP] = "kmalloc-cg",
	[SLAB_KMALLOC_DMA] = "kmalloc-dma",
};

static void trim(struct str *s)
{
	while (s->len && s->p[s->len - 1] == ' ')
		s->len--;
}

/* Takes the number at the end of the text off it. */
static bool take_last(struct str *s, uint64_t *v)
{
	const char *from, *end;

	trim(s);
	from = end = s->p + s->len;
	while (from > s->p && from[-1] >= '0' && from[-1] <= '9')
		from--;
	/* a number of its own, not the end of a name */
	if (from == s->p || from[-1] != ' ')
		return false;
	s->len = (size_t)(from - s->p);
	return num_scan_u64(&from, end, v) && from == end;
}

/*
 * "name  active objects size per_slab pages : tunables 0 0 0 : slabdata active_slabs slabs 0". A
 * name may have blanks in it, so numbers are counted from the other side.
 */
static bool parse_line(struct str line, struct slab_cache *c)
{
	static const char middle[] = " : tunables ", last[] = " : slabdata ";
	const char *end = line.p + line.len;
	const char *tunables = memmem(line.p, line.len, middle, strlen(middle)), *s;
	struct str head;
	uint64_t active_slabs;

	if (!tunables)
		return false;
	s = memmem(tunables, (size_t)(end - tunables), last, strlen(last));
	if (!s)
		return false;
	s += strlen(last);
	while (s < end && *s == ' ')
		s++;
	if (!num_scan_u64(&s, end, &active_slabs))
		return false;
	while (s < end && *s == ' ')
		s++;
	if (!num_scan_u64(&s, end, &c->slabs))
		return false;
	head = (struct str){ line.p, (size_t)(tunables - line.p) };
	if (!take_last(&head, &c->pages_per_slab) || !take_last(&head, &c->objects_per_slab) ||
	    !take_last(&head, &c->object_size) || !take_last(&head, &c->objects) ||
	    !take_last(&head, &c->active))
		return false;
	trim(&head);
	c->name = head;
	return head.len > 0;
}

int slabinfo_parse(const char *text, size_t len, slab_list *out)
{
	struct lines lines = lines_of(text, len);
	struct str line;

	while (lines_next(&lines, &line)) {
		struct slab_cache c, *to;

		if (line.len == 0 || *line.p == '#' || !parse_line(line, &c))
			continue;
		to = vec_push(out);
		if (!to)
			return -ENOMEM;
		*to = c;
	}
	return 0;
}

enum slab_use slab_find_use(struct str name)
{
	if (str_has_prefix(name, "dma-kmalloc-"))
		return SLAB_KMALLOC_DMA;
	if (str_has_prefix(name, "kmalloc-rcl-"))
		return SLAB_KMALLOC_RECLAIMABLE;
	if (str_has_prefix(name, "kmalloc-cg-"))
		return SLAB_KMALLOC_CGROUP;
	/* kmalloc-rnd-05-64 with CONFIG_RANDOM_KMALLOC_CACHES, 6.6 */
	return str_has_prefix(name, "kmalloc-") ? SLAB_KMALLOC : SLAB_OWN;
}
