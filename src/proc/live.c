/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The live processes by name, and user names: the only user of libproc2. */
#include "config.h"

#include "proc/live.h"

#include <errno.h>
#include <libproc2/pids.h>
#include <pwd.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"

enum { COMM_MAX = 15 };		/* TASK_COMM_LEN - 1 */

static enum pids_item items[] = { PIDS_ID_PID, PIDS_CMD, PIDS_CMDLINE_V };
enum { ITEM_PID, ITEM_CMD, ITEM_CMDLINE, ITEMS };

#if HAVE_PIDS_VAL_INFO		/* up to procps-ng 4.0.4 */
#define VALUE(i, type, stack, info) PIDS_VAL(i, type, stack, info)
#else
#define VALUE(i, type, stack, info) PIDS_VAL(i, type, stack)
#endif

static bool has_name(const char *name, const char *comm, char *const *argv)
{
	if (strcmp(comm, name) == 0)
		return true;
	if (strlen(name) <= COMM_MAX || strlen(comm) != COMM_MAX ||
	    strncmp(comm, name, COMM_MAX) != 0 || !argv || !argv[0])
		return false;
	return str_eq(str_basename(str_of(argv[0])), str_of(name));
}

static int take(struct pids_stack *stack, struct pids_info *info, const char *name,
		bool with_argv, pid_list *out)
{
	char *const *argv = with_argv ? VALUE(ITEM_CMDLINE, strv, stack, info) : NULL;
	pid_t pid = VALUE(ITEM_PID, s_int, stack, info), *to;

	(void)info;
	if (pid == getpid() || !has_name(name, VALUE(ITEM_CMD, str, stack, info), argv))
		return 0;
	to = vec_push(out);
	if (!to)
		return -ENOMEM;
	*to = pid;
	return 0;
}

int live_find(const char *name, pid_list *out)
{
	/* arguments are read from the process's own memory: not without need */
	bool with_argv = strlen(name) > COMM_MAX;
	struct pids_info *info = NULL;
	struct pids_fetch *all;
	int ret = procps_pids_new(&info, items, with_argv ? ITEMS : ITEM_CMDLINE);

	if (ret < 0)
		return ret;
	all = procps_pids_reap(info, PIDS_FETCH_TASKS_ONLY);
	if (!all)
		ret = errno ? -errno : -EIO;
	for (int i = 0; ret == 0 && i < all->counts->total; i++)
		ret = take(all->stacks[i], info, name, with_argv, out);
	procps_pids_unref(&info);
	if (ret == 0)
		pid_list_sort(out);
	return ret;
}

const char *live_user(uint32_t uid)
{
	const struct passwd *user = getpwuid(uid);

	return user ? user->pw_name : NULL;
}
