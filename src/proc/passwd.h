/* SPDX-License-Identifier: GPL-3.0-or-later */
/* /etc/passwd of a captured tree: the names of its users. passwd(5). */
#ifndef PROC_PASSWD_H
#define PROC_PASSWD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

/* The first name for a user ID. */
bool passwd_find(const char *text, size_t len, uint32_t uid, struct str *name);

/* Is there a user of this name? */
bool passwd_has(const char *text, size_t len, struct str name);

#endif
