/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tables, bars and the painted picture: every line as wide as it should be. */
#include "config.h"

#include "report/table.h"

#include <stdio.h>

#include "json_check.h"
#include "report/layout.h"
#include "report/maps.h"
#include "spaces.h"

/* A bar's cells, counted: full, part, swapped, empty. */
static void check_bar(const struct style *s, size_t width, uint64_t resident, uint64_t swapped,
		      uint64_t size, bool dots)
{
	size_t full = 0, part = 0, swap = 0, empty = 0, cells, eighths = 0;
	static const char eighth[] = "▏▎▍▌▋▊▉";
	long double exact = size && resident < size ? (long double)resident / (long double)size : 1;
	struct buf b;

	if (!resident || !size)
		exact = 0;
	buf_init(&b);
	style_bar(&b, s, KIND_HEAP, width, resident, swapped, size, dots);
	for (size_t at = 0; at < b.len;) {
		struct str all = { b.data, b.len };
		size_t from = at;
		int32_t c = text_next(all, &at);
		const char *place = at - from == 3 ? memmem(eighth, sizeof(eighth), b.data + from, 3) : NULL;

		if (c == 0x2588 || c == '#')
			full++;
		else if (c == 0x2592 || c == 's')
			swap++;
		else if (place) {
			part++;
			eighths = (size_t)(place - eighth) / 3 + 1;
		} else {
			ck_assert(c == (!dots ? ' ' : s->utf8 ? 0x2591 : '.'));
			empty++;
		}
	}
	cells = full + part + swap + empty;
	ck_assert_msg(cells == width, "%zu cells instead of %zu", cells, width);
	ck_assert_uint_le(part, s->utf8 ? 1 : 0);
	if (s->utf8)
		eighths += full * 8;
	else
		eighths = full * 8;
	/* within half a step, but at least one step where there is anything */
	if (resident && size) {
		long double step = s->utf8 ? 1 : 8, want = exact * (long double)width * 8;

		ck_assert_uint_ge(eighths, (size_t)step);
		ck_assert((long double)eighths - want <= step * 1.001L &&
			  want - (long double)eighths <= step / 2 * 1.001L);
	} else {
		ck_assert_uint_eq(eighths, 0);
	}
	if (swapped && size && full + part < width)
		ck_assert_uint_ge(swap, 1);
	if (!swapped)
		ck_assert_uint_eq(swap, 0);
	buf_done(&b);
}

START_TEST(test_bars)
{
	static const uint64_t size[] = { 0, 1, 7, 8, 100, 4096, 1 << 20, UINT64_C(1) << 47, UINT64_MAX };
	uint64_t seed = 81;

	for (unsigned int utf8 = 0; utf8 < 2; utf8++)
		for (size_t width = 1; width <= 30; width++)
			for (size_t i = 0; i < sizeof(size) / sizeof(size[0]); i++) {
				struct style s = { .utf8 = utf8 };

				check_bar(&s, width, 0, 0, size[i], true);
				check_bar(&s, width, 1, 0, size[i], true);
				check_bar(&s, width, size[i], 0, size[i], false);
				check_bar(&s, width, UINT64_MAX, 1, size[i], true);
				check_bar(&s, width, 0, size[i], size[i], true);
				for (int k = 0; k < 100; k++) {
					uint64_t resident = size[i] ? unit_random(&seed) % size[i] : 0;

					check_bar(&s, width, resident, k & 1 ? size[i] - resident : 0,
						  size[i], k & 2);
				}
			}
}
END_TEST

START_TEST(test_sizes)
{
	struct style s = { .bytes = false };
	struct buf b;

	buf_init(&b);
	style_size(&b, &s, 1536, 6);
	ck_buf(&b, "  1.5K");
	s.bytes = true;
	buf_clear(&b);
	style_size(&b, &s, 1536, 6);
	ck_buf(&b, "  1536");
	buf_clear(&b);
	style_size(&b, &s, 1234567, 3);
	ck_buf(&b, "1234567");
	buf_done(&b);
}
END_TEST

/* What a column shows in the tests: one value of each type, row by row. */
struct cell {
	bool known;
	struct value v;
};

struct grid {
	enum value_type type;
	const struct cell *cell;
};

