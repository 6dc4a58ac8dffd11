/* SPDX-License-Identifier: GPL-3.0-or-later */
/* --maps: a row per mapping or group, and the columns that every mapping has. */
#include "config.h"

#include "report/maps.h"

#include <string.h>

#include "report/huge.h"
#include "report/numa.h"
#include "report/pages.h"

static const struct vma *row_vma(const void *data, size_t row)
{
	const struct rows *r = data;

	return &r->vma[r->index[row]];
}

static const struct counters *row_counters(const void *data, size_t row)
{
	const struct rows *r = data;

	return r->counters ? &r->counters[r->index[row]] : NULL;
}

static const struct file *row_file(const void *data, size_t row)
{
	const struct rows *r = data;

	return vma_file(r->space, row_vma(data, row));
}

static bool get_start(const void *data, size_t row, const struct column *c, struct value *v)
{
	(void)c;
	v->n = row_vma(data, row)->start;
	return true;
}

static bool get_end(const void *data, size_t row, const struct column *c, struct value *v)
{
	(void)c;
	v->n = row_vma(data, row)->end;
	return true;
}

static bool get_size(const void *data, size_t row, const struct column *c, struct value *v)
{
	(void)c;
	v->n = row_vma(data, row)->size;
	return true;
}

static bool get_mappings(const void *data, size_t row, const struct column *c, struct value *v)
{
	(void)c;
	v->n = row_vma(data, row)->count;
	return true;
}

static bool get_perms(const void *data, size_t row, const struct column *c, struct value *v)
{
	/* the 16 texts, so that a value can point at its own */
	static const char text[16][5] = {
		"---p", "r--p", "-w-p", "rw-p", "--xp", "r-xp", "-wxp", "rwxp",
		"---s", "r--s", "-w-s", "rw-s", "--xs", "r-xs", "-wxs", "rwxs",
	};
	const struct vma *m = row_vma(data, row);

	(void)c;
	v->s = (struct str){ text[m->perms & 15], 4 };
	return m->perms != SPACE_PERMS_MIXED;
}

static bool get_offset(const void *data, size_t row, const struct column *c, struct value *v)
{
	(void)c;
	v->n = row_vma(data, row)->offset;
	return !row_vma(data, row)->mixed;
}

static bool get_device(const void *data, size_t row, const struct column *c, struct value *v)
{
	const struct vma *m = row_vma(data, row);
	const struct file *f = row_file(data, row);

	(void)c;
	v->n = (uint64_t)f->dev_major << 32 | f->dev_minor;
	return !m->mixed;
}

static bool get_inode(const void *data, size_t row, const struct column *c, struct value *v)
{
	(void)c;
	v->n = row_file(data, row)->inode;
	return !row_vma(data, row)->mixed;
}

static bool get_path(const void *data, size_t row, const struct column *c, struct value *v)
{
	const struct rows *r = data;
	const struct vma *m = row_vma(data, row);

	(void)c;
	v->s = vma_path(r->space, m);
	return !m->mixed && v->s.len;
}

static bool get_deleted(const void *data, size_t row, const struct column *c, struct value *v)
{
	(void)c;
	v->n = row_file(data, row)->deleted;
	return !row_vma(data, row)->mixed;
}

static bool get_kind(const void *data, size_t row, const struct column *c, struct value *v)
{
	const struct vma *m = row_vma(data, row);

	(void)c;
	if (m->kind == KINDS)
		return false;
	v->s = str_of(kind_info[m->kind].name);
	return true;
}

static bool get_object(const void *data, size_t row, const struct column *c, struct value *v)
{
	const struct rows *r = data;

	(void)c;
	v->s = space_str(r->space, row_vma(data, row)->object);
	return v->s.len > 0;
}

static bool get_name(const void *data, size_t row, const struct column *c, struct value *v)
{
	if (!get_object(data, row, c, v))
		return false;
	if (row_file(data, row)->deleted && !space_is_kernels_name(v->s))
		v->suffix = " (deleted)";
	return true;
}

