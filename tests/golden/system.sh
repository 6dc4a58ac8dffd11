#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# --system on captured machines: each number against awk's from the same files, the parts against
# the kernel's identities, the schema, and saved text.
#
# Usage: system.sh [--update]
#   --update  save what memmap prints now as the expected text (look at the difference)
set -u
export LC_ALL=C.UTF-8 TZ=UTC TERM=xterm
unset NO_COLOR COLUMNS CDPATH COLORTERM

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
top=$(cd "${top_srcdir:-$here/../..}" && pwd)
MEMMAP=$(realpath "${MEMMAP:-src/memmap}") || exit 1
update=
[ "${1:-}" = --update ] && update=1
[ -x "$MEMMAP" ] || { echo "skipped: $MEMMAP is not built"; exit 77; }
command -v jq >/dev/null || { echo "skipped: needs jq"; exit 77; }
work=$(mktemp -d "${TMPDIR:-/tmp}/memmap-system-XXXXXX") || exit 77
trap 'rm -rf "$work"' EXIT
cd "$top/tests/golden" || exit 1

# Trees with the machine's files; page size in bytes, as the tree's README or its facts have it.
trees="x86_64-6.12-machine x86_64-numa2 x86_64-5.10 x86_64-6.1 x86_64-7.2 x86_64-6.18-shell
	arm64-6.12-16k arm64-6.12-4k"
passed=0 failed=0
pass() { passed=$((passed + 1)); }
fail() { failed=$((failed + 1)); echo "FAIL: $*"; }
# same WHAT WANT HAVE
same() { if [ "$2" = "$3" ]; then pass; else fail "$1: expected '$2', got '$3'"; fi; }

# field TREE NAME: bytes of a meminfo line, or null
field() {
	awk -v name="$2:" '$1 == name { printf "%.0f", $2 * ($3 == "kB" ? 1024 : 1); found = 1; exit }
		END { if (!found) printf "null" }' "$1/proc/meminfo"
}
# stat_of TREE NAME: a vmstat line, or null
stat_of() {
	awk -v name="$2" '$1 == name { printf "%s", $2; found = 1; exit }
		END { if (!found) printf "null" }' "$1/proc/vmstat"
}
page_size() {
	case $1 in
	*-16k) echo 16384 ;;
	*) echo 4096 ;;
	esac
}
get() { jq -c "$1" "$doc"; }

check_parts() {
	local tree=$1 part want have page
	page=$(page_size "$tree")
	# shellcheck disable=SC2016 # awk's
	awk -v page="$page" -v zones="$tree/proc/zoneinfo" '
		{ sub(":", "", $1); v[$1] = $2 * ($3 == "kB" ? 1024 : 1); has[$1] = 1 }
		function min(a, b) { return a < b ? a : b }
		function minus(a, b) { return a > b ? a - b : 0 }
		function put(key, value) { printf "%s %.0f\n", key, value }
		END {
			files = minus(v["Cached"], v["Shmem"])
			put("total", v["MemTotal"])
			put("anonymous", v["AnonPages"])
			put("page_cache_mapped", min(v["Mapped"], files))
			put("page_cache_not_mapped", minus(files, v["Mapped"]))
			put("buffers", v["Buffers"])
			put("shmem", v["Shmem"])
			lru = v["Active"] + v["Inactive"] + v["Unevictable"]
			put("swap_cache", min(v["SwapCached"], minus(lru, v["AnonPages"] + v["Cached"] + v["Buffers"])))
			put("slab_reclaimable", v["SReclaimable"])
			put("slab_unreclaimable", v["SUnreclaim"])
			put("page_tables", v["PageTables"])
			put("kernel_stacks", v["KernelStack"] + v["ShadowCallStack"])
			put("percpu", v["Percpu"])
			# all of these kernels are built with CONFIG_VMAP_STACK
			put("vmalloc", v["VmallocUsed"] - v["KernelStack"] - v["ShadowCallStack"])
			put("hugetlb", v["Hugetlb"])
			while ((getline line <zones) > 0) {
				split(line, word)
				if (word[1] == "count:") lists += word[2]
				if (word[1] == "managed") managed += word[2]
			}
			put("free_on_cpu_lists", lists * page)
			# 0 on all but the kernel of x86_64-6.18-shell
			put("free_outside_zones", minus(v["MemTotal"], managed * page))
			put("free", v["MemFree"] - minus(v["MemTotal"], managed * page))
		}' "$tree/proc/meminfo" >"$work/want"
	same "$tree: parts are compared" 17 "$(wc -l <"$work/want")"
	while read -r part want; do
		case $part in
		total) have=$(get .system.memory.total) ;;
		hugetlb) have=$(get '.system.memory.parts | .hugetlb_used + .hugetlb_reserved + .hugetlb_free') ;;
		*) have=$(get ".system.memory.parts.$part") ;;
		esac
		same "$tree: $part" "$want" "$have"
	done <"$work/want"
	same "$tree: sum" "$(field "$tree" MemTotal)" \
		"$(get '[.system.memory.parts[] // 0] + [.system.memory.unexplained] | add')"
	# small machines that do next to nothing
	same "$tree: unexplained is below 2 %" true \
		"$(get '.system.memory | .unexplained >= 0 and .unexplained < .total / 50')"
}

