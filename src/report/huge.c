/* SPDX-License-Identifier: GPL-3.0-or-later */
/* --huge: what lies in huge pages, by size and by how it is mapped; and why the rest does not. */
#include "config.h"

#include "report/huge.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "report/maps.h"
#include "report/table.h"

enum { INDENT = 2, REASON_INDENT = 4, REASON_COLUMN = 22, USUAL_PMD_SIZE = 2 << 20 };

static const struct vma *row_vma(const struct rows *r, size_t row)
{
	return &r->vma[r->index[row]];
}

static const struct counters *row_counters(const struct rows *r, size_t row)
{
	return r->counters ? &r->counters[r->index[row]] : NULL;
}

static const struct census *row_census(const struct rows *r, size_t row)
{
	return r->census ? &r->census[r->index[row]] : NULL;
}

static void measure(const struct rows *r, size_t row, struct huge *h)
{
	huge_measure(r->huge, row_vma(r, row), row_counters(r, row), row_census(r, row), h);
}

static void reasons(const struct rows *r, size_t row, const struct huge *h,
		    struct huge_reasons *out)
{
	huge_reasons(r->huge, row_vma(r, row), row_counters(r, row), row_census(r, row), h, out);
}

/* The sum of all rows, of user space. */
static void measure_all(const struct rows *r, struct huge *sum)
{
	bool first = true;

	*sum = (struct huge){ .huge = { true, 0 }, .pmd = { true, 0 }, .hugetlb = { true, 0 },
			      .resident = { true, 0 } };
	for (size_t i = 0; i < r->n; i++) {
		struct huge h;

		if (!vma_is_user(row_vma(r, i)))
			continue;
		measure(r, i, &h);
		huge_add(sum, &h, first);
		first = false;
	}
}

/* ---- columns of mappings ---- */

bool huge_get_share(const void *data, size_t row, const struct column *c, struct value *v)
{
	const struct rows *r = data;
	struct huge h = { .size = row_vma(r, row)->size };

	(void)c;
	h.huge.known = counters_huge(row_counters(r, row), &h.huge.v);
	return huge_share(&h, &v->n);
}

bool huge_get_why(const void *data, size_t row, const struct column *c, struct value *v)
{
	/* a value is looked at before the next one is asked for; each thread has its own */
	static _Thread_local char text[WHYS * 20];
	const struct rows *r = data;
	struct huge_reasons why;
	struct huge h;
	size_t n = 0;

	(void)c;
	if (!r->huge || !r->huge->pmd_size || row_vma(r, row)->mixed)
		return false;
	measure(r, row, &h);
	reasons(r, row, &h, &why);
	for (unsigned int i = 0; i < why.n; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%s", i ? "," : "",
				      huge_why_info[why.v[i].why].code);
	v->s = (struct str){ text, n };
	v->made = true;
	return n > 0;
}

/* ---- text: sizes ---- */

static const struct huge_size *size_at(const void *data, size_t row)
{
	return &((const struct huge *)data)->sizes[row];
}

static bool get_size(const void *data, size_t row, const struct column *c, struct value *v)
{
	(void)c;
	v->n = size_at(data, row)->size;
	return true;
}

static bool get_use(const void *data, size_t row, const struct column *c, struct value *v)
{
	const struct huge *h = data;

	v->n = size_at(data, row)->use[c->counter];
	return h->has_folios || c->counter == FOLIO_PMD || c->counter == FOLIO_HUGETLB;
}

#define USE(key, heading, use) \
	{ key, heading, NULL, VALUE_BYTES, COLUMN_TEXT, 0, use, get_use }

static const struct column size_columns[] = {
	{ "folio_size", "folio size", NULL, VALUE_BYTES, COLUMN_TEXT, 0, 0, get_size },
	USE("pmd", "PMD-mapped", FOLIO_PMD),
	USE("aligned", "aligned", FOLIO_ALIGNED),
	USE("unaligned", "unaligned", FOLIO_UNALIGNED),
	USE("partial", "partial", FOLIO_PARTIAL),
	USE("hugetlb", "hugetlb", FOLIO_HUGETLB),
};

enum { SIZE_COLUMNS = sizeof(size_columns) / sizeof(size_columns[0]) };

