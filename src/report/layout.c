/* SPDX-License-Identifier: GPL-3.0-or-later */
/* --layout: the picture of the address space. */
#include "config.h"

#include "report/layout.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/num.h"
#include "base/text.h"
#include "report/table.h"

enum { INDENT = 2, SIZE_COLUMNS = 6 };

struct painter {
	struct buf *b;
	const struct style *s;
	const struct picture *p;
	const struct space *space;
	size_t inner;		/* columns between the sides */
	size_t bar;		/* columns of the bar */
	size_t right;		/* columns of what is resident */
};

static void put_address(struct painter *t, bool show, uint64_t address)
{
	char text[NUM_MAX_HEX];
	char *end = num_put_hex(text, address, t->p->address_digits);

	buf_fill(t->b, ' ', INDENT);
	style_dim(t->b, t->s);
	if (show)
		buf_add(t->b, text, (size_t)(end - text));
	else
		buf_fill(t->b, ' ', t->p->address_digits);
	style_off(t->b, t->s);
	buf_fill(t->b, ' ', 2);
}

static bool has_counters(const struct picture *p)
{
	for (size_t i = 0; i < p->band.n; i++)
		if (p->band.v[i].has_counters)
			return true;
	return false;
}

static void put_border(struct painter *t, uint64_t address, unsigned int place)
{
	static const char *const box[3][2] = { { "┌", "┐" }, { "├", "┤" }, { "└", "┘" } };
	bool utf8 = t->s->utf8;

	put_address(t, true, address);
	style_dim(t->b, t->s);
	buf_puts(t->b, utf8 ? box[place][0] : "+");
	for (size_t i = 0; i < t->inner; i++)
		buf_puts(t->b, utf8 ? "─" : "-");
	buf_puts(t->b, utf8 ? box[place][1] : "+");
	if (place == 0 && has_counters(t->p))
		buf_printf(t->b, "%*s", (int)(1 + t->bar + t->right), "in RAM");
	style_off(t->b, t->s);
	buf_putc(t->b, '\n');
}

static void put_side(struct painter *t, const struct band *band)
{
	bool solid = band->type == BAND_MAPPED ||
		     (band->type == BAND_KERNEL && !band->unused);

	style_dim(t->b, t->s);
	if (t->s->utf8)
		buf_puts(t->b, solid ? "│" : "╎");
	else
		buf_putc(t->b, solid ? '|' : ':');
	style_off(t->b, t->s);
}

/* Label and size between the sides; the bar and what is resident behind them. */
static void put_content(struct painter *t, const struct band *band)
{
	enum { LEAST_LABEL = 6 };
	size_t size_columns = t->s->bytes ? num_digits(band->size) : SIZE_COLUMNS;
	size_t from, room = LEAST_LABEL;
	struct str label;
	bool mapped = band->type == BAND_MAPPED;

	if (t->inner > 3 + size_columns + LEAST_LABEL)
		room = t->inner - 3 - size_columns;
	put_side(t, band);
	buf_putc(t->b, ' ');
	if (mapped)
		style_kind(t->b, t->s, band->kind);
	else
		style_dim(t->b, t->s);
	from = t->b->len;
	layout_label(t->b, t->s, t->p, band, t->space, room);
	label = (struct str){ t->b->data + from, t->b->len - from };
	from = t->b->error ? 0 : text_width(label, TEXT_UTF8);
	style_off(t->b, t->s);
	style_pad(t->b, from, room + 1);
	style_size(t->b, t->s, band->size, size_columns);
	buf_putc(t->b, ' ');
	put_side(t, band);
	if (mapped && t->bar && band->has_counters) {
		buf_putc(t->b, ' ');
		style_bar(t->b, t->s, band->kind, t->bar, band->resident, band->swap, band->size,
			  true);
		style_size(t->b, t->s, band->resident, t->right);
	}
	buf_putc(t->b, '\n');
}

