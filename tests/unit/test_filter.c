/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which rows pass a filter, and what they join into. */
#include "config.h"

#include "model/filter.h"

#include <stdio.h>

#include "report/maps.h"
#include "spaces.h"

/* Kinds: text, data, heap, anon, guard, thread-stack by its own name. */
static const char sample[] =
	"1000-2000 r-xp 00000000 fe:00 9 /bin/x\nRss: 4 kB\nKernelPageSize: 4 kB\n"
	"2000-4000 rw-p 00001000 fe:00 9 /bin/x\nRss: 8 kB\nKernelPageSize: 4 kB\n"
	"5000-8000 rw-p 00000000 00:00 0 [heap]\nRss: 0 kB\nKernelPageSize: 4 kB\n"
	"9000-a000 rw-p 00000000 00:00 0 \nRss: 4 kB\nKernelPageSize: 4 kB\n"
	"b000-c000 ---p 00000000 00:00 0 \nRss: 0 kB\nKernelPageSize: 4 kB\n"
	"d000-e000 rw-s 00000000 00:01 5 /dev/zero (deleted)\nRss: 4 kB\nKernelPageSize: 64 kB\n"
	"f000-10000 rw-p 00000000 00:00 0 \nRss: 12 kB\nKernelPageSize: 4 kB\n";

struct fixture {
	struct space s;
	struct rows rows;
};

static void open_sample(struct fixture *f)
{
	struct classify_facts facts = { .code = 0x1000 };
	uint32_t executable;

	space_of_smaps(&f->s, sample);
	ck_assert_int_eq(space_classify(&f->s, &facts, &executable), 0);
	ck_assert_int_eq(rows_all(&f->s, &f->rows), 0);
}

static void close_sample(struct fixture *f)
{
	rows_done(&f->rows);
	space_done(&f->s);
}

/* The numbers of the mappings that pass, as digits. */
static void check(const struct filter *filter, const char *want)
{
	struct fixture f;
	char got[16];
	size_t n = 0;

	open_sample(&f);
	ck_assert_int_eq(rows_filter(&f.rows, filter), 0);
	for (size_t i = 0; i < f.rows.n; i++)
		got[n++] = (char)('0' + f.rows.index[i]);
	ck_bytes(got, n, want);
	close_sample(&f);
}

START_TEST(test_kinds)
{
	struct filter f = { 0 };
	struct str problem;

	ck_assert(!filter_is_active(&f));
	check(&f, "0123456");
	ck_assert(filter_set_kinds(&f, "heap,text", &problem));
	ck_assert(filter_is_active(&f));
	check(&f, "02");
	ck_assert(filter_set_kinds(&f, "guard", &problem));
	check(&f, "024");
	ck_assert(!filter_set_kinds(&f, "heap,haep", &problem));
	ck_str(problem, "haep");
	ck_assert(!filter_set_kinds(&f, "", &problem));
	ck_str(problem, "");
	ck_assert(!filter_set_kinds(&f, "heap,", &problem));
	ck_assert(!filter_set_kinds(&f, ",heap", &problem));
	ck_assert(!filter_set_kinds(&f, "HEAP", &problem));
}
END_TEST

static void check_range(const char *text, bool ok, uint64_t low, uint64_t last, const char *want)
{
	struct filter f = { 0 };

	ck_assert_msg(filter_set_range(&f, text) == ok, "%s", text);
	if (!ok)
		return;
	ck_assert_uint_eq(f.range_low, low);
	ck_assert_uint_eq(f.range_last, last);
	check(&f, want);
}

