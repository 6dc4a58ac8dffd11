/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is looked for in names, and choices of columns: what screens with tables have in common. */
#ifndef TUI_FOUND_H
#define TUI_FOUND_H

#include <regex.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "report/column.h"
#include "tui/window.h"

/* A text, or a regular expression; zeros: none. */
struct found {
	char *text;
	regex_t regex;
	bool has_regex;
};

/* "" takes it away. 0; or -EINVAL with the reason in why, and then the old one stands; -ENOMEM. */
int found_set(struct found *f, const char *text, bool regex, char *why, size_t size);
/* What is being typed: a plain text, NULL when typing has ended. Is there anything to look for? */
bool found_typed(struct found *f, const char *text);
void found_done(struct found *f);
/* A text matches in any case. */
bool found_matches(const struct found *f, struct str name);

static inline bool found_is_set(const struct found *f)
{
	return f->text != NULL;
}

static inline const char *found_text(const struct found *f)
{
	return f->text ? f->text : "";
}

bool column_list_has(const struct column_list *l, const struct column *c);
/* The columns that are on in a menu: those that were there keep their place, others follow before
 * the last. */
void column_list_choose(struct column_list *l, const struct menu *m);

#endif
