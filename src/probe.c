/* SPDX-License-Identifier: GPL-3.0-or-later */
/* --probe: what this kernel and these privileges allow, tried and put. */
#include "config.h"

#include <stdint.h>
#include <string.h>

#include "app.h"
#include "model/geometry.h"
#include "proc/live.h"
#include "report/probe.h"

/* From where our own stack lies, as no process is looked at; 0: not known. */
static unsigned int find_levels(const struct machine *m)
{
	struct geometry_facts facts = {
		.arch = { m->arch.data, m->arch.len }, .page_size = m->page_size,
		.mmu_bits = m->mmu_bits, .highest = (uintptr_t)&facts,
	};
	const struct geometry *g;

	if (m->meminfo.valid >> MEMINFO_VMALLOC_TOTAL & 1)
		facts.vmalloc_total = m->meminfo.v[MEMINFO_VMALLOC_TOTAL];
	g = geometry_find(&facts);
	return g ? g->levels : 0;
}

static void put(struct app *app, const struct probe *probe, unsigned int levels)
{
	struct probe_subject subject = { .probe = probe, .machine = &app->machine };

	if (probe->privileges.has_uid)
		subject.user = live_user(probe->privileges.uid);
	if (!app->o.json) {
		probe_text(&app->out, &app->o.request.style, &subject);
		return;
	}
	app_begin_json(app, levels);
	report_json_end_processes(&app->json);
	probe_json(&app->json, &subject);
	report_json_end(&app->json);
}

void app_probe(struct app *app)
{
	struct probe_request req = {
		.root = &app->root, .machine = &app->machine,
		.page_table_levels = find_levels(&app->machine),
	};
	struct probe probe;
	struct err e;
	int ret = probe_run(&req, &probe);

	if (ret == 0) {
		put(app, &probe, req.page_table_levels);
	} else {
		err_set(&e, ret, "/proc/self: %s", strerror(-ret));
		app_complain(e.text);
		app->failed = true;
	}
	probe_done(&probe);
}
