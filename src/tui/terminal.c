/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The terminal: the only user of ncurses. */
#include "config.h"

#define NCURSES_WIDECHAR 1
#include <errno.h>
#include <limits.h>
#include <ncurses.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>
#include <wchar.h>

#include "tui/request.h"
#include "tui/terminal.h"

/* What a handler of SIGSEGV can do: it may not call ncurses. Written before the handler is set. */
static struct {
	struct termios modes;
	int fd;
	bool armed;
	size_t len;
	char text[256];
} rescue;

static void on_crash(int sig)
{
	if (rescue.armed) {
		ssize_t done = write(rescue.fd, rescue.text, rescue.len);

		(void)done;
		tcsetattr(rescue.fd, TCSANOW, &rescue.modes);
	}
	signal(sig, SIG_DFL);
	raise(sig);
}

static void add_rescue(const char *text)
{
	size_t n = text && text != (char *)-1 ? strlen(text) : 0;

	if (n && n < sizeof(rescue.text) - rescue.len) {
		memcpy(rescue.text + rescue.len, text, n);
		rescue.len += n;
	}
}

static const int crashes[] = { SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL };

static void arm(int fd, const struct termios *modes)
{
	struct sigaction action = { .sa_handler = on_crash, .sa_flags = (int)SA_RESETHAND };

	rescue.fd = fd;
	rescue.len = 0;
	rescue.modes = *modes;
	add_rescue("\033[?1000l\033[?1002l\033[?1006l");	/* mouse */
	add_rescue(tigetstr("sgr0"));
	add_rescue(tigetstr("cnorm"));
	add_rescue(tigetstr("rmkx"));
	add_rescue(tigetstr("rmcup"));
	rescue.armed = true;
	for (size_t i = 0; i < sizeof(crashes) / sizeof(crashes[0]); i++)
		sigaction(crashes[i], &action, NULL);
}

static void disarm(void)
{
	for (size_t i = 0; rescue.armed && i < sizeof(crashes) / sizeof(crashes[0]); i++)
		signal(crashes[i], SIG_DFL);
	rescue.armed = false;
}

static void begin_modes(void)
{
	raw();
	noecho();
	nonl();
	nodelay(stdscr, TRUE);
	keypad(stdscr, TRUE);
	set_escdelay(25);
	leaveok(stdscr, FALSE);
	/* all: for one that is not asked for, get_wch() goes on to wait for another */
	mousemask(ALL_MOUSE_EVENTS, NULL);
	mouseinterval(0);
}

