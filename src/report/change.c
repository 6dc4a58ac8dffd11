/* SPDX-License-Identifier: GPL-3.0-or-later */
/* --watch and --diff: what changed between two snapshots, per mapping, kind and object. */
#include "config.h"

#include "report/change.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "report/maps.h"
#include "report/table.h"

enum { INDENT = 2, SECONDS_PER_HOUR = 3600, MAX_GROWERS = 10, WORDS = 8 };

static const char *const since_key[SINCES] = { "last", "first", "base" };

/* In the order of enum change_what. */
static const char *const what_word[WORDS] = {
	"appeared", "vanished", "grew", "shrank", "moved", "protected", "split", "merged",
};

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

/* Changes in the order they are shown, and the sums of the one that was asked for last. */
struct view {
	const struct changes *c;
	uint32_t *index;
	size_t n;
	double seconds;
	uint32_t summed;		/* CHANGE_NONE: none yet */
	struct vma vma[CHANGE_SIDES];
	struct counters_sum sum[CHANGE_SIDES];
	struct counters counters[CHANGE_SIDES];
	struct buf text;		/* of words that are made */
};

static const struct change *change_at(const struct view *v, size_t row)
{
	return &v->c->change.v[v->index[row]];
}

/* For sorting, which takes numbers without sign: memory gained, and for those alike size. */
static bool get_growth(const void *data, size_t row, const struct column *c, struct value *v)
{
	const struct change *one = change_at(data, row);
	int64_t growth = c->counter ? one->size : one->memory.known ? one->memory.v : 0;

	v->n = (uint64_t)growth ^ UINT64_C(1) << 63;
	return true;
}

/* Most gained first, most lost last. */
static int sort_changes(struct view *v)
{
	const struct column by_size = { .type = VALUE_COUNT, .counter = 1, .get = get_growth };
	const struct column by_memory = { .type = VALUE_COUNT, .get = get_growth };
	int ret = column_sort(&by_size, v, v->index, v->n, true);

	return ret < 0 ? ret : column_sort(&by_memory, v, v->index, v->n, true);
}

/* All that is not as it was; growers: only what gained memory, or size where that is not known. */
static int view_init(struct view *v, const struct changes *c, double seconds, bool growers)
{
	size_t n = 0;

	*v = (struct view){ .c = c, .seconds = seconds, .summed = CHANGE_NONE };
	buf_init(&v->text);
	v->index = malloc((c->change.n + 1) * sizeof(*v->index));
	if (!v->index)
		return -ENOMEM;
	for (size_t i = 0; i < c->change.n; i++) {
		const struct change *one = &c->change.v[i];
		int64_t growth = one->memory.known ? one->memory.v : one->size;

		if (growers ? growth > 0 : one->what != 0)
			v->index[n++] = (uint32_t)i;
	}
	v->n = n;
	return sort_changes(v);
}

static void view_done(struct view *v)
{
	free(v->index);
	buf_done(&v->text);
}

static struct view *summed(const void *data, size_t row)
{
	struct view *v = (struct view *)(uintptr_t)data;	/* the sums are only a cache */
	const struct change *one = change_at(v, row);

	if (v->summed == v->index[row])
		return v;
	v->summed = v->index[row];
	for (int side = 0; side < CHANGE_SIDES; side++) {
		changes_sum(v->c, one, (enum change_side)side, &v->vma[side], &v->sum[side]);
		v->counters[side] = counters_of_sum(&v->sum[side]);
	}
	return v;
}

/* The value of a column of mappings, over all members of a side. */
static struct maybe side_value(const struct view *v, const struct change *one, int side,
			       const struct column *c)
{
	uint32_t zero = 0;
	struct rows row = {
		.space = v->c->side[side].space, .vma = &v->vma[side], .index = &zero, .n = 1,
		.counters = v->c->side[side].counters ? &v->counters[side] : NULL,
	};
	struct value value = { 0 };
	struct maybe amount = { 0 };

	if (!one->n[side])	/* nothing, if that can be told of the other side */
		amount.known = !(c->needs & NEED_SMAPS) || v->c->side[!side].counters;
	else
		amount.known = c->get(&row, 0, c, &value);
	amount.v = value.n;
	return amount;
}

static struct change_amount column_change(const void *data, size_t row, const struct column *c)
{
	const struct view *v = summed(data, row);
	const struct change *one = change_at(v, row);

	return change_difference(side_value(v, one, CHANGE_BEFORE, c),
				 side_value(v, one, CHANGE_AFTER, c));
}

