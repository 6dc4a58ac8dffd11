#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What memmap costs, against the kernel's own cost and against pmap in the same run.
#
# Usage: run.sh [-p] [-n ROUNDS] [-m MAPPINGS] [-t PART] [-z DIVISOR]
#   -p  also say where memmap's time goes (needs perf)
#   -n  rounds of the quick commands (default 15); the best one counts
#   -t  only one part: maps, cow, pages, physical, processes, tui, watch, or of pages small_pages, huge_pages, folios, reserved,
#       many_pages, latency
#   -z  divide the sizes of the targets of --pages by this; done where memory is short, too
#
# MEMMAP, TARGETS and top_srcdir are set by `make bench`. Times are CPU time (user and system) of the
# best round, since another process on the machine can only add to wall time; both are shown.
# Exit status: 0 all within the limits, 1 a limit exceeded or something could not be measured.
set -u
export LC_ALL=C.UTF-8
unset COLUMNS NO_COLOR

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
MEMMAP=${MEMMAP:-$here/../../src/memmap}
TARGETS=${TARGETS:-$here/../targets}
rounds=15 mappings=65000 profile='' part=all divisor=1
over=0
started=()

die() {
	echo "bench: $*" >&2
	exit 1
}

while getopts pn:m:t:z: option; do
	case $option in
	p) profile=1 ;;
	n) rounds=$OPTARG ;;
	m) mappings=$OPTARG ;;
	t) part=$OPTARG ;;
	z) divisor=$OPTARG ;;
	*) die "usage: run.sh [-p] [-n ROUNDS] [-m MAPPINGS] [-t PART] [-z DIVISOR]" ;;
	esac
done
[ "${SANITIZERS:-no}" = no ] || die "a build with sanitizers says nothing about speed"
[ -x "$MEMMAP" ] || die "$MEMMAP is not built"
[ -x "$TARGETS/many" ] || die "$TARGETS/many is not built"
command -v pmap >/dev/null || die "pmap is missing (package procps)"
[ -z "$profile" ] || command -v perf >/dev/null || die "-p needs perf"

# shellcheck source=tests/bench/pages.sh
. "$here/pages.sh"
# shellcheck source=tests/bench/physical.sh
. "$here/physical.sh"
# shellcheck source=tests/bench/processes.sh
. "$here/processes.sh"
# shellcheck source=tests/bench/tui.sh
. "$here/tui.sh"
# shellcheck source=tests/bench/cow.sh
. "$here/cow.sh"
# shellcheck source=tests/bench/watch.sh
. "$here/watch.sh"

cleanup() {
	local pid
	exec 8>&- 9>&-
	restore_settings
	for pid in "${started[@]}"; do
		kill "$pid" 2>/dev/null
	done
	rm -rf "$work"
}
work=$(mktemp -d "${TMPDIR:-/tmp}/memmap-bench-XXXXXX") || die "no temporary directory"
trap cleanup EXIT
trap 'exit 1' HUP INT TERM

"${CC:-cc}" -O2 -o "$work/measure" "$here/measure.c" || die "measure.c does not compile"
"${CC:-cc}" -O2 -o "$work/floor" "$here/floor.c" || die "floor.c does not compile"

# start NAME FD COMMAND...: a target, alive as long as FD is open; sets pid
start() {
	local turns
	rm -f "$work/$1.stdin"
	mkfifo "$work/$1.stdin" || die "mkfifo fails"
	"${@:3}" <"$work/$1.stdin" >"$work/$1.out" 8>&- 9>&- &
	pid=$!
	started+=("$pid")
	eval "exec $2>\"\$work/$1.stdin\""
	for ((turns = 0; turns < 3000; turns++)); do
		grep -q '^ready$' "$work/$1.out" && return
		kill -0 "$pid" 2>/dev/null || break
		sleep 0.02
	done
	die "target '${*:3}' did not start ($(head -n 1 "$work/$1.out"))"
}

# measure FILE [-a] ROUNDS COMMANDS: adds a line each to the file
measure() {
	"$work/measure" "${@:2}" >>"$1" || die "could not measure"
}

# Fields of measure's lines.
WALL=2 CPU=4 RSS=5

# value FILE LABEL FIELD
value() {
	local v
	v=$(awk -F '\t' -v label="$2" -v field="$3" '$1 == label { v = $field } END { print v }' "$1")
	[ -n "$v" ] || die "no figure for '$2'"
	echo "$v"
}

line() {
	printf '%-8s %-24s %9s %9s   %-12s %8s  %-9s %s\n' "$@"
}

# times FILE LABEL: CPU and wall time, in ms
times() {
	awk -F '\t' -v label="$2" '$1 == label { c = $4; w = $2 }
		END { printf "%.1f %.1f\n", c / 1000, w / 1000 }' "$1"
}

# verdict RATIO at-most|at-least LIMIT
verdict() {
	if awk -v r="$1" -v how="$2" -v l="$3" \
		'BEGIN { exit !(how == "at-most" ? r <= l : r >= l) }'; then
		echo pass
	else
		over=$((over + 1))
		echo OVER
	fi
}

# compare TARGET FILE WHAT OTHER at-most|at-least LIMIT [FIELD]: at-most: WHAT / OTHER, at-least:
# OTHER / WHAT; of CPU time or the other field
compare() {
	local field=${7:-$CPU} ratio sign cpu wall
	read -r cpu wall < <(times "$2" "$3")
	ratio=$(awk -v a="$(value "$2" "$3" "$field")" -v b="$(value "$2" "$4" "$field")" -v how="$5" \
		'BEGIN { printf "%.2f", how == "at-most" ? a / b : b / a }')
	[ "$5" = at-most ] && sign="<=" || sign=">="
	verdict "$ratio" "$5" "$6" >"$work/verdict"
	line "$1" "$3" "$cpu" "$wall" "$4" "$ratio" "$sign $6" "$(cat "$work/verdict")"
}

