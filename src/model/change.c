/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Differences between two looks at address spaces: what appeared, vanished, grew, moved. */
#include "config.h"

#include "model/change.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "model/classify.h"

/* What is known of a mapping while counterparts are looked for. */
enum node_flag {
	NODE_LINKED = 1,	/* has a counterpart */
	NODE_MANY = 2,		/* has several */
	NODE_ALIKE = 4,		/* has one of the same protection */
	NODE_PERMS = 8,		/* has one of another protection */
	NODE_MOVED = 16,
};

/* Nodes are the rows before, then those after. */
struct linker {
	const struct change_request *req;
	const struct rows *side[CHANGE_SIDES];
	size_t n[CHANGE_SIDES], nodes;
	uint32_t *root;		/* a node that stands for all linked ones; or a key */
	uint8_t *flags;		/* enum node_flag */
	size_t roots;		/* each is below */
};

static const struct vma *row_at(const struct linker *l, enum change_side side, size_t row)
{
	return &l->side[side]->vma[l->side[side]->index[row]];
}

static const struct counters *counters_at(const struct rows *r, size_t row)
{
	return r->counters ? &r->counters[r->index[row]] : NULL;
}

static uint32_t find_root(struct linker *l, uint32_t node)
{
	while (l->root[node] != node) {
		l->root[node] = l->root[l->root[node]];
		node = l->root[node];
	}
	return node;
}

static void link_rows(struct linker *l, size_t before, size_t after, unsigned int flags)
{
	const uint32_t node[CHANGE_SIDES] = { (uint32_t)before, (uint32_t)(l->n[0] + after) };
	uint32_t a = find_root(l, node[0]), b = find_root(l, node[1]);

	/* the lower stands for both: trees stay flat, as nodes come in order */
	if (a < b)
		l->root[b] = a;
	else
		l->root[a] = b;
	for (int i = 0; i < CHANGE_SIDES; i++) {
		uint8_t *f = &l->flags[node[i]];

		*f |= (uint8_t)(*f & NODE_LINKED ? NODE_MANY : NODE_LINKED);
		*f |= (uint8_t)flags;
	}
}

/* prctl(PR_SET_VMA_ANON_NAME) may name a mapping at any time. */
static bool is_plain(struct str name)
{
	return name.len == 0 || str_has_prefix(name, "[anon:");
}

/* Do two mappings that overlap show the same bytes where they do? */
static bool is_same_backing(const struct linker *l, const struct vma *a, const struct vma *b)
{
	const struct space *s = l->side[0]->space, *t = l->side[1]->space;
	const struct file *x = vma_file(s, a), *y = vma_file(t, b);
	struct str name, other;

	if (x->inode != y->inode || x->dev_major != y->dev_major || x->dev_minor != y->dev_minor)
		return false;
	if ((a->perms ^ b->perms) & MAPS_SHARED)
		return false;
	if (x->inode)
		return a->offset - a->start == b->offset - b->start;
	name = space_str(s, x->path);
	other = space_str(t, y->path);
	return str_eq(name, other) || (is_plain(name) && is_plain(other));
}

/* Links what overlaps: of the same protection first; then, of the others, what has found none.
 * So what malloc takes of its reserve by mprotect is growth of one and loss of the other. */
static void link_overlaps(struct linker *l, bool alike)
{
	size_t i = 0, j = 0;

	while (i < l->n[0] && j < l->n[1]) {
		const struct vma *a = row_at(l, CHANGE_BEFORE, i);
		const struct vma *b = row_at(l, CHANGE_AFTER, j);
		unsigned int both = l->flags[i] & l->flags[l->n[0] + j];

		if (a->start < b->end && b->start < a->end && (a->perms == b->perms) == alike &&
		    (alike || !(both & NODE_ALIKE)) && is_same_backing(l, a, b))
			link_rows(l, i, j, alike ? NODE_ALIKE : NODE_PERMS);
		if (a->end <= b->end)
			i++;
		if (b->end <= a->end)
			j++;
	}
}

