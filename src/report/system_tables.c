/* SPDX-License-Identifier: GPL-3.0-or-later */
/* --system: swap areas, huge pages, slab caches, vmalloc areas, memory pressure, counters. */
#include "config.h"

#include "report/system_tables.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "report/huge.h"

enum { BOTH = COLUMN_TEXT | COLUMN_JSON, TOP = 15 };

/* The rows of a table that text shows; raw has all. */
static size_t top(const struct style *s, size_t n)
{
	return s->raw || n <= TOP ? n : TOP;
}

/* ---- swap areas ---- */

struct area_row {
	const struct swap_area *area;
	char priority[24];
};

static const struct swap_area *area_at(const void *data, size_t row)
{
	return ((const struct area_row *)data)[row].area;
}

static bool get_area_path(const void *data, size_t row, const struct column *c, struct value *v)
{
	(void)c;
	v->s = area_at(data, row)->path;
	return true;
}

static bool get_area_type(const void *data, size_t row, const struct column *c, struct value *v)
{
	(void)c;
	v->s = area_at(data, row)->partition ? STR("partition") : STR("file");
	return true;
}

static bool get_area_size(const void *data, size_t row, const struct column *c, struct value *v)
{
	(void)c;
	v->n = area_at(data, row)->size;
	return true;
}

static bool get_area_used(const void *data, size_t row, const struct column *c, struct value *v)
{
	(void)c;
	v->n = area_at(data, row)->used;
	return true;
}

static bool get_area_bar(const void *data, size_t row, const struct column *c, struct value *v)
{
	(void)c;
	v->n = area_at(data, row)->used;
	v->of = area_at(data, row)->size;
	return true;
}

static bool get_area_priority(const void *data, size_t row, const struct column *c, struct value *v)
{
	(void)c;
	v->s = str_of(((const struct area_row *)data)[row].priority);
	return true;
}

static const struct column area_columns[] = {
	{ "size", "size", NULL, VALUE_BYTES, BOTH, 0, 0, get_area_size },
	{ "used", "used", NULL, VALUE_BYTES, BOTH, 0, 0, get_area_used },
	{ "bar", "", NULL, VALUE_BAR, COLUMN_TEXT, 0, 0, get_area_bar },
	{ "priority", "priority", NULL, VALUE_TEXT, COLUMN_TEXT, 0, 0, get_area_priority },
	{ "type", "type", NULL, VALUE_TEXT, BOTH, 0, 0, get_area_type },
	{ "path", "path", NULL, VALUE_TEXT, BOTH, 0, 0, get_area_path },
};

enum { AREA_COLUMNS = sizeof(area_columns) / sizeof(area_columns[0]) };

void system_swap_text(struct buf *b, const struct style *s, const struct system *sys)
{
	VEC(struct area_row) rows = { 0 };

	if (!sys->swaps.area.n)
		return;
	for (size_t i = 0; i < sys->swaps.area.n; i++) {
		struct area_row *row = vec_push(&rows);

		if (!row)
			break;
		row->area = &sys->swaps.area.v[i];
		snprintf(row->priority, sizeof(row->priority), "%" PRId64, row->area->priority);
	}
	system_heading(b, s, "swap areas", "the one with the highest priority fills first");
	system_put_table(b, s, area_columns, AREA_COLUMNS, rows.v, rows.n);
	vec_done(&rows);
}

void system_swap_json(struct json *j, const struct system *sys)
{
	static const struct {
		const char *key;
		enum meminfo_field field;
	} amount[] = {
		{ "total", MEMINFO_SWAP_TOTAL }, { "free", MEMINFO_SWAP_FREE },
		{ "cached", MEMINFO_SWAP_CACHED }, { "zswap", MEMINFO_ZSWAP },
		{ "zswapped", MEMINFO_ZSWAPPED },
	};

	json_break(j);
	json_object(j, "swap");
	for (size_t i = 0; i < sizeof(amount) / sizeof(amount[0]); i++)
		json_maybe(j, amount[i].key, (struct maybe){
			   meminfo_has(&sys->meminfo, amount[i].field),
			   meminfo_get(&sys->meminfo, amount[i].field) });
	if (!sys->has_swaps) {
		json_null(j, "areas");
	} else {
		json_array(j, "areas");
		for (size_t i = 0; i < sys->swaps.area.n; i++) {
			const struct swap_area *a = &sys->swaps.area.v[i];

			json_object(j, NULL);
			json_string(j, "path", a->path);
			json_string(j, "type", a->partition ? STR("partition") : STR("file"));
			json_u64(j, "size", a->size);
			json_u64(j, "used", a->used);
			json_i64(j, "priority", a->priority);
			json_object_end(j);
		}
		json_array_end(j);
	}
	json_object_end(j);
}

