/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The screen of an address space: picture and table, tied together. */
#include "config.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "model/addresses.h"
#include "report/json.h"
#include "tui/map.h"

const struct vma *map_selected(const struct map_screen *s, const struct counters **counters)
{
	const struct rows *r = &s->table.rows;
	uint32_t i;

	if (!r->n)
		return NULL;
	i = r->index[s->list.at];
	if (counters)
		*counters = r->counters ? &r->counters[i] : NULL;
	return &r->vma[i];
}

void map_follow(struct map_screen *s)
{
	const struct vma *v = map_selected(s, NULL);
	struct tui *t = s->t;

	if (!v)
		return;
	s->at_start = v->start;
	for (size_t i = 0; i < s->picture.band.n; i++)
		if (v->start >= s->picture.band.v[i].start && v->start <= s->picture.band.v[i].last)
			s->band = i;
	if (s->fold) {
		t->has_mapping = false;
		return;
	}
	if (!t->has_mapping || t->address < v->start || t->address >= v->end)
		t->address = v->start;
	t->has_mapping = true;
	t->start = v->start;
	t->end = v->end;
}

/* The row of the mapping that holds an address; false: none of those that are shown does. */
static bool select_address(struct map_screen *s, uint64_t address)
{
	const struct rows *r = &s->table.rows;

	for (size_t i = 0; i < r->n; i++) {
		const struct vma *v = &r->vma[r->index[i]];

		if (address >= v->start && address < v->end) {
			list_select(&s->list, i);
			s->t->address = address;
			map_follow(s);
			return true;
		}
	}
	return false;
}

static void go_to_address(struct map_screen *s, const char *text)
{
	address_list list = { 0 };
	struct str part;
	uint64_t low = 0, high = UINT64_MAX;

	if (!*text)
		return;
	if (addresses_parse(text, &list, &part) < 0 || !list.n) {
		tui_alert(s->t, "%s: no address; 7f12a000, 0x1000 and 0t4096 are", text);
		vec_done(&list);
		return;
	}
	if (s->fold) {
		s->fold = GROUP_NONE;
		s->columns_width = 0;
		map_arrange(s);
	}
	s->in_picture = false;
	if (!select_address(s, list.v[0].low)) {
		for (size_t i = 0; i < s->snapshot.space.vma.n; i++) {
			const struct vma *v = &s->snapshot.space.vma.v[i];

			if (v->end <= list.v[0].low && v->end > low)
				low = v->end;
			if (v->start > list.v[0].low && v->start < high)
				high = v->start;
		}
		if (space_find(&s->snapshot.space, list.v[0].low))
			tui_alert(s->t, "%" PRIx64 " is in a mapping that the filter hides",
				  list.v[0].low);
		else
			tui_alert(s->t, "%" PRIx64 " is not mapped: it lies in the hole %" PRIx64
				  "-%" PRIx64, list.v[0].low, low, high);
	}
	vec_done(&list);
}

/* --- the picture's cursor --- */

/* To a band, and in the table to its first mapping. */
static void select_band(struct map_screen *s, size_t band)
{
	const struct band *b = &s->picture.band.v[band];

	s->band = band;
	if (b->type == BAND_MAPPED && b->first < s->shown.n)
		select_address(s, s->shown.vma[s->shown.index[b->first]].start);
	s->band = band;
}

static bool picture_request(struct map_screen *s, enum request r)
{
	size_t n = s->picture.band.n;

	if (!n)
		return false;
	switch (r) {
	case REQUEST_UP: case REQUEST_WHEEL_UP:
		select_band(s, s->band > 0 ? s->band - 1 : 0);
		return true;
	case REQUEST_DOWN: case REQUEST_WHEEL_DOWN:
		select_band(s, s->band + 1 < n ? s->band + 1 : n - 1);
		return true;
	case REQUEST_HOME: case REQUEST_PAGE_UP: select_band(s, 0); return true;
	case REQUEST_END: case REQUEST_PAGE_DOWN: select_band(s, n - 1); return true;
	case REQUEST_RIGHT: s->in_picture = false; return true;
	default: return false;
	}
}

