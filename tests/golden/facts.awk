# SPDX-License-Identifier: GPL-3.0-or-later
# Does the sums of one process of a captured tree; see facts.sh, which calls it.
#
# Input: the process's maps, smaps, smaps_rollup, numa_maps and status, told apart by the variable `file`;
# have_maps, have_smaps and have_numa say whether the tree has those at all.
# Addresses are counted in units of 4096 (their last three digits are always 000), so that numbers
# up to 2^64 stay exact in awk's floating point.

function pages(hex,    n, i)
{
	hex = tolower(hex)
	n = 0
	for (i = 1; i <= length(hex) - 3; i++)
		n = n * 16 + index("0123456789abcdef", substr(hex, i, 1)) - 1
	return n
}

function is_header(line)
{
	return line ~ /^[0-9a-f]+-[0-9a-f]+ [-r][-w][-x][-sp] /
}

function number(name, value)
{
	printf "%s %.0f\n", name, value
}

BEGIN {
	split("Size Rss Pss Pss_Dirty Shared_Clean Shared_Dirty Private_Clean Private_Dirty " \
	      "Referenced Anonymous KSM LazyFree AnonHugePages ShmemPmdMapped FilePmdMapped " \
	      "Shared_Hugetlb Private_Hugetlb Swap SwapPss Locked Pss_Anon Pss_File Pss_Shmem", order, " ")
}

# Names can hold anything, so lines are told apart by their shape only.
file == "maps" && is_header($0) {
	split($1, range, "-")
	n++
	start[n] = range[1]
	end[n] = range[2]
	name = $0
	sub(/^[^ ]* [^ ]* [^ ]* [^ ]* [^ ]* */, "", name)
	if (name == "[stack]")
		stack = n
	if (name == "[vsyscall]")
		gate = n
	if (name == "[heap]")
		kind[n] = "heap"
	else if (name == "[stack]")
		kind[n] = "stack"
	else if (name ~ /^\[stack:[0-9]+\]$/)
		kind[n] = "thread-stack"
	else if (name == "[vdso]" || name ~ /^\[vvar/)
		kind[n] = "vdso"
	else if (name == "[vsyscall]")
		kind[n] = "vsyscall"
	anon[n] = $5 == 0 && name == "" && $2 ~ /^rw.p/
	if ($2 ~ /^---/ && $5 == 0 && name == "")
		kind[n] = "guard"
	else if ($2 ~ /^..xp/ && $5 == 0 && name == "")
		kind[n] = "jit"
	next
}

file == "smaps" && is_header($0) {
	records++
	next
}

file == "smaps" && NF == 3 && $2 ~ /^[0-9]+$/ && length($2) < 15 && $3 == "kB" {
	sum[substr($1, 1, length($1) - 1)] += $2
	seen[substr($1, 1, length($1) - 1)] = 1
	next
}

file == "rollup" && NF == 3 && $3 == "kB" {
	rollup[substr($1, 1, length($1) - 1)] = $2
	next
}

# In numa_maps a name has no blank and no "=" of its own. Counts are pages of the size at the end.
file == "numa" && $1 ~ /^[0-9a-f]+$/ {
	numa_lines++
	kb = 0
	for (i = 2; i <= NF; i++)
		if ($i ~ /^kernelpagesize_kB=[0-9]+$/)
			kb = substr($i, 19)
	for (i = 2; i <= NF; i++)
		if ($i ~ /^N[0-9]+=[0-9]+$/) {
			split(substr($i, 2), part, "=")
			on_node[part[1]] += part[2] * kb
			if (part[1] > last_node)
				last_node = part[1]
		}
	next
}

file == "status" && NF == 3 && $3 == "kB" && length($2) < 15 && $1 ~ /^(Vm|Rss|Hugetlb)/ {
	status[++statuses] = substr($1, 1, length($1) - 1)
	value[statuses] = $2
	next
}

file == "status" && $1 == "Threads:" {
	threads = $2
	next
}

# A blocked thread: number, six arguments, stack pointer, program counter.
file == "syscall" && NF == 9 {
	split(FILENAME, part, "/")
	tid[++blocked] = part[length_of(part) - 1]
	sp[blocked] = pages(substr($8, 3))
}

function length_of(array,    i)
{
	i = 0
	while ((i + 1) in array)
		i++
	return i
}

function stacks(    t, i)
{
	for (t = 1; t <= blocked; t++)
		for (i = 1; i <= n; i++) {
			if (sp[t] < pages(start[i]) || sp[t] >= pages(end[i]))
				continue
			print "stack_pointer_in " start[i] " " tid[t]
			if (kind[i] == "" && anon[i])
				kind[i] = "thread-stack"
		}
}

function sums(    i, f)
{
	if (have_maps)
		number("mappings", n)
	if (have_smaps)
		number("smaps_records", records)
	for (i = 1; i in order; i++) {
		f = order[i]
		if (f in seen)
			number("smaps_" f, sum[f] * 1024)
	}
	if (("Private_Clean" in seen) && ("Private_Dirty" in seen))
		number("smaps_uss", (sum["Private_Clean"] + sum["Private_Dirty"]) * 1024)
	for (i = 1; i in order; i++) {
		f = order[i]
		if (f in rollup)
			number("rollup_" f, rollup[f] * 1024)
	}
	for (i = 1; i <= statuses; i++)
		number("status_" status[i], value[i] * 1024)
	if (have_numa)
		number("numa_lines", numa_lines)
	for (i = 0; i <= last_node; i++)
		if (i in on_node)
			number("numa_node " i, on_node[i] * 1024)
}

# Holes lie between neighbouring mappings; the gate area and the stretch below the first do not count.
function holes(    i, size, count, best, bounded, last, total, user)
{
	best = bounded = 0
	for (i = 1; i <= n; i++) {
		if (i != gate) {
			total += pages(end[i]) - pages(start[i])
			user = i
		}
		if (i == 1 || i == gate)
			continue
		size = pages(start[i]) - pages(end[i - 1])
		if (size <= 0)
			continue
		count++
		if (size > best) {
			best = size
			last = end[i - 1] " " start[i]
		}
		if (size > bounded && (!stack || i <= stack)) {
			bounded = size
			below = end[i - 1] " " start[i]
		}
	}
	if (!n)
		return
	number("maps_size", total * 4096)
	print "first_mapping " start[1]
	print "last_mapping_end " end[user]
	number("holes", count)
	if (best)
		printf "largest_hole %s %.0f\n", last, best * 4096
	if (bounded && stack)
		printf "largest_hole_below_stack %s %.0f\n", below, bounded * 4096
}

END {
	sums()
	holes()
	if (threads != "")
		number("threads", threads)
	stacks()
	for (i = 1; i <= n; i++)
		if (kind[i] != "")
			print "kind " start[i] " " kind[i]
}
