#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# --numa: policies as they were set, pages where move_pages(2) says they are, and sums that are those
# of numa_maps and of smaps.
. "$(dirname "$0")/lib.sh"
need_root
[ -r /proc/self/numa_maps ] || skip "this kernel has no numa_maps (CONFIG_NUMA)"

# by_awk PID: "NODE BYTES" of each node, from numa_maps alone.
by_awk() {
	awk '{
		kb = 0
		for (i = 2; i <= NF; i++)
			if ($i ~ /^kernelpagesize_kB=/)
				kb = substr($i, 19)
		for (i = 2; i <= NF; i++)
			if ($i ~ /^N[0-9]+=[0-9]+$/) {
				split(substr($i, 2), part, "=")
				sum[part[1]] += part[2] * kb * 1024
			}
	}
	END { for (node in sum) printf "%d %.0f\n", node, sum[node] }' "/proc/$1/numa_maps" | sort -n
}

# process FILE OPTION...: the process in the document about $PID
process() {
	local file=$1
	shift
	json "$file.doc" "$@" "$PID" && jq -c '.processes[0]' "$file.doc" >"$file"
}

# what the target said, in the words of the document
check_facts() {
	local what start rest
	while read -r what start rest; do
		case $what in
		policy)
			same "$1: policy of $start" "$rest" "$(jq -r --arg a "0x$start" \
				'.mappings[] | select(.start == $a) | .numa.policy' "$WORK/p")" ;;
		node)
			same "$1: bytes of $start on node ${rest% *}" "${rest#* }" "$(jq -r --arg a "0x$start" \
				--arg n "${rest% *}" '.mappings[] | select(.start == $a) | .numa.nodes[]
				| select("\(.node)" == $n) | .bytes' "$WORK/p")" ;;
		hugetlb)
			same "$1: page size of $start" 2097152 "$(jq -r --arg a "0x$start" \
				'.mappings[] | select(.start == $a) | .numa.page_size' "$WORK/p")" ;;
		esac
	done <"$OUTPUT"
	# nothing lies on a node that the target did not name
	same "$1: nodes in all" "$(grep -c '^node ' "$OUTPUT")" "$(jq --rawfile facts "$OUTPUT" '
		[$facts | split("\n")[] | select(startswith("policy ")) | split(" ")[1]] as $starts
		| [.mappings[] | select(.start[2:] | IN($starts[])) | .numa.nodes[]] | length' "$WORK/p")"
}

check_sums() {
	same "$1: bytes per node" "$(by_awk "$PID")" "$(jq -r \
		'.numa.nodes[] | select(.bytes > 0) | "\(.node) \(.bytes)"' "$WORK/p")"
	same "$1: sum of nodes" "$(jq '[.numa.nodes[].bytes] | add' "$WORK/p")" "$(jq .numa.bytes "$WORK/p")"
	same "$1: sum of classes" "$(jq .numa.bytes "$WORK/p")" "$(jq \
		'[.numa.nodes[] | .anonymous, .file, .shared, .hugetlb] | add' "$WORK/p")"
	same "$1: sum of policies" "$(jq .numa.bytes "$WORK/p")" "$(jq '[.numa.policies[].bytes] | add' "$WORK/p")"
	same "$1: lines" "$(wc -l <"/proc/$PID/numa_maps")" "$(jq .numa.mappings "$WORK/p")"
	same "$1: none changed" 0 "$(jq .numa.unknown_mappings "$WORK/p")"
	# Rss plus hugetlb of each mapping, but for those whose pages are the kernel's
	smaps_json "$PID" | jq -r '.mappings[] | select(.raw_name_hex | IN($names[]) | not)
		| "0x\(.start | ltrimstr("0x")) \(.rss + .shared_hugetlb + .private_hugetlb)"' \
		--argjson names '["5b7664736f5d","5b7673797363616c6c5d"]' >"$WORK/want"
	jq -r '.mappings[] | select(.path != "[vdso]" and .path != "[vsyscall]")
		| "\(.start) \(.numa.bytes)"' "$WORK/p" >"$WORK/got"
	same_files "$1: resident pages of smaps" "$WORK/want" "$WORK/got"
	same "$1: CPUs" "$(sed -n 's/^Cpus_allowed_list:\t//p' "/proc/$PID/status")" \
		"$(jq -r .numa.cpus_allowed "$WORK/p")"
	same "$1: nodes allowed" "$(sed -n 's/^Mems_allowed_list:\t//p' "/proc/$PID/status")" \
		"$(jq -r .numa.mems_allowed "$WORK/p")"
	same "$1: memory of the nodes" \
		"$(cat /sys/devices/system/node/node*/meminfo | awk '/ MemTotal:/ { s += $4 } END { printf "%.0f", s * 1024 }')" \
		"$(jq '[.numa.nodes[].memory_total] | add' "$WORK/p")"
}