check_pools() {
	local tree=$1 dir size name node
	for dir in "$tree"/sys/kernel/mm/hugepages/hugepages-*kB "$tree"/sys/devices/system/node/node*/hugepages/hugepages-*kB; do
		[ -d "$dir" ] || continue
		size=${dir##*hugepages-}
		size=$((${size%kB} * 1024))
		node=null
		case $dir in
		*/node/node*)
			node=${dir#*/node/node}
			node=${node%%/*}
			;;
		esac
		if [ "$node" != null ] && [ "$(find "$tree/sys/devices/system/node" -maxdepth 1 -name 'node[0-9]*' | wc -l)" -lt 2 ]; then
			continue
		fi
		for name in nr_hugepages free_hugepages surplus_hugepages; do
			same "$tree: $size node $node $name" "$(cat "$dir/$name")" \
				"$(get ".system.hugetlb[] | select(.size == $size and .node == $node) | .$name")"
		done
	done
}

check_buddy() {
	local tree=$1
	awk -v page="$(page_size "$tree")" '{
		sub(",", "", $2)
		all = 0
		for (i = 5; i <= NF; i++) all += $i * 2 ^ (i - 5)
		for (i = 5; i <= NF; i++) {
			part = 0
			for (k = i; k <= NF; k++) part += $k * 2 ^ (k - 5)
			printf "%d %s %d %d %s\n", $2, $4, i - 5, $i,
				all ? sprintf("%.0f", int(part * 1000000 / all)) : "null"
		}
	}' "$tree/proc/buddyinfo" >"$work/want"
	get '.system.buddy[] | . as $z | .orders[] | "\($z.node) \($z.zone) \(.order) \(.blocks) " +
		(if .usable == null then "null" else (.usable * 1000000 | round | tostring) end)' |
		jq -r . >"$work/have"
	if cmp -s "$work/want" "$work/have"; then pass; else
		fail "$tree: buddy"
		diff "$work/want" "$work/have" | head -n 5
	fi
	# the whole machine's free pages once, as the zones' own counters have them: two moments
	same "$tree: zones" "$(grep -c '^  *spanned *[1-9]' "$tree/proc/zoneinfo")" "$(get '.system.zones | length')"
}

check_counters() {
	local tree=$1 key
	for key in pgfault pgmajfault pgfree pswpin pswpout oom_kill thp_fault_alloc compact_stall pgscan_direct; do
		same "$tree: $key" "$(stat_of "$tree" $key)" "$(get ".system.counters.$key")"
	done
	same "$tree: pgalloc" "$(awk '/^pgalloc_/ { n += $2 } END { printf "%.0f", n }' "$tree/proc/vmstat")" \
		"$(get .system.counters.pgalloc)"
	same "$tree: pressure" "$(sed -n 's/^some avg10=\([0-9.]*\) .* total=\([0-9]*\)/\1 \2/p' "$tree/proc/pressure/memory" | jq -nRc 'input | split(" ") | map(tonumber)')" \
		"$(get '.system.pressure.some | [.avg10, .total_microseconds]')"
	same "$tree: swap areas" "$(awk 'NR > 1 { printf "%s %.0f %.0f %s;", $1, $3 * 1024, $4 * 1024, $5 }' "$tree/proc/swaps")" \
		"$(jq -rj '.system.swap.areas[] | "\(.path) \(.size) \(.used) \(.priority);"' "$doc")"
}

# Only where they were captured.
check_slab() {
	local tree=$1
	[ -f "$tree/proc/slabinfo" ] || {
		same "$tree: no slab" null "$(get .system.slab)"
		return
	}
	awk 'NR > 2 { printf "%s %d %d %d %.0f\n", $1, $2, $3, $15, $15 * $6 * 4096 }' "$tree/proc/slabinfo" | sort >"$work/want"
	jq -r '.system.slab.caches[] | "\(.name) \(.active_objects) \(.objects) \(.slabs) \(.bytes)"' "$doc" | sort >"$work/have"
	if cmp -s "$work/want" "$work/have"; then pass; else
		fail "$tree: slab"
		diff "$work/want" "$work/have" | head -n 5
	fi
	same "$tree: kmalloc" "$(awk 'NR > 2 && $1 ~ /^(dma-)?kmalloc-/ { n += $15 * $6 * 4096 } END { printf "%.0f", n }' "$tree/proc/slabinfo")" "$(get .system.slab.kmalloc)"
	same "$tree: slab sum" "$(awk '$1 == "Slab:" { printf "%.0f", $2 * 1024 }' "$tree/proc/meminfo")" \
		"$(get '.system.slab | .own + .kmalloc + .kmalloc_large')"
	# by caller and type: areas, addresses, pages
	awk '{ caller = $3; sub(/\+.*/, "", caller); pages = 0; type = "other"
		for (i = 3; i <= NF; i++) {
			if ($i ~ /^pages=/) pages = substr($i, 7)
			if ($i ~ /^(vmalloc|vmap|ioremap|user|unpurged)$/) type = $i
		}
		if (caller == "unpurged") caller = "null"
		key = caller " " type; n[key]++; size[key] += $2; sum[key] += pages * 4096 }
		END { for (key in n) printf "%s %d %.0f %.0f\n", key, n[key], size[key], sum[key] }' \
		"$tree/proc/vmallocinfo" | sort >"$work/want"
	jq -r '.system.vmalloc[] | "\(.caller) \(.type) \(.areas) \(.size) \(.bytes)"' "$doc" | sort >"$work/have"
	if cmp -s "$work/want" "$work/have"; then pass; else
		fail "$tree: vmalloc"
		diff "$work/want" "$work/have" | head -n 5
	fi
	same "$tree: vmalloc sum" "$(field "$tree" VmallocUsed)" "$(get '[.system.vmalloc[] | .bytes] | add')"
}

