/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How an architecture splits virtual addresses: page-table levels, user and kernel halves. */
#include "config.h"

#include "model/geometry.h"

#include <stddef.h>
#include <string.h>

#define TIB (UINT64_C(1) << 40)
#define VMALLOC_5_LEVELS (UINT64_C(12800) << 40)	/* 13743895347199 kB: 12.5 PiB */

/*
 * Grouped by architecture and page size, shallowest first. Sources: Documentation/arch/x86/
 * x86_64/mm.rst, .../arm64/memory.rst, .../riscv/vm-layout.rst; arch/powerpc, arch/s390 and
 * arch/loongarch include/asm/pgtable*.h. Kernels up to 6.18.
 */
static const struct geometry geometries[] = {
	{ "x86_64", 12, 48, 4, { 39, 30, 21, 12 }, 0x7ffffffff000, 0xffff800000000000 },
	{ "x86_64", 12, 57, 5, { 48, 39, 30, 21, 12 }, 0xfffffffffff000, 0xff00000000000000 },
	{ "i686", 12, 32, 3, { 30, 21, 12 }, 0xc0000000, 0xc0000000 },
	{ "aarch64", 12, 39, 3, { 30, 21, 12 }, UINT64_C(1) << 39, 0xffffff8000000000 },
	{ "aarch64", 12, 48, 4, { 39, 30, 21, 12 }, UINT64_C(1) << 48, 0xffff000000000000 },
	{ "aarch64", 12, 52, 5, { 48, 39, 30, 21, 12 }, UINT64_C(1) << 52, 0xfff0000000000000 },
	{ "aarch64", 14, 36, 2, { 25, 14 }, UINT64_C(1) << 36, 0xfffffff000000000 },
	{ "aarch64", 14, 47, 3, { 36, 25, 14 }, UINT64_C(1) << 47, 0xffff800000000000 },
	{ "aarch64", 14, 48, 4, { 47, 36, 25, 14 }, UINT64_C(1) << 48, 0xffff000000000000 },
	{ "aarch64", 14, 52, 4, { 47, 36, 25, 14 }, UINT64_C(1) << 52, 0xfff0000000000000 },
	{ "aarch64", 16, 42, 2, { 29, 16 }, UINT64_C(1) << 42, 0xfffffc0000000000 },
	{ "aarch64", 16, 48, 3, { 42, 29, 16 }, UINT64_C(1) << 48, 0xffff000000000000 },
	{ "aarch64", 16, 52, 3, { 42, 29, 16 }, UINT64_C(1) << 52, 0xfff0000000000000 },
	{ "riscv64", 12, 39, 3, { 30, 21, 12 }, UINT64_C(1) << 38, 0xffffffc000000000 },
	{ "riscv64", 12, 48, 4, { 39, 30, 21, 12 }, UINT64_C(1) << 47, 0xffff800000000000 },
	{ "riscv64", 12, 57, 5, { 48, 39, 30, 21, 12 }, UINT64_C(1) << 56, 0xff00000000000000 },
	{ "ppc64le", 12, 52, 4, { 39, 30, 21, 12 }, UINT64_C(1) << 52, 0xc000000000000000 },
	{ "ppc64le", 16, 52, 4, { 39, 30, 21, 16 }, UINT64_C(1) << 52, 0xc000000000000000 },
	{ "s390x", 12, 42, 3, { 31, 20, 12 }, UINT64_C(1) << 42, 0 },
	{ "s390x", 12, 53, 4, { 42, 31, 20, 12 }, UINT64_C(1) << 53, 0 },
	{ "s390x", 12, 64, 5, { 53, 42, 31, 20, 12 }, 0xfffffffffffff000, 0 },
	{ "loongarch64", 12, 39, 3, { 30, 21, 12 }, UINT64_C(1) << 39, 0x8000000000000000 },
	{ "loongarch64", 12, 48, 4, { 39, 30, 21, 12 }, UINT64_C(1) << 48, 0x8000000000000000 },
	{ "loongarch64", 14, 47, 3, { 36, 25, 14 }, UINT64_C(1) << 47, 0x8000000000000000 },
	{ "loongarch64", 16, 42, 2, { 29, 16 }, UINT64_C(1) << 42, 0x8000000000000000 },
	{ "loongarch64", 16, 55, 3, { 42, 29, 16 }, UINT64_C(1) << 55, 0x8000000000000000 },
};

