#!/bin/bash
# Packs the release once more, from a clone of this commit in another folder at another depth, with another home, time zone and umask, and
# without ccache, and compares each artefact with those of DIST, which `make dist` has packed here from the same commit. Prints what differs,
# or the sum of each artefact; exits 1 if something differs. It takes as long as the release. `make dist-again` calls it.
# usage: two_clones.sh DIST [NAME=VALUE...]     the variables that DIST was made with, e.g. DIST_ARCH=amd64
set -euo pipefail
cd "$(dirname "$0")/.."
dist=$(realpath "$1")
shift
[ -z "$(git status --porcelain)" ] || { echo "two_clones.sh: the tree has changes that a clone has not" >&2; exit 2; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
clone=$work/at/another-depth/of.folders
git clone --quiet --no-hardlinks . "$clone"
git -C "$clone" checkout --quiet --detach "$(git rev-parse HEAD)"
cache=${K0RDENT_MCP_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/k0rdent-mcp}
(cd "$clone" && umask 077 && env K0RDENT_MCP_CACHE="$cache" HOME="$work" TZ=Pacific/Kiritimati CCACHE_DISABLE=1 \
  "${MAKE:-make}" --no-print-directory dist DIST="$clone/dist" "$@" >"$work/log" 2>&1) || { tail -20 "$work/log" >&2; exit 1; }
diff -r --brief --exclude=SHA256SUMS.sig "$dist" "$clone/dist"
cat "$dist/SHA256SUMS"
