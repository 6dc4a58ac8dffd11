#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Golden tests: memmap on the captured trees, against `facts`, which memmap had no part in, and
# against saved text.
#
# Usage: run.sh [--update]
#   --update  save what memmap prints now as the expected text (look at the difference)
#
# MEMMAP is the program under test, top_srcdir the source tree (it may be read-only).
set -u
shopt -s extglob
export LC_ALL=C.UTF-8 TZ=UTC
unset NO_COLOR COLUMNS CDPATH COLORTERM
export TERM=xterm

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
top=$(cd "${top_srcdir:-$here/../..}" && pwd)
trees=$top/tests/golden
schema=$top/man/memmap.schema.json
MEMMAP=$(realpath "${MEMMAP:-src/memmap}") || exit 1
update=
[ "${1:-}" = --update ] && update=1

# Trees whose text is saved, too.
saved="x86_64-6.18-shell x86_64-6.18-threads x86_64-6.18-asan x86_64-6.18-java x86_64-6.18-nonpie
	x86_64-6.12-compat32 arm64-6.12-4k x86_64-5level x86_64-6.18-foreign x86_64-6.18-special
	quoted-4.4 future-kernel"

passed=0 failed=0
fail() {
	failed=$((failed + 1))
	echo "FAIL: $*"
}
pass() {
	passed=$((passed + 1))
}
skip() {
	echo "skipped: $*"
	exit 77
}

[ -x "$MEMMAP" ] || skip "$MEMMAP is not built"
command -v jq >/dev/null || skip "needs jq"
work=$(mktemp -d "${TMPDIR:-/tmp}/memmap-golden-XXXXXX") || skip "no temporary directory"
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
mkdir "$work/doc" "$work/text" "$work/ascii" "$work/picture"
cd "$trees" || exit 1

pids_of() {
	sed -n 's/^pids //p' "$1/facts"
}

# run NAME ARGUMENT...: memmap; sets rc, output in $work/out, messages in $work/err
run() {
	local name=$1
	shift
	rc=0
	"$MEMMAP" "$@" >"$work/out" 2>"$work/err" </dev/null || rc=$?
	if [ "$rc" -gt 1 ]; then
		fail "$name: status $rc"
		sed 's/^/      /' "$work/err" | head -n 20
	fi
	# a report is whole, or there is a message
	if [ "$rc" -eq 1 ] && [ ! -s "$work/err" ]; then
		fail "$name: status 1 without a message"
	fi
}

# ---- every process of every tree -------------------------------------------

# Trees of which memmap has to refuse something, and what is checked instead of facts: see damaged().
has_no_facts() {
	case $1,$2 in
	damaged-cut-@(line|number|vma|header|maps),smaps | damaged-cut-maps,maps | \
	damaged-no-@(newline|stat),* | damaged-differ,smaps | damaged-empty,* | \
	damaged-@(headers|overlap|no-maps),maps) return 0 ;;
	esac
	return 1
}

# document TREE PID smaps|maps OPTION...: makes one; the facts are looked at later
document() {
	local file=$work/doc/$1,$2,$3
	run "$1 $2 --json ${*:4}" -s "$1" --json --summary --layout --maps --mm "${@:4}" "$2"
	mv "$work/out" "$file"
	if [ "$rc" -ne 0 ] && ! has_no_facts "$1" "$3"; then
		fail "$1 $2 --json ${*:4}: status $rc: $(cat "$work/err")"
	fi
}

text() {
	COLUMNS=$3 run "$1 $2 at $3 columns" -s "$1" "$2"
	cp "$work/out" "$work/text/$1,$2,$3"
	sed -n '/┌/,/└/p' "$work/out" >"$work/picture/$1,$2,$3"
}

