/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Symbols of ELF files: this program's own, files made by hand of every class, damaged ones. */
#include "config.h"

#include "proc/elf_symbol.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/num.h"
#include "proc/maps.h"
#include "unit.h"

struct file {
	unsigned char bytes[8192];
	size_t size;
	bool big, is64;
	size_t reads;
};

static ssize_t read_file(void *ctx, uint64_t at, void *to, size_t n)
{
	struct file *f = ctx;

	f->reads++;
	if (at >= f->size)
		return 0;
	if (n > f->size - at)
		n = (size_t)(f->size - at);
	memcpy(to, f->bytes + at, n);
	return (ssize_t)n;
}

/* A number of so many bytes, at a place. */
static void put(struct file *f, size_t at, size_t bytes, uint64_t v)
{
	for (size_t i = 0; i < bytes; i++)
		f->bytes[at + (f->big ? bytes - 1 - i : i)] = (unsigned char)(v >> (8 * i));
	if (at + bytes > f->size)
		f->size = at + bytes;
}

/*
 * Where things are in the files made here. Numbers are those of the ABI's tables, written out,
 * so that offsetof() in the program has something to be compared with.
 */
enum { PHDRS = 64, SYMBOLS = 0x400, NAMES = 0x800, SECTIONS = 0xc00, TEXT = 0x1000 };

static void put_header(struct file *f, unsigned int phnum, unsigned int shnum)
{
	static const unsigned char magic[] = { 0x7f, 'E', 'L', 'F' };

	memcpy(f->bytes, magic, sizeof(magic));
	f->bytes[4] = f->is64 ? 2 : 1;
	f->bytes[5] = f->big ? 2 : 1;
	f->bytes[6] = 1;
	put(f, 16, 2, 3);			/* ET_DYN */
	put(f, 18, 2, 62);
	if (f->is64) {
		put(f, 32, 8, PHDRS);
		put(f, 40, 8, SECTIONS);
		put(f, 54, 2, 56);
		put(f, 56, 2, phnum);
		put(f, 58, 2, 64);
		put(f, 60, 2, shnum);
	} else {
		put(f, 28, 4, PHDRS);
		put(f, 32, 4, SECTIONS);
		put(f, 42, 2, 32);
		put(f, 44, 2, phnum);
		put(f, 46, 2, 40);
		put(f, 48, 2, shnum);
	}
}

static void put_segment(struct file *f, unsigned int i, unsigned int flags, uint64_t offset,
			uint64_t vaddr)
{
	size_t at = PHDRS + i * (f->is64 ? 56u : 32u);

	put(f, at, 4, 1);			/* PT_LOAD */
	put(f, at + (f->is64 ? 4 : 24), 4, flags);
	put(f, at + (f->is64 ? 8 : 4), f->is64 ? 8 : 4, offset);
	put(f, at + (f->is64 ? 16 : 8), f->is64 ? 8 : 4, vaddr);
	put(f, at + (f->is64 ? 32 : 16), f->is64 ? 8 : 4, 0x800);
}

static void put_section(struct file *f, unsigned int i, unsigned int type, uint64_t addr,
			uint64_t offset, uint64_t size, unsigned int link, uint64_t entsize)
{
	size_t w = f->is64 ? 8 : 4, at = SECTIONS + i * (f->is64 ? 64u : 40u);

	put(f, at + 4, 4, type);
	put(f, at + 8 + w, w, addr);
	put(f, at + 8 + 2 * w, w, offset);
	put(f, at + 8 + 3 * w, w, size);
	put(f, at + 8 + 4 * w, 4, link);
	put(f, at + (f->is64 ? 56 : 36), w, entsize);
}

static void put_symbol(struct file *f, unsigned int i, uint32_t name, unsigned int bind,
		       unsigned int type, unsigned int section, uint64_t value, uint64_t size)
{
	size_t at = SYMBOLS + i * (f->is64 ? 24u : 16u);

	put(f, at, 4, name);
	put(f, at + (f->is64 ? 4 : 12), 1, bind << 4 | type);
	put(f, at + (f->is64 ? 6 : 14), 2, section);
	put(f, at + (f->is64 ? 8 : 4), f->is64 ? 8 : 4, value);
	put(f, at + (f->is64 ? 16 : 8), f->is64 ? 8 : 4, size);
}

/* Text at file offset 0x1000 is address 0x401000; data begins in the middle of the page 0x1800,
 * which text ends in, and is address 0x602800. */
