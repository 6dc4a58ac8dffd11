/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the parts of the kernel lie: kallsyms, kcore and iomem of a kernel with KASLR and five levels
 * (Debian's 6.12.117 in qemu), and what is left of the documented places. */
#include "config.h"

#include "model/kernel_half.h"

#include <elf.h>
#include <errno.h>
#include <inttypes.h>

#include "unit.h"

static const char symbols[] =
	"0000000000000000 A fixed_percpu_data\n"
	"ffffffff92200000 T startup_64\n"
	"ffffffff92200000 T _stext\n"
	"ffffffff92200000 T _text\n"
	"ffffffff93200000 T _etext\n"
	"ffffffff93200000 D __start_rodata\n"
	"ffffffff93ca8000 D __end_rodata\n"
	"ffffffff93e00000 D _sdata\n"
	"ffffffff94072c80 D _edata\n"
	"ffffffff948d6000 B __bss_start\n"
	"ffffffff94e00000 B __bss_stop\n"
	"ffffffffc0001000 t _text\t[virtio]\n";

static const char iomem[] =
	"00100000-bffdffff : System RAM\n"
	"  22e00000-23dfffff : Kernel code\n"
	"  23e00000-248a7fff : Kernel rodata\n"
	"  24a00000-24c72c7f : Kernel data\n"
	"  254d6000-259fffff : Kernel bss\n";

/* Start, physical address, size of its load segments, in their order. */
static const uint64_t loads[][3] = {
	{ 0xffffffff92200000, 0x22e00000, 0x2c30000 },
	{ 0xff44969800000000, UINT64_MAX, 0x31ffffffffffff },
	{ 0xffffffffc0000000, UINT64_MAX, 0x3f000000 },
	{ 0xff1209c300001000, 0x1000, 0x9e000 },
	{ 0xffea242140000000, UINT64_MAX, 0x3000 },
	{ 0xff1209c300100000, 0x100000, 0xbfee0000 },
	{ 0xffea242140004000, UINT64_MAX, 0x2ffc000 },
	{ 0xff1209c400000000, 0x100000000, 0x40000000 },
	{ 0xffea242144000000, UINT64_MAX, 0x1000000 },
};
enum { LOADS = sizeof(loads) / sizeof(*loads) };

struct image {
	Elf64_Ehdr h;
	Elf64_Phdr p[LOADS + 1];
};

static struct image make_image(void)
{
	struct image i = { .h = {
		.e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB },
		.e_phoff = sizeof(Elf64_Ehdr), .e_phentsize = sizeof(Elf64_Phdr),
		.e_phnum = LOADS + 1,
	} };

	if (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__)
		i.h.e_ident[EI_DATA] = ELFDATA2MSB;
	i.p[0] = (Elf64_Phdr){ .p_type = PT_NOTE, .p_memsz = 12 };
	for (unsigned int k = 0; k < LOADS; k++)
		i.p[k + 1] = (Elf64_Phdr){ .p_type = PT_LOAD, .p_vaddr = loads[k][0],
					   .p_paddr = loads[k][1], .p_memsz = loads[k][2] };
	return i;
}

static struct kernel_places make_places(bool with_symbols, bool with_kcore, bool with_iomem)
{
	struct image image = make_image();
	struct kernel_places p = { 0 };

	buf_init(&p.iomem_text);
	if (with_symbols)
		kallsyms_parse(symbols, strlen(symbols), &p.symbols);
	if (with_kcore)
		ck_assert_int_eq(kcore_parse(&image, sizeof(image), &p.segments), 0);
	if (with_iomem)
		ck_assert_int_eq(iomem_parse(iomem, strlen(iomem), &p.iomem), 0);
	return p;
}

static const struct geometry *five_levels(void)
{
	const struct geometry *g = geometry_find(&(struct geometry_facts){
		.arch = STR("x86_64"), .page_size = 4096, .highest = UINT64_C(1) << 50 });

	ck_assert_ptr_nonnull(g);
	return g;
}

/* In order, apart; each real part there at its place. */
static void expect(const struct kernel_places *places, const struct kernel_part *want, size_t n_want)
{
	struct kernel_part part[KERNEL_PARTS];
	unsigned int n = kernel_half_make(five_levels(), places, part), found = 0, real = 0;

	for (unsigned int i = 0; i < n; i++) {
		ck_assert_uint_le(part[i].start, part[i].last);
		ck_assert(i == 0 || part[i - 1].last < part[i].start);
		real += !part[i].nominal;
		for (size_t k = 0; k < n_want; k++)
			found += part[i].start == want[k].start && part[i].last == want[k].last &&
				 strcmp(part[i].name, want[k].name) == 0 &&
				 part[i].nominal == want[k].nominal;
	}
	ck_assert_uint_eq(found, n_want);
	for (size_t k = 0; k < n_want; k++)
		real -= !want[k].nominal;
	ck_assert_uint_eq(real, 0);
}

#define EXPECT(places, ...) do { \
		const struct kernel_part want_[] = { __VA_ARGS__ }; \
		expect((places), want_, sizeof(want_) / sizeof(*want_)); \
	} while (0)

