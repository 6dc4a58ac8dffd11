#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# --huge: amounts against smaps, each reason against what the target did and what sysfs says.
# shellcheck disable=SC2016 # jq's variables
. "$(dirname "$0")/lib.sh"
need_root

thp=/sys/kernel/mm/transparent_hugepage
[ -d $thp ] || skip "no transparent huge pages on this kernel"
pmd=$(cat $thp/hpage_pmd_size) || skip "no hpage_pmd_size"
[ "$pmd" -eq 2097152 ] || skip "huge pages of $pmd bytes; the numbers here are for 2 MiB"
pmd_dir=$thp/hugepages-2048kB
ours=()			# "FILE VALUE": settings of this test

# word FILE: the word in brackets, or the number.
word() {
	sed -E 's/.*\[([^]]*)\].*/\1/' "$1" 2>/dev/null
}

# use FILE VALUE: a setting from here on; the value that it had before the test comes back.
use() {
	[ -e "$1" ] || return 0
	own_settings
	[[ " ${ours[*]} " == *" $1 "* ]] || UNDO+=("echo '$(word "$1")' >'$1'")
	echo "$2" >"$1" || fail "cannot write $2 to $1"
	ours+=("$1 $2")
}

# Somebody else's test may be at the same settings: nothing can be told then.
untouched() {
	local each
	for each in "${ours[@]}"; do
		# the last one for a file counts
		[ "$(printf '%s\n' "${ours[@]}" | grep -F "${each% *} " | tail -n 1)" = "$each" ] || continue
		[ "$(word "${each% *}")" = "${each##* }" ] ||
			skip "someone else has changed ${each% *}"
	done
}

# The process object of the target, in $WORK/p.json.
look() {
	json "$WORK/document.json" --huge "$PID" || return 1
	untouched
	jq -c '.processes[0]' "$WORK/document.json" >"$WORK/p.json"
}

# of NAME FILTER: the filter's answer for the mapping of a region; m is the mapping, h its huge.
of() {
	local start
	start=$(awk -v name="$1" '$1 == "region" && $2 == name { print $3 }' "$OUTPUT")
	jq -c --arg start "0x$start" "first(.mappings[] | select(.start == \$start)) |
		. as \$m | .huge as \$h | $2" "$WORK/p.json"
}

# codes NAME: its reasons, in order.
codes() {
	# shellcheck disable=SC2016 # jq's variables
	of "$1" '[$h.reasons[].reason] | join(" ")' | tr -d '"'
}

# reason NAME CODES: they are the reasons, and the kernel's own verdict agrees.
reason() {
	same "$1: reasons" "$2" "$(codes "$1")"
}

# fact NAME CODE FACT VALUE: what the reason is from.
fact() {
	same "$1: $2 comes from" "[\"$3\",$4]" \
		"$(of "$1" "\$h.reasons[] | select(.reason == \"$2\") | [.fact, .value]")"
}

# extents NAME CODE N
extents() {
	same "$1: $2 holds for" "$3" "$(of "$1" "\$h.reasons[] | select(.reason == \"$2\") | .extents")"
}

# The kernel's verdict against all reasons that are given: no blocker with 1, one with 0.
verdicts() {
	jq -c --argjson pmd "$pmd" '
		def blockers: ["special_mapping", "no_access", "process_disabled", "no_hugepage",
			"thp_off", "madvise_only", "shmem_disabled", "file_unsupported", "misaligned",
			"not_eligible"];
		.mappings[] | select(.size >= $pmd and .thp_eligible != null and .kind != "hugetlb"
			and .huge.huge < .size)
		| [.huge.reasons[].reason] as $r
		| ([$r[] | select(IN(blockers[]))] | length) as $n
		| select(($r | length) == 0 or (.thp_eligible == 0 and $n == 0)
			or (.thp_eligible == 1 and $n > 0 and $r[0] != "no_access"))
		| [.start, .perms, .path, .thp_eligible, $r]' "$WORK/p.json" >"$WORK/wrong"
	if [ -s "$WORK/wrong" ]; then
		fail_with "$1: reasons that the kernel's THPeligible contradicts" <"$WORK/wrong"
	else
		pass
	fi
}