static void make(struct file *f, bool is64, bool big)
{
	static const char names[] = "\0local\0global\0weak\0variable\0bare\0tls";

	memset(f, 0, sizeof(*f));
	f->is64 = is64;
	f->big = big;
	put_header(f, 2, 4);
	put_segment(f, 0, 5, TEXT, 0x401000);
	put_segment(f, 1, 6, 0x1800, 0x602800);
	memcpy(f->bytes + NAMES, names, sizeof(names));
	put_section(f, 1, 2, 0, SYMBOLS, 7 * (is64 ? 24u : 16u), 2, is64 ? 24 : 16);
	put_section(f, 2, 3, 0, NAMES, sizeof(names), 0, 0);
	put_section(f, 3, 1, 0x401000, TEXT, 0x300, 0, 0);
	put_symbol(f, 1, 1, 0, 2, 3, 0x401100, 0x20);		/* local */
	put_symbol(f, 2, 7, 1, 2, 3, 0x401100, 0x20);		/* global, the same place */
	put_symbol(f, 3, 14, 2, 2, 3, 0x401120, 0x10);		/* weak */
	put_symbol(f, 4, 19, 1, 1, 3, 0x602810, 8);		/* variable */
	put_symbol(f, 5, 28, 1, 2, 3, 0x401200, 0);		/* bare: no size */
	put_symbol(f, 6, 33, 1, 6, 3, 0x401140, 0x40);		/* tls: an offset, no address */
	f->size = sizeof(f->bytes);
}

static const struct elf_mapping text = { 0x7f0000001000, TEXT, 4096, true, false };
static const struct elf_mapping data = { 0x7f0000202000, TEXT, 4096, false, true };

/* The symbol as "name+offset/size", or "" if there is none. */
static void check(struct file *f, const struct elf_mapping *m, uint64_t address, const char *want)
{
	struct elf_symbol symbol;
	struct buf b;
	int ret = elf_symbol_find(read_file, f, m, address, &symbol);

	ck_assert_int_ge(ret, 0);
	buf_init(&b);
	if (ret == 1) {
		buf_add(&b, symbol.name.data, symbol.name.len);
		buf_printf(&b, "+%ju/%ju", (uintmax_t)symbol.offset, (uintmax_t)symbol.size);
		buf_done(&symbol.name);
	}
	ck_buf(&b, want);
	buf_done(&b);
}

static void check_file(bool is64, bool big)
{
	struct file f;

	make(&f, is64, big);
	check(&f, &text, text.start + 0x100, "global+0/32");
	check(&f, &text, text.start + 0x11f, "global+31/32");
	check(&f, &text, text.start + 0x120, "weak+0/16");
	check(&f, &text, text.start + 0x12f, "weak+15/16");
	check(&f, &text, text.start + 0x130, "");
	check(&f, &text, text.start + 0x150, "");
	check(&f, &text, text.start, "");
	/* without a size it reaches to the end of its section */
	check(&f, &text, text.start + 0x200, "bare+0/0");
	check(&f, &text, text.start + 0x2ff, "bare+255/0");
	check(&f, &text, text.start + 0x300, "");
	/* the second segment of the same page of the file is mapped elsewhere */
	check(&f, &data, data.start + 0x812, "variable+2/8");
	check(&f, &data, data.start + 0x100, "");
}

START_TEST(test_classes)
{
	check_file(true, false);
	check_file(true, true);
	check_file(false, false);
	check_file(false, true);
}
END_TEST

START_TEST(test_tables)
{
	struct file f;

	/* only what dynamic linking needs is left */
	make(&f, true, false);
	put_section(&f, 1, 11, 0, SYMBOLS, 7 * 24, 2, 24);
	check(&f, &text, text.start + 0x100, "global+0/32");
	/* the Thumb bit */
	put(&f, 18, 2, 40);
	put_symbol(&f, 3, 14, 2, 2, 3, 0x401121, 0x10);
	check(&f, &text, text.start + 0x120, "weak+0/16");
	/* undefined, or without a name */
	make(&f, true, false);
	put_symbol(&f, 3, 14, 2, 2, 0, 0x401120, 0x10);
	check(&f, &text, text.start + 0x120, "");
	make(&f, true, false);
	put_symbol(&f, 3, 0, 2, 2, 3, 0x401120, 0x10);
	check(&f, &text, text.start + 0x120, "");
	/* no sections at all */
	put(&f, 60, 2, 0);
	check(&f, &text, text.start + 0x100, "");
}
END_TEST

static void check_damaged(struct file *f, int want)
{
	struct elf_symbol symbol;
	int ret = elf_symbol_find(read_file, f, &text, text.start + 0x110, &symbol);

	ck_assert_int_eq(ret, want);
}

