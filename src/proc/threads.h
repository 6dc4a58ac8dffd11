/* SPDX-License-Identifier: GPL-3.0-or-later */
/* /proc/PID/task: which address on its own stack each thread has, as far as the kernel tells. */
#ifndef PROC_THREADS_H
#define PROC_THREADS_H

#include <stdint.h>

#include "base/vec.h"
#include "proc/root.h"

enum thread_source {
	THREAD_UNKNOWN,
	/* get_robust_list(2): in glibc the list head is in struct pthread, which lies at the
	 * top of the thread's stack, whoever allocated that. Works for running threads. */
	THREAD_ROBUST_LIST,
	/* task/TID/syscall: the stack pointer of a thread that is blocked. A coroutine's or a
	 * signal stack is possible. */
	THREAD_STACK_POINTER,
};

/* In a captured tree, what get_robust_list(2) said, in hexadecimal: below task/TID. */
#define THREAD_ROBUST_LIST_FILE "robust_list"

struct thread {
	pid_t tid;
	enum thread_source source;
	uint64_t address;
};

typedef VEC(struct thread) thread_list;

/* All threads but the main one (the Tgid of status), whose stack the kernel names itself;
 * ascending by TID. Threads that end meanwhile are left out. 0 or -errno. */
int threads_read(struct process *p, pid_t main_thread, thread_list *out);

/* The address of the head of a live thread's list. 0 or -errno. */
int threads_robust_list(pid_t tid, uint64_t *address);

/* "running", "-1 SP PC" or "NR ARGS... SP PC": gives 0 with *sp, or -ENOENT. */
int threads_parse_syscall(const char *text, size_t len, uint64_t *sp);

#endif
