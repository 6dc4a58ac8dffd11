# SPDX-License-Identifier: GPL-3.0-or-later
# Completion of memmap for fish.

# Names (with descriptions behind a tab), each after what is already in a list with commas.
function __memmap_list
    set -l word (string replace -r '^(--\w[\w-]*=|-[A-Za-z]*[ok])' '' -- (commandline -ct))
    set -l before (string match -r '^\+?(?:.*,)?' -- $word)
    for name in $argv
        contains -- (string split \t -- $name)[1] (string split , -- (string trim -l -c + -- $before))
        or printf '%s%s\n' $before $name
    end
end

function __memmap_kinds
    printf '%s\t%s\n' \
        text 'machine code of an ELF object' \
        rodata 'its read-only data and headers' \
        relro 'its data that was made read-only after relocation' \
        data 'its writable data' \
        bss 'its zeroed data' \
        heap 'the brk area' \
        stack 'stack of the main thread' \
        thread-stack 'stack of another thread' \
        anon 'private memory of no file' \
        jit 'anonymous and executable' \
        guard 'no access' \
        file 'a mapped file that is not an ELF object' \
        shm 'shared memory' \
        memfd 'shared memory without a name' \
        hugetlb 'pages of a hugetlb pool' \
        device 'memory of a device or driver' \
        vdso 'kernel code and data for fast system calls' \
        vsyscall 'legacy system-call page' \
        other 'all else'
end

function __memmap_columns
    printf '%s\t%s\n' \
        start 'first address' \
        end 'first address behind it' \
        size 'bytes of address space' \
        mappings 'mappings in the group' \
        perms 'read, write, execute, shared or private' \
        offset 'where in the file it begins' \
        device 'device of the file' \
        inode 'number of the file' \
        path 'path of the file' \
        deleted 'whether the file has no name any more' \
        kind 'what it is for' \
        object 'what it belongs to' \
        thread 'thread whose stack it is' \
        resident 'pages in RAM, hugetlb included' \
        rss 'pages in RAM, without hugetlb' \
        pss 'Rss divided by the mappers of each page' \
        pss_dirty 'dirty part of Pss' \
        uss 'private clean and dirty, without hugetlb' \
        unique 'what nobody else maps, hugetlb included' \
        dirty 'pages that were written' \
        shared_clean 'clean, mapped more than once' \
        shared_dirty 'dirty, mapped more than once' \
        private_clean 'clean, mapped once' \
        private_dirty 'dirty, mapped once' \
        referenced 'accessed lately' \
        anonymous 'pages of no file' \
        ksm 'merged by KSM' \
        lazy_free 'given back by MADV_FREE' \
        huge 'in huge pages of all sorts' \
        anon_huge_pages 'anonymous, mapped by PMD entries' \
        shmem_pmd_mapped 'shared memory mapped by PMD entries' \
        file_pmd_mapped 'page cache mapped by PMD entries' \
        hugetlb 'hugetlb pages' \
        shared_hugetlb 'hugetlb pages mapped more than once' \
        private_hugetlb 'hugetlb pages mapped once' \
        swap 'swapped out' \
        swap_pss 'Swap divided by its users' \
        locked 'Pss of what is locked in RAM' \
        kernel_page_size 'page size the kernel allocates' \
        mmu_page_size 'page size of the MMU' \
        thp_eligible 'whether THP may be used' \
        protection_key 'memory protection key' \
        vm_flags 'flags of the mapping' \
        present 'pages that have a frame' \
        exclusive 'pages mapped just once' \
        shared 'pages mapped more than once' \
        zero_pages 'pages that are the zero page' \
        swapped_pages 'pages in a swap area' \
        guard_pages 'pages marked as guard' \
        untouched 'pages without an entry' \
        ksm_pages 'pages merged by KSM' \
        pfn_runs 'stretches of consecutive frames' \
        longest_run 'the longest of them' \
        folios 'folio sizes, and how much of each' \
        huge_share 'huge as a share of size' \
        why 'why it is not all huge' \
        policy 'memory policy' \
        nodes 'pages in RAM on each memory node' \
        local 'on nodes of the CPUs it is bound to' \
        remote 'on all other nodes' \
        name 'object, and whether it is deleted'
end

function __memmap_sort
    for column in (__memmap_columns | string match -v -r '^(vm_flags|folios|why)\t')
        set -l parts (string split \t -- $column)
        printf '%s\t%s\n' $parts[1] $parts[2]
        printf '%s\t%s\n' $parts[1]:asc 'smallest first' $parts[1]:desc 'largest first'
    end
end

