#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The views of page frames with each set of privileges: what the kernel shows is reported, and for
# what it hides there is null and a word on what would help. What it shows is asked with head and dd.
# shellcheck disable=SC2016,SC2153 # other shells' and jq's variables; MEMMAP is the environment's
. "$(dirname "$0")/lib.sh"
need_root
need setpriv dd

chmod 755 "$WORK"
mkdir "$WORK/bin" && cp "$TARGETS/layout" "$MEMMAP" "$WORK/bin/" && chmod -R 755 "$WORK/bin"
memmap=$WORK/bin/$(basename "$MEMMAP")
USER_ID=65534
setpriv --reuid=$USER_ID --regid=$USER_ID --clear-groups "$memmap" --version >/dev/null 2>&1 ||
	skip "memmap cannot be run as another user here"
DOC=$WORK/doc.json
page_size=$(getconf PAGESIZE)

start_command setpriv --reuid=$USER_ID --regid=$USER_ID --clear-groups "$WORK/bin/layout" || finish
own=$PID
start_command setpriv --reuid=1234 --regid=1234 --clear-groups "$WORK/bin/layout" || finish
other=$PID

# entries PID: "START PAGES PRESENT" for each mapping of user space, counted by dd, od and awk.
entries() {
	local range rest start pages
	while read -r range rest; do
		start=$((0x${range%-*}))
		# the vsyscall page lies above what pagemap has
		[ "$start" -gt 0 ] || continue
		pages=$(((0x${range#*-} - start) / page_size))
		printf '%x %d ' "$start" "$pages"
		dd if="/proc/$1/pagemap" bs=8 skip=$((start / page_size)) count=$pages status=none |
			od -A n -v -t x8 -w8 | grep -c '^ [89a-f]'
	done <"/proc/$1/maps"
}

for target in $own $other; do
	entries "$target" >"$WORK/entries.$target"
	json "$WORK/root.$target" --pages "$target" || finish
done
check "no entries were found" test "$(awk '{ n += $3 } END { print n }' "$WORK/entries.$own")" -gt 50

# Sets WHO, AS: the command that gives the capabilities of the list ("sys_ptrace perfmon").
become() {
	local list=-all capability
	for capability in $1; do
		list+=,+$capability
	done
	WHO="${1:-no capability}"
	AS=(setpriv --reuid="$USER_ID" --regid="$USER_ID" --clear-groups "--inh-caps=$list" "--ambient-caps=$list")
}

can() {
	"${AS[@]}" "$@" >/dev/null 2>&1 </dev/null
}

# report PID OPTION...: memmap's document; it must succeed without a word.
report() {
	RC=0
	"${AS[@]}" "$memmap" --json "${@:2}" "$1" >"$DOC" 2>"$ERR" </dev/null || RC=$?
	same "$WHO: status" 0 "$RC"
	[ ! -s "$ERR" ] || fail_with "$WHO: something on stderr" <"$ERR"
	jq -e '.processes | length == 1' "$DOC" >/dev/null || fail "$WHO: no document"
}

# holds TEXT FILTER: the filter must give true for the process.
holds() {
	check "$WHO: $1" jq -e ".processes[0] | $2" "$DOC" >/dev/null
}

# asks_for NAME WHAT: the note on what is missing names this capability as what is needed.
asks_for() {
	holds "$1 is not named as needed for $2" \
		"[.unavailable[] | select(.what | test(\"$2\")) | .needs // \"\"] | any(test(\"$1\\\\b\"))"
}

frames_are_null='.pages | [.runs, .longest_run, .flags, .flag_words, .folios, .map_counts, .nodes, .ksm] |
	all(. == null)'

# What does the kernel show? Sets the letters in SHOWN: m smaps, p pagemap, f frame numbers, k kpage*.
look() {
	local entry page stack
	SHOWN=
	! can head -c 1 "/proc/$1/smaps" || SHOWN+=m
	# where the target's stack begins, as root sees it; that page is always there
	stack=$(awk '$6 == "[stack]" { sub(/.*-/, "", $1); print $1 }' "/proc/$1/maps")
	page=$((0x$stack / page_size - 1))
	if can dd "if=/proc/$1/pagemap" bs=8 skip=$page count=1; then
		SHOWN+=p
		entry=$("${AS[@]}" dd "if=/proc/$1/pagemap" bs=8 skip=$page count=1 status=none | od -A n -t d8)
		[ $((entry & ((1 << 55) - 1))) -eq 0 ] || SHOWN+=f
	fi
	! can head -c 8 /proc/kpageflags || ! can head -c 8 /proc/kpagecount || SHOWN+=k
}

check_states() {
	awk '{ mapped += $2; present += $3 } END { print mapped; print present }' "$WORK/entries.$1" >"$WORK/want"
	jq '.processes[0].pages | .total, .present' "$DOC" >"$WORK/have"
	same_files "$WHO: pages mapped and present" "$WORK/want" "$WORK/have"
	awk '{ print "0x" $1, $3 }' "$WORK/entries.$1" | grep -v '^0xf' >"$WORK/want"
	jq -r '.processes[0].mappings[] | "\(.start) \(.pages.present)"' "$DOC" | grep -v '^0xf' >"$WORK/have"
	same_files "$WHO: pages present in each mapping" "$WORK/want" "$WORK/have"
}

# as_root PID FILTER TEXT: the same answer as root gets.
as_root() {
	same "$WHO: $3" "$(jq -c ".processes[0].pages | $2" "$WORK/root.$1")" \
		"$(jq -c ".processes[0].pages | $2" "$DOC")"
}

check_pages() {
	report "$1" --pages
	case $SHOWN in
	*m*)
		same "$WHO: mappings" "$(wc -l <"/proc/$1/maps")" "$(jq '.processes[0].mappings | length' "$DOC")" ;;
	*)
		holds "mappings although smaps is closed" '.mappings == null and .pages == null'
		asks_for CAP_SYS_PTRACE mappings
		return ;;
	esac
	case $SHOWN in
	*p*)
		check_states "$1"
		as_root "$1" '[.swapped, .guard, .untouched]' "page states" ;;
	*)
		holds "pages although pagemap is closed" '.pages == null and all(.mappings[]; .pages == null)'
		asks_for CAP_DAC_READ_SEARCH pages
		return ;;
	esac
	case $SHOWN in
	*fk*)
		as_root "$1" '[.runs, .longest_run, .ksm, (.folios | map(.pages) | add), (.flags | .anon, .mmap)]' frames
		holds "notes though all is shown" '[.unavailable[].what] | all(test("page") | not)'
		as_root "$1" '.hidden' "pages without a frame number" ;;
	*f*)
		holds "flags although kpageflags is closed" \
			'.pages | [.flags, .flag_words, .folios, .ksm] | all(. == null)'
		as_root "$1" '[.runs, .longest_run]' "contiguity"
		asks_for CAP_DAC_READ_SEARCH "page frames" ;;
	*)
		holds "frames although their numbers are hidden" "$frames_are_null"
		holds "frames of mappings" "all(.mappings[]; .pages == null or ($frames_are_null))"
		holds "hidden pages are not counted" '.pages | .hidden == .present'
		asks_for CAP_SYS_ADMIN "page frames" ;;
	esac
}

