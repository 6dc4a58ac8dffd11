/* SPDX-License-Identifier: GPL-3.0-or-later */
/* /sys/devices/system/node: the memory nodes of the machine, with their processors and memory. */
#include "config.h"

#include "proc/nodes.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proc/lines.h"

#define NODES_DIR "sys/devices/system/node"

/* "node12"; anything else there ("has_cpu") is none. */
static int add_node(void *ctx, const char *name)
{
	node_list *nodes = ctx;
	struct node *n;
	uint64_t number;

	if (!num_parse_u64(name + strlen("node"), &number) || number > UINT32_MAX)
		return 0;
	n = vec_push(nodes);
	if (!n)
		return -ENOMEM;
	*n = (struct node){ .number = (uint32_t)number };
	return 0;
}

static int by_number(const void *a, const void *b)
{
	uint32_t x = ((const struct node *)a)->number, y = ((const struct node *)b)->number;

	return (x > y) - (x < y);
}

/* "MemTotal:       476356 kB" behind "Node 0 " */
static void take_field(struct str line, const char *name, struct maybe *out)
{
	const char *at = memmem(line.p, line.len, name, strlen(name)), *end = line.p + line.len;
	uint64_t kb;

	if (!at)
		return;
	at += strlen(name);
	while (at < end && *at == ' ')
		at++;
	if (num_scan_u64(&at, end, &kb))
		*out = (struct maybe){ true, num_mul(kb, 1024) };
}

void node_parse_meminfo(const char *text, size_t len, struct node *n)
{
	struct lines lines = lines_of(text, len);
	struct str line;

	while (lines_next(&lines, &line)) {
		take_field(line, " MemTotal:", &n->total);
		take_field(line, " MemFree:", &n->free);
	}
}

static int read_node(const struct root *root, struct node *n, struct buf *text)
{
	char path[64];
	int ret = 0;

	snprintf(path, sizeof(path), NODES_DIR "/node%" PRIu32 "/cpulist", n->number);
	buf_clear(text);
	if (root_read(root, path, text) == 0) {
		ret = idlist_parse((struct str){ text->data, text->len }, &n->cpus);
		n->has_cpus = ret == 0;
	}
	if (ret == -ENOMEM)
		return ret;
	snprintf(path, sizeof(path), NODES_DIR "/node%" PRIu32 "/meminfo", n->number);
	buf_clear(text);
	if (root_read(root, path, text) == 0)
		node_parse_meminfo(text->data, text->len, n);
	return text->error;
}

int nodes_read(const struct root *root, node_list *out)
{
	struct buf text;
	int ret = root_each(root, NODES_DIR, "node", add_node, out);

	if (ret < 0)
		return ret == -ENOMEM ? ret : 0;
	if (out->n)
		qsort(out->v, out->n, sizeof(*out->v), by_number);
	buf_init(&text);
	for (size_t i = 0; ret == 0 && i < out->n; i++)
		ret = read_node(root, &out->v[i], &text);
	buf_done(&text);
	return ret;
}

void nodes_done(node_list *nodes)
{
	for (size_t i = 0; i < nodes->n; i++)
		idlist_done(&nodes->v[i].cpus);
	vec_done(nodes);
}

const struct node *nodes_find(const node_list *nodes, uint32_t number)
{
	for (size_t i = 0; i < nodes->n; i++)
		if (nodes->v[i].number == number)
			return &nodes->v[i];
	return NULL;
}
