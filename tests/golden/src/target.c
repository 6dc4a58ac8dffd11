// SPDX-License-Identifier: GPL-3.0-or-later
// Makes a mapping of every kind memmap tells apart, writes what it knows about each, and sleeps.
//
// Usage: target FACTS [FEATURE...]
//   FACTS     file that receives the facts; it is complete once its last line is "ready"
//   FEATURE   threads shm memfd hugetlb jit reserve thp hostile device high adjacent numa swap
//
// A fact is one line: "kind START KIND", "thread START TID", "written START BYTES" (at least that
// much was written by this program), "path_hex START HEX" (the name of the file as it was created),
// "policy START POLICY" (as numa_maps should spell it).
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <linux/memfd.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef MAP_FIXED_NOREPLACE
#define MAP_FIXED_NOREPLACE 0x100000
#endif
#ifndef MADV_GUARD_INSTALL
#define MADV_GUARD_INSTALL 102
#endif
#ifndef MADV_PAGEOUT
#define MADV_PAGEOUT 21
#endif
#ifndef MAP_DROPPABLE
#define MAP_DROPPABLE 0x08
#endif
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define MIB (1024 * 1024UL)
#define HEAP_SIZE (100 * 1024)	// below the size from which malloc uses mmap
#define WORKDIR "/tmp/golden"

struct fact {
	uintptr_t addr;		// anywhere in the mapping
	const char *kind;	// or NULL
	pid_t tid;		// or 0
	size_t written;		// bytes, or 0
	char *path;		// or NULL
	const char *policy;	// or NULL
};

static struct fact facts[128];
static size_t n_facts;
static size_t page;

static char big_bss[1024 * 1024];
static int some_data[4096] = { 1, 2, 3 };
static const int some_rodata[4096] = { 4, 5, 6 };
extern ElfW(Dyn) _DYNAMIC[] __attribute__((weak));

static struct fact *know(const volatile void *addr, const char *kind)
{
	struct fact *f = &facts[n_facts++];

	if (n_facts > ARRAY_SIZE(facts))
		abort();
	*f = (struct fact){ .addr = (uintptr_t)addr, .kind = kind };
	return f;
}

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static size_t touch(void *addr, size_t pages)
{
	for (size_t i = 0; i < pages; i++)
		((volatile char *)addr)[i * page] = 1;
	return pages * page;
}