/* --- requests --- */

static bool matches(const struct map_screen *s, const struct found *f, size_t row)
{
	const struct rows *r = &s->table.rows;
	const struct vma *v = &r->vma[r->index[row]];

	return found_matches(f, space_str(r->space, v->object)) ||
	       (!v->mixed && found_matches(f, vma_path(r->space, v))) ||
	       (v->kind < KINDS && found_matches(f, str_of(kind_info[v->kind].name)));
}

/* From the selected row on, or behind it. */
static bool search(struct map_screen *s, const struct found *f, bool forward, bool from_here)
{
	size_t n = s->table.rows.n;

	for (size_t i = from_here ? 0 : 1; n && i <= n; i++) {
		size_t at = forward ? (s->list.at + i) % n : (s->list.at + n - i % n) % n;

		if (matches(s, f, at)) {
			s->in_picture = false;
			list_select(&s->list, at);
			map_follow(s);
			return true;
		}
	}
	tui_alert(s->t, "%s: not found", found_text(f));
	return false;
}

/* Selects what was selected when the search began, if it is still there. */
static void go_back(struct map_screen *s)
{
	const struct rows *r = &s->table.rows;
	size_t at = s->typing.at;

	for (size_t i = 0; i < r->n && s->typing.start; i++)
		if (r->vma[r->index[i]].start == s->typing.start)
			at = i;
	list_select(&s->list, at);
	s->list.top = s->typing.top;
	list_fit(&s->list, r->n, s->list.height);
	s->t->address = s->typing.address;
	map_follow(s);
	s->in_picture = s->typing.in_picture;
	s->band = s->typing.band;
}

static void typed(void *state, const char *text)
{
	struct map_screen *s = state;

	if (!s->has_snapshot || s->pid != s->t->pid)
		return;
	if (!s->typing.begun) {
		s->typing.begun = true;
		s->typing.in_picture = s->in_picture;
		s->typing.at = s->list.at;
		s->typing.top = s->list.top;
		s->typing.band = s->band;
		s->typing.start = s->at_start;
		s->typing.address = s->t->address;
		return;
	}
	go_back(s);
	s->typing.begun = text != NULL;
	if (found_typed(&s->typing.text, text))
		search(s, &s->typing.text, true, true);
}

static void set_filter(struct map_screen *s, const char *text)
{
	char why[128];

	if (found_set(&s->name_filter, text, true, why, sizeof(why)) < 0)
		tui_alert(s->t, "%s: %s", text, why);
	s->filter.regex = s->name_filter.has_regex ? &s->name_filter.regex : NULL;
	map_arrange(s);
}

static void fold(struct map_screen *s)
{
	static const enum group_by next[] = {
		[GROUP_NONE] = GROUP_OBJECT, [GROUP_OBJECT] = GROUP_KIND, [GROUP_KIND] = GROUP_NONE,
	};

	s->fold = next[s->fold];
	s->columns_width = 0;
	s->skip = 0;
	s->in_picture = false;
	s->at_start = 0;	/* what is the most is on top */
	s->list.at = 0;
	if (s->fold && s->sort && !(s->sort->use & COLUMN_GROUPS))
		s->sort = NULL;
	memset(s->kept, 0, sizeof(s->kept));
	map_arrange(s);
}

static void enter(struct map_screen *s)
{
	if (s->fold) {
		uint64_t start = s->at_start;

		s->fold = GROUP_NONE;
		s->columns_width = 0;
		map_arrange(s);
		select_address(s, start);
	} else if (s->table.rows.n) {
		map_follow(s);
		tui_go(s->t, SCREEN_PAGES);
	}
}

