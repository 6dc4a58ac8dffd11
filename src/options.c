/* SPDX-License-Identifier: GPL-3.0-or-later */
/* argv to struct options: pure, so that it can be tested. */
#include "config.h"

#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"

enum option_id {
	OPT_SUMMARY = 256, OPT_LAYOUT, OPT_MAPS, OPT_MM, OPT_PAGES, OPT_HUGE, OPT_NUMA,
	OPT_TRANSLATE, OPT_COW, OPT_SHARING, OPT_WSS, OPT_CLEAR_REFS,
	OPT_PROCESSES, OPT_SYSTEM, OPT_PHYSICAL, OPT_OWNERS, OPT_KERNEL,
	OPT_OUTPUT, OPT_LIST_COLUMNS, OPT_EXTENDED, OPT_EVERYTHING, OPT_SORT, OPT_GROUP_BY,
	OPT_TREE, OPT_KIND, OPT_FILTER, OPT_RANGE, OPT_PERMS, OPT_MIN_RSS, OPT_USER,
	OPT_TUI, OPT_JSON, OPT_BYTES, OPT_NOHEADINGS, OPT_RAW, OPT_ASCII, OPT_COLOR,
	OPT_FAST, OPT_SYSROOT, OPT_CAPTURE, OPT_WATCH, OPT_COUNT, OPT_DIFF, OPT_PROBE, OPT_HELP, OPT_VERSION,
	OPT_END,
};

enum { OPTIONS = OPT_END - OPT_SUMMARY };

struct option_info {
	const char *name;
	char letter;		/* or 0 */
	const char *argument;	/* its name in the help; NULL: takes none; "[=...]": may */
	const char *help;
	const char *heading;	/* begins a group */
};

