/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The kernel's half of the address space: real places where the system tells them, else documented ones. */
#include "config.h"

#include "model/kernel_half.h"

#include <errno.h>
#include <string.h>

int kernel_places_read(const struct root *root, struct kernel_places *out)
{
	struct buf text;
	int ret;

	*out = (struct kernel_places){ 0 };
	buf_init(&text);
	buf_init(&out->iomem_text);
	ret = root_read(root, "proc/kallsyms", &text);
	if (ret == 0)
		kallsyms_parse(text.data, text.len, &out->symbols);
	buf_done(&text);
	if (ret != -ENOMEM)
		ret = kcore_read(root, &out->segments);
	if (ret != -ENOMEM)
		ret = root_read(root, "proc/iomem", &out->iomem_text);
	if (ret == 0)
		ret = iomem_parse(out->iomem_text.data, out->iomem_text.len, &out->iomem);
	return ret == -ENOMEM ? ret : 0;
}

void kernel_places_done(struct kernel_places *p)
{
	vec_done(&p->segments);
	vec_done(&p->iomem);
	buf_done(&p->iomem_text);
}

/* Parts under construction, and which roles have real places. */
struct half {
	struct kernel_part *part;	/* ascending */
	unsigned int n;
	unsigned int real;		/* bit per enum kernel_role */
};

/* What overlaps something that is there already is left out: it cannot be true of both. */
static void add_part(struct half *h, const struct kernel_part *part)
{
	unsigned int at = 0;

	while (at < h->n && h->part[at].last < part->start)
		at++;
	if (h->n == KERNEL_PARTS || part->last < part->start ||
	    (at < h->n && h->part[at].start <= part->last))
		return;
	memmove(h->part + at + 1, h->part + at, (h->n - at) * sizeof(*h->part));
	h->part[at] = *part;
	h->n++;
}

static void add_real(struct half *h, uint64_t start, uint64_t last, const char *name,
		     enum kernel_role role)
{
	add_part(h, &(struct kernel_part){ start, last, name, false });
	h->real |= 1u << role;
}

/* The image's parts: from iomem, which has them by physical addresses, where kallsyms tells how far
 * from them it is mapped; else from pairs of symbols. */
static void add_image(struct half *h, const struct kernel_places *p)
{
	static const struct {
		const char *name, *iomem;
		enum kernel_symbol start, end;
	} image[] = {
		{ "kernel text", "Kernel code", SYMBOL_TEXT, SYMBOL_ETEXT },
		{ "kernel rodata", "Kernel rodata", SYMBOL_START_RODATA, SYMBOL_END_RODATA },
		{ "kernel data", "Kernel data", SYMBOL_SDATA, SYMBOL_EDATA },
		{ "kernel bss", "Kernel bss", SYMBOL_BSS_START, SYMBOL_BSS_STOP },
	};
	const struct kernel_symbols *s = &p->symbols;
	uint64_t shift = 0;
	bool shifted = false;

	for (size_t i = 0; i < p->iomem.n && s->valid >> SYMBOL_TEXT & 1; i++) {
		if (!str_eq(p->iomem.v[i].name, STR("Kernel code")) || !p->iomem.v[i].last)
			continue;
		shift = s->v[SYMBOL_TEXT] - p->iomem.v[i].start;
		shifted = true;
	}
	for (size_t k = 0; k < sizeof(image) / sizeof(*image); k++) {
		uint32_t both = 1u << image[k].start | 1u << image[k].end;
		bool found = false;

		for (size_t i = 0; shifted && i < p->iomem.n; i++) {
			const struct iomem_range *r = &p->iomem.v[i];

			if (!str_eq(r->name, str_of(image[k].iomem)))
				continue;
			add_real(h, r->start + shift, r->last + shift, image[k].name, KERNEL_IMAGE);
			found = true;
		}
		if (!found && (s->valid & both) == both && s->v[image[k].end] > s->v[image[k].start])
			add_real(h, s->v[image[k].start], s->v[image[k].end] - 1, image[k].name,
				 KERNEL_IMAGE);
	}
	/* between them: padding to huge pages, and what was only needed to boot */
	for (unsigned int k = h->n; k-- > 1;)
		add_real(h, h->part[k - 1].last + 1, h->part[k].start - 1, "rest of the image",
			 KERNEL_IMAGE);
}

