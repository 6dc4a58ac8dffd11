#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# --cow: exact to the page, against what parent and children did, and a page-by-page reader of both pagemaps.
# shellcheck disable=SC2016 # jq's variables
. "$(dirname "$0")/lib.sh"
need_root
page=$(getconf PAGESIZE)
thp=/sys/kernel/mm/transparent_hugepage

# of FILE START JQ: of the mapping in the document's cow
of() {
	jq -c --arg start "0x$2" --argjson page "$page" \
		"first(.processes[0].cow.mappings[] | select(.start == \$start)) // {} | $3" "$1"
}

pages='[.shared, .copied, .only_here, .only_there] | map(. / $page)'
written='[.copied_here, .copied_there, .copied_unknown] | map(if . then . / $page else . end)'

# Who wrote is told by PG_anon_exclusive from 5.19 on; before, by huge pages and by third processes.
told=$(uname -r | awk -F '[.-]' '{ print ($1 * 1000 + $2 >= 5019) }')

# compare TEXT TOLD PID: each region as the target says; TOLD: 1 if it can be known who wrote
compare() {
	local start end shared here there only_here only_there kid=$3
	json "$WORK/pair" "--cow=$kid" "$PID" || return
	while read -r _ start end shared here there only_here only_there; do
		same "$1, $start: shared, copied, only here, only there" \
			"[$shared,$((here + there)),$only_here,$only_there]" "$(of "$WORK/pair" "$start" "$pages")"
		same "$1, $start: page by page" "$shared $((here + there)) $only_here $only_there" \
			"$("$TARGETS/cow" witness "$PID" "$kid" "$start" "$end")"
		if [ "$2" = 1 ]; then
			same "$1, $start: who wrote" "[$here,$there,0]" "$(of "$WORK/pair" "$start" "$written")"
		else
			same "$1, $start: nobody can tell who wrote" \
				"$([ $((here + there)) -gt 0 ] && echo "[null,null,$((here + there))]" || echo "[0,0,0]")" \
				"$(of "$WORK/pair" "$start" "$written")"
		fi
	done < <(grep '^region ' "$OUTPUT")
	same "$1: totals" true "$(jq '.processes[0].cow | . as $c | all(("shared", "copied", "only_here");
		. as $key | ($c.mappings | map(.[$key]) | add) == $c[$key]) and .with == ['"$kid"']' "$WORK/pair")"
	# the other way round
	json "$WORK/back" "--cow=$PID" "$kid" || return
	read -r _ start end shared here there only_here only_there < <(grep '^region ' "$OUTPUT")
	same "$1, from the child's side" "[$shared,$((here + there)),$only_there,$only_here]" \
		"$(of "$WORK/back" "$start" "$pages")"
}

# family TEXT: all descendants
family() {
	local start end shared here there only_here only_there text=$1 kids
	kids=$(sed -n 's/^child //p' "$OUTPUT" | paste -sd ,)
	json "$WORK/family" --cow "$PID" || return
	same "$text: its descendants" "[$kids]" "$(jq -c '.processes[0].cow.with' "$WORK/family")"
	same "$text: sum by sharers" true "$(jq '.processes[0].cow |
		([.sharers[].bytes] | add) == .shared + .copied + .only_here' "$WORK/family")"
	read -r _ start end shared here there only_here only_there < <(grep '^region ' "$OUTPUT")
	# what the first child wrote or gave back, the second one still shares
	same "$text: with anybody" "[$((shared + there + only_here)),$here,0,0]" "$(of "$WORK/family" "$start" "$pages")"
	# filtered to the area, the rows alone; of the sharers, the area's part is all that is anonymous and large
	same "$text: of two others" true "$(jq --argjson page "$page" --argjson shared "$shared" '.processes[0].cow.sharers |
		(map(select(.others == 2).bytes) | add) >= $shared * $page' "$WORK/family")"
	run_ok --cow "$PID" && check "$text: no table by sharers" grep -q 'with 2 others' "$OUT"
}

