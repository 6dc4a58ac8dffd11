/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Requests, lists, windows, canvases and growth: all of the screens that needs no terminal. */
#include "config.h"

#include "tui/canvas.h"
#include "tui/found.h"
#include "tui/growth.h"
#include "tui/list.h"
#include "tui/request.h"
#include "tui/window.h"

#include "unit.h"

/* --- requests --- */

START_TEST(test_keys_are_distinct)
{
	for (unsigned int s = 0; s < SCREENS; s++)
		for (unsigned int r = 1; r < REQUESTS; r++)
			for (unsigned int i = 0; i < REQUEST_KEYS && request_info[r].key[i]; i++)
				if (request_info[r].screens >> s & 1)
					ck_assert_msg(request_of_key(request_info[r].key[i],
						      (enum screen_number)s) == r, "%s has a key "
						      "of another", request_info[r].name);
}
END_TEST

/* The contract's keys, whatever the table says. */
START_TEST(test_promised_keys)
{
	static const struct {
		uint32_t key;
		enum screen_number screen;
		enum request request;
	} promised[] = {
		{ 'h', SCREEN_MAP, REQUEST_LEFT }, { 'j', SCREEN_MAP, REQUEST_DOWN },
		{ 'k', SCREEN_MAP, REQUEST_UP }, { 'l', SCREEN_MAP, REQUEST_RIGHT },
		{ TKEY_UP, SCREEN_SYSTEM, REQUEST_UP }, { TKEY_PAGE_UP, SCREEN_MAP, REQUEST_PAGE_UP },
		{ TKEY_HOME, SCREEN_PAGES, REQUEST_HOME }, { '/', SCREEN_MAP, REQUEST_SEARCH },
		{ 'n', SCREEN_PROCESSES, REQUEST_NEXT }, { 'N', SCREEN_MAP, REQUEST_PREVIOUS },
		{ 'f', SCREEN_MAP, REQUEST_KINDS }, { 's', SCREEN_MAP, REQUEST_SORT },
		{ 'r', SCREEN_MAP, REQUEST_REVERSE }, { 'c', SCREEN_MAP, REQUEST_COLUMNS },
		{ 'a', SCREEN_MAP, REQUEST_ADDRESS }, { 't', SCREEN_PAGES, REQUEST_TRANSLATE },
		{ 'b', SCREEN_MAP, REQUEST_BASELINE }, { ' ', SCREEN_MAP, REQUEST_PAUSE },
		{ '+', SCREEN_PAGES, REQUEST_MORE }, { '-', SCREEN_MAP, REQUEST_LESS },
		{ 'e', SCREEN_SYSTEM, REQUEST_EXPORT }, { '?', SCREEN_MAP, REQUEST_HELP },
		{ TKEY_F1, SCREEN_MAP, REQUEST_HELP }, { 'q', SCREEN_MAP, REQUEST_QUIT },
		{ TKEY_F10, SCREEN_MAP, REQUEST_QUIT }, { TKEY_F3, SCREEN_MAP, REQUEST_SEARCH },
		{ TKEY_F4, SCREEN_PROCESSES, REQUEST_FILTER }, { TKEY_F6, SCREEN_MAP, REQUEST_SORT },
		{ '1', SCREEN_MAP, REQUEST_SCREEN_1 }, { '4', SCREEN_MAP, REQUEST_SCREEN_4 },
		{ TKEY_ENTER, SCREEN_MAP, REQUEST_ENTER }, { TKEY_ESC, SCREEN_MAP, REQUEST_BACK },
		{ TKEY_TAB, SCREEN_MAP, REQUEST_FOLD }, { 26, SCREEN_MAP, REQUEST_SUSPEND },
	};

	for (size_t i = 0; i < sizeof(promised) / sizeof(promised[0]); i++)
		ck_assert_int_eq(request_of_key(promised[i].key, promised[i].screen),
				 promised[i].request);
}
END_TEST

