/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Growable arrays of any element type, and large memory that comes cheap. */
#include "config.h"

#include "base/vec.h"

#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif

enum { LARGE = 128 * 1024 };	/* from where malloc() maps memory of its own */

void mem_expect(void *p, size_t from, size_t to)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
	uintptr_t start = ((uintptr_t)p + from + page - 1) & ~(page - 1);
	uintptr_t end = ((uintptr_t)p + to) & ~(page - 1);

	if (to - from >= LARGE / 2 && end > start)
		(void)madvise((void *)start, end - start, MADV_POPULATE_WRITE);
}

void *vec_grown(void *v, size_t *cap, size_t n, size_t size)
{
	/* who asks for more at first knows how many it will be */
	size_t want = *cap ? *cap : n > 16 ? n : 16;

	/* by half once it is large: what is not filled in the end was mapped in vain */
	while (want < n && want <= SIZE_MAX / 2)
		want += want * size < 8 * LARGE ? want : want / 2;
	if (want < n || want > SIZE_MAX / size)
		return NULL;
	v = realloc(v, want * size);
	if (!v)
		return NULL;
	mem_expect(v, *cap * size, want * size);
	*cap = want;
	return v;
}
