# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The part of the bench on all processes; read by run.sh. Needs root, and smem and smemstat (packages
# of those names) to compare with.
# shellcheck disable=SC2154 # run.sh's variables

# 500 processes with 150 mappings each; so many more than a machine at rest has that they make the cost.
# The floor is to read their smaps_rollup, or for objects smaps, and do nothing with it: for -g object
# it alone is more than a tenth of what smem -m takes, so ten times as fast as that is out of reach.
# smem takes so long that a few rounds show by how much, and fails where a process ends meanwhile.
bench_processes() {
	local name=processes file=$work/times-processes objects=$work/times-objects tool i
	for tool in smem smemstat; do
		command -v $tool >/dev/null || { echo "note: no $tool: processes are not measured"; return; }
	done
	[ "$(id -u)" -eq 0 ] || { echo "note: all processes are measured by root only"; return; }
	mkfifo "$work/processes.stdin" || die "mkfifo fails"
	exec 8<>"$work/processes.stdin"
	for ((i = 0; i < 500; i++)); do
		"$TARGETS/many" 150 anon 100 <&8 >/dev/null &
		started+=("$!")
	done
	sleep 5
	# shellcheck disable=SC2016 # the inner shell's
	measure "$file" 3 \
		"cat smaps_rollup" sh -c 'cat /proc/[0-9]*/smaps_rollup 2>/dev/null; :' , \
		"memmap" "$MEMMAP" , \
		"memmap --json" "$MEMMAP" --json --processes , \
		"smem" smem , \
		"smemstat" smemstat
	# it cannot read names that are not UTF-8
	smem -m >/dev/null 2>&1 || { echo "note: smem -m fails here: objects are not measured"; objects=; }
	# shellcheck disable=SC2016 # the inner shell's
	[ -z "$objects" ] || measure "$objects" 3 \
		"cat smaps" sh -c 'cat /proc/[0-9]*/smaps 2>/dev/null; :' , \
		"memmap -g object" "$MEMMAP" -g object , \
		"smem -m" sh -c 'smem -m || smem -m'
	alone $name "$file" "cat smaps_rollup"
	alone $name "$file" "smem"
	alone $name "$file" "smemstat"
	compare $name "$file" "memmap" "cat smaps_rollup" at-most 1.8
	compare $name "$file" "memmap" "smem" at-least 10
	compare $name "$file" "memmap" "smemstat" at-least 1
	compare $name "$file" "memmap --json" "smem" at-least 10
	memory $name "$file" "memmap"
	exec 8>&-
	[ -n "$objects" ] || return 0
	alone $name "$objects" "cat smaps"
	alone $name "$objects" "smem -m"
	compare $name "$objects" "memmap -g object" "cat smaps" at-most 1.8
	compare $name "$objects" "memmap -g object" "smem -m" at-least 5
	memory $name "$objects" "memmap -g object"
}
