/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pagemap.scan of a captured process: what PAGEMAP_SCAN told beyond the entries. */
#include "config.h"

#include "proc/page_labels.h"

#include <errno.h>
#include <inttypes.h>

#include "base/num.h"
#include "proc/lines.h"

static bool parse_line(struct str line, struct page_label *out)
{
	const char *p = line.p, *end = line.p + line.len;
	struct str word;

	*out = (struct page_label){ 0 };
	if (!num_scan_hex(&p, end, &out->start) || p == end || *p++ != '-' ||
	    !num_scan_hex(&p, end, &out->end) || out->end <= out->start)
		return false;
	line = (struct str){ p, (size_t)(end - p) };
	while ((word = lines_word(&line)).len) {
		/* what a later version adds is skipped */
		out->huge = out->huge || str_eq(word, STR("huge"));
		out->zero = out->zero || str_eq(word, STR("zero"));
	}
	return true;
}

int page_labels_parse(const char *text, size_t len, page_label_list *out)
{
	struct lines lines = lines_of(text, len);
	struct page_label label;
	uint64_t last = 0;
	struct str line;

	while (lines_next(&lines, &line)) {
		struct page_label *to;

		if (!parse_line(line, &label) || label.start < last)
			return -EBADMSG;
		last = label.end;
		to = vec_push(out);
		if (!to)
			return -ENOMEM;
		*to = label;
	}
	return 0;
}

int page_labels_add(page_label_list *list, const struct page_label *label)
{
	struct page_label *last = list->n ? &list->v[list->n - 1] : NULL;

	if (last && last->end == label->start && last->huge == label->huge &&
	    last->zero == label->zero) {
		last->end = label->end;
		return 0;
	}
	last = vec_push(list);
	if (!last)
		return -ENOMEM;
	*last = *label;
	return 0;
}

void page_labels_put(struct buf *b, const page_label_list *list)
{
	for (size_t i = 0; i < list->n; i++) {
		const struct page_label *l = &list->v[i];

		buf_printf(b, "%" PRIx64 "-%" PRIx64 "%s%s\n", l->start, l->end,
			   l->huge ? " huge" : "", l->zero ? " zero" : "");
	}
}

size_t page_labels_find(const page_label_list *list, uint64_t address)
{
	size_t low = 0, high = list->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (list->v[middle].end <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}
