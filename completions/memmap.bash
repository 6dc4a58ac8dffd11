# SPDX-License-Identifier: GPL-3.0-or-later
# Completion of memmap for bash. Needs nothing but bash itself.

# _memmap_offer WORD CANDIDATE...: those that begin with WORD, without what readline keeps.
_memmap_offer()
{
	local word=$1 kept='' candidate
	shift
	# readline replaces only what follows the last of these
	if [[ $word == *[=:]* ]]; then
		kept=${word%"${word##*["${COMP_WORDBREAKS//[!=:]/}"]}"}
		[[ $COMP_WORDBREAKS == *[=:]* ]] || kept=''
	fi
	for candidate; do
		[[ $candidate != "$word"* ]] || COMPREPLY+=("${candidate#"$kept"}")
	done
}

# _memmap_list BEFORE WORD NAME...: comma-separated names, each once.
_memmap_list()
{
	local before=$1 word=$2 done='' name candidates=()
	shift 2
	if [[ $word == *,* ]]; then
		done=${word%,*},
		word=${word##*,}
	fi
	for name; do
		[[ ,$done == *",$name,"* ]] || candidates+=("$before$done$name")
	done
	_memmap_offer "$before$done$word" "${candidates[@]}"
	compopt -o nospace 2>/dev/null
}

# _memmap_targets WORD ROOT: IDs and names of processes that have memory of their own.
_memmap_targets()
{
	local word=$1 root=$2 dir name argument
	local -A found=()
	for dir in "$root"/proc/[0-9]*; do
		# kernel threads and zombies have no command line
		argument=
		IFS= read -r -d '' argument 2>/dev/null <"$dir/cmdline"
		[[ -n $argument ]] || continue
		found[${dir##*/}]=yes
		IFS= read -r name 2>/dev/null <"$dir/comm" || continue
		[[ $name != *[![:print:]]* && $name != -* ]] || continue
		printf -v name %q "$name"
		found[$name]=yes
	done
	_memmap_offer "$word" "${!found[@]}"
}

_memmap()
{
	local kinds=(text rodata relro data bss heap stack thread-stack anon jit guard file
		shm memfd hugetlb device vdso vsyscall other)
	local columns=(start end size mappings perms offset device inode path deleted kind
		object thread resident rss pss pss_dirty uss unique dirty shared_clean
		shared_dirty private_clean private_dirty referenced anonymous ksm lazy_free
		huge anon_huge_pages shmem_pmd_mapped file_pmd_mapped hugetlb shared_hugetlb
		private_hugetlb swap swap_pss locked kernel_page_size mmu_page_size
		thp_eligible protection_key vm_flags present exclusive shared zero_pages
		swapped_pages guard_pages untouched ksm_pages pfn_runs longest_run folios
		huge_share why policy nodes local remote name)
	local options=(--summary --layout --kernel --maps --mm --pages --huge --numa --translate --cow --sharing --wss --clear-refs
		--processes --tree --system --physical --owners -u --user -o --output --list-columns
		-x --extended -X --everything -S --sort -g --group-by -k --kind -f --filter
		-A --range --perms --min-rss -i --tui -J --json -b --bytes -n --noheadings -r --raw
		--ascii --color --fast -s --sysroot --capture
		-w --watch -c --count --diff --probe -h --help -V --version)
	local line=${COMP_LINE:0:COMP_POINT} word words option='' before='' plus='' root=''
	local only_targets='' i candidates=()
	# letters without an argument, then one with
	local cluster='^(-[xXiJbnrhV]*([oSgkfAsuwc]))(.*)$'

	COMPREPLY=()
	# COMP_WORDS is cut at = and : as well, so the words are taken from the line
	word=${line##*[[:space:]]}
	line=${line%"$word"}
	read -ra words <<<"$line"
	for ((i = 1; i < ${#words[@]}; i++)); do
		case ${words[i]} in
		--) [[ ${words[i - 1]} =~ ^-[xXiJbnrhV]*[oSgkfAsuwc]$ ]] || only_targets=yes ;;
		--sysroot=*) root=${words[i]#*=} ;;
		-s | --sysroot) root=${words[i + 1]-} ;;
		esac
	done

	if [[ -z $only_targets ]]; then
		option=${words[*]: -1}
		if [[ $word == --*=* ]]; then
			option=${word%%=*}
			before=$option=
			word=${word#*=}
		elif [[ $option =~ $cluster && -z ${BASH_REMATCH[3]} ]]; then
			option=-${BASH_REMATCH[2]}
		elif [[ $option != --?* && $word =~ $cluster && -n ${BASH_REMATCH[3]} ]]; then
			option=-${BASH_REMATCH[2]}
			before=${BASH_REMATCH[1]}
			word=${BASH_REMATCH[3]}
		fi
		case $option in
		-o | --output)
			if [[ $word == +* ]]; then
				plus=+
				word=${word#+}
			fi
			_memmap_list "$before$plus" "$word" "${columns[@]}"
			return ;;
		-S | --sort)
			if [[ $word == *:* ]]; then
				_memmap_offer "$before$word" "$before${word%%:*}:"{asc,desc}
			else
				for i in "${columns[@]}"; do
					# flags and lists have no order
					[[ $i == vm_flags || $i == folios || $i == why ]] ||
						candidates+=("$before$i" "$before$i:")
				done
				_memmap_offer "$before$word" "${candidates[@]}"
				compopt -o nospace 2>/dev/null
			fi
			return ;;
		-g | --group-by)
			_memmap_offer "$before$word" "$before"{kind,object,perms,user,name,cgroup}
			return ;;
		-u | --user)
			mapfile -t candidates < <(compgen -u -- "$word")
			_memmap_offer "$before$word" "${candidates[@]/#/"$before"}"
			return ;;
		-k | --kind)
			_memmap_list "$before" "$word" "${kinds[@]}"
			return ;;
		--color)
			_memmap_offer "$before$word" "$before"{auto,always,never}
			return ;;
		--perms)
			_memmap_offer "$before$word" "$before"{wx,rwx,r--p,rw-p,r-xp,rwxp,rw-s,---p}
			return ;;
		-s | --sysroot | --capture | --diff)
			mapfile -t candidates < <(compgen -d -- "$word")
			_memmap_offer "$before$word" "${candidates[@]/#/"$before"}"
			compopt -o filenames 2>/dev/null
			return ;;
		-f | --filter | -A | --range | --min-rss | --wss | --translate)
			return ;;
		esac
		if [[ $word == -* ]]; then
			_memmap_offer "$word" "${options[@]}"
			return
		fi
	fi
	_memmap_targets "$word" "${root%/}"
}

complete -F _memmap memmap
