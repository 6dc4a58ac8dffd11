/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Kinds of mappings, on spaces written down with the answer beside each line. */
#include "config.h"

#include "model/classify.h"

#include <stdio.h>

#include "spaces.h"

struct line {
	const char *maps;	/* up to the inode */
	const char *name;
	const char *flags;	/* VmFlags; NULL: none */
	const char *kind;
	const char *object;	/* NULL: as the name */
	int thread;
};

#define ANON " 00000000 00:00 0"
#define BIN " fe:00 10"
#define LIB " fe:00 20"

/* A file may have counters or not: with flags or a page size there are some. */
static void check_facts(const struct line *line, const struct classify_facts *facts,
			const char *executable, const char *counters)
{
	struct space s;
	uint32_t number;
	struct buf b;
	size_t i;

	buf_init(&b);
	for (i = 0; line[i].maps; i++) {
		size_t n = strlen(line[i].maps);

		buf_puts(&b, line[i].maps);
		if (line[i].name)
			buf_printf(&b, "%*s%s", n < 72 ? (int)(73 - n) : 2, "", line[i].name);
		buf_putc(&b, '\n');
		if (counters)
			buf_puts(&b, counters);
		if (line[i].flags)
			buf_printf(&b, "VmFlags: %s\n", line[i].flags);
	}
	space_from(&s, (struct str){ b.data, b.len }, line[0].flags || counters);
	ck_assert_int_eq(space_classify(&s, facts, &number), 0);
	for (i = 0; line[i].maps; i++) {
		const struct vma *v = &s.vma.v[i];
		const char *object = line[i].object ? line[i].object :
				     line[i].name ? line[i].name :
				     strcmp(line[i].kind, "jit") == 0 ? "[jit]" :
				     strcmp(line[i].kind, "guard") == 0 ? "[guard]" : "[anon]";
		struct str got = space_str(&s, v->object);

		ck_assert_msg(strcmp(kind_info[v->kind].name, line[i].kind) == 0, "%s %s is %s, not %s",
			      line[i].maps, line[i].name ? line[i].name : "",
			      kind_info[v->kind].name, line[i].kind);
		ck_assert_msg(str_eq(got, str_of(object)), "%s %s belongs to %.*s, not to %s",
			      line[i].maps, line[i].name ? line[i].name : "", (int)got.len, got.p,
			      object);
		ck_assert_msg(v->thread == line[i].thread, "%s: thread %d", line[i].maps,
			      (int)v->thread);
	}
	ck_assert_uint_eq(i, s.vma.n);
	ck_str(space_str(&s, number), executable);
	space_done(&s);
	buf_done(&b);
}

static void check(const struct line *line, uint64_t code, const char *executable)
{
	struct classify_facts facts = { .code = code, .page_size = 4096 };

	check_facts(line, &facts, executable, NULL);
}

