/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Things that live and die together: an arena, and distinct strings found by number. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stdint.h>

#include "base/vec.h"

/* Bytes with a length: may hold any byte, NUL and newline included. Not owned. */
struct str {
	const char *p;
	size_t len;
};

#define STR(literal) ((struct str){ (literal), sizeof(literal) - 1 })

struct str str_of(const char *s);
int str_eq(struct str a, struct str b);		/* 1 or 0 */
int str_cmp(struct str a, struct str b);	/* by bytes, as memcmp */
int str_has_prefix(struct str s, const char *prefix);
int str_has_suffix(struct str s, const char *suffix);
struct str str_basename(struct str path);	/* what follows the last slash */

/* Memory that is given back all at once. */
struct arena {
	struct arena_chunk *chunk;
	size_t next_size;
};

/* size bytes, aligned to align (a power of two up to 16), good until arena_done(); or NULL. A
 * struct arena of zeros is an empty one. */
void *arena_alloc(struct arena *a, size_t size, size_t align);
void arena_done(struct arena *a);

struct strtab {
	struct arena bytes;
	VEC(struct str) str;	/* by number; number 0 is the empty string */
	uint64_t key[2];	/* of the hash; random */
	uint32_t *slot;		/* open hashing: number + 1, or 0 */
	size_t slots;		/* a power of two */
};

/* 0 or -ENOMEM. strtab_done() may follow either way. */
int strtab_init(struct strtab *t);
void strtab_done(struct strtab *t);

/* The number of this string, copied into the table when it is new. 0 or -ENOMEM. */
int strtab_add(struct strtab *t, struct str s, uint32_t *number);
static inline struct str strtab_get(const struct strtab *t, uint32_t number)
{
	return t->str.v[number];
}

#endif
