#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The table of all processes against smaps_rollup, by awk, for targets that stand still.
. "$(dirname "$0")/lib.sh"
need_root

# rollup FILE FIELD...: the sum of these lines of a smaps_rollup in bytes
rollup() {
	local file=$1
	shift
	awk -v fields=" $* " 'index(fields, " " substr($1, 1, length($1) - 1) " ") { sum += $2 }
		END { printf "%.0f", sum * 1024 }' "$file"
}

# row PID COLUMN...: of the row of one process, in bytes
row() {
	"$MEMMAP" --processes -brn -o "$2" "$1"
}

mkdir "$WORK/files"
mine=()
for target in layout "shared $WORK/files" threads "many 2000 anon 500"; do
	# shellcheck disable=SC2086
	start_target $target && mine+=("$PID")
done
# This one shares its pages with nobody, so that its Pss is its own.
static=none
if [ -x "$TARGETS/layout-static" ] && start_target layout-static; then
	static=$PID
	mine+=("$PID")
fi
for pid in "${mine[@]}"; do
	kill -STOP "$pid"
done

# ---- a zombie whose other threads go on ----

if start_target orphan-threads; then
	for _ in {1..100}; do
		[ "$(awk '/^State:/ { print $2 }' "/proc/$PID/status")" != Z ] || break
		sleep 0.02
	done
	same "main thread exited: pss" - "$(row "$PID" pss)"
	same "main thread exited: state" Z "$(row "$PID" state)"
	json "$WORK/owners" --physical --owners
	same "main thread exited: owners" true "$(jq ".physical.owners.unreadable >= 1" "$WORK/owners")"
	stop_target "$PID"
fi

# ---- --fast asks the kernel for nothing that walks page tables ----

if command -v strace >/dev/null && strace -qq -o /dev/null true 2>/dev/null; then
	strace -f -qq -e trace=openat -o "$WORK/trace" "$MEMMAP" --fast --processes "${mine[@]}" >"$OUT" 2>&1
	check "--fast: smaps_rollup is read" grep -q . "$OUT"
	check "--fast: smaps is read" [ "$(grep -c smaps "$WORK/trace")" -eq 0 ]
	same "--fast: rss" "$(awk '/^VmRSS:/ { print $2 * 1024 }' "/proc/${mine[0]}/status")" \
		"$("$MEMMAP" --fast --processes -brn -o rss "${mine[0]}")"
	run --fast -g object
	same "--fast -g object: status" 2 "$RC"
fi

# ---- each process ----

for pid in "${mine[@]}"; do
	for _ in {1..10}; do	# pages of libraries change hands when others start and end
		cat "/proc/$pid/smaps_rollup" >"$WORK/before"
		pss=$(row "$pid" pss) uss=$(row "$pid" uss) rss=$(row "$pid" rss) swap=$(row "$pid" swap)
		dirty=$(row "$pid" private_dirty) state=$(row "$pid" state)
		cat "/proc/$pid/smaps_rollup" >"$WORK/after"
		! cmp -s "$WORK/before" "$WORK/after" || break
	done
	same "$pid: rss" "$(rollup "$WORK/before" Rss)" "$rss"
	same "$pid: swap" "$(rollup "$WORK/before" Swap)" "$swap"
	same "$pid: private_dirty" "$(rollup "$WORK/before" Private_Dirty)" "$dirty"
	same "$pid: state" T "$state"
	if cmp -s "$WORK/before" "$WORK/after"; then
		# one that reads is one more that maps libc, and so are the shells around it
		want=$(rollup "$WORK/before" Private_Clean Private_Dirty)
		if [ "$pid" = "$static" ]; then
			same "$pid: uss" "$want" "$uss"
			same "$pid: pss" "$(rollup "$WORK/before" Pss)" "$pss"
		fi
		check "$pid: uss is $uss, not $want" [ "$uss" -le "$want" -a "$uss" -ge $((want - 65536)) ]
		want=$(rollup "$WORK/before" Pss)
		check "$pid: pss is $pss, not $want" awk -v a="$want" -v b="$pss" \
			'BEGIN { d = a - b; exit d < -16384 || d > a / 50 + 16384 }'
	fi
	same "$pid: parent" "$(awk '/^PPid:/ { print $2 }' "/proc/$pid/status")" "$(row "$pid" ppid)"
	same "$pid: page tables" "$(awk '/^VmPTE:/ { print $2 * 1024 }' "/proc/$pid/status")" \
		"$(row "$pid" page_tables)"
done

# ---- all: nobody is missing, largest first, and it adds up ----

