/* SPDX-License-Identifier: GPL-3.0-or-later */
/* --system: what vmstat has counted since boot, with a word on each counter. */
#include "config.h"

#include <string.h>

#include "report/system_tables.h"
#include "report/table_records.h"

struct counter_info {
	enum vmstat_field field;
	const char *group;
	const char *words;
};

/* In the order they are shown. Rates, once there are two samples, are for the same rows. */
static const struct counter_info counters[] = {
	{ VMSTAT_PGFAULT, "faults", "page faults, all" },
	{ VMSTAT_PGMAJFAULT, "faults", "of them, those that read a disk" },
	{ VMSTAT_PGREUSE, "faults", "write faults that needed no copy" },
	{ VMSTAT_PGALLOC, "pages", "pages handed out" },
	{ VMSTAT_PGFREE, "pages", "pages given back" },
	{ VMSTAT_PGPGIN, "pages", "KiB read from disks" },
	{ VMSTAT_PGPGOUT, "pages", "KiB written to disks" },
	{ VMSTAT_ALLOCSTALL, "reclaim", "allocations that reclaimed first" },
	{ VMSTAT_PGSCAN_KSWAPD, "reclaim", "pages looked at by kswapd" },
	{ VMSTAT_PGSTEAL_KSWAPD, "reclaim", "pages freed by kswapd" },
	{ VMSTAT_PGSCAN_DIRECT, "reclaim", "pages looked at by allocating tasks" },
	{ VMSTAT_PGSTEAL_DIRECT, "reclaim", "pages freed by allocating tasks" },
	{ VMSTAT_PGSCAN_KHUGEPAGED, "reclaim", "pages looked at by khugepaged" },
	{ VMSTAT_PGSTEAL_KHUGEPAGED, "reclaim", "pages freed by khugepaged" },
	{ VMSTAT_PGSCAN_PROACTIVE, "reclaim", "pages looked at for memory.reclaim" },
	{ VMSTAT_PGSTEAL_PROACTIVE, "reclaim", "pages freed for memory.reclaim" },
	{ VMSTAT_PGSTEAL_ANON, "reclaim", "anonymous pages among those freed" },
	{ VMSTAT_PGSTEAL_FILE, "reclaim", "page cache among those freed" },
	{ VMSTAT_REFAULT_ANON, "reclaim", "anonymous pages read back soon after" },
	{ VMSTAT_REFAULT_FILE, "reclaim", "page cache read back soon after" },
	{ VMSTAT_SLABS_SCANNED, "reclaim", "slab objects looked at" },
	{ VMSTAT_OOM_KILL, "reclaim", "processes killed for want of memory" },
	{ VMSTAT_PSWPIN, "swap", "pages read from swap" },
	{ VMSTAT_PSWPOUT, "swap", "pages written to swap" },
	{ VMSTAT_SWPIN_ZERO, "swap", "zero pages back, without reading" },
	{ VMSTAT_SWPOUT_ZERO, "swap", "zero pages out, without writing" },
	{ VMSTAT_ZSWPIN, "swap", "pages brought back from zswap" },
	{ VMSTAT_ZSWPOUT, "swap", "pages compressed into zswap" },
	{ VMSTAT_ZSWPWB, "swap", "pages that zswap wrote to swap" },
	{ VMSTAT_COMPACT_STALL, "compaction", "allocations that compacted first" },
	{ VMSTAT_COMPACT_SUCCESS, "compaction", "of them, those that got their block" },
	{ VMSTAT_COMPACT_FAIL, "compaction", "of them, those that did not" },
	{ VMSTAT_COMPACT_DAEMON_WAKE, "compaction", "times kcompactd was woken" },
	{ VMSTAT_COMPACT_MIGRATE_SCANNED, "compaction", "pages looked at for moving" },
	{ VMSTAT_COMPACT_ISOLATED, "compaction", "pages taken for moving" },
	{ VMSTAT_PGMIGRATE_SUCCESS, "compaction", "pages moved, for whatever reason" },
	{ VMSTAT_PGMIGRATE_FAIL, "compaction", "pages that could not be moved" },
	{ VMSTAT_THP_FAULT_ALLOC, "THP", "huge pages at page faults" },
	{ VMSTAT_THP_FAULT_FALLBACK, "THP", "faults that got small pages instead" },
	{ VMSTAT_THP_COLLAPSE_ALLOC, "THP", "huge pages made by khugepaged" },
	{ VMSTAT_THP_COLLAPSE_ALLOC_FAILED, "THP", "times khugepaged found no free block" },
	{ VMSTAT_THP_SPLIT_PAGE, "THP", "huge pages split into small ones" },
	{ VMSTAT_THP_SPLIT_PMD, "THP", "mappings of huge pages split" },
	{ VMSTAT_THP_SWPOUT, "THP", "huge pages swapped out in one piece" },
	{ VMSTAT_THP_SWPOUT_FALLBACK, "THP", "huge pages split before swapping" },
	{ VMSTAT_NUMA_HINT_FAULTS, "NUMA", "faults made to see who uses a page" },
	{ VMSTAT_NUMA_PAGES_MIGRATED, "NUMA", "pages moved to where they are used" },
};

