/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The mmap() call that a mapping amounts to, and its description. */
#include "config.h"

#include "report/mapping.h"

#include "unit.h"

struct one {
	struct space space;
	struct buf text;
};

/* A space of one mapping, as its lines of smaps are. */
static struct vma *one(struct one *o, uint64_t offset, uint64_t inode, const char *name,
		       unsigned int perms, uint64_t flags, enum kind kind)
{
	struct smaps_record r = {
		.line = { .start = 0x7f12a000, .end = 0x7f14b000, .perms = perms,
			  .offset = offset, .inode = inode, .name = str_of(name) },
		.vm_flags = flags, .has_flags = true,
	};

	ck_assert_int_eq(space_init(&o->space), 0);
	ck_assert_int_eq(space_add(&o->space, &r, true), 0);
	o->space.vma.v[0].kind = kind;
	o->space.vma.v[0].size = 0x21000;
	buf_init(&o->text);
	return &o->space.vma.v[0];
}

static void check_call(uint64_t offset, uint64_t inode, const char *name, unsigned int perms,
		       uint64_t flags, enum kind kind, const char *want)
{
	struct one o;
	struct vma *v = one(&o, offset, inode, name, perms, flags, kind);

	mapping_put_call(&o.text, &o.space, v);
	ck_buf(&o.text, want);
	buf_done(&o.text);
	space_done(&o.space);
}

START_TEST(test_calls)
{
	/* mmap(2): what a program would have written */
	check_call(0, 0, "", MAPS_READ | MAPS_WRITE, 0, KIND_ANON,
		   "mmap(0x7f12a000, 132K, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0)");
	check_call(0, 0, "", 0, SMAPS_BIT(NR), KIND_GUARD,
		   "mmap(0x7f12a000, 132K, PROT_NONE, MAP_PRIVATE|MAP_ANONYMOUS|MAP_NORESERVE, -1, "
		   "0)");
	check_call(0x28000, 77, "/usr/lib/libc.so.6", MAPS_READ | MAPS_EXEC, 0, KIND_TEXT,
		   "mmap(0x7f12a000, 132K, PROT_READ|PROT_EXEC, MAP_PRIVATE, fd, 0x28000)");
	check_call(0, 77, "/dev/shm/a", MAPS_READ | MAPS_WRITE | MAPS_SHARED, SMAPS_BIT(LO),
		   KIND_SHM, "mmap(0x7f12a000, 132K, PROT_READ|PROT_WRITE, MAP_SHARED, fd, 0), "
		   "mlock()");
	check_call(0, 0, "", MAPS_READ | MAPS_WRITE, SMAPS_BIT(HG) | SMAPS_BIT(DC) | SMAPS_BIT(SL),
		   KIND_ANON, "mmap(0x7f12a000, 132K, PROT_READ|PROT_WRITE, "
		   "MAP_PRIVATE|MAP_ANONYMOUS, -1, 0), madvise(MADV_HUGEPAGE), "
		   "madvise(MADV_DONTFORK), mseal()");
	check_call(0, 0, "[heap]", MAPS_READ | MAPS_WRITE, 0, KIND_HEAP, "brk()");
}
END_TEST

START_TEST(test_text)
{
	static const struct style style = { .width = 60 };
	struct one o;
	struct vma *v = one(&o, 0, 0, "", MAPS_READ | MAPS_WRITE,
			    SMAPS_BIT(RD) | SMAPS_BIT(WR) | SMAPS_BIT(MR) | SMAPS_BIT(MW) |
			    SMAPS_BIT(ME) | SMAPS_BIT(NH), KIND_ANON);

	mapping_text(&o.text, &style, &o.space, v, NULL);
	/* "may be made" only where it is not so; no line is wider than it may be */
	ck_assert(strstr(buf_string(&o.text), "flags     readable, writable, may be made "
			 "executable,\n          no-huge-page advice\n"));
	for (const char *p = buf_string(&o.text), *end; *p; p = end + 1) {
		end = strchr(p, '\n');
		ck_assert_ptr_nonnull(end);
		ck_assert_int_le(end - p, 60);
	}
	buf_done(&o.text);
	space_done(&o.space);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("mapping");

	UNIT_CASE(suite, "mapping", test_calls, test_text);
	return unit_run(suite);
}
