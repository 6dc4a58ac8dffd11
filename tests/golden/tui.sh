#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The screens of captured trees, without a terminal: scripts of requests against saved screens, in
# UTF-8 and in ASCII, and what must hold on each of them.
#
# Usage: tui.sh [--update | --valgrind]
#   --update  save the screens as they are now as the expected ones (look at the difference)
#   --valgrind  the same under valgrind: nothing leaks, but what ncurses keeps (some minutes)
# Needs: DRIVE (tests/tui/drive), or top_builddir.
set -u
export LC_ALL=C.UTF-8 TZ=UTC TERM=xterm-256color
unset NO_COLOR COLUMNS LINES CDPATH COLORTERM

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
DRIVE=$(realpath "${DRIVE:-${top_builddir:-.}/tests/tui/drive}") || exit 1
MEMMAP=$(realpath "${MEMMAP:-${top_builddir:-.}/src/memmap}") || exit 1
update=
[ "${1:-}" = --update ] && update=1
under=()
[ "${1:-}" = --valgrind ] && under=(valgrind -q --error-exitcode=9 --leak-check=full
	'--show-leak-kinds=definite,indirect,possible' '--errors-for-leak-kinds=definite,indirect,possible'
	--suppressions="$here/../tui/ncurses.supp")
[ -x "$DRIVE" ] || { echo "skipped: $DRIVE is not built"; exit 77; }
infocmp "$TERM" >/dev/null 2>&1 || { echo "skipped: no terminfo of $TERM"; exit 77; }
work=$(mktemp -d "${TMPDIR:-/tmp}/memmap-tui-XXXXXX") || exit 77
trap 'rm -rf "$work"' EXIT
cd "$here" || exit 1
passed=0 failed=0
fail() { failed=$((failed + 1)); echo "FAIL: $*"; }

threads="-s x86_64-6.18-threads 9155"
java="-s x86_64-6.18-java 9945"
special="-s x86_64-6.18-special"

# Three processes of different trees.
cp -r x86_64-6.18-shell "$work/tree-several" &&
	cp -r x86_64-6.18-java/proc/9945 x86_64-6.18-threads/proc/9155 "$work/tree-several/proc" || exit 1
several="-s $work/tree-several"