/* binutils from 2.31 on: headers, text, read-only data apart. */
START_TEST(test_modern)
{
	static const struct line line[] = {
		{ "555555554000-555555556000 r--p 00000000" BIN, "/bin/x", "rd mr mw me sd", "rodata", 0, 0 },
		{ "555555556000-555555559000 r-xp 00002000" BIN, "/bin/x", "rd ex mr mw me sd", "text", 0, 0 },
		{ "555555559000-55555555b000 r--p 00005000" BIN, "/bin/x", "rd mr mw me sd", "rodata", 0, 0 },
		{ "55555555b000-55555555c000 r--p 00006000" BIN, "/bin/x", "rd mr mw me ac sd", "relro", 0, 0 },
		{ "55555555c000-55555555d000 rw-p 00007000" BIN, "/bin/x", "rd wr mr mw me ac", "data", 0, 0 },
		{ "55555555d000-55555555f000 rw-p" ANON, NULL, "rd wr mr mw me ac", "bss", "/bin/x", 0 },
		{ "555555570000-555555591000 rw-p" ANON, "[heap]", "rd wr mr mw me ac", "heap", 0, 0 },
		{ "7ffff7d80000-7ffff7d83000 rw-p" ANON, NULL, "rd wr mr mw me ac", "anon", 0, 0 },
		{ "7ffff7d83000-7ffff7da9000 r--p 00000000" LIB, "/lib/libc.so.6", "rd mr mw me", "rodata", 0, 0 },
		{ "7ffff7da9000-7ffff7efe000 r-xp 00026000" LIB, "/lib/libc.so.6", "rd ex mr mw me", "text", 0, 0 },
		{ "7ffff7efe000-7ffff7f51000 r--p 0017b000" LIB, "/lib/libc.so.6", "rd mr mw me", "rodata", 0, 0 },
		{ "7ffff7f51000-7ffff7f55000 r--p 001ce000" LIB, "/lib/libc.so.6", "rd mr mw me ac", "relro", 0, 0 },
		{ "7ffff7f55000-7ffff7f57000 rw-p 001d2000" LIB, "/lib/libc.so.6", "rd wr mr mw me ac", "data", 0, 0 },
		{ "7ffff7f57000-7ffff7f64000 rw-p" ANON, NULL, "rd wr mr mw me ac", "bss", "/lib/libc.so.6", 0 },
		{ "7ffff7fc1000-7ffff7fc5000 r--p" ANON, "[vvar]", "rd mr pf io de dd", "vdso", 0, 0 },
		{ "7ffff7fc5000-7ffff7fc6000 r--p" ANON, "[vvar_vclock]", "rd mr pf io de dd", "vdso", 0, 0 },
		{ "7ffff7fc6000-7ffff7fc8000 r-xp" ANON, "[vdso]", "rd ex mr mw me de", "vdso", 0, 0 },
		{ "7ffffffde000-7ffffffff000 rw-p" ANON, "[stack]", "rd wr mr mw me gd ac", "stack", 0, 0 },
		{ "ffffffffff600000-ffffffffff601000 --xp" ANON, "[vsyscall]", "ex", "vsyscall", 0, 0 },
		{ 0 },
	};

	check(line, 0x555555556000, "/bin/x");
}
END_TEST

/* The same without VmFlags (maps only): read-only before the data is relro. */
START_TEST(test_without_flags)
{
	static const struct line line[] = {
		{ "555555554000-555555556000 r--p 00000000" BIN, "/bin/x", 0, "rodata", 0, 0 },
		{ "555555556000-555555559000 r-xp 00002000" BIN, "/bin/x", 0, "text", 0, 0 },
		{ "555555559000-55555555b000 r--p 00005000" BIN, "/bin/x", 0, "rodata", 0, 0 },
		{ "55555555b000-55555555c000 r--p 00006000" BIN, "/bin/x", 0, "relro", 0, 0 },
		{ "55555555c000-55555555d000 rw-p 00007000" BIN, "/bin/x", 0, "data", 0, 0 },
		{ 0 },
	};

	check(line, 0x555555556000, "/bin/x");
	check(line, 0, "");
	check(line, 0x1000, "");
}
END_TEST

/* Before binutils 2.31, with a ---p gap of 2 MiB between text and data. */
START_TEST(test_old_layout)
{
	static const struct line line[] = {
		{ "00400000-004e1000 r-xp 00000000" BIN, "/bin/bash", "rd ex mr mw me dw", "text", 0, 0 },
		{ "006e0000-006e1000 r--p 000e0000" BIN, "/bin/bash", "rd mr mw me dw ac", "relro", 0, 0 },
		{ "006e1000-006ea000 rw-p 000e1000" BIN, "/bin/bash", "rd wr mr mw me dw ac", "data", 0, 0 },
		{ "006ea000-006f0000 rw-p" ANON, NULL, "rd wr mr mw me ac", "bss", "/bin/bash", 0 },
		{ "7f0000000000-7f00001be000 r-xp 00000000" LIB, "/lib/libc-2.19.so", "rd ex mr mw me", "text", 0, 0 },
		{ "7f00001be000-7f00003be000 ---p 001be000" LIB, "/lib/libc-2.19.so", "mr mw me", "guard", 0, 0 },
		{ "7f00003be000-7f00003c2000 r--p 001be000" LIB, "/lib/libc-2.19.so", "rd mr mw me ac", "relro", 0, 0 },
		{ "7f00003c2000-7f00003c4000 rw-p 001c2000" LIB, "/lib/libc-2.19.so", "rd wr mr mw me ac", "data", 0, 0 },
		{ "7f00003c4000-7f00003c9000 rw-p" ANON, NULL, "rd wr mr mw me ac", "bss", "/lib/libc-2.19.so", 0 },
		{ 0 },
	};

	check(line, 0x400000, "/bin/bash");
}
END_TEST

