/* SPDX-License-Identifier: GPL-3.0-or-later */
/* --tui: the loop. Keys become requests, requests change state, state is drawn. */
#include "config.h"

#include "tui/tui.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"
#include "tui/place.h"

static const struct screen *const screens[SCREENS] = {
	[SCREEN_PROCESSES] = &screen_processes,
	[SCREEN_MAP] = &screen_map,
	[SCREEN_PAGES] = &screen_pages,
	[SCREEN_SYSTEM] = &screen_system,
};

enum { READ_SHARE = 10 };	/* at most a tenth of the time is spent on reading */

static const struct screen *current(const struct tui *t)
{
	return screens[t->at];
}

/* --- for screens --- */

__attribute__((format(printf, 3, 0)))
static void say(struct tui *t, bool alert, const char *fmt, va_list ap)
{
	struct buf b;

	buf_init(&b);
	buf_vprintf(&b, fmt, ap);
	if (b.len >= sizeof(t->message))
		b.len = sizeof(t->message) - 1;
	if (b.len)
		memcpy(t->message, b.data, b.len);
	t->message[b.len] = '\0';
	t->alert = alert;
	buf_done(&b);
}

void tui_say(struct tui *t, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(t, false, fmt, ap);
	va_end(ap);
}

void tui_alert(struct tui *t, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(t, true, fmt, ap);
	va_end(ap);
}

void tui_show_text(struct tui *t, const char *title, struct buf *text)
{
	pager_begin(&t->pager, title, text);
	t->mode = MODE_PAGER;
}

void tui_read_now(struct tui *t)
{
	t->wanted = true;
}

void tui_give(struct tui *t, struct job *job)
{
	struct job **at = &t->extra;

	while (*at) {
		struct job *old = *at;

		if (old->finish != job->finish) {
			at = &old->next;
			continue;
		}
		*at = old->next;
		old->free(old);
	}
	*at = job;
}

void tui_set_process(struct tui *t, pid_t pid, struct str name)
{
	struct buf b;

	if (t->pid != pid) {
		t->snapshot = NULL;
		t->has_mapping = false;
		t->gone = false;
	}
	t->pid = pid;
	buf_init(&b);
	text_put_cut(&b, name, style_text(&t->style), 40, TEXT_KEEP_START);
	buf_printf(&b, "%s(%d)", name.len ? " " : "process ", (int)pid);
	if (buf_string(&b) && b.len < sizeof(t->title))
		memcpy(t->title, b.data, b.len + 1);
	buf_done(&b);
}

void tui_go(struct tui *t, enum screen_number to)
{
	if (!screens[to])
		return;
	if ((to == SCREEN_MAP || to == SCREEN_PAGES) && !t->pid) {
		tui_alert(t, "choose a process first: Enter opens it");
		return;
	}
	if (!t->state[to]) {
		int ret;

		t->state[to] = calloc(1, screens[to]->size);
		ret = t->state[to] ? screens[to]->open(t->state[to], t) : -ENOMEM;
		if (ret < 0) {
			tui_alert(t, "%s: %s", screens[to]->name, strerror(-ret));
			free(t->state[to]);
			t->state[to] = NULL;
			return;
		}
	}
	if (to > t->at)
		t->back[to] = t->at;
	t->at = to;
	t->wanted = true;
}

/* --- reading --- */

static void finish_job(struct tui *t, struct job *job)
{
	t->seconds = job->seconds;
	if (job->finish)
		job->finish(job, t);
	else if (t->state[job->screen])
		screens[job->screen]->refresh(t->state[job->screen], job);
	job->free(job);
}

static bool is_of_process(const struct tui *t)
{
	return t->at == SCREEN_MAP || t->at == SCREEN_PAGES;
}

/* Whether the screen is read again and again. */
static bool is_moving(const struct tui *t)
{
	return t->root->live && !t->paused && !t->scripted && !(t->gone && is_of_process(t));
}

/* The job that is due, or NULL. */
static struct job *next_job(struct tui *t)
{
	struct job *job = t->extra;
	bool due = is_moving(t) && clock_seconds() >= t->due;

	if (job)
		t->extra = job->next;
	if (!job && (t->wanted || due)) {
		t->wanted = false;
		job = current(t)->ask(t->state[t->at]);
		t->due = clock_seconds() + t->interval;
	}
	if (job)
		job->screen = t->at;
	return job;
}

void tui_settle(struct tui *t)
{
	struct job *job;

	while ((job = next_job(t))) {
		reader_run(job);
		finish_job(t, job);
	}
}

