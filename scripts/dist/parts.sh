#!/bin/bash
# What a static program of this machine is made of: a line for each part that `PROGRAM version` lists:
#   NAME<TAB>VERSION<TAB>LICENCE<TAB>PACKAGE<TAB>SOURCE<TAB>SOURCE_VERSION
# PACKAGE is Debian's that it was linked from, SOURCE its source package. Fails when a package has another version than the program
# tells: it was then built before an update, or elsewhere. usage: parts.sh PROGRAM [RUNNER SYSROOT], or
# parts.sh --beside: what the image has beside the program, in the same form.
# RUNNER, SYSROOT: of a cross build, the emulator and the folder of deps.sh cross, whose libraries may be newer than this machine's. llhttp
# and simdjson are compiled from this machine's packages.
set -euo pipefail
program=$1
runner=${2-} sysroot=${3-}
fail() { echo "parts.sh: $*" >&2; exit 1; }
command -v dpkg-query >/dev/null || fail "no dpkg-query here: only Debian's packages can be told"

if [ "$program" = --beside ]; then
  # The bundle is Mozilla's list; what else is in the package stays there.
  source=$(dpkg-query -W -f '${source:Package}\t${source:Version}\n' ca-certificates 2>/dev/null) && [ -n "$source" ] || fail "ca-certificates is not installed"
  printf 'ca-certificates\t%s\tMPL-2.0\tca-certificates\t%s\n' "${source#*$'\t'}" "$source"
  exit
fi
$runner "$program" version | sed -n 's/^  //p' | while read -r name version; do
  case $name in
    c-ares) package=libc-ares-dev licence=MIT ;;
    glibc) package=libc6-dev licence=LGPL-2.1-or-later ;;
    libstdc++) package=libstdc++-$version-dev licence="GPL-3.0-or-later WITH GCC-exception-3.1" ;;
    libyaml) package=libyaml-dev licence=MIT ;;
    llhttp) package=$(dpkg-query -S /usr/share/llhttp/llhttp.c 2>/dev/null | cut -d: -f1 || true) licence=MIT; package=${package:-libllhttp-dev} ;;
    openssl) package=libssl-dev licence=Apache-2.0 ;;
    simdjson) package=libsimdjson-dev licence="Apache-2.0 OR MIT" ;;
    *) fail "$name: its package and licence are not known here" ;;
  esac
  if [ -n "$sysroot" ] && [ "$name" != llhttp ] && [ "$name" != simdjson ]; then
    source=$(awk -F'\t' -v name="$package" '$1 == name { print $2 "\t" $3 }' "$sysroot/packages")
    [ -n "$source" ] || fail "$package is not in $sysroot: scripts/deps.sh cross"
  else
    source=$(dpkg-query -W -f '${source:Package}\t${source:Version}\n' "$package" 2>/dev/null | head -1) && [ -n "$source" ] || fail "$package is not installed"
  fi
  case $name in
    llhttp | libstdc++) ;; # their sources have versions of their own
    *) case ${source#*$'\t'} in "$version" | "$version"[-+~]*) ;; *) fail "the program has $name $version, but $package is of ${source#*$'\t'}: build it anew" ;; esac ;;
  esac
  # The program itself has the version of the C library's package: GNU C Library (Debian GLIBC 2.36-9+deb12u14).
  if [ "$name" = glibc ]; then
    banner=$(grep -aoEm1 'GNU C Library \([A-Za-z]+ GLIBC [^)]+' "$program" || true)
    [ -z "$banner" ] || [ "${banner##* }" = "${source#*$'\t'}" ] || fail "the program has glibc ${banner##* }, but $package is of ${source#*$'\t'}: build it anew"
  fi
  printf '%s\t%s\t%s\t%s\t%s\n' "$name" "$version" "$licence" "$package" "$source"
done