/* Two libraries side by side, one with no data; a library of data only; a plain file. */
START_TEST(test_objects)
{
	static const struct line line[] = {
		{ "7f0000000000-7f0000001000 r--p 00000000 fe:00 30", "/lib/a.so", "rd mr mw me", "rodata", 0, 0 },
		{ "7f0000001000-7f0000002000 r-xp 00001000 fe:00 30", "/lib/a.so", "rd ex mr mw me", "text", 0, 0 },
		{ "7f0000002000-7f0000003000 rw-p" ANON, NULL, "rd wr mr mw me ac", "anon", 0, 0 },
		/* ICU's data: no code, but relocated */
		{ "7f0000010000-7f0000011000 r--p 00000000 fe:00 31", "/lib/libicudata.so", "rd mr mw me", "rodata", 0, 0 },
		{ "7f0000011000-7f0000012000 r--p 00001000 fe:00 31", "/lib/libicudata.so", "rd mr mw me ac", "relro", 0, 0 },
		{ "7f0000020000-7f0000021000 r--p 00000000 fe:00 32", "/usr/lib/locale/C", "rd mr me", "file", 0, 0 },
		{ "7f0000021000-7f0000022000 r--s 00000000 fe:00 33", "/usr/lib/gconv.cache", "rd mr me ms", "file", 0, 0 },
		{ "7f0000022000-7f0000023000 rw-s 00000000 fe:00 34", "/var/db", "rd wr sh mr mw me ms", "file", 0, 0 },
		{ "7f0000023000-7f0000024000 rw-p 00000000 fe:00 35", "/var/private", "rd wr mr mw me ac", "file", 0, 0 },
		{ 0 },
	};

	check(line, 0, "");
}
END_TEST

