#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# --watch: a leak, steps of known kind, a target that exits, signals, rates.
# shellcheck disable=SC2015,SC2016 # pass never fails; jq's variables
. "$(dirname "$0")/lib.sh"
need jq awk

page=$(getconf PAGESIZE)

# wait_for TEXT COMMAND...: until it succeeds.
wait_for() {
	local turns text=$1
	shift
	for ((turns = 0; turns < 1000; turns++)); do
		"$@" && return 0
		sleep 0.02
	done
	fail "waited in vain for $text"
	return 1
}

has_lines() {
	[ "$(wc -l <"$1")" -ge "$2" ]
}

# holds ARGUMENT...: jq says true of all documents.
holds() {
	jq -es "$@" >"$WORK/holds"
}

is_gone() {
	! kill -0 "$1" 2>/dev/null
}

# --- a leak: the bytes, by what the target noted when ------------------------------

leak() {
	local room
	start_target leak 4000000 "$WORK/log" || return
	room=$(sed -n 's/^fact room=/0x/p' "$OUTPUT")
	run_ok --watch 0.3 --count 4 --json "$PID"
	same "leak: documents" 5 "$(wc -l <"$OUT")"
	cp "$OUT" "$WORK/leak.json"
	# what was there at a time: at least what was done before it, at most what was done next
	wait_for "the log" sh -c "awk -v t=$(jq -r 'select(.watch.final).watch.ended' "$OUT") \
		'\$1 > t * 1e9 { found = 1 } END { exit !found }' '$WORK/log'"
	jq -rs '(.[0].watch | .began, .ended), (.[3].watch | .began, .ended),
		(.[4].processes[0].change.first | .seconds, (.mappings[0]
			| .memory, .memory_per_hour, .start, .change == []))' "$OUT" |
	awk -v page="$page" -v room="$room" '
	NR == FNR { value[NR] = $1; next }
	{ before[++n] = $1 / 1e9; after[n] = $2 / 1e9; done[n] = $3 }
	function least(t,   i, v) { for (i = 1; i <= n; i++) if (after[i] <= t) v = done[i]; return v + 0 }
	function most(t,   i) { for (i = 1; i <= n; i++) if (before[i] >= t) return done[i]; return -1 }
	function complain(text) { print text; bad = 1 }
	END {
		low = least(value[3]) - most(value[2])
		high = most(value[4]) - least(value[1])
		printf "leaked %d to %d bytes, told %d in %.3f s\n", low, high,
			value[6], value[5]
		if (value[6] < low || value[6] > high || high <= 0)
			complain("the bytes are wrong")
		if (value[5] > value[4] - value[1] || value[5] < value[3] - value[2])
			complain("the time is wrong")
		if (value[7] != "null")
			complain("a rate per hour of less than a minute")
		if (value[8] != room)
			complain("at " value[8] ", not " room)
		if (value[9] != "true")
			complain("it did not change but in what is there")
		exit bad
	}' - "$WORK/log" >"$WORK/verdict" && pass || fail_with "leak" <"$WORK/verdict"

	# in words: the place is on top of the last table, and grows
	run_ok --watch 0.1 --count 3 "$PID"
	same "leak, in words" "filled ${room#0x}" \
		"$(awk '/samples in/ { last = 1 } last && $1 == "change" { getline; print $1, $2; exit }' "$OUT")"
	check "leak: no rate per hour" sh -c '! grep -qi "per hour" "$1"' - "$OUT"
	check "leak: grown in" grep -q '^grown in' "$OUT"
	check "leak: kinds" grep -Eq '^  anon +0 +0 +\+' "$OUT"
	stop_target "$PID"
}

# --- steps ---------------------------------------------------------------------------------------

# step NUMBER WORDS PAGES MEMORY: does it, and notes which documents may tell of it.
step() {
	local fd=${FDS[0]} from upto
	from=$(wc -l <"$WORK/steps")
	echo >&"$fd"
	wait_for "step $1" grep -q "^did $1\$" "$OUTPUT" || return
	# the one that is being made may not have it yet
	upto=$(($(wc -l <"$WORK/steps") + 2))
	wait_for "samples" has_lines "$WORK/steps" "$upto" || return
	printf '%s\n' "$from $upto $1: $2 $(($3 * page)) $(($4 * page))" >>"$WORK/expected"
}

