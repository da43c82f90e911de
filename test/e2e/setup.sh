#!/bin/bash
# Gets what the end-to-end tests need beyond packages; quick when all is there. Prints the path of a node >= 22 on stdout.
# What cannot be had: one line "missing: ..." on stderr, exit 3.
set -u
here=$(cd "$(dirname "$0")" && pwd)
cache=${K0RDENT_MCP_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/k0rdent-mcp}
missing() { echo "missing: $*" >&2; exit 3; }

etcd=$(command -v etcd) || missing "etcd (Debian: etcd-server)"
command -v openssl > /dev/null || missing "openssl"

node=$("$here/../node.sh") || exit
"$here/../npm.sh" "$here" || exit

bin=$cache/kube-apiserver-$(sed -n 's#.*k8s.io/kubernetes ##p' "$here/apiserver/go.mod" | head -n 1)
if [ ! -x "$bin" ]; then
  command -v go > /dev/null || missing "go >= 1.25, to build kube-apiserver"
  sh "$here/apiserver/build.sh" > /dev/null || missing "kube-apiserver (its build failed)"
fi
echo "$node"