static const struct option_info option_info[OPTIONS] = {
	[OPT_SUMMARY - OPT_SUMMARY] = { "summary", 0, NULL,
		"who the process is, totals, memory by kind", "Views (default: summary, layout, maps)" },
	[OPT_LAYOUT - OPT_SUMMARY] = { "layout", 0, NULL,
		"picture of the address space, highest address on top" },
	[OPT_MAPS - OPT_SUMMARY] = { "maps", 0, NULL, "a row per mapping" },
	[OPT_MM - OPT_SUMMARY] = { "mm", 0, NULL,
		"memory descriptor: ranges, sizes, peaks, limits" },
	[OPT_PAGES - OPT_SUMMARY] = { "pages", 0, NULL,
		"page frames: states, flags, map counts, folios" },
	[OPT_HUGE - OPT_SUMMARY] = { "huge", 0, NULL,
		"huge pages by size; for what is not huge, why not" },
	[OPT_NUMA - OPT_SUMMARY] = { "numa", 0, NULL,
		"memory policies, and pages per memory node" },
	[OPT_TRANSLATE - OPT_SUMMARY] = { "translate", 0, "ADDR[,ADDR...]",
		"the way from an address to its frame, level by level" },
	[OPT_COW - OPT_SUMMARY] = { "cow", 0, "[=PID2]",
		"what is still shared with PID2, or all descendants" },
	[OPT_SHARING - OPT_SUMMARY] = { "sharing", 0, NULL,
		"which other processes map the same frames" },
	[OPT_WSS - OPT_SUMMARY] = { "wss", 0, "SEC",
		"working set: what is referenced and written in SEC seconds" },
	[OPT_CLEAR_REFS - OPT_SUMMARY] = { "clear-refs", 0, NULL,
		"allow --wss to change the target's state" },
	[OPT_PROCESSES - OPT_SUMMARY] = { "processes", 0, NULL,
		"all processes, or those given (default without TARGET)" },
	[OPT_SYSTEM - OPT_SUMMARY] = { "system", 0, NULL,
		"the machine: where all of its memory went" },
	[OPT_PHYSICAL - OPT_SUMMARY] = { "physical", 0, NULL,
		"all page frames of the machine, by use" },
	[OPT_OWNERS - OPT_SUMMARY] = { "owners", 0, NULL,
		"with --physical: which processes map them" },
	[OPT_KERNEL - OPT_SUMMARY] = { "kernel", 0, NULL,
		"picture with the kernel's half in detail" },
	[OPT_OUTPUT - OPT_SUMMARY] = { "output", 'o', "COLS",
		"columns of tables; +COL adds to the default", "Rows and columns" },
	[OPT_LIST_COLUMNS - OPT_SUMMARY] = { "list-columns", 0, NULL,
		"explain all columns (or those of --processes)" },
	[OPT_EXTENDED - OPT_SUMMARY] = { "extended", 'x', NULL, "more columns: rss pss uss dirty hugetlb swap" },
	[OPT_EVERYTHING - OPT_SUMMARY] = { "everything", 'X', NULL, "all columns" },
	[OPT_SORT - OPT_SUMMARY] = { "sort", 'S', "COL[:asc|:desc]",
		"sort rows (default: address)" },
	[OPT_GROUP_BY - OPT_SUMMARY] = { "group-by", 'g', "GROUP",
		"mappings by kind, object, perms; processes by\n"
		"                              user, name, cgroup, object" },
	[OPT_TREE - OPT_SUMMARY] = { "tree", 0, NULL, "processes below their parents" },
	[OPT_KIND - OPT_SUMMARY] = { "kind", 'k', "LIST", "only mappings of these kinds" },
	[OPT_FILTER - OPT_SUMMARY] = { "filter", 'f', "REGEX",
		"only mappings, or processes, whose name matches" },
	[OPT_RANGE - OPT_SUMMARY] = { "range", 'A', "LOW[-HIGH]",
		"only mappings in this range (hexadecimal)" },
	[OPT_PERMS - OPT_SUMMARY] = { "perms", 0, "STR",
		"only with these permissions: wx, r-xp, rw??" },
	[OPT_MIN_RSS - OPT_SUMMARY] = { "min-rss", 0, "SIZE",
		"only with at least this much resident" },
	[OPT_USER - OPT_SUMMARY] = { "user", 'u', "NAME",
		"only processes of this user (name or number)" },
	[OPT_TUI - OPT_SUMMARY] = { "tui", 'i', NULL, "interactive screens",
		"Shape of the output" },
	[OPT_JSON - OPT_SUMMARY] = { "json", 'J', NULL, "the same facts as JSON" },
	[OPT_BYTES - OPT_SUMMARY] = { "bytes", 'b', NULL, "exact byte counts instead of 1.5M" },
	[OPT_NOHEADINGS - OPT_SUMMARY] = { "noheadings", 'n', NULL, "no column headings" },
	[OPT_RAW - OPT_SUMMARY] = { "raw", 'r', NULL,
		"columns separated by one blank, all else escaped" },
	[OPT_ASCII - OPT_SUMMARY] = { "ascii", 0, NULL, "no box characters" },
	[OPT_COLOR - OPT_SUMMARY] = { "color", 0, "auto|always|never", "colour (default: auto)" },
	[OPT_FAST - OPT_SUMMARY] = { "fast", 0, NULL,
		"never make the kernel walk the target's page tables", "Where it comes from" },
	[OPT_SYSROOT - OPT_SUMMARY] = { "sysroot", 's', "DIR",
		"read DIR/proc and DIR/sys instead of the live system" },
	[OPT_CAPTURE - OPT_SUMMARY] = { "capture", 0, "DIR",
		"save the files that reports are made from as a\n"
		"                              tree for -s; with --pages, page frames too" },
	[OPT_WATCH - OPT_SUMMARY] = { "watch", 'w', "SEC[,SHARE%]",
		"again every SEC seconds, with what changed; reading\n"
		"                              takes at most SHARE (10 %) of the time", "What changed" },
	[OPT_COUNT - OPT_SUMMARY] = { "count", 'c', "N", "with --watch: so many samples, then a summary" },
	[OPT_DIFF - OPT_SUMMARY] = { "diff", 0, "DIR", "what changed since --capture DIR" },
	[OPT_PROBE - OPT_SUMMARY] = { "probe", 0, NULL,
		"what this kernel and these privileges allow", "Other" },
	[OPT_HELP - OPT_SUMMARY] = { "help", 'h', NULL, "this help" },
	[OPT_VERSION - OPT_SUMMARY] = { "version", 'V', NULL, "version" },
};

_Static_assert(sizeof(option_info) / sizeof(option_info[0]) == OPTIONS, "an entry for each");