static bool get_thread(const void *data, size_t row, const struct column *c, struct value *v)
{
	(void)c;
	v->n = (uint64_t)row_vma(data, row)->thread;
	return v->n != 0;
}

static bool get_counter(const void *data, size_t row, const struct column *c, struct value *v)
{
	return counters_get(row_counters(data, row), (enum smaps_counter)c->counter, &v->n);
}

static bool get_uss(const void *data, size_t row, const struct column *c, struct value *v)
{
	(void)c;
	return counters_uss(row_counters(data, row), &v->n);
}

static bool get_unique(const void *data, size_t row, const struct column *c, struct value *v)
{
	(void)c;
	return counters_unique(row_counters(data, row), &v->n);
}

static bool get_resident(const void *data, size_t row, const struct column *c, struct value *v)
{
	(void)c;
	return counters_resident(row_counters(data, row), &v->n);
}

static bool get_dirty(const void *data, size_t row, const struct column *c, struct value *v)
{
	(void)c;
	return counters_dirty(row_counters(data, row), &v->n);
}

static bool get_hugetlb(const void *data, size_t row, const struct column *c, struct value *v)
{
	(void)c;
	return counters_hugetlb(row_counters(data, row), &v->n);
}

static bool get_huge(const void *data, size_t row, const struct column *c, struct value *v)
{
	(void)c;
	return counters_huge(row_counters(data, row), &v->n);
}

static bool get_vm_flags(const void *data, size_t row, const struct column *c, struct value *v)
{
	const struct rows *r = data;
	const struct vma *m = row_vma(data, row);

	(void)c;
	v->n = m->vm_flags;
	v->flags = &r->space->flags;
	return m->has_flags && !m->mixed;
}

enum {
	ALL_USES = COLUMN_TEXT | COLUMN_JSON | COLUMN_GROUPS,
	SUMS = ALL_USES | COLUMN_DESCENDING,
	SINGLE = COLUMN_TEXT | COLUMN_JSON,
	EXTRA = SUMS | COLUMN_EXTRA,
};

#define PAGES(key_, heading_, type_, help_, amount_) \
	{ key_, heading_, help_, type_, EXTRA, NEED_SMAPS | NEED_PAGES, amount_, pages_get }

#define COUNTER(key_, heading_, type_, use_, help_, counter_) \
	{ key_, heading_, help_, type_, use_, NEED_SMAPS, counter_, get_counter }
#define SUM(key_, heading_, help_, counter_) \
	COUNTER(key_, heading_, VALUE_BYTES, SUMS, help_, counter_)

