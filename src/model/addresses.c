/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Addresses as a person types or pastes them: hexadecimal or decimal, single or as ranges. */
#include "config.h"

#include "model/addresses.h"

#include <errno.h>
#include <string.h>

#include "base/num.h"

static bool is_digits(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
	return s.len > 0;
}

static bool parse_decimal(struct str s, uint64_t *v)
{
	const char *p = s.p;

	return is_digits(s) && num_scan_u64(&p, s.p + s.len, v) && p == s.p + s.len;
}

static bool parse_address(struct str s, uint64_t *v)
{
	bool pasted = s.len == 8 || s.len == 12 || s.len == 16;

	if (s.len > 2 && s.p[0] == '0' && (s.p[1] == 't' || s.p[1] == 'T'))
		return parse_decimal((struct str){ s.p + 2, s.len - 2 }, v);
	if (is_digits(s) && !pasted && (s.p[0] != '0' || s.len == 1))
		return parse_decimal(s, v);
	return num_parse_hex(s.p, s.len, v);
}

static bool parse_part(struct str s, struct address_range *out)
{
	const char *dash = memchr(s.p, '-', s.len);
	size_t n = dash ? (size_t)(dash - s.p) : s.len;

	*out = (struct address_range){ .is_range = dash };
	if (!parse_address((struct str){ s.p, n }, &out->low))
		return false;
	out->last = out->low;
	if (!dash)
		return true;
	if (!parse_address((struct str){ dash + 1, s.len - n - 1 }, &out->last) ||
	    out->last <= out->low)
		return false;
	out->last--;
	return true;
}

int addresses_parse(const char *text, address_list *out, struct str *problem)
{
	for (;;) {
		struct str part = { text, strcspn(text, ",") };
		struct address_range range, *to;

		if (!parse_part(part, &range)) {
			*problem = part;
			return -EINVAL;
		}
		to = vec_push(out);
		if (!to)
			return -ENOMEM;
		*to = range;
		if (!text[part.len])
			return 0;
		text += part.len + 1;
	}
}
