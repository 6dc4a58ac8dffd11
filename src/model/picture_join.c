/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which neighbours of the picture share a line where there are too few lines for all. */
#include "config.h"

#include "model/picture_join.h"

#include <errno.h>
#include <stdlib.h>

#include "base/num.h"

#define WEIGHT_MAX ((UINT64_C(1) << 60) - 1)
#define ACROSS (UINT64_C(1) << 61)	/* more than any cost within a group */

/* The line that begins at a run, while it is one. */
struct line {
	struct join_run run;	/* its heaviest's weight; its group, and of what all of it is alike */
	size_t above, below;	/* where its neighbours begin; NONE */
	bool gone;
};

struct pair {
	uint64_t cost;
	size_t upper;		/* the line above; the other one is the one below it now */
};

struct joiner {
	struct line *line;
	struct pair *heap;	/* least cost on top; of pairs that changed, only the last is true */
	size_t pairs;
};

static const size_t none = SIZE_MAX;

uint64_t join_weight(uint64_t size, uint64_t resident)
{
	uint64_t weight = num_add(resident, size / JOIN_RESERVED);

	return weight < WEIGHT_MAX ? weight : WEIGHT_MAX;
}

uint64_t join_cost(const struct join_run *a, const struct join_run *b)
{
	uint64_t less = a->weight < b->weight ? a->weight : b->weight;
	uint64_t more = a->weight < b->weight ? b->weight : a->weight;

	if (a->group != b->group)
		return ACROSS * (a->group && b->group ? 2 : 1) + less + more / JOIN_PURE;
	if (a->alike && a->alike == b->alike)
		return less / JOIN_ALIKE;
	return less + more / JOIN_PURE;
}

static bool comes_first(const struct pair *a, const struct pair *b)
{
	return a->cost != b->cost ? a->cost < b->cost : a->upper < b->upper;
}

static void push(struct joiner *j, struct pair pair)
{
	size_t at = j->pairs++;

	while (at > 0 && comes_first(&pair, &j->heap[(at - 1) / 2])) {
		j->heap[at] = j->heap[(at - 1) / 2];
		at = (at - 1) / 2;
	}
	j->heap[at] = pair;
}

static struct pair pop(struct joiner *j)
{
	struct pair top = j->heap[0], moved = j->heap[--j->pairs];
	size_t at = 0, child;

	while ((child = 2 * at + 1) < j->pairs) {
		if (child + 1 < j->pairs && comes_first(&j->heap[child + 1], &j->heap[child]))
			child++;
		if (!comes_first(&j->heap[child], &moved))
			break;
		j->heap[at] = j->heap[child];
		at = child;
	}
	j->heap[at] = moved;
	return top;
}

static void push_pair(struct joiner *j, size_t upper)
{
	const struct line *l;

	if (upper == none)
		return;
	l = &j->line[upper];
	if (l->below == none || l->run.wall)
		return;
	push(j, (struct pair){ join_cost(&l->run, &j->line[l->below].run), upper });
}

/* The line above goes into the one below it. True where that leaves a group. */
static bool join(struct joiner *j, size_t upper)
{
	struct line *l = &j->line[upper], *into = &j->line[l->below];
	bool across = l->run.group != into->run.group;

	l->gone = true;
	into->above = l->above;
	if (l->above != none)
		j->line[l->above].below = l->below;
	if (l->run.weight > into->run.weight)
		into->run.weight = l->run.weight;
	if (l->run.group)
		into->run.group = l->run.group;
	if (l->run.alike != into->run.alike)
		into->run.alike = 0;
	push_pair(j, l->below);
	push_pair(j, l->above);
	return across;
}

long join_runs(struct join_run *run, size_t n, size_t lines)
{
	/* of each join two new pairs, of which the old ones stay in the heap */
	struct joiner j = { .line = calloc(n + 1, sizeof(*j.line)),
			    .heap = calloc(3 * n + 1, sizeof(*j.heap)) };
	long across = j.line && j.heap ? 0 : -ENOMEM;
	size_t left = n;

	for (size_t i = 0; across == 0 && i < n; i++) {
		run[i].joined = false;
		j.line[i] = (struct line){ .run = run[i], .below = i ? i - 1 : none,
					   .above = i + 1 < n ? i + 1 : none };
	}
	for (size_t i = 1; across == 0 && left > lines && i < n; i++)
		push_pair(&j, i);
	while (j.pairs > 0 && left > lines) {
		struct pair p = pop(&j);
		const struct line *l = &j.line[p.upper];

		if (l->gone || l->below == none ||
		    p.cost != join_cost(&l->run, &j.line[l->below].run))
			continue;
		run[p.upper].joined = true;
		across += join(&j, p.upper);
		left--;
	}
	free(j.line);
	free(j.heap);
	return across;
}
