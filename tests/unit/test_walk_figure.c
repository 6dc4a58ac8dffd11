/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The figure of a page-table walk, as it should look. */
#include "config.h"

#include "report/walk_figure.h"

#include "unit.h"

/* The numbers in these were worked out apart from the program; how it looks was judged by eye. */
static const char x86_64_4[] =
	"   63            48 47     39 38     30 29     21 20     12 11         0\n"
	"  ┌────────────────┬─────────┬─────────┬─────────┬─────────┬────────────┐\n"
	"  │copies of bit 47│   PGD   │   PUD   │   PMD   │   PTE   │   offset   │\n"
	"  │0000000000000000│011111110│010101010│010001111│001000001│001000110100│\n"
	"  └────────────────┴────┬────┴────┬────┴────┬────┴────┬────┴──────┬─────┘\n"
	"   Intel              PML4      PDPT       PD        PT\n"
	"   index               254       170       143       65          564\n"
	"   hex                0xfe      0xaa      0x8f      0x41        0x234\n"
	"   covers             512G       1G        2M        4K        1 byte\n"
	"  CR3                   │         │         │         │           │\n"
	"   └► PGD ──────────────┘         │         │         │           │\n"
	"      └► PUD ─────────────────────┘         │         │           │\n"
	"         └► PMD ────────────────────────────┘         │           │\n"
	"            └► PTE ───────────────────────────────────┘           │\n"
	"               └► frame 0x1a2b3 ──────────────────────────────────┘\n"
	"                  └► physical address 0x1a2b3234\n";

static const char x86_64_huge[] =
	"   63            48 47     39 38     30 29     21 20                  0\n"
	"  ┌────────────────┬─────────┬─────────┬─────────┬─────────────────────┐\n"
	"  │copies of bit 47│   PGD   │   PUD   │   PMD   │       offset        │\n"
	"  │0000000000000000│011111110│010101010│010001111│001000001001000110100│\n"
	"  └────────────────┴────┬────┴────┬────┴────┬────┴──────────┬──────────┘\n"
	"   Intel              PML4      PDPT       PD\n"
	"   index               254       170       143           266804\n"
	"   hex                0xfe      0xaa      0x8f           0x41234\n"
	"   covers             512G       1G        2M            1 byte\n"
	"  CR3                   │         │         │               │\n"
	"   └► PGD ──────────────┘         │         │               │\n"
	"      └► PUD ─────────────────────┘         │               │\n"
	"         └► PMD ────────────────────────────┘               │\n"
	"            └► frame 0x1a2b3 ───────────────────────────────┘\n"
	"               └► physical address 0x1a2b3234\n";

static const char x86_64_5[] =
	"   63   57 56     48 47     39 38     30 29     21 20     12 11         0\n"
	"  ┌───────┬─────────┬─────────┬─────────┬─────────┬─────────┬────────────┐\n"
	"  │ sign  │   PGD   │   P4D   │   PUD   │   PMD   │   PTE   │   offset   │\n"
	"  │0000000│000000000│011111110│010101010│010001111│001000001│001000110100│\n"
	"  └───────┴────┬────┴────┬────┴────┬────┴────┬────┴────┬────┴──────┬─────┘\n"
	"   Intel     PML5      PML4      PDPT       PD        PT\n"
	"   index       0        254       170       143       65          564\n"
	"   hex        0x0      0xfe      0xaa      0x8f      0x41        0x234\n"
	"   covers    256T      512G       1G        2M        4K        1 byte\n"
	"  CR3          │         │         │         │         │           │\n"
	"   └► PGD ─────┘         │         │         │         │           │\n"
	"      └► P4D ────────────┘         │         │         │           │\n"
	"         └► PUD ───────────────────┘         │         │           │\n"
	"            └► PMD ──────────────────────────┘         │           │\n"
	"               └► PTE ─────────────────────────────────┘           │\n"
	"                  └► frame 0x1a2b3 ────────────────────────────────┘\n"
	"                     └► physical address 0x1a2b3234\n";

static const char arm64_16k[] =
	"   63            48  47   46       36 35       25 24       14 13           0\n"
	"  ┌────────────────┬─────┬───────────┬───────────┬───────────┬──────────────┐\n"
	"  │ not translated │ PGD │    PUD    │    PMD    │    PTE    │    offset    │\n"
	"  │0000000000000000│  1  │11111111111│11111001000│11110010000│01001000110100│\n"
	"  └────────────────┴──┬──┴─────┬─────┴─────┬─────┴─────┬─────┴───────┬──────┘\n"
	"   index              1      2047        1992        1936          4660\n"
	"   hex               0x1     0x7ff       0x7c8       0x790        0x1234\n"
	"   covers           128T      64G         32M         16K         1 byte\n"
	"  TTBR0               │        │           │           │             │\n"
	"   └► PGD ────────────┘        │           │           │             │\n"
	"      └► PUD ──────────────────┘           │           │             │\n"
	"         └► PMD ───────────────────────────┘           │             │\n"
	"            └► PTE ────────────────────────────────────┘             │\n"
	"               └► frame 0x1a2b3 ─────────────────────────────────────┘\n"
	"                  └► physical address 0x1a2b3234\n";

