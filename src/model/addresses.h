/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Addresses as a person types or pastes them: hexadecimal or decimal, single or as ranges. */
#ifndef MODEL_ADDRESSES_H
#define MODEL_ADDRESSES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/vec.h"

struct address_range {
	uint64_t low, last;	/* both are in it */
	bool is_range;		/* typed as LOW-HIGH; else low is all */
};

typedef VEC(struct address_range) address_list;

/*
 * Appends what a list separated by commas has: addresses, and ranges LOW-HIGH whose HIGH is the
 * first address behind, as in maps. An address is decimal after 0t; hexadecimal after 0x, with a
 * digit a to f, with a zero in front, or with exactly 8, 12 or 16 digits, the widths that tables of
 * mappings have; else decimal. 0; -EINVAL with the part that is none in *problem; -ENOMEM.
 */
int addresses_parse(const char *text, address_list *out, struct str *problem);

#endif
