/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the trials of --probe share. Only for src/proc/probe*.c. */
#ifndef PROC_PROBING_H
#define PROC_PROBING_H

#include "proc/kpage.h"
#include "proc/pagemap.h"
#include "proc/probe.h"

/* Pages of our own to try things on: an anonymous mapping that is made new. */
enum own_page { OWN_WRITTEN, OWN_UNTOUCHED, OWN_GUARD, OWN_PAGES };

/* Processes that only privilege lets us read: of other users, or with more capabilities. */
struct others {
	size_t tried;
	size_t smaps, pagemap;		/* how many of them could be opened */
};

struct probing {
	const struct probe_request *req;
	struct probe *out;
	struct process self;
	uint64_t own_pid;		/* in the PID namespace of this /proc */
	struct others others;
	char *own;			/* OWN_PAGES pages; NULL: could not be mapped */
	int guard_error;		/* of MADV_GUARD_INSTALL: 0 or -errno */
	struct pagemap pagemap;
	int pagemap_error;		/* 0 or -errno */
	bool has_entries;
	uint64_t entry[OWN_PAGES];
	struct kpage kpage;
	/* the trial at hand */
	struct buf fact;
	const char *needs;
};

/* What a trial gives back: sets the fact. */
enum probe_result probe_found(struct probing *p, enum probe_result result, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* The same, for an error (-errno) met at a path from the root: which result it stands for. */
enum probe_result probe_failed(struct probing *p, const char *path, int error);

/* At most size bytes from the start of a file, as many as one read gives. Their number, or
 * -errno. */
ssize_t probe_read(const struct probing *p, const char *path, char *to, size_t size);

/* The word in brackets of a sysfs file that offers a choice: "always [madvise] never". */
struct str probe_selected(struct str text);
/* Is any address in the first column of iomem or kallsyms not zero? */
bool probe_has_address(struct str text);

/* probe_memory.c: maps and unmaps the pages; a failure shows in the members. */
void probe_own_begin(struct probing *p);
void probe_own_end(struct probing *p);
/* probe_others.c */
int probe_others_find(struct probing *p);	/* 0 or -ENOMEM */

/* A trial each. */
enum probe_result
	probe_file(struct probing *, const struct probe_feature *),	/* opens and reads path */
	/* probe_memory.c */
	probe_pagemap(struct probing *, const struct probe_feature *),
	probe_frame_numbers(struct probing *, const struct probe_feature *),
	probe_scan(struct probing *, const struct probe_feature *),
	probe_scan_guard(struct probing *, const struct probe_feature *),
	probe_guard_regions(struct probing *, const struct probe_feature *),
	probe_soft_dirty(struct probing *, const struct probe_feature *),
	probe_kpage(struct probing *, const struct probe_feature *),
	probe_map_counts(struct probing *, const struct probe_feature *),
	probe_ksm_flag(struct probing *, const struct probe_feature *),
	probe_procmap_query(struct probing *, const struct probe_feature *),
	probe_anon_names(struct probing *, const struct probe_feature *),
	probe_cachestat(struct probing *, const struct probe_feature *),
	/* probe_others.c */
	probe_map_files(struct probing *, const struct probe_feature *),
	probe_thread_stacks(struct probing *, const struct probe_feature *),
	probe_all_processes(struct probing *, const struct probe_feature *),
	probe_other_smaps(struct probing *, const struct probe_feature *),
	probe_other_pagemap(struct probing *, const struct probe_feature *),
	probe_user_namespace(struct probing *, const struct probe_feature *),
	probe_security_modules(struct probing *, const struct probe_feature *),
	probe_clear_refs(struct probing *, const struct probe_feature *),
	probe_idle_pages(struct probing *, const struct probe_feature *),
	/* probe_system.c */
	probe_thp(struct probing *, const struct probe_feature *),
	probe_mthp(struct probing *, const struct probe_feature *),
	probe_thp_stats(struct probing *, const struct probe_feature *),
	probe_hugetlb(struct probing *, const struct probe_feature *),
	probe_ksm(struct probing *, const struct probe_feature *),
	probe_swap(struct probing *, const struct probe_feature *),
	probe_levels(struct probing *, const struct probe_feature *),
	probe_cgroup(struct probing *, const struct probe_feature *),
	probe_addresses(struct probing *, const struct probe_feature *);

#endif
