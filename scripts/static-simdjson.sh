#!/bin/bash
# Put a static libsimdjson.a into OUTDIR: the packaged one where there is one, else built once from the distribution's own source
# package (Debian and Ubuntu ship only the shared library) and kept in the user's cache. Its header is libsimdjson-dev's, so the
# source is of exactly the version installed. Changes no system file and needs no root. About 15 s the first time.
# usage: static-simdjson.sh OUTDIR
set -euo pipefail
out=$1
cxx=${CXX:-g++}  # of a cross build: the other machine's
cache=${K0RDENT_MCP_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/k0rdent-mcp}
mkdir -p "$out"

fail() { echo "static-simdjson.sh: $*; 'make LINK=shared' builds without it" >&2; exit 1; }
# A new time stamp: the library may be older than the header that it is compared with.
hand_out() { cp "$1" "$out/.libsimdjson.a.$$" && mv "$out/.libsimdjson.a.$$" "$out/libsimdjson.a"; exit 0; }

packaged=$($cxx -print-file-name=libsimdjson.a 2>/dev/null || true)
case $packaged in /*) [ -f "$packaged" ] && hand_out "$packaged" ;; esac

command -v dpkg-query >/dev/null || fail "no static simdjson here, and only Debian's way to build one is known"
version=$(dpkg-query -W -f '${source:Upstream-Version}' libsimdjson-dev 2>/dev/null) || fail "libsimdjson-dev is not installed (make deps)"
kept=$cache/simdjson-$version-$($cxx -dumpmachine)/libsimdjson.a
[ -f "$kept" ] && hand_out "$kept"

echo "building a static simdjson $version from the distribution's source package (once, kept in $cache)"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/sources" "$work/lists/partial" "$work/archives/partial"
cat /etc/apt/sources.list.d/*.sources 2>/dev/null | sed 's/^Types:.*/Types: deb-src/' > "$work/sources/src.sources" || true
cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list 2>/dev/null | sed -n 's/^deb /deb-src /p' > "$work/sources/src.list" || true
apt=(apt-get -qq -o Dir::Etc::sourcelist=/dev/null -o Dir::Etc::sourceparts="$work/sources" -o Dir::State::lists="$work/lists"
  -o Dir::Cache="$work" -o APT::Sandbox::User=root)
"${apt[@]}" update >"$work/log" 2>&1 || true  # one source of many may be out of reach: the next step tells
full=$(dpkg-query -W -f '${source:Version}' libsimdjson-dev)
# apt verifies the archive's signature and hashes.
(cd "$work" && { "${apt[@]}" source --download-only "simdjson=$full" || "${apt[@]}" source --download-only simdjson; } >>"$work/log" 2>&1) ||
  { cat "$work/log" >&2; fail "the source package simdjson $full could not be fetched"; }
tarball=$(ls "$work/simdjson_$version.orig.tar."* 2>/dev/null | grep -v '\.asc$' | head -1)
[ -n "$tarball" ] || fail "the source of simdjson $version, the installed version, was not found"
mkdir "$work/src"
tar xf "$tarball" -C "$work/src" --strip-components=1
$cxx -O2 -std=c++20 -fPIE -fstack-protector-strong -ffunction-sections -fdata-sections -I"$work/src/include" -I"$work/src/src" -c "$work/src/src/simdjson.cpp" -o "$work/simdjson.o"
mkdir -p "${kept%/*}"
"${AR:-ar}" rcs "$work/libsimdjson.a" "$work/simdjson.o"
cp "$work/libsimdjson.a" "$kept.$$" && mv "$kept.$$" "$kept"
hand_out "$kept"
