/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Replays saved inputs through a fuzz target, without libFuzzer: the files and
 * directories given as arguments, or else $top_srcdir/tests/fuzz/corpus/NAME for
 * a program called replay_NAME.
 */
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fuzz.h"

static size_t replayed;

static int fail(const char *what, const char *path)
{
	fprintf(stderr, "%s %s: %s\n", what, path, strerror(errno));
	return -1;
}

/* An exact-size heap copy, so that AddressSanitizer sees a read past the end. */
static int replay_file(const char *path)
{
	struct stat st;
	uint8_t *data = NULL;
	size_t have = 0;
	int fd, rc = -1;

	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return fail("open", path);
	if (fstat(fd, &st) < 0) {
		fail("stat", path);
		goto out;
	}
	data = malloc(st.st_size ? (size_t)st.st_size : 1);
	if (!data) {
		fail("allocate", path);
		goto out;
	}
	while (have < (size_t)st.st_size) {
		ssize_t n = read(fd, data + have, (size_t)st.st_size - have);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			fail("read", path);
			goto out;
		}
		if (n == 0)
			break;
		have += (size_t)n;
	}
	/* Flushed first, so that the log names the input that crashes. */
	printf("%s\n", path);
	fflush(stdout);
	LLVMFuzzerTestOneInput(data, have);
	replayed++;
	rc = 0;
out:
	free(data);
	close(fd);
	return rc;
}

static int skip_dot(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static int replay_path(const char *path)
{
	struct dirent **names = NULL;
	struct stat st;
	int i, n, rc = 0;

	if (stat(path, &st) < 0)
		return fail("stat", path);
	if (!S_ISDIR(st.st_mode))
		return replay_file(path);
	n = scandir(path, &names, skip_dot, alphasort);
	if (n < 0)
		return fail("scan", path);
	for (i = 0; i < n; i++) {
		char *below = NULL;

		if (asprintf(&below, "%s/%s", path, names[i]->d_name) < 0)
			rc = fail("allocate", path);
		else if (replay_path(below) < 0)
			rc = -1;
		free(below);
		free(names[i]);
	}
	free(names);
	return rc;
}

static int replay_corpus(const char *program)
{
	const char *srcdir = getenv("top_srcdir");
	const char *name = strstr(program, "replay_");
	char *path;
	int rc;

	/* The last one: the directories above may be called anything. */
	for (const char *p = name; p; p = strstr(p + 1, "replay_"))
		name = p;
	if (!name) {
		fprintf(stderr, "usage: %s FILE|DIRECTORY...\n", program);
		return -1;
	}
	if (asprintf(&path, "%s/tests/fuzz/corpus/%s", srcdir ? srcdir : ".",
		     name + strlen("replay_")) < 0)
		return fail("allocate", program);
	rc = replay_path(path);
	if (!rc && !replayed) {
		fprintf(stderr, "%s: no input\n", path);
		rc = -1;
	}
	free(path);
	return rc;
}

int main(int argc, char **argv)
{
	static const uint8_t nothing[1];
	int i, rc = 0;

	LLVMFuzzerTestOneInput(nothing, 0);
	if (argc < 2)
		rc = replay_corpus(argv[0]);
	for (i = 1; i < argc; i++)
		if (replay_path(argv[i]) < 0)
			rc = -1;
	printf("%zu inputs replayed\n", replayed);
	return rc ? EXIT_FAILURE : EXIT_SUCCESS;
}
