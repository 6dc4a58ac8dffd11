#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# --capture: a tree that gives the report the live process gave, and that is whole or not there.
# shellcheck disable=SC2013,SC2153 # addresses have no blanks; lib.sh sets MEMMAP
. "$(dirname "$0")/lib.sh"
need_root

# where trees are made: nothing else is ever in it. In memory, if there is such a place: it is quicker.
place=$(mktemp -d /dev/shm/memmap-live-XXXXXX 2>/dev/null) || place=$(mktemp -d "$WORK/place-XXXXXX")
UNDO+=("rm -rf '$place'")
tree=$place/tree

# ---- the same report ----------------------------------------------------------------------

# Libraries of their own: how many processes map the usual ones changes all the time.
libraries=$WORK/lib
mkdir "$libraries"
ldd "$TARGETS/threads" "$TARGETS/shared" | grep -o '/[^ ]*' | grep -v ':$' | sort -u |
	xargs cp -L -t "$libraries"
loader=$(find "$libraries" -name 'ld*.so*' | head -n 1)

start_alone() {
	start_command env -i LC_ALL=C PATH="$PATH" "$loader" --library-path "$libraries" \
		"$TARGETS/$1" "${@:2}"
}

# All kinds but those whose pages every process has.
kinds=$("$MEMMAP" -k none 1 2>&1 | sed -n 's/.*there are: //p' | xargs -n 1 | grep -v '^v' | paste -sd ,)

# Something ages pages at any moment (DAMON, khugepaged, reclaim): flags are a document of their own.
without_flags() {
	sed -E '/^ +[0-9a-f]{16} /d; /^ +(idle|referenced|active|dirty|lru) /d; /flags/d;
		s/( [0-9]+[KMG]  )[A-Za-z]{2,12} +/\1 /'
}

# documents NAME ARGUMENT...: all views, without what tells the time or is the machine's
documents() {
	local to=$1
	shift
	{
		COLUMNS=80 "$MEMMAP" --summary --layout --maps --mm -X "$@"
		"$MEMMAP" --maps -r -o start,size,pss,policy,thread,object,name -k "$kinds" "$@"
	} 2>&1 | sed 's/   up [^ ]*/   up T/' >"$to.text"
	"$MEMMAP" --json --summary --layout --maps --mm --numa "$@" 2>&1 |
		jq -S 'del(.time, .processes[].cost, (.. | .memory_free?))' >"$to.json"
	"$MEMMAP" --huge --pages --translate="$addresses" -k "$kinds" "$@" 2>&1 |
		sed 's/   up [^ ]*/   up T/; /fragmentation\|free memory\|khugepaged\|pages_collapsed/d' | without_flags >"$to.pages"
	"$MEMMAP" --json --pages --translate="$addresses" -k "$kinds" "$@" 2>&1 |
		jq -S 'del(.time, .processes[].cost)' >"$to.all"
	jq -S 'del(.. | objects | .flags, .flag_words, .names)' "$to.all" >"$to.pages.json"
	jq -c '.. | objects | select(.flags) | [.start, .flags, .flag_words]' "$to.all" >"$to.flags"
}

