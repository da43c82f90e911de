#!/bin/bash
# Compiles a file of each rule of the release in two folders and compares the objects: neither the folder nor the time of day is in them. For
# arm64, too, where its cross compiler is. `make dist` of one commit then gives the same bytes wherever it runs. Prints what differs; exits 1 if something does.
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
objects=(src/app/version.o src/base/error.o)
[ ! -e /usr/share/llhttp/api.c ] || objects+=(llhttp/api.o)
variants=(release)
if [ "$(uname -m)" = x86_64 ] && command -v aarch64-linux-gnu-g++ >/dev/null; then variants+=(aarch64-linux-gnu-release); fi
for folder in a "b-of-another/length"; do
  mkdir -p "$work/$folder"
  cp -R Makefile scripts src "$work/$folder"
  for variant in "${variants[@]}"; do
    (cd "$work/$folder" && SOURCE_DATE_EPOCH=1767225600 "${MAKE:-make}" -s -j1 CROSS="${variant%release}" VARIANT="$variant" "${objects[@]/#/build/$variant/}")
  done
done
status=0
for variant in "${variants[@]}"; do
  for object in "${objects[@]}"; do
    cmp "$work/a/build/$variant/$object" "$work/b-of-another/length/build/$variant/$object" || status=1
  done
done
exit $status