run_ok -rn -o pid,pss -b
for pid in "${mine[@]}"; do
	check "process $pid is not in the table" grep -q "^$pid " "$OUT"
done
if ! awk '$2 != "-" { if (n++ && $2 > last) exit 1; last = $2 } END { exit n < 2 }' "$OUT"; then
	fail_with "not the largest first" <"$OUT"
fi
kernel=$(awk '/^Name:/ { name = $2 } /^VmSize/ { has = 1 } END { if (!has) print name }' /proc/2/status)
if [ -n "$kernel" ] && grep -q '^2 ' "$OUT"; then
	fail "kernel thread 2 ($kernel) is in the table"
fi
json "$WORK/all.json"
same "what memory is made of" 0 "$(jq '.memory | .total as $total |
	del(.total, .unreadable_processes) | $total - add' "$WORK/all.json")"
same "MemTotal" "$(awk '/^MemTotal/ { printf "%.0f", $2 * 1024 }' /proc/meminfo)" \
	"$(jq .memory.total "$WORK/all.json")"
same "sum of pss" "$(jq '[.processes[].totals.pss // 0] | add' "$WORK/all.json")" \
	"$(jq .memory.processes "$WORK/all.json")"
# no counter of the kernel tells of the rest; most of the memory must still be accounted for
same "less than a tenth of the memory is in no part" true \
	"$(jq '.memory | .other < .total / 10' "$WORK/all.json")"

# ---- groups: sums of the same rows ----

total=0
for pid in "${mine[@]}"; do
	total=$((total + $(rollup "/proc/$pid/smaps_rollup" Rss)))
done
for by in user name cgroup; do
	run_ok --processes -brn -g "$by" -o processes,rss "${mine[@]}"
	same "-g $by: processes" "${#mine[@]}" "$(awk '{ n += $1 } END { print n }' "$OUT")"
	same "-g $by: rss" "$total" "$(awk '{ n += $2 } END { printf "%.0f", n }' "$OUT")"
done
run_ok --processes -brn -g user -o user,processes "${mine[@]}"
same "-g user" "$(id -un) ${#mine[@]}" "$(cat "$OUT")"