static bool click(struct map_screen *s, bool twice)
{
	int x = s->t->mouse_x, y = s->t->mouse_y;

	if (rect_has(s->place.table, x, y)) {
		size_t row = (size_t)(y - s->place.table.y - 1) + s->list.top;

		if (y == s->place.table.y || row >= s->table.rows.n)
			return true;
		s->in_picture = false;
		if (twice || row == s->list.at)
			enter(s);
		list_select(&s->list, row);
		map_follow(s);
		return true;
	}
	if (!rect_has(s->place.picture, x, y))
		return false;
	s->in_picture = true;
	for (size_t i = s->picture.band.n; i-- > 0;)
		if (i < sizeof(s->band_y) / sizeof(s->band_y[0]) && s->band_y[i] <= y) {
			select_band(s, i);
			break;
		}
	return true;
}

static bool has_rows(const struct map_screen *s)
{
	return s->has_snapshot && s->pid == s->t->pid && s->table.rows.n;
}

static bool request(void *state, enum request r, const char *text)
{
	struct map_screen *s = state;
	char why[64];

	if (!s->has_snapshot || s->pid != s->t->pid)
		return false;
	if (s->in_picture && picture_request(s, r))
		return true;
	if (list_request(&s->list, r)) {
		map_follow(s);
		return true;
	}
	switch (r) {
	case REQUEST_LEFT:
		if (s->skip)
			s->skip--;
		else
			s->in_picture = has_rows(s);
		return true;
	case REQUEST_RIGHT:
		s->skip += s->skip + 2 < s->columns.n;
		return true;
	case REQUEST_ENTER: enter(s); return true;
	case REQUEST_FOLD: fold(s); return true;
	case REQUEST_FILTER: set_filter(s, text); return true;
	case REQUEST_ADDRESS: go_to_address(s, text); return true;
	case REQUEST_TRANSLATE:
		if (has_rows(s))
			tui_translate(s->t, s->fold ? s->at_start : s->t->address);
		return true;
	case REQUEST_BASELINE:
		if (s->snapshot.has_space)
			map_set_base(s);
		tui_say(s->t, "changes are shown since now");
		return true;
	case REQUEST_SEARCH:
		s->typing.begun = false;
		found_set(&s->search, text, false, why, sizeof(why));
		__attribute__((fallthrough));
	case REQUEST_NEXT: case REQUEST_PREVIOUS:
		if (found_is_set(&s->search))
			search(s, &s->search, r != REQUEST_PREVIOUS, r == REQUEST_SEARCH);
		return true;
	case REQUEST_REVERSE:
		s->descending = !s->descending;
		map_arrange(s);
		return true;
	case REQUEST_CLICK: case REQUEST_DOUBLE_CLICK:
		return click(s, r == REQUEST_DOUBLE_CLICK);
	default: return false;
	}
}

/* --- choices --- */

static bool menu(void *state, enum request r, struct menu *m)
{
	struct map_screen *s = state;
	unsigned int use = COLUMN_TEXT | (s->fold ? COLUMN_GROUPS : 0);

	if (!s->has_snapshot)
		return false;
	m->many = r != REQUEST_SORT;
	m->title = r == REQUEST_KINDS ? "show only these kinds (none: all)" :
		   r == REQUEST_SORT ? "sort by" : "columns";
	for (unsigned int k = 0; r == REQUEST_KINDS && k < KINDS; k++)
		menu_add(m, kind_info[k].name, kind_info[k].help, &kind_info[k],
			 s->filter.kinds >> k & 1);
	for (size_t i = 0; r != REQUEST_KINDS && i < mapping_columns_n; i++) {
		const struct column *c = &mapping_columns[i];
		bool sortable = c->type != VALUE_FLAGS && c->type != VALUE_LIST &&
				c->type != VALUE_OBJECT && c->type != VALUE_NODES;
		bool on = m->many ? column_list_has(&s->columns, c) :
			  s->sort ? c == s->sort : strcmp(c->key, "start") == 0;

		if ((c->use & use) == use && (m->many || sortable))
			menu_add(m, c->key, mapping_column_help(c), c, on);
	}
	if (r != REQUEST_KINDS)
		menu_add(m, map_growth_column.key, map_growth_column.help, &map_growth_column,
			 m->many ? column_list_has(&s->columns, &map_growth_column) :
				   s->sort == &map_growth_column);
	return true;
}

