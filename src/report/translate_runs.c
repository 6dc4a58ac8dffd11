/* SPDX-License-Identifier: GPL-3.0-or-later */
/* --translate: tables. Of ranges, a row per run of pages; of addresses, in raw output. */
#include "config.h"

#include "report/translate_runs.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/num.h"
#include "base/text.h"
#include "proc/kpage.h"
#include "report/table.h"
#include "report/translate.h"

/* ---- a row per run of pages ---- */

enum { TEXT_SIZE = 128 };	/* of a value: two frame numbers, or a letter for each of 64 bits */

struct runs {
	const struct snapshot *snapshot;
	const struct translate_run *run;
	char *text;		/* of TEXT_SIZE; a value is looked at before the next is asked for */
};

static char *text_at(const void *data)
{
	return ((const struct runs *)data)->text;
}

static bool give_text(const void *data, struct value *v)
{
	v->s = str_of(text_at(data));
	v->made = true;
	return v->s.len > 0;
}

static const struct translate_run *run_at(const void *data, size_t row)
{
	return &((const struct runs *)data)->run[row];
}

static bool get_run_start(const void *data, size_t row, const struct column *c, struct value *v)
{
	(void)c;
	v->n = run_at(data, row)->start;
	return true;
}

static bool get_run_pages(const void *data, size_t row, const struct column *c, struct value *v)
{
	(void)c;
	v->n = run_at(data, row)->pages;
	return true;
}

static bool get_run_state(const void *data, size_t row, const struct column *c, struct value *v)
{
	const struct translate_run *r = run_at(data, row);
	bool mapped = r->vma != TRANSLATE_NO_VMA;

	(void)c;
	v->s = str_of(r->zero ? "zero" : translate_state_word(r->state, mapped));
	return r->known || !mapped;
}

/* The frames from first to last; or the place in a swap area. */
static bool get_run_place(const void *data, size_t row, const struct column *c, struct value *v)
{
	const struct translate_run *r = run_at(data, row);
	uint64_t swap = pagemap_swap_offset(r->entry);
	char *text = text_at(data);

	(void)c;
	*text = '\0';
	if (r->pfn.known && (r->pages == 1 || r->zero)) {
		snprintf(text, TEXT_SIZE, "0x%" PRIx64, r->pfn.v);
	} else if (r->pfn.known) {
		snprintf(text, TEXT_SIZE, "0x%" PRIx64 "-0x%" PRIx64, r->pfn.v,
			 r->pfn.v + r->pages - 1);
	} else if (r->state == PAGE_SWAP && pagemap_pfn(r->entry)) {
		snprintf(text, TEXT_SIZE, "%" PRIu64 ":%u", swap,
			 pagemap_swap_type(r->entry));
	}
	return give_text(data, v);
}

static bool get_run_folio(const void *data, size_t row, const struct column *c, struct value *v)
{
	(void)c;
	v->n = run_at(data, row)->folio;
	return v->n != 0;
}

static bool get_run_flags(const void *data, size_t row, const struct column *c, struct value *v)
{
	const struct translate_run *r = run_at(data, row);
	char *text = text_at(data);
	size_t n = 0;

	(void)c;
	for (unsigned int bit = 0; bit < 64; bit++) {
		bool known = bit < KPAGE_FLAGS_KNOWN && kpage_flag_info[bit].name;

		if (r->flags.v >> bit & 1)
			text[n++] = known ? kpage_flag_info[bit].letter : '?';
	}
	text[n] = '\0';
	return give_text(data, v) && r->flags.known;
}

static bool get_run_name(const void *data, size_t row, const struct column *c, struct value *v)
{
	const struct runs *t = data;
	const struct translate_run *r = run_at(data, row);

	(void)c;
	if (r->vma == TRANSLATE_NO_VMA)
		return false;
	v->s = str_basename(space_str(&t->snapshot->space,
				      t->snapshot->space.vma.v[r->vma].object));
	return v->s.len > 0;
}

static enum kind run_kind(const void *data, size_t row)
{
	const struct runs *t = data;
	const struct translate_run *r = run_at(data, row);

	return r->vma == TRANSLATE_NO_VMA ? KINDS :
		(enum kind)t->snapshot->space.vma.v[r->vma].kind;
}

