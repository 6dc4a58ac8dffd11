/* SPDX-License-Identifier: GPL-3.0-or-later */
/* /proc/kpageflags, kpagecount and kpagecgroup: a 64-bit word for each page frame. */
#include "config.h"

#include "proc/kpage.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *const kpage_file_path[KPAGE_FILES] = {
	[KPAGE_FLAGS] = "proc/kpageflags",
	[KPAGE_COUNT] = "proc/kpagecount",
	[KPAGE_CGROUP] = "proc/kpagecgroup",
};

/* Letters: tools/mm/page-types.c, 6.18. */
const struct kpage_flag_info kpage_flag_info[KPAGE_FLAGS_KNOWN] = {
	[KPF_LOCKED] = { "locked", 'L', "locked, for input or output" },
	[KPF_ERROR] = { "error", 'E', "an I/O error (never since 6.11)" },
	[KPF_REFERENCED] = { "referenced", 'R', "used since the kernel last looked" },
	[KPF_UPTODATE] = { "uptodate", 'U', "its contents are valid" },
	[KPF_DIRTY] = { "dirty", 'D', "written to, not yet saved" },
	[KPF_LRU] = { "lru", 'l', "on a list that reclaim looks at" },
	[KPF_ACTIVE] = { "active", 'A', "on the active list: reclaimed later" },
	[KPF_SLAB] = { "slab", 'S', "kernel objects of the slab allocator" },
	[KPF_WRITEBACK] = { "writeback", 'W', "is being written out" },
	[KPF_RECLAIM] = { "reclaim", 'I', "to be reclaimed once it is written" },
	[KPF_BUDDY] = { "buddy", 'B', "free, in the buddy allocator" },
	[KPF_MMAP] = { "mmap", 'M', "mapped into a process" },
	[KPF_ANON] = { "anon", 'a', "anonymous: of no file" },
	[KPF_SWAPCACHE] = { "swapcache", 's', "has a place in a swap area too" },
	[KPF_SWAPBACKED] = { "swapbacked", 'b', "goes to swap: anonymous, shmem" },
	[KPF_COMPOUND_HEAD] = { "compound_head", 'H', "first page of a folio of several" },
	[KPF_COMPOUND_TAIL] = { "compound_tail", 'T', "another page of such a folio" },
	[KPF_HUGE] = { "huge", 'G', "a hugetlb page" },
	[KPF_UNEVICTABLE] = { "unevictable", 'u', "never reclaimed (mlock, ramfs)" },
	[KPF_HWPOISON] = { "hwpoison", 'X', "the hardware found it broken" },
	[KPF_NOPAGE] = { "nopage", 'n', "there is no such frame in RAM" },
	[KPF_KSM] = { "ksm", 'x', "one copy of equal pages (KSM)" },
	[KPF_THP] = { "thp", 't', "in a large folio (THP, mTHP)" },
	[KPF_OFFLINE] = { "offline", 'o', "out of use: balloon, hotplug" },
	[KPF_ZERO_PAGE] = { "zero_page", 'z', "the zeros that all share" },
	[KPF_IDLE] = { "idle", 'i', "not used since it was marked idle" },
	[KPF_PGTABLE] = { "pgtable", 'g', "a page table" },
	[KPF_RESERVED] = { "reserved", 'r', "not for the page allocator" },
	[KPF_MLOCKED] = { "mlocked", 'm', "mlock() keeps it in RAM" },
	[KPF_OWNER_2] = { "owner_2", 'd', "anon: exclusive; else its owner's" },
	[KPF_PRIVATE] = { "private", 'P', "has data of its file system" },
	[KPF_PRIVATE_2] = { "private_2", 'p', "a second flag of the file system" },
	[KPF_OWNER_PRIVATE] = { "owner_private", 'O', "its owner's own flag" },
	[KPF_ARCH] = { "arch", 'h', "a flag of the architecture" },
	[KPF_UNCACHED] = { "uncached", 'c', "mapped uncached (until 6.12)" },
	[KPF_SOFTDIRTY] = { "softdirty", 'f', "written since the last reset" },
	[KPF_ARCH_2] = { "arch_2", 'H', "a flag of the architecture (arm64 MTE)" },
	[KPF_ARCH_3] = { "arch_3", 'J', "a flag of the architecture" },
};

enum {
	WORD_SIZE = sizeof(uint64_t),
	/* A word costs 40 to 50 ns in a row, and a read 100 more (1300 on a virtual machine where a
	 * system call alone takes 1000): so many words too much are cheaper, or little dearer. */
	SPARE_WORDS = 8,
	JOIN_WORDS = 2048,		/* read at once for several wants */
	THREAD_WORDS = 4096,		/* less is not worth a thread */
	THREADS_MAX = 16,
	FOLIO_BLOCK = 512,
	FOLIO_MAX = 1 << 18,		/* frames: 1 GiB of 4 KiB */
};

const char *kpage_flag_name(unsigned int bit, char space[KPAGE_NAME_MAX])
{
	if (bit < KPAGE_FLAGS_KNOWN && kpage_flag_info[bit].name)
		return kpage_flag_info[bit].name;
	snprintf(space, KPAGE_NAME_MAX, "bit_%u", bit);
	return space;
}