/* ---- hugetlb pools: the machine's, and the nodes' parts of them ---- */

struct pool_view {
	const struct system *sys;
	unsigned int parts;		/* 1 and the nodes */
};

static const struct hugepage_pool *pool_at(const void *data, size_t row)
{
	const struct pool_view *view = data;
	const struct hugepage_pool *p = &view->sys->pools.pool[row / view->parts];
	const struct hugepages *part;

	if (row % view->parts == 0)
		return p;
	part = &view->sys->node.v[row % view->parts - 1].pools;
	for (unsigned int i = 0; i < part->pools; i++)
		if (part->pool[i].size == p->size)
			return &part->pool[i];
	return NULL;
}

static bool get_pool_size(const void *data, size_t row, const struct column *c, struct value *v)
{
	const struct pool_view *view = data;

	(void)c;
	v->n = view->sys->pools.pool[row / view->parts].size;
	return true;
}

static bool get_pool_node(const void *data, size_t row, const struct column *c, struct value *v)
{
	const struct pool_view *view = data;
	size_t part = row % view->parts;

	(void)c;
	v->n = part ? view->sys->node.v[part - 1].number : 0;
	return part != 0;
}

static bool get_pool_number(const void *data, size_t row, const struct column *c, struct value *v)
{
	const struct hugepage_pool *p = pool_at(data, row);

	if (!p)
		return false;
	v->n = p->number[c->counter].v;
	return p->number[c->counter].known;
}

static bool get_pool_bytes(const void *data, size_t row, const struct column *c, struct value *v)
{
	const struct hugepage_pool *p = pool_at(data, row);

	(void)c;
	if (!p)
		return false;
	v->n = num_mul(p->size, p->number[POOL_TOTAL].v);
	return p->number[POOL_TOTAL].known;
}

static const struct column pool_columns[] = {
	{ "size", "page", NULL, VALUE_BYTES, BOTH, 0, 0, get_pool_size },
	{ "node", "node", NULL, VALUE_COUNT, BOTH, 0, 0, get_pool_node },
	{ "nr_hugepages", "pages", NULL, VALUE_COUNT, BOTH, 0, POOL_TOTAL, get_pool_number },
	{ "free_hugepages", "free", NULL, VALUE_COUNT, BOTH, 0, POOL_FREE, get_pool_number },
	{ "resv_hugepages", "reserved", NULL, VALUE_COUNT, BOTH, 0, POOL_RESERVED,
	  get_pool_number },
	{ "surplus_hugepages", "surplus", NULL, VALUE_COUNT, BOTH, 0, POOL_SURPLUS,
	  get_pool_number },
	{ "nr_overcommit_hugepages", "surplus allowed", NULL, VALUE_COUNT, BOTH, 0,
	  POOL_OVERCOMMIT, get_pool_number },
	{ "bytes", "in all", NULL, VALUE_BYTES, BOTH, 0, 0, get_pool_bytes },
};

enum { POOL_COLUMNS = sizeof(pool_columns) / sizeof(pool_columns[0]) };

void system_pools_text(struct buf *b, const struct style *s, const struct system *sys)
{
	struct pool_view view = { sys, 1 + (unsigned int)sys->node.n };
	struct column columns[POOL_COLUMNS];
	size_t n = 0;

	if (!sys->pools.pools)
		return;
	for (size_t i = 0; i < POOL_COLUMNS; i++)
		if (s->raw || sys->node.n || pool_columns[i].get != get_pool_node)
			columns[n++] = pool_columns[i];
	system_heading(b, s, "hugetlb pools", "huge pages set aside; pages, not bytes");
	system_put_table(b, s, columns, n, &view, sys->pools.pools * view.parts);
	system_put_words(b, s, "reserved: promised to mappings, not used yet; surplus: beyond the "
			 "pool, taken when needed, at most as many as allowed");
}

void system_pools_json(struct json *j, const struct system *sys)
{
	struct pool_view view = { sys, 1 + (unsigned int)sys->node.n };

	json_break(j);
	system_json_table(j, "hugetlb", pool_columns, POOL_COLUMNS, &view,
			  sys->pools.pools * view.parts);
}

/* ---- transparent huge pages ---- */

static const struct thp_size *thp_at(const void *data, size_t row)
{
	return &((const struct thp *)data)->size[row];
}

static bool get_thp_size(const void *data, size_t row, const struct column *c, struct value *v)
{
	(void)c;
	v->n = thp_at(data, row)->size;
	return true;
}

