/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The function or variable at an address of an ELF file, from its symbol tables. */
#include "config.h"

#include "proc/elf_symbol.h"

#include <elf.h>
#include <errno.h>
#include <string.h>

enum {
	HEADERS_MAX = 4096,		/* program or section headers that are looked at */
	CHUNK = 64 * 1024,		/* bytes of a table that are read at once */
	NAME_MAX_BYTES = 4096,
};

#define TABLE_MAX (UINT64_C(64) << 20)

struct elf {
	elf_read_fn read;
	void *ctx;
	bool is64, big;
	uint16_t machine;
	uint64_t phoff, shoff;
	unsigned int phentsize, phnum, shentsize, shnum;
};

/* An unsigned number of so many bytes in the file's byte order. */
static uint64_t get(const struct elf *e, const unsigned char *p, size_t n)
{
	uint64_t v = 0;

	for (size_t i = 0; i < n; i++)
		v = v << 8 | p[e->big ? i : n - 1 - i];
	return v;
}

/* A member of a structure of the class that the file has. */
#define FIELD(e, p, type, member) \
	((e)->is64 ? get((e), (p) + offsetof(Elf64_##type, member), \
			 sizeof(((Elf64_##type *)0)->member)) : \
		     get((e), (p) + offsetof(Elf32_##type, member), \
			 sizeof(((Elf32_##type *)0)->member)))
#define SIZE(e, type) ((e)->is64 ? sizeof(Elf64_##type) : sizeof(Elf32_##type))

/* Exactly n bytes, or -errno. */
static int read_all(const struct elf *e, uint64_t at, void *to, size_t n)
{
	ssize_t got;

	if (at > (uint64_t)INT64_MAX - n)
		return -ENOEXEC;
	got = e->read(e->ctx, at, to, n);
	return got < 0 ? (int)got : (size_t)got == n ? 0 : -ENOEXEC;
}

static int read_header(struct elf *e)
{
	unsigned char h[sizeof(Elf64_Ehdr)];
	int ret = read_all(e, 0, h, EI_NIDENT);

	if (ret < 0)
		return ret;
	if (memcmp(h, ELFMAG, SELFMAG) != 0 ||
	    (h[EI_CLASS] != ELFCLASS32 && h[EI_CLASS] != ELFCLASS64) ||
	    (h[EI_DATA] != ELFDATA2LSB && h[EI_DATA] != ELFDATA2MSB))
		return -ENOEXEC;
	e->is64 = h[EI_CLASS] == ELFCLASS64;
	e->big = h[EI_DATA] == ELFDATA2MSB;
	ret = read_all(e, 0, h, SIZE(e, Ehdr));
	if (ret < 0)
		return ret;
	e->machine = (uint16_t)FIELD(e, h, Ehdr, e_machine);
	e->phoff = FIELD(e, h, Ehdr, e_phoff);
	e->shoff = FIELD(e, h, Ehdr, e_shoff);
	e->phentsize = (unsigned int)FIELD(e, h, Ehdr, e_phentsize);
	e->phnum = (unsigned int)FIELD(e, h, Ehdr, e_phnum);
	e->shentsize = (unsigned int)FIELD(e, h, Ehdr, e_shentsize);
	e->shnum = (unsigned int)FIELD(e, h, Ehdr, e_shnum);
	if (e->phentsize < SIZE(e, Phdr) || e->phnum > HEADERS_MAX || e->shnum > HEADERS_MAX)
		return -ENOEXEC;
	return 0;
}

/* How well a segment fits a mapping: 0 not at all; more where the permissions are those too. */
static unsigned int fit(const struct elf_mapping *m, uint64_t offset, uint64_t size, uint64_t flags)
{
	uint64_t first = offset & ~(m->page_size - 1);

	if (m->offset < first || m->offset - first >= (offset - first) + size)
		return 0;
	return 1 + 2 * (!(flags & PF_X) == !m->exec) + (!(flags & PF_W) == !m->write);
}

struct segment {
	uint64_t offset, vaddr, memsz;
};

/* The segment that the mapping is of. 0 or -errno. */
static int find_segment(const struct elf *e, const struct elf_mapping *m, struct segment *out)
{
	unsigned char h[sizeof(Elf64_Phdr)];
	unsigned int best = 0;

	for (unsigned int i = 0; i < e->phnum; i++) {
		uint64_t offset;
		unsigned int fits;
		int ret = read_all(e, e->phoff + (uint64_t)i * e->phentsize, h, SIZE(e, Phdr));

		if (ret < 0)
			return ret;
		if (FIELD(e, h, Phdr, p_type) != PT_LOAD)
			continue;
		offset = FIELD(e, h, Phdr, p_offset);
		fits = fit(m, offset, FIELD(e, h, Phdr, p_filesz), FIELD(e, h, Phdr, p_flags));
		if (fits <= best)
			continue;
		best = fits;
		*out = (struct segment){ offset, FIELD(e, h, Phdr, p_vaddr), FIELD(e, h, Phdr, p_memsz) };
	}
	return best ? 0 : -ENOEXEC;
}

/* The address that the file means by an address of the process. 0 or -errno. */
static int file_address(const struct elf *e, const struct elf_mapping *m, uint64_t address,
			uint64_t *out)
{
	struct segment s;
	int ret = find_segment(e, m, &s);

	if (ret < 0)
		return ret;
	/* wraps around where the file says so; then no symbol fits */
	*out = s.vaddr - s.offset + m->offset + (address - m->start);
	if (!e->is64)
		*out &= UINT32_MAX;
	return 0;
}

int elf_segment_end(elf_read_fn read, void *ctx, const struct elf_mapping *m, uint64_t *end)
{
	struct elf e = { .read = read, .ctx = ctx };
	struct segment s;
	int ret = read_header(&e);

	if (ret == 0)
		ret = find_segment(&e, m, &s);
	if (ret == 0)
		*end = m->start + (s.memsz + s.offset - m->offset);
	return ret;
}

struct table {
	uint64_t at, size, entsize;	/* of the symbols */
	uint64_t names, names_size;
};

/* The table of this type. 1, 0: there is none, or -errno. */
static int find_table(const struct elf *e, unsigned int type, struct table *out)
{
	unsigned char h[sizeof(Elf64_Shdr)];
	uint64_t link;
	int ret;

	if (e->shentsize < SIZE(e, Shdr))
		return 0;
	for (unsigned int i = 0; i < e->shnum; i++) {
		ret = read_all(e, e->shoff + (uint64_t)i * e->shentsize, h, SIZE(e, Shdr));
		if (ret < 0)
			return ret;
		if (FIELD(e, h, Shdr, sh_type) != type)
			continue;
		out->at = FIELD(e, h, Shdr, sh_offset);
		out->size = FIELD(e, h, Shdr, sh_size);
		out->entsize = FIELD(e, h, Shdr, sh_entsize);
		link = FIELD(e, h, Shdr, sh_link);
		if (out->entsize < SIZE(e, Sym) || out->entsize > CHUNK || out->size > TABLE_MAX ||
		    link >= e->shnum)
			return 0;
		ret = read_all(e, e->shoff + link * e->shentsize, h, SIZE(e, Shdr));
		if (ret < 0)
			return ret;
		out->names = FIELD(e, h, Shdr, sh_offset);
		out->names_size = FIELD(e, h, Shdr, sh_size);
		return 1;
	}
	return 0;
}

/* The best symbol so far. */
struct best {
	bool found, global;
	uint64_t value, size;
	uint32_t name;
	unsigned int section;
};

/* Looks at one symbol: the one that begins last wins; of several names for one place a global
 * one, and among those the first. */
static void consider(const struct elf *e, const unsigned char *p, uint64_t address,
		     struct best *best)
{
	unsigned int info = (unsigned int)FIELD(e, p, Sym, st_info);
	unsigned int type = ELF64_ST_TYPE(info);	/* the same in both classes */
	uint64_t value = FIELD(e, p, Sym, st_value), size = FIELD(e, p, Sym, st_size);
	bool global = ELF64_ST_BIND(info) != STB_LOCAL;

	if ((type != STT_FUNC && type != STT_OBJECT && type != STT_GNU_IFUNC) ||
	    FIELD(e, p, Sym, st_shndx) == SHN_UNDEF)
		return;
	if (e->machine == EM_ARM && type == STT_FUNC)
		value &= ~UINT64_C(1);	/* says Thumb */
	if (value > address || (size && address - value >= size))
		return;
	if (best->found && (value < best->value ||
			    (value == best->value && (best->global || !global))))
		return;
	*best = (struct best){ true, global, value, size,
			       (uint32_t)FIELD(e, p, Sym, st_name),
			       (unsigned int)FIELD(e, p, Sym, st_shndx) };
}

/* A symbol without a size (assembly) reaches to the end of its section at most. */
static bool reaches(const struct elf *e, const struct best *best, uint64_t address)
{
	unsigned char h[sizeof(Elf64_Shdr)];

	if (best->size)
		return true;
	if (best->section >= e->shnum ||
	    read_all(e, e->shoff + (uint64_t)best->section * e->shentsize, h, SIZE(e, Shdr)) < 0)
		return false;
	return address - FIELD(e, h, Shdr, sh_addr) < FIELD(e, h, Shdr, sh_size);
}

static int search(const struct elf *e, const struct table *t, uint64_t address,
		  struct best *best)
{
	unsigned char chunk[CHUNK];
	uint64_t n = t->size / t->entsize, at_once = CHUNK / t->entsize;

	for (uint64_t i = 0; i < n; i += at_once) {
		uint64_t some = n - i < at_once ? n - i : at_once;
		int ret = read_all(e, t->at + i * t->entsize, chunk, some * t->entsize);

		if (ret < 0)
			return ret;
		for (uint64_t k = 0; k < some; k++)
			consider(e, chunk + k * t->entsize, address, best);
	}
	return 0;
}

static int read_name(const struct elf *e, const struct table *t, uint32_t at, struct buf *out)
{
	char name[NAME_MAX_BYTES];
	uint64_t room;
	ssize_t n;

	if (at >= t->names_size || t->names > (uint64_t)INT64_MAX - at)
		return -ENOEXEC;
	room = t->names_size - at;
	n = e->read(e->ctx, t->names + at, name, room < sizeof(name) ? room : sizeof(name));
	if (n < 0)
		return (int)n;
	buf_clear(out);
	buf_add(out, name, strnlen(name, (size_t)n));
	return out->error;
}

int elf_symbol_find(elf_read_fn read, void *ctx, const struct elf_mapping *m, uint64_t address,
		    struct elf_symbol *out)
{
	static const unsigned int types[] = { SHT_SYMTAB, SHT_DYNSYM };
	struct elf e = { .read = read, .ctx = ctx };
	uint64_t wanted = 0;
	int ret = read_header(&e);

	*out = (struct elf_symbol){ .offset = 0 };
	if (ret == 0)
		ret = file_address(&e, m, address, &wanted);
	for (size_t i = 0; ret == 0 && i < sizeof(types) / sizeof(*types); i++) {
		struct best best = { .found = false };
		struct table table;

		ret = find_table(&e, types[i], &table);
		if (ret <= 0)
			continue;
		ret = search(&e, &table, wanted, &best);
		if (ret < 0 || !best.found || !reaches(&e, &best, wanted))
			continue;
		ret = read_name(&e, &table, best.name, &out->name);
		if (ret < 0)
			break;
		out->offset = wanted - best.value;
		out->size = best.size;
		if (out->name.len)
			return 1;
	}
	buf_done(&out->name);
	return ret;
}

int elf_symbol_parts(elf_read_fn read, void *ctx, elf_part_fn fn, void *fn_ctx)
{
	static const unsigned int types[] = { SHT_SYMTAB, SHT_DYNSYM };
	struct elf e = { .read = read, .ctx = ctx };
	struct table t;
	int ret = read_header(&e);

	if (ret == 0)
		ret = fn(fn_ctx, 0, SIZE(&e, Ehdr));
	if (ret == 0)
		ret = fn(fn_ctx, e.phoff, (uint64_t)e.phnum * e.phentsize);
	if (ret == 0)
		ret = fn(fn_ctx, e.shoff, (uint64_t)e.shnum * e.shentsize);
	for (size_t i = 0; ret == 0 && i < sizeof(types) / sizeof(*types); i++) {
		ret = find_table(&e, types[i], &t);
		if (ret <= 0)
			continue;
		ret = fn(fn_ctx, t.at, t.size);
		if (ret == 0 && t.names_size <= TABLE_MAX)
			ret = fn(fn_ctx, t.names, t.names_size);
	}
	return ret;
}