enum { HELP_COLUMN = 30 };

static bool takes_optional(const struct option_info *info)
{
	return info->argument && info->argument[0] == '[';
}

void options_help(struct buf *b)
{
	buf_puts(b, "Usage: memmap [OPTION]... [TARGET]...\n"
		    "Show where a process keeps its memory.\n\n"
		    "TARGET is a process ID, or a command name that selects every process with "
		    "that name.\nWithout one: a table of all processes.\n");
	for (unsigned int i = 0; i < OPTIONS; i++) {
		const struct option_info *info = &option_info[i];
		size_t from;

		if (info->heading)
			buf_printf(b, "\n%s:\n", info->heading);
		from = b->len;
		if (info->letter)
			buf_printf(b, "  -%c, --%s", info->letter, info->name);
		else
			buf_printf(b, "      --%s", info->name);
		if (info->argument)
			buf_printf(b, "%s%s", takes_optional(info) ? "" : " ", info->argument);
		if (b->len - from + 2 > HELP_COLUMN) {
			buf_putc(b, '\n');
			from = b->len;
		}
		buf_fill(b, ' ', HELP_COLUMN - (b->len - from));
		buf_printf(b, "%s\n", info->help);
	}
	buf_puts(b, "\nKinds:");
	for (unsigned int k = 0; k < KINDS; k++)
		buf_printf(b, "%s%s", k == 10 ? "\n       " : " ", kind_info[k].name);
	buf_puts(b, "\nExit status: 0 all was reported, 1 something was not, 2 wrong usage.\n"
		    "Manual: man memmap\n");
}

static int wrong(struct err *problem, const char *option, const char *value, const char *want)
{
	return err_set(problem, -EINVAL, "invalid argument '%s' for --%s: %s", value, option,
		       want);
}

/* "+COL,COL" or "COL,COL": remembers the text; columns are chosen once all options are known. */
struct late {
	const char *output, *sort, *group;
	enum column_preset preset;
	uint64_t used;			/* bit per option, from OPT_SUMMARY on */
};

#define USED(id) (UINT64_C(1) << ((id) - OPT_SUMMARY))

_Static_assert(OPTIONS <= 64, "used has a bit for each");

static bool of_mappings(const struct report_request *r)
{
	return r->views & VIEWS_OF_MAPPINGS || (r->change && !(r->views & VIEW_PROCESSES));
}

static const struct column *find_column(const struct report_request *r, struct str name)
{
	return of_mappings(r) ? mapping_column_find(name) :
				column_find(&process_table_column_set, name);
}

static int set_columns(struct options *o, const char *text, struct err *problem)
{
	struct report_request *r = &o->request;
	struct column_list *l = of_mappings(r) ? &r->columns : &r->process_columns;

	if (*text == '+')
		text++;
	else
		l->n = 0;
	for (;;) {
		size_t n = strcspn(text, ",");
		const struct column *c = find_column(r, (struct str){ text, n });

		if (!c || !(c->use & COLUMN_TEXT))
			return err_set(problem, -EINVAL, "unknown column '%.*s' (--list-columns "
				       "shows them all)", n > 200 ? 200 : (int)n, text);
		column_list_add(l, c);
		if (!text[n])
			break;
		text += n + 1;
	}
	return 0;
}

static int set_sort(struct options *o, const char *text, struct err *problem)
{
	size_t n = strcspn(text, ":");
	struct report_request *r = &o->request;
	const struct column *c = find_column(r, (struct str){ text, n });

	if (!c || c->type == VALUE_FLAGS || c->type == VALUE_LIST || c->type == VALUE_OBJECT)
		return err_set(problem, -EINVAL, "cannot sort by '%.*s' (--list-columns shows "
			       "the columns)", n > 200 ? 200 : (int)n, text);
	*(of_mappings(r) ? &r->sort : &r->process_sort) = c;
	r->descending = c->use & COLUMN_DESCENDING;
	if (strcmp(text + n, ":asc") == 0)
		r->descending = false;
	else if (strcmp(text + n, ":desc") == 0)
		r->descending = true;
	else if (text[n])
		return wrong(problem, "sort", text, "the order is asc or desc");
	return 0;
}

