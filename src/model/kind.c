/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a mapping is for: one vocabulary for text, JSON, colours and filters. */
#include "config.h"

#include "model/kind.h"

const struct kind_info kind_info[KINDS] = {
	[KIND_TEXT] = { "text", "machine code of an ELF object: an executable file mapping" },
	[KIND_RODATA] = { "rodata", "read-only data and headers of an ELF object" },
	[KIND_RELRO] = { "relro",
		"data made read-only after relocation: charged as writable (VmFlags ac)" },
	[KIND_DATA] = { "data", "writable data of an ELF object, from its file" },
	[KIND_BSS] = { "bss", "zeroed data of an ELF object: the anonymous tail of its data" },
	[KIND_HEAP] = { "heap", "the brk area: grows upward from the end of the program" },
	[KIND_STACK] = { "stack", "stack of the main thread: grows downward" },
	[KIND_THREAD_STACK] = { "thread-stack",
		"stack of another thread: its robust list or stack pointer lies in it" },
	[KIND_ANON] = { "anon", "private memory of no file: malloc, mmap(MAP_ANONYMOUS)" },
	[KIND_JIT] = { "jit", "anonymous and executable: code made at run time" },
	[KIND_GUARD] = { "guard", "no access: guard pages and reserved address space" },
	[KIND_FILE] = { "file", "a mapped file that is not an ELF object" },
	[KIND_SHM] = { "shm", "shared memory: System V, POSIX, or shared anonymous" },
	[KIND_MEMFD] = { "memfd", "shared memory without a name: memfd_create" },
	[KIND_HUGETLB] = { "hugetlb", "pages of a hugetlb pool (VmFlags ht)" },
	[KIND_DEVICE] = { "device", "a device's memory or driver buffer" },
	[KIND_VDSO] = { "vdso", "kernel code and data mapped for fast system calls" },
	[KIND_VSYSCALL] = { "vsyscall", "legacy x86-64 system-call page, above user space" },
	[KIND_OTHER] = { "other", "io_uring, perf, sockets and what is not known" },
};

enum kind kind_find(struct str name)
{
	unsigned int k = 0;

	while (k < KINDS && !str_eq(name, str_of(kind_info[k].name)))
		k++;
	return (enum kind)k;
}
