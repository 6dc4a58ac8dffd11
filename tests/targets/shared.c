/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Shared memory of every sort, and files with names that break parsers: shared [DIRECTORY]. */
#include "target.h"

#include <fcntl.h>
#include <limits.h>
#include <sys/ipc.h>
#include <sys/prctl.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#define SIZE KIB(256)
#define TOUCHED KIB(64)
#define RW (PROT_READ | PROT_WRITE)

/* A file name may hold any byte but the slash. */
static const char *const names[] = {
	"plain",
	"with blank",
	"two  blanks",
	" leading and trailing ",
	"tab\there",
	"sz 12 kB",
	"Rss: 12 kB",
	"VmFlags: rd wr",
	"00400000-00401000 r-xp 00000000 00:00 0 x",
	"[heap]",
	"esc\033[31mred\033[0m",
	"title\033]0;owned\007",
	"return\roverwritten",
	"del\177",
	"c1\xc2\x9b"
	"31m",
	"bad\xff\xfeutf8",
	"cut\xe2\x82",
	"overlong\xc0\xaf",
	"surrogate\xed\xa0\x80",
	"beyond\xf4\x90\x80\x80",
	"euro\xe2\x82\xac \xf0\x9f\x92\xbe",
	"combining e\xcc\x81",
	"right-to-left\xe2\x80\xae"
	"txt.exe",
	"new\nline",
	"lit\\012esc",
	"both\\012and\n",
	"back\\slash",
	"quote\"and'",
	"\\x41",
	"%s%n%1000000000d",
	"really there (deleted)",
	"lib.so.6",
};

static char directory[PATH_MAX];

static int file_create(int dir, const char *name)
{
	int fd = openat(dir, name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0 || ftruncate(fd, (off_t)SIZE))
		target_die(name);
	return fd;
}

static void expect_file(const char *name, int prot, int flags, const char *rest)
{
	char path[PATH_MAX + 512], keys[128];
	int dir = open(directory, O_PATH | O_CLOEXEC);
	int fd = file_create(dir, name);
	char *p = target_map(SIZE, prot, flags, fd);

	if (prot & PROT_WRITE)
		target_touch(p, SIZE);
	else
		target_read(p, SIZE);
	snprintf(path, sizeof(path), "%s/%s", directory, name);
	snprintf(keys, sizeof(keys), "rss=%zu size=%zu mappings=1 %s", SIZE, SIZE, rest);
	target_expect_path(p, SIZE, "file", path, keys);
	close(fd);
	close(dir);
}

static void expect_names(void)
{
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		expect_file(names[i], PROT_READ, MAP_SHARED, "deleted=false perms=r--s");
	expect_file("shared", RW, MAP_SHARED, "deleted=false perms=rw-s");
	expect_file("private", RW, MAP_PRIVATE,
		    "deleted=false perms=rw-p anonymous=262144");
}

/* Deleted; deleted with a name that says so already; replaced by another file. */
static void expect_deleted(void)
{
	static const char *const gone[] = { "gone", "gone too (deleted)", "gone\nagain" };
	char path[PATH_MAX + 512];

	for (size_t i = 0; i < sizeof(gone) / sizeof(*gone); i++) {
		expect_file(gone[i], PROT_READ, MAP_SHARED, "deleted=true");
		snprintf(path, sizeof(path), "%s/%s", directory, gone[i]);
		if (unlink(path))
			target_die(path);
	}
	expect_file("replaced", PROT_READ, MAP_SHARED, "deleted=true");
	snprintf(path, sizeof(path), "%s/replaced", directory);
	if (unlink(path))
		target_die(path);
	close(file_create(AT_FDCWD, path));
}

/* A file below so many directories that its path has about LENGTH bytes. */
static void expect_deep(const char *top, size_t length)
{
	char *path = calloc(1, length + PATH_MAX + 512);
	char part[201];
	int dir = open(directory, O_PATH | O_CLOEXEC);
	int fd;
	char *p;

	if (!path || dir < 0)
		target_die(directory);
	memset(part, 'd', sizeof(part) - 1);
	part[sizeof(part) - 1] = '\0';
	sprintf(path, "%s", directory);
	for (const char *name = top; strlen(path) + sizeof(part) + 5 < length;
	     name = part) {
		int next;

		if (mkdirat(dir, name, 0700))
			target_die("mkdirat");
		next = openat(dir, name, O_PATH | O_CLOEXEC);
		if (next < 0)
			target_die("openat");
		close(dir);
		dir = next;
		strcat(strcat(path, "/"), name);
	}
	fd = file_create(dir, "deep");
	strcat(path, "/deep");
	p = target_map(SIZE, PROT_READ, MAP_SHARED, fd);
	target_expect_path(p, SIZE, "file", path, "deleted=false mappings=1");
	close(fd);
	close(dir);
	free(path);
}

