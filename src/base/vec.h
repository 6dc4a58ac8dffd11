/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Growable arrays of any element type: struct { T *v; size_t n, cap; }. */
#ifndef BASE_VEC_H
#define BASE_VEC_H

#include <stddef.h>
#include <stdlib.h>

#define VEC(T) struct { T *v; size_t n, cap; }

/* The array with room for at least n elements of this size, which may have moved; *cap is set.
 * NULL when out of memory, and then the old one stands. */
void *vec_grown(void *v, size_t *cap, size_t n, size_t size);

/* Says that bytes [from, to) behind p will be written soon. For large areas the kernel then maps
 * all pages at once (MADV_POPULATE_WRITE, 5.14) instead of at a page fault each, which is
 * several times as dear, above all on virtual machines. Only a hint: nothing depends on it. */
void mem_expect(void *p, size_t from, size_t to);

/* A pointer to one more (uninitialised) element at the end, or NULL when out of memory. */
#define vec_push(a) \
	((a)->n < (a)->cap || vec_reserve((a), (a)->n + 1) == 0 ? &(a)->v[(a)->n++] : NULL)

/* Room for at least want elements in all: 0, or -1 when out of memory. */
#define vec_reserve(a, want) \
	__extension__({ \
		void *grown_ = (want) <= (a)->cap ? (void *)(a)->v : \
			vec_grown((a)->v, &(a)->cap, (want), sizeof(*(a)->v)); \
		int ret_ = grown_ || (want) == 0 ? 0 : -1; \
		if (grown_) \
			(a)->v = grown_; \
		ret_; \
	})

#define vec_done(a) \
	do { \
		free((a)->v); \
		(a)->v = NULL; \
		(a)->n = (a)->cap = 0; \
	} while (0)

#endif
