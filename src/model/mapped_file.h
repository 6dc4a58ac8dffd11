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

#endif
