/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The member "change" of a process. */
#include "config.h"

#include "report/change.h"

#include "report/change_view.h"
#include "report/maps.h"

static void amount_json(struct json *j, const char *key, struct change_amount amount)
{
	if (amount.known)
		json_i64(j, key, amount.v);
	else
		json_null(j, key);
}

/* Where it was, and how protected: of single mappings only. */
static void place_json(struct json *j, const struct change_view *v, const struct change *one)
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

static void row_json(struct json *j, const struct change_view *v, size_t row, unsigned int use)
{
	const struct change *one = change_view_at(v, row);
	struct value value = { 0 };

	change_view_sum(v, row);
	if ((use & JSON_KIND) && v->vma[change_shown_side(one)].kind < KINDS)
		json_string(j, "kind", str_of(kind_info[v->vma[change_shown_side(one)].kind].name));
	else if (use & JSON_KIND)
		json_null(j, "kind");
	if ((use & JSON_OBJECT) && change_get_object(v, row, NULL, &value))
		json_string(j, "object", value.s);
	json_array(j, "change");
	for (unsigned int i = 0; i < CHANGE_WORDS; i++)
		if (one->what >> i & 1)
			json_string(j, NULL, str_of(change_word[i]));
	json_array_end(j);
	if (use & JSON_PLACE)
		place_json(j, v, one);
	json_u64(j, "mappings_before", one->n[CHANGE_BEFORE]);
	json_u64(j, "mappings_after", one->n[CHANGE_AFTER]);
	amount_json(j, "memory", one->memory);
	amount_json(j, "memory_per_hour", change_view_per_hour(v, row));
	for (size_t i = 0; i < mapping_columns_n; i++)
		if (change_is_amount(&mapping_columns[i]))
			amount_json(j, mapping_columns[i].key,
				    change_view_amount(v, row, &mapping_columns[i]));
}

static int rows_json(struct json *j, const char *key, const struct change_set *set,
		     const struct changes *c, unsigned int use)
{
	struct change_view v;
	int ret = change_view_init(&v, c, set->seconds, false);

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
	change_view_done(&v);
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
	struct change_view all;
	int ret;

	json_object(j, change_since_key[set->since]);
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
	ret = change_view_init(&all, &set->all, set->seconds, false);
	if (ret == 0 && all.c->change.n) {
		json_object(j, "total");
		all.index[0] = 0;	/* also if nothing changed */
		row_json(j, &all, 0, 0);
		json_object_end(j);
	} else {
		json_null(j, "total");
	}
	change_view_done(&all);
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
	if (report->first_sample) {
		json_bool(j, "execve", report->execve);
		json_u64(j, "first_sample", report->first_sample);
	}
	for (unsigned int i = 0; ret == 0 && i < 2; i++)
		if (report->set[i])
			ret = set_json(j, report->set[i]);
	json_object_end(j);
	return ret;
}