static bool get_cell(const void *data, size_t row, const struct column *c, struct value *v)
{
	const struct grid *grid = data;

	(void)c;
	*v = grid[c->counter].cell[row].v;
	return grid[c->counter].cell[row].known;
}

static struct smaps_flag_names names;

static const struct cell cells[][4] = {
	{ { true, { .n = 0 } }, { true, { .n = 1536 } }, { false, { 0 } }, { true, { .n = UINT64_MAX } } },
	{ { true, { .n = 7 } }, { false, { 0 } }, { true, { .n = 12345678 } }, { true, { .n = 0 } } },
	{ { true, { .n = 0x400000 } }, { true, { .n = 0x7f0000000000 } }, { false, { 0 } },
	  { true, { .n = UINT64_C(0xffffffffff600000) } } },
	{ { true, { .n = 0x1000 } }, { false, { 0 } }, { true, { .n = 0 } }, { true, { .n = 0xfff } } },
	{ { true, { .n = UINT64_C(0xfe) << 32 } }, { true, { .n = UINT64_C(8) << 32 | 0xfffff } },
	  { true, { .n = UINT64_C(0x103) << 32 } }, { false, { 0 } } },
	{ { true, { .n = 1 } }, { true, { .n = 0 } }, { false, { 0 } }, { true, { .n = 1 } } },
	{ { true, { .s = { "plain", 5 } } }, { true, { .s = { "a b\n\xff", 5 } } }, { false, { 0 } },
	  { true, { .s = { "", 0 } } } },
	{ { true, { .n = 3, .flags = &names } }, { true, { .n = 2, .flags = &names } }, { false, { 0 } },
	  { true, { .n = 1, .flags = &names } } },
	{ { true, { .s = { "/a/very/long/path/to/libsomething.so", 36 } } },
	  { true, { .s = { "/x", 2 }, .suffix = " (deleted)" } }, { false, { 0 } },
	  { true, { .s = { "\xe6\xbc\xa2\xe5\xad\x97/\xe6\xbc\xa2", 10 } } } },
};

static const struct column columns[] = {
	{ "bytes", "bytes", NULL, VALUE_BYTES, COLUMN_TEXT | COLUMN_JSON, 0, 0, get_cell },
	{ "count", "n", NULL, VALUE_COUNT, COLUMN_TEXT | COLUMN_JSON, 0, 1, get_cell },
	{ "address", "address", NULL, VALUE_ADDRESS, COLUMN_TEXT | COLUMN_JSON, 0, 2, get_cell },
	{ "offset", "offset", NULL, VALUE_HEX, COLUMN_TEXT | COLUMN_JSON, 0, 3, get_cell },
	{ "device", "device", NULL, VALUE_DEVICE, COLUMN_TEXT | COLUMN_JSON, 0, 4, get_cell },
	{ "deleted", "deleted", NULL, VALUE_BOOL, COLUMN_TEXT | COLUMN_JSON, 0, 5, get_cell },
	{ "text", "text", NULL, VALUE_TEXT, COLUMN_TEXT | COLUMN_JSON, 0, 6, get_cell },
	{ "flags", "flags", NULL, VALUE_FLAGS, COLUMN_TEXT | COLUMN_JSON, 0, 7, get_cell },
	{ "name", "name", NULL, VALUE_TEXT, COLUMN_TEXT, 0, 8, get_cell },
};

enum { COLUMNS = sizeof(columns) / sizeof(columns[0]), ROWS = 4 };

static void make_table(struct table *t, struct grid *grid, const struct column **list)
{
	smaps_flag_names_init(&names);
	for (size_t i = 0; i < COLUMNS; i++) {
		grid[i] = (struct grid){ columns[i].type, cells[i] };
		list[i] = &columns[i];
	}
	*t = (struct table){ .column = list, .columns = COLUMNS, .data = grid, .rows = ROWS };
}

