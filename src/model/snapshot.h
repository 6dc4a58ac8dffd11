/* SPDX-License-Identifier: GPL-3.0-or-later */
/* All that is known about one process at one moment: exactly the files that are needed. */
#ifndef MODEL_SNAPSHOT_H
#define MODEL_SNAPSHOT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "model/census.h"
#include "model/geometry.h"
#include "model/numa.h"
#include "model/space.h"
#include "model/translate.h"
#include "proc/auxv.h"
#include "proc/limits.h"
#include "proc/machine.h"
#include "proc/mountinfo.h"
#include "proc/root.h"
#include "proc/stat.h"
#include "proc/status.h"
#include "proc/thp.h"

/* Kernel files beyond status and stat, which are always read. */
enum need {
	NEED_MAPS = 1,
	NEED_SMAPS = 2,		/* includes what maps tells; walks the page tables */
	NEED_ROLLUP = 4,	/* walks them again */
	NEED_AUXV = 8,
	NEED_LIMITS = 16,
	NEED_COMMAND = 32,	/* cmdline and exe */
	NEED_THREADS = 64,	/* whose stack is which */
	NEED_PAGES = 128,	/* pagemap and, as far as allowed, kpageflags and kpagecount */
	NEED_NUMA = 256,	/* numa_maps */
	NEED_CGROUP = 512,
	NEED_HUGE = 1024,	/* mountinfo; and of the machine, read elsewhere, THP's settings */
	NEEDS_BEYOND_MAPS = NEED_SMAPS | NEED_ROLLUP | NEED_PAGES | NEED_NUMA | NEED_HUGE,
};

/* What could not be told, why, and what would help. */
struct unavailable {
	const char *what;	/* key of the fact or group of facts */
	char reason[128];
	const char *needs;	/* NULL: nothing would */
};

enum condition {
	CONDITION_NORMAL,
	CONDITION_KERNEL_THREAD,	/* has no address space */
	CONDITION_ZOMBIE,		/* has none any more */
	CONDITION_NO_MEMORY,		/* no kernel thread, no zombie, and still no mappings */
};

struct snapshot {
	pid_t pid;
	bool live;
	enum condition condition;
	struct buf stat_text, command, executable;
	struct buf cgroup;		/* path, if asked for; "" where it is not known */
	struct stat_pid stat;
	struct status status;
	struct auxv auxv;
	struct limits limits;
	unsigned int bits;		/* of the process: 32, 64, or 0: unknown */
	const struct geometry *geometry;	/* NULL: unknown */
	struct space space;
	bool has_space;			/* space holds all mappings */
	bool has_command;		/* command and executable were asked for and read */
	bool has_rollup;
	uint32_t rollup_valid;
	uint64_t rollup[SMAPS_COUNTERS];	/* bytes */
	bool has_mounts;
	mount_list mounts;
	bool has_numa;
	struct numa numa;		/* of numa_maps, for each mapping */
	bool has_pages;
	struct census_set pages;	/* of the page frames */
	bool has_translations;
	struct translation_set translations;	/* of the addresses that were asked for */
	uint32_t executable_path;	/* string in space: the executable's, 0: unknown */
	VEC(struct unavailable) unavailable;
	double read_seconds;		/* wall time */
	uint64_t bytes_read;
};

struct snapshot_request {
	const struct root *root;
	const struct machine *machine;
	const struct thp *thp;		/* NULL: unknown */
	unsigned int needs;		/* enum need */
	const address_list *addresses;	/* to translate; NULL: none. Needs NEED_SMAPS */
	/* NEED_PAGES is wanted of the mapping alone that holds this; of others the census is zeros.
	 * 0: of all */
	uint64_t pages_at;
	/* Called now and then while a large file is read; may be NULL. */
	void (*progress)(void *ctx, size_t mappings, uint64_t bytes);
	void *progress_ctx;
};

/*
 * Reads one process. 0; or -errno with e filled: -ESRCH when it does not exist or exits
 * meanwhile, -EBADMSG for a damaged file. A process that replaces its program (execve) while it
 * is read is read again. What can't be read for want of privilege is in out->unavailable.
 * snapshot_done() may follow either way.
 */
int snapshot_read(const struct snapshot_request *req, pid_t pid, struct snapshot *out,
		  struct err *e);
void snapshot_done(struct snapshot *s);

/* Notes what could not be told: see struct unavailable; what and needs are kept as they are, reason is
 * copied. 0 or -ENOMEM. */
int snapshot_note(struct snapshot *s, const char *what, const char *needs, const char *reason);

/* Where brk() stands: the end of the last part of [heap], or 0 when there is none. */
uint64_t snapshot_brk(const struct snapshot *s);

/* The main thread has exited, others run and use the memory: only their directories in /proc tell of it. */
static inline bool snapshot_lost_main_thread(const struct snapshot *s)
{
	return s->condition == CONDITION_ZOMBIE && status_get(&s->status, STATUS_THREADS) > 1;
}

#endif
