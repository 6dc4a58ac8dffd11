/* SPDX-License-Identifier: GPL-3.0-or-later */
/* --translate as text: a figure and the facts for each address, a table for each range. */
#include "config.h"

#include "report/translate.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/num.h"
#include "base/text.h"
#include "proc/kpage.h"
#include "report/table.h"
#include "report/translate_runs.h"
#include "report/walk_figure.h"

enum { INDENT = 2, LABEL_COLUMNS = 11 };

struct page {
	struct buf *b;
	const struct style *s;
	const struct snapshot *snapshot;
	const struct translation *t;
	uint64_t page_size;
	unsigned int digits;		/* of addresses */
	size_t width;			/* columns for running text */
};

static size_t put_label(const struct page *p, const char *label)
{
	buf_fill(p->b, ' ', INDENT);
	style_dim(p->b, p->s);
	buf_puts(p->b, label);
	style_off(p->b, p->s);
	style_pad(p->b, strlen(label), LABEL_COLUMNS);
	return INDENT + LABEL_COLUMNS;
}

static void put_address(const struct page *p, uint64_t address)
{
	char text[NUM_MAX_HEX];
	char *end = num_put_hex(text, address, p->digits);

	buf_add(p->b, text, (size_t)(end - text));
}

/* Words, as many on a line as fit. ASCII alone. */
static void put_wrapped(const struct page *p, const char *label, const char *text)
{
	size_t at = put_label(p, label), indent = at;

	while (*text) {
		size_t n = strcspn(text, " ");

		if (at > indent && at + 1 + n > p->width) {
			buf_putc(p->b, '\n');
			buf_fill(p->b, ' ', indent);
			at = indent;
		} else if (at > indent) {
			buf_putc(p->b, ' ');
			at++;
		}
		buf_add(p->b, text, n);
		at += n;
		text += n;
		while (*text == ' ')
			text++;
	}
	buf_putc(p->b, '\n');
}

/* What the target chose, cut at the terminal's edge. */
static void put_name(const struct page *p, struct str name, size_t at)
{
	size_t room = !p->s->width ? SIZE_MAX : p->s->width > at + 8 ? p->s->width - at : 8;

	text_put_cut(p->b, name, style_text(p->s), room, TEXT_KEEP_NAME);
}

static void put_mapping(const struct page *p)
{
	const struct space *space = &p->snapshot->space;
	const struct vma *v = &space->vma.v[p->t->vma];
	struct str name = vma_path(space, v);
	size_t at = put_label(p, "mapping");
	char perms[4];

	if (!name.len)
		name = space_str(space, v->object);
	maps_put_perms(perms, v->perms);
	put_address(p, v->start);
	buf_putc(p->b, '-');
	put_address(p, v->end);
	buf_putc(p->b, ' ');
	buf_add(p->b, perms, sizeof(perms));
	buf_printf(p->b, " %s ", kind_info[v->kind].name);
	at += 2 * p->digits + 1 + 1 + sizeof(perms) + 1 + strlen(kind_info[v->kind].name) + 1;
	/* a name that would be cut to a stump gets a line of its own */
	if (p->s->width && at + text_width(name, style_text(p->s)) > p->s->width) {
		buf_putc(p->b, '\n');
		buf_fill(p->b, ' ', INDENT + LABEL_COLUMNS);
		at = INDENT + LABEL_COLUMNS;
	}
	put_name(p, name, at);
	buf_putc(p->b, '\n');
}

static void put_hole(const struct page *p)
{
	if (p->t->place != PLACE_HOLE)
		return;
	put_label(p, "mapping");
	buf_puts(p->b, "none from ");
	put_address(p, p->t->hole_start);
	buf_puts(p->b, " to ");
	put_address(p, p->t->hole_last);
	buf_putc(p->b, '\n');
}

static void put_symbol(const struct page *p)
{
	if (!p->t->symbol.len)
		return;
	put_name(p, p->t->symbol, put_label(p, "symbol"));
	if (p->t->symbol_offset)
		buf_printf(p->b, "+0x%" PRIx64, p->t->symbol_offset);
	if (p->t->symbol_size)
		buf_printf(p->b, " of 0x%" PRIx64 " bytes", p->t->symbol_size);
	buf_putc(p->b, '\n');
}

