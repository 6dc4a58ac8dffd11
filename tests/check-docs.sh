#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Do --help, the manual, the completions, the schema, README and the program's tables agree?
# Needs: MEMMAP, top_srcdir.
set -uo pipefail
export LC_ALL=C.UTF-8

MEMMAP=$(realpath "${MEMMAP:-src/memmap}") || exit 1
top=$(realpath "${top_srcdir:-.}") || exit 1
manual=$top/man/memmap.1
schema=$top/man/memmap.schema.json
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
failures=0
left_out=()

fail()
{
	printf 'FAIL: %s\n' "$*"
	failures=$((failures + 1))
}

# same WHAT WANTED GOT: two lists, a line each, in any order; none may be empty.
same()
{
	local what=$1 missing extra
	[[ -n $2 ]] || { fail "$what: found nothing to compare with"; return; }
	missing=$(comm -23 <(sort <<<"$2") <(sort <<<"$3") | tr '\n' ';')
	extra=$(comm -13 <(sort <<<"$2") <(sort <<<"$3") | sed '/^$/d' | tr '\n' ';')
	[[ -z $missing ]] || fail "$what lacks: ${missing%;}"
	[[ -z $extra ]] || fail "$what has, but the program has not: ${extra%;}"
}

# section NAME: its lines in the manual.
section()
{
	awk -v name="$1" '/^\.Sh / { in_it = ($0 == ".Sh " name); next } in_it' "$manual"
}

# items SECTION: its outermost list items that are called by .Cm, one a line.
items()
{
	section "$1" | sed -nE 's/^\.It Cm ([^ ]+)$/\1/p'
}

# after ITEM: the names in the first .Cm line that follows an .It line of the manual.
after()
{
	awk -v item="$1" '$0 == ".It " item { found = 1; next }
		found && /^\.Cm / { print; exit }' "$manual" |
		sed -E 's/^\.Cm //; s/ [.,;:]//g; s/ and / /' | tr ' ' '\n'
}

# completes LINE: what the bash completion offers behind it.
completes()
{
	# shellcheck disable=SC2016 # for the other bash
	bash --norc -c '. "$1"; COMP_LINE=$2 COMP_POINT=${#2}; _memmap
		printf "%s\n" "${COMPREPLY[@]}"' _ "$top/completions/memmap.bash" "$1"
}

# --- options: "LETTER NAME ARGUMENT", - for no letter, yes, no or maybe for the argument ----

