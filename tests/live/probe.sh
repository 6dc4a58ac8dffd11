#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# --probe: does it say of each feature what cat, od, stat and test find with the same privileges?
# shellcheck disable=SC2016 # other shells' variables
. "$(dirname "$0")/lib.sh"
need_root
need setpriv unshare stat

chmod 755 "$WORK"
cp "$MEMMAP" "$WORK/memmap" && chmod 755 "$WORK/memmap"
as_user=(setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all --ambient-caps=-all)
"${as_user[@]}" "$WORK/memmap" --version >/dev/null 2>&1 || skip "memmap cannot be run as another user here"

DOC=$WORK/doc.json
WHO=			# in messages
AS=()			# the command that gives the privileges

# probe WHO COMMAND...: memmap --probe behind the command; sets WHO, AS and DOC.
probe() {
	WHO=$1
	AS=("${@:2}")
	RC=0
	"${AS[@]}" "$WORK/memmap" --probe --json >"$DOC" 2>"$ERR" </dev/null || RC=$?
	same "$WHO: status" 0 "$RC"
	[ ! -s "$ERR" ] || fail_with "$WHO: something on stderr" <"$ERR"
	load
}

# load: the document's facts, for the functions below.
declare -A RESULT FACT NEEDS
load() {
	local feature result fact needs
	RESULT=() FACT=() NEEDS=()
	while IFS=$'\t' read -r feature result fact needs; do
		RESULT[$feature]=$result FACT[$feature]=$fact NEEDS[$feature]=$needs
	done < <(jq -r '.probe[] | [.feature, .result, .fact, .needs] | @tsv' "$DOC")
	[ ${#RESULT[@]} -gt 0 ] || { fail "$WHO: no features"; finish; }
}

# is FEATURE WANT
is() {
	same "$WHO: $1 (${FACT[$1]-})" "$2" "${RESULT[$1]-}"
}

# is_one_of FEATURE WANT...
is_one_of() {
	local want
	for want in "${@:2}"; do
		[ "${RESULT[$1]}" != "$want" ] || { pass; return; }
	done
	is "$1" "${*:2}"
}

# needs FEATURE WORD: what would enable it names the word.
needs() {
	check "$WHO: $1 does not need $2 but: ${NEEDS[$1]}" grep -q -w -e "$2" <<<"${NEEDS[$1]}"
}

# can COMMAND...: does it succeed with the privileges at hand?
can() {
	"${AS[@]}" "$@" >/dev/null 2>&1 </dev/null
}

# reads FILE: yes, not_allowed or no; what exists is asked as root.
reads() {
	if [ ! -e "$1" ]; then
		echo no
	elif can head -c 8 "$1"; then
		echo yes
	else
		echo not_allowed
	fi
}

# symbol NAME: has the kernel this function? 2: it does not tell.
symbol() {
	grep -q -m 1 ' schedule$' /proc/kallsyms || return 2
	grep -q -E " $1(\.|$)" /proc/kallsyms
}

# config NAME: is it y in the kernel's configuration? 2: not known.
config() {
	if [ -r /proc/config.gz ]; then
		zcat /proc/config.gz
	elif [ -r "/boot/config-$(uname -r)" ]; then
		cat "/boot/config-$(uname -r)"
	else
		return 2
	fi >"$WORK/config"
	grep -q "^CONFIG_$1=y" "$WORK/config"
}

# built FEATURE TEST...: yes or no as symbol or config say, if they do.
built() {
	local status=0
	"${@:2}" || status=$?
	case $status in
	0) is "$1" yes ;;
	1) is "$1" no ;;
	esac
}

