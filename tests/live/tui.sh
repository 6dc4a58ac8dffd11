#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The screens in a real terminal, which is tmux's: keys, mouse, resizes, an exit of the target, and
# on every way out a terminal that is as it was.
. "$(dirname "$0")/lib.sh"
need tmux

socket=memmap-test-$$
tm() { tmux -L "$socket" -f /dev/null "$@"; }
UNDO+=("tmux -L $socket kill-server")
tm new-session -d -s main -x 120 -y 40 "PS1='shell> ' bash --norc --noprofile -i" ||
	skip "tmux cannot start"
tm set-option -g status off >/dev/null
tm set-option -g escape-time 10 >/dev/null

screen() { tm capture-pane -p -t main; }
keys() { tm send-keys -t main "$@"; }
line() { keys -l "$1"; keys Enter; }

# wait_for WHAT PATTERN: until the screen has it; counts as a check.
wait_for() {
	local turns
	for ((turns = 0; turns < 250; turns++)); do
		if screen | grep -qE -- "$2"; then
			pass
			return 0
		fi
		sleep 0.02
	done
	screen | fail_with "$1: no '$2' on the screen" 45
	return 1
}

# The terminal's modes, as a file; the shell's line editor has its own while it waits for input.
modes() {
	line "stty -a >$WORK/$1; echo mo'des' $1"
	wait_for "modes $1" "^modes $1" >/dev/null
}
same_modes() { same_files "terminal after $1" "$WORK/before" "$WORK/$2"; }

start_target layout || skip "no target"
target=$PID
heap=$(awk '$6 == "[heap]" { print $1; exit }' "/proc/$target/maps")
line "export TERM=xterm-256color LC_ALL=C.UTF-8"
modes before
line clear

# --- keys ---
line "'$MEMMAP' --tui $target; echo sta'tus' \$?"
wait_for start '2 Map .*layout \(' || { finish; }
wait_for "the first reading" "$target\\).* mappings"
keys / ; wait_for "search prompt" 'search for:'
keys -l '[heap]'; keys Enter
wait_for "search finds the heap" "── $heap  rw-p .* heap ──"
wait_for "the call" 'call +brk\(\)'
keys a; keys -l "${heap%-*}"; keys Enter
wait_for "address" "── $heap "
keys Tab; wait_for "folded into objects" 'in [0-9]+ objects'
keys Tab; wait_for "folded into kinds" 'in [0-9]+ kinds'
keys Tab; keys Space; wait_for "pause" 'paused$'
keys Space; wait_for "no pause" 'every 1 s'
keys +; wait_for "interval" 'every 2 s'
keys -; wait_for "interval again" 'every 1 s'
keys '?'; wait_for help 'Enter +go deeper'
keys Escape; wait_for "help closed" 'kernel space'
keys t; wait_for translation 'the way to a frame'
keys Escape
keys e; keys C-u; keys -l "$WORK/exported.json"; keys Enter
wait_for export 'bytes written'
if command -v jq >/dev/null; then
	same "the exported mappings" "$(grep -c . "/proc/$target/maps")" \
		"$(jq '.processes[0].mappings | length' "$WORK/exported.json")"
fi
keys e; keys C-u; keys -l "$WORK/exported.json"; keys Enter
wait_for "no file is overwritten" 'is there already'
# a click, as xterm reports it, on the tab of the processes; and one on the map's
keys -l $'\e[<0;12;1M'; keys -l $'\e[<0;12;1m'
wait_for "click on a tab" 'processes, pss'
keys -l $'\e[<0;27;1M'; keys -l $'\e[<0;27;1m'
wait_for "click on the other" 'mappings'

# --- what changed since the baseline: on the map as --watch tells it, on the pages by state ---
step() {
	local turns fd=${FDS[-1]}
	echo >&"$fd"
	for ((turns = 0; turns < 500; turns++)); do
		grep -q "^did $1\$" "$OUTPUT" && return
		sleep 0.02
	done
	fail "step $1 is not done"
}
if start_target edits; then
	size() { numfmt --to=iec $(($1 * $(getconf PAGESIZE))); }
	row() { echo "$1 +$2 +[0-9.]+[KM]? +[0-9.]+[KM]? +$3 "; }
	keys q; wait_for "q" '^shell> *$'
	line clear
	tm resize-window -t main -x 150 -y 40
	step 0
	line "'$MEMMAP' --tui $PID -k anon; echo sta'tus' \$?"
	wait_for "baseline" "$(row 100000000000 rw-p 0)"
	keys b; wait_for "b on the map" 'changes are shown since now'
	step 1; wait_for "split: the first part has it all" "$(row 100000010000 r--p 0)"
	wait_for "split: the parts" "$(row 100000000000 rw-p 0)"
	for i in 2 3 4; do step $i; done
	wait_for "half is unmapped" "$(row 100000000000 r--p "-$(size 32)")"
	keys b; wait_for "b once more" "$(row 100000000000 r--p 0)"
	step 5; wait_for "moved: known again" "$(row 180000000000 r--p 0)"
	step 6
	keys a; keys -l 180000000000; keys Enter; keys Enter
	wait_for "its pages" "anonymous $(size 32)"
	keys b; wait_for "b on the pages" 'changes of what is in sight'
	wait_for "a baseline in the head" '; changes in [0-9]+ s'
	step 7; step 8; step 9
	wait_for "given back: the legend" "anonymous 0 -$(size 32)"
	keys Escape; wait_for "the map has the same baseline" "$(row 180000000000 rw-p "-$(size 32)")"
	stop_target "$PID"
	keys q; wait_for "q after changes" '^status 0'
	tm resize-window -t main -x 120 -y 40
	line clear
	line "'$MEMMAP' --tui $target; echo sta'tus' \$?"
	wait_for "start again" '2 Map .*layout \('
