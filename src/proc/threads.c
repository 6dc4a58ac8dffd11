/* SPDX-License-Identifier: GPL-3.0-or-later */
/* /proc/PID/task: which address on its own stack each thread has, as far as the kernel tells. */
#include "config.h"

#include "proc/threads.h"

#include <errno.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/num.h"
#include "proc/lines.h"

int threads_parse_syscall(const char *text, size_t len, uint64_t *sp)
{
	/* fs/proc/base.c proc_pid_syscall(): the last two words are SP and PC */
	const char *end = text + len, *pc;

	while (end > text && (end[-1] == '\n' || end[-1] == ' '))
		end--;
	pc = memrchr(text, ' ', (size_t)(end - text));
	if (!pc)
		return -ENOENT;
	end = pc;
	pc = memrchr(text, ' ', (size_t)(end - text));
	if (!pc || !num_parse_hex(pc + 1, (size_t)(end - pc - 1), sp) || *sp == 0)
		return -ENOENT;
	return 0;
}

int threads_robust_list(pid_t tid, uint64_t *address)
{
	uintptr_t head = 0;
	size_t size;

	if (syscall(SYS_get_robust_list, tid, &head, &size) < 0)
		return -errno;
	*address = head;
	return head ? 0 : -ENOENT;
}

static void find_address(struct process *p, struct thread *t, struct buf *text)
{
	char path[48];

	if (p->live && threads_robust_list(t->tid, &t->address) == 0) {
		t->source = THREAD_ROBUST_LIST;
		return;
	}
	buf_clear(text);
	snprintf(path, sizeof(path), "task/%d/" THREAD_ROBUST_LIST_FILE, (int)t->tid);
	if (!p->live && process_read(p, path, text) == 0 && text->len &&
	    num_parse_hex(text->data, text->len - (text->data[text->len - 1] == '\n'),
			  &t->address)) {
		t->source = THREAD_ROBUST_LIST;
		return;
	}
	buf_clear(text);
	snprintf(path, sizeof(path), "task/%d/syscall", (int)t->tid);
	if (process_read(p, path, text) == 0 &&
	    threads_parse_syscall(text->data, text->len, &t->address) == 0)
		t->source = THREAD_STACK_POINTER;
}

int threads_read(struct process *p, pid_t main_thread, thread_list *out)
{
	pid_list tids = { 0 };
	struct buf text;
	int ret = process_list(p, "task", &tids);

	buf_init(&text);
	for (size_t i = 0; ret == 0 && i < tids.n; i++) {
		struct thread t = { .tid = tids.v[i] };
		struct thread *to;

		if (t.tid == main_thread)
			continue;
		find_address(p, &t, &text);
		to = vec_push(out);
		if (to)
			*to = t;
		else
			ret = -ENOMEM;
	}
	buf_done(&text);
	vec_done(&tids);
	return ret;
}
