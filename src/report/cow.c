/* SPDX-License-Identifier: GPL-3.0-or-later */
/* --cow: what a process and those that it forked still share, and what was copied since. */
#include "config.h"

#include "report/cow.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "base/num.h"
#include "report/facts.h"
#include "report/maps.h"

/* Of the mappings that are shown, and of what lies outside of all of them where all are. */
static struct cow_pages sum_rows(const struct cow_view *view)
{
	struct cow_pages sum = { 0 };

	if (!view->filtered)
		return view->cow->total;
	for (size_t i = 0; i < view->rows->n; i++)
		cow_add(&sum, &view->cow->row.v[view->rows->index[i]]);
	return sum;
}

static bool is_empty(const struct cow_pages *p)
{
	return p->shared + cow_copied(p) + p->only_here + p->only_there == 0;
}

/* Has it anything that fork made two of? */
static bool is_anonymous(const struct cow_pages *p)
{
	return p->shared != p->shared_file || cow_copied(p) || p->only_here != p->only_here_file ||
	       p->only_there != p->only_there_file;
}

/* Who wrote is known of none of the pages that were copied. */
static bool nothing_tells(const struct cow_pages *p)
{
	return p->copied_unknown && !p->copied_here && !p->copied_there;
}

/* ---- text ---- */

enum { N_START, N_SIZE, N_SHARED, N_COPIED, N_HERE, N_THERE, N_ONLY_HERE, N_ONLY_THERE, N_PID };

enum { ROOMY = 110 };		/* columns of a terminal that has room for who wrote, too */

enum { BYTES = COLUMN_TEXT | COLUMN_DESCENDING };

static const struct column total_columns[] = {
	{ "what", "", NULL, VALUE_TEXT, COLUMN_TEXT, 0, 0, facts_get_text },
	{ "bytes", "bytes", NULL, VALUE_BYTES, BYTES, 0, 0, facts_get_number },
	{ "bar", "", NULL, VALUE_BAR, COLUMN_TEXT, 0, 0, facts_get_bar },
	{ "meaning", "", NULL, VALUE_TEXT, COLUMN_TEXT | COLUMN_FROM_START, 0, 1, facts_get_text },
};

static const struct column amount_columns[] = {
	[N_START] = { "start", "address", NULL, VALUE_ADDRESS, COLUMN_TEXT, 0, N_START, facts_get_number },
	[N_SIZE] = { "size", "size", NULL, VALUE_BYTES, BYTES, 0, N_SIZE, facts_get_number },
	[N_SHARED] = { "shared", "shared", NULL, VALUE_BYTES, BYTES, 0, N_SHARED, facts_get_number },
	[N_COPIED] = { "copied", "copied", NULL, VALUE_BYTES, BYTES, 0, N_COPIED, facts_get_number },
	[N_HERE] = { "by_here", "by-here", NULL, VALUE_BYTES, BYTES, 0, N_HERE, facts_get_number },
	[N_THERE] = { "by_there", "by-there", NULL, VALUE_BYTES, BYTES, 0, N_THERE, facts_get_number },
	[N_ONLY_HERE] = { "only_here", "only-here", NULL, VALUE_BYTES, BYTES, 0, N_ONLY_HERE,
			  facts_get_number },
	[N_ONLY_THERE] = { "only_there", "only-there", NULL, VALUE_BYTES, BYTES, 0, N_ONLY_THERE,
			   facts_get_number },
	[N_PID] = { "pid", "pid", NULL, VALUE_COUNT, COLUMN_TEXT, 0, N_PID, facts_get_number },
};

static const struct column perms_column = {
	"perms", "perms", NULL, VALUE_TEXT, COLUMN_TEXT, 0, 1, facts_get_text };
static const struct column name_column = {
	"mapping", "mapping", NULL, VALUE_TEXT, COLUMN_TEXT, 0, 0, facts_get_text };
static const struct column process_column = {
	"name", "name", NULL, VALUE_TEXT, COLUMN_TEXT, 0, 0, facts_get_text };

