/* SPDX-License-Identifier: GPL-3.0-or-later */
/* --layout: the picture of the address space. */
#include "config.h"

#include "report/layout.h"

#include <inttypes.h>
#include <string.h>

#include "base/num.h"
#include "base/text.h"
#include "report/table.h"

enum { INDENT = 2, SIZE_COLUMNS = 6, NAME_COLUMNS = 18 };

/* One and many of each class; where one has no noun of its own, its object's name stands. */
static const struct {
	const char *one, *many;
} noun[PART_CLASSES] = {
	[PART_TEXT] = { "text", "texts" },
	[PART_RODATA] = { "rodata", "rodata" },
	[PART_RELRO] = { "relro", "relro" },
	[PART_DATA] = { "data", "data" },
	[PART_BSS] = { "bss", "bss" },
	[PART_LIBRARY] = { "library", "libraries" },
	[PART_HEAP] = { "heap", "heaps" },
	[PART_STACK] = { "stack", "stacks" },
	[PART_THREAD_STACK] = { "thread stack", "thread stacks" },
	[PART_ANON] = { "anonymous", "anonymous areas" },
	[PART_JIT] = { "jit code", "jit code" },
	[PART_GUARD] = { "reserved", "reserved areas" },
	[PART_FILE] = { "file", "files" },
	[PART_SHM] = { "shared memory", "shared areas" },
	[PART_MEMFD] = { "memfd", "memfds" },
	[PART_HUGETLB] = { "huge pages", "huge-page areas" },
	[PART_DEVICE] = { "device", "devices" },
	[PART_VDSO] = { "vdso", "vdso" },
	[PART_VSYSCALL] = { "vsyscall", "vsyscall" },
	[PART_OTHER] = { "other", "other" },
};

/* Files and the like are called by their names; heap, stack and the rest by what they are. */
static bool has_name(enum part_class class)
{
	return class == PART_LIBRARY || class == PART_FILE || class == PART_SHM ||
	       class == PART_MEMFD || class == PART_DEVICE || class == PART_OTHER ||
	       class <= PART_BSS;
}

/* Guard pages are small; what has no access and is large is address space kept for later. */
static const char *noun_of(const struct band_part *p, bool many)
{
	enum { GUARD_MAX = 1024 * 1024 };

	if (p->class == PART_GUARD && p->size < GUARD_MAX)
		return many ? "guards" : "guard";
	return many ? noun[p->class].many : noun[p->class].one;
}

static struct str short_name(const struct space *space, uint32_t object)
{
	struct str name = space_str(space, object), base = str_basename(name);

	return base.len && name.p[0] == '/' ? base : name;
}

/*
 * The kinds in a part, as words after its name: "text rodata data", in at most room columns
 * (SIZE_MAX: any number). What tells least is left out first; without room for any, nothing is
 * written. Gives the columns.
 */
static size_t put_kinds(struct buf *b, uint32_t kinds, size_t room)
{
	static const unsigned char least_first[] = {
		KIND_GUARD, KIND_RELRO, KIND_RODATA, KIND_BSS, KIND_DATA, KIND_TEXT,
	};
	size_t n = 0;

	for (unsigned int left = 0; left <= sizeof(least_first); left++) {
		n = 0;
		for (unsigned int k = 0; k < KINDS; k++)
			if (kinds >> k & 1)
				n += strlen(kind_info[k].name) + (n > 0);
		if (n <= room || left == sizeof(least_first))
			break;
		kinds &= ~(1u << least_first[left]);
	}
	if (n > room)
		return 0;
	for (unsigned int k = 0, first = 1; k < KINDS; k++) {
		if (!(kinds >> k & 1))
			continue;
		buf_printf(b, "%s%s", first ? "" : " ", kind_info[k].name);
		first = 0;
	}
	return n;
}

/* "libc.so.6          text rodata data bss" */
static void put_named(struct buf *b, const struct style *s, struct str name, uint32_t kinds,
		      size_t width)
{
	size_t n = text_width(name, style_text(s)), at = n + 1;
	bool fitted = width > 0;

	text_put(b, name, style_text(s));
	if (!fitted)
		width = SIZE_MAX;
	if (at >= width)
		return;
	/* in a column of their own where that costs none of them */
	if (fitted && n < NAME_COLUMNS && width - NAME_COLUMNS > 30)
		at = NAME_COLUMNS + 1;
	style_pad(b, n, at);
	put_kinds(b, kinds, width - at);
}

static struct str thread_id(struct str object)
{
	/* "[stack:4242]" */
	if (str_has_prefix(object, "[stack:") && object.len > 8)
		return (struct str){ object.p + 7, object.len - 8 };
	return object;
}

static void put_one(struct buf *b, const struct style *s, const struct band *band,
		    const struct band_part *p, const struct space *space, size_t width)
{
	if (p->class <= PART_BSS) {	/* a part of the executable: which is what matters */
		buf_printf(b, "%-*s ", width ? 7 : 0, noun[p->class].one);
		text_put(b, short_name(space, p->object[0]), style_text(s));
		return;
	}
	if (has_name(p->class)) {
		put_named(b, s, short_name(space, p->object[0]), p->kinds, width);
		return;
	}
	if ((p->class == PART_ANON || p->class == PART_GUARD) && band->mappings > 1)
		buf_printf(b, "%" PRIu32 " %s", band->mappings, noun_of(p, true));
	else
		buf_puts(b, noun_of(p, false));
	if (p->class == PART_STACK && width) {
		buf_puts(b, s->utf8 ? " ↓" : " (grows down)");
	} else if (p->class == PART_HEAP && width) {
		buf_puts(b, s->utf8 ? " ↑" : " (grows up)");
	} else if (p->class == PART_THREAD_STACK) {
		buf_putc(b, ' ');
		text_put(b, thread_id(space_str(space, p->object[0])), style_text(s));
	}
}

