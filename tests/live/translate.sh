#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# --translate against the kernel's own files, read here with dd, and against what the target did.
. "$(dirname "$0")/lib.sh"
need_root
need dd getconf
if ! "$MEMMAP" --help | grep -q -e --translate; then
	skip "memmap has no --translate"
fi
PAGE=$(getconf PAGESIZE)

# word FILE INDEX: the 64-bit word, in hexadecimal; nothing at the end of the file.
word() {
	dd if="$1" bs=8 skip="$2" count=1 2>/dev/null | od -An -v -t x8 | tr -d ' '
}

# entry PID ADDRESS (without 0x)
entry() {
	word "/proc/$1/pagemap" $((0x$2 / PAGE))
}

# frame_of PID ADDRESS: the frame number, decimal; 0 if there is none.
frame_of() {
	local e
	e=0x$(entry "$1" "$2")
	[ $(((e >> 63) & 1)) = 1 ] && echo $((e & 0x7fffffffffffff)) || echo 0
}

flags_of() {
	echo $((0x$(word /proc/kpageflags "$1")))
}

# plus ADDRESS BYTES: hexadecimal, without 0x.
plus() {
	printf '%x' $((0x$1 + $2))
}

# translate PID ADDRESS...: the array, in $WORK/t.json.
translate() {
	local pid=$1 list
	shift
	list=$(printf '0x%s,' "$@")
	json "$WORK/document.json" --translate "${list%,}" "$pid" || return 1
	jq -c '.processes[0].translations' "$WORK/document.json" >"$WORK/t.json"
}

# get FILTER: from the array.
get() {
	jq -r "$1" "$WORK/t.json"
}

