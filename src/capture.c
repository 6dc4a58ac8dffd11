/* SPDX-License-Identifier: GPL-3.0-or-later */
/* --capture: the files that reports are made from, as a tree that is complete or not there. */
#include "config.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "app.h"
#include "model/capture.h"
#include "proc/live.h"
#include "report/manifest.h"

/* They end the program, but for those that whoever started it switched off (nohup). While a tree
 * is being made they wait, and are looked for. */
static const int ending[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM };

static void hold_signals(sigset_t *before)
{
	struct sigaction action;
	sigset_t held;

	sigemptyset(&held);
	for (size_t i = 0; i < sizeof(ending) / sizeof(*ending); i++)
		if (sigaction(ending[i], NULL, &action) == 0 && action.sa_handler != SIG_IGN)
			sigaddset(&held, ending[i]);
	sigprocmask(SIG_BLOCK, &held, before);
	/* a limit on the size of files (ulimit -f) is an error like a full disk */
	signal(SIGXFSZ, SIG_IGN);
}

static bool interrupted(void)
{
	sigset_t pending;

	if (sigpending(&pending) < 0)
		return false;
	for (size_t i = 0; i < sizeof(ending) / sizeof(*ending); i++)
		if (sigismember(&pending, ending[i]) == 1)
			return true;
	return false;
}

/* All must be there: what is wanted is one tree of them. */
static int find_targets(struct app *app, pid_list *pids)
{
	size_t n = 0;

	if (app->o.targets == 0 && (app->o.request.views & VIEW_PROCESSES))
		return live_list(pids);
	for (int i = 0; i < app->o.targets; i++)
		app_find_target(app, app->o.target[i], pids);
	if (app->failed)
		return -ESRCH;
	pid_list_sort(pids);
	for (size_t i = 0; i < pids->n; i++)
		if (i == 0 || pids->v[i] != pids->v[i - 1])
			pids->v[n++] = pids->v[i];
	pids->n = n;
	return 0;
}

/* Of all processes some exit meanwhile: those are left out. */
static int capture_processes(struct app *app, struct capture *c, pid_list *pids)
{
	size_t n = 0;
	int ret = 0;

	for (size_t i = 0; ret == 0 && i < pids->n; i++) {
		ret = capture_process(c, pids->v[i]);
		if (ret == 0)
			pids->v[n++] = pids->v[i];
		if ((ret == -ESRCH || ret == -EAGAIN) && !app->o.targets)
			ret = c->e->code = 0;
	}
	pids->n = n;
	return ret;
}

static int put_users(struct capture *c)
{
	struct buf text;
	int ret = 0;

	buf_init(&text);
	for (size_t i = 0; i < c->uid.n; i++) {
		const char *name = live_user(c->uid.v[i]);

		if (name && !strpbrk(name, ":\n"))
			buf_printf(&text, "%s:x:%" PRIu32 ":::::\n", name, c->uid.v[i]);
	}
	if (text.error)
		ret = err_set(c->e, text.error, "%s", strerror(-text.error));
	else if (text.len)
		ret = tree_put(c->tree, "etc/passwd", text.data, text.len);
	buf_done(&text);
	return ret;
}

static int put_manifest(struct capture *c, struct manifest *m)
{
	struct buf text;
	int ret;

	m->ended = (int64_t)time(NULL);
	buf_init(&text);
	manifest_put(&text, m);
	ret = text.error ? err_set(c->e, text.error, "%s", strerror(-text.error)) :
			   tree_put(c->tree, MANIFEST_FILE, text.data, text.len);
	buf_done(&text);
	return ret;
}

static void put_summary(struct app *app, const struct tree *t, size_t processes)
{
	unsigned int flags = style_text(&app->o.request.style);
	uint64_t size = 0, stored = 0;
	struct buf *b = &app->out;
	char number[NUM_MAX_SIZE];

	for (size_t i = 0; i < t->file.n; i++) {
		size += t->file.v[i].size;
		stored += t->file.v[i].stored;
	}
	text_put(b, str_of(app->o.capture), flags);
	buf_printf(b, ": %zu process%s, %zu files", processes, processes == 1 ? "" : "es", t->file.n);
	buf_puts(b, ", ");
	buf_add(b, number, (size_t)(num_put_size(number, stored) - number));
	if (size / 2 > stored) {
		buf_puts(b, " (with holes: ");
		buf_add(b, number, (size_t)(num_put_size(number, size) - number));
		buf_putc(b, ')');
	}
	buf_putc(b, '\n');
	if (t->gap.n)
		buf_printf(b, "%zu file%s could not be read: see \"missing\" in " MANIFEST_FILE "\n",
			   t->gap.n, t->gap.n == 1 ? "" : "s");
}

static int make_tree(struct app *app, pid_list *pids, struct manifest *m, struct err *e)
{
	struct tree tree;
	struct capture c = {
		.root = &app->root, .machine = &app->machine, .tree = &tree, .e = e,
		.frames = app->o.request.views & (VIEW_PAGES | VIEW_HUGE), .interrupted = interrupted,
	};
	int ret = tree_begin(app->o.capture, e, &tree);

	if (ret == 0)
		ret = capture_begin(&c);
	if (ret == 0)
		ret = capture_processes(app, &c, pids);
	if (ret == 0)
		ret = capture_machine(&c);
	if (ret == 0)
		ret = put_users(&c);
	m->tree = &tree;
	m->frames = c.frames;
	m->pid = pids->v;
	m->pids = pids->n;
	if (ret == 0)
		ret = put_manifest(&c, m);
	if (ret == 0)
		ret = capture_check(&c);
	if (ret == 0)
		ret = tree_end(&tree);
	if (ret == 0)
		put_summary(app, &tree, pids->n);
	capture_done(&c);
	tree_done(&tree);
	return ret;
}

void app_capture(struct app *app, char **argv, int argc)
{
	struct manifest m = {
		.machine = &app->machine, .version = PACKAGE_VERSION, .argv = argv, .argc = argc,
		.begun = (int64_t)time(NULL), .uid = (uint32_t)geteuid(),
	};
	pid_list pids = { 0 };
	struct err e = { 0 };
	sigset_t before;
	int ret = find_targets(app, &pids);

	if (ret == 0) {
		hold_signals(&before);
		ret = make_tree(app, &pids, &m, &e);
		/* one that waits ends the program here, as it would have before */
		sigprocmask(SIG_SETMASK, &before, NULL);
	}
	if (ret < 0 && (!app->failed || e.code)) {
		app_complain(e.code ? e.text : strerror(-ret));
		app->failed = true;
	}
	vec_done(&pids);
}
