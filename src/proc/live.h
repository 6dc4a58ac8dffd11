/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The live processes by name, and user names: the only user of libproc2. */
#ifndef PROC_LIVE_H
#define PROC_LIVE_H

#include <stdint.h>
#include <sys/types.h>

#include "proc/root.h"

/* Appends the PIDs of all processes with exactly this command name, ascending, this program's
 * own left out. The kernel keeps 15 bytes of a name: a longer one is compared with the first
 * argument's file name. 0 (also when there is none) or -errno. */
int live_find(const char *name, pid_list *out);

/* The name of a user, or NULL. Good until the next call. */
const char *live_user(uint32_t uid);

#endif
