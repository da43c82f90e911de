#!/bin/bash
# Fails when what is here must not be released: changes that are in no commit, no key to sign with, or an old version of a linked part (fresh.sh).
# usage: SIGN_KEY=FILE releasable.sh [ARCH...]
set -euo pipefail
cd "$(dirname "$0")/../.."
fail() { echo "releasable.sh: $*" >&2; exit 1; }
changes=$(git status --porcelain) || fail "a release is made of a commit, and this is no git checkout"
[ -z "$changes" ] || fail "the tree has changes that are in no commit:"$'\n'"$changes"
[ -n "${SIGN_KEY:-}" ] || fail "a release is signed: make release SIGN_KEY=FILE (doc/INSTALL.md, Trust)"
exec scripts/dist/fresh.sh "$@"
