/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The settings that the kernel makes huge pages by, for --huge. */
#include "config.h"

#include "report/huge.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { INDENT = 2, LABEL = 16 };

void huge_put_wrapped(struct buf *b, const struct style *s, size_t indent, const char *label,
		      size_t column, const char *text)
{
	size_t width = s->width ? s->width : s->picture_width, used = indent + strlen(label);

	buf_fill(b, ' ', indent);
	style_dim(b, s);
	buf_puts(b, label);
	style_off(b, s);
	style_pad(b, used, column);
	used = used > column ? used : column;
	for (const char *word = text; *word;) {
		size_t n = strcspn(word, " ");

		if (used > column && used + 1 + n > width) {
			buf_putc(b, '\n');
			buf_fill(b, ' ', column);
			used = column;
		} else if (used > column) {
			buf_putc(b, ' ');
			used++;
		}
		buf_add(b, word, n);
		used += n;
		word += n;
		word += strspn(word, " ");
	}
	buf_putc(b, '\n');
}

static void put_line(struct buf *b, const struct style *s, const char *label, struct buf *text)
{
	if (text->len && buf_string(text))
		huge_put_wrapped(b, s, INDENT, label, LABEL, text->data);
	buf_clear(text);
}

/* " name=value", or without the blank at the beginning. */
static void add_word(struct buf *b, const char *name, const struct thp_word *w)
{
	if (w->mode != THP_UNKNOWN)
		buf_printf(b, "%s%s=%s", b->len ? " " : "", name, w->text);
}

static void add_number(struct buf *b, const char *name, struct maybe v)
{
	if (v.known)
		buf_printf(b, "%s%s=%" PRIu64, b->len ? " " : "", name, v.v);
}

static void add_size(struct buf *b, uint64_t size)
{
	char text[NUM_MAX_SIZE];

	buf_add(b, text, (size_t)(num_put_size(text, size) - text));
}

/* "2M=inherit 64K=always; never: 16K 32K" */
static void put_sizes(struct buf *b, const struct style *s, const struct thp *t, bool shmem,
		      struct buf *text)
{
	unsigned int never = 0;

	for (unsigned int i = t->sizes; i-- > 0;) {
		const struct thp_word *w = shmem ? &t->size[i].shmem_enabled : &t->size[i].enabled;

		never += w->mode == THP_NEVER;
		if (w->mode == THP_UNKNOWN || w->mode == THP_NEVER)
			continue;
		buf_puts(text, text->len ? " " : "");
		add_size(text, t->size[i].size);
		buf_printf(text, "=%s", w->text);
	}
	if (never)
		buf_printf(text, "%snever: ", text->len ? "; " : "");
	for (unsigned int i = t->sizes; never && i-- > 0;) {
		const struct thp_word *w = shmem ? &t->size[i].shmem_enabled : &t->size[i].enabled;

		if (w->mode != THP_NEVER)
			continue;
		add_size(text, t->size[i].size);
		buf_puts(text, --never ? " " : "");
	}
	put_line(b, s, shmem ? "shared sizes" : "sizes", text);
}

static void put_khugepaged(struct buf *b, const struct style *s, const struct thp *t,
			   struct buf *text)
{
	const struct maybe *v = t->number;

	if (v[THP_PAGES_TO_SCAN].known && v[THP_SCAN_SLEEP].known)
		buf_printf(text, "%" PRIu64 " pages every %" PRIu64 ".%" PRIu64 " s,",
			   v[THP_PAGES_TO_SCAN].v, v[THP_SCAN_SLEEP].v / 1000,
			   v[THP_SCAN_SLEEP].v % 1000 / 100);
	add_number(text, "max_ptes_none", v[THP_MAX_PTES_NONE]);
	add_number(text, "max_ptes_swap", v[THP_MAX_PTES_SWAP]);
	add_number(text, "max_ptes_shared", v[THP_MAX_PTES_SHARED]);
	add_number(text, "full_scans", v[THP_FULL_SCANS]);
	add_number(text, "pages_collapsed", v[THP_PAGES_COLLAPSED]);
	put_line(b, s, "khugepaged", text);
}

/* Blocks that could become huge pages, and how often that has not worked so far. */
static void put_free(struct buf *b, const struct style *s, const struct huge_facts *f,
		     struct buf *text)
{
	const struct thp_size *size = thp_find_size(&f->machine->thp, f->pmd_size);
	uint64_t blocks;

	if (huge_free_blocks(f, &blocks)) {
		buf_printf(text, "%" PRIu64 " block%s of ", blocks, blocks == 1 ? "" : "s");
		add_size(text, f->pmd_size);
		buf_puts(text, " (buddyinfo)");
	}
	if (size && size->stat[THP_ANON_FAULT_ALLOC].known &&
	    size->stat[THP_ANON_FAULT_FALLBACK].known)
		buf_printf(text, "%s%" PRIu64 " huge page faults since boot, %" PRIu64
			   " got small pages instead", text->len ? "; " : "",
			   size->stat[THP_ANON_FAULT_ALLOC].v,
			   size->stat[THP_ANON_FAULT_FALLBACK].v);
	put_line(b, s, "free memory", text);
}

