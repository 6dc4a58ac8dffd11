# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The part of the bench on --watch; read by run.sh.
# shellcheck disable=SC2154 # run.sh's variables

watch_samples=10

# CPU of a target with many mappings that is watched each second, all of them populated.
bench_watch() {
	local share wall TIMEFORMAT='%U %S %R'
	start watch 8 "$TARGETS/many" "$mappings" anon "$mappings" "$work"
	{ time "$MEMMAP" --watch 1 --count "$watch_samples" "$pid" >"$work/watch" || die "no watch"; } \
		2>"$work/watch.time"
	exec 8>&-
	share=$(awk '{ printf "%.1f", ($1 + $2) / $3 * 100 }' "$work/watch.time")
	wall=$(awk -v n="$watch_samples" '{ printf "%.2f", ($1 + $2) / n }' "$work/watch.time")
	verdict "$share" at-most 15 >"$work/verdict"
	line watch "CPU while it is watched" "" "" "" "$share" "<= 15" \
		"% of a CPU $(cat "$work/verdict")"
	line watch "CPU of a sample" "" "" "" "$wall" "" s
}
