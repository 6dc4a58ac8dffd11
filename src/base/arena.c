/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Things that live and die together: an arena, and distinct strings found by number. */
#include "config.h"

#include "base/arena.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

enum { FIRST_CHUNK = 4 * 1024, LAST_CHUNK = 256 * 1024, FIRST_SLOTS = 256 };

struct arena_chunk {
	struct arena_chunk *next;
	size_t used, size;
	_Alignas(16) char data[];
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

void *arena_alloc(struct arena *a, size_t size, size_t align)
{
	struct arena_chunk *c = a->chunk;
	size_t at = c ? (c->used + align - 1) & ~(align - 1) : 0;

	if (!c || at > c->size || c->size - at < size) {
		size_t room = a->next_size ? a->next_size : FIRST_CHUNK;

		a->next_size = room < LAST_CHUNK ? room * 2 : room;
		if (room < size)
			room = size;
		if (room > SIZE_MAX - sizeof(*c))
			return NULL;
		c = malloc(sizeof(*c) + room);
		if (!c)
			return NULL;
		mem_expect(c, 0, sizeof(*c) + room);
		*c = (struct arena_chunk){ .next = a->chunk, .size = room };
		a->chunk = c;
		at = 0;
	}
	c->used = at + size;
	return c->data + at;
}

void arena_done(struct arena *a)
{
	while (a->chunk) {
		struct arena_chunk *next = a->chunk->next;

		free(a->chunk);
		a->chunk = next;
	}
	a->next_size = 0;
}

int strtab_init(struct strtab *t)
{
	uint32_t empty;

	*t = (struct strtab){ 0 };
	if (getrandom(t->key, sizeof(t->key), GRND_NONBLOCK) != sizeof(t->key))
		t->key[0] = t->key[1] = (uintptr_t)t * 0x9e3779b97f4a7c15u;
	t->key[1] |= 1;
	return strtab_add(t, STR(""), &empty);
}

void strtab_done(struct strtab *t)
{
	arena_done(&t->bytes);
	vec_done(&t->str);
	free(t->slot);
	t->slot = NULL;
	t->slots = 0;
}

/* Names are chosen by the target, so the hash is keyed: no one can prepare names that collide. */
static size_t str_hash(const struct strtab *t, struct str s)
{
	uint64_t h = t->key[0] ^ s.len, v;
	size_t i = 0;

	for (; i + 8 <= s.len; i += 8) {
		memcpy(&v, s.p + i, 8);
		h = (h ^ v) * t->key[1];
		h ^= h >> 32;
	}
	v = 0;
	memcpy(&v, s.p + i, s.len - i);
	h = (h ^ v) * t->key[1];
	h ^= h >> 29;
	h *= t->key[1];
	return (size_t)(h ^ h >> 32);
}

static int strtab_grow(struct strtab *t)
{
	size_t slots = t->slots ? t->slots * 2 : FIRST_SLOTS;
	uint32_t *slot = calloc(slots, sizeof(*slot));

	if (!slot)
		return -ENOMEM;
	for (size_t i = 0; i < t->str.n; i++) {
		size_t at = str_hash(t, t->str.v[i]) & (slots - 1);

		while (slot[at])
			at = (at + 1) & (slots - 1);
		slot[at] = (uint32_t)i + 1;
	}
	free(t->slot);
	t->slot = slot;
	t->slots = slots;
	return 0;
}

int strtab_add(struct strtab *t, struct str s, uint32_t *number)
{
	size_t at;
	struct str *entry;
	char *copy;

	if (t->str.n * 2 >= t->slots && strtab_grow(t) < 0)
		return -ENOMEM;
	at = str_hash(t, s) & (t->slots - 1);
	while (t->slot[at]) {
		if (str_eq(t->str.v[t->slot[at] - 1], s)) {
			*number = t->slot[at] - 1;
			return 0;
		}
		at = (at + 1) & (t->slots - 1);
	}
	copy = arena_alloc(&t->bytes, s.len + 1, 1);
	entry = copy ? vec_push(&t->str) : NULL;
	if (!entry)
		return -ENOMEM;
	if (s.len)
		memcpy(copy, s.p, s.len);
	copy[s.len] = '\0';	/* for those who print it with %s while debugging */
	*entry = (struct str){ copy, s.len };
	*number = (uint32_t)(t->str.n - 1);
	t->slot[at] = *number + 1;
	return 0;
}
