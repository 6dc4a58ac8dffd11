/* SPDX-License-Identifier: GPL-3.0-or-later */
/* /proc/PID/status: readable for every process that is visible at all. */
#ifndef PROC_STATUS_H
#define PROC_STATUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

/* Lines that hold one number, in the order of the kernel. */
enum status_field {
	STATUS_VM_PEAK,
	STATUS_VM_SIZE,
	STATUS_VM_LCK,
	STATUS_VM_PIN,
	STATUS_VM_HWM,
	STATUS_VM_RSS,
	STATUS_RSS_ANON,
	STATUS_RSS_FILE,
	STATUS_RSS_SHMEM,
	STATUS_VM_DATA,
	STATUS_VM_STK,
	STATUS_VM_EXE,
	STATUS_VM_LIB,
	STATUS_VM_PTE,
	STATUS_VM_PMD,
	STATUS_VM_SWAP,
	STATUS_HUGETLB_PAGES,
	STATUS_CORE_DUMPING,
	STATUS_THP_ENABLED,
	STATUS_UNTAG_MASK,
	STATUS_TGID,
	STATUS_PPID,
	STATUS_THREADS,
	STATUS_KTHREAD,
	STATUS_FIELDS,
};

enum status_type { STATUS_KB, STATUS_NUMBER, STATUS_HEX };

struct status_field_info {
	const char *name;	/* the kernel's ("VmPeak") */
	const char *key;	/* ours ("vm_peak") */
	const char *help;
	enum status_type type;
};

extern const struct status_field_info status_field_info[STATUS_FIELDS];

struct status {
	uint32_t valid;			/* bit per field */
	uint64_t v[STATUS_FIELDS];	/* bytes where the file has kB */
	char state;			/* R S D T t Z X I, or '?' */
	bool has_uid;
	uint32_t uid;			/* effective */
};

static inline bool status_has(const struct status *s, enum status_field f)
{
	return s->valid >> f & 1;
}

/* A field's value, or 0 where the kernel did not tell. */
static inline uint64_t status_get(const struct status *s, enum status_field f)
{
	return status_has(s, f) ? s->v[f] : 0;
}

/* Unknown lines are skipped, missing ones are unknown. -EBADMSG when it has no State line. */
int status_parse(const char *text, size_t len, struct status *out);

/* The value of the first line of this name, within text: for what is no number, such as
 * "Cpus_allowed_list" (2.6.26; the CPUs this thread may run on) and "Mems_allowed_list" (the nodes
 * its cpuset lets it allocate from). */
bool status_find(const char *text, size_t len, const char *name, struct str *value);

/* A process state letter in words ("sleeping"). */
const char *status_state_name(char state);

#endif
