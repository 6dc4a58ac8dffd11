/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is asked for, and the report of a process: its views in order, as text or as JSON. */
#include "config.h"

#include "report/report.h"

#include <inttypes.h>
#include <string.h>

#include "report/cow.h"
#include "report/huge.h"
#include "report/layout.h"
#include "report/mm.h"
#include "report/numa.h"
#include "report/pages.h"
#include "report/process_changes.h"
#include "report/sharing.h"
#include "report/summary.h"
#include "report/translate.h"
#include "report/wss.h"

unsigned int report_needs(const struct report_request *req, bool json)
{
	unsigned int views = req->views, needs = 0;

	if (views & VIEW_MAPS) {
		needs |= column_list_needs(&req->columns) | NEED_MAPS | NEED_THREADS;
		if (req->sort)
			needs |= req->sort->needs;
		if (req->filter.min_resident)
			needs |= NEED_SMAPS;
	}
	if (views & (VIEW_SUMMARY | VIEW_LAYOUT))
		needs |= NEED_SMAPS | NEED_THREADS;
	if (views & VIEW_SUMMARY)
		needs |= NEED_ROLLUP | NEED_AUXV;
	if (req->change)
		needs |= NEED_SMAPS | NEED_THREADS | column_list_needs(&req->columns);
	if (views & VIEW_LAYOUT)
		needs |= NEED_AUXV;
	if (views & VIEW_MM)
		needs |= NEED_MAPS | NEED_AUXV | NEED_LIMITS;
	if (views & VIEW_PAGES)
		needs |= NEED_SMAPS | NEED_PAGES | NEED_THREADS;
	if (views & VIEW_HUGE)
		needs |= NEED_SMAPS | NEED_PAGES | NEED_THREADS | NEED_HUGE;
	if (views & (VIEW_COW | VIEW_SHARING))
		needs |= NEED_MAPS | NEED_THREADS;
	if (views & VIEW_WSS)
		needs |= NEED_SMAPS | NEED_THREADS;
	if (views & VIEW_TRANSLATE)
		needs |= NEED_SMAPS | NEED_AUXV | NEED_LIMITS | NEED_THREADS;
	if (views & VIEW_NUMA)
		needs |= NEED_MAPS | NEED_NUMA | NEED_THREADS;
	/* kinds are told better, and documents have all members of a mapping */
	if ((views & VIEW_NUMA) && (json || req->group || filter_is_active(&req->filter)))
		needs |= NEED_SMAPS;
	if (needs & NEED_PAGES)
		needs |= NEED_AUXV;	/* the page size */
	needs |= NEED_COMMAND;
	if (json)
		needs |= NEED_AUXV;
	if (req->fast)
		needs = needs & NEED_MAPS ? NEED_MAPS : (needs & NEED_SMAPS ? NEED_MAPS : 0);
	return needs;
}

/* The rows of a request: filtered, summed up; then grouped or not, and sorted. */
struct selection {
	struct rows shown;	/* mappings that pass the filter, in address order */
	struct groups groups;
	struct rows rows;	/* what --maps shows */
	struct summary summary;	/* of the mappings that pass */
	struct huge_facts huge;
	const struct change_report *change;
};

/* The rows of --maps, from those that are shown. */
static int order_rows(const struct report_request *req, struct selection *sel)
{
	int ret;

	if (req->group) {
		ret = groups_make(&sel->shown, req->group, &sel->groups);
		sel->rows = sel->groups.rows;
		sel->groups.rows.index = NULL;
	} else {
		ret = rows_all(sel->shown.space, &sel->rows);
		sel->rows.census = sel->shown.census;
		sel->rows.pages = sel->shown.pages;
		sel->rows.huge = sel->shown.huge;
		sel->rows.numa = sel->shown.numa;
		if (ret == 0)
			memcpy(sel->rows.index, sel->shown.index,
			       sel->shown.n * sizeof(uint32_t));
		sel->rows.n = sel->shown.n;
	}
	if (ret == 0 && req->sort)
		ret = rows_sort(&sel->rows, req->sort, req->descending);
	return ret;
}

