/* SPDX-License-Identifier: GPL-3.0-or-later */
/* --summary: who the process is, its totals, its memory by kind, and whether that adds up. */
#include "config.h"

#include "report/summary.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "base/text.h"
#include "model/reconcile.h"
#include "report/maps.h"
#include "report/table.h"

enum { TICKS_PER_SECOND = 100, INDENT = 2 };

int summary_init(struct summary *m)
{
	int ret = groups_make(m->rows, GROUP_KIND, &m->kinds);

	if (ret == 0)
		ret = groups_add_total(&m->kinds);
	if (ret < 0)
		return ret;
	m->total = &m->kinds.vma.v[m->kinds.vma.n - 1];
	if (m->kinds.rows.counters)
		m->sum = m->kinds.counters.v[m->kinds.counters.n - 1];
	return 0;
}

void summary_done(struct summary *m)
{
	groups_done(&m->kinds);
}

/* A kernel's total where all is shown, else the sum of what is shown. */
static struct maybe total(const struct summary *m, enum smaps_counter i)
{
	struct maybe v = { 0 };

	if (m->filtered)
		v.known = i < SMAPS_PER_MAPPING && counters_get(&m->sum, i, &v.v);
	else
		v.known = snapshot_total(m->snapshot, &m->sum, i, &v.v);
	return v;
}

/* Adds b to a; an unknown b counts 0, an unknown a stays unknown. */
static struct maybe plus(struct maybe a, struct maybe b)
{
	if (b.known)
		a.v = num_add(a.v, b.v);
	return a;
}

static struct maybe total_uss(const struct summary *m)
{
	return plus(total(m, SMAPS_PRIVATE_DIRTY), total(m, SMAPS_PRIVATE_CLEAN));
}

static struct maybe total_hugetlb(const struct summary *m)
{
	return plus(total(m, SMAPS_PRIVATE_HUGETLB), total(m, SMAPS_SHARED_HUGETLB));
}

static struct maybe status_amount(const struct summary *m, enum status_field f)
{
	const struct status *s = &m->snapshot->status;

	return (struct maybe){ status_has(s, f), status_get(s, f) };
}

/* Where smaps is not to be had, status still tells this much about the whole process. */
static struct maybe or_status(const struct summary *m, struct maybe v, enum status_field f)
{
	return v.known || m->filtered ? v : status_amount(m, f);
}

static struct maybe total_swap(const struct summary *m)
{
	return or_status(m, total(m, SMAPS_SWAP), STATUS_VM_SWAP);
}

static struct maybe total_resident(const struct summary *m)
{
	struct maybe rss = total(m, SMAPS_RSS);

	if (rss.known)
		return plus(rss, total_hugetlb(m));
	return plus(or_status(m, rss, STATUS_VM_RSS), or_status(m, rss, STATUS_HUGETLB_PAGES));
}

static struct maybe total_huge(const struct summary *m)
{
	struct maybe v = { 0 };

	v.known = counters_huge(&m->sum, &v.v);
	return v;
}

static struct maybe total_size(const struct summary *m)
{
	if (m->snapshot->has_space)
		return (struct maybe){ true, m->total->size };
	return status_amount(m, STATUS_VM_SIZE);
}

static struct maybe page_tables(const struct summary *m)
{
	return plus(status_amount(m, STATUS_VM_PTE), status_amount(m, STATUS_VM_PMD));
}

/* Phrases that flow over lines as wide as the style allows, three blanks between them. */
struct flow {
	struct buf *b;
	const struct style *s;
	size_t width, used, indent;
};

static void flow_add(struct flow *f, size_t width)
{
	if (f->used > f->indent && f->used + 3 + width > f->width) {
		buf_putc(f->b, '\n');
		f->used = 0;
	}
	if (f->used == 0) {
		buf_fill(f->b, ' ', f->indent);
		f->used = f->indent;
	} else if (f->used > f->indent) {
		buf_puts(f->b, "   ");
		f->used += 3;
	}
	f->used += width;
}

