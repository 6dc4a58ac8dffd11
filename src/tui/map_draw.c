/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The map: draws totals, picture, table and details. */
#include "config.h"

#include <inttypes.h>
#include <string.h>

#include "base/num.h"
#include "base/text.h"
#include "report/layout.h"
#include "report/mapping.h"
#include "tui/map.h"

static void put_line(struct canvas *c, struct rect r, int line, struct buf *b, struct attr attr)
{
	if (line < r.h)
		canvas_put(c, r.x, r.y + line, r.w, attr, (struct str){ b->data, b->len });
	buf_clear(b);
}

enum { ROOMY = 100 };	/* columns; on fewer the totals lie closer, so that growth is in sight */

static void put_total(struct buf *b, const struct style *st, const char *name, bool known,
		      uint64_t v)
{
	buf_printf(b, "%s%s ", !b->len ? " " : st->width < ROOMY ? "  " : "   ", name);
	style_bold(b, st);
	if (known)
		style_size(b, st, v, 0);
	else
		buf_putc(b, '-');
	style_off(b, st);
}

static void put_growth(struct buf *b, int64_t v)
{
	static const struct style sizes = { 0 };

	buf_putc(b, v < 0 ? '-' : '+');
	style_size(b, &sizes, v < 0 ? (uint64_t)-v : (uint64_t)v, 0);
}

static void put_since(struct buf *b, double seconds)
{
	if (seconds < 120)
		buf_printf(b, " in %.0f s", seconds);
	else if (seconds < 7200)
		buf_printf(b, " in %.0f min", seconds / 60);
	else
		buf_printf(b, " in %.1f h", seconds / 3600);
}

static bool get_pss(const struct counters *c, uint64_t *v)
{
	return counters_get(c, SMAPS_PSS, v);
}

static bool get_swap(const struct counters *c, uint64_t *v)
{
	return counters_get(c, SMAPS_SWAP, v);
}

/* ", 14 shown (anon heap, /lib/)" */
static void put_filter(struct buf *b, const struct map_screen *s)
{
	const char *gap = "";

	buf_printf(b, ", %zu shown (", s->shown.n);
	for (unsigned int k = 0; k < KINDS; k++)
		if (s->filter.kinds >> k & 1) {
			buf_printf(b, "%s%s", gap, kind_info[k].name);
			gap = " ";
		}
	if (found_is_set(&s->name_filter))
		buf_printf(b, "%s/%s/", *gap ? ", " : "", found_text(&s->name_filter));
	buf_putc(b, ')');
}

static void draw_totals(struct map_screen *s, struct canvas *c, struct rect r)
{
	static const struct {
		const char *name;
		bool (*get)(const struct counters *c, uint64_t *v);
	} amount[] = {
		{ "resident", counters_resident }, { "pss", get_pss },
		{ "unique", counters_unique }, { "swap", get_swap }, { "huge", counters_huge },
	};
	const struct snapshot *p = &s->snapshot;
	struct counters sum = counters_of_sum(&s->sum_counters);
	uint64_t v = 0;
	struct buf b;

	buf_init(&b);
	buf_putc(&b, ' ');
	style_bold(&b, c->style);
	text_put_cut(&b, p->stat.comm, style_text(c->style), 30, TEXT_KEEP_START);
	style_off(&b, c->style);
	buf_printf(&b, " (%d)", (int)p->pid);
	if (s->user[0]) {
		buf_puts(&b, "   user ");
		text_put(&b, str_of(s->user), style_text(c->style));
	}
	if (p->bits)
		buf_printf(&b, "   %u-bit", p->bits);
	if (status_has(&p->status, STATUS_THREADS))
		buf_printf(&b, "   %" PRIu64 " thread%s", p->status.v[STATUS_THREADS],
			   p->status.v[STATUS_THREADS] == 1 ? "" : "s");
	buf_printf(&b, "   %zu mappings", p->space.vma.n);
	if (s->shown.n != p->space.vma.n)
		put_filter(&b, s);
	if (s->fold)
		buf_printf(&b, " in %zu %s", s->table.rows.n,
			   s->fold == GROUP_KIND ? "kinds" : "objects");
	if (s->sort || !s->descending)
		buf_printf(&b, ", by %s%s", s->sort ? s->sort->key : "address",
			   s->descending ? " (largest first)" : "");
	put_line(c, r, 0, &b, (struct attr){ 0 });
	put_total(&b, c->style, "size", true, s->sum.size);
	for (size_t i = 0; i < sizeof(amount) / sizeof(amount[0]); i++) {
		bool known = amount[i].get(&sum, &v);

		put_total(&b, c->style, amount[i].name, known, v);
	}
	if (s->growth.has_base && p->live) {
		buf_puts(&b, "  growth ");
		style_tone(&b, c->style, s->growth.total > 0 ? TONE_FAIR : TONE_GOOD);
		put_growth(&b, s->growth.total);
		style_off(&b, c->style);
		if (!s->t->gone && r.w >= ROOMY)
			put_since(&b, s->t->clock - s->base_at);
	}
	put_line(c, r, 1, &b, (struct attr){ 0 });
	buf_done(&b);
}