static void chosen(void *state, enum request r, const struct menu *m)
{
	struct map_screen *s = state;

	if (r == REQUEST_KINDS) {
		s->filter.kinds = 0;
		for (size_t i = 0; i < m->item.n; i++)
			s->filter.kinds |= m->item.v[i].on ? UINT32_C(1) << i : 0;
	} else if (r == REQUEST_COLUMNS) {
		unsigned int needs = column_list_needs(&s->columns);

		column_list_choose(&s->columns, m);
		memset(s->kept, 0, sizeof(s->kept));
		s->columns_given = true;
		s->skip = 0;
		if (column_list_needs(&s->columns) & ~needs)
			tui_read_now(s->t);
		return;
	} else {
		s->sort = m->item.v[m->list.at].data;
		if (strcmp(s->sort->key, "start") == 0)
			s->sort = NULL;
		s->descending = !s->sort || s->sort->use & COLUMN_DESCENDING;
		if (s->sort && s->sort->needs & (NEED_PAGES | NEED_NUMA | NEED_HUGE))
			tui_read_now(s->t);
		s->at_start = 0;	/* the first is what is wanted */
		s->list.at = 0;
	}
	map_arrange(s);
}

static int export(void *state, struct buf *out)
{
	struct map_screen *s = state;
	struct report_request req = *s->t->request;
	struct report_subject subject = { .snapshot = &s->snapshot, .machine = s->t->machine,
					  .user = s->user[0] ? s->user : NULL };
	struct json j;
	int ret;

	if (!s->has_snapshot)
		return -ENODATA;
	req.views = VIEW_DEFAULT;
	req.filter = s->filter;
	req.group = s->fold;
	req.sort = s->sort == &map_growth_column ? NULL : s->sort;
	req.descending = s->descending;
	req.columns_given = false;
	json_init(&j, out, true);
	report_json_begin(&j, s->t->machine, s->snapshot.geometry ? s->snapshot.geometry->levels : 0,
			  PACKAGE_VERSION, (int64_t)time(NULL));
	ret = report_json(&j, &req, &subject);
	report_json_end_processes(&j);
	report_json_end(&j);
	return ret;
}

static int open_screen(void *state, struct tui *t)
{
	struct map_screen *s = state;
	const struct report_request *r = t->request;
	char why[64];

	s->t = t;
	s->descending = true;	/* highest address on top, as in the picture */
	if (r->views & VIEW_MAPS) {
		s->filter = r->filter;
		s->sort = r->sort;
		if (r->sort)
			s->descending = r->descending;
		s->columns = r->columns;
		s->columns_given = r->columns_given || r->columns_added;
		s->filter.regex = NULL;
		if (r->filter_text &&
		    found_set(&s->name_filter, r->filter_text, true, why, sizeof(why)) == 0)
			s->filter.regex = &s->name_filter.regex;
	}
	return 0;
}

static struct job *ask(void *state)
{
	return map_ask(state);
}

static void refresh(void *state, struct job *job)
{
	map_refresh(state, job);
}

static void draw(void *state, struct canvas *c, struct rect area)
{
	map_draw(state, c, area);
}

static void done(void *state)
{
	struct map_screen *s = state;

	map_forget(s);
	vec_done(&s->group_growth);
	found_done(&s->search);
	found_done(&s->typing.text);
	found_done(&s->name_filter);
}

const struct screen screen_map = {
	.name = "Map", .size = sizeof(struct map_screen), .open = open_screen, .ask = ask,
	.refresh = refresh, .draw = draw, .request = request, .typed = typed, .menu = menu, .chosen = chosen,
	.export = export, .done = done,
};
