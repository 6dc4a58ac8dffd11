#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Choosing, ordering, grouping and shaping rows, against the same choice made by awk or jq from the whole.
. "$(dirname "$0")/lib.sh"
need_root

mkdir "$WORK/files"
start_target shared "$WORK/files" || finish
shared=$PID
start_target layout || finish
layout=$PID
start_target jit || finish
jit=$PID

# awk prints addresses as memmap's raw output and JSON do not: leading zeros and 0x are taken off.
bare='def bare: ltrimstr("0x") | sub("^0+(?=.)"; "");'

# maps_where PID CONDITION: start addresses of /proc/PID/maps; start and end as strings, r as number of kB.
maps_where() {
	LC_ALL=C awk '
	function flush() {
		if (have && ('"$2"'))
			print start
	}
	/^[0-9a-f]/ {
		flush()
		have = 1
		split($1, range, "-")
		start = range[1]
		end = range[2]
		sub(/^0+/, "", start)
		sub(/^0+/, "", end)
		perms = $2
		match($0, /^[^ ]+ [^ ]+ [^ ]+ [^ ]+ [0-9]+ */)
		name = substr($0, RLENGTH + 1)
	}
	/^Rss:/ { rss = $2 }
	END { flush() }' "/proc/$1/smaps"
}

# shown PID ARGUMENT...: start addresses that memmap shows, in its order.
shown() {
	local pid=$1
	shift
	run_ok --json --maps "$@" "$pid" || return
	jq -r "$bare .processes[0].mappings[].start | bare" "$OUT"
}

# chosen TEXT PID CONDITION ARGUMENT...
chosen() {
	local text=$1 pid=$2 condition=$3
	shift 3
	maps_where "$pid" "$condition" >"$WORK/want"
	shown "$pid" "$@" >"$WORK/have"
	same_files "$text" "$WORK/want" "$WORK/have"
	# The same rows as text; the first column asked for is the start.
	if run_ok -r -n --maps -o start "$@" "$pid"; then
		sed 's/^\(0x\)\?0*//' "$OUT" >"$WORK/have"
		same_files "$text (raw)" "$WORK/want" "$WORK/have"
	fi
}

chosen "everything" "$layout" 1
same "everything" "$(wc -l <"/proc/$layout/maps")" "$(wc -l <"$WORK/have")"

# ---- --perms ------------------------------------------------------------------------------
for perms in r-xp rw-p r--p ---p rwxp rw-s r--s; do
	chosen "--perms $perms" "$jit" "perms == \"$perms\"" --perms="$perms"
	chosen "--perms $perms" "$shared" "perms == \"$perms\"" --perms="$perms"
done
chosen "--perms x" "$layout" 'perms ~ /x/' --perms=x
chosen "--perms w" "$layout" 'perms ~ /w/' --perms=w

# ---- --min-rss ----------------------------------------------------------------------------
for size in 0 1 4K 64K 64k 65536 262144 262145 1M 3M 1.5M 1G 8E; do
	kb=$(awk -v size="$size" 'BEGIN {
		unit = 1
		if (match(size, /[KkMGTE]$/)) {
			letter = substr(size, RSTART)
			unit = letter == "M" ? 1048576 : letter == "G" ? 2 ^ 30 : letter == "E" ? 2 ^ 60 : 1024
			size = substr(size, 1, RSTART - 1)
		}
		printf "%.10f", size * unit / 1024 }')
	chosen "--min-rss $size" "$layout" "rss >= $kb" --min-rss="$size"
done
chosen "--min-rss 64M" "$jit" "rss >= 65536" --min-rss=64M

# ---- -f -----------------------------------------------------------------------------------
# Memory without a name can belong to a named object, so only rows with a name are compared.
named() {
	local pid=$1
	shift
	maps_where "$pid" "name ~ $1" >"$WORK/want"
	run_ok --json --maps -f "$2" "$pid" || return
	jq -r "$bare"' .processes[0].mappings[] | select((.path // "") != "" and .kind != "bss") | .start | bare' \
		"$OUT" >"$WORK/have"
	same_files "-f $2" "$WORK/want" "$WORK/have"
}
named "$layout" '/libc\.so/' 'libc\.so'
named "$layout" '/^\/usr\/.*\.so\./' '^/usr/.*\.so\.'
named "$layout" '/\[(heap|stack)\]/' '\[(heap|stack)\]'
named "$shared" '/with blank/' 'with blank'
named "$shared" '/memfd/' memfd
run --maps -r -n -f 'no such name anywhere' "$layout"
check "-f without a match: status $RC" [ "$RC" -le 1 ]
same "-f without a match: rows" 0 "$(wc -l <"$OUT")"