START_TEST(test_raw)
{
	struct style s = { .raw = true, .headings = true };
	struct grid grid[COLUMNS];
	const struct column *list[COLUMNS];
	struct table t;
	struct buf b;

	make_table(&t, grid, list);
	buf_init(&b);
	table_text(&b, &s, &t);
	ck_buf(&b, "bytes count address offset device deleted text flags name\n"
	       "0 7 00400000 1000 fe:00 yes plain rd,wr /a/very/long/path/to/libsomething.so\n"
	       "1.5K - 7f0000000000 - 08:fffff no a\\x20b\\x0a\\xff wr /x\\x20(deleted)\n"
	       "- 12345678 - 0 103:00 - - - -\n"
	       "16.0E 0 ffffffffff600000 fff - yes - rd "
	       "\\xe6\\xbc\\xa2\\xe5\\xad\\x97/\\xe6\\xbc\\xa2\n");
	buf_done(&b);
}
END_TEST

/* Every left-aligned column begins below its heading, two blanks right of what is before it. */
static void check_alignment(struct buf *b, unsigned int flags)
{
	static const char *const heading[] = { "address", "device", "deleted", "text", "flags", "name" };
	const char *line = buf_string(b);
	size_t start[6];

	for (size_t i = 0; i < 6; i++) {
		ck_assert_ptr_nonnull(strstr(line, heading[i]));
		start[i] = (size_t)(strstr(line, heading[i]) - line);
	}
	for (unsigned int row = 0; row < ROWS; row++) {
		line = strchr(line, '\n') + 1;
		for (size_t i = 0; i < 6; i++) {
			const char *p = line;
			bool blank = i == 3 && row == 3;	/* an empty text */

			while (*p != '\n' &&
			       text_width((struct str){ line, (size_t)(p - line) }, flags) < start[i])
				p++;
			ck_assert_msg((*p == ' ') == blank && p[-1] == ' ' && p[-2] == ' ',
				      "row %u, column %s:\n%s", row, heading[i], b->data);
		}
	}
	ck_assert_str_eq(strchr(line, '\n'), "\n");
}

START_TEST(test_aligned)
{
	static const size_t width[] = { 0, 200, 130, 120, 110 };

	for (unsigned int look = 0; look < 4; look++)
		for (size_t i = 0; i < sizeof(width) / sizeof(width[0]); i++) {
			struct style s = { .utf8 = look & 1, .bytes = look & 2, .headings = true,
					   .width = width[i] };
			const struct column *list[COLUMNS];
			struct grid grid[COLUMNS];
			struct table t;
			struct buf b;

			make_table(&t, grid, list);
			buf_init(&b);
			table_text(&b, &s, &t);
			ck_assert(json_check_utf8(b.data, b.len, true));
			check_alignment(&b, s.utf8 ? TEXT_UTF8 : 0);
			for (const char *line = b.data; width[i] && *line; line = strchr(line, '\n') + 1)
				ck_assert_uint_le(text_width((struct str){
					line, (size_t)(strchr(line, '\n') - line) }, TEXT_UTF8), width[i]);
			buf_done(&b);
		}
}
END_TEST

START_TEST(test_table_json)
{
	const struct column *list[COLUMNS];
	struct grid grid[COLUMNS];
	struct table t;
	struct json j;
	struct buf b;

	make_table(&t, grid, list);
	buf_init(&b);
	json_init(&j, &b, false);
	table_json(&j, NULL, &t);
	ck_assert(json_check(b.data, b.len));
	ck_buf(&b, "[{\"bytes\":0,\"count\":7,\"address\":\"0x400000\",\"offset\":4096,"
	       "\"device\":\"fe:00\",\"deleted\":true,\"text\":\"plain\",\"flags\":[\"rd\",\"wr\"]},"
	       "{\"bytes\":1536,\"count\":null,\"address\":\"0x7f0000000000\",\"offset\":null,"
	       "\"device\":\"08:fffff\",\"deleted\":false,\"text\":\"a b\\n\\\\xff\","
	       "\"text_hex\":\"6120620aff\",\"flags\":[\"wr\"]},"
	       "{\"bytes\":null,\"count\":12345678,\"address\":null,\"offset\":0,"
	       "\"device\":\"103:00\",\"deleted\":null,\"text\":null,\"flags\":null},"
	       "{\"bytes\":18446744073709551615,\"count\":0,\"address\":\"0xffffffffff600000\","
	       "\"offset\":4095,\"device\":null,\"deleted\":true,\"text\":\"\",\"flags\":[\"rd\"]}]");
	buf_clear(&b);
	t.rows = 0;
	json_init(&j, &b, true);
	json_object(&j, NULL);
	table_json(&j, "rows", &t);
	json_object_end(&j);
	ck_assert(json_check(b.data, b.len));
	buf_done(&b);
}
END_TEST