check_nodes() {
	local tree=$1 node file
	for file in "$tree"/sys/devices/system/node/node*/meminfo; do
		[ -f "$file" ] || continue
		[ "$(find "$tree/sys/devices/system/node" -maxdepth 1 -name 'node[0-9]*' | wc -l)" -gt 1 ] || {
			same "$tree: one node" '[]' "$(get .system.nodes)"
			return
		}
		node=${file#*/node/node}
		node=${node%%/*}
		same "$tree: node $node" "$(awk '{ sub(":", "", $3); v[$3] = $4 * 1024 }
			END { printf "[%.0f,%.0f,%.0f,%.0f,%.0f]", v["MemTotal"], v["MemFree"], v["AnonPages"],
				v["Shmem"], v["SUnreclaim"] }' "$file")" \
			"$(get ".system.nodes[] | select(.node == $node) | [.total, .parts.free, .parts.anonymous, .parts.shmem, .parts.slab_unreclaimable]")"
		same "$tree: node $node, sum" "$(awk '$3 == "MemTotal:" { printf "%.0f", $4 * 1024 }' "$file")" \
			"$(get ".system.nodes[] | select(.node == $node) | [.parts[] // 0] + [.unexplained] | add")"
	done
}

for tree in $trees; do
	doc=$work/$tree.json
	if ! "$MEMMAP" -s "$tree" --system --json >"$doc" 2>"$work/err"; then
		fail "$tree: $(cat "$work/err")"
		continue
	fi
	same "$tree: page size" "$(page_size "$tree")" "$(get .system.page_size)"
	check_parts "$tree"
	check_pools "$tree"
	check_buddy "$tree"
	check_counters "$tree"
	check_slab "$tree"
	check_nodes "$tree"
	for width in 80 160; do
		COLUMNS=$width "$MEMMAP" -s "$tree" --system >"$work/$tree.$width" 2>&1 || fail "$tree: text"
		sed -n '/┌/,/└/p' "$work/$tree.$width" | grep -q "^.\{$width\}$" || fail "$tree: the picture is not $width columns wide"
		LC_ALL=C grep -n -P ' $|[\x00-\x09\x0b-\x1f\x7f]' "$work/$tree.$width" && fail "$tree: control characters, blanks at the end"
	done
	COLUMNS=80 "$MEMMAP" -s "$tree" --system --ascii >"$work/$tree.ascii" 2>&1
	if LC_ALL=C grep -q -P '[\x80-\xff]' "$work/$tree.ascii"; then fail "$tree: --ascii"; else pass; fi
	# tables of this view fit 80 columns
	if [ "$(wc -L <"$work/$tree.80")" -le 82 ]; then pass; else fail "$tree: too wide: $(wc -L <"$work/$tree.80")"; fi
done

if /usr/bin/python3 -c 'import jsonschema' 2>/dev/null; then
	if cat "$work"/*.json | /usr/bin/python3 "$top/tests/validate.py" "$top/man/memmap.schema.json" 2>"$work/err"; then
		pass
	else
		fail "documents are not as the schema says"
		sed 's/^/      /' "$work/err"
	fi
fi

# no meminfo at all: a message, not a table of nothing
"$MEMMAP" -s damaged-no-machine --system >"$work/out" 2>"$work/err"
same "no meminfo: status" 1 $?
[ -s "$work/err" ] && ! [ -s "$work/out" ] || fail "no meminfo: no message, or a table"

# golden TREE NAME COMMAND...: the output must be that of TREE/expected-NAME
golden() {
	local expected=$1/expected-$2
	shift 2
	"$@" >"$work/out" 2>&1
	if [ "$update" ]; then
		cmp -s "$work/out" "$expected" || cp "$work/out" "$expected"
	elif cmp -s "$expected" "$work/out"; then
		pass
	else
		fail "not as in $expected:"
		diff -u --label expected --label now "$expected" "$work/out" | head -n 40
	fi
}

golden x86_64-6.12-machine system env COLUMNS=80 "$MEMMAP" -s x86_64-6.12-machine --system
golden x86_64-6.12-machine system-160 env COLUMNS=160 "$MEMMAP" -s x86_64-6.12-machine --system
golden x86_64-6.12-machine system-ascii env COLUMNS=80 "$MEMMAP" -s x86_64-6.12-machine --system --ascii
golden x86_64-6.12-machine system-color env COLUMNS=80 "$MEMMAP" -s x86_64-6.12-machine --system --color=always
golden x86_64-6.12-machine system-raw "$MEMMAP" -s x86_64-6.12-machine --system --raw --bytes
golden x86_64-5.10 system env COLUMNS=80 "$MEMMAP" -s x86_64-5.10 --system

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
