/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Drives the screens without a terminal: words of a script on the command line, the screen as text
 * on stdout. For tests; is not installed.
 *
 *   drive [OPTION]... -s DIR [PID] -- WIDTHxHEIGHT WORD...
 *
 * Options are memmap's. WORD is a request's name (see tui/request.c), text:STRING typed,
 * key:enter|esc|tab|space|up|..., size:WxH, click:X,Y, or dump.
 */
#include "config.h"

#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "options.h"
#include "tui/tui.h"

static int die(const char *what)
{
	fprintf(stderr, "drive: %s\n", what);
	return 2;
}

/* "80x24", "3,4". */
static bool two_numbers(const char *text, char between, int *a, int *b)
{
	const char *end = text + strlen(text);
	uint64_t x, y;

	if (!num_scan_u64(&text, end, &x) || *text++ != between ||
	    !num_scan_u64(&text, end, &y) || text != end || x > 1000 || y > 1000)
		return false;
	*a = (int)x;
	*b = (int)y;
	return true;
}

static uint32_t find_key(const char *name)
{
	static const struct {
		const char *name;
		uint32_t key;
	} keys[] = {
		{ "enter", TKEY_ENTER }, { "esc", TKEY_ESC }, { "tab", TKEY_TAB },
		{ "space", ' ' }, { "up", TKEY_UP }, { "down", TKEY_DOWN },
		{ "left", TKEY_LEFT }, { "right", TKEY_RIGHT }, { "home", TKEY_HOME },
		{ "end", TKEY_END }, { "backspace", TKEY_BACKSPACE },
		{ "page-down", TKEY_PAGE_DOWN }, { "page-up", TKEY_PAGE_UP },
	};

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (strcmp(keys[i].name, name) == 0)
			return keys[i].key;
	return name[0] && !name[1] ? (uint32_t)(unsigned char)name[0] : 0;
}

static void dump(struct tui *t)
{
	struct buf b;

	buf_init(&b);
	tui_draw(t);
	terminal_dump(&t->terminal, &b);
	if (b.len)
		fwrite(b.data, 1, b.len, stdout);
	buf_done(&b);
}

/* False for a word that means nothing. */
static bool play(struct tui *t, const char *word)
{
	int a, b;

	if (strcmp(word, "dump") == 0) {
		dump(t);
	} else if (strncmp(word, "text:", 5) == 0) {
		struct str s = str_of(word + 5);

		for (size_t at = 0; at < s.len;)
			tui_key(t, (uint32_t)text_next(s, &at));
	} else if (strncmp(word, "key:", 4) == 0) {
		if (!find_key(word + 4))
			return false;
		tui_key(t, find_key(word + 4));
	} else if (strncmp(word, "size:", 5) == 0) {
		if (!two_numbers(word + 5, 'x', &a, &b))
			return false;
		terminal_resize(&t->terminal, a, b);
	} else if (strncmp(word, "click:", 6) == 0) {
		if (!two_numbers(word + 6, ',', &a, &b))
			return false;
		t->mouse_x = a;
		t->mouse_y = b;
		tui_key(t, TKEY_CLICK);
	} else if (request_find(word)) {
		t->message[0] = '\0';
		tui_request(t, request_find(word));
	} else {
		return false;
	}
	tui_settle(t);
	tui_draw(t);
	return true;
}

static int drive(struct tui_request *req, char **word, int words)
{
	struct tui t;
	struct err e = { 0 };
	int status = 0;

	if (tui_open(&t, req, &e) < 0) {
		tui_close(&t);
		return die(e.text);
	}
	tui_settle(&t);
	tui_draw(&t);
	for (int i = 0; i < words && status == 0 && !t.quit; i++)
		if (!play(&t, word[i]))
			status = die(word[i]);
	tui_close(&t);
	return status;
}

int main(int argc, char **argv)
{
	struct tui_request req = { .scripted = true };
	struct machine machine;
	struct huge_machine huge;
	struct options o;
	struct root root;
	struct err e = { 0 };
	uint64_t pid = 0;
	int words = 0, status;
	FILE *null = fopen("/dev/null", "r+");

	setlocale(LC_CTYPE, "");
	while (words < argc && strcmp(argv[words], "--") != 0)
		words++;
	if (!null || words + 1 >= argc ||
	    !two_numbers(argv[words + 1], 'x', &req.terminal.width, &req.terminal.height))
		return die("usage: drive [OPTION]... -s DIR [PID] -- WIDTHxHEIGHT WORD...");
	if (options_parse(words, argv, &o, &e) < 0)
		return die(e.text);
	if (o.targets && !num_parse_u64(o.target[0], &pid))
		return die("not a PID");
	if (root_open(&root, o.sysroot, &e) < 0)
		return die(e.text);
	machine_read(&root, false, &machine);
	req.root = &root;
	req.machine = &machine;
	req.huge = huge_machine_read(&root, &huge) == 0 ? &huge : NULL;
	req.request = &o.request;
	req.style.utf8 = !o.ascii && strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
	req.pid = (pid_t)pid;
	req.terminal.in = req.terminal.out = null;
	req.terminal.color = o.color == COLOR_NEVER ? COLOR_NONE : COLOR_256;
	status = drive(&req, argv + words + 2, argc - words - 2);
	machine_done(&machine);
	huge_machine_done(&huge);
	root_close(&root);
	options_done(&o);
	fclose(null);
	return status;
}
