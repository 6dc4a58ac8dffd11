/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads what the kernel tells about memory nodes: of a process, and of the machine. */
#include "config.h"

#include "model/numa_read.h"

#include <errno.h>
#include <string.h>

#include "base/buf.h"
#include "proc/status.h"

struct taking {
	struct numa_join join;
	const struct numa_request *req;
	size_t lines;
};

static int take_line(void *ctx, const struct numa_line *l)
{
	struct taking *t = ctx;

	if (t->req->progress && ++t->lines % 1024 == 0)
		t->req->progress(t->req->progress_ctx, t->lines, t->req->process->bytes_read);
	return numa_add(&t->join, l);
}

static int parse(const struct numa_request *req, const struct buf *text, struct numa *out,
		 uint64_t *line)
{
	struct taking t = { .join = { out, req->space, req->page_size, 0 }, .req = req };
	int ret = numa_init(out);

	if (ret == 0)
		ret = numa_maps_parse(text->data, text->len, take_line, &t, line);
	if (ret == 0)
		ret = numa_finish(&t.join);
	return ret == 0 ? nodes_read(req->root, &out->nodes) : ret;
}

int numa_read(const struct numa_request *req, struct numa *out, uint64_t *line)
{
	struct buf text;
	int ret;

	memset(out, 0, sizeof(*out));
	*line = 0;
	buf_init(&text);
	/* at once, not as a stream: so the file that shows whether the address space still exists
	 * stays that of the mappings, which these lines are joined with */
	ret = process_read(req->process, "numa_maps", &text);
	if (ret == 0 && !process_has_space(req->process))
		ret = -ESRCH;
	if (ret == 0)
		ret = parse(req, &text, out, line);
	buf_done(&text);
	return ret;
}

/* The list in this line of status, if it has one. */
static int take_list(const char *status, size_t len, const char *name, struct idlist *out,
		     bool *known)
{
	struct str value;
	int ret;

	if (!status_find(status, len, name, &value))
		return 0;
	ret = idlist_parse(value, out);
	*known = ret == 0 && out->range.n;
	return ret == -ENOMEM ? ret : 0;
}

int numa_locate(struct numa *n, const char *status, size_t len)
{
	int ret = take_list(status, len, "Cpus_allowed_list", &n->cpus, &n->has_cpus);

	if (ret == 0)
		ret = take_list(status, len, "Mems_allowed_list", &n->mems, &n->has_mems);
	return ret == 0 ? numa_find_local(n) : ret;
}