/* What the reasons of --huge are told from; rows know it only if it was read. */
static void find_huge_facts(const struct report_subject *subject, struct selection *sel)
{
	const struct snapshot *s = subject->snapshot;
	const struct geometry *g = s->geometry;

	if (!subject->huge)
		return;
	sel->huge = (struct huge_facts){
		.machine = subject->huge, .space = &s->space, .status = &s->status,
		.set = s->has_pages ? &s->pages : NULL,
		.mounts = s->has_mounts ? &s->mounts : NULL,
		.page_size = s->auxv.page_size ? s->auxv.page_size : subject->machine->page_size,
		.pmd_size = thp_pmd_size(&subject->huge->thp),
	};
	if (s->has_pages)
		sel->huge.page_size = s->pages.page_size;
	if (!sel->huge.pmd_size && s->has_pages)
		sel->huge.pmd_size = s->pages.pmd_size;
	if (!sel->huge.pmd_size && g && g->levels > 1)
		sel->huge.pmd_size = UINT64_C(1) << g->shift[g->levels - 2];
	sel->shown.huge = &sel->huge;
}

static int selection_init(const struct report_request *req, const struct report_subject *subject,
			  struct selection *sel)
{
	int ret;

	memset(sel, 0, sizeof(*sel));
	ret = rows_all(&subject->snapshot->space, &sel->shown);
	if (ret < 0)
		return ret;
	if (subject->snapshot->has_pages) {
		sel->shown.pages = &subject->snapshot->pages;
		sel->shown.census = sel->shown.pages->census.v;
	}
	sel->change = subject->change;
	find_huge_facts(subject, sel);
	if (subject->snapshot->has_numa)
		sel->shown.numa = &subject->snapshot->numa;
	if (filter_is_active(&req->filter))
		ret = rows_filter(&sel->shown, &req->filter);
	if (ret < 0)
		return ret;
	sel->summary = (struct summary){
		.snapshot = subject->snapshot, .machine = subject->machine, .rows = &sel->shown,
		.filtered = filter_is_active(&req->filter), .user = subject->user,
	};
	ret = summary_init(&sel->summary);
	return ret < 0 ? ret : order_rows(req, sel);
}

static void selection_done(struct selection *sel)
{
	rows_done(&sel->shown);
	rows_done(&sel->rows);
	groups_done(&sel->groups);
	summary_done(&sel->summary);
}

static int make_picture(const struct report_request *req, const struct report_subject *subject,
			const struct rows *rows, struct picture *picture)
{
	const struct snapshot *s = subject->snapshot;
	struct picture_request want = {
		.space = &s->space, .rows = rows, .geometry = s->geometry, .bits = s->bits,
		.executable = s->executable_path, .kernel_detail = req->kernel_detail,
		.kernel = subject->kernel,
		.lines = req->picture_lines ? req->picture_lines : PICTURE_USUAL_LINES,
	};

	/* the kernel's regions come on top of the usual height */
	if (req->kernel_detail)
		want.lines += 20;
	return picture_make(&want, picture);
}

/* What there is to say instead of a report on memory; NULL: there is memory. */
const char *report_no_memory(const struct snapshot *s)
{
	switch (s->condition) {
	case CONDITION_KERNEL_THREAD:
		return "a kernel thread: it has no address space of its own";
	case CONDITION_ZOMBIE:
		return snapshot_lost_main_thread(s) ?
			"its main thread has exited (zombie): give the ID of another thread" :
			"a zombie: it has exited, its memory is freed; its parent has not waited";
	case CONDITION_NO_MEMORY:
		return "it has no mappings (it is just starting or exiting)";
	case CONDITION_NORMAL:
		break;
	}
	return NULL;
}

