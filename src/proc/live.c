/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The live processes, and user names: the only user of libproc2. */
#include "config.h"

#include "proc/live.h"

#include <errno.h>
#include <libproc2/pids.h>
#include <pwd.h>

static enum pids_item items[] = { PIDS_ID_PID };

#if HAVE_PIDS_VAL_INFO		/* up to procps-ng 4.0.4 */
#define VALUE(i, type, stack, info) PIDS_VAL(i, type, stack, info)
#else
#define VALUE(i, type, stack, info) PIDS_VAL(i, type, stack)
#endif

int live_list(pid_list *out)
{
	struct pids_info *info = NULL;
	struct pids_fetch *all;
	int ret = procps_pids_new(&info, items, 1);

	if (ret < 0)
		return ret;
	all = procps_pids_reap(info, PIDS_FETCH_TASKS_ONLY);
	if (!all)
		ret = errno ? -errno : -EIO;
	for (int i = 0; ret == 0 && i < all->counts->total; i++) {
		pid_t *pid = vec_push(out);

		if (pid)
			*pid = VALUE(0, s_int, all->stacks[i], info);
		else
			ret = -ENOMEM;
	}
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

bool live_has_user(const char *name)
{
	return getpwnam(name) != NULL;
}
