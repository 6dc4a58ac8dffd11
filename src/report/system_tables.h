/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The parts of --system: one description of each for text, raw and JSON. */
#ifndef REPORT_SYSTEM_TABLES_H
#define REPORT_SYSTEM_TABLES_H

#include "model/system.h"
#include "report/json.h"
#include "report/style.h"
#include "report/table.h"

/* The colour of a group, shared by picture and table. */
enum kind system_group_kind(enum memory_group group);

/* A box as wide as the style's picture, divided as MemTotal is. */
void system_picture(struct buf *b, const struct style *s, const struct memory *m);

/* An empty line and a heading; raw: nothing. */
void system_heading(struct buf *b, const struct style *s, const char *name, const char *what);

/* A table with all of these columns. */
void system_put_table(struct buf *b, const struct style *s, const struct column *columns, size_t n,
		      const void *data, size_t rows);
void system_json_table(struct json *j, const char *key, const struct column *columns, size_t n,
		       const void *data, size_t rows);

/* Below a table, in words, what its headings mean; nothing in raw output. */
void system_put_words(struct buf *b, const struct style *s, const char *words);

/* What follows the memory: each a heading and tables, or nothing where nothing is known. */
void system_swap_text(struct buf *b, const struct style *s, const struct system *sys);
void system_pools_text(struct buf *b, const struct style *s, const struct system *sys);
void system_thp_text(struct buf *b, const struct style *s, const struct system *sys);
void system_buddy_text(struct buf *b, const struct style *s, const struct system *sys);
void system_zones_text(struct buf *b, const struct style *s, const struct system *sys);
void system_slab_text(struct buf *b, const struct style *s, const struct system *sys);
void system_vmalloc_text(struct buf *b, const struct style *s, const struct system *sys);
void system_pressure_text(struct buf *b, const struct style *s, const struct system *sys);
void system_counters_text(struct buf *b, const struct style *s, const struct system *sys);

/* Members of "system". */
void system_swap_json(struct json *j, const struct system *sys);
void system_pools_json(struct json *j, const struct system *sys);
void system_thp_json(struct json *j, const struct system *sys);
void system_buddy_json(struct json *j, const struct system *sys);
void system_zones_json(struct json *j, const struct system *sys);
void system_slab_json(struct json *j, const struct system *sys);
void system_vmalloc_json(struct json *j, const struct system *sys);
void system_pressure_json(struct json *j, const struct system *sys);
void system_counters_json(struct json *j, const struct system *sys);

/* The order of free blocks that a PMD-sized huge page needs; 0: not known. */
unsigned int system_huge_order(const struct system *sys);

#endif
