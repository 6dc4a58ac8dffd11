/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A screen in memory: cells that lines of text are put into. */
#include "config.h"

#include "tui/canvas.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "base/text.h"

int canvas_size(struct canvas *c, int width, int height)
{
	struct cell *cell = calloc((size_t)width * (size_t)height + 1, sizeof(*cell));

	if (!cell)
		return -ENOMEM;
	free(c->cell);
	c->cell = cell;
	c->width = width;
	c->height = height;
	canvas_clear(c, (struct rect){ 0, 0, width, height });
	return 0;
}

void canvas_done(struct canvas *c)
{
	free(c->cell);
	*c = (struct canvas){ 0 };
}

static struct rect clip(const struct canvas *c, struct rect r)
{
	if (r.x < 0) {
		r.w += r.x;
		r.x = 0;
	}
	if (r.y < 0) {
		r.h += r.y;
		r.y = 0;
	}
	if (r.x + r.w > c->width)
		r.w = c->width - r.x;
	if (r.y + r.h > c->height)
		r.h = c->height - r.y;
	return r;
}

void canvas_clear(struct canvas *c, struct rect area)
{
	area = clip(c, area);
	for (int y = area.y; y < area.y + area.h; y++)
		for (int x = area.x; x < area.x + area.w; x++)
			c->cell[y * c->width + x] = (struct cell){ .ch = ' ' };
}

/* One number of an SGR sequence, or two more with 38;5;N. */
static void take_sgr(struct attr *a, struct attr base, const uint64_t *n, size_t count)
{
	static const uint8_t flag[] = {
		[1] = ATTR_BOLD, [2] = ATTR_DIM, [4] = ATTR_UNDERLINE, [7] = ATTR_REVERSE,
	};

	for (size_t i = 0; i < count; i++) {
		if (n[i] == 0)
			*a = base;
		else if (n[i] < sizeof(flag))
			a->flags |= flag[n[i]];
		else if (n[i] >= 30 && n[i] <= 37)
			a->fg = (uint16_t)(n[i] - 30 + 1);
		else if (n[i] >= 90 && n[i] <= 97)
			a->fg = (uint16_t)(n[i] - 90 + 8 + 1);
		else if (n[i] >= 40 && n[i] <= 47)
			a->bg = (uint16_t)(n[i] - 40 + 1);
		else if ((n[i] == 38 || n[i] == 48) && i + 2 < count && n[i + 1] == 5) {
			*(n[i] == 38 ? &a->fg : &a->bg) = (uint16_t)((n[i + 2] & 255) + 1);
			i += 2;
		}
	}
}

/* At an ESC: reads "[...m" and moves at behind it. */
static size_t skip_sgr(struct str t, size_t at, struct attr *a, struct attr base)
{
	enum { MOST = 8 };
	const char *p = t.p + at + 1, *end = t.p + t.len;
	uint64_t n[MOST] = { 0 };
	size_t count = 0;

	if (p == end || *p++ != '[')
		return at + 1;
	while (p < end && *p != 'm') {
		if (count < MOST && num_scan_u64(&p, end, &n[count]))
			count++;
		else
			p++;
	}
	take_sgr(a, base, n, count ? count : 1);
	return (size_t)(p - t.p) + (p < end);
}

int canvas_put(struct canvas *c, int x, int y, int room, struct attr attr, struct str text)
{
	struct attr a = attr;
	int used = 0;

	for (size_t at = 0; at < text.len && text.p[at] != '\n';) {
		size_t from = at;
		struct cell *cell;
		int32_t ch;
		int width;

		if (text.p[at] == '\033') {
			at = skip_sgr(text, at, &a, attr);
			continue;
		}
		ch = text_next(text, &at);
		if (ch < 32)
			ch = '?';
		width = ch < 127 ? 1 : (int)text_width((struct str){ text.p + from, at - from },
						       TEXT_UTF8);
		if (width > 2) {	/* nothing that a report writes */
			ch = '?';
			width = 1;
		}
		if (used + width > room || x + used + width > c->width)
			break;
		cell = &c->cell[(y < 0 || y >= c->height ? 0 : y) * c->width + x + used];
		used += width;
		if (y < 0 || y >= c->height || x + used - width < 0)
			continue;
		if (width == 0) {
			if (used)
				cell[-1].mark = (uint32_t)ch;
			continue;
		}
		cell[0] = (struct cell){ .ch = (uint32_t)ch, .attr = a };
		if (width == 2)
			cell[1] = (struct cell){ .attr = a };
	}
	return used;
}

