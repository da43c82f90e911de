#!/bin/bash
# Compiles a file of each rule of the release in two folders and compares the objects: neither the folder nor the time of day is in them.
# `make dist` of one commit then gives the same bytes wherever it runs. Prints what differs; exits 1 if something does.
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
objects=(src/app/version.o src/base/error.o)
[ ! -e /usr/share/llhttp/api.c ] || objects+=(llhttp/api.o)
for folder in a "b-of-another/length"; do
  mkdir -p "$work/$folder"
  cp -R Makefile scripts src "$work/$folder"
  (cd "$work/$folder" && SOURCE_DATE_EPOCH=1767225600 "${MAKE:-make}" -s -j1 VARIANT=release "${objects[@]/#/build/release/}")
done
status=0
for object in "${objects[@]}"; do
  cmp "$work/a/build/release/$object" "$work/b-of-another/length/build/release/$object" || status=1
done
exit $status