START_TEST(test_range)
{
	check_range("0", true, 0, 0, "");
	check_range("1000", true, 0x1000, 0x1000, "0");
	check_range("0x1fff", true, 0x1fff, 0x1fff, "0");
	check_range("2000", true, 0x2000, 0x2000, "1");
	check_range("4000-5000", true, 0x4000, 0x4fff, "");
	check_range("4000-5001", true, 0x4000, 0x5000, "2");
	check_range("3fff,9001", true, 0x3fff, 0x9000, "123");
	check_range("0x0-0Xffffffffffffffff", true, 0, UINT64_MAX - 1, "0123456");
	check_range("ffffffffffffffff", true, UINT64_MAX, UINT64_MAX, "");
	check_range("", false, 0, 0, "");
	check_range("-", false, 0, 0, "");
	check_range("1000-", false, 0, 0, "");
	check_range("-1000", false, 0, 0, "");
	check_range("1000-1000", false, 0, 0, "");
	check_range("2000-1000", false, 0, 0, "");
	check_range("1000-2000-3000", false, 0, 0, "");
	check_range("xyz", false, 0, 0, "");
	check_range("0x", false, 0, 0, "");
	check_range(" 1000", false, 0, 0, "");
	check_range("10000000000000000", false, 0, 0, "");
}
END_TEST

static void check_perms(const char *text, bool ok, const char *want)
{
	struct filter f = { 0 };

	ck_assert_msg(filter_set_perms(&f, text) == ok, "%s", text);
	if (ok)
		check(&f, want);
	else
		ck_assert(!filter_is_active(&f));
}

START_TEST(test_perms)
{
	check_perms("r", true, "012356");
	check_perms("w", true, "12356");
	check_perms("x", true, "0");
	check_perms("wx", true, "");
	check_perms("xr", true, "0");
	check_perms("s", true, "5");
	check_perms("p", true, "012346");
	check_perms("rwp", true, "1236");
	check_perms("r-xp", true, "0");
	check_perms("rw-p", true, "1236");
	check_perms("rw??", true, "12356");
	check_perms("---p", true, "4");
	check_perms("???s", true, "5");
	check_perms("????", true, "0123456");
	check_perms("", false, "");
	check_perms("?", false, "");
	check_perms("----", false, "");
	check_perms("ps", false, "");
	check_perms("rwxps", false, "");
	check_perms("rwxz", false, "");
	check_perms("rw-", false, "");
	check_perms("rw-pp", false, "");
	check_perms("rwxrwx", false, "");
	check_perms("R", false, "");
}
END_TEST

START_TEST(test_resident_and_regex)
{
	struct filter f = { .min_resident = 4096 };
	regex_t regex;

	check(&f, "01356");
	f.min_resident = 4097;
	check(&f, "16");
	f.min_resident = UINT64_MAX;
	check(&f, "");
	f.min_resident = 0;
	ck_assert_int_eq(regcomp(&regex, "x$", REG_EXTENDED), 0);
	f.regex = &regex;
	check(&f, "01");
	regfree(&regex);
	ck_assert_int_eq(regcomp(&regex, "^\\[(heap|anon)\\]$", REG_EXTENDED), 0);
	check(&f, "236");
	/* all conditions at once */
	ck_assert(filter_set_perms(&f, "rw"));
	f.min_resident = 1;
	check(&f, "36");
	regfree(&regex);
}
END_TEST

static void check_groups(enum group_by by, const char *want)
{
	struct fixture f;
	struct groups g;
	struct buf b;

	open_sample(&f);
	buf_init(&b);
	ck_assert_int_eq(groups_make(&f.rows, by, &g), 0);
	for (unsigned int total = 0; total < 2; total++) {
		buf_clear(&b);
		for (size_t i = 0; i < g.rows.n; i++) {
			const struct vma *v = &g.rows.vma[g.rows.index[i]];
			uint64_t rss = 0, page = 0;

			counters_get(&g.rows.counters[g.rows.index[i]], SMAPS_RSS, &rss);
			counters_get(&g.rows.counters[g.rows.index[i]], SMAPS_KERNEL_PAGE_SIZE, &page);
			buf_printf(&b, "%lx-%lx:%u:%luK:%luK:%luK\n", (unsigned long)v->start,
				   (unsigned long)v->end, v->count, (unsigned long)v->size / 1024,
				   (unsigned long)rss / 1024, (unsigned long)page / 1024);
		}
		ck_assert_msg(strncmp(buf_string(&b), want, b.len) == 0 &&
			      (total == 0 || b.len == strlen(want)), "%s\nnot\n%s", b.data, want);
		if (!total)
			ck_assert_int_eq(groups_add_total(&g), 0);
	}
	buf_done(&b);
	groups_done(&g);
	close_sample(&f);
}