# ---- -A -----------------------------------------------------------------------------------
# Bounds in the middle of pages, so that it does not matter which end is part of a range.
inside() {
	printf '%x\n' $((0x$1 + $2))
}
heap=$(awk '/\[heap\]/ { sub(/-.*/, ""); print; exit }' "/proc/$layout/maps")
first=$(awk 'NR == 1 { sub(/-.*/, ""); print }' "/proc/$layout/maps")
third=$(awk 'NR == 3 { sub(/-.*/, ""); print }' "/proc/$layout/maps")
stack=$(awk '/\[stack\]/ { sub(/-.*/, ""); print }' "/proc/$layout/maps")
fixed() {
	sed 's/^0*//' "/proc/$layout/maps" | sed -n "$1s/-.*//p" >"$WORK/want"
	shown "$layout" "${@:2}" >"$WORK/have"
	same_files "${*:2}" "$WORK/want" "$WORK/have"
}
line() {
	grep -n "^$1" "/proc/$layout/maps" | cut -d: -f1
}
fixed 1 -A "$(inside "$first" 256)"
fixed 1 -A "0x$(inside "$first" 0)"
fixed 1 -A "$(inside "$first" 0 | tr a-f A-F)"
fixed 1,3 -A "$(inside "$first" 256)-$(inside "$third" 256)"
fixed 1,3 -A "$(inside "$first" 256),$(inside "$third" 256)"
fixed 1,3 -A "0x$(inside "$first" 256)-0x$(inside "$third" 256)"
fixed "$(line "$heap"),$(line "$stack")" -A "$(inside "$heap" 256)-$(inside "$stack" 256)"
fixed "$(line "$stack"),\$" -A "$(inside "$stack" 256)-ffffffffffffffff"
fixed "1,\$" -A 0-ffffffffffffffff
fixed "1,\$" --range 0-ffffffffffffffff
if grep -q vsyscall "/proc/$layout/maps"; then
	fixed "\$" -A ffffffffff600100
fi
run --maps -r -n -A 0-10 "$layout"
check "-A without a mapping: status $RC" [ "$RC" -le 1 ]
same "-A without a mapping: rows" 0 "$(wc -l <"$OUT")"

# ---- -k and -g, by what the full document says (kinds.sh checks that) -----------------------
for pid in "$layout" "$shared" "$jit"; do
	json "$WORK/full.json" --maps "$pid" || continue
	for kinds in text rodata relro data bss heap stack anon jit guard file shm memfd vdso text,heap \
		anon,bss,data thread-stack hugetlb device other; do
		jq -r --arg kinds "$kinds" "$bare"' ($kinds | split(",")) as $want | .processes[0].mappings[] |
			select(.kind as $kind | $want | index($kind) != null) | .start | bare' \
			"$WORK/full.json" >"$WORK/want"
		run --json --maps -k "$kinds" "$pid"
		check "-k $kinds: status $RC" [ "$RC" -le 1 ]
		jq -r "$bare .processes[0].mappings[]?.start | bare" "$OUT" >"$WORK/have"
		same_files "-k $kinds of $pid" "$WORK/want" "$WORK/have"
	done
	for group in kind object perms; do
		run_ok -r -n -b --maps -g $group -o "$group,mappings,size,rss" "$pid" || continue
		jq -r --arg group $group '[.processes[0].mappings[] | { key: (.[$group] // ""), size, rss }] |
			group_by(.key)[] | [length, (map(.size) | add), (map(.rss) | add)] | map(tostring) |
			join(" ")' "$WORK/full.json" | LC_ALL=C sort >"$WORK/want"
		# Rows are compared by their numbers: names are escaped here, and are checked in names.sh.
		if [ $group = perms ]; then
			LC_ALL=C awk '{
				split($1, range, "-")
			} /^[0-9a-f]/ { perms = $2 }
			/^Size:/ { n[perms]++; size[perms] += $2 }
			/^Rss:/ { rss[perms] += $2 }
			END { for (p in n) printf "%d %.0f %.0f\n", n[p], size[p] * 1024, rss[p] * 1024 }' \
				"/proc/$pid/smaps" | LC_ALL=C sort >"$WORK/want"
		fi
		cut -d ' ' -f 2-4 "$OUT" | LC_ALL=C sort >"$WORK/have"
		if [ $group = object ]; then
			# How memory without an object is put together is up to the report; its sum is not.
			for file in want have; do
				awk '{ n += $1; size += $2; rss += $3 } END { printf "%d %.0f %.0f\n", n, size, rss }' \
					"$WORK/$file" >"$WORK/$file.sum"
				mv "$WORK/$file.sum" "$WORK/$file"
			done
		fi
		same_files "-g $group of $pid" "$WORK/want" "$WORK/have"
	done