static void put_cell_json(struct json *j, const void *data, size_t row)
{
	(void)data;
	json_object(j, NULL);
	if (row != 1)
		json_u64(j, "row", row);
	json_array(j, "list");
	json_u64(j, NULL, 1);
	json_u64(j, NULL, 2);
	json_array_end(j);
	json_object_end(j);
}

/* A nested value between plain ones, as last and as only member; unknown in row 2. */
START_TEST(test_table_json_object)
{
	static const struct column count = { "count", "", NULL, VALUE_COUNT, COLUMN_JSON, 0, 1, get_cell };
	static const struct column first = { "first", "", NULL, VALUE_OBJECT, COLUMN_JSON, 0, 0, get_cell,
					     put_cell_json };
	static const struct column last = { "last", "", NULL, VALUE_OBJECT, COLUMN_JSON, 0, 0, get_cell,
					    put_cell_json };
	const struct column *const list[] = { &first, &count, &last };
	const struct grid grid[] = { { VALUE_OBJECT, cells[0] }, { VALUE_COUNT, cells[1] } };
	struct table t = { .column = list, .columns = 3, .data = grid, .rows = 3 };
	struct json j;
	struct buf b;

	buf_init(&b);
	json_init(&j, &b, false);
	json_object(&j, NULL);
	table_json(&j, "rows", &t);
	json_null(&j, "after");
	json_object_end(&j);
	ck_assert(json_check(b.data, b.len));
	ck_buf(&b, "{\"rows\":[{\"first\":{\"row\":0,\"list\":[1,2]},\"count\":7,"
	       "\"last\":{\"row\":0,\"list\":[1,2]}},"
	       "{\"first\":{\"list\":[1,2]},\"count\":null,\"last\":{\"list\":[1,2]}},"
	       "{\"first\":null,\"count\":12345678,\"last\":null}],\"after\":null}");
	ck_assert_uint_eq(j.depth, 0);
	buf_clear(&b);
	json_init(&j, &b, true);
	t.columns = 1;
	table_json(&j, NULL, &t);
	ck_assert(json_check(b.data, b.len));
	buf_done(&b);
}
END_TEST

/* A process with hostile names, in every style: no line is wider than it may be. */
static const char sample[] =
	"555555554000-555555556000 r-xp 00000000 fe:00 9 /bin/\033[31m\xff name with blanks\nRss: 4 kB\n"
	"555555556000-555555557000 rw-p 00001000 fe:00 9 /bin/\033[31m\xff name with blanks\nRss: 4 kB\n"
	"555555570000-555555591000 rw-p 00000000 00:00 0 [heap]\nRss: 100 kB\n"
	"7f0000000000-7f0000001000 r-xp 00000000 fe:00 10 /lib/\xe6\xbc\xa2\xe5\xad\x97\xe6\xbc\xa2\xe5\xad\x97"
	"\xe6\xbc\xa2\xe5\xad\x97.so\nRss: 4 kB\n"
	"7f0000001000-7f0000002000 r-xp 00000000 fe:00 11 /lib/a-library-with-a-very-long-name-indeed.so.1.2.3"
	"\nRss: 4 kB\n"
	"7f0000002000-7f8000002000 ---p 00000000 00:00 0 \nRss: 0 kB\n"
	"7ffff0000000-7ffff0021000 rw-p 00000000 00:00 0 [stack]\nRss: 8 kB\n"
	"ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0 [vsyscall]\nRss: 0 kB\n";

