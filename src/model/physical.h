/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * All page frames of the machine added up: by use, by flag word, by zone, by 2 MiB block, and by
 * the cells of a picture. Pure, and of constant size, whatever the RAM.
 */
#ifndef MODEL_PHYSICAL_H
#define MODEL_PHYSICAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/frame_use.h"
#include "model/ram.h"

enum {
	PHYSICAL_LINES = 16,		/* of the picture, at most */
	PHYSICAL_WORDS = 4096,		/* slots for distinct flag words; a machine has 100 to 400 */
};

/*
 * The picture's grid. A cell is 2^shift frames, a line 2^line_shift; both begin at multiples of
 * their size. Only lines that hold RAM are there.
 */
struct physical_grid {
	unsigned int shift, line_shift;
	size_t cells;			/* in a line: a power of two */
	size_t lines;
	uint64_t line[PHYSICAL_LINES];	/* its number: first frame >> line_shift */
};

/* The finest grid with so many cells in a line (rounded down to a power of two) whose lines are
 * not too many. */
void physical_grid_make(const struct ram_map *map, size_t cells, struct physical_grid *out);

struct physical_plan {
	const struct ram_map *map;
	size_t zones;
	uint64_t block;			/* frames of a block: a power of two */
	struct physical_grid grid;
	uint8_t *frame;			/* of owners: see below; NULL: not wanted */
	uint64_t frames;		/* that it has room for */
};

/* What frame[pfn] says: the use in the low bits, and */
enum {
	PHYSICAL_USE_MASK = 15,
	PHYSICAL_MAPPED = 16,		/* into some process */
	PHYSICAL_CLAIMED = 32,		/* by a process whose page tables were read */
	PHYSICAL_SEEN = 64,		/* by the one that is being read */
};

_Static_assert(FRAME_USES <= PHYSICAL_USE_MASK + 1, "fits the low bits");

struct physical_use {
	uint64_t frames;
	uint64_t mapped, shared;	/* into a process at all; more than once */
	uint64_t large;			/* in folios of several pages */
};

struct physical_word {
	uint64_t word, frames;
	uint8_t use;
};

struct physical_blocks {
	uint64_t free, movable, pinned;	/* whole blocks of RAM: all free; no frame that stays; others */
	uint64_t partial;		/* blocks that are not all RAM: counted nowhere else */
	uint64_t few;			/* of the pinned: at most one frame in 64 stays */
	uint64_t has[FRAME_USES];	/* of the pinned: there are such frames in it */
	uint64_t alone[FRAME_USES];	/* of the pinned: only such frames pin it */
	uint64_t whole[FRAME_USES];	/* of the pinned: it consists of nothing else */
};

struct physical {
	struct physical_plan plan;
	struct physical_use use[FRAME_USES];
	uint64_t ram;			/* frames; the sum of all uses */
	uint64_t holes;			/* words that are of no frame of RAM */
	uint64_t outside;		/* of them, those that have flags nevertheless: device memory */
	uint64_t end;			/* behind the last word that was read */
	struct physical_blocks blocks;
	uint64_t (*zone)[FRAME_USES];	/* frames; one more than there are zones, for those of none */
	uint64_t (*cell)[FRAME_USES];	/* frames; line after line */
	struct physical_word *word;	/* PHYSICAL_WORDS slots; frames 0: an empty one */
	size_t words;
	uint64_t more_words;		/* frames whose words found no slot */
	/* where taking is: */
	size_t extent, line;
	uint64_t next;			/* frame that would follow */
	uint64_t block[FRAME_USES], block_number;
	int head;			/* use of the last compound head, or -1 */
};

/* 0 or -ENOMEM; physical_done() may follow either way. The map must outlive it. */
int physical_init(struct physical *p, const struct physical_plan *plan);
void physical_done(struct physical *p);

/* Takes in the words of n frames in a row. counts is only looked at where a word has KPF_MMAP;
 * NULL: not known. Pieces come in ascending order; each end of a row of pieces must be at a
 * multiple of the block size, or the end of all. */
void physical_take(struct physical *p, uint64_t pfn, const uint64_t *flags,
		   const uint64_t *counts, size_t n);

/* Ends the block that is being counted. */
void physical_flush(struct physical *p);

/* Adds what another took in, of the same plan. */
void physical_merge(struct physical *p, const struct physical *other);

/* The words with the most frames first; gives their number. */
size_t physical_sort_words(struct physical *p);

/* The use with most of the frames in these counts, and their sum; FRAME_USES where there is none. */
enum frame_use physical_dominant(const uint64_t count[FRAME_USES], uint64_t *sum);

#endif