static void flow_phrase(struct flow *f, const char *label, const char *value)
{
	struct str text = str_of(value);	/* a user's name may hold anything */
	unsigned int flags = style_text(f->s) & TEXT_UTF8;

	flow_add(f, text_width(text, flags) + (label ? strlen(label) + 1 : 0));
	if (label) {
		style_dim(f->b, f->s);
		buf_puts(f->b, label);
		style_off(f->b, f->s);
		buf_putc(f->b, ' ');
	}
	text_put(f->b, text, flags);
}

static void flow_size(struct flow *f, const char *label, struct maybe v)
{
	char text[NUM_MAX_SIZE] = "-";

	if (v.known)
		*(f->s->bytes ? num_put_u64(text, v.v) : num_put_size(text, v.v)) = '\0';
	flow_phrase(f, label, text);
}

static void put_duration(char *text, size_t size, uint64_t seconds)
{
	static const struct {
		unsigned int seconds;
		char unit;
	} unit[] = { { 86400, 'd' }, { 3600, 'h' }, { 60, 'm' }, { 1, 's' } };
	unsigned int i = 0;

	while (i < 3 && seconds < unit[i].seconds)
		i++;
	if (i == 3)
		snprintf(text, size, "%" PRIu64 "s", seconds);
	else
		snprintf(text, size, "%" PRIu64 "%c %" PRIu64 "%c", seconds / unit[i].seconds,
			 unit[i].unit, seconds % unit[i].seconds / unit[i + 1].seconds,
			 unit[i + 1].unit);
}

static bool uptime_seconds(const struct summary *m, uint64_t *v)
{
	const struct stat_pid *s = &m->snapshot->stat;

	if (!m->machine->has_uptime || !stat_has(s, STAT_STARTTIME) ||
	    s->v[STAT_STARTTIME] > m->machine->uptime_ticks)
		return false;
	*v = (m->machine->uptime_ticks - s->v[STAT_STARTTIME]) / TICKS_PER_SECOND;
	return true;
}

static void flow_identity(struct flow *f, const struct summary *m)
{
	const struct snapshot *s = m->snapshot;
	char text[64], size[NUM_MAX_SIZE];
	uint64_t v;

	if (m->user)
		flow_phrase(f, "user", m->user);
	else if (s->status.has_uid) {
		snprintf(text, sizeof(text), "%u", s->status.uid);
		flow_phrase(f, "uid", text);
	}
	if (s->condition == CONDITION_NORMAL && s->bits) {
		int n = snprintf(text, sizeof(text), "%u-bit", s->bits);

		if (s->geometry && s->bits == 64)
			n += snprintf(text + n, sizeof(text) - (size_t)n,
				      ", %u levels of page tables", s->geometry->levels);
		v = s->auxv.page_size ? s->auxv.page_size : m->machine->page_size;
		*num_put_size(size, v) = '\0';
		if (v)
			snprintf(text + n, sizeof(text) - (size_t)n, ", %s pages", size);
		flow_phrase(f, NULL, text);
	}
	if (status_has(&s->status, STATUS_THREADS)) {
		v = s->status.v[STATUS_THREADS];
		snprintf(text, sizeof(text), "%" PRIu64 " thread%s", v, v == 1 ? "" : "s");
		flow_phrase(f, NULL, text);
	}
	if (uptime_seconds(m, &v)) {
		put_duration(text, sizeof(text), v);
		flow_phrase(f, "up", text);
	}
	if (s->status.state != '?' && s->status.state != 'S')
		flow_phrase(f, NULL, status_state_name(s->status.state));
}

/* The arguments as one line, or nothing. */
static void put_command(struct buf *b, const struct style *s, const struct summary *m)
{
	const struct buf *command = &m->snapshot->command;
	size_t width = s->width > INDENT ? s->width - INDENT : SIZE_MAX;
	struct buf line;
	size_t n = command->len;

	while (n && command->data[n - 1] == '\0')
		n--;
	if (n == 0)
		return;
	buf_init(&line);
	buf_add(&line, command->data, n);
	for (size_t i = 0; !line.error && i < n; i++)
		if (line.data[i] == '\0')
			line.data[i] = ' ';
	if (!line.error) {
		buf_fill(b, ' ', INDENT);
		style_dim(b, s);
		/* its beginning says more than its end, unlike a path's */
		text_put_cut(b, (struct str){ line.data, n }, style_text(s), width,
			     TEXT_KEEP_START);
		style_off(b, s);
		buf_putc(b, '\n');
	}
	buf_done(&line);
}

