/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which neighbours of the picture share a line where there are too few lines for all: always the
 * two of which the smaller has least to tell, until the rest fits.
 */
#ifndef MODEL_PICTURE_JOIN_H
#define MODEL_PICTURE_JOIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	JOIN_PURE = 128,	/* a line of so much would rather not hold a 128th of it besides */
	JOIN_ALIKE = 8,		/* what is counted, not named, loses so much less when joined */
	JOIN_RESERVED = 64,	/* bytes that are not in RAM weigh as one that is */
};

/* Something that may have a line of its own; its neighbour below comes before it. */
struct join_run {
	uint64_t weight;	/* below 2^60 */
	uint8_t group;		/* not 0: to share its line with its own group alone */
	uint8_t alike;		/* not 0: of those with the same number, their count tells enough */
	bool wall;		/* a hole or the like is drawn between it and the one below */
	bool joined;		/* out: on the line of the one below */
};

/* What n bytes of which some are in RAM are worth. */
uint64_t join_weight(uint64_t size, uint64_t resident);

/* What it costs to have two lines in one, by the heaviest run of each. */
uint64_t join_cost(const struct join_run *a, const struct join_run *b);

/* Joins runs until there are at most so many lines, or nothing is left to join. Gives the number of
 * joins across the border of a group, which come last; or -ENOMEM. */
long join_runs(struct join_run *run, size_t n, size_t lines);

#endif
