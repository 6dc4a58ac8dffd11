/* SPDX-License-Identifier: GPL-3.0-or-later */
/* /sys/kernel/mm/page_idle/bitmap: a bit per page frame. */
#include "config.h"

#include "proc/page_idle.h"

#include <errno.h>
#include <unistd.h>

enum { BITS = 64 };	/* of a word; the kernel takes whole ones */

int page_idle_open(const struct root *root)
{
	return root_open_both(root, "sys/kernel/mm/page_idle/bitmap");
}

/* Frames from one on that share its word; the bits of all of them. */
static size_t same_word(const uint64_t *pfn, size_t n, uint64_t *bits)
{
	size_t i = 0;

	*bits = 0;
	for (; i < n && pfn[i] / BITS == pfn[0] / BITS; i++)
		*bits |= UINT64_C(1) << pfn[i] % BITS;
	return i;
}

static off_t place(uint64_t pfn)
{
	return (off_t)(pfn / BITS * sizeof(uint64_t));
}

int page_idle_mark(int fd, const uint64_t *pfn, size_t n)
{
	uint64_t bits;

	for (size_t i = 0, run; i < n; i += run) {
		ssize_t done;

		run = same_word(pfn + i, n - i, &bits);
		done = pwrite(fd, &bits, sizeof(bits), place(pfn[i]));
		if (done != sizeof(bits))
			return done < 0 ? -errno : -EIO;
	}
	return 0;
}

int page_idle_read(int fd, const uint64_t *pfn, size_t n, bool *idle)
{
	uint64_t bits;

	for (size_t i = 0, run; i < n; i += run) {
		ssize_t done;

		run = same_word(pfn + i, n - i, &bits);
		done = pread(fd, &bits, sizeof(bits), place(pfn[i]));
		if (done != sizeof(bits))
			return done < 0 ? -errno : -EIO;
		for (size_t k = i; k < i + run; k++)
			idle[k] = bits >> pfn[k] % BITS & 1;
	}
	return 0;
}
