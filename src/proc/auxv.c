/* SPDX-License-Identifier: GPL-3.0-or-later */
/* /proc/PID/auxv: what the kernel told the program when it started; machine words. */
#include "config.h"

#include "proc/auxv.h"

#include <errno.h>
#include <string.h>

enum {
	TAG_NULL = 0, TAG_PHDR = 3, TAG_PAGESZ = 6, TAG_BASE = 7, TAG_ENTRY = 9,
	TAG_EXECFN = 31, TAG_SYSINFO_EHDR = 33, TAG_LIMIT = 4096,
};

static uint64_t word(const unsigned char *p, unsigned int size, bool big)
{
	uint64_t v = 0;

	for (unsigned int i = 0; i < size; i++)
		v = v << 8 | p[big ? i : size - 1 - i];
	return v;
}

static bool try_parse(const unsigned char *p, size_t len, unsigned int size, bool big,
		      struct auxv *out)
{
	*out = (struct auxv){ .bits = size * 8 };
	for (size_t at = 0; len - at >= 2 * size; at += 2 * size) {
		uint64_t tag = word(p + at, size, big), value = word(p + at + size, size, big);

		switch (tag) {
		case TAG_NULL: out->valid = value == 0; break;
		case TAG_PHDR: out->phdr = value; break;
		case TAG_PAGESZ: out->page_size = value; break;
		case TAG_BASE: out->base = value; break;
		case TAG_ENTRY: out->entry = value; break;
		case TAG_EXECFN: out->execfn = value; break;
		case TAG_SYSINFO_EHDR: out->vdso = value; break;
		default: break;
		}
		if (tag == TAG_NULL || tag > TAG_LIMIT)
			break;
	}
	/* a page size is a power of two from 4 KiB up to 64 KiB, so far; be generous */
	return out->valid && out->page_size >= 1024 && out->page_size <= 1u << 24 &&
	       (out->page_size & (out->page_size - 1)) == 0;
}

int auxv_parse(const char *bytes, size_t len, struct auxv *out)
{
	const unsigned char *p = (const unsigned char *)bytes;

	if (try_parse(p, len, 8, false, out) || try_parse(p, len, 4, false, out) ||
	    try_parse(p, len, 8, true, out) || try_parse(p, len, 4, true, out))
		return 0;
	*out = (struct auxv){ 0 };
	return -EBADMSG;
}
