/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One line of /proc/PID/maps, which is also the first line of each record of smaps. */
#ifndef PROC_MAPS_H
#define PROC_MAPS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"

enum maps_perm {
	MAPS_READ = 1,
	MAPS_WRITE = 2,
	MAPS_EXEC = 4,
	MAPS_SHARED = 8,	/* VM_MAYSHARE: created MAP_SHARED */
	MAPS_ACCESS = MAPS_READ | MAPS_WRITE | MAPS_EXEC,
};

/* Documentation/filesystems/proc.rst, fs/proc/task_mmu.c show_vma_header_prefix(). */
struct maps_line {
	uint64_t start, end;	/* bytes; end is exclusive */
	uint64_t offset;	/* bytes into the file; 0 for anonymous memory */
	uint64_t inode;
	uint32_t dev_major, dev_minor;
	unsigned int perms;	/* enum maps_perm */
	struct str name;	/* as the kernel writes it: only a newline is escaped, as \012 */
};

/* True for what looks like a line of this kind: begins with a lower-case hex digit, where the
 * counters of smaps begin with a capital letter. */
bool maps_is_line(const char *line, const char *end);

/* Parses line..end (no newline); name points into it. False when it is not such a line. */
bool maps_parse_line(const char *line, const char *end, struct maps_line *out);

/* Writes "rw-p" (4 bytes, no NUL). */
void maps_put_perms(char *p, unsigned int perms);

#endif