/* A mapping without counterpart, and what it would be known by elsewhere. */
struct loose {
	uint64_t key[4];
	uint32_t row;
	enum change_side side;
};

typedef VEC(struct loose) loose_list;

static int compare_loose(const void *a, const void *b)
{
	const struct loose *x = a, *y = b;

	for (unsigned int i = 0; i < 4; i++)
		if (x->key[i] != y->key[i])
			return x->key[i] < y->key[i] ? -1 : 1;
	if (x->side != y->side)
		return x->side < y->side ? -1 : 1;
	return x->row < y->row ? -1 : x->row > y->row;
}

/* False for what can't be known elsewhere. Keys of files begin with their device plus 1. */
static bool loose_key(const struct linker *l, enum change_side side, size_t row, uint64_t key[4])
{
	const struct rows *r = l->side[side];
	const struct vma *v = row_at(l, side, row);
	const struct file *f = vma_file(r->space, v);
	const struct counters *c = counters_at(r, row);
	uint64_t anonymous, swap = 0;

	if (f->inode) {
		key[0] = ((uint64_t)f->dev_major << 32 | f->dev_minor) + 1;
		key[1] = f->inode;
		key[2] = v->offset;
		key[3] = v->perms & MAPS_SHARED;
		return true;
	}
	if ((v->kind != KIND_ANON && v->kind != KIND_JIT) || (v->perms & MAPS_SHARED))
		return false;
	key[0] = 0;
	key[1] = v->size;
	key[2] = v->perms;
	key[3] = 0;
	if (!counters_get(c, SMAPS_ANONYMOUS, &anonymous))
		return true;
	counters_get(c, SMAPS_SWAP, &swap);
	key[3] = num_add(anonymous, swap);
	return key[3] != 0;
}

static int find_loose(const struct linker *l, loose_list *out)
{
	for (int side = 0; side < CHANGE_SIDES; side++)
		for (size_t i = 0; i < l->n[side]; i++) {
			struct loose *one;

			if (l->flags[side ? l->n[0] + i : i] & NODE_LINKED)
				continue;
			one = vec_push(out);
			if (!one)
				return -ENOMEM;
			one->side = (enum change_side)side;
			one->row = (uint32_t)i;
			if (!loose_key(l, one->side, i, one->key))
				out->n--;
		}
	return 0;
}

/* Loose ones of one key: before of them are of the side before, then come those after. */
static void link_run(struct linker *l, const struct loose *run, size_t before, size_t after)
{
	bool is_file = run->key[0] != 0;
	size_t pairs = before < after ? before : after;

	if (!is_file && (before != 1 || after != 1))
		return;
	for (size_t i = 0; i < pairs; i++) {
		const struct vma *a = row_at(l, CHANGE_BEFORE, run[i].row);
		const struct vma *b = row_at(l, CHANGE_AFTER, run[before + i].row);

		if (!is_file && !str_eq(vma_path(l->side[0]->space, a),
					vma_path(l->side[1]->space, b)))
			continue;
		link_rows(l, run[i].row, run[before + i].row,
			  NODE_MOVED | (a->perms != b->perms ? NODE_PERMS : 0));
	}
}

static int link_moved(struct linker *l)
{
	loose_list loose = { 0 };
	int ret = find_loose(l, &loose);

	if (ret == 0 && loose.n)
		qsort(loose.v, loose.n, sizeof(*loose.v), compare_loose);
	for (size_t i = 0, next; ret == 0 && i < loose.n; i = next) {
		size_t before = 0;

		for (next = i; next < loose.n && memcmp(loose.v[next].key, loose.v[i].key,
							sizeof(loose.v[i].key)) == 0; next++)
			before += loose.v[next].side == CHANGE_BEFORE;
		link_run(l, &loose.v[i], before, next - i - before);
	}
	vec_done(&loose);
	return ret;
}

