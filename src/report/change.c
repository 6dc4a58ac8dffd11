/* SPDX-License-Identifier: GPL-3.0-or-later */
/* --watch and --diff: what changed between two snapshots, per mapping, kind and object. */
#include "config.h"

#include "report/change.h"

#include <inttypes.h>
#include <string.h>

#include "report/change_view.h"
#include "report/maps.h"
#include "report/table.h"

enum { INDENT = 2, MAX_GROWERS = 10 };

static int make_one(const struct change_set *s, const struct rows rows[CHANGE_SIDES],
		    enum change_by by, struct changes *out)
{
	struct change_request req = {
		.side = { &rows[0], &rows[1] }, .by = by, .other_process = s->other_process,
		.executable = { s->side[0]->executable_path, s->side[1]->executable_path },
	};

	return changes_make(&req, out);
}

int change_set_make(struct change_set *s, const struct filter *filter)
{
	struct rows rows[CHANGE_SIDES] = { { 0 } };
	int ret = 0;

	memset(&s->mapping, 0, sizeof(s->mapping));
	s->kind = s->object = s->all = s->mapping;
	for (int i = 0; ret == 0 && i < CHANGE_SIDES; i++) {
		ret = rows_all(&s->side[i]->space, &rows[i]);
		if (ret == 0 && filter_is_active(filter))
			ret = rows_filter(&rows[i], filter);
	}
	if (ret == 0)
		ret = make_one(s, rows, s->other_process ? CHANGE_BY_SEGMENT : CHANGE_BY_MAPPING,
			       &s->mapping);
	if (ret == 0)
		ret = make_one(s, rows, CHANGE_BY_KIND, &s->kind);
	if (ret == 0)
		ret = make_one(s, rows, CHANGE_BY_OBJECT, &s->object);
	if (ret == 0)
		ret = make_one(s, rows, CHANGE_BY_ALL, &s->all);
	rows_done(&rows[0]);
	rows_done(&rows[1]);
	return ret;
}

void change_set_done(struct change_set *s)
{
	changes_done(&s->mapping);
	changes_done(&s->kind);
	changes_done(&s->object);
	changes_done(&s->all);
}

/* Getters; column.counter is which column of mappings. */
static bool get_change(const void *data, size_t row, const struct column *c, struct value *v)
{
	struct change_amount amount = change_view_amount(data, row, &mapping_columns[c->counter]);

	v->n = (uint64_t)amount.v;
	return amount.known;
}

static bool get_per_hour(const void *data, size_t row, const struct column *c, struct value *v)
{
	struct change_amount amount = change_view_per_hour(data, row);

	(void)c;
	v->n = (uint64_t)amount.v;
	return amount.known;
}

static bool get_what(const void *data, size_t row, const struct column *c, struct value *v)
{
	struct change_view *view = (struct change_view *)(uintptr_t)data;
	unsigned int what = change_view_at(view, row)->what;
	struct change_amount memory = change_view_at(view, row)->memory;

	(void)c;
	buf_clear(&view->text);
	for (unsigned int i = 0; i < CHANGE_WORDS; i++)
		if (what >> i & 1)
			buf_printf(&view->text, "%s%s", view->text.len ? "," : "", change_word[i]);
	if (!view->text.len)
		buf_puts(&view->text, !memory.known || !memory.v ? "counters" :
				      memory.v > 0 ? "filled" : "emptied");
	v->s = (struct str){ view->text.data, view->text.len };
	v->made = true;
	return !view->text.error;
}

static bool get_start(const void *data, size_t row, const struct column *c, struct value *v)
{
	const struct change_view *view = change_view_sum(data, row);

	(void)c;
	v->n = view->vma[change_shown_side(change_view_at(view, row))].start;
	return true;
}

static bool get_kind(const void *data, size_t row, const struct column *c, struct value *v)
{
	const struct change_view *view = change_view_sum(data, row);
	unsigned int kind = view->vma[change_shown_side(change_view_at(view, row))].kind;

	(void)c;
	v->s = kind < KINDS ? str_of(kind_info[kind].name) : STR("several");
	return true;
}

static bool get_mappings(const void *data, size_t row, const struct column *c, struct value *v)
{
	const struct change_view *view = data;
	const struct change *one = change_view_at(view, row);

	(void)c;
	v->n = (uint64_t)((int64_t)one->n[CHANGE_AFTER] - (int64_t)one->n[CHANGE_BEFORE]);
	return true;
}

/* What there is now, resident and swapped. */
static bool get_now(const void *data, size_t row, const struct column *c, struct value *v)
{
	const struct change_view *view = change_view_sum(data, row);
	const struct counters *counters = &view->counters[CHANGE_AFTER];
	uint64_t swap;

	(void)c;
	v->n = 0;
	if (!view->c->side[CHANGE_AFTER].counters)
		return false;
	if (!change_view_at(view, row)->n[CHANGE_AFTER])
		return true;
	if (!counters_resident(counters, &v->n))
		return false;
	if (counters_get(counters, SMAPS_SWAP, &swap))
		v->n = num_add(v->n, swap);
	return true;
}

