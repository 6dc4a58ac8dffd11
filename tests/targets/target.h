/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the test targets share: mapping memory at known places, and saying on
 * stdout what a correct report must show about it.
 *
 * Protocol, one fact a line:
 *   expect START END KIND[|KIND] [KEY=VALUE ...]
 *	every mapping that overlaps [START, END) has one of the kinds, the
 *	range is covered without a hole, numbers are sums over these mappings,
 *	words hold for each; a KEY with a dot is below that key of the mapping
 *	(pages.guard); mappings=N is their count.  Names with bytes other than
 *	printable ASCII are given in hexadecimal, as path_hex.
 *   fact KEY=VALUE		about the process
 *   pattern KEY=VALUE ...	what short-lived children look like
 *   ready			all is set up; the end of stdin ends the target
 *   skip REASON		this machine cannot do it
 */
#ifndef MEMMAP_TESTS_TARGET_H
#define MEMMAP_TESTS_TARGET_H

#ifndef _GNU_SOURCE
#	define _GNU_SOURCE
#endif

#include <elf.h>
#include <errno.h>
#include <link.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define KIB(n) ((size_t)(n) << 10)
#define MIB(n) ((size_t)(n) << 20)

/* Say what failed and give up: the machine is odd, not memmap. */
static inline void target_die(const char *what)
{
	fprintf(stderr, "target: %s: %s\n", what, strerror(errno));
	exit(1);
}

static inline void target_skip(const char *reason)
{
	printf("skip %s\n", reason);
	fflush(stdout);
	exit(77);
}

static inline size_t target_page(void)
{
	return (size_t)sysconf(_SC_PAGESIZE);
}

static inline uintptr_t target_floor(uintptr_t addr)
{
	return addr & ~(uintptr_t)(target_page() - 1);
}

static inline uintptr_t target_ceil(uintptr_t addr)
{
	return target_floor(addr + target_page() - 1);
}

/* Write to every page, so that each is present, private and dirty. */
static inline void target_touch(void *start, size_t size)
{
	volatile char *p = start;

	/* without reading first: that would map the zero page, which before 6.13 is then replaced by small pages */
	for (size_t i = 0; i < size; i += target_page())
		p[i] = 1;
}

/* Read every page. */
static inline void target_read(const void *start, size_t size)
{
	const volatile char *p = start;

	for (size_t i = 0; i < size; i += target_page())
		(void)p[i];
}

