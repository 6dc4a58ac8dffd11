/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which part of which object each mapping is, told from facts rather than names alone. */
#include "config.h"

#include "model/classify.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/num.h"

static bool has_flag(const struct vma *v, uint64_t bits)
{
	return v->has_flags && (v->vm_flags & bits);
}

enum { BSS_SURE = 64 << 10 };	/* bytes; of what is smaller nobody is asked */

static bool is_anonymous(const struct space *s, const struct vma *v)
{
	struct str name = vma_path(s, v);

	return vma_file(s, v)->inode == 0 && !(v->perms & MAPS_SHARED) &&
	       (name.len == 0 || str_has_prefix(name, "[anon:") ||
		str_has_prefix(name, "[stack:"));
}

/* Names in brackets are the kernel's: a file's name would begin with a slash. */
static enum kind kind_of_bracket(struct str name, const struct vma *v)
{
	if (str_eq(name, STR("[heap]")))
		return KIND_HEAP;
	if (str_eq(name, STR("[stack]")))
		return KIND_STACK;
	if (str_has_prefix(name, "[stack:"))	/* Linux 3.4 to 4.4 */
		return KIND_THREAD_STACK;
	if (str_eq(name, STR("[vdso]")) || str_has_prefix(name, "[vvar"))
		return KIND_VDSO;
	if (str_eq(name, STR("[vsyscall]")))
		return KIND_VSYSCALL;
	if (str_has_prefix(name, "[anon_shmem:"))
		return KIND_SHM;
	if (str_has_prefix(name, "[anon:"))
		return v->perms & MAPS_EXEC ? KIND_JIT : KIND_ANON;
	return KIND_OTHER;
}

/*
 * Objects without a place in the file system live on a device with major 0 and are always
 * "(deleted)"; a real file that is called the same is on another device or is not.
 */
static enum kind kind_of_file(struct str name, const struct vma *v, const struct file *f)
{
	bool nameless = f->dev_major == 0 && f->deleted;

	if (nameless && (str_has_prefix(name, "/memfd:") || str_eq(name, STR("/secretmem"))))
		return KIND_MEMFD;
	if (nameless && str_has_prefix(name, "/SYSV"))
		return KIND_SHM;
	if (str_eq(name, STR("/dev/zero"))) {
		if (v->perms & MAPS_SHARED)
			return KIND_SHM;
		return v->perms & MAPS_EXEC ? KIND_JIT : KIND_ANON;
	}
	if (str_has_prefix(name, "/dev/shm/"))
		return KIND_SHM;
	if (str_has_prefix(name, "/[aio]") || str_has_prefix(name, "anon_inode:") ||
	    str_has_prefix(name, "socket:"))
		return KIND_OTHER;
	if (str_has_prefix(name, "/dev/") || str_has_prefix(name, "/dmabuf:") ||
	    str_has_prefix(name, "/drm mm object") || str_has_prefix(name, "/i915"))
		return KIND_DEVICE;
	return KIND_FILE;
}

static bool is_hugetlb(struct str name, const struct vma *v, const struct file *f,
		       const struct counters *c, uint64_t page_size)
{
	uint64_t size;

	if (v->has_flags)
		return v->vm_flags & SMAPS_BIT(HT);
	if (page_size && counters_get(c, SMAPS_KERNEL_PAGE_SIZE, &size))
		return size > page_size;
	return f->deleted && f->dev_major == 0 && str_eq(name, STR("/anon_hugepage"));
}

/* The kind that a mapping's own line and counters show, before its neighbours are asked. */
static enum kind kind_alone(const struct space *s, const struct vma *v,
			    const struct counters *c, uint64_t page_size)
{
	const struct file *f = vma_file(s, v);
	struct str name = space_str(s, f->path);

	if (name.len && name.p[0] == '[') {
		enum kind k = kind_of_bracket(name, v);

		return (v->perms & MAPS_ACCESS) || k == KIND_VDSO ? k : KIND_GUARD;
	}
	if (is_hugetlb(name, v, f, c, page_size))
		return KIND_HUGETLB;
	if (!(v->perms & MAPS_ACCESS))
		return KIND_GUARD;
	if (has_flag(v, SMAPS_BIT(IO) | SMAPS_BIT(PF)))
		return KIND_DEVICE;
	if (name.len == 0) {
		if (v->perms & MAPS_SHARED)
			return KIND_SHM;
		return v->perms & MAPS_EXEC ? KIND_JIT : KIND_ANON;
	}
	return kind_of_file(name, v, f);
}