void summary_header_text(struct buf *b, const struct style *s, const struct summary *m)
{
	const struct snapshot *snap = m->snapshot;
	struct str name = snap->stat.comm;
	struct flow f = { b, s, s->width ? s->width : s->picture_width, 0, INDENT };
	char pid[32];

	snprintf(pid, sizeof(pid), " (%d)", (int)snap->pid);
	style_bold(b, s);
	text_put(b, name, style_text(s));
	buf_puts(b, pid);
	style_off(b, s);
	f.used = text_width(name, style_text(s)) + strlen(pid);
	flow_identity(&f, m);
	buf_putc(b, '\n');
	put_command(b, s, m);
}

static void flow_huge(struct flow *f, struct maybe huge, struct maybe resident)
{
	char text[64], *p;

	if (!huge.known || !huge.v || !resident.v) {
		flow_size(f, "huge", huge);
		return;
	}
	p = f->s->bytes ? num_put_u64(text, huge.v) : num_put_size(text, huge.v);
	p = stpcpy(p, " (");
	/* floating point keeps it from wrapping */
	p = num_put_percent(p, (uint64_t)(1e6 * (double)huge.v / (double)resident.v));
	stpcpy(p, " of resident)");
	flow_phrase(f, "huge", text);
}

/* Major ones had to wait for a disk. */
static void flow_faults(struct flow *f, const struct stat_pid *stat)
{
	char text[2 * NUM_MAX_DIGITS + 24];

	if (!stat_has(stat, STAT_MINFLT) || !stat_has(stat, STAT_MAJFLT))
		return;
	snprintf(text, sizeof(text), "%" PRIu64 " minor, %" PRIu64 " major", stat->v[STAT_MINFLT],
		 stat->v[STAT_MAJFLT]);
	flow_phrase(f, "page faults", text);
}

static void put_totals(struct buf *b, const struct style *s, const struct summary *m)
{
	struct flow f = { b, s, s->width ? s->width : s->picture_width, 0, INDENT };

	flow_size(&f, "size", total_size(m));
	flow_size(&f, "resident", total_resident(m));
	flow_size(&f, "proportional", total(m, SMAPS_PSS));
	flow_size(&f, "unique", plus(total_uss(m), total(m, SMAPS_PRIVATE_HUGETLB)));
	flow_size(&f, "swapped", total_swap(m));
	flow_huge(&f, total_huge(m), total_resident(m));
	if (!m->filtered) {	/* those are of the whole process */
		flow_size(&f, "page tables", page_tables(m));
		flow_faults(&f, &m->snapshot->stat);
	}
	buf_putc(b, '\n');
}

/* The table of kinds: groups, and last their sum. */
struct kinds_table {
	const struct rows *rows;
	uint64_t most;		/* resident in any kind: the length of a full bar */
};

static const struct vma *kinds_vma(const void *data, size_t row)
{
	const struct kinds_table *t = data;

	return &t->rows->vma[t->rows->index[row]];
}

static bool get_kind_name(const void *data, size_t row, const struct column *c, struct value *v)
{
	enum kind kind = (enum kind)kinds_vma(data, row)->kind;

	(void)c;
	v->s = kind == KINDS ? STR("all") : str_of(kind_info[kind].name);
	return true;
}

static bool get_bar(const void *data, size_t row, const struct column *c, struct value *v)
{
	const struct kinds_table *t = data;

	(void)c;
	v->of = t->most;
	if (kinds_vma(data, row)->kind == KINDS || !t->rows->counters ||
	    !counters_resident(&t->rows->counters[t->rows->index[row]], &v->n))
		v->n = 0;
	return true;
}

/* Forwards to the column of mappings that has the same key. */
static bool get_forward(const void *data, size_t row, const struct column *c, struct value *v)
{
	const struct kinds_table *t = data;
	const struct column *mapping = mapping_column_find(str_of(c->key));

	return mapping->get(t->rows, row, mapping, v);
}

