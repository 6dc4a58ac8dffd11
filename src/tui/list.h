/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Something with rows of which one is selected: knows numbers only, nothing of what the rows are. */
#ifndef TUI_LIST_H
#define TUI_LIST_H

#include <stdbool.h>
#include <stddef.h>

#include "tui/request.h"

struct list {
	size_t n;	/* rows */
	size_t at;	/* the selected one; 0 if there is none */
	size_t top;	/* the first visible one */
	size_t height;	/* visible rows, as of the last list_fit() */
};

/* Says how many rows there are and how many are visible: the selected one will be among them. */
void list_fit(struct list *l, size_t n, size_t height);

/* Moves as REQUEST_UP, _DOWN, _PAGE_UP, ..., _WHEEL_DOWN ask; false for other requests. */
bool list_request(struct list *l, enum request r);

/* Selects a row; in the middle of what is visible if it was not visible. */
void list_select(struct list *l, size_t at);

static inline size_t list_visible(const struct list *l)
{
	return l->n - l->top < l->height ? l->n - l->top : l->height;
}

#endif
