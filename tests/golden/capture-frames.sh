#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Makes the trees of tests/fixtures/captures on a live machine, as root: targets whose history is known,
# stopped, captured by memmap between two counts of a witness that must agree with each other and with it.
#
# Usage: capture-frames.sh [NAME...]     (fork hugetlb thp mthp); changes settings and puts them back
# MEMMAP, TARGETS, top_srcdir
set -u
export LC_ALL=C.UTF-8

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
top=$(cd "${top_srcdir:-$here/../..}" && pwd)
MEMMAP=$(realpath "${MEMMAP:-src/memmap}") || exit 1
TARGETS=$(realpath "${TARGETS:-tests/targets}") || exit 1
out=$top/tests/fixtures/captures
thp=/sys/kernel/mm/transparent_hugepage
numbers="total present swapped zero guard exclusive shared untouched file markers migration hidden runs longest_run"
work=$(mktemp -d) || exit 1
undo=("rm -rf '$work'") target=

cleanup() {
	local command
	[ -z "$target" ] || kill -KILL "$target"
	for command in "${undo[@]}"; do
		eval "$command"
	done
}
trap cleanup EXIT
trap 'exit 1' HUP INT TERM

# setting FILE VALUE
setting() {
	local old
	old=$(sed 's/.*\[\(.*\)\].*/\1/' "$1") || exit 1
	undo=("echo '$old' >'$1'" "${undo[@]}")
	echo "$2" >"$1"
}

# The libraries of others come and go; a static program has none.
gcc -std=gnu11 -O1 -static -I"$top/tests/targets" -o "$work/frames" "$top/tests/targets/frames.c" -lpthread -lrt || exit 1
cd "$work" || exit 1
setting /proc/sys/vm/nr_hugepages $(($(cat /proc/sys/vm/nr_hugepages) + 4))
setting $thp/hugepages-64kB/enabled always
setting $thp/khugepaged/max_ptes_none 0

# capture NAME: with its counts, of a process that stood still
capture() {
	local name=$1 try result
	rm -f fifo
	mkfifo fifo
	# shellcheck disable=SC2086 # words
	(exec 7<>fifo; exec env -i LC_ALL=C ./frames $2 <&7 >said) &
	target=$!
	for ((try = 0; try < 200; try++)); do
		grep -q '^ready' said && break
		sleep 0.05
	done
	kill -STOP "$target"
	for ((try = 0; try < 40; try++)); do
		rm -rf tree
		"$TARGETS/count" "$target" >before
		"$MEMMAP" --capture tree --pages "$target" >messages || return
		"$TARGETS/count" "$target" >after
		"$MEMMAP" --json --pages -s tree "$target" | jq '.processes[0]' >process
		result=$(jq -cn --slurpfile before before --slurpfile after after --slurpfile memmap process \
			--arg keys "$numbers" --argjson frames true --argjson common '["[vdso]", "[vvar"]' \
			-f "$top/tests/live/census.jq")
		[ "$result" = '{"moving":0,"differences":[]}' ] && break
	done
	kill -KILL "$target"
	target=
	echo "$name: try $try: $result"
	[ "$result" = '{"moving":0,"differences":[]}' ] || return
	# what is of no use here, and what names this machine
	rm -rf tree/proc/{vmallocinfo,slabinfo,iomem,vmstat} tree/sys/kernel/mm/transparent_hugepage/*/stats
	echo example >tree/proc/sys/kernel/hostname
	sed -i 's/([^()@ ]*@[^()@ ]*)/(builder@example)/' tree/proc/version
	sed -i 's/"host":"[^"]*"/"host":"example"/' tree/manifest.json
	sed -i 's|/[^/].*|/example|' tree/sys/fs/cgroup.inodes
	tar -S --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -C tree -cf - . |
		gzip -9n >"$out/$name.tar.gz"
	gzip -9n <before >"$out/$name.count.json.gz"
	grep '^expect' said >"$out/$name.expect"
}

mkdir -p "$out"
[ $# -gt 0 ] || set -- fork hugetlb thp mthp
for name; do
	case $name in
	fork) capture "$name" "fork 200" ;;
	hugetlb) capture "$name" "hugetlb 2" ;;
	thp) capture "$name" "thp 4" ;;
	mthp) capture "$name" "mthp 8" ;;
	esac
done
