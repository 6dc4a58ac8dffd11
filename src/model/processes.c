/* SPDX-License-Identifier: GPL-3.0-or-later */
/* All processes beside each other: who uses the machine's memory. */
#include "config.h"

#include "model/processes.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "model/filter.h"

int processes_init(struct processes *p)
{
	memset(p, 0, sizeof(*p));
	buf_init(&p->text);
	return strtab_init(&p->strings);
}

void processes_done(struct processes *p)
{
	vec_done(&p->row);
	strtab_done(&p->strings);
	buf_done(&p->text);
}

static void set(struct process_row *r, unsigned int amount, uint64_t v)
{
	r->v[amount] = v;
	r->valid |= UINT64_C(1) << amount;
}

/* What follows from the kernel's counters. */
static void derive(struct process_row *r, const struct counters *c)
{
	uint64_t v;

	if (counters_uss(c, &v))
		set(r, PROCESS_USS, v);
	if (counters_huge(c, &v))
		set(r, PROCESS_HUGE, v);
	if (counters_hugetlb(c, &v))
		set(r, PROCESS_HUGETLB, v);
	if (counters_resident(c, &v))
		set(r, PROCESS_RESIDENT, v);
}

static void set_rollup(struct process_row *r, const struct snapshot *s)
{
	struct counters_sum sum = { .valid = s->rollup_valid };
	struct counters c;

	for (unsigned int i = 0; i < SMAPS_COUNTERS; i++)
		if (s->rollup_valid >> i & 1)
			set(r, i, s->rollup[i]);
	sum.valid &= (UINT32_C(1) << SMAPS_PER_MAPPING) - 1;
	memcpy(sum.v, s->rollup, sizeof(sum.v));
	c = counters_of_sum(&sum);
	derive(r, &c);
}

/* Without smaps_rollup: what anybody may know. */
static void set_status(struct process_row *r, const struct status *s)
{
	uint64_t hugetlb = status_get(s, STATUS_HUGETLB_PAGES);

	r->unreadable = 1;
	if (status_has(s, STATUS_VM_RSS)) {
		set(r, SMAPS_RSS, s->v[STATUS_VM_RSS]);
		set(r, PROCESS_RESIDENT, s->v[STATUS_VM_RSS] + hugetlb);
	}
	if (status_has(s, STATUS_VM_SWAP))
		set(r, SMAPS_SWAP, s->v[STATUS_VM_SWAP]);
	if (status_has(s, STATUS_HUGETLB_PAGES))
		set(r, PROCESS_HUGETLB, hugetlb);
}

static int intern(struct processes *p, struct str s, uint32_t *number)
{
	return strtab_add(&p->strings, s, number);
}

/* Arguments with blanks between them; the name in brackets where there are none. */
static int add_command(struct processes *p, const struct snapshot *s, struct process_row *r)
{
	struct buf line;
	int ret;

	buf_init(&line);
	buf_add(&line, s->command.data, s->command.len);
	while (line.len && line.data[line.len - 1] == '\0')
		line.len--;
	for (size_t i = 0; i < line.len; i++)
		if (line.data[i] == '\0')
			line.data[i] = ' ';
	if (line.len == 0) {
		buf_putc(&line, '[');
		buf_add(&line, s->stat.comm.p, s->stat.comm.len);
		buf_putc(&line, ']');
	}
	ret = line.error ? line.error :
			   intern(p, (struct str){ line.data, line.len }, &r->command);
	buf_done(&line);
	return ret;
}

int processes_add(struct processes *p, const struct snapshot *s, const char *user,
		  struct process_row **row)
{
	struct process_row *r;
	int ret;

	*row = NULL;
	if (!snapshot_lost_main_thread(s) &&
	    (s->condition != CONDITION_NORMAL || !status_has(&s->status, STATUS_VM_SIZE))) {
		p->kernel_threads += s->condition == CONDITION_KERNEL_THREAD;
		p->zombies += s->condition != CONDITION_KERNEL_THREAD;
		return 0;
	}
	r = vec_push(&p->row);
	if (!r)
		return -ENOMEM;
	*r = (struct process_row){
		.pid = s->pid, .ppid = (pid_t)status_get(&s->status, STATUS_PPID), .count = 1,
		.start = stat_has(&s->stat, STAT_STARTTIME) ? s->stat.v[STAT_STARTTIME] : 0,
		.uid = s->status.uid, .state = s->stat.state, .kind = KINDS,
		.threads = (uint32_t)status_get(&s->status, STATUS_THREADS),
	};
	ret = intern(p, s->stat.comm, &r->name);
	if (ret == 0)
		ret = add_command(p, s, r);
	if (ret == 0 && user)
		ret = intern(p, str_of(user), &r->user);
	if (ret == 0 && s->cgroup.len)
		ret = intern(p, (struct str){ s->cgroup.data, s->cgroup.len }, &r->cgroup);
	if (s->has_rollup)
		set_rollup(r, s);
	else
		set_status(r, &s->status);
	if (status_has(&s->status, STATUS_VM_SIZE))
		set(r, PROCESS_SIZE, s->status.v[STATUS_VM_SIZE]);
	if (status_has(&s->status, STATUS_VM_PTE))
		set(r, PROCESS_PAGE_TABLES, s->status.v[STATUS_VM_PTE]);
	p->unreadable += r->unreadable;
	*row = r;
	return ret;
}

