#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The sums of every readable process against smaps_rollup, status and pmap -X, to the kilobyte.
. "$(dirname "$0")/lib.sh"
need_root

# The faults of a process that sleeps, in words.
start_program sleep 1000
run_ok --summary "$PID" && check "page faults are not those of stat" \
	grep -qF "page faults $(awk '{ print $10 " minor, " $12 " major" }' "/proc/$PID/stat")" "$OUT"

# rollup_json PID: the counters of smaps_rollup in bytes.
rollup_json() {
	LC_ALL=C awk 'BEGIN { printf "{" }
		/ kB$/ && /^[A-Z]/ {
			sub(/:$/, "", $1)
			printf "%s\"%s\":%.0f", (n++ ? "," : ""), $1, $2 * 1024
		}
		END { printf "}\n" }'
}

# What pmap -X adds up itself, by awk from its rows: column names and sums in bytes.
pmap_json() {
	pmap -X "$1" 2>/dev/null | LC_ALL=C awk '
		NR == 1 { next }
		$1 == "Address" { for (i = 1; i <= NF; i++) name[i] = $i; next }
		/^ *=+/ { exit }
		# The fields up to the counters never hold a blank, the name is last.
		{ rows++; for (i = 6; name[i] != "" && name[i] != "Mapping"; i++) sum[name[i]] += $i * 1024 }
		END {
			printf "{\"rows\":%d", rows
			for (key in sum)
				printf ",\"%s\":%.0f", key, sum[key]
			printf "}\n"
		}'
}

# Whether the process stays as it is.  Pages of libraries change from private to
# shared, and Pss with them, when any other process starts or ends, memmap too.
state_of() {
	sed -E 's/^(Pss|(Shared|Private)_Clean)[^:]*:.*//' "/proc/$1/smaps_rollup" 2>/dev/null &&
		cat "/proc/$1/maps" 2>/dev/null &&
		grep -E '^(Name|Vm|Rss|Hugetlb)' "/proc/$1/status" 2>/dev/null
}

# shellcheck disable=SC2016 # jq's variables
compare='
def line($what; $want; $have):
  if $want == null or $want == $have then empty
  else "\($what): kernel \($want), memmap \($have)" end;