# Addresses of a few pages that are there, and ranges, but none of the kernel's own mappings.
choose_addresses() {
	local range perms name low n=0
	addresses=
	# of pages that a PMD entry maps, if there are any: not each is that in a mapping that has some
	for low in $(awk '$1 ~ /^[0-9a-f]+-/ { split($1, at, "-"); low = at[1] }
		$1 == "AnonHugePages:" && $2 && low ~ /[02468ace]00000$/ { print low }' "/proc/$1/smaps"); do
		addresses+=,0x$low,$(printf '0x%x' $((0x$low + 0x200000)))
	done
	while read -r range perms _ _ _ name; do
		case $name in
		'[v'*) continue ;;
		'[stack]') addresses+=,$(printf '0x%x' $((0x${range#*-} - 16))) ;;
		*libc*) [[ $perms != *x* ]] || addresses+=,$(printf '0x%x' $((0x${range%-*} + 0x50000))) ;;
		esac
		((n++ % 7)) || addresses+=,0x${range%-*}-0x${range#*-}
	done <"/proc/$1/maps"
	addresses=${addresses#,}
}

# compare NAME PID: the machine does not stand still, so a document that was the same before and
# after the capture must be the same from the tree; once is enough.
compare() {
	local name=$1 pid=$2 document left="text json pages pages.json flags" now
	declare -A wrong=()
	LIMIT=$((LIMIT + 2))
	kill -STOP "$pid"
	choose_addresses "$pid"
	for _ in 1 2 3 4 5; do
		[ -n "$left" ] || break
		rm -rf "$tree"
		documents "$WORK/before" "$pid"
		run_ok --capture "$tree" --pages "$pid" || return
		documents "$WORK/after" "$pid"
		documents "$WORK/tree" -s "$tree" "$pid"
		now=$left left=
		for document in $now; do
			if grep -q '^memmap: ' "$WORK/tree.$document" || [ ! -s "$WORK/tree.$document" ]; then
				wrong[$document]=$(head -n 3 "$WORK/tree.$document")
				left="$left $document"
			elif cmp -s "$WORK/before.$document" "$WORK/tree.$document"; then
				pass
			elif cmp -s "$WORK/before.$document" "$WORK/after.$document"; then
				left="$left $document"
				wrong[$document]=$(diff "$WORK/before.$document" "$WORK/tree.$document")
			else
				left="$left $document"
			fi
		done
		[ "$SECONDS" -lt "$LIMIT" ] || break
	done
	for document in $left; do
		if [ -n "${wrong[$document]-}" ]; then
			fail_with "$name, $document: the tree gives another report (< live)" <<<"${wrong[$document]}"
		else
			echo "note: $name, $document: never the same twice, so not compared"
		fi
	done
	# every page that is there has flags: none of theirs are among the holes
	same "$name: pages without flags" "" "$(grep -F '"0x0"' "$WORK/tree.flags")"
	# it stays stopped: some targets spin
}

LIMIT=0				# of all seconds so far, on a busy machine
mkdir "$WORK/files"
if start_alone shared "$WORK/files"; then
	compare "hostile names" "$PID"
	# byte for byte as it is in the tree, too, where names end in " (deleted)"
	check "links of names in doubt" [ -n "$(find "$tree/proc/$PID/map_files" -type l)" ]
fi
if start_alone threads; then
	compare threads "$PID"
	check "no sparse file takes its size" [ "$(du -sk "$tree" | cut -f 1)" -lt 20000 ]
	check "symbols" grep -q '"symbol": {\|"symbol": "' "$WORK/tree.pages.json"
	check "cgroups by name" grep -q '"cgroup": "/' "$WORK/tree.pages.json"
	end=$(grep -v vsyscall "/proc/$PID/maps" | tail -n 1 | sed 's/^[^-]*-\([0-9a-f]*\) .*/\1/')
	same "an entry for each page" $((0x$end * 8 / $(getconf PAGESIZE))) \
		"$(stat -c %s "$tree/proc/$PID/pagemap")"
	# the manifest tells of every file, and of nothing else
	(cd "$tree" && find . -type f ! -name manifest.json -printf '%P %s\n' | sort) >"$WORK/is"
	jq -r '.files[] | "\(.path) \(.size)"' "$tree/manifest.json" | sort >"$WORK/told"
	same_files "files in the manifest" "$WORK/is" "$WORK/told"
	same "the manifest's facts" "[\"$(uname -r)\",$(getconf PAGESIZE),[$PID],true,0,\"--capture\"]" \
		"$(jq -c '[.kernel, .page_size, .processes, .frames, .uid, .command[1]]' "$tree/manifest.json")"
	run --physical -s "$tree"
	check "--physical of some frames only: says so" grep -q 'frames of its processes only' "$OUT" "$ERR"
fi
if start_alone frames thp; then
	compare "huge pages" "$PID"
	check "pages by PMD are known" [ "$(jq '.processes[0].pages.folios | map(.pmd) | add' \
		"$WORK/tree.pages.json" 2>/dev/null || echo 1)" != 0 ]
fi
check "the owner alone may look" [ "$(stat -c %a "$tree")" = 700 ]

# ---- plain copies, as the manual says ------------------------------------------------------

if start_alone layout; then
	kill -STOP "$PID"
	mkdir "$WORK/copied"
	{
		echo 'shopt -s nullglob'
		sed -n '/^plain copies do/,/^\.Ed/p' "$top_srcdir/man/memmap.1" | grep -v '^\.\|^plain' |
			sed "s/\\\\e\$/\\\\/; s/&& mkdir dir//; s/PID/$PID/g; s|dir\$|$WORK/copied|"
	} >"$WORK/recipe"
	bash "$WORK/recipe" 2>"$ERR" || fail_with "the manual's recipe" <"$ERR"
	for view in "" --mm "-X --maps"; do
		# shellcheck disable=SC2086
		"$MEMMAP" $view "$PID" | sed 's/   up [^ ]*/   up T/' >"$WORK/before.text"
		# shellcheck disable=SC2086
		"$MEMMAP" $view -s "$WORK/copied" "$PID" 2>&1 | sed 's/   up [^ ]*/   up T/' >"$WORK/tree.text"
		# shared pages of the loader are the kernel's to count
		sed -i '/\[vdso\]/d' "$WORK"/{before,tree}.text
		same_files "plain copies, '$view'" "$WORK/before.text" "$WORK/tree.text"
	done
	kill -CONT "$PID"
fi

# ---- which processes ----------------------------------------------------------------------

first=$PID
start_alone layout
rm -rf "$tree"
run_ok --capture "$tree" "$first" "$first" "$PID"
same "processes in the tree" "$(printf '%s\n' "$first" "$PID" | sort -n)" \
	"$(find "$tree/proc" -maxdepth 1 -name '[0-9]*' -printf '%f\n' | sort -n)"
json "$WORK/processes.json" --processes -s "$tree" &&
	same "--processes of it" "$(printf '%s\n' "$first" "$PID" | sort -n | jq -sc .)" \
		"$(jq -c '[.processes[].pid] | sort' "$WORK/processes.json")"
json "$WORK/system.json" --system -s "$tree" &&
	same "--system of it: MemTotal" "$(awk '/^MemTotal/ { printf "%.0f", $2 * 1024 }' /proc/meminfo)" \
		"$(jq '.system.memory.total | floor' "$WORK/system.json")"
rm -rf "$tree"
run --capture "$tree" 999999999 "$PID"
same "one that is not there: status" 1 "$RC"
same "one that is not there: nothing" "" "$(ls -A "$place")"
run_ok --capture "$tree" --system
same "the machine alone" "" "$(find "$tree/proc" -maxdepth 1 -name '[0-9]*')"
rm -rf "$tree"

# ---- it is there already -------------------------------------------------------------------

for kind in directory file link; do
	case $kind in
	directory) mkdir "$tree" ;;
	file) echo mine >"$tree" ;;
	link) ln -s nowhere "$tree" ;;
	esac
	run --capture "$tree" "$PID"
	same "a $kind of that name: status" 1 "$RC"
	check "a $kind of that name: message" grep -q 'exists' "$ERR"
	same "a $kind of that name: stays alone" tree "$(ls -A "$place")"
	rm -rf "$tree"
done
run --capture "$place/no/such/tree" "$PID"
same "no such directory: status" 1 "$RC"

# ---- interrupted ---------------------------------------------------------------------------

# whole_or_nothing TEXT: never a part
whole_or_nothing() {
	if [ -e "$tree" ]; then
		check "$1: a tree without its end" [ -s "$tree/manifest.json" ]
		run_ok -s "$tree" "$PID"
		rm -rf "$tree"
		return 1
	fi
	same "$1: left behind" "" "$(ls -A "$place")"
}

if command -v strace >/dev/null && strace -qq -o /dev/null true 2>/dev/null; then
	for when in 1 150; do
		# (with --seccomp-bpf signals do not arrive)
		strace -qq -o /dev/null -e trace=write -e inject=write:signal=TERM:when=$when \
			"$MEMMAP" --capture "$tree" --pages "$PID" >"$OUT" 2>"$ERR"
		RC=$?
		whole_or_nothing "SIGTERM at write $when" || fail "SIGTERM at write $when: goes on"
		same "SIGTERM at write $when: status" 143 "$RC"
	done
	for when in 40 200; do
		strace -qq -f --seccomp-bpf -o /dev/null -e trace=write,pwrite64,syncfs,renameat2 -e inject=write,pwrite64:error=ENOSPC:when=$when+ \
			"$MEMMAP" --capture "$tree" --pages "$PID" >"$OUT" 2>"$ERR"
		RC=$?
		whole_or_nothing "no space at write $when" && same "no space at write $when: status" 1 "$RC"
	done
	strace -qq -f --seccomp-bpf -o /dev/null -e trace=write,pwrite64,syncfs,renameat2 -e inject=syncfs:error=EIO \
		"$MEMMAP" --capture "$tree" --pages "$PID" >"$OUT" 2>"$ERR"
	whole_or_nothing "no sync"
	strace -qq -f --seccomp-bpf -o /dev/null -e trace=write,pwrite64,syncfs,renameat2 -e inject=renameat2:error=EINVAL \
		"$MEMMAP" --capture "$tree" "$PID" >"$OUT" 2>"$ERR"
	same "without RENAME_NOREPLACE" tree "$(ls -A "$place")"
	rm -rf "$tree"
fi
for delay in 0.01 0.03; do
	for signal in INT HUP KILL; do
		timeout -s $signal $delay "$MEMMAP" --capture "$tree" --pages "$PID" >"$OUT" 2>"$ERR"
		# nothing can be done about SIGKILL, but the tree does not have its name yet
		[ $signal = KILL ] && rm -rf "$place"/tree.partial-*
		whole_or_nothing "SIG$signal after $delay s"
	done
done 2>/dev/null

# ---- no room -------------------------------------------------------------------------------

if mkdir "$WORK/small" && mount -t tmpfs -o size=1m,nr_inodes=500 tmpfs "$WORK/small" 2>/dev/null; then
	UNDO+=("umount '$WORK/small'")
	for size in 8k 900k; do
		mount -o remount,size=$size "$WORK/small"
		run --capture "$WORK/small/tree" --pages "$PID"
		same "a full disk of $size: status" 1 "$RC"
		check "a full disk of $size: message" grep -q 'No space left' "$ERR"
		same "a full disk of $size: left behind" "" "$(ls -A "$WORK/small")"
	done
else
	echo "note: no small file system: nothing tried on a full disk"
fi
(ulimit -f 8 && exec "$MEMMAP" --capture "$tree" --pages "$PID" >/dev/null 2>"$ERR")
same "ulimit -f: status" 1 $?
whole_or_nothing "ulimit -f"

# ---- a target that ends meanwhile ----------------------------------------------------------

# memmap is held up for a second before it makes the link to the executable: after most files, before it
# looks whether the process is still there.
if command -v strace >/dev/null && strace -qq -o /dev/null true 2>/dev/null && start_target many 3000; then
	strace -qq -o /dev/null -e trace=symlinkat -e inject=symlinkat:delay_enter=1000000 \
		"$MEMMAP" --capture "$tree" --pages "$PID" >"$OUT" 2>"$ERR" &
	memmap=$!
	until compgen -G "$place/tree.partial-*/proc/$PID/cmdline" >/dev/null || ! kill -0 "$memmap" 2>/dev/null; do
		sleep 0.01
	done
	kill -KILL "$PID"
	wait "$memmap"
	RC=$?
	wait "$PID" 2>/dev/null
	whole_or_nothing "the target ends" || fail "the target ends, and there is a tree"
	same "the target ends: status" 1 "$RC"
	check "the target ends: message" grep -q "exited\|no such process" "$ERR"
fi

# ---- 20 TiB that are reserved --------------------------------------------------------------

if start_target bulk reserved 21990232555520 4194304 16; then
	run_ok --capture "$tree" --pages "$PID"
	check "20 TiB: space on disk" [ "$(du -sk "$tree" | cut -f 1)" -lt 20000 ]
	live=$("$MEMMAP" --json --pages "$PID" | jq '.processes[0].pages.present')
	same "20 TiB: pages" "$live" \
		"$("$MEMMAP" --json --pages -s "$tree" "$PID" | jq '.processes[0].pages.present')"
	check "20 TiB: pages, of 4 MiB" [ "${live:-0}" -ge 1024 ]
	rm -rf "$tree"
	stop_target "$PID"
fi

# ---- an ordinary user ----------------------------------------------------------------------

chmod 1777 "$place"
if command -v setpriv >/dev/null && start_command setpriv --reuid=65534 --regid=65534 --clear-groups \
	"$TARGETS/frames" touch 64; then
	if setpriv --reuid=65534 --regid=65534 --clear-groups "$MEMMAP" --capture "$tree" --pages "$PID" \
		>"$OUT" 2>"$ERR"; then
		same "ordinary user: what is missing" "Permission denied" \
			"$(jq -r '.missing[] | select(.path == "proc/kpageflags").reason' "$tree/manifest.json")"
		same "ordinary user: pages" \
			"$("$MEMMAP" --json --pages "$PID" | jq '.processes[0].pages.present')" \
			"$("$MEMMAP" --json --pages -s "$tree" "$PID" | jq '.processes[0].pages.present')"
	else
		fail_with "an ordinary user's own process" <"$ERR"
	fi
fi

finish