static bool is_in(const struct kcore_segment *s, const struct kernel_region *r)
{
	return r && s->start >= r->start && s->last <= r->last;
}

static const struct kernel_region *find_role(const struct kernel_region *r, unsigned int n,
					     enum kernel_role role)
{
	for (unsigned int i = 0; i < n; i++)
		if (r[i].role == role)
			return &r[i];
	return NULL;
}

/* A range that several segments are of: RAM in pieces, struct pages of each. */
struct joined {
	uint64_t start, last;
	bool any;
};

static void join(struct joined *j, const struct kcore_segment *s)
{
	if (!j->any || s->start < j->start)
		j->start = s->start;
	if (!j->any || s->last > j->last)
		j->last = s->last;
	j->any = true;
}

/* RAM is mapped at one distance from its physical address, the image, which is far smaller, at
 * another. Of what has no physical address vmalloc's area is the largest by far; struct pages lie
 * above it; modules are within 2 GiB of the image. */
static void add_segments(struct half *h, const struct kernel_places *p,
			 const struct kernel_region *region, unsigned int n)
{
	const struct kernel_region *modules = find_role(region, n, KERNEL_MODULES);
	const struct kernel_region *image = find_role(region, n, KERNEL_IMAGE);
	const struct kcore_segment *ram = NULL, *vmalloc = NULL;
	struct joined direct = { 0 }, vmemmap = { 0 };
	bool has_image = h->real >> KERNEL_IMAGE & 1;

	for (size_t i = 0; i < p->segments.n; i++) {
		const struct kcore_segment *s = &p->segments.v[i], **largest =
			s->has_physical ? &ram : &vmalloc;

		if (!*largest || s->last - s->start > (*largest)->last - (*largest)->start)
			*largest = s;
	}
	for (size_t i = 0; i < p->segments.n; i++) {
		const struct kcore_segment *s = &p->segments.v[i];

		if (s->has_physical && s->start - s->physical == ram->start - ram->physical)
			join(&direct, s);
		else if (s->has_physical && !has_image)
			add_real(h, s->start, s->last, "kernel text and data", KERNEL_IMAGE);
		else if (s->has_physical)
			continue;
		else if (s == vmalloc)
			/* x86 counts up to the last byte, and not that one */
			add_real(h, s->start, s->last | 4095, "vmalloc, ioremap", KERNEL_VMALLOC);
		else if (is_in(s, modules) || is_in(s, image) || s->last < vmalloc->start)
			add_real(h, s->start, s->last, "modules", KERNEL_MODULES);
		else
			join(&vmemmap, s);
	}
	if (direct.any)
		add_real(h, direct.start, direct.last, "direct map of all RAM", KERNEL_DIRECT_MAP);
	if (vmemmap.any)
		add_real(h, vmemmap.start, vmemmap.last, "vmemmap: struct pages", KERNEL_VMEMMAP);
}

/* What is left of a documented region beside the real parts. */
static void add_documented(struct half *h, const struct kernel_region *r)
{
	struct kernel_part rest = { .start = r->start, .name = r->name, .nominal = true };

	for (unsigned int i = 0; i < h->n; i++) {
		const struct kernel_part part = h->part[i];

		if (part.last < rest.start || part.start > r->last)
			continue;
		if (part.start > rest.start) {
			rest.last = part.start - 1;
			add_part(h, &rest);
			i++;	/* itself, which moved up by one */
		}
		if (part.last >= r->last)
			return;
		rest.start = part.last + 1;
	}
	rest.last = r->last;
	add_part(h, &rest);
}

unsigned int kernel_half_make(const struct geometry *g, const struct kernel_places *places,
			      struct kernel_part out[KERNEL_PARTS])
{
	struct half h = { .part = out };
	unsigned int n;
	const struct kernel_region *region = geometry_kernel_regions(g, &n);

	if (places) {
		add_image(&h, places);
		add_segments(&h, places, region, n);
	}
	for (unsigned int i = 0; i < n; i++)
		if (region[i].role == KERNEL_OTHER)
			/* left out where something real is: KASAN's shadow is built without KASLR */
			add_part(&h, &(struct kernel_part){ region[i].start, region[i].last,
							    region[i].name, true });
		else if (!(h.real >> region[i].role & 1))
			add_documented(&h, &region[i]);
	return h.n;
}
