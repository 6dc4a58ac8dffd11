/* SPDX-License-Identifier: GPL-3.0-or-later */
/* /proc/PID/limits: the resource limits that bear on memory. */
#ifndef PROC_LIMITS_H
#define PROC_LIMITS_H

#include <stddef.h>
#include <stdint.h>

enum limit {
	LIMIT_ADDRESS_SPACE,
	LIMIT_DATA,
	LIMIT_STACK,
	LIMIT_RSS,
	LIMIT_LOCKED,
	LIMITS,
};

#define LIMIT_UNLIMITED UINT64_MAX

struct limit_info {
	const char *name;	/* the kernel's ("Max data size") */
	const char *key;	/* ours ("data") */
	const char *help;
};

extern const struct limit_info limit_info[LIMITS];

struct limits {
	uint32_t valid;
	uint64_t soft[LIMITS], hard[LIMITS];	/* bytes, or LIMIT_UNLIMITED */
};

/* Unknown lines are skipped, missing ones are not valid. */
void limits_parse(const char *text, size_t len, struct limits *out);

#endif
