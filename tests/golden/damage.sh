#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Makes the trees damaged-* and future-kernel: x86_64-6.18-small with one thing changed in each.
# shellcheck disable=SC2016 # awk programs
set -u
LC_ALL=C
export LC_ALL
cd "$(dirname "$0")" || exit 1
base=x86_64-6.18-small
pid=$(awk '$1 == "pid" { print $2; exit }' $base/known)

# new NAME: a copy of the base, of which $p is the process's directory
new()
{
	t=$1
	rm -rf "$t"
	mkdir -p "$t/proc/sys"
	cp -RP "$base/proc/$pid" "$base/proc/meminfo" "$base/proc/cpuinfo" "$base/proc/version" "$t/proc/"
	cp -RP "$base/proc/sys/kernel" "$t/proc/sys/"
	p=$t/proc/$pid
}

# edit FILE AWK-PROGRAM
edit()
{
	awk "$2" "$1" >"$1.new" && mv "$1.new" "$1"
}

# known LINE...: after the line "pid"
known()
{
	{
		echo "pid $pid"
		for line; do
			echo "$line"
		done
	} >"$t/known"
}

# like the base's: what the right answer still is
known_as_base()
{
	cp "$base/known" "$t/known"
}

# the fifth record, writable data, starts at the fifth header line
rec5=$(awk '/^[0-9a-f]+-[0-9a-f]+ / && ++n == 5 { print NR }' "$base/proc/$pid/smaps")

new damaged-cut-line		# in the middle of a field
head -n $((rec5 + 9)) "$base/proc/$pid/smaps" >"$p/smaps"
printf 'Private_Cl' >>"$p/smaps"
known "note smaps ends within a line of record 5 of 12; maps is whole"

new damaged-cut-number		# within a number: what is there looks like a smaller one
head -n $((rec5)) "$base/proc/$pid/smaps" >"$p/smaps"
printf 'Size:                  1' >>"$p/smaps"
known "note smaps ends within a number of record 5 of 12; maps is whole"

new damaged-cut-vma		# at the end of a line, in the middle of a record
head -n $((rec5 + 5)) "$base/proc/$pid/smaps" >"$p/smaps"
known "note smaps ends after the line Pss of record 5 of 12; maps is whole"

new damaged-cut-header		# in the middle of a header line
head -n $((rec5 - 1)) "$base/proc/$pid/smaps" >"$p/smaps"
printf '005e2000-005' >>"$p/smaps"
known "note smaps ends within the header of record 5 of 12; maps is whole"

new damaged-cut-maps		# maps cut as well, at a line
head -n 5 "$base/proc/$pid/maps" >"$p/maps"
head -n $((rec5 - 1)) "$base/proc/$pid/smaps" >"$p/smaps"
known "note maps has 5 of 12 lines and smaps 4 records: a process that exited while it was read"

new damaged-garbage		# lines that are neither header nor field: everything else counts as ever
edit "$p/smaps" '{ print }
	NR == 3 { print ""; print "    "; print "no colon here"; print ":" ; print ": 12 kB" }
	NR == 6 { printf "nul %c byte: 1 kB\n", 0; print "Lower: x kB"; print "Neg: -4 kB"; print "Rest:" }
	NR == 9 { print "Wide: 99999999999999999999999999 kB"; print "Much: 4 kB kB kB"; print "No_Unit: 4" }
	NR == 40 { for (i = 0; i < 9000; i++) printf "x"; print "" }
	NR == 41 { printf "A"; for (i = 0; i < 9000; i++) printf "b"; print ": 4 kB" }
	NR == 60 { print "\t\303\050\377: 7 kB"; print "zzzz-yyyy rw-p 0 0 0" }'
edit "$p/status" '{ print }
	NR == 2 { print ""; print "VmNew:\t    12 kB"; print "VmWide:\t99999999999999999999999999 kB"; print "junk" }'
known_as_base

new damaged-headers		# lines that look like headers but cannot be true
edit "$p/maps" '{ print }
	NR == 4 { print "005e2000-005e1000 rw-p 00000000 00:00 0 "
		  print "-005e1000 rw-p 00000000 00:00 0 "
		  print "005e2000- rw-p 00000000 00:00 0 "
		  print "11111111111111111-11111111111112000 rw-p 00000000 00:00 0 "
		  print "005e2000-005e2000 rw-p 00000000 00:00 0 "
		  print "005e2000"
		  print "005e2000-005e3000"
		  print "005e2000-005e3000 rw-p" }'
known naive "note maps has eight impossible lines after the fourth: backward, empty, 17 digits, cut; smaps is whole"

new damaged-overlap		# ranges out of order and on top of each other
edit "$p/maps" 'NR == 2 { second = $0; next } NR == 5 { print; print second; print; next } { print }'
known naive "note line 2 of maps moved behind line 5, and line 5 twice; smaps is whole"

