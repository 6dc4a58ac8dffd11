/* SPDX-License-Identifier: GPL-3.0-or-later */
/* /proc/PID/smaps, and maps and smaps_rollup, which are subsets of its format. */
#include "config.h"

#include "proc/smaps.h"

#include <errno.h>
#include <string.h>

#include "base/num.h"

#define SUM(name_, key_, help_) { name_, key_, help_, 1, 1 }

const struct smaps_counter_info smaps_counter_info[SMAPS_COUNTERS] = {
	[SMAPS_KERNEL_PAGE_SIZE] = { "KernelPageSize", "kernel_page_size",
		"page size the kernel allocates here (hugetlb: the huge size)", 0, 1 },
	[SMAPS_MMU_PAGE_SIZE] = { "MMUPageSize", "mmu_page_size",
		"page size in the page tables; THP not counted", 0, 1 },
	[SMAPS_RSS] = SUM("Rss", "rss", "pages in RAM mapped here; without hugetlb"),
	[SMAPS_PSS] = SUM("Pss", "pss",
		"Rss with each page divided by the number of its mappers"),
	[SMAPS_PSS_DIRTY] = SUM("Pss_Dirty", "pss_dirty", "dirty part of Pss (6.0)"),
	[SMAPS_SHARED_CLEAN] = SUM("Shared_Clean", "shared_clean",
		"clean pages that are mapped more than once"),
	[SMAPS_SHARED_DIRTY] = SUM("Shared_Dirty", "shared_dirty",
		"dirty pages that are mapped more than once"),
	[SMAPS_PRIVATE_CLEAN] = SUM("Private_Clean", "private_clean",
		"clean pages that only this mapping maps"),
	[SMAPS_PRIVATE_DIRTY] = SUM("Private_Dirty", "private_dirty",
		"dirty pages that only this mapping maps"),
	[SMAPS_REFERENCED] = SUM("Referenced", "referenced",
		"pages accessed since their accessed bit was last cleared"),
	[SMAPS_ANONYMOUS] = SUM("Anonymous", "anonymous",
		"pages of no file: never had one, or copied on write"),
	[SMAPS_KSM] = SUM("KSM", "ksm", "pages merged by KSM (6.7)"),
	[SMAPS_LAZY_FREE] = SUM("LazyFree", "lazy_free",
		"pages given back by MADV_FREE, not taken yet (4.12)"),
	[SMAPS_ANON_HUGE_PAGES] = SUM("AnonHugePages", "anon_huge_pages",
		"anonymous memory mapped by PMD entries, not smaller THP"),
	[SMAPS_SHMEM_PMD_MAPPED] = SUM("ShmemPmdMapped", "shmem_pmd_mapped",
		"shared memory mapped by PMD entries (4.8)"),
	[SMAPS_FILE_PMD_MAPPED] = SUM("FilePmdMapped", "file_pmd_mapped",
		"page cache mapped by PMD entries (5.4)"),
	[SMAPS_SHARED_HUGETLB] = SUM("Shared_Hugetlb", "shared_hugetlb",
		"hugetlb pages mapped by others too; not in Rss (4.4)"),
	[SMAPS_PRIVATE_HUGETLB] = SUM("Private_Hugetlb", "private_hugetlb",
		"hugetlb pages mapped only here; not in Rss (4.4)"),
	[SMAPS_SWAP] = SUM("Swap", "swap", "pages swapped out, shared ones in full"),
	[SMAPS_SWAP_PSS] = SUM("SwapPss", "swap_pss",
		"Swap with each page divided by its users; not shmem (4.3)"),
	[SMAPS_LOCKED] = SUM("Locked", "locked", "Pss of the mapping if it is mlocked"),
	[SMAPS_THP_ELIGIBLE] = { "THPeligible", "thp_eligible",
		"1 if transparent huge pages may be used here (5.0)", 0, 0 },
	[SMAPS_PROTECTION_KEY] = { "ProtectionKey", "protection_key",
		"memory protection key (4.9, CPUs with pkeys)", 0, 0 },
	[SMAPS_PSS_ANON] = SUM("Pss_Anon", "pss_anon", "anonymous part of Pss (5.3)"),
	[SMAPS_PSS_FILE] = SUM("Pss_File", "pss_file", "page-cache part of Pss (5.3)"),
	[SMAPS_PSS_SHMEM] = SUM("Pss_Shmem", "pss_shmem", "shared-memory part of Pss (5.3)"),
};

