# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What the live tests share: starting targets, running memmap, counting failures.
#
# MEMMAP        the program under test
# TARGETS       directory of the compiled tests/targets
# top_srcdir    the source tree
#
# A test exits 0, 1 (failed) or 77 (skipped, with the reason on stdout).

set -u
export LC_ALL=C.UTF-8 TZ=UTC COLUMNS=120
unset NO_COLOR CDPATH

LIVE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
top_srcdir=$(cd "${top_srcdir:-$LIVE/../..}" && pwd)
MEMMAP=${MEMMAP:-$PWD/src/memmap}
TARGETS=${TARGETS:-$PWD/tests/targets}

CHECKS=0
FAILURES=0
COUNT=0
STARTED=()		# processes of this test, to be ended by number
FDS=()			# write ends of the targets' stdin
UNDO=()			# commands that put settings back

skip() {
	echo "skipped: $*"
	exit 77
}

# Messages go where the test's own output goes, also from a function whose output is kept.
exec 3>&1
# A pipe may end in fail_with, which counts.
shopt -s lastpipe

# fail TEXT...: count a failure.
fail() {
	FAILURES=$((FAILURES + 1))
	CHECKS=$((CHECKS + 1))
	echo "FAIL: $*" >&3
}

# fail_with TEXT [LINES]: the same, with details on stdin.
fail_with() {
	fail "$1"
	sed 's/^/      /' | head -n "${2:-20}" >&3
}

pass() {
	CHECKS=$((CHECKS + 1))
}

# check TEXT COMMAND...: the command must succeed.
check() {
	local text=$1
	shift
	if "$@"; then pass; else fail "$text"; fi
}

# same TEXT EXPECTED ACTUAL
same() {
	if [ "$2" = "$3" ]; then
		pass
	else
		fail "$1: expected '${2:0:200}', got '${3:0:200}'"
	fi
}

# same_files TEXT EXPECTED ACTUAL
same_files() {
	if cmp -s "$2" "$3"; then
		pass
	else
		diff "$2" "$3" | fail_with "$1 (< expected, > got)"
	fi
}

finish() {
	if [ "$FAILURES" -gt 0 ]; then
		echo "$FAILURES of $CHECKS checks failed"
		exit 1
	fi
	[ "$CHECKS" -gt 0 ] || skip "nothing could be checked"
	echo "$CHECKS checks"
	exit 0
}

need_root() {
	[ "$(id -u)" -eq 0 ] || skip "needs root"
}

need() {
	local tool
	for tool; do
		command -v "$tool" >/dev/null || skip "needs $tool"
	done
}

# setting FILE VALUE: write a kernel setting now, put the old value back at exit.
setting() {
	local old
	own_settings
	old=$(cat "$1") || return 1
	# one of several, the chosen one in brackets
	if [[ $old == *\[*\]* ]]; then
		old=${old#*\[}
		old=${old%%\]*}
	fi
	UNDO+=("echo '$old' >'$1'")
	echo "$2" 2>/dev/null >"$1"
}

# One test at a time changes settings of the machine: else one would put back what another has set.
own_settings() {
	[ -z "${SETTINGS_LOCK:-}" ] || return 0
	exec {SETTINGS_LOCK}>>/tmp/memmap-settings.lock || return 0
	flock -w 600 "$SETTINGS_LOCK" || skip "another test has had the machine's settings for ten minutes"
}

# A swap area in memory, until the test ends; 1 where there is none to be had.
swap_on_zram() {
	if ! [ -w /sys/block/zram0/disksize ] || ! command -v mkswap >/dev/null; then
		echo "note: no zram, or no mkswap: no swapped pages"
		return 1
	fi
	own_settings
	if [ "$(cat /sys/block/zram0/initstate)" != 0 ]; then
		echo "note: /dev/zram0 is in use: no swapped pages"
		return 1
	fi
	UNDO+=("swapoff /dev/zram0" "echo 1 >/sys/block/zram0/reset")
	echo 64M >/sys/block/zram0/disksize && mkswap /dev/zram0 >/dev/null && swapon -p 30000 /dev/zram0
}