/* --- the picture --- */

static bool is_mapped(const struct band *band)
{
	return band->type == BAND_MAPPED;
}

/* One line of a band: the first has its name and size, the second where it begins. */
static void put_band_line(const struct map_screen *s, struct buf *b, const struct style *st,
			  const struct band *band, unsigned int line, size_t width)
{
	enum { SIZE = 6, EDGE = 2, LEAST_LABEL = 6 };
	size_t bar = width >= 44 ? 10 : width >= 34 ? 6 : 4, room, n;
	char text[NUM_MAX_HEX];

	if (is_mapped(band))
		style_kind(b, st, band->kind);
	else
		style_dim(b, st);
	buf_puts(b, !st->utf8 ? is_mapped(band) ? "#" : ":" : is_mapped(band) ? "▌" : "╎");
	style_off(b, st);
	buf_putc(b, ' ');
	room = width - EDGE - SIZE - 1 - bar;
	if (line == 1) {
		style_dim(b, st);
		buf_add(b, text, (size_t)(num_put_hex(text, band->start,
						      s->picture.address_digits) - text));
		style_off(b, st);
		return;
	}
	if (line > 1)
		return;
	if (!is_mapped(band))
		style_dim(b, st);
	n = b->len;
	layout_label(b, st, &s->picture, band, &s->snapshot.space, room);
	n = b->error ? 0 : text_width((struct str){ b->data + n, b->len - n }, TEXT_UTF8);
	style_pad(b, n, room);
	style_size(b, st, band->size, SIZE);
	style_off(b, st);
	if (is_mapped(band) && band->has_counters) {
		buf_putc(b, ' ');
		style_bar(b, st, band->kind, bar, band->resident, band->swap, band->size, true);
	}
}

static void draw_picture(struct map_screen *s, struct canvas *c, struct rect r)
{
	int y = r.y;
	struct buf b;

	map_make_picture(s, r.h);
	buf_init(&b);
	for (size_t i = 0; i < s->picture.band.n && y < r.y + r.h; i++) {
		const struct band *band = &s->picture.band.v[i];
		int from = y;

		for (unsigned int line = 0; line < band->height && y < r.y + r.h; line++, y++) {
			put_band_line(s, &b, c->style, band, line, (size_t)r.w - 1);
			canvas_put(c, r.x, y, r.w - 1, (struct attr){ 0 },
				   (struct str){ b.data, b.len });
			buf_clear(&b);
		}
		if (i < sizeof(s->band_y) / sizeof(s->band_y[0]))
			s->band_y[i] = from;
		if (i == s->band && s->table.rows.n) {
			struct rect area = { r.x, from, r.w - 1, y - from };

			if (s->in_picture)
				canvas_select(c, area);
			else
				canvas_select_pale(c, area);
		}
	}
	buf_done(&b);
}

/* --- the table --- */

