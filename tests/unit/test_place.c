/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where everything is on a screen: over all sizes, nothing overlaps, nothing is outside. */
#include "config.h"

#include "tui/place.h"

#include "unit.h"

enum { MAX_WIDTH = 300, MAX_HEIGHT = 100 };

static bool within(struct rect a, struct rect b)
{
	return a.w > 0 && a.h > 0 && a.x >= b.x && a.y >= b.y && a.x + a.w <= b.x + b.w &&
	       a.y + a.h <= b.y + b.h;
}

static bool apart(struct rect a, struct rect b)
{
	return a.x + a.w <= b.x || b.x + b.w <= a.x || a.y + a.h <= b.y || b.y + b.h <= a.y;
}

/* Each in the whole, no two over each other, and together all of it. */
static void check_tiles(const struct rect *r, size_t n, struct rect whole)
{
	int area = 0;

	for (size_t i = 0; i < n; i++) {
		ck_assert_msg(within(r[i], whole), "%zu of %dx%d", i, whole.w, whole.h);
		for (size_t k = i + 1; k < n; k++)
			ck_assert_msg(apart(r[i], r[k]), "%zu, %zu of %dx%d", i, k, whole.w,
				      whole.h);
		area += r[i].w * r[i].h;
	}
	ck_assert_int_eq(area, whole.w * whole.h);
}

START_TEST(test_all_sizes)
{
	for (int w = PLACE_MIN_WIDTH; w <= MAX_WIDTH; w++)
		for (int h = PLACE_MIN_HEIGHT; h <= MAX_HEIGHT; h++) {
			struct place_frame f = place_frame(w, h);
			struct place_map m = place_map(f.body);
			struct rect frame[] = { f.top, f.body, f.message, f.keys };
			struct rect map[] = { m.totals, m.picture, m.table, m.details };

			check_tiles(frame, 4, (struct rect){ 0, 0, w, h });
			check_tiles(map, 4, f.body);
			/* an address, a size and a name; some rows; some facts */
			ck_assert_int_ge(m.table.w, 50);
			ck_assert_int_ge(m.picture.w, 26);
			ck_assert_int_ge(m.table.h, 10);
			ck_assert_int_ge(m.details.h, 8);
		}
}
END_TEST

START_TEST(test_windows)
{
	static const int sizes[][2] = { { 1, 1 }, { 30, 10 }, { 80, 24 }, { 500, 500 } };

	for (int w = 1; w <= MAX_WIDTH; w++)
		for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
			struct rect body = { 3, 2, w, w };
			struct rect r = place_window(body, sizes[i][0], sizes[i][1]);

			ck_assert(within(r, body));
			ck_assert(r.w == sizes[i][0] || (r.w == w && w < sizes[i][0]));
			ck_assert(r.h == sizes[i][1] || (r.h == w && w < sizes[i][1]));
		}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("place");

	UNIT_CASE(suite, "place", test_all_sizes, test_windows);
	return unit_run(suite);
}
