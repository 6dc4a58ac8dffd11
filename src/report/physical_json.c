/* SPDX-License-Identifier: GPL-3.0-or-later */
/* --physical: what the machine's page frames are used for, as JSON. */
#include "config.h"

#include "base/num.h"
#include "proc/kpage.h"
#include "report/physical.h"

static void uses_json(struct json *j, const struct sweep *s)
{
	json_array(j, "uses");
	for (unsigned int u = 0; u < FRAME_USES; u++) {
		const struct physical_use *use = &s->physical.use[u];

		json_object(j, NULL);
		json_string(j, "use", str_of(frame_use_info[u].key));
		json_u64(j, "frames", use->frames);
		json_u64(j, "size", use->frames * s->page_size);
		json_maybe(j, "mapped", (struct maybe){ s->has_counts, use->mapped * s->page_size });
		json_maybe(j, "shared", (struct maybe){ s->has_counts, use->shared * s->page_size });
		json_u64(j, "large", use->large * s->page_size);
		json_object_end(j);
	}
	json_array_end(j);
}

/* A member for each use, in bytes. */
static void counts_json(struct json *j, const char *key, const uint64_t count[FRAME_USES],
			uint64_t size)
{
	json_object(j, key);
	for (unsigned int u = 0; u < FRAME_USES; u++)
		json_u64(j, frame_use_info[u].key, count[u] * size);
	json_object_end(j);
}

static void words_json(struct json *j, const struct physical *p)
{
	uint64_t flag[64] = { 0 };
	char space[KPAGE_NAME_MAX];

	for (size_t i = 0; i < p->words; i++)
		for (unsigned int bit = 0; bit < 64; bit++)
			flag[bit] += p->word[i].word >> bit & 1 ? p->word[i].frames : 0;
	json_object(j, "flags");
	for (unsigned int bit = 0; bit < 64; bit++)
		if (flag[bit])
			json_u64(j, kpage_flag_name(bit, space), flag[bit]);
	json_object_end(j);
	json_array(j, "flag_words");
	for (size_t i = 0; i < p->words; i++) {
		json_object(j, NULL);
		json_address(j, "flags", p->word[i].word);
		json_array(j, "names");
		for (unsigned int bit = 0; bit < 64; bit++)
			if (p->word[i].word >> bit & 1)
				json_string(j, NULL, str_of(kpage_flag_name(bit, space)));
		json_array_end(j);
		json_string(j, "use", str_of(frame_use_info[p->word[i].use].key));
		json_u64(j, "pages", p->word[i].frames);
		json_object_end(j);
	}
	json_array_end(j);
	json_u64(j, "other_flag_words", p->more_words);
}

static void blocks_json(struct json *j, const struct sweep *s)
{
	const struct physical_blocks *b = &s->physical.blocks;

	json_object(j, "blocks");
	json_u64(j, "size", s->block_size);
	json_u64(j, "free", b->free);
	json_u64(j, "movable", b->movable);
	json_u64(j, "pinned", b->pinned);
	json_u64(j, "pinned_by_few", b->few);
	json_u64(j, "partial", b->partial);
	json_array(j, "pinned_by");
	for (unsigned int u = 0; u < FRAME_USES; u++) {
		if (frame_use_info[u].movable)
			continue;
		json_object(j, NULL);
		json_string(j, "use", str_of(frame_use_info[u].key));
		json_u64(j, "blocks", b->has[u]);
		json_u64(j, "alone", b->alone[u]);
		json_u64(j, "whole", b->whole[u]);
		json_object_end(j);
	}
	json_array_end(j);
	json_object_end(j);
}

static void zones_json(struct json *j, const struct sweep *s)
{
	uint64_t size = s->page_size;

	json_array(j, "zones");
	for (size_t i = 0; i < s->before.zones.n; i++) {
		const struct zone *z = &s->before.zones.v[i];

		json_object(j, NULL);
		json_u64(j, "node", z->node);
		json_string(j, "zone", str_of(z->name));
		json_address(j, "start", z->start_pfn * size);
		json_u64(j, "spanned", z->spanned * size);
		json_u64(j, "present", z->present * size);
		json_u64(j, "managed", z->managed * size);
		json_u64(j, "free", z->free * size);
		if (s->has_frames)
			counts_json(j, "uses", s->physical.zone[i], size);
		else
			json_null(j, "uses");
		json_object_end(j);
	}
	json_array_end(j);
}

/* The zones of a node together; each node where its first zone stands. */
static void nodes_json(struct json *j, const struct sweep *s)
{
	const zone_list *zones = &s->before.zones;

	json_array(j, "nodes");
	for (size_t i = 0; i < zones->n; i++) {
		uint64_t sum[FRAME_USES] = { 0 }, present = 0;
		bool first = true;

		for (size_t k = 0; k < zones->n; k++) {
			if (zones->v[k].node != zones->v[i].node)
				continue;
			first &= k >= i;
			present += zones->v[k].present;
			for (unsigned int u = 0; u < FRAME_USES; u++)
				sum[u] += s->physical.zone[k][u];
		}
		if (!first)
			continue;
		json_object(j, NULL);
		json_u64(j, "node", zones->v[i].node);
		json_u64(j, "present", present * s->page_size);
		counts_json(j, "uses", sum, s->page_size);
		json_object_end(j);
	}
	json_array_end(j);
}