/* Adds the amounts of one to a group. */
static void join(struct process_row *g, const struct process_row *r)
{
	for (unsigned int i = 0; i < PROCESS_AMOUNTS; i++)
		if (process_has(r, i))
			set(g, i, (process_has(g, i) ? g->v[i] : 0) + r->v[i]);
	g->count += r->count;
	g->unreadable += r->unreadable;
	g->threads += r->threads;
	if (g->user != r->user)
		g->user = 0;
	if (g->cgroup != r->cgroup)
		g->cgroup = 0;
	if (g->name != r->name)
		g->name = 0;
}

static void begin_group(struct process_row *g, const struct process_row *r)
{
	*g = *r;
	g->pid = g->ppid = 0;
	g->start = 0;
	g->command = 0;
	g->state = 0;
	g->text_len = 0;
	g->mixed = true;
}

static uint32_t group_key(const struct process_row *r, enum process_group by)
{
	return by == PROCESS_GROUP_USER ? r->user : by == PROCESS_GROUP_NAME ? r->name : r->cgroup;
}

/* Users without a name are told apart by number. */
static int name_users(struct processes *p)
{
	int ret = 0;

	for (size_t i = 0; ret == 0 && i < p->row.n; i++) {
		char text[NUM_MAX_DIGITS];
		char *end = num_put_u64(text, p->row.v[i].uid);

		if (!p->row.v[i].user)
			ret = intern(p, (struct str){ text, (size_t)(end - text) },
				     &p->row.v[i].user);
	}
	return ret;
}

int processes_group(struct processes *p, enum process_group by)
{
	size_t n = 0;
	uint32_t *slot;
	int ret = by == PROCESS_GROUP_USER ? name_users(p) : 0;

	if (ret < 0)
		return ret;
	slot = calloc(p->strings.str.n + 1, sizeof(*slot));
	if (!slot)
		return -ENOMEM;
	/* groups take the places of rows that have been looked at */
	for (size_t i = 0; i < p->row.n; i++) {
		struct process_row row = p->row.v[i];
		uint32_t *at = &slot[group_key(&row, by)];

		if (*at) {
			join(&p->row.v[*at - 1], &row);
			continue;
		}
		begin_group(&p->row.v[n], &row);
		*at = (uint32_t)++n;
	}
	p->row.n = n;
	free(slot);
	return 0;
}

int processes_add_objects(struct processes *p, const struct snapshot *s)
{
	struct rows rows;
	struct groups objects = { 0 };
	int ret;

	if (!s->has_space || s->condition != CONDITION_NORMAL) {
		p->unreadable += s->condition == CONDITION_NORMAL;
		return 0;
	}
	ret = rows_all(&s->space, &rows);
	if (ret == 0)
		ret = groups_make(&rows, GROUP_OBJECT, &objects);
	for (size_t i = 0; ret == 0 && i < objects.rows.n; i++) {
		const struct vma *v = &objects.vma.v[i];
		struct process_row r = { .count = 1, .mixed = true, .kind = v->kind };
		const struct counters *c = objects.counters.n ? &objects.counters.v[i] : NULL;
		uint64_t amount;

		if (!vma_is_user(v))
			continue;
		ret = intern(p, space_str(&s->space, v->object), &r.name);
		for (unsigned int k = 0; k < SMAPS_PER_MAPPING; k++)
			if (smaps_counter_info[k].is_sum &&
			    counters_get(c, (enum smaps_counter)k, &amount))
				set(&r, k, amount);
		derive(&r, c);
		set(&r, PROCESS_SIZE, v->size);
		if (ret == 0) {
			struct process_row *to = vec_push(&p->row);

			if (to)
				*to = r;
			else
				ret = -ENOMEM;
		}
	}
	groups_done(&objects);
	rows_done(&rows);
	return ret;
}

void processes_sum(const struct processes *p, struct process_row *sum)
{
	*sum = (struct process_row){ .mixed = true, .kind = KINDS };
	for (size_t i = 0; i < p->row.n; i++)
		join(sum, &p->row.v[i]);
	sum->user = sum->name = sum->cgroup = 0;
}

/* ---- the tree ---- */

struct tree {
	struct processes *p;
	uint32_t *parent;	/* index of the parent, or NONE */
	uint32_t *order;	/* rows as they are listed */
	uint32_t *sorted;	/* all, by parent and then by subtree */
	size_t done;
	const char *const *line;
};

#define NONE UINT32_MAX

enum { DRAWN_DEPTH = 64 };	/* more fills any terminal, and grows with the square */

static int by_pid(const void *a, const void *b, void *ctx)
{
	const struct process_row *row = ctx;
	pid_t x = row[*(const uint32_t *)a].pid, y = row[*(const uint32_t *)b].pid;

	return (x > y) - (x < y);
}

