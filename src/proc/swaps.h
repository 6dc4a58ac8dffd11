/* SPDX-License-Identifier: GPL-3.0-or-later */
/* /proc/swaps: the swap areas in use. mm/swapfile.c swap_show(), Linux 6.18. */
#ifndef PROC_SWAPS_H
#define PROC_SWAPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/vec.h"

struct swap_area {
	struct str path;	/* decoded; not owned */
	bool partition;		/* a block device; else a file */
	uint64_t size, used;	/* bytes */
	int64_t priority;
};

struct swaps {
	VEC(struct swap_area) area;	/* in the order of the file */
	struct arena paths;
};

/* Appends the areas. Lines that are none are skipped. 0 or -ENOMEM; swaps_done() may follow
 * either way. A struct swaps of zeros has none. */
int swaps_parse(const char *text, size_t len, struct swaps *out);
void swaps_done(struct swaps *s);

/*
 * The area that a swap entry's type means. The file lists areas by ascending type, but does not
 * say which: a type that swapoff freed leaves no gap in the list. So type N is line N or one
 * before. NULL: there is none. *certain: no other line is possible.
 */
const struct swap_area *swaps_find(const struct swaps *s, unsigned int type, bool *certain);

#endif
