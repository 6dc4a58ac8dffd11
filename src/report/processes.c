/* SPDX-License-Identifier: GPL-3.0-or-later */
/* --processes: a row per process, group of processes, or object that they map. */
#include "config.h"

#include "report/processes.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "model/memory.h"
#include "report/process_changes.h"
#include "report/table.h"

static const struct process_row *row_at(const void *data, size_t row)
{
	const struct process_listing *l = data;

	return &l->row[l->index[row]];
}

static bool get_string(const void *data, uint32_t number, struct value *v)
{
	const struct process_listing *l = data;

	v->s = strtab_get(&l->p->strings, number);
	return number != 0;
}

static bool get_pid(const void *data, size_t row, const struct column *c, struct value *v)
{
	(void)c;
	v->n = (uint64_t)row_at(data, row)->pid;
	return v->n != 0;
}

static bool get_ppid(const void *data, size_t row, const struct column *c, struct value *v)
{
	(void)c;
	v->n = (uint64_t)row_at(data, row)->ppid;
	return !row_at(data, row)->mixed;
}

static bool get_count(const void *data, size_t row, const struct column *c, struct value *v)
{
	(void)c;
	v->n = row_at(data, row)->count;
	return v->n != 0;
}

static bool get_threads(const void *data, size_t row, const struct column *c, struct value *v)
{
	(void)c;
	v->n = row_at(data, row)->threads;
	return v->n != 0;
}

static bool get_state(const void *data, size_t row, const struct column *c, struct value *v)
{
	(void)c;
	v->s = (struct str){ &row_at(data, row)->state, 1 };
	return !row_at(data, row)->mixed;
}

static bool get_uid(const void *data, size_t row, const struct column *c, struct value *v)
{
	(void)c;
	v->n = row_at(data, row)->uid;
	return !row_at(data, row)->mixed || row_at(data, row)->user;
}

static bool get_user(const void *data, size_t row, const struct column *c, struct value *v)
{
	(void)c;
	return get_string(data, row_at(data, row)->user, v);
}

static bool get_cgroup(const void *data, size_t row, const struct column *c, struct value *v)
{
	(void)c;
	return get_string(data, row_at(data, row)->cgroup, v);
}

static bool get_kind(const void *data, size_t row, const struct column *c, struct value *v)
{
	(void)c;
	if (row_at(data, row)->kind == KINDS)
		return false;
	v->s = str_of(kind_info[row_at(data, row)->kind].name);
	return true;
}

static bool get_name(const void *data, size_t row, const struct column *c, struct value *v)
{
	(void)c;
	return get_string(data, row_at(data, row)->name, v);
}

static bool get_command(const void *data, size_t row, const struct column *c, struct value *v)
{
	(void)c;
	return get_string(data, row_at(data, row)->command, v);
}

static bool get_amount(const void *data, size_t row, const struct column *c, struct value *v)
{
	v->n = row_at(data, row)->v[c->counter];
	return process_has(row_at(data, row), c->counter);
}

static bool get_bar(const void *data, size_t row, const struct column *c, struct value *v)
{
	(void)c;
	v->n = row_at(data, row)->v[SMAPS_PSS];
	v->of = ((const struct process_listing *)data)->most;
	return true;
}

enum {
	PLAIN = COLUMN_TEXT | COLUMN_JSON | COLUMN_GROUPS,
	SUMS = PLAIN | COLUMN_DESCENDING,
};

#define AMOUNT(key_, help_, amount_) \
	{ key_, key_, help_, VALUE_BYTES, SUMS, NEED_ROLLUP, amount_, get_amount }

