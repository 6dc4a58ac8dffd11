/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How addresses are split into table indices, and which half they are in. */
#include "config.h"

#include "model/geometry.h"

#include <stdio.h>

#include "unit.h"

/* Bit ranges from the kernel's sources (KERNEL.md 13.2); the numbers were cut out of the binary
 * digits of random addresses by a script that shares nothing with the program. top -1: none. */
static const struct {
	const char *arch;
	uint64_t page_size;
	unsigned int va_bits;
	uint64_t address;
	const char *levels;
	uint64_t index[GEOMETRY_LEVELS], offset;
	int64_t top;
} splits[] = {
	{ "x86_64", 4096, 48, 0xf2a74de452e6b438,
	  "PGD 47-39 PUD 38-30 PMD 29-21 PTE 20-12", { 155, 401, 151, 107 }, 0x438, 62119 },
	{ "x86_64", 4096, 57, 0x6513270e269e0d37,
	  "PGD 56-48 P4D 47-39 PUD 38-30 PMD 29-21 PTE 20-12", { 275, 78, 56, 308, 480 }, 0xd37, 50 },
	{ "i686", 4096, 32, 0xa6a3a450,
	  "PGD 31-30 PMD 29-21 PTE 20-12", { 2, 309, 58 }, 0x450, -1 },
	{ "aarch64", 4096, 39, 0x128b2f330c5c7fd0,
	  "PGD 38-30 PMD 29-21 PTE 20-12", { 204, 98, 455 }, 0xfd0, 2430558 },
	{ "aarch64", 4096, 48, 0x892f902bd23f0824,
	  "PGD 47-39 PUD 38-30 PMD 29-21 PTE 20-12", { 288, 175, 145, 496 }, 0x824, 35119 },
	{ "aarch64", 4096, 52, 0x5d9dc9f81818e811,
	  "PGD 51-48 P4D 47-39 PUD 38-30 PMD 29-21 PTE 20-12", { 13, 403, 480, 192, 398 }, 0x811, 1497 },
	{ "aarch64", 16384, 36, 0xed904759531985d,
	  "PGD 35-25 PTE 24-14", { 714, 1222 }, 0x185d, 15568967 },
	{ "aarch64", 16384, 47, 0x81e74ef5e8e25d94,
	  "PGD 46-36 PMD 35-25 PTE 24-14", { 1263, 756, 905 }, 0x1d94, 66510 },
	{ "aarch64", 16384, 48, 0x99950d836f675cc,
	  "PGD 47-47 PUD 46-36 PMD 35-25 PTE 24-14", { 0, 1293, 1051, 985 }, 0x35cc, 2457 },
	{ "aarch64", 16384, 52, 0x6f03675a1600a35a,
	  "PGD 51-47 PUD 46-36 PMD 35-25 PTE 24-14", { 6, 1653, 1291, 2 }, 0x235a, 1776 },
	{ "aarch64", 65536, 42, 0x11e20b8f6b0d549b,
	  "PGD 41-29 PTE 28-16", { 7291, 2829 }, 0x549b, 292994 },
	{ "aarch64", 65536, 48, 0x1738f7d93d9c1724,
	  "PGD 47-42 PMD 41-29 PTE 28-16", { 61, 7881, 7580 }, 0x1724, 5944 },
	{ "aarch64", 65536, 52, 0x6cad4a268d116ece,
	  "PGD 51-42 PMD 41-29 PTE 28-16", { 850, 4404, 3345 }, 0x6ece, 1738 },
	{ "riscv64", 4096, 39, 0xd3ac94af0f21ddb6,
	  "PGD 38-30 PMD 29-21 PTE 20-12", { 188, 121, 29 }, 0xdb6, 27744553 },
	{ "riscv64", 4096, 48, 0x1fb17c2390c192cf,
	  "PGD 47-39 PUD 38-30 PMD 29-21 PTE 20-12", { 248, 142, 134, 25 }, 0x2cf, 8113 },
	{ "riscv64", 4096, 57, 0x39263059f28c105d,
	  "PGD 56-48 P4D 47-39 PUD 38-30 PMD 29-21 PTE 20-12", { 294, 96, 359, 404, 193 }, 0x5d, 28 },
	{ "ppc64le", 4096, 52, 0xa09f76b5a170b338,
	  "PGD 51-39 PUD 38-30 PMD 29-21 PTE 20-12", { 7917, 214, 267, 267 }, 0x338, 2569 },
	{ "ppc64le", 65536, 52, 0xf29d0da9953f48f1,
	  "PGD 51-39 PUD 38-30 PMD 29-21 PTE 20-16", { 6683, 166, 169, 31 }, 0x48f1, 3881 },
	{ "s390x", 4096, 42, 0x93bd04cf0fd630f1,
	  "PGD 41-31 PMD 30-20 PTE 19-12", { 414, 253, 99 }, 0xf1, 2420545 },
	{ "s390x", 4096, 53, 0x658cda1495e60af5,
	  "PGD 52-42 PUD 41-31 PMD 30-20 PTE 19-12", { 822, 1065, 350, 96 }, 0xaf5, 812 },
	{ "s390x", 4096, 64, 0xf9ebdacc0cb1e29c,
	  "PGD 63-53 P4D 52-42 PUD 41-31 PMD 30-20 PTE 19-12", { 1999, 758, 1432, 203, 30 }, 0x29c, -1 },
	{ "loongarch64", 16384, 47, 0xbecd7b03898d190,
	  "PGD 46-36 PMD 35-25 PTE 24-14", { 1403, 28, 611 }, 0x1190, 6105 },
	{ "loongarch64", 65536, 55, 0xdbc496cb8e81973e,
	  "PGD 54-42 PMD 41-29 PTE 28-16", { 4389, 5724, 3713 }, 0x973e, 439 },
};