// A mapping with an inaccessible page on both sides, so that it never merges with another.
static void *alone(size_t len, int prot, int flags, int fd)
{
	char *area = mmap(NULL, len + 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (area == MAP_FAILED)
		die("mmap");
	return mmap(area + page, len, prot, flags | MAP_FIXED, fd, 0);
}

static int wants(int argc, char **argv, const char *feature)
{
	for (int i = 2; i < argc; i++)
		if (!strcmp(argv[i], feature))
			return 1;
	return 0;
}

// ---- threads ----

struct worker {
	const char *name;
	void *(*run)(void *);
	void *stack;
	size_t stack_size;
	pthread_t thread;
	pid_t tid;
	void *sp;
};

static sem_t started;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t never = PTHREAD_COND_INITIALIZER;

static void announce(struct worker *w)
{
	w->tid = syscall(SYS_gettid);
	w->sp = __builtin_frame_address(0);
	prctl(PR_SET_NAME, w->name);
	sem_post(&started);
}

static void *run_sleep(void *arg)
{
	announce(arg);
	for (;;)
		sleep(100000);
	return NULL;
}

static void *run_wait(void *arg)
{
	announce(arg);
	pthread_mutex_lock(&lock);
	for (;;)
		pthread_cond_wait(&never, &lock);
	return NULL;
}

static void *run_read(void *arg)
{
	int fd[2];
	char c[64 * 1024];

	touch(c, sizeof(c) / page);
	if (pipe(fd))
		die("pipe");
	announce(arg);
	return (void *)(intptr_t)read(fd[0], c, sizeof(c));
}

static void *run_spin(void *arg)
{
	announce(arg);
	for (volatile unsigned long i = 0;; i++)
		;
	return NULL;
}

static void start_threads(void)
{
	static struct worker workers[] = {
		{ .name = "sleeper", .run = run_sleep },
		{ .name = "w) R (1 2", .run = run_wait },
		{ .name = "reader", .run = run_read, .stack_size = 256 * 1024 },
		{ .name = "spinner", .run = run_spin },
	};

	sem_init(&started, 0, 0);
	for (size_t i = 0; i < ARRAY_SIZE(workers); i++) {
		struct worker *w = &workers[i];
		pthread_attr_t attr;

		pthread_attr_init(&attr);
		if (w->stack_size) {
			w->stack = alone(w->stack_size, PROT_READ | PROT_WRITE,
					 MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1);
			pthread_attr_setstack(&attr, w->stack, w->stack_size);
		}
		if (pthread_create(&w->thread, &attr, w->run, w))
			die("pthread_create");
		sem_wait(&started);
		know(w->sp, "thread-stack")->tid = w->tid;
	}
}

// ---- shared memory, memfd, huge pages ----

static void make_shm(void)
{
	int id, fd;
	char *p;

	id = shmget(0x00c0ffee, 64 * page, IPC_CREAT | 0600);
	p = id < 0 ? (void *)-1 : shmat(id, NULL, 0);
	if (p != (void *)-1) {
		shmctl(id, IPC_RMID, NULL);
		know(p, "shm")->written = touch(p, 3);
	}
	fd = shm_open("/golden shm", O_RDWR | O_CREAT, 0600);
	if (fd >= 0 && !ftruncate(fd, 32 * page)) {
		p = alone(32 * page, PROT_READ | PROT_WRITE, MAP_SHARED, fd);
		know(p, "shm")->written = touch(p, 5);
		close(fd);
	}
	p = alone(128 * page, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1);
	know(p, "shm")->written = touch(p, 7);
}

static void make_memfd(void)
{
	int fd = syscall(SYS_memfd_create, "golden cache", MFD_CLOEXEC);
	char *p;

	if (fd < 0 || ftruncate(fd, 16 * page))
		die("memfd_create");
	p = alone(16 * page, PROT_READ | PROT_WRITE, MAP_SHARED, fd);
	know(p, "memfd")->written = touch(p, 2);
	p = alone(16 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd);
	know(p, "memfd")->written = touch(p, 1);
	fd = syscall(SYS_memfd_create, "", MFD_CLOEXEC);
	if (fd >= 0 && !ftruncate(fd, page))
		know(alone(page, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd), "memfd");
}

static size_t huge_page_size(void)
{
	FILE *in = fopen("/proc/meminfo", "r");
	char line[256];
	size_t kib = 0;

	while (in && fgets(line, sizeof(line), in))
		if (sscanf(line, "Hugepagesize: %zu kB", &kib) == 1)
			break;
	if (in)
		fclose(in);
	return kib ? kib * 1024 : 2 * MIB;
}

static void make_hugetlb(void)
{
	size_t huge = huge_page_size();
	char *p;
	int id;

	p = mmap(NULL, 4 * huge, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0);
	if (p == MAP_FAILED) {
		perror("hugetlb");
		return;
	}
	for (int i = 0; i < 3; i++)
		p[i * huge] = 1;
	know(p, "hugetlb")->written = 3 * huge;
	id = shmget(IPC_PRIVATE, 2 * huge, IPC_CREAT | SHM_HUGETLB | 0600);
	p = id < 0 ? (void *)-1 : shmat(id, NULL, 0);
	if (p != (void *)-1) {
		shmctl(id, IPC_RMID, NULL);
		p[0] = 1;
		know(p, "hugetlb")->written = huge;
	}
}

// ---- anonymous memory ----

static void make_jit(void)
{
	char *p = alone(16 * page, PROT_READ | PROT_WRITE | PROT_EXEC,
			MAP_PRIVATE | MAP_ANONYMOUS, -1);

	know(p, "jit")->written = touch(p, 4);
	p = alone(8 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	touch(p, 8);
	if (mprotect(p, 8 * page, PROT_READ | PROT_EXEC))
		die("mprotect");
	know(p, "jit")->written = 8 * page;
}

static void make_anon(void)
{
	char *p = alone(75 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	volatile char sum = 0;

	touch(p, 11);
	mlock(p, 2 * page);	// makes two mappings of it
	know(p, "anon")->written = 2 * page;
	know(p + 2 * page, "anon")->written = 9 * page;
	// never written: only the zero page is there, nothing counts as resident
	p = alone(50 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	for (size_t i = 0; i < 50; i++)
		sum += p[i * page];
	know(p, "anon");
	p = alone(25 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	touch(p, 25);
	madvise(p, 10 * page, MADV_FREE);
	know(p, "anon");
	p = alone(20 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	touch(p, 20);
	madvise(p + 8 * page, 4 * page, MADV_GUARD_INSTALL);
	know(p, "anon");
	p = alone(20 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	madvise(p, 20 * page, MADV_DONTFORK);
	madvise(p, 20 * page, MADV_DONTDUMP);
	know(p, "anon")->written = touch(p, 6);
	p = mmap(NULL, 15 * page, PROT_READ | PROT_WRITE, MAP_DROPPABLE | MAP_ANONYMOUS, -1, 0);
	if (p != MAP_FAILED)
		touch(p, 1);
	// written first, made inaccessible later: stays resident
	p = mmap(NULL, 12 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	touch(p, 12);
	mprotect(p, 12 * page, PROT_NONE);
	know(p, "guard");
}

static void make_thp(void)
{
	char *p = mmap(NULL, 8 * MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *start = (char *)(((uintptr_t)p + 2 * MIB - 1) & ~(2 * MIB - 1));

	if (p == MAP_FAILED)
		die("thp");
	madvise(start, 4 * MIB, MADV_HUGEPAGE);
	know(start, "anon")->written = touch(start, 4 * MIB / page);
}

// Memory policies by their numbers: the header with their names is libnuma's.
static void make_numa(void)
{
	static const struct {
		int mode;
		unsigned long nodes;
		const char *policy;
	} wanted[] = {
		{ 1, 2, "prefer:1" },
		{ 2, 2, "bind:1" },
		{ 3, 3, "interleave:0-1" },
		{ 4, 0, "local" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(wanted); i++) {
		unsigned long nodes = wanted[i].nodes;
		char *p = alone(64 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
		struct fact *f;

		if (syscall(SYS_mbind, p, 64 * page, wanted[i].mode, nodes ? &nodes : NULL,
			    nodes ? 64UL : 0UL, 0))
			die("mbind");
		f = know(p, "anon");
		f->written = touch(p, 40);
		f->policy = wanted[i].policy;
	}
}

// Needs a swap area; how much the kernel really moves out is its own choice.
static void make_swap(void)
{
	char *p = alone(256 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);

	know(p, "anon")->written = touch(p, 256);
	madvise(p, 200 * page, MADV_PAGEOUT);
	p = alone(128 * page, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1);
	know(p, "shm")->written = touch(p, 128);
	madvise(p, 100 * page, MADV_PAGEOUT);
}

static void make_reserve(void)
{
#if UINTPTR_MAX > UINT32_MAX
	void *hint = (void *)0x200000000000;
	void *p = mmap(hint, 20UL << 40, PROT_NONE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);

	if (p == MAP_FAILED)
		die("reserve");
	know(p, "guard");
#endif
}

static void make_high(void)
{
#if UINTPTR_MAX > UINT32_MAX
	char *hint[] = { (char *)0x800000000000, (char *)0x12345678900000,
			 (char *)0xf000000000000, (char *)0xffffffff000000 };

	for (size_t i = 0; i < ARRAY_SIZE(hint); i++) {
		char *p = mmap(hint[i], 1 * MIB, PROT_READ | PROT_WRITE,
			       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		if (p == hint[i])
			know(p, "anon")->written = touch(p, 10 + i);
		else
			munmap(p, 1 * MIB);
	}
#endif
}

// ---- files ----

static int make_file(const char *path, size_t len)
{
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);

	if (fd < 0 || ftruncate(fd, len))
		die(path);
	return fd;
}

static void map_name(const char *name, int delete)
{
	char *path = NULL;
	int fd;
	void *p;

	if (asprintf(&path, "%s/%s", WORKDIR, name) < 0)
		abort();
	fd = make_file(path, page);
	p = alone(page, PROT_READ, MAP_SHARED, fd);
	know(p, "file")->path = path;
	close(fd);
	if (delete)
		unlink(path);
}

// A path longer than PATH_MAX, reached by walking.
static void map_long_path(void)
{
	char part[201], path[8192] = WORKDIR;
	int dir = open(WORKDIR, O_RDONLY | O_DIRECTORY), fd;

	memset(part, 'p', 200);
	part[200] = 0;
	for (int i = 0; i < 21; i++) {
		part[0] = 'a' + i;
		mkdirat(dir, part, 0700);
		fd = openat(dir, part, O_RDONLY | O_DIRECTORY);
		close(dir);
		dir = fd;
		strcat(strcat(path, "/"), part);
	}
	fd = openat(dir, "end", O_RDWR | O_CREAT, 0600);
	if (fd < 0 || ftruncate(fd, page))
		die("long path");
	know(alone(page, PROT_READ, MAP_PRIVATE, fd), "file")->path = strdup(strcat(path, "/end"));
	close(fd);
	close(dir);
}

static void make_hostile(void)
{
	static const char *const names[] = {
		"new\nline.bin",
		"lit\\012esc.bin",
		"two\n\nRss:            99999 kB",
		"sz 12 kB",
		"Rss:               4 kB",
		" leading and trailing ",
		"tab\there",
		"esc\033[31mred\033]0;title\a",
		"cr\rover",
		"bad\xff\xfe\xc3(utf8",
		"c1\xc2\x9b" "csi",
		"wide \xe6\x97\xa5\xe6\x9c\xac e\xcc\x81 \xe2\x80\xae" "rtl",
		"really there (deleted)",
		"7f0000000000-7f0000001000 rw-p 00000000 00:00 0 [heap]",
		"[stack]",
		"quote\"back\\slash'`$(id)",
		"VmFlags: rd wr",
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		map_name(names[i], 0);
	map_name("gone", 1);
	map_name("gone too (deleted)", 1);
	map_long_path();
	prctl(PR_SET_NAME, "tgt) S 1 (\n");
}

// An anonymous mapping right behind a writable private data file is no bss: the file is no ELF.
static void make_adjacent(void)
{
	int fd = make_file(WORKDIR "/table.dat", 4 * page);
	char *p = alone(12 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1);

	p = mmap(p, 4 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED, fd, 0);
	know(p, "file")->written = touch(p, 2);
	p = mmap(p + 4 * page, 4 * page, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	know(p, "anon")->written = touch(p, 3);
	close(fd);
	unlink(WORKDIR "/table.dat");
}

static void make_device(void)
{
	int fd = open("/dev/mem", O_RDONLY);
	void *p = fd < 0 ? MAP_FAILED : mmap(NULL, page, PROT_READ, MAP_SHARED, fd, 0xf0000);

	if (p != MAP_FAILED)
		know(p, "device");
}

// ---- what the program itself is made of ----

static void know_self(void)
{
	char *heap = malloc(HEAP_SIZE);
	ElfW(Dyn) *dynamic = _DYNAMIC;

	know((void *)(uintptr_t)know_self, "text");
	know(&some_rodata[2048], "rodata");
	know(&some_data[2048], "data");
	__asm__("" : "+r"(dynamic));	// a static program has none, whatever the compiler thinks
	if (dynamic)
		know(dynamic, "relro");
	know(big_bss + sizeof(big_bss) / 2, "bss")->written = touch(big_bss + sizeof(big_bss) / 2, 9);
	know(heap, "heap")->written = touch(heap, HEAP_SIZE / page);
	know(__builtin_frame_address(0), "stack");
	if (getauxval(AT_SYSINFO_EHDR))
		know((void *)getauxval(AT_SYSINFO_EHDR), "vdso");
}

// ---- output: addresses become starts of mappings only at the end, when nothing changes any more ----

static unsigned long long start_of(const char *maps, uintptr_t addr)
{
	for (const char *line = maps; *line; line = strchr(line, '\n') + 1) {
		unsigned long long start, end;

		if (sscanf(line, "%llx-%llx", &start, &end) == 2 && addr >= start && addr < end)
			return start;
	}
	fprintf(stderr, "no mapping of %#lx\n", (unsigned long)addr);
	exit(1);
}

static char *read_maps(char *buf, size_t size)
{
	int fd = open("/proc/self/maps", O_RDONLY);
	size_t len = 0;
	ssize_t n;

	while ((n = read(fd, buf + len, size - len - 1)) > 0)
		len += n;
	close(fd);
	buf[len] = 0;
	return buf;
}

static void write_facts(const char *file)
{
	static char maps[256 * 1024];
	FILE *out = fopen(file, "w");

	if (!out)
		die(file);
	read_maps(maps, sizeof(maps));
	for (size_t i = 0; i < n_facts; i++) {
		const struct fact *f = &facts[i];
		unsigned long long start = start_of(maps, f->addr);

		if (f->kind)
			fprintf(out, "kind %08llx %s\n", start, f->kind);
		if (f->tid)
			fprintf(out, "thread %08llx %d\n", start, (int)f->tid);
		if (f->written)
			fprintf(out, "written %08llx %zu\n", start, f->written);
		if (f->policy)
			fprintf(out, "policy %08llx %s\n", start, f->policy);
		if (f->path) {
			fprintf(out, "path_hex %08llx ", start);
			for (const char *p = f->path; *p; p++)
				fprintf(out, "%02x", (unsigned char)*p);
			fputc('\n', out);
		}
	}
	fprintf(out, "ready\n");
	fclose(out);
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*make)(void);
	} features[] = {
		{ "shm", make_shm }, { "memfd", make_memfd }, { "hugetlb", make_hugetlb },
		{ "jit", make_jit }, { "reserve", make_reserve }, { "thp", make_thp },
		{ "high", make_high }, { "hostile", make_hostile }, { "device", make_device },
		{ "adjacent", make_adjacent }, { "numa", make_numa }, { "swap", make_swap },
		{ "threads", start_threads },
	};

	if (argc < 2) {
		fputs("usage: target FACTS [FEATURE...]\n", stderr);
		return 2;
	}
	page = sysconf(_SC_PAGESIZE);
	mkdir(WORKDIR, 0700);
	know_self();
	make_anon();
	for (size_t i = 0; i < ARRAY_SIZE(features); i++)
		if (wants(argc, argv, features[i].name))
			features[i].make();
	write_facts(argv[1]);
	for (;;)
		pause();
}
