#!/bin/bash
# Checks that the files exist that documents and comments name: `file.h` or `folder/file.h` between backticks in the pages below, and
# both forms in comments of src/ and test/ (a header of the system or of a library is written <like_this.h>). Each of the two walks of
# doc/TOUR.md names at most 20 files; doc/DESIGN.md has a line for each folder of src/. Prints each fault; exits 1 if there is one. usage: names.sh
set -euo pipefail
cd "$(dirname "$0")/.."
list=$(mktemp)
trap 'rm -f "$list"' EXIT
find src test scripts man doc ./*.md -name node_modules -prune -o -type f -print | sed 's#^\./##' >"$list"
bad=0
for folder in $(sed -nE 's#^src/(.*)/[^/]*\.(h|cc)$#\1#p' "$list" | sort -u); do
  grep -qE "^\|.*\`$folder/\`.*\|" doc/DESIGN.md || { echo "doc/DESIGN.md: no line for the folder $folder/"; bad=1; }
done
{ grep -E '\.(h|cc)$' "$list"; ls README.md CONTRIBUTING.md doc/*.md test/*.md test/e2e/README.md; } | xargs awk -v list="$list" '
  BEGIN { while ((getline name < list) > 0) { path[name] = 1; sub(/.*\//, "", name); base[name] = 1 } }
  FILENAME ~ /\.md$/ {
    if (/^## /) title = FILENAME ~ /TOUR/ ? substr($0, 4) : ""
    for (rest = $0; match(rest, /`[a-zA-Z0-9_.\/]+\.(h|cc|sh|mjs|md|txt)`/); rest = substr(rest, RSTART + RLENGTH)) {
      name = substr(rest, RSTART + 1, RLENGTH - 2)
      look(name)
      if (title ~ /^One (request|watch)/ && name ~ /\.(h|cc)$/ && !seen[title, name]++ && ++count[title] == 21) complain("\"" title "\" names more than 20 files")
    }
    next
  }
  match($0, /\/\/ /) {
    rest = substr($0, RSTART + 2); gsub(/<[^>]*>/, "", rest)
    for (; match(rest, /[ (`][a-z0-9_\/]+\.(h|cc)([^a-z0-9_]|$)/); rest = substr(rest, RSTART + RLENGTH)) {
      name = substr(rest, RSTART + 1, RLENGTH); sub(/\.cc.*/, ".cc", name); sub(/\.h([^a-z].*)?$/, ".h", name)
      look(name)
    }
  }
  # A path below the top, src/, test/, test/support/, or a folder of the file itself; or the mere name of any file.
  function look(name,    at) {
    if (name !~ /\// && name in base || name in path || ("src/" name) in path || ("test/" name) in path || ("test/support/" name) in path) return
    for (at = FILENAME; sub(/\/[^\/]*$/, "", at);) if ((at "/" name) in path) return
    complain("there is no " name)
  }
  function complain(what) { print FILENAME ":" FNR ": " what; bad = 1 }
  END { exit bad }' || bad=1
exit $bad
