/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who runs a process and with which capabilities: capabilities(7), user_namespaces(7). */
#ifndef PROC_PRIVILEGES_H
#define PROC_PRIVILEGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

/* Those that matter to a reader of memory; numbers of include/uapi/linux/capability.h. */
enum capability {
	CAPABILITY_DAC_OVERRIDE = 1,
	CAPABILITY_DAC_READ_SEARCH = 2,
	CAPABILITY_SYS_RAWIO = 17,
	CAPABILITY_SYS_PTRACE = 19,
	CAPABILITY_SYS_ADMIN = 21,
	CAPABILITY_SYSLOG = 34,
	CAPABILITY_PERFMON = 38,		/* 5.8 */
	CAPABILITY_CHECKPOINT_RESTORE = 40,	/* 5.9 */
};

enum { CAPABILITIES_KNOWN = 41, CAPABILITY_NAME_MAX = 32 };

struct privileges {
	bool has_uid, has_effective, has_permitted;
	uint32_t uid;			/* effective */
	uint64_t effective, permitted;	/* a bit for each capability */
};

/* From /proc/PID/status: Uid, CapEff, CapPrm. What is missing or damaged stays unknown. */
void privileges_parse(const char *text, size_t len, struct privileges *out);

static inline bool privileges_has(const struct privileges *p, enum capability c)
{
	return p->has_effective && (p->effective >> c & 1);
}

/* The kernel's name of any of the 64 bits: "CAP_SYS_ADMIN"; "CAP_47" for one that is not known. */
const char *capability_name(unsigned int number, char space[CAPABILITY_NAME_MAX]);

/* Of what /proc/PID/ns/user leads to ("user:[4026531837]"): is it the first one, in which
 * capabilities count for all files? PROC_USER_INIT_INO, include/linux/proc_ns.h, since 3.8. */
bool user_namespace_is_initial(struct str link);

#endif
