#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# --physical against a witness that shares no code with it, on frames that stand still; against the
# kernel's own counters, on those that do not; --owners against a join of pagemaps by awk.
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/lib.sh"

need_root
need od sort
[ -r /proc/kpageflags ] || skip "kpageflags cannot be read"
[ -x "$TARGETS/all-frames" ] || skip "the witness is not built"
page=$(getconf PAGESIZE)

# total FILE USE [MEMBER]: of a document, the frames (or bytes) of a use
total() {
	jq -r --arg use "$2" --arg of "${3:-frames}" \
		'.physical.uses[] | select(.use == $use)[$of]' "$1"
}

# ---- a copy of the machine's words: everything must agree to the frame ----

# Words of zero, and there are many, take no room in it.
copy_machine() {
	local file
	mkdir -p "$WORK/tree/proc" "$WORK/tree/sys/devices/system"
	for file in kpageflags kpagecount; do
		dd if=/proc/$file of="$WORK/tree/proc/$file" bs=1M conv=sparse status=none || return
	done
	cp /proc/iomem /proc/zoneinfo /proc/meminfo "$WORK/tree/proc/" || return
	mkdir "$WORK/tree/proc/sys" "$WORK/tree/proc/sys/kernel"
	cp /proc/sys/kernel/arch /proc/sys/kernel/osrelease "$WORK/tree/proc/sys/kernel/" 2>/dev/null
	return 0
}

# The witness's findings in the form of those lists that jq makes of the document.
check_copy() {
	local doc=$WORK/copy.json block
	json "$doc" --sysroot "$WORK/tree" --physical || return
	block=$(jq '.physical.blocks.size' "$doc")
	"$TARGETS/all-frames" "$WORK/tree" $((block / page)) "$page" >"$WORK/witness" ||
		{ fail "the witness fails"; return; }
	sort "$WORK/witness" >"$WORK/expected"
	jq -r --argjson page "$page" '.physical |
		(.flag_words[] | "word \(.flags[2:]) \(.pages)"),
		(.uses[] | "use \(.use) \(.frames) \(.mapped / $page) \(.shared / $page)"),
		(.blocks | "blocks \(.free) \(.movable) \(.pinned) \(.partial)"),
		"frames \(.frames) \(.holes)"' "$doc" | sort >"$WORK/got"
	same_files "a copy of all words" "$WORK/expected" "$WORK/got"
	[ "$(wc -l <"$WORK/got")" -gt 20 ] || fail "only $(wc -l <"$WORK/got") words and uses"
	check_parts "$doc"
}

# What is the same, told twice, must be the same.
check_parts() {
	same "the sum of the uses" "$(jq '.physical.frames' "$1")" \
		"$(jq '[.physical.uses[].frames] | add' "$1")"
	same "the sum of the words" "$(jq '.physical.frames' "$1")" \
		"$(jq '[.physical.flag_words[].pages] | add + 0' "$1")"
	same "the sum of the zones' uses" "$(jq '.physical.frames * .physical.page_size' "$1")" \
		"$(jq '[.physical.zones[].uses[]] | add' "$1")"
	same "the sum of the nodes' uses" "$(jq '.physical.frames * .physical.page_size' "$1")" \
		"$(jq '[.physical.nodes[].uses[]] | add' "$1")"
	same "frames with a flag" \
		"$(jq '[.physical.flag_words[] | select(.names | index("lru")) | .pages] | add' "$1")" \
		"$(jq '.physical.flags.lru' "$1")"
	# what the zones have is what iomem calls RAM
	same "frames of RAM" "$(awk '$1 == "present" { n += $2 } END { print n }' /proc/zoneinfo)" \
		"$(jq '.physical.frames' "$1")"
	same "cells of every line" "$(jq '.physical.map | .line_size / .cell_size' "$1")" \
		"$(jq '[.physical.map.lines[].cells | length] | unique | .[]' "$1")"
}

# A hole, offline blocks, a large folio of an old kernel: made by hand, 4096 frames in all.
words() {
	local i
	for ((i = 0; i < $2; i++)); do
		printf '%b' "$1"
	done
}

