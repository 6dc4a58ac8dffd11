/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Why a mapping is not in huge pages: told from its flags, the settings and the state of its pages. */
#include "config.h"

#include "model/huge.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define THP "transparent_hugepage/"

const struct huge_why_info huge_why_info[WHYS] = {
	[WHY_TOO_SMALL] = { "too_small",
		"A larger mapping, or several allocations put together." },
	[WHY_SPECIAL_MAPPING] = { "special_mapping",
		"Nothing: a driver or the kernel decides how it is mapped." },
	[WHY_NO_ACCESS] = { "no_access",
		"Nothing: the range is only reserved. mprotect() makes it usable." },
	[WHY_PROCESS_DISABLED] = { "process_disabled",
		"prctl(PR_SET_THP_DISABLE, 0), here or in the parent that it was inherited "
		"from." },
	[WHY_NO_HUGEPAGE] = { "no_hugepage",
		"madvise(MADV_HUGEPAGE) takes MADV_NOHUGEPAGE back. Stacks of threads have it "
		"since Linux 6.7 (MAP_STACK)." },
	[WHY_THP_OFF] = { "thp_off",
		"As root, in the file that is named, below /sys/kernel/mm/transparent_hugepage: echo "
		"madvise > it, and then MADV_HUGEPAGE in the program; or always, for all programs; "
		"for one size also inherit, which is what enabled says." },
	[WHY_MADVISE_ONLY] = { "madvise_only",
		"madvise(MADV_HUGEPAGE) in the program (glibc's malloc does it with "
		"GLIBC_TUNABLES=glibc.malloc.hugetlb=1); or, as root, for all programs: echo "
		"always > /sys/kernel/mm/transparent_hugepage/enabled" },
	[WHY_SHMEM_DISABLED] = { "shmem_disabled",
		"As root: echo advise > /sys/kernel/mm/transparent_hugepage/shmem_enabled; then "
		"MADV_HUGEPAGE in the program; or always. Files on tmpfs: mount -o "
		"remount,huge=advise." },
	[WHY_FILE_UNSUPPORTED] = { "file_unsupported",
		"madvise(MADV_HUGEPAGE) before the first access: file systems with large folios "
		"(XFS, ext4 since 6.16, Btrfs) then read ahead in huge pages. khugepaged merges "
		"files only on kernels with READ_ONLY_THP_FOR_FS." },
	[WHY_MISALIGNED] = { "misaligned",
		"Map more, or at a multiple of the huge page's size; of a file, address and "
		"offset must be the same distance from one." },
	[WHY_NOT_ELIGIBLE] = { "not_eligible",
		"Look for prctl(PR_SET_THP_DISABLE, 1, PR_THP_DISABLE_EXCEPT_ADVISED), since "
		"6.18: then MADV_HUGEPAGE helps." },
	[WHY_FRAGMENTED] = { "fragmented",
		"As root: echo 1 > /proc/sys/vm/compact_memory; more free memory; hugetlb pages "
		"reserved at boot." },
	[WHY_SWAPPED] = { "swapped",
		"More memory. khugepaged swaps in at most max_ptes_swap pages to make a huge "
		"page." },
	[WHY_SPARSE] = { "sparse",
		"Use the range more densely; or raise khugepaged/max_ptes_none, which costs "
		"memory." },
	[WHY_SHARED_PAGES] = { "shared_pages",
		"Writing to the pages makes them the process's own; or raise "
		"khugepaged/max_ptes_shared." },
	[WHY_SMALL_PAGES] = { "small_pages",
		"Wait for khugepaged, make it faster (pages_to_scan up, scan_sleep_millisecs "
		"down), or madvise(MADV_COLLAPSE) in the program, since 6.1." },
	[WHY_NOT_POPULATED] = { "not_populated",
		"Nothing: pages come at the first access, or with MADV_POPULATE_WRITE." },
	[WHY_UNALIGNED_ENDS] = { "unaligned_ends",
		"Nothing much: map at a multiple of the huge page's size, and in multiples of "
		"it." },
};

/* What the pages of a mapping come from, as far as THP goes. */
enum backing {
	BACKING_ANON,
	BACKING_SHMEM,		/* shared memory without a name: shmem_enabled */
	BACKING_TMPFS,		/* a file on tmpfs: the mount's option */
	BACKING_FILE,
	BACKING_HUGETLB,
	BACKING_SPECIAL,
};