static const struct column columns[] = {
	{ "pid", "pid", "process ID; stat", VALUE_COUNT, PLAIN, 0, 0, get_pid },
	{ "ppid", "ppid", "ID of the parent; status PPid", VALUE_COUNT, PLAIN, 0, 0, get_ppid },
	{ "processes", "processes", "processes in the group, or that map the object", VALUE_COUNT,
	  SUMS, 0, 0, get_count },
	{ "user", "user", "effective user; status Uid", VALUE_TEXT, PLAIN, 0, 0, get_user },
	{ "uid", "uid", "effective user's number; status Uid", VALUE_COUNT, PLAIN, 0, 0, get_uid },
	{ "state", "state", "R running, S sleeping, D waiting for a device, T stopped, ...; stat",
	  VALUE_TEXT, PLAIN, 0, 0, get_state },
	{ "threads", "threads", "threads of the process; status", VALUE_COUNT, SUMS, 0, 0,
	  get_threads },
	AMOUNT("size", "address space; status VmSize", PROCESS_SIZE),
	AMOUNT("resident", "in RAM, hugetlb included; smaps_rollup, or status VmRSS + HugetlbPages",
	       PROCESS_RESIDENT),
	AMOUNT("pss", "proportional set: resident, each page divided by the processes that map it; "
	       "smaps_rollup Pss", SMAPS_PSS),
	AMOUNT("pss_anon", "anonymous part of pss; smaps_rollup Pss_Anon", SMAPS_PSS_ANON),
	AMOUNT("pss_file", "part of files; smaps_rollup Pss_File", SMAPS_PSS_FILE),
	AMOUNT("pss_shmem", "part of shared memory; smaps_rollup Pss_Shmem", SMAPS_PSS_SHMEM),
	AMOUNT("pss_dirty", "part that was written to; smaps_rollup Pss_Dirty", SMAPS_PSS_DIRTY),
	AMOUNT("uss", "unique set: Private_Clean + Private_Dirty; smaps_rollup", PROCESS_USS),
	AMOUNT("rss", "resident set, without hugetlb; smaps_rollup Rss, or status VmRSS",
	       SMAPS_RSS),
	AMOUNT("shared_clean", "smaps_rollup Shared_Clean", SMAPS_SHARED_CLEAN),
	AMOUNT("shared_dirty", "smaps_rollup Shared_Dirty", SMAPS_SHARED_DIRTY),
	AMOUNT("private_clean", "smaps_rollup Private_Clean", SMAPS_PRIVATE_CLEAN),
	AMOUNT("private_dirty", "smaps_rollup Private_Dirty", SMAPS_PRIVATE_DIRTY),
	AMOUNT("referenced", "smaps_rollup Referenced", SMAPS_REFERENCED),
	AMOUNT("anonymous", "smaps_rollup Anonymous", SMAPS_ANONYMOUS),
	AMOUNT("ksm", "smaps_rollup KSM", SMAPS_KSM),
	AMOUNT("lazy_free", "smaps_rollup LazyFree", SMAPS_LAZY_FREE),
	AMOUNT("huge", "in huge pages: AnonHugePages + ShmemPmdMapped + FilePmdMapped + hugetlb; "
	       "smaps_rollup", PROCESS_HUGE),
	AMOUNT("hugetlb", "hugetlb pages; smaps_rollup, or status HugetlbPages", PROCESS_HUGETLB),
	AMOUNT("swap", "swapped out; smaps_rollup Swap, or status VmSwap", SMAPS_SWAP),
	AMOUNT("swap_pss", "swapped out, divided by the users; smaps_rollup SwapPss",
	       SMAPS_SWAP_PSS),
	AMOUNT("locked", "smaps_rollup Locked", SMAPS_LOCKED),
	AMOUNT("page_tables", "page tables of all levels; status VmPTE", PROCESS_PAGE_TABLES),
	AMOUNT("subtree", "with --tree: pss, and that of all descendants", PROCESS_SUBTREE),
	{ "kind", "kind", "what the object is for, see KINDS; maps", VALUE_TEXT, PLAIN, 0, 0,
	  get_kind },
	{ "cgroup", "cgroup", "control group; cgroup", VALUE_TEXT, PLAIN, NEED_CGROUP, 0,
	  get_cgroup },
	{ "name", "name", "command name, 15 bytes; stat. Of objects: what they are", VALUE_TEXT,
	  PLAIN, 0, 0, get_name },
	{ "command", "command", "command line, blanks between the arguments; cmdline", VALUE_TEXT,
	  PLAIN | COLUMN_LAST | COLUMN_FROM_START, NEED_COMMAND, 0, get_command },
	/* of tables that are watched: not for screens */
	{ "pss_growth", "growth", "with --watch: of pss, since the first sample", VALUE_CHANGE,
	  COLUMN_TEXT | COLUMN_DESCENDING, NEED_ROLLUP, PROCESS_GROWTH, get_amount },
	{ "pss_change", "change", "with --watch: of pss, since the last sample", VALUE_CHANGE,
	  COLUMN_TEXT | COLUMN_DESCENDING, NEED_ROLLUP, PROCESS_CHANGE, get_amount },
};

#define COLUMNS (sizeof(columns) / sizeof(columns[0]))

enum { WATCH_COLUMNS = 2 };

/* Beside pss, and nowhere else: it has no name to be asked for by. */
static const struct column bar_column = {
	"bar", "", NULL, VALUE_BAR, COLUMN_TEXT, 0, 0, get_bar,
};