static const char arm64_64k_ascii[] =
	"   63            48 47  42 41         29 28         16 15             0\n"
	"  +----------------+------+-------------+-------------+----------------+\n"
	"  | not translated | PGD  |     PMD     |     PTE     |     offset     |\n"
	"  |0000000000000000|111111|1111111111100|1000111100100|0001001000110100|\n"
	"  +----------------+---+--+------+------+------+------+--------+-------+\n"
	"   index              63       8188          4580            4660\n"
	"   hex               0x3f     0x1ffc        0x11e4          0x1234\n"
	"   covers             4T       512M           64K           1 byte\n"
	"  TTBR0                |         |             |               |\n"
	"   +> PGD -------------+         |             |               |\n"
	"      +> PMD --------------------+             |               |\n"
	"         +> PTE -------------------------------+               |\n"
	"            +> frame 0x1a2b3 ----------------------------------+\n"
	"               +> physical address 0x1a2b3234\n";

static const char sv39[] =
	"   63                     39 38     30 29     21 20     12 11         0\n"
	"  ┌─────────────────────────┬─────────┬─────────┬─────────┬────────────┐\n"
	"  │    copies of bit 38     │   PGD   │   PMD   │   PTE   │   offset   │\n"
	"  │0000000000000000000000000│011111110│010001111│001000001│001000110100│\n"
	"  └─────────────────────────┴────┬────┴────┬────┴────┬────┴──────┬─────┘\n"
	"   index                        254       143       65          564\n"
	"   hex                         0xfe      0x8f      0x41        0x234\n"
	"   covers                       1G        2M        4K        1 byte\n"
	"  satp                           │         │         │           │\n"
	"   └► PGD ───────────────────────┘         │         │           │\n"
	"      └► PMD ──────────────────────────────┘         │           │\n"
	"         └► PTE ─────────────────────────────────────┘           │\n"
	"            └► frame 0x1a2b3 ────────────────────────────────────┘\n"
	"               └► physical address 0x1a2b3234\n";

static const char i686[] =
	"         31 30 29     21 20     12 11         0\n"
	"        ┌─────┬─────────┬─────────┬────────────┐\n"
	"        │ PGD │   PMD   │   PTE   │   offset   │\n"
	"        │ 10  │110111111│101000001│001000110100│\n"
	"        └──┬──┴────┬────┴────┬────┴──────┬─────┘\n"
	"  Intel  PDPT     PD        PT\n"
	"  index    2      447       321         564\n"
	"  hex     0x2    0x1bf     0x141       0x234\n"
	"  covers  1G      2M        4K        1 byte\n"
	"  CR3      │       │         │           │\n"
	"   └► PGD ─┘       │         │           │\n"
	"      └► PMD ──────┘         │           │\n"
	"         └► PTE ─────────────┘           │\n"
	"            └► frame 0x1a2b3 ────────────┘\n"
	"               └► physical address 0x1a2b3234\n";

static const struct {
	const char *arch;
	uint64_t page_size, vmalloc_total, highest;
	unsigned int mmu_bits;
	uint64_t address;
	unsigned int leaf;
	bool ascii;
	const char *want;
} figures[] = {
	{ "x86_64", 4096, 0, 0, 0, 0x7f2a91e41234, 3, false, x86_64_4 },
	{ "x86_64", 4096, 0, 0, 0, 0x7f2a91e41234, 2, false, x86_64_huge },
	{ "x86_64", 4096, UINT64_C(13743895347199) << 10, 0, 0, 0x7f2a91e41234, 4, false, x86_64_5 },
	{ "aarch64", 16384, 0, 0x800000000001, 0, 0xffff91e41234, 3, false, arm64_16k },
	{ "aarch64", 65536, 0, 0x800000000001, 0, 0xffff91e41234, 2, true, arm64_64k_ascii },
	{ "riscv64", 4096, 0, 0, 39, 0x3f91e41234, 2, false, sv39 },
	{ "i686", 4096, 0, 1, 0, 0xb7f41234, 2, false, i686 },
};

enum { FIGURES = sizeof(figures) / sizeof(figures[0]) };

static const struct geometry *geometry_of(unsigned int i)
{
	struct geometry_facts facts = {
		.arch = str_of(figures[i].arch), .page_size = figures[i].page_size,
		.vmalloc_total = figures[i].vmalloc_total, .highest = figures[i].highest,
		.mmu_bits = figures[i].mmu_bits,
	};

	return geometry_find(&facts);
}

static void draw(struct buf *b, unsigned int i, size_t width, struct walk_figure *f)
{
	struct style style = { .utf8 = !figures[i].ascii, .width = width, .picture_width = 80 };

	f->geometry = geometry_of(i);
	f->address = figures[i].address;
	f->leaf_level = figures[i].leaf;
	buf_init(b);
	walk_figure_put(b, &style, f);
}