# The entry in pagemap of the page in which a shell's stack begins: it is there, and new.
# shellcheck disable=SC2016 # for the other shell
stack_entry() {
	"${AS[@]}" bash -c 'while read -r range _ _ _ _ name; do
			[ "$name" = "[stack]" ] && break
		done </proc/$$/maps
		page=$((0x${range#*-} / $(getconf PAGESIZE) - 1))
		dd if=/proc/$$/pagemap bs=8 skip=$page count=1 status=none
		:' 2>/dev/null |	# else the shell would become dd
		od -A n -t d8 | tr -d ' '
}

# others: of the processes that are not ours to read, do all, some or none let smaps be opened, and
# pagemap? Process 1 is left alone.
# shellcheck disable=SC2016
others() {
	"${AS[@]}" bash -c 'uid=$(id -u) all=0 smaps=0 pagemap=0
		for dir in /proc/[0-9]*; do
			[ "$dir" = /proc/1 ] && continue
			owner= key=
			while read -r key _ effective _; do
				[ "$key" != Uid: ] || owner=$effective
				[ "$key" != VmSize: ] || break
			done 2>/dev/null <"$dir/status"
			[ "$key" = VmSize: ] && [ "$owner" != "$uid" ] || continue
			for file in smaps pagemap; do
				if { exec 5<"$dir/$file"; } 2>/dev/null; then
					exec 5<&-
					declare $file=$(($file + 1))
				fi
			done
			[ -d "$dir" ] && all=$((all + 1))
		done
		for n in $smaps $pagemap; do
			if [ $all = 0 ]; then
				echo none
			elif [ $n -ge $all ]; then
				echo yes
			elif [ $n = 0 ]; then
				echo not_allowed
			else
				echo partly
			fi
		done' bash
}

# addresses FILE: is any in the first column not 0?
addresses() {
	local kind
	kind=$(reads "$1")
	if [ "$kind" = yes ] && ! "${AS[@]}" head -c 4096 "$1" | awk '{ print $1 }' | grep -q '[1-9a-f]'; then
		kind=not_allowed
	fi
	echo "$kind"
}

own_file() {
	case $1 in
	maps | smaps | smaps_rollup | numa_maps | ksm_stat) echo "/proc/self/$1" ;;
	psi) echo /proc/pressure/memory ;;
	*) echo "/proc/$1" ;;
	esac
}

# What depends on privileges.
check_privileges() {
	local feature entry want
	for feature in maps smaps smaps_rollup numa_maps ksm_stat kpageflags kpagecount kpagecgroup \
		zoneinfo psi buddyinfo pagetypeinfo slabinfo vmallocinfo kcore; do
		is "$feature" "$(reads "$(own_file "$feature")")"
	done
	for feature in iomem kallsyms; do
		is "$feature" "$(addresses "/proc/$feature")"
	done
	entry=$(stack_entry)
	if [ -n "$entry" ]; then
		is pagemap yes
		if [ $((entry & ((1 << 55) - 1))) -ne 0 ]; then
			is frame_numbers yes
		else
			is frame_numbers not_allowed
			needs frame_numbers CAP_SYS_ADMIN
		fi
		if [ $((entry >> 55 & 1)) -eq 1 ]; then is soft_dirty yes; else is soft_dirty no; fi
	else
		is pagemap "$(reads /proc/self/pagemap)"
	fi
	want=$(others | paste -sd ' ')
	if [ "${want%% *}" != none ]; then
		is other_smaps "${want% *}"
		is other_pagemap "${want#* }"
	fi
	[ "${want% *}" != not_allowed ] || needs other_smaps CAP_SYS_PTRACE
	[ "${want#* }" != not_allowed ] || needs other_pagemap CAP_DAC_READ_SEARCH
	# shellcheck disable=SC2016
	if can bash -c 'for f in /proc/$$/map_files/*; do stat -L "$f"; exit; done'; then
		is map_files yes
	elif can bash -c 'for f in /proc/$$/map_files/*; do readlink "$f"; exit; done'; then
		is map_files partly
		needs map_files CAP_CHECKPOINT_RESTORE
	fi
	# opened only; nothing is written
	# shellcheck disable=SC2016
	if can bash -c ': >>"$1"' bash "/proc/$target/clear_refs"; then
		is clear_refs yes
	else
		is clear_refs partly
	fi
	if [ ! -e /sys/kernel/mm/page_idle/bitmap ]; then
		is idle_pages no
	elif can bash -c ': >>/sys/kernel/mm/page_idle/bitmap'; then
		is idle_pages yes
	else
		is idle_pages not_allowed
	fi
	# what frames are needed for can't be known without them
	if [ "${RESULT[frame_numbers]} ${RESULT[kpageflags]}" = "yes yes" ]; then
		built page_map_counts not config NO_PAGE_MAPCOUNT
		is_one_of ksm_flag yes no
	else
		is page_map_counts unknown
		is ksm_flag unknown
	fi
	same "$WHO: uid" "$("${AS[@]}" id -u)" "$(jq .privileges.uid "$DOC")"
	same "$WHO: capabilities" "$("${AS[@]}" awk '/^CapEff:/ { print $2 }' /proc/self/status)" \
		"$(mask "$(jq -r '.privileges.capabilities[]' "$DOC")")"
}