enum { GEOMETRY_ROWS = sizeof(geometries) / sizeof(geometries[0]) };

static bool same_arch(const struct geometry *g, struct str arch)
{
	if (str_eq(arch, str_of(g->arch)))
		return true;
	/* i386 to i686, and big-endian POWER */
	if (arch.len == 4 && arch.p[0] == 'i' && str_has_suffix(arch, "86"))
		return str_eq(str_of(g->arch), STR("i686"));
	return str_eq(arch, STR("ppc64")) && str_eq(str_of(g->arch), STR("ppc64le"));
}

/* Architectures whose kernels are built for one of several page sizes. */
static bool has_page_sizes(const struct geometry *g)
{
	return str_eq(str_of(g->arch), STR("aarch64")) ||
	       str_eq(str_of(g->arch), STR("ppc64le")) ||
	       str_eq(str_of(g->arch), STR("loongarch64"));
}

static bool fits(const struct geometry *g, const struct geometry_facts *f)
{
	if (f->page_size ? f->page_size != UINT64_C(1) << g->page_shift : has_page_sizes(g))
		return false;
	if (f->highest > g->user_end || (f->mmu_bits && f->mmu_bits != g->va_bits))
		return false;
	if (g->levels == 4 && f->vmalloc_total && str_eq(f->arch, STR("x86_64")))
		return f->vmalloc_total < VMALLOC_5_LEVELS - TIB;
	return true;
}

const struct geometry *geometry_find(const struct geometry_facts *facts)
{
	bool told = facts->mmu_bits || facts->highest || str_eq(facts->arch, STR("x86_64"));

	if (!told)
		return NULL;
	/* Where the depth is a build option that nothing tells, the smallest that fits: a stack
	 * below 2^39 on arm64 with 4K pages means 39 bits, and so on. */
	for (unsigned int i = 0; i < GEOMETRY_ROWS; i++)
		if (same_arch(&geometries[i], facts->arch) && fits(&geometries[i], facts))
			return &geometries[i];
	return NULL;
}

const struct geometry *geometry_larger(const struct geometry *g)
{
	for (const struct geometry *next = g + 1; next < geometries + GEOMETRY_ROWS; next++)
		if (strcmp(next->arch, g->arch) == 0 && next->page_shift == g->page_shift &&
		    next->user_end > g->user_end)
			return next;
	return NULL;
}

uint64_t geometry_user_end(const struct geometry *g, unsigned int bits)
{
	if (bits != 32 || g->va_bits == 32)
		return g->user_end;
	if (str_eq(str_of(g->arch), STR("x86_64")))
		return 0xffffe000;	/* IA32_PAGE_OFFSET */
	return str_eq(str_of(g->arch), STR("riscv64")) ||
	       str_eq(str_of(g->arch), STR("s390x")) ? UINT64_C(1) << 31 : UINT64_C(1) << 32;
}

const char *geometry_level_name(const struct geometry *g, unsigned int level)
{
	static const char *const names[GEOMETRY_LEVELS][GEOMETRY_LEVELS] = {
		{ "PTE" },
		{ "PGD", "PTE" },
		{ "PGD", "PMD", "PTE" },
		{ "PGD", "PUD", "PMD", "PTE" },
		{ "PGD", "P4D", "PUD", "PMD", "PTE" },
	};

	return names[g->levels - 1][level];
}

static bool is_arch(const struct geometry *g, const char *arch)
{
	return str_eq(str_of(g->arch), str_of(arch));
}