static bool same_file(const struct space *s, const struct vma *a, const struct vma *b)
{
	const struct file *x = vma_file(s, a), *y = vma_file(s, b);

	return x == y || (x->inode == y->inode && x->dev_major == y->dev_major &&
			  x->dev_minor == y->dev_minor && x->path == y->path);
}

/* A private file mapping: what an ELF segment looks like. */
static bool is_segment(const struct space *s, const struct vma *v)
{
	return (v->kind == KIND_FILE || v->kind == KIND_GUARD) && vma_file(s, v)->inode != 0 &&
	       !(v->perms & MAPS_SHARED);
}

/*
 * Data that the loader relocated and then made read-only. It was writable once, so it is
 * charged against the commit limit (VmFlags ac, mm/mmap.c accountable_mapping()), which pages
 * mapped read-only from the beginning are not. Without flags: read-only right before the data,
 * and not the first mapping of the object.
 */
static bool is_relro(const struct space *s, const struct vma *v, const struct vma *first,
		     const struct vma *next)
{
	if (v->has_flags)
		return v->vm_flags & SMAPS_BIT(AC);
	return v != first && next && same_file(s, v, next) && (next->perms & MAPS_WRITE);
}

/* [first, end) has mappings of one file in a row. Are they segments of an ELF object? Code
 * tells; an object without code (ICU's data, locale packages) is told by its headers at
 * offset 0 followed by data that was or is writable. */
static bool is_elf(const struct space *s, const struct vma *first, const struct vma *end)
{
	bool has_headers = first->offset == 0 && first->perms == MAPS_READ;

	for (const struct vma *v = first; v < end; v++) {
		if (!is_segment(s, v))
			continue;
		if (v->perms & MAPS_EXEC)
			return true;
		if (has_headers && v > first &&
		    ((v->perms & MAPS_WRITE) || has_flag(v, SMAPS_BIT(AC))))
			return true;
	}
	return false;
}

static enum kind kind_of_segment(const struct space *s, const struct vma *v,
				 const struct vma *first, const struct vma *next)
{
	if (!(v->perms & MAPS_ACCESS))
		return KIND_GUARD;
	if (v->perms & MAPS_EXEC)
		return KIND_TEXT;
	if (v->perms & MAPS_WRITE)
		return KIND_DATA;
	return is_relro(s, v, first, next) ? KIND_RELRO : KIND_RODATA;
}

/* Where an allocator's memory came to lie behind a library's data, the kernel makes one mapping of
 * both. What is mostly not the library's is anonymous. */
static bool is_mostly_bss(const struct classify_facts *facts, const struct vma *v, const struct vma *data)
{
	uint64_t size = v->end - v->start;
	uint64_t end = size > BSS_SURE && facts->data_end ? facts->data_end(facts->ctx, data) : 0;

	return !end || (end > v->start && end - v->start > size / 2);
}

/* The anonymous tail of an object's data. Only the executable lies apart from mmap's area, so
 * only there everything that adjoins is its own, however often mprotect has split it. */
static void mark_bss(struct space *s, const struct classify_facts *facts, size_t i,
		     const struct vma *last, bool executable)
{
	uint64_t end = last->end;

	if (last->kind != KIND_DATA && last->kind != KIND_RELRO)
		return;
	for (; i < s->vma.n; i++) {
		struct vma *v = &s->vma.v[i];

		if (v->start != end || v->kind != KIND_ANON || !is_anonymous(s, v))
			break;
		if (!executable && (!(v->perms & MAPS_WRITE) || !is_mostly_bss(facts, v, last)))
			break;
		v->kind = KIND_BSS;
		v->object = vma_file(s, last)->path;
		end = v->end;
		if (!executable)
			break;
	}
}

/*
 * The next mapping of the object whose segments are [first, v), or NULL. Other things
 * may lie in the gaps between: on arm64 the vDSO and whatever mmap finds room for. Segments lie in memory as in the file, with gaps of at most their alignment.
 */
static struct vma *next_segment(const struct space *s, const struct vma *first, struct vma *v)
{
	const uint64_t max_gaps = UINT64_C(16) << 20;
	const struct vma *end = s->vma.v + s->vma.n;
	uint64_t distance;

	while (v < end && !is_segment(s, v) && v->end - first->start < max_gaps)
		v++;
	if (v == end || !is_segment(s, v) || !same_file(s, first, v))
		return NULL;
	/* another copy of the object begins at offset 0, unless that is a tiny one's data */
	if (v->offset == 0 && !(v->perms & MAPS_WRITE))
		return NULL;
	distance = v->start - first->start;
	return distance - (v->offset - first->offset) < max_gaps ? v : NULL;
}

