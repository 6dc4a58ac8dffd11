/* SPDX-License-Identifier: GPL-3.0-or-later */
/* --processes --watch: which processes grew, which are new, which have ended. */
#include "config.h"

#include "report/process_changes.h"

#include <stdio.h>

enum { SHOWN = 5, INDENT = 2 };

static struct str name_of(const struct process_item *item)
{
	return strtab_get(&item->sample->strings, item->past->name);
}

static void put_amount(struct buf *b, const struct style *s, const struct process_item *item,
		       bool grew)
{
	if (grew)
		buf_putc(b, '+');
	if (item->past->known)
		style_size(b, s, (uint64_t)item->by, 0);
	else
		buf_putc(b, '-');
}

/* One after the other, broken to the width. */
static void put_items(struct buf *b, const struct style *s, const char *what, double seconds,
		      const process_items *items, bool grew)
{
	size_t width = s->width ? s->width : STYLE_USUAL_WIDTH, used, from = b->len;
	uint64_t rest = 0;

	buf_printf(b, "%*s%s %.1f s:", INDENT, "", what, seconds);
	used = b->len - from;
	for (size_t i = 0; i <= items->n; i++) {
		const struct process_item *item = &items->v[i];
		struct buf one;

		if (i >= SHOWN && i < items->n) {
			rest += (uint64_t)item->by;
			continue;
		}
		if (i == items->n && items->n <= SHOWN)
			break;
		buf_init(&one);
		if (i == items->n) {
			buf_printf(&one, " and %zu more (%s", items->n - SHOWN, grew ? "+" : "");
			style_size(&one, s, rest, 0);
			buf_putc(&one, ')');
		} else {
			buf_putc(&one, ' ');
			text_put(&one, name_of(item).len ? name_of(item) : STR("-"),
				 style_text(s));
			if (item->past->pid)
				buf_printf(&one, " (%d)", (int)item->past->pid);
			buf_putc(&one, ' ');
			put_amount(&one, s, item, grew);
			if (i + 1 < items->n)
				buf_putc(&one, ',');
		}
		if (used + one.len > width) {
			buf_printf(b, "\n%*s", 2 * INDENT - 1, "");
			used = 2 * INDENT - 1;
		}
		buf_add(b, one.data, one.len);
		used += one.len;
		buf_done(&one);
	}
	buf_putc(b, '\n');
}

/* lists: what appeared and ended, too. */
static int put_since(struct buf *b, const struct style *s, const struct process_sample *before,
		     const struct process_sample *now, const char *which, bool lists)
{
	double seconds = now->time - before->time;
	struct process_diff d;
	int ret = process_diff_make(before, now, &d);
	char what[64];

	snprintf(what, sizeof(what), "grew most since the %s sample,", which);
	if (ret == 0 && d.grew.n)
		put_items(b, s, what, seconds, &d.grew, true);
	else if (ret == 0)
		buf_printf(b, "%*snothing grew since the %s sample, %.1f s\n", INDENT, "", which,
			   seconds);
	snprintf(what, sizeof(what), "appeared since the %s sample,", which);
	if (ret == 0 && lists && d.appeared.n)
		put_items(b, s, what, seconds, &d.appeared, false);
	snprintf(what, sizeof(what), "ended since the %s sample,", which);
	if (ret == 0 && lists && d.ended.n)
		put_items(b, s, what, seconds, &d.ended, false);
	process_diff_done(&d);
	return ret;
}

int process_changes_text(struct buf *b, const struct style *s, const struct process_history *h)
{
	int ret;

	if (h->samples < 2)
		return 0;
	buf_putc(b, '\n');
	/* the second time they are the same */
	ret = put_since(b, s, h->first, h->now, "first", h->samples == 2);
	if (ret == 0 && h->samples > 2)
		ret = put_since(b, s, h->last, h->now, "last", true);
	return ret;
}

int process_changes_final_text(struct buf *b, const struct style *s,
			       const struct process_history *h)
{
	return h->samples < 2 ? 0 : put_since(b, s, h->first, h->now, "first", true);
}

static void items_json(struct json *j, const char *key, const process_items *items, bool grew)
{
	json_break(j);
	json_array(j, key);
	for (size_t i = 0; i < items->n; i++) {
		const struct process_item *item = &items->v[i];

		json_object(j, NULL);
		if (item->past->pid)
			json_u64(j, "pid", (uint64_t)item->past->pid);
		json_string(j, "name", name_of(item));
		json_maybe(j, "pss", (struct maybe){ item->past->known, item->past->pss });
		if (grew)
			json_i64(j, "pss_growth", item->by);
		json_object_end(j);
	}
	json_array_end(j);
}

static int since_json(struct json *j, const char *key, const struct process_sample *before,
		      const struct process_sample *now)
{
	struct process_diff d;
	int ret = process_diff_make(before, now, &d);

	if (ret == 0) {
		json_break(j);
		json_object(j, key);
		json_double(j, "seconds", now->time - before->time);
		items_json(j, "grew", &d.grew, true);
		items_json(j, "appeared", &d.appeared, false);
		items_json(j, "ended", &d.ended, false);
		json_object_end(j);
	}
	process_diff_done(&d);
	return ret;
}

int process_changes_json(struct json *j, const struct process_history *h, bool final)
{
	int ret = 0;

	if (h->samples < 2)
		return 0;
	json_break(j);
	json_object(j, "process_changes");
	if (!final)
		ret = since_json(j, "last", h->last, h->now);
	if (ret == 0)
		ret = since_json(j, "first", h->first, h->now);
	json_object_end(j);
	return ret;
}

void process_changes_row_json(struct json *j, const struct process_row *r)
{
	static const struct {
		enum process_amount amount;
		const char *key;
	} member[] = { { PROCESS_GROWTH, "pss_growth" }, { PROCESS_CHANGE, "pss_change" } };

	for (unsigned int i = 0; i < 2; i++)
		if (process_has(r, member[i].amount))
			json_i64(j, member[i].key, (int64_t)r->v[member[i].amount]);
		else
			json_null(j, member[i].key);
}
