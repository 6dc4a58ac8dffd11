/* SPDX-License-Identifier: GPL-3.0-or-later */
/* All that is known about one process at one moment: exactly the files that are needed. */
#include "config.h"

#include "model/snapshot.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/num.h"
#include "model/classify.h"
#include "model/frames.h"
#include "model/mapped_file.h"
#include "model/numa_read.h"
#include "model/walk.h"
#include "proc/lines.h"

enum { TRIES = 6 };	/* of reading a process that changes under our eyes */

struct reading {
	const struct snapshot_request *req;
	struct process p;
	struct snapshot *s;
	struct err *e;
	bool with_counters;
	bool last_try;
};

int snapshot_note(struct snapshot *s, const char *what, const char *needs, const char *reason)
{
	struct unavailable *u = vec_push(&s->unavailable);

	if (!u)
		return -ENOMEM;
	u->what = what;
	u->needs = needs;
	snprintf(u->reason, sizeof(u->reason), "%s", reason);
	return 0;
}

/* Notes why a file could not be read; other errors than these are passed on. */
static int cant_read(struct snapshot *s, const char *what, const char *file, int code)
{
	char reason[128];
	const char *needs = NULL;

	if (code != -EACCES && code != -EPERM && code != -ENOENT && code != -ESRCH)
		return code;
	if (code == -ENOENT) {
		snprintf(reason, sizeof(reason), "there is no file %s", file);
	} else if (code == -ESRCH) {
		snprintf(reason, sizeof(reason), "%s: the kernel gives nothing", file);
	} else if (geteuid() == 0) {
		snprintf(reason, sizeof(reason), "%s: %s, even to root", file, strerror(-code));
		needs = "CAP_SYS_PTRACE in the target's user namespace, and a security module "
			"that allows it";
	} else {
		snprintf(reason, sizeof(reason), "%s: %s", file, strerror(-code));
		needs = "the target's own user, or CAP_SYS_PTRACE (sudo)";
		/* mode 0400: who may look at the target must get past that too */
		if (strcmp(file, "pagemap") == 0 || strcmp(file, "auxv") == 0)
			needs = "the target's own user, or CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH "
				"(sudo)";
	}
	return snapshot_note(s, what, needs, reason);
}

static int read_stat(struct reading *r, struct buf *text, struct stat_pid *out)
{
	int ret = stat_read(&r->p, text, out);

	if (ret == -EBADMSG)
		return err_set(r->e, ret, "%d: stat is damaged: no name in parentheses",
			       (int)r->p.pid);
	if (ret < 0 && !r->p.live)
		return err_set(r->e, ret, "%d: stat: %s", (int)r->p.pid, strerror(-ret));
	return ret;
}

static int read_status(struct reading *r)
{
	struct buf text;
	int ret;

	buf_init(&text);
	ret = process_read(&r->p, "status", &text);
	if (ret == 0)
		ret = status_parse(text.data, text.len, &r->s->status);
	if (ret == -EBADMSG)
		err_set(r->e, ret, "%d: status is damaged: no State line", (int)r->p.pid);
	if (ret == -ENOENT && !r->p.live)
		ret = cant_read(r->s, "status", "status", ret);
	if (ret == 0 && r->s->has_numa)
		ret = numa_locate(&r->s->numa, text.data, text.len);
	buf_done(&text);
	return ret;
}

static int take_record(void *ctx, const struct smaps_record *record)
{
	struct reading *r = ctx;
	struct space *space = &r->s->space;
	int ret = space_add(space, record, r->with_counters);

	if (ret == 0 && r->req->progress && space->vma.n % 1024 == 0)
		r->req->progress(r->req->progress_ctx, space->vma.n, r->p.bytes_read);
	return ret;
}

static int read_mappings(struct reading *r, const char *file)
{
	struct smaps_parser parser;
	int ret;

	r->with_counters = strcmp(file, "smaps") == 0;
	smaps_parser_init(&parser, &r->s->space.flags, take_record, r);
	parser.clip = r->last_try && r->p.live;
	ret = process_stream(&r->p, file, smaps_parse, &parser);
	if (ret == 0)
		ret = smaps_finish(&parser);
	if (ret == -ESTALE && !r->p.live)
		ret = -EBADMSG;
	if (ret == -EBADMSG)
		err_set(r->e, ret, "%d: %s is damaged at line %" PRIu64 ": %s", (int)r->p.pid,
			file, parser.line_number, parser.problem);
	smaps_parser_done(&parser);
	return ret;
}

