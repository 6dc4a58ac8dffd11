/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Memory cgroups by number: kpagecgroup has the inode number of a cgroup's directory. */
#include "config.h"

#include "proc/cgroup.h"

#include <errno.h>

#include "base/num.h"
#include "proc/lines.h"

static void set_unescaped(struct buf *b, struct str s)
{
	char *to;

	buf_clear(b);
	to = buf_reserve(b, s.len);
	if (to)
		buf_commit(b, to + lines_unescape(s, to));
}

/* A word among words separated by commas. */
static bool has_option(struct str options, struct str wanted)
{
	while (options.len) {
		const char *comma = memchr(options.p, ',', options.len);
		size_t n = comma ? (size_t)(comma - options.p) : options.len;

		if (str_eq((struct str){ options.p, n }, wanted))
			return true;
		n += comma != NULL;
		options = (struct str){ options.p + n, options.len - n };
	}
	return false;
}

struct mount_line {
	struct str root, point, type, options;
};

/* "ID PARENT DEVICE ROOT POINT OPTIONS [TAG...] - TYPE SOURCE SUPER-OPTIONS" */
static bool parse_line(struct str line, struct mount_line *out)
{
	struct str word;

	for (int i = 0; i < 3; i++)
		lines_word(&line);
	out->root = lines_word(&line);
	out->point = lines_word(&line);
	do
		word = lines_word(&line);
	while (word.len && !str_eq(word, STR("-")));
	out->type = lines_word(&line);
	lines_word(&line);
	out->options = lines_word(&line);
	return out->type.len && out->point.len && out->point.p[0] == '/';
}

int cgroup_mount_parse(const char *text, size_t len, struct cgroup_mount *out)
{
	struct lines lines = lines_of(text, len);
	struct str line;
	int found = 0;		/* version 2, and better, version 1 */

	while (lines_next(&lines, &line)) {
		struct mount_line m;
		int is;

		if (!parse_line(line, &m))
			continue;
		is = str_eq(m.type, STR("cgroup2")) ? 1 :
		     str_eq(m.type, STR("cgroup")) && has_option(m.options, STR("memory")) ? 2 : 0;
		if (is <= found)
			continue;
		found = is;
		set_unescaped(&out->path, (struct str){ m.point.p + 1, m.point.len - 1 });
		if (str_eq(m.root, STR("/")))
			buf_clear(&out->prefix);
		else
			set_unescaped(&out->prefix, m.root);
	}
	if (!buf_string(&out->path) || out->prefix.error)
		return -ENOMEM;
	return found ? 0 : -ENOENT;
}

int cgroup_mount_find(const struct root *root, struct cgroup_mount *out)
{
	static const char *const usual[] = { "sys/fs/cgroup/memory", "sys/fs/cgroup" };
	struct buf text;
	int ret;

	buf_init(&text);
	ret = root_read(root, "proc/self/mountinfo", &text);
	if (ret == 0)
		ret = cgroup_mount_parse(text.data, text.len, out);
	buf_done(&text);
	for (size_t i = 0; ret == -ENOENT && i < sizeof(usual) / sizeof(*usual); i++) {
		if (!root_is_directory(root, usual[i]))
			continue;
		buf_clear(&out->path);
		buf_clear(&out->prefix);
		buf_puts(&out->path, usual[i]);
		ret = buf_string(&out->path) ? 0 : -ENOMEM;
	}
	return ret;
}

void cgroup_mount_done(struct cgroup_mount *m)
{
	buf_done(&m->path);
	buf_done(&m->prefix);
}

int cgroup_inodes_find(const char *text, size_t len, uint64_t inode, struct str *path)
{
	struct lines lines = lines_of(text, len);
	struct str line;

	while (lines_next(&lines, &line)) {
		const char *p = line.p, *end = line.p + line.len;
		uint64_t number;

		if (!num_scan_u64(&p, end, &number) || number != inode || end - p < 2 ||
		    p[0] != ' ' || p[1] != '/')
			continue;
		p++;
		if (end - p == 1)	/* the topmost one */
			p++;
		*path = (struct str){ p, (size_t)(end - p) };
		return 0;
	}
	return -ENOENT;
}

static int find_captured(const struct root *root, uint64_t inode, struct buf *out)
{
	struct str path;
	struct buf text;
	int ret;

	buf_init(&text);
	ret = root_read(root, CGROUP_INODES_FILE, &text);
	if (ret == 0)
		ret = cgroup_inodes_find(text.data, text.len, inode, &path);
	if (ret == 0)
		buf_add(out, path.p, path.len);
	buf_done(&text);
	return ret;
}

int cgroup_path(const struct root *root, const struct cgroup_mount *m, uint64_t inode,
		struct buf *out)
{
	struct buf below;
	int ret;

	buf_init(&below);
	ret = root->live ? -ENOENT : find_captured(root, inode, &below);
	if (ret == -ENOENT)
		ret = root_find_inode(root, m->path.data, inode, &below);
	if (ret == 0) {
		if (m->prefix.len)
			buf_add(out, m->prefix.data, m->prefix.len);
		buf_add(out, below.data, below.len);
		if (!m->prefix.len && !below.len)
			buf_putc(out, '/');
		ret = out->error;
	}
	buf_done(&below);
	return ret;
}