enum { SPLITS = sizeof(splits) / sizeof(splits[0]) };

/* The row with so many address bits, by the facts that tell it apart. */
static const struct geometry *find(const char *arch, uint64_t page_size, unsigned int va_bits)
{
	struct geometry_facts f = { .arch = str_of(arch), .page_size = page_size, .highest = 4096 };

	if (strcmp(arch, "riscv64") == 0)
		f.mmu_bits = va_bits;
	else if (strcmp(arch, "x86_64") == 0)
		f.vmalloc_total = va_bits == 57 ? UINT64_C(13743895347199) << 10 :
						  UINT64_C(34359738367) << 10;
	else	/* the end of what such a program can map */
		f.highest = va_bits == 64 ? -UINT64_C(4096) : va_bits == 32 ? 0xbffff000 :
			    UINT64_C(1) << va_bits;
	return geometry_find(&f);
}

static void check_split(unsigned int row, const struct geometry *g)
{
	struct geometry_split s;
	struct buf levels;

	geometry_split(g, splits[row].address, &s);
	buf_init(&levels);
	for (unsigned int i = 0; i < s.levels; i++) {
		buf_printf(&levels, "%s%s %u-%u", i ? " " : "", geometry_level_name(g, i),
			   s.level[i].high, s.level[i].low);
		ck_assert_uint_eq(s.level[i].value, splits[row].index[i]);
	}
	ck_buf(&levels, splits[row].levels);
	buf_done(&levels);
	ck_assert_uint_eq(s.offset.value, splits[row].offset);
	ck_assert_uint_eq(s.offset.low, 0);
	ck_assert_uint_eq(UINT64_C(1) << (s.offset.high + 1), splits[row].page_size);
	ck_assert_int_eq(s.has_top, splits[row].top >= 0);
	if (s.has_top) {
		ck_assert_uint_eq(s.top.value, (uint64_t)splits[row].top);
		ck_assert_uint_eq(s.top.high, 63);
		ck_assert_uint_eq(s.top.low, splits[row].va_bits);
	}
}

START_TEST(test_splits)
{
	for (unsigned int i = 0; i < SPLITS; i++) {
		const struct geometry *g = find(splits[i].arch, splits[i].page_size,
						splits[i].va_bits);

		ck_assert_msg(g && g->va_bits == splits[i].va_bits, "%s, %u bits", splits[i].arch,
			      splits[i].va_bits);
		check_split(i, g);
	}
}
END_TEST

