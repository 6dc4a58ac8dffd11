/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What this kernel and these privileges allow: the table of features, and the run through it. */
#include "config.h"

#include "proc/probe.h"

#include <errno.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "proc/probing.h"
#include "proc/status.h"

const char *const probe_result_key[PROBE_RESULTS] = {
	[PROBE_UNKNOWN] = "unknown", [PROBE_YES] = "yes", [PROBE_PARTLY] = "partly",
	[PROBE_NO] = "no", [PROBE_NOT_ALLOWED] = "not_allowed",
};

const struct probe_group_info probe_group_info[PROBE_GROUPS] = {
	[PROBE_GROUP_PROCESSES] = { "processes", "Processes and their mappings" },
	[PROBE_GROUP_PAGES] = { "page_tables", "Page tables" },
	[PROBE_GROUP_FRAMES] = { "page_frames", "Page frames" },
	[PROBE_GROUP_HUGE] = { "huge_ksm_swap", "Huge pages, KSM, swap" },
	[PROBE_GROUP_USE] = { "use", "Use of pages" },
	[PROBE_GROUP_MACHINE] = { "machine", "The machine" },
};

#define SELF "proc/self/"
#define MM "sys/kernel/mm/"
#define THP MM "transparent_hugepage/"

/* What several features need. */
#define MONITOR "a kernel with CONFIG_PROC_PAGE_MONITOR"
#define PERMISSION "permission of the security module or sandbox that refuses it"
#define READ_ALL "CAP_DAC_READ_SEARCH, or uid 0, in the initial user namespace"
#define TRACE "CAP_SYS_PTRACE, or CAP_PERFMON on Linux 6.15 or later, in the initial user namespace"