const char *kpage_flag_help(unsigned int bit, uint64_t flags)
{
	if (bit == KPF_OWNER_2 && (flags & KPAGE_BIT(ANON)))
		return "exclusive: a write copies nothing";
	if (bit == KPF_OWNER_2 && flags)
		return "a flag of its owner, the file system";
	return bit < KPAGE_FLAGS_KNOWN ? kpage_flag_info[bit].help : NULL;
}

void kpage_open(const struct root *root, struct kpage *k)
{
	for (unsigned int i = 0; i < KPAGE_FILES; i++)
		k->fd[i] = root_open_file(root, kpage_file_path[i]);
}

bool kpage_is_partial(const struct root *root)
{
	int fd = root->live ? -1 : root_open_file(root, KPAGE_PARTIAL_FILE);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

void kpage_close(struct kpage *k)
{
	for (unsigned int i = 0; i < KPAGE_FILES; i++) {
		if (k->fd[i] >= 0)
			close(k->fd[i]);
		k->fd[i] = -EBADF;
	}
}

/* Words of frames in a row, as far as there are any: how many, or -errno. */
static ssize_t read_some(const struct kpage *k, enum kpage_file f, uint64_t pfn, uint64_t *out,
			 size_t n)
{
	size_t done = 0;

	while (done < n) {
		ssize_t got = pread(k->fd[f], out + done, (n - done) * WORD_SIZE,
				    (off_t)((pfn + done) * WORD_SIZE));

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		if (got < WORD_SIZE)
			break;
		done += (size_t)got / WORD_SIZE;
	}
	return (ssize_t)done;
}

/* The same; those behind the end of RAM are made up. 0 or -errno. */
static int read_words(const struct kpage *k, enum kpage_file f, uint64_t pfn, uint64_t *out,
		      size_t n)
{
	ssize_t got = read_some(k, f, pfn, out, n);

	if (got < 0)
		return (int)got;
	for (size_t done = (size_t)got; done < n; done++)
		out[done] = f == KPAGE_FLAGS ? KPAGE_BIT(NOPAGE) : 0;
	return 0;
}

int kpage_word(const struct kpage *k, enum kpage_file f, uint64_t pfn, uint64_t *word)
{
	return k->fd[f] < 0 ? k->fd[f] : read_words(k, f, pfn, word, 1);
}

struct job {
	const struct kpage *k;
	enum kpage_file f;
	const struct kpage_want *want;
	size_t n;
	uint64_t *out;
	pthread_t thread;
	int ret;
};

/* How many wants from the first on lie so close together that one read for all is cheaper. The
 * allocator hands frames out upwards and downwards, so both count. */
static size_t join(const struct kpage_want *want, size_t n, uint64_t *low, uint64_t *high)
{
	uint64_t words = want[0].n;
	size_t i;

	*low = want[0].pfn;
	*high = want[0].pfn + want[0].n;
	for (i = 1; i < n; i++) {
		uint64_t first = want[i].pfn < *low ? want[i].pfn : *low;
		uint64_t end = want[i].pfn + want[i].n;

		end = end > *high ? end : *high;
		words += want[i].n;
		if (end - first > words + SPARE_WORDS * i || end - first > JOIN_WORDS)
			break;
		*low = first;
		*high = end;
	}
	return i;
}

static int read_wants(struct job *j)
{
	uint64_t words[JOIN_WORDS];
	int ret = 0;

	for (size_t i = 0; ret == 0 && i < j->n;) {
		const struct kpage_want *want = &j->want[i];
		uint64_t low, high;
		size_t together = join(want, j->n - i, &low, &high);

		i += together;
		if (together == 1) {
			ret = read_words(j->k, j->f, want->pfn, j->out + want->at, want->n);
			continue;
		}
		ret = read_words(j->k, j->f, low, words, high - low);
		for (size_t m = 0; ret == 0 && m < together; m++)
			memcpy(j->out + want[m].at, words + (want[m].pfn - low),
			       want[m].n * sizeof(*words));
	}
	return ret;
}

static void *run_job(void *ctx)
{
	struct job *j = ctx;

	j->ret = read_wants(j);
	return NULL;
}

/* Wants with about the same number of words for each thread. */
static unsigned int share_out(const struct job *all, struct job *job, unsigned int threads)
{
	uint64_t words = 0, so_far = 0;
	unsigned int used = 0;
	size_t from = 0;

	for (size_t i = 0; i < all->n; i++)
		words += all->want[i].n;
	if (threads > THREADS_MAX)
		threads = THREADS_MAX;
	if (threads > words / THREAD_WORDS)
		threads = (unsigned int)(words / THREAD_WORDS);
	if (threads == 0)
		threads = 1;
	for (size_t i = 0; i < all->n; i++) {
		so_far += all->want[i].n;
		if (i + 1 < all->n &&
		    (used + 1 == threads || so_far * threads < words * (used + 1)))
			continue;
		job[used] = *all;
		job[used].want = all->want + from;
		job[used++].n = i + 1 - from;
		from = i + 1;
	}
	return used;
}

int kpage_read(const struct kpage *k, enum kpage_file f, const struct kpage_want *want, size_t n,
	       uint64_t *out, unsigned int threads)
{
	struct job all = { .k = k, .f = f, .want = want, .n = n, .out = out };
	struct job job[THREADS_MAX];
	unsigned int jobs, started = 1;
	int ret;

	if (n == 0)
		return 0;
	if (k->fd[f] < 0)
		return k->fd[f];
	if (threads < 2)
		return read_wants(&all);
	jobs = share_out(&all, job, threads);
	while (started < jobs &&
	       pthread_create(&job[started].thread, NULL, run_job, &job[started]) == 0)
		started++;
	ret = read_wants(&job[0]);
	for (unsigned int i = 1; i < jobs; i++) {
		if (i < started)
			pthread_join(job[i].thread, NULL);
		else	/* no more threads to be had */
			job[i].ret = read_wants(&job[i]);
		if (ret == 0)
			ret = job[i].ret;
	}
	return ret;
}

/* The counts of the frames in a block that are mapped: a read for each stretch of them. */
static int read_counts(const struct kpage *k, uint64_t pfn, const uint64_t *flags, size_t n,
		       uint64_t *counts)
{
	const uint64_t mapped = KPAGE_BIT(MMAP);
	size_t i = 0;
	int ret = 0;

	while (ret == 0 && i < n) {
		size_t from, end;

		while (i < n && !(flags[i] & mapped))
			i++;
		from = end = i;
		/* a few words too much are cheaper than another read */
		for (; i < n && i - end <= SPARE_WORDS; i++)
			if (flags[i] & mapped)
				end = i + 1;
		if (end > from)
			ret = read_words(k, KPAGE_COUNT, pfn + from, counts + from, end - from);
	}
	return ret;
}

int kpage_sweep(const struct kpage *k, uint64_t from, uint64_t to, kpage_block_fn fn, void *ctx)
{
	uint64_t *flags = malloc(2 * KPAGE_BLOCK * sizeof(*flags)), *counts = NULL;
	int ret = 0;

	if (!flags)
		return -ENOMEM;
	if (kpage_has(k, KPAGE_COUNT))
		counts = flags + KPAGE_BLOCK;
	while (ret == 0 && from < to) {
		size_t n = KPAGE_BLOCK - from % KPAGE_BLOCK;
		ssize_t got;

		if (n > to - from)
			n = (size_t)(to - from);
		got = kpage_has(k, KPAGE_FLAGS) ? read_some(k, KPAGE_FLAGS, from, flags, n) :
						  k->fd[KPAGE_FLAGS];
		if (got > 0 && counts)
			ret = read_counts(k, from, flags, (size_t)got, counts);
		if (got > 0 && ret == 0)
			ret = fn(ctx, from, flags, counts, (size_t)got);
		if (got < 0)
			ret = (int)got;
		else if (ret == 0 && (size_t)got < n)
			ret = 1;
		from += n;
	}
	free(flags);
	return ret;
}

static bool is_tail(uint64_t word)
{
	return word & KPAGE_BIT(COMPOUND_TAIL);
}

/* The first frame of the folio whose tail is at pfn. */
static int find_head(const struct kpage *k, uint64_t pfn, uint64_t *head)
{
	uint64_t words[FOLIO_BLOCK], low = pfn;

	while (low > 0 && pfn - low < FOLIO_MAX) {
		uint64_t high = low;
		int ret;

		low = high > FOLIO_BLOCK ? high - FOLIO_BLOCK : 0;
		ret = read_words(k, KPAGE_FLAGS, low, words, high - low);
		if (ret < 0)
			return ret;
		for (uint64_t i = high; i-- > low;) {
			if (is_tail(words[i - low]))
				continue;
			/* the folio may have been freed meanwhile: then it is all there is */
			*head = words[i - low] & KPAGE_BIT(COMPOUND_HEAD) ? i : i + 1;
			return 0;
		}
	}
	*head = low;
	return 0;
}

int kpage_folio(const struct kpage *k, uint64_t pfn, uint64_t *head, uint64_t *frames)
{
	uint64_t words[FOLIO_BLOCK], at, block;
	int ret = kpage_word(k, KPAGE_FLAGS, pfn, words);

	*head = pfn;
	*frames = 1;
	if (ret < 0 || !(words[0] & (KPAGE_BIT(COMPOUND_HEAD) | KPAGE_BIT(COMPOUND_TAIL))))
		return ret;
	if (is_tail(words[0]))
		ret = find_head(k, pfn, head);
	for (at = *head + 1; ret == 0 && at - *head < FOLIO_MAX; at += block) {
		/* most are small, and large ones are powers of two */
		block = at - *head < FOLIO_BLOCK ? at - *head : FOLIO_BLOCK;
		ret = read_words(k, KPAGE_FLAGS, at, words, block);
		for (uint64_t i = 0; ret == 0 && i < block; i++) {
			if (is_tail(words[i]))
				continue;
			*frames = at + i - *head;
			return 0;
		}
	}
	if (ret == 0)
		*frames = FOLIO_MAX;
	return ret;
}
