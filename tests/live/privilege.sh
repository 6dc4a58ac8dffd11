#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What memmap says and returns when a target, a privilege, an argument or the output is not as it should be.
. "$(dirname "$0")/lib.sh"
need_root
need setpriv

# A number that no process has: the highest that the kernel gives, unless it is in use.
read -r nobody_pid </proc/sys/kernel/pid_max
nobody_pid=$((nobody_pid - 1))
while [ -e "/proc/$nobody_pid" ]; do
	nobody_pid=$((nobody_pid - 1))
done

says() {
	check "$1: nothing like '$2' in: $(head -c 300 "$3")" grep -q -i -E -e "$2" "$3"
}

silent() {
	[ ! -s "$2" ] || fail_with "$1" <"$2"
}

start_target layout || finish
good=$PID

# ---- targets that are not there -----------------------------------------------------------
run "$nobody_pid"
same "missing PID: status" 1 "$RC"
says "missing PID" "$nobody_pid" "$ERR"
says "missing PID" "no such process" "$ERR"
silent "missing PID: something on stdout" "$OUT"
same "missing PID: lines on stderr" 1 "$(wc -l <"$ERR")"

run no-such-command-name
same "missing name: status" 1 "$RC"
says "missing name" no-such-command-name "$ERR"
silent "missing name: something on stdout" "$OUT"

run --json "$nobody_pid"
same "missing PID with --json: status" 1 "$RC"
says "missing PID with --json" "$nobody_pid" "$ERR"
if [ -s "$OUT" ]; then
	check "missing PID with --json: not JSON" jq -e . "$OUT" >/dev/null
fi

for order in "$nobody_pid $good" "$good $nobody_pid"; do
	# shellcheck disable=SC2086
	run --maps $order
	same "one of two is missing: status" 1 "$RC"
	says "one of two is missing" "$nobody_pid" "$ERR"
	says "one of two is missing: the other's report" 'libc\.so' "$OUT"
	# shellcheck disable=SC2086
	run --json --maps $order
	same "one of two is missing, JSON: PIDs" "$good" \
		"$(jq -r '[.processes[] | select((.mappings // []) != []) | .pid] | join(" ")' "$OUT")"
done

# A name selects all processes that have exactly this name.
cp "$TARGETS/layout" "$WORK/mm-exactly" && cp "$TARGETS/layout" "$WORK/mm-exactly-"
if start_command "$WORK/mm-exactly"; then
	first=$PID
	start_command "$WORK/mm-exactly" && second=$PID
	start_command "$WORK/mm-exactly-"
	if json "$WORK/doc.json" --summary mm-exactly; then
		same "by name" "$(printf '%s\n' "$first" "$second" | sort -n)" \
			"$(jq '.processes[].pid' "$WORK/doc.json" | sort -n)"
	fi
	run mm-exactl
	same "the beginning of a name" 1 "$RC"
fi

# Numbers that are no PIDs must not reach another process.
for odd in 0 -- -1 +1 99999999999999999999 18446744073709551617 4294967297 "0x$good" "$good/" "$good " \
	"$good/../$good" . .. '' self thread-self sys '*'; do
	[ "$odd" != -- ] || continue
	run -- "$odd"
	check "target '$odd': status $RC" [ "$RC" -ne 0 ]
	check "target '$odd': no message" [ -s "$ERR" ]
done

# ---- kernel threads and zombies -----------------------------------------------------------
no_table() {
	if grep -q -E '^ *0*[0-9a-f]{8,16}[- ]' "$OUT"; then
		fail_with "$1: rows of a table" <"$OUT"
	else
		pass
	fi
}

if grep -q '^Kthread:.*1$\|^Name:.*kthreadd$' /proc/2/status 2>/dev/null; then
	for views in "" --maps --layout --summary --fast; do
		# shellcheck disable=SC2086
		run $views 2
		check "kernel thread $views: status $RC" [ "$RC" -le 1 ]
		cat "$OUT" "$ERR" >"$WORK/both"
		says "kernel thread $views" "kernel thread" "$WORK/both"
		no_table "kernel thread $views"
	done
	run --json --maps 2
	if [ -s "$OUT" ]; then
		says "kernel thread, JSON" "kernel thread" "$OUT"
		same "kernel thread, JSON: mappings" 0 "$(jq '.processes[0].mappings // [] | length' "$OUT")"
	fi
fi

# The shell that would reap the child becomes a sleep that does not; then the child may end.
bash -c 'sleep 1000 & echo $!; exec sleep 1000' >"$WORK/zombie" &
keeper=$!
STARTED+=("$keeper")
exec 9</dev/null
FDS+=(9)
for ((turns = 0; turns < 500; turns++)); do
	[ "$(cat "/proc/$keeper/comm")" = sleep ] && break
	sleep 0.02
done
zombie=$(cat "$WORK/zombie")
kill -KILL "$zombie"
for ((turns = 0; turns < 500; turns++)); do
	grep -q '^State:.*Z' "/proc/$zombie/status" && break
	sleep 0.02
done
for views in "" --maps --layout --summary --fast; do
	# shellcheck disable=SC2086
	run $views "$zombie"
	check "zombie $views: status $RC" [ "$RC" -le 1 ]
	cat "$OUT" "$ERR" >"$WORK/both"
	says "zombie $views" "zombie" "$WORK/both"
	no_table "zombie $views"
done

