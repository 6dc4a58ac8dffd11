# SPDX-License-Identifier: GPL-3.0-or-later
# The counters of /proc/PID/smaps as JSON in bytes, names in hexadecimal: what memmap is compared with.

BEGIN {
	for (i = 1; i < 256; i++)
		code[sprintf("%c", i)] = i
	printf "{\"mappings\":["
}

# Header lines begin with a lower-case hexadecimal digit, field lines with a capital.
/^[0-9a-f]/ {
	split($1, range, "-")
	rest = $0
	for (i = 0; i < 5; i++)
		sub(/^[^ ]+ /, "", rest)
	# The name begins in column 74, or one blank after the inode if that is further right.
	match($0, /^[^ ]+ [^ ]+ [^ ]+ [^ ]+ [0-9]+ /)
	name = (RLENGTH > 73) ? substr($0, RLENGTH + 1) : substr($0, 74)
	hex = ""
	for (i = 1; i <= length(name); i++)
		hex = hex sprintf("%02x", code[substr(name, i, 1)])
	printf "%s{\"start\":\"0x%s\",\"end\":\"0x%s\",\"perms\":\"%s\",\"inode\":%s,\"raw_name_hex\":\"%s\"",
	       (any++ ? "}," : ""), range[1], range[2], $2, $5, hex
	next
}

/^VmFlags:/ {
	printf ",\"vm_flags\":["
	for (i = 2; i <= NF; i++)
		printf "%s\"%s\"", (i > 2 ? "," : ""), $i
	printf "]"
	next
}

/ kB$/ {
	key = $1
	sub(/:$/, "", key)
	if (key == "KernelPageSize" || key == "MMUPageSize")
		sub(/PageSize/, "_page_size", key)
	printf ",\"%s\":%.0f", tolower(key), $2 * 1024
}

END {
	printf "%s]}\n", (any ? "}" : "")
}