/* --- requests --- */

void tui_write(struct tui *t, const char *path, const struct buf *text, int ret)
{
	int fd;

	if (ret == 0 && text->error)
		ret = text->error;
	fd = ret < 0 ? -1 : open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	if (ret == 0 && fd < 0)
		ret = -errno;
	for (size_t at = 0; ret == 0 && at < text->len;) {
		ssize_t n = write(fd, text->data + at, text->len - at);

		if (n < 0 && errno != EINTR)
			ret = -errno;
		at += n > 0 ? (size_t)n : 0;
	}
	if (fd >= 0 && close(fd) < 0 && ret == 0)
		ret = -errno;
	if (ret < 0)
		tui_alert(t, "%s: %s", path, ret == -EEXIST ? "is there already; give another name" :
			  strerror(-ret));
	else
		tui_say(t, "%zu bytes written to %s", text->len, path);
}

static void export(struct tui *t, const char *path)
{
	struct buf b;
	int ret;

	if (!*path)
		return;
	if (current(t)->export_job) {
		struct job *job = current(t)->export_job(t->state[t->at], path);

		if (job)
			tui_give(t, job);
		return;
	}
	buf_init(&b);
	ret = current(t)->export(t->state[t->at], &b);
	tui_write(t, path, &b, ret);
	buf_done(&b);
}

static void help(struct tui *t)
{
	struct buf b;

	buf_init(&b);
	request_help(&b, t->at, t->style.color != COLOR_NONE);
	buf_puts(&b, "\nMouse: a click selects, a second one opens; the wheel scrolls.\n");
	tui_show_text(t, current(t)->name, &b);
	buf_done(&b);
}

static void change_interval(struct tui *t, bool more)
{
	static const double steps[] = { 0.2, 0.5, 1, 2, 5, 10, 30, 60, 300 };
	size_t n = sizeof(steps) / sizeof(steps[0]), i = 0;

	while (i + 1 < n && steps[i] < t->interval)
		i++;
	if (more && i + 1 < n)
		i++;
	else if (!more && i > 0)
		i--;
	t->interval = steps[i];
	t->due = clock_seconds() + t->interval;
	tui_say(t, "reads every %g s", t->interval);
}

/* What the screen did not want. */
static void general_request(struct tui *t, enum request r)
{
	switch (r) {
	case REQUEST_SCREEN_1: case REQUEST_SCREEN_2: case REQUEST_SCREEN_3: case REQUEST_SCREEN_4:
		tui_go(t, (enum screen_number)(r - REQUEST_SCREEN_1));
		break;
	case REQUEST_BACK:
		if (t->at != SCREEN_PROCESSES)
			tui_go(t, t->back[t->at]);
		break;
	case REQUEST_PAUSE:
		t->paused = !t->paused;
		break;
	case REQUEST_MORE: case REQUEST_LESS:
		if (t->root->live)
			change_interval(t, r == REQUEST_MORE);
		break;
	case REQUEST_HELP: help(t); break;
	case REQUEST_QUIT: t->quit = true; break;
	case REQUEST_REDRAW: terminal_forget(&t->terminal); break;
	case REQUEST_SUSPEND:
		if (!t->scripted)
			terminal_suspend(&t->terminal);
		break;
	default: break;
	}
}

static bool begin_menu(struct tui *t, enum request r)
{
	const struct screen *s = current(t);

	menu_done(&t->menu);
	t->menu.title = request_info[r].brief ? request_info[r].brief : request_info[r].name;
	if (!s->menu || !s->menu(t->state[t->at], r, &t->menu))
		return false;
	t->mode = MODE_MENU;
	t->asking = r;
	for (size_t i = 0; i < t->menu.item.n && !t->menu.many; i++)
		if (t->menu.item.v[i].on)
			t->menu.list.at = i;
	return true;
}

/* What is looked for is selected while it is typed. */
static void show_typed(struct tui *t, const char *text)
{
	if (t->asking == REQUEST_SEARCH && current(t)->typed)
		current(t)->typed(t->state[t->at], text);
}

