# SPDX-License-Identifier: GPL-3.0-or-later
# What tests/targets/count.c found before and after ($before, $after) against what memmap found in
# between ($memmap, a process object): { "moving": keys that changed, "differences": [text] }.
# --arg keys: the plain numbers to compare; --argjson frames: whether frames are known;
# --argjson common: beginnings of the paths of what the programs themselves map.

def number: ltrimstr("0x") | sub("^0+(?=.)"; "");

# A list as an object. One entry twice would be two facts about one thing: it adds a key.
def tally($what; key; value):
  reduce .[] as $entry ({}; ($what + ($entry | key)) as $key |
    if has($key) then .[$key + " twice"] = 1 else .[$key] = ($entry | value) end);

def facts:
  if . == null then null
  else
    . as $pages |
    (reduce ($keys | split(" ")[]) as $key ({}; .[$key] = $pages[$key])) +
    (if $frames then
      (.flags // {} | with_entries(.key |= "flag " + .)) +
      (.flag_words // [] | tally("word "; (.flags | tostring | number) + " " + (.names | join(",")); .pages)) +
      (.folios // [] | tally("folio "; .size | tostring; .pages)) +
      (.map_counts // [] | tally("map_count "; .count | tostring; .pages)) +
      (.nodes // [] | tally("node "; .node | tostring; .pages))
     else {} end)
  end;

def by_start: .mappings | map({ key: (.start | number), value: (.pages | facts) }) | from_entries;

# The program, the witness and what both are linked with come and go between the looks: who maps
# these pages changes, and whether they were used of late.
def passing: . as $path | $path != null and ($common | any(. as $one | $path | startswith($one)));

# No entry in a list is none of them; a plain number must be there.
def value($key): if . == null then "nothing" elif has($key) then .[$key]
  elif $key | contains(" ") then 0 else null end;

def sums:
  reduce (.mappings[].pages | facts | select(. != null) | to_entries[]) as $fact ({};
    if $fact.key == "longest_run" then .longest_run = ([.longest_run // 0, $fact.value] | max)
    else .[$fact.key] += $fact.value end);

# What memmap says in total, from its own rows; what ends user space has no pages.
def total($rows; $total):
  [$rows, $total | keys_unsorted[]] | unique[] | select(($rows[.] // 0) != ($total[.] // 0)) |
  "total: \(.): \($rows[.]) in the rows, \($total[.]) in total";

$memmap[0] as $doc |
($before[0] | by_start) as $a | ($doc | by_start) as $b | ($after[0] | by_start) as $c |
($doc.mappings | map(select(.path | passing) | { key: (.start | number), value: true }) | from_entries) as $passing |
($a | with_entries(select(.value != null))) as $user |
reduce ([$a, $c | to_entries[] | select(.value != null).key] | unique[]) as $start
  ({ moving: 0, differences: [total(($doc | .mappings |= map(select($user[.start | number]))) | sums; $doc.pages | facts)] };
  if $a[$start] == $b[$start] and $a[$start] == $c[$start] then .
  else
    reduce ([$a[$start], $b[$start], $c[$start] | select(. != null) | keys_unsorted[]] | unique[]) as $key (.;
      ($a[$start] | value($key)) as $x | ($b[$start] | value($key)) as $y | ($c[$start] | value($key)) as $z |
      if $passing[$start] and ($key | test("^(exclusive|shared|(map_count|word) .*|flag (referenced|active|idle))$")) then .
      elif $x != $z then .moving += 1
      elif $x != $y then .differences += ["\($start): \($key): counted \($x), memmap \($y)"]
      else . end)
  end)
