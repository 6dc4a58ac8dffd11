/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tables as text, as raw words, and as JSON objects. */
#include "config.h"

#include "report/table.h"

#include <string.h>

#include "base/num.h"
#include "base/text.h"
#include "report/numa.h"
#include "report/table_records.h"

enum { BAR_WIDTH = 12, HUMAN_WIDTH = 5, MAX_NUMBER = 24 };

/* How a table is fitted to the width there is. */
struct fit {
	size_t gap;		/* blanks between columns */
	size_t width[TABLE_MAX_COLUMNS];
	/* of each column, the last text that was found plain: rows often share theirs */
	const char *plain[TABLE_MAX_COLUMNS];
};

static bool is_signed(enum value_type type)
{
	return type == VALUE_SIGNED || type == VALUE_CHANGE || type == VALUE_CHANGE_COUNT;
}

static bool is_right(enum value_type type)
{
	return type == VALUE_BYTES || is_signed(type) || type == VALUE_LIMIT || type == VALUE_COUNT ||
	       type == VALUE_HEX || type == VALUE_SHARE;
}

static bool is_number(enum value_type type)
{
	return is_right(type) || type == VALUE_ADDRESS || type == VALUE_DEVICE;
}

/* "fe:00", as in maps. */
static char *put_device(char *p, uint64_t n)
{
	p = num_put_hex(p, n >> 32, 2);
	*p++ = ':';
	return num_put_hex(p, n & UINT32_MAX, 2);
}

static char *put_share(char *p, const struct style *s, uint64_t millionths)
{
	if (s->raw) {
		p = num_put_u64(p, millionths / 1000000);
		*p++ = '.';
		for (uint64_t unit = 100000; unit; unit /= 10)
			*p++ = (char)('0' + millionths / unit % 10);
		return p;
	}
	return num_put_percent(p, millionths);
}

/* Writes a number (at most MAX_NUMBER bytes) and gives its end. */
static char *put_number(char *p, const struct style *s, enum value_type type, uint64_t n,
			size_t width)
{
	switch (type) {
	case VALUE_LIMIT:
		if (n == UINT64_MAX)
			return (char *)memcpy(p, "unlimited", 9) + 9;
		return s->bytes ? num_put_u64(p, n) : num_put_size(p, n);
	case VALUE_SIGNED:
	case VALUE_CHANGE:
	case VALUE_CHANGE_COUNT:
		if (n > INT64_MAX) {
			*p++ = '-';
			n = -n;
		} else if (type != VALUE_SIGNED && n) {
			*p++ = '+';
		}
		if (type == VALUE_CHANGE_COUNT)
			return num_put_u64(p, n);
		__attribute__((fallthrough));
	case VALUE_BYTES: return s->bytes ? num_put_u64(p, n) : num_put_size(p, n);
	case VALUE_ADDRESS: return num_put_hex(p, n, (unsigned int)width);
	case VALUE_HEX: return num_put_hex(p, n, 1);
	case VALUE_DEVICE: return put_device(p, n);
	case VALUE_SHARE: return put_share(p, s, n);
	default: return num_put_u64(p, n);
	}
}

static void put_flags(struct buf *b, const struct value *v)
{
	bool first = true;

	for (unsigned int i = 0; i < v->flags->n; i++) {
		if (!(v->n >> i & 1))
			continue;
		if (!first)
			buf_putc(b, ' ');
		buf_puts(b, v->flags->code[i]);
		first = false;
	}
}

static size_t text_columns(const struct style *s, const struct column *c, const struct value *v)
{
	switch (c->type) {
	case VALUE_TEXT:
	case VALUE_LIST:
		return text_width(v->s, style_text(s)) + (v->suffix ? strlen(v->suffix) : 0);
	case VALUE_FLAGS:
		return v->n ? (size_t)__builtin_popcountll(v->n) * 3 - 1 : 0;
	case VALUE_NODES:
		return numa_put_nodes(NULL, s, v);
	case VALUE_BAR:
		return BAR_WIDTH;
	default:
		return 3;	/* yes, no */
	}
}

