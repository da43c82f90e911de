#!/bin/sh
# Builds the kube-apiserver of go.mod's version, or with "parity" the program that compares with client-go (parity/), into the cache, once a
# machine; prints its path. kube-apiserver: 3 minutes on 2 cores, 100 MB; parity: 1 minute. Needs go >= 1.25.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
cache=${K0RDENT_MCP_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/k0rdent-mcp}
version=$(sed -n 's#.*k8s.io/kubernetes ##p' "$here/go.mod" | head -n 1)
what=${1:-kube-apiserver} package=.
if [ "$what" = parity ]; then
  package=./parity
  version=$version-$(cat "$here"/parity/*.go | sha256sum | cut -c1-12) # its own text changes, too
fi
bin=$cache/$what-$version
stamp=k8s.io/component-base/version.gitVersion=$version # else it calls itself v0.0.0
if [ ! -x "$bin" ]; then
  mkdir -p "$cache"
  echo "building $what (some minutes, once)" >&2
  [ "$what" != parity ] || rm -f "$cache"/parity-*
  (cd "$here" && CGO_ENABLED=0 go build -trimpath -ldflags="-s -w -X $stamp" -o "$bin.$$" "$package" && mv "$bin.$$" "$bin")
fi
echo "$bin"