processes=0
for facts in */facts; do
	tree=${facts%/facts}
	for pid in $(pids_of "$tree"); do
		processes=$((processes + 1))
		document "$tree" "$pid" smaps --numa
		document "$tree" "$pid" maps --fast
		text "$tree" "$pid" 80
		# what is slow to start has seen this code by now
		[ "${SANITIZERS:-no}" != no ] || text "$tree" "$pid" 160
		COLUMNS=80 run "$tree $pid --ascii" -s "$tree" --ascii "$pid"
		mv "$work/out" "$work/ascii/$tree,$pid"
	done
done

# ---- facts -----------------------------------------------------------------

check_facts() {
	local arguments=() documents=() facts file name
	for facts in */facts; do
		arguments+=(--rawfile "${facts%/facts}" "$facts")
	done
	for file in "$work"/doc/*; do
		name=${file##*/}
		has_no_facts "${name%%,*}" "${name##*,}" || documents+=("$file")
	done
	jq -r -f facts.jq "${arguments[@]}" "${documents[@]}" >"$work/facts" || fail "facts.jq does not run"
	passed=$((passed + $(grep -c '^ok$' "$work/facts")))
	failed=$((failed + $(grep -c -v '^ok$' "$work/facts")))
	grep -v '^ok$' "$work/facts"
	# were they compared at all?
	[ "$(grep -c '^ok$' "$work/facts")" -gt 1000 ] || fail "hardly any facts"
}
check_facts

# ---- documents -------------------------------------------------------------