/* Getters; column.counter is which column of mappings. */
static bool get_change(const void *data, size_t row, const struct column *c, struct value *v)
{
	struct change_amount amount = column_change(data, row, &mapping_columns[c->counter]);

	v->n = (uint64_t)amount.v;
	return amount.known;
}

static struct change_amount per_hour(const struct view *v, size_t row)
{
	struct change_amount amount = change_at(v, row)->memory;

	amount.known = amount.known && v->seconds > 0;
	if (amount.known)
		amount.v = (int64_t)((double)amount.v * SECONDS_PER_HOUR / v->seconds);
	return amount;
}

static bool get_per_hour(const void *data, size_t row, const struct column *c, struct value *v)
{
	struct change_amount amount = per_hour(data, row);

	(void)c;
	v->n = (uint64_t)amount.v;
	return amount.known;
}

static bool get_what(const void *data, size_t row, const struct column *c, struct value *v)
{
	struct view *view = (struct view *)(uintptr_t)data;
	unsigned int what = change_at(view, row)->what;
	struct change_amount memory = change_at(view, row)->memory;

	(void)c;
	buf_clear(&view->text);
	for (unsigned int i = 0; i < WORDS; i++)
		if (what >> i & 1)
			buf_printf(&view->text, "%s%s", view->text.len ? "," : "", what_word[i]);
	if (!view->text.len)
		buf_puts(&view->text, !memory.known || !memory.v ? "counters" :
				      memory.v > 0 ? "filled" : "emptied");
	v->s = (struct str){ view->text.data, view->text.len };
	v->made = true;
	return !view->text.error;
}

/* Where it is; or was, if it is no more. */
static int shown_side(const struct change *one)
{
	return one->n[CHANGE_AFTER] ? CHANGE_AFTER : CHANGE_BEFORE;
}

static bool get_start(const void *data, size_t row, const struct column *c, struct value *v)
{
	const struct view *view = summed(data, row);

	(void)c;
	v->n = view->vma[shown_side(change_at(view, row))].start;
	return true;
}

static bool get_kind(const void *data, size_t row, const struct column *c, struct value *v)
{
	const struct view *view = summed(data, row);
	unsigned int kind = view->vma[shown_side(change_at(view, row))].kind;

	(void)c;
	v->s = kind < KINDS ? str_of(kind_info[kind].name) : STR("several");
	return true;
}

static bool get_mappings(const void *data, size_t row, const struct column *c, struct value *v)
{
	const struct view *view = data;
	const struct change *one = change_at(view, row);

	(void)c;
	v->n = (uint64_t)((int64_t)one->n[CHANGE_AFTER] - (int64_t)one->n[CHANGE_BEFORE]);
	return true;
}

static bool get_object(const void *data, size_t row, const struct column *c, struct value *v)
{
	const struct view *view = summed(data, row);
	const struct change *one = change_at(view, row);
	int side = shown_side(one);
	struct rows rows = changes_rows(view->c, one, (enum change_side)side);

	(void)c;
	/* those of one change may be called differently: stacks, releases */
	v->s = space_str(rows.space, rows.vma[rows.index[0]].object);
	if (rows.n > 1 && !view->vma[side].object && rows.vma[rows.index[0]].thread)
		v->s = STR("[stack]");
	return true;
}

/* What there is now, resident and swapped. */
static bool get_now(const void *data, size_t row, const struct column *c, struct value *v)
{
	const struct view *view = summed(data, row);
	const struct counters *counters = &view->counters[CHANGE_AFTER];
	uint64_t swap;

	(void)c;
	v->n = 0;
	if (!view->c->side[CHANGE_AFTER].counters)
		return false;
	if (!change_at(view, row)->n[CHANGE_AFTER])
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
	{ "name", "name", NULL, VALUE_TEXT, COLUMN_TEXT, 0, 0, get_object },
};

enum { TEXT_WHAT, TEXT_START, TEXT_KIND, TEXT_MAPPINGS, TEXT_NOW, TEXT_PER_HOUR, TEXT_NAME };

