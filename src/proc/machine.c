/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The machine behind the process: kernel, architecture, page sizes, depth of page tables. */
#include "config.h"

#include "proc/machine.h"

#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/num.h"
#include "proc/auxv.h"
#include "proc/lines.h"

/* A file that holds one word; without its newline. */
static void read_word(const struct root *root, const char *path, struct buf *out)
{
	buf_clear(out);
	if (root_read(root, path, out) < 0)
		buf_clear(out);
	while (out->len && out->data[out->len - 1] == '\n')
		out->len--;
}

static bool read_number(const struct root *root, const char *path, uint64_t *v)
{
	struct buf b;
	bool ok;

	buf_init(&b);
	read_word(root, path, &b);
	ok = b.len && buf_string(&b) && num_parse_u64(b.data, v);
	buf_done(&b);
	return ok;
}

static void read_names(const struct root *root, struct machine *m)
{
	struct utsname u;

	if (root->live && uname(&u) == 0) {
		buf_puts(&m->hostname, u.nodename);
		buf_puts(&m->kernel, u.release);
	} else {
		read_word(root, "proc/sys/kernel/hostname", &m->hostname);
		read_word(root, "proc/sys/kernel/osrelease", &m->kernel);
	}
	/* since 6.1; what uname() says follows the personality of the caller (setarch) */
	read_word(root, "proc/sys/kernel/arch", &m->arch);
	if (m->arch.len == 0 && root->live && uname(&u) == 0)
		buf_puts(&m->arch, u.machine);
}

/* "hugepages-2048kB" */
static int add_huge_size(void *ctx, const char *name)
{
	struct machine *m = ctx;
	const char *s = name + strlen("hugepages-"), *end = s + strlen(s);
	unsigned int i = m->huge_page_sizes;
	uint64_t kb;

	if (i == MACHINE_HUGE_SIZES || !num_scan_u64(&s, end, &kb) || strcmp(s, "kB") != 0)
		return 0;
	for (; i > 0 && m->huge_page_size[i - 1] > kb * 1024; i--)
		m->huge_page_size[i] = m->huge_page_size[i - 1];
	m->huge_page_size[i] = kb * 1024;
	m->huge_page_sizes++;
	return 0;
}

bool machine_parse_boot_time(const char *text, size_t len, uint64_t *seconds)
{
	struct lines lines = lines_of(text, len);
	struct str line;

	while (lines_next(&lines, &line)) {
		const char *s = line.p;

		if (!str_has_prefix(line, "btime "))
			continue;
		s += strlen("btime ");
		return num_scan_u64(&s, line.p + line.len, seconds);
	}
	return false;
}

bool machine_parse_uptime(const char *text, size_t len, uint64_t *ticks)
{
	const char *s = text, *end = text + len;
	uint64_t seconds, hundredths = 0;

	if (!num_scan_u64(&s, end, &seconds))
		return false;
	if (s < end && *s == '.') {
		s++;
		if (!num_scan_u64(&s, end, &hundredths) || hundredths > 99)
			return false;
	}
	*ticks = num_add(num_mul(seconds, 100), hundredths);
	return true;
}

const char *machine_parse_arch(const char *text, size_t len)
{
	struct lines lines = lines_of(text, len);
	struct str name, value;

	while (lines_next_field(&lines, &name, &value)) {
		if (str_eq(name, STR("flags")))		/* x86; lm: long mode */
			return memmem(value.p, value.len, " lm ", 4) ? "x86_64" : "i686";
		if (str_eq(name, STR("CPU implementer")))	/* arm has it too */
			return "aarch64";
		if (str_eq(name, STR("mmu")) && str_has_prefix(value, "sv"))
			return str_eq(value, STR("sv32")) ? NULL : "riscv64";
		if (str_eq(name, STR("cpu")) && str_has_prefix(value, "POWER"))
			return "ppc64le";
	}
	return NULL;
}

unsigned int machine_parse_mmu(const char *text, size_t len)
{
	struct lines lines = lines_of(text, len);
	struct str name, value;

	while (lines_next_field(&lines, &name, &value)) {
		const char *s = value.p, *end = value.p + value.len;
		uint64_t bits;

		if (!str_eq(name, STR("mmu")) || !str_has_prefix(value, "sv"))
			continue;
		s += strlen("sv");
		if (num_scan_u64(&s, end, &bits) && bits < 64)
			return (unsigned int)bits;
	}
	return 0;
}

/* Slow to read on large machines, so only where it tells what nothing else does. */
static void read_cpuinfo(const struct root *root, struct machine *m)
{
	bool riscv = m->arch.len >= 5 && memcmp(m->arch.data, "riscv", 5) == 0;
	const char *arch;
	struct buf b;

	if (m->arch.len && !riscv)
		return;
	buf_init(&b);
	if (root_read(root, "proc/cpuinfo", &b) == 0) {
		arch = m->arch.len ? NULL : machine_parse_arch(b.data, b.len);
		if (arch)
			buf_puts(&m->arch, arch);
		m->mmu_bits = machine_parse_mmu(b.data, b.len);
	}
	buf_done(&b);
}

/* A capture has the auxv of the program that made it; 0: unknown. */
static uint64_t captured_page_size(const struct root *root)
{
	struct auxv auxv = { .page_size = 0 };
	struct buf b;

	buf_init(&b);
	if (root_read(root, "proc/self/auxv", &b) == 0 && auxv_parse(b.data, b.len, &auxv) < 0)
		auxv.page_size = 0;
	buf_done(&b);
	return auxv.page_size;
}

void machine_read(const struct root *root, bool with_boot_time, struct machine *m)
{
	struct buf b;

	*m = (struct machine){ 0 };
	buf_init(&b);
	read_names(root, m);
	if (root_read(root, "proc/meminfo", &b) == 0)
		meminfo_parse(b.data, b.len, &m->meminfo);
	buf_clear(&b);
	if (root_read(root, "proc/uptime", &b) == 0)
		m->has_uptime = machine_parse_uptime(b.data, b.len, &m->uptime_ticks);
	buf_clear(&b);
	if (with_boot_time && root_read(root, "proc/stat", &b) == 0)
		m->has_boot_time = machine_parse_boot_time(b.data, b.len, &m->boot_time);
	buf_clear(&b);
	read_cpuinfo(root, m);
	buf_done(&b);
	read_number(root, "proc/sys/vm/mmap_min_addr", &m->mmap_min_addr);
	root_each(root, "sys/kernel/mm/hugepages", "hugepages-", add_huge_size, m);
	m->page_size = root->live ? (uint64_t)sysconf(_SC_PAGESIZE) : captured_page_size(root);
}

void machine_done(struct machine *m)
{
	buf_done(&m->hostname);
	buf_done(&m->kernel);
	buf_done(&m->arch);
}
