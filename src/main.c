/* SPDX-License-Identifier: GPL-3.0-or-later */
/* memmap: shows where a process keeps its memory. The only place that picks an exit status. */
#include "config.h"

#include <errno.h>
#include <inttypes.h>
#include <langinfo.h>
#include <locale.h>
#include <malloc.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "app.h"
#include "base/num.h"
#include "proc/live.h"
#include "report/layout.h"
#include "report/list_columns.h"

enum exit_status { STATUS_OK = 0, STATUS_FAILED = 1, STATUS_USAGE = 2 };

void app_complain(const char *text)
{
	struct buf b;

	buf_init(&b);
	buf_puts(&b, "memmap: ");
	text_put(&b, str_of(text), strcmp(nl_langinfo(CODESET), "UTF-8") == 0 ? TEXT_UTF8 : 0);
	buf_putc(&b, '\n');
	if (!b.error)
		fwrite(b.data, 1, b.len, stderr);
	buf_done(&b);
}

void app_begin_json(struct app *app, unsigned int levels)
{
	if (!app->json_begun)
		report_json_begin(&app->json, &app->machine, levels, PACKAGE_VERSION,
				  (int64_t)time(NULL));
	app->json_begun = true;
}

static int drain_to_stdout(void *ctx, const char *p, size_t n)
{
	(void)ctx;
	while (n) {
		ssize_t done = write(STDOUT_FILENO, p, n);

		if (done < 0 && errno == EAGAIN)	/* somebody made it non-blocking */
			poll(&(struct pollfd){ .fd = STDOUT_FILENO, .events = POLLOUT }, 1, -1);
		if (done < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (done < 0)
			return -errno;
		p += done;
		n -= (size_t)done;
	}
	return 0;
}

static size_t terminal_width(void)
{
	const char *columns = getenv("COLUMNS");
	struct winsize w;
	uint64_t n;

	if (columns && num_parse_u64(columns, &n) && n >= 1 && n <= 10000)
		return (size_t)n;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) == 0 && w.ws_col > 0)
		return w.ws_col;
	return STYLE_USUAL_WIDTH;
}

/* Lines the picture may take on this terminal: more than usual where it is taller; 0: the usual. */
static unsigned int terminal_lines(void)
{
	enum { AROUND = 8 };	/* what the process is, the legend, the prompt */
	struct winsize w;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) < 0 || w.ws_row <= PICTURE_USUAL_LINES + AROUND)
		return 0;
	return w.ws_row - AROUND;
}

/* What the terminal can do. NO_COLOR: https://no-color.org/ */
static enum color_depth find_color(enum color_mode mode, bool terminal)
{
	const char *term = getenv("TERM"), *no_color = getenv("NO_COLOR");
	const char *colorterm = getenv("COLORTERM");

	if (mode == COLOR_NEVER)
		return COLOR_NONE;
	if (mode == COLOR_AUTO && (!terminal || !term || strcmp(term, "dumb") == 0 ||
				   (no_color && *no_color)))
		return COLOR_NONE;
	return (term && strstr(term, "256color")) || (colorterm && *colorterm) ? COLOR_256 :
										 COLOR_16;
}

void app_find_style(struct app *app)
{
	struct style *s = &app->o.request.style;
	bool terminal = isatty(STDOUT_FILENO);

	s->utf8 = !app->o.ascii && strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
	s->picture_width = terminal_width();
	s->width = terminal ? s->picture_width : 0;
	app->o.request.picture_lines = terminal ? terminal_lines() : 0;
	s->color = s->raw ? COLOR_NONE : find_color(app->o.color, terminal);
}

/* After a second, and then whenever called again, one line on the terminal. */
static void show_progress(void *ctx, size_t mappings, uint64_t bytes)
{
	struct app *app = ctx;
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	if ((now.tv_sec - app->started.tv_sec) * 1000 +
	    (now.tv_nsec - app->started.tv_nsec) / 1000000 < 1000 || !isatty(STDERR_FILENO))
		return;
	fprintf(stderr, "\rmemmap: %zu mappings, %" PRIu64 " MB read ", mappings,
		bytes / 1000000);
	app->progress_shown = true;
}

static void end_progress(struct app *app)
{
	if (app->progress_shown)
		fputs("\r\033[K", stderr);
	app->progress_shown = false;
}

