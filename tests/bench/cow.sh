# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The part of the bench on --cow; read by run.sh. Needs root.
# shellcheck disable=SC2154 # run.sh's variables

# A process of 4 GiB and its child, which wrote every fourth page, against reading both pagemaps and the
# map count of each frame.
bench_cow() {
	local file=$work/times-cow child what="memmap --cow"
	start cow 8 "$TARGETS/cow" small 1 $((4096 / divisor))
	child=$(sed -n 's/^child //p' "$work/cow.out")
	measure "$file" "$rounds" \
		"floor of both" "$work/floor" "$pid" "$child" , \
		"$what" "$MEMMAP" "--cow=$child" "$pid"
	alone cow "$file" "floor of both"
	compare cow "$file" "$what" "floor of both" at-most 1.3
	memory cow "$file" "$what" 48
	exec 8>&-
	wait "$pid" 2>/dev/null
}