static void begin_prompt(struct tui *t, enum request r)
{
	const char *text = "";
	char name[64];

	if (r == REQUEST_EXPORT) {
		struct buf b;

		if (!current(t)->export && !current(t)->export_job) {
			tui_alert(t, "nothing to export here");
			return;
		}
		buf_init(&b);
		buf_puts(&b, "memmap");
		if (t->pid && t->at != SCREEN_PROCESSES && t->at != SCREEN_SYSTEM)
			buf_printf(&b, "-%d", (int)t->pid);
		buf_puts(&b, ".json");
		if (buf_string(&b) && b.len < sizeof(name))
			text = memcpy(name, b.data, b.len + 1);
		buf_done(&b);
	}
	prompt_begin(&t->prompt[r], text);
	t->mode = MODE_PROMPT;
	t->asking = r;
	show_typed(t, text);
}

static bool click_on_tabs(struct tui *t, enum request r);

void tui_request(struct tui *t, enum request r)
{
	const struct request_info *info = &request_info[r];

	if (r == REQUEST_NONE)
		return;
	if ((r == REQUEST_CLICK || r == REQUEST_DOUBLE_CLICK) && click_on_tabs(t, r))
		return;
	if (info->menu && begin_menu(t, r))
		return;
	if (info->prompt) {
		begin_prompt(t, r);
		return;
	}
	if (!current(t)->request(t->state[t->at], r, NULL))
		general_request(t, r);
}

static void take_prompt(struct tui *t)
{
	const char *text = prompt_take(&t->prompt[t->asking]);

	t->mode = MODE_NORMAL;
	if (!text)
		return;
	if (t->asking == REQUEST_EXPORT)
		export(t, text);
	else
		current(t)->request(t->state[t->at], t->asking, text);
}

void tui_key(struct tui *t, uint32_t key)
{
	enum answer answer;

	t->message[0] = '\0';
	switch (t->mode) {
	case MODE_NORMAL:
		tui_request(t, request_of_key(key, t->at));
		break;
	case MODE_PROMPT:
		answer = prompt_key(&t->prompt[t->asking], key);
		if (answer == ANSWER_DONE)
			take_prompt(t);
		else if (answer == ANSWER_CANCEL)
			t->mode = MODE_NORMAL;
		if (answer != ANSWER_DONE)
			show_typed(t, answer == ANSWER_CANCEL ? NULL :
				      buf_string(&t->prompt[t->asking].text));
		break;
	case MODE_MENU:
		answer = menu_key(&t->menu, key);
		if (answer != ANSWER_NONE && answer != ANSWER_TAKEN)
			t->mode = MODE_NORMAL;
		if (answer == ANSWER_DONE)
			current(t)->chosen(t->state[t->at], t->asking, &t->menu);
		break;
	case MODE_PAGER:
		answer = pager_key(&t->pager, key);
		if (answer == ANSWER_CANCEL)
			t->mode = MODE_NORMAL;
		break;
	}
}

/* --- drawing --- */

enum { TABS_X = 9 };	/* behind the program's name */

static int tab_width(unsigned int i)
{
	return !screens[i] ? 0 : (int)strlen(screens[i]->name) + 4;
}

static bool click_on_tabs(struct tui *t, enum request r)
{
	int x = TABS_X;

	(void)r;
	if (t->mouse_y != 0)
		return false;
	for (unsigned int i = 0; i < SCREENS; x += tab_width(i++))
		if (t->mouse_x >= x && t->mouse_x < x + tab_width(i))
			tui_go(t, (enum screen_number)i);
	return true;
}

/* "every 1 s", "paused", ... at the right of the first line. */
static void put_state(const struct tui *t, struct buf *b)
{
	double tenth = t->seconds * READ_SHARE;

	if (t->title[0] && is_of_process(t)) {
		buf_puts(b, t->title);
		buf_puts(b, "  ");
	}
	if (t->gone && is_of_process(t))
		buf_puts(b, "exited, last data");
	else if (!t->root->live)
		buf_puts(b, "captured");
	else if (t->paused)
		buf_puts(b, "paused");
	else if (tenth > t->interval)
		buf_printf(b, "every %.1f s, as reading takes %.1f s", tenth, t->seconds);
	else
		buf_printf(b, "every %g s", t->interval);
	buf_putc(b, ' ');
}