not() {
	local status=0
	"$@" || status=$?
	case $status in 0) return 1 ;; 1) return 0 ;; *) return "$status" ;; esac
}

# mask NAMES: capabilities as /proc/PID/status has them, by setpriv's own numbers: those of the
# kernel, in order.
mask() {
	local -i n=0 bits=0
	local name
	while read -r name; do
		if grep -q -x "cap_$name" <<<"${1,,}"; then bits+=$((1 << n)); fi
		n+=1
	done < <(setpriv --list-caps)
	printf '%016x\n' "$bits"
}

# What depends on the kernel alone.
check_kernel() {
	built pagemap_scan symbol pagemap_scan_pmd_entry
	built procmap_query symbol '(do_procmap_query|procfs_procmap_ioctl)'
	built anon_names config ANON_VMA_NAME
	built soft_dirty config MEM_SOFT_DIRTY
	if symbol '(__[a-z0-9]+_)?sys_cachestat'; then
		is_one_of cachestat yes partly
	fi
	if symbol 'guard_install_pte_entry'; then
		is_one_of guard_regions yes partly
	elif grep -q ' schedule$' /proc/kallsyms; then
		is guard_regions no
	fi
	if [ "$(uname -m)" = x86_64 ]; then
		same "$WHO: levels" "$(if grep -q -w la57 /proc/cpuinfo; then echo 5; else echo 4; fi)" \
			"$(jq .machine.page_table_levels "$DOC")"
		is page_table_levels yes
	fi
}

# Settings that others may change meanwhile: they must have stood still.
check_settings() {
	local before after tries thp=/sys/kernel/mm/transparent_hugepage
	local -a files=("$thp/enabled" "$thp"/hugepages-*kB/enabled /sys/kernel/mm/ksm/run /proc/swaps
		/sys/kernel/mm/hugepages/hugepages-*kB/nr_hugepages)
	for ((tries = 0; tries < 20; tries++)); do
		before=$(head "${files[@]}" 2>/dev/null)
		probe root env
		after=$(head "${files[@]}" 2>/dev/null)
		[ "$before" != "$after" ] || break
	done
	[ "$before" = "$after" ] || { echo "note: settings change all the time"; return; }
	check_thp <<<"$before"
	if [ ! -e /sys/kernel/mm/ksm/run ] || [ "$(section /sys/kernel/mm/ksm/run <<<"$before")" != 1 ]; then
		is ksm no
	else
		is ksm yes
	fi
	if [ "$(section /proc/swaps <<<"$before" | grep -c .)" -gt 1 ]; then is swap yes; else is swap no; fi
	if ! compgen -G '/sys/kernel/mm/hugepages/hugepages-*' >/dev/null; then
		is hugetlb no
	elif awk '/nr_hugepages <==/ { getline n; if (n > 0) found = 1 } END { exit !found }' <<<"$before"; then
		is hugetlb yes
	fi
	if compgen -G "$thp/hugepages-*kB/stats/anon_fault_alloc" >/dev/null; then
		is thp_stats yes
	else
		is thp_stats no
	fi
}

