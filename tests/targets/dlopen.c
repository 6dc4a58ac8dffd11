/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Libraries loaded at run time, one of them deleted since: dlopen [DIRECTORY]. */
#include "target.h"

#include <dlfcn.h>
#include <fcntl.h>

static const char *const libraries[] = {
	"libz.so.1", "liblzma.so.5", "libzstd.so.1", "libbz2.so.1.0", "libm.so.6",
};

static char *loaded;

static int find_loaded(struct dl_phdr_info *info, size_t size, void *wanted)
{
	(void)size;
	if (!info->dlpi_name || !strstr(info->dlpi_name, wanted))
		return 0;
	loaded = strdup(info->dlpi_name);
	return 1;
}

static int expect_deleted(struct dl_phdr_info *info, size_t size, void *path)
{
	(void)size;
	if (info->dlpi_name && !strcmp(info->dlpi_name, path))
		target_expect_object(info, target_basename(path), "deleted=true");
	return 0;
}

static void copy(const char *from, const char *to)
{
	char block[8192];
	ssize_t n;
	int in = open(from, O_RDONLY | O_CLOEXEC);
	int out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0700);

	if (in < 0 || out < 0)
		target_die(in < 0 ? from : to);
	while ((n = read(in, block, sizeof(block))) > 0)
		if (write(out, block, (size_t)n) != n)
			target_die(to);
	if (n < 0 || close(in) || close(out))
		target_die(from);
}

int main(int argc, char **argv)
{
	char path[4096];

	for (size_t i = 0; !loaded && i < sizeof(libraries) / sizeof(*libraries); i++)
		if (dlopen(libraries[i], RTLD_NOW | RTLD_LOCAL)) {
			snprintf(path, sizeof(path), "%s", libraries[i]);
			dl_iterate_phdr(find_loaded, path);
		}
	if (!loaded)
		target_skip("no library to load");
	if (argc > 1) {
		/* As after an upgrade: the file is gone, the process still runs it. */
		snprintf(path, sizeof(path), "%s/upgraded.so.1", argv[1]);
		copy(loaded, path);
		if (!dlopen(path, RTLD_NOW | RTLD_LOCAL))
			target_skip("the copy of a library cannot be loaded");
		unlink(path);
		dl_iterate_phdr(expect_deleted, path);
	}
	target_expect_objects(target_basename(loaded));
	target_expect_objects("libc.so");
	return target_ready();
}