new damaged-overflow		# numbers whose sum, or whose bytes, do not fit 64 bits
edit "$p/smaps" '/^Rss:/ && !n++ { print "Rss:  18446744073709551615 kB"; next }
	/^Pss:/ && !m++ { print "Pss:  18014398509481984 kB"; next }
	/^Swap:/ && k++ < 2 { print "Swap: 18014398509481983 kB"; next } { print }'
known naive "note Rss, Pss and Swap of the first records do not fit 64 bits as bytes, or not when summed"

new damaged-empty-vmflags	# psutil issue 2560
edit "$p/smaps" '/^VmFlags:/ { n++; if (n % 3 == 1) { print "VmFlags:"; next } if (n % 3 == 2) { print "VmFlags: "; next } }
	{ print }'
known_as_base

new damaged-no-rss		# psutil issue 1627: WSL 1
edit "$p/smaps" '!/^(Rss|Pss|Referenced|Swap):/'
rm -f "$p/smaps_rollup"
known_as_base

new damaged-key-order		# fields the other way round within each record
edit "$p/smaps" 'function flush() { while (n) print line[n--] }
	/^[0-9a-f]+-/ { flush(); print; next } { line[++n] = $0 } END { flush() }'
known_as_base

new damaged-crlf		# a capture that went through a wrong tool
edit "$p/smaps" '{ printf "%s\r\n", $0 }'
edit "$p/maps" '{ printf "%s\r\n", $0 }'
known naive "note every line of maps and smaps ends in carriage return and newline"

new damaged-no-newline		# the last line of each file lacks its newline
for f in maps smaps status stat smaps_rollup; do
	printf %s "$(cat "$base/proc/$pid/$f")" >"$p/$f"
done
known_as_base

new damaged-empty		# maps and smaps empty although the process lives: it was just executing
for f in maps smaps numa_maps smaps_rollup; do
	: >"$p/$f"
done
known "note maps and smaps are empty, status has VmSize"

new damaged-differ		# the process unmapped something between maps and smaps, and mapped something else
edit "$p/smaps" '/^[0-9a-f]+-/ { skip = ++n == 6 } !skip { print }
	/^VmFlags:/ && n == 7 { print "3cb20000-3cb21000 rw-p 00000000 00:00 0 "
	print "Size:                  4 kB"; print "Rss:                   4 kB"; print "Pss:                   4 kB"
	print "VmFlags: rd wr mr mw me ac " }'
known "note smaps lacks record 6 of maps and has one, 3cb20000, that maps does not have"

for f in smaps maps status stat smaps_rollup auxv limits task; do
	new "damaged-no-$f"
	rm -rf "${p:?}/$f"
	[ $f != smaps ] || rm -f "$p/smaps_rollup"
	known "note without $f"
done

new damaged-no-machine		# only the process was copied
rm -rf "$t"/proc/meminfo "$t"/proc/version "$t"/proc/cpuinfo "$t"/proc/sys
known_as_base

new damaged-stat		# a name made to confuse, and too few fields
printf '%s' "$pid (a) R 1 (b) S 1 2" >"$p/stat"
printf 'a) R 1 (b\n' >"$p/comm"
known "note stat ends after the fifth field, its name is 'a) R 1 (b'"

new damaged-auxv		# not a multiple of two words, no AT_NULL
head -c 21 "$base/proc/$pid/auxv" >"$p/auxv"
known "note auxv has 21 bytes"

new future-kernel		# what a later kernel may add; everything known counts as ever
edit "$p/smaps" '/^Rss:/ { print; print "Rss_Tagged:         1234 kB"; next }
	/^Pss_Dirty:/ { print; print "Pss_Dirty_Dirty:      56 kB"; next }
	/^THPeligible:/ { print "THPeligible:           7"; print "FolioOrders:    0:12 4:3 9:1"; next }
	/^VmFlags:/ { print "VmHistory:      a b c"; print $0 "zz q1 abc 9 pad=4096 "; next }
	{ sub(/\[vvar_vclock\]/, "[vvar_future]"); print }'
edit "$p/maps" '{ sub(/\[vvar_vclock\]/, "[vvar_future]"); print }'
edit "$p/smaps_rollup" '{ print } /^Rss:/ { print "Rss_Tagged:        14808 kB" }'
edit "$p/status" '{ print } /^VmSwap:/ { print "VmTagged:\t    4096 kB"; print "Mood:\tcheerful" }'
edit "$p/stat" '{ print $0, 77, 88 }'
edit "$p/limits" '{ print } /^Max pending/ { print "Max good ideas            3                    4                    ideas     " }'
edit "$t/proc/meminfo" '{ print } /^MemFree:/ { print "MemTagged:          4096 kB"; print "MemMood:        fine" }'
known_as_base

./facts.sh damaged-* future-kernel
