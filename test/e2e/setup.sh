#!/bin/bash
# Gets what the end-to-end tests need beyond packages; quick when all is there. Prints the path of a node >= 22 on stdout.
# What cannot be had: one line "missing: ..." on stderr, exit 3.
set -u
here=$(cd "$(dirname "$0")" && pwd)
cache=${K0RDENT_MCP_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/k0rdent-mcp}
node_version=22.23.3 # of the npm package "node", taken where the system's own is older than 22
missing() { echo "missing: $*" >&2; exit 3; }

etcd=$(command -v etcd) || missing "etcd (Debian: etcd-server)"
command -v openssl > /dev/null || missing "openssl"
command -v npm > /dev/null || missing "npm"

node=$(command -v node || true)
if [ -z "$node" ] || [ "$("$node" -p 'process.versions.node.split(".")[0]')" -lt 22 ]; then
  node=$cache/node-$node_version/node_modules/node/bin/node
  if [ ! -x "$node" ]; then
    mkdir -p "$cache/node-$node_version"
    npm install --prefix "$cache/node-$node_version" --no-save --no-package-lock --no-audit --no-fund \
      --loglevel=error "node@$node_version" >&2 || missing "node >= 22 (npm install node@$node_version failed)"
    # Where npm may not run its install script, the binary lies in the platform's package.
    [ -x "$node" ] || node=$(ls -d "$cache/node-$node_version"/node_modules/node*/node_modules/node-*/bin/node \
      "$cache/node-$node_version"/node_modules/node-*/bin/node 2> /dev/null | head -n 1)
  fi
  [ -x "$node" ] && "$node" --version > /dev/null || missing "node >= 22 (its npm package does not run here)"
fi

stamp=$here/node_modules/.package-lock.sum
if [ "$(cat "$stamp" 2> /dev/null)" != "$(cksum < "$here/package-lock.json")" ]; then
  (cd "$here" && npm ci --no-audit --no-fund --loglevel=error) >&2 || missing "npm packages (npm ci in test/e2e failed)"
  cksum < "$here/package-lock.json" > "$stamp"
fi

bin=$cache/kube-apiserver-$(sed -n 's#.*k8s.io/kubernetes ##p' "$here/apiserver/go.mod" | head -n 1)
if [ ! -x "$bin" ]; then
  command -v go > /dev/null || missing "go >= 1.25, to build kube-apiserver"
  sh "$here/apiserver/build.sh" > /dev/null || missing "kube-apiserver (its build failed)"
fi
echo "$node"
