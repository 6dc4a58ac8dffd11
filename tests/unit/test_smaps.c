/* SPDX-License-Identifier: GPL-3.0-or-later */
/* smaps: the same records whatever the blocks, whatever the order, whatever is missing. */
#include "config.h"

#include "proc/smaps.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "unit.h"

#define LINE "%08x-%08x rw-p 00000000 00:00 0 \n"

/* All that a parser gave, written down. */
struct result {
	struct buf text;
	size_t records;
	int stop_at;		/* the record at which to give -EINTR; 0: never */
	struct smaps_record last;
};

static int take(void *ctx, const struct smaps_record *r)
{
	struct result *out = ctx;

	buf_printf(&out->text, "%" PRIx64 "-%" PRIx64 " %.*s %x %d %" PRIx64, r->line.start,
		   r->line.end, (int)r->line.name.len, r->line.name.p, r->valid, r->has_flags,
		   r->vm_flags);
	for (unsigned int i = 0; i < SMAPS_COUNTERS; i++)
		if (r->valid >> i & 1)
			buf_printf(&out->text, " %" PRIu64, r->v[i]);
	buf_putc(&out->text, '\n');
	out->last = *r;
	return ++out->records == (size_t)out->stop_at ? -EINTR : 0;
}

/* Blocks of so many lines each, each in memory of its own size. */
static int run(struct str text, unsigned int lines_per_block, struct result *out,
	       struct smaps_flag_names *names, const char **problem)
{
	struct smaps_parser p;
	const char *end = text.p + text.len;
	int ret = 0;

	*out = (struct result){ .stop_at = out->stop_at };
	smaps_flag_names_init(names);
	smaps_parser_init(&p, names, take, out);
	for (const char *s = text.p; ret == 0 && s < end;) {
		const char *stop = s;
		char *copy;

		for (unsigned int i = 0; i < lines_per_block && stop < end; i++) {
			const char *nl = memchr(stop, '\n', (size_t)(end - stop));

			stop = nl ? nl + 1 : end;
		}
		copy = malloc((size_t)(stop - s));
		memcpy(copy, s, (size_t)(stop - s));
		ret = smaps_parse(&p, copy, (size_t)(stop - s));
		free(copy);
		s = stop;
	}
	if (ret == 0)
		ret = smaps_finish(&p);
	ck_assert(ret != -EBADMSG || p.problem);
	if (problem)
		*problem = p.problem;
	smaps_parser_done(&p);
	return ret;
}

static int parse(const char *text, struct result *out)
{
	struct smaps_flag_names names;
	int ret;

	memset(out, 0, sizeof(*out));
	ret = run(str_of(text), 1000000, out, &names, NULL);
	buf_done(&out->text);
	return ret;
}

static bool has(const struct result *r, enum smaps_counter i, uint64_t *v)
{
	*v = r->last.v[i];
	return r->last.valid >> i & 1;
}

