/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The pages of a mapping as a JSON document: what --pages and --translate tell of it. */
#include "config.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "proc/live.h"
#include "report/json.h"
#include "tui/pages.h"

struct export_job {
	struct job job;
	const struct root *root;
	const struct machine *machine;
	const struct thp *thp;
	const struct report_request *request;
	pid_t pid;
	uint64_t address;
	uint64_t start_time;		/* of the process, to know it again */
	char *path;			/* of the file */
	struct buf text;
	struct err e;
	int ret;
};

static int put_document(struct export_job *j, const struct snapshot *snapshot)
{
	const struct vma *v = space_find(&snapshot->space, j->address);
	const char *user = j->root->live && snapshot->status.has_uid ?
			   live_user(snapshot->status.uid) : NULL;
	const struct report_subject subject = {
		.snapshot = snapshot, .machine = j->machine, .user = user,
	};
	struct report_request req = *j->request;
	struct json json;
	int ret;

	if (!v)
		return err_set(&j->e, -ENODATA, "nothing is mapped at %" PRIx64 " any more",
			       j->address);
	req.views = VIEW_MAPS | VIEW_PAGES | VIEW_TRANSLATE;
	req.filter = (struct filter){
		.has_range = true, .range_low = v->start, .range_last = v->end - 1,
	};
	req.filter_text = NULL;
	req.group = GROUP_NONE;
	req.sort = NULL;
	req.columns_given = false;
	json_init(&json, &j->text, true);
	report_json_begin(&json, j->machine, snapshot->geometry ? snapshot->geometry->levels : 0,
			  PACKAGE_VERSION, (int64_t)time(NULL));
	ret = report_json(&json, &req, &subject);
	report_json_end_processes(&json);
	report_json_end(&json);
	return ret;
}

static void read_document(struct job *job)
{
	struct export_job *j = (struct export_job *)job;
	struct address_range range = { .low = j->address, .last = j->address };
	address_list list = { .v = &range, .n = 1, .cap = 1 };
	struct report_request views = { .views = VIEW_MAPS | VIEW_PAGES | VIEW_TRANSLATE };
	struct snapshot_request req = {
		.root = j->root, .machine = j->machine, .thp = j->thp,
		.needs = report_needs(&views, true), .addresses = &list, .pages_at = j->address,
	};
	struct snapshot snapshot;

	j->ret = snapshot_read(&req, j->pid, &snapshot, &j->e);
	if (j->ret == 0 && snapshot.live && snapshot.stat.v[STAT_STARTTIME] != j->start_time)
		j->ret = err_set(&j->e, -ESRCH, "process %d: has exited", (int)j->pid);
	if (j->ret == 0)
		j->ret = put_document(j, &snapshot);
	snapshot_done(&snapshot);
}

static void finish(struct job *job, struct tui *t)
{
	struct export_job *j = (struct export_job *)job;

	if (j->ret < 0 && j->e.text[0])
		tui_alert(t, "%s", j->e.text);
	else
		tui_write(t, j->path, &j->text, j->ret);
}

static void free_job(struct job *job)
{
	struct export_job *j = (struct export_job *)job;

	buf_done(&j->text);
	free(j->path);
	free(j);
}

struct job *pages_export(struct pages_screen *s, const char *path)
{
	struct export_job *j = calloc(1, sizeof(*j));
	uint64_t page = pages_page_size(s);

	if (!j)
		return NULL;
	j->job = (struct job){ .read = read_document, .free = free_job, .finish = finish };
	j->root = s->t->root;
	j->machine = s->t->machine;
	j->thp = s->t->huge ? &s->t->huge->thp : NULL;
	j->request = s->t->request;
	j->pid = s->pid;
	j->start_time = s->t->snapshot ? s->t->snapshot->stat.v[STAT_STARTTIME] : 0;
	j->address = s->address / page * page;
	j->path = strdup(path);
	buf_init(&j->text);
	if (!j->path) {
		free_job(&j->job);
		return NULL;
	}
	tui_say(s->t, "reading the pages of the mapping ...");
	return &j->job;
}
