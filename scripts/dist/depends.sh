#!/bin/bash
# Prints the Debian packages, with versions, that a program with shared libraries needs. usage: depends.sh PROGRAM
# A program of another machine gets those of this one: the release is the same.
set -euo pipefail
program=$(realpath "$1")
case $(readelf -lW "$program") in *INTERP*) ;; *) exit 0 ;; esac  # a static one needs none
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
mkdir debian
printf 'Source: k0rdent-mcp\n\nPackage: k0rdent-mcp\nArchitecture: any\n' >debian/control
dpkg-shlibdeps -O "$program" 2>/dev/null | sed -n 's/^shlibs:Depends=//p'
