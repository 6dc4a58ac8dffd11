/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One mapping in words: what it is of, the call it amounts to, its flags, its counters. */
#include "config.h"

#include "report/mapping.h"

#include <inttypes.h>
#include <string.h>

#include "base/num.h"
#include "proc/maps.h"

enum { LABEL = 10 };

/* Words that flow over lines, behind a label. */
struct flow {
	struct buf *b;
	const struct style *s;
	const char *label;
	size_t used;		/* columns of this line; 0: not begun */
};

static void flow_put(struct flow *f, const char *gap, struct str word, size_t width)
{
	size_t n = strlen(gap) + width;

	if (f->used && f->used + n >= f->s->width) {
		buf_puts(f->b, *gap == ',' ? ",\n" : "\n");
		f->used = 0;
	}
	if (!f->used) {
		style_dim(f->b, f->s);
		buf_printf(f->b, "%-*s", LABEL, f->label ? f->label : "");
		style_off(f->b, f->s);
		f->used = LABEL;
		f->label = NULL;
		gap = "";
	}
	buf_puts(f->b, gap);
	buf_add(f->b, word.p, word.len);
	f->used += strlen(gap) + width;
}

static void flow_end(struct flow *f)
{
	if (f->used)
		buf_putc(f->b, '\n');
}

void mapping_title(struct buf *b, const struct style *s, const struct vma *v,
		   unsigned int address_digits)
{
	char text[2 * NUM_MAX_HEX + 8], *p = text;

	p = num_put_hex(p, v->start, address_digits);
	*p++ = '-';
	p = num_put_hex(p, v->end, address_digits);
	buf_add(b, text, (size_t)(p - text));
	buf_puts(b, "  ");
	if (v->perms != SPACE_PERMS_MIXED) {
		maps_put_perms(text, v->perms);
		buf_add(b, text, 4);
		buf_puts(b, "  ");
	}
	style_size(b, s, v->size, 0);
	if (v->kind < KINDS)
		buf_printf(b, "  %s", kind_info[v->kind].name);
	if (v->count > 1)
		buf_printf(b, "  %" PRIu32 " mappings", v->count);
}

/* --- the call --- */

static bool has(const struct vma *v, enum smaps_flag flag)
{
	return v->has_flags && (v->vm_flags >> flag & 1);
}

/* What no program asks for by mmap(). */
static const char *made_otherwise(const struct vma *v)
{
	switch (v->kind) {
	case KIND_HEAP: return "brk()";
	case KIND_STACK: return "made by execve(), grows by itself";
	case KIND_VDSO: return "made by execve(): the kernel's own code and data";
	case KIND_VSYSCALL: return "always there: the kernel's own";
	default: return NULL;
	}
}

static void put_word(struct buf *b, bool *first, const char *word)
{
	buf_printf(b, "%s%s", *first ? "" : "|", word);
	*first = false;
}

static void put_prot(struct buf *b, unsigned int perms)
{
	bool first = true;

	if (perms & MAPS_READ)
		put_word(b, &first, "PROT_READ");
	if (perms & MAPS_WRITE)
		put_word(b, &first, "PROT_WRITE");
	if (perms & MAPS_EXEC)
		put_word(b, &first, "PROT_EXEC");
	if (first)
		buf_puts(b, "PROT_NONE");
}

static void put_map_flags(struct buf *b, const struct vma *v, bool anonymous)
{
	static const struct {
		enum smaps_flag flag;
		const char *word;
	} words[] = {
		{ SMAPS_FLAG_NR, "MAP_NORESERVE" }, { SMAPS_FLAG_HT, "MAP_HUGETLB" },
		{ SMAPS_FLAG_GD, "MAP_GROWSDOWN" }, { SMAPS_FLAG_SF, "MAP_SYNC" },
	};
	bool first = true;

	put_word(b, &first, has(v, SMAPS_FLAG_DP) ? "MAP_DROPPABLE" :
		 v->perms & MAPS_SHARED ? "MAP_SHARED" : "MAP_PRIVATE");
	if (anonymous)
		put_word(b, &first, "MAP_ANONYMOUS");
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (has(v, words[i].flag))
			put_word(b, &first, words[i].word);
}

