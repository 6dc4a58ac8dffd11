/* SPDX-License-Identifier: GPL-3.0-or-later */
/* --system --watch: what vmstat counts, per second: faults, reclaim, swap, compaction. */
#include "config.h"

#include "report/rates.h"

#include <string.h>

enum { NAME_WIDTH = 28, RATE_WIDTH = 14 };

void rates_add(struct rates *r, const struct vmstat *v, double time)
{
	r->last = r->now;
	r->now = (struct rates_sample){ *v, time };
	if (r->samples++ == 0)
		r->first = r->last = r->now;
}

/* Events per second; false where one of the two does not know, or a counter was set back. */
static bool rate(const struct rates_sample *from, const struct rates_sample *to,
		 enum vmstat_field f, double *v)
{
	const struct maybe *a = &from->vmstat.v[f], *b = &to->vmstat.v[f];

	if (!a->known || !b->known || b->v < a->v || to->time <= from->time)
		return false;
	*v = (double)(b->v - a->v) / (to->time - from->time);
	return true;
}

static void put_rate(struct buf *b, bool known, double v)
{
	if (known)
		buf_printf(b, "%*.1f", RATE_WIDTH, v);
	else
		buf_printf(b, "%*s", RATE_WIDTH, "-");
}

/* Those that counted anything since the first sample. */
static void put_rates(struct buf *b, const struct style *s, const struct rates *r, bool last)
{
	buf_putc(b, '\n');
	style_bold(b, s);
	buf_puts(b, "rates");
	style_off(b, s);
	buf_printf(b, ": events per second%s\n\n", last ? ", since the last sample and since the first"
						       : "");
	for (unsigned int f = VMSTAT_EVENTS; f < VMSTAT_FIELDS; f++) {
		double recent = 0, all = 0;
		bool known = rate(&r->first, &r->now, (enum vmstat_field)f, &all);

		if (!known || all <= 0)
			continue;
		buf_printf(b, "  %-*s", NAME_WIDTH, vmstat_name((enum vmstat_field)f));
		if (last)
			put_rate(b, rate(&r->last, &r->now, (enum vmstat_field)f, &recent), recent);
		put_rate(b, known, all);
		buf_putc(b, '\n');
	}
	buf_puts(b, "  all others: 0\n");
}

void rates_text(struct buf *b, const struct style *s, const struct rates *r)
{
	if (r->samples > 1)
		put_rates(b, s, r, true);
}

void rates_final_text(struct buf *b, const struct style *s, const struct rates *r)
{
	if (r->samples > 1)
		put_rates(b, s, r, false);
}

static void since_json(struct json *j, const char *key, const struct rates_sample *from,
		       const struct rates_sample *to)
{
	json_object(j, key);
	json_double(j, "seconds", to->time - from->time);
	for (unsigned int f = VMSTAT_EVENTS; f < VMSTAT_FIELDS; f++) {
		const char *name = vmstat_name((enum vmstat_field)f);
		double v;

		if (rate(from, to, (enum vmstat_field)f, &v))
			json_double(j, name, v);
		else
			json_null(j, name);
	}
	json_object_end(j);
}

void rates_json(struct json *j, const struct rates *r)
{
	if (r->samples < 2)
		return;
	json_object(j, "rates");
	since_json(j, "last", &r->last, &r->now);
	since_json(j, "first", &r->first, &r->now);
	json_object_end(j);
}

void rates_final_json(struct json *j, const struct rates *r)
{
	if (r->samples < 2)
		return;
	json_object(j, "rates");
	since_json(j, "first", &r->first, &r->now);
	json_object_end(j);
}