/* smaps, or maps where that is all that is wanted or there. */
static int read_space(struct reading *r)
{
	bool smaps = r->req->needs & NEED_SMAPS;
	int ret = read_mappings(r, smaps ? "smaps" : "maps");

	if (smaps && ret == -ENOENT) {
		ret = snapshot_note(r->s, "counters (rss, pss, swap, ...)", NULL,
				    "this kernel or tree has no smaps");
		smaps = false;
		if (ret == 0)
			ret = read_mappings(r, "maps");
	}
	if (ret == -EACCES || ret == -EPERM || ret == -ENOENT)
		return cant_read(r->s, "mappings", smaps ? "smaps" : "maps", ret);
	r->s->has_space = ret == 0;
	return ret;
}

static int read_numa(struct reading *r)
{
	struct snapshot *s = r->s;
	struct numa_request req = {
		.root = r->req->root, .process = &r->p, .space = &s->space,
		.page_size = r->req->machine->page_size, .progress = r->req->progress,
		.progress_ctx = r->req->progress_ctx,
	};
	char reason[64];
	uint64_t line;
	int ret = numa_read(&req, &s->numa, &line);

	s->has_numa = ret == 0 && s->has_space;
	if (ret == -ENOENT)
		return snapshot_note(s, "numa", NULL, "there is no file numa_maps (CONFIG_NUMA)");
	if (ret == -EBADMSG) {
		snprintf(reason, sizeof(reason), "numa_maps is damaged at line %" PRIu64, line);
		return snapshot_note(s, "numa", NULL, reason);
	}
	return ret == -EACCES || ret == -EPERM ? cant_read(s, "numa", "numa_maps", ret) : ret;
}

static int take_rollup(void *ctx, const struct smaps_record *record)
{
	struct snapshot *s = ctx;

	s->has_rollup = true;
	s->rollup_valid = record->valid;
	memcpy(s->rollup, record->v, sizeof(s->rollup));
	return 0;
}

static int read_rollup(struct reading *r)
{
	struct smaps_flag_names flags;
	struct smaps_parser parser;
	struct buf text;
	int ret;

	smaps_flag_names_init(&flags);
	smaps_parser_init(&parser, &flags, take_rollup, r->s);
	buf_init(&text);
	ret = process_read(&r->p, "smaps_rollup", &text);	/* 4.14 */
	if (ret == 0)
		ret = smaps_parse(&parser, text.data, text.len);
	if (ret == 0)
		ret = smaps_finish(&parser);
	if (ret == -EBADMSG)
		err_set(r->e, ret, "%d: smaps_rollup is damaged: %s", (int)r->p.pid,
			parser.problem);
	else if (ret < 0 && (ret != -ESRCH || !r->p.live))
		ret = cant_read(r->s, "smaps_rollup", "smaps_rollup", ret);
	smaps_parser_done(&parser);
	buf_done(&text);
	return ret;
}

static int read_command(struct reading *r)
{
	struct snapshot *s = r->s;
	int ret = process_read(&r->p, "cmdline", &s->command);

	s->has_command = ret == 0;
	if (ret < 0)
		ret = cant_read(s, "command", "cmdline", ret);
	if (ret < 0)
		return ret;
	ret = process_readlink(&r->p, "exe", &s->executable);
	return ret < 0 ? cant_read(s, "executable", "exe", ret) : 0;
}

/* "0::/user.slice" of version 2, or "5:memory:/user.slice" of version 1. */
static int read_cgroup(struct reading *r)
{
	struct lines lines;
	struct str line;
	struct buf text;
	int ret;

	buf_init(&text);
	ret = process_read(&r->p, "cgroup", &text);
	lines = lines_of(text.data, text.len);
	while (ret == 0 && lines_next(&lines, &line)) {
		bool memory = memmem(line.p, line.len, ":memory:", strlen(":memory:"));
		const char *path = memchr(line.p, '/', line.len);

		if (!path || (!memory && !str_has_prefix(line, "0::")))
			continue;
		buf_clear(&r->s->cgroup);
		buf_add(&r->s->cgroup, path, (size_t)(line.p + line.len - path));
		if (memory)
			break;
	}
	if (ret == -ENOENT || ret == -EACCES)
		ret = 0;
	buf_done(&text);
	return ret;
}