const struct smaps_flag_info smaps_flag_info[SMAPS_FLAGS_KNOWN] = {
	[SMAPS_FLAG_RD] = { "rd", "readable" },
	[SMAPS_FLAG_WR] = { "wr", "writable" },
	[SMAPS_FLAG_EX] = { "ex", "executable" },
	[SMAPS_FLAG_SH] = { "sh", "shared" },
	[SMAPS_FLAG_MR] = { "mr", "may be made readable" },
	[SMAPS_FLAG_MW] = { "mw", "may be made writable" },
	[SMAPS_FLAG_ME] = { "me", "may be made executable" },
	[SMAPS_FLAG_MS] = { "ms", "may be made shared" },
	[SMAPS_FLAG_GD] = { "gd", "stack: grows down" },
	[SMAPS_FLAG_PF] = { "pf", "raw page frames, no struct page" },
	[SMAPS_FLAG_DW] = { "dw", "writes to the file are refused (until 5.15)" },
	[SMAPS_FLAG_LO] = { "lo", "locked in RAM" },
	[SMAPS_FLAG_IO] = { "io", "device memory" },
	[SMAPS_FLAG_SR] = { "sr", "sequential-read advice" },
	[SMAPS_FLAG_RR] = { "rr", "random-read advice" },
	[SMAPS_FLAG_DC] = { "dc", "not copied by fork" },
	[SMAPS_FLAG_DE] = { "de", "not expandable by mremap" },
	[SMAPS_FLAG_LF] = { "lf", "locked in RAM on fault" },
	[SMAPS_FLAG_AC] = { "ac", "counted against the commit limit" },
	[SMAPS_FLAG_NR] = { "nr", "no swap space reserved" },
	[SMAPS_FLAG_HT] = { "ht", "hugetlb pages" },
	[SMAPS_FLAG_SF] = { "sf", "synchronous DAX faults" },
	[SMAPS_FLAG_NL] = { "nl", "non-linear (until 4.0)" },
	[SMAPS_FLAG_AR] = { "ar", "architecture-specific" },
	[SMAPS_FLAG_WF] = { "wf", "wiped on fork" },
	[SMAPS_FLAG_DD] = { "dd", "not in core dumps" },
	[SMAPS_FLAG_SD] = { "sd", "soft-dirty" },
	[SMAPS_FLAG_MM] = { "mm", "mixed: page frames with and without struct page" },
	[SMAPS_FLAG_HG] = { "hg", "huge-page advice" },
	[SMAPS_FLAG_NH] = { "nh", "no-huge-page advice" },
	[SMAPS_FLAG_MG] = { "mg", "mergeable by KSM" },
	[SMAPS_FLAG_UM] = { "um", "userfaultfd tracks missing pages" },
	[SMAPS_FLAG_UW] = { "uw", "userfaultfd tracks writes" },
	[SMAPS_FLAG_UI] = { "ui", "userfaultfd tracks minor faults" },
	[SMAPS_FLAG_MT] = { "mt", "arm64 memory tags" },
	[SMAPS_FLAG_BT] = { "bt", "arm64 guarded branches" },
	[SMAPS_FLAG_SS] = { "ss", "shadow stack" },
	[SMAPS_FLAG_SL] = { "sl", "sealed" },
	[SMAPS_FLAG_DP] = { "dp", "droppable" },
	[SMAPS_FLAG_GU] = { "gu", "may hold guard markers" },
	[SMAPS_FLAG_MP] = { "mp", "MPX tables (until 5.6)" },
};

_Static_assert(SMAPS_COUNTERS <= 32, "struct smaps_record.valid is a 32-bit mask");
_Static_assert(SMAPS_FLAGS_KNOWN < SMAPS_FLAGS, "room for flags to come");

static bool is_small(char c)
{
	return c >= 'a' && c <= 'z';
}

static unsigned int add_flag(struct smaps_flag_names *names, const char *code)
{
	unsigned int bit = names->n++;

	names->code[bit][0] = code[0];
	names->code[bit][1] = code[1];
	names->code[bit][2] = '\0';
	if (is_small(code[0]) && is_small(code[1]))
		names->bit[code[0] - 'a'][code[1] - 'a'] = (unsigned char)(bit + 1);
	return bit;
}

