#!/bin/bash
# Installs what a folder's package-lock.json names, once for each lock file. usage: npm.sh DIR
# What cannot be had: one line "missing: ..." on stderr, exit 3.
set -u
dir=${1:?usage: npm.sh DIR}
stamp=$dir/node_modules/.package-lock.sum
if [ "$(cat "$stamp" 2> /dev/null)" != "$(cksum < "$dir/package-lock.json")" ]; then
  (cd "$dir" && npm ci --no-audit --no-fund --loglevel=error) >&2 || { echo "missing: npm packages (npm ci in $dir failed)" >&2; exit 3; }
  cksum < "$dir/package-lock.json" > "$stamp"
fi
