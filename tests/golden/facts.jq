# SPDX-License-Identifier: GPL-3.0-or-later
# Do memmap's documents say what `facts` says? A line for each fact: "ok", or "FAIL ..."
#
# jq -r --rawfile TREE TREE/facts ... -f facts.jq TREE,PID,smaps|maps...
#   The documents' file names tell of which process they are, and what they were made of; with maps
#   (--fast) only what maps and status tell is compared.
#
# Not known to memmap, so either is right: bits without auxv; levels where the kernel does not tell its
# architecture, and with --fast, which does not read the page size, where that decides them; relro or rodata without VmFlags; the stack of a thread that was running; whether "\012" and
# " (deleted)" are part of a name (only /proc/PID/map_files tells, which a captured tree does not have).
# Not compared: largest_hole_below_stack (memmap tells the largest of all), note (for readers), and what `naive` says is no expectation.

def hex: explode | map(
	if . < 128 then [.]
	elif . < 2048 then [192 + (. / 64 | floor), 128 + . % 64]
	elif . < 65536 then [224 + (. / 4096 | floor), 128 + (. / 64 | floor) % 64, 128 + . % 64]
	else [240 + (. / 262144 | floor), 128 + (. / 4096 | floor) % 64, 128 + (. / 64 | floor) % 64,
	      128 + . % 64] end) | add // [] | map([(. / 16 | floor), . % 16] | map("0123456789abcdef"[.:. + 1]) | add)
	| add // "";
# addresses as maps writes them, without leading zeros
def short: ltrimstr("0x") | sub("^0+(?=.)"; "");
def snake: {
	AnonHugePages: "anon_huge_pages", Anonymous: "anonymous", FilePmdMapped: "file_pmd_mapped", KSM: "ksm",
	LazyFree: "lazy_free", Locked: "locked", Private_Clean: "private_clean", Private_Dirty: "private_dirty",
	Private_Hugetlb: "private_hugetlb", Pss: "pss", Pss_Anon: "pss_anon", Pss_Dirty: "pss_dirty",
	Pss_File: "pss_file", Pss_Shmem: "pss_shmem", Referenced: "referenced", Rss: "rss",
	Shared_Clean: "shared_clean", Shared_Dirty: "shared_dirty", Shared_Hugetlb: "shared_hugetlb",
	ShmemPmdMapped: "shmem_pmd_mapped", Size: "size", Swap: "swap", SwapPss: "swap_pss", uss: "uss",
	HugetlbPages: "hugetlb_pages", RssAnon: "rss_anon", RssFile: "rss_file", RssShmem: "rss_shmem",
	VmData: "vm_data", VmExe: "vm_exe", VmHWM: "vm_hwm", VmLck: "vm_lck", VmLib: "vm_lib", VmPMD: "vm_pmd",
	VmPTE: "vm_pte", VmPeak: "vm_peak", VmPin: "vm_pin", VmRSS: "vm_rss", VmSize: "vm_size",
	VmStk: "vm_stk", VmSwap: "vm_swap"
}[.];
# what future-kernel made up
def unheard: . == "status_VmNew" or . == "status_VmTagged";
def is($want; $got): if $want == $got then "ok" else "FAIL expected \($want | tojson), got \($got | tojson)" end;
def true_or(text): if . then "ok" else "FAIL " + text end;

(input_filename | split("/")[-1] | split(",")) as [$tree, $pid, $from]
| $ARGS.named[$tree] as $facts
| .machine as $machine | .processes[0] as $p
| ($facts | split("\n") | map(select(. != "" and (startswith("#") | not)) | split(" "))) as $all
| (reduce $all[] as $f ({at: "", tree: [], of: {}};
	if $f[0] == "pid" then .at = $f[1] elif .at == "" then .tree += [$f] else .of[.at] += [$f] end)) as $split
