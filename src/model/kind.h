/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a mapping is for: one vocabulary for text, JSON, colours and filters. */
#ifndef MODEL_KIND_H
#define MODEL_KIND_H

#include <stdint.h>

#include "base/arena.h"

enum kind {
	KIND_TEXT,
	KIND_RODATA,
	KIND_RELRO,
	KIND_DATA,
	KIND_BSS,
	KIND_HEAP,
	KIND_STACK,
	KIND_THREAD_STACK,
	KIND_ANON,
	KIND_JIT,
	KIND_GUARD,
	KIND_FILE,
	KIND_SHM,
	KIND_MEMFD,
	KIND_HUGETLB,
	KIND_DEVICE,
	KIND_VDSO,
	KIND_VSYSCALL,
	KIND_OTHER,
	KINDS,			/* also: of several kinds */
};

struct kind_info {
	const char *name;
	const char *help;	/* what it is, and by which facts it is told */
};

extern const struct kind_info kind_info[KINDS];

/* KINDS when there is no kind of that name. */
enum kind kind_find(struct str name);

#endif
