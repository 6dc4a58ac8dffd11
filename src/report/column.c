/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Columns by name, lists of them, and rows in the order of one. */
#include "config.h"

#include "report/column.h"

#include <errno.h>
#include <stdlib.h>

static char fold(char c)
{
	return c == '-' ? '_' : c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

static bool same_name(struct str name, const char *key)
{
	size_t i = 0;

	while (i < name.len && key[i] && fold(name.p[i]) == key[i])
		i++;
	return i == name.len && !key[i];
}

const struct column *column_find(const struct column_set *set, struct str name)
{
	for (size_t i = 0; i < set->n; i++)
		if (same_name(name, set->column[i].key) || same_name(name, set->column[i].heading))
			return &set->column[i];
	return NULL;
}

void column_list_add(struct column_list *l, const struct column *c)
{
	const struct column *last = l->n ? l->column[l->n - 1] : NULL;

	for (size_t i = 0; i < l->n; i++)
		if (l->column[i] == c)
			return;
	if (l->n == TABLE_MAX_COLUMNS)
		return;
	l->column[l->n++] = c;
	if (last && (last->use & COLUMN_LAST)) {
		l->column[l->n - 2] = c;
		l->column[l->n - 1] = last;
	}
}

unsigned int column_list_needs(const struct column_list *l)
{
	unsigned int needs = 0;

	for (size_t i = 0; i < l->n; i++)
		needs |= l->column[i]->needs;
	return needs;
}

struct sort_key {
	struct value value;
	uint32_t index;
	uint32_t at;		/* where it stood before */
	bool known;
};

struct sort_order {
	bool text, descending;
};

static int compare_keys(const void *a, const void *b, void *ctx)
{
	const struct sort_key *x = a, *y = b;
	const struct sort_order *order = ctx;
	int c;

	if (x->known != y->known)
		return x->known ? -1 : 1;
	c = order->text ? str_cmp(x->value.s, y->value.s) :
			  (x->value.n > y->value.n) - (x->value.n < y->value.n);
	if (c)
		return order->descending ? -c : c;
	return (x->at > y->at) - (x->at < y->at);
}

int column_sort(const struct column *c, const void *data, uint32_t *index, size_t n,
		bool descending)
{
	struct sort_order order = { c->type == VALUE_TEXT, descending };
	struct sort_key *key;

	if (n < 2)
		return 0;
	key = calloc(n, sizeof(*key));
	if (!key)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		key[i].index = index[i];
		key[i].at = (uint32_t)i;
		key[i].known = c->get(data, i, c, &key[i].value);
		if (c->type == VALUE_SIGNED || c->type == VALUE_CHANGE ||
		    c->type == VALUE_CHANGE_COUNT)
			key[i].value.n ^= UINT64_C(1) << 63;
	}
	qsort_r(key, n, sizeof(*key), compare_keys, &order);
	for (size_t i = 0; i < n; i++)
		index[i] = key[i].index;
	free(key);
	return 0;
}

