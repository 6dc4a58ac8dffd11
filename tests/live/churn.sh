#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Processes that come, go, exec and die while they are read: whole reports, or a word about it, never a mixture.
. "$(dirname "$0")/lib.sh"
need_root

ROUNDS=${CHURN_ROUNDS:-8}
low=100000000000
high=200000000000
# Zombies are said in words, by their own status.
word='no such process|exited while being read|zombie|faster than it can be read'
page=$(getconf PAGESIZE)
gate=false
grep -q '\[vsyscall\]' /proc/self/maps && gate=true

# What may never be in a document about a process with such children.
# A complete table ends with the vsyscall page, where there is one.
# shellcheck disable=SC2016 # jq's variables
audit='
def bare: ltrimstr("0x") | sub("^0+"; "");
def at($start): [.mappings[] | select((.start | bare) == $start)];
.processes[] | . as $p | select((.mappings // []) != []) |
(at($low)) as $low_ones | (at($high)) as $high_ones |
(if $gate and (.mappings[-1].kind != "vsyscall") then "\(.pid): the table stops early" else empty end),
(if ($low_ones | length) == 1 and ($high_ones | length) != 1
 then "\(.pid): only one of the two marks" else empty end),
(if ($low_ones | length) == 1 and $low_ones[0].size != $high_ones[0].size
 then "\(.pid): marks of two processes" else empty end),
(($low_ones + $high_ones)[] |
 (if .perms != "rw-p" then "\($p.pid): permissions of a mark: \(.perms)" else empty end),
 (if $by_pid and .size != ($p.pid % 64 + 1) * $page
  then "\($p.pid): a mark of \(.size) bytes" else empty end))'

reports=0
gone=0
# examine WANTED BY_PID ARGUMENT...: one run over WANTED (PIDs), then the checks.
examine() {
	local wanted=$1 by_pid=$2 pid
	shift 2
	RC=0
	# shellcheck disable=SC2086
	"$MEMMAP" "$@" $wanted >"$OUT" 2>"$ERR" </dev/null || RC=$?
	case $RC in
	0)
		grep -q -i -E 'no such process|exited while' "$ERR" &&
			fail_with "status 0 in spite of" <"$ERR"
		;;
	1)
		if ! grep -q -i -E "$word" "$ERR"; then
			fail_with "status 1 without a word about it: $*" <"$ERR"
		fi
		# Every line is about one of the processes asked for.
		if grep -v -i -E "$word" "$ERR" >"$WORK/other"; then
			fail_with "other messages: $*" <"$WORK/other"
		fi
		gone=$((gone + $(wc -l <"$ERR")))
		;;
	*)
		fail_with "status $RC: memmap $*" <"$ERR"
		return
		;;
	esac
	case " $* " in
	*" --json "*)
		if [ -s "$OUT" ] && ! jq -r --arg low "$low" --arg high "$high" --argjson page "$page" \
			--argjson by_pid "$by_pid" --argjson gate "$gate" "$audit" \
			"$OUT" >"$WORK/problems" 2>&1; then
			fail_with "no JSON: memmap $*" <"$WORK/problems"
		elif [ -s "$OUT" ] && [ -s "$WORK/problems" ]; then
			fail_with "memmap $*" <"$WORK/problems"
		else
			pass
		fi
		# Every process is reported or complained about, none of them twice.
		jq -r '.processes[]?.pid' "$OUT" 2>/dev/null >"$WORK/pids"
		reports=$((reports + $(wc -l <"$WORK/pids")))
		for pid in $wanted; do
			if [ "$(grep -c -x "$pid" "$WORK/pids")" -ne 1 ] && ! grep -q -w "$pid" "$ERR"; then
				fail_with "$pid is neither reported once nor missed" 5 <"$ERR"
			fi
		done
		;;
	*)
		pass
		;;
	esac
}

start_target churn children 24 || finish
parent=$PID
for ((round = 0; round < ROUNDS && FAILURES < 20; round++)); do
	read -r children <"/proc/$parent/task/$parent/children" || true
	# shellcheck disable=SC2086
	set -- $children
	[ $# -gt 0 ] || continue
	case $((round % 4)) in
	0) examine "$1" true --json --maps ;;
	1) examine "$*" true --json --summary --maps ;;
	2) examine "${!#}" true --json --summary --maps ;;
	3) examine "$*" true ;;
	esac
done
echo "children: $reports reports, $gone gone meanwhile"
stop_target "$parent"
check "churn made no children" grep -q '^children [1-9]' "$OUTPUT"
check "no child was ever caught alive" [ "$reports" -gt 0 ]

# ---- one process that becomes another program again and again --------------------------------
reports=0
gone=0
if start_target churn exec; then
	target=$PID
	for ((round = 0; round < ROUNDS && FAILURES < 20; round++)); do
		case $((round % 3)) in
		0) examine "$target" false --json --maps ;;
		1) examine "$target" false --json --summary --maps ;;
		2) examine "$target" false --summary --layout --maps ;;
		esac
	done
	echo "exec: $reports reports, $gone refused"
	# It has existed all the time under the same number.
	if [ "$FAILURES" -eq 0 ]; then
		check "a process that is there was never reported" [ "$reports" -gt 0 ]
	fi
	stop_target "$target"
fi

finish
