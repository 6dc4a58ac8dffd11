# SPDX-License-Identifier: GPL-3.0-or-later
# A process object with lists of pages as objects, so that expectations can name their entries.
def object($key): if . == null then null
  else map({ key: (.[$key] | tostring), value: .pages }) | from_entries end;
.mappings[].pages |= if . == null then null else
  .folios |= object("size") | .map_counts |= object("count") | .nodes |= object("node") end
