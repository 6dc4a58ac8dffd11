/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The pages of a mapping: reads those that are visible. */
#include "config.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tui/pages.h"

struct pages_job {
	struct job job;
	const struct root *root;
	const struct machine *machine;
	pid_t pid;
	uint64_t address;		/* the mapping is the one that holds this */
	uint64_t start, end, base;
	uint64_t huge_size, pmd_size, page_size;
	size_t cells;
	unsigned int zoom;
	enum grid_mode mode;
	bool gone;			/* there is no mapping any more */
	struct grid grid;
	struct frames_missing missing;
	bool has_scan, hidden, states;
	zone_list zones;
	struct err e;
	int ret;
};

/* Is it still there, and how large? A page table says "untouched" of what is not mapped. */
static int find_mapping(struct pages_job *j)
{
	struct snapshot_request req = {
		.root = j->root, .machine = j->machine, .needs = NEED_MAPS,
	};
	struct snapshot snapshot;
	const struct vma *v;
	int ret = snapshot_read(&req, j->pid, &snapshot, &j->e);

	v = ret == 0 ? space_find(&snapshot.space, j->address) : NULL;
	j->gone = ret == 0 && !v;
	if (v) {
		j->start = v->start;
		j->end = v->end;
	}
	snapshot_done(&snapshot);
	return ret;
}

static int take_piece(void *ctx, const struct census_facts *facts, const struct census_piece *p)
{
	struct pages_job *j = ctx;

	if (!j->states && (p->entry & PAGEMAP_PRESENT) && !pagemap_pfn(p->entry) && !p->zero)
		j->hidden = true;
	return grid_add(&j->grid, facts, p);
}

static int read_zones(struct pages_job *j)
{
	struct buf text;
	int ret;

	buf_init(&text);
	ret = root_read(j->root, "proc/zoneinfo", &text);
	if (ret == 0)
		ret = zoneinfo_parse(text.data, text.len, &j->zones);
	buf_done(&text);
	return ret == -ENOMEM ? ret : 0;
}

static int read_grid(struct pages_job *j, struct process *p)
{
	struct frames_request req = {
		.root = j->root, .process = p, .page_size = j->page_size, .pmd_size = j->pmd_size,
	};
	struct frames_walk walk = {
		.flags = j->zoom == 0 || j->mode == GRID_FOLIO,
		.counts = j->zoom == 0 || j->mode == GRID_COUNT,
		.piece = take_piece, .ctx = j,
	};
	uint64_t huge = j->huge_size ? j->huge_size : j->page_size;
	int ret = grid_init(&j->grid, j->mode, j->zoom, j->page_size, j->base, j->cells, j->start,
			    j->end);

	grid_window(&j->grid, &walk.range.start, &walk.range.end);
	walk.range.start = walk.range.start / huge * huge;
	walk.range.end = num_add(walk.range.end, huge - 1) / huge * huge;
	walk.range.huge_size = j->huge_size;
	walk.range.states = j->states = j->zoom > 0 && j->mode == GRID_STATE;
	if (ret == 0)
		ret = frames_walk(&req, &walk, &j->missing);
	j->has_scan = walk.has_scan;
	j->missing.hidden = j->hidden;
	grid_end(&j->grid);
	return ret;
}

static void read_pages(struct job *job)
{
	struct pages_job *j = (struct pages_job *)job;
	struct process p;

	j->ret = j->root->live ? find_mapping(j) : 0;
	if (j->ret < 0 || j->gone)
		return;
	j->ret = root_open_process(j->root, j->pid, &p);
	if (j->ret == 0) {
		j->ret = read_grid(j, &p);
		process_close(&p);
	}
	if (j->ret == 0)
		j->ret = read_zones(j);
	if (j->ret < 0)
		err_set(&j->e, j->ret, "process %d: %s", (int)j->pid,
			j->ret == -ESRCH ? "has exited" : strerror(-j->ret));
}

static void free_job(struct job *job)
{
	struct pages_job *j = (struct pages_job *)job;

	grid_done(&j->grid);
	vec_done(&j->zones);
	free(j);
}

struct job *pages_ask(struct pages_screen *s)
{
	struct pages_job *j;

	pages_fit(s);
	if (s->empty)
		snprintf(s->problem, sizeof(s->problem), "pagemap does not reach this mapping");
	if (s->empty || !s->end || !s->t->has_mapping || !pages_page_size(s))
		return NULL;
	j = calloc(1, sizeof(*j));
	if (!j)
		return NULL;
	j->job = (struct job){ .read = read_pages, .free = free_job };
	j->root = s->t->root;
	j->machine = s->t->machine;
	j->pid = s->pid;
	j->address = s->address;
	j->start = s->start;
	j->end = s->end;
	j->base = s->base;
	j->huge_size = s->huge_size;
	j->page_size = pages_page_size(s);
	j->pmd_size = s->t->huge ? thp_pmd_size(&s->t->huge->thp) : 0;
	s->asked_base = s->base;
	s->asked_cells = s->place.columns * s->place.rows;
	j->cells = s->place.columns * s->place.rows;
	j->zoom = s->zoom;
	j->mode = s->mode;
	return &j->job;
}

static void take_failure(struct pages_screen *s, const struct pages_job *j)
{
	if (j->ret == -ESRCH && s->has_grid) {
		s->t->gone = true;
		return;
	}
	snprintf(s->problem, sizeof(s->problem), "%.*s", (int)sizeof(s->problem) - 1, j->e.text);
}

void pages_refresh(struct pages_screen *s, struct job *job)
{
	struct pages_job *j = (struct pages_job *)job;

	if (j->pid != s->t->pid || j->address < s->start || j->address >= s->end)
		return;
	s->problem[0] = '\0';
	if (j->gone) {
		snprintf(s->problem, sizeof(s->problem),
			 "nothing is mapped at %" PRIx64 " any more; Esc leads back to the map",
			 j->address);
		return;
	}
	if (j->ret < 0) {
		take_failure(s, j);
		return;
	}
	s->missing = j->missing;
	s->zero_told = j->has_scan || (j->missing.flags == 0 && !j->missing.hidden);
	if (s->missing.pagemap < 0) {
		snprintf(s->problem, sizeof(s->problem), "pagemap of process %d: %s%s", (int)s->pid,
			 strerror(-s->missing.pagemap), s->missing.pagemap == -EACCES ?
			 ": the pages of others need CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH" :
			 !s->t->root->live ? "; a capture has it if made with --pages" : "");
		return;
	}
	if (s->start != j->start || s->end != j->end) {
		s->start = s->t->start = j->start;
		s->end = s->t->end = j->end;
	}
	grid_done(&s->grid);
	s->grid = j->grid;
	s->has_grid = true;
	j->grid = (struct grid){ .mode = GRID_STATE };
	vec_done(&s->zones);
	s->zones = j->zones;
	memset(&j->zones, 0, sizeof(j->zones));
}