static const struct column run_columns[] = {
	{ "start", "start", NULL, VALUE_ADDRESS, COLUMN_TEXT, 0, 0, get_run_start },
	{ "pages", "pages", NULL, VALUE_COUNT, COLUMN_TEXT, 0, 0, get_run_pages },
	{ "state", "state", NULL, VALUE_TEXT, COLUMN_TEXT, 0, 0, get_run_state },
	{ "frames", "frames", NULL, VALUE_TEXT, COLUMN_TEXT, 0, 0, get_run_place },
	{ "folio", "folio", NULL, VALUE_BYTES, COLUMN_TEXT, 0, 0, get_run_folio },
	{ "flags", "flags", NULL, VALUE_TEXT, COLUMN_TEXT, 0, 0, get_run_flags },
	{ "name", "name", NULL, VALUE_TEXT, COLUMN_TEXT, 0, 0, get_run_name },
};

enum { RUN_COLUMNS = sizeof(run_columns) / sizeof(run_columns[0]) };

/* What the letters of the flags column mean: those that are there. */
static void put_legend(struct buf *b, const struct style *s, const struct runs *t, size_t n)
{
	size_t width = s->width ? s->width : STYLE_USUAL_WIDTH, at = 0;
	char space[KPAGE_NAME_MAX];
	uint64_t all = 0;

	for (size_t i = 0; i < n; i++)
		if (t->run[i].flags.known)
			all |= t->run[i].flags.v;
	style_dim(b, s);
	for (unsigned int bit = 0; bit < 64; bit++) {
		bool known = bit < KPAGE_FLAGS_KNOWN && kpage_flag_info[bit].name;
		const char *name = kpage_flag_name(bit, space);

		if (!(all >> bit & 1))
			continue;
		if (at == 0 || at + 4 + strlen(name) > width) {
			buf_puts(b, at ? "\n         " : "  flags:");
			at = at ? 9 : 8;
		}
		buf_printf(b, "  %c %s", known ? kpage_flag_info[bit].letter : '?', name);
		at += 4 + strlen(name);
	}
	style_off(b, s);
	if (all)
		buf_putc(b, '\n');
}

static void put_runs(struct buf *b, const struct style *s, const struct snapshot *snapshot,
		     const struct translate_item *item)
{
	char text[TEXT_SIZE];
	struct runs data = { snapshot, snapshot->translations.run.v + item->at, text };
	const struct column *column[RUN_COLUMNS];
	struct table table = {
		.column = column, .columns = RUN_COLUMNS, .rows = item->runs, .data = &data,
		.kind = run_kind, .indent = s->raw ? 0 : 2,
		.address_digits = space_address_digits(&snapshot->space),
	};

	for (size_t i = 0; i < RUN_COLUMNS; i++)
		column[i] = &run_columns[i];
	table_text(b, s, &table);
	if (!s->raw)
		put_legend(b, s, &data, item->runs);
}

void translate_runs_text(struct buf *b, const struct style *s, const struct snapshot *snapshot,
			 const struct translate_item *item)
{
	put_runs(b, s, snapshot, item);
}

/* ---- a row per address, for scripts ---- */

static const struct translation *one_at(const void *data, size_t row)
{
	const struct snapshot *snapshot = data;

	return &snapshot->translations.one.v[row];
}

static bool get_address(const void *data, size_t row, const struct column *c, struct value *v)
{
	(void)c;
	v->n = one_at(data, row)->address;
	return true;
}

static bool get_state(const void *data, size_t row, const struct column *c, struct value *v)
{
	const struct translation *t = one_at(data, row);

	(void)c;
	v->s = str_of(translate_reason_word(t->reason));
	return true;
}

static bool get_leaf(const void *data, size_t row, const struct column *c, struct value *v)
{
	(void)c;
	v->n = one_at(data, row)->leaf_size;
	return v->n != 0;
}

static bool get_entry(const void *data, size_t row, const struct column *c, struct value *v)
{
	const struct translation *t = one_at(data, row);

	(void)c;
	v->n = t->entry;
	return t->place == PLACE_MAPPING && !t->error && t->reason != REASON_VSYSCALL;
}

static bool get_maybe(struct maybe m, struct value *v)
{
	v->n = m.v;
	return m.known;
}

static bool get_pfn(const void *data, size_t row, const struct column *c, struct value *v)
{
	(void)c;
	return get_maybe(one_at(data, row)->pfn, v);
}

static bool get_physical(const void *data, size_t row, const struct column *c, struct value *v)
{
	(void)c;
	return get_maybe(one_at(data, row)->physical, v);
}

static bool get_flags(const void *data, size_t row, const struct column *c, struct value *v)
{
	(void)c;
	return get_maybe(one_at(data, row)->flags, v);
}

static bool get_count(const void *data, size_t row, const struct column *c, struct value *v)
{
	(void)c;
	return get_maybe(one_at(data, row)->count, v);
}

static bool get_node(const void *data, size_t row, const struct column *c, struct value *v)
{
	(void)c;
	v->n = one_at(data, row)->zone.node;
	return one_at(data, row)->has_zone;
}