START_TEST(test_layout)
{
	struct classify_facts facts = { .code = 0x555555554000, .page_size = 4096 };
	struct geometry_facts machine = { .arch = STR("x86_64"), .page_size = 4096 };
	struct picture_request req = { .lines = 38, .bits = 64 };
	struct picture p;
	struct rows rows;
	struct space s;

	space_of_smaps(&s, sample);
	ck_assert_int_eq(space_classify(&s, &facts, &req.executable), 0);
	ck_assert_int_eq(rows_all(&s, &rows), 0);
	req.space = &s;
	req.rows = &rows;
	req.geometry = geometry_find(&machine);
	ck_assert_int_eq(picture_make(&req, &p), 0);
	for (size_t width = 60; width < 220; width++)
		for (unsigned int look = 0; look < 4; look++) {
			struct style style = { .utf8 = look & 1, .bytes = look & 2, .headings = true,
					       .picture_width = width };
			unsigned int lines = 0;
			struct buf b;

			buf_init(&b);
			layout_text(&b, &style, &p, &s);
			ck_assert_msg(b.error == 0, "width %zu, style %u: error %d", width, look, b.error);
			ck_assert(json_check_utf8(b.data, b.len, true));
			ck_assert_ptr_nonnull(buf_string(&b));
			for (const char *line = b.data; *line; line = strchr(line, '\n') + 1) {
				struct str one = { line, (size_t)(strchr(line, '\n') - line) };

				/* exact byte counts may need more room than there is, and
				 * 16 digits of addresses more than 60 columns */
				if (!style.bytes && width >= 72)
					ck_assert_msg(text_width(one, TEXT_UTF8) <= width,
						      "width %zu: %.*s", width, (int)one.len, one.p);
				lines++;
			}
			ck_assert_uint_ge(lines, picture_lines(&p));
			for (size_t i = 0; i < p.band.n; i++)
				for (size_t room = 1; room < 60; room += 7) {
					buf_clear(&b);
					layout_label(&b, &style, &p, &p.band.v[i], &s, room);
					ck_assert_uint_le(text_width((struct str){ b.data, b.len },
								     TEXT_UTF8), room);
				}
			buf_done(&b);
		}
	picture_done(&p);
	rows_done(&rows);
	space_done(&s);
}
END_TEST

START_TEST(test_columns)
{
	struct column_list l = { .n = 0 };

	ck_assert_ptr_eq(mapping_column_find(STR("address")), mapping_column_find(STR("start")));
	ck_assert_ptr_eq(mapping_column_find(STR("Anon-Huge-Pages")),
			 mapping_column_find(STR("anon_huge_pages")));
	ck_assert_ptr_nonnull(mapping_column_find(STR("RSS")));
	ck_assert_ptr_null(mapping_column_find(STR("")));
	ck_assert_ptr_null(mapping_column_find(STR("rs")));
	ck_assert_ptr_null(mapping_column_find(STR("rsss")));
	for (size_t i = 0; i < mapping_columns_n; i++) {
		ck_assert_ptr_eq(mapping_column_find(str_of(mapping_columns[i].key)), &mapping_columns[i]);
		ck_assert_ptr_nonnull(mapping_column_help(&mapping_columns[i]));
	}
	/* each once, the name last */
	column_list_add(&l, mapping_column_find(STR("name")));
	column_list_add(&l, mapping_column_find(STR("rss")));
	column_list_add(&l, mapping_column_find(STR("rss")));
	column_list_add(&l, mapping_column_find(STR("pss")));
	ck_assert_uint_eq(l.n, 3);
	ck_assert_str_eq(l.column[0]->key, "rss");
	ck_assert_str_eq(l.column[1]->key, "pss");
	ck_assert_str_eq(l.column[2]->key, "name");
	ck_assert_uint_eq(column_list_needs(&l), NEED_MAPS | NEED_SMAPS);
}
END_TEST

static const struct cell amounts[][4] = {
	{ { true, { .s = { "free", 4 } } }, { true, { .s = { "slab", 4 } } } },
	{ { true, { .n = 4096 } }, { true, { .n = 1536 } } },
	{ { true, { .s = { "at once", 7 } } },
	  { true, { .s = { "small objects of the kernel,its caches", 38 } } } },
};

static const struct cell amounts_sum[][4] = { { { false, { 0 } } }, { { true, { .n = 5632 } } } };

