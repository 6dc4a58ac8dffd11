/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A box as wide as the terminal, divided as MemTotal is. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "report/system_tables.h"

enum { INDENT = 2 };

struct segment {
	enum memory_group group;
	uint64_t bytes;
	size_t cells;		/* between its borders */
	char key;		/* of the legend; 0: its name fits into it */
};

struct stack {
	struct segment v[MEMORY_GROUPS];
	size_t n;
	uint64_t all;
};

enum kind system_group_kind(enum memory_group group)
{
	static const enum kind kind[MEMORY_GROUPS] = {
		[MEMORY_GROUP_ANON] = KIND_HEAP,
		[MEMORY_GROUP_CACHE] = KIND_TEXT,
		[MEMORY_GROUP_SHMEM] = KIND_SHM,
		[MEMORY_GROUP_KERNEL] = KIND_DATA,
		[MEMORY_GROUP_HUGETLB] = KIND_STACK,
		[MEMORY_GROUP_COMPRESSED] = KIND_MEMFD,
		[MEMORY_GROUP_OTHER] = KIND_GUARD,
		[MEMORY_GROUP_FREE] = KINDS,
	};

	return kind[group];
}

/* Every segment gets a cell; the rest go by size, the largest remainders rounded up. */
static void divide(struct stack *st, size_t cells)
{
	uint64_t remainder[MEMORY_GROUPS];
	size_t left = cells;

	for (size_t i = 0; i < st->n; i++) {
		double exact = (double)st->v[i].bytes / (double)st->all * (double)cells;

		st->v[i].cells = exact < 1 ? 1 : (size_t)exact;
		remainder[i] = exact < 1 ? 0 : (uint64_t)((exact - (double)st->v[i].cells) * 1e6);
	}
	for (size_t i = 0; i < st->n; i++)
		left = left > st->v[i].cells ? left - st->v[i].cells : 0;
	for (; left > 0; left--) {
		size_t most = 0;

		for (size_t i = 1; i < st->n; i++)
			if (remainder[i] > remainder[most])
				most = i;
		st->v[most].cells++;
		remainder[most] = 0;
	}
	/* single cells may have taken too many: from the largest */
	for (;;) {
		size_t sum = 0, most = 0;

		for (size_t i = 0; i < st->n; i++) {
			sum += st->v[i].cells;
			if (st->v[i].cells > st->v[most].cells)
				most = i;
		}
		if (sum <= cells || st->v[most].cells <= 1)
			break;
		st->v[most].cells--;
	}
}

static void put_border(struct buf *b, const struct style *s, const struct stack *st, bool top)
{
	const char *first = !s->utf8 ? "+" : top ? "┌" : "└";
	const char *middle = !s->utf8 ? "+" : top ? "┬" : "┴";
	const char *last = !s->utf8 ? "+" : top ? "┐" : "┘";

	buf_fill(b, ' ', INDENT);
	for (size_t i = 0; i < st->n; i++) {
		buf_puts(b, i ? middle : first);
		for (size_t k = 0; k < st->v[i].cells; k++)
			buf_puts(b, s->utf8 ? "─" : "-");
	}
	buf_puts(b, last);
	buf_putc(b, '\n');
}

static size_t size_text(char *to, const struct style *s, uint64_t bytes)
{
	return (size_t)((s->bytes ? num_put_u64(to, bytes) : num_put_size(to, bytes)) - to);
}

/* Names, or what the legend calls it; then sizes with their share. */
static void put_label(struct buf *b, const struct style *s, const struct stack *st,
		      const struct segment *g, bool sizes)
{
	char text[NUM_MAX_SIZE + 32];
	size_t n;

	if (!sizes) {
		n = (size_t)snprintf(text, sizeof(text), "%s", memory_group_name[g->group]);
		if (g->key) {
			text[0] = g->key;
			n = 1;
		}
	} else {
		n = size_text(text, s, g->bytes);
		n += (size_t)snprintf(text + n, sizeof(text) - n, "  %.0f %%",
				      (double)g->bytes * 100 / (double)st->all);
		if (n > g->cells)
			n = size_text(text, s, g->bytes);
		if (n > g->cells || g->key)
			n = 0;
	}
	buf_add(b, text, n);
	style_pad(b, n, g->cells);
}

/* Without colour, patterns that tell neighbours apart. */
static const char *fill(const struct style *s, enum memory_group group)
{
	static const char *const utf8[MEMORY_GROUPS] = { "█", "▓", "▒", "▚", "▤", "▥", "╳", " " };
	static const char *const ascii[MEMORY_GROUPS] = { "#", "=", ":", "%", "H", "z", "?", " " };

	if (!s->utf8)
		return ascii[group];
	return s->color && group != MEMORY_GROUP_FREE ? "█" : utf8[group];
}

enum line { LINE_NAMES, LINE_FILL, LINE_SIZES, LINES };

static void put_line(struct buf *b, const struct style *s, const struct stack *st, enum line line)
{
	const char *bar = s->utf8 ? "│" : "|";

	buf_fill(b, ' ', INDENT);
	for (size_t i = 0; i < st->n; i++) {
		const struct segment *g = &st->v[i];

		buf_puts(b, bar);
		style_kind(b, s, system_group_kind(g->group));
		if (line != LINE_FILL)
			put_label(b, s, st, g, line == LINE_SIZES);
		for (size_t k = 0; line == LINE_FILL && k < g->cells; k++)
			buf_puts(b, fill(s, g->group));
		style_off(b, s);
	}
	buf_puts(b, bar);
	buf_putc(b, '\n');
}

/* What had no room for its name. */
static void put_legend(struct buf *b, const struct style *s, const struct stack *st, size_t width)
{
	size_t used = 0;

	for (size_t i = 0; i < st->n; i++) {
		const struct segment *g = &st->v[i];
		char text[96], size[NUM_MAX_SIZE];
		size_t n;

		if (!g->key)
			continue;
		n = size_text(size, s, g->bytes);
		n = (size_t)snprintf(text, sizeof(text), "%c %s %.*s", g->key,
				     memory_group_name[g->group], (int)n, size);
		if (used && used + 3 + n > width) {
			buf_putc(b, '\n');
			used = 0;
		}
		buf_fill(b, ' ', used ? 3 : INDENT + 1);
		used += (used ? 3 : INDENT + 1) + n;
		style_kind(b, s, system_group_kind(g->group));
		buf_add(b, text, n);
		style_off(b, s);
	}
	if (used)
		buf_putc(b, '\n');
}

void system_picture(struct buf *b, const struct style *s, const struct memory *m)
{
	size_t width = s->picture_width < STYLE_MIN_WIDTH ? STYLE_MIN_WIDTH : s->picture_width;
	struct stack st = { .n = 0 };
	char key = 'a';

	for (unsigned int i = 0; i < MEMORY_GROUPS; i++) {
		uint64_t bytes = memory_group_sum(m, i);

		if (!bytes)
			continue;
		st.v[st.n++] = (struct segment){ .group = i, .bytes = bytes };
		st.all = num_add(st.all, bytes);
	}
	if (!st.n)
		return;
	divide(&st, width - INDENT - st.n - 1);
	for (size_t i = 0; i < st.n; i++)
		if (strlen(memory_group_name[st.v[i].group]) > st.v[i].cells)
			st.v[i].key = key++;
	put_border(b, s, &st, true);
	for (unsigned int line = 0; line < LINES; line++)
		put_line(b, s, &st, line);
	put_border(b, s, &st, false);
	put_legend(b, s, &st, width);
}
