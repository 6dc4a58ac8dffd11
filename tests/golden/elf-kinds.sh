#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Prints "kind START KIND" for the mappings of ELF files of a captured process, from the program
# headers of those files as readelf shows them; other files are of kind file. Only useful where the files are: run it when capturing.
#
# Usage: elf-kinds.sh MAPS [ROOT [PAGESIZE]]      ROOT is put before every path
set -u
LC_ALL=C
export LC_ALL
maps=$1 root=${2-} page=${3-4096}

awk '$6 ~ /^\// && $NF != "(deleted)" && NF == 6 { print $6 }' "$maps" | sort -u |
while IFS= read -r path; do
	[ -f "$root$path" ] || continue
	if ! readelf -lW "$root$path" 2>/dev/null | grep -q 'LOAD'; then
		case $path in
		/dev/*) ;;
		*) awk -v path="$path" '$6 == path && NF == 6 {
			print "kind " substr($1, 1, index($1, "-") - 1) " file"
		   }' "$maps" ;;
		esac
		continue
	fi
	readelf -lW "$root$path" | awk -v path="$path" -v page="$page" '
	function num(hex,    n, i) {
		sub(/^0x/, "", hex)
		for (i = 1; i <= length(hex); i++)
			n = n * 16 + index("0123456789abcdef", substr(hex, i, 1)) - 1
		return n
	}
	function down(v) { return v - v % page }
	function up(v) { return down(v + page - 1) }
	NR == FNR && $1 == "LOAD" {
		n++
		va[n] = num($3)
		file_end[n] = up(num($3) + num($5))
		mem_end[n] = up(num($3) + num($6))
		flags[n] = $7 $8
		next
	}
	NR == FNR {
		if ($1 == "GNU_RELRO") {
			relro = down(num($3))
			relro_end = down(num($3) + num($6))
		}
		next
	}
	{
		split($1, range, "-")
		start = num(range[1])
		if ($6 == path && NF == 6) {
			if ($3 + 0 == 0 && $3 !~ /[1-9a-f]/)
				base = start - down(va[1])
			inside = 1
		} else if (!(inside && $6 == "" && $4 == "00:00" && start == end)) {
			inside = 0
		}
		end = num(range[2])
		if (!inside || base == "")
			next
		v = start - base
		for (i = 1; i <= n; i++) {
			if (v < down(va[i]) || v >= mem_end[i])
				continue
			if (flags[i] ~ /E/)
				kind = "text"
			else if (flags[i] !~ /W/)
				kind = "rodata"
			else if (v >= relro && v < relro_end)
				kind = "relro"
			else
				kind = v >= file_end[i] ? "bss" : "data"
			print "kind " range[1] " " kind
		}
	}' - "$maps"
done | sort -u
