#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# File names, memfd names, command names and arguments with any byte in them: no way out is unguarded.
. "$(dirname "$0")/lib.sh"
need_root
need iconv

# To UTF-16, because glibc lets UTF-8 beyond U+10FFFF pass otherwise.
# tame TEXT FILE: UTF-8 without any control character but newline.
tame() {
	local bad=0
	LC_ALL=C grep -q -P '[\x00-\x09\x0b-\x1f\x7f]' "$2" && bad=1
	LC_ALL=C grep -q -P '\xc2[\x80-\x9f]' "$2" && bad=1
	if [ $bad = 1 ]; then
		LC_ALL=C grep -a -P '[\x00-\x09\x0b-\x1f\x7f]|\xc2[\x80-\x9f]' "$2" | cut -c1-200 | cat -v |
			fail_with "$1: control characters"
	elif ! iconv -f UTF-8 -t UTF-16 "$2" >/dev/null 2>"$WORK/iconv"; then
		fail_with "$1: not UTF-8" <"$WORK/iconv"
	else
		pass
	fi
}

mkdir "$WORK/files"
# The arguments are as hostile as the names.
# shellcheck disable=SC2016 # expanded by the inner shell
start_command bash -c 'exec -a "$1" "$2" "$3" "$4" "$5"' - $'evil\e[2J\n0' "$TARGETS/shared" "$WORK/files" \
	$'arg\e]0;owned\a\nPid:\t1' $'\xff\xfe\x9b31m' || finish

rows=$(wc -l <"/proc/$PID/maps")

# ---- text ---------------------------------------------------------------------------------
for arguments in "" --summary --layout --maps "--maps -x" "--maps -X" "--maps -o +path" --mm "--maps --fast" \
	"--maps --ascii" "--maps -g object" "--maps -r" "--maps -r -X" "-b --maps"; do
	# shellcheck disable=SC2086
	run_ok --color=never $arguments "$PID" || continue
	tame "memmap $arguments" "$OUT"
	tame "memmap $arguments, stderr" "$ERR"
done
run_ok --ascii --color=never "$PID" && {
	# The names keep their own letters, the picture uses none beyond ASCII.
	check "--ascii: box characters" [ "$(grep -c '[─│┌┐├┤█░╎]' "$OUT")" -eq 0 ]
}
# Errors repeat what the user typed, which may come from a script that read it from the process.
for hostile in $'\e[31m' $'no\nsuch' $'\xff\xfe' $'\xc2\x9b'; do
	run -- "$hostile"
	tame "message about a target" "$ERR"
	run -k "$hostile" "$PID"
	tame "message about a kind" "$ERR"
	same "message about a kind: lines" 2 "$(wc -l <"$ERR")"
done

if command -v script >/dev/null; then
	# On a terminal, which adds a return to each line and cuts what is too long.
	script -q -e -c "stty cols 100 2>/dev/null; '$MEMMAP' --color=never --maps $PID" /dev/null \
		>"$OUT" 2>"$ERR" </dev/null
	tr -d '\r' <"$OUT" >"$WORK/terminal"
	tame "on a terminal" "$WORK/terminal"
	script -q -e -c "stty cols 100 2>/dev/null; '$MEMMAP' --color=always --maps $PID" /dev/null \
		>"$OUT" 2>"$ERR" </dev/null
	# Nothing but colours.
	tr -d '\r' <"$OUT" | LC_ALL=C sed 's/\x1b\[[0-9;]*m//g' >"$WORK/terminal"
	tame "on a terminal, in colour" "$WORK/terminal"
fi

# ---- raw ----------------------------------------------------------------------------------
for columns in "" "-o start,end,perms,path" "-o path,start" "-o start,path,object,kind" -x -X; do
	# shellcheck disable=SC2086
	run_ok -r -n --maps $columns "$PID" || continue
	same "raw $columns: rows" "$rows" "$(wc -l <"$OUT")"
	same "raw $columns: numbers of fields" 1 \
		"$(LC_ALL=C awk -F '[ ]' '{ print NF }' "$OUT" | sort -u | wc -l)"
	same "raw $columns: empty fields" 0 \
		"$(LC_ALL=C awk -F '[ ]' '{ for (i = 1; i <= NF; i++) if ($i == "") n++ } END { print n + 0 }' "$OUT")"
	# shellcheck disable=SC2086
	if run_ok -r --maps $columns "$PID"; then
		same "raw $columns: fields of heading and rows" 1 \
			"$(LC_ALL=C awk -F '[ ]' '{ print NF }' "$OUT" | sort -u | wc -l)"
	fi
done

# Different names stay different, whatever they hold (the target maps each file once).
if run_ok -r -n --maps -o path -k file "$PID"; then
	same "raw: distinct paths" "$(grep -c '^expect [^ ]* [^ ]* file ' "$OUTPUT")" \
		"$(sort -u "$OUT" | wc -l)"
fi

# ---- JSON (the exact bytes are compared in kinds.sh) -----------------------------------------
if json "$WORK/doc.json" --summary --maps "$PID"; then
	# jq replaces what is not UTF-8, so this must come from the bytes.
	check "JSON: not UTF-8" iconv -f UTF-8 -t UTF-16 "$WORK/doc.json" >/dev/null
	check "JSON: control characters" [ "$(LC_ALL=C grep -c -P '[\x00-\x08\x0b-\x1f]' "$WORK/doc.json")" -eq 0 ]
	same "JSON: mappings" "$rows" "$(jq '.processes[0].mappings | length' "$WORK/doc.json")"
	# The sibling is there exactly for the names that cannot be text.
	grep '^expect [^ ]* [^ ]* file ' "$OUTPUT" | while read -r _ start _ _ path _; do
		name=${path#path=}
		case $path in
		path_hex=*)
			name=${path#path_hex=}
			# shellcheck disable=SC2001
			printf '%b' "$(sed 's/../\\x&/g' <<<"$name")" >"$WORK/name"
			if iconv -f UTF-8 -t UTF-16 "$WORK/name" >/dev/null 2>&1; then want=text; else want=hex; fi
			;;
		*) want=text ;;
		esac
		echo "0x$start $want"
	done | LC_ALL=C sort >"$WORK/want"
	jq -r '.processes[0].mappings[] | select(.kind == "file") |
		(.start | ltrimstr("0x") | sub("^0+"; "")) as $start |
		"0x\($start) \(if has("path_hex") then "hex" else "text" end)"' "$WORK/doc.json" |
		LC_ALL=C sort >"$WORK/have"
	same_files "JSON: which names have path_hex" "$WORK/want" "$WORK/have"
	same "JSON: command" "$(tr -d '\n' <"/proc/$PID/cmdline" | tr '\0' '\n' | wc -l)" \
		"$(jq '.processes[0].command | length' "$WORK/doc.json")"
fi

finish