fi

# --- sizes ---
tm resize-window -t main -x 200 -y 60; wait_for "200x60" 'unique +swap'
tm resize-window -t main -x 60 -y 20; wait_for "too small" 'memmap needs 80x24, this is 60x20'
tm resize-window -t main -x 80 -y 24; wait_for "80x24" 'start +size +resident'
wait_for "growth on 80 columns" 'huge [0-9.KMG]+  growth [+-][0-9.KMG]+$'
tm resize-window -t main -x 120 -y 40; wait_for "120x40" 'perms'

# --- stopped and continued ---
keys C-z; wait_for "Ctrl-Z" 'Stopped'
modes stopped
same_modes Ctrl-Z stopped
line fg; wait_for fg '2 Map .*layout \('

# --- the target exits ---
keys a; keys -l "${heap%-*}"; keys Enter; wait_for "the heap again" "── $heap "
keys Enter; wait_for "the pages before it exits" 'under the cursor'
stop_target "$target"
wait_for "exit on the pages" 'exited, last data'
wait_for "the last grid" 'under the cursor'
keys e; keys C-u; keys -l "$WORK/gone.json"; keys Enter
wait_for "no export of what is gone" 'has exited: its pages cannot be read'
keys b; wait_for "no baseline of what is gone" 'has exited: nothing changes'
keys Escape
wait_for "exit of the target" 'exited, last data'
wait_for "its data stay" '\[heap\]'
# the other processes go on
keys 1; wait_for "processes beside it" 'processes, pss'
keys F; keys -l "^$TARGETS/layout\$"; keys Enter
wait_for "a filter without a match" '0 processes of'
start_target layout
wait_for "a new process is seen" " $PID .*targets/layout"
keys q
modes quit
same_modes q quit

# --- signals ---
for sig in TERM HUP INT ABRT; do
	line clear
	line "'$MEMMAP' -i"
	wait_for "start before SIG$sig" 'processes, pss' || continue
	pid=$(pgrep -f "^$MEMMAP -i\$" -n) || { fail "no process for SIG$sig"; continue; }
	kill -"$sig" "$pid"
	wait_for "the shell after SIG$sig" '^shell> $|^shell>$'
	line "echo sta'tus' \$?"
	wait_for "status after SIG$sig" "^status $((128 + $(kill -l "$sig")))"
	modes "$sig"
	same_modes "SIG$sig" "$sig"
done
# mouse reports are off again: what is typed comes as it is
line "echo us'able'"; wait_for "a usable terminal" '^usable'

# --- other terminals ---
for term in vt100 xterm linux; do
	infocmp "$term" >/dev/null 2>&1 || continue
	line clear
	line "TERM=$term '$MEMMAP' -i --ascii; echo sta'tus' \$?"
	wait_for "TERM=$term" 'processes, pss'
	keys q; wait_for "q on $term" '^status 0'
done
line clear
line "TERM=none '$MEMMAP' -i; echo sta'tus' \$?"
wait_for "unknown terminal" "terminal of type 'none'"
wait_for "its status" '^status 1'

# --- without privileges ---
if [ "$(id -u)" -eq 0 ] && command -v setpriv >/dev/null; then
	line clear
	line "setpriv --reuid 65534 --clear-groups '$MEMMAP' -i $$; echo sta'tus' \$?"
	wait_for "what is missing" 'needs .*CAP_SYS_PTRACE'
	keys q; wait_for "q without privileges" '^status 0'
fi

# --- no terminal ---
run --tui
same "status without a terminal" 2 "$RC"
check "message without a terminal" grep -q 'needs a terminal' "$ERR"
run --tui --json
same "status of --tui --json" 2 "$RC"

finish
