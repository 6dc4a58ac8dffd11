/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What views of a process need to be read of others: --cow, --sharing. */
#include "config.h"

#include <errno.h>
#include <stdio.h>

#include "app.h"

/* A missing privilege is no failure of the report: it becomes a note. */
static int note(struct snapshot *s, const char *what, int ret, struct err *e)
{
	struct unavailable *to;

	if (ret != -EACCES && ret != -EPERM)
		return ret;
	to = vec_push(&s->unavailable);
	if (!to)
		return -ENOMEM;
	*to = (struct unavailable){ .what = what, .needs = ret == -EPERM ?
		"CAP_SYS_ADMIN (sudo): frame numbers" :
		"the same user, or CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH (sudo)" };
	snprintf(to->reason, sizeof(to->reason), "%.127s", e->text);
	*e = (struct err){ 0 };
	return 0;
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
		ret = note(s, "cow", ret, e);
	}
	if (ret == 0 && (views & VIEW_SHARING)) {
		ret = sharing_read(&sharing, &out->sharing, e);
		out->has_sharing = ret == 0;
		ret = note(s, "sharing", ret, e);
	}
	return ret;
}

void others_done(struct others *o)
{
	cow_done(&o->cow);
	sharing_done(&o->sharing);
}
