/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Command lines: what each option sets, and what is refused. */
#include "config.h"

#include "options.h"

#include <errno.h>
#include <stdio.h>

#include "unit.h"

enum { MAX_WORDS = 16 };

struct command {
	char text[512];
	char *word[MAX_WORDS + 2];
	struct options o;
	struct err problem;
};

/* A command line as typed; words are apart by one blank. */
static int parse(struct command *c, const char *line)
{
	int n = 0;
	char *p;

	memset(c, 0, sizeof(*c));
	snprintf(c->text, sizeof(c->text), "memmap %s", line);
	for (p = c->text; p; n++) {
		ck_assert_int_le(n, MAX_WORDS);
		c->word[n] = p;
		p = strchr(p, ' ');
		if (p)
			*p++ = '\0';
	}
	return options_parse(n, c->word, &c->o, &c->problem);
}

static void accept(struct command *c, const char *line)
{
	ck_assert_msg(parse(c, line) == 0, "%s: %s", line, c->problem.text);
}

/* Checks the columns, as a list of keys. */
static void check_columns(const char *line, const char *want)
{
	struct command c;
	struct buf b;

	accept(&c, line);
	buf_init(&b);
	for (size_t i = 0; i < c.o.request.columns.n; i++)
		buf_printf(&b, "%s%s", i ? "," : "", c.o.request.columns.column[i]->key);
	ck_buf(&b, want);
	buf_done(&b);
	options_done(&c.o);
}

START_TEST(test_defaults)
{
	struct command c;

	accept(&c, "1234");
	ck_assert_int_eq(c.o.action, ACTION_REPORT);
	ck_assert_uint_eq(c.o.request.views, VIEW_SUMMARY | VIEW_LAYOUT | VIEW_MAPS);
	ck_assert(!filter_is_active(&c.o.request.filter));
	ck_assert(c.o.request.group == GROUP_NONE && !c.o.request.sort);
	ck_assert(!c.o.json && !c.o.ascii && c.o.color == COLOR_AUTO && !c.o.sysroot);
	ck_assert(c.o.request.style.headings && !c.o.request.style.raw && !c.o.request.style.bytes);
	ck_assert(!c.o.request.fast && !c.o.request.kernel_detail && !c.o.request.columns_given);
	ck_assert_int_eq(c.o.targets, 1);
	ck_assert_str_eq(c.o.target[0], "1234");
	options_done(&c.o);
}
END_TEST

static void check_views(const char *line, unsigned int views)
{
	struct command c;

	accept(&c, line);
	ck_assert_msg(c.o.request.views == views, "%s", line);
	options_done(&c.o);
}

START_TEST(test_views)
{
	struct command c;

	check_views("--summary 1", VIEW_SUMMARY);
	check_views("--layout 1", VIEW_LAYOUT);
	check_views("--maps 1", VIEW_MAPS);
	check_views("--mm 1", VIEW_MM);
	check_views("--mm --maps 1", VIEW_MM | VIEW_MAPS);
	check_views("1 --mm", VIEW_MM);
	check_views("--numa 1", VIEW_NUMA);
	check_views("--numa --pages 1", VIEW_NUMA | VIEW_PAGES);
	check_views("--lay 1", VIEW_LAYOUT);
	accept(&c, "--kernel 1");
	ck_assert(c.o.request.kernel_detail && (c.o.request.views & VIEW_LAYOUT));
	options_done(&c.o);
	accept(&c, "--kernel --layout 1");
	ck_assert(c.o.request.kernel_detail && c.o.request.views == VIEW_LAYOUT);
	options_done(&c.o);
}
END_TEST

START_TEST(test_translate)
{
	struct command c;

	accept(&c, "--translate 7f00,10-20 --translate=0t99 1");
	ck_assert(c.o.request.views == VIEW_TRANSLATE);
	ck_assert_uint_eq(c.o.request.addresses.n, 3);
	ck_assert(c.o.request.addresses.v[0].low == 0x7f00 &&
		  c.o.request.addresses.v[1].last == 19 && c.o.request.addresses.v[2].low == 99);
	options_done(&c.o);
	accept(&c, "--mm --translate 1 1");
	ck_assert(c.o.request.views == (VIEW_MM | VIEW_TRANSLATE));
	options_done(&c.o);
}
END_TEST

