/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Trials that concern other processes: what may be opened, and who forbids it. */
#include "config.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/num.h"
#include "proc/mountinfo.h"
#include "proc/probing.h"
#include "proc/status.h"

/* So many are enough to tell. */
enum { OTHERS_MAX = 200 };

static bool sees_all(const struct probing *p)
{
	return privileges_has(&p->out->privileges, CAPABILITY_SYS_PTRACE) &&
	       p->out->user_namespace == PROBE_NAMESPACE_INITIAL;
}

/* Has it memory, and is it closed to those who have no privilege over it? ptrace(2), "Ptrace access
 * mode checking": the same user, and no capability that we do not have. */
static bool is_other(const struct probing *p, struct process *process, struct buf *text)
{
	const struct privileges *own = &p->out->privileges;
	struct privileges theirs;
	struct status status;

	buf_clear(text);
	if (process_read(process, "status", text) < 0 ||
	    status_parse(text->data, text->len, &status) < 0 ||
	    !status_has(&status, STATUS_VM_SIZE) || status_get(&status, STATUS_TGID) == p->own_pid)
		return false;
	privileges_parse(text->data, text->len, &theirs);
	if (!theirs.has_uid || !own->has_uid)
		return false;
	/* in a user namespace our capabilities are no match for the same ones outside of it */
	if (p->out->user_namespace == PROBE_NAMESPACE_NESTED && theirs.permitted)
		return true;
	return theirs.uid != own->uid || (theirs.permitted & ~own->effective) != 0;
}

/* The kernel looks at our rights when the file is opened: no need to read it. 1 or 0, or -errno
 * when it has just ended. */
static int can_open(const struct process *process, const char *name)
{
	int fd = process_open_file(process, name);

	if (fd >= 0)
		close(fd);
	return fd >= 0 ? 1 : fd == -EACCES || fd == -EPERM ? 0 : fd;
}

int probe_others_find(struct probing *p)
{
	struct others *o = &p->others;
	pid_list pids = { 0 };
	struct buf text;
	int ret = root_list(p->req->root, "proc", &pids);

	if (ret != -ENOMEM)
		ret = 0;
	buf_init(&text);
	for (size_t i = 0; ret == 0 && i < pids.n && o->tried < OTHERS_MAX; i++) {
		struct process process;
		int smaps, pagemap;

		/* often guarded in a way of its own, so it is no measure of the others */
		if (pids.v[i] == 1 || root_open_process(p->req->root, pids.v[i], &process) < 0)
			continue;
		if (is_other(p, &process, &text)) {
			smaps = can_open(&process, "smaps");
			pagemap = can_open(&process, "pagemap");
			if (smaps >= 0 && pagemap != -ESRCH) {
				o->tried++;
				o->smaps += smaps == 1;
				o->pagemap += pagemap == 1;
			}
		}
		process_close(&process);
	}
	buf_done(&text);
	vec_done(&pids);
	return ret;
}

static enum probe_result judge_others(struct probing *p, const char *name, size_t opened,
				      bool enough)
{
	const struct others *o = &p->others;
	enum probe_result result = opened == o->tried ? PROBE_YES :
				   opened ? PROBE_PARTLY : PROBE_NOT_ALLOWED;
	char c;

	if (o->tried == 0 && probe_read(p, "proc/1/status", &c, 1) < 0)
		return probe_found(p, PROBE_NOT_ALLOWED, "other users' processes are hidden");
	if (o->tried == 0 && enough)
		return probe_found(p, PROBE_YES, "has the capabilities; there is no process of "
				   "another user to try it on");
	if (o->tried == 0) {
		p->needs = "a process of another user, to try it on; and for such a process "
			   "CAP_SYS_PTRACE";
		return probe_found(p, PROBE_UNKNOWN, "there is no process of another user to try "
				   "it on");
	}
	if (result != PROBE_YES && enough)
		p->needs = "permission of the security module or user namespace that refuses the "
			   "others";
	else if (result == PROBE_PARTLY)
		p->needs = "CAP_SYS_PTRACE";
	return probe_found(p, result, "%zu of %zu processes of other users or of more privilege "
			   "let their %s be opened", opened, o->tried, name);
}

