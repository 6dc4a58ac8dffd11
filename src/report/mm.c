/* SPDX-License-Identifier: GPL-3.0-or-later */
/* --mm: the memory descriptor (struct mm_struct), as far as the kernel shows it. */
#include "config.h"

#include "report/mm.h"

#include <string.h>

#include "base/num.h"
#include "report/table.h"

/* A stretch of the address space that mm_struct has two fields for. */
struct range {
	const char *name, *help;
	const char *start_key, *end_key;	/* of JSON; NULL: the other side's alone */
	uint64_t start, end;			/* 0: unknown */
};

enum { RANGES = 6, POINTS = 5 };

static uint64_t stat_address(const struct snapshot *s, enum stat_field f)
{
	return stat_has(&s->stat, f) ? s->stat.v[f] : 0;
}

static void find_ranges(const struct snapshot *s, struct range out[RANGES])
{
	uint64_t stack = stat_address(s, STAT_START_STACK), low = 0;
	const struct vma *v = stack ? space_find(&s->space, stack) : NULL;

	if (v)
		low = v->start;
	out[0] = (struct range){ "code", "machine code of the executable", "start_code",
		"end_code", stat_address(s, STAT_START_CODE), stat_address(s, STAT_END_CODE) };
	out[1] = (struct range){ "data", "its initialized data", "start_data", "end_data",
		stat_address(s, STAT_START_DATA), stat_address(s, STAT_END_DATA) };
	out[2] = (struct range){ "heap", "grows up: brk() moves its end", "start_brk", "brk",
		stat_address(s, STAT_START_BRK), snapshot_brk(s) };
	/* never moved by brk(): there is no heap mapping, and the heap is empty */
	if (out[2].start && !out[2].end && s->has_space)
		out[2].end = out[2].start;
	out[3] = (struct range){ "stack", "from its lowest page to where it began; grows down", NULL,
		"start_stack", low, stack };
	out[4] = (struct range){ "arguments", "argv strings, on the stack", "arg_start", "arg_end",
		stat_address(s, STAT_ARG_START), stat_address(s, STAT_ARG_END) };
	out[5] = (struct range){ "environment", "environment strings, above them", "env_start",
		"env_end", stat_address(s, STAT_ENV_START), stat_address(s, STAT_ENV_END) };
}

/* What the kernel told the program when it started. */
static void find_points(const struct snapshot *s, struct range out[POINTS])
{
	const struct auxv *a = &s->auxv;

	out[0] = (struct range){ "entry", "AT_ENTRY: first instruction of the executable",
		"entry", NULL, a->entry, 0 };
	out[1] = (struct range){ "phdr", "AT_PHDR: its program headers", "phdr", NULL, a->phdr,
		0 };
	out[2] = (struct range){ "loader", "AT_BASE: the dynamic loader", "base", NULL, a->base,
		0 };
	out[3] = (struct range){ "vdso", "AT_SYSINFO_EHDR: system calls without a trap",
		"sysinfo_ehdr", NULL, a->vdso, 0 };
	out[4] = (struct range){ "execfn", "AT_EXECFN: the path name it was started by",
		"execfn", NULL, a->execfn, 0 };
}

static const struct range *range_at(const void *data, size_t row)
{
	return (const struct range *)data + row;
}

static bool get_range_name(const void *data, size_t row, const struct column *c, struct value *v)
{
	(void)c;
	v->s = str_of(range_at(data, row)->name);
	return true;
}

static bool get_range_start(const void *data, size_t row, const struct column *c,
			    struct value *v)
{
	(void)c;
	v->n = range_at(data, row)->start;
	return v->n != 0;
}

static bool get_range_end(const void *data, size_t row, const struct column *c, struct value *v)
{
	(void)c;
	v->n = range_at(data, row)->end;
	return v->n != 0;
}

static bool get_range_size(const void *data, size_t row, const struct column *c, struct value *v)
{
	const struct range *r = range_at(data, row);

	(void)c;
	v->n = r->end - r->start;
	return r->start && r->end >= r->start;
}

