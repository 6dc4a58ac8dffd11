/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cachestat(2), Linux 6.5: is a part of a file in the page cache? include/uapi/linux/mman.h. */
#ifndef PROC_CACHESTAT_H
#define PROC_CACHESTAT_H

#include <stdint.h>

struct cachestat_pages {
	uint64_t cached, dirty, writeback;
	uint64_t evicted;		/* were there once; of shared memory: are in swap */
	uint64_t recently_evicted;
};

/* Pages of the base size among len bytes from offset on. 0 or -errno: -ENOSYS before 6.5, -EPERM
 * for files that are neither the caller's nor writable to him, -EOPNOTSUPP on hugetlbfs. */
int cachestat_read(int fd, uint64_t offset, uint64_t len, struct cachestat_pages *out);

#endif