static void expect_shm(void)
{
	char name[64], path[80];
	int id = shmget(IPC_PRIVATE, SIZE, IPC_CREAT | 0600);
	int fd;
	char *p;

	if (id < 0)
		target_die("shmget");
	p = shmat(id, NULL, 0);
	/* Marked now, it goes away with the last process that has it. */
	shmctl(id, IPC_RMID, NULL);
	if (p == (void *)-1)
		target_die("shmat");
	target_touch(p, TOUCHED);
	target_expect(p, SIZE, "shm", "rss=%zu size=%zu mappings=1 inode=%d", TOUCHED,
		      SIZE, id);

	snprintf(name, sizeof(name), "/memmap-target-%d", (int)getpid());
	fd = shm_open(name, O_RDWR | O_CREAT | O_EXCL, 0600);
	if (fd < 0 || ftruncate(fd, (off_t)SIZE))
		target_die("shm_open");
	p = target_map(SIZE, RW, MAP_SHARED, fd);
	target_touch(p, TOUCHED);
	snprintf(path, sizeof(path), "/dev/shm%s", name);
	target_expect_path(p, SIZE, "shm", path, "rss=65536 mappings=1 perms=rw-s");
	close(fd);

	p = target_map(SIZE, RW, MAP_SHARED | MAP_ANONYMOUS, -1);
	target_touch(p, TOUCHED);
	target_expect(p, SIZE, "shm", "rss=%zu mappings=1 perms=rw-s", TOUCHED);

	fd = open("/dev/zero", O_RDWR | O_CLOEXEC);
	if (fd < 0)
		target_die("/dev/zero");
	p = target_map(SIZE, RW, MAP_SHARED, fd);
	target_touch(p, TOUCHED);
	target_expect(p, SIZE, "shm", "rss=%zu mappings=1 perms=rw-s", TOUCHED);
	/* A private mapping of it has a file's name and is anonymous memory all the same. */
	p = target_map(SIZE, RW, MAP_PRIVATE, fd);
	target_touch(p, TOUCHED);
	target_expect(p, SIZE, "anon", "rss=%zu anonymous=%zu mappings=1 perms=rw-p",
		      TOUCHED, TOUCHED);
	close(fd);
}

static void expect_memfd(const char *name)
{
	char path[300];
	int fd = memfd_create(name, MFD_CLOEXEC);
	char *p;

	if (fd < 0 || ftruncate(fd, (off_t)SIZE))
		target_die("memfd_create");
	p = target_map(SIZE, RW, MAP_SHARED, fd);
	target_touch(p, TOUCHED);
	snprintf(path, sizeof(path), "/memfd:%s", name);
	target_expect_path(p, SIZE, "memfd", path, "rss=65536 mappings=1 perms=rw-s");
	p = target_map(SIZE, RW, MAP_PRIVATE, fd);
	target_touch(p, TOUCHED);
	target_expect_path(p, SIZE, "memfd", path, "rss=65536 mappings=1 perms=rw-p");
	close(fd);
}

/* The ring of asynchronous I/O: named like a deleted file in the root directory. */
static void expect_other(void)
{
	unsigned long context = 0;

	if (syscall(SYS_io_setup, 8u, &context))
		return;
	target_expect((void *)target_floor(context), target_page(), "other",
		      "mappings=1");
}

int main(int argc, char **argv)
{
	char template[] = "/tmp/memmap-target-XXXXXX";
	const char *wanted = argc > 1 ? argv[1] : mkdtemp(template);
	/* Fields of stat(5) follow the name in brackets. */
	const char *comm = "a) R 1\n\033[1m\xff";
	char name[64];

	if (!wanted || !realpath(wanted, directory))
		target_die("directory");
	prctl(PR_SET_NAME, comm);
	expect_shm();
	expect_memfd("plain");
	expect_memfd("");
	expect_memfd("evil\n\033[2J\xff (deleted)");
	expect_memfd("a/b");
	expect_names();
	expect_deleted();
	expect_deep("long", 4000);
	expect_deep("longer", 9000);
	expect_other();
	printf("fact ");
	target_print_name("name", comm);
	putchar('\n');
	target_ready();
	snprintf(name, sizeof(name), "/memmap-target-%d", (int)getpid());
	shm_unlink(name);
	return 0;
}
