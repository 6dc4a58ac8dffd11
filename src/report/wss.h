/* SPDX-License-Identifier: GPL-3.0-or-later */
/* --wss: what was referenced and written in an interval. */
#ifndef REPORT_WSS_H
#define REPORT_WSS_H

#include "model/wss.h"
#include "report/json.h"
#include "report/style.h"

/* rows: mappings that are shown, in the space of the snapshot. 0 or -ENOMEM. */
int wss_text(struct buf *b, const struct style *s, const struct wss *w, const struct rows *rows);
void wss_json(struct json *j, const struct wss *w, const struct rows *rows);

#endif