static void classify_elf(struct space *s, const struct classify_facts *facts,
			 uint32_t *executable)
{
	struct vma *end = s->vma.v + s->vma.n;

	for (struct vma *first = s->vma.v, *stop; first < end; first = stop) {
		bool is_code = false;
		struct vma *next;

		stop = first + 1;
		if (!is_segment(s, first))
			continue;
		while (stop < end && (next = next_segment(s, first, stop)))
			stop = next + 1;
		if (!is_elf(s, first, stop))
			continue;
		for (struct vma *v = first; v < stop; v++) {
			if (!is_segment(s, v))
				continue;
			v->kind = kind_of_segment(s, v, first, v + 1 < stop ? v + 1 : NULL);
			if (facts->code >= v->start && facts->code < v->end && facts->code)
				is_code = true;
		}
		if (is_code)
			*executable = vma_file(s, first)->path;
		mark_bss(s, facts, (size_t)(stop - s->vma.v), stop - 1, is_code);
	}
}

static bool is_guard_of(const struct vma *guard, const struct vma *v)
{
	return guard->kind == KIND_GUARD && guard->end == v->start && guard->thread == 0;
}

/*
 * Is the mapping that a thread's address fell into its stack? A robust list says so by itself.
 * A stack pointer may also lie in a larger arena (Go, coroutines), so there the mapping must
 * have a stack's shape: a guard below it, guard markers in it, or growing downward.
 */
static bool is_stack_shape(const struct space *s, const struct vma *v, enum thread_source source)
{
	if (v->kind != KIND_ANON || !is_anonymous(s, v) || !(v->perms & MAPS_WRITE))
		return false;
	return source == THREAD_ROBUST_LIST || has_flag(v, SMAPS_BIT(GD) | SMAPS_BIT(GU)) ||
	       (v > s->vma.v && is_guard_of(v - 1, v));
}

static int mark_thread_stack(struct space *s, struct vma *v, pid_t tid)
{
	char name[32];
	int ret;

	snprintf(name, sizeof(name), "[stack:%d]", (int)tid);
	v->kind = KIND_THREAD_STACK;
	v->thread = tid;
	ret = strtab_add(&s->strings, str_of(name), &v->object);
	if (ret == 0 && v > s->vma.v && is_guard_of(v - 1, v)) {
		v[-1].thread = tid;
		v[-1].object = v->object;
	}
	return ret;
}

static int classify_threads(struct space *s, const struct classify_facts *facts)
{
	int ret = 0;

	for (struct vma *v = s->vma.v; ret == 0 && v < s->vma.v + s->vma.n; v++) {
		struct str name = vma_path(s, v);
		const char *p = name.p;
		uint64_t tid;

		if (v->kind != KIND_THREAD_STACK)
			continue;
		p += strlen("[stack:");
		if (num_scan_u64(&p, name.p + name.len, &tid))
			ret = mark_thread_stack(s, v, (pid_t)tid);
	}
	for (size_t i = 0; ret == 0 && i < facts->n_threads; i++) {
		const struct thread *t = &facts->threads[i];
		struct vma *v = t->source == THREAD_UNKNOWN ? NULL : space_find(s, t->address);

		if (v && is_stack_shape(s, v, t->source))
			ret = mark_thread_stack(s, v, t->tid);
	}
	return ret;
}

int space_classify(struct space *s, const struct classify_facts *facts, uint32_t *executable)
{
	uint32_t anon, jit, guard;

	*executable = 0;
	if (s->vma.n == 0)
		return 0;
	if (strtab_add(&s->strings, STR("[anon]"), &anon) < 0 ||
	    strtab_add(&s->strings, STR("[jit]"), &jit) < 0 ||
	    strtab_add(&s->strings, STR("[guard]"), &guard) < 0)
		return -ENOMEM;
	for (size_t i = 0; i < s->vma.n; i++) {
		struct vma *v = &s->vma.v[i];
		const struct counters *c = s->counters.n ? &s->counters.v[i] : NULL;

		v->kind = (uint8_t)kind_alone(s, v, c, facts->page_size);
		v->object = vma_file(s, v)->path;
		if (!v->object)
			v->object = v->kind == KIND_JIT ? jit : v->kind == KIND_GUARD ? guard : anon;
		v->thread = 0;
	}
	classify_elf(s, facts, executable);
	return classify_threads(s, facts);
}