static int read_auxv(struct reading *r)
{
	struct buf text;
	int ret;

	buf_init(&text);
	ret = process_read(&r->p, "auxv", &text);
	if (ret == 0 && auxv_parse(text.data, text.len, &r->s->auxv) < 0)
		ret = snapshot_note(r->s, "auxv", NULL, "auxv: not a list of this machine's words");
	else if (ret < 0)
		ret = cant_read(r->s, "auxv", "auxv", ret);
	buf_done(&text);
	return ret;
}

static int read_limits(struct reading *r)
{
	struct buf text;
	int ret;

	buf_init(&text);
	ret = process_read(&r->p, "limits", &text);
	if (ret == 0)
		limits_parse(text.data, text.len, &r->s->limits);
	else
		ret = cant_read(r->s, "limits", "limits", ret);
	buf_done(&text);
	return ret;
}

/*
 * The text of maps leaves open whether " (deleted)" and "\012" are part of a name. The links in
 * map_files have it raw, and lead to the file itself, whatever its name: where the raw name leads
 * to the same file, it is all name. Listing needs ptrace rights, following needs CAP_CHECKPOINT_RESTORE; without
 * either, the usual meaning stands. A captured tree has the links, and below root what they lead to.
 */
static int check_name(struct reading *r, const struct vma *v, struct file *f, struct buf *link)
{
	char name[64];
	bool deleted = f->deleted;
	struct process_file file;
	int same;

	snprintf(name, sizeof(name), "map_files/%" PRIx64 "-%" PRIx64, v->start, v->end);
	buf_clear(link);
	buf_puts(link, "root");
	if (process_readlink(&r->p, name, link) < 0 || !buf_string(link))
		return link->error;
	same = r->p.live ? process_same_file(&r->p, link->data, name) :
			   process_stat_file(&r->p, link->data, &file) == 0;
	/* -ENOENT: nothing has this name, as it stands, with or without " (deleted)" */
	if (same >= 0 || same == -ENOENT)
		deleted = same <= 0 && f->deleted;
	return space_set_name(&r->s->space, f, (struct str){ link->data + 4, link->len - 4 },
			      deleted);
}

static int check_names(struct reading *r)
{
	struct space *space = &r->s->space;
	struct buf link;
	int ret = 0;

	buf_init(&link);
	for (size_t i = 0; ret == 0 && i < space->vma.n; i++) {
		struct file *f = &space->file.v[space->vma.v[i].file];

		if (f->check_name)
			ret = check_name(r, &space->vma.v[i], f, &link);
		f->check_name = false;
	}
	buf_done(&link);
	return ret;
}

static unsigned int find_bits(const struct snapshot *s)
{
	if (s->auxv.valid)
		return s->auxv.bits;
	/* only a 64-bit program has addresses above 4 GiB; the reverse does not hold */
	if (s->space.vma.n && s->space.vma.v[s->space.vma.n - 1].end > UINT64_C(1) << 32)
		return 64;
	if (stat_has(&s->stat, STAT_START_STACK) &&
	    s->stat.v[STAT_START_STACK] > UINT64_C(1) << 32)
		return 64;
	return 0;
}

static void find_geometry(struct reading *r)
{
	const struct machine *m = r->req->machine;
	struct snapshot *s = r->s;
	struct geometry_facts facts = {
		.arch = { m->arch.data, m->arch.len },
		.page_size = s->auxv.page_size ? s->auxv.page_size : m->page_size,
		.mmu_bits = m->mmu_bits,
	};

	s->bits = find_bits(s);
	if (m->meminfo.valid >> MEMINFO_VMALLOC_TOTAL & 1)
		facts.vmalloc_total = m->meminfo.v[MEMINFO_VMALLOC_TOTAL];
	for (size_t i = 0; i < s->space.vma.n; i++)
		if (vma_is_user(&s->space.vma.v[i]))
			facts.highest = s->space.vma.v[i].end;
	s->geometry = geometry_find(&facts);
}

/* /proc/TID works for any thread, so the PID that was asked for may be one of another's. */
static pid_t main_thread(const struct snapshot *s)
{
	return status_has(&s->status, STATUS_TGID) ? (pid_t)s->status.v[STATUS_TGID] : s->pid;
}

