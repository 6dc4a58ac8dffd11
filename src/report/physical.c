/* SPDX-License-Identifier: GPL-3.0-or-later */
/* --physical: what the machine's page frames are used for, as tables. */
#include "config.h"

#include "report/physical.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/num.h"
#include "proc/kpage.h"
#include "report/facts.h"

enum { TEXT_WORDS = 16, TEXT_OWNERS = 20 };	/* rows of text; raw output has all */

#define TEXT_COLUMN(key, heading, which) \
	{ key, heading, NULL, VALUE_TEXT, COLUMN_TEXT, 0, which, facts_get_text }
#define MEANING_COLUMN(which) \
	{ "meaning", "", NULL, VALUE_TEXT, COLUMN_TEXT | COLUMN_WRAP, 0, which, facts_get_text }
#define NUMBER_COLUMN(key, heading, type, use, which) \
	{ key, heading, NULL, type, COLUMN_TEXT | (use), 0, which, facts_get_number }
#define BYTES(key, which) NUMBER_COLUMN(key, key, VALUE_BYTES, COLUMN_DESCENDING, which)
#define COUNT(key, which) NUMBER_COLUMN(key, key, VALUE_COUNT, COLUMN_DESCENDING, which)

static const struct column bar_column = { "bar", "", NULL, VALUE_BAR, COLUMN_TEXT, 0, 0,
					  facts_get_bar };

/* Writes the rows with the columns of an array. */
static void put(struct buf *b, const struct style *s, struct facts *f, const struct column *column,
		size_t n, const struct facts_row *total)
{
	const struct column *list[TABLE_MAX_COLUMNS];

	for (size_t i = 0; i < n; i++)
		list[i] = column[i].type == VALUE_BAR ? &bar_column : &column[i];
	facts_put(b, s, f, list, n, total);
}

/* What of the zones is not in the hands of the page allocator. Bytes. */
static uint64_t unmanaged(const struct sweep *s)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < s->before.zones.n; i++) {
		const struct zone *z = &s->before.zones.v[i];

		if (z->present > z->managed)
			sum += (z->present - z->managed) * s->page_size;
	}
	return sum;
}

/* ---- what could not be told ---- */

static void miss(struct physical_missing *m, const char *what, const char *file, int error,
		 const char *needs)
{
	*m = (struct physical_missing){ .what = what };
	if (error == -EACCES || error == -EPERM)
		m->needs = needs;
	snprintf(m->reason, sizeof(m->reason), "%s: %s", file,
		 error == -EPERM ? "the kernel hides the addresses" :
		 error == -ENODATA ? "the capture has the frames of its processes only" :
		 strerror(-error));
}

unsigned int physical_find_missing(const struct sweep *s,
				   struct physical_missing out[PHYSICAL_MISSING])
{
	static const char read[] = "CAP_DAC_READ_SEARCH, as root has (sudo)";
	unsigned int n = 0;

	if (s->flags_error)
		miss(&out[n++], "uses, blocks, flag_words", "kpageflags", s->flags_error, read);
	if (s->counts_error)
		miss(&out[n++], "mapped, shared", "kpagecount", s->counts_error, read);
	if (s->iomem_error)
		miss(&out[n++], "ram", "iomem", s->iomem_error, "CAP_SYS_ADMIN, as root has (sudo)");
	if (s->zoneinfo_error)
		miss(&out[n++], "zones", "zoneinfo", s->zoneinfo_error, NULL);
	return n;
}

static void put_notes(struct buf *b, const struct style *s, const struct physical_report *r)
{
	const struct sweep *sweep = r->sweep;
	const struct owners *o = r->owners;
	uint64_t outside = sweep->physical.outside, idle = unmanaged(sweep);
	struct physical_missing missing[PHYSICAL_MISSING];
	unsigned int n = physical_find_missing(sweep, missing);

	if (s->raw)
		return;
	buf_putc(b, '\n');
	style_dim(b, s);
	if (sweep->has_frames && idle / 4 > sweep->physical.use[FRAME_RESERVED].frames *
					     sweep->page_size) {
		buf_puts(b, "  note: the page allocator does not have ");
		style_size(b, s, idle, 0);
		buf_puts(b, " of what is present: what of it is not reserved is in 'other'\n");
	}
	if (outside)
		buf_printf(b, "  note: %" PRIu64 " frames outside RAM are in use (memory of devices); "
			   "they are not counted\n", outside);
	if (o && o->hidden)
		buf_printf(b, "  note: the frames of %zu process%s are hidden\n        needs "
			   "CAP_SYS_ADMIN, as root has (sudo)\n", o->hidden,
			   o->hidden == 1 ? "" : "es");
	if (o && o->unreadable)
		buf_printf(b, "  note: the page tables of %zu process%s are not readable\n        "
			   "needs CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH, as root has (sudo)\n",
			   o->unreadable, o->unreadable == 1 ? "" : "es");
	for (unsigned int i = 0; i < n; i++) {
		buf_printf(b, "  note: no %s: %s\n", missing[i].what, missing[i].reason);
		if (missing[i].needs)
			buf_printf(b, "        needs %s\n", missing[i].needs);
	}
	style_off(b, s);
}