static void draw_top(struct tui *t, struct rect r)
{
	struct canvas *c = &t->canvas;
	struct attr bar = look_attr(&t->style, LOOK_BAR), tab = look_attr(&t->style, LOOK_TAB);
	int x = TABS_X;
	struct buf b;

	buf_init(&b);
	buf_fill(&b, ' ', (size_t)r.w);
	canvas_put(c, r.x, r.y, r.w, bar, (struct str){ b.data, b.len });
	canvas_puts(c, r.x + 1, r.y, r.w, bar, "memmap");
	for (unsigned int i = 0; i < SCREENS; x += tab_width(i++)) {
		if (!screens[i])
			continue;
		buf_clear(&b);
		buf_printf(&b, " %u %s ", i + 1, screens[i]->name);
		canvas_put(c, r.x + x, r.y, r.w - x, i == t->at ? tab : bar,
			   (struct str){ b.data, b.len });
	}
	buf_clear(&b);
	put_state(t, &b);
	if (!b.error) {
		int n = (int)text_width((struct str){ b.data, b.len }, TEXT_UTF8);
		int room = r.w - x - 1;

		canvas_put(c, n > room ? x + 1 : r.x + r.w - n, r.y, room, bar,
			   (struct str){ b.data, b.len });
	}
	buf_done(&b);
}

static void draw_bottom(struct tui *t, const struct place_frame *f)
{
	struct canvas *c = &t->canvas;
	struct attr dim = look_attr(&t->style, LOOK_DIM);
	struct buf b;

	buf_init(&b);
	if (t->mode == MODE_PROMPT) {
		t->cursor_x = prompt_draw(&t->prompt[t->asking], c, f->message,
					  request_info[t->asking].prompt);
		t->cursor_y = f->message.y;
		if (t->message[0])
			canvas_puts(c, f->keys.x + 1, f->keys.y, f->keys.w - 2,
				    look_attr(&t->style, LOOK_ALERT), t->message);
		else
			buf_puts(&b, " Enter take it  Esc leave it  Up, Down what was typed before");
	} else if (t->mode == MODE_MENU) {
		buf_puts(&b, t->menu.many ? " Space switch  Enter take it  Esc leave it" :
			     " Enter take it  Esc leave it");
	} else if (t->mode == MODE_PAGER) {
		buf_puts(&b, " Up, Down, PgUp, PgDn scroll  Esc close");
	} else {
		request_key_line(&b, t->at, (size_t)f->keys.w, t->style.color != COLOR_NONE);
	}
	if (t->message[0] && t->mode != MODE_PROMPT)
		canvas_puts(c, f->message.x + 1, f->message.y, f->message.w - 2,
			    look_attr(&t->style, t->alert ? LOOK_ALERT : LOOK_PLAIN), t->message);
	canvas_put(c, f->keys.x, f->keys.y, f->keys.w, dim, (struct str){ b.data, b.len });
	buf_done(&b);
}

static void draw_too_small(struct tui *t)
{
	struct canvas *c = &t->canvas;
	struct buf b;

	buf_init(&b);
	buf_printf(&b, "memmap needs %dx%d, this is %dx%d", PLACE_MIN_WIDTH, PLACE_MIN_HEIGHT,
		   c->width, c->height);
	canvas_put(c, 0, c->height / 2, c->width, (struct attr){ 0 }, (struct str){ b.data, b.len });
	buf_done(&b);
	if (c->height > 1)
		canvas_puts(c, 0, c->height / 2 + 1, c->width, look_attr(&t->style, LOOK_DIM),
			    "(q quits)");
}

void tui_draw(struct tui *t)
{
	struct canvas *c = &t->canvas;
	struct place_frame f;

	t->cursor_x = -1;
	t->clock = clock_seconds();
	if (canvas_size(c, t->terminal.width, t->terminal.height) < 0)
		return;
	c->style = &t->style;
	t->style.width = t->style.picture_width = (size_t)c->width;
	f = place_frame(c->width, c->height);
	if (c->width < PLACE_MIN_WIDTH || c->height < PLACE_MIN_HEIGHT) {
		draw_too_small(t);
	} else {
		current(t)->draw(t->state[t->at], c, f.body);
		draw_top(t, f.top);
		if (t->mode == MODE_MENU)
			menu_draw(&t->menu, c, f.body);
		if (t->mode == MODE_PAGER)
			pager_draw(&t->pager, c, f.body);
		draw_bottom(t, &f);
	}
	terminal_show(&t->terminal, c, t->cursor_x, t->cursor_y);
}

/* --- the loop --- */

