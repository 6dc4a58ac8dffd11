/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which processes an argument means, and whose they are. */
#include "config.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "app.h"
#include "base/num.h"
#include "proc/live.h"
#include "proc/passwd.h"
#include "proc/stat.h"

/* The kernel keeps 15 bytes of a command name (TASK_COMM_LEN - 1): a longer one is compared with
 * the file name in the first argument. */
static bool has_name(struct process *p, const char *name, struct buf *text)
{
	enum { COMM_MAX = 15 };
	struct str wanted = str_of(name), argument;
	struct stat_pid stat;

	buf_clear(text);
	if (process_read(p, "stat", text) < 0 || stat_parse(text->data, text->len, &stat) < 0)
		return false;
	if (str_eq(stat.comm, wanted))
		return true;
	if (wanted.len <= COMM_MAX || stat.comm.len != COMM_MAX ||
	    memcmp(stat.comm.p, name, COMM_MAX) != 0)
		return false;
	buf_clear(text);
	if (process_read(p, "cmdline", text) < 0 || !buf_string(text))
		return false;
	argument = str_of(text->data);
	return str_eq(str_basename(argument), wanted);
}

/* All processes with exactly this command name, but for this one. */
static int find_by_name(const struct root *root, const char *name, pid_list *out)
{
	pid_list all = { 0 };
	struct buf text;
	int ret = root->live ? live_list(&all) : root_list(root, "proc", &all);

	buf_init(&text);
	for (size_t i = 0; ret == 0 && i < all.n; i++) {
		struct process p;
		pid_t *to;

		if ((root->live && all.v[i] == getpid()) ||
		    root_open_process(root, all.v[i], &p) < 0)
			continue;
		if (has_name(&p, name, &text)) {
			to = vec_push(out);
			if (to)
				*to = all.v[i];
			else
				ret = -ENOMEM;
		}
		process_close(&p);
	}
	buf_done(&text);
	vec_done(&all);
	return ret;
}

bool app_find_target(struct app *app, const char *target, pid_list *out)
{
	struct err e = { 0 };
	uint64_t pid;
	int ret;

	if (num_parse_u64(target, &pid) && pid >= 1 && pid <= INT32_MAX) {
		pid_t *to = vec_push(out);

		if (to)
			*to = (pid_t)pid;
		return false;
	}
	if (*target && target[strspn(target, "0123456789")] == '\0') {
		err_set(&e, -ESRCH, "%s: no such process", target);
	} else if (strchr(target, '/')) {
		err_set(&e, -ESRCH, "%s: is a path; give a process ID or a command name", target);
	} else {
		ret = find_by_name(&app->root, target, out);
		if (ret < 0)
			err_set(&e, ret, "%s: %s", target, strerror(-ret));
		else if (out->n == 0)
			err_set(&e, -ESRCH, "%s: no process of exactly that name", target);
	}
	if (e.code) {
		app_complain(e.text);
		app->failed = true;
	}
	return true;
}

static void read_passwd(struct app *app)
{
	if (!app->passwd_read && root_read(&app->root, "etc/passwd", &app->passwd) < 0)
		buf_clear(&app->passwd);
	app->passwd_read = true;
}

bool app_has_user(struct app *app, const char *name)
{
	uint64_t uid;

	if (num_parse_u64(name, &uid) && uid <= UINT32_MAX)
		return true;
	if (app->root.live)
		return live_has_user(name);
	read_passwd(app);
	return app->passwd.len == 0 || passwd_has(app->passwd.data, app->passwd.len, str_of(name));
}

const char *app_user(struct app *app, uint32_t uid)
{
	struct str name;

	if (app->root.live)
		return live_user(uid);
	read_passwd(app);
	if (!passwd_find(app->passwd.data, app->passwd.len, uid, &name))
		return NULL;
	buf_clear(&app->user);
	buf_add(&app->user, name.p, name.len);
	return buf_string(&app->user);
}