static bool get_share(const void *data, size_t row, const struct column *c, struct value *v)
{
	const struct process_row *r = row_at(data, row);

	(void)c;
	if (!process_has(r, PROCESS_HUGE) || !process_has(r, PROCESS_RESIDENT) ||
	    !r->v[PROCESS_RESIDENT])
		return false;
	v->n = (uint64_t)((double)r->v[PROCESS_HUGE] / (double)r->v[PROCESS_RESIDENT] * 1e6);
	return true;
}

const struct column process_share_column = {
	"huge_share", "in huge", "huge as a share of resident; smaps_rollup", VALUE_SHARE,
	COLUMN_TEXT | COLUMN_DESCENDING, NEED_ROLLUP, 0, get_share,
};

const struct column_set process_column_set = { columns, COLUMNS - WATCH_COLUMNS };
const struct column_set process_table_column_set = { columns, COLUMNS };

_Static_assert(COLUMNS < TABLE_MAX_COLUMNS,
	       "a column list holds all columns");

static void add(struct column_list *l, const char *const *name)
{
	for (; *name; name++)
		column_list_add(l, column_find(&process_column_set, str_of(*name)));
}

void process_columns_preset(struct column_list *l, enum process_view view, bool tree, bool extended)
{
	static const char *const first[][4] = {
		[PROCESSES_SINGLE] = { "pid", "user" },
		[PROCESSES_USER] = { "processes" },
		[PROCESSES_NAME] = { "processes" },
		[PROCESSES_CGROUP] = { "processes" },
		[PROCESSES_OBJECT] = { "processes" },
	};
	static const char *const last[][3] = {
		[PROCESSES_SINGLE] = { "command" },
		[PROCESSES_USER] = { "user" },
		[PROCESSES_NAME] = { "name" },
		[PROCESSES_CGROUP] = { "cgroup" },
		[PROCESSES_OBJECT] = { "kind", "name" },
	};
	static const char *const pss[] = { "pss", NULL };
	static const char *const plain[] = { "uss", "resident", "swap", "huge", NULL };
	static const char *const more[] = {
		"pss", "pss_anon", "pss_file", "pss_shmem", "uss", "rss", "hugetlb", "swap",
		"swap_pss", "huge", "page_tables", "threads", NULL
	};
	static const char *const with_tree[] = { "subtree", NULL };

	l->n = 0;
	add(l, first[view]);
	if (tree)
		add(l, with_tree);
	if (!extended) {
		add(l, pss);
		column_list_add(l, &bar_column);
	}
	add(l, extended ? more : plain);
	add(l, last[view]);
}

void process_columns_add_watch(struct column_list *l)
{
	struct column_list old = *l;
	size_t i = 0;

	l->n = 0;
	while (i < old.n && strcmp(old.column[i]->key, "uss") != 0 &&
	       strcmp(old.column[i]->key, "pss_anon") != 0)
		column_list_add(l, old.column[i++]);
	for (size_t k = COLUMNS - WATCH_COLUMNS; k < COLUMNS; k++)
		column_list_add(l, &columns[k]);
	while (i < old.n)
		column_list_add(l, old.column[i++]);
}

static int make_index(const struct processes_report *r, uint32_t **out)
{
	const struct processes *p = r->processes;
	const struct column *by = r->sort;
	uint32_t *index = malloc((p->row.n + 1) * sizeof(*index));
	struct process_listing l = { .p = p, .row = p->row.v, .index = index };
	int ret = 0;

	*out = index;
	if (!index)
		return -ENOMEM;
	for (size_t i = 0; i < p->row.n; i++)
		index[i] = (uint32_t)i;
	if (!by && !r->tree)
		by = column_find(&process_column_set, STR("pss"));
	if (by)
		ret = column_sort(by, &l, index, p->row.n, r->sort ? r->descending : true);
	return ret;
}

uint64_t processes_most(const struct processes *p)
{
	uint64_t max = 0;

	for (size_t i = 0; i < p->row.n; i++)
		if (process_has(&p->row.v[i], SMAPS_PSS) && p->row.v[i].v[SMAPS_PSS] > max)
			max = p->row.v[i].v[SMAPS_PSS];
	return max;
}