check_options()
{
	local options
	options=$("$MEMMAP" --help | sed -nE '
		s/^  -(.), --([a-z-]+) [^ ].*/\1 \2 yes/p; t
		s/^  -(.), --([a-z-]+)( .*)?$/\1 \2 no/p; t
		s/^      --([a-z-]+)\[=.*/- \1 maybe/p; t
		s/^      --([a-z-]+) [^ ].*/- \1 yes/p; t
		s/^      --([a-z-]+)( .*)?$/- \1 no/p')
	same "manual, OPTIONS," "$options" "$(section OPTIONS | sed -nE '
		s/^\.It Fl ([^-]) , Fl -([a-z-]+) .*/\1 \2 yes/p; t
		s/^\.It Fl ([^-]) , Fl -([a-z-]+)$/\1 \2 no/p; t
		s/^\.It Fl -([a-z-]+) Ns Op .*/- \1 maybe/p; t
		s/^\.It Fl -([a-z-]+) .*/- \1 yes/p; t
		s/^\.It Fl -([a-z-]+)$/- \1 no/p')"
	# fish has no word for maybe
	same "completions/memmap.fish" "${options//maybe/no}" "$(sed -nE '
		s/^complete -c memmap -s (.) -l ([a-z-]+) -x .*/\1 \2 yes/p; t
		s/^complete -c memmap -s (.) -l ([a-z-]+) .*/\1 \2 no/p; t
		s/^complete -c memmap -l ([a-z-]+) -x .*/- \1 yes/p; t
		s/^complete -c memmap -l ([a-z-]+) .*/- \1 no/p' \
		"$top/completions/memmap.fish")"
	same "completions/_memmap" "$options" "$(sed -n '/^_arguments/,$p' \
		"$top/completions/_memmap" | sed -nE "
		s/.*\{-(.)\+,--([a-z-]+)=\}'\[.*/\1 \2 yes/p; t
		s/.*\{-(.),--([a-z-]+)\}'\[.*/\1 \2 no/p; t
		s/^[^[]*--([a-z-]+)=-\[.*/- \1 maybe/p; t
		s/^[^[]*--([a-z-]+)=\[.*/- \1 yes/p; t
		s/^[^[]*--([a-z-]+)\[.*/- \1 no/p")"
	same "completions/memmap.bash" "$(awk '{ if ($1 != "-") print "-" $1; print "--" $2 }' \
		<<<"$options")" "$(completes 'memmap -')"
	# -a may take an argument: then -az completes it as a word of its own would be
	same "completions/memmap.bash, letters with an argument," \
		"$(awk '$1 != "-" && $3 == "yes" { print $1 }' <<<"$options")" \
		"$(sed -nE "s/^.*cluster='[^[]*\[[^]]*\][^[]*\[([A-Za-z]+)\].*/\1/p" \
			"$top/completions/memmap.bash" | fold -w 1)"
	same "completions/memmap.bash, letters without an argument," \
		"$(awk '$1 != "-" && $3 == "no" { print $1 }' <<<"$options")" \
		"$(sed -nE "s/^.*cluster='[^[]*\[([A-Za-z]+)\].*/\1/p" \
			"$top/completions/memmap.bash" | fold -w 1)"
}

# --- columns -------------------------------------------------------------------------------

check_columns()
{
	local columns sorted option
	"$MEMMAP" --list-columns -rn >"$work/columns"
	columns=$(cut -d ' ' -f 1 "$work/columns")
	sorted=$(awk '$2 != "flags" && $2 != "list" { print $1 }' "$work/columns")
	same "manual, COLUMNS," "$columns" "$(items COLUMNS)"
	same "completions/memmap.bash, -o," "$columns" "$(completes 'memmap -o ')"
	same "completions/memmap.bash, -S," "$sorted" "$(completes 'memmap -S ' | sed '/:$/d')"
	same "completions/_memmap, columns" "$columns" "$(sed -nE \
		"/_memmap_columns=\(/,/^\)/s/^\t'([a-z_]+):.*/\1/p" "$top/completions/_memmap")"
	same "completions/memmap.fish, columns" "$columns" "$(sed -nE \
		"/^function __memmap_columns/,/^end/s/^ {8}([a-z_]+) '.*/\1/p" \
		"$top/completions/memmap.fish")"
	# the presets, in order
	for option in maps extended; do
		[[ $(after "$(sed -nE "s/^\.It (.*Fl -$option)$/\1/p" "$manual")" | paste -sd ' ') = \
			"$("$MEMMAP" -r --maps "--$option" $$ | head -n 1)" ]] ||
			fail "manual, --$option: not the columns that it shows"
	done
}

# --- kinds, in order -----------------------------------------------------------------------

check_kinds()
{
	local kinds zsh fish
	kinds=$("$MEMMAP" --help | awk '/^[A-Z]/ { in_it = 0 } sub(/^Kinds:/, "") { in_it = 1 } in_it' |
		tr -s ' \n' '\n' | sed '/^$/d')
	zsh=$(sed -nE "/_memmap_kinds=\(/,/^\)/s/^\t'([a-z-]+):.*/\1/p" "$top/completions/_memmap")
	fish=$(sed -nE "/^function __memmap_kinds/,/^end/s/^ {8}([a-z-]+) '.*/\1/p" \
		"$top/completions/memmap.fish")
	[[ $kinds = *heap* ]] || fail "--help: no list of kinds"
	same "manual, KINDS," "$kinds" "$(items KINDS)"
	[[ $(items KINDS) = "$kinds" ]] || fail "manual, KINDS: not in the order of --help"
	same "completions/memmap.bash, -k," "$kinds" "$(completes 'memmap -k ')"
	same "completions/_memmap, kinds" "$kinds" "$zsh"
	same "completions/memmap.fish, kinds" "$kinds" "$fish"
	[[ -z $has_jq ]] || same "schema, kinds" "$kinds" \
		"$(jq -r '.["$defs"].kind.enum[]' "$schema")"
}

# --- what only the source tells ------------------------------------------------------------

check_source()
{
	local name codes
	same "manual, VM FLAGS," "$(sed -nE 's/^.*\[SMAPS_FLAG_[A-Z]+\] = \{ "(..)".*/\1/p' \
		"$top/src/proc/smaps.c")" "$(items 'VM FLAGS')"
	codes=$(sed -nE 's/^.*\[WHY_[A-Z_]+\] = \{ "([a-z_]+)".*/\1/p' "$top/src/model/huge_why.c")
	same "manual, HUGE PAGES," "$codes" "$(items 'HUGE PAGES')"
	[[ -z $has_jq ]] || same "schema, reasons" "$codes" "$(jq -r \
		'.["$defs"].huge_mapping.properties.reasons.items.properties.reason.enum[]' "$schema")"
	same "manual, PRIVILEGES," "$("$MEMMAP" --probe -rn | cut -d ' ' -f 1)" "$(section PRIVILEGES |
		sed -n '/compares these names/,$s/^\.Cm //p' | sed 's/ [.,]//g' | tr ' ' '\n')"
	while read -r name; do
		section ENVIRONMENT | grep -q "^\.It Ev .*\b$name\b" ||
			fail "manual, ENVIRONMENT lacks: $name"
	done < <(grep -rhoE --include='*.c' 'getenv\("[A-Z_]+"\)' "$top/src" | cut -d '"' -f 2 | sort -u)
}

# --- the screens' keys ---------------------------------------------------------------------

check_keys()
{
	local keys
	keys=$(sed -nE 's/^\t\[REQUEST_[A-Z_0-9]+\] = \{ "[a-z0-9-]+", \{[^}]*\}, "([^"]+)".*/\1/p' \
		"$top/src/tui/request.c")
	same "manual, SCREENS," "$keys" "$(section SCREENS | sed -nE 's/^\.It "(.*)"$/\1/p' |
		sed 's/\\-/-/')"
}

# --- the schema ----------------------------------------------------------------------------

check_schema()
{
	local columns keys name python document change translate
	# all that there can be: each column that documents have, and a member of each view
	columns=$(cut -d ' ' -f 1 "$work/columns" | grep -vx -e mappings -e name)
	keys=$("$MEMMAP" --json --maps --pages --huge --numa -o "$(paste -sd , <<<"$columns")" $$ |
		jq -r '.processes[0].mappings[0] | keys[]')
	same "schema, mapping," "$keys" "$(jq -r '.["$defs"].mapping.properties | keys[]
		| select(endswith("_hex") | not)' "$schema")"
	same "schema, group," "$(printf '%s\n' "$keys" mappings)" \
		"$(jq -r '.["$defs"].group.properties | keys[] | select(endswith("_hex") | not)' "$schema")"
	# a JSON key is a column or a view, and no column but these is left out
	same "a JSON mapping" "$(printf '%s\n' "$columns" pages numa)" "$keys"
	while read -r name; do
		fail "manual lacks the JSON member $name"
	done < <(comm -23 <(jq -r '[.. | .properties? | objects | keys[]
		| select(endswith("_hex") | not)] | unique[]' "$schema" | sort) \
		<(tr -cs a-z_0-9 "\n" <"$manual" | sort -u))

	for python in /usr/bin/python3 python3 ''; do
		[[ -n $python ]] || { left_out+=("python3-jsonschema is not installed: no document validated"); return; }
		! "$python" -c 'import jsonschema' 2>/dev/null || break
	done
	# of every mapping the first address, and all as a range
	translate=$(sed -E 's/-.*//' /proc/$$/maps | paste -sd ,),0-ffffffffffffffff
	for document in '' --fast --mm '-x --layout --kernel' '-g kind' '-g object' '-g perms --fast' \
		'-o rss,path' '-k heap' '--perms wx' '--min-rss 1T' '--summary --fast --mm' --kernel \
		'--maps -g object -o object,perms' --pages '--pages -g kind' --huge '--huge -g kind' '--huge -k text' --numa '--numa -g object -k heap' '--maps -o policy,nodes,local,remote' '--maps -o why,huge_share' '--maps -o folios,zero_pages' '--layout -A 10' \
		'--translate 10,0-1,7fffffffffff,8000000000000000,ffff888000000000' "--translate $translate" '--summary -f nothing-is-called-so'; do
		# shellcheck disable=SC2086 # several options
		"$MEMMAP" --json $document $$ || fail "memmap --json $document: failed"
	done >"$work/documents"
	# of the machine, with all privileges there are and with no frames at all
	for document in --processes '-g user' '-g object' '--processes --tree' --system --physical '--physical --owners' \
		"--physical -s $top/tests/golden/x86_64-numa2"; do
		# shellcheck disable=SC2086 # several options
		"$MEMMAP" --json $document || fail "memmap --json $document: failed"
	done >>"$work/documents"
	"$MEMMAP" --json --probe >>"$work/documents" || fail "memmap --json --probe: failed"
	# a process without mappings: null, not empty lists
	if [[ -d $top/tests/golden/x86_64-6.18-special/proc/2 ]]; then
		for document in '' '-g kind' --maps --mm '--translate 10'; do
			# shellcheck disable=SC2086 # several options
			"$MEMMAP" --json -s "$top/tests/golden/x86_64-6.18-special" $document 2 ||
				fail "memmap --json $document of a kernel thread: failed"
		done >>"$work/documents"
	fi
	"$python" "$top/tests/validate.py" "$schema" <"$work/documents" ||
		fail "documents are not as the schema says"
	# and it must say no to these
	"$MEMMAP" --json --maps $$ >"$work/document"
	for change in '.processes[0].pid = "1"' '.processes[0].mappings[0].nonsense = 1' \
		'.processes[0].mappings[0].start = 4096' 'del(.processes[0].mappings[0].end)' \
		'.processes[0].mappings[0].kind = "rubbish"' 'del(.processes[0].totals.rss)' \
		'.processes[0].unavailable = [{what: "smaps", reason: "", needs: null}]' \
		'.processes[0].unavailable = [{what: "mappings", reason: "", needs: null}]' \
		'.processes[0].mappings = null' 'del(.processes[0].holes)' \
		'.processes[0].mappings[0].object = null' '.processes[0].command_hex = "00"'; do
		jq -c "$change" "$work/document" >"$work/wrong"
		! "$python" "$top/tests/validate.py" "$schema" <"$work/wrong" 2>/dev/null ||
			fail "schema: $change should be wrong"
	done
	"$MEMMAP" --json --probe >"$work/document"
	for change in '.probe[0].result = "works"' '.probe = []' 'del(.privileges)' 'del(.probe)' \
		'.probe[0].result = "yes" | .probe[0].needs = "more"' 'del(.probe[0].needs)' \
		'.privileges.capabilities = ["sys_admin"]' '.probe[0].fact = null'; do
		jq -c "$change" "$work/document" >"$work/wrong"
		! "$python" "$top/tests/validate.py" "$schema" <"$work/wrong" 2>/dev/null ||
			fail "schema: $change should be wrong"
	done
}

# --- README --------------------------------------------------------------------------------

memmap()
{
	"$MEMMAP" "$@"
}

check_recipes()
{
	local recipe count=0
	# blocks of indented lines under the heading
	awk '/^Recipes$/ { in_it = 1 } /^Where things are$/ { in_it = 0 }
		in_it && /^    / { print substr($0, 5); open = 1; next }
		open { printf "%c", 0; open = 0 }' "$top/README" >"$work/recipes"
	cd "$work" || exit 1
	while IFS= read -r -d '' recipe; do
		count=$((count + 1))
		# shellcheck disable=SC2034 # for the recipe
		(pid=$$ pids="$$ $$"; eval "$recipe") >/dev/null 2>"$work/err" ||
			fail "README's recipe does not run: $recipe"
		[[ ! -s $work/err ]] || fail "README's recipe complains: $(head -n 3 "$work/err")"
	done <"$work/recipes"
	[[ $count -ge 10 ]] || fail "README: only $count recipes found"
}

# --- syntax --------------------------------------------------------------------------------

check_syntax()
{
	if command -v mandoc >/dev/null; then
		mandoc -T lint -W warning "$manual" || fail "mandoc complains"
	fi
	if command -v zsh >/dev/null; then
		zsh -n "$top/completions/_memmap" || fail "completions/_memmap: syntax"
	fi
	if command -v fish >/dev/null; then
		fish -n "$top/completions/memmap.fish" || fail "completions/memmap.fish: syntax"
	fi
}

has_jq=$(command -v jq || true)
[[ -n $has_jq ]] || left_out+=("jq is not installed: schema and recipes not checked")
check_options
check_columns
check_kinds
check_source
check_keys
check_syntax
if [[ -n $has_jq ]]; then
	check_schema
	check_recipes
fi

[[ $failures -eq 0 ]] || { echo "$failures disagreements"; exit 1; }
if [[ ${#left_out[@]} -gt 0 ]]; then
	printf 'SKIP: %s\n' "${left_out[@]}"
	exit 77
fi
echo "ok"
