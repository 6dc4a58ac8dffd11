# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The part of the bench on --physical; read by run.sh. Needs root.
# shellcheck disable=SC2154 # run.sh's variables

# The floor is to read all of kpageflags and kpagecount in large pieces and do nothing with them.
# The page-by-page reader takes so long that two rounds are enough to see by how much.
bench_physical() {
	local name=physical file=$work/times-physical slow=$work/times-physical-slow
	if [ ! -r /proc/kpageflags ] || [ ! -x "$TARGETS/all-frames" ]; then
		echo "note: --physical is measured by root only"
		return
	fi
	measure "$file" "$rounds" \
		"read kpageflags" dd if=/proc/kpageflags of=/dev/null bs=64K status=none , \
		"read kpagecount" dd if=/proc/kpagecount of=/dev/null bs=64K status=none , \
		"memmap --physical" "$MEMMAP" --physical , \
		"memmap --json --physical" "$MEMMAP" --json --physical , \
		"--physical --owners" "$MEMMAP" --physical --owners
	# their sum is the floor
	awk -F '\t' -v OFS='\t' '$1 ~ /^read / { for (i = 2; i <= 4; i++) n[i] += $i; next } { print }
		END { print "floor", n[2], n[3], n[4], 0 }' "$file" >"$file.sum" && mv "$file.sum" "$file"
	measure "$slow" 2 \
		"memmap --physical" "$MEMMAP" --physical , \
		"page by page" "$TARGETS/all-frames" / 512 "$(getconf PAGESIZE)" page
	alone $name "$file" "floor"
	alone $name "$slow" "page by page"
	compare $name "$file" "memmap --physical" "floor" at-most 1.3
	compare $name "$file" "memmap --json --physical" "floor" at-most 1.3
	compare $name "$slow" "memmap --physical" "page by page" at-least 1.2
	alone $name "$file" "--physical --owners"
	memory $name "$file" "memmap --physical" 16
}
