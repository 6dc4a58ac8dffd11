/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads all there is about some addresses of a process: entry, frame, cgroup, file, symbol. */
#ifndef MODEL_WALK_H
#define MODEL_WALK_H

#include <stdint.h>

#include "model/frames.h"
#include "model/translate.h"
#include "proc/root.h"

struct walk_request {
	const struct root *root;
	struct process *process;
	const address_list *addresses;
	struct translate_facts facts;	/* its geometry may be replaced by a larger one */
};

/*
 * The translations of all addresses, in order. 0, with out and why not more in missing; or
 * -errno: -ESRCH when the process has no memory any more. translation_set_done() may follow
 * either way.
 */
int walk_read(struct walk_request *req, struct translation_set *out,
	      struct frames_missing *missing);

#endif
