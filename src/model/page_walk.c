/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The populated pages of all mappings of a process. */
#include "config.h"

#include "model/page_walk.h"

#include <errno.h>
#include <stdlib.h>

int page_walk(struct process *p, const struct space *space, uint64_t page_size, bool scan,
	      pagemap_fn fn, void *ctx)
{
	struct pagemap_range *range;
	struct pagemap pm;
	int ret = pagemap_open(p, page_size, false, &pm);

	if (ret < 0)
		return ret == -ENOENT && p->live ? -ESRCH : ret;
	range = calloc(space->vma.n + 1, sizeof(*range));
	for (size_t i = 0; range && i < space->vma.n; i++)
		range[i] = (struct pagemap_range){
			.start = space->vma.v[i].start, .end = space->vma.v[i].end,
			.scan = scan, .skip = !vma_is_user(&space->vma.v[i]),
		};
	ret = range ? pagemap_walk(&pm, range, space->vma.n, fn, ctx) : -ENOMEM;
	free(range);
	pagemap_close(&pm);
	return ret;
}
