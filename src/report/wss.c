/* SPDX-License-Identifier: GPL-3.0-or-later */
/* --wss: what was referenced and written in an interval. */
#include "config.h"

#include "report/wss.h"

#include <errno.h>
#include <inttypes.h>

#include "report/facts.h"
#include "report/maps.h"

enum { N_START, N_SIZE, N_RESIDENT, N_REFERENCED, N_WRITTEN };

enum { BYTES = COLUMN_TEXT | COLUMN_DESCENDING };

enum { WRITTEN = 5 };	/* of the columns */

static const struct column columns[] = {
	{ "start", "address", NULL, VALUE_ADDRESS, COLUMN_TEXT, 0, N_START, facts_get_number },
	{ "size", "size", NULL, VALUE_BYTES, BYTES, 0, N_SIZE, facts_get_number },
	{ "resident", "resident", NULL, VALUE_BYTES, BYTES, 0, N_RESIDENT, facts_get_number },
	{ "referenced", "referenced", NULL, VALUE_BYTES, BYTES, 0, N_REFERENCED, facts_get_number },
	{ "bar", "", NULL, VALUE_BAR, COLUMN_TEXT, 0, 0, facts_get_bar },
	[WRITTEN] = { "written", "written", NULL, VALUE_BYTES, BYTES, 0, N_WRITTEN, facts_get_number },
	{ "mapping", "mapping", NULL, VALUE_TEXT, COLUMN_TEXT, 0, 0, facts_get_text },
};

enum { COLUMNS = sizeof(columns) / sizeof(*columns) };

static const char *method_words(const struct wss *w)
{
	if (w->method == WSS_IDLE)
		return "idle page tracking: frames lose their mark when anybody uses them";
	return w->has_written ? "clear_refs: accessed and soft-dirty bits, cleared, are set by use" :
				"clear_refs: accessed bits, cleared, are set by use";
}

static uint64_t resident_of(const struct rows *rows, uint32_t at)
{
	uint64_t v = 0;

	if (rows->counters)
		counters_resident(&rows->counters[at], &v);
	return v;
}

static struct wss_row sum_rows(const struct wss *w, const struct rows *rows, uint64_t *resident)
{
	struct wss_row sum = { 0 };

	*resident = 0;
	for (size_t i = 0; i < rows->n; i++) {
		sum.referenced += w->row.v[rows->index[i]].referenced;
		sum.written += w->row.v[rows->index[i]].written;
		*resident += resident_of(rows, rows->index[i]);
	}
	return sum;
}

static void put_head(struct buf *b, const struct style *s, const struct wss *w,
		     const struct wss_row *sum, uint64_t resident)
{
	buf_putc(b, '\n');
	style_bold(b, s);
	buf_printf(b, "  working set");
	style_off(b, s);
	buf_printf(b, "  in %.3g s, ", w->seconds);
	style_size(b, s, sum->referenced, 0);
	buf_puts(b, " of ");
	style_size(b, s, resident, 0);
	buf_puts(b, " resident were referenced");
	if (w->has_written) {
		buf_puts(b, ", ");
		style_size(b, s, sum->written, 0);
		buf_puts(b, " written");
	}
	buf_printf(b, "\n  by %s\n  a huge page counts as a whole; marking, which may stall it, took %.3g ms\n", method_words(w), w->marking_seconds * 1e3);
}

int wss_text(struct buf *b, const struct style *s, const struct wss *w, const struct rows *rows)
{
	const struct column *name = mapping_column_find(STR("name")), *column[COLUMNS];
	struct facts f = { 0 };
	uint64_t resident, unused = 0, unused_size = 0;
	struct wss_row sum = sum_rows(w, rows, &resident);
	size_t n = 0;
	int ret;

	if (!s->raw)
		put_head(b, s, w, &sum, resident);
	for (size_t i = 0; i < COLUMNS; i++)	/* a note tells why nothing was written */
		if (i != WRITTEN || w->has_written || s->raw)
			column[n++] = &columns[i];
	for (size_t i = 0; i < rows->n; i++) {
		uint32_t at = rows->index[i];
		const struct vma *v = &rows->vma[at];
		uint64_t here = resident_of(rows, at);
		struct value value = { 0 };
		struct facts_row *row;

		if (!w->row.v[at].referenced && !w->row.v[at].written && (!s->raw || !here)) {
			unused += here > 0;
			unused_size += here;
			continue;
		}
		row = facts_add(&f);
		if (!row)
			break;
		row->n[N_START] = v->start;
		row->n[N_SIZE] = v->size;
		row->n[N_RESIDENT] = row->of = here;
		row->n[N_REFERENCED] = row->bar = w->row.v[at].referenced;
		row->n[N_WRITTEN] = w->row.v[at].written;
		row->unknown = w->has_written ? 0 : 1u << N_WRITTEN;
		if (name->get(rows, i, name, &value))
			row->text[0] = facts_keep(&f, value.s.p, value.s.len);
	}
	facts_put(b, s, &f, column, n, NULL);
	if (unused && !s->raw) {
		buf_printf(b, "  left out: %" PRIu64 " mapping%s, of which ", unused, unused == 1 ? "" : "s");
		style_size(b, s, unused_size, 0);
		buf_puts(b, " resident were not referenced\n");
	}
	if (!w->has_written && !s->raw)
		buf_puts(b, "  note: what was written is not known\n"
			    "        needs --clear-refs and a kernel with CONFIG_MEM_SOFT_DIRTY\n");
	ret = f.failed ? -ENOMEM : 0;
	facts_done(&f);
	return ret;
}

void wss_json(struct json *j, const struct wss *w, const struct rows *rows)
{
	uint64_t resident;
	struct wss_row sum = sum_rows(w, rows, &resident);

	json_break(j);
	json_object(j, "wss");
	json_string(j, "method", w->method == WSS_IDLE ? STR("idle_bitmap") : STR("clear_refs"));
	json_double(j, "seconds", w->seconds);
	json_double(j, "marking_seconds", w->marking_seconds);
	json_u64(j, "referenced", sum.referenced);
	json_maybe(j, "written", (struct maybe){ w->has_written, sum.written });
	json_array(j, "mappings");
	for (size_t i = 0; i < rows->n; i++) {
		uint32_t at = rows->index[i];
		const struct vma *v = &rows->vma[at];

		json_break(j);
		json_object(j, NULL);
		json_address(j, "start", v->start);
		json_address(j, "end", v->end);
		json_string(j, "kind", str_of(kind_info[v->kind].name));
		json_string(j, "path", vma_path(rows->space, v));
		json_u64(j, "referenced", w->row.v[at].referenced);
		json_maybe(j, "written", (struct maybe){ w->has_written, w->row.v[at].written });
		json_object_end(j);
	}
	json_array_end(j);
	json_object_end(j);
}