static int set_group(struct report_request *r, const char *text, struct err *problem)
{
	static const char *const mappings[] = {
		[GROUP_KIND] = "kind", [GROUP_OBJECT] = "object", [GROUP_PERMS] = "perms",
	};
	static const char *const processes[] = {
		[PROCESSES_USER] = "user", [PROCESSES_NAME] = "name",
		[PROCESSES_CGROUP] = "cgroup", [PROCESSES_OBJECT] = "object",
	};

	for (unsigned int i = 1; of_mappings(r) && i < sizeof(mappings) / sizeof(*mappings); i++)
		if (strcmp(text, mappings[i]) == 0) {
			r->group = (enum group_by)i;
			return 0;
		}
	for (unsigned int i = 1; !of_mappings(r) && i < sizeof(processes) / sizeof(*processes); i++)
		if (strcmp(text, processes[i]) == 0) {
			r->process_view = (enum process_view)i;
			return 0;
		}
	return wrong(problem, "group-by", text, of_mappings(r) ?
		     "mappings have kind, object and perms" :
		     "processes have user, name, cgroup and object");
}

static int set_regex(struct options *o, const char *text, struct err *problem)
{
	char why[128];
	int ret;

	if (o->has_regex)
		regfree(&o->regex);
	o->has_regex = false;
	ret = regcomp(&o->regex, text, REG_EXTENDED);
	if (ret != 0) {
		regerror(ret, &o->regex, why, sizeof(why));
		return wrong(problem, "filter", text, why);
	}
	o->has_regex = true;
	o->request.filter.regex = &o->regex;
	o->request.filter_text = text;
	return 0;
}

static int set_addresses(struct options *o, const char *text, struct err *problem)
{
	struct str part = { "", 0 };
	int ret = addresses_parse(text, &o->request.addresses, &part);

	o->request.views |= VIEW_TRANSLATE;
	if (ret == -EINVAL)
		return err_set(problem, ret, "invalid address '%.*s' for --translate: must be "
			       "hexadecimal (0x7f12a000), decimal (0t123), or LOW-HIGH, HIGH above "
			       "LOW", part.len > 100 ? 100 : (int)part.len, part.p);
	return ret < 0 ? err_set(problem, ret, "%s", strerror(-ret)) : 0;
}

static int set_cow(struct report_request *r, const char *text, struct err *problem)
{
	uint64_t pid = 0;

	r->views |= VIEW_COW;
	if (text && (!num_parse_u64(text, &pid) || pid == 0 || pid > INT_MAX))
		return wrong(problem, "cow", text, "must be a process ID");
	r->cow_with = (pid_t)pid;
	return 0;
}

static int set_color(struct options *o, const char *text, struct err *problem)
{
	if (strcmp(text, "auto") == 0)
		o->color = COLOR_AUTO;
	else if (strcmp(text, "always") == 0)
		o->color = COLOR_ALWAYS;
	else if (strcmp(text, "never") == 0)
		o->color = COLOR_NEVER;
	else
		return wrong(problem, "color", text, "must be auto, always or never");
	return 0;
}

static int set_kinds(struct options *o, const char *text, struct err *problem)
{
	struct buf names;
	struct str word;
	int ret;

	if (filter_set_kinds(&o->request.filter, text, &word))
		return 0;
	buf_init(&names);
	for (unsigned int k = 0; k < KINDS; k++)
		buf_printf(&names, "%s%s", k ? " " : "", kind_info[k].name);
	ret = err_set(problem, -EINVAL, "unknown kind '%.*s'; there are: %s",
		      word.len > 200 ? 200 : (int)word.len, word.p,
		      buf_string(&names) ? names.data : "");
	buf_done(&names);
	return ret;
}

/* "2", "0.5" or "1,25%". */
static int set_watch(struct options *o, const char *text, struct err *problem)
{
	const char *comma = strchr(text, ','), *end = comma ? comma : text + strlen(text);
	double share = 10;

	if (!num_parse_decimal(text, end, &o->watch) || o->watch < 0.01 || o->watch > 1e6)
		return wrong(problem, "watch", text, "must be seconds, from 0.01 to 1000000");
	if (comma && (!num_parse_decimal(comma + 1, comma + strcspn(comma, "%"), &share) ||
		      strcmp(comma + strcspn(comma, "%"), "%") != 0 || share < 1 || share > 100))
		return wrong(problem, "watch", text, "the share of time for reading must be 1% to "
			     "100%");
	o->watch_share = share / 100;
	return 0;
}