static enum kind kinds_row_kind(const void *data, size_t row)
{
	return (enum kind)kinds_vma(data, row)->kind;
}

enum { BOTH = COLUMN_TEXT | COLUMN_JSON };

static const struct column kinds_columns[] = {
	{ "kind", "kind", NULL, VALUE_TEXT, BOTH, 0, 0, get_kind_name },
	{ "mappings", "mappings", NULL, VALUE_COUNT, BOTH, 0, 0, get_forward },
	{ "size", "size", NULL, VALUE_BYTES, BOTH, 0, 0, get_forward },
	{ "resident", "resident", NULL, VALUE_BYTES, BOTH, NEED_SMAPS, 0, get_forward },
	{ "bar", "", NULL, VALUE_BAR, COLUMN_TEXT, NEED_SMAPS, 0, get_bar },
	{ "rss", "rss", NULL, VALUE_BYTES, COLUMN_JSON, NEED_SMAPS, 0, get_forward },
	{ "pss", "pss", NULL, VALUE_BYTES, COLUMN_JSON, NEED_SMAPS, 0, get_forward },
	{ "uss", "uss", NULL, VALUE_BYTES, COLUMN_JSON, NEED_SMAPS, 0, get_forward },
	{ "hugetlb", "hugetlb", NULL, VALUE_BYTES, COLUMN_JSON, NEED_SMAPS, 0, get_forward },
	{ "unique", "unique", NULL, VALUE_BYTES, BOTH, NEED_SMAPS, 0, get_forward },
	{ "swap", "swap", NULL, VALUE_BYTES, BOTH, NEED_SMAPS, 0, get_forward },
};

enum { KINDS_COLUMNS = sizeof(kinds_columns) / sizeof(kinds_columns[0]) };

/* Columns for one use; in text without those that the snapshot has nothing for. */
static size_t choose_columns(const struct rows *r, enum column_use use,
			     const struct column *column[KINDS_COLUMNS])
{
	size_t n = 0;

	for (size_t i = 0; i < KINDS_COLUMNS; i++) {
		if (!(kinds_columns[i].use & (unsigned int)use))
			continue;
		if (use == COLUMN_TEXT && kinds_columns[i].needs && !r->counters)
			continue;
		column[n++] = &kinds_columns[i];
	}
	return n;
}

/* In any kind; the last row is the sum of all. */
static uint64_t most_resident(const struct rows *r)
{
	uint64_t most = 0, resident;

	for (size_t i = 0; r->counters && i + 1 < r->n; i++)
		if (counters_resident(&r->counters[i], &resident) && resident > most)
			most = resident;
	return most;
}

static bool is_exact(const struct check *c)
{
	return c->ours == c->kernels;
}

/* "VmRSS" of "status VmRSS" */
static const char *field_of(const struct check *c)
{
	return strrchr(c->source, ' ') + 1;
}

static bool rollup_agrees(const struct check *check, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++)
		if (strcmp(check[i].source, "smaps_rollup Rss") == 0)
			return is_exact(&check[i]);
	return false;
}

static void put_difference(struct buf *b, const struct check *c)
{
	bool more = c->ours > c->kernels;

	buf_printf(b, "%*s%s of the mappings %" PRIu64 ", %s %" PRIu64 ": %c%" PRIu64 " bytes\n",
		   INDENT + 2, "", c->what, c->ours, c->source, c->kernels, more ? '+' : '-',
		   more ? c->ours - c->kernels : c->kernels - c->ours);
}

