# SPDX-License-Identifier: GPL-3.0-or-later
# What tests/targets/count.c found before and after ($before, $after) against what memmap found in
# between ($memmap, a process object): { "moving": keys that changed, "differences": [text] }.
# --arg keys: the plain numbers to compare; --argjson frames: whether frames are known;
# --argjson common: beginnings of the paths of what the programs themselves map.

def number: ltrimstr("0x") | sub("^0+(?=.)"; "");

def tally($what; $key): (.[$what] // [])[] | { key: "\($what) \(.[$key])", value: .pages };

# One list entry twice would be two facts about one thing: it shows as a key of its own.
def once: group_by(.key) | map(if length > 1 then { key: (.[0].key + " (twice)"), value: length } else .[0] end);

def facts:
  if . == null then []
  else
    [. as $pages | $keys | split(" ")[] | { key: ., value: $pages[.] }] +
    (if $frames then
      [ ((.flags // {}) | to_entries[] | { key: "flag \(.key)", value }),
        ((.flag_words // [])[] | { key: "word \(.flags | tostring | number) \(.names | join(","))", value: .pages }),
        tally("folios"; "size"), tally("map_counts"; "count"), tally("nodes"; "node") ]
     else [] end) | once
  end;

# The program, the witness and what both are linked with come and go between the looks.
def passing: . as $path | $path != null and ($common | any(. as $one | $path | startswith($one)));

def flat($passing):
  [ .mappings[] | (.start | number) as $start | .pages | facts[] |
    select(($passing[$start] and (.key | test("^(exclusive|shared|map_counts .*)$"))) | not) |
    .key |= "\($start): " + . ] | from_entries;

# No entry in a list is none of them; a plain number must be there.
def value($key; $plain): if has($key) then .[$key] elif $plain then null else 0 end;

def sums: [.mappings[].pages | facts[]] | group_by(.key) |
  map({ key: .[0].key, value: (map(.value) | if .[0] == null then null else add end) });

# What memmap says in total, from its own rows.
def total($longest):
  ([sums[] | if .key == "longest_run" then .value = $longest else . end] | from_entries) as $rows |
  ([.pages | facts[]] | from_entries) as $total |
  [$rows, $total | keys_unsorted[]] | unique[] |
  select(($rows[.] // 0) != ($total[.] // 0)) | "total: \(.): \($rows[.]) in the rows, \($total[.]) in total";

$memmap[0] as $doc |
($doc.mappings | map(select(.path | passing) | { key: (.start | number), value: true }) | from_entries) as $passing |
($before[0] | flat($passing)) as $a | ($doc | flat($passing)) as $b | ($after[0] | flat($passing)) as $c |
[$a, $b, $c | keys_unsorted[]] | unique |
reduce .[] as $key ({ moving: 0, differences: [$doc | total([.mappings[].pages.longest_run? // 0] | max)] };
  ($key | test(": [a-z_]+$")) as $plain |
  ($a | value($key; $plain)) as $x | ($b | value($key; $plain)) as $y | ($c | value($key; $plain)) as $z |
  if $x != $z then .moving += 1
  elif $x != $y then .differences += ["\($key): counted \($x), memmap \($y)"]
  else . end)
