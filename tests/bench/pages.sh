# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The part of the bench on --pages; read by run.sh. Needs root.
# shellcheck disable=SC2154 # run.sh's variables

thp=/sys/kernel/mm/transparent_hugepage
settings=()	# FILE VALUE, to be put back

gib=1073741824 tib=1099511627776 mib=1048576

# set FILE VALUE
set_file() {
	local old
	old=$(cat "$1" 2>/dev/null) || return
	if [[ $old == *\[*\]* ]]; then
		old=${old#*\[}
		old=${old%%\]*}
	fi
	settings=("$1" "$old" "${settings[@]}")
	echo "$2" 2>/dev/null >"$1"
}

restore_settings() {
	local i
	for ((i = 0; i < ${#settings[@]}; i += 2)); do
		echo "${settings[i + 1]}" 2>/dev/null >"${settings[i]}"
	done
	settings=()
}

describe_pages() {
	local available
	available=$(awk '/^MemAvailable:/ { printf "%d", $2 / 1048576 }' /proc/meminfo)
	# The largest target has 8 GiB; leave a third of what there is to others.
	while [ $((8 / divisor)) -gt $((available * 2 / 3)) ] && [ "$divisor" -lt 64 ]; do
		divisor=$((divisor * 2))
	done
	echo "        $((8192 / divisor)) MiB of small pages, $((4096 / divisor)) MiB of huge pages," \
		"$((1024 / divisor)) MiB of 64 KiB folios; 64 MiB scattered over 20 TiB"
}

# floor FILE: memmap and the floor in turns, on one CPU
against_floor() {
	measure "$1" "$rounds" \
		"floor" "$work/floor" "$pid" , \
		"memmap --pages" "$MEMMAP" --pages "$pid" , \
		"memmap --json --pages" "$MEMMAP" --json --pages "$pid"
	alone "$name" "$1" "floor"
}

stop_bulk() {
	eval "exec 8>&-"
	wait "$pid" 2>/dev/null
}

bench_small_pages() {
	local name=small file=$work/times-small-pages all=$work/all-small-pages one
	start bulk 8 "$TARGETS/bulk" small $((8 * gib / divisor))
	against_floor "$file"
	compare $name "$file" "memmap --pages" "floor" at-most 1.3
	compare $name "$file" "memmap --json --pages" "floor" at-most 1.3
	memory $name "$file" "memmap --pages" 16
	if [ "$(nproc)" -gt 1 ]; then
		one=$(($(nproc) - 1))
		measure "$all" -a "$rounds" \
			"floor" "$work/floor" "$pid" , \
			"--pages, one CPU" taskset -c "$one" "$MEMMAP" --pages "$pid" , \
			"--pages, all CPUs" "$MEMMAP" --pages "$pid"
		alone "$name" "$all" "--pages, one CPU"
		compare "$name" "$all" "--pages, all CPUs" "--pages, one CPU" at-most 0.95 "$WALL"
	fi
	stop_bulk
}

bench_huge_pages() {
	local name=huge file=$work/times-huge-pages size=$((4 * gib / divisor)) huge
	start bulk 8 "$TARGETS/bulk" huge "$size"
	huge=$(awk '/^AnonHugePages:/ { printf "%.0f", $2 * 1024 }' "/proc/$pid/smaps_rollup")
	if [ "$huge" -ge $((size * 98 / 100)) ]; then
		against_floor "$file"
		# Starting a program is a part of memmap's time here that grows with nothing.
		compare $name "$file" "memmap --pages" "floor" at-least 20
		memory $name "$file" "memmap --pages" 16
	else
		echo "note: only $((huge / mib)) MiB of huge pages could be had"
	fi
	stop_bulk
}

bench_folios() {
	local name=folios file=$work/times-folios each
	if ! [ -e $thp/hugepages-64kB/enabled ]; then
		echo "note: no folios of 64 KiB (Linux 6.8)"
		return
	fi
	for each in "$thp"/hugepages-*/enabled; do
		set_file "$each" never
	done
	set_file $thp/hugepages-64kB/enabled madvise
	start bulk 8 "$TARGETS/bulk" huge $((gib / divisor))
	against_floor "$file"
	compare $name "$file" "memmap --pages" "floor" at-most 1.3
	memory $name "$file" "memmap --pages" 16
	stop_bulk
	restore_settings
}

# The same 64 MiB with and without the reservation.
bench_reserved() {
	local name=reserved file=$work/times-reserved with without
	start bulk 8 "$TARGETS/bulk" reserved $((64 * mib)) $((64 * mib)) 64
	without=$pid
	start reserved 9 "$TARGETS/bulk" reserved $((20 * tib)) $((64 * mib)) 64
	with=$pid
	measure "$file" $((rounds * 2)) \
		"64 MiB" "$MEMMAP" --pages "$without" , \
		"in 20 TiB" "$MEMMAP" --pages "$with" , \
		"floor" "$work/floor" "$without"
	alone $name "$file" "64 MiB"
	compare $name "$file" "in 20 TiB" "64 MiB" at-most 1.5
	memory $name "$file" "in 20 TiB" 16
	exec 9>&-
	wait "$with" 2>/dev/null
	# Worse than what AddressSanitizer does: each 64 KiB has page tables of its own.
	start reserved 9 "$TARGETS/bulk" reserved $((20 * tib)) $((64 * mib)) 1024
	measure "$file" "$rounds" "in 1024 places" "$MEMMAP" --pages "$pid"
	alone $name "$file" "in 1024 places"
	exec 8>&- 9>&-
	wait "$with" "$without" 2>/dev/null
}

bench_many_pages() {
	local name=many file=$work/times-many base
	start many 8 "$TARGETS/many" "$mappings" anon "$mappings"
	measure "$file" "$rounds" \
		"floor" "$work/floor" "$pid" , \
		"memmap --maps" "$MEMMAP" --maps "$pid" , \
		"memmap --pages" "$MEMMAP" --pages "$pid"
	alone $name "$file" "floor"
	alone $name "$file" "memmap --maps"
	alone $name "$file" "memmap --pages"
	base=$(awk -v b="$(value "$file" "memmap --maps" "$RSS")" 'BEGIN { printf "%.0f", b / 1048576 + 16 }')
	memory $name "$file" "memmap --pages" "$base"
	stop_bulk
}

# latency WHAT: what the target says after so many milliseconds; sets p99
latency() {
	local before text
	before=$(grep -c latency "$work/bulk.out")
	echo 3000 >&8
	while [ "$(grep -c latency "$work/bulk.out")" -eq "$before" ]; do
		sleep 0.1
	done
	text=$(tail -n 1 "$work/bulk.out")
	# shellcheck disable=SC2086
	set -- "$1" $text
	p99=$5
	printf '%-8s %-24s %s\n' latency "$1" \
		"median $4 us, 99 % below $5 us, 99.9 % below $6 us, longest $7 us ($3 calls)"
}

# What the target's mmap() and munmap() wait while memmap looks at it again and again.
bench_latency() {
	local p99 loop
	start bulk 8 "$TARGETS/bulk" small $((4 * gib / divisor))
	latency idle
	while :; do
		"$MEMMAP" --pages "$pid" >/dev/null 2>&1 || break
	done &
	loop=$!
	started+=("$loop")
	latency "during --pages"
	kill "$loop"
	wait "$loop" 2>/dev/null
	verdict "$p99" at-most 10000 >"$work/verdict"
	line latency "99 % of calls" "" "" "" "$p99 us" "<= 10 ms" "$(cat "$work/verdict")"
	stop_bulk
}

# bench_pages PART...
bench_pages() {
	local part
	if [ "$(id -u)" -ne 0 ]; then
		echo "note: --pages is measured by root only"
		return
	fi
	for part; do
		"bench_$part"
	done
}