static void put_notes(struct buf *b, const struct style *s, const struct processes_report *r)
{
	const struct processes *p = r->processes;

	if (s->raw || !p->unreadable)
		return;
	if (r->fast) {
		buf_puts(b, "  note: --fast does not read smaps_rollup: pss and uss are unknown\n");
		return;
	}
	style_dim(b, s);
	buf_printf(b, "  note: %zu process%s: smaps%s is not readable; what status tells is counted, "
		   "pss and uss are unknown\n        needs the process's own user, or "
		   "CAP_SYS_PTRACE (sudo); where the main thread has exited (state Z), the ID of another thread\n", p->unreadable, p->unreadable == 1 ? "" : "es",
		   r->view == PROCESSES_OBJECT ? "" : "_rollup");
	style_off(b, s);
}

int processes_json(struct json *j, const struct processes_report *r)
{
	struct process_listing l = { .p = r->processes, .row = r->processes->row.v };
	uint32_t *index;
	int ret = make_index(r, &index);

	l.index = index;
	for (size_t i = 0; ret == 0 && i < r->processes->row.n; i++) {
		const struct process_row *row = row_at(&l, i);

		if (row->text_len)
			json_raw(j, (struct str){ r->processes->text.data + row->text,
						  row->text_len });
	}
	free(index);
	return ret;
}

int processes_groups_json(struct json *j, const struct processes_report *r)
{
	struct process_listing l = { .p = r->processes, .row = r->processes->row.v };
	struct column_list all = { .n = 0 };
	struct column watched[WATCH_COLUMNS];
	struct table table = { .column = all.column, .data = &l, .rows = r->processes->row.n };
	uint32_t *index;
	int ret = make_index(r, &index);

	l.index = index;
	for (size_t i = 0; i < process_column_set.n; i++)
		if (columns[i].use & COLUMN_JSON && columns[i].get != get_pid &&
		    columns[i].get != get_ppid && columns[i].get != get_state &&
		    columns[i].get != get_command && columns[i].counter != PROCESS_SUBTREE)
			all.column[all.n++] = &columns[i];
	for (size_t i = 0; r->history && i < WATCH_COLUMNS; i++) {
		watched[i] = columns[COLUMNS - WATCH_COLUMNS + i];
		watched[i].type = VALUE_SIGNED;	/* which documents can have */
		watched[i].use |= COLUMN_JSON;
		all.column[all.n++] = &watched[i];
	}
	table.columns = all.n;
	if (ret == 0) {
		json_break(j);
		table_json(j, "groups", &table);
	}
	free(index);
	return ret;
}

/* ---- what MemTotal is made of ---- */

enum { SHARES = 10 };

struct share {
	const char *name, *key;
	int64_t bytes;
};

static int64_t sum_of(const struct memory *m, enum memory_part from, enum memory_part to)
{
	uint64_t sum = 0;

	for (unsigned int i = from; i <= to; i++)
		sum = num_add(sum, m->part[i].known ? m->part[i].v : 0);
	return (int64_t)sum;
}

/* Each part once; the last is what is left. False without meminfo. */
static bool memory_shares(const struct processes_report *r, struct share out[SHARES])
{
	const struct meminfo *info = &r->machine->meminfo;
	const struct buf *arch = &r->machine->arch;
	struct memory_facts facts = {
		.meminfo = info,
		.stacks = memory_guess_stacks(info, arch->len ? arch->data : "", arch->len),
	};
	struct process_row sum;
	struct memory m;
	int64_t rest;
	unsigned int n = 0;

	processes_sum(r->processes, &sum);
	memory_find(&facts, &m);
	rest = (int64_t)m.total.v;
	out[n++] = (struct share){ "processes", "processes",
		(int64_t)(process_has(&sum, SMAPS_PSS) ? sum.v[SMAPS_PSS] : 0) };
	out[n++] = (struct share){ "page cache not mapped", "page_cache_not_mapped",
		(int64_t)memory_not_mapped(info) +
		sum_of(&m, MEMORY_SWAP_CACHE, MEMORY_SWAP_CACHE) };
	out[n++] = (struct share){ "slab", "slab",
		sum_of(&m, MEMORY_SLAB_RECLAIMABLE, MEMORY_KERNEL_RECLAIMABLE) };
	out[n++] = (struct share){ "page tables", "page_tables",
		sum_of(&m, MEMORY_PAGE_TABLES, MEMORY_SEC_PAGE_TABLES) };
	out[n++] = (struct share){ "kernel stacks", "kernel_stacks",
		sum_of(&m, MEMORY_KERNEL_STACKS, MEMORY_KERNEL_STACKS) };
	out[n++] = (struct share){ "per-CPU", "percpu",
		sum_of(&m, MEMORY_PERCPU, MEMORY_PERCPU) };
	out[n++] = (struct share){ "vmalloc", "vmalloc",
		sum_of(&m, MEMORY_VMALLOC, MEMORY_VMALLOC) };
	out[n++] = (struct share){ "hugetlb pools", "hugetlb",
		sum_of(&m, MEMORY_HUGETLB_USED, MEMORY_HUGETLB_FREE) };
	out[n++] = (struct share){ "free", "free", sum_of(&m, MEMORY_FREE, MEMORY_FREE) };
	for (unsigned int i = 0; i < n; i++)
		rest -= out[i].bytes;
	out[n] = (struct share){ "other", "other", rest };
	return m.total.known && m.part[MEMORY_FREE].known;
}

