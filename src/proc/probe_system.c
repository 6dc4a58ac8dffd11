/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Trials on files of the machine: huge pages, KSM, swap, cgroups, the kernel's addresses. */
#include "config.h"

#include <errno.h>
#include <string.h>

#include "base/num.h"
#include "proc/mountinfo.h"
#include "proc/probing.h"

#define THP_DIR "sys/kernel/mm/transparent_hugepage"

enum { SIZES_MAX = 32, WORD_SIZE = 160 };

/* Page sizes that have a directory: "hugepages-2048kB". */
struct sizes {
	uint64_t kb[SIZES_MAX];		/* ascending */
	unsigned int n;
};

static int add_size(void *ctx, const char *name)
{
	struct sizes *sizes = ctx;
	const char *s = name + strlen("hugepages-"), *end = s + strlen(s);
	unsigned int i = sizes->n;
	uint64_t kb;

	if (i == SIZES_MAX || !num_scan_u64(&s, end, &kb) || strcmp(s, "kB") != 0)
		return 0;
	for (; i > 0 && sizes->kb[i - 1] > kb; i--)
		sizes->kb[i] = sizes->kb[i - 1];
	sizes->kb[i] = kb;
	sizes->n++;
	return 0;
}

/* 0 or -errno; -ENOENT where there is none. */
static int find_sizes(const struct probing *p, const char *dir, struct sizes *out)
{
	int ret;

	out->n = 0;
	ret = root_each(p->req->root, dir, "hugepages-", add_size, out);
	return ret < 0 ? ret : out->n ? 0 : -ENOENT;
}

static void put_size(struct buf *b, uint64_t kb)
{
	char text[NUM_MAX_SIZE];

	buf_add(b, text, (size_t)(num_put_size(text, num_mul(kb, 1024)) - text));
}

/* A small file below the directory of a size: its bytes, or -errno. */
static ssize_t read_of_size(const struct probing *p, const char *dir, uint64_t kb,
			    const char *name, char *to, size_t size)
{
	struct buf path;
	ssize_t n;

	buf_init(&path);
	buf_printf(&path, "%s/hugepages-%llukB/%s", dir, (unsigned long long)kb, name);
	n = buf_string(&path) ? probe_read(p, path.data, to, size) : -ENOMEM;
	buf_done(&path);
	return n;
}

struct str probe_selected(struct str text)
{
	const char *from = memchr(text.p, '[', text.len), *to;

	if (!from)
		return STR("");
	from++;
	to = memchr(from, ']', (size_t)(text.p + text.len - from));
	return to ? (struct str){ from, (size_t)(to - from) } : STR("");
}

/* The size of a PMD in kB; 0: not told. */
static uint64_t pmd_size(const struct probing *p)
{
	char text[32];
	const char *s = text;
	ssize_t n = probe_read(p, THP_DIR "/hpage_pmd_size", text, sizeof(text));
	uint64_t size = 0;

	return n > 0 && num_scan_u64(&s, text + n, &size) ? size / 1024 : 0;
}

enum thp_mode { THP_UNKNOWN, THP_NEVER, THP_MADVISE, THP_ALWAYS, THP_INHERIT };

static const char *const thp_mode_name[] = {
	[THP_UNKNOWN] = "unknown", [THP_NEVER] = "never", [THP_MADVISE] = "madvise",
	[THP_ALWAYS] = "always", [THP_INHERIT] = "inherit",
};

/* The selected word of a file "enabled", or -errno. */
static int parse_mode(const char *text, ssize_t n)
{
	struct str word = n > 0 ? probe_selected((struct str){ text, (size_t)n }) : STR("");

	for (int i = THP_NEVER; i <= THP_INHERIT; i++)
		if (str_eq(word, str_of(thp_mode_name[i])))
			return i;
	return n < 0 ? (int)n : THP_UNKNOWN;
}

static int thp_mode(const struct probing *p)
{
	char text[WORD_SIZE];

	return parse_mode(text, probe_read(p, THP_DIR "/enabled", text, sizeof(text)));
}

/* Of one size; -ENOENT: before 6.8, and for those of shared memory alone. */
static int thp_mode_of(const struct probing *p, uint64_t kb)
{
	char text[WORD_SIZE];
	int mode = parse_mode(text, read_of_size(p, THP_DIR, kb, "enabled", text, sizeof(text)));

	return mode == THP_INHERIT ? thp_mode(p) : mode;
}

enum probe_result probe_thp(struct probing *p, const struct probe_feature *f)
{
	uint64_t kb = pmd_size(p);
	int all = thp_mode(p), mode = kb ? thp_mode_of(p, kb) : all;