START_TEST(test_key_line)
{
	for (unsigned int s = 0; s < SCREENS; s++)
		for (size_t width = 24; width < 300; width++) {
			struct buf b;

			buf_init(&b);
			request_key_line(&b, (enum screen_number)s, width, false);
			ck_assert_uint_le(b.len, width);
			ck_assert(strstr(buf_string(&b), "? help  q quit"));
			buf_done(&b);
		}
}
END_TEST

/* --- lists --- */

/* Whatever is asked for, the selected row exists and is visible, and no line is wasted. */
START_TEST(test_list_property)
{
	uint64_t seed = 7;
	struct list l = { 0 };

	for (int i = 0; i < 20000; i++) {
		if (unit_below(&seed, 4) == 0)
			list_fit(&l, unit_below(&seed, 3) ? unit_below(&seed, 200) : 0,
				 1 + unit_below(&seed, 60));
		else if (unit_below(&seed, 4) == 0)
			list_select(&l, unit_below(&seed, 250));
		else
			list_request(&l, (enum request)unit_below(&seed, REQUESTS));
		if (!l.height)
			continue;
		ck_assert(l.n == 0 ? l.at == 0 : l.at < l.n);
		ck_assert(l.n == 0 || (l.at >= l.top && l.at < l.top + l.height));
		ck_assert(l.top == 0 || l.top + l.height <= l.n);
		ck_assert_uint_eq(list_visible(&l), l.n < l.height ? l.n : l.height);
	}
}
END_TEST

START_TEST(test_list_moves)
{
	struct list l = { 0 };

	list_fit(&l, 100, 10);
	list_request(&l, REQUEST_END);
	ck_assert_uint_eq(l.at, 99);
	ck_assert_uint_eq(l.top, 90);
	list_request(&l, REQUEST_PAGE_UP);
	ck_assert_uint_eq(l.at, 90);
	list_request(&l, REQUEST_UP);
	ck_assert_uint_eq(l.at, 89);
	ck_assert_uint_eq(l.top, 89);
	list_request(&l, REQUEST_HOME);
	ck_assert_uint_eq(l.at, 0);
	ck_assert(!list_request(&l, REQUEST_SORT));
	list_select(&l, 50);
	ck_assert_uint_eq(l.top, 45);
}
END_TEST

/* --- windows --- */

static void type(struct prompt *p, const char *text)
{
	for (; *text; text++)
		ck_assert_int_eq(prompt_key(p, (unsigned char)*text), ANSWER_TAKEN);
}

START_TEST(test_prompt)
{
	struct prompt p = { .cursor = 0 };

	buf_init(&p.text);
	prompt_begin(&p, "");
	type(&p, "abc");
	prompt_key(&p, TKEY_LEFT);
	prompt_key(&p, 0xe9);		/* é: two bytes, one step */
	prompt_key(&p, 0x20ac);
	ck_assert_str_eq(buf_string(&p.text), "abé€c");
	prompt_key(&p, TKEY_LEFT);
	prompt_key(&p, TKEY_BACKSPACE);
	ck_assert_str_eq(buf_string(&p.text), "ab€c");
	prompt_key(&p, TKEY_DELETE);
	ck_assert_str_eq(buf_string(&p.text), "abc");
	ck_assert_int_eq(prompt_key(&p, TKEY_ENTER), ANSWER_DONE);
	ck_assert_str_eq(prompt_take(&p), "abc");
	prompt_begin(&p, "");
	type(&p, "d e");
	prompt_key(&p, 23);		/* ^W */
	ck_assert_str_eq(buf_string(&p.text), "d ");
	ck_assert_str_eq(prompt_take(&p), "d ");
	/* history: the newest first, and back to the empty line */
	prompt_begin(&p, "");
	prompt_key(&p, TKEY_UP);
	ck_assert_str_eq(buf_string(&p.text), "d ");
	prompt_key(&p, TKEY_UP);
	prompt_key(&p, TKEY_UP);
	ck_assert_str_eq(buf_string(&p.text), "abc");
	prompt_key(&p, TKEY_DOWN);
	prompt_key(&p, TKEY_DOWN);
	ck_assert_str_eq(buf_string(&p.text), "");
	ck_assert_int_eq(prompt_key(&p, TKEY_BACKSPACE), ANSWER_CANCEL);
	ck_assert_int_eq(prompt_key(&p, TKEY_ESC), ANSWER_CANCEL);
	prompt_done(&p);
}
END_TEST