const struct probe_feature probe_feature[PROBE_FEATURES] = {
	[PROBE_MAPS] = { "maps", "maps", "the list of mappings", PROBE_GROUP_PROCESSES, false,
		SELF "maps", "/proc, mounted", PERMISSION, probe_file },
	[PROBE_SMAPS] = { "smaps", "smaps", "what is in RAM, unique, swapped",
		PROBE_GROUP_PROCESSES, false, SELF "smaps", MONITOR, PERMISSION, probe_file },
	[PROBE_SMAPS_ROLLUP] = { "smaps_rollup", "smaps_rollup",
		"the kernel's own totals of a process", PROBE_GROUP_PROCESSES, false,
		SELF "smaps_rollup", "Linux 4.14, with CONFIG_PROC_PAGE_MONITOR", PERMISSION,
		probe_file },
	[PROBE_NUMA_MAPS] = { "numa_maps", "numa_maps", "memory policy, pages of each node",
		PROBE_GROUP_PROCESSES, false, SELF "numa_maps", "a kernel with CONFIG_NUMA",
		PERMISSION, probe_file },
	[PROBE_MAP_FILES] = { "map_files", "map_files", "exact names of mapped files",
		PROBE_GROUP_PROCESSES, false, SELF "map_files",
		"Linux 4.3, or CONFIG_CHECKPOINT_RESTORE", PERMISSION, probe_map_files },
	[PROBE_PROCMAP_QUERY] = { "procmap_query", "PROCMAP_QUERY",
		"one mapping, without reading all", PROBE_GROUP_PROCESSES, false,
		SELF "maps", "Linux 6.11", PERMISSION, probe_procmap_query },
	[PROBE_ANON_NAMES] = { "anon_names", "anonymous memory names",
		"programs may name it: [anon:NAME]", PROBE_GROUP_PROCESSES, false, NULL,
		"Linux 5.17, with CONFIG_ANON_VMA_NAME", PERMISSION, probe_anon_names },
	[PROBE_THREAD_STACKS] = { "thread_stacks", "thread stack pointers",
		"which mappings are stacks of threads", PROBE_GROUP_PROCESSES, true,
		SELF "syscall", "a kernel with CONFIG_HAVE_ARCH_TRACEHOOK",
		"a lower /proc/sys/kernel/yama/ptrace_scope", probe_thread_stacks },
	[PROBE_ALL_PROCESSES] = { "all_processes", "all processes visible",
		"finding processes by ID or name", PROBE_GROUP_PROCESSES, false, "proc/1/status",
		"/proc, mounted", "CAP_SYS_PTRACE, the group of the option gid= of /proc, or /proc "
		"mounted with hidepid=0", probe_all_processes },
	[PROBE_OTHER_SMAPS] = { "other_smaps", "maps of other users",
		"reports on other users' processes", PROBE_GROUP_PROCESSES, true, NULL, NULL,
		TRACE, probe_other_smaps },
	[PROBE_OTHER_PAGEMAP] = { "other_pagemap", "pagemap of other users",
		"page states of other users' processes", PROBE_GROUP_PROCESSES, true, NULL,
		MONITOR, TRACE "; and CAP_DAC_READ_SEARCH", probe_other_pagemap },
	[PROBE_USER_NAMESPACE] = { "user_namespace", "initial user namespace",
		"capabilities count for every file", PROBE_GROUP_PROCESSES, false, SELF "ns/user",
		"to be run outside of the container or user namespace", PERMISSION,
		probe_user_namespace },
	[PROBE_SECURITY_MODULES] = { "security_modules", "security modules agree",
		"some refuse even root", PROBE_GROUP_PROCESSES, false, "sys/kernel/security/lsm",
		NULL, "a policy that lets memmap read these processes", probe_security_modules },

	[PROBE_PAGEMAP] = { "pagemap", "pagemap", "present, swapped, untouched pages",
		PROBE_GROUP_PAGES, false, SELF "pagemap", MONITOR, PERMISSION, probe_pagemap },
	[PROBE_FRAME_NUMBERS] = { "frame_numbers", "frame numbers (PFN)",
		"which frame a page is in: --pages", PROBE_GROUP_PAGES, false, SELF "pagemap",
		NULL, "CAP_SYS_ADMIN in the initial user namespace", probe_frame_numbers },
	[PROBE_PAGEMAP_SCAN] = { "pagemap_scan", "PAGEMAP_SCAN",
		"what is empty, huge or a zero page", PROBE_GROUP_PAGES, false,
		SELF "pagemap", "Linux 6.7, with CONFIG_PROC_PAGE_MONITOR", PERMISSION,
		probe_scan },
	[PROBE_PAGEMAP_SCAN_GUARD] = { "pagemap_scan_guard", "PAGEMAP_SCAN, guard",
		"tells guard pages from swapped ones", PROBE_GROUP_PAGES, false, SELF "pagemap",
		"Linux 6.16", PERMISSION, probe_scan_guard },
	[PROBE_GUARD_REGIONS] = { "guard_regions", "guard regions",
		"pages that trap: MADV_GUARD_INSTALL", PROBE_GROUP_PAGES, false, NULL,
		"Linux 6.13", PERMISSION, probe_guard_regions },
	[PROBE_PAGE_TABLE_LEVELS] = { "page_table_levels", "depth of page tables",
		"how an address is split", PROBE_GROUP_PAGES, true, NULL, NULL, NULL,
		probe_levels },

	[PROBE_KPAGEFLAGS] = { "kpageflags", "kpageflags", "flags of frames, folio sizes",
		PROBE_GROUP_FRAMES, false, "proc/kpageflags", MONITOR, READ_ALL, probe_kpage },
	[PROBE_KPAGECOUNT] = { "kpagecount", "kpagecount", "how often a frame is mapped",
		PROBE_GROUP_FRAMES, false, "proc/kpagecount", MONITOR, READ_ALL, probe_kpage },
	[PROBE_KPAGECGROUP] = { "kpagecgroup", "kpagecgroup", "which cgroup a frame is charged to",
		PROBE_GROUP_FRAMES, false, "proc/kpagecgroup",
		"a kernel with CONFIG_PROC_PAGE_MONITOR and CONFIG_MEMCG", READ_ALL, probe_kpage },
	[PROBE_PAGE_MAP_COUNTS] = { "page_map_counts", "map counts per page",
		"exact counts within large folios", PROBE_GROUP_FRAMES, false, NULL,
		"a kernel without CONFIG_NO_PAGE_MAPCOUNT", NULL, probe_map_counts },
	[PROBE_KSM_FLAG] = { "ksm_flag", "KSM flag of frames", "frames merged by KSM",
		PROBE_GROUP_FRAMES, false, NULL,
		"a kernel without this error (Linux 6.10 to 6.18 have it, corrected in later "
		"releases of 6.18)", NULL, probe_ksm_flag },
	[PROBE_ZONEINFO] = { "zoneinfo", "zoneinfo", "node and zone of a frame",
		PROBE_GROUP_FRAMES, false, "proc/zoneinfo", "/proc, mounted whole", PERMISSION,
		probe_file },

	[PROBE_THP] = { "thp", "transparent huge pages", "huge pages without asking: THP",
		PROBE_GROUP_HUGE, true, THP "enabled",
		"a kernel with CONFIG_TRANSPARENT_HUGEPAGE", PERMISSION, probe_thp },
	[PROBE_MTHP] = { "mthp", "THP of other sizes", "mTHP: folios between a page and a PMD",
		PROBE_GROUP_HUGE, true, THP, "Linux 6.8, with CONFIG_TRANSPARENT_HUGEPAGE",
		PERMISSION, probe_mthp },
	[PROBE_THP_STATS] = { "thp_stats", "counters per THP size",
		"how often there was a huge page or not", PROBE_GROUP_HUGE, false, THP,
		"Linux 6.10, with CONFIG_TRANSPARENT_HUGEPAGE", PERMISSION, probe_thp_stats },
	[PROBE_HUGETLB] = { "hugetlb", "hugetlb pools", "huge pages set aside beforehand",
		PROBE_GROUP_HUGE, true, MM "hugepages", "a kernel with CONFIG_HUGETLBFS",
		PERMISSION, probe_hugetlb },
	[PROBE_KSM] = { "ksm", "samepage merging (KSM)", "equal pages merged into one",
		PROBE_GROUP_HUGE, true, MM "ksm/run", "a kernel with CONFIG_KSM", PERMISSION,
		probe_ksm },
	[PROBE_KSM_STAT] = { "ksm_stat", "ksm_stat", "what KSM did for a process",
		PROBE_GROUP_HUGE, false, SELF "ksm_stat", "Linux 6.1, with CONFIG_KSM", PERMISSION,
		probe_file },
	[PROBE_SWAP] = { "swap", "swap areas", "pages that were swapped out", PROBE_GROUP_HUGE,
		true, "proc/swaps", "a kernel with CONFIG_SWAP", PERMISSION, probe_swap },

	[PROBE_SOFT_DIRTY] = { "soft_dirty", "soft-dirty bits",
		"pages written since a point in time", PROBE_GROUP_USE, false, SELF "pagemap",
		"a kernel with CONFIG_MEM_SOFT_DIRTY", PERMISSION, probe_soft_dirty },
	[PROBE_CLEAR_REFS] = { "clear_refs", "clear_refs", "pages used since a point in time",
		PROBE_GROUP_USE, false, SELF "clear_refs", MONITOR, PERMISSION, probe_clear_refs },
	[PROBE_IDLE_PAGES] = { "idle_pages", "idle page tracking",
		"frames that nobody used for a while", PROBE_GROUP_USE, false,
		MM "page_idle/bitmap", "a kernel with CONFIG_IDLE_PAGE_TRACKING",
		"CAP_DAC_OVERRIDE, or uid 0, in the initial user namespace", probe_idle_pages },
	[PROBE_CACHESTAT] = { "cachestat", "cachestat", "what of a file is in the page cache",
		PROBE_GROUP_USE, false, SELF "exe", "Linux 6.5", PERMISSION, probe_cachestat },

	[PROBE_CGROUP_MEMORY] = { "cgroup_memory", "memory of cgroups (v2)",
		"limits and use of a container", PROBE_GROUP_MACHINE, true, SELF "cgroup",
		"the memory controller in cgroup v2, mounted", PERMISSION, probe_cgroup },
	[PROBE_PSI] = { "psi", "memory pressure (PSI)", "time lost for want of memory",
		PROBE_GROUP_MACHINE, false, "proc/pressure/memory",
		"a kernel with CONFIG_PSI, and psi=1 on its command line where it is off",
		PERMISSION, probe_file },
	[PROBE_BUDDYINFO] = { "buddyinfo", "buddyinfo", "free memory by size of blocks",
		PROBE_GROUP_MACHINE, false, "proc/buddyinfo", "/proc, mounted whole", PERMISSION,
		probe_file },
	[PROBE_PAGETYPEINFO] = { "pagetypeinfo", "pagetypeinfo", "free blocks by migrate type",
		PROBE_GROUP_MACHINE, false, "proc/pagetypeinfo", "/proc, mounted whole", READ_ALL,
		probe_file },
	[PROBE_SLABINFO] = { "slabinfo", "slabinfo", "the kernel's own objects",
		PROBE_GROUP_MACHINE, false, "proc/slabinfo", "a kernel with CONFIG_SLUB_DEBUG",
		READ_ALL, probe_file },
	[PROBE_VMALLOCINFO] = { "vmallocinfo", "vmallocinfo", "areas that vmalloc gave out",
		PROBE_GROUP_MACHINE, false, "proc/vmallocinfo", "/proc, mounted whole", READ_ALL,
		probe_file },
	[PROBE_IOMEM] = { "iomem", "addresses in iomem", "where RAM and devices lie",
		PROBE_GROUP_MACHINE, false, "proc/iomem", "/proc, mounted whole",
		"CAP_SYS_ADMIN in the initial user namespace", probe_addresses },
	[PROBE_KALLSYMS] = { "kallsyms", "addresses in kallsyms", "names of kernel functions",
		PROBE_GROUP_MACHINE, false, "proc/kallsyms", "a kernel with CONFIG_KALLSYMS",
		"CAP_SYSLOG, and kernel.kptr_restrict below 2", probe_addresses },
	[PROBE_KCORE] = { "kcore", "kcore", "where the kernel's own mappings lie",
		PROBE_GROUP_MACHINE, false, "proc/kcore", "a kernel with CONFIG_PROC_KCORE",
		"CAP_SYS_RAWIO, and " READ_ALL, probe_file },
};

