/* SPDX-License-Identifier: GPL-3.0-or-later */
/* --probe without the trials: capabilities, mounts, the table of features, how it looks. */
#include "config.h"

#include "proc/probe.h"

#include "proc/mountinfo.h"
#include "proc/probing.h"
#include "report/probe.h"
#include "unit.h"

static struct privileges parse(const char *text)
{
	struct privileges p;

	privileges_parse(text, strlen(text), &p);
	return p;
}

/* Of Linux 6.18, shortened; of 5.4, whose last capability is 37. */
START_TEST(test_privileges)
{
	struct privileges p = parse("Name:\tx\nUid:\t1000\t1001\t1002\t1003\nCapInh:\t0000000000000000\n"
				    "CapPrm:\t000001ffffffffff\nCapEff:\t0000000000280004\n"
				    "CapBnd:\t000001ffffffffff\n");

	ck_assert(p.has_uid && p.has_effective && p.has_permitted);
	ck_assert_uint_eq(p.uid, 1001);
	ck_assert_uint_eq(p.permitted, UINT64_C(0x1ffffffffff));
	ck_assert_uint_eq(p.effective, 0x280004);
	ck_assert(privileges_has(&p, CAPABILITY_SYS_PTRACE));
	ck_assert(privileges_has(&p, CAPABILITY_SYS_ADMIN));
	ck_assert(privileges_has(&p, CAPABILITY_DAC_READ_SEARCH));
	ck_assert(!privileges_has(&p, CAPABILITY_DAC_OVERRIDE));
	ck_assert(!privileges_has(&p, CAPABILITY_PERFMON));
	p = parse("CapEff:\t0000003fffffffff\n");
	ck_assert(privileges_has(&p, CAPABILITY_SYSLOG) && !privileges_has(&p, CAPABILITY_PERFMON));
	ck_assert(!p.has_uid && !p.has_permitted);
}
END_TEST

START_TEST(test_privileges_damaged)
{
	static const char *const text[] = {
		"", "CapEff:", "CapEff:\t\nCapPrm:\txyz\nUid:\t\n", "CapEff:\t10000000000000000\n",
		"Uid:\t1000", "Uid:\t0\t4294967296\t0\t0\n", "CapEff\n", "capeff:\t1\n",
	};

	for (size_t i = 0; i < sizeof(text) / sizeof(text[0]); i++) {
		struct privileges p = parse(text[i]);

		ck_assert_msg(!p.has_uid && !p.has_effective && !p.has_permitted, "%s", text[i]);
		ck_assert(!privileges_has(&p, CAPABILITY_SYS_ADMIN));
	}
}
END_TEST

/* Numbers and names of include/uapi/linux/capability.h, 6.18. */
START_TEST(test_capability_names)
{
	static const struct {
		unsigned int number;
		const char *name;
	} want[] = {
		{ 0, "CAP_CHOWN" }, { CAPABILITY_DAC_OVERRIDE, "CAP_DAC_OVERRIDE" },
		{ CAPABILITY_DAC_READ_SEARCH, "CAP_DAC_READ_SEARCH" },
		{ CAPABILITY_SYS_RAWIO, "CAP_SYS_RAWIO" },
		{ CAPABILITY_SYS_PTRACE, "CAP_SYS_PTRACE" },
		{ CAPABILITY_SYS_ADMIN, "CAP_SYS_ADMIN" }, { 31, "CAP_SETFCAP" },
		{ CAPABILITY_SYSLOG, "CAP_SYSLOG" }, { 37, "CAP_AUDIT_READ" },
		{ CAPABILITY_PERFMON, "CAP_PERFMON" }, { 39, "CAP_BPF" },
		{ CAPABILITY_CHECKPOINT_RESTORE, "CAP_CHECKPOINT_RESTORE" },
		{ 41, "CAP_41" }, { 63, "CAP_63" },
	};
	char space[CAPABILITY_NAME_MAX];

	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++)
		ck_assert_str_eq(capability_name(want[i].number, space), want[i].name);
	ck_assert(user_namespace_is_initial(STR("user:[4026531837]")));
	ck_assert(!user_namespace_is_initial(STR("user:[4026532177]")));
	ck_assert(!user_namespace_is_initial(STR("")));
}
END_TEST