START_TEST(test_menu)
{
	struct menu m = { .title = "t", .many = true };

	menu_add(&m, "one", NULL, NULL, false);
	menu_add(&m, "two", NULL, NULL, true);
	menu_add(&m, "three", NULL, NULL, false);
	list_fit(&m.list, 3, 3);
	ck_assert_int_eq(menu_key(&m, 't'), ANSWER_TAKEN);
	ck_assert_uint_eq(m.list.at, 1);
	menu_key(&m, 't');
	ck_assert_uint_eq(m.list.at, 2);
	menu_key(&m, ' ');
	ck_assert(m.item.v[2].on && m.item.v[1].on && !m.item.v[0].on);
	ck_assert_int_eq(menu_key(&m, TKEY_ENTER), ANSWER_DONE);
	ck_assert_int_eq(menu_key(&m, TKEY_ESC), ANSWER_CANCEL);
	menu_done(&m);
}
END_TEST

/* --- canvas --- */

START_TEST(test_canvas)
{
	static const struct style style = { .utf8 = true, .color = COLOR_256 };
	struct canvas c = { .style = &style };
	struct buf b;

	ck_assert_int_eq(canvas_size(&c, 10, 3), 0);
	/* colours, a wide character, a combining one, what does not fit */
	ck_assert_int_eq(canvas_puts(&c, 0, 0, 10, (struct attr){ 0 },
				     "\033[38;5;71ma\033[0m漢e\xcc\x81z"), 5);
	ck_assert_int_eq(c.cell[0].attr.fg, 72);
	ck_assert_int_eq(c.cell[1].attr.fg, 0);
	ck_assert_int_eq(c.cell[2].ch, 0);
	ck_assert_int_eq(canvas_puts(&c, 8, 1, 10, (struct attr){ 0 }, "abc"), 2);
	ck_assert_int_eq(canvas_puts(&c, 9, 2, 5, (struct attr){ 0 }, "漢"), 0);
	/* outside: nothing happens */
	canvas_puts(&c, 0, -1, 10, (struct attr){ 0 }, "x");
	canvas_puts(&c, 0, 3, 10, (struct attr){ 0 }, "x");
	canvas_select(&c, (struct rect){ -5, -5, 100, 100 });
	buf_init(&b);
	canvas_dump(&c, &b);
	ck_buf(&b, "a漢e\xcc\x81z\n        ab\n\n");
	buf_done(&b);
	canvas_done(&c);
}
END_TEST

/* Whatever is put wherever: nothing outside of the cells is touched (ASan looks). */
START_TEST(test_canvas_anything)
{
	static const struct style style = { .utf8 = true };
	struct canvas c = { .style = &style };
	uint64_t seed = 3;

	ck_assert_int_eq(canvas_size(&c, 20, 5), 0);
	for (int i = 0; i < 20000; i++) {
		char text[24];
		size_t n = unit_below(&seed, sizeof(text));

		for (size_t k = 0; k < n; k++)
			text[k] = (char)(unit_below(&seed, 3) ? unit_below(&seed, 256) :
					 (uint64_t)"\033[38;5m"[unit_below(&seed, 7)]);
		canvas_put(&c, (int)unit_below(&seed, 30) - 5, (int)unit_below(&seed, 10) - 2,
			   (int)unit_below(&seed, 30), (struct attr){ 0 }, (struct str){ text, n });
		canvas_box(&c, (struct rect){ (int)unit_below(&seed, 30) - 5,
			   (int)unit_below(&seed, 9) - 2, (int)unit_below(&seed, 30),
			   (int)unit_below(&seed, 9) }, "title");
	}
	canvas_done(&c);
}
END_TEST

/* --- found --- */

