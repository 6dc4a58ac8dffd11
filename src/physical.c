/* SPDX-License-Identifier: GPL-3.0-or-later */
/* --physical: the sweep over all page frames, the processes that own them, and how it is put. */
#include "config.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "app.h"
#include "base/num.h"
#include "model/geometry.h"
#include "model/owners.h"
#include "model/sweep.h"
#include "proc/live.h"
#include "report/physical.h"

/* After a second, a line on the terminal that moves. */
static void show_progress(void *ctx, uint64_t frames, uint64_t of)
{
	struct app *app = ctx;
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	if ((now.tv_sec - app->started.tv_sec) * 1000 +
	    (now.tv_nsec - app->started.tv_nsec) / 1000000 < 1000 || !isatty(STDERR_FILENO))
		return;
	fprintf(stderr, "\rmemmap: %" PRIu64 " of %" PRIu64 " frames read ", frames, of);
	app->progress_shown = true;
}

static void end_progress(struct app *app)
{
	if (app->progress_shown)
		fputs("\r\033[K", stderr);
	app->progress_shown = false;
}

/*
 * A captured tree does not say how large its pages are, but the same memory twice, in bytes and in
 * pages. (Some of it may not be managed yet, so the quotient is not always that exact.)
 */
static uint64_t captured_page_size(const struct app *app)
{
	enum { LEAST = 4096, MOST = 65536 };
	uint64_t total = meminfo_get(&app->machine.meminfo, MEMINFO_MEM_TOTAL), pages = 0;
	uint64_t size = LEAST;
	zone_list zones = { 0 };
	struct buf text;

	buf_init(&text);
	if (root_read(&app->root, "proc/zoneinfo", &text) == 0)
		zoneinfo_parse(text.data, text.len, &zones);
	for (size_t i = 0; i < zones.n; i++)
		pages += zones.v[i].managed;
	while (pages && size < MOST && num_mul(pages, size * 2) <= total)
		size *= 2;
	vec_done(&zones);
	buf_done(&text);
	return size;
}

/* The huge page that an entry of the second-lowest level maps. */
static uint64_t block_size(const struct app *app, uint64_t page_size)
{
	const struct machine *m = &app->machine;
	const struct geometry *g = geometry_find(&(struct geometry_facts){
		.arch = { m->arch.data, m->arch.len }, .page_size = page_size,
		.vmalloc_total = meminfo_get(&m->meminfo, MEMINFO_VMALLOC_TOTAL),
		.mmu_bits = m->mmu_bits,
	});

	if (g && g->levels >= 2)
		return UINT64_C(1) << g->shift[g->levels - 2];
	return meminfo_get(&m->meminfo, MEMINFO_HUGEPAGESIZE);
}

/* A process that vanishes meanwhile is left out without a word. */
static int add_owner(struct app *app, struct owners *o, pid_t pid, uint64_t page_size)
{
	struct snapshot_request req = { .root = &app->root, .machine = &app->machine,
					.needs = NEED_MAPS | NEED_COMMAND };
	struct process p;
	struct snapshot s;
	struct err e = { 0 };
	int ret = root_open_process(&app->root, pid, &p);

	if (ret < 0)
		return err_is_own(ret) ? ret : 0;
	/* p was opened before: if the number has another owner since, p has no page tables */
	ret = snapshot_read(&req, pid, &s, &e);
	if (ret == 0)
		ret = owners_add(o, &p, &s, page_size);
	snapshot_done(&s);
	process_close(&p);
	return err_is_own(ret) ? ret : 0;
}

static int read_owners(struct app *app, struct owners *o, uint64_t page_size)
{
	pid_list pids = { 0 };
	int ret = app->root.live ? live_list(&pids) : root_list(&app->root, "proc", &pids);

	for (size_t i = 0; ret == 0 && i < pids.n; i++)
		ret = add_owner(app, o, pids.v[i], page_size);
	if (ret == 0)
		owners_end(o);
	vec_done(&pids);
	return ret;
}

/* 0 or -errno; -ENODATA where nothing could be told. */
static int put_physical(struct app *app, const struct sweep *sweep, const struct owners *owners)
{
	const struct style *s = &app->o.request.style;
	struct physical_report report = { .sweep = sweep, .owners = owners };
	bool any;

	if (app->o.json) {
		any = physical_json(&app->json, &report);
	} else {
		if (app->reported++ && !s->raw)
			buf_putc(&app->out, '\n');
		any = physical_text(&app->out, s, &report);
	}
	return any ? 0 : -ENODATA;
}

void app_physical(struct app *app)
{
	struct sweep_request req = {
		.root = &app->root, .page_size = app->machine.page_size,
		.cells = physical_cells(&app->o.request.style),
		.with_frames = app->o.request.owners,
		.progress = show_progress, .progress_ctx = app,
	};
	struct sweep sweep;
	struct owners owners;
	bool with_owners = false;
	int ret;

	clock_gettime(CLOCK_MONOTONIC, &app->started);
	if (!req.page_size)
		req.page_size = captured_page_size(app);
	req.block_size = block_size(app, req.page_size);
	ret = sweep_read(&req, &sweep);
	end_progress(app);
	if (ret == 0 && sweep.frame) {
		ret = owners_init(&owners, sweep.frame, sweep.map.end);
		with_owners = true;
	}
	if (ret == 0 && with_owners)
		ret = read_owners(app, &owners, req.page_size);
	if (ret == 0)
		ret = put_physical(app, &sweep, with_owners ? &owners : NULL);
	if (ret == -ENODATA) {
		app_complain("physical memory: nothing can be read of kpageflags, zoneinfo and iomem");
		app->failed = true;
	} else if (ret < 0) {
		app_complain(strerror(-ret));
		app->failed = true;
	}
	if (with_owners)
		owners_done(&owners);
	sweep_done(&sweep);
}
