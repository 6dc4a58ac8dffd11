#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# --diff: a target before and after steps of known kind, and another one.
# shellcheck disable=SC2016 # jq's variables
. "$(dirname "$0")/lib.sh"
need jq

page=$(getconf PAGESIZE)

# step NUMBER: lets the target that was started last do it.
step() {
	local turns fd=${FDS[-1]}
	echo >&"$fd"
	for ((turns = 0; turns < 1000; turns++)); do
		grep -q "^did $1\$" "$OUTPUT" && return
		sleep 0.02
	done
	fail "step $1 is not done"
}

# told FILE: the words and numbers of the target's own places.
told() {
	jq -r '.processes[0].change.base.mappings[]
		| select([.start, .start_before] | any(. != null and test("^0x1[08]00[0-9a-f]{8}$")))
		| "\(.change | join(",")) \(.mappings_before)>\(.mappings_after) \(.size) \(.memory)"' "$1"
}

start_target edits || finish
first=$PID
step 0
"$MEMMAP" --capture "$WORK/one" "$first" >"$OUT" 2>"$ERR" || fail_with "no capture" <"$ERR"
json "$WORK/same.json" --diff "$WORK/one" "$first"
same "nothing done" "" "$(told "$WORK/same.json")"
step 1
json "$WORK/split.json" --diff "$WORK/one" "$first"
same "mprotect in the middle" "protected,split 1>3 0 0" "$(told "$WORK/split.json")"
step 2
step 3
step 4
json "$WORK/shrank.json" --diff "$WORK/one" "$first"
same "half is gone" "shrank,protected 1>1 -$((32 * page)) -$((32 * page))" \
	"$(told "$WORK/shrank.json")"
same "in total" "-$((32 * page)) false" "$(jq -r '.processes[0].change.base
	| "\(.total.size) \(.other_process)"' "$WORK/shrank.json")"
"$MEMMAP" --capture "$WORK/two" "$first" >"$OUT" 2>"$ERR" || fail_with "no capture" <"$ERR"
json "$WORK/trees.json" --diff "$WORK/one" -s "$WORK/two" "$first"
same "two captures" "$(told "$WORK/shrank.json")" "$(told "$WORK/trees.json")"

# another process of the same program: its segments, wherever they are
start_target edits || finish
second=$PID
json "$WORK/other.json" --diff "$WORK/one" "$second"
same "another process" "true $first" "$(jq -r '.processes[0].change.base
	| "\(.other_process) \(.pid)"' "$WORK/other.json")"
same "its anonymous memory" "-$((64 * page))" "$(jq -r '.processes[0].change.base.kinds[]
	| select(.kind == "anon").size' "$WORK/other.json")"
same "its objects: nothing else came or went" "" "$(jq -r '.processes[0].change.base.objects[]
	| select(.change | any(. == "appeared" or . == "vanished")).object' "$WORK/other.json")"
run_ok --diff "$WORK/one" "$second"
check "it is said" grep -q "^  $second is not in the capture, another process of that name is: matched by object and segment" "$OUT"
# another program is none to compare with
run --diff "$WORK/one" $$
same "another program" 1 "$RC"
same "what there is instead" "memmap: $(cat /proc/$$/comm) ($$) is not in $WORK/one (it has edits $first)" "$(cat "$ERR")"
same "nothing is told of it" "" "$(cat "$OUT")"
run --json --diff "$WORK/one" $$
same "another program, as a document" "1 []" "$RC $(jq -c .processes "$OUT")"
# by name, if the number is not there; other tests may run the same program
json "$WORK/name.json" --diff "$WORK/one" edits
same "by name" "$first $first" "$(jq -r --argjson a "$first" --argjson b "$second" \
	'[.processes[] | select(.pid == $a or .pid == $b).change.base.pid] | join(" ")' "$WORK/name.json")"

# more than a page of changes: those that gained or lost most, and the sum of the rest
start_target touch || finish
"$MEMMAP" --capture "$WORK/many" "$PID" >"$OUT" 2>"$ERR" || fail_with "no capture" <"$ERR"
step 0
run_ok -b --diff "$WORK/many" "$PID"
same "the largest rows" "$(for ((i = 60; i > 40; i--)); do echo "10000$(printf %02x "$i")00000 +$((i * page))"; done)" \
	"$(awk '$1 == "filled" && $2 ~ /^1000/ { print $2, $4 }' "$OUT")"
# a page or two of its own data and stack may be among them
more=$(sed -nE 's/^  and ([0-9]+) more \(\+([0-9]+)\)$/\1 \2/p' "$OUT" | tail -n 1)
check "and 40 more, not $more" awk -v more="$more" -v page="$page" 'BEGIN { split(more, m)
	exit !(m[1] >= 40 && m[1] < 50 && m[2] >= 820 * page && m[2] < 840 * page) }'
json "$WORK/largest.json" --diff "$WORK/many" "$PID"
same "documents have all" 60 "$(told "$WORK/largest.json" | grep -c .)"
"$MEMMAP" --capture "$WORK/most" "$PID" >"$OUT" 2>"$ERR" || fail_with "no capture" <"$ERR"
step 1
# since the beginning: the last one has nothing again, the others one more each
run_ok -b --diff "$WORK/many" "$PID"
same "the largest rows now" "$(for ((i = 59; i > 39; i--)); do echo "+$(((i + 1) * page))"; done)" \
	"$(awk '$1 == "filled" && $2 ~ /^1000/ { print $4 }' "$OUT")"
run_ok -b --diff "$WORK/most" "$PID"
# more than twenty gained a page, and still what lost more than those is there
same "what lost most" "100003c00000 -$((60 * page))" \
	"$(awk '$1 == "emptied" && $2 ~ /^1000/ { print $2, $4 }' "$OUT")"

# it runs another program now
# shellcheck disable=SC2016 # for the other bash
start_program bash -c 'echo ready; read -r; exec "$@"' - "$TARGETS/edits"
for ((turns = 0; turns < 1000; turns++)); do
	! grep -q ready "$OUTPUT" || break
	sleep 0.02
done
"$MEMMAP" --capture "$WORK/shell" "$PID" >"$OUT" 2>"$ERR" || fail_with "no capture" <"$ERR"
echo >&"${FDS[-1]}"
for ((turns = 0; turns < 1000; turns++)); do
	! [ "$(grep -c ready "$OUTPUT")" -eq 2 ] || break
	sleep 0.02
done
json "$WORK/exec.json" --diff "$WORK/shell" "$PID"
same "after execve" "true bash" "$(jq -r '.processes[0].change.base | "\(.other_process) \(.name)"' "$WORK/exec.json")"

run --diff "$WORK/none" "$first"
same "no tree" 1 "$RC"
mkdir -p "$WORK/empty/proc"
run --diff "$WORK/empty" "$first"
same "no process in it" 1 "$RC"
check "that is said" grep -q 'has no process' "$ERR"
for python in /usr/bin/python3 python3; do
	if "$python" -c 'import jsonschema' 2>/dev/null; then
		cat "$WORK"/{split,other,trees}.json | "$python" "$top_srcdir/tests/validate.py" \
			"$top_srcdir/man/memmap.schema.json" 2>"$ERR" ||
			fail_with "documents are not as the schema says" <"$ERR"
		break
	fi
done
finish