# objects: each file once, with all that map it
run_ok --processes -brn -g object -o processes,rss,name "${mine[@]}"
libc=$(awk '/libc\.so/ { print $6; exit }' "/proc/${mine[0]}/maps")
if [ -n "$libc" ]; then
	users=0 bytes=0
	for pid in "${mine[@]}"; do
		grep -qF " $libc" "/proc/$pid/maps" && users=$((users + 1))
		bytes=$((bytes + $(awk -v name="$libc" '/^[0-9a-f]+-/ { mine = $6 == name }
			/^Rss:/ && mine { sum += $2 } END { print sum * 1024 }' "/proc/$pid/smaps")))
	done
	# the anonymous tail of its data is in the same object, but in no line with its name
	have=$(awk -v name="$libc" '$3 == name { print $1, $2 }' "$OUT")
	same "-g object: processes with $libc" "$users" "${have% *}"
	check "-g object: $libc has $bytes resident, not ${have#* }" [ "${have#* }" -ge "$bytes" ]
fi
same "-g object: rss of all" "$total" "$(awk '{ n += $2 } END { printf "%.0f", n }' "$OUT")"

# ---- users: one without a process, and none ----

idle=$(cut -d : -f 1,3 /etc/passwd | while IFS=: read -r name uid; do
	cat /proc/[0-9]*/status 2>/dev/null | awk -v uid="$uid" '$1 == "Uid:" && $3 == uid { found = 1 }
		END { exit found }' && echo "$name" && break
done)
if [ -n "$idle" ]; then
	run -u "$idle"
	same "-u $idle: status" 1 "$RC"
	same "-u $idle" "memmap: no process of user $idle" "$(cat "$OUT" "$ERR")"
	run -J -u "$idle"
	same "-u $idle, as a document" "1 []" "$RC $(jq -c .processes "$OUT")"
	run_ok -u "$idle" -w 0.1 -c 2
	same "-u $idle, watched" "2 0" "$(grep -c "^no process of user $idle\$" "$OUT") $(grep -c command "$OUT")"
fi
run -u no-such-user
same "-u no-such-user: status" 2 "$RC"
same "-u no-such-user: a table" "" "$(cat "$OUT")"
same "-u no-such-user" "memmap: invalid argument 'no-such-user' for --user: there is no such user" "$(head -n 1 "$ERR")"
run_ok -rn -u "$(id -un)" -o pid
check "-u $(id -un): not all of mine" grep -qx "${mine[0]}" "$OUT"
run --processes -f 'nothing is called so' "${mine[0]}"
same "-f without a match" "1 memmap: no process matches 'nothing is called so'" "$RC $(cat "$OUT" "$ERR")"

# ---- the tree ----

start_program bash -c 'sleep 600 & sleep 601 & wait'
parent=$PID
for ((turns = 0; turns < 250; turns++)); do
	mapfile -t children < <(pgrep -P "$parent")
	[ "${#children[@]}" -lt 2 ] || break
	sleep 0.02
done
STARTED+=("${children[@]}")
for _ in {1..10}; do
	run_ok --processes --tree -brn -o pid,pss,subtree "$parent" "${children[@]}"
	cp "$OUT" "$WORK/tree"
	run_ok --processes --tree -brn -o pid,pss,subtree "$parent" "${children[@]}"
	! cmp -s "$OUT" "$WORK/tree" || break
done
same "--tree: the parent comes first" "$parent" "$(awk 'NR == 1 { print $1 }' "$OUT")"
same "--tree: its subtree" "$(awk '{ n += $2 } END { printf "%.0f", n }' "$OUT")" \
	"$(awk 'NR == 1 { print $3 }' "$OUT")"
same "--tree: all of it" 3 "$(wc -l <"$OUT")"

# ---- names that a program chose ----

hostile=$'a) R 1 (b\n\033[31mc \xff\\'
# shellcheck disable=SC2016 # for the other bash
start_program bash -c 'exec -a "$0" sleep 602' "$hostile"
for ((turns = 0; turns < 250; turns++)); do
	! grep -q 602 "/proc/$PID/cmdline" || break
	sleep 0.02
done
run_ok --processes -n -o pid,state,command "$PID"
if LC_ALL=C grep -q $'[\x01-\x09\x0b-\x1f\x7f\xff]' "$OUT"; then
	fail_with "a control character reaches the terminal" < <(od -c "$OUT")
fi
same "a hostile name: lines" 1 "$(grep -c "$PID" "$OUT")"
json "$WORK/hostile.json" --processes "$PID"
same "a hostile name: in JSON" "$(printf %s "$hostile" | od -An -v -tx1 | tr -d ' \n')" \
	"$(jq -r '.processes[0].command_hex[0]' "$WORK/hostile.json")"

# ---- 500 processes that start and end meanwhile ----

(
	for ((i = 0; i < 500; i++)); do
		/bin/true
	done
) &
storm=$!
STARTED+=("$storm")
turns=0
while kill -0 "$storm" 2>/dev/null; do
	turns=$((turns + 1))
	run_ok -rn -o pid,pss,command
	[ ! -s "$ERR" ] || fail_with "a message about a process that ended" <"$ERR"
	for pid in "${mine[@]}"; do
		check "process $pid is not in the table of a busy machine" grep -q "^$pid " "$OUT"
	done
done
check "no table was made while processes came and went" [ "$turns" -gt 0 ]

# shellcheck disable=SC2016 # jq's variables
# Five hundred at a time that fork and exit: each table is whole, and says nothing of those that went.
if start_target churn children 500; then
	churning=$PID
	most=0
	for turns in 1 2; do
		json "$WORK/storm" --processes || break
		same "table $turns of a storm: processes twice" 0 "$(jq '[.processes[].pid] |
			length - (unique | length)' "$WORK/storm")"
		same "missing in table $turns of a storm" '[]' "$(jq -c --argjson mine "[$(printf '%s\n' "${mine[@]}" |
			paste -sd ,)]" '$mine - [.processes[].pid]' "$WORK/storm")"
		[ ! -s "$ERR" ] || fail_with "a message about a process that ended" <"$ERR"
		here=$(jq '[.processes[] | select(.name == "churn" and .totals.pss != null)] | length' "$WORK/storm")
		[ "$here" -le "$most" ] || most=$here
	done
	kill "$churning"
	wait "$churning" 2>/dev/null
	check "no process of the storm was ever read" [ "$most" -gt 0 ]
fi

# ---- an ordinary user ----

if setpriv --reuid=65534 --regid=65534 --clear-groups true 2>/dev/null; then
	setpriv --reuid=65534 --regid=65534 --clear-groups \
		"$MEMMAP" -o pid,pss,rss,name >"$OUT" 2>"$ERR" </dev/null
	same "as an ordinary user: status" 0 $?
	same "as an ordinary user: pss of $parent" - "$(awk -v p="$parent" '$1 == p { print $2 }' "$OUT")"
	check "as an ordinary user: no note" grep -q CAP_SYS_PTRACE "$OUT"
fi
for pid in "${mine[@]}"; do
	kill -CONT "$pid"
done
finish