/* Codes that come when all bits are taken share the last one. */
static unsigned int flag_bit(struct smaps_flag_names *names, const char *code)
{
	unsigned int i;

	if (is_small(code[0]) && is_small(code[1]) && names->bit[code[0] - 'a'][code[1] - 'a'])
		return names->bit[code[0] - 'a'][code[1] - 'a'] - 1u;
	for (i = SMAPS_FLAGS_KNOWN; i < names->n; i++)
		if (memcmp(names->code[i], code, 2) == 0)
			return i;
	return names->n < SMAPS_FLAGS ? add_flag(names, code) : SMAPS_FLAGS - 1;
}

void smaps_flag_names_init(struct smaps_flag_names *names)
{
	memset(names, 0, sizeof(*names));
	for (unsigned int i = 0; i < SMAPS_FLAGS_KNOWN; i++)
		add_flag(names, smaps_flag_info[i].code);
}

void smaps_parser_init(struct smaps_parser *p, struct smaps_flag_names *flags, smaps_fn fn,
		       void *ctx)
{
	memset(p, 0, sizeof(*p));
	p->fn = fn;
	p->ctx = ctx;
	p->flags = flags;
	buf_init(&p->name);
}

void smaps_parser_done(struct smaps_parser *p)
{
	buf_done(&p->name);
}

static int bad(struct smaps_parser *p, const char *problem)
{
	p->problem = problem;
	return -EBADMSG;
}

static int end_record(struct smaps_parser *p)
{
	if (!p->in_record)
		return 0;
	p->in_record = false;
	p->known_before = p->known;
	return p->fn(p->ctx, &p->r);
}

static int begin_record(struct smaps_parser *p, const char *line, const char *end)
{
	uint64_t last_end = p->r.line.end;
	int ret = end_record(p);

	if (ret < 0)
		return ret;
	if (!maps_parse_line(line, end, &p->r.line))
		return bad(p, "not a mapping");
	if (p->r.line.start < last_end) {
		/* neighbours were merged meanwhile, and the kernel shows the whole again */
		p->problem = "addresses go backwards";
		if (!p->clip)
			return -ESTALE;
		if (p->r.line.inode)
			p->r.line.offset += last_end - p->r.line.start;
		p->r.line.start = last_end;
		if (p->r.line.end <= last_end) {
			p->r.line.end = last_end;
			return 0;
		}
	}
	p->in_record = true;
	p->r.valid = 0;
	p->r.has_flags = false;
	p->r.vm_flags = 0;
	p->known = p->at = 0;
	buf_clear(&p->name);
	buf_add(&p->name, p->r.line.name.p, p->r.line.name.len);
	if (p->name.error)
		return p->name.error;
	p->r.line.name.p = p->name.data;
	return 0;
}

/* Letters, and the question marks of a flag the kernel itself has no code for. */
static bool is_code(char c)
{
	return is_small(c) || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '?';
}

static void parse_flags(struct smaps_parser *p, const char *s, const char *end)
{
	while (s < end) {
		const char *word;

		while (s < end && *s == ' ')
			s++;
		word = s;
		while (s < end && *s != ' ')
			s++;
		/* Android adds words such as pad=4: anything but two letters is not a flag */
		if (s - word != 2 || !is_code(word[0]) || !is_code(word[1]))
			continue;
		p->r.vm_flags |= UINT64_C(1) << flag_bit(p->flags, word);
		p->r.has_flags = true;	/* an empty line tells nothing */
	}
}

/* Which counter a line holds, by its name up to the colon; or SMAPS_LINE_OTHER. */
static unsigned int identify(const char *line, size_t len)
{
	const char *colon = memchr(line, ':', len);
	struct str name = { line, colon ? (size_t)(colon - line) : 0 };

	for (unsigned int i = 0; i < SMAPS_COUNTERS; i++)
		if (str_eq(name, str_of(smaps_counter_info[i].name)))
			return i;
	return SMAPS_LINE_OTHER;
}

static bool is_blank(const char *s, size_t n)
{
	while (n && *s == ' ') {
		s++;
		n--;
	}
	return n == 0;
}