.processes[0] as $p | $p.totals as $t | [$p.mappings[] | select(.kind != "vsyscall")] as $m |
def sum($key): $m | map(.[$key] // 0) | add // 0;
line("pid"; $pid; $p.pid),
line("rss"; $rollup.Rss; $t.rss),
line("clean"; $rollup.Shared_Clean + $rollup.Private_Clean; $t.shared_clean + $t.private_clean),
line("shared_dirty"; $rollup.Shared_Dirty; $t.shared_dirty),
line("private_dirty"; $rollup.Private_Dirty; $t.private_dirty),
line("swap"; $rollup.Swap; $t.swap),
line("swap_pss"; $rollup.SwapPss; $t.swap_pss),
line("hugetlb"; $rollup.Shared_Hugetlb + $rollup.Private_Hugetlb; $t.hugetlb),
(if $rollup.Private_Hugetlb == 0
 then line("uss"; $t.private_clean + $t.private_dirty; $t.uss) else empty end),
(if $alone then
  line("pss"; $rollup.Pss; $t.pss),
  line("private_clean"; $rollup.Private_Clean; $t.private_clean),
  line("shared_clean"; $rollup.Shared_Clean; $t.shared_clean),
  line("sum of private_clean"; $rollup.Private_Clean; sum("private_clean")),
  line("pmap: pss"; $pmap.Pss; sum("pss")),
  (sum("pss") as $pss |	# each is rounded down to a kilobyte
   if $pss <= $rollup.Pss and $rollup.Pss - $pss <= 1024 * ($m | length) then empty
   else "sum of pss: kernel \($rollup.Pss), memmap \($pss)" end)
 else empty end),
line("size and VmSize"; $status.VmSize; $t.size),
line("sum of sizes"; $status.VmSize; sum("size")),
line("sum of rss"; $rollup.Rss; sum("rss")),
line("sum of swap"; $rollup.Swap; sum("swap")),
line("sum of private_dirty"; $rollup.Private_Dirty; sum("private_dirty")),
line("sum of clean"; $rollup.Shared_Clean + $rollup.Private_Clean;
     sum("private_clean") + sum("shared_clean")),
line("vm_rss"; $status.VmRSS; $p.status.vm_rss),
line("vm_size"; $status.VmSize; $p.status.vm_size),
line("vm_peak"; $status.VmPeak; $p.status.vm_peak),
line("vm_hwm"; $status.VmHWM; $p.status.vm_hwm),
line("vm_lck"; $status.VmLck; $p.status.vm_lck),
line("page_tables"; $status.VmPTE; $t.page_tables),
line("kinds: size"; ($p.mappings | map(.size) | add); ($p.kinds | map(.size) | add)),
line("kinds: rss"; $rollup.Rss; ($p.kinds | map(.rss) | add)),
line("kinds: mappings"; ($p.mappings | length); ($p.kinds | map(.mappings) | add)),
(if $pmap.Rss == null then empty else
  line("pmap: mappings"; $pmap.rows; $p.mappings | length),
  line("pmap: size"; $pmap.Size; $p.mappings | map(.size) | add),
  line("pmap: rss"; $pmap.Rss; sum("rss")),
  line("pmap: referenced"; $pmap.Referenced; sum("referenced")),
  line("pmap: anonymous"; $pmap.Anonymous; sum("anonymous")),
  line("pmap: swap"; $pmap.Swap; sum("swap")),
  line("pmap: locked"; $pmap.Locked; sum("locked"))
 end)'

# settled COMMAND...: run it between two equal documents of $pid, in $WORK/full.json; 1 if
# there never are two.  Even where the target stands still, pages of libraries change
# from private to shared, and "unique" with them, when any other process starts or ends.
settled() {
	local facts='.processes[0] | [.totals, .mappings, .kinds]'
	for _ in {1..20}; do
		json "$WORK/full.json" --summary --maps "$pid" || return
		"$@" || return
		json "$WORK/again.json" --summary --maps "$pid" || return
		if [ "$(jq -c "$facts" "$WORK/full.json")" = "$(jq -c "$facts" "$WORK/again.json")" ]; then
			return 0
		fi
	done
	return 1
}

summary_text() {
	run_ok --color=never -b --summary "$1" && cp "$OUT" "$WORK/text"
}

# check_text PID: the numbers of the row "all" in the summary in bytes.
check_text() {
	local wanted row
	if ! settled summary_text "$1"; then
		echo "note: $1: pages changed hands all the time"
		return
	fi
	wanted=$(jq -r '.processes[0].totals | [.rss, .uss, .swap] | map(tostring) | join(" ")' "$WORK/full.json")
	row=$(awk '$1 == "all" { print; exit }' "$WORK/text")
	for number in $wanted; do
		case " $row " in
		*[!0-9]"$number"[!0-9]*) pass ;;
		*) fail "$1: -b summary: $number is not in the row '$row'" ;;
		esac
	done
	run_ok -b -r -n --maps -o start,end,rss "$1" || return
	same "$1: sum of -b -o rss" "$(jq '.processes[0].mappings | map(.rss) | add' "$WORK/full.json")" \
		"$(awk '{ sum += $3 } END { printf "%.0f", sum }' "$OUT")"
}

# --fast asks other files of the kernel and must find the same mappings.
check_fast() {
	local shape='.processes[0].mappings[] |
		[.start, .end, .perms, .offset, .device, .inode, .path, .path_hex, .deleted]'
	json "$WORK/fast.json" --fast --maps "$1" || return
	jq -c "$shape" "$WORK/full.json" >"$WORK/full.rows"
	jq -c "$shape" "$WORK/fast.json" >"$WORK/fast.rows"
	same_files "$1: --fast has other mappings" "$WORK/full.rows" "$WORK/fast.rows"
	if [ "$(jq '[.processes[0].mappings[] | select(.rss != null)] | length' "$WORK/fast.json")" != 0 ]; then
		fail "$1: --fast gives resident sizes, which maps does not hold"
	fi
}

