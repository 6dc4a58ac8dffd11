/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An error with its context, passed up and printed once, by main. */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <errno.h>
#include <stdbool.h>

struct err {
	int code;		/* -errno */
	char text[1024];	/* what was tried, on what, and why it failed; may be cut */
};

/* Is it something that this program lacks, and not what the system says about the thing that is read?
 * Then nobody may take it for "not there" or "not allowed". */
static inline bool err_is_own(int code)
{
	return code == -ENOMEM || code == -EMFILE || code == -ENFILE;
}

/* Fills e (which may be NULL) and gives code back, for `return err_set(...)`. A code of
 * another kind than -errno's text belongs into the format. */
int err_set(struct err *e, int code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#endif
