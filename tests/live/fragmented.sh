#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# --huge names fragmented memory as the reason where free memory lies in small blocks only. For a machine of
# its own: tests/qemu/run.sh -m 512M -s fragmented.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

thp=/sys/kernel/mm/transparent_hugepage
[ "$(id -u)" -eq 0 ] || skip "needs root"
[ -d $thp ] || skip "no transparent huge pages on this kernel"
total=$(awk '/^MemTotal:/ { print $2 * 1024 }' /proc/meminfo)
[ "$total" -le $((1 << 30)) ] || skip "would fragment all memory of a machine that others use"

# Blocks of 2 MiB that are free or could be cut; column 5 is order 0. The zone DMA is for devices.
free_blocks() {
	awk '$4 != "DMA" { for (i = 5 + 9; i <= NF; i++) n += $i * 2 ^ (i - 14) } END { print n + 0 }' /proc/buddyinfo
}

setting $thp/enabled madvise
setting $thp/defrag never
setting $thp/khugepaged/scan_sleep_millisecs 600000
# Else compaction moves what is locked.
setting /proc/sys/vm/compact_unevictable_allowed 0
setting /proc/sys/vm/overcommit_memory 1

reasons() {
	"$MEMMAP" --json --huge "$1" >"$WORK/huge.json" || fail "memmap --huge fails"
	jq -r '.processes[0].mappings[] | select(.vm_flags | index("hg")) | .huge.reasons[].reason' "$WORK/huge.json" |
		sort | tr '\n' ' '
}

start_target bulk huge $((32 << 20)) || finish
[ "$(free_blocks)" -gt 0 ] || fail "this machine was fragmented from the start"
case " $(reasons "$PID")" in
*" fragmented "*) fail "fragmented, though there are free blocks" ;;
*) pass ;;
esac
stop_target "$PID"

available=$(awk '/^MemAvailable:/ { print $2 * 1024 }' /proc/meminfo)
start_target bulk scattered $((available - (48 << 20))) || finish
# What is left of large blocks is used up.
for ((turns = 0; turns < 8 && $(free_blocks) > 0; turns++)); do
	start_target bulk huge $((($(free_blocks) + 4) << 21)) || finish
done
echo "free blocks of 2 MiB now: $(free_blocks); $(tr '\n' ';' </proc/buddyinfo)"
[ "$(free_blocks)" -eq 0 ] || skip "memory could not be fragmented"
start_target bulk huge $((16 << 20)) || finish
# a process that ends may give a block back
check "the target has hardly a huge page" \
	[ "$(awk '/^AnonHugePages:/ { print $2 }' "/proc/$PID/smaps_rollup")" -le 4096 ]
case " $(reasons "$PID")" in
*" fragmented "*) pass ;;
*) fail "not named: $(reasons "$PID")" ;;
esac
same "its fact is buddyinfo's" "buddyinfo 0" "$(jq -r '[.processes[0].mappings[].huge.reasons[]?
	| select(.reason == "fragmented") | "\(.fact) \(.value)"] | first' "$WORK/huge.json")"
finish