load_facts() {
	local key value
	FACT=()
	while read -r key value; do
		[ "$key" = fact ] && FACT[${value%%=*}]=${value#*=}
	done <"$OUTPUT"
}
declare -A FACT

# check_frame TEXT PID ADDRESS: all that one page's entry and frame say.
check_frame() {
	local text=$1 pid=$2 address=$3 pfn offset zone flags turns
	offset=$((0x$address % PAGE))
	pfn=$(frame_of "$pid" "$address")
	[ "$pfn" -ne 0 ] || { fail "$text: the target's page has no frame"; return 1; }
	# anybody on this machine may change flags, say by marking all pages idle
	for ((turns = 0; turns < 10; turns++)); do
		flags=$(flags_of "$pfn")
		translate "$pid" "$address" || return 1
		[ "$flags" != "$(flags_of "$pfn")" ] || break
	done
	same "$text: frame" "$pfn" "$(get '.[0].pfn')"
	same "$text: physical" "$(printf '0x%x' $((pfn * PAGE + offset)))" "$(get '.[0].physical')"
	same "$text: state" present "$(get '.[0].state')"
	same "$text: entry" "$((0x$(entry "$pid" "$address")))" "$(($(get '.[0].entry')))"
	same "$text: flags" "$flags" "$(($(get '.[0].frame.flags')))"
	same "$text: map count" "$((0x$(word /proc/kpagecount "$pfn")))" \
		"$(get '.[0].frame.map_count')"
	same "$text: cgroup number" "$((0x$(word /proc/kpagecgroup "$pfn")))" \
		"$(get '.[0].frame.cgroup_inode')"
	zone=$(awk -v pfn="$pfn" '
		/^Node/ { node = $2 + 0; zone = $4 }
		$1 == "spanned" { spanned = $2 }
		$1 == "start_pfn:" && pfn >= $2 && pfn < $2 + spanned { print zone, node }
		' /proc/zoneinfo)
	same "$text: zone and node" "$zone" "$(get '.[0].frame | "\(.zone) \(.node)"')"
	same "$text: reason" null "$(get '.[0].reason')"
	check_levels "$text"
}

# check_levels TEXT: the indices, cut out of the address here, for x86-64 with 4 levels.
check_levels() {
	local a wanted
	[ "$(uname -m)" = x86_64 ] || return 0
	grep -qw la57 /proc/cpuinfo && return 0
	a=$(($(get '.[0].address')))
	wanted="PGD $(((a >> 39) & 511)) PUD $(((a >> 30) & 511)) PMD $(((a >> 21) & 511)) PTE $(((a >> 12) & 511))"
	same "$1: levels" "$wanted" "$(get '[.[0].levels[] | "\(.name) \(.index)"] | join(" ")')"
	same "$1: offset" $((a & 4095)) "$(get '.[0].offset')"
}

check_pages() {
	local text=$1 pid=$2 child=${FACT[child]}

	# one page, mapped by two processes at two places
	check_frame "$text: shared" "$pid" "$(plus "${FACT[shared]}" 0x123)"
	local pfn
	pfn=$(get '.[0].pfn')
	same "$text: shared: leaf" "$PAGE" "$(get '.[0].leaf_size')"
	check_frame "$text: shared, by the child" "$child" "${FACT[shared_child]}"
	same "$text: one frame for both" "$pfn" "$(get '.[0].pfn')"
	# fork does not copy entries that a page fault can make again, so the child has one
	same "$text: map count" 2 "$(get '.[0].frame.map_count')"

	# a page from before fork, and one that was written since
	translate "$pid" "${FACT[same]}" "${FACT[copied]}" && pfn=$(get '[.[].pfn] | join(" ")')
	translate "$child" "${FACT[same]}" "${FACT[copied]}"
	same "$text: not written since fork" "${pfn% *}" "$(get '.[0].pfn')"
	same "$text: mapped twice" 2 "$(get '.[0].frame.map_count')"
	[ "${pfn#* }" != "$(get '.[1].pfn')" ] || fail "$text: a copy has its parent's frame"
	same "$text: copied, mapped once" 1 "$(get '.[1].frame.map_count')"
	same "$text: exclusive" "false true" \
		"$(get '[.[].entry_bits.exclusive | tostring] | join(" ")')"
	check_frame "$text: copied" "$child" "${FACT[copied]}"

	check_cgroup "$text" "$child"
	check_nothing "$text" "$pid"
	check_symbols "$text" "$pid"
}

# The page of a process that was just written belongs to its cgroup.
check_cgroup() {
	local path
	path=$(awk -F: '$2 ~ /(^|,)memory(,|$)/ { print $3 }' "/proc/$2/cgroup")
	[ -n "$path" ] || path=$(awk -F: '$1 == 0 { print $3 }' "/proc/$2/cgroup")
	if [ "$(get '.[0].frame.cgroup_inode')" = 0 ]; then
		echo "note: this kernel has no memory cgroups"
	else
		same "$1: cgroup" "$path" "$(get '.[0].frame.cgroup')"
	fi
}

# reason TEXT NAME CODE: why there is no frame.
reason() {
	[ -n "${FACT[$2]:-}" ] || { echo "note: $1: $2 is not there"; return; }
	translate "$PID" "${FACT[$2]}" || return
	same "$1: $2" "$3" "$(get '.[0].reason_code')"
	same "$1: $2 has no frame" null "$(get '.[0].pfn')"
	[ "$(get '.[0].reason | length')" -gt 20 ] || fail "$1: $2: no words for it"
}

check_nothing() {
	reason "$1" untouched untouched
	reason "$1" no_access no-access
	reason "$1" end_of_file end-of-file
	reason "$1" cached cached
	reason "$1" guard guard
	same "$1: the hole behind a mapping" "${FACT[hole]}" "$(
		translate "$2" "${FACT[hole]}" && get '.[0] | select(.reason_code == "hole" and
			.state == "unmapped" and .mapping == null) | .hole.first[2:]')"
	same "$1: not canonical" not-canonical "$(
		translate "$2" 1234567812345678 && get '.[0].reason_code')"
	same "$1: kernel half" kernel "$(translate "$2" ffff888000000000 && get '.[0].reason_code')"
	same "$1: null pointer" null "$(translate "$2" 10 && get '.[0].reason_code')"
	if [ -n "${FACT[zero]:-}" ] &&
	   [ $((($(flags_of "$(frame_of "$2" "${FACT[zero]}")") >> 24) & 1)) = 1 ]; then
		translate "$2" "${FACT[zero]}"
		same "$1: zero page" "present true" "$(get '.[0] | "\(.state) \(.zero_page)"')"
	else
		echo "note: this kernel puts real pages where the zero page is asked for"
	fi
}

check_symbols() {
	translate "$2" "$(plus "${FACT[function]}" 3)" "$(plus "${FACT[variable]}" 8)" "${FACT[bss]}"
	same "$1: symbols" "translate_known_function+3 translate_known_variable+8 translate_known_bss+4000" \
		"$(get '[.[].symbol | "\(.name)+\(.offset)"] | join(" ")')"
}

