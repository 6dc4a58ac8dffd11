#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Copies the /proc and /sys files memmap reads for some processes into a tree, by plain reading.
#
# Usage: capture.sh [-a] [-k] [-s] DIR [PID...]
#   -a   also the per-size statistics of transparent huge pages (some 200 small files), slabinfo
#        and vmallocinfo: what --system shows
#   -k   keep host and cgroup names; without it they become "example"
#   -s   stop the processes (SIGSTOP) while they are read, then let them go on (SIGCONT)
#
# Runs under dash, bash and busybox sh. Files the kernel does not have are left out; a process that
# cannot be read at all is an error. ROOT (default empty) is put before /proc and /sys.
set -u
LC_ALL=C
export LC_ALL

usage()
{
	echo "usage: ${0##*/} [-a] [-k] [-s] DIR [PID...]" >&2
	exit 2
}

all=0 keep=0 stop=0
while getopts aks opt; do
	case $opt in
	a) all=1 ;;
	k) keep=1 ;;
	s) stop=1 ;;
	*) usage ;;
	esac
done
shift $((OPTIND - 1))
[ $# -ge 1 ] || usage
dir=$1
shift
root=${ROOT-}

# copy PATH: one file, by reading; nothing is left behind if it cannot be read
copy()
{
	[ -r "$root$1" ] && [ -f "$root$1" ] || return 0
	mkdir -p "$dir${1%/*}"
	cat "$root$1" >"$dir$1" 2>/dev/null || rm -f "$dir$1"
}

# edit PATH SED-SCRIPT: rewrites a copied file, if names are to be neutral
edit()
{
	[ "$keep" = 0 ] && [ -f "$dir$1" ] || return 0
	sed "$2" "$dir$1" >"$dir$1.new" && mv "$dir$1.new" "$dir$1"
}

copy_process()
{
	pid=$1
	[ -d "$root/proc/$pid" ] || {
		echo "${0##*/}: no process $pid" >&2
		return 1
	}
	mkdir -p "$dir/proc/$pid"
	# smaps right after maps: the closer together they are read, the better they agree
	for f in maps smaps smaps_rollup numa_maps status stat statm limits auxv cmdline comm \
		oom_score oom_score_adj cgroup; do
		copy "/proc/$pid/$f"
	done
	edit "/proc/$pid/cgroup" 's|\(:[^:]*:/\)..*|\1example.scope|'
	exe=$(readlink "$root/proc/$pid/exe") && ln -sfn "$exe" "$dir/proc/$pid/exe"
	for t in "$root/proc/$pid/task"/*; do
		tid=${t##*/}
		for f in stat comm syscall status; do
			copy "/proc/$pid/task/$tid/$f"
		done
	done
}

copy_machine()
{
	for f in meminfo version uptime stat buddyinfo zoneinfo vmstat swaps pressure/memory \
		sys/kernel/arch sys/kernel/osrelease sys/kernel/hostname \
		sys/vm/mmap_min_addr sys/vm/max_map_count sys/vm/overcommit_memory; do
		copy "/proc/$f"
	done
	[ "$all" = 0 ] || for f in slabinfo vmallocinfo; do
		copy "/proc/$f"
	done
	# two processors are enough: every further one only repeats their lines
	mkdir -p "$dir/proc"
	awk -F: '/^processor[ \t]*:/ && $2 + 0 > 1 { exit } { print }' \
		"$root/proc/cpuinfo" >"$dir/proc/cpuinfo"
	edit /proc/sys/kernel/hostname 's/.*/example/'
	edit /proc/version 's/([^()@ ]*@[^()@ ]*)/(builder@example)/'

	for d in transparent_hugepage hugepages; do
		[ -d "$root/sys/kernel/mm/$d" ] || continue
		find "$root/sys/kernel/mm/$d" -type f | while IFS= read -r f; do
			case $f in
			*/stats/*) [ "$all" = 1 ] || continue ;;
			esac
			copy "${f#"$root"}"
		done
	done
	for d in "$root"/sys/devices/system/node/node*; do
		[ -d "$d" ] || continue
		for f in meminfo vmstat numastat distance cpulist; do
			copy "${d#"$root"}/$f"
		done
		for f in "$d"/hugepages/*/*; do
			copy "${f#"$root"}"
		done
	done
	for f in online possible has_memory; do
		copy "/sys/devices/system/node/$f"
	done
}

[ "$stop" = 0 ] || kill -STOP "$@" || exit 1
rc=0
for pid; do
	copy_process "$pid" || rc=1
done
[ "$stop" = 0 ] || kill -CONT "$@"
copy_machine
exit $rc
