/* SPDX-License-Identifier: GPL-3.0-or-later */
/* --physical: what the machine's page frames are used for, as a picture, tables and JSON. */
#ifndef REPORT_PHYSICAL_H
#define REPORT_PHYSICAL_H

#include "model/owners.h"
#include "model/sweep.h"
#include "report/json.h"
#include "report/style.h"

struct physical_report {
	const struct sweep *sweep;
	const struct owners *owners;	/* NULL: not asked for */
};

/* Cells in a line of a picture so wide, for a sweep. */
size_t physical_cells(const struct style *s);

/* False where nothing at all could be told; then nothing is written but the notes. */
bool physical_text(struct buf *b, const struct style *s, const struct physical_report *r);
/* The member "physical". */
bool physical_json(struct json *j, const struct physical_report *r);

/* Ranges of iomem that are RAM, or parts of the kernel. */
bool physical_shows_range(const struct iomem_range *r);

/* What could not be told. */
struct physical_missing {
	const char *what;
	const char *needs;		/* NULL: nothing would help */
	char reason[96];
};

enum { PHYSICAL_MISSING = 4 };

/* How many there are. */
unsigned int physical_find_missing(const struct sweep *s,
				   struct physical_missing out[PHYSICAL_MISSING]);

/* The picture of physical memory, lowest address first. */
void physical_picture_text(struct buf *b, const struct style *s, const struct sweep *sweep);
/* "map": the same, a letter for each cell. */
void physical_picture_json(struct json *j, const struct sweep *sweep);

#endif