START_TEST(test_single_kinds)
{
	static const struct line line[] = {
		{ "10000000-10001000 rw-p" ANON, NULL, "rd wr", "anon", 0, 0 },
		{ "11000000-11001000 rwxp" ANON, NULL, "rd wr ex", "jit", 0, 0 },
		{ "12000000-12001000 r-xp" ANON, NULL, "rd ex", "jit", 0, 0 },
		{ "13000000-13001000 ---p" ANON, NULL, "mr", "guard", 0, 0 },
		{ "14000000-14001000 r--p" ANON, NULL, "rd", "anon", 0, 0 },
		{ "15000000-15001000 rw-p" ANON, "[anon:a/b]", "rd wr", "anon", 0, 0 },
		{ "16000000-16001000 rwxp" ANON, "[anon:code]", "rd wr ex", "jit", 0, 0 },
		{ "17000000-17001000 ---p" ANON, "[anon:gap]", "mr", "guard", 0, 0 },
		{ "18000000-18001000 rw-s 00000000 00:01 7", "/dev/zero (deleted)", "rd wr sh", "shm", "/dev/zero", 0 },
		{ "1a000000-1a001000 rw-p 00000000 00:05 9", "/dev/zero", "rd wr", "anon", 0, 0 },
		{ "1b000000-1b001000 rw-s 00000000 00:01 5", "/SYSV00001234 (deleted)", "rd wr sh", "shm", "/SYSV00001234", 0 },
		{ "1c000000-1c001000 rw-s 00000000 00:18 6", "/dev/shm/x", "rd wr sh", "shm", 0, 0 },
		{ "1d000000-1d001000 rw-s 00000000 00:01 7", "/memfd:wayland (deleted)", "rd wr sh", "memfd", "/memfd:wayland", 0 },
		{ "1e000000-1e001000 rw-s 00000000 00:10 8", "/secretmem (deleted)", "rd wr sh", "memfd", "/secretmem", 0 },
		{ "1f000000-1f200000 rw-p 00000000 00:0f 9", "/anon_hugepage (deleted)", "rd wr ht", "hugetlb", "/anon_hugepage", 0 },
		{ "20000000-20200000 rw-s 00000000 00:20 9", "/mnt/huge/x", "rd wr sh ht", "hugetlb", 0, 0 },
		{ "21000000-21200000 ---p 00000000 00:0f 9", "/anon_hugepage (deleted)", "mr ht", "hugetlb", "/anon_hugepage", 0 },
		{ "22000000-22001000 rw-s 00000000 00:06 9", "/dev/dri/card0", "rd wr sh pf io", "device", 0, 0 },
		{ "23000000-23001000 rw-s 00000000 00:06 9", "/dev/nvidia0", "rd wr sh", "device", 0, 0 },
		{ "24000000-24001000 rw-s 00000000 00:0e 9", "/dmabuf:x", "rd wr sh", "device", 0, 0 },
		{ "25000000-25001000 rw-s 00000000 00:0d 9", "anon_inode:[io_uring]", "rd wr sh", "other", 0, 0 },
		{ "26000000-26001000 rw-s 00000000 00:0d 9", "anon_inode:[perf_event]", "rd wr sh", "other", 0, 0 },
		{ "27000000-27001000 rw-s 00000000 00:08 9", "socket:[12]", "rd wr sh", "other", 0, 0 },
		{ "28000000-28001000 rw-s 00000000 00:11 9", "/[aio] (deleted)", "rd wr sh", "other", "/[aio]", 0 },
		{ "29000000-29001000 --xp" ANON, "[uprobes]", "ex", "other", 0, 0 },
		{ "2a000000-2a001000 rw-p" ANON, "[heap]", "rd wr", "heap", 0, 0 },
		{ "2a001000-2a002000 r--p" ANON, "[heap]", "rd", "heap", 0, 0 },
		/* a real file that is called like the kernel's objects */
		{ "2b000000-2b001000 rw-p 00000000 fe:00 7", "/memfd:fake", "rd wr", "file", 0, 0 },
		{ "2c000000-2c001000 rw-p 00000000 fe:00 8", "/memfd:fake (deleted)", "rd wr", "file", "/memfd:fake", 0 },
		{ "2d000000-2d001000 rw-p 00000000 fe:00 9", "/SYSV00000000 (deleted)", "rd wr", "file", "/SYSV00000000", 0 },
		{ 0 },
	};

	check(line, 0, "");
}
END_TEST

/* fs/proc/task_mmu.c get_vma_name(): a name given to shared anonymous memory stands in place of
 * "/dev/zero (deleted)"; device and inode stay those of the file in it. */
START_TEST(test_named_shared)
{
	static const struct line line[] = {
		{ "19000000-19001000 rw-s 00000000 00:01 8", "[anon_shmem:x]", "rd wr sh", "shm", 0, 0 },
		{ "1a000000-1a001000 rw-s 00000000 00:01 9", "[anon_shmem:a/b]", "rd wr sh", "shm", 0, 0 },
		{ 0 },
	};

	check(line, 0, "");
}
END_TEST

/* Without flags, the page size tells hugetlb; without that, the kernel's name for it. */
START_TEST(test_hugetlb)
{
	static const struct line line[] = {
		{ "20000000-20200000 rw-s 00000000 00:20 9", "/mnt/huge/x", 0, "hugetlb", 0, 0 },
		{ 0 },
	};
	static const struct line small[] = {
		{ "20000000-20200000 rw-s 00000000 00:20 9", "/mnt/huge/x", 0, "file", 0, 0 },
		{ "21000000-21200000 rw-p 00000000 00:0f 9", "/anon_hugepage (deleted)", 0, "hugetlb", "/anon_hugepage", 0 },
		{ 0 },
	};
	struct classify_facts facts = { .page_size = 4096 };

	check_facts(line, &facts, "", "KernelPageSize: 2048 kB\n");
	check_facts(small, &facts, "", NULL);
	facts.page_size = 65536;
	check_facts(small, &facts, "", NULL);
}
END_TEST