# The addresses, permissions and inodes themselves against /proc/PID/maps.
check_rows() {
	jq -r '.processes[0].mappings[] | [.start, .end, .perms, (.inode // 0)] |
		map(tostring | ltrimstr("0x") | sub("^0+(?=.)"; "")) | join(" ")' \
		"$WORK/full.json" >"$WORK/full.rows"
	LC_ALL=C awk '{
		split($1, range, "-")
		sub(/^0+/, "", range[1])
		print range[1], range[2], $2, $5
	}' "$WORK/maps" | sed 's/ 0*\([0-9a-f]\{1,\}\) / \1 /' >"$WORK/maps.rows"
	same_files "$1: mappings" "$WORK/maps.rows" "$WORK/full.rows"
}

compared=0
moving=0
check_process() {
	local pid=$1 alone=$2 before rollup try
	for try in 1 2 3 4 5; do
		before=$(state_of "$pid") && rollup=$(cat "/proc/$pid/smaps_rollup") || return
		RC=0
		"$MEMMAP" --json --summary --maps "$pid" >"$WORK/full.json" 2>"$ERR" || RC=$?
		pmap_json "$pid" >"$WORK/pmap.json"
		cat "/proc/$pid/maps" >"$WORK/maps" 2>/dev/null
		[ "$before" = "$(state_of "$pid")" ] || continue
		if $alone && [ "$rollup" != "$(cat "/proc/$pid/smaps_rollup")" ]; then
			continue
		fi
		if [ $RC -ne 0 ]; then
			fail_with "memmap $pid ended with status $RC" <"$ERR"
			return
		fi
		rollup_json <<<"$rollup" >"$WORK/rollup.json"
		awk '/^Vm.* kB$/ { sub(/:/, "", $1); printf "{\"%s\":%.0f}\n", $1, $2 * 1024 }' \
			<<<"$before" | jq -s add >"$WORK/status.json"
		if ! jq -r --argjson pid "$pid" --argjson alone "$alone" --slurpfile rollup "$WORK/rollup.json" \
			--slurpfile status "$WORK/status.json" --slurpfile pmap "$WORK/pmap.json" \
			'$rollup[0] as $rollup | $status[0] as $status | $pmap[0] as $pmap |'"$compare" \
			"$WORK/full.json" >"$WORK/differences" 2>&1; then
			fail_with "$pid: cannot be compared" <"$WORK/differences"
		elif [ -s "$WORK/differences" ] && [ "$try" -lt 5 ]; then
			# a child of a shell came or went within, and another one since
			continue
		elif [ -s "$WORK/differences" ]; then
			fail_with "$pid ($(cat "/proc/$pid/comm"))" 40 <"$WORK/differences"
		else
			pass
		fi
		compared=$((compared + 1))
		check_rows "$pid"
		return
	done
	moving=$((moving + 1))
}

mkdir "$WORK/files"
mine=()
for target in layout threads jit "shared $WORK/files" "many 3000 anon 500"; do
	# shellcheck disable=SC2086
	if start_target $target; then
		mine+=("$PID")
	fi
done

# This one shares its pages with nobody, so that its Pss is its own.
static=none
if [ -x "$TARGETS/layout-static" ] && start_target layout-static; then
	static=$PID
	mine+=("$PID")
fi

for directory in /proc/[0-9]*; do
	pid=${directory#/proc/}
	# Not PID 1, not this shell; kernel threads have no rollup.
	if [ "$pid" -eq 1 ] || [ "$pid" -eq $$ ]; then
		continue
	fi
	cat "$directory/smaps_rollup" >/dev/null 2>&1 || continue
	check_process "$pid" "$([ "$pid" = "$static" ] && echo true || echo false)"
done
echo "$compared processes compared, $moving changed all the time"
[ "$compared" -ge "${#mine[@]}" ] || fail "fewer processes compared than started here"

# These stand still, but for what is said at settled().
for pid in "${mine[@]}"; do
	check_text "$pid"
	check_fast "$pid"
done
finish