cleanup() {
	local status=$? fd pid command
	trap - EXIT
	for fd in "${FDS[@]}"; do
		exec {fd}>&-
	done
	for pid in "${STARTED[@]}"; do
		kill "$pid" 2>/dev/null
		kill -CONT "$pid" 2>/dev/null
	done
	for pid in "${STARTED[@]}"; do
		wait "$pid" 2>/dev/null
		rm -f "/dev/shm/memmap-target-$pid"
	done
	for command in "${UNDO[@]}"; do
		eval "$command" 2>/dev/null
	done
	rm -rf "$WORK"
	exit "$status"
}

WORK=$(mktemp -d "${TMPDIR:-/tmp}/memmap-live-XXXXXX") || skip "no temporary directory"
chmod 755 "$WORK"
trap cleanup EXIT
trap 'exit 1' HUP INT PIPE TERM

# start_program COMMAND...: run it with a stdin that stays open; sets PID and OUTPUT.
start_program() {
	local fifo fd
	COUNT=$((COUNT + 1))
	fifo=$WORK/stdin.$COUNT
	OUTPUT=$WORK/target.$COUNT
	mkfifo "$fifo" || skip "mkfifo fails"
	exec {fd}<>"$fifo"
	(
		local other
		exec 0<"$fifo"
		for other in "${FDS[@]}" "$fd"; do
			exec {other}>&-
		done
		exec "$@" >"$OUTPUT" 2>"$OUTPUT.err"
	) &
	PID=$!
	STARTED+=("$PID")
	FDS+=("$fd")
}

# start_target NAME [ARGUMENT...]: sets PID and OUTPUT; 1 if this machine cannot run it.
start_target() {
	start_command "$TARGETS/$1" "${@:2}"
}

# start_command COMMAND...: the same for a target behind another command.
start_command() {
	local turns
	[ -e "$1" ] || command -v "$1" >/dev/null || skip "$1 is not built"
	start_program "$@"
	for ((turns = 0; turns < 3000; turns++)); do
		if grep -q '^ready$' "$OUTPUT" 2>/dev/null; then
			return 0
		elif grep -q '^skip ' "$OUTPUT" 2>/dev/null; then
			sed -n "s|^skip |note: $(basename "$1"): |p" "$OUTPUT"
			return 1
		elif ! kill -0 "$PID" 2>/dev/null; then
			break
		fi
		sleep 0.02
	done
	fail_with "target $* did not start" <"$OUTPUT.err"
	return 1
}

# stop_target PID: let a target end by itself, or end it.
stop_target() {
	local i turns fd
	for i in "${!STARTED[@]}"; do
		[ "${STARTED[i]}" = "$1" ] || continue
		fd=${FDS[i]}
		exec {fd}>&-
		for ((turns = 0; turns < 250; turns++)); do
			kill -0 "$1" 2>/dev/null || break
			sleep 0.02
		done
		kill "$1" 2>/dev/null
		wait "$1" 2>/dev/null
		rm -f "/dev/shm/memmap-target-$1"
		unset "STARTED[i]" "FDS[i]"
		STARTED=("${STARTED[@]}")
		FDS=("${FDS[@]}")
		return
	done
}

# run ARGUMENT...: run memmap; sets RC, output in $OUT and $ERR (files).
OUT=$WORK/out
ERR=$WORK/err
run() {
	RC=0
	"$MEMMAP" "$@" >"$OUT" 2>"$ERR" </dev/null || RC=$?
	if [ "$RC" -gt 2 ]; then
		fail_with "memmap $* ended with status $RC" <"$ERR"
	fi
}

# run_ok ARGUMENT...: run memmap, which must report everything.
run_ok() {
	run "$@"
	if [ "$RC" -ne 0 ]; then
		fail_with "memmap $* ended with status $RC" <"$ERR"
		return 1
	fi
}

# json FILE ARGUMENT...: the document in FILE; 1 if there is none.
json() {
	local file=$1
	shift
	run_ok --json "$@" || return 1
	if ! jq -e 'type == "object"' "$OUT" >/dev/null 2>"$ERR"; then
		fail_with "memmap --json $*: not a JSON object" <"$ERR"
		return 1
	fi
	mv "$OUT" "$file"
}

# smaps_json PID: the facts of /proc/PID/smaps as {"mappings": [...]}, by awk alone.
smaps_json() {
	LC_ALL=C awk -f "$LIVE/smaps.awk" "/proc/$1/smaps"
}

if [ ! -x "$MEMMAP" ]; then
	skip "$MEMMAP is not built"
fi
need jq awk od