/* "14 libraries", "libm.so.6" */
static void put_count(struct buf *b, const struct style *s, const struct band_part *p,
		      const struct space *space)
{
	if (p->objects > 1)
		buf_printf(b, "%" PRIu32 " %s", p->objects, noun_of(p, true));
	else if (has_name(p->class))
		text_put(b, short_name(space, p->object[0]), style_text(s));
	else
		buf_puts(b, noun_of(p, false));
}

/* ": libcrypto.so.3, libssl.so.3" as far as there is room. */
static void put_names(struct buf *b, const struct style *s, const struct band_part *p,
		      const struct space *space, size_t used, size_t width)
{
	const char *gap = ": ";

	if (p->objects < 2 || !has_name(p->class))
		return;
	for (unsigned int i = 0; i < 3 && p->object[i]; i++) {
		struct str name = short_name(space, p->object[i]);
		size_t n = text_width(name, style_text(s)) + 2;

		if (width && used + n + 3 > width)
			break;
		buf_puts(b, gap);
		text_put(b, name, style_text(s));
		used += n;
		gap = ", ";
		if (i + 1 == 3 ? p->objects == 3 : !p->object[i + 1])
			return;
	}
	if (*gap == ',')
		buf_puts(b, s->utf8 ? ", …" : ", ..");
}

/* The first n parts, and how much else there is. */
static void put_parts(struct buf *b, const struct style *s, const struct band *band,
		      const struct space *space, unsigned int n)
{
	uint32_t more = band->other_parts;

	for (unsigned int i = 0; i < n; i++) {
		if (i)
			buf_puts(b, ", ");
		put_count(b, s, &band->part[i], space);
	}
	for (unsigned int i = n; i < band->parts; i++)
		more += band->part[i].objects;
	if (more)
		buf_printf(b, ", %" PRIu32 " more", more);
	if (band->gap_count) {
		buf_printf(b, ", %" PRIu32 " hole%s ", band->gap_count,
			   band->gap_count == 1 ? "" : "s");
		style_size(b, s, band->gaps, 0);
	}
}

/* Only segments of the executable: they are called by its name. */
static bool is_executable(const struct band *band, uint32_t *kinds)
{
	*kinds = 0;
	for (unsigned int i = 0; i < band->parts; i++) {
		if (band->part[i].class > PART_BSS)
			return false;
		*kinds |= band->part[i].kinds;
	}
	return band->other_parts == 0 || band->parts == BAND_PARTS;
}

static void put_mapped(struct buf *b, const struct style *s, const struct band *band,
		       const struct space *space, size_t width)
{
	unsigned int n = band->parts;
	uint32_t kinds;
	size_t used;

	if (band->parts == 1 && band->part[0].objects == 1 && !band->gap_count) {
		put_one(b, s, band, &band->part[0], space, width);
		return;
	}
	if (is_executable(band, &kinds) && !band->gap_count) {
		put_named(b, s, short_name(space, band->part[0].object[0]), kinds, width);
		return;
	}
	for (;; n--) {
		buf_clear(b);
		put_parts(b, s, band, space, n);
		used = text_width((struct str){ b->data, b->len }, TEXT_UTF8);
		if (!width || used <= width || n == 1)
			break;
	}
	for (unsigned int i = 0; i < n; i++)
		if (band->part[i].class == PART_LIBRARY || band->parts == 1)
			put_names(b, s, &band->part[i], space, used, width);
}

static const char *free_label(const struct picture *p, const struct band *band)
{
	if (p->filtered)
		return "not selected, or free";
	return band->start == 0 ? "free (null pointers trap here)" : "free";
}

/* Some parts of the kernel's half were read: then those that were not are marked. */
static bool has_read_kernel(const struct picture *p)
{
	for (size_t i = 0; i < p->band.n; i++)
		if (p->band.v[i].name && !p->band.v[i].nominal)
			return true;
	return false;
}

void layout_label(struct buf *b, const struct style *s, const struct picture *p,
		  const struct band *band, const struct space *space, size_t width)
{
	struct buf label;
	struct str text;

	buf_init(&label);
	switch (band->type) {
	case BAND_MAPPED:
		put_mapped(&label, s, band, space, width);
		break;
	case BAND_FREE:
		buf_puts(&label, free_label(p, band));
		break;
	case BAND_UNADDRESSABLE:
		buf_puts(&label, "not addressable");
		break;
	case BAND_KERNEL:
		buf_puts(&label, band->name ? band->name : "kernel space, as documented");
		if (band->nominal && !band->unused && !s->verbatim && has_read_kernel(p))
			buf_puts(&label, " *");
		break;
	}
	text = (struct str){ label.data, label.len };
	if (width && !label.error)
		/* names in it are escaped already, so only its length is looked at */
		text_put_cut(b, text, style_text(s), width, TEXT_KEEP_START);
	else
		buf_add(b, label.data, label.len);
	buf_done(&label);
}

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
			   has_read_kernel(t->p) ? "the kernel's parts marked * are drawn where documented" :
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