check_schema() {
	if ! /usr/bin/python3 -c 'import jsonschema' 2>/dev/null; then
		echo "note: no python3-jsonschema: documents not compared with the schema"
		return
	elif [ ! -f "$schema" ]; then
		echo "note: no $schema"
		return
	fi
	if cat "$work"/doc/* | /usr/bin/python3 "$top/tests/validate.py" "$schema" 2>"$work/err"; then
		pass
	else
		fail "documents are not as the schema says"
		sed 's/^/      /' "$work/err"
		(cd "$work/doc" && echo * | tr ' ' '\n') | awk -v used="$(grep -o '^document [0-9]*' "$work/err")" '
			BEGIN { n = split(used, word, /[ \n]/); for (i = 2; i <= n; i += 2) want[word[i]] = 1 }
			NR in want { print "      document " NR " is " $0 }'
	fi
}
check_schema

# ---- text ------------------------------------------------------------------

# lines FILE... that match PATTERN, a byte-wise Perl expression, are wrong
no_line() {
	local what=$1 pattern=$2
	shift 2
	if LC_ALL=C grep -n -a -P "$pattern" "$@" >"$work/bad"; then
		fail "$what:"
		head -n 5 "$work/bad" | cut -c1-200 | sed "s|^$work/|      |" | cat -v
	else
		pass
	fi
}

cd "$work" || exit 1
no_line "control characters in text" '[\x00-\x09\x0b-\x1f\x7f]|\xc2[\x80-\x9f]' text/* ascii/*
no_line "invisible or direction-changing characters in text" \
	'\xe2\x80[\x8b-\x8f\xa8-\xaf]|\xe2\x81[\xa0-\xaf]|\xef\xbb\xbf' text/*
no_line "other than ASCII with --ascii" '[\x80-\xff]' ascii/*
# one file's name does end in a blank
no_line "blanks at the end of a line" '(?<! leading and trailing) $' text/* ascii/*
if cat text/* | iconv -f UTF-8 -t UTF-8 >/dev/null 2>&1; then pass; else fail "text is not UTF-8"; fi
for picture in picture/*; do
	name=${picture#picture/}
	height=$(wc -l <"$picture")
	width=$(wc -L <"$picture")
	if [ "$height" -le 40 ]; then pass; else fail "$name: the picture has $height lines"; fi
	if [ "$width" -le "${name##*,}" ]; then pass; else fail "$name: the picture has $width columns"; fi
done
cd "$trees" || exit 1

# ---- damaged trees ---------------------------------------------------------

# expect NAME STATUS PATTERN ARGUMENT...: a message or note that matches
expect() {
	local name=$1 status=$2 pattern=$3
	shift 3
	run "$name" "$@"
	if [ "$rc" -ne "$status" ]; then
		fail "$name: memmap $*: status $rc instead of $status"
		sed 's/^/      /' "$work/err" | head -n 5
	elif ! grep -q -E -e "$pattern" "$work/out" "$work/err"; then
		fail "$name: memmap $*: nothing says '$pattern'"
		sed 's/^/      /' "$work/err" "$work/out" | head -n 5
	elif [ "$status" -ne 0 ] && grep -q -E '^[0-9a-f]{8,16} ' "$work/out"; then
		fail "$name: memmap $*: rows of a table that is not whole"
	else
		pass
	fi
}

damaged() {
	local p=21511 cut file option
	for cut in line number header; do
		expect "damaged-cut-$cut" 1 "$p: smaps is damaged at line [0-9]+: cut off" -s "damaged-cut-$cut" $p
	done
	expect damaged-cut-vma 1 "$p: smaps is damaged at line [0-9]+: ends in the middle" -s damaged-cut-vma $p
	expect damaged-cut-maps 0 'VmSize 2322432: -348160 bytes' -s damaged-cut-maps $p
	expect damaged-differ 0 'VmSize 2322432: -24576 bytes' -s damaged-differ $p
	expect damaged-headers 1 "$p: maps is damaged at line 5: not a mapping" -s damaged-headers --fast $p
	expect damaged-overlap 1 "$p: maps is damaged at line 5: addresses go backwards" -s damaged-overlap --fast $p
	expect damaged-headers 0 "adds up" -s damaged-headers $p
	expect damaged-overlap 0 "adds up" -s damaged-overlap $p
	expect damaged-overflow 0 "does not add up" -s damaged-overflow $p
	expect damaged-empty 1 "$p: smaps is empty" -s damaged-empty $p
	expect damaged-stat 0 '^a\) R 1 \(b' -s damaged-stat $p
	expect damaged-auxv 0 'note: no auxv: ' -s damaged-auxv $p
	expect damaged-crlf 0 'busybox\\x0d$' -s damaged-crlf $p
	for file in smaps status smaps_rollup auxv task; do
		expect "damaged-no-$file" 0 "note: no .*\\<$file\\>" -s "damaged-no-$file" $p
	done
	expect damaged-no-limits 0 'note: no limits: .*limits' -s damaged-no-limits --mm $p
	expect damaged-no-maps 0 'note: no mappings: .*\<maps\>' -s damaged-no-maps --fast $p
	expect damaged-no-maps 0 'adds up' -s damaged-no-maps $p
	expect damaged-no-stat 1 "$p: .*\\<stat\\>" -s damaged-no-stat $p
	# a last line without its newline may have been cut, or not
	for option in --maps --fast; do
		run damaged-no-newline -s damaged-no-newline --maps $option $p
		if [ "$rc" -eq 1 ] && grep -q "$p: .*cut off" "$work/err"; then
			pass
		elif [ "$rc" -eq 0 ] && [ "$(grep -c -E '^[0-9a-f]{16} ' "$work/out")" -eq 12 ]; then
			pass
		else
			fail "damaged-no-newline $option: neither all rows nor a message"
		fi
	done
	# what a later kernel adds is skipped, or shown by its number
	expect future-kernel 0 '\<zz\>.*\<q1\>' -s future-kernel -o +vm_flags $p
	expect future-kernel 0 'adds up' -s future-kernel $p
}
damaged

# the same table whatever the unknown lines between the known ones
for tree in damaged-garbage damaged-key-order damaged-no-limits future-kernel; do
	run "$tree" -s x86_64-6.18-small --maps -r -n -o start,end,size,perms,rss,pss,uss,swap 21511
	mv "$work/out" "$work/want"
	run "$tree" -s "$tree" --maps -r -n -o start,end,size,perms,rss,pss,uss,swap 21511
	if cmp -s "$work/want" "$work/out"; then
		pass
	else
		fail "$tree: another table than that of x86_64-6.18-small"
		diff "$work/want" "$work/out" | head -n 10
	fi
done

# ---- saved text ------------------------------------------------------------

# golden TREE NAME COMMAND...: the output must be that of TREE/expected-NAME
golden() {
	local tree=$1 name=$2 expected=$1/expected-$2
	shift 2
	"$@" >"$work/out" 2>&1 </dev/null
	if [ "$update" ]; then
		cmp -s "$work/out" "$expected" || cp "$work/out" "$expected" || fail "$expected cannot be written"
	elif cmp -s "$expected" "$work/out"; then
		pass
	elif [ ! -f "$expected" ]; then
		fail "$expected is missing (run.sh --update makes it)"
	else
		fail "$tree: not as in $expected:"
		diff -u --label expected --label now "$expected" "$work/out" | head -n 40
	fi
}

# A line for each mapping and other element, without what changes from run to run, and without
# numbers that jq 1.6 cannot hold.
as_lines() {
	"$MEMMAP" --json "$@" | jq -c 'del(.version, .time, .processes[].cost)
		| del(.processes[].layout[]? | select(.size > 9007199254740992) | .size)
		| del(.processes), (.processes[] | to_entries[]
			| if .value | type == "array" then {(.key): .value[]} else {(.key): .value} end)'
}

# What is large has a line of its own, the range below the picture draws more of one that is shared,
# and a taller terminal has more lines.
large=(-s x86_64-6.18-java --layout)
COLUMNS=80 "$MEMMAP" "${large[@]}" 9945 >"$work/out"
if grep -q '│ libjvm.so text' "$work/out" && grep -q '│ java text rodata relro data' "$work/out"; then pass
else fail "java: libjvm.so has no line of its own, or java has five"; fi
range=$(sed -n 's/^  -A \([0-9a-f-]*\) draws this part alone.*/\1/p' "$work/out")
lines_within() {
	awk -v low="${range%-*}" -v high="${range#*-}" '
		function wide(s) { return sprintf("%16s", s) }
		BEGIN { low = wide(low); high = wide(high) }
		$3 == "mapped" { sub("^0+", "", $1); if (wide($1) >= low && wide($1) < high) n++ }
		END { print n + 0 }'
}
before=$("$MEMMAP" --raw "${large[@]}" 9945 | lines_within)
after=$("$MEMMAP" --raw "${large[@]}" -A "$range" 9945 | lines_within)
if [ "$before" -eq 1 ] && [ "$after" -gt 5 ]; then pass
else fail "java: -A $range has $after lines, where the whole has $before"; fi
# What --list-columns says is accepted besides the keys.
while read -r key second; do
	if "$MEMMAP" --maps -o "$second,start" --raw -s x86_64-6.18-shell 8912 2>&1 |
			grep -q "^$key start"; then pass
	else fail "--list-columns: $second does not stand for $key"; fi
done < <("$MEMMAP" --list-columns | sed -n 's/^\([a-z_]*\) .*; also named \(.*\)/\1 \2/p')
if "$MEMMAP" --list-columns | grep -q '^huge_share .*; also named share$'; then pass
else fail "--list-columns does not tell the short names"; fi

# On a terminal, explanations go on below themselves, and what has too many columns has its sums.
on_terminal() {
	script -qec "stty cols 80; '$MEMMAP' --color=never $*" /dev/null </dev/null
}
if command -v script >/dev/null; then
	on_terminal --mm -s x86_64-6.18-shell 8912 | sed 1,4d >"$work/out"
	if grep -q '^ *it began; grows down' "$work/out" && ! grep -q '…' "$work/out"; then pass
	else fail "--mm: explanations are cut: $(cat "$work/out")"; fi
	on_terminal --system -s x86_64-6.12-machine | sed '/^hugetlb/,$d' >"$work/out"
	if grep -q 'where memory is' "$work/out" && ! grep -q '…' "$work/out"; then pass
	else fail "--system: explanations are cut"; fi
	on_terminal --list-columns >"$work/out"
	if grep -q '^resident ' "$work/out" && ! grep -q '…' "$work/out"; then pass
	else fail "--list-columns: explanations are cut"; fi
	on_terminal --maps -o +pss,thread,huge_share,policy -s x86_64-6.18-shell 8912 |
		tr -d '\r' | sed -n '/^all$/,$p' | tr -s ' \n' ' ' >"$work/out"
	sum=$("$MEMMAP" --maps -o size,name -s x86_64-6.18-shell 8912 | tail -n 1 | tr -s ' ')
	case $(cat "$work/out") in
	"all size ${sum# }"*|"all size $(echo "$sum" | awk '{ print $1 }') "*) pass ;;
	*) fail "records: no sums: $(cat "$work/out")" ;;
	esac
	for rows in 24 80; do
		script -qec "stty cols 80 rows $rows; '$MEMMAP' --color=never ${large[*]} 9945" /dev/null \
			</dev/null | sed -n '/┌/,/└/p' | wc -l
	done | tr '\n' ' ' >"$work/lines"
	read -r short tall <"$work/lines"
	if [ "$short" -le 40 ] && [ "$tall" -gt 50 ] && [ "$tall" -lt 80 ]; then pass
	else fail "java: $short lines on a short terminal, $tall on one of 80"; fi
