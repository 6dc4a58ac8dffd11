/* SPDX-License-Identifier: GPL-3.0-or-later */
/* --tui: the screens, for what the options say. */
#include "config.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "app.h"
#include "tui/tui.h"

/* The one process to begin with; 0: none was given. False if it is not one. */
static bool find_process(struct app *app, pid_t *pid)
{
	pid_list pids = { 0 };
	bool one = true;

	*pid = 0;
	if (app->o.targets) {
		app_find_target(app, app->o.target[0], &pids);
		one = pids.n == 1;
		if (pids.n > 1) {
			app_complain("more than one process has that name; give a process ID");
			app->failed = true;
		}
		*pid = one ? pids.v[0] : 0;
	}
	vec_done(&pids);
	return one;
}

static int run(struct app *app, struct tui *t, const struct tui_request *req, bool *busy)
{
	struct err e = { 0 };
	int ret = tui_open(t, req, &e);

	if (ret == 0) {
		ret = tui_run(t);
		if (ret < 0)
			err_set(&e, ret, "the screens ended: %s", strerror(-ret));
	}
	*busy = !tui_close(t);
	if (ret < 0) {
		app_complain(e.text);
		app->failed = true;
	}
	return t->signal;
}

int app_tui(struct app *app, bool *busy)
{
	static struct tui t;	/* outlives this call: a thread may still use it */
	struct tui_request req = {
		.root = &app->root, .machine = &app->machine, .request = &app->o.request,
		.style = app->o.request.style,
		.terminal = { .in = stdin, .out = stdout, .color = app->o.request.style.color,
			      .guard = true },
	};

	*busy = false;
	if (!find_process(app, &req.pid))
		return 0;
	if (!isatty(STDIN_FILENO)) {
		app_complain("--tui needs a terminal on its standard input, for the keys");
		app->failed = true;
		return 0;
	}
	app->has_huge = huge_machine_read(&app->root, &app->huge) == 0;
	req.huge = app->has_huge ? &app->huge : NULL;
	return run(app, &t, &req, busy);
}
