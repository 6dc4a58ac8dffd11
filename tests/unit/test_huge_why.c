/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which setting, flag or shape of a mapping keeps it from huge pages. */
#include "config.h"

#include "model/huge.h"

#include "huge_bench.h"

START_TEST(test_all_huge)
{
	struct bench b;

	begin(&b);
	b.flags = "rd wr hg";
	b.eligible = 1;
	b.rss = b.anon_huge = 8192;
	set_extents(&b, 4, 4, 0, 0, 0);
	ck_why(&b, "");
	/* whatever the settings have become since */
	begin(&b);
	b.m.thp.enabled = word("never");
	b.eligible = 0;
	set_extents(&b, 4, 4, 0, 0, 0);
	ck_why(&b, "");
}
END_TEST

START_TEST(test_anon_settings)
{
	struct bench b;

	begin(&b);
	b.eligible = 0;
	ck_why(&b, "madvise_only,not_populated");
	ck_fact(&b, 0, "transparent_hugepage/enabled", "madvise");
	/* with the advice it is not the setting */
	begin(&b);
	b.flags = "rd wr hg";
	b.eligible = 1;
	ck_why(&b, "not_populated");
	/* always needs none */
	begin(&b);
	b.m.thp.enabled = word("always");
	b.eligible = 1;
	ck_why(&b, "not_populated");
	/* never is never, advice or not */
	begin(&b);
	b.m.thp.enabled = word("never");
	b.flags = "rd wr hg";
	b.eligible = 0;
	ck_why(&b, "thp_off,not_populated");
	ck_fact(&b, 0, "transparent_hugepage/enabled", "never");
	/* kernels before 3.8 have no VmFlags: whether there is advice is not known */
	begin(&b);
	b.flags = NULL;
	ck_why(&b, "not_populated");
}
END_TEST

START_TEST(test_size_overrides)
{
	struct bench b;

	begin(&b);
	b.m.thp.enabled = word("always");
	pmd_size_of(&b)->enabled = word("never");
	b.eligible = 0;
	ck_why(&b, "thp_off,not_populated");
	ck_fact(&b, 0, "transparent_hugepage/hugepages-2048kB/enabled", "never");
	begin(&b);
	b.m.thp.enabled = word("never");
	pmd_size_of(&b)->enabled = word("madvise");
	b.eligible = 0;
	ck_why(&b, "madvise_only,not_populated");
	ck_fact(&b, 0, "transparent_hugepage/hugepages-2048kB/enabled", "madvise");
	begin(&b);
	b.m.thp.enabled = word("never");
	pmd_size_of(&b)->enabled = word("always");
	b.eligible = 1;
	ck_why(&b, "not_populated");
	/* before 6.8 there is only one setting */
	begin(&b);
	b.m.thp.sizes = 0;
	b.eligible = 0;
	ck_why(&b, "madvise_only,not_populated");
	ck_fact(&b, 0, "transparent_hugepage/enabled", "madvise");
}
END_TEST

START_TEST(test_process_and_advice_against)
{
	struct bench b;

	begin(&b);
	b.thp_enabled = 0;
	b.flags = "rd wr hg";
	b.eligible = 0;
	ck_why(&b, "process_disabled,not_populated");
	ck_fact(&b, 0, "THP_enabled", "0");
	begin(&b);
	b.thp_enabled = -1;
	b.flags = "rd wr nh";
	b.m.thp.enabled = word("always");
	b.eligible = 0;
	ck_why(&b, "no_hugepage,not_populated");
	ck_fact(&b, 0, "VmFlags", "nh");
	/* advice that is against is reason enough */
	begin(&b);
	b.flags = "rd wr nh";
	b.eligible = 0;
	ck_why(&b, "no_hugepage,not_populated");
	/* a kernel without THP says THP_enabled 0, too, but not because of prctl */
	begin(&b);
	b.m.thp = (struct thp){ .absent = true, .number[THP_PMD_SIZE] = { true, 2 * M } };
	b.thp_enabled = 0;
	ck_why(&b, "thp_off,not_populated");
	ck_fact(&b, 0, "transparent_hugepage", "absent");
	/* not captured: nothing is claimed but what the kernel says */
	begin(&b);
	b.m.thp = (struct thp){ .number[THP_PMD_SIZE] = { true, 2 * M } };
	b.eligible = 0;
	ck_why(&b, "not_eligible,not_populated");
	ck_fact(&b, 0, "THPeligible", "0");
}
END_TEST

