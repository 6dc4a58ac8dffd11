/* SPDX-License-Identifier: GPL-3.0-or-later */
/* --probe: what this kernel and these privileges allow, and what would enable the rest. */
#ifndef REPORT_PROBE_H
#define REPORT_PROBE_H

#include "proc/probe.h"
#include "report/json.h"
#include "report/style.h"

struct probe_subject {
	const struct probe *probe;
	const struct machine *machine;
	const char *user;		/* NULL: unknown */
};

void probe_text(struct buf *b, const struct style *s, const struct probe_subject *subject);

/* The members "privileges" and "probe" of the document. */
void probe_json(struct json *j, const struct probe_subject *subject);

#endif