/* Is a column one whose differences mean something: a sum of bytes from maps or smaps? */
static bool is_amount(const struct column *c)
{
	return c->type == VALUE_BYTES && (c->use & COLUMN_DESCENDING) &&
	       !(c->needs & ~(unsigned int)(NEED_MAPS | NEED_SMAPS)) &&
	       c >= mapping_columns && c < mapping_columns + mapping_columns_n &&
	       strcmp(c->key, "huge_share") != 0;
}

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

		if (!is_amount(c))
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
static void drop_alike(struct view *v, const struct layout *l)
{
	size_t n = 0;

	for (size_t i = 0; i < v->n; i++) {
		bool shown = change_at(v, i)->what & CHANGE_EXTENT;

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
	const struct view *view = summed(data, row);

	return (enum kind)view->vma[shown_side(change_at(view, row))].kind;
}

/* max: rows; 0: all. What is left out is counted. */
static void put_table(struct buf *b, const struct style *s, struct view *v,
		      const struct layout *l, size_t max, const struct view *total)
{
	size_t left = max && v->n > max ? v->n - max : 0;
	struct table table = {
		.column = l->list.column, .columns = l->list.n, .data = v, .rows = v->n - left,
		.kind = row_kind, .indent = INDENT, .total = total,
		.address_digits = space_address_digits(v->c->side[CHANGE_AFTER].space),
	};

	buf_putc(b, '\n');
	table_text(b, s, &table);
	if (left)
		buf_printf(b, "%*sand %zu more\n", INDENT, "", left);
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
		buf_printf(b, "since the %s sample, %.1f s", since_key[set->since], set->seconds);
	}
	style_off(b, s);
	if (set->seconds > 0)
		put_faults(b, set);
	buf_putc(b, '\n');
	if (set->other_process)
		buf_puts(b, "  another process: matched by object and segment, not by address\n");
}

/* Kinds, then what they are made of. */
struct tables {
	struct view kind, object, mapping, all;
	struct layout of_kinds, of_objects, of_mappings;
};

static int tables_init(struct tables *t, const struct change_set *set, bool summary,
		       const struct column_list *columns)
{
	static const unsigned int kinds[] = { TEXT_KIND, TEXT_MAPPINGS };
	static const unsigned int mappings[] = { TEXT_WHAT, TEXT_START };
	static const unsigned int segments[] = { TEXT_WHAT, TEXT_KIND };
	static const unsigned int objects[] = { TEXT_MAPPINGS };
	double rate = set->since == SINCE_FIRST ? set->seconds : 0;
	int ret = view_init(&t->kind, &set->kind, rate, summary);

	if (ret == 0)
		ret = view_init(&t->mapping, &set->mapping, rate, summary);
	if (ret == 0)
		ret = view_init(&t->object, &set->object, rate, summary);
	if (ret == 0)
		ret = view_init(&t->all, &set->all, rate, false);
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
		put_table(b, s, &t.kind, &t.of_kinds, 0, t.all.n ? &t.all : NULL);
	if (ret == 0 && t.object.n && set->since == SINCE_BASE)
		put_table(b, s, &t.object, &t.of_objects, max, NULL);
	if (ret == 0 && t.mapping.n)
		put_table(b, s, &t.mapping, &t.of_mappings, max, NULL);
	view_done(&t.kind);
	view_done(&t.object);
	view_done(&t.mapping);
	view_done(&t.all);
	return ret;
}

int change_text(struct buf *b, const struct style *s, const struct change_report *report,
		const struct column_list *columns)
{
	int ret = 0;

	if (!report->set[0] && !report->set[1])
		buf_puts(b, "\n  the first sample: what changes is told from the next one on\n");
	for (unsigned int i = 0; ret == 0 && i < 2; i++)
		if (report->set[i])
			ret = put_set(b, s, report->set[i], report, columns);
	return ret;
}

static void amount_json(struct json *j, const char *key, struct change_amount amount)
{
	if (amount.known)
		json_i64(j, key, amount.v);
	else
		json_null(j, key);
}

/* Where it was, and how protected: of single mappings only. */
static void place_json(struct json *j, const struct view *v, const struct change *one)
{
	static const char *const key[CHANGE_SIDES][3] = {
		{ "start_before", "end_before", "perms_before" }, { "start", "end", "perms" },
	};
	const struct column *perms = mapping_column_find(STR("perms"));

	for (int side = CHANGE_SIDES - 1; side >= 0; side--) {
		const struct rows row = { .vma = &v->vma[side], .index = (uint32_t[]){ 0 } };
		struct value value = { 0 };

		if (one->n[side]) {
			json_address(j, key[side][0], v->vma[side].start);
			json_address(j, key[side][1], v->vma[side].end);
		} else {
			json_null(j, key[side][0]);
			json_null(j, key[side][1]);
		}
		if (one->n[side] && perms->get(&row, 0, perms, &value))
			json_string(j, key[side][2], value.s);
		else
			json_null(j, key[side][2]);
	}
}