done

# Totals cover what is shown.
if json "$WORK/part.json" --summary --maps -k heap "$layout"; then
	same "totals of a part" "$(awk '/^[0-9a-f]/ { on = /\[heap\]/ } on && /^Rss:/ { sum += $2 }
		END { printf "%.0f", sum * 1024 }' "/proc/$layout/smaps")" \
		"$(jq '.processes[0].totals.rss' "$WORK/part.json")"
fi

# ---- -S -----------------------------------------------------------------------------------
# Rss of the rows in the order they should have, from smaps.
awk '/^Rss:/ { printf "%.0f\n", $2 * 1024 }' "/proc/$shared/smaps" >"$WORK/rss"
for order in "rss:desc -rn" "rss:asc -n"; do
	read -r key flag <<<"$order"
	run_ok -r -n -b --maps -o rss -S "$key" "$shared" || continue
	sort "$flag" "$WORK/rss" >"$WORK/want"
	same_files "-S $key" "$WORK/want" "$OUT"
	run_ok --json --maps -S "$key" "$shared" || continue
	jq '.processes[0].mappings[].rss' "$OUT" >"$WORK/have"
	same_files "-S $key, JSON" "$WORK/want" "$WORK/have"
done
run_ok -r -n --maps -o start -S start:desc "$layout" && {
	sed 's/-.*//; s/^0*//' "/proc/$layout/maps" | tac >"$WORK/want"
	sed 's/^\(0x\)\?0*//' "$OUT" >"$WORK/have"
	same_files "-S start:desc" "$WORK/want" "$WORK/have"
}
# Rows that are equal stay in address order.
if run_ok -r -n -b --maps -o rss,start -S rss:desc "$shared"; then
	sed 's/ \(0x\)\?0*/ /' "$OUT" >"$WORK/have"
	maps_where "$shared" 1 >"$WORK/starts"
	paste -d ' ' "$WORK/rss" "$WORK/starts" | sort -s -k1,1rn >"$WORK/want"
	same_files "-S rss:desc among equals" "$WORK/want" "$WORK/have"
fi

# ---- -o and -n ----------------------------------------------------------------------------
if run_ok -r -n -b --maps -o end,perms,size,start "$layout"; then
	awk '{ split($1, r, "-"); for (i = 1; i <= 2; i++) sub(/^0+/, "", r[i]); print r[2], $2, r[1] }' \
		"/proc/$layout/maps" >"$WORK/want"
	awk '{ for (i = 1; i <= NF; i++) sub(/^(0x)?0*/, "", $i); print $1, $2, $4 }' "$OUT" >"$WORK/have"
	same_files "-o end,perms,size,start" "$WORK/want" "$WORK/have"
	awk '/^Size:/ { printf "%.0f\n", $2 * 1024 }' "/proc/$layout/smaps" >"$WORK/want"
	awk '{ print $3 }' "$OUT" >"$WORK/have"
	same_files "-o size" "$WORK/want" "$WORK/have"
fi
if run_ok -r --maps "$layout" && cp "$OUT" "$WORK/with" && run_ok -r -n --maps "$layout"; then
	sed 1d "$WORK/with" >"$WORK/want"
	same_files "-n leaves out the heading alone" "$WORK/want" "$OUT"
fi
if run_ok -r -n --maps "$layout" && fields=$(awk 'NR == 1 { print NF }' "$OUT") &&
	run_ok -r -n --maps -o +swap_pss "$layout"; then
	same "-o +COL adds one" $((fields + 1)) "$(awk 'NR == 1 { print NF }' "$OUT")"
fi
# Every column that there is can be asked for by its name, alone and in one table.
if run_ok --list-columns -n; then
	awk '/^ *[a-z][a-z0-9_]* / { print $1 }' "$OUT" >"$WORK/columns"
	check "--list-columns: no columns" [ "$(wc -l <"$WORK/columns")" -gt 10 ]
	while read -r column; do
		run -r -n --maps -o "$column" "$layout"
		same "-o $column: status" 0 "$RC"
	done <"$WORK/columns"
fi

finish
