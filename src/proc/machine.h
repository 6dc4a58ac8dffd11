/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The machine behind the process: kernel, architecture, page sizes, depth of page tables. */
#ifndef PROC_MACHINE_H
#define PROC_MACHINE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "proc/meminfo.h"
#include "proc/root.h"

enum { MACHINE_HUGE_SIZES = 16 };

struct machine {
	struct buf hostname, kernel, arch;	/* len 0: unknown */
	struct meminfo meminfo;
	uint64_t page_size;			/* bytes; 0: unknown */
	uint64_t huge_page_size[MACHINE_HUGE_SIZES];	/* hugetlb, ascending */
	unsigned int huge_page_sizes;
	uint64_t mmap_min_addr;			/* bytes; 0: unknown */
	bool has_uptime, has_boot_time;
	uint64_t uptime_ticks;			/* 1/100 s since boot */
	uint64_t boot_time;			/* seconds since 1970 */
	unsigned int mmu_bits;			/* riscv: 39, 48, 57 from cpuinfo; 0: not told */
};

/* Reads what there is; what is missing stays unknown. with_boot_time costs reading /proc/stat,
 * which is slow on large machines. */
void machine_read(const struct root *root, bool with_boot_time, struct machine *m);
void machine_done(struct machine *m);

/* "btime N" of /proc/stat. */
bool machine_parse_boot_time(const char *text, size_t len, uint64_t *seconds);
/* "12345.67 ..." of /proc/uptime, as 1/100 s. */
bool machine_parse_uptime(const char *text, size_t len, uint64_t *ticks);
/* The architecture that a /proc/cpuinfo is of, for kernels before 6.1, which have no
 * kernel/arch; NULL: can't tell. */
const char *machine_parse_arch(const char *text, size_t len);
/* "mmu : sv48" of a riscv /proc/cpuinfo; 0 elsewhere. */
unsigned int machine_parse_mmu(const char *text, size_t len);

#endif