static bool get_range_help(const void *data, size_t row, const struct column *c, struct value *v)
{
	(void)c;
	v->s = str_of(range_at(data, row)->help);
	return true;
}

/* An amount the kernel keeps, the largest it has been, and what may not be exceeded. */
struct amount {
	const char *name, *help;
	unsigned char now, peak, limit;		/* enum status_field, enum limit; NONE */
};

enum { NONE = 255, AMOUNTS = 14 };

static const struct amount amounts[AMOUNTS] = {
	{ "address space", "VmSize, VmPeak, RLIMIT_AS", STATUS_VM_SIZE, STATUS_VM_PEAK,
	  LIMIT_ADDRESS_SPACE },
	{ "resident", "VmRSS, VmHWM: pages in RAM, without hugetlb", STATUS_VM_RSS, STATUS_VM_HWM, NONE },
	{ "  anonymous", "RssAnon", STATUS_RSS_ANON, NONE, NONE },
	{ "  files", "RssFile", STATUS_RSS_FILE, NONE, NONE },
	{ "  shared memory", "RssShmem", STATUS_RSS_SHMEM, NONE, NONE },
	{ "hugetlb", "HugetlbPages: not in resident", STATUS_HUGETLB_PAGES, NONE, NONE },
	{ "swapped", "VmSwap", STATUS_VM_SWAP, NONE, NONE },
	{ "locked", "VmLck, RLIMIT_MEMLOCK", STATUS_VM_LCK, NONE, LIMIT_LOCKED },
	{ "data", "VmData, RLIMIT_DATA: private writable", STATUS_VM_DATA, NONE, LIMIT_DATA },
	{ "stack", "VmStk, RLIMIT_STACK", STATUS_VM_STK, NONE, LIMIT_STACK },
	{ "text", "VmExe: code of the executable", STATUS_VM_EXE, NONE, NONE },
	{ "libraries", "VmLib: code of shared objects", STATUS_VM_LIB, NONE, NONE },
	{ "pinned", "VmPin: for devices", STATUS_VM_PIN, NONE, NONE },
	{ "page tables", "VmPTE: all levels", STATUS_VM_PTE, NONE, NONE },
};

static bool get_amount_name(const void *data, size_t row, const struct column *c,
			    struct value *v)
{
	(void)data;
	(void)c;
	v->s = str_of(amounts[row].name);
	return true;
}

static bool get_amount_now(const void *data, size_t row, const struct column *c, struct value *v)
{
	const struct snapshot *s = data;

	(void)c;
	v->n = status_get(&s->status, (enum status_field)amounts[row].now);
	return status_has(&s->status, (enum status_field)amounts[row].now);
}

static bool get_amount_peak(const void *data, size_t row, const struct column *c,
			    struct value *v)
{
	const struct snapshot *s = data;

	(void)c;
	if (amounts[row].peak == NONE)
		return false;
	v->n = status_get(&s->status, (enum status_field)amounts[row].peak);
	return status_has(&s->status, (enum status_field)amounts[row].peak);
}

static bool get_amount_limit(const void *data, size_t row, const struct column *c,
			     struct value *v)
{
	const struct snapshot *s = data;
	unsigned int limit = amounts[row].limit;

	(void)c;
	if (limit == NONE || !(s->limits.valid >> limit & 1))
		return false;
	v->n = s->limits.soft[limit];
	return true;
}

static bool get_amount_help(const void *data, size_t row, const struct column *c,
			    struct value *v)
{
	(void)data;
	(void)c;
	v->s = str_of(amounts[row].help);
	return true;
}

static const struct column range_columns[] = {
	{ "range", "range", NULL, VALUE_TEXT, COLUMN_TEXT, 0, 0, get_range_name },
	{ "start", "start", NULL, VALUE_ADDRESS, COLUMN_TEXT, 0, 0, get_range_start },
	{ "end", "end", NULL, VALUE_ADDRESS, COLUMN_TEXT, 0, 0, get_range_end },
	{ "size", "size", NULL, VALUE_BYTES, COLUMN_TEXT, 0, 0, get_range_size },
	{ "meaning", "", NULL, VALUE_TEXT, COLUMN_TEXT | COLUMN_WRAP, 0, 0,
	  get_range_help },
};

