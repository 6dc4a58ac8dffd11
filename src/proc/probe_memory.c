/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Trials on memory of our own: page-table entries, page frames, advice and names. */
#include "config.h"

#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/num.h"
#include "proc/probing.h"

/* What the headers of Debian 12 (Linux 6.1) do not have. */
#ifndef MADV_GUARD_INSTALL
#define MADV_GUARD_INSTALL 102		/* 6.13, include/uapi/asm-generic/mman-common.h */
#endif
#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25		/* 6.1, the same file */
#endif
#ifndef PR_SET_VMA
#define PR_SET_VMA 0x53564d61		/* 5.17, include/uapi/linux/prctl.h */
#define PR_SET_VMA_ANON_NAME 0
#endif
#ifndef SYS_cachestat
#ifdef __alpha__
#define SYS_cachestat 561
#else
#define SYS_cachestat 451		/* 6.5 */
#endif
#endif

/* struct procmap_query, 6.11, include/uapi/linux/fs.h. Name and build ID are not asked for. */
struct mapping_query {
	uint64_t size, flags, address;
	uint64_t start, end, vma_flags, page_size, offset, inode;
	uint32_t major, minor, name_size, build_id_size;
	uint64_t name, build_id;
};

#ifndef PROCMAP_QUERY
#define PROCMAP_QUERY _IOWR('f', 17, struct mapping_query)
#endif

/* struct cachestat_range and struct cachestat, include/uapi/linux/mman.h. */
struct cache_range {
	uint64_t offset, length;
};

struct cache_counts {
	uint64_t cached, dirty, writeback, evicted, recently_evicted;
};

/* The frame of a page that was just written, or 0: hidden, or not there. */
static uint64_t own_frame(const struct probing *p)
{
	uint64_t entry = p->entry[OWN_WRITTEN];

	return p->has_entries && (entry & PAGEMAP_PRESENT) ? pagemap_pfn(entry) : 0;
}