/* "a 2M page" */
static void format_leaf(const struct translation *t, uint64_t page_size, char *out, size_t size)
{
	char a[NUM_MAX_SIZE], c[NUM_MAX_SIZE];

	*num_put_size(a, t->leaf_size ? t->leaf_size : t->leaf_or) = '\0';
	*num_put_size(c, page_size) = '\0';
	if (t->leaf_size)
		snprintf(out, size, "%s page", a);
	else if (t->leaf_or)
		snprintf(out, size, "%s or %s page", c, a);
	else
		snprintf(out, size, "page");
}

static void put_figure(const struct page *p)
{
	const struct translation *t = p->t;
	const struct geometry *g = p->snapshot->geometry;
	char end[128], after[64], leaf[64];
	struct walk_figure f = {
		.geometry = g, .address = t->address, .leaf_level = GEOMETRY_LEVELS, .end = end,
		.walk = t->place == PLACE_MAPPING &&
			p->snapshot->space.vma.v[t->vma].kind != KIND_VSYSCALL,
	};

	if (!g)
		return;
	if (t->leaf_size)
		f.leaf_level = geometry_leaf_level(g, t->leaf_size);
	format_leaf(t, p->page_size, leaf, sizeof(leaf));
	snprintf(end, sizeof(end), "no frame");
	if (t->reason == REASON_PRESENT) {
		snprintf(end, sizeof(end), "%s, frame number hidden", leaf);
		f.reaches = true;
	} else if (t->reason == REASON_SWAPPED && pagemap_pfn(t->entry)) {
		snprintf(end, sizeof(end), "page %" PRIu64 " of swap area %u",
			 pagemap_swap_offset(t->entry), pagemap_swap_type(t->entry));
	} else if (t->reason == REASON_SWAPPED) {
		snprintf(end, sizeof(end), "a place in a swap area");
	} else if (t->reason == REASON_UNREADABLE || t->reason == REASON_RAW_PFN) {
		snprintf(end, sizeof(end), "not told");
	}
	if (t->pfn.known) {
		/* the first one of the page, since the offset counts from there */
		snprintf(end, sizeof(end), "%s, %s 0x%" PRIx64, leaf,
			 t->leaf_size > p->page_size ? "from frame" : "frame", t->pfn.v -
			 (t->leaf_size ? (t->address & (t->leaf_size - 1)) / p->page_size : 0));
		snprintf(after, sizeof(after), "physical address 0x%" PRIx64, t->physical.v);
		f.after = after;
	}
	buf_putc(p->b, '\n');
	walk_figure_put(p->b, p->s, &f);
	buf_putc(p->b, '\n');
}

static const struct {
	const char *name;
	unsigned int bit;
} entry_bits[] = {
	{ "present", 63 }, { "swapped", 62 }, { "file", 61 }, { "guard", 58 }, { "uffd-wp", 57 },
	{ "exclusive", 56 }, { "soft-dirty", 55 },
};

enum { ENTRY_BITS = sizeof(entry_bits) / sizeof(entry_bits[0]) };

/* What the low 55 bits are, as the rest of the entry says. */
static void format_low_bits(uint64_t entry, char *out, size_t size)
{
	uint64_t low = pagemap_pfn(entry);

	if (!low)	/* an entry that has bits above leads somewhere */
		snprintf(out, size, entry & (PAGEMAP_PRESENT | PAGEMAP_SWAPPED) ? "hidden" : "0");
	else if (entry & PAGEMAP_PRESENT)
		snprintf(out, size, "0x%" PRIx64, low);
	else
		snprintf(out, size, "%" PRIu64 ":%u", low >> 5, pagemap_swap_type(entry));
}

/* The entry's bits, each under its number and name. */
static void put_entry_bits(const struct page *p)
{
	uint64_t entry = p->t->entry;
	char low[64];

	format_low_bits(entry, low, sizeof(low));
	style_dim(p->b, p->s);
	buf_fill(p->b, ' ', INDENT + 2);
	for (unsigned int i = 0; i < ENTRY_BITS; i++)
		buf_printf(p->b, "%-*u", (int)strlen(entry_bits[i].name) + 2, entry_bits[i].bit);
	buf_puts(p->b, "54-0\n");
	style_off(p->b, p->s);
	buf_fill(p->b, ' ', INDENT + 2);
	for (unsigned int i = 0; i < ENTRY_BITS; i++)
		buf_printf(p->b, "%s  ", entry_bits[i].name);
	buf_puts(p->b, entry & PAGEMAP_PRESENT || !pagemap_pfn(entry) ? "frame\n" : "offset:type\n");
	buf_fill(p->b, ' ', INDENT + 2);
	for (unsigned int i = 0; i < ENTRY_BITS; i++) {
		bool set = entry >> entry_bits[i].bit & 1;

		if (set)
			style_bold(p->b, p->s);
		buf_putc(p->b, set ? '1' : '0');
		if (set)
			style_off(p->b, p->s);
		buf_fill(p->b, ' ', strlen(entry_bits[i].name) + 1);
	}
	buf_printf(p->b, "%s\n", low);
}

