/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How text looks: width, alphabet, colours by kind, bars. */
#include "config.h"

#include "report/style.h"

#include <string.h>

#include "base/num.h"

/* Foregrounds: a colour of the 256-colour cube, and the nearest of the basic 16. Objects' parts
 * are greens and blues, what the program allocates is warm, what is shared is violet. */
static const struct {
	unsigned char color256, color16;
} palette[KINDS + 1] = {
	[KIND_TEXT] = { 71, 32 },
	[KIND_RODATA] = { 73, 36 },
	[KIND_RELRO] = { 67, 36 },
	[KIND_DATA] = { 75, 94 },
	[KIND_BSS] = { 111, 94 },
	[KIND_HEAP] = { 208, 33 },
	[KIND_STACK] = { 203, 91 },
	[KIND_THREAD_STACK] = { 174, 31 },
	[KIND_ANON] = { 221, 93 },
	[KIND_JIT] = { 197, 95 },
	[KIND_GUARD] = { 244, 90 },
	[KIND_FILE] = { 180, 37 },
	[KIND_SHM] = { 140, 35 },
	[KIND_MEMFD] = { 176, 35 },
	[KIND_HUGETLB] = { 214, 33 },
	[KIND_DEVICE] = { 138, 37 },
	[KIND_VDSO] = { 109, 36 },
	[KIND_VSYSCALL] = { 244, 90 },
	[KIND_OTHER] = { 250, 37 },
	[KINDS] = { 252, 37 },
};

void style_kind(struct buf *b, const struct style *s, enum kind kind)
{
	if (s->color == COLOR_256)
		buf_printf(b, "\033[38;5;%um", palette[kind].color256);
	else if (s->color == COLOR_16)
		buf_printf(b, "\033[%um", palette[kind].color16);
}

void style_tone(struct buf *b, const struct style *s, enum tone tone)
{
	static const enum kind kind[] = {
		[TONE_GOOD] = KIND_TEXT, [TONE_FAIR] = KIND_ANON, [TONE_BAD] = KIND_STACK,
	};

	style_kind(b, s, kind[tone]);	/* green, yellow, red */
}

void style_dim(struct buf *b, const struct style *s)
{
	if (s->color == COLOR_256)
		buf_puts(b, "\033[38;5;245m");
	else if (s->color == COLOR_16)
		buf_puts(b, "\033[2m");
}

void style_bold(struct buf *b, const struct style *s)
{
	if (s->color)
		buf_puts(b, "\033[1m");
}

void style_off(struct buf *b, const struct style *s)
{
	if (s->color)
		buf_puts(b, "\033[0m");
}

void style_size(struct buf *b, const struct style *s, uint64_t bytes, size_t width)
{
	char text[NUM_MAX_SIZE];
	char *end = s->bytes ? num_put_u64(text, bytes) : num_put_size(text, bytes);
	size_t n = (size_t)(end - text);

	style_pad(b, n, width);
	buf_add(b, text, n);
}

/* part of whole, scaled to 0..steps; at least 1 where there is anything. */
static size_t scale(uint64_t part, uint64_t whole, size_t steps)
{
	size_t n;

	if (!part || !whole)
		return 0;
	if (part >= whole)
		return steps;
	while (whole > UINT64_MAX / (steps + 1)) {
		whole >>= 1;
		part >>= 1;
	}
	n = (size_t)((part * steps + whole / 2) / whole);
	return n ? n : 1;
}

void style_bar(struct buf *b, const struct style *s, enum kind kind, size_t width,
	       uint64_t resident, uint64_t swapped, uint64_t size, bool empty_dots)
{
	static const char *const eighth[] = { "", "▏", "▎", "▍", "▌", "▋", "▊", "▉" };
	size_t steps = scale(resident, size, s->utf8 ? width * 8 : width);
	size_t full = s->utf8 ? steps / 8 : steps;
	size_t used = full, swap;

	style_kind(b, s, kind);
	for (size_t i = 0; i < full; i++)
		buf_puts(b, s->utf8 ? "█" : "#");
	if (s->utf8 && steps % 8) {
		buf_puts(b, eighth[steps % 8]);
		used++;
	}
	style_off(b, s);
	style_dim(b, s);
	swap = scale(swapped, size, width);
	for (; swap > 0 && used < width; swap--, used++)
		buf_puts(b, s->utf8 ? "▒" : "s");
	for (; used < width; used++)
		buf_puts(b, !empty_dots ? " " : s->utf8 ? "░" : ".");
	style_off(b, s);
}