# columns, groups and filters have the same numbers
check_rows() {
	run_ok --maps -rn -b -o start,nodes,policy "$PID"
	jq -r '.mappings[] | "\(.start[2:]) \(if .numa == null then "-"
		else [.numa.nodes[] | "N\(.node)=\(.bytes)"] | join(",") | if . == "" then "0" else . end end) \(
		.numa.policy // "-" | gsub(" "; "\\x20"))"' "$WORK/p" >"$WORK/want"
	sed -E 's/^0+([^ ])/\1/' "$OUT" >"$WORK/got"
	same_files "$1: columns" "$WORK/want" "$WORK/got"
	process "$WORK/q" --numa -g kind
	same "$1: groups" "$(jq -c '[.mappings[] | select(.numa) | {k: .kind, n: .numa.nodes[]}] | group_by([.k, .n.node])
		| map([.[0].k, .[0].n.node, (map(.n.bytes) | add)])' "$WORK/p")" \
		"$(jq -c '[.groups[] | {k: .kind, n: .numa.nodes[]?} | [.k, .n.node, .n.bytes]] | sort' "$WORK/q")"
	process "$WORK/q" --numa -k anon
	same "$1: a filter" "$(jq '[.mappings[] | select(.kind == "anon") | .numa.bytes] | add' "$WORK/p")" \
		"$(jq .numa.bytes "$WORK/q")"
	# text says the same as the document
	run_ok --numa -b -n "$PID"
	same "$1: text, node 0" "$(jq '.numa.nodes[0].bytes' "$WORK/p")" \
		"$(awk '$1 == "0" { print $2; exit }' "$OUT")"
}

examine() {
	process "$WORK/p" --numa || return
	check_facts "$1"
	check_sums "$1"
	check_rows "$1"
	stop_target "$PID"
}

pool=/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages
if [ -w $pool ]; then
	setting $pool $(($(cat $pool) + 4))
else
	echo "note: no pool of huge pages of 2 MiB"
fi
start_target policy && {
	grep -q '^hugetlb ' "$OUTPUT" || echo "note: no huge pages to be had"
	examine policies
}
start_target policy process && examine "policy of the process"

# bound to a CPU of one node, local and remote are known where other nodes have CPUs too
if command -v taskset >/dev/null && start_command taskset -c 0 "$TARGETS/policy"; then
	process "$WORK/p" --numa
	nodes=$(grep -l . /sys/devices/system/node/node*/cpulist | wc -l)
	if [ "$nodes" -gt 1 ]; then
		same "on one CPU: bound" true "$(jq .numa.bound "$WORK/p")"
		same "on one CPU: local and remote" "$(jq .numa.bytes "$WORK/p")" \
			"$(jq '.numa.local + .numa.remote' "$WORK/p")"
	else
		same "on one CPU of the only node" '[false,null,null]' \
			"$(jq -c '.numa | [.bound, .local, .remote]' "$WORK/p")"
	fi
	stop_target "$PID"
fi

# many mappings: each has its line
if start_target many 5000 anon 1000; then
	process "$WORK/p" --numa
	check_sums "many mappings"
	stop_target "$PID"
fi

# what changes while it is read is unknown, counted, and never wrong by a whole mapping
if start_target churn; then
	for ((i = 0; i < 20; i++)); do
		process "$WORK/p" --numa || continue
		same "churn: unknown mappings" \
			"$(jq '[.mappings[] | select(.numa == null and .path != "[vsyscall]")] | length' "$WORK/p")" \
			"$(jq .numa.unknown_mappings "$WORK/p")"
		same "churn: more pages than fit" '[]' "$(jq -c \
			'[.mappings[] | select((.numa.bytes // 0) > .size) | .start]' "$WORK/p")"
	done
	stop_target "$PID"
fi

# without the right, a note names what would give it; others' processes have no numbers
if start_target policy; then
	if command -v setpriv >/dev/null; then
		setpriv --reuid 65534 --regid 65534 --clear-groups "$MEMMAP" --numa "$PID" >"$OUT" 2>&1
		check "another user gets no note" grep -q 'note: no .*numa.*' "$OUT"
		setpriv --reuid 65534 --regid 65534 --clear-groups "$MEMMAP" --numa --json "$PID" >"$OUT" 2>&1
		same "another user's document" 'null null true' "$(jq -r '.processes[0]
			| "\(.numa) \(.mappings) \([.unavailable[].what] | any(. == "numa"))"' "$OUT")"
	fi
	stop_target "$PID"
fi

run --numa --fast $$
same "--numa with --fast: status" 2 "$RC"

finish