/* ---- text ---- */

static void put_header(struct buf *b, const struct style *s, const struct sweep *sweep)
{
	const struct physical *p = &sweep->physical;
	uint64_t frames = sweep->has_frames ? p->ram : 0;

	if (s->raw)
		return;
	for (size_t i = 0; !sweep->has_frames && i < sweep->before.zones.n; i++)
		frames += sweep->before.zones.v[i].present;
	style_bold(b, s);
	buf_puts(b, "physical memory");
	style_off(b, s);
	if (frames) {
		buf_puts(b, "   ");
		style_size(b, s, frames * sweep->page_size, 0);
		buf_printf(b, " in %" PRIu64 " frames of ", frames);
		style_size(b, s, sweep->page_size, 0);
	}
	if (sweep->has_frames)
		buf_printf(b, "   read in %.2f s", sweep->seconds);
	buf_puts(b, sweep->has_frames ? "\n\n" : "\n");
}

/* Scripts get the word that JSON has. */
static struct str use_name(const struct style *s, unsigned int use)
{
	return str_of(s->raw ? frame_use_info[use].key : frame_use_info[use].name);
}

static void put_uses(struct buf *b, const struct style *s, struct facts *f,
		     const struct sweep *sweep)
{
	static const struct column column[] = {
		TEXT_COLUMN("use", "use", 0), COUNT("frames", 0), BYTES("size", 1),
		{ .type = VALUE_BAR }, BYTES("mapped", 2), BYTES("shared", 3), BYTES("large", 4),
		MEANING_COLUMN(1),
	};
	const struct physical *p = &sweep->physical;
	struct facts_row total = { .unknown = sweep->has_counts ? 0 : 12 };
	uint64_t size = sweep->page_size;

	for (unsigned int u = 0; u < FRAME_USES; u++) {
		const struct physical_use *use = &p->use[u];
		struct facts_row row = {
			.text = { use_name(s, u), str_of(frame_use_info[u].help) },
			.n = { use->frames, use->frames * size, use->mapped * size,
			       use->shared * size, use->large * size },
			.unknown = sweep->has_counts ? 0 : 12, .bar = use->frames, .of = p->ram,
		}, *to = use->frames ? facts_add(f) : NULL;

		if (to)
			*to = row;
		for (unsigned int i = 0; i < 5; i++)
			total.n[i] += row.n[i];
	}
	put(b, s, f, column, sizeof(column) / sizeof(*column), &total);
}

/* Uses together, for tables that have no room for all of them. */
enum part { PART_FREE, PART_ANON, PART_CACHE, PART_HUGETLB, PART_KERNEL, PART_RESERVED, PARTS };

static const unsigned char part_of[FRAME_USES] = {
	[FRAME_FREE] = PART_FREE, [FRAME_ANON] = PART_ANON, [FRAME_THP] = PART_ANON,
	[FRAME_FILE] = PART_CACHE, [FRAME_SHMEM] = PART_CACHE, [FRAME_HUGETLB] = PART_HUGETLB,
	[FRAME_SLAB] = PART_KERNEL, [FRAME_PAGE_TABLE] = PART_KERNEL, [FRAME_OTHER] = PART_KERNEL,
	[FRAME_RESERVED] = PART_RESERVED, [FRAME_OFFLINE] = PART_RESERVED,
	[FRAME_HWPOISON] = PART_RESERVED,
};

