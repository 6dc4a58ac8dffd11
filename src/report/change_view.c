/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Changes in the order they are shown, and what is told of each: for text and for JSON. */
#include "config.h"

#include "report/change_view.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "report/maps.h"

enum { SECONDS_PER_HOUR = 3600 };

const char *const change_since_key[SINCES] = { "last", "first", "base" };

/* In the order of enum change_what. */
const char *const change_word[CHANGE_WORDS] = {
	"appeared", "vanished", "grew", "shrank", "moved", "protected", "split", "merged",
};

const struct change *change_view_at(const struct change_view *v, size_t row)
{
	return &v->c->change.v[v->index[row]];
}

/* For sorting, which takes numbers without sign: memory gained, and for those alike size. */
static bool get_growth(const void *data, size_t row, const struct column *c, struct value *v)
{
	const struct change *one = change_view_at(data, row);
	int64_t growth = c->counter ? one->size : one->memory.known ? one->memory.v : 0;

	v->n = (uint64_t)growth ^ UINT64_C(1) << 63;
	return true;
}

/* Most gained first, most lost last. */
static int sort_changes(struct change_view *v)
{
	const struct column by_size = { .type = VALUE_COUNT, .counter = 1, .get = get_growth };
	const struct column by_memory = { .type = VALUE_COUNT, .get = get_growth };
	int ret = column_sort(&by_size, v, v->index, v->n, true);

	return ret < 0 ? ret : column_sort(&by_memory, v, v->index, v->n, true);
}

int change_view_init(struct change_view *v, const struct changes *c, double seconds, bool growers)
{
	size_t n = 0;

	*v = (struct change_view){ .c = c, .seconds = seconds, .summed = CHANGE_NONE };
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

/* Memory gained or lost, and for those alike size. */
static bool get_magnitude(const void *data, size_t row, const struct column *c, struct value *v)
{
	const struct change *one = change_view_at(data, row);
	int64_t by = c->counter ? one->size : one->memory.known ? one->memory.v : 0;

	v->n = by < 0 ? -(uint64_t)by : (uint64_t)by;
	return true;
}

int change_view_cut(struct change_view *v, size_t max, size_t *left, struct change_amount *gained)
{
	const struct column by_size = { .type = VALUE_COUNT, .counter = 1, .get = get_magnitude };
	const struct column by_memory = { .type = VALUE_COUNT, .get = get_magnitude };
	size_t n = 0, all = v->n;
	bool *out;
	int ret;

	*left = 0;
	*gained = (struct change_amount){ .known = true };
	if (all <= max)
		return 0;
	out = calloc(v->c->change.n, sizeof(*out));
	ret = out ? column_sort(&by_size, v, v->index, all, true) : -ENOMEM;
	if (ret == 0)
		ret = column_sort(&by_memory, v, v->index, all, true);
	for (size_t i = max; ret == 0 && i < all; i++) {
		const struct change_amount *memory = &change_view_at(v, i)->memory;

		out[v->index[i]] = true;
		gained->known = gained->known && memory->known;
		gained->v += memory->known ? memory->v : 0;
	}
	if (ret == 0)
		ret = sort_changes(v);
	for (size_t i = 0; ret == 0 && i < all; i++)
		if (!out[v->index[i]])
			v->index[n++] = v->index[i];
	if (ret == 0) {
		v->n = n;
		*left = all - n;
	}
	free(out);
	return ret;
}

void change_view_done(struct change_view *v)
{
	free(v->index);
	buf_done(&v->text);
}

struct change_view *change_view_sum(const void *data, size_t row)
{
	struct change_view *v = (struct change_view *)(uintptr_t)data;	/* the sums are only a cache */
	const struct change *one = change_view_at(v, row);

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
static struct maybe side_value(const struct change_view *v, const struct change *one, int side,
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

struct change_amount change_view_amount(const void *data, size_t row, const struct column *c)
{
	const struct change_view *v = change_view_sum(data, row);
	const struct change *one = change_view_at(v, row);

	return change_difference(side_value(v, one, CHANGE_BEFORE, c),
				 side_value(v, one, CHANGE_AFTER, c));
}

struct change_amount change_view_per_hour(const struct change_view *v, size_t row)
{
	struct change_amount amount = change_view_at(v, row)->memory;

	amount.known = amount.known && v->seconds >= CHANGE_RATE_SECONDS;
	if (amount.known)
		amount.v = (int64_t)((double)amount.v * SECONDS_PER_HOUR / v->seconds);
	return amount;
}

int change_shown_side(const struct change *one)
{
	return one->n[CHANGE_AFTER] ? CHANGE_AFTER : CHANGE_BEFORE;
}

bool change_get_object(const void *data, size_t row, const struct column *c, struct value *v)
{
	const struct change_view *view = change_view_sum(data, row);
	const struct change *one = change_view_at(view, row);
	int side = change_shown_side(one);
	struct rows rows = changes_rows(view->c, one, (enum change_side)side);

	(void)c;
	/* those of one change may be called differently: stacks, releases */
	v->s = space_str(rows.space, rows.vma[rows.index[0]].object);
	if (rows.n > 1 && !view->vma[side].object && rows.vma[rows.index[0]].thread)
		v->s = STR("[stack]");
	return true;
}

bool change_is_amount(const struct column *c)
{
	return c->type == VALUE_BYTES && (c->use & COLUMN_DESCENDING) &&
	       !(c->needs & ~(unsigned int)(NEED_MAPS | NEED_SMAPS)) &&
	       c >= mapping_columns && c < mapping_columns + mapping_columns_n &&
	       strcmp(c->key, "huge_share") != 0;
}