/* The parts of a split are all of the address, whatever it is. */
START_TEST(test_split_is_whole)
{
	uint64_t seed = 99;

	for (unsigned int i = 0; i < SPLITS; i++) {
		const struct geometry *g = find(splits[i].arch, splits[i].page_size,
						splits[i].va_bits);
		bool whole = true;

		for (int n = 0; n < 1000; n++) {
			uint64_t address = unit_random(&seed), sum;
			struct geometry_split s;

			if (splits[i].va_bits == 32)
				address &= UINT32_MAX;
			geometry_split(g, address, &s);
			sum = s.offset.value + (s.has_top ? s.top.value << s.top.low : 0);
			for (unsigned int k = 0; k < s.levels; k++)
				sum += s.level[k].value * geometry_span(g, k);
			whole = whole && sum == address;
		}
		ck_assert_msg(whole, "%s, %u bits", splits[i].arch, splits[i].va_bits);
	}
}
END_TEST

static const struct {
	const char *arch;
	uint64_t page_size;
	unsigned int va_bits, bits;
	uint64_t address;
	enum geometry_half half;
} halves[] = {
	{ "x86_64", 4096, 48, 64, 0, HALF_USER },
	{ "x86_64", 4096, 48, 64, 0x7fffffffffff, HALF_USER },
	{ "x86_64", 4096, 48, 64, 0x800000000000, HALF_NONE },
	{ "x86_64", 4096, 48, 64, 0xffff7fffffffffff, HALF_NONE },
	{ "x86_64", 4096, 48, 64, 0xffff800000000000, HALF_KERNEL },
	{ "x86_64", 4096, 48, 64, UINT64_MAX, HALF_KERNEL },
	{ "x86_64", 4096, 48, 0, 0x7fffffffffff, HALF_USER },
	{ "x86_64", 4096, 57, 64, 0xffffffffffffff, HALF_USER },
	{ "x86_64", 4096, 57, 64, 0x100000000000000, HALF_NONE },
	{ "x86_64", 4096, 57, 64, 0xff00000000000000, HALF_KERNEL },
	{ "x86_64", 4096, 57, 64, 0xfeffffffffffffff, HALF_NONE },
	/* a 32-bit program on a 64-bit kernel ends below 4 GiB, and has no kernel half */
	{ "x86_64", 4096, 48, 32, 0xffffdfff, HALF_USER },
	{ "x86_64", 4096, 48, 32, 0xffffe000, HALF_NONE },
	{ "x86_64", 4096, 48, 32, 0x100000000, HALF_NONE },
	{ "x86_64", 4096, 48, 32, 0xffff800000000000, HALF_NONE },
	{ "i686", 4096, 32, 32, 0xbfffffff, HALF_USER },
	{ "i686", 4096, 32, 32, 0xc0000000, HALF_KERNEL },
	{ "i686", 4096, 32, 32, 0xffffffff, HALF_KERNEL },
	{ "i686", 4096, 32, 32, 0x100000000, HALF_NONE },
	/* arm64 has all its bits in each half: two base registers instead of a sign bit */
	{ "aarch64", 4096, 48, 64, 0xffffffffffff, HALF_USER },
	{ "aarch64", 4096, 48, 64, 0x1000000000000, HALF_NONE },
	{ "aarch64", 4096, 48, 64, 0xb400ffff12345678, HALF_NONE },
	{ "aarch64", 4096, 48, 64, 0xffff000000000000, HALF_KERNEL },
	{ "aarch64", 65536, 52, 64, 0xfff0000000000000, HALF_KERNEL },
	{ "aarch64", 16384, 47, 32, 0xffffffff, HALF_USER },
	{ "aarch64", 16384, 47, 32, 0x100000000, HALF_NONE },
	{ "riscv64", 4096, 39, 64, 0x3fffffffff, HALF_USER },
	{ "riscv64", 4096, 39, 64, 0x4000000000, HALF_NONE },
	{ "riscv64", 4096, 39, 64, 0xffffffc000000000, HALF_KERNEL },
	/* the kernel of s390x is in another address space */
	{ "s390x", 4096, 42, 64, 0x3ffffffffff, HALF_USER },
	{ "s390x", 4096, 42, 64, 0x40000000000, HALF_NONE },
	{ "s390x", 4096, 64, 64, UINT64_MAX, HALF_USER },
	{ "ppc64le", 65536, 52, 64, 0xfffffffffffff, HALF_USER },
	{ "ppc64le", 65536, 52, 64, 0x10000000000000, HALF_NONE },
	{ "ppc64le", 65536, 52, 64, 0xc000000000000000, HALF_KERNEL },
};

