#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A target that changes while it is read: never two programs in one report, never "damaged".

# shellcheck source=tests/live/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

ROUNDS=${MOVING_ROUNDS:-40}
WORK=$(mktemp -d)
pid=
trap '[ -z "$pid" ] || kill "$pid" 2>/dev/null; rm -rf "$WORK"' EXIT

# Two names of one length, so that even the stack looks alike; without ASLR where that is allowed.
cp "$TARGETS/moving" "$WORK/twin-a"
cp "$TARGETS/moving" "$WORK/twin-b"
fixed=()
setarch -R true 2>/dev/null && fixed=(setarch -R)
"${fixed[@]}" "$WORK/twin-a" exec "$WORK/twin-b" &
pid=$!
# until the first of the two has begun
for ((i = 0; i < 300; i++)); do
	case $(cat "/proc/$pid/comm" 2>/dev/null) in twin-*) break ;; esac
	sleep 0.1
done
seen=0
for ((i = 0; i < ROUNDS; i++)); do
	"$MEMMAP" --json --summary --maps "$pid" >"$WORK/doc" 2>"$WORK/err"
	rc=$?
	if [ "$rc" != 0 ]; then
		# five changes of program during one reading: allowed, and said
		check "exec: exit $rc, $(cat "$WORK/err")" grep -q 'replaces its program' "$WORK/err"
		continue
	fi
	# the link to the program may be refused for a moment during execve: then it is null
	names=$(jq -r '.processes[0]
		| [.name, (.executable // empty | split("/") | last), (.command[0]? // empty | split("/") | last)]
		+ [.mappings[] | select(.kind == "text" and (.path | test("/twin-"))) | .path | split("/") | last]
		| unique | join(" ")' "$WORK/doc")
	case $names in
	twin-a | twin-b)
		pass
		seen=$((seen + 1))
		;;
	*) fail "exec: one report of two programs: $names" ;;
	esac
done
check "exec: no report at all" [ "$seen" -gt 0 ]
kill "$pid" 2>/dev/null
wait "$pid" 2>/dev/null

"$TARGETS/moving" merge &
pid=$!
for ((i = 0; i < 300; i++)); do
	[ "$(cat "/proc/$pid/comm" 2>/dev/null)" = moving ] && break
	sleep 0.1
done
for ((i = 0; i < ROUNDS; i++)); do
	for how in --fast --summary; do
		"$MEMMAP" --maps "$how" -r -n -o start,end "$pid" >"$WORK/rows" 2>"$WORK/err"
		rc=$?
		check "merge: exit $rc, $(cat "$WORK/err")" [ "$rc" = 0 ]
	done
	# --fast, as --summary puts prose before the rows
	"$MEMMAP" --maps --fast -r -n -o start,end "$pid" >"$WORK/rows" 2>/dev/null
	# shellcheck disable=SC2016
	check "merge: rows overlap or go backwards" awk '
		length($1) == length(last) && $1 < last { exit 1 } { last = $2 }' "$WORK/rows"
done
kill "$pid" 2>/dev/null
wait "$pid" 2>/dev/null

# A deleted file that has another name left is deleted all the same.
printf 'x%.0s' {1..4096} >"$WORK/gone.dat"
ln "$WORK/gone.dat" "$WORK/other.dat"
python=$(command -v python3)
if [ -n "$python" ]; then
	"$python" -c 'import mmap, sys, time
f = open(sys.argv[1], "rb"); m = mmap.mmap(f.fileno(), 0, prot=mmap.PROT_READ); time.sleep(60)' "$WORK/gone.dat" &
	pid=$!
	# until it has mapped the file, or is gone
	for ((i = 0; i < 300; i++)); do
		grep -q gone.dat "/proc/$pid/maps" 2>/dev/null && break
		sleep 0.1
	done
	rm "$WORK/gone.dat"
	"$MEMMAP" --json --maps -f gone.dat "$pid" |
		jq -r '.processes[0].mappings[] | "\(.path) \(.deleted)"' >"$WORK/got"
	check "hard link: $(cat "$WORK/got")" [ "$(cat "$WORK/got")" = "$WORK/gone.dat true" ]
	kill "$pid" 2>/dev/null
	wait "$pid" 2>/dev/null
fi
pid=
finish