# IDs and names of processes that have memory of their own.
function __memmap_targets
    set -l words (commandline -opc)
    set -l root
    for i in (seq (count $words))
        switch $words[$i]
            case -s --sysroot
                set root $words[(math $i + 1)]
            case '--sysroot=*'
                set root (string replace -- --sysroot= '' $words[$i])
        end
    end
    set -l seen
    for dir in (string trim -r -c / -- "$root")/proc/*
        string match -qr '/\d+$' -- $dir; or continue
        set -l argument
        read -z argument <$dir/cmdline 2>/dev/null
        test -n "$argument"; or continue
        set -l name
        read name <$dir/comm 2>/dev/null; or continue
        printf '%s\t%s\n' (string match -r '\d+$' -- $dir) $name
        contains -- $name $seen; and continue
        set -a seen $name
        printf '%s\tcommand name\n' $name
    end
end

complete -c memmap -f -k -a '(__memmap_targets)'
complete -c memmap -l summary -d 'Who the process is, totals, memory by kind'
complete -c memmap -l layout -d 'Picture of the address space'
complete -c memmap -l kernel -d 'Picture with the kernel\'s half in detail'
complete -c memmap -l maps -d 'A row per mapping'
complete -c memmap -l mm -d 'Memory descriptor: ranges, sizes, peaks, limits'
complete -c memmap -l pages -d 'page frames: states, flags, map counts, folios'
complete -c memmap -l huge -d 'huge pages by size; for what is not huge, why not'
complete -c memmap -l translate -x -d 'The way from addresses to their frames'
complete -c memmap -l cow -d 'What is still shared with a process, or with all descendants'
complete -c memmap -l sharing -d 'Which other processes map the same frames'
complete -c memmap -l wss -x -d 'Working set: what is used in some seconds'
complete -c memmap -l clear-refs -d 'Allow --wss to change the state of the target'
complete -c memmap -l processes -d 'all processes'
complete -c memmap -l system -d 'the machine: where all of its memory went'
complete -c memmap -l tree -d 'processes below their parents'
complete -c memmap -l physical -d 'all page frames of the machine, by use'
complete -c memmap -l owners -d 'with --physical: which processes map them'
complete -c memmap -s u -l user -x -d 'only processes of this user' -a '(__fish_complete_users)'
complete -c memmap -l numa -d 'memory policies, and pages per memory node'
complete -c memmap -s o -l output -x -k -a '(__memmap_list (__memmap_columns))' -d 'Columns of tables'
complete -c memmap -l list-columns -d 'Explain all columns'
complete -c memmap -s x -l extended -d 'More columns'
complete -c memmap -s X -l everything -d 'All columns'
complete -c memmap -s S -l sort -x -k -a '(__memmap_sort)' -d 'Sort rows'
complete -c memmap -s g -l group-by -x -a 'kind object perms user name cgroup' -d 'One row per group'
complete -c memmap -s k -l kind -x -k -a '(__memmap_list (__memmap_kinds))' -d 'Only mappings of these kinds'
complete -c memmap -s f -l filter -x -d 'Only mappings whose path or object matches'
complete -c memmap -s A -l range -x -d 'Only mappings that have a byte of the range'
complete -c memmap -l perms -x -a 'wx rwx r--p rw-p r-xp rwxp rw-s ---p' -d 'Only with these permissions'
complete -c memmap -l min-rss -x -d 'Only with at least this much in RAM'
complete -c memmap -s i -l tui -d 'Interactive screens'
complete -c memmap -s J -l json -d 'The same facts as JSON'
complete -c memmap -s b -l bytes -d 'Exact byte counts'
complete -c memmap -s n -l noheadings -d 'No column headings'
complete -c memmap -s r -l raw -d 'Columns separated by one blank, all else escaped'
complete -c memmap -l ascii -d 'No box characters'
complete -c memmap -l color -x -a 'auto always never' -d 'Colour'
complete -c memmap -l fast -d 'Never make the kernel walk the page tables'
complete -c memmap -s w -l watch -x -d 'again every SEC seconds, with what changed'
complete -c memmap -s c -l count -x -d 'with --watch: so many samples, then a summary'
complete -c memmap -l diff -x -a '(__fish_complete_directories)' -d 'what changed since --capture DIR'
complete -c memmap -l capture -x -a '(__fish_complete_directories)' -d 'Save the files of reports, for -s'
complete -c memmap -s s -l sysroot -x -a '(__fish_complete_directories)' -d 'Read DIR/proc and DIR/sys'
complete -c memmap -l probe -d 'What this kernel and these privileges allow'
complete -c memmap -s h -l help -d 'Help'
complete -c memmap -s V -l version -d 'Version'
