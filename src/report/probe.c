/* SPDX-License-Identifier: GPL-3.0-or-later */
/* --probe: what this kernel and these privileges allow, and what would enable the rest. */
#include "config.h"

#include "report/probe.h"

#include <inttypes.h>
#include <string.h>

#include "report/table.h"

/* How a result looks: a mark where there are the characters, and always the word. */
static const struct {
	const char *word, *mark;
	enum tone tone;
} look[PROBE_RESULTS] = {
	[PROBE_UNKNOWN] = { "unknown", "?", TONE_FAIR },
	[PROBE_YES] = { "yes", "✓", TONE_GOOD },
	[PROBE_PARTLY] = { "partly", "~", TONE_FAIR },
	[PROBE_NO] = { "no", "✗", TONE_BAD },
	[PROBE_NOT_ALLOWED] = { "not allowed", "✗", TONE_BAD },
};

/* The capabilities that the features need. */
static const enum capability useful[] = {
	CAPABILITY_DAC_OVERRIDE, CAPABILITY_DAC_READ_SEARCH, CAPABILITY_SYS_PTRACE,
	CAPABILITY_PERFMON, CAPABILITY_SYS_ADMIN, CAPABILITY_CHECKPOINT_RESTORE,
	CAPABILITY_SYSLOG, CAPABILITY_SYS_RAWIO,
};

enum { USEFUL = sizeof(useful) / sizeof(useful[0]) };

static const struct probe_finding *finding(const void *data, size_t row)
{
	const struct probe *probe = data;

	return &probe->finding[row];
}

static bool get_feature(const void *data, size_t row, const struct column *c, struct value *v)
{
	(void)data;
	(void)c;
	v->s = str_of(probe_feature[row].key);
	return true;
}

static bool get_group(const void *data, size_t row, const struct column *c, struct value *v)
{
	(void)data;
	(void)c;
	v->s = str_of(probe_group_info[probe_feature[row].group].key);
	return true;
}

static bool get_result(const void *data, size_t row, const struct column *c, struct value *v)
{
	(void)c;
	v->s = str_of(probe_result_key[finding(data, row)->result]);
	return true;
}

static bool get_used_for(const void *data, size_t row, const struct column *c, struct value *v)
{
	(void)data;
	(void)c;
	v->s = str_of(probe_feature[row].used_for);
	return true;
}

static bool get_fact(const void *data, size_t row, const struct column *c, struct value *v)
{
	(void)c;
	v->s = finding(data, row)->fact;
	return true;
}

static bool get_needs(const void *data, size_t row, const struct column *c, struct value *v)
{
	const char *needs = finding(data, row)->needs;

	(void)c;
	if (needs)
		v->s = str_of(needs);
	return needs != NULL;
}

enum { IN_BOTH = COLUMN_TEXT | COLUMN_JSON };

static const struct column probe_columns[] = {
	{ .key = "feature", .heading = "feature", .type = VALUE_TEXT, .use = IN_BOTH,
	  .get = get_feature },
	{ .key = "group", .heading = "group", .type = VALUE_TEXT, .use = IN_BOTH,
	  .get = get_group },
	{ .key = "result", .heading = "result", .type = VALUE_TEXT, .use = IN_BOTH,
	  .get = get_result },
	{ .key = "used_for", .heading = "used for", .type = VALUE_TEXT, .use = IN_BOTH,
	  .get = get_used_for },
	{ .key = "fact", .heading = "fact", .type = VALUE_TEXT, .use = IN_BOTH, .get = get_fact },
	{ .key = "needs", .heading = "needs", .type = VALUE_TEXT, .use = IN_BOTH,
	  .get = get_needs },
};

enum { COLUMNS = sizeof(probe_columns) / sizeof(probe_columns[0]) };

/* The table for raw and JSON. In text a row has more to say than fits on a line. */
static struct table probe_table(const struct probe *probe, const struct column *column[COLUMNS])
{
	for (size_t i = 0; i < COLUMNS; i++)
		column[i] = &probe_columns[i];
	return (struct table){ .column = column, .columns = COLUMNS, .data = probe,
			       .rows = PROBE_FEATURES };
}

/* Words of text from column used on, continued on lines that are indented; gives the column it
 * ends in. */
static size_t put_words(struct buf *b, const struct style *s, struct str text, size_t indent,
			size_t used)
{
	size_t width = s->picture_width > STYLE_MIN_WIDTH ? s->picture_width : STYLE_MIN_WIDTH;
	bool first = true;

	while (text.len) {
		const char *blank = memchr(text.p, ' ', text.len);
		struct str word = { text.p, blank ? (size_t)(blank - text.p) : text.len };
		size_t n = text_width(word, style_text(s));

		if (!first && used + 1 + n > width) {
			buf_putc(b, '\n');
			style_pad(b, 0, indent);
			used = indent;
		} else if (!first) {
			buf_putc(b, ' ');
			used++;
		}
		text_put(b, word, style_text(s));
		used += n;
		first = false;
		text.p += word.len + (blank != NULL);
		text.len -= word.len + (blank != NULL);
	}
	return used;
}

/* "with CAP_..., CAP_...": those that matter here, or that there are none. */
static void put_capabilities(struct buf *b, const struct privileges *p)
{
	char space[CAPABILITY_NAME_MAX];
	unsigned int n = 0;

	for (unsigned int i = 0; i < USEFUL; i++)
		n += privileges_has(p, useful[i]);
	if (!p->has_effective)
		buf_puts(b, ", capabilities unknown");
	else if (n == 0)
		buf_puts(b, " without any of the capabilities that matter here:");
	else if (n == USEFUL)
		buf_puts(b, " with all capabilities that matter here:");
	else
		buf_puts(b, " with, of the capabilities that matter here,");
	for (unsigned int i = 0, done = 0; p->has_effective && i < USEFUL; i++)
		if (n == 0 || privileges_has(p, useful[i]))
			buf_printf(b, "%s %s", done++ ? "," : "", capability_name(useful[i], space));
}

