/* SPDX-License-Identifier: GPL-3.0-or-later */
/* --cow: what a process and those that it forked still share, and what was copied since. */
#ifndef REPORT_COW_H
#define REPORT_COW_H

#include "model/cow_read.h"
#include "report/json.h"
#include "report/style.h"

struct cow_view {
	const struct cow *cow;
	const struct snapshot *snapshot;
	const struct rows *rows;	/* mappings that are shown; not groups */
	bool filtered;			/* not all of them */
};

/* 0 or -ENOMEM. */
int cow_text(struct buf *b, const struct style *s, const struct cow_view *view);
void cow_json(struct json *j, const struct cow_view *view);

#endif
