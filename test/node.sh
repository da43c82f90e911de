#!/bin/bash
# Prints the path of a node >= 22: the system's, or, where that is older, the npm package "node" in the user's cache.
# What cannot be had: one line "missing: ..." on stderr, exit 3.
set -u
cache=${K0RDENT_MCP_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/k0rdent-mcp}
node_version=22.23.3
missing() { echo "missing: $*" >&2; exit 3; }

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
echo "$node"
