/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What lies over a screen for a while: a text, a choice, a line to type in. */
#include "config.h"

#include "tui/window.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "tui/place.h"

/* --- a choice --- */

struct menu_item *menu_add(struct menu *m, const char *name, const char *help, const void *data,
			   bool on)
{
	struct menu_item *item = vec_push(&m->item);
	size_t n = strlen(name);

	if (!item)
		return NULL;
	*item = (struct menu_item){ .help = help, .data = data, .on = on };
	memcpy(item->name, name, n < sizeof(item->name) ? n : sizeof(item->name) - 1);
	return item;
}

void menu_done(struct menu *m)
{
	vec_done(&m->item);
	*m = (struct menu){ 0 };
}

static void put_help(struct canvas *c, const char *help, int x, int y, int room)
{
	struct buf b;

	if (!help || room < 4)
		return;
	buf_init(&b);
	text_put_cut(&b, str_of(help), c->style->utf8 ? TEXT_UTF8 : 0, (size_t)room,
		     TEXT_KEEP_START);
	canvas_put(c, x, y, room, look_attr(c->style, LOOK_DIM), (struct str){ b.data, b.len });
	buf_done(&b);
}

void menu_draw(struct menu *m, struct canvas *c, struct rect body)
{
	enum { FRAME_W = 4, FRAME_H = 2, MARK = 4 };
	size_t name = strlen(m->title), help = 0;
	struct rect r;

	for (size_t i = 0; i < m->item.n; i++) {
		const struct menu_item *item = &m->item.v[i];
		size_t n = strlen(item->name), h = item->help ? strlen(item->help) : 0;

		name = n > name || i == 0 ? n : name;
		help = h > help ? h : help;
	}
	r = place_window(body, (int)(name + help + MARK + FRAME_W + 3), (int)m->item.n + FRAME_H);
	r = canvas_box(c, r, m->title);
	list_fit(&m->list, m->item.n, (size_t)(r.h > 0 ? r.h : 0));
	for (size_t i = 0; i < list_visible(&m->list); i++) {
		const struct menu_item *item = &m->item.v[m->list.top + i];
		struct rect line = { r.x, r.y + (int)i, r.w, 1 };
		const char *mark = !m->many ? item->on ? "  * " : "    " : item->on ? "[x] " : "[ ] ";

		canvas_puts(c, line.x, line.y, MARK, look_attr(c->style, LOOK_DIM), mark);
		canvas_puts(c, line.x + MARK, line.y, line.w - MARK, (struct attr){ 0 },
			    item->name);
		put_help(c, item->help, line.x + MARK + (int)name + 2, line.y,
			 line.w - MARK - (int)name - 2);
		if (m->list.top + i == m->list.at)
			canvas_select(c, line);
	}
}

enum answer menu_key(struct menu *m, uint32_t key)
{
	enum request r = request_of_key(key, SCREEN_PROCESSES);

	if (key == TKEY_ESC || key == 'q')
		return ANSWER_CANCEL;
	if (key == TKEY_ENTER || key == '\n')
		return m->item.n ? ANSWER_DONE : ANSWER_CANCEL;
	if (key == ' ' && m->many && m->item.n) {
		m->item.v[m->list.at].on = !m->item.v[m->list.at].on;
		list_request(&m->list, REQUEST_DOWN);
		return ANSWER_TAKEN;
	}
	if (list_request(&m->list, r))
		return ANSWER_TAKEN;
	/* the next one that begins with this letter */
	for (size_t i = 1; i <= m->item.n; i++) {
		size_t at = (m->list.at + i) % m->item.n;

		if ((unsigned char)m->item.v[at].name[0] == key) {
			list_select(&m->list, at);
			return ANSWER_TAKEN;
		}
	}
	return ANSWER_NONE;
}

/* --- a line --- */

void prompt_begin(struct prompt *p, const char *text)
{
	buf_clear(&p->text);
	buf_puts(&p->text, text);
	p->cursor = p->text.len;
	p->at = p->history.n;
}

void prompt_done(struct prompt *p)
{
	buf_done(&p->text);
	for (size_t i = 0; i < p->history.n; i++)
		free(p->history.v[i]);
	vec_done(&p->history);
}

