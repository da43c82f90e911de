#!/bin/bash
# Fills a folder with the licences that go with a static program: LICENSE, ours, and THIRD-PARTY.txt, a notice, the exact source and
# the licence of each linked part. usage: notices.sh OUT [BESIDE] < parts        (lines of parts.sh)
# BESIDE: a file with lines of parts.sh --beside, what else the image has.
set -euo pipefail
out=$1
beside=()
[ -z "${2-}" ] || mapfile -t beside <"$2"
here=$(cd "$(dirname "$0")/../.." && pwd)
mkdir -p "$out"
cp "$here/LICENSE" "$out/LICENSE"
mapfile -t parts
{
  cat <<'TEXT'
Third-party software in k0rdent-mcp
===================================

The static program k0rdent-mcp contains the parts below, unchanged, as Debian builds them. Their source is Debian's source package of the
version named (snapshot archives keep each version).

GNU C Library: this program uses it under the GNU Lesser General Public License, version 2.1 or later, whose text is at the end.
k0rdent-mcp's own source and Makefile are published under the Apache License 2.0: with them you can link the program anew with a changed
C library (`make`), or with the one of your system (`make LINK=shared`).

TEXT
  told() {
    for part; do
      IFS=$'\t' read -r name version licence package source source_version <<<"$part"
      printf '%s %s\n    licence: %s\n    source:  Debian source package %s %s\n\n' "$name" "$version" "$licence" "$source" "$source_version"
    done
  }
  told "${parts[@]}"
  if [ ${#beside[@]} -gt 0 ]; then
    printf 'Beside the program the image has, unchanged, in /etc/ssl/certs/ca-certificates.crt the certificate authorities of Mozilla:\n\n'
    told "${beside[@]}"
  fi
  for part in "${parts[@]}" "${beside[@]}"; do
    IFS=$'\t' read -r name version licence package source source_version <<<"$part"
    printf '\n---- %s: copyright and licences of the source package %s ----\n\n' "$name" "$source"
    cat "/usr/share/doc/$package/copyright"
  done
  for text in LGPL-2.1 GPL-3; do
    printf '\n---- %s ----\n\n' "$text"
    cat "/usr/share/common-licenses/$text"
  done
} >"$out/THIRD-PARTY.txt"