START_TEST(test_found)
{
	struct found f = { .text = NULL };
	char why[64];

	ck_assert_int_eq(found_set(&f, "LibC", false, why, sizeof(why)), 0);
	ck_assert(found_matches(&f, STR("/usr/lib/libc.so.6")));
	ck_assert(!found_matches(&f, STR("/usr/lib/lib")));
	ck_assert_int_eq(found_set(&f, "^a.*c$", true, why, sizeof(why)), 0);
	ck_assert(found_matches(&f, (struct str){ "abcd", 3 }));	/* no NUL behind it */
	ck_assert(!found_matches(&f, STR("abcd")));
	ck_assert_int_lt(found_set(&f, "(", true, why, sizeof(why)), 0);
	ck_assert_str_eq(found_text(&f), "^a.*c$");
	ck_assert_int_eq(found_set(&f, "", true, why, sizeof(why)), 0);
	ck_assert(!found_is_set(&f));
	found_done(&f);
}
END_TEST

/* --- growth --- */

static void add(struct space *s, uint64_t start, uint64_t end, uint64_t rss)
{
	struct smaps_record r = { .line = { .start = start, .end = end, .perms = 3 } };

	r.valid = 1u << SMAPS_RSS;
	r.v[SMAPS_RSS] = rss;
	ck_assert_int_eq(space_add(s, &r, true), 0);
}

static void check_sum(const struct growth *g)
{
	int64_t sum = g->gone;

	for (size_t i = 0; i < g->grown.n; i++)
		sum += g->grown.v[i];
	ck_assert_int_eq(sum, g->total);
}

static void add_of(struct space *s, uint64_t start, uint64_t end, uint64_t rss, enum kind kind,
		   uint8_t perms)
{
	add(s, start, end, rss);
	s->vma.v[s->vma.n - 1].kind = kind;
	s->vma.v[s->vma.n - 1].perms = perms;
}

START_TEST(test_growth)
{
	struct space before, after;
	struct growth g = { .has_base = false };
	static const int64_t grown[] = { 0x1000, 0x2000, 0xc00 - 0x1000, 0, 0x1000, -0x1000, 0x800 };

	ck_assert_int_eq(space_init(&before), 0);
	ck_assert_int_eq(space_init(&after), 0);
	add_of(&before, 0x1000, 0x3000, 0x2000, KIND_HEAP, 3);		/* grows at its end */
	add_of(&before, 0x8000, 0x9000, 0x1000, KIND_STACK, 3);		/* at its beginning */
	add_of(&before, 0xa000, 0xc000, 0x1000, KIND_ANON, 3);		/* is split by mprotect() */
	add_of(&before, 0xe000, 0xf000, 0x1000, KIND_ANON, 1);		/* goes away */
	add_of(&before, 0x12000, 0x14000, 0x2000, KIND_ANON, 3);	/* loses its beginning */
	add_of(&before, 0x20000, 0x27000, 0x6000, KIND_ANON, 3);	/* is moved as it is */
	add_of(&before, 0x40000, 0x41000, 0x800, KIND_ANON, 3);		/* two become one */
	add_of(&before, 0x41000, 0x42000, 0x800, KIND_ANON, 1);
	ck_assert_int_eq(growth_set_base(&g, &before), 0);
	ck_assert_int_eq(g.total, 0);
	ck_assert_uint_eq(g.grown.n, 8);
	for (size_t i = 0; i < g.grown.n; i++)
		ck_assert_int_eq(g.grown.v[i], 0);
	add_of(&after, 0x1000, 0x4000, 0x3000, KIND_HEAP, 3);
	add_of(&after, 0x6000, 0x9000, 0x3000, KIND_STACK, 3);
	add_of(&after, 0xa000, 0xb000, 0x800, KIND_ANON, 3);
	add_of(&after, 0xb000, 0xc000, 0x400, KIND_ANON, 1);
	add_of(&after, 0x10000, 0x11000, 0x1000, KIND_ANON, 3);		/* new */
	add_of(&after, 0x13000, 0x14000, 0x1000, KIND_ANON, 3);
	add_of(&after, 0x40000, 0x42000, 0x1800, KIND_ANON, 3);
	add_of(&after, 0x70000, 0x77000, 0x6000, KIND_ANON, 3);
	growth_keep(&g, &before);
	ck_assert_uint_eq(before.vma.n, 0);
	ck_assert_int_eq(growth_compare(&g, &after), 0);
	ck_assert_uint_eq(g.grown.n, 8);
	for (size_t i = 0; i < 7; i++)
		ck_assert_int_eq(g.grown.v[i], grown[i]);
	ck_assert_int_eq(g.grown.v[7], 0);	/* where it was moved to */
	ck_assert_int_eq(g.gone, -0x1000);
	ck_assert_int_eq(g.total, 0x10400 - 0xe000);
	check_sum(&g);
	growth_done(&g);
	space_done(&before);
	space_done(&after);
}
END_TEST