# NAME | arguments | words
scripts() {
	cat <<END
processes-80|-s x86_64-5.10|80x24 dump
processes-160|-s x86_64-6.18-shell|160x30 dump
processes-filter|-s x86_64-6.18-shell|80x24 filter text:no.such dump key:enter dump filter text:bash key:enter dump
processes-menus|-s x86_64-5.10|80x24 sort dump key:esc columns dump key:space key:enter dump
processes-tree|$special|100x24 tree dump help dump
map-80|$threads|80x24 dump down down dump end dump
map-120|$threads|120x40 down dump
map-200|$java|200x60 page-down dump
map-fold|$threads|100x30 fold dump fold down dump enter dump
map-picture|$threads|100x30 left down dump down down dump right dump
map-kinds|$threads|80x24 kinds down dump key:space key:enter dump
map-columns|$java|80x24 columns dump down key:space key:enter dump right dump
map-sort|$java|100x30 sort key:r key:enter dump reverse dump
map-search|$java|80x24 search text:libz key:enter dump next dump search text:nothing key:enter dump
map-typed|$java|80x24 page-down down search text:libz dump text:qq dump key:backspace key:backspace key:enter next dump
processes-typed|$several|80x24 down search text:jav dump text:zzz dump key:esc enter dump
map-filter|$java|80x24 filter text:jvm.*so$ dump key:enter dump filter text:( key:enter dump
map-address|$threads|80x24 address text:7f9b62b8d123 dump key:enter dump address text:1000 key:enter dump address key:up dump key:esc address text:zz key:enter dump
map-translate|$threads|80x24 address text:7f9b62b8d123 key:enter translate dump down dump key:esc dump
map-options|-o +pss,swap -S size -k anon,heap -f a $threads|120x30 dump
map-32bit|-s x86_64-6.12-compat32 $(pid_of x86_64-6.12-compat32)|80x24 dump
map-5level|-s x86_64-5level $(pid_of x86_64-5level)|100x24 dump
map-unreadable|-s x86_64-6.18-foreign $(pid_of x86_64-6.18-foreign)|80x24 dump
map-kernel-thread|$special 2|80x24 dump
map-none|$threads0 99|80x24 dump
too-small|$threads|80x24 size:79x24 dump size:80x23 dump size:10x3 dump size:80x24 dump
export-prompt|$threads|80x24 export dump key:backspace text:é key:left dump key:esc dump
help|$threads|80x24 help dump page-down dump
END
}

# Trees with page frames, as memmap --capture made them, and one of a machine.
captured() {
	local name
	cat <<END
system-80|-s x86_64-6.12-machine|80x24 system dump
system-120|-s x86_64-6.12-machine|120x40 system dump
system-numa|-s x86_64-numa3|120x30 system dump
pages-none|$threads0 9155|80x24 pages dump
END
	tar --version 2>/dev/null | grep -q GNU || return	# others do not know files with holes
	for name in thp mthp fork hugetlb; do
		mkdir "$work/tree-$name"
		tar -xzf "../fixtures/captures/$name.tar.gz" -C "$work/tree-$name" --no-same-owner || return
	done
	cat <<END
pages-thp|$(tree thp)|80x24 address text:7f50f0000000 key:enter enter dump fold dump right right dump less dump end dump
pages-thp-120|$(tree thp)|120x40 address text:7f50f0c00000 key:enter enter less less less dump less less dump enter dump
pages-mthp|$(tree mthp)|80x24 address text:7f7a15200000 key:enter enter dump fold dump down down fold dump
pages-mthp-odd|$(tree mthp)|120x40 address text:7f7a14801000 key:enter enter fold dump fold fold dump
pages-fork|$(tree fork)|80x24 address text:7fddabfde000 key:enter enter fold fold dump less dump address text:7fddac000 key:enter dump address text:7fddac000000 key:enter dump
pages-hugetlb|$(tree hugetlb)|80x24 address text:7fab4ac00000 key:enter enter dump fold dump less less dump
END
}

tree() { echo "-s $work/tree-$1 $(pid_of "$work/tree-$1")"; }

pid_of() {
	local name
	for name in "$1"/proc/[0-9]*; do
		echo "${name##*/}"
		return
	done
}
threads0="-s x86_64-6.18-threads"

# No line wider than the screen, as many lines as it has, no control character.
check_shape() {
	local name=$1 size line
	size=$(grep -oE '[0-9]+x[0-9]+' <<<"$2" | head -n 1)
	while IFS= read -r line; do
		[ ${#line} -le "${size%x*}" ] || fail "$name: a line of ${#line} columns"
	done <"$work/$name"
	! grep -q '[[:cntrl:]]' "$work/$name" || fail "$name: control characters"
}

play() {
	local name=$1 arguments=$2 words=$3
	# shellcheck disable=SC2086 # several words
	timeout 120 "${under[@]}" "$DRIVE" $arguments -- $words >"$work/$name" 2>"$work/err" ||
		fail "$name: $(cat "$work/err")"
	[[ -s "$work/err" ]] && fail "$name: $(cat "$work/err")"
	check_shape "$name" "$words"
	if [ -n "$update" ]; then
		mkdir -p expected-tui
		cp "$work/$name" "expected-tui/$name"
	elif ! cmp -s "expected-tui/$name" "$work/$name"; then
		diff "expected-tui/$name" "$work/$name" | head -n 30
		fail "$name: not as expected (< expected, > got)"
	else
		passed=$((passed + 1))
	fi
}

while IFS='|' read -r name arguments words; do
	play "$name" "$arguments" "$words"
	case $name in
	*-80 | map-kinds | map-translate | help | pages-* | system-120)
		play "$name-ascii" "--ascii $arguments" "$words"
		! LC_ALL=C grep -q '[^ -~]' "$work/$name-ascii" || fail "$name-ascii: not ASCII"
		;;
	esac
done < <(scripts; captured)

# What a script types is what comes out: the same mapping by search, by address and by hand.
found() { "$DRIVE" -s x86_64-6.18-threads 9155 -- 80x24 "$@" dump | grep '^── '; }
read -r range _ < <(grep SYSV00c0ffee x86_64-6.18-threads/proc/9155/maps)
for a in "search text:sysv00C key:enter" "address text:${range#*-} key:enter down" \
	"address text:${range%-*} key:enter" "kinds key:s key:s key:space key:enter search text:sysv00C key:enter"; do
	# shellcheck disable=SC2086 # several words
	b=$(found $a)
	[[ $b = *" $range "* ]] || fail "$a: '$b' instead of $range"
done

# Esc leads back to what was there before anything was typed, whatever was found meanwhile.
for a in "x86_64-6.18-java 9945 -- 80x24 page-down down" "x86_64-6.18-java 9945 -- 80x24 fold down" \
	"x86_64-6.18-java 9945 -- 100x30 page-down left down"; do
	# shellcheck disable=SC2086 # several words
	cmp -s <("$DRIVE" -s $a dump) <("$DRIVE" -s $a search text:b text:a key:backspace text:s key:esc dump) ||
		fail "Esc from a search: $a: another screen"
done
# shellcheck disable=SC2086 # several words
"$DRIVE" $several -- 80x24 down search text:java key:esc enter dump | grep -q '(9155)' ||
	fail "Esc from a search: another process"
# shellcheck disable=SC2086 # several words
"$DRIVE" $several -- 80x24 down search text:bas key:enter enter dump | grep -q 'bash (8912)' ||
	fail "search: another process"

# Every mapping of the tree is a row, in the order of the kernel's list backwards.
rows=$(LC_ALL=C awk '{ split($1, a, "-"); print a[1] }' x86_64-6.18-threads/proc/9155/maps | tac)
shown=$("$DRIVE" -s x86_64-6.18-threads 9155 -- 200x300 dump | grep -v '^──' |
	grep -oE '[0-9a-f]{12,16}  [r-][w-][x-][ps] ' | cut -d ' ' -f 1)
[ "$rows" = "$shown" ] || fail "the rows are not those of maps"

# What the pages screen exports is what the report says of that mapping and that address.
if command -v jq >/dev/null && [ -x "$MEMMAP" ] && [ -d "$work/tree-thp" ]; then
	pid=$(pid_of "$work/tree-thp") at=7f50f0000000
	rm -f "$work/memmap-$pid.json"
	# shellcheck disable=SC2046 # several words
	"$DRIVE" $(tree thp) -- 80x24 address text:$at key:enter enter right right export key:home \
		text:"$work/" key:enter dump >"$work/exported"
	grep -q "bytes written to $work/memmap-$pid.json" "$work/exported" || fail "export of pages: says nothing"
	cursor=$(sed -nE '/^── under the cursor/{ n; s/^ ([0-9a-f]+)-.*/\1/p }' "$work/exported")
	"$MEMMAP" --json --maps --pages --translate "$cursor" -A $at -s "$work/tree-thp" "$pid" >"$work/reported"
	facts='.processes[0] | [.mappings, .pages, .translations, .unavailable, .totals]'
	cmp -s <(jq "$facts" "$work/memmap-$pid.json") <(jq "$facts" "$work/reported") ||
		fail "export of pages: not what the report says"
	jq -e --arg at "0x$cursor" '.processes[0] | (.mappings | length == 1) and .mappings[0].pages.present > 0 and
		.translations[0].address == $at' "$work/memmap-$pid.json" >/dev/null ||
		fail "export of pages: not the pages of the mapping"
	if /usr/bin/python3 -c 'import jsonschema' 2>/dev/null; then
		/usr/bin/python3 "$here/../validate.py" "$here/../../man/memmap.schema.json" \
			<"$work/memmap-$pid.json" || fail "export of pages: not as the schema says"
	fi
fi

# The document that is exported is the one that the report writes, but for times.
if command -v jq >/dev/null; then
	"$DRIVE" -s x86_64-6.18-threads 9155 -- 80x24 export key:backspace key:backspace \
		key:backspace key:backspace key:backspace "text:x" key:home "text:$work/" key:enter dump \
		>"$work/exported"
	grep -q "bytes written to $work/memmap-9155x" "$work/exported" || fail "export: says nothing"
	jq -e '.processes[0].mappings | length == 111' "$work/memmap-9155x" >/dev/null ||
		fail "export: not all mappings"
	# it is not overwritten
	"$DRIVE" -s x86_64-6.18-threads 9155 -- 200x24 export key:home text:"$work/" dump >/dev/null
fi

[ -n "$update" ] && { echo "saved"; exit 0; }
[ "$failed" -eq 0 ] || { echo "$failed failed, $passed passed"; exit 1; }
echo "ok: $passed screens"