static int set_count(struct options *o, const char *text, struct err *problem)
{
	if (!num_parse_u64(text, &o->count) || o->count == 0)
		return wrong(problem, "count", text, "must be a number of samples, 1 or more");
	return 0;
}

static int take_option(struct options *o, struct late *late, int id, char *arg,
		       struct err *problem)
{
	struct report_request *r = &o->request;

	late->used |= USED(id);
	switch (id) {
	case OPT_TUI: o->tui = true; break;
	case OPT_SUMMARY: r->views |= VIEW_SUMMARY; break;
	case OPT_LAYOUT: r->views |= VIEW_LAYOUT; break;
	case OPT_MAPS: r->views |= VIEW_MAPS; break;
	case OPT_MM: r->views |= VIEW_MM; break;
	case OPT_PAGES: r->views |= VIEW_PAGES; break;
	case OPT_HUGE: r->views |= VIEW_HUGE; break;
	case OPT_NUMA: r->views |= VIEW_NUMA; break;
	case OPT_TRANSLATE: return set_addresses(o, arg, problem);
	case OPT_WSS:
		r->views |= VIEW_WSS;
		if (!num_parse_decimal(arg, arg + strlen(arg), &o->wss) || o->wss < 0.001 ||
		    o->wss > 1e6)
			return wrong(problem, "wss", arg, "must be seconds, from 0.001 to 1000000");
		break;
	case OPT_CLEAR_REFS: o->clear_refs = true; break;
	case OPT_SHARING: r->views |= VIEW_SHARING; break;
	case OPT_COW: return set_cow(r, arg, problem);
	case OPT_KERNEL: r->kernel_detail = true; break;
	case OPT_OUTPUT: late->output = arg; break;
	case OPT_LIST_COLUMNS: o->action = ACTION_LIST_COLUMNS; break;
	case OPT_EXTENDED: late->preset = PRESET_EXTENDED; break;
	case OPT_EVERYTHING: late->preset = PRESET_ALL; break;
	case OPT_SORT: late->sort = arg; break;
	case OPT_GROUP_BY: late->group = arg; break;
	case OPT_TREE: r->tree = true; break;
	case OPT_USER: o->user = arg; break;
	case OPT_PHYSICAL: r->views |= VIEW_PHYSICAL; break;
	case OPT_OWNERS: r->owners = true; break;
	case OPT_PROCESSES: r->views |= VIEW_PROCESSES; break;
	case OPT_SYSTEM: r->views |= VIEW_SYSTEM; break;
	case OPT_KIND: return set_kinds(o, arg, problem);
	case OPT_FILTER: return set_regex(o, arg, problem);
	case OPT_RANGE:
		if (!filter_set_range(&r->filter, arg))
			return wrong(problem, "range", arg, "must be LOW or LOW-HIGH in "
				     "hexadecimal, HIGH above LOW");
		break;
	case OPT_PERMS:
		if (!filter_set_perms(&r->filter, arg))
			return wrong(problem, "perms", arg, "letters of rwxps, or four places "
				     "such as r-xp, with ? for either");
		break;
	case OPT_MIN_RSS:
		if (!num_parse_size(arg, &r->filter.min_resident))
			return wrong(problem, "min-rss", arg, "must be a size such as 64K or "
				     "1.5M");
		break;
	case OPT_JSON: o->json = true; break;
	case OPT_BYTES: r->style.bytes = true; break;
	case OPT_NOHEADINGS: r->style.headings = false; break;
	case OPT_RAW: r->style.raw = true; break;
	case OPT_ASCII: o->ascii = true; break;
	case OPT_COLOR: return set_color(o, arg, problem);
	case OPT_FAST: r->fast = true; break;
	case OPT_SYSROOT: o->sysroot = arg; break;
	case OPT_CAPTURE:
		o->action = ACTION_CAPTURE;
		o->capture = arg;
		break;
	case OPT_WATCH: return set_watch(o, arg, problem);
	case OPT_COUNT: return set_count(o, arg, problem);
	case OPT_DIFF: o->diff = arg; break;
	case OPT_PROBE: o->action = ACTION_PROBE; break;
	case OPT_HELP: o->action = ACTION_HELP; break;
	case OPT_VERSION: o->action = ACTION_VERSION; break;
	default: break;
	}
	return 0;
}