static void put_later_calls(struct buf *b, const struct vma *v)
{
	static const struct {
		enum smaps_flag flag;
		const char *call;
	} calls[] = {
		{ SMAPS_FLAG_HG, "madvise(MADV_HUGEPAGE)" },
		{ SMAPS_FLAG_NH, "madvise(MADV_NOHUGEPAGE)" },
		{ SMAPS_FLAG_MG, "madvise(MADV_MERGEABLE)" },
		{ SMAPS_FLAG_SR, "madvise(MADV_SEQUENTIAL)" },
		{ SMAPS_FLAG_RR, "madvise(MADV_RANDOM)" },
		{ SMAPS_FLAG_DC, "madvise(MADV_DONTFORK)" },
		{ SMAPS_FLAG_WF, "madvise(MADV_WIPEONFORK)" },
		{ SMAPS_FLAG_DD, "madvise(MADV_DONTDUMP)" },
		{ SMAPS_FLAG_SL, "mseal()" },
	};

	if (has(v, SMAPS_FLAG_LO))
		buf_puts(b, has(v, SMAPS_FLAG_LF) ? ", mlock2(MLOCK_ONFAULT)" : ", mlock()");
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		if (has(v, calls[i].flag) && v->kind != KIND_VDSO)
			buf_printf(b, ", %s", calls[i].call);
}

void mapping_put_call(struct buf *b, const struct space *space, const struct vma *v)
{
	static const struct style sizes = { 0 };
	const struct file *f = vma_file(space, v);
	const char *otherwise = made_otherwise(v);
	/* shared anonymous memory is a file of the kernel's, which has an inode */
	bool zero = v->perms & MAPS_SHARED && str_eq(vma_path(space, v), STR("/dev/zero")) &&
		    f->deleted;
	bool anonymous = !f->inode || zero;

	if (otherwise) {
		buf_puts(b, otherwise);
	} else {
		buf_printf(b, "mmap(0x%" PRIx64 ", ", v->start);
		style_size(b, &sizes, v->size, 0);
		buf_puts(b, ", ");
		put_prot(b, v->perms);
		buf_puts(b, ", ");
		put_map_flags(b, v, anonymous);
		if (anonymous)
			buf_puts(b, ", -1, 0)");
		else
			buf_printf(b, ", fd, %s%" PRIx64 ")", v->offset ? "0x" : "", v->offset);
	}
	put_later_calls(b, v);
}

/* --- what it is of --- */

/* Which of the object's mappings it is: they follow each other. */
static void find_part(const struct space *space, const struct vma *v, size_t *number, size_t *of)
{
	size_t at = (size_t)(v - space->vma.v), first = at, last = at;

	while (first > 0 && space->vma.v[first - 1].object == v->object)
		first--;
	while (last + 1 < space->vma.n && space->vma.v[last + 1].object == v->object)
		last++;
	*number = at - first + 1;
	*of = last - first + 1;
}

static void put_object(struct buf *b, const struct style *s, const struct space *space,
		       const struct vma *v)
{
	const struct file *f = vma_file(space, v);
	size_t number, of, room = s->width > LABEL + 30 ? s->width - LABEL : 30;
	struct buf tail;

	buf_init(&tail);
	if (!v->mixed) {
		find_part(space, v, &number, &of);
		if (f->deleted && !space_is_kernels_name(space_str(space, v->object)))
			buf_puts(&tail, " (deleted)");
		if (of > 1 && f->inode)
			buf_printf(&tail, "  part %zu of %zu", number, of);
		if (f->inode)
			buf_printf(&tail, "  offset %" PRIx64 "  inode %" PRIu64 " on %02" PRIx32
				   ":%02" PRIx32, v->offset, f->inode, f->dev_major, f->dev_minor);
		if (v->thread)
			buf_printf(&tail, "  thread %d", (int)v->thread);
	}
	style_dim(b, s);
	buf_printf(b, "%-*s", LABEL, "object");
	style_off(b, s);
	style_kind(b, s, (enum kind)v->kind);
	text_put_cut(b, v->object ? space_str(space, v->object) : STR("several"), style_text(s),
		     tail.len + 12 < room ? room - tail.len : 12, TEXT_KEEP_NAME);
	style_off(b, s);
	buf_add(b, tail.data, tail.len);
	buf_putc(b, '\n');
	buf_done(&tail);
}