check_made() {
	local tree=$WORK/made doc=$WORK/made.json
	mkdir -p "$tree/proc/sys/kernel" "$tree/sys/devices/system/memory/memory1"
	echo x86_64 >"$tree/proc/sys/kernel/arch"
	echo 'VmallocTotal:   34359738367 kB' >"$tree/proc/meminfo"
	{
		words '\0\x04\0\0\0\0\0\0' 1024		# 0: free
		words '\0\0\x10\0\0\0\0\0' 512		# 1024: no page
		words '\x28\x88\0\0\0\0\0\0' 1		# 1536: file, the head of a large folio,
		words '\0\x08\x41\0\0\0\0\0' 511	# whose tails say nothing but that
		words '\0\0\0\0\0\0\0\0' 512		# 2048: offline, as sysfs tells
		words '\0\0\0\x04\0\0\0\0' 1		# 2560: a page table
		words '\x28\x58\0\0\0\0\0\0' 511	# anonymous
		words '\x28\x58\0\0\0\0\0\0' 512	# 3072
		words '\x80\0\0\0\0\0\0\0' 512		# 3584: slab, outside RAM
	} >"$tree/proc/kpageflags"
	words '\x02\0\0\0\0\0\0\0' 4096 >"$tree/proc/kpagecount"
	printf '%s\n' '00000000-003fffff : System RAM' '00600000-00dfffff : System RAM' \
		'  00600000-006fffff : Kernel code' >"$tree/proc/iomem"
	printf '%s\n' 'Node 0, zone   Normal' '  pages free     1024' '        spanned  3584' \
		'        present  3072' '        managed  3000' '  start_pfn:           0' \
		>"$tree/proc/zoneinfo"
	echo 200000 >"$tree/sys/devices/system/memory/block_size_bytes"	# 2 MiB
	mkdir "$tree/sys/devices/system/memory/memory4"
	echo online >"$tree/sys/devices/system/memory/memory1/state"
	echo offline >"$tree/sys/devices/system/memory/memory4/state"
	json "$doc" --sysroot "$tree" --physical || return
	same "a machine made by hand" \
		'{"frames":3072,"holes":1024,"outside":512,"free":1024,"file":512,"offline":512,"pt":1,"anon":1023,"mapped":6287360,"blocks":[2,2,2,0],"few":1,"src":"iomem"}' \
		"$(jq -c '.physical | (.uses | map({key: .use, value: .}) | from_entries) as $u |
			{frames, holes, outside, free: $u.free.frames, file: $u.file.frames,
			offline: $u.offline.frames, pt: $u.page_table.frames,
			anon: $u.anonymous.frames,
			mapped: ([.uses[].mapped] | add),
			blocks: (.blocks | [.free, .movable, .pinned, .partial]),
			few: .blocks.pinned_by_few, src: .ram_source}' "$doc")"
	COLUMNS=80 run_ok --sysroot "$tree" --physical --ascii || return
	same "its picture" "$(printf '%s ' 000000000.64 000100000.64 000200000.64 000300000.64 \
		000600000F64 000700000F64 000800000X64 000900000X64 000a00000A64 000b00000A64 \
		000c00000A64 000d00000A64)" \
		"$(awk '/^  [0-9a-f]+  [.:A-Za-z]+$/ && $2 ~ "^[" substr($2, 1, 1) "]*$" {
			printf "%s%s%d ", $1, substr($2, 1, 1), length($2) }' "$OUT")"
	check "its hole" grep -Eq '^ +: 2M without RAM$' "$OUT"
}

# ---- the machine as it runs ----

# between WHAT OURS BEFORE AFTER SLACK: within what the counter was before and after, and the slack
between() {
	local low=$3 high=$4
	[ "$low" -le "$high" ] || { low=$4 high=$3; }
	if [ "$2" -ge $((low - $5)) ] && [ "$2" -le $((high + $5)) ]; then
		pass
	else
		fail "$1: $2 bytes of frames; the kernel counts $3, then $4 (slack $5)"
	fi
}

# Frames that are counted move while they are read, and the machine's other work does not stop for
# a test; so the quietest of a few tries counts. What stays even then:
#   free         pages on per-CPU lists are free for no one, and go there and back in batches
#   anonymous    (what is mapped) pages that were freed or made a moment ago
#   shmem        what is swapped out and still in the swap cache
#   slab         large kmalloc() is counted as slab, but its frames do not say so (6.12 and later)
#   hugetlb, page tables   nothing
check_counters() {
	local doc=$WORK/live.json try moved least='' before after ours use slack mib=1048576
	for try in 1 2 3 4 5 6; do
		json "$WORK/try.json" --physical || return
		moved=$(jq '[.physical.checks[] | .after - .before | fabs] | add' "$WORK/try.json")
		if [ -z "$least" ] || [ "$moved" -lt "$least" ]; then
			least=$moved
			mv "$WORK/try.json" "$doc"
		fi
		[ "$least" -gt $((2 * mib)) ] || break
		sleep 0.3
	done
	echo "note: the counters moved by $least bytes in the quietest of $try tries"
	while read -r use ours before after; do
		case $use in
		free) slack=$((32 * mib)) ;;
		anonymous) slack=$((8 * mib)) ;;
		shmem) slack=$((2 * mib)) ;;
		slab) slack=$((after / 20 + 8 * mib)) ;;
		*) slack=$((mib / 4)) ;;
		esac
		between "$use" "$ours" "$before" "$after" "$slack"
	done < <(jq -r '.physical.checks[] | "\(.use) \(.frames) \(.before) \(.after)"' "$doc")
	same "counters compared" 6 "$(jq '.physical.checks | length' "$doc")"
}

# 64 MiB more of something must show, as just that.
check_growth() {
	local before=$WORK/before.json after=$WORK/after.json more mib=1048576
	[ -d /dev/shm ] || return
	json "$before" --physical || return
	UNDO+=("rm -f /dev/shm/memmap-physical-$$")
	head -c $((64 * mib)) /dev/zero >/dev/shm/memmap-physical-$$ || return
	json "$after" --physical || return
	rm -f /dev/shm/memmap-physical-$$
	more=$(($(total "$after" shmem size) - $(total "$before" shmem size)))
	between "64 MiB in /dev/shm" "$more" $((64 * mib)) $((64 * mib)) $((4 * mib))
}