# Every amount in huge pages is what smaps says, mapping by mapping, and the total is their sum.
amounts() {
	smaps_json "$PID" | jq -c '.mappings[] | [.start, .anonhugepages + .shmempmdmapped
		+ .filepmdmapped, .private_hugetlb + .shared_hugetlb]' | sort >"$WORK/smaps"
	jq -c '.mappings[] | [.start, .huge.pmd, .huge.hugetlb]' "$WORK/p.json" | sort >"$WORK/ours"
	same_files "$1: PMD-mapped and hugetlb bytes of each mapping" "$WORK/smaps" "$WORK/ours"
	same "$1: totals" true "$(jq '.huge as $t | [.mappings[].huge] |
		$t.pmd == (map(.pmd) | add) and $t.hugetlb == (map(.hugetlb) | add) and
		$t.huge == $t.pmd + $t.hugetlb and
		([$t.sizes[].pmd] | add // 0) == $t.pmd and
		([$t.sizes[].hugetlb] | add // 0) == $t.hugetlb and
		all(.[]; .extents.fit == .extents.huge + .extents.empty + .extents.swapped +
			.extents.sparse + .extents.full)' "$WORK/p.json")"
}

# The settings in the document against the files.
settings() {
	local key file
	for key in enabled defrag shmem_enabled; do
		same "setting $key" "$(word $thp/$key)" "$(jq -r ".huge.settings.$key" "$WORK/p.json")"
	done
	for file in "$thp"/khugepaged/*; do
		key=${file##*/}
		# these two move by themselves
		case $key in full_scans | pages_collapsed) continue ;; esac
		same "khugepaged/$key" "$(cat "$file")" \
			"$(jq ".huge.settings.khugepaged.$key // \"skipped\"" "$WORK/p.json" |
			sed "s/\"skipped\"/$(cat "$file")/")"
	done
	for file in "$thp"/hugepages-*/; do
		key=${file%kB/}
		key=$((${key##*-} * 1024))
		same "settings of $key" \
			"$(printf '%s %s' "$(word "$file/enabled")" "$(word "$file/shmem_enabled")" |
			sed 's/^ /null /')" \
			"$(jq -r --argjson size "$key" '.huge.settings.thp_sizes[] | select(.size == $size)
				| "\(.enabled) \(.shmem_enabled)"' "$WORK/p.json")"
	done
	for file in /sys/kernel/mm/hugepages/*/; do
		key=${file%kB/}
		key=$((${key##*-} * 1024))
		same "pool of $key" "$(cat "$file/nr_hugepages") $(cat "$file/free_hugepages")" \
			"$(jq -r --argjson size "$key" '.huge.settings.hugetlb_pools[]
				| select(.size == $size) | "\(.nr_hugepages) \(.free_hugepages)"' "$WORK/p.json")"
	done
}

# Free blocks move all the time: the answer must lie between two looks, or be one of them.
free_blocks() {
	local before after got turn
	for turn in 1 2 3 4 5; do
		before=$(count_blocks)
		look || return
		after=$(count_blocks)
		got=$(jq .huge.settings.free_blocks "$WORK/p.json")
		if [ "$before" -eq "$after" ]; then
			same "free blocks (turn $turn)" "$before" "$got"
			return
		fi
	done
	check "free blocks: $got between $before and $after" \
		[ $((got)) -ge $((before < after ? before : after)) -a \
		$((got)) -le $((before > after ? before : after)) ]
}

count_blocks() {
	awk '{ node = $2; zone = $4; has32[node] += zone == "DMA32"; n = 0
		for (i = 5; i <= NF; i++) if (i - 5 >= 9) n += $i * 2 ^ (i - 5 - 9)
		sum[node " " zone] = n }
		END { for (k in sum) { split(k, p, " "); if (p[2] != "DMA" || !has32[p[1]]) t += sum[k] }
		print t + 0 }' /proc/buddyinfo
}

# --- what the target did, with advice heard -------------------------------------------------

use $thp/enabled madvise
use $pmd_dir/enabled inherit
use $thp/shmem_enabled never
use $pmd_dir/shmem_enabled inherit
for dir in "$thp"/hugepages-*; do
	[ "$dir" = $pmd_dir ] || { use "$dir/enabled" never; use "$dir/shmem_enabled" never; }
done
# khugepaged must leave everything as it is, and the values must be none it has by itself
use $thp/khugepaged/scan_sleep_millisecs 654321
use $thp/khugepaged/max_ptes_none 255
# any change of "enabled" wakes it: then a page is all that it may look at
use $thp/khugepaged/pages_to_scan 1

pool=/proc/sys/vm/nr_hugepages
[ ! -w $pool ] || setting $pool $(($(cat $pool) + 4))
if dd if=/dev/zero of="$WORK/swap" bs=1M count=16 2>/dev/null && chmod 600 "$WORK/swap" &&
	mkswap "$WORK/swap" >/dev/null 2>&1 && swapon "$WORK/swap" 2>/dev/null; then
	UNDO=("swapoff '$WORK/swap'" "${UNDO[@]}")
	has_swap=true
else
	echo "note: no swap file can be used here"
	has_swap=false
fi
mkdir "$WORK/disk" "$WORK/tmpfs"
mount -t tmpfs none "$WORK/tmpfs" || skip "cannot mount a tmpfs"
UNDO+=("umount -l '$WORK/tmpfs'")
disk_type=$(stat -f -c %T "$WORK/disk" | sed 's,/.*,,; s/^ext2$/ext/')

start_target huge all "$WORK/disk" "$WORK/tmpfs" || skip "the target did not start"
look || finish
same "smaps: the kernel gave huge pages" 8388608 \
	"$(smaps_json "$PID" | jq --arg start "0x$(awk '$2 == "full" { print $3 }' "$OUTPUT")" \
	'.mappings[] | select(.start == $start) | .anonhugepages')"
amounts "target"
verdicts "target"
settings
free_blocks

reason full ""
same "full: share" "[1,1]" "$(of full '[$h.share, $h.resident_share]')"
same "full: sizes" '[{"size":2097152,"pmd":8388608,"aligned":0,"unaligned":0,"partial":0,"hugetlb":0}]' \
	"$(of full '$h.sizes')"

same "holes: extents" '{"fit":4,"huge":1,"empty":1,"swapped":0,"sparse":1,"full":1}' "$(of holes '$h.extents')"
same "holes: reasons" "not_populated small_pages sparse" "$(codes holes | tr ' ' '\n' | sort | paste -sd ' ')"
fact holes sparse transparent_hugepage/khugepaged/max_ptes_none "$(cat $thp/khugepaged/max_ptes_none)"
fact holes small_pages transparent_hugepage/khugepaged/scan_sleep_millisecs \
	"$(cat $thp/khugepaged/scan_sleep_millisecs)"
for code in not_populated small_pages sparse; do
	extents holes $code 1
done
same "holes: sizes" "[2097152,2097152,$(((511 + 128) * 4096))]" \
	"$(of holes '[$h.sizes[] | select(.size == 2097152) | .size, .pmd, .partial]')"
same "holes: share" 0.25 "$(of holes '$h.share')"

reason against no_hugepage
fact against no_hugepage VmFlags '"nh"'
reason plain madvise_only
fact plain madvise_only transparent_hugepage/enabled "\"$(word $thp/enabled)\""
reason empty not_populated
same "empty: the kernel says it may" 1 "$(of empty .thp_eligible)"
extents empty not_populated 2
reason skew misaligned
reason ends unaligned_ends
fact ends unaligned_ends "bytes outside aligned extents" 8192
reason none no_access
fact none no_access perms '"---p"'
if $has_swap; then
	reason paged-out "madvise_only swapped"
	fact paged-out swapped Swap "$(smaps_json "$PID" | jq --arg start \
		"0x$(awk '$2 == "paged-out" { print $3 }' "$OUTPUT")" '.mappings[] | select(.start == $start) | .swap')"
	extents paged-out swapped 1
fi
if grep -q '^region hugetlb ' "$OUTPUT"; then
	reason hugetlb not_populated
	fact hugetlb not_populated hugetlb 2097152
	extents hugetlb not_populated 1
	same "hugetlb: sizes" "[2097152,0,2097152]" "$(of hugetlb '$h.sizes[0] | [.size, .pmd, .hugetlb]')"
else
	echo "note: no hugetlb pages"
fi
reason memfd shmem_disabled
fact memfd shmem_disabled transparent_hugepage/shmem_enabled "\"$(word $thp/shmem_enabled)\""
reason tmpfs shmem_disabled
fact tmpfs shmem_disabled "mount option huge" '"never"'
if [ "$(of file .thp_eligible)" = 0 ]; then
	same "file: first reason" file_unsupported "$(codes file | cut -d ' ' -f 1)"
	fact file file_unsupported THPeligible 0
	same "file-skew: reasons" "file_unsupported misaligned" "$(codes file-skew)"
	fact file-skew misaligned "address - offset" $((pmd - 4096))
	check "file: the text names $disk_type" grep -q "on $disk_type" <<<"$(of file '$h.reasons[0].text')"
else
	echo "note: this kernel merges pages of files"
fi

# The text says the same.
run_ok --huge "$PID" && for code in madvise_only no_hugepage shmem_disabled misaligned; do
	check "text: $code" grep -q "^ *$code  " "$OUT"
done
run_ok --maps -rn -o start,huge_share,why "$PID" &&
	same "column why" "$(of against '$m.start[2:]' | tr -d '"') 0.000000 no_hugepage" \
		"$(grep -w "$(of against '$m.start[2:]' | tr -d '"')" "$OUT")"

# --- the same mappings under other settings --------------------------------------------------

use $thp/enabled never
look && verdicts "enabled never"
reason plain thp_off
fact plain thp_off transparent_hugepage/enabled '"never"'
reason empty "thp_off not_populated"
reason full ""

use $pmd_dir/enabled always
if [ -e $pmd_dir/enabled ]; then
	look && verdicts "2M always"
	reason plain small_pages
	fact plain small_pages transparent_hugepage/khugepaged/scan_sleep_millisecs 654321
	use $pmd_dir/enabled madvise
	look && verdicts "2M madvise"
	reason plain madvise_only
	fact plain madvise_only transparent_hugepage/hugepages-2048kB/enabled '"madvise"'
	use $pmd_dir/enabled never
	use $thp/enabled always
	look && verdicts "2M never"
	reason empty "thp_off not_populated"
	fact empty thp_off transparent_hugepage/hugepages-2048kB/enabled '"never"'
	use $pmd_dir/enabled inherit
fi
use $thp/enabled always
look && verdicts "enabled always"
reason plain small_pages
reason against no_hugepage

use $thp/shmem_enabled advise
look && verdicts "shmem_enabled advise"
reason memfd shmem_disabled
fact memfd shmem_disabled transparent_hugepage/shmem_enabled '"advise"'
use $thp/shmem_enabled always
look && verdicts "shmem_enabled always"
reason memfd small_pages
reason tmpfs shmem_disabled
if [ -e $pmd_dir/shmem_enabled ]; then
	use $pmd_dir/shmem_enabled never
	look && verdicts "2M shmem_enabled never"
	reason memfd shmem_disabled
	fact memfd shmem_disabled transparent_hugepage/hugepages-2048kB/shmem_enabled '"never"'
	use $pmd_dir/shmem_enabled inherit
fi
use $thp/shmem_enabled deny
look && verdicts "shmem_enabled deny"
reason memfd shmem_disabled
fact tmpfs shmem_disabled transparent_hugepage/shmem_enabled '"deny"'
use $thp/shmem_enabled never
if mount -o remount,huge=advise "$WORK/tmpfs" 2>/dev/null; then
	look && verdicts "huge=advise"
	fact tmpfs shmem_disabled "mount option huge" '"advise"'
	mount -o remount,huge=always "$WORK/tmpfs"
	look && verdicts "huge=always"
	reason tmpfs small_pages
fi
stop_target "$PID"

# --- processes of their own ------------------------------------------------------------------

if start_target huge prctl; then
	look && verdicts "prctl" && amounts "prctl"
	reason plain process_disabled
	fact plain process_disabled THP_enabled "$(sed -n 's/^THP_enabled:\t*//p' "/proc/$PID/status")"
	same "prctl: in the settings" 0 "$(jq .huge.settings.thp_enabled "$WORK/p.json")"
	stop_target "$PID"
fi
if start_target huge except; then
	look && verdicts "except advised"
	reason plain not_eligible
	reason empty not_populated
	stop_target "$PID"
fi
if [ -e $thp/hugepages-64kB/enabled ]; then
	use $pmd_dir/enabled never
	use $thp/hugepages-64kB/enabled always
	start_target huge mthp && look && amounts "64K"
	same "64K: sizes" '[{"size":65536,"pmd":0,"aligned":4194304,"unaligned":0,"partial":0,"hugetlb":0}]' \
		"$(of mthp '$h.sizes')"
	same "64K: THPeligible is for any size" 1 "$(of mthp .thp_eligible)"
	reason mthp thp_off
	same "64K: share" 0 "$(of mthp '$h.share')"
	stop_target "$PID"
fi
finish
