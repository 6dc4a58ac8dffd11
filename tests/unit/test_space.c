/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Spaces: names, files, holes, finding, and sums of counters. */
#include "config.h"

#include "model/space.h"

#include <stdio.h>

#include "spaces.h"

static void check_name(const char *line, const char *path, bool deleted, bool check)
{
	struct space s;
	const struct file *f;

	space_of_maps(&s, line);
	f = vma_file(&s, &s.vma.v[0]);
	ck_str(vma_path(&s, &s.vma.v[0]), path);
	ck_assert_msg(f->deleted == deleted, "%s", line);
	ck_assert_msg(f->check_name == check, "%s", line);
	space_done(&s);
}

#define FILE_LINE "00001000-00002000 rw-p 00000000 fe:00 12                                 "
#define ANON_LINE "00001000-00002000 rw-p 00000000 00:00 0                                  "

START_TEST(test_names)
{
	check_name(FILE_LINE "/usr/bin/x\n", "/usr/bin/x", false, false);
	check_name(FILE_LINE "/usr/bin/x (deleted)\n", "/usr/bin/x", true, true);
	check_name(FILE_LINE "/a\\012b\n", "/a\nb", false, true);
	check_name(FILE_LINE "\\012\\012 (deleted)\n", "\n\n", true, true);
	check_name(FILE_LINE "/a\\01\\013\\\n", "/a\\01\\013\\", false, false);
	check_name(FILE_LINE "/a\\012\n", "/a\n", false, true);
	check_name(FILE_LINE "/a (deleted) (deleted)\n", "/a (deleted)", true, true);
	check_name(FILE_LINE "/a (deleted)x\n", "/a (deleted)x", false, false);
	/* these never had a name, so there is nothing to find out */
	check_name(FILE_LINE "/memfd:x (deleted)\n", "/memfd:x", true, false);
	check_name(FILE_LINE "/memfd: (deleted)\n", "/memfd:", true, false);
	check_name(FILE_LINE "/SYSV0000162e (deleted)\n", "/SYSV0000162e", true, false);
	check_name(FILE_LINE "/dev/zero (deleted)\n", "/dev/zero", true, false);
	check_name(ANON_LINE "\n", "", false, false);
	check_name(ANON_LINE "[heap]\n", "[heap]", false, false);
	check_name(ANON_LINE "[anon:a/b (deleted)]\n", "[anon:a/b (deleted)]", false, false);
	/* brackets are the kernel's only without an inode */
	check_name(FILE_LINE "[odd] (deleted)\n", "[odd]", true, true);
}
END_TEST

START_TEST(test_fields)
{
	struct space s;
	const struct vma *v;

	space_of_smaps(&s, "7f0000001000-7f0000004000 r-xs 00002000 103:fffff 18446744073709551615 /x\n"
		       "VmFlags: rd ex ms \n");
	v = &s.vma.v[0];
	ck_assert_uint_eq(v->start, 0x7f0000001000);
	ck_assert_uint_eq(v->end, 0x7f0000004000);
	ck_assert_uint_eq(v->size, 0x3000);
	ck_assert_uint_eq(v->offset, 0x2000);
	ck_assert_uint_eq(v->count, 1);
	ck_assert_uint_eq(v->perms, MAPS_READ | MAPS_EXEC | MAPS_SHARED);
	ck_assert(v->has_flags && v->vm_flags == (SMAPS_BIT(RD) | SMAPS_BIT(EX) | SMAPS_BIT(MS)));
	ck_assert_uint_eq(vma_file(&s, v)->inode, UINT64_MAX);
	ck_assert_uint_eq(vma_file(&s, v)->dev_major, 0x103);
	ck_assert_uint_eq(vma_file(&s, v)->dev_minor, 0xfffff);
	space_done(&s);
}
END_TEST

/* Neighbours share a file only if all of it is the same. */
START_TEST(test_files_apart)
{
	struct space s;

	space_of_maps(&s, "1000-2000 rw-p 00000000 fe:00 1 /a\n2000-3000 rw-p 00000000 fe:00 1 /a\n"
		      "3000-4000 rw-p 00000000 fe:00 2 /a\n4000-5000 rw-p 00000000 fe:01 2 /a\n"
		      "5000-6000 rw-p 00000000 fd:01 2 /a\n6000-7000 rw-p 00000000 fd:01 2 /b\n"
		      "7000-8000 rw-p 00000000 fd:01 2 /b (deleted)\n8000-9000 rw-p 00000000 00:00 0\n"
		      "9000-a000 rw-p 00000000 fd:01 2 /b (deleted)\n");
	ck_assert(vma_file(&s, &s.vma.v[0]) == vma_file(&s, &s.vma.v[1]));
	for (size_t i = 2; i < 8; i++)
		ck_assert_uint_ne(s.vma.v[i].file, s.vma.v[i - 1].file);
	ck_assert_uint_eq(s.vma.v[7].file, 0);
	ck_str(vma_path(&s, &s.vma.v[8]), "/b");
	ck_assert(vma_file(&s, &s.vma.v[8])->deleted);
	space_done(&s);
}
END_TEST

