/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A process with one mapping of every kind that an ordinary program has. */
#include "target.h"

#include <sys/auxv.h>

#define HEAP_SIZE MIB(4)
#define BLOCK_SIZE KIB(256)

static char bss_block[MIB(3)];
static char data_block[BLOCK_SIZE] = { 1 };
static const char rodata_block[BLOCK_SIZE] = { 1 };
/* Relocated pointers that never change: .data.rel.ro in a position-independent program. */
static const void *const relro_block[BLOCK_SIZE / sizeof(void *)] = { bss_block,
								      data_block };

/* Expect the whole pages inside [START, START + SIZE). */
static void expect_inside(const void *start, size_t size, const char *kind)
{
	uintptr_t low = target_ceil((uintptr_t)start);
	uintptr_t high = target_floor((uintptr_t)start + size);

	target_expect((const void *)low, high - low, kind, "object=%s",
		      target_basename(target_exe()));
}

static bool is_position_independent(void)
{
	return getauxval(AT_PHDR) > MIB(256);
}

/* Word number FIELD (from 1, as proc(5) counts) of /proc/self/stat. */
static uintptr_t stat_field(int field)
{
	char text[4096], *p;
	FILE *file = fopen("/proc/self/stat", "r");
	size_t n;

	if (!file)
		target_die("/proc/self/stat");
	n = fread(text, 1, sizeof(text) - 1, file);
	fclose(file);
	text[n] = '\0';
	p = strrchr(text, ')');
	for (int i = 2; p && i < field; i++)
		p = strchr(p + 1, ' ');
	if (!p)
		target_die("/proc/self/stat: short");
	return (uintptr_t)strtoull(p + 1, NULL, 10);
}

/* Fill the heap to its last page, so that its resident size is its size. */
static void expect_heap(void)
{
	uintptr_t low = target_floor(stat_field(47));
	uintptr_t high;

	if (sbrk((intptr_t)HEAP_SIZE) == (void *)-1)
		target_die("sbrk");
	high = target_ceil((uintptr_t)sbrk(0));
	target_touch((void *)low, high - low);
	target_expect((void *)low, high - low, "heap", "rss=%zu", (size_t)(high - low));
}

static void expect_stack(char **envp)
{
	uintptr_t low = target_floor((uintptr_t)&envp);
	uintptr_t high;

	while (*envp && envp[1])
		envp++;
	high = target_ceil((uintptr_t)(*envp ? *envp : (char *)envp) + 1);
	target_expect((void *)low, high - low, "stack", NULL);
}

/* The vDSO is an ELF object in memory; only the kernel says where its data are. */
static void expect_kernel_pages(void)
{
	uintptr_t vdso = getauxval(AT_SYSINFO_EHDR);
	char *line = NULL;
	size_t size = 0;
	FILE *file = fopen("/proc/self/maps", "r");

	if (!file)
		target_die("/proc/self/maps");
	if (vdso)
		target_expect((void *)vdso, target_page(), "vdso", NULL);
	while (getline(&line, &size, file) > 0) {
		char *rest;
		uintptr_t low = strtoull(line, &rest, 16);
		uintptr_t high = *rest == '-' ? strtoull(rest + 1, NULL, 16) : low;

		if (strstr(line, "[vvar") || strstr(line, "[vdso]"))
			target_expect((void *)low, high - low, "vdso", "mappings=1");
		else if (strstr(line, "[vsyscall]"))
			target_expect((void *)low, high - low, "vsyscall", "mappings=1");
	}
	free(line);
	fclose(file);
}

int main(int argc, char **argv, char **envp)
{
	(void)argc;
	(void)argv;
	target_touch(bss_block, sizeof(bss_block));
	target_touch(data_block, sizeof(data_block));
	target_read(rodata_block, sizeof(rodata_block));
	target_read(relro_block, sizeof(relro_block));
	expect_inside(bss_block, sizeof(bss_block), "bss");
	expect_inside(data_block, sizeof(data_block), "data");
	expect_inside(rodata_block, sizeof(rodata_block), "rodata");
	if (is_position_independent())
		expect_inside(relro_block, sizeof(relro_block), "relro");
	target_expect((void *)target_floor((uintptr_t)main), target_page(), "text", NULL);
	target_expect_objects(NULL);
	expect_heap();
	expect_stack(envp);
	expect_kernel_pages();
	printf("fact threads=1\nfact bits=%zu\n", 8 * sizeof(void *));
	return target_ready();
}