enum { SUM = COLUMN_TEXT | COLUMN_DESCENDING };

static const struct column text_columns[] = {
	{ "change", "change", NULL, VALUE_TEXT, COLUMN_TEXT | COLUMN_FROM_START, 0, 0, get_what },
	{ "start", "start", NULL, VALUE_ADDRESS, COLUMN_TEXT, 0, 0, get_start },
	{ "kind", "kind", NULL, VALUE_TEXT, COLUMN_TEXT, 0, 0, get_kind },
	{ "mappings", "mappings", NULL, VALUE_CHANGE_COUNT, SUM, 0, 0, get_mappings },
	{ "now", "now", NULL, VALUE_BYTES, SUM, 0, 0, get_now },
	{ "per_hour", "per hour", NULL, VALUE_CHANGE, SUM, 0, 0, get_per_hour },
	{ "name", "name", NULL, VALUE_TEXT, COLUMN_TEXT, 0, 0, change_get_object },
};

enum { TEXT_WHAT, TEXT_START, TEXT_KIND, TEXT_MAPPINGS, TEXT_NOW, TEXT_PER_HOUR, TEXT_NAME };

/* Which columns a table has: what is before the amounts, and behind them. */
struct layout {
	struct column amount[TABLE_MAX_COLUMNS];
	struct column_list list;
};

static void layout_make(struct layout *l, const struct column_list *columns, double seconds,
			const unsigned int *leading, unsigned int n, bool name)
{
	l->list.n = 0;
	for (unsigned int i = 0; i < n; i++)
		column_list_add(&l->list, &text_columns[leading[i]]);
	for (size_t i = 0; i < columns->n && l->list.n + 3 < TABLE_MAX_COLUMNS; i++) {
		const struct column *c = columns->column[i];

		if (!change_is_amount(c))
			continue;
		l->amount[i] = *c;
		l->amount[i].type = VALUE_CHANGE;
		l->amount[i].get = get_change;
		l->amount[i].counter = (unsigned int)(c - mapping_columns);
		column_list_add(&l->list, &l->amount[i]);
	}
	if (seconds > 0)
		column_list_add(&l->list, &text_columns[TEXT_PER_HOUR]);
	column_list_add(&l->list, &text_columns[TEXT_NOW]);
	if (name)
		column_list_add(&l->list, &text_columns[TEXT_NAME]);
}

/* Drops what is the same as far as the table tells. */
static void drop_alike(struct change_view *v, const struct layout *l)
{
	size_t n = 0;

	for (size_t i = 0; i < v->n; i++) {
		bool shown = change_view_at(v, i)->what & CHANGE_EXTENT;

		for (size_t k = 0; k < l->list.n && !shown; k++) {
			struct value value = { 0 };

			shown = l->list.column[k]->get == get_change &&
				get_change(v, i, l->list.column[k], &value) && value.n;
		}
		if (shown)
			v->index[n++] = v->index[i];
	}
	v->n = n;
}

static enum kind row_kind(const void *data, size_t row)
{
	const struct change_view *view = change_view_sum(data, row);

	return (enum kind)view->vma[change_shown_side(change_view_at(view, row))].kind;
}

/* max: rows; 0: all. What is left out is counted. */
static int put_table(struct buf *b, const struct style *s, struct change_view *v,
		      const struct layout *l, size_t max, const struct change_view *total)
{
	struct change_amount gained = { 0 };
	size_t left = 0;
	int ret = max ? change_view_cut(v, max, &left, &gained) : 0;
	struct table table = {
		.column = l->list.column, .columns = l->list.n, .data = v, .rows = v->n,
		.kind = row_kind, .indent = INDENT, .total = total,
		.address_digits = space_address_digits(v->c->side[CHANGE_AFTER].space),
	};

	if (ret < 0)
		return ret;
	buf_putc(b, '\n');
	table_text(b, s, &table);
	if (!left)
		return 0;
	buf_printf(b, "%*sand %zu more", INDENT, "", left);
	if (gained.known) {
		buf_puts(b, gained.v < 0 ? " (-" : gained.v ? " (+" : " (");
		style_size(b, s, gained.v < 0 ? -(uint64_t)gained.v : (uint64_t)gained.v, 0);
		buf_putc(b, ')');
	}
	buf_putc(b, '\n');
	return 0;
}

static void put_faults(struct buf *b, const struct change_set *set)
{
	static const struct {
		enum stat_field field;
		const char *name;
	} faults[] = { { STAT_MINFLT, "minor" }, { STAT_MAJFLT, "major" } };
	const struct stat_pid *a = &set->side[0]->stat, *z = &set->side[1]->stat;

	for (unsigned int i = 0; i < 2; i++)
		if (stat_has(a, faults[i].field) && stat_has(z, faults[i].field))
			buf_printf(b, "%s %.*f %s faults/s", i ? "," : ":",
				   i ? 1 : 0, (double)(z->v[faults[i].field] -
				   a->v[faults[i].field]) / set->seconds, faults[i].name);
}