START_TEST(test_columns)
{
	check_columns("-o start,rss 1", "start,rss");
	check_columns("--output=RSS,Anon-Huge-Pages 1", "rss,anon_huge_pages");
	check_columns("-o address,name,pss 1", "start,pss,name");
	check_columns("-o rss,rss 1", "rss");
	check_columns("1", "start,perms,size,resident,unique,swap,kind,name");
	check_columns("-o +pss 1", "start,perms,size,resident,unique,swap,kind,pss,name");
	check_columns("-o +pss,rss 1", "start,perms,size,resident,unique,swap,kind,pss,rss,name");
	check_columns("-x 1", "start,perms,size,rss,pss,uss,dirty,hugetlb,swap,kind,name");
	check_columns("--extended -o +thread 1",
		      "start,perms,size,rss,pss,uss,dirty,hugetlb,swap,kind,thread,name");
	check_columns("--fast 1", "start,perms,size,kind,name");
	check_columns("-g kind 1", "kind,mappings,size,resident,unique,swap");
	check_columns("-g object 1", "mappings,size,resident,unique,swap,name");
	check_columns("-g perms 1", "perms,mappings,size,resident,unique,swap");
	check_columns("-x -g perms 1", "perms,mappings,size,rss,pss,uss,dirty,hugetlb,swap");
	/* the last of its kind holds, and it does not matter where it stands */
	check_columns("-o rss -o pss 1", "pss");
	check_columns("-o +pss -g kind 1", "kind,mappings,size,resident,unique,swap,pss");
}
END_TEST

START_TEST(test_everything)
{
	struct command c;
	size_t n = 0;

	/* all but the number of mappings, which is for groups, and what needs more files */
	accept(&c, "-X 1");
	for (size_t i = 0; i < mapping_columns_n; i++)
		n += (mapping_columns[i].use & (COLUMN_TEXT | COLUMN_EXTRA)) == COLUMN_TEXT &&
		     strcmp(mapping_columns[i].key, "mappings") != 0;
	ck_assert_uint_eq(c.o.request.columns.n, n);
	ck_assert(!c.o.request.columns_given);
	options_done(&c.o);
	accept(&c, "-o rss 1");
	ck_assert(c.o.request.columns_given);
	options_done(&c.o);
	accept(&c, "-o +rss 1");
	ck_assert(!c.o.request.columns_given);
	options_done(&c.o);
}
END_TEST

static void check_sort(const char *line, const char *key, bool descending)
{
	struct command c;

	accept(&c, line);
	ck_assert_ptr_nonnull(c.o.request.sort);
	ck_assert_str_eq(c.o.request.sort->key, key);
	ck_assert_msg(c.o.request.descending == descending, "%s", line);
	options_done(&c.o);
}

START_TEST(test_sort)
{
	check_sort("-S rss 1", "rss", true);
	check_sort("--sort=size 1", "size", true);
	check_sort("-S name 1", "name", false);
	check_sort("-S address 1", "start", false);
	check_sort("-S start:desc 1", "start", true);
	check_sort("-S rss:asc 1", "rss", false);
	check_sort("-S rss:desc 1", "rss", true);
	check_sort("-S pss -S name 1", "name", false);
}
END_TEST

START_TEST(test_rows)
{
	struct command c;

	accept(&c, "-g object -k heap,stack -A 0x1000-2000 --perms rw -f so$ --min-rss 1.5M 1");
	ck_assert_int_eq(c.o.request.group, GROUP_OBJECT);
	ck_assert_uint_eq(c.o.request.filter.kinds, 1u << KIND_HEAP | 1u << KIND_STACK);
	ck_assert(c.o.request.filter.has_range);
	ck_assert_uint_eq(c.o.request.filter.range_low, 0x1000);
	ck_assert_uint_eq(c.o.request.filter.range_last, 0x1fff);
	ck_assert_str_eq(c.o.request.filter.perms, "rw??");
	ck_assert_uint_eq(c.o.request.filter.min_resident, 1572864);
	ck_assert(c.o.has_regex && c.o.request.filter.regex == &c.o.regex);
	ck_assert_int_eq(regexec(&c.o.regex, "libc.so", 0, NULL, 0), 0);
	options_done(&c.o);
	accept(&c, "-f a -f b 1");
	ck_assert_int_eq(regexec(&c.o.regex, "b", 0, NULL, 0), 0);
	ck_assert_int_ne(regexec(&c.o.regex, "a", 0, NULL, 0), 0);
	options_done(&c.o);
	options_done(&c.o);
	accept(&c, "-k heap -k stack 1");
	ck_assert_uint_eq(c.o.request.filter.kinds, 1u << KIND_HEAP | 1u << KIND_STACK);
	options_done(&c.o);
}
END_TEST