static void put_zones(struct buf *b, const struct style *s, struct facts *f,
		      const struct sweep *sweep)
{
	static const struct column full[] = {
		NUMBER_COLUMN("node", "node", VALUE_COUNT, 0, 0), TEXT_COLUMN("zone", "zone", 0),
		BYTES("present", 1), BYTES("managed", 2), BYTES("free", 4 + PART_FREE),
		BYTES("anon", 4 + PART_ANON), BYTES("cache", 4 + PART_CACHE),
		BYTES("hugetlb", 4 + PART_HUGETLB), BYTES("kernel", 4 + PART_KERNEL),
		BYTES("reserved", 4 + PART_RESERVED),
	};
	static const struct column bare[] = {
		NUMBER_COLUMN("node", "node", VALUE_COUNT, 0, 0), TEXT_COLUMN("zone", "zone", 0),
		BYTES("spanned", 3), BYTES("present", 1), BYTES("managed", 2), BYTES("free", 4),
	};
	uint64_t size = sweep->page_size;
	struct facts_row total = { .n = { 0 } };

	for (size_t i = 0; i < sweep->before.zones.n; i++) {
		const struct zone *z = &sweep->before.zones.v[i];
		struct facts_row row = {
			.text = { str_of(z->name) },
			.n = { z->node, z->present * size, z->managed * size, z->spanned * size },
		}, *to = facts_add(f);

		row.n[4] = sweep->has_frames ? 0 : z->free * size;
		for (unsigned int u = 0; sweep->has_frames && u < FRAME_USES; u++)
			row.n[4 + part_of[u]] += sweep->physical.zone[i][u] * size;
		if (to)
			*to = row;
		for (unsigned int k = 0; k < FACTS_NUMBERS; k++)
			total.n[k] += row.n[k];
	}
	if (sweep->has_frames)
		put(b, s, f, full, sizeof(full) / sizeof(*full), &total);
	else
		put(b, s, f, bare, sizeof(bare) / sizeof(*bare), &total);
}

/* The row, of which alone and whole are not known; NULL when out of memory. */
static struct facts_row *add_blocks(struct facts *f, const char *name, uint64_t blocks,
				    const struct sweep *sweep, const char *help)
{
	const struct physical_blocks *b = &sweep->physical.blocks;
	struct facts_row *row = facts_add(f);

	if (row)
		*row = (struct facts_row){
			.text = { str_of(name), str_of(help) },
			.n = { blocks, blocks * sweep->block_size },
			.unknown = 4 + 8, .bar = blocks, .of = b->free + b->movable + b->pinned,
		};
	return row;
}

static const char *const why_pinned[FRAME_USES] = {
	[FRAME_SLAB] = "the kernel has pointers to them",
	[FRAME_PAGE_TABLE] = "the processors walk them",
	[FRAME_OTHER] = "kernel's own, or not in use yet",
	[FRAME_RESERVED] = "kernel image, firmware",
	[FRAME_OFFLINE] = "not the kernel's to use",
	[FRAME_HWPOISON] = "never to be used again",
};

static void put_blocks(struct buf *b, const struct style *s, struct facts *f,
		       const struct sweep *sweep)
{
	const struct physical_blocks *blocks = &sweep->physical.blocks;
	char size[NUM_MAX_SIZE], heading[NUM_MAX_SIZE + 16], names[FRAME_USES][32];
	char *end = num_put_size(size, sweep->block_size);
	const struct column column[] = {
		TEXT_COLUMN("block", heading, 0), COUNT("blocks", 0), BYTES("size", 1),
		{ .type = VALUE_BAR },
		NUMBER_COLUMN("alone", "alone", VALUE_COUNT, 0, 2),
		NUMBER_COLUMN("whole", "whole", VALUE_COUNT, 0, 3), MEANING_COLUMN(1),
	};

	snprintf(heading, sizeof(heading), "%.*s blocks", (int)(end - size), size);
	add_blocks(f, "free", blocks->free, sweep, "room for a huge page at once");
	add_blocks(f, "movable", blocks->movable, sweep, "compaction could empty it");
	add_blocks(f, "pinned", blocks->pinned, sweep, "something in it has to stay:");
	for (unsigned int u = 0; u < FRAME_USES; u++) {
		struct facts_row *row;

		if (!blocks->has[u])
			continue;
		snprintf(names[u], sizeof(names[u]), s->raw ? "pinned_by_%s" : "  by %s",
			 use_name(s, u).p);
		row = add_blocks(f, names[u], blocks->has[u], sweep, why_pinned[u]);
		if (!row)
			break;
		row->n[2] = blocks->alone[u];
		row->n[3] = blocks->whole[u];
		row->unknown = 0;
	}
	add_blocks(f, s->raw ? "pinned_by_few" : "  by few frames", blocks->few, sweep, "1 in 64 of its frames, or fewer");
	put(b, s, f, column, sizeof(column) / sizeof(*column), NULL);
}