START_TEST(test_halves)
{
	for (size_t i = 0; i < sizeof(halves) / sizeof(halves[0]); i++) {
		const struct geometry *g = find(halves[i].arch, halves[i].page_size,
						halves[i].va_bits);

		ck_assert_msg(geometry_half(g, halves[i].bits, halves[i].address) ==
			      halves[i].half, "%s %jx", halves[i].arch,
			      (uintmax_t)halves[i].address);
	}
}
END_TEST

static const struct {
	const char *arch;
	uint64_t page_size;
	unsigned int va_bits;
	uint64_t size;
	const char *level;
} leaves[] = {
	{ "x86_64", 4096, 48, 4096, "PTE" },
	{ "x86_64", 4096, 48, 2 << 20, "PMD" },
	{ "x86_64", 4096, 48, 1 << 30, "PUD" },
	{ "x86_64", 4096, 57, 1 << 30, "PUD" },
	{ "aarch64", 4096, 48, 65536, "PTE" },		/* 16 entries in a row */
	{ "aarch64", 4096, 48, 32 << 20, "PMD" },	/* likewise */
	{ "aarch64", 16384, 47, 32 << 20, "PMD" },
	{ "aarch64", 65536, 42, 512 << 20, "PGD" },
	{ "aarch64", 65536, 48, 2 << 20, "PTE" },
	{ "riscv64", 4096, 39, 1 << 30, "PGD" },
	{ "s390x", 4096, 42, 1 << 20, "PMD" },
	{ "s390x", 4096, 42, UINT64_C(2) << 30, "PGD" },
	{ "i686", 4096, 32, 2 << 20, "PMD" },
	{ "ppc64le", 65536, 52, 2 << 20, "PMD" },
};

START_TEST(test_leaves)
{
	for (size_t i = 0; i < sizeof(leaves) / sizeof(leaves[0]); i++) {
		const struct geometry *g = find(leaves[i].arch, leaves[i].page_size,
						leaves[i].va_bits);

		ck_assert_str_eq(geometry_level_name(g, geometry_leaf_level(g, leaves[i].size)),
				 leaves[i].level);
	}
	ck_assert_uint_eq(geometry_pmd_size(find("x86_64", 4096, 57)), 2 << 20);
	ck_assert_uint_eq(geometry_pmd_size(find("aarch64", 16384, 47)), 32 << 20);
	ck_assert_uint_eq(geometry_pmd_size(find("aarch64", 65536, 48)), 512 << 20);
	ck_assert_uint_eq(geometry_pmd_size(find("s390x", 4096, 53)), 1 << 20);
}
END_TEST

/* From the row that fits the mappings to the one that fits what pagemap can tell of. */
START_TEST(test_larger)
{
	const struct geometry *g = find("aarch64", 4096, 39);

	g = geometry_larger(g);
	ck_assert_uint_eq(g->va_bits, 48);
	g = geometry_larger(g);
	ck_assert_uint_eq(g->va_bits, 52);
	ck_assert_uint_eq(g->levels, 5);
	ck_assert_ptr_null(geometry_larger(g));
	ck_assert_ptr_null(geometry_larger(find("aarch64", 16384, 52)));
	ck_assert_ptr_null(geometry_larger(find("i686", 4096, 32)));
	ck_assert_uint_eq(geometry_larger(find("s390x", 4096, 42))->va_bits, 53);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("geometry");

	UNIT_CASE(suite, "splits", test_splits, test_split_is_whole);
	UNIT_CASE(suite, "halves", test_halves);
	UNIT_CASE(suite, "leaves", test_leaves, test_larger);
	return unit_run(suite);
}