static void put_pools(struct buf *b, const struct style *s, const struct hugepages *h,
		      struct buf *text)
{
	for (unsigned int i = 0; i < h->pools; i++) {
		const struct maybe *v = h->pool[i].number;

		buf_puts(text, text->len ? "; " : "");
		add_size(text, h->pool[i].size);
		if (!v[POOL_TOTAL].known || !v[POOL_FREE].known) {
			buf_puts(text, ": unknown");
			continue;
		}
		buf_printf(text, ": %" PRIu64 " page%s", v[POOL_TOTAL].v,
			   v[POOL_TOTAL].v == 1 ? "" : "s");
		if (v[POOL_TOTAL].v)
			buf_printf(text, ", %" PRIu64 " free", v[POOL_FREE].v);
		if (v[POOL_RESERVED].known && v[POOL_RESERVED].v)
			buf_printf(text, " (%" PRIu64 " of them reserved)", v[POOL_RESERVED].v);
		if (v[POOL_SURPLUS].known && v[POOL_SURPLUS].v)
			buf_printf(text, ", %" PRIu64 " surplus", v[POOL_SURPLUS].v);
	}
	put_line(b, s, "hugetlb pool", text);
}

static void put_words(struct buf *b, const struct style *s, const struct thp *t, struct buf *text)
{
	if (t->absent)
		buf_puts(text, "not in this kernel (CONFIG_TRANSPARENT_HUGEPAGE)");
	else if (!t->present)
		buf_puts(text, "settings not known: sys/kernel/mm/transparent_hugepage is missing");
	add_word(text, "enabled", &t->enabled);
	add_word(text, "defrag", &t->defrag);
	add_word(text, "shmem_enabled", &t->shmem_enabled);
	add_number(text, "use_zero_page", t->number[THP_USE_ZERO_PAGE]);
	put_line(b, s, "THP", text);
}

void huge_thp_text(struct buf *b, const struct style *s, const struct thp *t)
{
	struct buf text;

	buf_init(&text);
	put_words(b, s, t, &text);
	put_khugepaged(b, s, t, &text);
	buf_done(&text);
}

void huge_settings_text(struct buf *b, const struct style *s, const struct huge_facts *f)
{
	const struct thp *t = &f->machine->thp;
	struct buf text;

	buf_init(&text);
	put_words(b, s, t, &text);
	put_sizes(b, s, t, false, &text);
	put_sizes(b, s, t, true, &text);
	put_khugepaged(b, s, t, &text);
	if (status_has(f->status, STATUS_THP_ENABLED) && !status_get(f->status, STATUS_THP_ENABLED) &&
	    t->present)
		buf_puts(&text, "THP is switched off for it: prctl PR_SET_THP_DISABLE");
	put_line(b, s, "process", &text);
	put_free(b, s, f, &text);
	put_pools(b, s, &f->machine->pools, &text);
	buf_done(&text);
}

/* ---- JSON ---- */

static void word_json(struct json *j, const char *key, const struct thp_word *w)
{
	if (w->mode == THP_UNKNOWN)
		json_null(j, key);
	else
		json_string(j, key, str_of(w->text));
}

/* "khugepaged/defrag": the part behind the directory is the key. */
static void numbers_json(struct json *j, const struct thp *t, enum thp_number from,
			 enum thp_number to)
{
	for (unsigned int i = from; i < to; i++) {
		const char *slash = strrchr(thp_number_path[i], '/');

		json_maybe(j, slash ? slash + 1 : thp_number_path[i], t->number[i]);
	}
}

static void thp_size_json(struct json *j, const struct thp_size *s)
{
	json_object(j, NULL);
	json_u64(j, "size", s->size);
	word_json(j, "enabled", &s->enabled);
	word_json(j, "shmem_enabled", &s->shmem_enabled);
	for (unsigned int k = 0; k < THP_STATS; k++)
		json_maybe(j, thp_stat_name[k], s->stat[k]);
	json_object_end(j);
}

static void pool_json(struct json *j, const struct hugepage_pool *p)
{
	json_object(j, NULL);
	json_u64(j, "size", p->size);
	for (unsigned int k = 0; k < POOL_NUMBERS; k++)
		json_maybe(j, pool_number_name[k], p->number[k]);
	json_object_end(j);
}

void huge_thp_json(struct json *j, const struct thp *t)
{
	word_json(j, "enabled", &t->enabled);
	word_json(j, "defrag", &t->defrag);
	word_json(j, "shmem_enabled", &t->shmem_enabled);
	numbers_json(j, t, 0, THP_MAX_PTES_NONE);
	json_object(j, "khugepaged");
	numbers_json(j, t, THP_MAX_PTES_NONE, THP_NUMBERS);
	json_object_end(j);
	json_array(j, "thp_sizes");
	for (unsigned int i = 0; i < t->sizes; i++)
		thp_size_json(j, &t->size[i]);
	json_array_end(j);
}

void huge_settings_json(struct json *j, const char *key, const struct huge_facts *f)
{
	struct maybe blocks;

	json_object(j, key);
	huge_thp_json(j, &f->machine->thp);
	json_array(j, "hugetlb_pools");
	for (unsigned int i = 0; i < f->machine->pools.pools; i++)
		pool_json(j, &f->machine->pools.pool[i]);
	json_array_end(j);
	blocks.known = huge_free_blocks(f, &blocks.v);
	json_maybe(j, "free_blocks", blocks);
	json_maybe(j, "thp_enabled", (struct maybe){ status_has(f->status, STATUS_THP_ENABLED),
		   status_get(f->status, STATUS_THP_ENABLED) });
	json_object_end(j);
}