/* The screens show what there is: only what says where from, which rows and how goes with them. */
static int check_tui(const struct options *o, const struct late *late, struct err *problem)
{
	const uint64_t good = USED(OPT_TUI) | USED(OPT_SYSROOT) | USED(OPT_OUTPUT) |
			      USED(OPT_SORT) | USED(OPT_KIND) | USED(OPT_FILTER) |
			      USED(OPT_ASCII) | USED(OPT_COLOR) | USED(OPT_HELP) |
			      USED(OPT_VERSION);

	for (unsigned int i = 0; i < OPTIONS; i++)
		if (late->used & ~good & UINT64_C(1) << i)
			return err_set(problem, -EINVAL, "--%s does not go together with --tui",
				       option_info[i].name);
	if (o->targets > 1)
		return err_set(problem, -EINVAL, "--tui begins with one process, or with none");
	if (!o->targets && late->used & USED(OPT_KIND))
		return err_set(problem, -EINVAL, "--kind is of a process's mappings: give a "
			       "process ID or a command name");
	return 0;
}

/* Whatever is to be shown can be asked of the tree later. */
static int check_capture(const struct options *o, const struct late *late, struct err *problem)
{
	const uint64_t good = USED(OPT_CAPTURE) | USED(OPT_PAGES) | USED(OPT_HUGE) |
			      USED(OPT_PROCESSES) | USED(OPT_SYSTEM) | USED(OPT_ASCII) |
			      USED(OPT_COLOR) | USED(OPT_HELP) | USED(OPT_VERSION);
	bool all = o->request.views & VIEW_PROCESSES;

	for (unsigned int i = 0; i < OPTIONS; i++)
		if (late->used & ~good & UINT64_C(1) << i)
			return err_set(problem, -EINVAL, "--%s does not go together with "
				       "--capture", option_info[i].name);
	if (o->targets && all)
		return err_set(problem, -EINVAL, "--capture with --processes saves all of them: it "
			       "takes no process ID or command name then");
	if (!o->targets && !all && !(o->request.views & VIEW_SYSTEM))
		return err_set(problem, -EINVAL, "--capture needs a process ID or command name, or "
			       "--processes for all, or --system for the machine alone");
	return 0;
}

static int check_changes(const struct options *o, const struct late *late, struct err *problem)
{
	const struct report_request *r = &o->request;

	if (o->clear_refs && !(r->views & VIEW_WSS))
		return err_set(problem, -EINVAL, "--clear-refs is for --wss");
	if ((r->views & VIEW_WSS) && (o->watch > 0 || o->diff))
		return err_set(problem, -EINVAL, "--wss does not go together with --watch and --diff: "
			       "it looks for a time of its own");
	if ((r->views & VIEW_WSS) && o->sysroot)
		return err_set(problem, -EINVAL, "--wss does not go together with --sysroot: nothing "
			       "is used in a captured tree");
	if (o->count && o->watch <= 0)
		return err_set(problem, -EINVAL, "--count is for --watch");
	if (o->watch <= 0 && !o->diff)
		return 0;
	if (o->watch > 0 && o->diff)
		return err_set(problem, -EINVAL, "--watch and --diff do not go together");
	if (o->watch > 0 && o->sysroot)
		return err_set(problem, -EINVAL, "--watch does not go together with --sysroot: a "
			       "captured tree does not change");
	if (o->action == ACTION_PROBE)
		return err_set(problem, -EINVAL, "--probe does not go together with --watch and "
			       "--diff");
	if (r->style.raw)
		return err_set(problem, -EINVAL, "--raw does not go together with %s; --json does",
			       o->diff ? "--diff" : "--watch");
	if (late->used & USED(OPT_GROUP_BY) && (o->targets || r->views) &&
	    !(r->views & VIEW_PROCESSES) &&
	    !(r->views & VIEWS_OF_MAPPINGS))
		return err_set(problem, -EINVAL, "--group-by is for views of mappings (--maps): "
			       "changes are always told by mapping and by kind");
	if (o->diff && !o->targets)
		return err_set(problem, -EINVAL, "--diff needs a process ID or command name");
	if (o->diff && (r->views & VIEWS_OF_MACHINE))
		return err_set(problem, -EINVAL, "--diff compares processes, not the machine");
	return 0;
}