int canvas_puts(struct canvas *c, int x, int y, int room, struct attr attr, const char *text)
{
	return canvas_put(c, x, y, room, attr, str_of(text));
}

size_t canvas_lines(struct canvas *c, struct rect area, struct str text, size_t from)
{
	size_t line = 0;

	while (text.len) {
		const char *end = memchr(text.p, '\n', text.len);
		size_t n = end ? (size_t)(end - text.p) : text.len;

		if (line >= from && line - from < (size_t)(area.h > 0 ? area.h : 0))
			canvas_put(c, area.x, area.y + (int)(line - from), area.w,
				   (struct attr){ 0 }, (struct str){ text.p, n });
		n += end != NULL;
		text = (struct str){ text.p + n, text.len - n };
		line++;
	}
	return line;
}

/* Bars keep their colour. */
static bool is_block(uint32_t ch)
{
	return ch >= 0x2580 && ch <= 0x259f;
}

static void set_background(struct canvas *c, struct rect area, unsigned int background,
			   struct attr other)
{
	enum { WHITE = 231 };

	area = clip(c, area);
	for (int y = area.y; y < area.y + area.h; y++)
		for (int x = area.x; x < area.x + area.w; x++) {
			struct attr *a = &c->cell[y * c->width + x].attr;

			if (c->style->color == COLOR_256) {
				if ((other.flags & ATTR_REVERSE) &&
				    !is_block(c->cell[y * c->width + x].ch))
					a->fg = WHITE + 1;
				a->bg = (uint16_t)(background + 1);
				a->flags |= ATTR_BOLD;
			} else if (other.flags & ATTR_REVERSE) {
				*a = other;
			} else {
				a->flags |= other.flags;
			}
		}
}

void canvas_select(struct canvas *c, struct rect area)
{
	set_background(c, area, 24, (struct attr){ .flags = ATTR_REVERSE });
}

void canvas_select_pale(struct canvas *c, struct rect area)
{
	set_background(c, area, 236, (struct attr){ .flags = c->style->color ? ATTR_BOLD :
						    ATTR_UNDERLINE });
}

void canvas_mark(struct canvas *c, struct rect area, unsigned int flags)
{
	area = clip(c, area);
	for (int y = area.y; y < area.y + area.h; y++)
		for (int x = area.x; x < area.x + area.w; x++)
			c->cell[y * c->width + x].attr.flags |= (uint8_t)flags;
}

static void put_ch(struct canvas *c, int x, int y, struct attr attr, uint32_t ch)
{
	if (x >= 0 && y >= 0 && x < c->width && y < c->height)
		c->cell[y * c->width + x] = (struct cell){ .ch = ch, .attr = attr };
}

struct rect canvas_box(struct canvas *c, struct rect r, const char *title)
{
	static const uint32_t box[2][6] = { { '-', '|', '+', '+', '+', '+' },
		{ 0x2500, 0x2502, 0x256d, 0x256e, 0x2570, 0x256f } };
	const uint32_t *b = box[c->style->utf8];
	struct attr dim = look_attr(c->style, LOOK_DIM);
	int right = r.x + r.w - 1, bottom = r.y + r.h - 1;

