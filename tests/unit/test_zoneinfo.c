/* SPDX-License-Identifier: GPL-3.0-or-later */
/* zoneinfo of several kernels, and the zone of a frame. */
#include "config.h"

#include "proc/zoneinfo.h"

#include <stdio.h>

#include "unit.h"

struct known {
	const char *tree;
	size_t n;
	struct zone zone[3];
};

/* Taken from the files by awk. */
static const struct known known[] = {
	{ "x86_64-5.10", 2, {
		{ 0, "DMA", 1, 4095, 3998, 3977, 3945, 23, 28, 33, false },
		{ 0, "DMA32", 4096, 126944, 126944, 117747, 101113, 665, 831, 997, false } } },
	{ "x86_64-6.12", 2, {
		{ 0, "DMA", 1, 4095, 3998, 3840, 3808, 22, 27, 32, false },
		{ 0, "DMA32", 4096, 126944, 126944, 115101, 97669, 658, 822, 986, false } } },
	{ "x86_64-6.18-small", 3, {
		{ 0, "DMA", 1, 4095, 3998, 3840, 3840, 60, 75, 90, false },
		{ 0, "DMA32", 4096, 1044480, 782336, 772808, 772808, 12185, 15231, 18277, false },
		{ 0, "Normal", 1048576, 5505024, 5505024, 294912, 57982, 4650, 5812, 6974,
		  false } } },
	{ "x86_64-numa2", 3, {
		{ 0, "DMA", 1, 4095, 3998, 3840, 3808, 22, 27, 32, false },
		{ 0, "DMA32", 4096, 61440, 61440, 60304, 53343, 353, 441, 529, false },
		{ 1, "DMA32", 65536, 65504, 65504, 54945, 48413, 305, 381, 457, false } } },
	{ "arm64-6.12-16k", 1, {
		{ 0, "DMA", 65536, 65536, 65536, 62767, 43282, 3082, 3852, 4622, false } } },
	{ "x86_64-7.2", 2, {
		{ 0, "DMA", 1, 4095, 3998, 3840, 3808, 22, 27, 32, false },
		{ 0, "DMA32", 4096, 126944, 126944, 114137, 94427, 654, 817, 980, false } } },
};

static void read_tree(const char *tree, struct buf *text)
{
	const char *top = getenv("top_srcdir");
	char path[512];
	FILE *file;

	snprintf(path, sizeof(path), "%s/tests/golden/%s/proc/zoneinfo", top ? top : ".", tree);
	file = fopen(path, "r");
	ck_assert_msg(file != NULL, "%s", path);
	for (int c; (c = getc(file)) != EOF;)
		buf_putc(text, (char)c);
	fclose(file);
}

static bool zone_is(const struct zone *a, const struct zone *b)
{
	return a->node == b->node && strcmp(a->name, b->name) == 0 &&
	       a->start_pfn == b->start_pfn && a->spanned == b->spanned &&
	       a->present == b->present && a->managed == b->managed && a->free == b->free &&
	       a->min == b->min && a->low == b->low && a->high == b->high;
}

START_TEST(test_trees)
{
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		zone_list zones = { 0 };
		struct buf text;

		buf_init(&text);
		read_tree(known[i].tree, &text);
		ck_assert_int_eq(zoneinfo_parse(text.data, text.len, &zones), 0);
		ck_assert_msg(zones.n == known[i].n, "%s: %zu zones", known[i].tree, zones.n);
		for (size_t k = 0; k < zones.n; k++)
			ck_assert_msg(zone_is(&zones.v[k], &known[i].zone[k]) &&
				      !zones.v[k].overlaps, "%s: zone %zu", known[i].tree, k);
		vec_done(&zones);
		buf_done(&text);
	}
}
END_TEST

/* Wherever the text ends: no more zones than there are, and only the last can lack something. */
START_TEST(test_cut)
{
	struct buf text;

	buf_init(&text);
	read_tree("x86_64-numa2", &text);
	for (size_t n = 0; n < text.len; n += n < 6000 ? 1 : 37) {
		zone_list zones = { 0 };
		char *copy = malloc(n ? n : 1);

		memcpy(copy, text.data, n);
		if (zoneinfo_parse(copy, n, &zones) != 0 || zones.n > 3)
			ck_abort_msg("cut at %zu: %zu zones", n, zones.n);
		for (size_t k = 0; k + 1 < zones.n; k++)
			if (!zone_is(&zones.v[k], &known[3].zone[k]))
				ck_abort_msg("cut at %zu: zone %zu", n, k);
		vec_done(&zones);
		free(copy);
	}
	buf_done(&text);
}
END_TEST

