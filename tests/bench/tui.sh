# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The part of the bench on --tui; read by run.sh.
# shellcheck disable=SC2154 # run.sh's variables

# tui_limit WHAT VALUE UNIT LIMIT
tui_limit() {
	verdict "$2" at-most "$4" >"$work/verdict"
	line tui "$1" "" "" "" "$2" "<= $4" "$3 $(cat "$work/verdict")"
}

# grid WHAT bulk's ARGUMENTS: opens the pages of a target
grid() {
	local name value
	start grid 9 "$TARGETS/bulk" "${@:2}"
	python3 "$here/grid.py" "$MEMMAP" "$pid" >"$work/grid" || die "the grid could not be measured"
	exec 9>&-
	while read -r name value; do
		case $name in
		grid_median) tui_limit "grid: $1" "$value" ms 100 ;;
		grid_max) line tui "  the longest of 5" "" "" "" "$value" "" ms ;;
		grid_complete) line tui "  complete, the longest" "" "" "" "$value" "" ms ;;
		grid_cpu) line tui "  CPU of all threads" "" "" "" "$value" "" ms ;;
		esac
	done <"$work/grid"
}

# The pages of large mappings, from the key to the grid.
bench_grid() {
	grid "$((8192 / divisor)) MiB small" small $((8 * gib / divisor))
	if [ -w "$thp/enabled" ]; then
		set_file "$thp/enabled" madvise
		grid "$((8192 / divisor)) MiB huge" huge $((8 * gib / divisor))
		restore_settings
	fi
	grid "20 TiB reserved" reserved $((20 * tib)) $((64 * mib)) 64
}

# At one reading a second of a target with many mappings, all of them populated.
bench_tui() {
	local name value
	command -v python3 >/dev/null || { echo "note: no python3, so the screens are not measured"; return; }
	start tui 8 "$TARGETS/many" "$mappings" anon "$mappings" "$work"
	python3 "$here/tui.py" "$MEMMAP" "$pid" >"$work/tui" || die "the screens could not be measured"
	exec 8>&-
	while read -r name value; do
		case $name in
		cpu) tui_limit "CPU while it is shown" "$value" "% of a CPU" 15 ;;
		key_median) line tui "key to screen, median" "" "" "" "$value" "" ms ;;
		key_max) tui_limit "key to screen, longest" "$value" ms 50 ;;
		paused_ticks) tui_limit "CPU of 10 s paused" "$value" ticks 0 ;;
		memory) tui_limit "peak memory" "$value" MiB 48 ;;
		esac
	done <"$work/tui"
	bench_grid
}
