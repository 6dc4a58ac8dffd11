/* SPDX-License-Identifier: GPL-3.0-or-later */
/* --watch: a report now and then, with what changed since the last one and since the first. */
#include "config.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "app.h"
#include "base/clock.h"
#include "base/num.h"
#include "report/process_changes.h"
#include "report/rates.h"

enum { USUAL_LINES = 24, LEAST_ROWS = 3 };

/* The first time it ends the watching, the next time the program (SA_RESETHAND). */
static volatile sig_atomic_t interrupted;

static void note_signal(int sig)
{
	(void)sig;
	interrupted = 1;
}

/* A process, and its snapshots: the first, the one before, this one. */
struct watched {
	pid_t pid;
	const char *name;		/* what it was found by; NULL: its PID */
	struct snapshot *first, *last, *now;	/* NULL: not read yet */
	double first_time, last_time, time;	/* when their reading began */
	uint64_t samples;		/* of the program that it runs */
	uint64_t first_sample;		/* the number of the first */
	bool execve;			/* it runs another program since the last one */
	bool gone;			/* exited, or never read */
};

struct watch {
	struct app *app;
	VEC(struct watched) process;
	uint64_t sample;		/* from 1 */
	double began, ended;		/* this one; seconds of CLOCK_MONOTONIC */
	double first;			/* when the first began */
	double cost;			/* seconds that the one before took, output included */
	double interval;		/* until the next: at least as long as asked for */
	bool terminal;
	bool drawn;
	struct rates rates;
	struct process_history processes;
};

static void free_snapshot(struct snapshot *s)
{
	if (s)
		snapshot_done(s);
	free(s);
}

static void watched_done(struct watched *p)
{
	if (p->last != p->first)
		free_snapshot(p->last);
	if (p->now != p->first)
		free_snapshot(p->now);
	free_snapshot(p->first);
}

static int find_processes(struct watch *w)
{
	struct app *app = w->app;

	for (int i = 0; i < app->o.targets && options_have_processes(&app->o); i++) {
		pid_list pids = { 0 };
		bool by_name = app_find_target(app, app->o.target[i], &pids);

		for (size_t k = 0; k < pids.n; k++) {
			struct watched *p = vec_push(&w->process);

			if (p)
				*p = (struct watched){ .pid = pids.v[k],
						       .name = by_name ? app->o.target[i] : NULL };
		}
		vec_done(&pids);
	}
	return 0;
}

/* The number may be another process's by now; one that has exited may wait for its parent. */
static bool is_over(const struct watched *p, const struct snapshot *s)
{
	if (!p->first)
		return false;
	return s->stat.v[STAT_STARTTIME] != p->first->stat.v[STAT_STARTTIME] ||
	       (s->condition == CONDITION_ZOMBIE && p->first->condition != CONDITION_ZOMBIE);
}

/* What another program left is no baseline. */
static void forget(struct watched *p)
{
	watched_done(p);
	p->first = p->last = p->now = NULL;
	p->samples = 0;
}

static void take(struct watched *p, struct snapshot *s, uint64_t sample, double time)
{
	/* of the first both places are known, if they ever were: see read_whole() */
	p->execve = p->first && change_is_other_program(&p->first->stat, &p->first->space, &s->stat,
							&s->space);
	if (p->execve)
		forget(p);
	if (p->last != p->first)
		free_snapshot(p->last);
	p->last = p->now;
	p->last_time = p->time;
	p->now = s;
	p->time = time;
	if (!p->first) {
		p->first = s;
		p->first_time = time;
		p->first_sample = sample;
	}
	p->samples++;
}

static bool has_program(const struct snapshot *s)
{
	return stat_has(&s->stat, STAT_START_CODE) && s->stat.v[STAT_START_CODE] &&
	       stat_has(&s->stat, STAT_START_STACK) && s->stat.v[STAT_START_STACK];
}

/* In the middle of execve() there is a new address space, and the kernel has not yet noted where its
 * code and stack are; that is over soon. */
static int read_whole(struct watch *w, const struct watched *p, struct snapshot *s, struct err *e)
{
	const char *name = p->first ? NULL : p->name;
	int ret = app_read_process(w->app, p->pid, name, s, e);

	for (int tries = 0; ret == 0 && p->first && has_program(p->first) && !has_program(s) &&
	     s->condition == CONDITION_NORMAL && tries < 20; tries++) {
		ppoll(NULL, 0, &(struct timespec){ .tv_nsec = 1000000 }, NULL);
		snapshot_done(s);
		ret = app_read_process(w->app, p->pid, name, s, e);
	}
	return ret;
}

/* 0; else it is over, or never was, which has then been said. */
static int read_process(struct watch *w, struct watched *p)
{
	struct snapshot *s = calloc(1, sizeof(*s));
	double time = clock_seconds();
	struct err e = { 0 };
	int ret = s ? read_whole(w, p, s, &e) : -ENOMEM;

	if (ret == 0 && is_over(p, s))
		ret = -ESRCH;
	if (ret == 0) {
		take(p, s, w->sample, time);
		return 0;
	}
	free_snapshot(s);
	p->gone = true;
	if (p->first && ret == -ESRCH)
		return ret;	/* it was reported, so that is no failure */
	app_complain(e.code ? e.text : strerror(-ret));
	w->app->failed = true;
	return ret;
}

