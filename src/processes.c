/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of all processes: which, read one after the other, and how it is put. */
#include "config.h"

#include <errno.h>
#include <string.h>

#include "app.h"
#include "base/clock.h"
#include "base/num.h"
#include "proc/live.h"
#include "report/process_changes.h"

/* Whether a process is one that the table is to show. */
static bool is_wanted(const struct app *app, const struct snapshot *s, const char *user)
{
	const regex_t *regex = app->o.request.filter.regex;
	struct buf text;
	uint64_t uid;
	bool wanted = true;

	if (app->o.user && !(user && strcmp(user, app->o.user) == 0) &&
	    !(num_parse_u64(app->o.user, &uid) && s->status.has_uid && uid == s->status.uid))
		return false;
	if (!regex)
		return true;
	buf_init(&text);
	buf_add(&text, s->stat.comm.p, s->stat.comm.len);
	buf_putc(&text, '\n');
	for (size_t i = 0; i < s->command.len; i++)
		buf_putc(&text, s->command.data[i] ? s->command.data[i] : ' ');
	wanted = buf_string(&text) && regexec(regex, text.data, 0, NULL, 0) == 0;
	buf_done(&text);
	return wanted;
}

/* One process of the table; those that vanish meanwhile are left out without a word. */
static int add_process(struct app *app, struct processes *table, pid_t pid)
{
	enum process_view view = app->o.request.process_view;
	struct snapshot_request req = {
		.root = &app->root, .machine = &app->machine,
		.needs = view == PROCESSES_OBJECT ? NEED_SMAPS | NEED_COMMAND :
			 (app->o.request.fast ? 0 : NEED_ROLLUP) | NEED_COMMAND | NEED_CGROUP,
	};
	struct report_request single = { .style = app->o.request.style };
	struct process_row *row = NULL;
	const char *user = NULL;
	struct snapshot s;
	struct err e = { 0 };
	int ret = snapshot_read(&req, pid, &s, &e);

	if (ret == 0 && s.status.has_uid)
		user = app_user(app, s.status.uid);
	if (ret == 0 && is_wanted(app, &s, user)) {
		ret = view == PROCESSES_OBJECT ? processes_add_objects(table, &s) :
						 processes_add(table, &s, user, &row);
		if (ret == 0 && row && app->processes && view == PROCESSES_SINGLE)
			process_history_compare(app->processes, table, row);
		if (ret == 0 && row && app->o.json && view == PROCESSES_SINGLE) {
			struct report_subject subject = {
				.snapshot = &s, .machine = &app->machine, .user = user,
				.watched = app->processes ? row : NULL,
			};
			struct json j;

			json_init(&j, &table->text, app->json.lines);
			j.depth = 1;
			row->text = table->text.len;
			ret = report_json(&j, &single, &subject);
			row->text_len = table->text.len - row->text;
		}
	}
	snapshot_done(&s);
	if (ret == -ESRCH || ret == -EAGAIN)
		return 0;
	if (ret == -EBADMSG) {
		app_complain(e.text);
		app->failed = true;
		return 0;
	}
	return ret;
}

/* No process is left of those that were asked for. That is no failure where it may change. */
static void put_none(struct app *app)
{
	const char *filter = app->o.request.filter_text;
	struct err e = { 0 };

	err_set(&e, -ESRCH, "no process%s%s%s%s%s", app->o.user ? " of user " : "",
		app->o.user ? app->o.user : "", filter ? " matches '" : "", filter ? filter : "",
		filter ? "'" : "");
	if (!app->processes) {
		if (!app->failed)	/* else it has been said why */
			app_complain(e.text);
		app->failed = true;
	} else if (!app->o.json) {
		text_put(&app->out, str_of(e.text), style_text(&app->o.request.style));
		buf_putc(&app->out, '\n');
	}
}

static enum process_group group_by(enum process_view view)
{
	return view == PROCESSES_USER ? PROCESS_GROUP_USER :
	       view == PROCESSES_CGROUP ? PROCESS_GROUP_CGROUP : PROCESS_GROUP_NAME;
}

/* Rows of processes have been compared with the samples before as they were read. */
static int add_sample(struct app *app, struct processes *table, double time)
{
	struct process_history *h = app->processes;

	h->by = group_by(app->o.request.process_view);
	for (size_t i = 0; app->o.request.process_view && i < table->row.n; i++)
		process_history_compare(h, table, &table->row.v[i]);
	return process_history_add(h, table, time);
}

static int put_processes(struct app *app, struct processes *table, double time)
{
	static const char *const utf8[] = { "├─ ", "└─ ", "│  ", "   " };
	static const char *const ascii[] = { "|- ", "`- ", "|  ", "   " };
	const struct report_request *r = &app->o.request;
	struct processes_report report = {
		.processes = table, .machine = &app->machine, .view = r->process_view,
		.tree = r->tree, .columns = &r->process_columns, .sort = r->process_sort,
		.descending = r->descending, .history = app->processes, .max_lines = app->max_lines,
		.whole = !app->o.targets && !app->o.user && !r->filter.regex, .fast = app->o.request.fast,
	};
	bool none = table->row.n == 0 && (app->o.user || r->filter.regex);
	int ret = 0;

	if (app->o.json)
		app_begin_json(app, 0);

	if (r->process_view)
		ret = processes_group(table, group_by(r->process_view));
	if (ret == 0 && app->processes)
		ret = add_sample(app, table, time);
	if (ret == 0 && r->tree)
		ret = processes_tree(table, r->style.raw ? NULL : r->style.utf8 ? utf8 : ascii);
	if (ret == 0 && none)
		put_none(app);
	if (ret == 0 && none && !app->o.json)	/* an empty table would look like an answer */
		return app->processes ?
		       process_changes_text(&app->out, &r->style, app->processes) : 0;
	if (ret == 0 && !app->o.json)
		return processes_text(&app->out, &r->style, &report);
	if (ret == 0 && !r->process_view)
		ret = processes_json(&app->json, &report);
	report_json_end_processes(&app->json);
	if (ret == 0 && r->process_view)
		ret = processes_groups_json(&app->json, &report);
	if (ret == 0 && report.whole)
		processes_memory_json(&app->json, &report);
	if (ret == 0 && app->processes)
		ret = process_changes_json(&app->json, app->processes, false);
	return ret;
}

/* All, or those that the arguments mean. */
static int find_processes(struct app *app, pid_list *pids)
{
	if (app->o.targets == 0)
		return app->root.live ? live_list(pids) : root_list(&app->root, "proc", pids);
	for (int i = 0; i < app->o.targets; i++)
		app_find_target(app, app->o.target[i], pids);
	return 0;
}

void app_processes(struct app *app)
{
	struct processes table;
	double time = clock_seconds();
	pid_list pids = { 0 };
	int ret = processes_init(&table);

	if (ret == 0)
		ret = find_processes(app, &pids);
	for (size_t i = 0; ret == 0 && i < pids.n; i++)
		ret = add_process(app, &table, pids.v[i]);
	if (ret == 0)
		ret = put_processes(app, &table, time);
	if (ret < 0) {
		app_complain(strerror(-ret));
		app->failed = true;
	}
	processes_done(&table);
	vec_done(&pids);
}