/* What the sum of the mappings and the kernel's own totals differ by, in words. */
static void put_checks(struct buf *b, const struct style *s, const struct summary *m)
{
	struct check check[SNAPSHOT_CHECKS];
	unsigned int n = snapshot_reconcile(m->snapshot, m->total, &m->sum, check);
	unsigned int differ = 0, rollup = 0;
	const char *gap = " ";

	for (unsigned int i = 0; i < n; i++)
		differ += !is_exact(&check[i]);
	if (n == 0)
		return;
	buf_fill(b, ' ', INDENT);
	style_dim(b, s);
	if (differ)
		buf_puts(b, "does not add up; has the process moved meanwhile?");
	else
		buf_puts(b, "adds up:");
	for (unsigned int i = 0; !differ && i < n; i++) {
		bool is_rollup = strncmp(check[i].source, "smaps_rollup", 12) == 0;

		if (is_rollup && rollup++)
			continue;
		buf_printf(b, "%s%s", gap, is_rollup ? "smaps_rollup" : field_of(&check[i]));
		gap = ", ";
	}
	if (!differ)
		buf_printf(b, " agree%s (+0 bytes)", n == 1 ? "s" : "");
	style_off(b, s);
	buf_putc(b, '\n');
	for (unsigned int i = 0; i < n; i++)
		if (!is_exact(&check[i]))
			put_difference(b, &check[i]);
	/* before 6.2 each thread kept up to 64 events to itself (mm/memory.c SPLIT_RSS_COUNTING) */
	if (differ == 1 && n > 1 && !is_exact(&check[1]) &&
	    strcmp(field_of(&check[1]), "VmRSS") == 0 && rollup_agrees(check, n))
		buf_printf(b, "%*sVmRSS lags behind on kernels before 6.2; smaps_rollup agrees\n",
			   INDENT + 2, "");
}

void summary_text(struct buf *b, const struct style *s, const struct summary *m)
{
	const struct rows *rows = &m->kinds.rows;
	const struct column *column[KINDS_COLUMNS];
	struct kinds_table data = { .rows = rows, .most = most_resident(rows) };
	struct table table = { .column = column, .data = &data, .kind = kinds_row_kind,
			       .rows = rows->n, .indent = s->raw ? 0 : INDENT };

	put_totals(b, s, m);
	if (!m->snapshot->has_space)
		return;
	table.columns = choose_columns(rows, COLUMN_TEXT, column);
	if (!s->raw)
		buf_putc(b, '\n');
	table_text(b, s, &table);
	if (m->filtered && !s->raw)
		buf_printf(b, "%*ssums of the %" PRIu32 " mapping%s shown, of %zu\n", INDENT, "",
			   m->total->count, m->total->count == 1 ? "" : "s",
			   m->snapshot->space.vma.n);
	else if (!s->raw)
		put_checks(b, s, m);
}

/* The arguments, as text or as the bytes in hexadecimal. */
static void arguments_json(struct json *j, const char *key, const struct buf *command, bool hex)
{
	const char *p = command->data, *end = p + command->len;

	json_array(j, key);
	while (p < end) {
		const char *nul = memchr(p, '\0', (size_t)(end - p));
		struct str word = { p, (size_t)((nul ? nul : end) - p) };

		if (hex)
			json_hex(j, NULL, word);
		else
			json_string(j, NULL, word);
		p = word.p + word.len + 1;
	}
	json_array_end(j);
}

static void command_json(struct json *j, const struct snapshot *s)
{
	if (!s->has_command) {
		json_null(j, "command");
		return;
	}
	arguments_json(j, "command", &s->command, false);
	if (!text_is_utf8((struct str){ s->command.data, s->command.len }))
		arguments_json(j, "command_hex", &s->command, true);
}

static void string_or_null(struct json *j, const char *key, const char *p, size_t len)
{
	if (len)
		json_string(j, key, (struct str){ p, len });
	else
		json_null(j, key);
}

static void totals_json(struct json *j, const struct summary *m)
{
	json_object(j, "totals");
	json_maybe(j, "size", total_size(m));
	json_maybe(j, "mappings", (struct maybe){ m->snapshot->has_space, m->total->count });
	json_maybe(j, "resident", total_resident(m));
	json_maybe(j, "uss", total_uss(m));
	json_maybe(j, "unique", plus(total_uss(m), total(m, SMAPS_PRIVATE_HUGETLB)));
	json_maybe(j, "huge", total_huge(m));
	json_maybe(j, "hugetlb", total_hugetlb(m));
	for (unsigned int i = 0; i < SMAPS_COUNTERS; i++)
		if (i == SMAPS_SWAP)
			json_maybe(j, "swap", total_swap(m));
		else if (smaps_counter_info[i].is_sum)
			json_maybe(j, smaps_counter_info[i].key,
				   total(m, (enum smaps_counter)i));
	json_maybe(j, "page_tables", page_tables(m));
	json_bool(j, "filtered", m->filtered);
	json_object_end(j);
}

