/* SPDX-License-Identifier: GPL-3.0-or-later */
/* --system: the buddy allocator's free blocks, and the zones with their watermarks. */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "model/buddy.h"
#include "report/system_tables.h"

enum { INDENT = 2, NODE_ZONES = 8 };

unsigned int system_huge_order(const struct system *sys)
{
	uint64_t size = thp_pmd_size(&sys->thp);
	unsigned int order = 0;

	if (!size)
		size = meminfo_get(&sys->meminfo, MEMINFO_HUGEPAGESIZE);
	if (!sys->page_size || size <= sys->page_size)
		return 0;
	while (order < BUDDY_ORDERS && sys->page_size << order < size)
		order++;
	return order < BUDDY_ORDERS && sys->page_size << order == size ? order : 0;
}

/* ---- free blocks: a row for each order, a column for each zone of a node ---- */

struct orders {
	const struct system *sys;
	const struct buddy_zone *zone[NODE_ZONES];
	unsigned int zones;
	struct buddy_zone sum;
};

static bool get_order(const void *data, size_t row, const struct column *c, struct value *v)
{
	(void)data;
	(void)c;
	v->n = row;
	return true;
}

static bool get_order_size(const void *data, size_t row, const struct column *c, struct value *v)
{
	(void)c;
	v->n = ((const struct orders *)data)->sys->page_size << row;
	return v->n != 0;
}

static bool get_blocks(const void *data, size_t row, const struct column *c, struct value *v)
{
	const struct buddy_zone *z = ((const struct orders *)data)->zone[c->counter];

	v->n = row < z->orders ? z->free[row] : 0;
	return row < z->orders;
}

static bool get_usable(const void *data, size_t row, const struct column *c, struct value *v)
{
	(void)c;
	return buddy_usable(&((const struct orders *)data)->sum, (unsigned int)row, &v->n);
}

static bool get_usable_bytes(const void *data, size_t row, const struct column *c, struct value *v)
{
	const struct orders *o = data;

	(void)c;
	v->n = num_mul(buddy_pages(&o->sum, (unsigned int)row), o->sys->page_size);
	return o->sys->page_size != 0;
}

static bool get_usable_bar(const void *data, size_t row, const struct column *c, struct value *v)
{
	const struct orders *o = data;

	(void)c;
	v->n = buddy_pages(&o->sum, (unsigned int)row);
	v->of = buddy_pages(&o->sum, 0);
	return true;
}

static void put_blocks(struct buf *b, const struct style *s, const struct orders *o)
{
	struct column columns[NODE_ZONES + 5] = {
		{ "order", "order", NULL, VALUE_COUNT, COLUMN_TEXT, 0, 0, get_order },
		{ "size", "block", NULL, VALUE_BYTES, COLUMN_TEXT, 0, 0, get_order_size },
	};
	size_t n = 2;

	for (unsigned int i = 0; i < o->zones; i++)
		columns[n++] = (struct column){
			.key = o->zone[i]->name, .heading = o->zone[i]->name, .type = VALUE_COUNT,
			.use = COLUMN_TEXT, .counter = i, .get = get_blocks,
		};
	columns[n++] = (struct column){ "bar", "", NULL, VALUE_BAR, COLUMN_TEXT, 0, 0,
					get_usable_bar };
	columns[n++] = (struct column){ "usable_bytes", "usable", NULL, VALUE_BYTES, COLUMN_TEXT,
					0, 0, get_usable_bytes };
	columns[n++] = (struct column){ "usable", "share", NULL, VALUE_SHARE, COLUMN_TEXT, 0, 0,
					get_usable };
	system_put_table(b, s, columns, n, o, o->sum.orders);
}

/* "  unusable for a block of 2M: DMA 3 %, Normal 41 %": the index people compare. */
static void put_index(struct buf *b, const struct style *s, const struct orders *o)
{
	unsigned int order = system_huge_order(o->sys);
	size_t used, width = s->width ? s->width : s->picture_width;
	char text[64], size[NUM_MAX_SIZE];

	if (!order || order >= o->sum.orders)
		return;
	*num_put_size(size, o->sys->page_size << order) = '\0';
	used = INDENT + (size_t)snprintf(text, sizeof(text), "free, but too scattered for %s:", size);
	buf_fill(b, ' ', INDENT);
	buf_puts(b, text);
	for (unsigned int i = 0; i < o->zones; i++) {
		const struct buddy_zone *z = o->zone[i];
		uint64_t usable;
		int64_t why;
		size_t n;

		if (!buddy_usable(z, order, &usable))
			n = (size_t)snprintf(text, sizeof(text), " %s -", z->name);
		else
			n = (size_t)snprintf(text, sizeof(text), " %s %.1f %%", z->name,
					     (double)(1000000 - usable) / 10000);
		if (usable == 0 && buddy_fragmentation(z, order, &why))
			n += (size_t)snprintf(text + n, sizeof(text) - n, " (index %.3f)",
					      (double)why / 1000);
		if (used + n + 1 > width) {
			buf_puts(b, "\n   ");
			used = INDENT + 1;
		}
		text_put(b, (struct str){ text, n }, style_text(s));
		buf_puts(b, i + 1 < o->zones ? "," : "\n");
		used += n + 1;
	}
}