static int put_snapshot(struct app *app, const struct snapshot *s,
			const struct others *others, const struct change_report *change)
{
	struct report_subject subject = {
		.snapshot = s, .machine = &app->machine,
		.huge = app->has_huge ? &app->huge : NULL,
		.kernel = app->has_kernel ? &app->kernel : NULL, .change = change,
		.cow = others->has_cow ? &others->cow : NULL,
		.sharing = others->has_sharing ? &others->sharing : NULL,
		.wss = app->wss && app->wss->method != WSS_NONE ? app->wss : NULL,
	};

	if (s->status.has_uid)
		subject.user = app_user(app, s->status.uid);
	if (app->o.json) {
		if (!app->machine.page_size)	/* a captured tree: as the program was told */
			app->machine.page_size = s->auxv.page_size;
		app_begin_json(app, s->geometry ? s->geometry->levels : 0);
		return report_json(&app->json, &app->o.request, &subject);
	}
	if (app->reported++ && !app->o.request.style.raw)
		buf_putc(&app->out, '\n');
	return report_text(&app->out, &app->o.request, &subject);
}

/* A name is kept for 15 bytes, so that much must still be the same. */
static bool is_called(const struct snapshot *s, const char *name)
{
	struct str comm = s->stat.comm;

	return comm.len <= strlen(name) && memcmp(comm.p, name, comm.len) == 0;
}

int app_put_process(struct app *app, struct snapshot *s, const struct change_report *change,
		    struct err *e)
{
	struct others others = { 0 };
	int ret = others_read(app, s, &others, e);

	if (ret == 0)
		ret = put_snapshot(app, s, &others, change);
	others_done(&others);
	return ret;
}

int app_read_process(struct app *app, pid_t pid, const char *name, struct snapshot *s,
		     struct err *e)
{
	struct snapshot_request req = {
		.root = &app->root, .machine = &app->machine,
		.needs = report_needs(&app->o.request, app->o.json),
		.progress = show_progress, .progress_ctx = app,
		.thp = app->has_huge ? &app->huge.thp : NULL,
	};
	int ret;

	if (app->o.request.views & VIEW_TRANSLATE)
		req.addresses = &app->o.request.addresses;
	clock_gettime(CLOCK_MONOTONIC, &app->started);
	ret = snapshot_read(&req, pid, s, e);
	end_progress(app);
	if (ret == 0 && name && !is_called(s, name))
		ret = err_set(e, -ESRCH, "%d: exited, or is no longer called %s", (int)pid, name);
	return ret;
}

static void report_process(struct app *app, pid_t pid, const char *name)
{
	struct snapshot s;
	struct wss wss = { 0 };
	struct err e = { 0 };
	int ret = app_begin_wss(app, pid, &wss, &e);

	if (ret == 0)
		ret = app_read_process(app, pid, name, &s, &e);
	else
		memset(&s, 0, sizeof(s));
	if (ret == 0)
		ret = app_end_wss(app, &s, &wss, &e);
	if (ret == 0 && app->o.diff)
		ret = app_put_diff(app, &s, &e);
	else if (ret == 0)
		ret = app_put_process(app, &s, NULL, &e);
	snapshot_done(&s);
	wss_done(&wss);
	app->wss = NULL;
	if (ret < 0) {
		app_complain(e.code ? e.text : strerror(-ret));
		app->failed = true;
	}
	buf_drain_some(&app->out);
}

static void report_target(struct app *app, const char *target)
{
	pid_list pids = { 0 };
	bool by_name = app_find_target(app, target, &pids);

	for (size_t i = 0; i < pids.n; i++)
		report_process(app, pids.v[i], by_name ? target : NULL);
	vec_done(&pids);
}

/* Everything must arrive: a full disk is an error, a closed pipe is the reader's choice. */
static enum exit_status finish_output(struct app *app)
{
	int ret = buf_drain_all(&app->out);

	if (ret == 0 && close(STDOUT_FILENO) < 0)
		ret = -errno;
	if (ret == -EPIPE)
		return app->failed ? STATUS_FAILED : STATUS_OK;
	if (ret < 0) {
		fprintf(stderr, "memmap: cannot write the output: %s\n", strerror(-ret));
		return STATUS_FAILED;
	}
	return app->failed ? STATUS_FAILED : STATUS_OK;
}

void app_read_settings(struct app *app)
{
	if (report_needs(&app->o.request, app->o.json) & NEED_HUGE)
		app->has_huge = huge_machine_read(&app->root, &app->huge) == 0;
	if (app->o.request.kernel_detail)
		app->has_kernel = kernel_places_read(&app->root, &app->kernel) == 0;
}