static void put_signed(struct buf *b, const struct style *s, int64_t bytes)
{
	if (bytes < 0)
		buf_putc(b, '-');
	style_size(b, s, bytes < 0 ? (uint64_t)-bytes : (uint64_t)bytes, 0);
}

static void put_memory(struct buf *b, const struct style *s, const struct processes_report *r)
{
	struct share share[SHARES];
	size_t at = b->len, width = s->width ? s->width : STYLE_USUAL_WIDTH;

	if (s->raw || !r->whole || !memory_shares(r, share))
		return;
	buf_puts(b, "\n  memory ");
	put_signed(b, s, (int64_t)r->machine->meminfo.v[MEMINFO_MEM_TOTAL]);
	buf_puts(b, " =");
	for (unsigned int i = 0; i < SHARES; i++) {
		struct buf one;

		buf_init(&one);
		buf_puts(&one, i ? " + " : " ");
		put_signed(&one, s, share[i].bytes);
		buf_printf(&one, " %s", share[i].name);
		if (b->len - at + one.len >= width) {
			buf_puts(b, "\n   ");
			at = b->len - 3;
		}
		buf_add(b, one.data, one.len);
		buf_done(&one);
	}
	buf_putc(b, '\n');
}

void processes_memory_json(struct json *j, const struct processes_report *r)
{
	struct share share[SHARES];
	bool known = memory_shares(r, share);

	json_break(j);
	if (!known) {
		json_null(j, "memory");
		return;
	}
	json_object(j, "memory");
	json_u64(j, "total", r->machine->meminfo.v[MEMINFO_MEM_TOTAL]);
	for (unsigned int i = 0; i < SHARES; i++)
		json_i64(j, share[i].key, share[i].bytes);
	json_u64(j, "unreadable_processes", r->processes->unreadable);
	json_object_end(j);
}

enum { ROOMY_LINES = 35 };

/* So that what is below it is on the screen, too. The number of rows left out. */
static size_t cut_table(struct table *t, size_t max_lines, const struct buf *below)
{
	enum { OTHER_LINES = 3, LEAST_ROWS = 3 };	/* heading, total, what is left out */
	size_t lines = OTHER_LINES, all = t->rows;

	for (size_t i = 0; i < below->len; i++)
		lines += below->data[i] == '\n';
	if (max_lines && all + lines > max_lines)
		t->rows = max_lines > lines + LEAST_ROWS ? max_lines - lines : LEAST_ROWS;
	if (t->rows > all)
		t->rows = all;
	return all - t->rows;
}

int processes_text(struct buf *b, const struct style *s, const struct processes_report *r)
{
	static const uint32_t first = 0;
	struct process_row sum;
	struct process_listing l = { .p = r->processes, .row = r->processes->row.v,
			     .most = processes_most(r->processes) };
	struct process_listing total = { .p = r->processes, .row = &sum, .index = &first };
	struct table table = { .column = r->columns->column, .columns = r->columns->n, .data = &l,
			       .rows = r->processes->row.n, .total = &total };
	struct buf below;
	uint32_t *index;
	size_t left;
	int ret = make_index(r, &index);

	processes_sum(r->processes, &sum);
	if (r->view == PROCESSES_OBJECT)
		sum.count = 0;	/* a process maps many objects */
	l.index = index;
	buf_init(&below);
	if (ret == 0) {
		put_memory(&below, s, r);
		put_notes(&below, s, r);
	}
	/* a small screen has no room for both */
	if (r->max_lines && r->history && r->history->samples > 1 && r->max_lines < ROOMY_LINES)
		buf_clear(&below);
	if (ret == 0 && r->history)
		ret = process_changes_text(&below, s, r->history);
	if (ret == 0) {
		left = cut_table(&table, r->max_lines, &below);
		table_text(b, s, &table);
		if (left)
			buf_printf(b, "  and %zu more\n", left);
		buf_add(b, below.data, below.len);
		ret = below.error;
	}
	buf_done(&below);
	free(index);
	return ret;
}