const char *geometry_manual_name(const struct geometry *g, unsigned int level)
{
	static const char *const x86[GEOMETRY_LEVELS] = { "PT", "PD", "PDPT", "PML4", "PML5" };

	return is_arch(g, "x86_64") || is_arch(g, "i686") ? x86[g->levels - 1 - level] : NULL;
}

const char *geometry_root_name(const struct geometry *g)
{
	static const char *const root[][2] = {
		{ "x86_64", "CR3" }, { "i686", "CR3" }, { "aarch64", "TTBR0" },
		{ "riscv64", "satp" }, { "s390x", "ASCE" }, { "loongarch64", "PGDL" },
		{ "ppc64le", "process table" },
	};

	for (size_t i = 0; i < sizeof(root) / sizeof(*root); i++)
		if (is_arch(g, root[i][0]))
			return root[i][1];
	return "root";
}

/* The number in bits high to low. */
static struct geometry_field field_of(uint64_t address, unsigned int high, unsigned int low)
{
	unsigned int width = high - low + 1;

	return (struct geometry_field){ high, low, (address >> low) &
		(width < 64 ? (UINT64_C(1) << width) - 1 : UINT64_MAX) };
}

void geometry_split(const struct geometry *g, uint64_t address, struct geometry_split *out)
{
	unsigned int high = g->va_bits - 1;

	*out = (struct geometry_split){ .levels = g->levels };
	/* a 32-bit machine has no bits above */
	if (g->va_bits != 64 && g->va_bits != 32) {
		out->has_top = true;
		out->top = field_of(address, 63, g->va_bits);
	}
	for (unsigned int i = 0; i < g->levels; i++) {
		out->level[i] = field_of(address, high, g->shift[i]);
		high = g->shift[i] - 1u;
	}
	out->offset = field_of(address, high, 0);
}

/* Where the highest bit of an address says which half it is in, and is repeated above; the
 * others have all of va_bits in each half, or a half alone. */
static bool has_sign_bit(const struct geometry *g)
{
	return is_arch(g, "x86_64") || is_arch(g, "riscv64");
}

unsigned int geometry_user_bits(const struct geometry *g)
{
	return g->va_bits - has_sign_bit(g);
}

uint64_t geometry_half_last(const struct geometry *g, unsigned int bits)
{
	if (bits == 32 || g->va_bits == 32)
		return geometry_user_end(g, 32) - 1;
	return geometry_user_bits(g) == 64 ? UINT64_MAX : (UINT64_C(1) << geometry_user_bits(g)) - 1;
}

bool geometry_has_canonical(const struct geometry *g)
{
	return g->va_bits > 32 && g->kernel_start &&
	       g->kernel_start == ~((UINT64_C(1) << geometry_user_bits(g)) - 1);
}

enum geometry_half geometry_half(const struct geometry *g, unsigned int bits, uint64_t address)
{
	bool kernel_has_it = g->va_bits != 32 || address >> 32 == 0;

	if (address <= geometry_half_last(g, bits))
		return HALF_USER;
	if ((bits == 32 && g->va_bits != 32) || !kernel_has_it)
		return HALF_NONE;
	return g->kernel_start && address >= g->kernel_start ? HALF_KERNEL : HALF_NONE;
}

unsigned int geometry_leaf_level(const struct geometry *g, uint64_t size)
{
	unsigned int level = 0;

	while (level + 1 < g->levels && geometry_span(g, level) > size)
		level++;
	return level;
}

uint64_t geometry_pmd_size(const struct geometry *g)
{
	return g->levels >= 2 ? geometry_span(g, g->levels - 2) : 0;
}

