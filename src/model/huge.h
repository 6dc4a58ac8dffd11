/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How much of a mapping lies in huge pages, and for what does not: why not. Pure. */
#ifndef MODEL_HUGE_H
#define MODEL_HUGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/num.h"
#include "model/census.h"
#include "model/space.h"
#include "proc/buddyinfo.h"
#include "proc/hugepages.h"
#include "proc/mountinfo.h"
#include "proc/status.h"
#include "proc/thp.h"

/* About the machine: the same for all processes of a run. */
struct huge_machine {
	struct thp thp;
	struct hugepages pools;
	buddy_list buddy;
};

/* Reads the settings; what is missing stays unknown. 0 or -ENOMEM. huge_machine_done() may
 * follow either way. */
int huge_machine_read(const struct root *root, struct huge_machine *out);
void huge_machine_done(struct huge_machine *m);

/* What the reasons are told from. Not owned; NULL, or 0: unknown. */
struct huge_facts {
	const struct huge_machine *machine;	/* never NULL */
	const struct space *space;		/* never NULL */
	const struct status *status;		/* never NULL */
	const struct census_set *set;
	const mount_list *mounts;
	uint64_t page_size, pmd_size;		/* bytes */
};

/* Free blocks that a huge page of the size of a PMD entry can be made from. */
bool huge_free_blocks(const struct huge_facts *f, uint64_t *blocks);

/* Bytes in folios of one size, by how they are mapped. */
struct huge_size {
	uint64_t size;
	uint64_t use[FOLIO_USES];
};

enum { HUGE_SIZES = 32 };	/* an order each, and more than page tables have */

/* Of a mapping, or of several. Bytes. */
struct huge {
	uint64_t size;
	struct maybe resident;			/* hugetlb included */
	struct maybe pmd, hugetlb;		/* THP that a PMD entry maps; hugetlb of any size */
	struct maybe huge;			/* their sum: what one TLB entry may cover */
	bool has_folios;			/* all sizes and uses are known, else only those two */
	struct huge_size sizes[HUGE_SIZES];	/* largest first; those that occur */
	unsigned int n_sizes;
	bool has_extents;
	struct extents extents;
};

/* Of one mapping; c and census may be NULL: not read. */
void huge_measure(const struct huge_facts *f, const struct vma *v, const struct counters *c,
		  const struct census *census, struct huge *out);

/* Sums: first is true for the first one. What one of them does not know, the sum does not. */
void huge_add(struct huge *sum, const struct huge *h, bool first);

/* Aligned stretches of pmd_size in the mapping that a huge page could lie in: in what is not
 * anonymous, the offset must be as far from a multiple of the size as the address is. */
uint64_t huge_fit(const struct huge_facts *f, const struct vma *v);

/* huge of so many bytes, in millionths; false where it is not known. */
bool huge_share(const struct huge *h, uint64_t *millionths);		/* of the size */
bool huge_resident_share(const struct huge *h, uint64_t *millionths);	/* of what is resident */

/* Why a mapping is not huge. Those that keep the kernel from it come first. */
enum huge_why {
	WHY_TOO_SMALL,
	WHY_SPECIAL_MAPPING,
	WHY_NO_ACCESS,
	WHY_PROCESS_DISABLED,
	WHY_NO_HUGEPAGE,
	WHY_THP_OFF,
	WHY_MADVISE_ONLY,
	WHY_SHMEM_DISABLED,
	WHY_FILE_UNSUPPORTED,
	WHY_MISALIGNED,		/* this and what stands before it: no huge page can come */
	WHY_NOT_ELIGIBLE,	/* the kernel says so, but nothing here tells why */
	WHY_FRAGMENTED,		/* from here on: what state the pages are in */
	WHY_SWAPPED,
	WHY_SPARSE,
	WHY_SHARED_PAGES,
	WHY_SMALL_PAGES,
	WHY_NOT_POPULATED,
	WHY_UNALIGNED_ENDS,
	WHYS,
};

struct huge_why_info {
	const char *code;	/* in JSON and documentation */
	const char *help;	/* what would change it, a sentence or two */
};

extern const struct huge_why_info huge_why_info[WHYS];

struct huge_reason {
	enum huge_why why;
	char fact[96];			/* where it is from: a file or a field of one */
	char word[32];			/* its value, where that is a word */
	uint64_t number;		/* its value, where word is "" */
	struct maybe extents;		/* how many aligned stretches it holds for */
	char text[168];			/* plain words, ASCII */
};

enum { HUGE_REASONS = WHYS };	/* each at most once */

struct huge_reasons {
	struct huge_reason v[HUGE_REASONS];
	unsigned int n;
};

/*
 * The reasons for a mapping, the most decisive first; none for one that is all huge. h is what
 * huge_measure() gave for it. Never contradicts the kernel's own verdict (smaps THPeligible): 0
 * always gets a reason of those up to WHY_NOT_ELIGIBLE, and with 1 none of the settings is
 * blamed, unless that may be true for folios smaller than a PMD entry (since 6.8 it is for any
 * size). mm/huge_memory.c __thp_vma_allowable_orders(), 6.18.
 */
void huge_reasons(const struct huge_facts *f, const struct vma *v, const struct counters *c,
		  const struct census *census, const struct huge *h, struct huge_reasons *out);

#endif