/* What depends on several options, and contradictions. */
static int finish(struct options *o, const struct late *late, struct err *problem)
{
	struct report_request *r = &o->request;
	int ret = 0;

	if (o->tui) {
		ret = check_tui(o, late, problem);
		if (ret < 0)
			return ret;
		r->views = o->targets ? VIEW_MAPS : VIEW_PROCESSES;
	}
	if (o->capture && o->action != ACTION_HELP && o->action != ACTION_VERSION)
		return check_capture(o, late, problem);
	if (r->fast && late->preset != PRESET_DEFAULT && !late->output)
		return err_set(problem, -EINVAL, "--fast reads none of what -x and -X show");
	if (r->fast && (r->views & VIEWS_BEYOND_MAPS))
		return err_set(problem, -EINVAL, "--fast reads none of what %s shows",
			       r->views & VIEW_TRANSLATE ? "--translate" :
			       r->views & VIEW_COW ? "--cow" :
			       r->views & VIEW_SHARING ? "--sharing" :
			       r->views & VIEW_WSS ? "--wss" :
			       r->views & VIEW_HUGE ? "--huge" :
			       r->views & VIEW_NUMA ? "--numa" : "--pages");
	if (r->fast && r->filter.min_resident)
		return err_set(problem, -EINVAL, "--fast does not read what --min-rss needs");
	if (r->kernel_detail)
		r->views |= VIEW_LAYOUT;
	ret = check_changes(o, late, problem);
	if (ret < 0)
		return ret;
	r->change = o->targets && (o->watch > 0 || o->diff) &&
		    (!r->views || r->views & ~VIEWS_OF_MACHINE);
	if (!r->views && !r->change)	/* the columns of mappings are what most want to look up */
		r->views = o->targets || o->action == ACTION_LIST_COLUMNS ? VIEW_DEFAULT :
									    VIEW_PROCESSES;
	if (late->group)
		ret = set_group(r, late->group, problem);
	if (ret < 0)
		return ret;
	column_list_preset(&r->columns, late->preset, r->group, r->fast);
	process_columns_preset(&r->process_columns, r->process_view, r->tree,
			       late->preset != PRESET_DEFAULT);
	if (o->watch > 0)
		process_columns_add_watch(&r->process_columns);
	if (late->output)
		ret = set_columns(o, late->output, problem);
	r->columns_given = late->output && *late->output != '+';
	r->columns_added = late->output && *late->output == '+';
	if (ret == 0 && !(r->views & VIEW_PROCESSES) && (r->tree || o->user))
		return err_set(problem, -EINVAL, "--%s is for --processes",
			       r->tree ? "tree" : "user");
	if (ret == 0 && r->tree && r->process_view)
		return err_set(problem, -EINVAL, "--tree shows processes, not groups of them");
	for (size_t i = 0; ret == 0 && o->json && r->columns_given && i < r->columns.n; i++)
		if (!(r->columns.column[i]->use & COLUMN_JSON))
			return err_set(problem, -EINVAL, "column '%s' is not in JSON documents "
				       "(object and deleted are)", r->columns.column[i]->key);
	if (ret == 0 && late->sort)
		ret = set_sort(o, late->sort, problem);
	for (size_t i = 0; ret == 0 && r->fast && i < r->columns.n; i++)
		if (r->columns.column[i]->needs & NEEDS_BEYOND_MAPS)
			return err_set(problem, -EINVAL, "--fast does not read what column '%s' "
				       "needs", r->columns.column[i]->key);
	if (ret == 0 && r->fast && r->sort && (r->sort->needs & NEEDS_BEYOND_MAPS))
		return err_set(problem, -EINVAL, "--fast does not read what column '%s' needs",
			       r->sort->key);
	if (ret == 0 && r->fast && (r->views & VIEW_PROCESSES) && r->process_view == PROCESSES_OBJECT)
		return err_set(problem, -EINVAL, "--fast does not read what --group-by object needs");
	if (ret == 0 && o->action == ACTION_LIST_COLUMNS && o->json)
		return err_set(problem, -EINVAL, "--list-columns is a text: it does not go together with --json");
	if (ret == 0 && o->action == ACTION_PROBE && o->targets)
		return err_set(problem, -EINVAL, "--probe looks at the system, not at a process: "
			       "it takes no process ID or command name");
	if (ret == 0 && o->action == ACTION_PROBE && o->sysroot)
		return err_set(problem, -EINVAL, "--probe tries things out, which can't be done "
			       "on files: it does not go together with --sysroot");
	if (ret == 0 && o->action == ACTION_REPORT && o->targets == 0 &&
	    (r->views & ~VIEWS_OF_MACHINE))
		return err_set(problem, -EINVAL, "no process ID or command name given%s",
			       r->views & VIEW_TRANSLATE ? " (what followed --translate is the address)" : "");
	if (ret == 0 && o->targets && (r->views & VIEW_PHYSICAL) &&
	    !(r->views & (VIEW_PROCESSES | ~VIEWS_OF_MACHINE)))
		return err_set(problem, -EINVAL, "--physical is of the whole machine: it takes no "
			       "process ID or command name");
	if (ret == 0 && r->owners && !(r->views & VIEW_PHYSICAL))
		return err_set(problem, -EINVAL, "--owners is for --physical");
	return ret;
}