# section FILE: its lines in what head printed of several.
section() {
	awk -v file="==> $1 <==" '/^==> .* <==$/ { in_it = $0 == file; next } in_it && NF'
}

check_thp() {
	local text all pmd mode file kb
	local -a enabled=()
	text=$(cat)
	if [ ! -d "$thp" ]; then
		is thp no
		is mthp no
		return
	fi
	all=$(section "$thp/enabled" <<<"$text" | sed 's/.*\[\(.*\)\].*/\1/')
	pmd=$(($(cat "$thp/hpage_pmd_size") / 1024))
	mode=$all
	for file in "$thp"/hugepages-*kB/enabled; do
		[ -e "$file" ] || continue
		kb=${file%kB/enabled}
		kb=${kb##*-}
		mode=$(section "$file" <<<"$text" | sed 's/.*\[\(.*\)\].*/\1/')
		[ "$mode" != inherit ] || mode=$all
		[ "$kb" != "$pmd" ] || break
		[ "$mode" = never ] || enabled+=("$kb")
	done
	case $mode in
	always) is thp yes ;;
	madvise) is thp partly ;;
	never) is thp no ;;
	esac
	if [ ! -e "$thp/hugepages-${pmd}kB/enabled" ]; then
		is mthp no
	elif [ ${#enabled[@]} -gt 0 ]; then
		is mthp yes
	else
		check_mthp_off "$text"
	fi
}

# Files come in the order of their names, so the loop above may have left some out.
check_mthp_off() {
	local file on=
	for file in "$thp"/hugepages-*kB/enabled; do
		[ "$file" != "$thp/hugepages-${pmd}kB/enabled" ] || continue
		case $(section "$file" <<<"$1") in
		*'[always]'* | *'[madvise]'*) on=yes ;;
		*'[inherit]'*) [ "$all" = never ] || on=yes ;;
		esac
	done
	if [ -n "$on" ]; then is mthp yes; else is mthp partly; fi
}

# ---- the processes that are looked at ------------------------------------------------------
mkdir "$WORK/bin" && cp "$TARGETS/layout" "$WORK/bin/" && chmod -R 755 "$WORK/bin"
start_command setpriv --reuid=1234 --regid=1234 --clear-groups "$WORK/bin/layout" || finish
target=$PID
start_target layout || finish

# ---- who may do what -----------------------------------------------------------------------
probe root env
check_privileges
check_kernel
is user_namespace yes
same "features" "$(jq '[.probe[].feature] | unique | length' "$DOC")" "$(jq '.probe | length' "$DOC")"
check "fewer than 40 features" jq -e '.probe | length >= 40' "$DOC" >/dev/null
cp "$DOC" "$WORK/root.json"

probe "ordinary user" "${as_user[@]}"
check_privileges
is user_namespace yes
is other_smaps not_allowed
is other_pagemap not_allowed
is frame_numbers not_allowed
is clear_refs partly
same "ordinary user: the same features" "$(jq -c '[.probe[].feature]' "$WORK/root.json")" \
	"$(jq -c '[.probe[].feature]' "$DOC")"
# what is missing is explained
check "ordinary user: no word on what is needed" jq -e 'all(.probe[]; .fact != "" and
	(.result == "yes") == (.needs == null) or .result == "unknown")' "$DOC" >/dev/null

for capability in sys_admin sys_ptrace perfmon dac_read_search dac_override checkpoint_restore \
	syslog sys_rawio; do
	# shellcheck disable=SC2054 # these commas are setpriv's
	with=(setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all,+"$capability"
		--ambient-caps=-all,+"$capability")
	"${with[@]}" true 2>/dev/null || { echo "note: no CAP_${capability^^} here"; continue; }
	probe "CAP_${capability^^}" "${with[@]}"
	check_privileges
	same "$WHO: capabilities by name" "CAP_${capability^^}" \
		"$(jq -r '.privileges.capabilities | join(" ")' "$DOC")"
