/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The thread that reads, so that keys never wait for the kernel. */
#include "config.h"

#include "tui/reader.h"

#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/clock.h"

void reader_run(struct job *job)
{
	double from = clock_seconds();

	job->read(job);
	job->seconds = clock_seconds() - from;
}

static void *loop(void *arg)
{
	struct reader *r = arg;
	const uint64_t one = 1;

	pthread_mutex_lock(&r->lock);
	while (!r->quit) {
		struct job *job = r->job;

		if (!job || r->finished) {
			pthread_cond_wait(&r->wake, &r->lock);
			continue;
		}
		pthread_mutex_unlock(&r->lock);
		reader_run(job);
		pthread_mutex_lock(&r->lock);
		r->job = NULL;
		r->finished = job;
		if (write(r->done_fd, &one, sizeof(one)) < 0)
			r->quit = true;		/* cannot be: the counter is 0 or 1 */
	}
	pthread_mutex_unlock(&r->lock);
	return NULL;
}

int reader_start(struct reader *r)
{
	sigset_t all, old;
	int ret;

	*r = (struct reader){ .done_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK) };
	if (r->done_fd < 0)
		return -errno;
	pthread_mutex_init(&r->lock, NULL);
	pthread_cond_init(&r->wake, NULL);
	sigfillset(&all);	/* signals are for the main thread */
	pthread_sigmask(SIG_SETMASK, &all, &old);
	ret = -pthread_create(&r->thread, NULL, loop, r);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	r->started = ret == 0;
	return ret;
}

bool reader_stop(struct reader *r, bool wait)
{
	bool busy;

	if (!r->started)
		return true;
	pthread_mutex_lock(&r->lock);
	busy = r->job != NULL;
	r->quit = true;
	pthread_cond_signal(&r->wake);
	pthread_mutex_unlock(&r->lock);
	if (busy && !wait) {
		pthread_detach(r->thread);
		return false;
	}
	pthread_join(r->thread, NULL);
	if (r->job)
		r->job->free(r->job);
	if (r->finished)
		r->finished->free(r->finished);
	pthread_cond_destroy(&r->wake);
	pthread_mutex_destroy(&r->lock);
	close(r->done_fd);
	r->started = false;
	return true;
}

bool reader_is_busy(struct reader *r)
{
	bool busy;

	pthread_mutex_lock(&r->lock);
	busy = r->job || r->finished;
	pthread_mutex_unlock(&r->lock);
	return busy;
}

void reader_give(struct reader *r, struct job *job)
{
	pthread_mutex_lock(&r->lock);
	r->job = job;
	pthread_cond_signal(&r->wake);
	pthread_mutex_unlock(&r->lock);
}

struct job *reader_take(struct reader *r)
{
	struct job *job;
	uint64_t count;

	pthread_mutex_lock(&r->lock);
	job = r->finished;
	r->finished = NULL;
	if (job && read(r->done_fd, &count, sizeof(count)) < 0)
		job->seconds += 0;	/* it was read before */
	pthread_mutex_unlock(&r->lock);
	return job;
}
