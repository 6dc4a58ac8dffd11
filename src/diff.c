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
	known = stat_read(&p, text, stat) == 0;
	process_close(&p);
	return known;
}

enum { NAMED = 3 };

/* "python3 (123) is not in DIR (it has redis-server 456)" */
static int not_there(struct err *e, const struct snapshot *s, const char *tree, struct buf *has,
		     size_t n)
{
	int name = s->stat.comm.len > 200 ? 200 : (int)s->stat.comm.len;

	if (n > NAMED)
		buf_printf(has, " and %zu more", n - NAMED);
	return err_set(e, -ESRCH, "%.*s (%d) is not in %s (it has %s)", name, s->stat.comm.p,
		       (int)s->pid, tree, n && buf_string(has) ? has->data : "no process");
}

/* By number, if it has the same name or began at the same moment; else the only one of that name:
 * what another program has tells nothing. */
static int find_base(const struct root *tree, const char *dir, const struct snapshot *s, pid_t *pid,
		     struct err *e)
{
	pid_list all = { 0 };
	size_t named = 0, known = 0;
	bool same = false;
	struct buf text, has;
	int ret = root_list(tree, "proc", &all);

	buf_init(&text);
	buf_init(&has);
	if (ret < 0)
		err_set(e, ret, "the tree to compare with has no directory proc: %s",
			strerror(-ret));
	for (size_t i = 0; ret == 0 && i < all.n && !same; i++) {
		struct stat_pid stat;
		bool alike;

		if (!read_name(tree, all.v[i], &text, &stat))
			continue;
		alike = str_eq(stat.comm, s->stat.comm);
		same = all.v[i] == s->pid && (alike || (stat_has(&stat, STAT_STARTTIME) &&
			stat.v[STAT_STARTTIME] == s->stat.v[STAT_STARTTIME]));
		if (alike || same)
			*pid = all.v[i];
		named += alike;
		if (known++ < NAMED) {
			buf_puts(&has, known > 1 ? ", " : "");
			buf_add(&has, stat.comm.p, stat.comm.len);
			buf_printf(&has, " %d", (int)all.v[i]);
		}
	}
	if (ret == 0 && !same && named != 1)
		ret = not_there(e, s, dir, &has, known);
	buf_done(&has);
	buf_done(&text);
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
	ret = find_base(&tree, app->o.diff, s, &pid, e);
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
