/* SPDX-License-Identifier: GPL-3.0-or-later */
/* --translate in JSON documents: the member "translations". */
#include "config.h"

#include "report/translate.h"

#include <inttypes.h>

#include "base/num.h"
#include "proc/kpage.h"

static void address_or_null(struct json *j, const char *key, struct maybe address)
{
	if (address.known)
		json_address(j, key, address.v);
	else
		json_null(j, key);
}

static void text_or_null(struct json *j, const char *key, struct str s)
{
	if (s.len)
		json_string(j, key, s);
	else
		json_null(j, key);
}

static void mapping_json(struct json *j, const struct space *space, const struct vma *v)
{
	char perms[4];

	json_object(j, "mapping");
	json_address(j, "start", v->start);
	json_address(j, "end", v->end);
	maps_put_perms(perms, v->perms);
	json_string(j, "perms", (struct str){ perms, sizeof(perms) });
	json_string(j, "kind", str_of(kind_info[v->kind].name));
	text_or_null(j, "path", vma_path(space, v));
	json_string(j, "object", space_str(space, v->object));
	json_object_end(j);
}

static void place_json(struct json *j, const struct space *space, const struct translation *t)
{
	if (t->place == PLACE_MAPPING)
		mapping_json(j, space, &space->vma.v[t->vma]);
	else
		json_null(j, "mapping");
	if (t->place != PLACE_HOLE) {
		json_null(j, "hole");
		return;
	}
	json_object(j, "hole");
	json_address(j, "first", t->hole_start);
	json_address(j, "last", t->hole_last);
	json_object_end(j);
}

static void split_json(struct json *j, const struct geometry *g, const struct translation *t)
{
	struct geometry_split split;
	unsigned int leaf;

	if (!g) {
		json_null(j, "levels");
		json_null(j, "offset");
		json_null(j, "leaf_level");
		return;
	}
	geometry_split(g, t->address, &split);
	json_array(j, "levels");
	for (unsigned int i = 0; i < split.levels; i++) {
		json_object(j, NULL);
		json_string(j, "name", str_of(geometry_level_name(g, i)));
		json_u64(j, "index", split.level[i].value);
		json_u64(j, "high_bit", split.level[i].high);
		json_u64(j, "low_bit", split.level[i].low);
		json_u64(j, "covers", geometry_span(g, i));
		json_object_end(j);
	}
	json_array_end(j);
	json_u64(j, "offset", split.offset.value);
	leaf = geometry_leaf_level(g, t->leaf_size);
	if (t->leaf_size)
		json_string(j, "leaf_level", str_of(geometry_level_name(g, leaf)));
	else
		json_null(j, "leaf_level");
}

static void entry_json(struct json *j, const struct translation *t)
{
	static const struct {
		const char *key;
		uint64_t bit;
	} bits[] = {
		{ "present", PAGEMAP_PRESENT }, { "swapped", PAGEMAP_SWAPPED },
		{ "file", PAGEMAP_FILE }, { "guard", PAGEMAP_GUARD },
		{ "uffd_wp", PAGEMAP_UFFD_WP }, { "exclusive", PAGEMAP_EXCLUSIVE },
		{ "soft_dirty", PAGEMAP_SOFT_DIRTY },
	};

	if (t->place != PLACE_MAPPING || t->error || t->reason == REASON_VSYSCALL) {
		json_null(j, "entry");
		json_null(j, "entry_bits");
		return;
	}
	json_address(j, "entry", t->entry);
	json_object(j, "entry_bits");
	for (size_t i = 0; i < sizeof(bits) / sizeof(bits[0]); i++)
		json_bool(j, bits[i].key, t->entry & bits[i].bit);
	json_object_end(j);
}

static void flags_json(struct json *j, struct maybe flags)
{
	char space[KPAGE_NAME_MAX];

	address_or_null(j, "flags", flags);
	if (!flags.known) {
		json_null(j, "names");
		return;
	}
	json_array(j, "names");
	for (unsigned int bit = 0; bit < 64; bit++)
		if (flags.v >> bit & 1)
			json_string(j, NULL, str_of(kpage_flag_name(bit, space)));
	json_array_end(j);
}

static void folio_json(struct json *j, const struct translation *t, uint64_t page_size)
{
	uint64_t pages = t->folio_frames.v;

	if (!t->folio_frames.known || !pages) {
		json_null(j, "folio");
		return;
	}
	json_object(j, "folio");
	json_u64(j, "head", t->folio_head.v);
	json_u64(j, "pages", pages);
	json_u64(j, "size", num_mul(pages, page_size));
	json_u64(j, "order", 63 - (unsigned int)__builtin_clzll(pages));
	json_u64(j, "page", t->pfn.v - t->folio_head.v);
	json_object_end(j);
}

static void frame_json(struct json *j, const struct translation *t, uint64_t page_size)
{
	if (!t->pfn.known) {
		json_null(j, "frame");
		return;
	}
	json_object(j, "frame");
	flags_json(j, t->flags);
	json_maybe(j, "map_count", t->count);
	json_maybe(j, "cgroup_inode", t->cgroup);
	text_or_null(j, "cgroup", t->cgroup_path);
	text_or_null(j, "zone", str_of(t->has_zone ? t->zone.name : ""));
	json_maybe(j, "node", (struct maybe){ t->has_zone, t->zone.node });
	folio_json(j, t, page_size);
	json_object_end(j);
}