static uint32_t find_pid(const struct tree *t, const uint32_t *index, pid_t pid)
{
	size_t low = 0, high = t->p->row.n;

	while (low < high) {
		size_t middle = (low + high) / 2;
		pid_t at = t->p->row.v[index[middle]].pid;

		if (at == pid)
			return index[middle];
		if (at < pid)
			low = middle + 1;
		else
			high = middle;
	}
	return NONE;
}

/* A parent may have ended and its number be in use again below its own child: that is no parent. */
static bool is_ancestor(const struct tree *t, uint32_t of, uint32_t maybe)
{
	for (size_t steps = 0; of != NONE && steps <= t->p->row.n; steps++) {
		if (of == maybe)
			return true;
		of = t->parent[of];
	}
	return false;
}

static void add_subtrees(struct tree *t)
{
	for (size_t i = 0; i < t->p->row.n; i++) {
		const struct process_row *r = &t->p->row.v[i];

		if (!process_has(r, SMAPS_PSS))
			continue;
		for (uint32_t up = (uint32_t)i; up != NONE; up = t->parent[up])
			set(&t->p->row.v[up], PROCESS_SUBTREE,
			    t->p->row.v[up].v[PROCESS_SUBTREE] + r->v[SMAPS_PSS]);
	}
}

static int by_parent(const void *a, const void *b, void *ctx)
{
	const struct tree *t = ctx;
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	const struct process_row *r = &t->p->row.v[x], *s = &t->p->row.v[y];

	if (t->parent[x] != t->parent[y])
		return t->parent[x] < t->parent[y] ? -1 : 1;
	if (r->v[PROCESS_SUBTREE] != s->v[PROCESS_SUBTREE])
		return r->v[PROCESS_SUBTREE] < s->v[PROCESS_SUBTREE] ? 1 : -1;
	return (r->pid > s->pid) - (r->pid < s->pid);
}

/* The first row in sorted whose parent is this one. */
static size_t first_child(const struct tree *t, uint32_t parent)
{
	size_t low = 0, high = t->p->row.n;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (t->parent[t->sorted[middle]] < parent)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Lists the children of a row and theirs; before: what stands before their own branch. */
static int list_children(struct tree *t, uint32_t parent, struct buf *before, uint32_t depth)
{
	size_t len = before->len;
	int ret = 0;

	for (size_t i = first_child(t, parent);
	     ret == 0 && i < t->p->row.n && t->parent[t->sorted[i]] == parent; i++) {
		uint32_t at = t->sorted[i];
		struct process_row *r = &t->p->row.v[at];
		bool last = i + 1 == t->p->row.n || t->parent[t->sorted[i + 1]] != parent;

		r->depth = depth;
		t->order[t->done++] = at;
		if (depth && t->line) {
			struct str command = strtab_get(&t->p->strings, r->command);

			buf_puts(before, t->line[last]);
			buf_add(before, command.p, command.len);
			ret = before->error ? before->error :
			      intern(t->p, (struct str){ before->data, before->len }, &r->command);
			before->len = len;
		}
		if (depth && t->line && depth < DRAWN_DEPTH)
			buf_puts(before, t->line[2 + last]);
		if (ret == 0)
			ret = list_children(t, at, before, depth + 1);
		before->len = len;
	}
	return ret;
}

static int order_rows(struct tree *t)
{
	size_t n = t->p->row.n;
	struct process_row *row = malloc(n * sizeof(*row));

	if (!row)
		return -ENOMEM;
	memcpy(row, t->p->row.v, n * sizeof(*row));
	for (size_t i = 0; i < n; i++)
		t->p->row.v[i] = row[t->order[i]];
	free(row);
	return 0;
}

int processes_tree(struct processes *p, const char *const line[4])
{
	size_t n = p->row.n;
	struct tree t = { .p = p, .line = line };
	struct buf before;
	int ret = -ENOMEM;

	if (n == 0)
		return 0;
	buf_init(&before);
	t.parent = malloc(n * sizeof(*t.parent));
	t.order = malloc(n * sizeof(*t.order));
	t.sorted = malloc(n * sizeof(*t.sorted));
	if (!t.parent || !t.order || !t.sorted)
		goto out;
	for (uint32_t i = 0; i < n; i++) {
		t.sorted[i] = i;
		t.parent[i] = NONE;
	}
	qsort_r(t.sorted, n, sizeof(*t.sorted), by_pid, p->row.v);
	for (uint32_t i = 0; i < n; i++) {
		uint32_t up = find_pid(&t, t.sorted, p->row.v[i].ppid);

		if (up != NONE && !is_ancestor(&t, up, i))
			t.parent[i] = up;
	}
	add_subtrees(&t);
	qsort_r(t.sorted, n, sizeof(*t.sorted), by_parent, &t);
	ret = list_children(&t, NONE, &before, 0);
	if (ret == 0)
		ret = order_rows(&t);
out:
	buf_done(&before);
	free(t.parent);
	free(t.order);
	free(t.sorted);
	return ret;
}
