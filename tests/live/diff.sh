#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# --diff: a target before and after steps of known kind, and another one.
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
		| select([.start, .start_before] | any(. != null and test("^0x1[08]0000......$")))
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
check "it is said" grep -q 'matched by object and segment' "$OUT"
# by name, if the number is not there
json "$WORK/name.json" --diff "$WORK/one" edits
same "by name" "$first $first" "$(jq -r '[.processes[].change.base.pid] | join(" ")' "$WORK/name.json")"

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
