#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# --wss: what a target with a known working set uses, by the method that this kernel has.
. "$(dirname "$0")/lib.sh"
start_target wss || finish

# of NAME KEY: of the mapping in the document
of() {
	jq -c --arg start "0x$(awk -v name="$1" '$2 == name { print $3 }' "$OUTPUT")" --arg key "$2" \
		'.processes[0].wss.mappings[] | select(.start == $start)[$key]' "$WORK/doc"
}

if [ ! -e /sys/kernel/mm/page_idle/bitmap ]; then
	json "$WORK/doc" --wss 0.1 "$PID"
	same "nothing is done to the target unasked" null "$(jq -c '.processes[0].wss' "$WORK/doc")"
	check "what would help is not said" jq -e '.processes[0].unavailable[] |
		select(.what == "wss").needs | contains("--clear-refs")' "$WORK/doc" >/dev/null
	method=clear_refs
else
	method=idle_bitmap
fi
for name in idle used; do
	want=$(awk -v name=$name '$2 == name { print $4 }' "$OUTPUT")
	# reclaim, or a reader of another test, may take a mark away meanwhile
	for try in 1 2 3; do
		json "$WORK/doc" --wss 0.4 --clear-refs "$PID" || break
		[ "$(of $name referenced)" != "$want" ] || break
	done
	same "$name: referenced, at try $try" "$want" "$(of $name referenced)"
done
same "method" "\"$method\"" "$(jq '.processes[0].wss.method' "$WORK/doc")"
same "at least so long" true "$(jq '.processes[0].wss | .seconds >= 0.4' "$WORK/doc")"
same "sum" true "$(jq '.processes[0].wss | .referenced == (.mappings | map(.referenced) | add)' "$WORK/doc")"
run_ok --wss 0.1 --clear-refs --color=never "$PID"
check "text without the method" grep -q 'by clear_refs\|by idle page tracking' "$OUT"
# Another program under the same number is another working set.
start_program bash -c 'sleep 0.5; exec sleep 1000'
run --wss 1.5 --clear-refs "$PID"
same "execve meanwhile: status" 1 "$RC"
check "execve meanwhile: not said" grep -q "^memmap: $PID: .*another program" "$ERR"
if [ "$(id -u)" -eq 0 ] && command -v setpriv >/dev/null; then
	setpriv --reuid=65534 --regid=65534 --clear-groups "$MEMMAP" --wss 0.1 --clear-refs "$PID" >"$OUT" 2>"$ERR"
	same "somebody else's process: status" 0 $?
	check "somebody else's process: no note" grep -q 'note: no .*wss' "$OUT"
fi
run --clear-refs "$PID"
same "--clear-refs alone: status" 2 "$RC"
finish
