/* SPDX-License-Identifier: GPL-3.0-or-later */
/* --mm: the memory descriptor (struct mm_struct), as far as the kernel shows it. */
#ifndef REPORT_MM_H
#define REPORT_MM_H

#include "model/snapshot.h"
#include "report/json.h"
#include "report/style.h"

void mm_text(struct buf *b, const struct style *s, const struct snapshot *snapshot);
/* "mm": addresses, the auxiliary vector's, limits. */
void mm_json(struct json *j, const struct snapshot *snapshot);

#endif
