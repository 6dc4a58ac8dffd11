#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Captured trees with page frames (tests/fixtures/captures, made by capture-frames.sh): what memmap says
# of them is what a witness counted page by page while they were made, and what the targets said they did;
# and its text is the saved one.
#
# Usage: captures.sh [--update]
# MEMMAP, top_srcdir.
set -u
export LC_ALL=C.UTF-8 TZ=UTC COLUMNS=80 TERM=xterm
unset NO_COLOR CDPATH COLORTERM

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
top=$(cd "${top_srcdir:-$here/../..}" && pwd)
MEMMAP=$(realpath "${MEMMAP:-src/memmap}") || exit 1
captures=$top/tests/fixtures/captures
update=
[ "${1:-}" = --update ] && update=1
passed=0 failed=0

fail() {
	failed=$((failed + 1))
	echo "FAIL: $*"
}
pass() {
	passed=$((passed + 1))
}

for tool in jq gzip; do
	command -v $tool >/dev/null || { echo "skipped: needs $tool"; exit 77; }
done
# others do not know files with holes
tar --version 2>/dev/null | grep -q GNU || { echo "skipped: needs GNU tar"; exit 77; }
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT

# against the witness: it counted the same before and after the capture
counted() {
	local keys="total present swapped zero guard exclusive shared untouched file markers migration" result
	keys+=" hidden runs longest_run"
	gzip -dc "$captures/$name.count.json.gz" >"$work/count" || { fail "$name: no count"; return; }
	jq '.processes[0]' "$work/doc" >"$work/process"
	result=$(jq -cn --slurpfile before "$work/count" --slurpfile after "$work/count" \
		--slurpfile memmap "$work/process" --arg keys "$keys" --argjson frames true \
		--argjson common '["[vdso]", "[vvar"]' -f "$top/tests/live/census.jq")
	if [ "$result" = '{"moving":0,"differences":[]}' ]; then
		pass
	else
		fail "$name: not what the witness counted: $result"
	fi
}

# against what the target did
expected() {
	jq -f "$top/tests/live/by-name.jq" "$work/process" >"$work/by-name"
	jq -r --rawfile expect "$captures/$name.expect" --arg facts memmap --arg keys all \
		-f "$top/tests/live/expect.jq" "$work/by-name" >"$work/differences" 2>&1
	if [ -s "$work/differences" ]; then
		fail "$name: not what the target did:"
		head -n 5 "$work/differences"
	else
		pass
	fi
}

saved() {
	local expected=$captures/$name.expected first
	first=$(awk '{ print "0x" $2; exit }' "$captures/$name.expect")
	{
		"$MEMMAP" --pages --huge -s "$work/tree" "$pid"
		"$MEMMAP" --translate="$first" -s "$work/tree" "$pid"
		"$MEMMAP" --maps -r -o start,size,present,exclusive,folios,pfn_runs,longest_run,huge_share \
			-s "$work/tree" "$pid"
	} >"$work/text" 2>&1
	if [ "$update" ]; then
		cp "$work/text" "$expected"
	elif cmp -s "$expected" "$work/text"; then
		pass
	else
		fail "$name: not as in $expected:"
		diff -u "$expected" "$work/text" | head -n 30
	fi
}

for archive in "$captures"/*.tar.gz; do
	name=$(basename "$archive" .tar.gz)
	rm -rf "$work/tree"
	mkdir "$work/tree"
	tar -xzf "$archive" -C "$work/tree" --no-same-owner || { fail "$name: not unpacked"; continue; }
	pid=$(jq '.processes[0]' "$work/tree/manifest.json")
	"$MEMMAP" --json --pages -s "$work/tree" "$pid" >"$work/doc" || { fail "$name: memmap fails"; continue; }
	counted
	expected
	saved
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && { [ "$passed" -gt 0 ] || [ "$update" ]; }