static zone_list parse(const char *text)
{
	zone_list zones = { 0 };

	ck_assert_int_eq(zoneinfo_parse(text, strlen(text), &zones), 0);
	return zones;
}

START_TEST(test_odd)
{
	zone_list z = parse("Node 0, zone Normal\n  pages free 1\n spanned 2\n  start_pfn: 3\n"
			    "  spanned 99x\n  present\n  min -4\n  some new line 5\n"
			    "    cpu: 0\n    high: 77\n");

	ck_assert_uint_eq(z.n, 1);
	ck_assert(z.v[0].free == 1 && z.v[0].spanned == 2 && z.v[0].start_pfn == 3 &&
		  z.v[0].present == 0 && z.v[0].min == 0 && z.v[0].high == 0);
	vec_done(&z);
	/* names as long as they like; only the last heading counts that is one */
	z = parse("Node 12, zone   AVeryLongNameOfAZone\n spanned 1\nNode x, zone a\n spanned 5\n"
		  "Node 1 zone b\n Node 2, zone c\nNode 3, zone\n spanned 7");
	ck_assert_uint_eq(z.n, 2);
	ck_assert_uint_eq(z.v[0].node, 12);
	ck_assert_str_eq(z.v[0].name, "AVeryLongNameOf");
	ck_assert_uint_eq(z.v[0].spanned, 5);
	ck_assert_uint_eq(z.v[1].node, 3);
	ck_assert_str_eq(z.v[1].name, "");
	ck_assert_uint_eq(z.v[1].spanned, 7);
	vec_done(&z);
	z = parse("  spanned 5\n  start_pfn: 6\n");
	ck_assert_uint_eq(z.n, 0);
	vec_done(&z);
	z = parse("");
	ck_assert_uint_eq(z.n, 0);
	vec_done(&z);
}
END_TEST

static void check_find(const zone_list *z, uint64_t pfn, long want, size_t *hint)
{
	const struct zone *found = zones_find(z, pfn, hint);

	ck_assert_msg(want < 0 ? found == NULL : found == &z->v[want], "frame %lu: not zone %ld",
		      (unsigned long)pfn, want);
}

START_TEST(test_find)
{
	zone_list z = parse("Node 0, zone A\n spanned 10\n start_pfn: 5\n"
			    "Node 0, zone B\n spanned 100\n start_pfn: 15\n"
			    "Node 1, zone B\n spanned 50\n start_pfn: 200\n");
	static const struct {
		uint64_t pfn;
		long zone;
	} want[] = {
		{ 0, -1 }, { 4, -1 }, { 5, 0 }, { 14, 0 }, { 15, 1 }, { 114, 1 }, { 115, -1 },
		{ 199, -1 }, { 200, 2 }, { 249, 2 }, { 250, -1 }, { UINT64_MAX, -1 },
	};
	size_t hint = 0;

	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++)
		for (size_t k = 0; k < sizeof(want) / sizeof(want[0]); k++) {
			check_find(&z, want[i].pfn, want[i].zone, &hint);
			check_find(&z, want[k].pfn, want[k].zone, &hint);
		}
	for (size_t i = 0; i < 5; i++) {	/* any hint will do */
		hint = i;
		check_find(&z, 20, 1, &hint);
	}
	for (size_t i = 0; i < 3; i++)
		ck_assert(!z.v[i].overlaps);
	vec_done(&z);
	hint = 0;
	check_find(&z, 20, -1, &hint);
}
END_TEST

/* Nodes whose memory is interleaved: a frame that could be of either has no known zone. */
START_TEST(test_overlap)
{
	zone_list z = parse("Node 0, zone A\n spanned 100\n start_pfn: 0\n"
			    "Node 0, zone B\n spanned 10\n start_pfn: 100\n"
			    "Node 1, zone A\n spanned 20\n start_pfn: 40\n"
			    "Node 2, zone A\n spanned 20\n start_pfn: 110\n");
	size_t hint = 0;

	ck_assert(z.v[0].overlaps && !z.v[1].overlaps && z.v[2].overlaps && !z.v[3].overlaps);
	for (unsigned int i = 0; i < 2; i++) {
		check_find(&z, 0, 0, &hint);
		check_find(&z, 39, 0, &hint);
		check_find(&z, 40, -1, &hint);
		check_find(&z, 59, -1, &hint);
		check_find(&z, 60, 0, &hint);
		check_find(&z, 45, -1, &hint);
		check_find(&z, 100, 1, &hint);
		check_find(&z, 45, -1, &hint);
		check_find(&z, 110, 3, &hint);
	}
	vec_done(&z);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("zoneinfo");

	UNIT_CASE(s, "parsing", test_trees, test_cut, test_odd);
	UNIT_CASE(s, "finding", test_find, test_overlap);
	return unit_run(s);
}
