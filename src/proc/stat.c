/* SPDX-License-Identifier: GPL-3.0-or-later */
/* /proc/PID/stat: start time, fault counts, and where the parts of the address space begin. */
#include "config.h"

#include "proc/stat.h"

#include <errno.h>
#include <string.h>

#include "base/num.h"

static bool is_address(unsigned int field)
{
	return (field >= STAT_START_CODE && field <= STAT_START_STACK) ||
	       (field >= STAT_START_DATA && field <= STAT_ENV_END);
}

int stat_parse(const char *text, size_t len, struct stat_pid *out)
{
	const char *end = text + len;
	const char *open = memchr(text, '(', len);
	const char *close = memrchr(text, ')', len);
	const char *s;

	memset(out, 0, sizeof(*out));
	if (!open || !close || close < open)
		return -EBADMSG;
	out->comm = (struct str){ open + 1, (size_t)(close - open - 1) };
	s = close + 1;
	while (s < end && *s == ' ')
		s++;
	out->state = s < end ? *s : '?';
	for (unsigned int field = 3; s < end && field < STAT_FIELDS; field++) {
		while (s < end && *s == ' ')
			s++;
		if (num_scan_u64(&s, end, &out->v[field]))
			out->valid |= UINT64_C(1) << field;
		while (s < end && *s != ' ')
			s++;
	}
	/* fs/proc/array.c: 1 and 1 where it may not tell, 0 where there is no memory */
	out->masked = !stat_has(out, STAT_START_CODE) || out->v[STAT_START_CODE] <= 1;
	for (unsigned int field = 0; field < STAT_FIELDS; field++)
		if (out->masked && is_address(field))
			out->valid &= ~(UINT64_C(1) << field);
	return 0;
}

int stat_read(struct process *p, struct buf *text, struct stat_pid *out)
{
	int ret;

	buf_clear(text);
	ret = process_read(p, "stat", text);
	return ret < 0 ? ret : stat_parse(text->data, text->len, out);
}

int stat_check(struct process *p, const struct stat_pid *known)
{
	struct stat_pid now;
	struct buf text;
	int ret;

	buf_init(&text);
	ret = stat_read(p, &text, &now);
	buf_done(&text);
	if (ret == 0 && now.v[STAT_STARTTIME] != known->v[STAT_STARTTIME])
		ret = -ESRCH;
	return ret;
}

bool stat_same_program(const struct stat_pid *a, const struct stat_pid *b)
{
	static const unsigned char field[] = {
		STAT_START_CODE, STAT_START_STACK, STAT_ARG_START, STAT_ENV_END,
	};

	for (size_t i = 0; i < sizeof(field); i++)
		if (a->v[field[i]] != b->v[field[i]])
			return false;
	return true;
}
