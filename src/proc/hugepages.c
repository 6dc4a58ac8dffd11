/* SPDX-License-Identifier: GPL-3.0-or-later */
/* /sys/kernel/mm/hugepages: the pools that hugetlb pages are taken from. */
#include "config.h"

#include "proc/hugepages.h"

#include <inttypes.h>
#include <string.h>

#include "proc/thp.h"

const char *const pool_number_name[POOL_NUMBERS] = {
	[POOL_TOTAL] = "nr_hugepages",
	[POOL_FREE] = "free_hugepages",
	[POOL_RESERVED] = "resv_hugepages",
	[POOL_SURPLUS] = "surplus_hugepages",
	[POOL_OVERCOMMIT] = "nr_overcommit_hugepages",
};

static int add_pool(void *ctx, const char *name)
{
	struct hugepages *h = ctx;
	unsigned int i = h->pools;
	uint64_t size;

	if (i == HUGEPAGE_POOLS || !thp_parse_size(name, &size))
		return 0;
	for (; i > 0 && h->pool[i - 1].size > size; i--)
		h->pool[i] = h->pool[i - 1];
	h->pool[i] = (struct hugepage_pool){ .size = size };
	h->pools++;
	return 0;
}

static struct maybe read_number(const struct root *root, const char *directory, uint64_t size,
				const char *name)
{
	struct maybe v = { 0 };
	struct buf path, text;
	const char *s;

	buf_init(&path);
	buf_init(&text);
	buf_printf(&path, "%s/hugepages-%" PRIu64 "kB/%s", directory, size / 1024, name);
	if (buf_string(&path) && root_read(root, path.data, &text) == 0 && text.len) {
		s = text.data;
		v.known = num_scan_u64(&s, s + text.len, &v.v);
	}
	buf_done(&path);
	buf_done(&text);
	return v;
}

static void read_pools(const struct root *root, const char *directory, struct hugepages *out)
{
	memset(out, 0, sizeof(*out));
	root_each(root, directory, "hugepages-", add_pool, out);
	for (unsigned int i = 0; i < out->pools; i++)
		for (unsigned int k = 0; k < POOL_NUMBERS; k++)
			out->pool[i].number[k] = read_number(root, directory, out->pool[i].size,
							     pool_number_name[k]);
}

void hugepages_read(const struct root *root, struct hugepages *out)
{
	read_pools(root, "sys/kernel/mm/hugepages", out);
}

void hugepages_read_node(const struct root *root, const char *node, struct hugepages *out)
{
	struct buf path;

	buf_init(&path);
	buf_printf(&path, "%s/hugepages", node);
	if (buf_string(&path))
		read_pools(root, path.data, out);
	else
		*out = (struct hugepages){ 0 };
	buf_done(&path);
}