/* Same reason but for the file, same remedy. */
static bool is_same_note(const struct unavailable *a, const struct unavailable *b)
{
	const char *why = strchr(a->reason, ':'), *other = strchr(b->reason, ':');

	return why && other && a->needs && b->needs && strcmp(why, other) == 0 &&
	       strcmp(a->needs, b->needs) == 0;
}

/* The same reason is given once, for all that it hides. */
static void put_note(struct buf *b, const struct style *s, const struct snapshot *snapshot,
		     size_t at)
{
	const struct unavailable *u = &snapshot->unavailable.v[at];
	const char *why = strchr(u->reason, ':');

	for (size_t i = 0; i < at; i++)
		if (is_same_note(u, &snapshot->unavailable.v[i]))
			return;
	style_dim(b, s);
	buf_printf(b, "  note: no %s", u->what);
	for (size_t i = at + 1; i < snapshot->unavailable.n; i++)
		if (is_same_note(u, &snapshot->unavailable.v[i]))
			buf_printf(b, ", %s", snapshot->unavailable.v[i].what);
	buf_printf(b, ": %s", why && u->needs ? why + 2 : u->reason);
	if (u->needs)
		buf_printf(b, "\n        needs %s", u->needs);
	style_off(b, s);
	buf_putc(b, '\n');
}

void report_put_notes(struct buf *b, const struct report_request *req,
		      const struct snapshot *snapshot)
{
	const struct style *s = &req->style;
	uint64_t size = space_size(&snapshot->space);

	if (s->raw)
		return;
	for (size_t i = 0; i < snapshot->unavailable.n; i++)
		/* but for --mm it is read for the page size, and more privilege would tell no more */
		if ((req->views & VIEW_MM) || !snapshot->unavailable.v[i].needs ||
		    strcmp(snapshot->unavailable.v[i].what, "auxv") != 0)
			put_note(b, s, snapshot, i);
	if (req->fast && (req->views & VIEW_SUMMARY))
		buf_puts(b, "  note: --fast does not read smaps: proportional, unique and huge are "
			    "unknown\n");
	if (!snapshot->live && snapshot->has_space && status_has(&snapshot->status, STATUS_VM_SIZE) &&
	    size != snapshot->status.v[STATUS_VM_SIZE])
		buf_printf(b, "  note: the mappings add up to %" PRIu64 " bytes, status says VmSize %"
			   PRIu64 ": is the tree complete?\n", size,
			   snapshot->status.v[STATUS_VM_SIZE]);
	if (req->fast && (req->views & VIEW_MM))
		buf_puts(b, "  note: --fast does not read limits and auxv\n");
	if (!req->fast && snapshot->read_seconds > 0.5)
		buf_printf(b, "  note: reading this held the process's memory map for up to "
			   "%.1f s; --fast reads only the list of mappings\n",
			   snapshot->read_seconds);
}

/* An empty line between views; none in raw output. */
static void gap(struct buf *b, const struct style *s)
{
	if (!s->raw)
		buf_putc(b, '\n');
}

/* Says that no row is left, and where an address that was asked for lies. */
static void put_nothing(struct buf *b, const struct report_request *req,
			const struct space *space)
{
	uint64_t address = req->filter.range_low, low = 0, high = UINT64_MAX;

	if (req->style.raw)
		return;
	buf_puts(b, "  no mapping is selected");
	if (req->filter.has_range && !space_find(space, address)) {
		for (size_t i = 0; i < space->vma.n; i++) {
			if (space->vma.v[i].end <= address)
				low = space->vma.v[i].end;
			else if (space->vma.v[i].start < high)
				high = space->vma.v[i].start;
		}
		buf_printf(b, "; %" PRIx64 " lies in the hole %" PRIx64 "-%" PRIx64, address,
			   low, high);
	}
	buf_putc(b, '\n');
}

/* The sum of what is shown, as a row: the last of the kinds. */
static struct rows total_row(const struct summary *summary)
{
	struct rows total = summary->kinds.rows;

	total.index += total.n - 1;
	total.n = 1;
	return total;
}