static void put_band(struct painter *t, size_t i)
{
	const struct band *band = &t->p->band.v[i];
	bool border = picture_has_border(t->p, i);
	bool last = i + 1 == t->p->band.n;

	for (unsigned int line = 0; line < band->height; line++) {
		put_address(t, !border && line + 1 == band->height, band->start);
		if (line == (band->height - 1) / 2) {
			put_content(t, band);
			continue;
		}
		put_side(t, band);
		buf_fill(t->b, ' ', t->inner);
		put_side(t, band);
		buf_putc(t->b, '\n');
	}
	if (border)
		put_border(t, band->start, last ? 2 : 1);
}

/* Of the line that tells least of what is on it, how to see more. */
static void put_advice(struct painter *t)
{
	const struct band *most = NULL;
	char start[NUM_MAX_HEX + 1], end[NUM_MAX_HEX + 1], text[128];
	size_t n, width = t->s->picture_width;

	for (size_t i = 0; i < t->p->band.n; i++)
		if (layout_has_hidden(&t->p->band.v[i]) &&
		    (!most || t->p->band.v[i].hidden > most->hidden))
			most = &t->p->band.v[i];
	if (!most)
		return;
	*num_put_hex(start, most->start, 1) = '\0';
	*num_put_hex(end, most->mapped_end, 1) = '\0';
	n = (size_t)snprintf(text, sizeof(text), "-A %s-%s draws this part alone", start, end);
	buf_fill(t->b, ' ', INDENT);
	style_dim(t->b, t->s);
	buf_add(t->b, text, n);
	if (width > n + INDENT + 22) {
		buf_puts(t->b, ": ");
		layout_label(t->b, t->s, t->p, most, t->space, width - n - INDENT - 2);
	}
	style_off(t->b, t->s);
	buf_putc(t->b, '\n');
}

static void put_legend(struct painter *t)
{
	uint32_t kinds = 0;
	size_t used = INDENT, width = t->s->picture_width;
	bool swap = false, documented = false;

	for (size_t i = 0; i < t->p->band.n; i++) {
		const struct band *band = &t->p->band.v[i];

		if (band->type == BAND_MAPPED)
			kinds |= 1u << band->kind;
		swap |= band->swap > 0;
		documented |= band->name && band->nominal;
	}
	buf_fill(t->b, ' ', INDENT);
	for (unsigned int k = 0; t->s->color && k < KINDS; k++) {
		size_t n = strlen(kind_info[k].name) + 3;

		if (!(kinds >> k & 1))
			continue;
		if (used + n > width) {
			buf_putc(t->b, '\n');
			buf_fill(t->b, ' ', INDENT);
			used = INDENT;
		}
		style_kind(t->b, t->s, (enum kind)k);
		buf_puts(t->b, t->s->utf8 ? "■ " : "# ");
		buf_puts(t->b, kind_info[k].name);
		style_off(t->b, t->s);
		buf_putc(t->b, ' ');
		used += n;
	}
	if (t->s->color && kinds) {
		buf_putc(t->b, '\n');
		buf_fill(t->b, ' ', INDENT);
	}
	style_dim(t->b, t->s);
	if (has_counters(t->p))
		buf_printf(t->b, "bars: %s in RAM, %s%s not;  ", t->s->utf8 ? "█" : "#",
			   swap ? t->s->utf8 ? "▒ swapped, " : "s swapped, " : "",
			   t->s->utf8 ? "░" : ".");
	buf_puts(t->b, "heights are not to scale, sizes are true");
	if (documented)
		buf_printf(t->b, "\n%*s%s; KASLR moves its parts", INDENT, "",
			   layout_reads_kernel(t->p) ? "the kernel's parts marked * are drawn where documented" :
				  "the kernel's half is drawn as documented");
	style_off(t->b, t->s);
	buf_putc(t->b, '\n');
}

static const char *type_name(enum band_type type)
{
	static const char *const name[] = {
		[BAND_MAPPED] = "mapped", [BAND_FREE] = "free",
		[BAND_UNADDRESSABLE] = "unaddressable", [BAND_KERNEL] = "kernel",
	};

	return name[type];
}

