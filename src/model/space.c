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
	struct file *none;

	memset(s, 0, sizeof(*s));
	smaps_flag_names_init(&s->flags);
	none = vec_push(&s->file);
	if (!none)
		return -ENOMEM;
	*none = (struct file){ 0 };
	return strtab_init(&s->strings);
}

void space_done(struct space *s)
{
	vec_done(&s->vma);
	vec_done(&s->counters);
	vec_done(&s->file);
	arena_done(&s->values);
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

/* Takes apart the kernel's name of f. */
static int decode_name(struct space *s, struct file *f)
{
	struct str name = space_str(s, f->name);
	char *decoded = NULL;
	int ret;

	f->path = f->name;
	if (f->inode == 0 && (name.len == 0 || name.p[0] == '['))
		return 0;
	if (str_has_suffix(name, DELETED)) {
		name.len -= sizeof(DELETED) - 1;
		f->deleted = true;
		f->check_name = !space_is_kernels_name(name);
	}
	if (memmem(name.p, name.len, "\\012", 4)) {
		f->check_name = true;
		decoded = malloc(name.len);
		if (!decoded)
			return -ENOMEM;
		name = decode_newlines(name, decoded);
	}
	ret = strtab_add(&s->strings, name, &f->path);
	free(decoded);
	return ret;
}

/* The number of what a line maps. Only the last one is compared: a file's mappings mostly stand
 * in a row, and a file that is there twice does no harm. */
static int add_file(struct space *s, const struct maps_line *line, uint32_t *number)
{
	struct file *f = &s->file.v[s->file.n - 1];

	*number = (uint32_t)(s->file.n - 1);
	if (f->inode == line->inode && f->dev_major == line->dev_major &&
	    f->dev_minor == line->dev_minor && str_eq(space_str(s, f->name), line->name))
		return 0;
	f = vec_push(&s->file);
	if (!f)
		return -ENOMEM;
	*f = (struct file){ .inode = line->inode, .dev_major = line->dev_major,
			    .dev_minor = line->dev_minor };
	*number = (uint32_t)(s->file.n - 1);
	if (strtab_add(&s->strings, line->name, &f->name) < 0)
		return -ENOMEM;
	return decode_name(s, f);
}

int space_add(struct space *s, const struct smaps_record *r, bool with_counters)
{
	const struct maps_line *line = &r->line;
	struct counters *c;
	struct vma *v = vec_push(&s->vma);

	if (!v)
		return -ENOMEM;
	*v = (struct vma){
		.start = line->start, .end = line->end, .size = line->end - line->start,
		.offset = line->offset, .perms = (uint8_t)line->perms, .kind = KIND_OTHER,
		.count = 1, .vm_flags = r->vm_flags, .has_flags = r->has_flags,
	};
	if (with_counters) {
		c = vec_push(&s->counters);
		if (!c || counters_pack(c, r, &s->values) < 0)
			return -ENOMEM;
	}
	if (line->name.len == 0 && line->inode == 0)
		return 0;
	return add_file(s, line, &v->file);
}

int space_set_name(struct space *s, struct file *f, struct str path, bool deleted)
{
	f->deleted = deleted;
	f->check_name = false;
	if (deleted && str_has_suffix(path, DELETED))
		path.len -= sizeof(DELETED) - 1;
	return strtab_add(&s->strings, path, &f->path);
}

size_t space_above(const struct space *s, uint64_t addr)
{
	size_t low = 0, high = s->vma.n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (s->vma.v[mid].end <= addr)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

struct vma *space_find(const struct space *s, uint64_t addr)
{
	size_t at = space_above(s, addr);

	return at < s->vma.n && s->vma.v[at].start <= addr ? &s->vma.v[at] : NULL;
}

unsigned int space_address_digits(const struct space *s)
{
	uint64_t end = 0;

	for (size_t i = s->vma.n; i > 0 && !end; i--)
		if (vma_is_user(&s->vma.v[i - 1]))
			end = s->vma.v[i - 1].end;
	return end > UINT64_C(1) << 48 ? 16 : end > UINT64_C(1) << 32 ? 12 : 8;
}

uint64_t space_size(const struct space *s)
{
	uint64_t size = 0;

	for (size_t i = 0; i < s->vma.n; i++)
		if (vma_is_user(&s->vma.v[i]))
			size = num_add(size, s->vma.v[i].size);
	return size;
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

static uint32_t *index_new(size_t n)
{
	uint32_t *index = malloc((n + 1) * sizeof(*index));

	if (!index)
		return NULL;
	mem_expect(index, 0, n * sizeof(*index));
	for (size_t i = 0; i < n; i++)
		index[i] = (uint32_t)i;
	return index;
}

int rows_all(const struct space *s, struct rows *out)
{
	*out = (struct rows){ .space = s, .vma = s->vma.v, .n = s->vma.n };
	out->counters = s->counters.n ? s->counters.v : NULL;
	out->index = index_new(s->vma.n);
	return out->index ? 0 : -ENOMEM;
}

void rows_done(struct rows *r)
{
	free(r->index);
	r->index = NULL;
}

void rows_sum(const struct rows *r, struct vma *v, struct counters_sum *counters)
{
	*v = (struct vma){ .kind = KINDS, .perms = SPACE_PERMS_MIXED, .mixed = true };
	*counters = (struct counters_sum){ 0 };
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
			counters_sum_begin(counters, &r->counters[r->index[i]]);
		else
			counters_sum_add(counters, &r->counters[r->index[i]]);
	}
}