/* A table of a name, a size and an explanation, so wide. */
static void put_amounts(struct buf *b, size_t width, enum column_use last)
{
	const struct column set[] = {
		{ "use", "use", NULL, VALUE_TEXT, COLUMN_TEXT, 0, 0, get_cell },
		{ "size", "size", NULL, VALUE_BYTES, COLUMN_TEXT | COLUMN_DESCENDING, 0, 1, get_cell },
		{ "meaning", "meaning", NULL, VALUE_TEXT, COLUMN_TEXT | last, 0, 2, get_cell },
	};
	const struct column *list[] = { &set[0], &set[1], &set[2] };
	const struct grid grid[] = { { VALUE_TEXT, amounts[0] }, { VALUE_BYTES, amounts[1] },
				     { VALUE_TEXT, amounts[2] } };
	const struct grid sum[] = { { VALUE_TEXT, amounts_sum[0] }, { VALUE_BYTES, amounts_sum[1] } };
	struct table t = { .column = list, .columns = 3, .data = grid, .rows = 2, .total = sum };
	struct style s = { .headings = true, .width = width };

	buf_clear(b);
	table_text(b, &s, &t);
}

/* An explanation goes on below itself, or below the table; a name is cut. */
START_TEST(test_wrap)
{
	struct buf b;

	buf_init(&b);
	put_amounts(&b, 34, COLUMN_WRAP);
	ck_buf(&b, "use    size  meaning\n"
		   "free     4K  at once\n"
		   "slab   1.5K  small objects of the\n"
		   "             kernel,its caches\n"
		   "all    5.5K\n");
	put_amounts(&b, 29, COLUMN_WRAP);
	ck_buf(&b, "use    size\n"
		   "free     4K\n"
		   "slab   1.5K\n"
		   "all    5.5K\n"
		   "\n"
		   "free  at once\n"
		   "slab  small objects of the\n"
		   "      kernel,its caches\n");
	put_amounts(&b, 0, COLUMN_WRAP);
	ck_buf(&b, "use    size  meaning\n"
		   "free     4K  at once\n"
		   "slab   1.5K  small objects of the kernel,its caches\n"
		   "all    5.5K\n");
	put_amounts(&b, 34, COLUMN_FROM_START);
	ck_buf(&b, "use    size  meaning\n"
		   "free     4K  at once\n"
		   "slab   1.5K  small objects of t...\n"
		   "all    5.5K\n");
	buf_done(&b);
}
END_TEST

/* Rows that do not fit: a name, and below it keys and values in columns; the sums at the end. */
START_TEST(test_records)
{
	const struct column set[] = {
		{ "resident", "RAM", NULL, VALUE_BYTES, COLUMN_TEXT | COLUMN_DESCENDING, 0, 1, get_cell },
		{ "size", "size", NULL, VALUE_BYTES, COLUMN_TEXT | COLUMN_DESCENDING, 0, 1, get_cell },
		{ "use", "use", NULL, VALUE_TEXT, COLUMN_TEXT, 0, 0, get_cell },
		{ "name", "name", NULL, VALUE_TEXT, COLUMN_TEXT, 0, 0, get_cell },
	};
	const struct column *list[10];
	const struct grid grid[] = { { VALUE_TEXT, amounts[0] }, { VALUE_BYTES, amounts[1] } };
	const struct grid sum[] = { { VALUE_TEXT, amounts_sum[0] }, { VALUE_BYTES, amounts_sum[1] } };
	struct table t = { .column = list, .columns = 8, .data = grid, .rows = 2, .total = sum };
	struct style s = { .headings = true, .width = 40 };
	struct buf b;

	for (size_t i = 0; i < 7; i++)
		list[i] = &set[i % 3];
	list[7] = &set[3];
	buf_init(&b);
	table_text(&b, &s, &t);
	ck_buf(&b, "free\n"
		   "  resident    4K   size        4K\n"
		   "  use      free    resident    4K\n"
		   "  size        4K   use      free\n"
		   "  resident    4K\n"
		   "slab\n"
		   "  resident  1.5K   size      1.5K\n"
		   "  use      slab    resident  1.5K\n"
		   "  size      1.5K   use      slab\n"
		   "  resident  1.5K\n"
		   "all\n"
		   "  resident  5.5K   size      5.5K\n"
		   "  resident  5.5K   size      5.5K\n"
		   "  resident  5.5K\n");
	buf_done(&b);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("report");

	UNIT_CASE(s, "style", test_bars, test_sizes);
	UNIT_CASE(s, "table", test_raw, test_aligned, test_table_json,
		  test_table_json_object, test_columns, test_wrap, test_records);
	UNIT_CASE(s, "layout", test_layout);
	return unit_run(s);
}
