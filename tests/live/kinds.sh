#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Every mapping of every target has the kind and the numbers that the target gave it.
. "$(dirname "$0")/lib.sh"
need_root

# compare TEXT FACTS KEYS FILE: FILE holds a process object.
compare() {
	if ! jq -r --rawfile expect "$OUTPUT" --arg facts "$2" --arg keys "$3" \
		-f "$LIVE/expect.jq" "$4" >"$WORK/differences" 2>&1; then
		fail_with "$1: cannot be compared" <"$WORK/differences"
	elif [ -s "$WORK/differences" ]; then
		fail_with "$1: $(wc -l <"$WORK/differences") differences" 40 <"$WORK/differences"
	else
		pass
	fi
}

# examine TEXT: the running target against the kernel (is the target right?) and memmap against both.
examine() {
	smaps_json "$PID" >"$WORK/kernel.json"
	compare "$1 itself, seen by the kernel" kernel plain "$WORK/kernel.json"
	if json "$WORK/full.json" --maps "$PID"; then
		jq -c '.processes[0]' "$WORK/full.json" >"$WORK/process.json"
		compare "$1" memmap plain "$WORK/process.json"
		same "$1: number of mappings" "$(wc -l <"/proc/$PID/maps")" \
			"$(jq '.mappings | length' "$WORK/process.json")"
	fi
	if $pages && grep -q ' pages\.' "$OUTPUT" && json "$WORK/full.json" --maps --pages "$PID"; then
		jq -c '.processes[0]' "$WORK/full.json" >"$WORK/process.json"
		compare "$1 (pages)" memmap dotted "$WORK/process.json"
	fi
	stop_target "$PID"
}

kinds_of() {
	mkdir -p "$WORK/files"
	if start_target "$@"; then
		examine "$*"
	fi
	rm -rf "$WORK/files"
}

pages=false
"$MEMMAP" --help 2>/dev/null | grep -q -e --pages && pages=true

kinds_of layout
for variant in layout-nopie layout-static layout-static-pie; do
	if [ -x "$TARGETS/$variant" ]; then
		kinds_of "$variant"
	fi
done
# Without randomisation the heap follows the executable's bss directly.
if command -v setarch >/dev/null && start_command setarch -R "$TARGETS/layout"; then
	examine "setarch -R layout"
fi
# And with the old layout the mmap area grows upwards from a third of the address space.
if command -v setarch >/dev/null && start_command setarch -L "$TARGETS/layout"; then
	examine "setarch -L layout"
fi
kinds_of threads 7
kinds_of shared "$WORK/files"
kinds_of jit
kinds_of dlopen "$WORK/files"
kinds_of many 5000 anon 1000
kinds_of many 5000 file 1000 "$WORK/files"

pool=/proc/sys/vm/nr_hugepages
if [ -w $pool ]; then
	setting $pool $(($(cat $pool) + 16))
	kinds_of hugetlb
else
	echo "note: no huge page pool on this kernel"
fi

finish