static void put_entry(const struct page *p)
{
	const struct translation *t = p->t;
	uint64_t entry = t->entry;
	struct buf words;

	if (t->error || t->place != PLACE_MAPPING || t->reason == REASON_VSYSCALL)
		return;
	put_label(p, "entry");
	buf_printf(p->b, "0x%016" PRIx64 " in pagemap\n\n", entry);
	put_entry_bits(p);
	buf_putc(p->b, '\n');
	if (t->reason != REASON_PRESENT)
		return;
	buf_init(&words);
	buf_puts(&words, "There is a frame of RAM behind the page");
	if (t->zero_page.known && t->zero_page.v)
		buf_puts(&words, ", the one of zeros that all processes share until they write");
	else if (entry & PAGEMAP_FILE)
		buf_puts(&words, ", of a file or shared memory");
	else
		buf_puts(&words, ", of anonymous memory");
	if (t->zero_page.known && t->zero_page.v)
		buf_putc(&words, '.');
	else if (entry & PAGEMAP_EXCLUSIVE)
		buf_puts(&words, "; no other page-table entry leads there.");
	else
		buf_printf(&words, "; other page-table entries %slead there too.",
			   t->count.known && t->count.v > 1 ? "" : "may ");
	if (entry & PAGEMAP_UFFD_WP)
		buf_puts(&words, " userfaultfd write-protects it.");
	if (buf_string(&words))
		put_wrapped(p, "", words.data);
	buf_done(&words);
}

static void put_place(const struct page *p)
{
	const struct translation *t = p->t;

	if (t->physical.known) {
		put_label(p, "physical");
		buf_printf(p->b, "0x%" PRIx64 " = frame 0x%" PRIx64 " x %" PRIu64 " + 0x%" PRIx64
			   "\n", t->physical.v, t->pfn.v, p->page_size,
			   t->address & (p->page_size - 1));
	}
	put_label(p, "frame");
	if (t->pfn.known)
		buf_printf(p->b, "0x%" PRIx64 " (%" PRIu64 ")", t->pfn.v, t->pfn.v);
	else
		buf_puts(p->b, "number hidden");
	if (t->has_zone) {
		buf_puts(p->b, ", zone ");
		text_put(p->b, str_of(t->zone.name), style_text(p->s));
		buf_printf(p->b, " of node %u", t->zone.node);
	}
	buf_putc(p->b, '\n');
	if (t->count.known) {
		put_label(p, "mapped");
		if (t->zero_page.known && t->zero_page.v)
			buf_puts(p->b, "zero pages are not counted\n");
		else
			buf_printf(p->b, "%" PRIu64 " time%s, by all page tables together\n",
				   t->count.v, t->count.v == 1 ? "" : "s");
	}
}

static void put_cgroup(const struct page *p)
{
	const struct translation *t = p->t;
	size_t at;

	if (!t->cgroup.known)
		return;
	at = put_label(p, "cgroup");
	if (!t->cgroup.v)
		buf_puts(p->b, "none is charged for it");
	else if (t->cgroup_path.len)
		put_name(p, t->cgroup_path, at);
	else
		buf_printf(p->b, "number %" PRIu64 ", which is not to be found", t->cgroup.v);
	buf_putc(p->b, '\n');
}

static void put_folio(const struct page *p)
{
	const struct translation *t = p->t;
	char size[NUM_MAX_SIZE];

	if (!t->folio_frames.known || !t->folio_frames.v || !t->pfn.known)
		return;
	put_label(p, "folio");
	if (t->folio_frames.v == 1) {
		buf_puts(p->b, "a single page (order 0)\n");
		return;
	}
	*num_put_size(size, t->folio_frames.v * p->page_size) = '\0';
	buf_printf(p->b, "page %" PRIu64 " of %" PRIu64 " (0 is the first) in a folio of %s, order %d,"
		   " at frame 0x%" PRIx64 "\n", t->pfn.v - t->folio_head.v, t->folio_frames.v, size,
		   63 - __builtin_clzll(t->folio_frames.v), t->folio_head.v);
}