done

# ---- a user namespace: capabilities that count for nothing outside ----------------------------
if unshare -Ur true 2>/dev/null; then
	probe "user namespace" unshare -Ur
	is user_namespace no
	is frame_numbers not_allowed
	is other_smaps not_allowed
	is iomem "$(addresses /proc/iomem)"
	is kpageflags "$(reads /proc/kpageflags)"
	same "user namespace: told" false "$(jq .privileges.initial_user_namespace "$DOC")"
	probe "user's own namespace" "${as_user[@]}" unshare -Ur
	is user_namespace no
	is frame_numbers not_allowed
	is other_smaps not_allowed
	is kpageflags not_allowed
fi

# ---- a PID namespace -------------------------------------------------------------------------
if unshare -p -f --mount-proc true 2>/dev/null; then
	probe "PID namespace" unshare -p -f --mount-proc
	is all_processes partly
	is pagemap yes
	is frame_numbers yes
fi

# ---- other machines: files are covered up in a mount namespace, the machine is not touched -----
# covered FILE TEXT COMMAND...: run it where FILE has this text.
covered() {
	local file=$1 cover
	cover=$(mktemp "$WORK/cover.XXXXXX")
	printf '%s' "$2" >"$cover"
	chmod 644 "$cover"
	# shellcheck disable=SC2016
	unshare -m --propagation private bash -c 'mount --bind "$1" "$2" && shift 2 && exec "$@"' \
		bash "$cover" "$file" "${@:3}"
}

thp=/sys/kernel/mm/transparent_hugepage
if [ -e "$thp/enabled" ] && covered "$thp/enabled" "" true 2>/dev/null; then
	size=$thp/hugepages-$(($(cat "$thp/hpage_pmd_size") / 1024))kB/enabled
	# in a shell of its own, below the one that covers the first file
	covered_too() {
		# shellcheck disable=SC2016
		covered "$thp/enabled" "$1" bash -c \
			'if [ -e "$2" ]; then mount --bind "$1" "$2"; fi; exec "$3" --probe --json' \
			bash "$WORK/of-size" "$size" "$WORK/memmap" >"$DOC"
	}
	echo "always [inherit] madvise never" >"$WORK/of-size"
	for words in "[always] madvise never=yes" "always [madvise] never=partly" "always madvise [never]=no" \
		"something else=unknown"; do
		WHO="THP '${words%=*}'"
		covered_too "${words%=*}"
		load
		is thp "${words##*=}"
	done
	if [ -e "$size" ]; then
		WHO="THP always, of PMD size never"
		echo "always inherit madvise [never]" >"$WORK/of-size"
		covered_too "[always] madvise never"
		load
		is thp no
		WHO="THP never, of PMD size always"
		echo "[always] inherit madvise never" >"$WORK/of-size"
		covered_too "always madvise [never]"
		load
		is thp yes
	fi
fi
if covered /proc/swaps "" true 2>/dev/null; then
	WHO="no swap"
	covered /proc/swaps $'Filename\tType\tSize\tUsed\tPriority\n' "$WORK/memmap" --probe --json >"$DOC"
	load
	is swap no
	WHO="two swap areas"
	covered /proc/swaps $'Filename\tType\tSize\tUsed\tPriority\n/dev/a\tpartition\t1\t0\t-2\n/b\tfile\t1\t0\t-3\n' \
		"$WORK/memmap" --probe --json >"$DOC"
	load
	is swap yes
	same "$WHO" "2 in use" "${FACT[swap]}"
fi
for run in 0 1 2; do
	[ -e /sys/kernel/mm/ksm/run ] || break
	WHO="KSM run $run"
	covered /sys/kernel/mm/ksm/run "$run" "$WORK/memmap" --probe --json >"$DOC" || break
	load
	if [ "$run" = 1 ]; then is ksm yes; else is ksm no; fi
