/* SPDX-License-Identifier: GPL-3.0-or-later */
/* --translate: the words for what a page is, and why there is none. */
#include "config.h"

#include "report/translate.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

const char *translate_state_word(enum page_state state, bool mapped)
{
	switch (state) {
	case PAGE_PRESENT: return "present";
	case PAGE_SWAP: return "swapped";
	case PAGE_GUARD: return "guard";
	case PAGE_MARKER: return "marker";
	case PAGE_MIGRATION: return "migration";
	case PAGE_NONE: break;
	}
	return mapped ? "untouched" : "unmapped";
}

/* For scripts; and a sentence, where that needs no numbers. */
static const struct {
	const char *word, *sentence;
} reasons[REASONS] = {
	[REASON_PRESENT] = { "present", "" },
	[REASON_UNREADABLE] = { "unreadable", NULL },
	[REASON_NOT_CANONICAL] = { "not-canonical", NULL },
	[REASON_BEYOND] = { "beyond", NULL },
	[REASON_KERNEL] = { "kernel", NULL },
	[REASON_NULL] = { "null", NULL },
	[REASON_HOLE] = { "hole", "Nothing is mapped here: an access is a SIGSEGV." },
	[REASON_STACK_ROOM] = { "stack-room",
		"Nothing is mapped here yet, but it is room for the stack above: an access makes "
		"the stack grow down to it." },
	[REASON_VSYSCALL] = { "vsyscall",
		"The page for system calls of very old programs lies in the kernel's half, which "
		"pagemap does not cover." },
	[REASON_RAW_PFN] = { "raw-pfn",
		"The kernel has mapped memory here that it keeps no page descriptors for "
		"(VM_PFNMAP: a device's, or [vvar]). Accesses work, but pagemap always reads as "
		"empty." },
	[REASON_GUARD] = { "guard",
		"A guard region (MADV_GUARD_INSTALL): an access is a SIGSEGV, and no frame is "
		"spent on it." },
	[REASON_UFFD] = { "uffd-wp",
		"No page yet, only a note that userfaultfd write-protects it." },
	[REASON_POISON] = { "poison",
		"No page, only a note that the contents are lost (a memory error, or "
		"userfaultfd said so): an access is a SIGBUS." },
	[REASON_MIGRATION] = { "migration",
		"The entry is a note of the kernel's: the contents are being moved to another "
		"frame, are in a device's memory, or are broken." },
	[REASON_SWAPPED] = { "swapped",
		"Swapped out: an access is a major page fault, which reads the page back into a "
		"free frame." },
	[REASON_SHMEM_SWAPPED] = { "shmem-swapped",
		"Shared memory that is swapped out. Its entry is empty: only the shared object "
		"itself knows the place in the swap area." },
	[REASON_NO_ACCESS] = { "no-access",
		"Mapped without any access (PROT_NONE): an access is a SIGSEGV, so no frame was "
		"ever needed." },
	[REASON_END_OF_FILE] = { "end-of-file", NULL },
	[REASON_HUGETLB] = { "hugetlb-untouched",
		"A hugetlb page that was never touched: the first access takes one from the "
		"pool." },
	[REASON_CACHED] = { "cached",
		"The page is in RAM, in the page cache, but this process has not touched it "
		"yet: the first access is a minor page fault, which only makes the entry." },
	[REASON_NOT_CACHED] = { "not-cached",
		"Never touched by this process, and not in the page cache: the first access is a "
		"major page fault, which reads it from the file." },
	[REASON_FILE] = { "file-untouched",
		"Never touched by this process. If the page is in the page cache, the first "
		"access is a minor page fault; else a major one, which reads the file." },
	[REASON_SHMEM] = { "shmem-untouched", NULL },
	[REASON_UNTOUCHED] = { "untouched",
		"Never touched, or given back: the first access is a page fault, in which the "
		"kernel finds a frame of zeros." },
};

_Static_assert(REASONS == sizeof(reasons) / sizeof(reasons[0]), "words for each");

const char *translate_reason_word(enum translate_reason reason)
{
	return reasons[reason].word;
}

static void put_beyond(struct buf *b, const struct snapshot *s)
{
	if (s->bits == 32)
		buf_printf(b, "A 32-bit program's address space ends at 0x%" PRIx64 ".",
			   geometry_half_last(s->geometry, 32));
	else
		buf_printf(b, "The page tables have %u levels here: user space ends at 0x%" PRIx64
			   ".", s->geometry->levels, geometry_half_last(s->geometry, s->bits));
}

static void put_kernel(struct buf *b, const struct snapshot *s, uint64_t address)
{
	unsigned int n;
	const struct kernel_region *r = geometry_kernel_regions(s->geometry, &n);

	buf_puts(b, "In the kernel's half");
	for (unsigned int i = 0; i < n; i++)
		if (address >= r[i].start && address <= r[i].last)
			buf_printf(b, " (%s, where the kernel is not moved by KASLR)", r[i].name);
	buf_puts(b, ": its page tables are shown by no file, and an access is a SIGSEGV.");
}

static void put_shmem(struct buf *b, const struct snapshot *s, const struct translation *t)
{
	uint64_t swap;

	buf_puts(b, "Not touched by this process, or swapped out: shared memory in swap has an "
		    "empty entry.");
	if (!s->space.counters.n ||
	    !counters_get(&s->space.counters.v[t->vma], SMAPS_SWAP, &swap))
		return;
	if (swap)
		buf_printf(b, " In this mapping %" PRIu64 " KiB are swapped out.", swap / 1024);
	else
		buf_puts(b, " Nothing in this mapping is swapped out.");
}

void translate_put_reason(struct buf *b, const struct snapshot *s, const struct translation *t)
{
	switch (t->reason) {
	case REASON_UNREADABLE:
		buf_printf(b, "pagemap cannot be read: %s.",
			   t->error == -ENODATA ? "it ends before this page" : strerror(-t->error));
		break;
	case REASON_NOT_CANONICAL:
		buf_printf(b, "Not a canonical address: bits 63 to %u must all be equal. The "
			      "processor refuses it before it looks at any table; an access is a "
			      "SIGSEGV.", geometry_user_bits(s->geometry));
		break;
	case REASON_BEYOND: put_beyond(b, s); break;
	case REASON_KERNEL: put_kernel(b, s, t->address); break;
	case REASON_NULL:
		buf_puts(b, "Nothing may be mapped this low (vm.mmap_min_addr), so that the use of "
			    "a null pointer is a SIGSEGV.");
		break;
	case REASON_END_OF_FILE:
		buf_printf(b, "Behind the end of the file, which has %" PRIu64 " bytes: an access "
			      "is a SIGBUS.", t->file_size.v);
		break;
	case REASON_SHMEM: put_shmem(b, s, t); break;
	default: buf_puts(b, reasons[t->reason].sentence); break;
	}
}
