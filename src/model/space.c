/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An address space: its mappings in address order, their counters beside them. */
#include "config.h"

#include "model/space.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"

#define DELETED " (deleted)"

int space_init(struct space *s)
{
	memset(s, 0, sizeof(*s));
	smaps_flag_names_init(&s->flags);
	return strtab_init(&s->strings);
}

void space_done(struct space *s)
{
	vec_done(&s->vma);
	vec_done(&s->counters);
	strtab_done(&s->strings);
}

bool space_is_kernels_name(struct str name)
{
	static const char *const prefix[] = {
		"/memfd:", "/SYSV", "/dev/zero", "/anon_hugepage", "/secretmem", "/[aio]",
		"/drm mm object", "/i915", "/dmabuf:",
	};

	for (size_t i = 0; i < sizeof(prefix) / sizeof(prefix[0]); i++)
		if (str_has_prefix(name, prefix[i]))
			return true;
	return false;
}

/* A newline in a name is written as \012, and so is a name with these four characters. */
static struct str decode_newlines(struct str name, char *to)
{
	size_t n = 0;

	for (size_t i = 0; i < name.len; n++) {
		if (name.len - i >= 4 && memcmp(name.p + i, "\\012", 4) == 0) {
			to[n] = '\n';
			i += 4;
		} else {
			to[n] = name.p[i++];
		}
	}
	return (struct str){ to, n };
}

static int add_name(struct space *s, struct vma *v, struct str name)
{
	char *decoded = NULL;
	int ret;

	if (v->inode == 0 && (name.len == 0 || name.p[0] == '['))
		return strtab_add(&s->strings, name, &v->path);
	if (str_has_suffix(name, DELETED)) {
		name.len -= sizeof(DELETED) - 1;
		v->deleted = true;
		v->check_name = !space_is_kernels_name(name);
	}
	if (memmem(name.p, name.len, "\\012", 4)) {
		v->check_name = true;
		decoded = malloc(name.len);
		if (!decoded)
			return -ENOMEM;
		name = decode_newlines(name, decoded);
	}
	ret = strtab_add(&s->strings, name, &v->path);
	free(decoded);
	return ret;
}

int space_add(struct space *s, const struct smaps_record *r, bool with_counters)
{
	const struct maps_line *line = &r->line;
	struct smaps_counters *c;
	struct vma *v = vec_push(&s->vma);

	if (!v)
		return -ENOMEM;
	*v = (struct vma){
		.start = line->start, .end = line->end, .size = line->end - line->start,
		.offset = line->offset, .inode = line->inode,
		.dev_major = line->dev_major, .dev_minor = line->dev_minor,
		.perms = (uint8_t)line->perms, .kind = KIND_OTHER, .count = 1,
		.vm_flags = r->vm_flags, .has_flags = r->has_flags,
	};
	if (with_counters) {
		c = vec_push(&s->counters);
		if (!c)
			return -ENOMEM;
		c->valid = r->valid & ((1u << SMAPS_PER_MAPPING) - 1);
		memcpy(c->v, r->v, sizeof(c->v));
	}
	if (line->name.len == 0)
		return 0;
	return add_name(s, v, line->name);
}

int space_set_name(struct space *s, struct vma *v, struct str path, bool deleted)
{
	v->deleted = deleted;
	v->check_name = false;
	if (deleted && str_has_suffix(path, DELETED))
		path.len -= sizeof(DELETED) - 1;
	return strtab_add(&s->strings, path, &v->path);
}

struct vma *space_find(const struct space *s, uint64_t addr)
{
	size_t low = 0, high = s->vma.n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (s->vma.v[mid].end <= addr)
			low = mid + 1;
		else
			high = mid;
	}
	return low < s->vma.n && s->vma.v[low].start <= addr ? &s->vma.v[low] : NULL;
}

void space_holes(const struct space *s, struct holes *out)
{
	*out = (struct holes){ 0 };
	for (size_t i = 1; i < s->vma.n && vma_is_user(&s->vma.v[i]); i++) {
		uint64_t start = s->vma.v[i - 1].end, end = s->vma.v[i].start;

		if (start == end)
			continue;
		out->count++;
		if (end - start > out->largest_end - out->largest_start) {
			out->largest_start = start;
			out->largest_end = end;
		}
	}
}

