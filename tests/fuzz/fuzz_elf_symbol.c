/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ELF files: the first 24 bytes are the mapping and the address, the rest is the file. */
#include "config.h"

#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "proc/elf_symbol.h"

struct file {
	const uint8_t *data;
	size_t size;
	size_t reads;
};

static ssize_t read_file(void *ctx, uint64_t at, void *to, size_t n)
{
	struct file *f = ctx;

	/* headers that are looked at, and a table in pieces, must be bounded */
	if (++f->reads > 100000 || n > 1 << 20)
		abort();
	if (at >= f->size)
		return 0;
	if (n > f->size - at)
		n = (size_t)(f->size - at);
	memcpy(to, f->data + at, n);
	return (ssize_t)n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct elf_mapping m = { .page_size = 4096 };
	struct elf_symbol symbol;
	uint64_t head[3];
	struct file f;
	int ret;

	if (size < sizeof(head))
		return 0;
	memcpy(head, data, sizeof(head));
	m.start = head[0] & ~UINT64_C(4095);
	m.offset = head[1] & ~UINT64_C(4095);
	m.exec = head[1] & 1;
	m.write = head[1] & 2;
	f = (struct file){ data + sizeof(head), size - sizeof(head), 0 };
	ret = elf_symbol_find(read_file, &f, &m, head[2], &symbol);
	if (ret == 1 && (!symbol.name.len || symbol.name.len > size))
		abort();
	if (ret == 1)
		buf_done(&symbol.name);
	if (ret > 1)
		abort();
	return 0;
}