static bool has_rate(const struct change_set *set)
{
	return set->since == SINCE_FIRST && set->seconds >= CHANGE_RATE_SECONDS;
}

static void put_heading(struct buf *b, const struct style *s, const struct change_set *set,
			bool summary)
{
	buf_putc(b, '\n');
	style_bold(b, s);
	if (set->since == SINCE_BASE) {
		buf_puts(b, "since it was captured in ");
		text_put(b, str_of(set->tree), style_text(s));
		if (set->other_process) {
			buf_puts(b, ", compared with ");
			text_put(b, set->side[0]->stat.comm, style_text(s));
			buf_printf(b, " (%d)", (int)set->side[0]->pid);
		}
	} else if (summary) {
		buf_printf(b, "grown in %.1f s", set->seconds);
	} else {
		buf_printf(b, "since the %s sample, %.1f s", change_since_key[set->since], set->seconds);
	}
	style_off(b, s);
	if (set->seconds > 0)
		put_faults(b, set);
	buf_putc(b, '\n');
	if (has_rate(set))
		buf_printf(b, "  per hour: at the pace of these %.1f s\n", set->seconds);
	if (!set->other_process)
		return;
	if (set->side[0]->pid != set->side[1]->pid)
		buf_printf(b, "  %d is not in the capture, another process of that name is",
			   (int)set->side[1]->pid);
	else
		buf_puts(b, "  not the same process, or it ran another program");
	buf_puts(b, ": matched by object and segment, not by address\n");
}

/* Kinds, then what they are made of. */
struct tables {
	struct change_view kind, object, mapping, all;
	struct layout of_kinds, of_objects, of_mappings;
};

static int tables_init(struct tables *t, const struct change_set *set, bool summary,
		       const struct column_list *columns)
{
	static const unsigned int kinds[] = { TEXT_KIND, TEXT_MAPPINGS };
	static const unsigned int mappings[] = { TEXT_WHAT, TEXT_START };
	static const unsigned int segments[] = { TEXT_WHAT, TEXT_KIND };
	static const unsigned int objects[] = { TEXT_MAPPINGS };
	double rate = has_rate(set) ? set->seconds : 0;
	int ret = change_view_init(&t->kind, &set->kind, rate, summary);

	if (ret == 0)
		ret = change_view_init(&t->mapping, &set->mapping, rate, summary);
	if (ret == 0)
		ret = change_view_init(&t->object, &set->object, rate, summary);
	if (ret == 0)
		ret = change_view_init(&t->all, &set->all, rate, false);
	if (ret < 0)
		return ret;
	layout_make(&t->of_kinds, columns, rate, kinds, 2, false);
	layout_make(&t->of_objects, columns, rate, objects, 1, true);
	layout_make(&t->of_mappings, columns, rate, set->other_process ? segments : mappings, 2,
		    true);
	drop_alike(&t->kind, &t->of_kinds);
	drop_alike(&t->object, &t->of_objects);
	drop_alike(&t->mapping, &t->of_mappings);
	return 0;
}

static int put_set(struct buf *b, const struct style *s, const struct change_set *set,
		   const struct change_report *report, const struct column_list *columns)
{
	size_t max = report->summary ? MAX_GROWERS : report->max_rows;
	struct tables t = { 0 };
	int ret = tables_init(&t, set, report->summary, columns);

	put_heading(b, s, set, report->summary);
	if (ret == 0 && !t.kind.n && !t.mapping.n)
		buf_printf(b, "  %s\n", report->summary ? "nothing grew" : "nothing changed");
	if (ret == 0 && t.kind.n)
		ret = put_table(b, s, &t.kind, &t.of_kinds, 0, t.all.n ? &t.all : NULL);
	if (ret == 0 && t.object.n && set->since == SINCE_BASE)
		ret = put_table(b, s, &t.object, &t.of_objects, max, NULL);
	if (ret == 0 && t.mapping.n)
		ret = put_table(b, s, &t.mapping, &t.of_mappings, max, NULL);
	change_view_done(&t.kind);
	change_view_done(&t.object);
	change_view_done(&t.mapping);
	change_view_done(&t.all);
	return ret;
}

static void put_execve(struct buf *b, const struct style *s, const struct change_report *report)
{
	if (report->execve)
		buf_puts(b, "\n  runs another program since this sample (execve): ");
	else
		buf_printf(b, "\n  runs another program since sample %" PRIu64 " (execve): ",
			   report->first_sample);
	text_put(b, report->now->stat.comm, style_text(s));
	buf_puts(b, report->set[1] ? "; changes are told from there on\n" :
		    "; changes are told from the next sample on\n");
}

int change_text(struct buf *b, const struct style *s, const struct change_report *report,
		const struct column_list *columns)
{
	int ret = 0;

	if (report->execve || (report->summary && report->first_sample > 1))
		put_execve(b, s, report);
	else if (!report->set[0] && !report->set[1])
		buf_puts(b, "\n  the first sample: what changes is told from the next one on\n");
	for (unsigned int i = 0; ret == 0 && i < 2; i++)
		if (report->set[i])
			ret = put_set(b, s, report->set[i], report, columns);
	return ret;
}
