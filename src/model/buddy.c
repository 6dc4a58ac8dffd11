/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How scattered free memory is: the kernel's own two indices, from buddyinfo. */
#include "config.h"

#include "model/buddy.h"

#include "base/num.h"

uint64_t buddy_pages(const struct buddy_zone *z, unsigned int order)
{
	uint64_t pages = 0;

	for (unsigned int k = order; k < z->orders; k++)
		pages = num_add(pages, num_mul(z->free[k], UINT64_C(1) << k));
	return pages;
}

bool buddy_usable(const struct buddy_zone *z, unsigned int order, uint64_t *millionths)
{
	uint64_t all = buddy_pages(z, 0), part = buddy_pages(z, order);

	if (!all)
		return false;
	while (all > UINT64_MAX / 1000000) {
		all >>= 1;
		part >>= 1;
	}
	*millionths = part * 1000000 / all;
	return true;
}

bool buddy_fragmentation(const struct buddy_zone *z, unsigned int order, int64_t *thousandths)
{
	uint64_t blocks = 0, lack;

	for (unsigned int k = 0; k < z->orders; k++) {
		blocks = num_add(blocks, z->free[k]);
		if (k >= order && z->free[k])
			return false;
	}
	*thousandths = 0;
	if (!blocks)
		return true;
	/* the kernel's integer divisions, in its order */
	lack = num_mul(buddy_pages(z, 0), 1000) >> order;
	lack = num_add(1000, lack) / blocks;
	*thousandths = 1000 - (int64_t)(lack < INT32_MAX ? lack : INT32_MAX);
	return true;
}

void buddy_add(struct buddy_zone *sum, const struct buddy_zone *z)
{
	if (z->orders > sum->orders)
		sum->orders = z->orders;
	for (unsigned int k = 0; k < z->orders; k++)
		sum->free[k] = num_add(sum->free[k], z->free[k]);
}
