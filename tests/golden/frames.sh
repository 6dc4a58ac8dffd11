#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# --physical on the words of all frames of captured machines (tests/fixtures/frames: emulated, with
# hugetlb pages, THP and tmpfs in use), against a witness that shares no code with it and against what
# those kernels counted themselves, before and after.
#
# MEMMAP, TARGETS (of the witness), top_srcdir.
# shellcheck disable=SC2015 # pass never fails
set -u
export LC_ALL=C.UTF-8 TZ=UTC COLUMNS=80
unset NO_COLOR CDPATH COLORTERM

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
top=$(cd "${top_srcdir:-$here/../..}" && pwd)
MEMMAP=$(realpath "${MEMMAP:-src/memmap}") || exit 1
TARGETS=$(realpath "${TARGETS:-tests/targets}") || exit 1
passed=0 failed=0

fail() {
	failed=$((failed + 1))
	echo "FAIL: $*"
}

# same TEXT EXPECTED ACTUAL
same() {
	if [ "$2" = "$3" ]; then
		passed=$((passed + 1))
	else
		fail "$1: expected '${2:0:200}', got '${3:0:200}'"
	fi
}

for tool in jq gzip awk; do
	command -v $tool >/dev/null || { echo "skipped: needs $tool"; exit 77; }
done
[ -x "$TARGETS/all-frames" ] || { echo "skipped: the witness is not built"; exit 77; }
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT

# document FILE TREE: of a tree
document() {
	"$MEMMAP" --json --physical -s "$2" >"$1" || { fail "$2: memmap fails"; return 1; }
}

# What the words of a tree add up to, as the witness writes it.
found() {
	jq -r '.physical | .page_size as $page |
		(.flag_words[] | "word \(.flags[2:]) \(.pages)"),
		(.uses[] | "use \(.use) \(.frames) \(.mapped / $page) \(.shared / $page)"),
		(.blocks | "blocks \(.free) \(.movable) \(.pinned) \(.partial)"),
		"frames \(.frames) \(.holes)"' "$1" | sort
}

# field FILE NAME: of meminfo, in bytes
field() {
	awk -v name="$2:" '$1 == name { print $2 * 1024 }' "$1"
}

# counter USE JQ FIELD SLACK [MEMBER]: what the kernel counted
counter() {
	local ours low high
	ours=$(jq "[.physical.uses[] | select($2) | .${5:-size}] | add" "$work/doc")
	low=$(field "$tree/meminfo-before" "$3")
	high=$(field "$tree/proc/meminfo" "$3")
	[ "$low" -le "$high" ] || { low=$high high=$(field "$tree/meminfo-before" "$3"); }
	if [ "$ours" -ge $((low - $4)) ] && [ "$ours" -le $((high + $4)) ]; then
		passed=$((passed + 1))
	else
		fail "$name: $1 has $ours bytes, the kernel counted $low to $high (slack $4)"
	fi
}

check_counters() {
	local page
	page=$(jq .physical.page_size "$work/doc")
	# it counts what is mapped; the program that reads has some pages of its own
	counter anonymous '.use == "anonymous" or .use == "thp"' AnonPages $((64 * page)) mapped
	# the copy of the words grows in tmpfs meanwhile
	counter shmem '.use == "shmem" or .use == "file"' Cached $((160 * page))
	# 7.2 counts some that do not have the flag
	counter "page tables" '.use == "page_table"' PageTables $((32 * page))
	counter free '.use == "free"' MemFree $((512 * page))
	# of slab, large kmalloc() is counted by the kernel, and has no flag
	counter slab '.use == "slab"' Slab $(($(field "$tree/proc/meminfo" Slab) / 4))
	counter hugetlb '.use == "hugetlb"' Hugetlb 0
}

# Whatever tells where RAM is, what is free does not change.
check_sources() {
	local free source
	free=$(jq '.physical.uses[] | select(.use == "free") | .frames' "$work/doc")
	same "$name: source" iomem "$(jq -r .physical.ram_source "$work/doc")"
	rm "$tree/proc/iomem"
	for source in memory_blocks zoneinfo; do
		document "$work/other" "$tree" || continue
		same "$name: without iomem: source" $source "$(jq -r .physical.ram_source "$work/other")"
		same "$name: by $source: free" "$free" \
			"$(jq '.physical.uses[] | select(.use == "free") | .frames' "$work/other")"
		rm -rf "$tree/sys"
	done
}

check_tree() {
	local frames present size
	document "$work/doc" "$tree" || return
	size=$(jq .physical.page_size "$work/doc")
	same "$name: page size" "$1" "$size"
	same "$name: block size" "$2" "$(jq .physical.blocks.size "$work/doc")"
	"$TARGETS/all-frames" "$tree" $(($2 / $1)) "$1" | sort >"$work/expected"
	found "$work/doc" >"$work/found"
	if cmp -s "$work/expected" "$work/found" && [ "$(wc -l <"$work/found")" -gt 20 ]; then
		passed=$((passed + 1))
	else
		fail "$name: not what the witness counts"
		diff "$work/expected" "$work/found" | head -n 20
	fi
	present=$(awk '$1 == "present" { n += $2 } END { print n }' "$tree/proc/zoneinfo")
	frames=$(jq .physical.frames "$work/doc")
	same "$name: frames of RAM" "$present" "$frames"
	same "$name: sum over zones" $((frames * size)) \
		"$(jq '[.physical.zones[].uses[]] | add' "$work/doc")"
	same "$name: sum over nodes" $((frames * size)) \
		"$(jq '[.physical.nodes[].uses[]] | add' "$work/doc")"
	# each zone has what it says that is present, and is free
	same "$name: zones" "$(jq -c '[.physical.zones[].present]' "$work/doc")" \
		"$(jq -c '[.physical.zones[] | [.uses[]] | add]' "$work/doc")"
	check_counters
	check_sources
	check_terminal
}

# On a narrow terminal what a use is stands below the table, in full.
check_terminal() {
	command -v script >/dev/null || return
	script -qec "stty cols 80; LC_ALL=C.UTF-8 '$(realpath "$MEMMAP")' --physical -s '$tree'" /dev/null </dev/null >"$work/out"
	same "$name: explanations cut" 0 "$(grep -c '…' "$work/out")"
	same "$name: free frames explained" 1 "$(grep -c '^  free  *in the buddy allocator' "$work/out")"
}

for fixture in "$top"/tests/fixtures/frames/*/; do
	name=$(basename "$fixture")
	tree=$work/$name
	cp -R "$fixture" "$tree" && chmod -R u+w "$tree" && gzip -d "$tree"/proc/*.gz ||
		{ fail "$name: not unpacked"; continue; }
	case $name in
	*-16k) check_tree 16384 33554432 ;;
	*) check_tree 4096 2097152 ;;
	esac
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