int terminal_open(struct terminal *t, const struct terminal_request *req, struct err *e)
{
	const char *name = getenv("TERM");
	struct termios modes;
	bool has_modes = tcgetattr(fileno(req->out), &modes) == 0;

	*t = (struct terminal){ .in = fileno(req->in), .color = COLOR_NONE };
	t->screen = name && *name ? newterm(name, req->out, req->in) : NULL;
	if (!t->screen)
		return err_set(e, -ENOTSUP, "cannot show screens on a terminal of type '%.60s': "
			       "set TERM to what it is", name ? name : "");
	if (has_modes && req->guard)
		arm(fileno(req->out), &modes);
	/* ncurses' own handlers end the program with status 1 */
	signal(SIGINT, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	signal(SIGTSTP, SIG_DFL);
	begin_modes();
	if (req->color != COLOR_NONE && has_colors() && start_color() == OK) {
		use_default_colors();
		t->color = COLORS >= 256 && req->color == COLOR_256 ? COLOR_256 :
			   COLORS >= 8 ? COLOR_16 : COLOR_NONE;
	}
	if (req->width)
		resizeterm(req->height, req->width);
	getmaxyx(stdscr, t->height, t->width);
	return 0;
}

void terminal_close(struct terminal *t)
{
	if (!t->screen)
		return;
	endwin();
	disarm();
	delscreen(t->screen);
	t->screen = NULL;
}

static uint32_t mouse_key(struct terminal *t)
{
	MEVENT m;

	if (getmouse(&m) != OK)
		return TKEY_LAST;
	t->mouse_x = m.x;
	t->mouse_y = m.y;
	if (m.bstate & BUTTON4_PRESSED)
		return TKEY_WHEEL_UP;
	if (m.bstate & BUTTON5_PRESSED)
		return TKEY_WHEEL_DOWN;
	if (m.bstate & BUTTON1_DOUBLE_CLICKED)
		return TKEY_DOUBLE_CLICK;
	return m.bstate & (BUTTON1_PRESSED | BUTTON1_CLICKED) ? TKEY_CLICK : TKEY_LAST;
}

uint32_t terminal_key(struct terminal *t)
{
	static const struct {
		int curses;
		uint32_t key;
	} keys[] = {
		{ KEY_UP, TKEY_UP }, { KEY_DOWN, TKEY_DOWN }, { KEY_LEFT, TKEY_LEFT },
		{ KEY_RIGHT, TKEY_RIGHT }, { KEY_PPAGE, TKEY_PAGE_UP },
		{ KEY_NPAGE, TKEY_PAGE_DOWN }, { KEY_HOME, TKEY_HOME }, { KEY_END, TKEY_END },
		{ KEY_DC, TKEY_DELETE }, { KEY_BTAB, TKEY_BACK_TAB },
		{ KEY_BACKSPACE, TKEY_BACKSPACE }, { KEY_ENTER, TKEY_ENTER },
		{ KEY_F(1), TKEY_F1 }, { KEY_F(3), TKEY_F3 }, { KEY_F(4), TKEY_F4 },
		{ KEY_F(6), TKEY_F6 }, { KEY_F(10), TKEY_F10 },
	};
	wint_t ch;
	int ret;

	do {
		ret = get_wch(&ch);
		if (ret == ERR)
			return 0;
	} while (ret == KEY_CODE_YES && ch == KEY_RESIZE);
	if (ret != KEY_CODE_YES)
		return ch ? (uint32_t)ch : TKEY_LAST;
	if (ch == KEY_MOUSE)
		return mouse_key(t);
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (keys[i].curses == (int)ch)
			return keys[i].key;
	return TKEY_LAST;	/* a key, but none we know */
}

void terminal_resize(struct terminal *t, int width, int height)
{
	resizeterm(height, width);
	getmaxyx(stdscr, t->height, t->width);
}

void terminal_resized(struct terminal *t)
{
	struct winsize w;

	if (ioctl(t->in, TIOCGWINSZ, &w) == 0 && w.ws_col && w.ws_row)
		terminal_resize(t, w.ws_col, w.ws_row);
}

/* The pair of two colours: made as they come, as many as the terminal has. */
static int pair_of(const struct terminal *t, struct attr a)
{
	if (t->color == COLOR_NONE || (!a.fg && !a.bg))
		return 0;
	return alloc_pair((int)a.fg - 1, (int)a.bg - 1);
}

static void set_attr(const struct terminal *t, struct attr a)
{
	attr_t attrs = (a.flags & ATTR_BOLD ? A_BOLD : 0) | (a.flags & ATTR_DIM ? A_DIM : 0) |
		       (a.flags & ATTR_REVERSE ? A_REVERSE : 0) |
		       (a.flags & ATTR_UNDERLINE ? A_UNDERLINE : 0);
	int pair;

	if (COLORS < 16 && a.fg > 8) {	/* bright ones */
		a.fg = (uint16_t)(a.fg - 8);
		attrs |= a.fg == 1 ? A_DIM : A_BOLD;
		if (a.fg == 1)
			a.fg = 0;
	}
	pair = pair_of(t, a);
	attr_set(attrs, (short)(pair > 0 ? pair : 0), pair > 0 ? &pair : NULL);
}

static bool is_same(struct attr a, struct attr b)
{
	return a.fg == b.fg && a.bg == b.bg && a.flags == b.flags;
}

void terminal_show(struct terminal *t, const struct canvas *c, int cursor_x, int cursor_y)
{
	enum { RUN = 512 };
	wchar_t run[RUN + 4];

	for (int y = 0; y < c->height && y < t->height; y++) {
		for (int x = 0; x < c->width && x < t->width;) {
			const struct cell *cell = &c->cell[y * c->width];
			struct attr attr = cell[x].attr;
			int from = x, n = 0;

			for (; x < c->width && x < t->width && n < RUN &&
			       is_same(cell[x].attr, attr); x++) {
				if (cell[x].ch)
					run[n++] = (wchar_t)cell[x].ch;
				if (cell[x].mark)
					run[n++] = (wchar_t)cell[x].mark;
			}
			set_attr(t, attr);
			mvaddnwstr(y, from, run, n);
		}
	}
	curs_set(cursor_x >= 0);
	if (cursor_x >= 0)
		move(cursor_y, cursor_x);
	refresh();
}

void terminal_forget(struct terminal *t)
{
	(void)t;
	clearok(curscr, TRUE);
}

void terminal_suspend(struct terminal *t)
{
	sigset_t set, old;

	endwin();
	sigemptyset(&set);
	sigaddset(&set, SIGTSTP);
	pthread_sigmask(SIG_UNBLOCK, &set, &old);
	kill(0, SIGTSTP);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	terminal_resized(t);
	terminal_forget(t);
	refresh();
}

void terminal_dump(struct terminal *t, struct buf *b)
{
	for (int y = 0; y < t->height; y++) {
		for (int x = 0; x < t->width; x++) {
			wchar_t text[CCHARW_MAX + 1] = { 0 };
			cchar_t cell;
			attr_t attrs;
			short pair;
			char bytes[MB_LEN_MAX];
			mbstate_t state = { 0 };
			int width;

			if (mvin_wch(y, x, &cell) != OK ||
			    getcchar(&cell, text, &attrs, &pair, NULL) != OK)
				continue;
			for (size_t i = 0; text[i]; i++) {
				size_t n = wcrtomb(bytes, text[i], &state);

				if (n != (size_t)-1)
					buf_add(b, bytes, n);
			}
			width = wcwidth(text[0]);
			x += width > 1 ? width - 1 : 0;
		}
		while (b->len && b->data[b->len - 1] == ' ')
			b->len--;
		buf_putc(b, '\n');
	}
}