| ($split.tree + $split.of[$pid]) as $mine
| ($mine | map(.[0])) as $words
| ($from == "smaps") as $full
| ($words | index("smaps_Rss") != null or index("smaps_Pss") != null) as $counted
| [$p.mappings[]?] as $m
| ($m | map({key: (.start | short), value: .}) | from_entries) as $at
| [$m[] | select(.kind != "vsyscall")] as $user
| ($words | index("naive") != null) as $naive
| ($full and ([$p.unavailable[].what] | index("auxv") == null)) as $auxv
# the threads whose stack a captured tree can show: those that were blocked
| ($mine | map(select(.[0] == "stack_pointer_in") | .[2])) as $blocked
| $mine[] | . as $f | .[0] as $w
| (if $w == "pids" or $w == "largest_hole_below_stack" or $w == "note" or $w == "naive"
   then empty
   elif $w == "memory_total" then is($f[1] | tonumber; $machine.memory_total)
   elif $w == "levels" then
	if $naive or $machine.page_table_levels == null and
	   ($machine.architecture == null or ($full | not) and $machine.architecture != "x86_64") then empty
	else is($f[1] | tonumber; $machine.page_table_levels) end
   elif $w == "page_size" then is([$f[1] | tonumber];
	[$m[] | .mmu_page_size // empty | select(. < 1048576)] | unique | if $full then . else [$f[1] | tonumber] end)
   elif $w == "threads" then is($f[1] | tonumber; $p.threads)
   elif $w == "bits" then
	if $p.bits == null and ($auxv | not) then empty else is($f[1] | tonumber; $p.bits) end
   elif $w == "zombie" then is("Z"; $p.state), is([]; $m)
   elif $w == "kernel_thread" then is(true; $p.kernel_thread), is([]; $m)
   elif $w == "foreign" then is([]; $m), is(null; $p.totals.mappings),
	([$p.unavailable[].what] | index("mappings") != null | true_or("foreign: mappings are not called unavailable"))
   elif ($w | startswith("status_")) then
	if $w | unheard then empty else is($f[1] | tonumber; $p.status[$w[7:] | snake]) end
   elif $naive then empty
   elif $w == "mappings" then is($f[1] | tonumber; $m | length)
   elif $w == "maps_size" then is($f[1] | tonumber; $p.totals.size), is($f[1] | tonumber; $user | map(.size) | add)
   elif $w == "first_mapping" then is($f[1] | short; $user[0].start | short)
   elif $w == "last_mapping_end" then is($f[1] | short; $user[-1].end | short)
   elif $w == "holes" then is($f[1] | tonumber; $p.holes.count)
   elif $w == "largest_hole" then
	is([($f[1] | short), ($f[2] | short), ($f[3] | tonumber)];
	   $p.holes.largest | [(.start | short), (.end | short), .size])
   elif $w == "path_hex" then 
	($at[$f[1] | short] | .path_hex // (.path // "" | hex)) as $got
	| if $got == ($f[2] | sub("202864656c6574656429$"; "")) or $got == ($f[2] | gsub("5c303132"; "0a")) then "ok"
	  else is($f[2]; $got) end
   elif $full | not then empty
   elif $w == "policy" then is($f[2:] | join(" "); $at[$f[1] | short].numa.policy)
   elif $w == "node" then
	is([$f[3] | tonumber]; [$at[$f[1] | short].numa.nodes[] | select("\(.node)" == $f[2]) | .bytes])
   elif $w == "off_policy" then ($at[$f[1] | short].numa) as $n
	| is($f[2] | tonumber; $n.off_policy), is($n.bytes; $n.on_policy + $n.off_policy),
	  is([$m[] | .numa.off_policy // 0] | add; $p.numa.off_policy)
   elif $w == "numa_lines" then
	if $m == [] then empty else is($f[1] | tonumber; $p.numa.mappings),
	   is([$p.numa.nodes[] | .bytes] | add; $p.numa.bytes) end
   elif $w == "numa_node" then
	is([$f[2] | tonumber]; [$p.numa.nodes[] | select("\(.node)" == $f[1]) | .bytes])
   elif $w == "bound" then
	($mine | map(select(.[0] == "numa_node"))) as $nodes
	| is(true; $p.numa.bound),
	  is([$nodes[] | select(.[1] | IN($f[1:][])) | .[2] | tonumber] | add; $p.numa.local),
	  is([$nodes[] | select(.[1] | IN($f[1:][]) | not) | .[2] | tonumber] | add; $p.numa.remote)
   elif $w == "unbound" then is([false, null, null]; $p.numa | [.bound, .local, .remote])
   elif $w == "smaps_records" then is($f[1] | tonumber; $m | length)
   elif $w | startswith("smaps_") then
	($w[6:] | snake) as $key
	| is($f[1] | tonumber; [$m[] | .[$key] // 0] | add // 0),
	  # the totals are the kernel's own where there are such: Pss is rounded down in each mapping
	  (if $words | index("rollup_" + $w[6:]) then empty
	   elif $key == "uss" or $key == "size" then empty
	   elif [$m[] | .[$key] == null] | any then is(null; $p.totals[$key])
	   else is($f[1] | tonumber; $p.totals[$key]) end)
   elif $w | startswith("rollup_") then is($f[1] | tonumber; $p.totals[$w[7:] | snake])
   elif $w == "kind" then
	($at[$f[1] | short] // {}) as $one
	| ($mine | map(select(.[0] == "thread" and .[1] == $f[1]) | .[2])) as $tid
	| if $f[2] == "thread-stack" and $tid != [] and ($blocked | index($tid[0]) == null)
	  then is(true; $one.kind == "thread-stack" or $one.kind == "anon")
	  elif $one.vm_flags == null and ($f[2] == "relro" or $f[2] == "rodata")
	  then is(true; $one.kind == "relro" or $one.kind == "rodata")
	  else is($f[2]; $one.kind) end
   elif $w == "kind_either" then ($at[$f[1] | short].kind) as $kind
	| ($kind == $f[2] or $kind == $f[3]) | true_or("it is \($kind)")
   elif $w == "thread" then
	if $blocked | index($f[2]) == null then empty else is($f[2] | tonumber; $at[$f[1] | short].thread) end
   elif $w == "stack_pointer_in" then ($at[$f[1] | short] // {}) as $one
	| if $mine | map(select(.[0] == "kind_either" and .[1] == $f[1])) != [] then empty
	  elif $one.kind == "thread-stack" then is($f[2] | tonumber; $one.thread)
	  else ($one.kind == "stack" or $one.kind == "anon" or $one.kind == "heap" or $one.kind == "file"
		| true_or("a stack pointer lies in \($one.kind | tojson)")) end
   elif $w == "written" then ($at[$f[1] | short] // {})
	| (if .kind == "hugetlb" then (.private_hugetlb // 0) + (.shared_hugetlb // 0) else (.rss // 0) + (.swap // 0) end)
	| . as $have | ($have >= ($f[2] | tonumber)) | true_or("\($f[2]) bytes written, resident and swapped \($have)")
   else "FAIL a fact that this test does not know" end)
| if . == "ok" then . else sub("^FAIL "; "FAIL \($tree) \($pid) from \($from): \($f | join(" ")): ") end