static bool get_zone(const void *data, size_t row, const struct column *c, struct value *v)
{
	(void)c;
	v->s = str_of(one_at(data, row)->zone.name);
	return one_at(data, row)->has_zone;
}

static bool get_folio(const void *data, size_t row, const struct column *c, struct value *v)
{
	const struct translation *t = one_at(data, row);
	const struct snapshot *snapshot = data;

	(void)c;
	v->n = num_mul(t->folio_frames.v, snapshot->translations.page_size);
	return t->folio_frames.known;
}

static bool get_folio_page(const void *data, size_t row, const struct column *c, struct value *v)
{
	const struct translation *t = one_at(data, row);

	(void)c;
	v->n = t->pfn.v - t->folio_head.v;
	return t->folio_frames.known && t->pfn.known;
}

static bool get_text(struct str s, struct value *v)
{
	v->s = s;
	return s.len > 0;
}

static bool get_cgroup(const void *data, size_t row, const struct column *c, struct value *v)
{
	(void)c;
	return get_text(one_at(data, row)->cgroup_path, v);
}

static bool get_swap_area(const void *data, size_t row, const struct column *c, struct value *v)
{
	(void)c;
	return get_text(one_at(data, row)->swap_area, v);
}

static bool get_symbol(const void *data, size_t row, const struct column *c, struct value *v)
{
	(void)c;
	return get_text(one_at(data, row)->symbol, v);
}

static bool get_name(const void *data, size_t row, const struct column *c, struct value *v)
{
	const struct snapshot *snapshot = data;
	const struct translation *t = one_at(data, row);

	(void)c;
	return t->place == PLACE_MAPPING &&
	       get_text(space_str(&snapshot->space, snapshot->space.vma.v[t->vma].object), v);
}

static const struct column one_columns[] = {
	{ "address", "address", NULL, VALUE_ADDRESS, COLUMN_TEXT, 0, 0, get_address },
	{ "state", "state", NULL, VALUE_TEXT, COLUMN_TEXT, 0, 0, get_state },
	{ "physical", "physical", NULL, VALUE_ADDRESS, COLUMN_TEXT, 0, 0, get_physical },
	{ "pfn", "pfn", NULL, VALUE_COUNT, COLUMN_TEXT, 0, 0, get_pfn },
	{ "leaf_size", "leaf_size", NULL, VALUE_BYTES, COLUMN_TEXT, 0, 0, get_leaf },
	{ "entry", "entry", NULL, VALUE_HEX, COLUMN_TEXT, 0, 0, get_entry },
	{ "flags", "flags", NULL, VALUE_HEX, COLUMN_TEXT, 0, 0, get_flags },
	{ "map_count", "map_count", NULL, VALUE_COUNT, COLUMN_TEXT, 0, 0, get_count },
	{ "folio", "folio", NULL, VALUE_BYTES, COLUMN_TEXT, 0, 0, get_folio },
	{ "folio_page", "folio_page", NULL, VALUE_COUNT, COLUMN_TEXT, 0, 0, get_folio_page },
	{ "zone", "zone", NULL, VALUE_TEXT, COLUMN_TEXT, 0, 0, get_zone },
	{ "node", "node", NULL, VALUE_COUNT, COLUMN_TEXT, 0, 0, get_node },
	{ "cgroup", "cgroup", NULL, VALUE_TEXT, COLUMN_TEXT, 0, 0, get_cgroup },
	{ "swap", "swap", NULL, VALUE_TEXT, COLUMN_TEXT, 0, 0, get_swap_area },
	{ "symbol", "symbol", NULL, VALUE_TEXT, COLUMN_TEXT, 0, 0, get_symbol },
	{ "name", "name", NULL, VALUE_TEXT, COLUMN_TEXT, 0, 0, get_name },
};

enum { ONE_COLUMNS = sizeof(one_columns) / sizeof(one_columns[0]) };

void translate_raw(struct buf *b, const struct style *s, const struct snapshot *snapshot)
{
	const struct translation_set *set = &snapshot->translations;
	const struct column *column[ONE_COLUMNS];
	struct table table = {
		.column = column, .columns = ONE_COLUMNS, .rows = set->one.n, .data = snapshot,
		.address_digits = space_address_digits(&snapshot->space),
	};

	for (size_t i = 0; i < ONE_COLUMNS; i++)
		column[i] = &one_columns[i];
	if (set->one.n)
		table_text(b, s, &table);
	for (size_t i = 0; i < set->item.n; i++)
		if (set->item.v[i].asked.is_range)
			put_runs(b, s, snapshot, &set->item.v[i]);
}
