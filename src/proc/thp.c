/* SPDX-License-Identifier: GPL-3.0-or-later */
/* /sys/kernel/mm/transparent_hugepage: where the kernel may make transparent huge pages (THP). */
#include "config.h"

#include "proc/thp.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define DIRECTORY "sys/kernel/mm/transparent_hugepage"

static const char *const mode_name[THP_MODES] = {
	[THP_UNKNOWN] = "", [THP_OTHER] = "",
	[THP_ALWAYS] = "always", [THP_MADVISE] = "madvise", [THP_NEVER] = "never",
	[THP_INHERIT] = "inherit", [THP_WITHIN_SIZE] = "within_size", [THP_ADVISE] = "advise",
	[THP_DENY] = "deny", [THP_FORCE] = "force", [THP_DEFER] = "defer",
	[THP_DEFER_MADVISE] = "defer+madvise",
};

const char *const thp_number_path[THP_NUMBERS] = {
	[THP_USE_ZERO_PAGE] = "use_zero_page",
	[THP_PMD_SIZE] = "hpage_pmd_size",
	[THP_MAX_PTES_NONE] = "khugepaged/max_ptes_none",
	[THP_MAX_PTES_SWAP] = "khugepaged/max_ptes_swap",
	[THP_MAX_PTES_SHARED] = "khugepaged/max_ptes_shared",
	[THP_KHUGEPAGED_DEFRAG] = "khugepaged/defrag",
	[THP_SCAN_SLEEP] = "khugepaged/scan_sleep_millisecs",
	[THP_ALLOC_SLEEP] = "khugepaged/alloc_sleep_millisecs",
	[THP_PAGES_TO_SCAN] = "khugepaged/pages_to_scan",
	[THP_FULL_SCANS] = "khugepaged/full_scans",
	[THP_PAGES_COLLAPSED] = "khugepaged/pages_collapsed",
};

const char *const thp_stat_name[THP_STATS] = {
	[THP_ANON_FAULT_ALLOC] = "anon_fault_alloc",
	[THP_ANON_FAULT_FALLBACK] = "anon_fault_fallback",
	[THP_NR_ANON] = "nr_anon",
	[THP_SPLIT] = "split",
	[THP_NR_ANON_PARTIAL] = "nr_anon_partially_mapped",
	[THP_SWPOUT] = "swpout",
	[THP_SHMEM_ALLOC] = "shmem_alloc",
	[THP_SHMEM_FALLBACK] = "shmem_fallback",
};

const char *thp_mode_name(enum thp_mode mode)
{
	return mode_name[mode];
}

struct thp_word thp_parse_word(const char *text, size_t len)
{
	struct thp_word word = { .mode = THP_UNKNOWN };
	const char *open = memchr(text, '[', len), *close;
	size_t n;

	close = open ? memchr(open, ']', len - (size_t)(open - text)) : NULL;
	if (!close || close == open + 1)
		return word;
	n = (size_t)(close - open) - 1;
	word.mode = THP_OTHER;
	for (unsigned int i = THP_ALWAYS; i < THP_MODES; i++)
		if (strlen(mode_name[i]) == n && memcmp(open + 1, mode_name[i], n) == 0)
			word.mode = (enum thp_mode)i;
	if (n >= sizeof(word.text))
		n = sizeof(word.text) - 1;
	memcpy(word.text, open + 1, n);
	return word;
}

bool thp_parse_size(const char *name, uint64_t *bytes)
{
	static const char prefix[] = "hugepages-";
	const char *s = name + sizeof(prefix) - 1, *end;
	uint64_t kb;

	if (strncmp(name, prefix, sizeof(prefix) - 1) != 0)
		return false;
	end = s + strlen(s);
	if (!num_scan_u64(&s, end, &kb) || strcmp(s, "kB") != 0 || kb == 0 ||
	    kb > UINT64_MAX / 1024)
		return false;
	*bytes = kb * 1024;
	return true;
}

struct reading {
	const struct root *root;
	struct thp *thp;
	struct buf path, text;
};