static void put_sizes(struct buf *b, const struct style *s, const struct huge *h)
{
	const struct column *column[SIZE_COLUMNS];
	struct table table = { .column = column, .columns = SIZE_COLUMNS, .data = h,
			       .rows = h->n_sizes, .indent = s->raw ? 0 : INDENT };

	for (size_t i = 0; i < SIZE_COLUMNS; i++)
		column[i] = &size_columns[i];
	if (h->n_sizes == 0)
		return;
	if (!s->raw)
		buf_putc(b, '\n');
	table_text(b, s, &table);
	if (s->raw || !h->has_folios)
		return;
	style_dim(b, s);
	huge_put_wrapped(b, s, INDENT, "", INDENT, "PMD-mapped: by one entry for the whole folio. "
			 "Else page by page: whole and at a multiple of its size (aligned), whole "
			 "elsewhere (unaligned), or not all of it (partial).");
	style_off(b, s);
}

/* "(75 % of what is resident)" */
static void put_share(struct buf *b, bool known, uint64_t millionths, const char *of)
{
	char text[NUM_MAX_SIZE];

	*num_put_percent(text, millionths) = '\0';
	if (known)
		buf_printf(b, " (%s of %s)", text, of);
}

static void put_coverage(struct buf *b, const struct style *s, const struct huge *h)
{
	uint64_t share = 0;
	bool known;

	if (s->raw)
		return;
	buf_fill(b, ' ', INDENT);
	style_bold(b, s);
	buf_puts(b, "huge ");
	if (h->huge.known)
		style_size(b, s, h->huge.v, 0);
	else
		buf_putc(b, '-');
	style_off(b, s);
	if (h->resident.known) {
		buf_puts(b, " of ");
		style_size(b, s, h->resident.v, 0);
		known = huge_resident_share(h, &share);
		put_share(b, known, share, "what is resident");
		buf_puts(b, "   ");
		style_bar(b, s, KIND_HUGETLB, 20, h->huge.v, 0, h->resident.v, true);
	}
	buf_putc(b, '\n');
}

/* ---- text: mappings ---- */

/* In columns of the list of mappings: the row's amounts, as the pages were seen. */
static bool get_amount(const void *data, size_t row, const struct column *c, struct value *v)
{
	struct huge h;
	struct maybe m;

	measure(data, row, &h);
	m = c->counter ? h.huge : h.resident;
	v->n = m.v;
	return m.known;
}

static bool get_share(const void *data, size_t row, const struct column *c, struct value *v)
{
	struct huge h;

	(void)c;
	measure(data, row, &h);
	return huge_share(&h, &v->n);
}

static const struct column resident_column = {
	"resident", "resident", NULL, VALUE_BYTES, COLUMN_TEXT | COLUMN_DESCENDING, 0, 0, get_amount,
};

static const struct column huge_column = {
	"huge", "huge", NULL, VALUE_BYTES, COLUMN_TEXT | COLUMN_DESCENDING, 0, 1, get_amount,
};

static const struct column share_column = {
	"share", "share", NULL, VALUE_SHARE, COLUMN_TEXT, 0, 0, get_share,
};

/* Reserved address space in which nothing can be: said once, not a line for each. */
static bool is_reserved(const struct rows *r, size_t row)
{
	const struct vma *v = row_vma(r, row);
	uint64_t resident;

	return !v->mixed && !(v->perms & MAPS_ACCESS) &&
	       counters_resident(row_counters(r, row), &resident) && resident == 0;
}

/* Mappings that could be huge, and those that have folios larger than a page that are not just
 * how a file was read ahead. */
static bool is_listed(const struct rows *r, size_t row)
{
	const struct vma *v = row_vma(r, row);
	struct huge h;

	if (v->mixed || v->size >= (r->huge->pmd_size ? r->huge->pmd_size : USUAL_PMD_SIZE))
		return true;
	measure(r, row, &h);
	return h.n_sizes && h.sizes[0].size > r->huge->page_size &&
	       vma_file(r->space, v)->inode == 0;
}

/* Lines that a row's reasons stand on follow it; help collects what was named. */
static void put_reasons(struct buf *b, const struct style *s, const struct rows *r, size_t row,
			unsigned int *seen)
{
	struct huge_reasons why;
	struct huge h;

	measure(r, row, &h);
	reasons(r, row, &h, &why);
	for (unsigned int i = 0; i < why.n; i++) {
		huge_put_wrapped(b, s, REASON_INDENT, huge_why_info[why.v[i].why].code,
				 REASON_COLUMN, why.v[i].text);
		*seen |= 1u << why.v[i].why;
	}
}

