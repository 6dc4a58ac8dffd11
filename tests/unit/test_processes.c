/* SPDX-License-Identifier: GPL-3.0-or-later */
/* All processes: rows from snapshots, groups, sums, and the tree. */
#include "config.h"

#include "model/processes.h"

#include "model/process_history.h"
#include "unit.h"

static const char *const lines[4] = { "|- ", "`- ", "|  ", "   " };

/* A process with this PSS in KiB; negative: its smaps_rollup can't be read. */
static struct process_row *add(struct processes *p, pid_t pid, pid_t ppid, int pss,
			       const char *name, const char *user)
{
	struct snapshot s = { .pid = pid, .condition = CONDITION_NORMAL, .bits = 64 };
	struct process_row *row;

	s.stat.comm = str_of(name);
	s.stat.state = 'S';
	s.status.valid = 1u << STATUS_PPID | 1u << STATUS_VM_SIZE | 1u << STATUS_VM_RSS;
	s.status.v[STATUS_PPID] = (uint64_t)ppid;
	s.status.v[STATUS_VM_SIZE] = 1 << 20;
	s.status.v[STATUS_VM_RSS] = 8 << 10;
	s.has_rollup = pss >= 0;
	s.rollup_valid = 1u << SMAPS_PSS | 1u << SMAPS_PRIVATE_CLEAN | 1u << SMAPS_PRIVATE_DIRTY;
	s.rollup[SMAPS_PSS] = pss < 0 ? 0 : (uint64_t)pss << 10;
	s.rollup[SMAPS_PRIVATE_DIRTY] = 4 << 10;
	buf_init(&s.command);
	buf_add(&s.command, name, strlen(name));
	ck_assert_int_eq(processes_add(p, &s, user, &row), 0);
	buf_done(&s.command);
	return row;
}

static void check_command(const struct processes *p, size_t at, const char *want)
{
	ck_assert_uint_lt(at, p->row.n);
	ck_str(strtab_get(&p->strings, p->row.v[at].command), want);
}

START_TEST(test_rows)
{
	struct processes p;
	struct process_row *row;
	struct snapshot thread = { .condition = CONDITION_KERNEL_THREAD };
	struct snapshot zombie = { .condition = CONDITION_ZOMBIE };

	ck_assert_int_eq(processes_init(&p), 0);
	row = add(&p, 7, 1, 100, "a", "root");
	ck_assert_uint_eq(row->v[SMAPS_PSS], 100 << 10);
	ck_assert_uint_eq(row->v[PROCESS_USS], 4 << 10);
	ck_assert_uint_eq(row->unreadable, 0);
	/* without smaps_rollup, status tells the RSS; the PSS is unknown, not 0 */
	row = add(&p, 8, 1, -1, "b", NULL);
	ck_assert(!process_has(row, SMAPS_PSS));
	ck_assert(!process_has(row, PROCESS_USS));
	ck_assert_uint_eq(row->v[SMAPS_RSS], 8 << 10);
	ck_assert_uint_eq(p.unreadable, 1);
	/* these have no memory */
	ck_assert_int_eq(processes_add(&p, &thread, NULL, &row), 0);
	ck_assert_ptr_null(row);
	ck_assert_int_eq(processes_add(&p, &zombie, NULL, &row), 0);
	ck_assert_ptr_null(row);
	ck_assert_uint_eq(p.row.n, 2);
	ck_assert_uint_eq(p.kernel_threads, 1);
	ck_assert_uint_eq(p.zombies, 1);
	processes_done(&p);
}
END_TEST

/* The first argument may be missing, and blanks and NULs are told apart by nobody. */
START_TEST(test_command)
{
	struct processes p;
	struct process_row *row;
	struct snapshot s = { .pid = 3, .condition = CONDITION_NORMAL };

	s.stat.comm = STR("a) (b");
	s.status.valid = 1u << STATUS_VM_SIZE;
	ck_assert_int_eq(processes_init(&p), 0);
	ck_assert_int_eq(processes_add(&p, &s, NULL, &row), 0);
	check_command(&p, 0, "[a) (b]");
	buf_init(&s.command);
	buf_add(&s.command, "x\0\033[31m\0\0", 9);
	ck_assert_int_eq(processes_add(&p, &s, NULL, &row), 0);
	check_command(&p, 1, "x \033[31m");
	buf_done(&s.command);
	processes_done(&p);
}
END_TEST