/* Map SIZE bytes between two inaccessible pages, so that nothing merges with it. */
static inline void *target_map(size_t size, int prot, int flags, int fd)
{
	size_t page = target_page();
	size_t whole = target_ceil(size) + 2 * page;
	char *base = mmap(NULL, whole, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	void *p;

	if (base == MAP_FAILED)
		target_die("mmap of a reservation");
	p = mmap(base + page, size, prot, flags | MAP_FIXED, fd, 0);
	if (p == MAP_FAILED)
		target_die("mmap");
	return p;
}

__attribute__((format(printf, 4, 5))) static inline void
target_expect(const void *start, size_t size, const char *kind, const char *format, ...)
{
	uintptr_t low = (uintptr_t)start;
	va_list args;

	printf("expect %jx %jx %s", (uintmax_t)low, (uintmax_t)(low + size), kind);
	if (format) {
		putchar(' ');
		va_start(args, format);
		vprintf(format, args);
		va_end(args);
	}
	putchar('\n');
}

/* Print KEY=VALUE, or KEY_hex=... when the value has bytes that need care. */
static inline void target_print_name(const char *key, const char *value)
{
	bool plain = true;

	for (const char *c = value; *c; c++)
		if (*c <= ' ' || *c > '~' || *c == '\\')
			plain = false;
	if (plain) {
		printf("%s=%s", key, value);
		return;
	}
	printf("%s_hex=", key);
	for (const unsigned char *c = (const unsigned char *)value; *c; c++)
		printf("%02x", *c);
}

/* Expect a mapping of the file PATH; REST holds further keys or is NULL. */
static inline void target_expect_path(const void *start, size_t size, const char *kind,
				      const char *path, const char *rest)
{
	uintptr_t low = (uintptr_t)start;

	printf("expect %jx %jx %s ", (uintmax_t)low, (uintmax_t)(low + size), kind);
	target_print_name("path", path);
	if (rest)
		printf(" %s", rest);
	putchar('\n');
}

static inline void target_expect_part(uintptr_t low, uintptr_t high, const char *kind,
				      const char *object, const char *rest)
{
	if (low >= high)
		return;
	printf("expect %jx %jx %s ", (uintmax_t)low, (uintmax_t)high, kind);
	target_print_name("object", object);
	if (rest)
		printf(" %s", rest);
	putchar('\n');
}

/*
 * Expect the parts of one loaded ELF object where its program headers put
 * them.  The dynamic linker protects PT_GNU_RELRO rounded down at both ends.
 */
static inline void target_expect_object(const struct dl_phdr_info *info,
					const char *object, const char *rest)
{
	uintptr_t relro_low = 0, relro_high = 0;

	for (int i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *ph = &info->dlpi_phdr[i];

		if (ph->p_type != PT_GNU_RELRO)
			continue;
		relro_low = target_floor(info->dlpi_addr + ph->p_vaddr);
		relro_high = target_floor(info->dlpi_addr + ph->p_vaddr + ph->p_memsz);
	}
	for (int i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *ph = &info->dlpi_phdr[i];
		uintptr_t low = target_floor(info->dlpi_addr + ph->p_vaddr);
		uintptr_t file =
			target_ceil(info->dlpi_addr + ph->p_vaddr + ph->p_filesz);
		uintptr_t high = target_ceil(info->dlpi_addr + ph->p_vaddr + ph->p_memsz);

		if (ph->p_type != PT_LOAD)
			continue;
		if (ph->p_flags & PF_X) {
			target_expect_part(low, file, "text", object, rest);
			continue;
		}
		if (!(ph->p_flags & PF_W)) {
			target_expect_part(low, file, "rodata", object, rest);
			continue;
		}
		if (relro_low <= low && relro_high > low) {
			target_expect_part(low, relro_high, "relro", object, rest);
			low = relro_high;
		}
		target_expect_part(low, file, "data", object, rest);
		target_expect_part(file > low ? file : low, high, "bss", object, NULL);
	}
}

static inline const char *target_basename(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static inline char *target_exe(void)
{
	static char path[4096];
	ssize_t length = readlink("/proc/self/exe", path, sizeof(path) - 1);

	if (length < 0)
		target_die("/proc/self/exe");
	path[length] = '\0';
	return path;
}

static inline int target_visit_object(struct dl_phdr_info *info, size_t size,
				      void *wanted)
{
	const char *name =
		info->dlpi_name && *info->dlpi_name ? info->dlpi_name : target_exe();
	/* The kernel names the file behind the symbolic link. */
	char *path = realpath(name, NULL);

	(void)size;
	if (path && (!wanted || strstr(target_basename(name), wanted)))
		target_expect_object(info, target_basename(path), NULL);
	free(path);
	return 0;
}

/* Expect all ELF objects, or those whose file name contains WANTED. */
static inline void target_expect_objects(const char *wanted)
{
	char copy[256];

	if (wanted) {
		snprintf(copy, sizeof(copy), "%s", wanted);
		dl_iterate_phdr(target_visit_object, copy);
	} else {
		dl_iterate_phdr(target_visit_object, NULL);
	}
}

/* Everything is set up: say so, and stay until stdin ends. */
static inline int target_ready(void)
{
	char byte;
	ssize_t n;

	puts("ready");
	if (fflush(stdout))
		target_die("stdout");
	do
		n = read(STDIN_FILENO, &byte, 1);
	while (n > 0 || (n < 0 && errno == EINTR));
	return 0;
}

#endif
