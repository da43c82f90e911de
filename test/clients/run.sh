#!/bin/bash
# The client matrix' single entry. usage: run.sh RESULT_JUNIT_FILE [ci|all] [WORD...]      (run.mjs says more)
# K0RDENT_MCP_BIN, K0RDENT_MCP_SIM_BIN: what to test (default build/...). Where node is not here, the result holds one skipped
# test that says so, and the exit code is 0: the caller decides about skips.
set -u
here=$(cd "$(dirname "$0")" && pwd)
result=${1:?usage: run.sh RESULT_JUNIT_FILE [ci|all] [WORD...]}
mkdir -p "$(dirname "$result")"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
node=$("$here/../node.sh" 2> >(tee "$log" >&2))
status=$?
if [ $status -eq 3 ]; then
  reason=$(grep '^missing: ' "$log" | tail -n 1 | sed 's/&/\&amp;/g; s/</\&lt;/g; s/>/\&gt;/g; s/"/\&quot;/g')
  cat > "$result" << XML
<?xml version="1.0" encoding="utf-8"?>
<testsuites tests="1" skipped="1" failures="0">
  <testcase name="the client matrix" classname="clients" time="0"><skipped type="skipped" message="$reason"/></testcase>
</testsuites>
XML
  echo "clients: skipped, $reason"
  exit 0
fi
[ $status -eq 0 ] || exit $status
exec "$node" "$here/run.mjs" "$@"
