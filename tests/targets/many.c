/* SPDX-License-Identifier: GPL-3.0-or-later */
/* As many mappings as asked for: many [COUNT [anon|file [POPULATED [DIRECTORY]]]]. */
#include "target.h"

#include <fcntl.h>

/* A file of SIZE zero bytes that goes away with this process. */
static int file_open(const char *directory, size_t size)
{
	char path[4096];
	int fd;

	snprintf(path, sizeof(path), "%s/many-%d", directory, (int)getpid());
	fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0 || ftruncate(fd, (off_t)size))
		target_die(path);
	return fd;
}

int main(int argc, char **argv)
{
	size_t count = argc > 1 ? strtoul(argv[1], NULL, 10) : 65000;
	bool file = argc > 2 && !strcmp(argv[2], "file");
	size_t populated = argc > 3 ? strtoul(argv[3], NULL, 10) : 0;
	const char *directory = argc > 4 ? argv[4] : "/tmp";
	size_t page = target_page();
	int fd = file ? file_open(directory, count * page) : -1;
	char *p =
		target_map(count * page, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | (file ? 0 : MAP_ANONYMOUS | MAP_NORESERVE), fd);

	if (madvise(p, count * page, MADV_NOHUGEPAGE) && errno != EINVAL)
		target_die("madvise");
	for (size_t i = 0; i < populated && i < count; i++)
		p[i * page] = 1;
	/* Neighbours with other permissions do not merge. */
	for (size_t i = 1; i < count; i += 2)
		if (mprotect(p + i * page, page, PROT_READ))
			target_die("mprotect (vm.max_map_count?)");
	target_expect(p, count * page, file ? "file" : "anon",
		      "mappings=%zu size=%zu rss=%zu", count, count * page,
		      (populated < count ? populated : count) * page);
	target_ready();
	if (file) {
		char path[4096];

		snprintf(path, sizeof(path), "%s/many-%d", directory, (int)getpid());
		unlink(path);
	}
	return 0;
}