# ---- another user's process ---------------------------------------------------------------
cp "$MEMMAP" "$WORK/memmap"
chmod 755 "$WORK/memmap"
as_nobody() {
	RC=0
	setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all \
		"$WORK/memmap" "$@" >"$OUT" 2>"$ERR" </dev/null || RC=$?
}
as_nobody --version
if [ "$RC" -eq 0 ]; then
	as_nobody "$good"
	same "other user's process: status" 0 "$RC"
	says "other user's process: its name" layout "$OUT"
	cat "$OUT" "$ERR" >"$WORK/both"
	says "other user's process: the capability" CAP_SYS_PTRACE "$WORK/both"
	no_table "other user's process"
	as_nobody --maps "$good"
	same "other user's process, --maps: status" 0 "$RC"
	cat "$OUT" "$ERR" >"$WORK/both"
	says "other user's process, --maps" CAP_SYS_PTRACE "$WORK/both"
	no_table "other user's process, --maps"
	as_nobody --json "$good"
	same "other user's process, JSON: status" 0 "$RC"
	awk '/^Vm(RSS|Size):/ { printf "%.0f\n", $2 * 1024 }' "/proc/$good/status" >"$WORK/want"
	jq '.processes[0].status | .vm_size, .vm_rss' "$OUT" >"$WORK/have"
	same_files "other user's process, JSON: facts of status" "$WORK/want" "$WORK/have"
	check "other user's process, JSON: unavailable does not name CAP_SYS_PTRACE" jq -e \
		'[.processes[0].unavailable[].needs | tostring] | any(contains("CAP_SYS_PTRACE"))' \
		"$OUT" >/dev/null
	check "other user's process, JSON: hidden numbers are shown" jq -e \
		'.processes[0] | (.totals.pss == null) and (.mappings == null or .mappings == []) and
		 ((.mm.start_code // null) == null)' "$OUT" >/dev/null

	# Its own process is fully visible to an ordinary user.
	mkdir "$WORK/nobody" && cp "$TARGETS/layout" "$WORK/nobody/" && chmod -R 755 "$WORK/nobody"
	if start_command setpriv --reuid=65534 --regid=65534 --clear-groups "$WORK/nobody/layout"; then
		as_nobody --json --maps "$PID"
		same "own process of an ordinary user: status" 0 "$RC"
		same "own process of an ordinary user: mappings" "$(wc -l <"/proc/$PID/maps")" \
			"$(jq '.processes[0].mappings | length' "$OUT")"
	fi
else
	echo "note: memmap cannot be run as another user here: $(head -1 "$ERR")"
fi

# ---- wrong usage --------------------------------------------------------------------------
usage() {
	run "$@"
	same "usage: $*: status" 2 "$RC"
	same "usage: $*: lines on stderr" 2 "$(wc -l <"$ERR")"
	check "usage: $*: second line is '$(sed -n 2p "$ERR")'" \
		grep -q "^Try '[^']*memmap --help'" <(sed -n 2p "$ERR")
	silent "usage: $*: something on stdout" "$OUT"
}

usage --no-such-option
usage --no-such-option=3 "$good"
usage -9 "$good"
usage --m "$good"		# --maps or --mm
usage --json=yes "$good"
usage --output
for value in xyz '' 5-3 0x10-0xf - -- 1-2-3 10000000000000000 0x1ffffffffffffffff 1000-zz 'g' '1 2'; do
	usage -A "$value" "$good"
done
for value in no-such-kind '' 'text,,heap' 'TEXT heap' 'text;heap'; do
	usage -k "$value" "$good"
done
for value in no-such-column '' rss:up rss: :desc rss:asc:desc; do
	usage -S "$value" "$good"
done
for value in no-such-column '' + 'rss,nope' '+nope' 'rss,,pss'; do
	usage -o "$value" "$good"
done
for value in '' abc -1 1X 1.2.3K 99999999999999999999 20000000T 1KK; do
	usage --min-rss="$value" "$good"
done
# shellcheck disable=SC1003 # a backslash at the end
for value in '(' '[' '*(' 'a\' '[[:nope:]]'; do
	usage -f "$value" "$good"
done
usage -g no-such-group "$good"
usage --color=purple "$good"
usage --perms=quux "$good"

# ---- output that cannot be written --------------------------------------------------------
start_target many 5000 anon || finish
for arguments in "--maps $good" "--json $good" "--json --maps $PID" "--maps $PID" "$good" --help --version \
	--list-columns; do
	if [ -c /dev/full ]; then
		RC=0
		# shellcheck disable=SC2086
		"$MEMMAP" $arguments >/dev/full 2>"$ERR" || RC=$?
		same "$arguments >/dev/full: status" 1 "$RC"
		says "$arguments >/dev/full" "no space left|write" "$ERR"
		same "$arguments >/dev/full: lines on stderr" 1 "$(wc -l <"$ERR")"
	fi
	RC=0
	# shellcheck disable=SC2086
	"$MEMMAP" $arguments >&- 2>"$ERR" || RC=$?
	same "$arguments >&-: status" 1 "$RC"
	check "$arguments >&-: no message" [ -s "$ERR" ]

	# The reader has gone before there is anything to read; PIPE or 0 or 1, but quietly.
	for reader in true "head -1"; do
		# shellcheck disable=SC2086
		{ "$MEMMAP" $arguments 2>"$ERR"; echo $? >"$WORK/status"; } | $reader >/dev/null
		silent "$arguments | $reader: something on stderr" "$ERR"
		RC=$(cat "$WORK/status")
		check "$arguments | $reader: status $RC" [ "$RC" -le 1 -o "$RC" -eq 141 ]
	done
done

# Without stderr or stdin it still works.
RC=0
"$MEMMAP" --maps "$good" >"$OUT" 2>&- <&- || RC=$?
same "stdin and stderr closed: status" 0 "$RC"
says "stdin and stderr closed" 'libc\.so' "$OUT"
RC=0
"$MEMMAP" "$nobody_pid" >&- 2>&- <&- || RC=$?
same "all closed, missing PID: status" 1 "$RC"

finish
