/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The screen of all processes. */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/text.h"
#include "proc/live.h"
#include "tui/found.h"
#include "tui/list.h"
#include "tui/place.h"
#include "tui/tui.h"

struct processes_screen {
	struct tui *t;
	struct processes table;
	bool has_table;
	struct meminfo memory;
	uint32_t *index;		/* rows that are shown, in order */
	size_t n;
	struct column_list columns;
	size_t kept[TABLE_MAX_COLUMNS];
	const struct column *sort;	/* NULL: by pss; in a tree, by subtree */
	bool descending, tree;
	struct found filter, search;
	struct {			/* while a search is typed: where it began */
		struct found text;
		bool begun;
		pid_t pid;		/* 0: on top */
		size_t at, top;
	} typing;
	struct list list;
	int rows_y;			/* where the first row was put */
};

struct processes_job {
	struct job job;
	const struct root *root;
	const struct machine *machine;
	bool tree, utf8;
	struct processes table;
	struct meminfo memory;
	int ret;
};

static int add_process(struct processes_job *j, pid_t pid)
{
	struct snapshot_request req = {
		.root = j->root, .machine = j->machine,
		.needs = NEED_ROLLUP | NEED_COMMAND | NEED_CGROUP,
	};
	struct process_row *row = NULL;
	const char *user = NULL;
	struct snapshot s;
	int ret = snapshot_read(&req, pid, &s, NULL);

	if (ret == 0 && j->root->live && s.status.has_uid)
		user = live_user(s.status.uid);
	if (ret == 0)
		ret = processes_add(&j->table, &s, user, &row);
	if (ret == 0 && row) {	/* for REQUEST_EXPORT, which must not read again */
		const struct report_request single = { .views = 0 };
		struct report_subject subject = { &s, j->machine, user, NULL };
		struct json json;

		json_init(&json, &j->table.text, true);
		json.depth = 1;
		row->text = j->table.text.len;
		ret = report_json(&json, &single, &subject);
		row->text_len = j->table.text.len - row->text;
	}
	snapshot_done(&s);
	return ret == -ENOMEM ? ret : 0;	/* it is gone, or damaged */
}

static void read_processes(struct job *job)
{
	static const char *const utf8[] = { "├─ ", "└─ ", "│  ", "   " };
	static const char *const ascii[] = { "|- ", "`- ", "|  ", "   " };
	struct processes_job *j = (struct processes_job *)job;
	pid_list pids = { 0 };
	struct buf text;

	j->ret = j->root->live ? live_list(&pids) : root_list(j->root, "proc", &pids);
	for (size_t i = 0; j->ret == 0 && i < pids.n; i++)
		j->ret = add_process(j, pids.v[i]);
	if (j->ret == 0 && j->tree)
		j->ret = processes_tree(&j->table, j->utf8 ? utf8 : ascii);
	vec_done(&pids);
	buf_init(&text);
	if (root_read(j->root, "proc/meminfo", &text) == 0)
		meminfo_parse(text.data, text.len, &j->memory);
	buf_done(&text);
}

static void free_job(struct job *job)
{
	struct processes_job *j = (struct processes_job *)job;

	processes_done(&j->table);
	free(j);
}

static struct job *ask(void *state)
{
	struct processes_screen *s = state;
	struct processes_job *j = calloc(1, sizeof(*j));

	if (!j)
		return NULL;
	j->job = (struct job){ .read = read_processes, .free = free_job };
	j->root = s->t->root;
	j->machine = s->t->machine;
	j->tree = s->tree;
	j->utf8 = s->t->style.utf8;
	if (processes_init(&j->table) < 0) {
		free_job(&j->job);
		return NULL;
	}
	return &j->job;
}

static struct process_listing listing(const struct processes_screen *s)
{
	return (struct process_listing){
		.p = &s->table, .row = s->table.row.v, .index = s->index,
		.most = processes_most(&s->table),
	};
}

static const struct process_row *selected(const struct processes_screen *s)
{
	return s->n ? &s->table.row.v[s->index[s->list.at]] : NULL;
}

static bool matches(const struct processes_screen *s, const struct found *f, uint32_t row)
{
	const struct process_row *r = &s->table.row.v[row];

	return found_matches(f, strtab_get(&s->table.strings, r->command)) ||
	       found_matches(f, strtab_get(&s->table.strings, r->name)) ||
	       found_matches(f, strtab_get(&s->table.strings, r->user));
}

