/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What numa_maps tells, as columns of mappings and as a member of each in documents. */
#include "config.h"

#include "report/numa.h"

#include "base/num.h"
#include "model/snapshot.h"

enum { LISTED_NODES = 4 };	/* that a cell names */

bool numa_get_bytes(const void *data, size_t row, const struct column *c, struct value *v)
{
	const struct rows *r = data;
	const struct numa_entry *e = numa_row(r, row);

	if (!e)
		return false;
	return numa_take(c->counter == NUMA_LOCAL ? numa_local(r->numa, e) :
					       numa_remote(r->numa, e), v);
}

bool numa_get_policy(const void *data, size_t row, const struct column *c, struct value *v)
{
	const struct rows *r = data;
	const struct numa_entry *e = numa_row(r, row);

	(void)c;
	if (!e)
		return false;
	v->s = numa_policy_name(r->numa, e);
	return v->s.len > 0;
}

bool numa_get_nodes(const void *data, size_t row, const struct column *c, struct value *v)
{
	const struct rows *r = data;
	const struct numa_entry *e = numa_row(r, row);

	(void)c;
	if (!e)
		return false;
	v->nodes = e->nodes ? r->numa->bytes.v + e->first : NULL;
	v->of = e->nodes;
	return numa_take(numa_resident(r->numa, e), v);
}

/* The entry with most bytes but for those already named; they are few. */
static size_t next_largest(const struct value *v, const size_t *named, size_t n)
{
	size_t best = SIZE_MAX;

	for (size_t i = 0; i < v->of; i++) {
		bool taken = false;

		for (size_t k = 0; k < n; k++)
			taken |= named[k] == i;
		if (!taken && (best == SIZE_MAX || v->nodes[i].bytes > v->nodes[best].bytes))
			best = i;
	}
	return best;
}

static size_t put_node(struct buf *b, const struct style *s, const struct numa_bytes *n,
		       const char *before)
{
	char text[2 * NUM_MAX_SIZE + 4], *p = text;

	if (*before)
		*p++ = *before;
	*p++ = 'N';
	p = num_put_u64(p, n->node);
	*p++ = '=';
	p = s->bytes ? num_put_u64(p, n->bytes) : num_put_size(p, n->bytes);
	if (b)
		buf_add(b, text, (size_t)(p - text));
	return (size_t)(p - text);
}

size_t numa_put_nodes(struct buf *b, const struct style *s, const struct value *v)
{
	bool all = s->raw || v->of <= LISTED_NODES;
	size_t named[LISTED_NODES], n = all ? (size_t)v->of : LISTED_NODES, columns = 0;
	char more[NUM_MAX_DIGITS + 2] = " +", *p;

	if (v->of == 0) {
		if (b)
			buf_putc(b, '0');
		return 1;
	}
	for (size_t i = 0; i < n; i++) {
		size_t at = i;

		if (!all)
			at = named[i] = next_largest(v, named, i);
		columns += put_node(b, s, &v->nodes[at], !i ? "" : s->raw ? "," : " ");
	}
	if (all)
		return columns;
	p = num_put_u64(more + 2, v->of - n);
	if (b)
		buf_add(b, more, (size_t)(p - more));
	return columns + (size_t)(p - more);
}

/* page_size in bytes, or 0 where pages are not counted. */
static void nodes_json(struct json *j, const char *key, const struct numa_bytes *node, size_t n,
		       uint64_t page_size)
{
	json_array(j, key);
	for (size_t i = 0; i < n; i++) {
		json_object(j, NULL);
		json_u64(j, "node", node[i].node);
		if (page_size)
			json_u64(j, "pages", node[i].bytes / page_size);
		json_u64(j, "bytes", node[i].bytes);
		json_object_end(j);
	}
	json_array_end(j);
}

void numa_nodes_json(struct json *j, const char *key, const struct value *v)
{
	nodes_json(j, key, v->nodes, (size_t)v->of, 0);
}

static bool get_known(const void *data, size_t row, const struct column *c, struct value *v)
{
	(void)c;
	(void)v;
	return numa_row(data, row) != NULL;
}

static void put_entry_json(struct json *j, const void *data, size_t row)
{
	const struct rows *r = data;
	const struct numa_entry *e = numa_row(r, row);
	struct str policy = numa_policy_name(r->numa, e);
	uint64_t page_size = (uint64_t)e->page_kb * 1024;

	json_object(j, NULL);
	if (policy.len)
		json_string(j, "policy", policy);
	else
		json_null(j, "policy");
	json_maybe(j, "page_size", (struct maybe){ page_size != 0, page_size });
	json_maybe(j, "bytes", numa_resident(r->numa, e));
	nodes_json(j, "nodes", r->numa->bytes.v + e->first, e->nodes, page_size);
	json_u64(j, "mapmax", e->mapmax);
	json_maybe(j, "local", numa_local(r->numa, e));
	json_maybe(j, "remote", numa_remote(r->numa, e));
	json_maybe(j, "on_policy", numa_on_policy(r->numa, e));
	json_maybe(j, "off_policy", numa_off_policy(r->numa, e));
	json_object_end(j);
}

const struct column numa_json_column = {
	"numa", "numa", "policy and bytes per node", VALUE_OBJECT, COLUMN_JSON | COLUMN_GROUPS,
	NEED_NUMA, 0, get_known, put_entry_json
};
