/* SPDX-License-Identifier: GPL-3.0-or-later */
/* --sharing: with whom a process shares its frames, how much, and through which objects. */
#ifndef REPORT_SHARING_H
#define REPORT_SHARING_H

#include "model/sharing.h"
#include "report/json.h"
#include "report/style.h"

/* 0 or -ENOMEM. */
int sharing_text(struct buf *b, const struct style *s, const struct sharing *sharing,
		 const struct space *space);
void sharing_json(struct json *j, const struct sharing *sharing, const struct space *space);

#endif
