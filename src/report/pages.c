/* SPDX-License-Identifier: GPL-3.0-or-later */
/* --pages: what the page-table entries and page frames of the mappings are. */
#include "config.h"

#include "report/pages.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/num.h"
#include "model/census.h"
#include "proc/kpage.h"
#include "report/maps.h"

/* NULL: not read, or above user space, where pagemap ends. */
static const struct census *row_census(const struct rows *r, size_t row)
{
	uint32_t at = r->index[row];

	return r->census && vma_is_user(&r->vma[at]) ? &r->census[at] : NULL;
}

/* ---- columns of mappings ---- */

/* In pages; false: not known. */
static bool amount(const struct rows *r, const struct census *c, enum pages_amount what,
		   uint64_t *pages)
{
	unsigned int known = r->pages->known;

	switch (what) {
	case PAGES_PRESENT: *pages = c->present; return true;
	case PAGES_ZERO: *pages = c->zero; return known & CENSUS_ZERO;
	case PAGES_SWAPPED: *pages = c->swapped; return true;
	case PAGES_GUARD: *pages = c->guard; return true;
	case PAGES_UNTOUCHED: *pages = census_untouched(c); return true;
	case PAGES_EXCLUSIVE: *pages = c->exclusive; return true;
	case PAGES_SHARED: *pages = c->shared; return known & CENSUS_ZERO;
	case PAGES_KSM: *pages = census_flag(c, KPF_KSM); return known & CENSUS_KSM;
	case PAGES_LONGEST_RUN: *pages = c->longest; return known & CENSUS_FRAMES;
	case PAGES_RUNS: *pages = c->runs; return known & CENSUS_FRAMES;
	}
	return false;
}

bool pages_get(const void *data, size_t row, const struct column *c, struct value *v)
{
	const struct rows *r = data;
	const struct census *census = row_census(r, row);

	if (!census || !amount(r, census, (enum pages_amount)c->counter, &v->n))
		return false;
	if (c->counter != PAGES_RUNS)
		v->n *= r->pages->page_size;
	return true;
}

/* The sizes of folios and the pages mapped of each, the largest first. */
struct folio_size {
	unsigned int order;
	uint64_t pages;
};

enum { FOLIO_ORDERS = 64 };

static unsigned int folio_sizes(const struct census *c, struct folio_size out[FOLIO_ORDERS])
{
	uint64_t pages[FOLIO_ORDERS] = { 0 };
	unsigned int n = 0;

	for (uint32_t i = 0; i < c->n[TALLY_FOLIOS]; i++) {
		const struct tally_entry *e = &c->tally[TALLY_FOLIOS][i];

		pages[folio_key_order(e->key) % FOLIO_ORDERS] += e->pages;
	}
	for (unsigned int order = FOLIO_ORDERS; order-- > 0;)
		if (pages[order])
			out[n++] = (struct folio_size){ order, pages[order] };
	return n;
}

bool pages_get_folios(const void *data, size_t row, const struct column *c, struct value *v)
{
	/* a value is looked at before the next one is asked for; each thread has its own */
	static _Thread_local char text[128];
	const struct rows *r = data;
	const struct census *census = row_census(r, row);
	struct folio_size size[FOLIO_ORDERS];
	unsigned int n;
	char *p = text;

	(void)c;
	if (!census || !(r->pages->known & CENSUS_FLAGS))
		return false;
	n = folio_sizes(census, size);
	for (unsigned int i = 0; i < n && p + 2 * NUM_MAX_SIZE + 2 < text + sizeof(text); i++) {
		if (i)
			*p++ = ' ';
		p = num_put_size(p, r->pages->page_size << size[i].order);
		*p++ = ':';
		p = num_put_size(p, size[i].pages * r->pages->page_size);
	}
	v->s = (struct str){ text, (size_t)(p - text) };
	v->made = true;
	return n > 0;
}

/* ---- small tables: a label, pages, bytes, a bar, and what it means ---- */

struct line {
	struct str label, help;
	uint64_t pages, of;
	bool known;
};

struct lines_table {
	VEC(struct line) line;
	struct arena text;		/* of labels that are made */
	uint64_t page_size;
	bool failed;
};

static const struct line *line_at(const void *data, size_t row)
{
	const struct lines_table *t = data;

	return &t->line.v[row];
}