static struct str object_name(const struct change_request *req, enum change_side side,
			      const struct vma *v)
{
	const struct space *s = req->side[side]->space;
	struct str name = space_str(s, v->object);

	if (!req->other_process)
		return name;
	if (v->thread)
		return STR("[stack:]");
	if (v->object && v->object == req->executable[side])
		return STR("/");
	return kind_is_elf((enum kind)v->kind) && str_has_prefix(name, "/") ?
		str_basename(name) : name;
}

/* The number of a name that is the same for both sides; known: of this side's objects, plus 1. */
static int name_key(const struct linker *l, enum change_side side, const struct vma *v,
		    struct strtab *names, uint32_t *known, uint32_t *key)
{
	bool cache = !v->thread;	/* a stack and its guard have one object, others may too */
	int ret = 0;

	if (cache && known[v->object] && !kind_is_elf((enum kind)v->kind)) {
		*key = known[v->object] - 1;
		return 0;
	}
	ret = strtab_add(names, object_name(l->req, side, v), key);
	if (ret == 0 && cache && !kind_is_elf((enum kind)v->kind))
		known[v->object] = *key + 1;
	return ret;
}

/* Instead of links: what has the same key is one. */
static int set_keys(struct linker *l)
{
	enum change_by by = l->req->by;
	struct strtab names;
	uint32_t *known = NULL;
	int ret = strtab_init(&names);

	for (int side = 0; ret == 0 && side < CHANGE_SIDES; side++) {
		uint32_t *root = l->root + (side ? l->n[0] : 0);

		known = calloc(l->side[side]->space->strings.str.n + 1, sizeof(*known));
		if (!known)
			ret = -ENOMEM;
		for (size_t i = 0; ret == 0 && i < l->n[side]; i++) {
			const struct vma *v = row_at(l, (enum change_side)side, i);
			uint32_t name = 0;

			if (by == CHANGE_BY_SEGMENT || by == CHANGE_BY_OBJECT)
				ret = name_key(l, (enum change_side)side, v, &names, known,
					       &name);
			root[i] = name * (KINDS + 1);
			if (by == CHANGE_BY_SEGMENT || by == CHANGE_BY_KIND)
				root[i] += v->kind;
		}
		free(known);
	}
	if (ret == 0)
		l->roots = names.str.n * (KINDS + 1);
	strtab_done(&names);
	return ret;
}

static int linker_init(struct linker *l, const struct change_request *req)
{
	*l = (struct linker){ .req = req, .side = { req->side[0], req->side[1] },
			      .n = { req->side[0]->n, req->side[1]->n } };
	l->nodes = l->roots = l->n[0] + l->n[1];
	l->root = malloc((l->nodes + 1) * sizeof(*l->root));
	l->flags = calloc(l->nodes + 1, 1);
	if (!l->root || !l->flags)
		return -ENOMEM;
	for (size_t i = 0; i < l->nodes; i++)
		l->root[i] = (uint32_t)i;
	return 0;
}

/* Gives each root's change a number, in address order, and counts its members. */
static int number_changes(struct linker *l, struct changes *out)
{
	uint32_t *number = calloc(l->roots + 1, sizeof(*number));	/* plus 1 */
	size_t at[CHANGE_SIDES] = { 0, 0 };

	if (!number)
		return -ENOMEM;
	while (at[0] < l->n[0] || at[1] < l->n[1]) {
		int side = at[0] == l->n[0] || (at[1] < l->n[1] &&
			   row_at(l, CHANGE_AFTER, at[1])->start <
			   row_at(l, CHANGE_BEFORE, at[0])->start);
		uint32_t node = (uint32_t)(side ? l->n[0] + at[1] : at[0]);
		uint32_t root = l->req->by == CHANGE_BY_MAPPING ? find_root(l, node) :
								  l->root[node];
		struct change *one;

		if (!number[root]) {
			one = vec_push(&out->change);
			if (!one) {
				free(number);
				return -ENOMEM;
			}
			*one = (struct change){ 0 };
			number[root] = (uint32_t)out->change.n;
		}
		one = &out->change.v[number[root] - 1];
		one->n[side]++;
		if (l->flags[node] & NODE_MANY)
			one->what |= side ? CHANGE_MERGED : CHANGE_SPLIT;
		if (l->flags[node] & NODE_MOVED)
			one->what |= CHANGE_MOVED;
		if (l->flags[node] & NODE_PERMS)
			one->what |= CHANGE_PERMS;
		out->of[side][l->side[side]->index[at[side]++]] = number[root] - 1;
	}
	free(number);
	return 0;
}

