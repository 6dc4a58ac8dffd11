/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The way from an address to its frame, in a window over any screen. */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "report/translate.h"
#include "tui/tui.h"

struct translation_job {
	struct job job;
	const struct root *root;
	const struct machine *machine;
	const struct thp *thp;
	pid_t pid;
	uint64_t address;
	uint64_t start_time;	/* of the process, to know it again; 0: not known */
	struct snapshot snapshot;
	struct err e;
	int ret;
};

static void read_translation(struct job *job)
{
	struct translation_job *j = (struct translation_job *)job;
	struct address_range range = { .low = j->address, .last = j->address };
	address_list list = { .v = &range, .n = 1, .cap = 1 };
	struct snapshot_request req = {
		.root = j->root, .machine = j->machine, .thp = j->thp,
		.needs = NEED_SMAPS | NEED_AUXV | NEED_THREADS, .addresses = &list,
	};

	j->ret = snapshot_read(&req, j->pid, &j->snapshot, &j->e);
	if (j->ret == 0 && j->snapshot.live && j->start_time &&
	    j->snapshot.stat.v[STAT_STARTTIME] != j->start_time)
		j->ret = err_set(&j->e, -ESRCH, "process %d: has exited", (int)j->pid);
}

static void finish(struct job *job, struct tui *t)
{
	struct translation_job *j = (struct translation_job *)job;
	struct style style = t->style;
	struct buf text;

	if (j->ret < 0) {
		tui_alert(t, "%s", j->e.text);
		return;
	}
	t->message[0] = '\0';
	buf_init(&text);
	style.width = style.picture_width = (size_t)t->terminal.width - 6;
	translate_text(&text, &style, &j->snapshot);
	tui_show_text(t, "the way to a frame", &text);
	buf_done(&text);
}

static void free_job(struct job *job)
{
	struct translation_job *j = (struct translation_job *)job;

	snapshot_done(&j->snapshot);
	free(j);
}

void tui_translate(struct tui *t, uint64_t address)
{
	struct translation_job *j = calloc(1, sizeof(*j));

	if (!j)
		return;
	j->job = (struct job){ .read = read_translation, .free = free_job, .finish = finish };
	j->root = t->root;
	j->machine = t->machine;
	j->thp = t->huge ? &t->huge->thp : NULL;
	j->pid = t->pid;
	j->address = address;
	j->start_time = t->snapshot ? t->snapshot->stat.v[STAT_STARTTIME] : 0;
	tui_give(t, &j->job);
	tui_say(t, "translating ...");
}
