/* SPDX-License-Identifier: GPL-3.0-or-later */
/* /proc/PID/numa_maps: a line per mapping with its memory policy and its pages per node. */
#include "config.h"

#include "proc/numa_maps.h"

#include <errno.h>

#include "base/num.h"
#include "proc/lines.h"

enum { POLICY_MAX = 63 };	/* char buffer[64] in show_numa_map() */

static const char *const count_name[NUMA_COUNTS] = {
	[NUMA_ANON] = "anon", [NUMA_DIRTY] = "dirty", [NUMA_MAPPED] = "mapped",
	[NUMA_MAPMAX] = "mapmax", [NUMA_SWAPCACHE] = "swapcache", [NUMA_ACTIVE] = "active",
	[NUMA_WRITEBACK] = "writeback",
};

struct parsing {
	struct numa_line line;
	VEC(struct numa_pages) node;
};

static bool next_word(const char **p, const char *end, struct str *word)
{
	while (*p < end && **p == ' ')
		(*p)++;
	word->p = *p;
	while (*p < end && **p != ' ')
		(*p)++;
	word->len = (size_t)(*p - word->p);
	return word->len > 0;
}

/* "NAME=DIGITS"; names have no escaping to undo: the kernel writes '=' in a file's as \075. */
static bool split_count(struct str word, struct str *name, uint64_t *v)
{
	const char *equals = memchr(word.p, '=', word.len), *end = word.p + word.len, *s;

	if (!equals)
		return false;
	*name = (struct str){ word.p, (size_t)(equals - word.p) };
	s = equals + 1;
	return num_scan_u64(&s, end, v) && s == end;
}

/* What follows the policy. A policy may be of two words, and have '=': "weighted
 * interleave=static:0-1". */
static bool ends_policy(struct str word)
{
	const char *equals = memchr(word.p, '=', word.len);

	if (str_has_prefix(word, "file=") || str_eq(word, STR("heap")) ||
	    str_eq(word, STR("stack")) || str_eq(word, STR("huge")))
		return true;
	return equals && equals + 1 < word.p + word.len && equals[1] >= '0' && equals[1] <= '9';
}

static int add_node(struct parsing *p, struct str number, uint64_t pages)
{
	const char *s = number.p, *end = number.p + number.len;
	struct numa_pages *to;
	uint64_t node;

	if (!num_scan_u64(&s, end, &node) || s != end || node > UINT32_MAX)
		return 0;
	to = vec_push(&p->node);
	if (!to)
		return -ENOMEM;
	*to = (struct numa_pages){ (uint32_t)node, pages };
	return 0;
}

static int take_word(struct parsing *p, struct str word)
{
	struct numa_line *l = &p->line;
	struct str name;
	uint64_t v;

	if (str_eq(word, STR("huge")))
		l->huge = true;
	if (str_has_prefix(word, "file=") || !split_count(word, &name, &v))
		return 0;
	if (name.len > 1 && name.p[0] == 'N')
		return add_node(p, (struct str){ name.p + 1, name.len - 1 }, v);
	if (str_eq(name, STR("kernelpagesize_kB"))) {	/* 4.0 */
		l->page_size = num_mul(v, 1024);
		return 0;
	}
	for (unsigned int i = 0; i < NUMA_COUNTS; i++)
		if (str_eq(name, str_of(count_name[i])))
			l->v[i] = v;
	return 0;
}

static int parse_line(struct parsing *p, struct str line)
{
	const char *s = line.p, *end = line.p + line.len;
	struct str word;
	int ret = 0;

	p->line = (struct numa_line){ 0 };
	p->node.n = 0;
	if (!num_scan_hex(&s, end, &p->line.start) || s == end || *s != ' ' ||
	    !next_word(&s, end, &word))
		return -EBADMSG;
	p->line.policy = word;
	while (next_word(&s, end, &word) && !ends_policy(word))
		p->line.policy.len = (size_t)(word.p + word.len - p->line.policy.p);
	for (; ret == 0 && word.len; next_word(&s, end, &word))
		ret = take_word(p, word);
	p->line.node = p->node.v;
	p->line.nodes = p->node.n;
	return ret;
}

int numa_maps_parse(const char *text, size_t len, numa_maps_fn fn, void *ctx, uint64_t *line)
{
	struct lines lines = lines_of(text, len);
	struct parsing p = { 0 };
	struct str s;
	int ret = 0;

	for (*line = 0; ret == 0 && lines_next(&lines, &s);) {
		++*line;
		ret = s.p + s.len == text + len ? -EBADMSG : parse_line(&p, s);
		if (ret == 0)
			ret = fn(ctx, &p.line);
	}
	vec_done(&p.node);
	return ret;
}

bool numa_policy_nodes(struct str policy, struct idlist *nodes)
{
	const char *colon = memrchr(policy.p, ':', policy.len);
	struct str list;

	if (!colon || policy.len >= POLICY_MAX)
		return false;
	list = (struct str){ colon + 1, (size_t)(policy.p + policy.len - colon - 1) };
	if (idlist_parse(list, nodes) == 0 && nodes->range.n)
		return true;
	nodes->range.n = 0;
	return false;
}
