#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# --system against awk's sums of the kernel's files, the kernel's own indices, and procps.
#
# The machine goes on meanwhile, so each file is read before and after memmap: a number must lie
# between both, or be equal to one of them, in one of many tries. Numbers that stand still are thus
# compared exactly. But what memmap itself maps, of libraries that nobody else has mapped, is mapped
# only while it runs.
# shellcheck disable=SC2015 # pass never fails
. "$(dirname "$0")/lib.sh"

TRIES=60
OWN=$((8 << 20))
page=$(getconf PAGESIZE)

# What the parts should be, by awk from meminfo (stdin): "KEY BYTES" lines.
parts() {
	# shellcheck disable=SC2016 # awk's
	awk -v page="$page" -v zoneinfo="$1" '
		{ sub(":", "", $1); v[$1] = $2 * ($3 == "kB" ? 1024 : 1) }
		function min(a, b) { return a < b ? a : b }
		function minus(a, b) { return a > b ? a - b : 0 }
		function put(key, value) { printf "%s %.0f\n", key, value }
		END {
			while ((getline line <zoneinfo) > 0) {
				split(line, word)
				if (word[1] == "managed") managed += word[2]
				if (word[1] == "count:") lists += word[2]
			}
			outside = min(minus(v["MemTotal"], managed * page), v["MemFree"])
			files = minus(v["Cached"], v["Shmem"])
			lru = v["Active"] + v["Inactive"] + v["Unevictable"]
			put("total", v["MemTotal"])
			put("available", v["MemAvailable"])
			put("anonymous", v["AnonPages"])
			put("swap_cache", min(v["SwapCached"], minus(lru, v["AnonPages"] + v["Cached"] + v["Buffers"])))
			put("page_cache_mapped", min(v["Mapped"], files))
			put("page_cache_not_mapped", minus(files, v["Mapped"]))
			put("buffers", v["Buffers"])
			put("shmem", v["Shmem"])
			put("slab_reclaimable", v["SReclaimable"])
			put("slab_unreclaimable", v["SUnreclaim"])
			put("page_tables", v["PageTables"])
			put("secondary_page_tables", v["SecPageTables"])
			put("kernel_stacks", v["KernelStack"] + v["ShadowCallStack"])
			put("percpu", v["Percpu"])
			put("hugetlb", v["Hugetlb"])
			put("free", v["MemFree"] - outside)
			put("free_outside_zones", outside)
			put("free_on_cpu_lists", lists * page)
		}'
}

# between WHAT A B HAVE: whether it lies there
between() {
	[ "$2" -le "$4" ] && [ "$4" -le "$3" ] || { [ "$3" -le "$4" ] && [ "$4" -le "$2" ]; }
}

declare -A agreed=() last=()
sums_wrong=0
for ((try = 0; try < TRIES; try++)); do
	cat /proc/meminfo /proc/zoneinfo >/dev/null	# so that this costs the same before and after
	cat /proc/zoneinfo >"$WORK/zones.a" && parts "$WORK/zones.a" </proc/meminfo >"$WORK/a"
	json "$WORK/doc" --system || finish
	cat /proc/zoneinfo >"$WORK/zones.b" && parts "$WORK/zones.b" </proc/meminfo >"$WORK/b"
	jq -r '.system.memory | (.parts | to_entries[] | select(.value != null) | "\(.key) \(.value)"),
		"total \(.total)", "available \(.available)",
		"hugetlb \(.parts | .hugetlb_used + .hugetlb_reserved + .hugetlb_free)"' "$WORK/doc" >"$WORK/have"
	while read -r key a b have; do
		last[$key]="$a..$b, got $have"
		case $key in
		page_cache_mapped) b=$((b + OWN)) ;;
		page_cache_not_mapped) a=$((a - OWN)) ;;
		esac
		between "$key" "$a" "$b" "$have" && agreed[$key]=1
	done < <(join <(join <(sort "$WORK/a") <(sort "$WORK/b")) <(sort "$WORK/have"))
	jq -e '.system.memory | ([.parts[] // 0] | add) + .unexplained == .total' "$WORK/doc" >/dev/null ||
		sums_wrong=$((sums_wrong + 1))
	[ "${#agreed[@]}" -lt "$(wc -l <"$WORK/a")" ] || break
	# a compiler beside us takes and gives megabytes all the time, but not without a pause
	[ "$try" -lt 10 ] || sleep 0.2
