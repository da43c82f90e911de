#!/bin/bash
# Checks test/REQUIREMENTS.md: every row (| clause | tests | code |) names at least one test that exists and at least one file that
# exists; the rows are the clauses of test/requirements.txt, each once and none else. Where the requirement documents lie beside the
# checkout, the clauses are theirs: of a scenario each THEN and AND, of the design document its goals, decisions, mitigations and answers.
# A test is `Suite.Name` of the unit tests, or `e2e: title`. Prints each fault; exits 1 if there is one.
# usage: requirements.sh UNIT_TESTS_PROGRAM [DIRECTORY_OF_DOCUMENTS]
set -euo pipefail
program=$(realpath "$1")
cd "$(dirname "$0")/.."
documents=${2:-../shared/spec/requirements}
table=test/REQUIREMENTS.md clauses=test/requirements.txt
known=$(mktemp) rows=$(mktemp) theirs=$(mktemp) ours=$(mktemp)
trap 'rm -f "$known" "$rows" "$theirs" "$ours"' EXIT
bad=0
complain() { echo "$table: $*"; bad=1; }

# Suite.Name, without what an instantiation with parameters adds.
"$program" --gtest_list_tests | awk '
  /^[^ ]/ { suite = $1; sub(/\.$/, "", suite); n = split(suite, part, "/"); if (n > 1) suite = part[2]; next }
  /^  /   { name = $1; sub(/\/.*/, "", name); print suite "." name }' | sort -u >"$known"
[ -s "$known" ] || { echo "requirements.sh: $program lists no tests" >&2; exit 1; }

# section, clause, tests, code; separated by tabs
awk -F '|' '
  /^## / { section = substr($0, 4) }
  /^\|/ && $2 !~ /^ *(-+|clause) *$/ {
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

# As the table has them: section, "title, kind n: words".
awk -F ' [|] ' '!/^#/ && NF { print $1 "\t" $2 ", " $3 ": " $4 }' "$clauses" >"$ours"
[ -s "$ours" ] || complain "$clauses has no clauses"
cut -f 1,2 "$rows" >"$theirs"
while read -r line; do complain "no row: $line"; done < <(sort "$ours" | comm -23 - <(sort "$theirs"))
while read -r line; do complain "not in $clauses: $line"; done < <(sort "$ours" | comm -13 - <(sort "$theirs"))

# The clauses of a document, "title | kind n".
clauses_of() {
  awk '
    function emit(kind) { print title " | " kind " " ++count[kind] }
    function enter(name) { title = name; split("", count); on = 1 }
    /^#### Scenario: / { enter(substr($0, 16)) }
    /^- (THEN|AND) / { emit($2) }
    /^### / { on = 0 }
    /^### Goals/ { enter("Goals"); of = "goal" }
    /^### Decision / { enter(substr($0, 5)); of = "point" }
    /^### Risk: / { enter(substr($0, 5)); of = "" }
    /^## Open Questions/ { enter("Open Questions"); of = "" }
    /^\*\*Rationale\*\*/ { if (on && of == "point" && !count["point"]) emit("decision"); on = 0 }
    /^- / && on && of != "" && !/^- (WHEN|THEN|AND) / { emit(of) }
    /^\*\*Mitigation\*\*/ { emit("mitigation") }
    /^ +- \*\*A\*\*/ { emit("answer") }' "$1"
}
for document in "$documents"/*.md; do
  [ -e "$document" ] || continue
  section=$(basename "$document" .md)
  while read -r line; do complain "$section: $line (< of the document, > of $clauses)"; done < <(
    diff <(clauses_of "$document") <(awk -F ' [|] ' -v s="$section" '$1 == s { print $2 " | " $3 }' "$clauses") | grep '^[<>]' || true)
done
exit $bad