done

# proc_with OPTIONS COMMAND...: run it where /proc is mounted with these options.
proc_with() {
	# shellcheck disable=SC2016
	unshare -m --propagation private bash -c 'mount -t proc -o "$1" proc /proc && shift && exec "$@"' \
		bash "$@"
}

if proc_with hidepid=2 "${as_user[@]}" bash -c '[ ! -e /proc/1/status ]' 2>/dev/null; then
	probe hidepid=2 proc_with hidepid=2 "${as_user[@]}"
	is all_processes not_allowed
	is other_smaps not_allowed
	check "hidepid=2: not named" grep -q hidepid= <<<"${FACT[all_processes]}"
	probe hidepid=1 proc_with hidepid=1 "${as_user[@]}"
	is all_processes not_allowed
	probe "hidepid=2, root" proc_with hidepid=2 env
	is all_processes yes
fi
if proc_with subset=pid bash -c '[ ! -e /proc/meminfo ]' 2>/dev/null; then
	probe subset=pid proc_with subset=pid env
	is kpageflags not_allowed
	needs kpageflags subset
	is maps yes
fi

# ---- what it does not do ----------------------------------------------------------------------
if command -v strace >/dev/null && strace -o "$WORK/trace" true 2>/dev/null; then
	strace -f -o "$WORK/trace" "$WORK/memmap" --probe >/dev/null
	grep -E 'O_WRONLY|O_RDWR|O_CREAT|^[0-9]+ +(ptrace|kill|mount|unlink|process_)' "$WORK/trace" |
		grep -v '/dev/null' >"$WORK/bad"
	[ ! -s "$WORK/bad" ] || fail_with "--probe is not a mere onlooker" <"$WORK/bad"
	same "--probe: writes" 0 "$(grep -E '^[0-9]+ +(write|pwrite64|writev)\(' "$WORK/trace" | grep -v -c 'write(1,')"
	same "--probe: files of process 1" 0 "$(grep -c '"proc/1/[^s]' "$WORK/trace")"
	pass
fi

check_settings

# ---- as text ------------------------------------------------------------------------------------
for WHO in root user; do
	AS=(env)
	[ "$WHO" = root ] || AS=("${as_user[@]}")
	COLUMNS=80 "${AS[@]}" "$WORK/memmap" --probe --ascii >"$OUT"
	same "$WHO: wide lines" 0 "$(grep -c '.\{81\}' "$OUT")"
	same "$WHO: other than ASCII" 0 "$(LC_ALL=C grep -c '[^ -~]' "$OUT")"
	"${AS[@]}" "$WORK/memmap" --probe --json >"$DOC"
	# each feature has a row of its own, with the same word
	jq -r '.probe[].result | sub("_"; " ")' "$DOC" | sort | uniq -c >"$WORK/want"
	sed -nE 's/^  [^ ].{23}(yes|no|not allowed|partly|unknown)  .*/\1/p' "$OUT" | sort | uniq -c >"$WORK/have"
	same_files "$WHO: results in text" "$WORK/want" "$WORK/have"
	"${AS[@]}" "$WORK/memmap" --probe --raw >"$OUT"
	jq -r '.probe[] | "\(.feature) \(.result)"' "$DOC" >"$WORK/want"
	awk 'NR > 1 { if (NF != 6) print "fields:", NF; print $1, $3 }' "$OUT" >"$WORK/have"
	same_files "$WHO: results in raw" "$WORK/want" "$WORK/have"
done

for arguments in "--probe $PID" "--probe -s /" "--probe no-such-name"; do
	# shellcheck disable=SC2086
	run $arguments
	same "$arguments: status" 2 "$RC"
	same "$arguments: lines on stderr" 2 "$(wc -l <"$ERR")"
done

finish
