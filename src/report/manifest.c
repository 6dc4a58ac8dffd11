/* SPDX-License-Identifier: GPL-3.0-or-later */
/* manifest.json of a captured tree: what is in it, what is not and why, and where it is from. */
#include "config.h"

#include "report/manifest.h"

#include "report/json.h"

/* What no tree has, whatever the privileges. */
static const char *const never[] = {
	"which pages of mapped files are in the page cache (--translate)",
	"symbols of files that have been deleted (--translate)",
};

static void put_origin(struct json *j, const struct manifest *m)
{
	const struct machine *k = m->machine;

	json_string(j, "version", str_of(m->version));
	json_time(j, "begun", m->begun);
	json_time(j, "ended", m->ended);
	json_array(j, "command");
	for (int i = 0; i < m->argc; i++)
		json_string(j, NULL, str_of(m->argv[i]));
	json_array_end(j);
	json_u64(j, "uid", m->uid);
	json_break(j);
	json_string(j, "host", (struct str){ k->hostname.data, k->hostname.len });
	json_string(j, "kernel", (struct str){ k->kernel.data, k->kernel.len });
	json_string(j, "architecture", (struct str){ k->arch.data, k->arch.len });
	json_u64(j, "page_size", k->page_size);
}

static void put_files(struct json *j, const struct tree *t)
{
	json_array(j, "files");
	for (size_t i = 0; i < t->file.n; i++) {
		const struct tree_file *f = &t->file.v[i];

		json_break(j);
		json_object(j, NULL);
		json_string(j, "path", f->path);
		json_u64(j, "size", f->size);
		json_u64(j, "stored", f->stored);
		json_object_end(j);
	}
	json_array_end(j);
}

static void put_gaps(struct json *j, const struct tree *t)
{
	json_array(j, "missing");
	for (size_t i = 0; i < t->gap.n; i++) {
		json_break(j);
		json_object(j, NULL);
		json_string(j, "path", t->gap.v[i].path);
		json_string(j, "reason", str_of(t->gap.v[i].reason));
		json_object_end(j);
	}
	json_array_end(j);
}

void manifest_put(struct buf *b, const struct manifest *m)
{
	struct json j;

	json_init(&j, b, true);
	json_object(&j, NULL);
	put_origin(&j, m);
	json_break(&j);
	json_array(&j, "processes");
	for (size_t i = 0; i < m->pids; i++)
		json_u64(&j, NULL, (uint64_t)m->pid[i]);
	json_array_end(&j);
	json_bool(&j, "frames", m->frames);
	json_break(&j);
	put_files(&j, m->tree);
	json_break(&j);
	put_gaps(&j, m->tree);
	json_break(&j);
	json_array(&j, "never_captured");
	for (size_t i = 0; i < sizeof(never) / sizeof(*never); i++)
		json_string(&j, NULL, str_of(never[i]));
	json_array_end(&j);
	json_object_end(&j);
	buf_putc(b, '\n');
}
