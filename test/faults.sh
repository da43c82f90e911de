#!/bin/bash
# Checks test/FAULTS.md: every code at the front of a test's name has a row, and every row has a test.
# A section of the page holds for the folder that its heading names; the section of `test/` holds for all other folders.
# Prints each fault; exits 1 if there is one. usage: faults.sh
set -euo pipefail
cd "$(dirname "$0")/.."
table=test/FAULTS.md

rows=$(awk '
  /^## / { n = split($0, part, "`"); folder = n > 1 ? part[2] : "" }
  match($0, /^\| [A-Z][0-9]+ \|/) { split($0, part, " "); print folder " " part[2] }' "$table" | LC_ALL=C sort)
folders=$(cut -d ' ' -f 1 <<<"$rows" | sort -u)

# "FOLDER CODE" for each code in use: W5 and W05 are one code; A401Xyz has none, because a code has at most two digits.
used=$(find test -name '*.cc' -not -path '*/node_modules/*' | while read -r file; do
  folder=test/
  for each in $folders; do case $file in "$each"*) [ ${#each} -le ${#folder} ] || folder=$each ;; esac; done
  tr '\n' ' ' <"$file" | { grep -oE '\bTEST(_F|_P)?\( *\w+, *\w+' || true; } | sed -E 's/.*, *//' | while read -r name; do
    while [[ $name =~ ^([A-Z])0?([0-9]{1,2})([A-Z].*)$ ]]; do
      echo "$folder ${BASH_REMATCH[1]}${BASH_REMATCH[2]}"
      name=${BASH_REMATCH[3]}
    done
  done
done | LC_ALL=C sort -u)

# Authorization: "Rule27And30AndAttack16Xyz" uses Rule27, Rule30 and Attack16, in whatever folder; of the end-to-end tests the title.
number() { sed -nE 's/^\| ((Rule|Attack)[0-9]{2}) \|.*/\1/p' "$table" | LC_ALL=C sort; }
numbered=$({
  find test -name '*.cc' -not -path '*/node_modules/*' -exec cat {} + | tr '\n' ' ' | grep -oE '\bTEST(_F|_P)?\( *\w+, *\w+'
  grep -hE "^test\('" test/e2e/*.test.mjs
} | grep -oE '(Rule|Attack)[0-9]{2}(And[0-9]{2})*' | while read -r chain; do
  word=${chain%%[0-9]*}
  grep -oE '[0-9]{2}' <<<"$chain" | sed "s/^/$word/"
done | LC_ALL=C sort -u)

bad=0
complain() { echo "$table: $*"; bad=1; }
[ -n "$rows" ] || complain "has no rows"
[ -n "$used" ] || complain "no test's name has a code: this script reads them wrongly"
while read -r folder code; do [ -z "$code" ] || complain "$code stands twice in the section of $folder"; done < <(uniq -d <<<"$rows")
while read -r folder code; do [ -z "$code" ] || complain "no row for $code, which tests in $folder use"; done < <(LC_ALL=C comm -13 <(uniq <<<"$rows") - <<<"$used")
while read -r folder code; do [ -z "$code" ] || complain "no test in $folder has the code $code"; done < <(LC_ALL=C comm -23 <(uniq <<<"$rows") - <<<"$used")
[ -n "$numbered" ] || complain "no test's name has a rule or an attack: this script reads them wrongly"
while read -r code; do [ -z "$code" ] || complain "$code stands twice"; done < <(number | uniq -d)
while read -r code; do [ -z "$code" ] || complain "no row for $code, which a test's name has"; done < <(LC_ALL=C comm -13 <(number) - <<<"$numbered")
while read -r code; do [ -z "$code" ] || complain "no test's name has $code"; done < <(LC_ALL=C comm -23 <(number) - <<<"$numbered")
exit $bad