/* Lines of this machine (6.18) and of one with hidepid; then some that are no mounts. */
START_TEST(test_mounts)
{
	static const char text[] =
		"21 26 0:20 / /proc rw,relatime - proc proc rw\n"
		"26 1 254:0 / / rw,relatime shared:1 master:2 - ext4 /dev/vda rw,discard\n"
		"\n1 2 3\n30 1 0:1 / /x rw -\n31 1 0:1 / /x rw shared:1 tmpfs none rw\n"
		"40 30 0:37 /a\\040b /sys/fs/cg\\040roup\\134 rw,relatime - cgroup2 cgroup2 rw\n"
		"41 26 0:20 / /proc rw - proc proc rw,gid=4,hidepid=invisible,subset=pid";
	struct lines l = { text, text + sizeof(text) - 1 };
	struct str value;
	struct mount_line m;
	struct buf b;

	buf_init(&b);
	ck_assert(mountinfo_next(&l, &m));
	ck_str(m.type, "proc");
	ck_str(m.point, "/proc");
	ck_str(m.options, "rw");
	ck_assert(!mountinfo_option(m.options, "hidepid", &value));
	ck_assert(mountinfo_next(&l, &m));
	ck_str(m.type, "ext4");
	ck_str(m.options, "rw,discard");
	ck_assert(mountinfo_option(m.options, "discard", &value));
	ck_str(value, "");
	ck_assert(!mountinfo_option(m.options, "disc", &value));
	ck_assert(mountinfo_next(&l, &m));
	ck_str(m.type, "cgroup2");
	mountinfo_unescape(&b, m.root);
	ck_buf(&b, "/a b");
	buf_clear(&b);
	mountinfo_unescape(&b, m.point);
	ck_buf(&b, "/sys/fs/cg roup\\");
	ck_assert(mountinfo_next(&l, &m));
	ck_assert(mountinfo_option(m.options, "hidepid", &value));
	ck_str(value, "invisible");
	ck_assert(mountinfo_option(m.options, "gid", &value));
	ck_str(value, "4");
	ck_assert(mountinfo_option(m.options, "subset", &value));
	ck_str(value, "pid");
	ck_assert(!mountinfo_next(&l, &m));
	buf_clear(&b);
	mountinfo_unescape(&b, STR("\\04\\888\\400x\\"));
	ck_buf(&b, "\\04\\888\\400x\\");
	buf_done(&b);
}
END_TEST

START_TEST(test_words)
{
	ck_str(probe_selected(STR("always [madvise] never\n")), "madvise");
	ck_str(probe_selected(STR("[always] inherit madvise never\n")), "always");
	ck_str(probe_selected(STR("always madvise never\n")), "");
	ck_str(probe_selected(STR("always [madvise never\n")), "");
	ck_str(probe_selected(STR("")), "");
	/* iomem and kallsyms as root sees them, and as others do */
	ck_assert(probe_has_address(STR("00000000-00000fff : Reserved\n00001000-0009fbff : System RAM\n")));
	ck_assert(!probe_has_address(STR("00000000-00000000 : Reserved\n  00000000-00000000 : Video ROM\n")));
	ck_assert(probe_has_address(STR("00000000-00000000 : x\n  000c0000-000c7fff : Video ROM\n")));
	ck_assert(!probe_has_address(STR("0000000000000000 A fixed_percpu_data\n"
					 "0000000000000000 A __per_cpu_start\n")));
	ck_assert(probe_has_address(STR("0000000000000000 A fixed_percpu_data\n"
					"0000000000001000 A cpu_debug_store\n")));
	ck_assert(!probe_has_address(STR("")));
}
END_TEST