/* The kernel's verdict is not contradicted, in either way. */
START_TEST(test_verdict)
{
	struct bench b;

	/* PR_THP_DISABLE_EXCEPT_ADVISED shows nowhere else */
	begin(&b);
	b.m.thp.enabled = word("always");
	b.eligible = 0;
	ck_why(&b, "not_eligible,not_populated");
	/* 1 in spite of the setting: not for this size, if a smaller one is on */
	begin(&b);
	b.m.thp.size[2].enabled = word("always");
	b.eligible = 1;
	ck_why(&b, "madvise_only,not_populated");
	/* and a setting that was changed meanwhile, if none is */
	begin(&b);
	b.eligible = 1;
	ck_why(&b, "not_populated");
	begin(&b);
	b.eligible = 1;
	b.thp_enabled = 0;
	ck_why(&b, "not_populated");
	/* where it is not told (before 5.0), the settings are all there is */
	begin(&b);
	ck_why(&b, "madvise_only,not_populated");
}
END_TEST

START_TEST(test_shape)
{
	struct bench b;

	begin(&b);
	b.range = "7f0000001000-7f00003ff000";
	b.flags = "rd wr hg";
	b.eligible = 0;
	ck_why(&b, "misaligned");
	ck_fact(&b, 0, "aligned extents", "0");
	ck_assert(b.r.v[0].extents.known && b.r.v[0].extents.v == 0);
	begin(&b);
	b.range = "7f0000001000-7f0000401000";
	b.flags = "rd wr hg";
	b.eligible = 1;
	ck_why(&b, "not_populated,unaligned_ends");
	ck_assert_uint_eq(b.r.v[0].extents.v, 1);
	ck_fact(&b, 1, "bytes outside aligned extents", "2097152");
	/* whatever keeps it all from being huge says enough */
	begin(&b);
	b.range = "7f0000001000-7f0000401000";
	b.eligible = 0;
	ck_why(&b, "madvise_only,not_populated");
	begin(&b);
	b.range = "7f0000000000-7f0000200000";
	b.flags = "rd wr hg";
	b.eligible = 1;
	ck_why(&b, "not_populated");
	begin(&b);
	b.range = "7f0000000000-7f00001ff000";
	ck_why(&b, "too_small");
	ck_fact(&b, 0, "size", "2093056");
}
END_TEST

START_TEST(test_no_access)
{
	struct bench b;

	begin(&b);
	b.perms = "---p";
	b.flags = "mr mw me";
	b.eligible = 0;
	ck_why(&b, "no_access");
	ck_fact(&b, 0, "perms", "---p");
	/* with pages left in it, the rest is said, too */
	begin(&b);
	b.perms = "---p";
	b.flags = "mr mw me";
	b.eligible = 0;
	b.rss = 100;
	ck_why(&b, "no_access,madvise_only");
}
END_TEST

static void begin_shared(struct bench *b)
{
	begin(b);
	b->perms = "rw-s";
	b->device = "00:01";
	b->inode = "77";
	b->name = "/memfd:x (deleted)";
	b->flags = "rd wr sh mr mw me ms";
	b->eligible = 0;
}