/* The width of a column: of its heading, its widest value and their sum. */
static size_t measure(const struct style *s, const struct table *t, const struct column *c)
{
	size_t width = s->headings && c->type != VALUE_BAR ? strlen(c->heading) : 1;
	struct str before = { NULL, 0 };
	uint64_t max = 0;
	char text[MAX_NUMBER];
	size_t n;

	if (c->type == VALUE_BYTES && !s->bytes)
		return width > HUMAN_WIDTH ? width : HUMAN_WIDTH;
	for (size_t i = 0; i < t->rows; i++) {
		struct value v = { 0 };

		if (!c->get(t->data, i, c, &v))
			continue;
		if (c->type == VALUE_LIMIT || c->type == VALUE_DEVICE || c->type == VALUE_SHARE ||
		    is_signed(c->type)) {
			/* the largest value is not the longest text */
			n = (size_t)(put_number(text, s, c->type, v.n, 0) - text);
			width = n > width ? n : width;
		} else if (is_number(c->type)) {
			max = v.n > max ? v.n : max;
		} else if (v.made || v.s.p != before.p || v.s.len != before.len ||
			   c->type != VALUE_TEXT) {
			/* rows in a row often have the same text, at the same place */
			before = v.s;
			n = text_columns(s, c, &v);
			width = n > width ? n : width;
		}
	}
	if (t->total && is_right(c->type)) {
		struct value v = { 0 };

		if (c->get(t->total, 0, c, &v) && v.n > max)
			max = v.n;
	}
	if (c->type == VALUE_ADDRESS && t->address_digits)
		n = t->address_digits;
	else if (c->type == VALUE_ADDRESS)
		n = max > UINT64_C(0xffffffffffff) ? 16 : max > UINT32_MAX ? 12 : 8;
	else
		n = is_number(c->type) ? (size_t)(put_number(text, s, c->type, max, 0) - text) : 0;
	return n > width ? n : width;
}

static void trim_line(struct buf *b)
{
	while (b->len && b->data[b->len - 1] == ' ')
		b->len--;
}

static void put_heading(struct buf *b, const struct style *s, const struct table *t,
			const struct fit *fit)
{
	style_pad(b, 0, t->indent);
	style_bold(b, s);
	for (size_t i = 0; i < t->columns; i++) {
		const struct column *c = t->column[i];
		size_t n = strlen(c->heading);
		bool last = i + 1 == t->columns;

		if (is_right(c->type))
			style_pad(b, n, fit->width[i]);
		buf_puts(b, c->heading);
		if (!is_right(c->type) && !last)
			style_pad(b, n, fit->width[i]);
		if (!last)
			buf_fill(b, ' ', fit->gap);
	}
	trim_line(b);	/* the last one may be empty */
	style_off(b, s);
	buf_putc(b, '\n');
}

/* A value that is not a number: gives the columns it took, at most room (0: any number). */
static size_t put_text(struct buf *b, const struct style *s, const struct column *c,
		       const struct value *v, enum kind kind, size_t room)
{
	size_t n;

	switch (c->type) {
	case VALUE_BAR:
		style_bar(b, s, kind, BAR_WIDTH, v->n, 0, v->of, false);
		return BAR_WIDTH;
	case VALUE_BOOL:
		buf_puts(b, v->n ? "yes" : "no");
		return v->n ? 3 : 2;
	case VALUE_FLAGS:
		put_flags(b, v);
		return text_columns(s, c, v);
	case VALUE_NODES:
		return numa_put_nodes(b, s, v);
	default:
		break;
	}
	if (room) {
		n = text_put_cut(b, v->s, style_text(s), room,
				 c->use & COLUMN_FROM_START ? TEXT_KEEP_START : TEXT_KEEP_NAME);
	} else {
		text_put(b, v->s, style_text(s));
		n = 0;
	}
	if (v->suffix && (!room || n + strlen(v->suffix) <= room)) {
		text_put(b, str_of(v->suffix), style_text(s));
		n += strlen(v->suffix);
	}
	return n;
}

