#!/bin/bash
# Checks doc/THREATS.md: every row of its tables (| threat | answer | test |) names at least one test, and each test is there: `Suite.Name` of the
# unit tests, or `e2e: title`. Prints each fault; exits 1 if there is one. usage: threats.sh
set -euo pipefail
cd "$(dirname "$0")/.."
page=doc/THREATS.md

known=$(mktemp) named=$(mktemp)
trap 'rm -f "$known" "$named"' EXIT
{
  find test -name '*.cc' -not -path '*/node_modules/*' -exec cat {} + | tr '\n' ' ' | grep -oE '\bTEST(_F|_P)?\( *\w+, *\w+' |
    sed -E 's/.*\( *(\w+), *(\w+)/\1.\2/'
  grep -hoE "^test\('.*" test/e2e/*.test.mjs | sed -E "s/^test\('(([^'\\\\]|\\\\.)*)'.*/e2e: \1/"
} | LC_ALL=C sort -u >"$known"

# A table begins with a row that begins with "| threat"; a line without "|" ends it.
awk -F'|' '/^\| threat \|/ { on = 1; next } !/^\|/ { on = 0 } on && !/^\| ---/ { print NR "|" $4 }' "$page" | while IFS='|' read -r line tests; do
  names=$(grep -oE '`[^`]+`' <<<"$tests" | tr -d '`') || { echo "$line|"; continue; }
  while read -r name; do echo "$line|$name"; done <<<"$names"
done >"$named"

bad=0
[ "$(wc -l <"$named")" -gt 20 ] || { echo "$page: has no rows: this script reads it wrongly"; bad=1; }
while IFS='|' read -r line name; do
  if [ -z "$name" ]; then echo "$page:$line: names no test"; bad=1
  elif ! grep -qxF -- "$name" "$known"; then echo "$page:$line: there is no test \"$name\""; bad=1; fi
done <"$named"
exit $bad
