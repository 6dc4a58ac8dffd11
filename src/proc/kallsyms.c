/* SPDX-License-Identifier: GPL-3.0-or-later */
/* /proc/kallsyms: where the parts of the kernel's image lie. */
#include "config.h"

#include "proc/kallsyms.h"

#include "base/num.h"
#include "proc/lines.h"

/* "ffffffff81000000 T _text"; a module's has its name behind, "\t[zram]". */
static void parse_line(struct str line, struct kernel_symbols *s)
{
	static const char *const name[] = {
		[SYMBOL_TEXT] = "_text", [SYMBOL_ETEXT] = "_etext",
		[SYMBOL_START_RODATA] = "__start_rodata", [SYMBOL_END_RODATA] = "__end_rodata",
		[SYMBOL_SDATA] = "_sdata", [SYMBOL_EDATA] = "_edata",
		[SYMBOL_BSS_START] = "__bss_start", [SYMBOL_BSS_STOP] = "__bss_stop",
	};
	const char *p = line.p, *end = line.p + line.len;
	struct str symbol;
	uint64_t address;

	_Static_assert(sizeof(name) / sizeof(*name) == KERNEL_SYMBOLS, "a name for each");
	/* a hundred thousand lines, of which these few begin with _ */
	if (!num_scan_hex(&p, end, &address) || address == 0 || end - p < 5 || p[0] != ' ' ||
	    p[2] != ' ' || p[3] != '_')
		return;
	symbol = (struct str){ p + 3, (size_t)(end - p) - 3 };
	for (unsigned int i = 0; i < KERNEL_SYMBOLS; i++) {
		if (!str_eq(symbol, str_of(name[i])))
			continue;
		s->v[i] = address;
		s->valid |= 1u << i;
	}
	if (str_eq(symbol, STR("_stext")) && !(s->valid >> SYMBOL_TEXT & 1)) {
		s->v[SYMBOL_TEXT] = address;
		s->valid |= 1u << SYMBOL_TEXT;
	}
}

void kallsyms_parse(const char *text, size_t len, struct kernel_symbols *s)
{
	struct lines lines = lines_of(text, len);
	struct str line;

	while (lines_next(&lines, &line))
		parse_line(line, s);
}