_Static_assert(sizeof(probe_feature) / sizeof(probe_feature[0]) == PROBE_FEATURES,
	       "an entry for each");

enum probe_result probe_found(struct probing *p, enum probe_result result, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(&p->fact, fmt, ap);
	va_end(ap);
	return result;
}

static bool is_below(const char *path, const char *dir)
{
	return strncmp(path, dir, strlen(dir)) == 0;
}

enum probe_result probe_failed(struct probing *p, const char *path, int error)
{
	enum probe_result result;
	char c;

	switch (-error) {
	case ENOENT: case ENOTDIR: case ENXIO: case ENODEV:
	case ENOTTY: case ENOSYS: case EOPNOTSUPP:
		result = PROBE_NO;
		break;
	case EACCES: case EPERM:
		result = PROBE_NOT_ALLOWED;
		break;
	default:
		result = PROBE_UNKNOWN;
	}
	buf_printf(&p->fact, "/%s: %s", path, strerror(-error));
	if (error == -ENOENT && is_below(path, "proc/") && !is_below(path, SELF) &&
	    probe_read(p, "proc/version", &c, 1) == -ENOENT) {
		p->needs = "/proc mounted without subset=pid";
		result = PROBE_NOT_ALLOWED;
	}
	/* set by an execve that gave privileges: then our files in /proc belong to root */
	if (error == -EACCES && is_below(path, SELF) && prctl(PR_GET_DUMPABLE) != 1) {
		buf_puts(&p->fact, " (its owner is root, as memmap has file capabilities or a "
				   "set-user-ID bit; other processes' files have their own owners)");
		p->needs = "CAP_DAC_READ_SEARCH";
	}
	return result;
}