static bool get_growth(const void *data, size_t row, const struct column *c, struct value *v)
{
	struct map_rows *r = (struct map_rows *)(uintptr_t)data;
	int64_t n;
	struct buf b;

	(void)c;
	if (!r->growth)
		return false;
	n = r->growth[r->rows.index[row]];
	buf_init(&b);
	if (n)
		put_growth(&b, n);
	else
		buf_putc(&b, '0');
	v->s = (struct str){ r->text, 6 };
	memset(r->text, ' ', 6);
	if (b.len <= 6 && b.data)
		memcpy(r->text + 6 - b.len, b.data, b.len);
	v->made = true;
	buf_done(&b);
	return true;
}

static bool get_growth_order(const void *data, size_t row, const struct column *c,
			     struct value *v)
{
	const struct map_rows *r = data;

	(void)c;
	if (!r->growth)
		return false;
	v->n = (uint64_t)r->growth[r->rows.index[row]] + (UINT64_C(1) << 63);
	return true;
}

const struct column map_growth_column = {
	"growth", "growth", "resident and swapped, less what it was at the baseline", VALUE_TEXT,
	COLUMN_TEXT | COLUMN_GROUPS | COLUMN_DESCENDING, NEED_SMAPS, 0, get_growth,
};

const struct column map_growth_order = {
	"growth", "growth", NULL, VALUE_COUNT, COLUMN_TEXT, NEED_SMAPS, 0, get_growth_order,
};

/* Without a wish, as many as there is room for. */
static void choose_columns(struct map_screen *s, int width)
{
	static const char *const narrow[] = { "start", "size", "resident", "", "name", NULL };
	static const char *const middle[] = { "start", "perms", "size", "resident", "", "kind",
					      "name", NULL };
	static const char *const wide[] = { "start", "perms", "size", "resident", "", "pss",
					    "unique", "swap", "huge", "kind", "name", NULL };
	static const char *const folded[] = { "mappings", "size", "resident", "", "unique", NULL };
	const char *const *name = s->fold ? folded : width < 76 ? narrow : width < 112 ? middle : wide;

	if (s->columns_given || s->columns_width == width)
		return;
	s->columns_width = width;
	s->columns.n = 0;
	for (; *name; name++)
		if (**name)
			column_list_add(&s->columns, mapping_column_find(str_of(*name)));
		else if (s->snapshot.live)	/* a captured one does not grow */
			column_list_add(&s->columns, &map_growth_column);
	if (s->fold && width >= 76)
		column_list_add(&s->columns, mapping_column_find(STR("swap")));
	if (s->fold)
		column_list_add(&s->columns, mapping_column_find(
			s->fold == GROUP_KIND ? STR("kind") : STR("name")));
	memset(s->kept, 0, sizeof(s->kept));
}

static void draw_table(struct map_screen *s, struct canvas *c, struct rect r)
{
	struct style style = *c->style;
	struct table table;
	struct buf b;

	choose_columns(s, r.w);
	if (s->skip >= s->columns.n)
		s->skip = s->columns.n ? s->columns.n - 1 : 0;
	list_fit(&s->list, s->table.rows.n, (size_t)(r.h - 1));
	s->window = s->table;
	s->window.rows.index += s->list.top;
	s->window.rows.n = list_visible(&s->list);
	table = mapping_table(&s->window.rows, &s->columns);
	table.column += s->skip;
	table.columns -= s->skip;
	table.kept = s->kept + s->skip;
	style.width = (size_t)r.w;
	buf_init(&b);
	table_text(&b, &style, &table);
	canvas_lines(c, r, (struct str){ b.data, b.len }, 0);
	canvas_mark(c, (struct rect){ r.x, r.y, r.w, 1 }, ATTR_BOLD);
	if (s->table.rows.n) {
		struct rect line = { r.x, r.y + 1 + (int)(s->list.at - s->list.top), r.w, 1 };

		if (s->in_picture)
			canvas_select_pale(c, line);
		else
			canvas_select(c, line);
	} else {
		canvas_puts(c, r.x, r.y + 1, r.w, look_attr(c->style, LOOK_DIM),
			    "no mapping is selected by the filter");
	}
	buf_done(&b);
}

