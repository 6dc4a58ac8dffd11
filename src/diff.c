/* SPDX-License-Identifier: GPL-3.0-or-later */
/* --diff: a process beside what a captured tree has of it, or of the one it is to be compared with. */
#include "config.h"

#include <errno.h>
#include <string.h>

#include "app.h"

/* What it was called in the tree; false if it is not in it. */
static bool read_name(const struct root *tree, pid_t pid, struct buf *text, struct stat_pid *stat)
{
	struct process p;
	bool known;

	buf_clear(text);
	if (root_open_process(tree, pid, &p) < 0)
		return false;
	known = process_read(&p, "stat", text) >= 0 && stat_parse(text->data, text->len, stat) == 0;
	process_close(&p);
	return known;
}

/* By number, if it is still called the same or nothing else is; by name; the only one there is. */
static int find_base(const struct root *tree, const struct snapshot *s, pid_t *pid,
		     struct err *e)
{
	pid_list all = { 0 };
	size_t named = 0, same = 0;
	struct buf text;
	int ret = root_list(tree, "proc", &all);

	buf_init(&text);
	for (size_t i = 0; ret == 0 && i < all.n; i++) {
		struct stat_pid stat;

		if (!read_name(tree, all.v[i], &text, &stat) ||
		    !str_eq(stat.comm, s->stat.comm))
			continue;
		named++;
		same += all.v[i] == s->pid;
		if (!same || all.v[i] == s->pid)
			*pid = all.v[i];
	}
	buf_done(&text);
	if (ret == 0 && !named && all.n == 1)
		*pid = all.v[0];
	else if (ret == 0 && !same && named != 1)
		ret = err_set(e, -ESRCH, named ? "%d: the tree has several processes of that name, "
			      "and none with that number" : "%d: the tree has no process of that "
			      "number or name, and more than one", (int)s->pid);
	else if (ret < 0)
		err_set(e, ret, "the tree to compare with has no directory proc: %s",
			strerror(-ret));
	if (ret == 0 && all.n == 0)
		ret = err_set(e, -ESRCH, "the tree to compare with has no process");
	vec_done(&all);
	return ret;
}

/* It has the same number, began at the same moment, on a machine of the same name, and still runs the
 * same program. */
static bool is_same_process(const struct app *app, const struct machine *m,
			    const struct snapshot *a, const struct snapshot *b)
{
	struct str x = { app->machine.hostname.data, app->machine.hostname.len };
	struct str y = { m->hostname.data, m->hostname.len };

	return a->pid == b->pid && stat_has(&a->stat, STAT_STARTTIME) &&
	       stat_has(&b->stat, STAT_STARTTIME) &&
	       a->stat.v[STAT_STARTTIME] == b->stat.v[STAT_STARTTIME] &&
	       !change_is_other_program(&a->stat, &a->space, &b->stat, &b->space) &&
	       (!x.len || !y.len || str_eq(x, y));
}

static int put_changes(struct app *app, const struct machine *m, const struct snapshot *base,
		       struct snapshot *s, struct err *e)
{
	struct change_set set = {
		.since = SINCE_BASE, .side = { base, s }, .tree = app->o.diff,
		.other_process = !is_same_process(app, m, base, s),
	};
	struct change_report report = { .set = { &set }, .max_rows = CHANGE_USUAL_ROWS };
	int ret = change_set_make(&set, &app->o.request.filter);

	if (ret == 0)
		ret = app_put_process(app, s, &report, e);
	change_set_done(&set);
	return ret;
}

int app_put_diff(struct app *app, struct snapshot *s, struct err *e)
{
	struct snapshot_request req = {
		.needs = report_needs(&app->o.request, app->o.json) &
			 (NEED_MAPS | NEED_SMAPS | NEED_THREADS | NEED_COMMAND | NEED_AUXV),
	};
	struct machine machine;
	struct snapshot base;
	struct root tree;
	pid_t pid = 0;
	int ret = root_open(&tree, app->o.diff, e);

	if (ret < 0)
		return ret;
	machine_read(&tree, false, &machine);
	req.root = &tree;
	req.machine = &machine;
	ret = find_base(&tree, s, &pid, e);
	if (ret == 0) {
		ret = snapshot_read(&req, pid, &base, e);
		if (ret == 0 && (!base.has_space || !s->has_space))
			ret = err_set(e, -ENODATA, "%d: nothing to compare: %s has no mappings that "
				      "can be read", (int)s->pid, base.has_space ? "it" : "the tree");
		if (ret == 0)
			ret = put_changes(app, &machine, &base, s, e);
		snapshot_done(&base);
	}
	machine_done(&machine);
	root_close(&tree);
	return ret;
}
