/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Strings that live together: bytes in an arena, each distinct string once, found by number. */
#include "config.h"

#include "base/arena.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { CHUNK_SIZE = 64 * 1024, FIRST_SLOTS = 256 };

struct arena_chunk {
	struct arena_chunk *next;
	size_t used, size;
	char data[];
};

struct str str_of(const char *s)
{
	return (struct str){ s, strlen(s) };
}

int str_eq(struct str a, struct str b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.p, b.p, a.len) == 0);
}

int str_cmp(struct str a, struct str b)
{
	size_t n = a.len < b.len ? a.len : b.len;
	int c = n ? memcmp(a.p, b.p, n) : 0;

	return c ? c : (a.len > b.len) - (a.len < b.len);
}

int str_has_prefix(struct str s, const char *prefix)
{
	size_t n = strlen(prefix);

	return s.len >= n && memcmp(s.p, prefix, n) == 0;
}

int str_has_suffix(struct str s, const char *suffix)
{
	size_t n = strlen(suffix);

	return s.len >= n && memcmp(s.p + s.len - n, suffix, n) == 0;
}

struct str str_basename(struct str path)
{
	size_t i = path.len;

	while (i > 0 && path.p[i - 1] != '/')
		i--;
	return (struct str){ path.p + i, path.len - i };
}

int strtab_init(struct strtab *t)
{
	uint32_t empty;

	*t = (struct strtab){ 0 };
	return strtab_add(t, STR(""), &empty);
}

void strtab_done(struct strtab *t)
{
	while (t->chunk) {
		struct arena_chunk *next = t->chunk->next;

		free(t->chunk);
		t->chunk = next;
	}
	vec_done(&t->str);
	free(t->slot);
	t->slot = NULL;
	t->slots = 0;
}

/* FNV-1a. */
static size_t str_hash(struct str s)
{
	uint64_t h = 0xcbf29ce484222325u;

	for (size_t i = 0; i < s.len; i++)
		h = (h ^ (unsigned char)s.p[i]) * 0x100000001b3u;
	return (size_t)(h ^ h >> 32);
}

static int strtab_grow(struct strtab *t)
{
	size_t slots = t->slots ? t->slots * 2 : FIRST_SLOTS;
	uint32_t *slot = calloc(slots, sizeof(*slot));

	if (!slot)
		return -ENOMEM;
	for (size_t i = 0; i < t->str.n; i++) {
		size_t at = str_hash(t->str.v[i]) & (slots - 1);

		while (slot[at])
			at = (at + 1) & (slots - 1);
		slot[at] = (uint32_t)i + 1;
	}
	free(t->slot);
	t->slot = slot;
	t->slots = slots;
	return 0;
}

static char *arena_copy(struct strtab *t, struct str s)
{
	struct arena_chunk *c = t->chunk;

	if (!c || c->size - c->used < s.len) {
		size_t size = s.len > CHUNK_SIZE ? s.len : CHUNK_SIZE;

		c = malloc(sizeof(*c) + size);
		if (!c)
			return NULL;
		*c = (struct arena_chunk){ .next = t->chunk, .size = size };
		t->chunk = c;
	}
	if (s.len)
		memcpy(c->data + c->used, s.p, s.len);
	c->used += s.len;
	return c->data + c->used - s.len;
}

int strtab_add(struct strtab *t, struct str s, uint32_t *number)
{
	size_t at;
	struct str *entry;
	char *copy;

	if (t->str.n * 2 >= t->slots && strtab_grow(t) < 0)
		return -ENOMEM;
	at = str_hash(s) & (t->slots - 1);
	while (t->slot[at]) {
		if (str_eq(t->str.v[t->slot[at] - 1], s)) {
			*number = t->slot[at] - 1;
			return 0;
		}
		at = (at + 1) & (t->slots - 1);
	}
	copy = arena_copy(t, s);
	entry = copy ? vec_push(&t->str) : NULL;
	if (!entry)
		return -ENOMEM;
	*entry = (struct str){ copy, s.len };
	*number = (uint32_t)(t->str.n - 1);
	t->slot[at] = *number + 1;
	return 0;
}