/* Of anonymous pages: fork copies no others. */
static void put_amounts(struct facts_row *row, const struct cow_pages *p, uint64_t page_size)
{
	if (nothing_tells(p))
		row->unknown = 1u << N_HERE | 1u << N_THERE;
	row->n[N_SHARED] = (p->shared - p->shared_file) * page_size;
	row->n[N_COPIED] = cow_copied(p) * page_size;
	row->n[N_HERE] = p->copied_here * page_size;
	row->n[N_THERE] = p->copied_there * page_size;
	row->n[N_ONLY_HERE] = (p->only_here - p->only_here_file) * page_size;
	row->n[N_ONLY_THERE] = (p->only_there - p->only_there_file) * page_size;
}

static struct facts_row *add_total(struct facts *f, const char *what, uint64_t bytes, uint64_t of,
				   const char *meaning)
{
	struct facts_row *row = facts_add(f);

	if (!row)
		return NULL;
	row->text[0] = str_of(what);
	row->text[1] = str_of(meaning);
	row->n[0] = row->bar = bytes;
	row->of = of;
	return row;
}

/* By whom what was copied was written. */
static void add_writers(struct facts *f, const struct cow_pages *p, uint64_t size, uint64_t of)
{
	struct facts_row *row;

	row = add_total(f, "  by here", p->copied_here * size, of, "this process has written since");
	if (row)
		row->unknown = nothing_tells(p);
	row = add_total(f, "  by there", p->copied_there * size, of, "the other has");
	if (row)
		row->unknown = nothing_tells(p);
	if (p->copied_unknown)
		add_total(f, "  not told", p->copied_unknown * size, of,
			  "both have, or nothing tells who");
}

static void put_totals(struct buf *b, const struct style *s, const struct cow_view *view,
		       struct facts *f)
{
	const struct column *column[] = { &total_columns[0], &total_columns[1], &total_columns[2],
					  &total_columns[3] };
	const struct cow_pages p = sum_rows(view);
	uint64_t size = view->cow->page_size;
	uint64_t files = (p.shared_file + p.only_here_file + p.only_there_file) * size;
	uint64_t of = (p.shared + cow_copied(&p) + p.only_here + p.only_there) * size - files;
	bool family = view->cow->family;
	struct column narrow[4];

	add_total(f, "shared", (p.shared - p.shared_file) * size, of,
		  family ? "one frame, in several page tables" : "one frame, in both page tables");
	add_total(f, "copied", cow_copied(&p) * size, of,
		  family ? "none has the same page, but some have another" :
			   "a write made two frames of one: what fork cost so far");
	if (!family)
		add_writers(f, &p, size, of);
	add_total(f, "only here", (p.only_here - p.only_here_file) * size, of, "no page there");
	add_total(f, "only there", (p.only_there - p.only_there_file) * size, of, "no page here");
	add_total(f, "files", files, 0, "not counted above: in the page cache or shared memory, fork copies none");
	for (unsigned int i = 0; i < 4; i++) {
		narrow[i] = total_columns[i];
		column[i] = &narrow[i];
	}
	facts_put(b, s, f, column, s->raw ? 2 : 4, NULL);
}

static void put_others(struct buf *b, const struct style *s, const struct cow_view *view,
		       struct facts *f)
{
	const struct cow *cow = view->cow;
	const struct column *column[8] = { &amount_columns[N_PID] };
	size_t columns = 1;

	for (unsigned int i = N_SHARED; i <= N_ONLY_THERE; i++)
		column[columns++] = &amount_columns[i];
	column[columns++] = &process_column;
	for (size_t i = 0; i < cow->with.n; i++) {
		const struct cow_process *p = &cow->with.v[i];
		struct facts_row *row = facts_add(f);

		if (!row)
			return;
		put_amounts(row, &p->pages, cow->page_size);
		row->n[N_PID] = (uint64_t)p->pid;
		row->text[0] = (struct str){ p->name.data, p->name.len };
	}
	facts_put(b, s, f, column, columns, NULL);
}

