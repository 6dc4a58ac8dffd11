/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The thread that reads, so that keys never wait for the kernel. One job at a time. */
#ifndef TUI_READER_H
#define TUI_READER_H

#include <pthread.h>
#include <stdbool.h>

#include "tui/screen.h"

struct reader {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	struct job *job, *finished;
	bool quit, started;
	int done_fd;		/* an eventfd: readable when a job is finished */
};

/* 0 or -errno. */
int reader_start(struct reader *r);
/* Waits for the job that is being read, if wait; else leaves the thread to the program's end. Gives
 * false if the thread still runs. */
bool reader_stop(struct reader *r, bool wait);

bool reader_is_busy(struct reader *r);
/* Takes the job over; only when not busy. */
void reader_give(struct reader *r, struct job *job);
/* The finished job, for the caller to free, or NULL. */
struct job *reader_take(struct reader *r);

/* Runs a job here and now. */
void reader_run(struct job *job);

#endif