static bool get_label(const void *data, size_t row, const struct column *c, struct value *v)
{
	(void)c;
	v->s = line_at(data, row)->label;
	return true;
}

static bool get_pages(const void *data, size_t row, const struct column *c, struct value *v)
{
	(void)c;
	v->n = line_at(data, row)->pages;
	return line_at(data, row)->known;
}

static bool get_bytes(const void *data, size_t row, const struct column *c, struct value *v)
{
	const struct lines_table *t = data;

	(void)c;
	v->n = line_at(data, row)->pages * t->page_size;
	return line_at(data, row)->known;
}

static bool get_bar(const void *data, size_t row, const struct column *c, struct value *v)
{
	(void)c;
	v->n = line_at(data, row)->pages;
	v->of = line_at(data, row)->of;
	return true;
}

static bool get_help(const void *data, size_t row, const struct column *c, struct value *v)
{
	(void)c;
	v->s = line_at(data, row)->help;
	return true;
}

static void add_line(struct lines_table *t, struct str label, uint64_t pages, bool known,
		     uint64_t of, const char *help)
{
	struct line *l = vec_push(&t->line);

	if (l)
		*l = (struct line){ label, str_of(help), pages, of, known };
	else
		t->failed = true;
}

/* A copy that lives as long as the table. */
static struct str keep(struct lines_table *t, const char *p, size_t n)
{
	char *copy = arena_alloc(&t->text, n ? n : 1, 1);

	if (!copy) {
		t->failed = true;
		return STR("");
	}
	memcpy(copy, p, n);
	return (struct str){ copy, n };
}

/* The table under a heading for its labels; forgets the lines. */
static void put_lines(struct buf *b, const struct style *s, struct lines_table *t,
		      const char *key, const char *heading, const char *meaning)
{
	struct column label = { key, heading, NULL, VALUE_TEXT, COLUMN_TEXT, 0, 0, get_label };
	struct column pages = { "pages", "pages", NULL, VALUE_COUNT, COLUMN_TEXT, 0, 0, get_pages };
	struct column bytes = { "size", "size", NULL, VALUE_BYTES, COLUMN_TEXT, 0, 0, get_bytes };
	struct column bar = { "bar", "", NULL, VALUE_BAR, COLUMN_TEXT, 0, 0, get_bar };
	struct column help = { "meaning", meaning, NULL, VALUE_TEXT, COLUMN_TEXT, 0, 0, get_help };
	/* the names of all flags need the room */
	bool wide = strcmp(key, "flags") != 0;
	const struct column *column[] = { &label, &pages, &bytes, wide ? &bar : &help, &help };
	struct table table = { .column = column, .columns = wide ? 5 : 4, .data = t, .rows = t->line.n,
			       .indent = s->raw ? 0 : 2 };

	if (t->line.n) {
		if (!s->raw)
			buf_putc(b, '\n');
		table_text(b, s, &table);
	}
	t->line.n = 0;
}

/* ---- text ---- */

static void put_states(struct buf *b, const struct style *s, struct lines_table *t,
		       const struct rows *total)
{
	static const struct {
		enum pages_amount what;
		const char *label, *help;
		bool always;
	} state[] = {
		{ PAGES_PRESENT, "present", "in RAM: there is a page frame", true },
		{ PAGES_EXCLUSIVE, "  exclusive", "mapped just once, here", true },
		{ PAGES_SHARED, "  shared", "elsewhere too, or here again", true },
		{ PAGES_ZERO, "  zero page", "read, never written: all zeros", true },
		{ PAGES_SWAPPED, "swapped", "in a swap area", true },
		{ PAGES_GUARD, "guard", "MADV_GUARD_INSTALL: a fault", false },
		{ PAGES_UNTOUCHED, "untouched", "no entry: page fault (new or given back)", true },
	};
	const struct census *c = row_census(total, 0);

	add_line(t, STR("mapped"), c->pages, true, c->pages, "address space");
	for (size_t i = 0; i < sizeof(state) / sizeof(state[0]); i++) {
		uint64_t n = 0;
		bool known = amount(total, c, state[i].what, &n);

		if (state[i].always || n)
			add_line(t, str_of(state[i].label), n, known, c->pages, state[i].help);
	}
	if (c->marker)
		add_line(t, STR("marker"), c->marker, true, c->pages,
			 "a note: userfaultfd, poison");
	if (c->migration)
		add_line(t, STR("migrating"), c->migration, true, c->pages,
			 "moving, on a device, or broken");
	put_lines(b, s, t, "state", "page state", "");
}