#define IMAGE \
	{ 0xffffffff92200000, 0xffffffff931fffff, "kernel text", false }, \
	{ 0xffffffff93200000, 0xffffffff93ca7fff, "kernel rodata", false }, \
	{ 0xffffffff93ca8000, 0xffffffff93dfffff, "rest of the image", false }, \
	{ 0xffffffff93e00000, 0xffffffff94072c7f, "kernel data", false }, \
	{ 0xffffffff94072c80, 0xffffffff948d5fff, "rest of the image", false }, \
	{ 0xffffffff948d6000, 0xffffffff94dfffff, "kernel bss", false }

#define SEGMENTS \
	{ 0xff1209c300001000, 0xff1209c43fffffff, "direct map of all RAM", false }, \
	{ 0xff44969800000000, 0xff769697ffffffff, "vmalloc, ioremap", false }, \
	{ 0xffea242140000000, 0xffea242144ffffff, "vmemmap: struct pages", false }, \
	{ 0xffffffffc0000000, 0xfffffffffeffffff, "modules", false }

START_TEST(test_all)
{
	for (int with_iomem = 0; with_iomem <= 1; with_iomem++) {
		struct kernel_places p = make_places(true, true, with_iomem);

		EXPECT(&p, IMAGE, SEGMENTS,
		       { 0xff10000000000000, 0xff10ffffffffffff, "LDT remap", true },
		       { 0xffffffffff600000, 0xffffffffff600fff, "vsyscall", true });
		kernel_places_done(&p);
	}
}
END_TEST

START_TEST(test_some)
{
	struct kernel_places p = make_places(true, false, false);

	EXPECT(&p, IMAGE,
	       { 0xff11000000000000, 0xff90ffffffffffff, "direct map of all RAM", true },
	       { 0xffa0000000000000, 0xffd1ffffffffffff, "vmalloc, ioremap", true },
	       { 0xffdf000000000000, 0xfffffbffffffffff, "KASAN shadow, if built", true });
	kernel_places_done(&p);

	/* no symbols: iomem's physical addresses say nothing; kcore has the image in one */
	p = make_places(false, true, true);
	EXPECT(&p, SEGMENTS, { 0xffffffff92200000, 0xffffffff94e2ffff, "kernel text and data", false });
	kernel_places_done(&p);

	p = make_places(false, false, true);
	EXPECT(&p, { 0xffffffff80000000, 0xffffffff9fffffff, "kernel text and data", true });
	kernel_places_done(&p);
	EXPECT(NULL, { 0xffffffff80000000, 0xffffffff9fffffff, "kernel text and data", true });
}
END_TEST

/* The image within what is documented as vmalloc's area: that is drawn around it. */
START_TEST(test_within)
{
	static const char text[] = "ffffa00008010000 T _text\nffffa00008ff0000 T _etext\n";
	const struct geometry *g = geometry_find(&(struct geometry_facts){
		.arch = STR("aarch64"), .page_size = 4096, .highest = UINT64_C(1) << 40 });
	struct kernel_part part[KERNEL_PARTS];
	struct kernel_places p = { 0 };
	unsigned int n, at = 0;

	ck_assert_ptr_nonnull(g);
	kallsyms_parse(text, strlen(text), &p.symbols);
	n = kernel_half_make(g, &p, part);
	while (at < n && part[at].nominal)
		at++;
	ck_assert_uint_lt(at + 1, n);
	ck_assert_uint_gt(at, 0);
	ck_assert_str_eq(part[at].name, "kernel text");
	ck_assert_str_eq(part[at - 1].name, "kernel image, vmalloc");
	ck_assert_str_eq(part[at + 1].name, "kernel image, vmalloc");
	ck_assert_uint_eq(part[at - 1].last + 1, part[at].start);
	ck_assert_uint_eq(part[at].last + 1, part[at + 1].start);
	ck_assert_uint_eq(part[at].start, UINT64_C(0xffffa00008010000));
}
END_TEST

/* As everybody without CAP_SYSLOG reads it. */
START_TEST(test_hidden)
{
	struct kernel_symbols s = { 0 };
	char hidden[sizeof(symbols)];
	bool address = true;

	memcpy(hidden, symbols, sizeof(symbols));
	for (char *c = hidden; *c; c++) {
		address = *c == '\n' || (address && *c != ' ');
		if (address && *c != '\n')
			*c = '0';
	}
	kallsyms_parse(hidden, strlen(hidden), &s);
	ck_assert_uint_eq(s.valid, 0);
}
END_TEST

START_TEST(test_no_kcore)
{
	struct image image = make_image();
	kcore_list list = { 0 };

	for (size_t len = 0; len < sizeof(image); len++) {
		size_t whole = len < sizeof(image.h) ? 0 :
			       (len - sizeof(image.h)) / sizeof(image.p[0]);

		ck_assert_int_eq(kcore_parse(&image, len, &list), len < sizeof(image.h) ? -EBADMSG : 0);
		ck_assert_uint_eq(list.n, whole ? whole - 1 : 0);
		list.n = 0;
	}
	image.h.e_ident[EI_CLASS] = ELFCLASS32;
	ck_assert_int_eq(kcore_parse(&image, sizeof(image), &list), -EBADMSG);
	image = make_image();
	image.h.e_phoff = UINT64_MAX - 7;
	ck_assert_int_eq(kcore_parse(&image, sizeof(image), &list), 0);
	ck_assert_uint_eq(list.n, 0);
	vec_done(&list);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("kernel half");

	UNIT_CASE(s, "places", test_all, test_some, test_within);
	UNIT_CASE(s, "files", test_hidden, test_no_kcore);
	return unit_run(s);
}
