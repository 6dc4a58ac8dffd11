/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The map: reads a process, and arranges its mappings as rows and as a picture. */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "proc/live.h"
#include "tui/map.h"

struct map_job {
	struct job job;
	const struct root *root;
	const struct machine *machine;
	const struct thp *thp;
	pid_t pid;
	unsigned int needs;
	struct snapshot snapshot;
	char user[64];
	struct err e;
	int ret;
};

static void read_map(struct job *job)
{
	struct map_job *j = (struct map_job *)job;
	struct snapshot_request req = {
		.root = j->root, .machine = j->machine, .thp = j->thp, .needs = j->needs,
	};
	const char *user;

	j->ret = snapshot_read(&req, j->pid, &j->snapshot, &j->e);
	if (j->ret == 0 && j->root->live && j->snapshot.status.has_uid) {
		user = live_user(j->snapshot.status.uid);
		if (user && strlen(user) < sizeof(j->user))
			memcpy(j->user, user, strlen(user) + 1);
	}
}

static void free_job(struct job *job)
{
	struct map_job *j = (struct map_job *)job;

	snapshot_done(&j->snapshot);
	free(j);
}

void map_forget(struct map_screen *s)
{
	rows_done(&s->shown);
	free(s->table.rows.index);
	s->table = s->window = (struct map_rows){ .growth = NULL };
	groups_done(&s->groups);
	s->groups = (struct groups){ .with_counters = false };
	picture_done(&s->picture);
	s->picture = (struct picture){ .filtered = false };
	s->picture_height = 0;
	growth_done(&s->growth);
	if (s->has_snapshot)
		snapshot_done(&s->snapshot);
	s->has_snapshot = false;
	s->problem[0] = s->user[0] = '\0';
	s->list = (struct list){ 0 };
	s->at_start = 0;
	s->in_picture = s->typing.begun = false;
	memset(s->kept, 0, sizeof(s->kept));
}

struct job *map_ask(struct map_screen *s)
{
	struct map_job *j = calloc(1, sizeof(*j));

	if (s->pid != s->t->pid) {
		map_forget(s);
		s->pid = s->t->pid;
	}
	if (!j)
		return NULL;
	j->job = (struct job){ .read = read_map, .free = free_job };
	j->root = s->t->root;
	j->machine = s->t->machine;
	j->thp = s->t->huge ? &s->t->huge->thp : NULL;
	j->pid = s->pid;
	j->needs = NEED_SMAPS | NEED_COMMAND | NEED_THREADS | NEED_AUXV |
		   column_list_needs(&s->columns) | (s->sort ? s->sort->needs : 0);
	return &j->job;
}

/* A process that is no more keeps what was last seen of it. */
static void take_failure(struct map_screen *s, const struct map_job *j)
{
	size_t n = strlen(j->e.text);

	if (j->ret == -ESRCH && s->has_snapshot)
		s->t->gone = true;
	if (s->has_snapshot) {
		if (j->ret != -ESRCH)
			tui_alert(s->t, "%s", j->e.text);
		return;
	}
	n = n < sizeof(s->problem) ? n : sizeof(s->problem) - 1;
	memcpy(s->problem, j->e.text, n);
	s->problem[n] = '\0';
}

/* Another process has the number now. */
static bool is_another(const struct map_screen *s, const struct map_job *j)
{
	return s->has_snapshot && s->snapshot.live &&
	       s->snapshot.stat.v[STAT_STARTTIME] != j->snapshot.stat.v[STAT_STARTTIME];
}

void map_refresh(struct map_screen *s, struct job *job)
{
	struct map_job *j = (struct map_job *)job;
	struct snapshot old = s->snapshot;
	bool had = s->has_snapshot;

	if (j->pid != s->pid)
		return;
	if (j->ret < 0 || is_another(s, j)) {
		if (j->ret == 0)
			s->t->gone = true;
		else
			take_failure(s, j);
		return;
	}
	if (had)
		growth_keep(&s->growth, &old.space);
	s->snapshot = j->snapshot;
	s->has_snapshot = true;
	if (had)
		j->snapshot = old;
	else
		memset(&j->snapshot, 0, sizeof(j->snapshot));
	memcpy(s->user, j->user, sizeof(s->user));
	tui_set_process(s->t, s->pid, s->snapshot.stat.comm);
	s->t->snapshot = &s->snapshot;
	if (!s->growth.has_base && s->snapshot.has_space) {
		growth_set_base(&s->growth, &s->snapshot.space);
		s->base_at = clock_seconds();
	} else if (s->growth.has_base) {
		growth_compare(&s->growth, &s->snapshot.space);
	}
	map_arrange(s);
}

void map_set_base(struct map_screen *s)
{
	growth_set_base(&s->growth, &s->snapshot.space);
	s->base_at = clock_seconds();
	map_arrange(s);
}

static void take_base(struct job *job, struct tui *t)
{
	struct map_screen *s = t->state[SCREEN_MAP];
	const uint64_t start = t->start, end = t->end, address = t->address;
	const bool has_mapping = t->has_mapping;

	map_refresh(s, job);
	if (((struct map_job *)job)->ret == 0 && s->pid == t->pid && s->snapshot.has_space)
		map_set_base(s);
	/* the other screen goes on with what it shows */
	t->has_mapping = has_mapping;
	t->start = start;
	t->end = end;
	t->address = address;
}