START_TEST(test_threads)
{
	static const struct line line[] = {
		/* Go: a stack pointer into an arena without a guard */
		{ "c000000000-c004000000 rw-p" ANON, NULL, "rd wr mr mw me ac", "anon", 0, 0 },
		{ "7f0000000000-7f0000001000 ---p" ANON, NULL, "mr mw me", "guard", "[stack:101]", 101 },
		{ "7f0000001000-7f0000801000 rw-p" ANON, NULL, "rd wr mr mw me ac", "thread-stack", "[stack:101]", 101 },
		{ "7f0001000000-7f0001800000 rw-p" ANON, NULL, "rd wr mr mw me ac", "thread-stack", "[stack:102]", 102 },
		/* glibc 2.42: guard markers inside, no mapping for it */
		{ "7f0002000000-7f0002800000 rw-p" ANON, NULL, "rd wr mr mw me ac gu", "thread-stack", "[stack:103]", 103 },
		{ "7f0003000000-7f0003800000 rw-p" ANON, NULL, "rd wr mr mw me gd ac", "thread-stack", "[stack:104]", 104 },
		{ "7f0004000000-7f0004001000 ---p" ANON, NULL, "mr mw me", "guard", 0, 0 },
		/* not writable: no stack, whatever points into it */
		{ "7f0004001000-7f0004801000 r--p" ANON, NULL, "rd mr mw me", "anon", 0, 0 },
		{ "7f0005000000-7f0005001000 rw-s 00000000 00:01 7", "/memfd:x (deleted)", "rd wr sh", "memfd", "/memfd:x", 0 },
		{ "7ffffffde000-7ffffffff000 rw-p" ANON, "[stack]", "rd wr mr mw me gd ac", "stack", 0, 0 },
		{ 0 },
	};
	static const struct thread thread[] = {
		{ 101, THREAD_STACK_POINTER, 0x7f0000800ff0 },
		{ 102, THREAD_ROBUST_LIST, 0x7f00017ff9e0 },
		{ 103, THREAD_STACK_POINTER, 0x7f00027ff000 },
		{ 104, THREAD_STACK_POINTER, 0x7f0003000000 },
		{ 105, THREAD_STACK_POINTER, 0xc000080000 },
		{ 106, THREAD_UNKNOWN, 0x7f0000800ff0 },
		{ 107, THREAD_ROBUST_LIST, 0x7f0004001100 },
		{ 108, THREAD_ROBUST_LIST, 0x7f0005000100 },
		{ 109, THREAD_STACK_POINTER, 0x7ffffffdf000 },
		{ 110, THREAD_ROBUST_LIST, 0x10 },
	};
	struct classify_facts facts = { .page_size = 4096, .threads = thread, .n_threads = 10 };

	check_facts(line, &facts, "", NULL);
}
END_TEST

/* Linux 3.4 to 4.4 named thread stacks itself. */
START_TEST(test_named_stacks)
{
	static const struct line line[] = {
		{ "2ba4bebb7000-2ba4bebb8000 ---p" ANON, NULL, 0, "guard", "[stack:13848]", 13848 },
		{ "2ba4bebb8000-2ba4bebbb000 rw-p" ANON, "[stack:13848]", 0, "thread-stack", 0, 13848 },
		{ "2ba4bec00000-2ba4becbb000 rw-p" ANON, "[stack:2]", 0, "thread-stack", 0, 2 },
		{ 0 },
	};

	check(line, 0, "");
}
END_TEST

/* mprotect has split the executable's bss: only there all that adjoins is its own. */
START_TEST(test_bss)
{
	static const struct line line[] = {
		{ "00400000-00401000 r-xp 00000000" BIN, "/bin/x", 0, "text", 0, 0 },
		{ "00401000-00402000 rw-p 00001000" BIN, "/bin/x", 0, "data", 0, 0 },
		{ "00402000-00403000 rw-p" ANON, NULL, 0, "bss", "/bin/x", 0 },
		{ "00403000-00404000 r--p" ANON, NULL, 0, "bss", "/bin/x", 0 },
		{ "00404000-00405000 rw-p" ANON, NULL, 0, "bss", "/bin/x", 0 },
		{ "00406000-00407000 rw-p" ANON, NULL, 0, "anon", 0, 0 },
		{ "7f0000000000-7f0000001000 r-xp 00000000" LIB, "/lib/y", 0, "text", 0, 0 },
		{ "7f0000001000-7f0000002000 rw-p 00001000" LIB, "/lib/y", 0, "data", 0, 0 },
		{ "7f0000002000-7f0000003000 rw-p" ANON, NULL, 0, "bss", "/lib/y", 0 },
		{ "7f0000003000-7f0000004000 r--p" ANON, NULL, 0, "anon", 0, 0 },
		{ 0 },
	};

	check(line, 0x400000, "/bin/x");
}
END_TEST

