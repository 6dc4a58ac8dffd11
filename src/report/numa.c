/* SPDX-License-Identifier: GPL-3.0-or-later */
/* --numa: memory policies, and on which memory nodes the pages lie. */
#include "config.h"

#include "report/numa.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "report/maps.h"
#include "report/table.h"

enum {
	INDENT = 2,
	ROOMY = 90,		/* columns of a terminal that has room for all */
	NODE_COLUMNS = 8,	/* more nodes than this do not get a column each */
};

/* ---- the table of nodes ---- */

struct node_rows {
	const struct numa *numa;
	const struct numa_totals *totals;
	const struct numa_node_total *row;
	bool is_total;			/* the row is the sum of all nodes */
	bool raw;			/* local and remote have a column of their own */
	struct buf *cpus;		/* of the row looked at last */
};

static const struct numa_node_total *node_row(const void *data, size_t row)
{
	return &((const struct node_rows *)data)->row[row];
}

static const struct node *machine_node(const void *data, size_t row)
{
	const struct node_rows *t = data;

	return nodes_find(&t->numa->nodes, node_row(data, row)->node);
}

static bool get_node(const void *data, size_t row, const struct column *c, struct value *v)
{
	(void)c;
	v->n = node_row(data, row)->node;
	return true;
}

static bool get_node_bytes(const void *data, size_t row, const struct column *c, struct value *v)
{
	(void)c;
	v->n = node_row(data, row)->bytes;
	return true;
}

static bool get_node_bar(const void *data, size_t row, const struct column *c, struct value *v)
{
	(void)c;
	v->n = node_row(data, row)->bytes;
	v->of = ((const struct node_rows *)data)->totals->bytes;
	return true;
}

static bool get_node_class(const void *data, size_t row, const struct column *c, struct value *v)
{
	v->n = node_row(data, row)->class[c->counter];
	return true;
}

/* Of the machine: MemTotal or MemFree. */
static bool get_node_memory(const void *data, size_t row, const struct column *c,
			    struct value *v)
{
	const struct node_rows *t = data;
	const struct node *n = t->is_total ? NULL : machine_node(data, row);
	struct maybe sum = { 0 };

	if (n)
		return numa_take(c->counter ? n->free : n->total, v);
	for (size_t i = 0; t->is_total && i < t->numa->nodes.n; i++) {
		n = &t->numa->nodes.v[i];
		sum.known = c->counter ? n->free.known : n->total.known;
		sum.v = num_add(sum.v, c->counter ? n->free.v : n->total.v);
		if (!sum.known)
			break;
	}
	return numa_take(sum, v);
}

static bool get_node_reach(const void *data, size_t row, const struct column *c,
			   struct value *v)
{
	const struct node_rows *t = data;

	(void)c;
	if (t->numa->bound != NUMA_BOUND)
		return false;
	v->s = idlist_has(&t->numa->local, node_row(data, row)->node) ? STR("local") :
									STR("remote");
	return true;
}

static bool get_node_cpus(const void *data, size_t row, const struct column *c, struct value *v)
{
	const struct node_rows *t = data;
	const struct node *n = machine_node(data, row);

	(void)c;
	if (!n || !n->has_cpus)
		return false;
	buf_clear(t->cpus);
	idlist_put(t->cpus, &n->cpus);
	v->s = t->cpus->len ? (struct str){ t->cpus->data, t->cpus->len } : STR("none");
	if (t->numa->bound == NUMA_BOUND && !t->raw)
		v->suffix = idlist_has(&t->numa->local, n->number) ? " (local)" : " (remote)";
	return true;
}

enum { SUM_OF_NODES = COLUMN_TEXT | COLUMN_DESCENDING };

enum { MEMORY = 7, REACH = 9 };		/* of the columns: left out where there is no room */

