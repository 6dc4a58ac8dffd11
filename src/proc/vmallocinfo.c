/* SPDX-License-Identifier: GPL-3.0-or-later */
/* /proc/vmallocinfo: the areas of the kernel's vmalloc address range. */
#include "config.h"

#include "proc/vmallocinfo.h"

#include <errno.h>
#include <string.h>

#include "base/num.h"
#include "proc/lines.h"

const char *const vmalloc_type_name[VMALLOC_TYPES] = {
	[VMALLOC_OTHER] = "other",
	[VMALLOC_PAGES] = "vmalloc",
	[VMALLOC_VMAP] = "vmap",
	[VMALLOC_IOREMAP] = "ioremap",
	[VMALLOC_USER] = "user",
	[VMALLOC_DMA] = "dma-coherent",
	[VMALLOC_MAP_RAM] = "vm_map_ram",
	[VMALLOC_UNPURGED] = "unpurged",
};

/* The next word, blanks around it cut; false at the end. */
static bool next_word(const char **s, const char *end, struct str *word)
{
	const char *from;

	while (*s < end && **s == ' ')
		(*s)++;
	from = *s;
	while (*s < end && **s != ' ')
		(*s)++;
	*word = (struct str){ from, (size_t)(*s - from) };
	return word->len > 0;
}

static void take_word(struct str word, struct vmalloc_area *a)
{
	const char *s = word.p + strlen("pages="), *end = word.p + word.len;
	uint64_t pages;

	if (str_has_prefix(word, "pages=")) {
		if (num_scan_u64(&s, end, &pages) && s == end)
			a->pages = pages;
		return;
	}
	for (unsigned int i = VMALLOC_PAGES; i < VMALLOC_TYPES; i++)
		if (str_eq(word, str_of(vmalloc_type_name[i])))
			a->type = i;
}

/* "0x(address)-0x(address)   20480 kernel_clone+0xb8/0x400 pages=4 vmalloc N0=4" */
static bool parse_line(struct str line, struct vmalloc_area *a)
{
	const char *s = line.p, *end = line.p + line.len, *number;
	struct str word;

	*a = (struct vmalloc_area){ .type = VMALLOC_OTHER };
	if (!str_has_prefix(line, "0x") || !next_word(&s, end, &word) ||
	    !memchr(word.p, '-', word.len) || !next_word(&s, end, &word))
		return false;
	number = word.p;
	if (!num_scan_u64(&number, word.p + word.len, &a->size) || number != word.p + word.len)
		return false;
	if (!next_word(&s, end, &word))
		return true;
	if (memchr(word.p, '=', word.len) || str_eq(word, STR("vm_map_ram")) ||
	    str_eq(word, STR("unpurged"))) {
		take_word(word, a);	/* no caller */
	} else {
		const char *plus = memchr(word.p, '+', word.len);

		a->caller = (struct str){ word.p, plus ? (size_t)(plus - word.p) : word.len };
	}
	while (next_word(&s, end, &word))
		take_word(word, a);
	return true;
}

int vmallocinfo_parse(const char *text, size_t len, vmalloc_list *out)
{
	struct lines lines = lines_of(text, len);
	struct str line;

	while (lines_next(&lines, &line)) {
		struct vmalloc_area a, *to;

		if (!parse_line(line, &a))
			continue;
		to = vec_push(out);
		if (!to)
			return -ENOMEM;
		*to = a;
	}
	return 0;
}