	canvas_clear(c, r);
	for (int x = r.x + 1; x < right; x++) {
		put_ch(c, x, r.y, dim, b[0]);
		put_ch(c, x, bottom, dim, b[0]);
	}
	for (int y = r.y + 1; y < bottom; y++) {
		put_ch(c, r.x, y, dim, b[1]);
		put_ch(c, right, y, dim, b[1]);
	}
	put_ch(c, r.x, r.y, dim, b[2]);
	put_ch(c, right, r.y, dim, b[3]);
	put_ch(c, r.x, bottom, dim, b[4]);
	put_ch(c, right, bottom, dim, b[5]);
	if (title && *title) {
		int n;

		put_ch(c, r.x + 2, r.y, dim, ' ');
		n = canvas_puts(c, r.x + 3, r.y, r.w - 6, look_attr(c->style, LOOK_BOLD), title);
		put_ch(c, r.x + 3 + n, r.y, dim, ' ');
	}
	return (struct rect){ r.x + 2, r.y + 1, r.w - 4, r.h - 2 };
}

void canvas_rule(struct canvas *c, struct rect r, const char *title)
{
	struct attr dim = look_attr(c->style, LOOK_DIM);

	for (int x = r.x; x < r.x + r.w; x++)
		put_ch(c, x, r.y, dim, c->style->utf8 ? 0x2500 : '-');
	if (title && *title) {
		int n = canvas_puts(c, r.x + 3, r.y, r.w - 6, look_attr(c->style, LOOK_HEADING),
				    title);

		put_ch(c, r.x + 2, r.y, dim, ' ');
		put_ch(c, r.x + 3 + n, r.y, dim, ' ');
	}
}

static void put_utf8(struct buf *b, uint32_t ch)
{
	if (ch < 0x80) {
		buf_putc(b, (char)ch);
	} else if (ch < 0x800) {
		buf_putc(b, (char)(0xc0 | ch >> 6));
		buf_putc(b, (char)(0x80 | (ch & 63)));
	} else if (ch < 0x10000) {
		buf_putc(b, (char)(0xe0 | ch >> 12));
		buf_putc(b, (char)(0x80 | (ch >> 6 & 63)));
		buf_putc(b, (char)(0x80 | (ch & 63)));
	} else {
		buf_putc(b, (char)(0xf0 | ch >> 18));
		buf_putc(b, (char)(0x80 | (ch >> 12 & 63)));
		buf_putc(b, (char)(0x80 | (ch >> 6 & 63)));
		buf_putc(b, (char)(0x80 | (ch & 63)));
	}
}

void canvas_dump(const struct canvas *c, struct buf *b)
{
	for (int y = 0; y < c->height; y++) {
		for (int x = 0; x < c->width; x++) {
			const struct cell *cell = &c->cell[y * c->width + x];

			if (cell->ch)
				put_utf8(b, cell->ch);
			if (cell->mark)
				put_utf8(b, cell->mark);
		}
		while (b->len && b->data[b->len - 1] == ' ')
			b->len--;
		buf_putc(b, '\n');
	}
}

struct attr look_attr(const struct style *s, enum look look)
{
	bool many = s->color == COLOR_256, some = s->color == COLOR_16;

	switch (look) {
	case LOOK_PLAIN: break;
	case LOOK_DIM: return many ? (struct attr){ .fg = 245 + 1 } : (struct attr){ .flags = ATTR_DIM };
	case LOOK_BOLD: return (struct attr){ .flags = ATTR_BOLD };
	case LOOK_HEADING: return (struct attr){ .fg = many ? 252 + 1 : 0, .flags = ATTR_BOLD };
	case LOOK_BAR: return many ? (struct attr){ .fg = 250 + 1, .bg = 236 + 1 } :
			      (struct attr){ .flags = ATTR_REVERSE };
	case LOOK_TAB: return many ? (struct attr){ .fg = 231 + 1, .bg = 24 + 1, .flags = ATTR_BOLD } :
			      (struct attr){ .flags = ATTR_BOLD };
	case LOOK_ALERT: return many ? (struct attr){ .fg = 215 + 1, .flags = ATTR_BOLD } :
			 some ? (struct attr){ .fg = 3 + 1, .flags = ATTR_BOLD } :
				(struct attr){ .flags = ATTR_BOLD };
	case LOOK_KEY: return many ? (struct attr){ .fg = 110 + 1, .flags = ATTR_BOLD } :
			      (struct attr){ .flags = ATTR_BOLD };
	}
	return (struct attr){ 0 };
}
