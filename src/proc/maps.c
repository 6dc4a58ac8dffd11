/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One line of /proc/PID/maps, which is also the first line of each record of smaps. */
#include "config.h"

#include "proc/maps.h"

#include <stddef.h>

#include "base/num.h"

bool maps_is_line(const char *line, const char *end)
{
	return line < end && ((*line >= '0' && *line <= '9') || (*line >= 'a' && *line <= 'f'));
}

static bool skip(const char **p, const char *end, char c)
{
	if (*p == end || **p != c)
		return false;
	(*p)++;
	return true;
}

static bool scan_perms(const char **p, const char *end, unsigned int *perms)
{
	const char *s = *p;

	if (end - s < 4)
		return false;
	*perms = (s[0] == 'r' ? MAPS_READ : 0) | (s[1] == 'w' ? MAPS_WRITE : 0) |
		 (s[2] == 'x' ? MAPS_EXEC : 0) | (s[3] == 's' ? MAPS_SHARED : 0);
	*p += 4;
	return (s[0] == 'r' || s[0] == '-') && (s[1] == 'w' || s[1] == '-') &&
	       (s[2] == 'x' || s[2] == '-') && (s[3] == 's' || s[3] == 'p');
}

bool maps_parse_line(const char *line, const char *end, struct maps_line *out)
{
	const char *p = line, *column;
	uint64_t major, minor;

	if (!num_scan_hex(&p, end, &out->start) || !skip(&p, end, '-') ||
	    !num_scan_hex(&p, end, &out->end) || !skip(&p, end, ' ') ||
	    !scan_perms(&p, end, &out->perms) || !skip(&p, end, ' ') ||
	    !num_scan_hex(&p, end, &out->offset) || !skip(&p, end, ' ') ||
	    !num_scan_hex(&p, end, &major) || !skip(&p, end, ':') ||
	    !num_scan_hex(&p, end, &minor) || !skip(&p, end, ' ') ||
	    !num_scan_u64(&p, end, &out->inode) ||
	    out->end <= out->start || major > UINT32_MAX || minor > UINT32_MAX)
		return false;
	out->dev_major = (uint32_t)major;
	out->dev_minor = (uint32_t)minor;
	/* The name stands at column 73 (49 on 32-bit kernels) or, where the fields are longer,
	 * two blanks after them. It may itself begin with blanks, so skip no more than the
	 * padding. Without a name the line ends in one blank. */
	if (p < end && *p != ' ')
		return false;
	column = p + 2 > line + 73 ? p + 2 : line + 73;
	while (p < end && p < column && *p == ' ')
		p++;
	out->name = (struct str){ p, (size_t)(end - p) };
	return true;
}

void maps_put_perms(char *p, unsigned int perms)
{
	p[0] = perms & MAPS_READ ? 'r' : '-';
	p[1] = perms & MAPS_WRITE ? 'w' : '-';
	p[2] = perms & MAPS_EXEC ? 'x' : '-';
	p[3] = perms & MAPS_SHARED ? 's' : 'p';
}