static void put_header(struct buf *b, const struct style *s, const struct probe_subject *subject)
{
	const struct machine *m = subject->machine;
	const struct probe *probe = subject->probe;
	struct buf text;

	buf_init(&text);
	style_bold(b, s);
	buf_puts(b, "Linux ");
	text_put(b, (struct str){ m->kernel.data, m->kernel.len }, style_text(s));
	style_off(b, s);
	buf_puts(b, "   ");
	text_put(b, (struct str){ m->arch.data, m->arch.len }, style_text(s));
	buf_puts(b, "   ");
	style_size(b, s, m->page_size, 0);
	buf_puts(b, " pages\n");
	buf_puts(&text, "run by ");
	if (subject->user)
		buf_printf(&text, "%s (uid %" PRIu32 ")", subject->user, probe->privileges.uid);
	else if (probe->privileges.has_uid)
		buf_printf(&text, "uid %" PRIu32, probe->privileges.uid);
	else
		buf_puts(&text, "an unknown user");
	put_capabilities(&text, &probe->privileges);
	if (probe->user_namespace == PROBE_NAMESPACE_NESTED)
		buf_puts(&text, "; in a user namespace of its own, where they count for no process "
				"outside");
	put_words(b, s, (struct str){ text.data, text.len }, 2, 0);
	buf_putc(b, '\n');
	buf_done(&text);
}

/* What was found and what would help, each in lines of its own. */
static void put_details(struct buf *b, const struct style *s, const struct probe_finding *f)
{
	enum { INDENT = 6 };

	style_pad(b, 0, INDENT);
	style_dim(b, s);
	put_words(b, s, f->fact, INDENT, INDENT);
	style_off(b, s);
	buf_putc(b, '\n');
	if (!f->needs)
		return;
	style_pad(b, 0, INDENT);
	buf_puts(b, "needs ");
	put_words(b, s, str_of(f->needs), INDENT + 2, INDENT + 6);
	buf_putc(b, '\n');
}

static void put_feature(struct buf *b, const struct style *s, const struct probe_feature *feature,
			const struct probe_finding *f, size_t title)
{
	enum { RESULT_WIDTH = 11, GAP = 2 };
	size_t used = 2;

	style_pad(b, 0, used);
	style_tone(b, s, look[f->result].tone);
	if (s->utf8) {
		buf_puts(b, look[f->result].mark);
		buf_putc(b, ' ');
		used += 2;
	}
	style_off(b, s);
	buf_puts(b, feature->title);
	style_pad(b, strlen(feature->title), title + GAP);
	style_tone(b, s, look[f->result].tone);
	buf_puts(b, look[f->result].word);
	style_off(b, s);
	style_pad(b, strlen(look[f->result].word), RESULT_WIDTH + GAP);
	used += title + GAP + RESULT_WIDTH + GAP;
	put_words(b, s, str_of(feature->used_for), used, used);
	buf_putc(b, '\n');
	if (f->result != PROBE_YES || feature->tells)
		put_details(b, s, f);
}

void probe_text(struct buf *b, const struct style *s, const struct probe_subject *subject)
{
	const struct column *column[COLUMNS];
	struct table table = probe_table(subject->probe, column);
	size_t title = 0;
	bool missing = false;

	if (s->raw) {
		table_text(b, s, &table);
		return;
	}
	put_header(b, s, subject);
	for (unsigned int i = 0; i < PROBE_FEATURES; i++)
		if (strlen(probe_feature[i].title) > title)
			title = strlen(probe_feature[i].title);
	for (unsigned int i = 0; i < PROBE_FEATURES; i++) {
		enum probe_group group = probe_feature[i].group;

		if (s->headings && (i == 0 || group != probe_feature[i - 1].group)) {
			buf_putc(b, '\n');
			style_bold(b, s);
			buf_puts(b, probe_group_info[group].title);
			style_off(b, s);
			buf_putc(b, '\n');
		}
		put_feature(b, s, &probe_feature[i], &subject->probe->finding[i], title);
		missing |= subject->probe->finding[i].result == PROBE_NOT_ALLOWED;
	}
	if (!missing)
		return;
	style_dim(b, s);
	buf_puts(b, "\n  note: memmap(1), PRIVILEGES, tells how to give memmap capabilities\n");
	style_off(b, s);
}

void probe_json(struct json *j, const struct probe_subject *subject)
{
	const struct privileges *p = &subject->probe->privileges;
	const struct column *column[COLUMNS];
	struct table table = probe_table(subject->probe, column);
	char space[CAPABILITY_NAME_MAX];

	json_break(j);
	json_object(j, "privileges");
	json_maybe(j, "uid", (struct maybe){ p->has_uid, p->uid });
	if (subject->user)
		json_string(j, "user", str_of(subject->user));
	else
		json_null(j, "user");
	if (subject->probe->user_namespace == PROBE_NAMESPACE_UNKNOWN)
		json_null(j, "initial_user_namespace");
	else
		json_bool(j, "initial_user_namespace",
			  subject->probe->user_namespace == PROBE_NAMESPACE_INITIAL);
	if (p->has_effective) {
		json_array(j, "capabilities");
		for (unsigned int i = 0; i < 64; i++)
			if (p->effective >> i & 1)
				json_string(j, NULL, str_of(capability_name(i, space)));
		json_array_end(j);
	} else {
		json_null(j, "capabilities");
	}
	json_object_end(j);
	json_break(j);
	table_json(j, "probe", &table);
}
