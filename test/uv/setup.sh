#!/bin/bash
# Prints the path of uvx: the system's, or its Python package's in the user's cache.
# What cannot be had: one line "missing: ..." on stderr, exit 3.
set -u
here=$(cd "$(dirname "$0")" && pwd)
cache=${K0RDENT_MCP_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/k0rdent-mcp}
missing() { echo "missing: $*" >&2; exit 3; }

command -v uvx && exit
dir=$cache/uv-$(cksum < "$here/requirements.txt" | cut -d' ' -f1)
if [ ! -e "$dir/done" ]; then
  [ "$(uname -m)" = x86_64 ] || missing "uv's package, of which test/uv/requirements.txt has the hash for x86_64 only"
  rm -rf "$dir"
  mkdir -p "$cache"
  python3 -m venv "$dir" >&2 || missing "python3-venv"
  "$dir/bin/pip" --quiet --disable-pip-version-check install --no-deps --only-binary :all: --require-hashes -r "$here/requirements.txt" >&2 ||
    missing "the Python package of test/uv/requirements.txt"
  touch "$dir/done"
fi
echo "$dir/bin/uvx"