static bool get_thp_word(const void *data, size_t row, const struct column *c, struct value *v)
{
	const struct thp_word *w = c->counter ? &thp_at(data, row)->shmem_enabled :
						&thp_at(data, row)->enabled;

	v->s = str_of(w->text);
	return w->mode != THP_UNKNOWN;
}

static bool get_thp_stat(const void *data, size_t row, const struct column *c, struct value *v)
{
	v->n = thp_at(data, row)->stat[c->counter].v;
	return thp_at(data, row)->stat[c->counter].known;
}

#define STAT(heading, stat) \
	{ heading, heading, NULL, VALUE_COUNT, COLUMN_TEXT, 0, stat, get_thp_stat }

static const struct column thp_columns[] = {
	{ "size", "size", NULL, VALUE_BYTES, COLUMN_TEXT, 0, 0, get_thp_size },
	{ "anon", "anon", NULL, VALUE_TEXT, COLUMN_TEXT, 0, 0, get_thp_word },
	{ "shmem", "shmem", NULL, VALUE_TEXT, COLUMN_TEXT, 0, 1, get_thp_word },
	STAT("used", THP_NR_ANON),
	STAT("partly", THP_NR_ANON_PARTIAL),
	STAT("faults", THP_ANON_FAULT_ALLOC),
	STAT("missed", THP_ANON_FAULT_FALLBACK),
	STAT("split", THP_SPLIT),
	STAT("swpout", THP_SWPOUT),
	STAT("shm", THP_SHMEM_ALLOC),
};

enum { THP_COLUMNS = sizeof(thp_columns) / sizeof(thp_columns[0]) };

void system_thp_text(struct buf *b, const struct style *s, const struct system *sys)
{
	if (!sys->thp.present && !sys->thp.absent)
		return;
	system_heading(b, s, "transparent huge pages", "settings; folios by size, events since boot");
	if (!s->raw)
		huge_thp_text(b, s, &sys->thp);
	if (!sys->thp.sizes)
		return;
	system_put_table(b, s, thp_columns, THP_COLUMNS, &sys->thp, sys->thp.sizes);
	system_put_words(b, s, "anon, shmem: who may get folios of this size; used: folios there are; "
			 "partly: of them, mapped in part only; faults: page faults that got one; "
			 "missed: that had to take something smaller; split: folios broken up; "
			 "swpout: written to swap whole; shm: made for shared memory and tmpfs");
}

void system_thp_json(struct json *j, const struct system *sys)
{
	json_break(j);
	if (!sys->thp.present) {
		json_null(j, "thp");
		return;
	}
	json_object(j, "thp");
	huge_thp_json(j, &sys->thp);
	json_object_end(j);
}

/* ---- slab caches ---- */

static const struct slab_cache *cache_at(const void *data, size_t row)
{
	return &((const struct system *)data)->slab.v[row];
}

static bool get_cache_bytes(const void *data, size_t row, const struct column *c, struct value *v)
{
	(void)c;
	v->n = system_slab_bytes(data, cache_at(data, row));
	return ((const struct system *)data)->page_size != 0;
}

static bool get_cache_used(const void *data, size_t row, const struct column *c, struct value *v)
{
	(void)c;
	v->n = system_slab_used(cache_at(data, row));
	return true;
}

static bool get_cache_active(const void *data, size_t row, const struct column *c, struct value *v)
{
	(void)c;
	v->n = cache_at(data, row)->active;
	return true;
}

static bool get_cache_objects(const void *data, size_t row, const struct column *c, struct value *v)
{
	(void)c;
	v->n = cache_at(data, row)->objects;
	return true;
}

static bool get_cache_object(const void *data, size_t row, const struct column *c, struct value *v)
{
	(void)c;
	v->n = cache_at(data, row)->object_size;
	return true;
}

static bool get_cache_slabs(const void *data, size_t row, const struct column *c, struct value *v)
{
	(void)c;
	v->n = cache_at(data, row)->slabs;
	return true;
}

static bool get_cache_pages(const void *data, size_t row, const struct column *c, struct value *v)
{
	(void)c;
	v->n = cache_at(data, row)->pages_per_slab;
	return true;
}

static bool get_cache_use(const void *data, size_t row, const struct column *c, struct value *v)
{
	(void)c;
	v->s = str_of(slab_use_name[slab_find_use(cache_at(data, row)->name)]);
	return true;
}

static bool get_cache_name(const void *data, size_t row, const struct column *c, struct value *v)
{
	(void)c;
	v->s = cache_at(data, row)->name;
	return true;
}

