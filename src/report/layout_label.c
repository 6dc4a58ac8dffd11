/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a band of the picture is called. */
#include "config.h"

#include <inttypes.h>
#include <string.h>

#include "base/text.h"
#include "report/layout.h"

enum { NAME_COLUMNS = 18 };

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

static const struct band_part *leading_part(const struct band *band)
{
	for (unsigned int i = 0; i < band->parts; i++)
		if (band->part[i].class == band->leader)
			return &band->part[i];
	return NULL;
}

static void put_gaps(struct buf *b, const struct style *s, const struct band *band)
{
	if (!band->gap_count)
		return;
	buf_printf(b, ", %" PRIu32 " hole%s ", band->gap_count, band->gap_count == 1 ? "" : "s");
	style_size(b, s, band->gaps, 0);
}

/* ": libssl.so.3, libz.so.1", ": 14 libraries, 3 files": what there is more, in at most room
 * columns (SIZE_MAX: any number). */
static void put_rest(struct buf *b, const struct style *s, const struct band *band,
		     const struct space *space, size_t room)
{
	const struct band_part *p = band->part;
	bool names = band->parts == 1 && has_name(p->class);
	const char *gap = ": ";
	struct buf one;

	buf_init(&one);
	for (unsigned int i = 0; i < (names ? 3 : band->parts); i++) {
		uint32_t n = names ? 0 : p[i].objects;
		size_t width;

		if (names && (!p->object[i] || p->object[i] == band->leader_object))
			continue;
		if (!names && p[i].class == band->leader)
			n -= has_name(p[i].class) ? 1 : n;
		if (!names && !n)
			continue;
		buf_clear(&one);
		if (names)
			text_put(&one, short_name(space, p->object[i]), style_text(s));
		else
			buf_printf(&one, "%" PRIu32 " %s", n, noun_of(&p[i], n > 1));
		width = strlen(gap) + text_width((struct str){ one.data, one.len }, TEXT_UTF8);
		if (width + 3 > room) {
			if (*gap == ',')
				buf_puts(b, s->utf8 ? ", …" : "...");
			break;
		}
		buf_puts(b, gap);
		buf_add(b, one.data, one.len);
		if (room != SIZE_MAX)
			room -= width;
		gap = ", ";
	}
	buf_done(&one);
}

/* The part that all the others on the line are; NULL: there are several. */
static const struct band_part *other_part(const struct band *band, const struct band_part *lead,
					  bool named)
{
	if (!lead || band->parts != 2 || band->other_parts || (named && lead->objects > 1))
		return NULL;
	return lead == &band->part[0] ? &band->part[1] : &band->part[0];
}

/* "libjvm.so and 55 more", "4 thread stacks": the name is what is cut where it has to be. */
static void put_joined(struct buf *b, const struct style *s, const struct band *band,
		       const struct space *space, size_t width)
{
	enum { LEAST_NAME = 12 };
	const struct band_part *lead = leading_part(band);
	bool named = has_name(band->leader);
	uint32_t more = band->runs - (named || !lead ? 1 : lead->objects);
	const struct band_part *other;
	struct buf tail;
	size_t n, used = 0;

	buf_init(&tail);
	other = other_part(band, lead, named);
	if (other)
		buf_printf(&tail, " and %" PRIu32 " %s", more, noun_of(other, more > 1));
	else if (more)
		buf_printf(&tail, " and %" PRIu32 " more", more);
	n = tail.len;
	put_gaps(&tail, s, band);
	if (width && tail.len + LEAST_NAME > width)	/* what is on the line comes first */
		tail.len = n;
	n = tail.len;
	if (named && width) {
		used = text_put_cut(b, short_name(space, band->leader_object), style_text(s),
				    width > n + LEAST_NAME ? width - n : LEAST_NAME,
				    TEXT_KEEP_START);
	} else if (named) {
		text_put(b, short_name(space, band->leader_object), style_text(s));
	} else {
		used = b->len;
		if (lead && lead->objects > 1)
			buf_printf(b, "%" PRIu32 " ", lead->objects);
		buf_puts(b, lead ? noun_of(lead, lead->objects > 1) : noun[band->leader].one);
		used = b->len - used;
	}
	used += n;
	buf_add(b, tail.data, tail.len);
	buf_done(&tail);
	if (more && !other)
		put_rest(b, s, band, space, !width ? SIZE_MAX : width > used ? width - used : 0);
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
	uint32_t kinds;

	if (band->runs == 1 && !band->gap_count)
		put_one(b, s, band, &band->part[0], space, width);
	else if (is_executable(band, &kinds) && !band->gap_count)
		put_named(b, s, short_name(space, band->part[0].object[0]), kinds, width);
	else
		put_joined(b, s, band, space, width);
}

static const char *free_label(const struct picture *p, const struct band *band)
{
	if (p->filtered)
		return "not selected, or free";
	return band->start == 0 ? "free (null pointers trap here)" : "free";
}

/* Some parts of the kernel's half were read: then those that were not are marked. */
bool layout_reads_kernel(const struct picture *p)
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
		if (band->nominal && !band->unused && !s->verbatim && layout_reads_kernel(p))
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

bool layout_has_hidden(const struct band *band)
{
	return band->type == BAND_MAPPED && band->runs > 1 &&
	       (band->parts > 1 || has_name(band->leader));
}
