/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A column describes one fact about the rows of a table: once, for text, raw and JSON. */
#ifndef REPORT_COLUMN_H
#define REPORT_COLUMN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "proc/smaps.h"

struct json;
struct numa_bytes;

enum value_type {
	VALUE_BYTES,	/* n; right-aligned */
	VALUE_SIGNED,	/* (int64_t)n bytes; right-aligned */
	VALUE_CHANGE,	/* the same, with + or -; in text only */
	VALUE_CHANGE_COUNT,	/* (int64_t)n, with + or -; in text only */
	VALUE_LIMIT,	/* n bytes, or UINT64_MAX: unlimited */
	VALUE_COUNT,	/* n; right-aligned */
	VALUE_ADDRESS,	/* n; hexadecimal, zero-padded, a string in JSON */
	VALUE_HEX,	/* n; hexadecimal as text, an integer in JSON */
	VALUE_DEVICE,	/* n: major << 32 | minor; "fe:00" */
	VALUE_BOOL,	/* n; yes or no */
	VALUE_TEXT,	/* s */
	VALUE_LIST,	/* s, words that have no order; good until the next value is asked for */
	VALUE_FLAGS,	/* n, by flags; an array in JSON */
	VALUE_NODES,	/* n bytes, of which nodes has so many on each; an array in JSON */
	VALUE_BAR,	/* n of so much; in text only */
	VALUE_SHARE,	/* n millionths; "75 %", in JSON and raw 0.750000; right-aligned */
	VALUE_OBJECT,	/* written by put_json; in JSON only */
};

struct value {
	uint64_t n;
	uint64_t of;			/* VALUE_BAR: n of so much; VALUE_NODES: of so many nodes */
	struct str s;
	const char *suffix;		/* VALUE_TEXT: follows s in text; NULL: nothing */
	bool made;			/* s lies in a buffer that the next value will be in too */
	const struct smaps_flag_names *flags;
	const struct numa_bytes *nodes;
};

enum column_use {
	COLUMN_TEXT = 1,	/* in tables */
	COLUMN_JSON = 2,	/* in documents */
	COLUMN_GROUPS = 4,	/* means something for a group of mappings */
	COLUMN_DESCENDING = 8,	/* sorts largest first unless told otherwise */
	COLUMN_EXTRA = 16,	/* in no preset: needs more files than smaps */
	COLUMN_FROM_START = 64,	/* text of which the end is cut off, even if it is a path */
	COLUMN_WRAP = 128,	/* last, and in words: goes on below where there is no room, not cut */
	COLUMN_LAST = 32,	/* stays last in a list: what is cut where there is no room */
};

struct column {
	const char *key;	/* for -o, and in JSON */
	const char *heading;
	const char *help;	/* what it is, its source */
	enum value_type type;
	unsigned int use;	/* enum column_use */
	unsigned int needs;	/* enum need */
	unsigned int counter;	/* for the getter */
	/* The value of a row; false: not known (shown as "-", null). */
	bool (*get)(const void *data, size_t row, const struct column *c, struct value *v);
	/* VALUE_OBJECT, of COLUMN_JSON alone: writes one value without a key (json_object(j, NULL)
	 * ... json_object_end(j)), where get() gave true; NULL in other columns. */
	void (*put_json)(struct json *j, const void *data, size_t row);
};

enum { TABLE_MAX_COLUMNS = 64 };

/* All columns of one sort of rows; the last one is the name of the row. */
struct column_set {
	const struct column *column;
	size_t n;
};

/* By key or heading, any case, - for _ ("anon-huge-pages", "anon_huge"); NULL: there is none. */
const struct column *column_find(const struct column_set *set, struct str name);

/* Those that a table shows, in order. */
struct column_list {
	const struct column *column[TABLE_MAX_COLUMNS];
	size_t n;
};

/* Adds one unless it is there; one that is COLUMN_LAST stays last. */
void column_list_add(struct column_list *l, const struct column *c);
unsigned int column_list_needs(const struct column_list *l);

/* Sorts an index, which get() goes through, by a column's values; what is unknown comes last;
 * equal rows keep their order. 0 or -ENOMEM. */
int column_sort(const struct column *c, const void *data, uint32_t *index, size_t n,
		bool descending);

#endif
