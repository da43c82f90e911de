#!/bin/bash
# The benchmark: this server, the peer kubernetes-mcp-server and nginx side by side on this machine, one table with ratios (README, "How it compares").
# BENCH_SCRIPT=curves.mjs: what one process holds (doc/SCALE.md); soak.mjs: minutes of churn, with the number of them as ROW.
# usage: run.sh [ROW…]      rows: ready idle size list eras tls oauth fairness calls flood sessions misuse strangers latency lists subscribers listens keys decode storm graph acting signatures; default all. Needs `make deps-bench`; `make bench` does it all.
set -euo pipefail
cd "$(dirname "$0")/../.."
cache=${K0RDENT_MCP_CACHE:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/k0rdent-mcp}
work=build/bench
mkdir -p "$work"
for name in spawn_ready subscribers sends; do
  program=$work/${name//_/-}
  if [ ! -x "$program" ] || [ test/bench/$name.cc -nt "$program" ]; then
    "${CXX:-g++}" -std=c++20 -O2 -Wall -Wextra -o "$program" test/bench/$name.cc
  fi
done
simdjson=build/lib/libsimdjson.a
[ -f "$simdjson" ] || simdjson=-lsimdjson
# Programs on the server's own library, whose objects hold a dozen files each: all that these need is linked.
own=(graph_model flood_api acting signatures)
[ -z "${BENCH_SCRIPT:-}" ] || own=()
for name in "${own[@]}"; do
  program=$work/${name//_/-} with=()
  [ "$name" != signatures ] || with=(-Itest test/support/token_signer.cc)
  if [ ! -x "$program" ] || [ build/release/libk0rdent-mcp.a -nt "$program" ] || [ test/bench/$name.cc -nt "$program" ]; then
    "${CXX:-g++}" -std=c++20 -O2 -Wall -Wextra -Isrc -o "$program" test/bench/$name.cc "${with[@]}" build/release/libk0rdent-mcp.a $simdjson -lssl -lcrypto -lcares -lyaml
  fi
done
ulimit -n "$(ulimit -Hn)" || true
export BENCH_WORK="$PWD/$work" BENCH_PEER
BENCH_PEER=$(ls "$cache"/bench-peer/node_modules/kubernetes-mcp-server-*/bin/* 2>/dev/null | head -1 || true)
export K0RDENT_MCP_BIN="${K0RDENT_MCP_BIN:-$PWD/build/k0rdent-mcp}" K0RDENT_MCP_SIM_BIN="${K0RDENT_MCP_SIM_BIN:-$PWD/build/k0rdent-mcp-sim}"
exec node "test/bench/${BENCH_SCRIPT:-bench.mjs}" "$@"
