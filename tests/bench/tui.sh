# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The part of the bench on --tui; read by run.sh.
# shellcheck disable=SC2154 # run.sh's variables

# tui_limit WHAT VALUE UNIT LIMIT
tui_limit() {
	verdict "$2" at-most "$4" >"$work/verdict"
	line tui "$1" "" "" "" "$2" "<= $4" "$3 $(cat "$work/verdict")"
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
}
