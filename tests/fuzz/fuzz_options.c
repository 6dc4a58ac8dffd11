/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What users type: command lines, and the arguments of options. */
#include "config.h"

#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "options.h"

enum { MAX_WORDS = 16 };

static void parse_argument(const char *text)
{
	struct filter f = { 0 };
	struct str problem;
	uint64_t v;

	if (filter_set_range(&f, text) && (!f.has_range || f.range_low > f.range_last))
		abort();
	if (filter_set_perms(&f, text) && strlen(f.perms) != 4)
		abort();
	if (!filter_set_kinds(&f, text, &problem) &&
	    (problem.p < text || problem.p + problem.len > text + strlen(text)))
		abort();
	num_parse_u64(text, &v);
	num_parse_size(text, &v);
	num_parse_hex(text, strlen(text), &v);
	mapping_column_find(str_of(text));
}

/* glibc's regcomp() takes exponential time and memory for repetitions of repetitions. */
static bool is_dear(const uint8_t *data, size_t size)
{
	unsigned int n = 0;

	for (size_t i = 0; i < size; i++)
		n += data[i] && strchr("*+?{", data[i]);
	return n > 4;
}

/* Each line is a word of the command line. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1), *word[MAX_WORDS + 2], *p = text;
	struct options o;
	struct err problem = { 0 };
	int n = 0;

	if (!text)
		return 0;
	if (is_dear(data, size)) {
		free(text);
		return 0;
	}
	memcpy(text, data, size);
	text[size] = '\0';
	word[n++] = (char []){ "memmap" };
	while (p && n <= MAX_WORDS) {
		word[n] = p;
		p = strchr(p, '\n');
		if (p)
			*p++ = '\0';
		parse_argument(word[n++]);
	}
	word[n] = NULL;
	if (options_parse(n, word, &o, &problem) < 0 ? !problem.text[0] :
	    o.action == ACTION_REPORT && o.targets < 1 &&
	    (o.request.views & ~VIEWS_OF_MACHINE || !o.request.views))
		abort();
	options_done(&o);
	free(text);
	return 0;
}