/* Order: of -X and of JSON. The help of a plain counter is in smaps_counter_info. */
const struct column mapping_columns[] = {
	{ "start", "start", "first address; maps", VALUE_ADDRESS, ALL_USES, NEED_MAPS, 0,
	  get_start },
	{ "end", "end", "first address behind it; maps", VALUE_ADDRESS, ALL_USES, NEED_MAPS, 0,
	  get_end },
	{ "size", "size", "bytes of address space; maps", VALUE_BYTES, SUMS, NEED_MAPS, 0,
	  get_size },
	{ "mappings", "mappings", "mappings in the group, or 1; maps", VALUE_COUNT,
	  SUMS, NEED_MAPS, 0, get_mappings },
	{ "perms", "perms", "read, write, execute, shared or private; maps", VALUE_TEXT, ALL_USES,
	  NEED_MAPS, 0, get_perms },
	{ "offset", "offset", "where in the file it begins, in bytes; maps", VALUE_HEX, SINGLE,
	  NEED_MAPS, 0, get_offset },
	{ "device", "device", "major:minor of the file's device, hexadecimal; maps",
	  VALUE_DEVICE, SINGLE, NEED_MAPS, 0, get_device },
	{ "inode", "inode", "number of the file on its device; maps", VALUE_COUNT, SINGLE,
	  NEED_MAPS, 0, get_inode },
	{ "path", "path", "the file's path, or the kernel's name; maps", VALUE_TEXT, SINGLE,
	  NEED_MAPS, 0, get_path },
	{ "deleted", "deleted", "the file has no name any more; maps, map_files", VALUE_BOOL,
	  SINGLE, NEED_MAPS, 0, get_deleted },
	{ "kind", "kind", "what it is for, see KINDS; maps, smaps, stat, task", VALUE_TEXT,
	  ALL_USES, NEED_MAPS, 0, get_kind },
	{ "object", "object", "what it belongs to: a file, or a name in brackets; maps",
	  VALUE_TEXT, ALL_USES, NEED_MAPS, 0, get_object },
	{ "thread", "thread", "ID of the thread whose stack or stack guard it is; task",
	  VALUE_COUNT, ALL_USES, NEED_MAPS | NEED_THREADS, 0, get_thread },
	{ "resident", "resident", "pages in RAM, hugetlb included: Rss + Shared_Hugetlb + "
	  "Private_Hugetlb; smaps", VALUE_BYTES, SUMS, NEED_SMAPS, 0, get_resident },
	SUM("rss", "rss", NULL, SMAPS_RSS),
	SUM("pss", "pss", NULL, SMAPS_PSS),
	SUM("pss_dirty", "pss_dirty", NULL, SMAPS_PSS_DIRTY),
	{ "uss", "uss", "unique set: Private_Clean + Private_Dirty; without hugetlb; smaps",
	  VALUE_BYTES, SUMS, NEED_SMAPS, 0, get_uss },
	{ "unique", "unique", "what no other mapping shares: Private_Clean + "
	  "Private_Dirty + Private_Hugetlb; smaps", VALUE_BYTES, SUMS, NEED_SMAPS, 0,
	  get_unique },
	{ "dirty", "dirty", "pages written to: Shared_Dirty + Private_Dirty; smaps", VALUE_BYTES, SUMS, NEED_SMAPS, 0, get_dirty },
	SUM("shared_clean", "shared_clean", NULL, SMAPS_SHARED_CLEAN),
	SUM("shared_dirty", "shared_dirty", NULL, SMAPS_SHARED_DIRTY),
	SUM("private_clean", "private_clean", NULL, SMAPS_PRIVATE_CLEAN),
	SUM("private_dirty", "private_dirty", NULL, SMAPS_PRIVATE_DIRTY),
	SUM("referenced", "referenced", NULL, SMAPS_REFERENCED),
	SUM("anonymous", "anonymous", NULL, SMAPS_ANONYMOUS),
	SUM("ksm", "ksm", NULL, SMAPS_KSM),
	SUM("lazy_free", "lazy_free", NULL, SMAPS_LAZY_FREE),
	{ "huge", "huge", "in huge pages: AnonHugePages + ShmemPmdMapped + FilePmdMapped + "
	  "hugetlb; smaps", VALUE_BYTES, SUMS, NEED_SMAPS, 0, get_huge },
	SUM("anon_huge_pages", "anon_huge", NULL, SMAPS_ANON_HUGE_PAGES),
	SUM("shmem_pmd_mapped", "shmem_pmd", NULL, SMAPS_SHMEM_PMD_MAPPED),
	SUM("file_pmd_mapped", "file_pmd", NULL, SMAPS_FILE_PMD_MAPPED),
	{ "hugetlb", "hugetlb", "hugetlb pages: Shared_Hugetlb + Private_Hugetlb; smaps",
	  VALUE_BYTES, SUMS, NEED_SMAPS, 0, get_hugetlb },
	SUM("shared_hugetlb", "shared_htlb", NULL, SMAPS_SHARED_HUGETLB),
	SUM("private_hugetlb", "private_htlb", NULL, SMAPS_PRIVATE_HUGETLB),
	SUM("swap", "swap", NULL, SMAPS_SWAP),
	SUM("swap_pss", "swap_pss", NULL, SMAPS_SWAP_PSS),
	SUM("locked", "locked", NULL, SMAPS_LOCKED),
	COUNTER("kernel_page_size", "kpage", VALUE_BYTES, ALL_USES, NULL,
		SMAPS_KERNEL_PAGE_SIZE),
	COUNTER("mmu_page_size", "mmupage", VALUE_BYTES, ALL_USES, NULL, SMAPS_MMU_PAGE_SIZE),
	COUNTER("thp_eligible", "thp", VALUE_COUNT, SINGLE, NULL, SMAPS_THP_ELIGIBLE),
	COUNTER("protection_key", "pkey", VALUE_COUNT, SINGLE, NULL, SMAPS_PROTECTION_KEY),
	{ "vm_flags", "vm_flags", "the kernel's flags of the mapping, see VM FLAGS; smaps "
	  "VmFlags", VALUE_FLAGS, SINGLE, NEED_SMAPS, 0, get_vm_flags },
	PAGES("present", "present", VALUE_BYTES, "pages that have a frame, or are the zero page; "
	      "pagemap", PAGES_PRESENT),
	PAGES("exclusive", "exclusive", VALUE_BYTES, "pages mapped just once; pagemap, kpagecount",
	      PAGES_EXCLUSIVE),
	PAGES("shared", "shared", VALUE_BYTES, "pages mapped more than once; pagemap, kpagecount",
	      PAGES_SHARED),
	PAGES("zero_pages", "zero", VALUE_BYTES, "the zero page: read, never written; pagemap, "
	      "kpageflags", PAGES_ZERO),
	PAGES("swapped_pages", "swapped", VALUE_BYTES, "pages in a swap area, shared memory not "
	      "counted; pagemap", PAGES_SWAPPED),
	PAGES("guard_pages", "guard", VALUE_BYTES, "pages marked by MADV_GUARD_INSTALL; pagemap",
	      PAGES_GUARD),
	PAGES("untouched", "untouched", VALUE_BYTES, "pages without an entry: never touched, or "
	      "given back; pagemap", PAGES_UNTOUCHED),
	PAGES("ksm_pages", "ksm_pages", VALUE_BYTES, "pages merged by KSM; kpageflags", PAGES_KSM),
	PAGES("pfn_runs", "runs", VALUE_COUNT, "stretches of frames that follow each other as "
	      "their pages do; pagemap", PAGES_RUNS),
	PAGES("longest_run", "longest", VALUE_BYTES, "the longest of them; pagemap",
	      PAGES_LONGEST_RUN),
	{ "folios", "folios", "sizes of folios, and how much is mapped of each; kpageflags",
	  VALUE_LIST, ALL_USES | COLUMN_EXTRA, NEED_SMAPS | NEED_PAGES, 0, pages_get_folios },
	{ "huge_share", "share", "huge as a share of size; smaps", VALUE_SHARE,
	  EXTRA, NEED_SMAPS, 0, huge_get_share },
	{ "why", "why", "why it is not all huge, see HUGE PAGES; pagemap, sysfs, buddyinfo",
	  VALUE_LIST, SINGLE | COLUMN_EXTRA, NEED_SMAPS | NEED_PAGES | NEED_HUGE, 0, huge_get_why },
	{ "policy", "policy", "memory policy: on which nodes new pages are wanted; numa_maps",
	  VALUE_TEXT, ALL_USES | COLUMN_EXTRA, NEED_MAPS | NEED_NUMA, 0, numa_get_policy },
	{ "nodes", "nodes", "pages in RAM on each memory node, hugetlb included; numa_maps",
	  VALUE_NODES, EXTRA, NEED_MAPS | NEED_NUMA, 0, numa_get_nodes },
	{ "local", "local", "on nodes of the CPUs that the process is bound to; numa_maps, status",
	  VALUE_BYTES, EXTRA, NEED_MAPS | NEED_NUMA, NUMA_LOCAL, numa_get_bytes },
	{ "remote", "remote", "on all other nodes, if it is bound; numa_maps, status",
	  VALUE_BYTES, EXTRA, NEED_MAPS | NEED_NUMA, NUMA_REMOTE, numa_get_bytes },
	{ "name", "name", "the object, and whether its file is deleted; maps", VALUE_TEXT,
	  COLUMN_TEXT | COLUMN_GROUPS | COLUMN_LAST, NEED_MAPS, 0, get_name },
};