START_TEST(test_shape)
{
	struct command c;

	accept(&c, "-J -b -n -r --ascii --color=always --fast -s /nowhere 1");
	ck_assert(c.o.json && c.o.ascii && c.o.color == COLOR_ALWAYS && c.o.request.fast);
	ck_assert(c.o.request.style.bytes && !c.o.request.style.headings && c.o.request.style.raw);
	ck_assert_str_eq(c.o.sysroot, "/nowhere");
	options_done(&c.o);
	accept(&c, "--json --bytes --noheadings --raw --color never --sysroot=/x 1");
	ck_assert(c.o.json && c.o.color == COLOR_NEVER && c.o.request.style.raw);
	options_done(&c.o);
	accept(&c, "-bnr --color auto 1");
	ck_assert(c.o.request.style.bytes && !c.o.request.style.headings && c.o.color == COLOR_AUTO);
	options_done(&c.o);
}
END_TEST

START_TEST(test_actions)
{
	struct command c;

	accept(&c, "--help");
	ck_assert_int_eq(c.o.action, ACTION_HELP);
	accept(&c, "-h");
	ck_assert_int_eq(c.o.action, ACTION_HELP);
	accept(&c, "-V");
	ck_assert_int_eq(c.o.action, ACTION_VERSION);
	accept(&c, "--version");
	ck_assert_int_eq(c.o.action, ACTION_VERSION);
	accept(&c, "--list-columns");
	ck_assert_int_eq(c.o.action, ACTION_LIST_COLUMNS);
	accept(&c, "--probe");
	ck_assert_int_eq(c.o.action, ACTION_PROBE);
	accept(&c, "--probe -J --ascii");
	ck_assert(c.o.action == ACTION_PROBE && c.o.json && c.o.ascii);
}
END_TEST

START_TEST(test_targets)
{
	struct command c;

	accept(&c, "bash -J 12 -- -x");
	ck_assert_int_eq(c.o.targets, 3);
	ck_assert_str_eq(c.o.target[0], "bash");
	ck_assert_str_eq(c.o.target[1], "12");
	ck_assert_str_eq(c.o.target[2], "-x");
	options_done(&c.o);
}
END_TEST

/* Without a target, all processes; what rows are asked for decides which columns there are. */
START_TEST(test_processes)
{
	struct command c;

	accept(&c, "--bytes");
	ck_assert_uint_eq(c.o.request.views, VIEW_PROCESSES);
	options_done(&c.o);
	accept(&c, "-g cgroup -S uss:asc -o +pss_anon -u 0");
	ck_assert_int_eq(c.o.request.process_view, PROCESSES_CGROUP);
	ck_assert_str_eq(c.o.request.process_sort->key, "uss");
	ck_assert(!c.o.request.descending);
	ck_assert_ptr_null(c.o.request.sort);
	ck_assert_str_eq(c.o.user, "0");
	options_done(&c.o);
	accept(&c, "--processes --tree 1 2");
	ck_assert_uint_eq(c.o.request.views, VIEW_PROCESSES);
	ck_assert(c.o.request.tree);
	ck_assert_int_eq(c.o.targets, 2);
	options_done(&c.o);
	accept(&c, "--processes --maps -S perms 1");
	ck_assert_str_eq(c.o.request.sort->key, "perms");
	ck_assert_ptr_null(c.o.request.process_sort);
	options_done(&c.o);
}
END_TEST