static int put_views(struct buf *b, const struct report_request *req,
		     const struct report_subject *subject, const struct selection *sel)
{
	const struct summary *summary = &sel->summary;
	const struct snapshot *s = summary->snapshot;
	struct rows total = total_row(summary);
	struct picture picture = { 0 };
	struct table table;
	int ret = 0;

	if (!req->style.raw || (req->views & VIEW_SUMMARY))
		summary_header_text(b, &req->style, summary);
	if (report_no_memory(s)) {
		buf_printf(b, "  %s\n", report_no_memory(s));
		return 0;
	}
	if (req->views & VIEW_SUMMARY)
		summary_text(b, &req->style, summary);
	if ((req->views & VIEW_LAYOUT) && s->has_space) {
		gap(b, &req->style);
		ret = make_picture(req, subject, &sel->shown, &picture);
		if (ret == 0)
			layout_text(b, &req->style, &picture, &s->space);
		picture_done(&picture);
	}
	if (ret == 0 && (req->views & VIEW_MAPS) && s->has_space) {
		gap(b, &req->style);
		table = mapping_table(&sel->rows, &req->columns);
		table.total = &total;
		table_text(b, &req->style, &table);
		if (sel->rows.n == 0)
			put_nothing(b, req, &s->space);
	}
	if (ret == 0 && (req->views & VIEW_MM)) {
		gap(b, &req->style);
		mm_text(b, &req->style, s);
	}
	if (ret == 0 && (req->views & VIEW_PAGES) && s->has_pages)
		pages_text(b, &req->style, &total, &sel->rows);
	if (ret == 0 && (req->views & VIEW_HUGE) && s->has_space && sel->shown.huge)
		huge_text(b, &req->style, &sel->shown, &sel->rows);
	if (ret == 0 && (req->views & VIEW_NUMA) && s->has_numa) {
		gap(b, &req->style);
		ret = numa_text(b, &req->style, &(struct numa_view){
				&sel->shown, &sel->rows, &total, req->group });
		if (sel->rows.n == 0 && !(req->views & VIEW_MAPS))
			put_nothing(b, req, &s->space);
	}
	if (ret == 0 && (req->views & VIEW_TRANSLATE) && s->has_translations)
		translate_text(b, &req->style, s);
	if (ret == 0 && (req->views & VIEW_COW) && subject->cow)
		ret = cow_text(b, &req->style, &(struct cow_view){
				subject->cow, s, &sel->shown, summary->filtered });
	if (ret == 0 && (req->views & VIEW_SHARING) && subject->sharing)
		ret = sharing_text(b, &req->style, subject->sharing, &s->space);
	if (ret == 0 && (req->views & VIEW_WSS) && subject->wss && s->has_space)
		ret = wss_text(b, &req->style, subject->wss, &sel->shown);
	if (ret == 0 && sel->change && s->has_space)
		ret = change_text(b, &req->style, sel->change, &req->columns);
	report_put_notes(b, req, s);
	return ret;
}

int report_text(struct buf *b, const struct report_request *req,
		const struct report_subject *subject)
{
	struct selection sel;
	int ret = selection_init(req, subject, &sel);

	if (ret == 0)
		ret = put_views(b, req, subject, &sel);
	selection_done(&sel);
	return ret;
}

static void missing_json(struct json *j, const char *what, const char *reason, const char *needs)
{
	json_object(j, NULL);
	json_string(j, "what", str_of(what));
	json_string(j, "reason", str_of(reason));
	if (needs)
		json_string(j, "needs", str_of(needs));
	else
		json_null(j, "needs");
	json_object_end(j);
}