/* Which rows are shown, and in which order; the same process stays selected. */
static void arrange(struct processes_screen *s, pid_t pid)
{
	const struct column *by = s->sort;
	uint32_t *index = realloc(s->index, (s->table.row.n + 1) * sizeof(*index));
	struct process_listing l;

	if (!index)
		return;
	s->index = index;
	s->n = 0;
	for (size_t i = 0; i < s->table.row.n; i++)
		if (!found_is_set(&s->filter) || matches(s, &s->filter, (uint32_t)i))
			index[s->n++] = (uint32_t)i;
	if (!by && !s->tree)
		by = column_find(&process_column_set, STR("pss"));
	l = listing(s);
	if (by && !s->tree)
		column_sort(by, &l, index, s->n, s->descending);
	list_fit(&s->list, s->n, s->list.height);
	for (size_t i = 0; pid && i < s->n; i++)
		if (s->table.row.v[index[i]].pid == pid)
			s->list.at = i;
	list_fit(&s->list, s->n, s->list.height);
}

static pid_t selected_pid(const struct processes_screen *s)
{
	const struct process_row *r = selected(s);

	/* at the top, what is the most is wanted, whichever it is */
	return r && s->list.at ? r->pid : 0;
}

static void refresh(void *state, struct job *job)
{
	struct processes_screen *s = state;
	struct processes_job *j = (struct processes_job *)job;
	struct processes old = s->table;
	pid_t pid = selected_pid(s);

	if (j->ret < 0) {
		tui_alert(s->t, "processes: %s", strerror(-j->ret));
		return;
	}
	s->table = j->table;
	s->memory = j->memory;
	if (s->has_table)
		j->table = old;
	else
		memset(&j->table, 0, sizeof(j->table));
	s->has_table = true;
	arrange(s, pid);
}

/* --- drawing --- */

static void put_meter(struct buf *b, const struct style *st, const char *name, uint64_t used,
		      uint64_t total, enum kind kind)
{
	buf_printf(b, "%s ", name);
	style_bar(b, st, kind, 20, used, 0, total, true);
	style_size(b, st, used, 6);
	buf_puts(b, " of ");
	style_size(b, st, total, 0);
	buf_puts(b, "   ");
}

static void draw_totals(struct processes_screen *s, struct canvas *c, struct rect r)
{
	const uint64_t *v = s->memory.v;
	uint64_t pss = 0;
	struct buf b;

	buf_init(&b);
	buf_putc(&b, ' ');
	if (meminfo_has(&s->memory, MEMINFO_MEM_TOTAL) &&
	    meminfo_has(&s->memory, MEMINFO_MEM_AVAILABLE))
		put_meter(&b, c->style, "RAM", v[MEMINFO_MEM_TOTAL] - v[MEMINFO_MEM_AVAILABLE],
			  v[MEMINFO_MEM_TOTAL], KIND_TEXT);
	if (meminfo_has(&s->memory, MEMINFO_SWAP_TOTAL) && v[MEMINFO_SWAP_TOTAL])
		put_meter(&b, c->style, "swap", v[MEMINFO_SWAP_TOTAL] - v[MEMINFO_SWAP_FREE],
			  v[MEMINFO_SWAP_TOTAL], KIND_STACK);
	canvas_put(c, r.x, r.y, r.w, (struct attr){ 0 }, (struct str){ b.data, b.len });
	buf_clear(&b);
	for (size_t i = 0; i < s->n; i++)
		if (process_has(&s->table.row.v[s->index[i]], SMAPS_PSS))
			pss += s->table.row.v[s->index[i]].v[SMAPS_PSS];
	buf_printf(&b, " %zu process%s", s->n, s->n == 1 ? "" : "es");
	if (found_is_set(&s->filter))
		buf_printf(&b, " of %zu (only %s)", s->table.row.n, found_text(&s->filter));
	buf_puts(&b, ", pss ");
	style_size(&b, c->style, pss, 0);
	buf_printf(&b, " in all, by %s", s->tree ? "tree" : s->sort ? s->sort->key : "pss");
	/* what is missing matters more than the usual order */
	if (!s->tree && (!s->descending || !s->table.unreadable))
		buf_puts(&b, s->descending ? " (largest first)" : " (smallest first)");
	if (s->table.unreadable)
		buf_printf(&b, "; %zu not readable: needs CAP_SYS_PTRACE", s->table.unreadable);
	canvas_put(c, r.x, r.y + 1, r.w, look_attr(c->style, LOOK_DIM),
		   (struct str){ b.data, b.len });
	buf_done(&b);
}