START_TEST(test_refused)
{
	/* the line, and a word that the message must have */
	static const struct { const char *line, *word; } bad[] = {
		{ "--translate zz 1", "'zz'" }, { "--translate 20-10 1", "'20-10'" },
		{ "--translate 10,,20 1", "--translate" }, { "--translate 10 --fast 1", "--fast" },
		{ "--maps -J", "process" }, { "--tree 1", "processes" }, { "-u root 1", "processes" },
		{ "--tree -g user", "tree" }, { "-g kind", "kind" }, { "-g user 1", "user" },
		{ "-o path", "path" }, { "-S perms", "perms" }, { "-q 1", "-q" }, { "--nonsense 1", "nonsense" },
		{ "--m 1", "--m" }, { "--json=1 1", "json" }, { "-o", "COLS" }, { "--output", "COLS" },
		{ "-o nothing 1", "nothing" }, { "-o rss,,pss 1", "column" }, { "-o + 1", "column" },
		{ "-o +no 1", "no" }, { "-o rss, 1", "column" }, { "-S nothing 1", "nothing" },
		{ "-S rss:up 1", "asc" }, { "-S rss: 1", "asc" }, { "-S vm_flags 1", "vm_flags" },
		{ "-g path 1", "path" }, { "-k haep 1", "haep" }, { "-k heap, 1", "kind" },
		{ "-f [ 1", "filter" }, { "-f ( 1", "filter" }, { "-A x 1", "range" },
		{ "-A 2-1 1", "range" }, { "--range=- 1", "range" }, { "--perms q 1", "perms" },
		{ "--min-rss 1Q 1", "min-rss" }, { "--min-rss -1 1", "min-rss" },
		{ "--color=blue 1", "color" }, { "--fast -x 1", "--fast" }, { "-X --fast 1", "--fast" },
		{ "--fast --min-rss 1K 1", "--fast" }, { "--fast --numa 1", "--numa" },
		{ "--huge --fast 1", "--fast" }, { "--fast -o +policy 1", "policy" },
		{ "--fast -S remote 1", "remote" }, { "-J -o name 1", "name" }, { "-s", "DIR" },
		{ "-A", "LOW" }, { "-f", "REGEX" },
		{ "-i -J", "--json" }, { "--tui --pages 1", "--pages" }, { "-i -x", "--extended" },
		{ "--tui 1 2", "one process" }, { "-i -k heap", "--kind" }, { "-i --fast 1", "--fast" },
		{ "-i --tree", "--tree" }, { "-i -b", "--bytes" }, { "-i -S path", "path" },
		{ "--probe 1", "--probe" }, { "--probe -s /x", "--sysroot" }, { "--probe=1", "probe" },
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct command c;

		ck_assert_msg(parse(&c, bad[i].line) == -EINVAL, "%s", bad[i].line);
		ck_assert_int_eq(c.problem.code, -EINVAL);
		ck_assert_msg(strstr(c.problem.text, bad[i].word), "%s: %s", bad[i].line,
			      c.problem.text);
		ck_assert_ptr_null(strchr(c.problem.text, '\n'));
		options_done(&c.o);
	}
}
END_TEST

START_TEST(test_tui)
{
	struct command c;

	accept(&c, "-i");
	ck_assert(c.o.tui && (c.o.request.views & VIEW_PROCESSES));
	options_done(&c.o);
	accept(&c, "--tui -s /x -o +pss -S size:asc -k heap -f lib --ascii --color=never 1");
	ck_assert(c.o.tui && c.o.request.views == VIEW_MAPS && c.o.ascii);
	ck_assert(c.o.request.columns_added && !c.o.request.columns_given);
	ck_assert_str_eq(c.o.request.filter_text, "lib");
	ck_assert_str_eq(c.o.request.sort->key, "size");
	ck_assert(!c.o.request.descending);
	options_done(&c.o);
}
END_TEST

/* The help names every option and every kind, and no line is wider than a terminal. */
START_TEST(test_help)
{
	static const char *const option[] = {
		"--summary", "--layout", "--kernel", "--maps", "--mm", "--pages", "--huge", "--translate", "--processes",
		"--tree", "-u, --user", "-o, --output", "--list-columns",
		"-x, --extended", "-X, --everything", "-S, --sort", "-g, --group-by", "-k, --kind",
		"-f, --filter", "-A, --range", "--perms", "--min-rss", "-J, --json", "-b, --bytes",
		"-n, --noheadings", "-r, --raw", "--ascii", "--color", "--fast", "-s, --sysroot",
		"--probe", "-h, --help", "-V, --version",
	};
	struct buf b;

	buf_init(&b);
	options_help(&b);
	ck_assert_ptr_nonnull(buf_string(&b));
	for (size_t i = 0; i < sizeof(option) / sizeof(option[0]); i++)
		ck_assert_msg(strstr(b.data, option[i]), "%s", option[i]);
	for (unsigned int k = 0; k < KINDS; k++)
		ck_assert_ptr_nonnull(strstr(b.data, kind_info[k].name));
	for (const char *line = b.data; *line; line = strchr(line, '\n') + 1)
		ck_assert_msg(strchr(line, '\n') - line <= 90, "%.*s", (int)(strchr(line, '\n') - line),
			      line);
	buf_done(&b);
}
END_TEST