static void put_name(struct watch *w, const struct watched *p)
{
	struct buf *b = &w->app->out;

	text_put(b, p->first->stat.comm, style_text(&w->app->o.request.style));
	buf_printf(b, " (%d)", (int)p->pid);
}

static int terminal_lines(void)
{
	struct winsize size;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 2)
		return size.ws_row;
	return USUAL_LINES;
}

/* So that a report of this many processes with two tables each fits. */
static size_t table_rows(const struct watch *w)
{
	size_t tables = 2 * (w->process.n ? w->process.n : 1);
	size_t lines = (size_t)terminal_lines() / tables;

	return lines > 9 + LEAST_ROWS ? lines - 9 : LEAST_ROWS;
}

/* The report of a process as it was read last. */
static void put_process(struct watch *w, const struct watched *p, bool summary)
{
	const struct filter *filter = &w->app->o.request.filter;
	struct change_set last = { .since = SINCE_LAST, .seconds = p->time - p->last_time };
	struct change_set first = { .since = SINCE_FIRST, .seconds = p->time - p->first_time };
	struct change_report report = {
		.exited = p->gone, .summary = summary, .now = p->now,
		.execve = p->execve && !summary, .first_sample = p->first_sample,
	};
	struct err e = { 0 };
	int ret = 0;

	if (!summary)
		report.max_rows = w->terminal ? table_rows(w) : CHANGE_USUAL_ROWS;
	if (p->now != p->first) {
		first.side[0] = p->first;
		first.side[1] = p->now;
		ret = change_set_make(&first, filter);
		report.set[1] = &first;
	}
	/* the second time they are the same */
	if (ret == 0 && report.set[1] && !summary && (p->samples > 2 || w->app->o.json)) {
		last.side[0] = p->last;
		last.side[1] = p->now;
		ret = change_set_make(&last, filter);
		report.set[0] = &last;
	}
	if (ret == 0)
		ret = app_put_process(w->app, p->now, &report, &e);
	if (ret < 0) {
		app_complain(e.code ? e.text : strerror(-ret));
		w->app->failed = true;
	}
	if (report.set[0])
		change_set_done(&last);
	if (report.set[1])
		change_set_done(&first);
}

static void put_member(struct watch *w, bool final)
{
	struct json *j = &w->app->json;

	json_object(j, "watch");
	json_u64(j, "sample", w->sample);
	json_bool(j, "final", final);
	json_double(j, "interval", w->interval);
	json_double(j, "wanted", w->app->o.watch);
	json_double(j, "began", w->began);
	json_double(j, "ended", w->ended);
	json_object_end(j);
}

static void put_line(struct watch *w)
{
	struct buf *b = &w->app->out;
	const struct style *s = &w->app->o.request.style;
	time_t wall = time(NULL);
	struct tm tm;
	char clock[16] = "";

	if (localtime_r(&wall, &tm))
		strftime(clock, sizeof(clock), "%H:%M:%S", &tm);
	style_dim(b, s);
	buf_printf(b, "sample %" PRIu64 "   %s   every %.*f s", w->sample, clock,
		   w->interval < 1 ? 2 : 1, w->interval);
	if (w->interval > w->app->o.watch)
		buf_printf(b, ", not %g: one takes %.2f s", w->app->o.watch, w->cost);
	style_off(b, s);
	buf_puts(b, "\n\n");
	w->app->reported = 0;
}

/* Cut to the screen: the lines go over those of the last time. */
static void draw_page(struct watch *w, const struct buf *page)
{
	struct buf *b = &w->app->out;
	size_t lines = (size_t)terminal_lines() - 1, n = 0;
	const char *p = page->data, *end = p + page->len;

	buf_puts(b, w->drawn ? "\033[H" : "\033[H\033[2J");
	w->drawn = true;
	for (; p < end && n + 1 < lines; n++) {
		const char *nl = memchr(p, '\n', (size_t)(end - p));

		buf_add(b, p, (size_t)((nl ? nl : end) - p));
		buf_puts(b, "\033[K\n");
		p = nl ? nl + 1 : end;
	}
	for (n = 0; p < end; n++) {
		const char *nl = memchr(p, '\n', (size_t)(end - p));

		p = nl ? nl + 1 : end;
	}
	if (n)
		buf_printf(b, "\033[m\033[Kand %zu lines more\n", n);
	buf_puts(b, "\033[J");
}

static void begin_document(struct watch *w)
{
	json_init(&w->app->json, &w->app->out, false);
	w->app->json_begun = false;
}

static void end_document(struct watch *w, bool final)
{
	app_begin_json(w->app, 0);
	put_member(w, final);
	report_json_end(&w->app->json);
}