done
while read -r key _; do
	check "$key: ${last[$key]:-not told}" [ -n "${agreed[$key]:-}" ]
done <"$WORK/a"
same "documents whose parts do not add up" 0 "$sums_wrong"

# a file in memory and nothing else: shmem grows by it, the page cache does not
if mkdir "$WORK/tmpfs" && mount -t tmpfs none "$WORK/tmpfs" 2>/dev/null; then
	UNDO=("umount '$WORK/tmpfs'" "${UNDO[@]}")
	found=0
	for ((try = 0; try < 5 && !found; try++)); do
		json "$WORK/before" --system
		dd if=/dev/zero of="$WORK/tmpfs/file" bs=1M count=48 2>/dev/null
		json "$WORK/after" --system
		rm "$WORK/tmpfs/file"
		found=$(jq -s '(.[1].system.memory.parts.shmem - .[0].system.memory.parts.shmem) as $d |
			if $d >= 48 * 1048576 - 65536 and $d < 49 * 1048576 then 1 else 0 end' "$WORK/before" "$WORK/after")
	done
	check "48 MiB in a tmpfs are not 48 MiB of shmem" [ "$found" = 1 ]
fi

# libproc2's free(1): what does not move
if command -v free >/dev/null; then
	json "$WORK/doc" --system
	same "free -b: total" "$(free -b | awk '$1 == "Mem:" { print $2 }')" "$(jq .system.memory.total "$WORK/doc")"
	same "free -b: swap" "$(free -b | awk '$1 == "Swap:" { print $2 }')" "$(jq .system.swap.total "$WORK/doc")"
fi

# ---- buddy allocator: buddyinfo, and the kernel's own indices ----

# "NODE ZONE ORDER VALUE" of extfrag's and buddyinfo's tables
table() {
	awk '{ sub(",", "", $2); for (i = 5; i <= NF; i++) printf "%d %s %d %s\n", $2, $4, i - 5, $i }'
}

extfrag=
if [ "$(id -u)" -eq 0 ] && mkdir "$WORK/debug" && mount -t debugfs none "$WORK/debug" 2>/dev/null; then
	UNDO=("umount '$WORK/debug'" "${UNDO[@]}")
	[ ! -r "$WORK/debug/extfrag/unusable_index" ] || extfrag=$WORK/debug/extfrag
fi
blocks=0 usable=0
for ((try = 0; try < TRIES; try++)); do
	table </proc/buddyinfo >"$WORK/a"
	[ -z "$extfrag" ] || { table <"$extfrag/unusable_index" >"$WORK/ua" && table <"$extfrag/extfrag_index" >"$WORK/ea"; }
	json "$WORK/doc" --system
	[ -z "$extfrag" ] || { table <"$extfrag/unusable_index" >"$WORK/ub" && table <"$extfrag/extfrag_index" >"$WORK/eb"; }
	table </proc/buddyinfo >"$WORK/b"
	jq -r '.system.buddy[] as $z | $z.orders[] | "\($z.node) \($z.zone) \(.order) \(.blocks)"' "$WORK/doc" >"$WORK/have"
	if cmp -s "$WORK/a" "$WORK/have" || cmp -s "$WORK/b" "$WORK/have"; then
		blocks=$((blocks + 1))
	fi
	# the kernel cuts to thousandths, -1.000 is no failure
	if [ -n "$extfrag" ] && cmp -s "$WORK/a" "$WORK/have" && cmp -s "$WORK/ua" "$WORK/ub" && cmp -s "$WORK/ea" "$WORK/eb" && cmp -s "$WORK/a" "$WORK/b"; then
		jq -r '.system.buddy[] as $z | $z.orders[] | select(.usable != null) |
			"\($z.node) \($z.zone) \(.order) \((1 - .usable) * 1000 + 0.0001 | floor)"' "$WORK/doc" >"$WORK/have"
		awk '{ printf "%s %s %s %d\n", $1, $2, $3, $4 * 1000 + 0.5 }' "$WORK/ua" | grep -F -f <(cut -d ' ' -f 1-3 "$WORK/have") >"$WORK/want"
		same_files "unusable index" "$WORK/want" "$WORK/have"
		jq -r '.system.buddy[] as $z | $z.orders[] | "\($z.node) \($z.zone) \(.order) \(.fragmentation_index // -1 | . * 1000 | round)"' "$WORK/doc" >"$WORK/have"
		awk '{ printf "%s %s %s %.0f\n", $1, $2, $3, $4 * 1000 }' "$WORK/ea" >"$WORK/want"
		same_files "fragmentation index" "$WORK/want" "$WORK/have"
		usable=1
	fi
	[ "$blocks" -gt 0 ] && { [ -z "$extfrag" ] || [ "$usable" -gt 0 ]; } && break
done
check "buddyinfo: no try agreed" [ "$blocks" -gt 0 ]
[ "$usable" -gt 0 ] || echo "note: the kernel's indices were not compared"

# ---- slab and vmalloc ----

slab() {
	awk -v page="$page" 'NR > 2 { n = $15 * $6 * page; if ($1 ~ /^(dma-)?kmalloc-/) k += n; else o += n }
		END { printf "%.0f %.0f %d\n", o, k, NR - 2 }' /proc/slabinfo
}
vmalloc() {
	awk -v page="$page" '{ areas++; size += $2; for (i = 3; i <= NF; i++) if ($i ~ /^pages=/) n += substr($i, 7) }
		END { printf "%d %.0f %.0f\n", areas, size, n * page }' /proc/vmallocinfo
}
if [ -r /proc/slabinfo ] && [ -r /proc/vmallocinfo ]; then
	slabs=0 areas=0
	for ((try = 0; try < TRIES && !(slabs && areas); try++)); do
		read -r oa ka na < <(slab)
		va=$(vmalloc)
		json "$WORK/doc" --system
		read -r ob kb nb < <(slab)
		vb=$(vmalloc)
		read -r o k n < <(jq -r '.system.slab | "\(.own) \(.kmalloc) \(.caches | length)"' "$WORK/doc")
		between own "$oa" "$ob" "$o" && between kmalloc "$ka" "$kb" "$k" &&
			between caches "$na" "$nb" "$n" && slabs=1
		v=$(jq -r '[.system.vmalloc[]] | "\([.[].areas] | add) \([.[].size] | add) \([.[].bytes] | add)"' "$WORK/doc")
		if [ "$v" = "$va" ] || [ "$v" = "$vb" ]; then areas=1; fi
	done
	check "slabinfo: own $oa..$ob, got $o; kmalloc $ka..$kb, got $k; caches $na..$nb, got $n" [ "$slabs" = 1 ]
	check "vmallocinfo: $va, then $vb, got $v" [ "$areas" = 1 ]
	# slabtop(1) of procps, by libproc2: a cache that hardly moves
	if command -v slabtop >/dev/null; then
		same "slabtop: object size of kmalloc-4k" "$(slabtop -o | awk '$NF == "kmalloc-4k" { print $4 }')" \
			"$(jq -r '.system.slab.caches[] | select(.name == "kmalloc-4k") | .object_size / 1024 | "\(.).00K"' "$WORK/doc")"
	fi
	same "largest caches first" true "$(jq '[.system.slab.caches[].bytes] | . == (sort | reverse)' "$WORK/doc")"
	same "kernel stacks in vmalloc areas" "$(grep -q -E ' (kernel_clone|copy_process|dup_task_struct|alloc_thread_stack_node|fork_idle)[+].* pages=' /proc/vmallocinfo && echo true || echo false)" \
		"$(jq .system.memory.kernel_stacks_in_vmalloc "$WORK/doc")"
fi

# ---- counters and pressure only grow ----

counters() {
	awk '/^(pgfault|pgfree|pgmajfault|pswpout|oom_kill|thp_fault_alloc) / { print $1, $2 }
		/^pgalloc_/ { n += $2 } END { printf "pgalloc %.0f\n", n }' /proc/vmstat | sort
}
counters >"$WORK/a"
json "$WORK/doc" --system
counters >"$WORK/b"
jq -r '.system.counters | to_entries[] | "\(.key) \(.value)"' "$WORK/doc" | sort >"$WORK/have"
while read -r key a b have; do
	check "$key: $a..$b, got $have" between "$key" "$a" "$b" "$have"
done < <(join <(join "$WORK/a" "$WORK/b") "$WORK/have")
same "counters were compared" 7 "$(join <(join "$WORK/a" "$WORK/b") "$WORK/have" | wc -l)"

# ---- huge pages: a pool that changes ----

pool=/sys/kernel/mm/hugepages/hugepages-2048kB
if [ "$(id -u)" -eq 0 ] && [ -w "$pool/nr_hugepages" ]; then
	found=0
	for ((try = 0; try < TRIES && !found; try++)); do
		a=$(cat "$pool/nr_hugepages" "$pool/free_hugepages" "$pool/resv_hugepages" | paste -sd ' ')
		json "$WORK/doc" --system
		have=$(jq -r '.system.hugetlb[] | select(.size == 2097152 and .node == null) |
			"\(.nr_hugepages) \(.free_hugepages) \(.resv_hugepages)"' "$WORK/doc")
		[ "$a" != "$have" ] || found=1
	done
	check "pool of 2 MiB pages: $a, got $have" [ "$found" = 1 ]
fi

# ---- with other views, in this order, and for anybody ----

start_program sleep 1000
run_ok --system --processes --summary "$PID"
# the summary's table, the processes', the machine's
same "order of views" "summary processes system" "$(awk '/^  kind / { print "summary" } /^ *pid / { print "processes" }
	/where memory is/ { print "system" }' "$OUT" | paste -sd ' ')"
json "$WORK/doc" --system "$PID" --summary
same "with a target" "$PID true" "$(jq -r '"\(.processes[0].pid) \(.system != null)"' "$WORK/doc")"
json "$WORK/doc" --system
same "without one" '[]' "$(jq -c .processes "$WORK/doc")"

if [ "$(id -u)" -eq 0 ] && command -v setpriv >/dev/null; then
	cp "$MEMMAP" "$WORK/memmap"
	as_nobody_works=1
	as_nobody() { setpriv --reuid 65534 --regid 65534 --clear-groups "$WORK/memmap" "$@" >"$OUT" 2>"$ERR" </dev/null; }
	as_nobody --system --json
	same "for anybody: status" 0 $?
	same "for anybody" '[null,null,["slab","vmalloc"],true]' "$(jq -c '.system | [.slab, .vmalloc,
		[.unavailable[] | select(.needs | test("CAP_DAC_READ_SEARCH")).what], (.memory.parts.free > 0)]' "$OUT")"
	as_nobody --system
	check "for anybody: no note" grep -q 'note: proc/slabinfo, proc/vmallocinfo: ' "$OUT"
	check "for anybody: no capability named" grep -q 'CAP_DAC_READ_SEARCH' "$OUT"
fi

# ---- the kernel's half of a picture: where kallsyms, iomem and kcore have it ----

text=$(awk '$3 == "_text" { print $1 }' /proc/kallsyms)
if [[ $text =~ [1-9a-f] ]] && grep -q '[1-9a-f].*: Kernel code' /proc/iomem; then
	json "$WORK/doc" --kernel $$
	# each range of the image as far from the text as iomem's is from the code
	code=0x$(sed -n 's/ *\([0-9a-f]*\)-.*: Kernel code$/\1/p' /proc/iomem)
	while read -r start last name; do
		start=$((0x$text + 0x$start - code)) last=$((0x$text + 0x$last - code))
		same "kernel ${name,,}" "$(printf '["0x%x","0x%x",false]' $start $last)" \
			"$(jq -c --arg name "kernel ${name,,}" '.processes[0].layout[] |
				select(.label == $name) | [.start, .last, .nominal]' "$WORK/doc")"
	done < <(sed -n 's/ *\([0-9a-f]*\)-\([0-9a-f]*\) : Kernel \(code\|rodata\|data\|bss\)$/\1 \2 \3/p' /proc/iomem |
		sed 's/code$/text/')
	run_ok --kernel --color=never $$
	check "no kernel text in the picture" grep -q "^ *${text} .* kernel text " "$OUT"
	if [ -n "${as_nobody_works-}" ]; then
		start_program setpriv --reuid 65534 --regid 65534 --clear-groups sleep 1000
		as_nobody --json --kernel "$PID"
		same "for anybody: what was read of the kernel's half" '[]' \
			"$(jq -c '[.processes[0].layout[] | select(.type == "kernel" and (.nominal | not))]' "$OUT")"
	fi
fi
finish
