#!/bin/bash
# Checks test/REQUIREMENTS.md: every row (| scenario | tests | code |) names at least one test that exists and at least one file that
# exists, and no scenario stands twice in its section. Where the requirement documents lie beside the checkout, each scenario of theirs
# has its row in the section named as the document.
# A test is `Suite.Name` of the unit tests, or `e2e: title`. Prints each fault; exits 1 if there is one.
# usage: requirements.sh UNIT_TESTS_PROGRAM [DIRECTORY_OF_DOCUMENTS]
set -euo pipefail
program=$(realpath "$1")
cd "$(dirname "$0")/.."
documents=${2:-../shared/spec/requirements}
table=test/REQUIREMENTS.md
known=$(mktemp) rows=$(mktemp)
trap 'rm -f "$known" "$rows"' EXIT
bad=0
complain() { echo "$table: $*"; bad=1; }

# Suite.Name, without what an instantiation with parameters adds.
"$program" --gtest_list_tests | awk '
  /^[^ ]/ { suite = $1; sub(/\.$/, "", suite); n = split(suite, part, "/"); if (n > 1) suite = part[2]; next }
  /^  /   { name = $1; sub(/\/.*/, "", name); print suite "." name }' | sort -u >"$known"
[ -s "$known" ] || { echo "requirements.sh: $program lists no tests" >&2; exit 1; }

# section, scenario, tests, code; separated by tabs
awk -F '|' '
  /^## / { section = substr($0, 4) }
  /^\|/ && $2 !~ /^ *(-+|scenario) *$/ {
    for (i = 2; i <= 4; ++i) gsub(/^ +| +$/, "", $i)
    print section "\t" $2 "\t" $3 "\t" $4
  }' "$table" >"$rows"
[ -s "$rows" ] || complain "has no rows"
while read -r twice; do complain "stands twice: $twice"; done < <(cut -f 1,2 "$rows" | sort | uniq -d)

names() { grep -oE '`[^`]+`' <<<"$1" | tr -d '`' || true; }
while IFS=$'\t' read -r section scenario tests code; do
  row="$section, \"$scenario\""
  [ -n "$(names "$tests")" ] || complain "$row has no test"
  [ -n "$(names "$code")" ] || complain "$row names no file"
  while read -r name; do
    case $name in
      '') ;;
      'e2e: '*) grep -qF -- "${name#e2e: }" test/e2e/*.mjs || complain "$row: there is no end-to-end test \"${name#e2e: }\"" ;;
      *) grep -qxF -- "$name" "$known" || complain "$row: there is no test $name" ;;
    esac
  done < <(names "$tests")
  while read -r file; do [ -z "$file" ] || [ -e "$file" ] || complain "$row: there is no file $file"; done < <(names "$code")
done <"$rows"

for document in "$documents"/*.md; do
  [ -e "$document" ] || continue
  section=$(basename "$document" .md)
  while read -r scenario; do
    cut -f 1,2 "$rows" | grep -qxF -- "$section"$'\t'"$scenario" || complain "$section, \"$scenario\" has no row"
  done < <(sed -n 's/^#### Scenario: *//p' "$document")
done
exit $bad