static void put_help(struct buf *b, const struct style *s, unsigned int seen)
{
	if (!seen)
		return;
	buf_putc(b, '\n');
	buf_fill(b, ' ', INDENT);
	style_bold(b, s);
	buf_puts(b, "what would help");
	style_off(b, s);
	buf_putc(b, '\n');
	for (unsigned int i = 0; i < WHYS; i++)
		if (seen >> i & 1)
			huge_put_wrapped(b, s, REASON_INDENT, huge_why_info[i].code, REASON_COLUMN,
					 huge_why_info[i].help);
}

static void choose_columns(const struct style *s, const struct rows *rows, struct column_list *l)
{
	static const struct column why = { "why", "why", NULL, VALUE_LIST, COLUMN_TEXT, 0, 0,
					   huge_get_why };
	const struct vma *first = rows->n ? row_vma(rows, 0) : NULL;
	bool grouped = first && first->mixed;

	column_list_add(l, mapping_column_find(grouped ? STR("mappings") : STR("start")));
	column_list_add(l, mapping_column_find(STR("size")));
	column_list_add(l, &resident_column);
	column_list_add(l, &huge_column);
	column_list_add(l, &share_column);
	if (rows->pages && (rows->pages->known & CENSUS_FLAGS))
		column_list_add(l, mapping_column_find(STR("folios")));
	if (s->raw && !grouped)
		column_list_add(l, &why);
	if (grouped && first->perms != SPACE_PERMS_MIXED)
		column_list_add(l, mapping_column_find(STR("perms")));
	if (grouped)
		column_list_add(l, mapping_column_find(STR("kind")));
	column_list_add(l, mapping_column_find(STR("name")));
}

/* The table's lines, each row's reasons between them: a row is one line, whatever is in a name. */
static void put_mappings(struct buf *b, const struct style *s, const struct rows *rows)
{
	struct column_list columns = { .n = 0 };
	struct table table;
	struct buf text;
	unsigned int seen = 0;
	const char *line, *end;
	size_t row = 0;

	choose_columns(s, rows, &columns);
	table = mapping_table(rows, &columns);
	if (s->raw) {
		table_text(b, s, &table);
		return;
	}
	buf_init(&text);
	table_text(&text, s, &table);
	line = text.data;
	end = line + text.len;
	if (s->headings && line < end) {
		const char *nl = memchr(line, '\n', (size_t)(end - line));

		buf_add(b, line, (size_t)(nl + 1 - line));
		line = nl + 1;
	}
	for (; line < end && row < rows->n; row++) {
		const char *nl = memchr(line, '\n', (size_t)(end - line));

		buf_add(b, line, (size_t)(nl + 1 - line));
		put_reasons(b, s, rows, row, &seen);
		line = nl + 1;
		buf_drain_some(b);
	}
	if (text.error && !b->error)
		b->error = text.error;
	buf_done(&text);
	put_help(b, s, seen);
}

static void put_reserved(struct buf *b, const struct style *s, uint64_t n, uint64_t size)
{
	style_dim(b, s);
	buf_printf(b, "\n  not listed: %" PRIu64 " reserved range%s without access, ", n,
		   n == 1 ? "" : "s");
	style_size(b, s, size, 0);
	style_off(b, s);
	buf_putc(b, '\n');
}

void huge_text(struct buf *b, const struct style *s, const struct rows *shown,
	       const struct rows *rows)
{
	struct rows listed = *rows;
	uint64_t reserved = 0, reserved_size = 0;
	struct huge sum;

	measure_all(shown, &sum);
	if (!s->raw) {
		buf_putc(b, '\n');
		huge_settings_text(b, s, rows->huge);
		buf_putc(b, '\n');
	}
	put_coverage(b, s, &sum);
	put_sizes(b, s, &sum);
	listed.index = malloc((rows->n + 1) * sizeof(*listed.index));
	if (!listed.index) {
		b->error = b->error ? b->error : -ENOMEM;
		return;
	}
	listed.n = 0;
	for (size_t i = 0; i < rows->n; i++) {
		if (!is_listed(rows, i))
			continue;
		if (!s->raw && is_reserved(rows, i)) {
			reserved++;
			reserved_size = num_add(reserved_size, row_vma(rows, i)->size);
			continue;
		}
		listed.index[listed.n++] = rows->index[i];
	}
	if (!s->raw)
		buf_putc(b, '\n');
	if (listed.n)
		put_mappings(b, s, &listed);
	else if (!s->raw)
		buf_puts(b, "  no mapping is large enough for a huge page\n");
	if (reserved)
		put_reserved(b, s, reserved, reserved_size);
	if (!s->raw && !rows->huge->pmd_size)
		buf_puts(b, "  note: the size of a huge page is not known, so no reasons are given\n");
	free(listed.index);
}

