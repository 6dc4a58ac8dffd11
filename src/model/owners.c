/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which processes map how many of the machine's page frames: the sweep joined with their pagemaps. */
#include "config.h"

#include "model/owners.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "model/page_walk.h"

enum { SEEN_MAX = 65536 };	/* runs; beyond that, all frames are gone through once */

int owners_init(struct owners *o, uint8_t *frame, uint64_t frames)
{
	*o = (struct owners){ .frame = frame, .frames = frame ? frames : 0 };
	return strtab_init(&o->strings);
}

void owners_done(struct owners *o)
{
	vec_done(&o->owner);
	vec_done(&o->seen);
	strtab_done(&o->strings);
}

struct joining {
	struct owners *o;
	struct owner *owner;
	bool hidden;
};

static int remember(struct owners *o, uint64_t pfn, uint64_t n)
{
	if (o->seen.n >= SEEN_MAX)
		o->seen_all = true;
	return o->seen_all ? 0 : ram_add(&o->seen, pfn, pfn + n);
}

static void add_frame(struct joining *j, uint64_t pfn, bool exclusive)
{
	struct owners *o = j->o;
	uint8_t *frame = &o->frame[pfn];
	unsigned int use = *frame & PHYSICAL_USE_MASK;

	if (*frame & PHYSICAL_SEEN)
		return;
	if (!(*frame & PHYSICAL_CLAIMED))
		o->claimed[use]++;
	*frame |= PHYSICAL_CLAIMED | PHYSICAL_SEEN;
	if (exclusive)
		j->owner->exclusive[use]++;
	else
		j->owner->shared[use]++;
	j->owner->frames++;
}

static int add_runs(void *ctx, const struct page_run *run, size_t n)
{
	struct joining *j = ctx;
	int ret = 0;

	for (size_t i = 0; ret == 0 && i < n; i++) {
		uint64_t pfn = pagemap_pfn(run[i].entry), pages = run[i].pages;
		bool exclusive = run[i].entry & PAGEMAP_EXCLUSIVE;

		if (!(run[i].entry & PAGEMAP_PRESENT))
			continue;
		if (!pfn) {
			j->hidden = true;
			continue;
		}
		/* frames of devices lie behind RAM, and have no use of ours */
		if (pfn >= j->o->frames)
			continue;
		if (pages > j->o->frames - pfn)
			pages = j->o->frames - pfn;
		for (uint64_t k = 0; k < pages; k++)
			add_frame(j, pfn + k, exclusive);
		ret = remember(j->o, pfn, pages);
	}
	return ret;
}

static void forget(struct owners *o)
{
	const uint8_t keep = (uint8_t)~PHYSICAL_SEEN;

	for (size_t i = 0; !o->seen_all && i < o->seen.n; i++)
		for (uint64_t pfn = o->seen.v[i].start; pfn < o->seen.v[i].end; pfn++)
			o->frame[pfn] &= keep;
	/* only where it is set: an untouched part of the array takes no memory */
	for (uint64_t pfn = 0; o->seen_all && pfn < o->frames; pfn++)
		if (o->frame[pfn] & PHYSICAL_SEEN)
			o->frame[pfn] &= keep;
	o->seen.n = 0;
	o->seen_all = false;
}

static int add_command(struct owners *o, const struct snapshot *s, uint32_t *number)
{
	struct buf line;
	int ret = 0;

	buf_init(&line);
	buf_add(&line, s->command.data, s->command.len);
	while (line.len && line.data[line.len - 1] == '\0')
		line.len--;
	for (size_t i = 0; i < line.len; i++)
		if (line.data[i] == '\0')
			line.data[i] = ' ';
	if (line.error)
		ret = line.error;
	else if (line.len)
		ret = strtab_add(&o->strings, (struct str){ line.data, line.len }, number);
	buf_done(&line);
	return ret;
}

/* What a process that exits meanwhile has claimed so far stays claimed: it was mapped, by it. */
int owners_add(struct owners *o, struct process *p, const struct snapshot *s, uint64_t page_size)
{
	struct owner owner = { .pid = s->pid };
	struct joining j = { .o = o, .owner = &owner };
	struct owner *to;
	int ret;

	if (s->condition != CONDITION_NORMAL && !snapshot_lost_main_thread(s))
		return 0;
	if (!s->has_space) {
		o->unreadable++;
		return 0;
	}
	ret = page_walk(p, &s->space, page_size, false, add_runs, &j);
	forget(o);
	if (ret < 0 && ret != -ESRCH && !err_is_own(ret)) {
		o->unreadable++;
		return 0;
	}
	if (ret == 0 && j.hidden && !owner.frames) {
		o->hidden++;
		return 0;
	}
	if (ret == 0)
		ret = strtab_add(&o->strings, s->stat.comm, &owner.name);
	if (ret == 0)
		ret = add_command(o, s, &owner.command);
	if (ret < 0)
		return ret;
	to = vec_push(&o->owner);
	if (!to)
		return -ENOMEM;
	*to = owner;
	return 0;
}

static int most_frames(const void *a, const void *b)
{
	const struct owner *x = a, *y = b;

	if (x->frames != y->frames)
		return x->frames < y->frames ? 1 : -1;
	return (x->pid > y->pid) - (x->pid < y->pid);
}

void owners_end(struct owners *o)
{
	if (o->owner.n)
		qsort(o->owner.v, o->owner.n, sizeof(*o->owner.v), most_frames);
	for (uint64_t pfn = 0; pfn < o->frames; pfn++)
		o->unclaimed += (o->frame[pfn] & (PHYSICAL_MAPPED | PHYSICAL_CLAIMED)) ==
				PHYSICAL_MAPPED;
}