static void put_folios(struct buf *b, const struct style *s, struct lines_table *t,
		       const struct rows *total)
{
	const struct census *c = row_census(total, 0);
	struct folio_size size[FOLIO_ORDERS];
	unsigned int n = folio_sizes(c, size);

	for (unsigned int i = n; i-- > 0;) {
		char text[NUM_MAX_SIZE], help[96] = "single pages";
		char *end = num_put_size(text, t->page_size << size[i].order);

		if (size[i].order)
			snprintf(help, sizeof(help), "%u pages handled as one",
				 1u << (size[i].order & 31));
		add_line(t, keep(t, text, (size_t)(end - text)), size[i].pages, true,
			 census_resident(c), "");
		if (t->line.n)
			t->line.v[t->line.n - 1].help = keep(t, help, strlen(help));
	}
	put_lines(b, s, t, "folio", "folio size", "");
}

/* Map counts by powers of two: 1, 2, 3-4, 5-8, ... */
static void put_counts(struct buf *b, const struct style *s, struct lines_table *t,
		       const struct rows *total)
{
	const struct census *c = row_census(total, 0);
	const struct tally_entry *e = c->tally[TALLY_COUNTS];
	uint64_t low = 0, high = 0;

	while (high < UINT64_MAX / 2) {
		uint64_t pages = 0;
		char text[64];

		for (uint32_t i = 0; i < c->n[TALLY_COUNTS]; i++)
			if (e[i].key >= low && e[i].key <= high)
				pages += e[i].pages;
		if (low == high)
			snprintf(text, sizeof(text), "%" PRIu64, low);
		else
			snprintf(text, sizeof(text), "%" PRIu64 "-%" PRIu64, low, high);
		if (pages)
			add_line(t, keep(t, text, strlen(text)), pages, true, census_resident(c),
				 low == 0 ? "the kernel's own pages" :
				 low == 1 ? "this mapping's alone" : "");
		low = high + 1;
		high = high ? high * 2 : 1;
	}
	put_lines(b, s, t, "map_count", "map count", "page-table entries to the frame");
}

static void put_flags(struct buf *b, const struct style *s, struct lines_table *t,
		      const struct rows *total)
{
	const struct census *c = row_census(total, 0);

	for (unsigned int bit = 0; bit < 64; bit++) {
		uint64_t pages = census_flag(c, bit);
		char space[KPAGE_NAME_MAX];
		const char *name = kpage_flag_name(bit, space);
		const char *help = kpage_flag_help(bit, 0);

		if (bit == KPF_KSM && !(total->pages->known & CENSUS_KSM))
			help = "wrong on this kernel: on all anon";
		if (pages)
			add_line(t, keep(t, name, strlen(name)), pages, true, c->present,
				 help ? help : "not known to this program");
	}
	put_lines(b, s, t, "flag", "frame flag", "");
}

static void word_names(struct buf *b, uint64_t word)
{
	const char *gap = "";

	for (unsigned int bit = 0; bit < 64; bit++) {
		char space[KPAGE_NAME_MAX];

		if (!(word >> bit & 1))
			continue;
		buf_puts(b, gap);
		buf_puts(b, kpage_flag_name(bit, space));
		gap = ",";
	}
}

static void put_words(struct buf *b, const struct style *s, struct lines_table *t,
		      const struct rows *total)
{
	const struct census *c = row_census(total, 0);
	struct buf names;

	buf_init(&names);
	for (uint32_t i = 0; i < c->n[TALLY_WORDS]; i++) {
		const struct tally_entry *e = &c->tally[TALLY_WORDS][i];
		char text[NUM_MAX_HEX];
		char *end = num_put_hex(text, e->key, NUM_MAX_HEX);

		buf_clear(&names);
		word_names(&names, e->key);
		add_line(t, keep(t, text, (size_t)(end - text)), e->pages, true, c->present, "");
		if (t->line.n)
			t->line.v[t->line.n - 1].help = keep(t, names.data ? names.data : "",
							     names.len);
	}
	t->failed |= names.error != 0;
	buf_done(&names);
	put_lines(b, s, t, "flags", "flag word", "all its flags, as page-types prints them");
}