static const struct column node_columns[] = {
	{ "node", "node", NULL, VALUE_COUNT, COLUMN_TEXT, 0, 0, get_node },
	{ "resident", "resident", NULL, VALUE_BYTES, SUM_OF_NODES, 0, 0, get_node_bytes },
	{ "bar", "", NULL, VALUE_BAR, COLUMN_TEXT, 0, 0, get_node_bar },
	{ "anonymous", "anon", NULL, VALUE_BYTES, SUM_OF_NODES, 0, NUMA_ANONYMOUS, get_node_class },
	{ "files", "files", NULL, VALUE_BYTES, SUM_OF_NODES, 0, NUMA_FILE, get_node_class },
	{ "shared", "shared", NULL, VALUE_BYTES, SUM_OF_NODES, 0, NUMA_SHARED, get_node_class },
	{ "hugetlb", "hugetlb", NULL, VALUE_BYTES, SUM_OF_NODES, 0, NUMA_HUGETLB, get_node_class },
	[MEMORY] = { "memory", "memory", NULL, VALUE_BYTES, SUM_OF_NODES, 0, 0, get_node_memory },
	{ "free", "free", NULL, VALUE_BYTES, SUM_OF_NODES, 0, 1, get_node_memory },
	[REACH] = { "reach", "reach", NULL, VALUE_TEXT, COLUMN_TEXT, 0, 0, get_node_reach },
	{ "cpus", "CPUs", NULL, VALUE_TEXT, COLUMN_TEXT, 0, 0, get_node_cpus },
};

enum { NODES_TABLE = sizeof(node_columns) / sizeof(node_columns[0]) };

static void put_table(struct buf *b, const struct style *s, const struct column *columns,
		      size_t n, struct table table)
{
	const struct column *column[16];

	table.column = column;
	table.indent = s->raw ? 0 : INDENT;
	for (size_t i = 0; i < n; i++)
		if (columns[i].get)
			column[table.columns++] = &columns[i];
	table_text(b, s, &table);
}

/* Of a machine with very many nodes, only those that have any of the process's pages. */
static size_t pick_nodes(const struct style *s, const struct numa_totals *t,
			 struct numa_node_total *row)
{
	size_t n = 0;

	for (size_t i = 0; i < t->node.n; i++)
		if (s->raw || t->node.n <= NODE_COLUMNS || t->node.v[i].bytes)
			row[n++] = t->node.v[i];
	return n;
}

static int put_nodes(struct buf *b, const struct style *s, const struct numa_view *view,
		     const struct numa_totals *t)
{
	struct numa_node_total sum = { .bytes = t->bytes };
	struct numa_node_total *row = calloc(t->node.n + 1, sizeof(*row));
	struct column columns[NODES_TABLE];
	struct buf cpus;
	struct node_rows rows = { view->mappings->numa, t, row, false, s->raw, &cpus };
	struct node_rows total = { rows.numa, t, &sum, true, s->raw, &cpus };
	size_t n;

	if (!row)
		return -ENOMEM;
	memcpy(columns, node_columns, sizeof(columns));
	if (s->width && s->width < ROOMY)
		columns[MEMORY].get = NULL;
	if (!s->raw)
		columns[REACH].get = NULL;
	for (size_t i = 0; i < t->node.n; i++)
		for (unsigned int k = 0; k < NUMA_CLASSES; k++)
			sum.class[k] = num_add(sum.class[k], t->node.v[i].class[k]);
	buf_init(&cpus);
	n = pick_nodes(s, t, row);
	put_table(b, s, columns, NODES_TABLE,
		  (struct table){ .data = &rows, .rows = n, .total = &total });
	if (n < t->node.n)
		buf_printf(b, "  nothing on %zu other nodes\n", t->node.n - n);
	if (cpus.error && !b->error)
		b->error = cpus.error;
	buf_done(&cpus);
	free(row);
	return 0;
}

/* ---- the table of policies ---- */

struct policy_rows {
	const struct numa *numa;
	const struct numa_policy_total *row;
};

static const struct numa_policy_total *policy_row(const void *data, size_t row)
{
	return &((const struct policy_rows *)data)->row[row];
}

