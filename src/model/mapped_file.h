/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The file behind a mapping: how large it is, whether a page is cached, what symbol is there. */
#ifndef MODEL_MAPPED_FILE_H
#define MODEL_MAPPED_FILE_H

#include "base/arena.h"
#include "model/translate.h"
#include "proc/root.h"

/*
 * Sets file_size, cache and symbol (which goes into strings) of a translation that lies in a
 * mapping and whose entry has been read; of a live process only. Files are opened if they are
 * regular and still the ones that were mapped: through map_files (CAP_CHECKPOINT_RESTORE), or by
 * their path. What can't be found out stays unknown. 0 or -ENOMEM.
 */
int mapped_file_read(const struct process *p, const struct translate_facts *f,
		     struct arena *strings, struct translation *t);

/* Opens the file of a mapping, through the kernel's own link or by its path, if it is still that
 * file. A file descriptor, or -1; its size comes with it, or alone. */
int mapped_file_open(const struct process *p, const struct space *s, const struct vma *v,
		     struct maybe *size);

/* Where the data of the object that a mapping is of end in memory, .bss included: address, or 0 if that
 * can't be found out. */
uint64_t mapped_file_data_end(const struct process *p, const struct space *s, const struct vma *data,
			      uint64_t page_size);

/* An elf_read_fn of an open file; ctx: int, its descriptor. */
ssize_t mapped_file_pread(void *ctx, uint64_t at, void *to, size_t n);

#endif
