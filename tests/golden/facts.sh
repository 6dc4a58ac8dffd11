#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Writes the file `facts` of captured trees: what a right report about them must say.
#
# Usage: facts.sh TREE...
#
# The sums are made here, by awk, over the captured text. What cannot be computed (which mapping is
# a thread's stack, which file name was really created) comes from the file `known` beside them: it
# was written by the target program, by elf-kinds.sh from ELF headers, or by hand. Lines of `known`
# after a line "pid N" belong to that process, those before to the whole tree.
set -u
LC_ALL=C
export LC_ALL
here=$(dirname "$0")

# known_of TREE PID: that process's lines; PID 0: the tree's
known_of()
{
	[ -f "$1/known" ] || return 0
	awk -v want="$2" '/^pid / { pid = $2; next } pid + 0 == want && !/^#/ && NF' "$1/known"
}

levels_of()
{
	awk '$1 == "VmallocTotal:" && $2 == 34359738367 { print "levels 4" }
	     $1 == "VmallocTotal:" && $2 == 13743895347199 { print "levels 5" }' "$1"
}

process_facts()
{
	p=$1/proc/$2
	echo "pid $2"
	for f in maps smaps smaps_rollup numa_maps status; do
		[ -f "$p/$f" ] || eval "$f=/dev/null"
		[ -f "$p/$f" ] && eval "$f=\$p/\$f"
	done
	set -- "$1" "$2" "$p"/task/*/syscall
	tree=$1 pid=$2
	shift 2
	have_maps=$([ -f "$p/maps" ] && echo 1)
	have_smaps=$([ -f "$p/smaps" ] && echo 1)
	have_numa=$([ -f "$p/numa_maps" ] && echo 1)
	[ -f "$1" ] || set -- /dev/null
	# shellcheck disable=SC2154 # assigned by the eval above
	awk -v have_maps="$have_maps" -v have_smaps="$have_smaps" \
		-v have_numa="$have_numa" -f "$here/facts.awk" \
		file=maps "$maps" file=smaps "$smaps" \
		file=rollup "$smaps_rollup" file=numa "$numa_maps" file=status "$status" \
		file=syscall "$@" >"$tree/.sums"
	known_of "$tree" "$pid" >"$tree/.known"
	# a kind that is known beats one guessed from the name; the order is that of the addresses
	awk 'NR == FNR { if ($1 ~ /^kind/) known[$2] = 1; next }
	     $1 != "kind" || !($2 in known)' "$tree/.known" "$tree/.sums" | grep -v '^kind '
	{
		awk 'NR == FNR { if ($1 ~ /^kind/) known[$2] = 1; next }
		     $1 == "kind" && !($2 in known)' "$tree/.known" "$tree/.sums"
		grep '^kind ' "$tree/.known"
	} | awk '{ printf "%16s %s\n", $2, $0 }' | sort -u | sed 's/^................. *//'
	grep -v '^kind ' "$tree/.known"
	rm -f "$tree/.known" "$tree/.sums"
}

tree_facts()
{
	set -- "$1"
	pids=
	for d in "$1"/proc/[0-9]*; do
		[ -d "$d" ] && pids="$pids ${d##*/}"
	done
	echo "# made by facts.sh from the captured files and from known"
	echo "pids$pids"
	if [ -f "$1/proc/meminfo" ]; then
		case $(cat "$1/proc/sys/kernel/arch" 2>/dev/null || echo x86_64) in
		x86_64) levels_of "$1/proc/meminfo" ;;
		esac
		awk '$1 == "MemTotal:" { printf "memory_total %.0f\n", $2 * 1024 }' "$1/proc/meminfo"
	fi
	known_of "$1" 0
	for pid in $pids; do
		process_facts "$1" "$pid"
	done
}

for tree; do
	tree=${tree%/}
	tree_facts "$tree" >"$tree/facts.new" && mv "$tree/facts.new" "$tree/facts" || exit 1
done