# What the documents tell of the two places since each step, together.
check_steps() {
	jq -Rn '[inputs | capture("^(?<from>[0-9]+) (?<upto>[0-9]+) (?<text>.*)")
		| {from: (.from | tonumber), upto: (.upto | tonumber), text}]' "$WORK/expected" >"$WORK/list"
	jq -rs --slurpfile list "$WORK/list" '. as $all | $list[0][] | .text as $text
		| [$all[.from:.upto][].processes[0].change.last.mappings[]
			| select([.start, .start_before] | any(. != null and test("^0x1[08]0000......$")))]
		| "\($text | sub(":.*"; "")): \(map(.change[]) | unique | join(",")) \(
			map(.size) | add // 0) \(map(.memory) | add // 0)"' "$WORK/steps" >"$WORK/told"
	cut -d ' ' -f 3- "$WORK/expected" >"$WORK/wanted"
	same "steps" 11 "$(wc -l <"$WORK/wanted")"
	same_files "steps" "$WORK/wanted" "$WORK/told"
}

steps() {
	local watcher
	start_target edits || return
	"$MEMMAP" --watch 0.05,100% --json "$PID" >"$WORK/steps" 2>"$ERR" </dev/null &
	watcher=$!
	wait_for "the first samples" has_lines "$WORK/steps" 2 || return
	step 0 appeared 64 64
	step 1 protected,split 0 0
	step 2 merged,protected 0 0
	step 3 protected 0 0
	step 4 shrank -32 -32
	step 5 moved 0 0
	step 6 protected 0 0
	step 7 "" 0 0
	step 8 grew 16 0
	step 9 "" 0 -32
	step 10 vanished -48 0
	check_steps
	same "split" "1 3" "$(jq -r '.processes[0].change.last.mappings // [] | .[]
		| select(.change | index("split")) | "\(.mappings_before) \(.mappings_after)"' \
		"$WORK/steps")"
	same "moved" "0x100000000000 0x180000000000" "$(jq -r '.processes[0].change.last.mappings // []
		| .[] | select(.change | index("moved")) | "\(.start_before) \(.start)"' "$WORK/steps")"
	kill -TERM "$watcher"
	wait "$watcher"
	same "status after SIGTERM" 0 $?
	same "the summary is last" "[true,false]" "$(tail -n 1 "$WORK/steps" |
		jq -c '[.watch.final, .processes[0].change.exited]')"
	# all is as it was in the beginning
	same "nothing left of it" "" "$(tail -n 1 "$WORK/steps" | jq -r \
		'.processes[0].change.first.mappings[] | select(.change != []) | .start')"
	stop_target "$PID"
}

# --- a target that exits, others that are never there ---------------------------------------------

ends() {
	local watcher other
	start_target edits || return
	other=$PID
	"$MEMMAP" --watch 0.05 --json "$other" >"$WORK/ends" 2>"$ERR" </dev/null &
	watcher=$!
	wait_for "two samples" has_lines "$WORK/ends" 2 || return
	stop_target "$other"
	wait_for "the end" is_gone "$watcher"
	wait "$watcher"
	same "status after the target's end" 0 $?
	same "it has exited" '[true,true]' "$(tail -n 1 "$WORK/ends" |
		jq -c '[.watch.final, .processes[0].change.exited]')"
	run --watch 0.05 --count 2 4194305
	same "status without a target" 1 "$RC"
	check "it is said" grep -q 'no such process' "$ERR"
}

# --- execve: the target becomes a leak, whose first sample is the new baseline ---------------------

