#!/bin/bash
# Runs the tests and ends with one line, "N passed, N failed, N skipped", counted from the result files of the runners themselves:
# the unit tests (GoogleTest), the script checks below, the fuzz targets (test/fuzz, a few seconds each), unit
# tests for arm64 (make cross-check), the official
# conformance suite (test/conformance), the oldest and newest official clients (test/clients), the end-to-end tests (test/e2e, node's own runner). Exits 1 if one failed, also when a runner crashed or left no results. A skip says why; with
# CI=true it counts as failed, unless its reason begins with "optional:", which is for what a lone clone does not have.
# The unit tests run first and alone. The scripts, the fuzz targets and arm64 are compilers' work that waits for nothing; they run beside the
# rest, which waits often, and yield to it.
# usage: run.sh [units|scripts|fuzz|cross|conformance|clients|e2e]...     all by default; `make check` calls it
# Environment: K0RDENT_MCP_VARIANT (release), K0RDENT_MCP_BIN, K0RDENT_MCP_SIM_BIN (the programs that the end-to-end tests start)
set -uo pipefail
cd "$(dirname "$0")/.."
variant=${K0RDENT_MCP_VARIANT:-release}
export K0RDENT_MCP_EVERYTHING_BIN=$PWD/build/$variant/everything-server
export K0RDENT_MCP_BIN=${K0RDENT_MCP_BIN:-$PWD/build/k0rdent-mcp} K0RDENT_MCP_SIM_BIN=${K0RDENT_MCP_SIM_BIN:-$PWD/build/k0rdent-mcp-sim}
export ASAN_OPTIONS=${ASAN_OPTIONS:-detect_stack_use_after_return=1:strict_string_checks=1:check_initialization_order=1}
export UBSAN_OPTIONS=${UBSAN_OPTIONS:-print_stacktrace=1}
export LSAN_OPTIONS=${LSAN_OPTIONS:-print_suppressions=0}
# The random hours of test/story/random_world_test.cc: under the sanitizers a quarter of them.
[ "$variant" != asan ] || export SOAK_SEEDS=${SOAK_SEEDS:-20}
aside=10         # the nice value of what runs beside the others: a tenth of a core where they want all, so that no fuzz input times out
results=build/$variant/results
fuzz_seconds=5   # each target; `make fuzz` takes its time
fuzz_limit=1800  # seconds, the build included, beside other work
cross_limit=1200 # seconds, the same
unit_limit=1200  # seconds; the unit tests take few of them and never sleep
conformance_limit=600
clients_limit=900  # seconds, the installation included
e2e_limit=1500   # seconds