START_TEST(test_set_name)
{
	struct space s;
	struct file *f;

	space_of_maps(&s, FILE_LINE "/a\\012b (deleted)\n");
	f = &s.file.v[s.vma.v[0].file];
	/* the link says that this is the file's real name, and that it is there */
	ck_assert_int_eq(space_set_name(&s, f, STR("/a\\012b (deleted)"), false), 0);
	ck_str(vma_path(&s, &s.vma.v[0]), "/a\\012b (deleted)");
	ck_assert(!f->deleted && !f->check_name);
	ck_assert_int_eq(space_set_name(&s, f, STR("/a\nb (deleted)"), true), 0);
	ck_str(vma_path(&s, &s.vma.v[0]), "/a\nb");
	ck_assert(f->deleted);
	space_done(&s);
}
END_TEST

START_TEST(test_holes_and_find)
{
	struct classify_facts facts = { .code = 0 };
	struct space s;
	struct holes h;
	uint32_t executable;

	space_of_maps(&s, "1000-2000 rw-p 0 0:0 0\n2000-3000 r--p 0 0:0 0\n5000-6000 rw-p 0 0:0 0\n"
		      "10000-20000 rw-p 0 0:0 0\n"
		      "ffffffffff600000-ffffffffff601000 --xp 0 0:0 0 [vsyscall]\n");
	ck_assert_int_eq(space_classify(&s, &facts, &executable), 0);
	space_holes(&s, &h);
	ck_assert_uint_eq(h.count, 2);
	ck_assert_uint_eq(h.largest_start, 0x6000);
	ck_assert_uint_eq(h.largest_end, 0x10000);
	ck_assert_ptr_null(space_find(&s, 0));
	ck_assert_ptr_null(space_find(&s, 0xfff));
	ck_assert_ptr_eq(space_find(&s, 0x1000), &s.vma.v[0]);
	ck_assert_ptr_eq(space_find(&s, 0x1fff), &s.vma.v[0]);
	ck_assert_ptr_eq(space_find(&s, 0x2000), &s.vma.v[1]);
	ck_assert_ptr_null(space_find(&s, 0x3000));
	ck_assert_ptr_null(space_find(&s, 0x20000));
	ck_assert_ptr_eq(space_find(&s, 0xffffffffff600fff), &s.vma.v[4]);
	ck_assert_ptr_null(space_find(&s, UINT64_MAX));
	space_done(&s);
	ck_assert_int_eq(space_init(&s), 0);
	space_holes(&s, &h);
	ck_assert(h.count == 0 && h.largest_start == h.largest_end);
	ck_assert_ptr_null(space_find(&s, 0));
	space_done(&s);
}
END_TEST

/* Random counters, some unknown; sums are made here once more, plainly. */
START_TEST(test_sums)
{
	uint64_t seed = 41;

	for (int round = 0; round < 300; round++) {
		size_t n = 1 + unit_below(&seed, 20);
		unsigned int unknown = (unsigned int)unit_below(&seed, SMAPS_PER_MAPPING);
		uint64_t want[SMAPS_PER_MAPPING] = { 0 }, size = 0, v;
		uint32_t valid = (1u << SMAPS_PER_MAPPING) - 1, alike = valid;
		uint64_t first[SMAPS_PER_MAPPING] = { 0 };
		struct counters_sum sum;
		struct counters c;
		struct vma total;
		struct rows rows;
		struct space s;
		struct buf b;

		buf_init(&b);
		for (size_t i = 0; i < n; i++) {
			buf_printf(&b, "%zx000-%zx000 rw-p 0 0:0 0\n", i * 16 + 1, i * 16 + 2 + i % 3);
			size += (1 + i % 3) * 4096;
			for (unsigned int k = 0; k < SMAPS_PER_MAPPING; k++) {
				uint64_t kb = unit_below(&seed, 3) ? 0 : unit_below(&seed, 5000);

				if (round % 3 == 0 && k == unknown && i == 0) {
					valid &= ~(1u << k);
					buf_puts(&b, "Unknown: 1\n");
					continue;
				}
				if (!smaps_counter_info[k].is_sum && round & 1)
					kb = 4;
				if (i == 0)
					first[k] = kb;
				if (kb != first[k])
					alike &= ~(1u << k);
				buf_printf(&b, "%s: %lu%s\n", smaps_counter_info[k].name,
					   (unsigned long)kb, smaps_counter_info[k].is_bytes ? " kB" : "");
				kb *= smaps_counter_info[k].is_bytes ? 1024 : 1;
				want[k] = smaps_counter_info[k].is_sum ? want[k] + kb : kb;
			}
		}
		space_from(&s, (struct str){ b.data, b.len }, true);
		ck_assert_int_eq(rows_all(&s, &rows), 0);
		rows_sum(&rows, &total, &sum);
		c = counters_of_sum(&sum);
		ck_assert_uint_eq(total.count, n);
		ck_assert_uint_eq(total.size, size);
		ck_assert_uint_eq(total.start, 0x1000);
		ck_assert_uint_eq(total.end, s.vma.v[n - 1].end);
		ck_assert(total.kind == KINDS && total.mixed);
		for (unsigned int k = 0; k < SMAPS_PER_MAPPING; k++) {
			bool known = valid >> k & 1;

			if (!smaps_counter_info[k].is_sum)
				known = known && alike >> k & 1;
			ck_assert_msg(counters_get(&c, (enum smaps_counter)k, &v) == known, "%s",
				      smaps_counter_info[k].name);
			if (known)
				ck_assert_uint_eq(v, want[k]);
		}
		rows_done(&rows);
		space_done(&s);
		buf_done(&b);
	}
}
END_TEST