START_TEST(test_shmem)
{
	struct bench b;

	begin_shared(&b);
	ck_why(&b, "shmem_disabled,not_populated");
	ck_fact(&b, 0, "transparent_hugepage/shmem_enabled", "never");
	begin_shared(&b);
	b.m.thp.shmem_enabled = word("advise");
	ck_why(&b, "shmem_disabled,not_populated");
	ck_fact(&b, 0, "transparent_hugepage/shmem_enabled", "advise");
	begin_shared(&b);
	b.m.thp.shmem_enabled = word("advise");
	b.flags = "rd wr sh hg";
	b.eligible = 1;
	ck_why(&b, "not_populated");
	begin_shared(&b);
	b.m.thp.shmem_enabled = word("always");
	b.eligible = 1;
	ck_why(&b, "not_populated");
	/* of this size */
	begin_shared(&b);
	b.m.thp.shmem_enabled = word("always");
	pmd_size_of(&b)->shmem_enabled = word("never");
	ck_why(&b, "shmem_disabled,not_populated");
	ck_fact(&b, 0, "transparent_hugepage/hugepages-2048kB/shmem_enabled", "never");
	begin_shared(&b);
	pmd_size_of(&b)->shmem_enabled = word("always");
	b.eligible = 1;
	ck_why(&b, "not_populated");
	/* deny is stronger than that, force weaker */
	begin_shared(&b);
	b.m.thp.shmem_enabled = word("deny");
	pmd_size_of(&b)->shmem_enabled = word("always");
	ck_why(&b, "shmem_disabled,not_populated");
	ck_fact(&b, 0, "transparent_hugepage/shmem_enabled", "deny");
	begin_shared(&b);
	b.m.thp.shmem_enabled = word("force");
	b.eligible = 1;
	ck_why(&b, "not_populated");
	begin_shared(&b);
	b.m.thp.shmem_enabled = word("force");
	pmd_size_of(&b)->shmem_enabled = word("always");
	b.eligible = -1;
	ck_why(&b, "shmem_disabled,not_populated");
	/* where the kernel gives no verdict, advice counts all the same */
	begin_shared(&b);
	b.m.thp.shmem_enabled = word("advise");
	b.flags = "rd wr sh hg";
	b.eligible = -1;
	ck_why(&b, "not_populated");
	/* THP for anonymous memory has nothing to do with it */
	begin_shared(&b);
	b.m.thp.enabled = word("never");
	b.m.thp.shmem_enabled = word("always");
	b.eligible = 1;
	ck_why(&b, "not_populated");
	/* shared memory in swap is in no page table */
	begin_shared(&b);
	b.m.thp.shmem_enabled = word("always");
	b.eligible = 1;
	b.swap = 8192;
	set_extents(&b, 4, 0, 0, 0, 0);
	ck_why(&b, "swapped,not_populated");
}
END_TEST

static void begin_tmpfs(struct bench *b, const char *huge)
{
	begin_shared(b);
	b->device = "00:1a";
	b->name = "/mnt/a";
	b->mount = (struct mount){ .dev_major = 0, .dev_minor = 26, .type = "tmpfs" };
	snprintf(b->mount.huge, sizeof(b->mount.huge), "%s", huge);
	b->has_mount = true;
}

START_TEST(test_tmpfs)
{
	struct bench b;

	begin_tmpfs(&b, "");
	ck_why(&b, "shmem_disabled,not_populated");
	ck_fact(&b, 0, "mount option huge", "never");
	begin_tmpfs(&b, "advise");
	ck_why(&b, "shmem_disabled,not_populated");
	ck_fact(&b, 0, "mount option huge", "advise");
	begin_tmpfs(&b, "advise");
	b.flags = "rd wr sh hg";
	b.eligible = 1;
	ck_why(&b, "not_populated");
	begin_tmpfs(&b, "always");
	b.eligible = 1;
	ck_why(&b, "not_populated");
	begin_tmpfs(&b, "always");
	b.m.thp.shmem_enabled = word("deny");
	ck_why(&b, "shmem_disabled,not_populated");
	ck_fact(&b, 0, "transparent_hugepage/shmem_enabled", "deny");
	begin_tmpfs(&b, "");
	b.m.thp.shmem_enabled = word("force");
	b.eligible = 1;
	ck_why(&b, "not_populated");
}
END_TEST

START_TEST(test_tmpfs_without_verdict)
{
	struct bench b;

	begin_tmpfs(&b, "");
	b.m.thp.shmem_enabled = word("force");
	b.eligible = -1;
	ck_why(&b, "not_populated");
	begin_tmpfs(&b, "advise");
	b.flags = "rd wr sh hg";
	b.eligible = -1;
	ck_why(&b, "not_populated");
	/* and what mount this is may not be known either */
	begin_tmpfs(&b, "");
	b.has_mount = false;
	b.name = "/dev/shm/a";
	b.eligible = -1;
	ck_why(&b, "not_populated");
}
END_TEST

static void begin_file(struct bench *b)
{
	begin(b);
	b->perms = "r--p";
	b->device = "fe:00";
	b->inode = "12";
	b->name = "/usr/lib/locale/archive";
	b->flags = "rd mr mw me";
	b->eligible = 0;
	b->mount = (struct mount){ .dev_major = 0xfe, .dev_minor = 0, .type = "ext4" };
	b->has_mount = true;
}