/* A number, padded to its column; gives the end. The caller has made room. */
static char *put_number_cell(char *p, const struct style *s, const struct column *c, bool known,
			     uint64_t n, size_t width)
{
	char text[MAX_NUMBER] = "-";
	bool right = is_right(c->type);
	size_t len = 1;

	if (known)
		len = (size_t)(put_number(text, s, c->type, n, width) - text);
	if (len < width && right) {
		memset(p, ' ', width - len);
		p += width - len;
	}
	memcpy(p, text, len);
	p += len;
	if (len < width && !right) {
		memset(p, ' ', width - len);
		p += width - len;
	}
	return p;
}

/* The columns that are left for the last cell; 0: any number. */
static size_t last_room(const struct style *s, size_t used)
{
	enum { LEAST = 8 };

	if (!s->width)
		return 0;
	return s->width > used + LEAST ? s->width - used : LEAST;
}

/*
 * The usual row has numbers and short plain texts and no colour: written over blanks, each cell
 * at its place. False where a cell wants more care; then nothing is written. Most of the time of
 * a table of 65,000 mappings is spent here.
 */
static bool put_usual_row(struct buf *b, const struct style *s, const struct table *t,
			  struct fit *fit, size_t row)
{
	enum { LAST_MAX = 256 };
	size_t total = t->indent;
	char *line, *p;

	for (size_t i = 0; i < t->columns; i++)
		total += fit->width[i] + fit->gap;
	line = buf_reserve(b, total + LAST_MAX + MAX_NUMBER + 1);
	if (!line)
		return true;
	memset(line, ' ', total);
	p = line + t->indent;
	for (size_t i = 0; i < t->columns; i++) {
		const struct column *c = t->column[i];
		bool last = i + 1 == t->columns;
		struct value v = { 0 };
		char text[MAX_NUMBER];
		const char *from = text;
		size_t n;

		if (!c->get(t->data, row, c, &v)) {
			from = "-";
			n = 1;
		} else if (is_number(c->type)) {
			n = (size_t)(put_number(text, s, c->type, v.n, fit->width[i]) - text);
		} else if (c->type == VALUE_TEXT && !v.suffix &&
			   ((!v.made && v.s.p == fit->plain[i]) || text_is_plain(v.s, style_text(s)))) {
			fit->plain[i] = from = v.s.p;
			n = v.s.len;
			if (n > (last && !s->width ? LAST_MAX : last ?
				 last_room(s, (size_t)(p - line)) : fit->width[i]))
				return false;
		} else {
			return false;
		}
		if (!last && n > fit->width[i])
			return false;
		if (is_right(c->type) && n < fit->width[i])
			p += fit->width[i] - n;
		memcpy(p, from, n);
		if (last || is_right(c->type))
			p += n;
		else
			p += fit->width[i];
		if (!last)
			p += fit->gap;
	}
	*p++ = '\n';
	buf_commit(b, p);
	return true;
}