static void put_flags(const struct page *p, const char *label, uint64_t flags)
{
	char space[KPAGE_NAME_MAX];
	const char *help;

	put_label(p, label);
	buf_printf(p->b, "0x%" PRIx64 " in kpageflags%s\n", flags, flags ? ":" : ", none");
	for (unsigned int bit = 0; bit < 64; bit++) {
		if (!(flags >> bit & 1))
			continue;
		buf_fill(p->b, ' ', INDENT + LABEL_COLUMNS);
		buf_printf(p->b, "%2u  %-14s  ", bit, kpage_flag_name(bit, space));
		help = kpage_flag_help(bit, flags);
		buf_puts(p->b, help ? help : "not known to this program");
		buf_putc(p->b, '\n');
	}
}

static void put_frame(const struct page *p)
{
	const uint64_t compound = KPAGE_BIT(COMPOUND_HEAD) | KPAGE_BIT(COMPOUND_TAIL);
	const struct translation *t = p->t;

	put_place(p);
	put_cgroup(p);
	put_folio(p);
	if (t->flags.known)
		put_flags(p, "flags", t->flags.v);
	/* up to Linux 6.9 only the first frame of a folio has them all */
	if (t->head_flags.known && (t->head_flags.v & ~compound) != (t->flags.v & ~compound))
		put_flags(p, "of folio", t->head_flags.v);
}

static void put_swap(const struct page *p)
{
	const struct translation *t = p->t;
	uint64_t offset = pagemap_swap_offset(t->entry);
	size_t at;

	if (t->reason != REASON_SWAPPED || !pagemap_pfn(t->entry))
		return;
	put_label(p, "swap");
	buf_printf(p->b, "page %" PRIu64 " of swap area %u, from its byte %" PRIu64 " on\n", offset,
		   pagemap_swap_type(t->entry), num_mul(offset, p->page_size));
	if (!t->swap_area.len)
		return;
	at = put_label(p, "");
	if (!t->swap_certain) {
		buf_puts(p->b, "perhaps ");
		at += strlen("perhaps ");
	}
	put_name(p, t->swap_area, at);
	if (!t->swap_certain)
		buf_printf(p->b, " (the numbers of %zu areas in /proc/swaps may have gaps)",
			   p->snapshot->translations.swap_areas);
	buf_putc(p->b, '\n');
}

static void put_reason(const struct page *p)
{
	struct buf words;

	if (p->t->reason == REASON_PRESENT)
		return;
	buf_init(&words);
	translate_put_reason(&words, p->snapshot, p->t);
	if (buf_string(&words))
		put_wrapped(p, p->t->reason == REASON_UNREADABLE ? "entry" : "no frame", words.data);
	buf_done(&words);
}

static void put_one(const struct page *p)
{
	char text[NUM_MAX_HEX];
	char *end = num_put_hex(text, p->t->address, p->digits);

	buf_fill(p->b, ' ', INDENT);
	style_bold(p->b, p->s);
	buf_add(p->b, text, (size_t)(end - text));
	style_off(p->b, p->s);
	buf_printf(p->b, "  decimal %" PRIu64 "\n", p->t->address);
	if (p->t->place == PLACE_MAPPING)
		put_mapping(p);
	put_hole(p);
	put_symbol(p);
	put_figure(p);
	put_entry(p);
	if (p->t->reason == REASON_PRESENT)
		put_frame(p);
	put_swap(p);
	put_reason(p);
}

void translate_text(struct buf *b, const struct style *s, const struct snapshot *snapshot)
{
	const struct translation_set *set = &snapshot->translations;
	struct page p = {
		.b = b, .s = s, .snapshot = snapshot, .page_size = set->page_size,
		.width = s->width ? s->width : STYLE_USUAL_WIDTH,
		.digits = space_address_digits(&snapshot->space),
	};

	if (p.width > STYLE_USUAL_WIDTH + 20)	/* longer lines are hard to read */
		p.width = STYLE_USUAL_WIDTH + 20;
	if (s->raw) {
		translate_raw(b, s, snapshot);
		return;
	}
	for (size_t i = 0; i < set->item.n; i++) {
		const struct translate_item *item = &set->item.v[i];

		buf_putc(b, '\n');
		if (item->asked.is_range) {
			translate_runs_text(b, s, snapshot, item);
			continue;
		}
		p.t = &set->one.v[item->at];
		put_one(&p);
	}
}