/* Where the character before or behind a place begins. */
static size_t step(const struct prompt *p, size_t at, bool back)
{
	if (back) {
		while (at > 0 && ((unsigned char)p->text.data[--at] & 0xc0) == 0x80)
			continue;
		return at;
	}
	while (at < p->text.len && ((unsigned char)p->text.data[++at] & 0xc0) == 0x80 &&
	       at < p->text.len)
		continue;
	return at;
}

static void erase(struct prompt *p, size_t from, size_t to)
{
	memmove(p->text.data + from, p->text.data + to, p->text.len - to);
	p->text.len -= to - from;
	p->cursor = from;
}

static void insert(struct prompt *p, uint32_t ch)
{
	enum { MOST = 1000 };
	char bytes[4];
	size_t n = 0;

	if (p->text.len > MOST)
		return;
	if (ch < 0x80) {
		bytes[n++] = (char)ch;
	} else {
		int more = ch < 0x800 ? 1 : ch < 0x10000 ? 2 : 3;
		static const unsigned char first[] = { 0, 0xc0, 0xe0, 0xf0 };

		bytes[n++] = (char)(first[more] | ch >> 6 * more);
		while (more--)
			bytes[n++] = (char)(0x80 | (ch >> 6 * more & 63));
	}
	if (!buf_reserve(&p->text, n))
		return;
	memmove(p->text.data + p->cursor + n, p->text.data + p->cursor, p->text.len - p->cursor);
	memcpy(p->text.data + p->cursor, bytes, n);
	p->text.len += n;
	p->cursor += n;
}

static void recall(struct prompt *p, size_t at)
{
	p->at = at;
	buf_clear(&p->text);
	if (at < p->history.n)
		buf_puts(&p->text, p->history.v[at]);
	p->cursor = p->text.len;
}

enum answer prompt_key(struct prompt *p, uint32_t key)
{
	enum { CTRL_A = 1, CTRL_E = 5, CTRL_H = 8, CTRL_K = 11, CTRL_U = 21, CTRL_W = 23 };
	size_t from = p->cursor;

	switch (key) {
	case TKEY_ESC: case 3: return ANSWER_CANCEL;
	case TKEY_ENTER: case '\n': return ANSWER_DONE;
	case TKEY_LEFT: p->cursor = step(p, p->cursor, true); break;
	case TKEY_RIGHT: p->cursor = step(p, p->cursor, false); break;
	case TKEY_HOME: case CTRL_A: p->cursor = 0; break;
	case TKEY_END: case CTRL_E: p->cursor = p->text.len; break;
	case TKEY_UP: if (p->at > 0) recall(p, p->at - 1); break;
	case TKEY_DOWN: if (p->at < p->history.n) recall(p, p->at + 1); break;
	case TKEY_BACKSPACE: case CTRL_H:
		if (!p->text.len)
			return ANSWER_CANCEL;
		erase(p, step(p, from, true), from);
		break;
	case TKEY_DELETE:
		erase(p, from, step(p, from, false));
		p->cursor = from;
		break;
	case CTRL_U: if (p->text.len) erase(p, 0, from); break;
	case CTRL_K: p->text.len = from; break;
	case CTRL_W:
		while (from > 0 && p->text.data[from - 1] == ' ')
			from--;
		while (from > 0 && p->text.data[from - 1] != ' ')
			from--;
		if (p->text.len)
			erase(p, from, p->cursor);
		break;
	default:
		if (key >= 32 && key != 127 && key < TKEY_FIRST)
			insert(p, key);
		break;
	}
	return ANSWER_TAKEN;
}

int prompt_draw(const struct prompt *p, struct canvas *c, struct rect line, const char *label)
{
	struct str text = { p->text.data, p->text.len };
	int x, room;
	size_t from = 0;

	x = canvas_puts(c, line.x + 1, line.y, line.w - 2, look_attr(c->style, LOOK_KEY), label) + 2;
	x += canvas_puts(c, line.x + x - 1, line.y, 2, (struct attr){ 0 }, ": ") - 1;
	room = line.w - x - 1;
	while (from < p->cursor &&
	       (int)text_width((struct str){ text.p + from, p->cursor - from }, TEXT_UTF8) >= room)
		from = step(p, from, false);
	if (text.len)
		canvas_put(c, line.x + x, line.y, room, (struct attr){ 0 },
			   (struct str){ text.p + from, text.len - from });
	return line.x + x + (p->cursor > from ?
			     (int)text_width((struct str){ text.p + from, p->cursor - from },
					     TEXT_UTF8) : 0);
}