	if (all < 0)
		return probe_failed(p, f->path, all);
	if (mode < 0)
		mode = all;
	probe_found(p, PROBE_YES, "enabled: %s", thp_mode_name[all]);
	if (mode != all) {
		buf_puts(&p->fact, ", but for ");
		put_size(&p->fact, kb);
		probe_found(p, PROBE_YES, " %s", thp_mode_name[mode]);
		p->needs = "'always', 'madvise' or 'inherit' in the file enabled of this size, below "
			   "/" THP_DIR;
	} else {
		p->needs = mode == THP_MADVISE ? "'always' in /" THP_DIR "/enabled, or programs that "
			   "ask by madvise()" : "'always' or 'madvise' in /" THP_DIR "/enabled";
	}
	switch (mode) {
	case THP_ALWAYS: return PROBE_YES;
	case THP_MADVISE: return probe_found(p, PROBE_PARTLY, ": where a program asks");
	case THP_NEVER: return PROBE_NO;
	default: return PROBE_UNKNOWN;
	}
}

enum probe_result probe_mthp(struct probing *p, const struct probe_feature *f)
{
	struct sizes sizes;
	uint64_t pmd = pmd_size(p);
	int mode[SIZES_MAX], ret = find_sizes(p, THP_DIR, &sizes);
	unsigned int enabled = 0, smaller = 0;

	(void)f;
	if (ret < 0 && ret != -ENOENT)
		return probe_failed(p, THP_DIR, ret);
	for (unsigned int i = 0; i < sizes.n; i++) {
		mode[i] = sizes.kb[i] < pmd ? thp_mode_of(p, sizes.kb[i]) : -ENOENT;
		smaller += mode[i] >= 0;
		enabled += mode[i] == THP_ALWAYS || mode[i] == THP_MADVISE;
	}
	if (!smaller)
		return probe_found(p, PROBE_NO, "/" THP_DIR "/hugepages-*kB/enabled: none");
	buf_puts(&p->fact, enabled ? "enabled:" : "sizes:");
	for (unsigned int i = 0; i < sizes.n; i++) {
		if (mode[i] < 0 || (enabled && mode[i] != THP_ALWAYS && mode[i] != THP_MADVISE))
			continue;
		buf_putc(&p->fact, ' ');
		put_size(&p->fact, sizes.kb[i]);
	}
	if (enabled)
		return PROBE_YES;
	p->needs = "'always', 'inherit' or 'madvise' in /" THP_DIR "/hugepages-64kB/enabled and the like";
	return probe_found(p, PROBE_PARTLY, "; none is enabled");
}

enum probe_result probe_thp_stats(struct probing *p, const struct probe_feature *f)
{
	struct sizes sizes;
	char text[32];
	int ret = find_sizes(p, THP_DIR, &sizes);
	bool found = false;

	(void)f;
	for (unsigned int i = 0; ret == 0 && i < sizes.n; i++)
		found |= read_of_size(p, THP_DIR, sizes.kb[i], "stats/anon_fault_alloc", text,
				      sizeof(text)) > 0;
	if (found)
		return probe_found(p, PROBE_YES, "hugepages-*kB/stats can be read");
	return probe_found(p, PROBE_NO, "/" THP_DIR "/hugepages-*kB/stats: none");
}

enum probe_result probe_hugetlb(struct probing *p, const struct probe_feature *f)
{
	static const char *const name[] = { "nr_hugepages", "free_hugepages",
					    "nr_overcommit_hugepages" };
	struct sizes sizes;
	bool any = false;
	int ret = find_sizes(p, f->path, &sizes);

	if (ret < 0)
		return probe_failed(p, f->path, ret);
	for (unsigned int i = 0; i < sizes.n; i++) {
		uint64_t v[3] = { 0 };

		for (unsigned int j = 0; j < 3; j++) {
			char text[32];
			const char *s = text;
			ssize_t n = read_of_size(p, f->path, sizes.kb[i], name[j], text,
						 sizeof(text));

			if (n > 0)
				num_scan_u64(&s, text + n, &v[j]);
		}
		buf_puts(&p->fact, i ? "; " : "");
		put_size(&p->fact, sizes.kb[i]);
		probe_found(p, PROBE_YES, ": %llu pages, %llu free", (unsigned long long)v[0],
			    (unsigned long long)v[1]);
		any |= v[0] || v[2];
	}
	p->needs = "pages in a pool, such as of /proc/sys/vm/nr_hugepages, before a program can "
		   "have any";
	return any ? PROBE_YES : PROBE_PARTLY;
}

enum probe_result probe_ksm(struct probing *p, const struct probe_feature *f)
{
	char text[16];
	ssize_t n = probe_read(p, f->path, text, sizeof(text));

	if (n < 0)
		return probe_failed(p, f->path, (int)n);
	if (n > 0 && text[0] == '1')
		return probe_found(p, PROBE_YES, "/%s is 1: it runs", f->path);
	p->needs = "a 1 in /sys/kernel/mm/ksm/run";
	return probe_found(p, PROBE_NO, "/%s is %c: it does not run", f->path, n > 0 ? text[0] : '?');
}