# alone TARGET FILE WHAT: something to compare with
alone() {
	local cpu wall
	read -r cpu wall < <(times "$2" "$3")
	line "$1" "$3" "$cpu" "$wall" "" "" "" ""
}

# memory TARGET FILE WHAT [LIMIT]: at most 32 MiB
memory() {
	local mib limit=${4:-32}
	mib=$(awk -v b="$(value "$2" "$3" $RSS)" 'BEGIN { printf "%.1f", b / 1048576 }')
	verdict "$mib" at-most "$limit" >"$work/verdict"
	line "$1" "$3, peak memory" "" "" "" "$mib MiB" "<= $limit" "$(cat "$work/verdict")"
}

# memmap must really have reported all of it
check_output() {
	"$MEMMAP" "$pid" >"$work/report" || die "memmap fails on process $pid"
	[ "$(wc -l <"$work/report")" -gt "$mappings" ] ||
		die "memmap shows fewer than $mappings mappings of process $pid"
	"$MEMMAP" --json "$pid" >"$work/report" || die "memmap --json fails on process $pid"
	[ "$(grep -c '"start"' "$work/report")" -gt "$mappings" ] ||
		die "memmap --json shows fewer than $mappings mappings of process $pid"
	rm -f "$work/report"
}

bench_many() {
	local file=$work/times-$1 slow=$work/times-$1-slow
	measure "$file" "$rounds" \
		"cat smaps" cat "/proc/$pid/smaps" , \
		"cat maps" cat "/proc/$pid/maps" , \
		"memmap" "$MEMMAP" "$pid" , \
		"memmap --json" "$MEMMAP" --json "$pid" , \
		"memmap --fast --maps" "$MEMMAP" --fast --maps "$pid" , \
		"pmap" pmap "$pid"
	# memmap once more: what is compared must have run in turns
	measure "$slow" $(((rounds + 1) / 2)) \
		"memmap" "$MEMMAP" "$pid" , \
		"pmap -x" pmap -x "$pid" , \
		"pmap -X" pmap -X "$pid"
	alone "$1" "$file" "cat smaps"
	alone "$1" "$file" "cat maps"
	alone "$1" "$file" "pmap"
	alone "$1" "$slow" "pmap -x"
	alone "$1" "$slow" "pmap -X"
	compare "$1" "$file" "memmap" "cat smaps" at-most 1.6
	compare "$1" "$slow" "memmap" "pmap -x" at-least 3
	compare "$1" "$slow" "memmap" "pmap -X" at-least 7
	compare "$1" "$file" "memmap --json" "cat smaps" at-most 2.2
	compare "$1" "$file" "memmap --fast --maps" "pmap" at-least 3
	memory "$1" "$file" "memmap"
	memory "$1" "$file" "memmap --json"
}

bench_small() {
	local file=$work/times-small
	sleep 3600 &
	pid=$!
	started+=("$pid")
	sleep 0.1
	measure "$file" $((rounds * 4)) \
		"memmap" "$MEMMAP" "$pid" , \
		"pmap -x" pmap -x "$pid"
	alone small "$file" "pmap -x"
	compare small "$file" "memmap" "pmap -x" at-most 1
}

profile_of() {
	echo
	echo "where the time of memmap $* goes:"
	perf record -q -F 10000 -o "$work/perf" "$MEMMAP" "$@" "$pid" >/dev/null || die "perf record fails"
	perf report -i "$work/perf" --stdio --no-children -s dso,symbol 2>/dev/null |
		grep -v '^#' | grep . | head -n 25
}

bench_maps() {
	local kind fd
	for kind in anon file; do
		[ "$kind" = anon ] && fd=8 || fd=9
		start "$kind" "$fd" "$TARGETS/many" "$mappings" "$kind" 0 "$work"
		check_output
		bench_many "$kind"
		if [ -n "$profile" ] && [ "$kind" = anon ]; then
			profile_of
			profile_of --json
			profile_of --fast --maps
			echo
		fi
		eval "exec $fd>&-"
	done
	bench_small
}

echo "memmap  $("$MEMMAP" --version | head -n 1)"
echo "pmap    $(pmap -V)"
echo "cat     $(cat --version | head -n 1)"
echo "kernel  $(uname -r), $(nproc) CPUs, load $(cut -d ' ' -f 1 /proc/loadavg)"
echo "targets $mappings mappings of one page, anonymous and of a file; a sleeping process"
case $part in
maps | cow | physical | processes | watch) ;;
*) describe_pages ;;
esac
echo
line target command "CPU ms" "wall ms" "against" ratio limit ""
case $part in
all | maps) bench_maps ;;
esac
case $part in
all | pages) bench_pages small_pages huge_pages folios reserved many_pages latency ;;
maps | cow | physical | processes | tui | watch) ;;
*) bench_pages "$part" ;;
esac
case $part in
all | physical) bench_physical ;;
esac
case $part in
all | processes) bench_processes ;;
esac
case $part in
all | tui) bench_tui ;;
esac
case $part in
all | watch) bench_watch ;;
esac
case $part in
all | cow) bench_cow ;;
esac
echo
if awk -F '\t' '$2 > 1.25 * $4 { n++ } END { exit !(n > 2) }' "$work"/times-* 2>/dev/null; then
	echo "note: the machine is busy, wall times are well above CPU times"
fi
if [ "$over" -gt 0 ]; then
	echo "$over over the limit"
	exit 1
fi
echo "all within the limits"
