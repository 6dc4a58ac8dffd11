/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Threads that wait, spin, have no guard page, or run on a stack of their own choice. */
#include "target.h"

#include <pthread.h>
#include <semaphore.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#define OWN_STACK_SIZE MIB(64)

enum work { WORK_FUTEX, WORK_READ, WORK_SLEEP, WORK_SPIN };

struct worker {
	pthread_t thread;
	enum work work;
	pid_t tid;
	void *stack;
	size_t size;
	size_t guard;
};

static sem_t started;
static sem_t never;
static volatile bool stop;

static void worker_describe(struct worker *worker)
{
	pthread_attr_t attr;

	worker->tid = (pid_t)syscall(SYS_gettid);
	if (pthread_getattr_np(pthread_self(), &attr) ||
	    pthread_attr_getstack(&attr, &worker->stack, &worker->size) ||
	    pthread_attr_getguardsize(&attr, &worker->guard))
		target_die("pthread_getattr_np");
	pthread_attr_destroy(&attr);
}

static void *worker_main(void *arg)
{
	struct worker *worker = arg;
	int pipes[2];
	char byte;

	worker_describe(worker);
	if (worker->work == WORK_READ && pipe(pipes))
		target_die("pipe");
	sem_post(&started);
	switch (worker->work) {
	case WORK_FUTEX:
		sem_wait(&never);
		break;
	case WORK_READ:
		if (read(pipes[0], &byte, 1) < 0)
			target_die("read");
		break;
	case WORK_SLEEP:
		pause();
		break;
	case WORK_SPIN:
		setpriority(PRIO_PROCESS, (id_t)worker->tid, 19);
		while (!stop)
			;
		break;
	}
	return NULL;
}

static void worker_start(struct worker *worker, enum work work, pthread_attr_t *attr)
{
	worker->work = work;
	errno = pthread_create(&worker->thread, attr, worker_main, worker);
	if (errno)
		target_die("pthread_create");
	sem_wait(&started);
}

/*
 * glibc counts a default guard outside the range it gives.  The kernel does
 * not say where a running thread's stack pointer is, hence "state".
 */
static void worker_expect(const struct worker *worker, bool guarded)
{
	target_expect(worker->stack, worker->size, "thread-stack", "thread=%d%s",
		      (int)worker->tid,
		      worker->work == WORK_SPIN ? " state=running" : "");
	if (guarded && worker->guard)
		target_expect((char *)worker->stack - worker->guard, worker->guard,
			      "guard", NULL);
}

int main(int argc, char **argv)
{
	size_t count = argc > 1 ? strtoul(argv[1], NULL, 10) : 4;
	struct worker *workers = calloc(count + 3, sizeof(*workers));
	struct worker *spinner = workers + count;
	struct worker *bare = workers + count + 1;
	struct worker *own = workers + count + 2;
	pthread_attr_t attr;

	if (!workers || sem_init(&started, 0, 0) || sem_init(&never, 0, 0))
		target_die("start");
	for (size_t i = 0; i < count; i++)
		worker_start(&workers[i], (enum work)(i % 3), NULL);
	worker_start(spinner, WORK_SPIN, NULL);

	/* Without a guard its lowest page touches whatever lies below it. */
	pthread_attr_init(&attr);
	pthread_attr_setguardsize(&attr, 0);
	worker_start(bare, WORK_FUTEX, &attr);
	pthread_attr_destroy(&attr);

	pthread_attr_init(&attr);
	pthread_attr_setstack(&attr,
			      target_map(OWN_STACK_SIZE, PROT_READ | PROT_WRITE,
					 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1),
			      OWN_STACK_SIZE);
	worker_start(own, WORK_SLEEP, &attr);
	pthread_attr_destroy(&attr);

	for (size_t i = 0; i < count; i++)
		worker_expect(&workers[i], true);
	worker_expect(spinner, true);
	worker_expect(bare, false);
	target_expect(own->stack, own->size, "thread-stack",
		      "thread=%d size=%zu mappings=1", (int)own->tid, OWN_STACK_SIZE);
	target_expect((char *)own->stack - target_page(), target_page(), "guard", NULL);
	printf("fact threads=%zu\n", count + 4);
	target_ready();
	stop = true;
	_exit(0);
}