static uint64_t told_end(void *ctx, const struct vma *data)
{
	return data->end + *(const uint64_t *)ctx;
}

/* Behind a library's data lies what an allocator got there, in one mapping with its bss or not. */
START_TEST(test_behind_data)
{
	static const struct {
		const char *maps;
		uint64_t bss;		/* bytes behind the data; as told */
		const char *kind;
	} t[] = {
		{ "7f0000002000-7f0000402000 rw-p" ANON, 0, "anon" },
		{ "7f0000002000-7f0000402000 rw-p" ANON, 0x1000, "anon" },
		{ "7f0000002000-7f0000402000 rw-p" ANON, 0x200001, "bss" },
		{ "7f0000002000-7f0000402000 rw-p" ANON, 0x400000, "bss" },
		{ "7f0000002000-7f0000402000 rw-p" ANON, 0x800000, "bss" },
		{ "7f0000002000-7f0000402000 rw-p" ANON, UINT64_C(0) - 0x7f0000002000, "bss" },	/* not known */
		{ "7f0000002000-7f0000012000 rw-p" ANON, 0, "bss" },	/* small: nobody is asked */
		{ "7f0000002000-7f0000013000 rw-p" ANON, 0, "anon" },
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		const struct line line[] = {
			{ "7f0000000000-7f0000001000 r-xp 00000000" LIB, "/lib/y", 0, "text", 0, 0 },
			{ "7f0000001000-7f0000002000 rw-p 00001000" LIB, "/lib/y", 0, "data", 0, 0 },
			{ t[i].maps, NULL, 0, t[i].kind, strcmp(t[i].kind, "bss") ? NULL : "/lib/y", 0 },
			{ 0 },
		};
		uint64_t bss = t[i].bss;
		struct classify_facts facts = { .page_size = 4096, .data_end = told_end, .ctx = &bss };

		check_facts(line, &facts, "", NULL);
	}
}
END_TEST

/* A file mapped twice is two objects in a row, each from its offset 0. */
START_TEST(test_twice)
{
	static const struct line line[] = {
		{ "7f0000000000-7f0000001000 r--p 00000000" LIB, "/lib/y", 0, "rodata", 0, 0 },
		{ "7f0000001000-7f0000002000 r-xp 00001000" LIB, "/lib/y", 0, "text", 0, 0 },
		{ "7f0000002000-7f0000003000 r--p 00000000" LIB, "/lib/y", 0, "file", 0, 0 },
		{ 0 },
	};

	check(line, 0, "");
}
END_TEST

START_TEST(test_kind_names)
{
	for (unsigned int k = 0; k < KINDS; k++) {
		ck_assert_uint_eq(kind_find(str_of(kind_info[k].name)), k);
		ck_assert_ptr_nonnull(kind_info[k].help);
	}
	ck_assert_uint_eq(kind_find(STR("")), KINDS);
	ck_assert_uint_eq(kind_find(STR("hea")), KINDS);
	ck_assert_uint_eq(kind_find(STR("heap ")), KINDS);
	for (unsigned int k = 0; k < KINDS; k++)
		ck_assert(kind_is_elf((enum kind)k) ==
			  (k == KIND_TEXT || k == KIND_RODATA || k == KIND_RELRO ||
			   k == KIND_DATA || k == KIND_BSS));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("classify");

	UNIT_CASE(s, "elf", test_modern, test_without_flags, test_old_layout, test_objects, test_bss, test_behind_data,
		  test_twice);
	UNIT_CASE(s, "kinds", test_single_kinds, test_named_shared, test_hugetlb, test_kind_names);
	UNIT_CASE(s, "threads", test_threads, test_named_stacks);
	return unit_run(s);
}
