/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The view of the whole machine: read, and put. */
#include "config.h"

#include <string.h>
#include <time.h>

#include "app.h"
#include "report/rates.h"
#include "report/system.h"

void app_system(struct app *app)
{
	const struct style *style = &app->o.request.style;
	struct system sys;
	int ret = system_read(&app->root, &app->machine, &sys);
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	if (app->rates && ret == 0 && sys.has_vmstat)
		rates_add(app->rates, &sys.vmstat, (double)t.tv_sec + (double)t.tv_nsec / 1e9);
	if (ret < 0) {
		app_complain(strerror(-ret));
		app->failed = true;
	} else if (!meminfo_has(&sys.meminfo, MEMINFO_MEM_TOTAL)) {
		app_complain("proc/meminfo: does not tell the machine's memory");
		app->failed = true;
	} else if (app->o.json) {
		system_json(&app->json, &sys);
		if (app->rates)
			rates_json(&app->json, app->rates);
	} else {
		if (app->reported++ && !style->raw)
			buf_putc(&app->out, '\n');
		if (app->rates)
			rates_text(&app->out, style, app->rates);
		system_text(&app->out, style, &sys);
	}
	system_done(&sys);
}