static void put_row(struct buf *b, const struct style *s, const struct table *t,
		    const struct fit *fit, size_t row)
{
	bool colored = t->kind && s->color;
	enum kind kind = colored ? t->kind(t->data, row) : KINDS;
	size_t used = t->indent, over = 0;

	style_pad(b, 0, t->indent);
	for (size_t i = 0; i < t->columns; i++) {
		const struct column *c = t->column[i];
		bool last = i + 1 == t->columns;
		size_t cell = fit->width[i] + (last ? 0 : fit->gap), n = 1;
		struct value v = { 0 };
		bool known = c->get(t->data, row, c, &v);

		if (is_number(c->type)) {
			char *p = buf_reserve(b, cell + MAX_NUMBER);
			size_t width = fit->width[i];

			if (!p)
				return;
			if (t->kept && over && is_right(c->type)) {	/* back into line */
				width -= over < width ? over : width;
				over = 0;
			}
			p = put_number_cell(p, s, c, known, v.n, width);
			if (c->type == VALUE_ADDRESS && v.n >> 48 && width < NUM_MAX_HEX)
				over = NUM_MAX_HEX - width;
			memset(p, ' ', last ? 0 : fit->gap);
			buf_commit(b, p + (last ? 0 : fit->gap));
			if (c->type == VALUE_ADDRESS && v.n >> 48 && fit->width[i] < NUM_MAX_HEX)
				used += NUM_MAX_HEX - fit->width[i];	/* vsyscall's */
		} else if (!known) {
			buf_putc(b, '-');
			style_pad(b, n, cell);
		} else {
			if (colored && c->type != VALUE_BAR)
				style_kind(b, s, kind);
			if (last && s->width && (c->use & COLUMN_WRAP))
				table_wrap(b, s, v.s, last_room(s, used), used);
			else
				n = put_text(b, s, c, &v, kind,
					     last ? last_room(s, used) : fit->width[i]);
			if (colored && c->type != VALUE_BAR)
				style_off(b, s);
			if (!last && t->kept && over && n + fit->gap < cell) {
				size_t back = cell - fit->gap - n;

				back = back < over ? back : over;
				style_pad(b, n, cell - back);
				over -= back;
			} else if (!last) {
				style_pad(b, n, cell);
			}
		}
		used += cell;
	}
	buf_putc(b, '\n');
}

/* The sums under a table: only columns that add up, and a word in the first. */
static void put_total(struct buf *b, const struct style *s, const struct table *t,
		      const struct fit *fit)
{
	bool named = false;	/* first column or last, whichever has room for the word */

	style_pad(b, 0, t->indent);
	style_bold(b, s);
	for (size_t i = 0; i < t->columns; i++) {
		const struct column *c = t->column[i];
		bool last = i + 1 == t->columns;
		struct value v = { 0 };
		char text[MAX_NUMBER] = "";
		size_t n = 0;

		if (!(c->use & COLUMN_DESCENDING) && (i == 0 || (last && !named))) {
			memcpy(text, "all", 3);
			n = 3;
			named = true;
		} else if ((c->use & COLUMN_DESCENDING) && is_number(c->type) &&
			   c->get(t->total, 0, c, &v)) {
			n = (size_t)(put_number(text, s, c->type, v.n, 0) - text);
		}
		if (is_right(c->type))
			style_pad(b, n, fit->width[i]);
		buf_add(b, text, n);
		if (!is_right(c->type) && !last)
			style_pad(b, n, fit->width[i]);
		if (!last)
			buf_fill(b, ' ', fit->gap);
	}
	trim_line(b);
	style_off(b, s);
	buf_putc(b, '\n');
}

static void put_raw_row(struct buf *b, const struct style *s, const struct table *t, size_t row)
{
	bool first = true;

	for (size_t i = 0; i < t->columns; i++) {
		const struct column *c = t->column[i];
		struct value v = { 0 };
		char text[MAX_NUMBER];

		if (c->type == VALUE_BAR)
			continue;
		if (!first)
			buf_putc(b, ' ');
		first = false;
		if (!c->get(t->data, row, c, &v))
			buf_putc(b, '-');
		else if (is_number(c->type))
			buf_add(b, text, (size_t)(put_number(text, s, c->type, v.n, 8) - text));
		else if (c->type == VALUE_FLAGS)
			for (unsigned int f = 0, n = 0; f < v.flags->n; f++) {
				if (v.n >> f & 1)
					buf_printf(b, "%s%s", n++ ? "," : "",
						   v.flags->code[f]);
			}
		else if ((c->type == VALUE_TEXT || c->type == VALUE_LIST) && v.s.len == 0)
			buf_putc(b, '-');
		else
			put_text(b, s, c, &v, KINDS, 0);
	}
	buf_putc(b, '\n');
}