static bool get_policy(const void *data, size_t row, const struct column *c, struct value *v)
{
	(void)c;
	v->s = strtab_get(&((const struct policy_rows *)data)->numa->strings,
			  policy_row(data, row)->policy);
	return true;
}

static bool get_policy_mappings(const void *data, size_t row, const struct column *c,
				struct value *v)
{
	(void)c;
	v->n = policy_row(data, row)->mappings;
	return true;
}

static bool get_policy_bytes(const void *data, size_t row, const struct column *c,
			     struct value *v)
{
	(void)c;
	v->n = policy_row(data, row)->bytes;
	return true;
}

static bool get_policy_on(const void *data, size_t row, const struct column *c, struct value *v)
{
	(void)c;
	return numa_take(policy_row(data, row)->on, v);
}

static bool get_policy_off(const void *data, size_t row, const struct column *c,
			   struct value *v)
{
	(void)c;
	return numa_take(policy_row(data, row)->off, v);
}

static const struct column policy_columns[] = {
	{ "policy", "policy", NULL, VALUE_TEXT, COLUMN_TEXT, 0, 0, get_policy },
	{ "mappings", "mappings", NULL, VALUE_COUNT, COLUMN_TEXT, 0, 0, get_policy_mappings },
	{ "resident", "resident", NULL, VALUE_BYTES, COLUMN_TEXT, 0, 0, get_policy_bytes },
	{ "on_policy", "on its nodes", NULL, VALUE_BYTES, COLUMN_TEXT, 0, 0, get_policy_on },
	{ "off_policy", "elsewhere", NULL, VALUE_BYTES, COLUMN_TEXT, 0, 0, get_policy_off },
};

/* ---- the mappings ---- */

static bool get_on_node(const void *data, size_t row, const struct column *c, struct value *v)
{
	const struct rows *r = data;
	const struct numa_entry *e = numa_row(r, row);

	return e && numa_take(numa_on_node(r->numa, e, c->counter), v);
}

static bool get_page_size(const void *data, size_t row, const struct column *c, struct value *v)
{
	const struct numa_entry *e = numa_row(data, row);

	(void)c;
	if (e)
		v->n = (uint64_t)e->page_kb * 1024;
	return e && e->page_kb;
}

/* A column for each node of the machine, or of those that have pages, or one for all. */
struct node_list_columns {
	struct column column[NODE_COLUMNS];
	char name[NODE_COLUMNS][16];
	size_t n;
};

static void add_node_column(struct node_list_columns *l, uint32_t node)
{
	snprintf(l->name[l->n], sizeof(l->name[0]), "N%" PRIu32, node);
	l->column[l->n] = (struct column){
		.key = l->name[l->n], .heading = l->name[l->n], .type = VALUE_BYTES,
		.use = COLUMN_TEXT | COLUMN_DESCENDING, .counter = node, .get = get_on_node,
	};
	l->n++;
}

static void choose_nodes(struct node_list_columns *l, const struct numa_totals *t)
{
	size_t used = 0;

	l->n = 0;
	for (size_t i = 0; i < t->node.n; i++)
		used += t->node.v[i].bytes > 0;
	if (used > NODE_COLUMNS)
		return;
	for (size_t i = 0; i < t->node.n; i++)
		if (t->node.n <= NODE_COLUMNS || t->node.v[i].bytes)
			add_node_column(l, t->node.v[i].node);
}

