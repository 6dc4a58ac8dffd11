/* SPDX-License-Identifier: GPL-3.0-or-later */
/* --system: where the machine's memory is, and how what hands it out is doing. */
#ifndef REPORT_SYSTEM_H
#define REPORT_SYSTEM_H

#include "model/system.h"
#include "report/json.h"
#include "report/style.h"

void system_text(struct buf *b, const struct style *s, const struct system *sys);
/* The member "system". */
void system_json(struct json *j, const struct system *sys);

#endif