/* The text of a file below the directory, in r->text; false where there is none. */
static bool read_file(struct reading *r, const char *directory, const char *name)
{
	buf_clear(&r->path);
	buf_clear(&r->text);
	buf_printf(&r->path, DIRECTORY "%s%s/%s", *directory ? "/" : "", directory, name);
	return buf_string(&r->path) && root_read(r->root, r->path.data, &r->text) == 0;
}

static struct thp_word read_word(struct reading *r, const char *directory, const char *name)
{
	if (!read_file(r, directory, name))
		return (struct thp_word){ .mode = THP_UNKNOWN };
	return thp_parse_word(r->text.data, r->text.len);
}

static struct maybe read_number(struct reading *r, const char *directory, const char *name)
{
	struct maybe v = { 0 };
	const char *s;

	if (!read_file(r, directory, name) || r->text.len == 0)
		return v;
	s = r->text.data;
	v.known = num_scan_u64(&s, s + r->text.len, &v.v);
	return v;
}

static int add_size(void *ctx, const char *name)
{
	struct thp *t = ctx;
	unsigned int i = t->sizes;
	uint64_t size;

	if (i == THP_MAX_SIZES || !thp_parse_size(name, &size))
		return 0;
	for (; i > 0 && t->size[i - 1].size > size; i--)
		t->size[i] = t->size[i - 1];
	t->size[i] = (struct thp_size){ .size = size };
	t->sizes++;
	return 0;
}

static void read_size(struct reading *r, bool with_stats, struct thp_size *s)
{
	char name[64], stats[80];

	snprintf(name, sizeof(name), "hugepages-%" PRIu64 "kB", s->size / 1024);
	snprintf(stats, sizeof(stats), "%s/stats", name);
	s->enabled = read_word(r, name, "enabled");
	s->shmem_enabled = read_word(r, name, "shmem_enabled");
	for (unsigned int i = 0; with_stats && i < THP_STATS; i++)
		s->stat[i] = read_number(r, stats, thp_stat_name[i]);
}

void thp_read(const struct root *root, bool with_stats, struct thp *out)
{
	struct reading r = { .root = root, .thp = out };
	int ret;

	memset(out, 0, sizeof(*out));
	ret = root_each(root, DIRECTORY, "hugepages-", add_size, out);
	out->present = ret == 0;
	out->absent = ret == -ENOENT && root->live;
	if (!out->present)
		return;
	buf_init(&r.path);
	buf_init(&r.text);
	out->enabled = read_word(&r, "", "enabled");
	out->defrag = read_word(&r, "", "defrag");
	out->shmem_enabled = read_word(&r, "", "shmem_enabled");
	for (unsigned int i = 0; i < THP_NUMBERS; i++)
		out->number[i] = read_number(&r, "", thp_number_path[i]);
	for (unsigned int i = 0; i < out->sizes; i++)
		read_size(&r, with_stats, &out->size[i]);
	buf_done(&r.path);
	buf_done(&r.text);
}

const struct thp_size *thp_find_size(const struct thp *t, uint64_t size)
{
	for (unsigned int i = 0; i < t->sizes; i++)
		if (t->size[i].size == size)
			return &t->size[i];
	return NULL;
}

uint64_t thp_pmd_size(const struct thp *t)
{
	return t->number[THP_PMD_SIZE].known ? t->number[THP_PMD_SIZE].v : 0;
}

struct thp_word thp_anon_mode(const struct thp *t, uint64_t size, char *file, size_t file_size)
{
	const struct thp_size *s = thp_find_size(t, size);

	if (s && s->enabled.mode != THP_UNKNOWN && s->enabled.mode != THP_INHERIT) {
		snprintf(file, file_size, "hugepages-%" PRIu64 "kB/enabled", size / 1024);
		return s->enabled;
	}
	snprintf(file, file_size, "enabled");
	/* smaller sizes than the PMD's come with files of their own only */
	if (!s && t->sizes && size != thp_pmd_size(t))
		return (struct thp_word){ .mode = THP_UNKNOWN };
	return t->enabled;
}
