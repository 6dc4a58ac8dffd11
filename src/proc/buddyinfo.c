/* SPDX-License-Identifier: GPL-3.0-or-later */
/* /proc/buddyinfo: free blocks of 2^order pages in each zone. */
#include "config.h"

#include "proc/buddyinfo.h"

#include <errno.h>
#include <string.h>

#include "base/num.h"
#include "proc/lines.h"

static const char *skip_blanks(const char *s, const char *end)
{
	while (s < end && *s == ' ')
		s++;
	return s;
}

/* Moves *s behind the word, if it stands there. */
static bool take(const char **s, const char *end, const char *word)
{
	size_t n = strlen(word);

	if ((size_t)(end - *s) < n || memcmp(*s, word, n) != 0)
		return false;
	*s += n;
	return true;
}

static bool parse_line(struct str line, struct buddy_zone *z)
{
	const char *s = line.p, *end = line.p + line.len, *name;
	uint64_t v;
	size_t n;

	*z = (struct buddy_zone){ 0 };
	if (!take(&s, end, "Node ") || !num_scan_u64(&s, end, &v) || v > UINT32_MAX ||
	    !take(&s, end, ", zone "))
		return false;
	z->node = (unsigned int)v;
	name = s = skip_blanks(s, end);
	while (s < end && *s != ' ')
		s++;
	n = (size_t)(s - name);
	if (n == 0)
		return false;
	memcpy(z->name, name, n < sizeof(z->name) ? n : sizeof(z->name) - 1);
	for (s = skip_blanks(s, end); z->orders < BUDDY_ORDERS && num_scan_u64(&s, end, &v);
	     s = skip_blanks(s, end))
		z->free[z->orders++] = v;
	return z->orders > 0;
}

int buddyinfo_parse(const char *text, size_t len, buddy_list *out)
{
	struct lines lines = lines_of(text, len);
	struct str line;

	while (lines_next(&lines, &line)) {
		struct buddy_zone z, *to;

		if (!parse_line(line, &z))
			continue;
		to = vec_push(out);
		if (!to)
			return -ENOMEM;
		*to = z;
	}
	return 0;
}

static bool is_spare(const buddy_list *zones, const struct buddy_zone *z)
{
	if (strcmp(z->name, "DMA") != 0)
		return strcmp(z->name, "Device") == 0;
	for (size_t i = 0; i < zones->n; i++)
		if (zones->v[i].node == z->node && strcmp(zones->v[i].name, "DMA32") == 0)
			return true;
	return false;
}

bool buddyinfo_blocks(const buddy_list *zones, unsigned int order, uint64_t *blocks)
{
	bool known = false;

	*blocks = 0;
	for (size_t i = 0; i < zones->n; i++) {
		const struct buddy_zone *z = &zones->v[i];

		if (is_spare(zones, z))
			continue;
		known = true;
		for (unsigned int k = order; k < z->orders; k++)
			*blocks = num_add(*blocks, num_mul(z->free[k], UINT64_C(1) << (k - order)));
	}
	return known;
}