/* huge: of --huge, or NULL. */
static void unavailable_json(struct json *j, const struct snapshot *s, bool fast,
			     const struct huge_facts *huge)
{
	json_break(j);
	json_array(j, "unavailable");
	if (report_no_memory(s))
		missing_json(j, "mappings", report_no_memory(s), NULL);
	if (fast)
		missing_json(j, "smaps, command, executable, auxv, limits",
			     "not read, as --fast asks", "a run without --fast");
	if (huge && !huge->machine->thp.present)
		missing_json(j, "huge.settings",
			     "there is no directory sys/kernel/mm/transparent_hugepage",
			     s->live ? "a kernel with CONFIG_TRANSPARENT_HUGEPAGE" : NULL);
	if (huge && !huge->pmd_size)
		missing_json(j, "huge.reasons", "the size of a huge page is not known", NULL);
	for (size_t i = 0; i < s->unavailable.n; i++)
		missing_json(j, s->unavailable.v[i].what, s->unavailable.v[i].reason,
			     s->unavailable.v[i].needs);
	json_array_end(j);
}

/* The key is the same as that of smaps' amount, which is in the object again. */
static void replace_huge(struct column_list *l)
{
	size_t n = 0;

	for (size_t i = 0; i < l->n; i++)
		if (strcmp(l->column[i]->key, huge_json_column.key) != 0)
			l->column[n++] = l->column[i];
	l->n = n;
	column_list_add(l, &huge_json_column);
}

static void mappings_json(struct json *j, const struct report_request *req,
			  const struct rows *rows)
{
	struct column_list columns = { .n = 0 };
	struct table table;

	if (req->columns_given) {
		/* a mapping without its place would be of no use to a script */
		for (size_t i = 0; i < 2 && !req->group; i++)
			column_list_add(&columns, &mapping_columns[i]);
		for (size_t i = 0; i < req->columns.n; i++)
			column_list_add(&columns, req->columns.column[i]);
	} else {
		column_list_preset(&columns, PRESET_JSON, req->group, req->fast);
	}
	if (req->views & VIEW_PAGES)
		column_list_add(&columns, &pages_json_column);
	if (req->views & VIEW_HUGE)
		replace_huge(&columns);
	if (req->views & VIEW_NUMA)
		column_list_add(&columns, &numa_json_column);
	table = mapping_table(rows, &columns);
	json_break(j);
	table_json(j, req->group ? "groups" : "mappings", &table);
}

/* Where the mappings can't be read, or there are none: an empty list would be an answer. */
static void unknown_json(struct json *j, const struct report_request *req)
{
	json_break(j);
	if (req->views & VIEW_SUMMARY) {
		json_null(j, "kinds");
		json_null(j, "reconciliation");
	}
	if (req->views & VIEW_LAYOUT)
		json_null(j, "layout");
	if (req->views & (VIEW_LAYOUT | VIEWS_OF_MAPPINGS)) {
		json_null(j, "holes");
		json_null(j, req->group ? "groups" : "mappings");
	}
	if (req->views & VIEW_PAGES)
		json_null(j, "pages");
	if (req->views & VIEW_HUGE)
		json_null(j, "huge");
	if (req->views & VIEW_NUMA)
		json_null(j, "numa");
	if (req->views & VIEW_TRANSLATE)
		json_null(j, "translations");
	if (req->views & VIEW_COW)
		json_null(j, "cow");
	if (req->views & VIEW_SHARING)
		json_null(j, "sharing");
	if (req->views & VIEW_WSS)
		json_null(j, "wss");
}