static const struct column cache_columns[] = {
	{ "bytes", "size", NULL, VALUE_BYTES, BOTH, 0, 0, get_cache_bytes },
	{ "used_bytes", "used", NULL, VALUE_BYTES, BOTH, 0, 0, get_cache_used },
	{ "active_objects", "in use", NULL, VALUE_COUNT, BOTH, 0, 0, get_cache_active },
	{ "objects", "objects", NULL, VALUE_COUNT, BOTH, 0, 0, get_cache_objects },
	{ "object_size", "bytes", NULL, VALUE_COUNT, BOTH, 0, 0, get_cache_object },
	{ "slabs", "slabs", NULL, VALUE_COUNT, BOTH, 0, 0, get_cache_slabs },
	{ "pages_per_slab", "pages", NULL, VALUE_COUNT, BOTH, 0, 0, get_cache_pages },
	{ "use", "for", NULL, VALUE_TEXT, BOTH, 0, 0, get_cache_use },
	{ "name", "cache", NULL, VALUE_TEXT, BOTH, 0, 0, get_cache_name },
};

enum { CACHE_COLUMNS = sizeof(cache_columns) / sizeof(cache_columns[0]) };

static void put_sum(struct buf *b, const struct style *s, uint64_t bytes, const char *what)
{
	buf_puts(b, "  ");
	style_size(b, s, bytes, 5);
	buf_printf(b, "  %s\n", what);
}

static void put_slab_sums(struct buf *b, const struct style *s, const struct system *sys)
{
	struct slab_sums sums;
	char text[80];
	size_t shown = top(s, sys->slab.n);

	if (sys->slab.n > shown)
		buf_printf(b, "  and %zu smaller ones (--raw and --json have them all)\n",
			   sys->slab.n - shown);
	if (!sys->page_size)
		return;
	system_slab_sums(sys, &sums);
	snprintf(text, sizeof(text), "in %zu caches of their own type of object (own)",
		 sums.own_caches);
	put_sum(b, s, sums.own, text);
	snprintf(text, sizeof(text), "in %zu caches that kmalloc() takes any object from",
		 sums.kmalloc_caches);
	put_sum(b, s, sums.kmalloc, text);
	if (sums.large.known)
		put_sum(b, s, sums.large.v, "else: kmalloc() of more than two pages, without a cache");
}

void system_slab_text(struct buf *b, const struct style *s, const struct system *sys)
{
	struct column columns[CACHE_COLUMNS];
	size_t n = 0;

	if (!sys->slab.n)
		return;
	system_heading(b, s, "slab", "caches of kernel objects, largest first");
	for (size_t i = 0; i < CACHE_COLUMNS; i++)	/* what people need least, for room */
		if (s->raw || cache_columns[i].get != get_cache_pages)
			columns[n++] = cache_columns[i];
	system_put_table(b, s, columns, n, sys, top(s, sys->slab.n));
	system_put_words(b, s, "used: of the size, what objects in use take; bytes: of one object; "
			 "slabs: runs of pages that hold them; for: own, one type of object; kmalloc, "
			 "any of that size; rcl, dma, cg: reclaimable, for devices, charged to a cgroup");
	if (!s->raw)
		put_slab_sums(b, s, sys);
}

void system_slab_json(struct json *j, const struct system *sys)
{
	struct slab_sums sums;

	json_break(j);
	if (!sys->has_slab) {
		json_null(j, "slab");
		return;
	}
	system_slab_sums(sys, &sums);
	json_object(j, "slab");
	json_maybe(j, "own", (struct maybe){ sys->page_size != 0, sums.own });
	json_maybe(j, "kmalloc", (struct maybe){ sys->page_size != 0, sums.kmalloc });
	json_maybe(j, "kmalloc_large", sums.large);
	system_json_table(j, "caches", cache_columns, CACHE_COLUMNS, sys, sys->slab.n);
	json_object_end(j);
}

/* ---- vmalloc ---- */

static const struct vmalloc_caller *caller_at(const void *data, size_t row)
{
	return &((const struct system *)data)->caller.v[row];
}

static bool get_caller_bytes(const void *data, size_t row, const struct column *c, struct value *v)
{
	const struct system *sys = data;

	(void)c;
	v->n = num_mul(caller_at(data, row)->pages, sys->page_size);
	return sys->page_size != 0;
}

static bool get_caller_size(const void *data, size_t row, const struct column *c, struct value *v)
{
	(void)c;
	v->n = caller_at(data, row)->size;
	return true;
}

static bool get_caller_areas(const void *data, size_t row, const struct column *c, struct value *v)
{
	(void)c;
	v->n = caller_at(data, row)->areas;
	return true;
}