start_target cow small 1 8 || finish
compare "small pages" "$told" "$(sed -n 's/^child //p' "$OUTPUT")"
kid=$(sed -n 's/^child //p' "$OUTPUT")
run_ok "--cow=$kid" "$PID"
check "text without the amount copied" grep -q '^ *copied ' "$OUT"
run "--cow=$kid" -k stack --json "$PID"
same "filtered: only the stack" stack "$(jq -r '[.processes[0].cow.mappings[].kind] | unique | join(" ")' "$OUT")"
# nobody else may look, and is told what would help
if command -v setpriv >/dev/null; then
	setpriv --reuid=65534 --regid=65534 --clear-groups "$MEMMAP" --json "--cow=$kid" "$PID" >"$OUT" 2>"$ERR"
	same "ordinary user" null "$(jq -c '.processes[0].cow' "$OUT")"
fi

# ---- --sharing: the same frames, found by their numbers ----
read -r _ start end shared here there only_here only_there < <(grep '^region ' "$OUTPUT")
json "$WORK/sharing" --sharing "$PID"
json "$WORK/pair" "--cow=$kid" "$PID"
same "--sharing and --cow of a child" "$(jq '.processes[0].cow.shared' "$WORK/pair")" \
	"$(jq --argjson kid "$kid" '.processes[0].sharing.processes[] | select(.pid == $kid).shared' "$WORK/sharing")"
# beside the area there are the pages of the C library's and the stack that nobody wrote to since
same "--sharing: anonymous memory of the child" true "$(jq --argjson kid "$kid" --argjson least $((shared * page)) \
	--argjson page "$page" '.processes[0].sharing.processes[] | select(.pid == $kid) | .shared - .shared_file |
	. >= $least and . < $least + 64 * $page' "$WORK/sharing")"
same "--sharing: objects of the child, and of all" true "$(jq --argjson kid "$kid" --argjson least $((shared * page)) '
	.processes[0].sharing | (.processes[] | select(.pid == $kid)) as $p | .objects as $all |
	$p.shared == ($p.objects | map(.shared) | add) and .shared == ($all | map(.shared) | add) and
	all($p.objects[]; . as $o | $all | any(.object == $o.object and .shared >= $o.shared and .processes > 0)) and
	$p.objects[0].shared >= $least' "$WORK/sharing")"
# frames, each once: what smaps calls resident, for nothing is mapped twice here
same "--sharing: frames" "$(awk '/^Rss:/ { sum += $2 } END { print sum * 1024 }' "/proc/$PID/smaps")" \
	"$(jq '.processes[0].sharing.mapped' "$WORK/sharing")"
run_ok --sharing "$PID" && check "--sharing: no line of the child" grep -q "^ *$kid .* cow " "$OUT"
stop_target "$PID"
run "--cow=$kid" $$
same "another process that has gone: status" 1 "$RC"
check "another process that has gone: not named" grep -q "$kid" "$ERR"
start_program sleep 1000
run --cow "$PID"
same "no descendants: status" 1 "$RC"
check "no descendants: not said" grep -q 'descendants' "$ERR"

# What else was asked for is told all the same.
run_ok --summary --cow "$PID" && check "no descendants: no summary" grep -q 'adds up' "$OUT"
check "no descendants: no note" grep -q 'note: no cow: .*descendants' "$OUT"

# Wide empty space is not looked at piece by piece.
if command -v strace >/dev/null && strace -qq -o /dev/null true 2>/dev/null &&
	start_target bulk reserved $((20 << 40)) $((64 << 20)) 16; then
	strace -f -qq -e trace=ioctl -o "$WORK/trace" "$MEMMAP" "--cow=$PID" "$PID" >"$OUT" 2>&1
	same "20 TiB: fewer than 1000 scans" true "$([ "$(wc -l <"$WORK/trace")" -lt 1000 ] && echo true)"
	json "$WORK/pair" "--cow=$PID" "$PID"
	same "20 TiB: all that is populated is shared with itself" "$(awk '/^Anonymous:/ { print $2 * 1024 }' "/proc/$PID/smaps_rollup")" \
		"$(jq '.processes[0].cow | .shared - .shared_file' "$WORK/pair")"
	stop_target "$PID"