static void draw(void *state, struct canvas *c, struct rect area)
{
	enum { TOTALS = 2 };
	struct processes_screen *s = state;
	struct process_listing l = listing(s);
	struct style style = *c->style;
	struct table table = { .column = s->columns.column, .columns = s->columns.n, .data = &l,
			       .kept = s->kept };
	struct buf b;

	if (!s->has_table) {
		canvas_puts(c, area.x + 1, area.y, area.w, look_attr(c->style, LOOK_DIM),
			    "reading ...");
		return;
	}
	draw_totals(s, c, area);
	area.y += TOTALS;
	area.h -= TOTALS;
	s->rows_y = area.y + 1;
	list_fit(&s->list, s->n, (size_t)(area.h - 1));
	l.index = s->index + s->list.top;
	table.rows = list_visible(&s->list);
	style.width = (size_t)area.w - 1;
	buf_init(&b);
	table_text(&b, &style, &table);
	area.x++;
	area.w--;
	canvas_lines(c, area, (struct str){ b.data, b.len }, 0);
	canvas_mark(c, (struct rect){ area.x, area.y, area.w, 1 }, ATTR_BOLD);
	if (s->n)
		canvas_select(c, (struct rect){ area.x - 1,
			      s->rows_y + (int)(s->list.at - s->list.top), area.w + 1, 1 });
	buf_done(&b);
}

/* --- requests --- */

static void search(struct processes_screen *s, const struct found *f, bool forward, bool from_here)
{
	for (size_t i = from_here ? 0 : 1; s->n && i <= s->n; i++) {
		size_t at = forward ? (s->list.at + i) % s->n : (s->list.at + s->n - i % s->n) % s->n;

		if (matches(s, f, s->index[at])) {
			list_select(&s->list, at);
			return;
		}
	}
	tui_alert(s->t, "%s: not found", found_text(f));
}

static void typed(void *state, const char *text)
{
	struct processes_screen *s = state;

	if (!s->typing.begun) {
		s->typing.begun = true;
		s->typing.pid = selected_pid(s);
		s->typing.at = s->list.at;
		s->typing.top = s->list.top;
		return;
	}
	/* from where it began, if that is still there */
	list_select(&s->list, s->typing.at);
	for (size_t i = 0; i < s->n && s->typing.pid; i++)
		if (s->table.row.v[s->index[i]].pid == s->typing.pid)
			list_select(&s->list, i);
	s->list.top = s->typing.top;
	list_fit(&s->list, s->n, s->list.height);
	s->typing.begun = text != NULL;
	if (found_typed(&s->typing.text, text))
		search(s, &s->typing.text, true, true);
}

static void set_filter(struct processes_screen *s, const char *text)
{
	char why[128];

	if (found_set(&s->filter, text, true, why, sizeof(why)) < 0)
		tui_alert(s->t, "%s: %s", text, why);
	arrange(s, selected_pid(s));
}

static void open_selected(struct processes_screen *s)
{
	const struct process_row *r = selected(s);

	if (!r)
		return;
	tui_set_process(s->t, r->pid, strtab_get(&s->table.strings, r->name));
	tui_go(s->t, SCREEN_MAP);
}

static bool click(struct processes_screen *s, bool twice)
{
	size_t row = (size_t)(s->t->mouse_y - s->rows_y);

	if (s->t->mouse_y < s->rows_y || row >= list_visible(&s->list))
		return false;
	row += s->list.top;
	if (twice || row == s->list.at)
		open_selected(s);
	else
		list_select(&s->list, row);
	return true;
}

/* The usual ones, but for huge pages the share, which can be compared. */
static void set_columns(struct processes_screen *s)
{
	const struct column *huge = column_find(&process_column_set, STR("huge"));

	process_columns_preset(&s->columns, PROCESSES_SINGLE, s->tree, false);
	for (size_t i = 0; i < s->columns.n; i++)
		if (s->columns.column[i] == huge)
			s->columns.column[i] = &process_share_column;
	memset(s->kept, 0, sizeof(s->kept));
}