static bool is_key(const char *s)
{
	return *s && s[strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789_")] == '\0';
}

/* Every feature says what it is for and what would enable it; nothing is said twice. */
START_TEST(test_features)
{
	for (unsigned int i = 0; i < PROBE_FEATURES; i++) {
		const struct probe_feature *f = &probe_feature[i];

		ck_assert_msg(f->key && is_key(f->key), "feature %u has no key", i);
		ck_assert_msg(f->title && *f->title && f->used_for && *f->used_for && f->probe,
			      "%s: something is missing", f->key);
		ck_assert_msg(strlen(f->title) <= 22 && strlen(f->used_for) <= 39,
			      "%s: a text is too long for a terminal of 80 columns", f->key);
		ck_assert_msg(f->group < PROBE_GROUPS &&
			      (i == 0 || f->group >= f[-1].group), "%s: wrong group", f->key);
		ck_assert_msg(!f->path || f->path[0] != '/', "%s: path not from the root", f->key);
		ck_assert_msg(f->kernel || f->privilege || i == PROBE_PAGE_TABLE_LEVELS,
			      "%s: nothing would enable it", f->key);
		for (unsigned int j = 0; j < i; j++)
			ck_assert_msg(strcmp(f->key, probe_feature[j].key) != 0 &&
				      strcmp(f->title, probe_feature[j].title) != 0,
				      "%s: twice", f->key);
	}
	for (unsigned int i = 0; i < PROBE_GROUPS; i++)
		ck_assert(is_key(probe_group_info[i].key) && *probe_group_info[i].title);
	for (unsigned int i = 0; i < PROBE_RESULTS; i++)
		ck_assert(is_key(probe_result_key[i]));
}
END_TEST

/* Findings of every kind, and a name that the kernel might have let through. */
static void make(struct probe *p)
{
	static const char hostile[] = "/sys/\033[31m\xff is there, and this goes on until the end of "
				      "the line and well beyond it";

	*p = (struct probe){ .user_namespace = PROBE_NAMESPACE_INITIAL };
	p->privileges = parse("Uid:\t0\t65534\t0\t0\nCapEff:\t0000000000200004\n");
	for (unsigned int i = 0; i < PROBE_FEATURES; i++)
		p->finding[i] = (struct probe_finding){ PROBE_YES, STR("works"), NULL };
	p->finding[PROBE_SMAPS] = (struct probe_finding){ PROBE_NO, STR("/proc/self/smaps: no such file"),
							  "a kernel with it" };
	p->finding[PROBE_PSI] = (struct probe_finding){ PROBE_PARTLY, { hostile, strlen(hostile) }, NULL };
	p->finding[PROBE_KCORE] = (struct probe_finding){ PROBE_NOT_ALLOWED, STR("refused"), "CAP_X" };
	p->finding[PROBE_IOMEM] = (struct probe_finding){ PROBE_UNKNOWN, STR("not tried"), "a try" };
}

static void make_machine(struct machine *m)
{
	*m = (struct machine){ .page_size = 4096 };
	buf_puts(&m->kernel, "6.1.0");
	buf_puts(&m->arch, "x86_64");
}

/* Bytes that a terminal takes for anything but text. */
static void check_harmless(const struct buf *b)
{
	size_t wide = 0, bad = 0, at = 0;

	for (size_t i = 0; i < b->len; i++) {
		unsigned char c = (unsigned char)b->data[i];

		bad += (c < 0x20 && c != '\n') || c == 0x7f || c > 0xf0;
		/* a character of UTF-8 is one column here */
		at = c == '\n' ? 0 : at + ((c & 0xc0) != 0x80);
		wide += at > 80;
	}
	ck_assert_uint_eq(bad, 0);
	ck_assert_uint_eq(wide, 0);
}

START_TEST(test_text)
{
	struct style s = { .picture_width = 80, .headings = true };
	struct machine m;
	struct probe p;
	struct probe_subject subject = { &p, &m, "nobody" };
	struct buf b;

	make(&p);
	make_machine(&m);
	buf_init(&b);
	probe_text(&b, &s, &subject);
	check_harmless(&b);
	ck_assert(buf_string(&b));
	ck_assert_ptr_nonnull(strstr(b.data, "Linux 6.1.0   x86_64   4K pages\n"
		"run by nobody (uid 65534) with, of the capabilities that matter here,\n"
		"  CAP_DAC_READ_SEARCH, CAP_SYS_ADMIN\n"));
	ck_assert_ptr_nonnull(strstr(b.data, "\nProcesses and their mappings\n"
		"  maps                    yes          the list of mappings\n"
		"  smaps                   no           what is in RAM, unique, swapped\n"
		"      /proc/self/smaps: no such file\n"
		"      needs a kernel with it\n"));
	ck_assert_ptr_nonnull(strstr(b.data,
		"  memory pressure (PSI)   partly       time lost for want of memory\n"
		"      /sys/\\x1b[31m\\xff is there, and this goes on until the end of the line and\n"
		"      well beyond it\n"));
	ck_assert_ptr_nonnull(strstr(b.data,
		"  kcore                   not allowed  where the kernel's own mappings lie\n"
		"      refused\n      needs CAP_X\n"));
	ck_assert_ptr_nonnull(strstr(b.data, "PRIVILEGES"));
	buf_clear(&b);
	s.utf8 = true;
	probe_text(&b, &s, &subject);
	check_harmless(&b);
	ck_assert(buf_string(&b));
	ck_assert_ptr_nonnull(strstr(b.data, "  ✓ maps "));
	ck_assert_ptr_nonnull(strstr(b.data, "  ✗ smaps "));
	ck_assert_ptr_nonnull(strstr(b.data, "  ~ memory pressure"));
	ck_assert_ptr_nonnull(strstr(b.data, "  ? addresses in iomem"));
	buf_done(&b);
	machine_done(&m);
}
END_TEST

START_TEST(test_raw_and_json)
{
	struct style s = { .picture_width = 80, .raw = true };
	struct machine m;
	struct probe p;
	struct probe_subject subject = { &p, &m, NULL };
	struct json j;
	struct buf b;
	size_t lines = 0;

	make(&p);
	make_machine(&m);
	buf_init(&b);
	probe_text(&b, &s, &subject);
	ck_assert(buf_string(&b));
	for (size_t i = 0; i < b.len; i++)
		lines += b.data[i] == '\n';
	ck_assert_uint_eq(lines, PROBE_FEATURES);
	ck_assert_ptr_nonnull(strstr(b.data, "\nkcore machine not_allowed "
		"where\\x20the\\x20kernel's\\x20own\\x20mappings\\x20lie refused CAP_X\n"));
	ck_assert_ptr_nonnull(strstr(b.data, " works -\n"));
	buf_clear(&b);
	json_init(&j, &b, false);
	json_object(&j, NULL);
	probe_json(&j, &subject);
	json_object_end(&j);
	ck_assert(buf_string(&b));
	ck_assert_ptr_nonnull(strstr(b.data, "{\"privileges\":{\"uid\":65534,\"user\":null,"
		"\"initial_user_namespace\":true,\"capabilities\":[\"CAP_DAC_READ_SEARCH\","
		"\"CAP_SYS_ADMIN\"]},\"probe\":["
		"{\"feature\":\"maps\",\"group\":\"processes\",\"result\":\"yes\","
		"\"used_for\":\"the list of mappings\",\"fact\":\"works\",\"needs\":null},"));
	ck_assert_ptr_nonnull(strstr(b.data, "{\"feature\":\"kcore\",\"group\":\"machine\","
		"\"result\":\"not_allowed\","));
	p.privileges.has_effective = false;
	p.user_namespace = PROBE_NAMESPACE_UNKNOWN;
	buf_clear(&b);
	json_init(&j, &b, false);
	json_object(&j, NULL);
	probe_json(&j, &subject);
	ck_assert(buf_string(&b));
	ck_assert_ptr_nonnull(strstr(b.data, "\"initial_user_namespace\":null,\"capabilities\":null}"));
	buf_done(&b);
	machine_done(&m);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("probe");

	UNIT_CASE(s, "parsers", test_privileges, test_privileges_damaged, test_capability_names,
		  test_mounts, test_words);
	UNIT_CASE(s, "features", test_features);
	UNIT_CASE(s, "output", test_text, test_raw_and_json);
	return unit_run(s);
}