/* Remembers where in a record this line stood. */
static void remember(struct smaps_parser *p, const char *line, size_t len, unsigned int is)
{
	size_t name = is == SMAPS_LINE_OTHER ? 0 : strlen(smaps_counter_info[is].name) + 1;

	if (p->at >= SMAPS_MAX_LINES)
		return;
	p->order[p->at].is = (unsigned char)is;
	memset(p->order[p->at].start, '\n', SMAPS_USUAL_NAME);
	/* a line whose number begins in the name's columns is no model: it stays newlines */
	if (len >= SMAPS_USUAL_NAME &&
	    (is == SMAPS_LINE_OTHER || is_blank(line + name, SMAPS_USUAL_NAME - name)))
		memcpy(p->order[p->at].start, line, SMAPS_USUAL_NAME);
	p->order_n = ++p->at;
}

static void set_counter(struct smaps_parser *p, unsigned int i, uint64_t v)
{
	if (smaps_counter_info[i].is_bytes) {
		if (v > UINT64_MAX / 1024)
			return;
		v *= 1024;
	}
	p->r.v[i] = v;
	p->r.valid |= UINT32_C(1) << i;
}

static void parse_line(struct smaps_parser *p, const char *line, const char *end)
{
	static const char flags[] = "VmFlags:";
	size_t len = (size_t)(end - line);
	unsigned int is;
	const char *s;
	uint64_t v;

	if (str_has_prefix((struct str){ line, len }, flags)) {
		p->known++;
		parse_flags(p, line + strlen(flags), end);
		return;
	}
	is = identify(line, len);
	remember(p, line, len, is);
	if (is == SMAPS_LINE_OTHER)
		return;
	p->known++;
	s = line + strlen(smaps_counter_info[is].name) + 1;
	while (s < end && *s == ' ')
		s++;
	if (num_scan_u64(&s, end, &v))
		set_counter(p, is, v);
}

/* Eight columns, right-aligned: "%8lu". False where there is anything else. */
static inline bool scan_column(const char *s, uint64_t *v)
{
	const char *end = s + 8;
	uint64_t n = 0;

	if (memcmp(s, "       0", 8) == 0) {
		*v = 0;
		return true;
	}
	while (s < end && *s == ' ')
		s++;
	if (s == end)
		return false;
	for (; s < end; s++) {
		if (*s < '0' || *s > '9')
			return false;
		n = n * 10 + (unsigned int)(*s - '0');
	}
	*v = n;
	return true;
}

/*
 * Takes lines from s on that begin like those that stood here in the record before and are
 * "%-16s%8lu kB\n" or "%-16s%8u\n": this is nearly all of the file, so it is worth a path of its
 * own. Gives the first line that must be looked at closely.
 */
static const char *parse_usual(struct smaps_parser *p, const char *s, const char *end)
{
	unsigned int at = p->at, first = at, known = p->known;
	uint32_t valid = p->r.valid;

	for (; at < p->order_n && end - s >= 28; at++) {
		unsigned int is = p->order[at].is;
		bool kb = memcmp(s + 24, " kB\n", 4) == 0;
		uint64_t v;

		if (memcmp(s, p->order[at].start, SMAPS_USUAL_NAME) != 0 ||
		    (!kb && s[24] != '\n') || !scan_column(s + SMAPS_USUAL_NAME, &v))
			break;
		if (is != SMAPS_LINE_OTHER) {
			/* eight digits of kB fit well */
			p->r.v[is] = smaps_counter_info[is].is_bytes ? v << 10 : v;
			valid |= UINT32_C(1) << is;
			known++;
		}
		s += kb ? 28 : 25;
	}
	p->r.valid = valid;
	p->at = at;
	p->known = known;
	p->line_number += at - first;
	return s;
}

int smaps_parse(void *ctx, const char *block, size_t len)
{
	struct smaps_parser *p = ctx;
	const char *s = block, *end = block + len;

	while (s < end) {
		const char *nl;
		int ret;

		if (p->in_record)
			s = parse_usual(p, s, end);
		if (s == end)
			break;
		p->line_number++;
		nl = memchr(s, '\n', (size_t)(end - s));
		if (!nl)
			return bad(p, "cut off in the middle of a line");
		if (maps_is_line(s, nl)) {
			ret = begin_record(p, s, nl);
			if (ret < 0)
				return ret;
		} else if (p->in_record && *s >= 'A' && *s <= 'Z') {
			parse_line(p, s, nl);
		}
		s = nl + 1;
	}
	return 0;
}

int smaps_finish(struct smaps_parser *p)
{
	if (p->in_record && p->known < p->known_before)
		return bad(p, "ends in the middle of a mapping");
	return end_record(p);
}