bool counters_get(const struct smaps_counters *c, enum smaps_counter i, uint64_t *v)
{
	if (!c || !(c->valid >> i & 1))
		return false;
	*v = c->v[i];
	return true;
}

/* The sum of two or three counters; the first must be known, others count 0 if unknown. */
static bool sum_of(const struct smaps_counters *c, uint64_t *v, enum smaps_counter a,
		   enum smaps_counter b, enum smaps_counter d)
{
	uint64_t more;

	if (!counters_get(c, a, v))
		return false;
	if (counters_get(c, b, &more))
		*v = num_add(*v, more);
	if (d != b && counters_get(c, d, &more))
		*v = num_add(*v, more);
	return true;
}

bool counters_uss(const struct smaps_counters *c, uint64_t *v)
{
	return sum_of(c, v, SMAPS_PRIVATE_DIRTY, SMAPS_PRIVATE_CLEAN, SMAPS_PRIVATE_CLEAN);
}

bool counters_dirty(const struct smaps_counters *c, uint64_t *v)
{
	return sum_of(c, v, SMAPS_PRIVATE_DIRTY, SMAPS_SHARED_DIRTY, SMAPS_SHARED_DIRTY);
}

bool counters_hugetlb(const struct smaps_counters *c, uint64_t *v)
{
	return sum_of(c, v, SMAPS_PRIVATE_HUGETLB, SMAPS_SHARED_HUGETLB, SMAPS_SHARED_HUGETLB);
}

bool counters_resident(const struct smaps_counters *c, uint64_t *v)
{
	return sum_of(c, v, SMAPS_RSS, SMAPS_PRIVATE_HUGETLB, SMAPS_SHARED_HUGETLB);
}

bool counters_unique(const struct smaps_counters *c, uint64_t *v)
{
	return sum_of(c, v, SMAPS_PRIVATE_DIRTY, SMAPS_PRIVATE_CLEAN, SMAPS_PRIVATE_HUGETLB);
}

bool counters_huge(const struct smaps_counters *c, uint64_t *v)
{
	uint64_t hugetlb;

	if (!sum_of(c, v, SMAPS_ANON_HUGE_PAGES, SMAPS_SHMEM_PMD_MAPPED, SMAPS_FILE_PMD_MAPPED))
		return false;
	if (counters_hugetlb(c, &hugetlb))
		*v = num_add(*v, hugetlb);
	return true;
}

void counters_add(struct smaps_counters *sum, const struct smaps_counters *c)
{
	sum->valid &= c->valid;
	for (unsigned int i = 0; i < SMAPS_PER_MAPPING; i++) {
		if (smaps_counter_info[i].is_sum)
			sum->v[i] = num_add(sum->v[i], c->v[i]);
		else if (sum->v[i] != c->v[i])
			sum->valid &= ~(1u << i);
	}
}

int rows_all(const struct space *s, struct rows *out)
{
	*out = (struct rows){ .space = s, .vma = s->vma.v, .n = s->vma.n };
	out->counters = s->counters.n ? s->counters.v : NULL;
	out->index = malloc((s->vma.n + 1) * sizeof(*out->index));
	if (!out->index)
		return -ENOMEM;
	for (size_t i = 0; i < out->n; i++)
		out->index[i] = (uint32_t)i;
	return 0;
}

void rows_done(struct rows *r)
{
	free(r->index);
	r->index = NULL;
}

void rows_sum(const struct rows *r, struct vma *v, struct smaps_counters *counters)
{
	*v = (struct vma){ .kind = KINDS, .mixed = true };
	*counters = (struct smaps_counters){ 0 };
	for (size_t i = 0; i < r->n; i++) {
		const struct vma *one = &r->vma[r->index[i]];

		if (i == 0 || one->start < v->start)
			v->start = one->start;
		if (one->end > v->end)
			v->end = one->end;
		if (vma_is_user(one))
			v->size = num_add(v->size, one->size);
		v->count += one->count;
		if (!r->counters)
			continue;
		if (i == 0)
			*counters = r->counters[r->index[i]];
		else
			counters_add(counters, &r->counters[r->index[i]]);
	}
}
