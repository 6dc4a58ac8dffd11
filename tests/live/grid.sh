#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The pages screen: what its cells say at every zoom against a witness that reads page by page, and
# what it says without privilege. The driver of the screens needs no terminal.
. "$(dirname "$0")/lib.sh"
need_root
DRIVE=${DRIVE:-$PWD/tests/tui/drive}
[ -x "$DRIVE" ] || skip "the driver of the screens is not built"
[ -x "$TARGETS/cells" ] || skip "cells is not built"
[ -r /proc/kpageflags ] || skip "no /proc/kpageflags"
export TERM=xterm-256color
infocmp "$TERM" >/dev/null 2>&1 || skip "no terminfo of $TERM"

# start_of OUTPUT: where the target's mapping begins
start_of() { awk '$1 == "expect" { sub(/^0x/, "", $2); print $2; exit }' "$1"; }

# drive PID START SIZE WORD...: the pages of the mapping at an address
drive() {
	timeout 20 "$DRIVE" --ascii "$1" -- "$3" address text:"$2" key:enter enter "${@:4}" 2>&1
}

zooms=(dump)
for _ in {1..13}; do zooms+=(less dump); done
walks=(20000 1111 70)
swap_on_zram && walks+=("20000 swap" "3000 swap")
for pages in "${walks[@]}"; do
	# shellcheck disable=SC2086 # PAGES and what is done to them
	start_target cells make $pages || continue
	start=$(start_of "$OUTPUT")
	for size in 80x24 150x50; do
		drive "$PID" "$start" $size "${zooms[@]}" >"$WORK/screens"
		read -r verdict dumps cells < <("$TARGETS/cells" check "$PID" "$start" <"$WORK/screens")
		if [ "$verdict" = ok ] && [ "$dumps" -eq 14 ] && [ "$cells" -gt 70 ]; then
			pass
		else
			"$TARGETS/cells" check "$PID" "$start" <"$WORK/screens" | fail_with "$pages pages, $size"
		fi
	done
	# elsewhere in the mapping, and all over it
	drive "$PID" "$start" 100x30 less less end dump page-up dump more dump home dump >"$WORK/screens"
	verdict=$("$TARGETS/cells" rows "$PID" "$start" <"$WORK/screens")
	check "$pages pages, moved: $verdict" test "${verdict% *}" = "ok 4"
	# what is read for folios and counts tells of the same pages
	drive "$PID" "$start" 80x24 dump fold dump fold dump >"$WORK/screens"
	sizes=$(grep -oE "^ +[AB] (anonymous|4K folios|mapped once) [0-9.]+[KM]?" "$WORK/screens" |
		awk '{ print $NF }' | uniq -c | awk '{ print $1 }')
	[ "$(getconf PAGESIZE)" != 4096 ] || same "$pages pages: the same in all modes" 3 "$sizes"
	[[ $pages != *swap ]] || check "$pages pages: some are in swap" grep -q 'S swapped [0-9]' "$WORK/screens"
	stop_target "$PID"
done

# Huge address space costs nothing: 20 TiB with a few pages.
if start_target bulk reserved $((20 << 40)) $((4 << 20)) 4; then
	start=$(awk '{ split($1, a, "-"); if (length(a[1]) == 12) print a[1] }' "/proc/$PID/maps" |
		while read -r at; do
			grep "^$at-" "/proc/$PID/smaps" -A 1 | awk -v at="$at" '$1 == "Size:" && $2 > 2^34 { print at }'
		done | head -n 1)
	drive "$PID" "$start" 100x30 dump >"$WORK/screens"
	check "20 TiB: all of it" grep -q ' A anonymous 4M  *\. untouched 20.0T\| A anonymous 4M' "$WORK/screens"
	check "20 TiB: cells of many pages" grep -qE 'a cell is (8|16|32)G' "$WORK/screens"
	stop_target "$PID"
fi

# Without privilege states are told, frames are not, and the screen says so.
if command -v setpriv >/dev/null && start_command setpriv --reuid=65534 --regid=65534 \
	--clear-groups "$TARGETS/cells" make 900; then
	start=$(start_of "$OUTPUT")
	cp "$DRIVE" "$WORK/drive" && chmod 755 "$WORK/drive" "$WORK" 2>/dev/null
	setpriv --reuid=65534 --regid=65534 --clear-groups timeout 20 "$WORK/drive" --ascii "$PID" -- 80x24 \
		address text:"$start" key:enter enter less less less less dump fold dump >"$WORK/screens" 2>&1
	check "unprivileged: says what it needs" grep -q 'need CAP_SYS_ADMIN' "$WORK/screens"
	check "unprivileged: states are known" grep -q '^ *A anonymous [0-9]' "$WORK/screens"
	check "unprivileged: folios are not" grep -q '? unknown' "$WORK/screens"
	stop_target "$PID"
fi
finish