static void swap_json(struct json *j, const struct translation *t)
{
	if (t->reason != REASON_SWAPPED || !pagemap_pfn(t->entry)) {
		json_null(j, "swap");
		return;
	}
	json_object(j, "swap");
	json_u64(j, "type", pagemap_swap_type(t->entry));
	json_u64(j, "offset", pagemap_swap_offset(t->entry));
	text_or_null(j, "area", t->swap_area);
	json_bool(j, "certain", t->swap_certain && t->swap_area.len);
	json_object_end(j);
}

static void symbol_json(struct json *j, const struct translation *t)
{
	if (!t->symbol.len) {
		json_null(j, "symbol");
		return;
	}
	json_object(j, "symbol");
	json_string(j, "name", t->symbol);
	json_u64(j, "offset", t->symbol_offset);
	json_maybe(j, "size", (struct maybe){ t->symbol_size != 0, t->symbol_size });
	json_object_end(j);
}

static void reason_json(struct json *j, const struct snapshot *s, const struct translation *t)
{
	struct buf words;

	json_string(j, "reason_code", str_of(translate_reason_word(t->reason)));
	if (t->reason == REASON_PRESENT) {
		json_null(j, "reason");
		return;
	}
	buf_init(&words);
	translate_put_reason(&words, s, t);
	json_string(j, "reason", (struct str){ words.data, words.len });
	buf_done(&words);
}

static void one_json(struct json *j, const struct snapshot *s, const struct translation *t)
{
	bool told = t->place != PLACE_MAPPING ||
		    (t->reason != REASON_UNREADABLE && t->reason != REASON_RAW_PFN &&
		     t->reason != REASON_VSYSCALL);

	json_object(j, NULL);
	json_address(j, "address", t->address);
	place_json(j, &s->space, t);
	split_json(j, s->geometry, t);
	json_maybe(j, "leaf_size", (struct maybe){ t->leaf_size != 0, t->leaf_size });
	entry_json(j, t);
	text_or_null(j, "state", str_of(told ? translate_state_word(t->state,
								     t->place == PLACE_MAPPING) : ""));
	if (t->zero_page.known)
		json_bool(j, "zero_page", t->zero_page.v);
	else
		json_null(j, "zero_page");
	json_maybe(j, "pfn", t->pfn);
	address_or_null(j, "physical", t->physical);
	frame_json(j, t, s->translations.page_size);
	swap_json(j, t);
	symbol_json(j, t);
	reason_json(j, s, t);
	json_object_end(j);
}

static void run_json(struct json *j, const struct snapshot *s, const struct translate_run *r)
{
	bool mapped = r->vma != TRANSLATE_NO_VMA;
	bool swapped = r->state == PAGE_SWAP && pagemap_pfn(r->entry);

	json_object(j, NULL);
	json_address(j, "start", r->start);
	json_u64(j, "pages", r->pages);
	text_or_null(j, "state", str_of(r->known || !mapped ?
					translate_state_word(r->state, mapped) : ""));
	json_bool(j, "zero", r->zero);
	json_maybe(j, "first_pfn", r->pfn);
	json_maybe(j, "last_pfn", (struct maybe){ r->pfn.known, r->zero ? r->pfn.v :
						  r->pfn.v + r->pages - 1 });
	json_maybe(j, "folio_size", (struct maybe){ r->folio != 0, r->folio });
	flags_json(j, r->flags);
	json_maybe(j, "swap_type", (struct maybe){ swapped, pagemap_swap_type(r->entry) });
	json_maybe(j, "swap_offset", (struct maybe){ swapped, pagemap_swap_offset(r->entry) });
	address_or_null(j, "mapping", (struct maybe){ mapped, mapped ?
						      s->space.vma.v[r->vma].start : 0 });
	json_object_end(j);
}

static void range_json(struct json *j, const struct snapshot *s, const struct translate_item *item)
{
	json_object(j, NULL);
	json_address(j, "address", item->asked.low);
	json_address(j, "last", item->asked.last);
	json_array(j, "runs");
	for (size_t i = 0; i < item->runs; i++) {
		run_json(j, s, &s->translations.run.v[item->at + i]);
		buf_drain_some(j->b);
	}
	json_array_end(j);
	json_object_end(j);
}

void translate_json(struct json *j, const struct snapshot *s)
{
	const struct translation_set *set = &s->translations;

	json_break(j);
	if (!s->has_translations) {
		json_null(j, "translations");
		return;
	}
	json_array(j, "translations");
	for (size_t i = 0; i < set->item.n; i++) {
		json_break(j);
		if (set->item.v[i].asked.is_range)
			range_json(j, s, &set->item.v[i]);
		else
			one_json(j, s, &set->one.v[set->item.v[i].at]);
	}
	json_array_end(j);
}
