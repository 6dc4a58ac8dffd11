/* SPDX-License-Identifier: GPL-3.0-or-later */
/* --list-columns: what there is for -o. */
#include "config.h"

#include "report/list_columns.h"

#include <string.h>

#include "report/maps.h"
#include "report/table.h"

/* The columns that are listed, and where one text is made: only a row at a time is looked at. */
struct listed {
	const struct column_set *set;
	struct buf text;
};

static const struct column *listed(const void *data, size_t row)
{
	return &((const struct listed *)data)->set->column[row];
}

static bool get_listed_key(const void *data, size_t row, const struct column *c, struct value *v)
{
	(void)c;
	v->s = str_of(listed(data, row)->key);
	return true;
}

static bool get_listed_unit(const void *data, size_t row, const struct column *c,
			    struct value *v)
{
	static const char *const unit[] = {
		[VALUE_BYTES] = "bytes", [VALUE_COUNT] = "number", [VALUE_ADDRESS] = "address",
		[VALUE_HEX] = "hex bytes", [VALUE_DEVICE] = "text", [VALUE_LIMIT] = "bytes", [VALUE_BOOL] = "yes/no",
		[VALUE_TEXT] = "text", [VALUE_LIST] = "list", [VALUE_FLAGS] = "flags",
		[VALUE_NODES] = "bytes", [VALUE_BAR] = "bar", [VALUE_SHARE] = "share",
		[VALUE_OBJECT] = "object", [VALUE_SIGNED] = "bytes", [VALUE_CHANGE] = "bytes",
	};

	(void)c;
	v->s = str_of(unit[listed(data, row)->type]);
	return true;
}

/* What -o and -S take for a column besides its key: one word that is no other's name. */
static bool is_second_name(const struct column_set *set, const struct column *c,
			   const char *heading)
{
	const struct column key = { .key = c->key, .heading = c->key };
	const struct column_set only = { &key, 1 };

	return *heading && !strchr(heading, ' ') && !column_find(&only, str_of(heading)) &&
	       column_find(set, str_of(heading)) == c;
}

static bool get_listed_help(const void *data, size_t row, const struct column *c,
			    struct value *v)
{
	const struct column *l = listed(data, row);
	/* the source of a plain counter is its line in smaps */
	struct buf *text = (struct buf *)(uintptr_t)&((const struct listed *)data)->text;

	(void)c;
	buf_clear(text);
	if (l->help)
		buf_puts(text, l->help);
	else
		buf_printf(text, "%s; smaps %s", mapping_column_help(l),
			   smaps_counter_info[l->counter].name);
	if (is_second_name(((const struct listed *)data)->set, l, l->heading))
		buf_printf(text, "; also named %s", l->heading);
	v->made = true;
	v->s = (struct str){ text->data, text->len };
	return true;
}

void list_columns(struct buf *b, const struct style *s, const struct column_set *set)
{
	static const struct column key = { "column", "column", NULL, VALUE_TEXT, COLUMN_TEXT, 0, 0,
					   get_listed_key };
	static const struct column unit = { "unit", "unit", NULL, VALUE_TEXT, COLUMN_TEXT, 0, 0,
					    get_listed_unit };
	static const struct column help = { "meaning", "meaning", NULL, VALUE_TEXT,
					    COLUMN_TEXT | COLUMN_WRAP, 0, 0, get_listed_help };
	static const struct column *const column[] = { &key, &unit, &help };
	struct listed data = { .set = set };
	struct table table = { .column = column, .columns = 3, .rows = set->n, .data = &data };

	buf_init(&data.text);
	table_text(b, s, &table);
	buf_done(&data.text);
}
