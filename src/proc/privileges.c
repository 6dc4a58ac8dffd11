/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who runs a process and with which capabilities: capabilities(7), user_namespaces(7). */
#include "config.h"

#include "proc/privileges.h"

#include <stdio.h>

#include "base/num.h"
#include "proc/lines.h"

static const char *const capability_names[CAPABILITIES_KNOWN] = {
	"CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_DAC_READ_SEARCH", "CAP_FOWNER", "CAP_FSETID",
	"CAP_KILL", "CAP_SETGID", "CAP_SETUID", "CAP_SETPCAP", "CAP_LINUX_IMMUTABLE",
	"CAP_NET_BIND_SERVICE", "CAP_NET_BROADCAST", "CAP_NET_ADMIN", "CAP_NET_RAW",
	"CAP_IPC_LOCK", "CAP_IPC_OWNER", "CAP_SYS_MODULE", "CAP_SYS_RAWIO", "CAP_SYS_CHROOT",
	"CAP_SYS_PTRACE", "CAP_SYS_PACCT", "CAP_SYS_ADMIN", "CAP_SYS_BOOT", "CAP_SYS_NICE",
	"CAP_SYS_RESOURCE", "CAP_SYS_TIME", "CAP_SYS_TTY_CONFIG", "CAP_MKNOD", "CAP_LEASE",
	"CAP_AUDIT_WRITE", "CAP_AUDIT_CONTROL", "CAP_SETFCAP", "CAP_MAC_OVERRIDE",
	"CAP_MAC_ADMIN", "CAP_SYSLOG", "CAP_WAKE_ALARM", "CAP_BLOCK_SUSPEND", "CAP_AUDIT_READ",
	"CAP_PERFMON", "CAP_BPF", "CAP_CHECKPOINT_RESTORE",
};

/* "Uid:	real	effective	saved	filesystem" */
static void parse_uid(struct privileges *out, struct str value)
{
	const char *s = value.p, *end = s + value.len;
	uint64_t real, effective;

	if (!num_scan_u64(&s, end, &real) || s == end)
		return;
	s++;
	out->has_uid = num_scan_u64(&s, end, &effective) && effective <= UINT32_MAX;
	if (out->has_uid)
		out->uid = (uint32_t)effective;
}

void privileges_parse(const char *text, size_t len, struct privileges *out)
{
	struct lines lines = lines_of(text, len);
	struct str name, value;

	*out = (struct privileges){ 0 };
	while (lines_next_field(&lines, &name, &value)) {
		if (str_eq(name, STR("Uid")))
			parse_uid(out, value);
		else if (str_eq(name, STR("CapEff")))
			out->has_effective = num_parse_hex(value.p, value.len, &out->effective);
		else if (str_eq(name, STR("CapPrm")))
			out->has_permitted = num_parse_hex(value.p, value.len, &out->permitted);
	}
}

const char *capability_name(unsigned int number, char space[CAPABILITY_NAME_MAX])
{
	if (number < CAPABILITIES_KNOWN)
		return capability_names[number];
	snprintf(space, CAPABILITY_NAME_MAX, "CAP_%u", number);
	return space;
}

bool user_namespace_is_initial(struct str link)
{
	return str_eq(link, STR("user:[4026531837]"));
}