static bool request(void *state, enum request r, const char *text)
{
	struct processes_screen *s = state;
	char why[64];

	if (list_request(&s->list, r))
		return true;
	switch (r) {
	case REQUEST_ENTER: open_selected(s); return true;
	case REQUEST_SCREEN_2: case REQUEST_SCREEN_3:
		if (s->t->pid)
			return false;
		open_selected(s);
		return true;
	case REQUEST_FILTER: set_filter(s, text); return true;
	case REQUEST_SEARCH:
		s->typing.begun = false;
		found_set(&s->search, text, false, why, sizeof(why));
		__attribute__((fallthrough));
	case REQUEST_NEXT: case REQUEST_PREVIOUS:
		if (found_is_set(&s->search) && s->n)
			search(s, &s->search, r != REQUEST_PREVIOUS, r == REQUEST_SEARCH);
		return true;
	case REQUEST_REVERSE:
		s->descending = !s->descending;
		arrange(s, 0);
		return true;
	case REQUEST_TREE:
		s->tree = !s->tree;
		set_columns(s);
		tui_read_now(s->t);
		return true;
	case REQUEST_CLICK: case REQUEST_DOUBLE_CLICK:
		return click(s, r == REQUEST_DOUBLE_CLICK);
	default: return false;
	}
}

static bool menu(void *state, enum request r, struct menu *m)
{
	struct processes_screen *s = state;

	m->title = r == REQUEST_SORT ? "sort by" : "columns";
	m->many = r == REQUEST_COLUMNS;
	for (size_t i = 0; i < process_column_set.n; i++) {
		const struct column *c = &process_column_set.column[i];
		bool on = m->many ? column_list_has(&s->columns, c) :
			  c == (s->sort ? s->sort : column_find(&process_column_set, STR("pss")));

		if (c->use & COLUMN_TEXT && strcmp(c->key, "processes") != 0 &&
		    strcmp(c->key, "kind") != 0)
			menu_add(m, c->key, c->help, c, on);
	}
	menu_add(m, process_share_column.key, process_share_column.help, &process_share_column,
		 m->many ? column_list_has(&s->columns, &process_share_column) :
			   s->sort == &process_share_column);
	return true;
}

static void chosen(void *state, enum request r, const struct menu *m)
{
	struct processes_screen *s = state;

	if (r == REQUEST_COLUMNS) {
		column_list_choose(&s->columns, m);
		memset(s->kept, 0, sizeof(s->kept));
		return;
	}
	s->sort = m->item.v[m->list.at].data;
	s->descending = s->sort->use & COLUMN_DESCENDING;
	s->tree = false;
	arrange(s, 0);
}

static int export(void *state, struct buf *out)
{
	struct processes_screen *s = state;
	struct json j;

	if (!s->has_table)
		return -ENODATA;
	json_init(&j, out, true);
	report_json_begin(&j, s->t->machine, 0, PACKAGE_VERSION, (int64_t)time(NULL));
	for (size_t i = 0; i < s->n; i++) {
		const struct process_row *r = &s->table.row.v[s->index[i]];

		json_raw(&j, (struct str){ s->table.text.data + r->text, r->text_len });
	}
	report_json_end_processes(&j);
	report_json_end(&j);
	return 0;
}

static int open_screen(void *state, struct tui *t)
{
	struct processes_screen *s = state;
	const struct report_request *r = t->request;
	char why[64];

	s->t = t;
	s->descending = true;
	set_columns(s);
	if (!(r->views & VIEW_PROCESSES))
		return 0;
	if (r->columns_given || r->columns_added)
		s->columns = r->process_columns;
	s->sort = r->process_sort;
	if (r->process_sort)
		s->descending = r->descending;
	return r->filter_text ? found_set(&s->filter, r->filter_text, true, why, sizeof(why)) : 0;
}

static void done(void *state)
{
	struct processes_screen *s = state;

	if (s->has_table)
		processes_done(&s->table);
	found_done(&s->filter);
	found_done(&s->search);
	found_done(&s->typing.text);
	free(s->index);
}

const struct screen screen_processes = {
	.name = "Processes", .size = sizeof(struct processes_screen), .open = open_screen,
	.ask = ask, .refresh = refresh, .draw = draw, .request = request, .typed = typed,
	.menu = menu, .chosen = chosen, .export = export, .done = done,
};