enum probe_result probe_swap(struct probing *p, const struct probe_feature *f)
{
	struct lines lines;
	struct str line;
	struct buf b;
	size_t n = 0;
	int ret;

	buf_init(&b);
	ret = root_read(p->req->root, f->path, &b);
	lines = lines_of(b.data, b.len);
	while (ret == 0 && lines_next(&lines, &line))
		n++;
	buf_done(&b);
	if (ret < 0)
		return probe_failed(p, f->path, ret);
	if (n > 1)	/* the first is a heading */
		return probe_found(p, PROBE_YES, "%zu in use", n - 1);
	p->needs = "a swap area: swapon(8)";
	return probe_found(p, PROBE_NO, "none in use");
}

enum probe_result probe_levels(struct probing *p, const struct probe_feature *f)
{
	(void)f;
	if (p->req->page_table_levels)
		return probe_found(p, PROBE_YES, "%u levels", p->req->page_table_levels);
	p->needs = "an architecture that memmap knows";
	return probe_found(p, PROBE_UNKNOWN, "not known for this architecture");
}

/* Where cgroup v2 is mounted, as a path from the root directory; empty: nowhere. */
static int find_cgroup2(const struct probing *p, struct buf *out)
{
	struct lines lines;
	struct mount_line m;
	struct buf text;
	int ret;

	buf_init(&text);
	ret = root_read(p->req->root, "proc/self/mountinfo", &text);
	lines = lines_of(text.data, text.len);
	while (ret == 0 && out->len == 0 && mountinfo_next(&lines, &m))
		if (str_eq(m.type, STR("cgroup2")) && m.point.len > 1)
			mountinfo_unescape(out, (struct str){ m.point.p + 1, m.point.len - 1 });
	buf_done(&text);
	return ret;
}

/* The path of the process in v2, "/" in front: of the line "0::/path". */
static int find_own_cgroup(const struct probing *p, struct buf *out)
{
	struct lines lines;
	struct str line;
	struct buf text;
	int ret;

	buf_init(&text);
	ret = root_read(p->req->root, "proc/self/cgroup", &text);
	lines = lines_of(text.data, text.len);
	while (ret == 0 && lines_next(&lines, &line))
		if (str_has_prefix(line, "0::/") && line.len > 4)
			buf_add(out, line.p + 3, line.len - 3);
	buf_done(&text);
	return ret;
}

enum probe_result probe_cgroup(struct probing *p, const struct probe_feature *f)
{
	enum probe_result result;
	struct buf point, path;
	size_t at;
	char some[512];
	ssize_t n;
	int ret;

	buf_init(&point);
	buf_init(&path);
	ret = find_cgroup2(p, &point);
	buf_add(&path, point.data, point.len);
	if (ret == 0 && point.len)
		ret = find_own_cgroup(p, &path);
	at = path.len;
	buf_puts(&path, "/memory.stat");
	if (ret < 0 || !buf_string(&path) || !buf_string(&point)) {
		result = probe_failed(p, f->path, ret < 0 ? ret : -ENOMEM);
	} else if (!point.len) {
		result = probe_found(p, PROBE_NO, "cgroup v2 is not mounted");
	} else if ((n = probe_read(p, path.data, some, sizeof(some))) >= 0) {
		result = probe_found(p, PROBE_YES, "own cgroup: /%.*s", (int)at, path.data);
	} else if (n == -ENOENT) {
		result = probe_found(p, PROBE_NO, "/%s has no memory controller for this "
				     "process", point.data);
	} else {
		result = probe_failed(p, path.data, (int)n);
	}
	buf_done(&point);
	buf_done(&path);
	return result;
}

bool probe_has_address(struct str text)
{
	struct lines lines = lines_of(text.p, text.len);
	struct str line;

	while (lines_next(&lines, &line)) {
		size_t i = 0;

		while (i < line.len && line.p[i] == ' ')
			i++;
		for (; i < line.len && line.p[i] != ' '; i++)
			if (line.p[i] != '0' && line.p[i] != '-')
				return true;
	}
	return false;
}

enum probe_result probe_addresses(struct probing *p, const struct probe_feature *f)
{
	char some[4096];
	ssize_t n = probe_read(p, f->path, some, sizeof(some));

	if (n < 0)
		return probe_failed(p, f->path, (int)n);
	if (n == 0)
		return probe_found(p, PROBE_UNKNOWN, "/%s is empty", f->path);
	if (probe_has_address((struct str){ some, (size_t)n }))
		return probe_found(p, PROBE_YES, "/%s shows them", f->path);
	return probe_found(p, PROBE_NOT_ALLOWED, "/%s can be read, but all addresses are 0",
			   f->path);
}