static void put_size(struct buf *b, const struct style *s, uint64_t bytes)
{
	style_size(b, s, bytes, 0);
}

/* "57 runs of frames in a row, 27K on average, the longest 64K; node 0: 1.5M" */
static void put_runs(struct buf *b, const struct style *s, const struct rows *total)
{
	const struct census *c = row_census(total, 0);
	uint64_t page = total->pages->page_size, resident = census_resident(c);

	if (s->raw || !(total->pages->known & CENSUS_FRAMES) || !c->runs)
		return;
	buf_printf(b, "\n  contiguity: %" PRIu64 " run%s of frames that follow each other; longest ",
		   c->runs, c->runs == 1 ? "" : "s");
	put_size(b, s, c->longest * page);
	buf_puts(b, ", average ");
	put_size(b, s, resident * page / c->runs);
	buf_putc(b, '\n');
	if (!(total->pages->known & CENSUS_NODES))
		return;
	buf_puts(b, c->n[TALLY_NODES] > 1 ? "  nodes:" : "  node:");
	for (uint32_t i = 0; i < c->n[TALLY_NODES]; i++) {
		const struct tally_entry *e = &c->tally[TALLY_NODES][i];

		buf_printf(b, "%s %" PRIu64 " has ", i ? "," : "", e->key);
		put_size(b, s, e->pages * page);
	}
	buf_putc(b, '\n');
}

/* What every row has, and what is only worth a column where there is some. */
static void choose_columns(const struct rows *total, const struct rows *rows,
			   struct column_list *l)
{
	static const struct {
		const char *key;
		enum pages_amount what;
		bool always;
	} column[] = {
		{ "present", PAGES_PRESENT, true },
		{ "exclusive", PAGES_EXCLUSIVE, true },
		{ "shared", PAGES_SHARED, true },
		{ "zero_pages", PAGES_ZERO, false },
		{ "swapped_pages", PAGES_SWAPPED, false },
		{ "guard_pages", PAGES_GUARD, false },
		{ "pfn_runs", PAGES_RUNS, true },
		{ "longest_run", PAGES_LONGEST_RUN, true },
	};
	const struct vma *first = rows->n ? &rows->vma[rows->index[0]] : NULL;
	bool grouped = first && first->mixed;

	column_list_add(l, mapping_column_find(grouped ? STR("mappings") : STR("start")));
	column_list_add(l, mapping_column_find(STR("size")));
	for (size_t i = 0; i < sizeof(column) / sizeof(column[0]); i++) {
		uint64_t n = 0;

		amount(total, row_census(total, 0), column[i].what, &n);
		if (column[i].always || n)
			column_list_add(l, mapping_column_find(str_of(column[i].key)));
	}
	if (grouped && first->perms != SPACE_PERMS_MIXED)
		column_list_add(l, mapping_column_find(STR("perms")));
	if (grouped)
		column_list_add(l, mapping_column_find(STR("kind")));
	column_list_add(l, mapping_column_find(STR("name")));
}

void pages_text(struct buf *b, const struct style *s, const struct rows *total,
		const struct rows *rows)
{
	struct lines_table t = { .page_size = total->pages->page_size };
	struct column_list columns = { .n = 0 };
	struct table table;

	put_states(b, s, &t, total);
	if (total->pages->known & CENSUS_FLAGS)
		put_folios(b, s, &t, total);
	put_runs(b, s, total);
	if (total->pages->known & CENSUS_COUNTS)
		put_counts(b, s, &t, total);
	if (total->pages->known & CENSUS_FLAGS) {
		put_flags(b, s, &t, total);
		put_words(b, s, &t, total);
	}
	choose_columns(total, rows, &columns);
	table = mapping_table(rows, &columns);
	table.total = total;
	if (!s->raw)
		buf_putc(b, '\n');
	table_text(b, s, &table);
	if (t.failed && !b->error)
		b->error = -ENOMEM;
	vec_done(&t.line);
	arena_done(&t.text);
}

/* ---- JSON ---- */

static void amount_json(struct json *j, const char *key, const struct rows *r,
			const struct census *c, enum pages_amount what)
{
	struct maybe v;

	v.known = amount(r, c, what, &v.v);
	json_maybe(j, key, v);
}

