/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers of pages by what they have in common. Pure. */
#ifndef MODEL_TALLY_H
#define MODEL_TALLY_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

/* How many pages have this property: a flag word, a map count, a folio, a node. */
struct tally_entry {
	uint64_t key;
	uint64_t pages;
};

/* Numbers of pages by key while they grow; open hashing. Zeros are an empty one. */
struct tally_map {
	struct tally_entry *slot;	/* pages 0: free */
	size_t slots, used;		/* slots: a power of two */
};

/* The last of the lists that were made of maps, in the same arena. Zeros: none. */
struct tally_list {
	struct tally_entry *entry;	/* not owned */
	uint32_t n;
};

int tally_add(struct tally_map *m, uint64_t key, uint64_t pages);	/* 0 or -ENOMEM */
void tally_clear(struct tally_map *m);		/* keeps its memory */
void tally_done(struct tally_map *m);

/* Its entries, most pages first, in the arena; or the last list there, if it is the same: neighbours
 * are often alike, and there may be 65,000 of them. So nobody may change a list. 0 or -ENOMEM. */
int tally_sort(const struct tally_map *m, struct arena *arena, struct tally_list *last,
	       struct tally_entry **out, uint32_t *n);

/* Puts the entries with most pages first. */
void tally_order(struct tally_entry *list, size_t n);

#endif