/* ---- JSON ---- */

static void share_json(struct json *j, const char *key, bool known, uint64_t millionths)
{
	if (known)
		json_double(j, key, (double)millionths / 1e6);
	else
		json_null(j, key);
}

static void sizes_json(struct json *j, const struct huge *h)
{
	static const struct {
		const char *key;
		enum folio_use use;
	} use[] = {
		{ "pmd", FOLIO_PMD }, { "aligned", FOLIO_ALIGNED },
		{ "unaligned", FOLIO_UNALIGNED }, { "partial", FOLIO_PARTIAL },
		{ "hugetlb", FOLIO_HUGETLB },
	};

	json_array(j, "sizes");
	for (unsigned int i = 0; i < h->n_sizes; i++) {
		json_object(j, NULL);
		json_u64(j, "size", h->sizes[i].size);
		for (size_t k = 0; k < sizeof(use) / sizeof(use[0]); k++)
			json_maybe(j, use[k].key, (struct maybe){
				   h->has_folios || use[k].use == FOLIO_PMD ||
				   use[k].use == FOLIO_HUGETLB, h->sizes[i].use[use[k].use] });
		json_object_end(j);
	}
	json_array_end(j);
}

static void extents_json(struct json *j, const struct huge *h)
{
	const struct extents *x = &h->extents;

	if (!h->has_extents) {
		json_null(j, "extents");
		return;
	}
	json_object(j, "extents");
	json_u64(j, "fit", x->fit);
	json_u64(j, "huge", x->huge);
	json_u64(j, "empty", x->empty);
	json_u64(j, "swapped", x->swapped);
	json_u64(j, "sparse", x->sparse);
	json_u64(j, "full", x->full);
	json_object_end(j);
}

static void amounts_json(struct json *j, const struct huge *h)
{
	uint64_t share = 0;
	bool known;

	json_maybe(j, "huge", h->huge);
	json_maybe(j, "pmd", h->pmd);
	json_maybe(j, "hugetlb", h->hugetlb);
	known = huge_share(h, &share);
	share_json(j, "share", known, share);
	known = huge_resident_share(h, &share);
	share_json(j, "resident_share", known, share);
	sizes_json(j, h);
	extents_json(j, h);
}

static void reason_json(struct json *j, const struct huge_reason *r)
{
	json_object(j, NULL);
	json_string(j, "reason", str_of(huge_why_info[r->why].code));
	json_string(j, "fact", str_of(r->fact));
	if (r->word[0])
		json_string(j, "value", str_of(r->word));
	else
		json_u64(j, "value", r->number);
	json_maybe(j, "extents", r->extents);
	json_string(j, "text", str_of(r->text));
	json_object_end(j);
}

static bool get_has_huge(const void *data, size_t row, const struct column *c, struct value *v)
{
	const struct rows *r = data;

	(void)row;
	(void)c;
	(void)v;
	return r->huge != NULL;
}

static void put_huge_json(struct json *j, const void *data, size_t row)
{
	const struct rows *r = data;
	struct huge_reasons why;
	struct huge h;

	measure(r, row, &h);
	json_object(j, NULL);
	amounts_json(j, &h);
	if (!row_vma(r, row)->mixed) {
		reasons(r, row, &h, &why);
		json_array(j, "reasons");
		for (unsigned int i = 0; i < why.n; i++)
			reason_json(j, &why.v[i]);
		json_array_end(j);
	}
	json_object_end(j);
}

const struct column huge_json_column = {
	"huge", "huge", "huge pages and why not, see --huge", VALUE_OBJECT, COLUMN_JSON, 0, 0,
	get_has_huge, put_huge_json,
};

void huge_json(struct json *j, const struct rows *shown)
{
	struct huge sum;

	json_break(j);
	if (!shown->huge) {
		json_null(j, "huge");
		return;
	}
	measure_all(shown, &sum);
	json_object(j, "huge");
	amounts_json(j, &sum);
	huge_settings_json(j, "settings", shown->huge);
	json_object_end(j);
}
