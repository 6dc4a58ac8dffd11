# SPDX-License-Identifier: GPL-3.0-or-later
# Compare what a target expects (--rawfile expect) with a process object on stdin: one line per difference.
# --arg facts kernel: the object is made from smaps by smaps.awk; only facts are compared, not the
# meaning memmap gives them.  --arg keys plain|dotted|all chooses the keys.

# User addresses are below 2^53, the vsyscall page is a multiple of 4096: doubles hold all of them.
def number:
  ltrimstr("0x") | explode | reduce .[] as $c (0; . * 16 + (if $c >= 97 then $c - 87 else $c - 48 end));

def hex:
  (. / 16 | floor) as $high | [$high, . - 16 * $high] | map(if . > 9 then . + 87 else . + 48 end) | implode;

def utf8_hex:
  explode | map(
    if . < 128 then .
    elif . < 2048 then (192 + (. / 64 | floor)), (128 + . % 64)
    elif . < 65536 then (224 + (. / 4096 | floor)), (128 + (. / 64 | floor) % 64), (128 + . % 64)
    else (240 + (. / 262144 | floor)), (128 + (. / 4096 | floor) % 64), (128 + (. / 64 | floor) % 64),
         (128 + . % 64)
    end | hex) | join("");

def pairs: map(capture("^(?<key>[^=]+)=(?<value>.*)$"; "m"));

def expectations:
  split("\n") | map(select(startswith("expect ")) | split(" ") |
    { low: (.[1] | number), high: (.[2] | number), range: (.[1] + "-" + .[2]),
      kinds: (.[3] | split("|")), keys: (.[4:] | pairs) });

def facts: split("\n") | map(select(startswith("fact ")) | ltrimstr("fact ")) | pairs;

# The bytes of a name: its own text, or the hexadecimal sibling that replaces it.
def bytes($key): .[$key + "_hex"] // (.[$key] | if . == null then null else utf8_hex end);

# The kernel escapes a newline and appends a mark, memmap undoes both.
def kernel_name($hex):
  ($hex | gsub("(?<pair>..)"; .pair + " ") | gsub("0a "; "5c303132") | gsub(" "; "")) as $name |
  .raw_name_hex == $name or .raw_name_hex == $name + "202864656c6574656429";

def fits_kind($kinds; $expect; $all):
  if $facts == "kernel" then true
  elif ($expect.keys | any(.key == "state" and .value == "running")) then
    # Nothing says where the stack pointer of a running thread is.
    .kind == "thread-stack" or .kind == "anon"
  else
    .kind as $kind | $kinds | index($kind) != null
  end;

# Threads without a guard can share a mapping: any of those whose stack is in it will do.
def fits_thread($value; $expect; $all):
  . as $mapping | (.thread | if type == "object" then .tid else . end) as $tid |
  ($tid == null and ($expect.keys | any(.key == "state" and .value == "running"))) or
  ([$all[] | select(.low < $mapping.high and .high > $mapping.low) | .keys[] |
    select(.key == "thread") | .value | tonumber] | index($tid) != null);

def check_key($expect; $key; $value; $all):
  if $key == "mappings" then
    if length == ($value | tonumber) then empty else "mappings: \($value) expected, \(length) found" end
  elif $key == "state" then empty
  elif $key == "thread" then
    if $facts == "kernel" or all(.[]; fits_thread($value; $expect; $all)) then empty
    else "thread: \($value) expected, \(map(.thread) | tostring) found" end
  elif $key == "path" or $key == "path_hex" then
    (if $key == "path" then $value | utf8_hex else $value end) as $hex |
    if all(.[]; if $facts == "kernel" then kernel_name($hex) else bytes("path") == $hex end) then empty
    else "path: \($value[0:120]) expected, \(map({ path, path_hex } | tostring | .[0:200]) | tostring) found" end
  elif $key == "object" or $key == "object_hex" then
    if $facts == "kernel" then empty
    elif all(.[]; (.object // "" | split("/") | last) == $value) then empty
    else "object: \($value) expected, \(map(.object) | tostring) found" end
  elif $key == "deleted" then
    if $facts == "kernel" or all(.[]; .deleted == ($value == "true")) then empty
    else "deleted: \($value) expected, \(map(.deleted) | tostring) found" end
  elif $key == "perms" then
    if all(.[]; .perms == $value) then empty
    else "perms: \($value) expected, \(map(.perms) | tostring) found" end
  elif $key == "kernel_page_size" or $key == "inode" then
    if all(.[]; .[$key] == ($value | tonumber)) then empty
    else "\($key): \($value) expected, \(map(.[$key]) | tostring) found" end
  elif $key == "size" then
    (map(.high - .low) | add) as $sum |
    if $sum == ($value | tonumber) then empty else "size: \($value) expected, \($sum) found" end
  else
    ($key | split(".")) as $way |
    # Of a list by size or count, what is not there is no page at all.
    (map(getpath($way) // (if ($way | length) > 2 and (getpath($way[:-1]) | type) == "object" then 0
                           else null end)) | if any(.[]; . == null) then null else add end) as $sum |
    if $sum == ($value | tonumber) then empty else "\($key): \($value) expected, \($sum) found" end
  end;

def check($expect; $all):
  map(select(.low < $expect.high and .high > $expect.low)) |
  "\($expect.range) \($expect.kinds | join("|"))" as $what |
  (map(([.high, $expect.high] | min) - ([.low, $expect.low] | max)) | add // 0) as $covered |
  if length == 0 then "\($what): nothing is mapped there"
  elif $covered != $expect.high - $expect.low then "\($what): only \($covered) bytes are mapped"
  else
    (.[] | select(fits_kind($expect.kinds; $expect; $all) | not) |
      "\($what): \(.start)-\(.end) is \(.kind)"),
    ($expect.keys[] as $pair |
      select($keys == "all" or ($pair.key | contains(".")) == ($keys == "dotted")) |
      check_key($expect; $pair.key; $pair.value; $all) | "\($what): \(.)")
  end;

. as $process |
(.mappings | map({ low: (.start | number), high: (.end | number) } + .)) as $mappings |
($expect | expectations) as $all |
($all[] as $one | $mappings | check($one; $all)),
(if $facts == "kernel" or $keys == "dotted" then empty
 else
   $expect | facts[] as $fact | ($fact.key | rtrimstr("_hex")) as $key |
   if $fact.key != $key then
     $process | if bytes($key) == $fact.value then empty
     else "process: \($key): \($fact.value) expected, \(bytes($key)) found" end
   elif ($process[$key] | tostring) == $fact.value then empty
   else "process: \($key): \($fact.value) expected, \($process[$key]) found" end
 end)