/* --- flags and counters --- */

static void put_flags(struct buf *b, const struct style *s, const struct space *space,
		      const struct vma *v)
{
	struct flow f = { .b = b, .s = s, .label = "flags" };

	for (unsigned int i = 0; i < space->flags.n; i++) {
		const char *word = i < SMAPS_FLAGS_KNOWN ? smaps_flag_info[i].help :
							   space->flags.code[i];

		/* that it may be made so is said only where it is not so already */
		if (!(v->vm_flags >> i & 1) || (i >= SMAPS_FLAG_MR && i <= SMAPS_FLAG_MS &&
						v->vm_flags >> (i - SMAPS_FLAG_MR) & 1))
			continue;
		flow_put(&f, ", ", str_of(word), strlen(word));
	}
	flow_end(&f);
}

static void put_counter(struct flow *f, const char *name, uint64_t v, bool bytes)
{
	static const struct style sizes = { 0 };
	struct buf word;
	size_t n;

	buf_init(&word);
	buf_printf(&word, "%s ", name);
	n = word.len;
	style_bold(&word, f->s);
	n = word.len - n;
	if (bytes)
		style_size(&word, f->s->bytes ? f->s : &sizes, v, 0);
	else
		buf_printf(&word, "%" PRIu64, v);
	style_off(&word, f->s);
	if (f->s->color)
		n += 4;		/* style_off() */
	flow_put(f, "  ", (struct str){ word.data, word.len }, word.len - n);
	buf_done(&word);
}

/* The usual ones always, the others where there is something. */
static void put_counters(struct buf *b, const struct style *s, const struct vma *v,
			 const struct counters *c)
{
	static const enum smaps_counter usual[] = { SMAPS_RSS, SMAPS_PSS };
	struct flow f = { .b = b, .s = s, .label = "memory" };
	uint64_t n;

	for (size_t i = 0; i < sizeof(usual) / sizeof(usual[0]); i++)
		if (counters_get(c, usual[i], &n))
			put_counter(&f, smaps_counter_info[usual[i]].key, n, true);
	if (counters_uss(c, &n))
		put_counter(&f, "uss", n, true);
	for (unsigned int i = SMAPS_PSS_DIRTY; i < SMAPS_PER_MAPPING; i++) {
		if (i == SMAPS_THP_ELIGIBLE && v->mixed)
			continue;
		if (counters_get(c, (enum smaps_counter)i, &n) && (n || i == SMAPS_SWAP))
			put_counter(&f, smaps_counter_info[i].key, n,
				    smaps_counter_info[i].is_bytes);
	}
	if (counters_get(c, SMAPS_KERNEL_PAGE_SIZE, &n) && !v->mixed)
		put_counter(&f, "kernel_page_size", n, true);
	flow_end(&f);
}

/* The call, broken between its arguments. */
static void put_call(struct buf *b, const struct style *s, const struct space *space,
		     const struct vma *v)
{
	struct flow f = { .b = b, .s = s, .label = "call" };
	const char *p, *end;
	struct buf call;

	buf_init(&call);
	mapping_put_call(&call, space, v);
	for (p = buf_string(&call); p && *p; p = *end ? end + 2 : end) {
		end = strstr(p, ", ");
		if (!end)
			end = p + strlen(p);
		flow_put(&f, ", ", (struct str){ p, (size_t)(end - p) }, (size_t)(end - p));
	}
	flow_end(&f);
	buf_done(&call);
}

void mapping_text(struct buf *b, const struct style *s, const struct space *space,
		  const struct vma *v, const struct counters *counters)
{
	put_object(b, s, space, v);
	if (counters)
		put_counters(b, s, v, counters);
	if (v->mixed)
		return;
	put_call(b, s, space, v);
	if (v->has_flags)
		put_flags(b, s, space, v);
}