static void raw_table(struct buf *b, const struct style *s, const struct table *t)
{
	const char *gap = "";

	for (size_t i = 0; s->headings && i < t->columns; i++) {
		if (t->column[i]->type == VALUE_BAR)
			continue;
		buf_puts(b, gap);
		buf_puts(b, t->column[i]->key);
		gap = " ";
	}
	if (s->headings)
		buf_putc(b, '\n');
	for (size_t row = 0; row < t->rows; row++) {
		put_raw_row(b, s, t, row);
		buf_drain_some(b);
	}
}

/* The columns all cells but the last take; the last is cut to what is left. */
static size_t fixed_width(const struct table *t, const struct fit *fit)
{
	size_t width = t->indent;

	for (size_t i = 0; i + 1 < t->columns; i++)
		width += fit->width[i] + fit->gap;
	return width + (is_number(t->column[t->columns - 1]->type) ?
			fit->width[t->columns - 1] : 0);
}

size_t table_put_cell(struct buf *b, const struct style *s, const struct table *t, size_t row,
		      const struct column *c, size_t room)
{
	struct value v = { 0 };
	char text[MAX_NUMBER];
	size_t from = b->len, n;

	if (!c->get(t->data, row, c, &v)) {
		buf_putc(b, '-');
	} else if (is_number(c->type)) {
		n = (size_t)(put_number(text, s, c->type, v.n, t->address_digits) - text);
		buf_add(b, text, n);
	} else {
		put_text(b, s, c, &v, KINDS, room);
	}
	return b->error ? 0 : text_width((struct str){ b->data + from, b->len - from }, TEXT_UTF8);
}

bool table_put_sum(struct buf *b, const struct style *s, const struct table *t,
		   const struct column *c)
{
	struct value v = { 0 };
	char text[MAX_NUMBER];

	if (!(c->use & COLUMN_DESCENDING) || !is_number(c->type) || !c->get(t->total, 0, c, &v))
		return false;
	buf_add(b, text, (size_t)(put_number(text, s, c->type, v.n, 0) - text));
	return true;
}

/* An explanation that is wider than what is left for it. */
static bool is_explained_below(const struct style *s, const struct table *t, const struct fit *fit)
{
	enum { LEAST_WRAP = 18 };
	const struct column *last = t->column[t->columns - 1];
	size_t used = fixed_width(t, fit);

	return s->width && (last->use & COLUMN_WRAP) && s->width < used + LEAST_WRAP &&
	       s->width < used + measure(s, t, last);
}

void table_text(struct buf *b, const struct style *s, const struct table *t)
{
	enum { LEAST_NAME = 12 };
	struct fit fit = { .gap = 2 };
	bool records = false;

	if (s->raw) {
		raw_table(b, s, t);
		return;
	}
	for (size_t i = 0; i < t->columns; i++) {
		bool last = i + 1 == t->columns && !is_number(t->column[i]->type);

		fit.width[i] = last ? 0 : measure(s, t, t->column[i]);
		if (t->kept && fit.width[i] < t->kept[i])
			fit.width[i] = t->kept[i];
		if (t->kept)
			t->kept[i] = fit.width[i];
	}
	if (s->width && fixed_width(t, &fit) + LEAST_NAME > s->width)
		fit.gap = 1;
	if (!t->kept && t->columns > 2 && is_explained_below(s, t, &fit)) {
		struct table rest = *t;

		rest.columns--;
		table_text(b, s, &rest);
		table_legend(b, s, t);
		return;
	}
	if (s->width && !t->kept && fixed_width(t, &fit) + LEAST_NAME / 2 > s->width)
		records = true;
	if (records) {
		table_records(b, s, t, fit.width);
		return;
	}
	if (s->headings)
		put_heading(b, s, t, &fit);
	for (size_t row = 0; row < t->rows; row++) {
		if (s->color || !put_usual_row(b, s, t, &fit, row))
			put_row(b, s, t, &fit, row);
		buf_drain_some(b);
	}
	if (t->total && t->rows > 1 && s->headings)
		put_total(b, s, t, &fit);
}