replaces() {
	local watcher room upto
	# shellcheck disable=SC2016 # for the other bash
	start_program setarch -R bash -c 'echo ready; read -r; exec "$@"' - \
		"$TARGETS/leak" 4000000 "$WORK/replaced"
	wait_for "the shell" grep -q '^ready$' "$OUTPUT" || return
	: >"$WORK/execve"
	"$MEMMAP" --watch 0.05,100% --json "$PID" >"$WORK/execve" 2>"$ERR" </dev/null &
	watcher=$!
	"$MEMMAP" --watch 0.05,100% "$PID" >"$WORK/execve.text" 2>&1 </dev/null &
	STARTED+=("$!")
	FDS+=("${FDS[-1]}")
	wait_for "the first samples" has_lines "$WORK/execve" 3 || return
	wait_for "the first samples" grep -q '^sample 2' "$WORK/execve.text" || return
	echo >&"${FDS[0]}"
	wait_for "the leak" grep -q '^fact room=' "$OUTPUT" || return
	upto=$(($(wc -l <"$WORK/execve") + 4))
	wait_for "samples of it" has_lines "$WORK/execve" "$upto" || return
	kill -TERM "$watcher" "${STARTED[-1]}"
	wait "$watcher"
	same "status" 0 $?
	wait "${STARTED[-1]}"
	unset "STARTED[-1]" "FDS[-1]"
	room=$(sed -n 's/^fact room=/0x/p' "$OUTPUT")
	check "execve is told once, in the first sample of the leak" holds '
		[.[] | select(.watch.final | not) | {sample: .watch.sample, name: .processes[0].name,
			change: .processes[0].change}]
		| ([.[] | select(.name == "leak")][0].sample) as $begin
		| [.[] | select(.change.execve).sample] == [$begin]
		and all(.[]; .change.first_sample == (if .sample < $begin then 1 else $begin end))
		and (.[] | select(.sample == $begin).change | has("first") or has("last") | not)' \
		"$WORK/execve"
	check "nothing is told of what the shell had" holds --arg room "$room" '
		[.[] | select(.watch.final | not).processes[0] | select(.name == "leak").change
			| .first, .last | select(. != null)]
		| length > 0 and all(.[]; all(.mappings[].change[]; . != "vanished" and . != "moved"))
		and (last.mappings[0].start == $room)' "$WORK/execve"
	check "first counts from there" holds '.[-1].processes[0].change
		| .execve == false and .first_sample > 2 and .first.seconds > 0' "$WORK/execve"
	same "in words" 1 "$(grep -c 'runs another program since this sample (execve): leak' \
		"$WORK/execve.text")"
	check "in the summary" grep -q 'runs another program since sample [0-9]* (execve): leak' \
		"$WORK/execve.text"
	stop_target "$PID"
}

# --- the table of processes: what grew, came and went ----------------------------------------------

# log_at TIME: the bytes of the leak that were there at that time at the most.
log_at() {
	awk -v t="$1" '$1 / 1e9 >= t { print $3; found = 1; exit } { last = $3 }
		END { if (!found) print last }' "$WORK/table.log"
}

