/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * /proc/PID/smaps, and everything that is made of it: kinds, groups, picture, tables, JSON. A
 * first line "#ABCDEF" sets what else is known; see read_setup().
 */
#include "config.h"

#include "fuzz.h"

#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../unit/json_check.h"
#include "../unit/picture_check.h"
#include "model/classify.h"
#include "report/report.h"

struct setup {
	const struct geometry *geometry;
	const char *arch;
	unsigned int mmu_bits, lines, bits, threads, block;
	bool kernel_detail, maps_only, hide_code, clip;
};

struct state {
	struct snapshot s;
	const struct setup *setup;
};

static void fail(const char *what, int line)
{
	fprintf(stderr, "fuzz_smaps.c:%d: not so: %s\n", line, what);
	abort();
}

#define must(what) ((what) ? (void)0 : fail(#what, __LINE__))

static void read_setup(const char *text, size_t size, struct setup *o)
{
	static const struct { const char *arch; unsigned int mmu_bits; } machine[] = {
		{ "x86_64", 0 }, { "aarch64", 0 }, { "riscv64", 48 }, { "s390x", 0 },
		{ "i686", 0 }, { "ppc64", 0 }, { "loongarch64", 0 }, { "vax", 0 },
	};
	unsigned char c[6] = { '0', 'A', '0', '0', '0', '0' };

	for (size_t i = 0; i < 6 && i + 1 < size && text[0] == '#' && text[i + 1] != '\n'; i++)
		c[i] = (unsigned char)text[i + 1];
	o->arch = machine[c[0] & 7].arch;
	o->mmu_bits = machine[c[0] & 7].mmu_bits;
	o->lines = 30 + (c[1] & 63);
	o->kernel_detail = c[1] & 64 && c[1] & 32;
	o->bits = (c[2] & 3) == 1 ? 64 : (c[2] & 3) == 2 ? 32 : 0;
	o->maps_only = c[3] & 1;
	o->hide_code = c[3] & 2;
	o->block = 1 + (c[4] & 15);
	o->clip = c[4] & 64;
	o->threads = c[5] & 7;
}

static int take_record(void *ctx, const struct smaps_record *r)
{
	struct state *t = ctx;

	must(r->line.start < r->line.end);
	return space_add(&t->s.space, r, !t->setup->maps_only);
}

/* In blocks of a number of lines each: as the kernel gives it, but smaller. */
static int parse(struct state *t, const char *text, size_t size)
{
	struct smaps_parser parser;
	const char *from = text, *end = text + size;
	unsigned int lines = 0;
	int ret = 0;

	smaps_parser_init(&parser, &t->s.space.flags, take_record, t);
	parser.clip = t->setup->clip;
	for (const char *p = text; ret == 0 && p < end; p++) {
		if (*p != '\n' || ++lines % t->setup->block)
			continue;
		ret = smaps_parse(&parser, from, (size_t)(p + 1 - from));
		from = p + 1;
	}
	if (ret == 0)
		ret = smaps_parse(&parser, from, (size_t)(end - from));
	if (ret == 0)
		ret = smaps_finish(&parser);
	must(ret == 0 || ((ret == -EBADMSG || ret == -ESTALE) && parser.problem));
	smaps_parser_done(&parser);
	return ret;
}

/* The first executable mapping holds the program's code; threads' stacks are anywhere. */
static void classify(struct state *t)
{
	struct classify_facts facts = { .page_size = 4096 };
	const struct space *s = &t->s.space;
	struct thread thread[8];

	for (size_t i = 0; i < s->vma.n && !facts.code && !t->setup->hide_code; i++)
		if (s->vma.v[i].perms & MAPS_EXEC)
			facts.code = s->vma.v[i].start;
	for (size_t i = 0; s->vma.n && i < t->setup->threads; i++)
		thread[facts.n_threads++] = (struct thread){
			.tid = (pid_t)(100 + i),
			.source = i & 1 ? THREAD_ROBUST_LIST : THREAD_STACK_POINTER,
			.address = s->vma.v[s->vma.n * (i + 1) / 9].end - 8,
		};
	facts.threads = thread;
	must(space_classify(&t->s.space, &facts, &t->s.executable_path) == 0);
	for (size_t i = 0; i < s->vma.n; i++) {
		must(s->vma.v[i].kind < KINDS && s->vma.v[i].object < s->strings.str.n);
		must(!s->vma.v[i].thread || s->vma.v[i].kind == KIND_THREAD_STACK ||
		     s->vma.v[i].kind == KIND_GUARD);
	}
}

/* As snapshot.c does. */
static void find_geometry(struct state *t)
{
	struct geometry_facts facts = {
		.arch = str_of(t->setup->arch), .mmu_bits = t->setup->mmu_bits,
	};

	for (size_t i = 0; i < t->s.space.vma.n; i++)
		if (vma_is_user(&t->s.space.vma.v[i]))
			facts.highest = t->s.space.vma.v[i].end;
	t->s.geometry = geometry_find(&facts);
	t->s.bits = t->setup->bits;
}

