/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which part of which object each mapping is, told from facts rather than names alone. */
#ifndef MODEL_CLASSIFY_H
#define MODEL_CLASSIFY_H

#include <stdint.h>

#include "model/space.h"
#include "proc/threads.h"

struct classify_facts {
	uint64_t code;		/* an address in the executable (stat start_code); 0: unknown */
	uint64_t page_size;	/* base pages, bytes; 0: unknown */
	const struct thread *threads;
	size_t n_threads;
	/* Where an object's data end in memory, .bss included: address, or 0: not known. Asked for large
	 * anonymous mappings behind a library's data only; may be NULL. */
	uint64_t (*data_end)(void *ctx, const struct vma *data);
	void *ctx;
};

/* Sets kind, object and thread of every mapping. Gives the string number of the executable's
 * path in *executable (0 if unknown). 0 or -ENOMEM. */
int space_classify(struct space *s, const struct classify_facts *facts, uint32_t *executable);

/* Parts of an ELF object. */
static inline bool kind_is_elf(enum kind k)
{
	return k <= KIND_BSS;
}

#endif