const char *prompt_take(struct prompt *p)
{
	const char *text = buf_string(&p->text);
	char **to;

	if (!text)
		return NULL;
	if (*text && !(p->history.n && strcmp(p->history.v[p->history.n - 1], text) == 0)) {
		to = vec_push(&p->history);
		if (to) {
			*to = strdup(text);
			if (!*to)
				p->history.n--;
		}
	}
	return text;
}

/* --- a text --- */

void pager_begin(struct pager *p, const char *title, struct buf *text)
{
	size_t n = strlen(title), lines = 0;

	pager_done(p);
	memcpy(p->title, title, n < sizeof(p->title) ? n : sizeof(p->title) - 1);
	p->text = *text;
	buf_init(text);
	/* as wide as it gets; put into nothing it is only measured */
	for (size_t at = 0; at < p->text.len; lines++) {
		const char *from = p->text.data + at;
		const char *end = memchr(from, '\n', p->text.len - at);
		size_t len = end ? (size_t)(end - from) : p->text.len - at, width = 0;

		for (size_t i = 0; i < len;) {
			if (from[i] == '\033') {
				while (i < len && from[i] != 'm')
					i++;
				i += i < len;
				continue;
			}
			text_next((struct str){ from, len }, &i);
			width++;
		}
		p->width = width > p->width ? width : p->width;
		at += len + 1;
	}
	p->list.n = lines;
}

void pager_done(struct pager *p)
{
	buf_done(&p->text);
	*p = (struct pager){ 0 };
}

void pager_draw(struct pager *p, struct canvas *c, struct rect body)
{
	int width = (int)p->width + 6;
	struct rect r = place_window(body, width > body.w * 3 / 4 ? body.w : width,
				     (int)p->list.n + 2);
	size_t lines = p->list.n;

	r = canvas_box(c, r, p->title);
	/* the list's rows are the tops there can be */
	p->list.height = 1;
	p->list.n = lines > (size_t)r.h ? lines - (size_t)r.h + 1 : 1;
	list_select(&p->list, p->list.at);
	canvas_lines(c, r, (struct str){ p->text.data, p->text.len }, p->list.at);
	if (p->list.n > 1) {
		struct buf b;

		buf_init(&b);
		buf_printf(&b, " %zu-%zu of %zu ", p->list.at + 1, p->list.at + (size_t)r.h, lines);
		canvas_put(c, r.x + r.w - (int)b.len, r.y + r.h, (int)b.len,
			   look_attr(c->style, LOOK_DIM), (struct str){ b.data, b.len });
		buf_done(&b);
	}
	p->list.height = (size_t)(r.h > 0 ? r.h : 1);
	p->list.n = lines;
}

enum answer pager_key(struct pager *p, uint32_t key)
{
	enum request r = request_of_key(key, SCREEN_PROCESSES);
	struct list *l = &p->list;
	size_t most = l->n > l->height ? l->n - l->height : 0;
	size_t page = l->height > 1 ? l->height - 1 : 1;

	switch (r) {
	case REQUEST_UP: case REQUEST_WHEEL_UP: l->at -= l->at > 0; break;
	case REQUEST_DOWN: case REQUEST_WHEEL_DOWN: l->at += l->at < most; break;
	case REQUEST_PAGE_UP: l->at = l->at > page ? l->at - page : 0; break;
	case REQUEST_PAGE_DOWN: case REQUEST_PAUSE:
		l->at = l->at + page < most ? l->at + page : most;
		break;
	case REQUEST_HOME: l->at = 0; break;
	case REQUEST_END: l->at = most; break;
	default:
		return key == TKEY_ESC || key == TKEY_ENTER || key == 'q' || key == '?' ||
		       key == TKEY_F1 || key == TKEY_F10 ? ANSWER_CANCEL : ANSWER_NONE;
	}
	return ANSWER_TAKEN;
}