static void word_names(struct buf *b, uint64_t word)
{
	const char *gap = "";

	for (unsigned int bit = 0; bit < 64; bit++) {
		char space[KPAGE_NAME_MAX];

		if (!(word >> bit & 1))
			continue;
		buf_puts(b, gap);
		buf_puts(b, kpage_flag_name(bit, space));
		gap = ",";
	}
}

static void put_words(struct buf *b, const struct style *s, struct facts *f,
		      const struct sweep *sweep)
{
	static const struct column column[] = {
		NUMBER_COLUMN("flags", "flag word", VALUE_HEX, 0, 0), COUNT("frames", 1),
		BYTES("size", 2), TEXT_COLUMN("use", "use", 0),
		{ "names", "flags", NULL, VALUE_TEXT, COLUMN_TEXT | COLUMN_WRAP, 0, 1,
		  facts_get_text },
	};
	const struct physical *p = &sweep->physical;
	size_t n = s->raw || p->words < TEXT_WORDS ? p->words : TEXT_WORDS;
	uint64_t rest = p->more_words;
	struct buf names;

	buf_init(&names);
	for (size_t i = 0; i < n; i++) {
		const struct physical_word *w = &p->word[i];
		struct facts_row *row = facts_add(f);

		buf_clear(&names);
		word_names(&names, w->word);
		if (!w->word)
			buf_puts(&names, "none");
		if (row)
			*row = (struct facts_row){
				.text = { use_name(s, w->use),
					  facts_keep(f, names.data ? names.data : "", names.len) },
				.n = { w->word, w->frames, w->frames * sweep->page_size },
			};
	}
	f->failed |= names.error != 0;
	buf_done(&names);
	put(b, s, f, column, sizeof(column) / sizeof(*column), NULL);
	for (size_t i = n; i < p->words; i++)
		rest += p->word[i].frames;
	if (!rest || s->raw)
		return;
	style_dim(b, s);
	buf_printf(b, "  %zu more words, of ", p->words - n);
	style_size(b, s, rest * sweep->page_size, 0);
	buf_puts(b, "; --raw and --json have all\n");
	style_off(b, s);
}

bool physical_shows_range(const struct iomem_range *r)
{
	return iomem_is_ram(r) || str_has_prefix(r->name, "Kernel ") ||
	       str_eq(r->name, STR("Crash kernel"));
}

static void put_ram(struct buf *b, const struct style *s, struct facts *f,
		    const struct sweep *sweep)
{
	static const struct column column[] = {
		NUMBER_COLUMN("start", "start", VALUE_ADDRESS, 0, 0),
		NUMBER_COLUMN("last", "last", VALUE_ADDRESS, 0, 1), BYTES("size", 2),
		TEXT_COLUMN("range", "physical addresses of", 0),
	};
	bool in_ram = false;

	for (size_t i = 0; i < sweep->iomem.n; i++) {
		const struct iomem_range *r = &sweep->iomem.v[i];
		struct facts_row *row;

		if (r->depth == 0 || iomem_is_ram(r))
			in_ram = iomem_is_ram(r);
		if (!in_ram || !physical_shows_range(r))
			continue;
		row = facts_add(f);
		if (row)
			*row = (struct facts_row){ .text = { r->name },
						   .n = { r->start, r->last,
							  num_add(r->last - r->start, 1) } };
		/* a part of the one above */
		if (row && !iomem_is_ram(r) && !s->raw) {
			char text[96];
			int n = snprintf(text, sizeof(text), "  %.*s",
					 r->name.len > 80 ? 80 : (int)r->name.len, r->name.p);

			row->text[0] = facts_keep(f, text, (size_t)n);
		}
	}
	put(b, s, f, column, sizeof(column) / sizeof(*column), NULL);
}