/* Puts the members of each change in a row. */
static int gather_members(const struct linker *l, struct changes *out)
{
	for (int side = 0; side < CHANGE_SIDES; side++) {
		uint32_t from = 0;

		out->side[side].index = malloc((l->n[side] + 1) * sizeof(uint32_t));
		if (!out->side[side].index)
			return -ENOMEM;
		for (size_t i = 0; i < out->change.n; i++) {
			out->change.v[i].first[side] = from;
			from += out->change.v[i].n[side];
			out->change.v[i].n[side] = 0;
		}
		for (size_t i = 0; i < l->n[side]; i++) {
			uint32_t vma = l->side[side]->index[i];
			struct change *one = &out->change.v[out->of[side][vma]];

			out->side[side].index[one->first[side] + one->n[side]++] = vma;
		}
	}
	return 0;
}

/* The file that holds the beginning of the code; NULL: not known, or it is no file. */
static const struct file *program_file(const struct stat_pid *stat, const struct space *s)
{
	const struct vma *v = stat_has(stat, STAT_START_CODE) ?
			      space_find(s, stat->v[STAT_START_CODE]) : NULL;
	const struct file *f = v ? vma_file(s, v) : NULL;

	return f && f->inode ? f : NULL;
}

bool change_is_other_program(const struct stat_pid *a, const struct space *before,
			     const struct stat_pid *b, const struct space *after)
{
	/* the other addresses may be set by prctl(PR_SET_MM), as systemd does to its arguments */
	static const enum stat_field field[] = { STAT_START_CODE, STAT_START_STACK };
	const struct file *f, *g;

	for (size_t i = 0; i < sizeof(field) / sizeof(*field); i++)
		if (stat_has(a, field[i]) && stat_has(b, field[i]) &&
		    a->v[field[i]] != b->v[field[i]])
			return true;
	/* without random addresses they may be the same */
	f = program_file(a, before);
	g = program_file(b, after);
	return f && g && (f->inode != g->inode || f->dev_major != g->dev_major ||
			  f->dev_minor != g->dev_minor);
}

struct change_amount change_difference(struct maybe before, struct maybe after)
{
	if (!before.known || !after.known)
		return (struct change_amount){ .known = false };
	return (struct change_amount){ true, (int64_t)(after.v - before.v) };
}

/* Resident and swapped, of a side; nothing there is 0 bytes. */
static struct maybe memory_of(const struct counters *c, bool none)
{
	struct maybe v = { 0 };
	uint64_t swap;

	if (none)
		return (struct maybe){ true, 0 };
	v.known = counters_resident(c, &v.v);
	if (v.known && counters_get(c, SMAPS_SWAP, &swap))
		v.v = num_add(v.v, swap);
	return v;
}

static bool is_same_amounts(const struct counters *a, const struct counters *b)
{
	return a->valid == b->valid && a->stored == b->stored &&
	       memcmp(a->v, b->v, (size_t)__builtin_popcount(a->stored) * sizeof(*a->v)) == 0;
}

/* Most have one member on each side, which are as they were. */
static bool is_quiet(const struct changes *c, const struct change *one)
{
	const struct rows *x = &c->side[0], *y = &c->side[1];
	uint32_t a, b;

	if (one->n[0] != 1 || one->n[1] != 1)
		return false;
	a = x->index[one->first[0]];
	b = y->index[one->first[1]];
	if (x->vma[a].size != y->vma[b].size)
		return false;
	return !x->counters || !y->counters || is_same_amounts(&x->counters[a], &y->counters[b]);
}