void map_base_from_here(struct tui *t)
{
	struct job *job = t->state[SCREEN_MAP] ? map_ask(t->state[SCREEN_MAP]) : NULL;

	if (!job)
		return;
	job->finish = take_base;
	tui_give(t, job);
}

/* --- rows --- */

static void find_huge_facts(struct map_screen *s)
{
	const struct snapshot *p = &s->snapshot;
	const struct geometry *g = p->geometry;

	if (!s->t->huge)
		return;
	s->huge = (struct huge_facts){
		.machine = s->t->huge, .space = &p->space, .status = &p->status,
		.set = p->has_pages ? &p->pages : NULL,
		.mounts = p->has_mounts ? &p->mounts : NULL,
		.page_size = p->auxv.page_size ? p->auxv.page_size : s->t->machine->page_size,
		.pmd_size = thp_pmd_size(&s->t->huge->thp),
	};
	if (!s->huge.pmd_size && g && g->levels > 1)
		s->huge.pmd_size = UINT64_C(1) << g->shift[g->levels - 2];
	s->shown.huge = &s->huge;
}

static int find_shown(struct map_screen *s)
{
	const struct snapshot *p = &s->snapshot;
	int ret;

	rows_done(&s->shown);
	ret = rows_all(&p->space, &s->shown);
	if (ret < 0)
		return ret;
	if (p->has_pages) {
		s->shown.pages = &p->pages;
		s->shown.census = p->pages.census.v;
	}
	if (p->has_numa)
		s->shown.numa = &p->numa;
	find_huge_facts(s);
	if (filter_is_active(&s->filter))
		ret = rows_filter(&s->shown, &s->filter);
	rows_sum(&s->shown, &s->sum, &s->sum_counters);
	return ret;
}

static int fold_rows(struct map_screen *s)
{
	int ret = groups_make(&s->shown, s->fold, &s->groups);

	if (ret < 0)
		return ret;
	s->table.rows = s->groups.rows;
	s->groups.rows.index = NULL;
	if (vec_reserve(&s->group_growth, s->table.rows.n + 1) < 0 || !s->growth.has_base)
		return 0;
	s->table.growth = s->group_growth.v;
	return growth_of_groups(&s->growth, &s->shown, &s->filter, s->fold, &s->table.rows,
				s->group_growth.v);
}

static int copy_rows(struct map_screen *s)
{
	s->table.rows = s->shown;
	s->table.rows.index = malloc((s->shown.n + 1) * sizeof(uint32_t));
	if (!s->table.rows.index)
		return -ENOMEM;
	for (size_t i = 0; i < s->shown.n; i++)
		s->table.rows.index[i] = s->shown.index[s->descending && !s->sort ?
							s->shown.n - 1 - i : i];
	s->table.growth = s->growth.has_base ? s->growth.grown.v : NULL;
	return 0;
}

/* The row that was selected, or the one that begins next to it. */
static void find_selected(struct map_screen *s)
{
	const struct rows *r = &s->table.rows;

	list_fit(&s->list, r->n, s->list.height);
	for (size_t i = 0; s->at_start && i < r->n; i++)
		if (r->vma[r->index[i]].start == s->at_start) {
			s->list.at = i;
			break;
		}
	list_fit(&s->list, r->n, s->list.height);
}

void map_arrange(struct map_screen *s)
{
	int ret = find_shown(s);
	const struct column *by = s->sort == &map_growth_column ? &map_growth_order : s->sort;

	if (s->fold && !by)	/* groups have no place of their own */
		by = mapping_column_find(STR("resident"));
	free(s->table.rows.index);
	s->table = (struct map_rows){ .growth = NULL };
	groups_done(&s->groups);
	s->groups = (struct groups){ .with_counters = false };
	if (ret == 0)
		ret = s->fold ? fold_rows(s) : copy_rows(s);
	if (ret == 0 && by)
		ret = column_sort(by, &s->table, s->table.rows.index, s->table.rows.n,
				  s->descending);
	if (ret < 0)
		tui_alert(s->t, "%s", strerror(-ret));
	find_selected(s);
	s->picture_height = 0;
	map_follow(s);
}

/* --- the picture --- */

static int band_lines(const struct picture *p)
{
	int lines = 0;

	for (size_t i = 0; i < p->band.n; i++)
		lines += (int)p->band.v[i].height;
	return lines;
}

/* It is drawn without borders here, so more bands fit than the model thinks: asks for more, and for
 * less until they do. */
void map_make_picture(struct map_screen *s, int height)
{
	enum { LEAST = 6 };
	struct picture_request req = {
		.space = &s->snapshot.space, .rows = &s->shown, .geometry = s->snapshot.geometry,
		.bits = s->snapshot.bits, .executable = s->snapshot.executable_path,
	};

	if (s->picture_height == height)
		return;
	for (int lines = height + height / 2; lines >= LEAST; lines--) {
		req.lines = (unsigned int)lines;
		picture_done(&s->picture);
		if (picture_make(&req, &s->picture) < 0)
			break;
		if (band_lines(&s->picture) <= height)
			break;
		if (band_lines(&s->picture) > height + 3)
			lines -= (band_lines(&s->picture) - height) / 2;
	}
	s->picture_height = height;
}