enum { COUNTERS = sizeof(counters) / sizeof(counters[0]) };

_Static_assert((int)COUNTERS == (int)VMSTAT_FIELDS - (int)VMSTAT_EVENTS, "all events are shown");

struct counter_view {
	const struct vmstat *vmstat;
	unsigned char row[COUNTERS];
	size_t n;
};

static const struct counter_info *counter_at(const void *data, size_t row)
{
	return &counters[((const struct counter_view *)data)->row[row]];
}

static bool get_name(const void *data, size_t row, const struct column *c, struct value *v)
{
	(void)c;
	v->s = str_of(vmstat_name(counter_at(data, row)->field));
	return true;
}

static bool get_group(const void *data, size_t row, const struct column *c, struct value *v)
{
	(void)c;
	v->s = str_of(counter_at(data, row)->group);
	return true;
}

static bool get_count(const void *data, size_t row, const struct column *c, struct value *v)
{
	const struct maybe *count = &((const struct counter_view *)data)->
				    vmstat->v[counter_at(data, row)->field];

	(void)c;
	v->n = count->v;
	return count->known;
}

static bool get_words(const void *data, size_t row, const struct column *c, struct value *v)
{
	(void)c;
	v->s = str_of(counter_at(data, row)->words);
	return true;
}

static const struct column text_columns[] = {
	{ "count", "since boot", NULL, VALUE_COUNT, COLUMN_TEXT, 0, 0, get_count },
	{ "counter", "counter", NULL, VALUE_TEXT, COLUMN_TEXT, 0, 0, get_name },
	{ "words", "", NULL, VALUE_TEXT, COLUMN_TEXT | COLUMN_WRAP, 0, 0, get_words },
};

static const struct column raw_columns[] = {
	{ "counter", "", NULL, VALUE_TEXT, COLUMN_TEXT, 0, 0, get_name },
	{ "count", "", NULL, VALUE_COUNT, COLUMN_TEXT, 0, 0, get_count },
	{ "group", "", NULL, VALUE_TEXT, COLUMN_TEXT, 0, 0, get_group },
};

/* "  0: compact_stall compact_fail ...", wrapped. */
static void put_zeros(struct buf *b, const struct style *s, const struct vmstat *v)
{
	size_t width = s->width ? s->width : s->picture_width, used = 0;

	style_dim(b, s);
	for (size_t i = 0; i < COUNTERS; i++) {
		const char *name = vmstat_name(counters[i].field);

		if (!v->v[counters[i].field].known || v->v[counters[i].field].v)
			continue;
		if (!used) {
			buf_puts(b, "  0:");
			used = 4;
		} else if (used + 1 + strlen(name) > width) {
			buf_puts(b, "\n    ");
			used = 4;
		}
		buf_printf(b, " %s", name);
		used += 1 + strlen(name);
	}
	style_off(b, s);
	if (used)
		buf_putc(b, '\n');
}

void system_counters_text(struct buf *b, const struct style *s, const struct system *sys)
{
	struct counter_view view = { .vmstat = &sys->vmstat };

	if (!sys->has_vmstat)
		return;
	for (unsigned int i = 0; i < COUNTERS; i++)
		if (s->raw || sys->vmstat.v[counters[i].field].v)
			view.row[view.n++] = (unsigned char)i;
	system_heading(b, s, "counters", "what vmstat has counted since boot");
	if (s->raw) {
		system_put_table(b, s, raw_columns, 3, &view, view.n);
		return;
	}
	system_put_table(b, s, text_columns, 3, &view, view.n);
	put_zeros(b, s, &sys->vmstat);
}

void system_counters_json(struct json *j, const struct system *sys)
{
	json_break(j);
	if (!sys->has_vmstat) {
		json_null(j, "counters");
		return;
	}
	json_object(j, "counters");
	for (size_t i = 0; i < COUNTERS; i++)
		json_maybe(j, vmstat_name(counters[i].field), sys->vmstat.v[counters[i].field]);
	json_object_end(j);
}

void system_put_words(struct buf *b, const struct style *s, const char *words)
{
	enum { INDENT = 2, LEAST = 20 };
	size_t width = s->width ? s->width : s->picture_width;

	if (s->raw)
		return;
	buf_fill(b, ' ', INDENT);
	style_dim(b, s);
	table_wrap(b, s, str_of(words), width > INDENT + LEAST ? width - INDENT : LEAST, INDENT);
	style_off(b, s);
	buf_putc(b, '\n');
}