/* --- details --- */

static void put_hole(struct buf *b, const struct map_screen *s, const struct band *band)
{
	buf_printf(b, "%0*" PRIx64 "-%0*" PRIx64 "\n", (int)s->picture.address_digits, band->start,
		   (int)s->picture.address_digits, band->last);
	buf_puts(b, band->type == BAND_FREE ? s->picture.filtered ?
		 "free, or hidden by the filter" : "free: nothing is mapped here; an access is a "
		 "SIGSEGV" : band->type == BAND_KERNEL ?
		 "the kernel's: a program cannot access it" :
		 "no address that the hardware accepts (not canonical)");
}

static void draw_details(struct map_screen *s, struct canvas *c, struct rect r)
{
	const struct counters *counters;
	const struct vma *v = map_selected(s, &counters);
	const struct band *band = s->in_picture && s->band < s->picture.band.n ?
				  &s->picture.band.v[s->band] : NULL;
	struct style style = *c->style;
	struct buf title, b;

	buf_init(&title);
	buf_init(&b);
	style.width = (size_t)r.w - 2;
	if (band && band->type != BAND_MAPPED) {
		buf_puts(&title, "hole");
		put_hole(&b, s, band);
	} else if (v) {
		mapping_title(&title, &style, v, space_address_digits(&s->snapshot.space));
		mapping_text(&b, &style, &s->snapshot.space, v, counters);
	}
	canvas_rule(c, r, title.error ? NULL : buf_string(&title));
	canvas_lines(c, (struct rect){ r.x + 1, r.y + 1, r.w - 1, r.h - 1 },
		     (struct str){ b.data, b.len }, 0);
	buf_done(&title);
	buf_done(&b);
}

/* Nothing to show: says what is known, and why there is no more. */
static void draw_nothing(struct map_screen *s, struct canvas *c, struct rect area)
{
	struct report_request req = { .style = *c->style, .views = VIEW_SUMMARY };
	struct buf b;

	buf_init(&b);
	if (!s->has_snapshot || s->pid != s->t->pid) {
		buf_printf(&b, "\n %s", s->problem[0] && s->pid == s->t->pid ? s->problem :
			   "reading ...");
	} else {
		const char *why = report_no_memory(&s->snapshot);

		buf_puts(&b, "\n ");
		text_put(&b, s->snapshot.stat.comm, style_text(c->style));
		buf_printf(&b, " (%d)%s%s\n", (int)s->pid, s->user[0] ? "   user " : "", s->user);
		if (status_has(&s->snapshot.status, STATUS_VM_RSS)) {
			buf_puts(&b, " ");
			put_total(&b, c->style, "size", status_has(&s->snapshot.status,
				  STATUS_VM_SIZE), s->snapshot.status.v[STATUS_VM_SIZE]);
			put_total(&b, c->style, "resident", true,
				  s->snapshot.status.v[STATUS_VM_RSS]);
			buf_puts(&b, "\n");
		}
		buf_puts(&b, "\n");
		if (why)
			buf_printf(&b, " %s\n", why);
		report_put_notes(&b, &req, &s->snapshot);
	}
	canvas_lines(c, area, (struct str){ b.data, b.len }, 0);
	buf_done(&b);
}

void map_draw(struct map_screen *s, struct canvas *c, struct rect area)
{
	if (!s->has_snapshot || s->pid != s->t->pid || !s->snapshot.has_space ||
	    !s->snapshot.space.vma.n) {
		draw_nothing(s, c, area);
		return;
	}
	s->place = place_map(area);
	draw_totals(s, c, s->place.totals);
	draw_table(s, c, s->place.table);
	map_make_picture(s, s->place.picture.h);
	if (!s->in_picture)
		map_follow(s);
	draw_picture(s, c, s->place.picture);
	draw_details(s, c, s->place.details);
}