static void ram_json(struct json *j, const struct sweep *s)
{
	if (s->iomem_error) {
		json_null(j, "ram");
		return;
	}
	json_array(j, "ram");
	for (size_t i = 0; i < s->iomem.n; i++) {
		const struct iomem_range *r = &s->iomem.v[i];

		if (!physical_shows_range(r))
			continue;
		json_object(j, NULL);
		json_address(j, "start", r->start);
		json_address(j, "last", r->last);
		json_u64(j, "size", num_add(r->last - r->start, 1));
		json_string(j, "name", r->name);
		json_object_end(j);
	}
	json_array_end(j);
}

static void checks_json(struct json *j, const struct sweep *s)
{
	struct sweep_check check[SWEEP_CHECKS];
	unsigned int n = sweep_checks(s, check);

	json_array(j, "checks");
	for (unsigned int i = 0; i < n; i++) {
		json_object(j, NULL);
		json_string(j, "use", str_of(frame_use_info[check[i].use].key));
		json_string(j, "source", str_of(check[i].source));
		json_u64(j, "frames", check[i].ours);
		json_u64(j, "before", check[i].before);
		json_u64(j, "after", check[i].after);
		json_object_end(j);
	}
	json_array_end(j);
}

static void owners_json(struct json *j, const struct owners *o, uint64_t size, bool has_counts)
{
	json_break(j);
	json_object(j, "owners");
	json_array(j, "processes");
	for (size_t i = 0; i < o->owner.n; i++) {
		const struct owner *owner = &o->owner.v[i];

		json_break(j);
		json_object(j, NULL);
		json_u64(j, "pid", (uint64_t)owner->pid);
		json_string(j, "name", strtab_get(&o->strings, owner->name));
		json_u64(j, "mapped", owner->frames * size);
		counts_json(j, "exclusive", owner->exclusive, size);
		counts_json(j, "shared", owner->shared, size);
		json_object_end(j);
	}
	json_array_end(j);
	counts_json(j, "together", o->claimed, size);
	json_maybe(j, "mapped_by_others", (struct maybe){ has_counts, o->unclaimed * size });
	json_u64(j, "unreadable", o->unreadable);
	json_u64(j, "hidden", o->hidden);
	json_object_end(j);
}

static void missing_json(struct json *j, const struct sweep *s)
{
	struct physical_missing missing[PHYSICAL_MISSING];
	unsigned int n = physical_find_missing(s, missing);

	json_array(j, "unavailable");
	for (unsigned int i = 0; i < n; i++) {
		json_object(j, NULL);
		json_string(j, "what", str_of(missing[i].what));
		json_string(j, "reason", str_of(missing[i].reason));
		if (missing[i].needs)
			json_string(j, "needs", str_of(missing[i].needs));
		else
			json_null(j, "needs");
		json_object_end(j);
	}
	json_array_end(j);
}

/* What follows from kpageflags; nulls without. */
static void frames_json(struct json *j, const struct sweep *s)
{
	static const char *const key[] = { "frames", "holes", "outside", "uses", "blocks", "map",
					   "flags", "flag_words", "other_flag_words", "nodes",
					   "checks" };

	if (!s->has_frames) {
		for (size_t i = 0; i < sizeof(key) / sizeof(*key); i++)
			json_null(j, key[i]);
		return;
	}
	json_u64(j, "frames", s->physical.ram);
	json_u64(j, "holes", s->physical.holes);
	json_u64(j, "outside", s->physical.outside);
	json_break(j);
	uses_json(j, s);
	json_break(j);
	blocks_json(j, s);
	json_break(j);
	physical_picture_json(j, s);
	json_break(j);
	words_json(j, &s->physical);
	json_break(j);
	nodes_json(j, s);
	json_break(j);
	checks_json(j, s);
}

bool physical_json(struct json *j, const struct physical_report *r)
{
	static const char *const source[] = {
		[RAM_IOMEM] = "iomem", [RAM_BLOCKS] = "memory_blocks", [RAM_ZONES] = "zoneinfo",
		[RAM_UNKNOWN] = "none",
	};
	const struct sweep *s = r->sweep;

	json_break(j);
	json_object(j, "physical");
	json_u64(j, "page_size", s->page_size);
	json_string(j, "ram_source", str_of(source[s->map.source]));
	frames_json(j, s);
	json_break(j);
	zones_json(j, s);
	json_break(j);
	ram_json(j, s);
	if (r->owners)
		owners_json(j, r->owners, s->page_size, s->has_counts);
	json_break(j);
	missing_json(j, s);
	json_object(j, "cost");
	json_double(j, "read_seconds", s->seconds);
	json_object_end(j);
	json_object_end(j);
	return s->has_frames || s->before.zones.n || s->iomem.n;
}
