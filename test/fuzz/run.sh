#!/bin/bash
# Runs the fuzz targets, each for FUZZ_SECONDS (60), as many at a time as there are cores, on its seeds and on what earlier runs
# found worth keeping (build/fuzz/corpus/NAME). usage: run.sh RESULT_JUNIT_FILE [TARGET]...     all targets by default
# An input that breaks one is left in build/fuzz/broken/ and named; build/asan/fuzz-targets TARGET FILE tries it again. Exit 1 if there is one.
set -uo pipefail
cd "$(dirname "$0")/../.."
result=${1:?usage: run.sh RESULT_JUNIT_FILE [TARGET]...}
shift
seconds=${FUZZ_SECONDS:-60}
out=build/fuzz
program=build/asan/fuzz-targets
export ASAN_OPTIONS=${ASAN_OPTIONS:-detect_stack_use_after_return=1:strict_string_checks=1} UBSAN_OPTIONS=${UBSAN_OPTIONS:-print_stacktrace=1}
mkdir -p "$out/broken" "$out/logs" "$(dirname "$result")"
"${MAKE:-make}" -s VARIANT=asan "$program" >&2 || exit 1
[ $# -gt 0 ] || mapfile -t targets < <("$program" --list)
[ $# = 0 ] || targets=("$@")

# one TARGET: its log ends with libFuzzer's own "Done N runs in S second(s)" when all was well.
one() {
  local name=$1 seeds=test/fuzz/seeds/$1
  [ -n "$(ls "$seeds" 2>/dev/null)" ] || { echo "$name: no seeds in $seeds" >"$out/logs/$name.log"; return 1; }
  mkdir -p "$out/corpus/$name"
  local dict=()
  [ ! -f "test/fuzz/dict/$name" ] || dict=(-dict="test/fuzz/dict/$name")
  timeout -k 5 $((seconds + 60)) "$program" "$name" -max_total_time="$seconds" -timeout=5 -rss_limit_mb=1024 -max_len=4096 \
    -print_final_stats=1 -artifact_prefix="$out/broken/$name-" "${dict[@]}" "$out/corpus/$name" "$seeds" >"$out/logs/$name.log" 2>&1 &&
    grep -q '^Done [1-9]' "$out/logs/$name.log"
}
export -f one
export out seconds program

printf '%s\n' "${targets[@]}" | xargs -P "$(nproc 2>/dev/null || echo 1)" -I{} bash -c 'one {} && touch "$out/logs/{}.ok" || rm -f "$out/logs/{}.ok"'

escape() { sed 's/&/\&amp;/g; s/</\&lt;/g; s/>/\&gt;/g; s/"/\&quot;/g' | tr -d '\000-\010\013\014\016-\037'; }
failed=0
{
  echo '<?xml version="1.0" encoding="utf-8"?>'
  echo "<testsuites><testsuite name=\"fuzz\" tests=\"${#targets[@]}\">"
  for name in "${targets[@]}"; do
    log=$out/logs/$name.log
    runs=$(sed -n 's/^Done \([0-9]*\) runs.*/\1/p' "$log")
    if [ -e "$out/logs/$name.ok" ]; then
      echo "fuzz $name: $runs runs in $seconds s" >&2
      echo "<testcase name=\"$name\" classname=\"fuzz\"/>"
    else
      failed=1
      { echo "fuzz $name: FAILED"; tail -40 "$log"; } >&2
      echo "<testcase name=\"$name\" classname=\"fuzz\"><failure message=\"$(grep -m1 -E 'does not hold|ERROR|Test unit written|no seeds' "$log" | escape)\"/></testcase>"
    fi
    rm -f "$out/logs/$name.ok"
  done
  echo '</testsuite></testsuites>'
} >"$result"
exit $failed
