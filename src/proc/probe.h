/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What this kernel and these privileges allow, found out by trying: never from version numbers,
 * which say nothing about configuration, backports, containers and security modules.
 *
 * Only memory of our own is mapped, and unmapped again; other processes' files are opened but
 * not read, but for status; nothing is written anywhere.
 */
#ifndef PROC_PROBE_H
#define PROC_PROBE_H

#include "proc/machine.h"
#include "proc/privileges.h"
#include "proc/root.h"

enum probe_result {
	PROBE_UNKNOWN,		/* could not be tried */
	PROBE_YES,
	PROBE_PARTLY,
	PROBE_NO,		/* this kernel has it not, or it is switched off */
	PROBE_NOT_ALLOWED,	/* the kernel has it, but not for us */
	PROBE_RESULTS,
};

/* As in JSON: "yes", "not_allowed". */
extern const char *const probe_result_key[PROBE_RESULTS];

enum probe_group {
	PROBE_GROUP_PROCESSES,
	PROBE_GROUP_PAGES,
	PROBE_GROUP_FRAMES,
	PROBE_GROUP_HUGE,
	PROBE_GROUP_USE,
	PROBE_GROUP_MACHINE,
	PROBE_GROUPS,
};

struct probe_group_info {
	const char *key;	/* of JSON: "page_tables" */
	const char *title;
};

extern const struct probe_group_info probe_group_info[PROBE_GROUPS];

/* In the order of the groups. */
enum probe_id {
	PROBE_MAPS, PROBE_SMAPS, PROBE_SMAPS_ROLLUP, PROBE_NUMA_MAPS, PROBE_MAP_FILES,
	PROBE_PROCMAP_QUERY, PROBE_ANON_NAMES, PROBE_THREAD_STACKS, PROBE_ALL_PROCESSES,
	PROBE_OTHER_SMAPS, PROBE_OTHER_PAGEMAP, PROBE_USER_NAMESPACE, PROBE_SECURITY_MODULES,
	PROBE_PAGEMAP, PROBE_FRAME_NUMBERS, PROBE_PAGEMAP_SCAN, PROBE_PAGEMAP_SCAN_GUARD,
	PROBE_GUARD_REGIONS, PROBE_PAGE_TABLE_LEVELS,
	PROBE_KPAGEFLAGS, PROBE_KPAGECOUNT, PROBE_KPAGECGROUP, PROBE_PAGE_MAP_COUNTS,
	PROBE_KSM_FLAG, PROBE_ZONEINFO,
	PROBE_THP, PROBE_MTHP, PROBE_THP_STATS, PROBE_HUGETLB, PROBE_KSM, PROBE_KSM_STAT,
	PROBE_SWAP,
	PROBE_SOFT_DIRTY, PROBE_CLEAR_REFS, PROBE_IDLE_PAGES, PROBE_CACHESTAT,
	PROBE_CGROUP_MEMORY, PROBE_PSI, PROBE_BUDDYINFO, PROBE_PAGETYPEINFO, PROBE_SLABINFO,
	PROBE_VMALLOCINFO, PROBE_IOMEM, PROBE_KALLSYMS, PROBE_KCORE,
	PROBE_FEATURES,
};

struct probing;
struct probe_feature;
typedef enum probe_result (*probe_fn)(struct probing *p, const struct probe_feature *f);

struct probe_feature {
	const char *key;	/* of JSON: "pagemap_scan" */
	const char *title;
	const char *used_for;
	enum probe_group group;
	bool tells;		/* the fact says more than that it works */
	const char *path;	/* from the root, or NULL */
	/* What would enable it ("needs ..."), unless the trial knows better; NULL: can't be. */
	const char *kernel;	/* after PROBE_NO */
	const char *privilege;	/* after PROBE_NOT_ALLOWED */
	probe_fn probe;
};

extern const struct probe_feature probe_feature[PROBE_FEATURES];

struct probe_finding {
	enum probe_result result;
	struct str fact;	/* what was tried, and what came of it; may hold a target's bytes */
	const char *needs;	/* NULL: nothing that is known */
};

enum probe_namespace { PROBE_NAMESPACE_UNKNOWN, PROBE_NAMESPACE_INITIAL, PROBE_NAMESPACE_NESTED };

struct probe {
	struct privileges privileges;
	enum probe_namespace user_namespace;
	struct probe_finding finding[PROBE_FEATURES];
	struct arena text;
};

struct probe_request {
	const struct root *root;		/* live */
	const struct machine *machine;
	unsigned int page_table_levels;		/* 0: not known */
};

/* 0, or -errno where there is no /proc/self or no memory; probe_done() may follow either way. */
int probe_run(const struct probe_request *req, struct probe *out);
void probe_done(struct probe *probe);

#endif
