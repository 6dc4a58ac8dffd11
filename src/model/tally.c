/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers of pages by what they have in common. */
#include "config.h"

#include "model/tally.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
	SLOTS = 32,
	FEW = 8,		/* entries that most lists do not exceed */
};

static size_t find_slot(const struct tally_map *m, uint64_t key)
{
	/* words of flags may differ in their high bits only */
	size_t at = (size_t)((key ^ key >> 32) * UINT64_C(0x9e3779b97f4a7c15) >> 32);

	for (;; at++) {
		const struct tally_entry *e = &m->slot[at & (m->slots - 1)];

		if (!e->pages || e->key == key)
			return at & (m->slots - 1);
	}
}

static int grow(struct tally_map *m)
{
	struct tally_map larger = { .slots = m->slots ? m->slots * 2 : SLOTS };

	larger.slot = calloc(larger.slots, sizeof(*larger.slot));
	if (!larger.slot)
		return -ENOMEM;
	for (size_t i = 0; i < m->slots; i++)
		if (m->slot[i].pages)
			larger.slot[find_slot(&larger, m->slot[i].key)] = m->slot[i];
	larger.used = m->used;
	free(m->slot);
	*m = larger;
	return 0;
}

int tally_add(struct tally_map *m, uint64_t key, uint64_t pages)
{
	struct tally_entry *e;

	if (!pages)
		return 0;
	if (m->used * 2 >= m->slots && grow(m) < 0)
		return -ENOMEM;
	e = &m->slot[find_slot(m, key)];
	m->used += !e->pages;
	e->key = key;
	e->pages += pages;
	return 0;
}

void tally_clear(struct tally_map *m)
{
	if (m->used)
		memset(m->slot, 0, m->slots * sizeof(*m->slot));
	m->used = 0;
}

static int most_pages_first(const void *a, const void *b)
{
	const struct tally_entry *x = a, *y = b;

	if (x->pages != y->pages)
		return x->pages < y->pages ? 1 : -1;
	return (x->key > y->key) - (x->key < y->key);
}

void tally_order(struct tally_entry *list, size_t n)
{
	qsort(list, n, sizeof(*list), most_pages_first);
}

int tally_sort(const struct tally_map *m, struct arena *arena, struct tally_list *last,
	       struct tally_entry **out, uint32_t *n)
{
	struct tally_entry few[FEW], *list = few;
	size_t used = 0, size = m->used * sizeof(*list);

	*out = NULL;
	*n = (uint32_t)m->used;
	if (!m->used)
		return 0;
	if (m->used > FEW || m->used != last->n)
		list = arena_alloc(arena, size, sizeof(uint64_t));
	if (!list)
		return -ENOMEM;
	for (size_t i = 0; i < m->slots; i++)
		if (m->slot[i].pages)
			list[used++] = m->slot[i];
	tally_order(list, used);
	if (list == few && memcmp(last->entry, few, size) != 0) {
		list = arena_alloc(arena, size, sizeof(uint64_t));
		if (!list)
			return -ENOMEM;
		memcpy(list, few, size);
	}
	if (list != few)
		*last = (struct tally_list){ list, *n };
	*out = last->entry;
	return 0;
}

void tally_done(struct tally_map *m)
{
	free(m->slot);
	*m = (struct tally_map){ 0 };
}