static void put_mappings(struct buf *b, const struct style *s, const struct numa_view *view,
			 const struct numa_totals *t)
{
	static const struct column page = { "page_size", "page", NULL, VALUE_BYTES, COLUMN_TEXT, 0,
					    0, get_page_size };
	static const char *const leading[] = {
		[GROUP_NONE] = "start", [GROUP_KIND] = "kind", [GROUP_OBJECT] = "mappings",
		[GROUP_PERMS] = "perms",
	};
	struct node_list_columns nodes;
	struct column_list list = { .n = 0 };
	struct table table;

	choose_nodes(&nodes, t);
	column_list_add(&list, mapping_column_find(str_of(leading[view->group])));
	if (view->group)
		column_list_add(&list, mapping_column_find(STR("mappings")));
	column_list_add(&list, mapping_column_find(STR("size")));
	column_list_add(&list, mapping_column_find(STR("policy")));
	for (size_t i = 0; i < nodes.n; i++)
		column_list_add(&list, &nodes.column[i]);
	if (nodes.n == 0)
		column_list_add(&list, mapping_column_find(STR("nodes")));
	column_list_add(&list, &page);
	if (view->group == GROUP_NONE || view->group == GROUP_OBJECT)
		column_list_add(&list, mapping_column_find(STR("name")));
	table = mapping_table(view->rows, &list);
	table.total = view->total;
	table_text(b, s, &table);
}

/* ---- the lines above ---- */

static void put_label(struct buf *b, const struct style *s, const char *label)
{
	style_dim(b, s);
	buf_puts(b, label);
	style_off(b, s);
}

/* "local 1.3M (8 %)" */
static void put_share(struct buf *b, const struct style *s, const char *label, uint64_t v,
		      uint64_t of)
{
	put_label(b, s, label);
	style_size(b, s, v, 0);
	if (of)
		buf_printf(b, " (%.0f %%)", 100.0 * (double)v / (double)of);
}

static bool is_one(const struct idlist *l)
{
	return l->range.n == 1 && l->range.v[0].first == l->range.v[0].last;
}

/* Where the process may run and allocate, and what that makes of its pages. */
static void put_place(struct buf *b, const struct style *s, const struct numa *n,
		      const struct numa_totals *t)
{
	if (n->has_cpus) {
		put_label(b, s, n->bound == NUMA_BOUND ? "  bound to CPU" : "  may run on CPU");
		put_label(b, s, is_one(&n->cpus) ? " " : "s ");
		idlist_put(b, &n->cpus);
	}
	if (n->bound == NUMA_BOUND) {
		put_label(b, s, is_one(&n->local) ? " of node " : " of nodes ");
		idlist_put(b, &n->local);
	}
	if (n->has_mems) {
		put_label(b, s, n->has_cpus ? ", may allocate from node" :
					      "  may allocate from node");
		put_label(b, s, is_one(&n->mems) ? " " : "s ");
		idlist_put(b, &n->mems);
	}
	if (n->has_cpus || n->has_mems)
		buf_putc(b, '\n');
	if (n->bound == NUMA_BOUND) {
		put_share(b, s, "  local ", t->local.v, t->bytes);
		put_share(b, s, "   remote ", t->remote.v, t->bytes);
		buf_putc(b, '\n');
	}
}

static bool is_all_default(const struct numa *n, const struct numa_totals *t)
{
	return t->policy.n == 0 ||
	       (t->policy.n == 1 && str_eq(strtab_get(&n->strings, t->policy.v[0].policy),
					   STR("default")));
}

static int put_text(struct buf *b, const struct style *s, const struct numa_view *view,
		    const struct numa_totals *t)
{
	const struct numa *n = view->mappings->numa;
	struct policy_rows policies = { n, t->policy.v };

	if (!s->raw)
		put_place(b, s, n, t);
	if (put_nodes(b, s, view, t) < 0)
		return -ENOMEM;
	if (!s->raw && view->mappings->n != view->mappings->space->vma.n)
		buf_printf(b, "  sums of the %zu mapping%s shown, of %zu\n", view->mappings->n,
			   view->mappings->n == 1 ? "" : "s", view->mappings->space->vma.n);
	if (s->raw || !is_all_default(n, t)) {
		if (!s->raw)
			buf_putc(b, '\n');
		put_table(b, s, policy_columns, sizeof(policy_columns) / sizeof(policy_columns[0]),
			  (struct table){ .data = &policies, .rows = t->policy.n });
	} else if (t->policy.n) {
		buf_puts(b, "  no memory policy: pages come from the node of the CPU that touches "
			    "them first\n");
	}
	if (!s->raw)
		buf_putc(b, '\n');
	put_mappings(b, s, view, t);
	if (t->unknown && !s->raw) {
		style_dim(b, s);
		buf_printf(b, "  note: %zu mapping%s appeared, vanished or changed while numa_maps was "
			      "read: not counted\n", t->unknown, t->unknown == 1 ? "" : "s");
		style_off(b, s);
	}
	return 0;
}

