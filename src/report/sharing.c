/* SPDX-License-Identifier: GPL-3.0-or-later */
/* --sharing: with whom a process shares its frames, how much, and through which objects. */
#include "config.h"

#include "report/sharing.h"

#include <errno.h>
#include <inttypes.h>

#include "report/facts.h"

enum { N_SHARED, N_ANONYMOUS, N_FILES, N_COUNT };

enum {
	BYTES = COLUMN_TEXT | COLUMN_DESCENDING,
	MOST = 15,		/* processes in the text; all are in the raw one and in JSON */
};

static const struct column columns[] = {
	[N_SHARED] = { "shared", "shared", NULL, VALUE_BYTES, BYTES, 0, N_SHARED, facts_get_number },
	[N_ANONYMOUS] = { "anonymous", "anonymous", NULL, VALUE_BYTES, BYTES, 0, N_ANONYMOUS,
			  facts_get_number },
	[N_FILES] = { "files", "files", NULL, VALUE_BYTES, BYTES, 0, N_FILES, facts_get_number },
};
static const struct column bar_column = { "bar", "", NULL, VALUE_BAR, COLUMN_TEXT, 0, 0, facts_get_bar };
static const struct column pid_column = {
	"pid", "pid", NULL, VALUE_COUNT, COLUMN_TEXT, 0, N_COUNT, facts_get_number };
static const struct column count_column = {
	"processes", "processes", NULL, VALUE_COUNT, COLUMN_TEXT, 0, N_COUNT, facts_get_number };
static const struct column name_column = {
	"name", "name", NULL, VALUE_TEXT, COLUMN_TEXT, 0, 0, facts_get_text };
static const struct column object_column = {
	"object", "object", NULL, VALUE_TEXT, COLUMN_TEXT, 0, 0, facts_get_text };
static const struct column most_column = {
	"most", "mostly through", NULL, VALUE_TEXT, COLUMN_TEXT, 0, 1, facts_get_text };

static void put_processes(struct buf *b, const struct style *s, const struct sharing *sharing,
			  const struct space *space, struct facts *f)
{
	static const struct column *const column[] = {
		&pid_column, &columns[N_SHARED], &bar_column, &columns[N_ANONYMOUS], &columns[N_FILES],
		&name_column, &most_column,
	};

	size_t n = sharing->process.n > MOST && !s->raw ? MOST : sharing->process.n;

	for (size_t i = 0; i < n; i++) {
		const struct sharing_process *p = &sharing->process.v[i];
		struct facts_row *row = facts_add(f);

		if (!row)
			return;
		row->n[N_COUNT] = (uint64_t)p->pid;
		row->n[N_SHARED] = row->bar = p->frames * sharing->page_size;
		row->of = sharing->frames * sharing->page_size;
		row->n[N_FILES] = p->file * sharing->page_size;
		row->n[N_ANONYMOUS] = (p->frames - p->file) * sharing->page_size;
		row->text[0] = (struct str){ p->name.data, p->name.len };
		if (p->object.n)
			row->text[1] = space_str(space, p->object.v[0].object);
	}
	facts_put(b, s, f, column, sizeof(column) / sizeof(*column), NULL);
	if (n < sharing->process.n)
		buf_printf(b, "  and %zu more, each with less (--raw and --json have all)\n",
			   sharing->process.n - n);
}

static void put_objects(struct buf *b, const struct style *s, const struct sharing *sharing,
			const struct space *space, struct facts *f)
{
	static const struct column *const column[] = {
		&columns[N_SHARED], &bar_column, &count_column, &object_column,
	};

	for (size_t i = 0; i < sharing->object.n; i++) {
		const struct sharing_object *o = &sharing->object.v[i];
		struct facts_row *row = facts_add(f);

		if (!row)
			return;
		row->n[N_SHARED] = row->bar = o->frames * sharing->page_size;
		row->of = sharing->frames * sharing->page_size;
		row->n[N_COUNT] = o->processes;
		row->text[0] = space_str(space, o->object);
	}
	facts_put(b, s, f, column, sizeof(column) / sizeof(*column), NULL);
}

int sharing_text(struct buf *b, const struct style *s, const struct sharing *sharing,
		 const struct space *space)
{
	uint64_t size = sharing->page_size;
	struct facts f = { 0 };
	int ret;

	if (!s->raw) {
		buf_putc(b, '\n');
		style_bold(b, s);
		buf_puts(b, "  sharing");
		style_off(b, s);
		buf_puts(b, "  of ");
		style_size(b, s, sharing->frames * size, 0);
		buf_puts(b, " in frames, ");
		style_size(b, s, sharing->shared * size, 0);
		buf_printf(b, " are mapped by %zu other process%s, too\n", sharing->process.n,
			   sharing->process.n == 1 ? "" : "es");
		buf_puts(b, "  (of these, ");
		style_size(b, s, sharing->shared_file * size, 0);
		buf_puts(b, " of files and shared memory)\n");
	}
	put_objects(b, s, sharing, space, &f);
	put_processes(b, s, sharing, space, &f);
	if (sharing->unreadable)
		buf_printf(b, "  note: the page tables of %zu process%s may not be read\n"
			   "        needs CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH (sudo)\n",
			   sharing->unreadable, sharing->unreadable == 1 ? "" : "es");
	ret = f.failed ? -ENOMEM : 0;
	facts_done(&f);
	return ret;
}

static void put_list(struct json *j, const sharing_objects *list, uint64_t size, bool counted,
		     const struct space *space)
{
	json_array(j, "objects");
	for (size_t i = 0; i < list->n; i++) {
		json_object(j, NULL);
		json_string(j, "object", space_str(space, list->v[i].object));
		json_u64(j, "shared", list->v[i].frames * size);
		if (counted)
			json_u64(j, "processes", list->v[i].processes);
		json_object_end(j);
	}
	json_array_end(j);
}

void sharing_json(struct json *j, const struct sharing *sharing, const struct space *space)
{
	uint64_t size = sharing->page_size;

	json_break(j);
	json_object(j, "sharing");
	json_u64(j, "mapped", sharing->frames * size);
	json_u64(j, "mapped_file", sharing->file * size);
	json_u64(j, "shared", sharing->shared * size);
	json_u64(j, "shared_file", sharing->shared_file * size);
	json_u64(j, "unreadable_processes", sharing->unreadable);
	json_array(j, "processes");
	for (size_t i = 0; i < sharing->process.n; i++) {
		const struct sharing_process *p = &sharing->process.v[i];

		json_break(j);
		json_object(j, NULL);
		json_u64(j, "pid", (uint64_t)p->pid);
		json_string(j, "name", (struct str){ p->name.data, p->name.len });
		json_u64(j, "shared", p->frames * size);
		json_u64(j, "shared_file", p->file * size);
		put_list(j, &p->object, size, false, space);
		json_object_end(j);
	}
	json_array_end(j);
	put_list(j, &sharing->object, size, true, space);
	json_object_end(j);
}
