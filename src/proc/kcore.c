/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The program headers of /proc/kcore. */
#include "config.h"

#include "proc/kcore.h"

#include <elf.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "proc/root.h"

static bool is_ours(const Elf64_Ehdr *h)
{
	const uint16_t one = 1;
	unsigned char order = *(const unsigned char *)&one ? ELFDATA2LSB : ELFDATA2MSB;

	return memcmp(h->e_ident, ELFMAG, SELFMAG) == 0 && h->e_ident[EI_CLASS] == ELFCLASS64 &&
	       h->e_ident[EI_DATA] == order && h->e_phentsize >= sizeof(Elf64_Phdr);
}

int kcore_parse(const void *data, size_t len, kcore_list *out)
{
	Elf64_Ehdr h;
	Elf64_Phdr p;

	if (len < sizeof(h))
		return -EBADMSG;
	memcpy(&h, data, sizeof(h));
	if (!is_ours(&h))
		return -EBADMSG;
	for (size_t i = 0; i < h.e_phnum; i++) {
		size_t at = i * h.e_phentsize;
		struct kcore_segment *s;

		if (h.e_phoff > len || at > len - h.e_phoff ||
		    len - h.e_phoff - at < sizeof(p))
			break;
		memcpy(&p, (const char *)data + h.e_phoff + at, sizeof(p));
		if (p.p_type != PT_LOAD || p.p_memsz == 0 || p.p_vaddr + p.p_memsz - 1 < p.p_vaddr)
			continue;
		s = vec_push(out);
		if (!s)
			return -ENOMEM;
		*s = (struct kcore_segment){
			.start = p.p_vaddr, .last = p.p_vaddr + p.p_memsz - 1,
			.has_physical = p.p_paddr != UINT64_MAX,
			.physical = p.p_paddr != UINT64_MAX ? p.p_paddr : 0,
		};
	}
	return 0;
}

int kcore_read(const struct root *root, kcore_list *out)
{
	int fd = root_open_file(root, "proc/kcore"), ret = 0;
	size_t len = 0;
	char *data;

	if (fd < 0)
		return fd;
	data = malloc(KCORE_HEADERS);
	while (data && len < KCORE_HEADERS) {
		ssize_t n = pread(fd, data + len, KCORE_HEADERS - len, (off_t)len);

		if (n < 0)
			ret = -errno;
		if (n <= 0)
			break;
		len += (size_t)n;
	}
	if (!data)
		ret = -ENOMEM;
	if (ret == 0)
		ret = kcore_parse(data, len, out);
	free(data);
	close(fd);
	return ret;
}