/* Reads and puts all, into the output as it is now. */
static void put_sample(struct watch *w)
{
	struct app *app = w->app;

	if (app->o.json)
		begin_document(w);
	else
		put_line(w);
	for (size_t i = 0; i < w->process.n && !app->out.error; i++) {
		struct watched *p = &w->process.v[i];

		if (p->gone)
			continue;
		if (read_process(w, p) == 0)
			put_process(w, p, false);
		else if (p->first && !app->o.json) {
			put_name(w, p);
			buf_printf(&app->out, " has exited; its last data are of sample %" PRIu64
				   "\n", w->sample - 1);
		}
	}
	w->ended = clock_seconds();
	app_report_machine(app);
	if (app->o.json)
		end_document(w, false);
}

static void make_sample(struct watch *w)
{
	struct app *app = w->app;
	struct buf out = app->out;

	w->sample++;
	w->began = clock_seconds();
	if (w->sample == 1)
		w->first = w->began;
	machine_done(&app->machine);	/* its memory and uptime change too */
	machine_read(&app->root, app->o.json, &app->machine);
	if (!w->terminal) {
		if (w->sample > 1 && !app->o.json)
			buf_putc(&app->out, '\n');
		put_sample(w);
	} else {
		struct buf page;

		app_find_style(app);
		/* other views have their own lines */
		if (!w->process.n && app->o.request.views == VIEW_PROCESSES)
			app->max_lines = (size_t)terminal_lines() > 5 ? (size_t)terminal_lines() - 5 : 1;
		buf_init(&app->out);
		put_sample(w);
		page = app->out;
		app->out = out;
		draw_page(w, &page);
		buf_done(&page);
	}
	buf_drain_all(&app->out);
	w->cost = clock_seconds() - w->began;
	w->interval = w->cost / app->o.watch_share;
	if (w->interval < app->o.watch)
		w->interval = app->o.watch;
}

/* Until the next sample is due, or a signal says that there is none. */
static void wait_for_next(const struct watch *w)
{
	sigset_t held, before;

	sigemptyset(&held);
	sigaddset(&held, SIGINT);
	sigaddset(&held, SIGTERM);
	sigprocmask(SIG_BLOCK, &held, &before);
	while (!interrupted) {
		double left = w->began + w->interval - clock_seconds();
		struct timespec t = { .tv_sec = (time_t)left };

		if (left <= 0)
			break;
		t.tv_nsec = (long)((left - (double)t.tv_sec) * 1e9);
		ppoll(NULL, 0, &t, &before);
	}
	sigprocmask(SIG_SETMASK, &before, NULL);
}

static bool is_left(const struct watch *w)
{
	for (size_t i = 0; i < w->process.n; i++)
		if (!w->process.v[i].gone)
			return true;
	return w->app->o.request.views & VIEWS_OF_MACHINE;
}

/* The whole period, with the data that were read last. */
static void put_summary(struct watch *w)
{
	struct app *app = w->app;

	app->o.request.views &= ~(unsigned int)(VIEW_COW | VIEW_SHARING);	/* it may be gone */
	if (app->o.json) {
		begin_document(w);
	} else {
		style_bold(&app->out, &app->o.request.style);
		buf_printf(&app->out, "%s%" PRIu64 " sample%s in %.1f s\n", w->terminal ? "" : "\n",
			   w->sample, w->sample == 1 ? "" : "s", w->began - w->first);
		style_off(&app->out, &app->o.request.style);
		app->reported = 0;
		app->o.request.views &= VIEWS_OF_MACHINE;
	}
	for (size_t i = 0; i < w->process.n; i++) {
		struct watched *p = &w->process.v[i];

		if (!p->first)
			continue;
		put_process(w, p, true);
		if (p->gone && !app->o.json) {
			buf_puts(&app->out, "  ");
			put_name(w, p);
			buf_puts(&app->out, " has exited\n");
		}
	}
	if (app->o.json) {
		app->o.request.views &= ~(unsigned int)VIEWS_OF_MACHINE;
		app_report_machine(app);
		rates_final_json(&app->json, app->rates);
		process_changes_json(&app->json, app->processes, true);
		end_document(w, true);
	} else {
		rates_final_text(&app->out, &app->o.request.style, app->rates);
		process_changes_final_text(&app->out, &app->o.request.style, app->processes);
	}
}

void app_watch(struct app *app)
{
	struct watch w = { .app = app, .interval = app->o.watch };
	struct sigaction action = { .sa_handler = note_signal, .sa_flags = (int)SA_RESETHAND };

	w.terminal = isatty(STDOUT_FILENO) && !app->o.json;
	app->rates = &w.rates;
	app->processes = &w.processes;
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	app_read_settings(app);
	find_processes(&w);
	while (!interrupted && !app->out.error && is_left(&w)) {
		make_sample(&w);
		if (w.sample == app->o.count || !is_left(&w))
			break;
		wait_for_next(&w);
	}
	if (w.sample)
		put_summary(&w);
	for (size_t i = 0; i < w.process.n; i++)
		watched_done(&w.process.v[i]);
	vec_done(&w.process);
	process_history_done(&w.processes);
	app->processes = NULL;
	app->rates = NULL;
}