int tui_open(struct tui *t, const struct tui_request *req, struct err *e)
{
	int ret;

	*t = (struct tui){
		.root = req->root, .machine = req->machine, .huge = req->huge,
		.request = req->request, .style = req->style, .scripted = req->scripted,
		.interval = 1, .reader = { .done_fd = -1 },
	};
	for (unsigned int i = 0; i < REQUESTS; i++)
		buf_init(&t->prompt[i].text);
	ret = terminal_open(&t->terminal, &req->terminal, e);
	if (ret < 0)
		return ret;
	t->style.color = t->terminal.color;
	t->style.headings = true;
	if (!t->scripted)
		ret = reader_start(&t->reader);
	if (ret < 0)
		return err_set(e, ret, "cannot start a thread: %s", strerror(-ret));
	tui_go(t, SCREEN_PROCESSES);
	if (req->pid) {
		tui_set_process(t, req->pid, STR(""));
		tui_go(t, SCREEN_MAP);
	}
	return t->state[t->at] ? 0 : err_set(e, -ENOMEM, "%s", strerror(ENOMEM));
}

static void take_signals(struct tui *t, int fd)
{
	struct signalfd_siginfo info;

	while (read(fd, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
		if (info.ssi_signo == SIGWINCH) {
			terminal_resized(&t->terminal);
		} else if (info.ssi_signo == SIGTSTP) {
			terminal_suspend(&t->terminal);
		} else if (info.ssi_signo == SIGCONT) {
			terminal_resized(&t->terminal);
			terminal_forget(&t->terminal);
		} else {
			t->signal = (int)info.ssi_signo;
			t->quit = true;
		}
	}
}

/* Milliseconds until something is due; -1: nothing is. */
static int wait_time(struct tui *t)
{
	double left = t->due - clock_seconds();

	if (t->wanted && !reader_is_busy(&t->reader))	/* drawing found that something is missing */
		return 0;
	if (!is_moving(t) || reader_is_busy(&t->reader))
		return -1;
	return left <= 0 ? 0 : (int)(left * 1000) + 1;
}

static void take_keys(struct tui *t)
{
	enum { AT_ONCE = 64 };	/* then it is drawn, however fast they come */
	uint32_t key;

	for (int i = 0; i < AT_ONCE && !t->quit && (key = terminal_key(&t->terminal)); i++) {
		t->mouse_x = t->terminal.mouse_x;
		t->mouse_y = t->terminal.mouse_y;
		tui_key(t, key);
	}
}

static int loop(struct tui *t, int signal_fd)
{
	struct pollfd fds[] = {
		{ .fd = t->terminal.in, .events = POLLIN },
		{ .fd = t->reader.done_fd, .events = POLLIN },
		{ .fd = signal_fd, .events = POLLIN },
	};

	while (!t->quit) {
		struct job *job = reader_is_busy(&t->reader) ? NULL : next_job(t);

		if (job)
			reader_give(&t->reader, job);
		tui_draw(t);
		if (poll(fds, 3, wait_time(t)) < 0 && errno != EINTR)
			return -errno;
		if (fds[2].revents)
			take_signals(t, signal_fd);
		job = reader_take(&t->reader);
		if (job) {
			finish_job(t, job);
			if (t->seconds * READ_SHARE > t->interval)
				t->due = clock_seconds() + t->seconds * (READ_SHARE - 1);
		}
		if (fds[0].revents & POLLIN)
			take_keys(t);
		else if (fds[0].revents)	/* the terminal is gone */
			t->quit = true;
	}
	return 0;
}

int tui_run(struct tui *t)
{
	static const int signals[] = { SIGTERM, SIGHUP, SIGINT, SIGTSTP, SIGCONT, SIGWINCH };
	sigset_t set;
	int fd, ret;

	sigemptyset(&set);
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		sigaddset(&set, signals[i]);
	pthread_sigmask(SIG_BLOCK, &set, &t->signals);
	t->has_signals = true;	/* until the terminal is as it was */
	fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	ret = fd < 0 ? -errno : loop(t, fd);
	if (fd >= 0)
		close(fd);
	return ret;
}

bool tui_close(struct tui *t)
{
	terminal_close(&t->terminal);
	if (t->has_signals)
		pthread_sigmask(SIG_SETMASK, &t->signals, NULL);
	if (!reader_stop(&t->reader, false))
		return false;
	for (unsigned int i = 0; i < SCREENS; i++) {
		if (t->state[i])
			screens[i]->done(t->state[i]);
		free(t->state[i]);
	}
	for (unsigned int i = 0; i < REQUESTS; i++)
		prompt_done(&t->prompt[i]);
	while (t->extra) {
		struct job *job = t->extra;

		t->extra = job->next;
		job->free(job);
	}
	menu_done(&t->menu);
	pager_done(&t->pager);
	canvas_done(&t->canvas);
	return true;
}
