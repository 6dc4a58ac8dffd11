/* SPDX-License-Identifier: GPL-3.0-or-later */
/* All processes: rows from snapshots, groups, sums, and the tree. */
#include "config.h"

#include "model/processes.h"

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

	UNIT_CASE(s, "processes", test_rows, test_command, test_groups, test_tree, test_circle);
	return unit_run(s);
}
