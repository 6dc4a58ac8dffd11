/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * /proc/PID/smaps, and maps and smaps_rollup, which are subsets of its format: a line per
 * mapping, and per mapping lines "Name: value kB". Documentation/filesystems/proc.rst.
 */
#ifndef PROC_SMAPS_H
#define PROC_SMAPS_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "proc/maps.h"

/* What the kernel counts per mapping. Order of the kernel, so the parser guesses right. */
enum smaps_counter {
	SMAPS_KERNEL_PAGE_SIZE,
	SMAPS_MMU_PAGE_SIZE,
	SMAPS_RSS,
	SMAPS_PSS,
	SMAPS_PSS_DIRTY,
	SMAPS_SHARED_CLEAN,
	SMAPS_SHARED_DIRTY,
	SMAPS_PRIVATE_CLEAN,
	SMAPS_PRIVATE_DIRTY,
	SMAPS_REFERENCED,
	SMAPS_ANONYMOUS,
	SMAPS_KSM,
	SMAPS_LAZY_FREE,
	SMAPS_ANON_HUGE_PAGES,
	SMAPS_SHMEM_PMD_MAPPED,
	SMAPS_FILE_PMD_MAPPED,
	SMAPS_SHARED_HUGETLB,
	SMAPS_PRIVATE_HUGETLB,
	SMAPS_SWAP,
	SMAPS_SWAP_PSS,
	SMAPS_LOCKED,
	SMAPS_THP_ELIGIBLE,
	SMAPS_PROTECTION_KEY,
	SMAPS_PER_MAPPING,	/* what follows is in smaps_rollup only */
	SMAPS_PSS_ANON = SMAPS_PER_MAPPING,
	SMAPS_PSS_FILE,
	SMAPS_PSS_SHMEM,
	SMAPS_COUNTERS,
};

struct smaps_counter_info {
	const char *name;	/* the kernel's ("Shared_Clean") */
	const char *key;	/* ours ("shared_clean") */
	const char *help;	/* what it counts, and since which kernel */
	unsigned char is_sum;	/* bytes that add up over mappings */
	unsigned char is_bytes;	/* the file has kB */
};

extern const struct smaps_counter_info smaps_counter_info[SMAPS_COUNTERS];

/* VmFlags: the bit in a record's vm_flags of each two-letter code. Codes that this program
 * does not know get the bits from SMAPS_FLAGS_KNOWN on, in order of appearance. */
enum smaps_flag {
	SMAPS_FLAG_RD, SMAPS_FLAG_WR, SMAPS_FLAG_EX, SMAPS_FLAG_SH,
	SMAPS_FLAG_MR, SMAPS_FLAG_MW, SMAPS_FLAG_ME, SMAPS_FLAG_MS,
	SMAPS_FLAG_GD, SMAPS_FLAG_PF, SMAPS_FLAG_DW, SMAPS_FLAG_LO,
	SMAPS_FLAG_IO, SMAPS_FLAG_SR, SMAPS_FLAG_RR, SMAPS_FLAG_DC,
	SMAPS_FLAG_DE, SMAPS_FLAG_LF, SMAPS_FLAG_AC, SMAPS_FLAG_NR,
	SMAPS_FLAG_HT, SMAPS_FLAG_SF, SMAPS_FLAG_NL, SMAPS_FLAG_AR,
	SMAPS_FLAG_WF, SMAPS_FLAG_DD, SMAPS_FLAG_SD, SMAPS_FLAG_MM,
	SMAPS_FLAG_HG, SMAPS_FLAG_NH, SMAPS_FLAG_MG, SMAPS_FLAG_UM,
	SMAPS_FLAG_UW, SMAPS_FLAG_UI, SMAPS_FLAG_MT, SMAPS_FLAG_BT,
	SMAPS_FLAG_SS, SMAPS_FLAG_SL, SMAPS_FLAG_DP, SMAPS_FLAG_GU,
	SMAPS_FLAG_MP,
	SMAPS_FLAGS_KNOWN,
	SMAPS_FLAGS = 64,
};

#define SMAPS_BIT(flag) (UINT64_C(1) << SMAPS_FLAG_##flag)

struct smaps_flag_info {
	char code[3];
	const char *help;
};

extern const struct smaps_flag_info smaps_flag_info[SMAPS_FLAGS_KNOWN];

/* The codes behind the bits, those of this kernel that the program does not know included. */
struct smaps_flag_names {
	char code[SMAPS_FLAGS][3];
	unsigned int n;
	unsigned char bit[26][26];	/* of the codes of two small letters, plus 1; 0: none */
};

struct smaps_record {
	struct maps_line line;	/* the name is good during the call only */
	uint64_t vm_flags;
	bool has_flags;		/* there was a VmFlags line (3.8) */
	uint32_t valid;			/* bit per counter: the kernel told it */
	uint64_t v[SMAPS_COUNTERS];	/* bytes, where the file has kB */
};

/* Called for each mapping, in the order of the file. 0, or -errno to stop. */
typedef int (*smaps_fn)(void *ctx, const struct smaps_record *r);

enum {
	SMAPS_USUAL_NAME = 16,		/* "%-16s" in show_smap() */
	SMAPS_MAX_LINES = 40,		/* of a record that are remembered; 25 in Linux 6.18 */
	SMAPS_LINE_OTHER = 255,		/* Size, which the addresses tell, and what is unknown */
};

struct smaps_parser {
	smaps_fn fn;
	void *ctx;
	struct smaps_flag_names *flags;		/* not owned */
	struct smaps_record r;
	struct buf name;			/* keeps r.line.name across blocks */
	uint64_t line_number;			/* of the last line seen, for messages */
	bool in_record;
	struct {				/* the lines of the record before: */
		char start[SMAPS_USUAL_NAME];	/* how each begins */
		unsigned char is;		/* enum smaps_counter, or SMAPS_LINE_OTHER */
	} order[SMAPS_MAX_LINES];
	unsigned int order_n, at;
	unsigned int known;			/* lines of this record that are known by name */
	unsigned int known_before;		/* of the one before; others may be there just once */
	bool clip;				/* cut overlaps off instead of giving up */
	const char *problem;			/* set with -EBADMSG: what is wrong */
};

void smaps_flag_names_init(struct smaps_flag_names *names);

void smaps_parser_init(struct smaps_parser *p, struct smaps_flag_names *flags, smaps_fn fn,
		       void *ctx);
void smaps_parser_done(struct smaps_parser *p);

/* A process_block_fn: ctx is the parser. Unknown lines are skipped; a line that begins like a
 * mapping but is none, or one cut in the middle, gives -EBADMSG with problem set; a mapping that
 * overlaps the one before gives -ESTALE, unless clip is set. */
int smaps_parse(void *ctx, const char *block, size_t len);

/* The last record is complete only now. -EBADMSG when it has fewer known lines than the one before. */
int smaps_finish(struct smaps_parser *p);

#endif