check_threads() {
	local one=$WORK/one.json all=$WORK/all.json
	command -v taskset >/dev/null || return 0
	"$MEMMAP" --sysroot "$WORK/tree" --physical --json >"$all" || fail "memmap fails"
	taskset -c 0 "$MEMMAP" --sysroot "$WORK/tree" --physical --json >"$one" || fail "memmap fails"
	jq 'del(.time, .physical.cost)' "$one" >"$WORK/one"
	jq 'del(.time, .physical.cost)' "$all" >"$WORK/all"
	same_files "one thread and several" "$WORK/one" "$WORK/all"
}

# ---- owners ----

# The frames that a process maps, each once: "FRAMES EXCLUSIVE", by od and awk. An entry is 16 hex
# digits: bit 63 is present, bit 56 exclusive, bits 0 to 54 the frame.
pagemap_frames() {
	local low high
	while read -r low high; do
		dd if="/proc/$1/pagemap" bs=8 skip=$((16#$low / page)) \
			count=$(((16#$high - 16#$low) / page)) status=none
	done < <(LC_ALL=C awk '!/\[vsyscall\]$/ { sub("-", " ", $1); print $1 }' "/proc/$1/maps") |
		od -A n -v -w8 -t x8 | awk '
		substr($1, 1, 1) ~ /[89a-f]/ {
			digit = substr($1, 3, 1)
			sub(/[89a-f]/, "", digit)	# soft-dirty
			frame = digit substr($1, 4)
			if (frame in seen)
				next
			seen[frame]
			n++
			if (substr($1, 2, 1) ~ /[13579bdf]/)
				own++
		}
		END { print n + 0, own + 0 }'
}

check_owner() {
	local doc=$WORK/owners.json want got pid=$PID
	want=$(pagemap_frames "$pid")
	json "$doc" --physical --owners || return
	got=$(jq -r --argjson pid "$pid" --argjson page "$page" '.physical.owners.processes[] |
		select(.pid == $pid) | "\(.mapped / $page) \([.exclusive[]] | add / $page)"' "$doc")
	# its libraries' pages may come and go, and be mapped by others or not
	if [ "$want" = "$got" ]; then
		pass
	else
		[ "$want" = "$(pagemap_frames "$pid")" ] || { echo "note: $1 moved"; return; }
		fail "frames of $1: expected '$want' (mapped, exclusive), got '$got'"
	fi
	[ "$1" = shared ] || check "an owner has a name" jq -e --argjson pid "$pid" --arg name "${1%% *}" \
		'.physical.owners.processes[] | select(.pid == $pid and .name == $name)' "$doc" \
		>/dev/null
	# together they have no more than there is, and no less than any of them
	check "owners together" jq -e '.physical.owners as $o | ([$o.together[]] | add) as $all |
		$all <= .physical.frames * .physical.page_size and
		all($o.processes[]; .mapped <= $all) and
		$all <= ([$o.processes[].mapped] | add)' "$doc" >/dev/null
}

# Two processes that share frames: what is counted together is less than the sum.
check_owners() {
	start_target many 500 anon 500 "$WORK" && check_owner "many anon"
	start_target shared "$WORK" && check_owner "shared"
	start_target hugetlb && check_owner "hugetlb"
}

# ---- without privilege ----

check_unprivileged() {
	command -v setpriv >/dev/null || return 0
	setpriv --reuid 65534 --regid 65534 --clear-groups \
		"$MEMMAP" --physical >"$OUT" 2>"$ERR"
	RC=$?
	[ "$RC" -eq 126 ] || [ "$RC" -eq 127 ] && { echo "note: no unprivileged run here"; return; }
	same "status without privilege" 0 "$RC"
	check "the note says what is needed" grep -q 'needs CAP_DAC_READ_SEARCH' "$OUT"
	check "zones are told nevertheless" grep -Eq 'zone +spanned +present' "$OUT"
	setpriv --reuid 65534 --regid 65534 --clear-groups \
		"$MEMMAP" --physical --owners --json >"$OUT" 2>"$ERR"
	check "unknown is null" jq -e '.physical | .frames == null and .uses == null and
		.ram == null and (.unavailable | length) >= 2' "$OUT" >/dev/null
	mkdir -p "$WORK/nothing/proc"
	run --sysroot "$WORK/nothing" --physical
	same "status where nothing is readable" 1 "$RC"
	check "a message says so" grep -q 'physical memory' "$ERR"
}

size=$(awk '/spanned/ { s = $2 } /start_pfn/ && s && $2 + s > max { max = $2 + s }
	END { printf "%d", max / 131072 }' /proc/zoneinfo)
if [ "$size" -le 1024 ] && copy_machine; then
	check_copy
	check_threads
else
	echo "note: more than 512 GiB of frames, not copied"
fi
check_made
check_counters
check_growth
check_owners
check_unprivileged
finish
