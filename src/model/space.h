/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An address space: its mappings in address order, their counters beside them. */
#ifndef MODEL_SPACE_H
#define MODEL_SPACE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/arena.h"
#include "base/vec.h"
#include "model/counters.h"
#include "model/kind.h"
#include "proc/smaps.h"

enum { SPACE_PERMS_MIXED = 255 };

/* A mapping (a VMA), or a group of them: then size and count are sums, start and end enclose
 * them all, and what differs among them is unknown (KINDS, object 0, thread 0, mixed). */
struct vma {
	uint64_t start, end;	/* bytes; end is exclusive */
	uint64_t size;		/* bytes mapped */
	uint64_t offset;	/* bytes into the file */
	uint64_t vm_flags;	/* enum smaps_flag, if has_flags */
	uint32_t file;		/* in space.file; 0: none, and no name of the kernel's either */
	uint32_t object;	/* string: what it belongs to; never "" once classified */
	uint32_t count;		/* mappings in it */
	pid_t thread;		/* whose stack or stack guard it is; 0: nobody's */
	uint8_t perms;		/* enum maps_perm, or SPACE_PERMS_MIXED in a group */
	uint8_t kind;		/* enum kind */
	bool has_flags;
	bool mixed;		/* a group: offset, file, flags mean nothing */
};

_Static_assert(sizeof(struct vma) <= 64, "a cache line: there may be 65,000 of them");

/* What is mapped: a file, or something the kernel has a name for ("[heap]": inode 0). */
struct file {
	uint64_t inode;
	uint32_t dev_major, dev_minor;
	uint32_t name;		/* string: as the kernel wrote it */
	uint32_t path;		/* string: decoded, without " (deleted)" */
	bool deleted;		/* it has no name any more */
	bool check_name;	/* the kernel's text leaves the name open: see snapshot */
};

struct space {
	VEC(struct vma) vma;
	VEC(struct counters) counters;	/* one each, or none at all (maps only) */
	VEC(struct file) file;		/* number 0 is none; neighbours in a row share one */
	struct arena values;		/* of the counters */
	struct strtab strings;
	struct smaps_flag_names flags;
};

struct census;
struct census_set;
struct huge_facts;
struct numa;

/* Some of the mappings of a space, or groups of them, in the order they are shown. */
struct rows {
	const struct space *space;	/* for the strings */
	const struct vma *vma;
	const struct counters *counters;	/* NULL: not read */
	const struct census *census;	/* NULL: not read */
	const struct census_set *pages;	/* what they are of, with census */
	const struct huge_facts *huge;	/* NULL: not read */
	const struct numa *numa;	/* with an entry each; NULL: not read */
	uint32_t *index;		/* into all of them; owned */
	size_t n;
};

/* 0 or -ENOMEM. */
int space_init(struct space *s);
void space_done(struct space *s);

/* Takes in a record; with_counters must be the same for all. 0 or -errno. */
int space_add(struct space *s, const struct smaps_record *r, bool with_counters);

/* Gives a file the name that the kernel's text left open, as readlink of map_files tells. */
int space_set_name(struct space *s, struct file *f, struct str path, bool deleted);

/* A name the kernel makes for an object that never had one; always shown as " (deleted)". */
bool space_is_kernels_name(struct str name);

/* The number of the first mapping that ends above addr (it may hold addr); vma.n: there is none. */
size_t space_above(const struct space *s, uint64_t addr);

/* The mapping that holds addr, or NULL. */
struct vma *space_find(const struct space *s, uint64_t addr);

static inline struct str space_str(const struct space *s, uint32_t number)
{
	return strtab_get(&s->strings, number);
}

static inline const struct file *vma_file(const struct space *s, const struct vma *v)
{
	return &s->file.v[v->file];
}

/* The file's path or the kernel's name, decoded; "" if anonymous. */
static inline struct str vma_path(const struct space *s, const struct vma *v)
{
	return space_str(s, vma_file(s, v)->path);
}

/* Mappings of user space; the x86-64 vsyscall page lies above it and is none of them. */
static inline bool vma_is_user(const struct vma *v)
{
	return v->kind != KIND_VSYSCALL;
}

/* Digits that tables give addresses, 8, 12 or 16: as wide as those of user space get, whatever
 * rows are selected; the vsyscall page far above sticks out. */
unsigned int space_address_digits(const struct space *s);

/* Bytes of all user mappings: what VmSize counts. */
uint64_t space_size(const struct space *s);

/* The largest hole between neighbouring user mappings, and how many holes there are. */
struct holes {
	size_t count;
	uint64_t largest_start, largest_end;	/* equal: none */
};
void space_holes(const struct space *s, struct holes *out);

/* All rows of s in address order, without census and numa. 0 or -ENOMEM. */
int rows_all(const struct space *s, struct rows *out);
void rows_done(struct rows *r);

/* The sum of the rows, as a group; its size is of user space, as VmSize is. counters->valid is 0 when there are no counters. */
void rows_sum(const struct rows *r, struct vma *v, struct counters_sum *counters);

#endif