static bool get_caller_type(const void *data, size_t row, const struct column *c, struct value *v)
{
	(void)c;
	v->s = str_of(vmalloc_type_name[caller_at(data, row)->type]);
	return true;
}

static bool get_caller_name(const void *data, size_t row, const struct column *c, struct value *v)
{
	(void)c;
	v->s = caller_at(data, row)->caller;
	return v->s.len != 0;
}

static const struct column caller_columns[] = {
	{ "bytes", "memory", NULL, VALUE_BYTES, BOTH, 0, 0, get_caller_bytes },
	{ "size", "addresses", NULL, VALUE_BYTES, BOTH, 0, 0, get_caller_size },
	{ "areas", "areas", NULL, VALUE_COUNT, BOTH, 0, 0, get_caller_areas },
	{ "type", "type", NULL, VALUE_TEXT, BOTH, 0, 0, get_caller_type },
	{ "caller", "caller", NULL, VALUE_TEXT, BOTH, 0, 0, get_caller_name },
};

enum { CALLER_COLUMNS = sizeof(caller_columns) / sizeof(caller_columns[0]) };

void system_vmalloc_text(struct buf *b, const struct style *s, const struct system *sys)
{
	size_t shown = top(s, sys->caller.n);

	if (!sys->caller.n)
		return;
	system_heading(b, s, "vmalloc", "the kernel's mapped areas by who made them");
	system_put_table(b, s, caller_columns, CALLER_COLUMNS, sys, shown);
	if (sys->caller.n > shown)
		buf_printf(b, "  and %zu more (--raw and --json have them all)\n",
			   sys->caller.n - shown);
}

void system_vmalloc_json(struct json *j, const struct system *sys)
{
	json_break(j);
	if (!sys->has_vmalloc) {
		json_null(j, "vmalloc");
		return;
	}
	system_json_table(j, "vmalloc", caller_columns, CALLER_COLUMNS, sys, sys->caller.n);
}

/* ---- pressure ---- */

static void put_pressure_line(struct buf *b, const struct style *s, const char *name,
			      const struct pressure_line *l, const char *words)
{
	buf_printf(b, "%s%s", s->raw ? "" : "  ", name);
	for (unsigned int i = 0; i < PRESSURE_AVERAGES; i++) {
		const struct maybe *v = &l->average[i];

		if (!v->known)
			buf_puts(b, s->raw ? " -" : "       -");
		else
			buf_printf(b, s->raw ? " %" PRIu64 ".%02" PRIu64 :
				   "  %3" PRIu64 ".%02" PRIu64, v->v / 100, v->v % 100);
	}
	if (s->raw && l->total.known)
		buf_printf(b, " %" PRIu64 "\n", l->total.v);
	else if (s->raw || !l->total.known)
		buf_printf(b, "%s-  %s\n", s->raw ? " " : "           ", words);
	else
		buf_printf(b, "  %10" PRIu64 ".%" PRIu64 "  %s\n", l->total.v / 1000000,
			   l->total.v / 100000 % 10, words);
}

void system_pressure_text(struct buf *b, const struct style *s, const struct system *sys)
{
	if (!sys->has_pressure)
		return;
	system_heading(b, s, "pressure", "percent of the time that tasks waited for memory (PSI)");
	if (s->headings && s->raw) {
		buf_puts(b, "pressure avg10 avg60 avg300 total\n");
	} else if (s->headings) {
		style_bold(b, s);
		buf_puts(b, "          10 s    60 s   300 s    seconds");
		style_off(b, s);
		buf_putc(b, '\n');
	}
	put_pressure_line(b, s, "some", &sys->pressure.some, s->raw ? "" : "at least one waited");
	put_pressure_line(b, s, "full", &sys->pressure.full, s->raw ? "" : "none could run meanwhile");
}

static void pressure_line_json(struct json *j, const char *key, const struct pressure_line *l)
{
	static const char *const name[PRESSURE_AVERAGES] = { "avg10", "avg60", "avg300" };

	json_object(j, key);
	for (unsigned int i = 0; i < PRESSURE_AVERAGES; i++)
		if (l->average[i].known)
			json_double(j, name[i], (double)l->average[i].v / 100);
		else
			json_null(j, name[i]);
	json_maybe(j, "total_microseconds", l->total);
	json_object_end(j);
}

void system_pressure_json(struct json *j, const struct system *sys)
{
	json_break(j);
	if (!sys->has_pressure) {
		json_null(j, "pressure");
		return;
	}
	json_object(j, "pressure");
	pressure_line_json(j, "some", &sys->pressure.some);
	pressure_line_json(j, "full", &sys->pressure.full);
	json_object_end(j);
}