passed=0 failed=0 skipped=0 notes=()
pass() { passed=$((passed + 1)); }
fail() { failed=$((failed + 1)); notes+=("FAILED   $1"); }
skip() {  # NAME: REASON
  case ${CI:-}/$1 in
    true/*": optional:"*) skipped=$((skipped + 1)); notes+=("skipped  $1") ;;
    true/*) fail "$1 (a skip, and CI=true)" ;;
    *) skipped=$((skipped + 1)); notes+=("skipped  $1") ;;
  esac
}

# collect SUITE FILE STATUS LOG: add a runner's own results. Its exit status must agree with them.
collect() {
  local suite=$1 file=$2 status=$3 log=$4 counts kind rest p=0 f=0 s=0
  if [ -s "$file" ]; then
    while read -r kind rest; do
      case $kind in
        failed) fail "$rest" ;;
        skipped) skip "$rest" ;;
        *) p=$kind; read -r f s <<<"$rest"; passed=$((passed + p)) ;;
      esac
    done < <(awk -v suite="$suite" -f test/junit.awk "$file")
  fi
  if [ $((p + f + s)) = 0 ]; then
    fail "$suite: no results, the runner ended with $(describe "$status")"
    tail -60 "$log"
  elif [ "$status" != 0 ] && [ "$f" = 0 ]; then
    fail "$suite: the runner ended with $(describe "$status"), though no test of it failed"
    tail -60 "$log"
  fi
}
describe() {
  case $1 in 124) echo "its time used up" ;; 129 | 1[3-9][0-9]) echo "signal $(($1 - 128))" ;; *) echo "status $1" ;; esac
}

# One process a core: the tests share nothing. Each has results of its own, units-N.xml.
units() {
  local shards=$(nproc 2>/dev/null || echo 1) i pids=() status
  [ "$shards" -le 4 ] || shards=4
  rm -f "$results"/units*.xml
  for ((i = 1; i <= shards; i++)); do
    GTEST_TOTAL_SHARDS=$shards GTEST_SHARD_INDEX=$((i - 1)) timeout -k 10 $unit_limit "build/$variant/unit-tests" \
      --gtest_output="xml:$results/units-$i.xml" --gtest_color=no >"$results/units-$i.log" 2>&1 &
    pids+=($!)
  done
  for ((i = 1; i <= shards; i++)); do
    status=0
    wait "${pids[i - 1]}" || status=$?
    # Of the output, what failing tests said: from a test's start to its end.
    [ $status = 0 ] || awk '/^\[ RUN  /{text=""} {text=text $0 "\n"} /^\[  FAILED  \] .* \([0-9]+ ms\)$/{printf "%s", text} /^\[       OK /{text=""}' "$results/units-$i.log"
    collect units "$results/units-$i.xml" $status "$results/units-$i.log"
  done
}

# script NAME COMMAND...: a check that is one command, silent when all is well.
script() {
  local name=$1 log
  shift
  log=$results/${name// /-}.log
  if "$@" >"$log" 2>&1; then pass; else fail "script: $name"; cat "$log"; fi
}
scripts() {
  [ "$variant" != asan ] || return 0  # they look at sources and at the program that is handed out
  script layers test/layers.sh
  script "layers refuses" test/layers_test.sh
  script bundles test/bundle_test.sh
  script "no machine paths" test/paths.sh
  script reproducible test/reproducible.sh
  script requirements test/requirements.sh "build/$variant/unit-tests"
  script faults test/faults.sh
  script threats test/threats.sh
  script names test/names.sh
  if command -v node >/dev/null; then script edits node test/mutate/run.mjs --check; else skip "script: edits: node is missing"; fi
  if ! command -v readelf >/dev/null; then skip "script: hardening: readelf is missing"
  else script hardening test/hardening.sh "$K0RDENT_MCP_BIN" "$K0RDENT_MCP_SIM_BIN"; fi
  if ! command -v mandoc >/dev/null; then skip "script: lint-man: mandoc is missing"
  elif ! compgen -G 'man/*.[1-8]' >/dev/null; then skip "script: lint-man: there is no man page"
  else script lint-man "${MAKE:-make}" -s lint-man; fi
  if command -v clang-format-14 >/dev/null || command -v clang-format >/dev/null; then script format "${MAKE:-make}" -s lint-format
  else skip "script: format: clang-format is missing"; fi
  if command -v clang-tidy-14 >/dev/null || command -v clang-tidy >/dev/null; then script tidy "${MAKE:-make}" -s -k tidy VARIANT=release
  else skip "script: tidy: clang-tidy is missing"; fi
}

fuzz() {
  [ "$variant" != asan ] || return 0  # they are of this build already, and tried by make check
  local xml=$results/fuzz.xml log=$results/fuzz.log status=0
  if ! command -v clang++-14 >/dev/null && ! command -v clang++ >/dev/null; then skip "fuzz: clang is missing"; return; fi
  rm -f "$xml"
  FUZZ_SECONDS=$fuzz_seconds timeout -k 10 $fuzz_limit test/fuzz/run.sh "$xml" >"$log" 2>&1 </dev/null || status=$?
  [ $status = 0 ] || cat "$log"
  collect fuzz "$xml" $status "$log"
}

cross() {
  [ "$variant" != asan ] || return 0
  local xml=$results/cross.xml log=$results/cross.log status=0
  # `make check` installs them where CI=true.
  if [ "$(uname -m)" != x86_64 ] || ! command -v aarch64-linux-gnu-g++ >/dev/null; then skip "cross: optional: no cross compiler for arm64 (scripts/deps.sh cross)"; return; fi
  rm -f "$xml"
  # With compilers of its own, whatever this variant has.
  timeout -k 10 $cross_limit env -u MAKEFLAGS -u MFLAGS -u MAKEOVERRIDES -u CXX -u CC -u AR -u CXXFLAGS "${MAKE:-make}" -s cross-check XML="$PWD/$xml" >"$log" 2>&1 </dev/null || status=$?
  [ $status = 0 ] || tail -60 "$log"
  collect cross "$xml" $status "$log"
}

conformance() {
  local xml=$results/conformance.xml log=$results/conformance.log status=0
  rm -f "$xml"
  timeout -k 30 $conformance_limit test/conformance/run.sh "$xml" >"$log" 2>&1 </dev/null || status=$?
  [ $status = 0 ] || cat "$log"
  collect conformance "$xml" $status "$log"
}

clients() {
  [ "$variant" != asan ] || return 0  # what they do the end-to-end tests do under the sanitizers; installing them takes minutes
  local xml=$results/clients.xml log=$results/clients.log status=0
  rm -f "$xml"
  timeout -k 30 $clients_limit test/clients/run.sh "$xml" ci >"$log" 2>&1 </dev/null || status=$?
  [ $status = 0 ] || cat "$log"
  collect clients "$xml" $status "$log"
}

e2e() {
  local xml=$results/e2e.xml log=$results/e2e.log status=0
  if [ ! -x test/e2e/run.sh ]; then skip "e2e: there are no tests in test/e2e"; return; fi
  rm -f "$xml"
  timeout -k 30 $e2e_limit test/e2e/run.sh "$xml" >"$log" 2>&1 </dev/null || status=$?
  # All but the lines of passing tests and node's own counts.
  [ $status = 0 ] || grep -vE '^ *✔|^ℹ' "$log"
  collect e2e "$xml" $status "$log"
}

# run PART...: one after the other. Each part ends with a line of the time it took.
run() {
  local part begin
  for part in "$@"; do
    begin=$SECONDS
    echo "== $part ($variant)"
    "$part"
    echo "   $part: $((SECONDS - begin)) s"
  done
}
# run_aside PART...: the same in a process of its own, started with &; what it says and counts is for merge_aside.
run_aside() {
  renice -n $aside -p $BASHPID >/dev/null 2>&1
  passed=0 failed=0 skipped=0 notes=()
  run "$@" >"$results/aside.log" 2>&1
  { echo "passed=$passed failed=$failed skipped=$skipped"; echo "notes=(${notes[*]@Q})"; } >"$results/aside.counts"
}
merge_aside() {
  local p=$passed f=$failed s=$skipped all=("${notes[@]}")
  cat "$results/aside.log"
  if ! . "$results/aside.counts"; then fail "$*: ended without results"; return; fi
  passed=$((p + passed)) failed=$((f + failed)) skipped=$((s + skipped)) notes=("${all[@]}" "${notes[@]}")
}

mkdir -p "$results"
[ $# -gt 0 ] || set -- units scripts fuzz cross conformance clients e2e
first=() here=() beside=()
for part in "$@"; do
  case $part in
    scripts | fuzz | cross) beside+=("$part") ;;
    units) first+=("$part") ;;  # alone: they measure how long each callback takes
    conformance | clients | e2e) here+=("$part") ;;
    *) echo "run.sh: no part '$part'; there are units, scripts, fuzz, cross, conformance, clients and e2e" >&2; exit 2 ;;
  esac
done
rm -f "$results/aside.log" "$results/aside.counts"
[ ${#first[@]} = 0 ] || run "${first[@]}"
if [ ${#beside[@]} = 0 ] || [ ${#here[@]} = 0 ]; then
  run "${beside[@]}" "${here[@]}"
else
  run_aside "${beside[@]}" &
  aside_pid=$!
  run "${here[@]}"
  wait $aside_pid
  merge_aside "${beside[@]}"
fi
[ ${#notes[@]} = 0 ] || printf '%s\n' "${notes[@]}"
echo "$passed passed, $failed failed, $skipped skipped"
[ $failed = 0 ] && [ $passed -gt 0 ]
