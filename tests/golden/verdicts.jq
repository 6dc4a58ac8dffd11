# SPDX-License-Identifier: GPL-3.0-or-later
# Mappings whose reasons for not being huge the kernel's own verdict (THPeligible) contradicts:
# none that keeps it from being huge where that is 0, or one where it is 1, unless a smaller
# size is on, too, which that may be for.
def blockers: ["too_small", "special_mapping", "no_access", "process_disabled", "no_hugepage",
	"thp_off", "madvise_only", "shmem_disabled", "file_unsupported", "misaligned", "not_eligible"];
.processes[]
| .huge.settings as $s
| ([$s.thp_sizes[]? | select(.size != $s.hpage_pmd_size) | .enabled, .shmem_enabled]
	| any(. != null and . != "never")) as $smaller
| .mappings[]?
| select($s.hpage_pmd_size != null and .thp_eligible != null and .kind != "hugetlb"
	and .huge.huge != null and .huge.huge < .size)
| [.huge.reasons[].reason] as $r
| ([$r[] | select(IN(blockers[]))] | length) as $n
| select(($r | length) == 0 or (.thp_eligible == 0 and $n == 0)
	or (.thp_eligible == 1 and $n > 0 and ($smaller | not) and $r[0] != "no_access"))
| [.start, .perms, .path, .thp_eligible, $r]