START_TEST(test_changes)
{
	static const char *const wrong[] = {
		"-w 0 1", "-w x 1", "-w 1,0% 1", "-w 1,101% 1", "-w 1,50 1", "-w 1, 1", "-w . 1",
		"-w 1e3 1", "-w 2000000 1", "-w 1 -c 0 1", "-c 3 1", "-w 1 --diff d 1",
		"-w 1 -s d 1", "-w 1 -r 1", "--diff d -r 1", "--diff d", "--diff d --system 1",
		"-w 1 --probe", "-w 1 --tui 1", "-w 1 -g kind 1", "-w 1 -g kind", "-w 1 -g user 1", "--diff d --tui 1",
	};
	struct command c;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		ck_assert_msg(parse(&c, wrong[i]) < 0, "%s", wrong[i]);
		options_done(&c.o);
	}
	accept(&c, "-w 0.25,50% -c 7 1 bash");
	ck_assert(c.o.watch == 0.25 && c.o.watch_share == 0.5 && c.o.count == 7);
	ck_assert_uint_eq(c.o.request.views, 0);
	ck_assert(c.o.request.change && options_have_processes(&c.o));
	options_done(&c.o);
	accept(&c, "--watch 2 --maps -g kind 1");
	ck_assert(c.o.watch == 2 && c.o.watch_share == 0.1 && c.o.count == 0);
	ck_assert_uint_eq(c.o.request.views, VIEW_MAPS);
	options_done(&c.o);
	accept(&c, "-w 1 -c 2 -g name");
	ck_assert(c.o.request.views == VIEW_PROCESSES &&
		  c.o.request.process_view == PROCESSES_NAME);
	options_done(&c.o);
	accept(&c, "-w 1");
	ck_assert_str_eq(c.o.request.process_columns.column[4]->key, "pss_growth");
	ck_assert_str_eq(c.o.request.process_columns.column[5]->key, "pss_change");
	options_done(&c.o);
	/* columns are those of mappings */
	check_columns("-w 1 -o pss,uss 1", "pss,uss");
	accept(&c, "-w 1 --system");
	ck_assert(!c.o.request.change && !options_have_processes(&c.o));
	options_done(&c.o);
	accept(&c, "-w 1");
	ck_assert_uint_eq(c.o.request.views, VIEW_PROCESSES);
	options_done(&c.o);
	accept(&c, "--diff d -s t 1");
	ck_assert_str_eq(c.o.diff, "d");
	ck_assert(c.o.request.change);
	options_done(&c.o);
}
END_TEST

START_TEST(test_capture)
{
	static const char *const wrong[] = {
		"--capture d", "--capture d -s t 1", "--capture d --json 1", "--capture d --maps 1",
		"--capture d --processes 1", "--capture d --physical", "--capture d --fast 1",
		"--capture d -u root --processes", "--capture d 1 --probe",
		"--capture d 1 --tui", "--capture d 1 --list-columns", "--capture d --translate=1 1", "--capture",
	};
	struct command c;

	accept(&c, "--capture d --pages 1 bash");
	ck_assert_int_eq(c.o.action, ACTION_CAPTURE);
	ck_assert_str_eq(c.o.capture, "d");
	ck_assert_int_eq(c.o.targets, 2);
	ck_assert_uint_eq(c.o.request.views, VIEW_PAGES);
	options_done(&c.o);
	accept(&c, "--capture d --processes --huge");
	options_done(&c.o);
	accept(&c, "--capture d --system");
	options_done(&c.o);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		ck_assert_msg(parse(&c, wrong[i]) == -EINVAL, "%s", wrong[i]);
		options_done(&c.o);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("options");

	UNIT_CASE(s, "accepted", test_defaults, test_views, test_translate, test_columns, test_everything, test_processes, test_sort,
		  test_rows, test_shape, test_actions, test_targets, test_changes, test_capture, test_tui);
	UNIT_CASE(s, "refused", test_refused);
	UNIT_CASE(s, "help", test_help);
	return unit_run(s);
}