static void status_json(struct json *j, const struct snapshot *s)
{
	const struct stat_pid *stat = &s->stat;

	json_object(j, "status");
	for (unsigned int i = 0; i < STATUS_FIELDS; i++) {
		const struct status_field_info *info = &status_field_info[i];
		struct maybe v = { status_has(&s->status, (enum status_field)i),
				   s->status.v[i] };

		if (v.known && info->type == STATUS_HEX)
			json_address(j, info->key, v.v);
		else
			json_maybe(j, info->key, v);
	}
	json_maybe(j, "minor_faults", (struct maybe){ stat_has(stat, STAT_MINFLT),
						      stat->v[STAT_MINFLT] });
	json_maybe(j, "major_faults", (struct maybe){ stat_has(stat, STAT_MAJFLT),
						      stat->v[STAT_MAJFLT] });
	json_object_end(j);
}

void summary_header_json(struct json *j, const struct summary *m)
{
	const struct snapshot *s = m->snapshot;
	bool has_time = m->machine->has_boot_time && stat_has(&s->stat, STAT_STARTTIME);
	char state[2] = { s->stat.state, '\0' };

	json_u64(j, "pid", (uint64_t)s->pid);
	json_string(j, "name", s->stat.comm);
	command_json(j, s);
	string_or_null(j, "executable", s->executable.data, s->executable.len);
	string_or_null(j, "user", m->user, m->user ? strlen(m->user) : 0);
	json_maybe(j, "uid", (struct maybe){ s->status.has_uid, s->status.uid });
	json_string(j, "state", str_of(state));
	json_maybe(j, "threads", status_amount(m, STATUS_THREADS));
	json_maybe(j, "bits", (struct maybe){ s->bits != 0, s->bits });
	json_bool(j, "kernel_thread", s->condition == CONDITION_KERNEL_THREAD);
	if (has_time)
		json_time(j, "start_time", (int64_t)(m->machine->boot_time +
			  s->stat.v[STAT_STARTTIME] / TICKS_PER_SECOND));
	else
		json_null(j, "start_time");
	json_break(j);
	totals_json(j, m);
	json_break(j);
	status_json(j, s);
}

/* The checks are about all mappings, so with a filter those are summed up here. */
static unsigned int reconcile_all(const struct summary *m, struct check check[SNAPSHOT_CHECKS])
{
	struct counters_sum sums;
	struct counters sum;
	struct rows rows;
	struct vma total;

	if (!m->filtered)
		return snapshot_reconcile(m->snapshot, m->total, &m->sum, check);
	if (rows_all(&m->snapshot->space, &rows) < 0)
		return 0;
	rows_sum(&rows, &total, &sums);
	rows_done(&rows);
	sum = counters_of_sum(&sums);
	return snapshot_reconcile(m->snapshot, &total, &sum, check);
}

void summary_json(struct json *j, const struct summary *m)
{
	const struct rows *rows = &m->kinds.rows;
	const struct column *column[KINDS_COLUMNS];
	struct kinds_table data = { .rows = rows };
	/* without the last row, the sum: that is "totals" */
	struct table table = { .column = column, .data = &data, .rows = rows->n - 1 };
	struct check check[SNAPSHOT_CHECKS];
	unsigned int n = reconcile_all(m, check);

	table.columns = choose_columns(rows, COLUMN_JSON, column);
	json_break(j);
	table_json(j, "kinds", &table);
	json_break(j);
	json_array(j, "reconciliation");
	for (unsigned int i = 0; i < n; i++) {
		json_object(j, NULL);
		json_string(j, "what", str_of(check[i].what));
		json_string(j, "source", str_of(check[i].source));
		json_u64(j, "mappings", check[i].ours);
		json_u64(j, "kernel", check[i].kernels);
		json_i64(j, "difference", (int64_t)(check[i].ours - check[i].kernels));
		json_object_end(j);
	}
	json_array_end(j);
}