static void set_amounts(const struct changes *c, struct change *one)
{
	struct counters_sum sum[CHANGE_SIDES];
	struct counters counters[CHANGE_SIDES];
	struct vma v[CHANGE_SIDES];
	struct maybe memory[CHANGE_SIDES];
	bool quiet = is_quiet(c, one);

	if (quiet && (!c->side[0].counters || !c->side[1].counters))
		return;
	if (quiet) {
		one->memory = (struct change_amount){ true, 0 };
		return;
	}
	for (int side = 0; side < CHANGE_SIDES; side++) {
		struct rows rows = changes_rows(c, one, (enum change_side)side);

		rows_sum(&rows, &v[side], &sum[side]);
		counters[side] = counters_of_sum(&sum[side]);
		memory[side] = memory_of(&counters[side], rows.n == 0 && c->side[!side].counters);
	}
	one->size = (int64_t)(v[1].size - v[0].size);
	one->memory = change_difference(memory[0], memory[1]);
	if (!one->n[0])
		one->what |= CHANGE_APPEARED;
	else if (!one->n[1])
		one->what |= CHANGE_VANISHED;
	else if (one->size)
		one->what |= one->size > 0 ? CHANGE_GREW : CHANGE_SHRANK;
	for (unsigned int i = 0; i < SMAPS_PER_MAPPING; i++)
		if ((sum[0].valid & sum[1].valid) >> i & 1 && sum[0].v[i] != sum[1].v[i])
			one->what |= CHANGE_AMOUNTS;
}

int changes_make(const struct change_request *req, struct changes *out)
{
	struct linker l;
	int ret = linker_init(&l, req);

	*out = (struct changes){ 0 };
	for (int side = 0; ret == 0 && side < CHANGE_SIDES; side++) {
		size_t n = req->side[side]->space->vma.n;

		out->side[side] = *req->side[side];
		out->side[side].index = NULL;
		out->of[side] = malloc((n + 1) * sizeof(uint32_t));
		if (out->of[side])
			memset(out->of[side], 0xff, (n + 1) * sizeof(uint32_t));
		else
			ret = -ENOMEM;
	}
	if (ret == 0 && req->by != CHANGE_BY_MAPPING) {
		ret = set_keys(&l);
	} else if (ret == 0) {
		link_overlaps(&l, true);
		link_overlaps(&l, false);
		ret = link_moved(&l);
	}
	if (ret == 0)
		ret = number_changes(&l, out);
	if (ret == 0)
		ret = gather_members(&l, out);
	for (size_t i = 0; ret == 0 && i < out->change.n; i++)
		set_amounts(out, &out->change.v[i]);
	free(l.root);
	free(l.flags);
	return ret;
}

void changes_done(struct changes *c)
{
	for (int side = 0; side < CHANGE_SIDES; side++) {
		rows_done(&c->side[side]);
		free(c->of[side]);
		c->of[side] = NULL;
	}
	vec_done(&c->change);
}

struct rows changes_rows(const struct changes *c, const struct change *one,
			 enum change_side side)
{
	struct rows rows = c->side[side];

	rows.index += one->first[side];
	rows.n = one->n[side];
	return rows;
}

void changes_sum(const struct changes *c, const struct change *one, enum change_side side,
		 struct vma *v, struct counters_sum *counters)
{
	struct rows rows = changes_rows(c, one, side);
	const struct vma *first = rows.n ? &rows.vma[rows.index[0]] : NULL;

	rows_sum(&rows, v, counters);
	if (!first)
		return;
	v->kind = first->kind;
	v->object = first->object;
	v->perms = first->perms;
	v->thread = first->thread;
	for (size_t i = 1; i < rows.n; i++) {
		const struct vma *one_of = &rows.vma[rows.index[i]];

		if (one_of->kind != v->kind)
			v->kind = KINDS;
		if (one_of->object != v->object)
			v->object = 0;
		if (one_of->perms != v->perms)
			v->perms = SPACE_PERMS_MIXED;
		if (one_of->thread != v->thread)
			v->thread = 0;
	}
}
