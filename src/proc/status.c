/* SPDX-License-Identifier: GPL-3.0-or-later */
/* /proc/PID/status: readable for every process that is visible at all. */
#include "config.h"

#include "proc/status.h"

#include <errno.h>
#include <string.h>

#include "base/num.h"
#include "proc/lines.h"

const struct status_field_info status_field_info[STATUS_FIELDS] = {
	[STATUS_VM_PEAK] = { "VmPeak", "vm_peak", "largest VmSize so far", STATUS_KB },
	[STATUS_VM_SIZE] = { "VmSize", "vm_size",
		"all mappings, reserved address space included", STATUS_KB },
	[STATUS_VM_LCK] = { "VmLck", "vm_lck", "locked by mlock, not scaled", STATUS_KB },
	[STATUS_VM_PIN] = { "VmPin", "vm_pin", "pinned for devices (3.2)", STATUS_KB },
	[STATUS_VM_HWM] = { "VmHWM", "vm_hwm", "largest VmRSS so far", STATUS_KB },
	[STATUS_VM_RSS] = { "VmRSS", "vm_rss",
		"pages in RAM: RssAnon + RssFile + RssShmem; without hugetlb", STATUS_KB },
	[STATUS_RSS_ANON] = { "RssAnon", "rss_anon", "anonymous part of VmRSS (4.5)", STATUS_KB },
	[STATUS_RSS_FILE] = { "RssFile", "rss_file", "page-cache part of VmRSS (4.5)", STATUS_KB },
	[STATUS_RSS_SHMEM] = { "RssShmem", "rss_shmem",
		"shared-memory part of VmRSS (4.5)", STATUS_KB },
	[STATUS_VM_DATA] = { "VmData", "vm_data", "private writable mappings", STATUS_KB },
	[STATUS_VM_STK] = { "VmStk", "vm_stk", "the main stack", STATUS_KB },
	[STATUS_VM_EXE] = { "VmExe", "vm_exe", "text of the executable", STATUS_KB },
	[STATUS_VM_LIB] = { "VmLib", "vm_lib", "text of the libraries", STATUS_KB },
	[STATUS_VM_PTE] = { "VmPTE", "vm_pte",
		"page tables, all levels since 4.15", STATUS_KB },
	[STATUS_VM_PMD] = { "VmPMD", "vm_pmd",
		"second-level page tables (4.0 to 4.14)", STATUS_KB },
	[STATUS_VM_SWAP] = { "VmSwap", "vm_swap",
		"anonymous pages swapped out; not shared memory", STATUS_KB },
	[STATUS_HUGETLB_PAGES] = { "HugetlbPages", "hugetlb_pages",
		"hugetlb pages in use (4.4)", STATUS_KB },
	[STATUS_CORE_DUMPING] = { "CoreDumping", "core_dumping",
		"1 while dumping core (4.15)", STATUS_NUMBER },
	[STATUS_THP_ENABLED] = { "THP_enabled", "thp_enabled",
		"0 after prctl(PR_SET_THP_DISABLE) (5.0)", STATUS_NUMBER },
	[STATUS_UNTAG_MASK] = { "untag_mask", "untag_mask",
		"address bits that are not a tag (6.4)", STATUS_HEX },
	[STATUS_TGID] = { "Tgid", "tgid", "process of this thread", STATUS_NUMBER },
	[STATUS_PPID] = { "PPid", "ppid", "parent process", STATUS_NUMBER },
	[STATUS_THREADS] = { "Threads", "threads", "number of threads", STATUS_NUMBER },
	[STATUS_KTHREAD] = { "Kthread", "kthread", "1 for a kernel thread (6.12)", STATUS_NUMBER },
};

_Static_assert(STATUS_FIELDS <= 32, "struct status.valid is a 32-bit mask");

static void parse_number(struct status *out, unsigned int i, struct str value)
{
	const char *s = value.p, *end = s + value.len;
	uint64_t v;

	if (status_field_info[i].type == STATUS_HEX) {
		if (!num_parse_hex(s, value.len, &v))
			return;
	} else if (!num_scan_u64(&s, end, &v)) {
		return;
	}
	if (status_field_info[i].type == STATUS_KB)
		v = num_mul(v, 1024);
	out->v[i] = v;
	out->valid |= UINT32_C(1) << i;
}

/* "Uid:	real	effective	saved	filesystem" */
static void parse_uid(struct status *out, struct str value)
{
	const char *s = value.p, *end = s + value.len;
	uint64_t real, effective;

	if (!num_scan_u64(&s, end, &real) || s == end)
		return;
	s++;
	if (!num_scan_u64(&s, end, &effective) || effective > UINT32_MAX)
		return;
	out->uid = (uint32_t)effective;
	out->has_uid = true;
}

int status_parse(const char *text, size_t len, struct status *out)
{
	struct lines lines = lines_of(text, len);
	struct str name, value;

	*out = (struct status){ .state = '?' };
	while (lines_next_field(&lines, &name, &value)) {
		if (str_eq(name, STR("State")) && value.len) {
			out->state = value.p[0];
		} else if (str_eq(name, STR("Uid"))) {
			parse_uid(out, value);
		} else {
			for (unsigned int i = 0; i < STATUS_FIELDS; i++)
				if (str_eq(name, str_of(status_field_info[i].name)))
					parse_number(out, i, value);
		}
	}
	return out->state == '?' ? -EBADMSG : 0;
}

bool status_find(const char *text, size_t len, const char *name, struct str *value)
{
	struct lines lines = lines_of(text, len);
	struct str found;

	while (lines_next_field(&lines, &found, value))
		if (str_eq(found, str_of(name)))
			return true;
	return false;
}

const char *status_state_name(char state)
{
	switch (state) {
	case 'R': return "running";
	case 'S': return "sleeping";
	case 'D': return "waiting for I/O";
	case 'T': return "stopped";
	case 't': return "stopped by a tracer";
	case 'Z': return "zombie";
	case 'X': return "dead";
	case 'I': return "idle";
	case 'P': return "parked";
	default: return "unknown";
	}
}
