/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * pagemap.scan of a captured process: what PAGEMAP_SCAN told beyond the entries, as lines
 * "START-END huge", "zero" or both, addresses in hexadecimal. Not a file of the kernel's: a tree
 * of plain copies has none.
 */
#ifndef PROC_PAGE_LABELS_H
#define PROC_PAGE_LABELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/vec.h"

#define PAGE_LABELS_FILE "pagemap.scan"		/* below proc/PID */

struct page_label {
	uint64_t start, end;	/* addresses */
	bool huge, zero;
};

typedef VEC(struct page_label) page_label_list;

/* Takes in all lines, which ascend and do not overlap. 0, -EBADMSG or -ENOMEM. */
int page_labels_parse(const char *text, size_t len, page_label_list *out);

/* Adds what follows the last one, or extends that. 0 or -ENOMEM. */
int page_labels_add(page_label_list *list, const struct page_label *label);
void page_labels_put(struct buf *b, const page_label_list *list);

/* The first one that ends above an address. */
size_t page_labels_find(const page_label_list *list, uint64_t address);

#endif