void system_buddy_text(struct buf *b, const struct style *s, const struct system *sys)
{
	bool first = true;

	for (size_t i = 0; i < sys->buddy.n;) {
		struct orders o = { .sys = sys };
		unsigned int node = sys->buddy.v[i].node;

		for (; i < sys->buddy.n && sys->buddy.v[i].node == node && o.zones < NODE_ZONES; i++) {
			o.zone[o.zones++] = &sys->buddy.v[i];
			buddy_add(&o.sum, &sys->buddy.v[i]);
		}
		if (first)
			system_heading(b, s, "buddy allocator", "free blocks of 2^order pages by zone");
		first = false;
		if (!s->raw && sys->node.n)
			buf_printf(b, "  node %u\n", node);
		put_blocks(b, s, &o);
		if (!s->raw)
			put_index(b, s, &o);
	}
	if (!first)
		system_put_words(b, s, "below a zone: its free blocks of just that size; usable: what is "
				 "free in blocks of at least that size; share: of all that is free");
}

static void order_json(struct json *j, const struct system *sys, const struct buddy_zone *z,
		       unsigned int order)
{
	struct maybe size = { sys->page_size != 0, sys->page_size << order };
	uint64_t usable;
	int64_t why;

	json_object(j, NULL);
	json_u64(j, "order", order);
	json_maybe(j, "size", size);
	json_u64(j, "blocks", z->free[order]);
	if (buddy_usable(z, order, &usable))
		json_double(j, "usable", (double)usable / 1e6);
	else
		json_null(j, "usable");
	if (buddy_fragmentation(z, order, &why))
		json_double(j, "fragmentation_index", (double)why / 1000);
	else
		json_null(j, "fragmentation_index");
	json_object_end(j);
}

void system_buddy_json(struct json *j, const struct system *sys)
{
	json_break(j);
	json_array(j, "buddy");
	for (size_t i = 0; i < sys->buddy.n; i++) {
		const struct buddy_zone *z = &sys->buddy.v[i];

		json_break(j);
		json_object(j, NULL);
		json_u64(j, "node", z->node);
		json_string(j, "zone", str_of(z->name));
		json_maybe(j, "free", (struct maybe){ sys->page_size != 0,
			   num_mul(buddy_pages(z, 0), sys->page_size) });
		json_array(j, "orders");
		for (unsigned int k = 0; k < z->orders; k++)
			order_json(j, sys, z, k);
		json_array_end(j);
		json_object_end(j);
	}
	json_array_end(j);
}

/* ---- zones ---- */

static const struct zone *zone_at(const void *data, size_t row)
{
	return &((const struct system *)data)->zones.v[row];
}

static bool get_zone_node(const void *data, size_t row, const struct column *c, struct value *v)
{
	(void)c;
	v->n = zone_at(data, row)->node;
	return true;
}

static bool get_zone_name(const void *data, size_t row, const struct column *c, struct value *v)
{
	(void)c;
	v->s = str_of(zone_at(data, row)->name);
	return true;
}

static bool get_zone_bytes(const void *data, size_t row, const struct column *c, struct value *v)
{
	const struct system *sys = data;
	uint64_t pages;

	memcpy(&pages, (const char *)zone_at(data, row) + c->counter, sizeof(pages));
	v->n = num_mul(pages, sys->page_size);
	return sys->page_size != 0;
}

static bool get_zone_start(const void *data, size_t row, const struct column *c, struct value *v)
{
	const struct system *sys = data;

	(void)c;
	v->n = num_mul(zone_at(data, row)->start_pfn, sys->page_size);
	return sys->page_size != 0;
}

#define PAGES(key, heading, field) \
	{ key, heading, NULL, VALUE_BYTES, COLUMN_TEXT | COLUMN_JSON, 0, \
	  offsetof(struct zone, field), get_zone_bytes }

static const struct column zone_columns[] = {
	{ "node", "node", NULL, VALUE_COUNT, COLUMN_TEXT | COLUMN_JSON, 0, 0, get_zone_node },
	{ "zone", "zone", NULL, VALUE_TEXT, COLUMN_TEXT | COLUMN_JSON, 0, 0, get_zone_name },
	{ "start", "from", NULL, VALUE_ADDRESS, COLUMN_TEXT | COLUMN_JSON, 0, 0, get_zone_start },
	PAGES("spanned", "span", spanned),
	PAGES("present", "RAM", present),
	PAGES("managed", "managed", managed),
	PAGES("free", "free", free),
	PAGES("free_on_cpu_lists", "on CPUs", on_cpus),
	PAGES("min", "min", min),
	PAGES("low", "low", low),
	PAGES("high", "high", high),
};

enum { ZONE_COLUMNS = sizeof(zone_columns) / sizeof(zone_columns[0]) };

void system_zones_text(struct buf *b, const struct style *s, const struct system *sys)
{
	struct column columns[ZONE_COLUMNS];
	size_t n = 0;

	if (!sys->zones.n)
		return;
	system_heading(b, s, "zones", "their memory, what is free, and watermarks for it");
	for (size_t i = 0; i < ZONE_COLUMNS; i++) {
		bool spanned = zone_columns[i].counter == offsetof(struct zone, spanned) &&
			       zone_columns[i].get == get_zone_bytes;

		if (s->raw || (!spanned && (sys->node.n || zone_columns[i].get != get_zone_node)))
			columns[n++] = zone_columns[i];
	}
	system_put_table(b, s, columns, n, sys, sys->zones.n);
	system_put_words(b, s, "from: its first address; on CPUs: free too, on lists of each processor; "
			 "below low the kernel begins to reclaim, until high; below min only it may "
			 "allocate");
}

void system_zones_json(struct json *j, const struct system *sys)
{
	json_break(j);
	system_json_table(j, "zones", zone_columns, ZONE_COLUMNS, sys, sys->zones.n);
}
