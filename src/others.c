/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What views of a process need beside a snapshot: other processes (--cow, --sharing), time (--wss). */
#include "config.h"

#include <errno.h>
#include <time.h>

#include "app.h"
#include "base/clock.h"

/* A missing privilege is no failure of the report: it becomes a note. And if nothing is there to compare
 * with, the other views are wanted all the same. */
static int note(struct snapshot *s, const char *what, bool more_views, int ret, struct err *e)
{
	if (ret != -EACCES && ret != -EPERM && (ret != -ENOENT || !more_views))
		return ret;
	ret = snapshot_note(s, what, ret == -ENOENT ? NULL : ret == -EPERM ?
			    "CAP_SYS_ADMIN (sudo): frame numbers" :
			    "the same user, or CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH (sudo)", e->text);
	*e = (struct err){ 0 };
	return ret;
}

int others_read(struct app *app, struct snapshot *s, struct others *out, struct err *e)
{
	unsigned int views = app->o.request.views;
	struct cow_request cow = { .root = &app->root, .machine = &app->machine, .snapshot = s,
				   .with = app->o.request.cow_with };
	struct sharing_request sharing = { .root = &app->root, .machine = &app->machine,
					   .snapshot = s };
	int ret = 0;

	*out = (struct others){ 0 };
	if (s->condition != CONDITION_NORMAL || !s->has_space)
		return 0;
	if (views & VIEW_COW) {
		ret = cow_read(&cow, &out->cow, e);
		out->has_cow = ret == 0;
		ret = note(s, "cow", views & ~VIEW_COW, ret, e);
	}
	if (ret == 0 && (views & VIEW_SHARING)) {
		ret = sharing_read(&sharing, &out->sharing, e);
		out->has_sharing = ret == 0;
		ret = note(s, "sharing", false, ret, e);
	}
	return ret;
}

void others_done(struct others *o)
{
	cow_done(&o->cow);
	sharing_done(&o->sharing);
}

static struct wss_request wss_request_of(struct app *app, pid_t pid)
{
	return (struct wss_request){ .root = &app->root, .machine = &app->machine, .pid = pid,
				     .clear_refs = app->o.clear_refs };
}

int app_begin_wss(struct app *app, pid_t pid, struct wss *w, struct err *e)
{
	struct wss_request req = wss_request_of(app, pid);
	double seconds = app->o.wss, start;
	struct timespec wait = { .tv_sec = (time_t)seconds };
	int ret;

	if (!(app->o.request.views & VIEW_WSS))
		return 0;
	app->wss = w;
	ret = wss_begin(&req, w, e);
	if (ret < 0 || w->method == WSS_NONE)
		return ret;
	start = clock_seconds();
	wait.tv_nsec = (long)((seconds - (double)wait.tv_sec) * 1e9);
	while (nanosleep(&wait, &wait) < 0 && errno == EINTR)
		;
	w->seconds = clock_seconds() - start;
	return 0;
}

int app_end_wss(struct app *app, struct snapshot *s, struct wss *w, struct err *e)
{
	struct wss_request req = wss_request_of(app, s->pid);

	if (!(app->o.request.views & VIEW_WSS) || s->condition != CONDITION_NORMAL)
		return 0;
	if (w->method != WSS_NONE && s->has_space)
		return wss_end(&req, s, w, e);
	w->method = WSS_NONE;
	return snapshot_note(s, "wss", !w->can_clear ?
			     "the same user, or CAP_DAC_OVERRIDE (sudo)" :
			     "--clear-refs as well, which clears the accessed bits of the target's pages (it "
			     "does not notice, reclaim may); or idle page tracking, and root",
			     "no idle page tracking (CONFIG_IDLE_PAGE_TRACKING) that may be used");
}