static void words_json(struct json *j, const struct census *c)
{
	char space[KPAGE_NAME_MAX];

	json_object(j, "flags");
	for (unsigned int bit = 0; bit < 64; bit++)
		if (census_flag(c, bit))
			json_u64(j, kpage_flag_name(bit, space), census_flag(c, bit));
	json_object_end(j);
	json_array(j, "flag_words");
	for (uint32_t i = 0; i < c->n[TALLY_WORDS]; i++) {
		const struct tally_entry *e = &c->tally[TALLY_WORDS][i];

		json_object(j, NULL);
		json_address(j, "flags", e->key);
		json_array(j, "names");
		for (unsigned int bit = 0; bit < 64; bit++)
			if (e->key >> bit & 1)
				json_string(j, NULL, str_of(kpage_flag_name(bit, space)));
		json_array_end(j);
		json_u64(j, "pages", e->pages);
		json_object_end(j);
	}
	json_array_end(j);
}

static void folios_json(struct json *j, const struct census *c, uint64_t page_size)
{
	struct folio_size size[FOLIO_ORDERS];
	unsigned int n = folio_sizes(c, size);

	json_array(j, "folios");
	for (unsigned int i = n; i-- > 0;) {
		json_object(j, NULL);
		json_u64(j, "size", page_size << size[i].order);
		json_u64(j, "pages", size[i].pages);
		json_object_end(j);
	}
	json_array_end(j);
}

static void tally_json(struct json *j, const char *key, const char *of, bool known,
		       const struct census *c, enum tally which)
{
	if (!known) {
		json_null(j, key);
		return;
	}
	json_array(j, key);
	for (uint32_t i = 0; i < c->n[which]; i++) {
		json_object(j, NULL);
		json_u64(j, of, c->tally[which][i].key);
		json_u64(j, "pages", c->tally[which][i].pages);
		json_object_end(j);
	}
	json_array_end(j);
}

static void census_json(struct json *j, const char *key, const struct rows *r, size_t row)
{
	const struct census *c = row_census(r, row);
	unsigned int known = r->pages->known;

	json_object(j, key);
	json_u64(j, "page_size", r->pages->page_size);
	json_u64(j, "total", c->pages);
	amount_json(j, "present", r, c, PAGES_PRESENT);
	amount_json(j, "swapped", r, c, PAGES_SWAPPED);
	amount_json(j, "zero", r, c, PAGES_ZERO);
	amount_json(j, "guard", r, c, PAGES_GUARD);
	json_u64(j, "markers", c->marker);
	json_u64(j, "migration", c->migration);
	amount_json(j, "untouched", r, c, PAGES_UNTOUCHED);
	amount_json(j, "exclusive", r, c, PAGES_EXCLUSIVE);
	amount_json(j, "shared", r, c, PAGES_SHARED);
	json_u64(j, "hidden", c->hidden);
	json_maybe(j, "file", (struct maybe){ known & CENSUS_ZERO, c->file });
	amount_json(j, "ksm", r, c, PAGES_KSM);
	amount_json(j, "runs", r, c, PAGES_RUNS);
	amount_json(j, "longest_run", r, c, PAGES_LONGEST_RUN);
	if (known & CENSUS_FLAGS) {
		words_json(j, c);
		folios_json(j, c, r->pages->page_size);
	} else {
		json_null(j, "flags");
		json_null(j, "flag_words");
		json_null(j, "folios");
	}
	tally_json(j, "map_counts", "count", known & CENSUS_COUNTS, c, TALLY_COUNTS);
	tally_json(j, "nodes", "node", known & CENSUS_NODES, c, TALLY_NODES);
	json_object_end(j);
}

static bool get_has_pages(const void *data, size_t row, const struct column *c, struct value *v)
{
	(void)c;
	(void)v;
	return row_census(data, row) != NULL;
}

static void put_pages_json(struct json *j, const void *data, size_t row)
{
	census_json(j, NULL, data, row);
}

const struct column pages_json_column = {
	"pages", "pages", "page-table entries and page frames, see --pages", VALUE_OBJECT,
	COLUMN_JSON, 0, 0, get_has_pages, put_pages_json,
};

void pages_json(struct json *j, const struct rows *total)
{
	json_break(j);
	if (total->census)
		census_json(j, "pages", total, 0);
	else
		json_null(j, "pages");
}
