/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Something with rows of which one is selected: knows numbers only, nothing of what the rows are. */
#include "config.h"

#include "tui/list.h"

static void show(struct list *l)
{
	if (l->at < l->top)
		l->top = l->at;
	if (l->height && l->at - l->top >= l->height)
		l->top = l->at - l->height + 1;
	if (l->top + l->height > l->n)
		l->top = l->n > l->height ? l->n - l->height : 0;
}

void list_fit(struct list *l, size_t n, size_t height)
{
	l->n = n;
	l->height = height;
	if (l->at >= n)
		l->at = n ? n - 1 : 0;
	show(l);
}

void list_select(struct list *l, size_t at)
{
	l->at = at < l->n ? at : l->n ? l->n - 1 : 0;
	if (l->at < l->top || l->at - l->top >= l->height)
		l->top = l->at > l->height / 2 ? l->at - l->height / 2 : 0;
	show(l);
}

static void move(struct list *l, bool up, size_t by)
{
	if (up)
		l->at = l->at > by ? l->at - by : 0;
	else if (l->n)
		l->at = l->n - 1 - l->at > by ? l->at + by : l->n - 1;
	show(l);
}

bool list_request(struct list *l, enum request r)
{
	enum { WHEEL = 3 };
	size_t page = l->height > 1 ? l->height - 1 : 1;

	switch (r) {
	case REQUEST_UP: move(l, true, 1); return true;
	case REQUEST_DOWN: move(l, false, 1); return true;
	case REQUEST_PAGE_UP: move(l, true, page); return true;
	case REQUEST_PAGE_DOWN: move(l, false, page); return true;
	case REQUEST_HOME: move(l, true, l->n); return true;
	case REQUEST_END: move(l, false, l->n); return true;
	case REQUEST_WHEEL_UP: move(l, true, WHEEL); return true;
	case REQUEST_WHEEL_DOWN: move(l, false, WHEEL); return true;
	default: return false;
	}
}