# Neighbours in a huge page differ by their offset, and by nothing else.
check_huge() {
	local text=$1 pid=$2 base=$3 other first
	other=$(plus "$base" $((0x123456)))
	check_frame "$text" "$pid" "$other" || return
	same "$text: leaf" "2097152 PMD" "$(get '.[0] | "\(.leaf_size) \(.leaf_level)"')"
	same "$text: folio" "512 9 $((0x123))" "$(get '.[0].frame.folio | "\(.pages) \(.order) \(.page)"')"
	first=$(get '.[0].physical')
	translate "$pid" "$base"
	same "$text: by offset alone" $((0x123456)) $((first - $(get '.[0].physical')))
	same "$text: first page" 0 "$(get '.[0].frame.folio.page')"
	# one run
	translate "$pid" "$base-$(plus "$base" 0x200000)"
	same "$text: as a range" "512 2097152 present" \
		"$(get '.[0].runs[] | "\(.pages) \(.folio_size) \(.state)"')"
}

# What does not change while a page is mapped: uptodate mmap anon swapbacked huge thp.
LASTING=0x425808

# check_range TEXT PID LOW PAGES: runs tile the range, and each is as the kernel's files say.
check_range() {
	local text=$1 pid=$2 low=$3 pages=$4 at end start n state first last_pfn flags e bad=0
	at=$((0x$low))
	end=$((at + pages * PAGE))
	translate "$pid" "$low-$(printf '%x' $end)" || return
	get '.[0].runs[] | "\(.start) \(.pages) \(.state) \(.first_pfn) \(.last_pfn) \(.flags)"' \
		>"$WORK/runs"
	while read -r start n state first last_pfn flags; do
		[ $((start)) -eq $at ] || bad=$((bad + 1))
		at=$((start + n * PAGE))
		case $state in
		present)
			e=$(printf '%x' $((start)))
			[ "$(frame_of "$pid" "$e")" = "$first" ] || bad=$((bad + 1))
			[ $(($(flags_of "$first") & LASTING)) = $((flags & LASTING)) ] || bad=$((bad + 1))
			e=$(printf '%x' $((at - PAGE)))
			[ "$(frame_of "$pid" "$e")" = "$last_pfn" ] || bad=$((bad + 1)) ;;
		untouched)
			e=$(entry "$pid" "$(printf '%x' $((start)))")
			[ $((0x$e & ~(1 << 55))) = 0 ] || bad=$((bad + 1)) ;;
		unmapped) ;;
		*) bad=$((bad + 1)) ;;
		esac
	done <"$WORK/runs"
	same "$text: ends where it should" $end $at
	if [ $bad -gt 0 ]; then
		fail_with "$text: $bad differences" <"$WORK/runs"
	fi
}

# pages_in STATE: how many pages of the range are so.
pages_in() {
	awk -v state="$1" '$3 == state { n += $2 } END { print n + 0 }' "$WORK/runs"
}

pool=/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages
[ -w $pool ] && setting $pool $(($(cat $pool) + 2))
thp=/sys/kernel/mm/transparent_hugepage/enabled
if [ -w $thp ] && grep -q '\[never\]' $thp; then
	UNDO+=("echo never >$thp")
	echo madvise >$thp
fi

