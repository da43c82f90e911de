#!/bin/sh
# Writes bundles: C++ files that hold the text of several sources of ours, because most of a compiler's time goes into headers and
# into templates that all of them use. Prints the names of the bundles, without .cc. A bundle is rewritten only when its text changes.
# usage: bundle.sh DIR SOURCE...
# What a source keeps to itself must not meet its namesake:
# - a test, which is one unnamed namespace, gets a namespace of its own round it;
# - else sources whose unnamed namespaces declare the same name go to different bundles.
# What this does not see (a #define, which leaks, is seen: such a source is alone) shows when the bundle is compiled, see compile-bundle.sh.
set -eu
dir=$1
shift
mkdir -p "$dir"
awk -v dir="$dir" '
  function identifier(s) {  # what a line at column 0 of an unnamed namespace declares, or ""
    if (s !~ /^[A-Za-z_]/ || s ~ /^(namespace|using [^=]*;|template *<[^>]*>$)/) return ""
    sub(/^template *<[^>]*> */, "", s)
    if (match(s, /^(enum class|enum|class|struct|union) +[A-Za-z_0-9]+/)) s = substr(s, 1, RLENGTH)
    else if (match(s, /[A-Za-z_][A-Za-z_0-9]* *[[({=;]/)) { s = substr(s, 1, RSTART + RLENGTH - 2); sub(/ +$/, "", s) }
    else return ""
    sub(/^.*[^A-Za-z_0-9]/, "", s)
    return s ~ /^(operator|[A-Z_]+)$/ ? "" : s  # not TEST(
  }
  function done(  b, n, clash) {
    if (file == "") return
    if (wrapped) text = text "}\n"
    for (b = 1; b <= bundles; b++) {
      if (alone || closed[b] || lines[b] + count > limit) continue
      clash = 0
      for (n in names) if ((b, n) in used) { clash = 1; break }
      if (!clash) break
    }
    if (b > bundles) { bundles = b; name[b] = file; gsub(/[\/]/, "-", name[b]); sub(/\.cc$/, "", name[b]); closed[b] = alone }
    for (n in names) used[b, n] = 1
    lines[b] += count
    body[b] = body[b] text
  }
  FNR == 1 {
    done()
    file = FILENAME; text = "#line 1 \"" file "\"\n"
    count = alone = wrapped = unnamed = 0; opened = 0; prelude = 1; outer = ""; split("", names)
  }
  { count++ }
  /^# *define/ { alone = 1 }
  /^int main\(/ { names["main"] = 1 }
  prelude && file ~ /^test\// && /^namespace \{/ { text = text "namespace " own(file) " {\n#line " FNR " \"" file "\"\n"; wrapped = 1 }
  prelude && !/^(\/\/|#|$)/ { prelude = 0 }
  /^namespace \{/ { unnamed = 1 }
  /^namespace [a-z].*{$/ { outer = $2 }
  /^}  \/\/ namespace$/ { unnamed = 0 }
  !wrapped && (unnamed || /^(static|const|constexpr) /) { id = identifier($0); if (id != "") names[outer " " id] = 1 }
  { text = text $0 "\n" }
  function own(f) { gsub(/[^a-z0-9]/, "_", f); return f }
  BEGIN { limit = ENVIRON["BUNDLE_LINES"] ? ENVIRON["BUNDLE_LINES"] : 2500 }  # lines: 5 to 20 s of a processor and 0.4 to 1 GB of memory
  END {
    done()
    for (b = 1; b <= bundles; b++) { out = dir "/" name[b] ".cc.new"; printf "%s", body[b] > out; close(out); print name[b] }
  }' "$@" | while read -r name; do
    if cmp -s "$dir/$name.cc.new" "$dir/$name.cc"; then rm "$dir/$name.cc.new"; else mv "$dir/$name.cc.new" "$dir/$name.cc"; fi
    echo "$name"
  done