/* The same with four and five levels: within 2^41 of the top. */
#define X86_TOP_REGIONS \
	{ 0xfffffe0000000000, 0xfffffe7fffffffff, "CPU entry areas", KERNEL_OTHER }, \
	{ 0xffffff0000000000, 0xffffff7fffffffff, "espfix stacks", KERNEL_OTHER }, \
	{ 0xffffffef00000000, 0xfffffffeffffffff, "EFI run-time services", KERNEL_OTHER }, \
	{ 0xffffffff80000000, 0xffffffff9fffffff, "kernel text and data", KERNEL_IMAGE }, \
	{ 0xffffffffa0000000, 0xfffffffffeffffff, "modules", KERNEL_MODULES }, \
	{ 0xffffffffff000000, 0xffffffffff5fffff, "fixmap", KERNEL_OTHER }, \
	{ 0xffffffffff600000, 0xffffffffff600fff, "vsyscall", KERNEL_OTHER },

static const struct kernel_region x86_4_levels[] = {
	{ 0xffff800000000000, 0xffff87ffffffffff, "guard hole, hypervisor", KERNEL_OTHER },
	{ 0xffff880000000000, 0xffff887fffffffff, "LDT remap", KERNEL_OTHER },
	{ 0xffff888000000000, 0xffffc87fffffffff, "direct map of all RAM", KERNEL_DIRECT_MAP },
	{ 0xffffc90000000000, 0xffffe8ffffffffff, "vmalloc, ioremap", KERNEL_VMALLOC },
	{ 0xffffea0000000000, 0xffffeaffffffffff, "vmemmap: struct pages", KERNEL_VMEMMAP },
	{ 0xffffec0000000000, 0xfffffbffffffffff, "KASAN shadow, if built", KERNEL_OTHER },
	X86_TOP_REGIONS
};

static const struct kernel_region x86_5_levels[] = {
	{ 0xff00000000000000, 0xff0fffffffffffff, "guard hole, hypervisor", KERNEL_OTHER },
	{ 0xff10000000000000, 0xff10ffffffffffff, "LDT remap", KERNEL_OTHER },
	{ 0xff11000000000000, 0xff90ffffffffffff, "direct map of all RAM", KERNEL_DIRECT_MAP },
	{ 0xffa0000000000000, 0xffd1ffffffffffff, "vmalloc, ioremap", KERNEL_VMALLOC },
	{ 0xffd4000000000000, 0xffd5ffffffffffff, "vmemmap: struct pages", KERNEL_VMEMMAP },
	{ 0xffdf000000000000, 0xfffffbffffffffff, "KASAN shadow, if built", KERNEL_OTHER },
	X86_TOP_REGIONS
};

static const struct kernel_region arm64_48_bits[] = {
	{ 0xffff000000000000, 0xffff7fffffffffff, "direct map of all RAM", KERNEL_DIRECT_MAP },
	{ 0xffff800000000000, 0xffff80007fffffff, "modules", KERNEL_MODULES },
	{ 0xffff800080000000, 0xfffffbffefffffff, "kernel image, vmalloc", KERNEL_VMALLOC },
	{ 0xfffffbfff0000000, 0xfffffbffff7fffff, "fixmap, PCI I/O", KERNEL_OTHER },
	{ 0xfffffc0000000000, 0xfffffdffffffffff, "vmemmap: struct pages", KERNEL_VMEMMAP },
};

const struct kernel_region *geometry_kernel_regions(const struct geometry *g, unsigned int *n)
{
	static const struct {
		const char *arch;
		unsigned int va_bits;
		const struct kernel_region *region;
		unsigned int n;
	} known[] = {
		{ "x86_64", 48, x86_4_levels, sizeof(x86_4_levels) / sizeof(*x86_4_levels) },
		{ "x86_64", 57, x86_5_levels, sizeof(x86_5_levels) / sizeof(*x86_5_levels) },
		{ "aarch64", 48, arm64_48_bits, sizeof(arm64_48_bits) / sizeof(*arm64_48_bits) },
	};

	*n = 0;
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
		if (!str_eq(str_of(g->arch), str_of(known[i].arch)) ||
		    g->va_bits != known[i].va_bits || (g->page_shift != 12))
			continue;
		*n = known[i].n;
		return known[i].region;
	}
	return NULL;
}