enum change_json_use { JSON_KIND = 1, JSON_OBJECT = 2, JSON_PLACE = 4 };

static void row_json(struct json *j, const struct view *v, size_t row, unsigned int use)
{
	const struct change *one = change_at(v, row);
	struct value value = { 0 };

	summed(v, row);
	if ((use & JSON_KIND) && v->vma[shown_side(one)].kind < KINDS)
		json_string(j, "kind", str_of(kind_info[v->vma[shown_side(one)].kind].name));
	else if (use & JSON_KIND)
		json_null(j, "kind");
	if ((use & JSON_OBJECT) && get_object(v, row, NULL, &value))
		json_string(j, "object", value.s);
	json_array(j, "change");
	for (unsigned int i = 0; i < WORDS; i++)
		if (one->what >> i & 1)
			json_string(j, NULL, str_of(what_word[i]));
	json_array_end(j);
	if (use & JSON_PLACE)
		place_json(j, v, one);
	json_u64(j, "mappings_before", one->n[CHANGE_BEFORE]);
	json_u64(j, "mappings_after", one->n[CHANGE_AFTER]);
	amount_json(j, "memory", one->memory);
	amount_json(j, "memory_per_hour", per_hour(v, row));
	for (size_t i = 0; i < mapping_columns_n; i++)
		if (is_amount(&mapping_columns[i]))
			amount_json(j, mapping_columns[i].key,
				    column_change(v, row, &mapping_columns[i]));
}

static int rows_json(struct json *j, const char *key, const struct change_set *set,
		     const struct changes *c, unsigned int use)
{
	struct view v;
	int ret = view_init(&v, c, set->seconds, false);

	json_break(j);
	json_array(j, key);
	for (size_t i = 0; ret == 0 && i < v.n; i++) {
		json_break(j);
		json_object(j, NULL);
		row_json(j, &v, i, use);
		json_object_end(j);
		buf_drain_some(j->b);
	}
	json_array_end(j);
	view_done(&v);
	return ret;
}

static void fault_json(struct json *j, const char *key, const struct change_set *set,
		       enum stat_field f)
{
	const struct stat_pid *a = &set->side[0]->stat, *z = &set->side[1]->stat;

	amount_json(j, key, set->other_process ? (struct change_amount){ 0 } :
		    change_difference((struct maybe){ stat_has(a, f), a->v[f] },
				      (struct maybe){ stat_has(z, f), z->v[f] }));
}

static int set_json(struct json *j, const struct change_set *set)
{
	size_t unchanged = 0;
	struct view all;
	int ret;

	json_object(j, since_key[set->since]);
	if (set->since == SINCE_BASE) {
		json_string(j, "tree", str_of(set->tree));
		json_u64(j, "pid", (uint64_t)set->side[0]->pid);
		json_string(j, "name", set->side[0]->stat.comm);
		json_bool(j, "other_process", set->other_process);
	}
	if (set->seconds > 0)
		json_double(j, "seconds", set->seconds);
	else
		json_null(j, "seconds");
	fault_json(j, "minor_faults", set, STAT_MINFLT);
	fault_json(j, "major_faults", set, STAT_MAJFLT);
	for (size_t i = 0; i < set->mapping.change.n; i++)
		unchanged += set->mapping.change.v[i].what == 0;
	json_u64(j, "unchanged", unchanged);
	json_break(j);
	ret = view_init(&all, &set->all, set->seconds, false);
	if (ret == 0 && all.c->change.n) {
		json_object(j, "total");
		all.index[0] = 0;	/* also if nothing changed */
		row_json(j, &all, 0, 0);
		json_object_end(j);
	} else {
		json_null(j, "total");
	}
	view_done(&all);
	if (ret == 0)
		ret = rows_json(j, "kinds", set, &set->kind, JSON_KIND);
	if (ret == 0)
		ret = rows_json(j, "objects", set, &set->object, JSON_OBJECT);
	if (ret == 0)
		ret = rows_json(j, "mappings", set, &set->mapping, set->other_process ?
				JSON_KIND | JSON_OBJECT : JSON_KIND | JSON_OBJECT | JSON_PLACE);
	json_object_end(j);
	return ret;
}

int change_json(struct json *j, const struct change_report *report)
{
	int ret = 0;

	json_break(j);
	json_object(j, "change");
	json_bool(j, "exited", report->exited);
	for (unsigned int i = 0; ret == 0 && i < 2; i++)
		if (report->set[i])
			ret = set_json(j, report->set[i]);
	json_object_end(j);
	return ret;
}