ssize_t probe_read(const struct probing *p, const char *path, char *to, size_t size)
{
	int fd = root_open_file(p->req->root, path);
	ssize_t n;

	if (fd < 0)
		return fd;
	do
		n = read(fd, to, size);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		n = -errno;
	close(fd);
	return n;
}

enum probe_result probe_file(struct probing *p, const struct probe_feature *f)
{
	char some[4096];
	ssize_t n = probe_read(p, f->path, some, sizeof(some));

	if (n < 0)
		return probe_failed(p, f->path, (int)n);
	return probe_found(p, PROBE_YES, "/%s can be read", f->path);
}

/* What was found, kept; the trial's own texts are for the next one. */
static int keep(struct probing *p, const struct probe_feature *f, enum probe_result result,
		struct probe_finding *out)
{
	char *copy = arena_alloc(&p->out->text, p->fact.len + 1, 1);

	if (!copy || p->fact.error)
		return -ENOMEM;
	memcpy(copy, p->fact.data, p->fact.len);
	*out = (struct probe_finding){ result, { copy, p->fact.len }, p->needs };
	if (!out->needs && result == PROBE_NO)
		out->needs = f->kernel;
	if (!out->needs && result == PROBE_NOT_ALLOWED)
		out->needs = f->privilege;
	if (result == PROBE_YES)
		out->needs = NULL;
	return 0;
}

static int read_privileges(struct probing *p)
{
	struct probe *out = p->out;
	struct status status;
	struct buf b;
	int ret;

	buf_init(&b);
	ret = process_read(&p->self, "status", &b);
	if (ret == 0) {
		privileges_parse(b.data, b.len, &out->privileges);
		ret = status_parse(b.data, b.len, &status);
		p->own_pid = status_get(&status, STATUS_TGID);
	}
	buf_clear(&b);
	if (process_readlink(&p->self, "ns/user", &b) == 0)
		out->user_namespace = user_namespace_is_initial((struct str){ b.data, b.len }) ?
				      PROBE_NAMESPACE_INITIAL : PROBE_NAMESPACE_NESTED;
	buf_done(&b);
	return ret;
}

int probe_run(const struct probe_request *req, struct probe *out)
{
	struct probing p = { .req = req, .out = out };
	int ret = root_open_self(req->root, &p.self);

	*out = (struct probe){ 0 };
	if (ret < 0)
		return ret;
	buf_init(&p.fact);
	ret = read_privileges(&p);
	if (ret == 0)
		ret = probe_others_find(&p);
	probe_own_begin(&p);
	for (unsigned int i = 0; ret == 0 && i < PROBE_FEATURES; i++) {
		const struct probe_feature *f = &probe_feature[i];

		buf_clear(&p.fact);
		buf_reserve(&p.fact, 1);
		p.needs = NULL;
		ret = keep(&p, f, f->probe(&p, f), &out->finding[i]);
	}
	probe_own_end(&p);
	buf_done(&p.fact);
	process_close(&p.self);
	return ret;
}

void probe_done(struct probe *probe)
{
	arena_done(&probe->text);
	*probe = (struct probe){ 0 };
}