START_TEST(test_golden)
{
	for (unsigned int i = 0; i < FIGURES; i++) {
		struct walk_figure f = { .walk = true, .end = "frame 0x1a2b3", .reaches = true,
					 .after = "physical address 0x1a2b3234" };
		struct buf b;

		draw(&b, i, 0, &f);
		ck_buf(&b, figures[i].want);
		buf_done(&b);
	}
}
END_TEST

/* A whole line of a text, without its newline. */
static struct str line_of(const struct buf *b, unsigned int number)
{
	const char *p = b->data, *end = b->data + b->len, *nl;

	while (number-- > 0)
		p = (const char *)memchr(p, '\n', (size_t)(end - p)) + 1;
	nl = memchr(p, '\n', (size_t)(end - p));
	ck_assert_ptr_nonnull(nl);
	return (struct str){ p, (size_t)(nl - p) };
}

/* Every geometry there is: no line is wider than 80 columns, the digits are the address. */
START_TEST(test_all)
{
	static const struct {
		const char *arch;
		uint64_t page_size;
	} all[] = {
		{ "x86_64", 4096 }, { "i686", 4096 }, { "aarch64", 4096 }, { "aarch64", 16384 },
		{ "aarch64", 65536 }, { "riscv64", 4096 }, { "ppc64le", 4096 },
		{ "ppc64le", 65536 }, { "s390x", 4096 }, { "loongarch64", 4096 },
		{ "loongarch64", 16384 }, { "loongarch64", 65536 },
	};
	unsigned int drawn = 0;

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		struct geometry_facts facts = { .arch = str_of(all[i].arch),
			.page_size = all[i].page_size, .highest = 4096 };
		const struct geometry *g = geometry_find(&facts);

		for (; g; g = geometry_larger(g)) {
			struct walk_figure f = { .geometry = g, .address = 0x93bd04cf0fd630f1,
				.leaf_level = g->levels, .walk = true, .end = "4K page, frame 0x1",
				.reaches = true };
			struct style style = { .utf8 = true, .width = 80 };
			unsigned int bits = g->va_bits == 32 ? 32 : 64, n = 0;
			struct buf b;
			struct str line;
			uint64_t v = 0;

			buf_init(&b);
			walk_figure_put(&b, &style, &f);
			for (size_t at = 0; at < b.len; at++)
				n += b.data[at] == '\n';
			ck_assert_uint_eq(n, 8 + (geometry_manual_name(g, 0) != NULL) + 1 + g->levels + 1);
			for (unsigned int k = 0; k < n; k++)
				ck_assert_uint_le(text_width(line_of(&b, k), TEXT_UTF8), 80);
			line = line_of(&b, 3);
			for (size_t at = 0, seen = 0; at < line.len; at++)
				if (line.p[at] == '0' || line.p[at] == '1') {
					v = v << 1 | (line.p[at] == '1');
					ck_assert_uint_le(++seen, bits);
				}
			ck_assert_uint_eq(v, bits == 32 ? f.address & UINT32_MAX : f.address);
			buf_done(&b);
			drawn++;
		}
	}
	ck_assert_uint_ge(drawn, 20);
}
END_TEST

/* Where the walk ends in nothing, and where there is none. */
START_TEST(test_without_frame)
{
	struct walk_figure f = { .walk = true, .end = "no frame" };
	struct buf b;
	struct str line;

	draw(&b, 0, 80, &f);
	line = line_of(&b, 14);
	ck_str(line, "               └► no frame");
	ck_assert_uint_eq((size_t)(line.p + line.len + 1 - b.data), b.len);
	buf_done(&b);
	f.walk = false;
	draw(&b, 0, 80, &f);
	ck_str(line_of(&b, 4),
	       "  └────────────────┴─────────┴─────────┴─────────┴─────────┴────────────┘");
	line = line_of(&b, 8);
	ck_assert_uint_eq((size_t)(line.p + line.len + 1 - b.data), b.len);
	buf_done(&b);
}
END_TEST

START_TEST(test_narrow)
{
	struct walk_figure f = { .walk = true, .end = "frame 0x1a2b3", .reaches = true };
	struct buf b;

	draw(&b, 6, 40, &f);
	ck_buf(&b, "  PGD    bits 31-30: 2 (0x2), an entry covers 1G\n"
		   "  PMD    bits 29-21: 447 (0x1bf), an entry covers 2M\n"
		   "  PTE    bits 20-12: 321 (0x141), an entry covers 4K\n"
		   "  offset bits 11-0: 564 (0x234)\n"
		   "  leads to: frame 0x1a2b3\n");
	buf_done(&b);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("walk_figure");

	UNIT_CASE(suite, "figure", test_golden, test_all, test_without_frame, test_narrow);
	return unit_run(suite);
}
