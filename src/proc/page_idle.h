/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * /sys/kernel/mm/page_idle/bitmap: a bit per page frame, which is set to mark it idle, and gone once
 * it was used. 4.3, CONFIG_IDLE_PAGE_TRACKING; Documentation/admin-guide/mm/idle_page_tracking.rst.
 */
#ifndef PROC_PAGE_IDLE_H
#define PROC_PAGE_IDLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proc/root.h"

/* A file descriptor (the caller's to close), or -errno: -ENOENT: this kernel has none; -EACCES: it is
 * for root. */
int page_idle_open(const struct root *root);

/* Marks n frames; those that are not on the kernel's lists, as tails of folios are not, stay
 * unmarked. 0 or -errno. Both are quickest with PFNs in order. */
int page_idle_mark(int fd, const uint64_t *pfn, size_t n);

/* Which of n frames are marked still. 0 or -errno. */
int page_idle_read(int fd, const uint64_t *pfn, size_t n, bool *idle);

#endif