START_TEST(test_groups)
{
	struct processes p;
	struct process_row sum;

	ck_assert_int_eq(processes_init(&p), 0);
	add(&p, 1, 0, 100, "a", "root");
	add(&p, 2, 0, 10, "b", "alice");
	add(&p, 3, 0, 1, "a", "alice");
	add(&p, 4, 0, -1, "c", NULL);
	processes_sum(&p, &sum);
	ck_assert_uint_eq(sum.v[SMAPS_PSS], 111 << 10);
	ck_assert_uint_eq(sum.count, 4);
	ck_assert_uint_eq(sum.unreadable, 1);
	ck_assert_int_eq(processes_group(&p, PROCESS_GROUP_USER), 0);
	ck_assert_uint_eq(p.row.n, 3);
	ck_str(strtab_get(&p.strings, p.row.v[0].user), "root");
	ck_assert_uint_eq(p.row.v[1].v[SMAPS_PSS], 11 << 10);
	ck_assert_uint_eq(p.row.v[1].count, 2);
	ck_assert_uint_eq(p.row.v[1].name, 0);		/* differs */
	ck_str(strtab_get(&p.strings, p.row.v[2].user), "0");	/* who has no name has a number */
	ck_assert(!process_has(&p.row.v[2], SMAPS_PSS));
	processes_done(&p);

	ck_assert_int_eq(processes_init(&p), 0);
	add(&p, 1, 0, 100, "a", "root");
	add(&p, 2, 0, 10, "b", "alice");
	add(&p, 3, 0, 1, "a", "alice");
	ck_assert_int_eq(processes_group(&p, PROCESS_GROUP_NAME), 0);
	ck_assert_uint_eq(p.row.n, 2);
	ck_assert_uint_eq(p.row.v[0].v[SMAPS_PSS], 101 << 10);
	processes_sum(&p, &sum);
	ck_assert_uint_eq(sum.count, 3);
	processes_done(&p);
}
END_TEST

/* A table of processes: the number, when it began, KiB of PSS. */
static void fill(struct processes *p, const int (*row)[3], size_t n)
{
	ck_assert_int_eq(processes_init(p), 0);
	for (size_t i = 0; i < n; i++)
		add(p, row[i][0], 1, row[i][2], i % 2 ? "odd" : "even", "root")->start =
			(uint64_t)row[i][1];
}

START_TEST(test_history)
{
	static const int first[][3] = { { 5, 10, 100 }, { 6, 11, 50 }, { 7, 12, -1 } };
	static const int second[][3] = { { 5, 10, 90 }, { 6, 99, 60 }, { 7, 12, 10 }, { 8, 20, 1 } };
	static const int third[][3] = { { 5, 10, 140 }, { 6, 99, 61 }, { 7, 12, 12 } };
	struct process_history h = { .by = PROCESS_GROUP_NAME };
	struct process_diff d;
	struct processes p;

	fill(&p, first, 3);
	process_history_compare(&h, &p, &p.row.v[0]);
	ck_assert(!process_has(&p.row.v[0], PROCESS_GROWTH));
	ck_assert_int_eq(process_history_add(&h, &p, 1), 0);
	processes_done(&p);
	fill(&p, second, 4);
	for (unsigned int i = 0; i < 4; i++)
		process_history_compare(&h, &p, &p.row.v[i]);
	ck_assert_int_eq((int64_t)p.row.v[0].v[PROCESS_GROWTH], -10 * 1024);
	/* the number again, of another; not readable before; new */
	for (unsigned int i = 1; i < 4; i++)
		ck_assert(!process_has(&p.row.v[i], PROCESS_GROWTH) &&
			  !process_has(&p.row.v[i], PROCESS_CHANGE));
	ck_assert_int_eq(process_history_add(&h, &p, 2), 0);
	ck_assert_int_eq(process_diff_make(h.last, h.now, &d), 0);
	ck_assert(d.grew.n == 0 && d.appeared.n == 2 && d.ended.n == 1);
	ck_assert(d.appeared.v[0].past->pid == 6 && d.appeared.v[0].past->start == 99);
	ck_assert(d.ended.v[0].past->start == 11 && d.ended.v[0].by == 50 * 1024);
	process_diff_done(&d);
	processes_done(&p);
	fill(&p, third, 3);
	for (unsigned int i = 0; i < 3; i++)
		process_history_compare(&h, &p, &p.row.v[i]);
	ck_assert_int_eq((int64_t)p.row.v[0].v[PROCESS_GROWTH], 40 * 1024);
	ck_assert_int_eq((int64_t)p.row.v[0].v[PROCESS_CHANGE], 50 * 1024);
	ck_assert(!process_has(&p.row.v[1], PROCESS_GROWTH));
	ck_assert_int_eq((int64_t)p.row.v[1].v[PROCESS_CHANGE], 1024);
	ck_assert_int_eq(process_history_add(&h, &p, 3), 0);
	ck_assert_int_eq(process_diff_make(h.last, h.now, &d), 0);
	ck_assert(d.grew.n == 3 && d.grew.v[0].past->pid == 5 && d.grew.v[1].past->pid == 7);
	ck_assert(d.ended.n == 1 && d.ended.v[0].past->pid == 8 && d.appeared.n == 0);
	process_diff_done(&d);
	processes_done(&p);
	process_history_done(&h);
}
END_TEST