/* What getopt_long() complained about. */
static int usage(char **argv, int c, struct err *problem)
{
	const char *word = argv[optind - 1];
	unsigned int matches = 0;

	if (optopt >= OPT_SUMMARY && optopt < OPT_END) {
		const struct option_info *info = &option_info[optopt - OPT_SUMMARY];

		if (c == ':')
			return err_set(problem, -EINVAL, "option --%s needs an argument: %s",
				       info->name, info->argument);
		return err_set(problem, -EINVAL, "option --%s takes no argument", info->name);
	}
	for (unsigned int i = 0; c == ':' && i < OPTIONS; i++)
		if (option_info[i].letter == optopt)
			return err_set(problem, -EINVAL, "option -%c needs an argument: %s",
				       optopt, option_info[i].argument);
	if (optopt)
		return err_set(problem, -EINVAL, "unknown option -%c", optopt);
	for (unsigned int i = 0; i < OPTIONS; i++)
		matches += strncmp(option_info[i].name, word + 2, strcspn(word + 2, "=")) == 0;
	return err_set(problem, -EINVAL, "%s option %.200s", matches > 1 ? "ambiguous" : "unknown",
		       word);
}

int options_parse(int argc, char **argv, struct options *o, struct err *problem)
{
	struct option longs[OPTIONS + 1] = { { 0 } };
	char letters[2 + 2 * OPTIONS] = ":";
	size_t n = 1;
	struct late late = { 0 };
	int c, ret = 0;

	*o = (struct options){ .request.style = { .headings = true } };
	for (unsigned int i = 0; i < OPTIONS; i++) {
		const struct option_info *info = &option_info[i];

		longs[i] = (struct option){ info->name,
			takes_optional(info) ? optional_argument :
			info->argument ? required_argument : no_argument, NULL,
			(int)i + OPT_SUMMARY };
		if (info->letter)
			letters[n++] = info->letter;
		if (info->letter && info->argument)
			letters[n++] = ':';
	}
	optind = 0;
	opterr = 0;
	while (ret == 0 && (c = getopt_long(argc, argv, letters, longs, NULL)) != -1) {
		if (c == '?' || c == ':')
			return usage(argv, c, problem);
		for (unsigned int i = 0; c < OPT_SUMMARY && i < OPTIONS; i++)
			if (option_info[i].letter == c)
				c = (int)i + OPT_SUMMARY;
		ret = take_option(o, &late, c, optarg, problem);
	}
	o->target = argv + optind;
	o->targets = argc - optind;
	return ret < 0 ? ret : finish(o, &late, problem);
}

bool options_have_processes(const struct options *o)
{
	return o->request.change || o->request.views & ~VIEWS_OF_MACHINE;
}

void options_done(struct options *o)
{
	if (o->has_regex)
		regfree(&o->regex);
	o->has_regex = false;
	vec_done(&o->request.addresses);
}
