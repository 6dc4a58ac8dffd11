/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The kernel's half of the address space: real places where the system tells them, else documented ones. */
#ifndef MODEL_KERNEL_HALF_H
#define MODEL_KERNEL_HALF_H

#include <stdbool.h>

#include "model/geometry.h"
#include "proc/iomem.h"
#include "proc/kallsyms.h"
#include "proc/kcore.h"
#include "proc/root.h"

/* What the system tells; all of it may be empty. */
struct kernel_places {
	struct kernel_symbols symbols;
	kcore_list segments;
	iomem_list iomem;		/* names lie in iomem_text */
	struct buf iomem_text;
};

/* Reads what can be read of /proc/kallsyms, /proc/kcore and /proc/iomem. 0 or -ENOMEM;
 * kernel_places_done() may follow either way. */
int kernel_places_read(const struct root *root, struct kernel_places *out);
void kernel_places_done(struct kernel_places *p);

struct kernel_part {
	uint64_t start, last;		/* virtual addresses, the last one inclusive */
	const char *name;		/* static */
	bool nominal;			/* as documented for a kernel without KASLR, not read */
};

enum { KERNEL_PARTS = 48 };

/* The known parts in ascending order, none overlapping; their number. A part that the system tells
 * the place of replaces the documented one. places may be NULL. */
unsigned int kernel_half_make(const struct geometry *g, const struct kernel_places *places,
			      struct kernel_part out[KERNEL_PARTS]);

#endif