static uint64_t data_end(void *ctx, const struct vma *data)
{
	const struct reading *r = ctx;

	return mapped_file_data_end(&r->p, &r->s->space, data, r->req->machine->page_size);
}

static int classify(struct reading *r)
{
	struct snapshot *s = r->s;
	struct classify_facts facts = { .page_size = r->req->machine->page_size, .ctx = r,
					.data_end = r->req->needs & NEED_SMAPS ? data_end : NULL };
	thread_list threads = { 0 };
	int ret = check_names(r);

	if (s->auxv.page_size)
		facts.page_size = s->auxv.page_size;
	if (stat_has(&s->stat, STAT_START_CODE))
		facts.code = s->stat.v[STAT_START_CODE];
	else if (s->auxv.valid)
		facts.code = s->auxv.entry;
	if (ret == 0 && (r->req->needs & NEED_THREADS)) {
		ret = threads_read(&r->p, main_thread(s), &threads);
		if (ret == -ENOENT || ret == -EACCES)
			ret = cant_read(s, "thread", "task", ret);
	}
	facts.threads = threads.v;
	facts.n_threads = threads.n;
	if (ret == 0)
		ret = space_classify(&s->space, &facts, &s->executable_path);
	vec_done(&threads);
	return ret;
}

/* The same as cant_read(), of a file of the machine. */
static int cant_read_machine(struct snapshot *s, const char *what, const char *file, int code)
{
	char reason[128];

	snprintf(reason, sizeof(reason), "%s: %s", file, strerror(-code));
	return snapshot_note(s, what, code == -EACCES || code == -EPERM ? "CAP_DAC_READ_SEARCH (sudo)" :
			     NULL, reason);
}

/* What the page frames could not be asked for. */
static int note_frames(struct snapshot *s, const struct frames_missing *m)
{
	static const char privilege[] = "CAP_SYS_ADMIN and CAP_DAC_READ_SEARCH (sudo)";
	static const char build[] = "a kernel built with CONFIG_PROC_PAGE_MONITOR";
	static const char what[] = "page frames (flags, folios, contiguity, nodes)";
	int ret = 0;

	if (m->pagemap == -ENOENT && s->live)
		return snapshot_note(s, "pages", build, "there is no file pagemap");
	if (m->pagemap < 0)
		return cant_read(s, "pages", "pagemap", m->pagemap);
	if (m->hidden)
		return snapshot_note(s, what, privilege, "pagemap: frame numbers are hidden");
	if (m->flags == -ENOENT)
		ret = snapshot_note(s, what, s->live ? build : NULL, "there is no file kpageflags");
	else if (m->flags < 0)
		ret = cant_read_machine(s, what, "kpageflags", m->flags);
	if (ret == 0 && m->counts < 0 && m->flags == 0)
		ret = cant_read_machine(s, "map counts", "kpagecount", m->counts);
	if (ret == 0 && m->zoneinfo < 0)
		ret = cant_read_machine(s, "nodes of page frames", "zoneinfo", m->zoneinfo);
	return ret;
}

static uint64_t find_page_size(const struct reading *r)
{
	if (r->s->auxv.page_size)
		return r->s->auxv.page_size;
	if (r->req->machine->page_size)
		return r->req->machine->page_size;
	return r->s->geometry ? UINT64_C(1) << r->s->geometry->page_shift : 0;
}

/* The census of one mapping, among those of the others. */
static int read_part(struct frames_request *req, size_t at, struct census_set *out,
		     struct frames_missing *missing)
{
	struct space part = *req->space;
	struct census one;
	size_t n = part.vma.n;
	int ret;

	part.vma.v += at;
	part.vma.n = 1;
	if (part.counters.n) {
		part.counters.v += at;
		part.counters.n = 1;
	}
	req->space = &part;
	ret = frames_read(req, out, missing);
	if (ret < 0 || !out->census.n)
		return ret;
	one = out->census.v[0];
	if (vec_reserve(&out->census, n) < 0)
		return -ENOMEM;
	memset(out->census.v, 0, n * sizeof(*out->census.v));
	out->census.n = n;
	out->census.v[at] = one;
	return 0;
}

