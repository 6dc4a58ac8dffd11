/* SPDX-License-Identifier: GPL-3.0-or-later */
/* iomem: as kernels write it, hidden, nested, and damaged; and what of it is RAM. */
#include "config.h"

#include "proc/iomem.h"

#include <inttypes.h>

#include "model/ram.h"
#include "unit.h"

/* Linux 6.18, a virtual machine of 24 GiB; devices left out. */
static const char vm[] =
	"00000000-00000fff : Reserved\n"
	"00001000-0009fbff : System RAM\n"
	"0009fc00-000fffff : Reserved\n"
	"  000f0000-000fffff : System ROM\n"
	"00100000-bfffffff : System RAM\n"
	"  01000000-02276507 : Kernel code\n"
	"  02400000-02e0cfff : Kernel rodata\n"
	"  03000000-0327c17f : Kernel data\n"
	"  03b32000-03c55fff : Kernel bss\n"
	"c0001000-eebfffff : PCI Bus 0000:00\n"
	"eec00000-febfffff : Reserved\n"
	"  eec00000-eecfffff : PCI ECAM 0000 [bus 00-00]\n"
	"    eec00000-eecfffff : PCI Bus 0000:00\n"
	"fec00000-fec003ff : IOAPIC 0\n"
	"100000000-63fffffff : System RAM\n";

static void parse(const char *text, iomem_list *out)
{
	*out = (iomem_list){ 0 };
	ck_assert_int_eq(iomem_parse(text, strlen(text), out), 0);
}

START_TEST(test_ranges)
{
	iomem_list list;
	size_t ram = 0;

	parse(vm, &list);
	ck_assert_uint_eq(list.n, 15);
	ck_assert(!iomem_is_hidden(&list));
	ck_assert_uint_eq(list.v[1].start, 0x1000);
	ck_assert_uint_eq(list.v[1].last, 0x9fbff);
	ck_assert_uint_eq(list.v[1].depth, 0);
	ck_str(list.v[1].name, "System RAM");
	ck_assert_uint_eq(list.v[5].depth, 1);
	ck_str(list.v[5].name, "Kernel code");
	ck_assert_uint_eq(list.v[12].depth, 2);
	ck_str(list.v[11].name, "PCI ECAM 0000 [bus 00-00]");
	ck_assert_uint_eq(list.v[14].last, UINT64_C(0x63fffffff));
	for (size_t i = 0; i < list.n; i++)
		ram += iomem_is_ram(&list.v[i]);
	ck_assert_uint_eq(ram, 3);
	vec_done(&list);
}
END_TEST

/* What anybody without CAP_SYS_ADMIN reads. */
START_TEST(test_hidden)
{
	iomem_list list;

	parse("00000000-00000000 : Reserved\n00000000-00000000 : System RAM\n"
	      "  00000000-00000000 : Kernel code\n", &list);
	ck_assert_uint_eq(list.n, 3);
	ck_assert(iomem_is_hidden(&list));
	vec_done(&list);
	parse("", &list);
	ck_assert(!iomem_is_hidden(&list));
}
END_TEST

/* Names as drivers/virtio/virtio_mem.c and drivers/dax/kmem.c form them; typed, not captured. */
START_TEST(test_ram_names)
{
	iomem_list list;

	parse("100000000-1ffffffff : virtio0\n"
	      "  140000000-147ffffff : System RAM (virtio_mem)\n"
	      "200000000-2ffffffff : Persistent Memory\n"
	      "  200000000-2ffffffff : dax0.0\n"
	      "    200000000-2ffffffff : System RAM (kmem)\n"
	      "300000000-3ffffffff : System RAMdisk\n"
	      "400000000-4ffffffff : my System RAM\n", &list);
	ck_assert_uint_eq(list.n, 7);
	for (size_t i = 0; i < list.n; i++)
		ck_assert_int_eq(iomem_is_ram(&list.v[i]), i == 1 || i == 4);
	vec_done(&list);
}
END_TEST

START_TEST(test_damaged)
{
	static const char *const bad[] = {
		"", "\n", " : x\n", "00000000 : x\n", "0-: x\n", "10-0f : x\n", "0-1: x\n",
		"0-1 :x\n", "-1 : x\n", "0-11112222333344445 : x\n", "x0-1 : x\n",
	};
	iomem_list list;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		parse(bad[i], &list);
		ck_assert_msg(list.n == 0, "'%s'", bad[i]);
	}
	/* what is good between is taken; a name may be anything, and the last newline missing */
	parse("garbage\n0-ffffffffffffffff : \033[31m : x\nmore\n  1-2 : ", &list);
	ck_assert_uint_eq(list.n, 2);
	ck_assert_uint_eq(list.v[0].last, UINT64_MAX);
	ck_str(list.v[0].name, "\033[31m : x");
	ck_str(list.v[1].name, "");
	vec_done(&list);
}
END_TEST

/* Only pages that are RAM as a whole are frames: the zones of that machine had 3998, 782336 and
 * 5505024 pages present. */
START_TEST(test_whole_frames)
{
	static const uint64_t want[][2] = {
		{ 0x1, 0x9f }, { 0x100, 0xc0000 }, { 0x100000, 0x640000 },
	};
	ram_list ram = { 0 };
	iomem_list list;

	parse(vm, &list);
	ck_assert_int_eq(ram_add_iomem(&ram, &list, 4096), 0);
	ram_sort(&ram);
	ck_assert_uint_eq(ram.n, 3);
	for (size_t i = 0; i < ram.n; i++) {
		ck_assert_uint_eq(ram.v[i].start, want[i][0]);
		ck_assert_uint_eq(ram.v[i].end, want[i][1]);
	}
	ck_assert_uint_eq(0x9f - 1 + 0xc0000 - 0x100 + 0x640000 - 0x100000,
			  3998 + 782336 + 5505024);
	vec_done(&ram);
	vec_done(&list);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("iomem");

	UNIT_CASE(suite, "parse", test_ranges, test_hidden, test_ram_names, test_damaged);
	UNIT_CASE(suite, "ram", test_whole_frames);
	return unit_run(suite);
}
