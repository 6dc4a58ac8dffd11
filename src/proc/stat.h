/* SPDX-License-Identifier: GPL-3.0-or-later */
/* /proc/PID/stat: start time, fault counts, and where the parts of the address space begin. */
#ifndef PROC_STAT_H
#define PROC_STAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "proc/root.h"

/* Fields by their number in proc_pid_stat(5), counted from 1. */
enum stat_field {
	STAT_FLAGS = 9,		/* PF_* of the kernel */
	STAT_MINFLT = 10,
	STAT_MAJFLT = 12,
	STAT_NUM_THREADS = 20,
	STAT_STARTTIME = 22,	/* clock ticks (1/100 s) since boot */
	STAT_VSIZE = 23,	/* bytes */
	STAT_START_CODE = 26,
	STAT_END_CODE = 27,
	STAT_START_STACK = 28,
	STAT_START_DATA = 45,	/* 3.3 */
	STAT_END_DATA = 46,
	STAT_START_BRK = 47,
	STAT_ARG_START = 48,	/* 3.5 */
	STAT_ARG_END = 49,
	STAT_ENV_START = 50,
	STAT_ENV_END = 51,
	STAT_FIELDS = 53,
};

enum { STAT_PF_EXITING = 0x00000004, STAT_PF_KTHREAD = 0x00200000 };

struct stat_pid {
	struct str comm;	/* points into the text that was parsed */
	char state;		/* as in status: R S D T t Z X I, or '?' */
	uint64_t valid;		/* bit per field */
	uint64_t v[STAT_FIELDS];
	/* The kernel shows the address fields (26 to 28, 45 to 51) as 1, 1 and 0 to readers
	 * without ptrace rights; those are then not valid here. */
	bool masked;
};

static inline bool stat_has(const struct stat_pid *s, enum stat_field f)
{
	return s->valid >> f & 1;
}

/* -EBADMSG when it has no name in parentheses. Parsed from the last ')': the name may hold
 * anything. Negative fields and those beyond the end are not valid. */
int stat_parse(const char *text, size_t len, struct stat_pid *out);

/* Reads stat of an open process; comm points into the text. 0 or -errno, -EBADMSG as above. */
int stat_read(struct process *p, struct buf *text, struct stat_pid *out);

/* Is the open process the one that was known before, or another that has got its number? 0, -ESRCH, or
 * -errno of reading. */
int stat_check(struct process *p, const struct stat_pid *known);

/* Are both of one program of a process? Programs are told apart as far as their addresses are
 * random and visible; process_has_space() is the exact check, but for what happened before the
 * address space was opened. */
bool stat_same_program(const struct stat_pid *a, const struct stat_pid *b);

#endif