table() {
	local leak watcher sleeper low high
	start_target leak 4000000 "$WORK/table.log" || return
	leak=$PID
	: >"$WORK/table"
	"$MEMMAP" --watch 0.2,100% --json >"$WORK/table" 2>"$ERR" </dev/null &
	watcher=$!
	wait_for "the first samples" has_lines "$WORK/table" 2 || return
	sleep 605 &
	sleeper=$!
	STARTED+=("$sleeper")
	wait_for "samples" has_lines "$WORK/table" $(($(wc -l <"$WORK/table") + 4)) || return
	kill "$sleeper"
	wait "$sleeper" 2>/dev/null
	unset "STARTED[-1]"
	wait_for "samples" has_lines "$WORK/table" $(($(wc -l <"$WORK/table") + 2)) || return
	kill -TERM "$watcher"
	wait "$watcher"
	same "table: status" 0 $?
	same "table: a document per line" "$(wc -l <"$WORK/table")" "$(jq -s length "$WORK/table")"
	# from the beginning of the first to the end of the last, at most; all of it is its own
	low=$(($(log_at "$(jq -s '.[-2].watch.began' "$WORK/table")") - $(log_at "$(jq -s '.[0].watch.ended' "$WORK/table")")))
	high=$(($(log_at "$(jq -s '.[-2].watch.ended' "$WORK/table")") - $(log_at "$(jq -s '.[0].watch.began' "$WORK/table")")))
	check "table: the leak grew by $low to $high" holds --argjson pid "$leak" --argjson low "$low" --argjson high "$high" '
		(.[-2].processes[] | select(.pid == $pid)) as $row
		| $low > 500000 and $row.pss_growth > $low - 262144 and $row.pss_growth < $high + 262144
		and (.[-1].process_changes.first.grew[] | select(.pid == $pid) | .name == "leak" and
			.pss_growth == $row.pss_growth)
		and ([.[1:-1][].processes[] | select(.pid == $pid).pss_change] | add == $row.pss_growth)
		and ([.[0].processes[] | .pss_growth, .pss_change] | unique == [null])' "$WORK/table"
	check "table: a process that came and went" holds --argjson pid "$sleeper" '
		([.[:-1][] | .process_changes.last.appeared // [] | .[] | select(.pid == $pid)] | length == 1)
		and ([.[:-1][] | .process_changes.last.ended // [] | .[] | select(.pid == $pid)]
			| length == 1 and .[0].name == "sleep" and .[0].pss > 0)
		and ([.[:-1][].processes[] | select(.pid == $pid)]
			| all(.pss_growth == null) and .[0].pss_change == null and .[1].pss_change != null)' \
		"$WORK/table"
	tail -n 2 "$WORK/table" >"$WORK/table.json"
	# in words: the column, its place in the list of those that grew
	run_ok --processes --watch 0.2 --count 3 -b -S growth -o pid,growth,change,name "$leak" $$
	check "table: on top by growth" awk -v pid="$leak" '$1 == "pid" { getline
		top = $1 == pid && $2 ~ /^\+[0-9]+$/ && $3 ~ /^\+[0-9]+$/ } END { exit !top }' "$OUT"
	check "table: grew most" grep -Eq "grew most since the (first|last) sample, .*leak \\($leak\\) \\+" "$OUT"
	# groups are compared by name
	run_ok --watch 0.2 --count 2 -g name --json
	check "table: groups" holds '.[1].groups[] | select(.name == "leak").pss_growth > 100000' "$OUT"
	tail -n 2 "$OUT" >>"$WORK/table.json"
	run_ok --watch 0.2 --count 2 -g object
	run_ok --watch 0.2 --count 2 --tree
	stop_target "$leak"
}

# --- the machine; time spent ------------------------------------------------------------------------

machine() {
	local before after
	before=$(awk '$1 == "pgfault" { print $2 }' /proc/vmstat)
	run_ok --system --watch 0.1 --count 3 --json
	after=$(awk '$1 == "pgfault" { print $2 }' /proc/vmstat)
	check "rates of faults" holds --argjson most "$((after - before))" '
		length == 4 and (.[0] | has("rates") | not) and .[3].watch.final and
		(.[2].rates.first | .pgfault * .seconds > 0 and .pgfault * .seconds <= $most + 1) and
		(.[1:3] | map(.rates.last | .pgfault * .seconds) | add) as $sum
		| (.[2].rates.first | .pgfault * .seconds) - $sum | fabs < 2' "$OUT"
	cp "$OUT" "$WORK/machine.json"
	run_ok --summary --watch 0.01,5% --count 4 --json $$
	# the whole of a sample is longer than its reading
	check "the interval is stretched" holds '[.[:4][].watch] | . as $w | all(range(3);
		$w[. + 1].interval as $interval | $interval * 0.05 >= $w[.].ended - $w[.].began and
		$w[. + 1].began - $w[.].began >= $interval - 0.001)' "$OUT"
	check "the views are there" holds 'all(.[]; .processes[0].kinds | length > 2)' "$OUT"
}

leak
steps
ends
replaces
table
machine
for python in /usr/bin/python3 python3; do
	if "$python" -c 'import jsonschema' 2>/dev/null; then
		tail -qn 2 "$WORK/leak.json" "$WORK/steps" "$WORK/ends" "$WORK/execve" "$WORK/table.json" \
			"$WORK/machine.json" |
			"$python" "$top_srcdir/tests/validate.py" "$top_srcdir/man/memmap.schema.json" 2>"$ERR" ||
			fail_with "documents are not as the schema says" <"$ERR"
		break
	fi
done
finish