static void put_checks(struct buf *b, const struct style *s, struct facts *f,
		       const struct sweep *sweep)
{
	static const struct column column[] = {
		TEXT_COLUMN("use", "check", 0), BYTES("frames", 0), BYTES("before", 1),
		BYTES("after", 2), TEXT_COLUMN("source", "the kernel's counter", 1),
	};
	struct sweep_check check[SWEEP_CHECKS];
	unsigned int n = sweep_checks(sweep, check);

	for (unsigned int i = 0; i < n; i++) {
		struct facts_row *row = facts_add(f);
		struct str name = check[i].use == FRAME_ANON && !s->raw ? STR("anonymous, thp") :
				  use_name(s, check[i].use);

		if (row)
			*row = (struct facts_row){
				.text = { name, str_of(check[i].source) },
				.n = { check[i].ours, check[i].before, check[i].after },
			};
	}
	put(b, s, f, column, sizeof(column) / sizeof(*column), NULL);
}

/* ---- owners ---- */

static uint64_t sum_of(const uint64_t count[FRAME_USES])
{
	uint64_t sum = 0;

	for (unsigned int u = 0; u < FRAME_USES; u++)
		sum += count[u];
	return sum;
}

static void put_owners(struct buf *b, const struct style *s, struct facts *f,
		       const struct physical_report *r)
{
	static const struct column column[] = {
		NUMBER_COLUMN("pid", "pid", VALUE_COUNT, 0, 0), BYTES("mapped", 1),
		BYTES("exclusive", 2), BYTES("shared", 3), BYTES("anon", 4 + PART_ANON),
		BYTES("cache", 4 + PART_CACHE), BYTES("hugetlb", 4 + PART_HUGETLB),
		{ "command", "command", NULL, VALUE_TEXT, COLUMN_TEXT | COLUMN_FROM_START, 0, 0,
		  facts_get_text },
	};
	const struct owners *o = r->owners;
	uint64_t size = r->sweep->page_size;
	size_t n = s->raw || o->owner.n < TEXT_OWNERS ? o->owner.n : TEXT_OWNERS;

	for (size_t i = 0; i < n; i++) {
		const struct owner *owner = &o->owner.v[i];
		struct facts_row *row = facts_add(f);

		if (!row)
			break;
		row->text[0] = strtab_get(&o->strings, owner->command ? owner->command :
							owner->name);
		row->n[0] = (uint64_t)owner->pid;
		row->n[1] = owner->frames * size;
		row->n[2] = sum_of(owner->exclusive) * size;
		row->n[3] = sum_of(owner->shared) * size;
		for (unsigned int u = 0; u < FRAME_USES; u++)
			row->n[4 + part_of[u]] += (owner->exclusive[u] + owner->shared[u]) * size;
	}
	put(b, s, f, column, sizeof(column) / sizeof(*column), NULL);
	if (s->raw)
		return;
	style_dim(b, s);
	if (n < o->owner.n)
		buf_printf(b, "  %zu more processes; --raw and --json have all\n", o->owner.n - n);
	if (o->owner.n) {
		buf_puts(b, "  all of them together map ");
		style_size(b, s, sum_of(o->claimed) * size, 0);
		buf_puts(b, ", each frame counted once");
		if (r->sweep->has_counts) {
			buf_puts(b, "; ");
			style_size(b, s, o->unclaimed * size, 0);
			buf_puts(b, " more is mapped by others");
		}
		buf_putc(b, '\n');
	}
	style_off(b, s);
}

bool physical_text(struct buf *b, const struct style *s, const struct physical_report *r)
{
	const struct sweep *sweep = r->sweep;
	struct facts f = { .failed = false };
	bool any = sweep->has_frames || sweep->before.zones.n || sweep->iomem.n;

	if (any)
		put_header(b, s, sweep);
	if (sweep->has_frames) {
		if (!s->raw)
			physical_picture_text(b, s, sweep);
		put_uses(b, s, &f, sweep);
	}
	put_zones(b, s, &f, sweep);
	if (sweep->has_frames) {
		put_blocks(b, s, &f, sweep);
		put_words(b, s, &f, sweep);
	}
	put_ram(b, s, &f, sweep);
	put_checks(b, s, &f, sweep);
	if (r->owners)
		put_owners(b, s, &f, r);
	put_notes(b, s, r);
	if (f.failed && !b->error)
		b->error = -ENOMEM;
	facts_done(&f);
	return any;
}