START_TEST(test_damaged)
{
	struct file f;

	make(&f, true, false);
	f.bytes[0] = 0;
	check_damaged(&f, -ENOEXEC);
	make(&f, true, false);
	f.bytes[4] = 3;
	check_damaged(&f, -ENOEXEC);
	make(&f, true, false);
	f.size = 10;
	check_damaged(&f, -ENOEXEC);
	make(&f, true, false);
	f.size = 40;
	check_damaged(&f, -ENOEXEC);
	make(&f, true, false);			/* program headers lie behind the end */
	put(&f, 32, 8, UINT64_MAX - 8);
	check_damaged(&f, -ENOEXEC);
	make(&f, true, false);			/* too many of them */
	put(&f, 56, 2, 65535);
	check_damaged(&f, -ENOEXEC);
	make(&f, true, false);			/* no segment there */
	put_segment(&f, 0, 5, 0x2000, 0x401000);
	put_segment(&f, 1, 6, 0x2000, 0x602800);
	check_damaged(&f, -ENOEXEC);
	make(&f, true, false);			/* symbols of no size */
	put_section(&f, 1, 2, 0, SYMBOLS, 7 * 24, 2, 0);
	check_damaged(&f, 0);
	make(&f, true, false);			/* more than is looked at: not even read */
	put_section(&f, 1, 2, 0, SYMBOLS, UINT64_C(1) << 40, 2, 24);
	check_damaged(&f, 0);
	ck_assert_uint_lt(f.reads, 20);
	make(&f, true, false);			/* symbols behind the end */
	put_section(&f, 1, 2, 0, 0x10000, 7 * 24, 2, 24);
	check_damaged(&f, -ENOEXEC);
	make(&f, true, false);			/* names in a section that is not there */
	put_section(&f, 1, 2, 0, SYMBOLS, 7 * 24, 9, 24);
	check_damaged(&f, 0);
	make(&f, true, false);			/* a name behind the end of the names */
	put_symbol(&f, 2, 4000, 1, 2, 3, 0x401100, 0x20);
	put_symbol(&f, 1, 4000, 1, 2, 3, 0x401100, 0x20);
	check_damaged(&f, -ENOEXEC);
}
END_TEST

/* ---- this program itself ---- */

static ssize_t read_fd(void *ctx, uint64_t at, void *to, size_t n)
{
	return pread(*(int *)ctx, to, n, (off_t)at);
}

__attribute__((noinline)) static int a_known_function(int v)
{
	return v * 3 + 1;
}

static int a_known_variable = 5;

/* The mapping of an address, as the kernel tells. */
static void find_mapping(uint64_t address, struct elf_mapping *m)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	char line[8192];
	bool found = false;

	ck_assert_ptr_nonnull(maps);
	while (!found && fgets(line, sizeof(line), maps)) {
		struct maps_line l;

		found = maps_parse_line(line, line + strcspn(line, "\n"), &l) &&
			address >= l.start && address < l.end;
		*m = (struct elf_mapping){ l.start, l.offset, (uint64_t)sysconf(_SC_PAGESIZE),
					   l.perms & MAPS_EXEC, l.perms & MAPS_WRITE };
	}
	fclose(maps);
	ck_assert(found);
}

static void check_own(uint64_t address, const char *name)
{
	int fd = open("/proc/self/exe", O_RDONLY);
	struct elf_symbol symbol;
	struct elf_mapping m;

	find_mapping(address, &m);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(elf_symbol_find(read_fd, &fd, &m, address, &symbol), 1);
	ck_buf(&symbol.name, name);
	buf_done(&symbol.name);
	close(fd);
}

START_TEST(test_own)
{
	ck_assert_int_eq(a_known_function(a_known_variable), 16);
	check_own((uintptr_t)a_known_function, "a_known_function");
	check_own((uintptr_t)a_known_function + 1, "a_known_function");
	check_own((uintptr_t)&a_known_variable, "a_known_variable");
	check_own((uintptr_t)elf_symbol_find + 4, "elf_symbol_find");
}
END_TEST

/* The linker says where this program's own data end. */
START_TEST(test_own_end)
{
	extern char _end;
	int fd = open("/proc/self/exe", O_RDONLY);
	struct elf_mapping m;
	uint64_t end = 0;

	find_mapping((uintptr_t)&a_known_variable, &m);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(elf_segment_end(read_fd, &fd, &m, &end), 0);
	ck_assert_uint_eq(end, (uintptr_t)&_end);
	close(fd);
}
END_TEST

/* A segment of 0x800 bytes in the file and more in memory, at an offset that is no multiple of a page. */
START_TEST(test_end)
{
	struct file f;
	uint64_t end;

	for (int is64 = 0; is64 < 2; is64++) {
		make(&f, is64, !is64);
		put(&f, PHDRS + (is64 ? 56u + 40 : 32u + 20), is64 ? 8 : 4, 0x12345);
		ck_assert_int_eq(elf_segment_end(read_file, &f, &data, &end), 0);
		ck_assert_uint_eq(end, data.start + (0x1800 - data.offset) + 0x12345);
		f.size = 40;
		ck_assert_int_eq(elf_segment_end(read_file, &f, &data, &end), -ENOEXEC);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("elf_symbol");

	UNIT_CASE(suite, "made", test_classes, test_tables, test_damaged, test_end);
	UNIT_CASE(suite, "own", test_own, test_own_end);
	return unit_run(suite);
}