/* A group's growth has what vanished from it, too; and a filter holds for both sides. */
START_TEST(test_growth_of_groups)
{
	struct space before, after;
	struct growth g = { .has_base = false };
	struct filter filter = { .kinds = UINT32_C(1) << KIND_ANON };
	struct rows shown = { .n = 0 };
	struct groups groups = { .with_counters = false };
	int64_t out[8] = { 99 };

	ck_assert_int_eq(space_init(&before), 0);
	ck_assert_int_eq(space_init(&after), 0);
	add_of(&before, 0x1000, 0x3000, 0x2000, KIND_HEAP, 3);
	add_of(&before, 0xa000, 0xc000, 0x1000, KIND_ANON, 3);
	add_of(&before, 0xe000, 0xf000, 0x1000, KIND_ANON, 1);
	add_of(&after, 0x1000, 0x3000, 0x1000, KIND_HEAP, 3);
	add_of(&after, 0xa000, 0xc000, 0x1800, KIND_ANON, 3);
	ck_assert_int_eq(growth_set_base(&g, &before), 0);
	growth_keep(&g, &before);
	ck_assert_int_eq(growth_compare(&g, &after), 0);
	ck_assert_int_eq(rows_all(&after, &shown), 0);
	ck_assert_int_eq(rows_filter(&shown, &filter), 0);
	ck_assert_int_eq(groups_make(&shown, GROUP_KIND, &groups), 0);
	ck_assert_uint_eq(groups.rows.n, 1);
	ck_assert_int_eq(growth_of_groups(&g, &shown, &filter, GROUP_KIND, &groups.rows, out), 0);
	ck_assert_int_eq(out[groups.rows.index[0]], 0x800 - 0x1000);
	groups_done(&groups);
	rows_done(&shown);
	growth_done(&g);
	space_done(&before);
	space_done(&after);
}
END_TEST

/* Any two spaces: rows and what is gone add up to the total. */
START_TEST(test_growth_property)
{
	uint64_t seed = 11;

	for (int round = 0; round < 300; round++) {
		struct space s[2];
		struct growth g = { .has_base = false };

		for (int i = 0; i < 2; i++) {
			uint64_t at = 0x1000;

			ck_assert_int_eq(space_init(&s[i]), 0);
			for (uint64_t n = unit_below(&seed, 30); n; n--) {
				uint64_t start = at + 0x1000 * unit_below(&seed, 4);

				at = start + 0x1000 * (1 + unit_below(&seed, 5));
				add(&s[i], start, at, 0x1000 * unit_below(&seed, 6));
			}
		}
		ck_assert_int_eq(growth_set_base(&g, &s[0]), 0);
		growth_keep(&g, &s[0]);
		ck_assert_int_eq(growth_compare(&g, &s[1]), 0);
		check_sum(&g);
		growth_done(&g);
		space_done(&s[0]);
		space_done(&s[1]);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("tui");

	UNIT_CASE(suite, "requests", test_keys_are_distinct, test_promised_keys, test_key_line);
	UNIT_CASE(suite, "lists", test_list_property, test_list_moves);
	UNIT_CASE(suite, "windows", test_prompt, test_menu, test_found);
	UNIT_CASE(suite, "canvas", test_canvas, test_canvas_anything);
	UNIT_CASE(suite, "growth", test_growth, test_growth_of_groups,
		  test_growth_property);
	return unit_run(suite);
}