enum probe_result probe_other_smaps(struct probing *p, const struct probe_feature *f)
{
	(void)f;
	return judge_others(p, "smaps", p->others.smaps, sees_all(p));
}

enum probe_result probe_other_pagemap(struct probing *p, const struct probe_feature *f)
{
	(void)f;
	if (p->pagemap_error == -ENOENT)
		return probe_failed(p, "proc/self/pagemap", -ENOENT);
	if (p->others.tried && p->others.smaps && !p->others.pagemap)
		p->needs = "CAP_DAC_READ_SEARCH";
	return judge_others(p, "pagemap", p->others.pagemap, sees_all(p) &&
			    (privileges_has(&p->out->privileges, CAPABILITY_DAC_READ_SEARCH) ||
			     privileges_has(&p->out->privileges, CAPABILITY_DAC_OVERRIDE)));
}

static int first_name(void *ctx, const char *name)
{
	struct buf *b = ctx;

	if (name[0] == '.' || b->len)
		return 0;
	buf_printf(b, "map_files/%s", name);
	return 0;
}

enum probe_result probe_map_files(struct probing *p, const struct probe_feature *f)
{
	struct buf name;
	int ret;

	buf_init(&name);
	ret = root_each(p->req->root, f->path, "", first_name, &name);
	if (ret == 0 && (!name.len || !buf_string(&name)))
		ret = -ENODATA;
	/* names can be read by who may list them; to follow them is another matter */
	if (ret == 0)
		ret = process_same_file(&p->self, name.data, name.data) == 1 ? 1 : 0;
	buf_done(&name);
	if (ret < 0)
		return probe_failed(p, f->path, ret);
	if (ret == 1)
		return probe_found(p, PROBE_YES, "its links lead to the files");
	p->needs = "CAP_CHECKPOINT_RESTORE (Linux 5.9) or CAP_SYS_ADMIN, in the initial user "
		   "namespace";
	return probe_found(p, PROBE_PARTLY, "its links can be read, but not followed, which would "
			   "tell files that were deleted");
}

enum probe_result probe_thread_stacks(struct probing *p, const struct probe_feature *f)
{
	static const char yama[] = "proc/sys/kernel/yama/ptrace_scope";
	bool privileged = privileges_has(&p->out->privileges, CAPABILITY_SYS_PTRACE);
	char text[256];
	ssize_t n = probe_read(p, f->path, text, sizeof(text));

	if (n < 0)
		return probe_failed(p, f->path, (int)n);
	n = probe_read(p, yama, text, sizeof(text));
	if (n == -ENOENT)
		return probe_found(p, PROBE_YES, "/%s can be read; there is no Yama", f->path);
	if (n < 1)
		return probe_found(p, PROBE_UNKNOWN, "/%s cannot be read", yama);
	probe_found(p, PROBE_YES, "/%s is %c", yama, text[0]);
	if (text[0] == '0' || (text[0] < '3' && privileged))
		return PROBE_YES;
	p->needs = text[0] == '1' || text[0] == '2' ?
		   "CAP_SYS_PTRACE, or /proc/sys/kernel/yama/ptrace_scope set to 0" :
		   "a start of the machine without it: 3 cannot be taken back";
	return probe_found(p, text[0] == '1' ? PROBE_PARTLY : PROBE_NOT_ALLOWED, text[0] == '1' ?
			   ": of its own children only" : ": of no other process");
}

/* The options of the /proc that is on top, as the kernel writes them. */
static bool find_proc_options(const struct probing *p, struct buf *text, struct str *options)
{
	struct lines lines;
	struct mount_line m;
	bool found = false;

	if (root_read(p->req->root, "proc/self/mountinfo", text) < 0)
		return false;
	lines = lines_of(text->data, text->len);
	while (mountinfo_next(&lines, &m))
		if (str_eq(m.type, STR("proc")) && str_eq(m.point, STR("/proc"))) {
			*options = m.options;
			found = true;
		}
	return found;
}