static const struct column point_columns[] = {
	{ "auxv", "at start", NULL, VALUE_TEXT, COLUMN_TEXT, 0, 0, get_range_name },
	{ "address", "address", NULL, VALUE_ADDRESS, COLUMN_TEXT, 0, 0, get_range_start },
	{ "meaning", "", NULL, VALUE_TEXT, COLUMN_TEXT | COLUMN_WRAP, 0, 0,
	  get_range_help },
};

static const struct column amount_columns[] = {
	{ "amount", "amount", NULL, VALUE_TEXT, COLUMN_TEXT, 0, 0, get_amount_name },
	{ "now", "now", NULL, VALUE_BYTES, COLUMN_TEXT, 0, 0, get_amount_now },
	{ "peak", "peak", NULL, VALUE_BYTES, COLUMN_TEXT, 0, 0, get_amount_peak },
	{ "limit", "limit", NULL, VALUE_LIMIT, COLUMN_TEXT, 0, 0, get_amount_limit },
	{ "source", "from /proc/PID/status and limits", NULL, VALUE_TEXT, COLUMN_TEXT | COLUMN_WRAP,
	  0, 0, get_amount_help },
};

static void put_table(struct buf *b, const struct style *s, const struct column *columns,
		      size_t n, const void *data, size_t rows)
{
	const struct column *column[8];
	struct table table = { .column = column, .columns = n, .data = data, .rows = rows,
			       .indent = s->raw ? 0 : 2 };

	for (size_t i = 0; i < n; i++)
		column[i] = &columns[i];
	table_text(b, s, &table);
}

void mm_text(struct buf *b, const struct style *s, const struct snapshot *snapshot)
{
	struct range ranges[RANGES], points[POINTS];

	find_ranges(snapshot, ranges);
	find_points(snapshot, points);
	put_table(b, s, range_columns, 5, ranges, RANGES);
	if (!s->raw)
		buf_putc(b, '\n');
	put_table(b, s, amount_columns, 5, snapshot, AMOUNTS);
	if (!snapshot->auxv.valid)
		return;
	if (!s->raw)
		buf_putc(b, '\n');
	put_table(b, s, point_columns, 3, points, POINTS);
}

static void address_or_null(struct json *j, const char *key, uint64_t address)
{
	if (!key)
		return;
	if (address)
		json_address(j, key, address);
	else
		json_null(j, key);
}

static void limit_json(struct json *j, const char *key, bool known, uint64_t v)
{
	if (known && v == LIMIT_UNLIMITED)
		json_string(j, key, STR("unlimited"));
	else
		json_maybe(j, key, (struct maybe){ known, v });
}

void mm_json(struct json *j, const struct snapshot *snapshot)
{
	struct range ranges[RANGES], points[POINTS];

	find_ranges(snapshot, ranges);
	find_points(snapshot, points);
	json_break(j);
	json_object(j, "mm");
	for (size_t i = 0; i < RANGES; i++) {
		address_or_null(j, ranges[i].start_key, ranges[i].start);
		address_or_null(j, ranges[i].end_key, ranges[i].end);
	}
	json_object(j, "auxv");
	for (size_t i = 0; i < POINTS; i++)
		address_or_null(j, points[i].start_key, points[i].start);
	json_maybe(j, "page_size", (struct maybe){ snapshot->auxv.page_size != 0, snapshot->auxv.page_size });
	json_object_end(j);
	json_object(j, "limits");
	for (unsigned int i = 0; i < LIMITS; i++) {
		bool known = snapshot->limits.valid >> i & 1;

		json_object(j, limit_info[i].key);
		limit_json(j, "soft", known, snapshot->limits.soft[i]);
		limit_json(j, "hard", known, snapshot->limits.hard[i]);
		json_object_end(j);
	}
	json_object_end(j);
	json_object_end(j);
}