static void check_picture(const struct state *t, const struct rows *rows)
{
	struct picture_request req = {
		.space = &t->s.space, .rows = rows, .geometry = t->s.geometry,
		.bits = t->s.bits, .executable = t->s.executable_path,
		.lines = t->setup->lines + (t->setup->kernel_detail ? 40 : 0),
		.kernel_detail = t->setup->kernel_detail,
	};
	struct picture p;

	must(picture_make(&req, &p) == 0);
	if (picture_check(&req, &p))
		fail(picture_check(&req, &p), __LINE__);
	must(picture_lines(&p) <= req.lines);
	picture_done(&p);
}

static void check_groups(const struct rows *rows)
{
	for (unsigned int by = GROUP_KIND; by <= GROUP_PERMS; by++) {
		struct groups g;
		size_t count = 0;

		must(groups_make(rows, (enum group_by)by, &g) == 0);
		for (size_t i = 0; i < g.rows.n; i++)
			count += g.rows.vma[g.rows.index[i]].count;
		must(count == rows->n);
		must(groups_add_total(&g) == 0);
		must(g.rows.vma[g.rows.index[g.rows.n - 1]].count == rows->n);
		groups_done(&g);
	}
}

/* A row of raw output has as many words as it has columns. */
static void check_words(const struct buf *b, size_t columns)
{
	size_t words = 1;

	for (size_t i = 0; i < b->len; i++) {
		bool blank = b->data[i] == ' ' || b->data[i] == '\n';

		must(!blank || (i > 0 && b->data[i - 1] != ' ' && b->data[i - 1] != '\n'));
		if (b->data[i] == ' ')
			words++;
		if (b->data[i] != '\n')
			continue;
		must(words == columns);
		words = 1;
	}
}

static void check_tables(const struct rows *rows)
{
	struct style style = { .utf8 = true, .headings = true, .width = 80 };
	struct column_list columns;
	struct table table;
	struct buf b;

	buf_init(&b);
	column_list_preset(&columns, PRESET_ALL, GROUP_NONE, false);
	table = mapping_table(rows, &columns);
	table_text(&b, &style, &table);
	must(json_check_utf8(b.data, b.len, true));
	buf_clear(&b);
	style.raw = true;
	table_text(&b, &style, &table);
	must(json_check_utf8(b.data, b.len, true));
	check_words(&b, columns.n);
	buf_done(&b);
}

static void check_report(const struct state *t, unsigned int look)
{
	struct machine machine = { .page_size = 4096, .has_boot_time = true };
	struct report_request req = {
		.views = VIEW_DEFAULT | VIEW_MM, .picture_lines = t->setup->lines,
		.kernel_detail = t->setup->kernel_detail, .fast = t->setup->maps_only,
		.group = (enum group_by)(look & 3),
		.style = { .utf8 = !(look & 1), .headings = true, .raw = look & 4,
			   .picture_width = 60 + (look & 7) * 12, .width = look & 2 ? 70 : 0,
			   .bytes = look & 8 },
	};
	struct report_subject subject = { .snapshot = &t->s, .machine = &machine };
	struct json j;
	struct buf b;

	column_list_preset(&req.columns, look & 1 ? PRESET_EXTENDED : PRESET_DEFAULT, req.group,
			   req.fast);
	req.sort = mapping_column_find(STR("name"));
	buf_init(&b);
	must(report_text(&b, &req, &subject) == 0 && !b.error);
	must(json_check_utf8(b.data, b.len, true));
	buf_clear(&b);
	json_init(&j, &b, look & 1);
	report_json_begin(&j, &machine, 4, "0", 0);
	must(report_json(&j, &req, &subject) == 0);
	report_json_end_processes(&j);
	report_json_end(&j);
	must(!b.error && json_check(b.data, b.len));
	buf_done(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct setup setup;
	struct state t = { .setup = &setup };
	const char *text = (const char *)data;
	struct rows rows;

	if (size == 0)
		return 0;
	setlocale(LC_CTYPE, "C.UTF-8");
	read_setup(text, size, &setup);
	must(space_init(&t.s.space) == 0);
	if (parse(&t, text, size) == 0) {
		t.s.has_space = true;
		t.s.stat.comm = STR("fuzz");
		classify(&t);
		find_geometry(&t);
		must(rows_all(&t.s.space, &rows) == 0);
		check_picture(&t, &rows);
		check_groups(&rows);
		check_tables(&rows);
		check_report(&t, data[size / 2] & 15);
		rows_done(&rows);
	}
	snapshot_done(&t.s);
	return 0;
}