fi

for tree in $saved; do
	read -r -a pids < <(pids_of "$tree")
	target=(-s "$tree" "${pids[@]}")
	golden "$tree" 80 env COLUMNS=80 "$MEMMAP" "${target[@]}"
	golden "$tree" 160 env COLUMNS=160 "$MEMMAP" "${target[@]}"
	golden "$tree" ascii env COLUMNS=80 "$MEMMAP" --ascii --summary --layout "${target[@]}"
	golden "$tree" raw "$MEMMAP" --raw "${target[@]}"
	golden "$tree" mm "$MEMMAP" --mm "${target[@]}"
	golden "$tree" group "$MEMMAP" -g object --maps "${target[@]}"
	golden "$tree" x "$MEMMAP" -x --maps "${target[@]}"
done
for tree in x86_64-numa2 x86_64-numa3; do
	read -r -a pids < <(pids_of "$tree")
	golden "$tree" numa env COLUMNS=80 "$MEMMAP" --numa -s "$tree" "${pids[@]}"
	golden "$tree" numa-group "$MEMMAP" --numa -b -g kind -s "$tree" "${pids[@]}"
	golden "$tree" nodes "$MEMMAP" --raw --maps -o start,policy,nodes,local,remote -s "$tree" "${pids[@]}"
done
for tree in x86_64-6.18-shell x86_64-6.18-threads x86_64-6.18-foreign; do
	read -r -a pids < <(pids_of "$tree")
	golden "$tree" color env COLUMNS=80 "$MEMMAP" --color=always -s "$tree" "${pids[@]}"
done
for tree in x86_64-6.12 x86_64-6.18-java arm64-6.12-16k quoted-4.4; do
	read -r -a pids < <(pids_of "$tree")
	golden "$tree" huge env COLUMNS=80 "$MEMMAP" --huge -s "$tree" "${pids[@]}"
done
# what is said to keep a mapping from being huge, against the kernel's own verdict
for tree in arm64-* x86_64-*; do
	read -r -a pids < <(pids_of "$tree")
	"$MEMMAP" --json --huge -s "$tree" "${pids[@]}" 2>/dev/null >"$work/out"
	jq -c -f verdicts.jq "$work/out" >"$work/wrong" || fail "$tree: verdicts.jq"
	if [ -s "$work/wrong" ]; then
		fail "$tree: reasons that THPeligible contradicts:"
		head -n 10 "$work/wrong"
	else
		pass
	fi
done
for tree in x86_64-6.18-shell x86_64-6.18-foreign x86_64-6.18-special quoted-4.4 future-kernel; do
	read -r -a pids < <(pids_of "$tree")
	golden "$tree" json as_lines -s "$tree" "${pids[@]}"
done

echo "$passed passed, $failed failed ($processes processes)"
[ "$failed" -eq 0 ]