START_TEST(test_derived)
{
	struct space s;
	const struct counters *c;
	uint64_t v;

	space_of_smaps(&s, "1000-2000 rw-p 0 0:0 0\nPss: 7 kB\n"
		       "2000-3000 rw-p 0 0:0 0\nRss: 7 kB\nPrivate_Dirty: 3 kB\n"
		       "3000-4000 rw-p 0 0:0 0\nRss: 100 kB\nShared_Clean: 1 kB\nShared_Dirty: 2 kB\n"
		       "Private_Clean: 4 kB\nPrivate_Dirty: 8 kB\nAnonHugePages: 16 kB\n"
		       "ShmemPmdMapped: 32 kB\nFilePmdMapped: 64 kB\nShared_Hugetlb: 128 kB\n"
		       "Private_Hugetlb: 256 kB\n");
	c = &s.counters.v[2];
	ck_assert(counters_uss(c, &v) && v == 12 * 1024);
	ck_assert(counters_dirty(c, &v) && v == 10 * 1024);
	ck_assert(counters_hugetlb(c, &v) && v == 384 * 1024);
	ck_assert(counters_resident(c, &v) && v == 484 * 1024);
	ck_assert(counters_unique(c, &v) && v == 268 * 1024);
	ck_assert(counters_huge(c, &v) && v == 496 * 1024);
	/* kernels without hugetlb or THP counters have none of it */
	c = &s.counters.v[1];
	ck_assert(counters_uss(c, &v) && v == 3 * 1024);
	ck_assert(counters_resident(c, &v) && v == 7 * 1024);
	ck_assert(!counters_hugetlb(c, &v));
	c = &s.counters.v[0];
	ck_assert(!counters_uss(c, &v) && !counters_resident(c, &v) && !counters_unique(c, &v));
	ck_assert(!counters_resident(NULL, &v) && !counters_get(NULL, SMAPS_RSS, &v));
	space_done(&s);
}
END_TEST

START_TEST(test_no_counters)
{
	struct counters_sum sum;
	struct vma total;
	struct rows rows;
	struct space s;

	space_of_maps(&s, "1000-2000 rw-p 0 0:0 0\n");
	ck_assert_int_eq(rows_all(&s, &rows), 0);
	ck_assert_ptr_null(rows.counters);
	rows_sum(&rows, &total, &sum);
	ck_assert_uint_eq(sum.valid, 0);
	ck_assert_uint_eq(total.size, 4096);
	rows_done(&rows);
	space_done(&s);
	ck_assert_int_eq(space_init(&s), 0);
	ck_assert_int_eq(rows_all(&s, &rows), 0);
	rows_sum(&rows, &total, &sum);
	ck_assert(total.count == 0 && total.size == 0 && sum.valid == 0);
	rows_done(&rows);
	space_done(&s);
}
END_TEST

/* The vsyscall page is no part of what VmSize counts. */
START_TEST(test_vsyscall_is_not_summed)
{
	struct classify_facts facts = { .code = 0 };
	struct counters_sum sum;
	uint32_t executable;
	struct vma total;
	struct rows rows;
	struct space s;

	space_of_maps(&s, "1000-2000 rw-p 0 0:0 0\n"
		      "ffffffffff600000-ffffffffff601000 --xp 0 0:0 0 [vsyscall]\n");
	ck_assert_int_eq(space_classify(&s, &facts, &executable), 0);
	ck_assert_int_eq(rows_all(&s, &rows), 0);
	rows_sum(&rows, &total, &sum);
	ck_assert_uint_eq(total.size, 4096);
	ck_assert_uint_eq(total.count, 2);
	rows_done(&rows);
	space_done(&s);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("space");

	UNIT_CASE(s, "names", test_names, test_fields, test_files_apart, test_set_name);
	UNIT_CASE(s, "holes", test_holes_and_find);
	UNIT_CASE(s, "sums", test_sums, test_derived, test_no_counters,
		  test_vsyscall_is_not_summed);
	return unit_run(s);
}
