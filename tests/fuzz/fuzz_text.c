/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Text that a target chose, on its way to a terminal and into JSON. */
#include "config.h"

#include "fuzz.h"

#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "../unit/json_check.h"
#include "base/text.h"
#include "report/json.h"

/* What is written must be safe: no control characters, and ASCII unless UTF-8 was asked for. */
static void check_output(const struct buf *b, unsigned int flags)
{
	if (b->error)
		abort();
	for (size_t i = 0; i < b->len; i++) {
		unsigned char c = (unsigned char)b->data[i];

		if (c < 0x20 || c == 0x7f || (c >= 0x80 && !(flags & TEXT_UTF8)) ||
		    ((flags & TEXT_RAW) && c == ' '))
			abort();
	}
	if (!json_check_utf8(b->data, b->len, false))
		abort();
}

static void check_text(struct str s, unsigned int flags, size_t width)
{
	struct buf b;
	size_t used;

	buf_init(&b);
	text_put(&b, s, flags);
	check_output(&b, flags);
	if (text_width((struct str){ b.data, b.len }, flags & TEXT_UTF8) != text_width(s, flags))
		abort();
	for (unsigned int keep = TEXT_KEEP_START; keep <= TEXT_KEEP_NAME; keep++) {
		buf_clear(&b);
		used = text_put_cut(&b, s, flags, width, (enum text_keep)keep);
		check_output(&b, flags);
		if (used > width || used != text_width((struct str){ b.data, b.len },
						       flags & TEXT_UTF8))
			abort();
	}
	buf_done(&b);
}

static void check_json(struct str s)
{
	struct json j;
	struct buf b;

	buf_init(&b);
	json_init(&j, &b, s.len & 1);
	json_object(&j, NULL);
	json_string(&j, "s", s);
	json_array(&j, "a");
	json_string(&j, NULL, s);
	json_array_end(&j);
	json_object_end(&j);
	if (!json_check(b.data, b.len))
		abort();
	buf_done(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str s = { (const char *)data, size };
	size_t width = size ? data[0] % 40u : 0;

	setlocale(LC_CTYPE, "C.UTF-8");
	for (unsigned int flags = 0; flags <= (TEXT_UTF8 | TEXT_RAW); flags++)
		check_text(s, flags, width);
	check_json(s);
	return 0;
}