void probe_own_begin(struct probing *p)
{
	size_t size = (size_t)p->req->machine->page_size;
	char *own = mmap(NULL, OWN_PAGES * size, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	kpage_open(p->req->root, &p->kpage);
	p->pagemap_error = pagemap_open(&p->self, size, false, &p->pagemap);
	p->guard_error = -ENOMEM;
	if (own == MAP_FAILED)
		return;
	p->own = own;
	/* a larger folio would reach into the page that must stay untouched */
	madvise(own, OWN_PAGES * size, MADV_NOHUGEPAGE);
	own[OWN_WRITTEN * size] = 1;
	p->guard_error = madvise(own + OWN_GUARD * size, size, MADV_GUARD_INSTALL) < 0 ? -errno : 0;
	p->has_entries = p->pagemap_error == 0;
	for (unsigned int i = 0; p->has_entries && i < OWN_PAGES; i++)
		p->has_entries = pagemap_entry(&p->pagemap, (uintptr_t)own + i * size,
					       &p->entry[i]) == 1;
}

void probe_own_end(struct probing *p)
{
	if (p->own)
		munmap(p->own, OWN_PAGES * (size_t)p->req->machine->page_size);
	if (p->pagemap_error == 0)
		pagemap_close(&p->pagemap);
	kpage_close(&p->kpage);
}

/* For trials that read entries: false, with the answer, where there are none. */
static bool need_entries(struct probing *p, const char *path, enum probe_result *answer)
{
	if (p->has_entries)
		return true;
	if (p->pagemap_error)
		*answer = probe_failed(p, path, p->pagemap_error);
	else
		*answer = probe_found(p, PROBE_UNKNOWN, "no memory to try it on");
	if (*answer == PROBE_NO)
		p->needs = "pagemap: a kernel with CONFIG_PROC_PAGE_MONITOR";
	return false;
}

enum probe_result probe_pagemap(struct probing *p, const struct probe_feature *f)
{
	enum probe_result answer;

	if (!need_entries(p, f->path, &answer))
		return answer;
	if (!(p->entry[OWN_WRITTEN] & PAGEMAP_PRESENT))
		return probe_found(p, PROBE_UNKNOWN, "a page that was just written is not present");
	return probe_found(p, PROBE_YES, "a page that was just written is present");
}

enum probe_result probe_frame_numbers(struct probing *p, const struct probe_feature *f)
{
	enum probe_result answer;

	if (!need_entries(p, f->path, &answer))
		return answer;
	if (!(p->entry[OWN_WRITTEN] & PAGEMAP_PRESENT))
		return probe_found(p, PROBE_UNKNOWN, "a page that was just written is not present");
	if (own_frame(p))
		return probe_found(p, PROBE_YES, "a page that was just written has one");
	return probe_found(p, PROBE_NOT_ALLOWED, "a page that was just written is present, but "
			   "its frame number reads 0");
}

enum probe_result probe_scan(struct probing *p, const struct probe_feature *f)
{
	enum probe_result answer;
	int ret;

	if (!need_entries(p, f->path, &answer))
		return answer;
	ret = pagemap_try_scan(&p->pagemap, 0);
	if (ret == 0)
		return probe_found(p, PROBE_YES, "pagemap takes the ioctl");
	return probe_found(p, ret == -ENOTTY ? PROBE_NO : PROBE_UNKNOWN,
			   "pagemap's answer to the ioctl: %s", strerror(-ret));
}

enum probe_result probe_scan_guard(struct probing *p, const struct probe_feature *f)
{
	enum probe_result answer;
	int ret;

	if (!need_entries(p, f->path, &answer))
		return answer;
	ret = pagemap_try_scan(&p->pagemap, PAGEMAP_CATEGORY_GUARD);
	if (ret == 0)
		return probe_found(p, PROBE_YES, "the ioctl knows this category");
	return probe_found(p, ret == -ENOTTY || ret == -EINVAL ? PROBE_NO : PROBE_UNKNOWN,
			   ret == -ENOTTY ? "there is no PAGEMAP_SCAN" :
			   "the ioctl's answer to this category: %s", strerror(-ret));
}

enum probe_result probe_guard_regions(struct probing *p, const struct probe_feature *f)
{
	enum probe_result answer;

	if (!p->own)
		return probe_found(p, PROBE_UNKNOWN, "no memory to try it on");
	if (p->guard_error)
		return probe_found(p, p->guard_error == -EINVAL ? PROBE_NO : PROBE_UNKNOWN,
				   "madvise(MADV_GUARD_INSTALL): %s", strerror(-p->guard_error));
	if (!need_entries(p, f->path ? f->path : "proc/self/pagemap", &answer))
		return answer;
	if (p->entry[OWN_GUARD] & PAGEMAP_GUARD)
		return probe_found(p, PROBE_YES, "pagemap marks a guard page of our own");
	/* since 6.15 there is a bit for them; those who see frames see the marker before that */
	p->needs = "Linux 6.15, where pagemap has a bit for them";
	return probe_found(p, PROBE_PARTLY, "a guard page can be made, pagemap %s",
			   pagemap_state(p->entry[OWN_GUARD]) == PAGE_GUARD ?
			   "shows it to those who may see frame numbers" : "shows it as swapped");
}

enum probe_result probe_soft_dirty(struct probing *p, const struct probe_feature *f)
{
	enum probe_result answer;

	if (!need_entries(p, f->path, &answer))
		return answer;
	/* a mapping that is new is soft-dirty as a whole */
	if (p->entry[OWN_UNTOUCHED] & PAGEMAP_SOFT_DIRTY)
		return probe_found(p, PROBE_YES, "the pages of a new mapping are soft-dirty");
	return probe_found(p, PROBE_NO, "the pages of a new mapping are not soft-dirty");
}

static enum kpage_file kpage_by_path(const char *path)
{
	enum kpage_file i = KPAGE_FLAGS;

	while (i < KPAGE_CGROUP && strcmp(path, kpage_file_path[i]) != 0)
		i++;
	return i;
}

enum probe_result probe_kpage(struct probing *p, const struct probe_feature *f)
{
	enum kpage_file file = kpage_by_path(f->path);
	uint64_t word;
	int ret = kpage_has(&p->kpage, file) ? 0 : p->kpage.fd[file];

	/* frame 0 has a word too */
	if (ret == 0)
		ret = kpage_word(&p->kpage, file, own_frame(p), &word);
	if (ret < 0)
		return probe_failed(p, f->path, ret);
	return probe_found(p, PROBE_YES, "/%s can be read", f->path);
}

/* For trials that look at frames of our own. */
static bool need_frames(struct probing *p, enum probe_result *answer)
{
	if (own_frame(p) && kpage_has(&p->kpage, KPAGE_FLAGS) && kpage_has(&p->kpage, KPAGE_COUNT))
		return true;
	p->needs = "frame numbers, kpageflags and kpagecount, to try it";
	*answer = probe_found(p, PROBE_UNKNOWN, "can only be tried by who may see page frames");
	return false;
}

/* The frame of the first page of an area, if it heads a large folio; else 0. */
static uint64_t folio_head(const struct probing *p, const char *area)
{
	const uint64_t head = KPAGE_BIT(THP) | KPAGE_BIT(COMPOUND_HEAD);
	uint64_t entry = 0, flags = 0;

	if (pagemap_entry(&p->pagemap, (uintptr_t)area, &entry) != 1 || !pagemap_pfn(entry) ||
	    kpage_word(&p->kpage, KPAGE_FLAGS, pagemap_pfn(entry), &flags) < 0)
		return 0;
	return (flags & head) == head ? pagemap_pfn(entry) : 0;
}

/* A page of a huge page is given back; the frame stays a part of the folio, and is not mapped. */
static enum probe_result try_map_counts(struct probing *p, char *huge, size_t size, size_t page)
{
	uint64_t pfn, flags = 0, count = 0;

	madvise(huge, size, MADV_HUGEPAGE);
	huge[0] = 1;
	pfn = folio_head(p, huge);
	if (!pfn && madvise(huge, size, MADV_COLLAPSE) == 0)	/* though not enabled */
		pfn = folio_head(p, huge);
	if (!pfn) {
		p->needs = "a transparent huge page, to try it on";
		return probe_found(p, PROBE_UNKNOWN, "no huge page could be had to try it on");
	}
	if (madvise(huge + page, page, MADV_DONTNEED) < 0 ||
	    kpage_word(&p->kpage, KPAGE_COUNT, pfn + 1, &count) < 0 ||
	    kpage_word(&p->kpage, KPAGE_FLAGS, pfn + 1, &flags) < 0 ||
	    !(flags & KPAGE_BIT(COMPOUND_TAIL)))
		return probe_found(p, PROBE_UNKNOWN, "a huge page was split before it was looked at");
	if (count == 0)
		return probe_found(p, PROBE_YES, "a page of a huge page that is not mapped any "
				   "more counts 0");
	return probe_found(p, PROBE_NO, "a page of a huge page that is not mapped any more counts "
			   "%llu: counts are means over a folio", (unsigned long long)count);
}

enum probe_result probe_map_counts(struct probing *p, const struct probe_feature *f)
{
	enum { MOST = 4 << 20 };	/* no more memory than this for a trial */
	char text[32], *area, *huge;
	const char *s = text;
	enum probe_result answer;
	ssize_t n;
	uint64_t size;

	(void)f;
	if (!need_frames(p, &answer))
		return answer;
	n = probe_read(p, "sys/kernel/mm/transparent_hugepage/hpage_pmd_size", text, sizeof(text));
	if (n <= 0 || !num_scan_u64(&s, text + n, &size) || size > MOST ||
	    size <= p->req->machine->page_size || (size & (size - 1))) {
		p->needs = "transparent huge pages of at most 4M, to try it on";
		return probe_found(p, PROBE_UNKNOWN, "no huge page could be had to try it on");
	}
	area = mmap(NULL, 2 * (size_t)size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
		    -1, 0);
	if (area == MAP_FAILED)
		return probe_found(p, PROBE_UNKNOWN, "no memory to try it on");
	huge = area + (size_t)(-(uintptr_t)area & (uintptr_t)(size - 1));
	answer = try_map_counts(p, huge, (size_t)size, (size_t)p->req->machine->page_size);
	munmap(area, 2 * (size_t)size);
	return answer;
}

enum probe_result probe_ksm_flag(struct probing *p, const struct probe_feature *f)
{
	uint64_t word;
	int ret;

	(void)f;
	if (!own_frame(p) || !kpage_has(&p->kpage, KPAGE_FLAGS)) {
		p->needs = "frame numbers and kpageflags, to try it";
		return probe_found(p, PROBE_UNKNOWN, "can only be tried by who may see page frames");
	}
	ret = kpage_word(&p->kpage, KPAGE_FLAGS, own_frame(p), &word);
	if (ret < 0)
		return probe_failed(p, kpage_file_path[KPAGE_FLAGS], ret);
	if (word & KPAGE_BIT(KSM))
		return probe_found(p, PROBE_NO, "set for a page of our own that was never merged");
	return probe_found(p, PROBE_YES, "not set for a page of our own that was never merged");
}

enum probe_result probe_procmap_query(struct probing *p, const struct probe_feature *f)
{
	/* a buffer for the build ID that was too small crashed a 6.18 kernel: none is given */
	struct mapping_query q = { .size = sizeof(q), .address = (uintptr_t)p->own };
	int fd = process_open_file(&p->self, "maps"), ret;

	if (fd < 0)
		return probe_failed(p, f->path, fd);
	ret = ioctl(fd, PROCMAP_QUERY, &q) < 0 ? -errno : 0;
	close(fd);
	if (ret == -ENOTTY || ret == -EACCES || ret == -EPERM)
		return probe_found(p, ret == -ENOTTY ? PROBE_NO : PROBE_NOT_ALLOWED,
				   "maps' answer to the ioctl: %s", strerror(-ret));
	if (ret < 0 || q.start > q.address || q.end <= q.address)
		return probe_found(p, PROBE_UNKNOWN, "the ioctl did not find a mapping of our own");
	return probe_found(p, PROBE_YES, "the ioctl finds a mapping of our own");
}

enum probe_result probe_anon_names(struct probing *p, const struct probe_feature *f)
{
	int ret;

	(void)f;
	if (!p->own)
		return probe_found(p, PROBE_UNKNOWN, "no memory to try it on");
	ret = prctl(PR_SET_VMA, PR_SET_VMA_ANON_NAME, p->own,
		    OWN_PAGES * (size_t)p->req->machine->page_size, "memmap probe") < 0 ? -errno : 0;
	if (ret == 0)
		return probe_found(p, PROBE_YES, "memory of our own could be named");
	return probe_found(p, ret == -EINVAL ? PROBE_NO : PROBE_UNKNOWN,
			   "prctl(PR_SET_VMA): %s", strerror(-ret));
}

enum probe_result probe_cachestat(struct probing *p, const struct probe_feature *f)
{
	struct cache_range range = { 0, 0 };
	struct cache_counts counts;
	int fd = process_open_file(&p->self, "exe");
	long ret = syscall(SYS_cachestat, fd, &range, &counts, 0u) < 0 ? -errno : 0;

	if (fd >= 0)
		close(fd);
	(void)f;
	if (ret == 0)
		return probe_found(p, PROBE_YES, "works on memmap's own file");
	if (ret == -ENOSYS)
		return probe_found(p, PROBE_NO, "the system call: %s", strerror(ENOSYS));
	p->needs = "to own a file, or the right to write to it";
	if (ret == -EBADF || ret == -EPERM)
		return probe_found(p, PROBE_PARTLY, "memmap's own file: %s",
				   ret == -EBADF ? "cannot be opened" : strerror(EPERM));
	p->needs = NULL;
	return probe_found(p, PROBE_UNKNOWN, "the system call: %s", strerror((int)-ret));
}
