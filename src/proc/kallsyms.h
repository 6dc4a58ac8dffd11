/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * /proc/kallsyms: where the parts of the kernel's image lie. kernel/kallsyms.c. All addresses are
 * zeros for readers without CAP_SYSLOG, or whatever kernel.kptr_restrict says. Data symbols are
 * there only with CONFIG_KALLSYMS_ALL.
 */
#ifndef PROC_KALLSYMS_H
#define PROC_KALLSYMS_H

#include <stddef.h>
#include <stdint.h>

/* Marks of the linker script, include/asm-generic/sections.h. */
enum kernel_symbol {
	SYMBOL_TEXT,		/* _text, or _stext where that is all there is */
	SYMBOL_ETEXT,
	SYMBOL_START_RODATA,
	SYMBOL_END_RODATA,
	SYMBOL_SDATA,
	SYMBOL_EDATA,
	SYMBOL_BSS_START,
	SYMBOL_BSS_STOP,
	KERNEL_SYMBOLS
};

struct kernel_symbols {
	uint32_t valid;			/* bit per enum kernel_symbol */
	uint64_t v[KERNEL_SYMBOLS];	/* addresses */
};

/* Takes what it knows from whole lines; other lines, modules' symbols, and addresses that are
 * hidden are skipped. May be called for one part of the file after another. */
void kallsyms_parse(const char *text, size_t len, struct kernel_symbols *s);

#endif