enum probe_result probe_all_processes(struct probing *p, const struct probe_feature *f)
{
	char some[64];
	ssize_t n = probe_read(p, f->path, some, sizeof(some));
	struct str options, value;
	enum probe_result result = PROBE_YES;
	struct buf text;

	buf_init(&text);
	if (n >= 0) {
		probe_found(p, result, "/%s can be read", f->path);
	} else {
		/* there is always a process 1: who can't see it can't see others' either */
		result = PROBE_NOT_ALLOWED;
		probe_found(p, result, "/%s: %s", f->path, strerror((int)-n));
		if (find_proc_options(p, &text, &options) &&
		    mountinfo_option(options, "hidepid", &value))
			probe_found(p, result, "; /proc is mounted with hidepid=%.*s",
				    (int)value.len, value.p);
	}
	buf_clear(&text);
	/* of /proc/PID/ns/pid: PROC_PID_INIT_INO, include/linux/proc_ns.h */
	if (result == PROBE_YES && process_readlink(&p->self, "ns/pid", &text) == 0 &&
	    !str_eq((struct str){ text.data, text.len }, STR("pid:[4026531836]"))) {
		result = PROBE_PARTLY;
		probe_found(p, result, "; in a PID namespace of its own: only what runs in it");
		p->needs = "to be run outside of the container or PID namespace";
	}
	buf_done(&text);
	return result;
}

enum probe_result probe_user_namespace(struct probing *p, const struct probe_feature *f)
{
	switch (p->out->user_namespace) {
	case PROBE_NAMESPACE_INITIAL:
		return probe_found(p, PROBE_YES, "memmap runs in it");
	case PROBE_NAMESPACE_NESTED:
		return probe_found(p, PROBE_NO, "memmap runs in another one: its capabilities "
				   "count only for processes in there");
	case PROBE_NAMESPACE_UNKNOWN:
		break;
	}
	return probe_found(p, PROBE_UNKNOWN, "/%s cannot be read", f->path);
}

enum probe_result probe_security_modules(struct probing *p, const struct probe_feature *f)
{
	const struct others *o = &p->others;
	char text[256];
	ssize_t n = probe_read(p, f->path, text, sizeof(text));
	enum probe_result result = PROBE_UNKNOWN;

	if (sees_all(p) && o->tried > o->smaps) {
		result = o->smaps ? PROBE_PARTLY : PROBE_NOT_ALLOWED;
		p->needs = f->privilege;
		probe_found(p, result, "%zu of %zu processes refuse in spite of CAP_SYS_PTRACE",
			    o->tried - o->smaps, o->tried);
	} else if (sees_all(p) && o->tried) {
		result = PROBE_YES;
		probe_found(p, result, "none of %zu processes refuses", o->tried);
	} else {
		p->needs = sees_all(p) ? "a process of another user, to try it on" :
			   "CAP_SYS_PTRACE, to tell their refusal from the kernel's own";
		probe_found(p, result, "cannot be told");
	}
	while (n > 0 && (text[n - 1] == '\n' || text[n - 1] == '\0'))
		n--;
	if (n > 0)
		probe_found(p, result, "; there are: %.*s", (int)n, text);
	return result;
}

enum probe_result probe_clear_refs(struct probing *p, const struct probe_feature *f)
{
	int ret = root_may_write(p->req->root, f->path);

	if (ret < 0)
		return probe_failed(p, f->path, ret);
	if (privileges_has(&p->out->privileges, CAPABILITY_DAC_OVERRIDE) &&
	    p->out->user_namespace == PROBE_NAMESPACE_INITIAL)
		return probe_found(p, PROBE_YES, "/proc/PID/clear_refs may be written; it was not");
	p->needs = "CAP_DAC_OVERRIDE, for other users' processes";
	return probe_found(p, PROBE_PARTLY, "/proc/PID/clear_refs of its own processes may be "
			   "written; it was not");
}

enum probe_result probe_idle_pages(struct probing *p, const struct probe_feature *f)
{
	int ret = root_may_write(p->req->root, f->path);

	if (ret < 0)
		return probe_failed(p, f->path, ret);
	return probe_found(p, PROBE_YES, "/%s may be written; it was not", f->path);
}
