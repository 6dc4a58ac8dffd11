/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The view of the whole machine: read, and put. */
#include "config.h"

#include <string.h>

#include "app.h"
#include "report/system.h"

void app_system(struct app *app)
{
	const struct style *style = &app->o.request.style;
	struct system sys;
	int ret = system_read(&app->root, &app->machine, &sys);

	if (ret < 0) {
		app_complain(strerror(-ret));
		app->failed = true;
	} else if (!meminfo_has(&sys.meminfo, MEMINFO_MEM_TOTAL)) {
		app_complain("proc/meminfo: does not tell the machine's memory");
		app->failed = true;
	} else if (app->o.json) {
		system_json(&app->json, &sys);
	} else {
		if (app->reported++ && !style->raw)
			buf_putc(&app->out, '\n');
		system_text(&app->out, style, &sys);
	}
	system_done(&sys);
}
