/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The live processes, and user names: the only user of libproc2. */
#ifndef PROC_LIVE_H
#define PROC_LIVE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "proc/root.h"

/* Appends the PIDs of all processes, ascending. 0 or -errno. */
int live_list(pid_list *out);

/* The name of a user, or NULL. Good until the next call. */
const char *live_user(uint32_t uid);

/* Is there a user of this name? */
bool live_has_user(const char *name);

#endif