static void put_sharers(struct buf *b, const struct style *s, const struct cow_view *view,
			struct facts *f)
{
	const struct column *column[] = { &total_columns[0], &total_columns[1], &total_columns[2] };
	const struct cow *cow = view->cow;
	uint64_t of = 0;

	for (size_t i = 0; i < cow->sharers.n; i++)
		of += cow->sharers.v[i] * cow->page_size;
	for (size_t i = 0; i < cow->sharers.n; i++) {
		char text[64];
		int n = i ? snprintf(text, sizeof(text), "with %zu %s", i, i == 1 ? "other" : "others") :
			    snprintf(text, sizeof(text), "with nobody");

		if (cow->sharers.v[i])
			add_total(f, "", cow->sharers.v[i] * cow->page_size, of, "");
		if (cow->sharers.v[i] && f->row.n)
			f->row.v[f->row.n - 1].text[0] = facts_keep(f, text, (size_t)n);
	}
	facts_put(b, s, f, column, s->raw ? 2 : 3, NULL);
}

static void put_mappings(struct buf *b, const struct style *s, const struct cow_view *view,
			 struct facts *f)
{
	const struct column *name = mapping_column_find(STR("name"));
	const struct column *perms = mapping_column_find(STR("perms"));
	uint64_t whole = 0, whole_pages = 0;
	const struct column *column[10];
	size_t columns = 0;

	column[columns++] = &amount_columns[N_START];
	column[columns++] = &amount_columns[N_SIZE];
	column[columns++] = &perms_column;
	for (unsigned int i = N_SHARED; i <= N_ONLY_THERE; i++)
		if ((i != N_HERE && i != N_THERE) ||
		    (!view->cow->family && (!s->width || s->width >= ROOMY)))
			column[columns++] = &amount_columns[i];
	column[columns++] = &name_column;
	for (size_t i = 0; i < view->rows->n; i++) {
		uint32_t at = view->rows->index[i];
		const struct cow_pages *p = &view->cow->row.v[at];
		const struct vma *v = &view->rows->vma[at];
		struct facts_row *row;
		struct value value = { 0 };

		if (!is_anonymous(p))
			continue;
		if (!s->raw && !cow_copied(p) && p->only_here == p->only_here_file &&
		    p->only_there == p->only_there_file) {
			whole++;
			whole_pages += p->shared - p->shared_file;
			continue;
		}
		row = facts_add(f);
		if (!row)
			return;
		put_amounts(row, p, view->cow->page_size);
		row->n[N_START] = v->start;
		row->n[N_SIZE] = v->size;
		if (name->get(view->rows, i, name, &value))
			row->text[0] = facts_keep(f, value.s.p, value.s.len);
		value = (struct value){ 0 };
		if (perms->get(view->rows, i, perms, &value))
			row->text[1] = facts_keep(f, value.s.p, value.s.len);
	}
	facts_put(b, s, f, column, columns, NULL);
	if (s->raw)
		return;
	buf_puts(b, "  left out: mappings that have nothing but pages of files");
	if (whole) {
		char size[NUM_MAX_SIZE];

		*num_put_size(size, whole_pages * view->cow->page_size) = '\0';
		buf_printf(b, "; %" PRIu64 " of which all is shared still (%s)", whole, size);
	}
	buf_putc(b, '\n');
}