#define ck_counter(r, i, want) \
	do { \
		uint64_t v_; \
		ck_assert_msg(has((r), (i), &v_), #i " is unknown"); \
		ck_assert_uint_eq(v_, (want)); \
	} while (0)

#define ck_unknown(r, i) \
	do { \
		uint64_t v_; \
		ck_assert_msg(!has((r), (i), &v_), #i " is known"); \
	} while (0)

/* A record as Linux 6.18 writes it; each counter has a value of its own: its place times step. */
static void put_record(struct buf *b, unsigned int start, const char *name, unsigned int step)
{
	static const char *const key[] = {
		"Size", "KernelPageSize", "MMUPageSize", "Rss", "Pss", "Pss_Dirty", "Shared_Clean",
		"Shared_Dirty", "Private_Clean", "Private_Dirty", "Referenced", "Anonymous", "KSM",
		"LazyFree", "AnonHugePages", "ShmemPmdMapped", "FilePmdMapped", "Shared_Hugetlb",
		"Private_Hugetlb", "Swap", "SwapPss", "Locked",
	};

	buf_printf(b, "%08x-%08x rw-p 00000000 00:00 0 ", start, start + 0x1000);
	if (*name)
		buf_printf(b, "%*s%s", 36, "", name);
	buf_putc(b, '\n');
	for (unsigned int i = 0; i < sizeof(key) / sizeof(key[0]); i++) {
		char with_colon[32];

		snprintf(with_colon, sizeof(with_colon), "%s:", key[i]);
		buf_printf(b, "%-16s%8u kB\n", with_colon, i * step);
	}
	buf_printf(b, "%-16s%8u\n", "THPeligible:", step & 1);
	buf_printf(b, "%-16s%8u\n", "ProtectionKey:", step & 15);
	buf_puts(b, "VmFlags: rd wr mr mw me ac \n");
}

START_TEST(test_all_counters)
{
	struct result r;
	struct buf b;

	buf_init(&b);
	put_record(&b, 0x1000, "[heap]", 3);
	ck_assert_int_eq(parse(buf_string(&b), &r), 0);
	ck_assert_uint_eq(r.records, 1);
	for (unsigned int i = SMAPS_KERNEL_PAGE_SIZE; i <= SMAPS_LOCKED; i++)
		ck_counter(&r, (enum smaps_counter)i, (i + 1) * 3 * UINT64_C(1024));
	ck_counter(&r, SMAPS_THP_ELIGIBLE, 1);
	ck_counter(&r, SMAPS_PROTECTION_KEY, 3);
	ck_unknown(&r, SMAPS_PSS_ANON);
	ck_assert(r.last.has_flags);
	ck_assert_uint_eq(r.last.vm_flags, SMAPS_BIT(RD) | SMAPS_BIT(WR) | SMAPS_BIT(MR) |
			  SMAPS_BIT(MW) | SMAPS_BIT(ME) | SMAPS_BIT(AC));
	buf_done(&b);
}
END_TEST

/* Records of several shapes after one another; the result must not depend on the blocks. */
START_TEST(test_blocks)
{
	struct smaps_flag_names names;
	struct result want = { .records = 0 }, got = { .records = 0 };
	struct buf b;
	size_t lines = 0;

	buf_init(&b);
	put_record(&b, 0x1000, "", 1);
	put_record(&b, 0x2000, "/lib/a (deleted)", 2);
	buf_printf(&b, LINE "Rss: 8 kB\nPss: 4 kB\nVmFlags:\n", 0x3000, 0x4000);
	put_record(&b, 0x4000, "[stack]", 123456789);
	put_record(&b, 0x6000, "", 5);
	buf_printf(&b, LINE, 0x7000, 0x8000);
	put_record(&b, 0x9000, "/a b kB", 4);
	for (size_t i = 0; i < b.len; i++)
		lines += b.data[i] == '\n';
	ck_assert_int_eq(run((struct str){ b.data, b.len }, 1, &want, &names, NULL), 0);
	ck_assert_uint_eq(want.records, 7);
	for (unsigned int n = 2; n <= lines + 1; n++) {
		ck_assert_int_eq(run((struct str){ b.data, b.len }, n, &got, &names, NULL), 0);
		ck_assert_uint_eq(got.text.len, want.text.len);
		ck_assert_mem_eq(got.text.data, want.text.data, want.text.len);
		buf_done(&got.text);
	}
	buf_done(&want.text);
	buf_done(&b);
}
END_TEST

/* Each record with its lines shuffled, some left out, some unknown ones put in. */
START_TEST(test_any_order)
{
	enum { RECORDS = 300 };
	struct smaps_flag_names names;
	struct result got = { .records = 0 };
	struct buf b, want;
	uint64_t seed = 31;
	unsigned int lines_before = 0;

	buf_init(&b);
	buf_init(&want);
	for (unsigned int r = 1; r <= RECORDS; r++) {
		unsigned int order[SMAPS_COUNTERS + 2], n = 0;
		uint64_t v[SMAPS_COUNTERS], flags = 0;
		uint32_t valid = 0;
		bool has_flags = false;

		buf_printf(&b, LINE, r * 0x1000, (r + 1) * 0x1000);
		for (unsigned int i = 0; i < SMAPS_COUNTERS + 2; i++) {
			unsigned int at = (unsigned int)unit_below(&seed, n + 1);

			order[n++] = order[at];
			order[at] = i;
		}
		if (r % 3 && r < RECORDS)	/* the last one must not look cut */
			n -= (unsigned int)unit_below(&seed, 8);
		(void)lines_before;
		for (unsigned int k = 0; k < n; k++) {
			unsigned int i = order[k];

			if (i == SMAPS_COUNTERS) {
				buf_puts(&b, "VmFlags: rd ex pad=7 ??  sl\n");
				has_flags = true;
				flags = SMAPS_BIT(RD) | SMAPS_BIT(EX) | SMAPS_BIT(SL) |
					UINT64_C(1) << SMAPS_FLAGS_KNOWN;
				continue;
			}
			if (i > SMAPS_COUNTERS) {
				buf_puts(&b, r & 1 ? "Size:                  4 kB\n" :
						     "Novelty:  77 pages\n");
				continue;
			}
			v[i] = unit_below(&seed, r % 5 ? 100000 : UINT64_C(1) << 50);
			buf_printf(&b, "%s:%*s%" PRIu64 "%s\n", smaps_counter_info[i].name,
				   (int)unit_below(&seed, 12), "", v[i],
				   smaps_counter_info[i].is_bytes ? " kB" : "");
			v[i] *= smaps_counter_info[i].is_bytes ? 1024 : 1;
			valid |= 1u << i;
		}
		buf_printf(&want, "%x-%x  %x %d %" PRIx64, r * 0x1000, (r + 1) * 0x1000, valid,
			   has_flags, flags);
		for (unsigned int i = 0; i < SMAPS_COUNTERS; i++)
			if (valid >> i & 1)
				buf_printf(&want, " %" PRIu64, v[i]);
		buf_putc(&want, '\n');
	}
	ck_assert_int_eq(run((struct str){ b.data, b.len }, 7, &got, &names, NULL), 0);
	ck_assert_uint_eq(got.records, RECORDS);
	for (size_t i = 0; i < got.text.len && i < want.len; i++)
		ck_assert_msg(got.text.data[i] == want.data[i], "at %zu:\n%.*s\nnot\n%.*s", i, 200,
			      got.text.data + (i > 100 ? i - 100 : 0), 200,
			      want.data + (i > 100 ? i - 100 : 0));
	ck_assert_uint_eq(got.text.len, want.len);
	ck_assert_str_eq(names.code[SMAPS_FLAGS_KNOWN], "??");
	buf_done(&got.text);
	buf_done(&want);
	buf_done(&b);
}
END_TEST

START_TEST(test_maps_only)
{
	struct result r;

	ck_assert_int_eq(parse("00001000-00002000 rw-p 00000000 00:00 0 \n"
			       "00002000-00003000 r-xp 00000000 00:00 0 \n", &r), 0);
	ck_assert_uint_eq(r.records, 2);
	ck_assert_uint_eq(r.last.valid, 0);
	ck_assert(!r.last.has_flags);
	ck_assert_int_eq(parse("", &r), 0);
	ck_assert_uint_eq(r.records, 0);
}
END_TEST

START_TEST(test_rollup)
{
	struct result r;

	ck_assert_int_eq(parse(
		"55d0c0a00000-ffffffffff601000 ---p 00000000 00:00 0                      [rollup]\n"
		"Rss:                3532 kB\nPss:                 893 kB\nPss_Dirty:           340 kB\n"
		"Pss_Anon:            340 kB\nPss_File:            553 kB\nPss_Shmem:             0 kB\n",
		&r), 0);
	ck_counter(&r, SMAPS_RSS, 3532 * 1024);
	ck_counter(&r, SMAPS_PSS, 893 * 1024);
	ck_counter(&r, SMAPS_PSS_DIRTY, 340 * 1024);
	ck_counter(&r, SMAPS_PSS_ANON, 340 * 1024);
	ck_counter(&r, SMAPS_PSS_FILE, 553 * 1024);
	ck_counter(&r, SMAPS_PSS_SHMEM, 0);
}
END_TEST

#define ONE "00001000-00002000 rw-p 00000000 00:00 0 \n"
#define TWO "00002000-00003000 rw-p 00000000 00:00 0 \n"

START_TEST(test_odd_values)
{
	struct result r;

	/* kB that do not fit bytes are not known; neither is what is no number */
	ck_assert_int_eq(parse(ONE "Rss:    18014398509481983 kB\nPss:   18014398509481984 kB\n"
			       "Swap:   99999999999999999999 kB\nLocked:  x kB\nAnonymous:\n"
			       "KSM: -4 kB\n", &r), 0);
	ck_counter(&r, SMAPS_RSS, UINT64_C(18014398509481983) * 1024);
	ck_unknown(&r, SMAPS_PSS);
	ck_unknown(&r, SMAPS_SWAP);
	ck_unknown(&r, SMAPS_LOCKED);
	ck_unknown(&r, SMAPS_ANONYMOUS);
	ck_unknown(&r, SMAPS_KSM);
	/* more digits than the usual column has */
	ck_assert_int_eq(parse(ONE "Rss:                   4 kB\n" TWO "Rss:           1234567890 kB\n",
			       &r), 0);
	ck_counter(&r, SMAPS_RSS, UINT64_C(1234567890) * 1024);
	ck_assert_int_eq(parse(ONE "Rss:            12345678 kB\n" TWO "Rss:            87654321 kB\n",
			       &r), 0);
	ck_counter(&r, SMAPS_RSS, UINT64_C(87654321) * 1024);
	/* a name that begins like another */
	ck_assert_int_eq(parse(ONE "Pss_Anon: 4 kB\nPss_New:  8 kB\nSwapPs: 12 kB\nRs: 4 kB\n", &r), 0);
	ck_counter(&r, SMAPS_PSS_ANON, 4096);
	ck_unknown(&r, SMAPS_PSS);
	ck_unknown(&r, SMAPS_SWAP);
	ck_unknown(&r, SMAPS_SWAP_PSS);
	ck_unknown(&r, SMAPS_RSS);
	/* the first line decides how the next ones look, but not what they are worth */
	ck_assert_int_eq(parse(ONE "Rss:123456789012 12345 kB\n" TWO "Rss:123456789012      77 kB\n",
			       &r), 0);
	ck_counter(&r, SMAPS_RSS, UINT64_C(123456789012) * 1024);
}
END_TEST

/* What has no digits is unknown, also where the line is as long as usual. */
START_TEST(test_no_digits)
{
	struct result r;

	ck_assert_int_eq(parse(ONE "Rss:                   4 kB\n" TWO "Rss:                     kB\n",
			       &r), 0);
	ck_unknown(&r, SMAPS_RSS);
	ck_assert_int_eq(parse(ONE "Rss:                   4 kB\n" TWO "Rss:                 1 2 kB\n",
			       &r), 0);
	ck_counter(&r, SMAPS_RSS, 1024);
	ck_assert_int_eq(parse(ONE "Rss:                   4 kB\n" TWO "Rss:                  -4 kB\n",
			       &r), 0);
	ck_unknown(&r, SMAPS_RSS);
}
END_TEST

/* Nothing of one record is left in the next. */
START_TEST(test_nothing_stays)
{
	struct result r;

	ck_assert_int_eq(parse(ONE "Rss:                   4 kB\nSwap:                  8 kB\n"
			       "VmFlags: rd\n" TWO "Locked:                0 kB\nKSM: 1 kB\nPss: 2 kB\n",
			       &r), 0);
	ck_unknown(&r, SMAPS_RSS);
	ck_unknown(&r, SMAPS_SWAP);
	ck_counter(&r, SMAPS_LOCKED, 0);
	ck_assert(!r.last.has_flags);
	ck_assert_uint_eq(r.last.vm_flags, 0);
	ck_str(r.last.line.name, "");
}
END_TEST

START_TEST(test_flags)
{
	struct smaps_flag_names names;
	struct result r = { .records = 0 };
	struct buf b;

	/* an empty line tells nothing */
	ck_assert_int_eq(parse(ONE "VmFlags:\n", &r), 0);
	ck_assert(!r.last.has_flags && r.last.vm_flags == 0);
	ck_assert_int_eq(parse(ONE "VmFlags: \n", &r), 0);
	ck_assert(!r.last.has_flags && r.last.vm_flags == 0);
	ck_assert_int_eq(parse(ONE "VmFlags:   rd    wr  \n", &r), 0);
	ck_assert_uint_eq(r.last.vm_flags, SMAPS_BIT(RD) | SMAPS_BIT(WR));
	ck_assert_int_eq(parse(ONE "VmFlags: r rdx pad=4 0x\n", &r), 0);
	ck_assert_uint_eq(r.last.vm_flags & (SMAPS_BIT(RD) | SMAPS_BIT(WR)), 0);
	/* every known code, by its own line */
	for (unsigned int i = 0; i < SMAPS_FLAGS_KNOWN; i++) {
		buf_init(&b);
		buf_printf(&b, ONE "VmFlags: %s \n", smaps_flag_info[i].code);
		ck_assert_int_eq(parse(buf_string(&b), &r), 0);
		ck_assert_uint_eq(r.last.vm_flags, UINT64_C(1) << i);
		buf_done(&b);
	}
	/* more unknown ones than there are bits: all keep a name, the last bit takes the rest */
	buf_init(&b);
	buf_puts(&b, ONE "VmFlags:");
	for (char c = 'a'; c <= 'z'; c++)
		for (char d = '0'; d <= '9'; d++)
			buf_printf(&b, " %c%c", c, d);
	buf_puts(&b, "\n" TWO "VmFlags: a0 z9 rd\n");
	memset(&r, 0, sizeof(r));
	ck_assert_int_eq(run((struct str){ b.data, b.len }, 1, &r, &names, NULL), 0);
	ck_assert_uint_eq(names.n, SMAPS_FLAGS);
	ck_assert_str_eq(names.code[SMAPS_FLAGS_KNOWN], "a0");
	ck_assert_uint_eq(r.last.vm_flags, SMAPS_BIT(RD) | UINT64_C(1) << SMAPS_FLAGS_KNOWN |
			  UINT64_C(1) << (SMAPS_FLAGS - 1));
	buf_done(&r.text);
	buf_done(&b);
}
END_TEST

/* Codes are printed as they are, in JSON too: only what is harmless may become one. */
START_TEST(test_hostile_flags)
{
	static const char *const code[] = { "\"\"", "\\n", "\033[", "\xff\xfe", "\t\t", "\x7f.", "<\r" };
	struct smaps_flag_names names;

	for (size_t i = 0; i < sizeof(code) / sizeof(code[0]); i++) {
		struct result r = { .records = 0 };
		struct buf b;

		buf_init(&b);
		buf_printf(&b, ONE "VmFlags: rd %s wr \n", code[i]);
		ck_assert_int_eq(run((struct str){ b.data, b.len }, 9, &r, &names, NULL), 0);
		ck_assert_msg(names.n == SMAPS_FLAGS_KNOWN ||
			      strcmp(names.code[SMAPS_FLAGS_KNOWN], code[i]) != 0,
			      "code %zu is taken as it is", i);
		buf_done(&r.text);
		buf_done(&b);
	}
}
END_TEST

/* The kernel's table has each code once, and so has ours. */
START_TEST(test_flag_table)
{
	for (unsigned int i = 0; i < SMAPS_FLAGS_KNOWN; i++) {
		ck_assert_uint_eq(strlen(smaps_flag_info[i].code), 2);
		ck_assert_ptr_nonnull(smaps_flag_info[i].help);
		for (unsigned int k = 0; k < i; k++)
			ck_assert_str_ne(smaps_flag_info[i].code, smaps_flag_info[k].code);
	}
	ck_assert_str_eq(smaps_flag_info[SMAPS_FLAG_GU].code, "gu");
	ck_assert_str_eq(smaps_flag_info[SMAPS_FLAG_HT].code, "ht");
	for (unsigned int i = 0; i < SMAPS_COUNTERS; i++) {
		ck_assert_ptr_nonnull(smaps_counter_info[i].name);
		ck_assert_ptr_nonnull(smaps_counter_info[i].key);
		ck_assert_ptr_nonnull(smaps_counter_info[i].help);
	}
}
END_TEST

START_TEST(test_long_name)
{
	enum { LEN = 100 * 1024 };
	struct smaps_flag_names names;
	struct result r = { .records = 0 };
	char *name = malloc(LEN + 1), *want;
	struct buf b;

	memset(name, 'x', LEN);
	memcpy(name + LEN - 6, " 12 kB", 6);
	name[LEN] = '\0';
	buf_init(&b);
	put_record(&b, 0x1000, name, 1);
	put_record(&b, 0x2000, "/sz 12 kB", 2);
	ck_assert_int_eq(run((struct str){ b.data, b.len }, 1, &r, &names, NULL), 0);
	ck_assert_uint_eq(r.records, 2);
	want = strchr(r.text.data, 'x');
	ck_assert_ptr_nonnull(want);
	ck_assert_mem_eq(want, name, LEN);
	ck_assert_ptr_nonnull(memmem(r.text.data, r.text.len, " /sz 12 kB ", 11));
	buf_done(&r.text);
	buf_done(&b);
	free(name);
}
END_TEST

static void check_bad(const char *text, size_t records)
{
	struct smaps_flag_names names;

	for (unsigned int n = 1; n < 4; n++) {
		struct result r = { .records = 0 };
		const char *problem;

		ck_assert_msg(run(str_of(text), n, &r, &names, &problem) == -EBADMSG, "%s", text);
		ck_assert_uint_eq(r.records, records);
		ck_assert_ptr_nonnull(problem);
		buf_done(&r.text);
	}
}

START_TEST(test_damaged)
{
	check_bad("12 monkeys\n", 0);
	check_bad(ONE "Rss: 4 kB\nffff\n", 1);
	check_bad("00001000-00002000 rw-p 00000000 00:0", 0);
	check_bad("00001000-00002000 rw-p 00000000 00:00 0 ", 0);
	check_bad(ONE "Rss:   4 k", 0);
	/* fewer lines than the mapping before: cut between lines */
	check_bad(ONE "Rss: 4 kB\nPss: 4 kB\n" TWO "Rss: 4 kB\n", 1);
	check_bad(ONE "Rss: 4 kB\n" TWO, 1);
}
END_TEST

/* Mappings that overlap: neighbours were merged between two reads. */
START_TEST(test_overlap)
{
	static const char text[] =
		"00001000-00003000 rw-p 00000000 fe:00 9 /x\nRss: 4 kB\n"
		"00001000-00002000 rw-p 00000000 fe:00 9 /x\nRss: 4 kB\n"
		"00002000-00005000 rw-p 00001000 fe:00 9 /x\nRss: 8 kB\n";
	struct smaps_flag_names names;
	struct result r = { .records = 0 };
	struct smaps_parser p;

	ck_assert_int_eq(parse(TWO ONE, &r), -ESTALE);
	ck_assert_uint_eq(r.records, 1);
	ck_assert_int_eq(parse(ONE "00001800-00003000 rw-p 00000000 00:00 0 \n", &r), -ESTALE);
	memset(&r, 0, sizeof(r));
	smaps_flag_names_init(&names);
	smaps_parser_init(&p, &names, take, &r);
	p.clip = true;
	ck_assert_int_eq(smaps_parse(&p, text, strlen(text)), 0);
	ck_assert_int_eq(smaps_finish(&p), 0);
	/* what was told already is left out; the rest keeps its place in the file */
	ck_assert_uint_eq(r.records, 2);
	ck_assert_uint_eq(r.last.line.start, 0x3000);
	ck_assert_uint_eq(r.last.line.end, 0x5000);
	ck_assert_uint_eq(r.last.line.offset, 0x2000);
	smaps_parser_done(&p);
	buf_done(&r.text);
}
END_TEST

START_TEST(test_harmless)
{
	struct result r;

	/* more lines in the last, lines before the first, lines of no known shape */
	ck_assert_int_eq(parse(ONE "Rss: 4 kB\n" TWO "Rss: 8 kB\nPss: 4 kB\n", &r), 0);
	ck_counter(&r, SMAPS_RSS, 8192);
	ck_assert_int_eq(parse("\n\nRss: 4 kB\n" ONE "\n  Rss: 8 kB\n#\n\xff\n", &r), 0);
	ck_assert_uint_eq(r.records, 1);
	ck_unknown(&r, SMAPS_RSS);
	ck_assert_int_eq(parse(ONE "Rss: 4 kB\r\nVmFlags: rd wr \r\n", &r), 0);
	ck_counter(&r, SMAPS_RSS, 4096);
}
END_TEST

START_TEST(test_stop)
{
	struct smaps_flag_names names;
	struct result r = { .stop_at = 1 };

	ck_assert_int_eq(run(STR(ONE TWO), 1, &r, &names, NULL), -EINTR);
	ck_assert_uint_eq(r.records, 1);
	buf_done(&r.text);
	r = (struct result){ .stop_at = 2 };
	ck_assert_int_eq(run(STR(ONE TWO), 1, &r, &names, NULL), -EINTR);
	ck_assert_uint_eq(r.records, 2);
	buf_done(&r.text);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("smaps");

	UNIT_CASE(s, "records", test_all_counters, test_blocks, test_any_order, test_maps_only,
		  test_rollup, test_nothing_stays, test_long_name, test_stop);
	UNIT_CASE(s, "values", test_odd_values, test_no_digits);
	UNIT_CASE(s, "flags", test_flags, test_hostile_flags, test_flag_table);
	UNIT_CASE(s, "damage", test_damaged, test_overlap, test_harmless);
	return unit_run(s);
}