#define TOTAL "1000-10000:7:40K:32K:0K\n"

START_TEST(test_groups)
{
	/* kinds in their own order; objects and permissions by their first address */
	check_groups(GROUP_KIND, "1000-2000:1:4K:4K:4K\n2000-4000:1:8K:8K:4K\n5000-8000:1:12K:0K:4K\n"
		     "9000-10000:2:8K:16K:4K\nb000-c000:1:4K:0K:4K\nd000-e000:1:4K:4K:64K\n" TOTAL);
	check_groups(GROUP_OBJECT, "1000-4000:2:12K:12K:4K\n5000-8000:1:12K:0K:4K\n"
		     "9000-10000:2:8K:16K:4K\nb000-c000:1:4K:0K:4K\nd000-e000:1:4K:4K:64K\n" TOTAL);
	check_groups(GROUP_PERMS, "1000-2000:1:4K:4K:4K\n2000-10000:4:28K:24K:4K\nb000-c000:1:4K:0K:4K\n"
		     "d000-e000:1:4K:4K:64K\n" TOTAL);
}
END_TEST

/* A group is no mapping: what its members do not share is not known. */
START_TEST(test_groups_know_no_more)
{
	static const char *const key[] = { "offset", "device", "inode", "path", "vm_flags", "deleted" };

	for (unsigned int by = GROUP_KIND; by <= GROUP_PERMS; by++) {
		struct fixture f;
		struct groups g;

		open_sample(&f);
		ck_assert_int_eq(groups_make(&f.rows, (enum group_by)by, &g), 0);
		for (size_t i = 0; i < g.rows.n; i++) {
			struct value v = { 0 };

			if (g.rows.vma[g.rows.index[i]].count < 2)
				continue;
			for (size_t k = 0; k < sizeof(key) / sizeof(key[0]); k++) {
				const struct column *c = mapping_column_find(str_of(key[k]));

				ck_assert_msg(!c->get(&g.rows, i, c, &v), "%s of group %u, row %zu",
					      key[k], by, i);
			}
		}
		groups_done(&g);
		close_sample(&f);
	}
}
END_TEST

START_TEST(test_no_groups)
{
	struct rows rows;
	struct groups g;
	struct space s;

	ck_assert_int_eq(space_init(&s), 0);
	ck_assert_int_eq(rows_all(&s, &rows), 0);
	for (unsigned int by = GROUP_KIND; by <= GROUP_PERMS; by++) {
		ck_assert_int_eq(groups_make(&rows, (enum group_by)by, &g), 0);
		ck_assert_uint_eq(g.rows.n, 0);
		ck_assert_int_eq(groups_add_total(&g), 0);
		ck_assert_uint_eq(g.rows.n, 1);
		groups_done(&g);
	}
	rows_done(&rows);
	space_done(&s);
}
END_TEST

static void check_sort(const char *key, bool descending, const char *want)
{
	struct fixture f;
	char got[16];
	size_t n = 0;

	open_sample(&f);
	ck_assert_int_eq(rows_sort(&f.rows, mapping_column_find(str_of(key)), descending), 0);
	for (size_t i = 0; i < f.rows.n; i++)
		got[n++] = (char)('0' + f.rows.index[i]);
	ck_bytes(got, n, want);
	close_sample(&f);
}

/* Stable, and what is not known last in either direction. */
START_TEST(test_sort)
{
	check_sort("size", false, "0345612");
	check_sort("size", true, "2103456");
	check_sort("rss", true, "6103524");
	check_sort("start", true, "6543210");
	check_sort("perms", false, "4012365");
	check_sort("path", false, "0152346");
	check_sort("path", true, "2501346");
	check_sort("swap", true, "0123456");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("filter");

	UNIT_CASE(s, "filter", test_kinds, test_range, test_perms, test_resident_and_regex);
	UNIT_CASE(s, "groups", test_groups, test_groups_know_no_more, test_no_groups);
	UNIT_CASE(s, "sort", test_sort);
	return unit_run(s);
}