/* Groups are known by name, and the members may be others. */
START_TEST(test_group_history)
{
	static const int before[][3] = { { 5, 10, 100 }, { 6, 11, 50 }, { 7, 12, 1 } };
	static const int after[][3] = { { 8, 20, 300 }, { 9, 21, -1 } };
	struct process_history h = { .by = PROCESS_GROUP_NAME };
	struct processes p;

	fill(&p, before, 3);
	ck_assert_int_eq(processes_group(&p, PROCESS_GROUP_NAME), 0);
	ck_assert_int_eq(process_history_add(&h, &p, 1), 0);
	processes_done(&p);
	fill(&p, after, 2);
	ck_assert_int_eq(processes_group(&p, PROCESS_GROUP_NAME), 0);
	process_history_compare(&h, &p, &p.row.v[0]);
	process_history_compare(&h, &p, &p.row.v[1]);
	ck_assert_int_eq((int64_t)p.row.v[0].v[PROCESS_GROWTH], 199 * 1024);
	ck_assert(!process_has(&p.row.v[1], PROCESS_GROWTH));
	processes_done(&p);
	process_history_done(&h);
}
END_TEST

START_TEST(test_tree)
{
	struct processes p;

	ck_assert_int_eq(processes_init(&p), 0);
	add(&p, 30, 20, 4, "leaf", "root");
	add(&p, 10, 1, 1, "first", "root");	/* its parent is not in the table */
	add(&p, 20, 10, 2, "child", "root");
	add(&p, 21, 10, 90, "large", "root");
	add(&p, 40, 1, 50, "second", "root");
	add(&p, 31, 20, -1, "closed", "root");
	ck_assert_int_eq(processes_tree(&p, lines), 0);
	check_command(&p, 0, "first");
	check_command(&p, 1, "|- large");
	check_command(&p, 2, "`- child");
	check_command(&p, 3, "   |- leaf");
	check_command(&p, 4, "   `- closed");
	check_command(&p, 5, "second");
	ck_assert_uint_eq(p.row.v[0].v[PROCESS_SUBTREE], 97 << 10);
	ck_assert_uint_eq(p.row.v[2].v[PROCESS_SUBTREE], 6 << 10);
	ck_assert(!process_has(&p.row.v[4], PROCESS_SUBTREE));
	ck_assert_uint_eq(p.row.v[3].depth, 2);
	processes_done(&p);
}
END_TEST

/* Numbers are used again, so what looks like a circle is none; and none is lost. */
START_TEST(test_circle)
{
	struct processes p;
	enum { DEEP = 3000 };

	ck_assert_int_eq(processes_init(&p), 0);
	add(&p, 5, 6, 1, "a", "root");
	add(&p, 6, 7, 1, "b", "root");
	add(&p, 7, 5, 1, "c", "root");
	add(&p, 8, 8, 1, "d", "root");
	ck_assert_int_eq(processes_tree(&p, lines), 0);
	ck_assert_uint_eq(p.row.n, 4);
	processes_done(&p);

	ck_assert_int_eq(processes_init(&p), 0);
	for (pid_t pid = 1; pid <= DEEP; pid++)
		add(&p, pid, pid - 1, 1, "x", "root");
	ck_assert_int_eq(processes_tree(&p, lines), 0);
	ck_assert_uint_eq(p.row.v[DEEP - 1].depth, DEEP - 1);
	ck_assert_uint_eq(p.row.v[0].v[PROCESS_SUBTREE], DEEP << 10);
	processes_done(&p);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("processes");

	UNIT_CASE(s, "processes", test_rows, test_command, test_groups, test_tree, test_circle,
		  test_history, test_group_history);
	return unit_run(s);
}
