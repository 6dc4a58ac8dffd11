/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What --probe parses: /proc/PID/status for capabilities, mountinfo, small files of sysfs. */
#include "config.h"

#include "fuzz.h"

#include <stdlib.h>

#include "proc/mountinfo.h"
#include "proc/privileges.h"
#include "proc/probing.h"

/* Is it within the input? */
static int lies_in(struct str s, const char *p, size_t size)
{
	return s.len == 0 || (s.p >= p && s.p + s.len <= p + size);
}

static void check_mounts(const char *p, size_t size)
{
	struct lines l = { p, p + size };
	struct str value;
	struct mount_line m;
	struct buf b;

	buf_init(&b);
	while (mountinfo_next(&l, &m)) {
		if (!lies_in(m.root, p, size) || !lies_in(m.point, p, size) ||
		    !lies_in(m.type, p, size) || !lies_in(m.options, p, size))
			abort();
		if (mountinfo_option(m.options, "hidepid", &value) && !lies_in(value, p, size))
			abort();
		buf_clear(&b);
		mountinfo_unescape(&b, m.point);
		if (b.error || b.len > m.point.len)
			abort();
	}
	buf_done(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *p = (const char *)data;
	struct str text = { p, size }, word = probe_selected(text);
	char space[CAPABILITY_NAME_MAX];
	struct privileges privileges;

	privileges_parse(p, size, &privileges);
	for (unsigned int i = 0; i < 64; i++)
		if (!capability_name(i, space)[0])
			abort();
	if (!privileges.has_effective && privileges_has(&privileges, CAPABILITY_SYS_ADMIN))
		abort();
	check_mounts(p, size);
	if (!lies_in(word, p, size) || (size == 0 && probe_has_address(text)))
		abort();
	return 0;
}