fi

# Each descendant takes two files; and what memmap lacks is not laid on the descendants.
start_target cow small 30 1 && {
	same "more descendants than files, at first" 30 \
		"$(bash -c 'ulimit -Sn 20; "$0" --json --cow "$1"' "$MEMMAP" "$PID" | jq '.processes[0].cow.with | length')"
	bash -c 'ulimit -n 20; "$0" --json --cow "$1"' "$MEMMAP" "$PID" >"$OUT" 2>"$ERR"
	same "too many files: status" 1 $?
	check "too many files: not said" grep -q 'Too many open files' "$ERR"
	bash -c 'ulimit -n 7; "$0" --sharing "$1"' "$MEMMAP" "$PID" >"$OUT" 2>"$ERR"
	same "sharing, too many files: status" 1 $?
	stop_target "$PID"
}

# One that exits while it is read is left out.
if command -v strace >/dev/null && start_target cow small 2 8; then
	first=$(sed -n 's/^child //p' "$OUTPUT" | head -n 1)
	(sleep 0.7 && kill -9 "$first") &
	strace -f -qq -o /dev/null -e trace=ioctl -e inject=ioctl:delay_enter=1500000:when=6 \
		"$MEMMAP" --json --cow "$PID" >"$WORK/left" 2>"$ERR"
	wait $!
	same "one exits meanwhile: who is left" "[$(sed -n 's/^child //p' "$OUTPUT" | tail -n 1)]" \
		"$(jq -c '.processes[0].cow.with' "$WORK/left")"
	read -r _ start _ _ here _ < <(grep '^region ' "$OUTPUT")
	same "one exits meanwhile: shared with the other" $((8 * 1048576 / page - here)) \
		"$(of "$WORK/left" "$start" '.shared / $page')"
	stop_target "$PID"
fi

if command -v strace >/dev/null && start_target cow small 1 8; then
	first=$(sed -n 's/^child //p' "$OUTPUT")
	(sleep 0.7 && kill -9 "$first") &
	strace -f -qq -o /dev/null -e trace=ioctl -e inject=ioctl:delay_enter=1500000:when=6 \
		"$MEMMAP" --summary --cow "$PID" >"$OUT" 2>"$ERR"
	same "the only one exits meanwhile: status" 0 $?
	check "the only one exits meanwhile: no summary" grep -q 'adds up' "$OUT"
	check "the only one exits meanwhile: no note" grep -q 'note: no cow: .*exited' "$OUT"
	stop_target "$PID"
fi

# A second child still has what was there before, which tells who wrote.
start_target cow small 2 8 && {
	compare "two children" 1 "$(sed -n 's/^child //p' "$OUTPUT" | head -n 1)"
	family "two children"
	stop_target "$PID"
}

if [ -w $thp/enabled ]; then
	setting $thp/enabled madvise
	[ ! -e $thp/hugepages-2048kB/enabled ] || setting $thp/hugepages-2048kB/enabled inherit
	setting $thp/khugepaged/max_ptes_none 0
	start_target cow thp 1 8 && {
		huge=$(awk -v start="$(awk '/^region/ { print $2; exit }' "$OUTPUT")" '
			$1 ~ "^" start "-" { found = 1 } found && /^Rss/ { print $2; exit }' "/proc/$PID/smaps")
		same "huge pages: resident" 8192 "$huge"
		compare "huge pages" 1 "$(sed -n 's/^child //p' "$OUTPUT")"
		stop_target "$PID"
	}
fi
finish