static int read_pages(struct reading *r)
{
	struct snapshot *s = r->s;
	const struct vma *only = r->req->pages_at ? space_find(&s->space, r->req->pages_at) : NULL;
	struct frames_request req = {
		.root = r->req->root, .process = &r->p, .space = &s->space,
		.page_size = find_page_size(r), .progress = r->req->progress,
		.progress_ctx = r->req->progress_ctx,
	};
	struct frames_missing none;
	int ret;

	if (!req.page_size)
		return snapshot_note(s, "pages", NULL, "the page size is not known");
	if (s->geometry && s->geometry->levels > 1)
		req.pmd_size = UINT64_C(1) << s->geometry->shift[s->geometry->levels - 2];
	if (r->req->thp && thp_pmd_size(r->req->thp))
		req.pmd_size = thp_pmd_size(r->req->thp);
	req.max_ptes_none = req.pmd_size ? req.pmd_size / req.page_size - 1 : 0;
	if (r->req->thp && r->req->thp->number[THP_MAX_PTES_NONE].known)
		req.max_ptes_none = r->req->thp->number[THP_MAX_PTES_NONE].v;
	ret = only ? read_part(&req, (size_t)(only - s->space.vma.v), &s->pages, &none) :
		     frames_read(&req, &s->pages, &none);
	s->has_pages = ret == 0 && none.pagemap == 0;
	return ret < 0 ? ret : note_frames(s, &none);
}

static int read_translations(struct reading *r)
{
	struct snapshot *s = r->s;
	struct walk_request req = {
		.root = r->req->root, .process = &r->p, .addresses = r->req->addresses,
		.facts = {
			.space = &s->space, .geometry = s->geometry, .bits = s->bits,
			.page_size = find_page_size(r),
			.mmap_min_addr = r->req->machine->mmap_min_addr,
		},
	};
	struct frames_missing none;
	int ret;

	if (!req.facts.page_size)
		return snapshot_note(s, "translations", NULL, "the page size is not known");
	if (s->limits.valid >> LIMIT_STACK & 1)
		req.facts.stack_limit = s->limits.soft[LIMIT_STACK];
	ret = walk_read(&req, &s->translations, &none);
	s->has_translations = ret == 0;
	s->geometry = req.facts.geometry;
	if (ret < 0 || (r->req->needs & NEED_PAGES))	/* which says the same */
		return ret;
	return note_frames(s, &none);
}

/* What is not told stays unknown: it only makes reasons more exact. */
static int read_mounts(struct reading *r)
{
	struct buf text;
	int ret;

	buf_init(&text);
	ret = process_read(&r->p, "mountinfo", &text);
	r->s->has_mounts = ret == 0;
	if (ret == 0)
		ret = mountinfo_parse(text.data, text.len, &r->s->mounts);
	else if (ret != -ESRCH && ret != -ENOMEM)
		ret = 0;
	buf_done(&text);
	return ret;
}

static enum condition find_condition(const struct stat_pid *stat)
{
	if (stat_has(stat, STAT_FLAGS) && (stat->v[STAT_FLAGS] & STAT_PF_KTHREAD))
		return CONDITION_KERNEL_THREAD;
	return stat->state == 'Z' || stat->state == 'X' ? CONDITION_ZOMBIE : CONDITION_NORMAL;
}

/* Everything the request asks for, in an order that brings what is compared close together. */
static int read_files(struct reading *r)
{
	unsigned int needs = r->req->needs;
	bool wants_space = needs & (NEED_MAPS | NEED_SMAPS);
	struct snapshot *s = r->s;
	int ret = read_stat(r, &s->stat_text, &s->stat);

	if (ret < 0)
		return ret;
	s->condition = find_condition(&s->stat);
	if (s->condition != CONDITION_NORMAL) {
		find_geometry(r);
		return read_status(r);
	}
	if (wants_space)
		ret = read_space(r);
	if (ret == 0 && (needs & NEED_ROLLUP) && (s->has_space || !wants_space))
		ret = read_rollup(r);
	if (ret == 0 && (needs & NEED_NUMA))
		ret = read_numa(r);
	if (ret == 0)
		ret = read_status(r);
	if (ret == 0 && (needs & NEED_AUXV))
		ret = read_auxv(r);
	if (ret == 0 && (needs & NEED_LIMITS))
		ret = read_limits(r);
	if (ret == 0 && (needs & NEED_COMMAND))
		ret = read_command(r);
	if (ret == 0 && (needs & NEED_CGROUP))
		ret = read_cgroup(r);
	if (ret == 0)
		ret = classify(r);
	if (ret == 0)
		find_geometry(r);
	if (ret == 0 && (needs & NEED_HUGE))
		ret = read_mounts(r);
	if (ret == 0 && (needs & NEED_PAGES) && s->has_space)
		ret = read_pages(r);
	if (ret == 0 && r->req->addresses && s->has_space)
		ret = read_translations(r);
	if (ret < 0 || !s->has_space || s->space.vma.n)
		return ret;
	s->condition = CONDITION_NO_MEMORY;
	if (!r->p.live && status_get(&s->status, STATUS_VM_SIZE))
		return err_set(r->e, -EBADMSG, "%d: %s is empty, but status has a VmSize",
			       (int)r->p.pid, r->with_counters ? "smaps" : "maps");
	return 0;
}

