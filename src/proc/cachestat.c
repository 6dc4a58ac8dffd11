/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cachestat(2), Linux 6.5: is a part of a file in the page cache? */
#include "config.h"

#include "proc/cachestat.h"

#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The headers of Debian 12 do not have it. */
#if !defined(SYS_cachestat) && !defined(__alpha__) && !defined(__mips__)
#define SYS_cachestat 451
#endif

int cachestat_read(int fd, uint64_t offset, uint64_t len, struct cachestat_pages *out)
{
#ifdef SYS_cachestat
	struct {
		uint64_t offset, len;
	} range = { offset, len };

	return syscall(SYS_cachestat, fd, &range, out, 0u) < 0 ? -errno : 0;
#else
	(void)fd, (void)offset, (void)len, (void)out;
	return -ENOSYS;
#endif
}