/* One mapping that is examined. */
struct exam {
	const struct huge_facts *f;
	const struct vma *v;
	const struct counters *c;
	const struct huge *h;
	struct huge_reasons *out;
	enum backing backing;
	const struct mount *mount;	/* NULL: unknown */
	uint64_t fit;			/* aligned stretches of the size of a PMD entry */
	struct maybe eligible;
	char pmd[NUM_MAX_SIZE];		/* that size, for people: "2M" */
};

/* A size for people, in space of NUM_MAX_SIZE. */
static const char *show(char *space, uint64_t bytes)
{
	*num_put_size(space, bytes) = '\0';
	return space;
}

/* A reason with its words; fact and value are filled in by the caller. */
static struct huge_reason *add(struct exam *x, enum huge_why why, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static struct huge_reason *add(struct exam *x, enum huge_why why, const char *fmt, ...)
{
	struct huge_reason *r = &x->out->v[x->out->n++];
	va_list ap;

	*r = (struct huge_reason){ .why = why };
	va_start(ap, fmt);
	vsnprintf(r->text, sizeof(r->text), fmt, ap);
	va_end(ap);
	return r;
}

static void set_fact(struct huge_reason *r, const char *directory, const char *name)
{
	snprintf(r->fact, sizeof(r->fact), "%s%s", directory, name);
}

static void set_word(struct huge_reason *r, const char *fact, const char *word)
{
	set_fact(r, "", fact);
	snprintf(r->word, sizeof(r->word), "%s", word);
}

static void set_number(struct huge_reason *r, const char *fact, uint64_t number)
{
	set_fact(r, "", fact);
	r->number = number;
}

static bool has_flag(const struct vma *v, uint64_t bits)
{
	return v->has_flags && (v->vm_flags & bits);
}

/* No MADV_HUGEPAGE; and no advice against it either, which is a reason of its own. */
static bool lacks_advice(const struct vma *v)
{
	return v->has_flags && !has_flag(v, SMAPS_BIT(HG) | SMAPS_BIT(NH));
}

enum { SPECIAL_FLAGS = 4 };

/* VM_SPECIAL and those that raw frames come with: include/linux/mm.h. */
static const struct {
	uint64_t bit;
	const char *code;
} special_flag[SPECIAL_FLAGS] = {
	{ SMAPS_BIT(IO), "io" }, { SMAPS_BIT(PF), "pf" }, { SMAPS_BIT(MM), "mm" },
	{ SMAPS_BIT(DE), "de" },
};

static bool is_special(const struct vma *v)
{
	for (unsigned int i = 0; i < SPECIAL_FLAGS; i++)
		if (has_flag(v, special_flag[i].bit))
			return true;
	return v->kind == KIND_DEVICE || v->kind == KIND_VDSO || v->kind == KIND_VSYSCALL ||
	       v->kind == KIND_OTHER;
}

static bool is_tmpfs(const struct mount *m)
{
	return strcmp(m->type, "tmpfs") == 0 || strcmp(m->type, "devtmpfs") == 0;
}

/* The file system is looked up for what is a file; *mount becomes NULL where it is not known. */
static enum backing find_backing(const struct huge_facts *f, const struct vma *v,
				 const struct mount **mount)
{
	const struct file *file = vma_file(f->space, v);
	struct str path = vma_path(f->space, v);

	*mount = NULL;
	if (v->kind == KIND_HUGETLB || has_flag(v, SMAPS_BIT(HT)))
		return BACKING_HUGETLB;
	if (is_special(v) || str_eq(path, STR("/secretmem")))
		return BACKING_SPECIAL;
	/* a private mapping of /dev/zero becomes anonymous: drivers/char/mem.c mmap_zero() */
	if (!(v->perms & MAPS_SHARED) &&
	    (file->inode == 0 || (str_eq(path, STR("/dev/zero")) && !file->deleted)))
		return BACKING_ANON;
	if (f->mounts)
		*mount = mounts_find(f->mounts, file->dev_major, file->dev_minor);
	if (*mount)
		return is_tmpfs(*mount) ? BACKING_TMPFS : BACKING_FILE;
	if (str_has_prefix(path, "/dev/shm/"))
		return BACKING_TMPFS;
	/* objects without a place in the file system are on a device that is never mounted */
	if (v->kind == KIND_SHM || v->kind == KIND_MEMFD ||
	    (file->dev_major == 0 && str_has_prefix(path, "/memfd:")))
		return BACKING_SHMEM;
	return BACKING_FILE;
}

static uint64_t count_fit(const struct huge_facts *f, const struct vma *v, enum backing backing)
{
	uint64_t size = f->pmd_size, first;

	if (!size || (backing != BACKING_ANON && ((v->start - v->offset) & (size - 1))))
		return 0;
	first = num_add(v->start, size - 1) & ~(size - 1);
	return first >= v->start && first < v->end ? (v->end - first) / size : 0;
}

uint64_t huge_fit(const struct huge_facts *f, const struct vma *v)
{
	const struct mount *mount;

	return count_fit(f, v, find_backing(f, v, &mount));
}

/* ---- what keeps the kernel from making huge pages ---- */

static void why_special(struct exam *x)
{
	struct huge_reason *r = add(x, WHY_SPECIAL_MAPPING,
				    "no ordinary memory: a driver's or the kernel's own mapping");
	const char *gap = "";
	size_t n = 0;

	set_word(r, "VmFlags", "");
	for (unsigned int i = 0; i < SPECIAL_FLAGS; i++) {
		if (!has_flag(x->v, special_flag[i].bit))
			continue;
		n += (size_t)snprintf(r->word + n, sizeof(r->word) - n, "%s%s", gap,
				      special_flag[i].code);
		gap = " ";
	}
	if (n == 0)
		set_word(r, "kind", kind_info[x->v->kind].name);
}

/* Settings that hold for mappings of every kind. */
static void why_process(struct exam *x)
{
	const struct status *s = x->f->status;

	if (status_has(s, STATUS_THP_ENABLED) && s->v[STATUS_THP_ENABLED] == 0 &&
	    !x->f->machine->thp.absent)
		set_number(add(x, WHY_PROCESS_DISABLED, "switched off for this process: "
			       "prctl PR_SET_THP_DISABLE (status THP_enabled 0)"),
			   "THP_enabled", 0);
	if (has_flag(x->v, SMAPS_BIT(NH)))
		set_word(add(x, WHY_NO_HUGEPAGE, x->v->kind == KIND_THREAD_STACK ?
			     "advised against: a thread's stack, mapped with MAP_STACK "
			     "(VmFlags nh)" :
			     "advised against: madvise MADV_NOHUGEPAGE (VmFlags nh)"),
			 "VmFlags", "nh");
	if (x->f->machine->thp.absent)
		set_word(add(x, WHY_THP_OFF, "this kernel has no transparent huge pages "
			     "(CONFIG_TRANSPARENT_HUGEPAGE)"),
			 "transparent_hugepage", "absent");
}

static void why_anon(struct exam *x)
{
	char file[64];
	struct thp_word w = thp_anon_mode(&x->f->machine->thp, x->f->pmd_size, file, sizeof(file));
	struct huge_reason *r;

	if (w.mode == THP_NEVER)
		r = add(x, WHY_THP_OFF, "switched off: %s is never", file);
	else if (w.mode == THP_MADVISE && lacks_advice(x->v))
		r = add(x, WHY_MADVISE_ONLY, "only on advice (%s is madvise), and the program "
			"gave none", file);
	else
		return;
	set_word(r, "", w.text);
	set_fact(r, THP, file);
}

/* What shared memory without a name may do: shmem_allowable_huge_orders(). *file decides. */
static struct thp_word shmem_mode(const struct exam *x, char *file, size_t size)
{
	const struct thp *t = &x->f->machine->thp;
	const struct thp_size *s = thp_find_size(t, x->f->pmd_size);

	snprintf(file, size, "shmem_enabled");
	if (!s || s->shmem_enabled.mode == THP_UNKNOWN || s->shmem_enabled.mode == THP_INHERIT ||
	    t->shmem_enabled.mode == THP_DENY)
		return t->shmem_enabled;
	snprintf(file, size, "hugepages-%" PRIu64 "kB/shmem_enabled", s->size / 1024);
	/* with force, only sizes that inherit are made */
	if (t->shmem_enabled.mode == THP_FORCE)
		return (struct thp_word){ THP_NEVER, "never" };
	return s->shmem_enabled;
}

static void why_shmem(struct exam *x)
{
	char file[64];
	struct thp_word w = shmem_mode(x, file, sizeof(file));
	struct huge_reason *r;

	if (w.mode == THP_NEVER || w.mode == THP_DENY)
		r = add(x, WHY_SHMEM_DISABLED, "switched off for shared memory: %s is %s", file,
			w.text);
	else if (w.mode == THP_ADVISE && lacks_advice(x->v))
		r = add(x, WHY_SHMEM_DISABLED, "shared memory only on advice (%s is advise), and "
			"the program gave none", file);
	else
		return;
	set_word(r, "", w.text);
	set_fact(r, THP, file);
}

/* Files on tmpfs follow the mount, unless shmem_enabled says deny or force. */
static void why_tmpfs(struct exam *x)
{
	struct thp_word w = x->f->machine->thp.shmem_enabled;
	const char *option = x->mount ? x->mount->huge[0] ? x->mount->huge : "never" : NULL;
	struct huge_reason *r;

	if (w.mode == THP_FORCE)
		return;
	if (w.mode == THP_DENY) {
		r = add(x, WHY_SHMEM_DISABLED, "switched off for tmpfs: shmem_enabled is deny");
		set_word(r, THP "shmem_enabled", w.text);
	} else if (option && strcmp(option, "never") == 0) {
		r = add(x, WHY_SHMEM_DISABLED, "its tmpfs is mounted without option huge=");
		set_word(r, "mount option huge", option);
	} else if (option && strcmp(option, "advise") == 0 && lacks_advice(x->v)) {
		r = add(x, WHY_SHMEM_DISABLED, "its tmpfs is mounted with huge=advise, and the "
			"program gave none");
		set_word(r, "mount option huge", option);
	}
}

static void why_file(struct exam *x)
{
	struct huge_reason *r;

	if (x->eligible.known && x->eligible.v)
		return;
	r = add(x, WHY_FILE_UNSUPPORTED, "a file%s%s: the kernel does not merge its pages into "
		"huge ones%s", x->mount ? " on " : "", x->mount ? x->mount->type : "",
		x->eligible.known ? " (THPeligible 0)" : "");
	if (x->eligible.known)
		set_number(r, "THPeligible", 0);
	else
		set_word(r, "filesystem", x->mount ? x->mount->type : "unknown");
}

static void why_misaligned(struct exam *x)
{
	uint64_t size = x->f->pmd_size, distance = (x->v->start - x->v->offset) & (size - 1);
	char text[NUM_MAX_SIZE];
	struct huge_reason *r;

	if (x->backing != BACKING_ANON && distance) {
		bool near = distance > size / 2;

		r = add(x, WHY_MISALIGNED, "address minus file offset is %s %s a multiple of %s",
			show(text, near ? size - distance : distance),
			near ? "short of" : "more than", x->pmd);
		set_number(r, "address - offset", distance);
	} else {
		r = add(x, WHY_MISALIGNED, "no aligned %s range fits between its ends", x->pmd);
		set_number(r, "aligned extents", 0);
	}
	r->extents = (struct maybe){ true, 0 };
}

/* With THPeligible 1, no setting can be to blame, unless it is 1 for the sake of a smaller size;
 * before 6.8 there are none. */
static bool is_contradicted(const struct exam *x)
{
	const struct thp *t = &x->f->machine->thp;

	if (!x->eligible.known || !x->eligible.v)
		return false;
	for (unsigned int i = 0; i < t->sizes; i++) {
		const struct thp_size *s = &t->size[i];
		bool anon = x->backing == BACKING_ANON;
		const struct thp_word *w = anon ? &s->enabled : &s->shmem_enabled;

		if (s->size != x->f->pmd_size && w->mode != THP_UNKNOWN && w->mode != THP_NEVER)
			return false;
	}
	return true;
}

/* ---- what state the pages are in ---- */

static struct huge_reason *set_extents(struct huge_reason *r, uint64_t extents)
{
	r->extents = (struct maybe){ true, extents };
	return r;
}

/* "3 of 32 aligned 2M ranges", or "all of 32 ..."; in space of 64. */
static const char *show_extents(const struct exam *x, char space[64], uint64_t n)
{
	if (n == x->fit)
		snprintf(space, 64, "%s %" PRIu64 " aligned %s range%s", n == 1 ? "its" : "all",
			 n, x->pmd, n == 1 ? "" : "s");
	else
		snprintf(space, 64, "%" PRIu64 " of %" PRIu64 " aligned %s ranges", n, x->fit,
			 x->pmd);
	return space;
}

/* Reasons are sorted by how much they hold for, within this part. */
static void state_not_populated(struct exam *x)
{
	uint64_t n = x->h->has_extents ? x->h->extents.empty : x->fit, swap = 0;
	char text[64];

	counters_get(x->c, SMAPS_SWAP, &swap);
	if (!x->h->has_extents && (!x->h->resident.known || x->h->resident.v || swap))
		return;
	if (n == 0)
		return;
	set_number(set_extents(add(x, WHY_NOT_POPULATED, "nothing mapped yet in %s",
				   show_extents(x, text, n)), n), "pages present", 0);
}

static void state_swapped(struct exam *x, const struct census *census)
{
	uint64_t n = x->h->has_extents ? x->h->extents.swapped : 0, swap = 0;
	const struct maybe *most = &x->f->machine->thp.number[THP_MAX_PTES_SWAP];
	char text[64], size[NUM_MAX_SIZE], limit[64] = "";
	struct huge_reason *r;

	/* shared memory in swap is in the counter only */
	if ((!counters_get(x->c, SMAPS_SWAP, &swap) || swap == 0) && census)
		swap = census->swapped * x->f->page_size;
	if (n == 0 && swap == 0)
		return;
	if (most->known)
		snprintf(limit, sizeof(limit), " (max_ptes_swap %" PRIu64 ")", most->v);
	if (n)
		r = set_extents(add(x, WHY_SWAPPED, "%s in swap, of %s%s",
				    show(size, swap), show_extents(x, text, n), limit), n);
	else
		r = add(x, WHY_SWAPPED, "%s in swap%s", show(size, swap), limit);
	set_number(r, "Swap", swap);
}

static void state_sparse(struct exam *x)
{
	uint64_t n = x->h->has_extents ? x->h->extents.sparse : 0;
	char text[64];

	if (n == 0)
		return;
	set_number(set_extents(add(x, WHY_SPARSE, "more than %" PRIu64 " pages missing "
				   "(max_ptes_none) in %s", x->f->set->max_ptes_none,
				   show_extents(x, text, n)), n),
		   THP "khugepaged/max_ptes_none", x->f->set->max_ptes_none);
}

static void state_shared(struct exam *x, const struct census *census)
{
	const struct maybe *most = &x->f->machine->thp.number[THP_MAX_PTES_SHARED];
	char size[NUM_MAX_SIZE];

	if (!census || !most->known || x->backing != BACKING_ANON ||
	    census->shared <= most->v || !x->h->extents.full)
		return;
	set_number(add(x, WHY_SHARED_PAGES, "%s also mapped elsewhere, since a fork; at most "
		       "%" PRIu64 " pages a range may be", show(size, census->shared *
		       x->f->page_size), most->v), THP "khugepaged/max_ptes_shared", most->v);
}

static void state_fragmented(struct exam *x)
{
	uint64_t blocks;

	if (!huge_free_blocks(x->f, &blocks) || blocks)
		return;
	set_number(add(x, WHY_FRAGMENTED, "no free block of %s in any "
		       "zone (buddyinfo)", x->pmd), "buddyinfo", 0);
}

static void state_small(struct exam *x)
{
	uint64_t n = x->h->has_extents ? x->h->extents.full : 0;
	const struct thp *t = &x->f->machine->thp;
	const struct maybe *sleep = &t->number[THP_SCAN_SLEEP];
	const struct maybe *pages = &t->number[THP_PAGES_TO_SCAN];
	char text[64], pace[64] = "";
	struct huge_reason *r;

	if (x->h->has_extents ? n == 0 : !x->h->resident.v)
		return;
	if (sleep->known && pages->known)
		snprintf(pace, sizeof(pace), " (it looks at %" PRIu64 " pages every %" PRIu64 ".%"
			 PRIu64 " s)", pages->v, sleep->v / 1000, sleep->v % 1000 / 100);
	r = add(x, WHY_SMALL_PAGES, "small pages in %s; khugepaged has not merged them%s",
		x->h->has_extents ? show_extents(x, text, n) : "it", pace);
	if (x->h->has_extents)
		set_extents(r, n);
	set_number(r, THP "khugepaged/scan_sleep_millisecs", sleep->v);
	if (!sleep->known)
		set_word(r, THP "khugepaged/scan_sleep_millisecs", "unknown");
}

static void state_ends(struct exam *x)
{
	uint64_t inside = x->fit * x->f->pmd_size;
	char out[NUM_MAX_SIZE], all[NUM_MAX_SIZE];

	if (!x->fit || x->v->size <= inside)
		return;
	set_number(add(x, WHY_UNALIGNED_ENDS, "%s of %s lie outside its aligned %s ranges",
		       show(out, x->v->size - inside), show(all, x->v->size), x->pmd),
		   "bytes outside aligned extents", x->v->size - inside);
}

/* Those that hold for most of the mapping first. */
static void sort_states(struct huge_reason *r, unsigned int n)
{
	for (unsigned int i = 1; i < n; i++) {
		struct huge_reason moved = r[i];
		unsigned int k = i;

		for (; k > 0 && r[k - 1].extents.known && moved.extents.known &&
		       r[k - 1].extents.v < moved.extents.v; k--)
			r[k] = r[k - 1];
		r[k] = moved;
	}
}

static void find_states(struct exam *x, const struct census *census, bool blocked)
{
	unsigned int first;

	if (!x->fit)
		return;
	if (!blocked && x->h->huge.v / x->f->pmd_size < x->fit)
		state_fragmented(x);
	first = x->out->n;
	state_swapped(x, census);
	if (!blocked) {
		state_sparse(x);
		state_shared(x, census);
		state_small(x);
	}
	state_not_populated(x);
	sort_states(x->out->v + first, x->out->n - first);
	if (!blocked)
		state_ends(x);
}

/* hugetlb pages are there from the first access on, and never anything else. */
static void why_hugetlb(struct exam *x)
{
	uint64_t size, there = x->h->hugetlb.v;
	char page[NUM_MAX_SIZE];

	if (!x->h->hugetlb.known ||
	    !counters_get(x->c, SMAPS_KERNEL_PAGE_SIZE, &size) || !size)
		return;
	set_number(set_extents(add(x, WHY_NOT_POPULATED, "%" PRIu64 " of %" PRIu64
				   " hugetlb pages of %s not touched yet", (x->v->size - there) / size,
				   x->v->size / size, show(page, size)), (x->v->size - there) / size),
		   "hugetlb", there);
}

static void why_not(struct exam *x, const struct census *census)
{
	unsigned int first = x->out->n;

	why_process(x);
	if (x->backing == BACKING_ANON)
		why_anon(x);
	else if (x->backing == BACKING_SHMEM)
		why_shmem(x);
	else if (x->backing == BACKING_TMPFS)
		why_tmpfs(x);
	else
		why_file(x);
	if (is_contradicted(x))
		x->out->n = first;
	if (x->fit == 0)
		why_misaligned(x);
	if (x->out->n == 0 && x->eligible.known && !x->eligible.v)
		set_number(add(x, WHY_NOT_ELIGIBLE, "the kernel refuses (THPeligible 0), and no "
			       "setting tells why"), "THPeligible", 0);
	find_states(x, census, x->out->n > 0);
}

void huge_reasons(const struct huge_facts *f, const struct vma *v, const struct counters *c,
		  const struct census *census, const struct huge *h, struct huge_reasons *out)
{
	struct exam x = { .f = f, .v = v, .c = c, .h = h, .out = out };

	out->n = 0;
	if (!f->pmd_size || v->mixed || (h->huge.known && h->huge.v >= v->size))
		return;
	show(x.pmd, f->pmd_size);
	x.backing = find_backing(f, v, &x.mount);
	x.fit = count_fit(f, v, x.backing);
	x.eligible.known = counters_get(c, SMAPS_THP_ELIGIBLE, &x.eligible.v);
	if (x.backing == BACKING_HUGETLB) {
		why_hugetlb(&x);
	} else if (v->size < f->pmd_size) {
		set_number(add(&x, WHY_TOO_SMALL, "smaller than a huge page of %s", x.pmd),
			   "size", v->size);
	} else if (x.backing == BACKING_SPECIAL && !(x.eligible.known && x.eligible.v)) {
		why_special(&x);
	} else {
		if (!(v->perms & MAPS_ACCESS))
			set_word(add(&x, WHY_NO_ACCESS, "only reserved: nothing can be in it"), "perms",
				 v->perms & MAPS_SHARED ? "---s" : "---p");
		if (v->perms & MAPS_ACCESS || (h->resident.known && h->resident.v))
			why_not(&x, census);
	}
}