enum { AGAIN = 1 };

/* Reads all files, and then looks whether they were all of one living program. */
static int read_once(struct reading *r)
{
	struct stat_pid after;
	struct buf text;
	int ret = space_init(&r->s->space);
	int still;

	if (ret == 0)
		ret = read_files(r);
	if (!r->p.live || (ret < 0 && ret != -ESRCH && ret != -ESTALE))
		return ret;
	buf_init(&text);
	still = read_stat(r, &text, &after);
	if (still == 0 && find_condition(&after) != find_condition(&r->s->stat))
		still = -ESRCH;
	if (still == 0 && (ret < 0 || r->s->condition == CONDITION_NO_MEMORY ||
			   !stat_same_program(&r->s->stat, &after) || !process_has_space(&r->p)))
		still = AGAIN;
	if (still == 0) {	/* read before the last look, so it is of this program */
		buf_done(&r->s->stat_text);
		r->s->stat_text = text;
		r->s->stat = after;
		return 0;
	}
	buf_done(&text);
	return still;
}

int snapshot_read(const struct snapshot_request *req, pid_t pid, struct snapshot *out,
		  struct err *e)
{
	struct reading r = { .req = req, .s = out, .e = e };
	double start = clock_seconds();
	int ret = root_open_process(req->root, pid, &r.p);

	memset(out, 0, sizeof(*out));
	if (ret == -ENOENT || ret == -ENOTDIR)
		return err_set(e, -ESRCH, "%d: no such process", (int)pid);
	if (ret < 0)
		return err_set(e, ret, "%d: %s", (int)pid, strerror(-ret));
	for (int i = 1; i <= TRIES; i++) {
		snapshot_done(out);
		if (e)
			*e = (struct err){ 0 };
		out->pid = pid;
		out->live = req->root->live;
		out->status.state = '?';
		r.last_try = i == TRIES;
		ret = read_once(&r);
		if (ret != AGAIN)
			break;
	}
	if (ret == AGAIN && out->condition == CONDITION_NO_MEMORY)
		ret = 0;
	if (ret == AGAIN)
		ret = err_set(e, -EAGAIN, "%d: replaces its program faster than it can be read",
			      (int)pid);
	else if (ret == -ESRCH && req->root->live)
		err_set(e, ret, "%d: exited while being read", (int)pid);
	else if (ret < 0 && e && !e->code)
		err_set(e, ret, "%d: %s", (int)pid, strerror(-ret));
	out->bytes_read = r.p.bytes_read;
	out->read_seconds = clock_seconds() - start;
	process_close(&r.p);
	return ret;
}

void snapshot_done(struct snapshot *s)
{
	buf_done(&s->stat_text);
	buf_done(&s->command);
	buf_done(&s->executable);
	buf_done(&s->cgroup);
	numa_done(&s->numa);
	census_set_done(&s->pages);
	translation_set_done(&s->translations);
	space_done(&s->space);
	vec_done(&s->mounts);
	vec_done(&s->unavailable);
	memset(s, 0, sizeof(*s));
}

uint64_t snapshot_brk(const struct snapshot *s)
{
	uint64_t brk = 0;

	for (size_t i = 0; i < s->space.vma.n; i++)
		if (str_eq(vma_path(&s->space, &s->space.vma.v[i]), STR("[heap]")))
			brk = s->space.vma.v[i].end;
	return brk;
}