/* Raw: start, last address, type, size, resident, mappings, label. */
static void raw_layout(struct buf *b, const struct style *s, const struct picture *p,
		       const struct space *space)
{
	if (s->headings)
		buf_puts(b, "start last type size resident mappings label\n");
	for (size_t i = 0; i < p->band.n; i++) {
		const struct band *band = &p->band.v[i];
		struct style plain = *s;
		struct buf label;

		buf_printf(b, "%0*" PRIx64 " %0*" PRIx64 " %s ", (int)p->address_digits,
			   band->start, (int)p->address_digits, band->last,
			   type_name(band->type));
		style_size(b, s, band->size, 0);
		buf_putc(b, ' ');
		if (band->has_counters)
			style_size(b, s, band->resident, 0);
		else
			buf_putc(b, '-');
		if (band->type == BAND_MAPPED)
			buf_printf(b, " %" PRIu32 " ", band->mappings);
		else
			buf_puts(b, " - ");
		plain.raw = false;	/* escape once, and with it the blanks between words */
		buf_init(&label);
		layout_label(&label, &plain, p, band, space, 0);
		text_put(b, (struct str){ label.data, label.len }, style_text(s));
		buf_done(&label);
		buf_putc(b, '\n');
	}
}

static unsigned int widest_resident(const struct picture *p)
{
	uint64_t most = 0;

	for (size_t i = 0; i < p->band.n; i++)
		if (p->band.v[i].resident > most)
			most = p->band.v[i].resident;
	return num_digits(most);
}

void layout_text(struct buf *b, const struct style *s, const struct picture *p,
		 const struct space *space)
{
	enum { LEAST_INNER = 30 };
	struct painter t = { .b = b, .s = s, .p = p, .space = space };
	size_t width = s->picture_width < STYLE_MIN_WIDTH ? STYLE_MIN_WIDTH : s->picture_width;

	if (s->raw) {
		raw_layout(b, s, p, space);
		return;
	}
	if (!p->band.n)
		return;
	t.bar = width < 100 ? 10 : width < 140 ? 16 : 24;
	t.right = s->bytes ? widest_resident(p) + 1 : SIZE_COLUMNS;
	t.inner = INDENT + p->address_digits + 2 + 2 + 1 + t.bar + t.right + 1;
	t.inner = width > t.inner + LEAST_INNER ? width - t.inner : LEAST_INNER;
	if (t.inner > 100)
		t.inner = 100;
	put_border(&t, p->band.v[0].last, 0);
	for (size_t i = 0; i < p->band.n; i++)
		put_band(&t, i);
	put_legend(&t);
	put_advice(&t);
}

void layout_json(struct json *j, const struct picture *p, const struct space *space)
{
	static const struct style plain = { .verbatim = true };

	json_break(j);
	json_array(j, "layout");
	for (size_t i = 0; i < p->band.n; i++) {
		const struct band *band = &p->band.v[i];
		bool mapped = band->type == BAND_MAPPED;
		struct buf label;

		json_break(j);
		json_object(j, NULL);
		json_address(j, "start", band->start);
		json_address(j, "last", band->last);
		json_u64(j, "size", band->size);
		json_string(j, "type", str_of(type_name(band->type)));
		buf_init(&label);
		layout_label(&label, &plain, p, band, space, 0);
		json_string(j, "label", (struct str){ label.data, label.len });
		buf_done(&label);
		json_array(j, "kinds");
		for (unsigned int k = 0; k < KINDS; k++)
			if (band->kinds >> k & 1)
				json_string(j, NULL, str_of(kind_info[k].name));
		json_array_end(j);
		json_maybe(j, "mappings", (struct maybe){ mapped, band->mappings });
		json_maybe(j, "resident", (struct maybe){ mapped && band->has_counters, band->resident });
		json_maybe(j, "swap", (struct maybe){ mapped && band->has_counters, band->swap });
		json_bool(j, "nominal", band->nominal);
		json_object_end(j);
	}
	json_array_end(j);
}

void layout_holes_json(struct json *j, const struct space *space)
{
	struct holes holes;

	space_holes(space, &holes);
	json_break(j);
	json_object(j, "holes");
	json_u64(j, "count", holes.count);
	if (holes.largest_end > holes.largest_start) {
		json_object(j, "largest");
		json_address(j, "start", holes.largest_start);
		json_address(j, "end", holes.largest_end);
		json_u64(j, "size", holes.largest_end - holes.largest_start);
		json_object_end(j);
	} else {
		json_null(j, "largest");
	}
	json_object_end(j);
}