if start_target translate-pages "$WORK/file"; then
	load_facts
	FACT[hole]=$(plus "${FACT[stripes]}" $((7 * PAGE)))
	check_pages pages "$PID"
	check_range stripes "$PID" "${FACT[stripes]}" 16
	same "stripes: pages with frames" 8 "$(pages_in present)"
	same "stripes: pages without" 7 "$(pages_in untouched)"
	same "stripes: a page is not mapped" 1 "$(pages_in unmapped)"
	# a file's pages often lie in consecutive frames
	read -r low high < <(sed -nE 's/^([0-9a-f]+)-([0-9a-f]+) r-xp .*\/libc[.-].*/\1 \2/p' "/proc/$PID/maps")
	check_range libc "$PID" "$low" $(((0x$high - 0x$low) / PAGE))
	if [ "$PAGE" != 4096 ]; then
		echo "note: huge pages are tested with pages of 4 KiB only"
	else
		# did the kernel give one?
		pfn=$(frame_of "$PID" "${FACT[thp]}")
		if [ $((pfn % 512)) = 0 ] && [ $((($(flags_of "$pfn") >> 22) & 1)) = 1 ]; then
			check_huge thp "$PID" "${FACT[thp]}"
		else
			echo "note: no transparent huge page was to be had"
		fi
		if [ -n "${FACT[hugetlb]:-}" ]; then
			check_huge hugetlb "$PID" "${FACT[hugetlb]}"
		else
			echo "note: no huge page in the pool"
		fi
	fi

	# text: the words, and no line is wider than 80 columns
	run_ok --translate "0x${FACT[shared]},0x${FACT[guard]:-0},0x${FACT[untouched]}" "$PID"
	for word in 'physical address 0x' 'CR3' 'CR3.*│' 'PGD' 'zone ' 'swapbacked' 'Never touched'; do
		[ "$(uname -m)" = x86_64 ] || [ "${word#CR3}" = "$word" ] || continue
		grep -q "$word" "$OUT" || fail_with "text: no '$word'" 60 <"$OUT"
	done
	grep -vE '^[^ ]|mapping' "$OUT" | grep -E '.{81,}' >"$WORK/wide"
	[ ! -s "$WORK/wide" ] || fail_with "text: lines wider than 80 columns" <"$WORK/wide"
	run_ok --ascii --translate "0x${FACT[shared]}" "$PID"
	if LC_ALL=C grep -q '[^ -~]' "$OUT"; then
		fail_with "--ascii: other characters" <"$OUT"
	fi

	# an ordinary user, on a process of his own: entries but no frames
	if command -v setpriv >/dev/null; then
		user=(setpriv --reuid 65534 --regid 65534 --clear-groups)
		start_program "${user[@]}" sleep 600
		own=$PID
		for ((turns = 0; turns < 500; turns++)); do
			[ "$(cat "/proc/$own/comm")" = sleep ] && break
			sleep 0.01
		done
		stack=$(awk '/\[stack\]/ { sub(/.*-/, "", $1); print $1 }' "/proc/$own/maps")
		stack=$(plus "$stack" -16)
		"${user[@]}" "$MEMMAP" --json --translate "0x$stack" "$own" >"$OUT" 2>"$ERR" || fail_with "as a user" <"$ERR"
		same "as a user" "present true null null null 4096" "$(jq -r '.processes[0].translations[0] |
			"\(.state) \(.entry_bits.present) \(.pfn) \(.physical) \(.frame) \(.leaf_size)"' "$OUT")"
		jq -e '[.processes[0].unavailable[] | select(.needs | strings | test("CAP_SYS_ADMIN"))] | length > 0' \
			"$OUT" >/dev/null || fail "as a user: no word of CAP_SYS_ADMIN"
	fi
fi

# ---- usage -------------------------------------------------------------------

for wrong in '' zz 10- 20-10 10,,11 0x; do
	run --translate "$wrong" $$
	same "--translate '$wrong': status" 2 "$RC"
	grep -q -e '--translate' "$ERR" || fail_with "--translate '$wrong': no word of it" <"$ERR"
done
run --translate 10 --fast $$
same "--translate --fast" 2 "$RC"

# ---- a swap area -------------------------------------------------------------

if ! swap_on_zram; then
	:
elif start_target translate-pages "$WORK/file" swap; then
	load_facts
	e=$((0x$(entry "$PID" "${FACT[swapped]}")))
	if [ $(((e >> 62) & 3)) -ne 1 ]; then
		echo "note: the kernel did not push the page out"
	else
		reason swap swapped swapped
		same "swap: place" "$((e & 31)) $(((e & 0x7fffffffffffff) >> 5)) /dev/zram0" \
			"$(get '.[0].swap | "\(.type) \(.offset) \(.area)"')"
		translate "$PID" "${FACT[swapped]}-$(plus "${FACT[swapped]}" $((8 * PAGE)))"
		same "swap: as a range" "8" "$(get '[.[0].runs[] | select(.state == "swapped") | .pages] | add')"
	fi
	if [ $((0x$(entry "$PID" "${FACT[shmem_swapped]}"))) -eq 0 ]; then
		translate "$PID" "${FACT[shmem_swapped]}"
		case $(get '.[0].reason_code') in
		shmem-swapped) pass ;;
		shmem-untouched) echo "note: no cachestat(2): swapped shared memory is only suspected" ;;
		*) fail "swap: shared memory: $(get '.[0].reason_code')" ;;
		esac
	fi
	stop_target "$PID"
fi

finish