const size_t mapping_columns_n = sizeof(mapping_columns) / sizeof(mapping_columns[0]);

_Static_assert(sizeof(mapping_columns) / sizeof(mapping_columns[0]) <= TABLE_MAX_COLUMNS,
	       "a column list holds all columns");

const struct column_set mapping_column_set = { mapping_columns, sizeof(mapping_columns) /
						sizeof(mapping_columns[0]) };

const struct column *mapping_column_find(struct str name)
{
	return column_find(&mapping_column_set, str_eq(name, STR("address")) ? STR("start") : name);
}

const char *mapping_column_help(const struct column *c)
{
	return c->help ? c->help : smaps_counter_info[c->counter].help;
}

static void add_names(struct column_list *l, const char *const *name)
{
	for (; *name; name++)
		column_list_add(l, mapping_column_find(str_of(*name)));
}

static void add_all(struct column_list *l, unsigned int use)
{
	for (size_t i = 0; i < mapping_columns_n; i++) {
		const struct column *c = &mapping_columns[i];

		/* that a mapping is one mapping goes without saying */
		if ((c->use & use) == use && !(c->use & COLUMN_EXTRA) && (c->get != get_mappings || use & COLUMN_GROUPS))
			column_list_add(l, c);
	}
}

void column_list_preset(struct column_list *l, enum column_preset preset, enum group_by group,
			bool fast)
{
	static const char *const leading[] = {
		[GROUP_NONE] = "start", [GROUP_KIND] = "kind", [GROUP_OBJECT] = "mappings",
		[GROUP_PERMS] = "perms",
	};
	static const char *const plain[] = { "size", "resident", "unique", "swap", NULL };
	static const char *const extended[] = {
		"size", "rss", "pss", "uss", "dirty", "hugetlb", "swap", NULL
	};

	l->n = 0;
	if (preset == PRESET_JSON || preset == PRESET_ALL) {
		unsigned int use = preset == PRESET_JSON ? COLUMN_JSON : COLUMN_TEXT;

		if (group == GROUP_KIND)
			column_list_add(l, mapping_column_find(STR("kind")));
		if (group == GROUP_OBJECT)
			column_list_add(l, mapping_column_find(STR("object")));
		if (group == GROUP_PERMS)
			column_list_add(l, mapping_column_find(STR("perms")));
		if (group)
			column_list_add(l, mapping_column_find(STR("mappings")));
		add_all(l, group ? use | COLUMN_GROUPS : use);
		return;
	}
	column_list_add(l, mapping_column_find(str_of(leading[group])));
	if (group == GROUP_NONE)
		column_list_add(l, mapping_column_find(STR("perms")));
	else
		column_list_add(l, mapping_column_find(STR("mappings")));
	if (fast)
		column_list_add(l, mapping_column_find(STR("size")));
	else
		add_names(l, preset == PRESET_EXTENDED ? extended : plain);
	if (group == GROUP_NONE)
		column_list_add(l, mapping_column_find(STR("kind")));
	if (group == GROUP_NONE || group == GROUP_OBJECT)
		column_list_add(l, mapping_column_find(STR("name")));
}

int rows_sort(struct rows *r, const struct column *c, bool descending)
{
	return column_sort(c, r, r->index, r->n, descending);
}

static enum kind row_kind(const void *data, size_t row)
{
	return (enum kind)row_vma(data, row)->kind;
}

struct table mapping_table(const struct rows *r, const struct column_list *l)
{
	return (struct table){
		.column = l->column, .columns = l->n, .data = r, .rows = r->n, .kind = row_kind,
		.address_digits = space_address_digits(r->space),
	};
}