int numa_text(struct buf *b, const struct style *s, const struct numa_view *view)
{
	struct numa_totals t;
	int ret = numa_totals_make(view->mappings, &t);

	if (ret == 0)
		ret = put_text(b, s, view, &t);
	numa_totals_done(&t);
	return ret;
}

/* ---- JSON ---- */

static void list_json(struct json *j, const char *key, bool known, const struct idlist *l)
{
	struct buf text;

	if (!known) {
		json_null(j, key);
		return;
	}
	buf_init(&text);
	idlist_put(&text, l);
	json_string(j, key, (struct str){ text.len ? text.data : "", text.len });
	buf_done(&text);
}

static void node_json(struct json *j, const struct numa *n, const struct numa_node_total *t)
{
	const struct node *node = nodes_find(&n->nodes, t->node);
	struct maybe unknown = { 0 };

	json_object(j, NULL);
	json_u64(j, "node", t->node);
	json_u64(j, "bytes", t->bytes);
	json_u64(j, "anonymous", t->class[NUMA_ANONYMOUS]);
	json_u64(j, "file", t->class[NUMA_FILE]);
	json_u64(j, "shared", t->class[NUMA_SHARED]);
	json_u64(j, "hugetlb", t->class[NUMA_HUGETLB]);
	if (n->bound == NUMA_BOUND)
		json_bool(j, "local", idlist_has(&n->local, t->node));
	else
		json_null(j, "local");
	list_json(j, "cpus", node && node->has_cpus, node ? &node->cpus : NULL);
	json_maybe(j, "memory_total", node ? node->total : unknown);
	json_maybe(j, "memory_free", node ? node->free : unknown);
	json_object_end(j);
}

static void policy_json(struct json *j, const struct numa *n, const struct numa_policy_total *t)
{
	json_object(j, NULL);
	json_string(j, "policy", strtab_get(&n->strings, t->policy));
	json_u64(j, "mappings", t->mappings);
	json_u64(j, "bytes", t->bytes);
	json_maybe(j, "on_policy", t->on);
	json_maybe(j, "off_policy", t->off);
	json_object_end(j);
}

static void put_json(struct json *j, const struct numa *n, const struct numa_totals *t)
{
	json_break(j);
	json_object(j, "numa");
	json_u64(j, "bytes", t->bytes);
	json_u64(j, "mappings", t->mappings);
	json_u64(j, "unknown_mappings", t->unknown);
	list_json(j, "cpus_allowed", n->has_cpus, &n->cpus);
	list_json(j, "mems_allowed", n->has_mems, &n->mems);
	if (n->bound == NUMA_BOUND_UNKNOWN)
		json_null(j, "bound");
	else
		json_bool(j, "bound", n->bound == NUMA_BOUND);
	json_maybe(j, "local", t->local);
	json_maybe(j, "remote", t->remote);
	json_maybe(j, "on_policy", t->on);
	json_maybe(j, "off_policy", t->off);
	json_array(j, "nodes");
	for (size_t i = 0; i < t->node.n; i++)
		node_json(j, n, &t->node.v[i]);
	json_array_end(j);
	json_array(j, "policies");
	for (size_t i = 0; i < t->policy.n; i++)
		policy_json(j, n, &t->policy.v[i]);
	json_array_end(j);
	json_object_end(j);
}

int numa_json(struct json *j, const struct numa_view *view)
{
	struct numa_totals t;
	int ret = numa_totals_make(view->mappings, &t);

	if (ret == 0)
		put_json(j, view->mappings->numa, &t);
	numa_totals_done(&t);
	return ret;
}
