/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Growable arrays of any element type: struct { T *v; size_t n, cap; }. */
#ifndef BASE_VEC_H
#define BASE_VEC_H

#include <stdint.h>
#include <stdlib.h>

#define VEC(T) struct { T *v; size_t n, cap; }

/* Doubles *cap as often as n elements of this size need. The new array, or NULL. */
static inline void *vec_grown(void *v, size_t *cap, size_t n, size_t size)
{
	size_t want = *cap ? *cap : 16;

	while (want < n && want <= SIZE_MAX / 2)
		want *= 2;
	if (want < n || want > SIZE_MAX / size)
		return NULL;
	v = realloc(v, want * size);
	if (v)
		*cap = want;
	return v;
}

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