# The other views: they may have less to say, but must not fail or make things up.
check_others() {
	local heap
	heap=$(awk '$6 == "[heap]" { sub(/-.*/, "", $1); print $1 }' "/proc/$1/maps")
	if "$memmap" --help | grep -q -e '--translate'; then
		report "$1" --translate "0x$heap"
		case $SHOWN in
		*p*f*) holds "translate: no frame" '.translations[0] | .state == "present" and .pfn > 0' ;;
		*p*) holds "translate: a hidden frame" \
			'.translations[0] | .state == "present" and .pfn == null and .physical == null and .frame == null'
			asks_for CAP_SYS_ADMIN "page frames" ;;
		*) holds "translate: a frame although pagemap is closed" \
			'(.translations // [{}])[0] | .pfn == null and .entry == null' ;;
		esac
	fi
	if "$memmap" --help | grep -q -e '--huge'; then
		report "$1" --huge
		case $SHOWN in
		*m*p*fk*) holds "huge: not known" '.huge.sizes != null' ;;
		*m*) ;;
		*) holds "huge: known although smaps is closed" '.huge == null' ;;
		esac
	fi
	if "$memmap" --help | grep -q -e '--numa'; then
		report "$1" --numa
		case $SHOWN in
		*m*) ;;
		*) holds "numa: known although numa_maps is closed" '.numa == null' ;;
		esac
	fi
}

# ---- as KERNEL.md's section 2 has it: capabilities one by one and together ----------------------
seen=
for capabilities in "" sys_ptrace perfmon dac_read_search sys_admin "sys_ptrace dac_read_search" \
	"perfmon dac_read_search" "sys_ptrace sys_admin" "sys_admin dac_read_search" \
	"sys_ptrace dac_read_search sys_admin"; do
	become "$capabilities"
	can true || { echo "note: no $capabilities here"; continue; }
	for target in $own $other; do
		look "$target"
		if [ "$target" = "$own" ]; then WHO="${capabilities:-no capability}, own process"
		else WHO="${capabilities:-no capability}, other user's process"; fi
		check_pages "$target"
		check_others "$target"
		seen+=" $SHOWN."
	done
done
# each case must have been among them, or the test tells nothing
for case in mp mpf mpfk mpk m k ""; do
	check "no privileges show '$case': $seen" grep -q " $case\\." <<<"$seen"
done

# ---- in words ----------------------------------------------------------------------------------
become ""
"${AS[@]}" "$memmap" --pages "$own" >"$OUT" 2>"$ERR"
check "own process: the note does not name CAP_SYS_ADMIN" grep -q 'needs.*CAP_SYS_ADMIN' "$OUT"
check "own process: no table" grep -q '\[stack\]' "$OUT"
check "own process: hidden frames are no zeros" \
	awk '/^start / { for (i = 1; i <= NF; i++) if ($i == "runs") col = i }
		/\[stack\]/ { found = $col == "-" } END { exit !found }' "$OUT"
"${AS[@]}" "$memmap" --pages "$other" >"$OUT" 2>"$ERR"
same "other user's process: status" 0 $?
check "other user's process: the note does not name CAP_SYS_PTRACE" grep -q 'needs.*CAP_SYS_PTRACE' "$OUT"
same "other user's process: rows of mappings" 0 "$(grep -c '\[stack\]' "$OUT")"

# ---- root without power over others: in a user namespace ------------------------------------------
if unshare -Ur true 2>/dev/null; then
	become ""
	AS+=(unshare -Ur)
	WHO="root of a user namespace, own process outside"
	look "$own"
	check_pages "$own"
	WHO="root of a user namespace, other user's process"
	look "$other"
	check_pages "$other"
	# root's own uid may read kpageflags there, but no frame numbers
	AS=(unshare -Ur)
	start_command "$WORK/bin/layout" || finish
	entries "$PID" >"$WORK/entries.$PID"
	json "$WORK/root.$PID" --pages "$PID"
	WHO="root in a user namespace"
	look "$PID"
	check_pages "$PID"
fi

finish