int cow_text(struct buf *b, const struct style *s, const struct cow_view *view)
{
	const struct cow_pages sum = sum_rows(view);
	const struct cow *cow = view->cow;
	struct facts f = { 0 };
	int ret;

	if (!s->raw) {
		buf_putc(b, '\n');
		style_bold(b, s);
		buf_puts(b, "  copy-on-write ");
		style_off(b, s);
		if (cow->family) {
			buf_printf(b, "with %zu descendant%s", cow->with.n, cow->with.n == 1 ? "" : "s");
		} else {
			buf_printf(b, "with %d, ", (int)cow->with.v[0].pid);
			text_put(b, (struct str){ cow->with.v[0].name.data, cow->with.v[0].name.len },
				 style_text(s));
		}
		buf_puts(b, ": the pages at the same addresses\n");
	}
	put_totals(b, s, view, &f);
	if (cow->family) {
		put_sharers(b, s, view, &f);
		put_others(b, s, view, &f);
	}
	put_mappings(b, s, view, &f);
	if (sum.shared == sum.shared_file && !s->raw)
		buf_puts(b, "  note: no anonymous page is shared: neither was forked from the other, or all has "
			    "been\n        written to since, or another program runs there\n");
	if (cow->unreadable)
		buf_printf(b, "  note: %zu descendant%s may not be read\n        needs CAP_SYS_PTRACE "
			   "and CAP_DAC_READ_SEARCH (sudo)\n", cow->unreadable,
			   cow->unreadable == 1 ? "" : "s");
	ret = f.failed ? -ENOMEM : 0;
	facts_done(&f);
	return ret;
}

/* ---- JSON ---- */

/* Who wrote is known of two processes only. */
static void put_pages(struct json *j, const struct cow_pages *p, uint64_t size, bool pair)
{
	bool told = pair && !nothing_tells(p);

	json_u64(j, "shared", p->shared * size);
	json_u64(j, "shared_file", p->shared_file * size);
	json_u64(j, "copied", cow_copied(p) * size);
	json_maybe(j, "copied_here", (struct maybe){ told, p->copied_here * size });
	json_maybe(j, "copied_there", (struct maybe){ told, p->copied_there * size });
	json_maybe(j, "copied_unknown", (struct maybe){ pair, p->copied_unknown * size });
	json_u64(j, "only_here", p->only_here * size);
	json_u64(j, "only_here_file", p->only_here_file * size);
	json_u64(j, "only_there", p->only_there * size);
	json_u64(j, "only_there_file", p->only_there_file * size);
}

static void put_processes(struct json *j, const struct cow *cow)
{
	json_array(j, "processes");
	for (size_t i = 0; i < cow->with.n; i++) {
		const struct cow_process *p = &cow->with.v[i];

		json_object(j, NULL);
		json_u64(j, "pid", (uint64_t)p->pid);
		json_string(j, "name", (struct str){ p->name.data, p->name.len });
		put_pages(j, &p->pages, cow->page_size, true);
		json_object_end(j);
	}
	json_array_end(j);
	json_array(j, "sharers");
	for (size_t i = 0; i < cow->sharers.n; i++) {
		if (!cow->sharers.v[i])
			continue;
		json_object(j, NULL);
		json_u64(j, "others", i);
		json_u64(j, "bytes", cow->sharers.v[i] * cow->page_size);
		json_object_end(j);
	}
	json_array_end(j);
}

void cow_json(struct json *j, const struct cow_view *view)
{
	const struct cow *cow = view->cow;
	const struct cow_pages sum = sum_rows(view);

	json_break(j);
	json_object(j, "cow");
	json_array(j, "with");
	for (size_t i = 0; i < cow->with.n; i++)
		json_u64(j, NULL, (uint64_t)cow->with.v[i].pid);
	json_array_end(j);
	put_pages(j, &sum, cow->page_size, !cow->family);
	json_u64(j, "unreadable_processes", cow->unreadable);
	put_processes(j, cow);
	json_array(j, "mappings");
	for (size_t i = 0; i < view->rows->n; i++) {
		uint32_t at = view->rows->index[i];
		const struct vma *v = &view->rows->vma[at];

		if (is_empty(&cow->row.v[at]))
			continue;
		json_break(j);
		json_object(j, NULL);
		json_address(j, "start", v->start);
		json_address(j, "end", v->end);
		json_string(j, "kind", str_of(kind_info[v->kind].name));
		json_string(j, "path", vma_path(view->rows->space, v));
		put_pages(j, &cow->row.v[at], cow->page_size, !cow->family);
		json_object_end(j);
	}
	json_array_end(j);
	json_object_end(j);
}