/* One member ',"key":value'. Key and value are written without going through struct json: in a
 * document of 65,000 mappings this is nearly all the work. */
static void put_member(struct json *j, const struct table *t, size_t row, const struct column *c,
		       struct str key)
{
	struct buf *b = j->b;
	struct value v = { 0 };
	bool known = c->get(t->data, row, c, &v);
	char *p = buf_reserve(b, key.len + MAX_NUMBER + 8);

	if (!p)
		return;
	memcpy(p, key.p, key.len);
	p += key.len;
	if (!known) {
		memcpy(p, "null", 4);
		p += 4;
	} else if (c->type == VALUE_ADDRESS) {
		memcpy(p, "\"0x", 3);
		p = num_put_hex(p + 3, v.n, 1);
		*p++ = '"';
	} else if (c->type == VALUE_DEVICE) {
		*p++ = '"';
		p = put_device(p, v.n);
		*p++ = '"';
	} else if (c->type == VALUE_SHARE) {
		const struct style raw = { .raw = true };

		p = put_share(p, &raw, v.n);
	} else if (c->type == VALUE_SIGNED) {
		const struct style exact = { .bytes = true };

		p = put_number(p, &exact, c->type, v.n, 0);
	} else if (is_number(c->type)) {
		p = num_put_u64(p, v.n);
	} else if (c->type == VALUE_BOOL) {
		memcpy(p, v.n ? "true" : "false", 5);
		p += v.n ? 4 : 5;
	} else if (c->type == VALUE_FLAGS) {
		char gap = '[';

		buf_commit(b, p);
		for (unsigned int i = 0; i < v.flags->n; i++) {
			if (!(v.n >> i & 1))
				continue;
			p = buf_reserve(b, 8);
			if (!p)
				return;
			*p++ = gap;
			*p++ = '"';
			*p++ = v.flags->code[i][0];
			*p++ = v.flags->code[i][1];
			*p++ = '"';
			buf_commit(b, p);
			gap = ',';
		}
		buf_puts(b, gap == '[' ? "[]" : "]");
		return;
	} else if (c->type == VALUE_OBJECT) {
		buf_commit(b, p);
		j->comma = false;	/* its key stands before it already */
		c->put_json(j, t->data, row);
		return;
	} else if (c->type == VALUE_NODES) {
		buf_commit(b, p);
		j->comma = false;
		numa_nodes_json(j, NULL, &v);
		return;
	} else {
		buf_commit(b, p);
		json_put_string(b, v.s);
		if (text_is_utf8(v.s))
			return;
		buf_printf(b, ",\"%s_hex\":", c->key);
		json_put_hex_bytes(b, v.s);
		return;
	}
	buf_commit(b, p);
}

void table_json(struct json *j, const char *key, const struct table *t)
{
	struct str start[TABLE_MAX_COLUMNS];
	const struct column *column[TABLE_MAX_COLUMNS];
	struct buf names;
	size_t n = 0;

	/* the text before each value: '{"first":', ',"next":' */
	buf_init(&names);
	for (size_t i = 0; i < t->columns; i++) {
		if (!(t->column[i]->use & COLUMN_JSON))
			continue;
		column[n] = t->column[i];
		start[n].len = names.len;
		buf_printf(&names, "%c\"%s\":", n ? ',' : '{', column[n]->key);
		start[n].len = names.len - start[n].len;
		n++;
	}
	for (size_t i = 0, at = 0; i < n; at += start[i++].len)
		start[i].p = names.data + at;
	if (names.error)
		j->b->error = names.error;
	json_array(j, key);
	for (size_t row = 0; row < t->rows; row++) {
		json_break(j);
		if (j->comma)
			buf_putc(j->b, ',');
		for (size_t i = 0; i < n; i++)
			put_member(j, t, row, column[i], start[i]);
		buf_puts(j->b, n ? "}" : "{}");
		j->comma = true;
		buf_drain_some(j->b);
	}
	json_array_end(j);
	buf_done(&names);
}