void app_report_machine(struct app *app)
{
	if (app->o.json && !app->json_begun)
		app_begin_json(app, 0);
	if (app->o.request.views & VIEW_PROCESSES)
		app_processes(app);
	else if (app->o.json)
		report_json_end_processes(&app->json);
	if (app->o.request.views & VIEW_SYSTEM)
		app_system(app);
	if (app->o.request.views & VIEW_PHYSICAL)
		app_physical(app);
}

static void report_all(struct app *app)
{
	app_read_settings(app);
	for (int i = 0; i < app->o.targets && !app->out.error &&
	     options_have_processes(&app->o); i++)
		report_target(app, app->o.target[i]);
	app_report_machine(app);
	if (app->o.json)
		report_json_end(&app->json);
}

static enum exit_status put_usage(const struct err *problem)
{
	app_complain(problem->text);
	fputs("Try 'memmap --help' for more information.\n", stderr);
	return STATUS_USAGE;
}

static enum exit_status run(struct app *app, char **argv, int argc)
{
	struct err e = { 0 };

	if (root_open(&app->root, app->o.sysroot, &e) < 0) {
		app_complain(e.text);
		return STATUS_FAILED;
	}
	if (app->o.user && !app_has_user(app, app->o.user)) {
		err_set(&e, -EINVAL, "invalid argument '%s' for --user: there is no such user",
			app->o.user);
		root_close(&app->root);
		return put_usage(&e);
	}
	machine_read(&app->root, app->o.json, &app->machine);
	json_init(&app->json, &app->out, true);
	if (app->o.tui) {
		bool busy;
		int sig = app_tui(app, &busy);

		if (sig) {	/* as if it had not been caught: our parent sees why */
			signal(sig, SIG_DFL);
			raise(sig);
		}
		if (busy)
			return app->failed ? STATUS_FAILED : STATUS_OK;
	} else if (app->o.action == ACTION_PROBE) {
		app_probe(app);
	} else if (app->o.action == ACTION_CAPTURE) {
		app_capture(app, argv, argc);
	} else if (app->o.watch > 0) {
		app_watch(app);
	} else {
		report_all(app);
	}
	machine_done(&app->machine);
	huge_machine_done(&app->huge);
	kernel_places_done(&app->kernel);
	root_close(&app->root);
	return finish_output(app);
}

/* --cow holds two for each descendant. */
static void allow_many_files(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &limit);
	}
}

int main(int argc, char **argv)
{
	struct app app = { 0 };
	struct err problem = { 0 };
	enum exit_status status = STATUS_OK;

	setlocale(LC_CTYPE, "");
	allow_many_files();
#ifdef M_MMAP_THRESHOLD
	/* keeps glibc from raising it: large arrays then grow by mremap, not by copying */
	mallopt(M_MMAP_THRESHOLD, 128 * 1024);
#endif
	buf_init_drain(&app.out, drain_to_stdout, NULL);
	if (options_parse(argc, argv, &app.o, &problem) < 0) {
		status = put_usage(&problem);
		options_done(&app.o);
		return (int)status;
	}
	app_find_style(&app);
	if (app.o.tui && app.o.action == ACTION_REPORT && !isatty(STDOUT_FILENO)) {
		app_complain("--tui needs a terminal on its standard output; --watch and --json "
			     "do not");
		options_done(&app.o);
		return STATUS_USAGE;
	}
	switch (app.o.action) {
	case ACTION_HELP:
		options_help(&app.out);
		status = finish_output(&app);
		break;
	case ACTION_VERSION:
		buf_puts(&app.out, PACKAGE_STRING "\nLicense GPL-3.0-or-later\n");
		status = finish_output(&app);
		break;
	case ACTION_LIST_COLUMNS:
		list_columns(&app.out, &app.o.request.style,
			     app.o.request.views & VIEWS_OF_MAPPINGS ? &mapping_column_set :
			     &process_table_column_set);
		status = finish_output(&app);
		break;
	case ACTION_CAPTURE:
	case ACTION_PROBE:
	case ACTION_REPORT:
		status = run(&app, argv, argc);
		break;
	}
	buf_done(&app.out);
	buf_done(&app.passwd);
	buf_done(&app.user);
	options_done(&app.o);
	return (int)status;
}