static int views_json(struct json *j, const struct report_request *req,
		      const struct report_subject *subject, const struct selection *sel)
{
	const struct snapshot *s = sel->summary.snapshot;
	struct rows total = total_row(&sel->summary);
	struct picture picture = { 0 };
	int ret = 0;

	json_break(j);
	json_object(j, NULL);
	summary_header_json(j, &sel->summary);
	if (req->views & VIEW_MM)
		mm_json(j, s);
	if (!s->has_space || s->condition != CONDITION_NORMAL) {
		unknown_json(j, req);
		goto rest;
	}
	if (req->views & VIEW_SUMMARY)
		summary_json(j, &sel->summary);
	if (req->views & VIEW_LAYOUT) {
		ret = make_picture(req, subject, &sel->shown, &picture);
		if (ret == 0)
			layout_json(j, &picture, &s->space);
		picture_done(&picture);
	}
	if (ret == 0 && (req->views & VIEW_PAGES))
		pages_json(j, &total);
	if (ret == 0 && (req->views & VIEW_HUGE))
		huge_json(j, &sel->shown);
	if (ret == 0 && (req->views & VIEW_NUMA) && s->has_numa)
		ret = numa_json(j, &(struct numa_view){
				&sel->shown, &sel->rows, &total, req->group });
	else if (req->views & VIEW_NUMA)
		json_null(j, "numa");
	if (ret == 0 && (req->views & (VIEWS_OF_MAPPINGS | VIEW_LAYOUT))) {
		layout_holes_json(j, &s->space);
		mappings_json(j, req, &sel->rows);
	}
	if (ret == 0 && (req->views & VIEW_TRANSLATE))
		translate_json(j, s);
	if (ret == 0 && (req->views & VIEW_COW) && subject->cow)
		cow_json(j, &(struct cow_view){ subject->cow, s, &sel->shown, sel->summary.filtered });
	else if (req->views & VIEW_COW)
		json_null(j, "cow");
	if (ret == 0 && (req->views & VIEW_SHARING) && subject->sharing)
		sharing_json(j, subject->sharing, &s->space);
	else if (req->views & VIEW_SHARING)
		json_null(j, "sharing");
	if (ret == 0 && (req->views & VIEW_WSS) && subject->wss)
		wss_json(j, subject->wss, &sel->shown);
	else if (req->views & VIEW_WSS)
		json_null(j, "wss");
rest:
	if (ret == 0 && sel->change)
		ret = change_json(j, sel->change);
	if (ret == 0 && subject->watched)
		process_changes_row_json(j, subject->watched);
	unavailable_json(j, s, req->fast, sel->shown.huge);
	json_break(j);
	json_object(j, "cost");
	json_double(j, "read_seconds", s->read_seconds);
	json_u64(j, "bytes_read", s->bytes_read);
	json_object_end(j);
	json_object_end(j);
	return ret;
}

int report_json(struct json *j, const struct report_request *req,
		const struct report_subject *subject)
{
	struct selection sel;
	int ret = selection_init(req, subject, &sel);

	if (ret == 0)
		ret = views_json(j, req, subject, &sel);
	selection_done(&sel);
	return ret;
}

static void word_json(struct json *j, const char *key, const struct buf *word)
{
	if (word->len)
		json_string(j, key, (struct str){ word->data, word->len });
	else
		json_null(j, key);
}

void report_json_begin(struct json *j, const struct machine *m, unsigned int levels,
		       const char *version, int64_t now)
{
	json_object(j, NULL);
	json_u64(j, "schema", 1);
	json_string(j, "version", str_of(version));
	json_time(j, "time", now);
	json_break(j);
	json_object(j, "machine");
	word_json(j, "hostname", &m->hostname);
	word_json(j, "kernel", &m->kernel);
	word_json(j, "architecture", &m->arch);
	json_maybe(j, "page_size", (struct maybe){ m->page_size != 0, m->page_size });
	json_maybe(j, "page_table_levels", (struct maybe){ levels != 0, levels });
	json_array(j, "huge_page_sizes");
	for (unsigned int i = 0; i < m->huge_page_sizes; i++)
		json_u64(j, NULL, m->huge_page_size[i]);
	json_array_end(j);
	json_maybe(j, "memory_total", (struct maybe){
		   m->meminfo.valid >> MEMINFO_MEM_TOTAL & 1,
		   m->meminfo.v[MEMINFO_MEM_TOTAL] });
	json_object_end(j);
	json_break(j);
	json_array(j, "processes");
}

void report_json_end_processes(struct json *j)
{
	json_array_end(j);
}

void report_json_end(struct json *j)
{
	json_object_end(j);
	buf_putc(j->b, '\n');
}
