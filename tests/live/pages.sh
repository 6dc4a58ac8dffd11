#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The census of page frames against a program that counts page by page, against smaps, and against
# what targets with a known history say of themselves.
. "$(dirname "$0")/lib.sh"
need_root
"$MEMMAP" --help 2>/dev/null | grep -q -e --pages || skip "no --pages yet"
[ -x "$TARGETS/count" ] || skip "count is not built"
[ -r /proc/kpageflags ] || skip "no /proc/kpageflags"

numbers="total present swapped zero guard exclusive shared untouched file"
frame_numbers="markers migration hidden runs longest_run"
thp=/sys/kernel/mm/transparent_hugepage
ksm=/sys/kernel/mm/ksm

# Files that this test's own programs map: who maps them changes while it looks.
common=$({
	readlink -f "$MEMMAP" "$TARGETS/count"
	ldd "$MEMMAP" "$TARGETS/count" 2>/dev/null | grep -o '/[^ ]*' | xargs -r readlink -f
	printf '%s\n' '[vdso]' /usr/lib/locale/ /usr/lib64/gconv/ /usr/lib/*/gconv/
} | jq -R . | jq -sc .)

# ---- against the witness ------------------------------------------------------------------

# compare_pages NUMBERS FRAMES: $WORK/process.json and the two counts around it, see census.jq.
compare_pages() {
	jq -n --slurpfile before "$WORK/before.json" --slurpfile after "$WORK/after.json" \
		--slurpfile memmap "$WORK/process.json" --arg keys "$1" --argjson frames "$2" \
		--argjson common "$common" -f "$LIVE/census.jq" >"$WORK/compared" 2>"$ERR"
}

# compare_once PID: one look between two of the witness; the result is in $WORK/compared.
compare_once() {
	"$TARGETS/count" "$1" >"$WORK/before.json" 2>/dev/null || return
	run --json --pages "$1"
	mv "$OUT" "$WORK/full.json"
	"$TARGETS/count" "$1" >"$WORK/after.json" 2>/dev/null || return
	if [ "$RC" -ne 0 ]; then
		fail_with "memmap --pages $1 ended with status $RC" <"$ERR"
		return 1
	fi
	jq -c '.processes[0]' "$WORK/full.json" >"$WORK/process.json"
	if ! compare_pages "$numbers $frame_numbers" true; then
		fail_with "$1: cannot be compared" <"$ERR"
		return 1
	fi
}

# against_witness PID TEXT: what is not the same before and after is not compared. Pages of
# libraries change hands whenever a process starts or ends anywhere, and may do so twice; a
# difference counts when it is there at every look.
compared=0
moving=0
against_witness() {
	local try
	for try in 1 2 3 4 5; do
		compare_once "$1" || return
		jq -r '.differences[] | sub(": [^:]*$"; ": ")' "$WORK/compared" | sort >"$WORK/now"
		if [ "$try" -eq 1 ]; then
			mv "$WORK/now" "$WORK/always"
		else
			comm -12 "$WORK/now" "$WORK/always" >"$WORK/both"
			mv "$WORK/both" "$WORK/always"
		fi
		[ -s "$WORK/always" ] || break
	done
	compared=$((compared + 1))
	if [ "$(jq '.moving' "$WORK/compared")" -ne 0 ]; then
		moving=$((moving + 1))
	fi
	if [ -s "$WORK/always" ]; then
		jq -r '.differences[]' "$WORK/compared" | grep -F -f "$WORK/always" | fail_with "$1 ($2)" 30
	else
		pass
	fi
}

# ---- against smaps ------------------------------------------------------------------------

# Resident pages of all mappings, swapped ones of anonymous memory: swapped shared memory leaves
# nothing in the page table.
# shellcheck disable=SC2016 # jq's variables
smaps_compare='
def number: ltrimstr("0x") | sub("^0+(?=.)"; "");
$memmap[0].machine.page_size as $page |
($memmap[0].processes[0].mappings | map({ key: (.start | number), value: .pages }) | from_entries) as $pages |
.mappings[] | (.start | number) as $start | $pages[$start] as $p | select($p != null) |
(if .vm_flags | index("ht") then (.private_hugetlb + .shared_hugetlb) else .rss end) as $resident |
(if $resident == ($p.present - $p.zero) * $page then empty
 else "\($start): smaps \($resident) bytes, memmap \($p.present) present, \($p.zero) zero" end),
(if .raw_name_hex != "" or .swap == $p.swapped * $page then empty
 else "\($start): smaps swap \(.swap) bytes, memmap \($p.swapped) swapped" end)'

against_smaps() {
	smaps_json "$1" >"$WORK/smaps.json"
	json "$WORK/full.json" --pages "$1" || return
	if ! jq -r --slurpfile memmap "$WORK/full.json" "$smaps_compare" "$WORK/smaps.json" \
		>"$WORK/differences" 2>&1; then
		fail_with "$1 ($2): cannot be compared with smaps" <"$WORK/differences"
	elif [ -s "$WORK/differences" ]; then
		fail_with "$1 ($2) and smaps" <"$WORK/differences"
	else
		pass
	fi
}

# ---- against the target's own word --------------------------------------------------------

# compare TEXT FACTS KEYS FILE
expected() {
	jq -f "$LIVE/by-name.jq" "$4" >"$WORK/by-name.json"
	if ! jq -r --rawfile expect "$OUTPUT" --arg facts "$2" --arg keys "$3" \
		-f "$LIVE/expect.jq" "$WORK/by-name.json" >"$WORK/differences" 2>&1; then
		fail_with "$1: cannot be compared" <"$WORK/differences"
	elif [ -s "$WORK/differences" ]; then
		fail_with "$1" <"$WORK/differences"
	else
		pass
	fi
}

as_expected() {
	"$TARGETS/count" "$1" >"$WORK/count.json"
	expected "$2 itself, as counted" kernel dotted "$WORK/count.json"
	json "$WORK/full.json" --maps --pages "$1" || return
	jq '.processes[0]' "$WORK/full.json" >"$WORK/process.json"
	expected "$2" memmap all "$WORK/process.json"
}

# history NAME [ARGUMENT...]: a target, and its child where it has one.
history() {
	local child pid
	start_target frames "$@" || return
	pid=$PID
	as_expected "$pid" "$*"
	against_witness "$pid" "$*"
	against_smaps "$pid" "$*"
	child=$(sed -n 's/^child //p' "$OUTPUT")
	if [ -n "$child" ]; then
		against_witness "$child" "child of $*"
		[ "$1" != fork ] || as_expected "$child" "child of $*"
	fi
	stop_target "$pid"
}

# ---- what needs nothing -------------------------------------------------------------------
mkdir "$WORK/files"
for name in touch protnone read zero marker fork guard mlock; do
	history "$name"
done
# in units of 64 GiB: 1 TiB takes the witness some seconds, and much longer in an emulator
history reserve "${RESERVE:-4}"
# Small ones may be read in another way.
for name in touch zero guard; do
	history $name 8
done
history file 256 "$WORK/files"
history file 256 /dev/shm

# Pagemap ends where user space does.
if grep -q 'vsyscall' "/proc/$$/maps" && json "$WORK/full.json" --pages $$; then
	same "pages of what is not in user space" null \
		"$(jq -c '.processes[0].mappings[] | select(.path == "[vsyscall]").pages' "$WORK/full.json")"
fi

# ---- huge pages ---------------------------------------------------------------------------
pool_of() {
	local pool=/sys/kernel/mm/hugepages/hugepages-$(($1 / 1024))kB/nr_hugepages
	if ! [ -w "$pool" ]; then
		echo "note: no huge pages of $(($1 / 1048576)) MiB on this machine"
		return 1
	fi
	setting "$pool" $(($(cat "$pool") + $2))
}
if pool_of 2097152 8; then
	history hugetlb 4 2097152
fi
if pool_of 1073741824 2; then
	history hugetlb 2 1073741824
fi

if [ -w $thp/enabled ]; then
	# or khugepaged fills the holes again
	setting $thp/khugepaged/max_ptes_none 0
	setting $thp/enabled madvise
	[ ! -e $thp/hugepages-2048kB/enabled ] || setting $thp/hugepages-2048kB/enabled inherit
	history thp
	setting $thp/shmem_enabled advise
	[ ! -e $thp/hugepages-2048kB/shmem_enabled ] || setting $thp/hugepages-2048kB/shmem_enabled inherit
	history memfd
	if [ -e $thp/hugepages-64kB/enabled ]; then
		for file in "$thp"/hugepages-*kB/enabled; do
			setting "$file" never
		done
		for size in 64 16; do
			setting $thp/hugepages-${size}kB/enabled madvise
			history mthp 64 $((size * 1024))
			echo never >$thp/hugepages-${size}kB/enabled
		done
	else
		echo "note: no folios of other sizes (Linux 6.8)"
	fi
else
	echo "note: no transparent huge pages on this kernel"
fi

# ---- merged pages -------------------------------------------------------------------------
if [ -w $ksm/run ]; then
	setting $ksm/sleep_millisecs 1
	setting $ksm/pages_to_scan 1000
	setting $ksm/run 1
	# Kernels from 6.10 on set the flag for all anonymous pages, until that was repaired in 6.18.
	if start_target frames touch && "$TARGETS/count" "$PID" >"$WORK/count.json" &&
		jq -e '.pages.flags.ksm > 0' "$WORK/count.json" >/dev/null; then
		echo "note: the KSM flag of this kernel is wrong"
		same "KSM pages where the flag is wrong" null \
			"$(json "$WORK/full.json" --pages "$PID" && jq '.processes[0].pages.ksm' "$WORK/full.json")"
		history ksm 200 everywhere
	else
		history ksm
	fi
else
	echo "note: no KSM on this kernel"
fi

# ---- swap ---------------------------------------------------------------------------------
if swap_on_zram; then
	history swap
	history swapshm
fi

# ---- other targets and other processes ----------------------------------------------------
for target in layout threads "shared $WORK/files" "many 5000 anon 500" "many 2000 file 500 $WORK/files"; do
	# shellcheck disable=SC2086
	if start_target $target; then
		against_witness "$PID" "$target"
		against_smaps "$PID" "$target"
		stop_target "$PID"
	fi
done

looked=0
for directory in /proc/[0-9]*; do
	pid=${directory#/proc/}
	[ "$looked" -lt "${PROCESSES:-12}" ] || break
	if [ "$pid" -eq 1 ] || [ "$pid" -eq $$ ]; then
		continue
	fi
	# Not kernel threads; reading terabytes of empty entries takes the witness too long.
	size=$(sed -n 's/^VmSize:[^0-9]*\([0-9]*\) kB/\1/p' "$directory/status" 2>/dev/null)
	if [ -z "$size" ] || [ "$size" -gt $((64 << 20)) ] || ! cat "$directory/maps" >/dev/null 2>&1; then
		continue
	fi
	looked=$((looked + 1))
	against_witness "$pid" "$(tr -cd '[:print:]' 2>/dev/null <"$directory/comm")"
done
echo "$compared processes compared, in $moving of them something changed meanwhile"

# ---- an ordinary user ---------------------------------------------------------------------
ordinary() {
	setpriv --reuid=65534 --regid=65534 --clear-groups "$@"
}

# Page states are as the witness counted them with all privileges; frames are hidden.
unprivileged() {
	start_command setpriv --reuid=65534 --regid=65534 --clear-groups "$TARGETS/frames" "$@" || return
	"$TARGETS/count" "$PID" >"$WORK/before.json"
	if ! ordinary "$MEMMAP" --json --pages "$PID" >"$WORK/full.json" 2>"$ERR"; then
		fail_with "ordinary user, $*" <"$ERR"
		return
	fi
	"$TARGETS/count" "$PID" >"$WORK/after.json"
	jq -c '.processes[0]' "$WORK/full.json" >"$WORK/process.json"
	compare_pages "$numbers" false || fail_with "ordinary user, $*: cannot be compared" <"$ERR"
	jq -r '.differences[]' "$WORK/compared" >"$WORK/differences"
	if [ -s "$WORK/differences" ]; then
		fail_with "ordinary user, $*" <"$WORK/differences"
	else
		pass
	fi
	same "ordinary user, $*: what needs frames" '[null,null,null,null,null,null,null]' \
		"$(jq -c '.pages | [.flags, .flag_words, .folios, .runs, .longest_run, .map_counts, .nodes]' \
			"$WORK/process.json")"
	same "ordinary user, $*: all frames are hidden" true \
		"$(jq '.pages | .hidden == .present and .hidden > 0' "$WORK/process.json")"
	check "ordinary user, $*: CAP_SYS_ADMIN is not named in unavailable" \
		jq -e 'any(.unavailable[]; .needs | tostring | contains("CAP_SYS_ADMIN"))' "$WORK/process.json" >/dev/null
	ordinary "$MEMMAP" --color=never --pages "$PID" >"$OUT" 2>"$ERR"
	check "ordinary user, $*: CAP_SYS_ADMIN is not named in the text" grep -q CAP_SYS_ADMIN "$OUT"
	stop_target "$PID"
}
if command -v setpriv >/dev/null; then
	for name in touch zero fork guard marker; do
		unprivileged "$name"
	done
else
	echo "note: no setpriv"
fi

finish
