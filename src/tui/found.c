/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is looked for in names, and choices of columns: what screens with tables have in common. */
#include "config.h"

#include "tui/found.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

bool found_typed(struct found *f, const char *text)
{
	char why[64];

	return text && found_set(f, text, false, why, sizeof(why)) == 0 && found_is_set(f);
}

void found_done(struct found *f)
{
	free(f->text);
	if (f->has_regex)
		regfree(&f->regex);
	*f = (struct found){ 0 };
}

int found_set(struct found *f, const char *text, bool regex, char *why, size_t size)
{
	struct found new = { 0 };
	int ret;

	if (*text && regex) {
		ret = regcomp(&new.regex, text, REG_EXTENDED | REG_NOSUB);
		if (ret != 0) {
			regerror(ret, &new.regex, why, size);
			return -EINVAL;
		}
		new.has_regex = true;
	}
	if (*text) {
		new.text = strdup(text);
		if (!new.text) {
			found_done(&new);
			return -ENOMEM;
		}
	}
	found_done(f);
	*f = new;
	return 0;
}

bool found_matches(const struct found *f, struct str name)
{
	size_t n = strlen(f->text);

	if (f->has_regex) {
		regmatch_t part = { .rm_so = 0, .rm_eo = (regoff_t)name.len };

		/* REG_STARTEND: the name has no NUL at its end */
		return regexec(&f->regex, name.len ? name.p : "", 1, &part, REG_STARTEND) == 0;
	}
	for (size_t i = 0; i + n <= name.len; i++)
		if (strncasecmp(name.p + i, f->text, n) == 0)
			return true;
	return false;
}

bool column_list_has(const struct column_list *l, const struct column *c)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->column[i] == c)
			return true;
	return false;
}

void column_list_choose(struct column_list *l, const struct menu *m)
{
	struct column_list old = *l;
	const struct column *last = old.n ? old.column[old.n - 1] : NULL;
	bool last_on = false;

	l->n = 0;
	for (size_t i = 0; i < old.n; i++) {
		bool offered = false, on = false;

		for (size_t k = 0; k < m->item.n; k++)
			if (m->item.v[k].data == old.column[i]) {
				offered = true;
				on = m->item.v[k].on;
			}
		if (offered && !on)
			continue;
		if (old.column[i] == last)
			last_on = true;
		else
			column_list_add(l, old.column[i]);
	}
	for (size_t k = 0; k < m->item.n; k++)
		if (m->item.v[k].on && m->item.v[k].data != last)
			column_list_add(l, m->item.v[k].data);
	if (last_on || l->n == 0)
		column_list_add(l, last);
}