START_TEST(test_files)
{
	struct bench b;

	begin_file(&b);
	b.rss = 8192;
	set_extents(&b, 4, 0, 0, 0, 4);
	ck_why(&b, "file_unsupported");
	ck_fact(&b, 0, "THPeligible", "0");
	ck_assert_ptr_nonnull(strstr(b.r.v[0].text, "ext4"));
	/* what smaps does not tell, the file system still does */
	begin_file(&b);
	b.eligible = -1;
	b.rss = 8192;
	ck_why(&b, "file_unsupported");
	ck_fact(&b, 0, "filesystem", "ext4");
	/* READ_ONLY_THP_FOR_FS */
	begin_file(&b);
	b.eligible = 1;
	b.rss = 8192;
	set_extents(&b, 4, 0, 0, 0, 4);
	ck_why(&b, "small_pages");
	begin_file(&b);
	b.m.thp.size[1].shmem_enabled = word("always");
	b.eligible = 1;
	ck_why(&b, "not_populated");
	/* parts of it that were read ahead in huge pages */
	begin_file(&b);
	b.rss = 8192;
	set_extents(&b, 4, 3, 0, 0, 1);
	ck_why(&b, "file_unsupported");
	/* the offset must be as far from a multiple as the address */
	begin_file(&b);
	b.offset = "00001000";
	b.rss = 8192;
	set_extents(&b, 4, 0, 0, 0, 4);
	ck_why(&b, "file_unsupported,misaligned");
	ck_fact(&b, 1, "address - offset", "2093056");
	ck_assert_uint_eq(b.h.extents.fit, 0);
	begin_file(&b);
	b.offset = "00200000";
	b.eligible = 1;
	ck_why(&b, "not_populated");
	/* of anonymous memory it means nothing; a private /dev/zero is that */
	begin_file(&b);
	b.offset = "00001000";
	b.perms = "rw-p";
	b.name = "/dev/zero";
	b.flags = "rd wr hg";
	b.device = "00:06";
	b.eligible = 1;
	ck_why(&b, "not_populated");
}
END_TEST

START_TEST(test_special)
{
	struct bench b;

	begin_file(&b);
	b.perms = "rw-s";
	b.name = "/dev/mem";
	b.flags = "rd wr sh io pf de";
	ck_why(&b, "special_mapping");
	ck_fact(&b, 0, "VmFlags", "io pf de");
	begin_file(&b);
	b.name = "socket:[1234]";
	b.device = "00:09";
	b.has_mount = false;
	ck_why(&b, "special_mapping");
	ck_fact(&b, 0, "kind", "other");
	/* drivers can map huge pages, too: then the kernel says so */
	begin_file(&b);
	b.perms = "rw-s";
	b.name = "/dev/dax0.0";
	b.flags = "rd wr sh mm";
	b.eligible = 1;
	ck_why(&b, "not_populated");
}
END_TEST

START_TEST(test_hugetlb)
{
	struct bench b;

	begin(&b);
	b.device = "00:10";
	b.inode = "5";
	b.name = "/anon_hugepage (deleted)";
	b.flags = "rd wr de ht";
	b.page_kb = 2048;
	b.shared_hugetlb = 2048;
	b.eligible = 0;
	ck_why(&b, "not_populated");
	ck_fact(&b, 0, "hugetlb", "2097152");
	ck_assert_uint_eq(b.r.v[0].extents.v, 3);
	ck_assert_uint_eq(b.h.n_sizes, 1);
	ck_assert_uint_eq(b.h.sizes[0].use[FOLIO_HUGETLB], 2 * M);
	begin(&b);
	b.device = "00:10";
	b.inode = "5";
	b.name = "/anon_hugepage (deleted)";
	b.flags = "rd wr de ht";
	b.page_kb = 2048;
	b.shared_hugetlb = 8192;
	b.eligible = 0;
	ck_why(&b, "");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("huge_why");

	UNIT_CASE(s, "settings", test_all_huge, test_anon_settings, test_size_overrides,
		  test_process_and_advice_against, test_verdict);
	UNIT_CASE(s, "shape", test_shape, test_no_access, test_special, test_hugetlb);
	UNIT_CASE(s, "files", test_shmem, test_tmpfs, test_tmpfs_without_verdict, test_files);
	return unit_run(s);
}
