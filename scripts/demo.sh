#!/bin/bash
# Starts a simulated management cluster (sample k0rdent objects, fresh events, log lines) and k0rdent-mcp on it, says how
# to connect, and stays until Ctrl-C, which ends both. `make demo` builds first and calls this.
# Exits 0 after Ctrl-C or SIGTERM, 1 when one of the two could not start or died.
# Environment: DEMO_PORT (6767; the next free one when it is taken), K0RDENT_MCP_BIN, K0RDENT_MCP_SIM_BIN
set -uo pipefail
cd "$(dirname "$0")/.."
mcp_bin=${K0RDENT_MCP_BIN:-build/k0rdent-mcp}
sim_bin=${K0RDENT_MCP_SIM_BIN:-build/k0rdent-mcp-sim}
for bin in "$mcp_bin" "$sim_bin"; do
  [ -x "$bin" ] || { echo "demo: $bin is not built: run 'make demo'" >&2; exit 1; }
done

tmp=$(mktemp -d "${TMPDIR:-/tmp}/k0rdent-mcp-demo.XXXXXX") || exit 1
sim='' mcp=''
mkfifo "$tmp/never" && exec 9<>"$tmp/never" || exit 1
pause() { read -r -t "$1" -u 9 _; }  # a signal ends it at once, as it would not end sleep

# Is this child running? (kill -0 also says yes to one that has ended and was not waited for.)
alive() { local state; { read -r _ _ state _ <"/proc/$1/stat"; } 2>/dev/null && [ "$state" != Z ]; }

# Asks a child of ours to end; one that does not within 12 s (the drain timeout and a little) is killed.
stop() {
  [ -n "$1" ] || return 0
  kill -TERM "$1" 2>/dev/null || return 0
  for ((i = 0; i < 240; i++)); do
    alive "$1" || break
    pause 0.05
  done
  kill -KILL "$1" 2>/dev/null
  wait "$1" 2>/dev/null
}
cleanup() {
  trap '' INT TERM HUP
  stop "$mcp"
  stop "$sim"
  rm -rf "$tmp"
}
trap cleanup EXIT
trap 'exit 0' INT TERM HUP
die() { echo "demo: $*" >&2; exit 1; }

# In process groups of their own: Ctrl-C reaches this script alone, which then ends them in order.
set -m
"$sim_bin" --fixtures test/fixtures/k0rdent --kubeconfig-out "$tmp/kubeconfig" \
  --events-every 2s --log-lines-every 1s --step-every 3s >"$tmp/sim.url" 9>&- &
sim=$!
until [ -s "$tmp/kubeconfig" ] && [ -s "$tmp/sim.url" ]; do
  alive "$sim" || die "the simulated cluster did not start"
  pause 0.02
done

first=${DEMO_PORT:-6767} port=''
for ((p = first; p < first + 20; p++)); do
  if ! (exec 3<>"/dev/tcp/127.0.0.1/$p") 2>/dev/null; then port=$p; break; fi
done
[ -n "$port" ] || die "no free port between $first and $((first + 19))"
[ "$port" = "$first" ] || echo "demo: port $first is taken, using $port"

# What the caller has set for another cluster must not reach this one.
env -u AUTH_MODE -u K0RDENT_MCP_AUTH_MODE -u K0RDENT_MGMT_CONTEXT -u K0RDENT_MCP_CONTEXT \
  "$mcp_bin" serve --listen "127.0.0.1:$port" --kubeconfig "$tmp/kubeconfig" 9>&- &
mcp=$!
set +m

ready() {  # asks /readyz; no curl needed
  exec 3<>"/dev/tcp/127.0.0.1/$port" || return 1
  printf 'GET /readyz HTTP/1.1\r\nHost: 127.0.0.1:%s\r\nConnection: close\r\n\r\n' "$port" >&3
  local status=''
  read -r -t 2 _ status _ <&3
  exec 3>&-
  [ "$status" = 200 ]
}
for ((i = 0; ; i++)); do
  alive "$mcp" || { mcp=''; die "k0rdent-mcp did not start; its log is above"; }
  ready 2>/dev/null && break
  [ $i -lt 500 ] || die "k0rdent-mcp is not ready after 10 s; its log is above"
  pause 0.02
done

url=http://127.0.0.1:$port/mcp
pod=podinfo-7d9c5f-abcde
cat <<TEXT

  k0rdent-mcp serves a simulated management cluster at

      $url

  Claude Code:
      claude mcp add --transport http k0rdent $url

  MCP Inspector:
      npx @modelcontextprotocol/inspector --transport http --server-url $url

  curl (paste all of it; events of team-a arrive every few seconds):
      url=$url
      json='Content-Type: application/json' accept='Accept: application/json, text/event-stream'
      sid=\$(curl -sS -D - -o /dev/null "\$url" -H "\$json" -H "\$accept" -d '{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"curl","version":"1"}}}' | tr -d '\r' | sed -n 's/^[Mm]cp-[Ss]ession-[Ii]d: //p')
      mcp() { curl -sS "\$url" -H "\$json" -H "\$accept" -H "Mcp-Session-Id: \$sid" -d "\$1"; echo; }
      mcp '{"jsonrpc":"2.0","method":"notifications/initialized"}'
      mcp '{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"k0rdent.mgmt.namespaces.list","arguments":{}}}'
      mcp '{"jsonrpc":"2.0","id":3,"method":"resources/subscribe","params":{"uri":"k0rdent://events/team-a"}}'
      mcp '{"jsonrpc":"2.0","id":4,"method":"resources/subscribe","params":{"uri":"k0rdent://podlogs/team-a/$pod/podinfo"}}'
      curl -sSN "\$url" -H 'Accept: text/event-stream' -H "Mcp-Session-Id: \$sid"

  kubectl:
      kubectl --kubeconfig $tmp/kubeconfig get namespaces

  Running: k0rdent-mcp (pid $mcp) on the simulated cluster $(<"$tmp/sim.url") (pid $sim). Ctrl-C ends both.

TEXT

# Not `wait -n`: it misses a child that ended before it was called.
while alive "$mcp" && alive "$sim"; do pause 0.5; done
if alive "$mcp"; then
  sim=''
  die "the simulated cluster ended unexpectedly"
fi
mcp=''
die "k0rdent-mcp ended unexpectedly; its log is above"
