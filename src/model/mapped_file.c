/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The file behind a mapping: how large it is, whether a page is cached, what symbol is there. */
#include "config.h"

#include "model/mapped_file.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "model/classify.h"
#include "proc/cachestat.h"
#include "proc/elf_symbol.h"

/* Its names: the link that the kernel keeps, which leads to the file itself; the path in the
 * target's root directory, which may lead to another by now. */
enum { FILE_NAMES = 2 };

static bool name_file(const struct space *s, const struct vma *v, unsigned int which,
		      struct buf *out)
{
	struct str path = vma_path(s, v);

	buf_clear(out);
	if (which == 0) {
		buf_printf(out, "map_files/%" PRIx64 "-%" PRIx64, v->start, v->end);
	} else {
		if (vma_file(s, v)->deleted || !path.len || path.p[0] != '/')
			return false;
		buf_puts(out, "root");
		buf_add(out, path.p, path.len);
	}
	return buf_string(out) && strlen(out->data) == out->len;
}

int mapped_file_open(const struct process *p, const struct space *s, const struct vma *v,
		     struct maybe *size)
{
	uint64_t inode = vma_file(s, v)->inode;
	struct process_file file;
	struct buf name;
	int fd = -1;

	buf_init(&name);
	for (unsigned int i = 0; fd < 0 && i < FILE_NAMES; i++) {
		if (!name_file(s, v, i, &name) ||
		    process_stat_file(p, name.data, &file) < 0 ||
		    !file.regular || (p->live && file.inode != inode))
			continue;	/* (a captured tree has copies) */
		*size = (struct maybe){ true, file.size };
		fd = process_open_regular(p, name.data, inode);
	}
	buf_done(&name);
	return fd < 0 ? -1 : fd;
}

ssize_t mapped_file_pread(void *ctx, uint64_t at, void *to, size_t n)
{
	const int *fd = ctx;
	size_t done = 0;

	while (done < n) {
		ssize_t got = pread(*fd, (char *)to + done, n - done, (off_t)(at + done));

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		if (got == 0)
			break;
		done += (size_t)got;
	}
	return (ssize_t)done;
}

uint64_t mapped_file_data_end(const struct process *p, const struct space *s, const struct vma *data,
			      uint64_t page_size)
{
	const struct elf_mapping m = {
		.start = data->start, .offset = data->offset, .page_size = page_size, .write = true,
	};
	struct maybe size;
	uint64_t end = 0;
	int fd = page_size ? mapped_file_open(p, s, data, &size) : -1;

	if (fd >= 0 && elf_segment_end(mapped_file_pread, &fd, &m, &end) < 0)
		end = 0;
	if (fd >= 0)
		close(fd);
	return end;
}

static int find_symbol(const struct translate_facts *f, const struct vma *file, int fd,
		       struct arena *strings, struct translation *t)
{
	const struct vma *v = &f->space->vma.v[t->vma];
	struct elf_mapping m = {
		.start = file->start, .offset = file->offset,
		.page_size = f->page_size, .exec = v->perms & MAPS_EXEC,
		/* what the loader made read-only later was writable to begin with */
		.write = v->kind == KIND_RELRO || v->kind == KIND_DATA || v->kind == KIND_BSS,
	};
	struct elf_symbol symbol;
	char *name;

	if (elf_symbol_find(mapped_file_pread, &fd, &m, t->address, &symbol) <= 0)
		return 0;	/* not worth a word: the file may be anything */
	name = arena_alloc(strings, symbol.name.len, 1);
	if (name) {
		memcpy(name, symbol.name.data, symbol.name.len);
		t->symbol = (struct str){ name, symbol.name.len };
	}
	t->symbol_offset = symbol.offset;
	t->symbol_size = symbol.size;
	buf_done(&symbol.name);
	return name ? 0 : -ENOMEM;
}

/* The mapping of the ELF file that a part of an object without one (bss) follows; or v itself. */
static const struct vma *file_mapping(const struct space *s, const struct vma *v)
{
	const struct vma *f = v;

	while (v->kind == KIND_BSS && f > s->vma.v && !vma_file(s, f)->inode)
		f--;
	return vma_file(s, f)->inode && f->object == v->object ? f : NULL;
}

static void find_cache(const struct vma *v, uint64_t size, int fd, struct translation *t)
{
	struct cachestat_pages pages;

	if (cachestat_read(fd, translate_file_offset(v, t->address, size), size, &pages) < 0)
		return;
	if (pages.cached)
		t->cache = CACHE_PRESENT;
	else
		t->cache = pages.evicted && translate_is_shmem(v) ? CACHE_SWAPPED : CACHE_ABSENT;
}

int mapped_file_read(const struct process *p, const struct translate_facts *f,
		     struct arena *strings, struct translation *t)
{
	const struct vma *v = &f->space->vma.v[t->vma], *file = file_mapping(f->space, v);
	bool empty = !t->error && pagemap_state(t->entry) == PAGE_NONE;
	bool elf = kind_is_elf((enum kind)v->kind);
	struct maybe size = { 0 };
	int fd, ret = 0;

	if (!file || (!elf && !empty))
		return 0;
	fd = mapped_file_open(p, f->space, file, &size);
	if (file == v)
		t->file_size = size;
	if (fd < 0)
		return 0;
	if (elf)
		ret = find_symbol(f, file, fd, strings, t);
	if (empty && file == v && p->live)
		find_cache(v, f->page_size, fd, t);
	close(fd);
	return ret;
}
